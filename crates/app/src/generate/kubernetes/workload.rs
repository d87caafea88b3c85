//! Workloads: deployments with their replica sets and pods, the services before them, and nodes.

use anyhow::Result;
use serde_json::{Value as Json, json};

use super::{Cluster, Space};
use crate::generate::estate::Estate;

/// What is wrong with a workload; the check judges the deployment, not what it owns.
#[derive(Debug, Default, Clone, Copy)]
struct Wrongs {
    is_privileged: bool,
    is_root: bool,
    may_escalate: bool,
    is_on_host_network: bool,
    has_floating_tag: bool,
    has_no_memory_limit: bool,
    has_writable_root: bool,
    is_administrator: bool,
}

impl Wrongs {
    fn draw(estate: &mut Estate<'_>) -> Self {
        let is_privileged = estate.is_faulty();
        Self {
            is_privileged,
            is_root: estate.is_faulty(),
            // The API server accepts no privileged container that may not escalate.
            may_escalate: is_privileged || estate.is_faulty(),
            is_on_host_network: estate.is_faulty(),
            has_floating_tag: estate.is_faulty(),
            has_no_memory_limit: estate.is_faulty(),
            has_writable_root: estate.is_faulty(),
            is_administrator: false,
        }
    }

    fn checks(self) -> Vec<&'static str> {
        let all = [
            (self.is_privileged, "k8s.workload.privileged-container"),
            (self.is_root, "k8s.workload.run-as-root"),
            (self.may_escalate, "k8s.workload.allow-privilege-escalation"),
            (self.is_on_host_network, "k8s.workload.host-network"),
            (self.has_floating_tag, "k8s.workload.latest-image-tag"),
            (self.has_no_memory_limit, "k8s.workload.missing-memory-limit"),
            (self.has_writable_root, "k8s.workload.writable-root-filesystem"),
            (self.is_administrator, "k8s.workload.runs-as-cluster-admin"),
        ];
        all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, check)| check).collect()
    }
}

