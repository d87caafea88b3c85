//! Evaluates an expression by walking its tree: slow, and obviously right.
//!
//! In: a tree, and an [`Env`] that knows the variables. It serves as the oracle that the compiled engine is held
//! against, and for constants. What needs the graph as a whole (patterns, sub-queries) is asked of
//! [`Subqueries`].

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::ast::{
    BinaryOp, Case, CompareOp, Expr, ExprKind, ListComprehension, Literal, MapItem, MapProjection,
    PathPattern, PatternComprehension, Quantifier, QuantifierKind, Query, Reduce, UnaryOp,
};
use crate::error::{ErrorKind, EvalError};
use crate::functions::{self, Context, Random};
use crate::host::NoGraph;
use crate::ops::{self, Outcome};
use crate::value::{Text, Truth, Value};

/// What an expression is evaluated in.
pub trait Env<'g> {
    /// The value of a variable; `None` when there is none of that name.
    fn variable(&self, name: &str) -> Option<Value<'g>>;

    /// The value of a parameter; `None` when there is none of that name.
    fn parameter(&self, name: &str) -> Option<Value<'g>>;

    /// What functions may ask.
    fn context(&self) -> Context<'_, 'g>;

    /// Who answers patterns and sub-queries.
    fn subqueries(&self) -> &dyn Subqueries<'g>;

    /// The value of an expression that was computed before, such as an aggregate over the rows of a group.
    fn computed(&self, expr: &Expr) -> Option<Value<'g>> {
        let _ = expr;
        None
    }
}

/// Answers what needs the graph as a whole. `scope` holds the variables around the sub-query.
pub trait Subqueries<'g> {
    /// `EXISTS { query }`.
    ///
    /// # Errors
    /// As for any expression in it.
    fn exists(&self, query: &Query, scope: &dyn Env<'g>) -> Result<Truth, EvalError>;

    /// `COUNT { query }`: an integer, or unread.
    ///
    /// # Errors
    /// As for any expression in it.
    fn count(&self, query: &Query, scope: &dyn Env<'g>) -> Outcome<'g>;

    /// A pattern as a condition.
    ///
    /// # Errors
    /// As for any expression in it.
    fn fits(&self, pattern: &PathPattern, scope: &dyn Env<'g>) -> Result<Truth, EvalError>;

    /// `[pattern WHERE condition | projection]`.
    ///
    /// # Errors
    /// As for any expression in it.
    fn comprehension(&self, it: &PatternComprehension, scope: &dyn Env<'g>) -> Outcome<'g>;
}

/// Evaluates an expression.
///
/// # Errors
/// A value is of a type that does not fit, a result out of range, a parameter missing.
pub fn eval<'g>(expr: &Expr, env: &dyn Env<'g>) -> Outcome<'g> {
    if let Some(value) = env.computed(expr) {
        return Ok(value);
    }
    match &expr.kind {
        ExprKind::Literal(literal) => Ok(constant(literal)),
        ExprKind::Parameter(name) => parameter(name.as_str(), env),
        ExprKind::Variable(name) => variable(name.as_str(), env),
        ExprKind::Unary(op, operand) => unary(*op, operand, env),
        ExprKind::Binary(op, left, right) => binary(*op, left, right, env),
        ExprKind::Compare(first, rest) => compare(first, rest, env),
        ExprKind::Property(of, key) => {
            ops::property(env.context().host, &eval(of, env)?, key.as_str())
        }
        ExprKind::Index(of, index) => {
            ops::index(env.context().host, &eval(of, env)?, &eval(index, env)?)
        }
        ExprKind::HasLabels(of, labels) => {
            Ok(ops::has_labels(env.context().host, &eval(of, env)?, labels)?.into())
        }
        _ => composed(expr, env),
    }
}

/// An expression as a condition.
///
/// # Errors
/// As [`eval`]; and the value is neither a truth value nor null nor unread.
pub fn eval_truth(expr: &Expr, env: &dyn Env<'_>) -> Result<Truth, EvalError> {
    ops::truth(&eval(expr, env)?)
}

/// The value of a constant.
pub fn constant<'g>(literal: &Literal) -> Value<'g> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Float(value) => Value::Float(*value),
        Literal::Str(text) => Value::Str(Text::Shared(Arc::clone(text))),
    }
}

