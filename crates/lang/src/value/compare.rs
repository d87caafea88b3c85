//! Equality, comparability, order and grouping of values.
//!
//! Source: openCypher, CIP2016-06-14 "Define comparability and equality as well as orderability and
//! equivalence". What that page leaves open is decided here:
//!
//! * lengths of time are compared by their mean length (a month has 30.436875 days);
//! * unread sorts behind null, all unreads are one group, and `a = unread` is unread.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{ListView, MapView, Truth, Value};

/// How two values stand to each other under `<`, `<=`, `>`, `>=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// They are comparable.
    Known(Ordering),
    /// Numbers, one of them NaN: every comparison is false.
    Never,
    /// Null, or of types that do not compare, or undecided: every comparison is null or unread.
    Undecided(Truth),
}

impl Compared {
    /// The worth of the comparison, given which orders fulfil it.
    pub fn holds(self, fulfils: impl FnOnce(Ordering) -> bool) -> Truth {
        match self {
            Self::Known(order) => Truth::from(fulfils(order)),
            Self::Never => Truth::False,
            Self::Undecided(truth) => truth,
        }
    }
}

/// `a = b`.
pub fn equals(a: &Value<'_>, b: &Value<'_>) -> Truth {
    match (a, b) {
        (Value::Unread(gap), _) | (_, Value::Unread(gap)) => Truth::Unread(*gap),
        (Value::Null, _) | (_, Value::Null) => Truth::Null,
        (Value::Str(a), Value::Str(b)) => Truth::from(a.as_str() == b.as_str()),
        (Value::Bool(a), Value::Bool(b)) => Truth::from(a == b),
        (Value::Int(a), Value::Int(b)) => Truth::from(a == b),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            Truth::from(compare_numbers(a, b) == Some(Ordering::Equal))
        }
        (Value::Node(a), Value::Node(b)) => Truth::from(a == b),
        (Value::Edge(a), Value::Edge(b)) => Truth::from(a == b),
        (Value::Path(a), Value::Path(b)) => Truth::from(a == b),
        (Value::DateTime(a), Value::DateTime(b)) => Truth::from(a == b),
        (Value::Duration(a), Value::Duration(b)) => Truth::from(a == b),
        _ => match (a.as_list(), b.as_list(), a.as_map(), b.as_map()) {
            (Some(a), Some(b), _, _) => equal_lists(a, b),
            (_, _, Some(a), Some(b)) => equal_maps(a, b),
            _ => Truth::False,
        },
    }
}

fn equal_lists(a: ListView<'_, '_>, b: ListView<'_, '_>) -> Truth {
    if a.len() != b.len() {
        return Truth::False;
    }
    let mut all = Truth::True;
    for (a, b) in a.iter().zip(b.iter()) {
        all = all.and(equals(&a, &b));
        if all.is_false() {
            break;
        }
    }
    all
}

/// Maps are equal when they have the same keys with equal values; keys that may exist leave it open.
fn equal_maps(a: MapView<'_, '_>, b: MapView<'_, '_>) -> Truth {
    let (a_entries, b_entries) = (a.entries(), b.entries());
    let mut all = a.is_complete().and(b.is_complete());
    for (key, value) in &a_entries {
        all = all.and(match b.has_key(key.as_str()) {
            Truth::True => equals(value, &b.get(key.as_str())),
            undecided => undecided,
        });
    }
    for (key, _) in &b_entries {
        all = match a.has_key(key.as_str()) {
            Truth::True => all,
            undecided => all.and(undecided),
        };
    }
    all
}

