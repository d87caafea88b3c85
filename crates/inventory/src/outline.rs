//! JSON text into items, without building more than one item at a time.
//!
//! In: the text of a file: one value, several values one after the other, a list, or an object
//! with a list in it (`value`, `items`, ...). Out: the raw text of each item. What was complete
//! before a syntax error is kept: a truncated export loses its last item, not all of them.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::fmt;

/// Keys under which formats keep their list of items.
const LIST_KEYS: [&str; 6] =
    ["value", "items", "data", "assets", "configurationItems", "baseConfigurationItems"];

/// Largest item that is read, in bytes; a resource of a cloud is below 1 MB.
pub(crate) const MAX_ITEM_BYTES: usize = 16 << 20;

/// Largest report of another tool that is read, in bytes.
const MAX_REPORT_BYTES: usize = 256 << 20;

/// One item: its text and where it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) text: &'a str,
    pub(crate) offset: usize,
}

/// One value of the file.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    /// A list of items.
    List(Vec<Item<'a>>),
    /// An object: its entries as text, and the items of the list under its first list key, whose
    /// entry is empty.
    Object { entries: Vec<(String, &'a str)>, list: Option<Vec<Item<'a>>> },
    /// Text, number, truth value or null.
    Scalar,
}

/// What is in a text.
#[derive(Debug, Default)]
pub(crate) struct Outline<'a> {
    /// The values one after the other, each with its own text.
    pub(crate) values: Vec<(Value<'a>, Item<'a>)>,
    /// Why reading ended before the end of the text, and the line.
    pub(crate) error: Option<(String, usize)>,
}

/// Finds the items of `text`.
pub(crate) fn outline(text: &str) -> Outline<'_> {
    let mut found = Outline::default();
    let mut rest = text;
    let mut offset = 0;
    loop {
        let trimmed = rest.trim_start();
        offset += rest.len() - trimmed.len();
        if trimmed.is_empty() {
            return found;
        }
        let mut value = Value::Scalar;
        let mut reader = serde_json::Deserializer::from_str(trimmed);
        let outcome = Seed { into: &mut value, text }.deserialize(&mut reader);
        let read = reader.into_iter::<IgnoredAny>().byte_offset();
        let own = trimmed.get(..read).unwrap_or(trimmed);
        match outcome {
            Ok(()) => found.values.push((value, Item { text: own, offset })),
            Err(error) => {
                found.values.push((value, Item { text: "", offset }));
                found.error = Some((reason(&error), line_of(text, offset) + error.line() - 1));
                return found;
            }
        }
        rest = trimmed.get(read..).unwrap_or_default();
        offset += read;
    }
}

/// The line, from 1, of a place in a text.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.split(|byte| *byte == b'\n').count()
}

/// Parses one item.
///
/// # Errors
/// A sentence for the user, without the place.
pub(crate) fn parse(item: &str) -> Result<Json, String> {
    if item.len() > MAX_ITEM_BYTES {
        return Err(format!("an item is larger than {} MB", MAX_ITEM_BYTES >> 20));
    }
    serde_json::from_str(item).map_err(|error| reason(&error))
}

/// Parses a report, which is one large item.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_report(item: &str) -> Result<Json, String> {
    if item.len() > MAX_REPORT_BYTES {
        return Err(format!("a report is larger than {} MB", MAX_REPORT_BYTES >> 20));
    }
    serde_json::from_str(item).map_err(|error| reason(&error))
}

fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        return "it is nested deeper than 128 levels".to_owned();
    }
    if error.is_eof() {
        return "the JSON is cut off; what came before was read".to_owned();
    }
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("it is not JSON: {what}")
}

struct Seed<'a, 'v> {
    into: &'v mut Value<'a>,
    text: &'a str,
}

impl<'a> DeserializeSeed<'a> for Seed<'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Seed<'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        *self.into = Value::List(Vec::new());
        let Value::List(list) = self.into else { return Ok(()) };
        while let Some(raw) = items.next_element::<&'a RawValue>()? {
            list.push(item(self.text, raw));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        *self.into = Value::Object { entries: Vec::new(), list: None };
        let Value::Object { entries, list } = self.into else { return Ok(()) };
        while let Some(key) = map.next_key::<String>()? {
            if list.is_none() && LIST_KEYS.contains(&key.as_str()) {
                let mut inner = Value::Scalar;
                let outcome = map.next_value_seed(Seed { into: &mut inner, text: self.text });
                if let Value::List(items) = inner {
                    *list = Some(items);
                }
                outcome?;
                entries.push((key, ""));
            } else {
                entries.push((key, map.next_value::<&'a RawValue>()?.get()));
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

fn item<'a>(text: &'a str, raw: &'a RawValue) -> Item<'a> {
    let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    Item { text: raw.get(), offset }
}

#[cfg(test)]
mod tests {
    use super::{Value, outline, parse};

    #[track_caller]
    fn check(text: &str, want: &[&str], want_error: Option<&str>) {
        let found = outline(text);
        let items: Vec<&str> = found
            .values
            .iter()
            .flat_map(|(value, own)| match value {
                Value::List(items) | Value::Object { list: Some(items), .. } => {
                    items.iter().map(|it| it.text).collect()
                }
                Value::Object { .. } | Value::Scalar => vec![own.text],
            })
            .collect();
        assert_eq!(items, want);
        let error = found.error.map(|(reason, line)| format!("{line}: {reason}"));
        match want_error {
            Some(part) => assert!(error.as_ref().unwrap().contains(part), "{error:?}"),
            None => assert_eq!(error, None),
        }
    }

    #[test]
    fn lists_pages_and_single_values() {
        check("[1, {\"a\": [2]}]", &["1", "{\"a\": [2]}"], None);
        check("{\"nextLink\": null, \"value\": [{}, {}]}", &["{}", "{}"], None);
        check("{\"a\": 1}", &["{\"a\": 1}"], None);
        check("{\"data\": {\"x\": 1}}", &["{\"data\": {\"x\": 1}}"], None);
    }

    #[test]
    fn values_one_after_the_other() {
        check("{\"a\":1}\n{\"b\":2} [3]", &["{\"a\":1}", "{\"b\":2}", "3"], None);
        check("", &[], None);
    }

    #[test]
    fn what_was_complete_before_the_cut_is_kept() {
        check("{\"value\": [{\"a\": 1},\n{\"b\"", &["{\"a\": 1}"], Some("2: the JSON is cut off"));
        check("[1, 2\n, x", &["1", "2"], Some("2: it is not JSON"));
    }

    #[test]
    fn deep_nesting_is_refused_for_the_item_alone() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let text = format!("[{{}}, {deep}]");
        let found = outline(&text);
        let Some((Value::List(items), _)) = found.values.first() else { panic!("no list") };
        assert_eq!(items.len(), 2);
        assert!(parse(items[1].text).unwrap_err().contains("128 levels"));
    }
}
