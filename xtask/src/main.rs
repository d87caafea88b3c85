//! Developer tasks: the same commands on a laptop and in CI.
//!
//! `cargo xtask` alone lists them. A task is one module with one function; this file only picks it.

mod agreement;
mod asvs;
mod audit;
mod deny;
mod dist;
mod facts;
mod interface;
mod new;
#[cfg(test)]
mod packaging;
mod portal;
mod process;
mod provider;
mod reference;
mod tck;
mod test;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <task>

  test              everything that CI runs, in order; stops at the first failure
  tidy              the rules of the house that neither rustc nor clippy knows
  deny              licences, bans and sources of the crates that we use
  audit             known weaknesses of the crates that we use
  dist [--again] [--key FILE] [--sbom FILE]
                    a release in target/dist; --again: build twice and compare
  provider          sign in at a real identity provider (Node)
  gen [--check]     write docs/reference, or fail where it is stale
  portal            the portal: types, lints, tests, size, and a browser against the real binary
  new check <cloud>.<service>.<slug> <kind>
  new kind <cloud>.<slug> <service>
                    the two files of one more check or kind, to be filled in
  interface         schemathesis and a foreign client against a real server
  facts [cloud ..]  make the field tables in content/facts (network, python3)
  agreement [psrule|kubescape|panther] [--merlon PATH]
                    how often our checks agree with labelled data (of MERLON_TEST_DATA)
  tck [DIR]         the openCypher Technology Compatibility Kit (default: of MERLON_TEST_DATA)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = arguments.split_first().map_or(("help", &[][..]), |(t, r)| (t.as_str(), r));
    let done = match task {
        "test" => test::run(),
        "tidy" => tidy::run(),
        "deny" => deny::run().map(|outcome| process::say(&outcome.to_string())),
        "audit" => audit::run().map(|outcome| process::say(&outcome.to_string())),
        "dist" => dist::run(rest),
        "provider" => provider::run().map(|outcome| process::say(&outcome.to_string())),
        "gen" => reference::run(rest),
        "portal" => portal::run().map(|outcome| process::say(&outcome.to_string())),
        "new" => new::run(rest),
        "interface" => interface::run(rest).map(|outcome| process::say(&outcome.to_string())),
        "facts" => facts::run(rest),
        "tck" => tck::run(rest),
        "agreement" => agreement::run(rest),
        "help" | "--help" | "-h" => {
            process::say(USAGE);
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no task `{other}`\n\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::complain(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
