//! The server as an operator meets it: limits, health, signals.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use crate::command::{checkout, folder, merlon};
use crate::server::{Server, wait_for};

fn data(name: &str) -> String {
    folder(name).join("data").to_string_lossy().into_owned()
}

#[test]
fn it_answers_at_once_and_stops_in_order() {
    let mut server = Server::start(&["--data", &data("serve-answers")]);
    let health = server.get("/healthz");
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    assert!(health.head.contains("x-content-type-options: nosniff"), "{}", health.head);
    // Other paths are pages of the portal.
    assert_eq!(server.get("/api/nothing").status, 404);
    server.wait_until_ready();
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    wait_for("the last line", || server.log().contains("stopped in order").then_some(()));
}

#[test]
fn a_given_request_id_comes_back_unless_it_is_strange() {
    let server = Server::start(&["--data", &data("serve-ids")]);
    let known = server.get_with("/healthz", "x-request-id: from-proxy.7\r\n");
    assert!(known.head.contains("x-request-id: from-proxy.7"), "{}", known.head);
    let strange = server.get_with("/healthz", "x-request-id: a b\r\n");
    assert!(strange.head.contains("x-request-id: "), "{}", strange.head);
    assert!(!strange.head.contains("x-request-id: a b"), "{}", strange.head);
}

#[test]
fn a_client_that_sends_too_much_or_too_slowly_is_let_go() {
    let limits =
        [("MERLON__SERVER__HEADER_TIMEOUT", "200ms"), ("MERLON__SERVER__HEADER_SIZE", "8 KiB")];
    let server = Server::start_with(&["--data", &data("serve-limits")], &limits);
    // A head that never ends.
    let mut slow = TcpStream::connect(&server.address).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").unwrap();
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    // A connection that says nothing.
    let mut mute = TcpStream::connect(&server.address).unwrap();
    assert_eq!(mute.read_to_end(&mut rest).unwrap(), 0);
    let long = format!("x-long: {}\r\n", "a".repeat(20_000));
    assert_eq!(server.get_with("/healthz", &long).status, 431);
    let many = "x-many: 1\r\n".repeat(100);
    assert_eq!(server.get_with("/healthz", &many).status, 431);
    assert_eq!(server.get("/healthz").status, 200);
}

/// A server with a job in hand that does not end: it reads from a pipe that nobody writes to.
#[expect(clippy::disallowed_methods, reason = "only a command makes a named pipe")]
fn busy_server(name: &str, variables: &[(&str, &str)]) -> Server {
    let data = data(name);
    let pipe = folder(&format!("{name}-pipe")).join("export.json").to_string_lossy().into_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let server = Server::start_with(&["--data", &data], variables);
    assert_eq!(merlon(&["import", "--queue", &pipe, "--data", &data]).code, 0);
    wait_for("the job to be in hand", || {
        server.get("/metrics").body.contains("merlon_jobs_active 1").then_some(())
    });
    server
}

#[test]
fn the_second_signal_does_not_wait() {
    let mut server = busy_server("serve-twice", &[]);
    server.signal("INT");
    wait_for("the first signal", || server.log().contains("asked to stop").then_some(()));
    assert_eq!(server.get("/healthz").status, 200, "what is open is answered until the end");
    server.signal("INT");
    assert_eq!(server.ended().code(), Some(6));
}

#[test]
fn what_does_not_end_in_time_is_cut_short() {
    let mut server = busy_server("serve-limit", &[("MERLON__SERVER__STOP_TIMEOUT", "200ms")]);
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(6));
}

#[test]
fn an_address_in_use_is_said_and_ends_the_process() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = merlon(&["serve", "--data", &data("serve-taken"), "--listen", &address]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("cannot listen on {address}")), "{}", run.stderr);
}

