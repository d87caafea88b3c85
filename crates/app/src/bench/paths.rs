//! Attack paths on a made-up attack graph, beside bare reachability on the same.

use std::io::Write;
use std::thread;

use ::paths::bench::{Size, n_reached_at_all, scene};
use ::paths::count::n_reaching;
use ::paths::search::{Without, search};
use ::paths::story::ways;
use jiff::Timestamp;

use super::{peak_mib, seconds_since};

/// Runs of each; the median counts.
const RUNS: usize = 5;

pub(super) fn run(size: Size, out: &mut dyn Write) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let scene = scene(size, 7);
    let (graph, entries, targets) = (&scene.graph, &scene.entries, &scene.targets);
    writeln!(
        out,
        "graph     {:>8.2} s  {} positions, {} edges, {} entry points, {} targets",
        seconds_since(start),
        graph.n_positions(),
        graph.n_edges(),
        entries.len(),
        targets.len()
    )?;
    let mut n_reached = 0;
    let floor = median(|| n_reached = n_reached_at_all(graph, entries));
    writeln!(
        out,
        "floor     {floor:>8.3} s  what edges reach, whatever they need or cost: {n_reached}"
    )?;
    let mut line = |name: &str, seconds: f64, what: String| {
        writeln!(
            out,
            "{name:<9} {seconds:>8.3} s  {:>4.1} x the floor; {what}",
            seconds / floor.max(1e-9)
        )
    };
    let searched = median(|| drop(search(graph, entries, &Without::unproven())));
    line("reach", searched, "the likeliest way to everything that is reached".to_owned())?;
    let (mut n_ways, mut n_pairs) = (0, 0_u64);
    let together = median(|| {
        let counts = thread::scope(|scope| {
            let counting = scope.spawn(|| n_reaching(graph, entries, targets));
            n_ways = ways(graph, entries, None, targets, &[]).proven.len();
            counting.join().unwrap_or_default()
        });
        n_pairs = counts.iter().map(|it| u64::from(*it)).sum();
    });
    line(
        "stories",
        together,
        format!("{n_ways} ranked, of {n_pairs} pairs of entry point and target"),
    )?;
    writeln!(out, "memory    {:>8.0} MiB  peak resident", peak_mib())?;
    Ok(())
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
