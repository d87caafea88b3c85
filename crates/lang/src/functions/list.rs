//! Lists, and what lists, texts and maps have in common.

use super::{Function, Nulls, Returns, arg, bad_argument, int_arg};
use crate::error::{ErrorKind, EvalError};
use crate::ops::Outcome;
use crate::types::TypeSet;
use crate::value::{Value, compare};

const LIST: &[TypeSet] = &[TypeSet::LIST];

/// How many numbers `range` may give.
const MAX_RANGE: u64 = 10_000_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("head", LIST, Returns::Element, |_, args| {
        with_list("head", args, |it| it.first().cloned().unwrap_or(Value::Null))
    }),
    Function::new("last", LIST, Returns::Element, |_, args| {
        with_list("last", args, |it| it.last().cloned().unwrap_or(Value::Null))
    }),
    Function::new("tail", LIST, Returns::First, |_, args| {
        with_list("tail", args, |it| Value::list(it.get(1..).unwrap_or_default().to_vec()))
    }),
    Function::new("reverse", &[TypeSet::LIST.or(TypeSet::STR)], Returns::First, |_, args| {
        if let Some(text) = arg(args, 0).as_str() {
            return Ok(Value::string(text.chars().rev().collect::<String>()));
        }
        with_list("reverse", args, |it| Value::list(it.iter().rev().cloned().collect()))
    }),
    Function::new(
        "size",
        &[TypeSet::LIST.or(TypeSet::STR).or(TypeSet::MAP)],
        Returns::Int,
        |_, args| size("size", &arg(args, 0)),
    ),
    Function::new(
        "isEmpty",
        &[TypeSet::LIST.or(TypeSet::STR).or(TypeSet::MAP)],
        Returns::Bool,
        |_, args| {
            let of = arg(args, 0);
            if of.as_map().is_some_and(|it| !it.is_empty()) {
                return Ok(Value::Bool(false));
            }
            match size("isEmpty", &of)? {
                Value::Int(size) => Ok(Value::Bool(size == 0)),
                unread => Ok(unread),
            }
        },
    ),
    Function::new(
        "range",
        &[TypeSet::INT, TypeSet::INT, TypeSet::INT],
        Returns::List,
        |_, args| range(args),
    )
    .optional(1),
    Function::new("coalesce", &[TypeSet::ANY], Returns::First, |_, args| {
        Ok(args.iter().find(|it| !it.is_null()).cloned().unwrap_or(Value::Null))
    })
    .nulls(Nulls::PassBoth),
    Function::new("nullIf", &[TypeSet::ANY, TypeSet::ANY], Returns::First, |_, args| {
        let (first, second) = (arg(args, 0), arg(args, 1));
        Ok(if compare::equals(&first, &second).is_true() { Value::Null } else { first })
    })
    .nulls(Nulls::PassNull),
    Function::new("exists", &[TypeSet::ANY], Returns::Bool, |_, args| {
        Ok(Value::Bool(!arg(args, 0).is_null()))
    })
    .nulls(Nulls::PassNull),
];

/// Computes with the elements of the first argument.
fn with_list<'g>(
    function: &str,
    args: &[Value<'g>],
    compute: impl Fn(&[Value<'g>]) -> Value<'g>,
) -> Outcome<'g> {
    let value = arg(args, 0);
    match (&value, value.as_list()) {
        (Value::List(items), _) => Ok(compute(items)),
        (_, Some(list)) => Ok(compute(&list.iter().collect::<Vec<_>>())),
        (_, None) => Err(bad_argument(function, "a list", &value)),
    }
}

/// Characters of a text, elements of a list, entries of a map; unread for a map that may have more.
fn size<'g>(function: &str, of: &Value<'g>) -> Outcome<'g> {
    if let Some(text) = of.as_str() {
        return Ok(Value::count(text.chars().count()));
    }
    if let Some(list) = of.as_list() {
        return Ok(Value::count(list.len()));
    }
    match of.as_map() {
        Some(map) if map.is_complete().is_true() => Ok(Value::count(map.len())),
        Some(map) => Ok(map.is_complete().into()),
        None => Err(bad_argument(function, "a list, a string or a map", of)),
    }
}

/// Whole numbers from the first to the second argument, both included.
fn range<'g>(args: &[Value<'g>]) -> Outcome<'g> {
    let (start, end) = (int_arg("range", args, 0)?, int_arg("range", args, 1)?);
    let step = if args.len() > 2 { int_arg("range", args, 2)? } else { 1 };
    if step == 0 {
        let message = "the step of `range` cannot be 0";
        return Err(EvalError::new(ErrorKind::NumberOutOfRange, message));
    }
    if (step > 0 && start > end) || (step < 0 && start < end) {
        return Ok(Value::list(Vec::new()));
    }
    let n_steps = start.abs_diff(end) / step.unsigned_abs();
    if n_steps >= MAX_RANGE {
        let message = format!("`range` gives at most {MAX_RANGE} numbers");
        return Err(EvalError::new(ErrorKind::LimitExceeded, message));
    }
    let mut numbers = Vec::with_capacity(n_steps as usize + 1);
    let mut next = Some(start);
    for _ in 0..=n_steps {
        numbers.extend(next.map(Value::Int));
        next = next.and_then(|it| it.checked_add(step));
    }
    Ok(Value::list(numbers))
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn ends_of_a_list() {
        check("head([1, 2])", "1");
        check("head([])", "null");
        check("last([1, 2])", "2");
        check("tail([1, 2, 3])", "[2, 3]");
        check("tail([])", "[]");
        check("reverse([1, 2])", "[2, 1]");
        check("reverse('ab')", "'ba'");
    }

    #[test]
    fn ranges() {
        check("range(1, 3)", "[1, 2, 3]");
        check("range(3, 1, -2)", "[3, 1]");
        check("range(3, 1)", "[]");
        check("range(0, 1, 0)", "NumberOutOfRange");
        check(
            "range(9223372036854775806, 9223372036854775807)",
            "[9223372036854775806, 9223372036854775807]",
        );
        check("range(0, 9223372036854775807)", "LimitExceeded");
        check("range(1, true)", "InvalidArgumentValue");
    }

    #[test]
    fn sizes() {
        check("size('äö')", "2");
        check("size({a: 1})", "1");
        check("isEmpty('')", "true");
        check("isEmpty([null])", "false");
        check("size(1)", "InvalidArgumentValue");
    }
}
