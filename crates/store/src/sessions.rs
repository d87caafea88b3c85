//! Sessions and tokens: what a request proves itself with.
//!
//! Only hashes are kept. How long a session lives is the caller's rule; here it begins, changes its secret
//! and ends.

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::accounts::{self, Account, account_of, get, note};
use crate::commit::clean;
use crate::db::{Result, Row, Tx, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::groups::{RoleGrant, all_grants};
use crate::time::{instant, micros};

/// What is to be a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Whose it is.
    pub account: u64,
    /// Hash of its secret.
    pub hash: [u8; 32],
    /// How somebody signed in.
    pub method: String,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its number, from 1 in each tenant.
    pub number: u64,
    /// Whose it is.
    pub account: u64,
    /// How somebody signed in.
    pub method: String,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
    /// When somebody signed in.
    pub created: Timestamp,
    /// When it was noted last that it is used.
    pub used: Timestamp,
    /// When its secret was changed last.
    pub rotated: Timestamp,
    /// Whether its secret must be changed, for rights were.
    pub must_rotate: bool,
}

/// A session that was found by its secret, with whom it belongs to and what they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Whether the secret was the one before the current one.
    pub is_previous: bool,
    /// Its account.
    pub account: Account,
    /// The roles of the account, its groups' too.
    pub grants: Vec<RoleGrant>,
}

/// What is to be a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Whose it is.
    pub account: u64,
    /// What it is called.
    pub name: String,
    /// The role that it is narrowed to.
    pub role: String,
    /// The scope that it is narrowed to; `None`: the whole tenant.
    pub scope: Option<String>,
    /// When it ends; `None`: by hand alone.
    pub expires: Option<Timestamp>,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number, from 1 in each tenant.
    pub number: u64,
    /// Whose it is.
    pub account: u64,
    /// What it is called.
    pub name: String,
    /// The role that it is narrowed to.
    pub role: String,
    /// The scope that it is narrowed to; `None`: the whole tenant.
    pub scope: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; `None`: by hand alone.
    pub expires: Option<Timestamp>,
    /// When it was noted last that it is used.
    pub used: Option<Timestamp>,
}

/// A token that was found by its number, with whom it belongs to and what they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundToken {
    /// The token.
    pub token: Token,
    /// Its account.
    pub account: Account,
    /// The roles of the account, its groups' too.
    pub grants: Vec<RoleGrant>,
}

const SESSION: &str = "s.no, s.account, s.method, s.address, s.agent, s.created, s.used, \
     s.rotated, s.must_rotate, CAST(CASE WHEN s.hash = $2 THEN 0 ELSE 1 END AS BIGINT)";
const TOKEN: &str = "t.no, t.account, t.name, t.role, t.scope, t.created, t.expires, t.used";
/// Characters of what a browser calls itself that are kept.
const AGENT: usize = 256;

fn session_of(row: &Row) -> Result<Session> {
    Ok(Session {
        number: row.count(0)?,
        account: row.count(1)?,
        method: row.text(2)?,
        address: row.text(3)?,
        agent: row.text(4)?,
        created: instant(row.int(5)?)?,
        used: instant(row.int(6)?)?,
        rotated: instant(row.int(7)?)?,
        must_rotate: row.int(8)? != 0,
    })
}

fn token_of(row: &Row, from: usize) -> Result<Token> {
    Ok(Token {
        number: row.count(from)?,
        account: row.count(from + 1)?,
        name: row.text(from + 2)?,
        role: row.text(from + 3)?,
        scope: Some(row.text(from + 4)?).filter(|it| !it.is_empty()),
        created: instant(row.int(from + 5)?)?,
        expires: row.int_or_null(from + 6)?.map(instant).transpose()?,
        used: row.int_or_null(from + 7)?.map(instant).transpose()?,
    })
}

impl Store {
    /// Begins a session, and notes when its account signed in; its number.
    pub async fn open_session(
        &self,
        access: &Access,
        now: Timestamp,
        session: &NewSession,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let account = get(&mut tx, access, session.account).await?;
        if !account.is_active || account.is_service {
            return Err(StoreError::Conflict(format!("account `{}` is not active", account.name)));
        }
        let number = take_numbers(&mut tx, access, "session", 1).await? - access.base();
        let sql = "INSERT INTO session (tenant, no, account, hash, method, address, agent, \
                   created, used, rotated, must_rotate) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, 0)";
        let agent: String = clean(&session.agent).chars().take(AGENT).collect();
        let values = args![
            access.row(),
            number,
            session.account,
            &session.hash[..],
            &*session.method,
            clean(&session.address),
            agent,
            micros(now),
        ];
        tx.run(sql, values).await?;
        let sql = "UPDATE account SET signed_in = $3 WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), session.account, micros(now)]).await?;
        let detail = json!({ "method": session.method, "address": session.address });
        note(&mut tx, access, now, "session.open", &account.name, detail).await?;
        tx.commit().await?;
        Ok(number.cast_unsigned())
    }

