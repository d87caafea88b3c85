//! Pods, services, ingresses and policies as they are written.

use std::sync::Arc;

use super::labels::{Labels, Selector, labels};
use crate::gate::{Action, Clause, Gate, Name, Who, ports, traffic};
use crate::packets::{Field, LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, internet, parse_prefix};

/// A pod, or a workload of pods that are all alike.
#[derive(Debug)]
pub(super) struct Pod {
    pub(super) id: Name,
    pub(super) scope: Name,
    pub(super) namespace: Name,
    pub(super) labels: Labels,
    /// Empty when they are not known.
    pub(super) addresses: Spans,
    pub(super) is_on_host: bool,
    /// Ports by name.
    pub(super) named: Vec<(String, PacketSet, u128)>,
    /// Ports of the node that lead here: there, here, where that is written.
    pub(super) host_ports: Vec<(PacketSet, u128, String)>,
    /// It has come to its end, and answers nobody.
    pub(super) is_done: bool,
}

/// A service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) id: Name,
    pub(super) scope: Name,
    pub(super) namespace: Name,
    pub(super) name: String,
    pub(super) selector: Selector,
    pub(super) ports: Vec<ServicePort>,
    /// Who may come from the internet to its balancer; `None` without one.
    pub(super) public: Option<Arc<Gate>>,
    /// The public addresses of the balancer, 0 for one that is not known.
    pub(super) addresses: Vec<u128>,
    pub(super) external: Spans,
}

/// A port of a service.
#[derive(Debug)]
pub(super) struct ServicePort {
    pub(super) name: String,
    pub(super) front: PacketSet,
    pub(super) number: u128,
    pub(super) node_port: Option<(PacketSet, u128)>,
    pub(super) target: Target,
    pub(super) path: String,
}

/// The port of a pod, by number or by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Number(u128),
    Name(String),
}

/// An ingress: what of the web leads to which services.
#[derive(Debug)]
pub(super) struct Ingress {
    pub(super) id: Name,
    pub(super) is_public: bool,
    /// 0 when it is not known.
    pub(super) address: u128,
    pub(super) has_tls: bool,
    /// The name of a service, its port, and where it is written.
    pub(super) backends: Vec<(String, Target, String)>,
}

/// A rule of a policy: whom, and at which ports.
#[derive(Debug)]
pub(super) struct PolicyRule {
    pub(super) peers: Vec<Peer>,
    /// All when empty.
    pub(super) ports: Vec<(PacketSet, Option<(u128, String)>)>,
    pub(super) is_every_port: bool,
    pub(super) path: String,
}

/// Whom a rule means.
#[derive(Debug)]
pub(super) enum Peer {
    Everybody,
    Addresses(Spans, String),
    /// Pods of namespaces; of the policy's own when there is no selector of namespaces.
    Pods {
        namespaces: Option<Selector>,
        pods: Selector,
    },
}

/// A network policy.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) id: Name,
    pub(super) namespace: Name,
    pub(super) pods: Selector,
    /// What it lets in from and out to the world outside of the cluster, where no port has a name.
    pub(super) world: [Option<Arc<Gate>>; 2],
    /// `None` when it says nothing about that direction.
    pub(super) into: Option<Vec<PolicyRule>>,
    pub(super) out: Option<Vec<PolicyRule>>,
}

fn protocol(at: At<'_>) -> u128 {
    match at.text() {
        Some("UDP") => UDP,
        Some("SCTP") => 132,
        _ => TCP,
    }
}

fn port(at: At<'_>) -> Option<u128> {
    at.int().and_then(|it| u128::try_from(it).ok()).filter(|it| *it <= LAST_PORT)
}

fn target(at: At<'_>) -> Option<Target> {
    port(at).map(Target::Number).or_else(|| at.text().map(|it| Target::Name(it.to_owned())))
}

