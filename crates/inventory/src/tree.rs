//! Changing JSON trees at the places that content files name.

use model::{GapId, Path, Step, doc};
use serde_json::{Map, Value as Json};

/// Calls `change` for every value that `steps` lead to, nulls included.
pub(crate) fn each_mut(value: &mut Json, steps: &[Step], change: &mut dyn FnMut(&mut Json)) {
    let Some((step, rest)) = steps.split_first() else { return change(value) };
    match (step, value) {
        (Step::Key(key), Json::Object(map)) => {
            if let Some(inner) = map.get_mut(key.as_ref()) {
                each_mut(inner, rest, change);
            }
        }
        (Step::Each, Json::Array(items)) => {
            for item in items {
                each_mut(item, rest, change);
            }
        }
        (Step::Each, Json::Object(map)) => {
            for item in map.values_mut() {
                each_mut(item, rest, change);
            }
        }
        _ => {}
    }
}

/// Puts `new` at `path`, making the objects on the way. Where the path has `[*]`, `new` is a list
/// and each of its elements goes to an element of its own: `a[*].b` of `[1, 2]` makes
/// `a: [{b: 1}, {b: 2}]`.
pub(crate) fn put(value: &mut Json, path: &Path, new: Json) {
    put_steps(value, path.steps(), new);
}

fn put_steps(value: &mut Json, steps: &[Step], new: Json) {
    match steps.split_first() {
        None => *value = new,
        Some((Step::Key(key), rest)) => {
            if !value.is_object() {
                *value = Json::Object(Map::new());
            }
            if let Json::Object(map) = value {
                put_steps(map.entry(key.as_ref()).or_insert(Json::Null), rest, new);
            }
        }
        Some((Step::Each, rest)) => {
            let Json::Array(news) = new else { return };
            if !value.is_array() {
                *value = Json::Array(Vec::new());
            }
            let Json::Array(items) = value else { return };
            items.resize(items.len().max(news.len()), Json::Null);
            for (item, new) in items.iter_mut().zip(news) {
                put_steps(item, rest, new);
            }
        }
        Some((Step::EachKey, _)) => {}
    }
}

/// Puts `new` under `key` of an object.
pub(crate) fn put_key(value: &mut Json, key: &str, new: Json) {
    if let Json::Object(map) = value {
        map.insert(key.to_owned(), new);
    }
}

/// Marks what `steps` lead to as unread where it is absent or null; where something on the way is
/// absent or null, that is unread.
pub(crate) fn unread_if_missing(value: &mut Json, steps: &[Step]) {
    let Some((step, rest)) = steps.split_first() else { return };
    match (step, value) {
        (Step::Key(key), Json::Object(map)) => match map.get_mut(key.as_ref()) {
            None | Some(Json::Null) => {
                map.insert(key.as_ref().to_owned(), unread());
            }
            Some(inner) => unread_if_missing(inner, rest),
        },
        (Step::Each, Json::Array(items)) => {
            for item in items {
                unread_if_missing(item, rest);
            }
        }
        _ => {}
    }
}

/// A value that was not collected.
pub(crate) fn unread() -> Json {
    doc::unread_marker(GapId::NOT_COLLECTED)
}

/// Replaces JSON text at `path` by what it says; percent-encoded text, as IAM answers carry it, too.
pub(crate) fn decode_text(value: &mut Json, path: &Path) {
    each_mut(value, path.steps(), &mut |place| {
        let Json::String(text) = place else { return };
        let plain = if text.trim_start().starts_with('%') { percent_decoded(text) } else { None };
        let text = plain.as_deref().unwrap_or(text);
        let decoded = serde_json::from_str(text).ok().or_else(|| unescaped(text));
        if let Some(decoded) = decoded {
            *place = decoded;
        }
    });
}

/// JSON whose quotes are escaped once more, as API Gateway gives the policies of its interfaces.
fn unescaped(text: &str) -> Option<Json> {
    let inner: String = serde_json::from_str(&format!("\"{text}\"")).ok()?;
    serde_json::from_str(&inner).ok()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode_text, put, unread_if_missing};
    use model::{Doc, Keys, Path};
    use serde_json::json;

    #[test]
    fn missing_places_become_unread() {
        let mut json = json!({ "a": { "x": 1 }, "b": null, "l": [{ "v": 1 }, {}] });
        for path in ["a.x", "a.y", "b.z", "c.d", "l[*].v"] {
            unread_if_missing(&mut json, Path::parse(path).unwrap().steps());
        }
        let keys = Keys::default();
        let gone = "<not collected>";
        assert_eq!(
            Doc::build(&json, &keys).view().to_json(&keys),
            json!({ "a": { "x": 1, "y": gone }, "b": gone, "c": gone, "l": [{ "v": 1 }, { "v": gone }] })
        );
    }

    #[test]
    fn places_are_made_on_the_way() {
        let mut json = json!({ "a": 1 });
        put(&mut json, &Path::parse("b.c").unwrap(), json!(2));
        put(&mut json, &Path::parse("l[*].n").unwrap(), json!(["x", "y"]));
        let want = json!({ "a": 1, "b": { "c": 2 }, "l": [{ "n": "x" }, { "n": "y" }] });
        assert_eq!(json, want);
    }

    #[test]
    fn json_text_is_decoded_plain_and_percent_encoded() {
        let mut json = json!({ "p": "{\"a\": 1}", "q": "%7B%22a%22%3A%201%7D", "r": "no json" });
        for path in ["p", "q", "r"] {
            decode_text(&mut json, &Path::parse(path).unwrap());
        }
        assert_eq!(json, json!({ "p": { "a": 1 }, "q": { "a": 1 }, "r": "no json" }));
    }
}
