//! Recognises what a file holds, item by item, and hands each item to its cloud.
//!
//! INVARIANT: parsing never fails and loses nothing in silence: every item ends as a reading, a part
//! of another resource, or a problem that names the file and the reason.

use model::Keys;
use serde_json::Value as Json;

use content::Library;

use crate::aws_place::{Arn, Place};
use crate::batch::Batch;
use crate::index::Index;
use crate::outline::{self, Item, Value};
use crate::rules::Rules;
use crate::shape::{self, Whole, Work};
use crate::source::{Format, SourceFile};
use crate::{aws, aws_config, azure, azure_cli, declared, entra, findings, gcp, k8s, text, yaml};

/// Longest line of a file with one item per line, in bytes.
const MAX_LINE_BYTES: usize = outline::MAX_ITEM_BYTES;

/// Keys by which a page of a list says that another page follows.
const NEXT_KEYS: [&str; 7] = [
    "nextLink",
    "NextLink",
    "@odata.nextLink",
    "$skipToken",
    "skipToken",
    "skip_token",
    "nextPageToken",
];

/// Keys of reports of other tools: one large object, where resources come in many small ones.
const REPORT_KEYS: [&str; 6] = ["Results", "Resources", "matches", "runs", "findings", "Findings"];

/// Parses files into batches; can be shared between threads.
#[derive(Debug)]
pub struct Reader<'l> {
    index: Index<'l>,
    rules: Rules<'l>,
    keys: Keys,
}

impl<'l> Reader<'l> {
    /// A reader that knows the kinds of `library` and interns document keys in `keys`.
    pub fn new(library: &'l Library, keys: &Keys) -> Self {
        let index = Index::build(library, keys);
        Self { rules: Rules::build(&index, keys), index, keys: keys.clone() }
    }

    /// Names of the edge types, by number.
    pub fn edge_types(&self) -> &[String] {
        &self.rules.types
    }

    pub(crate) fn rules(&self) -> &Rules<'l> {
        &self.rules
    }

    pub(crate) fn index(&self) -> &Index<'l> {
        &self.index
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Everything that is in a file or chunk.
    pub fn parse(&self, file: &SourceFile<'_>) -> Batch {
        let mut work = Work::new(&self.index, &self.keys, file);
        let decoded = text::decode(file.bytes);
        if let Some(remark) = decoded.remark {
            work.remark(remark);
        }
        let text = &*decoded.text;
        if (is_page(file.name) || is_manifest(file.name, text)) && file.format.is_none() {
            // What speaks about an export is not part of it.
        } else if declared::is_declaration(file.name) {
            declared::read(&mut work, text);
        } else if let Some(place) = place_of(&work) {
            read_answer(&mut work, &place, text);
        } else if file.is_lines {
            read_lines(&mut work, text);
        } else if is_yaml(file.name, text) {
            read_yaml(&mut work, text);
        } else {
            read_json(&mut work, text);
        }
        work.batch
    }
}

/// The place in the layout of AWS answers, when the file is in it.
fn place_of(work: &Work<'_, '_>) -> Option<Place> {
    let file = work.file;
    if !matches!(file.format, None | Some(Format::Aws)) || file.is_lines {
        return None;
    }
    let place = Place::parse(file.name).or_else(|| Place::parse(file.path))?;
    let is_operation = place.operation.contains('-')
        || !work.index.operation(&place.service, &place.operation).is_empty();
    is_operation.then_some(place)
}

/// Whether the name is that of a page for people, such as a `README.md`.
fn is_page(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "md" | "markdown" | "rst"))
}

/// Whether it is the list of what `merlon generate` planted, which stands beside a made-up estate.
fn is_manifest(name: &str, text: &str) -> bool {
    name.rsplit('/').next() == Some("manifest.json") && text.contains("\"attackRoutes\"")
}

fn is_yaml(name: &str, text: &str) -> bool {
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending {
        "yaml" | "yml" => !looks_like_json || text.contains("\n---"),
        "json" | "ndjson" | "jsonl" => false,
        _ => !looks_like_json && text.contains(':'),
    }
}

fn read_answer(work: &mut Work<'_, '_>, place: &Place, text: &str) {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        // The CLI prints nothing where there is nothing: an empty answer.
        return aws::read(work, place, Ok(Json::Object(serde_json::Map::new())));
    }
    if let Some(code) = aws::error_text(trimmed) {
        return aws::read(work, place, Err(code));
    }
    let found = outline::outline(text);
    if let Some((reason, line)) = found.error {
        work.batch.counts.items += 1;
        work.leave_out(format!("{reason} (line {line})"));
        work.gap(
            &format!("aws:{}", place.account),
            &format!("{}:{}", place.service, place.operation),
            "the answer could not be read",
        );
    }
    for (_, own) in found.values {
        if own.text.is_empty() {
            continue;
        }
        if let Ok(mut json) = serde_json::from_str::<Json>(own.text) {
            let items = ["configurationItems", "baseConfigurationItems"];
            let items = items.into_iter().find_map(|key| json.get_mut(key).map(Json::take));
            if let Some(Json::Array(items)) = items {
                for item in items {
                    work.batch.counts.items += 1;
                    aws_config::read(work, item);
                }
            } else {
                read_placed(work, place, json);
            }
        } else {
            work.batch.counts.items += 1;
            work.leave_out("it is nested deeper than 128 levels");
        }
    }
}

