//! Which policies may grant something to an actor: by the members that they name.

use hashbrown::{HashMap, HashSet};

use super::Estate;
use super::people::{ANY_ACCOUNT, Who};

/// The place of folders and organisations of which nobody knows whether a project lies in them.
pub(super) const SOMEWHERE_ABOVE: &str = "?";

/// Members of policies that mean more than themselves.
#[derive(Debug, Default)]
pub(super) struct Wide {
    /// Groups that anybody may be in, and sets of principals.
    members: Vec<String>,
    /// The roles that policies give to these, and the resources that have such a policy.
    by_role: HashMap<String, Vec<String>>,
    /// Resources whose policies name whoever has a basic role in a project whose policy names one of these.
    by_basic: Vec<String>,
    /// Accounts of clusters by `[namespace/name]`.
    of_cluster: HashMap<String, Vec<String>>,
    /// Project to the resources whose policies name whoever has a basic role in it.
    basic: HashMap<String, Vec<String>>,
}

/// Of whom it is asked what is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Of an actor by all that may mean it.
    All,
    /// Of it by what does not mean everybody who signs in, or may mean anybody.
    Itself,
}

/// Somebody who has signed in, of whom no policy says anything. No address has a space.
const SOMEBODY: &str = "user:any google account";
/// An account of a cluster of which no policy says anything. No object of a cluster has a name with a space.
const ACCOUNT_OF_CLUSTER: &str =
    "k8s:any cluster//serviceaccount/any namespace/any account of a cluster";

/// Who stands in for others.
pub(super) const STAND_INS: [&str; 2] = [ACCOUNT_OF_CLUSTER, SOMEBODY];

/// Members that mean everybody who signs in.
const EVERYBODY: [&str; 2] = ["allUsers", ANY_ACCOUNT];

/// The places of these resources with policies.
pub(super) fn places_of(mut granting: Vec<&str>) -> Vec<String> {
    if granting.iter().any(|it| super::place::is_above_projects(it)) {
        granting.push(SOMEWHERE_ABOVE);
    }
    granting.into_iter().map(str::to_owned).collect()
}

/// Who is answered like an actor wherever no policy names the actor, or a group that it is in.
pub(super) fn stand_in(id: &str, who: &Who) -> Option<&'static str> {
    if STAND_INS.contains(&id) {
        return None;
    }
    let is_bound = who.disabled.is_some() || who.scopes.is_some();
    // sets of a pool mean its identities without a name
    if is_bound || who.members.iter().any(|it| it.starts_with("principal")) {
        return None;
    }
    if who.of_cluster.is_some() {
        return Some(ACCOUNT_OF_CLUSTER);
    }
    who.may_join.then_some(SOMEBODY)
}

impl Wide {
    /// Members of policies that may mean whom they do not name.
    pub(super) fn members(&self) -> impl Iterator<Item = &String> {
        self.members.iter()
    }
}

impl Estate {
    /// Sorts the members that policies name.
    pub(super) fn find_wide(&mut self) {
        let mut wide = Wide::default();
        for (member, ids) in self.named.iter().filter(|(_, ids)| !ids.is_empty()) {
            if let Some((_, project)) = member.split_once(':').filter(|(kind, _)| is_basic(kind)) {
                for id in ids {
                    let project = self.project_of(project, id);
                    wide.basic.entry(project).or_default().push(id.clone());
                }
            } else if member.starts_with("principalSet:") || self.people.may_be_in(member) {
                wide.members.push(member.clone());
            } else if let Some((_, account)) = member.rsplit_once('[') {
                let all = wide.of_cluster.entry(format!("[{account}")).or_default();
                all.push(member.clone());
            }
        }
        let mut projects: HashSet<&str> = HashSet::new();
        for member in &wide.members {
            for id in self.named.get(member).into_iter().flatten() {
                projects.extend(Some(id.as_str()).filter(|it| it.starts_with(PROJECTS)));
                for role in self.policies.get(id).into_iter().flat_map(|it| it.roles_of(member)) {
                    wide.by_role.entry_ref(role).or_default().push(id.clone());
                }
            }
        }
        for ids in wide.by_role.values_mut() {
            ids.sort_unstable();
            ids.dedup();
        }
        let named = projects.into_iter().filter_map(|it| wide.basic.get(it)).flatten();
        wide.by_basic = named.cloned().collect();
        wide.by_basic.sort_unstable();
        wide.by_basic.dedup();
        self.wide = wide;
    }

    /// The project that a member means; where it names none, that of the resource with the policy.
    fn project_of(&self, named: &str, id: &str) -> String {
        if named.is_empty() {
            let ids = self.places.chain(id).ids;
            let project = ids.into_iter().find(|it| it.starts_with(PROJECTS));
            return project.unwrap_or_default();
        }
        self.places.named(&format!("{PROJECTS}{named}")).to_owned()
    }

    /// The resources with a policy that may grant the action to somebody: too many, never too few.
    pub(super) fn granting(&self, who: &Who, action: &str, of: Of) -> Vec<&str> {
        // Many bindings have few roles: of each it is found out once.
        let number = self.roles.number(action);
        let mut roles: HashMap<&str, bool> = HashMap::new();
        let mut may_have = |role| {
            *roles.entry(role).or_insert_with(|| {
                let has = self.has_of_custom(role, action);
                has.or_else(|| self.roles.has_number(role, action, || number)) != Some(false)
            })
        };
        let mut found: Vec<&str> = Vec::new();
        let mut projects: HashSet<&str> = HashSet::new();
        let own = who.of_cluster.as_ref().and_then(|it| self.wide.of_cluster.get(it));
        let members = who.members.iter().chain(own.into_iter().flatten());
        for member in members.filter(|it| of == Of::All || !EVERYBODY.contains(&it.as_str())) {
            for id in self.named.get(member).into_iter().flatten() {
                projects.extend(Some(id.as_str()).filter(|it| it.starts_with(PROJECTS)));
                let mut given =
                    self.policies.get(id).into_iter().flat_map(|it| it.roles_of(member));
                if given.any(&mut may_have) {
                    found.push(id);
                }
            }
        }
        let is_wide = who.may_join || who.members.iter().any(|it| it.starts_with("principal"));
        let wide = (of == Of::All && is_wide).then_some(&self.wide);
        for (role, ids) in wide.iter().flat_map(|it| &it.by_role) {
            if may_have(role) {
                found.extend(ids.iter().map(String::as_str));
            }
        }
        let by_basic = projects.into_iter().filter_map(|it| self.wide.basic.get(it)).flatten();
        for id in by_basic.chain(wide.iter().flat_map(|it| &it.by_basic)) {
            let bindings = self.policies.get(id).into_iter().flat_map(|it| &it.bindings);
            let is_basic = |it: &String| it.split_once(':').is_some_and(|(kind, _)| is_basic(kind));
            let mut given = bindings.filter(|it| it.members.iter().any(is_basic));
            if given.any(|it| may_have(it.role.as_str())) {
                found.push(id);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

const PROJECTS: &str = "//cloudresourcemanager.googleapis.com/projects/";

/// Members that mean whoever has a basic role in a project.
fn is_basic(kind: &str) -> bool {
    matches!(kind, "projectOwner" | "projectEditor" | "projectViewer")
}
