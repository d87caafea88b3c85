//! Opening: new databases, several processes at once, older and newer schemas.

use std::path::{Path, PathBuf};

use serde_json::json;
use store::{At, AuditVerdict, Location, SCHEMA, Store, StoreError, read_backup_header};
use testkit::Folder;

use crate::harness::{Db, access, block_on, on_both, on_each_location, raw, second};

#[test]
fn processes_that_open_at_once_take_turns() {
    on_each_location(async |location| {
        let open = || Store::open(&location, second(0));
        let (a, b, c, d) = tokio::join!(open(), open(), open(), open());
        for store in [a, b, c, d] {
            let store = store.unwrap();
            store.health().await.unwrap();
            store.close().await;
        }
    });
}

#[test]
fn a_newer_schema_is_refused() {
    on_both(async |db| {
        let sql = "INSERT INTO schema_migration (no, name, checksum, at) VALUES (99, 'x', 'y', 0)";
        raw(&db.location, sql).await.unwrap();
        for error in [
            db.store.health().await.unwrap_err(),
            Store::open(&db.location, second(0)).await.unwrap_err(),
        ] {
            assert!(
                matches!(error, StoreError::NewerSchema { found: 99, known: SCHEMA }),
                "{error}"
            );
            assert!(error.to_string().contains("use a newer program"));
        }
    });
}

#[test]
fn a_step_that_was_changed_after_the_fact_is_found() {
    on_both(async |db| {
        raw(&db.location, "UPDATE schema_migration SET checksum = 'x' WHERE no = 1").await.unwrap();
        let error = Store::open(&db.location, second(0)).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    });
}

fn sample(schema: i64, kind: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    folder.join(format!("{schema:04}.{kind}"))
}

/// Writes the samples of a schema: a small SQLite database and a back-up. Run once, by whoever adds the next
/// schema: `MERLON_WRITE_SAMPLES=1 cargo test -p store samples`.
async fn write_samples(schema: i64) {
    let folder = Folder::new().unwrap();
    let location = Location::Folder(folder.path().join("data"));
    Store::open_at(&location, schema, second(0)).await.unwrap().close().await;
    let db = Db::open_as_it_is(location, schema).await;
    db.put(1, &[("a", Some(json!({ "x": 1 }))), ("b", Some(json!({ "y": [null] })))]).await;
    db.put(2, &[("a", Some(json!({ "x": 2 }))), ("b", None)]).await;
    let backup = sample(schema, "backup");
    std::fs::remove_file(&backup).unwrap_or_default();
    db.store.backup(&db.access, &backup, second(3)).await.unwrap();
    db.store.close().await;
    let bytes = std::fs::read(folder.path().join("data/merlon.db")).unwrap();
    let small = zstd::bulk::compress(&bytes, 19).unwrap();
    std::fs::write(sample(schema, "db.zst"), small).unwrap();
}

async fn check_sample(location: &Location, schema: i64) {
    let store = Store::open(location, second(10)).await.unwrap();
    let access = access();
    let keys = store.keys(&access).await.unwrap();
    let doc = |at| {
        let (store, access, keys) = (&store, &access, &keys);
        async move {
            let found = store.resource(access, "a", at).await.unwrap().unwrap();
            found.resource.doc.view().to_json(keys)
        }
    };
    assert_eq!(doc(At::Seq(1)).await, json!({ "x": 1 }), "schema {schema}");
    assert_eq!(doc(At::Now).await, json!({ "x": 2 }), "schema {schema}");
    let verdict = store.audit_verify(&access, None).await.unwrap();
    assert!(matches!(verdict, AuditVerdict::Whole(_)), "schema {schema}: {verdict:?}");
    store.check(&access, true).await.unwrap();
    store.close().await;
    let db = Db::open(location.clone()).await;
    assert_eq!(db.put(20, &[("c", Some(json!({ "new key": 1 })))]).await.seq, 3);
    assert!(db.store.jobs(&db.access, &store::JobFilter::default(), 1).await.unwrap().is_empty());
    db.store.close().await;
}

#[test]
fn samples_of_every_schema_open_and_migrate() {
    let writes = std::env::var_os("MERLON_WRITE_SAMPLES").is_some();
    for schema in 1..=SCHEMA {
        if writes && !sample(schema, "backup").exists() {
            block_on(write_samples(schema));
        }
        let backup = sample(schema, "backup");
        assert_eq!(read_backup_header(&backup).unwrap().schema, schema);
        block_on(async {
            let folder = Folder::new().unwrap();
            std::fs::create_dir(folder.path().join("data")).unwrap();
            let small = std::fs::read(sample(schema, "db.zst")).unwrap();
            let bytes = zstd::bulk::decompress(&small, 64 << 20).unwrap();
            std::fs::write(folder.path().join("data/merlon.db"), bytes).unwrap();
            check_sample(&Location::Folder(folder.path().join("data")), schema).await;
        });
        on_each_location(async |location| {
            let restored =
                Store::restore(&location, &access(), &backup, second(9), false).await.unwrap();
            restored.close().await;
            check_sample(&location, schema).await;
        });
    }
}
