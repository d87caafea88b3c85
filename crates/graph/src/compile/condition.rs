//! Conditions: expressions compiled to a truth rather than to a value.

use std::sync::Arc;

use lang::ast::{BinaryOp, CompareOp, Expr, ExprKind, LabelExpr, UnaryOp};
use lang::ops::{compare_by, truth as truth_of};
use lang::value::{Truth, Value};
use model::View;

use super::{Compiler, PathRead};
use crate::error::Error;
use crate::ops;
use crate::run::{Eval, Test};
use crate::store::Graph;

/// Whether labels fit, by the number of the label set of a node; `None` when any do.
pub(crate) fn labels_table(graph: &Graph, labels: &[&LabelExpr]) -> Option<Box<[bool]>> {
    let names = graph.label_names();
    let sets = graph.label_sets();
    match labels {
        [] => None,
        // mostly it is one: then its name is looked up once, not once a set
        [LabelExpr::Label(name)] => {
            let label = names.find(name.as_str());
            Some(sets.iter().map(|set| label.is_some_and(|it| set.contains(&it))).collect())
        }
        _ => {
            let mut numbers = Vec::new();
            let mut note = |name: &lang::ast::Name| {
                numbers.push((Arc::clone(&name.text), names.find(name.as_str())));
            };
            for labels in labels {
                labels.for_each(&mut note);
            }
            let fits = |set: &[u32]| {
                let mut has = |name: &str| {
                    let number = numbers.iter().find(|it| *it.0 == *name).and_then(|it| it.1);
                    number.is_some_and(|it| set.contains(&it))
                };
                labels.iter().all(|labels| labels.matches(&mut has))
            };
            Some(sets.iter().map(fits).collect())
        }
    }
}

