//! The checks that people wrote, as a tenant is judged by them, and what they chose of classifications.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context as _;
use content::{Library, OwnCheck};
use posture::Choices;
use store::{At, PublishedChecks};

use super::Kept;
use crate::tenant::Tenant;

/// The checks that count, by id: the version, and what it says.
pub(crate) type Own = BTreeMap<String, (u64, OwnCheck)>;

/// Name of the state that says what is chosen of classifications.
pub(crate) const CLASSIFICATIONS: &str = "classifications";
/// Name of the state that says what was decided of single assets. It is not part of the other: it grows with the estate,
/// and is written anew only when somebody decides.
pub(crate) const ASSET_DECISIONS: &str = "assetDecisions";

impl Kept {
    /// Makes a tenant judge by the own checks that counted at a moment.
    pub(super) async fn judge_by_own(&self, tenant: &mut Tenant<'_>, at: At) -> anyhow::Result<()> {
        let published = self.store.published_checks(&self.access, at).await?;
        let own = self.own(&published, &tenant.own, &tenant.library).await?;
        tenant.judge_by(own);
        Ok(())
    }

    /// What was chosen of classifications at a moment.
    pub(crate) async fn choices(&self, at: At) -> anyhow::Result<Choices> {
        let state = self.store.state(&self.access, CLASSIFICATIONS, at).await?;
        let mut choices = match state {
            Some(state) => {
                serde_json::from_slice(&state).context("what was chosen of classifications")?
            }
            None => Choices::default(),
        };
        if let Some(state) = self.store.state(&self.access, ASSET_DECISIONS, at).await? {
            let decided = serde_json::from_slice(&state).context("what was decided of assets")?;
            choices.decided = Arc::new(decided);
        }
        Ok(choices)
    }

    /// The checks of a list that count; those of `known` need not be read again. One that does not fit the
    /// content any more is left out, and said.
    pub(crate) async fn own(
        &self,
        published: &PublishedChecks,
        known: &Own,
        library: &Library,
    ) -> anyhow::Result<Own> {
        let mut own = Own::new();
        for (id, it) in published.0.iter().filter(|(_, it)| it.is_on) {
            if let Some((_, check)) = known.get(id).filter(|known| known.0 == it.version) {
                own.insert(id.clone(), (it.version, check.clone()));
                continue;
            }
            let stored = self.store.custom_version(&self.access, id, it.version).await?;
            match library.read_own(&stored.text, &stored.cases) {
                Ok(check) => {
                    own.insert(id.clone(), (it.version, check));
                }
                Err(problems) => {
                    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    tracing::warn!("the check `{id}` does not count any more: {}", all.join("; "));
                }
            }
        }
        Ok(own)
    }
}
