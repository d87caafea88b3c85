//! `merlon bench`: figures beside a floor measured in the same run.

mod derive;
mod http;
mod kept;
mod lists;
mod paths;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use posture::{Assessor, Posture, Setting};
use serde_json::Value as Json;

use crate::cli::{BenchCommand, Cli, Derive};
use crate::estate::{self, ImportOptions};
use crate::progress::Progress;
use crate::report::{Format, Report};
use crate::risk::{Judged, Risks};
use crate::{input, library, query, scan};

pub(crate) fn run(command: &BenchCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        BenchCommand::Posture { paths, from_store, place } if *from_store => {
            anyhow::ensure!(paths.is_empty(), "`--from-store` takes no exports");
            kept::posture(place, cli, out)?;
        }
        BenchCommand::Posture { paths, .. } => posture_bench(paths, cli, out)?,
        BenchCommand::Freshness(arguments) => kept::freshness(arguments, cli, out)?,
        BenchCommand::Lists(arguments) => lists::run(arguments, cli, out)?,
        BenchCommand::Http(arguments) => http::run(arguments, out)?,
        BenchCommand::Start { place } => kept::start(place, cli, out)?,
        BenchCommand::Paths { positions, edges, entries, targets, changes } => {
            let size = ::paths::bench::Size {
                positions: *positions,
                edges: *edges,
                entries: *entries,
                targets: *targets,
            };
            paths::run(size, *changes, out)?;
        }
        BenchCommand::Derive { paths, changes } => derive::run(paths, *changes, cli, out)?,
        BenchCommand::Graph { dir, queries, answers, runs } => {
            graph_bench(dir, queries, answers.as_deref(), *runs, out)?;
        }
    }
    Ok(0)
}

/// Wall-clock seconds since `start`.
fn seconds_since(start: Timestamp) -> f64 {
    Timestamp::now().duration_since(start).as_secs_f64()
}

/// The value below which so many in a hundred lie; 0 when there are none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

fn posture_bench(paths: &[PathBuf], cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let (n_bytes, n_items) = parse_only(paths);
    let floor = seconds_since(start);
    writeln!(
        out,
        "floor     {floor:>8.2} s  parsing {:.1} MB of JSON once ({n_items} values), {:.0} MB/s on {} threads",
        n_bytes as f64 / 1e6,
        n_bytes as f64 / 1e6 / floor.max(1e-9),
        estate::n_threads()
    )?;
    let start = Timestamp::now();
    let library = library::load(&cli.content)?;
    let content = seconds_since(start);
    let progress = Progress::new(true);
    let now = scan::instant(None)?;
    let options =
        ImportOptions { sent: None, paths: paths.to_vec(), format: None, is_complete: false };
    let import_start = Timestamp::now();
    let estate = estate::load(&library, &options, &now, &progress);
    let import = seconds_since(import_start);
    let judge_start = Timestamp::now();
    let setting = Setting::at(now.parse()?);
    let assessor = Arc::new(Assessor::compile(&library).0);
    let ledger = estate::judge(&assessor, &estate.graph, &setting);
    let n_assessments = ledger.n_assessments();
    let judging = seconds_since(judge_start);
    let report_start = Timestamp::now();
    let posture = Posture::new(&library, &estate.graph, &assessor, &setting, &ledger);
    let judged = Judged {
        library: &library,
        assessor: &assessor,
        graph: &estate.graph,
        ledger: &ledger,
        gaps: &estate.facts.gaps,
        n_resources: estate.facts.n_resources,
        now: now.parse()?,
    };
    let risks = Risks::derive(judged, Derive::Never)?;
    let report = Report {
        posture: &posture,
        facts: &estate.facts,
        risks: &risks,
        level: None,
        style: scan::style(false),
    };
    report.write(Format::Table, &mut std::io::sink())?;
    let reporting = seconds_since(report_start);
    let total = seconds_since(start);
    let n = estate.facts.n_resources.max(1) as f64;
    writeln!(out, "content   {content:>8.2} s  {} checks", library.checks().count())?;
    writeln!(
        out,
        "import    {import:>8.2} s  {} resources, {} nodes, {} edges",
        estate.facts.n_resources,
        estate.graph.n_nodes(),
        estate.graph.n_edges()
    )?;
    writeln!(
        out,
        "judge     {judging:>8.2} s  {n_assessments} assessments, {:.0} ns each and thread",
        judging * 1e9 * estate::n_threads() as f64 / n_assessments.max(1) as f64
    )?;
    writeln!(out, "report    {reporting:>8.2} s")?;
    writeln!(
        out,
        "total     {total:>8.2} s  {:.1} x the floor, {:.1} us a resource",
        total / floor.max(1e-9),
        total * 1e6 / n
    )?;
    writeln!(out, "memory    {:>8.0} MiB  peak resident", peak_mib())?;
    Ok(())
}