/// A pod or workload; `None` for other kinds.
pub(super) fn pod(
    kind: &str,
    id: &Name,
    (scope, namespace): (&Name, &Name),
    document: At<'_>,
) -> Option<Pod> {
    let template = match kind {
        "k8s.pod" => document,
        "k8s.deployment" | "k8s.stateful-set" | "k8s.daemon-set" | "k8s.job" => {
            document.get("spec.template")
        }
        "k8s.cron-job" => document.get("spec.jobTemplate.spec.template"),
        _ => return None,
    };
    let spec = template.get("spec");
    let mut named = Vec::new();
    let mut host_ports = Vec::new();
    for (c, container) in spec.get("containers").items().enumerate() {
        for (n, it) in container.get("ports").items().enumerate() {
            let Some(number) = port(it.get("containerPort")) else { continue };
            let protocol = protocol(it.get("protocol"));
            if let Some(name) = it.get("name").text() {
                named.push((name.to_owned(), ports(protocol, number, number), number));
            }
            if let Some(host) = port(it.get("hostPort")).filter(|it| *it > 0) {
                let path = format!("spec.containers[{c}].ports[{n}].hostPort");
                host_ports.push((ports(protocol, host, host), number, path));
            }
        }
    }
    let addresses = document.get("status.podIPs");
    let all = addresses.items().filter_map(|it| it.get("ip").text());
    let one = document.get("status.podIP").text();
    Some(Pod {
        id: Arc::clone(id),
        scope: Arc::clone(scope),
        namespace: Arc::clone(namespace),
        labels: labels(template.get("metadata.labels")),
        addresses: all.chain(one).filter_map(parse_prefix).collect(),
        is_on_host: spec.get("hostNetwork").bool() == Some(true),
        named,
        host_ports,
        is_done: matches!(document.get("status.phase").text(), Some("Succeeded" | "Failed")),
    })
}

/// Whether a balancer stays inside, by what clouds take for a wish.
fn is_internal(annotations: &Labels) -> bool {
    let says = |key: &str, value: &str| {
        annotations.get(key).is_some_and(|it| it.eq_ignore_ascii_case(value))
    };
    let aws_scheme = annotations.get("service.beta.kubernetes.io/aws-load-balancer-scheme");
    // The newer controller of AWS makes internal ones unless it is told otherwise.
    let is_newer = ["external", "nlb-ip"]
        .iter()
        .any(|it| says("service.beta.kubernetes.io/aws-load-balancer-type", it));
    says("service.beta.kubernetes.io/aws-load-balancer-internal", "true")
        || says("service.beta.kubernetes.io/azure-load-balancer-internal", "true")
        || says("cloud.google.com/load-balancer-type", "internal")
        || says("networking.gke.io/load-balancer-type", "internal")
        || aws_scheme.is_some_and(|it| it == "internal")
        || (is_newer && aws_scheme.is_none())
}

/// The public addresses that a balancer got; `None` when it got none but private ones.
fn given_addresses(document: At<'_>) -> Option<Vec<u128>> {
    let given = document.get("status.loadBalancer.ingress");
    let addresses: Vec<u128> = given
        .items()
        .filter_map(|it| it.get("ip").text().and_then(parse_prefix))
        .map(|it| it.first)
        .collect();
    if addresses.is_empty() {
        return Some(vec![0]);
    }
    let internet = internet();
    let public: Vec<u128> = addresses.into_iter().filter(|it| internet.contains(*it)).collect();
    (!public.is_empty()).then_some(public)
}

fn balancer(id: &Name, sources: Spans) -> Arc<Gate> {
    let clause = Clause {
        action: Action::Permit,
        from: Who::at(sources),
        to: Who::anyone(),
        traffic: PacketSet::all(),
        path: "spec.loadBalancerSourceRanges".to_owned(),
        words: "has a balancer on the internet".to_owned(),
    };
    Arc::new(Gate::closed(id, vec![clause]))
}

