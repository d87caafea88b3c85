//! SQLite's write-ahead log after a crash. SQLite takes it up to the first frame that is not what was written and
//! drops the rest without a word; here is found whether that rest was acknowledged.
//!
//! Each frame's checksum goes on from that of the frame before. A commit is synced before the next one is written,
//! so a commit frame on which another frame goes on was acknowledged, and is lost when the chain is broken before
//! it. What a crash of the machine tore was never acknowledged, and nothing goes on from it.
//!
//! Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>, read 2026-11-22.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Bytes of the head of the log.
const HEAD: usize = 32;
/// Bytes of the head of a frame.
const FRAME_HEAD: usize = 24;
/// Low bit of the magic number: checksums are of big-endian words.
const MAGIC: u32 = 0x377f_0682;
/// How often a finding is looked at again: another process may be writing what is read.
const LOOKS: usize = 3;

/// Acknowledged commits behind a damaged place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The first frame that is not what was written, from 1; 0: the head.
    pub(crate) frame: u64,
    /// How many commits behind it are known to have been acknowledged.
    pub(crate) n_commits: u64,
}

/// Whether acknowledged commits of the log at `path` would be dropped. `None`: not, or there is no log.
/// `page_size`: bytes of a page when the log's own head does not tell.
pub(crate) fn lost(path: &Path, page_size: usize) -> io::Result<Option<Lost>> {
    let mut before = None;
    for _ in 0..LOOKS {
        let found = look(path, page_size)?;
        match (found, before) {
            (None, _) => return Ok(None),
            (Some(now), Some(before)) if now == before => return Ok(Some(now)),
            (found, _) => before = found,
        }
    }
    Ok(None)
}

fn look(path: &Path, page_size: usize) -> io::Result<Option<Lost>> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::with_capacity(1 << 20, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = [0; HEAD];
    if !fill(&mut file, &mut bytes)? {
        return Ok(None);
    }
    let mut walk = Walk::new(&bytes, page_size);
    let mut frame = vec![0; FRAME_HEAD + walk.page_size];
    while fill(&mut file, &mut frame)? {
        walk.take(&frame);
    }
    let Some(lost) = walk.broken.map(|frame| Lost { frame, n_commits: walk.n_commits }) else {
        return Ok(None);
    };
    // A log that was begun anew meanwhile says nothing, nor does one that its last user took away.
    let mut again = [0; HEAD];
    let is_same = match File::open(path) {
        Ok(mut file) => fill(&mut file, &mut again)? && again == bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    Ok(Some(lost).filter(|it| is_same && it.n_commits > 0))
}

/// Fills `bytes`; false when the file ends before.
fn fill(file: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

type Sum = (u32, u32);

/// A walk along the frames.
struct Walk {
    is_big_endian: bool,
    page_size: usize,
    /// What marks the frames of this log; those of an earlier one may follow. `None`: the head is damaged, the
    /// first frame tells.
    salts: Option<Sum>,
    /// Checksum and kind of the frame before; `None`: it is not of this log.
    last: Option<(Sum, IsCommit)>,
    n_frames: u64,
    broken: Option<u64>,
    n_commits: u64,
}

type IsCommit = bool;

impl Walk {
    fn new(head: &[u8], page_size: usize) -> Self {
        let is_big_endian = word(head, 0) & 1 == 1;
        let own = word(head, 2) as usize;
        let sum = (word(head, 6), word(head, 7));
        let is_whole = word(head, 0) & !1 == MAGIC
            && (512..=65_536).contains(&own)
            && own.is_power_of_two()
            && head.get(..24).is_some_and(|it| added((0, 0), it, is_big_endian) == sum);
        Self {
            is_big_endian,
            page_size: if is_whole { own } else { page_size },
            salts: is_whole.then(|| (word(head, 4), word(head, 5))),
            last: is_whole.then_some((sum, false)),
            n_frames: 0,
            broken: (!is_whole).then_some(0),
            n_commits: 0,
        }
    }

    fn take(&mut self, frame: &[u8]) {
        self.n_frames += 1;
        let Some((head, page)) = frame.split_at_checked(FRAME_HEAD) else { return };
        let salts = (word(head, 2), word(head, 3));
        let is_ours = *self.salts.get_or_insert(salts) == salts;
        let sum = (word(head, 4), word(head, 5));
        let goes_on = is_ours
            && self.last.is_some_and(|(last, _)| {
                let head = head.get(..8).unwrap_or_default();
                added(added(last, head, self.is_big_endian), page, self.is_big_endian) == sum
            });
        if goes_on {
            let was_commit = self.last.is_some_and(|(_, is_commit)| is_commit);
            // The frame before lies behind the damage, or is where it is.
            if was_commit && self.broken.is_some_and(|it| it < self.n_frames) {
                self.n_commits += 1;
            }
        } else if self.broken.is_none() {
            self.broken = Some(self.n_frames);
        }
        self.last = is_ours.then(|| (sum, word(head, 1) != 0));
    }
}

/// The big-endian word `n` of a head.
fn word(bytes: &[u8], n: usize) -> u32 {
    bytes.get(4 * n..).and_then(|it| it.first_chunk()).map_or(0, |it| u32::from_be_bytes(*it))
}

/// The checksum of more bytes, a multiple of eight.
fn added((mut a, mut b): Sum, bytes: &[u8], is_big_endian: bool) -> Sum {
    let (pairs, _) = bytes.as_chunks::<8>();
    for [p, q, r, s, t, u, v, w] in pairs {
        let (x, y) = ([*p, *q, *r, *s], [*t, *u, *v, *w]);
        let (x, y) = if is_big_endian {
            (u32::from_be_bytes(x), u32::from_be_bytes(y))
        } else {
            (u32::from_le_bytes(x), u32::from_le_bytes(y))
        };
        a = a.wrapping_add(x).wrapping_add(b);
        b = b.wrapping_add(y).wrapping_add(a);
    }
    (a, b)
}
