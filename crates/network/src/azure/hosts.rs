//! End points of Azure: machines, scale sets, application gateways, services.

use std::sync::Arc;

use super::services;
use crate::gate::{Gate, Name, ports, traffic};
use crate::packets::{LAST_PORT, PacketSet, TCP, UDP};
use crate::read::At;
use crate::spans::{Span, Spans, parse_prefix, print_span};

/// One address of an interface.
#[derive(Debug, Clone, Default)]
pub(super) struct Configuration {
    pub(super) id: Option<Name>,
    /// Empty when it is not known.
    pub(super) own: Spans,
    pub(super) subnet: Option<Name>,
    pub(super) public: Option<Name>,
    /// It has a public address that no resource stands for: instances of scale sets.
    pub(super) has_own_public: bool,
    /// Application security groups.
    pub(super) groups: Vec<Name>,
    /// Pools of balancers and their rules that lead here.
    pub(super) pools: Vec<Name>,
    /// Where it is written.
    pub(super) path: String,
}

impl Configuration {
    /// The name under which balancers find it that know bare addresses: `at 10.0.0.4`.
    pub(super) fn bare(&self) -> Option<Name> {
        match self.own.as_slice() {
            [one] if one.first == one.last => Some(bare(*one)),
            _ => None,
        }
    }
}

fn bare(address: Span) -> Name {
    format!("at {}", print_span(address)).into()
}

/// An interface.
#[derive(Debug, Clone)]
pub(super) struct Nic {
    /// The resource that tells of it.
    pub(super) document: Name,
    pub(super) group: Option<Name>,
    pub(super) configurations: Vec<Configuration>,
}

/// Something that can be reached or can reach.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) id: Name,
    /// Ids of interfaces that are resources.
    pub(super) interfaces: Vec<Name>,
    /// Interfaces that the document itself describes.
    pub(super) nics: Vec<Nic>,
    /// Only this is answered.
    pub(super) listens: Option<PacketSet>,
    /// A service: who may come in from the internet.
    pub(super) door: Option<Arc<Gate>>,
    /// What a service answers, through whatever door.
    pub(super) service: PacketSet,
    /// The subnets that a service lets in by the end point that they have for it, and where that is written.
    pub(super) subnets: Vec<(Name, String)>,
    /// Nobody answers.
    pub(super) is_stopped: bool,
}

/// A port of a balancer and what it leads to.
#[derive(Debug, Clone)]
pub(super) struct Forwarding {
    pub(super) public: Option<Name>,
    pub(super) front: PacketSet,
    /// As it came when absent.
    pub(super) to_port: Option<u128>,
    /// Ids of pools, or of addresses of interfaces.
    pub(super) targets: Vec<Name>,
    pub(super) path: String,
}

/// A balancer or application gateway.
#[derive(Debug, Clone, Default)]
pub(super) struct Balancer {
    pub(super) forwards: Vec<Forwarding>,
    /// Members that the balancer itself tells of, by pool: addresses of interfaces, or `at` and the bare address.
    pub(super) members: Vec<(Name, Name)>,
    /// The subnet of a gateway whose own address targets see.
    pub(super) subnet: Option<Name>,
}

impl Balancer {
    /// What it leads to: pools, addresses of interfaces.
    pub(super) fn targets(&self) -> Vec<Name> {
        let pools = self.forwards.iter().flat_map(|it| it.targets.iter().cloned());
        pools.chain(self.members.iter().map(|(_, member)| Arc::clone(member))).collect()
    }

    /// Whether a forwarding leads to an address of an interface.
    pub(super) fn leads_to(&self, forwarding: &Forwarding, it: &Configuration) -> bool {
        let own = it.bare();
        let is_member = |pool: &Name| {
            self.members.iter().any(|(of, member)| {
                of == pool && (Some(member) == it.id.as_ref() || Some(member) == own.as_ref())
            })
        };
        forwarding.targets.iter().any(|target| {
            Some(target) == it.id.as_ref() || it.pools.contains(target) || is_member(target)
        })
    }
}

fn ids(list: At<'_>) -> Vec<Name> {
    list.items().filter_map(|it| it.get("id").id()).collect()
}

fn configuration(it: At<'_>, path: String) -> Configuration {
    let id = it.get("id").id();
    let it = it.get("properties");
    let mut pools = ids(it.get("loadBalancerBackendAddressPools"));
    pools.extend(ids(it.get("applicationGatewayBackendAddressPools")));
    pools.extend(ids(it.get("loadBalancerInboundNatRules")));
    pools.extend(ids(it.get("loadBalancerInboundNatPools")));
    Configuration {
        id,
        own: it.get("privateIPAddress").text().and_then(parse_prefix).into_iter().collect(),
        subnet: it.get("subnet.id").id(),
        public: it.get("publicIPAddress.id").id(),
        has_own_public: !it.get("publicIPAddressConfiguration").is_null()
            && !it.get("publicIPAddressConfiguration").is_unread(),
        groups: ids(it.get("applicationSecurityGroups")),
        pools,
        path,
    }
}

