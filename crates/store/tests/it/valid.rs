//! What hangs on no single resource: scores over time, gaps, what was collected, waiting.

use std::time::Duration;

use model::Gap;
use serde_json::json;
use store::{At, Change, Collected, Exemption, Score, StoreError};

use crate::harness::{Db, on_both, second};

#[test]
fn a_score_has_a_history() {
    on_both(async |db| {
        let (measure, scope) = (db.word("secureScore").await, store::Word::NONE);
        for (at, value) in [(1, 1.0), (2, 2.0), (3, 3.0)] {
            let mut change = Change::new("import", "");
            let (possible, assessed, detail) = (10.0, 1.0, json!(null));
            change.scores = vec![Score { measure, scope, value, possible, assessed, detail }];
            db.commit(at, &change).await;
        }
        let history = db.store.score_history(&db.access, measure, scope, 2).await.unwrap();
        let shown: Vec<_> = history.iter().map(|it| (it.seq, it.at, it.score.value)).collect();
        assert_eq!(shown, [(2, second(2), 2.0), (3, second(3), 3.0)]);
    });
}

#[test]
fn gaps_are_only_added() {
    on_both(async |db| {
        let gap = |n: u32| Gap { scope: format!("s{n}"), what: "w".into(), reason: "r".into() };
        let all: Vec<Gap> = (0..5).map(gap).collect();
        let with = |gaps| Change { gaps, ..Change::new("import", "") };
        assert_eq!(db.store.gaps(&db.access).await.unwrap().len(), 1);
        db.commit(1, &with(&all[..2])).await;
        db.commit(2, &with(&all)).await;
        db.commit(3, &with(&[])).await;
        assert_eq!(db.store.gaps(&db.access).await.unwrap(), all);
        let less = with(&all[..3]);
        let error = db.store.commit(&db.access, &db.lease, second(4), &less).await.unwrap_err();
        assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    });
}

fn collected(kind: &str) -> Collected {
    Collected { scope: "s".into(), region: None, kind: kind.into() }
}

#[test]
fn what_was_collected_is_known_for_each_moment() {
    on_both(async |db| {
        let mut change = Change::new("import", "");
        change.collected = vec![collected("a"), collected("b")];
        db.commit(1, &change).await;
        change.collected = vec![collected("a")];
        change.uncollected = vec![collected("b")];
        db.commit(2, &change).await;
        let at = async |at| {
            let rows = db.store.collected(&db.access, at).await.unwrap();
            rows.iter().map(|it| (it.what.kind.to_string(), it.last_seq)).collect::<Vec<_>>()
        };
        assert_eq!(at(At::Seq(1)).await, [("a".into(), 2), ("b".into(), 1)]);
        assert_eq!(at(At::Now).await, [("a".into(), 2)]);
    });
}

#[test]
fn exemptions_are_recorded_and_withdrawn() {
    on_both(async |db| {
        let exemption = Exemption { ends: None, body: json!({ "check": "c" }) };
        let mut change = Change::new("exemption", "");
        change.exemptions = vec![("7", Some(exemption.clone()))];
        db.commit(1, &change).await;
        change.exemptions = vec![("7", None)];
        db.commit(2, &change).await;
        let at = async |at| db.store.exemptions(&db.access, at).await.unwrap();
        assert_eq!(at(At::Seq(1)).await, [("7".to_owned(), exemption)]);
        assert_eq!(at(At::Now).await, []);
    });
}

#[test]
fn a_client_waits_for_a_commit() {
    on_both(async |db| {
        let other = Db::open(db.location.clone()).await; // as another process would
        let wait = |seq, patience| other.store.wait_for(&other.access, seq, patience);
        assert_eq!(wait(1, Duration::from_millis(60)).await.unwrap().seq, 0);
        let (seen, ()) = tokio::join!(wait(2, Duration::from_secs(20)), async {
            let lease = &other.lease; // the later one counts
            for at in [1, 2] {
                let change = Change::new("import", "");
                db.store.commit(&db.access, lease, second(at), &change).await.unwrap();
            }
        });
        assert_eq!(seen.unwrap().seq, 2);
        other.store.close().await;
    });
}
