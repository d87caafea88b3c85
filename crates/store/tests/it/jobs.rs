//! The queue: order, keys, failures, workers that die.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use store::{Heard, JobFilter, JobState, NewJob, StoreError};

use crate::harness::{Db, on_both, second};

const MINUTE: Duration = Duration::from_mins(1);

fn job(kind: &str, dedup: Option<&str>) -> NewJob {
    NewJob {
        kind: kind.to_owned(),
        dedup: dedup.map(str::to_owned),
        priority: 0,
        run_at: second(0),
        payload: json!({ "n": 1 }),
        most_attempts: 3,
    }
}

fn in_state(state: JobState) -> JobFilter {
    JobFilter { states: vec![state], ..JobFilter::default() }
}

async fn claim(db: &Db, worker: &str, at: i64) -> Option<store::Job> {
    db.store.claim(&db.access, &["a", "b"], worker, second(at), MINUTE, true).await.unwrap()
}

#[test]
fn jobs_come_by_priority_and_time() {
    on_both(async |db| {
        let mut numbers = Vec::new();
        for (priority, run_at) in [(0, 5), (0, 1), (9, 8), (0, 100)] {
            let new = NewJob { priority, run_at: second(run_at), ..job("a", None) };
            numbers.push(db.store.enqueue(&db.access, second(0), &new).await.unwrap());
        }
        db.store.enqueue(&db.access, second(0), &job("other", None)).await.unwrap();
        assert!(claim(&db, "w", 0).await.is_none());
        for wanted in [2, 1, 0] {
            assert_eq!(claim(&db, "w", 10).await.unwrap().number, numbers[wanted]);
        }
        assert!(claim(&db, "w", 10).await.is_none());
        assert_eq!(claim(&db, "w", 100).await.unwrap().number, numbers[2], "its lease ran out");
    });
}

#[test]
fn of_unfinished_jobs_with_one_key_there_is_one() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let first = store.enqueue(access, second(0), &job("a", Some("k"))).await.unwrap();
        assert_eq!(store.enqueue(access, second(0), &job("a", Some("k"))).await.unwrap(), first);
        assert_ne!(store.enqueue(access, second(0), &job("b", Some("k"))).await.unwrap(), first);
        let claimed = claim(&db, "w", 1).await.unwrap();
        assert_eq!(store.enqueue(access, second(1), &job("a", Some("k"))).await.unwrap(), first);
        store.complete(access, &claimed, second(2), &json!({})).await.unwrap();
        assert_ne!(store.enqueue(access, second(2), &job("a", Some("k"))).await.unwrap(), first);
    });
}

#[test]
fn a_job_that_fails_waits_longer_each_time_and_dies() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let number = store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        let first = claim(&db, "w", 0).await.unwrap();
        store.fail(access, &first, second(0), "first\0", 1).await.unwrap();
        assert!(claim(&db, "w", 0).await.is_none());
        let again = claim(&db, "w", 2).await.unwrap();
        assert_eq!((again.number, again.attempt), (number, 2));
        store.fail(access, &again, second(2), "second", 1).await.unwrap();
        assert!(claim(&db, "w", 3).await.is_none());
        let last = claim(&db, "w", 6).await.unwrap();
        store.fail(access, &last, second(6), "third", 1).await.unwrap();
        assert!(claim(&db, "w", 1000).await.is_none());
        let dead = store.jobs(access, &in_state(JobState::Dead), 10).await.unwrap();
        assert_eq!((dead.len(), &*dead[0].error, dead[0].attempts), (1, "third", 3));
        store.revive(access, number, second(1000)).await.unwrap();
        assert_eq!(claim(&db, "w", 1000).await.unwrap().attempt, 1);
        assert!(store.revive(access, number, second(1000)).await.is_err());
    });
}

#[test]
fn a_dead_workers_job_is_taken_over_and_its_late_word_refused() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        let dead = claim(&db, "dead", 0).await.unwrap();
        assert!(claim(&db, "alive", 59).await.is_none());
        store.heartbeat(access, &dead, second(50), MINUTE, None).await.unwrap();
        assert!(claim(&db, "alive", 60).await.is_none());
        let alive = claim(&db, "alive", 110).await.unwrap();
        assert_eq!((alive.number, alive.attempt), (dead.number, 2));
        for late in [
            store.complete(access, &dead, second(111), &json!({})).await,
            store.fail(access, &dead, second(111), "late", 0).await,
            store.heartbeat(access, &dead, second(111), MINUTE, None).await.map(drop),
        ] {
            assert!(matches!(late.unwrap_err(), StoreError::LeaseLost(_)));
        }
        store.complete(access, &alive, second(112), &json!({})).await.unwrap();
        assert!(store.complete(access, &alive, second(113), &json!({})).await.is_err());
        assert_eq!(store.job_counts(access).await.unwrap(), [(JobState::Done, 1)]);
    });
}

