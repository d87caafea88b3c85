//! What a tenant has chosen: which classifications are on, at what level, and those of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use content::{Classification, Library, OWN_PREFIX};
use jiff::Timestamp;
use model::Criticality;
use serde::{Deserialize, Serialize};

use super::decisions::Decisions;

/// What a tenant says about classifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choices {
    /// Those that its people wrote, by id.
    #[serde(default, with = "shared")]
    pub own: BTreeMap<String, Arc<Classification>>,
    /// What differs from what a classification says itself, by its id.
    #[serde(default)]
    pub set: BTreeMap<String, Choice>,
    /// When each was chosen last, by its id; also of those of its own that were deleted. Missing for what was chosen
    /// before this was kept.
    #[serde(default)]
    pub changed: BTreeMap<String, Instant>,
    /// What was decided of single assets. It concerns the assets of this tenant: it is kept beside the choices, and no
    /// other Merlon is told of it.
    #[serde(skip)]
    pub decided: Arc<Decisions>,
}

/// An instant, written as RFC 3339.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(pub Timestamp);

impl TryFrom<String> for Instant {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

impl From<Instant> for String {
    fn from(it: Instant) -> Self {
        it.0.to_string()
    }
}

/// What is chosen of one classification, as two Merlons tell it to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chosen {
    /// The classification.
    pub id: String,
    /// When it was chosen.
    pub at: Instant,
    /// What it says, of one that people wrote; `None`: it comes with Merlon, or was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Box<Classification>>,
    /// What differs from what it says itself; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
}

impl Chosen {
    /// Whether it says that a classification that people wrote is no more.
    pub fn is_deleted(&self) -> bool {
        self.id.starts_with(OWN_PREFIX) && self.own.is_none()
    }

    /// What is kept of two that say otherwise: what was chosen later; at the same instant the higher level, what is on
    /// rather than off, and at last the greater text, so that both sides keep the same.
    fn wins_over(&self, other: &Self) -> bool {
        let key = |it: &Self| {
            let choice = it.choice.unwrap_or_default();
            let level = choice.level.or(it.own.as_ref().map(|own| own.level));
            let text = serde_json::to_string(it).unwrap_or_default();
            (it.at, level, choice.is_on, text)
        };
        key(self) > key(other)
    }
}

/// What is chosen for one classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choice {
    /// Whether it marks anything.
    pub is_on: bool,
    /// Its level; `None`: its own.
    pub level: Option<Criticality>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { is_on: true, level: None }
    }
}

/// A classification as it counts for a tenant.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it says itself.
    pub classification: Arc<Classification>,
    /// The level that it gives.
    pub level: Criticality,
    /// Whether it marks anything.
    pub is_on: bool,
    /// Whether people of the tenant wrote it.
    pub is_own: bool,
}

impl Choices {
    /// All classifications, those of the library first, by id.
    pub fn rules<'c>(&'c self, library: &'c Library) -> impl Iterator<Item = Rule> + 'c {
        let predefined = library.classifications().map(|it| (it, false));
        let all = predefined.chain(self.own.values().map(|it| (it, true)));
        all.map(|(it, is_own)| {
            let choice = self.set.get(&it.id).copied().unwrap_or_default();
            let level = choice.level.unwrap_or(it.level);
            Rule { classification: Arc::clone(it), level, is_on: choice.is_on, is_own }
        })
    }

    /// Everything that was chosen, by id: what another Merlon takes to choose the same.
    pub fn chosen(&self) -> Vec<Chosen> {
        let ids = self.own.keys().chain(self.set.keys()).chain(self.changed.keys());
        let ids: BTreeSet<&String> = ids.collect();
        ids.into_iter().map(|id| self.chosen_of(id)).collect()
    }

    fn chosen_of(&self, id: &str) -> Chosen {
        Chosen {
            id: id.to_owned(),
            at: self.changed.get(id).copied().unwrap_or_default(),
            own: self.own.get(id).map(|it| Box::new((**it).clone())),
            choice: self.set.get(id).copied().filter(|it| *it != Choice::default()),
        }
    }

