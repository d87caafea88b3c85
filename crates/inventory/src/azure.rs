//! Azure: ARM documents and Resource Graph rows into readings.
//!
//! An ARM id tells type, parent and scope, so a document needs no context. A document whose type is
//! a part of its parent's kind becomes a key of the parent; documents nested under `resources`
//! become documents of their own, and their presence says that all children were collected.

use serde_json::{Map, Value as Json, json};

use crate::azure_cli;
use crate::azure_id;
use crate::batch::{Identity, PartContent, Reading, Slot};
use crate::shape::{self, Whole, Work};
use crate::tree;

/// The type of management groups.
const GROUP: &str = "microsoft.management/managementgroups";
/// Children nested deeper than this are left out with a problem; ARM has four levels.
const MAX_NESTING: u32 = 16;

/// Whether an item has the id of an Azure resource, under ARM's name or PowerShell's.
pub(crate) fn is_resource(json: &Json) -> bool {
    shape::text_of(json, &["id", "Id", "ID", "ResourceId"])
        .is_some_and(|id| azure_id::canonical(id).is_some())
}

/// Reads one document.
pub(crate) fn read(work: &mut Work<'_, '_>, json: Json, whole: Whole) {
    read_nested(work, json, whole, None, 0);
}

fn read_nested(
    work: &mut Work<'_, '_>,
    mut json: Json,
    whole: Whole,
    parent: Option<(&str, &str)>,
    depth: u32,
) {
    fold_powershell(&mut json);
    let Some(id) = id_of(&json, parent) else {
        return work.leave_out(describe_foreign(&json));
    };
    let lower = id.to_ascii_lowercase();
    let lower = lower.trim_end_matches('/');
    let native = native_type(&json, lower);
    azure_cli::unflatten(&mut json, lower, &native);
    let children = match json.as_object_mut().and_then(|map| map.remove("resources")) {
        Some(Json::Array(children)) => Some(children),
        Some(other) => {
            tree::put_key(&mut json, "resources", other);
            None
        }
        None => None,
    };
    let has_children = children.is_some();
    for child in children.into_iter().flatten() {
        work.batch.counts.items += 1;
        if depth >= MAX_NESTING {
            work.leave_out("`resources` is nested too deep");
        } else if child.is_object() {
            read_nested(work, child, whole, Some((&id, &native)), depth + 1);
        } else {
            work.leave_out("an element of `resources` is no object");
        }
    }
    let is_part = add_as_part(work, &json, lower, &native);
    let kind = work.index.by_native("azure", &native);
    if is_part && kind.is_none() {
        work.batch.counts.parts += 1;
    } else {
        add_as_resource(work, json, &id, &native, whole, has_children);
    }
}

fn add_as_resource(
    work: &mut Work<'_, '_>,
    mut json: Json,
    id: &str,
    native: &str,
    whole: Whole,
    has_children: bool,
) {
    let lower = id.trim_end_matches('/').to_ascii_lowercase();
    let number = work.index.by_native("azure", native);
    let info = number.and_then(|it| work.index.kind(it));
    shape::fold(&mut json, info);
    name_groups_above(work, &mut json, native);
    let name = shape::name(&json, info)
        .or_else(|| shape::text_of(&json, &["name"]).map(str::to_owned))
        .unwrap_or_else(|| azure_id::last(id).to_owned());
    let region = info
        .and_then(|info| info.kind.identity.region.as_ref()?.find_text(&json))
        .or_else(|| shape::text_of(&json, &["location"]).map(str::to_owned))
        .map(|it| it.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_lowercase());
    let tags = shape::tags(&json, info.and_then(|it| it.kind.identity.tags.as_ref()), "tags");
    let also = shape::also(&json, info);
    mark_missing_properties(&mut json, native);
    shape::refine(&mut json, info, whole);
    for (key, part) in info.iter().flat_map(|info| &info.kind.parts) {
        let missing = match (has_children, part.many) {
            (false, _) => tree::unread(),
            (true, true) => Json::Array(Vec::new()),
            (true, false) => Json::Null,
        };
        tree::put_key(&mut json, key, missing);
    }
    let identity = identity(work, lower, number, native);
    let region = region.map(|it| work.text(&it));
    let origin = work.origin(None);
    let doc = work.encode(&json);
    work.batch.counts.readings += 1;
    let path = work.path();
    work.batch.scopes.insert((path, std::sync::Arc::clone(&identity.scope)));
    work.add_reading(identity, Reading { name, region, tags, also, doc, origin });
}

