//! Azure: one packet at a time through security groups of both levels, and cases of services.

use std::net::IpAddr;

use network::{Answer, INTERNET, Network};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Sent, lies_in, network};

const OUTSIDE: [&str; 3] = ["203.0.113.7", "198.51.100.9", "8.8.8.8"];
/// Whom a rule may mean; behind them an application security group.
const WHO: [&str; 7] = [
    "*",
    "Internet",
    "VirtualNetwork",
    "203.0.113.0/24",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.0.10",
];
const PORTS: [u16; 4] = [22, 80, 443, 50_000];
const RANGES: [&str; 4] = ["22", "80-443", "*", "1024-65535"];
const PROTOCOLS: [&str; 3] = ["Tcp", "Udp", "*"];
const NET: &str = "/s/networks/a";
const PEER: &str = "/s/networks/b";

type Estate = Vec<(&'static str, String, Value)>;

#[derive(Debug, Clone)]
struct Rule {
    is_out: bool,
    priority: u16,
    is_allowed: bool,
    from: usize,
    to: usize,
    range: usize,
    protocol: usize,
}

#[derive(Debug, Clone)]
struct Machine {
    subnet: usize,
    /// Of the interface.
    group: Option<usize>,
    is_in_application_group: bool,
    public: Option<bool>,
}

#[derive(Debug, Clone)]
struct Plan {
    groups: Vec<Vec<Rule>>,
    /// The group of each subnet.
    subnets: Vec<Option<usize>>,
    /// Of subnet 0: prefix and next hop.
    routes: Vec<(usize, usize)>,
    machines: Vec<Machine>,
    is_peered: bool,
}

const PREFIXES: [&str; 4] = ["0.0.0.0/0", "203.0.113.0/24", "10.0.1.0/24", "10.1.0.0/16"];
const HOPS: [&str; 3] = ["Internet", "None", "VirtualAppliance"];

fn rule() -> impl Strategy<Value = Rule> {
    (any::<bool>(), 100_u16..4096, any::<bool>(), 0..8_usize, 0..8_usize, 0..4_usize, 0..3_usize)
        .prop_map(|(is_out, priority, is_allowed, from, to, range, protocol)| Rule {
            is_out,
            priority,
            is_allowed,
            from,
            to,
            range,
            protocol,
        })
}

fn plan() -> impl Strategy<Value = Plan> {
    let group = || prop::option::of(0..3_usize);
    let machine = (0..3_usize, group(), any::<bool>(), prop::option::of(any::<bool>())).prop_map(
        |(subnet, group, is_in_application_group, public)| Machine {
            subnet,
            group,
            is_in_application_group,
            public,
        },
    );
    (
        prop::collection::vec(prop::collection::vec(rule(), 0..6), 3),
        prop::collection::vec(group(), 3),
        prop::collection::vec((0..4_usize, 0..3_usize), 0..3),
        prop::collection::vec(machine, 3),
        any::<bool>(),
    )
        .prop_map(|(mut groups, subnets, routes, machines, is_peered)| {
            for rules in &mut groups {
                // No two rules of one direction have one priority.
                let mut seen = Vec::new();
                rules.retain(|it| {
                    let key = (it.is_out, it.priority);
                    let is_new = !seen.contains(&key);
                    seen.push(key);
                    is_new
                });
            }
            Plan { groups, subnets, routes, machines, is_peered }
        })
}

fn id(machine: usize) -> String {
    format!("/s/vm/{machine}")
}

fn net_of(subnet: usize) -> &'static str {
    if subnet < 2 { NET } else { PEER }
}

fn subnet_id(subnet: usize) -> String {
    format!("{}/subnets/{subnet}", net_of(subnet))
}

fn private(plan: &Plan, machine: usize) -> String {
    let subnet = plan.machines[machine].subnet;
    let net = if subnet < 2 { format!("10.0.{subnet}") } else { "10.1.0".to_owned() };
    format!("{net}.{}", 10 + machine)
}

fn side(rule: &mut Value, name: &str, who: usize) {
    if let Some(prefix) = WHO.get(who) {
        rule[format!("{name}AddressPrefix")] = json!(prefix);
    } else {
        rule[format!("{name}ApplicationSecurityGroups")] = json!([{ "id": "/s/asg" }]);
    }
}

