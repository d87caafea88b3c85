//! Documents by the names of their keys.

use model::{Keys, View};

/// A value in a document with the table of its keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    view: View<'a>,
    keys: &'a Keys,
}

impl<'a> Node<'a> {
    pub(crate) fn new(view: View<'a>, keys: &'a Keys) -> Self {
        Self { view, keys }
    }

    /// The value at a path of keys, `properties.scope`; null where there is none.
    pub(crate) fn at(self, path: &str) -> Self {
        let mut view = self.view;
        for word in path.split('.') {
            view = self.key(view, word);
        }
        Self { view, keys: self.keys }
    }

    fn key(self, view: View<'a>, word: &str) -> View<'a> {
        match (self.keys.find(word), view) {
            (Some(key), view) => view.get(key).unwrap_or(View::Null),
            // a key that no document has
            (None, View::Object(object)) => object.missing(),
            (None, View::Unread(gap)) => View::Unread(gap),
            (None, _) => View::Null,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.view, View::Null)
    }

    pub(crate) fn is_unread(self) -> bool {
        matches!(self.view, View::Unread(_))
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self.view {
            View::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value, also written as text.
    pub(crate) fn bool(self) -> Option<bool> {
        match self.view {
            View::Bool(bool) => Some(bool),
            View::Str(text) if text.eq_ignore_ascii_case("true") => Some(true),
            View::Str(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Text, or a number or truth value as text.
    pub(crate) fn word(self) -> Option<String> {
        match self.view {
            View::Str(text) => Some(text.to_owned()),
            View::Bool(bool) => Some(bool.to_string()),
            View::Int(int) => Some(int.to_string()),
            View::Float(float) => Some(float.to_string()),
            View::Null | View::List(_) | View::Object(_) | View::Unread(_) => None,
        }
    }

    /// The elements; `None` on anything but a list.
    pub(crate) fn list(self) -> Option<impl Iterator<Item = Node<'a>>> {
        let keys = self.keys;
        match self.view {
            View::List(list) => Some(list.iter().map(move |view| Node { view, keys })),
            _ => None,
        }
    }

    /// The elements, none on anything but a list.
    pub(crate) fn items(self) -> impl Iterator<Item = Node<'a>> {
        self.list().into_iter().flatten()
    }

    /// The texts of a list.
    pub(crate) fn texts(self) -> Vec<&'a str> {
        self.items().filter_map(Node::text).collect()
    }

    /// The entries of an object.
    pub(crate) fn entries(self) -> Vec<(std::sync::Arc<str>, Node<'a>)> {
        let keys = self.keys;
        match self.view {
            View::Object(object) => {
                object.iter().map(|(key, view)| (keys.name(key), Node { view, keys })).collect()
            }
            _ => Vec::new(),
        }
    }
}
