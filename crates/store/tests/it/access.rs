//! No function reaches a row without saying who asks, and for which tenant.

use std::path::Path;

use serde_json::json;
use store::{Access, At, TenantId};

use crate::harness::{on_both, second};

/// These reach no row of a tenant, or go on with what began with an access.
const WITHOUT: [&str; 5] = ["open", "open_at", "close", "health", "next"];

#[test]
fn every_question_names_who_asks() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut count = 0;
    for entry in std::fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for function in text.split("    pub async fn ").skip(1) {
            let (name, rest) = function.split_once('(').unwrap();
            let parameters = rest.split_once("->").map_or(rest, |it| it.0);
            let is_asked = parameters.contains("access: &Access");
            assert!(is_asked || WITHOUT.contains(&name), "{}: `{name}`", path.display());
            count += 1;
        }
    }
    assert!(count > 40, "the source was not found: {count}");
}

#[test]
fn tenants_see_nothing_of_each_other() {
    on_both(async |db| {
        let other = Access::new(TenantId(7), "tester");
        db.store.add_tenant(&other, "other", second(0)).await.unwrap();
        db.put(1, &[("a", Some(json!({ "key": 1 })))]).await;
        let store = &db.store;
        assert!(store.resource(&other, "a", At::Now).await.unwrap().is_none());
        assert!(store.resources(&other, At::Now).await.unwrap().next().await.unwrap().is_none());
        assert!(store.history(&other, "a").await.unwrap().is_empty());
        assert!(store.keys(&other).await.unwrap().is_empty());
        assert!(store.changes_since(&other, 0, 9).await.unwrap().is_empty());
        assert!(store.audit_log(&other, 0, 9).await.unwrap().is_empty());
        let nobody = Access::new(TenantId(8), "tester");
        assert!(store.moment(&nobody, At::Now).await.is_err());
    });
}
