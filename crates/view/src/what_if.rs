//! What if: the state with other decisions, or with something fixed, as a caller would see it.
//!
//! Nothing is stored and nobody waits: the answer is judged on the view itself, as of its instant.

use std::collections::BTreeMap;

use lang::NodeId;
use model::Verdict;
use posture::{
    Base, Category, Delta, Exemption, Exemptions, Place, RequirementState, ScopeLine, ScopeScore,
    Score, ScoreChange, StandingChange, Target, assess,
};
use serde::Serialize;

use crate::sight::Sight;
use crate::view::{Parts, Touched, View};

/// Changed assessments that are listed; all are counted.
const MAX_LINES: usize = 1000;

/// The number of a decision that was not made: lower than that of any recorded one, so that those
/// count before it. What a waiver takes out of the calculation stays out, fixed or not.
const NOT_RECORDED: u64 = 0;

/// What is assumed to be fixed: a check or a control, on one resource or everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// Id of a check or of a control.
    pub what: String,
    /// Id of a resource; `None`: wherever it is unhealthy.
    pub resource: Option<String>,
}

impl Fixed {
    /// `CHECK` or `CHECK@RESOURCE`; ids of resources may hold an `@`, those of checks do not.
    pub fn parse(text: &str) -> Self {
        let (what, resource) = match text.split_once('@') {
            Some((what, resource)) => (what, Some(resource.to_owned())),
            None => (text, None),
        };
        Self { what: what.to_owned(), resource }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// The id is of no check and no control.
    #[error("there is no check or control `{0}`")]
    NoCheck(String),
    /// The id is of no resource that the caller sees.
    #[error("there is no resource `{0}`")]
    NoResource(String),
}

/// What would be otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Otherwise {
    /// Assessments that would count otherwise than now.
    pub changed: u64,
    /// Of these, the unhealthy ones that would count as healthy. What is unknown stays unknown.
    pub fixed: u64,
    /// The first of them, by severity, check and resource: at most 1,000.
    pub assessments: Vec<ChangedLine>,
    /// The score of what the caller sees as it is; null when nothing was judged.
    pub before: Option<Score>,
    /// The score as it would be.
    pub after: Option<Score>,
    /// The scopes whose score would change, with the points of each control that changes.
    pub scopes: Vec<ScopeLine>,
    /// The requirements whose state would change.
    pub standings: Vec<StandingChange>,
}

/// An assessment that would count otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedLine {
    /// The check's id.
    pub check: String,
    /// The resource's id.
    pub resource: String,
    /// Its name.
    pub name: String,
    /// What it counts as; null when it has left the calculation.
    pub before: Option<Verdict>,
    /// What it would count as.
    pub after: Option<Verdict>,
}

impl View {
    /// The view as it would be with these exemptions instead of those that are recorded.
    #[must_use]
    pub fn supposing(&self, exemptions: &Exemptions) -> Self {
        let nothing = graph::Delta::new(&self.graph);
        let next = self.sequence() + 1;
        let delta = Delta::changes(&self.graph, &nothing, &self.assessor, &self.setting, next);
        let delta = delta.with_exemptions(exemptions);
        let diff = assess(&Base::new(&self.graph, &self.ledger), &delta);
        let touched = Touched::of(&diff, None);
        let mut ledger = self.ledger.snapshot();
        ledger.apply(diff);
        let parts = Parts {
            library: &self.library,
            assessor: &self.assessor,
            graph: &self.graph,
            ledger: &ledger,
            gaps: &self.gaps,
            choices: &self.choices,
        };
        self.after(parts, &touched)
    }

    /// What new exemptions would change for a caller, all together. Their numbers do not matter: they count before all
    /// that are recorded, as the latest decisions do.
    pub fn what_if_exempt(
        &self,
        sight: &Sight,
        exemptions: impl IntoIterator<Item = Exemption>,
    ) -> Otherwise {
        let recorded = self.ledger.exemptions();
        let last = recorded.iter().map(|it| it.number).max().unwrap_or_default();
        let numbered = (last + 1..).zip(exemptions);
        let new = numbered.map(|(number, it)| Exemption { number, ..it });
        let all = recorded.iter().cloned().chain(new).collect();
        self.otherwise(sight, &self.supposing(&Exemptions::new(all)))
    }

    /// What the end of an exemption would change for a caller, by its number.
    pub fn what_if_not_exempt(&self, sight: &Sight, number: u64) -> Otherwise {
        let left = self.ledger.exemptions().iter().filter(|it| it.number != number);
        self.otherwise(sight, &self.supposing(&Exemptions::new(left.cloned().collect())))
    }

