//! When the ground gives way: a page that is not what was written, a server that goes away.

use std::os::unix::fs::FileExt as _;

use model::Doc;
use serde_json::json;
use store::{At, Change, Location, Put, Store, StoreError};
use testkit::{Folder, Postgres, Server};

use crate::harness::{Db, block_on, on_both, raw, second};

#[test]
fn a_damaged_page_is_found() {
    let folder = Folder::new().unwrap();
    let location = Location::Folder(folder.path().join("data"));
    block_on(async {
        let db = Db::open(location.clone()).await;
        let ids: Vec<String> = (0..300).map(|it| format!("id{it}")).collect();
        let docs: Vec<_> =
            ids.iter().map(|id| (id.as_str(), Some(json!({ "text": id.repeat(50) })))).collect();
        db.put(1, &docs).await;
        db.store.check(&db.access, true).await.unwrap();
        db.store.close().await;
        let path = folder.path().join("data/merlon.db");
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let pages = std::fs::metadata(&path).unwrap().len() / 8192;
        for page in 20..pages {
            file.write_all_at(&[0xa5; 512], page * 8192).unwrap();
        }
        let error = match Store::open(&location, second(2)).await {
            Ok(store) => store.check(&db.access, true).await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    });
}

#[test]
fn a_damaged_log_does_not_lose_commits_without_a_word() {
    let folder = Folder::new().unwrap();
    let location = Location::Folder(folder.path().join("data"));
    block_on(async {
        let db = Db::open(location).await;
        for round in 0..3_u64 {
            db.put(1, &[("a", Some(json!({ "round": round })))]).await;
        }
        // As a crash leaves it: the log was not taken into the database.
        let copy = |change: &dyn Fn(&mut [u8])| {
            let place = folder.path().join("copy");
            std::fs::create_dir_all(&place).unwrap();
            std::fs::copy(folder.path().join("data/merlon.db"), place.join("merlon.db")).unwrap();
            let mut log = std::fs::read(folder.path().join("data/merlon.db-wal")).unwrap();
            change(&mut log);
            std::fs::write(place.join("merlon.db-wal"), log).unwrap();
            Location::Folder(place)
        };
        let check = async |change: &dyn Fn(&mut [u8]), expected: Result<u64, &str>| {
            let found = match Store::open(&copy(change), second(2)).await {
                Ok(store) => {
                    let moment = store.moment(&db.access, At::Now).await;
                    store.close().await;
                    Ok(moment.unwrap().seq)
                }
                Err(error) => Err(error.to_string()),
            };
            std::fs::remove_dir_all(folder.path().join("copy")).unwrap();
            match (expected, found) {
                (Ok(expected), Ok(found)) => assert_eq!(found, expected),
                (Err(expected), Err(found)) => assert!(found.contains(expected), "{found}"),
                (expected, found) => panic!("expected {expected:?}, found {found:?}"),
            }
        };
        let frame = |n: usize| 32 + (n - 1) * (24 + 8192);
        check(&|_| (), Ok(3)).await;
        check(&|log| log[frame(2) + 4000] ^= 1, Err("frame 2 of the write-ahead log")).await;
        check(&|log| log[frame(2) + 9] ^= 1, Err("frame 2 of the write-ahead log")).await;
        check(&|log| log[17] ^= 1, Err("frame 0 of the write-ahead log")).await;
        // Who could tell that the last commit was acknowledged?
        check(&|log| log[last_byte(log)] ^= 1, Ok(2)).await;
        db.store.close().await;
    });
}

fn last_byte(log: &[u8]) -> usize {
    log.len() - (log.len() - 32) % (24 + 8192) - 1
}

#[test]
fn a_damaged_document_is_an_error_and_not_another_document() {
    on_both(async |db| {
        db.put(1, &[("a", Some(json!({ "x": "text" })))]).await;
        raw(&db.location, "UPDATE document SET packed = hash").await.unwrap();
        let error = db.store.resource(&db.access, "a", At::Now).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        let mut pages = db.store.resources(&db.access, At::Now).await.unwrap();
        assert!(matches!(pages.next().await.unwrap_err(), StoreError::Corrupt(_)));
    });
}

#[test]
fn a_document_that_is_missing_is_found() {
    on_both(async |db| {
        db.put(1, &[("a", Some(json!(1)))]).await;
        raw(&db.location, "DELETE FROM document").await.unwrap();
        let error = db.store.check(&db.access, false).await.unwrap_err();
        assert!(error.to_string().contains("a version without its document"), "{error}");
    });
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = Folder::new().unwrap();
    std::fs::write(folder.path().join("merlon.db"), "this is no database at all".repeat(500))
        .unwrap();
    let location = Location::Folder(folder.path().to_owned());
    let error = block_on(Store::open(&location, second(0))).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

#[test]
fn a_server_that_crashes_keeps_what_it_acknowledged() {
    if matches!(Postgres::database().unwrap(), Postgres::Missing) {
        eprintln!("skipped on PostgreSQL, which is not installed");
        return;
    }
    let server = Server::start().unwrap();
    let location = Location::Postgres(server.database().unwrap());
    block_on(async {
        let db = Db::open(location).await;
        for round in 1..=2_u64 {
            let committed = db.put(1, &[("a", Some(json!({ "round": round })))]).await;
            assert_eq!(committed.seq, round);
            server.crash().unwrap();
            let mut resource = db.resource("b", &json!(null));
            resource.doc = Doc::build(&json!({ "lost": round }), &db.keys);
            let mut change = Change::new("import", "while it is away");
            change.puts.push(Put::new(&resource));
            let error =
                db.store.commit(&db.access, &db.lease, second(1), &change).await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
            assert!(error.is_transient());
            server.restart().unwrap();
            let moment = db.store.moment(&db.access, At::Now).await.unwrap();
            assert_eq!(moment.seq, round);
            db.store.check(&db.access, false).await.unwrap();
        }
        db.store.close().await;
    });
}
