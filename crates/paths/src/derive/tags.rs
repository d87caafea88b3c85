//! Tags that somebody may set or take away, where something else needs them otherwise than they are.
//!
//! Whoever may tag a resource, or itself, makes conditions on tags hold. Who may is asked only for the tags
//! that were found to make a difference, after everything else: setting tags gains nothing by itself.

use access::{NO_VALUE, OWN_TAG, TAG};
use content::step::Hold;
use hashbrown::HashMap;
use lang::NodeId;

use super::needs::Rows;
use super::rows::Plan;
use super::{Actor, Deriving, Held, INTERNET, State, What};
use crate::attack::{Position, Shut};

/// A tag, and what it is set to; `None` where it is taken away.
pub type Tag = (String, Option<String>);

/// Tags by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Tags {
    tags: Vec<Tag>,
    numbers: HashMap<Tag, u32>,
}

impl Tags {
    pub(super) fn get(&self, number: u32) -> Option<&Tag> {
        self.tags.get(number as usize)
    }

    /// What is held by whoever makes this change of the resource, or of the actor; `None` where it is neither.
    pub(super) fn held(
        &mut self,
        (key, value): &(String, String),
        on: Option<NodeId>,
        by: NodeId,
    ) -> Option<Held> {
        let (node, name) = match (key.strip_prefix(TAG), key.strip_prefix(OWN_TAG)) {
            (Some(name), _) => (on?, name),
            (None, name) => (by, name?),
        };
        let tag: Tag = (name.to_owned(), (value != NO_VALUE).then(|| value.clone()));
        let hold = if tag.1.is_some() { Hold::Tag } else { Hold::Untag };
        let number = self.numbers.get(&tag).copied().unwrap_or_else(|| {
            let number = self.tags.len() as u32;
            self.tags.push(tag.clone());
            self.numbers.insert(tag, number);
            number
        });
        Some(Held { node, hold, state: State::Tag(number) })
    }
}

/// Whether setting or taking away tags is what a step gives.
pub(super) fn gives_tags(plan: &Plan) -> bool {
    matches!(plan.gain.0, Hold::Tag | Hold::Untag)
}

impl Deriving<'_> {
    /// Who may change tags that edges need changed.
    pub(super) fn tags(&mut self, plans: &[Plan]) {
        let mut wanted: HashMap<(NodeId, Hold), Vec<u32>> = HashMap::new();
        for position in &self.tagged {
            let Some(it) = self.positions.get(*position as usize) else { continue };
            if let State::Tag(number) = it.state
                && self.is_needed(*position)
            {
                wanted.entry((it.node, it.hold)).or_default().push(number);
            }
        }
        if wanted.is_empty() {
            return;
        }
        // At which rows of which step a tag is wanted.
        let wanting: Vec<(&Plan, Vec<u32>)> = plans
            .iter()
            .filter(|it| gives_tags(it))
            .map(|plan| {
                let rows = plan.rows();
                let rows = rows.filter(|(_, row)| wanted.contains_key(&(row.to, plan.gain.0)));
                (plan, rows.map(|(number, _)| number).collect())
            })
            .collect();
        let mut actors: Vec<Actor> = self.seen.iter().collect();
        actors.retain(|it| it.0 != INTERNET);
        actors.sort_unstable();
        for (at, actor) in actors.iter().enumerate() {
            if self.estate.is_over() {
                let n = actors.len() - at;
                self.tell(format!(
                    "time was over: of {n} identities it was not asked what they tag"
                ));
                return;
            }
            self.tags_of(*actor, &wanting, &wanted);
        }
    }

    /// Whether an edge needs a position, as far as is known: while all is derived, each is needed.
    fn is_needed(&self, position: Position) -> bool {
        let open = Shut::of(false);
        self.changing().is_none_or(|graph| {
            graph.outs(position, open).next().is_some()
                || graph.joints_of(position, open).next().is_some()
        })
    }

    fn tags_of(
        &mut self,
        actor: Actor,
        wanting: &[(&Plan, Vec<u32>)],
        wanted: &HashMap<(NodeId, Hold), Vec<u32>>,
    ) {
        let asked = self.asker.actor(actor);
        for (plan, numbers) in wanting.iter().filter(|it| !it.1.is_empty()) {
            let may = match self.asker.rows(plan, &asked) {
                Rows::All => None,
                Rows::These(rows) => Some(rows),
            };
            let is_asked = |it: &u32| may.as_ref().is_none_or(|all| all.binary_search(it).is_ok());
            for number in numbers.iter().filter(|it| is_asked(it)) {
                let Some(row) = plan.row(*number) else { continue };
                if asked.is_administrator && self.asker.is_at_home(&asked, row.to) {
                    continue;
                }
                for tag in wanted.get(&(row.to, plan.gain.0)).into_iter().flatten() {
                    self.asker.sets(Some(*tag));
                    let ways = self.asker.ways(plan, actor, row, &mut self.facts);
                    self.asker.sets(None);
                    let what = What::Tag { step: plan.number, tag: *tag };
                    let gain = Held { node: row.to, hold: plan.gain.0, state: State::Tag(*tag) };
                    self.edge(plan, (actor, what), row, gain, ways);
                }
            }
        }
    }
}