fn estate(plan: &Plan) -> Estate {
    let mut all: Estate = Vec::new();
    for (number, rules) in plan.groups.iter().enumerate() {
        let rules: Vec<Value> = rules
            .iter()
            .map(|it| {
                let mut rule = json!({
                    "direction": if it.is_out { "Outbound" } else { "Inbound" },
                    "access": if it.is_allowed { "Allow" } else { "Deny" },
                    "priority": it.priority, "protocol": (PROTOCOLS[it.protocol]),
                    "sourcePortRange": "*", "destinationPortRange": (RANGES[it.range]),
                });
                side(&mut rule, "source", it.from);
                side(&mut rule, "destination", it.to);
                json!({ "name": "r", "properties": rule })
            })
            .collect();
        all.push((
            "azure.network-security-group",
            format!("/s/nsg/{number}"),
            json!({ "properties": { "securityRules": rules } }),
        ));
    }
    let mut seen = Vec::new();
    let mut routes = Vec::new();
    for (prefix, hop) in &plan.routes {
        if !seen.contains(prefix) {
            seen.push(*prefix);
            routes.push(json!({ "properties": { "addressPrefix": (PREFIXES[*prefix]), "nextHopType": (HOPS[*hop]) } }));
        }
    }
    all.push((
        "azure.route-table",
        "/s/table".to_owned(),
        json!({ "properties": { "routes": routes } }),
    ));
    let peering = |other: &str| {
        let state = if plan.is_peered { "Connected" } else { "Disconnected" };
        json!([{ "properties": { "peeringState": state, "remoteVirtualNetwork": { "id": other } } }])
    };
    for (net, other, space) in [(NET, PEER, "10.0.0.0/16"), (PEER, NET, "10.1.0.0/16")] {
        all.push(("azure.virtual-network", net.to_owned(), json!({ "properties": {
            "addressSpace": { "addressPrefixes": [space] }, "virtualNetworkPeerings": peering(other),
        } })));
    }
    for (number, group) in plan.subnets.iter().enumerate() {
        let prefix =
            if number < 2 { format!("10.0.{number}.0/24") } else { "10.1.0.0/24".to_owned() };
        let mut properties = json!({ "addressPrefix": prefix });
        if let Some(group) = group {
            properties["networkSecurityGroup"] = json!({ "id": format!("/s/nsg/{group}") });
        }
        if number == 0 {
            properties["routeTable"] = json!({ "id": "/s/table" });
        }
        all.push(("azure.subnet", subnet_id(number), json!({ "properties": properties })));
    }
    for (number, machine) in plan.machines.iter().enumerate() {
        add_machine(plan, number, machine, &mut all);
    }
    all
}

fn add_machine(plan: &Plan, number: usize, machine: &Machine, all: &mut Estate) {
    let mut at = json!({
        "privateIPAddress": private(plan, number), "subnet": { "id": subnet_id(machine.subnet) },
    });
    if machine.is_in_application_group {
        at["applicationSecurityGroups"] = json!([{ "id": "/s/asg" }]);
    }
    if let Some(is_basic) = machine.public {
        let address = format!("/s/ip/{number}");
        at["publicIPAddress"] = json!({ "id": address });
        all.push((
            "azure.public-ip-address",
            address,
            json!({
                "sku": { "name": if is_basic { "Basic" } else { "Standard" } },
                "properties": { "ipAddress": format!("20.0.0.{}", 10 + number) },
            }),
        ));
    }
    let mut properties =
        json!({ "ipConfigurations": [{ "id": format!("/s/nic/{number}/c"), "properties": at }] });
    if let Some(group) = machine.group {
        properties["networkSecurityGroup"] = json!({ "id": format!("/s/nsg/{group}") });
    }
    all.push((
        "azure.network-interface",
        format!("/s/nic/{number}"),
        json!({ "properties": properties }),
    ));
    all.push(("azure.virtual-machine", id(number), json!({
        "properties": { "networkProfile": { "networkInterfaces": [{ "id": format!("/s/nic/{number}") }] } },
    })));
}

/// One side of a packet: its address, and the machine that it is where it is one of ours.
#[derive(Debug, Clone, Copy)]
struct Side {
    address: IpAddr,
    machine: Option<usize>,
}

struct Walker<'p> {
    plan: &'p Plan,
}

