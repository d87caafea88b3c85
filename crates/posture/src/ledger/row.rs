//! The assessments of one resource as one packed row: what the ledger keeps in memory and what a
//! store keeps on disk are the same bytes.
//!
//! Layout: version, the sequence that most assessments began at, their number, then for each by
//! ascending number of its check: the distance to the number before, a byte of verdict and flags,
//! and what the flags announce. A resource with ten healthy assessments takes about 25 bytes.
//!
//! INVARIANT: `Row::pack` and `Row::assessments` are inverse; bytes from outside are checked by
//! `Row::from_bytes`.

use jiff::Timestamp;
use model::{GapId, Verdict};

use crate::verdicts::Why;

/// A check by its number in the [`Catalogue`](crate::Catalogue) of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckNumber(pub u32);

impl CheckNumber {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is remembered of one assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// The check.
    pub check: CheckNumber,
    /// Its verdict. An exemption does not change it.
    pub verdict: Verdict,
    /// Why it is unknown; only then.
    pub why: Option<Why>,
    /// The sequence of the commit since which it has this verdict.
    pub since: u64,
    /// The sequence of the commit at which it was first judged.
    pub first_seen: u64,
    /// How often it became unhealthy, the first time included.
    pub opened: u32,
    /// Whether it was unhealthy when it was last decided; unknown decides nothing.
    pub is_open: bool,
    /// The instant at which time alone changes the verdict, when one is known.
    pub flips_at: Option<Timestamp>,
}

impl Assessment {
    /// How often it became unhealthy again after it had been mended.
    pub fn reopened(&self) -> u32 {
        self.opened.saturating_sub(1)
    }

    /// Whether it says the same, whenever it came to say so.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.verdict == other.verdict && self.why == other.why
    }

    /// What becomes of `before` when the check now says `verdict`, as of the commit `sequence`.
    pub(crate) fn next(
        before: Option<&Self>,
        check: CheckNumber,
        (verdict, why): (Verdict, Option<Why>),
        flips_at: Option<Timestamp>,
        sequence: u64,
    ) -> Self {
        let was_open = before.is_some_and(|it| it.is_open);
        let is_open = match verdict {
            Verdict::Unhealthy => true,
            Verdict::Unknown => was_open,
            Verdict::Healthy | Verdict::NotApplicable => false,
        };
        let opens = u32::from(verdict == Verdict::Unhealthy && !was_open);
        Self {
            check,
            verdict,
            why,
            since: before.filter(|it| it.verdict == verdict).map_or(sequence, |it| it.since),
            first_seen: before.map_or(sequence, |it| it.first_seen),
            opened: before.map_or(0, |it| it.opened).saturating_add(opens),
            is_open,
            flips_at,
        }
    }
}

const VERSION: u8 = 1;

const VERDICT: u8 = 0b0000_0011;
const WHY_GAP: u8 = 0b0000_0100;
const WHY_UNDECIDED: u8 = 0b0000_1000;
const WHY_FAILED: u8 = 0b0000_1100;
const WHY: u8 = 0b0000_1100;
const HAS_SINCE: u8 = 0b0001_0000;
const HAS_FIRST: u8 = 0b0010_0000;
const HAS_OPENED: u8 = 0b0100_0000;
const HAS_FLIP: u8 = 0b1000_0000;

/// The assessments of one resource, packed.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    bytes: Box<[u8]>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.assessments()).finish()
    }
}

/// Bytes that are no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Written by a version that this one does not know.
    #[error("a row of assessments has version {0}, which this version of Merlon does not know")]
    Version(u8),
    /// Cut off or changed.
    #[error("a row of assessments is damaged")]
    Damaged,
}

impl Row {
    /// Packs assessments, which must be in the order of their checks; `buffer` is scratch space.
    pub(crate) fn pack(assessments: &[Assessment], buffer: &mut Vec<u8>) -> Self {
        buffer.clear();
        buffer.push(VERSION);
        let base = assessments.first().map_or(0, |it| it.first_seen);
        put(base, buffer);
        put(assessments.len() as u64, buffer);
        let mut last = 0;
        for it in assessments {
            put(u64::from(it.check.0.wrapping_sub(last)), buffer);
            last = it.check.0;
            put_state(it, base, buffer);
        }
        Self { bytes: buffer.as_slice().into() }
    }

    /// A row from bytes that were stored.
    ///
    /// # Errors
    /// The bytes are no row, or of a version to come.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RowError> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(version) => return Err(RowError::Version(*version)),
            None => return Err(RowError::Damaged),
        }
        let mut reader = Reader::new(bytes).ok_or(RowError::Damaged)?;
        let mut last = None;
        while reader.left > 0 {
            let it = reader.read().ok_or(RowError::Damaged)?;
            if last.is_some_and(|last| last >= it.check) {
                return Err(RowError::Damaged);
            }
            last = Some(it.check);
        }
        if !reader.bytes.is_empty() {
            return Err(RowError::Damaged);
        }
        Ok(Self { bytes: bytes.into() })
    }

    /// The bytes to store.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The assessments, by the number of the check.
    pub fn assessments(&self) -> impl Iterator<Item = Assessment> + '_ {
        let mut reader = Reader::new(&self.bytes);
        std::iter::from_fn(move || reader.as_mut().and_then(Reader::read))
    }

    /// The assessment of one check.
    pub fn find(&self, check: CheckNumber) -> Option<Assessment> {
        self.assessments().find(|it| it.check == check)
    }
}

