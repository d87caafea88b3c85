//! What a tenant has chosen: which classifications are on, at what level, and those of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use content::{Classification, Library};
use model::Criticality;
use serde::{Deserialize, Serialize};

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
