//! Reading what resources were judged: packed verdicts of all, rows of the unhealthy and unknown.

use std::sync::Arc;

use model::Verdict;

use crate::access::Access;
use crate::codec::{text_of, verdict};
use crate::db::{Result, Row, Tx, Value, args};
use crate::names::Word;
use crate::resources::begins_at;
use crate::retention::Class;
use crate::store::{At, Moment, Store};

/// Resources per page.
const PAGE: u32 = 4096;

/// All verdicts of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVerdicts {
    /// Number of the resource, the same in [`crate::StoredResource`].
    pub number: u64,
    /// Id of the resource.
    pub resource: String,
    /// The commit that made them so.
    pub since: u64,
    /// As they were packed.
    pub packed: Vec<u8>,
}

/// An unhealthy or unknown assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentRow {
    /// Number of the resource, for paging.
    pub number: u64,
    /// Id of the resource.
    pub resource: String,
    /// The scope in which the resource was judged.
    pub scope: Arc<str>,
    /// The check.
    pub check: Arc<str>,
    /// Unhealthy or unknown.
    pub verdict: Verdict,
    /// Why it is unknown.
    pub why: Arc<str>,
    /// The commit that made it so.
    pub since: u64,
    /// The commit in which it was first seen.
    pub first_seen: u64,
    /// How often it came back.
    pub reopened: u32,
    /// The commits between which this row held; `None`: it still does.
    pub valid: (u64, Option<u64>),
}

const COLUMNS: &str = "v.resource, r.id, v.scope, v.check_no, v.verdict, v.why, v.since, \
                       v.first_seen, v.reopened, v.from_seq, v.to_seq";
const TABLES: &str = "assessment v JOIN resource r ON r.no = v.resource";

/// Packed verdicts of all resources at one moment, page by page in the order of their numbers.
#[derive(Debug)]
pub struct VerdictPages {
    tx: Tx,
    moment: Moment,
    sql: String,
    values: Vec<Value>,
    after: i64,
    is_read: bool,
}

impl VerdictPages {
    /// The moment at which these verdicts held.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredVerdicts>>> {
        if self.is_read {
            return Ok(None);
        }
        let mut values = self.values.clone();
        values.extend(args![self.after, PAGE]);
        let rows = self.tx.rows(&self.sql, values).await?;
        self.is_read = rows.len() < PAGE as usize;
        let mut page = Vec::with_capacity(rows.len());
        for row in &rows {
            self.after = row.int(0)?;
            page.push(StoredVerdicts {
                number: row.count(0)?,
                resource: row.text(1)?,
                since: row.count(2)?,
                packed: row.bytes(3)?,
            });
        }
        Ok(Some(page).filter(|it| !it.is_empty()))
    }
}

impl Store {
    /// The verdicts of all resources at a moment.
    pub async fn verdicts(&self, access: &Access, at: At) -> Result<VerdictPages> {
        let (tx, moment, (holds, values)) = self.holding(access, at, Class::Assessments).await?;
        let next = values.len() + 1;
        let sql = format!(
            "SELECT v.resource, r.id, v.from_seq, v.packed FROM verdicts v \
             JOIN resource r ON r.no = v.resource WHERE {holds} \
             AND v.resource > ${next}{} ORDER BY v.resource LIMIT ${}",
            begins_at(&tx, next),
            next + 1
        );
        Ok(VerdictPages { tx, moment, sql, values, after: 0, is_read: false })
    }

    /// All verdicts of one resource at a moment, healthy ones too, as they were packed.
    pub async fn verdicts_of(
        &self,
        access: &Access,
        resource: &str,
        at: At,
    ) -> Result<Option<Vec<u8>>> {
        let (mut tx, _, (holds, mut values)) = self.holding(access, at, Class::Assessments).await?;
        values.extend(args![resource]);
        let sql = format!(
            "SELECT v.packed FROM verdicts v JOIN resource r ON r.no = v.resource \
             WHERE {holds} AND r.tenant = $1 AND r.id = ${}",
            values.len()
        );
        tx.row(&sql, values).await?.map(|row| row.bytes(0)).transpose()
    }

    /// The unhealthy and unknown assessments of a check at a moment, in the order of the resources' numbers:
    /// those after number `after`, at most `limit`.
    pub async fn assessments_of_check(
        &self,
        access: &Access,
        check: &str,
        at: At,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AssessmentRow>> {
        let (mut tx, _, (holds, mut values)) = self.holding(access, at, Class::Assessments).await?;
        let words = self.pulled_words(&mut tx, access).await?;
        let Some(check) = self.tenant(access).names.words.find(check) else {
            return Ok(Vec::new());
        };
        let next = values.len() + 1;
        values.extend(args![check.0, after, limit]);
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE {holds} AND v.check_no = ${next} \
             AND v.resource > ${} ORDER BY v.resource LIMIT ${}",
            next + 1,
            next + 2
        );
        read(&tx.rows(&sql, values).await?, &words)
    }

    /// The unhealthy and unknown assessments of a resource at a moment.
    pub async fn assessments_of_resource(
        &self,
        access: &Access,
        resource: &str,
        at: At,
    ) -> Result<Vec<AssessmentRow>> {
        let (mut tx, _, (holds, mut values)) = self.holding(access, at, Class::Assessments).await?;
        let words = self.pulled_words(&mut tx, access).await?;
        values.extend(args![resource]);
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE {holds} AND r.tenant = $1 AND r.id = ${} \
             ORDER BY v.check_no",
            values.len()
        );
        read(&tx.rows(&sql, values).await?, &words)
    }

    /// Every unhealthy and unknown assessment that a resource ever had, by check and then by time.
    pub async fn assessment_history(
        &self,
        access: &Access,
        resource: &str,
    ) -> Result<Vec<AssessmentRow>> {
        let mut tx = self.read(access).await?;
        let words = self.pulled_words(&mut tx, access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE r.tenant = $1 AND r.id = $2 \
             ORDER BY v.check_no, v.from_seq"
        );
        read(&tx.rows(&sql, args![access.row(), resource]).await?, &words)
    }

    pub(crate) async fn pulled_words(&self, tx: &mut Tx, access: &Access) -> Result<Vec<Arc<str>>> {
        let tenant = self.tenant(access);
        tenant.names.pull(tx, access).await?;
        Ok(tenant.names.words.all())
    }
}

fn read(rows: &[Row], words: &[Arc<str>]) -> Result<Vec<AssessmentRow>> {
    let text = |number: u32| text_of(words, Word(number));
    rows.iter()
        .map(|row| {
            Ok(AssessmentRow {
                number: row.count(0)?,
                resource: row.text(1)?,
                scope: text(row.small(2)?)?,
                check: text(row.small(3)?)?,
                verdict: verdict(row.int(4)?)?,
                why: text(row.small(5)?)?,
                since: row.count(6)?,
                first_seen: row.count(7)?,
                reopened: row.small(8)?,
                valid: (row.count(9)?, row.int_or_null(10)?.map(i64::cast_unsigned)),
            })
        })
        .collect()
}