fn parameter<'g>(name: &str, env: &dyn Env<'g>) -> Outcome<'g> {
    match env.parameter(name) {
        Some(value) => Ok(value),
        None if name == "now" => Ok(Value::DateTime(env.context().now)),
        None => {
            let message = format!("the parameter `${name}` has no value");
            Err(EvalError::new(ErrorKind::MissingParameter, message))
        }
    }
}

fn variable<'g>(name: &str, env: &dyn Env<'g>) -> Outcome<'g> {
    env.variable(name).ok_or_else(|| {
        EvalError::new(
            ErrorKind::UndefinedVariable,
            format!("the variable `{name}` is not defined"),
        )
    })
}

fn unary<'g>(op: UnaryOp, operand: &Expr, env: &dyn Env<'g>) -> Outcome<'g> {
    let value = eval(operand, env)?;
    match op {
        UnaryOp::Not => Ok((!ops::truth(&value)?).into()),
        UnaryOp::Minus => ops::negate(&value),
        UnaryOp::Plus => ops::plus(&value),
        UnaryOp::IsNull | UnaryOp::IsNotNull if value.gap().is_some() => Ok(value),
        UnaryOp::IsNull => Ok(Value::Bool(value.is_null())),
        UnaryOp::IsNotNull => Ok(Value::Bool(!value.is_null())),
    }
}

/// The right side of `AND` and `OR` is not looked at when the left side decides.
fn binary<'g>(op: BinaryOp, left: &Expr, right: &Expr, env: &dyn Env<'g>) -> Outcome<'g> {
    let left = eval(left, env)?;
    match op {
        BinaryOp::And if ops::truth(&left)?.is_false() => return Ok(left),
        BinaryOp::Or if ops::truth(&left)?.is_true() => return Ok(left),
        _ => {}
    }
    ops::binary(op, &left, &eval(right, env)?)
}

fn compare<'g>(first: &Expr, rest: &[(CompareOp, Expr)], env: &dyn Env<'g>) -> Outcome<'g> {
    let mut left = eval(first, env)?;
    let mut all = Truth::True;
    for (op, right) in rest {
        let right = eval(right, env)?;
        all = all.and(ops::compare_by(*op, &left, &right));
        if all.is_false() {
            break;
        }
        left = right;
    }
    Ok(all.into())
}

/// Collections, calls, comprehensions, sub-queries.
fn composed<'g>(expr: &Expr, env: &dyn Env<'g>) -> Outcome<'g> {
    match &expr.kind {
        ExprKind::List(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|it| eval(it, env)).collect();
            Ok(Value::list(items?))
        }
        ExprKind::Map(entries) => {
            let entry = |(key, it): &(crate::ast::Name, Expr)| Ok((text(key), eval(it, env)?));
            let entries: Result<Vec<_>, EvalError> = entries.iter().map(entry).collect();
            Ok(Value::map(entries?))
        }
        ExprKind::Slice(of, from, to) => {
            let bound = |it: &Option<Box<Expr>>| it.as_ref().map(|it| eval(it, env)).transpose();
            let (of, from, to) = (eval(of, env)?, bound(from)?, bound(to)?);
            ops::slice(&of, from.as_ref(), to.as_ref())
        }
        ExprKind::Call(call) => {
            let name = call.function.as_str();
            let Some(function) = functions::find(name) else {
                let message = format!("`{name}` cannot be used here");
                return Err(EvalError::new(ErrorKind::InvalidAggregation, message));
            };
            let args: Result<Vec<_>, _> = call.args.iter().map(|it| eval(it, env)).collect();
            function.apply(&env.context(), &args?)
        }
        ExprKind::Case(it) => case(it, env),
        ExprKind::ListComprehension(it) => list_comprehension(it, env),
        ExprKind::Quantifier(it) => quantifier(it, env).map(Value::from),
        ExprKind::Reduce(it) => reduce(it, env),
        ExprKind::MapProjection(it) => map_projection(it, env),
        ExprKind::Pattern(it) => env.subqueries().fits(it, env).map(Value::from),
        ExprKind::Exists(query) => env.subqueries().exists(query, env).map(Value::from),
        ExprKind::Count(query) => env.subqueries().count(query, env),
        ExprKind::PatternComprehension(it) => env.subqueries().comprehension(it, env),
        _ => {
            let message = "an aggregating function cannot be used here";
            Err(EvalError::new(ErrorKind::InvalidAggregation, message))
        }
    }
}

