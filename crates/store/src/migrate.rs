//! The schema: forward only, one step at a time, each in its own transaction.
//!
//! INVARIANT: a step that was released never changes; its checksum is stored beside it.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::db::{Dialect, Pools, Result, Tx, args};
use crate::error::StoreError;

/// One step: what both databases understand, and what only one does.
struct Migration {
    name: &'static str,
    common: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "inventory",
        common: include_str!("../migrations/0001_inventory.sql"),
        sqlite: include_str!("../migrations/0001_inventory.sqlite.sql"),
        postgres: include_str!("../migrations/0001_inventory.postgres.sql"),
    },
    Migration {
        name: "jobs",
        common: include_str!("../migrations/0002_jobs.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "retention",
        common: include_str!("../migrations/0003_retention.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "service",
        common: include_str!("../migrations/0004_service.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "people",
        common: include_str!("../migrations/0005_people.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "standings",
        common: include_str!("../migrations/0006_standings.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "passkeys",
        common: include_str!("../migrations/0007_passkeys.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "stories",
        common: include_str!("../migrations/0008_stories.sql"),
        sqlite: "",
        postgres: "",
    },
];

/// The newest schema that this program knows.
pub const NEWEST: i64 = (MIGRATIONS.len() as u64).cast_signed();

/// PostgreSQL's advisory lock under which migrations run.
const LOCK: i64 = 0x6d65_726c_6f6e;

impl Migration {
    fn text(&self, dialect: Dialect) -> String {
        let (id, bytes, real, compact, own) = match dialect {
            Dialect::Sqlite => {
                ("INTEGER PRIMARY KEY", "BLOB", "REAL", "WITHOUT ROWID", self.sqlite)
            }
            Dialect::Postgres => {
                ("BIGINT NOT NULL PRIMARY KEY", "BYTEA", "DOUBLE PRECISION", "", self.postgres)
            }
        };
        let common = self.common.replace("{ID}", id).replace("{BYTES}", bytes);
        format!("{}\n{own}", common.replace("{REAL}", real).replace("{COMPACT}", compact))
    }
}

/// Brings the schema up to `target`. Processes that open at once take turns.
pub(crate) async fn run(pools: &Pools, target: i64, now: Timestamp) -> Result<()> {
    loop {
        let mut tx = pools.write().await?;
        if tx.dialect() == Dialect::Postgres {
            tx.run("SELECT pg_advisory_xact_lock($1)", args![LOCK]).await?;
        }
        tx.run(
            "CREATE TABLE IF NOT EXISTS schema_migration (no BIGINT NOT NULL PRIMARY KEY, \
             name TEXT NOT NULL, checksum TEXT NOT NULL, at BIGINT NOT NULL)",
            args![],
        )
        .await?;
        let found = verify(&mut tx).await?;
        let next = usize::try_from(found).ok().and_then(|it| MIGRATIONS.get(it));
        let Some(next) = next.filter(|_| found < target) else {
            return tx.commit().await; // the table above, when it is new
        };
        let text = next.text(tx.dialect());
        tx.script(&text).await?;
        tx.run(
            "INSERT INTO schema_migration (no, name, checksum, at) VALUES ($1, $2, $3, $4)",
            args![found + 1, next.name, checksum(&text), now.as_microsecond()],
        )
        .await?;
        tx.commit().await?;
    }
}

/// The schema of the database, whose steps must be ours.
pub(crate) async fn verify(tx: &mut Tx) -> Result<i64> {
    let rows = tx.rows("SELECT no, checksum FROM schema_migration ORDER BY no", args![]).await?;
    let found = rows.last().map_or(Ok(0), |row| row.int(0))?;
    if found > NEWEST {
        return Err(StoreError::NewerSchema { found, known: NEWEST });
    }
    for (row, migration) in rows.iter().zip(MIGRATIONS) {
        if row.text(1)? != checksum(&migration.text(tx.dialect())) {
            let name = migration.name;
            return Err(StoreError::Corrupt(format!(
                "schema step `{name}` is not the one that this program knows"
            )));
        }
    }
    Ok(found)
}

/// Takes away the triggers that keep the audit log as it is, or sets them again, within a transaction:
/// for a restore that replaces all of a tenant.
pub(crate) async fn guard_audit(tx: &mut Tx, is_set: bool) -> Result<()> {
    let text = match (tx.dialect(), is_set) {
        (Dialect::Sqlite, true) => include_str!("../migrations/0001_inventory.sqlite.sql"),
        (Dialect::Sqlite, false) => "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;",
        (Dialect::Postgres, true) => "ALTER TABLE audit ENABLE TRIGGER USER;",
        (Dialect::Postgres, false) => "ALTER TABLE audit DISABLE TRIGGER USER;",
    };
    tx.script(text).await
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}
