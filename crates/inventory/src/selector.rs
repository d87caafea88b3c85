//! Kubernetes label selectors.

use model::{Key, Keys, Resource, Tags, View};

use crate::look_up::{Asker, End, LookUp, Place};
use crate::refer::namespace_of;
use crate::rules::Spec;

/// What labels a selected object must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    equal: Vec<(String, String)>,
    expressions: Vec<(String, String, Vec<String>)>,
}

impl Selector {
    /// Reads a plain map of labels, or `matchLabels` with `matchExpressions`. A plain empty map (a
    /// service's `selector`) selects nothing; an empty label selector selects everything.
    pub(crate) fn read(view: View<'_>, last: Option<Key>, keys: &Keys) -> Option<Self> {
        let View::Object(object) = view else { return None };
        let key = |name: &str| keys.intern(name);
        let has_parts = [key("matchLabels"), key("matchExpressions")]
            .into_iter()
            .any(|it| object.iter().any(|(own, _)| own == it));
        let mut selector = Self::default();
        if !has_parts {
            let is_plain = last == Some(key("selector")) || last == Some(key("nodeSelector"));
            if object.is_empty() && is_plain {
                return None;
            }
            selector.equal = labels(view, keys);
            return Some(selector);
        }
        selector.equal = labels(object.get(key("matchLabels")), keys);
        if let View::List(items) = object.get(key("matchExpressions")) {
            for item in items.iter() {
                let text = |name| match item.get(key(name)) {
                    Some(View::Str(text)) => text.to_owned(),
                    _ => String::new(),
                };
                let values = match item.get(key("values")) {
                    Some(View::List(values)) => values.iter().filter_map(plain).collect(),
                    _ => Vec::new(),
                };
                selector.expressions.push((text("key"), text("operator"), values));
            }
        }
        Some(selector)
    }

    /// Whether labels fit.
    pub(crate) fn fits(&self, labels: &Tags) -> bool {
        let value = |key: &str| labels.get(key);
        let equal = self.equal.iter().all(|(key, want)| value(key) == Some(&**want));
        equal
            && self.expressions.iter().all(|(key, operator, values)| {
                let own = value(key);
                match operator.as_str() {
                    "In" => own.is_some_and(|it| values.iter().any(|value| value == it)),
                    "NotIn" => own.is_none_or(|it| values.iter().all(|value| value != it)),
                    "Exists" => own.is_some(),
                    "DoesNotExist" => own.is_none(),
                    _ => false,
                }
            })
    }
}

fn plain(view: View<'_>) -> Option<String> {
    match view {
        View::Str(text) => Some(text.to_owned()),
        View::Int(int) => Some(int.to_string()),
        View::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

fn labels(view: View<'_>, keys: &Keys) -> Vec<(String, String)> {
    let View::Object(object) = view else { return Vec::new() };
    let entry = |(key, value)| Some((keys.name(key).as_ref().to_owned(), plain(value)?));
    object.iter().filter_map(entry).collect()
}

/// The objects in the namespace of `own` that a selector selects.
pub(crate) fn resolve(
    ask: &mut Asker<'_, '_>,
    spec: &Spec<'_>,
    own: &Resource,
    selector: &Selector,
) -> Vec<End> {
    let namespace = namespace_of(&own.id);
    let mut found = Vec::new();
    for target in &spec.targets {
        let (kind, scope) = (target.kind, &*own.scope);
        let place = Place { kind, scope, namespace };
        // Few objects have any one label, so the first that is asked for narrows the search.
        let question = match selector.equal.first() {
            _ if namespace.is_empty() => LookUp::Within { kind, scope },
            Some((key, value)) => LookUp::Labelled { place, label: (key, value) },
            None => LookUp::Near(place),
        };
        let candidates = ask.all(question).into_iter();
        let fits = |it: &u32| ask.resource(*it).is_some_and(|it| selector.fits(&it.tags));
        found.extend(candidates.filter(fits).map(End::Read));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Selector;
    use model::{Doc, Keys};
    use serde_json::json;

    #[track_caller]
    fn check(selector: &serde_json::Value, last: &str, want: Option<bool>) {
        let keys = Keys::default();
        let doc = Doc::build(selector, &keys);
        let labels = [("app", "web"), ("tier", "front")].into_iter().collect();
        let selector = Selector::read(doc.view(), Some(keys.intern(last)), &keys);
        assert_eq!(selector.map(|it| it.fits(&labels)), want);
    }

    #[test]
    fn labels_and_expressions() {
        check(&json!({ "app": "web" }), "selector", Some(true));
        check(&json!({ "app": "db" }), "selector", Some(false));
        check(&json!({ "matchLabels": { "app": "web" } }), "selector", Some(true));
        let expressions = json!([
            { "key": "app", "operator": "In", "values": ["web", "db"] },
            { "key": "old", "operator": "DoesNotExist" },
            { "key": "tier", "operator": "NotIn", "values": ["back"] }
        ]);
        check(&json!({ "matchExpressions": expressions }), "podSelector", Some(true));
        check(
            &json!({ "matchExpressions": [{ "key": "x", "operator": "Exists" }] }),
            "s",
            Some(false),
        );
    }

    #[test]
    fn an_empty_selector_of_a_service_selects_nothing_of_a_policy_everything() {
        check(&json!({}), "selector", None);
        check(&json!({}), "podSelector", Some(true));
    }
}
