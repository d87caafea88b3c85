//! AWS: answers of the CLI into readings.
//!
//! The path of an answer says account, region, service, operation and argument; the kind files say
//! what the operation is good for: it lists a kind, it is a detail of one, or another form of one.
//! An operation that no kind reads gives generic nodes where its items carry an ARN.

use std::sync::Arc;

use content::Form;
use model::{Path, PathMatch, Step, Tags, doc};
use serde_json::Value as Json;

use crate::aws_place::{Arn, Place, as_file_name, partition};
use crate::batch::{
    DetailReading, Identity, ListPage, PageOutcome, PartContent, PartReading, Reading, Slot,
};
use crate::index::{KindInfo, Use};
use crate::shape::{self, Whole, Work};
use crate::template::Variables;
use crate::tree;

/// Reads one answer: the parsed JSON, or the code of the error that the cloud gave.
pub(crate) fn read(work: &mut Work<'_, '_>, place: &Place, answer: Result<Json, String>) {
    work.batch.counts.items += 1;
    let uses = work.index.operation(&place.service, &place.operation).to_vec();
    let mut answer = answer;
    if let Ok(json) = &mut answer {
        if let Some(map) = json.as_object_mut() {
            map.remove("ResponseMetadata");
        }
        if let Some(code) = error_code(json) {
            answer = Err(code);
        }
    }
    if uses.is_empty() {
        return match answer {
            Ok(json) => read_generic(work, place, &json),
            Err(code) => {
                let scope = format!("aws:{}", place.account);
                work.gap(&scope, &format!("{}:{}", place.service, place.operation), &code);
                work.leave_out(format!(
                    "no kind reads {}/{}, which failed with {code}",
                    place.service, place.operation
                ));
            }
        };
    }
    let before = work.batch.counts.left_out;
    let mut n_found = 0;
    for (kind, usage) in uses {
        let Some(info) = work.index.kind(kind) else { continue };
        n_found += match usage {
            Use::List => read_list(work, place, kind, &answer),
            Use::Detail(detail) => read_detail(work, place, kind, detail, &answer),
            Use::Form(form) => match (&answer, work.index.form(kind, form)) {
                (Ok(json), Some(form)) => read_form(work, place, (kind, info), form, json),
                _ => 0,
            },
        };
    }
    // The answer itself was counted as one item: it is as many as were found in it.
    let n_left_out = work.batch.counts.left_out - before;
    work.batch.counts.items += (n_found + n_left_out).saturating_sub(1);
    if n_found + n_left_out == 0 {
        // An empty list, or an error that became a gap.
        work.batch.counts.parts += 1;
    }
}

/// The error code of an answer that is an error document.
fn error_code(json: &Json) -> Option<String> {
    let map = json.as_object()?;
    for key in ["Error", "error"] {
        if let Some(code) = map.get(key).and_then(|it| shape::text_of(it, &["Code", "code"])) {
            return Some(code.to_owned());
        }
    }
    let code = map.get("__type")?.as_str()?;
    Some(code.rsplit('#').next().unwrap_or(code).to_owned())
}

/// The error code in what the CLI prints on failure; see the `aws` command's messages.
pub(crate) fn error_text(text: &str) -> Option<String> {
    let (_, tail) = text.split_once("An error occurred (")?;
    let (code, rest) = tail.split_once(')')?;
    rest.contains("when calling the").then(|| code.to_owned())
}

