//! Assessments: every check on every resource of its kinds, with four verdicts.
//!
//! In: compiled checks and a graph. Out: [`Assessments`]: counts per check, the unhealthy and the
//! unknown resources, and tallies per control and scope. Several threads may each judge a range of
//! the nodes; [`Assessments::merge`] puts the parts together, in any order, to the same whole.
//!
//! INVARIANT: unread is never healthy and never unhealthy; so is a predicate that comes out null.
//! INVARIANT: healthy + unhealthy + unknown + not applicable = resources of the check's kinds.

use std::collections::BTreeMap;

use content::{Check, Library, Status};
use graph::{Bound, Graph, Predicate};
use lang::{NodeId, Schema, Value};
use model::{GapId, Verdict, View};

use crate::score::{Coverage, Tally};
use crate::setting::Setting;

/// How often each verdict was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// Healthy resources.
    pub healthy: u64,
    /// Unhealthy resources.
    pub unhealthy: u64,
    /// Resources that could not be judged.
    pub unknown: u64,
    /// Resources that the check does not speak about.
    pub not_applicable: u64,
}

impl VerdictCounts {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        Self {
            healthy: self.healthy + other.healthy,
            unhealthy: self.unhealthy + other.unhealthy,
            unknown: self.unknown + other.unknown,
            not_applicable: self.not_applicable + other.not_applicable,
        }
    }
}

/// Why an assessment is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Something was not read.
    Gap(GapId),
    /// The predicate came out null: a value is absent and the check names no default for it.
    Undecided,
    /// The predicate failed on this document, such as comparing a number with a list.
    Failed,
}

/// The verdicts of one check.
#[derive(Debug, Clone, Default)]
pub struct CheckVerdicts {
    /// Healthy resources.
    pub healthy: u64,
    /// Resources that the check does not speak about.
    pub not_applicable: u64,
    /// Unhealthy resources.
    pub unhealthy: Vec<NodeId>,
    /// Resources that could not be judged, and why.
    pub unknown: Vec<(NodeId, Why)>,
}

impl CheckVerdicts {
    /// The counts.
    pub fn counts(&self) -> VerdictCounts {
        VerdictCounts {
            healthy: self.healthy,
            unhealthy: self.unhealthy.len() as u64,
            unknown: self.unknown.len() as u64,
            not_applicable: self.not_applicable,
        }
    }
}

/// All verdicts of a run, or of a part of it.
#[derive(Debug, Clone, Default)]
pub struct Assessments {
    /// By the number of the check in its [`Assessor`].
    pub verdicts: Vec<CheckVerdicts>,
    /// By scope: a tally for every control, and what was judged.
    pub(crate) scopes: BTreeMap<String, ScopeTallies>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ScopeTallies {
    pub(crate) controls: Vec<Tally>,
    pub(crate) assessed: Coverage,
}

impl Assessments {
    /// Takes over what another part has found.
    pub fn merge(&mut self, other: Self) {
        self.verdicts.resize_with(self.verdicts.len().max(other.verdicts.len()), Default::default);
        for (mine, theirs) in self.verdicts.iter_mut().zip(other.verdicts) {
            mine.healthy += theirs.healthy;
            mine.not_applicable += theirs.not_applicable;
            mine.unhealthy.extend(theirs.unhealthy);
            mine.unknown.extend(theirs.unknown);
        }
        for (scope, theirs) in other.scopes {
            let mine = self.scopes.entry(scope).or_default();
            mine.controls
                .resize_with(theirs.controls.len().max(mine.controls.len()), Tally::default);
            for (mine, theirs) in mine.controls.iter_mut().zip(&theirs.controls) {
                mine.healthy += theirs.healthy;
                mine.unhealthy += theirs.unhealthy;
            }
            mine.assessed = mine.assessed.plus(theirs.assessed);
        }
    }

    /// Brings resources into the order of their numbers.
    pub fn sort(&mut self) {
        for verdicts in &mut self.verdicts {
            verdicts.unhealthy.sort_unstable();
            verdicts.unknown.sort_unstable();
        }
    }
}

/// A check whose predicates are read and checked; can be bound to any graph.
#[derive(Debug)]
pub struct CompiledCheck<'l> {
    /// The check as content gives it.
    pub check: &'l Check,
    applies: Option<Predicate>,
    unhealthy: Predicate,
    control: Option<usize>,
}

