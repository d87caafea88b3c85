//! Services of Azure with addresses of their own on the internet, and who may reach those.
//!
//! Storage: <https://learn.microsoft.com/azure/storage/common/storage-network-security>.
//! SQL: <https://learn.microsoft.com/azure/azure-sql/database/firewall-configure>.
//! Key Vault: <https://learn.microsoft.com/azure/key-vault/general/network-security>.
//! Cosmos DB: <https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall>.
//! App Service: <https://learn.microsoft.com/azure/app-service/app-service-ip-restrictions>.
//! AKS: <https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges>.

use std::sync::Arc;

use crate::gate::{Action, Clause, Gate, Name, Who, ports};
use crate::packets::{PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, internet, number_of, parse_range};

/// What a service of this kind answers.
pub(super) fn service(kind: &str) -> PacketSet {
    let numbers: &[u128] = match kind {
        "azure.storage-account" => &[443, 445, 22],
        "azure.sql-server" => &[1433],
        "azure.postgresql-server" | "azure.postgresql-flexible-server" => &[5432],
        "azure.mysql-server" | "azure.mysql-flexible-server" | "azure.mariadb-server" => &[3306],
        "azure.synapse-workspace" => &[443, 1433],
        "azure.redis" => &[6379, 6380],
        "azure.web-app" | "azure.web-app-slot" | "azure.container-app" => &[80, 443],
        _ => &[443],
    };
    numbers.iter().fold(PacketSet::default(), |sum, it| sum.union(&ports(TCP, *it, *it)))
}

/// The subnets that a service lets in over the end points that these have for it, with where that is written; none
/// where public access is off, which those are a part of.
/// <https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview>
pub(super) fn subnets(document: At<'_>) -> Vec<(Name, String)> {
    const LISTS: [(&str, &str); 6] = [
        ("properties.networkAcls.virtualNetworkRules", "id"),
        ("properties.networkRuleSet.virtualNetworkRules", "id"),
        ("properties.virtualNetworkRules", "id"),
        ("virtualNetworkRules", "properties.virtualNetworkSubnetId"),
        ("webConfig.properties.ipSecurityRestrictions", "vnetSubnetResourceId"),
        ("properties.siteConfig.ipSecurityRestrictions", "vnetSubnetResourceId"),
    ];
    let access = document.get("properties.publicNetworkAccess");
    if access.text().is_some_and(|it| !it.eq_ignore_ascii_case("enabled")) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (list, field) in LISTS {
        for (n, it) in document.get(list).items().enumerate() {
            let is_deny = it.get("action").text().is_some_and(|it| it.eq_ignore_ascii_case("deny"));
            let subnet = it.get(field).id().filter(|_| !is_deny);
            found.extend(subnet.map(|it| (it, format!("{list}[{n}]"))));
        }
    }
    found
}

/// The door of a service to the internet; `None` when the kind has none.
pub(super) fn door(kind: &str, id: &Name, document: At<'_>) -> Option<Gate> {
    let door = Door { id, document };
    let at = &service(kind);
    Some(match kind {
        "azure.storage-account" | "azure.key-vault" | "azure.managed-hsm" | "azure.ai-service" => {
            door.by_acls(at, "properties.networkAcls", "value")
        }
        "azure.container-registry" => door.by_acls(at, "properties.networkRuleSet", "value"),
        "azure.sql-server"
        | "azure.postgresql-server"
        | "azure.postgresql-flexible-server"
        | "azure.mysql-server"
        | "azure.mysql-flexible-server"
        | "azure.mariadb-server"
        | "azure.synapse-workspace" => door.by_firewall(at),
        "azure.redis" => door.redis(at),
        "azure.cosmos-db-account" => door.cosmos(at),
        "azure.web-app" | "azure.web-app-slot" => door.web_app(at),
        "azure.managed-cluster" => door.cluster(at),
        "azure.container-app" => door.container_app(at)?,
        "azure.container-group" => door.container_group()?,
        "azure.search-service"
        | "azure.machine-learning-workspace"
        | "azure.event-hub-namespace"
        | "azure.service-bus-namespace"
        | "azure.app-configuration"
        | "azure.data-factory"
        | "azure.static-web-app"
        | "azure.databricks-workspace"
        | "azure.mongo-cluster" => door.open(at),
        _ => return None,
    })
}

struct Door<'a> {
    id: &'a Name,
    document: At<'a>,
}