fn text<'g>(name: &crate::ast::Name) -> Text<'g> {
    Text::Shared(Arc::clone(&name.text))
}

/// A condition that is unread leaves open which branch is taken.
fn case<'g>(case: &Case, env: &dyn Env<'g>) -> Outcome<'g> {
    let subject = case.subject.as_ref().map(|it| eval(it, env)).transpose()?;
    for (when, then) in &case.branches {
        let when = eval(when, env)?;
        let holds = match &subject {
            Some(subject) => ops::compare_by(CompareOp::Eq, subject, &when),
            None => ops::truth(&when)?,
        };
        match holds {
            Truth::True => return eval(then, env),
            Truth::Unread(gap) => return Ok(Value::Unread(gap)),
            Truth::False | Truth::Null => {}
        }
    }
    case.otherwise.as_ref().map_or(Ok(Value::Null), |it| eval(it, env))
}

/// The elements of a list; `Err` with what the whole expression is when there is no list.
fn elements<'g>(value: Value<'g>, what: &str) -> Result<Vec<Value<'g>>, Outcome<'g>> {
    match value.as_list() {
        Some(list) => Ok(list.iter().collect()),
        None if value.is_null() || value.gap().is_some() => Err(Ok(value)),
        None => Err(Err(EvalError::bad_type(what, "a list", value.type_name()))),
    }
}

/// A condition that is unread leaves open which elements are in the list, so the list is unread.
fn list_comprehension<'g>(it: &ListComprehension, env: &dyn Env<'g>) -> Outcome<'g> {
    let elements = match elements(eval(&it.list, env)?, "a comprehension") {
        Ok(elements) => elements,
        Err(outcome) => return outcome,
    };
    let mut kept = Vec::new();
    for element in elements {
        let local = Local { outer: env, name: it.variable.as_str(), value: element };
        match it.condition.as_ref().map_or(Ok(Truth::True), |it| eval_truth(it, &local))? {
            Truth::True => {}
            Truth::False | Truth::Null => continue,
            Truth::Unread(gap) => return Ok(Value::Unread(gap)),
        }
        kept.push(match &it.projection {
            Some(projection) => eval(projection, &local)?,
            None => local.value,
        });
    }
    Ok(Value::list(kept))
}

fn quantifier(it: &Quantifier, env: &dyn Env<'_>) -> Result<Truth, EvalError> {
    let elements = match elements(eval(&it.list, env)?, "a quantifier") {
        Ok(elements) => elements,
        Err(outcome) => return ops::truth(&outcome?),
    };
    let mut truths = Vec::with_capacity(elements.len());
    for element in elements {
        let local = Local { outer: env, name: it.variable.as_str(), value: element };
        truths.push(eval_truth(&it.condition, &local)?);
    }
    Ok(quantified(it.kind, &truths))
}

/// The worth of a quantifier, given the worth of its condition for each element.
pub fn quantified(kind: QuantifierKind, truths: &[Truth]) -> Truth {
    let any = || truths.iter().copied().fold(Truth::False, Truth::or);
    match kind {
        QuantifierKind::Any => any(),
        QuantifierKind::None => !any(),
        QuantifierKind::All => truths.iter().copied().fold(Truth::True, Truth::and),
        QuantifierKind::Single => {
            let n_true = truths.iter().filter(|it| it.is_true()).count();
            let undecided = truths.iter().copied().filter(|it| !it.is_true());
            match undecided.fold(Truth::False, Truth::or) {
                _ if n_true > 1 => Truth::False,
                Truth::False => Truth::from(n_true == 1),
                undecided => undecided,
            }
        }
    }
}

fn reduce<'g>(it: &Reduce, env: &dyn Env<'g>) -> Outcome<'g> {
    let mut so_far = eval(&it.init, env)?;
    let elements = match elements(eval(&it.list, env)?, "`reduce`") {
        Ok(elements) => elements,
        Err(outcome) => return outcome,
    };
    for element in elements {
        let outer = Local { outer: env, name: it.accumulator.as_str(), value: so_far };
        let local = Local { outer: &outer, name: it.variable.as_str(), value: element };
        so_far = eval(&it.body, &local)?;
    }
    Ok(so_far)
}

