//! A cluster: its roles and bindings, its accounts, nodes and pods.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use model::Resource;

use super::rule::Rule;
use super::who;
use crate::read::Node;

/// What was read of a cluster.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    /// By `<namespace>/<name>`, the namespace of cluster roles being empty.
    roles: BTreeMap<String, Role>,
    pub(super) bindings: HashMap<String, Binding>,
    by_subject: HashMap<String, BTreeSet<String>>,
    /// Service accounts and nodes, by id, as the user names that they have.
    pub(super) actors: BTreeMap<String, String>,
    pods: HashMap<String, Pod>,
    by_node: HashMap<String, BTreeSet<String>>,
    /// Roles and users of AWS, and the users and groups that they are here.
    pub(super) mapped: HashMap<String, (String, Vec<Mapped>)>,
}

/// A role or cluster role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) id: String,
    pub(super) rules: Vec<Rule>,
    labels: Vec<(String, String)>,
    /// Labels of the roles that it takes its rules from: any of these, with all labels of one.
    selectors: Vec<Vec<(String, String)>>,
}

/// Who has a role, in a namespace or, where that is empty, everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) id: String,
    pub(super) namespace: String,
    /// `<namespace>/<name>` of the role.
    pub(super) role: String,
    /// See [`who::subject`].
    pub(super) subjects: Vec<String>,
}

/// An identity of AWS in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mapped {
    pub(super) arn: String,
    pub(super) subjects: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pod {
    namespace: String,
    pub(super) node: String,
    account: String,
    secrets: BTreeSet<String>,
    maps: BTreeSet<String>,
}

/// What is known of an object.
#[derive(Debug, Default)]
pub(super) struct One {
    pub(super) role: Option<Role>,
    pub(super) binding: Option<Binding>,
    pub(super) actor: Option<String>,
    pub(super) pod: Option<Pod>,
    pub(super) mapped: Option<Vec<Mapped>>,
    pub(super) has_bindings: bool,
}

/// Kind, namespace and name in an id, `<cluster>/<group>/<kind>/<namespace>/<name>`. The names of people and groups
/// are those of whoever signs them in, and may hold slashes themselves.
pub(super) fn parts(id: &str) -> (&str, &str, &str) {
    if id.starts_with("k8s:") {
        let mut words = id.splitn(5, '/').skip(2);
        let mut next = || words.next().unwrap_or_default();
        return (next(), next(), next());
    }
    let mut words = id.rsplitn(4, '/');
    let (name, namespace) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    (words.next().unwrap_or_default(), namespace, name)
}

impl Cluster {
    pub(super) fn put(&mut self, resource: &Resource, node: Node<'_>) {
        let id = resource.id.as_str();
        let (_, namespace, name) = parts(id);
        match &*resource.kind {
            "k8s.role" | "k8s.cluster-role" => {
                self.roles.insert(format!("{namespace}/{name}"), Role::read(id, node));
            }
            "k8s.role-binding" | "k8s.cluster-role-binding" => {
                let Some(binding) = Binding::read(id, namespace, node) else { return };
                for subject in &binding.subjects {
                    self.by_subject.entry(subject.clone()).or_default().insert(id.to_owned());
                }
                self.bindings.insert(id.to_owned(), binding);
            }
            "k8s.service-account" => {
                self.actors.insert(id.to_owned(), who::account(namespace, name));
            }
            "k8s.node" => {
                self.actors.insert(id.to_owned(), format!("system:node:{name}"));
            }
            "k8s.pod" => {
                let pod = Pod::read(namespace, node);
                self.by_node.entry(pod.node.clone()).or_default().insert(id.to_owned());
                self.pods.insert(id.to_owned(), pod);
            }
            "k8s.config-map" if (namespace, name) == ("kube-system", "aws-auth") => {
                let texts = ["mapRoles", "mapUsers"].map(|it| node.at("data").at(it).text());
                let found = texts.into_iter().flatten().flat_map(who::mapped).collect();
                self.mapped.insert("aws-auth".to_owned(), (id.to_owned(), found));
            }
            _ => {}
        }
    }

