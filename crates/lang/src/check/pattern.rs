//! Patterns: which variables they bind, and to what.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Checker;
use crate::ast::{
    Direction, EdgePattern, Expr, ExprKind, LabelExpr, Name, NodePattern, PathPattern, Span,
};
use crate::error::{ErrorKind, QueryError};
use crate::types::{Labels, Place, Type};

impl Checker<'_> {
    /// Patterns of one `MATCH`: variables not bound before are bound by them.
    pub(super) fn bind_patterns(&mut self, patterns: &[PathPattern]) -> Result<(), QueryError> {
        let mut edges = BTreeSet::new();
        for pattern in patterns {
            self.bind_node(&pattern.start)?;
            for (edge, node) in &pattern.steps {
                self.bind_edge(edge, &mut edges)?;
                self.bind_node(node)?;
            }
            if let Some(name) = &pattern.variable {
                if self.find(name.as_str()).is_some() {
                    return Err(self.already_bound(name));
                }
                self.declare(&name.text, Type::Path);
            }
        }
        patterns.iter().try_for_each(|it| self.pattern_properties(it, false))
    }

    /// A pattern as a condition, which binds nothing.
    pub(super) fn pattern_condition(&mut self, pattern: &PathPattern) -> Result<(), QueryError> {
        let nodes = std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|it| &it.1));
        let names = nodes
            .filter_map(|it| it.variable.as_ref())
            .chain(pattern.steps.iter().filter_map(|it| it.0.variable.as_ref()));
        for name in names.chain(&pattern.variable) {
            if self.find(name.as_str()).is_none() {
                return Err(self.undefined(name));
            }
        }
        self.scoped(|checker| checker.bind_patterns(std::slice::from_ref(pattern)))
    }

    fn bind_node(&mut self, node: &NodePattern) -> Result<(), QueryError> {
        if let Some(labels) = &node.labels {
            self.labels_exist(labels)?;
        }
        let Some(name) = &node.variable else { return Ok(()) };
        let labels = certain_labels(node.labels.as_ref());
        match self.find_mut(name.as_str()) {
            None => self.declare(&name.text, Type::Node(labels)),
            Some(variable) => match &variable.ty {
                Type::Node(known) => variable.ty = Type::Node(merged(known, &labels)),
                Type::Any | Type::Null | Type::Document(_) => variable.ty = Type::Node(labels),
                _ => return Err(self.type_conflict(name, "a node")),
            },
        }
        Ok(())
    }

    fn bind_edge(
        &mut self,
        edge: &EdgePattern,
        used: &mut BTreeSet<Arc<str>>,
    ) -> Result<(), QueryError> {
        for name in &edge.types {
            self.edge_type_exists(name)?;
        }
        let Some(name) = &edge.variable else { return Ok(()) };
        let wanted = if edge.length.is_some() { Type::edges() } else { Type::Edge };
        match self.find(name.as_str()).map(|it| &it.ty) {
            None => self.declare(&name.text, wanted),
            Some(Type::Edge) if edge.length.is_none() => {}
            Some(Type::List(_)) if edge.length.is_some() => {}
            Some(Type::Any | Type::Null | Type::Document(_)) => {}
            Some(_) => return Err(self.type_conflict(name, "an edge")),
        }
        if !used.insert(Arc::clone(&name.text)) {
            let message = format!("the edge `{}` is used twice in one pattern", name.as_str());
            return Err(self.error(ErrorKind::RelationshipUniquenessViolation, name.span, message));
        }
        Ok(())
    }

    pub(super) fn already_bound(&self, name: &Name) -> QueryError {
        let message = format!("the variable `{}` is already defined", name.as_str());
        self.error(ErrorKind::VariableAlreadyBound, name.span, message)
    }

    fn type_conflict(&self, name: &Name, wanted: &str) -> QueryError {
        let known = self.find(name.as_str()).map_or("something else", |it| it.ty.name());
        let message = format!("the variable `{}` is {known}, and here {wanted}", name.as_str());
        self.error(ErrorKind::VariableTypeConflict, name.span, message)
    }

    /// The maps of properties; a parameter in place of one only where `allow_parameter`.
    fn pattern_properties(
        &mut self,
        pattern: &PathPattern,
        allow_parameter: bool,
    ) -> Result<(), QueryError> {
        let nodes = std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|it| &it.1));
        for node in nodes {
            let labels = certain_labels(node.labels.as_ref());
            self.properties(node.properties.as_ref(), Some(&labels), allow_parameter)?;
        }
        for (edge, _) in &pattern.steps {
            self.properties(edge.properties.as_ref(), None, allow_parameter)?;
        }
        Ok(())
    }

    fn properties(
        &mut self,
        properties: Option<&Expr>,
        labels: Option<&Labels>,
        allow_parameter: bool,
    ) -> Result<(), QueryError> {
        let Some(properties) = properties else { return Ok(()) };
        let ExprKind::Map(entries) = &properties.kind else {
            if allow_parameter {
                return Ok(());
            }
            let message = "a parameter cannot stand for all properties of a pattern";
            return Err(self.error(ErrorKind::InvalidParameterUse, properties.span, message));
        };
        for (key, value) in entries {
            if let Some(labels) = labels {
                let place = Place { labels: Arc::clone(labels), path: Vec::new() };
                self.path_exists(&place.join(key.as_str()), key.span)?;
            }
            self.expr(value)?;
        }
        Ok(())
    }

    // -- the schema

    pub(super) fn labels_exist(&self, labels: &LabelExpr) -> Result<(), QueryError> {
        let Some(schema) = self.options.schema else { return Ok(()) };
        let mut unknown = None;
        labels.for_each(&mut |name| {
            if unknown.is_none() && !schema.has_label(name.as_str()) {
                unknown = Some(name.clone());
            }
        });
        let Some(name) = unknown else { return Ok(()) };
        let message = format!("there is no label `{}`", name.as_str());
        let error = self.error(ErrorKind::UnknownLabel, name.span, message);
        Err(error.suggest(schema.nearest_label(name.as_str())))
    }

    fn edge_type_exists(&self, name: &Name) -> Result<(), QueryError> {
        let Some(schema) = self.options.schema else { return Ok(()) };
        if schema.has_edge_type(name.as_str()) {
            return Ok(());
        }
        let message = format!("there is no edge type `{}`", name.as_str());
        let error = self.error(ErrorKind::UnknownEdgeType, name.span, message);
        Err(error.suggest(schema.nearest_edge_type(name.as_str())))
    }

    pub(super) fn path_exists(&self, place: &Place, span: Span) -> Result<(), QueryError> {
        let Some(schema) = self.options.schema else { return Ok(()) };
        if schema.has_path(&place.labels, &place.path) {
            return Ok(());
        }
        let message = format!("there is no `{}`", place.path.join("."));
        let error = self.error(ErrorKind::UnknownProperty, span, message);
        Err(error.suggest(schema.nearest_path(&place.labels, &place.path)))
    }

    // -- CREATE

    /// A pattern of `CREATE`: nodes bound before stand for themselves, edges are always new.
    pub(super) fn create_pattern(&mut self, pattern: &PathPattern) -> Result<(), QueryError> {
        let is_alone = pattern.steps.is_empty();
        self.create_node(&pattern.start, is_alone)?;
        for (edge, node) in &pattern.steps {
            self.create_edge(edge)?;
            self.create_node(node, false)?;
        }
        if let Some(name) = &pattern.variable {
            if self.find(name.as_str()).is_some() {
                return Err(self.already_bound(name));
            }
            self.declare(&name.text, Type::Path);
        }
        self.pattern_properties(pattern, true)
    }

    fn create_node(&mut self, node: &NodePattern, is_alone: bool) -> Result<(), QueryError> {
        let Some(name) = &node.variable else { return Ok(()) };
        if self.find(name.as_str()).is_none() {
            self.declare(&name.text, Type::node());
            return Ok(());
        }
        if is_alone || node.labels.is_some() || node.properties.is_some() {
            return Err(self.already_bound(name));
        }
        self.bind_node(node)
    }

    fn create_edge(&mut self, edge: &EdgePattern) -> Result<(), QueryError> {
        let fail = |kind, message: &str| Err(self.error(kind, edge.span, message));
        if edge.length.is_some() {
            return fail(ErrorKind::CreatingVarLength, "an edge with a length cannot be created");
        }
        if edge.types.len() != 1 {
            return fail(ErrorKind::NoSingleRelationshipType, "a new edge needs exactly one type");
        }
        if edge.direction == Direction::Either {
            return fail(ErrorKind::RequiresDirectedRelationship, "a new edge needs a direction");
        }
        let Some(name) = &edge.variable else { return Ok(()) };
        if self.find(name.as_str()).is_some() {
            return Err(self.already_bound(name));
        }
        self.declare(&name.text, Type::Edge);
        Ok(())
    }
}

/// Labels that every node that fits has, sorted.
fn certain_labels(labels: Option<&LabelExpr>) -> Labels {
    fn collect(labels: &LabelExpr, found: &mut BTreeSet<Arc<str>>) {
        match labels {
            LabelExpr::Label(name) => {
                found.insert(Arc::clone(&name.text));
            }
            LabelExpr::And(left, right) => {
                collect(left, found);
                collect(right, found);
            }
            LabelExpr::Or(..) | LabelExpr::Not(_) => {}
        }
    }
    let mut found = BTreeSet::new();
    if let Some(labels) = labels {
        collect(labels, &mut found);
    }
    found.into_iter().collect()
}

fn merged(one: &Labels, other: &Labels) -> Labels {
    let both: BTreeSet<Arc<str>> = one.iter().chain(other.iter()).map(Arc::clone).collect();
    both.into_iter().collect()
}
