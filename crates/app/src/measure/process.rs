//! The figures of the process itself, as Linux tells them in `/proc/self`.

use std::fs;
use std::sync::LazyLock;

use jiff::Timestamp;

use super::Metrics;

/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;

static STARTED: LazyLock<Timestamp> = LazyLock::new(Timestamp::now);

/// Reads the figures; what the system does not tell stays as it was.
pub(super) fn read(metrics: &Metrics) {
    metrics.process_uptime.set([], Timestamp::now().duration_since(*STARTED).as_secs_f64());
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        metrics.process_files.set([], entries.count() as f64);
    }
    if let Ok(stat) = fs::read_to_string("/proc/self/stat")
        && let Some((user, system)) = ticks(&stat)
    {
        metrics.process_cpu.lift(["user"], user / TICKS_PER_SECOND);
        metrics.process_cpu.lift(["system"], system / TICKS_PER_SECOND);
    }
    if let Ok(status) = fs::read_to_string("/proc/self/status") {
        if let Some(kibibytes) = line(&status, "VmRSS:") {
            metrics.process_memory.set([], kibibytes * 1024.0);
        }
        if let Some(threads) = line(&status, "Threads:") {
            metrics.process_threads.set([], threads);
        }
    }
}

/// Processor time that this process has used, in seconds over all threads; 0 where the system does not say.
pub(crate) fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    ticks(&stat).map_or(0.0, |(user, system)| (user + system) / TICKS_PER_SECOND)
}

/// User and system time of `/proc/<pid>/stat`; the name, which may hold anything, ends with `)`.
fn ticks(stat: &str) -> Option<(f64, f64)> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let field = |number: usize| rest.split(' ').nth(number - 3)?.parse().ok();
    Some((field(14)?, field(15)?))
}

/// The number of a line of `/proc/<pid>/status`.
fn line(status: &str, name: &str) -> Option<f64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{line, ticks};

    #[test]
    fn the_name_of_the_process_may_hold_anything() {
        assert_eq!(ticks("42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 13\n"), Some((150.0, 50.0)));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn a_line_is_found_by_its_name() {
        assert_eq!(line("Name:\tmerlon\nVmRSS:\t  1234 kB\n", "VmRSS:"), Some(1234.0));
        assert_eq!(line("Name:\tmerlon\n", "VmRSS:"), None);
    }
}
