//! Groups of accounts, and the roles that accounts and groups have.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use crate::Store;
use crate::access::Access;
use crate::accounts::{alone, get, must_have_owner, note};
use crate::db::{Result, Row, Tx, args};
use crate::document::take_numbers;
use crate::error::StoreError;
use crate::sessions::{rotate_all, rotate_members};
use crate::time::{instant, micros};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number, from 1 in each tenant.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// Its name at an identity provider; who is in it is decided there.
    pub claim: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Grows with each change.
    pub version: u64,
}

/// Who has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The account with this number.
    Account(u64),
    /// All in the group with this number.
    Group(u64),
}

/// A role that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    /// Its number, from 1 in each tenant.
    pub number: u64,
    /// Who has it.
    pub holder: Holder,
    /// Name of the role.
    pub role: String,
    /// Id of the scope; `None`: the whole tenant.
    pub scope: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// Who gave it.
    pub created_by: String,
}

impl Holder {
    fn row(self) -> (&'static str, u64) {
        match self {
            Self::Account(number) => ("account", number),
            Self::Group(number) => ("group", number),
        }
    }
}

const GROUP: &str = "g.no, g.name, g.claim, g.created, g.version";
const GRANT: &str = "g.no, g.holder, g.holder_no, g.role, g.scope, g.created, g.created_by";

fn group_of(row: &Row) -> Result<Group> {
    Ok(Group {
        number: row.count(0)?,
        name: row.text(1)?,
        claim: row.text_or_null(2)?,
        created: instant(row.int(3)?)?,
        version: row.count(4)?,
    })
}

fn grant_of(row: &Row) -> Result<RoleGrant> {
    let number = row.count(2)?;
    let is_group = row.text(1)? == "group";
    Ok(RoleGrant {
        number: row.count(0)?,
        holder: if is_group { Holder::Group(number) } else { Holder::Account(number) },
        role: row.text(3)?,
        scope: Some(row.text(4)?).filter(|it| !it.is_empty()),
        created: instant(row.int(5)?)?,
        created_by: row.text(6)?,
    })
}

impl Store {
    /// Makes a group; its number. Fails with [`StoreError::Conflict`] when the name is taken.
    pub async fn add_group(
        &self,
        access: &Access,
        now: Timestamp,
        name: &str,
        claim: Option<&str>,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        name_is_free(&mut tx, access, name, 0).await?;
        let number = take_numbers(&mut tx, access, "people_group", 1).await? - access.base();
        let sql = "INSERT INTO people_group (tenant, no, name, claim, created, version) \
                   VALUES ($1, $2, $3, $4, $5, 1)";
        let claim = claim.map(str::to_owned);
        tx.run(sql, args![access.row(), number, name, claim, micros(now)]).await?;
        note(&mut tx, access, now, "group.add", name, json!({ "number": number })).await?;
        tx.commit().await?;
        Ok(number.cast_unsigned())
    }

    /// The group with a number.
    pub async fn group(&self, access: &Access, number: u64) -> Result<Option<Group>> {
        let mut tx = self.read(access).await?;
        find_group(&mut tx, access, number).await
    }

