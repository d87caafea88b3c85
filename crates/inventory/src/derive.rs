//! What follows from one resource: the edges that it names, the stubs at their ends, and the
//! places in its document that were not read.

use model::{GapId, Keys, Resource, View};

use crate::look_up::{Asker, End};
use crate::refer::Reference;
use crate::rules::Spec;
use crate::view_path::{Found, text};
use crate::{affects, hierarchy, refer, selector};

/// Everything that follows from one resource or stub.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    /// The edges: the type times two, plus one when it comes from the other end; the other end.
    pub(crate) edges: Vec<(u32, End)>,
    /// The references of its kind whose place was not read, by number, and why.
    pub(crate) unread: Vec<(u32, GapId)>,
    /// Of a finding: where in `edges` what it affects stands that gives it its scope.
    pub(crate) scope_from: Option<usize>,
}

/// Derives everything from a resource or stub.
pub(crate) fn derive(ask: &mut Asker<'_, '_>, own: &Resource) -> Derived {
    let mut derived = Derived::default();
    if own.collected {
        references(ask, own, &mut derived);
        let rules = ask.rules;
        for it in &own.affects {
            derived.scope_from = Some(derived.edges.len());
            derived.edges.push((rules.affects * 2, affects::target(ask, it)));
        }
        if ask.knows_findings && own.scope.starts_with("k8s:") {
            let images = affects::images(ask, own);
            derived.edges.extend(images.into_iter().map(|it| (rules.uses_image * 2, it)));
        }
    }
    if let Some(parent) = hierarchy::parent(ask, &own.id, &own.scope) {
        derived.edges.push((ask.rules.contains * 2 + 1, parent));
    }
    derived
}

fn references(ask: &mut Asker<'_, '_>, own: &Resource, derived: &mut Derived) {
    let Some(kind) = ask.index.number(&own.kind) else { return };
    let (rules, keys) = (ask.rules, ask.keys);
    for (i, spec) in rules.specs(kind).iter().enumerate() {
        let found = read(own, spec, keys);
        derived.unread.extend(found.unread.map(|gap| (i as u32, gap)));
        let edge = spec.edge_type * 2 + u32::from(spec.is_reverse);
        for reference in &found.named {
            let ends = refer::resolve(ask, spec, own, reference);
            derived.edges.extend(ends.into_iter().map(|end| (edge, end)));
        }
        for selector in &found.selectors {
            let ends = selector::resolve(ask, spec, own, selector);
            derived.edges.extend(ends.into_iter().map(|end| (edge, end)));
        }
    }
}

#[derive(Debug, Default)]
struct References {
    named: Vec<Reference>,
    selectors: Vec<selector::Selector>,
    unread: Option<GapId>,
}

/// Everything that a declared reference of a resource names.
fn read(own: &Resource, spec: &Spec<'_>, keys: &Keys) -> References {
    let mut found = References::default();
    let beside = spec.cloud == "k8s" && spec.path.last_key() == Some(keys.intern("name"));
    spec.path.visit(own.doc.view(), &mut |place| match place {
        Found::Unread(gap) => found.unread = Some(gap),
        Found::Value(view @ View::Object(_), _) if spec.by == "selector" => {
            found.selectors.extend(selector::Selector::read(view, spec.path.last_key(), keys));
        }
        Found::Value(_, holder) => {
            let sibling = |name: &str| match holder.get(keys.intern(name)) {
                Some(View::Str(text)) if beside => Some(text.to_owned()),
                _ => None,
            };
            let text = text(place, keys).filter(|it| !it.is_empty());
            found.named.extend(text.map(|text| Reference {
                text,
                kind: sibling("kind"),
                namespace: sibling("namespace"),
            }));
        }
        Found::Key(_) => {
            let text = text(place, keys);
            found.named.extend(text.map(|text| Reference { text, kind: None, namespace: None }));
        }
    });
    found
}
