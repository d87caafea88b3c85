//! Small estates with one planted path each, and the same with something that stops it: the path is found,
//! and nothing is left where it cannot be gone.

use std::path::Path;

use paths::report::answer;
use paths::{Insight, ask};
use serde_json::Value as Json;
use testkit::Folder;

use crate::estate::{self, ImportOptions};
use crate::library;
use crate::progress::Progress;

const NOW: &str = "2026-11-21T12:00:00Z";

fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn entries<'j>(json: &'j Json, name: &str) -> impl Iterator<Item = (&'j String, &'j Json)> {
    json.get(name).and_then(Json::as_object).into_iter().flatten()
}

/// The files of an estate; with a variant, as that changes them: `files` are put beside, `set` replaces what a
/// JSON pointer names (`-` at its end adds to a list), `gone` are left out.
pub(super) fn files(estate: &Json, variant: Option<&Json>) -> serde_json::Map<String, Json> {
    let mut files = estate.get("files").unwrap().as_object().unwrap().clone();
    let Some(variant) = variant else { return files };
    files.extend(entries(variant, "files").map(|(path, it)| (path.clone(), it.clone())));
    for (path, changes) in entries(variant, "set") {
        let document = files.get_mut(path).unwrap();
        for (pointer, value) in changes.as_object().unwrap() {
            let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
            match document.pointer_mut(parent).unwrap() {
                Json::Array(list) if last == "-" => list.push(value.clone()),
                Json::Object(fields) => {
                    let name = last.replace("~1", "/").replace("~0", "~");
                    fields.insert(name, value.clone());
                }
                _ => *document.pointer_mut(pointer).unwrap() = value.clone(),
            }
        }
    }
    for path in variant.get("gone").and_then(Json::as_array).into_iter().flatten() {
        files.remove(path.as_str().unwrap());
    }
    files
}

/// Writes them as tools would have: a document a file, or one a line.
pub(super) fn write(files: &serde_json::Map<String, Json>, folder: &Path) {
    for (path, document) in files {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let is_lines = file.extension().is_some_and(|it| it == "ndjson");
        let lines = document.as_array().filter(|_| is_lines);
        let text = lines.map_or_else(
            || document.to_string(),
            |lines| lines.iter().map(ToString::to_string).collect::<Vec<String>>().join("\n"),
        );
        std::fs::write(file, text).unwrap();
    }
}

/// `path`, `unproven` or `none` from where the estate says to where it says.
fn found(library: &content::Library, folder: &Path, from: &str, to: &str) -> String {
    let options = ImportOptions {
        paths: vec![folder.to_owned()],
        sent: None,
        format: None,
        is_complete: true,
    };
    let loaded = estate::load(library, &options, NOW, &Progress::new(true));
    let insight = Insight::of(&loaded.graph, library, NOW.parse().unwrap(), None).unwrap();
    let asked = ask(&insight.graph, &insight.attack, &[from.to_owned()], &[to.to_owned()]);
    if !asked.missing.is_empty() {
        return asked.missing.join("; ");
    }
    let answered = answer(&insight.attack, &asked.question);
    if !answered.ways.proven.is_empty() {
        // What cuts the plan's facts leaves nothing.
        assert!(answered.plan.left.is_empty() || !answered.plan.fixes.is_empty());
        return "path".to_owned();
    }
    if answered.ways.unproven.is_empty() { "none" } else { "unproven" }.to_owned()
}

#[test]
fn a_planted_path_is_found_and_ends_where_something_stops_it() {
    let mut files_of_content = library::files_over_built_in(&[]).unwrap();
    files_of_content.retain(|it| {
        ["kinds/", "facts/", "steps/"].iter().any(|folder| it.path.starts_with(folder))
    });
    let (library, _) = content::Library::build(&files_of_content, false);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estates");
    let mut wrong = Vec::new();
    let mut n_asked = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let estate: Json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let variants = estate.get("variants").and_then(Json::as_array).into_iter().flatten();
        for variant in std::iter::once(None).chain(variants.map(Some)) {
            let home = Folder::new().unwrap();
            write(&files(&estate, variant), home.path());
            let own = |name: &str| variant.map_or("", |it| text(it, name)).to_owned();
            let or_base = |name: &str| {
                Some(own(name))
                    .filter(|it| !it.is_empty())
                    .unwrap_or_else(|| text(&estate, name).to_owned())
            };
            let got = found(&library, home.path(), &or_base("from"), &or_base("to"));
            n_asked += 1;
            if got != or_base("found") {
                let about = variant.map_or("as planted", |it| text(it, "about"));
                wrong.push(format!("{}: {about}: {got}", path.display()));
            }
        }
    }
    assert!(n_asked > 60, "{n_asked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
