//! Where the bytes of documents lie: as they are, or compressed until somebody reads them.

use std::sync::{Arc, OnceLock};

use super::Doc;

/// Compression that costs about as much as reading the bytes once; higher levels save a tenth more.
const LEVEL: i32 = 1;

/// The bytes of some documents. Clones share them.
#[derive(Clone)]
pub(super) enum Held {
    Warm(Arc<[u8]>),
    Cold(Arc<Cold>),
}

/// Bytes that are compressed, and as they are once somebody has read them.
pub(super) struct Cold {
    packed: Arc<[u8]>,
    len: usize,
    read: OnceLock<Box<[u8]>>,
}

impl Held {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Warm(bytes) => bytes,
            Self::Cold(cold) => cold.bytes(),
        }
    }

    /// How many bytes there are, read or not.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Warm(bytes) => bytes.len(),
            Self::Cold(cold) => cold.len,
        }
    }

    /// `packed` is what [`Doc::pack_bytes`] made of `len` bytes.
    pub(super) fn cold(packed: Arc<[u8]>, len: usize) -> Self {
        Self::Cold(Arc::new(Cold { packed, len, read: OnceLock::new() }))
    }

    /// The same bytes, as if nobody had read them; whoever reads them does not warm the others.
    pub(super) fn cooled(&self) -> Self {
        match self {
            Self::Warm(bytes) => Self::Warm(Arc::clone(bytes)),
            Self::Cold(cold) => Self::cold(Arc::clone(&cold.packed), cold.len),
        }
    }

    /// Bytes that are in memory only because somebody has read them.
    pub(super) fn n_thawed(&self) -> usize {
        match self {
            Self::Cold(cold) => cold.read.get().map_or(0, |it| it.len()),
            Self::Warm(_) => 0,
        }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Warm(a), Self::Warm(b)) => Arc::ptr_eq(a, b),
            (Self::Cold(a), Self::Cold(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Cold {
    fn bytes(&self) -> &[u8] {
        self.read.get_or_init(|| {
            // Whoever gave the bytes answers for them. Others read as null, as a bad document does.
            zstd::bulk::decompress(&self.packed, self.len).unwrap_or_default().into()
        })
    }
}

impl Doc {
    /// The documents that lie in a block one after the other, by their lengths; `None` when the block
    /// is not as long as these together.
    ///
    /// The bytes are taken as they are: the caller answers for them, for instance by a checksum. Bytes
    /// that are no document read as some other document, or as null; nothing panics.
    pub fn all_in(block: &Arc<[u8]>, lengths: &[u32]) -> Option<Vec<Self>> {
        Self::ranges_of(&Held::Warm(Arc::clone(block)), lengths)
    }

    /// Bytes of documents, one after the other, compressed for [`Doc::packed_in`]; `None` when there is no
    /// memory for it.
    pub fn pack_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
        zstd::bulk::compress(bytes, LEVEL).ok()
    }

    /// [`Doc::all_in`] for a block that [`Doc::pack_bytes`] made of `size` bytes. It takes up its
    /// compressed size until one of the documents is read, then both: see [`Doc::cooled`]. `None` when it is
    /// something else.
    pub fn packed_in(packed: &Arc<[u8]>, size: u32, lengths: &[u32]) -> Option<Vec<Self>> {
        // What does not hold so many bytes is found out here, not when somebody reads.
        let says = zstd::zstd_safe::get_frame_content_size(packed).ok()?;
        let is_whole = zstd::zstd_safe::find_frame_compressed_size(packed) == Ok(packed.len());
        if says != Some(u64::from(size)) || !is_whole {
            return None;
        }
        Self::ranges_of(&Held::cold(Arc::clone(packed), size as usize), lengths)
    }

    fn ranges_of(block: &Held, lengths: &[u32]) -> Option<Vec<Self>> {
        let mut start = 0_u32;
        let mut docs = Vec::with_capacity(lengths.len());
        for len in lengths {
            docs.push(Self { block: block.clone(), start, len: *len });
            start = start.checked_add(*len)?;
        }
        (start as usize == block.len()).then_some(docs)
    }

    /// The same documents, with compressed blocks as if nobody had read them. What was read is
    /// given back when the last of the other handles on a block goes. Documents of one block are to
    /// follow each other.
    pub fn cooled(docs: &[Self]) -> Vec<Self> {
        let mut last: Option<(&Held, Held)> = None;
        let cooled = docs.iter().map(|doc| {
            let known = last.as_ref().filter(|(from, _)| from.is_same(&doc.block));
            let block = known.map(|(_, to)| to.clone());
            let block = block.unwrap_or_else(|| {
                let to = doc.block.cooled();
                last = Some((&doc.block, to.clone()));
                to
            });
            Self { block, start: doc.start, len: doc.len }
        });
        cooled.collect()
    }

    /// Bytes in memory only because somebody read documents of compressed blocks. Documents of
    /// one block are to follow each other.
    pub fn n_thawed_bytes(docs: &[Self]) -> usize {
        let mut last: Option<&Held> = None;
        let mut sum = 0;
        for doc in docs {
            if !last.is_some_and(|it| it.is_same(&doc.block)) {
                sum += doc.block.n_thawed();
                last = Some(&doc.block);
            }
        }
        sum
    }
}
