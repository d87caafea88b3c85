//! Accounts: who there is.
//!
//! INVARIANT: once there is an owner of the whole tenant who can sign in, there always is one.

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::audit;
use crate::change::AuditEntry;
use crate::db::{Result, Row, Tx, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::sessions::end_all;
use crate::time::{instant, micros};

/// What is to be an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAccount {
    /// Its name, in the form in which names are kept.
    pub name: String,
    /// For people to read.
    pub display: String,
    /// Where to write to.
    pub email: Option<String>,
    /// Whether it is a program's: it never signs in, and only has tokens.
    pub is_service: bool,
    /// Hash of the password; `None`: it signs in another way.
    pub password: Option<String>,
    /// Whether the password must be changed at the first sign-in.
    pub must_change: bool,
    /// Who it is to an identity provider.
    pub subject: Option<String>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number, from 1 in each tenant.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// For people to read.
    pub display: String,
    /// Where to write to.
    pub email: Option<String>,
    /// Whether it is a program's.
    pub is_service: bool,
    /// Whether it may be used at all.
    pub is_active: bool,
    /// Who it is to an identity provider.
    pub subject: Option<String>,
    /// Hash of the password.
    pub password: Option<String>,
    /// Whether the password was set by another and must be changed.
    pub must_change: bool,
    /// The sealed TOTP secret, confirmed or not.
    pub totp: Option<String>,
    /// Whether sign-in asks for a code.
    pub totp_on: bool,
    /// Step of the code that was used last.
    pub totp_step: Option<i64>,
    /// How many passkeys it has.
    pub passkeys: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When somebody signed in last.
    pub signed_in: Option<Timestamp>,
    /// Grows with each change.
    pub version: u64,
}

impl Account {
    /// Whether a password alone does not sign in: it has an app or a passkey.
    pub fn has_second_factor(&self) -> bool {
        self.totp_on || self.passkeys > 0
    }
}

/// What changes of an account; `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    /// For people to read.
    pub display: Option<String>,
    /// Where to write to; `Some(None)`: nowhere.
    pub email: Option<Option<String>>,
    /// Whether it may be used. Ending that ends its sessions.
    pub is_active: Option<bool>,
}

/// Who sets a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordBy {
    /// Whom the account belongs to, in this session, which stays.
    Themselves(Option<u64>),
    /// Somebody else: it must be changed at the next sign-in.
    Another,
}

/// The columns of [`account_of`], from a table that is called `a`.
pub(crate) const COLUMNS: &str = "a.no, a.name, a.display, a.email, a.kind, a.state, a.subject, \
     a.password, a.must_change, a.totp, a.totp_on, a.totp_step, a.created, a.signed_in, a.version, \
     (SELECT COUNT(*) FROM passkey p WHERE p.tenant = a.tenant AND p.account = a.no)";
/// The account in a row whose columns `from` on are [`COLUMNS`].
pub(crate) fn account_of(row: &Row, from: usize) -> Result<Account> {
    let signed_in = row.int_or_null(from + 13)?.map(instant).transpose()?;
    Ok(Account {
        number: row.count(from)?,
        name: row.text(from + 1)?,
        display: row.text(from + 2)?,
        email: row.text_or_null(from + 3)?,
        is_service: row.text(from + 4)? == "service",
        is_active: row.text(from + 5)? == "active",
        subject: row.text_or_null(from + 6)?,
        password: row.text_or_null(from + 7)?,
        must_change: row.int(from + 8)? != 0,
        totp: row.text_or_null(from + 9)?,
        totp_on: row.int(from + 10)? != 0,
        totp_step: row.int_or_null(from + 11)?,
        created: instant(row.int(from + 12)?)?,
        signed_in,
        version: row.count(from + 14)?,
        passkeys: row.count(from + 15)?,
    })
}

