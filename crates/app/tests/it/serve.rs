//! The server as an operator meets it: limits, health, signals.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::command::{folder, merlon};
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
    assert_eq!(server.get("/nothing").status, 404);
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

#[test]
fn the_second_signal_does_not_wait() {
    let mut server = Server::start(&["--data", &data("serve-twice")]);
    // A request in hand holds up an orderly stop.
    let mut hanging = TcpStream::connect(&server.address).unwrap();
    hanging.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    server.signal("INT");
    wait_for("the first signal", || server.log().contains("asked to stop").then_some(()));
    server.signal("INT");
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
