//! A graph as a file: written at once, read at the speed of memory.
//!
//! A file is a row of blocks, each with its length and a checksum over its number and content
//! ([`base::blocks`]). What it says of itself comes first and can be read alone. Documents are stored as they
//! lie in memory, many to a block, and the graph keeps these blocks: nothing is decoded, and a million
//! documents are some thousand allocations. Blocks of the documents of nodes are compressed, and stay so until one
//! of their documents is read. Indexes are built anew.
//!
//! Computed edges are not stored: their providers are set again after reading.
//!
//! INVARIANT: nothing of a file is believed before it is checked: a block by its checksum, a number by
//! what it points into. A bad file is an error, never a panic or a wrong graph; what a length says is
//! believed only as far as bytes follow, or up to one block.

use std::io::{Read, Write};
use std::sync::Arc;

use base::blocks::{self, BlockError, Head, Reader, Writer};
use lang::value::GapId;
use model::{Doc, Keys};

use super::Graph;
use super::builder::{self, GraphBuilder};
use super::csr::{Csr, Way};
use super::gaps::Missing;
use super::names::Names;

/// The version of the format; files of another one are refused.
pub const FORMAT_VERSION: u32 = 2;

const HEAD: Head = Head { magic: *b"\x89merlon\n", version: FORMAT_VERSION };

/// About so many bytes of documents lie together.
const CHUNK_BYTES: usize = 1 << 20;

/// About so many bytes of documents are compressed together: whoever reads one of them reads all.
const PACKED_BYTES: usize = 1 << 17;

/// No more is unpacked at once, whatever a file says: [`PACKED_BYTES`] and the largest document that a
/// block can hold.
const MOST_BYTES: u32 = 64 << 20;

/// A length that stands for "no document".
const NO_DOC: u32 = u32::MAX;

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Whose graph it is.
    pub tenant: u64,
    /// The last commit that is in it.
    pub sequence: u64,
    /// Of the content and whatever else the graph was derived with: another one, and the graph is to
    /// be derived again.
    pub fingerprint: [u8; 32],
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The bytes could not be read or written.
    #[error("the graph file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is something else.
    #[error("this is not a graph file")]
    Foreign,
    /// It was written by another version of Merlon.
    #[error("the graph file has format {0}, expected {FORMAT_VERSION}")]
    Version(u32),
    /// It is damaged.
    #[error("the graph file is damaged: {0}")]
    Damaged(&'static str),
    /// Its keys are not those of the table.
    #[error("the graph file uses other keys than the store")]
    Keys,
}

impl From<BlockError> for FileError {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::Io(error) => Self::Io(error),
            BlockError::Foreign => Self::Foreign,
            BlockError::Version(version) => Self::Version(version),
            BlockError::Damaged(how) => Self::Damaged(how),
        }
    }
}

impl Stamp {
    /// Reads what a file says of itself, and no more of it than that.
    ///
    /// # Errors
    /// It is no graph file, of another version, or damaged.
    pub fn read(from: &mut dyn Read) -> Result<Self, FileError> {
        Self::read_block(&mut Reader::new(HEAD, from)?)
    }

    fn read_block(reader: &mut Reader<'_>) -> Result<Self, FileError> {
        let (tenant, sequence) = (reader.u64()?, reader.u64()?);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(reader.bytes(32)?);
        Ok(Self { tenant, sequence, fingerprint })
    }
}

impl Graph {
    /// Writes the graph. One with changes on its base is compacted on the way: the graph that is read
    /// then numbers its nodes as [`Graph::compact`] does.
    ///
    /// # Errors
    /// The bytes cannot be written, or a document is too large (above 64 MiB).
    pub fn write(&self, stamp: &Stamp, to: &mut dyn Write) -> Result<(), FileError> {
        if self.has_overlay() {
            return self.compact().0.write(stamp, to);
        }
        let mut writer = Writer::new(HEAD, to)?;
        writer.u64(stamp.tenant)?;
        writer.u64(stamp.sequence)?;
        writer.bytes(&stamp.fingerprint)?;
        writer.end_block()?;
        let names = self.keys.names_from(0);
        writer.u32(names.len() as u32)?;
        names.iter().try_for_each(|name| writer.text(name))?;
        for names in [&self.labels, &self.types] {
            writer.u32(names.len() as u32)?;
            (0..names.len() as u32).try_for_each(|number| writer.text(names.name(number)))?;
        }
        writer.u32(self.sets.iter().count() as u32)?;
        self.sets.iter().try_for_each(|set| writer.counted(set))?;
        let base = &*self.base;
        writer.counted(&base.label_set)?;
        writer.counted(&base.group)?;
        write_packed(&mut writer, &self.docs)?;
        write_docs(&mut writer, base.metas.iter().map(Option::as_ref))?;
        for csr in &base.csr {
            let (from, to, docs) = csr.parts();
            writer.counted(from)?;
            writer.counted(to)?;
            writer.u32(docs.len() as u32)?;
            write_docs(&mut writer, docs.iter().map(Option::as_ref))?;
        }
        let mut marks = Vec::new();
        self.incomplete.for_each(&mut |group, edge_type, way, missing| {
            for missing in missing {
                let way = u32::from(way == Way::In);
                marks.push(([group, edge_type, way, missing.gap.0], &missing.labels));
            }
        });
        writer.u32(marks.len() as u32)?;
        for (mark, labels) in marks {
            mark.iter().try_for_each(|it| writer.u32(*it))?;
            writer.counted(labels)?;
        }
        Ok(writer.finish()?)
    }

