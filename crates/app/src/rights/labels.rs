//! The decisions that others labelled: accounts of public labs, each decision computed by a
//! simulator that is not ours.

use std::path::{Path, PathBuf};

use access::{Access, Actor, Answer, Given, Plus, Request};
use serde_json::Value as Json;

use crate::estate::{self, ImportOptions};
use crate::library;
use crate::progress::Progress;

/// Labels that do not hold, with the reason. Their simulator knows neither tags nor whose a resource is.
const NOT_SO: &[(&str, &str, &str)] = &[
    // The instance has the very tag that the condition excludes, until somebody takes it away.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
    ("cg-iam-privesc-by-ec2", "ec2:StopInstances", "instance/"),
    ("cg-iam-privesc-by-ec2", "ec2:ModifyInstanceAttribute", "instance/"),
    ("cg-iam-privesc-by-ec2", "ec2:StartInstances", "instance/"),
    // A policy of another account: nothing of IAM but a role's trust can be opened to other accounts.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    (ACROSS, "iam:CreateLoginProfile", "arn:aws:iam::111111111111:policy/"),
    (ACROSS, "iam:UpdateLoginProfile", "arn:aws:iam::111111111111:policy/"),
];
const ACROSS: &str = "pl-cross-account-dev-to-prod-multi-hop-multi-hop-both-sides";

const NOW: &str = "2026-11-21T12:00:00Z";

/// The scenarios of `iam-paths`; none, where the data are not there.
#[expect(clippy::disallowed_methods, reason = "the environment says where the data are")]
pub(crate) fn scenarios() -> Vec<(PathBuf, Json)> {
    let root = PathBuf::from(std::env::var("MERLON_TEST_DATA").unwrap_or_default());
    let Ok(folders) = std::fs::read_dir(root.join("iam-paths")) else { return Vec::new() };
    let mut found: Vec<(PathBuf, Json)> = folders
        .filter_map(|it| {
            let path = it.unwrap().path();
            let text = std::fs::read(path.join("scenario.json")).ok()?;
            Some((path, serde_json::from_slice(&text).unwrap()))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// What reading needs of the content.
fn kinds_and_facts() -> content::Library {
    let mut files = library::files_over_built_in(&[]).unwrap();
    files.retain(|it| it.path.starts_with("kinds/") || it.path.starts_with("facts/"));
    content::Library::build(&files, false).0
}

fn read(library: &content::Library, folder: &Path) -> Access {
    let options = ImportOptions {
        paths: vec![folder.to_owned()],
        sent: None,
        format: None,
        is_complete: false,
    };
    let progress = Progress::new(true);
    let loaded = estate::load(library, &options, NOW, &progress);
    paths::access(&loaded.graph, library, NOW.parse().unwrap()).unwrap()
}

fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json.get(name).and_then(Json::as_str).unwrap_or_default()
}

#[test]
fn decisions_of_others_agree() {
    let library = kinds_and_facts();
    let (mut wrong, mut n_decisions) = (Vec::new(), 0);
    for (folder, scenario) in scenarios() {
        let access = read(&library, &folder);
        for side in ["allows", "denies"] {
            for label in scenario.get(side).and_then(Json::as_array).into_iter().flatten() {
                n_decisions += 1;
                let context: Vec<(&str, &str)> = label
                    .get("context")
                    .and_then(Json::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
                    .collect();
                let request = Request {
                    actor: Actor { id: text(label, "principal"), plus: Plus::Nothing },
                    action: text(label, "action"),
                    on: text(label, "resource"),
                    context: &context,
                    given: Given::AsRead,
                };
                let decision = access.decide(&request);
                assert_eq!(decision.answer, access.answer(&request));
                let is_allowed = label.get("allowed") == Some(&Json::Bool(true));
                let want = if is_allowed { Answer::Allowed } else { Answer::Denied };
                let is_known = NOT_SO.iter().any(|(id, action, on)| {
                    (*id, *action) == (text(&scenario, "id"), request.action)
                        && request.on.contains(on)
                });
                if is_known {
                    assert_eq!(decision.answer, Answer::Denied, "{label}");
                } else if decision.answer != want {
                    wrong.push(format!("{}: {label}: {decision:#?}", text(&scenario, "id")));
                }
                let is_own = |it: &access::Reason| {
                    it.effect == access::Effect::Allows && it.resource.contains(":policy/")
                };
                if decision.reasons.iter().any(is_own) {
                    assert!(access.may_grant(request.actor, request.action), "{label}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {n_decisions}: {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn administrators_are_whom_others_call_so() {
    let library = kinds_and_facts();
    let mut wrong = Vec::new();
    for (folder, scenario) in scenarios() {
        if text(&scenario, "category") != "effective-permissions" {
            continue;
        }
        let access = read(&library, &folder);
        let is_administrator = text(&scenario, "expected") == "path";
        for start in scenario.get("start").and_then(Json::as_array).into_iter().flatten() {
            let actor = Actor { id: start.as_str().unwrap_or_default(), plus: Plus::Nothing };
            let decision = access.administrator(actor);
            let want = if is_administrator { Answer::Allowed } else { Answer::Denied };
            if decision.answer != want {
                wrong.push(format!("{}: {decision:?}", text(&scenario, "id")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
