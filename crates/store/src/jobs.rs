//! The job queue: what is to be done, by whom, and how often it was tried.
//!
//! INVARIANT: a job is completed once: each claim has a token of its own, and only the last one counts.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::bulk;
use crate::change::AuditEntry;
use crate::db::{Result, Row, Tx, Value, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::lease::until;
use crate::time::{instant, micros};

/// The wait after the first failure; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// A job that is yet to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// What sort of work: workers claim by it.
    pub kind: String,
    /// Of unfinished jobs of a kind with one key there is only one.
    pub dedup: Option<String>,
    /// Higher comes first.
    pub priority: i32,
    /// Not before.
    pub run_at: Timestamp,
    /// What to do.
    pub payload: Json,
    /// After so many attempts it is given up.
    pub most_attempts: u32,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub number: u64,
    /// What sort of work.
    pub kind: String,
    /// What to do.
    pub payload: Json,
    /// Who queued it.
    pub actor: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Names this claim.
    pub token: u64,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// Waits for a worker or for its instant.
    Ready,
    /// A worker has it.
    Running,
    /// Completed.
    Done,
    /// Given up after the last attempt: a person must look.
    Dead,
    /// Ended because somebody asked for it.
    Cancelled,
}

/// What a worker hears when it gives a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is to go on.
    GoOn,
    /// Somebody asked for the end of the job: it is to stop and to say so with
    /// [`Store::end_cancelled`].
    Cancel,
}

/// Which jobs a list has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Only those in one of these states; empty: in any.
    pub states: Vec<JobState>,
    /// Only those of one of these kinds; empty: of any.
    pub kinds: Vec<String>,
    /// Only those with a lower number.
    pub before: Option<u64>,
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// Its number.
    pub number: u64,
    /// What sort of work.
    pub kind: String,
    /// What to do.
    pub payload: Json,
    /// Where it stands.
    pub state: JobState,
    /// Attempts so far.
    pub attempts: u32,
    /// Of a ready job: not before; of a running one: when its lease ends.
    pub run_at: Timestamp,
    /// Who has or had it.
    pub worker: String,
    /// Why the last attempt failed.
    pub error: String,
    /// Who queued it.
    pub actor: String,
    /// How far it is, as the worker said last; an object.
    pub progress: Json,
    /// What came of it; an object, empty until it is done.
    pub result: Json,
    /// When it was queued.
    pub created: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
    /// When somebody asked for its end.
    pub cancelled: Option<Timestamp>,
}

const COLUMNS: &str = "no, kind, payload, state, attempts, run_at, worker, error, actor, progress, \
                       result, created, finished, cancelled";

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Ready, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Its name.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|it| it.text() == text)
            .ok_or_else(|| StoreError::Corrupt(format!("a job has the state `{text}`")))
    }
}

