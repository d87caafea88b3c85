//! GCP: assets of Cloud Asset Inventory and rows of `gcloud ... list` into readings.

use serde_json::{Value as Json, json};

use crate::batch::{Identity, PartContent, Reading, Slot};
use crate::shape::{self, Whole, Work};
use crate::tree;

pub(crate) const PROJECTS: &str = "//cloudresourcemanager.googleapis.com/projects/";
const POLICY: &str = "iamPolicy";

/// Content of an asset beside its resource, and the key under which it stands in the document.
const CONTENTS: [(&str, &str, &str); 4] = [
    ("orgPolicy", "org_policy", "orgPolicy"),
    ("v2OrgPolicies", "v2_org_policies", "v2OrgPolicies"),
    ("osInventory", "os_inventory", "osInventory"),
    ("relatedAssets", "related_assets", "relatedAssets"),
];

/// Content of an asset that is the resource itself, for access context manager.
const RESOURCES: [(&str, &str); 3] = [
    ("accessPolicy", "access_policy"),
    ("accessLevel", "access_level"),
    ("servicePerimeter", "service_perimeter"),
];

/// Whether an item is an asset of Cloud Asset Inventory.
pub(crate) fn is_asset(json: &Json) -> bool {
    shape::text_of(json, &["assetType", "asset_type"]).is_some()
}

/// Whether an item is a row of a `gcloud` list: it links to itself or names its kind.
pub(crate) fn is_row(json: &Json) -> bool {
    shape::text_of(json, &["selfLink"]).is_some_and(|it| it.contains("googleapis.com"))
        || shape::text_of(json, &["kind"]).is_some_and(|it| it.contains('#'))
        || (shape::text_of(json, &["projectId"]).is_some() && json.get("projectNumber").is_some())
        || shape::text_of(json, &["name"])
            .is_some_and(|it| it.starts_with("projects/") && it.matches('/').count() >= 3)
}

/// A result of `gcloud asset search-all-iam-policies` as the asset that it is about: it says the policy and where it
/// stands under other names.
fn fold_search_result(json: &mut Json) {
    let Json::Object(map) = json else { return };
    let (Some(Json::String(name)), Some(policy)) = (map.get("resource"), map.get("policy")) else {
        return;
    };
    let (name, policy) = (name.clone(), policy.clone());
    let above = ["project", "folders", "organization"].iter().filter_map(|it| map.get(*it));
    let above = above.flat_map(|it| match it {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    });
    let above: Vec<Json> = above.collect();
    map.remove("resource");
    map.insert("name".to_owned(), Json::from(name));
    map.insert("iamPolicy".to_owned(), policy);
    map.insert("ancestors".to_owned(), Json::Array(above));
}

/// Reads one asset.
pub(crate) fn read_asset(work: &mut Work<'_, '_>, mut json: Json) {
    fold_search_result(&mut json);
    let native = shape::text_of(&json, &["assetType", "asset_type"]).unwrap_or_default().to_owned();
    let Some(id) = shape::text_of(&json, &["name"]).and_then(canonical) else {
        return work.leave_out("an asset without a full resource name");
    };
    let Some(map) = json.as_object_mut() else { return };
    let mut take = |camel: &str, snake: &str| map.remove(camel).or_else(|| map.remove(snake));
    let policy = take("iamPolicy", "iam_policy").filter(|it| !it.is_null());
    let mut resource = take("resource", "resource").unwrap_or_default();
    let mut data = resource.get_mut("data").map(Json::take).filter(Json::is_object);
    for (camel, snake) in RESOURCES {
        if let Some(content @ Json::Object(_)) = take(camel, snake) {
            data = data.or(Some(content));
        }
    }
    let mut others = Vec::new();
    for (camel, snake, key) in CONTENTS {
        if let Some(content) = take(camel, snake).filter(|it| !it.is_null()) {
            others.push((key, content));
        }
    }
    let as_of = shape::text_of(&json, &["updateTime", "update_time"]).map(str::to_owned);
    let id = of_project(&native, data.as_ref()).unwrap_or(id);
    let scope = scope_of(&id, &json, &resource, data.as_ref());
    if let Some(number) = number_of(&json, &resource).filter(|it| *it != scope) {
        work.batch.projects.insert((number.into(), scope.as_str().into()));
    }
    let number = work.index.by_native("gcp", &native.to_ascii_lowercase());
    let identity = |work: &mut Work<'_, '_>| Identity {
        id: id.clone(),
        kind: work.kind_text(number, &native),
        scope: work.text(&scope),
    };
    let is_part = data.is_none() && (policy.is_some() || !others.is_empty());
    if data.is_none() && !is_part {
        return work.leave_out("an asset without content");
    }
    if let Some(policy) = policy {
        let doc = work.encode(&policy);
        let owner = identity(work);
        work.add_part(owner, POLICY, Slot::Whole, PartContent::Value(doc));
    }
    for (key, content) in others {
        let doc = work.encode(&content);
        let owner = identity(work);
        work.add_part(owner, key, Slot::Whole, PartContent::Value(doc));
        for policy in org_policies(&json, &content) {
            work.batch.counts.items += 1;
            read_asset(work, policy);
        }
    }
    let Some(data) = data else {
        work.batch.counts.parts += 1;
        return;
    };
    let location = shape::text_of(&resource, &["location"]).map(str::to_owned);
    let owner = identity(work);
    add(work, owner, number, data, location, as_of.as_deref());
}

