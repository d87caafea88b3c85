//! Decisions that change how assessments count: recorded, and effective at once.

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use posture::{Category, Exemption, Exemptions, Place, Score, Target};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{AuditEntry, Committed, Lease};

use crate::exemption::to_store;
use crate::kept::{About, Kept};
use crate::report::single_line;
use crate::tenant::Tenant;

/// What is wished for; also the payload of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Wish {
    /// A new exemption.
    Add(NewExemption),
    /// The end of the exemption with this number, now.
    End(u64),
}

/// An exemption that is yet to get its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewExemption {
    pub(crate) category: Category,
    pub(crate) target: Target,
    pub(crate) place: Place,
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    pub(crate) approver: String,
    /// The first instant at which it no longer counts.
    #[serde(default)]
    pub(crate) until: Option<String>,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    pub(crate) committed: Committed,
    /// Of the exemption.
    pub(crate) number: u64,
    /// Assessments that count otherwise.
    pub(crate) n_counted: usize,
    /// The score before and after.
    pub(crate) score: (Option<Score>, Option<Score>),
}

impl Decided {
    /// As the result of a job.
    pub(crate) fn to_json(self) -> Json {
        json!({
            "sequence": self.committed.seq,
            "exemption": self.number,
            "assessments": self.n_counted,
            "score": { "before": self.score.0, "after": self.score.1 },
        })
    }
}

impl Wish {
    /// What is decided, as an exemption with its number; the word for the audit log beside it.
    fn decision(
        &self,
        tenant: &Tenant<'_>,
        known: &Exemptions,
        now: Timestamp,
    ) -> anyhow::Result<(&'static str, Exemption)> {
        match self {
            Self::End(number) => {
                let found = known.iter().find(|it| it.number == *number);
                let mut ended =
                    found.with_context(|| format!("there is no exemption {number}"))?.clone();
                ensure!(
                    ended.until.is_none_or(|until| until > now),
                    "exemption {number} has ended already"
                );
                ended.until = Some(now);
                Ok(("exemption.end", ended))
            }
            Self::Add(new) => {
                let number = known.iter().map(|it| it.number).max().unwrap_or(0) + 1;
                Ok(("exemption.add", new.numbered(number, tenant, now)?))
            }
        }
    }
}

impl NewExemption {
    fn numbered(
        &self,
        number: u64,
        tenant: &Tenant<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Exemption> {
        let until: Option<Timestamp> = self.until.as_deref().map(str::parse).transpose()?;
        ensure!(until.is_none_or(|it| it > now), "the end of the exemption is not in the future");
        ensure!(!self.reason.trim().is_empty(), "an exemption needs a reason");
        ensure!(!self.approver.trim().is_empty(), "an exemption needs an approver");
        ensure!(
            self.target != Target::Everything || self.place != Place::Everywhere,
            "say what is exempt: a check, a control, a resource or a scope"
        );
        let library = &tenant.library;
        match &self.target {
            Target::Check(id) => ensure!(library.check(id).is_some(), "there is no check `{id}`"),
            Target::Control(id) => {
                let is_there = library.controls().any(|it| it.id == *id);
                ensure!(is_there, "there is no control `{id}`");
            }
            Target::Everything => {}
        }
        let mut place = self.place.clone();
        if let Place::Resource(id) | Place::Scope(id) = &mut place {
            let found = tenant.find(id).and_then(|it| tenant.graph.id(it));
            // As it is spelled where it is looked for.
            *id =
                found.with_context(|| format!("there is no resource or scope `{id}`"))?.to_owned();
        }
        Ok(Exemption {
            number,
            category: self.category,
            target: self.target.clone(),
            place,
            reason: self.reason.clone(),
            evidence: self.evidence.clone(),
            approver: self.approver.clone(),
            from: now,
            until,
        })
    }
}

/// Records a decision and makes it count at once. A repeated `request` is the same decision.
pub(crate) async fn decide(
    kept: &Kept,
    lease: &Lease,
    tenant: &mut Tenant<'_>,
    wish: &Wish,
    (now, request): (Timestamp, Option<String>),
) -> anyhow::Result<Decided> {
    let known = crate::exemption::all(kept, store::At::Now).await?;
    let (action, decision) = wish.decision(tenant, &known, now)?;
    let number = decision.number;
    let others = known.iter().filter(|it| it.number != number).cloned();
    let after = Exemptions::new(others.chain([decision.clone()]).collect());
    let step = tenant.reconsider(Some(&after), now);
    let (score, n_counted) = (step.diff.score, step.diff.exempted.len());
    let (_, record) = to_store(&decision);
    let about = About {
        kind: "exemption",
        summary: format!("{action} {number}: {}", single_line(&decision.reason)),
        problems: &[],
        request,
        audit: vec![AuditEntry {
            action: action.to_owned(),
            object: number.to_string(),
            detail: record.as_ref().map(|it| it.body.clone()).unwrap_or_default(),
        }],
        exemptions: vec![(number.to_string(), record)],
        states: Vec::new(),
    };
    let committed = kept.commit(lease, tenant, step, &about, now).await?;
    Ok(Decided { committed, number, n_counted, score })
}
