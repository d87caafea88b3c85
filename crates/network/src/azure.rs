//! Networks of Azure.
//!
//! From the internet a packet needs a public address of its own or a balancer in front, the security
//! groups of the subnet and of the interface, which both must let it in, and routes that lead its answer
//! back. A public address of the Standard kind without any security group is closed, a Basic one open.
//! <https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses>,
//! <https://learn.microsoft.com/azure/load-balancer/load-balancer-overview>,
//! <https://learn.microsoft.com/azure/virtual-network/virtual-network-peering-overview>.

mod hosts;
mod rules;
mod services;
mod ways;

use std::sync::Arc;

use hashbrown::HashMap;
use model::Resource;

use self::hosts::{Balancer, Host, Nic};
use self::rules::Route;
use crate::cloud::{Cloud, Entrance, Touched};
use crate::gate::{Gate, Name};
use crate::read::At;
use crate::spans::{Spans, parse_prefix};

#[derive(Debug)]
struct Group {
    into: Arc<Gate>,
    out: Arc<Gate>,
}

#[derive(Debug, Default)]
struct Network {
    addresses: Spans,
    /// Networks that it is connected with.
    peers: Vec<Name>,
    /// The subnets that its own document tells of.
    subnets: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Subnet {
    network: Name,
    addresses: Spans,
    group: Option<Name>,
    table: Option<Name>,
    nat: Option<Name>,
}

#[derive(Debug)]
struct Table {
    routes: Vec<Route>,
    internet: Arc<Gate>,
}

#[derive(Debug, Clone)]
struct Address {
    /// 0 when it is not known.
    number: u128,
    is_basic: bool,
}

#[derive(Debug, Clone, Copy)]
enum Known {
    Group,
    Network,
    Subnet,
    Table,
    Address,
    Nat,
    Interface,
    Balancer,
    PrivateEndpoint,
    Host,
}

/// Everything of Azure, by ids in lower case.
#[derive(Debug)]
pub(crate) struct Azure {
    known: HashMap<Name, Known>,
    groups: HashMap<Name, Group>,
    networks: HashMap<Name, Network>,
    subnets: HashMap<Name, Subnet>,
    tables: HashMap<Name, Table>,
    addresses: HashMap<Name, Address>,
    /// The public addresses of NAT gateways.
    nats: HashMap<Name, Vec<Name>>,
    interfaces: HashMap<Name, Nic>,
    balancers: HashMap<Name, Balancer>,
    /// Balancers by what they forward to: a pool, or an address of an interface.
    balanced_by: HashMap<Name, Vec<Name>>,
    /// The subnets of private end points, by the service behind.
    private: HashMap<Name, Vec<(Name, Name)>>,
    hosts: HashMap<Name, Host>,
    /// Stands for rules that were not read.
    unread: Arc<Gate>,
    /// Stands for the closed door of an address without any security group.
    closed: Arc<Gate>,
}

impl Default for Azure {
    fn default() -> Self {
        let nothing: Name = "".into();
        Self {
            known: HashMap::new(),
            groups: HashMap::new(),
            networks: HashMap::new(),
            subnets: HashMap::new(),
            tables: HashMap::new(),
            addresses: HashMap::new(),
            nats: HashMap::new(),
            interfaces: HashMap::new(),
            balancers: HashMap::new(),
            balanced_by: HashMap::new(),
            private: HashMap::new(),
            hosts: HashMap::new(),
            unread: Arc::new(Gate::unread(&nothing)),
            closed: Arc::new(Gate::closed(&nothing, Vec::new())),
        }
    }
}

impl Cloud for Azure {
    fn takes(&self, kind: &str) -> bool {
        kind.starts_with("azure.")
    }

