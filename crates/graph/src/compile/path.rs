//! Reading a path (`r.a.b.c`) of a node: one walk through its document.

use std::sync::Arc;

use lang::ast::{Expr, ExprKind};
use lang::value::{NodeId, Value};
use model::{Key, View};

use super::Compiler;
use crate::host::{MERLON, RunHost};
use crate::ops;
use crate::run::{Frame, Outcome, Slot};
use crate::store::Graph;

/// A variable and the keys that are read on it.
pub(crate) fn path_of(expr: &Expr) -> Option<(&Arc<str>, Vec<&str>)> {
    let mut keys = Vec::new();
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Property(of, key) => {
                keys.push(key.as_str());
                at = of;
            }
            ExprKind::Variable(name) => {
                keys.reverse();
                return Some((&name.text, keys));
            }
            _ => return None,
        }
    }
}

/// A path of a variable, compiled.
#[derive(Clone)]
pub(crate) struct PathRead<'g> {
    graph: &'g Graph,
    host: Arc<RunHost<'g>>,
    pub(crate) slot: Slot,
    pub(crate) of_meta: bool,
    /// Of a node: behind `merlon` when `of_meta`.
    pub(crate) keys: Box<[Key]>,
    names: Box<[&'g str]>,
}

impl<'g> Compiler<'g> {
    /// The path that `expr` reads, when it is one of a variable in scope with at least one key.
    pub(crate) fn path_read(&self, expr: &'g Expr) -> Option<PathRead<'g>> {
        let (variable, names) = path_of(expr)?;
        let slot = self.find(variable)?.slot;
        let of_meta = names.first() == Some(&MERLON);
        let keys = self.graph.keys();
        let keys = names.iter().skip(usize::from(of_meta)).map(|name| keys.intern(name)).collect();
        if names.is_empty() {
            return None;
        }
        let host = Arc::clone(&self.host);
        Some(PathRead { graph: self.graph, host, slot, of_meta, keys, names: names.into() })
    }
}

impl<'g> PathRead<'g> {
    /// What is there in the document of a node; `None` when the path enters a value without keys.
    #[inline]
    pub(crate) fn view(&self, node: NodeId) -> Option<View<'g>> {
        let mut view = if self.of_meta { self.graph.meta(node) } else { self.graph.doc(node) };
        for key in &self.keys {
            view = view.get(*key)?;
        }
        Some(view)
    }

    /// The view, when the slot holds a node and the path can be read.
    #[inline]
    pub(crate) fn view_in(&self, frame: &Frame<'g>) -> Option<View<'g>> {
        match frame.get(self.slot) {
            Value::Node(node) => self.view(*node),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn value(&self, frame: &Frame<'g>) -> Outcome<Value<'g>> {
        match self.view_in(frame) {
            Some(view) => Ok(Value::from_view(view, self.graph.keys())),
            None => self.value_slowly(frame),
        }
    }

    /// For edges, maps, null and errors.
    #[cold]
    fn value_slowly(&self, frame: &Frame<'g>) -> Outcome<Value<'g>> {
        let mut value = frame.get(self.slot).clone();
        for name in &self.names {
            value = ops::property(&*self.host, &value, name)?;
        }
        Ok(value)
    }
}
