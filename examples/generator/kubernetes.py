"""Kubernetes: the cluster `tracking-prod` of the AWS production account, as `kubectl get -o yaml` prints it."""

import re

from estate import ago, digest, guid

ACCOUNT = "111122223333"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"


def write_kubernetes(folder):
    for name, objects in everything().items():
        text = "".join(f"---\n{yaml(one)}" for one in objects)
        folder.text(f"kubernetes/tracking-prod/{name}.yaml", text)


def yaml(value, indent=0):
    """Block YAML of plain data; every text that could be read as something else is quoted."""
    pad = "  " * indent
    if isinstance(value, dict):
        out = ""
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner:
                out += f"{pad}{scalar(key)}:\n{yaml(inner, indent + (isinstance(inner, dict)))}"
            else:
                out += f"{pad}{scalar(key)}: {scalar(inner)}\n"
        return out
    out = ""
    for item in value:
        if isinstance(item, dict) and item:
            body = yaml(item, indent + 1)
            out += f"{pad}- {body[len(pad) + 2:]}"
        else:
            out += f"{pad}- {scalar(item)}\n"
    return out


def scalar(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    plain = re.fullmatch(r"[A-Za-z/][\w./-]*", value) and value.lower() not in ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
    return value if plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def stamp(days):
    return ago(days, form="%Y-%m-%dT%H:%M:%SZ")


def thing(kind, name, namespace=None, version="v1", labels=None, annotations=None, days=400, **body):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), "uid": guid(f"{kind}/{namespace}/{name}"), "resourceVersion": str(int(digest(kind + name, 6), 16)), "creationTimestamp": stamp(days)}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}


SAFE = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
LIMITS = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}}


