//! What an attacker reaches from what it holds, and the likeliest way there.
//!
//! A least fixpoint over edges of which some need several positions: Knuth's generalisation of
//! Dijkstra's algorithm (D. E. Knuth, A generalization of Dijkstra's algorithm, 1977). Costs of all that
//! is needed add up. Costs are small whole numbers, so the queue is a radix heap.

mod follow;

pub use follow::Following;

use crate::attack::{AttackGraph, Cost, EdgeNumber, Fact, JOINT_BIT, Position, Shut};
use crate::fact::UNPROVEN;

/// Not reached.
const NEVER: Cost = Cost::MAX;
/// Held from the start, or not reached.
const NO_EDGE: EdgeNumber = EdgeNumber::MAX;

/// Costs beyond this are not told apart.
const FAR: Cost = NEVER - 1;

fn sum_of(one: Cost, other: Cost) -> Cost {
    one.saturating_add(other).min(FAR)
}

/// What is left out of a search.
#[derive(Debug, Clone, Default)]
pub struct Without {
    /// Facts that do not hold any more, by number.
    facts: Vec<bool>,
    /// Positions that cannot be held.
    positions: Vec<bool>,
    /// Whether there are such facts or positions.
    is_any: bool,
    /// What could not be judged is left out.
    is_proven: bool,
}

impl Without {
    /// What could not be judged is left out: what is reached is proven.
    pub fn unproven() -> Self {
        Self { is_proven: true, ..Self::default() }
    }

    /// These facts do not hold.
    pub fn facts(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut without = Self::default();
        for fact in facts {
            if fact == UNPROVEN {
                without.is_proven = true;
            } else {
                set(&mut without.facts, fact as usize);
                without.is_any = true;
            }
        }
        without
    }

    /// This position cannot be held either.
    #[must_use]
    pub fn and_position(mut self, position: Position) -> Self {
        set(&mut self.positions, position as usize);
        self.is_any = true;
        self
    }

    /// Whether a position can be held from the start.
    pub(crate) fn can_be_held(&self, position: Position) -> bool {
        self.positions.get(position as usize) != Some(&true)
    }

    /// The edges that a search does not go along, told by the edges alone.
    pub(crate) fn shut(&self) -> Shut {
        Shut::of(self.is_proven)
    }

    /// Whether an edge that is not shut is left.
    pub(crate) fn leaves(&self, graph: &AttackGraph, edge: EdgeNumber, to: Position) -> bool {
        let is_gone = |list: &[bool], number: u32| list.get(number as usize) == Some(&true);
        !self.is_any
            || !(is_gone(&self.positions, to)
                || graph.facts(edge).iter().any(|it| is_gone(&self.facts, *it)))
    }
}

fn set(list: &mut Vec<bool>, place: usize) {
    if list.len() <= place {
        list.resize(place + 1, false);
    }
    if let Some(is_in) = list.get_mut(place) {
        *is_in = true;
    }
}

/// What was reached, how unlikely it is, and by which edge.
#[derive(Debug, Clone)]
pub struct Reached {
    costs: Vec<Cost>,
    by: Vec<EdgeNumber>,
}

impl Reached {
    /// How unlikely it is to come there; `None` where nothing leads.
    pub fn cost(&self, position: Position) -> Option<Cost> {
        self.costs.get(position as usize).copied().filter(|it| *it != NEVER)
    }

    /// The edge of the likeliest way by which a position is gained; `None` for what is held from the start
    /// and for what is not reached.
    pub fn by(&self, position: Position) -> Option<EdgeNumber> {
        self.by.get(position as usize).copied().filter(|it| *it != NO_EDGE)
    }

    /// The edges of the likeliest way to a position, each behind all that it needs. Empty for what is held
    /// from the start and for what is not reached.
    pub fn way(&self, graph: &AttackGraph, to: Position) -> Vec<EdgeNumber> {
        let mut way = Vec::new();
        let mut seen = hashbrown::HashSet::new();
        // Each is looked at twice: first its needs are put before it, then it is written down.
        let mut stack: Vec<(EdgeNumber, bool)> =
            self.by(to).map(|it| (it, false)).into_iter().collect();
        while let Some((edge, is_ready)) = stack.pop() {
            if is_ready {
                way.push(edge);
            } else if seen.insert(edge) {
                stack.push((edge, true));
                stack.extend(
                    graph
                        .from(edge)
                        .iter()
                        .rev()
                        .filter_map(|it| self.by(*it))
                        .map(|it| (it, false)),
                );
            }
        }
        way
    }

    /// The positions from which the likeliest way to a position starts.
    pub fn starts(&self, graph: &AttackGraph, to: Position) -> Vec<Position> {
        let way = self.way(graph, to);
        let mut starts: Vec<Position> = way
            .iter()
            .flat_map(|edge| graph.from(*edge))
            .copied()
            .filter(|it| self.by(*it).is_none())
            .collect();
        if way.is_empty() && self.cost(to).is_some() {
            starts.push(to);
        }
        starts.sort_unstable();
        starts.dedup();
        starts
    }
}