impl Door<'_> {
    fn clause(action: Action, from: Spans, ports: &PacketSet, path: &str, words: &str) -> Clause {
        Clause {
            action,
            from: Who::at(from),
            to: Who::anyone(),
            traffic: ports.clone(),
            path: path.to_owned(),
            words: words.to_owned(),
        }
    }

    /// The clause that lets everybody in.
    fn everybody(ports: &PacketSet, path: &str) -> Clause {
        Self::clause(Action::Permit, internet(), ports, path, "is open to all networks")
    }

    /// A gate of these clauses, closed when public access is off and unread when that was not read.
    fn finish(&self, clauses: Vec<Clause>) -> Gate {
        let places = ["properties.publicNetworkAccess", "properties.network.publicNetworkAccess"];
        for at in places.map(|it| self.document.get(it)) {
            let word = at.text().unwrap_or_default().to_lowercase();
            if word == "disabled" || word == "securedbyperimeter" || at.bool() == Some(false) {
                return Gate::closed(self.id, Vec::new());
            }
        }
        if self.document.get("properties").is_unread() {
            return Gate::unread(self.id);
        }
        Gate::closed(self.id, clauses)
    }

    fn open(&self, ports: &PacketSet) -> Gate {
        self.finish(vec![Self::everybody(ports, "properties.publicNetworkAccess")])
    }

    /// A default action and ranges beside it.
    fn by_acls(&self, ports: &PacketSet, path: &str, field: &str) -> Gate {
        let acls = self.document.get(path);
        if acls.is_unread() {
            let mut unread = Self::everybody(ports, path);
            unread.action = Action::MayPermit;
            return self.finish(vec![unread]);
        }
        let is_closed =
            acls.get("defaultAction").text().is_some_and(|it| it.eq_ignore_ascii_case("deny"));
        if !is_closed {
            return self.finish(vec![Self::everybody(ports, &format!("{path}.defaultAction"))]);
        }
        let ranges = acls.get("ipRules").items().enumerate().filter_map(|(n, it)| {
            let text = it.get(field).text().or_else(|| it.get("ipAddressOrRange").text())?;
            let spans = Spans::from_iter([parse_range(text)?]);
            let path = format!("{path}.ipRules[{n}]");
            Some(Self::clause(Action::Permit, spans, ports, &path, &format!("permits {text}")))
        });
        self.finish(ranges.collect())
    }

    /// Rules with a first and a last address; 0.0.0.0 alone stands for everything within Azure, also of other
    /// customers: whoever rents a machine there comes in, so it is open to everybody.
    fn by_firewall(&self, ports: &PacketSet) -> Gate {
        let rules = self.document.get("firewallRules");
        if rules.is_unread() {
            let mut unread = Self::everybody(ports, "firewallRules");
            unread.action = Action::MayPermit;
            return self.finish(vec![unread]);
        }
        let clauses = rules.items().enumerate().filter_map(|(n, it)| {
            let ends = |a: &str, b: &str| {
                let it = it.get("properties");
                let one = |field: &str| it.get(field).text()?.parse().ok().map(number_of);
                Some(Span::new(one(a)?, one(b)?))
            };
            let span =
                ends("startIpAddress", "endIpAddress").or_else(|| ends("startIP", "endIP"))?;
            let name = it.get("name").text().unwrap_or("a rule");
            let path = format!("firewallRules[{n}]");
            let is_azure =
                crate::spans::address_of(span.last).is_some_and(|it| it.is_unspecified());
            let (spans, words) = if is_azure {
                (
                    internet(),
                    format!("rule {name} permits everything within Azure, of every customer"),
                )
            } else {
                let words = format!("rule {name} permits {}", crate::spans::print_span(span));
                (Spans::from_iter([span]), words)
            };
            Some(Self::clause(Action::Permit, spans, ports, &path, &words))
        });
        self.finish(clauses.collect())
    }

    /// Redis without rules is open.
    fn redis(&self, ports: &PacketSet) -> Gate {
        let rules = self.document.get("firewallRules");
        if !rules.is_unread() && rules.items().next().is_none() {
            return self.open(ports);
        }
        self.by_firewall(ports)
    }

    fn cosmos(&self, ports: &PacketSet) -> Gate {
        let rules = self.document.get("properties.ipRules");
        let is_filtered =
            self.document.get("properties.isVirtualNetworkFilterEnabled").bool() == Some(true);
        if rules.items().next().is_none() && !is_filtered {
            return self.open(ports);
        }
        let clauses = rules.items().enumerate().filter_map(|(n, it)| {
            let text = it.get("ipAddressOrRange").text()?;
            let span = parse_range(text)?;
            let path = format!("properties.ipRules[{n}]");
            // 0.0.0.0 stands for everything within Azure, also of other customers.
            let is_azure = text == "0.0.0.0";
            let spans = if is_azure { internet() } else { Spans::from_iter([span]) };
            Some(Self::clause(Action::Permit, spans, ports, &path, &format!("permits {text}")))
        });
        self.finish(clauses.collect())
    }

    fn web_app(&self, ports: &PacketSet) -> Gate {
        let places = ["webConfig.properties", "properties.siteConfig"];
        let config = places.into_iter().find(|it| {
            self.document.get(it).get("ipSecurityRestrictions").items().next().is_some()
        });
        let Some(place) = config else { return self.open(ports) };
        let at = self.document.get(place);
        let rules = at.get("ipSecurityRestrictions");
        let mut clauses: Vec<(i64, Clause)> = Vec::new();
        for (n, it) in rules.items().enumerate() {
            let text = it.get("ipAddress").text().unwrap_or_default();
            let is_deny = it.get("action").text().is_some_and(|it| it.eq_ignore_ascii_case("deny"));
            let tags = it.get("tag").text().is_some_and(|it| it == "ServiceTag");
            let spans: Option<Spans> = if text.eq_ignore_ascii_case("any") {
                Some(Spans::all())
            } else {
                let all: Spans = text.split(',').filter_map(parse_range).collect();
                Some(all).filter(|it| !it.is_empty() && !tags)
            };
            let action = match (is_deny, spans.is_some()) {
                (true, true) => Action::Forbid,
                (true, false) => Action::MayForbid,
                (false, true) => Action::Permit,
                (false, false) => Action::MayPermit,
            };
            let is_subnet = it.get("vnetSubnetResourceId").text().is_some();
            if is_subnet {
                continue;
            }
            let verb = if is_deny { "forbids" } else { "permits" };
            let path = format!("{place}.ipSecurityRestrictions[{n}]");
            let words = format!("{verb} {text}");
            let from = spans.unwrap_or_else(internet);
            clauses.push((
                it.get("priority").int().unwrap_or(i64::from(i32::MAX)),
                Self::clause(action, from, ports, &path, &words),
            ));
        }
        clauses.sort_by_key(|(priority, _)| *priority);
        let mut clauses: Vec<Clause> = clauses.into_iter().map(|(_, it)| it).collect();
        let default = at.get("ipSecurityRestrictionsDefaultAction").text().unwrap_or_default();
        if default.eq_ignore_ascii_case("allow") {
            let path = format!("{place}.ipSecurityRestrictionsDefaultAction");
            clauses.push(Self::everybody(ports, &path));
        }
        self.finish(clauses)
    }

    fn cluster(&self, ports: &PacketSet) -> Gate {
        let profile = self.document.get("properties.apiServerAccessProfile");
        if profile.get("enablePrivateCluster").bool() == Some(true) {
            return Gate::closed(self.id, Vec::new());
        }
        let path = "properties.apiServerAccessProfile";
        let ranges = profile.get("authorizedIPRanges");
        if ranges.items().next().is_none() {
            return self.finish(vec![Self::everybody(ports, path)]);
        }
        let clauses = ranges.texts().enumerate().filter_map(|(n, text)| {
            let path = format!("{path}.authorizedIPRanges[{n}]");
            let spans = Spans::from_iter([parse_range(text)?]);
            Some(Self::clause(Action::Permit, spans, ports, &path, &format!("permits {text}")))
        });
        self.finish(clauses.collect())
    }

    fn container_app(&self, ports: &PacketSet) -> Option<Gate> {
        let ingress = self.document.get("properties.configuration.ingress").some()?;
        let path = "properties.configuration.ingress";
        if ingress.get("external").bool() == Some(false) {
            return Some(Gate::closed(self.id, Vec::new()));
        }
        let rules = ingress.get("ipSecurityRestrictions");
        let mut has_allow = false;
        let mut clauses: Vec<Clause> = Vec::new();
        for (n, it) in rules.items().enumerate() {
            let text = it.get("ipAddressRange").text().unwrap_or_default();
            let Some(span) = parse_range(text) else { continue };
            let is_allow =
                it.get("action").text().is_some_and(|it| it.eq_ignore_ascii_case("allow"));
            has_allow |= is_allow;
            let action = if is_allow { Action::Permit } else { Action::Forbid };
            let path = format!("{path}.ipSecurityRestrictions[{n}]");
            let spans = Spans::from_iter([span]);
            clauses.push(Self::clause(action, spans, ports, &path, &format!("names {text}")));
        }
        if !has_allow {
            clauses.push(Self::everybody(ports, &format!("{path}.external")));
        }
        Some(self.finish(clauses))
    }

    fn container_group(&self) -> Option<Gate> {
        let address = self.document.get("properties.ipAddress").some()?;
        if address.get("type").text() != Some("Public") {
            return None;
        }
        let mut clauses = Vec::new();
        for (n, it) in address.get("ports").items().enumerate() {
            let Some(port) = it.get("port").int().and_then(|it| u128::try_from(it).ok()) else {
                continue;
            };
            let protocol = if it.get("protocol").text() == Some("UDP") { UDP } else { TCP };
            let path = format!("properties.ipAddress.ports[{n}]");
            clauses.push(Self::everybody(&ports(protocol, port, port), &path));
        }
        Some(Gate::closed(&Arc::clone(self.id), clauses))
    }
}
