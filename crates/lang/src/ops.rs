//! What the operators do to values.
//!
//! Everything that touches unread is unread, and else everything that touches null is null; only the truth
//! operators know better (see [`Truth`]). Whole numbers never wrap around: they overflow with an error.

use std::cmp::Ordering;

use regex::{Regex, RegexBuilder};

use crate::ast::{BinaryOp, CompareOp, LabelExpr};
use crate::error::{ErrorKind, EvalError};
use crate::host::Host;
use crate::period::Period;
use crate::value::{ListView, Truth, Value, compare};

/// Bytes of the longest text and elements of the longest list that an operation makes: what doubles with each
/// step would else take all memory in thirty steps.
const MAX_TEXT: usize = 16 << 20;
const MAX_LIST: usize = 10_000_000;

/// What an operation gives.
pub type Outcome<'g> = Result<Value<'g>, EvalError>;

/// Unread when one of the values is, else null when one of them is, else `None`.
pub fn absorb<'g>(values: &[&Value<'g>]) -> Option<Value<'g>> {
    if let Some(unread) = values.iter().find(|it| it.gap().is_some()) {
        return Some((*unread).clone());
    }
    values.iter().any(|it| it.is_null()).then_some(Value::Null)
}

/// A value as a condition.
///
/// # Errors
/// It is neither a truth value nor null nor unread.
pub fn truth(value: &Value<'_>) -> Result<Truth, EvalError> {
    value.truth().ok_or_else(|| EvalError::bad_type("a condition", "a boolean", value.type_name()))
}

/// `a <op> b` for a comparison.
pub fn compare_by(op: CompareOp, a: &Value<'_>, b: &Value<'_>) -> Truth {
    match op {
        CompareOp::Eq => compare::equals(a, b),
        CompareOp::Ne => !compare::equals(a, b),
        CompareOp::Lt => compare::compare(a, b).holds(Ordering::is_lt),
        CompareOp::Le => compare::compare(a, b).holds(Ordering::is_le),
        CompareOp::Gt => compare::compare(a, b).holds(Ordering::is_gt),
        CompareOp::Ge => compare::compare(a, b).holds(Ordering::is_ge),
    }
}

/// `a <op> b` for all operators, both operands known beforehand.
///
/// # Errors
/// The operands are of types that do not fit, or the result is out of range.
pub fn binary<'g>(op: BinaryOp, a: &Value<'g>, b: &Value<'g>) -> Outcome<'g> {
    match op {
        BinaryOp::And => Ok(truth(a)?.and(truth(b)?).into()),
        BinaryOp::Or => Ok(truth(a)?.or(truth(b)?).into()),
        BinaryOp::Xor => Ok(truth(a)?.xor(truth(b)?).into()),
        BinaryOp::Add => add(a, b),
        BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod | BinaryOp::Pow => {
            arithmetic(op, a, b)
        }
        BinaryOp::In => is_in(a, b).map(Value::from),
        BinaryOp::StartsWith => Ok(texts(a, b, |a, b| a.starts_with(b))),
        BinaryOp::EndsWith => Ok(texts(a, b, |a, b| a.ends_with(b))),
        BinaryOp::Contains => Ok(texts(a, b, |a, b| a.contains(b))),
        BinaryOp::Matches => match (a.as_str(), b.as_str()) {
            (Some(text), Some(pattern)) => Ok(Value::Bool(WholeMatch::new(pattern)?.fits(text))),
            _ => Ok(absorb(&[a, b]).unwrap_or(Value::Null)),
        },
    }
}

/// A predicate over two texts; null when one is no text.
fn texts<'g>(a: &Value<'g>, b: &Value<'g>, holds: impl Fn(&str, &str) -> bool) -> Value<'g> {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => Value::Bool(holds(a, b)),
        _ => absorb(&[a, b]).unwrap_or(Value::Null),
    }
}

/// The regular expression of `=~`, which must fit the whole text. Build it once when the pattern is constant.
#[derive(Clone, Debug)]
pub struct WholeMatch(Regex);

