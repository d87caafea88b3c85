//! Who is who in Google Cloud: service accounts, groups and their members, machines and their scopes.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use super::policy::{canonical, of_email};
use crate::read::Node;

/// Everybody with an account of Google: whoever makes one, too.
pub(super) const ANY_ACCOUNT: &str = "allAuthenticatedUsers";

/// Accounts, groups and machines.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Service accounts by id: address, whether it is disabled.
    accounts: BTreeMap<String, (String, bool)>,
    /// Id of an account by its address.
    by_email: HashMap<String, String>,
    /// Groups by member text: document, members.
    groups: BTreeMap<String, (String, Option<Vec<String>>)>,
    above: HashMap<String, BTreeSet<String>>,
    machines: HashMap<String, Machine>,
    /// Groups that somebody may be in although no document says so.
    open: Vec<String>,
}

/// A machine acts as its account, as far as its scopes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    member: Option<String>,
    scopes: Vec<String>,
}

/// An account's address and whether it is disabled; a machine.
pub(super) type One = (Option<(String, bool)>, Option<Machine>);

/// An actor as policies may name it.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// Itself, its groups, everybody.
    pub(super) members: Vec<String>,
    /// An account of a cluster, `[namespace/name]`: which pool it is in is not said by its id.
    pub(super) of_cluster: Option<String>,
    /// What the machine may ask for at all; `None` without such a bound.
    pub(super) scopes: Option<Vec<String>>,
    /// The account that is disabled, by id.
    pub(super) disabled: Option<String>,
    /// Whether it may be in groups of which nobody read the members. What Google knows as none of these is in none:
    /// <https://docs.cloud.google.com/iam/docs/principals-overview#google-groups>.
    pub(super) may_join: bool,
}

impl People {
    pub(super) fn put_account(&mut self, id: &str, node: Node<'_>) {
        let named = node.at("email").text().or_else(|| id.rsplit('/').next());
        let Some(email) = named.map(str::to_ascii_lowercase) else { return };
        let is_disabled = node.at("disabled").bool() == Some(true);
        self.by_email.insert(email.clone(), id.to_owned());
        self.accounts.insert(id.to_owned(), (email, is_disabled));
    }

    /// A group of Cloud Identity with its memberships as a part.
    pub(super) fn put_group(&mut self, id: &str, node: Node<'_>) {
        let Some(email) = node.at("groupKey.id").text() else { return };
        let group = format!("group:{}", email.to_ascii_lowercase());
        let members = node.at("memberships").list().map(|list| {
            let keys = list.filter_map(|it| {
                let key = it.at("preferredMemberKey.id").text().or(it.at("memberKey.id").text())?;
                Some(key.to_ascii_lowercase())
            });
            keys.collect::<Vec<String>>()
        });
        for member in members.iter().flatten() {
            // the type of a member is not always said: it is a group where one has that address
            for text in [of_email(member), format!("group:{member}")] {
                self.above.entry(text).or_default().insert(group.clone());
            }
        }
        self.groups.insert(group, (id.to_owned(), members));
    }

    pub(super) fn put_machine(&mut self, id: &str, node: Node<'_>) {
        // exports of an older form of the interface spell the lists in the singular
        let accounts =
            node.at("serviceAccounts").list().or_else(|| node.at("serviceAccount").list());
        let Some(accounts) = accounts else { return };
        let mut machine = Machine { member: None, scopes: Vec::new() };
        for account in accounts.take(1) {
            machine.member = account.at("email").text().map(of_email);
            let scopes = ["scopes", "scope"].map(|it| account.at(it).texts());
            machine.scopes = scopes.into_iter().flatten().map(str::to_owned).collect();
        }
        self.machines.insert(id.to_owned(), machine);
    }

    /// What is known of an account or a machine: to be compared.
    pub(super) fn one(&self, id: &str) -> One {
        (self.accounts.get(id).cloned(), self.machines.get(id).cloned())
    }

    pub(super) fn is_group(&self, id: &str) -> bool {
        id.contains("/groups/") && self.groups.values().any(|(document, _)| document == id)
    }

    /// The machines that act as an account.
    pub(super) fn machines_of<'a>(&'a self, member: &'a str) -> impl Iterator<Item = &'a str> {
        let acts = move |it: &&Machine| it.member.as_deref() == Some(member);
        self.machines.iter().filter(move |(_, it)| acts(it)).map(|(id, _)| id.as_str())
    }

    /// The service account with this name in policies.
    pub(super) fn account_of(&self, member: &str) -> Option<&str> {
        let email = member.strip_prefix("serviceAccount:")?;
        self.by_email.get(email).map(String::as_str)
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.machines.remove(id);
        if let Some((email, _)) = self.accounts.remove(id) {
            self.by_email.remove(&email);
        }
        let group = self.groups.iter().find(|(_, (document, _))| document == id);
        let Some(group) = group.map(|(group, _)| group.clone()).filter(|_| id.contains("/groups/"))
        else {
            return;
        };
        self.groups.remove(&group);
        for all in self.above.values_mut() {
            all.remove(&group);
        }
    }