/// The organisation policies that an asset lists as its content, each as the asset that it is where inventories export
/// policies one by one.
fn org_policies(asset: &Json, content: &Json) -> Vec<Json> {
    let Some(scope) = shape::text_of(asset, &["name"]).and_then(|it| it.split_once(".com/")) else {
        return Vec::new();
    };
    let policy = |it: &Json| {
        let spec = if let Some(spec) = it.get("spec") {
            spec.clone()
        } else {
            let enforced = it.pointer("/booleanPolicy/enforced").and_then(Json::as_bool);
            let rule = if it.get("booleanPolicy").is_some() {
                json!({ "enforce": enforced.unwrap_or(false) })
            } else {
                json!({ "values": it.get("listPolicy")? })
            };
            json!({ "rules": [rule] })
        };
        let name = shape::text_of(it, &["constraint", "name"])?.rsplit('/').next()?;
        let name = format!("{}/policies/{name}", scope.1);
        Some(json!({
            "name": format!("//orgpolicy.googleapis.com/{name}"),
            "assetType": "orgpolicy.googleapis.com/Policy",
            "ancestors": asset.get("ancestors"),
            "resource": { "data": { "name": name, "spec": spec } },
        }))
    };
    content.as_array().into_iter().flatten().filter_map(policy).collect()
}

fn add(
    work: &mut Work<'_, '_>,
    identity: Identity,
    number: Option<u32>,
    mut data: Json,
    location: Option<String>,
    as_of: Option<&str>,
) {
    let info = number.and_then(|it| work.index.kind(it));
    shape::fold(&mut data, info);
    let name = shape::name(&data, info)
        .or_else(|| shape::text_of(&data, &["displayName"]).map(str::to_owned))
        .unwrap_or_else(|| {
            last(shape::text_of(&data, &["name"]).unwrap_or(&identity.id)).to_owned()
        });
    let named = info.and_then(|info| info.kind.identity.region.as_ref()?.find_text(&data));
    let region = named
        .or(location)
        .or_else(|| {
            shape::text_of(&data, &["region", "zone", "location", "locationId"]).map(str::to_owned)
        })
        .or_else(|| place_in(&identity.id).map(str::to_owned))
        .map(|it| region_of(last(&it)).to_ascii_lowercase())
        .filter(|it| it != "global" && !it.is_empty());
    let tags_path = info.and_then(|it| it.kind.identity.tags.as_ref());
    let tags = shape::tags(&data, tags_path, "labels");
    let mut also = shape::also(&data, info);
    if identity.id.starts_with(PROJECTS) {
        for key in ["projectNumber", "projectId"] {
            also.extend(data.get(key).and_then(text).map(|it| (key.into(), it)));
        }
    }
    shape::refine(&mut data, info, Whole::ListItem);
    tree::put_key(&mut data, POLICY, tree::unread());
    let region = region.map(|it| work.text(&it));
    let origin = work.origin(as_of);
    let doc = work.encode(&data);
    work.batch.counts.readings += 1;
    let path = work.path();
    work.batch.scopes.insert((path, std::sync::Arc::clone(&identity.scope)));
    work.add_reading(identity, Reading { name, region, tags, also, doc, origin });
}