impl Store {
    /// Queues a job. When one with its key is unfinished, that one's number is the answer.
    pub async fn enqueue(&self, access: &Access, now: Timestamp, job: &NewJob) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let number = take_numbers(&mut tx, access, "job", 1).await?;
        let sql = "INSERT INTO job (no, tenant, kind, dedup, priority, payload, state, run_at, \
                   attempts, most_attempts, token, worker, error, created, actor) \
                   VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, 0, $8, 0, '', '', $9, $10) \
                   ON CONFLICT DO NOTHING";
        let values = args![
            number,
            access.row(),
            &*job.kind,
            job.dedup.clone(),
            i64::from(job.priority),
            job.payload.to_string(),
            micros(job.run_at),
            job.most_attempts.max(1),
            micros(now),
            access.actor(),
        ];
        if tx.run(sql, values).await? == 1 {
            tx.commit().await?;
            return Ok(number.cast_unsigned());
        }
        let sql = "SELECT no FROM job WHERE tenant = $1 AND kind = $2 AND dedup = $3 \
                   AND state IN ('ready', 'running')";
        let row = tx.row(sql, args![access.row(), &*job.kind, job.dedup.clone()]).await?;
        match row {
            Some(row) => row.count(0),
            None => Err(StoreError::Conflict("the job with this key has just ended".to_owned())),
        }
    }

    /// Takes the next due job of one of these kinds; when `takes_over`, also one whose worker let its
    /// lease run out. Not so right after the database was away: then workers that live could not say so.
    #[expect(clippy::too_many_arguments, reason = "who asks, for what, as whom, when, how long")]
    pub async fn claim(
        &self,
        access: &Access,
        kinds: &[&str],
        worker: &str,
        now: Timestamp,
        ttl: Duration,
        takes_over: bool,
    ) -> Result<Option<Job>> {
        let states = if takes_over { "'ready', 'running'" } else { "'ready'" };
        if !self.is_due(access, kinds, now, states).await? {
            return Ok(None);
        }
        let mut tx = self.write(access).await?;
        if takes_over {
            give_up(&mut tx, access, now).await?;
        }
        // Of the parameters each stands once and in order: see `bulk::run_in`.
        let sql = format!(
            "UPDATE job SET state = 'running', attempts = attempts + 1, token = token + 1, \
             worker = $1, run_at = $2 WHERE no = (SELECT no FROM job WHERE tenant = $3 \
             AND state IN ({states}) AND run_at <= $4 AND kind IN {{}} \
             ORDER BY priority DESC, run_at, no LIMIT 1{}) \
             RETURNING no, kind, payload, attempts, token, actor",
            tx.lock(" FOR UPDATE SKIP LOCKED")
        );
        let before = args![worker, until(now, ttl), access.row(), micros(now)];
        let rows = bulk::rows_in(&mut tx, &sql, before, kinds).await?;
        tx.commit().await?;
        rows.first()
            .map(|row| {
                Ok(Job {
                    number: row.count(0)?,
                    kind: row.text(1)?,
                    payload: payload(row, 2)?,
                    attempt: row.small(3)?,
                    token: row.count(4)?,
                    actor: row.text(5)?,
                })
            })
            .transpose()
    }

    /// Whether there is anything to claim: a look that takes no lock.
    async fn is_due(
        &self,
        access: &Access,
        kinds: &[&str],
        now: Timestamp,
        states: &str,
    ) -> Result<bool> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT 1 FROM job WHERE tenant = $1 AND state IN ({states}) \
             AND run_at <= $2 AND kind IN {{}} LIMIT 1"
        );
        let before = args![access.row(), micros(now)];
        Ok(!bulk::rows_in(&mut tx, &sql, before, kinds).await?.is_empty())
    }

    /// Tells that the worker is still at it, and how far: its lease ends `ttl` after `now`. `None`: as far as it
    /// said before.
    pub async fn heartbeat(
        &self,
        access: &Access,
        job: &Job,
        now: Timestamp,
        ttl: Duration,
        progress: Option<&Json>,
    ) -> Result<Heard> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE job SET run_at = $4, progress = coalesce($5, progress) \
                   WHERE no = $1 AND tenant = $2 AND token = $3 AND state = 'running' \
                   RETURNING cancelled";
        let progress = progress.map(Json::to_string);
        let values = args![job.number, access.row(), job.token, until(now, ttl), progress];
        let row = tx.row(sql, values).await?.ok_or_else(|| lost(job))?;
        tx.commit().await?;
        Ok(if row.int_or_null(0)?.is_some() { Heard::Cancel } else { Heard::GoOn })
    }

    /// Ends a job well. Fails with [`StoreError::LeaseLost`] when another worker has taken it over.
    /// `result` is an object that says what came of it.
    pub async fn complete(
        &self,
        access: &Access,
        job: &Job,
        now: Timestamp,
        result: &Json,
    ) -> Result<()> {
        let sql = "UPDATE job SET state = 'done', finished = $4, error = '', result = $5 \
                   WHERE no = $1 AND tenant = $2 AND token = $3 AND state = 'running'";
        let values = args![job.number, access.row(), job.token, micros(now), result.to_string()];
        self.change_job(access, job, sql, values).await
    }

    /// Ends a job that was cancelled while this worker had it.
    pub async fn end_cancelled(&self, access: &Access, job: &Job, now: Timestamp) -> Result<()> {
        let sql = "UPDATE job SET state = 'cancelled', finished = $4 \
                   WHERE no = $1 AND tenant = $2 AND token = $3 AND state = 'running'";
        let values = args![job.number, access.row(), job.token, micros(now)];
        self.change_job(access, job, sql, values).await
    }

    /// Asks for the end of a job: one that waits ends at once, one that runs when its worker hears of it.
    pub async fn cancel(&self, access: &Access, number: u64, now: Timestamp) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE job SET cancelled = coalesce(cancelled, $3), \
                   finished = CASE WHEN state = 'ready' THEN $4 ELSE finished END, \
                   state = CASE WHEN state = 'ready' THEN 'cancelled' ELSE state END \
                   WHERE no = $1 AND tenant = $2 AND state IN ('ready', 'running')";
        let values = args![number, access.row(), micros(now), micros(now)];
        if tx.run(sql, values).await? == 0 {
            return Err(StoreError::Conflict(format!("job {number} has ended already")));
        }
        let (action, object) = ("job.cancel".to_owned(), number.to_string());
        let entry = AuditEntry { action, object, detail: json!({}) };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await
    }

    /// Ends an attempt badly: the job waits, twice as long each time, or is dead after its last attempt. `seed` is
    /// any number; it spreads jobs that fail together.
    pub async fn fail(
        &self,
        access: &Access,
        job: &Job,
        now: Timestamp,
        error: &str,
        seed: u64,
    ) -> Result<()> {
        let again = until(now, wait(job.attempt, seed));
        let sql = "UPDATE job SET error = $4, \
                   state = CASE WHEN attempts >= most_attempts THEN 'dead' ELSE 'ready' END, \
                   finished = CASE WHEN attempts >= most_attempts THEN $5 ELSE finished END, \
                   run_at = $6 \
                   WHERE no = $1 AND tenant = $2 AND token = $3 AND state = 'running'";
        let error = crate::commit::clean(error);
        let values = args![job.number, access.row(), job.token, error, micros(now), again];
        self.change_job(access, job, sql, values).await
    }

    /// Puts a job back as if it had not been tried, to be taken again after `pause`: what it needs is away, and
    /// that is no fault of its own.
    pub async fn put_back(
        &self,
        access: &Access,
        job: &Job,
        now: Timestamp,
        reason: &str,
        pause: Duration,
    ) -> Result<()> {
        let sql = "UPDATE job SET error = $4, state = 'ready', attempts = attempts - 1, run_at = $5 \
                   WHERE no = $1 AND tenant = $2 AND token = $3 AND state = 'running'";
        let reason = crate::commit::clean(reason);
        let values = args![job.number, access.row(), job.token, reason, until(now, pause)];
        self.change_job(access, job, sql, values).await
    }

    async fn change_job(
        &self,
        access: &Access,
        job: &Job,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        if tx.run(sql, values).await? == 0 {
            return Err(lost(job));
        }
        tx.commit().await
    }

    /// One job.
    pub async fn job(&self, access: &Access, number: u64) -> Result<JobRow> {
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT {COLUMNS} FROM job WHERE no = $1 AND tenant = $2");
        let row = tx.row(&sql, args![number, access.row()]).await?;
        row.as_ref().map_or_else(|| Err(StoreError::NotFound(format!("job {number}"))), shape)
    }

    /// Jobs, the latest first, at most `limit`.
    pub async fn jobs(
        &self,
        access: &Access,
        filter: &JobFilter,
        limit: u32,
    ) -> Result<Vec<JobRow>> {
        let mut tx = self.read(access).await?;
        let states: Vec<&str> = match &*filter.states {
            [] => JobState::ALL.iter().map(|it| it.text()).collect(),
            some => some.iter().map(|it| it.text()).collect(),
        };
        let mut values = args![access.row(), filter.before.unwrap_or(i64::MAX.cast_unsigned())];
        let mut sql = format!("SELECT {COLUMNS} FROM job WHERE tenant = $1 AND no < $2");
        for (column, wanted) in [("state", states), ("kind", words(&filter.kinds))] {
            if wanted.is_empty() {
                continue;
            }
            let places: Vec<String> =
                (0..wanted.len()).map(|it| format!("${}", values.len() + it + 1)).collect();
            write!(sql, " AND {column} IN ({})", places.join(", ")).unwrap_or_default();
            values.extend(wanted.into_iter().map(Value::from));
        }
        write!(sql, " ORDER BY no DESC LIMIT ${}", values.len() + 1).unwrap_or_default();
        values.push(Value::from(limit));
        tx.rows(&sql, values).await?.iter().map(shape).collect()
    }

    /// How many jobs there are in each state.
    pub async fn job_counts(&self, access: &Access) -> Result<Vec<(JobState, u64)>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT state, count(*) FROM job WHERE tenant = $1 GROUP BY state";
        let rows = tx.rows(sql, args![access.row()]).await?;
        let mut counts: Vec<(JobState, u64)> = rows
            .iter()
            .map(|row| Ok((JobState::parse(&row.text(0)?)?, row.count(1)?)))
            .collect::<Result<_>>()?;
        counts.sort_unstable();
        Ok(counts)
    }

    /// Gives a dead job all its attempts again.
    pub async fn revive(&self, access: &Access, number: u64, now: Timestamp) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE job SET state = 'ready', attempts = 0, run_at = $3, finished = NULL \
                   WHERE no = $1 AND tenant = $2 AND state = 'dead'";
        if tx.run(sql, args![number, access.row(), micros(now)]).await? == 0 {
            return Err(StoreError::NotFound(format!("dead job {number}")));
        }
        let (action, object) = ("job.revive".to_owned(), number.to_string());
        let entry = AuditEntry { action, object, detail: json!({}) };
        audit::append(&mut tx, access, now, &[entry]).await?;
        tx.commit().await
    }
}

