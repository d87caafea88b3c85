//! Stories that stand while the attack graph changes: what people see, without looking at everything again.

use super::{Way, best, rank};
use crate::attack::{AttackGraph, Change, Position, Renumbered};
use crate::count::{Count, Counting};
use crate::search::{Following, Without};

/// The likeliest way to a target from any of many entry points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The way. Its own count is 1, whatever [`Self::count`] says.
    pub way: Way,
    /// Whether nothing on it is left that could not be judged.
    pub is_proven: bool,
    /// From how many entry points the target is reached, by what is proven.
    pub count: Count,
}

/// The stories of an attack graph that changes, each kept true.
///
/// After a change a search goes on from what it changed, and only stories that pass what was touched are
/// told again. Counts may be left open ([`Count::NotCounted`]).
#[derive(Debug, Clone)]
pub struct Standing {
    targets: Vec<Vec<Position>>,
    proven: Following,
    open: Following,
    counting: Counting,
    /// For each target.
    stories: Vec<Option<Story>>,
    /// Targets that have a story, the proven first, then the likeliest.
    ranked: Vec<usize>,
}

impl Standing {
    /// Looks for the likeliest way to each of `targets`, any position of which will do, from all of
    /// `entries` together.
    pub fn new(graph: &mut AttackGraph, entries: &[Position], targets: &[Vec<Position>]) -> Self {
        let counting = Counting::new(graph, entries, targets);
        let mut standing = Self {
            targets: targets.to_vec(),
            proven: Following::new(graph, entries, Without::unproven()),
            open: Following::new(graph, entries, Without::default()),
            counting,
            stories: vec![None; targets.len()],
            ranked: Vec::new(),
        };
        for number in 0..targets.len() {
            standing.tell(graph, number);
        }
        standing.rank();
        standing
    }

    /// The stories: what is proven before what is not, each the likeliest first.
    pub fn stories(&self) -> impl Iterator<Item = &Story> {
        self.ranked.iter().filter_map(|it| self.story(*it))
    }

    /// The story of a target, by its place among the targets; `None` where it is not reached.
    pub fn story(&self, target: usize) -> Option<&Story> {
        self.stories.get(target)?.as_ref()
    }

    /// Takes up a change that `graph` has made since the last one. The targets whose story or count changed,
    /// by their place among the targets.
    pub fn follow(&mut self, graph: &AttackGraph, change: &Change) -> Vec<usize> {
        let touched = self.proven.follow(graph, change);
        let touched_open = self.open.follow(graph, change);
        self.counting.follow(graph, change);
        let mut changed = Vec::new();
        for number in 0..self.targets.len() {
            let is_told = self.passes(graph, number, &touched, true)
                || self.passes(graph, number, &touched_open, false);
            let before = self.stories.get(number).cloned().flatten();
            if is_told {
                self.tell(graph, number);
            } else {
                self.count(number);
            }
            let is_same = self.stories.get(number).is_some_and(|now| *now == before);
            if !is_same {
                changed.push(number);
            }
        }
        if !changed.is_empty() {
            self.rank();
        }
        changed
    }

    /// Takes up that the graph was laid out anew, with all changes that were followed.
    pub fn renumber(&mut self, numbers: &Renumbered) {
        self.proven.renumber(numbers);
        self.open.renumber(numbers);
        self.counting.renumber(numbers);
        for story in self.stories.iter_mut().flatten() {
            story.way.edges = story.way.edges.iter().filter_map(|it| numbers.of(*it)).collect();
        }
    }

    /// Whether counts are open since some change.
    pub fn wants_recount(&self) -> bool {
        self.counting.wants_recount()
    }

    /// Counts everything anew: for a moment when nobody waits.
    pub fn recount(&mut self, graph: &AttackGraph) {
        self.counting.recount(graph);
        for number in 0..self.targets.len() {
            self.count(number);
        }
    }

    /// Whether a story passes something that was touched, or could: sorted positions of the search that it
    /// is from.
    fn passes(
        &self,
        graph: &AttackGraph,
        number: usize,
        touched: &[Position],
        is_proven: bool,
    ) -> bool {
        if touched.is_empty() {
            return false;
        }
        let is_touched = |it: &Position| touched.binary_search(it).is_ok();
        let target = self.targets.get(number).map_or(&[][..], Vec::as_slice);
        let story = self.story(number).filter(|it| it.is_proven == is_proven);
        target.iter().any(is_touched)
            || story.is_some_and(|it| it.way.edges.iter().any(|it| is_touched(&graph.to(*it))))
    }

    fn tell(&mut self, graph: &AttackGraph, number: usize) {
        let Some(target) = self.targets.get(number) else { return };
        let told = best(graph, self.proven.reached(), target, None).map(|way| (way, true));
        let told = told.or_else(|| {
            let open = graph.has_unproven().then(|| self.open.reached())?;
            best(graph, open, target, None).map(|way| (way, false))
        });
        let count = self.count_of(number);
        if let Some(place) = self.stories.get_mut(number) {
            *place = told.map(|(way, is_proven)| Story { way, is_proven, count });
        }
    }

    fn count(&mut self, number: usize) {
        let count = self.count_of(number);
        if let Some(Some(story)) = self.stories.get_mut(number) {
            story.count = count;
        }
    }

    /// What nothing leads to is reached from nowhere, whether it was counted or not.
    fn count_of(&self, number: usize) -> Count {
        let reached = self.proven.reached();
        let target = self.targets.get(number).map_or(&[][..], Vec::as_slice);
        match self.counting.counts().get(number) {
            _ if target.iter().all(|it| reached.cost(*it).is_none()) => Count::Known(0),
            Some(count) => *count,
            None => Count::NotCounted,
        }
    }

    fn rank(&mut self) {
        let stories = &self.stories;
        let key = |number: &usize| {
            let story = stories.get(*number)?.as_ref()?;
            Some((!story.is_proven, rank(&story.way)))
        };
        let mut ranked: Vec<usize> =
            (0..self.targets.len()).filter(|it| key(it).is_some()).collect();
        ranked.sort_by_key(key);
        self.ranked = ranked;
    }
}
