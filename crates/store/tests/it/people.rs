//! Accounts, groups, roles, and what proves who somebody is.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use store::{
    Access, AccountChange, Attempt, Holder, NewAccount, NewSession, NewToken, Passkey, PasswordBy,
    StoreError, TenantId,
};

use crate::harness::{Db, on_both, second};

fn person(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        display: name.to_uppercase(),
        password: Some("hash".to_owned()),
        ..NewAccount::default()
    }
}

async fn add(db: &Db, name: &str) -> u64 {
    db.store.add_account(&db.access, second(1), &person(name)).await.unwrap()
}

async fn own(db: &Db, account: u64) -> u64 {
    let holder = Holder::Account(account);
    db.store.add_grant(&db.access, second(1), holder, "owner", None).await.unwrap()
}

async fn open(db: &Db, account: u64, secret: u8) -> u64 {
    let session = NewSession {
        account,
        hash: [secret; 32],
        method: "password".to_owned(),
        address: "127.0.0.1".to_owned(),
        agent: "a browser\0".to_owned(),
    };
    db.store.open_session(&db.access, second(2), &session).await.unwrap()
}

async fn is_open(db: &Db, secret: u8) -> bool {
    db.store.session_by_hash(&db.access, &[secret; 32]).await.unwrap().is_some()
}

#[test]
fn the_first_account_comes_once_by_its_secret() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        assert!(store.begin_setup(access, &[1; 32], second(100)).await.unwrap());
        assert!(store.begin_setup(access, &[2; 32], second(100)).await.unwrap());
        let finish = async |at: i64, secret: u8| {
            let account = person("first");
            store.finish_setup(access, second(at), &[secret; 32], &account).await.unwrap()
        };
        assert_eq!(finish(50, 1).await, None, "another took its place");
        assert_eq!(finish(50, 9).await, None);
        assert_eq!(finish(100, 2).await, None, "it has ended");
        let number = finish(99, 2).await.unwrap();
        assert_eq!(finish(99, 2).await, None);
        assert!(!store.begin_setup(access, &[3; 32], second(200)).await.unwrap());
        assert_eq!(finish(150, 3).await, None);
        let grants = store.grants_of(access, number).await.unwrap();
        assert_eq!((grants.len(), &*grants[0].role, &grants[0].scope), (1, "owner", &None));
    });
}

#[test]
fn of_many_at_once_one_makes_the_first_account() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        store.begin_setup(access, &[1; 32], second(100)).await.unwrap();
        let (a, b, c) = (person("a"), person("b"), person("c"));
        let finish = |it| store.finish_setup(access, second(2), &[1; 32], it);
        let (a, b, c) = tokio::join!(finish(&a), finish(&b), finish(&c));
        let made = [a, b, c].into_iter().filter(|it| it.as_ref().unwrap().is_some()).count();
        assert_eq!((made, store.account_count(access).await.unwrap()), (1, 1));
    });
}

#[test]
fn accounts_are_found_changed_and_taken_away() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let (ada, bob) = (add(&db, "ada").await, add(&db, "bob").await);
        assert_eq!((ada, bob), (1, 2));
        let taken = store.add_account(access, second(2), &person("ada")).await.unwrap_err();
        assert!(matches!(taken, StoreError::Conflict(_)), "{taken}");
        assert_eq!(store.account_by_name(access, "bob").await.unwrap().unwrap().number, bob);
        let names = async |after: &str, limit| {
            let found = store.accounts(access, after, limit).await.unwrap();
            found.into_iter().map(|it| it.name).collect::<Vec<_>>()
        };
        assert_eq!(names("", 9).await, ["ada", "bob"]);
        assert_eq!(names("ada", 9).await, ["bob"]);
        assert_eq!(names("", 1).await, ["ada"]);

        let change = AccountChange { email: Some(Some("b@x.y".into())), ..Default::default() };
        let changed = store.change_account(access, second(3), bob, Some(1), &change).await.unwrap();
        assert_eq!((changed.email.as_deref(), changed.version), (Some("b@x.y"), 2));
        let late = store.change_account(access, second(3), bob, Some(1), &change).await;
        assert!(matches!(late.unwrap_err(), StoreError::Conflict(_)));

        own(&db, bob).await;
        open(&db, bob, 1).await;
        own(&db, ada).await;
        store.remove_account(access, second(4), bob).await.unwrap();
        assert!(store.account(access, bob).await.unwrap().is_none() && !is_open(&db, 1).await);
        assert!(store.grants_of(access, bob).await.unwrap().is_empty());
        let gone = store.remove_account(access, second(4), bob).await.unwrap_err();
        assert!(matches!(gone, StoreError::NotFound(_)));
        assert_eq!(add(&db, "bob").await, 3, "numbers do not come again");
        let log = store.audit_log(access, 0, 99).await.unwrap();
        let told: Vec<&str> = log.iter().map(|it| &*it.action).collect();
        let wanted = ["account.add", "account.add", "account.change", "grant.add", "session.open"];
        assert_eq!(told[..5], wanted);
        assert!(!format!("{log:?}").contains("hash\""), "no secret in the log");
    });
}

