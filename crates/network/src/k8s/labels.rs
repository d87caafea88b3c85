//! Labels and selectors of Kubernetes.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.

use std::collections::BTreeMap;

use crate::read::At;

/// The labels of a thing.
pub(super) type Labels = BTreeMap<String, String>;

/// Reads a map of texts.
pub(super) fn labels(at: At<'_>) -> Labels {
    at.entries()
        .into_iter()
        .map(|(key, value)| (key, value.text().unwrap_or_default().to_owned()))
        .collect()
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Wish {
    Equals(String, String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    NotExists(String),
}

/// Which labels are meant; an empty one means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Selector(Vec<Wish>);

impl Selector {
    /// `matchLabels` and `matchExpressions`.
    pub(super) fn read(at: At<'_>) -> Self {
        let equal = labels(at.get("matchLabels")).into_iter().map(|(k, v)| Wish::Equals(k, v));
        let expressions = at.get("matchExpressions");
        let others = expressions.items().filter_map(|it| {
            let key = it.get("key").text()?.to_owned();
            let values = it.get("values").texts().map(str::to_owned).collect();
            Some(match it.get("operator").text()? {
                "In" => Wish::In(key, values),
                "NotIn" => Wish::NotIn(key, values),
                "Exists" => Wish::Exists(key),
                _ => Wish::NotExists(key),
            })
        });
        Self(equal.chain(others).collect())
    }

    /// A plain map, as services have.
    pub(super) fn of_map(at: At<'_>) -> Self {
        Self(labels(at).into_iter().map(|(k, v)| Wish::Equals(k, v)).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn means(&self, labels: &Labels) -> bool {
        self.0.iter().all(|wish| match wish {
            Wish::Equals(key, value) => labels.get(key) == Some(value),
            Wish::In(key, values) => labels.get(key).is_some_and(|it| values.contains(it)),
            Wish::NotIn(key, values) => labels.get(key).is_none_or(|it| !values.contains(it)),
            Wish::Exists(key) => labels.contains_key(key),
            Wish::NotExists(key) => !labels.contains_key(key),
        })
    }
}
