//! `merlon audit`: whether the record is whole, and what it says.

use std::io::Write;

use serde_json::{Value as Json, json};
use store::AuditVerdict;

use crate::cli::kept::{AuditCommand, Form};
use crate::kept;
use crate::report::{counted, single_line};
use crate::when;

/// The chain is broken.
const BROKEN: u8 = 1;
/// Entries that are read at a time.
const PAGE: u32 = 1000;

pub(crate) fn run(command: &AuditCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        AuditCommand::Verify { place } => kept::with(place, when::now(), async |kept| {
            match kept.store.audit_verify(&kept.access, None).await? {
                AuditVerdict::Whole(head) => {
                    let entries = counted(head.seq, "entry").replace("entrys", "entries");
                    writeln!(out, "the audit log is whole: {entries}, head {}", head.hash)?;
                    Ok(0)
                }
                AuditVerdict::Broken { seq, why } => {
                    writeln!(out, "the audit log is broken at entry {seq}: {why}")?;
                    Ok(BROKEN)
                }
            }
        }),
        AuditCommand::List { place, after, format } => {
            kept::with(place, when::now(), async |kept| {
                let (mut after, mut rows) = (*after, Vec::new());
                loop {
                    let page = kept.store.audit_log(&kept.access, after, PAGE).await?;
                    let Some(last) = page.last() else { break };
                    after = last.seq;
                    rows.extend(page);
                }
                if *format == Form::Json {
                    let all: Vec<Json> = rows
                        .iter()
                        .map(|it| {
                            json!({
                                "number": it.seq, "at": it.at.to_string(), "by": it.actor,
                                "action": it.action, "object": it.object, "detail": it.detail,
                            })
                        })
                        .collect();
                    serde_json::to_writer_pretty(&mut *out, &all)?;
                    writeln!(out)?;
                    return Ok(0);
                }
                for it in &rows {
                    let (by, object) = (single_line(&it.actor), single_line(&it.object));
                    writeln!(out, "{:>6}  {}  {by}  {} {object}", it.seq, it.at, it.action)?;
                }
                Ok(0)
            })
        }
    }
}
