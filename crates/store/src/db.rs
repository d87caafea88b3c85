//! One way to speak to both databases: values, rows and transactions.
//!
//! Statements are written once, in the part of SQL that both understand, with `$1` for parameters.
//! Where they differ, the text asks [`Tx::dialect`].

use std::path::PathBuf;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction,
};

use crate::error::StoreError;
use crate::wal;

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder that holds `merlon.db`, made when it is missing.
    Folder(PathBuf),
    /// A PostgreSQL database: `postgres://user@host/database`.
    Postgres(String),
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// Bytes of a page of SQLite.
const PAGE: u32 = 8192;
/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(10);
/// Pause before such a writer looks again.
const AGAIN: Duration = Duration::from_millis(20);
/// How long a call waits for a connection, for instance while the server is away.
const PATIENCE: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;

/// The connections. SQLite has one that writes, so that writers of this process queue instead of
/// colliding.
#[derive(Debug, Clone)]
pub(crate) enum Pools {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

impl Pools {
    pub(crate) async fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Folder(folder) => sqlite(folder.clone()).await,
            Location::Postgres(url) => {
                let options: PgConnectOptions = url
                    .parse()
                    .map_err(|_| StoreError::Invalid("the database URL is not a URL".to_owned()))?;
                let options = options.disable_statement_logging().application_name("merlon");
                let pool = PgPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(PATIENCE)
                    .after_connect(|connection, _| {
                        Box::pin(async move {
                            // An acknowledged commit is on disk, whatever the server's default.
                            sqlx::query(
                                "SELECT set_config('synchronous_commit', 'on', false) \
                                 WHERE current_setting('synchronous_commit') = 'off'",
                            )
                            .execute(connection)
                            .await?;
                            Ok(())
                        })
                    })
                    .connect_with(options)
                    .await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// A transaction that writes. On SQLite it holds the write lock from the start.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => match write.begin_with("BEGIN IMMEDIATE").await {
                // A full disk ends a transaction by itself, and the connection still counts it.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    write.acquire().await?.close().await?;
                    Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)
                }
                begun => Tx::Sqlite(begun?),
            },
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that reads one state, whatever is written meanwhile.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
            ),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

async fn sqlite(folder: PathBuf) -> Result<Pools> {
    if !folder.is_dir() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| {
            StoreError::File(format!("folder `{}` cannot be made", folder.display()), error)
        })?;
    }
    // SQLite only says that it cannot open the file; the system says why.
    let probe = folder.join(".merlon-probe");
    std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).map_err(|error| {
        StoreError::File(format!("folder `{}` cannot be written", folder.display()), error)
    })?;
    let log = folder.join("merlon.db-wal");
    let lost = tokio::task::spawn_blocking(move || (wal::lost(&log, PAGE as usize), log)).await;
    let (lost, log) = lost.map_err(|_| StoreError::Internal(sqlx::Error::WorkerCrashed))?;
    let lost = lost
        .map_err(|error| StoreError::File(format!("`{}` cannot be read", log.display()), error))?;
    if let Some(wal::Lost { frame, n_commits }) = lost {
        return Err(StoreError::Corrupt(format!(
            "frame {frame} of the write-ahead log `{}` is not what was written, and {n_commits} \
             acknowledged commits behind it would be lost",
            log.display()
        )));
    }
    let options = SqliteConnectOptions::new()
        .filename(folder.join("merlon.db"))
        .create_if_missing(true)
        .page_size(PAGE)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full) // an acknowledged commit is on disk
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    let write =
        SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_mins(10)); // a big import may be before us
    let write = connected(write, options.clone().pragma("cache_size", "-131072")).await?;
    let read = SqlitePoolOptions::new().max_connections(SQLITE_READERS).acquire_timeout(PATIENCE);
    let options =
        options.create_if_missing(false).row_buffer_size(1024).pragma("cache_size", "-32768");
    let read = connected(read, options).await?;
    Ok(Pools::Sqlite { write, read })
}

/// Connects, also while another process makes the same database: to change to the write-ahead log SQLite
/// needs the file for itself, and does not wait for it.
async fn connected(pool: SqlitePoolOptions, options: SqliteConnectOptions) -> Result<SqlitePool> {
    let connecting = async {
        loop {
            match pool.clone().connect_with(options.clone()).await.map_err(StoreError::from) {
                Err(StoreError::Busy(_)) => tokio::time::sleep(AGAIN).await,
                done => return done,
            }
        }
    };
    match tokio::time::timeout(BUSY, connecting).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Busy(sqlx::Error::PoolTimedOut)),
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Int(Option<i64>),
    Real(f64),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($type:ty => $make:expr;)*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let make: fn($type) -> Self = $make;
                make(value)
            }
        })*
    };
}

value_from! {
    i64 => |it| Self::Int(Some(it));
    u32 => |it| Self::Int(Some(i64::from(it)));
    u16 => |it| Self::Int(Some(i64::from(it)));
    u64 => |it| Self::Int(Some(it.cast_signed()));
    usize => |it| Self::Int(Some((it as u64).cast_signed()));
    Option<i64> => Self::Int;
    f64 => Self::Real;
    &str => |it| Self::Text(Some(it.to_owned()));
    String => |it| Self::Text(Some(it));
    Option<String> => Self::Text;
    Vec<u8> => |it| Self::Bytes(Some(it));
    &[u8] => |it| Self::Bytes(Some(it.to_vec()));
}

/// The parameters of a statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use args;

/// A transaction; dropped without a commit it never was.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Int(it) => query.bind(it),
                Value::Real(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
            };
        }
        query
    }};
}

impl Tx {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// `text` on PostgreSQL, nothing on SQLite, which locks the whole database anyway.
    pub(crate) fn lock(&self, text: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => text,
        }
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn run(&mut self, sql: &str, values: Vec<Value>) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => bound!(sql, values).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bound!(sql, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// All rows of a query.
    pub(crate) async fn rows(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(tx) => {
                let rows = bound!(sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = bound!(sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row of a query.
    pub(crate) async fn row(&mut self, sql: &str, values: Vec<Value>) -> Result<Option<Row>> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a script of several statements.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(tx) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await?;
            }
            Self::Postgres(tx) => {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// A row of an answer; columns by number.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! column {
    ($($(#[$doc:meta])* $name:ident: $type:ty;)*) => {
        $($(#[$doc])* pub(crate) fn $name(&self, index: usize) -> Result<$type> {
            Ok(match self {
                Self::Sqlite(row) => row.try_get_unchecked(index)?,
                Self::Postgres(row) => row.try_get_unchecked(index)?,
            })
        })*
    };
}

impl Row {
    column! {
        int: i64;
        int_or_null: Option<i64>;
        real: f64;
        text: String;
        text_or_null: Option<String>;
        bytes: Vec<u8>;
    }

    /// A number that is never negative.
    pub(crate) fn count(&self, index: usize) -> Result<u64> {
        self.int(index).map(i64::cast_unsigned)
    }

    /// A number of a word, a key or a gap.
    pub(crate) fn small(&self, index: usize) -> Result<u32> {
        u32::try_from(self.int(index)?)
            .map_err(|_| StoreError::Corrupt("a number is out of its range".to_owned()))
    }
}
