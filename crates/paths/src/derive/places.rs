//! The rows of a step by the places at which somebody may be granted what it needs there.
//!
//! An actor is granted little, at few places; a step has a row for each resource of a sort. So rows are found
//! by what an actor is granted where, and not by asking at each of them.

use std::sync::Arc;

use access::{Access, Reach};
use content::step::{Can, Need, Role};
use hashbrown::HashMap;

use super::names::Names;
use super::rows::Row;

/// The rows at which one need can be fulfilled, by places.
#[derive(Debug)]
pub(super) struct Narrow<'a> {
    /// Any of these will do.
    any: Vec<Choice<'a>>,
}

#[derive(Debug)]
struct Choice<'a> {
    action: &'a str,
    rows: RowsByPlace,
}

/// Rows by place.
#[derive(Debug, Default)]
struct RowsByPlace {
    at: HashMap<Box<str>, Vec<u32>>,
    /// Those whose places are not told.
    anywhere: Vec<u32>,
}

/// What the needs of a step narrow, as far as places tell.
pub(super) fn narrows<'a>(
    needs: &'a [Need],
    rows: &[Row],
    access: &Access,
    names: Names<'_>,
) -> Vec<Narrow<'a>> {
    let mut found = Vec::new();
    for need in needs {
        let mut choices = Vec::new();
        // An action of several will do: all of them are needed.
        if !gather(need, access, &mut choices) || choices.is_empty() {
            continue;
        }
        let any: Option<Vec<Choice<'a>>> = choices
            .into_iter()
            .map(|(can, action)| {
                Some(Choice { action, rows: by_place(can, action, rows, access, names)? })
            })
            .collect();
        found.extend(any.map(|any| Narrow { any }));
    }
    found
}

/// The rights of which one is needed, with an action each; false where it may go without any.
fn gather<'a>(need: &'a Need, access: &Access, found: &mut Vec<(&'a Can, &'a str)>) -> bool {
    match need {
        Need::Can(can) if can.by == Role::Actor && !can.trusting => {
            let action = can.actions.iter().find(|it| access.has_places(it));
            found.extend(action.map(|it| (can, it.as_str())));
            action.is_some()
        }
        Need::Any(any) => any.iter().all(|it| gather(it, access, found)),
        _ => false,
    }
}

/// `None` where it depends on the actor what is asked about.
fn by_place(
    can: &Can,
    action: &str,
    rows: &[Row],
    access: &Access,
    names: Names<'_>,
) -> Option<RowsByPlace> {
    let mut found = RowsByPlace::default();
    for (number, row) in (0_u32..).zip(rows) {
        let on = names.fill(&can.on, None, row)?;
        match access.places(action, &on) {
            None => found.anywhere.push(number),
            Some(places) => {
                for place in places {
                    let rows = found.at.entry_ref(place.as_str()).or_default();
                    rows.push(number);
                }
            }
        }
    }
    Some(found)
}

impl<'a> Narrow<'a> {
    /// The rows at which somebody may fulfil the need; `None`: all of them.
    pub(super) fn rows(&self, reach: &mut dyn FnMut(&'a str) -> Arc<Reach>) -> Option<Vec<&[u32]>> {
        let mut found: Vec<&[u32]> = Vec::new();
        for Choice { action, rows } in &self.any {
            found.push(&rows.anywhere);
            match &*reach(action) {
                Reach::Anywhere => return None,
                Reach::At(places) => {
                    let lists = places.iter().filter_map(|it| rows.at.get(it.as_str()));
                    found.extend(lists.map(Vec::as_slice));
                }
            }
        }
        Some(found)
    }
}