#[test]
fn the_last_owner_stays() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let (ada, bob) = (add(&db, "ada").await, add(&db, "bob").await);
        let grant = own(&db, ada).await;
        assert_eq!(own(&db, ada).await, grant, "the same again is the same");
        let off = AccountChange { is_active: Some(false), ..Default::default() };
        for refused in [
            store.remove_grant(access, second(2), grant).await.unwrap_err(),
            store.remove_account(access, second(2), ada).await.unwrap_err(),
            store.change_account(access, second(2), ada, None, &off).await.unwrap_err(),
        ] {
            assert_eq!(refused.to_string(), "the last owner cannot go");
        }
        let group = store.add_group(access, second(2), "owners", None).await.unwrap();
        let holder = Holder::Group(group);
        store.add_grant(access, second(2), holder, "owner", None).await.unwrap();
        store.remove_grant(access, second(3), grant).await.unwrap_err();
        store.set_member(access, second(3), group, bob, true).await.unwrap();
        store.remove_grant(access, second(3), grant).await.unwrap();
        store.set_member(access, second(4), group, bob, false).await.unwrap_err();
        store.remove_group(access, second(4), group).await.unwrap_err();
        assert_eq!(store.members(access, group).await.unwrap(), [bob]);
    });
}

#[test]
fn of_two_owners_who_take_each_others_role_one_stays() {
    on_both(async |db| {
        let (ada, bob) = (add(&db, "ada").await, add(&db, "bob").await);
        let (a, b) = (own(&db, ada).await, own(&db, bob).await);
        let remove = |it| db.store.remove_grant(&db.access, second(2), it);
        let (first, second) = tokio::join!(remove(a), remove(b));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    });
}

#[test]
fn roles_come_from_groups_too_and_new_rights_ask_for_new_secrets() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let ada = add(&db, "ada").await;
        let group =
            store.add_group(access, second(1), "readers", Some("ad:readers")).await.unwrap();
        let must = async || {
            let found = store.session_by_hash(access, &[1; 32]).await.unwrap().unwrap();
            let is_so = found.session.must_rotate;
            let number = found.session.number;
            store.rotate_session(access, second(5), number, &[1; 32], &[2; 32]).await.unwrap();
            store.rotate_session(access, second(5), number, &[2; 32], &[1; 32]).await.unwrap();
            is_so
        };
        open(&db, ada, 1).await;
        assert!(!must().await);
        let holder = Holder::Group(group);
        let scoped = store.add_grant(access, second(2), holder, "reader", Some("s")).await.unwrap();
        assert!(!must().await);
        let claims = ["ad:readers".to_owned(), "ad:other".to_owned()].into();
        store.follow_claims(access, second(3), ada, &claims).await.unwrap();
        assert!(must().await);
        store.follow_claims(access, second(3), ada, &claims).await.unwrap();
        assert!(!must().await);
        let found = store.session_by_hash(access, &[1; 32]).await.unwrap().unwrap();
        assert_eq!(found.grants.len(), 1);
        assert_eq!(found.grants[0].scope.as_deref(), Some("s"));
        assert_eq!(store.groups_of(access, ada).await.unwrap()[0].name, "readers");
        store.remove_grant(access, second(4), scoped).await.unwrap();
        assert!(must().await);
        store.follow_claims(access, second(4), ada, &[].into()).await.unwrap();
        assert!(must().await && store.members(access, group).await.unwrap().is_empty());
        let renamed = store.change_group(access, second(5), group, Some(1), ("r", None)).await;
        assert_eq!(renamed.unwrap().name, "r");
        assert!(store.change_group(access, second(5), group, Some(1), ("r", None)).await.is_err());
        assert_eq!(store.groups(access, "", 9).await.unwrap().len(), 1);
    });
}

