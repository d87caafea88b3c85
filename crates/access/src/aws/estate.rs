//! What was read of AWS, compiled: identities, groups, policies, resources that carry policies.
//!
//! Whatever refers to something else does so by name and is looked up when a question is asked: a
//! changed resource costs itself alone. Managed policies have a slot each, so that looking one up
//! is an index.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use model::{Keys, Resource, Tags, View};

use super::compile::Compiler;
use super::holder::Holder;
use super::managed::ManagedPolicies;
use super::organisation::Organisations;
use super::policy::Policy;
use super::read::Names;
use super::stirred::{Stirred, is_same};

/// A part of a resource: read, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<T> {
    /// It was not read.
    Unread,
    /// What it says.
    Read(T),
}

impl<T> Part<T> {
    pub(super) fn read(&self) -> Option<&T> {
        match self {
            Self::Unread => None,
            Self::Read(it) => Some(it),
        }
    }
}

/// The number of a managed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(pub(super) u32);

/// A managed policy, read or only referred to.
#[derive(Debug)]
pub(super) struct Managed {
    pub(super) arn: Box<str>,
    /// The place of its document in its resource; empty for one of AWS's that no export holds.
    pub(super) path: Box<str>,
    pub(super) policy: Option<Arc<Policy>>,
}

/// Policies of a user, role or group.
#[derive(Debug)]
pub(super) struct Held {
    /// Inline policies: place of the document, policy.
    pub(super) inline: Vec<(Box<str>, Arc<Policy>)>,
    pub(super) attached: Part<Vec<Slot>>,
}

/// A user or a role.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) arn: Box<str>,
    pub(super) is_role: bool,
    pub(super) unique: Option<Box<str>>,
    pub(super) held: Held,
    /// Names of groups.
    pub(super) groups: Part<Vec<Box<str>>>,
    pub(super) boundary: Part<Option<Slot>>,
    /// Who may become it, of a role.
    pub(super) trust: Part<Arc<Policy>>,
    pub(super) tags: Part<Tags>,
}

impl Principal {
    pub(super) fn account(&self) -> &str {
        account(&self.arn).unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// Roles of services: organisations do not bound them.
    pub(super) fn is_service_linked(&self) -> bool {
        self.is_role && self.arn.contains(":role/aws-service-role/")
    }
}

/// The account of an ARN; `None` where it has none, or something that is no account.
pub(super) fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|it| is_account(it))
}

/// Whether a text is the number of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit())
}

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) arn: Box<str>,
    pub(super) held: Held,
}

/// What was read of AWS.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(super) now: jiff::Timestamp,
    pub(super) compiler: Compiler,
    pub(super) names: Names,
    facts: ManagedPolicies,
    /// By the bytes of their documents: a thousand roles often share a document.
    known: HashMap<Box<[u8]>, Arc<Policy>>,
    pub(super) principals: HashMap<Box<str>, Principal>,
    /// Roles by account and name, as sessions name them.
    pub(super) roles: HashMap<Name, Box<str>>,
    /// By account and name.
    pub(super) groups: HashMap<Name, Group>,
    slots: Vec<Managed>,
    by_arn: HashMap<Box<str>, Slot>,
    pub(super) holders: HashMap<Box<str>, Holder>,
    /// KMS keys by the ARNs of their aliases.
    aliases: HashMap<Box<str>, Box<str>>,
    /// Resources that were read and have neither policies nor tags.
    pub(super) bare: HashSet<Box<str>>,
    /// Accounts of which any identity was read, with how many.
    pub(super) accounts: HashMap<Box<str>, usize>,
    pub(super) organisations: Organisations,
    pub(super) stirred: Stirred,
}

