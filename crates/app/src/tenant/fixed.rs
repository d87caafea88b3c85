//! What if these were fixed: scores and standings with some assessments counted as healthy.
//!
//! It goes the way of every other change: a decision that is nowhere on record, before all that are.

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use posture::{Category, Exemption, Exemptions, Place, ScopeLine, Score, StandingChange, Target};
use serde::Serialize;

use super::Tenant;

/// The number of a decision that was not made: lower than that of any recorded one, so that those
/// count before it. What a waiver takes out of the calculation stays out, fixed or not.
const NOT_RECORDED: u64 = 0;

/// What is assumed to be fixed: a check or a control, on one resource or everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    /// Id of a check or of a control.
    pub(crate) what: String,
    /// Id of a resource; `None`: wherever it is unhealthy.
    pub(crate) resource: Option<String>,
}

/// What a tenant would be if something were fixed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IfFixed {
    /// Unhealthy assessments that would count as healthy. What is unknown stays unknown.
    pub(crate) fixed: u64,
    /// The score over all scopes as it is; null when nothing was judged.
    pub(crate) before: Option<Score>,
    /// The score over all scopes as it would be.
    pub(crate) after: Option<Score>,
    /// The scopes whose score would change, with the points of each control that changes.
    pub(crate) scopes: Vec<ScopeLine>,
    /// The requirements whose state would change.
    pub(crate) standings: Vec<StandingChange>,
}

impl Fixed {
    /// `CHECK` or `CHECK@RESOURCE`; ids of resources may hold an `@`, those of checks do not.
    pub(crate) fn parse(text: &str) -> Self {
        let (what, resource) = match text.split_once('@') {
            Some((what, resource)) => (what, Some(resource.to_owned())),
            None => (text, None),
        };
        Self { what: what.to_owned(), resource }
    }
}

impl Tenant<'_> {
    /// What would be if `fixed` were fixed, as of the instant of the last commit. Nothing is stored,
    /// and the tenant stays as it is. Fails on a check or a resource that is not there.
    pub(crate) fn what_if_fixed(&self, fixed: &[Fixed]) -> anyhow::Result<IfFixed> {
        let now = self.ledger.now().context("nothing was judged yet")?;
        let recorded = self.ledger.exemptions().iter().cloned();
        let assumed: anyhow::Result<Vec<Exemption>> =
            fixed.iter().map(|it| self.assumed(it, now)).collect();
        let exemptions = Exemptions::new(assumed?.into_iter().chain(recorded).collect());
        let step = self.reconsider(Some(&exemptions), now);
        let is_fixed = |it: &&posture::ExemptionChange| {
            it.after.is_some_and(|(number, _)| number == NOT_RECORDED)
        };
        let n_fixed = step.diff.exempted.iter().filter(is_fixed).count() as u64;
        let report = self.report(&step);
        Ok(IfFixed {
            fixed: n_fixed,
            before: report.before,
            after: report.after,
            scopes: report.scopes,
            standings: report.standings,
        })
    }

    /// The decision that something counts as healthy.
    fn assumed(&self, it: &Fixed, now: Timestamp) -> anyhow::Result<Exemption> {
        let what = &it.what;
        let target = if self.library.check(what).is_some() {
            Target::Check(what.clone())
        } else {
            let is_control = self.library.controls().any(|it| it.id == *what);
            ensure!(is_control, "there is no check or control `{what}`");
            Target::Control(what.clone())
        };
        let place = match &it.resource {
            None => Place::Everywhere,
            Some(id) => {
                let found = self.find(id).and_then(|node| self.graph.id(node));
                Place::Resource(
                    found.with_context(|| format!("there is no resource `{id}`"))?.into(),
                )
            }
        };
        Ok(Exemption {
            number: NOT_RECORDED,
            category: Category::Mitigated,
            target,
            place,
            reason: String::new(),
            evidence: Vec::new(),
            approver: String::new(),
            from: now,
            until: None,
        })
    }
}
