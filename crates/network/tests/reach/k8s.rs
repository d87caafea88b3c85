//! Kubernetes: network policies against a naive reading of them, and ways in from the internet.

use std::net::IpAddr;

use network::{Answer, INTERNET};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Sent, lies_in, network};

type Estate = Vec<(&'static str, String, Value)>;

const LABELS: [&str; 3] = ["web", "db", "job"];
const PORTS: [u16; 3] = [80, 5432, 9000];
const NAMESPACES: [&str; 2] = ["one", "two"];

#[derive(Debug, Clone)]
enum Peer {
    Pods(Option<usize>),
    Namespace(usize, Option<usize>),
    Every(Option<usize>),
    Block(bool),
}

#[derive(Debug, Clone)]
struct Rule {
    peers: Vec<Peer>,
    ports: Vec<Option<usize>>,
}

#[derive(Debug, Clone)]
struct Policy {
    namespace: usize,
    pods: Option<usize>,
    into: Option<Vec<Rule>>,
    out: Option<Vec<Rule>>,
}

#[derive(Debug, Clone)]
struct Plan {
    policies: Vec<Policy>,
    /// Namespace and label of each pod.
    pods: Vec<(usize, usize)>,
}

fn label() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..3_usize)
}

fn rules() -> impl Strategy<Value = Option<Vec<Rule>>> {
    let peer = prop_oneof![
        label().prop_map(Peer::Pods),
        (0..2_usize, label()).prop_map(|(it, pods)| Peer::Namespace(it, pods)),
        label().prop_map(Peer::Every),
        any::<bool>().prop_map(Peer::Block),
    ];
    let rule = (
        prop::collection::vec(peer, 0..3),
        prop::collection::vec(prop::option::of(0..3_usize), 0..3),
    )
        .prop_map(|(peers, ports)| Rule { peers, ports });
    prop::option::of(prop::collection::vec(rule, 0..3))
}

fn plan() -> impl Strategy<Value = Plan> {
    let policy = (0..2_usize, label(), rules(), rules())
        .prop_map(|(namespace, pods, into, out)| Policy { namespace, pods, into, out });
    (prop::collection::vec(policy, 0..4), prop::collection::vec((0..2_usize, 0..3_usize), 3))
        .prop_map(|(policies, pods)| Plan { policies, pods })
}

fn selector(label: Option<usize>) -> Value {
    label.map_or_else(|| json!({}), |it| json!({ "matchLabels": { "app": (LABELS[it]) } }))
}

fn rules_json(rules: &[Rule], side: &str) -> Value {
    rules
        .iter()
        .map(|rule| {
            let peers: Vec<Value> = rule
                .peers
                .iter()
                .map(|it| match it {
                    Peer::Pods(pods) => json!({ "podSelector": selector(*pods) }),
                    Peer::Namespace(name, pods) => json!({
                        "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": (NAMESPACES[*name]) } },
                        "podSelector": selector(*pods),
                    }),
                    Peer::Every(pods) => json!({ "namespaceSelector": {}, "podSelector": selector(*pods) }),
                    Peer::Block(has_hole) => {
                        let except = if *has_hole { json!(["10.0.0.1/32", "203.0.113.0/24"]) } else { json!([]) };
                        json!({ "ipBlock": { "cidr": "0.0.0.0/0", "except": except } })
                    }
                })
                .collect();
            let ports: Vec<Value> = rule
                .ports
                .iter()
                .map(|it| it.map_or_else(|| json!({ "protocol": "UDP" }), |it| json!({ "port": (PORTS[it]) })))
                .collect();
            let mut json = json!({});
            if !peers.is_empty() {
                json[side] = peers.into();
            }
            if !ports.is_empty() {
                json["ports"] = ports.into();
            }
            json
        })
        .collect()
}

fn pod_id(pod: usize) -> String {
    format!("k8s:c//pod/{pod}")
}

fn address(pod: usize) -> String {
    format!("10.0.0.{}", pod + 1)
}

fn service(pod: usize) -> (&'static str, String, Value) {
    ("k8s.service", format!("k8s:c//service/{pod}"), json!({ "spec": {} }))
}

