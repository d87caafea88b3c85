//! Firewall rules, policies, routes and services of Google Cloud as rules.
//!
//! Rules: <https://cloud.google.com/firewall/docs/firewalls>. Policies and their order:
//! <https://cloud.google.com/firewall/docs/firewall-policies-overview>. Routes:
//! <https://cloud.google.com/vpc/docs/routes>.

use std::sync::Arc;

use super::Inside;
use crate::gate::{Action, Clause, Gate, Name, Who, ports, traffic};
use crate::packets::{ICMP, LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, every_v4, internet, parse_prefix};

/// What a link leads to: `projects/p/global/networks/n` of any of its spellings.
pub(super) fn link(text: &str) -> Name {
    text.find("projects/").and_then(|at| text.get(at..)).unwrap_or(text).into()
}

/// A rule of a firewall, for some of the machines of a network.
#[derive(Debug, Clone)]
pub(super) struct FirewallRule {
    pub(super) is_out: bool,
    /// Priority, and permits behind what forbids.
    pub(super) order: (i64, bool),
    pub(super) resource: Name,
    pub(super) clause: Clause,
}

/// Rules of a network or of what it lies in.
#[derive(Debug, Clone)]
pub(super) struct Firewall {
    pub(super) network: Option<Name>,
    pub(super) rules: Vec<FirewallRule>,
}

fn tag(name: &str) -> Name {
    format!("tag {name}").into()
}

fn account(name: &str) -> Name {
    format!("account {name}").into()
}

/// The groups that a machine is in by its tags and accounts.
pub(super) fn groups(document: At<'_>) -> Vec<Name> {
    let accounts = document.get("serviceAccounts");
    let accounts = accounts.items().filter_map(|it| it.get("email").text().map(account));
    document.get("tags.items").texts().map(tag).chain(accounts).collect()
}

fn port_range(text: &str) -> Option<Span> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |it: &str| it.trim().parse::<u16>().ok().map(u128::from);
    Some(Span::new(port(first)?, port(last)?))
}

fn protocol(name: &str) -> Option<Span> {
    Some(match name.to_ascii_lowercase().as_str() {
        "all" => Span::new(0, 255),
        "tcp" => Span::one(TCP),
        "udp" => Span::one(UDP),
        "icmp" => Span::one(ICMP),
        "esp" => Span::one(50),
        "ah" => Span::one(51),
        "sctp" => Span::one(132),
        "ipip" => Span::one(94),
        other => Span::one(u128::from(other.parse::<u8>().ok()?)),
    })
}

fn layer4(list: At<'_>, name: &str) -> PacketSet {
    let mut set = PacketSet::default();
    for it in list.items() {
        let Some(protocol) = it.get(name).text().and_then(protocol) else { continue };
        let spans: Spans = it.get("ports").texts().filter_map(port_range).collect();
        let has_ports = it.get("ports").items().next().is_some();
        let all = Spans::from_iter([Span::new(0, LAST_PORT)]);
        for span in (if has_ports { spans } else { all }).as_slice() {
            set.add_all(&traffic(protocol, *span));
        }
    }
    set
}

fn ranges(list: At<'_>) -> Spans {
    list.texts().filter_map(parse_prefix).collect()
}

/// A classic rule; none when it is off.
pub(super) fn firewall(id: &Name, document: At<'_>) -> Firewall {
    let network = document.get("network").text().map(link);
    let is_out = document.get("direction").text() == Some("EGRESS");
    let (allowed, denied) = (document.get("allowed"), document.get("denied"));
    let is_allowed = denied.items().next().is_none();
    let set = layer4(if is_allowed { allowed } else { denied }, "IPProtocol");
    let texts = |field: &str| document.get(field).texts();
    let mut peer =
        Who::at(ranges(document.get(if is_out { "destinationRanges" } else { "sourceRanges" })));
    if !is_out {
        peer.groups.extend(texts("sourceTags").map(tag));
        peer.groups.extend(texts("sourceServiceAccounts").map(account));
    }
    if peer.groups.is_empty() && peer.addresses.is_empty() {
        peer.addresses = Spans::from_iter([every_v4()]);
    }
    let mut own = Who::default();
    own.groups.extend(texts("targetTags").map(tag));
    own.groups.extend(texts("targetServiceAccounts").map(account));
    if own.groups.is_empty() {
        own = Who::anyone();
    }
    let (from, to) = if is_out { (own, peer) } else { (peer, own) };
    let priority = document.get("priority").int().unwrap_or(1000);
    let verb = if is_allowed { "permits" } else { "forbids" };
    let clause = Clause {
        action: if is_allowed { Action::Permit } else { Action::Forbid },
        from,
        to,
        traffic: set,
        path: if is_allowed { "allowed" } else { "denied" }.to_owned(),
        words: format!("rule of priority {priority} {verb} it"),
    };
    let rule =
        FirewallRule { is_out, order: (priority, is_allowed), resource: Arc::clone(id), clause };
    let is_off = document.get("disabled").bool() == Some(true);
    Firewall { network, rules: if is_off { Vec::new() } else { vec![rule] } }
}