fn map_projection<'g>(it: &MapProjection, env: &dyn Env<'g>) -> Outcome<'g> {
    let subject = variable(it.subject.as_str(), env)?;
    if subject.is_null() || subject.gap().is_some() {
        return Ok(subject);
    }
    let context = env.context();
    let mut entries = Vec::new();
    for item in &it.items {
        match item {
            MapItem::Property(key) => {
                let value = ops::property(context.host, &subject, key.as_str())?;
                entries.push((text(key), value));
            }
            MapItem::Entry(key, value) => entries.push((text(key), eval(value, env)?)),
            MapItem::Variable(name) => entries.push((text(name), variable(name.as_str(), env)?)),
            MapItem::All(_) => {
                let all = match &subject {
                    Value::Node(node) => context.host.node_properties(*node),
                    Value::Edge(edge) => context.host.edge_properties(*edge),
                    other => other.clone(),
                };
                let Some(map) = all.as_map() else {
                    let what = "a map projection";
                    return Err(EvalError::bad_type(
                        what,
                        "a node, an edge or a map",
                        all.type_name(),
                    ));
                };
                if !map.is_complete().is_true() {
                    return Ok(map.is_complete().into());
                }
                entries.extend(map.entries());
            }
        }
    }
    Ok(Value::map(entries))
}

/// An environment with one variable more.
struct Local<'e, 'g> {
    outer: &'e dyn Env<'g>,
    name: &'e str,
    value: Value<'g>,
}

impl<'g> Env<'g> for Local<'_, 'g> {
    fn variable(&self, name: &str) -> Option<Value<'g>> {
        if name == self.name { Some(self.value.clone()) } else { self.outer.variable(name) }
    }

    fn parameter(&self, name: &str) -> Option<Value<'g>> {
        self.outer.parameter(name)
    }

    fn context(&self) -> Context<'_, 'g> {
        self.outer.context()
    }

    fn subqueries(&self) -> &dyn Subqueries<'g> {
        self.outer.subqueries()
    }

    fn computed(&self, expr: &Expr) -> Option<Value<'g>> {
        self.outer.computed(expr)
    }
}

/// An environment without graph: constants and parameters.
#[derive(Debug)]
pub struct ConstantEnv<'g> {
    /// The instant at which the query runs.
    pub now: Timestamp,
    /// The values of parameters.
    pub parameters: BTreeMap<String, Value<'g>>,
    /// The values of variables.
    pub variables: BTreeMap<String, Value<'g>>,
    random: Random,
}

impl ConstantEnv<'_> {
    /// An environment without variables and parameters.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            parameters: BTreeMap::new(),
            variables: BTreeMap::new(),
            random: Random::default(),
        }
    }
}

impl<'g> Env<'g> for ConstantEnv<'g> {
    fn variable(&self, name: &str) -> Option<Value<'g>> {
        self.variables.get(name).cloned()
    }

    fn parameter(&self, name: &str) -> Option<Value<'g>> {
        self.parameters.get(name).cloned()
    }

    fn context(&self) -> Context<'_, 'g> {
        Context { host: &NoGraph, now: self.now, random: &self.random }
    }

    fn subqueries(&self) -> &dyn Subqueries<'g> {
        &NoGraph
    }
}

impl<'g> Subqueries<'g> for NoGraph {
    fn exists(&self, _: &Query, _: &dyn Env<'g>) -> Result<Truth, EvalError> {
        Err(no_graph())
    }

