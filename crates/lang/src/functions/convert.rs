//! From one type into another. Text that cannot be read gives null.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Function, Returns, arg, bad_argument, bad_value};
use crate::error::EvalError;
use crate::ops::Outcome;
use crate::types::TypeSet;
use crate::value::Value;

const ANY: &[TypeSet] = &[TypeSet::ANY];
const LIST: &[TypeSet] = &[TypeSet::LIST];
const STR: &[TypeSet] = &[TypeSet::STR];

/// Longest text in base64 that is read, in bytes; what machines are given at their start takes 88 KiB at most.
const MOST_BASE64: usize = 1 << 20;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toInteger", ANY, Returns::Int, |_, args| to_integer(&arg(args, 0))),
    Function::new("toFloat", ANY, Returns::Float, |_, args| to_float(&arg(args, 0))),
    Function::new("toBoolean", ANY, Returns::Bool, |_, args| to_boolean(&arg(args, 0))),
    Function::new("toString", ANY, Returns::Str, |_, args| to_string(&arg(args, 0))),
    Function::new("toIntegerOrNull", ANY, Returns::Int, |_, args| {
        Ok(or_null(to_integer(&arg(args, 0))))
    }),
    Function::new("toFloatOrNull", ANY, Returns::Float, |_, args| {
        Ok(or_null(to_float(&arg(args, 0))))
    }),
    Function::new("toBooleanOrNull", ANY, Returns::Bool, |_, args| {
        Ok(or_null(to_boolean(&arg(args, 0))))
    }),
    Function::new("toStringOrNull", ANY, Returns::Str, |_, args| {
        Ok(or_null(to_string(&arg(args, 0))))
    }),
    Function::new("toIntegerList", LIST, Returns::List, |_, args| {
        each("toIntegerList", args, to_integer)
    }),
    Function::new("toFloatList", LIST, Returns::List, |_, args| {
        each("toFloatList", args, to_float)
    }),
    Function::new("toBooleanList", LIST, Returns::List, |_, args| {
        each("toBooleanList", args, to_boolean)
    }),
    Function::new("fromBase64", STR, Returns::Str, |_, args| from_base64(&arg(args, 0))),
    Function::new("toStringList", LIST, Returns::Texts, |_, args| {
        each("toStringList", args, to_string)
    }),
];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn or_null(result: Outcome<'_>) -> Value<'_> {
    result.unwrap_or(Value::Null)
}

/// Converts each element; what cannot be converted becomes null.
fn each<'g>(
    function: &str,
    args: &[Value<'g>],
    convert: impl Fn(&Value<'g>) -> Outcome<'g>,
) -> Outcome<'g> {
    let value = arg(args, 0);
    let list = value.as_list().ok_or_else(|| bad_argument(function, "a list", &value))?;
    let convert = |it: Value<'g>| match it {
        Value::Null | Value::Unread(_) => it,
        it => convert(&it).unwrap_or(Value::Null),
    };
    Ok(Value::list(list.iter().map(convert).collect()))
}

/// The text that stands in base64, with or without padding and line ends; null when it is no base64 of a text, or
/// longer than [`MOST_BASE64`].
fn from_base64<'g>(value: &Value<'g>) -> Outcome<'g> {
    let Value::Str(text) = value else { return Err(bad_argument("fromBase64", "a text", value)) };
    let text = text.as_str();
    if text.len() > MOST_BASE64 {
        return Ok(Value::Null);
    }
    let dense: Vec<u8> = text.bytes().filter(|it| !it.is_ascii_whitespace()).collect();
    let read = BASE64.decode(dense).ok().and_then(|it| String::from_utf8(it).ok());
    Ok(read.map_or(Value::Null, Value::string))
}

fn to_integer<'g>(value: &Value<'g>) -> Outcome<'g> {
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Bool(value) => Ok(Value::Int(i64::from(*value))),
        Value::Float(number) => Ok(whole(*number)),
        Value::Str(text) => {
            let text = text.as_str().trim();
            let whole_text = text.parse::<i64>().map(Value::Int);
            Ok(whole_text.unwrap_or_else(|_| decimal(text).map_or(Value::Null, whole)))
        }
        other => Err(bad_value("toInteger", other)),
    }
}

