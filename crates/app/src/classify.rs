//! Changing what is chosen of classifications: switching one on or off, giving it another level, writing one.
//!
//! It is a commit like any other: the new choices, and all that they change in what checks say that read marks.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use content::case::Match;
use content::{Classification, OWN_PREFIX};
use jiff::Timestamp;
use model::Criticality;
use posture::{Choice, Choices};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{At, AuditEntry, Committed, Lease};

use crate::kept::{About, CLASSIFICATIONS, Kept};
use crate::tenant::Tenant;

/// Classifications of its own that a tenant may have.
const MOST: usize = 500;

/// What is to be done with a classification; also the payload of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Choose {
    /// Its id.
    pub(crate) classification: String,
    pub(crate) deed: Deed,
}

/// What is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Deed {
    /// It is written, or written anew.
    Write(Box<Classification>),
    /// It is on or off, and gives this level; no level: its own.
    Set { on: bool, level: Option<Criticality> },
    /// It is no more.
    Delete,
}

impl Deed {
    fn word(&self) -> &'static str {
        match self {
            Self::Write(_) => "classification.write",
            Self::Set { .. } => "classification.set",
            Self::Delete => "classification.delete",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) committed: Committed,
    /// Assessments that were evaluated for it.
    pub(crate) n_evaluated: u64,
    /// Resources for which it holds.
    pub(crate) n_marked: usize,
}

impl Done {
    /// As the result of a job.
    pub(crate) fn to_json(self, choose: &Choose) -> Json {
        json!({
            "sequence": self.committed.seq,
            "classification": choose.classification,
            "matching": self.n_marked,
            "evaluated": self.n_evaluated,
        })
    }
}

/// What the choices will be. Looks whether it can be done; nothing changes.
pub(crate) async fn plan(
    kept: &Kept,
    tenant: &Tenant<'_>,
    choose: &Choose,
) -> anyhow::Result<Choices> {
    let id = choose.classification.as_str();
    let mut choices = kept.choices(At::Now).await?;
    match &choose.deed {
        Deed::Write(rule) => {
            ensure!(rule.id == id, "it is the classification `{}`", rule.id);
            let problems = tenant.library.own_classification_problems(rule);
            if !problems.is_empty() {
                bail!("`{id}` cannot be used: {}", problems.join("; "));
            }
            let rule: Arc<Classification> = Arc::new((**rule).clone());
            posture::try_rule(&tenant.library, &tenant.graph, &rule)
                .map_err(|problem| anyhow::anyhow!("`{id}`: `where`: {}", problem.message))?;
            choices.own.insert(id.to_owned(), rule);
            ensure!(choices.own.len() <= MOST, "there may be {MOST} classifications of your own");
        }
        Deed::Set { on, level } => {
            choices.rule(&tenant.library, id).with_context(|| missing(id))?;
            choices.set.insert(id.to_owned(), Choice { is_on: *on, level: *level });
        }
        Deed::Delete => {
            ensure!(id.starts_with(OWN_PREFIX), "`{id}` comes with Merlon: switch it off instead");
            choices.own.remove(id).with_context(|| missing(id))?;
            choices.set.remove(id);
        }
    }
    Ok(choices)
}

fn missing(id: &str) -> String {
    format!("there is no classification `{id}`")
}

/// Makes them count at once. A repeated `request` is the same commit. After an error the tenant is other than
/// what is stored: it is to be thrown away.
pub(crate) async fn act(
    kept: &Kept,
    lease: &Lease,
    tenant: &mut Tenant<'_>,
    (choose, choices): (&Choose, Choices),
    (now, request): (Timestamp, Option<String>),
) -> anyhow::Result<Done> {
    let id = choose.classification.as_str();
    let state = serde_json::to_vec(&choices).context("what is chosen of classifications")?;
    let before = tenant.choices.rule(&tenant.library, id);
    let before = before.map(|it| json!({ "on": it.is_on, "level": it.level }));
    let step = tenant.reclassify(choices, now);
    let n_evaluated = step.diff.n_evaluated;
    let about = About {
        kind: "content",
        summary: format!("{} {id}", choose.deed.word()),
        problems: &[],
        request,
        exemptions: Vec::new(),
        audit: vec![AuditEntry {
            action: choose.deed.word().to_owned(),
            object: id.to_owned(),
            detail: json!({ "deed": choose.deed, "before": before }),
        }],
        states: vec![(CLASSIFICATIONS, Some(state))],
    };
    let committed = kept.commit(lease, tenant, step, &about, now).await?;
    let outcomes = tenant.classifier.outcomes(&tenant.graph, id).unwrap_or_default();
    let n_marked = outcomes.iter().filter(|it| it.1 == Match::Match).count();
    Ok(Done { committed, n_evaluated, n_marked })
}
