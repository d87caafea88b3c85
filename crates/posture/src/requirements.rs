//! Which checks decide which requirements, so that a few changed counts change a few standings.

use std::collections::BTreeMap;

use content::Library;

use crate::stable_hash::StableHash;

/// One requirement of one standard.
#[derive(Debug)]
pub(crate) struct RequirementKey {
    pub(crate) standard: Box<str>,
    pub(crate) id: Box<str>,
    /// Ids of the checks that decide it.
    pub(crate) checks: Vec<Box<str>>,
}

/// All requirements that some check decides.
#[derive(Debug, Default)]
pub(crate) struct Requirements {
    pub(crate) all: Vec<RequirementKey>,
    by_check: BTreeMap<Box<str>, Vec<u32>>,
}

impl Requirements {
    pub(crate) fn new(library: &Library) -> Self {
        let mut mapped: BTreeMap<(&str, &str), Vec<Box<str>>> = BTreeMap::new();
        for check in library.checks() {
            for (standard, ids) in &check.standards {
                for id in ids {
                    let checks = mapped.entry((standard.as_str(), id.as_str())).or_default();
                    checks.push(check.id.as_str().into());
                }
            }
        }
        let mut found = Self::default();
        for ((standard, id), checks) in mapped {
            for check in &checks {
                found.by_check.entry(check.clone()).or_default().push(found.all.len() as u32);
            }
            found.all.push(RequirementKey { standard: standard.into(), id: id.into(), checks });
        }
        found
    }

    /// The requirements that a check decides, by position.
    pub(crate) fn of_check(&self, check: &str) -> &[u32] {
        self.by_check.get(check).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn hash_into(&self, hash: &mut StableHash) {
        for it in &self.all {
            hash.text(&it.standard);
            hash.text(&it.id);
            it.checks.iter().for_each(|check| hash.text(check));
        }
    }
}
