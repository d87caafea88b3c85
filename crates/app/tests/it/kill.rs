//! `kill -9` at any moment: no acknowledged write is lost, no half commit is seen, nothing vanishes
//! that was not read as gone, and the audit chain stays whole.
//!
//! A model keeps what the store must hold. Each round imports a folder, kills the import (and, for
//! PostgreSQL, now and then the database server) after a random moment, and asks the store. What
//! was acknowledged must be there; what was not is there as a whole or not at all.
//! `MERLON_KILLS` sets the number of kills; some rounds more are left alone.

#![expect(clippy::disallowed_methods, reason = "the test runs and kills the product as a process")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use testkit::Server;

use crate::command::folder;

const SCOPE: &str = "/subscriptions/00000000-0000-0000-0000-00000000000a";

/// Longer than any import here takes.
const FOREVER: Duration = Duration::from_mins(2);

/// Name of an account to its revision.
type Accounts = BTreeMap<String, u64>;

/// A small generator of numbers that a seed determines.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        // xorshift64*: good enough to pick moments and members.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below
    }
}

/// What is written and the store that holds it.
struct Rig<'r> {
    place: Vec<String>,
    folder: PathBuf,
    dice: Dice,
    known: Accounts,
    /// How long an import takes that nobody kills; the moments to kill lie within.
    typical: Duration,
    /// Called now and then while a write is under way: hurts the database itself.
    hurt: &'r mut dyn FnMut(),
    /// Called after each round: the database is there again.
    mend: &'r mut dyn FnMut(),
}

/// How a round ended.
#[derive(Debug, Default)]
struct Tally {
    acknowledged: u64,
    killed: u64,
    /// Of the killed ones: the database was hurt as well.
    hurt: u64,
    committed_unseen: u64,
}

fn merlon(arguments: &[&str], place: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_merlon"));
    command.args(arguments).args(place).arg("--quiet").stdin(Stdio::null());
    command
}

impl Rig<'_> {
    /// Writes an export and gives the accounts that the store must hold after it.
    fn export(&mut self, round: u64) -> Accounts {
        let mut next = self.known.clone();
        let is_complete = self.dice.roll(3) > 0;
        let mut listed = if is_complete { next.clone() } else { Accounts::new() };
        for _ in 0..=self.dice.roll(12) {
            let name = format!("st{}", self.dice.roll(60));
            if is_complete && self.dice.roll(4) == 0 {
                listed.remove(&name);
            } else {
                listed.insert(name, round);
            }
        }
        if is_complete {
            next.clone_from(&listed);
        } else {
            next.extend(listed.clone());
        }
        let accounts: Vec<Json> = listed.iter().map(|(name, rev)| account(name, *rev)).collect();
        let _gone = std::fs::remove_dir_all(&self.folder);
        std::fs::create_dir_all(&self.folder).unwrap();
        std::fs::write(self.folder.join("accounts.json"), Json::from(accounts).to_string())
            .unwrap();
        if is_complete {
            std::fs::write(self.folder.join("merlon-export.yaml"), "complete: true\n").unwrap();
        }
        next
    }

    fn round(&mut self, round: u64, tally: &mut Tally) {
        let next = self.export(round);
        let mut import = merlon(&["import", self.folder.to_str().unwrap()], &self.place)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Some are left alone, so that acknowledged writes are among what a later kill may hurt.
        let is_left_alone = round == 1 || self.dice.roll(5) == 0;
        let span = self.typical.as_millis() as u64 * 5 / 4;
        let moment =
            if is_left_alone { FOREVER } else { Duration::from_millis(10 + self.dice.roll(span)) };
        let mut took = ends_within(&mut import, moment);
        if !is_left_alone && took.is_none() && self.dice.roll(2) == 0 {
            (self.hurt)();
            tally.hurt += 1;
            took = ends_within(&mut import, Duration::from_millis(self.dice.roll(50)));
        }
        let was_acknowledged = took.is_some();
        if let Some(took) = took.filter(|_| is_left_alone) {
            self.typical = took;
        }
        if !was_acknowledged {
            import.kill().unwrap();
            tally.killed += 1;
        }
        import.wait().unwrap();
        (self.mend)();
        let found = self.stored();
        if was_acknowledged {
            tally.acknowledged += 1;
            assert_eq!(found, next, "round {round}: an acknowledged import is not there");
        } else if found == next {
            tally.committed_unseen += u64::from(next != self.known);
        } else {
            assert_eq!(found, self.known, "round {round}: half an import is there");
        }
        self.known = found;
        let audit = merlon(&["audit", "verify"], &self.place).output().unwrap();
        let said = String::from_utf8_lossy(&audit.stderr).into_owned();
        assert!(audit.status.success(), "round {round}: the audit chain is broken: {said}");
    }

    /// The accounts as the store has them.
    fn stored(&self) -> Accounts {
        let query = "MATCH (n:AzureStorageAccount) WHERE n.merlon.scope IS NOT NULL \
                     RETURN n.merlon.name AS name, n.tags.rev AS rev";
        let out = merlon(&["query", query, "--format", "json"], &self.place).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "the store cannot be asked: {said}");
        let rows: Vec<Json> = serde_json::from_slice(&out.stdout).unwrap();
        let text = |row: &Json, key: &str| row[key].as_str().unwrap().to_owned();
        rows.iter().map(|row| (text(row, "name"), text(row, "rev").parse().unwrap())).collect()
    }
}

