//! Kubernetes: roles and their bindings, the groups that come with an identity, and what nodes are let at.
//!
//! What decides: `system:masters` may do everything; else a rule of a role that is bound to the actor or
//! to a group of it, in the namespace or in the whole cluster. Nothing forbids.

use hashbrown::HashMap;
use model::{Keys, Resource};

use self::cluster::{Binding, Cluster};
use self::rule::{Action, Rule};
use self::who::{MASTERS, Who};
use crate::cloud::Cloud;
use crate::notes::Notes;
use crate::read::Node;
use crate::truth::Truth;
use crate::{Actor, Answer, Effect, Reach, Request, Touched, Trail};

mod cluster;
mod rule;
mod stirred;
#[cfg(test)]
mod tests;
mod who;

/// Access in all clusters that were read.
#[derive(Debug)]
pub(crate) struct Estate {
    keys: Keys,
    clusters: HashMap<String, Cluster>,
    touched: Touched,
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
struct Target<'a> {
    /// `None` in the whole cluster, `*` in any namespace.
    namespace: Option<&'a str>,
    /// `None` for no object alone, `*` for any.
    name: Option<&'a str>,
}

impl Estate {
    pub(crate) fn new(keys: &Keys) -> Self {
        Self { keys: keys.clone(), clusters: HashMap::new(), touched: Touched::default() }
    }

    /// The clusters that a question is about, by id.
    fn clusters<'a>(&'a self, on: &str) -> Vec<(&'a str, &'a Cluster)> {
        if on != "*" {
            let ids = [id_of_cluster(on), Some(on)].into_iter().flatten();
            let found = ids.filter_map(|it| self.clusters.get_key_value(it));
            return found.map(|(id, it)| (id.as_str(), it)).collect();
        }
        let mut found: Vec<(&str, &Cluster)> =
            self.clusters.iter().map(|(id, it)| (id.as_str(), it)).collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        found
    }
}

/// `k8s:prod` of `k8s:prod/apps/deployment/web/shop`.
fn id_of_cluster(id: &str) -> Option<&str> {
    let is_object = id.strip_suffix('/').unwrap_or(id).matches('/').count() > 3;
    id.split('/').next().filter(|_| is_object)
}

/// What begins otherwise is the cluster's own, or stands for all of a sort.
fn is_somebody(subject: &str) -> bool {
    !subject.contains(":system:")
}

impl<'a> Target<'a> {
    fn of(on: &'a str, cluster: &str, action: &Action<'_>) -> Self {
        if on == "*" {
            return Self { namespace: Some("*"), name: Some("*") };
        }
        if on == cluster {
            return Self { namespace: None, name: None };
        }
        let (kind, namespace, name) = cluster::parts(on);
        if kind == "namespace" {
            // a request about a namespace counts as one in it
            let is_about_it = action.resource.split('/').next() == Some("namespaces");
            return Self { namespace: Some(name), name: is_about_it.then_some(name) };
        }
        let name = (!action.is_nameless()).then_some(name);
        Self { namespace: (!namespace.is_empty()).then_some(namespace), name }
    }
}

/// A namespace of a cluster as a place.
fn place_in(cluster: &str, namespace: &str) -> String {
    format!("{cluster}|{namespace}")
}

impl Cluster {
    /// Where something may be granted to somebody: the cluster, or namespaces of it.
    fn reach(&self, id: &str, who: &Who, action: &Action<'_>, found: &mut Vec<String>) {
        let is_master = who.subjects.iter().any(|it| it == MASTERS);
        if is_master || self.bindings.is_empty() && !who.subjects.is_empty() {
            found.push(id.to_owned());
            return;
        }
        let anything = Target { namespace: Some("*"), name: Some("*") };
        let mut look = |subject: &str| {
            for it in self.of(subject) {
                if self.bound(it, action, anything, Notes(None)) == Truth::No {
                    continue;
                }
                found.push(match it.namespace.as_str() {
                    "" => id.to_owned(),
                    namespace => place_in(id, namespace),
                });
            }
        };
        who.subjects.iter().for_each(|it| look(it));
        if who.has_unknown_groups {
            self.subjects().into_iter().for_each(look);
        }
        let of_node = who.node.iter().flat_map(|it| self.namespaces_of_node(it));
        found.extend(of_node.map(|it| place_in(id, it)));
    }

