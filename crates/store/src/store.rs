//! The store itself: opening, moments, what processes share.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use model::{Gap, Keys};
use tokio::sync::watch;

use crate::access::{Access, TenantId};
use crate::db::{Dialect, Location, Pools, Result, Row, Tx, args};
use crate::document::Dictionaries;
use crate::error::StoreError;
use crate::migrate;
use crate::names::{Names, Words};
use crate::time::{instant, micros};

/// How often a waiting reader looks for commits of other processes.
const LOOK: Duration = Duration::from_millis(25);

/// A database, cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) pools: Pools,
    tenants: Mutex<BTreeMap<TenantId, Arc<Tenant>>>,
}

/// What this process remembers of a tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) names: Names,
    pub(crate) dictionaries: Mutex<Dictionaries>,
    /// The last commit that this process has seen.
    pub(crate) seen: watch::Sender<u64>,
    /// Whether states of requirements are known to be there.
    pub(crate) has_standings: AtomicBool,
}

/// The moment that a reader wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// After the last commit.
    #[default]
    Now,
    /// After the commit with this number; 0 is before all.
    Seq(u64),
    /// After the last commit at or before this instant.
    Time(Timestamp),
}

/// A moment of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The last commit that counts; 0: none yet.
    pub seq: u64,
    /// Its instant.
    pub at: Timestamp,
}

impl Store {
    /// Opens a database, makes it when it is missing, and brings its schema up to date.
    ///
    /// Processes that open at once take turns. A database of a newer program is refused.
    pub async fn open(location: &Location, now: Timestamp) -> Result<Self> {
        Self::open_at(location, migrate::NEWEST, now).await
    }

    /// Opens a database with an older schema, for tests of migrations and for restoring.
    #[doc(hidden)]
    pub async fn open_at(location: &Location, schema: i64, now: Timestamp) -> Result<Self> {
        let pools = Pools::open(location).await?;
        migrate::run(&pools, schema, now).await?;
        Ok(Self { inner: Arc::new(Inner { pools, tenants: Mutex::default() }) })
    }

    /// Closes all connections; what was acknowledged is stored already.
    pub async fn close(&self) {
        self.inner.pools.close().await;
    }

    /// Whether the database answers and has our schema.
    pub async fn health(&self) -> Result<()> {
        let mut tx = self.inner.pools.read().await?;
        migrate::verify(&mut tx).await.map(|_| ())
    }

    /// Looks for damage: the structure of an SQLite file, then what refers to what is missing. When
    /// `is_thorough`, indexes are held against their tables too.
    pub async fn check(&self, access: &Access, is_thorough: bool) -> Result<()> {
        let mut tx = self.read(access).await?;
        if tx.dialect() == Dialect::Sqlite {
            let pragma =
                if is_thorough { "PRAGMA integrity_check(10)" } else { "PRAGMA quick_check(10)" };
            let rows = tx.rows(pragma, args![]).await?;
            let faults: Vec<String> = rows.iter().map(|it| it.text(0)).collect::<Result<_>>()?;
            if faults != ["ok"] {
                return Err(StoreError::Corrupt(faults.join("; ")));
            }
        }
        for (what, sql) in [
            (
                "a version without its document",
                "SELECT count(*) FROM version v WHERE v.tenant = $1 AND NOT EXISTS \
                 (SELECT 1 FROM document d WHERE d.no = v.document)",
            ),
            (
                "a version without its resource",
                "SELECT count(*) FROM version v WHERE v.tenant = $1 AND NOT EXISTS \
                 (SELECT 1 FROM resource r WHERE r.no = v.resource)",
            ),
            (
                "a commit beyond the last",
                "SELECT count(*) FROM change_log c JOIN tenant t ON t.no = c.tenant \
                 WHERE c.tenant = $1 AND c.seq > t.seq",
            ),
        ] {
            let count = tx.row(sql, args![access.row()]).await?.map_or(Ok(0), |it| it.int(0))?;
            if count > 0 {
                return Err(StoreError::Corrupt(format!("{what}, {count} times")));
            }
        }
        Ok(())
    }

