//! A check on trial: judged on resources without being part of the content.

use std::sync::Arc;

use content::{Check, Library};
use graph::Graph;
use lang::NodeId;
use model::Verdict;

use crate::assessor::CompiledCheck;
use crate::own::compile_on_trial;
use crate::schema::LibrarySchema;
use crate::setting::Setting;
use crate::verdicts::Why;

/// A check that is compiled for one graph.
#[derive(Debug)]
pub struct Trial<'t> {
    compiled: CompiledCheck,
    graph: &'t Graph,
    setting: &'t Setting,
}

impl<'t> Trial<'t> {
    /// Compiles `check` against what `library` and `graph` know of paths, labels and edges.
    ///
    /// # Errors
    /// A predicate cannot be compiled; the message names the field, the line and the column in it.
    pub fn new(
        library: &Library,
        check: &Arc<Check>,
        graph: &'t Graph,
        setting: &'t Setting,
    ) -> Result<Self, String> {
        let schema = LibrarySchema::new(library).with_graph(graph);
        let compiled = compile_on_trial(library, &schema, check)
            .map_err(|problem| format!("`{}`: {}", problem.field, problem.message))?;
        Ok(Self { compiled, graph, setting })
    }

    /// The verdict on each of these resources, which are of the check's kinds, with the reason where
    /// it is unknown. Empty when a predicate uses a parameter.
    pub fn judge(
        &self,
        nodes: impl Iterator<Item = NodeId>,
    ) -> Vec<(NodeId, Verdict, Option<Why>)> {
        let Some(mut bound) = self.compiled.bind(self.graph, self.setting) else {
            return Vec::new();
        };
        let judged = nodes.map(|node| {
            let (verdict, why) = bound.judge(node);
            (node, verdict, why)
        });
        judged.collect()
    }
}
