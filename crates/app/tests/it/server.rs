//! Runs the built server: starts it, asks it over HTTP, waits for what must come, kills it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use testkit::Disk;

/// How long anything may take before a test gives up: generous, for a machine that does more.
const DEADLINE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer; panics with `what` when none comes.
pub(crate) fn wait_for<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    let answer = try_for(ask);
    assert!(answer.is_some(), "gave up waiting for {what}");
    answer.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test waits for another process")]
fn try_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let answer = ask();
        if answer.is_some() || start.elapsed() > DEADLINE {
            return answer;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// A running `merlon serve`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<String>>,
    output: Arc<Mutex<String>>,
    pub(crate) address: String,
}

/// An answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    /// Starts the server on a free port and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    pub(crate) fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::spawn(arguments, variables).listening()
    }

    fn listening(mut self) -> Self {
        let log = Arc::clone(&self.log);
        self.address = wait_for("the server to listen", || {
            let log = log.lock().unwrap();
            assert!(!log.contains(" ERROR "), "{log}");
            let (_, rest) = log.split_once("listening on ")?;
            let end = rest.find(|it: char| it.is_whitespace() || it == '"')?;
            let address = rest.get(..end)?;
            Some(address.rsplit("://").next()?.to_owned())
        });
        self
    }

    /// Starts the server at another address than a free port.
    #[expect(clippy::disallowed_methods, reason = "the test runs the product as a process")]
    pub(crate) fn start_at(listen: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_merlon"));
        Self::spawn_at(listen, program, arguments, variables).listening()
    }

    /// Starts the server and waits for nothing.
    #[expect(clippy::disallowed_methods, reason = "the test runs the product as a process")]
    pub(crate) fn spawn(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::spawn_as(Command::new(env!("CARGO_BIN_EXE_merlon")), arguments, variables)
    }

    /// Starts the server on a disk of its own, and waits until it listens.
    pub(crate) fn start_on(disk: &Disk, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let program = disk.command(env!("CARGO_BIN_EXE_merlon"));
        Self::spawn_as(program, arguments, variables).listening()
    }

    fn spawn_as(program: Command, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::spawn_at("127.0.0.1:0", program, arguments, variables)
    }

    fn spawn_at(
        listen: &str,
        mut program: Command,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut child = program
            .args(["serve", "--listen", listen])
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = kept_lines(child.stderr.take().unwrap());
        let output = kept_lines(child.stdout.take().unwrap());
        Self { child, log, output, address: String::new() }
    }

    /// Everything that it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Everything that it printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, "")
    }

    /// Asks with more header lines, each ended by `\r\n`.
    pub(crate) fn get_with(&self, path: &str, headers: &str) -> Answer {
        self.send_text("GET", path, headers, "")
    }

    /// Sends a request with a body of JSON.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: Option<&serde_json::Value>,
    ) -> Answer {
        let Some(body) = body else { return self.send_text(method, path, headers, "") };
        let headers = format!("{headers}content-type: application/json\r\n");
        self.send_text(method, path, &headers, &body.to_string())
    }

    /// Asks for something that goes on, and gives what comes.
    pub(crate) fn open(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let address = &self.address;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Sends a request with any body.
    pub(crate) fn send_text(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let stream = TcpStream::connect(&self.address);
        assert!(stream.is_ok(), "the server is not there: {}", self.log());
        let mut stream = stream.unwrap();
        let (address, length) = (&self.address, body.len());
        let length =
            if length == 0 { String::new() } else { format!("content-length: {length}\r\n") };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{headers}{length}connection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Waits until it logged these words; panics with all that it logged when it does not.
    pub(crate) fn wait_for_words(&self, words: &str) {
        let found = try_for(|| self.log().contains(words).then_some(()));
        assert!(found.is_some(), "`{words}` was not logged:\n{}", self.log());
    }

    /// What `/readyz` says of one part.
    pub(crate) fn part(&self, part: &str) -> String {
        let report: serde_json::Value = serde_json::from_str(&self.get("/readyz").body).unwrap();
        report["parts"][part]["state"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn wait_for_part(&self, part: &str, state: &str) {
        let mut last = String::new();
        let found = try_for(|| {
            last = self.part(part);
            (last == state).then_some(())
        });
        assert!(found.is_some(), "{part} is `{last}`, not `{state}`:\n{}", self.log());
    }

    pub(crate) fn wait_until_ready(&self) {
        wait_for("the server to be ready", || (self.get("/readyz").status == 200).then_some(()));
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits until it ended by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        wait_for("the server to end", || child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What comes out of a pipe, line by line, for as long as it is open.
fn kept_lines(pipe: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&text);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = kept.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    text
}

/// Sends a signal to a process.
#[expect(
    clippy::disallowed_methods,
    reason = "the shell's `kill` sends signals without unsafe code"
)]
pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap();
    assert!(status.success());
}
