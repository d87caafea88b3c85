//! Kubernetes: clusters of applications, as typed lists of objects.

mod workload;

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value as Json, json};

use super::company::{Application, Company};
use super::estate::Estate;
use super::manifest::AttackStep;
use super::shards::{PageStyle, Pages};

/// Applications in one cluster.
const APPLICATIONS_PER_CLUSTER: u64 = 120;
/// Of so many applications, the first has an attack route.
const APPLICATIONS_PER_ROUTE: u64 = 60;

/// Version, kind, plural and our kind of everything that is written.
const LISTS: [(&str, &str, &str, &str); 15] = [
    ("v1", "Node", "nodes", "k8s.node"),
    ("v1", "Namespace", "namespaces", "k8s.namespace"),
    ("v1", "ServiceAccount", "serviceaccounts", "k8s.service-account"),
    ("v1", "Secret", "secrets", "k8s.secret"),
    ("v1", "ConfigMap", "configmaps", "k8s.config-map"),
    ("v1", "Pod", "pods", "k8s.pod"),
    ("v1", "Service", "services", "k8s.service"),
    ("apps/v1", "Deployment", "deployments", "k8s.deployment"),
    ("apps/v1", "ReplicaSet", "replicasets", "k8s.replica-set"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "k8s.network-policy"),
    ("networking.k8s.io/v1", "Ingress", "ingresses", "k8s.ingress"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "k8s.cluster-role"),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", "k8s.role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "k8s.role-binding"),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        "k8s.cluster-role-binding",
    ),
];

/// Writes the cloud.
pub(super) fn write(estate: &mut Estate<'_>) -> Result<()> {
    let mut number = 0;
    while estate.left() > 0 {
        number += 1;
        let mut cluster = Cluster::begin(estate, number)?;
        for index in 0..APPLICATIONS_PER_CLUSTER {
            if estate.left() == 0 {
                break;
            }
            let mut application = estate.company.application(&mut estate.random);
            let with_route = index % APPLICATIONS_PER_ROUTE == 0;
            application.is_critical |= with_route;
            cluster.write_application(estate, application, with_route)?;
        }
        for mut list in cluster.lists.into_values() {
            list.finish(estate)?;
        }
    }
    Ok(())
}

/// A cluster while it is written.
pub(super) struct Cluster {
    uid: String,
    nodes: Vec<String>,
    n_pods: u64,
    lists: BTreeMap<&'static str, Pages>,
}

/// A namespace: where the objects of one application are.
pub(super) struct Space {
    name: String,
    application: Application,
    labels: Json,
}