pub(crate) fn account(name: &str, rev: u64) -> Json {
    json!({
        "id": format!("{SCOPE}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/{name}"),
        "name": name, "type": "Microsoft.Storage/storageAccounts", "location": "westeurope",
        "tags": { "rev": rev.to_string() },
        "properties": { "supportsHttpsTrafficOnly": rev.is_multiple_of(2), "minimumTlsVersion": "TLS1_2" },
    })
}

/// How long a child took that ends well within a time; `None` when it does not.
fn ends_within(child: &mut Child, time: Duration) -> Option<Duration> {
    let (_keep, never) = mpsc::channel::<()>();
    let step = Duration::from_millis(5);
    let mut passed = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success().then_some(passed);
        }
        if passed >= time {
            return None;
        }
        passed += step;
        let _timeout = never.recv_timeout(step);
    }
}

pub(crate) fn n_kills(default: u64) -> u64 {
    std::env::var("MERLON_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

#[expect(clippy::print_stderr, reason = "shown for a run that asks for the figures")]
fn run(place: Vec<String>, folder: &Path, hurt: &mut dyn FnMut(), mend: &mut dyn FnMut()) -> Tally {
    let mut tally = Tally::default();
    let folder = folder.join("export");
    let dice = Dice(0x9e37_79b9_7f4a_7c15);
    let known = Accounts::new();
    let mut rig = Rig { place, folder, dice, known, typical: FOREVER, hurt, mend };
    let mut round = 0;
    while tally.killed < n_kills(15) {
        round += 1;
        rig.round(round, &mut tally);
    }
    eprintln!("{tally:?}");
    tally
}

/// Runs rounds on a database in a folder.
fn on_sqlite(folder: &Path) -> Tally {
    let place = vec!["--data".to_owned(), folder.join("data").to_string_lossy().into_owned()];
    run(place, folder, &mut || {}, &mut || {})
}

/// Runs rounds on a PostgreSQL that is killed now and then as well.
fn on_postgres(folder: &Path, server: &Server) -> Tally {
    let place = vec!["--database".to_owned(), server.database().unwrap()];
    let is_down = Cell::new(false);
    run(
        place,
        folder,
        &mut || {
            server.crash().unwrap();
            is_down.set(true);
        },
        &mut || {
            if is_down.replace(false) {
                server.restart().unwrap();
            }
        },
    )
}

#[test]
fn no_kill_loses_or_halves_a_commit_in_sqlite() {
    let tally = on_sqlite(&folder("kill-sqlite"));
    assert!(tally.acknowledged > 0 && tally.killed > 0, "the moments say nothing: {tally:?}");
}

#[test]
fn no_kill_loses_or_halves_a_commit_in_postgresql() {
    // Where it is not installed the store's own tests say that they were skipped, or fail in CI.
    let Ok(server) = Server::start() else { return };
    let tally = on_postgres(&folder("kill-postgresql"), &server);
    assert!(tally.acknowledged > 0 && tally.killed > 0, "the moments say nothing: {tally:?}");
}
