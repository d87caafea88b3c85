//! The checks of a library, compiled, and their verdict on one resource of one graph.
//!
//! INVARIANT: unread is never healthy and never unhealthy; so is a predicate that comes out null.

use std::collections::BTreeMap;
use std::sync::Arc;

use content::{Check, Library, Status};
use graph::{Bound, Footprint, Graph, Predicate};
use hashbrown::HashMap;
use lang::{NodeId, Schema, Value};
use model::{Verdict, View};

use crate::clock::Clock;
use crate::criticality::reads_marks;
use crate::requirements::Requirements;
use crate::setting::Setting;
use crate::stable_hash::StableHash;
use crate::verdicts::{Outcome, Why};

/// A check whose predicates are read and checked; can be bound to any graph.
#[derive(Debug)]
pub struct CompiledCheck {
    /// The check as content gives it.
    pub check: Arc<Check>,
    applies: Option<Predicate>,
    unhealthy: Predicate,
    /// The number of its control in the library.
    pub(crate) control: Option<usize>,
    /// How its verdict depends on the instant.
    pub(crate) clock: Clock,
    /// Changes when the verdicts may: a hash of its kinds and predicates.
    pub(crate) definition: u64,
}

impl CompiledCheck {
    /// Compiles the predicates of `check`, which counts in the control with this number; with a
    /// schema, paths of nodes with `labels` that do not exist are refused.
    pub(crate) fn compile(
        check: Arc<Check>,
        control: Option<usize>,
        labels: &[&str],
        schema: Option<&dyn Schema>,
    ) -> Result<Self, CompileProblem> {
        let compile = |field, text: &str| {
            Predicate::compile(text, "r", labels, schema).map_err(|error| CompileProblem {
                check: check.id.clone(),
                field,
                message: error.to_string(),
                place: error.place().map(|(line, column, _)| (line, column)),
            })
        };
        let mut definition = StableHash::default();
        check.all_kinds().for_each(|kind| definition.text(kind));
        definition.text(check.applies.as_deref().unwrap_or_default());
        definition.text(&check.unhealthy);
        let applies = check.applies.as_deref().map(|text| compile("applies", text)).transpose()?;
        let unhealthy = compile("unhealthy", &check.unhealthy)?;
        let texts: Vec<&str> = applies.iter().chain([&unhealthy]).map(Predicate::text).collect();
        let clock = Clock::of(&texts);
        let definition = definition.finish();
        Ok(Self { check, applies, unhealthy, control, clock, definition })
    }

    /// Where it reads marks, it is another check when the classifications of the content are others.
    fn heeding(mut self, classifications: u64) -> Self {
        if self.footprints().any(reads_marks) {
            let mut definition = StableHash::default();
            definition.number(self.definition);
            definition.number(classifications);
            self.definition = definition.finish();
        }
        self
    }

    /// Whether it counts in scores.
    pub(crate) fn is_scored(&self) -> bool {
        self.check.status == Status::Stable
    }

    /// What its predicates look at.
    pub(crate) fn footprints(&self) -> impl Iterator<Item = &Footprint> {
        self.applies.iter().chain([&self.unhealthy]).map(Predicate::footprint)
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

/// Changes with all that marks depend on in the content.
fn hash_of_classifications(library: &Library) -> u64 {
    let mut hash = StableHash::default();
    for it in library.classifications() {
        hash.text(&it.id);
        hash.text(&it.predicate);
        hash.text(it.level.name());
        hash.number(u64::from(it.review));
        library.kinds_of(it).into_iter().for_each(|kind| hash.text(kind));
    }
    hash.finish()
}

/// A check bound to a graph.
#[derive(Debug)]
pub(crate) struct BoundCheck<'g> {
    applies: Option<Bound<'g>>,
    unhealthy: Bound<'g>,
}

impl BoundCheck<'_> {
    /// The verdict on one resource, with the reason when it is unknown.
    pub(crate) fn judge(&mut self, node: NodeId) -> Outcome {
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
    /// Line and column inside the predicate, from 1, where they are known.
    pub place: Option<(u32, u32)>,
}

/// All checks of a library, ready to be bound to a graph.
#[derive(Debug)]
pub struct Assessor {
    checks: Vec<Arc<CompiledCheck>>,
    by_kind: BTreeMap<Box<str>, Vec<u32>>,
    /// Id and points of every control.
    pub(crate) controls: Arc<[(Box<str>, f64)]>,
    pub(crate) requirements: Arc<Requirements>,
    /// Changes with anything in the content that verdicts, scores or standings depend on.
    pub(crate) fingerprint: u64,
}

impl Assessor {
    /// Compiles every check that is not deprecated; those that fail are left out and named.
    pub fn compile(library: &Library) -> (Self, Vec<CompileProblem>) {
        Self::compile_from(library, None)
    }

    /// The same for a library that shares checks with the one that `before` was compiled from: those are not
    /// compiled again.
    pub fn compile_after(library: &Library, before: &Self) -> (Self, Vec<CompileProblem>) {
        Self::compile_from(library, Some(before))
    }