    /// What is granted to somebody.
    fn granted(
        &self,
        who: &Who,
        action: &Action<'_>,
        target: Target<'_>,
        mut notes: Notes<'_>,
    ) -> Truth {
        if let Some(document) = &who.mapped_by {
            notes.reason(Effect::Permits, || {
                (
                    document.clone(),
                    "data".to_owned(),
                    format!("is {} here", who.subjects.join(", ")),
                )
            });
        }
        if who.subjects.iter().any(|it| it == MASTERS) {
            notes.reason(Effect::Allows, || {
                let says = "members of system:masters may do everything".to_owned();
                ("system:masters".to_owned(), String::new(), says)
            });
            return Truth::Yes;
        }
        let mut best = self.by_node(who, action, target, notes.again());
        for binding in who.subjects.iter().flat_map(|it| self.of(it)) {
            best = best.or(self.bound(binding, action, target, notes.again()));
            if best == Truth::Yes && !notes.are_kept() {
                return best;
            }
        }
        if best < Truth::Yes && who.has_unknown_groups {
            best = best.or(self.by_unknown_groups(action, target, notes.again()));
        }
        if best == Truth::No && self.bindings.is_empty() && !who.subjects.is_empty() {
            notes.unread(|| {
                ("role bindings".to_owned(), "none was read, and one could allow it".to_owned())
            });
            return Truth::Unknown;
        }
        best
    }

    fn bound(
        &self,
        it: &Binding,
        action: &Action<'_>,
        target: Target<'_>,
        mut notes: Notes<'_>,
    ) -> Truth {
        let is_here = it.namespace.is_empty()
            || target.namespace.is_some_and(|wanted| wanted == "*" || wanted == it.namespace);
        if !is_here || action.is_url() && !it.namespace.is_empty() {
            return Truth::No;
        }
        let Some(roles) = self.role(&it.role) else {
            let is_administrator = it.role == "/cluster-admin";
            if is_administrator && Rule::everything().allows(action, target.name) {
                notes.reason(Effect::Allows, || {
                    (it.id.clone(), "roleRef".to_owned(), "binds cluster-admin".to_owned())
                });
                return Truth::Yes;
            }
            notes.unread(|| {
                (format!("role {}", it.role.trim_start_matches('/')), format!("{} binds it", it.id))
            });
            return Truth::Unknown;
        };
        let mut found = Truth::No;
        for role in roles {
            for (at, rule) in role.rules.iter().enumerate() {
                if !rule.allows(action, target.name) {
                    continue;
                }
                found = Truth::Yes;
                notes.reason(Effect::Allows, || {
                    let place = if it.namespace.is_empty() { "everywhere" } else { &it.namespace };
                    (it.id.clone(), "roleRef".to_owned(), format!("binds {} in {place}", it.role))
                });
                notes.reason(Effect::Allows, || {
                    (role.id.clone(), format!("rules[{at}]"), format!("allows {}", rule.says()))
                });
            }
        }
        found
    }

    /// A user may be in any group that is not the system's own: no document says who is.
    fn by_unknown_groups(
        &self,
        action: &Action<'_>,
        target: Target<'_>,
        mut notes: Notes<'_>,
    ) -> Truth {
        let mut found = Truth::No;
        for subject in self.subjects() {
            let Some(group) = subject.strip_prefix("g:").filter(|it| !it.starts_with("system:"))
            else {
                continue;
            };
            let grants = |it| self.bound(it, action, target, Notes(None)) != Truth::No;
            if self.of(subject).any(grants) {
                notes.unread(|| {
                    (format!("members of {group}"), "only whoever signs people in knows".to_owned())
                });
                found = Truth::Unknown;
            }
        }
        found
    }

    /// What the node authorizer lets a node at: what the pods on it need.
    fn by_node(
        &self,
        who: &Who,
        action: &Action<'_>,
        target: Target<'_>,
        mut notes: Notes<'_>,
    ) -> Truth {
        let Some(node) = &who.node else { return Truth::No };
        let (Some(namespace), Some(name)) = (target.namespace, target.name) else {
            return Truth::No;
        };
        let verb = if action.resource == "serviceaccounts/token" { "create" } else { "get" };
        if action.verb() != verb {
            return Truth::No;
        }
        let Some(pod) = self.pod_with(node, action.resource, namespace, name) else {
            return Truth::No;
        };
        notes.reason(Effect::Allows, || {
            let says = format!("runs on this node, which is let at its {}", action.resource);
            (pod.to_owned(), "spec.nodeName".to_owned(), says)
        });
        Truth::Yes
    }
}