impl Estate {
    pub(crate) fn new(keys: &Keys, facts: ManagedPolicies, now: jiff::Timestamp) -> Self {
        Self {
            now,
            compiler: Compiler::new(keys),
            names: Names::new(keys),
            facts,
            known: HashMap::new(),
            principals: HashMap::new(),
            roles: HashMap::new(),
            groups: HashMap::new(),
            slots: Vec::new(),
            by_arn: HashMap::new(),
            holders: HashMap::new(),
            aliases: HashMap::new(),
            bare: HashSet::new(),
            accounts: HashMap::new(),
            organisations: Organisations::default(),
            stirred: Stirred::default(),
        }
    }

    /// A document, compiled once however many carry it; `None` where it was not read.
    pub(super) fn policy(&mut self, view: View<'_>) -> Option<Arc<Policy>> {
        let bytes = match view {
            View::Object(object) => object.encoded(),
            // some answers write a policy that is not there as an empty text
            View::Str(text) if !text.trim().is_empty() => text.as_bytes(),
            _ => return None,
        };
        if let Some(known) = self.known.get(bytes) {
            return Some(Arc::clone(known));
        }
        if self.known.len() == self.known.capacity() {
            // before it grows, those that nobody has any more go
            self.known.retain(|_, it| Arc::strong_count(it) > 1);
        }
        let policy = Arc::new(self.compiler.compile(view));
        self.known.insert(bytes.into(), Arc::clone(&policy));
        Some(policy)
    }

    /// The slot of a managed policy; one that is new and AWS's gets the document that AWS publishes.
    pub(super) fn slot_of(&mut self, arn: &str) -> Slot {
        if let Some(slot) = self.by_arn.get(arn) {
            return *slot;
        }
        let slot = Slot(self.slots.len() as u32);
        let policy = self.published(arn);
        self.slots.push(Managed { arn: arn.into(), path: Box::default(), policy });
        self.by_arn.insert(arn.into(), slot);
        slot
    }

    fn published(&self, arn: &str) -> Option<Arc<Policy>> {
        let (_, rest) = arn.split_once(":iam::aws:policy/")?;
        let text = self.facts.document(&format!("arn:aws:iam::aws:policy/{rest}"))?;
        Some(Arc::new(self.compiler.text(text)))
    }

    pub(super) fn slot(&self, slot: Slot) -> Option<&Managed> {
        self.slots.get(slot.0 as usize)
    }

    fn set_managed(&mut self, arn: &str, path: String, policy: Option<Arc<Policy>>) {
        let slot = self.slot_of(arn);
        let (policy, path) = match policy {
            Some(policy) => (Some(policy), path),
            None => (self.published(arn), String::new()),
        };
        if let Some(managed) = self.slots.get_mut(slot.0 as usize) {
            if !is_same(managed.policy.as_ref(), policy.as_ref()) || *managed.path != *path {
                self.stirred.policies.insert(slot.0);
            }
            (managed.policy, managed.path) = (policy, path.into());
        }
    }

    pub(super) fn put_resource(&mut self, resource: &Resource) {
        if !resource.collected {
            return self.forget(&resource.id);
        }
        match &*resource.kind {
            "aws.iam-user" => self.put_principal(resource, false),
            "aws.iam-role" => self.put_principal(resource, true),
            "aws.iam-group" => {
                if let Some(key) = named(&resource.id) {
                    let held = self.read_held(resource.doc.view(), "Group");
                    if self.groups.get(&key).is_none_or(|it| !it.held.is_same(&held)) {
                        self.stirred.groups.insert(key.clone());
                    }
                    self.groups.insert(key, Group { arn: resource.id.as_str().into(), held });
                }
            }
            "aws.iam-policy" => {
                let (path, view) = self.names.default_version(resource.doc.view());
                let policy = self.policy(view);
                self.set_managed(&resource.id, path, policy);
            }
            kind if kind.starts_with("aws.organizations-") => self.put_organisation(resource),
            _ => {
                let (id, holder) = (resource.id.as_str(), Holder::read(self, resource));
                let is_known = match &holder {
                    Some(holder) => self.holders.get(id).is_some_and(|it| it.is_same(holder)),
                    None => self.bare.contains(id),
                };
                if !is_known {
                    self.touch_holder(id);
                    self.forget_aliases(id);
                }
                if let Some(holder) = holder {
                    self.bare.remove(id);
                    for alias in holder.alias_arns().filter(|_| !is_known) {
                        self.stirred.touched.resource(&alias);
                        self.aliases.insert(alias, id.into());
                    }
                    self.holders.insert(id.into(), holder);
                } else {
                    self.holders.remove(id);
                    self.bare.insert(id.into());
                }
            }
        }
    }

