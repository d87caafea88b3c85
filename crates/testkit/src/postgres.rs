//! A throw-away PostgreSQL on a unix socket, run as an unprivileged user.
//!
//! It ends with the test process, however that ends: a shell holds the server and waits for the end of its
//! standard input.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::command;
use crate::folder::Folder;

const SCRIPT: &str = include_str!("postgres.sh");

static DATABASES: AtomicU32 = AtomicU32::new(0);
static SHARED: LazyLock<Result<Server, String>> =
    LazyLock::new(|| Server::start().map_err(|error| error.to_string()));

/// What a test gets when it asks for PostgreSQL.
#[derive(Debug)]
pub enum Postgres {
    /// The URL of a new, empty database.
    Url(String),
    /// The programs of PostgreSQL are not installed. Under `CI=true` this is an error instead.
    Missing,
}

impl Postgres {
    /// A new database on a server that all tests of this process share. The server is started once.
    pub fn database() -> io::Result<Self> {
        if programs().is_none() {
            if std::env::var_os("CI").is_some_and(|it| it == "true") {
                return Err(io::Error::other("PostgreSQL is not installed, and CI needs it"));
            }
            return Ok(Self::Missing);
        }
        match &*SHARED {
            Ok(server) => server.database().map(Self::Url),
            Err(error) => Err(io::Error::other(error.clone())),
        }
    }
}

/// A server of its own, for tests that kill it. Ends on drop.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    pipes: Mutex<Pipes>,
    _shell: Child,
}

#[derive(Debug)]
struct Pipes {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Pipes {
    fn expect(&mut self, word: &str) -> io::Result<()> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        if line.trim() == word {
            Ok(())
        } else {
            Err(io::Error::other(format!("PostgreSQL did not say `{word}`, but `{}`", line.trim())))
        }
    }
}

impl Server {
    /// Starts one.
    pub fn start() -> io::Result<Self> {
        let programs = programs().ok_or_else(|| io::Error::other("PostgreSQL is not installed"))?;
        let folder = Folder::new()?;
        let mut shell = command("sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(folder.path())
            .arg(&programs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(to), Some(from)) = (shell.stdin.take(), shell.stdout.take()) else {
            return Err(io::Error::other("no pipes to the shell"));
        };
        let mut pipes = Pipes { to, from: BufReader::new(from) };
        pipes.expect("ready")?;
        let path = folder.path().to_owned();
        std::mem::forget(folder); // the shell removes it when the server has ended
        Ok(Self { folder: path, programs, pipes: Mutex::new(pipes), _shell: shell })
    }

    /// A new, empty database; its URL.
    pub fn database(&self) -> io::Result<String> {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("merlon_{number}");
        let status = command(self.programs.join("createdb"))
            .arg("-h")
            .arg(&self.folder)
            .args(["-U", "merlon", &name])
            .status()?;
        if !status.success() {
            return Err(io::Error::other("createdb failed"));
        }
        Ok(format!("postgres://merlon@localhost/{name}?host={}", self.folder.display()))
    }

    /// Runs a statement on a database that [`Server::database`] gave, with all rights.
    pub fn run(&self, url: &str, statement: &str) -> io::Result<()> {
        let quiet = ["-q", "-v", "ON_ERROR_STOP=1", "-c"];
        let done =
            command(self.programs.join("psql")).arg(url).args(quiet).arg(statement).output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))
    }

    /// Kills the server outright, as when the machine stops.
    pub fn crash(&self) -> io::Result<()> {
        self.say("crash", "crashed")
    }

    /// Starts it again after [`Server::crash`]; returns when it answers.
    pub fn restart(&self) -> io::Result<()> {
        self.say("start", "ready")
    }

    fn say(&self, word: &str, answer: &str) -> io::Result<()> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(pipes.to, "{word}")?;
        pipes.to.flush()?;
        pipes.expect(answer)
    }
}

/// The folder of the newest PostgreSQL's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|it| it.path().join("bin"))
        .filter(|it| it.join("initdb").is_file())
        .collect();
    found.sort_by_key(|it| version(it));
    let in_path =
        || std::env::split_paths(&std::env::var_os("PATH")?).find(|it| it.join("initdb").is_file());
    found.pop().or_else(in_path)
}

fn version(bin: &Path) -> u32 {
    let name = bin.parent().and_then(Path::file_name).map(|it| it.to_string_lossy().into_owned());
    name.and_then(|it| it.parse().ok()).unwrap_or(0)
}
