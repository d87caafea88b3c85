//! The ways of packets through clusters.

use std::sync::Arc;

use super::labels::Labels;
use super::parse::{Ingress, Peer, Pod, Policy, Service, ServicePort, Target};
use super::{Cluster, Host, Kubernetes};
use crate::answer::Does;
use crate::cloud::{Entrance, everybody, packets};
use crate::gate::{Gate, Name, Party, ports};
use crate::packets::{Cube, Field, PacketSet, TCP};
use crate::spans::{Span, Spans, internet};
use crate::way::{Forward, Rule, Stage, Way, any_of, through};

/// The labels of controllers of ingresses that people use.
const CONTROLLERS: [&str; 6] =
    ["ingress-nginx", "nginx-ingress", "traefik", "haproxy-ingress", "contour", "kong"];

/// Whether a pod takes in what comes through ingresses.
pub(super) fn is_controller(pod: &Pod) -> bool {
    let names = ["app.kubernetes.io/name", "app", "k8s-app"];
    let words = names.iter().filter_map(|it| pod.labels.get(*it));
    words.into_iter().any(|it| CONTROLLERS.contains(&it.as_str()))
}

pub(super) fn addresses(pod: &Pod) -> Spans {
    if pod.addresses.is_empty() { Spans::one(0) } else { pod.addresses.clone() }
}

fn party(pod: &Pod) -> Arc<Party> {
    Arc::new(Party { addresses: addresses(pod), groups: vec![Arc::clone(&pod.id)] })
}

fn rule(resource: &Name, path: &str, words: String, does: Does) -> Rule {
    Rule { resource: Arc::clone(resource), path: path.to_owned(), words, does }
}

/// A way in to a service, before a pod is chosen.
struct Front<'a> {
    way: Way,
    start: PacketSet,
    /// What of it leads to the port.
    set: PacketSet,
    port: &'a ServicePort,
}

impl Kubernetes {
    pub(super) fn cluster(&self, scope: &str) -> Option<&Cluster> {
        self.clusters.get(scope)
    }

    fn labels_of_namespace(&self, pod: &Pod) -> Labels {
        let known = self.cluster(&pod.scope).and_then(|it| it.namespaces.get(&pod.namespace));
        known.cloned().unwrap_or_else(|| {
            let name = pod.namespace.as_ref().to_owned();
            Labels::from([("kubernetes.io/metadata.name".to_owned(), name)])
        })
    }

    /// Whether a rule of `policy` means `other`.
    pub(super) fn means(&self, policy: &Policy, peer: &Peer, other: &Pod) -> bool {
        match peer {
            Peer::Everybody | Peer::Addresses(..) => false,
            Peer::Pods { namespaces, pods } => {
                let is_namespace = match namespaces {
                    Some(it) => it.means(&self.labels_of_namespace(other)),
                    None => policy.namespace == other.namespace,
                };
                !other.is_on_host && is_namespace && pods.means(&other.labels)
            }
        }
    }

    /// The policies that choose a pod for one direction, as gates for what passes between it and `other`;
    /// `None` when none chooses it. `target` is the pod whose names of ports count.
    fn gates(&self, pod: &Pod, is_in: bool, other: Option<&Pod>) -> Option<Vec<Arc<Gate>>> {
        if pod.is_on_host {
            return None; // policies are not held against the node's own network
        }
        let target = if is_in { Some(pod) } else { other };
        let gates: Vec<Arc<Gate>> = self
            .policies_of(pod)
            .filter_map(|policy| {
                if let (None, Some(gate)) = (other, policy.world.get(usize::from(!is_in))?) {
                    return Some(Arc::clone(gate));
                }
                let chosen = |peer: &Peer| {
                    let other = other.filter(|it| self.means(policy, peer, it))?;
                    Some(Arc::clone(&other.id))
                };
                policy.gate(is_in, target, &chosen)
            })
            .collect();
        (!gates.is_empty()).then_some(gates)
    }

    /// The policies that choose a pod by its namespace and labels, in order.
    pub(super) fn policies_of<'a>(&'a self, pod: &'a Pod) -> impl Iterator<Item = &'a Policy> {
        let cluster = self.cluster(&pod.scope);
        let ids = cluster.and_then(|it| it.policies_in.get(&pod.namespace)).into_iter().flatten();
        let policies = ids.filter_map(move |id| cluster?.policies.get(id));
        policies.filter(|it| it.pods.means(&pod.labels))
    }

