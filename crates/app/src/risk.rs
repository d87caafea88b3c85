//! The risk of what was found: severity, moved by what is known of each resource.
//!
//! In: a judged estate. Out: the level and the factors of every open assessment, and the risk-based score. Exposure and
//! attack paths are derived for it, which takes longer than judging: of a large estate only when that is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use content::Library;
use graph::Graph;
use jiff::{SignedDuration, Timestamp};
use lang::NodeId;
use model::{Gap, Severity};
use paths::{Insight, IsOver};
use posture::risk::{self, Factor, Insights, OpenByRisk, Risk};
use posture::{Assessor, Choices, Ledger, MarkKeys, Recommendation};
use view::{Known, Parts, RiskScore, Sight, View};

use crate::cli::Derive;

/// Resources up to which exposure and attack paths are derived without being asked for.
const MOST_RESOURCES: u64 = 100_000;
/// How long that may take; what is derived by then counts.
const LONGEST: SignedDuration = SignedDuration::from_mins(1);

/// A judged estate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) library: &'a Arc<Library>,
    pub(crate) assessor: &'a Arc<Assessor>,
    pub(crate) graph: &'a Graph,
    pub(crate) ledger: &'a Ledger,
    pub(crate) gaps: &'a [Gap],
    pub(crate) n_resources: u64,
    pub(crate) now: Timestamp,
}

/// What is known of resources beyond what checks say of them.
#[derive(Debug)]
pub(crate) struct Risks<'a> {
    graph: &'a Graph,
    marks: MarkKeys,
    known: BTreeMap<NodeId, Insights>,
    /// The risk-based score; `None` where exposure and attack paths were not derived.
    pub(crate) score: Option<RiskScore>,
    /// Why exposure and attack paths are not known, or not all of them.
    pub(crate) limit: Option<String>,
}

impl<'a> Risks<'a> {
    /// Nothing is known but how critical resources are.
    fn of_severity(graph: &'a Graph, limit: String) -> Self {
        let marks = MarkKeys::new(graph.keys());
        Self { graph, marks, known: BTreeMap::new(), score: None, limit: Some(limit) }
    }

    /// Derives what is known of a judged estate.
    pub(crate) fn derive(of: Judged<'a>, derive: Derive) -> anyhow::Result<Self> {
        let is_large = of.n_resources > MOST_RESOURCES;
        match derive {
            Derive::Never => {
                let limit = "exposure and attack paths were not derived (`--risk never`)";
                return Ok(Self::of_severity(of.graph, limit.to_owned()));
            }
            Derive::Auto if is_large => {
                let limit = format!(
                    "exposure and attack paths of {} resources take long to derive: `--risk always` does it",
                    of.n_resources
                );
                return Ok(Self::of_severity(of.graph, limit));
            }
            Derive::Auto | Derive::Always => {}
        }
        let end = Timestamp::now().saturating_add(LONGEST)?;
        let is_over: IsOver = Arc::new(move || derive == Derive::Auto && Timestamp::now() > end);
        let insight = Insight::of(of.graph, of.library, of.now, Some(&is_over))?;
        let limit = is_over().then(|| {
            "attack paths were not all derived in a minute: `--risk always` takes the time"
                .to_owned()
        });
        let known = api::known_of(of.graph, of.library, &insight);
        drop(insight);
        let score = score(of, &known);
        let marks = MarkKeys::new(of.graph.keys());
        Ok(Self { graph: of.graph, marks, known, score: Some(score), limit })
    }

    /// The risk of an unhealthy assessment by a check of this severity.
    pub(crate) fn of(&self, node: NodeId, severity: Severity) -> Risk {
        let known = self.known.get(&node).copied().unwrap_or_default();
        let critical = self.marks.level(self.graph, node);
        risk::risk(severity, &Insights { critical, ..known })
    }

    /// How many of the unhealthy there are at each level.
    pub(crate) fn open(&self, item: &Recommendation<'_>) -> OpenByRisk {
        let mut open = OpenByRisk::default();
        for node in item.unhealthy {
            open.add(self.of(*node, item.check.severity).level);
        }
        open
    }

    /// What makes the highest level of a recommendation, and the resources that have it first.
    pub(crate) fn worst(&self, item: &Recommendation<'_>) -> Option<Risk> {
        let risks = item.unhealthy.iter().map(|node| self.of(*node, item.check.severity));
        risks.max_by_key(|it| (it.level, it.exploitability + it.impact))
    }

    /// Puts recommendations in the order in which they are to be mended: the highest risk first, then how often it is found
    /// at that, then as they were.
    pub(crate) fn sort(&self, all: &mut [Recommendation<'_>]) {
        all.sort_by_cached_key(|it| {
            let open = self.open(it);
            let highest = open.highest();
            std::cmp::Reverse((highest, highest.map_or(0, |level| open.at(level))))
        });
    }
}

fn score(of: Judged<'_>, known: &BTreeMap<NodeId, Insights>) -> RiskScore {
    let view = View::new(Parts {
        library: of.library,
        assessor: of.assessor,
        graph: of.graph,
        ledger: of.ledger,
        gaps: of.gaps,
        choices: &Arc::new(Choices::default()),
    });
    score_of(&view, known)
}

/// The risk-based score of a view, with what is known of its resources.
pub(crate) fn score_of(view: &View, known: &BTreeMap<NodeId, Insights>) -> RiskScore {
    view.know(Known::new(view.sequence(), known.iter().map(|(node, it)| (*node, *it))));
    view.risk_score(&Sight::Everything)
}

/// A factor in words.
pub(crate) fn words(factor: Factor) -> &'static str {
    match factor {
        Factor::AttackPath => "on an attack path",
        Factor::ExposedWide => "exposed to the internet",
        Factor::ExposedNarrow => "exposed to a part of the internet",
        Factor::ExposedTrusted => "exposed to trusted ranges",
        Factor::NotExposed => "not reachable from the internet",
        Factor::AnonymousAccess => "answers whoever asks",
        Factor::Vulnerability => "exploitable vulnerability",
        Factor::CriticalResource => "critical asset",
        Factor::SensitiveData => "sensitive data",
        Factor::LateralMovement => "leads on to others",
    }
}