/// Reads and parses everything once and keeps nothing: what no importer can undercut.
fn parse_only(paths: &[PathBuf]) -> (u64, u64) {
    let mut problems = base::Problems::default();
    let sources = input::list_sources(paths, None, &mut problems);
    let next = AtomicU64::new(0);
    let (n_bytes, n_items) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..estate::n_threads() {
            scope.spawn(|| {
                let mut problems = base::Problems::default();
                while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed) as usize)
                {
                    let is_lines = |_: &input::Source, head: &[u8]| inventory::is_lines(head);
                    input::read_pieces(source, &is_lines, &mut problems, &mut |piece| {
                        n_bytes.fetch_add(piece.bytes.len() as u64, Ordering::Relaxed);
                        let values =
                            serde_json::Deserializer::from_slice(&piece.bytes).into_iter::<Json>();
                        let n = values.map_while(Result::ok).count();
                        n_items.fetch_add(n as u64, Ordering::Relaxed);
                        true
                    });
                }
            });
        }
    });
    (n_bytes.into_inner(), n_items.into_inner())
}

/// Peak resident memory of this process; 0 where the system does not say.
fn peak_mib() -> f64 {
    memory_mib("VmHWM:")
}

/// Resident memory of this process now; 0 where the system does not say.
fn resident_mib() -> f64 {
    memory_mib("VmRSS:")
}

fn memory_mib(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix(name));
    let kib = line.and_then(|it| it.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

fn graph_bench(
    folder: &Path,
    queries: &Path,
    answers: Option<&Path>,
    runs: usize,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let mut n_bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "csv") {
            n_bytes += std::fs::read(&path)?.iter().filter(|it| **it != b'\n').count();
        }
    }
    let floor = seconds_since(start);
    writeln!(out, "floor   {floor:>9.3} s  reading {:.1} MB of CSV once", n_bytes as f64 / 1e6)?;
    let start = Timestamp::now();
    let graph = query::load_csv(folder)?;
    let load = seconds_since(start);
    writeln!(
        out,
        "load    {load:>9.3} s  {} nodes, {} edges, {:.0} MiB peak resident, {:.1} x the floor",
        graph.n_nodes(),
        graph.n_edges(),
        peak_mib(),
        load / floor.max(1e-9)
    )?;
    let queries = read_json(queries)?;
    // Where the folder came with facts: a far pair for `$entry` and `$target`, and known answers.
    let facts = read_json(&folder.join("graph.json")).unwrap_or_default();
    let parameter = |key: &str| facts.get(key).map(posture::from_json);
    let mut params = graph::Params::new();
    params.extend(parameter("first_entry").map(|it| ("entry".to_owned(), it)));
    params.extend(parameter("last_target").map(|it| ("target".to_owned(), it)));
    let answers = match answers {
        Some(path) => {
            let json = read_json(path)?;
            let mut graphs = json.as_object().into_iter().flat_map(|it| it.values());
            graphs.find_map(|it| it.get("queries")).cloned()
        }
        None => None,
    };
    let start = Timestamp::now();
    let clock = || Duration::try_from(Timestamp::now().duration_since(start)).unwrap_or_default();
    for it in graph::bench::run(&graph, &queries, &params, answers.as_ref(), runs, &clock) {
        let verdict = match (it.is_right, &it.error) {
            (_, Some(error)) => format!("FAILED: {error}"),
            (Some(true), None) => "right".to_owned(),
            (Some(false), None) => format!("WRONG: {}", it.rows),
            (None, None) => format!("{} rows {}", it.n_rows, it.rows),
        };
        writeln!(
            out,
            "{:<42} first {:>9.2} ms  median {:>9.2} ms  {}",
            it.name,
            it.first.as_secs_f64() * 1e3,
            it.median.as_secs_f64() * 1e3,
            crate::report::cell(&verdict, 80).trim_end()
        )?;
    }
    Ok(())
}

fn read_json(path: &Path) -> anyhow::Result<Json> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` cannot be read", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
