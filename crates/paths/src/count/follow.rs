//! Counts that follow the changes of their graph.
//!
//! Where an edge went and what it led to is still reached from where it started, nothing is counted again.
//! Else the sets of all that it led to are emptied and filled again from around; what comes flows on. Where
//! that is more work than a change may be, counts are not known until all is counted again.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};

use super::groups::Groups;
use super::sets::Sets;
use super::trees::{Leads, Tree};
use super::{flow, n_reaching};
use crate::attack::{AttackGraph, ByPlace, Change, EdgeNumber, Position, Renumbered, Shut};
use crate::search::Without;

/// Edges that are looked at for one change.
const MOST_WORK: u32 = 200_000;
/// Memory of the sets, beyond which they are not kept.
const MOST_SET_BYTES: usize = 512 << 20;
/// Edges around an edge that went, among which one is looked for that does as well.
const MOST_LIKE_IT: usize = 256;

/// From how many entry points a target is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// From this many.
    Known(u32),
    /// Not counted since a change that was too large to follow: see [`Counting::recount`].
    NotCounted,
}

impl Count {
    /// The number; `None` where it is not known.
    pub fn known(self) -> Option<u32> {
        match self {
            Self::Known(count) => Some(count),
            Self::NotCounted => None,
        }
    }
}

/// Counts of entry points that are kept true to a graph that changes.
#[derive(Debug, Clone)]
pub struct Counting {
    /// With the numbers of their bits, sorted.
    entries: Vec<(Position, usize)>,
    targets: Vec<Vec<Position>>,
    counts: Vec<Count>,
    most_work: u32,
    kept: Option<Kept>,
}

/// Work that is left for a change.
#[derive(Debug)]
pub(super) struct Work(u32);

impl Work {
    /// `None` when it is too much.
    pub(super) fn spend(&mut self, work: u32) -> Option<()> {
        self.0 = self.0.checked_sub(work)?;
        Some(())
    }
}

impl Counting {
    /// Counts for each of `targets` from how many of `entries` any of its positions is reached, by what is
    /// proven.
    pub fn new(graph: &mut AttackGraph, entries: &[Position], targets: &[Vec<Position>]) -> Self {
        Self::with_work(graph, entries, targets, MOST_WORK)
    }

    pub(crate) fn with_work(
        graph: &mut AttackGraph,
        entries: &[Position],
        targets: &[Vec<Position>],
        most_work: u32,
    ) -> Self {
        graph.index_ins();
        let mut entries: Vec<Position> = entries.to_vec();
        entries.sort_unstable();
        entries.dedup();
        let mut counting = Self {
            entries: entries.into_iter().zip(0..).collect(),
            targets: targets.to_vec(),
            counts: Vec::new(),
            most_work,
            kept: None,
        };
        counting.recount(graph);
        counting
    }

    /// Counts everything anew: for a moment when nobody waits.
    pub fn recount(&mut self, graph: &AttackGraph) {
        let groups = Groups::of(graph, &Without::unproven());
        let entries: Vec<Position> = self.entries.iter().map(|it| it.0).collect();
        if groups.n as usize * entries.len().div_ceil(64) * 8 > MOST_SET_BYTES {
            let counts = n_reaching(graph, &entries, &self.targets, &Without::unproven());
            self.counts = counts.into_iter().map(Count::Known).collect();
            self.kept = None;
            return;
        }
        let kept = Kept::of(graph, groups, &entries);
        self.counts = kept.counts(&self.targets);
        self.kept = Some(kept);
    }

    /// The counts, in the order of the targets.
    pub fn counts(&self) -> &[Count] {
        &self.counts
    }

    /// Whether nothing is known since some change.
    pub fn wants_recount(&self) -> bool {
        self.counts.contains(&Count::NotCounted)
    }

    /// Takes up that the graph was laid out anew.
    pub fn renumber(&mut self, numbers: &Renumbered) {
        for tree in self.kept.iter_mut().flat_map(|it| &mut it.trees) {
            tree.renumber(numbers);
        }
    }

    /// Takes up a change that `graph` has made since the last one.
    pub fn follow(&mut self, graph: &AttackGraph, change: &Change) {
        let mut work = Work(self.most_work);
        let kept = self.kept.as_mut();
        let followed = kept.and_then(|it| it.follow(graph, change, &self.entries, &mut work));
        match (followed, &self.kept) {
            (Some(false), Some(_)) => {}
            (Some(true), Some(kept)) => self.counts = kept.counts(&self.targets),
            _ => {
                self.kept = None;
                self.counts = vec![Count::NotCounted; self.targets.len()];
            }
        }
    }
}

/// From where all comes that a position has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// From this group, which is not its own: to it, it gives nothing that it had not before.
    Only(u32),
    /// From several, or it is an entry point.
    Other,
}

