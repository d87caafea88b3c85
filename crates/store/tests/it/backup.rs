//! Back-ups: from each database into each, damaged ones, full targets, writers that go on.

use std::fmt::Write as _;
use std::path::Path;

use model::Verdict;
use serde_json::json;
use store::{
    Access, At, AuditVerdict, Change, Exemption, Location, NewJob, Score, Store, StoreError, Tally,
    TenantId, Verdicts, read_backup_header,
};
use testkit::Folder;

use crate::harness::{Db, access, on_both, on_each_location, second};

/// Something in every table.
pub(crate) async fn fill(db: &Db) {
    let big: Vec<_> = (0..1200).map(|n| json!({ "n": n, "text": format!("t{}", n % 7) })).collect();
    let ids: Vec<String> = (0..1200).map(|n| format!("many/{n:04}")).collect();
    let resources: Vec<_> = ids.iter().zip(&big).map(|(id, doc)| db.resource(id, doc)).collect();
    let docs: Vec<_> = resources.iter().map(|it| &it.doc).collect();
    let staged = db.store.stage(&db.access, &db.lease, second(1), &docs).await.unwrap();
    let mut change = Change::new("import", "many");
    change.request = Some("request 1".into());
    change.puts = resources
        .iter()
        .zip(staged)
        .map(|(it, number)| store::Put { staged: Some(number), ..store::Put::new(it) })
        .collect();
    let bad = db.standing("check", Verdict::Unhealthy, "").await;
    let dark = db.standing("other", Verdict::Unknown, "refused").await;
    change.verdicts = ids
        .iter()
        .map(|id| Verdicts { resource: id, packed: b"\x00packed", open: vec![bad, dark] })
        .collect();
    let gap =
        |reason: &str| model::Gap { scope: "s".into(), what: "w".into(), reason: reason.into() };
    let gaps = [gap("not collected"), gap("denied")];
    change.gaps = &gaps;
    change.met_gaps = vec![model::GapId(1)];
    let problems = [base::Problem { file: "f".into(), reason: "r\0".into(), count: 3 }];
    change.problems = &problems;
    let (check, scope) = (bad.check, db.word("s").await);
    let (healthy, unhealthy, not_applicable, unknown) = (1, 2, 3, 4);
    change.tallies = vec![Tally { check, scope, healthy, unhealthy, not_applicable, unknown }];
    let measure = db.word("secureScore").await;
    let (value, possible, assessed) = (1.5, 3.0, 0.1 + 0.2);
    let detail = json!({ "a": [1] });
    change.scores = vec![Score { measure, scope, value, possible, assessed, detail }];
    change.states = vec![("state", Some(vec![0, 1, 255]))];
    let what = |region: Option<&str>| store::Collected {
        scope: "s".into(),
        region: region.map(Into::into),
        kind: "k".into(),
    };
    change.collected = vec![what(None), what(Some("r"))];
    let exemption = Exemption { ends: Some(second(99)), body: json!({ "why": "x" }) };
    change.exemptions = vec![("1", Some(exemption))];
    db.commit(2, &change).await;
    db.put(3, &[("many/0000", None), ("many/0001", Some(json!({ "new": true })))]).await;
    let new = NewJob {
        kind: "k".into(),
        dedup: Some("d".into()),
        priority: -1,
        run_at: second(5),
        payload: json!({ "p": "q" }),
        most_attempts: 2,
    };
    db.store.enqueue(&db.access, second(4), &new).await.unwrap();
}

/// All that can be read, as text.
pub(crate) async fn picture(store: &Store) -> String {
    let access = access();
    let keys = store.keys(&access).await.unwrap();
    let last = store.moment(&access, At::Now).await.unwrap();
    let mut text = format!("{last:?}\n");
    for seq in 1..=last.seq {
        let mut pages = store.resources(&access, At::Seq(seq)).await.unwrap();
        while let Some(page) = pages.next().await.unwrap() {
            for it in page {
                let doc = it.resource.doc.view().to_json(&keys);
                writeln!(text, "{} {:?} {doc}", it.number, it.resource).unwrap();
            }
        }
        let mut pages = store.verdicts(&access, At::Seq(seq)).await.unwrap();
        while let Some(page) = pages.next().await.unwrap() {
            writeln!(text, "{page:?}").unwrap();
        }
        let at = At::Seq(seq);
        writeln!(
            text,
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            store.tallies(&access, at).await.unwrap(),
            store.scores(&access, at).await.unwrap(),
            store.state(&access, "state", at).await.unwrap(),
            store.exemptions(&access, at).await.unwrap(),
            store.collected(&access, at).await.unwrap(),
            store.assessments_of_check(&access, "check", at, 0, 5000).await.unwrap(),
            store.problems(&access, seq).await.unwrap(),
            store.met_gaps(&access, seq).await.unwrap(),
        )
        .unwrap();
    }
    write!(
        text,
        "{:?} {:?} {:?}",
        store.gaps(&access).await.unwrap(),
        store.changes_since(&access, 0, 100).await.unwrap(),
        store.jobs(&access, &store::JobFilter::default(), 10).await.unwrap(),
    )
    .unwrap();
    text
}

