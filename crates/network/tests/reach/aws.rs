//! AWS: one packet at a time through security groups, access lists, routes, gateways and peerings.

use std::net::IpAddr;

use network::{Answer, INTERNET, Network, Proof};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Sent, lies_in, network};

/// Addresses that any rule of the random estates can tell apart.
const OUTSIDE: [&str; 3] = ["203.0.113.7", "198.51.100.9", "8.8.8.8"];
const PREFIXES: [&str; 6] =
    ["0.0.0.0/0", "203.0.113.0/24", "128.0.0.0/1", "10.0.0.0/16", "10.0.1.0/24", "10.1.0.0/16"];
const PORTS: [u16; 4] = [22, 80, 443, 50_000];
const RANGES: [(u16, u16); 4] = [(22, 22), (80, 443), (0, 65_535), (1024, 65_535)];
const PROTOCOLS: [(&str, u8); 2] = [("6", 6), ("17", 17)];

type Estate = Vec<(&'static str, String, Value)>;

#[derive(Debug, Clone)]
struct AclRule {
    is_out: bool,
    number: u16,
    is_allowed: bool,
    prefix: usize,
    range: usize,
    protocol: usize,
}

#[derive(Debug, Clone)]
struct GroupRule {
    /// A prefix, or behind the prefixes a group.
    peer: usize,
    range: usize,
    protocol: usize,
}

#[derive(Debug, Clone)]
struct Machine {
    subnet: usize,
    groups: Vec<usize>,
    is_public: bool,
}

#[derive(Debug, Clone)]
struct Plan {
    acls: Vec<Vec<AclRule>>,
    groups: Vec<(Vec<GroupRule>, Vec<GroupRule>)>,
    /// Of each subnet: prefix and target.
    routes: Vec<Vec<(usize, usize)>>,
    machines: Vec<Machine>,
}

const N_SUBNETS: usize = 3;
const TARGETS: [&str; 4] = ["igw-1", "pcx-1", "pcx-gone", "igw-1"];

fn acl_rule() -> impl Strategy<Value = AclRule> {
    (any::<bool>(), 1_u16..99, any::<bool>(), 0..6_usize, 0..4_usize, 0..3_usize).prop_map(
        |(is_out, number, is_allowed, prefix, range, protocol)| AclRule {
            is_out,
            number,
            is_allowed,
            prefix,
            range,
            protocol,
        },
    )
}

fn group_rule() -> impl Strategy<Value = GroupRule> {
    (0..9_usize, 0..4_usize, 0..3_usize).prop_map(|(peer, range, protocol)| GroupRule {
        peer,
        range,
        protocol,
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let rules = || prop::collection::vec(group_rule(), 0..4);
    let machine = (0..N_SUBNETS, prop::collection::vec(0..3_usize, 1..3), any::<bool>())
        .prop_map(|(subnet, groups, is_public)| Machine { subnet, groups, is_public });
    (
        prop::collection::vec(prop::collection::vec(acl_rule(), 0..5), N_SUBNETS),
        prop::collection::vec((rules(), rules()), 3),
        prop::collection::vec(prop::collection::vec((0..6_usize, 0..4_usize), 0..4), N_SUBNETS),
        prop::collection::vec(machine, 3),
    )
        .prop_map(|(acls, groups, routes, machines)| Plan { acls, groups, routes, machines })
}

/// Subnets 0 and 1 lie in one network, 2 in another that is peered with it.
fn network_of(subnet: usize) -> &'static str {
    if subnet < 2 { "vpc-a" } else { "vpc-b" }
}

fn private(plan: &Plan, machine: usize) -> String {
    let subnet = plan.machines[machine].subnet;
    let net = if subnet < 2 { format!("10.0.{subnet}") } else { "10.1.0".to_owned() };
    format!("{net}.{}", 10 + machine)
}

fn id(machine: usize) -> String {
    format!("arn:aws:ec2:r:a:instance/i-{machine}")
}

fn permissions(rules: &[GroupRule]) -> Value {
    rules
        .iter()
        .map(|rule| {
            let (first, last) = RANGES[rule.range];
            let mut json = match rule.protocol {
                2 => json!({ "IpProtocol": "-1" }),
                it => {
                    json!({ "IpProtocol": (["tcp", "udp"][it]), "FromPort": first, "ToPort": last })
                }
            };
            if let Some(prefix) = PREFIXES.get(rule.peer) {
                json["IpRanges"] = json!([{ "CidrIp": prefix }]);
            } else {
                let group = format!("sg-{}", rule.peer - PREFIXES.len());
                json["UserIdGroupPairs"] = json!([{ "GroupId": group }]);
            }
            json
        })
        .collect()
}

fn estate(plan: &Plan) -> Estate {
    let mut all: Estate = Vec::new();
    for subnet in 0..N_SUBNETS {
        let cidr =
            if subnet < 2 { format!("10.0.{subnet}.0/24") } else { "10.1.0.0/24".to_owned() };
        all.push(("aws.ec2-subnet", format!("subnet-{subnet}"), json!({
            "SubnetId": format!("subnet-{subnet}"), "VpcId": network_of(subnet), "CidrBlock": cidr,
        })));
        let mut entries: Vec<Value> = plan.acls[subnet]
            .iter()
            .map(|it| {
                let (first, last) = RANGES[it.range];
                json!({
                    "RuleNumber": it.number, "Egress": it.is_out, "CidrBlock": PREFIXES[it.prefix],
                    "RuleAction": if it.is_allowed { "allow" } else { "deny" },
                    "Protocol": (["6", "17", "-1"][it.protocol]),
                    "PortRange": { "From": first, "To": last },
                })
            })
            .collect();
        for is_out in [true, false] {
            entries.push(json!({ "RuleNumber": 100, "Egress": is_out, "CidrBlock": "0.0.0.0/0", "RuleAction": "allow", "Protocol": "-1" }));
        }
        all.push((
            "aws.ec2-network-acl",
            format!("acl-{subnet}"),
            json!({
                "NetworkAclId": format!("acl-{subnet}"), "Entries": entries,
                "Associations": [{ "SubnetId": format!("subnet-{subnet}") }],
            }),
        ));
        let mut routes = vec![json!({
            "DestinationCidrBlock": if subnet < 2 { "10.0.0.0/16" } else { "10.1.0.0/16" }, "GatewayId": "local",
        })];
        let mut seen = vec![if subnet < 2 { 3 } else { 5 }];
        for (prefix, target) in &plan.routes[subnet] {
            // A table has one route for a prefix, and none within the network here.
            if seen.contains(prefix) || (*prefix == 4 && subnet < 2) {
                continue;
            }
            seen.push(*prefix);
            let target = TARGETS[*target];
            let field =
                if target.starts_with("igw") { "GatewayId" } else { "VpcPeeringConnectionId" };
            let mut route = json!({ "DestinationCidrBlock": PREFIXES[*prefix], "State": "active" });
            route[field] = json!(target);
            routes.push(route);
        }
        all.push(("aws.ec2-route-table", format!("rtb-{subnet}"), json!({
            "RouteTableId": format!("rtb-{subnet}"), "VpcId": network_of(subnet), "Routes": routes,
            "Associations": [{ "SubnetId": format!("subnet-{subnet}"), "Main": false }],
        })));
    }
    add_rules_and_machines(plan, &mut all);
    all
}

fn add_rules_and_machines(plan: &Plan, all: &mut Estate) {
    all.push((
        "aws.ec2-vpc-peering-connection",
        "pcx-1".to_owned(),
        json!({
            "VpcPeeringConnectionId": "pcx-1", "Status": { "Code": "active" },
            "RequesterVpcInfo": { "VpcId": "vpc-a" }, "AccepterVpcInfo": { "VpcId": "vpc-b" },
        }),
    ));
    for (number, (into, out)) in plan.groups.iter().enumerate() {
        all.push((
            "aws.ec2-security-group",
            format!("sg-{number}"),
            json!({
                "GroupId": format!("sg-{number}"),
                "IpPermissions": permissions(into), "IpPermissionsEgress": permissions(out),
            }),
        ));
    }
    for (number, machine) in plan.machines.iter().enumerate() {
        let groups: Vec<Value> =
            machine.groups.iter().map(|it| json!({ "GroupId": format!("sg-{it}") })).collect();
        let mut address = json!({ "PrivateIpAddress": private(plan, number) });
        if machine.is_public {
            address["Association"] = json!({ "PublicIp": public(number) });
        }
        all.push(("aws.ec2-instance", id(number), json!({
            "InstanceId": format!("i-{number}"), "State": { "Name": "running" },
            "NetworkInterfaces": [{
                "NetworkInterfaceId": format!("eni-{number}"), "VpcId": network_of(machine.subnet),
                "SubnetId": format!("subnet-{}", machine.subnet), "Groups": groups,
                "PrivateIpAddresses": [address],
            }],
        })));
    }
}

fn public(machine: usize) -> String {
    format!("52.0.0.{}", 10 + machine)
}

/// A packet in the walk.
#[derive(Debug, Clone, Copy)]
struct Walk {
    from: IpAddr,
    from_port: u16,
    to: IpAddr,
    to_port: u16,
    protocol: u8,
}

impl Walk {
    fn answer(self) -> Self {
        Self {
            from: self.to,
            from_port: self.to_port,
            to: self.from,
            to_port: self.from_port,
            ..self
        }
    }
}

struct Walker<'p> {
    plan: &'p Plan,
    estate: &'p Estate,
}

impl Walker<'_> {
    fn document(&self, id: &str) -> &Value {
        &self.estate.iter().find(|it| it.1 == id).unwrap().2
    }

    fn port_matches(range: &Value, names: (&str, &str), port: u16) -> bool {
        match (range[names.0].as_u64(), range[names.1].as_u64()) {
            (Some(first), Some(last)) => first <= u64::from(port) && u64::from(port) <= last,
            _ => true,
        }
    }

    fn group_lets(&self, machine: usize, field: &str, packet: Walk, peer: Option<usize>) -> bool {
        let other = if field == "IpPermissions" { packet.from } else { packet.to };
        self.plan.machines[machine].groups.iter().any(|group| {
            self.document(&format!("sg-{group}"))[field].as_array().unwrap().iter().any(|rule| {
                let protocol = rule["IpProtocol"].as_str().unwrap();
                let is_protocol = protocol == "-1" || (protocol == "tcp") == (packet.protocol == 6);
                let is_port = protocol == "-1"
                    || Self::port_matches(rule, ("FromPort", "ToPort"), packet.to_port);
                let prefix = rule["IpRanges"][0]["CidrIp"].as_str();
                let name = rule["UserIdGroupPairs"][0]["GroupId"].as_str();
                let is_in_group = peer.is_some_and(|it| {
                    let groups = &self.plan.machines[it].groups;
                    groups.iter().any(|it| name == Some(&format!("sg-{it}")))
                });
                let is_peer = prefix.map_or(is_in_group, |it| lies_in(other, it));
                is_protocol && is_port && is_peer
            })
        })
    }

    fn acl_lets(&self, subnet: usize, is_out: bool, packet: Walk) -> bool {
        let other = if is_out { packet.to } else { packet.from };
        let mut entries: Vec<&Value> =
            self.document(&format!("acl-{subnet}"))["Entries"].as_array().unwrap().iter().collect();
        entries.sort_by_key(|it| it["RuleNumber"].as_u64().unwrap());
        for entry in entries {
            let protocol = entry["Protocol"].as_str().unwrap();
            let is_protocol = protocol == "-1" || protocol == packet.protocol.to_string();
            let is_port = protocol == "-1"
                || Self::port_matches(&entry["PortRange"], ("From", "To"), packet.to_port);
            let prefix = entry["CidrBlock"].as_str().unwrap();
            if entry["Egress"].as_bool() == Some(is_out)
                && is_protocol
                && is_port
                && lies_in(other, prefix)
            {
                return entry["RuleAction"].as_str() == Some("allow");
            }
        }
        false
    }

    fn route(&self, subnet: usize, to: IpAddr) -> Option<&str> {
        self.document(&format!("rtb-{subnet}"))["Routes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| lies_in(to, it["DestinationCidrBlock"].as_str().unwrap()))
            .max_by_key(|it| {
                let (_, length) =
                    it["DestinationCidrBlock"].as_str().unwrap().split_once('/').unwrap();
                length.parse::<u8>().unwrap()
            })
            .and_then(|it| it["GatewayId"].as_str().or(it["VpcPeeringConnectionId"].as_str()))
    }

    fn enters(&self, machine: usize, packet: Walk, peer: Option<usize>, is_near: bool) -> bool {
        let subnet = self.plan.machines[machine].subnet;
        (is_near
            || self.acl_lets(subnet, false, packet) && self.acl_lets(subnet, true, packet.answer()))
            && self.group_lets(machine, "IpPermissions", packet, peer)
    }

    fn leaves(&self, machine: usize, packet: Walk, peer: Option<usize>, is_near: bool) -> bool {
        let subnet = self.plan.machines[machine].subnet;
        (is_near
            || self.acl_lets(subnet, true, packet) && self.acl_lets(subnet, false, packet.answer()))
            && self.group_lets(machine, "IpPermissionsEgress", packet, peer)
    }

    /// From the internet: `sent` arrives with the private address as its destination.
    fn comes_in(&self, machine: usize, sent: Sent) -> bool {
        let to: IpAddr = private(self.plan, machine).parse().unwrap();
        let packet = walk(sent, to);
        let it = &self.plan.machines[machine];
        it.is_public
            && self.route(it.subnet, sent.from) == Some("igw-1")
            && self.enters(machine, packet, None, false)
    }

    /// Between two machines, by their private addresses.
    fn inside(&self, from: usize, to: usize, sent: Sent) -> bool {
        let (here, there) = (self.plan.machines[from].subnet, self.plan.machines[to].subnet);
        let packet = walk(sent, private(self.plan, to).parse().unwrap());
        let is_routed = if network_of(here) == network_of(there) {
            true
        } else {
            self.route(here, packet.to) == Some("pcx-1")
                && self.route(there, packet.from) == Some("pcx-1")
        };
        is_routed
            && self.leaves(from, packet, Some(to), here == there)
            && self.enters(to, packet, Some(from), here == there)
    }

    /// Between two machines, by their public addresses.
    fn outside(&self, from: usize, to: usize, from_port: u16, to_port: u16, protocol: u8) -> bool {
        let (a, b) = (&self.plan.machines[from], &self.plan.machines[to]);
        if !a.is_public || !b.is_public {
            return false;
        }
        let out = Walk {
            from: private(self.plan, from).parse().unwrap(),
            from_port,
            to: public(to).parse().unwrap(),
            to_port,
            protocol,
        };
        // The translation keeps no port in the engine: any may be chosen outside.
        let seen = public(from).parse().unwrap();
        self.route(a.subnet, out.to) == Some("igw-1")
            && self.leaves(from, out, None, false)
            && PORTS.iter().any(|port| {
                self.comes_in(to, Sent { from: seen, from_port: *port, to_port, protocol })
            })
    }
}

fn walk(sent: Sent, to: IpAddr) -> Walk {
    Walk {
        from: sent.from,
        from_port: sent.from_port,
        to,
        to_port: sent.to_port,
        protocol: sent.protocol,
    }
}

fn every_packet(from: IpAddr) -> impl Iterator<Item = Sent> {
    PORTS.into_iter().flat_map(move |from_port| {
        PORTS.into_iter().flat_map(move |to_port| {
            PROTOCOLS.map(|(_, protocol)| Sent { from, from_port, to_port, protocol })
        })
    })
}

fn proven(walker: &Walker<'_>, machine: usize, proof: &Proof) -> bool {
    let it = &proof.arrives_as;
    let sent = Sent {
        from: it.from.unwrap(),
        from_port: it.from_port,
        to_port: it.to_port,
        protocol: it.protocol,
    };
    // Protocols without ports are asked about as one that the walker does not know: any of a rule `-1`.
    walker.comes_in(machine, sent)
}

fn compare(plan: &Plan) -> Result<(), TestCaseError> {
    let estate = estate(plan);
    let network: Network = network(&estate);
    let walker = Walker { plan, estate: &estate };
    for machine in 0..plan.machines.len() {
        let mut is_exposed = false;
        for from in OUTSIDE {
            for sent in every_packet(from.parse().unwrap()) {
                let want = walker.comes_in(machine, sent);
                let got = network.passage(INTERNET, &id(machine), &sent.set());
                prop_assert_eq!(got.answer == Answer::Yes, want, "{} {:?}", id(machine), sent);
                is_exposed |= want;
            }
        }
        let exposure = network.exposure(&id(machine)).unwrap();
        prop_assert!(exposure.answer == Answer::Yes || !is_exposed);
        prop_assert_eq!(exposure.proof.is_some(), exposure.answer == Answer::Yes);
        if let Some(proof) = &exposure.proof {
            prop_assert!(proven(&walker, machine, proof), "{proof:?}");
            prop_assert!(
                exposure.sources.contains(network::spans::number_of(proof.packet.from.unwrap()))
            );
        }
        let reached = network.reaches(&id(machine));
        for other in (0..plan.machines.len()).filter(|it| *it != machine) {
            let passage = network.between(&id(machine), &id(other));
            let it = reached.iter().find(|it| it.id == id(other));
            prop_assert_eq!(it.map(|it| it.ports.clone()).unwrap_or_default(), passage.ports);
            for sent in every_packet(private(plan, machine).parse().unwrap()) {
                let want = walker.inside(machine, other, sent);
                let got = network.passage(&id(machine), &id(other), &sent.set());
                prop_assert_eq!(
                    got.answer == Answer::Yes,
                    want,
                    "{} {} {:?}",
                    machine,
                    other,
                    sent
                );
            }
            let seen: IpAddr = public(machine).parse().unwrap();
            for sent in every_packet(seen).filter(|it| it.from_port == 50_000) {
                let want = PORTS.iter().any(|port| {
                    walker.outside(machine, other, *port, sent.to_port, sent.protocol)
                        && walker.comes_in(other, sent)
                });
                let got = network.passage(&id(machine), &id(other), &sent.set());
                prop_assert_eq!(
                    got.answer == Answer::Yes,
                    want,
                    "out {} {} {:?}",
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
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn aws_is_what_a_packet_by_packet_walk_says(plan in plan()) {
        compare(&plan)?;
    }
}