impl WholeMatch {
    /// # Errors
    /// The pattern is not a regular expression, or too large.
    pub fn new(pattern: &str) -> Result<Self, EvalError> {
        let whole = format!("^(?:{pattern})$");
        let built = RegexBuilder::new(&whole).size_limit(1 << 20).build();
        built.map(Self).map_err(|_| {
            let message = format!("`{pattern}` is not a regular expression");
            EvalError::new(ErrorKind::InvalidArgumentValue, message)
        })
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// `a IN b`.
///
/// # Errors
/// `b` is not a list.
pub fn is_in(a: &Value<'_>, b: &Value<'_>) -> Result<Truth, EvalError> {
    let list = match (b, b.as_list()) {
        (Value::Null, _) => return Ok(a.gap().map_or(Truth::Null, Truth::Unread)),
        (Value::Unread(gap), _) => return Ok(Truth::Unread(*gap)),
        (_, Some(list)) => list,
        (_, None) => return Err(EvalError::bad_type("`IN`", "a list", b.type_name())),
    };
    let mut found = Truth::False;
    for item in list.iter() {
        found = found.or(compare::equals(a, &item));
        if found.is_true() {
            break;
        }
    }
    Ok(found)
}

fn overflow(op: BinaryOp) -> EvalError {
    let message = format!("the result of `{op}` does not fit in 64 bits");
    EvalError::new(ErrorKind::IntegerOverflow, message)
}

fn bad_operands(op: BinaryOp, a: &Value<'_>, b: &Value<'_>) -> EvalError {
    let message = format!("`{op}` cannot be used on {} and {}", a.type_name(), b.type_name());
    EvalError::new(ErrorKind::InvalidArgumentType, message)
}

/// `a + b`: numbers, texts, lists, instants and lengths of time.
///
/// # Errors
/// The operands are of types that do not add, or the result is out of range.
pub fn add<'g>(a: &Value<'g>, b: &Value<'g>) -> Outcome<'g> {
    if let Some(absorbed) = absorb(&[a, b]) {
        return Ok(absorbed);
    }
    let length = |it: &Value<'_>| it.as_list().map_or(1, ListView::len);
    if (a.as_list().is_some() || b.as_list().is_some()) && length(a) + length(b) > MAX_LIST {
        let message = format!("a list has at most {MAX_LIST} elements");
        return Err(EvalError::new(ErrorKind::LimitExceeded, message));
    }
    if let (Some(a), Some(b)) = (a.as_str(), b.as_str()) {
        must_fit(a.len() + b.len())?;
    }
    match (a.as_list(), b.as_list()) {
        (Some(a), Some(b)) => return Ok(Value::list(a.iter().chain(b.iter()).collect())),
        (Some(a), None) => {
            return Ok(Value::list(a.iter().chain(std::iter::once(b.clone())).collect()));
        }
        (None, Some(b)) => {
            return Ok(Value::list(std::iter::once(a.clone()).chain(b.iter()).collect()));
        }
        (None, None) => {}
    }
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Ok(Value::string([a.as_str(), b.as_str()].concat())),
        (Value::Str(text), Value::Int(_) | Value::Float(_)) => {
            Ok(Value::string(format!("{}{b}", text.as_str())))
        }
        (Value::Int(_) | Value::Float(_), Value::Str(text)) => {
            Ok(Value::string(format!("{a}{}", text.as_str())))
        }
        (Value::DateTime(_) | Value::Duration(_), _) | (_, Value::Duration(_)) => {
            time(BinaryOp::Add, a, b)
        }
        _ => numbers(BinaryOp::Add, a, b),
    }
}

/// Refuses to make a text of so many bytes.
pub(crate) fn must_fit(length: usize) -> Result<(), EvalError> {
    if length <= MAX_TEXT {
        return Ok(());
    }
    let message = format!("a text has at most {MAX_TEXT} bytes");
    Err(EvalError::new(ErrorKind::LimitExceeded, message))
}

/// `- * / % ^`.
///
/// # Errors
/// The operands are of types that do not fit, the result is out of range, or a whole number is divided by zero.
pub fn arithmetic<'g>(op: BinaryOp, a: &Value<'g>, b: &Value<'g>) -> Outcome<'g> {
    if let Some(absorbed) = absorb(&[a, b]) {
        return Ok(absorbed);
    }
    match (a, b) {
        (Value::DateTime(_) | Value::Duration(_), _) | (_, Value::Duration(_)) => time(op, a, b),
        _ => numbers(op, a, b),
    }
}

fn numbers<'g>(op: BinaryOp, a: &Value<'g>, b: &Value<'g>) -> Outcome<'g> {
    if let (Value::Int(a), Value::Int(b), false) = (a, b, op == BinaryOp::Pow) {
        return integers(op, *a, *b).map(Value::Int);
    }
    let (Some(x), Some(y)) = (a.as_number(), b.as_number()) else {
        return Err(bad_operands(op, a, b));
    };
    let result = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::Div => x / y,
        BinaryOp::Mod => x % y,
        BinaryOp::Pow => x.powf(y),
        _ => return Err(bad_operands(op, a, b)),
    };
    Ok(Value::Float(result))
}

