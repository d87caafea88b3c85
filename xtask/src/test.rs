//! `cargo xtask test`: everything that CI runs, in order.
//!
//! One line with the seconds per step; the first failing step ends the run. At the end stand the
//! seconds of all steps and the closing lines of the test runner, so that the tail of a log says
//! all that matters.

use anyhow::{Context as _, Result};

use crate::deny::Outcome;
use crate::process::{Stopwatch, pass, pass_watched, say};
use crate::{audit, deny, interface, portal, provider, reference, tidy};

/// One step: its name, what a person would type for it alone, and the work.
struct Step {
    name: &'static str,
    typed: &'static str,
    work: fn(&mut Closing) -> Result<Outcome>,
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        typed: "cargo fmt --all --check",
        work: |_| cargo(&["fmt", "--all", "--check"], &[]),
    },
    Step { name: "tidy", typed: "cargo xtask tidy", work: |_| tidy::run().map(|()| Outcome::Done) },
    Step {
        name: "lint",
        typed: "cargo clippy --workspace --all-targets -- -D warnings",
        work: |_| cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[]),
    },
    Step {
        name: "tests",
        typed: "cargo test --workspace",
        work: |closing| {
            pass_watched("cargo", &["test", "--workspace"], &mut |line| closing.watch(line))?;
            Ok(Outcome::Done)
        },
    },
    Step { name: "portal", typed: "cargo xtask portal", work: |_| portal::run() },
    Step { name: "provider", typed: "cargo xtask provider", work: |_| provider::run() },
    Step {
        name: "rustdoc",
        typed: "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps",
        work: |_| cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")]),
    },
    Step {
        name: "content",
        typed: "cargo run --package app -- content check",
        work: |_| cargo(&["run", "--quiet", "--package", "app", "--", "content", "check"], &[]),
    },
    Step { name: "licences", typed: "cargo xtask deny", work: |_| deny::run() },
    Step { name: "weaknesses", typed: "cargo xtask audit", work: |_| audit::run() },
    Step {
        name: "reference",
        typed: "cargo xtask gen --check",
        work: |_| reference::check().map(|()| Outcome::Done),
    },
    Step { name: "interface", typed: "cargo xtask interface", work: |_| interface::run(&[]) },
];

fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Outcome> {
    pass("cargo", arguments, variables)?;
    Ok(Outcome::Done)
}

/// Runs all steps.
pub(crate) fn run() -> Result<()> {
    let whole = Stopwatch::start();
    let mut closing = Closing::default();
    let mut table = Vec::new();
    for (index, step) in STEPS.iter().enumerate() {
        let number = index + 1;
        say(&format!("\n== {number}/{} {}: {}", STEPS.len(), step.name, step.typed));
        let watch = Stopwatch::start();
        let result = (step.work)(&mut closing);
        let seconds = watch.seconds();
        let word = result.as_ref().map_or("FAILED".to_owned(), Outcome::to_string);
        say(&format!("== {} took {seconds:.1} s: {word}", step.name));
        table.push(format!("{:<10} {seconds:>7.1} s  {word}", step.name));
        if let Err(error) = result {
            closing.print();
            say(&format!("\n{}", table.join("\n")));
            let name = step.name;
            let again = step.typed;
            return Err(error).context(format!("step `{name}` failed; run it alone: {again}"));
        }
    }
    table.push(format!("{:<10} {:>7.1} s", "all", whole.seconds()));
    say(&format!("\n{}", table.join("\n")));
    closing.print();
    Ok(())
}

/// The closing lines of the test runner, one for each test binary that has tests.
#[derive(Debug, Default)]
struct Closing {
    running: String,
    lines: Vec<String>,
    failures: Vec<String>,
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Closing {
    fn watch(&mut self, line: &str) {
        let trimmed = line.trim();
        if let Some(rest) = trimmed.strip_prefix("Running ") {
            self.running = binary_name(rest);
        } else if let Some(rest) = trimmed.strip_prefix("Doc-tests ") {
            self.running = format!("{rest} (documentation)");
        } else if let Some(rest) = trimmed.strip_prefix("test result: ") {
            let mut sum = 0;
            for part in rest.split([';', '.']) {
                let (passed, failed, ignored) =
                    (count(part, "passed"), count(part, "failed"), count(part, "ignored"));
                sum += passed + failed + ignored;
                self.passed += passed;
                self.failed += failed;
                self.ignored += ignored;
            }
            if sum > 0 {
                self.lines.push(format!("{:<28} {trimmed}", self.running));
            }
        } else if trimmed.starts_with("test ") && trimmed.ends_with("... FAILED") {
            self.failures.push(format!("{:<28} {trimmed}", self.running));
        }
    }

    fn print(&self) {
        if self.lines.is_empty() {
            return;
        }
        say("");
        for line in self.failures.iter().chain(&self.lines) {
            say(line);
        }
        let (passed, failed, ignored) = (self.passed, self.failed, self.ignored);
        say(&format!("tests: {passed} passed, {failed} failed, {ignored} ignored"));
    }
}

/// `12` of ` 12 passed` when `word` is `passed`.
fn count(part: &str, word: &str) -> u64 {
    let number = part.trim().strip_suffix(word).map(str::trim);
    number.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// `graph tests/it` of `tests/it/main.rs (target/debug/deps/graph-0123)`, as far as it is given.
fn binary_name(running: &str) -> String {
    let (source, binary) = running.split_once(" (").unwrap_or((running, ""));
    let file = binary.trim_end_matches(')').rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('-').map_or(file, |(stem, _)| stem);
    if source.starts_with("unittests") { stem.to_owned() } else { format!("{stem} ({source})") }
}

#[cfg(test)]
mod tests {
    use super::Closing;

    #[test]
    fn the_closing_lines_are_kept_with_the_name_of_their_binary() {
        let mut closing = Closing::default();
        for line in [
            "     Running unittests src/lib.rs (target/debug/deps/graph-0123abc)",
            "test a_b ... ok",
            "test c_d ... FAILED",
            "test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out",
            "   Doc-tests graph",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            closing.watch(line);
        }
        assert_eq!((closing.passed, closing.failed, closing.ignored), (1, 1, 2));
        assert_eq!(closing.lines.len(), 1, "an empty run is not worth a line");
        assert!(closing.lines[0].starts_with("graph "));
        assert!(closing.failures[0].ends_with("test c_d ... FAILED"));
    }
}
