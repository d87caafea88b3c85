//! A JSON Schema validator for what our own schemas use, and no more.

use serde_json::Value as Json;

/// Every violation of `schema` by `value`, with its place.
pub(crate) fn violations(schema: &Json, value: &Json) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, value, "$", &mut found);
    found
}

fn walk(schema: &Json, value: &Json, at: &str, found: &mut Vec<String>) {
    if let Some(types) = schema.get("type") {
        let is_type = |name: &Json| match name.as_str() {
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("null") => value.is_null(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => false,
        };
        let ok = types.as_array().map_or_else(|| is_type(types), |all| all.iter().any(is_type));
        if !ok {
            found.push(format!("{at}: {value} is not {types}"));
            return;
        }
    }
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        found.push(format!("{at}: {value} is not {wanted}"));
    }
    if let Some(values) = schema.get("enum").and_then(Json::as_array)
        && !values.contains(value)
    {
        found.push(format!("{at}: {value} is none of {values:?}"));
    }
    if let (Some(least), Some(number)) =
        (schema.get("minimum").and_then(Json::as_f64), value.as_f64())
        && number < least
    {
        found.push(format!("{at}: {number} is less than {least}"));
    }
    if let (Some(most), Some(number)) =
        (schema.get("maximum").and_then(Json::as_f64), value.as_f64())
        && number > most
    {
        found.push(format!("{at}: {number} is more than {most}"));
    }
    if let Some(items) = value.as_array()
        && let Some(schema) = schema.get("items")
    {
        for (i, item) in items.iter().enumerate() {
            walk(schema, item, &format!("{at}[{i}]"), found);
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema.get("required").and_then(Json::as_array).into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap_or_default()) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        let empty = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Json::as_object).unwrap_or(&empty);
        for (name, inner) in object {
            let at = format!("{at}.{name}");
            match (properties.get(name), schema.get("additionalProperties")) {
                (Some(schema), _) => walk(schema, inner, &at, found),
                (None, Some(Json::Bool(false))) => found.push(format!("{at} is not in the schema")),
                (None, Some(schema @ Json::Object(_))) => walk(schema, inner, &at, found),
                (None, _) => {}
            }
        }
    }
}
