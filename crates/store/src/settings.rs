//! Settings of a tenant that people change while the server runs.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::change::AuditEntry;
use crate::db::{Result, args};
use crate::time::{instant, micros};
use crate::valid::json as parse;

/// A setting that was changed from its default.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingRow {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Json,
    /// Who set it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// All settings that are not at their defaults, by name.
    pub async fn settings(&self, access: &Access) -> Result<Vec<SettingRow>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT name, value, actor, at FROM setting WHERE tenant = $1 ORDER BY name";
        let rows = tx.rows(sql, args![access.row()]).await?;
        rows.iter()
            .map(|row| {
                let (name, value) = (row.text(0)?, parse(&row.text(1)?));
                Ok(SettingRow { name, value, actor: row.text(2)?, at: instant(row.int(3)?)? })
            })
            .collect()
    }

    /// Changes a setting; `None`: back to its default. The audit log has the value before.
    pub async fn set(
        &self,
        access: &Access,
        now: Timestamp,
        name: &str,
        value: Option<&Json>,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "SELECT value FROM setting WHERE tenant = $1 AND name = $2";
        let before = tx.row(sql, args![access.row(), name]).await?;
        let before = before.map(|row| row.text(0)).transpose()?.map_or(Json::Null, |it| parse(&it));
        tx.run("DELETE FROM setting WHERE tenant = $1 AND name = $2", args![access.row(), name])
            .await?;
        if let Some(value) = value {
            let sql =
                "INSERT INTO setting (tenant, name, value, actor, at) VALUES ($1, $2, $3, $4, $5)";
            let values = args![access.row(), name, value.to_string(), access.actor(), micros(now)];
            tx.run(sql, values).await?;
        }
        let detail = json!({ "before": before, "after": value });
        let entry =
            AuditEntry { action: "setting.set".to_owned(), object: name.to_owned(), detail };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await
    }
}
