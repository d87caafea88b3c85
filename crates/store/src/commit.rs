//! A commit: everything of a change in one transaction, under the next number of its tenant.
//!
//! INVARIANT: either all of it is stored, with its row in the change log and in the audit log, or nothing; what
//! was acknowledged is on disk.

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;
use model::Gap;
use serde_json::{Value as Json, json};

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::bulk;
use crate::change::{AuditEntry, Change, Committed, Put};
use crate::codec::Head;
use crate::db::{Dialect, Result, Tx, Value, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::judged;
use crate::lease::{self, Lease};
use crate::names::{Synced, Word, Words};
use crate::stage::{self, Trained};
use crate::standings;
use crate::store::{Tenant, no_tenant};
use crate::time::{instant, micros};
use crate::valid;

/// From this many rows on, the planner's statistics are made anew.
const MANY: usize = 50_000;

/// The commit that is being made.
pub(crate) struct Work<'a> {
    pub(crate) access: &'a Access,
    pub(crate) words: &'a Words,
    n_words: usize,
    /// Its number.
    pub(crate) seq: u64,
    /// Numbers of the resources that the change names, and of no others.
    pub(crate) numbers: HashMap<&'a str, i64>,
}

impl Work<'_> {
    /// Whether there was such a word when the commit began.
    pub(crate) fn knows(&self, word: Word) -> bool {
        (word.0 as usize) < self.n_words
    }

    /// The number of a resource that must be there.
    pub(crate) fn number(&self, id: &str) -> Result<i64> {
        self.numbers
            .get(id)
            .copied()
            .ok_or_else(|| StoreError::NotFound(format!("resource `{id}`")))
    }
}

impl Store {
    /// Stores a change under the next number of the tenant. `lease` must be the current
    /// [`crate::WRITER`] lease at `now`.
    ///
    /// When this returns, the commit survives the end of the process and of the machine. When it fails with
    /// [`StoreError::Unavailable`], the commit may have been stored all the same: repeat it with the same
    /// `request`.
    pub async fn commit(
        &self,
        access: &Access,
        lease: &Lease,
        now: Timestamp,
        change: &Change<'_>,
    ) -> Result<Committed> {
        let hashed = check(change)?;
        let docs: Vec<_> = hashed.iter().map(|it| &it.resource.doc).collect();
        let hashed = stage::hash_all(&docs).await?;
        let tenant = self.tenant(access);
        let mut tx = self.write(access).await?;
        lease::hold(&mut tx, access, lease, now).await?;
        let sql =
            format!("SELECT seq, at FROM tenant WHERE no = $1{}", tx.lock(" FOR NO KEY UPDATE"));
        let last = tx.row(&sql, args![access.row()]).await?.ok_or_else(|| no_tenant(access))?;
        if let Some(request) = &change.request
            && let Some(earlier) = earlier(&mut tx, access, request).await?
        {
            tx.rollback().await?;
            return Ok(earlier);
        }
        tenant.names.pull(&mut tx, access).await?;
        let at = micros(now).max(last.int(1)?);
        let committed = Committed {
            seq: last.count(0)? + 1,
            at: instant(at)?,
            held: at > micros(now),
            repeated: false,
        };
        let (inline, trained) = stage::put_all(&mut tx, access, &tenant, hashed, now).await?;
        let mut inline = inline.into_iter();
        let documents = change.puts.iter().filter_map(|put| put.staged.or_else(|| inline.next()));
        let work = Work {
            access,
            words: &tenant.names.words,
            n_words: tenant.names.words.len(),
            seq: committed.seq,
            numbers: resolve(&mut tx, access, change, last.count(0)? == 0).await?,
        };
        resources(&mut tx, &work, change, documents.map(|it| it.0).collect()).await?;
        judged::store(&mut tx, &work, change).await?;
        valid::store(&mut tx, &work, change).await?;
        standings::store(&mut tx, &work, change).await?;
        let synced = finish(&mut tx, &work, &tenant, change, committed).await?;
        tx.commit().await?;
        remember(&tenant, committed.seq, synced, trained);
        if change.puts.len() + change.verdicts.len() > MANY {
            // The commit is stored; statistics that stay old cost time and nothing else.
            self.refresh_statistics(access).await.unwrap_or_default();
        }
        Ok(committed)
    }

    async fn refresh_statistics(&self, access: &Access) -> Result<()> {
        let mut tx = self.write(access).await?;
        if tx.dialect() == Dialect::Sqlite {
            tx.script("PRAGMA analysis_limit = 1000").await?; // else it reads every row
        }
        tx.script("ANALYZE").await?;
        tx.commit().await
    }
}