#[test]
fn an_old_secret_of_a_session_is_known_as_such() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let ada = add(&db, "ada").await;
        let number = open(&db, ada, 1).await;
        let rotate = |old: u8, new: u8| {
            let (old, new) = ([old; 32], [new; 32]);
            async move { store.rotate_session(access, second(3), number, &old, &new).await.unwrap() }
        };
        assert!(rotate(1, 2).await && !rotate(1, 3).await, "of two at once one wins");
        let find = async |secret: u8| {
            let found = store.session_by_hash(access, &[secret; 32]).await.unwrap();
            found.map(|it| (it.session.number, it.is_previous))
        };
        assert_eq!(find(1).await, Some((number, true)));
        assert_eq!(find(2).await, Some((number, false)));
        assert!(rotate(2, 4).await);
        assert_eq!((find(1).await, find(3).await), (None, None));
        let session = &store.sessions(access, ada).await.unwrap()[0];
        assert_eq!((session.rotated, &*session.agent), (second(3), "a browser\u{fffd}"));
        assert!(!store.end_session(access, second(4), 99, number, "not theirs").await.unwrap());
        assert!(store.end_session(access, second(4), ada, number, "replayed").await.unwrap());
        assert_eq!(find(4).await, None);
    });
}

#[test]
fn sessions_end_with_passwords_accounts_and_time() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let (ada, bob) = (add(&db, "ada").await, add(&db, "bob").await);
        let kept = open(&db, ada, 1).await;
        open(&db, ada, 2).await;
        open(&db, bob, 3).await;
        let by = PasswordBy::Themselves(Some(kept));
        store.set_password(access, second(3), ada, "new", by).await.unwrap();
        assert!(is_open(&db, 1).await && !is_open(&db, 2).await && is_open(&db, 3).await);
        assert_eq!(store.end_sessions(access, second(4), ada, None).await.unwrap(), 1);
        let off = AccountChange { is_active: Some(false), ..Default::default() };
        store.change_account(access, second(5), bob, None, &off).await.unwrap();
        assert!(!is_open(&db, 3).await);
        let refused = NewSession {
            account: bob,
            hash: [9; 32],
            method: String::new(),
            address: String::new(),
            agent: String::new(),
        };
        assert!(store.open_session(access, second(5), &refused).await.is_err());
        open(&db, ada, 4).await;
        store.rehash_password(access, ada, "old", "x").await.unwrap();
        let password = store.account(access, ada).await.unwrap().unwrap().password;
        assert_eq!(password.as_deref(), Some("new"));
        let prune = |created: i64, used: i64| {
            let now = second(9);
            store.prune_sessions(access, now, second(created), second(used), now)
        };
        assert_eq!(prune(2, 2).await.unwrap(), 0);
        store.note_session(access, second(8), 4).await.unwrap();
        assert_eq!(prune(2, 8).await.unwrap(), 0);
        assert_eq!(prune(3, 8).await.unwrap(), 1);
    });
}

#[test]
fn tokens_are_known_by_number_and_secret() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let ada = add(&db, "ada").await;
        own(&db, ada).await;
        let new = NewToken {
            account: ada,
            name: "ci".to_owned(),
            role: "reader".to_owned(),
            scope: Some("s".to_owned()),
            expires: Some(second(99)),
        };
        let hash = |number: u64| [number as u8 + 10; 32];
        let number = store.add_token(access, second(2), &new, hash).await.unwrap();
        let found = store.token_by_hash(access, number, &hash(number)).await.unwrap().unwrap();
        assert_eq!((found.account.number, found.grants.len()), (ada, 1));
        assert_eq!(found.token.expires, Some(second(99)));
        assert!(store.token_by_hash(access, number, &[0; 32]).await.unwrap().is_none());
        assert!(store.token_by_hash(access, 7, &hash(number)).await.unwrap().is_none());
        store.note_token(access, second(3), number).await.unwrap();
        let mine = store.tokens(access, Some(ada), 0, 9).await.unwrap();
        assert_eq!((mine.len(), mine[0].used), (1, Some(second(3))));
        assert!(store.tokens(access, Some(99), 0, 9).await.unwrap().is_empty());
        assert_eq!(store.tokens(access, None, 0, 9).await.unwrap(), mine);
        assert!(!store.remove_token(access, second(4), Some(99), number).await.unwrap());
        assert!(store.remove_token(access, second(4), Some(ada), number).await.unwrap());
        assert!(store.token_by_hash(access, number, &hash(number)).await.unwrap().is_none());
    });
}

