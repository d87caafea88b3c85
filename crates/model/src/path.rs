//! Paths into documents, as content files write them.
//!
//! `properties.rules[*].name`: keys separated by dots; `[*]` is every element of a list or every
//! value of an object; `{keys}` is every key of an object; a key with odd characters stands in
//! backticks. `.` alone is the document itself.

use serde_json::Value as Json;

use crate::doc::View;
use crate::keys::Keys;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into the value under this key.
    Key(Box<str>),
    /// Into every element of a list or every value of an object.
    Each,
    /// To every key of an object, as text.
    EachKey,
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    text: Box<str>,
}

/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The text that was given.
    pub text: String,
    /// What is wrong with it, lower case, no full stop.
    pub reason: &'static str,
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is not a path: {}", self.text, self.reason)
    }
}

impl std::error::Error for PathError {}

impl Path {
    /// Parses `text`.
    ///
    /// # Errors
    /// An empty key, an unknown bracket, or an open backtick.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let fail = |reason| PathError { text: text.to_owned(), reason };
        let mut steps = Vec::new();
        let mut rest = text.trim();
        if rest == "." {
            rest = "";
        } else if rest.is_empty() {
            return Err(fail("it is empty"));
        }
        let mut wants_key = true;
        while !rest.is_empty() {
            if let Some(tail) = rest.strip_prefix("[*]") {
                steps.push(Step::Each);
                rest = tail;
                wants_key = false;
            } else if let Some(tail) = rest.strip_prefix("{keys}") {
                steps.push(Step::EachKey);
                rest = tail;
                wants_key = false;
            } else if let Some(tail) = rest.strip_prefix('.') {
                if wants_key {
                    return Err(fail("a key is empty"));
                }
                rest = tail;
                wants_key = true;
            } else if !wants_key {
                return Err(fail("a dot, `[*]` or `{keys}` was expected"));
            } else if let Some(tail) = rest.strip_prefix('`') {
                let (key, tail) =
                    tail.split_once('`').ok_or_else(|| fail("a backtick is not closed"))?;
                steps.push(Step::Key(key.into()));
                rest = tail;
                wants_key = false;
            } else {
                let end = rest.find(['.', '[', '{']).unwrap_or(rest.len());
                let (key, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if key.is_empty() {
                    return Err(fail("an unknown bracket"));
                }
                steps.push(Step::Key(key.into()));
                rest = tail;
                wants_key = false;
            }
        }
        if wants_key && !steps.is_empty() {
            return Err(fail("it ends with a dot"));
        }
        Ok(Self { steps, text: text.trim().into() })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The steps, outermost first; none for the document itself.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The path of the first `length` steps, at most all.
    #[must_use]
    pub fn prefix(&self, length: usize) -> Self {
        let steps = self.steps.iter().take(length).cloned().collect();
        Self { steps, text: self.text.clone() }
    }

    /// All values that the path leads to in `json`, nulls and absent keys left out.
    pub fn find_all<'a>(&self, json: &'a Json) -> Vec<PathMatch<'a>> {
        let mut found = vec![PathMatch::Value(json)];
        for step in &self.steps {
            let mut next = Vec::new();
            for item in found {
                let PathMatch::Value(value) = item else { continue };
                match (step, value) {
                    (Step::Key(key), Json::Object(map)) => {
                        next.extend(map.get(key.as_ref()).map(PathMatch::Value));
                    }
                    (Step::Each, Json::Array(items)) => {
                        next.extend(items.iter().map(PathMatch::Value));
                    }
                    (Step::Each, Json::Object(map)) => {
                        next.extend(map.values().map(PathMatch::Value));
                    }
                    (Step::EachKey, Json::Object(map)) => {
                        next.extend(map.keys().map(|key| PathMatch::Key(key)));
                    }
                    _ => {}
                }
            }
            found = next;
        }
        found.retain(|item| !matches!(item, PathMatch::Value(Json::Null)));
        found
    }

    /// The first value that the path leads to in `json`; `None` when absent or null.
    pub fn find<'a>(&self, json: &'a Json) -> Option<&'a Json> {
        self.find_all(json).into_iter().find_map(|item| match item {
            PathMatch::Value(value) => Some(value),
            PathMatch::Key(_) => None,
        })
    }

    /// The first value as text: a string as it is, a number or truth value printed.
    pub fn find_text(&self, json: &Json) -> Option<String> {
        self.find_all(json).into_iter().find_map(PathMatch::text)
    }

    /// Every value in a document, with the concrete path to it (`rules[2].name`).
    pub fn views<'a>(&self, root: View<'a>, keys: &Keys) -> Vec<(String, View<'a>)> {
        let mut found = vec![(String::new(), root)];
        for step in &self.steps {
            let mut next = Vec::new();
            for (at, view) in found {
                match step {
                    Step::Key(name) => {
                        let child = match keys.find(name) {
                            Some(key) => view.get(key),
                            None => missing(view),
                        };
                        let dot = if at.is_empty() { "" } else { "." };
                        next.extend(child.map(|child| (format!("{at}{dot}{name}"), child)));
                    }
                    Step::Each => match view {
                        View::List(list) => next.extend(
                            list.iter().enumerate().map(|(i, item)| (format!("{at}[{i}]"), item)),
                        ),
                        View::Object(object) => next.extend(
                            object
                                .iter()
                                .map(|(key, item)| (format!("{at}.{}", keys.name(key)), item)),
                        ),
                        View::Unread(_) => next.push((format!("{at}[*]"), view)),
                        _ => {}
                    },
                    Step::EachKey => {
                        if matches!(view, View::Object(_) | View::Unread(_)) {
                            next.push((format!("{at}{{keys}}"), view));
                        }
                    }
                }
            }
            found = next;
        }
        found
    }
}