/// How `a` stands to `b` under `<`, `<=`, `>`, `>=`.
pub fn compare(a: &Value<'_>, b: &Value<'_>) -> Compared {
    match (a, b) {
        (Value::Unread(gap), _) | (_, Value::Unread(gap)) => {
            Compared::Undecided(Truth::Unread(*gap))
        }
        (Value::Int(a), Value::Int(b)) => Compared::Known(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Compared::Known(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Compared::Known(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Compared::Known(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Compared::Known(a.mean_cmp(b)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            compare_numbers(a, b).map_or(Compared::Never, Compared::Known)
        }
        _ => match (a.as_list(), b.as_list()) {
            (Some(a), Some(b)) => compare_lists(a, b),
            _ => Compared::Undecided(Truth::Null),
        },
    }
}

/// By the first elements that differ; a list is less than its continuations.
fn compare_lists(a: ListView<'_, '_>, b: ListView<'_, '_>) -> Compared {
    for (a, b) in a.iter().zip(b.iter()) {
        match compare(&a, &b) {
            Compared::Known(Ordering::Equal) => {}
            decided => return decided,
        }
    }
    Compared::Known(a.len().cmp(&b.len()))
}

/// Exact, also where an integer has no float; `None` when one is NaN or not a number.
fn compare_numbers(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => compare_int_float(*a, *b),
        (Value::Float(a), Value::Int(b)) => compare_int_float(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// 2^63, the first float above every integer.
const ABOVE_INTEGERS: f64 = (1_u64 << 63) as f64;

fn compare_int_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= ABOVE_INTEGERS {
        return Some(Ordering::Less);
    }
    if float < -ABOVE_INTEGERS {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc() as i64; // exact: within the range of i64
    Some(
        int.cmp(&whole)
            .then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)),
    )
}

/// The total order of `ORDER BY`, ascending: maps, nodes, edges, lists, paths, instants, lengths of time, texts,
/// truth values, numbers (NaN last), null, unread.
pub fn order(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            compare_numbers(a, b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
        }
        (Value::Node(a), Value::Node(b)) => a.cmp(b),
        (Value::Edge(a), Value::Edge(b)) => a.cmp(b),
        (Value::Path(a), Value::Path(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.mean_cmp(b).then_with(|| a.cmp(b)),
        _ => rank(a).cmp(&rank(b)).then_with(|| {
            match (a.as_list(), b.as_list(), a.as_map(), b.as_map()) {
                (Some(a), Some(b), _, _) => order_lists(a, b),
                (_, _, Some(a), Some(b)) => order_maps(a, b),
                _ => Ordering::Equal,
            }
        }),
    }
}

fn is_nan(value: &Value<'_>) -> bool {
    matches!(value, Value::Float(it) if it.is_nan())
}

/// Where the type of a value stands in the total order.
fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Map(_) | Value::DocMap(_) => 0,
        Value::Node(_) => 1,
        Value::Edge(_) => 2,
        Value::List(_) | Value::DocList(_) => 3,
        Value::Path(_) => 4,
        Value::DateTime(_) => 5,
        Value::Duration(_) => 6,
        Value::Str(_) => 7,
        Value::Bool(_) => 8,
        Value::Int(_) | Value::Float(_) => 9,
        Value::Null => 10,
        Value::Unread(_) => 11,
    }
}

fn order_lists(a: ListView<'_, '_>, b: ListView<'_, '_>) -> Ordering {
    for (a, b) in a.iter().zip(b.iter()) {
        let decided = order(&a, &b);
        if decided.is_ne() {
            return decided;
        }
    }
    a.len().cmp(&b.len())
}

/// By number of entries, then by keys, then by values.
fn order_maps(a: MapView<'_, '_>, b: MapView<'_, '_>) -> Ordering {
    let (a, b) = (a.entries(), b.entries());
    let by_size = a.len().cmp(&b.len());
    let by_key = || a.iter().map(|it| &it.0).cmp(b.iter().map(|it| &it.0));
    let by_value = || {
        let decided = a.iter().zip(&b).map(|(a, b)| order(&a.1, &b.1));
        decided.fold(Ordering::Equal, Ordering::then)
    };
    by_size.then_with(by_key).then_with(by_value)
}

/// A value as the key of a group: equal keys are one row of `DISTINCT`, and one group of an aggregation.
///
/// Here 1 and 1.0 are the same, null is the same as null, NaN as NaN, and unread as unread.
#[derive(Clone, Debug)]
pub struct Key<'g>(pub Value<'g>);

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        order(&self.0, &other.0).is_eq()
    }
}

impl Eq for Key<'_> {}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0)
    }
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

/// The hash that goes with [`Key`]: the same for values that are one group.
pub fn hash<H: Hasher>(value: &Value<'_>, state: &mut H) {
    rank(value).hash(state);
    match value {
        Value::Null | Value::Unread(_) => {}
        Value::Bool(value) => value.hash(state),
        Value::Int(value) => value.hash(state),
        Value::Float(value) => hash_float(*value, state),
        Value::Str(text) => text.hash(state),
        Value::Node(id) => id.hash(state),
        Value::Edge(id) => id.hash(state),
        Value::Path(path) => path.hash(state),
        Value::DateTime(instant) => instant.hash(state),
        Value::Duration(period) => period.hash(state),
        Value::List(_) | Value::DocList(_) | Value::Map(_) | Value::DocMap(_) => {
            hash_parts(value, state);
        }
    }
}

