//! Staging: documents of a big import are stored in batches before its commit.
//!
//! Nothing refers to them yet, so a reader sees nothing of it; an import that was killed finds what it had
//! staged when it runs again.

use std::sync::{Arc, PoisonError};

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use model::Doc;

use crate::Store;
use crate::access::Access;
use crate::db::{Result, Tx, args};
use crate::document::{self, Dictionaries, DocumentNo, Hash, Packed};
use crate::error::StoreError;
use crate::lease::{self, Lease};
use crate::store::Tenant;

/// From this many documents on, packing is left to other threads.
const MANY: usize = 64;
/// Documents that one thread packs at a time.
const SHARE: usize = 1024;

impl Store {
    /// Stores documents for a commit to come, those that are not there already. Call it with a few
    /// thousand at a time; calling it twice changes nothing. Needs the lease [`crate::WRITER`].
    ///
    /// The numbers hold until the documents are older than the grace period of retention.
    pub async fn stage(
        &self,
        access: &Access,
        lease: &Lease,
        now: Timestamp,
        docs: &[&Doc],
    ) -> Result<Vec<DocumentNo>> {
        let tenant = self.tenant(access);
        let hashed = hash_all(docs).await?;
        let mut tx = self.write(access).await?;
        lease::hold(&mut tx, access, lease, now).await?;
        tenant.names.pull(&mut tx, access).await?;
        let (numbers, trained) = put_all(&mut tx, access, &tenant, hashed, now).await?;
        let synced = tenant.names.push(&mut tx, access).await?;
        tx.commit().await?;
        tenant.names.mark(synced);
        if let Some((no, content)) = trained {
            let mut own = tenant.dictionaries.lock().unwrap_or_else(PoisonError::into_inner);
            own.add(no, &content);
        }
        Ok(numbers)
    }
}

/// Documents with their hashes.
pub(crate) type Hashed = Vec<(Hash, Arc<[u8]>)>;

pub(crate) async fn hash_all(docs: &[&Doc]) -> Result<Hashed> {
    let one = |bytes: Arc<[u8]>| (document::hash(&bytes), bytes);
    if docs.len() < MANY {
        return Ok(docs.iter().map(|doc| one(doc.bytes().into())).collect());
    }
    let tasks: Vec<_> = docs
        .chunks(SHARE)
        .map(|chunk| {
            let share: Vec<Arc<[u8]>> = chunk.iter().map(|doc| doc.bytes().into()).collect();
            tokio::task::spawn_blocking(move || share.into_iter().map(one).collect::<Hashed>())
        })
        .collect();
    let mut hashed = Vec::with_capacity(docs.len());
    for task in tasks {
        hashed.extend(task.await.map_err(|_| stopped())?);
    }
    Ok(hashed)
}

pub(crate) fn stopped() -> StoreError {
    StoreError::Invalid("the process is shutting down".to_owned())
}

/// A dictionary that was trained in a transaction, known to the process when that is committed.
pub(crate) type Trained = Option<(i64, Vec<u8>)>;

/// Stores documents inside a transaction; the number of each.
pub(crate) async fn put_all(
    tx: &mut Tx,
    access: &Access,
    tenant: &Tenant,
    hashed: Hashed,
    now: Timestamp,
) -> Result<(Vec<DocumentNo>, Trained)> {
    let hashes: Vec<Hash> = hashed.iter().map(|it| it.0).collect();
    let mut found = document::find(tx, access, &hashes, now).await?;
    let mut seen: HashSet<Hash> = HashSet::new();
    let fresh: Hashed = hashed
        .into_iter()
        .filter(|(hash, _)| !found.contains_key(hash) && seen.insert(*hash))
        .collect();
    let mut dictionaries = tenant.dictionaries();
    if !fresh.is_empty() {
        dictionaries = tenant.pull_dictionaries(tx, access).await?;
    }
    let trained = train(tx, access, &fresh, &mut dictionaries).await?;
    document::store(tx, access, pack(fresh, dictionaries).await?, now, &mut found).await?;
    Ok((numbers(&hashes, &found)?, trained))
}

fn numbers(hashes: &[Hash], found: &HashMap<Hash, i64>) -> Result<Vec<DocumentNo>> {
    let number = |hash| found.get(hash).copied().map(DocumentNo);
    let all: Option<Vec<DocumentNo>> = hashes.iter().map(number).collect();
    all.ok_or_else(|| StoreError::Corrupt("a document was stored and is not there".to_owned()))
}

/// The first large batch of a tenant makes its dictionary.
async fn train(
    tx: &mut Tx,
    access: &Access,
    fresh: &Hashed,
    dictionaries: &mut Dictionaries,
) -> Result<Trained> {
    if dictionaries.last() > 0 || fresh.len() < document::TRAIN_FROM {
        return Ok(None);
    }
    let docs: Vec<Arc<[u8]>> = fresh.iter().map(|it| Arc::clone(&it.1)).collect();
    let trained = tokio::task::spawn_blocking(move || document::train(&docs)).await;
    let Some(content) = trained.map_err(|_| stopped())? else { return Ok(None) };
    let sql = "INSERT INTO dictionary (tenant, no, content) VALUES ($1, 1, $2)";
    tx.run(sql, args![access.row(), &*content]).await?;
    dictionaries.add(1, &content);
    Ok(Some((1, content)))
}

async fn pack(fresh: Hashed, dictionaries: Dictionaries) -> Result<Vec<Packed>> {
    if fresh.len() < MANY {
        return document::pack_all(fresh.iter().map(|it| (it.0, &*it.1)), &dictionaries);
    }
    let tasks: Vec<_> = fresh
        .chunks(SHARE)
        .map(|chunk| {
            let (share, dictionaries) = (chunk.to_vec(), dictionaries.clone());
            tokio::task::spawn_blocking(move || {
                document::pack_all(share.iter().map(|it| (it.0, &*it.1)), &dictionaries)
            })
        })
        .collect();
    let mut packed = Vec::with_capacity(fresh.len());
    for task in tasks {
        packed.extend(task.await.map_err(|_| stopped())??);
    }
    Ok(packed)
}
