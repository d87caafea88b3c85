//! Who was found to be granted something where: whom a row that is new can concern.

use std::sync::Arc;

use access::Reach;
use hashbrown::{HashMap, HashSet};

use super::Actor;

/// Actors by where they are granted something.
#[derive(Debug, Default)]
pub(super) struct Holders {
    at: HashMap<Arc<str>, HashSet<Actor>>,
    /// By action: who is not granted it at places alone.
    anywhere: HashMap<Arc<str>, HashSet<Actor>>,
    /// Under which of both an actor stands.
    places: HashMap<Actor, Vec<Arc<str>>>,
    actions: HashMap<Actor, Vec<Arc<str>>>,
}

impl Holders {
    /// Takes in where an actor may be granted an action.
    pub(super) fn note(&mut self, actor: Actor, action: &str, reach: &Reach) {
        match reach {
            Reach::Anywhere => {
                note(&mut self.anywhere, self.actions.entry(actor).or_default(), actor, action);
            }
            Reach::At(places) => {
                let own = self.places.entry(actor).or_default();
                for place in places {
                    note(&mut self.at, own, actor, place);
                }
            }
        }
    }

    /// Forgets an actor.
    pub(super) fn forget(&mut self, actor: Actor) {
        for (all, of) in [(&mut self.at, &mut self.places), (&mut self.anywhere, &mut self.actions)]
        {
            for key in of.remove(&actor).into_iter().flatten() {
                if let Some(actors) = all.get_mut(&key) {
                    actors.remove(&actor);
                }
            }
        }
    }

    /// Who may be granted an action at one of these places; perhaps others, too, but nobody is left out.
    pub(super) fn of<'a>(
        &'a self,
        action: &str,
        places: &'a [String],
    ) -> impl Iterator<Item = Actor> + 'a {
        let at = places.iter().filter_map(|it| self.at.get(it.as_str()));
        at.chain(self.anywhere.get(action)).flatten().copied()
    }
}

fn note(
    all: &mut HashMap<Arc<str>, HashSet<Actor>>,
    own: &mut Vec<Arc<str>>,
    actor: Actor,
    key: &str,
) {
    if all.get(key).is_some_and(|it| it.contains(&actor)) {
        return;
    }
    let key = match all.get_key_value(key) {
        Some((key, _)) => Arc::clone(key),
        None => key.into(),
    };
    all.entry(Arc::clone(&key)).or_default().insert(actor);
    own.push(key);
}