fn words(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn lost(job: &Job) -> StoreError {
    StoreError::LeaseLost(format!("job {}", job.number))
}

fn shape(row: &Row) -> Result<JobRow> {
    Ok(JobRow {
        number: row.count(0)?,
        kind: row.text(1)?,
        payload: payload(row, 2)?,
        state: JobState::parse(&row.text(3)?)?,
        attempts: row.small(4)?,
        run_at: instant(row.int(5)?)?,
        worker: row.text(6)?,
        error: row.text(7)?,
        actor: row.text(8)?,
        progress: payload(row, 9)?,
        result: payload(row, 10)?,
        created: instant(row.int(11)?)?,
        finished: row.int_or_null(12)?.map(instant).transpose()?,
        cancelled: row.int_or_null(13)?.map(instant).transpose()?,
    })
}

fn payload(row: &Row, column: usize) -> Result<Json> {
    serde_json::from_str(&row.text(column)?)
        .map_err(|_| StoreError::Corrupt("the payload of a job is not JSON".to_owned()))
}

/// Jobs whose worker died in their last attempt are dead.
async fn give_up(tx: &mut Tx, access: &Access, now: Timestamp) -> Result<()> {
    let sql = "UPDATE job SET state = 'dead', finished = $2, error = 'the worker stopped' \
               WHERE tenant = $1 AND state = 'running' AND run_at <= $2 \
               AND attempts >= most_attempts";
    tx.run(sql, args![access.row(), micros(now)]).await?;
    Ok(())
}

/// How long a job waits after attempt number `attempt` failed: the doubled time, or down to half of it by
/// `seed`.
fn wait(attempt: u32, seed: u64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1_u32 << attempt.saturating_sub(1).min(20));
    let whole = doubled.min(LONGEST_WAIT);
    // SplitMix64: neighbouring seeds give unlike numbers.
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let share = (mixed >> 54) as u32; // below 1024
    whole / 2 + whole / 2048 * share
}

#[cfg(test)]
mod tests {
    use super::{FIRST_WAIT, LONGEST_WAIT, wait};

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        for seed in 0..1000 {
            for (attempt, most) in [(1, FIRST_WAIT), (3, FIRST_WAIT * 4), (40, LONGEST_WAIT)] {
                assert!(wait(attempt, seed) >= most / 2 && wait(attempt, seed) <= most);
            }
        }
        assert_ne!(wait(5, 1), wait(5, 2));
    }
}
