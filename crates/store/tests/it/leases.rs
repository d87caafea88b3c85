//! Leases: contested, expired, stolen.

use std::time::Duration;

use serde_json::json;
use store::{Change, Put, StoreError, WRITER};

use crate::harness::{Db, on_both, second};

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn a_held_lease_is_refused_with_its_holder() {
    on_both(async |db| {
        let lease = db.store.acquire(&db.access, "x", "one", second(0), MINUTE).await.unwrap();
        assert_eq!((lease.token, lease.expires), (1, second(60)));
        match db.store.acquire(&db.access, "x", "two", second(59), MINUTE).await.unwrap_err() {
            StoreError::LeaseHeld { holder, until, .. } => {
                assert_eq!((&*holder, until), ("one", second(60)));
            }
            other => panic!("{other}"),
        }
    });
}

#[test]
fn tokens_grow_with_each_acquisition() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let first = store.acquire(access, "x", "one", second(0), MINUTE).await.unwrap();
        let again = store.acquire(access, "x", "one", second(1), MINUTE).await.unwrap();
        let stolen = store.acquire(access, "x", "two", second(61), MINUTE).await.unwrap();
        assert_eq!((first.token, again.token, stolen.token), (1, 2, 3));
        for lost in [&first, &again] {
            let error = store.renew(access, lost, second(62), MINUTE).await.unwrap_err();
            assert!(matches!(error, StoreError::LeaseLost(_)), "{error}");
            store.release(access, lost).await.unwrap(); // changes nothing
        }
        let renewed = store.renew(access, &stolen, second(62), MINUTE).await.unwrap();
        assert_eq!(renewed.expires, second(122));
        store.release(access, &renewed).await.unwrap();
        let next = store.acquire(access, "x", "one", second(63), MINUTE).await.unwrap();
        assert!(next.token > stolen.token);
        assert!(store.renew(access, &renewed, second(64), MINUTE).await.is_err());
    });
}

#[test]
fn a_lease_that_ran_out_is_renewed_while_nobody_took_it() {
    on_both(async |db| {
        let lease = db.store.acquire(&db.access, "x", "one", second(0), MINUTE).await.unwrap();
        let renewed = db.store.renew(&db.access, &lease, second(100), MINUTE).await.unwrap();
        assert_eq!((renewed.token, renewed.expires), (lease.token, second(160)));
    });
}

#[track_caller]
fn check_lost(error: &StoreError) {
    assert!(matches!(error, StoreError::LeaseLost(name) if name == WRITER), "{error}");
}

async fn commit_fails(db: &Db, lease: &store::Lease, at: i64) {
    let resource = db.resource("late", &json!(1));
    let mut change = Change::new("import", "late");
    change.puts.push(Put::new(&resource));
    let failed = db.store.commit(&db.access, lease, second(at), &change).await;
    check_lost(&failed.unwrap_err());
    let doc = &resource.doc;
    let failed = db.store.stage(&db.access, lease, second(at), &[doc]).await;
    check_lost(&failed.unwrap_err());
    assert_eq!(db.store.changes_since(&db.access, 1, 10).await.unwrap(), []);
}

#[test]
fn a_commit_without_the_current_lease_changes_nothing() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        db.put(1, &[("a", Some(json!(1)))]).await;
        store.release(access, &db.lease).await.unwrap();
        commit_fails(&db, &db.lease, 2).await; // given back
        let lease = store.acquire(access, WRITER, "one", second(10), MINUTE).await.unwrap();
        commit_fails(&db, &lease, 70).await; // run out
        store.acquire(access, WRITER, "two", second(70), MINUTE).await.unwrap();
        commit_fails(&db, &lease, 71).await; // stolen
        commit_fails(&db, &lease, 11).await; // stolen, and the old holder's clock is behind
    });
}
