//! Expressions to closures.

use std::sync::Arc;

use lang::ast::{BinaryOp, Call, Case, Expr, ExprKind, MapItem, MapProjection, Name, UnaryOp};
use lang::error::ErrorKind;
use lang::value::{Text, Truth, Value};

use super::constant::{is_constant, literal};
use super::{Compiler, Known};
use crate::error::Error;
use crate::ops;
use crate::run::{Eval, Frame, Limits};

/// A closure that gives the same value in every row.
fn constant(value: Value<'_>) -> Eval<'_> {
    Box::new(move |_| Ok(value.clone()))
}

impl<'g> Compiler<'g> {
    /// The value of a constant expression; `None` when it is not constant or fails.
    pub(crate) fn constant_value(&mut self, expr: &'g Expr) -> Option<Value<'g>> {
        if let ExprKind::Literal(it) = &expr.kind {
            return Some(literal(it));
        }
        if !is_constant(expr) {
            return None;
        }
        let eval = self.eval_as_is(expr).ok()?;
        let mut frame = Frame::new(0, Limits::usual());
        eval(&mut frame).ok()
    }

    /// Compiles an expression.
    pub(crate) fn eval(&mut self, expr: &'g Expr) -> Result<Eval<'g>, Error> {
        if let Some((_, slot)) = self.known_exprs.iter().find(|(known, _)| *known == expr) {
            let slot = *slot;
            return Ok(Box::new(move |frame| Ok(frame.get(slot).clone())));
        }
        match self.constant_value(expr) {
            Some(value) => Ok(constant(value)),
            None => self.eval_as_is(expr),
        }
    }

    fn eval_all(&mut self, exprs: &'g [Expr]) -> Result<Vec<Eval<'g>>, Error> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    fn eval_as_is(&mut self, expr: &'g Expr) -> Result<Eval<'g>, Error> {
        Ok(match &expr.kind {
            ExprKind::Literal(it) => constant(literal(it)),
            ExprKind::Parameter(name) => match self.params.get(name.as_str()) {
                Some(value) => constant(value.clone()),
                None if name.as_str() == "now" => constant(Value::DateTime(self.host.now)),
                None => return Err(Error::missing_parameter(name.as_str())),
            },
            ExprKind::Variable(name) => self.variable(name.as_str())?,
            ExprKind::List(items) => {
                let items = self.eval_all(items)?;
                Box::new(move |frame| {
                    let (mut values, mut held) = (Vec::with_capacity(items.len()), 0_u64);
                    for item in &items {
                        let value = item(frame)?;
                        held = held.saturating_add(frame.held(&value));
                        values.push(value);
                        frame.must_have_room(held)?;
                    }
                    Ok(Value::list(values))
                })
            }
            ExprKind::Map(entries) => self.map(entries)?,
            ExprKind::Property(of, key) => {
                if let Some(path) = self.path_read(expr) {
                    Box::new(move |frame| path.value(frame))
                } else {
                    let (of, host) = (self.eval(of)?, Arc::clone(&self.host));
                    Box::new(move |frame| Ok(ops::property(&*host, &of(frame)?, key.as_str())?))
                }
            }
            ExprKind::Index(of, index) => {
                let (of, index) = (self.eval(of)?, self.eval(index)?);
                let host = Arc::clone(&self.host);
                Box::new(move |frame| Ok(ops::index(&*host, &of(frame)?, &index(frame)?)?))
            }
            ExprKind::Slice(of, from, to) => self.slice(of, from.as_deref(), to.as_deref())?,
            ExprKind::HasLabels(..)
            | ExprKind::Compare(..)
            | ExprKind::Quantifier(_)
            | ExprKind::Pattern(_)
            | ExprKind::Exists(_)
            | ExprKind::Unary(UnaryOp::Not | UnaryOp::IsNull | UnaryOp::IsNotNull, _)
            | ExprKind::Binary(
                BinaryOp::And
                | BinaryOp::Or
                | BinaryOp::Xor
                | BinaryOp::In
                | BinaryOp::StartsWith
                | BinaryOp::EndsWith
                | BinaryOp::Contains
                | BinaryOp::Matches,
                ..,
            ) => {
                let test = self.test_as_is(expr)?;
                Box::new(move |frame| Ok(Value::from(test(frame)?)))
            }
            ExprKind::Unary(op, of) => {
                let (op, of) = (*op, self.eval(of)?);
                Box::new(move |frame| Ok(ops::unary(op, &of(frame)?)?))
            }
            ExprKind::Binary(op, left, right) => {
                let (op, left, right) = (*op, self.eval(left)?, self.eval(right)?);
                Box::new(move |frame| Ok(ops::binary(op, &left(frame)?, &right(frame)?)?))
            }
            ExprKind::Call(call) => self.call(call)?,
            ExprKind::Case(case) => self.case(case)?,
            ExprKind::ListComprehension(it) => self.list_comprehension(it)?,
            ExprKind::Reduce(it) => self.reduce(it)?,
            ExprKind::MapProjection(it) => self.map_projection(it)?,
            ExprKind::PatternComprehension(it) => self.pattern_comprehension(it)?,
            ExprKind::Count(query) => self.count_query(query)?,
            ExprKind::CountStar => {
                return Err(Error::misplaced(ErrorKind::InvalidAggregation, "count(*)"));
            }
        })
    }

    fn map(&mut self, entries: &'g [(Name, Expr)]) -> Result<Eval<'g>, Error> {
        let mut evals = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            evals.push((name.as_str(), self.eval(value)?));
        }
        Ok(Box::new(move |frame| {
            let mut values = Vec::with_capacity(evals.len());
            for (name, eval) in &evals {
                values.push((Text::Borrowed(name), eval(frame)?));
            }
            Ok(Value::map(values))
        }))
    }

    fn variable(&mut self, name: &str) -> Result<Eval<'g>, Error> {
        let Some(variable) = self.find(name) else { return Err(Error::undefined(name)) };
        let slot = variable.slot;
        Ok(Box::new(move |frame| Ok(frame.get(slot).clone())))
    }

    fn slice(
        &mut self,
        of: &'g Expr,
        from: Option<&'g Expr>,
        to: Option<&'g Expr>,
    ) -> Result<Eval<'g>, Error> {
        let of = self.eval(of)?;
        let from = from.map(|it| self.eval(it)).transpose()?;
        let to = to.map(|it| self.eval(it)).transpose()?;
        Ok(Box::new(move |frame| {
            let of = of(frame)?;
            let from = from.as_ref().map(|it| it(frame)).transpose()?;
            let to = to.as_ref().map(|it| it(frame)).transpose()?;
            Ok(ops::slice(&of, from.as_ref(), to.as_ref())?)
        }))
    }

    fn call(&mut self, call: &'g Call) -> Result<Eval<'g>, Error> {
        let name = call.function.as_str();
        if name.eq_ignore_ascii_case("coalesce") {
            let args = self.eval_all(&call.args)?;
            return Ok(Box::new(move |frame| {
                for arg in &args {
                    let value = arg(frame)?;
                    if !value.is_null() {
                        return Ok(value);
                    }
                }
                Ok(Value::Null)
            }));
        }
        if let ("length", [Expr { kind: ExprKind::Variable(path), .. }]) =
            (&*name.to_ascii_lowercase(), &*call.args)
            && let Some(variable) = self.find(path.as_str())
            && variable.known == Known::PathLength
        {
            let slot = variable.slot;
            return Ok(Box::new(move |frame| Ok(frame.get(slot).clone())));
        }
        if lang::functions::aggregate::Aggregate::find(name).is_some() {
            return Err(Error::misplaced(ErrorKind::InvalidAggregation, name));
        }
        let Some(function) = lang::functions::find(name) else {
            return Err(Error::misplaced(ErrorKind::UnknownFunction, name));
        };
        let (mut args, host) = (self.eval_all(&call.args)?, Arc::clone(&self.host));
        if args.len() == 1
            && let Some(arg) = args.pop()
        {
            return Ok(Box::new(move |frame| {
                let value = arg(frame)?;
                Ok(function.apply(&host.context(), &[value])?)
            }));
        }
        Ok(Box::new(move |frame| {
            let mut values = Vec::with_capacity(args.len());
            for arg in &args {
                values.push(arg(frame)?);
            }
            Ok(function.apply(&host.context(), &values)?)
        }))
    }

    fn case(&mut self, case: &'g Case) -> Result<Eval<'g>, Error> {
        let otherwise = case.otherwise.as_ref().map(|it| self.eval(it)).transpose()?;
        let finish = move |frame: &mut Frame<'g>| match &otherwise {
            Some(otherwise) => otherwise(frame),
            None => Ok(Value::Null),
        };
        let Some(subject) = &case.subject else {
            let mut branches = Vec::with_capacity(case.branches.len());
            for (when, then) in &case.branches {
                branches.push((self.test(when)?, self.eval(then)?));
            }
            return Ok(Box::new(move |frame| {
                for (when, then) in &branches {
                    match when(frame)? {
                        Truth::True => return then(frame),
                        Truth::Unread(gap) => return Ok(Value::Unread(gap)),
                        Truth::False | Truth::Null => {}
                    }
                }
                finish(frame)
            }));
        };
        let subject = self.eval(subject)?;
        let mut branches = Vec::with_capacity(case.branches.len());
        for (when, then) in &case.branches {
            branches.push((self.eval(when)?, self.eval(then)?));
        }
        Ok(Box::new(move |frame| {
            let subject = subject(frame)?;
            for (when, then) in &branches {
                match lang::value::compare::equals(&subject, &when(frame)?) {
                    Truth::True => return then(frame),
                    Truth::Unread(gap) => return Ok(Value::Unread(gap)),
                    Truth::False | Truth::Null => {}
                }
            }
            finish(frame)
        }))
    }

    fn map_projection(&mut self, it: &'g MapProjection) -> Result<Eval<'g>, Error> {
        enum Item<'g> {
            All,
            Property(&'g str),
            Entry(&'g str, Eval<'g>),
        }
        let subject = self.variable(it.subject.as_str())?;
        let mut items = Vec::with_capacity(it.items.len());
        for item in &it.items {
            items.push(match item {
                MapItem::All(_) => Item::All,
                MapItem::Property(key) => Item::Property(key.as_str()),
                MapItem::Entry(key, value) => Item::Entry(key.as_str(), self.eval(value)?),
                MapItem::Variable(name) => {
                    Item::Entry(name.as_str(), self.variable(name.as_str())?)
                }
            });
        }
        let host = Arc::clone(&self.host);
        Ok(Box::new(move |frame| {
            let subject = subject(frame)?;
            if let Value::Null | Value::Unread(_) = subject {
                return Ok(subject);
            }
            let mut entries = Vec::new();
            for item in &items {
                match item {
                    Item::All => entries.extend(ops::entries(&*host, &subject)?),
                    Item::Property(key) => {
                        entries.push((Text::Borrowed(key), ops::property(&*host, &subject, key)?));
                    }
                    Item::Entry(key, eval) => entries.push((Text::Borrowed(key), eval(frame)?)),
                }
            }
            Ok(Value::map(entries))
        }))
    }
}
