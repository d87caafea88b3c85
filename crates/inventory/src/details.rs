//! Finds the resource that each detail answer of AWS is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::Problems;
use hashbrown::HashMap;
use model::{Doc, Keys, Path, doc};
use serde_json::json;

use crate::assemble::Entries;
use crate::aws_place::{Arn, as_file_name, page_of, partition};
use crate::batch::{Counts, DetailReading, Identity, Reading, Slot};
use crate::index::Index;
use crate::template::Variables;
use crate::view_path::ViewPath;

/// Resources by (kind, argument, account, value as in a file name): their numbers.
type Names = HashMap<(u32, String, Arc<str>, String), Vec<usize>>;

/// The arguments of a kind's details: number of the kind, and the path of the argument.
type Arguments<'a> = BTreeMap<&'a str, (u32, Option<ViewPath>)>;

/// Adds each detail to its resource; a resource that no list named is made, open.
pub(crate) fn attach(
    entries: &mut Entries,
    mut details: Vec<DetailReading>,
    index: &Index<'_>,
    keys: &Keys,
    (problems, counts): (&mut Problems, &mut Counts),
) {
    details.sort_by(|a, b| a.part.origin.cmp(&b.part.origin));
    let names = names(entries, &details, index, keys);
    let mut fitted = BTreeSet::new();
    let mut homeless = Vec::new();
    for mut detail in details {
        let (found, is_page) = owners(&detail, &names, index, entries);
        if is_page && detail.page > 1 && detail.part.slot == Slot::Whole {
            detail.part.slot = Slot::Page(detail.page);
        }
        match found.as_slice() {
            [one] => {
                fitted.insert(answer(&detail));
                let owner = entries.all.get(*one).map(|it| it.identity.clone());
                if let Some(entry) = owner.and_then(|it| entries.entry(it)) {
                    entry.parts.push(detail.part);
                }
            }
            several => homeless.push((detail, several.is_empty())),
        }
    }
    for (detail, is_unlisted) in homeless {
        if fitted.contains(&answer(&detail)) {
            // The answer was about a resource of another kind that has the same detail.
            counts.parts = counts.parts.saturating_sub(1);
            counts.items = counts.items.saturating_sub(1);
            continue;
        }
        let owner = if is_unlisted { made_owner(entries, &detail, index, keys) } else { None };
        let Some(owner) = owner else {
            let operation = index.detail(detail.kind, detail.detail).map_or("", |it| &it.operation);
            let reason = format!("no resource, or more than one, fits this answer of {operation}");
            problems.add(&detail.part.origin.path, reason);
            counts.parts = counts.parts.saturating_sub(1);
            counts.left_out += 1;
            continue;
        };
        fitted.insert(answer(&detail));
        if let Some(entry) = entries.entry(owner) {
            entry.parts.push(detail.part);
        }
    }
}

/// What tells one answer from another, whatever kind it is read for.
fn answer(detail: &DetailReading) -> (Arc<str>, Option<String>, Option<String>) {
    (Arc::clone(&detail.part.origin.path), detail.owner.clone(), detail.argument.clone())
}

/// The values of the arguments of all resources that details are waiting for.
fn names(entries: &Entries, details: &[DetailReading], index: &Index<'_>, keys: &Keys) -> Names {
    let mut wanted: BTreeMap<Arc<str>, Arguments<'_>> = BTreeMap::new();
    for detail in details {
        let (Some(info), Some(declared)) =
            (index.kind(detail.kind), index.detail(detail.kind, detail.detail))
        else {
            continue;
        };
        let path = Path::parse(&declared.argument).ok().map(|it| ViewPath::new(&it, keys));
        let of_kind = wanted.entry(Arc::clone(&info.id)).or_default();
        of_kind.insert(&declared.argument, (detail.kind, path));
    }
    let mut names = Names::new();
    for (number, entry) in entries.all.iter().enumerate() {
        let Some(arguments) = wanted.get(&entry.identity.kind) else { continue };
        let account: Arc<str> = entry.identity.scope.as_ref().into();
        for (argument, (kind, path)) in arguments {
            let mut values: Vec<String> = Vec::new();
            for reading in &entry.readings {
                values.extend(path.iter().filter_map(|it| it.text(reading.doc.view(), keys)));
                values.extend(reading.also.iter().map(|(_, value)| value.clone()));
            }
            values.push(entry.identity.id.clone());
            let mut values: Vec<String> = values.iter().map(|it| as_file_name(it)).collect();
            values.sort();
            values.dedup();
            for value in values {
                let key = (*kind, (*argument).to_owned(), Arc::clone(&account), value);
                names.entry(key).or_default().push(number);
            }
        }
    }
    names
}

