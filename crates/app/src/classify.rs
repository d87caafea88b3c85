//! Changing what is chosen of classifications: switching one on or off, giving it another level, writing one.
//!
//! It is a commit like any other: the new choices, and all that they change in what checks say that read marks.

use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use content::case::Match;
use content::{Classification, OWN_PREFIX};
use jiff::{SignedDuration, Timestamp};
use model::Criticality;
use posture::{Choice, Choices, Chosen, Instant};
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
    /// What another Merlon chose is taken over where it wins; the id of the job's classification is [`ALL`].
    Merge(Vec<Chosen>),
}

impl Deed {
    fn word(&self) -> &'static str {
        match self {
            Self::Write(_) => "classification.write",
            Self::Set { .. } => "classification.set",
            Self::Delete => "classification.delete",
            Self::Merge(_) => "classification.merge",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) committed: Committed,
    /// Assessments that were evaluated for it.
    pub(crate) n_evaluated: u64,
    /// Resources for which it holds.
    pub(crate) n_marked: usize,
    /// The ids of what was taken over from another Merlon.
    pub(crate) taken: Vec<String>,
}

/// Stands for all classifications.
pub(crate) const ALL: &str = "*";
/// So far ahead of ours another clock may be: what it chooses in the future would win for ever.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(5);

impl Done {
    /// As the result of a job.
    pub(crate) fn to_json(&self, choose: &Choose) -> Json {
        if let Deed::Merge(all) = &choose.deed {
            return json!({
                "sequence": self.committed.seq,
                "told": all.len(),
                "taken": self.taken,
                "evaluated": self.n_evaluated,
            });
        }
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
    now: Timestamp,
) -> anyhow::Result<Choices> {
    let id = choose.classification.as_str();
    let mut choices = kept.choices(At::Now).await?;
    match &choose.deed {
        Deed::Write(rule) => {
            ensure!(rule.id == id, "it is the classification `{}`", rule.id);
            choices.own.insert(id.to_owned(), sound(tenant, rule)?);
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
        Deed::Merge(theirs) => {
            ensure!(id == ALL, "what is merged is not about one classification");
            let latest = now.saturating_add(MOST_AHEAD)?;
            for it in theirs {
                ensure!(it.at.0 <= latest, "`{}` was chosen in the future: {}", it.id, it.at.0);
                if let Some(rule) = &it.own {
                    ensure!(rule.id == it.id, "`{}` is the classification `{}`", it.id, rule.id);
                    sound(tenant, rule)?;
                }
                let is_of_library = tenant.library.classifications().any(|own| own.id == it.id);
                let is_of_people = it.id.starts_with(OWN_PREFIX);
                ensure!(is_of_library || is_of_people, "{}", missing(&it.id));
            }
            choices.merge(theirs);
        }
    }
    if id != ALL {
        choices.changed.insert(id.to_owned(), Instant(now));
    }
    ensure!(choices.own.len() <= MOST, "there may be {MOST} classifications of your own");
    Ok(choices)
}

/// A classification that people wrote, when it can be used.
fn sound(tenant: &Tenant<'_>, rule: &Classification) -> anyhow::Result<Arc<Classification>> {
    let (id, problems) = (&rule.id, tenant.library.own_classification_problems(rule));
    if !problems.is_empty() {
        bail!("`{id}` cannot be used: {}", problems.join("; "));
    }
    let rule: Arc<Classification> = Arc::new(rule.clone());
    posture::try_rule(&tenant.library, &tenant.graph, &rule)
        .map_err(|problem| anyhow::anyhow!("`{id}`: `where`: {}", problem.message))?;
    Ok(rule)
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
    let taken = taken(&tenant.choices, &choices, choose);
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
    Ok(Done { committed, n_evaluated, n_marked, taken })
}

/// The ids of which something else is chosen now, of what another Merlon told.
fn taken(before: &Choices, after: &Choices, choose: &Choose) -> Vec<String> {
    let Deed::Merge(told) = &choose.deed else { return Vec::new() };
    let (before, after) = (before.chosen(), after.chosen());
    let is_new = |id: &&str| {
        let of = |all: &[Chosen]| all.iter().find(|it| it.id == *id).cloned();
        of(&before) != of(&after)
    };
    told.iter().map(|it| it.id.as_str()).filter(is_new).map(str::to_owned).collect()
}
