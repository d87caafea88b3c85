//! Publishing, disabling and deleting a check that somebody wrote: by a command here, or as a job of the server.
//!
//! It is a commit like any other: the new list of checks that count, and all that it changes in verdicts, scores
//! and standings. Only what is new is judged.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use content::Check;
use jiff::Timestamp;
use lang::NodeId;
use posture::{MetaKeys, Score, Setting, Trial, Why};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{At, AuditEntry, Committed, Lease, Published, PublishedChecks};
use tokio::time::Instant;

use crate::kept::{About, Kept, Own};
use crate::tenant::Tenant;

/// Own checks that may count at a time.
const MOST: usize = 500;
/// How long a check may take on everything that is there before it is published.
const LONGEST_TRIAL: Duration = Duration::from_secs(20);
/// Steps that its condition may take on one resource then.
const MOST_STEPS: u64 = 20_000_000;

/// What is to be done with a check; also the payload of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Act {
    /// Its id.
    pub(crate) check: String,
    pub(crate) deed: Deed,
}

/// What is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Deed {
    /// The version with this number counts from now on, whichever did before.
    Publish(u64),
    /// It does not count any more, and stays with its versions.
    Disable,
    /// It does not count any more, and is shown no more.
    Delete,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub(crate) committed: Committed,
    /// Assessments that were evaluated for it.
    pub(crate) n_evaluated: u64,
    /// What the check found.
    pub(crate) counts: posture::VerdictCounts,
    /// The score before and after.
    pub(crate) score: (Option<Score>, Option<Score>),
}

impl Done {
    /// As the result of a job.
    pub(crate) fn to_json(self, act: &Act) -> Json {
        let version = if let Deed::Publish(version) = act.deed { Some(version) } else { None };
        json!({
            "sequence": self.committed.seq,
            "check": act.check,
            "version": version,
            "evaluated": self.n_evaluated,
            "found": self.counts,
            "score": { "before": self.score.0, "after": self.score.1 },
        })
    }
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Self::Publish(_) => "check.publish",
            Self::Disable => "check.disable",
            Self::Delete => "check.delete",
        }
    }
}

/// What is to be committed.
#[derive(Debug)]
pub(crate) struct Plan {
    published: PublishedChecks,
    own: Own,
    before: Option<Published>,
}

/// Looks whether it can be done; nothing changes.
pub(crate) async fn plan(kept: &Kept, tenant: &Tenant<'_>, act: &Act) -> anyhow::Result<Plan> {
    let id = act.check.as_str();
    let mut published = kept.store.published_checks(&kept.access, At::Now).await?;
    let before = published.0.get(id).copied();
    match act.deed {
        Deed::Publish(version) => {
            must_be_sound(kept, tenant, id, version).await?;
            published.0.insert(id.to_owned(), Published { version, is_on: true });
            let n_on = published.0.values().filter(|it| it.is_on).count();
            ensure!(n_on <= MOST, "{MOST} checks of your own may count at a time");
        }
        Deed::Disable => {
            let before = before.with_context(|| format!("`{id}` was never published"))?;
            published.0.insert(id.to_owned(), Published { is_on: false, ..before });
        }
        Deed::Delete => {
            published.0.remove(id);
        }
    }
    let own = kept.own(&published, &tenant.own, &tenant.library).await?;
    Ok(Plan { published, own, before })
}