/// Reads an answer of the AWS CLI: findings, or resources.
fn read_placed(work: &mut Work<'_, '_>, place: &Place, json: Json) {
    match work.index.format_of(&place.service, &place.operation) {
        Some(format) => {
            work.batch.counts.items += 1;
            findings::read(work, format, &json);
        }
        None => aws::read(work, place, Ok(json)),
    }
}

fn read_lines(work: &mut Work<'_, '_>, text: &str) {
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        work.batch.counts.items += 1;
        if line.len() > MAX_LINE_BYTES {
            work.leave_out(format!("a line is longer than {} MB", MAX_LINE_BYTES >> 20));
            continue;
        }
        match outline::parse(line) {
            Ok(json) => read_item(work, json, Whole::ListItem),
            Err(reason) => {
                let number = work.file.first_line + i as u64 + 1;
                work.leave_out(format!("{reason} (line {number})"));
            }
        }
    }
}

fn read_yaml(work: &mut Work<'_, '_>, text: &str) {
    for (line, document) in yaml::documents(text) {
        work.batch.counts.items += 1;
        match document {
            Ok(Json::Null) => work.batch.counts.items -= 1,
            Ok(Json::Array(items)) => {
                work.batch.counts.items -= 1;
                for item in items {
                    work.batch.counts.items += 1;
                    read_item(work, item, Whole::ListItem);
                }
            }
            Ok(json) => read_item(work, json, Whole::Detail),
            Err(reason) => work.leave_out(format!("{reason} (document at line {line})")),
        }
    }
}

fn read_json(work: &mut Work<'_, '_>, text: &str) {
    let found = outline::outline(text);
    if found.values.is_empty() && found.error.is_none() {
        work.remark("the file is empty");
    }
    for (value, own) in found.values {
        match value {
            Value::Scalar => {
                if !own.text.is_empty() {
                    work.batch.counts.items += 1;
                    work.leave_out("a bare text or number is no resource");
                }
            }
            Value::List(items) => read_items(work, text, &items, None),
            Value::Object { entries, list } => read_object(work, text, &entries, list, own),
        }
    }
    if let Some((reason, line)) = found.error {
        work.batch.counts.items += 1;
        work.leave_out(format!("{reason} (line {line})"));
    }
}

/// Reads the items of a list; `entra` is the type that a page of Microsoft Graph names.
fn read_items(work: &mut Work<'_, '_>, text: &str, items: &[Item<'_>], entra: Option<&str>) {
    for item in items {
        work.batch.counts.items += 1;
        match outline::parse(item.text) {
            Ok(mut json) => {
                if let Some(native) = entra {
                    entra::mark(&mut json, native);
                }
                read_item(work, json, Whole::ListItem);
            }
            Err(reason) => {
                let line = outline::line_of(text, item.offset);
                work.leave_out(format!("{reason} (line {line})"));
            }
        }
    }
}

/// Reads a top-level object: a page with a list in it, or one item.
fn read_object(
    work: &mut Work<'_, '_>,
    text: &str,
    entries: &[(String, &str)],
    list: Option<Vec<Item<'_>>>,
    own: Item<'_>,
) {
    let has = |name: &str| entries.iter().any(|(key, _)| key == name);
    let entry = |name: &str| {
        let text = entries.iter().find(|(key, _)| key == name)?.1;
        serde_json::from_str::<Json>(text).ok()
    };
    let kind = entry("kind").and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
    let is_item = has("id") || has("assetType") || has("asset_type") || has("resourceType");
    match list {
        Some(items) if has("apiVersion") || (kind.ends_with("List") && has("metadata")) => {
            let version = entry("apiVersion");
            let version = version.as_ref().and_then(Json::as_str).unwrap_or_default();
            let element = kind.strip_suffix("List").unwrap_or_default();
            k8s::begin_list(work, element, version, entry("metadata").as_ref());
            for item in items {
                work.batch.counts.items += 1;
                match outline::parse(item.text) {
                    Ok(json) => k8s::read_element(work, json, element, version),
                    Err(reason) => {
                        let line = outline::line_of(text, item.offset);
                        work.leave_out(format!("{reason} (line {line})"));
                    }
                }
            }
        }
        Some(items) if !is_item => {
            let context = entry("@odata.context");
            let native = context
                .as_ref()
                .and_then(Json::as_str)
                .and_then(|it| entra::type_of_context(work, it));
            let n_before = work.batch.readings.len();
            read_items(work, text, &items, native.as_deref());
            let follows =
                |key| entry(key).is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty()));
            work.note_page(n_before, NEXT_KEYS.into_iter().any(follows));
        }
        _ if own.text.is_empty() => {}
        _ => {
            work.batch.counts.items += 1;
            let is_report = REPORT_KEYS.iter().any(|it| has(it));
            match if is_report { outline::parse_report(own.text) } else { outline::parse(own.text) }
            {
                Ok(json) => read_whole(work, json),
                Err(reason) => {
                    let line = outline::line_of(text, own.offset);
                    work.leave_out(format!("{reason} (line {line})"));
                }
            }
        }
    }
}

