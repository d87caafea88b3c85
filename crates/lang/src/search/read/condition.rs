//! Expressions as conditions.

use super::{Beyond, Read, beyond, exists, is_true, pattern_condition};
use crate::ast::{BinaryOp, Call, CompareOp, Expr, ExprKind, Literal, Quantifier, Span, UnaryOp};
use crate::search::normal::negated;
use crate::search::{Elements, Group, Item, Of, Scalar, Test, TestOp};

/// What conditions are about.
pub(super) struct Scope {
    names: Vec<String>,
    /// It is the element of a list, which is no node.
    is_element: bool,
}

/// A condition, with the name of what it is about.
type Owned = (String, Item);

/// A value of something: whose, where, and what of it.
struct Place {
    of: String,
    path: Vec<String>,
    otherwise: Option<Scalar>,
    form: Of,
    span: Span,
}

impl Scope {
    /// Conditions about one of these nodes.
    pub(super) fn of_things(names: Vec<String>) -> Self {
        Self { names, is_element: false }
    }

    /// The conditions that AND joins.
    pub(super) fn list(&self, expr: &Expr) -> Read<Vec<Owned>> {
        if is_true(expr) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for operand in operands(expr, BinaryOp::And) {
            found.push(self.item(operand)?);
        }
        Ok(found)
    }

    fn item(&self, expr: &Expr) -> Read<Owned> {
        match &expr.kind {
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => self.group(expr, *op),
            ExprKind::Binary(BinaryOp::In, left, right) => self.one_of(left, right),
            ExprKind::Binary(op, left, right) => match text_op(*op) {
                Some(op) => self.test(left, op, vec![constant(right)?]),
                None => beyond(expr.span, "something is computed"),
            },
            ExprKind::Unary(UnaryOp::Not, inner) => {
                let (of, item) = self.item(inner)?;
                Ok((of, negated(item)))
            }
            ExprKind::Unary(UnaryOp::IsNull, of) => self.test(of, TestOp::IsNull, Vec::new()),
            ExprKind::Unary(UnaryOp::IsNotNull, of) => self.test(of, TestOp::IsNotNull, Vec::new()),
            ExprKind::Compare(left, rest) => match rest.as_slice() {
                [(op, right)] => self.comparison(left, *op, right),
                _ => beyond(expr.span, "a value is compared twice at once"),
            },
            ExprKind::Quantifier(it) => self.elements(it),
            ExprKind::Exists(query) if !self.is_element => {
                let (of, connection) = exists(query, &|name| self.knows(name))?;
                Ok((of, Item::Connection(connection)))
            }
            ExprKind::Pattern(pattern) if !self.is_element => {
                let (of, connection) = pattern_condition(pattern, &|name| self.knows(name))?;
                Ok((of, Item::Connection(connection)))
            }
            ExprKind::Property(..) | ExprKind::Index(..) | ExprKind::Call(_) => {
                let op = TestOp::Compare(CompareOp::Eq);
                self.test(expr, op, vec![Scalar::Bool(true)])
            }
            ExprKind::HasLabels(..) => beyond(expr.span, "a label is a condition"),
            _ => beyond(expr.span, "this condition has no form"),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|it| it == name)
    }

    fn group(&self, expr: &Expr, op: BinaryOp) -> Read<Owned> {
        let mut owner: Option<String> = None;
        let mut items = Vec::new();
        for operand in operands(expr, op) {
            let (of, item) = self.item(operand)?;
            if let Some(other) = owner.as_ref().filter(|it| **it != of) {
                let why = format!("a group of conditions is about both `{other}` and `{of}`");
                return beyond(expr.span, why);
            }
            owner = Some(of);
            items.push(item);
        }
        let group = Group { is_any: op == BinaryOp::Or, not: false, items };
        Ok((owner.unwrap_or_default(), Item::Group(group)))
    }

    fn comparison(&self, left: &Expr, op: CompareOp, right: &Expr) -> Read<Owned> {
        if constant(left).is_ok() && constant(right).is_err() {
            return self.test(right, TestOp::Compare(mirrored(op)), vec![constant(left)?]);
        }
        self.test(left, TestOp::Compare(op), vec![constant(right)?])
    }

    fn one_of(&self, left: &Expr, right: &Expr) -> Read<Owned> {
        match &right.kind {
            ExprKind::List(items) => {
                let values = items.iter().map(constant).collect::<Read<Vec<Scalar>>>()?;
                self.test(left, TestOp::In, values)
            }
            _ => self.test(right, TestOp::Has, vec![constant(left)?]),
        }
    }

    fn test(&self, left: &Expr, op: TestOp, values: Vec<Scalar>) -> Read<Owned> {
        let place = self.place(left)?;
        if place.path.is_empty() && !self.is_element {
            return beyond(place.span, "a whole node is compared");
        }
        let Place { of, path, otherwise, form, .. } = place;
        Ok((of, Item::Test(Test { path, otherwise, of: form, op, values, not: false })))
    }