impl<'g> Compiler<'g> {
    /// Compiles a condition.
    pub(crate) fn test(&mut self, expr: &'g Expr) -> Result<Test<'g>, Error> {
        let is_known = self.known_exprs.iter().any(|(known, _)| *known == expr);
        if is_known || self.constant_value(expr).is_some() {
            return self.test_of_value(expr);
        }
        self.test_as_is(expr)
    }

    /// Compiles a condition without asking whether it is constant.
    pub(super) fn test_as_is(&mut self, expr: &'g Expr) -> Result<Test<'g>, Error> {
        Ok(match &expr.kind {
            ExprKind::Binary(BinaryOp::And, left, right) => {
                let (left, right) = (self.test(left)?, self.test(right)?);
                Box::new(move |frame| match left(frame)? {
                    Truth::False => Ok(Truth::False),
                    truth => Ok(truth.and(right(frame)?)),
                })
            }
            ExprKind::Binary(BinaryOp::Or, left, right) => {
                let (left, right) = (self.test(left)?, self.test(right)?);
                Box::new(move |frame| match left(frame)? {
                    Truth::True => Ok(Truth::True),
                    truth => Ok(truth.or(right(frame)?)),
                })
            }
            ExprKind::Binary(BinaryOp::Xor, left, right) => {
                let (left, right) = (self.test(left)?, self.test(right)?);
                Box::new(move |frame| Ok(left(frame)?.xor(right(frame)?)))
            }
            ExprKind::Binary(
                op @ (BinaryOp::In
                | BinaryOp::StartsWith
                | BinaryOp::EndsWith
                | BinaryOp::Contains
                | BinaryOp::Matches),
                left,
                right,
            ) => self.text_test(*op, left, right)?,
            ExprKind::Unary(UnaryOp::Not, of) => {
                let of = self.test(of)?;
                Box::new(move |frame| Ok(!of(frame)?))
            }
            ExprKind::Unary(op @ (UnaryOp::IsNull | UnaryOp::IsNotNull), of) => {
                let (wants_null, of) = (*op == UnaryOp::IsNull, self.eval(of)?);
                Box::new(move |frame| {
                    Ok(match of(frame)? {
                        Value::Unread(gap) => Truth::Unread(gap),
                        value => Truth::from(value.is_null() == wants_null),
                    })
                })
            }
            ExprKind::Compare(first, rest) => self.comparison(first, rest)?,
            ExprKind::HasLabels(of, labels) => self.has_labels(of, labels)?,
            ExprKind::Quantifier(it) => self.quantifier(it)?,
            ExprKind::Pattern(pattern) => self.pattern_test(pattern)?,
            ExprKind::Exists(query) => self.exists_query(query)?,
            _ => return self.test_of_value(expr),
        })
    }

    fn test_of_value(&mut self, expr: &'g Expr) -> Result<Test<'g>, Error> {
        let eval = self.eval(expr)?;
        Ok(Box::new(move |frame| Ok(truth_of(&eval(frame)?)?)))
    }

    fn has_labels(&mut self, of: &'g Expr, labels: &'g LabelExpr) -> Result<Test<'g>, Error> {
        let (of, host, graph) = (self.eval(of)?, Arc::clone(&self.host), self.graph);
        let table = labels_table(graph, &[labels]).unwrap_or_default();
        Ok(Box::new(move |frame| {
            let value = of(frame)?;
            if let Value::Node(node) = value {
                let set = graph.label_set(node.0) as usize;
                return Ok(Truth::from(table.get(set).copied().unwrap_or(false)));
            }
            Ok(ops::has_labels(&*host, &value, labels)?)
        }))
    }

    fn text_test(
        &mut self,
        op: BinaryOp,
        left: &'g Expr,
        right: &'g Expr,
    ) -> Result<Test<'g>, Error> {
        let pattern = match self.constant_value(right) {
            Some(Value::Str(text)) if op == BinaryOp::Matches => match self.patterns {
                Some(patterns) => patterns.get(text.as_str()),
                None => ops::WholeMatch::new(text.as_str()).ok(),
            },
            _ => None,
        };
        if let Some(regex) = pattern {
            let left = self.eval(left)?;
            return Ok(Box::new(move |frame| {
                Ok(match left(frame)? {
                    Value::Str(text) => Truth::from(regex.fits(text.as_str())),
                    Value::Unread(gap) => Truth::Unread(gap),
                    _ => Truth::Null,
                })
            }));
        }
        if op == BinaryOp::In
            && let Some(Value::List(items)) = self.constant_value(right)
            && items.iter().all(|item| matches!(item, Value::Str(_)))
        {
            let left = self.eval(left)?;
            return Ok(Box::new(move |frame| {
                Ok(match left(frame)? {
                    Value::Unread(gap) => Truth::Unread(gap),
                    Value::Null if items.is_empty() => Truth::False,
                    Value::Null => Truth::Null,
                    Value::Str(text) => {
                        let text = text.as_str();
                        Truth::from(items.iter().any(|item| item.as_str() == Some(text)))
                    }
                    _ => Truth::False,
                })
            }));
        }
        let (left, right) = (self.eval(left)?, self.eval(right)?);
        Ok(Box::new(move |frame| Ok(truth_of(&ops::binary(op, &left(frame)?, &right(frame)?)?)?)))
    }

    fn comparison(
        &mut self,
        first: &'g Expr,
        rest: &'g [(CompareOp, Expr)],
    ) -> Result<Test<'g>, Error> {
        if let [(op, second)] = rest {
            if let Some(value) = self.constant_value(second) {
                if !self.is_known(first)
                    && let Some(path) = self.path_read(first)
                {
                    return Ok(path_against(path, *op, value));
                }
                return Ok(value_against(self.eval(first)?, *op, value));
            }
            let (left, op, right) = (self.eval(first)?, *op, self.eval(second)?);
            return Ok(Box::new(move |frame| Ok(compare_by(op, &left(frame)?, &right(frame)?))));
        }
        let first = self.eval(first)?;
        let mut others = Vec::with_capacity(rest.len());
        for (op, other) in rest {
            others.push((*op, self.eval(other)?));
        }
        Ok(Box::new(move |frame| {
            let mut left = first(frame)?;
            let mut truth = Truth::True;
            for (op, other) in &others {
                let right = other(frame)?;
                truth = truth.and(compare_by(*op, &left, &right));
                if truth.is_false() {
                    break;
                }
                left = right;
            }
            Ok(truth)
        }))
    }

    fn is_known(&self, expr: &Expr) -> bool {
        self.known_exprs.iter().any(|(known, _)| *known == expr)
    }
}

fn value_against<'g>(left: Eval<'g>, op: CompareOp, right: Value<'g>) -> Test<'g> {
    Box::new(move |frame| Ok(compare_by(op, &left(frame)?, &right)))
}

/// A path compared with a constant: the commonest condition, so it reads the document without
/// making a value.
fn path_against<'g>(path: PathRead<'g>, op: CompareOp, right: Value<'g>) -> Test<'g> {
    let negated = match op {
        CompareOp::Eq => false,
        CompareOp::Ne => true,
        CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => {
            return value_against(Box::new(move |frame| path.value(frame)), op, right);
        }
    };
    match right {
        Value::Str(text) => Box::new(move |frame| match path.view_in(frame) {
            Some(View::Str(it)) => Ok(Truth::from((it == text.as_str()) != negated)),
            Some(View::Null) => Ok(Truth::Null),
            Some(View::Unread(gap)) => Ok(Truth::Unread(gap)),
            _ => Ok(compare_by(op, &path.value(frame)?, &Value::Str(text.clone()))),
        }),
        Value::Bool(bool) => Box::new(move |frame| match path.view_in(frame) {
            Some(View::Bool(it)) => Ok(Truth::from((it == bool) != negated)),
            Some(View::Null) => Ok(Truth::Null),
            Some(View::Unread(gap)) => Ok(Truth::Unread(gap)),
            _ => Ok(compare_by(op, &path.value(frame)?, &Value::Bool(bool))),
        }),
        right => value_against(Box::new(move |frame| path.value(frame)), op, right),
    }
}
