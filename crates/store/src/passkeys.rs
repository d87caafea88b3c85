//! Passkeys: public keys of authenticators, and how often they have signed.

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::accounts::{get, note};
use crate::commit::clean;
use crate::db::{Result, Row, args};
use crate::error::StoreError;
use crate::proofs::{forget_recovery, replace_recovery};
use crate::time::{instant, micros};

/// Passkeys of one account.
const MOST: i64 = 20;
const PASSKEY: &str = "id, account, name, holder, algorithm, key, counter, can_back_up, backed_up, \
     transports, created, used";

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id, chosen by the authenticator.
    pub id: Vec<u8>,
    /// Whose it is.
    pub account: u64,
    /// What it is called.
    pub name: String,
    /// What authenticators know the account by: random, the same for all its passkeys.
    pub holder: Vec<u8>,
    /// Its algorithm, as COSE numbers them.
    pub algorithm: i64,
    /// Its public key, as COSE writes it.
    pub key: Vec<u8>,
    /// Signatures so far, as it says; 0: it does not count.
    pub counter: u32,
    /// Whether it may be carried to other devices.
    pub can_back_up: bool,
    /// Whether it was, as it said last.
    pub is_backed_up: bool,
    /// How browsers reach it: words that a browser gave, without spaces.
    pub transports: Vec<String>,
    /// When it was added.
    pub created: Timestamp,
    /// When somebody signed in with it last.
    pub used: Option<Timestamp>,
}

fn passkey_of(row: &Row) -> Result<Passkey> {
    Ok(Passkey {
        id: row.bytes(0)?,
        account: row.count(1)?,
        name: row.text(2)?,
        holder: row.bytes(3)?,
        algorithm: row.int(4)?,
        key: row.bytes(5)?,
        counter: row.small(6)?,
        can_back_up: row.int(7)? != 0,
        is_backed_up: row.int(8)? != 0,
        transports: row.text(9)?.split_whitespace().map(str::to_owned).collect(),
        created: instant(row.int(10)?)?,
        used: row.int_or_null(11)?.map(instant).transpose()?,
    })
}

impl Store {
    /// Adds a passkey. When it is the first second factor of the account, `recovery` are the hashes of its recovery codes,
    /// and the answer is true. Fails with [`StoreError::Conflict`] when its id is known, or there are too many.
    pub async fn add_passkey(
        &self,
        access: &Access,
        now: Timestamp,
        passkey: &Passkey,
        recovery: &[[u8; 32]],
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let account = get(&mut tx, access, passkey.account).await?;
        let sql = "SELECT COUNT(*) FROM passkey WHERE tenant = $1 AND account = $2";
        let row = tx.row(sql, args![access.row(), passkey.account]).await?;
        let count = row.map_or(Ok(0), |row| row.int(0))?;
        if count >= MOST {
            return Err(StoreError::Conflict(format!("there are {MOST} passkeys already")));
        }
        let sql = "INSERT INTO passkey (tenant, id, account, name, holder, algorithm, key, counter, \
                   can_back_up, backed_up, transports, created) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
        let transports = clean(&passkey.transports.join(" "));
        let values = args![
            access.row(),
            &*passkey.id,
            passkey.account,
            &*passkey.name,
            &*passkey.holder,
            passkey.algorithm,
            &*passkey.key,
            passkey.counter,
            i64::from(passkey.can_back_up),
            i64::from(passkey.is_backed_up),
            transports,
            micros(now),
        ];
        if tx.run(sql, values).await? == 0 {
            return Err(StoreError::Conflict("the passkey is known already".to_owned()));
        }
        let is_first = count == 0 && !account.totp_on;
        if is_first {
            replace_recovery(&mut tx, access, passkey.account, recovery).await?;
        }
        let detail = json!({ "name": passkey.name });
        note(&mut tx, access, now, "passkey.add", &account.name, detail).await?;
        tx.commit().await?;
        Ok(is_first)
    }

    /// The passkey with an id.
    pub async fn passkey(&self, access: &Access, id: &[u8]) -> Result<Option<Passkey>> {
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT {PASSKEY} FROM passkey WHERE tenant = $1 AND id = $2");
        let row = tx.row(&sql, args![access.row(), id]).await?;
        row.map(|row| passkey_of(&row)).transpose()
    }

    /// The passkeys of an account, the oldest first.
    pub async fn passkeys(&self, access: &Access, account: u64) -> Result<Vec<Passkey>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {PASSKEY} FROM passkey WHERE tenant = $1 AND account = $2 ORDER BY created, id"
        );
        let rows = tx.rows(&sql, args![access.row(), account]).await?;
        rows.iter().map(passkey_of).collect()
    }

    /// Notes a signature. False when its counter does not go on: the passkey was copied, or another request with the
    /// same answer was faster.
    pub async fn use_passkey(
        &self,
        access: &Access,
        now: Timestamp,
        id: &[u8],
        counter: u32,
        is_backed_up: bool,
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE passkey SET counter = $3, used = $4, backed_up = $5 \
                   WHERE tenant = $1 AND id = $2 \
                   AND (counter < $3 OR (counter = 0 AND $3 = 0))";
        let values = args![access.row(), id, counter, micros(now), i64::from(is_backed_up)];
        let is_used = tx.run(sql, values).await? == 1;
        tx.commit().await?;
        Ok(is_used)
    }

    /// Calls a passkey of an account otherwise. False when there is none.
    pub async fn rename_passkey(
        &self,
        access: &Access,
        now: Timestamp,
        (account, id): (u64, &[u8]),
        name: &str,
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE passkey SET name = $4 WHERE tenant = $1 AND account = $2 AND id = $3";
        let is_there = tx.run(sql, args![access.row(), account, id, name]).await? == 1;
        if is_there {
            let object = get(&mut tx, access, account).await?.name;
            note(&mut tx, access, now, "passkey.rename", &object, json!({ "name": name })).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    }

    /// Takes a passkey of an account away, and the recovery codes when they replace nothing any more. False when there is
    /// none.
    pub async fn remove_passkey(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        id: &[u8],
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM passkey WHERE tenant = $1 AND account = $2 AND id = $3";
        let is_there = tx.run(sql, args![access.row(), account, id]).await? == 1;
        if is_there {
            forget_recovery(&mut tx, access, account).await?;
            let name = get(&mut tx, access, account).await?.name;
            note(&mut tx, access, now, "passkey.remove", &name, json!({})).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    }

    /// Takes everything away that an account proves itself with beside its password: app, passkeys, recovery codes.
    pub async fn reset_factors(&self, access: &Access, now: Timestamp, account: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE account SET totp = NULL, totp_on = 0, totp_step = NULL, \
                   version = version + 1 WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), account]).await?;
        let sql = "DELETE FROM passkey WHERE tenant = $1 AND account = $2";
        let passkeys = tx.run(sql, args![access.row(), account]).await?;
        replace_recovery(&mut tx, access, account, &[]).await?;
        let name = get(&mut tx, access, account).await?.name;
        let detail = json!({ "passkeys": passkeys });
        note(&mut tx, access, now, "account.reset-factors", &name, detail).await?;
        tx.commit().await
    }
}
