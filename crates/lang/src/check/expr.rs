//! Expressions: names in scope, and what they give.

use std::sync::Arc;

use super::{Aggregation, Checker};
use crate::ast::{
    BinaryOp, Case, Expr, ExprKind, ListComprehension, Literal, MapItem, MapProjection, Name,
    PatternComprehension, Quantifier, Reduce, UnaryOp,
};
use crate::error::{ErrorKind, QueryError};
use crate::types::{Place, Type, TypeSet};

impl Checker<'_> {
    /// A condition: gives a truth value, and may be a pattern.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<(), QueryError> {
        match &expr.kind {
            ExprKind::Pattern(pattern) => self.pattern_condition(pattern),
            ExprKind::Unary(UnaryOp::Not, operand) => self.condition(operand),
            ExprKind::Binary(BinaryOp::And | BinaryOp::Or | BinaryOp::Xor, left, right) => {
                self.condition(left)?;
                self.condition(right)
            }
            _ => {
                let ty = self.expr(expr)?;
                if ty.mask().meets(TypeSet::BOOL) {
                    return Ok(());
                }
                Err(self.bad_type(expr, "a condition", "a boolean", &ty))
            }
        }
    }

    /// `what` needs `wanted`, and `expr` is something else.
    pub(super) fn bad_type(&self, expr: &Expr, what: &str, wanted: &str, ty: &Type) -> QueryError {
        let shown = expr.span.text(self.source);
        let message = format!("{what} needs {wanted}, and `{shown}` is {}", ty.name());
        self.error(ErrorKind::InvalidArgumentType, expr.span, message)
    }

    /// An expression; says what is known about its value.
    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Type, QueryError> {
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(literal_type(literal)),
            ExprKind::Parameter(name) => self.parameter(name),
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::Property(of, key) => self.property(of, key),
            ExprKind::Index(of, index) => self.index(of, index),
            ExprKind::Unary(op, operand) => self.unary(*op, expr, operand),
            ExprKind::Binary(op, left, right) => self.binary(*op, expr, left, right),
            ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Slice(..) => self.collection(expr),
            ExprKind::HasLabels(..) | ExprKind::Compare(..) => self.predicate(expr),
            _ => self.composed(expr),
        }
    }

    fn collection(&mut self, expr: &Expr) -> Result<Type, QueryError> {
        match &expr.kind {
            ExprKind::List(items) => {
                let mut element = Type::Null;
                for (idx, item) in items.iter().enumerate() {
                    let ty = self.expr(item)?;
                    element = if idx == 0 { ty } else { element.or(ty) };
                }
                Ok(Type::list_of(element))
            }
            ExprKind::Map(entries) => {
                entries.iter().try_for_each(|(_, it)| self.expr(it).map(|_| ()))?;
                Ok(Type::Map)
            }
            ExprKind::Slice(of, from, to) => {
                let ty = self.expr(of)?;
                for bound in from.iter().chain(to) {
                    self.expr(bound)?;
                }
                Ok(ty)
            }
            _ => Ok(Type::Any),
        }
    }

    fn predicate(&mut self, expr: &Expr) -> Result<Type, QueryError> {
        match &expr.kind {
            ExprKind::HasLabels(of, labels) => {
                let ty = self.expr(of)?;
                if !ty.mask().meets(TypeSet::NODE.or(TypeSet::EDGE)) {
                    return Err(self.bad_type(of, "a label", "a node or an edge", &ty));
                }
                if ty != Type::Edge {
                    self.labels_exist(labels)?;
                }
                Ok(Type::Bool)
            }
            ExprKind::Compare(first, rest) => {
                self.expr(first)?;
                rest.iter().try_for_each(|(_, it)| self.expr(it).map(|_| ()))?;
                Ok(Type::Bool)
            }
            _ => Ok(Type::Any),
        }
    }

    /// Calls, comprehensions, sub-queries.
    fn composed(&mut self, expr: &Expr) -> Result<Type, QueryError> {
        match &expr.kind {
            ExprKind::Call(call) => self.call(expr, call),
            ExprKind::CountStar => self.aggregate(expr, |_| Ok(Type::Int)),
            ExprKind::Case(it) => self.case(it),
            ExprKind::ListComprehension(it) => self.list_comprehension(it),
            ExprKind::Quantifier(it) => self.quantifier(it),
            ExprKind::Reduce(it) => self.reduce(it),
            ExprKind::MapProjection(it) => self.map_projection(it),
            ExprKind::PatternComprehension(it) => self.pattern_comprehension(it),
            ExprKind::Exists(query) => self.inner_query(query).map(|()| Type::Bool),
            ExprKind::Count(query) => self.inner_query(query).map(|()| Type::Int),
            _ => {
                let message = "a pattern can only be used as a condition; try `EXISTS { ... }`";
                Err(self.error(ErrorKind::UnexpectedSyntax, expr.span, message))
            }
        }
    }

    fn parameter(&self, name: &Name) -> Result<Type, QueryError> {
        if name.as_str() == "now" {
            return Ok(Type::DateTime);
        }
        match self.options.parameters {
            Some(known) if !known.contains(&name.as_str()) => {
                let message = format!("there is no parameter `${}`", name.as_str());
                let meant = base::nearest(name.as_str(), known.iter().copied());
                let error = self.error(ErrorKind::MissingParameter, name.span, message);
                Err(error.suggest(meant.map(|it| format!("${it}"))))
            }
            _ => Ok(Type::Any),
        }
    }

    fn variable(&self, name: &Name) -> Result<Type, QueryError> {
        match self.find(name.as_str()) {
            Some(variable) => Ok(variable.ty.clone()),
            None => Err(self.undefined(name)),
        }
    }

    fn property(&mut self, of: &Expr, key: &Name) -> Result<Type, QueryError> {
        let ty = self.expr(of)?;
        self.property_of(&ty, of, key)
    }

    /// The property of something of the type `ty`.
    fn property_of(&self, ty: &Type, of: &Expr, key: &Name) -> Result<Type, QueryError> {
        let place = match ty {
            Type::Node(labels) => Place { labels: Arc::clone(labels), path: Vec::new() },
            Type::Document(place) => place.as_ref().clone(),
            Type::Path | Type::Bool | Type::Int | Type::Float | Type::Str | Type::List(_) => {
                let what = format!("the property `{}`", key.as_str());
                return Err(self.bad_type(of, &what, "a node, an edge or a map", ty));
            }
            _ => return Ok(Type::Any),
        };
        self.place(place.join(key.as_str()), key.span)
    }

    /// What lies at a place of a document.
    fn place(&self, place: Place, span: crate::ast::Span) -> Result<Type, QueryError> {
        self.path_exists(&place, span)?;
        Ok(Type::Document(Arc::new(place)))
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Result<Type, QueryError> {
        let ty = self.expr(of)?;
        let index_type = self.expr(index)?;
        match (&ty, &index.kind) {
            (Type::Document(place), ExprKind::Literal(Literal::Str(key))) => {
                self.place(place.join(key), index.span)
            }
            (Type::Node(labels), ExprKind::Literal(Literal::Str(key))) => {
                let place = Place { labels: Arc::clone(labels), path: Vec::new() };
                self.place(place.join(key), index.span)
            }
            // a computed key may be any; a computed number is an element
            (Type::Document(_), _) if index_type == Type::Int => Ok(ty.element()),
            (Type::Document(_), _) => Ok(Type::Any),
            _ => Ok(ty.element()),
        }
    }

    fn unary(&mut self, op: UnaryOp, expr: &Expr, operand: &Expr) -> Result<Type, QueryError> {
        match op {
            UnaryOp::Not => self.condition(expr).map(|()| Type::Bool),
            UnaryOp::IsNull | UnaryOp::IsNotNull => self.expr(operand).map(|_| Type::Bool),
            UnaryOp::Minus | UnaryOp::Plus => {
                let ty = self.expr(operand)?;
                if ty.mask().meets(TypeSet::NUMBER.or(TypeSet::DURATION)) {
                    return Ok(ty);
                }
                Err(self.bad_type(operand, "a sign", "a number", &ty))
            }
        }
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        expr: &Expr,
        left: &Expr,
        right: &Expr,
    ) -> Result<Type, QueryError> {
        if matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor) {
            return self.condition(expr).map(|()| Type::Bool);
        }
        let types = (self.expr(left)?, self.expr(right)?);
        self.binary_type(op, expr, right, types)
    }

    /// What an operation on operands of such types gives.
    fn binary_type(
        &self,
        op: BinaryOp,
        expr: &Expr,
        right: &Expr,
        (left_type, right_type): (Type, Type),
    ) -> Result<Type, QueryError> {
        let has = |set: TypeSet| left_type.mask().meets(set) && right_type.mask().meets(set);
        let time = TypeSet::DATETIME.or(TypeSet::DURATION);
        let fits = match op {
            BinaryOp::In if !right_type.mask().meets(TypeSet::LIST) => {
                return Err(self.bad_type(right, "`IN`", "a list", &right_type));
            }
            BinaryOp::Add => {
                let is_list = |it: &Type| it.mask().meets(TypeSet::LIST);
                let adds = has(TypeSet::NUMBER.or(TypeSet::STR).or(time));
                adds || is_list(&left_type) || is_list(&right_type)
            }
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => has(TypeSet::NUMBER.or(time)),
            BinaryOp::Mod | BinaryOp::Pow => has(TypeSet::NUMBER),
            _ => return Ok(Type::Bool),
        };
        if fits {
            return Ok(arithmetic_type(op, left_type, right_type));
        }
        let (left, right) = (left_type.name(), right_type.name());
        let message = format!("`{op}` cannot be used on {left} and {right}");
        Err(self.error(ErrorKind::InvalidArgumentType, expr.span, message))
    }

    fn case(&mut self, case: &Case) -> Result<Type, QueryError> {
        if let Some(subject) = &case.subject {
            self.expr(subject)?;
        }
        let mut result = Type::Null;
        for (when, then) in &case.branches {
            if case.subject.is_some() {
                self.expr(when)?;
            } else {
                self.condition(when)?;
            }
            result = result.or(self.expr(then)?);
        }
        match &case.otherwise {
            Some(otherwise) => Ok(result.or(self.expr(otherwise)?)),
            None => Ok(result),
        }
    }

    /// The list of a comprehension; says what its elements are.
    fn elements(&mut self, list: &Expr, what: &str) -> Result<Type, QueryError> {
        let ty = self.expr(list)?;
        if ty.mask().meets(TypeSet::LIST) {
            return Ok(ty.element());
        }
        Err(self.bad_type(list, what, "a list", &ty))
    }

    /// Runs `inner` with one more variable, where rows cannot be aggregated.
    fn with_local<T>(&mut self, name: &Name, ty: Type, inner: impl FnOnce(&mut Self) -> T) -> T {
        let state = match self.aggregation {
            Aggregation::Inside => Aggregation::Inside,
            Aggregation::Allowed | Aggregation::Forbidden => Aggregation::Forbidden,
        };
        self.declare(&name.text, ty);
        let result = self.aggregating(state, inner);
        self.scope.pop();
        result
    }

    fn list_comprehension(&mut self, it: &ListComprehension) -> Result<Type, QueryError> {
        let element = self.elements(&it.list, "a comprehension")?;
        let kept = element.clone();
        self.with_local(&it.variable, element, |checker| {
            it.condition.as_ref().map_or(Ok(()), |it| checker.condition(it))?;
            let projected = it.projection.as_ref().map_or(Ok(kept), |it| checker.expr(it))?;
            Ok(Type::list_of(projected))
        })
    }

    fn quantifier(&mut self, it: &Quantifier) -> Result<Type, QueryError> {
        let element = self.elements(&it.list, "a quantifier")?;
        self.with_local(&it.variable, element, |checker| checker.condition(&it.condition))?;
        Ok(Type::Bool)
    }

    fn reduce(&mut self, it: &Reduce) -> Result<Type, QueryError> {
        self.expr(&it.init)?;
        let element = self.elements(&it.list, "`reduce`")?;
        self.with_local(&it.accumulator, Type::Any, |checker| {
            checker.with_local(&it.variable, element, |checker| checker.expr(&it.body))
        })?;
        Ok(Type::Any)
    }

    fn map_projection(&mut self, it: &MapProjection) -> Result<Type, QueryError> {
        let ty = self.variable(&it.subject)?;
        let wanted = TypeSet::MAP.or(TypeSet::NODE).or(TypeSet::EDGE);
        if !ty.mask().meets(wanted) {
            let subject = Expr::new(ExprKind::Variable(it.subject.clone()), it.subject.span);
            return Err(self.bad_type(&subject, "a map projection", &wanted.names(), &ty));
        }
        for item in &it.items {
            match item {
                MapItem::All(_) => {}
                MapItem::Property(key) => {
                    let subject =
                        Expr::new(ExprKind::Variable(it.subject.clone()), it.subject.span);
                    self.property(&subject, key)?;
                }
                MapItem::Entry(_, value) => {
                    self.expr(value)?;
                }
                MapItem::Variable(name) => {
                    self.variable(name)?;
                }
            }
        }
        Ok(Type::Map)
    }

    fn pattern_comprehension(&mut self, it: &PatternComprehension) -> Result<Type, QueryError> {
        let projected = self.scoped(|checker| {
            checker.aggregating(Aggregation::Forbidden, |checker| {
                checker.bind_patterns(std::slice::from_ref(&it.pattern))?;
                it.condition.as_ref().map_or(Ok(()), |it| checker.condition(it))?;
                checker.expr(&it.projection)
            })
        })?;
        Ok(Type::list_of(projected))
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Float(_) => Type::Float,
        Literal::Str(_) => Type::Str,
    }
}

/// What an operation on operands that fit gives.
fn arithmetic_type(op: BinaryOp, left: Type, right: Type) -> Type {
    match (op, left, right) {
        (BinaryOp::Pow, Type::Int | Type::Float, Type::Int | Type::Float)
        | (_, Type::Float, Type::Int | Type::Float)
        | (_, Type::Int, Type::Float) => Type::Float,
        (_, Type::Int, Type::Int) => Type::Int,
        (BinaryOp::Add, Type::Str, Type::Str) => Type::Str,
        (BinaryOp::Add, Type::List(left), Type::List(right)) => {
            Type::list_of(left.as_ref().clone().or(right.as_ref().clone()))
        }
        (BinaryOp::Add, Type::List(_), _) | (BinaryOp::Add, _, Type::List(_)) => {
            Type::list_of(Type::Any)
        }
        (_, Type::DateTime, Type::Duration) => Type::DateTime,
        _ => Type::Any,
    }
}