/// A service.
pub(super) fn service(id: &Name, scope: &Name, namespace: &Name, document: At<'_>) -> Service {
    let spec = document.get("spec");
    let list = spec.get("ports").items().enumerate().filter_map(|(n, it)| {
        let number = port(it.get("port"))?;
        let protocol = protocol(it.get("protocol"));
        let node = port(it.get("nodePort")).filter(|it| *it > 0);
        Some(ServicePort {
            name: it.get("name").text().unwrap_or_default().to_owned(),
            front: ports(protocol, number, number),
            number,
            node_port: node.map(|it| (ports(protocol, it, it), it)),
            target: target(it.get("targetPort")).unwrap_or(Target::Number(number)),
            path: format!("spec.ports[{n}]"),
        })
    });
    let annotations = labels(document.get("metadata.annotations"));
    let given = given_addresses(document);
    let has_balancer = spec.get("type").text() == Some("LoadBalancer")
        && !is_internal(&annotations)
        && given.is_some();
    let ranges: Spans =
        spec.get("loadBalancerSourceRanges").texts().filter_map(parse_prefix).collect();
    let public = if ranges.is_empty() { internet() } else { ranges.intersect(&internet()) };
    let external: Spans = spec.get("externalIPs").texts().filter_map(parse_prefix).collect();
    Service {
        id: Arc::clone(id),
        scope: Arc::clone(scope),
        namespace: Arc::clone(namespace),
        name: document.get("metadata.name").text().unwrap_or_default().to_owned(),
        selector: Selector::of_map(spec.get("selector")),
        ports: list.collect(),
        public: has_balancer.then(|| balancer(id, public)),
        addresses: given.unwrap_or_default(),
        external: external.intersect(&internet()),
    }
}

/// An ingress.
pub(super) fn ingress(id: &Name, document: At<'_>) -> Ingress {
    let annotations = labels(document.get("metadata.annotations"));
    let class = document
        .get("spec.ingressClassName")
        .text()
        .map(str::to_owned)
        .or_else(|| annotations.get("kubernetes.io/ingress.class").cloned())
        .unwrap_or_default();
    let scheme = annotations.get("alb.ingress.kubernetes.io/scheme").map(String::as_str);
    let is_internal = match class.as_str() {
        "alb" => scheme != Some("internet-facing"),
        "gce-internal" => true,
        other => scheme == Some("internal") || other.contains("internal"),
    };
    let given = given_addresses(document);
    let mut backends = Vec::new();
    let mut add = |it: At<'_>, path: String| {
        let service = it.get("service");
        let name = service.get("name").text().or_else(|| it.get("serviceName").text());
        let number =
            ["number", "name"].into_iter().find_map(|f| target(service.get("port").get(f)));
        let number = number.or_else(|| target(it.get("servicePort")));
        if let (Some(name), Some(number)) = (name, number) {
            backends.push((name.to_owned(), number, path));
        }
    };
    add(document.get("spec.defaultBackend"), "spec.defaultBackend".to_owned());
    for (r, rule) in document.get("spec.rules").items().enumerate() {
        for (p, it) in rule.get("http.paths").items().enumerate() {
            add(it.get("backend"), format!("spec.rules[{r}].http.paths[{p}]"));
        }
    }
    Ingress {
        id: Arc::clone(id),
        is_public: !is_internal && given.is_some(),
        address: given.and_then(|it| it.first().copied()).unwrap_or(0),
        has_tls: document.get("spec.tls").items().next().is_some(),
        backends,
    }
}

/// Whether a node has an address on the internet.
pub(super) fn has_public_address(document: At<'_>) -> bool {
    document.get("status.addresses").items().any(|it| it.get("type").text() == Some("ExternalIP"))
}

fn peer(at: At<'_>) -> Peer {
    let block = at.get("ipBlock");
    if let Some(cidr) = block.get("cidr").text() {
        let except: Spans = block.get("except").texts().filter_map(parse_prefix).collect();
        let all: Spans = parse_prefix(cidr).into_iter().collect();
        return Peer::Addresses(all.subtract(&except), cidr.to_owned());
    }
    let namespaces = at.get("namespaceSelector");
    Peer::Pods {
        namespaces: (!namespaces.is_null()).then(|| Selector::read(namespaces)),
        pods: Selector::read(at.get("podSelector")),
    }
}

