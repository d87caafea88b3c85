//! Network security groups and route tables of Azure as rules.
//!
//! Security groups: <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview>
//! and <https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works>.
//! Routes: <https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview>.
//! Service tags: <https://learn.microsoft.com/azure/virtual-network/service-tags-overview>; which
//! addresses stand behind those of services no document says, so a rule for one is taken as unread.

use std::sync::Arc;

use crate::gate::{Action, Clause, Gate, Name, Who};
use crate::packets::{Cube, Field, ICMP, LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, internet, parse_prefix, parse_range};

/// The group of everything that a virtual network holds or is connected with.
pub(super) const VIRTUAL_NETWORK: &str = "VirtualNetwork";

/// The rules of a security group, inbound and outbound.
pub(super) fn gates(id: &Name, document: At<'_>) -> (Gate, Gate) {
    let rules = document.get("properties.securityRules");
    if rules.is_unread() {
        return (Gate::unread(id), Gate::unread(id));
    }
    let mut sides: [Vec<(i64, Clause)>; 2] = [Vec::new(), Vec::new()];
    for (at, rule) in rules.items().enumerate() {
        let name = rule.get("name").text().unwrap_or("a rule");
        let path = format!("properties.securityRules[{at}]");
        let rule = rule.get("properties");
        let is_out =
            rule.get("direction").text().is_some_and(|it| it.eq_ignore_ascii_case("outbound"));
        let priority = rule.get("priority").int().unwrap_or(4096);
        if let Some(side) = sides.get_mut(usize::from(is_out)) {
            side.push((priority, clause(rule, name, priority, path)));
        }
    }
    let [mut into, mut out] = sides.map(|mut it| {
        it.sort_by_key(|(priority, _)| *priority);
        it.into_iter().map(|(_, clause)| clause).collect::<Vec<_>>()
    });
    let network = || Who::group(VIRTUAL_NETWORK.into());
    into.push(built_in("AllowVnetInBound", network(), network()));
    let probes = parse_prefix("168.63.129.16").into_iter().collect();
    into.push(built_in("AllowAzureLoadBalancerInBound", Who::at(probes), Who::anyone()));
    out.push(built_in("AllowVnetOutBound", network(), network()));
    out.push(built_in("AllowInternetOutBound", Who::anyone(), Who::at(internet())));
    (Gate::closed(id, into), Gate::closed(id, out))
}

fn built_in(name: &str, from: Who, to: Who) -> Clause {
    Clause {
        action: Action::Permit,
        from,
        to,
        traffic: PacketSet::all(),
        path: "properties.defaultSecurityRules".to_owned(),
        words: format!("the built-in rule {name} permits it"),
    }
}

fn clause(rule: At<'_>, name: &str, priority: i64, path: String) -> Clause {
    let (from, is_from_known) = who(rule, "source");
    let (to, is_to_known) = who(rule, "destination");
    let is_allowed = rule.get("access").text().is_some_and(|it| it.eq_ignore_ascii_case("allow"));
    let action = match (is_allowed, is_from_known && is_to_known) {
        (true, true) => Action::Permit,
        (true, false) => Action::MayPermit,
        (false, true) => Action::Forbid,
        (false, false) => Action::MayForbid,
    };
    let mut traffic = PacketSet::default();
    for protocol in protocols(rule.get("protocol").text().unwrap_or("*")) {
        for from_port in port_ranges(rule, "source").as_slice() {
            for to_port in port_ranges(rule, "destination").as_slice() {
                traffic.add(
                    Cube::ALL
                        .with(Field::Protocol, protocol)
                        .with(Field::FromPort, *from_port)
                        .with(Field::ToPort, *to_port),
                );
            }
        }
    }
    let said = |side: &str, what: &str| -> String {
        let one = rule.get(&format!("{side}{what}")).text().map(str::to_owned);
        let many: Vec<&str> = rule
            .get(&format!("{side}{what}{}", if what.ends_with('x') { "es" } else { "s" }))
            .texts()
            .collect();
        one.unwrap_or_else(|| {
            if many.is_empty() { "application groups".to_owned() } else { many.join(", ") }
        })
    };
    let verb = if is_allowed { "permits" } else { "forbids" };
    let protocol = rule.get("protocol").text().unwrap_or("*").to_lowercase();
    let words = format!(
        "rule {name} ({priority}) {verb} {protocol} {} from {} to {}",
        said("destination", "PortRange"),
        said("source", "AddressPrefix"),
        said("destination", "AddressPrefix"),
    );
    Clause { action, from, to, traffic, path, words }
}

fn protocols(name: &str) -> Vec<Span> {
    match name.to_ascii_lowercase().as_str() {
        "tcp" => vec![Span::one(TCP)],
        "udp" => vec![Span::one(UDP)],
        "icmp" => vec![Span::one(ICMP)],
        "esp" => vec![Span::one(50)],
        "ah" => vec![Span::one(51)],
        _ => vec![Span::new(0, 255)],
    }
}

