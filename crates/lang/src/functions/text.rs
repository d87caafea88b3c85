//! Texts. Positions and lengths count characters, not bytes.

use super::{Function, Returns, arg, bad_argument, int_arg, text_arg};
use crate::error::{ErrorKind, EvalError};
use crate::ops::{self, Outcome};
use crate::types::TypeSet;
use crate::value::Value;

const STR: &[TypeSet] = &[TypeSet::STR];
const STR_STR: &[TypeSet] = &[TypeSet::STR, TypeSet::STR];
const STR_INT: &[TypeSet] = &[TypeSet::STR, TypeSet::INT];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toLower", STR, Returns::Str, |_, args| map("toLower", args, str::to_lowercase)),
    Function::new("lower", STR, Returns::Str, |_, args| map("lower", args, str::to_lowercase)),
    Function::new("toUpper", STR, Returns::Str, |_, args| map("toUpper", args, str::to_uppercase)),
    Function::new("upper", STR, Returns::Str, |_, args| map("upper", args, str::to_uppercase)),
    Function::new("trim", STR_STR, Returns::Str, |_, args| trim("trim", args, true, true))
        .optional(1),
    Function::new("btrim", STR_STR, Returns::Str, |_, args| trim("btrim", args, true, true))
        .optional(1),
    Function::new("ltrim", STR_STR, Returns::Str, |_, args| trim("ltrim", args, true, false))
        .optional(1),
    Function::new("rtrim", STR_STR, Returns::Str, |_, args| trim("rtrim", args, false, true))
        .optional(1),
    Function::new(
        "replace",
        &[TypeSet::STR, TypeSet::STR, TypeSet::STR],
        Returns::Str,
        |_, args| {
            let (from, to) = (text_arg("replace", args, 1)?, text_arg("replace", args, 2)?);
            let text = text_arg("replace", args, 0)?;
            if to.len() > from.len() {
                let n_found =
                    if from.is_empty() { text.len() + 1 } else { text.matches(from).count() };
                ops::must_fit(text.len().saturating_add(n_found.saturating_mul(to.len())))?;
            }
            Ok(Value::string(text.replace(from, to)))
        },
    ),
    Function::new(
        "split",
        &[TypeSet::STR, TypeSet::STR.or(TypeSet::LIST)],
        Returns::Texts,
        |_, args| split(args),
    ),
    Function::new(
        "substring",
        &[TypeSet::STR, TypeSet::INT, TypeSet::INT],
        Returns::Str,
        |_, args| {
            let start = count("substring", args, 1)?;
            let length = if args.len() > 2 { count("substring", args, 2)? } else { usize::MAX };
            map("substring", args, |it| it.chars().skip(start).take(length).collect())
        },
    )
    .optional(1),
    Function::new("left", STR_INT, Returns::Str, |_, args| {
        let length = count("left", args, 1)?;
        map("left", args, |it| it.chars().take(length).collect())
    }),
    Function::new("right", STR_INT, Returns::Str, |_, args| {
        let length = count("right", args, 1)?;
        map("right", args, |it| {
            let skipped = it.chars().count().saturating_sub(length);
            it.chars().skip(skipped).collect()
        })
    }),
    Function::new("char_length", STR, Returns::Int, |_, args| length("char_length", args)),
    Function::new("character_length", STR, Returns::Int, |_, args| {
        length("character_length", args)
    }),
];

fn map<'g>(function: &str, args: &[Value<'g>], compute: impl Fn(&str) -> String) -> Outcome<'g> {
    Ok(Value::string(compute(text_arg(function, args, 0)?)))
}

fn length<'g>(function: &str, args: &[Value<'g>]) -> Outcome<'g> {
    Ok(Value::count(text_arg(function, args, 0)?.chars().count()))
}

/// A number of characters, which cannot be negative.
fn count(function: &str, args: &[Value<'_>], idx: usize) -> Result<usize, EvalError> {
    let number = int_arg(function, args, idx)?;
    usize::try_from(number).map_err(|_| {
        let message = format!("`{function}` needs a number that is not negative, not {number}");
        EvalError::new(ErrorKind::NegativeIntegerArgument, message)
    })
}

/// Takes white space, or the characters given, from one or both ends.
fn trim<'g>(function: &str, args: &[Value<'g>], left: bool, right: bool) -> Outcome<'g> {
    let own = if args.len() > 1 { Some(text_arg(function, args, 1)?) } else { None };
    let goes = |it: char| own.map_or(it.is_whitespace(), |own| own.contains(it));
    map(function, args, |text| {
        let text = if left { text.trim_start_matches(goes) } else { text };
        let text = if right { text.trim_end_matches(goes) } else { text };
        text.to_owned()
    })
}

/// Splits at a text, or at any text of a list. An empty separator splits into characters.
fn split<'g>(args: &[Value<'g>]) -> Outcome<'g> {
    let text = text_arg("split", args, 0)?;
    let separators: Vec<Value<'g>> = match arg(args, 1) {
        it @ Value::Str(_) => vec![it],
        other => match other.as_list() {
            Some(list) => list.iter().collect(),
            None => return Err(bad_argument("split", "a string or a list", &other)),
        },
    };
    let mut parts = vec![text];
    for separator in &separators {
        let Some(separator) = separator.as_str() else {
            return Err(bad_argument("split", "separators that are strings", separator));
        };
        parts = parts.into_iter().flat_map(|it| split_one(it, separator)).collect();
    }
    Ok(Value::list(parts.into_iter().map(Value::string).collect()))
}

fn split_one<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    if separator.is_empty() {
        return text.split("").filter(|it| !it.is_empty()).collect();
    }
    text.split(separator).collect()
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn parts_of_a_text() {
        check("substring('hello', 1, 3)", "'ell'");
        check("substring('hello', 9)", "''");
        check("substring('hello', -1)", "NegativeIntegerArgument");
        check("left('äöü', 2)", "'äö'");
        check("right('äöü', 2)", "'öü'");
        check("split('a,b,,c', ',')", "['a', 'b', '', 'c']");
        check("split('a,b;c', [',', ';'])", "['a', 'b', 'c']");
        check("split('abc', '')", "['a', 'b', 'c']");
    }

    #[test]
    fn changes_of_a_text() {
        check("toUpper('straße')", "'STRASSE'");
        check("trim('  a ')", "'a'");
        check("ltrim('xxa', 'x')", "'a'");
        check("replace('banana', 'an', 'o')", "'booa'");
        check("replace('ab', '', '-')", "'-a-b-'");
        check("char_length('äöü')", "3");
        check("toLower(1)", "InvalidArgumentValue");
    }
}