fn read_list(
    work: &mut Work<'_, '_>,
    place: &Place,
    kind: u32,
    answer: &Result<Json, String>,
) -> u64 {
    let Some(info) = work.index.kind(kind) else { return 0 };
    let Some(collect) = &info.kind.collect else { return 0 };
    let operation = format!("{}/{}", place.service, place.operation);
    let region = if collect.global { None } else { place.region.as_deref() };
    let outcome = match answer {
        Ok(json) if has_next(json) => PageOutcome::HasNext,
        Ok(_) => PageOutcome::Last,
        Err(code) if is_absent(&collect.list.absent, code) => PageOutcome::Last,
        Err(code) => PageOutcome::Failed(code.clone()),
    };
    let page = ListPage {
        account: work.text(&place.account),
        region: region.map(|it| work.text(it)),
        kind,
        operation,
        argument: place.argument.as_deref().map(|it| crate::aws_place::page_of(it).0.to_owned()),
        page: place.page,
        outcome,
    };
    work.batch.pages.push(page);
    // "Never set" of an answer that is the one item: an empty document.
    let nothing = Json::Object(serde_json::Map::new());
    let json = match answer {
        Ok(json) => json,
        Err(code)
            if is_absent(&collect.list.absent, code) && collect.list.items.steps().is_empty() =>
        {
            &nothing
        }
        Err(_) => return 0,
    };
    let rows = report_rows(json, &collect.list.items);
    let found =
        if rows.is_empty() { items(json, &collect.list.items) } else { rows.iter().collect() };
    let mut n_found = 0;
    for item in found {
        let mut item = item.clone();
        if let (Some(field), Json::String(_)) = (&collect.list.as_field, &item) {
            item = serde_json::json!({ field: item });
        }
        for (i, _) in collect.details.iter().enumerate() {
            if let Some(key) = info.detail_keys.get(i) {
                tree::put_key(&mut item, &work.keys.name(*key), tree::unread());
            }
        }
        n_found += add(work, place, info, item, Whole::ListItem);
    }
    n_found
}

fn is_absent(codes: &[String], code: &str) -> bool {
    codes.iter().any(|it| it.eq_ignore_ascii_case(code))
}

/// The rows of an answer whose items are a table as text (the credential report), as objects.
fn report_rows(json: &Json, path: &Path) -> Vec<Json> {
    match path.find(json) {
        Some(Json::String(text)) => crate::table::rows(text),
        _ => Vec::new(),
    }
}

/// Whether the cloud announces another page.
fn has_next(json: &Json) -> bool {
    let tokens = [
        "NextToken",
        "nextToken",
        "NextMarker",
        "NextPageToken",
        "nextPageToken",
        "NextPageMarker",
    ];
    let is_truncated = json.get("IsTruncated").and_then(Json::as_bool);
    match is_truncated {
        Some(is_truncated) => is_truncated,
        None => tokens.iter().any(|it| shape::text_of(json, &[it]).is_some()) || marker(json),
    }
}

/// `Marker` says that more follows in RDS and its like; elsewhere it only echoes the request, and
/// `IsTruncated` stands beside it.
fn marker(json: &Json) -> bool {
    shape::text_of(json, &["Marker"]).is_some() && json.get("MaxItems").is_none()
}

/// The elements that `path` leads to: of the list at its end, or the objects themselves.
fn items<'a>(json: &'a Json, path: &Path) -> Vec<&'a Json> {
    let mut found = Vec::new();
    for item in path.find_all(json) {
        match item {
            PathMatch::Value(Json::Array(items)) => found.extend(items),
            PathMatch::Value(value) => found.push(value),
            PathMatch::Key(_) => {}
        }
    }
    found
}

/// Adds a resource of a kind; the number of resources added.
fn add(
    work: &mut Work<'_, '_>,
    place: &Place,
    info: &KindInfo<'_>,
    mut item: Json,
    whole: Whole,
) -> u64 {
    if !item.is_object() {
        work.leave_out(format!("an item of {}/{} is no object", place.service, place.operation));
        return 0;
    }
    for path in &info.kind.decode {
        tree::decode_text(&mut item, path);
    }
    info.fold(&mut item);
    let region = region_of(&item, place, info);
    let variables = Variables {
        account: &place.account,
        region: region.as_deref().unwrap_or_default(),
        partition: partition(region.as_deref().unwrap_or_default()),
        argument: place.argument.as_deref().filter(|it| !it.contains('~')).unwrap_or_default(),
    };
    let filled = match &info.template {
        Some(template) => template.fill(&item, variables),
        None => shape::text_of(&item, &["Arn", "arn", "ARN"])
            .map(str::to_owned)
            .ok_or_else(|| "Arn".to_owned()),
    };
    let id = match filled {
        Ok(id) => id,
        Err(missing) => {
            work.leave_out(format!(
                "an item of {}/{} has no `{missing}`, which its id is made of",
                place.service, place.operation
            ));
            return 0;
        }
    };
    let name = shape::name(&item, Some(info)).unwrap_or_else(|| last_word(&id).to_owned());
    let tags = aws_tags(&item, info);
    let also = shape::also(&item, Some(info));
    shape::refine(&mut item, Some(info), whole);
    let scope = work.text(&format!("aws:{}", place.account));
    let is_global = info.kind.collect.as_ref().is_some_and(|it| it.global);
    let keeps_region = !is_global || info.kind.identity.region.is_some();
    let region = region.filter(|_| keeps_region).map(|it| work.text(&it));
    let origin = work.origin(None);
    let doc = work.encode(&item);
    let path = work.path();
    work.batch.scopes.insert((path, Arc::clone(&scope)));
    work.batch.counts.readings += 1;
    let identity = Identity { id, kind: Arc::clone(&info.id), scope };
    work.add_reading(identity, Reading { name, region, tags, also, doc, origin });
    1
}

