//! What is known of resources beyond what checks say of them, and the risk that follows.
//!
//! How something is exposed and which attack paths lead through it is derived beside the views, and takes longer than a
//! change may: so it lags behind. Views that follow each other share the newest that is known.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use lang::NodeId;
use model::{Criticality, Severity, Verdict};
use posture::risk::{self, Insights, OpenByRisk, Risk};
use serde::Serialize;

use crate::checks::{SEVERITIES, severity_index};
use crate::lines::Entry;
use crate::sight::Sight;
use crate::view::View;

/// What is known of resources, as of one commit. What it does not name is as good as unknown.
#[derive(Debug, Default)]
pub struct Known {
    /// `None`: nothing was derived yet.
    sequence: Option<u64>,
    of: HashMap<NodeId, Insights>,
}

impl Known {
    /// What was derived of the state after commit `sequence`. How critical something is stands in the graph: what is said of it
    /// here does not count.
    pub fn new(sequence: u64, of: impl Iterator<Item = (NodeId, Insights)>) -> Self {
        Self { sequence: Some(sequence), of: of.collect() }
    }

    /// The commit as of which it is; `None` before anything was derived.
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }
}

/// The newest that is known, for all views in which nodes have the same numbers.
#[derive(Debug, Default)]
pub(crate) struct Latest(Mutex<Arc<Known>>);

impl Latest {
    pub(crate) fn get(&self) -> Arc<Known> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The risk of one open assessment of each severity on one resource, by the places of [`SEVERITIES`].
pub(crate) type Levels = [usize; 4];

/// Risk on the resources of a view, with what was known when it was asked for.
#[derive(Debug)]
pub(crate) struct Risks {
    known: Arc<Known>,
}

impl Risks {
    /// What is known of the resource of a line.
    pub(crate) fn insights(&self, entry: &Entry<'_>) -> Insights {
        let known = self.known.of.get(&entry.node).copied().unwrap_or_default();
        Insights { critical: entry.line.criticality(), ..known }
    }

    /// The place of the risk in [`SEVERITIES`], for each severity.
    pub(crate) fn levels(&self, entry: &Entry<'_>) -> Levels {
        let known = self.insights(entry);
        SEVERITIES.map(|severity| severity_index(risk::level(severity, &known)))
    }
}

/// The risk-based score of all that a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RiskScore {
    /// 0 to 100; `None` where nothing was judged.
    pub percent: Option<f64>,
    /// Open assessments of checks that count, by risk.
    #[serde(flatten)]
    pub open: OpenByRisk,
    /// The commit as of which exposure and attack paths are known; `None`: they are not, and risk rests on severity and
    /// criticality.
    pub known_as_of: Option<u64>,
}

impl View {
    /// Makes what was derived of this view, or of one before it, count from now on: here and in the views that follow.
    pub fn know(&self, known: Known) {
        *self.latest.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    /// The commit as of which exposure and attack paths are known; `None`: they are not yet.
    pub fn known_as_of(&self) -> Option<u64> {
        self.latest.get().sequence()
    }

    pub(crate) fn risks(&self) -> Risks {
        Risks { known: self.latest.get() }
    }

    /// The risk that an assessment by a check of this severity has on a resource while it counts as unhealthy.
    pub(crate) fn risk_at(&self, node: NodeId, severity: Severity) -> Option<Risk> {
        let entry = self.lines.get(node)?;
        Some(risk::risk(severity, &self.risks().insights(&entry)))
    }

    /// The risk-based score of what a caller sees: checks count in it that count in the secure score, and
    /// resources of which something was judged.
    pub fn risk_score(&self, sight: &Sight) -> RiskScore {
        let (seen, risks) = (self.seen(sight), self.risks());
        let mut open = OpenByRisk::default();
        let is_judged = |it: &Entry<'_>| {
            let judged = [Some(Verdict::Healthy), Some(Verdict::Unhealthy)];
            it.cells.iter().any(|cell| judged.contains(&cell.counts_as()))
        };
        let listed = self.lines.listed().filter(|it| seen.sees(it.line.home) && is_judged(it));
        let assets = listed.map(|entry| {
            let own = self.open_by_risk(&entry, &risks);
            open.add_all(own);
            (entry.line.criticality(), own)
        });
        let assets: Vec<(Option<Criticality>, OpenByRisk)> = assets.collect();
        let percent = risk::risk_score(assets.into_iter());
        RiskScore { percent, open, known_as_of: risks.known.sequence() }
    }

    fn open_by_risk(&self, entry: &Entry<'_>, risks: &Risks) -> OpenByRisk {
        let mut open = OpenByRisk::default();
        if entry.line.n_open() == 0 {
            return open;
        }
        let levels = risks.levels(entry);
        for cell in entry.cells.iter().filter(|it| it.is_open()) {
            let check = self.checks.get(cell.check()).filter(|it| it.is_scored());
            let level = check.and_then(|it| levels.get(severity_index(it.check.severity)));
            if let Some(level) = level.and_then(|it| SEVERITIES.get(*it)) {
                open.add(*level);
            }
        }
        open
    }
}