fn remember(tenant: &Tenant, seq: u64, synced: Synced, trained: Trained) {
    tenant.names.mark(synced);
    if let Some((no, content)) = trained {
        let mut own = tenant.dictionaries.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        own.add(no, &content);
    }
    tenant.seen.send_if_modified(|seen| {
        let is_later = seq > *seen;
        *seen = seq.max(*seen);
        is_later
    });
}

/// What a change must be in itself. The puts whose documents are not staged.
fn check<'a, 'b>(change: &'b Change<'a>) -> Result<Vec<&'b Put<'a>>> {
    let mut seen: HashSet<&str> = HashSet::new();
    let ids = change.puts.iter().map(|it| it.resource.id.as_str());
    for id in ids.chain(change.gone.iter().copied()) {
        if id.is_empty() || id.contains('\0') {
            return Err(StoreError::Invalid(format!("`{id}` is no id of a resource")));
        }
        if !seen.insert(id) {
            return Err(StoreError::Invalid(format!("the change names `{id}` twice")));
        }
    }
    if let Some(stub) = change.puts.iter().find(|it| !it.resource.collected) {
        let id = &stub.resource.id;
        return Err(StoreError::Invalid(format!("`{id}` was not collected and is not stored")));
    }
    Ok(change.puts.iter().filter(|it| it.staged.is_none()).collect())
}

/// The commit that was stored under this request.
async fn earlier(tx: &mut Tx, access: &Access, request: &str) -> Result<Option<Committed>> {
    let sql = "SELECT seq, at, held FROM change_log WHERE tenant = $1 AND request = $2";
    let row = tx.row(sql, args![access.row(), request]).await?;
    row.map(|row| {
        Ok(Committed {
            seq: row.count(0)?,
            at: instant(row.int(1)?)?,
            held: row.int(2)? == 1,
            repeated: true,
        })
    })
    .transpose()
}

/// Numbers of all resources that the change names; new ones get theirs.
async fn resolve<'a>(
    tx: &mut Tx,
    access: &Access,
    change: &Change<'a>,
    is_first: bool,
) -> Result<HashMap<&'a str, i64>> {
    let puts = change.puts.iter().map(|it| it.resource.id.as_str());
    let others = change.gone.iter().copied();
    let others = others.chain(change.verdicts.iter().map(|it| it.resource));
    let mut wanted: Vec<&'a str> = puts.clone().chain(others).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut numbers: HashMap<&'a str, i64> = HashMap::with_capacity(wanted.len());
    if !is_first {
        let sql = "SELECT no, id FROM resource WHERE tenant = $1 AND id IN {}";
        for row in bulk::rows_in(tx, sql, args![access.row()], &wanted).await? {
            let id = row.text(1)?;
            if let Ok(index) = wanted.binary_search(&id.as_str())
                && let Some(id) = wanted.get(index)
            {
                numbers.insert(id, row.int(0)?);
            }
        }
    }
    let fresh: Vec<&'a str> = puts.filter(|id| !numbers.contains_key(id)).collect();
    if !fresh.is_empty() {
        let first = take_numbers(tx, access, "resource", fresh.len()).await?;
        let rows = fresh.iter().zip(first..).map(|(id, no)| args![no, access.row(), *id]);
        bulk::insert(tx, "resource (no, tenant, id)", 3, "", rows).await?;
        numbers.extend(fresh.into_iter().zip(first..));
    }
    Ok(numbers)
}

