//! Actors that are answered alike: what anybody can do by a step is found out once.
//!
//! Of most identities a cloud says little, at few places. Everywhere else they are answered like somebody of whom it
//! says nothing; that one stands in for them. It is an actor like others: whoever it stands in for has its rights, which
//! is one edge, and not one for each thing that anybody can do.

use std::rc::Rc;

use access::Access;
use content::step::{Can, Need, Role};
use hashbrown::HashMap;

use super::names::Names;
use super::places::{RowsByPlace, by_place};
use super::rows::Row;

/// The rows of a step at which an actor may be answered otherwise than who stands in for it.
#[derive(Debug)]
pub(super) struct Special {
    /// By what is asked about: all actions, and the rows by places.
    asked: Vec<(Vec<String>, Box<str>, RowsByPlace)>,
}

/// What was found out of those who stand in, and of the actor that is looked at.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// Whether anything that one of them holds names an action.
    granting: HashMap<(&'static str, Box<str>), bool>,
    /// Where something is said of the actor that is looked at, by action.
    pub(super) reaches: HashMap<Box<str>, Rc<[String]>>,
}

impl Alike {
    /// Whether anything names an action that somebody holds who stands in for others.
    pub(super) fn may_grant(&mut self, id: &'static str, action: &str, access: &Access) -> bool {
        *self.granting.entry((id, action.into())).or_insert_with(|| {
            access.may_grant(access::Actor { id, plus: access::Plus::Nothing }, action)
        })
    }
}

impl Special {
    /// `None` where what a step needs depends on more of the actor than what it is granted.
    pub(super) fn of(
        needs: &[Need],
        rows: &[Row],
        access: &Access,
        names: Names<'_>,
    ) -> Option<Self> {
        let mut all: Vec<&Can> = Vec::new();
        if !needs.iter().all(|it| gather(it, access, &mut all)) {
            return None;
        }
        // whoever stands in for an actor does so in one cloud
        let actions = || all.iter().flat_map(|it| &it.actions).map(String::as_str);
        let first = actions().next()?;
        if !actions().all(|it| access.are_of_one_cloud(first, it)) {
            return None;
        }
        let mut asked: Vec<(Vec<String>, Box<str>, RowsByPlace)> = Vec::new();
        for can in all {
            let first = can.actions.first()?;
            if let Some((actions, ..)) = asked.iter_mut().find(|it| *it.1 == *can.on) {
                actions.extend(can.actions.iter().cloned());
                continue;
            }
            let rows = by_place(&can.on, first, (0..).zip(rows), access, names)?;
            asked.push((can.actions.clone(), can.on.as_str().into(), rows));
        }
        for (actions, ..) in &mut asked {
            actions.sort_unstable();
            actions.dedup();
        }
        Some(Self { asked })
    }

    /// The action by which the cloud is known.
    pub(super) fn action(&self) -> &str {
        self.asked.first().and_then(|it| it.0.first()).map_or("", String::as_str)
    }

    /// Takes in another row. False where it depends on the actor what is asked about.
    pub(super) fn add(
        &mut self,
        number: u32,
        row: &Row,
        access: &Access,
        names: Names<'_>,
    ) -> bool {
        self.asked.iter_mut().all(|(actions, on, rows)| {
            let action = actions.first();
            action.is_some_and(|it| rows.add((number, row), (it, on), access, names))
        })
    }

    /// The rows at which an actor has to be asked itself, sorted, each once.
    pub(super) fn rows(&self, own_reach: &mut dyn FnMut(&str) -> Rc<[String]>) -> Vec<u32> {
        let mut found = Vec::new();
        self.each(own_reach, |rows| found.extend(rows));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Those of some rows, sorted, at which an actor has to be asked itself. Costs what these are, and not all at which
    /// it is asked.
    pub(super) fn rows_among(
        &self,
        among: &[u32],
        own_reach: &mut dyn FnMut(&str) -> Rc<[String]>,
    ) -> Vec<u32> {
        let mut found = Vec::new();
        self.each(own_reach, |rows| {
            // both are sorted: the shorter is looked up in the longer
            let (short, long) =
                if rows.len() < among.len() { (rows, among) } else { (among, rows) };
            found.extend(short.iter().filter(|it| long.binary_search(it).is_ok()));
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Lists of rows, each sorted, at which an actor has to be asked itself.
    fn each(&self, own_reach: &mut dyn FnMut(&str) -> Rc<[String]>, mut take: impl FnMut(&[u32])) {
        let mut is_granted = false;
        for (actions, _, rows) in &self.asked {
            for action in actions {
                let places = own_reach(action);
                is_granted |= !places.is_empty();
                places.iter().flat_map(|it| rows.at(it)).for_each(&mut take);
            }
        }
        if is_granted {
            // whoever is granted anything may be asked where nobody else is
            self.asked.iter().for_each(|it| take(it.2.anywhere()));
        }
    }
}

/// The rights of the actor that a need asks; false where it depends on more of the actor.
fn gather<'s>(need: &'s Need, access: &Access, found: &mut Vec<&'s Can>) -> bool {
    match need {
        Need::Can(can) => {
            if can.by == Role::Actor && !can.trusting {
                found.push(can);
            }
            can.actions.iter().all(|it| access.has_stand_ins(it)) && !names_actor(can)
        }
        Need::Any(any) => any.iter().all(|it| gather(it, access, found)),
        Need::Also { of, .. } => *of != Role::Actor,
        Need::Service { .. } | Need::Administrator => false,
    }
}

/// Whether what is asked about has to do with who asks.
fn names_actor(can: &Can) -> bool {
    let mut texts = can.with.values().chain([&can.on]);
    let names = ["{actor}", "{account}", "{partition}"];
    texts.any(|it| it == "actor" || names.iter().any(|name| it.contains(name)))
}
