//! `merlon backup` and `merlon restore`.

use std::io::Write;

use store::{At, Store};

use crate::cli::kept::{Backup, Restore};
use crate::{kept, when};

pub(crate) fn backup(arguments: &Backup, out: &mut dyn Write) -> anyhow::Result<u8> {
    let now = when::now();
    kept::with(&arguments.place, now, async |kept| {
        let made = kept.store.backup(&kept.access, &arguments.file, now).await?;
        writeln!(out, "{} holds everything up to commit {}", arguments.file.display(), made.seq)?;
        Ok(0)
    })
}

pub(crate) fn restore(arguments: &Restore, out: &mut dyn Write) -> anyhow::Result<u8> {
    let now = when::now();
    let location = kept::location(&arguments.place)?;
    let access = kept::access();
    let restored = kept::run(async {
        let replaces = arguments.replace;
        let store = Store::restore(&location, &access, &arguments.file, now, replaces).await?;
        let moment = store.moment(&access, At::Now).await?;
        store.close().await;
        Ok(moment)
    })?;
    writeln!(out, "restored everything up to commit {}, of {}", restored.seq, restored.at)?;
    Ok(0)
}
