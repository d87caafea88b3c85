//! Kubernetes: objects and lists of objects into readings.
//!
//! The cluster of an object is known only when all files are read (by the namespace `kube-system`
//! of the same dump), so ids carry the folder until then: see [`placeholder`].

use std::sync::Arc;

use serde_json::Value as Json;

use crate::batch::{Identity, Reading};
use crate::scrub;
use crate::shape::{self, Whole, Work};

/// Kinds of objects that belong to the cluster, not to a namespace, in lower case.
const CLUSTER_SCOPED: [&str; 24] = [
    "apiservice",
    "certificatesigningrequest",
    "clusterrole",
    "clusterrolebinding",
    "componentstatus",
    "csidriver",
    "csinode",
    "customresourcedefinition",
    "flowschema",
    "ingressclass",
    "ipaddress",
    "mutatingwebhookconfiguration",
    "namespace",
    "node",
    "persistentvolume",
    "podsecuritypolicy",
    "priorityclass",
    "prioritylevelconfiguration",
    "runtimeclass",
    "servicecidr",
    "storageclass",
    "validatingadmissionpolicy",
    "validatingwebhookconfiguration",
    "volumeattachment",
];

/// Whether an item is an object or a list of Kubernetes.
pub(crate) fn is_object(json: &Json) -> bool {
    let has = |key| shape::text_of(json, &[key]).is_some();
    has("apiVersion")
        && has("kind")
        && (json.get("metadata").is_some() || json.get("items").is_some())
}

/// Whether a kind, in lower case, belongs to the cluster rather than to a namespace.
pub(crate) fn is_cluster_scoped(kind: &str) -> bool {
    CLUSTER_SCOPED.contains(&kind)
}

/// What stands for the cluster in ids until all files are read.
pub(crate) fn placeholder(folder: &str) -> String {
    format!("k8s:\u{1}{folder}\u{1}")
}

/// The folder that stands for the cluster, and the rest of the id.
pub(crate) fn folder_of(id: &str) -> Option<(&str, &str)> {
    id.strip_prefix("k8s:\u{1}")?.split_once('\u{1}')
}

/// `k8s:<cluster>/<group>/<kind>/<namespace>/<name>`, group and kind in lower case.
pub(crate) fn object_id(cluster: &str, native: &str, namespace: &str, name: &str) -> String {
    let (group, kind) = native.rsplit_once('/').unwrap_or(("", native));
    let (group, kind) = (group.to_ascii_lowercase(), kind.to_ascii_lowercase());
    format!("{cluster}/{group}/{kind}/{namespace}/{name}")
}

/// Reads an object, or the objects of a list.
pub(crate) fn read(work: &mut Work<'_, '_>, mut json: Json) {
    let kind = shape::text_of(&json, &["kind"]).unwrap_or_default().to_owned();
    let version = shape::text_of(&json, &["apiVersion"]).unwrap_or_default().to_owned();
    let items = json.get_mut("items").map(Json::take);
    let Some(Json::Array(items)) = items.filter(|_| kind.ends_with("List")) else {
        return read_object(work, json, &kind, &version);
    };
    // The list was counted as one item.
    work.batch.counts.items -= 1;
    let element = kind.strip_suffix("List").unwrap_or_default();
    begin_list(work, element, &version, json.get("metadata"));
    for item in items {
        work.batch.counts.items += 1;
        read_element(work, item, element, &version);
    }
}

/// Notes that a typed list was read, even an empty one.
pub(crate) fn begin_list(
    work: &mut Work<'_, '_>,
    element: &str,
    version: &str,
    metadata: Option<&Json>,
) {
    let folder = folder(work);
    if element.is_empty() {
        return;
    }
    let native = native_type(element, version);
    let number = work.index.by_native("k8s", &native.to_ascii_lowercase());
    let listed = (work.text(&placeholder(&folder)), work.kind_text(number, &native));
    let has_next = metadata.is_some_and(|it| shape::text_of(it, &["continue"]).is_some());
    if has_next {
        work.batch.cut.insert(listed);
    } else {
        work.batch.listed.insert(listed);
    }
    work.batch.folders.entry(folder).or_default();
}

