//! The scope or parent in which a resource or stub lies: the CONTAINS edge into it.

use crate::gcp::PROJECTS;
use crate::look_up::{Asker, End};
use crate::refer::namespace_of;
use crate::stubs::Proposed;
use crate::{azure_id, k8s};

/// What the resource with this id and scope lies in; a stub when it was not read.
pub(crate) fn parent(ask: &mut Asker<'_, '_>, id: &str, scope: &str) -> Option<End> {
    if id.starts_with("/subscriptions/") || id.starts_with("/providers/") {
        azure_parent(ask, id)
    } else if scope.starts_with("aws:") {
        scope_of(ask, id, scope, "aws.account")
    } else if scope.starts_with("//cloudresourcemanager") {
        gcp_parent(ask, id, scope)
    } else if scope.starts_with("k8s:") {
        k8s_parent(ask, id, scope)
    } else {
        None
    }
}

fn scope_of(ask: &mut Asker<'_, '_>, id: &str, scope: &str, kind: &str) -> Option<End> {
    let proposed = Proposed { kind, scope, named: None };
    (id != scope).then(|| ask.find_or_stub(scope.to_owned(), proposed))
}

fn azure_parent(ask: &mut Asker<'_, '_>, id: &str) -> Option<End> {
    let parent = azure_id::parent(id)?;
    if let Some(number) = ask.find(parent) {
        return Some(End::Read(number));
    }
    let native = azure_id::resource_type(parent)?;
    let index = ask.index;
    let info = index.by_native("azure", &native).and_then(|it| index.kind(it));
    let kind = info.map_or(native.as_str(), |it| &it.id);
    let proposed = Proposed { kind, scope: azure_id::scope(parent), named: None };
    Some(ask.stub(parent.to_owned(), proposed))
}

fn gcp_parent(ask: &mut Asker<'_, '_>, id: &str, scope: &str) -> Option<End> {
    // A table lies in its dataset, a key in its ring.
    let mut at = id;
    while let Some((head, _)) = at.rsplit_once('/').and_then(|(it, _)| it.rsplit_once('/')) {
        if head.matches('/').count() < 4 {
            break;
        }
        if let Some(number) = ask.find(head) {
            return Some(End::Read(number));
        }
        at = head;
    }
    if id.starts_with("//cloudresourcemanager") {
        return None;
    }
    let kind = if scope.starts_with(PROJECTS) {
        "gcp.project"
    } else if scope.contains("/folders/") {
        "gcp.folder"
    } else {
        "gcp.organization"
    };
    scope_of(ask, id, scope, kind)
}

fn k8s_parent(ask: &mut Asker<'_, '_>, id: &str, scope: &str) -> Option<End> {
    let namespace = namespace_of(id);
    if id == scope || namespace.is_empty() {
        return scope_of(ask, id, scope, "k8s.cluster");
    }
    let index = ask.index;
    let info = index.by_native("k8s", "namespace").and_then(|it| index.kind(it));
    let kind = info.map_or("namespace", |it| &it.id);
    let id = k8s::object_id(scope, "Namespace", "", namespace);
    Some(ask.find_or_stub(id, Proposed { kind, scope, named: None }))
}
