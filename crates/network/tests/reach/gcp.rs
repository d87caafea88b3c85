//! Google Cloud: one packet at a time through policies, firewall rules and routes.

use std::net::IpAddr;

use network::{Answer, INTERNET};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Sent, lies_in, network};

type Estate = Vec<(&'static str, String, Value)>;

const NET: &str = "projects/p/global/networks/n";
const PEER: &str = "projects/p/global/networks/m";
const OUTSIDE: [&str; 3] = ["203.0.113.7", "198.51.100.9", "8.8.8.8"];
const PREFIXES: [&str; 4] = ["0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/8", "10.0.0.10/32"];
const TAGS: [&str; 2] = ["web", "db"];
const PORTS: [u16; 3] = [22, 80, 443];
const RANGES: [&str; 3] = ["22", "80-443", ""];

#[derive(Debug, Clone)]
struct Rule {
    is_out: bool,
    priority: i64,
    /// 0 allow, 1 deny, 2 next (policies only).
    action: usize,
    range: usize,
    is_tcp: bool,
    prefix: Option<usize>,
    source_tag: Option<usize>,
    target_tag: Option<usize>,
    is_peer: bool,
}

#[derive(Debug, Clone)]
struct Plan {
    rules: Vec<Rule>,
    /// Of the organisation, then of the network.
    policies: [Vec<Rule>; 2],
    /// Prefix, whether it leads to the internet, priority.
    routes: Vec<(usize, bool, i64)>,
    /// Is in the peer, tags, has an external address.
    machines: Vec<(bool, Option<usize>, bool)>,
    is_peered: bool,
}

fn rule(n_actions: usize) -> impl Strategy<Value = Rule> {
    let tag = || prop::option::of(0..2_usize);
    (
        any::<bool>(),
        (1_i64..9, 0..n_actions, 0..3_usize, any::<bool>()),
        prop::option::of(0..4_usize),
        (tag(), tag(), any::<bool>()),
    )
        .prop_map(
            |(
                is_out,
                (priority, action, range, is_tcp),
                prefix,
                (source_tag, target_tag, is_peer),
            )| Rule {
                is_out,
                priority,
                action,
                range,
                is_tcp,
                prefix,
                source_tag,
                target_tag,
                is_peer,
            },
        )
}

fn plan() -> impl Strategy<Value = Plan> {
    let policy = || {
        prop::collection::vec(rule(3), 0..4).prop_map(|mut rules| {
            // A priority stands once in a policy.
            let mut seen = Vec::new();
            rules.retain(|it| {
                let is_new = !seen.contains(&it.priority);
                seen.push(it.priority);
                is_new
            });
            rules
        })
    };
    (
        prop::collection::vec(rule(2), 0..6),
        [policy(), policy()],
        prop::collection::vec((0..3_usize, any::<bool>(), 0_i64..3), 1..4),
        prop::collection::vec((any::<bool>(), prop::option::of(0..2_usize), any::<bool>()), 3),
        any::<bool>(),
    )
        .prop_map(|(rules, policies, mut routes, machines, is_peered)| {
            // Of two routes of one prefix and priority no document says which counts.
            let mut seen = Vec::new();
            routes.retain(|(prefix, _, priority)| {
                let is_new = !seen.contains(&(*prefix, *priority));
                seen.push((*prefix, *priority));
                is_new
            });
            Plan { rules, policies, routes, machines, is_peered }
        })
}

fn id(machine: usize) -> String {
    format!("//compute/projects/p/zones/z/instances/{machine}")
}

fn net(is_peer: bool) -> &'static str {
    if is_peer { PEER } else { NET }
}

fn private(machine: usize) -> String {
    format!("10.0.0.{}", 10 + machine)
}

