//! How far a piece of work is: on standard error for people at a terminal, as figures for a job; and the
//! wish that it end.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};

/// Says what is going on, at most a few times a second, on one line that is wiped at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    is_shown: bool,
    was_written: AtomicBool,
    n_files: AtomicU64,
    n_bytes: AtomicU64,
    last_shown: AtomicU64,
    stage: Mutex<String>,
    is_stopped: AtomicBool,
}

/// Somebody asked for the end of the work before it was done.
#[derive(Debug, thiserror::Error)]
#[error("stopped on request")]
pub(crate) struct Stopped;

impl Progress {
    /// Shows progress when standard error is a terminal and `is_quiet` is not set.
    pub(crate) fn new(is_quiet: bool) -> Self {
        Self {
            is_shown: !is_quiet && std::io::stderr().is_terminal(),
            was_written: AtomicBool::new(false),
            n_files: AtomicU64::new(0),
            n_bytes: AtomicU64::new(0),
            last_shown: AtomicU64::new(0),
            stage: Mutex::new("reading".to_owned()),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// A file was opened.
    pub(crate) fn file(&self, _name: &str) {
        self.n_files.fetch_add(1, Ordering::Relaxed);
        self.tick();
    }

    /// So many bytes were read.
    pub(crate) fn bytes(&self, n_bytes: usize) {
        self.n_bytes.fetch_add(n_bytes as u64, Ordering::Relaxed);
        self.tick();
    }

    /// A new stage begins.
    pub(crate) fn say(&self, stage: &str) {
        stage.clone_into(&mut self.stage.lock().unwrap_or_else(PoisonError::into_inner));
        self.line(stage);
    }

    /// Asks for the end of the work.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked for the end of the work.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Fails when somebody asked for the end of the work.
    pub(crate) fn go_on(&self) -> Result<(), Stopped> {
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }

    /// How far it is.
    pub(crate) fn figures(&self) -> Json {
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        json!({
            "stage": stage,
            "files": self.n_files.load(Ordering::Relaxed),
            "bytes": self.n_bytes.load(Ordering::Relaxed),
        })
    }

    fn tick(&self) {
        let megabytes = self.n_bytes.load(Ordering::Relaxed) >> 20;
        let n_files = self.n_files.load(Ordering::Relaxed);
        // Work done stands in for time: a line every 16 MB or 64 files.
        let step = megabytes / 16 + n_files / 64;
        if self.last_shown.swap(step, Ordering::Relaxed) != step || n_files == 1 {
            self.line(&format!("reading: {n_files} files, {megabytes} MB"));
        }
    }

    fn line(&self, text: &str) {
        if self.is_shown {
            self.was_written.store(true, Ordering::Relaxed);
            let mut out = std::io::stderr().lock();
            write!(out, "\r\u{1b}[2K{text}").and_then(|()| out.flush()).unwrap_or_default();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.was_written.load(Ordering::Relaxed) {
            let mut out = std::io::stderr().lock();
            write!(out, "\r\u{1b}[2K").and_then(|()| out.flush()).unwrap_or_default();
        }
    }
}
