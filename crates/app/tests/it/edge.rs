//! The edge of the network, with raw sockets: TLS, proxies, and clients that send too much, too slowly or too often.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};
use testkit::Authority;

use crate::command::{folder, merlon};
use crate::server::{Server, wait_for};

/// A server with TLS, its authority, and the files of its certificate and key.
struct Secure {
    server: Server,
    authority: Authority,
    certificate: PathBuf,
    key: PathBuf,
}

impl Secure {
    fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let place = folder(name);
        let (certificate, key) = (place.join("c.pem"), place.join("k.pem"));
        let authority = Authority::new().unwrap();
        let pair = authority.sign("localhost").unwrap();
        std::fs::write(&certificate, pair.0).unwrap();
        std::fs::write(&key, pair.1).unwrap();
        let [certificate_text, key_text] = [&certificate, &key].map(|it| it.to_str().unwrap());
        let mut all = vec![
            ("MERLON__TLS__CERTIFICATE", certificate_text),
            ("MERLON__TLS__KEY", key_text),
            ("MERLON__TLS__LOOK", "100ms"),
        ];
        all.extend(variables);
        let data = place.join("data");
        let server = Server::start_with(&["--data", data.to_str().unwrap()], &all);
        Self { server, authority, certificate, key }
    }

    /// A connection that believes the authority of the server alone.
    fn connect(&self, protocols: &[&str]) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.authority.certificate().as_bytes());
        roots.add(root.unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        StreamOwned::new(connection, TcpStream::connect(&self.server.address).unwrap())
    }

    /// Asks over TLS and HTTP/1.1.
    fn get(&self, path: &str) -> String {
        let mut stream = self.connect(&["http/1.1"]);
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// The certificate that the server shows.
    fn shown(&self) -> Vec<u8> {
        let mut stream = self.connect(&[]);
        stream.conn.complete_io(&mut stream.sock).unwrap();
        stream.conn.peer_certificates().unwrap()[0].to_vec()
    }
}

fn data(name: &str) -> String {
    folder(name).join("data").to_string_lossy().into_owned()
}

