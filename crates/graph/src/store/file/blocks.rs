//! Blocks of bytes with checksums: `length, checksum, content`, numbers little-endian.
//!
//! Small values are gathered in blocks of about a mebibyte; none lies across two blocks. The last
//! block is empty, and nothing follows it.

use std::io::{Read, Write};
use std::sync::Arc;

use super::{FORMAT_VERSION, FileError, MAGIC};

/// A block is closed when it has so many bytes.
const FULL: usize = 1 << 20;

/// No block is larger.
const MAX_BLOCK: usize = 64 << 20;

fn checksum(number: u64, content: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&number.to_le_bytes());
    sum.update(&(content.len() as u64).to_le_bytes());
    sum.update(content);
    sum.finalize()
}

pub(super) struct Writer<'w> {
    to: &'w mut dyn Write,
    n_blocks: u64,
    open: Vec<u8>,
}

impl<'w> Writer<'w> {
    pub(super) fn new(to: &'w mut dyn Write) -> Result<Self, FileError> {
        to.write_all(MAGIC)?;
        to.write_all(&FORMAT_VERSION.to_le_bytes())?;
        Ok(Self { to, n_blocks: 0, open: Vec::with_capacity(FULL) })
    }

    fn put(&mut self, content: &[u8]) -> Result<(), FileError> {
        if content.len() > MAX_BLOCK {
            return Err(std::io::Error::other("a document is too large for a graph file").into());
        }
        self.to.write_all(&(content.len() as u32).to_le_bytes())?;
        self.to.write_all(&checksum(self.n_blocks, content).to_le_bytes())?;
        self.to.write_all(content)?;
        self.n_blocks += 1;
        Ok(())
    }

    /// Closes the block at hand, if there is anything in it.
    pub(super) fn end_block(&mut self) -> Result<(), FileError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let open = std::mem::take(&mut self.open);
        self.put(&open)?;
        self.open = open;
        self.open.clear();
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        if self.open.len() + bytes.len() > FULL {
            self.end_block()?;
        }
        self.open.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn u32(&mut self, value: u32) -> Result<(), FileError> {
        self.bytes(&value.to_le_bytes())
    }

    pub(super) fn u64(&mut self, value: u64) -> Result<(), FileError> {
        self.bytes(&value.to_le_bytes())
    }

    /// A text and its length, together in one block.
    pub(super) fn text(&mut self, text: &str) -> Result<(), FileError> {
        let mut both = (text.len() as u32).to_le_bytes().to_vec();
        both.extend_from_slice(text.as_bytes());
        self.bytes(&both)
    }

    /// Numbers, and how many there are.
    pub(super) fn counted(&mut self, values: &[u32]) -> Result<(), FileError> {
        self.u32(values.len() as u32)?;
        values.iter().try_for_each(|value| self.u32(*value))
    }

    /// A block of its own.
    pub(super) fn block(&mut self, content: &[u8]) -> Result<(), FileError> {
        if content.is_empty() {
            return Ok(()); // an empty block is the end of all
        }
        self.end_block()?;
        self.put(content)
    }

    pub(super) fn finish(mut self) -> Result<(), FileError> {
        self.end_block()?;
        self.put(&[])?;
        Ok(self.to.flush()?)
    }
}

pub(super) struct Reader<'r> {
    from: &'r mut dyn Read,
    n_blocks: u64,
    open: Vec<u8>,
    at: usize,
}