async fn restore(location: &Location, file: &Path, replaces: bool) -> Result<Store, StoreError> {
    Store::restore(location, &access(), file, second(50), replaces).await
}

#[test]
fn each_database_restores_what_the_other_backed_up() {
    on_each_location(async |from| {
        let db = Db::open(from).await;
        fill(&db).await;
        let folder = Folder::new().unwrap();
        let file = folder.path().join("backup");
        let header = db.store.backup(&db.access, &file, second(10)).await.unwrap();
        assert_eq!(read_backup_header(&file).unwrap(), header);
        assert_eq!(header.seq, 2);
        let before = picture(&db.store).await;
        let again = db.store.backup(&db.access, &file, second(10)).await.unwrap_err();
        assert!(matches!(again, StoreError::File(..)), "{again}");
        let mut targets = vec![Location::Folder(folder.path().join("target"))];
        if let testkit::Postgres::Url(url) = testkit::Postgres::database().unwrap() {
            targets.push(Location::Postgres(url));
        }
        for target in targets {
            let restored = restore(&target, &file, false).await.unwrap();
            assert_eq!(picture(&restored).await, before);
            restored.check(&db.access, true).await.unwrap();
            let verdict = restored.audit_verify(&db.access, None).await.unwrap();
            assert!(matches!(verdict, AuditVerdict::Whole(_)), "{verdict:?}");
            restored.close().await;
            // It can be written again.
            let next = Db::open(target).await;
            next.put(60, &[("many/0000", Some(json!(1))), ("new", Some(json!({ "x": 1 })))]).await;
            let there = next.store.resource(&next.access, "new", At::Now).await.unwrap();
            assert!(there.is_some());
            next.store.close().await;
        }
    });
}

#[test]
fn a_target_that_is_not_empty_is_replaced_only_when_told() {
    on_both(async |db| {
        fill(&db).await;
        let folder = Folder::new().unwrap();
        let file = folder.path().join("backup");
        db.store.backup(&db.access, &file, second(10)).await.unwrap();
        let before = picture(&db.store).await;
        db.put(20, &[("later", Some(json!(1)))]).await;
        db.store.close().await;
        let refused = restore(&db.location, &file, false).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
        let restored = restore(&db.location, &file, true).await.unwrap();
        assert_eq!(picture(&restored).await, before);
        let guarded = crate::harness::raw(&db.location, "DELETE FROM audit").await.unwrap_err();
        assert!(guarded.contains("append-only"), "{guarded}");
        restored.close().await;
    });
}

#[test]
fn a_damaged_back_up_is_refused_and_changes_nothing() {
    on_both(async |db| {
        fill(&db).await;
        let folder = Folder::new().unwrap();
        let file = folder.path().join("backup");
        db.store.backup(&db.access, &file, second(10)).await.unwrap();
        let before = picture(&db.store).await;
        let whole = std::fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for (bytes, name) in [(&whole[..whole.len() - 1], "cut"), (&flipped[..], "flipped")] {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            let error = restore(&db.location, &file, true).await.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        }
        std::fs::write(folder.path().join("other"), "no back-up").unwrap();
        let error = restore(&db.location, &folder.path().join("other"), true).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid(_)), "{error}");
        assert_eq!(picture(&db.store).await, before);
    });
}

#[test]
fn a_back_up_is_one_state_while_others_write() {
    on_both(async |db| {
        fill(&db).await;
        let folder = Folder::new().unwrap();
        let file = folder.path().join("backup");
        let writes = async {
            for at in 11..40 {
                db.put(at, &[("many/0005", Some(json!({ "at": at })))]).await;
            }
        };
        let (header, ()) = tokio::join!(db.store.backup(&db.access, &file, second(10)), writes);
        let header = header.unwrap();
        let target = Location::Folder(folder.path().join("target"));
        let restored = restore(&target, &file, false).await.unwrap();
        let last = restored.moment(&db.access, At::Now).await.unwrap();
        assert_eq!(last.seq, header.seq);
        restored.check(&db.access, true).await.unwrap();
        picture(&restored).await; // every moment can be read
        restored.close().await;
    });
}

#[test]
fn a_back_up_is_of_one_tenant() {
    on_both(async |db| {
        fill(&db).await;
        let other = Access::new(TenantId(2), "tester");
        db.store.add_tenant(&other, "second", second(0)).await.unwrap();
        let folder = Folder::new().unwrap();
        let file = folder.path().join("backup");
        let header = db.store.backup(&other, &file, second(10)).await.unwrap();
        assert_eq!((header.tenant, header.seq), (2, 0));
        let wrong = restore(&db.location, &file, true).await.unwrap_err();
        assert!(matches!(wrong, StoreError::Invalid(_)), "{wrong}");
    });
}
