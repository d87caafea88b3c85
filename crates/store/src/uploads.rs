//! Files that clients send, in parts, until the job that reads them is done.

use std::time::Duration;

use jiff::Timestamp;

use crate::Store;
use crate::access::Access;
use crate::db::{Result, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::time::micros;

/// A file that a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its number.
    pub number: u64,
    /// What the client called it.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// In how many parts it is kept.
    pub n_parts: u64,
}

impl Store {
    /// Begins a file.
    pub async fn begin_upload(&self, access: &Access, now: Timestamp, name: &str) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let number = take_numbers(&mut tx, access, "upload", 1).await?;
        let sql = "INSERT INTO upload (no, tenant, name, size, is_whole, actor, created) \
                   VALUES ($1, $2, $3, 0, 0, $4, $5)";
        let name = crate::commit::clean(name);
        tx.run(sql, args![number, access.row(), name, access.actor(), micros(now)]).await?;
        tx.commit().await?;
        Ok(number.cast_unsigned())
    }

    /// Adds the next part, counted from 0. The same part again changes nothing.
    pub async fn put_part(
        &self,
        access: &Access,
        upload: u64,
        part: u32,
        bytes: &[u8],
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "INSERT INTO upload_part (tenant, upload, part, bytes) \
                   SELECT $1, no, $3, $4 FROM upload \
                   WHERE no = $2 AND tenant = $1 AND is_whole = 0 ON CONFLICT DO NOTHING";
        if tx.run(sql, args![access.row(), upload, part, bytes]).await? == 1 {
            let sql = "UPDATE upload SET size = size + $3 WHERE tenant = $1 AND no = $2";
            tx.run(sql, args![access.row(), upload, bytes.len() as u64]).await?;
        }
        tx.commit().await
    }

    /// Ends a file: from now on it can be read.
    pub async fn finish_upload(&self, access: &Access, upload: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE upload SET is_whole = 1 WHERE no = $1 AND tenant = $2";
        if tx.run(sql, args![upload, access.row()]).await? == 0 {
            return Err(StoreError::NotFound(format!("upload {upload}")));
        }
        tx.commit().await
    }

    /// A file that is whole.
    pub async fn upload(&self, access: &Access, upload: u64) -> Result<Upload> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT u.name, u.size, count(p.part) FROM upload u LEFT JOIN upload_part p \
                   ON p.tenant = u.tenant AND p.upload = u.no \
                   WHERE u.no = $1 AND u.tenant = $2 AND u.is_whole = 1 GROUP BY u.name, u.size";
        let row = tx.row(sql, args![upload, access.row()]).await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("upload {upload}")))?;
        let (name, size, n_parts) = (row.text(0)?, row.count(1)?, row.count(2)?);
        Ok(Upload { number: upload, name, size, n_parts })
    }

    /// One part of a file.
    pub async fn part(&self, access: &Access, upload: u64, part: u64) -> Result<Vec<u8>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT bytes FROM upload_part WHERE tenant = $1 AND upload = $2 AND part = $3";
        match tx.row(sql, args![access.row(), upload, part]).await? {
            Some(row) => row.bytes(0),
            None => Err(StoreError::NotFound(format!("part {part} of upload {upload}"))),
        }
    }

    /// Removes a file that is not needed any more.
    pub async fn drop_upload(&self, access: &Access, upload: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let values = || args![access.row(), upload];
        tx.run("DELETE FROM upload_part WHERE tenant = $1 AND upload = $2", values()).await?;
        tx.run("DELETE FROM upload WHERE tenant = $1 AND no = $2", values()).await?;
        tx.commit().await
    }

    /// Numbers of files that are older than `age`: whoever sent them has gone, or their job has.
    pub async fn old_uploads(
        &self,
        access: &Access,
        now: Timestamp,
        age: Duration,
    ) -> Result<Vec<u64>> {
        let mut tx = self.read(access).await?;
        let before = micros(now).saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
        let sql = "SELECT no FROM upload WHERE tenant = $1 AND created < $2 ORDER BY no";
        let rows = tx.rows(sql, args![access.row(), before]).await?;
        rows.iter().map(|row| row.count(0)).collect()
    }
}
