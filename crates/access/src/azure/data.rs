//! Doors to data beside roles: access policies of key vaults, keys and open containers of storage accounts.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::read::Node;

/// Vaults, accounts and containers, by id.
#[derive(Debug, Default)]
pub(super) struct Doors {
    vaults: HashMap<String, Vault>,
    accounts: HashMap<String, Account>,
    /// Containers that are open to anybody, as they say themselves.
    open: BTreeSet<String>,
    /// Principals that access policies name, with the vaults that do.
    named: HashMap<String, BTreeSet<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vault {
    /// Whether roles decide about the data, not access policies; `None` where it was not read.
    pub(super) uses_roles: Option<bool>,
    /// `None` where they were not read.
    pub(super) policies: Option<Vec<AccessPolicy>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccessPolicy {
    /// Object id in lower case.
    pub(super) principal: String,
    /// Only together with this application, which no document says.
    pub(super) is_compound: bool,
    /// `secrets/get`, in lower case.
    permissions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Whether its keys open the data; `None` where it was not read.
    pub(super) takes_keys: Option<bool>,
    /// Whether containers may be open to anybody; `None` where it was not read.
    pub(super) may_be_open: Option<bool>,
}

/// A vault, an account, whether it is a container that is open to anybody.
pub(super) type One = (Option<Vault>, Option<Account>, bool);

const VAULTS: &str = "/providers/microsoft.keyvault/vaults/";
const ACCOUNTS: &str = "/providers/microsoft.storage/storageaccounts/";

/// A setting that is on unless it is written to be off.
fn unless_off(node: Node<'_>) -> Option<bool> {
    (!node.is_unread()).then(|| node.bool() != Some(false))
}

impl Doors {
    pub(super) fn put(&mut self, kind: &str, id: &str, node: Node<'_>) {
        let properties = node.at("properties");
        match kind {
            "azure.key-vault" => {
                let mode = properties.at("enableRbacAuthorization");
                let uses_roles = (!mode.is_unread()).then(|| mode.bool() == Some(true));
                let policies = properties.at("accessPolicies");
                let unread = policies.is_unread();
                let policies: Vec<_> = policies.items().filter_map(AccessPolicy::read).collect();
                for policy in &policies {
                    let vaults = self.named.entry(policy.principal.clone()).or_default();
                    vaults.insert(id.to_owned());
                }
                let policies = (!unread).then_some(policies);
                self.vaults.insert(id.to_owned(), Vault { uses_roles, policies });
            }
            "azure.storage-account" => {
                let takes_keys = unless_off(properties.at("allowSharedKeyAccess"));
                let may_be_open = unless_off(properties.at("allowBlobPublicAccess"));
                self.accounts.insert(id.to_owned(), Account { takes_keys, may_be_open });
            }
            "azure.blob-container" => {
                let open = properties.at("publicAccess").text().unwrap_or_default();
                let is_open = ["blob", "container"].iter().any(|it| open.eq_ignore_ascii_case(it));
                if is_open {
                    self.open.insert(id.to_owned());
                }
            }
            _ => {}
        }
    }

    /// What is known of a resource: to be compared.
    pub(super) fn one(&self, id: &str) -> One {
        (self.vaults.get(id).cloned(), self.accounts.get(id).cloned(), self.open.contains(id))
    }

    pub(super) fn remove(&mut self, id: &str) {
        let old = self.vaults.remove(id).and_then(|it| it.policies);
        for policy in old.into_iter().flatten() {
            if let Some(vaults) = self.named.get_mut(&policy.principal) {
                vaults.remove(id);
            }
        }
        self.accounts.remove(id);
        self.open.remove(id);
    }

    /// Whether an access policy names one of these principals.
    pub(super) fn name(&self, who: &[String]) -> bool {
        self.vaults_naming(who).next().is_some()
    }

    /// The vaults of which an access policy names one of these principals.
    pub(super) fn vaults_naming<'a>(&'a self, who: &'a [String]) -> impl Iterator<Item = &'a str> {
        let vaults = who.iter().filter_map(|it| self.named.get(it)).flatten();
        vaults.map(String::as_str)
    }

    /// The vaults that a question is about: the one that `on` is or lies in, or all that fit a pattern.
    pub(super) fn vaults<'a>(&'a self, on: &'a str) -> Vec<(&'a str, Option<&'a Vault>)> {
        concerned(&self.vaults, on, VAULTS)
    }

    pub(super) fn accounts<'a>(&'a self, on: &'a str) -> Vec<(&'a str, Option<&'a Account>)> {
        concerned(&self.accounts, on, ACCOUNTS)
    }

    /// The containers open to anybody that a question is about: `on`, what it lies in, or any in it.
    pub(super) fn open_containers(&self, on: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for end in on.match_indices('/').map(|(at, _)| at).chain([on.len()]) {
            found.extend(on.get(..end).and_then(|it| self.open.get(it)).map(String::as_str));
        }
        let inside = format!("{on}/");
        let inner = self.open.range(inside.clone()..).take_while(|it| it.starts_with(&inside));
        found.extend(inner.map(String::as_str));
        if on.contains('*') {
            let fitting = self.open.iter().filter(|it| crate::glob::takes(on, it));
            found.extend(fitting.map(String::as_str));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn concerned<'a, T>(
    all: &'a HashMap<String, T>,
    on: &'a str,
    mark: &str,
) -> Vec<(&'a str, Option<&'a T>)> {
    let Some((head, tail)) = on.split_once(mark) else { return Vec::new() };
    let name = tail.split('/').next().unwrap_or(tail);
    let id = on.get(..head.len() + mark.len() + name.len()).unwrap_or(on);
    if !id.contains('*') {
        return vec![(id, all.get(id))];
    }
    let fitting = all.iter().filter(|(it, _)| crate::glob::takes(id, it));
    let mut found: Vec<_> = fitting.map(|(id, it)| (id.as_str(), Some(it))).collect();
    found.sort_unstable_by_key(|(id, _)| *id);
    found
}

impl AccessPolicy {
    fn read(node: Node<'_>) -> Option<Self> {
        let mut permissions = Vec::new();
        for (class, verbs) in node.at("permissions").entries() {
            let class = class.to_ascii_lowercase();
            permissions.extend(
                verbs.texts().iter().map(|it| format!("{class}/{}", it.to_ascii_lowercase())),
            );
        }
        Some(Self {
            principal: node.at("objectId").text()?.to_ascii_lowercase(),
            is_compound: node.at("applicationId").text().is_some_and(|it| !it.is_empty()),
            permissions,
        })
    }

    /// The permission that lets the data action in lower case through.
    pub(super) fn allowing(&self, action: &str) -> Option<&str> {
        let rest = action.strip_prefix("microsoft.keyvault/vaults/")?;
        let (class, verb) = rest.split_once('/')?;
        let verb = verb.strip_suffix("/action").unwrap_or(verb);
        let verb = match (class, verb) {
            ("secrets", "getsecret") => "get",
            ("secrets", "setsecret") => "set",
            ("secrets", "readmetadata") | ("keys" | "certificates", "read") => "list",
            ("keys", "wrap") => "wrapkey",
            ("keys", "unwrap") => "unwrapkey",
            (_, verb) => verb,
        };
        let fits = |it: &&String| {
            let Some((of, what)) = it.split_once('/') else { return false };
            let is_it = what == "all" || verb != "*" && what == verb;
            of == class && (is_it || verb == "list" && what == "get")
        };
        self.permissions.iter().find(fits).map(String::as_str)
    }
}
