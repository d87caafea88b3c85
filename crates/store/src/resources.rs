//! Reading resources with their documents: all of them at a moment, or some.

use std::collections::VecDeque;
use std::sync::Arc;

use model::{Affects, Resource};
use tokio::task::JoinHandle;

use crate::access::Access;
use crate::bulk;
use crate::codec::{Head, text_of};
use crate::db::{Dialect, Result, Row, Tx, Value, args};
use crate::document::{Dictionaries, DocumentNo, unpack_all};
use crate::error::StoreError;
use crate::names::Word;
use crate::retention::Class;
use crate::stage::stopped;
use crate::store::{At, Moment, Store};

/// Resources per page.
const PAGE: u32 = 2048;
/// Pages that are unpacked while others are read.
const AHEAD: usize = 3;

/// A resource as it was at a moment.
#[derive(Debug, Clone)]
pub struct StoredResource {
    /// Its number, the same in [`crate::StoredVerdicts`].
    pub number: u64,
    /// The resource with its document.
    pub resource: Resource,
    /// The commit that made it so.
    pub since: u64,
    /// Number of its document: equal ones have one.
    pub document: DocumentNo,
}

/// What reads rows into resources, shared by the threads that do it.
#[derive(Debug)]
pub(crate) struct Shaper {
    words: Vec<Arc<str>>,
    dictionaries: Dictionaries,
    n_keys: usize,
}

/// The columns that [`Shaper`] reads; `v`, `r` and `d` are version, resource and document.
pub(crate) const COLUMNS: &str = "v.resource, r.id, v.from_seq, v.kind, v.scope, v.region, v.head, \
                                  v.document, d.dictionary, d.packed";
pub(crate) const TABLES: &str =
    "version v JOIN resource r ON r.no = v.resource LEFT JOIN document d ON d.no = v.document";

struct Raw {
    number: i64,
    id: String,
    since: u64,
    words: [u32; 3],
    head: Vec<u8>,
    document: i64,
    dictionary: i64,
    packed: Vec<u8>,
}

impl Raw {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.int(0)?,
            id: row.text(1)?,
            since: row.count(2)?,
            words: [row.small(3)?, row.small(4)?, row.small(5)?],
            head: row.bytes(6)?,
            document: row.int(7)?,
            // A version that lost its document must not pass for a resource that is not there.
            dictionary: row
                .int_or_null(8)?
                .ok_or_else(|| StoreError::Corrupt("a version without its document".to_owned()))?,
            packed: row.bytes(9)?,
        })
    }
}

impl Shaper {
    pub(crate) async fn new(store: &Store, tx: &mut Tx, access: &Access) -> Result<Self> {
        let tenant = store.tenant(access);
        tenant.names.pull(tx, access).await?;
        let dictionaries = tenant.pull_dictionaries(tx, access).await?;
        let words = tenant.names.words.all();
        Ok(Self { words, dictionaries, n_keys: tenant.names.keys.len() })
    }

    pub(crate) fn text(&self, number: u32) -> Result<Arc<str>> {
        text_of(&self.words, Word(number))
    }

    /// Reads rows of [`COLUMNS`].
    pub(crate) fn all(&self, rows: &[Row]) -> Result<Vec<StoredResource>> {
        self.shape(rows.iter().map(Raw::read).collect::<Result<_>>()?)
    }

    fn shape(&self, raws: Vec<Raw>) -> Result<Vec<StoredResource>> {
        let packed: Vec<(i64, &[u8])> =
            raws.iter().map(|it| (it.dictionary, &*it.packed)).collect();
        let docs = unpack_all(&self.dictionaries, self.n_keys, &packed)?;
        let mut all = Vec::with_capacity(raws.len());
        for (raw, doc) in raws.into_iter().zip(docs) {
            let head = Head::unpack(&raw.head)?;
            let [kind, scope, region] = raw.words;
            let region = Some(self.text(region)?).filter(|it| !it.is_empty());
            let also = head.also.into_iter();
            let affects = head.affects.into_iter();
            all.push(StoredResource {
                number: raw.number.cast_unsigned(),
                since: raw.since,
                document: DocumentNo(raw.document),
                resource: Resource {
                    id: raw.id,
                    kind: self.text(kind)?,
                    name: head.name,
                    scope: self.text(scope)?,
                    region,
                    tags: head.tags,
                    doc,
                    collected: true,
                    also: also
                        .map(|(word, value)| Ok((self.text(word.0)?, value)))
                        .collect::<Result<_>>()?,
                    affects: affects
                        .map(|(by, value)| Ok(Affects { by: self.text(by.0)?, value }))
                        .collect::<Result<_>>()?,
                    as_of: head.as_of,
                },
            });
        }
        Ok(all)
    }
}