/// Everything until the other end closes, whether it says goodbye or not.
pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(n) => all.extend_from_slice(&part[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn tls_is_offered_and_a_new_pair_taken_without_a_restart() {
    let secure = Secure::start("edge-tls", &[]);
    let answer = secure.get("/healthz");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=63072000"), "{answer}");
    assert!(secure.get("/metrics").contains("merlon_tls_certificate_expiry_timestamp_seconds 252"));
    wait_for("the link for the first account", || {
        secure.server.output().contains("  https://").then_some(())
    });
    let mut stream = secure.connect(&["h2", "http/1.1"]);
    stream.conn.complete_io(&mut stream.sock).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    // Whoever speaks plainly gets nothing.
    let mut plain = TcpStream::connect(&secure.server.address).unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(!rest(&mut plain).contains("HTTP/1.1"));
    let first = secure.shown();
    // A pair that is none: the one before stays.
    let (certificate, key) = secure.authority.sign("localhost").unwrap();
    std::fs::write(&secure.certificate, &certificate).unwrap();
    secure.server.wait_for_words("the certificate before stays in force");
    assert_eq!(secure.shown(), first);
    std::fs::write(&secure.key, &key).unwrap();
    secure.server.wait_for_words("a new certificate is in force");
    let second = secure.shown();
    assert_ne!(second, first);
    // Asked to, it reads them at once, and goes on.
    secure.server.signal("HUP");
    wait_for("the files to be read again", || {
        secure
            .get("/metrics")
            .contains("merlon_tls_reloads_total{result=\"taken\"} 2")
            .then_some(())
    });
    assert_eq!(secure.shown(), second);
}

#[test]
fn a_hangup_does_not_end_a_server_that_has_nothing_to_read_again() {
    let server = Server::start(&["--data", &data("edge-hangup")]);
    server.signal("HUP");
    server.wait_for_words("there are none to read");
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_client_that_does_not_agree_on_tls_in_time_is_let_go() {
    let secure = Secure::start("edge-tls-slow", &[("MERLON__SERVER__HEADER_TIMEOUT", "200ms")]);
    let mut mute = TcpStream::connect(&secure.server.address).unwrap();
    assert_eq!(rest(&mut mute), "");
    let metrics = secure.get("/metrics");
    let counted = "merlon_http_refused_connections_total{reason=\"tls-timeout\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn passwords_do_not_leave_the_machine_in_the_open() {
    let data = data("edge-open");
    let run = merlon(&["serve", "--data", &data, "--listen", "0.0.0.0:0"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("beyond this machine passwords would be sent"), "{}", run.stderr);
    // Behind a proxy it does, and with leave.
    let config = folder("edge-open-config").join("merlon.toml");
    std::fs::write(&config, "[server]\nproxies = [\"10.0.0.0/8\"]\nlisten = \"0.0.0.0:0\"\n")
        .unwrap();
    let checked =
        merlon(&["config", "check", "--data", &data, "--config", config.to_str().unwrap()]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let allowed = [("MERLON__SERVER__PLAIN", "allow")];
    let server = Server::start_at("0.0.0.0:0", &["--data", &data], &allowed);
    assert!(server.address.starts_with("0.0.0.0:"), "{}", server.address);
    std::fs::write(&config, "[tls]\ncertificate = \"c.pem\"\n").unwrap();
    let half = merlon(&["config", "check", "--data", &data, "--config", config.to_str().unwrap()]);
    let said = [half.stdout, half.stderr].concat();
    assert!(said.contains("`tls.certificate` and `tls.key` go together"), "{said}");
}

#[test]
fn a_socket_of_the_file_system_is_listened_at_and_left_clean() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = testkit::Folder::new().unwrap();
    let socket = place.path().join("http.sock");
    let listen = format!("unix:{}", socket.display());
    // What a killed process left behind is no obstacle.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let data = data("edge-socket");
    let mut server = Server::start_at(&listen, &["--data", &data], &[]);
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let mut stream = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: m\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let taken = merlon(&["serve", "--data", &data, "--listen", &listen]);
    assert_eq!(taken.code, 5, "{}", taken.stderr);
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
    assert!(!socket.exists());
}

#[test]
fn operations_can_have_an_address_of_their_own() {
    let inside = free_port();
    let server = Server::start_with(
        &["--data", &data("edge-operations")],
        &[("MERLON__SERVER__OPERATIONS", &inside)],
    );
    assert_eq!(server.get("/healthz").status, 200);
    for hidden in ["/metrics", "/readyz"] {
        assert_eq!(server.get(hidden).status, 404, "{hidden}");
    }
    let url = format!("http://{inside}");
    wait_for("the server to be well", || {
        (merlon(&["health", "--ready", "--url", &url]).code == 0).then_some(())
    });
    let run = merlon(&["health", "--url", &url]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "ok\n"));
    assert_eq!(merlon(&["health", "--url", &format!("{url}/nothing")]).code, 1);
    assert_eq!(merlon(&["health", "--url", &format!("http://{}", free_port())]).code, 2);
}

/// An address that nobody listens at.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn a_large_body_is_refused_before_it_is_sent() {
    let server = Server::start(&["--data", &data("edge-large")]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 104857600\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // Nothing of the body is sent: the answer must come by itself, and the connection end.
    let text = rest(&mut stream);
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
    assert!(
        text.contains("connection: close") && text.contains("\"code\":\"too-large\""),
        "{text}"
    );
    // A client that sends all of it before it reads learns why, too.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let part = vec![b' '; 1 << 20];
    for _ in 0..100 {
        stream.write_all(&part).unwrap();
    }
    let text = rest(&mut stream);
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
    // A body that does not say how long it is, is cut at the limit.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(0x10_0000));
    // The server may close before all of it is written.
    let sent = (0..100).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 100, "100 MB were taken");
    let packed = server.send_text("POST", "/api/v1/sign-in", "content-encoding: gzip\r\n", "x");
    assert_eq!(packed.status, 415);
    let memory = memory_of(&server);
    assert!(memory < 400e6, "{memory} bytes");
    assert_eq!(server.get("/healthz").status, 200);
}

/// Resident memory of the server, in bytes.
pub(crate) fn memory_of(server: &Server) -> f64 {
    let metrics = server.get("/metrics").body;
    let line = metrics.lines().find_map(|it| it.strip_prefix("process_memory_usage_bytes "));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_body_that_comes_too_slowly_and_an_answer_that_nobody_takes_end() {
    let patience = [("MERLON__SERVER__BODY_TIMEOUT", "300ms")];
    let server = Server::start_with(&["--data", &data("edge-slow")], &patience);
    // Half a request, and then nothing.
    let mut half = TcpStream::connect(&server.address).unwrap();
    half.write_all(
        b"POST /api/v1/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
          content-length: 100\r\n\r\n{\"name\":",
    )
    .unwrap();
    let text = rest(&mut half);
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert!(text.contains("\"code\":\"too-slow\"") && text.contains("connection: close"), "{text}");
    // Many requests, and no answer is ever read: in the end writing to it fails, and it is closed.
    let deaf = TcpStream::connect(&server.address).unwrap();
    deaf.set_nonblocking(true).unwrap();
    let request = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
    wait_for("the connection to be closed", || match (&deaf).write(request.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Ok(_) => None,
        Err(_) => Some(()),
    });
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_client_has_its_share_of_connections() {
    let limits =
        [("MERLON__SERVER__CONNECTIONS_PER_CLIENT", "4"), ("MERLON__SERVER__HEADER_TIMEOUT", "5m")];
    let server = Server::start_with(&["--data", &data("edge-share")], &limits);
    let open = |host: &str| {
        let address: (IpAddr, u16) =
            (host.parse().unwrap(), server.address.rsplit(':').next().unwrap().parse().unwrap());
        TcpStream::connect(address).unwrap()
    };
    let mut held: Vec<TcpStream> = (0..4).map(|_| open("127.0.0.1")).collect();
    wait_for("all of them to be accepted", || {
        let mut fifth = open("127.0.0.1");
        fifth.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        matches!(fifth.read(&mut [0]), Ok(0)).then_some(())
    });
    // One that says something and ends makes room.
    let last = held.pop().unwrap();
    drop(last);
    wait_for("room", || {
        let mut stream = open("127.0.0.1");
        let asked =
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        (asked.is_ok() && rest(&mut stream).starts_with("HTTP/1.1 200 ")).then_some(())
    });
}

#[test]
fn requests_are_answered_over_http_2_and_floods_end_the_connection() {
    let secure = Secure::start("edge-h2", &[]);
    let mut stream = secure.connect(&["h2"]);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).unwrap();
    // `:method GET`, `:scheme https`, `:path /healthz`, `:authority localhost`, without any table.
    let mut head = vec![0x82, 0x87];
    head.extend(literal(4, "/healthz"));
    head.extend(literal(1, "localhost"));
    stream.write_all(&frame(1, 0x5, 1, &head)).unwrap();
    let answer = until_end_of(&mut stream, 1);
    assert!(answer.windows(3).any(|it| it == b"ok\n"), "{answer:?}");
    // Requests that are taken back at once, again and again (CVE-2023-44487): the connection ends.
    let mut sent = 0_u32;
    let ended = (0..200_000_u32).any(|n| {
        let id = 3 + 2 * n;
        let mut both = frame(1, 0x5, id, &head);
        both.extend(frame(3, 0, id, &8_u32.to_be_bytes()));
        sent += 1;
        stream.write_all(&both).and_then(|()| stream.flush()).is_err()
    });
    assert!(ended, "{sent} requests were taken back, and nothing happened");
    // Requests that the server itself must take back (CVE-2025-8671): the connection ends.
    let mut stream = secure.connect(&["h2"]);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).unwrap();
    let ended = (0..200_000_u32).any(|n| {
        let id = 1 + 2 * n;
        let mut both = frame(1, 0x4, id, &head);
        both.extend(frame(8, 0, id, &[0; 4])); // a window that grows by nothing is an error of the stream
        stream.write_all(&both).and_then(|()| stream.flush()).is_err()
    });
    assert!(ended, "200000 requests had to be taken back, and nothing happened");
    // Headers without an end (CVE-2024-27316): the connection ends.
    let mut stream = secure.connect(&["h2"]);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(4, 0, 0, &[])).unwrap();
    stream.write_all(&frame(1, 0, 1, &head)).unwrap();
    let more = literal(0, &"a".repeat(4000));
    let ended = (0..20_000)
        .any(|_| stream.write_all(&frame(9, 0, 1, &more)).and_then(|()| stream.flush()).is_err());
    assert!(ended, "80 MB of headers were taken");
    assert!(secure.get("/healthz").starts_with("HTTP/1.1 200 "));
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A header field that enters no table: by the index of its name, or with the name `x`.
fn literal(name: u8, value: &str) -> Vec<u8> {
    let mut field = vec![name];
    if name == 0 {
        field.extend([1, b'x']);
    }
    let length = value.len();
    if length < 127 {
        field.push(length as u8);
    } else {
        field.push(127);
        let mut left = length - 127;
        while left >= 128 {
            field.push((left % 128) as u8 | 0x80);
            left /= 128;
        }
        field.push(left as u8);
    }
    field.extend(value.as_bytes());
    field
}

/// The data of all frames until the one that ends a stream.
fn until_end_of(stream: &mut StreamOwned<ClientConnection, TcpStream>, id: u32) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        let own = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if own == id {
            all.extend(payload);
            if head[4] & 1 == 1 {
                return all;
            }
        }
    }
}