    pub(super) fn pods_of<'a>(
        &'a self,
        service: &'a Service,
    ) -> impl Iterator<Item = &'a Arc<Pod>> {
        let cluster = self.cluster(&service.scope);
        let ids = cluster.and_then(|it| it.pods.get(&service.namespace)).into_iter().flatten();
        let pods = ids.filter_map(|id| match self.hosts.get(id) {
            Some(Host::Pod(pod)) => Some(pod),
            _ => None,
        });
        let has_selector = !service.selector.is_empty();
        pods.filter(move |it| has_selector && !it.is_done && service.selector.means(&it.labels))
    }

    fn services(&self, scope: &str, namespace: &str) -> impl Iterator<Item = &Service> {
        let ids =
            self.cluster(scope).and_then(|it| it.services.get(namespace)).into_iter().flatten();
        ids.filter_map(|id| match self.hosts.get(id) {
            Some(Host::Service(it)) => Some(it),
            _ => None,
        })
    }

    /// The services that choose a pod.
    pub(super) fn services_of<'a>(&'a self, pod: &'a Pod) -> impl Iterator<Item = &'a Service> {
        let here = self.services(&pod.scope, &pod.namespace);
        here.filter(|it| !it.selector.is_empty() && it.selector.means(&pod.labels))
    }

    fn ingresses(&self, scope: &str, namespace: &str) -> impl Iterator<Item = &Ingress> {
        let ids =
            self.cluster(scope).and_then(|it| it.ingresses.get(namespace)).into_iter().flatten();
        ids.filter_map(|id| match self.hosts.get(id) {
            Some(Host::Ingress(it)) => Some(it),
            _ => None,
        })
    }

    pub(super) fn entrances_of(&self, host: &Host) -> Vec<Entrance> {
        match host {
            Host::Pod(pod) => {
                let mut found = self.by_host_ports(pod);
                for service in self.services_of(pod) {
                    for front in self.fronts(service) {
                        found.extend(self.to_pod(front, &service.id, pod));
                    }
                }
                found
            }
            Host::Service(service) => self.pass_on(service),
            Host::Ingress(ingress) => by_ingress(ingress).into_iter().collect(),
        }
    }

    /// A service lets pass what one of its pods lets pass; one that chooses nobody is asked about itself.
    fn pass_on(&self, service: &Service) -> Vec<Entrance> {
        let pods: Vec<&Arc<Pod>> = self.pods_of(service).collect();
        let mut found = Vec::new();
        for front in self.fronts(service) {
            let Front { mut way, start, set: front, port } = front;
            let limit =
                rule(&service.id, &port.path, format!("listens at {}", port.number), Does::Permits);
            way.stages.push(Stage::Limit { set: Arc::new(front), rule: Arc::new(limit) });
            if pods.is_empty() {
                way.unread.push(format!("the pods of {}", service.id));
            }
            way.via = way.via.filter(|it| *it != service.id);
            found.push(Entrance { start, way });
        }
        found
    }

    /// How the internet gets to a service: its balancer, ports of nodes, addresses, ingresses.
    fn fronts<'a>(&'a self, service: &'a Service) -> Vec<Front<'a>> {
        let everybody = everybody();
        let mut found = Vec::new();
        for port in &service.ports {
            let way = || Way { via: Some(Arc::clone(&service.id)), ..Way::default() };
            if let Some(gate) = &service.public {
                for address in &service.addresses {
                    let to =
                        Arc::new(Party { addresses: Spans::one(*address), groups: Vec::new() });
                    let mut way = way();
                    way.stages.push(through(gate, &everybody, &to));
                    let start = packets(&everybody.addresses, &to.addresses);
                    found.push(Front { way, start, set: port.front.clone(), port });
                }
            }
            if self.has_public_nodes(&service.scope)
                && let Some((front, _)) = &port.node_port
            {
                let (way, start) = self.by_node(way());
                found.push(Front { way, start, set: front.clone(), port });
            }
            if !service.external.is_empty() {
                let (way, _) = self.by_node(way());
                let start = packets(&everybody.addresses, &service.external);
                found.push(Front { way, start, set: port.front.clone(), port });
            }
        }
        for ingress in self.ingresses(&service.scope, &service.namespace) {
            for (name, target, path) in &ingress.backends {
                let port = service.ports.iter().find(|it| match target {
                    Target::Number(number) => it.number == *number,
                    Target::Name(name) => it.name == *name,
                });
                if let (true, Some(port), Some(mut entrance)) =
                    (*name == service.name, port, by_ingress(ingress))
                {
                    entrance.way.via = Some(Arc::clone(&ingress.id));
                    let leads = rule(&ingress.id, path, format!("leads to {name}"), Does::Routes);
                    let set = Arc::new(PacketSet::all());
                    entrance.way.stages.push(Stage::Limit { set, rule: Arc::new(leads) });
                    let set = web(ingress);
                    found.push(Front { way: entrance.way, start: entrance.start, set, port });
                }
            }
        }
        found
    }

    /// Through a port of a node: whether its network lets anybody there is not the cluster's to tell.
    fn by_node(&self, mut way: Way) -> (Way, PacketSet) {
        let everybody = everybody();
        let to = Arc::new(Party { addresses: Spans::one(0), groups: Vec::new() });
        way.unread.push("the firewall of the nodes".to_owned());
        way.stages.push(any_of(
            vec![Arc::clone(&self.unread)],
            &everybody,
            &Arc::new(Party { addresses: Spans::all(), groups: Vec::new() }),
        ));
        (way, packets(&everybody.addresses, &to.addresses))
    }

    fn by_host_ports(&self, pod: &Pod) -> Vec<Entrance> {
        if !self.has_public_nodes(&pod.scope) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (front, to_port, path) in &pod.host_ports {
            let (mut way, start) = self.by_node(Way::default());
            let words = "is a port of the node".to_owned();
            way.stages.push(Stage::Forward(Arc::new(Forward {
                front: front.clone(),
                to: Some(addresses(pod)),
                to_port: Some(*to_port),
                from: None,
                rule: rule(&pod.id, path, words, Does::Translates),
            })));
            self.enter_pod(pod, None, &everybody(), &mut way);
            found.push(Entrance { start, way });
        }
        if pod.is_on_host {
            let (way, start) = self.by_node(Way::default());
            found.push(Entrance { start, way });
        }
        found
    }

    fn enter_pod(&self, pod: &Pod, other: Option<&Pod>, from: &Arc<Party>, way: &mut Way) {
        if let Some(gates) = self.gates(pod, true, other) {
            way.stages.push(any_of(gates, from, &party(pod)));
        }
    }

    /// From the front of a service to one of its pods.
    fn to_pod(&self, front: Front<'_>, service: &Name, pod: &Arc<Pod>) -> Option<Entrance> {
        let Front { mut way, start, set: front, port } = front;
        let to_port = match &port.target {
            Target::Number(number) => *number,
            Target::Name(name) => pod.named.iter().find(|(it, ..)| it == name)?.2,
        };
        let is_web = way.via.as_ref().is_some_and(|it| it != service);
        let controller = if is_web { self.controller(&pod.scope) } else { None };
        let from = controller.map(|it| addresses(it));
        let words = format!("forwards to port {to_port} of {}", pod.id);
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front,
            to: Some(addresses(pod)),
            to_port: Some(to_port),
            from,
            rule: rule(service, &port.path, words, Does::Translates),
        })));
        if let Some(gates) = self.gates(pod, true, controller.map(AsRef::as_ref)) {
            if is_web && controller.is_none() {
                // The policy means pods or addresses of a controller that nobody has told of.
                way.unread.push("the pods of the ingress controller".to_owned());
                let anyone = Arc::new(Party { addresses: Spans::all(), groups: Vec::new() });
                way.stages.push(through(&self.unread, &anyone, &anyone));
            } else {
                let from = controller.map_or_else(everybody, |it| party(it));
                way.stages.push(any_of(gates, &from, &party(pod)));
            }
        }
        Some(Entrance { start, way })
    }

    fn has_public_nodes(&self, scope: &str) -> bool {
        self.cluster(scope).is_some_and(|it| !it.public_nodes.is_empty())
    }

    /// The first of the pods that take in what comes through ingresses.
    fn controller(&self, scope: &str) -> Option<&Arc<Pod>> {
        match self.hosts.get(self.cluster(scope)?.controllers.first()?)? {
            Host::Pod(pod) => Some(pod),
            Host::Service(_) | Host::Ingress(_) => None,
        }
    }

    pub(super) fn exits_of(&self, pod: &Pod) -> Vec<Entrance> {
        let everybody = everybody();
        let from = party(pod);
        let mut way = Way::default();
        if let Some(gates) = self.gates(pod, false, None) {
            way.stages.push(any_of(gates, &from, &everybody));
        }
        // Nodes give what leaves the cluster an address that no document of it tells.
        way.unread.push(format!("the address that {} is seen with", pod.id));
        way.stages.push(through(&self.unread, &from, &everybody));
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front: PacketSet::all(),
            to: None,
            to_port: None,
            from: Some(internet()),
            rule: rule(&pod.id, "", "leaves the cluster".to_owned(), Does::Translates),
        })));
        vec![Entrance { start: packets(&from.addresses, &everybody.addresses), way }]
    }

    pub(super) fn between_hosts(&self, from: &Pod, to: &Host) -> Vec<Entrance> {
        match to {
            Host::Pod(to) if from.scope == to.scope => vec![self.between_pods(from, to)],
            Host::Service(service) if from.scope == service.scope => {
                let mut found = Vec::new();
                for pod in self.pods_of(service).filter(|it| it.id != from.id) {
                    for port in &service.ports {
                        let front = Front {
                            way: Way::default(),
                            start: packets(&addresses(from), &Spans::one(0)),
                            set: port.front.clone(),
                            port,
                        };
                        found.extend(self.through_service(front, from, service, pod));
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }

    fn between_pods(&self, from: &Pod, to: &Pod) -> Entrance {
        let (a, b) = (party(from), party(to));
        let mut way = Way::default();
        if let Some(gates) = self.gates(from, false, Some(to)) {
            way.stages.push(any_of(gates, &a, &b));
        }
        self.enter_pod(to, Some(from), &a, &mut way);
        Entrance { start: packets(&a.addresses, &b.addresses), way }
    }

    /// Policies see the pod behind a service, not the service; the answer is about the service's ports.
    fn through_service(
        &self,
        front: Front<'_>,
        from: &Pod,
        service: &Service,
        pod: &Arc<Pod>,
    ) -> Option<Entrance> {
        let Front { mut way, start, set: front, port } = front;
        let to_port = match &port.target {
            Target::Number(number) => *number,
            Target::Name(name) => pod.named.iter().find(|(it, ..)| it == name)?.2,
        };
        let back = front.within(Field::To, &Spans::one(0));
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front,
            to: Some(addresses(pod)),
            to_port: Some(to_port),
            from: None,
            rule: rule(&service.id, &port.path, format!("leads to {}", pod.id), Does::Translates),
        })));
        way.stages.extend(self.between_pods(from, pod).way.stages);
        // As seen from the service again: its own port.
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front: Cube::ALL.with(Field::ToPort, Span::one(to_port)).into(),
            to: Some(Spans::one(0)),
            to_port: back.values(Field::ToPort).first(),
            from: None,
            rule: rule(&service.id, "spec.selector", "chooses that pod".to_owned(), Does::Routes),
        })));
        Some(Entrance { start, way })
    }
}

/// The ports of the web.
fn web(ingress: &Ingress) -> PacketSet {
    let plain = ports(TCP, 80, 80);
    if ingress.has_tls { plain.union(&ports(TCP, 443, 443)) } else { plain }
}

/// How the internet gets to an ingress; `None` when it does not.
fn by_ingress(ingress: &Ingress) -> Option<Entrance> {
    if !ingress.is_public {
        return None;
    }
    let start = packets(&everybody().addresses, &Spans::one(ingress.address));
    let words = "is an ingress on the internet".to_owned();
    let listens = rule(&ingress.id, "spec.rules", words, Does::Permits);
    let stage = Stage::Limit { set: Arc::new(web(ingress)), rule: Arc::new(listens) };
    Some(Entrance { start, way: Way { stages: vec![stage], ..Way::default() } })
}