fn integers(op: BinaryOp, a: i64, b: i64) -> Result<i64, EvalError> {
    if b == 0 && matches!(op, BinaryOp::Div | BinaryOp::Mod) {
        let message = format!("`{a} {op} 0` divides by zero");
        return Err(EvalError::new(ErrorKind::DivisionByZero, message));
    }
    let result = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Mod => Some(a.checked_rem(b).unwrap_or(0)),
        _ => None,
    };
    result.ok_or_else(|| overflow(op))
}

/// Instants and lengths of time.
fn time<'g>(op: BinaryOp, a: &Value<'g>, b: &Value<'g>) -> Outcome<'g> {
    let out_of_range = || {
        let message = format!("the result of `{op}` is out of the range of time");
        EvalError::new(ErrorKind::NumberOutOfRange, message)
    };
    let period = |it: Option<Period>| it.map(Value::duration).ok_or_else(out_of_range);
    let negative = |it: &Period| it.checked_neg().ok_or_else(out_of_range);
    let shifted = |period: Period, instant| {
        period.after(instant).map(Value::DateTime).ok_or_else(out_of_range)
    };
    match (op, a, b) {
        (BinaryOp::Add, Value::DateTime(instant), Value::Duration(length))
        | (BinaryOp::Add, Value::Duration(length), Value::DateTime(instant)) => {
            shifted(**length, *instant)
        }
        (BinaryOp::Sub, Value::DateTime(instant), Value::Duration(length)) => {
            shifted(negative(length)?, *instant)
        }
        (BinaryOp::Sub, Value::DateTime(end), Value::DateTime(start)) => {
            period(Period::between(*start, *end))
        }
        (BinaryOp::Add, Value::Duration(a), Value::Duration(b)) => period(a.checked_add(**b)),
        (BinaryOp::Sub, Value::Duration(a), Value::Duration(b)) => {
            period(a.checked_add(negative(b)?))
        }
        (BinaryOp::Mul, Value::Duration(length), Value::Int(factor))
        | (BinaryOp::Mul, Value::Int(factor), Value::Duration(length)) => {
            period(length.checked_mul(*factor))
        }
        _ => Err(bad_operands(op, a, b)),
    }
}

/// `-a`.
///
/// # Errors
/// The operand is no number and no length of time, or has no negative.
pub fn negate<'g>(value: &Value<'g>) -> Outcome<'g> {
    match value {
        Value::Null | Value::Unread(_) => Ok(value.clone()),
        Value::Int(number) => {
            number.checked_neg().map(Value::Int).ok_or_else(|| overflow(BinaryOp::Sub))
        }
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::Duration(period) => {
            period.checked_neg().map(Value::duration).ok_or_else(|| overflow(BinaryOp::Sub))
        }
        _ => Err(EvalError::bad_type("`-`", "a number", value.type_name())),
    }
}

/// `+a`.
///
/// # Errors
/// The operand is no number and no length of time.
pub fn plus<'g>(value: &Value<'g>) -> Outcome<'g> {
    match value {
        Value::Null | Value::Unread(_) | Value::Int(_) | Value::Float(_) | Value::Duration(_) => {
            Ok(value.clone())
        }
        _ => Err(EvalError::bad_type("`+`", "a number", value.type_name())),
    }
}