impl<'l> CompiledCheck<'l> {
    /// Compiles the predicates of `check`, which counts in the control with this number; with a
    /// schema, paths of nodes with `labels` that do not exist are refused.
    pub(crate) fn compile(
        check: &'l Check,
        control: Option<usize>,
        labels: &[&str],
        schema: Option<&dyn Schema>,
    ) -> Result<Self, CompileProblem> {
        let compile = |field, text: &str| {
            Predicate::compile(text, "r", labels, schema).map_err(|error| CompileProblem {
                check: check.id.clone(),
                field,
                message: error.to_string(),
            })
        };
        Ok(Self {
            check,
            applies: check.applies.as_deref().map(|text| compile("applies", text)).transpose()?,
            unhealthy: compile("unhealthy", &check.unhealthy)?,
            control,
        })
    }

    /// The check on one graph. `None` when a predicate cannot be bound, which the content check
    /// finds: it uses a parameter.
    pub(crate) fn bind<'g>(
        &'g self,
        graph: &'g Graph,
        setting: &'g Setting,
    ) -> Option<BoundCheck<'g>> {
        let context = setting.context();
        let applies = match &self.applies {
            Some(applies) => Some(applies.bind(graph, &context).ok()?),
            None => None,
        };
        Some(BoundCheck { applies, unhealthy: self.unhealthy.bind(graph, &context).ok()? })
    }
}

/// A check bound to a graph.
#[derive(Debug)]
pub(crate) struct BoundCheck<'g> {
    applies: Option<Bound<'g>>,
    unhealthy: Bound<'g>,
}

impl BoundCheck<'_> {
    /// The verdict on one resource, with the reason when it is unknown.
    pub(crate) fn judge(&mut self, node: NodeId) -> (Verdict, Option<Why>) {
        if let Some(applies) = &mut self.applies {
            match truth(applies, node) {
                Ok(true) => {}
                Ok(false) => return (Verdict::NotApplicable, None),
                Err(why) => return (Verdict::Unknown, Some(why)),
            }
        }
        match truth(&mut self.unhealthy, node) {
            Ok(true) => (Verdict::Unhealthy, None),
            Ok(false) => (Verdict::Healthy, None),
            Err(why) => (Verdict::Unknown, Some(why)),
        }
    }
}

fn truth(predicate: &mut Bound<'_>, node: NodeId) -> Result<bool, Why> {
    match predicate.eval(node) {
        Ok(Value::Bool(bool)) => Ok(bool),
        Ok(Value::Unread(gap)) => Err(Why::Gap(gap)),
        Ok(Value::Null) => Err(Why::Undecided),
        Ok(_) | Err(_) => Err(Why::Failed),
    }
}

/// A check that could not be compiled: which, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileProblem {
    /// The check's id.
    pub check: String,
    /// The field, `unhealthy` or `applies`.
    pub field: &'static str,
    /// What is wrong, with line and column inside the predicate.
    pub message: String,
}

/// All checks of a library, ready to be bound to a graph.
#[derive(Debug)]
pub struct Assessor<'l> {
    checks: Vec<CompiledCheck<'l>>,
    by_kind: BTreeMap<&'l str, Vec<usize>>,
    n_controls: usize,
}

impl<'l> Assessor<'l> {
    /// Compiles every check that is not deprecated; those that fail are left out and named.
    pub fn compile(library: &'l Library) -> (Self, Vec<CompileProblem>) {
        let controls: Vec<&str> = library.controls().map(|it| it.id.as_str()).collect();
        let mut assessor =
            Self { checks: Vec::new(), by_kind: BTreeMap::new(), n_controls: controls.len() };
        let mut problems = Vec::new();
        for check in library.checks().filter(|it| it.status != Status::Deprecated) {
            let control = controls.iter().position(|id| *id == check.control);
            match CompiledCheck::compile(check, control, &[], None) {
                Ok(compiled) => {
                    for kind in check.all_kinds() {
                        assessor.by_kind.entry(kind).or_default().push(assessor.checks.len());
                    }
                    assessor.checks.push(compiled);
                }
                Err(problem) => problems.push(problem),
            }
        }
        (assessor, problems)
    }

    /// The compiled checks; their positions are the numbers in [`Assessments::verdicts`].
    pub fn checks(&self) -> &[CompiledCheck<'l>] {
        &self.checks
    }

    /// The checks on one graph. Each thread binds its own.
    pub fn bind<'g>(&'g self, graph: &'g Graph, setting: &'g Setting) -> BoundAssessor<'g> {
        BoundAssessor {
            checks: &self.checks,
            by_kind: self.by_kind.iter().map(|(kind, checks)| (*kind, checks.as_slice())).collect(),
            n_controls: self.n_controls,
            graph,
            bound: self.checks.iter().map(|it| it.bind(graph, setting)).collect(),
        }
    }
}

/// All checks bound to one graph.
#[derive(Debug)]
pub struct BoundAssessor<'g> {
    checks: &'g [CompiledCheck<'g>],
    by_kind: BTreeMap<&'g str, &'g [usize]>,
    n_controls: usize,
    graph: &'g Graph,
    bound: Vec<Option<BoundCheck<'g>>>,
}