    fn elements(&self, it: &Quantifier) -> Read<Owned> {
        let (list, or_empty) = match &it.list.kind {
            ExprKind::Call(call) => match coalesced(call) {
                Some((list, otherwise)) if is_empty_list(otherwise) => (list, true),
                _ => return beyond(it.list.span, "a list is computed"),
            },
            _ => (&it.list, false),
        };
        let place = self.place(list)?;
        if place.path.is_empty() {
            return beyond(place.span, "the elements of an element are compared");
        }
        let variable = it.variable.as_str().to_owned();
        let inner = Self { names: vec![variable.clone()], is_element: true };
        let items: Vec<Item> =
            inner.list(&it.condition)?.into_iter().map(|(_, item)| item).collect();
        if items.is_empty() {
            return beyond(it.condition.span, "nothing is said about the elements");
        }
        let (quantifier, path) = (it.kind, place.path);
        let elements = Elements { path, or_empty, quantifier, variable, items, not: false };
        Ok((place.of, Item::Elements(elements)))
    }

    /// What is compared.
    fn place(&self, expr: &Expr) -> Read<Place> {
        if let ExprKind::Call(call) = &expr.kind
            && let Some((form, inner)) = form_of(call)
        {
            let place = self.with_otherwise(inner)?;
            return Ok(Place { form, ..place });
        }
        self.with_otherwise(expr)
    }

    fn with_otherwise(&self, expr: &Expr) -> Read<Place> {
        if let ExprKind::Call(call) = &expr.kind {
            let Some((inner, otherwise)) = coalesced(call) else {
                return beyond(expr.span, format!("`{}` is computed", call.function.as_str()));
            };
            let place = self.bare(inner)?;
            return Ok(Place { otherwise: Some(constant(otherwise)?), ..place });
        }
        self.bare(expr)
    }

    fn bare(&self, expr: &Expr) -> Read<Place> {
        let mut path = Vec::new();
        let mut at = expr;
        loop {
            match &at.kind {
                ExprKind::Property(of, key) => {
                    path.push(key.as_str().to_owned());
                    at = of;
                }
                ExprKind::Index(of, index) => match &index.kind {
                    ExprKind::Literal(Literal::Str(key)) => {
                        path.push(key.to_string());
                        at = of;
                    }
                    _ => return beyond(index.span, "an element is taken by its number"),
                },
                ExprKind::Variable(name) if self.knows(name.as_str()) => {
                    path.reverse();
                    let (of, span) = (name.as_str().to_owned(), expr.span);
                    return Ok(Place { of, path, otherwise: None, form: Of::Value, span });
                }
                ExprKind::Variable(name) => {
                    let why = format!("`{}` is compared where it is not at hand", name.as_str());
                    return beyond(name.span, why);
                }
                _ => return beyond(at.span, "something is computed"),
            }
        }
    }
}

/// What a chain of one operator joins, from left to right.
fn operands(expr: &Expr, op: BinaryOp) -> Vec<&Expr> {
    let (mut found, mut open) = (Vec::new(), vec![expr]);
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Binary(own, left, right) if *own == op => open.extend([&**right, &**left]),
            _ => found.push(expr),
        }
    }
    found
}

fn text_op(op: BinaryOp) -> Option<TestOp> {
    match op {
        BinaryOp::Contains => Some(TestOp::Contains),
        BinaryOp::StartsWith => Some(TestOp::StartsWith),
        BinaryOp::EndsWith => Some(TestOp::EndsWith),
        BinaryOp::Matches => Some(TestOp::Matches),
        _ => None,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Eq | CompareOp::Ne => op,
    }
}

fn is_called(call: &Call, name: &str) -> bool {
    call.function.as_str().eq_ignore_ascii_case(name) && !call.distinct
}

/// `coalesce(value, otherwise)`.
fn coalesced(call: &Call) -> Option<(&Expr, &Expr)> {
    match call.args.as_slice() {
        [value, otherwise] if is_called(call, "coalesce") => Some((value, otherwise)),
        _ => None,
    }
}

/// What of its argument a function gives.
fn form_of(call: &Call) -> Option<(Of, &Expr)> {
    let [inner] = call.args.as_slice() else { return None };
    let forms = [
        ("toLower", Of::LowerCase),
        ("lower", Of::LowerCase),
        ("size", Of::Size),
        ("datetime", Of::Instant),
    ];
    forms.iter().find(|(name, _)| is_called(call, name)).map(|(_, form)| (*form, inner))
}

fn is_empty_list(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::List(items) if items.is_empty())
}

/// A constant, or an instant so long from now.
pub(super) fn constant(expr: &Expr) -> Read<Scalar> {
    let computed =
        || Beyond(expr.span, "it is compared with something that is computed".to_owned());
    match &expr.kind {
        ExprKind::Literal(Literal::Bool(value)) => Ok(Scalar::Bool(*value)),
        ExprKind::Literal(Literal::Int(number)) => Ok(Scalar::Int(*number)),
        ExprKind::Literal(Literal::Float(number)) => Ok(Scalar::Float(*number)),
        ExprKind::Literal(Literal::Str(text)) => Ok(Scalar::Text(text.to_string())),
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), left, right) if is_now(left) => {
            let ExprKind::Call(call) = &right.kind else { return Err(computed()) };
            match call.args.as_slice() {
                [Expr { kind: ExprKind::Literal(Literal::Str(period)), .. }]
                    if is_called(call, "duration") =>
                {
                    let period = period.to_string();
                    let is_ahead = *op == BinaryOp::Add;
                    Ok(if is_ahead { Scalar::Ahead(period) } else { Scalar::Ago(period) })
                }
                _ => Err(computed()),
            }
        }
        _ => Err(computed()),
    }
}

/// `$now` and `datetime()`, which are the same.
fn is_now(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Parameter(name) => name.as_str() == "now",
        ExprKind::Call(call) => is_called(call, "datetime") && call.args.is_empty(),
        _ => false,
    }
}
