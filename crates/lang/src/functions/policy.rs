//! JSON inside texts, and the policy documents of AWS.

use serde_json::Value as Json;

use super::{Function, Returns, arg, bad_argument};
use crate::types::TypeSet;
use crate::value::{MapView, Text, Value};

const DOCUMENT: &[TypeSet] = &[TypeSet::STR.or(TypeSet::MAP).or(TypeSet::LIST)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("jsonParse", DOCUMENT, Returns::Any, |_, args| Ok(parsed(&arg(args, 0)))),
    Function::new("policyStatements", DOCUMENT, Returns::List, |_, args| {
        let document = parsed(&arg(args, 0));
        match (document.as_map(), document.as_list(), &document) {
            (Some(map), _, _) => Ok(statements(&map.get("Statement"))),
            (_, Some(_), _) => Ok(statements(&document)),
            (_, _, Value::Null | Value::Unread(_)) => Ok(document),
            (None, None, other) => {
                Err(bad_argument("policyStatements", "a policy document", other))
            }
        }
    }),
];

/// The members of a statement that are one text or a list of them.
const LISTS: [&str; 6] =
    ["Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"];

/// A document written as text, read; anything else as it is. Policies from the AWS API are URL-encoded.
fn parsed<'g>(value: &Value<'g>) -> Value<'g> {
    let Some(text) = value.as_str() else { return value.clone() };
    let text = text.trim();
    let decoded = if text.starts_with("%7B") || text.starts_with("%5B") {
        percent_decoded(text)
    } else {
        Some(text.to_owned())
    };
    let json = decoded.and_then(|it| serde_json::from_str::<Json>(&it).ok());
    json.map_or(Value::Null, from_json)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(behind.get(..2)?, 16).ok()?);
        rest = behind.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

fn from_json<'g>(json: Json) -> Value<'g> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => number.as_f64().map_or(Value::Null, Value::Float),
        },
        Json::String(text) => Value::string(text),
        Json::Array(items) => Value::list(items.into_iter().map(from_json).collect()),
        Json::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| (Text::from(key), from_json(value)));
            Value::map(entries.collect())
        }
    }
}

/// The statements of a policy, each with lists where a policy may have one text or a list.
fn statements<'g>(value: &Value<'g>) -> Value<'g> {
    match (value.as_list(), value.as_map()) {
        (Some(list), _) => {
            let normalised = |it: Value<'g>| match it.as_map() {
                Some(map) => statement(map),
                None => it,
            };
            Value::list(list.iter().map(normalised).collect())
        }
        (_, Some(map)) => Value::list(vec![statement(map)]),
        (None, None) if value.is_null() => Value::list(Vec::new()),
        (None, None) => value.clone(),
    }
}

fn statement<'g>(map: MapView<'_, 'g>) -> Value<'g> {
    let mut entries = map.entries();
    for key in LISTS {
        entries.push((Text::from(key), texts(&map.get(key))));
    }
    Value::map(entries)
}

/// All texts of a member: `"*"`, `["a", "b"]`, `{"AWS": "*", "Service": ["x"]}`; absent: none.
fn texts<'g>(value: &Value<'g>) -> Value<'g> {
    if let Some(map) = value.as_map() {
        let mut all = Vec::new();
        for (_, value) in map.entries() {
            match value.as_list() {
                Some(list) => all.extend(list.iter()),
                None => all.push(value),
            }
        }
        return Value::list(all);
    }
    match value {
        Value::Null => Value::list(Vec::new()),
        Value::Unread(_) | Value::List(_) | Value::DocList(_) => value.clone(),
        one => Value::list(vec![one.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn json_in_texts() {
        check(r#"jsonParse('{"a": [1, 2.5, "x", null]}')"#, "{a: [1, 2.5, 'x', null]}");
        check("jsonParse('no json')", "null");
        check("jsonParse({a: 1})", "{a: 1}");
        check("jsonParse('%7B%22a%22%3A1%7D')", "{a: 1}");
    }

    #[test]
    fn statements_have_lists() {
        let statement = r#"{"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": ["a", "b"], "Service": "c"}}"#;
        let policy = format!("policyStatements('{{\"Statement\": {statement}}}')");
        check(&format!("[s IN {policy} | s.Action]"), "[['s3:*']]");
        check(&format!("[s IN {policy} | s.Principal]"), "[['a', 'b', 'c']]");
        check(&format!("[s IN {policy} | s.Resource]"), "[[]]");
        check(&format!("[s IN {policy} WHERE s.Effect = 'Allow' | s.NotAction]"), "[[]]");
        check("policyStatements({Statement: []})", "[]");
        check("policyStatements({})", "[]");
        check("policyStatements(null)", "null");
    }
}
