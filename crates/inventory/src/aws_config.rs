//! AWS Config: configuration items of snapshots, histories and queries into readings.

use model::doc;
use serde_json::{Map, Value as Json};

use crate::aws::converted;
use crate::aws_place::{Arn, partition};
use crate::batch::{Identity, Reading};
use crate::index::KindInfo;
use crate::shape::{self, Whole, Work};
use crate::template::Variables;
use crate::tree;

/// Whether an item is one of AWS Config's.
pub(crate) fn is_item(json: &Json) -> bool {
    shape::text_of(json, &["resourceType"]).is_some_and(|it| it.starts_with("AWS::"))
        && (json.get("configuration").is_some() || json.get("configurationItemStatus").is_some())
}

/// Reads one configuration item.
pub(crate) fn read(work: &mut Work<'_, '_>, mut item: Json) {
    let deleted = ["ResourceDeleted", "ResourceNotRecorded", "ResourceDeletedNotRecorded"];
    let status = shape::text_of(&item, &["configurationItemStatus"]).unwrap_or_default();
    if deleted.contains(&status) {
        return work.leave_out(format!("AWS Config says `{status}`"));
    }
    for key in ["configuration", "supplementaryConfiguration"] {
        decode(item.get_mut(key));
        if let Some(Json::Object(map)) = item.get_mut(key) {
            map.values_mut().for_each(|value| decode(Some(value)));
        }
    }
    let native = native(shape::text_of(&item, &["resourceType"]).unwrap_or_default());
    let account =
        shape::text_of(&item, &["awsAccountId", "accountId"]).unwrap_or_default().to_owned();
    let region = shape::text_of(&item, &["awsRegion"]).unwrap_or_default().to_owned();
    let number = work.index.by_native("aws", &native);
    let info = number.and_then(|it| work.index.kind(it));
    let mut json = info.map_or_else(|| plain(&item), |info| canonical(&item, info));
    shape::fold(&mut json, info);
    let variables = Variables {
        account: &account,
        region: &region,
        partition: partition(&region),
        argument: shape::text_of(&item, &["resourceId"]).unwrap_or_default(),
    };
    let arn = shape::text_of(&item, &["arn", "ARN"]).map(str::to_owned);
    let filled = info.and_then(|info| info.template.as_ref()?.fill(&json, variables).ok());
    let Some(id) = filled.or(arn) else {
        return work.leave_out("a configuration item without an ARN");
    };
    let account = match (account.is_empty(), Arn::parse(&id)) {
        (true, Some(arn)) => arn.account.to_owned(),
        _ => account.clone(),
    };
    let name = shape::name(&json, info)
        .or_else(|| shape::text_of(&item, &["resourceName", "resourceId"]).map(str::to_owned))
        .unwrap_or_else(|| id.clone());
    let tags = shape::tags(&item, None, "tags");
    let mut also = shape::also(&json, info);
    if let Some(resource_id) = shape::text_of(&item, &["resourceId"]) {
        also.push(("resourceId".into(), resource_id.to_owned()));
    }
    // The document is open: what the item does not give is unread without being listed.
    shape::refine(&mut json, info, Whole::Detail);
    doc::open_marker(&mut json);
    let identity = Identity {
        id,
        kind: work.kind_text(number, &native),
        scope: work.text(&format!("aws:{account}")),
    };
    let as_of = shape::text_of(&item, &["configurationItemCaptureTime"]).map(str::to_owned);
    let origin = work.origin(as_of.as_deref());
    let region = Some(region.as_str()).filter(|it| !it.is_empty() && *it != "global");
    let region = region.map(|it| work.text(it));
    let doc = work.encode(&json);
    work.batch.counts.readings += 1;
    work.add_reading(identity, Reading { name, region, tags, also, doc, origin });
}

