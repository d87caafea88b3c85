//! Documents: addressed by the hash of their bytes, compressed, one for equal ones of a tenant.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::Timestamp;
use model::Doc;
use sha2::{Digest as _, Sha256};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::access::Access;
use crate::bulk;
use crate::db::{Result, Tx, args};
use crate::error::StoreError;

/// Number of a stored document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentNo(pub(crate) i64);

/// Level of compression: above this, time grows and size hardly falls.
const LEVEL: i32 = 3;
/// A stored document that says it is larger is damaged.
const MOST_BYTES: usize = 256 << 20;
/// First byte of a packed document: kept as it is (no longer written), or compressed, with a checksum.
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// From this many documents in one batch on, the tenant's dictionary is trained with them.
pub(crate) const TRAIN_FROM: usize = 1000;
const DICTIONARY_BYTES: usize = 64 << 10;
/// How much of a batch it is trained with.
const TRAIN_BYTES: usize = 8 << 20;

/// Microseconds for which a note that a document was staged is fresh enough; far less than the grace
/// that retention gives.
const RENOTED: i64 = 3600 * 1_000_000;

pub(crate) type Hash = [u8; 32];

/// The dictionaries of a tenant, by number from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionaries {
    all: BTreeMap<i64, Arc<Dictionary>>,
}

struct Dictionary {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dictionary")
    }
}

impl Dictionaries {
    pub(crate) fn last(&self) -> i64 {
        self.all.keys().next_back().copied().unwrap_or(0)
    }

    /// Learns those that this process does not know yet.
    pub(crate) async fn pull(&mut self, tx: &mut Tx, access: &Access) -> Result<()> {
        let sql = "SELECT no, content FROM dictionary WHERE tenant = $1 AND no > $2";
        for row in tx.rows(sql, args![access.row(), self.last()]).await? {
            self.add(row.int(0)?, &row.bytes(1)?);
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, no: i64, content: &[u8]) {
        let dictionary = Dictionary {
            encoder: EncoderDictionary::copy(content, LEVEL),
            decoder: DecoderDictionary::copy(content),
        };
        self.all.insert(no, Arc::new(dictionary));
    }
}

/// Trains a dictionary, where there is enough to learn from.
pub(crate) fn train(docs: &[Arc<[u8]>]) -> Option<Vec<u8>> {
    if docs.len() < TRAIN_FROM {
        return None;
    }
    // Evenly over the batch, which may be sorted by kind.
    let bytes: usize = docs.iter().map(|it| it.len()).sum();
    let step = bytes / TRAIN_BYTES + 1;
    let samples: Vec<&[u8]> = docs.iter().step_by(step).map(|it| &**it).collect();
    zstd::dict::from_samples(&samples, DICTIONARY_BYTES).ok()
}

/// A document ready to be stored.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) hash: Hash,
    pub(crate) dictionary: i64,
    pub(crate) content: Vec<u8>,
}

pub(crate) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Packs documents with one compressor.
pub(crate) fn pack_all<'a>(
    docs: impl Iterator<Item = (Hash, &'a [u8])>,
    dictionaries: &Dictionaries,
) -> Result<Vec<Packed>> {
    let dictionary = dictionaries.last();
    let mut compressor = match dictionaries.all.get(&dictionary) {
        Some(it) => zstd::bulk::Compressor::with_prepared_dictionary(&it.encoder),
        None => zstd::bulk::Compressor::new(LEVEL),
    }
    .map_err(|error| StoreError::File("the compressor does not start".to_owned(), error))?;
    // A page in the middle of a document may be lost without the database noticing.
    compressor
        .include_checksum(true)
        .map_err(|error| StoreError::File("the compressor has no checksums".to_owned(), error))?;
    let mut all = Vec::new();
    for (hash, bytes) in docs {
        let small = compressor
            .compress(bytes)
            .map_err(|error| StoreError::File("a document cannot be compressed".into(), error))?;
        let mut packed = Vec::with_capacity(small.len() + 5);
        packed.push(ZSTD);
        packed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        packed.extend_from_slice(&small);
        all.push(Packed { hash, dictionary, content: packed });
    }
    Ok(all)
}

