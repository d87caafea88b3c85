//! Who was found to be granted something where: whom a row that is new can concern.

use std::sync::Arc;

use access::Reach;
use hashbrown::{HashMap, HashSet};

use super::Actor;

/// Actors by where they are granted what.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// The numbers of actions.
    numbers: HashMap<Arc<str>, usize>,
    at: HashMap<Arc<str>, HashMap<Actor, Actions>>,
    /// By action: who is not granted it at places alone.
    anywhere: HashMap<Arc<str>, HashSet<Actor>>,
    /// Under which of both an actor stands.
    places: HashMap<Actor, Vec<Arc<str>>>,
    actions: HashMap<Actor, Vec<Arc<str>>>,
}

/// Actions, by their numbers. Steps ask for some hundreds: a bit for each takes less than a list of them.
#[derive(Debug, Default)]
struct Actions {
    bits: Vec<u64>,
}

impl Actions {
    fn insert(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        if let Some(it) = self.bits.get_mut(word) {
            *it |= 1 << bit;
        }
    }

    fn contains(&self, number: usize) -> bool {
        self.bits.get(number / 64).is_some_and(|it| it >> (number % 64) & 1 == 1)
    }
}

impl Holders {
    /// Takes in where an actor may be granted an action.
    pub(super) fn note(&mut self, actor: Actor, action: &str, reach: &Reach) {
        match reach {
            Reach::Anywhere => {
                let all = self.anywhere.entry_ref(action).or_default();
                if all.insert(actor) {
                    self.actions.entry(actor).or_default().push(action.into());
                }
            }
            Reach::At(places) if places.is_empty() => {}
            Reach::At(places) => {
                let next = self.numbers.len();
                let number = *self.numbers.entry_ref(action).or_insert(next);
                for place in places {
                    self.note_at(actor, number, place);
                }
            }
        }
    }

    fn note_at(&mut self, actor: Actor, number: usize, place: &str) {
        let key = match self.at.get_key_value(place) {
            Some((key, _)) => Arc::clone(key),
            None => place.into(),
        };
        let here = self.at.entry(Arc::clone(&key)).or_default();
        let actions = here.entry(actor).or_insert_with(|| {
            self.places.entry(actor).or_default().push(key);
            Actions::default()
        });
        actions.insert(number);
    }

    /// Forgets an actor.
    pub(super) fn forget(&mut self, actor: Actor) {
        for place in self.places.remove(&actor).into_iter().flatten() {
            if let Some(here) = self.at.get_mut(&place) {
                here.remove(&actor);
            }
        }
        for action in self.actions.remove(&actor).into_iter().flatten() {
            if let Some(all) = self.anywhere.get_mut(&action) {
                all.remove(&actor);
            }
        }
    }

    /// Who may be granted an action at one of these places; perhaps others, too, but nobody is left out of those of whom
    /// that action was asked.
    pub(super) fn of<'a>(
        &'a self,
        action: &str,
        places: &'a [String],
    ) -> impl Iterator<Item = Actor> + 'a {
        let number = self.numbers.get(action).copied();
        let here = places.iter().filter_map(|it| self.at.get(it.as_str())).flatten();
        let named = here.filter(move |(_, it)| number.is_some_and(|number| it.contains(number)));
        named.map(|it| *it.0).chain(self.anywhere.get(action).into_iter().flatten().copied())
    }
}

#[cfg(test)]
mod tests {
    use access::Reach;
    use lang::NodeId;

    use super::Holders;
    use crate::derive::State;

    #[track_caller]
    fn check(all: &Holders, action: &str, place: &str, want: &[u32]) {
        let places = [place.to_owned()];
        let mut found: Vec<u32> = all.of(action, &places).map(|it| it.0.0).collect();
        found.sort_unstable();
        assert_eq!(found, want, "{action} at {place}");
    }

    #[test]
    fn holders_are_found_by_what_and_where() {
        let actor = |number: u32| (NodeId(number), State::Plain);
        let at = |places: &[&str]| Reach::At(places.iter().map(|it| (*it).to_owned()).collect());
        let mut all = Holders::default();
        all.note(actor(1), "read", &at(&["a", "b"]));
        all.note(actor(1), "write", &at(&["b"]));
        all.note(actor(2), "write", &at(&["a", "b"]));
        all.note(actor(3), "read", &Reach::Anywhere);
        for it in 0..200 {
            all.note(actor(4), &format!("other{it}"), &at(&["a"]));
        }
        check(&all, "read", "a", &[1, 3]);
        check(&all, "write", "b", &[1, 2]);
        check(&all, "other199", "a", &[4]);
        check(&all, "other199", "b", &[]);
        check(&all, "unheard-of", "a", &[]);
        all.forget(actor(1));
        all.forget(actor(3));
        check(&all, "read", "a", &[]);
        check(&all, "write", "b", &[2]);
    }
}