    /// The session whose secret has, or had before the last change, this hash.
    pub async fn session_by_hash(
        &self,
        access: &Access,
        hash: &[u8; 32],
    ) -> Result<Option<FoundSession>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {SESSION}, {} FROM session s JOIN account a \
             ON a.tenant = s.tenant AND a.no = s.account \
             WHERE s.tenant = $1 AND (s.hash = $2 OR s.previous = $2)",
            accounts::COLUMNS
        );
        let row = tx.row(&sql, args![access.row(), &hash[..]]).await?;
        let Some(row) = row else { return Ok(None) };
        let session = session_of(&row)?;
        let account = account_of(&row, 10)?;
        let grants = all_grants(&mut tx, access, account.number).await?;
        Ok(Some(FoundSession { session, is_previous: row.int(9)? != 0, account, grants }))
    }

    /// Notes that a session is used.
    pub async fn note_session(&self, access: &Access, now: Timestamp, number: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE session SET used = $3 WHERE tenant = $1 AND no = $2 AND used < $3";
        tx.run(sql, args![access.row(), number, micros(now)]).await?;
        tx.commit().await
    }

    /// Changes the secret of a session from `old`; false when another request was faster.
    pub async fn rotate_session(
        &self,
        access: &Access,
        now: Timestamp,
        number: u64,
        old: &[u8; 32],
        new: &[u8; 32],
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE session SET previous = hash, hash = $4, rotated = $5, used = $5, \
                   must_rotate = 0 WHERE tenant = $1 AND no = $2 AND hash = $3";
        let values = args![access.row(), number, &old[..], &new[..], micros(now)];
        let is_changed = tx.run(sql, values).await? == 1;
        tx.commit().await?;
        Ok(is_changed)
    }

    /// Ends a session of an account, and says why in the audit log. False when there is none.
    pub async fn end_session(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        number: u64,
        why: &str,
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM session WHERE tenant = $1 AND account = $2 AND no = $3";
        let is_there = tx.run(sql, args![access.row(), account, number]).await? == 1;
        if is_there {
            let name = get(&mut tx, access, account).await?.name;
            let detail = json!({ "number": number, "why": why });
            note(&mut tx, access, now, "session.end", &name, detail).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    }

    /// Ends all sessions of an account, but `kept`; how many.
    pub async fn end_sessions(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        kept: Option<u64>,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let ended = end_all(&mut tx, access, account, kept).await?;
        let name = get(&mut tx, access, account).await?.name;
        let detail = json!({ "ended": ended });
        note(&mut tx, access, now, "session.end-all", &name, detail).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// The sessions of an account, the latest first.
    pub async fn sessions(&self, access: &Access, account: u64) -> Result<Vec<Session>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT s.no, s.account, s.method, s.address, s.agent, s.created, s.used, \
                   s.rotated, s.must_rotate FROM session s \
                   WHERE s.tenant = $1 AND s.account = $2 ORDER BY s.no DESC";
        let rows = tx.rows(sql, args![access.row(), account]).await?;
        rows.iter().map(session_of).collect()
    }

    /// Takes sessions away that began or were used before these instants, and what else has ended by itself.
    pub async fn prune_sessions(
        &self,
        access: &Access,
        now: Timestamp,
        created_before: Timestamp,
        used_before: Timestamp,
        attempts_before: Timestamp,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM session WHERE tenant = $1 AND (created < $2 OR used < $3)";
        let values = args![access.row(), micros(created_before), micros(used_before)];
        let ended = tx.run(sql, values).await?;
        let sql = "DELETE FROM ceremony WHERE tenant = $1 AND expires < $2";
        tx.run(sql, args![access.row(), micros(now)]).await?;
        let sql = "DELETE FROM attempt WHERE tenant = $1 AND last < $2";
        tx.run(sql, args![access.row(), micros(attempts_before)]).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Makes a token; its number. `hash` gives the hash of the secret for a number, which is part of it.
    pub async fn add_token(
        &self,
        access: &Access,
        now: Timestamp,
        token: &NewToken,
        hash: impl Fn(u64) -> [u8; 32] + Send,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let account = get(&mut tx, access, token.account).await?;
        let number = take_numbers(&mut tx, access, "token", 1).await? - access.base();
        let sql = "INSERT INTO token (tenant, no, account, name, hash, role, scope, created, \
                   expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let scope = token.scope.as_deref().unwrap_or_default();
        let values = args![
            access.row(),
            number,
            token.account,
            &*token.name,
            &hash(number.cast_unsigned())[..],
            &*token.role,
            scope,
            micros(now),
            token.expires.map(micros),
        ];
        tx.run(sql, values).await?;
        let detail = json!({ "number": number, "name": token.name, "role": token.role,
                             "scope": token.scope });
        note(&mut tx, access, now, "token.add", &account.name, detail).await?;
        tx.commit().await?;
        Ok(number.cast_unsigned())
    }

    /// The token with a number and this hash.
    pub async fn token_by_hash(
        &self,
        access: &Access,
        number: u64,
        hash: &[u8; 32],
    ) -> Result<Option<FoundToken>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {TOKEN}, {} FROM token t JOIN account a \
             ON a.tenant = t.tenant AND a.no = t.account \
             WHERE t.tenant = $1 AND t.no = $2 AND t.hash = $3",
            accounts::COLUMNS
        );
        let row = tx.row(&sql, args![access.row(), number, &hash[..]]).await?;
        let Some(row) = row else { return Ok(None) };
        let (token, account) = (token_of(&row, 0)?, account_of(&row, 8)?);
        let grants = all_grants(&mut tx, access, account.number).await?;
        Ok(Some(FoundToken { token, account, grants }))
    }

    /// Notes that a token is used.
    pub async fn note_token(&self, access: &Access, now: Timestamp, number: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql = "UPDATE token SET used = $3 WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), number, micros(now)]).await?;
        tx.commit().await
    }

    /// Tokens by number, those after `after`, of one account or of all, at most `limit`.
    pub async fn tokens(
        &self,
        access: &Access,
        account: Option<u64>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Token>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {TOKEN} FROM token t WHERE t.tenant = $1 AND t.no > $2 \
             AND ($3 < 0 OR t.account = $3) ORDER BY t.no LIMIT $4"
        );
        let account = account.map_or(-1, u64::cast_signed);
        let rows = tx.rows(&sql, args![access.row(), after, account, limit]).await?;
        rows.iter().map(|row| token_of(row, 0)).collect()
    }

    /// Ends a token, of `account` when that is given. False when there is none.
    pub async fn remove_token(
        &self,
        access: &Access,
        now: Timestamp,
        account: Option<u64>,
        number: u64,
    ) -> Result<bool> {
        let mut tx = self.write(access).await?;
        let sql = "DELETE FROM token WHERE tenant = $1 AND no = $2 AND ($3 < 0 OR account = $3)";
        let account = account.map_or(-1, u64::cast_signed);
        let is_there = tx.run(sql, args![access.row(), number, account]).await? == 1;
        if is_there {
            let object = number.to_string();
            note(&mut tx, access, now, "token.remove", &object, json!({})).await?;
        }
        tx.commit().await?;
        Ok(is_there)
    }
}

/// Ends the sessions of an account, but `kept`; how many.
pub(crate) async fn end_all(
    tx: &mut Tx,
    access: &Access,
    account: u64,
    kept: Option<u64>,
) -> Result<u64> {
    let sql = "DELETE FROM session WHERE tenant = $1 AND account = $2 AND no <> $3";
    tx.run(sql, args![access.row(), account, kept.unwrap_or(0)]).await
}

/// The sessions of an account get a new secret with their next request.
pub(crate) async fn rotate_all(tx: &mut Tx, access: &Access, account: u64) -> Result<()> {
    let sql = "UPDATE session SET must_rotate = 1 WHERE tenant = $1 AND account = $2";
    tx.run(sql, args![access.row(), account]).await.map(|_| ())
}

/// [`rotate_all`] for all in a group.
pub(crate) async fn rotate_members(tx: &mut Tx, access: &Access, group: u64) -> Result<()> {
    let sql = "UPDATE session SET must_rotate = 1 WHERE tenant = $1 AND account IN \
               (SELECT account FROM member WHERE tenant = $1 AND group_no = $2)";
    tx.run(sql, args![access.row(), group]).await.map(|_| ())
}