/// Reads an object that is a file of its own.
fn read_whole(work: &mut Work<'_, '_>, json: Json) {
    if let Some(rows) = azure::table_rows(&json) {
        work.batch.counts.items -= 1;
        for row in rows {
            work.batch.counts.items += 1;
            read_item(work, row, Whole::ListItem);
        }
        return;
    }
    read_item(work, json, Whole::Detail);
}

/// Reads one item, whatever it is.
fn read_item(work: &mut Work<'_, '_>, mut json: Json, whole: Whole) {
    let allows = |format| work.file.format.is_none_or(|forced| forced == format);
    if allows(Format::Azure) {
        azure_cli::subscription(&mut json);
    }
    if !json.is_object() {
        work.leave_out("an item is no object");
    } else if allows(Format::Findings)
        && let Some((format, document)) = work.index.format(&json)
    {
        findings::read(work, format, document);
    } else if allows(Format::Kubernetes) && k8s::is_object(&json) {
        k8s::read(work, json);
    } else if allows(Format::Gcp) && gcp::is_asset(&json) {
        gcp::read_asset(work, json);
    } else if allows(Format::Aws) && aws_config::is_item(&json) {
        aws_config::read(work, json);
    } else if allows(Format::Aws) && json.get("UserDetailList").is_some() {
        read_authorization_details(work, json);
    } else if allows(Format::Azure) && azure::is_resource(&json) {
        azure::read(work, json, whole);
    } else if allows(Format::Azure) && entra::is_object(work, &json) {
        entra::read(work, json, whole);
    } else if allows(Format::Gcp) && gcp::is_row(&json) {
        gcp::read_row(work, json);
    } else {
        let reason = describe_unknown(work, &json);
        work.leave_out(reason);
    }
}

/// The answer of `iam get-account-authorization-details` on its own: the account is in its ARNs.
fn read_authorization_details(work: &mut Work<'_, '_>, json: Json) {
    let Some(account) = account_in(&json) else {
        return work.leave_out("authorization details without an ARN: the account is not known");
    };
    let place = Place {
        account,
        region: None,
        service: "iam".to_owned(),
        operation: "get-account-authorization-details".to_owned(),
        argument: None,
        page: 1,
    };
    work.batch.counts.items -= 1;
    aws::read(work, &place, Ok(json));
}

fn account_in(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => {
            let account = Arn::parse(text)?.account;
            (account.len() == 12).then(|| account.to_owned())
        }
        Json::Array(items) => items.iter().find_map(account_in),
        Json::Object(map) => {
            let own = map.get("Arn").and_then(account_in);
            own.or_else(|| map.values().find_map(account_in))
        }
        _ => None,
    }
}

/// Why an item is not understood.
fn describe_unknown(work: &mut Work<'_, '_>, json: &Json) -> String {
    if let Some(format) = work.file.format {
        return format!("it does not look like `{format}`, which `--as` asks for");
    }
    if shape::text_of(json, &["$schema"]).is_some_and(|it| it.contains("deploymentTemplate.json")) {
        return "an ARM deployment template is no export of deployed resources".to_owned();
    }
    if let Some(code) = json.get("error").and_then(|it| shape::text_of(it, &["code", "status"])) {
        let code = code.to_owned();
        let what = work.file.name.to_owned();
        work.gap("", &what, &code);
        return format!("the cloud answered with the error `{code}`");
    }
    if let Some(native) = shape::text_of(json, &["type"]).filter(|it| it.contains('/')) {
        return format!(
            "`{native}` without an id: an element of a template is no deployed resource"
        );
    }
    let keys: Vec<&str> = json.as_object().into_iter().flatten().map(|(key, _)| &**key).collect();
    if let Some(operation) = work.index.operation_with(&keys) {
        return format!(
            "an answer of the AWS CLI without a place: which account and region it is of is told by \
             its path, such as `111122223333/eu-west-1/{operation}.json`"
        );
    }
    let mut shown: String = keys.iter().take(4).copied().collect::<Vec<_>>().join("`, `");
    shown = shown.chars().take(80).collect();
    format!("no known format has an object with the keys `{shown}`")
}
