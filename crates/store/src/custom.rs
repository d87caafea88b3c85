//! Checks that people write themselves, version by version.
//!
//! INVARIANT: a version is never changed; withdrawing is a version without text.

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::change::AuditEntry;
use crate::db::{Result, Row, args};
use crate::error::StoreError;
use crate::time::{instant, micros};

/// A version of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomCheck {
    /// The id of the check.
    pub id: String,
    /// From 1.
    pub version: u64,
    /// The file; empty: withdrawn.
    pub text: String,
    /// The file with its cases; may be empty.
    pub cases: String,
    /// Who wrote it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, version, text, cases, actor, at";

impl Store {
    /// The last version of every check, withdrawn ones too, by id.
    pub async fn custom_checks(&self, access: &Access) -> Result<Vec<CustomCheck>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM custom_check c WHERE tenant = $1 AND version = \
             (SELECT max(version) FROM custom_check WHERE tenant = $1 AND id = c.id) ORDER BY id"
        );
        tx.rows(&sql, args![access.row()]).await?.iter().map(shape).collect()
    }

    /// Every version of a check, the oldest first.
    pub async fn custom_versions(&self, access: &Access, id: &str) -> Result<Vec<CustomCheck>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM custom_check WHERE tenant = $1 AND id = $2 ORDER BY version"
        );
        tx.rows(&sql, args![access.row(), id]).await?.iter().map(shape).collect()
    }

    /// Adds a version on top of version `base` (0: there is none yet); gives its number. Fails with
    /// [`StoreError::Conflict`] when somebody else was faster.
    pub async fn publish_custom(
        &self,
        access: &Access,
        now: Timestamp,
        base: u64,
        new: (&str, &str, &str),
    ) -> Result<u64> {
        let (id, text, cases) = new;
        let mut tx = self.write(access).await?;
        let sql =
            "SELECT coalesce(max(version), 0) FROM custom_check WHERE tenant = $1 AND id = $2";
        let row = tx.row(sql, args![access.row(), id]).await?;
        let last = row.map(|row| row.count(0)).transpose()?.unwrap_or(0);
        if last != base {
            return Err(StoreError::Conflict(format!("`{id}` has version {last} by now")));
        }
        let sql = "INSERT INTO custom_check (tenant, id, version, text, cases, actor, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = args![access.row(), id, last + 1, text, cases, access.actor(), micros(now)];
        tx.run(sql, values).await?;
        let action = if text.is_empty() { "check.withdraw" } else { "check.publish" };
        let entry = AuditEntry {
            action: action.to_owned(),
            object: id.to_owned(),
            detail: json!({ "version": last + 1, "text": text }),
        };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await?;
        Ok(last + 1)
    }
}

fn shape(row: &Row) -> Result<CustomCheck> {
    Ok(CustomCheck {
        id: row.text(0)?,
        version: row.count(1)?,
        text: row.text(2)?,
        cases: row.text(3)?,
        actor: row.text(4)?,
        at: instant(row.int(5)?)?,
    })
}
