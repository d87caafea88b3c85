//! From files to a judged estate: the recipe that every command shares.
//!
//! Reading and parsing run on all cores; putting together is one thread, and its result does not
//! depend on the order in which pieces arrive.

#[cfg(test)]
mod follow;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use base::{Problem, Problems};
use content::Library;
use graph::Graph;
use inventory::{Assembler, Format, Import, Reader, Snapshot, SourceFile};
use model::Keys;
use posture::{Assessor, Base, Delta, Diff, Ledger, Part, Setting, Work};

use crate::input::{self, Piece, Source};
use crate::progress::Progress;
use crate::report::{KindCount, ScanFacts};

/// What a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The folder where it was unpacked: files are called as they are there.
    pub(crate) base: PathBuf,
    /// What the client calls it.
    pub(crate) name: String,
}

/// Resources that are judged before documents are given back.
const STRETCH: usize = 1 << 16;
/// Documents read from compressed blocks are given back when they take up more than this.
const MOST_THAWED: usize = 128 << 20;

/// What to read, and how.
#[derive(Debug)]
pub(crate) struct ImportOptions {
    pub(crate) paths: Vec<PathBuf>,
    /// What a client sent, when the paths are that.
    pub(crate) sent: Option<Sent>,
    /// The format of all files; recognised when absent.
    pub(crate) format: Option<Format>,
    /// What the export does not hold does not exist.
    pub(crate) is_complete: bool,
}

/// An estate as a graph, with what is known about the reading.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(crate) graph: Graph,
    pub(crate) facts: ScanFacts,
}

/// Reads, parses and connects everything that `options` name.
/// What cannot be read is a problem in the facts.
pub(crate) fn load(
    library: &Library,
    options: &ImportOptions,
    as_of: &str,
    progress: &Progress,
) -> Estate {
    let keys = Keys::default();
    let snapshot = read(library, options, &keys, progress);
    progress.say("connecting");
    connect(library, snapshot, &keys, as_of)
}

/// Number of threads that parse or judge.
pub(crate) fn n_threads() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn read(library: &Library, options: &ImportOptions, keys: &Keys, progress: &Progress) -> Snapshot {
    let reader = Reader::new(library, keys);
    let (assembler, problems) = gather(&reader, options, progress);
    let mut snapshot = assembler.finish();
    snapshot.problems = together(std::mem::take(&mut snapshot.problems), problems);
    snapshot
}

/// Reads and parses everything that `options` name, for an update of what is kept.
pub(crate) fn read_import(
    reader: &Reader<'_>,
    options: &ImportOptions,
    progress: &Progress,
) -> Import {
    let (assembler, problems) = gather(reader, options, progress);
    let mut import = assembler.import();
    import.problems = together(std::mem::take(&mut import.problems), problems);
    import
}

/// What was not understood and what could not be read, in one list.
fn together(understood: Vec<Problem>, read: Problems) -> Vec<Problem> {
    let mut all = Problems::default();
    for problem in understood.into_iter().chain(read.into_vec()) {
        all.add_many(&problem.file, problem.reason, problem.count);
    }
    all.into_vec()
}

/// Reads and parses on all cores; what could not be read is a problem.
fn gather<'r, 'l>(
    reader: &'r Reader<'l>,
    options: &ImportOptions,
    progress: &Progress,
) -> (Assembler<'r, 'l>, Problems) {
    let mut problems = Problems::default();
    let sources = input::list_sources(
        &options.paths,
        options.sent.as_ref().map(|it| it.base.as_path()),
        &mut problems,
    );
    let mut assembler = Assembler::new(reader);
    if options.is_complete {
        // The same words that an export may carry, above everything that is read.
        assembler.absorb(reader.parse(&SourceFile::whole(
            "merlon-export.yaml",
            "--complete",
            b"complete: true\n",
        )));
    }
    let n_threads = n_threads();
    thread::scope(|scope| {
        // Bounded, so that reading waits for parsing and memory stays flat.
        let (piece_out, piece_in) = mpsc::sync_channel::<Piece>(n_threads * 2);
        let piece_in = std::sync::Arc::new(std::sync::Mutex::new(piece_in));
        let (batch_out, batch_in) = mpsc::sync_channel(n_threads * 4);
        for _ in 0..n_threads {
            let (pieces, batches) = (std::sync::Arc::clone(&piece_in), batch_out.clone());
            scope.spawn(move || {
                while let Some(piece) = next(&pieces) {
                    let batch = reader.parse(&SourceFile {
                        name: &piece.path,
                        path: &piece.name,
                        bytes: &piece.bytes,
                        format: options.format,
                        first_line: piece.first_line - 1,
                        is_lines: piece.is_lines,
                    });
                    if batches.send(batch).is_err() {
                        break;
                    }
                }
            });
        }
        drop(batch_out);
        let feeder = scope.spawn(move || feed(&sources, &piece_out, progress));
        for batch in batch_in {
            assembler.absorb(batch);
        }
        problems.merge(feeder.join().unwrap_or_default());
    });
    progress.say("assembling");
    (assembler, problems)
}

