//! Documents of EC2 networking as rules: security groups, access lists, route tables.
//!
//! Security groups: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.
//! Access lists: <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>.
//! Routes: <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>.

use std::sync::Arc;

use crate::gate::{Action, Clause, Gate, Name, Who, ports, traffic};
use crate::packets::{ICMP, ICMP6, LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, parse_prefix};

/// A clause that takes its addresses from a prefix list.
#[derive(Debug, Clone)]
pub(super) struct ListUse {
    pub(super) clause: usize,
    pub(super) list: Name,
}

/// The clauses of a security group for one direction, and which of them name prefix lists.
pub(super) fn group_clauses(permissions: At<'_>, name: &str) -> (Vec<Clause>, Vec<ListUse>) {
    let is_in = name == "IpPermissions";
    let (mut clauses, mut lists) = (Vec::new(), Vec::new());
    for (at, permission) in permissions.items().enumerate() {
        let protocol = permission.get("IpProtocol").text().unwrap_or("-1");
        let (first, last) = (permission.get("FromPort").int(), permission.get("ToPort").int());
        let Some(what) = group_traffic(protocol, first, last) else { continue };
        let mut add = |who: Who, path: String, peer: &str| {
            let side = if is_in { "from" } else { "to" };
            clauses.push(clause(Action::Permit, who, is_in, what.clone(), path));
            let said = print_traffic(protocol, first, last);
            if let Some(it) = clauses.last_mut() {
                it.words = format!("permits {said} {side} {peer}");
            }
        };
        for (list, field) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
            for (n, range) in permission.get(list).items().enumerate() {
                let path = format!("{name}[{at}].{list}[{n}].{field}");
                if let Some(text) = range.get(field).text()
                    && let Some(span) = parse_prefix(text)
                {
                    add(Who::at([span].into_iter().collect()), path, text);
                }
            }
        }
        for (n, pair) in permission.get("UserIdGroupPairs").items().enumerate() {
            if let Some(group) = pair.get("GroupId").text() {
                let path = format!("{name}[{at}].UserIdGroupPairs[{n}].GroupId");
                add(Who::group(group.into()), path, group);
            }
        }
        for (n, list) in permission.get("PrefixListIds").items().enumerate() {
            let Some(list) = list.get("PrefixListId").text() else { continue };
            add(Who::default(), format!("{name}[{at}].PrefixListIds[{n}].PrefixListId"), list);
            lists.push(Name::from(list));
        }
    }
    let named = clauses.iter().enumerate().filter(|(_, it)| it.path.ends_with("PrefixListId"));
    let uses = named.zip(lists).map(|((clause, _), list)| ListUse { clause, list }).collect();
    (clauses, uses)
}

fn clause(action: Action, who: Who, is_in: bool, what: PacketSet, path: String) -> Clause {
    let (from, to) = if is_in { (who, Who::anyone()) } else { (Who::anyone(), who) };
    Clause { action, from, to, traffic: what, path, words: String::new() }
}

fn protocol_number(name: &str) -> Option<u128> {
    match name.to_ascii_lowercase().as_str() {
        "tcp" => Some(TCP),
        "udp" => Some(UDP),
        "icmp" => Some(ICMP),
        "icmpv6" => Some(ICMP6),
        other => other.parse::<u8>().ok().map(u128::from),
    }
}

/// What a rule takes; `None` for a protocol that there is not.
fn group_traffic(protocol: &str, first: Option<i64>, last: Option<i64>) -> Option<PacketSet> {
    if protocol == "-1" {
        return Some(traffic(Span::new(0, 255), Span::new(0, LAST_PORT)));
    }
    let number = protocol_number(protocol)?;
    Some(match number {
        TCP | UDP => {
            let first = first.and_then(natural).unwrap_or(0);
            let last = last.and_then(natural).unwrap_or(LAST_PORT);
            ports(number, first.min(LAST_PORT), last.min(LAST_PORT))
        }
        ICMP | ICMP6 => icmp(number, first, last),
        other => traffic(Span::one(other), Span::new(0, LAST_PORT)),
    })
}

/// A number that says something; negative ones stand for "any".
fn natural(number: i64) -> Option<u128> {
    u128::try_from(number).ok()
}

/// Messages of ICMP: a type and a code, or -1 for all.
fn icmp(protocol: u128, kind: Option<i64>, code: Option<i64>) -> PacketSet {
    match (kind.and_then(natural), code.and_then(natural)) {
        (None, _) => ports(protocol, 0, LAST_PORT),
        (Some(kind), None) => {
            let first = kind.min(255) * 256;
            ports(protocol, first, first + 255)
        }
        (Some(kind), Some(code)) => {
            let message = kind.min(255) * 256 + code.min(255);
            ports(protocol, message, message)
        }
    }
}