/// Positions that were parted from their groups by a change.
struct Parted {
    was_in: HashMap<Position, u32>,
    /// Groups to which something came by what was parted from them: an entry point, or an edge from outside.
    gave: HashSet<u32>,
    /// Single and joint edges that went, by what they led to.
    went_to: HashMap<Position, Vec<EdgeNumber>>,
}

impl Parted {
    /// Whether a position was parted from a group to which nothing came by it: what stays there has all that
    /// it had without it.
    fn gave_nothing(&self, position: Position, group: u32) -> bool {
        self.was_in.get(&position) == Some(&group) && !self.gave.contains(&group)
    }
}

#[derive(Debug, Clone)]
struct Kept {
    /// The group of each position. Groups are of what reaches each other; what does may be in several.
    of: Vec<u32>,
    members: ByPlace,
    n_made: u32,
    /// What is alone in its group since, by number of the group behind `n_made`.
    alone: Vec<Position>,
    sets: Sets,
    trees: [Tree; 2],
}

impl Kept {
    fn of(graph: &AttackGraph, groups: Groups, entries: &[Position]) -> Self {
        let sets = flow(graph, &groups, entries, &Without::unproven());
        let members = ByPlace::of(groups.n as usize, groups.of.iter().copied().zip(0..));
        let tree = |leads| Tree::new(graph, &groups, &members, leads);
        let trees = [tree(Leads::Out), tree(Leads::Home)];
        Self { members, n_made: groups.n, of: groups.of, alone: Vec::new(), sets, trees }
    }

    fn counts(&self, targets: &[Vec<Position>]) -> Vec<Count> {
        let count = |it: &Vec<Position>| {
            let groups = it.iter().filter_map(|it| self.of.get(*it as usize)).copied();
            Count::Known(self.sets.n_together(groups))
        };
        targets.iter().map(count).collect()
    }

    fn group(&self, position: Position) -> u32 {
        self.of.get(position as usize).copied().unwrap_or_default()
    }

    fn members(&self, group: u32) -> &[Position] {
        match group.checked_sub(self.n_made) {
            None => self.members.get(group),
            Some(at) => self.alone.get(at as usize..=at as usize).unwrap_or_default(),
        }
    }

    /// Makes room for positions below `n`, each in a group of its own. Whether entry points are among them.
    fn hold(&mut self, n: u32, entries: &[(Position, usize)]) -> bool {
        let mut is_new = false;
        for position in self.of.len() as u32..n {
            let group = self.n_made + self.alone.len() as u32;
            self.of.push(group);
            self.alone.push(position);
            self.sets.push_empty();
            if let Ok(at) = entries.binary_search_by_key(&position, |it| it.0)
                && let Some((_, bit)) = entries.get(at)
            {
                self.sets.add(group, *bit);
                is_new = true;
            }
        }
        for tree in &mut self.trees {
            tree.hold(n as usize);
        }
        is_new
    }

    /// Whether some set changed; `None` when it was too much work, after which nothing holds.
    fn follow(
        &mut self,
        graph: &AttackGraph,
        change: &Change,
        entries: &[(Position, usize)],
        work: &mut Work,
    ) -> Option<bool> {
        let is_more = self.hold(graph.n_positions(), entries);
        let is_proven = |it: &&EdgeNumber| graph.is_proven(**it);
        let removed: Vec<EdgeNumber> = change.removed.iter().filter(is_proven).copied().collect();
        let was_in = self.mend_groups(graph, &removed, work)?;
        let parted = self.parted(graph, &removed, entries, work, was_in)?;
        let lost = self.lost(graph, &removed, entries, &parted, work)?;
        let emptied = self.empty(graph, &lost, entries, &parted, work)?;
        // The highest first: edges between groups led to lower ones when they were made.
        let mut waiting: BTreeSet<u32> = BTreeSet::new();
        for position in &emptied {
            self.fill(graph, *position, entries, &mut waiting, work)?;
        }
        for edge in change.inserted.iter().filter(is_proven).filter(|it| graph.holds(**it)) {
            self.flow_along(graph, *edge, &mut waiting);
        }
        let is_new = is_more || !emptied.is_empty() || !waiting.is_empty();
        while let Some(group) = waiting.pop_last() {
            for at in 0..self.members(group).len() {
                let Some(position) = self.members(group).get(at).copied() else { continue };
                work.spend(1)?;
                if self.group(position) != group {
                    continue; // it was parted
                }
                for (edge, arc) in graph.outs(position, Shut::of(true)) {
                    work.spend(1)?;
                    if self.group(arc.head) != group {
                        self.flow_along(graph, edge, &mut waiting);
                    }
                }
                for edge in graph.joints_of(position, Shut::of(true)) {
                    work.spend(1)?;
                    self.flow_along(graph, edge, &mut waiting);
                }
            }
        }
        Some(is_new)
    }

