//! Who is asked at rows that are new: where each holds something was found out when it was asked at the others.

use std::collections::BTreeMap;

use content::step::Hold;
use hashbrown::HashSet;
use lang::NodeId;

use crate::derive::rows::Plan;
use crate::derive::tags::gives_tags;
use crate::derive::{Actor, Deriving, INTERNET, State};

impl Deriving<'_> {
    /// Who may do something at new rows, of those who are not asked anyway, and at which: numbers of rows, sorted, by
    /// the places of plans.
    pub(super) fn who_may(
        &mut self,
        plans: &[Plan],
        new: &BTreeMap<usize, Vec<u32>>,
        again: &HashSet<Actor>,
    ) -> BTreeMap<Actor, BTreeMap<usize, Vec<u32>>> {
        let mut found: BTreeMap<Actor, BTreeMap<usize, Vec<u32>>> = BTreeMap::new();
        for (place, rows) in new {
            let Some(plan) = plans.get(*place).filter(|it| it.asks_identity() && !gives_tags(it))
            else {
                continue;
            };
            let mut everywhere: Vec<u32> = Vec::new();
            for number in rows {
                let Some(row) = plan.row(*number) else { continue };
                let seen = &self.seen;
                let states = |node: NodeId| seen.of(node).iter().map(move |it| (node, *it));
                let who: Vec<Actor> = if plan.step.holds == Hold::Internet {
                    vec![(INTERNET, State::Plain)]
                } else if let Some(actor) = row.actor {
                    states(actor).collect()
                } else if let Some((mut who, named)) = self.asker.who_may(plan, row) {
                    who.extend(named.into_iter().flat_map(states));
                    who
                } else {
                    everywhere.push(*number);
                    continue;
                };
                let who =
                    who.into_iter().filter(|it| self.seen.contains(it) && !again.contains(it));
                for actor in who {
                    let rows = found.entry(actor).or_default().entry(*place).or_default();
                    if rows.last() != Some(number) {
                        rows.push(*number);
                    }
                }
            }
            if everywhere.is_empty() {
                continue;
            }
            let all = self.seen.iter();
            for actor in all.filter(|it| it.0 != INTERNET && !again.contains(it)) {
                let rows = found.entry(actor).or_default().entry(*place).or_default();
                rows.extend(&everywhere);
                rows.sort_unstable();
            }
        }
        found
    }

    /// What one actor can do at some rows.
    pub(super) fn actor_among(
        &mut self,
        actor: Actor,
        plans: &[Plan],
        rows: &BTreeMap<usize, Vec<u32>>,
    ) {
        let asked = self.asker.actor(actor);
        for (place, rows) in rows {
            let Some(plan) = plans.get(*place) else { continue };
            let special = self.asker.special_rows_among(plan, &asked, rows);
            let asked_at = special.unwrap_or_else(|| self.asker.rows_among(plan, &asked, rows));
            for number in asked_at {
                self.at_row(plan, &asked, actor, number);
            }
        }
    }
}
