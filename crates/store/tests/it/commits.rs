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

#[test]
fn a_repeated_request_is_the_same_commit() {
    on_both(async |db| {
        let resource = db.resource("a", &json!(1));
        let mut change = Change::new("import", "once");
        change.puts.push(Put::new(&resource));
        change.request = Some("job 7".into());
        let first = db.commit(5, &change).await;
        let again = db.commit(9, &change).await;
        assert_eq!(again, store::Committed { repeated: true, ..first });
        assert_eq!(db.store.history(&db.access, "a").await.unwrap().len(), 1);
        assert_eq!(db.store.audit_head(&db.access).await.unwrap().unwrap().seq, 1);
    });
}

#[test]
fn a_clock_that_jumps_back_does_not_reorder_history() {
    on_both(async |db| {
        assert!(!db.put(100, &[("a", Some(json!(1)))]).await.held);
        let held = db.put(50, &[("a", Some(json!(2)))]).await;
        assert_eq!((held.at, held.held), (second(100), true));
        let log = db.store.changes_since(&db.access, 0, 10).await.unwrap();
        let shown: Vec<_> = log.iter().map(|it| (it.seq, it.at, it.held)).collect();
        assert_eq!(shown, [(1, second(100), false), (2, second(100), true)]);
        assert_eq!(all(&db, At::Time(second(100))).await, ["a 2 2"]);
        assert_eq!(all(&db, At::Time(second(99))).await, [""; 0]);
    });
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    on_both(async |db| {
        db.put(1, &[("a", Some(json!(1)))]).await;
        let (a, b) = (db.resource("a", &json!(2)), db.resource("b", &json!(2)));
        let stub = model::Resource { collected: false, ..b.clone() };
        let nul = db.resource("x\0", &json!(1));
        let refused = async |change: Change<'_>| {
            db.store.commit(&db.access, &db.lease, second(2), &change).await.unwrap_err()
        };
        let base = || Change::new("import", "bad");
        let twice = Change { puts: vec![Put::new(&b), Put::new(&b)], ..base() };
        let both = Change { puts: vec![Put::new(&a)], gone: vec!["a"], ..base() };
        let stub = Change { puts: vec![Put::new(&stub)], ..base() };
        let nul = Change { puts: vec![Put::new(&nul)], ..base() };
        let gone = Change { puts: vec![Put::new(&b)], gone: vec!["never was"], ..base() };
        let unknown = Verdicts { resource: "nobody", packed: b"1", open: vec![] };
        let judged = Change { puts: vec![Put::new(&b)], verdicts: vec![unknown], ..base() };
        for change in [twice, both, stub, nul] {
            let error = refused(change).await;
            assert!(matches!(error, StoreError::Invalid(_)), "{error}");
        }
        for change in [gone, judged] {
            let error = refused(change).await;
            assert!(matches!(error, StoreError::NotFound(_)), "{error}");
        }
        assert_eq!(all(&db, At::Now).await, ["a 1 1"]);
        assert_eq!(db.store.moment(&db.access, At::Now).await.unwrap().seq, 1);
        assert_eq!(db.put(3, &[("b", Some(json!(3)))]).await.seq, 2);
    });
}

#[test]
fn a_resource_that_comes_back_keeps_its_number_and_its_history() {
    on_both(async |db| {
        db.put(1, &[("a", Some(json!(1)))]).await;
        let before = db.store.resource(&db.access, "a", At::Now).await.unwrap().unwrap();
        db.put(2, &[("a", None)]).await;
        assert!(db.store.resource(&db.access, "a", At::Now).await.unwrap().is_none());
        db.put(3, &[("a", Some(json!(1)))]).await;
        let after = db.store.resource(&db.access, "a", At::Now).await.unwrap().unwrap();
        assert_eq!((before.number, before.document), (after.number, after.document));
        let history = db.store.history(&db.access, "a").await.unwrap();
        let shown: Vec<_> = history.iter().map(|it| (it.from, it.to, it.at, &*it.actor)).collect();
        assert_eq!(shown, [(1, Some(2), second(1), "tester"), (3, None, second(3), "tester")]);
    });
}

