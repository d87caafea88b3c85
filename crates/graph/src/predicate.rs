//! Conditions of checks: an expression over one node, judged many times.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use lang::ast::Expr;
use lang::check::{Options, Schema};
use lang::types::Type;
use lang::value::{NodeId, Value};

use crate::compile::{Compiler, Known};
use crate::error::Error;
use crate::footprint::{Footprint, footprint};
use crate::ops::WholeMatch;
use crate::query::Context;
use crate::run::{Eval, Frame, Slot};
use crate::store::Graph;

/// A condition over one node, read and checked; can be bound to any graph.
#[derive(Debug, Clone)]
pub struct Predicate {
    text: String,
    variable: Arc<str>,
    tree: Expr,
    footprint: Footprint,
    patterns: Arc<Patterns>,
}

/// The regular expressions of a condition, read once for all graphs: that takes longer than binding
/// all the rest.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    read: RwLock<HashMap<Box<str>, Option<WholeMatch>>>,
}

impl Patterns {
    /// The regular expression of a text; `None` when the text is none.
    pub(crate) fn get(&self, text: &str) -> Option<WholeMatch> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = read.get(text) {
            return pattern.clone();
        }
        drop(read);
        let pattern = WholeMatch::new(text).ok();
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        read.insert(text.into(), pattern.clone());
        pattern
    }
}

/// A condition bound to a graph: [`Bound::eval`] is the fast part.
pub struct Bound<'g> {
    eval: Eval<'g>,
    slot: Slot,
    frame: Frame<'g>,
}

impl std::fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bound(slot {})", self.slot)
    }
}

impl Predicate {
    /// Reads and checks a condition over the node `variable`, which has `labels`.
    ///
    /// # Errors
    /// The text is not an expression, names what the schema does not know, or is nothing that a check
    /// may ask: a pattern that does not hang on the node or goes more than [`crate::MAX_HOPS`] away.
    pub fn compile(
        text: &str,
        variable: &str,
        labels: &[&str],
        schema: Option<&dyn Schema>,
    ) -> Result<Self, Error> {
        Self::checked(text, variable, labels, schema, true)
    }

    /// Reads and checks an expression over the node `variable` that may have any value, such as a
    /// path to be shown as evidence.
    ///
    /// # Errors
    /// As [`Predicate::compile`].
    pub fn compile_value(
        text: &str,
        variable: &str,
        labels: &[&str],
        schema: Option<&dyn Schema>,
    ) -> Result<Self, Error> {
        Self::checked(text, variable, labels, schema, false)
    }

    fn checked(
        text: &str,
        variable: &str,
        labels: &[&str],
        schema: Option<&dyn Schema>,
        is_condition: bool,
    ) -> Result<Self, Error> {
        let mut tree = lang::parse_expression(text)?;
        let mut labels: Vec<Arc<str>> = labels.iter().map(|label| Arc::from(*label)).collect();
        labels.sort();
        let name: Arc<str> = Arc::from(variable);
        let ty = Type::Node(labels.into());
        let variables = vec![lang::check::Variable { name: Arc::clone(&name), ty }];
        let options = Options { schema, variables, ..Options::default() };
        if is_condition {
            lang::check::check_condition(text, &tree, &options)?;
        } else {
            lang::check::check_expression(text, &tree, &options)?;
        }
        crate::normal::expr(&mut tree);
        let footprint = footprint(&tree, variable)?;
        let patterns = Arc::default();
        Ok(Self { text: text.to_owned(), variable: name, tree, footprint, patterns })
    }

    /// What the condition looks at.
    pub fn footprint(&self) -> &Footprint {
        &self.footprint
    }

    /// The text of the condition.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Compiles the condition for a graph. Takes microseconds; do it once for many nodes.
    ///
    /// # Errors
    /// A parameter has no value.
    pub fn bind<'g>(&'g self, graph: &'g Graph, context: &Context<'g>) -> Result<Bound<'g>, Error> {
        let mut compiler = Compiler::new(graph, context.params, context.now, &self.text);
        compiler.is_predicate = true;
        compiler.patterns = Some(&self.patterns);
        let slot = compiler.declare(&self.variable, Known::Node);
        let eval = compiler.eval(&self.tree)?;
        let frame = Frame::new(compiler.n_slots, context.limits);
        Ok(Bound { eval, slot, frame })
    }
}

impl<'g> Bound<'g> {
    /// The worth of the condition at a node: true, false, null or unread, or any other value when the
    /// text is no condition.
    ///
    /// # Errors
    /// The expression has no value at this node, or a bound is hit.
    pub fn eval(&mut self, node: NodeId) -> Result<Value<'g>, Error> {
        self.frame.restart();
        self.frame.set(self.slot, Value::Node(node));
        Ok((self.eval)(&mut self.frame)?)
    }
}