impl Cloud for Estate {
    fn put(&mut self, resource: &Resource) {
        if !resource.kind.starts_with("k8s.") {
            return;
        }
        let before = self.one(&resource.id);
        if let Some(cluster) = self.cluster_mut(&resource.id) {
            cluster.remove(&resource.id);
        }
        if resource.collected {
            let keys = self.keys.clone();
            if !self.clusters.contains_key(&*resource.scope) {
                self.touched.everything();
            }
            let cluster = self.clusters.entry(resource.scope.to_string()).or_default();
            cluster.put(resource, Node::new(resource.doc.view(), &keys));
        }
        self.touch(&resource.id, &before);
    }

    fn remove(&mut self, id: &str) {
        let before = self.one(id);
        if let Some(cluster) = self.cluster_mut(id) {
            cluster.remove(id);
        }
        self.touch(id, &before);
    }

    fn settle(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    fn judge(&self, request: &Request<'_>, trail: Option<&mut Trail>) -> Answer {
        let mut notes = Notes(trail);
        let Some(action) = Action::parse(request.action) else { return Answer::Denied };
        if request.actor.plus.is_everything() {
            return Answer::Allowed;
        }
        let mut best = Truth::No;
        for (id, cluster) in self.clusters(request.on) {
            let home = id_of_cluster(request.actor.id).unwrap_or(id);
            if request.actor.id.starts_with("k8s:") && home != id {
                continue;
            }
            let who = who::actor(cluster, request.actor.id, request.actor.plus.group());
            let target = Target::of(request.on, id, &action);
            best = best.or(cluster.granted(&who, &action, target, notes.again()));
        }
        match best {
            Truth::No => Answer::Denied,
            Truth::Unknown => Answer::Unknown,
            Truth::Yes => Answer::Allowed,
        }
    }

    fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool {
        let request = Request { actor, action, on: "*", context: &[], given: crate::Given::AsRead };
        self.judge(&request, None) != Answer::Denied
    }

    fn administrator(&self, actor: Actor<'_>, trail: Option<&mut Trail>) -> Answer {
        let Some(on) = id_of_cluster(actor.id) else { return Answer::Denied };
        let request =
            Request { actor, action: "* *", on, context: &[], given: crate::Given::AsRead };
        self.judge(&request, trail)
    }

    fn identities(&self) -> Vec<&str> {
        let all = self.clusters.values().flat_map(|it| it.actors.keys());
        let mut found: Vec<&str> = all.map(String::as_str).collect();
        found.sort_unstable();
        found
    }

    fn is_identity(&self, id: &str) -> bool {
        let cluster = id_of_cluster(id).and_then(|it| self.clusters.get(it));
        cluster.is_some_and(|it| it.actors.contains_key(id))
    }

    fn named(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (id, cluster) in &self.clusters {
            let named = cluster.subjects().into_iter().filter(|it| is_somebody(it));
            found.extend(named.filter_map(|it| who::id_of(id, it)));
        }
        found.retain(|id| !self.is_identity(id));
        found.sort();
        found
    }

    fn is_named(&self, id: &str) -> bool {
        who::subject_of(id).is_some_and(|(cluster, subject)| {
            let cluster = self.clusters.get(cluster).filter(|_| is_somebody(&subject));
            cluster.is_some_and(|it| it.is_bound(&subject)) && !self.is_identity(id)
        })
    }

    fn reach(&self, actor: Actor<'_>, action: &str) -> Reach {
        if actor.plus.is_everything() {
            return Reach::Anywhere;
        }
        let Some(action) = Action::parse(action) else { return Reach::At(Vec::new()) };
        let mut found = Vec::new();
        let home = id_of_cluster(actor.id).filter(|_| actor.id.starts_with("k8s:"));
        for (id, cluster) in self.clusters(home.unwrap_or("*")) {
            let who = who::actor(cluster, actor.id, actor.plus.group());
            cluster.reach(id, &who, &action, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        Reach::At(found)
    }

    fn places(&self, _: &str, on: &str) -> Option<Vec<String>> {
        if on == "*" {
            return None;
        }
        let mut found = Vec::new();
        for (id, _) in self.clusters(on) {
            found.push(id.to_owned());
            if on == id {
                continue;
            }
            let (kind, namespace, name) = cluster::parts(on);
            match if kind == "namespace" { name } else { namespace } {
                "" => {}
                "*" => return None,
                namespace => found.push(place_in(id, namespace)),
            }
        }
        Some(found)
    }

    fn outsiders(&self, _: &str, on: &str) -> Vec<String> {
        let mut found = vec!["*".to_owned()];
        for (id, cluster) in self.clusters(on) {
            found.extend(cluster.subjects().into_iter().filter_map(|it| who::id_of(id, it)));
            found.extend(cluster.mapped.values().flat_map(|(_, all)| all).map(|it| it.arn.clone()));
        }
        found
    }
}
