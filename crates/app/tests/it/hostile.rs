//! What no honest client sends, from the outside: each of it is refused or passed over, and others are answered meanwhile.

use std::io::Write as _;
use std::net::TcpStream;

use crate::api::{Team, first_account};
use crate::command::folder;
use crate::edge::{memory_of, rest};
use crate::server::Server;

fn server(name: &str) -> Server {
    let data = folder(name).join("data").to_string_lossy().into_owned();
    Server::start(&["--data", &data])
}

/// The answers to bytes as they are, until the server closes.
fn answers(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    // It may close before it has read all.
    drop(stream.write_all(bytes));
    rest(&mut stream)
}

#[test]
fn what_is_not_plainly_http_is_refused() {
    let quick = [("MERLON__SERVER__HEADER_TIMEOUT", "500ms")];
    let data = folder("hostile-http").join("data").to_string_lossy().into_owned();
    let server = Server::start_with(&["--data", &data], &quick);
    // No request that hides in the body of another one is ever answered.
    let check = |what: &str, bytes: &str, wanted: u16| {
        let text = answers(&server, bytes.as_bytes());
        let status = text.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        assert_eq!(status, wanted, "{what}: {text}");
        assert!(text.matches("HTTP/1.").count() <= 1, "{what}: {text}");
    };
    let get = |fields: &str| format!("GET /healthz HTTP/1.1\r\n{fields}connection: close\r\n\r\n");
    check("plain", &get("host: x\r\n"), 200);
    check("no host", &get(""), 400);
    check("two hosts", &get("host: x\r\nhost: y\r\n"), 400);
    check("a folded field", &get("host: x\r\na: b\r\n c\r\n"), 400);
    check("a field with a NUL", &get("host: x\r\na: b\0c\r\n"), 400);
    check("a space before the colon", &get("host: x\r\na : b\r\n"), 400);
    check("the host in the line counts", &get("host: x\r\n").replace("/h", "http://y/h"), 200);
    check("an old version", "GET /healthz HTTP/1.0\r\n\r\n", 200);
    check("an unknown version", "GET /healthz HTTP/3.0\r\nhost: x\r\n\r\n", 400);
    check("no version", "GET /healthz\r\n\r\n", 400);
    let inner = get("host: x\r\n");
    let post = |fields: &str, body: &str| {
        let json = "host: x\r\ncontent-type: application/json\r\n";
        format!("POST /api/v1/sign-in HTTP/1.1\r\n{json}{fields}\r\n{body}{inner}")
    };
    let both = "content-length: 5\r\ntransfer-encoding: chunked\r\n";
    check("a length and chunks", &post(both, "0\r\n\r\n"), 400);
    check("two lengths", &post("content-length: 2\r\ncontent-length: 3\r\n", "{}"), 400);
    for length in ["-1", "+2", "0x2", "99999999999999999999999"] {
        check(length, &post(&format!("content-length: {length}\r\n"), "{}"), 400);
    }
    let chunked = "transfer-encoding: chunked\r\n";
    for coding in ["chunked, x", "x, chunked, y", "chunked;q=1"] {
        check(coding, &post(&format!("transfer-encoding: {coding}\r\n"), "0\r\n\r\n"), 400);
    }
    for chunk in ["zz\r\n{}\r\n", "ffffffffffffffff1\r\n{}\r\n", "-1\r\n{}\r\n"] {
        check(chunk, &post(chunked, chunk), 400);
    }
    let long = format!("1;{}\r\n{{\r\n0\r\n\r\n", "a".repeat(200_000));
    check("a long extension of a chunk", &post(chunked, &long), 400);
    let trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(20_000));
    check("many trailers", &post(chunked, &trailers), 400);
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_path_is_what_it_says() {
    let server = server("hostile-paths");
    server.wait_until_ready();
    let owner = first_account(&server);
    let check = |path: &str, wanted: u16| {
        let answer = server.get_with(path, &owner);
        assert_eq!(answer.status, wanted, "{path}: {}", answer.body);
        assert!(!answer.body.contains("[workspace]") && !answer.body.contains("root:"), "{path}");
    };
    check("/api/v1/me", 200);
    // Another spelling is another path, and it is not there: who guards a path by its name guards all of it.
    for path in ["%6de", "/me", "./me", "../v1/me", "%2e%2e/v1/me", "me/", "me%2f", "me;x=1", "ME"]
    {
        check(&format!("/api/v1/{path}"), 404);
    }
    check("/api//v1/me", 404);
    // Beside the interface there are pages of the portal, where it was built; each is the same document.
    for path in ["//api/v1/me", "/API/v1/me", "/healthz%00", "/..%2f..%2fetc/passwd"] {
        let answer = server.get_with(path, &owner);
        assert!(answer.body.starts_with("<!doctype html>"), "{path}: {}", answer.body);
    }
    for path in [
        "/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2f..%2fetc/passwd",
        "/\\..\\..\\etc\\passwd",
        "/index.html%00.js",
    ] {
        let answer = server.get_with(path, &owner);
        let is_page = answer.status == 200 && answer.body.starts_with("<!doctype html>");
        assert!(is_page || answer.status == 404, "{path}: {} {}", answer.status, answer.body);
        assert!(!answer.body.contains("[workspace]") && !answer.body.contains("root:"), "{path}");
    }
    // What stands for a name may be anything; it is looked up, and nothing else.
    for id in ["%00", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%", "%zz"] {
        check(&format!("/api/v1/recommendations/{id}"), 404);
    }
    for number in ["%ff%fe", "-1", "1%2e0", "1e3", "0x1", "18446744073709551616", "%D9%A1"] {
        check(&format!("/api/v1/users/{number}"), 400);
    }
}

