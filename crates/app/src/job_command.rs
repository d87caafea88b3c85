//! `merlon job`: what is in the queue, and putting something there.

use std::io::Write;

use jiff::Timestamp;
use serde_json::Value as Json;
use store::{Access, JobFilter, JobState, Store, TenantId};

use crate::cli::{JobCommand, JobKind, JobStateName};
use crate::config::{self, Environment, Place};
use crate::serve::{Kind, location};

pub(crate) fn run(command: &JobCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    let place = match command {
        JobCommand::Add { kind, place } => {
            let kind = match kind {
                JobKind::Flips => Kind::Flips,
                JobKind::Prune => Kind::Prune,
                JobKind::VerifyAudit => Kind::VerifyAudit,
            };
            let number = add(place, kind, serde_json::json!({}))?;
            writeln!(out, "job {number} waits")?;
            return Ok(0);
        }
        JobCommand::List { place, .. } | JobCommand::Revive { place, .. } => place,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (store, access) = open(place).await?;
        match command {
            JobCommand::List { state, .. } => list(&store, &access, *state, out).await?,
            JobCommand::Add { .. } => {}
            JobCommand::Revive { number, .. } => {
                store.revive(&access, *number, Timestamp::now()).await?;
                writeln!(out, "job {number} waits again")?;
            }
        }
        store.close().await;
        Ok(0)
    })
}

async fn open(place: &Place) -> anyhow::Result<(Store, Access)> {
    let loaded = config::load(place, Vec::new(), &Environment::of_process())?;
    let store = Store::open(&location(&loaded.config)?, Timestamp::now()).await?;
    let access = Access::new(TenantId::FIRST, "operator");
    store.add_tenant(&access, "first", Timestamp::now()).await?;
    Ok((store, access))
}

async fn list(
    store: &Store,
    access: &Access,
    state: JobStateName,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    const MOST: u32 = 100;
    let state = match state {
        JobStateName::Ready => JobState::Ready,
        JobStateName::Running => JobState::Running,
        JobStateName::Done => JobState::Done,
        JobStateName::Dead => JobState::Dead,
        JobStateName::Cancelled => JobState::Cancelled,
    };
    let filter = JobFilter { states: vec![state], ..JobFilter::default() };
    for job in store.jobs(access, &filter, MOST).await? {
        let (number, kind, attempts) = (job.number, job.kind, job.attempts);
        write!(out, "{number}  {kind:<12}  attempts {attempts}")?;
        if state == JobState::Ready {
            write!(out, "  not before {:.0}", job.run_at)?;
        }
        if !job.worker.is_empty() {
            write!(out, "  {}", job.worker)?;
        }
        if !job.error.is_empty() {
            write!(out, "  {}", job.error.escape_debug())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Puts a job into the queue of the store that the command line names.
pub(crate) fn add(place: &Place, kind: Kind, payload: Json) -> anyhow::Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (store, access) = open(place).await?;
        let now = Timestamp::now();
        let number = store.enqueue(&access, now, &kind.job(None, now, payload)).await?;
        store.close().await;
        Ok(number)
    })
}
