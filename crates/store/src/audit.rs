//! The audit log: append-only, each row bound to the one before by its hash.
//!
//! INVARIANT: a row is written in the transaction of the change that it tells of, and the database
//! itself refuses to change or delete one.

use jiff::Timestamp;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::access::Access;
use crate::change::AuditEntry;
use crate::db::{Result, Tx, args};
use crate::error::StoreError;
use crate::migrate::hex;
use crate::time::{instant, micros};
use crate::{Store, bulk};

/// Rows that are checked at once.
const PAGE: i64 = 1000;

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number, gap-free from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// On what.
    pub object: String,
    /// Anything else.
    pub detail: Json,
}

/// Where the chain of a tenant ends. Kept elsewhere, it proves later that nothing was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last row.
    pub seq: u64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

/// What a look at the whole chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every row is the one that was written.
    Whole(AuditHead),
    /// The chain is broken; `seq` is the first row that is not as it was written.
    Broken {
        /// Number of the row.
        seq: u64,
        /// What is wrong with it.
        why: AuditFault,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// There is no such row, though later ones are.
    Missing,
    /// Its content is not what its hash was made of.
    Changed,
    /// It does not follow the row before it.
    Misplaced,
    /// The log ends before it, though the head says otherwise.
    CutOff,
    /// The log goes on after the head.
    Unrecorded,
}

/// Appends rows to the chain of a tenant.
pub(crate) async fn append(
    tx: &mut Tx,
    access: &Access,
    at: Timestamp,
    entries: &[AuditEntry],
) -> Result<()> {
    let sql =
        format!("SELECT seq, hash FROM audit_head WHERE tenant = $1{}", tx.lock(" FOR UPDATE"));
    let mut head = tx.row(&sql, args![access.row()]).await?;
    if head.is_none() {
        // Of two transactions that begin a chain, one waits here for the other.
        let first = "INSERT INTO audit_head (tenant, seq, hash) VALUES ($1, 0, $2) \
                     ON CONFLICT (tenant) DO NOTHING";
        tx.run(first, args![access.row(), Vec::new()]).await?;
        head = tx.row(&sql, args![access.row()]).await?;
    }
    let head = head.ok_or_else(|| StoreError::Corrupt("the audit log has no head".to_owned()))?;
    let (mut seq, mut hash) = (head.count(0)?, head.bytes(1)?);
    let mut rows = Vec::new();
    for entry in entries {
        seq += 1;
        let detail = entry.detail.to_string();
        let next = link(access, seq, micros(at), entry, &detail, &hash);
        let previous = std::mem::replace(&mut hash, next.clone());
        rows.push(args![
            access.row(),
            seq,
            micros(at),
            access.actor(),
            &*entry.action,
            &*entry.object,
            detail,
            previous,
            next,
        ]);
    }
    let into = "audit (tenant, seq, at, actor, action, object, detail, previous, hash)";
    bulk::insert(tx, into, 9, "", rows).await?;
    let sql = "UPDATE audit_head SET seq = $2, hash = $3 WHERE tenant = $1";
    tx.run(sql, args![access.row(), seq, hash]).await?;
    Ok(())
}

/// The hash of a row: over every field with its length, and the hash of the row before.
fn link(
    access: &Access,
    seq: u64,
    at: i64,
    entry: &AuditEntry,
    detail: &str,
    previous: &[u8],
) -> Vec<u8> {
    let fields: [&[u8]; 8] = [
        &access.row().to_be_bytes(),
        &seq.to_be_bytes(),
        &at.to_be_bytes(),
        access.actor().as_bytes(),
        entry.action.as_bytes(),
        entry.object.as_bytes(),
        detail.as_bytes(),
        previous,
    ];
    let mut hasher = Sha256::new();
    hasher.update(b"merlon audit 1");
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    hasher.finalize().to_vec()
}

impl Store {
    /// Writes one entry by itself, for what changes no other row of a tenant.
    pub async fn audit(&self, access: &Access, now: Timestamp, entry: AuditEntry) -> Result<()> {
        let mut tx = self.write(access).await?;
        append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await
    }

