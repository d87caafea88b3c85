//! What conditions say of requests, by examples of their grammar.

use jiff::Timestamp;

use super::{Condition, Known};
use crate::truth::Truth;

const ON: &str = "/subscriptions/a/resourcegroups/rg/providers/microsoft.storage/storageaccounts/tidelog/blobservices/default/containers/charts";
const READ: &str = "microsoft.storage/storageaccounts/blobservices/containers/blobs/read";

#[track_caller]
fn check(text: &str, context: &[(&str, &str)], want: Truth) {
    let attributes = [("Project_Team".to_owned(), "Harbour".to_owned())];
    let known = Known {
        action: READ,
        on: ON,
        context,
        of_principal: Some(&attributes),
        now: "2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap(),
    };
    let condition = Condition::parse(text);
    assert_ne!(condition, Condition::Unclear, "not understood: {text}");
    assert_eq!(condition.holds(&known), want, "{text}");
}

#[test]
fn names_of_the_resource_are_known() {
    let name = "@Resource[Microsoft.Storage/storageAccounts:name]";
    check(&format!("{name} StringEquals 'tidelog'"), &[], Truth::Yes);
    check(&format!("{name} StringEquals 'other'"), &[], Truth::No);
    check(&format!("{name} StringNotEquals 'other'"), &[], Truth::Yes);
    check(&format!("{name} StringLike 'tide*'"), &[], Truth::Yes);
    let container = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]";
    check(
        &format!("{container} ForAnyOfAnyValues:StringEquals {{'x', 'charts'}}"),
        &[],
        Truth::Yes,
    );
    check(&format!("{container} ForAnyOfAnyValues:StringEquals {{}}"), &[], Truth::No);
}

#[test]
fn what_the_request_carries_is_not_known_unless_it_is_given() {
    let text = "@Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:prefix] StringStartsWith 'in/'";
    check(text, &[], Truth::Unknown);
    let key = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs:prefix";
    check(text, &[(key, "in/2026")], Truth::Yes);
    check(text, &[(key, "out/")], Truth::No);
}

#[test]
fn the_usual_form_does_not_bind_other_actions() {
    let write = "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'}) OR @Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'other')";
    check(write, &[], Truth::Yes);
    let read = "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'} AND NOT SubOperationMatches{'Blob.List'})) || @Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'other'";
    check(read, &[], Truth::Unknown);
    check(read, &[("subOperation", "Blob.List")], Truth::Yes);
    check(read, &[("subOperation", "Blob.Read")], Truth::No);
}

#[test]
fn and_binds_more_tightly_than_or() {
    let (yes, no) = (
        "@Environment[UtcNow] DateTimeGreaterThan '2026-01-01T00:00:00Z'",
        "@Environment[UtcNow] DateTimeLessThan '2026-01-01T00:00:00Z'",
    );
    check(&format!("{yes} OR {no} AND {no}"), &[], Truth::Yes);
    check(&format!("({yes} OR {no}) AND {no}"), &[], Truth::No);
    check(&format!("NOT {no} AND {yes}"), &[], Truth::Yes);
}

#[test]
fn attributes_of_the_principal() {
    let team = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Project_Team]";
    check(&format!("{team} StringEquals 'Harbour'"), &[], Truth::Yes);
    check(&format!("Exists {team}"), &[], Truth::Yes);
    check(
        "NOT Exists @Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Project_Cost]",
        &[],
        Truth::Yes,
    );
    check(
        &format!("{team} StringEqualsIgnoreCase @Resource[Microsoft.Storage/storageAccounts:name]"),
        &[],
        Truth::No,
    );
}

#[test]
fn guids_are_compared_without_hyphens() {
    let text = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {8e3af657a8ff443ca75c2fe8c4bcb635, b24988ac-6180-42a0-ab88-20f7382dd24c}";
    let key = "Microsoft.Authorization/roleAssignments:RoleDefinitionId";
    check(text, &[(key, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")], Truth::Yes);
    check(text, &[(key, "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")], Truth::No);
    let all_but = text.replace("ForAnyOfAnyValues:GuidEquals", "ForAnyOfAllValues:GuidNotEquals");
    check(&all_but, &[(key, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635")], Truth::No);
    check(&all_but, &[(key, "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9")], Truth::Yes);
}

#[test]
fn what_is_not_understood_is_refused() {
    for text in [
        "",
        "@Resource[a:b]",
        "@Resource[a:b] Sounds 'x'",
        "(ActionMatches{'a'}",
        "ActionMatches{'a'",
        "x",
    ] {
        assert_eq!(Condition::parse(text), Condition::Unclear, "{text}");
    }
    let deep = "(".repeat(5_000) + "ActionMatches{'a'}" + &")".repeat(5_000);
    assert_eq!(Condition::parse(&deep), Condition::Unclear);
}
