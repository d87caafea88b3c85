//! CONTAINS edges: from each scope and parent to what lies in it.

use std::sync::Arc;

use model::EdgeRef;

use crate::edges::Pool;
use crate::gcp::PROJECTS;
use crate::index::Index;
use crate::refer::namespace_of;
use crate::{azure_id, k8s};

/// The type of these edges.
pub(crate) const CONTAINS: &str = "CONTAINS";

/// Adds the edge into each resource, with the scopes and parents that are missing as stubs.
pub(crate) fn build(
    pool: &mut Pool<'_>,
    index: &Index<'_>,
    edge_type: u32,
    edges: &mut Vec<EdgeRef>,
) {
    let mut number = 0;
    // Stubs that are made on the way are visited too.
    while let Some(resource) = pool.resources.get(number) {
        let (id, scope) = (resource.id.clone(), Arc::clone(&resource.scope));
        let parent = if id.starts_with("/subscriptions/") || id.starts_with("/providers/") {
            azure_parent(pool, index, &id)
        } else if scope.starts_with("aws:") {
            aws_parent(pool, &id, &scope)
        } else if scope.starts_with("//cloudresourcemanager") {
            gcp_parent(pool, &id, &scope)
        } else if scope.starts_with("k8s:") {
            k8s_parent(pool, index, &id, &scope)
        } else {
            None
        };
        if let Some(from) = parent {
            edges.push(EdgeRef { from, edge_type, to: number as u32 });
        }
        number += 1;
    }
}

fn azure_parent(pool: &mut Pool<'_>, index: &Index<'_>, id: &str) -> Option<u32> {
    let parent = azure_id::parent(id)?;
    if let Some(number) = pool.find(parent) {
        return Some(number);
    }
    let native = azure_id::resource_type(parent)?;
    let kind = match index.by_native("azure", &native).and_then(|it| index.kind(it)) {
        Some(info) => Arc::clone(&info.id),
        None => native.into(),
    };
    Some(pool.find_or_stub(parent, &kind, &azure_id::scope(parent).into()))
}

fn aws_parent(pool: &mut Pool<'_>, id: &str, scope: &Arc<str>) -> Option<u32> {
    (id != scope.as_ref()).then(|| pool.find_or_stub(scope, &"aws.account".into(), scope))
}

fn gcp_parent(pool: &mut Pool<'_>, id: &str, scope: &Arc<str>) -> Option<u32> {
    // A table lies in its dataset, a key in its ring.
    let mut at = id;
    while let Some((head, _)) = at.rsplit_once('/').and_then(|(it, _)| it.rsplit_once('/')) {
        if head.matches('/').count() < 4 {
            break;
        }
        if let Some(number) = pool.find(head) {
            return Some(number);
        }
        at = head;
    }
    if id == scope.as_ref() || id.starts_with("//cloudresourcemanager") {
        return None;
    }
    let kind = if scope.starts_with(PROJECTS) {
        "gcp.project"
    } else if scope.contains("/folders/") {
        "gcp.folder"
    } else {
        "gcp.organization"
    };
    Some(pool.find_or_stub(scope, &kind.into(), scope))
}

fn k8s_parent(pool: &mut Pool<'_>, index: &Index<'_>, id: &str, scope: &Arc<str>) -> Option<u32> {
    if id == scope.as_ref() {
        return None;
    }
    let namespace = namespace_of(id);
    if namespace.is_empty() {
        return Some(pool.find_or_stub(scope, &"k8s.cluster".into(), scope));
    }
    let kind = match index.by_native("k8s", "namespace").and_then(|it| index.kind(it)) {
        Some(info) => Arc::clone(&info.id),
        None => "namespace".into(),
    };
    Some(pool.find_or_stub(&k8s::object_id(scope, "Namespace", "", namespace), &kind, scope))
}
