//! The ways of packets through networks of Azure.

use std::sync::Arc;

use super::hosts::{Configuration, Forwarding, Host, Nic};
use super::rules::{self, VIRTUAL_NETWORK};
use super::{Azure, Subnet};
use crate::answer::Does;
use crate::cloud::{Entrance, everybody, packets};
use crate::gate::{Gate, Name, Party};
use crate::packets::{Cube, Field, PacketSet};
use crate::spans::{Span, Spans, address_of, print_span};
use crate::way::{Forward, Rule, Stage, Way, answered, through};

/// One address of one interface, with the subnet that it is in.
struct Place<'a> {
    nic: &'a Nic,
    at: &'a Configuration,
    subnet: Option<&'a Subnet>,
    own: Spans,
    party: Arc<Party>,
}

impl Azure {
    fn nics<'a>(&'a self, host: &'a Host) -> impl Iterator<Item = &'a Nic> {
        host.interfaces.iter().filter_map(|it| self.interfaces.get(it)).chain(&host.nics)
    }

    fn places<'a>(&'a self, host: &'a Host) -> Vec<Place<'a>> {
        let mut found = Vec::new();
        for nic in self.nics(host) {
            for at in &nic.configurations {
                let subnet = at.subnet.as_ref().and_then(|it| self.subnets.get(it));
                let room = || subnet.map(|it| it.addresses.clone()).filter(|it| !it.is_empty());
                let own = if at.own.is_empty() {
                    room().unwrap_or_else(|| Spans::one(0))
                } else {
                    at.own.clone()
                };
                let mut groups = at.groups.clone();
                groups.push(VIRTUAL_NETWORK.into());
                let party = Arc::new(Party { addresses: own.clone(), groups });
                found.push(Place { nic, at, subnet, own, party });
            }
        }
        found
    }

    /// The security groups that stand around a place, the subnet's first; an unread one in place of
    /// each that was not read.
    fn groups(&self, place: &Place<'_>, is_in: bool, way: &mut Way) -> Vec<Arc<Gate>> {
        let subnet = place.subnet.and_then(|it| it.group.as_ref());
        let names = subnet.into_iter().chain(place.nic.group.as_ref());
        let mut gates = Vec::new();
        for name in names {
            if let Some(group) = self.groups.get(name) {
                gates.push(Arc::clone(if is_in { &group.into } else { &group.out }));
            } else {
                way.unread.push(format!("security group {name}"));
                gates.push(Arc::clone(&self.unread));
            }
        }
        if place.subnet.is_none()
            && let Some(subnet) = &place.at.subnet
        {
            way.unread.push(format!("subnet {subnet}"));
            if gates.is_empty() {
                gates.push(Arc::clone(&self.unread));
            }
        }
        gates
    }

    /// Into a place from the internet, behind a public address of either kind.
    fn go_in(&self, place: &Place<'_>, from: &Arc<Party>, is_basic: Option<bool>, way: &mut Way) {
        if let Some(table) = place.subnet.and_then(|it| it.table.as_ref()) {
            match self.tables.get(table) {
                Some(table) => way.stages.push(answered(&table.internet, &place.party, from)),
                None => way.unread.push(format!("route table {table}")),
            }
        }
        let gates = self.groups(place, true, way);
        if gates.is_empty() {
            match is_basic {
                Some(true) => {}
                Some(false) => way.stages.push(through(&self.closed, from, &place.party)),
                None => way.stages.push(through(&self.unread, from, &place.party)),
            }
        }
        for gate in gates {
            way.stages.push(through(&gate, from, &place.party));
        }
    }

    pub(super) fn entrances_of(&self, host: &Host) -> Vec<Entrance> {
        let everybody = everybody();
        let mut found = Vec::new();
        for place in self.places(host) {
            found.extend(self.direct(host, &place, &everybody));
            self.balanced(host, &place, &everybody, &mut found);
        }
        if let Some(door) = &host.door {
            let to = Arc::new(Party { addresses: Spans::one(0), groups: Vec::new() });
            let start = packets(&everybody.addresses, &to.addresses);
            let way = Way { stages: vec![through(door, &everybody, &to)], ..Way::default() };
            found.push(Entrance { start, way });
        }
        found
    }