    /// Takes over what another Merlon chose, where it wins over what is chosen here. Gives the ids that were taken.
    ///
    /// Whatever is merged how often and in what order, all sides come to the same.
    pub fn merge(&mut self, theirs: &[Chosen]) -> Vec<String> {
        let mut taken = Vec::new();
        for it in theirs {
            let is_known = self.own.contains_key(&it.id)
                || self.set.contains_key(&it.id)
                || self.changed.contains_key(&it.id);
            let ours = self.chosen_of(&it.id);
            if is_known && !it.wins_over(&ours) {
                continue;
            }
            match &it.own {
                Some(own) => drop(self.own.insert(it.id.clone(), Arc::new((**own).clone()))),
                None => drop(self.own.remove(&it.id)),
            }
            match it.choice {
                Some(choice) => drop(self.set.insert(it.id.clone(), choice)),
                None => drop(self.set.remove(&it.id)),
            }
            self.changed.insert(it.id.clone(), it.at);
            taken.push(it.id.clone());
        }
        taken
    }

    /// The classification with this id, as it counts.
    pub fn rule(&self, library: &Library, id: &str) -> Option<Rule> {
        self.rules(library).find(|it| it.classification.id == id)
    }
}

/// Classifications are shared in memory and written out in full.
mod shared {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use content::Classification;
    use serde::{Deserialize as _, Deserializer, Serializer};

    type All = BTreeMap<String, Arc<Classification>>;

    pub(super) fn serialize<S: Serializer>(all: &All, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(all.iter().map(|(id, it)| (id, &**it)))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<All, D::Error> {
        let all = BTreeMap::<String, Classification>::deserialize(deserializer)?;
        Ok(all.into_iter().map(|(id, it)| (id, Arc::new(it))).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_chosen() -> impl Strategy<Value = Chosen> {
        let level = prop::sample::select(Criticality::ALL.to_vec());
        let choice = (any::<bool>(), prop::option::of(level.clone()));
        let choice = choice.prop_map(|(is_on, level)| Choice { is_on, level });
        (0_usize..4, 0_i64..3, prop::option::of(level), prop::option::of(choice)).prop_map(
            |(number, second, level, choice)| {
                let id = ["own.a", "own.b", "aws.critical.x", "aws.critical.y"][number];
                let own = level.filter(|_| id.starts_with(OWN_PREFIX)).map(|level| {
                    let rule = json!({
                        "id": id, "title": "t", "description": "d", "since": "1", "level": level,
                        "assets": "device", "kind": "k", "where": "true",
                    });
                    serde_json::from_value(rule).unwrap()
                });
                let choice = choice.filter(|it| *it != Choice::default());
                let at = Instant(Timestamp::from_second(second).unwrap());
                Chosen { id: id.to_owned(), at, own, choice }
            },
        )
    }

    fn of(all: &[Chosen]) -> Choices {
        let mut choices = Choices::default();
        choices.merge(all);
        choices
    }

    proptest! {
        /// Two that tell each other what they chose say the same afterwards, and telling it again changes nothing.
        #[test]
        fn both_sides_come_to_the_same(
            ours in prop::collection::vec(any_chosen(), 0..6),
            theirs in prop::collection::vec(any_chosen(), 0..6),
        ) {
            let (mut a, mut b) = (of(&ours), of(&theirs));
            let (told_by_a, told_by_b) = (a.chosen(), b.chosen());
            a.merge(&told_by_b);
            b.merge(&told_by_a);
            prop_assert_eq!(a.chosen(), b.chosen());
            prop_assert_eq!(a.merge(&b.chosen()), Vec::<String>::new());
            // in whatever order it comes in
            let mut all: Vec<Chosen> = ours.iter().chain(&theirs).cloned().collect();
            let one_way = of(&all).chosen();
            all.reverse();
            prop_assert_eq!(&of(&all).chosen(), &one_way);
            prop_assert_eq!(&a.chosen(), &one_way);
        }
    }

    /// Of these two the second is kept, whichever comes first.
    #[track_caller]
    fn check(a: &Chosen, b: &Chosen) {
        for both in [[a, b], [b, a]] {
            assert_eq!(&of(&both.map(Chosen::clone)).chosen()[0], b);
        }
    }

    #[test]
    fn what_was_chosen_later_counts() {
        let set = |second, is_on, level| Chosen {
            id: "aws.critical.x".to_owned(),
            at: Instant(Timestamp::from_second(second).unwrap()),
            own: None,
            choice: Some(Choice { is_on, level }),
        };
        let high = set(1, true, Some(Criticality::High));
        check(&high, &set(2, false, None));
        // at the same instant the higher level, then what is on
        check(&set(1, true, Some(Criticality::Low)), &high);
        check(&set(1, false, Some(Criticality::High)), &high);
    }
}