#[test]
fn without_a_place_it_says_what_is_missing() {
    let run = merlon(&["serve"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--data DIR"), "{}", run.stderr);
}

#[test]
fn a_second_process_stands_by_and_takes_over_when_the_first_is_killed() {
    let data = data("serve-standby");
    let quick = [("MERLON__WORKER__LEASE", "1s"), ("MERLON__WORKER__POLL", "50ms")];
    let first = Server::start_with(&["--data", &data], &quick);
    first.wait_for_part("lease", "held");
    let second = Server::start_with(&["--data", &data], &quick);
    second.wait_for_part("lease", "standby");
    // Standing by is doing its part.
    second.wait_until_ready();
    let report = second.get("/readyz").body;
    assert!(report.contains("held by `"), "{report}");
    // Given back in order: the next one has it at once, long before it runs out.
    first.signal("TERM");
    second.wait_for_part("lease", "held");
    let mut third = Server::start_with(&["--data", &data], &quick);
    third.wait_for_part("lease", "standby");
    second.signal("KILL");
    third.wait_for_part("lease", "held");
    third.wait_for_part("graph", "loaded");
    third.signal("TERM");
    assert_eq!(third.ended().code(), Some(0));
}

#[test]
fn a_process_that_was_frozen_learns_that_it_lost_the_lease() {
    let data = data("serve-frozen");
    let quick = [("MERLON__WORKER__LEASE", "1s"), ("MERLON__WORKER__POLL", "50ms")];
    let first = Server::start_with(&["--data", &data], &quick);
    first.wait_for_part("lease", "held");
    let second = Server::start_with(&["--data", &data], &quick);
    // One that is frozen in the middle of a write holds the database: then it is let go on, and frozen again.
    let mut looks = 0_u32;
    wait_for("the other to take over", || {
        match looks % 300 {
            0 => first.signal("STOP"),
            299 => first.signal("CONT"),
            _ => {}
        }
        looks += 1;
        (second.part("lease") == "held").then_some(())
    });
    first.signal("CONT");
    first.wait_for_part("lease", "standby");
    assert!(first.log().contains("lost the lease"), "{}", first.log());
}

#[test]
fn a_role_does_its_part_only() {
    let server = Server::start(&["--data", &data("serve-web"), "--role", "web"]);
    server.wait_until_ready();
    let report = server.get("/readyz").body;
    assert!(!report.contains("lease") && report.contains("database"), "{report}");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_and_ends_the_process() {
    // Nobody makes folders in /proc, not even root.
    let run = merlon(&["serve", "--data", "/proc/merlon", "--listen", "127.0.0.1:0"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(
        run.stderr.contains("the data folder `/proc/merlon` cannot be written"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_database_that_is_not_there_is_waited_for() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://merlon:hunter2@{}/merlon", nobody.local_addr().unwrap());
    drop(nobody);
    let mut server = Server::start_with(&[], &[("MERLON__STORE__DATABASE", &url)]);
    server.wait_for_part("database", "away");
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 503);
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains("merlon_database_up 0.0"), "{metrics}");
    assert!(metrics.contains("merlon_store_errors_total{error_type=\"away\"}"), "{metrics}");
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    assert!(!server.log().contains("hunter2"), "{}", server.log());
}

#[test]
fn every_metric_that_is_answered_is_documented() {
    let server = Server::start(&["--data", &data("serve-metrics")]);
    server.wait_until_ready();
    server.get("/healthz");
    let answer = server.get("/metrics");
    assert!(answer.head.contains("content-type: application/openmetrics-text"), "{}", answer.head);
    let page = std::fs::read_to_string(checkout().join("docs/reference/metrics.md")).unwrap();
    let names: Vec<&str> = answer
        .body
        .lines()
        .filter_map(|it| it.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    for name in &names {
        assert!(page.contains(&format!("| `{name}")), "{name} is not documented");
    }
    for must in
        ["process_memory_usage_bytes", "merlon_lease_held", "http_server_request_duration_seconds"]
    {
        assert!(names.contains(&must), "{must} is not there: {names:?}");
    }
}

#[test]
fn systemd_hears_when_it_is_ready_alive_and_stopping() {
    let socket = testkit::Folder::new().unwrap();
    let path = socket.path().join("notify");
    let manager = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    let path = path.to_string_lossy().into_owned();
    let variables = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "200000")];
    let server = Server::start_with(&["--data", &data("serve-systemd")], &variables);
    let hear_until = |what: &str| {
        let mut buffer = [0; 64];
        loop {
            let n = manager.recv(&mut buffer).unwrap();
            if buffer.get(..n) == Some(what.as_bytes()) {
                break;
            }
        }
    };
    hear_until("READY=1");
    hear_until("WATCHDOG=1");
    hear_until("WATCHDOG=1");
    server.signal("TERM");
    hear_until("STOPPING=1");
}
