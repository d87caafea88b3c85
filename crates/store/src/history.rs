//! Reading history: versions of a resource, the change log, what lies between two moments.

use std::sync::Arc;

use base::Problem;
use jiff::Timestamp;
use model::{GapId, Resource, Verdict};
use serde_json::Value as Json;

use crate::access::Access;
use crate::codec::{text_of, verdict};
use crate::db::{Result, args};
use crate::names::Word;
use crate::resources::{COLUMNS, Shaper, TABLES};
use crate::retention::{Class, must_reach};
use crate::store::Store;
use crate::time::instant;
use crate::valid::json;

/// One version of a resource.
#[derive(Debug, Clone)]
pub struct Version {
    /// The commit that made it so.
    pub from: u64,
    /// The commit that ended it; `None`: it holds. Where the next version begins later, or there is none, the
    /// resource was gone from here on.
    pub to: Option<u64>,
    /// The instant of `from`.
    pub at: Timestamp,
    /// Who made it so.
    pub actor: String,
    /// The resource with its document.
    pub resource: Resource,
}

/// A row of the change log.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow {
    /// Its number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Whether the clock was behind, and the instant is that of the commit before.
    pub held: bool,
    /// Who.
    pub actor: String,
    /// What sort of change.
    pub kind: String,
    /// One line for people.
    pub summary: String,
    /// Numbers.
    pub counts: Json,
}

/// What differs between two moments. Ids are sorted; assessments are (check, resource), sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Resources that are there at the later moment only.
    pub appeared: Vec<String>,
    /// Resources that are there at the earlier moment only.
    pub vanished: Vec<String>,
    /// Resources that are there at both and differ.
    pub changed: Vec<String>,
    /// Assessments that are unhealthy at the later moment only.
    pub broke: Vec<(Arc<str>, String)>,
    /// Assessments that were unhealthy at the earlier moment only, of resources that are still there.
    pub mended: Vec<(Arc<str>, String)>,
    /// Assessments that are unknown at the later moment and were not, of resources that were there.
    pub lost_sight: Vec<(Arc<str>, String)>,
}

impl Store {
    /// Every version of a resource, the oldest first.
    pub async fn history(&self, access: &Access, id: &str) -> Result<Vec<Version>> {
        let mut tx = self.read(access).await?;
        let shaper = Shaper::new(self, &mut tx, access).await?;
        let sql = format!(
            "SELECT {COLUMNS}, v.to_seq, c.at, c.actor FROM {TABLES} \
             JOIN change_log c ON c.tenant = v.tenant AND c.seq = v.from_seq \
             WHERE v.tenant = $1 AND r.tenant = $1 AND r.id = $2 ORDER BY v.from_seq"
        );
        let rows = tx.rows(&sql, args![access.row(), id]).await?;
        let shaped = shaper.all(&rows)?;
        rows.iter()
            .zip(shaped)
            .map(|(row, stored)| {
                Ok(Version {
                    from: stored.since,
                    to: row.int_or_null(10)?.map(i64::cast_unsigned),
                    at: instant(row.int(11)?)?,
                    actor: row.text(12)?,
                    resource: stored.resource,
                })
            })
            .collect()
    }

    /// Commits after number `after`, the oldest first, at most `limit`.
    pub async fn changes_since(
        &self,
        access: &Access,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChangeRow>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT seq, at, held, actor, kind, summary, counts FROM change_log \
                   WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = tx.rows(sql, args![access.row(), after, limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(ChangeRow {
                    seq: row.count(0)?,
                    at: instant(row.int(1)?)?,
                    held: row.int(2)? == 1,
                    actor: row.text(3)?,
                    kind: row.text(4)?,
                    summary: row.text(5)?,
                    counts: json(&row.text(6)?),
                })
            })
            .collect()
    }