    fn put_principal(&mut self, resource: &Resource, is_role: bool) {
        let principal = self.read_principal(resource, is_role);
        let Some(key) = named(&principal.arn) else { return };
        let account = key.0.clone();
        self.touch_principal(&principal);
        if is_role {
            self.roles.insert(key, principal.arn.clone());
        }
        if self.principals.insert(principal.arn.clone(), principal).is_none() {
            let count = self.accounts.entry(account).or_default();
            *count += 1;
            // what nobody knew of a foreign account is known of one that was read
            self.stirred.touched.is_everything |= *count == 1;
        }
    }

    pub(super) fn forget(&mut self, id: &str) {
        if self.principals.remove(id).is_some() {
            self.stirred.touched.identity(id);
            self.stirred.touched.trusts.insert(id.to_owned());
            if let Some(key) = named(id) {
                if let Some(count) = self.accounts.get_mut(&key.0) {
                    *count = count.saturating_sub(1);
                    self.stirred.touched.is_everything |= *count == 0;
                }
                self.roles.remove(&key);
            }
        } else if id.contains(":group/") {
            if let Some(key) = named(id)
                && self.groups.remove(&key).is_some()
            {
                self.stirred.touched.actor(id);
                self.stirred.groups.insert(key);
            }
        } else if self.by_arn.contains_key(id) {
            self.set_managed(id, String::new(), None);
        }
        if self.holders.contains_key(id) || self.bare.contains(id) {
            self.touch_holder(id);
            self.forget_aliases(id);
        }
        self.holders.remove(id);
        self.bare.remove(id);
        if self.organisations.forget(id) {
            self.touch_all();
        }
    }

    /// An alias that goes over to another key may have been read of that one already.
    fn forget_aliases(&mut self, id: &str) {
        for alias in self.holders.get(id).into_iter().flat_map(Holder::alias_arns) {
            if self.aliases.get(&alias).is_some_and(|it| **it == *id) {
                self.stirred.touched.resource(&alias);
                self.aliases.remove(&alias);
            }
        }
    }

    /// The key that an alias stands for where something is done with the key; else what is named.
    pub(super) fn behind_alias<'a>(&'a self, action: &str, on: &'a str) -> &'a str {
        if !asks_key(action) || !on.contains(":alias/") {
            return on;
        }
        self.aliases.get(on).map_or(on, |it| it)
    }

    pub(super) fn group(&self, account: &str, name: &str) -> Option<&Group> {
        self.groups.get(&Asked(account, name))
    }

    pub(super) fn role(&self, account: &str, name: &str) -> Option<&Principal> {
        self.principals.get(self.roles.get(&Asked(account, name))?)
    }

    /// Whether any identity of an account was read.
    pub(super) fn has_read(&self, account: &str) -> bool {
        self.accounts.get(account).is_some_and(|it| *it > 0)
    }
}

/// Whether an action is done with a KMS key, not with the alias of one.
pub(super) fn asks_key(action: &str) -> bool {
    action.starts_with("kms:") && !action.ends_with("alias")
}

/// Account and name of an IAM identity.
pub(super) type Name = (Box<str>, Box<str>);

/// Account and name that an ARN has.
pub(super) fn named(arn: &str) -> Option<Name> {
    let account = account(arn)?;
    let (_, name) = arn.rsplit_once('/')?;
    Some((account.into(), name.into()))
}

/// The same to look up with.
#[derive(Hash)]
struct Asked<'a>(&'a str, &'a str);

impl hashbrown::Equivalent<Name> for Asked<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        *self.0 == *name.0 && *self.1 == *name.1
    }
}
