//! The audit log: written with the change, kept from changing, and found out when it was.

use serde_json::json;
use store::{AuditEntry, AuditFault, AuditVerdict, Change};

use crate::harness::{Db, on_both, second};
use crate::harness::{raw, raw_lifting_guards};

async fn three(db: &Db) {
    for at in 1..4 {
        let mut change = Change::new("import", format!("number {at}"));
        change.counts = json!({ "added": at });
        db.commit(at, &change).await;
    }
}

#[track_caller]
fn check_broken(verdict: &AuditVerdict, at: u64, fault: AuditFault) {
    assert_eq!(verdict, &AuditVerdict::Broken { seq: at, why: fault });
}

#[test]
fn a_change_and_its_audit_row_are_stored_together() {
    on_both(async |db| {
        three(&db).await;
        let action = "test".to_owned();
        let entry = AuditEntry { action, object: "o".into(), detail: json!({"k": [1]}) };
        db.store.audit(&db.access, second(9), entry).await.unwrap();
        let log = db.store.audit_log(&db.access, 0, 10).await.unwrap();
        let shown: Vec<_> = log.iter().map(|it| (it.seq, &*it.action, &*it.object)).collect();
        let import = "commit.import";
        assert_eq!(shown, [(1, import, "1"), (2, import, "2"), (3, import, "3"), (4, "test", "o")]);
        assert_eq!(log[0].actor, "tester");
        assert_eq!(log[3].detail, json!({"k": [1]}));
        let verdict = db.store.audit_verify(&db.access, None).await.unwrap();
        let head = db.store.audit_head(&db.access).await.unwrap().unwrap();
        assert_eq!(head.seq, 4);
        assert_eq!(verdict, AuditVerdict::Whole(head));
    });
}

#[test]
fn the_database_refuses_to_change_the_log() {
    on_both(async |db| {
        three(&db).await;
        for sql in
            ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 3"]
        {
            let error = raw(&db.location, sql).await.unwrap_err();
            assert!(error.contains("append-only"), "{error}");
        }
        if matches!(db.location, store::Location::Postgres(_)) {
            let error = raw(&db.location, "TRUNCATE audit").await.unwrap_err();
            assert!(error.contains("append-only"), "{error}");
        }
    });
}

#[test]
fn a_broken_chain_names_its_first_broken_row() {
    for (sql, at, fault) in [
        ("UPDATE audit SET actor = 'x' WHERE seq = 2", 2, AuditFault::Changed),
        ("UPDATE audit SET detail = '{}' WHERE seq = 1", 1, AuditFault::Changed),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3, AuditFault::Changed),
        ("DELETE FROM audit WHERE seq = 2", 2, AuditFault::Missing),
        ("DELETE FROM audit WHERE seq = 1", 1, AuditFault::Missing),
        ("DELETE FROM audit WHERE seq = 3", 3, AuditFault::CutOff),
        ("DELETE FROM audit", 1, AuditFault::CutOff),
        (
            "UPDATE audit SET seq = 9 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; \
             UPDATE audit SET seq = 2 WHERE seq = 9",
            1,
            AuditFault::Changed,
        ),
        (
            "INSERT INTO audit SELECT tenant, 4, at, actor, action, object, detail, previous, hash \
             FROM audit WHERE seq = 3",
            4,
            AuditFault::Changed,
        ),
    ] {
        on_both(async |db| {
            three(&db).await;
            raw_lifting_guards(&db.location, sql).await;
            let verdict = db.store.audit_verify(&db.access, None).await.unwrap();
            check_broken(&verdict, at, fault);
        });
    }
}

#[test]
fn a_recorded_head_shows_that_log_and_head_were_cut_off() {
    on_both(async |db| {
        three(&db).await;
        let head = db.store.audit_head(&db.access).await.unwrap().unwrap();
        raw_lifting_guards(
            &db.location,
            "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2); \
             DELETE FROM audit WHERE seq = 3",
        )
        .await;
        let alone = db.store.audit_verify(&db.access, None).await.unwrap();
        assert!(matches!(alone, AuditVerdict::Whole(_)));
        let held = db.store.audit_verify(&db.access, Some(&head)).await.unwrap();
        check_broken(&held, 3, AuditFault::CutOff);
    });
}