    /// What differs between the moments after two commits. When `to` is before `from` it is what it was
    /// before: what appeared has vanished.
    pub async fn diff(&self, access: &Access, from: u64, to: u64) -> Result<Diff> {
        let mut tx = self.read(access).await?;
        let words = self.pulled_words(&mut tx, access).await?;
        let mut diff = Diff::default();
        let (low, high) = (from.min(to), from.max(to));
        for class in [Class::Versions, Class::Assessments] {
            must_reach(&mut tx, access, class, low).await?;
        }
        // Rows that began or ended in between, paired as they held at each end.
        let sql = "SELECT r.id, a.from_seq, b.from_seq FROM \
            (SELECT resource FROM version WHERE tenant = $1 AND from_seq > $4 AND from_seq <= $5 \
             UNION SELECT resource FROM version WHERE tenant = $1 AND to_seq IS NOT NULL \
             AND to_seq > $4 AND to_seq <= $5) t \
            JOIN resource r ON r.no = t.resource \
            LEFT JOIN version a ON a.resource = t.resource AND a.from_seq <= $2 \
             AND (a.to_seq IS NULL OR a.to_seq > $2) \
            LEFT JOIN version b ON b.resource = t.resource AND b.from_seq <= $3 \
             AND (b.to_seq IS NULL OR b.to_seq > $3)";
        for row in tx.rows(sql, args![access.row(), from, to, low, high]).await? {
            let id = row.text(0)?;
            match (row.int_or_null(1)?, row.int_or_null(2)?) {
                (None, Some(_)) => diff.appeared.push(id),
                (Some(_), None) => diff.vanished.push(id),
                (Some(a), Some(b)) if a != b => diff.changed.push(id),
                _ => {}
            }
        }
        let sql = "SELECT r.id, t.check_no, a.verdict, b.verdict, x.resource, y.resource FROM \
            (SELECT resource, check_no FROM assessment WHERE tenant = $1 AND from_seq > $4 \
             AND from_seq <= $5 \
             UNION SELECT resource, check_no FROM assessment WHERE tenant = $1 \
             AND to_seq IS NOT NULL AND to_seq > $4 AND to_seq <= $5) t \
            JOIN resource r ON r.no = t.resource \
            LEFT JOIN assessment a ON a.tenant = $1 AND a.check_no = t.check_no \
             AND a.resource = t.resource AND a.from_seq <= $2 \
             AND (a.to_seq IS NULL OR a.to_seq > $2) \
            LEFT JOIN assessment b ON b.tenant = $1 AND b.check_no = t.check_no \
             AND b.resource = t.resource AND b.from_seq <= $3 \
             AND (b.to_seq IS NULL OR b.to_seq > $3) \
            LEFT JOIN version x ON x.resource = t.resource AND x.from_seq <= $2 \
             AND (x.to_seq IS NULL OR x.to_seq > $2) \
            LEFT JOIN version y ON y.resource = t.resource AND y.from_seq <= $3 \
             AND (y.to_seq IS NULL OR y.to_seq > $3)";
        for row in tx.rows(sql, args![access.row(), from, to, low, high]).await? {
            let pair = (text_of(&words, Word(row.small(1)?))?, row.text(0)?);
            let before = row.int_or_null(2)?.map(verdict).transpose()?;
            let after = row.int_or_null(3)?.map(verdict).transpose()?;
            let was_there = row.int_or_null(4)?.is_some();
            let is_there = row.int_or_null(5)?.is_some();
            let (was, is) = (Some(Verdict::Unhealthy) == before, Some(Verdict::Unhealthy) == after);
            let is_unknown = after == Some(Verdict::Unknown);
            if is && !was {
                diff.broke.push(pair);
            } else if is_unknown && before != Some(Verdict::Unknown) && was_there {
                diff.lost_sight.push(pair);
            } else if was && !is && is_there {
                diff.mended.push(pair);
            }
        }
        for list in [&mut diff.appeared, &mut diff.vanished, &mut diff.changed] {
            list.sort_unstable();
        }
        for list in [&mut diff.broke, &mut diff.mended, &mut diff.lost_sight] {
            list.sort_unstable();
        }
        Ok(diff)
    }

    /// What the import of a commit read and did not understand.
    pub async fn problems(&self, access: &Access, seq: u64) -> Result<Vec<Problem>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT file, reason, n FROM problem WHERE tenant = $1 AND seq = $2 ORDER BY no";
        let rows = tx.rows(sql, args![access.row(), seq]).await?;
        rows.iter()
            .map(|row| {
                Ok(Problem { file: row.text(0)?, reason: row.text(1)?, count: row.count(2)? })
            })
            .collect()
    }

    /// The gaps that the import of a commit met.
    pub async fn met_gaps(&self, access: &Access, seq: u64) -> Result<Vec<GapId>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT gap FROM import_gap WHERE tenant = $1 AND seq = $2 ORDER BY gap";
        let rows = tx.rows(sql, args![access.row(), seq]).await?;
        rows.iter().map(|row| row.small(0).map(GapId)).collect()
    }
}