/// Ends the versions of what changed or is gone, and begins those that there are now.
async fn resources(
    tx: &mut Tx,
    work: &Work<'_>,
    change: &Change<'_>,
    documents: Vec<i64>,
) -> Result<()> {
    let (seq, tenant) = (work.seq, work.access.row());
    let gone: Vec<i64> = change.gone.iter().map(|id| work.number(id)).collect::<Result<_>>()?;
    let end =
        "UPDATE version SET to_seq = $1 WHERE tenant = $2 AND to_seq IS NULL AND resource IN {}";
    let ended = bulk::run_in(tx, end, args![seq, tenant], &gone).await?;
    if ended != gone.len() as u64 {
        return Err(StoreError::NotFound("resource with one of the ids that are gone".to_owned()));
    }
    if seq > 1 {
        let numbers: Vec<i64> =
            change.puts.iter().map(|it| work.number(&it.resource.id)).collect::<Result<_>>()?;
        bulk::run_in(tx, end, args![seq, tenant], &numbers).await?;
    }
    let into = "version (tenant, resource, from_seq, kind, scope, region, head, document)";
    let rows = change.puts.iter().zip(documents).map(|(put, document)| {
        let resource = put.resource;
        let region = resource.region.as_deref().unwrap_or_default();
        let number = work.numbers.get(resource.id.as_str()).copied();
        args![
            tenant,
            number, // null, which the table refuses, cannot be: all puts have one
            seq,
            work.words.intern(&resource.kind).0,
            work.words.intern(&resource.scope).0,
            work.words.intern(region).0,
            head(put, work.words).pack(),
            document,
        ]
    });
    bulk::insert(tx, into, 8, "", rows).await?;
    if change.puts.iter().any(|it| it.staged.is_some()) {
        let sql = "SELECT count(*) FROM version v WHERE v.tenant = $1 AND v.from_seq = $2 \
                   AND NOT EXISTS (SELECT 1 FROM document d WHERE d.no = v.document)";
        let lost = tx.row(sql, args![tenant, seq]).await?.map_or(Ok(0), |it| it.int(0))?;
        if lost > 0 {
            return Err(StoreError::Conflict(format!(
                "{lost} staged documents are no longer there: stage them again"
            )));
        }
    }
    Ok(())
}

fn head(put: &Put<'_>, words: &Words) -> Head {
    let resource = put.resource;
    let also = resource.also.iter();
    let affects = resource.affects.iter();
    Head {
        name: resource.name.clone(),
        tags: resource.tags.clone(),
        also: also.map(|(word, text)| (words.intern(word), text.clone())).collect(),
        affects: affects.map(|it| (words.intern(&it.by), it.value.clone())).collect(),
        as_of: resource.as_of,
    }
}

/// Gaps, problems, names, the logs, and the number itself.
async fn finish(
    tx: &mut Tx,
    work: &Work<'_>,
    tenant: &Tenant,
    change: &Change<'_>,
    committed: Committed,
) -> Result<Synced> {
    let (access, seq) = (work.access, work.seq);
    gaps(tx, access, change.gaps).await?;
    let rows =
        change.problems.iter().enumerate().map(|(no, it)| {
            args![access.row(), seq, no, clean(&it.file), clean(&it.reason), it.count]
        });
    bulk::insert(tx, "problem (tenant, seq, no, file, reason, n)", 6, "", rows).await?;
    let rows = change.met_gaps.iter().map(|it| args![access.row(), seq, it.0]);
    let once = "ON CONFLICT DO NOTHING";
    bulk::insert(tx, "import_gap (tenant, seq, gap)", 3, once, rows).await?;
    let synced = tenant.names.push(tx, access).await?;
    let summary = clean(&change.summary);
    tx.run(
        "INSERT INTO change_log (tenant, seq, at, held, actor, kind, summary, counts, request) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            access.row(),
            seq,
            micros(committed.at),
            i64::from(committed.held),
            access.actor(),
            change.kind,
            &*summary,
            change.counts.to_string(),
            change.request.clone(),
        ],
    )
    .await?;
    let sql = "UPDATE tenant SET seq = $2, at = $3 WHERE no = $1";
    tx.run(sql, args![access.row(), seq, micros(committed.at)]).await?;
    let mut entries = vec![AuditEntry {
        action: format!("commit.{}", change.kind),
        object: seq.to_string(),
        detail: json!({ "summary": summary, "counts": change.counts }),
    }];
    entries.extend(change.audit.iter().cloned());
    audit::append(tx, access, committed.at, &entries).await?;
    Ok(synced)
}

async fn gaps(tx: &mut Tx, access: &Access, gaps: &[Gap]) -> Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    let sql = "SELECT count(*) FROM gap WHERE tenant = $1";
    let stored = tx.row(sql, args![access.row()]).await?.map_or(Ok(0), |row| row.count(0))?;
    let stored = stored as usize;
    if gaps.len() < stored {
        return Err(StoreError::Conflict(format!(
            "the change knows {} gaps, {stored} are stored",
            gaps.len()
        )));
    }
    let rows = gaps.iter().enumerate().skip(stored).map(|(no, gap)| {
        args![access.row(), no, clean(&gap.scope), clean(&gap.what), clean(&gap.reason)]
    });
    bulk::insert(tx, "gap (tenant, no, scope, what, reason)", 5, "", rows).await?;
    Ok(())
}

/// Text without the one character that PostgreSQL cannot store.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// JSON as text; PostgreSQL stores it as such, where an escaped null character is harmless.
pub(crate) fn json_text(json: &Json) -> Value {
    Value::from(json.to_string())
}