/// A resource type in lower case as CloudFormation names it, which is what kinds say: AWS Config has names of its own
/// for a few.
fn native(resource_type: &str) -> String {
    let lower = resource_type.to_ascii_lowercase();
    match lower.as_str() {
        // what Config records under this name are the managed ones
        "aws::iam::policy" => "aws::iam::managedpolicy".to_owned(),
        "aws::acm::certificate" => "aws::certificatemanager::certificate".to_owned(),
        "aws::opensearch::domain" => "aws::opensearchservice::domain".to_owned(),
        _ => lower,
    }
}

/// The configuration as it is, for a type without a kind.
fn plain(item: &Json) -> Json {
    let configuration = item.get("configuration").filter(|it| it.is_object());
    configuration.cloned().unwrap_or_else(|| Json::Object(Map::new()))
}

/// The configuration in the form of the kind: keys as the CLI writes them, and what the kind's form
/// for AWS Config sets and keeps.
fn canonical(item: &Json, info: &KindInfo<'_>) -> Json {
    let mut json = plain(item);
    if wants_pascal_case(info.kind) {
        json = pascal_case(json);
    }
    if let Some(form) = info.kind.forms.iter().find(|form| form.aws_config) {
        let mut source = item.clone();
        merge_missing(&mut source, &json);
        json = converted(&source, form, info.kind);
        if form.keep.is_empty() {
            drop_envelope(&mut json);
        }
    }
    for path in &info.kind.decode {
        tree::decode_text(&mut json, path);
    }
    json
}

/// Config stores JSON as text in places.
fn decode(value: Option<&mut Json>) {
    let Some(value) = value else { return };
    if let Json::String(text) = value
        && text.trim_start().starts_with(['{', '['])
        && let Ok(decoded) = serde_json::from_str(text)
    {
        *value = decoded;
    }
}

/// Whether the CLI's answers of a kind have keys in `PascalCase`, where Config says `camelCase`.
fn wants_pascal_case(kind: &content::Kind) -> bool {
    let identity = &kind.identity;
    let paths = identity.name.iter().chain(identity.also.values());
    let mut keys = paths.filter_map(crate::index::first_key);
    let template = identity.id.as_deref().and_then(|it| it.rsplit('{').next());
    let of_template = template
        .filter(|it| !matches!(it.trim_end_matches('}'), "account" | "region" | "partition"));
    keys.next()
        .or(of_template)
        .is_some_and(|key| key.starts_with(|it: char| it.is_ascii_uppercase()))
}

fn pascal_case(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| {
                // Tags and the keys of policies are people's words.
                if key.eq_ignore_ascii_case("tags") && value.is_object() {
                    return ("Tags".to_owned(), value);
                }
                if key.contains([':', '/', '.', '-', ' ']) {
                    return (key, pascal_case(value));
                }
                let mut letters = key.chars();
                let first = letters.next().map(|it| it.to_ascii_uppercase());
                (first.into_iter().chain(letters).collect(), pascal_case(value))
            });
            Json::Object(entries.collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(pascal_case).collect()),
        other => other,
    }
}

/// Adds the entries of `extra` that `value` does not have.
fn merge_missing(value: &mut Json, extra: &Json) {
    if let (Json::Object(map), Json::Object(extra)) = (value, extra) {
        for (key, value) in extra {
            map.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Takes the envelope's own keys off a document.
fn drop_envelope(json: &mut Json) {
    const ENVELOPE: [&str; 19] = [
        "version",
        "accountId",
        "awsAccountId",
        "configurationItemCaptureTime",
        "configurationItemStatus",
        "configurationStateId",
        "configurationItemMD5Hash",
        "configurationStateMd5Hash",
        "arn",
        "resourceType",
        "resourceId",
        "resourceName",
        "awsRegion",
        "availabilityZone",
        "resourceCreationTime",
        "relatedEvents",
        "relationships",
        "configuration",
        "supplementaryConfiguration",
    ];
    if let Json::Object(map) = json {
        map.retain(|key, _| !ENVELOPE.contains(&key.as_str()));
    }
}
