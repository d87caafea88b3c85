//! Actors that are answered alike: what one of them can do by a step, all of them can.
//!
//! Most identities are named by no policy of a cloud, and may do there what anybody may.

use std::rc::Rc;

use access::Access;
use content::step::{Can, Need, Role};
use hashbrown::HashMap;

use super::needs::Way;

/// The rows at which somebody fulfils the needs of a step, and how.
pub(super) type Ways = Rc<Vec<(u32, Vec<Way>)>>;

/// What was found out of actors that are alike.
#[derive(Debug, Default)]
pub(super) struct Alike {
    numbers: HashMap<String, u32>,
    /// By the number of what they have in common, and that of the step.
    known: HashMap<(u32, u32), Ways>,
    /// Of the actor that is looked at: the number, by cloud.
    pub(super) own: Option<Option<u32>>,
}

impl Alike {
    /// The number of what some actors have in common.
    pub(super) fn number(&mut self, kin: String) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(kin).or_insert(next)
    }

    pub(super) fn get(&self, kin: u32, step: u32) -> Option<Ways> {
        self.known.get(&(kin, step)).map(Rc::clone)
    }

    pub(super) fn put(&mut self, kin: u32, step: u32, ways: Ways) {
        self.known.insert((kin, step), ways);
    }
}

/// The action by which it is told who is alike, where what a step needs depends on nothing else of the actor.
pub(super) fn telling<'s>(needs: &'s [Need], access: &Access) -> Option<&'s str> {
    let mut action = None;
    needs.iter().all(|it| tells(it, access, &mut action)).then_some(action).flatten()
}

fn tells<'s>(need: &'s Need, access: &Access, action: &mut Option<&'s str>) -> bool {
    match need {
        Need::Can(can) => {
            if can.by == Role::Actor {
                *action = action.or_else(|| can.actions.first().map(String::as_str));
            }
            can.actions.iter().all(|it| access.has_kin(it)) && !names_actor(can)
        }
        Need::Any(any) => any.iter().all(|it| tells(it, access, action)),
        Need::Also { of, .. } => *of != Role::Actor,
        Need::Service { .. } | Need::Administrator => false,
    }
}

/// Whether what is asked about has to do with who asks.
fn names_actor(can: &Can) -> bool {
    let mut texts = can.with.iter().map(|(_, it)| it).chain([&can.on]);
    texts.any(|it| {
        it == "actor"
            || ["{actor}", "{account}", "{partition}"].iter().any(|name| it.contains(name))
    })
}