impl Store {
    /// Makes an account; its number. Fails with [`StoreError::Conflict`] when the name is taken.
    pub async fn add_account(
        &self,
        access: &Access,
        now: Timestamp,
        account: &NewAccount,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        let number = insert(&mut tx, access, now, account).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// The account with a number.
    pub async fn account(&self, access: &Access, number: u64) -> Result<Option<Account>> {
        let mut tx = self.read(access).await?;
        find(&mut tx, access, number).await
    }

    /// The account with a name, in the form in which names are kept.
    pub async fn account_by_name(&self, access: &Access, name: &str) -> Result<Option<Account>> {
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.tenant = $1 AND a.name = $2");
        let row = tx.row(&sql, args![access.row(), name]).await?;
        row.map(|row| account_of(&row, 0)).transpose()
    }

    /// The account that is `subject` to an identity provider.
    pub async fn account_by_subject(
        &self,
        access: &Access,
        subject: &str,
    ) -> Result<Option<Account>> {
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.tenant = $1 AND a.subject = $2");
        let row = tx.row(&sql, args![access.row(), subject]).await?;
        row.map(|row| account_of(&row, 0)).transpose()
    }

    /// Accounts by name, those after the name `after`, at most `limit`.
    pub async fn accounts(&self, access: &Access, after: &str, limit: u32) -> Result<Vec<Account>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM account a WHERE a.tenant = $1 AND a.name > $2 \
             ORDER BY a.name LIMIT $3"
        );
        let rows = tx.rows(&sql, args![access.row(), after, limit]).await?;
        rows.iter().map(|row| account_of(row, 0)).collect()
    }

    /// How many accounts there are.
    pub async fn account_count(&self, access: &Access) -> Result<u64> {
        let mut tx = self.read(access).await?;
        count(&mut tx, access).await
    }

    /// Changes an account. With `version` it must be that one: else somebody was faster, which is a
    /// [`StoreError::Conflict`]. The last owner cannot be disabled.
    pub async fn change_account(
        &self,
        access: &Access,
        now: Timestamp,
        number: u64,
        version: Option<u64>,
        change: &AccountChange,
    ) -> Result<Account> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let before = get(&mut tx, access, number).await?;
        if version.is_some_and(|it| it != before.version) {
            return Err(StoreError::Conflict(format!(
                "account `{}` was changed meanwhile",
                before.name
            )));
        }
        let is_active = change.is_active.unwrap_or(before.is_active);
        let display = change.display.clone().unwrap_or_else(|| before.display.clone());
        let email = change.email.clone().unwrap_or_else(|| before.email.clone());
        let state = if is_active { "active" } else { "disabled" };
        let sql = "UPDATE account SET display = $3, email = $4, state = $5, \
                   version = version + 1 WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), number, display, email, state]).await?;
        if before.is_active && !is_active {
            end_all(&mut tx, access, number, None).await?;
            must_have_owner(&mut tx, access, had).await?;
        }
        let detail = json!({ "state": state });
        note(&mut tx, access, now, "account.change", &before.name, detail).await?;
        let after = get(&mut tx, access, number).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Takes an account away, with all that belongs to it. The last owner stays.
    pub async fn remove_account(&self, access: &Access, now: Timestamp, number: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let before = get(&mut tx, access, number).await?;
        for sql in [
            "DELETE FROM session WHERE tenant = $1 AND account = $2",
            "DELETE FROM token WHERE tenant = $1 AND account = $2",
            "DELETE FROM passkey WHERE tenant = $1 AND account = $2",
            "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2",
            "DELETE FROM member WHERE tenant = $1 AND account = $2",
            "DELETE FROM role_grant WHERE tenant = $1 AND holder = 'account' AND holder_no = $2",
            "DELETE FROM account WHERE tenant = $1 AND no = $2",
        ] {
            tx.run(sql, args![access.row(), number]).await?;
        }
        must_have_owner(&mut tx, access, had).await?;
        note(&mut tx, access, now, "account.remove", &before.name, json!({})).await?;
        tx.commit().await
    }

    /// Sets the password and ends the sessions of the account.
    pub async fn set_password(
        &self,
        access: &Access,
        now: Timestamp,
        number: u64,
        hash: &str,
        by: PasswordBy,
    ) -> Result<()> {
        let (must_change, kept) = match by {
            PasswordBy::Themselves(session) => (false, session),
            PasswordBy::Another => (true, None),
        };
        let mut tx = self.write(access).await?;
        let before = get(&mut tx, access, number).await?;
        let sql = "UPDATE account SET password = $3, must_change = $4, version = version + 1 \
                   WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), number, hash, i64::from(must_change)]).await?;
        end_all(&mut tx, access, number, kept).await?;
        note(&mut tx, access, now, "account.password", &before.name, json!({})).await?;
        tx.commit().await
    }

    /// Keeps another hash of the same password; nothing happens when it was changed meanwhile.
    pub async fn rehash_password(
        &self,
        access: &Access,
        number: u64,
        old: &str,
        new: &str,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let sql =
            "UPDATE account SET password = $4 WHERE tenant = $1 AND no = $2 AND password = $3";
        tx.run(sql, args![access.row(), number, old, new]).await?;
        tx.commit().await
    }
}