fn estate(plan: &Plan) -> Estate {
    let mut all: Estate = vec![service(0)];
    for (number, it) in plan.policies.iter().enumerate() {
        let mut spec = json!({ "podSelector": selector(it.pods) });
        let mut types = Vec::new();
        if let Some(rules) = &it.into {
            spec["ingress"] = rules_json(rules, "from");
            types.push("Ingress");
        }
        if let Some(rules) = &it.out {
            spec["egress"] = rules_json(rules, "to");
            types.push("Egress");
        }
        if !types.is_empty() {
            spec["policyTypes"] = json!(types);
        }
        all.push((
            "k8s.network-policy",
            format!("k8s:c//policy/{number}"),
            json!({
                "metadata": { "namespace": (NAMESPACES[it.namespace]) }, "spec": spec,
            }),
        ));
    }
    for (number, (namespace, label)) in plan.pods.iter().enumerate() {
        all.push(("k8s.pod", pod_id(number), json!({
            "metadata": { "namespace": (NAMESPACES[*namespace]), "labels": { "app": (LABELS[*label]), "n": number.to_string() } },
            "spec": { "containers": [] }, "status": { "podIP": address(number) },
        })));
        for (port, front) in [(5432, 15432), (80, 10080)] {
            all.push((
                "k8s.service",
                format!("k8s:c//service/{number}-{port}"),
                json!({
                    "metadata": { "namespace": (NAMESPACES[*namespace]) },
                    "spec": {
                        "type": "LoadBalancer", "selector": { "n": number.to_string() },
                        "ports": [{ "port": front, "targetPort": port }],
                    },
                }),
            ));
        }
    }
    all
}

struct Walker<'p> {
    plan: &'p Plan,
}

impl Walker<'_> {
    fn rule_lets(
        &self,
        policy: &Policy,
        rule: &Rule,
        other: (IpAddr, Option<usize>),
        sent: Sent,
    ) -> bool {
        let has_label =
            |label: Option<usize>, pod: usize| label.is_none_or(|it| it == self.plan.pods[pod].1);
        let is_peer = rule.peers.is_empty()
            || rule.peers.iter().any(|peer| match (peer, other.1) {
                (Peer::Pods(label), Some(pod)) => {
                    self.plan.pods[pod].0 == policy.namespace && has_label(*label, pod)
                }
                (Peer::Namespace(it, label), Some(pod)) => {
                    self.plan.pods[pod].0 == *it && has_label(*label, pod)
                }
                (Peer::Every(label), Some(pod)) => has_label(*label, pod),
                (Peer::Block(has_hole), _) => {
                    !has_hole
                        || !(lies_in(other.0, "10.0.0.1/32") || lies_in(other.0, "203.0.113.0/24"))
                }
                _ => false,
            });
        let is_port = rule.ports.is_empty()
            || rule.ports.iter().any(|it| match it {
                None => sent.protocol == 17,
                Some(port) => sent.protocol == 6 && sent.to_port == PORTS[*port],
            });
        is_peer && is_port
    }

    fn lets(&self, pod: usize, is_in: bool, other: (IpAddr, Option<usize>), sent: Sent) -> bool {
        let (namespace, label) = self.plan.pods[pod];
        let mut chosen = self
            .plan
            .policies
            .iter()
            .filter(|it| it.namespace == namespace && it.pods.is_none_or(|it| it == label))
            .filter_map(|it| {
                // Without any type a policy means what comes in.
                let nothing = it.into.is_none() && it.out.is_none();
                let rules = if is_in { it.into.clone() } else { it.out.clone() };
                Some((it, if nothing && is_in { Vec::new() } else { rules? }))
            })
            .peekable();
        chosen.peek().is_none()
            || chosen.any(|(policy, rules)| {
                rules.iter().any(|rule| self.rule_lets(policy, rule, other, sent))
            })
    }

    fn passes(&self, from: usize, to: usize, sent: Sent) -> bool {
        let of = |pod: usize| (address(pod).parse().unwrap(), Some(pod));
        self.lets(from, false, of(to), sent) && self.lets(to, true, of(from), sent)
    }
}

