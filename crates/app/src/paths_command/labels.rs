//! Scenarios that others labelled: is there a way from here to there, and is none found where something
//! stops it.

use std::path::Path;

use paths::report::answer;
use paths::{Insight, ask};
use serde_json::Value as Json;

use crate::estate::{self, ImportOptions};
use crate::library;
use crate::progress::Progress;
use crate::rights::labels::scenarios;

const NOW: &str = "2026-11-21T12:00:00Z";

/// Ways that are there and not found, with the reason.
const NOT_FOUND: &[(&str, &str)] =
    &[("cg-iam-privesc-by-ec2", "a tag is taken away first, which a condition excludes")];

fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn list<'j>(json: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> {
    json.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// What is found: `path` from each of the starts, `unknown` where it depends on what no document says.
fn found(library: &content::Library, folder: &Path, scenario: &Json) -> &'static str {
    let options = ImportOptions {
        paths: vec![folder.to_owned()],
        sent: None,
        format: None,
        is_complete: false,
    };
    let loaded = estate::load(library, &options, NOW, &Progress::new(true));
    let insight = Insight::of(&loaded.graph, library, NOW.parse().unwrap(), None).unwrap();
    let problems = &insight.attack.problems;
    assert!(problems.is_empty(), "{problems:?}");
    let from: Vec<String> = list(scenario, "start").map(|it| it.as_str().unwrap().into()).collect();
    let to: Vec<String> =
        list(scenario, "targets")
            .map(|it| {
                if text(it, "arn") == "account-admin" {
                    text(it, "account")
                } else {
                    text(it, "arn")
                }
            })
            .map(str::to_owned)
            .collect();
    let asked = ask(&insight.graph, &insight.attack, &from, &to);
    let answered = answer(&insight.attack, &asked.question);
    let starts: std::collections::BTreeSet<u32> =
        answered.ways.proven.iter().map(|it| it.entry).collect();
    let is_stopped = text(scenario, "expected") == "no-path";
    if starts.len() == from.len() || (is_stopped && !starts.is_empty()) {
        // What cuts the plan's facts leaves nothing.
        assert!(answered.plan.left.is_empty() || !answered.plan.fixes.is_empty());
        return "path";
    }
    if answered.ways.unproven.is_empty() { "no-path" } else { "unknown" }
}

#[test]
fn planted_paths_are_found_and_none_where_something_stops_them() {
    let mut files = library::files_over_built_in(&[]).unwrap();
    files.retain(|it| {
        ["kinds/", "facts/", "steps/"].iter().any(|folder| it.path.starts_with(folder))
    });
    let (library, _) = content::Library::build(&files, false);
    let mut wrong = Vec::new();
    for (folder, scenario) in scenarios() {
        let (id, expected) = (text(&scenario, "id"), text(&scenario, "expected"));
        // Those ask whether somebody is an administrator; some ways need what no document shows.
        let is_asked = text(&scenario, "category") != "effective-permissions"
            && (expected != "path" || text(&scenario, "findable") != "partly")
            && !NOT_FOUND.iter().any(|it| it.0 == id);
        if !is_asked {
            continue;
        }
        let got = found(&library, &folder, &scenario);
        let is_accepted = list(&scenario, "also_accept").any(|it| it.as_str() == Some(got));
        if got != expected && !is_accepted {
            wrong.push(format!("{id}: {got} in place of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