pub(crate) async fn insert(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    account: &NewAccount,
) -> Result<u64> {
    let taken = "SELECT 1 FROM account WHERE tenant = $1 AND name = $2";
    if tx.row(taken, args![access.row(), &*account.name]).await?.is_some() {
        return Err(StoreError::Conflict(format!("the name `{}` is taken", account.name)));
    }
    let number = take_numbers(tx, access, "account", 1).await? - access.base();
    let sql = "INSERT INTO account (tenant, no, name, display, email, kind, state, subject, \
               password, must_change, totp_on, created, version) \
               VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, 0, $10, 1)";
    let values = args![
        access.row(),
        number,
        &*account.name,
        &*account.display,
        account.email.clone(),
        if account.is_service { "service" } else { "person" },
        account.subject.clone(),
        account.password.clone(),
        i64::from(account.must_change),
        micros(now),
    ];
    tx.run(sql, values).await?;
    note(tx, access, now, "account.add", &account.name, json!({ "number": number })).await?;
    Ok(number.cast_unsigned())
}

pub(crate) async fn count(tx: &mut Tx, access: &Access) -> Result<u64> {
    let sql = "SELECT count(*) FROM account WHERE tenant = $1";
    tx.row(sql, args![access.row()]).await?.map_or(Ok(0), |row| row.count(0))
}

pub(crate) async fn find(tx: &mut Tx, access: &Access, number: u64) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.tenant = $1 AND a.no = $2");
    let row = tx.row(&sql, args![access.row(), number]).await?;
    row.map(|row| account_of(&row, 0)).transpose()
}

pub(crate) async fn get(tx: &mut Tx, access: &Access, number: u64) -> Result<Account> {
    find(tx, access, number).await?.ok_or_else(|| StoreError::NotFound(format!("account {number}")))
}

/// Writes a row of the audit log.
pub(crate) async fn note(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    action: &str,
    object: &str,
    detail: serde_json::Value,
) -> Result<()> {
    let entry = AuditEntry { action: action.to_owned(), object: object.to_owned(), detail };
    audit::append(tx, access, now, &[entry]).await
}

/// Keeps other changes of people away until the transaction ends, so that of two owners who take each
/// other's role one stays. Whether there is an owner.
pub(crate) async fn alone(tx: &mut Tx, access: &Access) -> Result<HadOwner> {
    let sql = format!("SELECT no FROM tenant WHERE no = $1{}", tx.lock(" FOR NO KEY UPDATE"));
    tx.row(&sql, args![access.row()]).await?;
    has_owner(tx, access).await.map(HadOwner)
}

/// Whether there was an owner before a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HadOwner(bool);

/// Fails when there was an owner and there is none any more.
pub(crate) async fn must_have_owner(tx: &mut Tx, access: &Access, had: HadOwner) -> Result<()> {
    if had.0 && !has_owner(tx, access).await? {
        return Err(StoreError::Conflict("the last owner cannot go".to_owned()));
    }
    Ok(())
}

/// Whether an active person is an owner of the whole tenant, by themselves or through a group.
async fn has_owner(tx: &mut Tx, access: &Access) -> Result<bool> {
    let sql = "SELECT 1 FROM account a WHERE a.tenant = $1 AND a.kind = 'person' \
               AND a.state = 'active' AND EXISTS (SELECT 1 FROM role_grant g \
               WHERE g.tenant = a.tenant AND g.role = 'owner' AND g.scope = '' \
               AND ((g.holder = 'account' AND g.holder_no = a.no) \
               OR (g.holder = 'group' AND g.holder_no IN (SELECT m.group_no FROM member m \
               WHERE m.tenant = a.tenant AND m.account = a.no)))) LIMIT 1";
    Ok(tx.row(sql, args![access.row()]).await?.is_some())
}