    /// What is known of an object: to be compared.
    pub(super) fn one(&self, id: &str) -> One {
        let (_, namespace, name) = parts(id);
        let role = self.roles.get(&format!("{namespace}/{name}")).filter(|it| it.id == id);
        let mapped = self.mapped.values().find(|(document, _)| document == id);
        One {
            role: role.cloned(),
            binding: self.bindings.get(id).cloned(),
            actor: self.actors.get(id).cloned(),
            pod: self.pods.get(id).cloned(),
            mapped: mapped.map(|it| it.1.clone()),
            has_bindings: !self.bindings.is_empty(),
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        let (_, namespace, name) = parts(id);
        let key = format!("{namespace}/{name}");
        if self.roles.get(&key).is_some_and(|it| it.id == id) {
            self.roles.remove(&key);
        }
        if let Some(old) = self.bindings.remove(id) {
            for subject in &old.subjects {
                if let Some(all) = self.by_subject.get_mut(subject) {
                    all.remove(id);
                }
            }
        }
        self.actors.remove(id);
        if let Some(all) = self.pods.remove(id).and_then(|it| self.by_node.get_mut(&it.node)) {
            all.remove(id);
        }
        self.mapped.retain(|_, (document, _)| document != id);
    }

    /// The bindings that name a subject.
    pub(super) fn of(&self, subject: &str) -> impl Iterator<Item = &Binding> {
        let ids = self.by_subject.get(subject).into_iter().flatten();
        ids.filter_map(|it| self.bindings.get(it))
    }

    /// Whether a binding names a subject.
    pub(super) fn is_bound(&self, subject: &str) -> bool {
        self.by_subject.get(subject).is_some_and(|it| !it.is_empty())
    }

    /// Everybody whom a binding names.
    pub(super) fn subjects(&self) -> BTreeSet<&str> {
        let named = self.by_subject.iter().filter(|(_, all)| !all.is_empty());
        named.map(|(subject, _)| subject.as_str()).collect()
    }

    /// A role with the roles that it takes its rules from; `None` where it was not read.
    pub(super) fn role(&self, name: &str) -> Option<Vec<&Role>> {
        let role = self.roles.get(name)?;
        let mut found = vec![role];
        for selector in &role.selectors {
            let fits = |other: &Role| selector.iter().all(|it| other.labels.contains(it));
            let of_cluster = self.roles.iter().filter(|(key, _)| key.starts_with('/'));
            let fitting = of_cluster.map(|(_, it)| it).filter(|it| it.id != role.id && fits(it));
            found.extend(fitting);
        }
        Some(found)
    }

    /// The namespaces of the pods on a node.
    pub(super) fn namespaces_of_node(&self, node: &str) -> impl Iterator<Item = &str> {
        let here = self.by_node.get(node).into_iter().flatten();
        here.filter_map(|id| self.pods.get(id)).map(|it| it.namespace.as_str())
    }

    /// A pod on this node that needs the object: nodes are let at what their pods need, and no more.
    pub(super) fn pod_with(
        &self,
        node: &str,
        resource: &str,
        namespace: &str,
        name: &str,
    ) -> Option<&str> {
        let fits = |set: &BTreeSet<String>| name == "*" && !set.is_empty() || set.contains(name);
        let needs = |pod: &Pod| {
            (namespace == "*" || pod.namespace == namespace)
                && match resource {
                    "secrets" => fits(&pod.secrets),
                    "configmaps" => fits(&pod.maps),
                    "serviceaccounts/token" => name == "*" || pod.account == name,
                    _ => false,
                }
        };
        let here = self.by_node.get(node).into_iter().flatten();
        here.map(String::as_str).find(|id| self.pods.get(*id).is_some_and(&needs))
    }
}

impl Role {
    fn read(id: &str, node: Node<'_>) -> Self {
        let labels = |node: Node<'_>| -> Vec<(String, String)> {
            let entries = node.entries().into_iter();
            entries.filter_map(|(key, it)| Some((key.to_string(), it.word()?))).collect()
        };
        let selectors = node.at("aggregationRule.clusterRoleSelectors").items();
        Self {
            id: id.to_owned(),
            rules: node.at("rules").items().map(Rule::read).collect(),
            labels: labels(node.at("metadata.labels")),
            selectors: selectors
                .map(|it| labels(it.at("matchLabels")))
                .filter(|it| !it.is_empty())
                .collect(),
        }
    }
}

impl Binding {
    fn read(id: &str, namespace: &str, node: Node<'_>) -> Option<Self> {
        let name = node.at("roleRef.name").text()?;
        let is_of_namespace = node.at("roleRef.kind").text() == Some("Role");
        let of = if is_of_namespace { namespace } else { "" };
        let subjects = node.at("subjects").items().filter_map(|it| {
            let own = it.at("namespace").text().unwrap_or(namespace);
            who::subject(it.at("kind").text()?, own, it.at("name").text()?)
        });
        Some(Self {
            id: id.to_owned(),
            namespace: namespace.to_owned(),
            role: format!("{of}/{name}"),
            subjects: subjects.collect(),
        })
    }
}

impl Pod {
    fn read(namespace: &str, node: Node<'_>) -> Self {
        let spec = node.at("spec");
        let (mut secrets, mut maps) = (BTreeSet::new(), BTreeSet::new());
        let mut add = |to_maps: bool, node: Node<'_>| {
            let set = if to_maps { &mut maps } else { &mut secrets };
            set.extend(node.text().map(str::to_owned));
        };
        for volume in spec.at("volumes").items() {
            add(false, volume.at("secret.secretName"));
            add(true, volume.at("configMap.name"));
            for source in volume.at("projected.sources").items() {
                add(false, source.at("secret.name"));
                add(true, source.at("configMap.name"));
            }
        }
        for pull in spec.at("imagePullSecrets").items() {
            add(false, pull.at("name"));
        }
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            for container in spec.at(list).items() {
                for variable in container.at("env").items() {
                    add(false, variable.at("valueFrom.secretKeyRef.name"));
                    add(true, variable.at("valueFrom.configMapKeyRef.name"));
                }
                for source in container.at("envFrom").items() {
                    add(false, source.at("secretRef.name"));
                    add(true, source.at("configMapRef.name"));
                }
            }
        }
        let account = spec.at("serviceAccountName").text().unwrap_or("default").to_owned();
        let on = spec.at("nodeName").text().unwrap_or_default().to_owned();
        Self { namespace: namespace.to_owned(), node: on, account, secrets, maps }
    }
}