fn next(pieces: &std::sync::Mutex<mpsc::Receiver<Piece>>) -> Option<Piece> {
    let pieces = pieces.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    pieces.recv().ok()
}

fn feed(sources: &[Source], pieces: &mpsc::SyncSender<Piece>, progress: &Progress) -> Problems {
    let mut problems = Problems::default();
    for source in sources {
        progress.file(&source.name);
        let is_lines = |_: &Source, head: &[u8]| inventory::is_lines(head);
        input::read_pieces(source, &is_lines, &mut problems, &mut |piece| {
            progress.bytes(piece.bytes.len());
            !progress.is_stopped() && pieces.send(piece).is_ok()
        });
    }
    problems
}

/// Makes the graph: nodes with labels, edges, and where edges may be missing.
fn connect(library: &Library, snapshot: Snapshot, keys: &Keys, as_of: &str) -> Estate {
    let facts = facts(library, &snapshot, as_of);
    let graph = crate::connect::build_graph(library, snapshot, keys);
    let classifier = crate::tenant::classifier(library, &posture::Choices::default(), None);
    let graph = graph.apply(&classifier.mark_all(&graph));
    Estate { graph, facts }
}

fn facts(library: &Library, snapshot: &Snapshot, as_of: &str) -> ScanFacts {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for resource in snapshot.resources.iter().filter(|it| it.collected) {
        *counts.entry(&resource.kind).or_default() += 1;
    }
    let mut kinds: Vec<KindCount> = counts
        .into_iter()
        .map(|(kind, count)| {
            let known = library.kind(kind);
            let finding = inventory::finding_label(kind);
            let title = match (known, finding) {
                (Some(it), _) => it.title.clone(),
                (None, Some(label)) => format!("{label} (finding)"),
                (None, None) => kind.to_owned(),
            };
            let is_generic = known.is_none() && finding.is_none();
            KindCount {
                kind: kind.to_owned(),
                title,
                count,
                is_generic,
                is_finding: finding.is_some(),
            }
        })
        .collect();
    kinds.sort_by(|a, b| {
        a.is_generic
            .cmp(&b.is_generic)
            .then(b.count.cmp(&a.count))
            .then_with(|| a.kind.cmp(&b.kind))
    });
    let n_resources = kinds.iter().filter(|it| !it.is_finding).map(|it| it.count).sum();
    let n_generic = kinds.iter().filter(|it| it.is_generic).map(|it| it.count).sum();
    ScanFacts {
        as_of: as_of.to_owned(),
        n_resources,
        n_generic,
        kinds,
        gaps: snapshot.gaps.clone(),
        problems: snapshot.problems.clone(),
        n_conflicts: snapshot.counts.conflicts,
    }
}

/// Judges every resource, on all cores: a delta against nothing.
pub(crate) fn judge(assessor: &Assessor, graph: &Graph, setting: &Setting) -> Ledger {
    let mut ledger = Ledger::default();
    let delta = Delta::everything(graph, assessor, setting, 1);
    let diff = assess(Base::nothing(&ledger), &delta);
    ledger.apply(diff);
    ledger
}

/// What `delta` makes of `base`, on all cores.
pub(crate) fn assess(base: Base<'_>, delta: &Delta<'_>) -> Diff {
    let work = Work::plan(base, delta);
    let all = 0..work.len();
    if work.len() <= STRETCH {
        let parts = judge_range(&work, all);
        return work.finish(parts);
    }
    let mut parts = Vec::new();
    // The caller's graph stays as cold as it came.
    let mut graph = work.graph().cooled();
    for from in all.step_by(STRETCH) {
        let to = work.len().min(from + STRETCH);
        parts.extend(judge_range(&work.on(&graph), from..to));
        if graph.n_thawed_bytes() > MOST_THAWED {
            graph = graph.cooled();
        }
    }
    work.finish(parts)
}

/// Judges a range of the resources, on several threads when it is worth it.
fn judge_range(work: &Work<'_>, range: std::ops::Range<usize>) -> Vec<Part> {
    /// Resources that a thread takes at a time; fewer than this are not worth a second thread.
    const SMALL: usize = 256;
    let n_threads = n_threads().min(range.len().div_ceil(SMALL));
    if n_threads <= 1 {
        return vec![work.judge(range)];
    }
    let size = range.len().div_ceil(n_threads * 8).max(SMALL);
    let next = std::sync::atomic::AtomicUsize::new(range.start);
    let mut parts = Vec::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut judge = work.judge_here();
                    loop {
                        let from = next.fetch_add(size, std::sync::atomic::Ordering::Relaxed);
                        if from >= range.end {
                            return judge.finish();
                        }
                        judge.run(from..(from + size).min(range.end));
                    }
                })
            })
            .collect();
        parts.extend(workers.into_iter().filter_map(|it| it.join().ok()));
    });
    parts
}
