//! Retention: what lies too far back is removed, in steps that others hardly notice.
//!
//! INVARIANT: a moment that can no longer be read in full is refused, never shown in part. The audit log and
//! the change log are kept.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::bulk;
use crate::change::AuditEntry;
use crate::db::{Result, Tx, args};
use crate::error::StoreError;
use crate::lease::until;
use crate::store::{At, moment};
use crate::time::micros;

/// Rows that one transaction removes.
const STEP: u32 = 5000;
const DAY: Duration = Duration::from_hours(24);

/// How long each class is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Versions of resources and their documents, what was collected, exemptions, problems of imports.
    pub versions: Duration,
    /// Verdicts and assessments.
    pub assessments: Duration,
    /// Scores, counts, standings, attack paths that are gone.
    pub scores: Duration,
    /// Jobs that have ended.
    pub jobs: Duration,
    /// How long a document that nothing refers to stays: longer than any import takes.
    pub grace: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let kept = DAY * 400;
        let (jobs, grace) = (DAY * 30, DAY * 2);
        Self { versions: kept, assessments: kept, scores: kept, jobs, grace }
    }
}

/// What a round of [`Store::prune`] removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Versions and other rows of history.
    pub rows: u64,
    /// Documents.
    pub documents: u64,
    /// Jobs.
    pub jobs: u64,
    /// Whether there is more to remove.
    pub is_more: bool,
}

/// A class of history with a horizon of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Versions,
    Assessments,
    Scores,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Versions => "versions",
            Self::Assessments => "assessments",
            Self::Scores => "scores",
        }
    }

    /// Its tables, with their keys.
    fn tables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Versions => &[
                ("version", "resource, from_seq"),
                ("collected", "tenant, scope, region, kind, from_seq"),
                ("exemption", "tenant, id, from_seq"),
                ("state", "tenant, name, from_seq"),
            ],
            Self::Assessments => &[
                ("verdicts", "resource, from_seq"),
                ("assessment", "tenant, check_no, resource, from_seq"),
            ],
            Self::Scores => &[
                ("tally", "tenant, check_no, scope, from_seq"),
                ("score", "tenant, measure, scope, from_seq"),
                ("standing", "tenant, standard, requirement, from_seq"),
                ("story", "tenant, pair, from_seq"),
                ("story_tally", "tenant, from_seq"),
            ],
        }
    }
}

/// Fails when history of this class was removed up to a commit after `seq`.
pub(crate) async fn must_reach(tx: &mut Tx, access: &Access, class: Class, seq: u64) -> Result<()> {
    let sql = "SELECT seq FROM horizon WHERE tenant = $1 AND class = $2";
    let row = tx.row(sql, args![access.row(), class.name()]).await?;
    match row.map(|row| row.count(0)).transpose()? {
        Some(horizon) if seq < horizon => Err(StoreError::NotFound(format!(
            "history of {} before commit {horizon}: it was removed by retention",
            class.name()
        ))),
        _ => Ok(()),
    }
}

impl Store {
    /// Removes at most a few thousand rows of each class that lie further back than `policy` keeps. Call it
    /// again while there [is more](Pruned::is_more).
    pub async fn prune(
        &self,
        access: &Access,
        now: Timestamp,
        policy: &Retention,
    ) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        for (class, kept) in [
            (Class::Versions, policy.versions),
            (Class::Assessments, policy.assessments),
            (Class::Scores, policy.scores),
        ] {
            self.prune_class(access, now, class, kept, &mut pruned).await?;
        }
        self.prune_jobs(access, now, policy.jobs, &mut pruned).await?;
        if !pruned.is_more {
            self.prune_documents(access, now, policy.grace, &mut pruned).await?;
        }
        Ok(pruned)
    }

    async fn prune_class(
        &self,
        access: &Access,
        now: Timestamp,
        class: Class,
        kept: Duration,
        pruned: &mut Pruned,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        alone(&mut tx, access).await?;
        let last = Timestamp::from_microsecond(micros(now) - length(kept));
        let last = last.unwrap_or(Timestamp::MIN);
        let horizon = moment(&mut tx, access, At::Time(last)).await?.seq;
        let mut removed = 0;
        for (table, key) in class.tables() {
            let sql = format!(
                "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} \
                 WHERE tenant = $1 AND to_seq IS NOT NULL AND to_seq <= $2 LIMIT $3)"
            );
            let step = tx.run(&sql, args![access.row(), horizon, STEP]).await?;
            pruned.is_more |= step == u64::from(STEP);
            removed += step;
        }
        if removed > 0 {
            let sql = "INSERT INTO horizon (tenant, class, seq) VALUES ($1, $2, $3) \
                       ON CONFLICT (tenant, class) DO UPDATE SET seq = excluded.seq \
                       WHERE horizon.seq < excluded.seq";
            tx.run(sql, args![access.row(), class.name(), horizon]).await?;
            let detail = json!({ "rows": removed, "before": horizon });
            let (action, object) = ("retention".to_owned(), class.name().to_owned());
            let entry = AuditEntry { action, object, detail };
            audit::append(&mut tx, access, now, &[entry]).await?;
        }
        if class == Class::Versions {
            for table in ["problem", "import_gap"] {
                let sql = format!("DELETE FROM {table} WHERE tenant = $1 AND seq < $2");
                removed += tx.run(&sql, args![access.row(), horizon]).await?;
            }
        }
        pruned.rows += removed;
        tx.commit().await
    }

    async fn prune_jobs(
        &self,
        access: &Access,
        now: Timestamp,
        kept: Duration,
        pruned: &mut Pruned,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM job WHERE no IN (SELECT no FROM job WHERE tenant = $1 \
                   AND finished IS NOT NULL AND finished <= $2 \
                   AND state IN ('done', 'dead') LIMIT $3)";
        let before = micros(now) - length(kept);
        let removed = tx.run(sql, args![access.row(), before, STEP]).await?;
        pruned.jobs += removed;
        pruned.is_more |= removed == u64::from(STEP);
        tx.commit().await
    }

    /// Documents that nothing refers to, looked for without a lock and looked at again under it.
    async fn prune_documents(
        &self,
        access: &Access,
        now: Timestamp,
        grace: Duration,
        pruned: &mut Pruned,
    ) -> Result<()> {
        let before = micros(now) - length(grace.max(DAY / 4));
        let unused = "FROM document WHERE tenant = $1 AND staged_at < $2 AND NOT EXISTS \
                      (SELECT 1 FROM version v WHERE v.document = document.no)";
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT no {unused} LIMIT $3");
        let rows = tx.rows(&sql, args![access.row(), before, STEP]).await?;
        drop(tx);
        let numbers: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_>>()?;
        if !numbers.is_empty() {
            let mut tx = self.write(access).await?;
            alone(&mut tx, access).await?;
            let sql = format!("DELETE {unused} AND no IN {{}}");
            let values = args![access.row(), before];
            pruned.documents += bulk::run_in(&mut tx, &sql, values, &numbers).await?;
            tx.commit().await?;
        }
        pruned.is_more |= numbers.len() == STEP as usize;
        Ok(())
    }
}

/// Keeps commits of the tenant away until the transaction ends.
async fn alone(tx: &mut Tx, access: &Access) -> Result<()> {
    let sql = format!("SELECT no FROM tenant WHERE no = $1{}", tx.lock(" FOR NO KEY UPDATE"));
    tx.row(&sql, args![access.row()]).await.map(|_| ())
}

fn length(duration: Duration) -> i64 {
    until(Timestamp::UNIX_EPOCH, duration)
}
