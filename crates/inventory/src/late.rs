//! What is known about a resource only when its parts are in its document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use content::Kind;
use model::{Keys, Resource, Tags, View};

use crate::assemble::Entry;
use crate::gcp::PROJECTS;
use crate::view_path::{Found, ViewPath};

/// Name, region, tags and other names that stand in parts.
pub(crate) fn identify(resource: &mut Resource, kind: &Kind, keys: &Keys) {
    let root = resource.doc.view();
    let text = |path: &model::Path| ViewPath::new(path, keys).text(root, keys);
    let identity = &kind.identity;
    let name = identity.name.as_ref().and_then(text).filter(|it| !it.is_empty());
    let region = identity.region.as_ref().and_then(text).filter(|it| !it.is_empty());
    let tags = identity.tags.as_ref().map(|path| tags(root, path, keys));
    let mut also = Vec::new();
    for (key, path) in &identity.also {
        let texts = ViewPath::new(path, keys).texts(root, keys);
        also.extend(
            texts.into_iter().filter(|it| !it.is_empty()).map(|it| (Arc::from(&**key), it)),
        );
    }
    if let Some(name) = name {
        resource.name = name;
    }
    if let Some(region) = region {
        resource.region = Some(region.into());
    }
    if let Some(tags) = tags.filter(|it| !it.is_empty()) {
        resource.tags = tags;
    }
    for other in also {
        if !resource.also.contains(&other) {
            resource.also.push(other);
        }
    }
}

fn tags(root: View<'_>, path: &model::Path, keys: &Keys) -> Tags {
    let mut value = serde_json::Value::Null;
    ViewPath::new(path, keys).visit(root, &mut |found| {
        if let Found::Value(view, _) = found {
            value = view.to_json(keys);
        }
    });
    crate::shape::tags(&serde_json::json!({ "tags": value }), None, "tags")
}

/// The ids of projects, as scopes, by number: as the projects say that were read, else as `found` elsewhere.
pub(crate) fn projects(
    entries: &[Entry],
    found: BTreeSet<(Arc<str>, Arc<str>)>,
) -> BTreeMap<Arc<str>, Arc<str>> {
    // A scope that is a number tells nothing.
    let is_id = |it: &(Arc<str>, Arc<str>)| {
        let id = it.1.strip_prefix(PROJECTS).unwrap_or_default();
        !id.is_empty() && !id.bytes().all(|it| it.is_ascii_digit())
    };
    let mut ids: BTreeMap<Arc<str>, Arc<str>> = found.into_iter().filter(is_id).collect();
    for entry in entries.iter().filter(|it| it.identity.id.starts_with(PROJECTS)) {
        for reading in &entry.readings {
            let find = |name: &str| reading.also.iter().find(|(key, _)| &**key == name);
            if let (Some((_, number)), Some((_, id))) = (find("projectNumber"), find("projectId")) {
                ids.insert(format!("{PROJECTS}{number}").into(), format!("{PROJECTS}{id}").into());
            }
        }
    }
    ids
}
