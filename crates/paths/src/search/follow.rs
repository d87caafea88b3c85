//! A search that follows its graph: when edges come and go, only what they change is looked at again.
//!
//! After G. Ramalingam and T. Reps, An incremental algorithm for a generalization of the shortest-path
//! problem (1996), whose generalisation is Knuth's. What is gained by an edge that went is looked at in the
//! order of cost: all that another edge could need there is known by then, because every edge costs
//! something. What finds no other way as likely is lost, and what was gained by it is looked at next. Then
//! what was lost is searched again from what was not, together with what edges that came make likelier.

use super::{NEVER, NO_EDGE, Queue, Reached, Without, search};
use crate::attack::{AttackGraph, Change, Cost, EdgeNumber, Position, Renumbered};

/// A search and its answer, which is kept true to a graph that changes.
#[derive(Debug, Clone)]
pub struct Following {
    entries: Vec<Position>,
    without: Without,
    reached: Reached,
}

impl Following {
    /// Searches everything that can be reached from `entries`, for a graph that looks up edges by where
    /// they lead ([`AttackGraph::index_ins`]).
    pub fn new(graph: &mut AttackGraph, entries: &[Position], without: Without) -> Self {
        graph.index_ins();
        let reached = search(graph, entries, &without);
        Self { entries: entries.to_vec(), without, reached }
    }

    /// What is reached now. Costs are those of a search from scratch; of equally likely ways it may hold
    /// another.
    pub fn reached(&self) -> &Reached {
        &self.reached
    }

    /// Takes up that the graph was laid out anew.
    pub fn renumber(&mut self, numbers: &Renumbered) {
        for by in self.reached.by.iter_mut().filter(|it| **it != NO_EDGE) {
            *by = numbers.of(*by).unwrap_or(NO_EDGE);
        }
    }

    /// Takes up a change that `graph` has made since the last one. The positions whose cost changed or that
    /// are gained by another edge, sorted.
    pub fn follow(&mut self, graph: &AttackGraph, change: &Change) -> Vec<Position> {
        let n = graph.n_positions();
        let is_new = self.reached.costs.len() as u32..n;
        self.reached.costs.resize(n as usize, NEVER);
        self.reached.by.resize(n as usize, NO_EDGE);
        let mut update = Update {
            graph,
            without: &self.without,
            reached: &mut self.reached,
            queue: Queue::default(),
            touched: Vec::new(),
        };
        let lost = update.lose(&change.removed);
        for entry in self.entries.iter().filter(|it| is_new.contains(it)) {
            update.enter(*entry);
        }
        update.find(&lost, &change.inserted);
        let mut touched = update.touched;
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

struct Update<'a> {
    graph: &'a AttackGraph,
    without: &'a Without,
    reached: &'a mut Reached,
    queue: Queue,
    touched: Vec<Position>,
}

impl Update<'_> {
    /// What has no way as likely as before any more.
    fn lose(&mut self, removed: &[EdgeNumber]) -> Vec<Position> {
        for edge in removed {
            self.look_again(*edge);
        }
        let (mut lost, mut likelier) = (Vec::new(), Vec::new());
        while let Some((cost, position)) = self.queue.pop() {
            if self.reached.cost(position) != Some(cost) || self.is_held_up(position, cost) {
                continue;
            }
            self.touched.push(position);
            match self.best_in(position, Some(cost)) {
                Some((sum, by)) if sum <= cost => {
                    self.reached.set(position, sum, by);
                    if sum < cost {
                        likelier.push((sum, position));
                    }
                }
                _ => {
                    self.reached.set(position, NEVER, NO_EDGE);
                    lost.push(position);
                    for (edge, _) in self.graph.outs(position, self.without.shut()) {
                        Self::look(self.reached, &mut self.queue, self.graph, edge);
                    }
                    for edge in self.graph.joints_of(position, self.without.shut()) {
                        Self::look(self.reached, &mut self.queue, self.graph, edge);
                    }
                }
            }
        }
        self.queue = Queue::default();
        for (cost, position) in likelier {
            self.queue.push(cost, position);
        }
        lost
    }

