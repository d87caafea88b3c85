//! `merlon bench derive`: from one changed document to the attack graph of the new state, beside deriving all
//! of it.

use std::io::Write;
use std::path::PathBuf;

use ::paths::Insight;
use jiff::Timestamp;
use model::Keys;

use super::{kept, peak_mib, percentile, seconds_since};
use crate::cli::Cli;
use crate::estate::{self, ImportOptions};
use crate::progress::Progress;
use crate::tenant::Tenant;
use crate::{library, when};

pub(super) fn run(
    paths: &[PathBuf],
    n_changes: usize,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let mut tenant = Tenant::empty(&library, Keys::default());
    let options =
        ImportOptions { sent: None, paths: paths.to_vec(), format: None, is_complete: false };
    let import = estate::read_import(&tenant.reader, &options, &Progress::new(true));
    let step = tenant.update(import, when::now());
    tenant.take(step);
    let now = when::now();
    let start = Timestamp::now();
    let mut insight = Insight::of(&tenant.graph, &library, now, None)?;
    let full = seconds_since(start);
    writeln!(
        out,
        "derive    {full:>9.3} s  all of {} nodes: {} edges, {:.0} MiB peak resident",
        tenant.graph.n_nodes(),
        insight.attack.graph.n_edges(),
        peak_mib()
    )?;
    let (mut times, mut n_edges, mut n_derived) = (Vec::new(), 0, 0);
    let mut first = None;
    for turn in 0..n_changes.saturating_mul(2) {
        if times.len() >= n_changes {
            break;
        }
        let Some(import) = kept::one_change_of(&tenant, turn) else { continue };
        let step = tenant.update(import, now);
        tenant.take(step);
        let start = Timestamp::now();
        if let Ok(followed) = insight.follow(&tenant.graph, None) {
            n_edges += followed.change.inserted.len() + followed.change.removed.len();
        } else {
            insight = Insight::of(&tenant.graph, &library, now, None)?;
            n_derived += 1;
        }
        times.push(seconds_since(start));
        first = first.or_else(|| times.first().copied());
    }
    times.sort_by(f64::total_cmp);
    let milliseconds = |percent: usize| percentile(&times, percent) * 1000.0;
    writeln!(
        out,
        "follow    {:>9.3} ms p50, {:.3} ms p99, {:.3} ms most; p99 is {:.4} x deriving all; {} changes of {n_edges} \
         edges, the first in {:.3} ms; {n_derived} could not be followed and were derived",
        milliseconds(50),
        milliseconds(99),
        milliseconds(100),
        milliseconds(99) / 1000.0 / full.max(1e-9),
        times.len(),
        first.unwrap_or_default() * 1000.0,
    )?;
    let derived = Insight::of(&tenant.graph, &library, now, None)?;
    anyhow::ensure!(
        derived.attack.graph.n_edges() == insight.attack.graph.n_edges(),
        "{} edges after all changes, and {} when all is derived: following is wrong",
        insight.attack.graph.n_edges(),
        derived.attack.graph.n_edges()
    );
    writeln!(out, "memory    {:>8.0} MiB  peak resident", peak_mib())?;
    Ok(())
}