fn policy_rules(list: At<'_>, name: &str, side: &str) -> Vec<PolicyRule> {
    let rules = list.items().enumerate().map(|(n, rule)| {
        let mut peers: Vec<Peer> = rule.get(side).items().map(peer).collect();
        if peers.is_empty() {
            peers.push(Peer::Everybody);
        }
        let mut is_every_port = true;
        let mut all = Vec::new();
        for it in rule.get("ports").items() {
            is_every_port = false;
            let number = protocol(it.get("protocol"));
            let at = it.get("port");
            match (port(at), at.text()) {
                (Some(first), _) => {
                    let last = port(it.get("endPort")).unwrap_or(first);
                    all.push((ports(number, first, last), None));
                }
                (None, Some(name)) => {
                    all.push((PacketSet::default(), Some((number, name.to_owned()))));
                }
                (None, None) => {
                    all.push((traffic(Span::one(number), Span::new(0, LAST_PORT)), None));
                }
            }
        }
        PolicyRule { peers, ports: all, is_every_port, path: format!("spec.{name}[{n}]") }
    });
    rules.collect()
}

/// A network policy.
pub(super) fn policy(id: &Name, namespace: &Name, document: At<'_>) -> Policy {
    let spec = document.get("spec");
    let types = spec.get("policyTypes");
    let says = |name: &str| types.texts().any(|it| it == name);
    let egress = spec.get("egress");
    // Without types a policy is about what comes in, and about what goes out when it has rules for that.
    let is_plain = types.items().next().is_none();
    let has_in = is_plain || says("Ingress");
    let has_out = says("Egress") || (is_plain && !egress.is_null());
    let mut policy = Policy {
        id: Arc::clone(id),
        namespace: Arc::clone(namespace),
        pods: Selector::read(spec.get("podSelector")),
        world: [None, None],
        into: has_in.then(|| policy_rules(spec.get("ingress"), "ingress", "from")),
        out: has_out.then(|| policy_rules(egress, "egress", "to")),
    };
    policy.world = [true, false].map(|is_in| {
        let rules = policy.rules(is_in)?;
        let is_plain = rules.iter().flat_map(|it| &it.ports).all(|(_, name)| name.is_none());
        is_plain.then(|| policy.gate(is_in, None, &|_| None)).flatten()
    });
    policy
}

impl Policy {
    pub(super) fn rules(&self, is_in: bool) -> Option<&Vec<PolicyRule>> {
        if is_in { self.into.as_ref() } else { self.out.as_ref() }
    }

    /// What it lets in or out; `None` when it says nothing about that. `target` is the pod whose names of
    /// ports count, `chosen` says by which name a pod is meant that a peer chooses.
    pub(super) fn gate(
        &self,
        is_in: bool,
        target: Option<&Pod>,
        chosen: &dyn Fn(&Peer) -> Option<Name>,
    ) -> Option<Arc<Gate>> {
        let rules = self.rules(is_in)?;
        let clauses = rules.iter().flat_map(|it| it.clauses(is_in, target, chosen)).collect();
        Some(Arc::new(Gate::closed(&self.id, clauses)))
    }
}

impl PolicyRule {
    fn clauses(
        &self,
        is_in: bool,
        target: Option<&Pod>,
        chosen: &dyn Fn(&Peer) -> Option<Name>,
    ) -> Vec<Clause> {
        let mut set = PacketSet::default();
        for (plain, name) in &self.ports {
            set.add_all(plain);
            let Some((number, name)) = name else { continue };
            for (known, known_set, _) in target.into_iter().flat_map(|it| &it.named) {
                if name == known {
                    let protocol = Spans::one(*number);
                    set.add_all(&known_set.within(Field::Protocol, &protocol));
                }
            }
        }
        if self.is_every_port {
            set = PacketSet::all();
        }
        let side = if is_in { "from" } else { "to" };
        let one = |peer: &Peer| {
            let (who, words) = match peer {
                Peer::Everybody => (Who::anyone(), "everybody".to_owned()),
                Peer::Addresses(spans, cidr) => (Who::at(spans.clone()), cidr.clone()),
                Peer::Pods { .. } => (Who::group(chosen(peer)?), "pods that it chooses".to_owned()),
            };
            let (from, to) = if is_in { (who, Who::anyone()) } else { (Who::anyone(), who) };
            let words = format!("permits {side} {words}");
            let (action, path, traffic) = (Action::Permit, self.path.clone(), set.clone());
            Some(Clause { action, from, to, traffic, path, words })
        };
        self.peers.iter().filter_map(one).collect()
    }
}