#[test]
fn fields_that_mean_nothing_change_nothing() {
    let server = server("hostile-fields");
    let owner = first_account(&server);
    let get = |field: &str| server.get_with("/api/v1/sign-in", &format!("{owner}{field}\r\n"));
    let whole = get("accept: */*");
    assert_eq!(whole.status, 200);
    let many = format!("range: bytes={}", "0-1,".repeat(2000));
    let long = format!("if-none-match: \"{}\"", "a".repeat(5000));
    let fields = [
        "range: bytes=0-1",
        "range: bytes=99999999999999999999-",
        &many,
        &long,
        "if-none-match: W/\"",
        "if-none-match: ,,,,",
        "if-match: \"other\"",
        "if-modified-since: never",
        "accept-encoding: gzip;q=nan, br;q=-1",
        "accept: ,,,;q=9999",
        "x-http-method-override: DELETE",
        "expect: 200-maybe",
        "upgrade: h2c",
    ];
    for field in fields {
        let answer = get(field);
        assert_eq!((answer.status, &answer.body), (200, &whole.body), "{field}");
    }
    assert_eq!(get("if-none-match: *").status, 304);
}

#[test]
fn deep_and_packed_bodies_cost_little() {
    let server = server("hostile-bodies");
    server.wait_until_ready();
    let team = Team::begun(server);
    let (server, owner) = (&team.server, &team.owner);
    let before = memory_of(server);
    let headers = format!("authorization: Bearer {owner}\r\ncontent-type: application/json\r\n");
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [127, 100_000] {
            let body = [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
            for path in ["/api/v1/query", "/api/v1/exemptions", "/api/v1/sign-in"] {
                let answer = server.send_text("POST", path, &headers, &body);
                assert_eq!(answer.status, 400, "{path} {open}{depth}: {}", answer.body);
            }
        }
    }
    let query = |text: &str| {
        let body = serde_json::json!({ "query": text });
        let headers = format!("authorization: Bearer {owner}\r\n");
        server.send("POST", "/api/v1/query", &headers, Some(&body)).status
    };
    assert_eq!(query("RETURN 1"), 200);
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("NOT ", ""), ("CASE WHEN ", "")] {
        let text = format!("RETURN {}1{}", open.repeat(20_000), close.repeat(20_000));
        assert_eq!(query(&text), 422, "{open}");
    }
    assert_eq!(query("UNWIND range(1, 1000000000) AS x RETURN collect(x)"), 422);
    assert_eq!(query("RETURN reduce(s = 'a', x IN range(1, 60) | s + s)"), 422);
    let validate = |text: &str| {
        let body = serde_json::json!({ "text": text });
        let headers = format!("authorization: Bearer {owner}\r\n");
        let answer = server.send("POST", "/api/v1/checks/validate", &headers, Some(&body));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.body.contains("\"problems\":[]"), "{}", answer.body);
    };
    // Names that stand for nine others each, nine times over: 3.5 * 10^8 words.
    let words = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let nines = (1..9).map(|n| {
        let earlier = vec![format!("*a{}", n - 1); 9].join(", ");
        format!("a{n}: &a{n} [{earlier}]\n")
    });
    let laughs = words + &nines.collect::<Vec<String>>().concat();
    validate(&laughs);
    for deep in ["[", "{", "- ", "? ", "a: "] {
        validate(&deep.repeat(10_000));
    }
    let grown = memory_of(server) - before;
    assert!(grown < 400e6, "{grown} bytes");
    assert_eq!(server.get("/healthz").status, 200);
}