    /// Finds the groups whose members were not read among those that policies name, and what these are in.
    pub(super) fn settle(&mut self, named: impl Iterator<Item = String>) {
        let is_closed = |it: &String| self.groups.get(it).is_some_and(|(_, all)| all.is_some());
        let own = self.groups.keys().cloned();
        let mut open: BTreeSet<String> = named.chain(own).filter(|it| !is_closed(it)).collect();
        let mut queue: Vec<String> = open.iter().cloned().collect();
        while let Some(group) = queue.pop() {
            for above in self.above.get(&group).into_iter().flatten() {
                if open.insert(above.clone()) {
                    queue.push(above.clone());
                }
            }
        }
        self.open = open.into_iter().collect();
    }

    /// Groups that an actor may be in, for all that is known.
    pub(super) fn may_be_in(&self, member: &str) -> bool {
        self.open.binary_search_by(|it| it.as_str().cmp(member)).is_ok()
    }

    pub(super) fn actor(&self, id: &str, group: Option<&str>) -> Who {
        let mut who = Who::default();
        if id != "*" {
            self.sign_in(&mut who, id);
        }
        who.members.extend(group.map(canonical));
        who.may_join = who.members.iter().any(|it| may_be_member(it));
        let mut seen: HashSet<String> = who.members.iter().cloned().collect();
        let mut at = 0;
        while let Some(member) = who.members.get(at).cloned() {
            at += 1;
            for above in self.above.get(&member).into_iter().flatten() {
                if seen.insert(above.clone()) {
                    who.members.push(above.clone());
                }
            }
        }
        if who.of_cluster.is_none() {
            who.members.push(ANY_ACCOUNT.to_owned());
        }
        who.members.push("allUsers".to_owned());
        who
    }

    /// The name of an actor in policies, with the domain of its address.
    fn sign_in(&self, who: &mut Who, id: &str) {
        let mut member = match self.accounts.get(id) {
            Some((email, _)) => format!("serviceAccount:{email}"),
            None => canonical(id),
        };
        if let Some(machine) = self.machines.get(id) {
            let Some(own) = &machine.member else { return };
            member.clone_from(own);
            who.scopes = Some(machine.scopes.clone());
        } else if !self.accounts.contains_key(id)
            && let Some((_, email)) = id.rsplit_once("/serviceAccounts/")
        {
            member = format!("serviceAccount:{}", email.to_ascii_lowercase());
        } else if let Some((_, account)) = id.split_once("//serviceaccount/") {
            who.of_cluster = Some(format!("[{account}]"));
            return;
        }
        if let Some((kind, email)) = member.split_once(':') {
            let account = self.by_email.get(email).filter(|_| kind == "serviceAccount");
            let is_disabled = |id: &&String| self.accounts.get(*id).is_some_and(|it| it.1);
            who.disabled = account.filter(is_disabled).cloned();
            let domain = email.rsplit_once('@').filter(|_| kind != "serviceAccount");
            who.members.extend(domain.map(|(_, it)| format!("domain:{it}")));
        }
        who.members.push(member);
    }

    /// Canonical ids of service accounts.
    pub(super) fn accounts(&self) -> Vec<&str> {
        self.accounts.keys().map(String::as_str).collect()
    }

    /// Whether this is the canonical id of a service account.
    pub(super) fn is_account(&self, id: &str) -> bool {
        self.accounts.contains_key(id)
    }

    pub(super) fn is_read(&self, member: &str) -> bool {
        member.split_once(':').is_some_and(|(kind, email)| {
            kind == "serviceAccount" && self.by_email.contains_key(email)
        })
    }
}

/// Whether a group may have such a member: people, service accounts, other groups.
fn may_be_member(member: &str) -> bool {
    ["user:", "serviceAccount:", "group:"].iter().any(|kind| member.starts_with(kind))
}

/// Whether the scopes of a machine let it ask for a permission at all.
///
/// Whether an account may be attached is asked by the service that attaches it, whatever the scopes say of `iam`.
pub(super) fn is_in_scope(scopes: &[String], permission: &str) -> bool {
    if permission == "iam.serviceAccounts.actAs" {
        return !scopes.is_empty();
    }
    let is_reading =
        [".get", ".list", ".read", ".getData"].iter().any(|it| permission.ends_with(it));
    scopes.iter().any(|scope| {
        let name = scope.rsplit('/').next().unwrap_or(scope);
        let (service, reads_only) = match name {
            "cloud-platform" => return true,
            "cloud-platform.read-only" => return is_reading,
            "devstorage.full_control" | "devstorage.read_write" => ("storage.", false),
            "devstorage.read_only" => ("storage.", true),
            "compute" => ("compute.", false),
            "compute.readonly" => ("compute.", true),
            "logging.admin" | "logging.write" => ("logging.", false),
            "logging.read" => ("logging.", true),
            "monitoring" | "monitoring.write" => ("monitoring.", false),
            "sqlservice.admin" => ("cloudsql.", false),
            "datastore" => ("datastore.", false),
            "service.management" => ("servicemanagement.", false),
            "service.management.readonly" => ("servicemanagement.", true),
            // `pubsub`, `bigquery`, `iam`: the name of the service
            other => {
                return permission.split_once('.').is_some_and(|(service, _)| service == other);
            }
        };
        permission.starts_with(service) && (is_reading || !reads_only)
    })
}