    /// Rows of the log after number `after`, at most `limit`.
    pub async fn audit_log(
        &self,
        access: &Access,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT seq, at, actor, action, object, detail FROM audit \
                   WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = tx.rows(sql, args![access.row(), after, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(AuditRow {
                    seq: row.count(0)?,
                    at: instant(row.int(1)?)?,
                    actor: row.text(2)?,
                    action: row.text(3)?,
                    object: row.text(4)?,
                    detail: serde_json::from_str(&row.text(5)?).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Where the chain ends now; `None` while it is empty.
    pub async fn audit_head(&self, access: &Access) -> Result<Option<AuditHead>> {
        let mut tx = self.read(access).await?;
        read_head(&mut tx, access).await
    }

    /// Walks the whole chain, and holds its end against the stored head and against `recorded`, one
    /// that was kept elsewhere.
    pub async fn audit_verify(
        &self,
        access: &Access,
        recorded: Option<&AuditHead>,
    ) -> Result<AuditVerdict> {
        let mut tx = self.read(access).await?;
        verify(&mut tx, access, recorded).await
    }
}

async fn read_head(tx: &mut Tx, access: &Access) -> Result<Option<AuditHead>> {
    let sql = "SELECT seq, hash FROM audit_head WHERE tenant = $1";
    let row = tx.row(sql, args![access.row()]).await?;
    row.map(|row| Ok(AuditHead { seq: row.count(0)?, hash: hex(&row.bytes(1)?) })).transpose()
}

pub(crate) async fn verify(
    tx: &mut Tx,
    access: &Access,
    recorded: Option<&AuditHead>,
) -> Result<AuditVerdict> {
    let broken = |seq, why| Ok(AuditVerdict::Broken { seq, why });
    let mut last: (u64, Vec<u8>) = (0, Vec::new());
    loop {
        let sql = "SELECT seq, at, actor, action, object, detail, previous, hash FROM audit \
                   WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = tx.rows(sql, args![access.row(), last.0, PAGE]).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let seq = last.0 + 1;
            if row.count(0)? != seq {
                return broken(seq, AuditFault::Missing);
            }
            let author = Access::new(access.tenant(), &row.text(2)?);
            let entry =
                AuditEntry { action: row.text(3)?, object: row.text(4)?, detail: Json::Null };
            let (previous, hash) = (row.bytes(6)?, row.bytes(7)?);
            if link(&author, seq, row.int(1)?, &entry, &row.text(5)?, &previous) != hash {
                return broken(seq, AuditFault::Changed);
            }
            if previous != last.1 {
                return broken(seq, AuditFault::Misplaced);
            }
            if let Some(head) = recorded.filter(|it| it.seq == seq)
                && head.hash != hex(&hash)
            {
                return broken(seq, AuditFault::Changed);
            }
            last = (seq, hash);
        }
    }
    let end = AuditHead { seq: last.0, hash: hex(&last.1) };
    let own = read_head(tx, access).await?.unwrap_or(AuditHead { seq: 0, hash: String::new() });
    let furthest = recorded.map_or(own.seq, |it| it.seq.max(own.seq));
    if furthest > end.seq {
        return broken(end.seq + 1, AuditFault::CutOff);
    }
    if own.seq < end.seq {
        return broken(own.seq + 1, AuditFault::Unrecorded);
    }
    if own != end {
        return broken(end.seq, AuditFault::Changed);
    }
    Ok(AuditVerdict::Whole(end))
}

impl std::fmt::Display for AuditFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "the row is missing",
            Self::Changed => "the row was changed",
            Self::Misplaced => "the row does not follow the one before it",
            Self::CutOff => "the log ends before this row",
            Self::Unrecorded => "the log goes on after its recorded end",
        })
    }
}

/// Fails where the chain is broken.
pub(crate) async fn must_be_whole(tx: &mut Tx, access: &Access) -> Result<()> {
    match verify(tx, access, None).await? {
        AuditVerdict::Whole(_) => Ok(()),
        AuditVerdict::Broken { seq, why } => {
            Err(StoreError::Corrupt(format!("row {seq} of the audit log: {why}")))
        }
    }
}