#[test]
fn a_job_whose_workers_all_die_is_given_up() {
    on_both(async |db| {
        db.store.enqueue(&db.access, second(0), &job("a", None)).await.unwrap();
        for at in [0, 60, 120] {
            assert!(claim(&db, "dying", at).await.is_some());
        }
        assert!(claim(&db, "w", 180).await.is_none());
        assert_eq!(db.store.job_counts(&db.access).await.unwrap(), [(JobState::Dead, 1)]);
    });
}

#[test]
fn what_is_put_back_was_not_tried_and_what_may_live_is_left_alone() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        for at in 0..5 {
            let taken = claim(&db, "w", at * 2).await.unwrap();
            assert_eq!(taken.attempt, 1);
            let pause = Duration::from_secs(2);
            store.put_back(access, &taken, second(at * 2), "away", pause).await.unwrap();
            assert!(claim(&db, "w", at * 2 + 1).await.is_none());
            let late = store.put_back(access, &taken, second(at * 2), "away", pause).await;
            assert!(matches!(late.unwrap_err(), StoreError::LeaseLost(_)));
        }
        let taken = claim(&db, "w", 10).await.unwrap();
        let others = store.claim(access, &["a"], "v", second(100), MINUTE, false).await.unwrap();
        assert_eq!(others, None, "its worker may not have been able to say that it lives");
        store.heartbeat(access, &taken, second(100), MINUTE, None).await.unwrap();
        assert!(claim(&db, "v", 101).await.is_none());
        store.enqueue(access, second(101), &job("b", None)).await.unwrap();
        let ready = store.claim(access, &["b"], "v", second(101), MINUTE, false).await.unwrap();
        assert!(ready.is_some(), "what nobody has is taken");
    });
}

#[test]
fn several_workers_share_the_queue_and_nothing_is_done_twice() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        for _ in 0..40 {
            store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        }
        let done = Mutex::new(Vec::new());
        let work = |worker: &'static str| {
            let (db, done) = (&db, &done);
            async move {
                while let Some(job) = claim(db, worker, 1).await {
                    db.store.complete(&db.access, &job, second(2), &json!({})).await.unwrap();
                    done.lock().unwrap().push(job.number);
                }
            }
        };
        tokio::join!(work("w1"), work("w2"), work("w3"), work("w4"));
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        done.dedup();
        assert_eq!(done.len(), 40);
        assert_eq!(store.job_counts(access).await.unwrap(), [(JobState::Done, 40)]);
    });
}

#[test]
fn a_cancelled_job_ends_at_once_or_when_its_worker_hears() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let waiting = store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        store.cancel(access, waiting, second(1)).await.unwrap();
        assert_eq!(store.job(access, waiting).await.unwrap().state, JobState::Cancelled);
        assert!(claim(&db, "w", 5).await.is_none());
        assert!(store.cancel(access, waiting, second(2)).await.is_err());

        let running = store.enqueue(access, second(0), &job("a", None)).await.unwrap();
        let claimed = claim(&db, "w", 5).await.unwrap();
        assert_eq!((claimed.number, &*claimed.actor), (running, "tester"));
        let far = json!({ "files": 3 });
        let heard = store.heartbeat(access, &claimed, second(6), MINUTE, Some(&far)).await.unwrap();
        assert_eq!(heard, Heard::GoOn);
        store.cancel(access, running, second(7)).await.unwrap();
        let heard = store.heartbeat(access, &claimed, second(8), MINUTE, None).await.unwrap();
        assert_eq!(heard, Heard::Cancel);
        store.end_cancelled(access, &claimed, second(9)).await.unwrap();
        let row = store.job(access, running).await.unwrap();
        assert_eq!((row.state, row.progress), (JobState::Cancelled, far));
        assert_eq!((row.finished, row.cancelled), (Some(second(9)), Some(second(7))));
    });
}

#[test]
fn a_list_of_jobs_is_narrowed_and_paged() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let mut numbers = Vec::new();
        for kind in ["a", "b", "a", "c", "a"] {
            numbers.push(store.enqueue(access, second(0), &job(kind, None)).await.unwrap());
        }
        let list = async |filter: JobFilter, limit| {
            let rows = store.jobs(access, &filter, limit).await.unwrap();
            rows.iter().map(|it| it.number).collect::<Vec<_>>()
        };
        let of = |kinds: &[&str]| kinds.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let all = JobFilter::default();
        assert_eq!(list(all.clone(), 2).await, [numbers[4], numbers[3]]);
        let rest = JobFilter { before: Some(numbers[3]), ..all.clone() };
        assert_eq!(list(rest, 9).await, [numbers[2], numbers[1], numbers[0]]);
        let some = JobFilter { kinds: of(&["b", "c"]), ..all.clone() };
        assert_eq!(list(some, 9).await, [numbers[3], numbers[1]]);
        assert!(list(in_state(JobState::Done), 9).await.is_empty());
    });
}
