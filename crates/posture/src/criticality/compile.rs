//! One classification, compiled: its predicate, the kinds that it looks at, and what comes out on a node.

use std::sync::Arc;

use content::case::Match;
use content::{Classification, Library};
use graph::{Bound, Footprint, Graph, Predicate};
use lang::{NodeId, Schema, Value};
use model::Criticality;

use super::marks::CRITICALITY_KEYS;
use super::timeless;
use crate::assessor::MetaKeys;
use crate::schema::LibrarySchema;
use crate::setting::Setting;

/// A classification whose predicate is read and checked; can be bound to any graph.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) rule: Arc<Classification>,
    /// The level that counts, which a tenant may have changed.
    pub(super) level: Criticality,
    pub(super) kinds: Vec<Box<str>>,
    predicate: Predicate,
}

/// A classification that cannot be compiled: which, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleProblem {
    /// Its id.
    pub classification: String,
    /// What is wrong.
    pub message: String,
    /// Line and column inside the predicate, from 1, where they are known.
    pub place: Option<(u32, u32)>,
}

impl CompiledRule {
    /// Compiles the predicate of a classification; with a schema, paths that none of its kinds has are refused.
    pub(crate) fn compile(
        library: &Library,
        rule: Arc<Classification>,
        level: Criticality,
        schema: Option<&dyn Schema>,
    ) -> Result<Self, RuleProblem> {
        let kinds = library.kinds_of(&rule);
        // Several kinds share no native label: their paths are looked up by the label of the rule, or not at all.
        let native = match kinds.as_slice() {
            [kind] => library.kind(kind).map(content::Kind::native_label),
            _ => rule.label.clone(),
        };
        let labels: Vec<&str> = native.iter().map(String::as_str).collect();
        let problem =
            |message, place| RuleProblem { classification: rule.id.clone(), message, place };
        let predicate =
            Predicate::compile(&rule.predicate, "r", &labels, schema).map_err(|error| {
                let place = error.place().map(|(line, column, _)| (line, column));
                problem(error.to_string(), place)
            })?;
        let footprint = predicate.footprint();
        if footprint.reads_now {
            let message = "it depends on the time: a mark must not come and go by itself";
            return Err(problem(message.to_owned(), None));
        }
        if reads_marks(footprint) {
            let message = "it reads the criticality of a resource, which classifications give";
            return Err(problem(message.to_owned(), None));
        }
        let kinds = kinds.into_iter().map(Into::into).collect();
        Ok(Self { rule, level, kinds, predicate })
    }

    pub(super) fn footprint(&self) -> &Footprint {
        self.predicate.footprint()
    }

    /// The rule on one graph; `None` when it uses a parameter.
    pub(crate) fn bind<'g>(
        &'g self,
        graph: &'g Graph,
        setting: &'g Setting,
    ) -> Option<BoundRule<'g>> {
        Some(BoundRule { predicate: self.predicate.bind(graph, &setting.context()).ok()? })
    }

    /// What comes out on every resource of its kinds.
    pub(super) fn outcomes(&self, graph: &Graph) -> Vec<(NodeId, Match)> {
        let meta = MetaKeys::new(graph);
        let Some(mut bound) = self.bind(graph, timeless()) else { return Vec::new() };
        let is_its = |node: &NodeId| {
            let kind = meta.kind_and_scope(graph, *node).map(|it| it.0);
            kind.is_some_and(|kind| self.kinds.iter().any(|it| **it == *kind))
        };
        graph.nodes().filter(is_its).map(|node| (node, bound.holds(node))).collect()
    }
}

/// Whether a condition reads marks on any node.
pub(crate) fn reads_marks(footprint: &Footprint) -> bool {
    let is_mark = |path: &Vec<String>| match path.as_slice() {
        [first, key, ..] => first == "merlon" && CRITICALITY_KEYS.contains(&key.as_str()),
        [first] => first == "merlon",
        [] => false,
    };
    let nodes = footprint.nodes.iter().flat_map(|it| &it.paths);
    nodes.chain(footprint.steps.iter().flat_map(|it| &it.inner_paths)).any(is_mark)
}

/// A rule bound to a graph.
#[derive(Debug)]
pub(crate) struct BoundRule<'g> {
    predicate: Bound<'g>,
}

impl BoundRule<'_> {
    /// Whether it holds on a node. What is absent does not hold; what was not read is not known, nor is what took
    /// too long.
    pub(crate) fn holds(&mut self, node: NodeId) -> Match {
        match self.predicate.eval(node) {
            Ok(Value::Bool(true)) => Match::Match,
            Ok(Value::Bool(false) | Value::Null) => Match::NoMatch,
            Ok(_) | Err(_) => Match::Unknown,
        }
    }
}

/// What a classification that is on trial finds on a graph, without being part of anything.
///
/// # Errors
/// The predicate cannot be compiled; what `library` and `graph` know of paths, labels and edges counts.
pub fn try_rule(
    library: &Library,
    graph: &Graph,
    rule: &Arc<Classification>,
) -> Result<Vec<(NodeId, Match)>, RuleProblem> {
    let schema = LibrarySchema::new(library).with_graph(graph);
    let compiled = CompiledRule::compile(library, Arc::clone(rule), rule.level, Some(&schema))?;
    Ok(compiled.outcomes(graph))
}