fn estate(plan: &Plan) -> Estate {
    let mut all: Estate = Vec::new();
    for (number, it) in plan.rules.iter().enumerate() {
        let range = RANGES[it.range];
        let mut what = json!({ "IPProtocol": if it.is_tcp { "tcp" } else { "all" } });
        if it.is_tcp && !range.is_empty() {
            what["ports"] = json!([range]);
        }
        let mut rule = json!({
            "network": format!("https://www.googleapis.com/compute/v1/{}", net(it.is_peer)),
            "priority": it.priority, "direction": if it.is_out { "EGRESS" } else { "INGRESS" },
        });
        rule[if it.action == 0 { "allowed" } else { "denied" }] = json!([what]);
        if let Some(prefix) = it.prefix {
            rule[if it.is_out { "destinationRanges" } else { "sourceRanges" }] =
                json!([PREFIXES[prefix]]);
        }
        if let (Some(tag), false) = (it.source_tag, it.is_out) {
            rule["sourceTags"] = json!([TAGS[tag]]);
        }
        if let Some(tag) = it.target_tag {
            rule["targetTags"] = json!([TAGS[tag]]);
        }
        all.push((
            "gcp.compute-firewall",
            format!("//compute/projects/p/global/firewalls/{number}"),
            rule,
        ));
    }
    for (number, rules) in plan.policies.iter().enumerate() {
        let target = if number == 0 { "organizations/1" } else { NET };
        let rules: Vec<Value> = rules
            .iter()
            .map(|it| {
                let range = RANGES[it.range];
                let mut what = json!({ "ipProtocol": if it.is_tcp { "tcp" } else { "all" } });
                if it.is_tcp && !range.is_empty() {
                    what["ports"] = json!([range]);
                }
                let mut means = json!({ "layer4Configs": [what] });
                if let Some(prefix) = it.prefix {
                    means[if it.is_out { "destIpRanges" } else { "srcIpRanges" }] = json!([PREFIXES[prefix]]);
                }
                json!({
                    "priority": it.priority, "direction": if it.is_out { "EGRESS" } else { "INGRESS" },
                    "action": (["allow", "deny", "goto_next"][it.action]), "match": means,
                })
            })
            .collect();
        all.push((
            "gcp.compute-firewall-policy",
            format!("//compute/policies/{number}"),
            json!({
                "associations": [{ "attachmentTarget": target }], "rules": rules,
            }),
        ));
    }
    add_routes_and_machines(plan, &mut all);
    all
}

fn add_routes_and_machines(plan: &Plan, all: &mut Estate) {
    for (number, (prefix, is_internet, priority)) in plan.routes.iter().enumerate() {
        let hop = if *is_internet {
            "projects/p/global/gateways/default-internet-gateway"
        } else {
            "elsewhere"
        };
        for peer in [false, true] {
            all.push(("gcp.compute-route", format!("//compute/routes/{number}/{peer}"), json!({
                "network": net(peer), "destRange": (PREFIXES[*prefix]), "priority": priority, "nextHopGateway": hop,
            })));
        }
    }
    for (own, other) in [(NET, PEER), (PEER, NET)] {
        let state = if plan.is_peered { "ACTIVE" } else { "INACTIVE" };
        all.push((
            "gcp.compute-network",
            format!("//compute/{own}"),
            json!({ "peerings": [{ "network": other, "state": state }] }),
        ));
    }
    for (number, (is_peer, tag, is_public)) in plan.machines.iter().enumerate() {
        let mut nic = json!({ "network": net(*is_peer), "networkIP": private(number) });
        if *is_public {
            nic["accessConfigs"] = json!([{ "natIP": format!("34.0.0.{}", 10 + number) }]);
        }
        let mut machine = json!({ "networkInterfaces": [nic] });
        if let Some(tag) = tag {
            machine["tags"] = json!({ "items": [TAGS[*tag]] });
        }
        all.push(("gcp.compute-instance", id(number), machine));
    }
}

#[derive(Clone, Copy)]
struct Side {
    address: IpAddr,
    /// A machine of the same network.
    tag: Option<usize>,
}

struct Walker<'p> {
    plan: &'p Plan,
}

