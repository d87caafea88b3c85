//! Which needs of a step hold at its rows, each by itself.

use content::step::{Hold, Need, Role, Step};
use lang::NodeId;

use super::needs::Asker;
use super::rows::{Plan, Row};
use super::{Actor, Attack, Estate, Held, INTERNET, State, contacts};
use crate::fact::Facts;

/// One single thing that a step needs, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// As the step has it: `iam:PassRole`, `trust of lambda.amazonaws.com`.
    pub says: String,
    /// Whether it holds, or may.
    pub holds: bool,
}

/// The single things that a step needs, in its order.
pub fn leaves(step: &Step) -> Vec<String> {
    fn add(needs: &[Need], found: &mut Vec<String>) {
        for need in needs {
            match need {
                Need::Can(can) => {
                    let with = can.with.iter().map(|(key, value)| format!(" with {key} {value}"));
                    let with: String = with.collect();
                    let on = if can.on == "to" { String::new() } else { format!(" on {}", can.on) };
                    let by = if can.by == Role::Actor {
                        String::new()
                    } else {
                        format!(" by {}", can.by.name())
                    };
                    found.extend(can.actions.iter().map(|it| format!("{it}{on}{by}{with}")));
                }
                Need::Any(any) => add(any, found),
                Need::Service { service, .. } => found.push(format!("trust of {service}")),
                Need::Also { hold, of, port } => {
                    let port = port.map_or_else(String::new, |it| format!(" at {it}"));
                    found.push(format!("{} of {}{port}", hold.name(), of.name()));
                }
                Need::Administrator => found.push("administrator".to_owned()),
            }
        }
    }
    let mut found = Vec::new();
    add(&step.needs, &mut found);
    found
}

impl Attack {
    /// The rows of the first step for an actor and what it goes for: what each goes by, and which needs hold there.
    pub(crate) fn tried(
        &self,
        estate: Estate<'_>,
        (actor, to): (NodeId, NodeId),
    ) -> Vec<(Option<NodeId>, Vec<Leaf>)> {
        let Some(plan) = self.memory.plans.iter().find(|it| it.number == 0) else {
            return Vec::new();
        };
        let says = leaves(&plan.step);
        let mut found = Vec::new();
        for (_, row) in plan.rows().filter(|(_, row)| row.to == to) {
            if row.actor.is_some_and(|it| it != actor) {
                continue;
            }
            let mut holds = Vec::new();
            self.leaves_at(estate, plan, (actor, row), &mut holds);
            let leaves = says.iter().zip(holds);
            let leaves = leaves.map(|(says, holds)| Leaf { says: says.clone(), holds }).collect();
            found.push((row.via, leaves));
        }
        found
    }

    fn leaves_at(
        &self,
        estate: Estate<'_>,
        plan: &Plan,
        (actor, row): (NodeId, &Row),
        found: &mut Vec<bool>,
    ) {
        // A tag counts as one that may be set when it may for some that is wanted.
        let gives_tags = super::tags::gives_tags(plan);
        let tags: Vec<Option<u32>> = if gives_tags {
            let of_row = self.positions.iter().filter(|it| it.node == row.to);
            of_row
                .filter_map(
                    |it| if let State::Tag(tag) = it.state { Some(Some(tag)) } else { None },
                )
                .collect()
        } else {
            vec![None]
        };
        let mut best: Option<Vec<bool>> = None;
        for tag in tags {
            let asker = Asker::new(estate).with_tags(self.tags.clone(), tag);
            let mut trying = Trying { estate, asker, actor: (actor, State::Plain), row };
            let mut holds = Vec::new();
            plan.step.needs.iter().for_each(|it| trying.add(it, &mut holds));
            let n = |all: &[bool]| all.iter().filter(|it| **it).count();
            if best.as_ref().is_none_or(|best| n(best) < n(&holds)) {
                best = Some(holds);
            }
        }
        found.extend(best.unwrap_or_default());
    }
}

struct Trying<'t, 'a> {
    estate: Estate<'a>,
    asker: Asker<'a>,
    actor: Actor,
    row: &'t Row,
}

impl Trying<'_, '_> {
    fn add(&mut self, need: &Need, found: &mut Vec<bool>) {
        match need {
            Need::Can(can) => {
                for action in &can.actions {
                    let mut one = can.clone();
                    one.actions = vec![action.clone()];
                    let holds = self.holds(&Need::Can(one));
                    found.push(holds);
                }
            }
            Need::Any(any) => any.iter().for_each(|it| self.add(it, found)),
            other => {
                let holds = self.holds(other);
                found.push(holds);
            }
        }
    }

    fn holds(&mut self, need: &Need) -> bool {
        let mut facts = Facts::default();
        let ways = self.asker.need(need, self.actor, self.row, &mut facts);
        ways.iter().any(|way| way.also.iter().all(|it| self.is_held(*it)))
    }

    /// Whether what is needed as well is there: contact from the actor or the internet. Tags count as such that may be
    /// changed, which other steps say.
    fn is_held(&self, held: Held) -> bool {
        match held.hold {
            Hold::Tag | Hold::Untag => true,
            Hold::Contact => {
                let mut wants = contacts::Wants::default();
                wants.insert(contacts::wanted(held));
                let (found, _) = contacts::contacts(self.estate, &mut wants, contacts::Which::All);
                found.iter().any(|it| it.from == self.actor.0 || it.from == INTERNET)
            }
            _ => false,
        }
    }
}
