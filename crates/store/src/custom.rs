//! Checks that people write themselves, version by version, and which of them count.
//!
//! INVARIANT: a version is never changed; a check that was deleted has a last version without text.
//!
//! Versions are drafts. Which version of which check counts is a state of the tenant that commits change, as they
//! change verdicts: every moment has its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::change::AuditEntry;
use crate::db::{Result, Row, args};
use crate::error::StoreError;
use crate::store::At;
use crate::time::{instant, micros};

/// Name of the state that says which versions count.
const STATE: &str = "ownChecks";

/// A version of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomCheck {
    /// The id of the check.
    pub id: String,
    /// From 1.
    pub version: u64,
    /// The file; empty: the check was deleted.
    pub text: String,
    /// The file with its cases; may be empty.
    pub cases: String,
    /// Who wrote it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// Which version of a check was published last, and whether it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The version.
    pub version: u64,
    /// Whether it counts; false: the check was disabled.
    pub is_on: bool,
}

/// The published checks, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedChecks(pub BTreeMap<String, Published>);

impl PublishedChecks {
    /// As a state of a commit: its name and its content.
    pub fn to_state(&self) -> (&'static str, Option<Vec<u8>>) {
        let one = |it: &Published| json!({ "version": it.version, "isOn": it.is_on });
        let all: Map<String, Json> = self.0.iter().map(|(id, it)| (id.clone(), one(it))).collect();
        (STATE, Some(Json::Object(all).to_string().into_bytes()))
    }

    fn read(state: &[u8]) -> Option<Self> {
        let Json::Object(all) = serde_json::from_slice(state).ok()? else { return None };
        let one = |it: &Json| {
            let (version, is_on) = (it.get("version")?.as_u64()?, it.get("isOn")?.as_bool()?);
            Some(Published { version, is_on })
        };
        let all = all.iter().map(|(id, it)| Some((id.clone(), one(it)?)));
        all.collect::<Option<_>>().map(Self)
    }
}

const COLUMNS: &str = "id, version, text, cases, actor, at";

impl Store {
    /// The last version of every check, deleted ones too, by id.
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

    /// One version of a check.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none with this number.
    pub async fn custom_version(
        &self,
        access: &Access,
        id: &str,
        version: u64,
    ) -> Result<CustomCheck> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM custom_check WHERE tenant = $1 AND id = $2 AND version = $3"
        );
        let row = tx.row(&sql, args![access.row(), id, version]).await?;
        let missing = || StoreError::NotFound(format!("version {version} of `{id}`"));
        shape(&row.ok_or_else(missing)?)
    }

    /// Which versions counted at a moment.
    pub async fn published_checks(&self, access: &Access, at: At) -> Result<PublishedChecks> {
        let Some(state) = self.state(access, STATE, at).await? else {
            return Ok(PublishedChecks::default());
        };
        let damaged = || StoreError::Corrupt("the list of published checks".to_owned());
        PublishedChecks::read(&state).ok_or_else(damaged)
    }

    /// Adds a version on top of version `base` (0: there is none yet); gives its number. Fails with
    /// [`StoreError::Conflict`] when somebody else was faster. An empty text deletes the check. Which version
    /// counts does not change.
    pub async fn add_custom(
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
        let action = if text.is_empty() { "check.delete" } else { "check.draft" };
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