    /// What would be for a caller if something were fixed, as of the instant of this view.
    ///
    /// # Errors
    /// Something names no check, no control, or no resource that the caller sees.
    pub fn what_if_fixed(&self, sight: &Sight, fixed: &[Fixed]) -> Result<Otherwise, WhatIfError> {
        let assumed: Result<Vec<Exemption>, WhatIfError> =
            fixed.iter().map(|it| self.assumed(sight, it)).collect();
        let recorded = self.ledger.exemptions().iter().cloned();
        let all = Exemptions::new(assumed?.into_iter().chain(recorded).collect());
        Ok(self.otherwise(sight, &self.supposing(&all)))
    }

    /// The decision that something counts as healthy.
    fn assumed(&self, sight: &Sight, it: &Fixed) -> Result<Exemption, WhatIfError> {
        let what = &it.what;
        let target = if self.library.check(what).is_some() {
            Target::Check(what.clone())
        } else if self.library.controls().any(|it| it.id == *what) {
            Target::Control(what.clone())
        } else {
            return Err(WhatIfError::NoCheck(what.clone()));
        };
        let place = match &it.resource {
            None => Place::Everywhere,
            Some(id) => {
                let lower = id.to_ascii_lowercase();
                let node = self.find(sight, id).or_else(|| self.find(sight, &lower));
                let id = node.and_then(|it| self.graph.id(it));
                let id = id.ok_or_else(|| WhatIfError::NoResource(lower.clone()))?;
                Place::Resource(id.to_owned())
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
            from: self.setting.now(),
            until: None,
        })
    }

    /// What a caller sees otherwise in `after`, which has the nodes of this view.
    pub fn otherwise(&self, sight: &Sight, after: &Self) -> Otherwise {
        let seen = self.seen(sight);
        let (mut n_changed, mut n_fixed) = (0, 0);
        let mut found: Vec<(u32, NodeId, Option<Verdict>, Option<Verdict>)> = Vec::new();
        for old in self.lines.listed().filter(|it| seen.sees(it.line.home)) {
            let new = after.lines.get(old.node).map(|it| it.cells).unwrap_or_default();
            for (old_cell, new_cell) in old.cells.iter().zip(new) {
                let (was, is) = (old_cell.counts_as(), new_cell.counts_as());
                if was == is || old_cell.check() != new_cell.check() {
                    continue;
                }
                n_changed += 1;
                n_fixed +=
                    u64::from((was, is) == (Some(Verdict::Unhealthy), Some(Verdict::Healthy)));
                let order = self.checks.get(old_cell.check()).map_or(u32::MAX, |it| it.order);
                found.push((order, old.node, was, is));
            }
        }
        found.sort_unstable_by_key(|it| (it.0, it.1));
        let line =
            |(order, node, before, after): (u32, NodeId, Option<Verdict>, Option<Verdict>)| {
                let number = self.checks.at_order(u64::from(order))?;
                Some(ChangedLine {
                    check: self.checks.get(number.0)?.check.id.clone(),
                    resource: self.meta.id(&self.graph, node).to_owned(),
                    name: self.meta.name(&self.graph, node).to_owned(),
                    before,
                    after,
                })
            };
        let (old, new) = (self.score(sight), after.score(sight));
        Otherwise {
            changed: n_changed,
            fixed: n_fixed,
            assessments: found.into_iter().take(MAX_LINES).filter_map(line).collect(),
            before: old.score,
            after: new.score,
            scopes: changed_scopes(old.scopes, new.scopes),
            standings: self.changed_standings(sight, after),
        }
    }

    fn changed_standings(&self, sight: &Sight, after: &Self) -> Vec<StandingChange> {
        let mut changes = Vec::new();
        for (old, new) in self.standards(sight).into_iter().zip(after.standards(sight)) {
            let pairs = old.requirements.into_iter().zip(new.requirements);
            changes.extend(pairs.filter(|(old, new)| old.state != new.state).map(|(it, new)| {
                let (before, after): (RequirementState, _) = (it.state, new.state);
                StandingChange { standard: old.standard.clone(), requirement: it.id, before, after }
            }));
        }
        changes
    }
}

/// The scopes whose scores differ, by id.
fn changed_scopes(before: Vec<ScopeScore>, after: Vec<ScopeScore>) -> Vec<ScopeLine> {
    let mut both: BTreeMap<String, (Option<ScopeScore>, Option<ScopeScore>)> = BTreeMap::new();
    for it in before {
        let scope = it.scope.clone();
        both.entry(scope).or_default().0 = Some(it);
    }
    for it in after {
        let scope = it.scope.clone();
        both.entry(scope).or_default().1 = Some(it);
    }
    let changed = both.into_iter().filter(|(_, (before, after))| before != after);
    changed
        .map(|(scope, (before, after))| ScopeLine::of(&ScoreChange { scope, before, after }))
        .collect()
}