impl BoundAssessor<'_> {
    /// Judges the nodes that `nodes` gives. Stubs, which were never read, are left out.
    pub fn assess(&mut self, nodes: impl Iterator<Item = NodeId>) -> Assessments {
        let meta = MetaKeys::new(self.graph);
        let mut found = Assessments::default();
        found.verdicts.resize_with(self.checks.len(), Default::default);
        let mut states = vec![ControlState::default(); self.n_controls];
        for node in nodes {
            let Some((kind, scope)) = meta.kind_and_scope(self.graph, node) else { continue };
            let Some(checks) = self.by_kind.get(kind) else { continue };
            let mut assessed = Coverage::default();
            states.fill(ControlState::default());
            for idx in *checks {
                let (Some(check), Some(Some(bound)), Some(verdicts)) =
                    (self.checks.get(*idx), self.bound.get_mut(*idx), found.verdicts.get_mut(*idx))
                else {
                    continue;
                };
                let (verdict, why) = bound.judge(node);
                verdicts.record(node, verdict, why);
                let is_scored = check.check.status == Status::Stable;
                if let Some(state) = check.control.and_then(|it| states.get_mut(it))
                    && is_scored
                {
                    state.record(verdict);
                    assessed.judged +=
                        u64::from(matches!(verdict, Verdict::Healthy | Verdict::Unhealthy));
                    assessed.unknown += u64::from(verdict == Verdict::Unknown);
                }
            }
            found.tally(scope, &states, assessed);
        }
        found
    }
}

impl CheckVerdicts {
    fn record(&mut self, node: NodeId, verdict: Verdict, why: Option<Why>) {
        match verdict {
            Verdict::Healthy => self.healthy += 1,
            Verdict::NotApplicable => self.not_applicable += 1,
            Verdict::Unhealthy => self.unhealthy.push(node),
            Verdict::Unknown => self.unknown.push((node, why.unwrap_or(Why::Undecided))),
        }
    }
}

/// What the checks of one control said about one resource.
#[derive(Debug, Clone, Copy, Default)]
struct ControlState {
    has_healthy: bool,
    has_unhealthy: bool,
    has_unknown: bool,
}

impl ControlState {
    fn record(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Healthy => self.has_healthy = true,
            Verdict::Unhealthy => self.has_unhealthy = true,
            Verdict::Unknown => self.has_unknown = true,
            Verdict::NotApplicable => {}
        }
    }
}

impl Assessments {
    /// Counts one resource: unhealthy when any check of a control fails, healthy when all pass,
    /// in neither count when some are unknown and none fails.
    fn tally(&mut self, scope: &str, states: &[ControlState], assessed: Coverage) {
        if assessed == Coverage::default() {
            return;
        }
        if !self.scopes.contains_key(scope) {
            self.scopes.insert(scope.to_owned(), ScopeTallies::default());
        }
        let Some(tallies) = self.scopes.get_mut(scope) else { return };
        tallies.assessed = tallies.assessed.plus(assessed);
        tallies.controls.resize_with(states.len(), Tally::default);
        for (tally, state) in tallies.controls.iter_mut().zip(states) {
            if state.has_unhealthy {
                tally.unhealthy += 1;
            } else if state.has_healthy && !state.has_unknown {
                tally.healthy += 1;
            }
        }
    }
}

/// Keys of what Merlon adds to a node.
pub(crate) struct MetaKeys {
    kind: model::Key,
    scope: model::Key,
    id: model::Key,
    name: model::Key,
    region: model::Key,
}

impl MetaKeys {
    pub(crate) fn new(graph: &Graph) -> Self {
        let intern = |name| graph.keys().intern(name);
        Self {
            kind: intern("kind"),
            scope: intern("scope"),
            id: intern("id"),
            name: intern("name"),
            region: intern("region"),
        }
    }

    /// Kind and scope of a node that was read; `None` for stubs and nodes without.
    fn kind_and_scope<'g>(&self, graph: &'g Graph, node: NodeId) -> Option<(&'g str, &'g str)> {
        match graph.meta(node) {
            View::Object(meta) if !meta.is_open() => {
                match (meta.get(self.kind), meta.get(self.scope)) {
                    (View::Str(kind), View::Str(scope)) => Some((kind, scope)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// One text of a node's meta: empty when it has none.
    fn text(graph: &Graph, node: NodeId, key: model::Key) -> &str {
        match graph.meta(node).get(key) {
            Some(View::Str(text)) => text,
            _ => "",
        }
    }

    pub(crate) fn id<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.id)
    }

    pub(crate) fn name<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.name)
    }

    pub(crate) fn kind<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.kind)
    }

    pub(crate) fn scope<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.scope)
    }

    pub(crate) fn region<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.region)
    }
}
