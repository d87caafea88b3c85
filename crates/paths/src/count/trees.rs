//! What shows that the positions of a group still reach each other when edges go.
//!
//! In each group one position is the middle. A tree of edges leads from it to all others, and one from all
//! others to it. An edge that goes and is in neither tree changes nothing; one that was in a tree is
//! replaced by another, found backwards from what hangs loose to something that does not.

use hashbrown::HashMap;

use super::follow::Work;
use super::groups::Groups;
use crate::attack::{AttackGraph, ByPlace, EdgeNumber, Position, Renumbered, Shut};

/// The middle of a group; what is alone in its group is its middle.
const MIDDLE: EdgeNumber = EdgeNumber::MAX;
/// Its edge went and no other was found yet.
const LOOSE: EdgeNumber = EdgeNumber::MAX - 1;

/// Which way the edges of a tree lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// From the middle to all others.
    Out,
    /// From all others to the middle.
    Home,
}

/// One of the two trees of all groups.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    leads: Leads,
    /// The edge between each position and the next one towards the middle.
    edges: Vec<EdgeNumber>,
}

impl Tree {
    pub(super) fn new(
        graph: &AttackGraph,
        groups: &Groups,
        members: &ByPlace,
        leads: Leads,
    ) -> Self {
        let mut tree = Self { leads, edges: vec![LOOSE; graph.n_positions() as usize] };
        let mut waiting = std::collections::VecDeque::new();
        for group in 0..groups.n {
            let Some(middle) = members.get(group).first() else { continue };
            tree.set(*middle, MIDDLE);
            waiting.push_back(*middle);
            while let Some(position) = waiting.pop_front() {
                for (edge, next) in around(graph, position, leads == Leads::Out) {
                    if tree.edge(next) == LOOSE && groups.group(next) == Some(group) {
                        tree.set(next, edge);
                        waiting.push_back(next);
                    }
                }
            }
        }
        tree
    }

    /// Takes up that the graph was laid out anew.
    pub(super) fn renumber(&mut self, numbers: &Renumbered) {
        for edge in self.edges.iter_mut().filter(|it| !matches!(**it, MIDDLE | LOOSE)) {
            *edge = numbers.of(*edge).unwrap_or(LOOSE);
        }
    }

    /// Makes room for positions below `n`, each alone.
    pub(super) fn hold(&mut self, n: usize) {
        self.edges.resize(n, MIDDLE);
    }

    /// A position is alone now: what hung on it hangs loose.
    pub(super) fn part(&mut self, graph: &AttackGraph, position: Position) -> Vec<Position> {
        self.set(position, MIDDLE);
        let hung = around(graph, position, self.leads == Leads::Out);
        let hung: Vec<Position> =
            hung.filter(|(edge, next)| self.edge(*next) == *edge).map(|it| it.1).collect();
        for position in &hung {
            self.set(*position, LOOSE);
        }
        hung
    }

    fn edge(&self, position: Position) -> EdgeNumber {
        self.edges.get(position as usize).copied().unwrap_or(MIDDLE)
    }

    fn set(&mut self, position: Position, edge: EdgeNumber) {
        if let Some(place) = self.edges.get_mut(position as usize) {
            *place = edge;
        }
    }

    /// What hung on an edge that went hangs loose.
    pub(super) fn cut(&mut self, graph: &AttackGraph, edge: EdgeNumber) -> Option<Position> {
        let position = match self.leads {
            Leads::Out => graph.to(edge),
            Leads::Home => *graph.from(edge).first()?,
        };
        if self.edge(position) != edge {
            return None;
        }
        self.set(position, LOOSE);
        Some(position)
    }

    /// The next position towards the middle, along an edge that is there.
    fn towards(&self, graph: &AttackGraph, position: Position) -> Option<Position> {
        match (self.edge(position), self.leads) {
            (MIDDLE | LOOSE, _) => None,
            (edge, Leads::Out) => graph.from(edge).first().copied(),
            (edge, Leads::Home) => Some(graph.to(edge)),
        }
    }

    /// Whether a position hangs on the middle.
    fn is_fast(&self, graph: &AttackGraph, position: Position, work: &mut Work) -> Option<bool> {
        let mut at = position;
        while let Some(next) = self.towards(graph, at) {
            work.spend(1)?;
            at = next;
        }
        Some(self.edge(at) == MIDDLE)
    }

    /// Finds another edge for what hangs loose. All that there is no way for any more, sorted: nothing where
    /// an edge was found. `None` when it is too much work.
    pub(super) fn mend(
        &mut self,
        graph: &AttackGraph,
        group_of: impl Fn(Position) -> u32,
        loose: Position,
        work: &mut Work,
    ) -> Option<Vec<Position>> {
        if self.edge(loose) != LOOSE {
            return Some(Vec::new());
        }
        // Each with the edge by which it leads to what hangs loose, and what it leads to.
        let mut met: HashMap<Position, (EdgeNumber, Position)> = HashMap::new();
        let mut waiting = vec![loose];
        while let Some(position) = waiting.pop() {
            for (edge, next) in around(graph, position, self.leads == Leads::Home) {
                work.spend(1)?;
                if next == loose || met.contains_key(&next) || group_of(next) != group_of(loose) {
                    continue;
                }
                if self.is_fast(graph, next, work)? {
                    self.set(position, edge);
                    let mut at = position;
                    while let Some((edge, leads_to)) = met.get(&at) {
                        self.set(*leads_to, *edge);
                        at = *leads_to;
                    }
                    return Some(Vec::new());
                }
                met.insert(next, (edge, position));
                waiting.push(next);
            }
        }
        let mut lost: Vec<Position> = met.into_keys().chain([loose]).collect();
        lost.sort_unstable();
        Some(lost)
    }
}

/// The edges that leave a position, or those that lead to it, with what is at the other end.
fn around(
    graph: &AttackGraph,
    position: Position,
    is_out: bool,
) -> impl Iterator<Item = (EdgeNumber, Position)> + '_ {
    let proven = Shut::of(true);
    let outs = is_out.then(|| graph.outs(position, proven)).into_iter().flatten();
    let ins = (!is_out).then(|| graph.ins(position, proven)).into_iter().flatten();
    outs.map(|(edge, arc)| (edge, arc.head)).chain(ins.map(|it| (it.edge, it.tail)))
}