    /// Reads a graph. `keys` is the table that its documents are to use: empty, or one that holds at
    /// least the keys of the file, with the same numbers.
    ///
    /// # Errors
    /// It is no graph file, of another version, damaged, uses other keys, or something follows.
    pub fn read(from: &mut dyn Read, keys: &Keys) -> Result<(Self, Stamp), FileError> {
        let read = Self::read_first(from, keys)?;
        blocks::at_end(from)?;
        Ok(read)
    }

    /// [`Graph::read`] of a file in which more follows, which is left to be read.
    ///
    /// # Errors
    /// It is no graph file, of another version, damaged, or uses other keys.
    pub fn read_first(from: &mut dyn Read, keys: &Keys) -> Result<(Self, Stamp), FileError> {
        let mut reader = Reader::new(HEAD, from)?;
        let stamp = Stamp::read_block(&mut reader)?;
        for number in 0..reader.u32()? {
            if keys.intern(reader.text()?).index() != number as usize {
                return Err(FileError::Keys);
            }
        }
        let mut builder = GraphBuilder::new(keys);
        read_names(&mut reader, Arc::make_mut(&mut builder.labels))?;
        read_names(&mut reader, Arc::make_mut(&mut builder.types))?;
        let (n_labels, n_types) = (builder.labels.len() as u32, builder.types.len() as u32);
        for number in 0..reader.u32()? {
            let set = reader.counted()?;
            check(set.iter().all(|label| *label < n_labels), "a label has no name")?;
            let own = Arc::make_mut(&mut builder.sets).intern(&set);
            check(own == number, "a set of labels stands twice")?;
        }
        let n_sets = builder.sets.iter().count() as u32;
        builder.label_set = reader.counted()?;
        check(builder.label_set.iter().all(|set| *set < n_sets), "a set of labels is missing")?;
        let n_nodes = builder.label_set.len();
        builder.group = reader.counted()?;
        check(builder.group.len() == n_nodes, "a node has no group")?;
        builder.docs = read_packed(&mut reader, n_nodes)?;
        builder.metas = read_docs(&mut reader, n_nodes)?;
        let mut csr = Vec::with_capacity(n_types as usize);
        for _ in 0..n_types {
            csr.push(read_edges(&mut reader, n_nodes as u32)?);
        }
        for _ in 0..reader.u32()? {
            let (group, edge_type, way) = (reader.u32()?, reader.u32()?, reader.u32()?);
            let gap = GapId(reader.u32()?);
            let labels: Box<[u32]> = reader.counted()?.into();
            let is_known = edge_type < n_types && labels.iter().all(|label| *label < n_labels);
            check(is_known && way < 2, "a mark names what is not there")?;
            let way = if way == 0 { Way::Out } else { Way::In };
            builder.incomplete.add(group, edge_type, way, Missing { labels, gap });
        }
        reader.finish()?;
        let n_edges: u64 = csr.iter().map(|it| it.len() as u64).sum();
        check(u32::try_from(n_edges).is_ok(), "it has too many edges")?;
        Ok((builder.assemble(csr), stamp))
    }

    /// This graph with an edge type that is computed.
    #[must_use]
    pub fn with_provider(
        mut self,
        edge_type: &str,
        provider: Arc<dyn super::EdgeProvider>,
    ) -> Self {
        let number = builder::number_of(edge_type, &mut self.types) as usize;
        let mut providers = self.providers.to_vec();
        providers.resize_with(providers.len().max(number + 1), || None);
        if let Some(place) = providers.get_mut(number) {
            *place = Some(provider);
        }
        self.providers = providers.into();
        self
    }

    /// Whether there are no changes on its base.
    pub fn is_compact(&self) -> bool {
        !self.has_overlay()
    }
}

fn check(is_so: bool, otherwise: &'static str) -> Result<(), FileError> {
    Ok(blocks::check(is_so, otherwise)?)
}