/// A policy: what it is attached to, and its rules.
pub(super) fn policy(id: &Name, document: At<'_>) -> (Vec<Name>, Vec<FirewallRule>) {
    let attached = document
        .get("associations")
        .items()
        .filter_map(|it| it.get("attachmentTarget").text().map(link))
        .collect();
    let mut rules = Vec::new();
    for (n, rule) in document.get("rules").items().enumerate() {
        if rule.get("disabled").bool() == Some(true) {
            continue;
        }
        let is_out = rule.get("direction").text() == Some("EGRESS");
        let means = rule.get("match");
        let list = means.get(if is_out { "destIpRanges" } else { "srcIpRanges" });
        // Names, countries, lists and secure tags: whom they mean is not written here.
        let others = ["Fqdns", "RegionCodes", "ThreatIntelligences", "AddressGroups", "SecureTags"];
        let side = if is_out { "dest" } else { "src" };
        let is_known =
            others.iter().all(|it| means.get(&format!("{side}{it}")).items().next().is_none())
                && rule.get("targetSecureTags").items().next().is_none();
        let mut peer = Who::at(ranges(list));
        if peer.addresses.is_empty() {
            peer = Who::anyone();
        }
        let mut own = Who::default();
        own.groups.extend(rule.get("targetServiceAccounts").texts().map(account));
        own.groups.extend(rule.get("targetResources").texts().map(link));
        if own.groups.is_empty() {
            own = Who::anyone();
        }
        let (from, to) = if is_out { (own, peer) } else { (peer, own) };
        let action = match (rule.get("action").text().unwrap_or_default(), is_known) {
            ("allow", true) => Action::Permit,
            ("allow", false) => Action::MayPermit,
            ("goto_next", _) => Action::Next,
            (_, true) => Action::Forbid,
            (_, false) => Action::MayForbid,
        };
        let priority = rule.get("priority").int().unwrap_or(i64::from(i32::MAX));
        let said = rule.get("action").text().unwrap_or("deny");
        let clause = Clause {
            action,
            from,
            to,
            traffic: layer4(means.get("layer4Configs"), "ipProtocol"),
            path: format!("rules[{n}]"),
            words: format!("rule {priority} of the policy says {said}"),
        };
        rules.push(FirewallRule {
            is_out,
            order: (priority, false),
            resource: Arc::clone(id),
            clause,
        });
    }
    rules.sort_by_key(|it| it.order);
    (attached, rules)
}

/// A route of a network.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) network: Option<Name>,
    pub(super) resource: Name,
    pub(super) prefix: Span,
    pub(super) priority: i64,
    pub(super) is_internet: bool,
    pub(super) tags: Vec<Name>,
}

/// A route.
pub(super) fn route(id: &Name, document: At<'_>) -> Option<Route> {
    let gateway = document.get("nextHopGateway").text();
    Some(Route {
        network: document.get("network").text().map(link),
        resource: Arc::clone(id),
        prefix: document.get("destRange").text().and_then(parse_prefix)?,
        priority: document.get("priority").int().unwrap_or(1000),
        is_internet: gateway.is_some_and(|it| it.ends_with("default-internet-gateway")),
        tags: document.get("tags").texts().map(tag).collect(),
    })
}

/// Whether a service is known not to run.
pub(super) fn is_stopped(kind: &str, document: At<'_>) -> bool {
    kind == "gcp.sql-instance"
        && (document.get("settings.activationPolicy").text() == Some("NEVER")
            || document.get("state").text() == Some("SUSPENDED"))
}

/// The port at which a database answers.
fn port_of_sql(document: At<'_>) -> u128 {
    match document.get("databaseVersion").text().unwrap_or_default().split('_').next() {
        Some("POSTGRES") => 5432,
        Some("SQLSERVER") => 1433,
        _ => 3306,
    }
}

