//! `merlon audit`: whether the record is whole, and what it says.

use std::io::Write;

use anyhow::bail;
use serde_json::{Value as Json, json};
use store::AuditVerdict;

use crate::cli::Cli;
use crate::cli::kept::{AuditCommand, Form};
use crate::kept::Kept;
use crate::progress::Progress;
use crate::remote::{self, number, renamed, text};
use crate::report::{counted, single_line};

/// The chain is broken.
const BROKEN: u8 = 1;
/// Entries that are read at a time.
const PAGE: u32 = 1000;
/// A line as it is printed, and as the interface calls its fields.
const FIELDS: [(&str, &str); 6] = [
    ("number", "sequence"),
    ("at", "at"),
    ("by", "actor"),
    ("action", "action"),
    ("object", "object"),
    ("detail", "detail"),
];

pub(crate) fn run(command: &AuditCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        AuditCommand::Verify { place } => {
            let progress = Progress::new(cli.quiet);
            let verdict = remote::ask(place, verify, async |server| {
                let job = server.post(&["jobs"], &json!({ "kind": "verify-audit" })).await?;
                match server.finished(job, &progress).await {
                    // Its job fails, so that somebody looks; here it is the answer.
                    Err(error) if is_broken(&error) => {
                        Ok(json!({ "said": base::chain(error.as_ref()) }))
                    }
                    done => done,
                }
            })?;
            drop(progress);
            say_verdict(&verdict, out)
        }
        AuditCommand::List { place, after, format } => {
            let rows = remote::ask(
                place,
                async |kept| rows(kept, *after).await,
                async |server| {
                    let lines = server.lines_after("audit", *after).await?;
                    Ok(lines.iter().map(|it| renamed(it, &FIELDS)).collect())
                },
            )?;
            if *format == Form::Json {
                serde_json::to_writer_pretty(&mut *out, &rows)?;
                writeln!(out)?;
                return Ok(0);
            }
            for it in &rows {
                let (by, object) = (single_line(text(it, "by")), single_line(text(it, "object")));
                let (at, action) = (text(it, "at"), text(it, "action"));
                writeln!(out, "{:>6}  {at}  {by}  {action} {object}", number(it, "number"))?;
            }
            Ok(0)
        }
    }
}

/// Whether a job failed because the chain is broken.
fn is_broken(error: &anyhow::Error) -> bool {
    let failed = error.downcast_ref::<remote::Failed>();
    failed.is_some_and(|it| it.reason.contains("the audit log is broken"))
}

/// Walks the chain of what is kept here; says what a job that does so on a server says.
async fn verify(kept: &Kept) -> anyhow::Result<Json> {
    Ok(match kept.store.audit_verify(&kept.access, None).await? {
        AuditVerdict::Whole(head) => json!({ "rows": head.seq, "hash": head.hash }),
        AuditVerdict::Broken { seq, why } => json!({ "broken": seq, "why": why.to_string() }),
    })
}

fn say_verdict(verdict: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(at) = verdict.get("broken").and_then(Json::as_u64) {
        writeln!(out, "the audit log is broken at entry {at}: {}", text(verdict, "why"))?;
        return Ok(BROKEN);
    }
    if let Some(said) = verdict.get("said").and_then(Json::as_str) {
        writeln!(out, "{said}")?;
        return Ok(BROKEN);
    }
    let Some(rows) = verdict.get("rows").and_then(Json::as_u64) else {
        bail!("the server did not say whether the audit log is whole");
    };
    let entries = counted(rows, "entry").replace("entrys", "entries");
    writeln!(out, "the audit log is whole: {entries}, head {}", text(verdict, "hash"))?;
    Ok(0)
}

async fn rows(kept: &Kept, after: u64) -> anyhow::Result<Vec<Json>> {
    let (mut after, mut rows) = (after, Vec::new());
    loop {
        let page = kept.store.audit_log(&kept.access, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = last.seq;
        rows.extend(page.iter().map(|it| {
            json!({
                "number": it.seq, "at": it.at.to_string(), "by": it.actor,
                "action": it.action, "object": it.object, "detail": it.detail,
            })
        }));
    }
}
