//! A small filesystem in memory that fills up and can be made read-only, without being root.
//!
//! It is mounted in a namespace of its own, which a shell holds; programs run in there. It goes away with the
//! process that made it, however that ends.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::command;
use crate::folder::Folder;

/// Mounts at `$1` with the options `$2`, says `ready`, and stays as long as standard input is open.
const SCRIPT: &str = "mount -t tmpfs -o \"$2\" tmpfs \"$1\" && echo ready && cat >/dev/null";

/// A small filesystem. Ends on drop.
#[derive(Debug)]
pub struct Disk {
    folder: Folder,
    shell: Child,
    _open: Option<ChildStdin>,
}

impl Disk {
    /// One with room for so many KiB. Fails where the system does not let unprivileged processes have
    /// namespaces of their own.
    pub fn new(kib: u32) -> io::Result<Self> {
        let folder = Folder::new()?;
        let mut shell = command("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
            .arg(folder.path())
            .arg(format!("size={kib}k,mode=0700"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = shell.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let open = shell.stdin.take();
        if line.trim() == "ready" {
            return Ok(Self { folder, shell, _open: open });
        }
        drop(open);
        let said = shell.wait_with_output()?.stderr;
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        Err(io::Error::other(format!("no small disk could be mounted: {said}")))
    }

    /// One, or `None`, said aloud, where the system forbids it. Under `CI=true` that is an error.
    pub fn or_skip(kib: u32) -> io::Result<Option<Self>> {
        match Self::new(kib) {
            Ok(disk) => Ok(Some(disk)),
            Err(error) if std::env::var_os("CI").is_some_and(|it| it == "true") => Err(error),
            Err(error) => {
                writeln!(io::stderr(), "skipped: {error}")?;
                Ok(None)
            }
        }
    }

    /// Where it is, for programs that [`Disk::command`] runs; others see an empty folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a program where the disk can be seen. Its process id is that of the program.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command("nsenter");
        command
            .args(["--user", "--mount", "--preserve-credentials", "--target"])
            .arg(self.shell.id().to_string())
            .arg("--")
            .arg(program);
        command
    }

    /// Changes how it is mounted: `size=64m` makes room, `ro` makes it read-only, `rw` writable.
    pub fn remount(&self, options: &str) -> io::Result<()> {
        let mut mount = self.command("mount");
        let done = mount.arg("-o").arg(format!("remount,{options}")).arg(self.path()).output()?;
        if done.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It may have ended already.
        self.shell.kill().unwrap_or_default();
        self.shell.wait().map(drop).unwrap_or_default();
    }
}