    fn flow_along(&mut self, graph: &AttackGraph, edge: EdgeNumber, waiting: &mut BTreeSet<u32>) {
        let to = self.group(graph.to(edge));
        let is_new = match graph.from(edge) {
            [tail] => {
                let from = self.group(*tail);
                from != to && self.sets.flow(from, to)
            }
            needs => {
                let needs: Vec<u32> = needs.iter().map(|it| self.group(*it)).collect();
                !needs.contains(&to) && self.sets.flow_together(&needs, to)
            }
        };
        if is_new {
            waiting.insert(to);
        }
    }

    /// What does not reach the others of its group any more, or is not reached by them, is alone then. The
    /// group in which it was, for each.
    fn mend_groups(
        &mut self,
        graph: &AttackGraph,
        removed: &[EdgeNumber],
        work: &mut Work,
    ) -> Option<HashMap<Position, u32>> {
        let mut loose: Vec<(usize, Position)> = Vec::new();
        for edge in removed {
            if let [_] = graph.from(*edge) {
                for (number, tree) in self.trees.iter_mut().enumerate() {
                    loose.extend(tree.cut(graph, *edge).map(|it| (number, it)));
                }
            }
        }
        let mut parted = HashMap::new();
        while let Some((number, position)) = loose.pop() {
            let of = &self.of;
            let group_of = |it: Position| of.get(it as usize).copied().unwrap_or_default();
            let tree = self.trees.get_mut(number)?;
            for position in tree.mend(graph, group_of, position, work)? {
                let group = self.group(position);
                parted.insert(position, group);
                for (number, tree) in self.trees.iter_mut().enumerate() {
                    let hung = tree.part(graph, position);
                    work.spend(1 + hung.len() as u32)?;
                    loose.extend(hung.into_iter().map(|it| (number, it)));
                }
                if let Some(place) = self.of.get_mut(position as usize) {
                    *place = self.n_made + self.alone.len() as u32;
                }
                self.alone.push(position);
                self.sets.push_copy(group);
            }
        }
        Some(parted)
    }

    /// Finds out to which groups something came by what was parted from them.
    fn parted(
        &self,
        graph: &AttackGraph,
        removed: &[EdgeNumber],
        entries: &[(Position, usize)],
        work: &mut Work,
        was_in: HashMap<Position, u32>,
    ) -> Option<Parted> {
        let mut went_to: HashMap<Position, Vec<EdgeNumber>> = HashMap::new();
        for edge in removed {
            went_to.entry(graph.to(*edge)).or_default().push(*edge);
        }
        let mut parted = Parted { was_in, gave: HashSet::new(), went_to };
        let gives = |parted: &Parted, edge: EdgeNumber, group: u32| {
            let needs = graph.from(edge);
            let groups: Vec<u32> = needs.iter().map(|it| self.group(*it)).collect();
            let is_inside = |it: &Position| {
                parted.was_in.get(it).copied().unwrap_or_else(|| self.group(*it)) == group
            };
            !needs.iter().any(is_inside) && self.sets.has_common(&groups)
        };
        for edge in removed {
            work.spend(1)?;
            if let Some(group) = parted.was_in.get(&graph.to(*edge)).copied()
                && gives(&parted, *edge, group)
            {
                parted.gave.insert(group);
            }
        }
        let mut all: Vec<(Position, u32)> = parted.was_in.iter().map(|it| (*it.0, *it.1)).collect();
        all.sort_unstable();
        for (position, group) in all {
            let is_entry = entries.binary_search_by_key(&position, |it| it.0).is_ok();
            let ins = graph.ins(position, Shut::of(true)).map(|it| it.edge);
            let mut edges = ins.chain(graph.joints_to(position, Shut::of(true)));
            work.spend(1)?;
            if is_entry || edges.any(|edge| gives(&parted, edge, group)) {
                parted.gave.insert(group);
            }
        }
        Some(parted)
    }

    /// From where all comes that a position has.
    fn only_source(
        &self,
        graph: &AttackGraph,
        position: Position,
        entries: &[(Position, usize)],
        parted: &Parted,
        work: &mut Work,
    ) -> Option<Source> {
        if entries.binary_search_by_key(&position, |it| it.0).is_ok() {
            return Some(Source::Other);
        }
        let shut = Shut::of(true);
        let went = parted.went_to.get(&position).map_or(&[][..], Vec::as_slice);
        let singles = graph.ins(position, shut).map(|it| it.edge);
        let edges = singles.chain(graph.joints_to(position, shut)).chain(went.iter().copied());
        let mut source = None;
        for edge in edges {
            work.spend(1)?;
            let needs: Vec<u32> = graph.from(edge).iter().map(|it| self.group(*it)).collect();
            if !self.sets.has_common(&needs) {
                continue;
            }
            match (source, needs.as_slice()) {
                (None, [group]) => source = Some(*group),
                (Some(source), [group]) if source == *group => {}
                _ => return Some(Source::Other),
            }
        }
        let source = source.filter(|it| *it != self.group(position));
        Some(source.map_or(Source::Other, Source::Only))
    }

