//! Reading documents: short ways to texts, numbers and lists in them.

use model::{GapId, Keys, View};

/// A place in a document.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    view: View<'a>,
    keys: &'a Keys,
}

impl<'a> At<'a> {
    pub(crate) fn new(view: View<'a>, keys: &'a Keys) -> Self {
        Self { view, keys }
    }

    /// The value under a path such as `State.Name`; null where there is none.
    pub(crate) fn get(self, path: &str) -> Self {
        path.split('.').fold(self, Self::child)
    }

    fn child(self, name: &str) -> Self {
        let view = match (self.keys.find(name), self.view) {
            (Some(key), view) => view.get(key).unwrap_or(View::Null),
            (None, View::Object(object)) => object.missing(),
            (None, View::Unread(gap)) => View::Unread(gap),
            (None, _) => View::Null,
        };
        Self { view, keys: self.keys }
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let list = match self.view {
            View::List(list) => Some(list),
            _ => None,
        };
        let keys = self.keys;
        list.into_iter().flat_map(move |it| it.iter().map(move |view| Self { view, keys }))
    }

    /// The entries of an object.
    pub(crate) fn entries(self) -> Vec<(String, Self)> {
        match self.view {
            View::Object(object) => object
                .iter()
                .map(|(key, view)| {
                    (self.keys.name(key).as_ref().to_owned(), Self { view, keys: self.keys })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Text that is not empty.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self.view {
            View::Str(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A whole number, also one that is written as text.
    pub(crate) fn int(self) -> Option<i64> {
        match self.view {
            View::Int(int) => Some(int),
            View::Str(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn bool(self) -> Option<bool> {
        match self.view {
            View::Bool(bool) => Some(bool),
            View::Str("true" | "True") => Some(true),
            View::Str("false" | "False") => Some(false),
            _ => None,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        matches!(self.view, View::Null)
    }

    pub(crate) fn is_unread(self) -> bool {
        self.gap().is_some()
    }

    fn gap(self) -> Option<GapId> {
        match self.view {
            View::Unread(gap) => Some(gap),
            _ => None,
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(self) -> impl Iterator<Item = &'a str> {
        self.items().filter_map(Self::text)
    }

    /// A text in lower case: ids of Azure are the same in any case.
    pub(crate) fn id(self) -> Option<std::sync::Arc<str>> {
        self.text().map(|it| it.to_lowercase().into())
    }

    /// The place, unless there is nothing.
    pub(crate) fn some(self) -> Option<Self> {
        (!self.is_null()).then_some(self)
    }
}