impl<'r> Reader<'r> {
    pub(super) fn new(from: &'r mut dyn Read) -> Result<Self, FileError> {
        let mut head = [0; 12];
        match from.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(FileError::Foreign);
            }
            Err(error) => return Err(error.into()),
        }
        let version = head.strip_prefix(MAGIC).ok_or(FileError::Foreign)?;
        let version = u32::from_le_bytes(version.try_into().map_err(|_| FileError::Foreign)?);
        if version != FORMAT_VERSION {
            return Err(FileError::Version(version));
        }
        Ok(Self { from, n_blocks: 0, open: Vec::new(), at: 0 })
    }

    fn fill(&mut self, place: &mut [u8]) -> Result<(), FileError> {
        self.from.read_exact(place).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => FileError::Damaged("it ends too early"),
            _ => error.into(),
        })
    }

    /// The length and the checksum of the next block.
    fn head(&mut self) -> Result<(usize, u32), FileError> {
        let (mut length, mut sum) = ([0; 4], [0; 4]);
        self.fill(&mut length)?;
        self.fill(&mut sum)?;
        let length = u32::from_le_bytes(length) as usize;
        super::check(length <= MAX_BLOCK, "a block is too large")?;
        Ok((length, u32::from_le_bytes(sum)))
    }

    fn verify(&mut self, content: &[u8], sum: u32) -> Result<(), FileError> {
        super::check(checksum(self.n_blocks, content) == sum, "a checksum does not fit")?;
        self.n_blocks += 1;
        Ok(())
    }

    /// Opens the next block when the one at hand is used up.
    fn open(&mut self) -> Result<(), FileError> {
        if self.at < self.open.len() {
            return Ok(());
        }
        let (length, sum) = self.head()?;
        super::check(length > 0, "it ends too early")?;
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        open.resize(length, 0);
        self.fill(&mut open)?;
        self.verify(&open, sum)?;
        (self.open, self.at) = (open, 0);
        Ok(())
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&[u8], FileError> {
        if length > 0 {
            self.open()?;
        }
        let start = self.at;
        self.at = start.saturating_add(length);
        self.open.get(start..self.at).ok_or(FileError::Damaged("a value is cut off"))
    }

    pub(super) fn u32(&mut self) -> Result<u32, FileError> {
        let bytes = self.bytes(4)?.first_chunk().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(bytes))
    }

    pub(super) fn u64(&mut self) -> Result<u64, FileError> {
        let bytes = self.bytes(8)?.first_chunk().copied().unwrap_or_default();
        Ok(u64::from_le_bytes(bytes))
    }

    pub(super) fn text(&mut self) -> Result<&str, FileError> {
        let length = self.u32()? as usize;
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes).map_err(|_| FileError::Damaged("a name is no text"))
    }

    pub(super) fn counted(&mut self) -> Result<Vec<u32>, FileError> {
        let n_values = self.u32()? as usize;
        // what a length says is believed as far as there are bytes
        let mut values = Vec::with_capacity(n_values.min(FULL));
        while values.len() < n_values {
            self.open()?;
            let rest = self.open.get(self.at..).unwrap_or_default();
            let here = (rest.len() / 4).min(n_values - values.len());
            super::check(here > 0, "a value is cut off")?;
            let chunks = rest.as_chunks::<4>().0.iter().take(here);
            values.extend(chunks.map(|chunk| u32::from_le_bytes(*chunk)));
            self.at += here * 4;
        }
        Ok(values)
    }

    /// A block of its own, to be kept.
    pub(super) fn block(&mut self) -> Result<Arc<[u8]>, FileError> {
        super::check(self.at == self.open.len(), "a block is too long")?;
        let (length, sum) = self.head()?;
        let mut block: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
        if let Some(place) = Arc::get_mut(&mut block) {
            self.fill(place)?;
        }
        self.verify(&block, sum)?;
        Ok(block)
    }

    /// Sees to it that the end comes here.
    pub(super) fn finish(mut self) -> Result<(), FileError> {
        super::check(self.at == self.open.len(), "a block is too long")?;
        let (length, sum) = self.head()?;
        super::check(length == 0, "something follows its end")?;
        self.verify(&[], sum)?;
        let mut more = [0];
        loop {
            match self.from.read(&mut more) {
                Ok(0) => return Ok(()),
                Ok(_) => return Err(FileError::Damaged("something follows its end")),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