/// Reads an element of a list, which may leave its kind to the list.
pub(crate) fn read_element(work: &mut Work<'_, '_>, item: Json, element: &str, version: &str) {
    let kind = shape::text_of(&item, &["kind"]).unwrap_or(element).to_owned();
    let version = shape::text_of(&item, &["apiVersion"]).unwrap_or(version).to_owned();
    read_object(work, item, &kind, &version);
}

fn read_object(work: &mut Work<'_, '_>, mut json: Json, kind: &str, version: &str) {
    let metadata = json.get("metadata").cloned().unwrap_or_default();
    let Some(name) = shape::text_of(&metadata, &["name"]).map(str::to_owned) else {
        return work.leave_out("a Kubernetes object without a name");
    };
    if kind.is_empty() {
        return work.leave_out("a Kubernetes object without a kind");
    }
    let folder = folder(work);
    let native = native_type(kind, version);
    let lower = kind.to_ascii_lowercase();
    let is_cluster_scoped = is_cluster_scoped(&lower);
    // A manifest may leave the namespace to the command that applies it.
    let fallback = if is_cluster_scoped { "" } else { "default" };
    let namespace = shape::text_of(&metadata, &["namespace"]).unwrap_or(fallback).to_owned();
    let uid = shape::text_of(&metadata, &["uid"]).map(str::to_owned);
    let entry = work.batch.folders.entry(Arc::clone(&folder)).or_default();
    entry.is_root |= is_cluster_scoped;
    if lower == "namespace" && name == "kube-system" {
        entry.uid.clone_from(&uid);
    }
    tidy(&mut json, kind);
    if let Some(map) = json.as_object_mut() {
        map.entry("kind").or_insert_with(|| Json::from(kind));
        map.entry("apiVersion").or_insert_with(|| Json::from(version));
    }
    let number = work.index.by_native("k8s", &native.to_ascii_lowercase());
    let info = number.and_then(|it| work.index.kind(it));
    let cluster = placeholder(&folder);
    shape::fold(&mut json, info);
    let tags_path = info.and_then(|it| it.kind.identity.tags.as_ref());
    let tags = match tags_path {
        Some(path) => shape::tags(&json, Some(path), ""),
        None => shape::tags(&metadata, None, "labels"),
    };
    let mut also = shape::also(&json, info);
    also.extend(uid.map(|it| ("uid".into(), it)));
    let shown = shape::name(&json, info).unwrap_or_else(|| name.clone());
    shape::refine(&mut json, info, Whole::Detail);
    let identity = Identity {
        id: object_id(&cluster, &native, &namespace, &name),
        kind: work.kind_text(number, &native),
        scope: work.text(&cluster),
    };
    let origin = work.origin(None);
    let doc = work.encode(&json);
    work.batch.counts.readings += 1;
    let path = work.path();
    work.batch.scopes.insert((path, Arc::clone(&identity.scope)));
    work.add_reading(identity, Reading { name: shown, region: None, tags, also, doc, origin });
}

/// `Pod`, `apps/Deployment`: the kind with its group, without the version.
fn native_type(kind: &str, version: &str) -> String {
    match version.split_once('/') {
        Some((group, _)) => format!("{group}/{kind}"),
        None => kind.to_owned(),
    }
}

/// Removes the content of secrets, and the book-keeping of writers.
fn tidy(json: &mut Json, kind: &str) {
    if let Some(Json::Object(metadata)) = json.get_mut("metadata") {
        metadata.remove("managedFields");
        let applied = "kubectl.kubernetes.io/last-applied-configuration";
        if let Some(Json::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.remove(applied);
        }
    }
    if kind == "Secret" {
        for key in ["data", "stringData"] {
            if let Some(values) = json.get_mut(key) {
                scrub::remove(values);
            }
        }
    }
}

/// The folder of the file, as the user would write it.
fn folder(work: &mut Work<'_, '_>) -> Arc<str> {
    let path = work.file.path;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    work.text(&folder)
}
