//! What proves who somebody is, and how often it may be tried: attempts, the first account, second factors,
//! recovery codes, passkeys, and what was begun and must be ended.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::Store;
use crate::access::Access;
use crate::accounts::{self, NewAccount, alone, get, note};
use crate::bulk;
use crate::db::{Result, args};
use crate::error::StoreError;
use crate::groups::{Holder, give};
use crate::time::{instant, micros};

/// The kind of ceremony that makes the first account.
const SETUP: &str = "setup";

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It may be looked at. It counts as failed until it is forgotten.
    Counted,
    /// It comes too early: failures and the last instant of each key.
    Refused(Vec<(u32, Timestamp)>),
}

impl Store {
    /// Counts an attempt under each of `keys`, when `decide` lets it: it gets the place of a key, its failures so
    /// far and the instant of the last, and gives both as they are from now on, or `None` when it is too
    /// early. Then nothing is counted. Attempts with one key take turns.
    pub async fn attempt(
        &self,
        access: &Access,
        keys: &[&str],
        decide: impl Fn(usize, u32, Timestamp) -> Option<(u32, Timestamp)> + Send,
    ) -> Result<Attempt> {
        let mut tx = self.write(access).await?;
        let mut sorted: Vec<(usize, &str)> = keys.iter().copied().enumerate().collect();
        sorted.sort_by_key(|it| it.1); // one order for all, so that none wait for each other
        let mut found = Vec::new();
        for (place, key) in sorted {
            let sql = "INSERT INTO attempt (tenant, key, failures, last) VALUES ($1, $2, 0, 0) \
                       ON CONFLICT (tenant, key) DO NOTHING";
            tx.run(sql, args![access.row(), key]).await?;
            let sql = format!(
                "SELECT failures, last FROM attempt WHERE tenant = $1 AND key = $2{}",
                tx.lock(" FOR UPDATE")
            );
            let row = tx.row(&sql, args![access.row(), key]).await?;
            let row = row.ok_or_else(|| StoreError::Corrupt("an attempt is gone".to_owned()))?;
            found.push((place, key, row.small(0)?, instant(row.int(1)?)?));
        }
        let decided: Vec<_> = found.iter().map(|it| decide(it.0, it.2, it.3)).collect();
        if decided.iter().any(Option::is_none) {
            found.sort_by_key(|it| it.0);
            return Ok(Attempt::Refused(found.iter().map(|it| (it.2, it.3)).collect()));
        }
        for ((_, key, ..), (failures, last)) in found.iter().zip(decided.into_iter().flatten()) {
            let sql = "UPDATE attempt SET failures = $3, last = $4 WHERE tenant = $1 AND key = $2";
            tx.run(sql, args![access.row(), *key, failures, micros(last)]).await?;
        }
        tx.commit().await?;
        Ok(Attempt::Counted)
    }

