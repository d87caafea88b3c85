//! Actors for whom somebody stands in: where they have to be asked themselves.

use std::rc::Rc;

use access::Reach;
use content::step::{Need, Role};
use lang::NodeId;

use super::{Asked, Asker};
use crate::derive::Actor;
use crate::derive::alike::Special;
use crate::derive::rows::Plan;

impl<'a> Asker<'a> {
    /// The nodes of those who stand in for an actor.
    pub(in crate::derive) fn stand_ins(&self, asked: &Asked<'a>) -> impl Iterator<Item = NodeId> {
        let graph = self.estate.graph;
        asked.stand_ins.iter().filter_map(|it| graph.node_by_id(it))
    }

    /// The rows at which an actor is asked itself although somebody stands in for it; `None`: it is asked at all of
    /// them.
    pub(in crate::derive) fn special_rows(
        &mut self,
        plan: &Plan,
        asked: &Asked<'a>,
    ) -> Option<Vec<u32>> {
        self.special(plan, asked, Special::rows)
    }

    /// The same of some rows, sorted.
    pub(in crate::derive) fn special_rows_among(
        &mut self,
        plan: &Plan,
        asked: &Asked<'a>,
        among: &[u32],
    ) -> Option<Vec<u32>> {
        self.special(plan, asked, |special, own_reach| special.rows_among(among, own_reach))
    }

    fn special(
        &mut self,
        plan: &Plan,
        asked: &Asked<'a>,
        rows: impl FnOnce(&Special, &mut dyn FnMut(&str) -> Rc<[String]>) -> Vec<u32>,
    ) -> Option<Vec<u32>> {
        let special = plan.special.as_ref()?;
        let id = asked.stand_ins.of(special.action())?;
        let rows = rows(special, &mut |action| self.own_reach(asked.actor, action));
        let is_asked = rows.is_empty()
            || plan.named.is_some()
            || plan.step.needs.iter().all(|need| self.may_like(id, need, asked.actor));
        Some(if is_asked { rows } else { Vec::new() })
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
}