#[test]
fn attempts_at_once_are_all_counted() {
    on_both(async |db| {
        let attempt = |keys: &'static [&'static str]| {
            db.store.attempt(&db.access, keys, |_, count, last| {
                (count < 3).then_some((count + 1, last.max(second(i64::from(count)))))
            })
        };
        let (a, b) = (&["name", "address"][..], &["address", "name"][..]);
        let all = tokio::join!(attempt(a), attempt(b), attempt(a), attempt(b), attempt(a));
        let all = [all.0, all.1, all.2, all.3, all.4].map(Result::unwrap);
        assert_eq!(all.iter().filter(|it| **it == Attempt::Counted).count(), 3);
        let refused = Attempt::Refused(vec![(3, second(2)), (3, second(2))]);
        assert_eq!(attempt(a).await.unwrap(), refused);
        assert_eq!(attempt(&["other"]).await.unwrap(), Attempt::Counted);
        db.store.forget_attempts(&db.access, "name").await.unwrap();
        let refused = Attempt::Refused(vec![(0, Timestamp::UNIX_EPOCH), (3, second(2))]);
        assert_eq!(attempt(a).await.unwrap(), refused);
        db.store.uncount_attempt(&db.access, "address").await.unwrap();
        assert_eq!(attempt(a).await.unwrap(), Attempt::Counted);
    });
}

#[test]
fn codes_count_once() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let ada = add(&db, "ada").await;
        assert!(store.confirm_totp(access, second(2), ada, 5, &[]).await.is_err());
        store.begin_totp(access, ada, "sealed:1").await.unwrap();
        store.begin_totp(access, ada, "sealed:2").await.unwrap();
        assert!(!store.use_totp_step(access, ada, 6).await.unwrap(), "it is not confirmed");
        let codes = [[1; 32], [2; 32]];
        store.confirm_totp(access, second(2), ada, 5, &codes).await.unwrap();
        assert!(store.begin_totp(access, ada, "sealed:3").await.is_err());
        let account = store.account(access, ada).await.unwrap().unwrap();
        assert_eq!((account.totp.as_deref(), account.totp_on), (Some("sealed:2"), true));
        let used = async |step| store.use_totp_step(access, ada, step).await.unwrap();
        assert!(!used(5).await && used(6).await && !used(6).await && !used(4).await);
        let (one, other) =
            tokio::join!(store.use_totp_step(access, ada, 9), store.use_totp_step(access, ada, 9));
        assert!(one.unwrap() != other.unwrap(), "of two at once one counts");
        let code =
            async |n: u8| store.use_recovery_code(access, second(3), ada, &[n; 32]).await.unwrap();
        assert_eq!((code(1).await, code(1).await, code(9).await), (Some(1), None, None));
        store.set_recovery_codes(access, second(4), ada, &[[3; 32]]).await.unwrap();
        assert_eq!((code(2).await, code(3).await), (None, Some(0)));
        store.drop_totp(access, second(5), ada).await.unwrap();
        assert_eq!(store.account(access, ada).await.unwrap().unwrap().totp, None);
    });
}

#[test]
fn what_was_begun_is_ended_once_and_in_time() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let begin = async |secret: u8| {
            let body = json!({ "nonce": "n" });
            let hash = [secret; 32];
            store.begin_ceremony(access, "oidc", &hash, &body, second(60)).await.unwrap();
        };
        let take = async |kind: &str, secret: u8, at: i64| {
            store.take_ceremony(access, second(at), kind, &[secret; 32]).await.unwrap()
        };
        begin(1).await;
        begin(2).await;
        assert_eq!(take("passkey", 1, 1).await, None);
        assert_eq!(take("oidc", 1, 1).await, Some(json!({ "nonce": "n" })));
        assert_eq!(take("oidc", 1, 1).await, None);
        assert_eq!(take("oidc", 2, 60).await, None);
        assert_eq!(take("setup", 2, 1).await, None);
    });
}

