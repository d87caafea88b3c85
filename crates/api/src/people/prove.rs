//! Proving with a password and a code, and how often that may be tried.

use std::net::{IpAddr, Ipv6Addr};

use ::people::{
    Counted, Failures, TOTP_BYTES, check_password, digest, hash_password, is_dated,
    recovery_digest, totp_step, verify_password,
};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use store::{Account, Attempt, AuditEntry, Store};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

use super::gate::{ClientAddress, random};
use crate::problem::Problem;
use crate::state::Api;

/// What TOTP secrets are sealed for.
pub(super) const TOTP: &str = "account.totp";

/// Text that is never shown again.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hush(pub(super) String);

impl std::fmt::Debug for Hush {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl PartialSchema for Hush {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).write_only(true);
        RefOr::T(Schema::Object(text.max_length(Some(1024)).build()))
    }
}

impl ToSchema for Hush {
    fn name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }
}

/// An attempt to prove something, counted before it is looked at.
pub(super) struct Try {
    name: Option<String>,
    address: String,
}

impl Try {
    /// Counts an attempt for a name as it was typed, if one was, and for an address. 429 when it is too early.
    pub(super) async fn begin(
        api: &Api,
        store: &Store,
        name: Option<&str>,
        address: Option<ClientAddress>,
    ) -> Result<Self, Problem> {
        let name = name.map(name_key);
        let address = format!("address:{}", network(address));
        let counted: Vec<Counted> =
            name.iter().map(|_| Counted::Name).chain([Counted::Address]).collect();
        let keys: Vec<&str> = name.as_deref().into_iter().chain([&*address]).collect();
        let now = api.now();
        let rule = |place: usize| counted.get(place).copied().unwrap_or(Counted::Address);
        let decide = |place: usize, count: u32, last: Timestamp| {
            let failures = Failures { count, last };
            (now >= failures.again_at(rule(place))).then(|| {
                let more = failures.with_one_more(rule(place), now);
                (more.count, more.last)
            })
        };
        match store.attempt(&api.access("server"), &keys, decide).await? {
            Attempt::Counted => Ok(Self { name, address }),
            Attempt::Refused(all) => {
                let again = all.iter().enumerate().map(|(place, (count, last))| {
                    Failures { count: *count, last: *last }.again_at(rule(place))
                });
                let wait = again.max().map_or(1, |it| it.duration_since(now).as_secs() + 1);
                let detail = "too many attempts: wait, then try again";
                let problem =
                    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", detail);
                Err(problem.retry_after(u32::try_from(wait.max(1)).unwrap_or(u32::MAX)))
            }
        }
    }

    /// One that was counted for an address in an earlier request has succeeded.
    pub(super) async fn taken_back(
        api: &Api,
        store: &Store,
        address: Option<ClientAddress>,
    ) -> Result<(), Problem> {
        let key = format!("address:{}", network(address));
        Ok(store.uncount_attempt(&api.access("server"), &key).await?)
    }

    /// What was counted for a name in earlier requests has succeeded in the end.
    pub(super) async fn forgotten(api: &Api, store: &Store, name: &str) -> Result<(), Problem> {
        Ok(store.forget_attempts(&api.access("server"), &name_key(name)).await?)
    }

    /// It was no guess, but it proves nothing either: only this one is taken back, not what came before.
    pub(super) async fn undone(self, api: &Api, store: &Store) -> Result<(), Problem> {
        let access = api.access("server");
        if let Some(name) = &self.name {
            store.uncount_attempt(&access, name).await?;
        }
        Ok(store.uncount_attempt(&access, &self.address).await?)
    }

    /// It succeeded: the failures of the name are forgotten, this one of the address is taken back.
    pub(super) async fn succeeded(self, api: &Api, store: &Store) -> Result<(), Problem> {
        let access = api.access("server");
        if let Some(name) = &self.name {
            store.forget_attempts(&access, name).await?;
        }
        Ok(store.uncount_attempt(&access, &self.address).await?)
    }
}