    fn compile_from(library: &Library, before: Option<&Self>) -> (Self, Vec<CompileProblem>) {
        let known: HashMap<&str, &Arc<CompiledCheck>> =
            before.into_iter().flat_map(|it| &it.checks).map(|it| (&*it.check.id, it)).collect();
        let controls: Vec<(Box<str>, f64)> =
            library.controls().map(|it| (it.id.as_str().into(), it.points)).collect();
        let mut assessor = Self {
            checks: Vec::new(),
            by_kind: BTreeMap::new(),
            controls: Arc::default(),
            requirements: Arc::new(Requirements::new(library)),
            fingerprint: 0,
        };
        let classifications = hash_of_classifications(library);
        let mut problems = Vec::new();
        for check in library.checks().filter(|it| it.status != Status::Deprecated) {
            let control = controls.iter().position(|(id, _)| **id == *check.control);
            let same = known
                .get(&*check.id)
                .filter(|it| Arc::ptr_eq(&it.check, check) && it.control == control);
            let compiled = match same {
                Some(compiled) => Ok(Arc::clone(compiled)),
                None => CompiledCheck::compile(Arc::clone(check), control, &[], None)
                    .map(|it| Arc::new(it.heeding(classifications))),
            };
            match compiled {
                Ok(compiled) => {
                    for kind in check.all_kinds() {
                        let number = assessor.checks.len() as u32;
                        assessor.by_kind.entry(kind.into()).or_default().push(number);
                    }
                    assessor.checks.push(compiled);
                }
                Err(problem) => problems.push(problem),
            }
        }
        assessor.controls = controls.into();
        assessor.fingerprint = assessor.hash();
        (assessor, problems)
    }

    fn hash(&self) -> u64 {
        let mut hash = StableHash::default();
        for (id, points) in &*self.controls {
            hash.text(id);
            hash.number(points.to_bits());
        }
        for it in &self.checks {
            hash.text(&it.check.id);
            hash.text(&it.check.control);
            hash.number(it.definition);
            hash.number(u64::from(it.is_scored()));
        }
        self.requirements.hash_into(&mut hash);
        hash.finish()
    }

    /// The compiled checks.
    pub fn checks(&self) -> &[Arc<CompiledCheck>] {
        &self.checks
    }

    /// The positions of the checks that judge a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> &[u32] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// The checks on one graph, each bound when it is first needed. Each thread has its own.
    pub(crate) fn bind<'g>(&'g self, graph: &'g Graph, setting: &'g Setting) -> BoundAssessor<'g> {
        let mut bound = Vec::new();
        bound.resize_with(self.checks.len(), || Binding::NotYet);
        BoundAssessor { checks: &self.checks, graph, setting, bound }
    }
}

/// The checks bound to one graph.
#[derive(Debug)]
pub(crate) struct BoundAssessor<'g> {
    checks: &'g [Arc<CompiledCheck>],
    pub(crate) graph: &'g Graph,
    pub(crate) setting: &'g Setting,
    bound: Vec<Binding<'g>>,
}

#[derive(Debug)]
enum Binding<'g> {
    NotYet,
    Impossible,
    // Boxed: most checks are never bound for a small change.
    Done(Box<BoundCheck<'g>>),
}

impl BoundAssessor<'_> {
    /// The verdict of a check on a resource; `None` when the check cannot be run at all.
    pub(crate) fn judge(&mut self, check: u32, node: NodeId) -> Option<Outcome> {
        let place = self.bound.get_mut(check as usize)?;
        if let Binding::NotYet = place {
            let bound = self.checks.get(check as usize)?.bind(self.graph, self.setting);
            *place = bound.map_or(Binding::Impossible, |it| Binding::Done(Box::new(it)));
        }
        match place {
            Binding::Done(bound) => Some(bound.judge(node)),
            Binding::NotYet | Binding::Impossible => None,
        }
    }
}

/// Keys of what Merlon adds to a node, to read that of many nodes.
#[derive(Debug, Clone, Copy)]
pub struct MetaKeys {
    kind: model::Key,
    scope: model::Key,
    id: model::Key,
    name: model::Key,
    region: model::Key,
    tags: model::Key,
}

impl MetaKeys {
    /// The keys in the table that the documents of `graph` use.
    pub fn new(graph: &Graph) -> Self {
        let intern = |name| graph.keys().intern(name);
        Self {
            kind: intern("kind"),
            scope: intern("scope"),
            id: intern("id"),
            name: intern("name"),
            region: intern("region"),
            tags: intern("tags"),
        }
    }

    /// Kind and scope of a node that was read; `None` for stubs and nodes without.
    pub fn kind_and_scope<'g>(&self, graph: &'g Graph, node: NodeId) -> Option<(&'g str, &'g str)> {
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

    /// Canonical id of a node; empty when it has none.
    pub fn id<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.id)
    }

    /// Name for people; empty when it has none.
    pub fn name<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.name)
    }

    /// Kind id; empty when it has none.
    pub fn kind<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.kind)
    }

    /// Scope id; empty when it has none.
    pub fn scope<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.scope)
    }

    /// Region; empty when global or not known.
    pub fn region<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g str {
        Self::text(graph, node, self.region)
    }

    /// Tags of a node that was read, in no order: key and value.
    pub fn tags<'g>(
        &self,
        graph: &'g Graph,
        node: NodeId,
    ) -> impl Iterator<Item = (model::Key, &'g str)> + use<'g> {
        let tags = match graph.meta(node).get(self.tags) {
            Some(View::Object(tags)) => Some(tags),
            _ => None,
        };
        tags.into_iter().flat_map(model::doc::ObjectView::iter).filter_map(|(key, value)| {
            match value {
                View::Str(text) => Some((key, text)),
                _ => None,
            }
        })
    }
}