/// Reads one row of a `gcloud` list.
pub(crate) fn read_row(work: &mut Work<'_, '_>, json: Json) {
    let Some((id, native)) = name_of_row(work, &json) else {
        return work.leave_out("a gcloud row whose asset type is not known");
    };
    let scope = scope_of(&id, &json, &Json::Null, Some(&json));
    let number = work.index.by_native("gcp", &native.to_ascii_lowercase());
    let identity = Identity { id, kind: work.kind_text(number, &native), scope: work.text(&scope) };
    add(work, identity, number, json, None, None);
}

/// Full name and asset type of a row: from its link or name, and its kind.
fn name_of_row(work: &Work<'_, '_>, json: &Json) -> Option<(String, String)> {
    if let (Some(project), true) =
        (shape::text_of(json, &["projectId"]), json.get("projectNumber").is_some())
        && json.get("selfLink").is_none()
    {
        return Some((
            format!("{PROJECTS}{project}"),
            "cloudresourcemanager.googleapis.com/Project".to_owned(),
        ));
    }
    let by_kind = shape::text_of(json, &["kind"]).and_then(|kind| {
        let declared =
            work.index.kinds.iter().find(|info| {
                info.kind.forms.iter().any(|form| form.gcloud.as_deref() == Some(kind))
            });
        if let Some(info) = declared {
            return Some(info.kind.native.clone());
        }
        let (service, thing) = kind.split_once('#')?;
        let service = if service == "sql" { "sqladmin" } else { service };
        Some(format!("{service}.googleapis.com/{}", capitalised(thing)))
    });
    if let Some(id) = shape::text_of(json, &["selfLink"]).and_then(from_link) {
        let native = by_kind.or_else(|| native_of(work, &id))?;
        return Some((id, native));
    }
    let name = shape::text_of(json, &["name", "id"])?;
    if let Some(native) = by_kind {
        let service = native.split('/').next()?;
        return Some((format!("//{service}/{name}"), native));
    }
    let native = native_of(work, name)?;
    let service = native.split('/').next()?;
    Some((format!("//{service}/{name}"), native))
}

/// The asset type of a name by its last collection: `.../serviceAccounts/x` is the one kind whose
/// type ends with `/ServiceAccount`.
fn native_of(work: &Work<'_, '_>, name: &str) -> Option<String> {
    let collection = name.rsplit('/').nth(1)?;
    let singular = match collection.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => collection.strip_suffix('s').unwrap_or(collection).to_owned(),
    };
    let service = name.strip_prefix("//").and_then(|it| it.split('/').next());
    if let Some(service) = service {
        return Some(format!("{service}/{}", capitalised(&singular)));
    }
    let ending = format!("/{}", singular.to_ascii_lowercase());
    let mut fitting = work
        .index
        .kinds
        .iter()
        .filter(|info| info.kind.cloud() == "gcp" && info.native.ends_with(&ending));
    let first = fitting.next()?;
    fitting.next().is_none().then(|| first.kind.native.clone())
}

/// A full resource name; links of the old form are turned into one.
pub(crate) fn canonical(name: &str) -> Option<String> {
    if let Some(rest) = name.strip_prefix("//") {
        return rest.contains('/').then(|| name.to_owned());
    }
    // `storage.googleapis.com/bucket`, as log sinks write their destination.
    if name.split('/').next().is_some_and(|it| it.ends_with(".googleapis.com"))
        && name.contains('/')
    {
        return Some(format!("//{name}"));
    }
    from_link(name)
}