    /// Forgets the failures under a key: somebody has proved who they are.
    pub async fn forget_attempts(&self, access: &Access, key: &str) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM attempt WHERE tenant = $1 AND key = $2";
        tx.run(sql, args![access.row(), key]).await?;
        tx.commit().await
    }

    /// Takes one failure back: what was counted beforehand has succeeded.
    pub async fn uncount_attempt(&self, access: &Access, key: &str) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE attempt SET failures = failures - 1 \
                   WHERE tenant = $1 AND key = $2 AND failures > 0";
        tx.run(sql, args![access.row(), key]).await?;
        tx.commit().await
    }

    /// Keeps the hash of the secret that makes the first account until `expires`, instead of one before. False
    /// when there are accounts.
    pub async fn begin_setup(
        &self,
        access: &Access,
        hash: &[u8; 32],
        expires: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        alone(&mut tx, access).await?;
        let sql = "DELETE FROM ceremony WHERE tenant = $1 AND kind = $2";
        tx.run(sql, args![access.row(), SETUP]).await?;
        let is_first = accounts::count(&mut tx, access).await? == 0;
        if is_first {
            let sql = "INSERT INTO ceremony (tenant, hash, kind, body, expires) \
                       VALUES ($1, $2, $3, '{}', $4)";
            tx.run(sql, args![access.row(), &hash[..], SETUP, micros(expires)]).await?;
        }
        tx.commit().await?;
        Ok(is_first)
    }

    /// Makes the first account with the secret that was kept, as owner of the tenant; its number. `None` when
    /// there is an account, or the secret is not the one, or has ended.
    pub async fn finish_setup(
        &self,
        access: &Access,
        now: Timestamp,
        hash: &[u8; 32],
        account: &NewAccount,
    ) -> Result<Option<u64>> {
        let mut tx = self.write(access).await?;
        alone(&mut tx, access).await?;
        let sql = "DELETE FROM ceremony WHERE tenant = $1 AND hash = $2 AND kind = $3 \
                   AND expires > $4";
        let values = args![access.row(), &hash[..], SETUP, micros(now)];
        if accounts::count(&mut tx, access).await? > 0 || tx.run(sql, values).await? == 0 {
            return Ok(None);
        }
        let number = accounts::insert(&mut tx, access, now, account).await?;
        give(&mut tx, access, now, Holder::Account(number), "owner", None).await?;
        tx.commit().await?;
        Ok(Some(number))
    }

    /// Keeps what somebody has begun under the hash of a secret, until `expires`.
    pub async fn begin_ceremony(
        &self,
        access: &Access,
        kind: &str,
        hash: &[u8; 32],
        body: &Json,
        expires: Timestamp,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "INSERT INTO ceremony (tenant, hash, kind, body, expires) \
                   VALUES ($1, $2, $3, $4, $5)";
        let body = body.to_string();
        tx.run(sql, args![access.row(), &hash[..], kind, body, micros(expires)]).await?;
        tx.commit().await
    }

    /// What was begun under this hash: it is the answer once, and until it expires.
    pub async fn take_ceremony(
        &self,
        access: &Access,
        now: Timestamp,
        kind: &str,
        hash: &[u8; 32],
    ) -> Result<Option<Json>> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM ceremony WHERE tenant = $1 AND hash = $2 AND kind = $3 \
                   RETURNING body, expires";
        let row = tx.row(sql, args![access.row(), &hash[..], kind]).await?;
        tx.commit().await?;
        let Some(row) = row.filter(|row| row.int(1).is_ok_and(|it| it > micros(now))) else {
            return Ok(None);
        };
        let body = serde_json::from_str(&row.text(0)?);
        body.map(Some).map_err(|_| StoreError::Corrupt("a ceremony is not JSON".to_owned()))
    }

    /// Keeps a sealed TOTP secret that is yet to be confirmed. Fails with [`StoreError::Conflict`] when one is in
    /// use.
    pub async fn begin_totp(&self, access: &Access, account: u64, sealed: &str) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE account SET totp = $3, totp_step = NULL \
                   WHERE tenant = $1 AND no = $2 AND totp_on = 0";
        if tx.run(sql, args![access.row(), account, sealed]).await? == 0 {
            return Err(StoreError::Conflict("codes are in use already".to_owned()));
        }
        tx.commit().await
    }

    /// From now on sign-in asks for codes; `step` is that of the code that confirmed it. The hashes of recovery
    /// codes replace those before.
    pub async fn confirm_totp(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        step: i64,
        recovery: &[[u8; 32]],
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE account SET totp_on = 1, totp_step = $3, version = version + 1 \
                   WHERE tenant = $1 AND no = $2 AND totp_on = 0 AND totp IS NOT NULL";
        if tx.run(sql, args![access.row(), account, step]).await? == 0 {
            return Err(StoreError::Conflict("there is nothing to confirm".to_owned()));
        }
        replace_recovery(&mut tx, access, account, recovery).await?;
        let name = get(&mut tx, access, account).await?.name;
        note(&mut tx, access, now, "account.totp", &name, json!({ "on": true })).await?;
        tx.commit().await
    }

    /// Sign-in no longer asks for codes of an app. Recovery codes stay while there are passkeys.
    pub async fn drop_totp(&self, access: &Access, now: Timestamp, account: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE account SET totp = NULL, totp_on = 0, totp_step = NULL, \
                   version = version + 1 WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), account]).await?;
        forget_recovery(&mut tx, access, account).await?;
        let name = get(&mut tx, access, account).await?.name;
        note(&mut tx, access, now, "account.totp", &name, json!({ "on": false })).await?;
        tx.commit().await
    }

    /// Uses the code of a step. False when it, or a later one, was used: of two at once one is false.
    pub async fn use_totp_step(&self, access: &Access, account: u64, step: i64) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE account SET totp_step = $3 WHERE tenant = $1 AND no = $2 \
                   AND totp_on = 1 AND (totp_step IS NULL OR totp_step < $3)";
        let is_used = tx.run(sql, args![access.row(), account, step]).await? == 1;
        tx.commit().await?;
        Ok(is_used)
    }

    /// Uses a recovery code; how many are left. `None` when there is no such code, or it was used.
    pub async fn use_recovery_code(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        hash: &[u8; 32],
    ) -> Result<Option<u64>> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2 AND hash = $3";
        if tx.run(sql, args![access.row(), account, &hash[..]]).await? == 0 {
            return Ok(None);
        }
        let sql = "SELECT count(*) FROM recovery_code WHERE tenant = $1 AND account = $2";
        let row = tx.row(sql, args![access.row(), account]).await?;
        let left = row.map_or(Ok(0), |row| row.count(0))?;
        let name = get(&mut tx, access, account).await?.name;
        note(&mut tx, access, now, "account.recovery", &name, json!({ "left": left })).await?;
        tx.commit().await?;
        Ok(Some(left))
    }

    /// Replaces the recovery codes of an account.
    pub async fn set_recovery_codes(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        hashes: &[[u8; 32]],
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        replace_recovery(&mut tx, access, account, hashes).await?;
        let name = get(&mut tx, access, account).await?.name;
        let detail = json!({ "renewed": hashes.len() });
        note(&mut tx, access, now, "account.recovery", &name, detail).await?;
        tx.commit().await
    }
}

/// Replaces the recovery codes of an account.
pub(crate) async fn replace_recovery(
    tx: &mut crate::db::Tx,
    access: &Access,
    account: u64,
    hashes: &[[u8; 32]],
) -> Result<()> {
    let sql = "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2";
    tx.run(sql, args![access.row(), account]).await?;
    let rows: Vec<_> = hashes.iter().map(|it| args![access.row(), account, &it[..]]).collect();
    bulk::insert(tx, "recovery_code (tenant, account, hash)", 3, "", rows).await?;
    Ok(())
}

/// Takes the recovery codes of an account away unless there is something left that they replace.
pub(crate) async fn forget_recovery(
    tx: &mut crate::db::Tx,
    access: &Access,
    account: u64,
) -> Result<()> {
    let sql = "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2 \
               AND NOT EXISTS (SELECT 1 FROM passkey p WHERE p.tenant = $1 AND p.account = $2) \
               AND NOT EXISTS (SELECT 1 FROM account a WHERE a.tenant = $1 AND a.no = $2 \
                               AND a.totp_on = 1)";
    tx.run(sql, args![access.row(), account]).await?;
    Ok(())
}