/// An interface, alone or within a scale set.
pub(super) fn interface(id: &Name, document: At<'_>) -> Nic {
    nic(id, document, "")
}

fn nic(id: &Name, it: At<'_>, path: &str) -> Nic {
    let configurations = it
        .get("properties.ipConfigurations")
        .items()
        .enumerate()
        .map(|(n, it)| configuration(it, format!("{path}properties.ipConfigurations[{n}]")))
        .collect();
    Nic {
        document: Arc::clone(id),
        group: it.get("properties.networkSecurityGroup.id").id(),
        configurations,
    }
}

/// An end point of this kind; `None` when the kind is none.
pub(super) fn host(kind: &str, id: &Name, document: At<'_>) -> Option<Host> {
    let mut host = Host {
        id: Arc::clone(id),
        interfaces: Vec::new(),
        nics: Vec::new(),
        listens: None,
        door: None,
        service: PacketSet::default(),
        subnets: Vec::new(),
        is_stopped: is_stopped(document),
    };
    match kind {
        "azure.virtual-machine" => {
            host.interfaces = ids(document.get("properties.networkProfile.networkInterfaces"));
        }
        "azure.virtual-machine-scale-set" | "azure.scale-set-instance" => {
            let places = [
                "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations",
                "properties.networkProfileConfiguration.networkInterfaceConfigurations",
            ];
            for place in places {
                for (n, it) in document.get(place).items().enumerate() {
                    host.nics.push(nic(id, it, &format!("{place}[{n}].")));
                }
            }
        }
        kind => {
            host.door = Some(Arc::new(services::door(kind, id, document)?));
            host.service = services::service(kind);
            host.subnets = services::subnets(document);
            // What a service reaches inside goes through a subnet that it is given.
            if let Some(subnet) = document.get("properties.virtualNetworkSubnetId").id() {
                let inside = Configuration { subnet: Some(subnet), ..Configuration::default() };
                let nic =
                    Nic { document: Arc::clone(id), group: None, configurations: vec![inside] };
                host.nics.push(nic);
                host.listens = Some(PacketSet::default());
            }
        }
    }
    Some(host)
}

fn protocol(name: Option<&str>, first: u128, last: u128) -> PacketSet {
    match name.unwrap_or("Tcp").to_ascii_lowercase().as_str() {
        "udp" => ports(UDP, first, last),
        "all" => traffic(Span::new(0, 255), Span::new(0, LAST_PORT)),
        _ => ports(TCP, first, last),
    }
}

fn port(value: At<'_>) -> Option<u128> {
    value.int().and_then(|it| u128::try_from(it).ok()).filter(|it| *it <= LAST_PORT)
}

/// A load balancer: its rules and its rules for single machines.
pub(super) fn balancer(document: At<'_>) -> Balancer {
    let properties = document.get("properties");
    let fronts: Vec<(Name, Option<Name>)> = properties
        .get("frontendIPConfigurations")
        .items()
        .filter_map(|it| {
            let name = it.get("id").id().or_else(|| it.get("name").id())?;
            Some((name, it.get("properties.publicIPAddress.id").id()))
        })
        .collect();
    let public = |id: Option<Name>| -> Option<Name> {
        let id = id?;
        let is_it = |name: &Name| *name == id || id.ends_with(&format!("/{name}"));
        fronts.iter().find(|(name, _)| is_it(name)).and_then(|(_, public)| public.clone())
    };
    let mut found = Balancer::default();
    for (n, it) in properties.get("loadBalancingRules").items().enumerate() {
        let it = it.get("properties");
        let Some(front) = port(it.get("frontendPort")) else { continue };
        let is_all = it.get("protocol").text().is_some_and(|it| it.eq_ignore_ascii_case("all"));
        let mut targets = ids(it.get("backendAddressPools"));
        targets.extend(it.get("backendAddressPool.id").id());
        found.forwards.push(Forwarding {
            public: public(it.get("frontendIPConfiguration.id").id()),
            front: protocol(it.get("protocol").text(), front, front),
            to_port: port(it.get("backendPort")).filter(|_| !is_all),
            targets,
            path: format!("properties.loadBalancingRules[{n}]"),
        });
    }
    for (n, rule) in properties.get("inboundNatRules").items().enumerate() {
        let it = rule.get("properties");
        let Some(first) = port(it.get("frontendPort")).or(port(it.get("frontendPortRangeStart")))
        else {
            continue;
        };
        let last = port(it.get("frontendPortRangeEnd")).unwrap_or(first);
        let targets = ["backendIPConfiguration.id", "backendAddressPool.id"];
        let mut targets: Vec<Name> = targets.iter().filter_map(|path| it.get(path).id()).collect();
        targets.extend(rule.get("id").id()); // interfaces name the rule
        found.forwards.push(Forwarding {
            public: public(it.get("frontendIPConfiguration.id").id()),
            front: protocol(it.get("protocol").text(), first, last),
            to_port: port(it.get("backendPort")),
            targets,
            path: format!("properties.inboundNatRules[{n}]"),
        });
    }
    for (n, pool) in properties.get("inboundNatPools").items().enumerate() {
        let it = pool.get("properties");
        let (Some(first), Some(last)) =
            (port(it.get("frontendPortRangeStart")), port(it.get("frontendPortRangeEnd")))
        else {
            continue;
        };
        found.forwards.push(Forwarding {
            public: public(it.get("frontendIPConfiguration.id").id()),
            front: protocol(it.get("protocol").text(), first, last),
            to_port: port(it.get("backendPort")),
            targets: pool.get("id").id().into_iter().collect(),
            path: format!("properties.inboundNatPools[{n}]"),
        });
    }
    members(properties.get("backendAddressPools"), &mut found);
    found
}