/// Where a service answers in a network of the customer: the control plane of a cluster in that of its nodes, a
/// database with a private address.
/// <https://docs.cloud.google.com/kubernetes-engine/docs/concepts/network-isolation>,
/// <https://docs.cloud.google.com/sql/docs/mysql/private-ip>.
pub(super) fn inside(kind: &str, document: At<'_>) -> Option<Inside> {
    let (paths, port): (&[&'static str], u128) = match kind {
        "gcp.gke-cluster" => (&["networkConfig.network", "network"], 443),
        "gcp.sql-instance" => (&["settings.ipConfiguration.privateNetwork"], port_of_sql(document)),
        _ => return None,
    };
    let (path, network) =
        paths.iter().find_map(|path| Some((*path, document.get(path).text()?)))?;
    // some say the bare name, which is told of the project beside
    let network = network.contains('/').then(|| link(network))?;
    Some(Inside { network, ports: Arc::new(ports(TCP, port, port)), path })
}

/// The door of a service to the internet; `None` when the kind has none.
pub(super) fn door(kind: &str, id: &Name, document: At<'_>) -> Option<Gate> {
    let one = |from: Spans, set: PacketSet, path: String, words: String| Clause {
        action: Action::Permit,
        from: Who::at(from),
        to: Who::anyone(),
        traffic: set,
        path,
        words,
    };
    let https = || ports(TCP, 443, 443);
    let everybody = |set: PacketSet, path: &str| {
        vec![one(internet(), set, path.to_owned(), "is open to all networks".to_owned())]
    };
    let listed = |path: &str, list: At<'_>, field: &str, set: &PacketSet| -> Vec<Clause> {
        let ranges = list.items().enumerate().filter_map(|(n, it)| {
            let text = it.get(field).text()?;
            let spans = Spans::from_iter([parse_prefix(text)?]);
            Some(one(spans, set.clone(), format!("{path}[{n}]"), format!("permits {text}")))
        });
        ranges.collect()
    };
    let clauses = match kind {
        "gcp.sql-instance" => {
            let config = document.get("settings.ipConfiguration");
            let port = port_of_sql(document);
            if config.is_unread() {
                return Some(Gate::unread(id));
            }
            if config.get("ipv4Enabled").bool() == Some(false) {
                Vec::new()
            } else {
                let path = "settings.ipConfiguration.authorizedNetworks";
                let list = config.get("authorizedNetworks");
                listed(path, list, "value", &ports(TCP, port, port))
            }
        }
        "gcp.gke-cluster" => {
            let path = "masterAuthorizedNetworksConfig";
            let list = document.get(path);
            let endpoints = document.get("controlPlaneEndpointsConfig");
            let is_private = document.get("privateClusterConfig.enablePrivateEndpoint").bool()
                == Some(true)
                || endpoints.get("ipEndpointsConfig.enablePublicEndpoint").bool() == Some(false);
            if endpoints.get("dnsEndpointConfig.allowExternalTraffic").bool() == Some(true) {
                everybody(https(), "controlPlaneEndpointsConfig.dnsEndpointConfig")
            } else if is_private {
                Vec::new()
            } else if list.get("enabled").bool() == Some(true) {
                listed(&format!("{path}.cidrBlocks"), list.get("cidrBlocks"), "cidrBlock", &https())
            } else {
                everybody(https(), path)
            }
        }
        "gcp.cloud-run-service" | "gcp.cloud-function" | "gcp.cloud-function-gen2" => {
            let annotations = document.get("metadata.annotations").entries();
            let noted = annotations.iter().find(|(key, _)| key == "run.googleapis.com/ingress");
            let places = ["ingress", "ingressSettings", "serviceConfig.ingressSettings"];
            let said = noted
                .and_then(|(_, it)| it.text())
                .or_else(|| places.into_iter().find_map(|it| document.get(it).text()));
            let is_open = said.is_none_or(|it| {
                matches!(
                    it,
                    "all" | "ALLOW_ALL" | "INGRESS_TRAFFIC_ALL" | "INGRESS_TRAFFIC_UNSPECIFIED"
                )
            });
            if is_open { everybody(https(), "ingress") } else { Vec::new() }
        }
        "gcp.compute-forwarding-rule" | "gcp.compute-global-forwarding-rule" => {
            let scheme = document.get("loadBalancingScheme").text().unwrap_or("EXTERNAL");
            if scheme.starts_with("EXTERNAL") {
                everybody(forwarded(document), "portRange")
            } else {
                return None;
            }
        }
        _ => return None,
    };
    Some(Gate::closed(id, clauses))
}

/// The ports that a forwarding rule takes.
fn forwarded(document: At<'_>) -> PacketSet {
    let name = document.get("IPProtocol").text().unwrap_or("TCP");
    let span = if name == "L3_DEFAULT" { Some(Span::new(0, 255)) } else { protocol(name) };
    let protocol = span.unwrap_or(Span::one(TCP));
    let list = document.get("ports").texts().filter_map(port_range);
    let range = document.get("portRange").text().and_then(port_range);
    let spans: Spans = list.chain(range).collect();
    let all = Spans::from_iter([Span::new(0, LAST_PORT)]);
    let spans = if spans.is_empty() { all } else { spans };
    spans.as_slice().iter().fold(PacketSet::default(), |sum, it| sum.union(&traffic(protocol, *it)))
}