fn compare(plan: &Plan) -> Result<(), TestCaseError> {
    let network = network(&estate(plan));
    let walker = Walker { plan };
    for from in 0..plan.pods.len() {
        let reached = network.reaches(&pod_id(from));
        for to in (0..plan.pods.len()).filter(|it| *it != from) {
            for (port, protocol) in PORTS.into_iter().flat_map(|it| [(it, 6), (it, 17)]) {
                let from_address: IpAddr = address(from).parse().unwrap();
                let sent = Sent { from: from_address, from_port: 50_000, to_port: port, protocol };
                let got = network.passage(&pod_id(from), &pod_id(to), &sent.set()).answer;
                prop_assert_eq!(
                    got == Answer::Yes,
                    walker.passes(from, to, sent),
                    "{} {} {:?}",
                    from,
                    to,
                    sent
                );
            }
            let passage = network.between(&pod_id(from), &pod_id(to));
            let it = reached.iter().find(|it| it.id == pod_id(to));
            prop_assert_eq!(it.map(|it| it.ports.clone()).unwrap_or_default(), passage.ports);
        }
        for outside in ["203.0.113.7", "8.8.8.8"] {
            for port in [80_u16, 5432] {
                let address: IpAddr = outside.parse().unwrap();
                let sent = Sent { from: address, from_port: 50_000, to_port: port, protocol: 6 };
                let got = network.passage(INTERNET, &pod_id(from), &sent.set()).answer;
                let want = walker.lets(from, true, (address, None), sent);
                prop_assert_eq!(got == Answer::Yes, want, "{} {:?}", from, sent);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn kubernetes_is_what_a_packet_by_packet_walk_says(plan in plan()) {
        compare(&plan)?;
    }
}

fn pod() -> (&'static str, String, Value) {
    (
        "k8s.pod",
        "pod".to_owned(),
        json!({
            "metadata": { "namespace": "web", "labels": { "app": "shop" } },
            "spec": { "containers": [{ "ports": [{ "name": "http", "containerPort": 8080 }] }] },
        }),
    )
}

#[track_caller]
fn check(documents: &Estate, id: &str, want: &str) {
    let it = network(documents).exposure(id).unwrap();
    let got = format!("{:?} {} {:?} {}", it.answer, it.ports, it.width, it.via.join(" "));
    assert_eq!(got.trim_end(), want);
}

#[test]
fn services_and_ingresses() {
    let service = |spec: Value| {
        (
            "k8s.service",
            "service".to_owned(),
            json!({ "metadata": { "name": "shop", "namespace": "web" }, "spec": spec }),
        )
    };
    let spec = |kind: &str| json!({ "type": kind, "selector": { "app": "shop" }, "ports": [{ "port": 80, "nodePort": 30080, "targetPort": "http" }] });
    let with = |kind: &str| vec![pod(), service(spec(kind))];
    check(&with("LoadBalancer"), "service", "Yes tcp/80 Some(Wide)");
    check(&with("LoadBalancer"), "pod", "Yes tcp/8080 Some(Wide) service");
    check(&with("ClusterIP"), "pod", "No  None");
    let mut narrow = spec("LoadBalancer");
    narrow["loadBalancerSourceRanges"] = json!(["198.51.100.0/24"]);
    check(&vec![pod(), service(narrow)], "pod", "Yes tcp/8080 Some(Narrow) service");
    let node = (
        "k8s.node",
        "node".to_owned(),
        json!({ "status": { "addresses": [{ "type": "ExternalIP", "address": "52.1.1.1" }] } }),
    );
    let mut on_nodes = with("NodePort");
    check(&on_nodes, "pod", "No  None");
    on_nodes.push(node);
    check(&on_nodes, "pod", "Unknown tcp/8080 None service");
    let mut behind = with("ClusterIP");
    behind.push(("k8s.ingress", "ingress".to_owned(), json!({
        "metadata": { "namespace": "web" },
        "spec": { "rules": [{ "http": { "paths": [{ "backend": { "service": { "name": "shop", "port": { "number": 80 } } } }] } }] },
    })));
    check(&behind, "ingress", "Yes tcp/80 Some(Wide)");
    check(&behind, "pod", "Yes tcp/8080 Some(Wide) ingress");
    assert_eq!(network(&with("ClusterIP")).between("pod", "pod").answer, Answer::Yes);
}

#[test]
fn a_policy_closes_what_a_balancer_opens() {
    let service = (
        "k8s.service",
        "service".to_owned(),
        json!({
            "metadata": { "namespace": "web" },
            "spec": { "type": "LoadBalancer", "selector": { "app": "shop" }, "ports": [{ "port": 80, "targetPort": 8080 }] },
        }),
    );
    let policy = |rules: Value| {
        (
            "k8s.network-policy",
            "policy".to_owned(),
            json!({ "metadata": { "namespace": "web" }, "spec": { "podSelector": {}, "ingress": rules } }),
        )
    };
    check(&vec![pod(), service.clone(), policy(json!([]))], "pod", "No  None");
    check(
        &vec![pod(), service.clone(), policy(json!([{}]))],
        "pod",
        "Yes tcp/8080 Some(Wide) service",
    );
    check(
        &vec![pod(), service, policy(json!([{ "ports": [{ "port": "http" }] }]))],
        "pod",
        "Yes tcp/8080 Some(Wide) service",
    );
}

#[test]
fn a_pod_that_is_done_answers_nobody() {
    let service = (
        "k8s.service",
        "service".to_owned(),
        json!({
            "metadata": { "namespace": "web" },
            "spec": { "type": "LoadBalancer", "selector": { "app": "shop" }, "ports": [{ "port": 80, "targetPort": 8080 }] },
        }),
    );
    let mut done = pod();
    done.2["status"] = json!({ "phase": "Running" });
    check(&vec![done.clone(), service.clone()], "pod", "Yes tcp/8080 Some(Wide) service");
    done.2["status"] = json!({ "phase": "Succeeded" });
    check(&vec![done, service], "pod", "No  None");
}