fn members(pools: At<'_>, found: &mut Balancer) {
    for pool in pools.items() {
        let Some(id) = pool.get("id").id() else { continue };
        for member in ids(pool.get("properties.backendIPConfigurations")) {
            found.members.push((Arc::clone(&id), member));
        }
        // of load balancers, then of application gateways
        for it in pool.get("properties.loadBalancerBackendAddresses").items() {
            let member = it.get("properties.networkInterfaceIPConfiguration.id").id();
            found.members.extend(member.map(|it| (Arc::clone(&id), it)));
        }
        for it in pool.get("properties.backendAddresses").items() {
            let address = it.get("ipAddress").text().and_then(parse_prefix);
            found.members.extend(address.map(|it| (Arc::clone(&id), bare(it))));
        }
    }
}

/// An application gateway: the end point itself, and what it forwards to.
pub(super) fn application_gateway(id: &Name, document: At<'_>) -> (Balancer, Host) {
    let properties = document.get("properties");
    let subnet = properties
        .get("gatewayIPConfigurations")
        .items()
        .find_map(|it| it.get("properties.subnet.id").id());
    let by_id = |list: &str, wanted: Option<Name>| {
        properties.get(list).items().find(|it| wanted.is_some() && it.get("id").id() == wanted)
    };
    let mut balancer = Balancer { subnet: subnet.clone(), ..Balancer::default() };
    let mut listens = PacketSet::default();
    let mut configurations = Vec::new();
    for (n, it) in properties.get("httpListeners").items().enumerate() {
        let Some(port) = by_id("frontendPorts", it.get("properties.frontendPort.id").id())
            .and_then(|it| port(it.get("properties.port")))
        else {
            continue;
        };
        let front =
            by_id("frontendIPConfigurations", it.get("properties.frontendIPConfiguration.id").id());
        let public = front.and_then(|it| it.get("properties.publicIPAddress.id").id());
        listens.add_all(&ports(TCP, port, port));
        let listener = it.get("id").id();
        for rule in properties.get("requestRoutingRules").items() {
            let rule = rule.get("properties");
            if rule.get("httpListener.id").id() != listener {
                continue;
            }
            let settings =
                by_id("backendHttpSettingsCollection", rule.get("backendHttpSettings.id").id());
            balancer.forwards.push(Forwarding {
                public: public.clone(),
                front: ports(TCP, port, port),
                to_port: settings.and_then(|it| self::port(it.get("properties.port"))),
                targets: rule.get("backendAddressPool.id").id().into_iter().collect(),
                path: format!("properties.httpListeners[{n}]"),
            });
        }
        configurations.push(Configuration {
            subnet: subnet.clone(),
            public,
            path: format!("properties.httpListeners[{n}]"),
            ..Configuration::default()
        });
    }
    members(properties.get("backendAddressPools"), &mut balancer);
    let nic = Nic { document: Arc::clone(id), group: None, configurations };
    let host = Host {
        id: Arc::clone(id),
        interfaces: Vec::new(),
        nics: vec![nic],
        listens: Some(listens),
        door: None,
        service: PacketSet::default(),
        subnets: Vec::new(),
        is_stopped: document.get("properties.operationalState").text() == Some("Stopped"),
    };
    (balancer, host)
}

/// Whether a machine or a service is known not to run. A machine says so where its view was asked for, in one of the
/// places where the live API, Resource Graph and the command line write it.
fn is_stopped(document: At<'_>) -> bool {
    let statuses = document.get("properties.instanceView.statuses");
    let of_machine = statuses
        .items()
        .filter_map(|it| it.get("code").text())
        .filter(|it| it.to_ascii_lowercase().starts_with("powerstate/"));
    let places = [
        "properties.extended.instanceView.powerState.code",
        "properties.powerState.code",
        "properties.state",
        "properties.instanceView.state",
        "powerState",
    ];
    let said = places.iter().filter_map(|it| document.get(it).text());
    of_machine.chain(said).any(|it| {
        let word = it.rsplit(['/', ' ']).next().unwrap_or_default().to_ascii_lowercase();
        ["stopped", "stopping", "deallocated", "deallocating"].contains(&word.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::super::rules::port_range;
    use crate::spans::Span;

    #[test]
    fn ranges_of_ports() {
        assert_eq!(port_range("80"), Some(Span::one(80)));
        assert_eq!(port_range("80-90"), Some(Span::new(80, 90)));
        assert_eq!(port_range("x"), None);
    }
}
