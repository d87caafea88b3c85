//! Lists and objects inside a document, read in place.

use std::fmt;

use model::{Key, Keys, View};

use super::{Text, Value};

/// An object inside a document, with the table its keys are interned in.
#[derive(Clone, Copy)]
pub struct DocMap<'g> {
    /// The object.
    pub view: model::doc::ObjectView<'g>,
    /// The table of its keys.
    pub keys: &'g Keys,
}

/// A list inside a document, with the table its keys are interned in.
#[derive(Clone, Copy)]
pub struct DocList<'g> {
    /// The list.
    pub view: model::doc::ListView<'g>,
    /// The table of its keys.
    pub keys: &'g Keys,
}

impl fmt::Debug for DocMap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocMap({} entries)", self.view.len())
    }
}

impl fmt::Debug for DocList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocList({} elements)", self.view.len())
    }
}

impl<'g> DocMap<'g> {
    /// The value of a key that was looked up before: the fast way for compiled paths.
    pub fn get_key(self, key: Key) -> Value<'g> {
        Value::from_view(self.view.get(key), self.keys)
    }

    /// The value of a key: null when it is known to be absent, unread when it may exist.
    pub fn get(self, key: &str) -> Value<'g> {
        match self.keys.find(key) {
            Some(key) => self.get_key(key),
            None => Value::from_view(self.view.missing(), self.keys),
        }
    }

    /// All entries, sorted by the text of the key.
    pub fn entries(self) -> Vec<(Text<'g>, Value<'g>)> {
        let named = |(key, view)| (Text::Shared(self.keys.name(key)), self.value(view));
        let mut entries: Vec<_> = self.view.iter().map(named).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }

    fn value(self, view: View<'g>) -> Value<'g> {
        Value::from_view(view, self.keys)
    }
}

impl<'g> DocList<'g> {
    /// The elements in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'g>> {
        self.view.iter().map(move |it| Value::from_view(it, self.keys))
    }
}

impl<'g> Value<'g> {
    /// The value at a place in a document. Lists and objects are not copied.
    pub fn from_view(view: View<'g>, keys: &'g Keys) -> Self {
        match view {
            View::Null => Self::Null,
            View::Bool(value) => Self::Bool(value),
            View::Int(value) => Self::Int(value),
            View::Float(value) => Self::Float(value),
            View::Str(text) => Self::str(text),
            View::List(view) => Self::DocList(DocList { view, keys }),
            View::Object(view) => Self::DocMap(DocMap { view, keys }),
            View::Unread(gap) => Self::Unread(gap),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Doc, Keys};
    use serde_json::json;

    use crate::value::{Key, Truth, Value, compare};

    /// A document with `x: json` read back as a value, against a value made by hand.
    #[track_caller]
    fn check(json: &serde_json::Value, other: &Value<'_>, want: Truth) {
        let keys = Keys::default();
        let doc = Doc::build(json, &keys);
        let value = Value::from_view(doc.view(), &keys);
        assert_eq!(compare::equals(&value, other), want);
        assert_eq!(compare::equals(other, &value), want);
        if want.is_true() {
            assert_eq!(Key(value.clone()), Key(other.clone()));
        }
    }

    #[test]
    fn documents_equal_values_of_the_same_content() {
        let list = Value::list(vec![Value::Int(1), Value::str("a")]);
        check(&json!([1, "a"]), &list, Truth::True);
        check(&json!([1, "b"]), &list, Truth::False);
        check(&json!({ "k": [1, "a"] }), &Value::map(vec![("k".into(), list)]), Truth::True);
    }

    #[test]
    fn an_open_object_is_never_known_to_be_equal() {
        let keys = Keys::default();
        let mut json = json!({ "a": 1 });
        model::doc::open_marker(&mut json);
        let doc = Doc::build(&json, &keys);
        let open = Value::from_view(doc.view(), &keys);
        let one = Value::map(vec![("a".into(), Value::Int(1))]);
        let two = Value::map(vec![("a".into(), Value::Int(2))]);
        assert!(matches!(compare::equals(&open, &one), Truth::Unread(_)));
        assert_eq!(compare::equals(&open, &two), Truth::False);
    }
}