/// What a key that no document has reads as.
fn missing(view: View<'_>) -> Option<View<'_>> {
    match view {
        View::Object(object) => Some(object.missing()),
        View::Null | View::Unread(_) => Some(view),
        View::Bool(_) | View::Int(_) | View::Float(_) | View::Str(_) | View::List(_) => None,
    }
}

/// What a path led to: a value, or the key of an object.
#[derive(Debug, Clone, Copy)]
pub enum PathMatch<'a> {
    /// A value.
    Value(&'a Json),
    /// The text of a key.
    Key(&'a str),
}

impl PathMatch<'_> {
    /// The match as text; `None` for null, lists and objects.
    pub fn text(self) -> Option<String> {
        match self {
            PathMatch::Key(key) => Some(key.to_owned()),
            PathMatch::Value(Json::String(text)) => Some(text.clone()),
            PathMatch::Value(Json::Number(number)) => Some(number.to_string()),
            PathMatch::Value(Json::Bool(bool)) => Some(bool.to_string()),
            PathMatch::Value(Json::Null | Json::Array(_) | Json::Object(_)) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;
    use serde_json::json;

    #[track_caller]
    fn check(path: &str, want: &[&str]) {
        let json = json!({
            "rules": [{ "name": "a", "ports": [1, 2] }, { "name": "b" }, {}],
            "ids": { "/x/y": {}, "/z": { "v": true } },
            "a/b": "odd", "gone": null
        });
        let found: Vec<String> = Path::parse(path)
            .unwrap()
            .find_all(&json)
            .into_iter()
            .filter_map(super::PathMatch::text)
            .collect();
        assert_eq!(found, want);
    }

    #[test]
    fn keys_and_elements() {
        check("rules[*].name", &["a", "b"]);
        check("rules[*].ports[*]", &["1", "2"]);
        check("ids[*].v", &["true"]);
    }

    #[test]
    fn keys_of_an_object() {
        check("ids{keys}", &["/x/y", "/z"]);
    }

    #[test]
    fn odd_keys_stand_in_backticks() {
        check("`a/b`", &["odd"]);
    }

    #[test]
    fn absent_and_null_lead_nowhere() {
        check("gone", &[]);
        check("rules[*].absent.deeper", &[]);
    }

    #[test]
    fn broken_paths_are_refused() {
        for text in ["", "a..b", "a.", "a[0]", "`a", ".a"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
