//! What is packed into one column: the heads of resources.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Tags, Verdict};
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;
use crate::names::Word;

/// First byte of each packed value, to tell a later layout.
const LAYOUT: u8 = 1;
/// The same in front of a checksum and the value itself.
const CHECKED: u8 = 2;
/// From this length on a value may lie on several pages, of which one may be lost without the database
/// noticing.
const LONG: usize = 1000;

/// The first eight bytes of a SHA-256: enough against chance, not against an attacker.
fn checksum(bytes: &[u8]) -> [u8; 8] {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    whole.first_chunk().copied().unwrap_or_default()
}

pub(crate) fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_varint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Reads packed values; every read is checked.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(crate) fn varint(&mut self) -> Result<u64, StoreError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    pub(crate) fn small(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.varint()?).map_err(|_| damaged())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], StoreError> {
        let length = usize::try_from(self.varint()?).map_err(|_| damaged())?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, StoreError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged())
    }
}

fn damaged() -> StoreError {
    StoreError::Corrupt("a packed column cannot be read".to_owned())
}

/// What a version holds beside numbers and document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(crate) also: Vec<(Word, String)>,
    pub(crate) affects: Vec<(Word, String)>,
    pub(crate) as_of: Option<Timestamp>,
}

impl Head {
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut out = vec![LAYOUT];
        write_text(&self.name, &mut out);
        write_varint(self.tags.iter().count() as u64, &mut out);
        for (key, value) in self.tags.iter() {
            write_text(key, &mut out);
            write_text(value, &mut out);
        }
        for pairs in [&self.also, &self.affects] {
            write_varint(pairs.len() as u64, &mut out);
            for (word, value) in pairs {
                write_varint(u64::from(word.0), &mut out);
                write_text(value, &mut out);
            }
        }
        if let Some(as_of) = self.as_of {
            out.extend_from_slice(&as_of.as_nanosecond().to_le_bytes());
        }
        if out.len() < LONG {
            return out;
        }
        let mut checked = vec![CHECKED];
        checked.extend_from_slice(&checksum(&out));
        checked.extend_from_slice(&out);
        checked
    }

    pub(crate) fn unpack(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut reader = Reader(bytes);
        let mut layout = reader.byte()?;
        if layout == CHECKED {
            let (sum, own) = reader.0.split_first_chunk::<8>().ok_or_else(damaged)?;
            if *sum != checksum(own) {
                return Err(damaged());
            }
            reader.0 = own;
            layout = reader.byte()?;
        }
        if layout != LAYOUT {
            return Err(damaged());
        }
        let name = reader.text()?.to_owned();
        let n_tags = reader.varint()?;
        let mut tags = Vec::new();
        for _ in 0..n_tags {
            tags.push((reader.text()?, reader.text()?));
        }
        let mut pairs = || -> Result<Vec<(Word, String)>, StoreError> {
            let n_pairs = reader.varint()?;
            let mut pairs = Vec::new();
            for _ in 0..n_pairs {
                pairs.push((Word(reader.small()?), reader.text()?.to_owned()));
            }
            Ok(pairs)
        };
        let also = pairs()?;
        let affects = pairs()?;
        let as_of = if reader.0.is_empty() {
            None
        } else {
            let nanos = reader.0.try_into().map_err(|_| damaged())?;
            let as_of = Timestamp::from_nanosecond(i128::from_le_bytes(nanos));
            Some(as_of.map_err(|_| damaged())?)
        };
        Ok(Self { name, tags: tags.into_iter().collect(), also, affects, as_of })
    }
}

/// An unhealthy or unknown assessment of a resource, and since when it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The check.
    pub check: Word,
    /// [`Verdict::Unhealthy`] or [`Verdict::Unknown`].
    pub verdict: Verdict,
    /// Why, where the verdict is unknown; else [`Word::NONE`].
    pub why: Word,
    /// The commit that made it so; 0 stands for the commit that this is part of.
    pub since: u64,
    /// The commit in which the check was first seen unhealthy or unknown on this resource; 0 as above.
    pub first_seen: u64,
    /// How often it came back after it was mended.
    pub reopened: u32,
}

/// The number of a verdict in rows.
pub(crate) fn verdict_number(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Healthy => 0,
        Verdict::Unhealthy => 1,
        Verdict::NotApplicable => 2,
        Verdict::Unknown => 3,
    }
}

/// The verdict with this number.
pub(crate) fn verdict(number: i64) -> Result<Verdict, StoreError> {
    match number {
        0 => Ok(Verdict::Healthy),
        1 => Ok(Verdict::Unhealthy),
        2 => Ok(Verdict::NotApplicable),
        3 => Ok(Verdict::Unknown),
        _ => Err(damaged()),
    }
}

/// The text of a word that was read from a row.
pub(crate) fn text_of(words: &[Arc<str>], word: Word) -> Result<Arc<str>, StoreError> {
    words.get(word.0 as usize).cloned().ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::Head;
    use crate::names::Word;
    use jiff::Timestamp;

    #[test]
    fn a_head_comes_back() {
        let head = Head {
            name: "näme\0".to_owned(),
            tags: [("a", "1"), ("b", "")].into_iter().collect(),
            also: vec![(Word(3), "arn".to_owned())],
            affects: vec![(Word(400), "x".to_owned()), (Word(0), String::new())],
            as_of: Some(Timestamp::MIN),
        };
        let packed = head.pack();
        assert_eq!(Head::unpack(&packed).unwrap(), head);
        let without = packed.len() - 16;
        for end in (0..packed.len()).filter(|it| *it != without) {
            assert!(Head::unpack(&packed[..end]).is_err());
        }
        let older = Head { as_of: None, ..head };
        assert_eq!(Head::unpack(&packed[..without]).unwrap(), older);
        let tags = [("a", "x".repeat(3000))].iter().map(|(key, value)| (*key, &**value)).collect();
        let long = Head { tags, ..older };
        let mut packed = long.pack();
        assert_eq!(Head::unpack(&packed).unwrap(), long);
        packed[1500] = 0;
        assert!(Head::unpack(&packed).is_err(), "a byte of the text is another one");
    }
}