impl Walker<'_> {
    /// Whether a rule means the packet, seen from `own`.
    fn means(it: &Rule, is_classic: bool, own: Side, other: Side, sent: Sent) -> bool {
        let is_port = !it.is_tcp
            || (sent.protocol == 6
                && match RANGES[it.range] {
                    "22" => sent.to_port == 22,
                    "80-443" => (80..=443).contains(&sent.to_port),
                    _ => true,
                });
        let in_prefix = it.prefix.is_some_and(|prefix| lies_in(other.address, PREFIXES[prefix]));
        let has_tag = is_classic && !it.is_out && it.source_tag.is_some();
        let is_tagged = has_tag && it.source_tag == other.tag;
        let is_peer = in_prefix || is_tagged || (it.prefix.is_none() && !has_tag);
        let is_target = !is_classic || it.target_tag.is_none() || it.target_tag == own.tag;
        is_port && is_peer && is_target
    }

    fn level(rules: &[Rule], is_out: bool, own: Side, other: Side, sent: Sent) -> Option<bool> {
        let mut rules: Vec<&Rule> = rules.iter().filter(|it| it.is_out == is_out).collect();
        rules.sort_by_key(|it| it.priority);
        let hit = rules.into_iter().find(|it| Self::means(it, false, own, other, sent))?;
        (hit.action != 2).then_some(hit.action == 0)
    }

    fn lets(&self, is_peer: bool, is_out: bool, own: Side, other: Side, sent: Sent) -> bool {
        if let Some(answer) = Self::level(&self.plan.policies[0], is_out, own, other, sent) {
            return answer;
        }
        let of_network =
            self.plan.rules.iter().filter(|it| it.is_peer == is_peer && it.is_out == is_out);
        let hits: Vec<&Rule> =
            of_network.filter(|it| Self::means(it, true, own, other, sent)).collect();
        if let Some(first) = hits.iter().map(|it| it.priority).min() {
            return hits.iter().filter(|it| it.priority == first).all(|it| it.action == 0);
        }
        let of_network = if is_peer {
            None
        } else {
            Self::level(&self.plan.policies[1], is_out, own, other, sent)
        };
        of_network.unwrap_or(is_out)
    }

    fn side(&self, machine: usize, sees_tags: bool) -> Side {
        let tag = self.plan.machines[machine].1.filter(|_| sees_tags);
        Side { address: private(machine).parse().unwrap(), tag }
    }

    fn is_routed(&self, to: IpAddr) -> bool {
        let length =
            |prefix: usize| PREFIXES[prefix].split_once('/').unwrap().1.parse::<i64>().unwrap();
        let fitting = self.plan.routes.iter().filter(|it| lies_in(to, PREFIXES[it.0]));
        fitting.min_by_key(|it| (-length(it.0), it.2)).is_some_and(|it| it.1)
    }

    fn comes_in(&self, machine: usize, sent: Sent) -> bool {
        let (is_peer, _, is_public) = self.plan.machines[machine];
        let other = Side { address: sent.from, tag: None };
        is_public
            && self.is_routed(sent.from)
            && self.lets(is_peer, false, self.side(machine, true), other, sent)
    }

    fn inside(&self, from: usize, to: usize, sent: Sent) -> bool {
        let (here, there) = (self.plan.machines[from].0, self.plan.machines[to].0);
        let is_one = here == there;
        (is_one || self.plan.is_peered)
            && self.lets(here, true, self.side(from, true), self.side(to, is_one), sent)
            && self.lets(there, false, self.side(to, true), self.side(from, is_one), sent)
    }
}

fn every_packet(from: IpAddr) -> impl Iterator<Item = Sent> {
    PORTS.into_iter().flat_map(move |to_port| {
        [6, 17].map(|protocol| Sent { from, from_port: 50_000, to_port, protocol })
    })
}