def pod_spec(name, image, *, safe=True, account=None, token=False, env=(), volumes=(), mounts=(), port=None, security=None, pod_security=None, **more):
    container = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", **({"ports": [{"containerPort": port, "protocol": "TCP"}]} if port else {}), **({"env": list(env)} if env else {}), "resources": LIMITS if safe else {}, **({"securityContext": security or SAFE} if security or safe else {}), **({"volumeMounts": list(mounts)} if mounts else {}), **({"livenessProbe": {"httpGet": {"path": "/healthz", "port": port}}} if safe and port else {})}
    return {
        "serviceAccountName": account or "default",
        **({} if token else {"automountServiceAccountToken": False}),
        "containers": [container],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "securityContext": pod_security or ({"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}} if safe else {}),
        **({"volumes": list(volumes)} if volumes else {}),
        **more,
    }


def workload(kind, name, namespace, spec, replicas=2):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": spec}
    body = {"selector": {"matchLabels": labels}, "template": template}
    if kind != "DaemonSet":
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body["serviceName"] = name
    return thing(kind, name, namespace, "apps/v1", labels, spec=body)


def pod(owner, suffix, node):
    """A pod of a workload, running on a node."""
    name, namespace = owner["metadata"]["name"], owner["metadata"]["namespace"]
    spec = owner["spec"]["template"]["spec"] | {"nodeName": node, "schedulerName": "default-scheduler", "enableServiceLinks": True}
    if spec.get("automountServiceAccountToken") is False:
        pass
    made = thing("Pod", f"{name}-{suffix}", namespace, labels={"app": name, "pod-template-hash": digest(name, 9)}, days=12, spec=spec, status={"phase": "Running", "qosClass": "Burstable", "startTime": stamp(12), "podIP": f"10.60.10.{int(digest(name + suffix, 2), 16)}"})
    made["metadata"]["ownerReferences"] = [{"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name, "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]
    return made


def workloads():
    socket = {"name": "runtime", "hostPath": {"path": "/run/containerd/containerd.sock", "type": "Socket"}}
    root = {"name": "host", "hostPath": {"path": "/", "type": "Directory"}}
    return [
        workload("Deployment", "tracking-api", "tracking", pod_spec("api", f"{REGISTRY}/tracking-api@sha256:{digest('image', 64)}", account="tracking-api", port=8080, env=[{"name": "DB_HOST", "value": "tracking-prod.example.eu-west-1.rds.amazonaws.com"}], volumes=[{"name": "tmp", "emptyDir": {}}], mounts=[{"name": "tmp", "mountPath": "/tmp"}]), 3),
        workload("Deployment", "tracking-web", "tracking", pod_spec("web", f"{REGISTRY}/tracking-web:4.18.2", account="tracking-web", port=8080)),
        workload("StatefulSet", "route-cache", "tracking", pod_spec("redis", "docker.io/library/redis:7.4.1", account="route-cache", port=6379, pod_security={"runAsNonRoot": True, "runAsUser": 999, "fsGroup": 999, "seccompProfile": {"type": "RuntimeDefault"}}), 1),
        # planted: the depots' tools: root, a shared token, a password in plain text, an image without a version
        workload("Deployment", "depot-tools", "depot", pod_spec("tools", f"{REGISTRY}/depot-tools:latest", safe=False, account="depot-tools", token=True, port=9000, env=[{"name": "STOCK_DB_PASSWORD", "value": "example-not-a-secret"}, {"name": "STOCK_DB_HOST", "value": "depot-stock.example.eu-west-1.rds.amazonaws.com"}])),
        # planted: privileged, with the host's file system, reachable from outside
        workload("Deployment", "label-scanner", "depot", pod_spec("scanner", "docker.io/example/label-scanner:2", safe=False, token=True, port=8000, security={"privileged": True, "runAsUser": 0}, volumes=[root, socket], mounts=[{"name": "host", "mountPath": "/host"}, {"name": "runtime", "mountPath": "/run/containerd/containerd.sock"}], hostNetwork=True, hostPID=True)),
        # planted: works in the default namespace
        workload("Deployment", "edi-bridge", "default", pod_spec("bridge", "docker.io/example/edi-bridge", safe=False, token=True, port=4080, security={"allowPrivilegeEscalation": True, "capabilities": {"add": ["SYS_ADMIN", "NET_ADMIN"]}})),
        workload("DaemonSet", "node-metrics", "monitoring", pod_spec("exporter", "quay.io/prometheus/node-exporter:v1.9.1", account="node-metrics", port=9100, volumes=[{"name": "proc", "hostPath": {"path": "/proc", "type": "Directory"}}], mounts=[{"name": "proc", "mountPath": "/host/proc", "readOnly": True}])),
        workload("Deployment", "dashboards", "monitoring", pod_spec("grafana", "docker.io/grafana/grafana:12.2.0", account="dashboards", port=3000), 1),
        workload("DaemonSet", "aws-node", "kube-system", pod_spec("aws-node", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.20.3", account="aws-node", token=True, safe=False, security={"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}, hostNetwork=True)),
    ]


def access():
    group = "rbac.authorization.k8s.io"

    def rule(resources, verbs, groups=("",), **more):
        return {"apiGroups": list(groups), "resources": resources, "verbs": verbs, **more}

    def binding(name, namespace, role, subjects):
        kind = "RoleBinding" if namespace else "ClusterRoleBinding"
        return thing(kind, name, namespace, f"{group}/v1", roleRef={"apiGroup": group, "kind": role[0], "name": role[1]}, subjects=subjects)

    def account(name, namespace):
        return {"kind": "ServiceAccount", "name": name, "namespace": namespace}

    def people(name):
        return {"kind": "Group", "apiGroup": group, "name": name}

    return [
        thing("ClusterRole", "cluster-admin", None, f"{group}/v1", labels={"kubernetes.io/bootstrapping": "rbac-defaults"}, rules=[rule(["*"], ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}]),
        thing("ClusterRole", "depot-operator", None, f"{group}/v1", rules=[rule(["secrets", "configmaps"], ["get", "list", "watch"]), rule(["pods", "pods/exec"], ["*"])]),  # planted
        thing("ClusterRole", "node-reader", None, f"{group}/v1", rules=[rule(["nodes", "nodes/metrics"], ["get", "list", "watch"])]),
        thing("Role", "tracking-config", "tracking", f"{group}/v1", rules=[rule(["configmaps"], ["get"], resourceNames=["tracking-api"])]),
        binding("platform-admins", None, ("ClusterRole", "cluster-admin"), [people("tern:platform")]),
        binding("legacy-tools", None, ("ClusterRole", "cluster-admin"), [account("default", "depot")]),  # planted
        binding("depot-operator", None, ("ClusterRole", "depot-operator"), [account("depot-tools", "depot")]),
        binding("everyone-may-look", None, ("ClusterRole", "node-reader"), [people("system:unauthenticated")]),  # planted
        binding("node-metrics", None, ("ClusterRole", "node-reader"), [account("node-metrics", "monitoring")]),
        binding("tracking-config", "tracking", ("Role", "tracking-config"), [account("tracking-api", "tracking")]),
    ]


def services():
    def service(name, namespace, port, kind="ClusterIP", **more):
        return thing("Service", name, namespace, spec={"type": kind, "selector": {"app": name}, "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP", **({"nodePort": 31080} if kind == "NodePort" else {})}], "clusterIP": f"172.20.4.{int(digest(name, 2), 16)}", "sessionAffinity": "None", **more})

    balancer = service("label-scanner", "depot", 8000, "LoadBalancer")  # planted: outside door to a privileged pod
    balancer["status"] = {"loadBalancer": {"ingress": [{"hostname": "scanner-99.eu-west-1.elb.amazonaws.com"}]}}
    return [service("tracking-api", "tracking", 8080), service("tracking-web", "tracking", 8080), service("route-cache", "tracking", 6379), service("depot-tools", "depot", 9000, "NodePort"), balancer, service("dashboards", "monitoring", 3000)]