impl Walker<'_> {
    fn means(&self, who: usize, side: Side) -> bool {
        match WHO.get(who) {
            Some(&"*") => true,
            Some(&"Internet") => side.machine.is_none(),
            Some(&"VirtualNetwork") => side.machine.is_some(),
            Some(prefix) => lies_in(side.address, prefix),
            None => side.machine.is_some_and(|it| self.plan.machines[it].is_in_application_group),
        }
    }

    fn lets(&self, group: usize, is_out: bool, from: Side, to: Side, sent: Sent) -> bool {
        let mut rules: Vec<&Rule> =
            self.plan.groups[group].iter().filter(|it| it.is_out == is_out).collect();
        rules.sort_by_key(|it| it.priority);
        for it in rules {
            let is_protocol = match PROTOCOLS[it.protocol] {
                "Tcp" => sent.protocol == 6,
                "Udp" => sent.protocol == 17,
                _ => true,
            };
            let is_port = match RANGES[it.range] {
                "*" => true,
                "22" => sent.to_port == 22,
                "80-443" => (80..=443).contains(&sent.to_port),
                _ => sent.to_port >= 1024,
            };
            if is_protocol && is_port && self.means(it.from, from) && self.means(it.to, to) {
                return it.is_allowed;
            }
        }
        let is_inside = from.machine.is_some() && to.machine.is_some();
        is_inside || (is_out && to.machine.is_none())
    }

    fn groups(&self, machine: usize) -> Vec<usize> {
        let it = &self.plan.machines[machine];
        self.plan.subnets[it.subnet].into_iter().chain(it.group).collect()
    }

    fn side(&self, machine: usize) -> Side {
        Side { address: private(self.plan, machine).parse().unwrap(), machine: Some(machine) }
    }

    /// Where the routes of a subnet lead; only subnet 0 has a table.
    fn hop(&self, subnet: usize, to: IpAddr) -> &'static str {
        let mut system = vec![("0.0.0.0/0", "Internet"), ("10.0.0.0/16", "Network")];
        if subnet >= 2 {
            system[1].0 = "10.1.0.0/16";
        }
        if self.plan.is_peered {
            system.push((if subnet < 2 { "10.1.0.0/16" } else { "10.0.0.0/16" }, "Network"));
        }
        let mut own: Vec<(&'static str, &'static str)> = Vec::new();
        if subnet == 0 {
            for (prefix, hop) in &self.plan.routes {
                if !own.iter().any(|(known, _)| *known == PREFIXES[*prefix]) {
                    own.push((PREFIXES[*prefix], HOPS[*hop]));
                }
            }
            system.push(("10.0.0.0/24", "Network"));
        }
        let length = |it: &str| it.split_once('/').unwrap().1.parse::<u8>().unwrap();
        let all = own.iter().map(|it| (it, 1)).chain(system.iter().map(|it| (it, 0)));
        let best = all
            .filter(|((prefix, _), _)| lies_in(to, prefix))
            .max_by_key(|((prefix, _), own)| (length(prefix), *own));
        best.unwrap().0.1
    }

    fn comes_in(&self, machine: usize, sent: Sent) -> bool {
        let it = &self.plan.machines[machine];
        let groups = self.groups(machine);
        let from = Side { address: sent.from, machine: None };
        let is_let = if groups.is_empty() {
            it.public == Some(true)
        } else {
            groups.iter().all(|group| self.lets(*group, false, from, self.side(machine), sent))
        };
        it.public.is_some() && is_let && self.hop(it.subnet, sent.from) == "Internet"
    }

    /// Whether a packet passes inside; `None` when an appliance has a say.
    fn inside(&self, from: usize, to: usize, sent: Sent) -> Option<bool> {
        let (a, b) = (&self.plan.machines[from], &self.plan.machines[to]);
        if net_of(a.subnet) != net_of(b.subnet) && !self.plan.is_peered {
            return Some(false);
        }
        let (x, y) = (self.side(from), self.side(to));
        let is_let = self.groups(from).iter().all(|it| self.lets(*it, true, x, y, sent))
            && self.groups(to).iter().all(|it| self.lets(*it, false, x, y, sent));
        match self.hop(a.subnet, y.address) {
            _ if !is_let => Some(false),
            "Network" => Some(true),
            "VirtualAppliance" => None,
            _ => Some(false),
        }
    }
}