    /// What edges that went led to, where nothing shows that it is reached from there all the same.
    fn lost(
        &self,
        graph: &AttackGraph,
        removed: &[EdgeNumber],
        entries: &[(Position, usize)],
        parted: &Parted,
        work: &mut Work,
    ) -> Option<Vec<Position>> {
        let mut sources: HashMap<Position, Source> = HashMap::new();
        let mut lost = Vec::new();
        let mut like_outs: HashMap<Position, HashSet<u32>> = HashMap::new();
        let mut like_ins: HashMap<Position, HashSet<u32>> = HashMap::new();
        for edge in removed {
            work.spend(1)?;
            let to = graph.to(*edge);
            let group = self.group(to);
            let needs: Vec<u32> = graph.from(*edge).iter().map(|it| self.group(*it)).collect();
            if needs.contains(&group)
                || !self.sets.has_common(&needs)
                || graph.from(*edge).iter().any(|it| parted.gave_nothing(*it, group))
            {
                continue;
            }
            if let ([tail], [from]) = (graph.from(*edge), needs.as_slice()) {
                let shut = Shut::of(true);
                // Many edges that go at once often start or end at one position.
                let outs = like_outs.entry(*tail).or_insert_with(|| {
                    graph
                        .outs(*tail, shut)
                        .take(MOST_LIKE_IT)
                        .map(|it| self.group(it.1.head))
                        .collect()
                });
                let ins = like_ins.entry(to).or_insert_with(|| {
                    graph.ins(to, shut).take(MOST_LIKE_IT).map(|it| self.group(it.tail)).collect()
                });
                if outs.contains(&group) || ins.contains(from) {
                    continue;
                }
                let source = match sources.get(tail) {
                    Some(source) => *source,
                    None => self.only_source(graph, *tail, entries, parted, work)?,
                };
                sources.insert(*tail, source);
                if source == Source::Only(group) {
                    continue;
                }
            }
            lost.push(to);
        }
        Some(lost)
    }

    /// Empties the sets of all that is reached from what was lost. The positions.
    fn empty(
        &mut self,
        graph: &AttackGraph,
        lost: &[Position],
        entries: &[(Position, usize)],
        parted: &Parted,
        work: &mut Work,
    ) -> Option<Vec<Position>> {
        let mut met: HashSet<Position> = HashSet::new();
        let mut waiting = Vec::new();
        let mut emptied = Vec::new();
        let mut meet = |position: Position, waiting: &mut Vec<Position>| {
            if met.insert(position) {
                waiting.push(position);
            }
        };
        for position in lost {
            meet(*position, &mut waiting);
        }
        while let Some(position) = waiting.pop() {
            let group = self.group(position);
            if self.sets.is_empty(group) {
                continue; // there is nothing to lose
            }
            emptied.push(position);
            // Fails at once for a large group, all of which would be met.
            work.spend(1)?;
            if self.members(group).len() > work.0 as usize {
                return None;
            }
            let source = self.only_source(graph, position, entries, parted, work)?;
            let gave_nothing =
                |group: u32| source == Source::Only(group) || parted.gave_nothing(position, group);
            for (_, arc) in graph.outs(position, Shut::of(true)) {
                work.spend(1)?;
                if !gave_nothing(self.group(arc.head)) {
                    meet(arc.head, &mut waiting);
                }
            }
            for edge in graph.joints_of(position, Shut::of(true)) {
                work.spend(1)?;
                if !gave_nothing(self.group(graph.to(edge))) {
                    meet(graph.to(edge), &mut waiting);
                }
            }
        }
        for position in &emptied {
            self.sets.clear(self.group(*position));
        }
        Some(emptied)
    }

    /// Fills the set of a position from all that leads there.
    fn fill(
        &mut self,
        graph: &AttackGraph,
        position: Position,
        entries: &[(Position, usize)],
        waiting: &mut BTreeSet<u32>,
        work: &mut Work,
    ) -> Option<()> {
        let group = self.group(position);
        if let Ok(at) = entries.binary_search_by_key(&position, |it| it.0)
            && let Some((_, bit)) = entries.get(at)
        {
            self.sets.add(group, *bit);
            waiting.insert(group);
        }
        for it in graph.ins(position, Shut::of(true)) {
            work.spend(1)?;
            self.flow_along(graph, it.edge, waiting);
        }
        for edge in graph.joints_to(position, Shut::of(true)) {
            work.spend(1)?;
            self.flow_along(graph, edge, waiting);
        }
        Some(())
    }
}