    fn count(&self, _: &Query, _: &dyn Env<'g>) -> Outcome<'g> {
        Err(no_graph())
    }

    fn fits(&self, _: &PathPattern, _: &dyn Env<'g>) -> Result<Truth, EvalError> {
        Err(no_graph())
    }

    fn comprehension(&self, _: &PatternComprehension, _: &dyn Env<'g>) -> Outcome<'g> {
        Err(no_graph())
    }
}

fn no_graph() -> EvalError {
    EvalError::new(ErrorKind::NonConstantExpression, "a pattern cannot be used without a graph")
}

#[cfg(test)]
mod tests {
    use model::{Doc, GapId, Keys};
    use serde_json::json;

    use super::{ConstantEnv, eval};
    use crate::functions::tests::check;
    use crate::parse::parse_expression;
    use crate::value::Value;

    /// The value of an expression over a document `r` in which `part` is unread and `open` may have more keys.
    #[track_caller]
    fn check_unread(source: &str, want: &str) {
        let mut open = json!({ "a": 1 });
        model::doc::open_marker(&mut open);
        let part = model::doc::unread_marker(GapId(7));
        let json = json!({ "part": part, "open": open, "list": [1, part, 3], "x": { "y": "z" } });
        let keys = Keys::default();
        let doc = Doc::build(&json, &keys);
        let mut env = ConstantEnv::new("2026-11-21T00:00:00Z".parse().unwrap());
        env.variables.insert("r".to_owned(), Value::from_view(doc.view(), &keys));
        let value = eval(&parse_expression(source).unwrap(), &env).unwrap();
        assert_eq!(value.to_string(), want, "{source}");
    }

    #[test]
    fn operators() {
        check("1 + 2 * 3 - 4 / 2", "5");
        check("1 < 2 < 3", "true");
        check("1 < 3 < 2", "false");
        check("null = null", "null");
        check("true OR null", "true");
        check("false AND 1", "false");
        check("NOT null", "null");
        check("1 AND true", "InvalidArgumentType");
        check("[1, 2, 3][-1]", "3");
        check("[1, 2, 3][1..]", "[2, 3]");
        check("{a: {b: 1}}.a['b']", "1");
        check("1.a", "InvalidArgumentType");
        check("$missing", "MissingParameter");
        check("'x' IN ['x', null]", "true");
        check("'y' IN ['x', null]", "null");
    }

    #[test]
    fn collections() {
        check("[x IN range(1, 4) WHERE x % 2 = 0 | x * x]", "[4, 16]");
        check("all(x IN [1, null] WHERE x > 0)", "null");
        check("any(x IN [1, null] WHERE x > 0)", "true");
        check("none(x IN [] WHERE x)", "true");
        check("single(x IN [1, 2] WHERE x > 1)", "true");
        check("single(x IN [1, null] WHERE x > 0)", "null");
        check("reduce(sum = 0, x IN [1, 2, 3] | sum + x)", "6");
        check("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "'b'");
        check("CASE WHEN false THEN 1 END", "null");
        check("[x IN null | x]", "null");
    }

    #[test]
    fn missing_is_null_in_closed_and_unread_in_open_objects() {
        check_unread("r.none", "null");
        check_unread("r.none.deeper", "null");
        check_unread("r.open.b", "unread(0)");
        check_unread("r.part.deeper", "unread(7)");
        check_unread("r.x.y", "'z'");
    }

    #[test]
    fn unread_is_absorbed_only_by_and_and_or() {
        check_unread("r.part = 1 AND false", "false");
        check_unread("r.part = 1 OR true", "true");
        check_unread("r.part = 1 AND null", "unread(7)");
        check_unread("NOT r.part", "unread(7)");
        check_unread("r.part IS NULL", "unread(7)");
        check_unread("coalesce(r.part, 1)", "unread(7)");
        check_unread("coalesce(1, r.part)", "1");
        check_unread("toLower(r.part)", "unread(7)");
        check_unread("size(r.list)", "3");
        check_unread("size(r.open)", "unread(0)");
        check_unread("CASE WHEN r.part THEN 1 ELSE 2 END", "unread(7)");
    }

    #[test]
    fn unread_elements() {
        check_unread("any(x IN r.list WHERE x = 3)", "true");
        check_unread("any(x IN r.list WHERE x = 9)", "unread(7)");
        check_unread("all(x IN r.list WHERE x = 1)", "false");
        check_unread("3 IN r.list", "true");
        check_unread("[x IN r.list WHERE x > 1]", "unread(7)");
        check_unread("[x IN r.list | 1]", "[1, 1, 1]");
    }

    #[test]
    fn the_highest_tree_fits_the_stack() {
        let sum = format!("0{}", " + 1".repeat(390));
        check(&sum, "390");
        let nested = format!("{}1{}", "[x IN [1] | size([".repeat(30), "])][0]".repeat(30));
        check(&nested, "1");
    }
}
