//! The rim of xtask: the workspace folder, child processes, the console and the clock.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Prints to standard output; a closed pipe is not our problem.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(
        out.write_all(text.as_bytes())
            .and_then(|()| if text.ends_with('\n') { out.flush() } else { out.write_all(b"\n") }),
    );
}

/// Prints to standard error.
pub(crate) fn complain(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Measures how long something takes.
#[derive(Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a task may say how long it took")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// A command that runs in the workspace folder and inherits the environment.
fn command(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    command_in(&root(), program, arguments, variables)
}

/// The same in another folder.
#[expect(clippy::disallowed_methods, reason = "running other programs is what xtask is for")]
fn command_in(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied()).current_dir(folder);
    command
}

/// Runs a program whose output goes straight to the console.
pub(crate) fn pass(program: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    pass_in(&root(), program, arguments, variables)
}

/// The same in another folder.
pub(crate) fn pass_in(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<()> {
    let status = command_in(folder, program, arguments, variables)
        .status()
        .with_context(|| format!("cannot start `{program}`"))?;
    ensure!(status.success(), "`{program} {}` failed ({status})", arguments.join(" "));
    Ok(())
}

/// Runs a program, shows its output and hands every line of it to `watch`.
pub(crate) fn pass_watched(
    program: &str,
    arguments: &[&str],
    watch: &mut dyn FnMut(&str),
) -> Result<()> {
    let (reader, writer) = std::io::pipe().context("cannot open a pipe")?;
    let mut command = command(program, arguments, &[]);
    command.stdout(writer.try_clone().context("cannot share a pipe")?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
    drop(command); // our end of the pipe, so that the reader sees its end
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("cannot read the output")?;
        let line = String::from_utf8_lossy(&line);
        say(&format!("{line}\n"));
        watch(&line);
    }
    let status = child.wait().context("cannot wait for the program")?;
    ensure!(status.success(), "`{program} {}` failed ({status})", arguments.join(" "));
    Ok(())
}

/// Runs a program and returns what it printed.
pub(crate) fn capture(program: &str, arguments: &[&str]) -> Result<String> {
    capture_in(&root(), program, arguments)
}

/// What a program prints, however it ends; what it says beside that is dropped. One that takes longer than `seconds` is
/// ended, and what it has printed until then counts.
pub(crate) fn answer(program: &str, arguments: &[&str], seconds: f64) -> Result<String> {
    let mut command = command(program, arguments, &[]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
    let mut output = child.stdout.take().context("there is no output")?;
    let reading = thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what there is.
        drop(output.read_to_end(&mut bytes));
        bytes
    });
    let watch = Stopwatch::start();
    while child.try_wait().context("cannot wait for the program")?.is_none() {
        if watch.seconds() > seconds {
            child.kill().context("cannot end the program")?;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let bytes = reading.join().map_err(|_| anyhow!("the output cannot be read"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The same as [`capture`] in another folder.
pub(crate) fn capture_in(folder: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let output = command_in(folder, program, arguments, &[])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{program}`"))?;
    let status = output.status;
    ensure!(status.success(), "`{program} {}` failed ({status})", arguments.join(" "));
    String::from_utf8(output.stdout).with_context(|| format!("`{program}` did not print UTF-8"))
}

/// True when the program can be started and says so with exit code 0.
pub(crate) fn is_there(program: &str, arguments: &[&str]) -> bool {
    let mut command = command(program, arguments, &[]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let patient = answer("sh", &["-c", "echo one; exit 3"], f64::INFINITY).unwrap();
        assert_eq!(patient, "one\n");
        let cut = answer("sh", &["-c", "echo one; exec sleep 1000"], 0.0).unwrap();
        assert!(cut.is_empty() || cut == "one\n", "{cut}");
    }
}
