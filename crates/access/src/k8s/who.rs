//! Who acts in a cluster: users, groups and service accounts by the names that bindings use.

use super::cluster::{Cluster, Mapped, parts};

/// Who is let at everything before any role is looked at.
pub(super) const MASTERS: &str = "g:system:masters";

/// A user name `u:`, a group `g:`. Service accounts are users with names of their own.
pub(super) fn subject(kind: &str, namespace: &str, name: &str) -> Option<String> {
    match kind {
        "ServiceAccount" => Some(format!("u:{}", account(namespace, name))),
        "User" => Some(format!("u:{name}")),
        "Group" => Some(format!("g:{name}")),
        _ => None,
    }
}

/// The user name of a service account.
pub(super) fn account(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

/// An actor as bindings may name it.
#[derive(Debug, Default)]
pub(super) struct Who {
    /// Subjects.
    pub(super) subjects: Vec<String>,
    /// Whether it may be in groups that no document names: only whoever signs people in knows.
    pub(super) has_unknown_groups: bool,
    /// The node that it is.
    pub(super) node: Option<String>,
    /// The config map that says who an identity of another cloud is here.
    pub(super) mapped_by: Option<String>,
}

/// The actor with this id in a cluster; a group that it is supposed to be in.
pub(super) fn actor(cluster: &Cluster, id: &str, group: Option<&str>) -> Who {
    let mut who = Who::default();
    let (kind, namespace, name) = parts(id);
    if id == "*" {
        who.subjects = vec!["u:system:anonymous".to_owned(), "g:system:unauthenticated".to_owned()];
        return who;
    }
    if id.starts_with("arn:") {
        for (document, all) in cluster.mapped.values() {
            for own in all.iter().filter(|it| is_same_identity(&it.arn, id)) {
                who.mapped_by = Some(document.clone());
                who.subjects.extend(own.subjects.iter().cloned());
            }
        }
        if who.subjects.is_empty() {
            return who;
        }
    } else if let Some(user) = cluster.actors.get(id) {
        who.subjects.push(format!("u:{user}"));
        if kind == "node" {
            who.node = Some(name.to_owned());
        }
    } else if kind == "serviceaccount" {
        who.subjects.push(format!("u:{}", account(namespace, name)));
    } else if kind == "group" {
        who.subjects.push(format!("g:{name}"));
    } else if kind == "user" {
        who.subjects.push(format!("u:{name}"));
        who.has_unknown_groups = !name.starts_with("system:");
    } else {
        return who;
    }
    if kind == "serviceaccount" {
        who.subjects.push("g:system:serviceaccounts".to_owned());
        who.subjects.push(format!("g:system:serviceaccounts:{namespace}"));
    }
    if who.node.is_some() {
        who.subjects.push("g:system:nodes".to_owned());
    }
    who.subjects.push("g:system:authenticated".to_owned());
    let supposed = group.map(|it| parts(it).2);
    who.subjects.extend(supposed.map(|it| format!("g:{it}")));
    who
}

/// Paths of roles are left out in the map of a cluster.
fn is_same_identity(mapped: &str, id: &str) -> bool {
    let parts = |arn: &'_ str| -> Option<(String, String)> {
        let (account, name) = arn.rsplit_once(':')?;
        let kind = name.split('/').next().unwrap_or_default();
        Some((format!("{account}:{kind}"), name.rsplit('/').next()?.to_owned()))
    };
    mapped == id || parts(mapped).is_some() && parts(mapped) == parts(id)
}

/// The entries of `mapRoles` and `mapUsers` in the config map `aws-auth`: a list of flat objects with a list
/// of groups, in YAML. What is written otherwise is left out.
pub(super) fn mapped(text: &str) -> Vec<Mapped> {
    let mut found: Vec<Mapped> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let (is_item, rest) = match line.strip_prefix("- ") {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let (key, value) =
            match rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|it| (it, ""))) {
                Some((key, value)) if !key.contains(':') => (key, unquoted(value)),
                _ if is_item => ("", unquoted(rest)),
                _ => continue,
            };
        if is_item && !key.is_empty() {
            found.push(Mapped::default());
        }
        let Some(last) = found.last_mut() else { continue };
        match key {
            "rolearn" | "userarn" => value.clone_into(&mut last.arn),
            "username" => last.subjects.push(format!("u:{value}")),
            "" => last.subjects.push(format!("g:{value}")),
            _ => {}
        }
    }
    found.retain(|it| !it.arn.is_empty());
    found
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// The id under which a subject is known outside: `k8s:prod//user//jane`.
pub(super) fn id_of(cluster_id: &str, subject: &str) -> Option<String> {
    let (kind, name) = subject.split_once(':')?;
    if matches!(name, "system:anonymous" | "system:unauthenticated") {
        return None;
    }
    let of_user = |prefix: &str| name.strip_prefix(prefix).filter(|_| kind == "u");
    if let Some((namespace, name)) =
        of_user("system:serviceaccount:").and_then(|it| it.split_once(':'))
    {
        return Some(format!("{cluster_id}//serviceaccount/{namespace}/{name}"));
    }
    if let Some(name) = of_user("system:node:") {
        return Some(format!("{cluster_id}//node//{name}"));
    }
    let kind = if kind == "u" { "user" } else { "group" };
    Some(format!("{cluster_id}//{kind}//{name}"))
}

/// The other way round, for people and groups: the id of the cluster, and the subject.
pub(super) fn subject_of(id: &str) -> Option<(&str, String)> {
    let of = |kind: &str, word: &str| {
        let (cluster, name) = id.split_once(kind)?;
        Some((cluster, format!("{word}:{name}")))
    };
    of("//user//", "u").or_else(|| of("//group//", "g"))
}