    /// Groups by name, those after the name `after`, at most `limit`.
    pub async fn groups(&self, access: &Access, after: &str, limit: u32) -> Result<Vec<Group>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {GROUP} FROM people_group g WHERE g.tenant = $1 AND g.name > $2 \
             ORDER BY g.name LIMIT $3"
        );
        let rows = tx.rows(&sql, args![access.row(), after, limit]).await?;
        rows.iter().map(group_of).collect()
    }

    /// The groups that an account is in, by name.
    pub async fn groups_of(&self, access: &Access, account: u64) -> Result<Vec<Group>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {GROUP} FROM people_group g JOIN member m \
             ON m.tenant = g.tenant AND m.group_no = g.no \
             WHERE m.tenant = $1 AND m.account = $2 ORDER BY g.name"
        );
        let rows = tx.rows(&sql, args![access.row(), account]).await?;
        rows.iter().map(group_of).collect()
    }

    /// The numbers of the accounts in a group, in order.
    pub async fn members(&self, access: &Access, group: u64) -> Result<Vec<u64>> {
        let mut tx = self.read(access).await?;
        let sql = "SELECT account FROM member WHERE tenant = $1 AND group_no = $2 ORDER BY account";
        let rows = tx.rows(sql, args![access.row(), group]).await?;
        rows.iter().map(|row| row.count(0)).collect()
    }

    /// Changes name and claim of a group, with `version` only when it still is that one.
    pub async fn change_group(
        &self,
        access: &Access,
        now: Timestamp,
        number: u64,
        version: Option<u64>,
        (name, claim): (&str, Option<&str>),
    ) -> Result<Group> {
        let mut tx = self.write(access).await?;
        let before = get_group(&mut tx, access, number).await?;
        if version.is_some_and(|it| it != before.version) {
            let name = before.name;
            return Err(StoreError::Conflict(format!("group `{name}` was changed meanwhile")));
        }
        name_is_free(&mut tx, access, name, number).await?;
        let sql = "UPDATE people_group SET name = $3, claim = $4, version = version + 1 \
                   WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), number, name, claim.map(str::to_owned)]).await?;
        let detail = json!({ "name": name, "claim": claim });
        note(&mut tx, access, now, "group.change", &before.name, detail).await?;
        let after = get_group(&mut tx, access, number).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Takes a group away, with its roles.
    pub async fn remove_group(&self, access: &Access, now: Timestamp, number: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let before = get_group(&mut tx, access, number).await?;
        rotate_members(&mut tx, access, number).await?;
        for sql in [
            "DELETE FROM member WHERE tenant = $1 AND group_no = $2",
            "DELETE FROM role_grant WHERE tenant = $1 AND holder = 'group' AND holder_no = $2",
            "DELETE FROM people_group WHERE tenant = $1 AND no = $2",
        ] {
            tx.run(sql, args![access.row(), number]).await?;
        }
        must_have_owner(&mut tx, access, had).await?;
        note(&mut tx, access, now, "group.remove", &before.name, json!({})).await?;
        tx.commit().await
    }

    /// Puts an account into a group, or takes it out. Sessions of the account get new secrets.
    pub async fn set_member(
        &self,
        access: &Access,
        now: Timestamp,
        group: u64,
        account: u64,
        is_member: bool,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let name = get_group(&mut tx, access, group).await?.name;
        let who = get(&mut tx, access, account).await?.name;
        if write_member(&mut tx, access, group, account, is_member).await? {
            rotate_all(&mut tx, access, account).await?;
            if !is_member {
                must_have_owner(&mut tx, access, had).await?;
            }
            let action = if is_member { "group.join" } else { "group.leave" };
            note(&mut tx, access, now, action, &name, json!({ "account": who })).await?;
        }
        tx.commit().await
    }

    /// Puts an account into the groups whose claims an identity provider names, and out of the others that
    /// have a claim. The last owner stays one.
    pub async fn follow_claims(
        &self,
        access: &Access,
        now: Timestamp,
        account: u64,
        claims: &BTreeSet<String>,
    ) -> Result<()> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let who = get(&mut tx, access, account).await?.name;
        let sql = format!(
            "SELECT {GROUP} FROM people_group g WHERE g.tenant = $1 AND g.claim IS NOT NULL \
             ORDER BY g.no"
        );
        let mut is_changed = false;
        for row in tx.rows(&sql, args![access.row()]).await? {
            let group = group_of(&row)?;
            let is_member = group.claim.is_some_and(|it| claims.contains(&it));
            if write_member(&mut tx, access, group.number, account, is_member).await? {
                is_changed = true;
                let action = if is_member { "group.join" } else { "group.leave" };
                let detail = json!({ "account": who, "by": "claim" });
                note(&mut tx, access, now, action, &group.name, detail).await?;
            }
        }
        if is_changed {
            rotate_all(&mut tx, access, account).await?;
            must_have_owner(&mut tx, access, had).await?;
        }
        tx.commit().await
    }

    /// Gives a role on a scope, or on the whole tenant; its number. One that is there already is the answer.
    pub async fn add_grant(
        &self,
        access: &Access,
        now: Timestamp,
        holder: Holder,
        role: &str,
        scope: Option<&str>,
    ) -> Result<u64> {
        let mut tx = self.write(access).await?;
        alone(&mut tx, access).await?;
        let number = give(&mut tx, access, now, holder, role, scope).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Takes a role away. The last owner keeps theirs.
    pub async fn remove_grant(&self, access: &Access, now: Timestamp, number: u64) -> Result<()> {
        let mut tx = self.write(access).await?;
        let had = alone(&mut tx, access).await?;
        let sql = format!("SELECT {GRANT} FROM role_grant g WHERE g.tenant = $1 AND g.no = $2");
        let row = tx.row(&sql, args![access.row(), number]).await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("grant {number}")))?;
        let grant = grant_of(&row)?;
        let sql = "DELETE FROM role_grant WHERE tenant = $1 AND no = $2";
        tx.run(sql, args![access.row(), number]).await?;
        must_have_owner(&mut tx, access, had).await?;
        let who = rotate(&mut tx, access, grant.holder).await?;
        let detail = json!({ "role": grant.role, "scope": grant.scope });
        note(&mut tx, access, now, "grant.remove", &who, detail).await?;
        tx.commit().await
    }

    /// The grant with a number.
    pub async fn grant(&self, access: &Access, number: u64) -> Result<Option<RoleGrant>> {
        let mut tx = self.read(access).await?;
        let sql = format!("SELECT {GRANT} FROM role_grant g WHERE g.tenant = $1 AND g.no = $2");
        let row = tx.row(&sql, args![access.row(), number]).await?;
        row.map(|row| grant_of(&row)).transpose()
    }

    /// Grants by number, those after `after`, at most `limit`.
    pub async fn grants(&self, access: &Access, after: u64, limit: u32) -> Result<Vec<RoleGrant>> {
        let mut tx = self.read(access).await?;
        let sql = format!(
            "SELECT {GRANT} FROM role_grant g WHERE g.tenant = $1 AND g.no > $2 \
             ORDER BY g.no LIMIT $3"
        );
        let rows = tx.rows(&sql, args![access.row(), after, limit]).await?;
        rows.iter().map(grant_of).collect()
    }

    /// The roles that an account has, by itself and through its groups, by number.
    pub async fn grants_of(&self, access: &Access, account: u64) -> Result<Vec<RoleGrant>> {
        let mut tx = self.read(access).await?;
        all_grants(&mut tx, access, account).await
    }
}