fn aws_tags(item: &Json, info: &KindInfo<'_>) -> Tags {
    if let Some(path) = &info.kind.identity.tags {
        shape::tags(item, Some(path), "")
    } else {
        let key =
            ["Tags", "TagSet", "TagList", "tags"].into_iter().find(|it| item.get(*it).is_some());
        shape::tags(item, None, key.unwrap_or("Tags"))
    }
}

/// The region: of the folder, of the field that the kind names, of an ARN or a zone in the item.
fn region_of(item: &Json, place: &Place, info: &KindInfo<'_>) -> Option<String> {
    let named = info.kind.identity.region.as_ref().and_then(|path| path.find_text(item));
    named
        .or_else(|| place.region.clone())
        .or_else(|| region_in(item))
        .filter(|region| !region.is_empty())
}

fn region_in(item: &Json) -> Option<String> {
    let map = item.as_object()?;
    let arns = map.values().filter_map(Json::as_str).filter_map(Arn::parse);
    if let Some(arn) = arns.into_iter().find(|arn| !arn.region.is_empty()) {
        return Some(arn.region.to_owned());
    }
    let zone = shape::text_of(item, &["AvailabilityZone"])
        .or_else(|| shape::text_of(item.get("Placement")?, &["AvailabilityZone"]))?;
    Some(zone.trim_end_matches(|it: char| it.is_ascii_lowercase()).to_owned())
}

fn last_word(id: &str) -> &str {
    id.rsplit(['/', ':']).next().unwrap_or(id)
}

