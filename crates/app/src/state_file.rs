//! The state of a tenant as a file: what was derived from the database, so that a start reads it
//! instead of deriving it again.
//!
//! Three parts follow each other: the graph, which can be read alone; what the living inventory holds
//! beside it; the verdicts by node. The file says as of which commit of which history it is, and by
//! which content and program it was derived: anything else, and it is not used. It is a copy: whatever
//! is wrong with it, the database has the truth.
//!
//! INVARIANT: a file is whole or is refused; a new one takes the place of the old one at once.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use base::blocks::{self, Head, Reader as Blocks, Writer};
use content::Library;
use graph::{Graph, Stamp};
use inventory::{Inventory, Known, Reader};
use lang::NodeId;
use model::{Key, Keys, View};
use posture::Row;
use store::{ChangeRow, TenantId};

use crate::connect::Numbers;
use crate::tenant::Tenant;

/// Of the file as a whole and of what the derivation is; another one, and files are not used.
const LAYOUT: u64 = 1;
const VERDICTS: Head = Head { magic: *b"\x89mrl-ver", version: 1 };
/// So much is read at a time.
const BUFFER: usize = 1 << 20;

/// Where the state of a tenant is, and by what it is derived.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    tenant: TenantId,
    derived_by: u64,
}

/// A file of which the graph has been read.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) graph: Graph,
    rest: BufReader<File>,
}

impl StateFile {
    /// The file of a tenant in a folder.
    pub(crate) fn new(folder: &Path, tenant: TenantId, library: &Library) -> Self {
        let path = folder.join(format!("state-{}.bin", tenant.0));
        let derived_by = mixed([LAYOUT, library.digest(), program()]);
        Self { path, tenant, derived_by }
    }

    /// The commit as of which it is; `None` when there is no file that was derived as this program does.
    pub(crate) fn sequence(&self) -> anyhow::Result<Option<u64>> {
        let mut file = match File::open(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let stamp = Stamp::read(&mut file)?;
        ensure!(stamp.tenant == u64::from(self.tenant.0), "it is of another tenant");
        let [derived_by, ..] = words(&stamp.fingerprint);
        if derived_by != self.derived_by {
            tracing::info!("the state file was derived with other content or by another program");
            return Ok(None);
        }
        Ok(Some(stamp.sequence))
    }

    fn stamp(&self, commit: &ChangeRow) -> Stamp {
        let mut fingerprint = [0; 32];
        let words = [self.derived_by, identity(commit), 0, 0];
        for (place, word) in fingerprint.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Stamp { tenant: u64::from(self.tenant.0), sequence: commit.seq, fingerprint }
    }

    /// Reads the graph; `commit` is what the database says of the commit as of which it is.
    pub(crate) fn open(&self, keys: &Keys, commit: &ChangeRow) -> anyhow::Result<Opened> {
        let mut rest = BufReader::with_capacity(BUFFER, File::open(&self.path)?);
        let (graph, stamp) = Graph::read_first(&mut rest, keys)?;
        ensure!(stamp == self.stamp(commit), "it belongs to another history");
        Ok(Opened { graph, rest })
    }

    /// Writes the state as of `commit`. In the file, nodes are numbered without holes.
    pub(crate) fn write(&self, tenant: &Tenant<'_>, commit: &ChangeRow) -> anyhow::Result<()> {
        let folder = self.path.parent().context("a file lies in a folder")?;
        fs::create_dir_all(folder)?;
        let new = self.path.with_extension("new");
        let done = self.write_new(&new, tenant, commit);
        let done = done.and_then(|()| Ok(fs::rename(&new, &self.path)?));
        if done.is_err() {
            drop(fs::remove_file(&new)); // it may be what fills the disk
        }
        done.with_context(|| format!("`{}`", self.path.display()))
    }

    fn write_new(
        &self,
        path: &Path,
        tenant: &Tenant<'_>,
        commit: &ChangeRow,
    ) -> anyhow::Result<()> {
        // A copy, so that nothing that goes by the numbers of nodes must be made again.
        let (graph, moved) = if tenant.graph.is_compact() {
            let moved = (0..tenant.graph.node_bound()).map(|it| Some(NodeId(it)));
            (tenant.graph.clone(), moved.collect())
        } else {
            tenant.graph.compact()
        };
        let bound = graph.node_bound();
        let mut numbers = tenant.numbers.clone();
        numbers.renumber(&moved);
        let order = numbers.by_node(bound).context("a node is no resource")?;
        let mut before = vec![NodeId(u32::MAX); bound as usize];
        for (old, new) in (0_u32..).zip(&moved) {
            if let Some(place) = new.and_then(|it| before.get_mut(it.0 as usize)) {
                *place = NodeId(old);
            }
        }
        // Not synced: of what a crash of the machine cuts off, checksums tell.
        let mut to = BufWriter::with_capacity(BUFFER, created(path)?);
        graph.write(&self.stamp(commit), &mut to)?;
        tenant.inventory.write(&order, &mut to)?;
        let mut writer = Writer::new(VERDICTS, &mut to)?;
        let rows = || before.iter().map(|it| tenant.ledger.row(*it).map_or(&[][..], Row::bytes));
        writer.counted(&rows().map(|it| it.len() as u32).collect::<Vec<_>>())?;
        rows().try_for_each(|row| writer.bytes(row))?;
        writer.finish()?;
        to.flush()?;
        Ok(())
    }
}

impl Opened {
    /// Reads the rest: the living inventory, its numbers, and the verdicts by node.
    pub(crate) fn finish(
        mut self,
        reader: &Reader<'_>,
    ) -> anyhow::Result<(Graph, Inventory, Numbers, Vec<Option<Row>>)> {
        let graph = self.graph;
        let facts = Facts::new(&graph);
        let inventory =
            Inventory::read(reader, &mut self.rest, &mut |number| facts.of(NodeId(number)))?;
        let n_nodes = graph.n_nodes();
        ensure!(inventory.bound() as usize == n_nodes, "the inventory has other resources");
        let rows = read_rows(&mut self.rest)?;
        ensure!(rows.len() == n_nodes, "verdicts are missing");
        blocks::at_end(&mut self.rest)?;
        Ok((graph, inventory, Numbers::same(n_nodes), rows))
    }
}

fn read_rows(from: &mut BufReader<File>) -> anyhow::Result<Vec<Option<Row>>> {
    let mut blocks = Blocks::new(VERDICTS, from)?;
    let lengths = blocks.counted()?;
    let mut rows = Vec::with_capacity(lengths.len());
    for length in lengths {
        let row = match blocks.bytes(length as usize)? {
            [] => None,
            bytes => Some(Row::from_bytes(bytes)?),
        };
        rows.push(row);
    }
    blocks.finish()?;
    Ok(rows)
}

/// Reads from a graph what [`graph::NodeMeta`] wrote.
struct Facts<'g> {
    graph: &'g Graph,
    names: Vec<std::sync::Arc<str>>,
    id: Option<Key>,
    name: Option<Key>,
    tags: Option<Key>,
}

