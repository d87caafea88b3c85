//! Jobs on the built server: the queue is worked off, whatever happens to processes and databases.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::sync::mpsc;

use testkit::Postgres;

use crate::command::{folder, merlon, sample};
use crate::server::{Server, wait_for};

const QUICK: [(&str, &str); 2] =
    [("MERLON__WORKER__LEASE", "2s"), ("MERLON__WORKER__POLL", "20ms")];

/// A database of its own; `None`, said aloud, where PostgreSQL is not installed.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn postgres() -> Option<String> {
    match Postgres::database().unwrap() {
        Postgres::Url(url) => Some(url),
        Postgres::Missing => {
            eprintln!("skipped: PostgreSQL is not installed");
            None
        }
    }
}

fn add(place: &[&str], kind: &[&str]) -> String {
    let run = merlon(&[&["job", "add"], kind, place].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout.split(' ').nth(1).unwrap().to_owned()
}

fn list(place: &[&str], state: &str) -> Vec<String> {
    let run = merlon(&[&["job", "list", "--state", state], place].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout.lines().map(ToOwned::to_owned).collect()
}

fn wait_until_done(place: &[&str], n: usize) {
    wait_for(&format!("{n} jobs to be done"), || {
        let done = list(place, "done");
        assert!(done.len() <= n, "{done:?}");
        (done.len() == n).then_some(())
    });
}

#[test]
fn jobs_that_were_queued_before_are_worked_off() {
    let data = folder("worker-queue").join("data").to_string_lossy().into_owned();
    let place = ["--data", &data];
    let number = add(&place, &["verify-audit"]);
    add(&place, &["prune"]);
    assert!(list(&place, "ready").iter().any(|it| it.starts_with(&number)));
    let server = Server::start_with(&place, &QUICK);
    wait_until_done(&place, 2);
    wait_for("the line of the job", || {
        server.log().contains("the audit log is whole").then_some(())
    });
    let line = format!("job.id={number}");
    assert!(server.log().contains(&line), "{}", server.log());
    let metrics = wait_for("the metrics of the job", || {
        let text = server.get("/metrics").body;
        text.contains("merlon_job_duration_seconds_count").then_some(text)
    });
    let done = "{merlon_job_kind=\"verify-audit\",merlon_outcome=\"done\"} 1";
    assert!(metrics.contains(done), "{metrics}");
}

#[test]
fn a_job_that_fails_is_tried_again_and_its_reason_is_kept() {
    let data = folder("worker-fails").join("data").to_string_lossy().into_owned();
    let place = ["--data", &data];
    let nowhere = folder("worker-nowhere").join("gone").to_string_lossy().into_owned();
    assert_eq!(merlon(&["import", "--queue", &nowhere, "--data", &data]).code, 0);
    let server = Server::start_with(&place, &QUICK);
    wait_for("the second attempt", || {
        let waiting = list(&place, "ready");
        let import = waiting.iter().find(|it| it.contains("import"))?;
        import.contains("attempts 2").then_some(())
    });
    assert!(server.log().contains("the job `import` failed"), "{}", server.log());
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn an_import_through_the_queue_is_one_commit() {
    let data = folder("worker-import").join("data").to_string_lossy().into_owned();
    let place = ["--data", &data];
    let server = Server::start_with(&place, &QUICK);
    let run = merlon(&["import", "--queue", &sample(), "--data", &data]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    wait_until_done(&place, 1);
    let changes = merlon(&["changes", "--data", &data]);
    assert!(changes.stdout.contains("import of "), "{}{}", changes.stdout, changes.stderr);
    assert!(server.log().contains("commit 1 "), "{}", server.log());
    let metrics = server.get("/metrics").body;
    for must in
        ["merlon_commits_total{merlon_job_kind=\"import\"} 1", "merlon_freshness_seconds_count 1"]
    {
        assert!(metrics.contains(must), "{must}\n{metrics}");
    }
    let nodes = metrics.lines().find_map(|it| it.strip_prefix("merlon_graph_nodes ")).unwrap();
    assert!(nodes.parse::<f64>().unwrap() > 10.0, "{nodes}");
    // What was committed is there after a restart, and the same export again changes nothing.
    drop(server);
    let server = Server::start_with(&place, &QUICK);
    server.wait_for_part("graph", "loaded");
    let again = server.get("/metrics").body;
    assert!(again.contains(&format!("merlon_graph_nodes {nodes}")), "{again}");
}

#[test]
fn two_processes_share_a_queue_and_one_may_be_killed() {
    let Some(url) = postgres() else { return };
    let place = ["--database", &url];
    let first = Server::start_with(&place, &QUICK);
    let second = Server::start_with(&place, &QUICK);
    first.wait_until_ready();
    second.wait_until_ready();
    for _ in 0..6 {
        add(&place, &["verify-audit"]);
    }
    first.signal("KILL");
    for _ in 0..6 {
        add(&place, &["prune"]);
    }
    wait_until_done(&place, 12);
    assert!(list(&place, "dead").is_empty());
    second.wait_for_part("lease", "held");
}

#[test]
fn a_database_that_goes_away_comes_back_without_a_restart() {
    if postgres().is_none() {
        return;
    }
    let database = testkit::Server::start().unwrap();
    let url = database.database().unwrap();
    let place = ["--database", &url];
    let mut server = Server::start_with(&place, &QUICK);
    server.wait_until_ready();
    database.crash().unwrap();
    server.wait_for_part("database", "away");
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(server.get("/healthz").status, 200);
    database.restart().unwrap();
    server.wait_until_ready();
    server.wait_for_part("lease", "held");
    add(&place, &["verify-audit"]);
    wait_until_done(&place, 1);
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

/// Hands `text` to whoever reads the pipe, once for each permit.
fn feed(pipe: &str, text: String) -> mpsc::Sender<()> {
    let (permit, permits) = mpsc::channel();
    let pipe = pipe.to_owned();
    std::thread::spawn(move || {
        while permits.recv().is_ok() {
            // Waits for a reader; one that was killed is no fault of this test.
            let opened = fs::File::options().write(true).open(&pipe);
            opened.and_then(|mut it| it.write_all(text.as_bytes())).unwrap_or_default();
        }
    });
    permit
}

#[test]
#[expect(clippy::disallowed_methods, reason = "only a command makes a named pipe")]
fn a_database_that_goes_away_in_the_middle_of_a_job_costs_the_job_nothing() {
    if postgres().is_none() {
        return;
    }
    let database = testkit::Server::start().unwrap();
    let url = database.database().unwrap();
    let place = ["--database", &url];
    let account = serde_json::json!([{
        "id": "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg\
               /providers/Microsoft.Storage/storageAccounts/st",
        "name": "st", "type": "Microsoft.Storage/storageAccounts", "location": "westeurope",
        "properties": { "supportsHttpsTrafficOnly": true },
    }]);
    let pipe = folder("worker-away-pipe").join("accounts.json").to_string_lossy().into_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let permit = feed(&pipe, account.to_string());
    let mut server = Server::start_with(&place, &QUICK);
    server.wait_until_ready();
    let run = merlon(&["import", "--queue", &pipe, "--database", &url]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    wait_for("the job to be in hand", || {
        server.get("/metrics").body.contains("merlon_jobs_active 1").then_some(())
    });
    // It goes away while the job reads, and is still away when the job wants to commit.
    database.crash().unwrap();
    server.wait_for_part("database", "away");
    permit.send(()).unwrap();
    server.wait_for_words("the job `import` waits");
    assert_eq!((server.get("/readyz").status, server.get("/healthz").status), (503, 200));
    database.restart().unwrap();
    permit.send(()).unwrap();
    server.wait_until_ready();
    wait_until_done(&place, 1);
    let done = list(&place, "done");
    assert!(done[0].contains("import") && done[0].contains("attempts 1"), "{done:?}");
    let changes = merlon(&["changes", "--database", &url]);
    assert_eq!(changes.stdout.lines().count(), 1, "{}", changes.stdout);
    let waiting = list(&place, "ready");
    assert!(waiting.iter().all(|it| !it.contains("import")), "{waiting:?}");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn no_secret_is_ever_logged() {
    let Some(url) = postgres() else { return };
    let folder = folder("worker-canary");
    let key = folder.join("master.key").to_string_lossy().into_owned();
    assert_eq!(merlon(&["key", "new", &key]).code, 0);
    let key_text = fs::read_to_string(&key).unwrap();
    let secret_key = key_text.trim().split(' ').nth(1).unwrap();
    let with_password = url.replace("merlon@", "merlon:canary-password@");
    for format in ["text", "json"] {
        let variables = [
            ("MERLON__STORE__DATABASE", with_password.as_str()),
            ("MERLON__KEY__MATERIAL", key_text.trim()),
            ("MERLON__LOG__LEVEL", "trace"),
            ("MERLON__LOG__FORMAT", format),
        ];
        let mut server = Server::start_with(&[], &variables);
        server.wait_until_ready();
        let headers = "authorization: Bearer canary-token\r\ncookie: session=canary-cookie\r\n";
        let answer = server.get_with("/readyz?token=canary-query", headers);
        let missing = server.get_with("/canary-path", headers);
        server.signal("TERM");
        server.ended();
        let log = server.log();
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "nothing is logged in detail");
        for text in [&log, &answer.body, &missing.body] {
            assert!(!text.contains("canary"), "{text}");
            assert!(!text.contains(secret_key), "{text}");
        }
    }
}