/// Writes documents, some together: their number, their lengths, then a block of all their bytes.
fn write_docs<'a>(
    writer: &mut Writer<'_>,
    docs: impl Iterator<Item = Option<&'a Doc>>,
) -> Result<(), FileError> {
    let (mut lengths, mut chunk) = (Vec::new(), Vec::with_capacity(CHUNK_BYTES));
    for doc in docs {
        match doc {
            Some(doc) => {
                lengths.push(doc.size_bytes() as u32);
                chunk.extend_from_slice(doc.bytes());
            }
            None => lengths.push(NO_DOC),
        }
        if chunk.len() >= CHUNK_BYTES || lengths.len() >= CHUNK_BYTES / 4 {
            writer.counted(&lengths)?;
            writer.block(&chunk)?;
            lengths.clear();
            chunk.clear();
        }
    }
    if !lengths.is_empty() {
        writer.counted(&lengths)?;
        writer.block(&chunk)?;
    }
    Ok(())
}

fn read_docs(reader: &mut Reader<'_>, n_docs: usize) -> Result<Vec<Option<Doc>>, FileError> {
    let mut docs: Vec<Option<Doc>> = Vec::new();
    while docs.len() < n_docs {
        let lengths = reader.counted()?;
        check(
            !lengths.is_empty() && docs.len() + lengths.len() <= n_docs,
            "documents are missing",
        )?;
        let all: Vec<u32> = lengths.iter().copied().filter(|it| *it != NO_DOC).collect();
        let block = if all.is_empty() { Arc::default() } else { reader.block()? };
        let all = Doc::all_in(&block, &all);
        let mut all = all.ok_or(FileError::Damaged("a document is cut off"))?.into_iter();
        docs.extend(lengths.iter().map(|it| if *it == NO_DOC { None } else { all.next() }));
    }
    Ok(docs)
}

/// Writes documents, some together: their number, their lengths, then a compressed block of their bytes.
fn write_packed(writer: &mut Writer<'_>, mut docs: &[Doc]) -> Result<(), FileError> {
    while !docs.is_empty() {
        let mut size = 0;
        let is_within = |doc: &&Doc| {
            let is_room = size < PACKED_BYTES;
            size += doc.size_bytes();
            is_room
        };
        let n_docs = docs.iter().take_while(is_within).count();
        let (now, rest) = docs.split_at_checked(n_docs).unwrap_or((docs, &[]));
        docs = rest;
        check(size <= MOST_BYTES as usize, "a document is too large")?;
        // What is read here only to be written does not stay in memory.
        let now = Doc::cooled(now);
        let lengths: Vec<u32> = now.iter().map(|it| it.size_bytes() as u32).collect();
        let bytes: Vec<u8> = now.iter().flat_map(Doc::bytes).copied().collect();
        let packed = Doc::pack_bytes(&bytes).ok_or(FileError::Damaged("no memory to compress"))?;
        writer.counted(&lengths)?;
        writer.block(&packed)?;
    }
    Ok(())
}

fn read_packed(reader: &mut Reader<'_>, n_docs: usize) -> Result<Vec<Doc>, FileError> {
    let mut docs = Vec::new();
    while docs.len() < n_docs {
        let lengths = reader.counted()?;
        check(
            !lengths.is_empty() && docs.len() + lengths.len() <= n_docs,
            "documents are missing",
        )?;
        let size = lengths.iter().try_fold(0_u32, |sum, it| sum.checked_add(*it));
        let size = size
            .filter(|it| *it <= MOST_BYTES)
            .ok_or(FileError::Damaged("a block is too large"))?;
        let block = reader.block()?;
        let all = Doc::packed_in(&block, size, &lengths);
        docs.extend(all.ok_or(FileError::Damaged("a document is cut off"))?);
    }
    Ok(docs)
}

fn read_names(reader: &mut Reader<'_>, names: &mut Names) -> Result<(), FileError> {
    for number in 0..reader.u32()? {
        check(names.intern(reader.text()?) == number, "a name stands twice")?;
    }
    Ok(())
}

fn read_edges(reader: &mut Reader<'_>, n_nodes: u32) -> Result<Csr, FileError> {
    let (from, to) = (reader.counted()?, reader.counted()?);
    check(from.len() == to.len(), "an edge has one end")?;
    let is_node = |node: &u32| *node < n_nodes;
    check(from.iter().all(is_node) && to.iter().all(is_node), "an edge leads nowhere")?;
    let n_docs = reader.u32()? as usize;
    check(n_docs == 0 || n_docs == from.len(), "an edge has no place for its properties")?;
    let docs = read_docs(reader, n_docs)?;
    let edges: Vec<(u32, u32)> = from.into_iter().zip(to).collect();
    check(edges.is_sorted(), "edges are not in order")?;
    Ok(Csr::build(edges, docs))
}
