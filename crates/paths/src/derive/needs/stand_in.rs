//! Asking for many actors by asking for one who stands in for them.

use std::rc::Rc;

use access::Reach;
use content::step::{Need, Role};

use super::{Asked, Asker, Rows};
use crate::derive::alike::{STAND_IN, Ways};
use crate::derive::rows::{Plan, Row};
use crate::derive::{Actor, State};
use crate::fact::Facts;

impl<'a> Asker<'a> {
    /// Who stands in for an actor where rows of a step say nothing of it; `None`: it is asked at all of them.
    pub(in crate::derive) fn stand_in(
        &mut self,
        plan: &Plan,
        asked: &Asked<'a>,
    ) -> Option<&'static str> {
        let special = plan.special.as_ref()?;
        if !self.alike.is_known {
            let action = special.action();
            let stand_in = self.with(asked.actor, |access, who| access.stand_in(who, action));
            (self.alike.stand_in, self.alike.is_known) = (stand_in, true);
            self.known.stand_ins.extend(stand_in);
        }
        self.alike.stand_in
    }

    /// What somebody who stands in for others can do.
    pub(in crate::derive) fn ways_of(
        &mut self,
        id: &'static str,
        plan: &Plan,
        facts: &mut Facts,
    ) -> Ways {
        if let Some(known) = self.alike.known.get(&(id, plan.number)) {
            return Ways::clone(known);
        }
        // what is known of the actor that is looked at is put aside
        let granting = std::mem::take(&mut self.granting);
        let reaches = std::mem::take(&mut self.reaches);
        self.alike.asked_as = Some(id);
        let actor = (STAND_IN, State::Plain);
        let numbers: Vec<u32> =
            match self.rows(plan, &Asked { actor, is_administrator: false, home: "" }) {
                Rows::All => plan.numbers().collect(),
                Rows::These(rows) => rows,
            };
        let mut found = Vec::new();
        for number in numbers {
            let Some(row) = plan.row(number) else { continue };
            let ways = self.ways(plan, actor, row, facts);
            if !ways.is_empty() {
                found.push((number, ways));
            }
        }
        self.alike.asked_as = None;
        (self.granting, self.reaches) = (granting, reaches);
        let found: Ways = found.into();
        self.alike.known.insert((id, plan.number), Ways::clone(&found));
        found
    }

    /// The rows at which an actor is asked itself although somebody stands in for it.
    pub(in crate::derive) fn special_rows(
        &mut self,
        id: &'static str,
        plan: &Plan,
        asked: &Asked<'a>,
    ) -> Vec<u32> {
        let Some(special) = &plan.special else { return Vec::new() };
        let rows = special.rows(&mut |action| self.own_reach(asked.actor, action));
        let is_asked = rows.is_empty()
            || plan.named.is_some()
            || plan.step.needs.iter().all(|need| self.may_like(id, need, asked.actor));
        if is_asked { rows } else { Vec::new() }
    }

    /// Where something is said of an actor that somebody stands in for.
    fn own_reach(&mut self, actor: Actor, action: &str) -> Rc<[String]> {
        if let Some(known) = self.alike.reaches.get(action) {
            return Rc::clone(known);
        }
        let places: Rc<[String]> =
            self.with(actor, |access, who| access.own_reach(who, action)).into();
        self.known.holders.note(actor, action, &Reach::At(places.to_vec()));
        self.alike.reaches.insert(action.into(), Rc::clone(&places));
        places
    }

    /// [`Self::may`] of an actor that somebody stands in for.
    fn may_like(&mut self, id: &'static str, need: &Need, actor: Actor) -> bool {
        match need {
            Need::Can(can) if !can.trusting && can.by == Role::Actor => {
                can.actions.iter().all(|action| {
                    !self.own_reach(actor, action).is_empty()
                        || self.alike.may_grant(id, action, self.estate.access)
                })
            }
            Need::Any(any) => any.iter().any(|it| self.may_like(id, it, actor)),
            _ => true,
        }
    }

    /// Whether somebody who stands in for others fulfils the needs of a step at a row.
    pub(super) fn may_stand_ins(&mut self, plan: &Plan, row: &Row) -> bool {
        let ids: Vec<&'static str> = self.known.stand_ins.iter().copied().collect();
        ids.into_iter().any(|id| {
            self.alike.asked_as = Some(id);
            let ways = self.ways(plan, (STAND_IN, State::Plain), row, &mut Facts::default());
            self.alike.asked_as = None;
            !ways.is_empty()
        })
    }
}