fn hash_float<H: Hasher>(value: f64, state: &mut H) {
    let is_integer = value.fract() == 0.0 && (-ABOVE_INTEGERS..ABOVE_INTEGERS).contains(&value);
    if is_integer {
        (value as i64).hash(state);
    } else if value.is_nan() {
        u64::MAX.hash(state);
    } else {
        value.to_bits().hash(state);
    }
}

fn hash_parts<H: Hasher>(value: &Value<'_>, state: &mut H) {
    if let Some(list) = value.as_list() {
        list.len().hash(state);
        list.iter().for_each(|it| hash(&it, state));
    } else if let Some(map) = value.as_map() {
        map.len().hash(state);
        for (key, value) in map.entries() {
            key.hash(state);
            hash(&value, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Compared, Key, compare, equals, hash, order};
    use crate::value::{GapId, Truth, Value};

    fn list(items: &[Value<'static>]) -> Value<'static> {
        Value::list(items.to_vec())
    }

    #[track_caller]
    fn check_equals(a: &Value<'_>, b: &Value<'_>, want: Truth) {
        assert_eq!(equals(a, b), want);
        assert_eq!(equals(b, a), want);
    }

    #[test]
    fn numbers_are_compared_exactly() {
        check_equals(&Value::Int(1), &Value::Float(1.0), Truth::True);
        let big = (1_i64 << 53) + 1;
        check_equals(&Value::Int(big), &Value::Float(big as f64), Truth::False);
        check_equals(&Value::Float(f64::NAN), &Value::Float(f64::NAN), Truth::False);
        check_equals(&Value::Int(i64::MAX), &Value::Float(i64::MAX as f64), Truth::False);
    }

    #[test]
    fn undecided_elements_leave_a_list_undecided_unless_another_differs() {
        let unread = Value::Unread(GapId(3));
        let one = Value::Int(1);
        check_equals(
            &list(&[one.clone(), Value::Null]),
            &list(&[one.clone(), one.clone()]),
            Truth::Null,
        );
        check_equals(
            &list(&[one.clone(), unread.clone()]),
            &list(&[one.clone(), Value::Null]),
            Truth::Unread(GapId(3)),
        );
        check_equals(&list(&[Value::Int(2), unread]), &list(&[one.clone(), one]), Truth::False);
    }

    #[test]
    fn types_that_do_not_compare_give_null() {
        let undecided = Compared::Undecided(Truth::Null);
        assert_eq!(compare(&Value::str("a"), &Value::Int(1)), undecided);
        assert_eq!(compare(&Value::Float(f64::NAN), &Value::Int(1)), Compared::Never);
        assert_eq!(compare(&Value::Null, &Value::Int(1)), undecided);
    }

    #[test]
    fn order_over_all_types() {
        let values = [
            Value::map(vec![]),
            list(&[]),
            Value::str("x"),
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(1),
            Value::Float(1.5),
            Value::Float(f64::INFINITY),
            Value::Float(f64::NAN),
            Value::Null,
            Value::Unread(GapId(0)),
        ];
        for pair in values.windows(2) {
            assert!(order(&pair[0], &pair[1]).is_lt(), "{} before {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn what_is_one_group_has_one_hash() {
        use std::hash::{DefaultHasher, Hasher as _};
        let hash_of = |value: &Value<'_>| {
            let mut hasher = DefaultHasher::new();
            hash(value, &mut hasher);
            hasher.finish()
        };
        for (a, b) in [
            (Value::Int(1), Value::Float(1.0)),
            (Value::Float(0.0), Value::Float(-0.0)),
            (Value::Float(f64::NAN), Value::Float(-f64::NAN)),
            (Value::Null, Value::Null),
            (list(&[Value::Int(2)]), list(&[Value::Float(2.0)])),
        ] {
            assert_eq!(Key(a.clone()), Key(b.clone()));
            assert_eq!(hash_of(&a), hash_of(&b), "{a} and {b}");
        }
    }
}
