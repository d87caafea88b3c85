//! What is known about a resource only when its parts are in its document.

use std::sync::Arc;

use content::Kind;
use hashbrown::HashMap;
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

/// Assets name their project by number or by id: where the project itself was read, its id counts.
pub(crate) fn settle_projects(entries: &mut [Entry]) {
    let mut ids: HashMap<String, Arc<str>> = HashMap::new();
    for entry in entries.iter().filter(|it| it.identity.id.starts_with(PROJECTS)) {
        for reading in &entry.readings {
            let find = |name: &str| reading.also.iter().find(|(key, _)| &**key == name);
            if let (Some((_, number)), Some((_, id))) = (find("projectNumber"), find("projectId")) {
                ids.insert(format!("{PROJECTS}{number}"), format!("{PROJECTS}{id}").into());
            }
        }
    }
    for entry in entries {
        if let Some(id) = ids.get(&*entry.identity.scope) {
            entry.identity.scope = Arc::clone(id);
        }
    }
}