def network():
    def ingress(name, namespace, host, service, port, tls):
        return thing("Ingress", name, namespace, "networking.k8s.io/v1", spec={"ingressClassName": "alb", **({"tls": [{"hosts": [host], "secretName": f"{name}-tls"}]} if tls else {}), "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": port}}}}]}}]})

    def allow(name, namespace, selector, ingress):
        return thing("NetworkPolicy", name, namespace, "networking.k8s.io/v1", spec={"podSelector": selector, "policyTypes": ["Ingress", "Egress"] if not ingress else ["Ingress"], **({"ingress": ingress} if ingress else {})})

    return [
        ingress("tracking-web", "tracking", "track.terncouriers.example", "tracking-web", 8080, True),
        ingress("dashboards", "monitoring", "dashboards.terncouriers.example", "dashboards", 3000, False),  # planted
        allow("default-deny", "tracking", {}, []),
        allow("web-to-api", "tracking", {"matchLabels": {"app": "tracking-api"}}, [{"from": [{"podSelector": {"matchLabels": {"app": "tracking-web"}}}], "ports": [{"protocol": "TCP", "port": 8080}]}]),
        allow("default-deny", "monitoring", {}, []),
    ]


def everything():
    running = workloads()
    nodes = [f"ip-10-60-10-{n}.eu-west-1.compute.internal" for n in (31, 32)]
    restricted = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
    namespaces = {"tracking": restricted, "monitoring": {"pod-security.kubernetes.io/enforce": "baseline"}, "depot": {}, "default": {}, "kube-system": {}}
    accounts = [("default", n) for n in namespaces] + [("tracking-api", "tracking"), ("tracking-web", "tracking"), ("route-cache", "tracking"), ("depot-tools", "depot"), ("node-metrics", "monitoring"), ("dashboards", "monitoring"), ("aws-node", "kube-system")]
    identity = {"eks.amazonaws.com/role-arn": f"arn:aws:iam::{ACCOUNT}:role/tracking-api"}
    return {
        "namespaces": [thing("Namespace", name, None, labels={"kubernetes.io/metadata.name": name, **labels}, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"}) for name, labels in namespaces.items()],
        "nodes": [thing("Node", name, None, labels={"kubernetes.io/os": "linux", "node.kubernetes.io/instance-type": "m6i.large", "topology.kubernetes.io/region": "eu-west-1"}, days=30, spec={"providerID": f"aws:///eu-west-1a/i-0{digest(name, 16)}"}, status={"addresses": [{"type": "InternalIP", "address": name[3:15].replace("-", ".").rstrip(".")}], "nodeInfo": {"kubeletVersion": "v1.31.4-eks-aeac579", "kubeProxyVersion": "v1.31.4-eks-aeac579", "containerRuntimeVersion": "containerd://1.7.25", "osImage": "Amazon Linux 2023.6", "kernelVersion": "6.1.119", "architecture": "amd64", "operatingSystem": "linux", "machineID": digest(name, 32), "systemUUID": guid(name), "bootID": guid(name + "boot")}, "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status", "lastHeartbeatTime": stamp(0), "lastTransitionTime": stamp(30)}]}) for name in nodes],
        "workloads": running,
        "pods": [pod(one, digest(one["metadata"]["name"], 5), nodes[index % 2]) for index, one in enumerate(running)],
        "cronjobs": [thing("CronJob", "nightly-export", "tracking", "batch/v1", spec={"schedule": "0 2 * * *", "concurrencyPolicy": "Forbid", "jobTemplate": {"spec": {"template": {"spec": pod_spec("export", f"{REGISTRY}/tracking-export:1.9.0", account="tracking-api") | {"restartPolicy": "OnFailure"}}}}})],
        "services": services(),
        "network": network(),
        "service-accounts": [thing("ServiceAccount", name, namespace, annotations=identity if name == "tracking-api" else None, **({"automountServiceAccountToken": False} if namespace in ("tracking", "monitoring") else {})) for name, namespace in accounts],
        "access": access(),
        "configuration": [
            thing("ConfigMap", "tracking-api", "tracking", data={"LOG_LEVEL": "info", "REGION": "eu-west-1"}),
            thing("ConfigMap", "depot-settings", "depot", data={"settings.ini": "[stock]\nhost=depot-stock\nuser=tern\n".replace("\n", " "), "ADMIN_PASSWORD": "example-not-a-secret"}),  # planted
            thing("Secret", "tracking-web-tls", "tracking", type="kubernetes.io/tls"),
            thing("Secret", "depot-tools-token", "depot", annotations={"kubernetes.io/service-account.name": "depot-tools"}, type="kubernetes.io/service-account-token"),  # planted
            thing("PersistentVolumeClaim", "route-cache-data", "tracking", spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}, "storageClassName": "gp3", "volumeMode": "Filesystem"}, status={"phase": "Bound"}),
            thing("PodDisruptionBudget", "tracking-api", "tracking", "policy/v1", spec={"minAvailable": 2, "selector": {"matchLabels": {"app": "tracking-api"}}}),
            thing("ResourceQuota", "tracking", "tracking", spec={"hard": {"limits.cpu": "20", "limits.memory": "40Gi"}}),
            thing("LimitRange", "tracking", "tracking", spec={"limits": [{"type": "Container", "default": {"cpu": "500m", "memory": "512Mi"}, "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}]}),
            thing("HorizontalPodAutoscaler", "tracking-api", "tracking", "autoscaling/v2", spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tracking-api"}, "minReplicas": 3, "maxReplicas": 12}),
        ],
    }