impl<'g> Facts<'g> {
    fn new(graph: &'g Graph) -> Self {
        let keys = graph.keys();
        let (id, name, tags) = (keys.find("id"), keys.find("name"), keys.find("tags"));
        Self { graph, names: keys.names_from(0), id, name, tags }
    }

    fn of(&self, node: NodeId) -> Option<Known> {
        let View::Object(meta) = self.graph.meta(node) else { return None };
        let text = |key: Option<Key>| match meta.get(key?) {
            View::Str(text) => Some(text.to_owned()),
            _ => None,
        };
        let collected = !meta.is_open();
        let mut tags = Vec::new();
        if let (true, Some(View::Object(all))) = (collected, self.tags.map(|it| meta.get(it))) {
            for (key, value) in all.iter() {
                let View::Str(value) = value else { return None };
                tags.push((&**self.names.get(key.index())?, value));
            }
        }
        Some(Known {
            id: text(self.id)?,
            name: text(self.name)?,
            tags: tags.into_iter().collect(),
            doc: self.graph.document(node)?.clone(),
            collected,
            group: self.graph.group(node),
        })
    }
}

/// A file that only its owner reads: it holds what the database holds.
fn created(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Which commit of which history: a database that was restored goes on from an earlier one otherwise.
fn identity(commit: &ChangeRow) -> u64 {
    let text = format!("{} {} {} {}", commit.kind, commit.actor, commit.summary, commit.counts);
    let sums = text.bytes().map(u64::from).collect::<Vec<_>>();
    let at = commit.at.as_microsecond().cast_unsigned();
    mixed([commit.seq, at].into_iter().chain(sums))
}

/// Which program this is, without reading it: derivations may differ from one build to another.
fn program() -> u64 {
    let of = |path: PathBuf| {
        let facts = fs::metadata(path).ok()?;
        let changed = facts.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(mixed([facts.len(), changed.as_secs(), u64::from(changed.subsec_nanos())]))
    };
    std::env::current_exe().ok().and_then(of).unwrap_or_default()
}

fn mixed(all: impl IntoIterator<Item = u64>) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    all.into_iter().fold(0x243f_6a88_85a3_08d3, mix)
}

fn words(fingerprint: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(fingerprint.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}