/// `value.key`.
///
/// # Errors
/// The value has no properties.
pub fn property<'g>(host: &dyn Host<'g>, value: &Value<'g>, key: &str) -> Outcome<'g> {
    match value {
        Value::Null | Value::Unread(_) => Ok(value.clone()),
        Value::DocMap(map) => Ok(map.get(key)),
        Value::Map(map) => Ok(map.get(key).cloned().unwrap_or(Value::Null)),
        Value::Node(node) => Ok(host.node_property(*node, key)),
        Value::Edge(edge) => Ok(host.edge_property(*edge, key)),
        Value::DateTime(instant) => Ok(crate::functions::time::part_of_instant(*instant, key)),
        Value::Duration(period) => Ok(crate::functions::time::part_of_period(period, key)),
        _ => {
            let what = format!("the property `{key}`");
            Err(EvalError::bad_type(&what, "a node, an edge or a map", value.type_name()))
        }
    }
}

/// `value[index]`. A negative number counts from the end of a list; null when there is no such element.
///
/// # Errors
/// The index does not fit the value.
pub fn index<'g>(host: &dyn Host<'g>, value: &Value<'g>, index: &Value<'g>) -> Outcome<'g> {
    if let Some(absorbed) = absorb(&[value, index]) {
        return Ok(absorbed);
    }
    if let Some(list) = value.as_list() {
        let Value::Int(number) = index else {
            return Err(EvalError::bad_type(
                "the index of a list",
                "an integer",
                index.type_name(),
            ));
        };
        let idx = from_end(*number, list.len());
        let idx = idx.and_then(|it| usize::try_from(it).ok());
        return Ok(idx.and_then(|it| list.get(it)).unwrap_or(Value::Null));
    }
    match (value, index) {
        (Value::Map(_) | Value::DocMap(_) | Value::Node(_) | Value::Edge(_), Value::Str(key)) => {
            property(host, value, key.as_str())
        }
        (Value::Map(_) | Value::DocMap(_) | Value::Node(_) | Value::Edge(_), _) => {
            Err(EvalError::bad_type("the key of a map", "a string", index.type_name()))
        }
        _ => Err(EvalError::bad_type("`[ ]`", "a list or a map", value.type_name())),
    }
}

/// A position that may be counted from the end.
fn from_end(number: i64, length: usize) -> Option<i64> {
    if number >= 0 { Some(number) } else { number.checked_add(i64::try_from(length).ok()?) }
}

/// `list[from..to]`; a missing bound is the end of the list on its side.
///
/// # Errors
/// The value is no list or a bound no integer.
pub fn slice<'g>(
    value: &Value<'g>,
    from: Option<&Value<'g>>,
    to: Option<&Value<'g>>,
) -> Outcome<'g> {
    let bounds: Vec<&Value<'g>> = std::iter::once(value).chain(from).chain(to).collect();
    if let Some(absorbed) = absorb(&bounds) {
        return Ok(absorbed);
    }
    let Some(list) = value.as_list() else {
        return Err(EvalError::bad_type("`[..]`", "a list", value.type_name()));
    };
    let length = list.len();
    let position = |bound: Option<&Value<'g>>, default: usize| match bound {
        None => Ok(default),
        Some(Value::Int(number)) => {
            let clamped = from_end(*number, length).unwrap_or(0).max(0);
            Ok(usize::try_from(clamped).unwrap_or(length).min(length))
        }
        Some(other) => {
            Err(EvalError::bad_type("the bound of a list", "an integer", other.type_name()))
        }
    };
    let (from, to) = (position(from, 0)?, position(to, length)?);
    Ok(Value::list(list.iter().take(to).skip(from).collect()))
}