    fn put(&mut self, resource: &Resource, document: At<'_>, touched: &mut Touched) {
        let id: Name = resource.id.as_str().into();
        self.remove(&resource.id, touched);
        let known = match resource.kind.as_ref() {
            "azure.network-security-group" => self.put_group(&id, document),
            "azure.virtual-network" => self.put_network(&id, document),
            "azure.subnet" => self.put_subnet(&id, document),
            "azure.route-table" => self.put_table(&id, document),
            "azure.public-ip-address" => self.put_address(&id, document),
            "azure.nat-gateway" => self.put_nat(&id, document),
            "azure.network-interface" => {
                self.interfaces.insert(Arc::clone(&id), hosts::interface(&id, document));
                Known::Interface
            }
            "azure.load-balancer" => self.put_balancer(&id, hosts::balancer(document)),
            "azure.application-gateway" => {
                let (balancer, host) = hosts::application_gateway(&id, document);
                self.put_balancer(&id, balancer);
                self.hosts.insert(Arc::clone(&id), host);
                Known::Balancer
            }
            "azure.private-endpoint" => self.put_private(&id, document),
            kind => match hosts::host(kind, &id, document) {
                Some(host) => {
                    self.hosts.insert(Arc::clone(&id), host);
                    Known::Host
                }
                None => return,
            },
        };
        self.known.insert(Arc::clone(&id), known);
        self.touch(&id, known, touched);
    }

    fn remove(&mut self, id: &str, touched: &mut Touched) {
        let Some(known) = self.known.remove(id) else { return };
        self.touch(id, known, touched);
        match known {
            Known::Group => drop(self.groups.remove(id)),
            Known::Network => {
                for subnet in self.networks.remove(id).into_iter().flat_map(|it| it.subnets) {
                    if !self.known.contains_key(&subnet) {
                        self.subnets.remove(&subnet);
                    }
                }
            }
            Known::Subnet => drop(self.subnets.remove(id)),
            Known::Table => drop(self.tables.remove(id)),
            Known::Address => drop(self.addresses.remove(id)),
            Known::Nat => drop(self.nats.remove(id)),
            Known::Interface => drop(self.interfaces.remove(id)),
            Known::Balancer => {
                for key in self.balancers.remove(id).into_iter().flat_map(|it| it.targets()) {
                    if let Some(list) = self.balanced_by.get_mut(&key) {
                        list.retain(|it| it.as_ref() != id);
                    }
                }
                self.hosts.remove(id);
            }
            Known::PrivateEndpoint => {
                self.private.retain(|_, list| {
                    list.retain(|(endpoint, _)| endpoint.as_ref() != id);
                    !list.is_empty()
                });
            }
            Known::Host => drop(self.hosts.remove(id)),
        }
    }

    fn settle(&mut self, _touched: &mut Touched) {}

    fn has(&self, id: &str) -> bool {
        self.hosts.contains_key(id)
    }

    fn is_stopped(&self, id: &str) -> bool {
        self.hosts.get(id).is_some_and(|it| it.is_stopped)
    }

    fn keys_of(&self, id: &str) -> Vec<Name> {
        self.hosts.get(id).map_or_else(Vec::new, |it| self.keys_of_host(it))
    }

    fn entrances(&self, id: &str) -> Vec<Entrance> {
        self.hosts.get(id).map_or_else(Vec::new, |it| self.entrances_of(it))
    }

    fn exits(&self, id: &str) -> Vec<Entrance> {
        self.hosts.get(id).map_or_else(Vec::new, |it| self.exits_of(it))
    }

    fn inner(&self, from: &str, to: &str) -> Vec<Entrance> {
        match (self.hosts.get(from), self.hosts.get(to)) {
            (Some(from), Some(to)) => self.between_hosts(from, to),
            _ => Vec::new(),
        }
    }

    fn near(&self, id: &str) -> Vec<Name> {
        self.hosts.get(id).map_or_else(Vec::new, |it| self.near_host(it))
    }
}

impl Azure {
    fn touch(&self, id: &str, known: Known, touched: &mut Touched) {
        touched.insert(id.into());
        match known {
            // What a network holds depends on its peers' addresses, too.
            Known::Network => {
                let network = self.networks.get(id);
                touched.extend(network.into_iter().flat_map(|it| it.subnets.iter().cloned()));
                touched.extend(network.into_iter().flat_map(|it| it.peers.iter().cloned()));
            }
            Known::Balancer => {
                touched.extend(self.balancers.get(id).into_iter().flat_map(Balancer::targets));
            }
            Known::PrivateEndpoint => {}
            _ => {}
        }
    }

