//! The rows of a step by the places at which somebody may be granted what it needs there.
//!
//! An actor is granted little, at few places; a step has a row for each resource of a sort. So rows are found
//! by what an actor is granted where, and not by asking at each of them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use access::{Access, Reach};
use content::step::{Can, Need, Role};
use hashbrown::HashMap;

use super::Actor;
use super::holders::Holders;
use super::names::Names;
use super::rows::Row;

/// The rows at which one need can be fulfilled, by places.
#[derive(Debug)]
pub(super) struct Narrow {
    /// Any of these will do.
    any: Vec<Choice>,
}

#[derive(Debug)]
struct Choice {
    action: Box<str>,
    /// What is asked about.
    on: Box<str>,
    rows: RowsByPlace,
}

/// Rows by place. Places are known by a hash alone: two with the same one make an actor be asked at too many rows,
/// which alters no answer.
#[derive(Debug, Default)]
pub(super) struct RowsByPlace {
    /// Sorted; the rows of a place stand together in `rows`, at the same numbers.
    places: Vec<u64>,
    rows: Vec<u32>,
    /// Rows that came later.
    added: HashMap<u64, Vec<u32>>,
    /// Those whose places are not told.
    anywhere: Vec<u32>,
}

fn hash(place: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    hasher.finish()
}

/// What the needs of a step narrow, as far as places tell.
pub(super) fn narrows(
    needs: &[Need],
    rows: &[Row],
    access: &Access,
    names: Names<'_>,
) -> Vec<Narrow> {
    let mut found = Vec::new();
    for need in needs {
        let mut choices = Vec::new();
        // An action of several will do: all of them are needed.
        if !gather(need, access, &mut choices) || choices.is_empty() {
            continue;
        }
        let any: Option<Vec<Choice>> = choices
            .into_iter()
            .map(|(can, action)| {
                let on: Box<str> = can.on.as_str().into();
                let rows = by_place(&on, action, (0..).zip(rows), access, names)?;
                Some(Choice { action: action.into(), on, rows })
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
pub(super) fn by_place<'r>(
    on: &str,
    action: &str,
    rows: impl Iterator<Item = (u32, &'r Row)>,
    access: &Access,
    names: Names<'_>,
) -> Option<RowsByPlace> {
    let mut found = RowsByPlace::default();
    let mut pairs: Vec<(u64, u32)> = Vec::new();
    for (number, row) in rows {
        let on = names.fill(on, None, row)?;
        match access.places(action, &on) {
            Some(places) => pairs.extend(places.iter().map(|it| (hash(it), number))),
            None => found.anywhere.push(number),
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    (found.places, found.rows) = pairs.into_iter().unzip();
    Some(found)
}

impl RowsByPlace {
    /// Takes in another row, at which `action` is asked about `on`. False where it depends on the actor what is asked
    /// about.
    pub(super) fn add(
        &mut self,
        (number, row): (u32, &Row),
        (action, on): (&str, &str),
        access: &Access,
        names: Names<'_>,
    ) -> bool {
        let Some(on) = names.fill(on, None, row) else { return false };
        match access.places(action, &on) {
            Some(places) => {
                for place in places {
                    self.added.entry(hash(&place)).or_default().push(number);
                }
            }
            None => self.anywhere.push(number),
        }
        true
    }

    /// Rows whose places are not told.
    pub(super) fn anywhere(&self) -> &[u32] {
        &self.anywhere
    }

    /// The rows of a place.
    pub(super) fn at(&self, place: &str) -> impl Iterator<Item = &[u32]> {
        let place = hash(place);
        let start = self.places.partition_point(|it| *it < place);
        let rest = self.places.get(start..).unwrap_or_default();
        let end = start + rest.partition_point(|it| *it == place);
        let added = self.added.get(&place).map(Vec::as_slice);
        self.rows.get(start..end).into_iter().chain(added)
    }
}

impl Narrow {
    /// Takes in another row. False where it depends on the actor what is asked about: then rows are not
    /// found by this.
    pub(super) fn add(
        &mut self,
        number: u32,
        row: &Row,
        access: &Access,
        names: Names<'_>,
    ) -> bool {
        let add = |it: &mut Choice| it.rows.add((number, row), (&it.action, &it.on), access, names);
        self.any.iter_mut().all(add)
    }

    /// Who may fulfil the need at a row, as far as `holders` were found out; `None`: everybody.
    pub(super) fn who(
        &self,
        row: &Row,
        access: &Access,
        names: Names<'_>,
        holders: &Holders,
    ) -> Option<Vec<Actor>> {
        let mut found = Vec::new();
        for it in &self.any {
            let on = names.fill(&it.on, None, row)?;
            let places = access.places(&it.action, &on)?;
            found.extend(holders.of(&it.action, &places));
        }
        Some(found)
    }

    /// The rows at which somebody may fulfil the need; `None`: all of them.
    pub(super) fn rows(&self, reach: &mut dyn FnMut(&str) -> Arc<Reach>) -> Option<Vec<&[u32]>> {
        let mut found: Vec<&[u32]> = Vec::new();
        for Choice { action, rows, .. } in &self.any {
            found.push(&rows.anywhere);
            match &*reach(action) {
                Reach::Anywhere => return None,
                Reach::At(places) => {
                    let lists = places.iter().flat_map(|it| rows.at(it));
                    found.extend(lists.filter(|it| !it.is_empty()));
                }
            }
        }
        Some(found)
    }
}