impl Cluster {
    /// A deployment with what it owns, and a service unless it is the way in of a route.
    pub(super) fn write_workload(
        &mut self,
        estate: &mut Estate<'_>,
        space: &Space,
        name: &str,
        is_jump: bool,
    ) -> Result<()> {
        let wrongs = if is_jump {
            Wrongs {
                is_privileged: true,
                may_escalate: true,
                is_administrator: true,
                ..Wrongs::default()
            }
        } else {
            Wrongs::draw(estate)
        };
        let account = if is_jump { "operator" } else { "app" };
        let template = pod_spec(space, name, account, wrongs);
        let replicas = if is_jump { 1 } else { estate.random.between(1, 8) };
        let selector = json!({ "matchLabels": { "app": name } });
        let with_labels = |hash: Option<&str>| {
            let mut labels = space.labels.clone();
            if let Some(map) = labels.as_object_mut() {
                map.insert("app".to_owned(), json!(name));
                map.extend(hash.map(|it| ("pod-template-hash".to_owned(), json!(it))));
            }
            labels
        };
        let template_of = |hash: Option<&str>| json!({ "metadata": { "labels": with_labels(hash) }, "spec": template });
        let spec = json!({ "replicas": replicas, "selector": selector, "template": template_of(None), "strategy": { "type": "RollingUpdate" }, "revisionHistoryLimit": 3, "progressDeadlineSeconds": 600 });
        let status = json!({ "replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "observedGeneration": 4 });
        let deployment = space.object(estate, name, &[("spec", spec), ("status", status.clone())]);
        self.put(estate, "Deployment", &deployment, &wrongs.checks())?;
        let hash = estate.random.hex(10);
        let set_name = format!("{name}-{hash}");
        let spec = json!({ "replicas": replicas, "selector": selector, "template": template_of(Some(&hash)) });
        let mut set = space.object(estate, &set_name, &[("spec", spec), ("status", status)]);
        own(&mut set, &deployment, ("apps/v1", "Deployment"), with_labels(Some(&hash)));
        self.put(estate, "ReplicaSet", &set, &[])?;
        for _ in 0..replicas {
            if estate.left() == 0 {
                return Ok(());
            }
            self.write_pod(estate, space, (&set_name, &set, with_labels(Some(&hash))), &template)?;
        }
        if is_jump { Ok(()) } else { self.write_services(estate, space, name) }
    }

    fn write_pod(
        &mut self,
        estate: &mut Estate<'_>,
        space: &Space,
        (set_name, set, labels): (&str, &Json, Json),
        template: &Json,
    ) -> Result<()> {
        let node = self.next_node(estate)?;
        let mut spec = template.clone();
        if let Some(map) = spec.as_object_mut() {
            map.insert("nodeName".to_owned(), json!(node));
            map.insert("tolerations".to_owned(), json!([{ "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 }]));
        }
        let started = estate.aged(0, 30);
        let address = format!("10.244.{}.{}", estate.random.below(250), estate.random.below(250));
        let image = template.pointer("/containers/0/image").cloned();
        let status = json!({
            "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }], "hostIP": "10.0.4.7", "qosClass": "Burstable", "startTime": started,
            "conditions": [
                { "type": "Initialized", "status": "True", "lastTransitionTime": started },
                { "type": "Ready", "status": "True", "lastTransitionTime": started },
                { "type": "PodScheduled", "status": "True", "lastTransitionTime": started },
            ],
            "containerStatuses": [{ "name": "main", "ready": true, "started": true, "restartCount": estate.random.below(3), "image": image, "imageID": format!("registry.halyardquill.example/app@sha256:{}", estate.random.hex(64)), "containerID": format!("containerd://{}", estate.random.hex(64)), "state": { "running": { "startedAt": started } } }],
        });
        let name = format!("{set_name}-{}", estate.random.hex(5));
        let mut pod = space.object(estate, &name, &[("spec", spec), ("status", status)]);
        own(&mut pod, set, ("apps/v1", "ReplicaSet"), labels);
        self.put(estate, "Pod", &pod, &[]).map(drop)
    }

    fn write_services(&mut self, estate: &mut Estate<'_>, space: &Space, name: &str) -> Result<()> {
        let address = format!("10.96.{}.{}", estate.random.below(250), estate.random.below(250));
        let spec = json!({ "type": "ClusterIP", "clusterIP": address, "clusterIPs": [address], "selector": { "app": name }, "ports": [{ "name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP" }], "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster" });
        let service = space.object(
            estate,
            name,
            &[("spec", spec), ("status", json!({ "loadBalancer": {} }))],
        );
        self.put(estate, "Service", &service, &[])?;
        if !estate.random.chance(300) {
            return Ok(());
        }
        let is_plain = estate.is_faulty();
        let host = format!("{name}.{}.halyardquill.example", space.name);
        let mut spec = json!({ "ingressClassName": "nginx", "rules": [{ "host": host, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": { "service": { "name": name, "port": { "number": 80 } } } }] } }] });
        if let (false, Some(map)) = (is_plain, spec.as_object_mut()) {
            map.insert(
                "tls".to_owned(),
                json!([{ "hosts": [host], "secretName": "credentials-1" }]),
            );
        }
        let ingress = space.object(
            estate,
            name,
            &[("spec", spec), ("status", json!({ "loadBalancer": {} }))],
        );
        let faults: &[_] = if is_plain { &["k8s.network.ingress-without-tls"] } else { &[] };
        self.put(estate, "Ingress", &ingress, faults).map(drop)
    }
}

/// Makes `owner` the owner of an object, and gives the object its labels.
fn own(object: &mut Json, owner: &Json, (version, kind): (&str, &str), labels: Json) {
    let text = |key| owner.pointer(key).cloned().unwrap_or_default();
    let reference = json!([{ "apiVersion": version, "kind": kind, "name": text("/metadata/name"), "uid": text("/metadata/uid"), "controller": true, "blockOwnerDeletion": true }]);
    if let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) {
        metadata.insert("ownerReferences".to_owned(), reference);
        metadata.insert("labels".to_owned(), labels);
    }
}

fn pod_spec(space: &Space, name: &str, account: &str, wrongs: Wrongs) -> Json {
    let tag = if wrongs.has_floating_tag { "latest" } else { "2026.11.3" };
    let mut limits = json!({ "cpu": "500m", "memory": "512Mi" });
    if let (true, Some(map)) = (wrongs.has_no_memory_limit, limits.as_object_mut()) {
        map.remove("memory");
    }
    let mut security = json!({
        "allowPrivilegeEscalation": wrongs.may_escalate,
        "readOnlyRootFilesystem": !wrongs.has_writable_root,
        "privileged": wrongs.is_privileged,
        "capabilities": { "drop": ["ALL"] },
    });
    let user = if wrongs.is_root {
        json!({ "runAsUser": 0 })
    } else {
        json!({ "runAsUser": 10_001, "runAsNonRoot": true })
    };
    if let (Some(map), Some(user)) = (security.as_object_mut(), user.as_object()) {
        map.extend(user.clone());
    }
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": 8080, "scheme": "HTTP" }, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3 });
    json!({
        "serviceAccountName": account,
        "automountServiceAccountToken": false,
        "hostNetwork": wrongs.is_on_host_network,
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "securityContext": { "seccompProfile": { "type": "RuntimeDefault" }, "fsGroup": 10_001 },
        "containers": [{
            "name": "main",
            "image": format!("registry.halyardquill.example/{}/{name}:{tag}", space.application.team),
            "imagePullPolicy": "IfNotPresent",
            "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
            "env": [{ "name": "STAGE", "value": space.application.stage }, { "name": "TEAM", "value": space.application.team }],
            "envFrom": [{ "configMapRef": { "name": "settings-1" } }],
            "resources": { "limits": limits, "requests": { "cpu": "100m", "memory": "128Mi" } },
            "securityContext": security,
            "livenessProbe": probe("/live"),
            "readinessProbe": probe("/ready"),
            "volumeMounts": [{ "name": "credentials", "mountPath": "/etc/credentials", "readOnly": true }, { "name": "tmp", "mountPath": "/tmp" }],
        }],
        "volumes": [{ "name": "credentials", "secret": { "secretName": "credentials-1", "defaultMode": 288 } }, { "name": "tmp", "emptyDir": {} }],
    })
}

/// A node.
pub(super) fn node(estate: &mut Estate<'_>, name: &str) -> Json {
    let capacity = json!({ "cpu": "8", "memory": "32863012Ki", "pods": "110", "ephemeral-storage": "129886128Ki" });
    json!({
        "metadata": { "name": name, "uid": estate.random.guid(), "creationTimestamp": estate.aged(1, 120), "labels": { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" } },
        "spec": { "podCIDR": format!("10.244.{}.0/24", estate.random.below(250)), "providerID": format!("metal://{name}") },
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [{ "type": "InternalIP", "address": format!("10.0.4.{}", estate.random.below(250)) }, { "type": "Hostname", "address": name }],
            "conditions": [{ "type": "Ready", "status": "True", "reason": "KubeletReady" }, { "type": "MemoryPressure", "status": "False" }, { "type": "DiskPressure", "status": "False" }],
            "nodeInfo": { "kubeletVersion": "v1.34.2", "containerRuntimeVersion": "containerd://2.1.4", "osImage": "Debian GNU/Linux 12", "kernelVersion": "6.1.0-40-amd64", "operatingSystem": "linux", "architecture": "amd64" },
        },
    })
}