    fn look_again(&mut self, edge: EdgeNumber) {
        Self::look(self.reached, &mut self.queue, self.graph, edge);
    }

    /// What is gained by an edge is looked at when its turn comes.
    fn look(reached: &Reached, queue: &mut Queue, graph: &AttackGraph, edge: EdgeNumber) {
        let to = graph.to(edge);
        if reached.by(to) == Some(edge)
            && let Some(cost) = reached.cost(to)
        {
            queue.push(cost, to);
        }
    }

    /// Whether the edge by which a position is gained is still there and all that it needs.
    fn is_held_up(&self, position: Position, cost: Cost) -> bool {
        match self.reached.by(position) {
            None => true, // held from the start
            Some(edge) => {
                self.graph.is_open(edge, self.without.shut())
                    && self.reached.sum(self.graph, edge).is_some_and(|sum| sum <= cost)
            }
        }
    }

    /// The cheapest edge to a position, of those whose needs are held and, where that is asked, cost less.
    fn best_in(&self, position: Position, below: Option<Cost>) -> Option<(Cost, EdgeNumber)> {
        let (graph, shut) = (self.graph, self.without.shut());
        let below = below.unwrap_or(NEVER);
        let mut best: Option<(Cost, EdgeNumber)> = None;
        for it in graph.ins(position, shut) {
            if let Some(cost) = self.reached.cost(it.tail)
                && cost < below
                && best.is_none_or(|known| cost.saturating_add(it.cost()) < known.0)
                && self.without.leaves(graph, it.edge, position)
            {
                best = Some((super::sum_of(cost, it.cost()), it.edge));
            }
        }
        for edge in graph.joints_to(position, shut) {
            let mut needs = graph.from(edge).iter();
            if needs.all(|it| self.reached.cost(*it).is_some_and(|cost| cost < below))
                && let Some(sum) = self.reached.sum(graph, edge)
                && best.is_none_or(|known| sum < known.0)
                && self.without.leaves(graph, edge, position)
            {
                best = Some((sum, edge));
            }
        }
        best
    }

    /// Holds an entry point, which is a position only now.
    fn enter(&mut self, entry: Position) {
        if self.without.can_be_held(entry) {
            self.reached.set(entry, 0, NO_EDGE);
            self.queue.push(0, entry);
            self.touched.push(entry);
        }
    }

    /// Searches on from what is known: for what was lost, and along edges that came.
    fn find(&mut self, lost: &[Position], inserted: &[EdgeNumber]) {
        for position in lost {
            if let Some((cost, by)) = self.best_in(*position, None) {
                self.reached.set(*position, cost, by);
                self.queue.push(cost, *position);
            }
        }
        for edge in inserted {
            if self.graph.is_open(*edge, self.without.shut()) {
                self.go_along(*edge);
            }
        }
        while let Some((cost, position)) = self.queue.pop() {
            if self.reached.cost(position) != Some(cost) {
                continue;
            }
            let (graph, shut) = (self.graph, self.without.shut());
            for (edge, arc) in graph.outs(position, shut) {
                if self.reached.is_dearer(arc.head, super::sum_of(cost, arc.cost())) {
                    self.go_along(edge);
                }
            }
            for edge in graph.joints_of(position, shut) {
                self.go_along(edge);
            }
        }
    }

    fn go_along(&mut self, edge: EdgeNumber) {
        let to = self.graph.to(edge);
        if let Some(sum) = self.reached.sum(self.graph, edge)
            && self.reached.is_dearer(to, sum)
            && self.without.leaves(self.graph, edge, to)
        {
            self.touched.push(to);
            self.reached.relax(&mut self.queue, to, sum, edge);
        }
    }
}

impl Reached {
    fn set(&mut self, position: Position, cost: Cost, by: EdgeNumber) {
        let place = position as usize;
        if let (Some(known), Some(known_by)) = (self.costs.get_mut(place), self.by.get_mut(place)) {
            (*known, *known_by) = (cost, by);
        }
    }

    fn is_dearer(&self, position: Position, cost: Cost) -> bool {
        self.costs.get(position as usize).is_some_and(|known| cost < *known)
    }
}