/// How many needs of each joint edge are not held yet.
pub(crate) struct Missing {
    /// Filled when an edge is first touched.
    of: Vec<u32>,
}

impl Missing {
    pub(crate) fn of(graph: &AttackGraph) -> Self {
        Self { of: vec![u32::MAX; graph.joint_bound() as usize] }
    }

    /// Takes in that one more need of a joint edge is held. True where nothing is missing now.
    pub(crate) fn is_last(&mut self, graph: &AttackGraph, edge: EdgeNumber) -> bool {
        let Some(missing) = self.of.get_mut((edge & !JOINT_BIT) as usize) else { return false };
        if *missing == u32::MAX {
            *missing = graph.from(edge).len() as u32;
        }
        *missing = missing.saturating_sub(1);
        *missing == 0
    }
}

/// Everything that can be reached from `entries`, each by its likeliest way.
pub fn search(graph: &AttackGraph, entries: &[Position], without: &Without) -> Reached {
    let n = graph.n_positions() as usize;
    let mut reached = Reached { costs: vec![NEVER; n], by: vec![NO_EDGE; n] };
    let mut missing = Missing::of(graph);
    let mut queue = Queue::default();
    for entry in entries {
        if let Some(cost) = reached.costs.get_mut(*entry as usize)
            && *cost != 0
            && without.can_be_held(*entry)
        {
            *cost = 0;
            queue.push(0, *entry);
        }
    }
    let shut = without.shut();
    while let Some((cost, position)) = queue.pop() {
        if reached.costs.get(position as usize) != Some(&cost) {
            continue;
        }
        let (first, arcs) = graph.laid_out(position);
        for (edge, arc) in (first..).zip(arcs) {
            if arc.is_open(shut) && without.leaves(graph, edge, arc.head) {
                reached.relax(&mut queue, arc.head, sum_of(cost, arc.cost()), edge);
            }
        }
        if !graph.is_as_laid_out() {
            for (edge, arc) in graph.later(position) {
                if arc.is_open(shut) && without.leaves(graph, edge, arc.head) {
                    reached.relax(&mut queue, arc.head, sum_of(cost, arc.cost()), edge);
                }
            }
        }
        for edge in graph.joints_of(position, shut) {
            if missing.is_last(graph, edge)
                && without.leaves(graph, edge, graph.to(edge))
                && let Some(sum) = reached.sum(graph, edge)
            {
                reached.relax(&mut queue, graph.to(edge), sum, edge);
            }
        }
    }
    reached
}

impl Reached {
    /// What it costs to have all that an edge needs and to go along it; `None` where something is not
    /// reached.
    fn sum(&self, graph: &AttackGraph, edge: EdgeNumber) -> Option<Cost> {
        let mut sum = graph.cost(edge);
        for position in graph.from(edge) {
            sum = sum_of(sum, self.cost(*position)?);
        }
        Some(sum)
    }

    fn relax(&mut self, queue: &mut Queue, to: Position, cost: Cost, by: EdgeNumber) {
        let place = to as usize;
        if let (Some(known), Some(known_by)) = (self.costs.get_mut(place), self.by.get_mut(place))
            && cost < *known
        {
            (*known, *known_by) = (cost, by);
            queue.push(cost, to);
        }
    }
}

/// Positions by cost, the least first: a radix heap, whose pops never decrease.
#[derive(Debug)]
struct Queue {
    last: Cost,
    buckets: Vec<Vec<(Cost, Position)>>,
    n: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self { last: 0, buckets: vec![Vec::new(); Cost::BITS as usize + 1], n: 0 }
    }
}

impl Queue {
    /// Bucket 0 holds the last cost; bucket `k` costs whose highest bit that differs from it is `k - 1`.
    fn bucket(&self, cost: Cost) -> usize {
        (Cost::BITS - (cost ^ self.last).leading_zeros()) as usize
    }

    fn push(&mut self, cost: Cost, position: Position) {
        let bucket = self.bucket(cost);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.push((cost, position));
            self.n += 1;
        }
    }

    fn pop(&mut self) -> Option<(Cost, Position)> {
        if self.n == 0 {
            return None;
        }
        if self.buckets.first().is_some_and(Vec::is_empty) {
            let number = self.buckets.iter().position(|it| !it.is_empty())?;
            let bucket = std::mem::take(self.buckets.get_mut(number)?);
            self.last = bucket.iter().map(|it| it.0).min()?;
            self.n -= bucket.len();
            for (cost, position) in bucket {
                self.push(cost, position);
            }
        }
        self.n -= 1;
        self.buckets.first_mut()?.pop()
    }
}
