//! Runs the cases of a kind: files as a cloud would give them, and what they must become.

use content::Library;
use content::case::{KindCase, WantedResource};
use model::{Keys, Resource, Tags};
use serde_json::Value as Json;

use crate::assemble::Assembler;
use crate::reader::Reader;
use crate::rules::CONTAINS;
use crate::snapshot::Snapshot;
use crate::source::SourceFile;

/// What is wrong with a case: nothing, or one sentence for each difference.
pub fn check_kind_case(library: &Library, case: &KindCase) -> Vec<String> {
    KindCases::new(library).check(case)
}

/// Runs many cases: the kinds are prepared once.
#[derive(Debug)]
pub struct KindCases<'l> {
    keys: Keys,
    reader: Reader<'l>,
}

impl<'l> KindCases<'l> {
    /// For the cases of the kinds in `library`.
    pub fn new(library: &'l Library) -> Self {
        let keys = Keys::default();
        let reader = Reader::new(library, &keys);
        Self { keys, reader }
    }

    /// What is wrong with a case: nothing, or one sentence for each difference.
    pub fn check(&self, case: &KindCase) -> Vec<String> {
        check(&self.reader, &self.keys, case)
    }
}

fn check(reader: &Reader<'_>, keys: &Keys, case: &KindCase) -> Vec<String> {
    let snapshot = import(reader, case);
    let mut wrong = Vec::new();
    for want in &case.want.resources {
        if let Some(found) = snapshot.resources.iter().find(|it| it.id == want.id) {
            wrong.extend(differences(found, want, keys));
        } else {
            let ids: Vec<&str> = snapshot.resources.iter().map(|it| it.id.as_str()).collect();
            let near = base::nearest(&want.id, ids.iter().copied());
            wrong.push(format!(
                "there is no resource `{}`; there are {}",
                want.id,
                near.map_or_else(|| shown(&ids), |it| format!("`{it}` and others"))
            ));
        }
    }
    if let Some(want) = &case.want.edges {
        wrong.extend(edge_differences(&snapshot, &case.want.resources, want));
    }
    for want in &case.want.problems {
        if !snapshot.problems.iter().any(|it| it.reason.contains(want)) {
            wrong.push(format!("no problem says `{want}`"));
        }
    }
    for problem in &snapshot.problems {
        if !case.want.problems.iter().any(|want| problem.reason.contains(want)) {
            wrong.push(format!("unexpected problem in {}: {}", problem.file, problem.reason));
        }
    }
    wrong.into_iter().map(|it| format!("{}: {it}", case.name)).collect()
}

fn import(reader: &Reader<'_>, case: &KindCase) -> Snapshot {
    let mut assembler = Assembler::new(reader);
    for (name, content) in &case.files {
        let text = match content {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        assembler.absorb(reader.parse(&SourceFile::whole(name, name, text.as_bytes())));
    }
    assembler.finish()
}

fn differences(found: &Resource, want: &WantedResource, keys: &Keys) -> Vec<String> {
    let region = found.region.as_deref().unwrap_or_default();
    let facts = [
        ("kind", &*found.kind, Some(&want.kind)),
        ("name", &found.name, want.name.as_ref()),
        ("scope", &found.scope, want.scope.as_ref()),
        ("region", region, want.region.as_ref()),
    ];
    let mut wrong = Vec::new();
    for (what, found_text, wanted) in facts {
        if let Some(wanted) = wanted.filter(|it| *it != found_text) {
            let id = &found.id;
            wrong.push(format!("`{id}` has the {what} `{found_text}`, wanted is `{wanted}`"));
        }
    }
    if let Some(tags) = &want.tags {
        let wanted: Tags = tags.iter().collect();
        if wanted != found.tags {
            wrong.push(format!("`{}` has the tags {:?}", found.id, found.tags));
        }
    }
    if let Some(document) = &want.document {
        let own = found.doc.view().to_json(keys);
        subset(document, &own, &mut String::new(), &mut wrong);
    }
    wrong
}

/// Whether everything in `want` is in `found`; a list may be longer than the wanted one.
fn subset(want: &Json, found: &Json, at: &mut String, wrong: &mut Vec<String>) {
    match (want, found) {
        (Json::Object(want), Json::Object(own)) => {
            for (key, value) in want {
                let length = at.len();
                if length > 0 {
                    at.push('.');
                }
                at.push_str(key);
                subset(value, own.get(key).unwrap_or(&Json::Null), at, wrong);
                at.truncate(length);
            }
        }
        (Json::Array(want), Json::Array(own))
            if want.len() <= own.len() && want.is_empty() == own.is_empty() =>
        {
            for (i, (want, own)) in want.iter().zip(own).enumerate() {
                let length = at.len();
                at.push('[');
                at.push_str(&i.to_string());
                at.push(']');
                subset(want, own, at, wrong);
                at.truncate(length);
            }
        }
        _ if want == found => {}
        _ => wrong.push(format!("the document has {found} at `{at}`, wanted is {want}")),
    }
}

fn edge_differences(
    snapshot: &Snapshot,
    resources: &[WantedResource],
    want: &[(String, String, String)],
) -> Vec<String> {
    let id = |number: u32| snapshot.resources.get(number as usize).map_or("", |it| &*it.id);
    let is_wanted = |it: &str| resources.iter().any(|want| want.id == it);
    let mut found = Vec::new();
    for edge in &snapshot.edges {
        let (from, to) = (id(edge.from), id(edge.to));
        let name = snapshot.edge_types.get(edge.edge_type as usize).map_or("", |it| it);
        if name != CONTAINS && (is_wanted(from) || is_wanted(to)) {
            found.push((from, name, to));
        }
    }
    let mut wrong = Vec::new();
    for (from, name, to) in want {
        if !found.contains(&(from, name, to)) {
            wrong.push(format!("there is no edge `{from}` {name} `{to}`"));
        }
    }
    for (from, name, to) in found {
        let is_known = want.iter().any(|it| (&*it.0, &*it.1, &*it.2) == (from, name, to));
        if !is_known {
            wrong.push(format!("unexpected edge `{from}` {name} `{to}`"));
        }
    }
    wrong
}

fn shown(ids: &[&str]) -> String {
    let some: Vec<&str> = ids.iter().take(5).copied().collect();
    if some.is_empty() { "none".to_owned() } else { format!("`{}`", some.join("`, `")) }
}