/// One value or a list of values: `sourcePortRange` and `sourcePortRanges`.
fn port_ranges(rule: At<'_>, side: &str) -> Spans {
    let one = rule.get(&format!("{side}PortRange")).text().into_iter();
    let many = rule.get(&format!("{side}PortRanges"));
    one.chain(many.texts()).filter_map(port_range).collect()
}

/// `*`, `80` or `80-90`.
pub(super) fn port_range(text: &str) -> Option<Span> {
    if text == "*" {
        return Some(Span::new(0, LAST_PORT));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |it: &str| it.trim().parse::<u16>().ok().map(u128::from);
    Some(Span::new(port(first)?, port(last)?))
}

/// Whom one side of a rule means, and whether it is known exactly.
fn who(rule: At<'_>, side: &str) -> (Who, bool) {
    let one = rule.get(&format!("{side}AddressPrefix")).text().into_iter();
    let many = rule.get(&format!("{side}AddressPrefixes"));
    let mut who = Who::default();
    let mut is_known = true;
    for text in one.chain(many.texts()) {
        let spans = match text {
            "*" | "Any" | "any" | "0.0.0.0/0" => Spans::all(),
            it if it.eq_ignore_ascii_case("internet") => internet(),
            it if it.eq_ignore_ascii_case(VIRTUAL_NETWORK) => {
                who.groups.push(VIRTUAL_NETWORK.into());
                continue;
            }
            it if it.eq_ignore_ascii_case("azureloadbalancer") => {
                parse_prefix("168.63.129.16").into_iter().collect()
            }
            it => parse_range(it).map_or_else(
                || {
                    is_known = false;
                    internet()
                },
                |span| Spans::from_iter([span]),
            ),
        };
        who.addresses = who.addresses.union(&spans);
    }
    for group in rule.get(&format!("{side}ApplicationSecurityGroups")).items() {
        who.groups.extend(group.get("id").id());
    }
    (who, is_known)
}

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Network,
    Internet,
    Appliance,
    Nowhere,
}

/// A route that somebody wrote.
#[derive(Debug, Clone)]
pub(super) struct Route {
    prefix: Span,
    text: String,
    next: Next,
    path: String,
}

/// The routes of a table.
pub(super) fn routes(document: At<'_>) -> Vec<Route> {
    let routes = document.get("properties.routes").items().enumerate().filter_map(|(at, it)| {
        let it = it.get("properties");
        let text = it.get("addressPrefix").text()?;
        let next = match it.get("nextHopType").text().unwrap_or_default().to_lowercase().as_str() {
            "vnetlocal" => Next::Network,
            "internet" => Next::Internet,
            "virtualappliance" | "virtualnetworkgateway" => Next::Appliance,
            _ => Next::Nowhere,
        };
        let path = format!("properties.routes[{at}]");
        Some(Route { prefix: parse_prefix(text)?, text: text.to_owned(), next, path })
    });
    routes.collect()
}

/// The routes of a subnet as a gate by where packets go: to the internet, or within networks whose
/// addresses are `local`. What goes to an appliance inside may pass it; an answer to the internet that
/// goes to one is lost, because the appliance knows nothing of the question.
pub(super) fn route_gate(table: &Name, routes: &[Route], local: &Spans, is_inside: bool) -> Gate {
    let mut all: Vec<(u128, bool, Clause)> = Vec::new();
    let clause = |action: Action, spans: Spans, path: &str, words: String| Clause {
        action,
        from: Who::anyone(),
        to: Who::at(spans),
        traffic: PacketSet::all(),
        path: path.to_owned(),
        words,
    };
    let act = |next: Next| match next {
        Next::Network if is_inside => Action::Permit,
        Next::Internet if !is_inside => Action::Permit,
        Next::Appliance if is_inside => Action::Unread,
        _ => Action::Forbid,
    };
    for it in routes {
        let size = it.prefix.last - it.prefix.first;
        let to = match it.next {
            Next::Network => "the network",
            Next::Internet => "the internet",
            Next::Appliance => "an appliance",
            Next::Nowhere => "nowhere",
        };
        let words = format!("routes {} to {to}", it.text);
        all.push((
            size,
            false,
            clause(act(it.next), Spans::from_iter([it.prefix]), &it.path, words),
        ));
    }
    for span in local.as_slice() {
        let words = "the built-in routes lead within the network".to_owned();
        let it = clause(act(Next::Network), Spans::from_iter([*span]), "", words);
        all.push((span.last - span.first, true, it));
    }
    let words = "the built-in route leads to the internet".to_owned();
    all.push((u128::MAX, true, clause(act(Next::Internet), Spans::all(), "", words)));
    all.sort_by_key(|(size, is_built_in, _)| (*size, *is_built_in));
    Gate::routes(&Arc::clone(table), all.into_iter().map(|(.., it)| it).collect())
}
