//! Runs the built binary.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use testkit::Disk;

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `merlon` with `arguments` and nothing on standard input.
pub(crate) fn merlon(arguments: &[&str]) -> Run {
    merlon_with_input(arguments, b"")
}

/// Runs `merlon` with `arguments` and `input` on standard input.
#[expect(clippy::disallowed_methods, reason = "the test runs the product as a process")]
pub(crate) fn merlon_with_input(arguments: &[&str], input: &[u8]) -> Run {
    run(Command::new(env!("CARGO_BIN_EXE_merlon")), arguments, input)
}

/// Runs `merlon` with these variables beside those of the test.
#[expect(clippy::disallowed_methods, reason = "the test runs the product as a process")]
pub(crate) fn merlon_with(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_merlon"));
    program.envs(variables.iter().copied());
    run(program, arguments, b"")
}

/// Runs `merlon` where a disk can be seen.
pub(crate) fn merlon_on(disk: &Disk, arguments: &[&str]) -> Run {
    run(disk.command(env!("CARGO_BIN_EXE_merlon")), arguments, b"")
}

fn run(mut program: Command, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = program
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // The program may end without reading everything.
        stdin.write_all(&input).unwrap_or_default();
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The JSON report of a scan.
pub(crate) fn scan_json(arguments: &[&str]) -> serde_json::Value {
    let mut all = vec!["scan", "--format", "json", "--now", "2026-11-21T00:00:00Z"];
    all.extend(arguments);
    let run = merlon(&all);
    assert!(run.code == 0 || run.code == 3, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The root of the checkout.
pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample estate.
pub(crate) fn sample() -> String {
    checkout().join("examples/larkspur-freight").to_string_lossy().into_owned()
}

/// A file or folder of the recorded data; `None`, said aloud, when it is not there.
#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "a skipped test says so")]
pub(crate) fn test_data(below: &str) -> Option<PathBuf> {
    let root = std::env::var("MERLON_TEST_DATA").unwrap_or_default();
    let path = Path::new(&root).join(below);
    if root.is_empty() || !path.exists() {
        eprintln!("skipped: MERLON_TEST_DATA holds no {below}");
        return None;
    }
    Some(path)
}

/// An empty folder of its own for one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).unwrap();
    }
    std::fs::create_dir_all(&path).unwrap();
    path
}
