//! The state file of a tenant: when it is read, what it is caught up with, when it is written.

use std::sync::Arc;

use content::Library;
use graph::Graph;
use lang::NodeId;
use model::Keys;
use posture::Row;
use store::{At, ChangeRow};

use super::Kept;
use crate::state_file::{Opened, StateFile};
use crate::tenant::Tenant;

/// Changes since a file was written up to which it is never written again.
const FEW: usize = 1000;
/// Share of the nodes that may have changed since, before it is written again.
const BEHIND_SHARE: usize = 20;

/// A state file of which the graph was read, and as of which commit it is.
#[derive(Debug)]
pub(super) struct Reading {
    opened: Opened,
    keys: Keys,
    sequence: u64,
    last: u64,
}

/// A tenant as of a commit, to which only the ledger is missing.
#[derive(Debug)]
pub(super) struct CaughtUp<'l> {
    pub(super) tenant: Tenant<'l>,
    /// The verdicts by node.
    pub(super) rows: Vec<(NodeId, Row)>,
    /// The commit as of which all of it is.
    pub(super) sequence: u64,
    /// How many resources and verdicts have changed since the file was written.
    pub(super) n_behind: usize,
}

impl Reading {
    /// Whether nothing was committed since.
    pub(super) fn is_current(&self) -> bool {
        self.sequence == self.last
    }
}

impl Kept {
    /// Reads the graph of the state file. `ready` is called with it when nothing was committed since.
    /// `None` when there is no file of use.
    pub(super) async fn read_file(
        &self,
        library: &Arc<Library>,
        ready: &mut dyn FnMut(&Graph),
    ) -> anyhow::Result<Option<Reading>> {
        let Some(file) = self.file(library) else { return Ok(None) };
        let sequence = match file.sequence() {
            Ok(Some(sequence)) => sequence,
            Ok(None) => return Ok(None),
            Err(error) => return Ok(refused(&error)),
        };
        let last = self.store.moment(&self.access, At::Now).await?.seq;
        let Some(commit) = self.commit_at(sequence).await? else {
            return Ok(refused(&anyhow::anyhow!("it is of commit {sequence}, which there is not")));
        };
        let keys = self.store.keys(&self.access).await?;
        let opened = match file.open(&keys, &commit) {
            Ok(opened) => opened,
            Err(error) => return Ok(refused(&error)),
        };
        let reading = Reading { opened, keys, sequence, last };
        if reading.is_current() {
            ready(&reading.opened.graph);
        }
        Ok(Some(reading))
    }

    /// What a state file holds, brought up to the last commit. `None` when everything is to be derived
    /// again.
    pub(super) async fn caught_up<'l>(
        &self,
        library: &'l Arc<Library>,
        reading: Reading,
    ) -> anyhow::Result<Option<CaughtUp<'l>>> {
        let Reading { opened, keys, mut sequence, .. } = reading;
        let mut tenant = Tenant::empty(library, keys);
        let (graph, inventory, numbers, mut rows) = match opened.finish(&tenant.reader) {
            Ok(all) => all,
            Err(error) => return Ok(refused(&error)),
        };
        // the marks in the file were made by what was chosen then
        tenant.mark_by(self.choices(At::Seq(sequence)).await?);
        (tenant.graph, tenant.inventory, tenant.numbers) = (graph, inventory, numbers);
        let mut n_behind = 0;
        if self.store.moment(&self.access, At::Now).await?.seq == sequence {
            self.judge_by_own(&mut tenant, At::Seq(sequence)).await?;
        } else {
            let Some(taken) = self.take_in(&mut tenant, sequence).await? else {
                tracing::info!("too much has changed since the state file: deriving everything");
                return Ok(None);
            };
            (sequence, n_behind) = (taken.sequence, taken.n_changed);
            rows.resize(tenant.graph.node_bound() as usize, None);
            for (node, row) in taken.verdicts {
                if let Some(place) = rows.get_mut(node.0 as usize) {
                    *place = row;
                }
            }
        }
        let rows = (0_u32..).zip(rows).filter_map(|(node, row)| Some((NodeId(node), row?)));
        Ok(Some(CaughtUp { tenant, rows: rows.collect(), sequence, n_behind }))
    }

    /// Writes the state file when there is none, or when much has changed since. That it cannot be
    /// written is a line in the log: the next start takes longer, and nothing else.
    pub(crate) async fn file_if_due(&self, tenant: &mut Tenant<'_>) {
        let allowed = FEW.max(tenant.graph.n_nodes() / BEHIND_SHARE);
        if tenant.filed.is_there && tenant.filed.n_behind <= allowed {
            return;
        }
        let Some(file) = self.file(&tenant.library) else { return };
        let written = async {
            // Somebody may have committed beside this tenant; then it is not the state of that commit.
            let sequence = self.store.moment(&self.access, At::Now).await?.seq;
            let commit = self.commit_at(sequence).await?;
            if let Some(commit) = commit.filter(|_| sequence == tenant.sequence()) {
                file.write(tenant, &commit)?;
                tenant.filed = crate::tenant::Filed { is_there: true, n_behind: 0 };
            }
            anyhow::Ok(())
        };
        if let Err(error) = written.await {
            tracing::warn!("the state file cannot be written: {}", base::chain(error.as_ref()));
        }
    }

    fn file(&self, library: &Arc<Library>) -> Option<StateFile> {
        let folder = self.cache.as_ref()?;
        Some(StateFile::new(folder, self.access.tenant(), library))
    }

    /// What the change log says of a commit.
    async fn commit_at(&self, sequence: u64) -> anyhow::Result<Option<ChangeRow>> {
        let Some(before) = sequence.checked_sub(1) else { return Ok(None) };
        let rows = self.store.changes_since(&self.access, before, 1).await?;
        Ok(rows.into_iter().next().filter(|it| it.seq == sequence))
    }
}

/// One line about a file that is of no use.
fn refused<T>(error: &anyhow::Error) -> Option<T> {
    tracing::warn!(
        "the state file is not used, everything is derived again: {}",
        base::chain(error.as_ref())
    );
    None
}
