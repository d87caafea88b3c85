//! Attack paths on a made-up attack graph, beside bare reachability on the same; then changes of it.

use std::io::Write;
use std::thread;

use ::paths::bench::{Changes, Scene, Size, n_reached_at_all, scene};
use ::paths::count::n_reaching;
use ::paths::reach::reach;
use ::paths::search::{Without, search};
use ::paths::story::{Standing, likeliest};
use jiff::Timestamp;

use super::{peak_mib, percentile, seconds_since};

/// Runs of each; the median counts.
const RUNS: usize = 5;

pub(super) fn run(size: Size, n_changes: u32, out: &mut dyn Write) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let mut scene = scene(size, 7);
    writeln!(
        out,
        "graph     {:>8.2} s  {} positions, {} edges, {} entry points, {} targets",
        seconds_since(start),
        scene.graph.n_positions(),
        scene.graph.n_edges(),
        scene.entries.len(),
        scene.targets.len()
    )?;
    let floor = stories(&scene, out)?;
    writeln!(
        out,
        "memory    {:>8.0} MiB  peak resident, with the making of the graph",
        peak_mib()
    )?;
    changes(&mut scene, n_changes, floor, out)?;
    writeln!(out, "memory    {:>8.0} MiB  peak resident", peak_mib())?;
    Ok(())
}

/// All stories of a graph that stands still. The floor in seconds.
fn stories(scene: &Scene, out: &mut dyn Write) -> anyhow::Result<f64> {
    let (graph, entries, targets) = (&scene.graph, &scene.entries, &scene.targets);
    let mut n_reached = 0;
    let floor = median(|| n_reached = n_reached_at_all(graph, entries));
    writeln!(
        out,
        "floor     {floor:>8.3} s  what edges reach, whatever they need or cost: {n_reached}"
    )?;
    let mut line = |name: &str, seconds: f64, what: String| {
        let ratio = seconds / floor.max(1e-9);
        writeln!(out, "{name:<9} {seconds:>8.3} s  {ratio:>4.1} x the floor; {what}")
    };
    let proven = Without::unproven();
    let mut n_held = 0;
    let bare = median(|| n_held = reach(graph, entries, &proven).n_held());
    line("bare", bare, format!("what is reached, whatever it costs: {n_held}"))?;
    let searched = median(|| drop(search(graph, entries, &proven)));
    line("reach", searched, "the likeliest way to everything that is reached".to_owned())?;
    let (mut n_ways, mut n_pairs) = (0, 0_u64);
    let together = median(|| {
        let found = thread::scope(|scope| {
            let counting = scope.spawn(|| n_reaching(graph, entries, targets, &proven));
            let found = likeliest(graph, entries, targets, &[]);
            let counts = counting.join().unwrap_or_default();
            found.ranked(&counts, &counts)
        });
        n_ways = found.proven.len();
        n_pairs = found.proven.iter().map(|it| u64::from(it.n_entries)).sum();
    });
    line(
        "stories",
        together,
        format!("{n_ways} ranked, of {n_pairs} pairs of entry point and target"),
    )?;
    Ok(floor)
}

/// Changes one after the other, each followed until all stories are told and ranked again.
fn changes(
    scene: &mut Scene,
    n_changes: u32,
    floor: f64,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let Scene { graph, entries, targets } = scene;
    let start = Timestamp::now();
    let mut standing = Standing::new(graph, entries, targets);
    let seconds = seconds_since(start);
    writeln!(out, "standing  {seconds:>8.3} s  once: stories that follow changes from now on")?;
    let mut changes = Changes::new(11);
    let (mut times, mut recounts) = (Vec::new(), Vec::new());
    let (mut n_edges, mut n_told, mut most_edges) = (0, 0, 0);
    for _ in 0..n_changes {
        let draft = changes.draw(graph);
        let start = Timestamp::now();
        let change = draft.make(graph);
        let told = standing.follow(graph, &change);
        times.push(seconds_since(start));
        n_edges += draft.n_edges();
        most_edges = most_edges.max(draft.n_edges());
        n_told += told.len();
        changes.made(&draft, change);
        if standing.wants_recount() {
            let start = Timestamp::now();
            standing.recount(graph);
            recounts.push(seconds_since(start));
        }
    }
    let sum: f64 = times.iter().sum();
    times.sort_by(f64::total_cmp);
    let milliseconds = |percent: usize| percentile(&times, percent) * 1000.0;
    writeln!(
        out,
        "changes   {:>8.3} ms p50, {:.3} ms p99, {:.3} ms most; p99 is {:.4} x the floor; {} changes of \
         {n_edges} edges, {most_edges} at most, {sum:.2} s; {n_told} stories told again",
        milliseconds(50),
        milliseconds(99),
        milliseconds(100),
        milliseconds(99) / 1000.0 / floor.max(1e-9),
        times.len(),
    )?;
    recounts.sort_by(f64::total_cmp);
    writeln!(
        out,
        "recount   {:>8.3} s  after {} of them counts were not known until all was counted again, beside",
        percentile(&recounts, 50),
        recounts.len()
    )?;
    anyhow::ensure!(is_as_from_scratch(scene, &standing), "stories differ from a search");
    writeln!(out, "equal     the stories after all changes are those of a search from scratch")?;
    Ok(())
}

/// Whether what followed all changes is what a search from scratch finds.
fn is_as_from_scratch(scene: &Scene, standing: &Standing) -> bool {
    let Scene { graph, entries, targets } = scene;
    let counts = n_reaching(graph, entries, targets, &Without::unproven());
    let found = likeliest(graph, entries, targets, &[]).ranked(&counts, &counts);
    let want = found.proven.iter().map(|it| (it.cost, it.n_entries));
    let got = standing.stories().map(|it| (it.way.cost, it.count.known().unwrap_or_default()));
    let (mut want, mut got): (Vec<_>, Vec<_>) = (want.collect(), got.collect());
    want.sort_unstable();
    got.sort_unstable();
    want == got
}

/// Seconds that some work takes: the median of several runs.
fn median(mut work: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Timestamp::now();
            work();
            seconds_since(start)
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(RUNS / 2).copied().unwrap_or_default()
}