pub(crate) async fn all_grants(
    tx: &mut Tx,
    access: &Access,
    account: u64,
) -> Result<Vec<RoleGrant>> {
    let sql = format!(
        "SELECT {GRANT} FROM role_grant g WHERE g.tenant = $1 AND \
         ((g.holder = 'account' AND g.holder_no = $2) OR (g.holder = 'group' AND g.holder_no IN \
         (SELECT m.group_no FROM member m WHERE m.tenant = $1 AND m.account = $2))) ORDER BY g.no"
    );
    let rows = tx.rows(&sql, args![access.row(), account]).await?;
    rows.iter().map(grant_of).collect()
}

pub(crate) async fn give(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    holder: Holder,
    role: &str,
    scope: Option<&str>,
) -> Result<u64> {
    let (kind, holder_no) = holder.row();
    let who = rotate(tx, access, holder).await?;
    let scope = scope.unwrap_or_default();
    let sql = "SELECT no FROM role_grant WHERE tenant = $1 AND holder = $2 AND holder_no = $3 \
               AND role = $4 AND scope = $5";
    let same = args![access.row(), kind, holder_no, role, scope];
    if let Some(row) = tx.row(sql, same).await? {
        return row.count(0);
    }
    let number = take_numbers(tx, access, "role_grant", 1).await? - access.base();
    let sql = "INSERT INTO role_grant (tenant, no, holder, holder_no, role, scope, created, \
               created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values =
        args![access.row(), number, kind, holder_no, role, scope, micros(now), access.actor(),];
    tx.run(sql, values).await?;
    let detail = json!({ "role": role, "scope": scope, "number": number });
    note(tx, access, now, "grant.add", &who, detail).await?;
    Ok(number.cast_unsigned())
}

/// Gives the sessions of a holder new secrets, for their rights change; what the holder is called.
async fn rotate(tx: &mut Tx, access: &Access, holder: Holder) -> Result<String> {
    match holder {
        Holder::Account(number) => {
            rotate_all(tx, access, number).await?;
            Ok(get(tx, access, number).await?.name)
        }
        Holder::Group(number) => {
            rotate_members(tx, access, number).await?;
            Ok(format!("group {}", get_group(tx, access, number).await?.name))
        }
    }
}

/// Whether anything was changed.
async fn write_member(
    tx: &mut Tx,
    access: &Access,
    group: u64,
    account: u64,
    is_member: bool,
) -> Result<bool> {
    let sql = if is_member {
        "INSERT INTO member (tenant, group_no, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM member WHERE tenant = $1 AND group_no = $2 AND account = $3"
    };
    Ok(tx.run(sql, args![access.row(), group, account]).await? > 0)
}

async fn find_group(tx: &mut Tx, access: &Access, number: u64) -> Result<Option<Group>> {
    let sql = format!("SELECT {GROUP} FROM people_group g WHERE g.tenant = $1 AND g.no = $2");
    let row = tx.row(&sql, args![access.row(), number]).await?;
    row.map(|row| group_of(&row)).transpose()
}

async fn get_group(tx: &mut Tx, access: &Access, number: u64) -> Result<Group> {
    find_group(tx, access, number)
        .await?
        .ok_or_else(|| StoreError::NotFound(format!("group {number}")))
}

async fn name_is_free(tx: &mut Tx, access: &Access, name: &str, but: u64) -> Result<()> {
    let sql = "SELECT 1 FROM people_group WHERE tenant = $1 AND name = $2 AND no <> $3";
    match tx.row(sql, args![access.row(), name, but]).await? {
        None => Ok(()),
        Some(_) => Err(StoreError::Conflict(format!("the name `{name}` is taken"))),
    }
}
