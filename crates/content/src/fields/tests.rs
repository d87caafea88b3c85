//! Look-ups and folding over a small table.

use model::Path;
use serde_json::{Value as Json, json};

use super::{FieldTables, Lookup, Shape};

fn tables() -> FieldTables {
    let table = json!({
        "source": { "name": "test", "version": "1", "licence": "MIT", "date": "2026-11-21" },
        "kinds": {
            "Microsoft.Storage/storageAccounts": { "fields": {
                "name": "string",
                "tags": { "map": "string" },
                "sku": "any",
                "properties": { "fields": {
                    "accessTier": { "enum": ["Hot", "Cool"] },
                    "allowBlobPublicAccess": "bool",
                    "creationTime": "time",
                    "rules": { "list": { "fields": { "action": { "enum": ["Allow", "Deny"] }, "ports": { "list": "int" } } } },
                    "zones": { "map": { "fields": { "weight": "float" } } }
                } }
            } },
            "s3api/get-bucket-policy": { "fields": { "Policy": "string" } }
        }
    });
    FieldTables::parse(table.to_string().as_bytes()).unwrap()
}

fn lookup(path: &str) -> String {
    let tables = tables();
    match tables.lookup("microsoft.storage/StorageAccounts", &Path::parse(path).unwrap()) {
        Lookup::Known(shape) => {
            format!("{shape:?}").split(['(', '{']).next().unwrap().trim().into()
        }
        Lookup::Any => "any".into(),
        Lookup::Unknown { known, nearest } => {
            format!("unknown after {known}: {}", nearest.unwrap_or_else(|| "-".into()))
        }
    }
}

#[test]
fn known_paths_have_their_shape() {
    assert_eq!(lookup("properties"), "Fields");
    assert_eq!(lookup("properties.allowBlobPublicAccess"), "Bool");
    assert_eq!(lookup("properties.rules[*].action"), "Enum");
    assert_eq!(lookup("properties.rules[*].ports[*]"), "Int");
    assert_eq!(lookup("properties.zones.eu.weight"), "Float");
    assert_eq!(lookup("properties.zones[*].weight"), "Float");
    assert_eq!(lookup("properties.zones{keys}"), "String");
    assert_eq!(lookup("tags.`a.b`"), "String");
    assert_eq!(lookup("properties.creationTime"), "Time");
}

#[test]
fn beyond_the_table_everything_may_be() {
    assert_eq!(lookup("sku.tier"), "any");
    let tables = tables();
    let path = Path::parse("x.y").unwrap();
    assert_eq!(tables.lookup("Microsoft.New/things", &path), Lookup::Any);
}

#[test]
fn unknown_paths_name_the_nearest() {
    assert_eq!(lookup("properties.allowBlobPublicAcess"), "unknown after 1: allowBlobPublicAccess");
    assert_eq!(
        lookup("allowBlobPublicAccess"),
        "unknown after 0: properties.allowBlobPublicAccess"
    );
    assert_eq!(lookup("properties.rules.action"), "unknown after 2: [*].action");
    assert_eq!(lookup("name.first"), "unknown after 1: -");
    assert_eq!(lookup("properties.Rules"), "unknown after 1: rules");
}

#[test]
fn native_types_are_found_in_any_case_and_by_both_names() {
    let tables = tables();
    assert_eq!(
        tables.native("MICROSOFT.STORAGE/STORAGEACCOUNTS"),
        Some("Microsoft.Storage/storageAccounts")
    );
    assert_eq!(tables.native("s3/get-bucket-policy"), Some("s3api/get-bucket-policy"));
    assert_eq!(tables.native("nope/nothing"), None);
    assert_eq!(tables.nearest("s3api/get-bucket-polcy"), Some("s3api/get-bucket-policy"));
}

#[track_caller]
fn folds(document: &Json, want: &Json, count: usize) {
    let mut folded = document.clone();
    let folds = tables().fold("Microsoft.Storage/storageAccounts", &mut folded);
    assert_eq!(&folded, want);
    assert_eq!(folds, count);
}

#[test]
fn keys_and_enum_values_are_folded() {
    folds(
        &json!({ "Name": "a", "Properties": { "accesstier": "hot", "Rules": [{ "Action": "ALLOW" }] } }),
        &json!({ "name": "a", "properties": { "accessTier": "Hot", "rules": [{ "action": "Allow" }] } }),
        7,
    );
}

#[test]
fn what_is_spelled_as_documented_or_unknown_stays() {
    let document = json!({
        "name": "A", "tags": { "Name": "hot", "name": "cold" }, "sku": { "Name": "x" }, "extra": "hot",
        "properties": { "accessTier": "Frozen", "zones": { "EU": { "weight": 1.5 } }, "rules": null }
    });
    folds(&document, &document, 0);
}

#[test]
fn a_key_is_not_folded_onto_another() {
    let document = json!({ "name": "a", "NAME": "b" });
    folds(&document, &document, 0);
}

#[test]
fn shapes_are_composed_of_parts() {
    let tables = tables();
    let part = tables.shape("s3api/get-bucket-policy").unwrap().clone();
    let mut shape = Shape::fields([("Name".to_owned(), Shape::String)]);
    shape.set(Path::parse("GetBucketPolicy").unwrap().steps(), part);
    shape.set(Path::parse("GetBucketPolicy.Policy").unwrap().steps(), Shape::Any);
    shape.set(Path::parse("Tags[*].Key").unwrap().steps(), Shape::String);
    let at = |path: &str| shape.at(Path::parse(path).unwrap().steps()).cloned();
    assert_eq!(at("GetBucketPolicy.Policy.Statement"), Some(Shape::Any));
    assert_eq!(at("GetBucketPolicy.Polici"), None);
    assert_eq!(at("Tags[*].Key"), Some(Shape::String));
    assert_eq!(at("."), Some(shape.clone()));
}

#[test]
fn malformed_shapes_are_refused() {
    for text in [r#""text""#, "{}", r#"{"list":"int","map":"int"}"#, r#"{"set":"int"}"#, "3"] {
        assert!(serde_json::from_str::<Shape>(text).is_err(), "{text}");
    }
    assert!(tables().verify().is_ok());
}
