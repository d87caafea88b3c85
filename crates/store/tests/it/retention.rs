//! Retention: what goes, what stays, and that what is gone is not shown in part.

use std::time::Duration;

use model::Verdict;
use serde_json::json;
use store::{At, Change, NewJob, Pruned, Retention, StoreError, Verdicts};

use crate::harness::{Db, on_both, second};

const DAY: i64 = 86_400;

fn policy() -> Retention {
    let days = |n: u64| Duration::from_secs(n * 86_400);
    Retention {
        versions: days(10),
        assessments: days(10),
        scores: days(10),
        jobs: days(1),
        grace: days(1),
    }
}

async fn prune(db: &Db, at: i64) -> Pruned {
    let mut sum = Pruned::default();
    loop {
        let step = db.store.prune(&db.access, second(at), &policy()).await.unwrap();
        sum.rows += step.rows;
        sum.documents += step.documents;
        sum.jobs += step.jobs;
        if !step.is_more {
            return sum;
        }
    }
}

#[test]
fn history_goes_and_what_holds_stays() {
    on_both(async |db| {
        db.put(0, &[("a", Some(json!(1))), ("b", Some(json!(2)))]).await;
        let bad = db.standing("c", Verdict::Unhealthy, "").await;
        let mut change = Change::new("import", "judged");
        change.verdicts.push(Verdicts { resource: "a", packed: b"1", open: vec![bad] });
        db.commit(1, &change).await;
        db.put(DAY, &[("a", Some(json!(3))), ("b", None)]).await;
        change.verdicts[0] = Verdicts { resource: "a", packed: b"2", open: vec![] };
        db.commit(DAY + 1, &change).await;
        db.put(5 * DAY, &[("a", Some(json!(4)))]).await;

        assert_eq!(prune(&db, 10 * DAY).await, Pruned::default());
        let pruned = prune(&db, 12 * DAY).await;
        // a at 1, b at 2, two rows of verdicts; documents 1 and 2
        assert_eq!((pruned.rows, pruned.documents), (4, 2));
        assert_eq!(prune(&db, 12 * DAY).await, Pruned::default());

        for gone in [At::Seq(1), At::Seq(3), At::Time(second(DAY))] {
            let error = db.store.resources(&db.access, gone).await.unwrap_err();
            assert!(matches!(error, StoreError::NotFound(_)), "{error}");
        }
        assert!(db.store.diff(&db.access, 1, 5).await.is_err());
        for kept in [At::Seq(4), At::Seq(5), At::Now] {
            let a = db.store.resource(&db.access, "a", kept).await.unwrap().unwrap();
            let want = if kept == At::Seq(4) { json!(3) } else { json!(4) };
            assert_eq!(a.resource.doc.view().to_json(&db.keys), want);
            let packed = db.store.verdicts_of(&db.access, "a", kept).await.unwrap();
            assert_eq!(packed.as_deref(), Some(&b"2"[..]));
        }
        db.store.check(&db.access, true).await.unwrap();
        // a resource that comes back has its old number and a new history
        db.put(13 * DAY, &[("b", Some(json!(2)))]).await;
        assert_eq!(db.store.history(&db.access, "b").await.unwrap().len(), 1);
    });
}

#[test]
fn staged_documents_stay_for_the_time_of_grace() {
    on_both(async |db| {
        let one = db.resource("a", &json!({"x": 1}));
        let numbers = db.store.stage(&db.access, &db.lease, second(0), &[&one.doc]).await.unwrap();
        assert_eq!(prune(&db, DAY / 2).await.documents, 0);
        assert_eq!(prune(&db, 2 * DAY).await.documents, 1);
        let mut change = Change::new("import", "too late");
        change.puts.push(store::Put { staged: Some(numbers[0]), ..store::Put::new(&one) });
        let late = db.store.commit(&db.access, &db.lease, second(2 * DAY), &change).await;
        assert!(matches!(late.unwrap_err(), StoreError::Conflict(_)));
        assert_eq!(db.store.moment(&db.access, At::Now).await.unwrap().seq, 0);
    });
}

#[test]
fn ended_jobs_go() {
    on_both(async |db| {
        let new = NewJob {
            kind: "k".into(),
            dedup: None,
            priority: 0,
            run_at: second(0),
            payload: json!(1),
            most_attempts: 1,
        };
        for _ in 0..2 {
            db.store.enqueue(&db.access, second(0), &new).await.unwrap();
        }
        let ttl = Duration::from_secs(9);
        let job =
            db.store.claim(&db.access, &["k"], "w", second(0), ttl, true).await.unwrap().unwrap();
        db.store.complete(&db.access, &job, second(1), &serde_json::json!({})).await.unwrap();
        assert_eq!(prune(&db, DAY / 2).await.jobs, 0);
        assert_eq!(prune(&db, 2 * DAY).await.jobs, 1);
        assert_eq!(db.store.job_counts(&db.access).await.unwrap().len(), 1);
    });
}