/// `https://www.googleapis.com/compute/v1/projects/p/...` is
/// `//compute.googleapis.com/projects/p/...`.
fn from_link(link: &str) -> Option<String> {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let mut words: Vec<&str> = path.split('/').collect();
    let service = if host == "www.googleapis.com" || host == "content.googleapis.com" {
        let service = words.first().copied()?;
        words.remove(0);
        format!("{service}.googleapis.com")
    } else if host.ends_with(".googleapis.com") {
        let name = host.split('.').next()?;
        if words.first() == Some(&name) {
            words.remove(0);
        }
        host.to_owned()
    } else {
        return None;
    };
    let is_version = |it: &&str| {
        it.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            || ["beta", "alpha"].contains(it)
    };
    if words.first().is_some_and(is_version) {
        words.remove(0);
    }
    if service == "storage.googleapis.com" && words.first() == Some(&"b") {
        words.remove(0);
    }
    (!words.is_empty()).then(|| format!("//{service}/{}", words.join("/")))
}

/// Project, folder or organisation that an asset belongs to.
fn scope_of(id: &str, asset: &Json, resource: &Json, data: Option<&Json>) -> String {
    if let Some((_, rest)) = id.split_once("/projects/") {
        return format!("{PROJECTS}{}", rest.split('/').next().unwrap_or(rest));
    }
    if let Some((_, app)) = id.split_once("//appengine.googleapis.com/apps/") {
        return format!("{PROJECTS}{}", app.split('/').next().unwrap_or(app));
    }
    for level in ["folders", "organizations"] {
        if let Some((_, rest)) = id.split_once(&format!("/{level}/")) {
            let number = rest.split('/').next().unwrap_or(rest);
            return format!("//cloudresourcemanager.googleapis.com/{level}/{number}");
        }
    }
    let parent = shape::text_of(resource, &["parent"]);
    if let Some(parent) = parent.filter(|it| it.starts_with(PROJECTS)) {
        return parent.to_owned();
    }
    let number =
        data.and_then(|it| it.get("projectNumber").or_else(|| it.get("projectId"))).and_then(text);
    if let Some(number) = number {
        return format!("{PROJECTS}{number}");
    }
    let ancestor = asset.get("ancestors").and_then(|it| it.get(0)).and_then(Json::as_str);
    if let Some(ancestor) = ancestor {
        return format!("//cloudresourcemanager.googleapis.com/{ancestor}");
    }
    let path = shape::text_of(asset, &["ancestryPath", "ancestry_path"]).unwrap_or_default();
    if let Some((_, project)) =
        path.rsplit_once("/project/").or_else(|| path.rsplit_once("project/"))
    {
        return format!("{PROJECTS}{project}");
    }
    parent.unwrap_or("//cloudresourcemanager.googleapis.com").to_owned()
}

/// The id of a project: assets name it by number, and everything in it by its id.
fn of_project(native: &str, data: Option<&Json>) -> Option<String> {
    let is_project = native.eq_ignore_ascii_case("cloudresourcemanager.googleapis.com/Project");
    let id = shape::text_of(data.filter(|_| is_project)?, &["projectId"])?;
    Some(format!("{PROJECTS}{id}"))
}

