//! One step tried on a small estate, for its cases: whether it is found, and which of its needs hold where.

use std::iter::Copied;
use std::slice::Iter;

use access::Unread;
use content::step::{Hold, Need};
use hashbrown::HashSet;
use lang::NodeId;

use crate::attack::{EdgeNumber, Position};
use crate::derive::{Attack, Estate, Held, INTERNET, Leaf, Taken, What};
use crate::fact::{ASSUMED, UNPROVEN};

/// How sure it is that a step can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sureness {
    /// It depends on what could not be judged.
    Unproven,
    /// It depends on what was not collected and rarely stands in the way.
    Assumed,
    /// It can.
    Proven,
}

/// The first step of an estate, tried.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    attack: &'a Attack,
    estate: Estate<'a>,
}

/// Who takes a step, and whereto: `via` is any when absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Who; [`INTERNET`] for everybody.
    pub actor: NodeId,
    /// What it goes for.
    pub to: NodeId,
    /// What it goes by.
    pub via: Option<NodeId>,
}

/// A row of the step's pattern, with each single thing that the step needs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriedRow {
    /// What it goes by.
    pub via: Option<NodeId>,
    /// In the order of the step; each action by itself.
    pub leaves: Vec<Leaf>,
}

impl TriedRow {
    /// Those that keep the step from being taken: made true alone, it would be.
    pub fn sole_failing(&self, needs: &[Need]) -> Vec<usize> {
        let holds: Vec<bool> = self.leaves.iter().map(|it| it.holds).collect();
        if all_hold(needs, &holds) {
            return Vec::new();
        }
        let failing = (0..holds.len()).filter(|it| holds.get(*it) == Some(&false));
        let is_sole = |it: &usize| {
            let mut holds = holds.clone();
            if let Some(leaf) = holds.get_mut(*it) {
                *leaf = true;
            }
            all_hold(needs, &holds)
        };
        failing.filter(is_sole).collect()
    }
}

/// Whether needs hold when their leaves do, in their order.
fn all_hold(needs: &[Need], leaves: &[bool]) -> bool {
    let mut rest = leaves.iter().copied();
    each(needs, &mut rest).into_iter().all(|it| it)
}

/// Which needs hold. All are looked at: each takes its own leaves.
fn each(needs: &[Need], leaves: &mut Copied<Iter<'_, bool>>) -> Vec<bool> {
    needs.iter().map(|it| holds(it, leaves)).collect()
}

fn holds(need: &Need, leaves: &mut Copied<Iter<'_, bool>>) -> bool {
    match need {
        Need::Can(can) => {
            let actions: Vec<bool> = leaves.by_ref().take(can.actions.len()).collect();
            actions.len() == can.actions.len() && actions.into_iter().all(|it| it)
        }
        Need::Any(any) => each(any, leaves).into_iter().any(|it| it),
        Need::Service { .. } | Need::Also { .. } | Need::Administrator => {
            leaves.next().unwrap_or_default()
        }
    }
}

impl<'a> Trial<'a> {
    /// Tries the first step of an estate, of which `attack` was derived.
    pub fn new(attack: &'a Attack, estate: Estate<'a>) -> Self {
        Self { attack, estate }
    }

    /// How sure it is that the step can be taken; `None` when it cannot.
    pub fn sureness(&self, way: Way) -> Option<Sureness> {
        [Sureness::Proven, Sureness::Assumed, Sureness::Unproven]
            .into_iter()
            .find(|it| self.is_found(way, *it))
    }

    /// Every way in which the step could be taken by somebody who held all that it takes.
    pub fn ways(&self) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for taken in self.edges().filter_map(|it| self.attack.taken(it)).filter(is_of_first) {
            let way = Way { actor: taken.actor, to: taken.to, via: taken.via };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }

    /// What was not read and could make the step one that cannot be taken, or one that can.
    pub fn unread(&self, way: Way) -> Vec<Unread> {
        let is_of = |it: &Taken| self.is_of(it, way);
        let mut unread: Vec<Unread> = Vec::new();
        for edge in self.edges() {
            if self.attack.taken(edge).as_ref().is_some_and(is_of) {
                let preconditions = self.attack.explain(self.estate, edge);
                for it in preconditions.into_iter().flat_map(|it| it.unread) {
                    if !unread.contains(&it) {
                        unread.push(it);
                    }
                }
            }
        }
        unread
    }

    /// The rows of the pattern for whom and whereto, with what the step needs there.
    pub fn rows(&self, way: Way) -> Vec<TriedRow> {
        let mut rows = self.attack.tried(self.estate, (way.actor, way.to));
        rows.retain(|it| way.via.is_none() || it.0 == way.via);
        rows.into_iter().map(|(via, leaves)| TriedRow { via, leaves }).collect()
    }

    fn edges(&self) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.attack.graph.edges()
    }

    fn is_found(&self, way: Way, sureness: Sureness) -> bool {
        let reached = self.reached(&self.starts(way.actor), sureness);
        self.edges().any(|edge| {
            let taken = self.attack.taken(edge).filter(is_of_first);
            taken.is_some_and(|it| self.is_of(&it, way))
                && self.is_as_sure(edge, sureness)
                && self.is_open(edge, &reached)
        })
    }

    /// Whether it is this way, taken by the actor or by who stands in for it.
    fn is_of(&self, taken: &Taken, way: Way) -> bool {
        let is_via = way.via.is_none() || taken.via == way.via;
        let is_actor = || taken.actor == way.actor || self.is_like(way.actor, taken.actor);
        taken.to == way.to && is_via && is_actor()
    }

    /// Whether somebody stands in for an actor.
    fn is_like(&self, actor: NodeId, stand_in: NodeId) -> bool {
        let taken = self.edges().filter_map(|it| self.attack.taken(it));
        let mut alike = taken.filter(|it| it.what == What::Alike);
        alike.any(|it| (it.actor, it.to) == (actor, stand_in))
    }

    /// What the attacker holds at first: the actor, as the step wants it held, and a connection to the internet.
    fn starts(&self, actor: NodeId) -> Vec<Position> {
        let holds = self.estate.steps.first().map_or(Hold::Control, |it| it.holds);
        let internet = Held::plain(INTERNET, Hold::Internet);
        let held = Held::plain(actor, if actor == INTERNET { Hold::Internet } else { holds });
        [internet, held].into_iter().filter_map(|it| self.attack.position(it)).collect()
    }

    /// All that follows from some positions, by edges that are at least as sure.
    fn reached(&self, starts: &[Position], sureness: Sureness) -> HashSet<Position> {
        let mut reached: HashSet<Position> = starts.iter().copied().collect();
        loop {
            let before = reached.len();
            for edge in self.edges().filter(|it| self.is_as_sure(*it, sureness)) {
                if self.is_open(edge, &reached) {
                    reached.insert(self.attack.graph.to(edge));
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    fn is_open(&self, edge: EdgeNumber, reached: &HashSet<Position>) -> bool {
        self.attack.graph.from(edge).iter().all(|it| reached.contains(it))
    }

    fn is_as_sure(&self, edge: EdgeNumber, sureness: Sureness) -> bool {
        let facts = self.attack.graph.facts(edge);
        match sureness {
            Sureness::Unproven => true,
            Sureness::Assumed => !facts.contains(&UNPROVEN),
            Sureness::Proven => !facts.contains(&UNPROVEN) && !facts.contains(&ASSUMED),
        }
    }
}

/// Whether it is the first step of the estate that is taken.
fn is_of_first(taken: &Taken) -> bool {
    matches!(taken.what, What::Step(0) | What::Tag { step: 0, .. })
}
