//! Paths over encoded documents, with keys looked up once.

use model::{GapId, Key, Keys, Path, Step, View};

/// A path whose keys are numbers.
#[derive(Debug, Clone)]
pub(crate) struct ViewPath {
    steps: Vec<NumberedStep>,
}

#[derive(Debug, Clone, Copy)]
enum NumberedStep {
    Key(Key),
    Each,
    EachKey,
}

/// What a path led to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    /// A value, and the object that holds it.
    Value(View<'a>, View<'a>),
    /// The key of an object.
    Key(Key),
    /// The path led through something that was not read.
    Unread(GapId),
}

impl ViewPath {
    pub(crate) fn new(path: &Path, keys: &Keys) -> Self {
        let number = |step: &Step| match step {
            Step::Key(key) => NumberedStep::Key(keys.intern(key)),
            Step::Each => NumberedStep::Each,
            Step::EachKey => NumberedStep::EachKey,
        };
        Self { steps: path.steps().iter().map(number).collect() }
    }

    /// The key at the end.
    pub(crate) fn last_key(&self) -> Option<Key> {
        match self.steps.last() {
            Some(NumberedStep::Key(key)) => Some(*key),
            _ => None,
        }
    }

    /// Calls `visit` with everything that the path leads to, nulls left out.
    pub(crate) fn visit<'a>(&self, root: View<'a>, visit: &mut dyn FnMut(Found<'a>)) {
        walk(&self.steps, root, View::Null, visit);
    }

    /// The first text, number or truth value that the path leads to.
    pub(crate) fn text(&self, root: View<'_>, keys: &Keys) -> Option<String> {
        let mut first = None;
        self.visit(root, &mut |found| {
            if first.is_none() {
                first = text(found, keys);
            }
        });
        first
    }

    /// All texts, numbers and truth values that the path leads to.
    pub(crate) fn texts(&self, root: View<'_>, keys: &Keys) -> Vec<String> {
        let mut all = Vec::new();
        self.visit(root, &mut |found| all.extend(text(found, keys)));
        all
    }
}

/// A match as text.
pub(crate) fn text(found: Found<'_>, keys: &Keys) -> Option<String> {
    match found {
        Found::Key(key) => Some(keys.name(key).as_ref().to_owned()),
        Found::Value(View::Str(text), _) => Some(text.to_owned()),
        Found::Value(View::Int(int), _) => Some(int.to_string()),
        Found::Value(View::Bool(bool), _) => Some(bool.to_string()),
        Found::Value(..) | Found::Unread(_) => None,
    }
}

fn walk<'a>(
    steps: &[NumberedStep],
    at: View<'a>,
    holder: View<'a>,
    visit: &mut dyn FnMut(Found<'a>),
) {
    if let View::Unread(gap) = at {
        return visit(Found::Unread(gap));
    }
    let Some((step, rest)) = steps.split_first() else {
        if !matches!(at, View::Null) {
            visit(Found::Value(at, holder));
        }
        return;
    };
    match (step, at) {
        (NumberedStep::Key(key), View::Object(object)) => walk(rest, object.get(*key), at, visit),
        (NumberedStep::Each, View::List(list)) => {
            list.iter().for_each(|item| walk(rest, item, at, visit));
        }
        (NumberedStep::Each, View::Object(object)) => {
            object.iter().for_each(|(_, item)| walk(rest, item, at, visit));
        }
        (NumberedStep::EachKey, View::Object(object)) => {
            object.iter().for_each(|(key, _)| visit(Found::Key(key)));
        }
        _ => {}
    }
}