/// The resources that a detail may be about, and whether that was seen only without the page number
/// at the end of its name.
fn owners(
    detail: &DetailReading,
    names: &Names,
    index: &Index<'_>,
    entries: &Entries,
) -> (Vec<usize>, bool) {
    let Some(declared) = index.detail(detail.kind, detail.detail) else {
        return (Vec::new(), false);
    };
    let scope: Arc<str> = format!("aws:{}", detail.account).into();
    let find = |value: &str| {
        let key = (detail.kind, declared.argument.clone(), Arc::clone(&scope), as_file_name(value));
        let mut found = names.get(&key).cloned().unwrap_or_default();
        if found.len() > 1 && detail.region.is_some() {
            found.retain(|it| region_of(entries, *it) == detail.region.as_deref());
        }
        found
    };
    let argument = detail.argument.as_deref().unwrap_or_default();
    let by_owner = detail.owner.as_deref().map(find).unwrap_or_default();
    let by_argument = find(argument);
    let by_stem = find(page_of(argument).0);
    // With `by` the file name holds more than the resource.
    let order = if declared.by.is_some() {
        [(by_owner, false), (by_argument, false), (by_stem, true)]
    } else {
        [(by_argument, false), (by_stem, true), (by_owner, false)]
    };
    let found = order.into_iter().find(|(found, _)| !found.is_empty());
    found.unwrap_or_default()
}

fn region_of(entries: &Entries, number: usize) -> Option<&str> {
    let entry = entries.all.get(number)?;
    entry.readings.iter().find_map(|it| it.region.as_deref())
}

/// A resource that only a detail names: open, with nothing but the argument.
fn made_owner(
    entries: &mut Entries,
    detail: &DetailReading,
    index: &Index<'_>,
    keys: &Keys,
) -> Option<Identity> {
    let info = index.kind(detail.kind)?;
    let declared = index.detail(detail.kind, detail.detail)?;
    let plain = detail.argument.as_deref().filter(|it| !it.contains('~'));
    let value = match declared.by {
        Some(_) => detail.owner.as_deref(),
        None => detail.spelled.as_deref().or(plain).or(detail.owner.as_deref()),
    }?;
    let arn = Arn::parse(value);
    let region = detail.region.as_deref().or(arn.map(|it| it.region)).unwrap_or_default();
    let variables = Variables {
        account: &detail.account,
        region,
        partition: arn.map_or_else(|| partition(region), |it| it.partition),
        argument: value,
    };
    let mut item = json!({ &declared.argument: value });
    let template = info.template.as_ref();
    let id = match template.map(|it| it.fill(&item, variables)) {
        Some(Ok(id)) => id,
        Some(Err(_)) | None if arn.is_some() => value.to_owned(),
        // A template that is nothing but an ARN of the API's own: the answer has it.
        Some(Err(_)) if template.is_some_and(|it| it.paths().count() == 1) => detail.arn.clone()?,
        _ => return None,
    };
    doc::open_marker(&mut item);
    let is_global = info.kind.collect.as_ref().is_some_and(|it| it.global);
    let reading = Reading {
        name: crate::shape::name(&item, Some(info)).unwrap_or_else(|| value.to_owned()),
        region: Some(region).filter(|it| !it.is_empty() && !is_global).map(Into::into),
        tags: model::Tags::default(),
        also: crate::shape::also(&item, Some(info)),
        doc: Doc::build(&item, keys),
        origin: detail.part.origin.clone(),
    };
    let identity = Identity {
        id,
        kind: Arc::clone(&info.id),
        scope: format!("aws:{}", detail.account).into(),
    };
    entries.add(identity.clone(), reading, true);
    Some(identity)
}