/// All resources at one moment, page by page in the order of their numbers, whatever is committed
/// meanwhile. Documents are unpacked on other threads while the next page is read.
#[derive(Debug)]
pub struct Pages {
    tx: Tx,
    moment: Moment,
    sql: String,
    values: Vec<Value>,
    after: i64,
    is_read: bool,
    shaper: Arc<Shaper>,
    under_way: VecDeque<JoinHandle<Result<Vec<StoredResource>>>>,
}

impl Pages {
    /// The moment at which these resources were so.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredResource>>> {
        while !self.is_read && self.under_way.len() < AHEAD {
            let mut values = self.values.clone();
            values.extend(args![self.after, PAGE]);
            let rows = self.tx.rows(&self.sql, values).await?;
            self.is_read = rows.len() < PAGE as usize;
            let raws: Vec<Raw> = rows.iter().map(Raw::read).collect::<Result<_>>()?;
            let Some(last) = raws.last() else { break };
            self.after = last.number;
            let shaper = Arc::clone(&self.shaper);
            self.under_way.push_back(tokio::task::spawn_blocking(move || shaper.shape(raws)));
        }
        match self.under_way.pop_front() {
            Some(task) => task.await.map_err(|_| stopped())?.map(Some),
            None => Ok(None),
        }
    }
}

impl Store {
    /// All resources at a moment.
    pub async fn resources(&self, access: &Access, at: At) -> Result<Pages> {
        let (mut tx, moment, (holds, values)) = self.holding(access, at, Class::Versions).await?;
        let shaper = Arc::new(Shaper::new(self, &mut tx, access).await?);
        let next = values.len() + 1;
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE {holds} AND v.resource > ${next}{} \
             ORDER BY v.resource LIMIT ${}",
            begins_at(&tx, next),
            next + 1
        );
        let (under_way, is_read, after) = (VecDeque::new(), false, 0);
        Ok(Pages { tx, moment, sql, values, after, is_read, shaper, under_way })
    }

    /// One resource at a moment.
    pub async fn resource(
        &self,
        access: &Access,
        id: &str,
        at: At,
    ) -> Result<Option<StoredResource>> {
        Ok(self.resources_with(access, &[id], at).await?.into_iter().next())
    }

    /// The resources with these ids at a moment, those that are there, in the order of their numbers.
    pub async fn resources_with(
        &self,
        access: &Access,
        ids: &[&str],
        at: At,
    ) -> Result<Vec<StoredResource>> {
        let (mut tx, moment) = self.at(access, at, Class::Versions).await?;
        let shaper = Shaper::new(self, &mut tx, access).await?;
        let sql = "SELECT no FROM resource WHERE tenant = $1 AND id IN {}";
        let numbers: Vec<i64> = bulk::rows_in(&mut tx, sql, args![access.row()], ids)
            .await?
            .iter()
            .map(|row| row.int(0))
            .collect::<Result<_>>()?;
        // The commit twice: in a statement with a list each parameter stands once.
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE v.tenant = $1 AND v.from_seq <= $2 \
             AND (v.to_seq IS NULL OR v.to_seq > $3) AND v.resource IN {{}}"
        );
        let before = args![access.row(), moment.seq, moment.seq];
        let mut rows = shaper.all(&bulk::rows_in(&mut tx, &sql, before, &numbers).await?)?;
        rows.sort_by_key(|it| it.number);
        rows.dedup_by_key(|it| it.number);
        Ok(rows)
    }

    /// How many resources there are of each kind in each scope.
    pub async fn resource_counts(
        &self,
        access: &Access,
        at: At,
    ) -> Result<Vec<(Arc<str>, Arc<str>, u64)>> {
        let (mut tx, moment) = self.at(access, at, Class::Versions).await?;
        let tenant = self.tenant(access);
        tenant.names.pull(&mut tx, access).await?;
        let words = tenant.names.words.all();
        let sql = "SELECT kind, scope, count(*) FROM version v WHERE v.tenant = $1 \
                   AND v.from_seq <= $2 AND (v.to_seq IS NULL OR v.to_seq > $2) \
                   GROUP BY kind, scope";
        let rows = tx.rows(sql, args![access.row(), moment.seq]).await?;
        let mut counts: Vec<_> = rows
            .iter()
            .map(|row| {
                let kind = text_of(&words, Word(row.small(0)?))?;
                Ok((kind, text_of(&words, Word(row.small(1)?))?, row.count(2)?))
            })
            .collect::<Result<_>>()?;
        counts.sort();
        Ok(counts)
    }
}

/// For pages of a join: what PostgreSQL does not conclude by itself, that the other table begins there too.
pub(crate) fn begins_at(tx: &Tx, parameter: usize) -> String {
    match tx.dialect() {
        Dialect::Sqlite => String::new(),
        Dialect::Postgres => format!(" AND r.no > ${parameter}"),
    }
}