impl Cluster {
    fn begin(estate: &mut Estate<'_>, number: u64) -> Result<Self> {
        let folder = format!("kubernetes/cluster-{number:03}");
        let lists = LISTS.iter().map(|(version, kind, plural, _)| {
            let style = PageStyle::Kubernetes(version, kind);
            (*kind, Pages::new(format!("{folder}/{plural}"), style))
        });
        let lists = lists.collect();
        let uid = estate.random.guid();
        let mut cluster = Self { uid, nodes: Vec::new(), n_pods: 0, lists };
        let object = json!({
            "metadata": { "name": "kube-system", "uid": cluster.uid, "creationTimestamp": estate.days_ago(900), "labels": { "kubernetes.io/metadata.name": "kube-system" } },
            "spec": { "finalizers": ["kubernetes"] },
            "status": { "phase": "Active" },
        });
        cluster.put(estate, "Namespace", &object, &[])?;
        let role = json!({
            "metadata": { "name": "cluster-admin", "uid": estate.random.guid(), "creationTimestamp": estate.days_ago(900), "labels": { "kubernetes.io/bootstrapping": "rbac-defaults" } },
            "rules": [{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }, { "nonResourceURLs": ["*"], "verbs": ["*"] }],
        });
        cluster.put(estate, "ClusterRole", &role, &[])?;
        let policy = json!({ "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{ "from": [{ "podSelector": {} }] }] });
        let space = Space {
            name: "kube-system".to_owned(),
            application: Company::platform(),
            labels: json!({}),
        };
        let policy = space.object(estate, "inside-only", &[("spec", policy)]);
        cluster.put(estate, "NetworkPolicy", &policy, &[])?;
        Ok(cluster)
    }

    /// Writes one object with the faults that are in it; false when the cloud is full.
    fn put(
        &mut self,
        estate: &mut Estate<'_>,
        kind: &'static str,
        object: &Json,
        faults: &[&'static str],
    ) -> Result<bool> {
        let found = LISTS.iter().find(|it| it.1 == kind);
        let (Some((_, _, _, id)), Some(list)) = (found, self.lists.get_mut(kind)) else {
            anyhow::bail!("kind {kind} is not in the table");
        };
        if !estate.count(id) {
            return Ok(false);
        }
        list.push(estate, object)?;
        if !faults.is_empty() {
            let id = self.id(kind, object);
            for fault in faults {
                estate.plant(&id, fault);
            }
        }
        Ok(true)
    }

    /// The canonical id of an object.
    fn id(&self, kind: &str, object: &Json) -> String {
        let version = LISTS.iter().find(|it| it.1 == kind).map_or("", |it| it.0);
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let text = |key| object.pointer(key).and_then(Json::as_str).unwrap_or_default();
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        format!("k8s:{}/{group}/{}/{namespace}/{name}", self.uid, kind.to_ascii_lowercase())
    }

    /// The node for the next pod; there is one for each dozen.
    fn next_node(&mut self, estate: &mut Estate<'_>) -> Result<String> {
        if self.n_pods.is_multiple_of(12) {
            let name = format!("node-{:04}", self.nodes.len() + 1);
            let node = workload::node(estate, &name);
            self.put(estate, "Node", &node, &[])?;
            self.nodes.push(name);
        }
        self.n_pods += 1;
        Ok(self.nodes.last().cloned().unwrap_or_default())
    }

    fn write_application(
        &mut self,
        estate: &mut Estate<'_>,
        application: Application,
        with_route: bool,
    ) -> Result<()> {
        let labels: Map<String, Json> = application
            .tags()
            .into_iter()
            .map(|(key, value)| {
                (format!("halyardquill.example/{key}"), value.replace(['@', '/'], "_").into())
            })
            .collect();
        let space =
            Space { name: application.name.clone(), application, labels: Json::Object(labels) };
        self.write_space(estate, &space)?;
        self.write_rights(estate, &space)?;
        self.write_settings(estate, &space)?;
        for number in 1..=estate.random.between(1, 4) {
            self.write_workload(
                estate,
                &space,
                &format!("{}-{number}", space.application.part),
                false,
            )?;
        }
        // The route needs seven resources; a cut one would be none.
        if with_route && estate.left() >= 7 { self.write_route(estate, &space) } else { Ok(()) }
    }

    fn write_space(&mut self, estate: &mut Estate<'_>, space: &Space) -> Result<()> {
        let is_lax = estate.is_faulty();
        let is_open = estate.is_faulty();
        let mut labels = space.labels.clone();
        if let (false, Some(map)) = (is_lax, labels.as_object_mut()) {
            map.insert("pod-security.kubernetes.io/enforce".to_owned(), json!("restricted"));
        }
        let mut faults = Vec::new();
        if is_lax {
            faults.push("k8s.namespace.pod-security-not-enforced");
        }
        if is_open {
            faults.push("k8s.network.namespace-without-policy");
        }
        let object = json!({
            "metadata": { "name": space.name, "uid": estate.random.guid(), "creationTimestamp": estate.aged(30, 900), "resourceVersion": "482913", "labels": labels },
            "spec": { "finalizers": ["kubernetes"] },
            "status": { "phase": "Active" },
        });
        if !is_open {
            let policy = json!({ "podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{ "from": [{ "podSelector": {} }] }], "egress": [{ "to": [{ "namespaceSelector": {} }], "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 443, "protocol": "TCP" }] }] });
            let policy = space.object(estate, "own-pods-only", &[("spec", policy)]);
            self.put(estate, "NetworkPolicy", &policy, &[])?;
        }
        self.put(estate, "Namespace", &object, &faults)?;
        let account =
            space.object(estate, "default", &[("automountServiceAccountToken", json!(false))]);
        self.put(estate, "ServiceAccount", &account, &[]).map(drop)
    }

    fn write_rights(&mut self, estate: &mut Estate<'_>, space: &Space) -> Result<()> {
        let account =
            space.object(estate, "app", &[("automountServiceAccountToken", json!(false))]);
        self.put(estate, "ServiceAccount", &account, &[])?;
        let reads_secrets = estate.is_faulty();
        let mut rules = vec![
            json!({ "apiGroups": [""], "resources": ["configmaps", "endpoints"], "verbs": ["get", "list", "watch"] }),
        ];
        if reads_secrets {
            rules.push(
                json!({ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"] }),
            );
        }
        let faults: &[_] = if reads_secrets { &["k8s.rbac.role-reads-secrets"] } else { &[] };
        let role = space.object(estate, "app", &[("rules", json!(rules))]);
        self.put(estate, "Role", &role, faults)?;
        let binding = space.object(
            estate,
            "app",
            &[
                ("roleRef", json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "app" })),
                ("subjects", json!([{ "kind": "ServiceAccount", "name": "app", "namespace": space.name }])),
            ],
        );
        self.put(estate, "RoleBinding", &binding, &[]).map(drop)
    }

    fn write_settings(&mut self, estate: &mut Estate<'_>, space: &Space) -> Result<()> {
        for number in 1..=estate.random.between(1, 4) {
            let data = json!({ "LOG_LEVEL": "info", "STAGE": space.application.stage, "settings.yaml": format!("team: {}\npart: {}\nreplicas: {number}\ntimeout: 30s\n", space.application.team, space.application.part) });
            let object = space.object(estate, &format!("settings-{number}"), &[("data", data)]);
            self.put(estate, "ConfigMap", &object, &[])?;
        }
        for number in 1..=estate.random.between(1, 3) {
            let object = space.object(
                estate,
                &format!("credentials-{number}"),
                &[("type", json!("Opaque")), ("data", json!({ "connection": "cmVtb3ZlZA==" }))],
            );
            self.put(estate, "Secret", &object, &[])?;
        }
        if estate.is_faulty() {
            let object = space.object(
                estate,
                "legacy-token",
                &[("type", json!("kubernetes.io/service-account-token")), ("data", json!({}))],
            );
            self.put(estate, "Secret", &object, &["k8s.identity.permanent-token"])?;
        }
        Ok(())
    }

    /// A privileged workload behind a public balancer whose account may do everything.
    fn write_route(&mut self, estate: &mut Estate<'_>, space: &Space) -> Result<()> {
        let account =
            space.object(estate, "operator", &[("automountServiceAccountToken", json!(false))]);
        self.put(estate, "ServiceAccount", &account, &[])?;
        let name = format!("{}-operator", space.name);
        let mut binding = space.object(
            estate,
            &name,
            &[
                ("roleRef", json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" })),
                ("subjects", json!([{ "kind": "ServiceAccount", "name": "operator", "namespace": space.name }])),
            ],
        );
        if let Some(metadata) = binding.get_mut("metadata").and_then(Json::as_object_mut) {
            metadata.remove("namespace");
        }
        let faults = ["k8s.rbac.cluster-admin-binding", "k8s.rbac.service-account-with-all-rights"];
        self.put(estate, "ClusterRoleBinding", &binding, &faults)?;
        self.write_workload(estate, space, "operator", true)?;
        let ports = json!([{ "name": "web", "port": 80, "targetPort": 8080, "protocol": "TCP", "nodePort": 30080 }]);
        let spec = json!({ "type": "LoadBalancer", "selector": { "app": "operator" }, "ports": ports, "clusterIP": "10.96.7.7", "externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": true });
        let status = json!({ "loadBalancer": { "ingress": [{ "ip": estate.public_address() }] } });
        let service =
            space.object(estate, "operator-public", &[("spec", spec), ("status", status)]);
        let faults =
            ["k8s.network.public-load-balancer", "k8s.network.load-balancer-to-privileged-pod"];
        self.put(estate, "Service", &service, &faults)?;
        let workload = format!("k8s:{}/apps/deployment/{}/operator", self.uid, space.name);
        let steps = vec![
            AttackStep::new(&workload, "the balancer leads to a privileged pod"),
            AttackStep::new(
                &self.id("ServiceAccount", &account),
                "the pod holds the token of its account",
            ),
            AttackStep::new(
                &self.id("ClusterRoleBinding", &binding),
                "the account administers the cluster",
            ),
        ];
        estate.route("kubernetes.internet-to-cluster-admin", &self.id("Service", &service), steps);
        Ok(())
    }
}

impl Space {
    /// An object in the namespace with the usual metadata.
    fn object(&self, estate: &mut Estate<'_>, name: &str, parts: &[(&str, Json)]) -> Json {
        let mut object = json!({
            "metadata": {
                "name": name,
                "namespace": self.name,
                "uid": estate.random.guid(),
                "creationTimestamp": estate.aged(1, 400),
                "resourceVersion": estate.random.below(90_000_000).to_string(),
                "labels": self.labels,
                "annotations": { "halyardquill.example/source": format!("git/{}/{}", self.application.team, self.application.part) },
            },
        });
        for (key, value) in parts {
            if let Some(map) = object.as_object_mut() {
                map.insert((*key).to_owned(), value.clone());
            }
        }
        object
    }
}
