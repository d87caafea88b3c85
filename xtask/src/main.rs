//! Developer tasks: `cargo xtask <task>`.

mod facts;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match task.as_str() {
        "facts" => facts::run(&rest),
        other => Err(anyhow::anyhow!("there is no task '{other}'; tasks: facts")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a task speaks to the developer on the terminal")]
fn report(error: &anyhow::Error) {
    eprintln!("xtask: {error:#}");
}
