//! Microsoft Entra: objects of Microsoft Graph into readings.
//!
//! A Graph answer names its type in `@odata.context` or `@odata.type`; the Azure CLI prints objects
//! without either, which are told by their keys.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::batch::{Identity, Reading};
use crate::shape::{self, Whole, Work};
use crate::template::Variables;

const PREFIX: &str = "microsoft.graph.";
/// Directory objects belong to the tenant.
const TENANT: &str = "/";

/// Keys that objects without a type are told by, all of one line; the first that fits counts.
const BY_KEYS: [(&[&str], &str); 6] = [
    (&["userPrincipalName", "isMfaRegistered"], "userRegistrationDetails"),
    (&["userPrincipalName", "displayName"], "user"),
    (&["appId", "servicePrincipalType"], "servicePrincipal"),
    (&["appId", "signInAudience"], "application"),
    (&["roleTemplateId", "displayName"], "directoryRole"),
    (&["securityEnabled", "mailEnabled", "displayName"], "group"),
];

/// The type in `@odata.context`: `...$metadata#users` is a list of `user`.
pub(crate) fn type_of_context(work: &Work<'_, '_>, context: &str) -> Option<String> {
    let (_, tail) = context.split_once("$metadata#")?;
    let tail = tail.split('(').next()?.trim_end_matches("/$entity");
    if tail == "identity/conditionalAccess/policies" {
        return Some("conditionalAccessPolicy".to_owned());
    }
    let word = tail.rsplit(['/', '.']).next()?;
    // what Graph calls `roleAssignments` of the directory are `unifiedRoleAssignment`s
    let unified = word.strip_prefix("role").filter(|_| tail.starts_with("roleManagement/"));
    if let Some(rest) = unified {
        return Some(format!("unifiedRole{}", rest.strip_suffix('s').unwrap_or(rest)));
    }
    let singular = match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    };
    let known = |name: &str| {
        work.index.by_native("azure", &format!("{PREFIX}{name}").to_ascii_lowercase()).is_some()
    };
    Some(if known(word) { word.to_owned() } else { singular })
}

/// Writes the type of its answer into an item that does not tell its own.
pub(crate) fn mark(json: &mut Json, native: &str) {
    if let Json::Object(map) = json {
        map.entry("@odata.type").or_insert_with(|| Json::from(format!("#{PREFIX}{native}")));
    }
}

/// The type of a directory object; `None` for anything else.
fn type_of(work: &Work<'_, '_>, json: &Json) -> Option<String> {
    let map = json.as_object()?;
    if let Some(native) = map.get("@odata.type").and_then(Json::as_str) {
        return native.trim_start_matches('#').strip_prefix(PREFIX).map(str::to_owned);
    }
    if let Some(context) = map.get("@odata.context").and_then(Json::as_str) {
        return type_of_context(work, context);
    }
    let has_plain_id = shape::text_of(json, &["id"]).is_some_and(|id| !id.contains('/'));
    let fits = |keys: &&[&str]| keys.iter().all(|key| map.contains_key(*key));
    let found = BY_KEYS.iter().find(|(keys, _)| fits(keys)).filter(|_| has_plain_id);
    found.map(|(_, native)| (*native).to_owned())
}

/// Whether an item is an object of Microsoft Graph.
pub(crate) fn is_object(work: &Work<'_, '_>, json: &Json) -> bool {
    type_of(work, json).is_some()
}

/// Reads one object.
pub(crate) fn read(work: &mut Work<'_, '_>, mut json: Json, whole: Whole) {
    let Some(native) = type_of(work, &json) else {
        return work.leave_out("an object of Microsoft Graph without a type");
    };
    let native = format!("{PREFIX}{native}");
    if let Some(map) = json.as_object_mut() {
        map.retain(|key, _| !key.starts_with("@odata."));
    }
    let number = work.index.by_native("azure", &native.to_ascii_lowercase());
    let info = number.and_then(|it| work.index.kind(it));
    shape::fold(&mut json, info);
    let filled = match info.and_then(|it| it.template.as_ref()) {
        Some(template) => template.fill(&json, Variables::default()).ok(),
        None => shape::text_of(&json, &["id"]).map(str::to_owned),
    };
    let Some(id) = filled else {
        return work.leave_out("an object of Microsoft Graph without an id");
    };
    let name = shape::name(&json, info)
        .or_else(|| shape::text_of(&json, &["displayName", "userPrincipalName"]).map(str::to_owned))
        .unwrap_or_else(|| id.clone());
    let mut also = shape::also(&json, info);
    let principal: Arc<str> = "principalId".into();
    if !also.iter().any(|(key, _)| *key == principal) {
        also.push((principal, id.clone()));
    }
    shape::refine(&mut json, info, whole);
    let identity = Identity {
        id: id.to_ascii_lowercase(),
        kind: work.kind_text(number, &native),
        scope: work.text(TENANT),
    };
    let origin = work.origin(None);
    let doc = work.encode(&json);
    work.batch.counts.readings += 1;
    let path = work.path();
    work.batch.scopes.insert((path, Arc::clone(&identity.scope)));
    work.add_reading(
        identity,
        Reading { name, region: None, tags: model::Tags::default(), also, doc, origin },
    );
}