/// Where Resource Graph lists the management groups above a subscription or a group, and where ARM says the nearest.
fn chain_of(native: &str) -> Option<(&'static str, &'static str)> {
    match native {
        "microsoft.resources/subscriptions" => Some(("/properties", "managementGroup")),
        GROUP => Some(("/properties/details", "parent")),
        _ => None,
    }
}

/// The management groups above a subscription or a group are listed by name, the nearest first. The nearest is put where
/// ARM says it, as an id; what ARM has said stays. Of each group of the list the next one is the parent: that is a part of
/// it, for no list of groups was read.
fn name_groups_above(work: &mut Work<'_, '_>, json: &mut Json, native: &str) {
    let Some((holder, key)) = chain_of(native) else { return };
    let Some(holder) = json.pointer_mut(holder) else { return };
    let chain = holder.get("managementGroupAncestorsChain").and_then(Json::as_array);
    let names = chain.into_iter().flatten().filter_map(|it| it.get("name").and_then(Json::as_str));
    let ids: Vec<String> = names.map(|it| format!("{}{it}", azure_id::GROUPS)).collect();
    if let (Some(nearest), Some(fields)) = (ids.first(), holder.as_object_mut()) {
        fields.entry(key).or_insert_with(|| json!({ "id": nearest }));
    }
    let kind = work.index.by_native("azure", GROUP);
    for (group, parent) in ids.iter().zip(ids.iter().skip(1)) {
        let owner = identity(work, group.to_ascii_lowercase(), kind, GROUP);
        let content = work.encode(&json!({ "id": parent }));
        work.add_part(owner, "parentGroup", Slot::Whole, PartContent::Value(content));
    }
}

fn identity(work: &mut Work<'_, '_>, id: String, kind: Option<u32>, native: &str) -> Identity {
    let scope = work.text(azure_id::scope(&id));
    Identity { kind: work.kind_text(kind, native), scope, id }
}

/// Adds the document to the parents of whose kind it is a part; whether there was one.
fn add_as_part(work: &mut Work<'_, '_>, json: &Json, id: &str, native: &str) -> bool {
    let Some(parent) = azure_id::parent(id) else { return false };
    let Some(parent_type) = azure_id::resource_type(parent) else { return false };
    let mut is_part = false;
    for &(number, i) in work.index.parts(native) {
        let Some(info) = work.index.kind(number).filter(|info| info.native == parent_type) else {
            continue;
        };
        let Some((key, part)) = info.kind.parts.get_index(i) else { continue };
        let last = azure_id::last(id);
        if part.name.as_ref().is_some_and(|name| !name.eq_ignore_ascii_case(last)) {
            continue;
        }
        is_part = true;
        let slot = if part.many { Slot::Element(id.to_owned()) } else { Slot::Whole };
        let own = work.index.by_native("azure", native).and_then(|it| work.index.kind(it));
        let mut content = json.clone();
        shape::fold(&mut content, own);
        shape::refine(&mut content, own, Whole::Detail);
        let doc = work.encode(&content);
        let owner = identity(work, parent.to_owned(), Some(number), &parent_type);
        work.add_part(owner, key, slot, PartContent::Value(doc));
    }
    is_part
}

/// Plain lists (`az resource list`) leave `properties` out: that is unread, not absent. A
/// subscription has none.
fn mark_missing_properties(json: &mut Json, native: &str) {
    let is_missing = json.get("properties").is_none_or(Json::is_null);
    if is_missing && native != "microsoft.resources/subscriptions" {
        tree::put_key(json, "properties", tree::unread());
    }
}

/// The id: its own, or for a nested document without one made from its parent's.
fn id_of(json: &Json, parent: Option<(&str, &str)>) -> Option<String> {
    if let Some(id) = shape::text_of(json, &["id"]) {
        return azure_id::canonical(id).map(|_| id.trim().trim_end_matches('/').to_owned());
    }
    let (parent_id, parent_type) = parent?;
    let name = shape::text_of(json, &["name"])?;
    let native = shape::text_of(json, &["type"])?;
    let last = name.rsplit('/').next().unwrap_or(name);
    let below = native.len() > parent_type.len()
        && native.get(..parent_type.len())?.eq_ignore_ascii_case(parent_type);
    if below {
        let word = native.rsplit('/').next()?;
        return Some(format!("{parent_id}/{word}/{last}"));
    }
    if native.contains('.') {
        return Some(format!("{parent_id}/providers/{native}/{last}"));
    }
    Some(format!("{parent_id}/{native}/{last}"))
}