/// Reads another form of a kind; the number of resources found.
fn read_form(
    work: &mut Work<'_, '_>,
    place: &Place,
    (_, info): (u32, &KindInfo<'_>),
    form: &Form,
    json: &Json,
) -> u64 {
    let Some(path) = &form.items else { return 0 };
    let mut n_found = 0;
    for item in items(json, path) {
        // What a form keeps it knows, absent or not; all else is unread already.
        n_found += add(work, place, info, converted(item, form, info.kind), Whole::Detail);
    }
    n_found
}

/// The item in the canonical form: open, with the keys that the form can give, and with the values
/// that stand elsewhere put in their place.
pub(crate) fn converted(item: &Json, form: &Form, kind: &content::Kind) -> Json {
    let mut new = item.clone();
    if let (Json::Object(map), false) = (&mut new, form.keep.is_empty()) {
        map.retain(|key, _| form.keep.contains(key));
        for key in &form.keep {
            map.entry(key.clone()).or_insert(Json::Null);
        }
    }
    for (canonical, source) in &form.set {
        let Ok(canonical) = Path::parse(canonical) else { continue };
        let is_list = source.steps().contains(&Step::Each);
        let value = match source.find_all(item).as_slice() {
            [] if is_list && holds_list(item, source) => Json::Array(Vec::new()),
            [] => continue,
            all if is_list => all.iter().filter_map(|it| value_of(*it)).cloned().collect(),
            [first, ..] => match value_of(*first) {
                Some(value) => as_map(value, &canonical, kind),
                None => continue,
            },
        };
        tree::put(&mut new, &canonical, value);
    }
    doc::open_marker(&mut new);
    new
}

fn value_of(found: PathMatch<'_>) -> Option<&Json> {
    match found {
        PathMatch::Value(value) => Some(value),
        PathMatch::Key(_) => None,
    }
}

/// Whether the list that a path runs through is there, though it has no element.
fn holds_list(item: &Json, path: &Path) -> bool {
    let mut at = item;
    for step in path.steps() {
        match step {
            Step::Key(key) => match at.get(&**key) {
                Some(inner) => at = inner,
                None => return false,
            },
            Step::Each | Step::EachKey => return at.as_array().is_some_and(Vec::is_empty),
        }
    }
    false
}

/// A part that is a map by some field of its answers comes as a list in other forms.
fn as_map(value: &Json, canonical: &Path, kind: &content::Kind) -> Json {
    let details = kind.collect.iter().flat_map(|it| &it.details);
    let by =
        details.filter(|it| it.document_key() == canonical.text()).find_map(|it| it.by.as_deref());
    let (Some(by), Json::Array(items)) = (by, value) else { return value.clone() };
    let Ok(by) = Path::parse(by) else { return value.clone() };
    let entries = items.iter().filter_map(|item| Some((by.find_text(item)?, item.clone())));
    Json::Object(entries.collect())
}

/// Reads an answer about one resource, or a batch of such; the number of details found.
fn read_detail(
    work: &mut Work<'_, '_>,
    place: &Place,
    kind: u32,
    number: u32,
    answer: &Result<Json, String>,
) -> u64 {
    let (Some(detail), Some(info)) = (work.index.detail(kind, number), work.index.kind(kind))
    else {
        return 0;
    };
    let elements = match (answer, &detail.each) {
        (Ok(json), Some(path)) => items(json, path).into_iter().map(|it| Ok(it.clone())).collect(),
        (other, _) => vec![other.clone()],
    };
    let mut n_found = 0;
    for element in elements {
        let owner = match &element {
            Ok(json) => detail.owner.as_ref().and_then(|path| path.find_text(json)),
            Err(_) => None,
        };
        // The elements of a batch name their resources themselves.
        let is_batch = detail.each.is_some() && detail.owner.is_some();
        let argument = if is_batch { None } else { place.argument.clone() };
        if owner.is_none() && argument.is_none() {
            work.leave_out(format!(
                "which resource {}/{} is about cannot be known: name the file {}/{}/<{}>.json",
                place.service, place.operation, place.service, place.operation, detail.argument
            ));
            continue;
        }
        let spelled = match (&element, &argument) {
            (Ok(json), Some(argument)) if argument.contains('~') => spelled_out(json, argument),
            _ => None,
        };
        let named = owner.as_deref().or(spelled.as_deref()).or(argument.as_deref());
        let arn = match (&element, named) {
            (Ok(json), Some(name)) => arn_of(json, name, &place.service),
            _ => None,
        };
        let slot = match (&detail.by, &element) {
            (Some(by), Ok(json)) => {
                if let Some(entry) = Path::parse(by).ok().and_then(|path| path.find_text(json)) {
                    Slot::Entry(entry)
                } else {
                    work.leave_out(format!(
                        "an answer of {}/{} has no `{by}`",
                        place.service, place.operation
                    ));
                    continue;
                }
            }
            _ => Slot::Whole,
        };
        let content = content_of(work, place, info, detail, element);
        let Some(key) = info.detail_keys.get(number as usize).copied() else { continue };
        let reading = DetailReading {
            account: work.text(&place.account),
            region: place.region.as_deref().map(|it| work.text(it)),
            kind,
            detail: number,
            argument,
            owner,
            spelled,
            arn,
            part: PartReading { key, slot, content, origin: work.origin(None) },
            page: place.page,
        };
        work.batch.details.push(reading);
        n_found += 1;
    }
    work.batch.counts.parts += n_found;
    n_found
}

fn content_of(
    work: &mut Work<'_, '_>,
    place: &Place,
    info: &KindInfo<'_>,
    detail: &content::Detail,
    element: Result<Json, String>,
) -> PartContent {
    match element {
        Ok(json) => {
            // Paths of the kind begin at the document, where the answer stands under its key.
            let key = detail.document_key();
            let mut wrapped = match &detail.by {
                Some(_) => serde_json::json!({ &key: { "-": json } }),
                None => serde_json::json!({ &key: json }),
            };
            info.fold(&mut wrapped);
            shape::refine(&mut wrapped, Some(info), Whole::Detail);
            let mut inner = wrapped.get_mut(&key).map(Json::take).unwrap_or_default();
            if detail.by.is_some() {
                inner = inner.get_mut("-").map(Json::take).unwrap_or_default();
            }
            PartContent::Value(work.encode(&inner))
        }
        Err(code) if is_absent(&detail.absent, &code) => {
            PartContent::Value(work.encode(&Json::Null))
        }
        Err(code) => {
            let scope = format!("aws:{}", place.account);
            let what = format!("{}:{}", place.service, place.operation);
            PartContent::Refused(work.gap(&scope, &what, &code))
        }
    }
}

/// The text in an answer that looks like `argument` in a file name.
fn spelled_out(json: &Json, argument: &str) -> Option<String> {
    match json {
        Json::String(text) => (as_file_name(text) == argument).then(|| text.clone()),
        Json::Array(items) => items.iter().find_map(|it| spelled_out(it, argument)),
        Json::Object(map) => map.values().find_map(|it| spelled_out(it, argument)),
        _ => None,
    }
}

/// The ARN in an answer that ends with a name: the resource's own.
fn arn_of(json: &Json, name: &str, service: &str) -> Option<String> {
    match json {
        Json::String(text) => {
            let arn = Arn::parse(text)?;
            let ends = arn.resource.strip_suffix(name)?;
            (arn.service == service && (ends.is_empty() || ends.ends_with(['/', ':'])))
                .then(|| text.clone())
        }
        Json::Array(items) => items.iter().find_map(|it| arn_of(it, name, service)),
        Json::Object(map) => map.values().find_map(|it| arn_of(it, name, service)),
        _ => None,
    }
}

/// Generic nodes for what carries an ARN in an answer that no kind reads.
fn read_generic(work: &mut Work<'_, '_>, place: &Place, json: &Json) {
    let mut n_items = 0;
    let mut n_nodes = 0;
    let empty = serde_json::Map::new();
    for (key, value) in json.as_object().unwrap_or(&empty) {
        let items: Vec<&Json> = match value {
            Json::Array(items) => items.iter().collect(),
            Json::Object(_) => vec![value],
            _ => continue,
        };
        for item in items {
            n_items += 1;
            if let Some(arn) = own_arn(item, key, &place.service) {
                n_nodes += 1;
                add_generic(work, place, item, &arn);
            }
        }
    }
    let n_left = if n_items == 0 { 1 } else { n_items - n_nodes };
    work.batch.counts.items += (n_nodes + n_left) - 1;
    if n_left > 0 {
        let reason = format!("no kind reads {}/{}", place.service, place.operation);
        work.leave_out_many(reason, n_left);
    }
}

/// The ARN of the item itself: `Arn`, or `<thing>Arn` in a list of things, of the same service.
fn own_arn(item: &Json, list: &str, service: &str) -> Option<String> {
    if let Some(arn) = shape::text_of(item, &["Arn", "arn", "ARN"]) {
        return Arn::parse(arn).map(|_| arn.to_owned());
    }
    let thing = list.to_ascii_lowercase();
    let thing = thing.trim_end_matches("list").trim_end_matches('s');
    let mut found = item.as_object()?.iter().filter_map(|(key, value)| {
        let lower = key.to_ascii_lowercase();
        let stem = lower.strip_suffix("arn")?;
        let arn = value.as_str()?;
        let parsed = Arn::parse(arn)?;
        let fits = !stem.is_empty() && (thing.ends_with(stem) || stem.ends_with(thing));
        (fits || parsed.service == service).then_some((fits, arn))
    });
    let first = found.next()?;
    let rest: Vec<(bool, &str)> = found.collect();
    let best = std::iter::once(&first).chain(&rest).find(|(fits, _)| *fits);
    match (best, rest.is_empty()) {
        (Some((_, arn)), _) => Some((*arn).to_owned()),
        (None, true) => Some(first.1.to_owned()),
        (None, false) => None,
    }
}

fn add_generic(work: &mut Work<'_, '_>, place: &Place, item: &Json, id: &str) {
    let Some(arn) = Arn::parse(id) else { return };
    let mut json = item.clone();
    shape::refine(&mut json, None, Whole::ListItem);
    let name = shape::text_of(item, &["Name", "name"]).unwrap_or_else(|| last_word(id)).to_owned();
    let key = ["Tags", "tags", "TagList"].into_iter().find(|it| item.get(*it).is_some());
    let tags = shape::tags(item, None, key.unwrap_or("Tags"));
    let region = Some(arn.region).filter(|it| !it.is_empty()).or(place.region.as_deref());
    let region = region.map(|it| work.text(it));
    let identity = Identity {
        id: id.to_owned(),
        kind: work.text(&arn.native()),
        scope: work.text(&format!("aws:{}", place.account)),
    };
    let origin = work.origin(None);
    // What else describes it is not known, so what is not here is unread.
    doc::open_marker(&mut json);
    let doc = work.encode(&json);
    work.batch.counts.readings += 1;
    work.add_reading(identity, Reading { name, region, tags, also: Vec::new(), doc, origin });
}
