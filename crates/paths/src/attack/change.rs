//! Edges that come and go in a graph that was laid out.
//!
//! Edges that come stand behind the others, chained by position; edges that go are marked. So numbers stay
//! what they are, and a search over a graph that did not change reads nothing more. When much has changed
//! the graph can be laid out anew, which gives new numbers.

use super::build::{AttackBuilder, needs};
use super::lists::Chains;
use super::{Arc, AttackGraph, Edge, EdgeNumber, GONE_BIT, JOINT_BIT, Joint};
use crate::fact::UNPROVEN;

/// Edges that came and edges that went, in a graph that has them and has lost them already.
///
/// The same edge may not be in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Edges that were inserted.
    pub inserted: Vec<EdgeNumber>,
    /// Edges that were removed.
    pub removed: Vec<EdgeNumber>,
}

/// What came after a graph was laid out.
#[derive(Debug, Clone, Default)]
pub(super) struct Later {
    /// Single edges, by what they need.
    pub(super) outs: Chains,
    /// Joint edges, by what they need.
    pub(super) joints_of: Chains,
    /// Joint edges, by where they lead.
    pub(super) joints_to: Chains,
    /// Changes since the graph was laid out.
    n: u32,
}

impl Later {
    pub(super) fn is_none(&self) -> bool {
        self.n == 0
    }
}

/// The numbers of edges after a graph was laid out anew.
#[derive(Debug)]
pub struct Renumbered {
    singles: Vec<u32>,
    joints: Vec<u32>,
}

impl Renumbered {
    /// The number that an edge has now; `None` for an edge that was removed.
    pub fn of(&self, edge: EdgeNumber) -> Option<EdgeNumber> {
        let (list, number) = match edge & JOINT_BIT {
            0 => (&self.singles, edge),
            _ => (&self.joints, edge & !JOINT_BIT),
        };
        list.get(number as usize).copied().filter(|it| *it != EdgeNumber::MAX)
    }
}

impl AttackGraph {
    /// Makes room for positions below `n`.
    pub fn hold(&mut self, n: u32) {
        self.n_positions = self.n_positions.max(n);
    }

    /// Makes room for as much as may come before the graph is worn, so that no change has to move everything.
    pub(super) fn make_room(&mut self) {
        let n = self.arcs.len() / WORN_PART as usize + LEAST_WORN as usize;
        self.arcs.reserve_exact(n);
        self.tails.reserve_exact(n);
        self.labels.reserve_exact(n);
        self.facts.make_room(n);
        self.later.outs.hold(self.n_positions);
        if let Some(ins) = &mut self.ins {
            ins.hold(self.n_positions);
        }
    }

    /// Inserts an edge, which has this number until the graph is laid out anew; `label` is given back with
    /// it. `None` for an edge that needs nothing: there is none.
    pub fn insert(&mut self, edge: &Edge<'_>, label: u32) -> Option<EdgeNumber> {
        for position in edge.from.iter().chain([&edge.to]) {
            self.hold(position + 1);
        }
        let is_proven = !edge.facts.contains(&UNPROVEN);
        let number = match needs(edge.from).as_slice() {
            [] => return None,
            [tail] => {
                let number = self.arcs.len() as EdgeNumber;
                self.arcs.push(Arc::new(edge.to, edge.cost, is_proven));
                self.tails.push(*tail);
                self.labels.push(label);
                self.facts.push(edge.facts);
                self.later.outs.push(*tail, number);
                if let Some(ins) = &mut self.ins {
                    ins.insert(edge.to, number);
                }
                number
            }
            several => {
                let number = self.joints.len() as u32;
                self.joints.push(Joint::of(edge, label));
                self.joint_tails.push(several);
                for tail in several {
                    self.later.joints_of.push(*tail, number);
                }
                self.later.joints_to.push(edge.to, number);
                number | JOINT_BIT
            }
        };
        self.later.n += 1;
        self.n_edges += 1;
        self.n_unproven += u32::from(!is_proven);
        Some(number)
    }

    /// Removes an edge. Whether it was there. What it was can still be asked until the graph is laid out
    /// anew.
    pub fn remove(&mut self, edge: EdgeNumber) -> bool {
        if !self.holds(edge) {
            return false;
        }
        let is_proven = self.is_proven(edge);
        if edge & JOINT_BIT == 0 {
            if let Some(arc) = self.arcs.get_mut(edge as usize) {
                arc.cost |= GONE_BIT;
                if let Some(ins) = &mut self.ins {
                    ins.remove(arc.head, edge);
                }
            }
        } else if let Some(joint) = self.joints.get_mut((edge & !JOINT_BIT) as usize) {
            joint.arc.cost |= GONE_BIT;
        }
        self.later.n += 1;
        self.n_edges -= 1;
        self.n_unproven -= u32::from(!is_proven);
        true
    }

    /// Whether so much came and went since the graph was laid out that it should be laid out anew.
    pub fn is_worn(&self) -> bool {
        self.later.n > (self.n_edges / WORN_PART).max(LEAST_WORN)
    }

    /// Lays the graph out anew, without what was removed. Takes as long as making it did.
    /// What follows the graph is to be told the new numbers.
    pub fn compact(&mut self) -> Renumbered {
        let mut builder = AttackBuilder::default();
        builder.hold(self.n_positions);
        let (mut singles, mut joints) = (Vec::new(), Vec::new());
        for edge in self.edges() {
            let list = if edge & JOINT_BIT == 0 { &mut singles } else { &mut joints };
            list.push(edge);
            let (from, to) = (self.from(edge), self.to(edge));
            let (cost, facts) = (self.cost(edge), self.facts(edge));
            builder.add(&Edge { from, to, cost, facts }, self.label(edge));
        }
        let mut numbers = Renumbered {
            singles: vec![EdgeNumber::MAX; self.arcs.len()],
            joints: vec![EdgeNumber::MAX; self.joints.len()],
        };
        let has_ins = self.ins.is_some();
        let (graph, order) = builder.finish_in_order();
        *self = graph;
        if has_ins {
            self.index_ins();
        }
        for (new, added) in (0..).zip(order) {
            let old = singles.get(added as usize).copied().unwrap_or(EdgeNumber::MAX);
            if let Some(place) = numbers.singles.get_mut(old as usize) {
                *place = new;
            }
        }
        for (new, old) in (0..).zip(joints) {
            if let Some(place) = numbers.joints.get_mut((old & !JOINT_BIT) as usize) {
                *place = new | JOINT_BIT;
            }
        }
        numbers
    }
}

/// A graph of which one in so many edges changed is worn.
const WORN_PART: u32 = 8;
/// Changes that wear no graph, however small.
const LEAST_WORN: u32 = 1 << 10;
