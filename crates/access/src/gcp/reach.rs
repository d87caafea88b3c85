//! Which policies may grant something to an actor: by the members that they name.

use hashbrown::{HashMap, HashSet};

use super::Estate;
use super::people::Who;
use super::policy::Binding;

/// The place of folders and organisations of which nobody knows whether a project lies in them.
pub(super) const SOMEWHERE_ABOVE: &str = "?";

/// Members of policies that mean more than themselves.
#[derive(Debug, Default)]
pub(super) struct Wide {
    /// Groups that anybody may be in, and sets of principals.
    members: Vec<String>,
    /// Accounts of clusters by `[namespace/name]`.
    of_cluster: HashMap<String, Vec<String>>,
    /// Project to the resources whose policies name whoever has a basic role in it.
    basic: HashMap<String, Vec<String>>,
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
    pub(super) fn granting(&self, who: &Who, action: &str) -> Vec<&str> {
        let own = who.of_cluster.as_ref().and_then(|it| self.wide.of_cluster.get(it));
        let members =
            || who.members.iter().chain(&self.wide.members).chain(own.into_iter().flatten());
        let mut named: Vec<(&str, Option<&str>)> = Vec::new();
        for member in members() {
            let ids = self.named.get(member).into_iter().flatten();
            named.extend(ids.map(|id| (id.as_str(), Some(member.as_str()))));
        }
        let projects: HashSet<&str> =
            named.iter().map(|(id, _)| *id).filter(|it| it.starts_with(PROJECTS)).collect();
        for project in projects {
            let ids = self.wide.basic.get(project).into_iter().flatten();
            named.extend(ids.map(|id| (id.as_str(), None)));
        }
        // Many bindings have few roles: of each it is found out once.
        let number = self.roles.number(action);
        let mut roles: HashMap<&str, bool> = HashMap::new();
        let may_have = |role: &'_ str| {
            let has = self.has_of_custom(role, action);
            has.or_else(|| self.roles.has_number(role, action, || number)) != Some(false)
        };
        let mut found: Vec<&str> = Vec::new();
        for (id, member) in named {
            let bindings = self.policies.get(id).into_iter().flat_map(|it| &it.bindings);
            let is_meant = |it: &Binding| match member {
                Some(member) => it.members.iter().any(|own| own == member),
                None => it
                    .members
                    .iter()
                    .any(|own| own.split_once(':').is_some_and(|(kind, _)| is_basic(kind))),
            };
            for it in bindings {
                let has = *roles.entry(it.role.as_str()).or_insert_with(|| may_have(&it.role));
                if has && is_meant(it) {
                    found.push(id);
                    break;
                }
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