/// What a name is counted by: a hash, for people type passwords into the wrong field.
fn name_key(typed: &str) -> String {
    let hash = digest(&typed.trim().to_lowercase());
    format!("name:{}", hash.map(|it| format!("{it:02x}")).concat())
}

/// What an address is counted by: somebody with one IPv6 address usually has a whole /64.
fn network(address: Option<ClientAddress>) -> String {
    match address.map(|it| it.0.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(it)) => it.to_string(),
        Some(IpAddr::V6(it)) => {
            let [a, b, c, d, ..] = it.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

/// Whether this is the password of the account. Without one, and without an account, it takes as long.
pub(super) async fn is_password(
    api: &Api,
    store: &Store,
    account: Option<&Account>,
    typed: &Hush,
) -> Result<bool, Problem> {
    let kept = account.and_then(|it| it.password.clone());
    let (password, known) = (typed.0.clone(), kept.clone());
    let verify = move || verify_password(&password, known.as_deref());
    let is_right = api.hashing.slowly(verify).await?;
    if let (true, Some(account), Some(old)) = (is_right, account, kept.filter(|it| is_dated(it))) {
        let new = hash(api, typed).await?;
        store.rehash_password(&api.access("server"), account.number, &old, &new).await?;
    }
    Ok(is_right)
}

/// What is kept of a password that its owner, of whom `known` is known, has chosen.
pub(super) async fn new_password(
    api: &Api,
    typed: &Hush,
    known: &[&str],
) -> Result<String, Problem> {
    check_password(&typed.0, known)
        .map_err(|refused| Problem::invalid("password", refused.to_string()))?;
    hash(api, typed).await
}

async fn hash(api: &Api, typed: &Hush) -> Result<String, Problem> {
    let (password, salt) = (typed.0.clone(), random::<16>()?);
    let hashed = api.hashing.slowly(move || hash_password(&password, &salt)).await?;
    hashed.ok_or_else(|| {
        let detail = "the server has no memory for this now, try again in a moment";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(1)
    })
}

/// Whether a code of the app, or a recovery code, is right; it is used up by that.
pub(super) async fn is_code(
    api: &Api,
    store: &Store,
    account: &Account,
    typed: &str,
) -> Result<bool, Problem> {
    let access = api.access(&account.name);
    if let Some(secret) = totp_secret(api, account)
        && let Some(step) = totp_step(&secret, typed, api.now(), account.totp_step)
    {
        return Ok(store.use_totp_step(&access, account.number, step).await?);
    }
    let hash = recovery_digest(typed);
    let left = store.use_recovery_code(&access, api.now(), account.number, &hash).await?;
    Ok(left.is_some())
}

/// The secret of the account's app; `None` without one, and without the master key.
pub(super) fn totp_secret(api: &Api, account: &Account) -> Option<[u8; TOTP_BYTES]> {
    let seal = api.gate().seal.as_ref()?;
    seal.open(&format!("{TOTP}.{}", account.number), account.totp.as_deref()?)?.try_into().ok()
}

/// Writes into the audit log that somebody could not prove who they are.
pub(super) async fn refuse(
    api: &Api,
    store: &Store,
    account: Option<&Account>,
    why: &str,
    address: Option<ClientAddress>,
) -> Result<(), Problem> {
    let object = account.map_or("unknown", |it| &it.name).to_owned();
    let detail = json!({ "why": why, "address": address.map(|it| it.0.to_string()) });
    let entry = AuditEntry { action: "session.refuse".to_owned(), object, detail };
    Ok(store.audit(&api.access("nobody"), api.now(), entry).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_by_whom_they_belong_to() {
        let check = |address: &str, wanted: &str| {
            assert_eq!(network(Some(ClientAddress(address.parse().unwrap()))), wanted);
        };
        check("192.0.2.7", "192.0.2.7");
        check("::ffff:192.0.2.7", "192.0.2.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
        assert_eq!(network(None), "unknown");
    }

    #[test]
    fn secrets_are_not_written_out() {
        assert_eq!(format!("{:?}", Hush("secret".to_owned())), "***");
    }
}