fn put_state(it: &Assessment, base: u64, out: &mut Vec<u8>) {
    let mut state = match it.verdict {
        Verdict::Healthy => 0,
        Verdict::Unhealthy => 1,
        Verdict::NotApplicable => 2,
        Verdict::Unknown => 3,
    };
    state |= match it.why {
        None | Some(Why::Gap(GapId::NOT_COLLECTED)) => 0,
        Some(Why::Gap(_)) => WHY_GAP,
        Some(Why::Undecided) => WHY_UNDECIDED,
        Some(Why::Failed) => WHY_FAILED,
    };
    let is_plain = it.is_open == (it.verdict == Verdict::Unhealthy)
        && it.opened == u32::from(it.verdict == Verdict::Unhealthy);
    state |= if it.since == base { 0 } else { HAS_SINCE };
    state |= if it.first_seen == base { 0 } else { HAS_FIRST };
    state |= if is_plain { 0 } else { HAS_OPENED };
    state |= if it.flips_at.is_some() { HAS_FLIP } else { 0 };
    out.push(state);
    if let (Some(Why::Gap(gap)), WHY_GAP) = (it.why, state & WHY) {
        put(u64::from(gap.0), out);
    }
    if it.since != base {
        put(it.since, out);
    }
    if it.first_seen != base {
        put(it.first_seen, out);
    }
    if !is_plain {
        put(u64::from(it.opened) << 1 | u64::from(it.is_open), out);
    }
    if let Some(at) = it.flips_at {
        put_instant(at, out);
    }
}

fn put_instant(at: Timestamp, out: &mut Vec<u8>) {
    const BILLION: i128 = 1_000_000_000;
    let nanos = at.as_nanosecond();
    let seconds = nanos.div_euclid(BILLION) as i64;
    put((seconds << 1 ^ seconds >> 63).cast_unsigned(), out);
    put(nanos.rem_euclid(BILLION) as u64, out);
}

/// Writes seven bits a byte, the lowest first.
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

struct Reader<'b> {
    bytes: &'b [u8],
    base: u64,
    left: u64,
    last: u32,
}

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first()?;
        let mut reader = Self { bytes, base: 0, left: 0, last: 0 };
        if *version != VERSION {
            return None;
        }
        reader.base = reader.number()?;
        reader.left = reader.number()?;
        Some(reader)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift > 63 || (shift == 63 && bits > 1) {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    fn instant(&mut self) -> Option<Timestamp> {
        let seconds = self.number()?;
        let seconds = (seconds >> 1).cast_signed() ^ -(seconds & 1).cast_signed();
        let nanos = i32::try_from(self.number()?).ok()?;
        let start = Timestamp::from_second(seconds).ok()?;
        start.checked_add(jiff::SignedDuration::from_nanos(i64::from(nanos))).ok()
    }

    /// The next assessment; `None` at the end and where the bytes make no sense.
    fn read(&mut self) -> Option<Assessment> {
        self.left = self.left.checked_sub(1)?;
        let check = self.last.checked_add(self.small()?)?;
        self.last = check;
        let state = self.byte()?;
        let verdict = match state & VERDICT {
            0 => Verdict::Healthy,
            1 => Verdict::Unhealthy,
            2 => Verdict::NotApplicable,
            _ => Verdict::Unknown,
        };
        let why = match state & WHY {
            WHY_GAP => Some(Why::Gap(GapId(self.small()?))),
            WHY_UNDECIDED => Some(Why::Undecided),
            WHY_FAILED => Some(Why::Failed),
            _ => Some(Why::Gap(GapId::NOT_COLLECTED)),
        };
        let since = if state & HAS_SINCE == 0 { self.base } else { self.number()? };
        let first_seen = if state & HAS_FIRST == 0 { self.base } else { self.number()? };
        let is_unhealthy = verdict == Verdict::Unhealthy;
        let (opened, is_open) = if state & HAS_OPENED == 0 {
            (u32::from(is_unhealthy), is_unhealthy)
        } else {
            let both = self.number()?;
            (u32::try_from(both >> 1).ok()?, both & 1 == 1)
        };
        let flips_at = if state & HAS_FLIP == 0 { None } else { Some(self.instant()?) };
        Some(Assessment {
            check: CheckNumber(check),
            verdict,
            why: why.filter(|_| verdict == Verdict::Unknown),
            since,
            first_seen,
            opened,
            is_open,
            flips_at,
        })
    }
}
