//! How the verdict of a check depends on the instant at which it is judged, and when it flips.
//!
//! Most predicates compare an instant that stands in the document with now, plus or minus some
//! days: then the instants at which the verdict may change follow from the document, and each is
//! tried. Where the predicate does something else with time, the check is judged again each day.

mod shape;

use graph::Graph;
use jiff::{SignedDuration, Timestamp};
use lang::NodeId;
use lang::functions::parse_instant;
use model::{Path, View};

use self::shape::Shape;
use crate::assessor::CompiledCheck;
use crate::setting::Setting;
use crate::verdicts::Outcome;

/// How a verdict depends on time.
#[derive(Debug, Clone, Default)]
pub(crate) enum Clock {
    /// Not at all.
    #[default]
    Never,
    /// It changes only near instants that can be computed.
    Instants(Box<Instants>),
    /// In a way that is not understood: it is judged again each day.
    Daily,
}

/// What the instants are computed from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instants {
    /// Where texts stand that may be instants.
    paths: Vec<Path>,
    /// Instants that stand in the predicate itself.
    literals: Vec<Timestamp>,
    /// The verdict may change so long after an instant.
    offsets: Vec<SignedDuration>,
    /// How far from the computed instant it may change: numbers of days are not exact.
    slack: SignedDuration,
}

const NANOSECOND: SignedDuration = SignedDuration::from_nanos(1);
/// Half a century in days, as a floating point number, is exact to some nanoseconds.
const SLACK_OF_FLOATS: SignedDuration = SignedDuration::from_micros(1);

impl Clock {
    /// The clock of a check with these predicates.
    pub(crate) fn of(predicates: &[&str]) -> Self {
        let mut shape = Shape::default();
        for text in predicates {
            shape.read(text);
        }
        if !shape.reads_now {
            return Self::Never;
        }
        if !shape.is_understood {
            return Self::Daily;
        }
        shape.offsets.sort_unstable();
        shape.offsets.dedup();
        Self::Instants(Box::new(Instants {
            paths: shape.paths,
            literals: shape.literals,
            offsets: shape.offsets,
            slack: if shape.has_floats { SLACK_OF_FLOATS } else { NANOSECOND },
        }))
    }

    /// The next instant at which the outcome on `node`, which is `outcome` now, may be another one;
    /// `None`: time alone does not change it.
    pub(crate) fn next_flip(
        &self,
        check: &CompiledCheck,
        graph: &Graph,
        setting: &Setting,
        node: NodeId,
        outcome: Outcome,
    ) -> Option<Timestamp> {
        let trial = Trial { check, graph, setting, node, outcome };
        match self {
            Self::Never => None,
            Self::Instants(instants) => {
                let now = setting.now();
                let candidates = instants.candidates(graph, node, now);
                candidates.into_iter().find_map(|at| trial.near(at, instants.slack))
            }
            Self::Daily => trial.tomorrow(),
        }
    }
}

impl Instants {
    /// The instants, from now on, near which the verdict may change; in order.
    fn candidates(&self, graph: &Graph, node: NodeId, now: Timestamp) -> Vec<Timestamp> {
        let mut instants = self.literals.clone();
        for path in &self.paths {
            for (_, view) in path.views(graph.doc(node), graph.keys()) {
                texts(view, &mut |text| instants.extend(parse_instant(text)));
            }
        }
        let mut found: Vec<Timestamp> = instants
            .iter()
            .flat_map(|at| self.offsets.iter().filter_map(|offset| at.checked_add(*offset).ok()))
            .filter(|at| at.checked_add(self.slack).is_ok_and(|end| end > now))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Every text in a value.
fn texts(view: View<'_>, visit: &mut dyn FnMut(&str)) {
    match view {
        View::Str(text) => visit(text),
        View::List(list) => list.iter().for_each(|it| texts(it, visit)),
        View::Object(object) => object.iter().for_each(|(_, it)| texts(it, visit)),
        _ => {}
    }
}

/// A check on one resource, to be judged at other instants than now.
struct Trial<'t> {
    check: &'t CompiledCheck,
    graph: &'t Graph,
    setting: &'t Setting,
    node: NodeId,
    outcome: Outcome,
}

impl Trial<'_> {
    /// Whether the outcome at `at` is not what it is now.
    fn differs(&self, at: Timestamp) -> bool {
        let setting = self.setting.moved_to(at);
        let bound = self.check.bind(self.graph, &setting);
        bound.is_some_and(|mut bound| bound.judge(self.node) != self.outcome)
    }

    /// The first instant after now, at most `slack` away from `at`, with another outcome.
    fn near(&self, at: Timestamp, slack: SignedDuration) -> Option<Timestamp> {
        let now = self.setting.now();
        let start = at.checked_sub(slack).unwrap_or(Timestamp::MIN).max(now);
        // at the instant itself and behind it: an equation holds for the instant alone
        let ends = [Some(at), at.checked_add(slack).ok()];
        let end = ends.into_iter().flatten().find(|end| *end > now && self.differs(*end))?;
        Some(self.first_between(start, end))
    }

    /// The flip before the next midnight, or that midnight, to look again.
    fn tomorrow(&self) -> Option<Timestamp> {
        const DAY: i64 = 86_400;
        let now = self.setting.now();
        let midnight = (now.as_second().div_euclid(DAY) + 1) * DAY;
        let midnight = Timestamp::from_second(midnight).ok()?;
        Some(if self.differs(midnight) { self.first_between(now, midnight) } else { midnight })
    }

    /// The first instant with another outcome, given one without and one with, by halving.
    fn first_between(&self, same: Timestamp, other: Timestamp) -> Timestamp {
        let (mut same, mut other) = (same.as_nanosecond(), other.as_nanosecond());
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            match Timestamp::from_nanosecond(middle) {
                Ok(at) if self.differs(at) => other = middle,
                _ => same = middle,
            }
        }
        Timestamp::from_nanosecond(other).unwrap_or(Timestamp::MAX)
    }
}