/// A float cut to a whole number; null when there is none.
fn whole<'g>(number: f64) -> Value<'g> {
    if number.is_finite() && number.abs() < 9.3e18 {
        Value::Int(number as i64)
    } else {
        Value::Null
    }
}

/// A decimal number; names such as `inf` are none.
fn decimal(text: &str) -> Option<f64> {
    let is_decimal = |it: u8| it.is_ascii_digit() || matches!(it, b'.' | b'e' | b'E' | b'+' | b'-');
    text.parse().ok().filter(|_| text.bytes().all(is_decimal))
}

fn to_float<'g>(value: &Value<'g>) -> Outcome<'g> {
    match value {
        Value::Int(number) => Ok(Value::Float(*number as f64)),
        Value::Float(_) => Ok(value.clone()),
        Value::Str(text) => Ok(decimal(text.as_str().trim()).map_or(Value::Null, Value::Float)),
        other => Err(bad_value("toFloat", other)),
    }
}

fn to_boolean<'g>(value: &Value<'g>) -> Outcome<'g> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        Value::Int(number) => Ok(Value::Bool(*number != 0)),
        Value::Str(text) => Ok(match text.as_str().trim() {
            it if it.eq_ignore_ascii_case("true") => Value::Bool(true),
            it if it.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => Value::Null,
        }),
        other => Err(bad_value("toBoolean", other)),
    }
}

/// A value as text, as `toString` gives it.
fn to_string<'g>(value: &Value<'g>) -> Result<Value<'g>, EvalError> {
    match value {
        Value::Str(_) => Ok(value.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(Value::string(value.to_string())),
        Value::DateTime(instant) => Ok(Value::string(instant.to_string())),
        Value::Duration(period) => Ok(Value::string(period.to_string())),
        other => Err(bad_value("toString", other)),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn numbers() {
        check("toInteger('2.9')", "2");
        check("toInteger(' 42 ')", "42");
        check("toInteger('foo')", "null");
        check("toInteger(true)", "1");
        check("toInteger([])", "InvalidArgumentValue");
        check("toIntegerOrNull([])", "null");
        check("toFloat('5')", "5.0");
        check("toFloat('inf')", "null");
        check("toFloat(true)", "InvalidArgumentValue");
        check("toIntegerList(['1', 'x', null])", "[1, null, null]");
    }

    #[test]
    fn booleans_and_texts() {
        check("toBoolean('TRUE')", "true");
        check("toBoolean(' tru ')", "null");
        check("toBoolean(1.0)", "InvalidArgumentValue");
        check("toString(2.0)", "'2.0'");
        check("toString(duration('P1D'))", "'P1D'");
        check("toString({})", "InvalidArgumentValue");
    }

    #[test]
    fn base64() {
        check("fromBase64('IyEvYmluL2Jhc2gK')", "'#!/bin/bash\\n'");
        check("fromBase64('aG9t\nZQ==')", "'home'");
        check("fromBase64('aG9tZQ')", "'home'");
        check("fromBase64('')", "''");
        check("fromBase64('not base64!')", "null");
        check("fromBase64('/////w==')", "null");
        check("fromBase64(null)", "null");
        check("fromBase64(1)", "InvalidArgumentValue");
        let long = "A".repeat(super::MOST_BASE64 + 4);
        let read = super::from_base64(&crate::value::Value::string(long)).unwrap();
        assert!(matches!(read, crate::value::Value::Null));
    }

    proptest::proptest! {
        #[test]
        fn base64_reads_back_what_was_written(text in "\\PC{0,60}", rubbish in "[ -&(-\\[\\]-~]{0,40}", at in 0_usize..80) {
            use base64::Engine as _;
            let mut written = super::BASE64.encode(&text);
            written.insert(at.min(written.len()), '\n');
            let read = super::from_base64(&crate::value::Value::string(written)).unwrap();
            proptest::prop_assert_eq!(read.as_str(), Some(text.as_str()));
            // whatever stands there: a text or null, and never anything else
            let read = super::from_base64(&crate::value::Value::string(rubbish)).unwrap();
            proptest::prop_assert!(matches!(read, crate::value::Value::Str(_) | crate::value::Value::Null));
        }
    }
}
