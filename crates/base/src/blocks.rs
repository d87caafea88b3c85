//! Blocks of bytes with checksums, for files that can be made again: `length, checksum, content`,
//! numbers little-endian.
//!
//! Small values are gathered in blocks of about a mebibyte; none lies across two blocks. The last
//! block is empty. Several rows of blocks may stand in a file one after the other, each with a head.
//!
//! INVARIANT: nothing is given out before its checksum was found right; what a length says is
//! believed only as far as bytes follow, or up to one block.

use std::io::{Read, Write};
use std::sync::Arc;

/// Why blocks could not be read or written.
#[derive(Debug)]
pub enum BlockError {
    /// The bytes could not be read or written.
    Io(std::io::Error),
    /// It is something else.
    Foreign,
    /// It is of another version of its format.
    Version(u32),
    /// It is damaged; says how.
    Damaged(&'static str),
}

impl std::fmt::Display for BlockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "it cannot be read or written: {error}"),
            Self::Foreign => f.write_str("it is something else"),
            Self::Version(version) => write!(f, "it has format {version}"),
            Self::Damaged(how) => write!(f, "it is damaged: {how}"),
        }
    }
}

impl std::error::Error for BlockError {}

impl From<std::io::Error> for BlockError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// What stands before the first block: eight bytes that name the sort, and the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The sort.
    pub magic: [u8; 8],
    /// The version of the format; another one is refused.
    pub version: u32,
}

/// Refuses what is not as it must be.
///
/// # Errors
/// It is not so.
pub fn check(is_so: bool, otherwise: &'static str) -> Result<(), BlockError> {
    if is_so { Ok(()) } else { Err(BlockError::Damaged(otherwise)) }
}

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

/// Writes blocks.
pub struct Writer<'w> {
    to: &'w mut dyn Write,
    n_blocks: u64,
    open: Vec<u8>,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} blocks)", self.n_blocks)
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({} blocks)", self.n_blocks)
    }
}

/// # Errors
/// Of all functions: the bytes cannot be written, or a block is larger than 64 MiB.
impl<'w> Writer<'w> {
    /// Writes the head.
    pub fn new(head: Head, to: &'w mut dyn Write) -> Result<Self, BlockError> {
        to.write_all(&head.magic)?;
        to.write_all(&head.version.to_le_bytes())?;
        Ok(Self { to, n_blocks: 0, open: Vec::with_capacity(FULL) })
    }

    fn put(&mut self, content: &[u8]) -> Result<(), BlockError> {
        if content.len() > MAX_BLOCK {
            return Err(std::io::Error::other("a block is too large").into());
        }
        self.to.write_all(&(content.len() as u32).to_le_bytes())?;
        self.to.write_all(&checksum(self.n_blocks, content).to_le_bytes())?;
        self.to.write_all(content)?;
        self.n_blocks += 1;
        Ok(())
    }

    /// Closes the block at hand, if there is anything in it.
    pub fn end_block(&mut self) -> Result<(), BlockError> {
        if self.open.is_empty() {
            return Ok(());
        }
        let open = std::mem::take(&mut self.open);
        self.put(&open)?;
        self.open = open;
        self.open.clear();
        Ok(())
    }

    /// Bytes that lie together in one block; whoever reads them knows how many there are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), BlockError> {
        if self.open.len() + bytes.len() > FULL {
            self.end_block()?;
        }
        self.open.extend_from_slice(bytes);
        Ok(())
    }

    /// A number.
    pub fn u32(&mut self, value: u32) -> Result<(), BlockError> {
        self.bytes(&value.to_le_bytes())
    }

    /// A number.
    pub fn u64(&mut self, value: u64) -> Result<(), BlockError> {
        self.bytes(&value.to_le_bytes())
    }

    /// A text and its length, together in one block.
    pub fn text(&mut self, text: &str) -> Result<(), BlockError> {
        let mut both = (text.len() as u32).to_le_bytes().to_vec();
        both.extend_from_slice(text.as_bytes());
        self.bytes(&both)
    }

    /// Numbers, and how many there are.
    pub fn counted(&mut self, values: &[u32]) -> Result<(), BlockError> {
        self.u32(values.len() as u32)?;
        values.iter().try_for_each(|value| self.u32(*value))
    }

    /// A block of its own.
    pub fn block(&mut self, content: &[u8]) -> Result<(), BlockError> {
        if content.is_empty() {
            return Ok(()); // an empty block is the end of all
        }
        self.end_block()?;
        self.put(content)
    }

    /// Writes the end.
    pub fn finish(mut self) -> Result<(), BlockError> {
        self.end_block()?;
        self.put(&[])?;
        Ok(self.to.flush()?)
    }
}

/// Reads blocks.
pub struct Reader<'r> {
    from: &'r mut dyn Read,
    n_blocks: u64,
    open: Vec<u8>,
    at: usize,
}

