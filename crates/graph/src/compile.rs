//! From a checked tree to closures over one graph.
//!
//! In: the tree, the graph, the parameters. Out: [`Eval`] and [`Test`] closures and pipelines.
//! Compiling takes microseconds and is done for each graph anew: labels, edge types and keys are then
//! plain numbers, parameters are constants, and nothing is looked up while running.
//!
//! A variable is a slot of the frame. Slots are never reused within a query, so that a sub-query
//! cannot disturb what stands around it.

pub(crate) mod condition;
mod constant;
mod expr;
mod list;
mod path;
mod subquery;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use lang::ast::Expr;
use lang::value::Value;

use crate::host::RunHost;
use crate::predicate::Patterns;
use crate::run::Slot;
use crate::store::Graph;

pub(crate) use self::constant::is_volatile;
pub(crate) use self::path::{PathRead, path_of};

/// The values of parameters, by name without the dollar sign.
pub type Params = BTreeMap<String, Value<'static>>;

/// What is known about a variable before running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// A node, or null.
    Node,
    /// An edge, or null.
    Edge,
    /// A path whose length alone is computed: the slot holds it.
    PathLength,
    /// Nothing.
    Nothing,
}

/// A variable in scope.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Slot,
    pub(crate) known: Known,
}

/// Compiles one query for one graph.
pub(crate) struct Compiler<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) host: Arc<RunHost<'g>>,
    pub(crate) params: &'g Params,
    /// The text of the query, for the names of columns.
    pub(crate) source: &'g str,
    pub(crate) scope: Vec<Variable>,
    /// How many of the first variables come from outside of the sub-query at hand.
    pub(crate) outer_scope: usize,
    pub(crate) n_slots: usize,
    /// Lookups so far, by which they are told apart while running.
    pub(crate) n_lookups: usize,
    /// Expressions whose value lies in a slot already: what is grouped by, aggregates, a column.
    pub(crate) known_exprs: Vec<(&'g Expr, Slot)>,
    /// Compiled for many short runs: columns and statistics do not pay.
    pub(crate) is_predicate: bool,
    /// Regular expressions that were read before.
    pub(crate) patterns: Option<&'g Patterns>,
    /// Inside `EXISTS`, `COUNT` or a pattern: an unread condition taints the row.
    pub(crate) depth: u32,
}

impl<'g> Compiler<'g> {
    pub(crate) fn new(
        graph: &'g Graph,
        params: &'g Params,
        now: Timestamp,
        source: &'g str,
    ) -> Self {
        Self {
            graph,
            host: Arc::new(RunHost::new(graph, now)),
            params,
            source,
            scope: Vec::new(),
            outer_scope: 0,
            n_slots: 0,
            n_lookups: 0,
            known_exprs: Vec::new(),
            is_predicate: false,
            patterns: None,
            depth: 0,
        }
    }

    /// A slot that no variable has.
    pub(crate) fn new_slot(&mut self) -> Slot {
        self.n_slots += 1;
        self.n_slots - 1
    }

    /// Brings a variable into scope.
    pub(crate) fn declare(&mut self, name: &Arc<str>, known: Known) -> Slot {
        let slot = self.new_slot();
        self.scope.push(Variable { name: Arc::clone(name), slot, known });
        slot
    }

    /// The variable of a name; the innermost one.
    pub(crate) fn find(&self, name: &str) -> Option<&Variable> {
        self.scope.iter().rev().find(|it| &*it.name == name)
    }

    /// Runs `inner` with `name` in scope.
    pub(crate) fn with_variable<T>(
        &mut self,
        name: &Arc<str>,
        inner: impl FnOnce(&mut Self, Slot) -> T,
    ) -> T {
        let slot = self.declare(name, Known::Nothing);
        let result = inner(self, slot);
        self.scope.pop();
        result
    }
}
