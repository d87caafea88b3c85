//! Runs a test on both databases, and makes what tests store.

use std::time::Duration;

use jiff::Timestamp;
use model::{Doc, Keys, Resource, Verdict};
use serde_json::Value as Json;
use store::{
    Access, Change, Committed, Lease, Location, Put, Standing, Store, TenantId, WRITER, Word,
};
use testkit::{Folder, Postgres};

/// A database of a test.
pub(crate) struct Db {
    pub(crate) store: Store,
    pub(crate) location: Location,
    pub(crate) access: Access,
    pub(crate) lease: Lease,
    pub(crate) keys: Keys,
}

/// The instant of second `n`.
pub(crate) fn second(n: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + n).unwrap()
}

pub(crate) fn access() -> Access {
    Access::new(TenantId::FIRST, "tester")
}

pub(crate) const LONG: Duration = Duration::from_secs(1_000_000_000);

/// Runs `test` on a new SQLite database and on a new PostgreSQL database.
pub(crate) fn on_both(test: impl AsyncFn(Db)) {
    on_each_location(async |location| {
        let db = Db::open(location).await;
        let store = db.store.clone();
        test(db).await;
        store.close().await;
    });
}

/// Runs `test` with the place of a new database of each sort.
pub(crate) fn on_each_location(test: impl AsyncFn(Location)) {
    let folder = Folder::new().unwrap();
    block_on(test(Location::Folder(folder.path().join("data"))));
    match Postgres::database().unwrap() {
        Postgres::Url(url) => block_on(test(Location::Postgres(url))),
        Postgres::Missing => eprintln!("skipped on PostgreSQL, which is not installed"),
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

impl Db {
    pub(crate) async fn open(location: Location) -> Self {
        let store = Store::open(&location, second(0)).await.unwrap();
        Self::around(store, location).await
    }

    /// With the schema that it has.
    pub(crate) async fn open_as_it_is(location: Location, schema: i64) -> Self {
        let store = Store::open_at(&location, schema, second(0)).await.unwrap();
        Self::around(store, location).await
    }

    async fn around(store: Store, location: Location) -> Self {
        let access = access();
        let lease = store.acquire(&access, WRITER, "test", second(0), LONG).await.unwrap();
        let keys = store.keys(&access).await.unwrap();
        Self { store, location, access, lease, keys }
    }

    /// A resource `id` of kind `k` in scope `s` with this document.
    pub(crate) fn resource(&self, id: &str, doc: &Json) -> Resource {
        Resource {
            id: id.to_owned(),
            kind: "k".into(),
            name: format!("name of {id}"),
            scope: "s".into(),
            region: Some("r".into()),
            tags: [("tag", id)].into_iter().collect(),
            doc: Doc::build(doc, &self.keys),
            collected: true,
            also: vec![("arn".into(), format!("arn:{id}"))],
            affects: Box::default(),
            as_of: None,
        }
    }

    pub(crate) async fn commit(&self, at: i64, change: &Change<'_>) -> Committed {
        self.store.commit(&self.access, &self.lease, second(at), change).await.unwrap()
    }

    /// Commits documents by id; `None` takes a resource away.
    pub(crate) async fn put(&self, at: i64, docs: &[(&str, Option<Json>)]) -> Committed {
        let resources: Vec<Resource> =
            docs.iter().filter_map(|(id, doc)| Some(self.resource(id, doc.as_ref()?))).collect();
        let mut change = Change::new("import", "a test");
        change.puts = resources.iter().map(Put::new).collect();
        change.gone = docs.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
        self.commit(at, &change).await
    }

    pub(crate) async fn word(&self, text: &str) -> Word {
        self.store.words(&self.access).await.unwrap().intern(text)
    }

    /// A verdict of this commit.
    pub(crate) async fn standing(&self, check: &str, verdict: Verdict, why: &str) -> Standing {
        let (check, why) = (self.word(check).await, self.word(why).await);
        Standing { check, verdict, why, since: 0, first_seen: 0, reopened: 0 }
    }
}

/// Runs a statement behind the store's back.
pub(crate) async fn raw(location: &Location, sql: &str) -> Result<(), String> {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    match location {
        Location::Folder(folder) => {
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(folder.join("merlon.db"))
                .foreign_keys(false);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
            let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
            connection.close().await.unwrap();
            done.map(drop).map_err(|error| error.to_string())
        }
        Location::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let done = connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
            done.map(drop).map_err(|error| error.to_string())
        }
    }
}

/// [`raw`], with the guards of the audit log taken away: what somebody with all rights could do.
pub(crate) async fn raw_lifting_guards(location: &Location, sql: &str) {
    let lift = match location {
        Location::Folder(_) => "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete",
        Location::Postgres(_) => "ALTER TABLE audit DISABLE TRIGGER USER",
    };
    raw(location, lift).await.unwrap();
    raw(location, sql).await.unwrap();
}