    fn put_group(&mut self, id: &Name, document: At<'_>) -> Known {
        let (into, out) = rules::gates(id, document);
        let group = Group { into: Arc::new(into), out: Arc::new(out) };
        self.groups.insert(Arc::clone(id), group);
        Known::Group
    }

    fn put_network(&mut self, id: &Name, document: At<'_>) -> Known {
        let addresses = document.get("properties.addressSpace.addressPrefixes");
        let mut network = Network {
            addresses: addresses.texts().filter_map(parse_prefix).collect(),
            ..Network::default()
        };
        for it in document.get("properties.virtualNetworkPeerings").items() {
            let it = it.get("properties");
            let is_connected = it
                .get("peeringState")
                .text()
                .is_none_or(|state| state.eq_ignore_ascii_case("connected"));
            let is_allowed = it.get("allowVirtualNetworkAccess").bool() != Some(false);
            if is_connected && is_allowed {
                network.peers.extend(it.get("remoteVirtualNetwork.id").id());
            }
        }
        for it in document.get("properties.subnets").items() {
            let Some(name) = it.get("id").id() else { continue };
            if !matches!(self.known.get(&name), Some(Known::Subnet)) {
                self.subnets.insert(Arc::clone(&name), subnet(&name, it));
            }
            network.subnets.push(name);
        }
        self.networks.insert(Arc::clone(id), network);
        Known::Network
    }

    fn put_subnet(&mut self, id: &Name, document: At<'_>) -> Known {
        self.subnets.insert(Arc::clone(id), subnet(id, document));
        Known::Subnet
    }

    fn put_table(&mut self, id: &Name, document: At<'_>) -> Known {
        let routes = rules::routes(document);
        let internet = rules::route_gate(id, &routes, &Spans::default(), false);
        self.tables.insert(Arc::clone(id), Table { routes, internet: Arc::new(internet) });
        Known::Table
    }

    fn put_address(&mut self, id: &Name, document: At<'_>) -> Known {
        let number = document.get("properties.ipAddress").text().and_then(parse_prefix);
        // An address without a kind is of the older one.
        let sku = document.get("sku.name").text().unwrap_or("Basic");
        let is_basic = sku.eq_ignore_ascii_case("basic");
        let address = Address { number: number.map_or(0, |it| it.first), is_basic };
        self.addresses.insert(Arc::clone(id), address);
        Known::Address
    }

    fn put_nat(&mut self, id: &Name, document: At<'_>) -> Known {
        let addresses = document.get("properties.publicIpAddresses");
        let ids = addresses.items().filter_map(|it| it.get("id").id()).collect();
        self.nats.insert(Arc::clone(id), ids);
        Known::Nat
    }

    fn put_balancer(&mut self, id: &Name, balancer: Balancer) -> Known {
        for key in balancer.targets() {
            self.balanced_by.entry(key).or_default().push(Arc::clone(id));
        }
        self.balancers.insert(Arc::clone(id), balancer);
        Known::Balancer
    }

    fn put_private(&mut self, id: &Name, document: At<'_>) -> Known {
        if let Some(subnet) = document.get("properties.subnet.id").id() {
            let lists = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"];
            for it in lists.iter().flat_map(|it| document.get("properties").get(it).items()) {
                if let Some(service) = it.get("properties.privateLinkServiceId").id() {
                    let list = self.private.entry(service).or_default();
                    list.push((Arc::clone(id), Arc::clone(&subnet)));
                }
            }
        }
        Known::PrivateEndpoint
    }
}

fn subnet(id: &str, document: At<'_>) -> Subnet {
    let properties = document.get("properties");
    let one = properties.get("addressPrefix").text().into_iter();
    let many = properties.get("addressPrefixes");
    let named = |field: &str| properties.get(field).get("id").id();
    Subnet {
        network: id.split("/subnets/").next().unwrap_or_default().into(),
        addresses: one.chain(many.texts()).filter_map(parse_prefix).collect(),
        group: named("networkSecurityGroup"),
        table: named("routeTable"),
        nat: named("natGateway"),
    }
}