#[test]
fn a_copied_passkey_is_found() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let account = add(&db, "ada").await;
        let passkey = |id: u8| Passkey {
            id: vec![id],
            account,
            name: "key".to_owned(),
            holder: vec![9; 32],
            algorithm: -7,
            key: vec![1, 2],
            counter: u32::from(id),
            can_back_up: true,
            is_backed_up: false,
            transports: vec!["internal".to_owned(), "hybrid".to_owned()],
            created: second(2),
            used: None,
        };
        for (id, is_first) in [(0, true), (5, false)] {
            let codes = [[id; 32], [100 + id; 32]];
            let added = store.add_passkey(access, second(2), &passkey(id), &codes).await.unwrap();
            assert_eq!(added, is_first, "recovery codes come with the first factor");
        }
        assert!(store.add_passkey(access, second(2), &passkey(5), &[]).await.is_err());
        assert_eq!(store.passkey(access, &[5]).await.unwrap(), Some(passkey(5)));
        let used = async |id: u8, counter| {
            store.use_passkey(access, second(3), &[id], counter, true).await.unwrap()
        };
        assert!(used(0, 0).await && used(0, 0).await, "it does not count");
        assert!(!used(5, 5).await && !used(5, 0).await && used(5, 6).await && !used(5, 6).await);
        let after = store.passkey(access, &[5]).await.unwrap().unwrap();
        assert_eq!((after.used, after.is_backed_up), (Some(second(3)), true));
        let rename = async |account| {
            store.rename_passkey(access, second(3), (account, &[5]), "new").await.unwrap()
        };
        assert!(rename(account).await && !rename(99).await);
        assert_eq!(store.passkeys(access, account).await.unwrap().len(), 2);
        assert!(!store.remove_passkey(access, second(4), 99, &[5]).await.unwrap());
        assert!(store.remove_passkey(access, second(4), account, &[5]).await.unwrap());
        let code = async |n: u8| {
            store.use_recovery_code(access, second(4), account, &[n; 32]).await.unwrap()
        };
        assert_eq!(code(5).await, None, "those of the first stay");
        assert_eq!(store.passkeys(access, account).await.unwrap().len(), 1);
        assert!(store.remove_passkey(access, second(4), account, &[0]).await.unwrap());
        assert_eq!(code(0).await, None, "they replace nothing any more");
        for id in 0..20 {
            store.add_passkey(access, second(2), &passkey(id), &[]).await.unwrap();
        }
        assert!(store.add_passkey(access, second(2), &passkey(20), &[]).await.is_err());
        store.reset_factors(access, second(5), account).await.unwrap();
        assert!(store.passkeys(access, account).await.unwrap().is_empty());
    });
}

#[test]
fn people_of_one_tenant_are_nobody_in_another() {
    on_both(async |db| {
        let other = Access::new(TenantId(7), "tester");
        let store = &db.store;
        store.add_tenant(&other, "other", second(0)).await.unwrap();
        let ada = add(&db, "ada").await;
        own(&db, ada).await;
        open(&db, ada, 1).await;
        assert!(store.account(&other, ada).await.unwrap().is_none());
        assert!(store.account_by_name(&other, "ada").await.unwrap().is_none());
        assert!(store.session_by_hash(&other, &[1; 32]).await.unwrap().is_none());
        assert!(store.grants_of(&other, ada).await.unwrap().is_empty());
        assert!(store.remove_account(&other, second(2), ada).await.is_err());
        assert_eq!(store.account_count(&other).await.unwrap(), 0);
        assert_eq!(store.add_account(&other, second(2), &person("ada")).await.unwrap(), 1);
    });
}

#[test]
fn a_restore_signs_everybody_out_and_keeps_the_people() {
    on_both(async |db| {
        let (store, access) = (&db.store, &db.access);
        let ada = add(&db, "ada").await;
        own(&db, ada).await;
        store.begin_totp(access, ada, "sealed").await.unwrap();
        store.confirm_totp(access, second(2), ada, 5, &[[1; 32]]).await.unwrap();
        let folder = testkit::Folder::new().unwrap();
        let file = folder.path().join("b");
        store.backup(access, &file, second(3)).await.unwrap();
        open(&db, ada, 1).await;
        add(&db, "bob").await;
        let lease = store.acquire(access, "other", "x", second(3), Duration::from_secs(9)).await;
        lease.unwrap();
        let restored =
            store::Store::restore(&db.location, access, &file, second(9), true).await.unwrap();
        assert!(restored.session_by_hash(access, &[1; 32]).await.unwrap().is_none());
        assert_eq!(restored.account_count(access).await.unwrap(), 1);
        let account = restored.account_by_name(access, "ada").await.unwrap().unwrap();
        assert_eq!((account.totp.as_deref(), account.totp_step), (Some("sealed"), Some(5)));
        assert_eq!(restored.grants_of(access, ada).await.unwrap().len(), 1);
        let left = restored.use_recovery_code(access, second(9), ada, &[1; 32]).await.unwrap();
        assert_eq!(left, Some(0));
        restored.close().await;
    });
}
