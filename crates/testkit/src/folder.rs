//! Folders that go away with the test that made them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A new folder in memory or below the system's one for temporary files, removed with all it holds on drop.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes one.
    pub fn new() -> io::Result<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // In memory where there is such a place: tests write and flush a lot.
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        // Short: the path of a socket has at most 107 bytes.
        let path = base.join(format!("merlon-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        std::fs::remove_dir_all(&self.path).unwrap_or_default();
    }
}
