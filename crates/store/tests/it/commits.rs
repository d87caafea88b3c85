//! Commits and what is read of them.

use model::{Affects, Verdict};
use serde_json::json;
use store::{At, Change, Put, StoreError, Verdicts};

use crate::harness::{Db, on_both, second};

/// Ids and documents at a moment, as text.
async fn all(db: &Db, at: At) -> Vec<String> {
    let mut pages = db.store.resources(&db.access, at).await.unwrap();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        for it in page {
            let doc = it.resource.doc.view().to_json(&db.keys);
            all.push(format!("{} {doc} {}", it.resource.id, it.since));
        }
    }
    all
}

#[test]
fn a_resource_has_a_document_at_each_moment() {
    on_both(async |db| {
        assert!(all(&db, At::Now).await.is_empty());
        db.put(10, &[("a", Some(json!({"x": 1}))), ("b", Some(json!({"y": [1, null]})))]).await;
        db.put(20, &[("a", Some(json!({"x": 2})))]).await;
        db.put(30, &[("b", None), ("c", Some(json!({"x": 2})))]).await;
        let first = [r#"a {"x":1} 1"#, r#"b {"y":[1,null]} 1"#];
        let second_ = [r#"a {"x":2} 2"#, r#"b {"y":[1,null]} 1"#];
        let third = [r#"a {"x":2} 2"#, r#"c {"x":2} 3"#];
        assert_eq!(all(&db, At::Seq(0)).await, [""; 0]);
        assert_eq!(all(&db, At::Seq(1)).await, first);
        assert_eq!(all(&db, At::Seq(2)).await, second_);
        assert_eq!(all(&db, At::Seq(3)).await, third);
        assert_eq!(all(&db, At::Now).await, third);
        assert_eq!(all(&db, At::Time(second(9))).await, [""; 0]);
        assert_eq!(all(&db, At::Time(second(10))).await, first);
        assert_eq!(all(&db, At::Time(second(29))).await, second_);
        assert_eq!(all(&db, At::Time(second(1000))).await, third);
        let later = db.store.resources(&db.access, At::Seq(4)).await.unwrap_err();
        assert!(matches!(later, StoreError::NotFound(_)), "{later}");
    });
}

#[test]
fn everything_of_a_resource_comes_back() {
    on_both(async |db| {
        let mut resource = db.resource("a\u{e9}", &json!({"deep": {"list": [1, 2.5, "t"]}}));
        resource.name = "nul \0 inside".to_owned();
        resource.affects = [Affects { by: "arn".into(), value: "arn:x".to_owned() }].into();
        resource.as_of = Some(second(3));
        let mut change = Change::new("import", "one");
        change.puts.push(Put::new(&resource));
        db.commit(1, &change).await;
        let stored = db.store.resource(&db.access, "a\u{e9}", At::Now).await.unwrap().unwrap();
        assert_eq!(stored.resource, resource);
        assert_eq!(stored.since, 1);
    });
}

#[test]
fn verdicts_are_packed_and_the_bad_ones_listed() {
    on_both(async |db| {
        db.put(1, &[("a", Some(json!(1))), ("b", Some(json!(2)))]).await;
        let bad = db.standing("c1", Verdict::Unhealthy, "").await;
        let dark = db.standing("c3", Verdict::Unknown, "refused").await;
        let mut change = Change::new("import", "judged");
        change.verdicts.push(Verdicts { resource: "a", packed: b"packed", open: vec![bad, dark] });
        db.commit(2, &change).await;
        let rows = db.store.assessments_of_resource(&db.access, "a", At::Now).await.unwrap();
        let shown: Vec<_> = rows.iter().map(|it| (&*it.check, it.verdict, &*it.why)).collect();
        assert_eq!(shown, [("c1", Verdict::Unhealthy, ""), ("c3", Verdict::Unknown, "refused")]);
        let packed = db.store.verdicts_of(&db.access, "a", At::Now).await.unwrap();
        assert_eq!(packed.as_deref(), Some(&b"packed"[..]));
        assert_eq!(rows[0].since, 2);
    });
}
