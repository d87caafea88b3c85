//! `merlon job`: what is in the queue, and putting something there.

use std::io::Write;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use store::{Access, JobFilter, JobRow, JobState, Store, TenantId};

use crate::cli::{JobCommand, JobKind, JobStateName};
use crate::config::{self, Environment, Place};
use crate::kept;
use crate::remote::{Server, Somewhere, number, queue, renamed, text};
use crate::report::single_line;
use crate::serve::{Kind, location};

/// Jobs that are listed.
const MOST: u32 = 100;
/// A job as it is printed, and as the interface calls its fields.
const FIELDS: [(&str, &str); 6] = [
    ("number", "number"),
    ("kind", "kind"),
    ("attempts", "attempts"),
    ("runAt", "runAt"),
    ("worker", "worker"),
    ("error", "error"),
];

pub(crate) fn run(command: &JobCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        JobCommand::List { place, state } => {
            let rows = ask(
                place,
                async |it| list(it, *state).await,
                async |server| {
                    let state = word(*state);
                    let query = [("state", state), ("limit", "100")];
                    let page = server.get(&["jobs"], &query).await?;
                    let items = page.get("items").and_then(Json::as_array).cloned();
                    Ok(items.unwrap_or_default().iter().map(|it| renamed(it, &FIELDS)).collect())
                },
            )?;
            write(&rows, matches!(state, JobStateName::Ready), out)?;
        }
        JobCommand::Add { kind, place } => {
            let kind = match kind {
                JobKind::Flips => Kind::Flips,
                JobKind::Prune => Kind::Prune,
                JobKind::VerifyAudit => Kind::VerifyAudit,
            };
            let number = match place.server()? {
                None => add(&place.place, kind, json!({}))?,
                Some(server) => kept::run(async { queue(&server, kind.name()).await })?,
            };
            writeln!(out, "job {number} waits")?;
        }
        JobCommand::Revive { number, place } => {
            act(place, *number, "revive", async |(store, access)| {
                Ok(store.revive(access, *number, Timestamp::now()).await?)
            })?;
            writeln!(out, "job {number} waits again")?;
        }
        JobCommand::Cancel { number, place } => {
            act(place, *number, "cancel", async |(store, access)| {
                store.job(access, *number).await?;
                store.cancel(access, *number, Timestamp::now()).await?;
                Ok(())
            })?;
            writeln!(
                out,
                "job {number} is cancelled, or will be as soon as its worker hears of it"
            )?;
        }
    }
    Ok(0)
}

/// Asks the queue that is kept here, or that of a server.
fn ask<T>(
    somewhere: &Somewhere,
    local: impl AsyncFnOnce((&Store, &Access)) -> anyhow::Result<T>,
    remote: impl AsyncFnOnce(&Server) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(server) = somewhere.server()? {
        return kept::run(async { remote(&server).await });
    }
    kept::run(async {
        let (store, access) = open(&somewhere.place).await?;
        let done = local((&store, &access)).await;
        store.close().await;
        done
    })
}

/// Does something with one job.
fn act(
    somewhere: &Somewhere,
    number: u64,
    verb: &str,
    local: impl AsyncFnOnce((&Store, &Access)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    ask(somewhere, local, async |server| {
        server.post(&["jobs", &number.to_string(), verb], &json!({})).await.map(drop)
    })
}

async fn open(place: &Place) -> anyhow::Result<(Store, Access)> {
    let loaded = config::load(place, Vec::new(), &Environment::of_process())?;
    let store = Store::open(&location(&loaded.config)?, Timestamp::now()).await?;
    let access = Access::new(TenantId::FIRST, "operator");
    store.add_tenant(&access, "first", Timestamp::now()).await?;
    Ok((store, access))
}

/// A state as the interface calls it.
fn word(state: JobStateName) -> &'static str {
    match state {
        JobStateName::Ready => "ready",
        JobStateName::Running => "running",
        JobStateName::Done => "done",
        JobStateName::Dead => "dead",
        JobStateName::Cancelled => "cancelled",
    }
}

async fn list(
    (store, access): (&Store, &Access),
    state: JobStateName,
) -> anyhow::Result<Vec<Json>> {
    let state = match state {
        JobStateName::Ready => JobState::Ready,
        JobStateName::Running => JobState::Running,
        JobStateName::Done => JobState::Done,
        JobStateName::Dead => JobState::Dead,
        JobStateName::Cancelled => JobState::Cancelled,
    };
    let filter = JobFilter { states: vec![state], ..JobFilter::default() };
    let row = |it: &JobRow| {
        json!({
            "number": it.number, "kind": it.kind, "attempts": it.attempts,
            "runAt": it.run_at.to_string(), "worker": it.worker, "error": it.error,
        })
    };
    Ok(store.jobs(access, &filter, MOST).await?.iter().map(row).collect())
}

fn write(rows: &[Json], is_ready: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    for it in rows {
        let (id, kind, attempts) = (number(it, "number"), text(it, "kind"), number(it, "attempts"));
        write!(out, "{id}  {kind:<12}  attempts {attempts}")?;
        if is_ready {
            let run_at: Timestamp = text(it, "runAt").parse().context("a damaged instant")?;
            write!(out, "  not before {run_at:.0}")?;
        }
        for name in ["worker", "error"] {
            let said = text(it, name);
            if !said.is_empty() {
                write!(out, "  {}", single_line(said))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Puts a job into the queue of the store that the command line names.
pub(crate) fn add(place: &Place, kind: Kind, payload: Json) -> anyhow::Result<u64> {
    kept::run(async {
        let (store, access) = open(place).await?;
        let now = Timestamp::now();
        let number = store.enqueue(&access, now, &kind.job(None, now, payload)).await?;
        store.close().await;
        Ok(number)
    })
}