/// Makes it count at once. A repeated `request` is the same commit. After an error the tenant is other than what
/// is stored: it is to be thrown away.
pub(crate) async fn act(
    kept: &Kept,
    lease: &Lease,
    tenant: &mut Tenant<'_>,
    (act, plan): (&Act, Plan),
    (now, request): (Timestamp, Option<String>),
) -> anyhow::Result<Done> {
    let id = act.check.as_str();
    tenant.judge_by(plan.own);
    let step = tenant.reconsider(None, now);
    let (score, n_evaluated) = (step.diff.score, step.diff.n_evaluated);
    let version = if let Deed::Publish(version) = act.deed { Some(version) } else { None };
    let before = plan.before.map(|it| json!({ "version": it.version, "isOn": it.is_on }));
    let about = About {
        kind: "content",
        summary: format!("{} {id}", act.deed.word()),
        problems: &[],
        request,
        exemptions: Vec::new(),
        audit: vec![AuditEntry {
            action: act.deed.word().to_owned(),
            object: id.to_owned(),
            detail: json!({ "version": version, "before": before }),
        }],
        states: vec![plan.published.to_state()],
    };
    let committed = kept.commit(lease, tenant, step, &about, now).await?;
    if act.deed == Deed::Delete {
        withdraw(kept, id, now).await?;
    }
    let counts = tenant.ledger.counts(id).effective;
    Ok(Done { committed, n_evaluated, counts, score })
}

/// Refuses to publish what cannot be run, or what its own cases contradict.
async fn must_be_sound(
    kept: &Kept,
    tenant: &Tenant<'_>,
    id: &str,
    version: u64,
) -> anyhow::Result<()> {
    let stored = kept.store.custom_version(&kept.access, id, version).await?;
    ensure!(!stored.text.is_empty(), "version {version} of `{id}` is empty: it was deleted");
    let graph = Some(&tenant.graph);
    let problems = match tenant.library.read_own(&stored.text, &stored.cases) {
        Ok(own) => {
            ensure!(own.check.id == id, "the text is of the check `{}`", own.check.id);
            let mut found: Vec<String> =
                posture::check_text_problems(&tenant.library, graph, &own.check, &stored.text)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
            let schema = posture::LibrarySchema::new(&tenant.library);
            let report = posture::case_report(&tenant.library, &schema, &own.check, &own.cases);
            for case in report.cases {
                let name = case.name;
                found.extend(case.problems.into_iter().map(|it| format!("case `{name}`: {it}")));
            }
            found
        }
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    if !problems.is_empty() {
        bail!("`{id}` cannot be published: {}", problems.join("; "));
    }
    let own = tenant.library.read_own(&stored.text, &stored.cases);
    let Ok(own) = own else { bail!("`{id}` is no check any more") };
    must_be_quick(tenant, &own.check)
}

/// Refuses a check that would make every import slow: it is tried on what is there, with less than what the checks
/// of the program may use.
fn must_be_quick(tenant: &Tenant<'_>, check: &Arc<Check>) -> anyhow::Result<()> {
    let end = Instant::now() + LONGEST_TRIAL;
    let limits = graph::Limits {
        steps: MOST_STEPS,
        is_over: Some(Arc::new(move || Instant::now() > end)),
        ..graph::Limits::default()
    };
    let graph = &tenant.graph;
    let now = tenant.ledger.now().unwrap_or_else(crate::when::now);
    let setting = Setting::at(now).with_limits(limits);
    let trial = Trial::new(&tenant.library, check, graph, &setting);
    let trial = trial.map_err(|message| anyhow::anyhow!("{message}"))?;
    let meta = MetaKeys::new(graph);
    let is_its = |node: &NodeId| {
        let kind = meta.kind_and_scope(graph, *node).map(|it| it.0);
        kind.is_some_and(|kind| check.all_kinds().any(|it| it == kind))
    };
    for (node, _, why) in trial.judge(graph.nodes().filter(is_its)) {
        ensure!(
            why != Some(Why::Failed),
            "`{}` takes too long, or has no value, on `{}`: make its condition simpler",
            check.id,
            graph.id(node).unwrap_or_default()
        );
    }
    Ok(())
}

/// The last version of a check that is deleted has no text. Nothing happens when that is so already.
async fn withdraw(kept: &Kept, id: &str, now: Timestamp) -> anyhow::Result<()> {
    let versions = kept.store.custom_versions(&kept.access, id).await?;
    if let Some(last) = versions.last().filter(|it| !it.text.is_empty()) {
        kept.store.add_custom(&kept.access, now, last.version, (id, "", "")).await?;
    }
    Ok(())
}
