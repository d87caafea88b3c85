//! `merlon demo`: a believable estate to look at, served at once.
//!
//! The estate of Larkspur Freight is packed into the binary. It is read in four steps with some days between
//! them, as it would have come about, by the same code as any other import; then it is served on this machine alone.

mod estate;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use portal::Portal;

use crate::cli::{Cli, Demo, Serve};
use crate::config::Place;
use crate::estate::ImportOptions;
use crate::import_command::import;
use crate::kept;
use crate::progress::Progress;
use crate::serve::{self, Welcome};
use crate::{library, when};

/// Where the demo keeps its state when nothing is said.
const FOLDER: &str = "merlon-demo";
/// Where it listens when nothing is said.
const LISTEN: &str = "127.0.0.1:7070";
/// What was exported when: folders of the estate, and how many hours ago.
const STEPS: [(&str, i64); 4] =
    [("aws", 13 * 24 + 5), ("azure", 9 * 24 + 2), ("gcp", 4 * 24 + 7), ("kubernetes", 27)];
/// What scanners found comes last.
const FINDINGS: (&str, i64) = ("findings", 3);

pub(crate) fn run(arguments: &Demo, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let listen = arguments.listen.as_deref().unwrap_or(LISTEN);
    let address: SocketAddr = listen
        .parse()
        .with_context(|| format!("`{listen}` is no address: `127.0.0.1:7070`, for example"))?;
    ensure!(
        address.ip().is_loopback(),
        "the demo answers on this machine alone; `merlon serve` is for others"
    );
    let folder = arguments.data.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
    let place =
        Place { config: None, data: Some(folder.clone()), database: None, master_key_file: None };
    let quiet = Progress::new(true);
    if load(&place, &folder, cli, &quiet)? {
        writeln!(
            out,
            "Larkspur Freight is loaded: exports of AWS, Azure, Google Cloud and Kubernetes."
        )?;
    }
    if !Portal::open().is_there() {
        writeln!(
            out,
            "This binary was built without the portal: install Node 20.19 or newer with npm and build \
             again. The interface answers, all the same."
        )?;
    }
    out.flush()?;
    let arguments = Serve { place, listen: Some(listen.to_owned()), role: Vec::new() };
    serve::run(&arguments, &cli.content, Welcome::Demo { folder })
}

/// Reads the estate unless the folder has a state already. Says whether it did.
fn load(place: &Place, folder: &Path, cli: &Cli, progress: &Progress) -> anyhow::Result<bool> {
    fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let library = library::load(&cli.content)?;
    let clock = when::now();
    kept::with(place, clock, async |kept| {
        let writer = kept.writer(clock).await?;
        let mut tenant = kept.load(&library).await?;
        if tenant.sequence() > 0 {
            kept.release(writer).await?;
            return Ok(false);
        }
        let estate = folder.join("larkspur-freight");
        estate::unpack(&estate).context("the estate cannot be unpacked")?;
        let mut done = Ok(());
        for (name, hours) in STEPS.into_iter().chain([FINDINGS]) {
            let options = ImportOptions {
                sent: None,
                paths: vec![estate.join(name)],
                format: None,
                is_complete: false,
            };
            let now = back(clock, hours);
            let step =
                import(kept, &writer.lease, &mut tenant, &options, (now, None), progress).await;
            if let Err(error) = step {
                done = Err(error.context(format!("`{name}` of the estate")));
                break;
            }
        }
        let released = kept.release(writer).await;
        done?;
        released?;
        Ok(true)
    })
}

/// So many hours before `now`.
fn back(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}