fn print_traffic(protocol: &str, first: Option<i64>, last: Option<i64>) -> String {
    let name = match protocol {
        "-1" => return "everything".to_owned(),
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    match (first, last) {
        (Some(first), Some(last)) if first == last && first >= 0 => format!("{name} {first}"),
        (Some(first), Some(last)) if first > 0 || (first == 0 && last < 65_535) => {
            format!("{name} {first}-{last}")
        }
        _ => name.to_owned(),
    }
}

/// An access list: what it lets in and out.
pub(super) fn acl_gates(id: &Name, document: At<'_>) -> (Gate, Gate) {
    let mut sides: [Vec<(i64, Clause)>; 2] = [Vec::new(), Vec::new()];
    for (at, entry) in document.get("Entries").items().enumerate() {
        let is_out = entry.get("Egress").bool().unwrap_or(false);
        let number = entry.get("RuleNumber").int().unwrap_or(i64::MAX);
        let protocol = entry.get("Protocol").text().unwrap_or("-1");
        let range = ["CidrBlock", "Ipv6CidrBlock"].into_iter().find_map(|it| entry.get(it).text());
        let Some((text, span)) = range.and_then(|it| Some((it, parse_prefix(it)?))) else {
            continue;
        };
        let is_icmp = matches!(protocol, "1" | "58");
        let (first, last) = if is_icmp {
            (entry.get("IcmpTypeCode.Type").int(), entry.get("IcmpTypeCode.Code").int())
        } else {
            (entry.get("PortRange.From").int(), entry.get("PortRange.To").int())
        };
        let Some(what) = group_traffic(protocol, first, last) else { continue };
        let (action, verb) = match entry.get("RuleAction").text() {
            Some("allow") => (Action::Permit, "permits"),
            _ => (Action::Forbid, "forbids"),
        };
        let who = Who::at([span].into_iter().collect());
        let mut clause = clause(action, who, !is_out, what, format!("Entries[{at}]"));
        let side = if is_out { "to" } else { "from" };
        let said = print_traffic(protocol, first, last);
        clause.words = format!("rule {number} {verb} {said} {side} {text}");
        if let Some(list) = sides.get_mut(usize::from(is_out)) {
            list.push((number, clause));
        }
    }
    let [into, out] = sides.map(|mut it| {
        it.sort_by_key(|(number, _)| *number);
        Gate::closed(id, it.into_iter().map(|(_, clause)| clause).collect())
    });
    (into, out)
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Within the network.
    Local,
    /// A gateway to the internet, in both directions.
    Internet(Name),
    /// A gateway that lets only out.
    OutOnly(Name),
    Nat(Name),
    Peering(Name),
    Transit(Name),
    /// A machine in between, whose own rules are not known.
    Appliance(Name),
    /// Nowhere that matters here: a service, another site, a black hole.
    Elsewhere,
}

/// One route.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) prefix: Span,
    pub(super) text: String,
    pub(super) target: Target,
    pub(super) path: String,
    is_propagated: bool,
}

/// The routes of a table, those that win first.
pub(super) fn routes(document: At<'_>) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (at, route) in document.get("Routes").items().enumerate() {
        let destination = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"]
            .into_iter()
            .find_map(|it| route.get(it).text());
        let Some((text, prefix)) = destination.and_then(|it| Some((it, parse_prefix(it)?))) else {
            continue; // a prefix list: gateway end points of services
        };
        let named = |field: &str| route.get(field).text().map(Name::from);
        let target = if route.get("State").text() == Some("blackhole") {
            Target::Elsewhere
        } else if let Some(gateway) = named("GatewayId") {
            match gateway.split('-').next() {
                Some("local") => Target::Local,
                Some("igw") => Target::Internet(gateway),
                Some("vpce") => Target::Appliance(gateway),
                _ => Target::Elsewhere,
            }
        } else if let Some(it) = named("NatGatewayId") {
            Target::Nat(it)
        } else if let Some(it) = named("EgressOnlyInternetGatewayId") {
            Target::OutOnly(it)
        } else if let Some(it) = named("VpcPeeringConnectionId") {
            Target::Peering(it)
        } else if let Some(it) = named("TransitGatewayId") {
            Target::Transit(it)
        } else if let Some(it) = named("NetworkInterfaceId").or_else(|| named("InstanceId")) {
            Target::Appliance(it)
        } else {
            Target::Elsewhere
        };
        let is_propagated = route.get("Origin").text() == Some("EnableVgwRoutePropagation");
        let (text, path) = (text.to_owned(), format!("Routes[{at}]"));
        routes.push(Route { prefix, text, target, path, is_propagated });
    }
    // The longest prefix wins; of equal ones the route that somebody wrote.
    routes.sort_by_key(|it| (it.prefix.last - it.prefix.first, it.is_propagated));
    routes
}

/// The routes that lead to what is `wanted`, as a gate for packets by where they go.
pub(super) fn route_gate(table: &Name, routes: &[Route], wanted: impl Fn(&Target) -> bool) -> Gate {
    let clauses = routes
        .iter()
        .map(|route| {
            let action = match &route.target {
                it if wanted(it) => Action::Permit,
                Target::Appliance(_) => Action::Unread,
                _ => Action::Forbid,
            };
            let to = match &route.target {
                Target::Local => "the network itself",
                Target::Internet(it)
                | Target::OutOnly(it)
                | Target::Nat(it)
                | Target::Peering(it)
                | Target::Transit(it)
                | Target::Appliance(it) => it,
                Target::Elsewhere => "nowhere",
            };
            let who = Who::at(Spans::from_iter([route.prefix]));
            Clause {
                words: format!("routes {} to {to}", route.text),
                ..clause(action, who, false, PacketSet::all(), route.path.clone())
            }
        })
        .collect();
    Gate::routes(&Arc::clone(table), clauses)
}