fn compare(plan: &Plan) -> Result<(), TestCaseError> {
    let network = network(&estate(plan));
    let walker = Walker { plan };
    for machine in 0..plan.machines.len() {
        for from in OUTSIDE {
            for sent in every_packet(from.parse().unwrap()) {
                let got = network.passage(INTERNET, &id(machine), &sent.set()).answer;
                prop_assert_eq!(
                    got == Answer::Yes,
                    walker.comes_in(machine, sent),
                    "{} {:?}",
                    machine,
                    sent
                );
            }
        }
        if let Some(proof) = network.exposure(&id(machine)).unwrap().proof {
            let it = &proof.arrives_as;
            let sent = Sent {
                from: it.from.unwrap(),
                from_port: it.from_port,
                to_port: it.to_port,
                protocol: it.protocol,
            };
            prop_assert!(walker.comes_in(machine, sent), "{proof:?}");
        }
        for other in (0..plan.machines.len()).filter(|it| *it != machine) {
            for sent in every_packet(private(machine).parse().unwrap()) {
                let got = network.passage(&id(machine), &id(other), &sent.set()).answer;
                prop_assert_eq!(
                    got == Answer::Yes,
                    walker.inside(machine, other, sent),
                    "{} {} {:?}",
                    machine,
                    other,
                    sent
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn gcp_is_what_a_packet_by_packet_walk_says(plan in plan()) {
        compare(&plan)?;
    }
}

#[track_caller]
fn check(kind: &'static str, document: Value, want: &str) {
    let it = network(&[(kind, "it".to_owned(), document)]).exposure("it").unwrap();
    assert_eq!(format!("{:?} {} {:?}", it.answer, it.ports, it.width), want);
}

#[test]
fn services() {
    let sql = |config: Value| json!({ "databaseVersion": "POSTGRES_15", "settings": { "ipConfiguration": config } });
    check(
        "gcp.sql-instance",
        sql(json!({ "authorizedNetworks": [{ "value": "0.0.0.0/0" }] })),
        "Yes tcp/5432 Some(Wide)",
    );
    check(
        "gcp.sql-instance",
        sql(json!({ "authorizedNetworks": [{ "value": "198.51.100.0/24" }] })),
        "Yes tcp/5432 Some(Narrow)",
    );
    check("gcp.sql-instance", sql(json!({ "ipv4Enabled": true })), "No  None");
    check("gcp.gke-cluster", json!({}), "Yes tcp/443 Some(Wide)");
    check(
        "gcp.gke-cluster",
        json!({ "privateClusterConfig": { "enablePrivateEndpoint": true } }),
        "No  None",
    );
    let endpoints = |it: Value| json!({ "controlPlaneEndpointsConfig": it });
    let closed = json!({ "ipEndpointsConfig": { "enablePublicEndpoint": false } });
    check("gcp.gke-cluster", endpoints(closed), "No  None");
    let by_name = json!({ "ipEndpointsConfig": { "enablePublicEndpoint": false }, "dnsEndpointConfig": { "allowExternalTraffic": true } });
    check("gcp.gke-cluster", endpoints(by_name), "Yes tcp/443 Some(Wide)");
    check(
        "gcp.cloud-run-service",
        json!({ "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY" }),
        "No  None",
    );
    check(
        "gcp.cloud-run-service",
        json!({ "metadata": { "annotations": { "run.googleapis.com/ingress": "internal" } } }),
        "No  None",
    );
    check("gcp.cloud-run-service", json!({}), "Yes tcp/443 Some(Wide)");
    check(
        "gcp.compute-forwarding-rule",
        json!({ "loadBalancingScheme": "EXTERNAL", "IPProtocol": "TCP", "portRange": "80-81" }),
        "Yes tcp/80-81 Some(Wide)",
    );
}

#[test]
fn a_machine_reaches_what_answers_in_its_network() {
    let net = "projects/p/global/networks/n";
    let ports = |kind: &'static str, document: Value| {
        let machine = json!({ "networkInterfaces": [{ "network": net, "networkIP": "10.0.0.5" }] });
        let all =
            [("gcp.compute-instance", "vm".to_owned(), machine), (kind, "it".to_owned(), document)];
        let network = network(&all);
        let reaches = network.reaches("vm").iter().any(|it| it.id == "it");
        let ports = network.between("vm", "it").ports.to_string();
        assert_eq!(reaches, !ports.is_empty());
        ports
    };
    let cluster = |network: &str| json!({ "privateClusterConfig": { "enablePrivateEndpoint": true }, "networkConfig": { "network": network } });
    assert_eq!(ports("gcp.gke-cluster", cluster(net)), "tcp/443");
    assert_eq!(ports("gcp.gke-cluster", cluster("projects/p/global/networks/other")), "");
    let sql = |config: Value| json!({ "databaseVersion": "POSTGRES_15", "settings": { "ipConfiguration": config } });
    let private = json!({ "ipv4Enabled": false, "privateNetwork": format!("https://www.googleapis.com/compute/v1/{net}") });
    assert_eq!(ports("gcp.sql-instance", sql(private)), "tcp/5432");
    assert_eq!(ports("gcp.sql-instance", sql(json!({ "ipv4Enabled": false }))), "");
}

#[test]
fn what_is_stopped_answers_nobody() {
    let sql = |policy: &str| {
        json!({ "databaseVersion": "MYSQL_8_0", "settings": { "activationPolicy": policy,
            "ipConfiguration": { "authorizedNetworks": [{ "value": "0.0.0.0/0" }] } } })
    };
    check("gcp.sql-instance", sql("ALWAYS"), "Yes tcp/3306 Some(Wide)");
    check("gcp.sql-instance", sql("NEVER"), "No  None");
    let machine = |status: &str| {
        json!({ "status": status, "networkInterfaces": [{ "network": "projects/p/global/networks/n",
            "networkIP": "10.0.0.5", "accessConfigs": [{ "natIP": "203.0.113.9" }] }] })
    };
    let rule = json!({ "network": "projects/p/global/networks/n", "sourceRanges": ["0.0.0.0/0"],
        "allowed": [{ "IPProtocol": "tcp", "ports": ["22"] }] });
    let answer = |status: &str| {
        let all = [
            ("gcp.compute-instance", "it".to_owned(), machine(status)),
            ("gcp.compute-firewall", "rule".to_owned(), rule.clone()),
        ];
        let it = network(&all).exposure("it").unwrap();
        (it.answer, it.once_started.map(|it| it.ports.to_string()))
    };
    assert_eq!(answer("RUNNING"), (Answer::Yes, None));
    assert_eq!(answer("TERMINATED"), (Answer::No, Some("tcp/22".to_owned())));
}