#[test]
fn what_is_new_since_a_commit_is_told_or_refused() {
    on_both(async |db| {
        let one = || Some(json!(1));
        db.put(1, &[("a", one()), ("b", one()), ("c", one()), ("d", one())]).await;
        let judge = async |at, resource, packed| {
            let verdicts = vec![Verdicts { resource, packed, open: vec![] }];
            let change = Change { verdicts, ..Change::new("import", "judged") };
            db.store.commit(&db.access, &db.lease, second(at), &change).await.unwrap();
        };
        judge(2, "b", b"1").await;
        judge(3, "c", b"1").await;
        db.put(4, &[("a", Some(json!(2))), ("b", None), ("d", None)]).await;
        db.put(5, &[("d", one()), ("e", one())]).await;
        judge(6, "c", b"2").await;
        judge(7, "e", b"3").await;
        let since = async |after, most| db.store.since(&db.access, after, most).await.unwrap();
        let told = async |after| {
            let since = since(after, 100).await.unwrap();
            assert_eq!(since.moment.seq, 7);
            let mut put: Vec<String> =
                since.resources.into_iter().map(|it| it.resource.id).collect();
            let (mut gone, mut verdicts) = (since.gone, since.verdicts);
            put.sort();
            gone.sort();
            verdicts.sort();
            let verdicts = verdicts.iter().map(|(id, packed)| format!("{id} {packed:?}"));
            format!("{put:?} {gone:?} {}", verdicts.collect::<Vec<_>>().join(", "))
        };
        let all = r#"["a", "d", "e"] ["b"] b None, c None, c Some([50]), e Some([51])"#;
        assert_eq!(told(3).await, all);
        assert_eq!(told(5).await, "[] [] c None, c Some([50]), e Some([51])");
        assert_eq!(told(7).await, "[] [] ");
        assert!(since(3, 2).await.is_none(), "too much");
        assert!(since(8, 100).await.is_none(), "a commit to come");
    });
}

#[test]
fn documents_are_staged_once() {
    on_both(async |db| {
        let docs: Vec<_> = (0..1500)
            .map(|n| {
                db.resource("x", &json!({ "n": n % 1200, "text": "the same in all of them" })).doc
            })
            .collect();
        let docs: Vec<&model::Doc> = docs.iter().collect();
        let stage = async |docs: &[&model::Doc]| {
            db.store.stage(&db.access, &db.lease, second(1), docs).await.unwrap()
        };
        let part = stage(&docs[..700]).await; // killed here, and run again
        let first = stage(&docs).await;
        assert_eq!(first[..700], part);
        assert_eq!(stage(&docs).await, first);
        assert_eq!(first[0], first[1200], "equal documents are one");
        let other = Db::open(db.location.clone()).await; // another process, which has to learn
        let resource = db.resource("a", &json!({ "n": 5, "text": "the same in all of them" }));
        let mut change = Change::new("import", "");
        change.puts.push(Put { staged: Some(first[5]), ..Put::new(&resource) });
        db.store.commit(&db.access, &other.lease, second(2), &change).await.unwrap();
        let found = other.store.resource(&db.access, "a", At::Now).await.unwrap().unwrap();
        assert_eq!((found.resource.doc, found.document), (resource.doc, first[5]));
        other.store.close().await;
    });
}

#[test]
fn a_process_whose_names_went_another_way_is_told() {
    on_both(async |db| {
        let other = Db::open(db.location.clone()).await;
        other.resource("x", &json!({ "own key": 1 })); // interned, never stored
        let resource = db.resource("a", &json!({ "another key": 1 }));
        let mut change = Change::new("import", "");
        change.puts.push(Put::new(&resource));
        db.store.commit(&db.access, &other.lease, second(1), &change).await.unwrap();
        let error = other.store.resource(&db.access, "a", At::Now).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)), "{error}");
        other.store.close().await;
    });
}

#[test]
fn a_reader_keeps_its_moment_while_others_commit() {
    on_both(async |db| {
        let docs: Vec<_> = (0..5000).map(|n| (format!("id{n:05}"), json!({ "n": n }))).collect();
        let docs: Vec<_> = docs.iter().map(|(id, doc)| (id.as_str(), Some(doc.clone()))).collect();
        db.put(1, &docs).await;
        let mut pages = db.store.resources(&db.access, At::Now).await.unwrap();
        let mut count = pages.next().await.unwrap().unwrap().len();
        db.put(2, &[("id00001", None), ("id04999", Some(json!({ "n": "new" })))]).await;
        let mut last = json!(null);
        while let Some(page) = pages.next().await.unwrap() {
            count += page.len();
            last = page.last().unwrap().resource.doc.view().to_json(&db.keys);
        }
        assert_eq!((count, last), (5000, json!({ "n": 4999 })));
        assert_eq!(pages.moment().seq, 1);
    });
}