fn every_packet(from: IpAddr) -> impl Iterator<Item = Sent> {
    PORTS.into_iter().flat_map(move |to_port| {
        [6, 17].map(|protocol| Sent { from, from_port: 50_000, to_port, protocol })
    })
}

fn compare(plan: &Plan) -> Result<(), TestCaseError> {
    let network: Network = network(&estate(plan));
    let walker = Walker { plan };
    for machine in 0..plan.machines.len() {
        for from in OUTSIDE {
            for sent in every_packet(from.parse().unwrap()) {
                let got = network.passage(INTERNET, &id(machine), &sent.set());
                let want = walker.comes_in(machine, sent);
                prop_assert_eq!(got.answer == Answer::Yes, want, "{} {:?}", machine, sent);
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
            for sent in every_packet(private(plan, machine).parse().unwrap()) {
                let got = network.passage(&id(machine), &id(other), &sent.set()).answer;
                let want = match walker.inside(machine, other, sent) {
                    Some(true) => Answer::Yes,
                    Some(false) => Answer::No,
                    None => Answer::Unknown,
                };
                prop_assert_eq!(got, want, "{} {} {:?}", machine, other, sent);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn azure_is_what_a_packet_by_packet_walk_says(plan in plan()) {
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
    let kind = "azure.storage-account";
    check(kind, json!({ "properties": {} }), "Yes tcp/22,443,445 Some(Wide)");
    check(kind, json!({ "properties": { "publicNetworkAccess": "Disabled" } }), "No  None");
    let acls = |rules: Value| json!({ "properties": { "networkAcls": { "defaultAction": "Deny", "ipRules": rules } } });
    check(kind, acls(json!([])), "No  None");
    check(kind, acls(json!([{ "value": "198.51.100.0/24" }])), "Yes tcp/22,443,445 Some(Narrow)");
    let kind = "azure.sql-server";
    let rule = |first: &str, last: &str| json!({ "properties": {}, "firewallRules": [{ "name": "r", "properties": { "startIpAddress": first, "endIpAddress": last } }] });
    check(kind, rule("0.0.0.0", "255.255.255.255"), "Yes tcp/1433 Some(Wide)");
    check(kind, rule("0.0.0.0", "0.0.0.0"), "Yes tcp/1433 Some(Wide)");
    check(kind, rule("198.51.100.1", "198.51.100.9"), "Yes tcp/1433 Some(Narrow)");
    let kind = "azure.web-app";
    check(kind, json!({ "properties": {} }), "Yes tcp/80,443 Some(Wide)");
    let rules = json!({ "properties": {}, "webConfig": { "properties": { "ipSecurityRestrictions": [
        { "ipAddress": "198.51.100.0/24", "action": "Allow", "priority": 100 },
        { "ipAddress": "Any", "action": "Deny", "priority": 2_147_483_647 }
    ] } } });
    check(kind, rules, "Yes tcp/80,443 Some(Narrow)");
    let kind = "azure.managed-cluster";
    check(kind, json!({ "properties": {} }), "Yes tcp/443 Some(Wide)");
    check(
        kind,
        json!({ "properties": { "apiServerAccessProfile": { "enablePrivateCluster": true } } }),
        "No  None",
    );
}

/// A machine without a public address behind a balancer.
fn behind(front: Value) -> Estate {
    vec![
        (
            "azure.public-ip-address",
            "/s/ip".to_owned(),
            json!({ "sku": { "name": "Standard" }, "properties": { "ipAddress": "20.0.0.1" } }),
        ),
        (
            "azure.network-security-group",
            "/s/nsg".to_owned(),
            json!({ "properties": { "securityRules": [{ "name": "web", "properties": {
            "direction": "Inbound", "access": "Allow", "priority": 100, "protocol": "Tcp", "sourcePortRange": "*",
            "destinationPortRange": "8080", "sourceAddressPrefix": "*", "destinationAddressPrefix": "*",
        } }] } }),
        ),
        (
            "azure.subnet",
            subnet_id(0),
            json!({ "properties": { "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": { "id": "/s/nsg" } } }),
        ),
        (
            "azure.network-interface",
            "/s/nic".to_owned(),
            json!({ "properties": { "ipConfigurations": [{ "id": "/s/nic/c", "properties": {
            "privateIPAddress": "10.0.0.4", "subnet": { "id": subnet_id(0) }, "loadBalancerBackendAddressPools": [{ "id": "/s/lb/pool" }],
        } }] } }),
        ),
        (
            "azure.virtual-machine",
            "/s/vm".to_owned(),
            json!({ "properties": { "networkProfile": { "networkInterfaces": [{ "id": "/s/nic" }] } } }),
        ),
        ("azure.load-balancer", "/s/lb".to_owned(), front),
    ]
}

#[test]
fn behind_a_balancer() {
    let balancer = |port: u16| {
        json!({ "properties": {
        "frontendIPConfigurations": [{ "id": "/s/lb/front", "properties": { "publicIPAddress": { "id": "/s/ip" } } }],
        "backendAddressPools": [{ "id": "/s/lb/pool" }],
        "loadBalancingRules": [{ "properties": {
            "frontendIPConfiguration": { "id": "/s/lb/front" }, "backendAddressPool": { "id": "/s/lb/pool" },
            "protocol": "Tcp", "frontendPort": 80, "backendPort": port,
        } }],
    } })
    };
    let it = network(&behind(balancer(8080))).exposure("/s/vm").unwrap();
    assert_eq!(
        (it.answer, it.ports.to_string(), it.via),
        (Answer::Yes, "tcp/8080".to_owned(), vec!["/s/lb".to_owned()])
    );
    let proof = it.proof.unwrap();
    assert_eq!(
        (proof.packet.to.unwrap().to_string(), proof.packet.to_port),
        ("20.0.0.1".to_owned(), 80)
    );
    assert_eq!(
        (proof.arrives_as.to.unwrap().to_string(), proof.arrives_as.to_port),
        ("10.0.0.4".to_owned(), 8080)
    );
    assert_eq!(network(&behind(balancer(9090))).exposure("/s/vm").unwrap().answer, Answer::No);
}

#[test]
fn a_private_end_point_leads_to_a_closed_service() {
    let mut all = behind(json!({ "properties": {} }));
    all.push((
        "azure.sql-server",
        "/s/sql".to_owned(),
        json!({ "properties": { "publicNetworkAccess": "Disabled" }, "firewallRules": [] }),
    ));
    assert_eq!(network(&all).between("/s/vm", "/s/sql").answer, Answer::No);
    all.push((
        "azure.private-endpoint",
        "/s/pe".to_owned(),
        json!({ "properties": {
        "subnet": { "id": subnet_id(0) },
        "privateLinkServiceConnections": [{ "properties": { "privateLinkServiceId": "/s/sql" } }],
    } }),
    ));
    let network = network(&all);
    assert_eq!(network.between("/s/vm", "/s/sql").ports.to_string(), "tcp/1433");
    assert_eq!(network.exposure("/s/sql").unwrap().answer, Answer::No);
    assert!(network.reaches("/s/vm").iter().any(|it| it.id == "/s/sql"));
}

#[test]
fn a_service_lets_in_the_subnets_that_it_names() {
    let sent = |service: (&'static str, Value)| {
        let mut all = behind(json!({ "properties": {} }));
        all.push((service.0, "/s/it".to_owned(), service.1));
        let network = network(&all);
        let reaches = network.reaches("/s/vm").iter().any(|it| it.id == "/s/it");
        let ports = network.between("/s/vm", "/s/it").ports.to_string();
        assert_eq!(reaches, !ports.is_empty());
        ports
    };
    let vault = |subnet: String| {
        let acls = json!({ "defaultAction": "Deny", "virtualNetworkRules": [{ "id": subnet }] });
        ("azure.key-vault", json!({ "properties": { "networkAcls": acls } }))
    };
    assert_eq!(sent(vault(subnet_id(0))), "tcp/443");
    assert_eq!(sent(vault(subnet_id(1))), "");
    let (kind, mut closed) = vault(subnet_id(0));
    closed["properties"]["publicNetworkAccess"] = json!("Disabled");
    assert_eq!(sent((kind, closed)), "");
    let rule = json!({ "properties": { "virtualNetworkSubnetId": subnet_id(0) } });
    let server = json!({ "properties": {}, "firewallRules": [], "virtualNetworkRules": [rule] });
    assert_eq!(sent(("azure.sql-server", server)), "tcp/1433");
    let cosmos = json!({ "properties": { "isVirtualNetworkFilterEnabled": true, "virtualNetworkRules": [{ "id": subnet_id(0) }] } });
    assert_eq!(sent(("azure.cosmos-db-account", cosmos)), "tcp/443");
}

#[test]
fn behind_a_gateway_that_knows_an_address() {
    let exposed = |backend: &str, network_of_gateway: &str| {
        let subnet = format!("{network_of_gateway}/subnets/gateway");
        let mut all = behind(json!({ "properties": {} }));
        all.push((
            "azure.subnet",
            subnet.clone(),
            json!({ "properties": { "addressPrefix": "10.0.9.0/24" } }),
        ));
        all.push((
            "azure.application-gateway",
            "/s/gw".to_owned(),
            json!({ "properties": {
                "gatewayIPConfigurations": [{ "properties": { "subnet": { "id": subnet } } }],
                "frontendIPConfigurations": [{ "id": "/s/gw/f", "properties": { "publicIPAddress": { "id": "/s/ip" } } }],
                "frontendPorts": [{ "id": "/s/gw/p", "properties": { "port": 80 } }],
                "backendAddressPools": [{ "id": "/s/gw/pool", "properties": { "backendAddresses": [{ "ipAddress": backend }] } }],
                "backendHttpSettingsCollection": [{ "id": "/s/gw/s", "properties": { "port": 8080 } }],
                "httpListeners": [{ "id": "/s/gw/l", "properties": {
                    "frontendIPConfiguration": { "id": "/s/gw/f" }, "frontendPort": { "id": "/s/gw/p" },
                } }],
                "requestRoutingRules": [{ "properties": {
                    "httpListener": { "id": "/s/gw/l" }, "backendAddressPool": { "id": "/s/gw/pool" },
                    "backendHttpSettings": { "id": "/s/gw/s" },
                } }],
            } }),
        ));
        let it = network(&all).exposure("/s/vm").unwrap();
        (it.answer, it.ports.to_string())
    };
    let here = subnet_id(0).split("/subnets/").next().unwrap_or_default().to_owned();
    assert_eq!(exposed("10.0.0.4", &here), (Answer::Yes, "tcp/8080".to_owned()));
    assert_eq!(exposed("10.0.0.5", &here).0, Answer::No);
    assert_eq!(exposed("10.0.0.4", "/s/networks/elsewhere").0, Answer::No);
}

#[test]
fn what_is_stopped_answers_nobody() {
    let stopped = |mut document: Value, at: &str, value: Value| {
        *document.pointer_mut(at).unwrap() = value;
        let it = network(&[("azure.web-app", "it".to_owned(), document)]).exposure("it").unwrap();
        (it.answer, it.once_started.map(|it| it.answer))
    };
    let app = || json!({ "properties": { "state": "Running" } });
    assert_eq!(stopped(app(), "/properties/state", json!("Running")), (Answer::Yes, None));
    assert_eq!(
        stopped(app(), "/properties/state", json!("Stopped")),
        (Answer::No, Some(Answer::Yes))
    );
    // A machine says so in its view, which is asked for apart.
    let mut all = behind(json!({ "properties": {
        "frontendIPConfigurations": [{ "id": "/s/lb/front", "properties": { "publicIPAddress": { "id": "/s/ip" } } }],
        "backendAddressPools": [{ "id": "/s/lb/pool" }],
        "loadBalancingRules": [{ "properties": {
            "frontendIPConfiguration": { "id": "/s/lb/front" }, "backendAddressPool": { "id": "/s/lb/pool" },
            "protocol": "Tcp", "frontendPort": 80, "backendPort": 8080,
        } }],
    } }));
    let machine = all.iter().position(|it| it.1 == "/s/vm").unwrap();
    let codes =
        |all: &[(&'static str, String, Value)]| network(all).exposure("/s/vm").unwrap().answer;
    all[machine].2["properties"]["instanceView"] = json!({ "statuses": [{ "code": "ProvisioningState/succeeded" }, { "code": "PowerState/running" }] });
    assert_eq!(codes(&all), Answer::Yes);
    all[machine].2["properties"]["instanceView"]["statuses"][1]["code"] =
        json!("PowerState/deallocated");
    assert_eq!(codes(&all), Answer::No);
}