/// # Errors
/// Of all functions: the bytes cannot be read, or they are not what was written.
impl<'r> Reader<'r> {
    /// Reads the head, which must be this one.
    pub fn new(head: Head, from: &'r mut dyn Read) -> Result<Self, BlockError> {
        let Head { magic, version: expected } = head;
        let mut head = [0; 12];
        match from.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(BlockError::Foreign);
            }
            Err(error) => return Err(error.into()),
        }
        let version = head.strip_prefix(&magic).ok_or(BlockError::Foreign)?;
        let version = u32::from_le_bytes(version.try_into().map_err(|_| BlockError::Foreign)?);
        if version != expected {
            return Err(BlockError::Version(version));
        }
        Ok(Self { from, n_blocks: 0, open: Vec::new(), at: 0 })
    }

    fn fill(&mut self, place: &mut [u8]) -> Result<(), BlockError> {
        self.from.read_exact(place).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => BlockError::Damaged("it ends too early"),
            _ => error.into(),
        })
    }

    /// The length and the checksum of the next block.
    fn head(&mut self) -> Result<(usize, u32), BlockError> {
        let (mut length, mut sum) = ([0; 4], [0; 4]);
        self.fill(&mut length)?;
        self.fill(&mut sum)?;
        let length = u32::from_le_bytes(length) as usize;
        check(length <= MAX_BLOCK, "a block is too large")?;
        Ok((length, u32::from_le_bytes(sum)))
    }

    fn verify(&mut self, content: &[u8], sum: u32) -> Result<(), BlockError> {
        check(checksum(self.n_blocks, content) == sum, "a checksum does not fit")?;
        self.n_blocks += 1;
        Ok(())
    }

    /// Opens the next block when the one at hand is used up.
    fn open(&mut self) -> Result<(), BlockError> {
        if self.at < self.open.len() {
            return Ok(());
        }
        let (length, sum) = self.head()?;
        check(length > 0, "it ends too early")?;
        let mut open = std::mem::take(&mut self.open);
        open.clear();
        open.resize(length, 0);
        self.fill(&mut open)?;
        self.verify(&open, sum)?;
        (self.open, self.at) = (open, 0);
        Ok(())
    }

    /// So many bytes that were written together.
    pub fn bytes(&mut self, length: usize) -> Result<&[u8], BlockError> {
        if length > 0 {
            self.open()?;
        }
        let start = self.at;
        self.at = start.saturating_add(length);
        self.open.get(start..self.at).ok_or(BlockError::Damaged("a value is cut off"))
    }

    /// A number.
    pub fn u32(&mut self) -> Result<u32, BlockError> {
        let bytes = self.bytes(4)?.first_chunk().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(bytes))
    }

    /// A number.
    pub fn u64(&mut self) -> Result<u64, BlockError> {
        let bytes = self.bytes(8)?.first_chunk().copied().unwrap_or_default();
        Ok(u64::from_le_bytes(bytes))
    }

    /// A text.
    pub fn text(&mut self) -> Result<&str, BlockError> {
        let length = self.u32()? as usize;
        let bytes = self.bytes(length)?;
        std::str::from_utf8(bytes).map_err(|_| BlockError::Damaged("a name is no text"))
    }

    /// Numbers, as many as there are.
    pub fn counted(&mut self) -> Result<Vec<u32>, BlockError> {
        let n_values = self.u32()? as usize;
        // what a length says is believed as far as there are bytes
        let mut values = Vec::with_capacity(n_values.min(FULL));
        while values.len() < n_values {
            self.open()?;
            let rest = self.open.get(self.at..).unwrap_or_default();
            let here = (rest.len() / 4).min(n_values - values.len());
            check(here > 0, "a value is cut off")?;
            let chunks = rest.as_chunks::<4>().0.iter().take(here);
            values.extend(chunks.map(|chunk| u32::from_le_bytes(*chunk)));
            self.at += here * 4;
        }
        Ok(values)
    }

    /// A block of its own, to be kept.
    pub fn block(&mut self) -> Result<Arc<[u8]>, BlockError> {
        check(self.at == self.open.len(), "a block is too long")?;
        let (length, sum) = self.head()?;
        let mut block: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
        if let Some(place) = Arc::get_mut(&mut block) {
            self.fill(place)?;
        }
        self.verify(&block, sum)?;
        Ok(block)
    }

    /// Sees to it that the end comes here. Something else may follow.
    pub fn finish(mut self) -> Result<(), BlockError> {
        check(self.at == self.open.len(), "a block is too long")?;
        let (length, sum) = self.head()?;
        check(length == 0, "something follows its end")?;
        self.verify(&[], sum)
    }
}

/// Sees to it that nothing follows any more.
///
/// # Errors
/// Something does, or it cannot be read.
pub fn at_end(from: &mut dyn Read) -> Result<(), BlockError> {
    let mut more = [0];
    loop {
        match from.read(&mut more) {
            Ok(0) => return Ok(()),
            Ok(_) => return Err(BlockError::Damaged("something follows its end")),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