    /// By a public address of its own.
    fn direct(&self, host: &Host, place: &Place<'_>, everybody: &Arc<Party>) -> Option<Entrance> {
        let mut way = Way::default();
        let (public, is_basic) = match &place.at.public {
            Some(public) => {
                let known = self.addresses.get(public);
                if known.is_none() {
                    way.unread.push(format!("public address {public}"));
                }
                (known.map_or(0, |it| it.number), known.map(|it| it.is_basic))
            }
            None if place.at.has_own_public => (0, Some(false)),
            None => return None,
        };
        let words = match address_of(public) {
            Some(it) => format!("{it} is its public address"),
            None => "it has a public address".to_owned(),
        };
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front: Cube::ALL.with(Field::To, Span::one(public)).into(),
            to: Some(place.own.clone()),
            to_port: None,
            from: None,
            rule: Rule {
                resource: Arc::clone(&place.nic.document),
                path: place.at.path.clone(),
                words,
                does: Does::Translates,
            },
        })));
        // An application gateway minds its subnet's group only; without one it is open.
        let is_basic = if self.balancers.contains_key(&host.id) { Some(true) } else { is_basic };
        self.go_in(place, everybody, is_basic, &mut way);
        listen(host, &mut way);
        Some(Entrance { start: packets(&everybody.addresses, &Spans::one(public)), way })
    }

    fn balancers_at(&self, at: &Configuration) -> Vec<Name> {
        let bare = at.bare();
        let keys = at.id.iter().chain(&at.pools).chain(&bare);
        let mut found: Vec<Name> =
            keys.filter_map(|it| self.balanced_by.get(it)).flatten().cloned().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Through balancers and gateways in front.
    fn balanced(
        &self,
        host: &Host,
        place: &Place<'_>,
        everybody: &Arc<Party>,
        found: &mut Vec<Entrance>,
    ) {
        for id in self.balancers_at(place.at) {
            let Some(balancer) = self.balancers.get(&id) else { continue };
            // a bare address means something in the gateway's own and connected networks alone
            let front = balancer.subnet.as_ref().and_then(|it| self.subnets.get(it));
            let is_apart = front
                .zip(network_of(place))
                .is_some_and(|(front, here)| !self.is_tied(&front.network, here));
            if is_apart {
                continue;
            }
            let fitting = balancer.forwards.iter().filter(|it| balancer.leads_to(it, place.at));
            for forwarding in fitting {
                let Some(public) = &forwarding.public else { continue };
                let address = self.addresses.get(public);
                let number = address.map_or(0, |it| it.number);
                let mut way = Way { via: Some(Arc::clone(&id)), ..Way::default() };
                if address.is_none() {
                    way.unread.push(format!("public address {public}"));
                }
                let mut from = Arc::clone(everybody);
                let gateway = self.hosts.get(&id).filter(|_| balancer.subnet.is_some());
                if let Some(front) = gateway.and_then(|it| self.places(it).into_iter().next()) {
                    self.go_in(&front, everybody, Some(true), &mut way);
                    for stage in &mut way.stages {
                        // In front of the gateway the packet goes to its public address.
                        if let Stage::Gate { from, to, is_answer, .. } = stage {
                            let side = if *is_answer { from } else { to };
                            *side = Arc::new(Party {
                                addresses: Spans::one(number),
                                groups: side.groups.clone(),
                            });
                        }
                    }
                    from = Arc::clone(&front.party);
                }
                let is_proxy = !Arc::ptr_eq(&from, everybody);
                way.stages.push(forward(&id, forwarding, number, place, is_proxy.then_some(&from)));
                self.go_in(place, &from, address.map(|it| it.is_basic || is_proxy), &mut way);
                listen(host, &mut way);
                let start = packets(&everybody.addresses, &Spans::one(number));
                found.push(Entrance { start, way });
            }
        }
    }

    /// Whether two networks are one or connected.
    fn is_tied(&self, here: &Name, there: &Name) -> bool {
        let knows =
            |a: &Name, b: &Name| self.networks.get(a).is_some_and(|it| it.peers.contains(b));
        here == there || knows(here, there) || knows(there, here)
    }

    /// Out of a place, on the way to somewhere inside.
    fn go_out(&self, place: &Place<'_>, to: &Arc<Party>, is_inside: bool, way: &mut Way) {
        // Of what leaves, the interface's group decides first.
        let mut gates = self.groups(place, false, way);
        gates.reverse();
        for gate in gates {
            way.stages.push(through(&gate, &place.party, to));
        }
        let Some((table, subnet)) = place.subnet.and_then(|it| Some((it.table.as_ref()?, it)))
        else {
            return;
        };
        let Some(known) = self.tables.get(table) else {
            way.unread.push(format!("route table {table}"));
            return;
        };
        let gate = if is_inside {
            let network = self.networks.get(&subnet.network);
            let peers = network.into_iter().flat_map(|it| &it.peers);
            let peers = peers.filter_map(|it| self.networks.get(it));
            let local = network
                .into_iter()
                .chain(peers)
                .fold(subnet.addresses.clone(), |sum, it| sum.union(&it.addresses));
            Arc::new(rules::route_gate(table, &known.routes, &local, true))
        } else {
            Arc::clone(&known.internet)
        };
        way.stages.push(through(&gate, &place.party, to));
    }

    pub(super) fn between_hosts(&self, from: &Host, to: &Host) -> Vec<Entrance> {
        let mut found = Vec::new();
        let (sources, targets) = (self.places(from), self.places(to));
        for a in &sources {
            for b in &targets {
                let (Some(here), Some(there)) = (network_of(a), network_of(b)) else {
                    continue;
                };
                if !self.is_tied(here, there) {
                    continue;
                }
                let mut way = Way::default();
                self.go_out(a, &b.party, true, &mut way);
                for gate in self.groups(b, true, &mut way) {
                    way.stages.push(through(&gate, &a.party, &b.party));
                }
                listen(to, &mut way);
                found.push(Entrance { start: packets(&a.own, &b.own), way });
            }
            self.privately(a, to, &mut found);
            self.by_service_endpoint(a, to, &mut found);
        }
        found
    }

    /// To a service that lets in the subnet of the sender.
    fn by_service_endpoint(&self, from: &Place<'_>, to: &Host, found: &mut Vec<Entrance>) {
        let Some(subnet) = &from.at.subnet else { return };
        let Some((_, path)) = to.subnets.iter().find(|(it, _)| it == subnet) else { return };
        let everybody = everybody();
        let mut way = Way::default();
        // The service keeps its public address; routes for all else do not count for it.
        let mut gates = self.groups(from, false, &mut way);
        gates.reverse();
        for gate in gates {
            way.stages.push(through(&gate, &from.party, &everybody));
        }
        let rule = Rule {
            resource: Arc::clone(&to.id),
            path: path.clone(),
            words: format!("lets {subnet} in"),
            does: Does::Permits,
        };
        let set = Arc::new(to.service.clone());
        way.stages.push(Stage::Limit { set, rule: Arc::new(rule) });
        found.push(Entrance { start: packets(&from.own, &everybody.addresses), way });
    }

    /// To a service through its private end points.
    fn privately(&self, from: &Place<'_>, to: &Host, found: &mut Vec<Entrance>) {
        for (endpoint, subnet) in self.private.get(&to.id).into_iter().flatten() {
            let Some(subnet) = self.subnets.get(subnet) else { continue };
            let Some(here) = network_of(from) else { continue };
            if !self.is_tied(here, &subnet.network) {
                continue;
            }
            let groups = vec![VIRTUAL_NETWORK.into()];
            let party = Arc::new(Party { addresses: subnet.addresses.clone(), groups });
            let mut way = Way { via: Some(Arc::clone(endpoint)), ..Way::default() };
            self.go_out(from, &party, true, &mut way);
            let rule = Rule {
                resource: Arc::clone(endpoint),
                path: "properties.privateLinkServiceConnections".to_owned(),
                words: format!("leads to {}", to.id),
                does: Does::Translates,
            };
            let set = Arc::new(to.service.clone());
            way.stages.push(Stage::Limit { set, rule: Arc::new(rule) });
            found.push(Entrance { start: packets(&from.own, &subnet.addresses), way });
        }
    }

    pub(super) fn exits_of(&self, host: &Host) -> Vec<Entrance> {
        let everybody = everybody();
        let mut found = Vec::new();
        for place in self.places(host) {
            let mut way = Way::default();
            self.go_out(&place, &everybody, false, &mut way);
            let nat = place.subnet.and_then(|it| self.nats.get(it.nat.as_ref()?));
            let names = place.at.public.iter().chain(nat.into_iter().flatten());
            let addresses: Spans = names
                .filter_map(|it| self.addresses.get(it))
                .map(|it| Span::one(it.number))
                .filter(|it| it.first != 0)
                .collect();
            let seen = if addresses.is_empty() {
                // Azure lends an address that no document tells.
                way.unread.push(format!("the address that {} is seen with", host.id));
                way.stages.push(through(&self.unread, &place.party, &everybody));
                everybody.addresses.clone()
            } else {
                addresses
            };
            way.stages.push(Stage::Forward(Arc::new(Forward {
                front: PacketSet::all(),
                to: None,
                to_port: None,
                from: Some(seen),
                rule: Rule {
                    resource: Arc::clone(&place.nic.document),
                    path: place.at.path.clone(),
                    words: "seen from outside by its public address".to_owned(),
                    does: Does::Translates,
                },
            })));
            found.push(Entrance { start: packets(&place.own, &everybody.addresses), way });
        }
        found
    }

    pub(super) fn near_host(&self, host: &Host) -> Vec<Name> {
        let places = self.places(host);
        let mut found: Vec<Name> = places.iter().filter_map(|it| network_of(it).cloned()).collect();
        let peers: Vec<Name> = found
            .iter()
            .filter_map(|it| self.networks.get(it))
            .flat_map(|it| it.peers.iter().cloned())
            .collect();
        found.extend(peers);
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn keys_of_host(&self, host: &Host) -> Vec<Name> {
        let mut keys = vec![Arc::clone(&host.id)];
        keys.extend(host.interfaces.iter().cloned());
        for place in self.places(host) {
            keys.extend(place.nic.group.clone());
            let at = place.at;
            keys.extend(at.id.iter().chain(&at.subnet).chain(&at.public).chain(&at.pools).cloned());
            keys.extend(at.bare());
            if let Some(subnet) = place.subnet {
                keys.push(Arc::clone(&subnet.network));
                keys.extend(subnet.group.iter().chain(&subnet.table).chain(&subnet.nat).cloned());
            }
            for id in self.balancers_at(at) {
                if let Some(balancer) = self.balancers.get(&id) {
                    keys.extend(balancer.forwards.iter().filter_map(|it| it.public.clone()));
                    let subnet = balancer.subnet.as_ref();
                    keys.extend(subnet.cloned());
                    let known = subnet.and_then(|it| self.subnets.get(it));
                    keys.extend(
                        known.into_iter().flat_map(|it| it.group.iter().chain(&it.table)).cloned(),
                    );
                }
                keys.push(id);
            }
        }
        for (subnet, _) in &host.subnets {
            keys.push(Arc::clone(subnet));
            keys.extend(self.subnets.get(subnet).map(|it| Arc::clone(&it.network)));
        }
        for (endpoint, subnet) in self.private.get(&host.id).into_iter().flatten() {
            keys.push(Arc::clone(endpoint));
            keys.extend(self.subnets.get(subnet).map(|it| Arc::clone(&it.network)));
        }
        keys
    }
}

fn network_of<'a>(place: &'a Place<'_>) -> Option<&'a Name> {
    place.subnet.map(|it| &it.network)
}

fn listen(host: &Host, way: &mut Way) {
    if let Some(set) = &host.listens {
        let rule = Rule {
            resource: Arc::clone(&host.id),
            path: String::new(),
            words: "listens there".to_owned(),
            does: Does::Permits,
        };
        way.stages.push(Stage::Limit { set: Arc::new(set.clone()), rule: Arc::new(rule) });
    }
}

fn forward(
    id: &Name,
    it: &Forwarding,
    public: u128,
    place: &Place<'_>,
    from: Option<&Arc<Party>>,
) -> Stage {
    let own = place.own.as_slice().first().map(|it| print_span(*it)).unwrap_or_default();
    let port = it.to_port.map_or_else(|| "the same port".to_owned(), |it| format!("port {it}"));
    Stage::Forward(Arc::new(Forward {
        front: it.front.within(Field::To, &Spans::one(public)),
        to: Some(place.own.clone()),
        to_port: it.to_port,
        from: from.map(|it| it.addresses.clone()),
        rule: Rule {
            resource: Arc::clone(id),
            path: it.path.clone(),
            words: format!("forwards to {port} of {own}"),
            does: Does::Translates,
        },
    }))
}
