//! Leases: who may do what only one may do, until when, with a token that grows.
//!
//! The instant is the caller's: it must come from one clock, or from clocks that differ by less than the
//! time that leases run.

use std::time::Duration;

use jiff::Timestamp;

use crate::Store;
use crate::access::Access;
use crate::db::{Result, Tx, args};
use crate::error::StoreError;
use crate::time::{instant, micros};

/// Name of the lease without which nothing is committed.
pub const WRITER: &str = "writer";

/// A lease that was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its name.
    pub name: String,
    /// Grows with each acquisition: the highest is the only one that counts.
    pub token: u64,
    /// When it ends unless it is renewed.
    pub expires: Timestamp,
}

/// The instant `ttl` after `now`, as in rows.
pub(crate) fn until(now: Timestamp, ttl: Duration) -> i64 {
    let ttl = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
    micros(now).saturating_add(ttl)
}

impl Store {
    /// Takes the lease `name` for `holder`, when nobody else holds it at `now`. A holder that takes
    /// it again gets a new token.
    pub async fn acquire(
        &self,
        access: &Access,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease> {
        self.succeed(access, name, holder, holder, now, ttl).await
    }

    /// [`Store::acquire`], also from `dead`, a holder that the caller knows to have ended. Were that an
    /// error, what the living holder commits would be refused: its token is no longer the highest.
    #[expect(clippy::too_many_arguments, reason = "`acquire` with one name more")]
    pub async fn succeed(
        &self,
        access: &Access,
        name: &str,
        dead: &str,
        holder: &str,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease> {
        let mut tx = self.write(access).await?;
        let expires = until(now, ttl);
        let sql = "INSERT INTO lease (tenant, name, holder, token, expires) \
                   VALUES ($1, $2, $3, 1, $4) ON CONFLICT (tenant, name) DO UPDATE \
                   SET holder = excluded.holder, token = lease.token + 1, \
                       expires = excluded.expires \
                   WHERE lease.expires <= $5 OR lease.holder IN (excluded.holder, $6) \
                   RETURNING token";
        let values = args![access.row(), name, holder, expires, micros(now), dead];
        if let Some(row) = tx.row(sql, values).await? {
            let token = row.count(0)?;
            tx.commit().await?;
            return Ok(Lease { name: name.to_owned(), token, expires: instant(expires)? });
        }
        let sql = "SELECT holder, expires FROM lease WHERE tenant = $1 AND name = $2";
        let row = tx.row(sql, args![access.row(), name]).await?;
        let row = row.ok_or_else(|| StoreError::LeaseLost(name.to_owned()))?;
        Err(StoreError::LeaseHeld {
            name: name.to_owned(),
            holder: row.text(0)?,
            until: instant(row.int(1)?)?,
        })
    }

    /// Prolongs a lease. One that has run out can be renewed as long as nobody has taken it.
    pub async fn renew(
        &self,
        access: &Access,
        lease: &Lease,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<Lease> {
        let mut tx = self.write(access).await?;
        let expires = until(now, ttl);
        let sql = "UPDATE lease SET expires = $4 WHERE tenant = $1 AND name = $2 AND token = $3";
        let values = args![access.row(), &*lease.name, lease.token, expires];
        if tx.run(sql, values).await? == 0 {
            return Err(StoreError::LeaseLost(lease.name.clone()));
        }
        tx.commit().await?;
        Ok(Lease { expires: instant(expires)?, ..lease.clone() })
    }

    /// Gives a lease back. One that was taken over already is left alone.
    pub async fn release(&self, access: &Access, lease: &Lease) -> Result<()> {
        let mut tx = self.write(access).await?;
        // The row stays, so that the next token is higher.
        let sql = "UPDATE lease SET expires = 0, holder = '', token = token + 1 \
                   WHERE tenant = $1 AND name = $2 AND token = $3";
        tx.run(sql, args![access.row(), &*lease.name, lease.token]).await?;
        tx.commit().await
    }
}

/// Fails unless `lease` is the current one and has not run out. Nobody takes it until the
/// transaction ends.
pub(crate) async fn hold(
    tx: &mut Tx,
    access: &Access,
    lease: &Lease,
    now: Timestamp,
) -> Result<()> {
    let sql = format!(
        "SELECT token, expires FROM lease WHERE tenant = $1 AND name = $2{}",
        tx.lock(" FOR SHARE")
    );
    let row = tx.row(&sql, args![access.row(), &*lease.name]).await?;
    match row {
        Some(row) if row.count(0)? == lease.token && row.int(1)? > micros(now) => Ok(()),
        _ => Err(StoreError::LeaseLost(lease.name.clone())),
    }
}
