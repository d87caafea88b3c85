//! Access in exports that real services wrote: no question is too odd, and some answers are known.

use std::path::PathBuf;

use access::{Access, Actor, Answer, Given, Plus, Request};

use crate::estate::{self, ImportOptions};
use crate::library;
use crate::progress::Progress;

const NOW: &str = "2026-11-21T12:00:00Z";

/// Access in the exports of a cloud; `None` where the data are not there.
#[expect(clippy::disallowed_methods, reason = "the environment says where the data are")]
fn read(cloud: &str) -> Option<Access> {
    let folder = PathBuf::from(std::env::var("MERLON_TEST_DATA").ok()?).join("exports").join(cloud);
    if !folder.is_dir() {
        return None;
    }
    let mut files = library::files_over_built_in(&[]).unwrap();
    files.retain(|it| it.path.starts_with("kinds/") || it.path.starts_with("facts/"));
    let library = content::Library::build(&files, false).0;
    let options =
        ImportOptions { paths: vec![folder], sent: None, format: None, is_complete: false };
    let estate = estate::load(&library, &options, NOW, &Progress::new(true));
    let now = NOW.parse().unwrap();
    Some(paths::access(&estate.graph, &library, now).unwrap())
}

fn answer(access: &Access, id: &str, action: &str, on: &str) -> Answer {
    let actor = Actor { id, plus: Plus::Nothing };
    let request = Request { actor, action, on, context: &[], given: Given::AsRead };
    let decision = access.decide(&request);
    assert_eq!(decision.answer, access.answer(&request), "{id} {action} {on}");
    if decision.answer == Answer::Allowed {
        assert!(!decision.reasons.is_empty(), "{id} {action} {on} says why");
        assert!(access.may_grant(actor, action), "{id} {action}");
    }
    decision.answer
}

/// Asks every identity for every action on every place: nothing panics, and reasons come with answers.
fn ask_all(access: &Access, actions: &[&str], places: &[&str]) -> usize {
    let identities: Vec<&str> = access.identities().collect();
    for id in identities.iter().take(400) {
        for (action, on) in actions.iter().flat_map(|it| places.iter().map(move |on| (it, on))) {
            answer(access, id, action, on);
        }
        access.administrator(Actor { id, plus: Plus::Nothing });
    }
    identities.len()
}

#[test]
fn recorded_exports_of_azure() {
    let Some(access) = read("azure") else { return };
    let sub = "/subscriptions/12a4030c-0290-5128-8e07-23344caa3e80";
    let actions = [
        "*",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    ];
    assert!(ask_all(&access, &actions, &[sub, "/", "*", "", "/subscriptions/*/x"]) > 50);
    // owner by an assignment at the subscription; its user was not exported
    let owner = "azure:principalId:7356410b-8876-4ccf-adac-2141695e2404";
    let write = "Microsoft.Authorization/roleAssignments/write";
    assert_eq!(answer(&access, owner, write, &format!("{sub}/resourcegroups/x")), Answer::Allowed);
    let owners = access.who_can(write, sub, &[]);
    assert!(owners.iter().any(|(id, it)| id == owner && it.answer == Answer::Allowed));
    // user access administrators at the root may give roles everywhere, and read nothing else
    let root = "azure:principalId:97233d81-8d2d-4e63-8bd2-ae5707805489";
    assert_eq!(answer(&access, root, write, "/subscriptions/any"), Answer::Allowed);
    let run = "Microsoft.Compute/virtualMachines/runCommand/action";
    assert_ne!(answer(&access, root, run, "/subscriptions/any"), Answer::Allowed);
}

#[test]
fn recorded_exports_of_google() {
    let Some(access) = read("gcp") else { return };
    let project = "//cloudresourcemanager.googleapis.com/projects/12345";
    let actions = ["*", "storage.objects.get", "iam.serviceAccounts.getAccessToken"];
    ask_all(&access, &actions, &[project, "*", "", "//storage.googleapis.com/*"]);
    let set = "resourcemanager.projects.setIamPolicy";
    let owners = access.who_can(set, project, &[]);
    let ids: Vec<&str> = owners.iter().map(|(id, _)| id.as_str()).collect();
    assert!(!ids.contains(&"*"), "nobody without a sign-in owns it: {ids:?}");
}

#[test]
fn recorded_exports_of_kubernetes() {
    let Some(access) = read("k8s") else { return };
    let first = access.identities().next().map(str::to_owned);
    let cluster = first.as_deref().and_then(|it| it.split_once("//")).unwrap().0.to_owned();
    let actions = ["* *", "get secrets", "create pods/exec", "get /metrics", "nonsense"];
    let namespace = format!("{cluster}//namespace//kube-system");
    assert!(ask_all(&access, &actions, &[&cluster, &namespace, "*", ""]) > 20);
    let masters = format!("{cluster}//group//system:masters");
    assert_eq!(answer(&access, &masters, "* *", &cluster), Answer::Allowed);
    assert_eq!(answer(&access, "*", "get secrets", &cluster), Answer::Denied);
    let can = access.who_can("* *", &cluster, &[]);
    assert!(can.iter().any(|(id, it)| id.contains("//group//") && it.answer == Answer::Allowed));
}