/// The type in lower case: what the id says, else what the document says.
fn native_type(json: &Json, id: &str) -> String {
    azure_id::resource_type(id)
        .or_else(|| shape::text_of(json, &["type"]).map(str::to_ascii_lowercase))
        .unwrap_or_else(|| "microsoft.resources/unknown".to_owned())
}

fn describe_foreign(json: &Json) -> String {
    match (shape::text_of(json, &["id"]), shape::text_of(json, &["type"])) {
        (Some(_), _) => "the id is no Azure resource id".to_owned(),
        (None, Some(_)) => {
            "no id: an element of a deployment template is no deployed resource".to_owned()
        }
        (None, None) => "no id: it is no Azure resource".to_owned(),
    }
}

/// Folds the output of `Get-AzResource` to the top-level names of ARM.
fn fold_powershell(json: &mut Json) {
    let Json::Object(map) = json else { return };
    let is_powershell = !map.contains_key("properties")
        && ["ResourceId", "Properties", "ResourceType"].iter().any(|it| map.contains_key(*it));
    if !is_powershell {
        if !map.contains_key("id")
            && let Some(id) = ["Id", "ID", "ResourceId"].iter().find_map(|it| map.remove(*it))
        {
            map.insert("id".to_owned(), id);
        }
        return;
    }
    let old = std::mem::take(map);
    for (key, value) in old {
        let (name, value) = match key.as_str() {
            "ResourceId" | "Id" => ("id", value),
            "ResourceType" | "Type" => ("type", value),
            "Name" | "ResourceName" => ("name", value),
            "Properties" => ("properties", value),
            "Tags" => ("tags", value),
            "Location" => ("location", value),
            "Kind" => ("kind", value),
            "ManagedBy" => ("managedBy", value),
            "Zones" => ("zones", value),
            "ETag" | "Etag" => ("etag", value),
            "Sku" => ("sku", lower_keys(value)),
            "Plan" => ("plan", lower_keys(value)),
            "Identity" => ("identity", fold_identity(value)),
            "Resources" | "resources" => ("resources", value),
            // What ARM says elsewhere: in the id.
            "ResourceGroupName"
            | "SubscriptionId"
            | "ExtensionResourceName"
            | "ExtensionResourceType"
            | "ParentResource"
            | "TagsTable" => continue,
            other => (other, value),
        };
        // `ResourceName` says the same as `Name`, which counts.
        let is_second_name = name == "name" && map.contains_key("name") && key != "Name";
        if !value.is_null() && !is_second_name {
            map.insert(name.to_owned(), value);
        }
    }
}

/// An identity with the keys of its users left alone: they are ids.
fn fold_identity(value: Json) -> Json {
    let mut folded = lower_keys(value);
    if let Some(Json::Object(users)) = folded.get_mut("userAssignedIdentities") {
        for user in users.values_mut() {
            *user = lower_keys(std::mem::take(user));
        }
    }
    folded
}

/// The object with the first letter of its keys in lower case, nulls left out.
fn lower_keys(value: Json) -> Json {
    let Json::Object(map) = value else { return value };
    let entries = map.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let mut letters = key.chars();
        let first = letters.next().map(|it| it.to_ascii_lowercase());
        (first.into_iter().chain(letters).collect(), value)
    });
    Json::Object(entries.collect::<Map<String, Json>>())
}

/// The rows of Resource Graph's table format as objects.
pub(crate) fn table_rows(json: &Json) -> Option<Vec<Json>> {
    let data = json.get("data").unwrap_or(json);
    let columns: Vec<&str> = data
        .get("columns")?
        .as_array()?
        .iter()
        .map(|it| it.get("name").and_then(Json::as_str).unwrap_or_default())
        .collect();
    let rows = data.get("rows")?.as_array()?.iter();
    let rows = rows.map(|row| {
        let cells = row.as_array().into_iter().flatten().cloned();
        Json::Object(columns.iter().map(|it| (*it).to_owned()).zip(cells).collect())
    });
    Some(rows.collect())
}
