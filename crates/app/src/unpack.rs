//! Undoing of gzip and zstd, bounded: what grows out of all proportion is no export.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

/// Most bytes that one packed file may grow to.
const MAX_BYTES: u64 = 64 << 30;
/// Up to here any file may grow.
const SMALL: u64 = 64 << 20;
/// Beyond it a file grows to at most so many times what was read of it. Exports grow 10 to 60 times; a file that is
/// made to fill memory 1,000 times (gzip) and more (zstd).
const MAX_GROWTH: u64 = 200;

/// Undoes gzip and zstd, told by the first bytes; what is packed in no such way comes as it is.
///
/// # Errors
/// The first bytes cannot be read. Reading on gives [`io::ErrorKind::InvalidData`] where what is packed is damaged, or
/// grows out of proportion.
pub(crate) fn unpacked(raw: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let mut magic = Vec::with_capacity(4);
    raw.by_ref().take(4).read_to_end(&mut magic)?;
    let is_gzip = magic.starts_with(&[0x1f, 0x8b]);
    let is_zstd = magic == [0x28, 0xb5, 0x2f, 0xfd];
    let n_read = Rc::new(Cell::new(0));
    let raw = Counted { inner: io::Cursor::new(magic).chain(raw), n: Rc::clone(&n_read) };
    let unpacking: Box<dyn Read> = if is_gzip {
        Box::new(flate2::read::MultiGzDecoder::new(raw))
    } else if is_zstd {
        Box::new(zstd::stream::read::Decoder::new(raw)?)
    } else {
        return Ok(Box::new(raw));
    };
    Ok(Box::new(Proportionate { inner: unpacking.take(MAX_BYTES), n_read, n_given: 0 }))
}

/// Counts what is read of it.
struct Counted<R> {
    inner: R,
    n: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.n.set(self.n.get() + n as u64);
        Ok(n)
    }
}

/// Ends with an error when more comes out than what went in can hold.
struct Proportionate<R> {
    inner: R,
    n_read: Rc<Cell<u64>>,
    n_given: u64,
}

impl<R: Read> Read for Proportionate<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.n_given += n as u64;
        let most = SMALL.max(self.n_read.get().saturating_mul(MAX_GROWTH));
        if self.n_given > most {
            let message =
                format!("it grows to more than {MAX_GROWTH} times its size: no export does");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(parts: &[&[u8]]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for part in parts {
            encoder.write_all(part).unwrap();
        }
        encoder.finish().unwrap()
    }

    /// How much comes out, and whether an error ended it.
    fn read(packed: Vec<u8>) -> (u64, Option<String>) {
        let mut reader = unpacked(Box::new(io::Cursor::new(packed))).unwrap();
        let (mut n_bytes, mut piece) = (0, vec![0; 1 << 16]);
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return (n_bytes, None),
                Ok(n) => n_bytes += n as u64,
                Err(error) => return (n_bytes, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn what_is_packed_comes_out_whole() {
        assert_eq!(read(b"{}".to_vec()), (2, None));
        assert_eq!(read(gzip(&[b"{}"])), (2, None));
        assert_eq!(read(zstd::encode_all(&b"{}"[..], 1).unwrap()), (2, None));
        // small things may be as empty as they like
        assert_eq!(read(gzip(&[&vec![b' '; 8 << 20]])), (8 << 20, None));
    }

    #[test]
    fn a_bomb_ends_at_its_limit() {
        let blank = vec![b' '; 1 << 20];
        let (n_bytes, error) = read(gzip(&[blank.as_slice(); 256]));
        assert!(error.unwrap().contains("200 times"));
        assert!((SMALL - (1 << 16)..=SMALL + (1 << 16)).contains(&n_bytes), "{n_bytes}");
        let (n_bytes, error) = read(zstd::encode_all(io::repeat(b' ').take(1 << 28), 1).unwrap());
        assert!(error.is_some() && n_bytes <= SMALL + (1 << 17), "{n_bytes}");
    }
}