/// `value:Label`; on an edge the name is a type.
///
/// # Errors
/// The value is neither a node nor an edge.
pub fn has_labels(
    host: &dyn Host<'_>,
    value: &Value<'_>,
    labels: &LabelExpr,
) -> Result<Truth, EvalError> {
    match value {
        Value::Null => Ok(Truth::Null),
        Value::Unread(gap) => Ok(Truth::Unread(*gap)),
        Value::Node(node) => {
            Ok(Truth::from(labels.matches(&mut |label| host.node_has_label(*node, label))))
        }
        Value::Edge(edge) => {
            let own = host.edge_type(*edge);
            Ok(Truth::from(labels.matches(&mut |label| label == own)))
        }
        _ => Err(EvalError::bad_type("a label", "a node or an edge", value.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use super::{binary, slice};
    use crate::ast::BinaryOp;
    use crate::error::ErrorKind;
    use crate::value::{GapId, Value};

    #[track_caller]
    fn check(a: &Value<'_>, op: BinaryOp, b: &Value<'_>, want: &str) {
        assert_eq!(binary(op, a, b).unwrap().to_string(), want);
    }

    #[track_caller]
    fn check_error(a: &Value<'_>, op: BinaryOp, b: &Value<'_>, want: ErrorKind) {
        assert_eq!(binary(op, a, b).unwrap_err().kind, want);
    }

    fn list(numbers: &[i64]) -> Value<'static> {
        Value::list(numbers.iter().copied().map(Value::Int).collect())
    }

    #[test]
    fn whole_numbers_do_not_wrap() {
        check(&Value::Int(7), BinaryOp::Div, &Value::Int(-2), "-3");
        check(&Value::Int(-7), BinaryOp::Mod, &Value::Int(3), "-1");
        check_error(
            &Value::Int(i64::MAX),
            BinaryOp::Add,
            &Value::Int(1),
            ErrorKind::IntegerOverflow,
        );
        check_error(
            &Value::Int(i64::MIN),
            BinaryOp::Div,
            &Value::Int(-1),
            ErrorKind::IntegerOverflow,
        );
        check_error(&Value::Int(1), BinaryOp::Div, &Value::Int(0), ErrorKind::DivisionByZero);
    }

    #[test]
    fn floats_follow_their_standard() {
        check(&Value::Float(1.0), BinaryOp::Div, &Value::Int(0), "Infinity");
        check(&Value::Int(2), BinaryOp::Pow, &Value::Int(3), "8.0");
    }

    #[test]
    fn plus_joins_texts_and_lists() {
        check(&Value::str("a"), BinaryOp::Add, &Value::str("b"), "'ab'");
        check(&Value::str("a"), BinaryOp::Add, &Value::Float(1.0), "'a1.0'");
        check(&list(&[1]), BinaryOp::Add, &list(&[2]), "[1, 2]");
        check(&Value::Int(0), BinaryOp::Add, &list(&[1]), "[0, 1]");
        check_error(
            &Value::Bool(true),
            BinaryOp::Add,
            &Value::Int(1),
            ErrorKind::InvalidArgumentType,
        );
    }

    #[test]
    fn unread_wins_over_null() {
        let unread = Value::Unread(GapId(4));
        check(&Value::Null, BinaryOp::Add, &unread.clone(), "unread(4)");
        check(&Value::Null, BinaryOp::StartsWith, &unread.clone(), "unread(4)");
        check(&unread.clone(), BinaryOp::In, &Value::list(vec![]), "false");
        check(&Value::Int(1), BinaryOp::In, &Value::list(vec![unread, Value::Int(1)]), "true");
    }

    #[test]
    fn regular_expressions_fit_the_whole_text() {
        check(&Value::str("abc"), BinaryOp::Matches, &Value::str("b"), "false");
        check(&Value::str("abc"), BinaryOp::Matches, &Value::str("a|.*c"), "true");
        check_error(
            &Value::str("a"),
            BinaryOp::Matches,
            &Value::str("("),
            ErrorKind::InvalidArgumentValue,
        );
    }

    #[test]
    fn slices_stay_inside() {
        let of = |from, to| {
            let (from, to) = (Value::Int(from), Value::Int(to));
            slice(&list(&[1, 2, 3]), Some(&from), Some(&to)).unwrap().to_string()
        };
        assert_eq!(of(0, 2), "[1, 2]");
        assert_eq!(of(-2, 99), "[2, 3]");
        assert_eq!(of(2, 1), "[]");
    }
}