/// The project of an asset by its number, as a scope, where its ancestors or its parent say it.
fn number_of(asset: &Json, resource: &Json) -> Option<String> {
    let ancestor = asset.get("ancestors").and_then(|it| it.get(0)).and_then(Json::as_str);
    let ancestor = ancestor.and_then(|it| it.strip_prefix("projects/"));
    let parent = shape::text_of(resource, &["parent"]).and_then(|it| it.strip_prefix(PROJECTS));
    let is_number = |it: &&str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let number = ancestor.filter(is_number).or(parent.filter(is_number))?;
    Some(format!("{PROJECTS}{number}"))
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn last(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}

/// The zone, region or location in a full name.
fn place_in(id: &str) -> Option<&str> {
    ["/zones/", "/regions/", "/locations/"]
        .iter()
        .find_map(|it| id.split_once(it)?.1.split('/').next())
}

/// `us-central1-a` lies in `us-central1`.
fn region_of(location: &str) -> &str {
    match location.rsplit_once('-') {
        Some((region, zone)) if zone.len() == 1 && region.contains('-') => region,
        _ => location,
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|it| it.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An empty object, so that a missing data part reads as absent.
#[cfg(test)]
fn object() -> Json {
    Json::Object(serde_json::Map::new())
}

#[cfg(test)]
mod tests {
    use super::{fold_search_result, from_link, object, org_policies, region_of, scope_of};
    use serde_json::{Value as Json, json};

    #[test]
    fn links_become_full_names() {
        for (link, want) in [
            (
                "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i",
                "//compute.googleapis.com/projects/p/zones/z/instances/i",
            ),
            (
                "https://compute.googleapis.com/compute/beta/projects/p/global/networks/n",
                "//compute.googleapis.com/projects/p/global/networks/n",
            ),
            (
                "https://container.googleapis.com/v1/projects/p/locations/l/clusters/c",
                "//container.googleapis.com/projects/p/locations/l/clusters/c",
            ),
            ("https://www.googleapis.com/storage/v1/b/bucket", "//storage.googleapis.com/bucket"),
        ] {
            assert_eq!(from_link(link).as_deref(), Some(want));
        }
        assert_eq!(from_link("https://example.com/x"), None);
    }

    #[track_caller]
    fn check_scope(id: &str, asset: &Json, resource: &Json, want: &str) {
        let want = format!("//cloudresourcemanager.googleapis.com/{want}");
        assert_eq!(scope_of(id, asset, resource, Some(&object())), want);
    }

    #[test]
    fn the_scope_is_in_the_name_the_parent_or_the_ancestors() {
        let none = object();
        check_scope("//compute.googleapis.com/projects/p/zones/z/x/i", &none, &none, "projects/p");
        let parent = json!({ "parent": "//cloudresourcemanager.googleapis.com/projects/7" });
        check_scope("//storage.googleapis.com/b", &none, &parent, "projects/7");
        let asset = json!({ "ancestors": ["projects/8", "organizations/1"] });
        check_scope("//storage.googleapis.com/b", &asset, &none, "projects/8");
        let asset = json!({ "ancestry_path": "organization/9/project/q" });
        check_scope("//storage.googleapis.com/b", &asset, &none, "projects/q");
    }

    #[test]
    fn policies_of_the_organisation_come_out_of_the_asset_that_lists_them() {
        let asset = json!({ "name": "//cloudresourcemanager.googleapis.com/folders/7", "ancestors": ["folders/7"] });
        let old = json!([
            { "constraint": "constraints/iam.a", "booleanPolicy": { "enforced": true } },
            { "constraint": "constraints/iam.b", "booleanPolicy": {} },
        ]);
        let found = org_policies(&asset, &old);
        let name = |it: &Json| it["name"].as_str().unwrap_or_default().to_owned();
        assert_eq!(name(&found[0]), "//orgpolicy.googleapis.com/folders/7/policies/iam.a");
        assert_eq!(found[0]["resource"]["data"]["spec"], json!({ "rules": [{ "enforce": true }] }));
        assert_eq!(
            found[1]["resource"]["data"]["spec"],
            json!({ "rules": [{ "enforce": false }] })
        );
        let new = json!([{ "name": "folders/7/policies/iam.a", "spec": { "rules": [] } }]);
        let found = org_policies(&asset, &new);
        assert_eq!(name(&found[0]), "//orgpolicy.googleapis.com/folders/7/policies/iam.a");
        assert!(org_policies(&asset, &json!({ "relatedAssets": 1 })).is_empty());
    }

    #[test]
    fn a_policy_that_was_searched_for_is_that_of_its_asset() {
        let policy = json!({ "bindings": [] });
        let mut found = json!({
            "resource": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket", "policy": policy,
            "project": "projects/1", "folders": ["folders/2"], "organization": "organizations/3",
        });
        fold_search_result(&mut found);
        assert_eq!(found["name"], "//storage.googleapis.com/b");
        assert_eq!(found["iamPolicy"], policy);
        assert_eq!(found["ancestors"], json!(["projects/1", "folders/2", "organizations/3"]));
    }

    #[test]
    fn zones_lie_in_regions() {
        assert_eq!(region_of("us-central1-a"), "us-central1");
        assert_eq!(region_of("europe-west6"), "europe-west6");
        assert_eq!(region_of("us"), "us");
    }
}