    /// Makes the tenant of `access`, with a name for people. Nothing happens when it is there.
    pub async fn add_tenant(&self, access: &Access, name: &str, now: Timestamp) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "INSERT INTO tenant (no, name, created, seq, at) VALUES ($1, $2, $3, 0, 0) \
                   ON CONFLICT (no) DO NOTHING";
        tx.run(sql, args![access.row(), name, micros(now)]).await?;
        tx.commit().await
    }

    /// The table of document keys: what documents of this tenant are built and read with.
    pub async fn keys(&self, access: &Access) -> Result<Keys> {
        let tenant = self.pulled(access).await?;
        Ok(tenant.names.keys.clone())
    }

    /// The table of words: kinds, scopes, checks, reasons.
    pub async fn words(&self, access: &Access) -> Result<Words> {
        let tenant = self.pulled(access).await?;
        Ok(tenant.names.words.clone())
    }

    /// All gaps by number; number 0 is "not collected" and is always there.
    pub async fn gaps(&self, access: &Access) -> Result<Vec<Gap>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT scope, what, reason FROM gap WHERE tenant = $1 ORDER BY no";
        let rows = tx.rows(sql, args![access.row()]).await?;
        let mut gaps: Vec<Gap> = rows
            .iter()
            .map(|it| Ok(Gap { scope: it.text(0)?, what: it.text(1)?, reason: it.text(2)? }))
            .collect::<Result<_>>()?;
        if gaps.is_empty() {
            let reason = "not collected".to_owned();
            gaps.push(Gap { scope: String::new(), what: String::new(), reason });
        }
        Ok(gaps)
    }

    /// Which commit `at` means.
    pub async fn moment(&self, access: &Access, at: At) -> Result<Moment> {
        let mut tx = self.read(access).await?;
        moment(&mut tx, access, at).await
    }

    /// Waits until the commit `seq` is stored, at most for `patience`; the last commit then. Looks at the
    /// database as well, for other processes commit too.
    pub async fn wait_for(&self, access: &Access, seq: u64, patience: Duration) -> Result<Moment> {
        let waiting = async {
            let mut seen = self.tenant(access).seen.subscribe();
            loop {
                let now = self.moment(access, At::Now).await?;
                if now.seq >= seq {
                    return Ok(now);
                }
                // Whichever comes first; what it was does not matter.
                tokio::time::timeout(LOOK, seen.changed()).await.map(drop).unwrap_or_default();
            }
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(moment) => moment,
            Err(_) => self.moment(access, At::Now).await,
        }
    }

    pub(crate) async fn read(&self, _: &Access) -> Result<Tx> {
        self.inner.pools.read().await
    }

    pub(crate) async fn write(&self, _: &Access) -> Result<Tx> {
        self.inner.pools.write().await
    }

    pub(crate) fn tenant(&self, access: &Access) -> Arc<Tenant> {
        let mut tenants = self.inner.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let tenant = tenants.entry(access.tenant()).or_insert_with(|| {
            Arc::new(Tenant {
                names: Names::default(),
                dictionaries: Mutex::default(),
                seen: watch::Sender::new(0),
                has_standings: AtomicBool::new(false),
            })
        });
        Arc::clone(tenant)
    }

    async fn pulled(&self, access: &Access) -> Result<Arc<Tenant>> {
        let mut tx = self.read(access).await?;
        let tenant = self.tenant(access);
        tenant.names.pull(&mut tx, access).await?;
        Ok(tenant)
    }
}

impl Tenant {
    pub(crate) fn dictionaries(&self) -> Dictionaries {
        self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The dictionaries, with those that other processes have stored.
    pub(crate) async fn pull_dictionaries(
        &self,
        tx: &mut Tx,
        access: &Access,
    ) -> Result<Dictionaries> {
        let mut dictionaries = self.dictionaries();
        dictionaries.pull(tx, access).await?;
        let mut own = self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner);
        if own.last() < dictionaries.last() {
            own.clone_from(&dictionaries);
        }
        Ok(dictionaries)
    }
}

/// Which commit `at` means, within the state that `tx` sees.
pub(crate) async fn moment(tx: &mut Tx, access: &Access, at: At) -> Result<Moment> {
    let last = "SELECT seq, at FROM tenant WHERE no = $1";
    let row = tx.row(last, args![access.row()]).await?.ok_or_else(|| no_tenant(access))?;
    let now = Moment { seq: row.count(0)?, at: instant(row.int(1)?)? };
    let read = |row: Row| Ok(Moment { seq: row.count(0)?, at: instant(row.int(1)?)? });
    let found = match at {
        At::Now => return Ok(now),
        At::Seq(seq) if seq > now.seq => {
            let last = now.seq;
            return Err(StoreError::NotFound(format!("commit {seq}: the last is {last}")));
        }
        At::Seq(seq) => {
            let sql = "SELECT seq, at FROM change_log WHERE tenant = $1 AND seq = $2";
            tx.row(sql, args![access.row(), seq]).await?
        }
        At::Time(time) => {
            let sql = "SELECT seq, at FROM change_log WHERE tenant = $1 AND at <= $2 \
                       ORDER BY at DESC, seq DESC LIMIT 1";
            tx.row(sql, args![access.row(), micros(time)]).await?
        }
    };
    found.map_or(Ok(Moment { seq: 0, at: Timestamp::UNIX_EPOCH }), read)
}

pub(crate) fn no_tenant(access: &Access) -> StoreError {
    StoreError::NotFound(format!("tenant {}", access.tenant().0))
}