/// The documents in rows: (dictionary, packed). They are walked, so that a damaged one is an error here
/// and not a wrong verdict later, and lie in one block.
pub(crate) fn unpack_all(
    dictionaries: &Dictionaries,
    n_keys: usize,
    rows: &[(i64, &[u8])],
) -> Result<Vec<Doc>> {
    let damaged = |what: &str| StoreError::Corrupt(format!("a document {what}"));
    let mut sizes = Vec::with_capacity(rows.len());
    for (_, packed) in rows {
        let size = packed.get(1..5).and_then(<[u8]>::first_chunk::<4>);
        let size = u32::from_le_bytes(*size.ok_or_else(|| damaged("is cut off"))?);
        if size as usize > MOST_BYTES {
            return Err(damaged("says that it is larger than any"));
        }
        sizes.push(size);
    }
    let whole = sizes.iter().map(|it| *it as usize).sum();
    let mut block: Vec<u8> = Vec::with_capacity(whole);
    let mut open: BTreeMap<i64, zstd::bulk::Decompressor<'_>> = BTreeMap::new();
    let mut buffer: Vec<u8> = Vec::new();
    for ((dictionary, packed), size) in rows.iter().zip(&sizes) {
        let size = *size as usize;
        let content = packed.get(5..).unwrap_or_default();
        match packed.first() {
            Some(&PLAIN) if content.len() == size => block.extend_from_slice(content),
            Some(&ZSTD) => {
                let decompressor = decompressor(dictionaries, &mut open, *dictionary)?;
                buffer.resize(size, 0);
                let length = decompressor
                    .decompress_to_buffer(content, buffer.as_mut_slice())
                    .map_err(|_| damaged("cannot be decompressed"))?;
                if length != size {
                    return Err(damaged("has another length than it says"));
                }
                block.extend_from_slice(&buffer);
            }
            _ => return Err(damaged("is packed in an unknown way")),
        }
    }
    Doc::checked_in(&block.into(), &sizes, n_keys)
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn decompressor<'a, 'b>(
    dictionaries: &'a Dictionaries,
    open: &'b mut BTreeMap<i64, zstd::bulk::Decompressor<'a>>,
    no: i64,
) -> Result<&'b mut zstd::bulk::Decompressor<'a>> {
    use std::collections::btree_map::Entry;
    match open.entry(no) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let made = match dictionaries.all.get(&no) {
                Some(it) => zstd::bulk::Decompressor::with_prepared_dictionary(&it.decoder),
                None if no == 0 => zstd::bulk::Decompressor::new(),
                None => return Err(StoreError::Corrupt(format!("dictionary {no} is missing"))),
            };
            let made = made.map_err(|error| {
                StoreError::File("the decompressor does not start".to_owned(), error)
            })?;
            Ok(entry.insert(made))
        }
    }
}

/// Takes `count` numbers of a tenant's counter; the first.
pub(crate) async fn take_numbers(
    tx: &mut Tx,
    access: &Access,
    counter: &str,
    count: usize,
) -> Result<i64> {
    let sql = "INSERT INTO counter (tenant, name, next) VALUES ($1, $2, $3) \
               ON CONFLICT (tenant, name) DO UPDATE SET next = counter.next + excluded.next \
               RETURNING next";
    let row = tx.row(sql, args![access.row(), counter, count]).await?;
    let next = row.map_or(Ok(0), |row| row.int(0))?;
    Ok(access.base() + next - (count as u64).cast_signed() + 1)
}

/// The numbers of the documents with these hashes that are stored already; they are noted as staged
/// at `now`, so that they stay until a commit refers to them.
pub(crate) async fn find(
    tx: &mut Tx,
    access: &Access,
    hashes: &[Hash],
    now: Timestamp,
) -> Result<HashMap<Hash, i64>> {
    let sql = "SELECT no, hash, staged_at FROM document WHERE tenant = $1 AND hash IN {}";
    let mut found = HashMap::new();
    let mut stale = Vec::new();
    for row in bulk::rows_in(tx, sql, args![access.row()], hashes).await? {
        let hash: Hash = row
            .bytes(1)?
            .try_into()
            .map_err(|_| StoreError::Corrupt("a hash has another length".to_owned()))?;
        if row.int(2)? < now.as_microsecond() - RENOTED {
            stale.push(row.int(0)?);
        }
        found.insert(hash, row.int(0)?);
    }
    let sql = "UPDATE document SET staged_at = $1 WHERE no IN {}";
    bulk::run_in(tx, sql, args![now.as_microsecond()], &stale).await?;
    Ok(found)
}

/// Stores documents that are not there; the numbers of all of them.
pub(crate) async fn store(
    tx: &mut Tx,
    access: &Access,
    docs: Vec<Packed>,
    now: Timestamp,
    found: &mut HashMap<Hash, i64>,
) -> Result<()> {
    if docs.is_empty() {
        return Ok(());
    }
    let first = take_numbers(tx, access, "document", docs.len()).await?;
    let into = "document (no, tenant, hash, dictionary, packed, staged_at)";
    let rows = docs.into_iter().zip(first..).map(|(doc, no)| {
        found.insert(doc.hash, no);
        args![
            no,
            access.row(),
            doc.hash.as_slice(),
            doc.dictionary,
            doc.content,
            now.as_microsecond()
        ]
    });
    bulk::insert(tx, into, 6, "", rows).await?;
    Ok(())
}
