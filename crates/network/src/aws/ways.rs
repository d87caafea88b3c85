//! The ways of packets through networks of AWS.

use std::sync::Arc;

use super::balancer::{Balancer, Listener, Targets};
use super::hosts::{Address, Host, Nic};
use super::parse::{self, Target};
use super::{Aws, Table};
use crate::answer::Does;
use crate::cloud::{Entrance, everybody, packets};
use crate::gate::{Gate, Name, Party};
use crate::packets::{Cube, Field, PacketSet};
use crate::spans::{Span, Spans, every_v4, print_span};
use crate::way::{Forward, Rule, Stage, Way, answered, any_of, through};

/// How a packet that is on its way to a balancer's target looks to that target.
struct Behind {
    way: Way,
    start: PacketSet,
    from: Arc<Party>,
    /// The target sees the address of the client.
    is_kept: bool,
}

impl Aws {
    fn table(&self, subnet: Option<&Name>, network: Option<&Name>) -> Option<&Table> {
        let own = subnet.and_then(|it| self.table_of.get(it));
        let network = network.or_else(|| self.subnets.get(subnet?)?.network.as_ref());
        let name = own.or_else(|| self.main_table.get(network?))?;
        self.tables.get(name)
    }

    /// The address that an interface has in a subnet, known or not.
    fn own_addresses(&self, address: &Address, subnet: Option<&Name>) -> Spans {
        if !address.own.is_empty() {
            return address.own.clone();
        }
        let room = subnet.and_then(|it| self.subnets.get(it)).map(|it| it.addresses.clone());
        room.filter(|it| !it.is_empty()).unwrap_or_else(|| Spans::one(0))
    }

    fn gates(&self, nic: &Nic, is_in: bool, way: &mut Way) -> Vec<Arc<Gate>> {
        let mut gates = Vec::new();
        for name in &nic.groups {
            if let Some(group) = self.groups.get(name) {
                gates.push(Arc::clone(if is_in { &group.into } else { &group.out }));
            } else {
                gates.push(Arc::clone(&self.unread));
                way.unread.push(format!("security group {name}"));
            }
        }
        if gates.is_empty() {
            gates.push(Arc::clone(&self.unread));
            way.unread.push("the security groups".to_owned());
        }
        gates
    }

    /// Into an interface: its access list, the answer's way through it, and the security groups.
    fn go_in(
        &self,
        nic: &Nic,
        subnet: Option<&Name>,
        from: &Arc<Party>,
        to: &Arc<Party>,
        way: &mut Way,
    ) {
        if let Some(subnet) = subnet {
            match self.acl_of.get(subnet).and_then(|it| self.acls.get(it)) {
                Some(acl) => {
                    way.stages.push(through(&acl.into, from, to));
                    way.stages.push(answered(&acl.out, to, from));
                }
                None => way.unread.push(format!("network ACL of {subnet}")),
            }
        } else if nic.is_anywhere {
            way.unread.push("the subnet that it lies in".to_owned());
        }
        self.go_to_groups(nic, from, to, way);
    }

    fn go_to_groups(&self, nic: &Nic, from: &Arc<Party>, to: &Arc<Party>, way: &mut Way) {
        if !nic.is_open {
            let gates = self.gates(nic, true, way);
            way.stages.push(any_of(gates, from, to));
        }
    }

    /// Out of an interface: the security groups, then the access list unless both are in one subnet.
    fn go_out(
        &self,
        nic: &Nic,
        subnet: Option<&Name>,
        from: &Arc<Party>,
        to: &Arc<Party>,
        way: &mut Way,
    ) {
        if !nic.is_open {
            let gates = self.gates(nic, false, way);
            way.stages.push(any_of(gates, from, to));
        }
        if let Some(subnet) = subnet {
            match self.acl_of.get(subnet).and_then(|it| self.acls.get(it)) {
                Some(acl) => {
                    way.stages.push(through(&acl.out, from, to));
                    way.stages.push(answered(&acl.into, to, from));
                }
                None => way.unread.push(format!("network ACL of {subnet}")),
            }
        }
    }

    /// The route to the internet, seen from a subnet; `is_answer` for what came from there.
    fn go_to_internet(
        &self,
        nic: &Nic,
        subnet: Option<&Name>,
        own: &Arc<Party>,
        outside: &Arc<Party>,
        way: &mut Way,
    ) {
        let network = self.network_of(nic, subnet);
        let detached;
        let gate = if let Some(table) = self.table(subnet, nic.network.as_ref()) {
            if table.internet.resource.is_empty() {
                way.unread.push(format!("routes of {}", table.id));
            }
            if table.routes.iter().any(|it| self.is_detached(&it.target, network)) {
                let wanted = |it: &Target| {
                    matches!(it, Target::Internet(_)) && !self.is_detached(it, network)
                };
                detached = Arc::new(parse::route_gate(&table.id, &table.routes, wanted));
                &detached
            } else {
                &table.internet
            }
        } else {
            let of = subnet.or(nic.network.as_ref()).map_or("its network", |it| it.as_ref());
            way.unread.push(format!("route table of {of}"));
            &self.unread_routes
        };
        way.stages.push(answered(gate, own, outside));
    }

    /// Whether a route leads to a gateway that was read and is attached to other networks, or to none.
    fn is_detached(&self, target: &Target, network: Option<&Name>) -> bool {
        let Target::Internet(gateway) = target else { return false };
        let networks = self.gateways.get(gateway);
        networks.zip(network).is_some_and(|(all, own)| !all.contains(own))
    }

    fn party(nic: &Nic, addresses: Spans) -> Arc<Party> {
        Arc::new(Party { addresses, groups: nic.groups.clone() })
    }

    pub(super) fn entrances_of(&self, host: &Host) -> Vec<Entrance> {
        let everybody = everybody();
        let mut found = Vec::new();
        for nic in self.nics(host) {
            for address in &nic.addresses {
                let Some(public) = address.public else { continue };
                for subnet in subnets(&nic) {
                    found.push(self.come_in(host, &nic, (address, public), subnet, &everybody));
                }
            }
        }
        if let Some(door) = &host.door {
            let to = Arc::new(Party { addresses: Spans::one(0), groups: Vec::new() });
            let start = packets(&everybody.addresses, &to.addresses);
            let way = Way { stages: vec![through(door, &everybody, &to)], ..Way::default() };
            found.push(Entrance { start, way });
        }
        if !host.unread.is_empty() && !self.has_instances(host) {
            let to = Arc::new(Party { addresses: Spans::one(0), groups: Vec::new() });
            let start = packets(&everybody.addresses, &to.addresses);
            let mut stages = vec![through(&self.unread, &everybody, &to)];
            let listens = host.listens.as_ref().filter(|it| !it.set.is_empty());
            if let Some(it) = listens.or(Some(&self.https).filter(|_| host.short.is_none())) {
                stages.push(Stage::Limit { set: Arc::clone(&it.set), rule: Arc::clone(&it.rule) });
            }
            let way = Way { stages, unread: host.unread.clone(), via: None };
            found.push(Entrance { start, way });
        }
        for (balancer, targets) in self.balancers_of(host) {
            self.through_balancer(&balancer, targets, host, &everybody, &mut found);
        }
        found
    }

    fn come_in(
        &self,
        host: &Host,
        nic: &Nic,
        (address, public): (&Address, u128),
        subnet: Option<&Name>,
        everybody: &Arc<Party>,
    ) -> Entrance {
        let mut way = Way::default();
        let own = self.own_addresses(address, subnet);
        let is_v6 = own.first() == Some(public);
        let to = Self::party(nic, own.clone());
        if !is_v6 {
            let words = match (crate::spans::address_of(public), own.as_slice().first()) {
                (Some(public), Some(own)) if own.first == own.last => {
                    format!("{public} is the public address of {}", print_span(*own))
                }
                (Some(public), _) => format!("{public} is its public address"),
                (None, _) => "it has a public address".to_owned(),
            };
            let resource = Arc::clone(address.document.as_ref().unwrap_or(&host.id));
            let path = address.path.clone();
            way.stages.push(Stage::Forward(Arc::new(Forward {
                front: Cube::ALL.with(Field::To, Span::one(public)).into(),
                to: Some(own),
                to_port: None,
                from: None,
                rule: Rule { resource, path, words, does: Does::Translates },
            })));
        }
        self.go_to_internet(nic, subnet, &to, everybody, &mut way);
        self.go_in(nic, subnet, everybody, &to, &mut way);
        if let Some(listens) = &host.listens {
            let (set, rule) = (Arc::clone(&listens.set), Arc::clone(&listens.rule));
            way.stages.push(Stage::Limit { set, rule });
        }
        if let Some(balancer) = self.balancers.get(&host.id) {
            listen(host, balancer, &mut way);
        }
        // Without a word about it a public address that is not known is one of IPv4.
        let is_dual = self.balancers.get(&host.id).is_some_and(|it| it.is_dual);
        let v4 = Spans::from_iter([every_v4()]);
        let from = &everybody.addresses;
        let from = if public == 0 && !is_dual { from.intersect(&v4) } else { from.clone() };
        Entrance { start: packets(&from, &Spans::one(public)), way }
    }

    /// The balancers that forward to a host, and by which target group.
    pub(super) fn balancers_of<'a>(&'a self, host: &Host) -> Vec<(Name, Option<&'a Targets>)> {
        let mut found = Vec::new();
        let addresses = host.nics.iter().flat_map(|it| &it.addresses).filter_map(|it| {
            let own = it.own.as_slice().first()?;
            Some(Name::from(print_span(*own)))
        });
        let names: Vec<Name> = if self.targeted_by.is_empty() {
            Vec::new()
        } else {
            host.short.iter().cloned().chain(addresses).collect()
        };
        for name in &names {
            for targets in self.targeted_by.get(name).into_iter().flatten() {
                if let Some(targets) = self.targets.get(targets) {
                    let balancers = targets.balancers.iter();
                    found.extend(balancers.map(|it| (Arc::clone(it), Some(targets))));
                }
            }
        }
        let classic = host.short.iter().filter_map(|it| self.classic_of.get(it)).flatten();
        found.extend(classic.map(|it| (Arc::clone(it), None)));
        found
    }

    fn through_balancer(
        &self,
        id: &Name,
        targets: Option<&Targets>,
        host: &Host,
        everybody: &Arc<Party>,
        found: &mut Vec<Entrance>,
    ) {
        let (Some(front), Some(balancer)) = (self.hosts.get(id), self.balancers.get(id)) else {
            return;
        };
        let Some(nic) = front.nics.first().filter(|_| balancer.is_public) else { return };
        let forwards = forwards(balancer, targets, host);
        for subnet in subnets(nic) {
            let Some((address, public)) =
                nic.addresses.first().and_then(|it| Some((it, it.public?)))
            else {
                continue;
            };
            let entrance = self.come_in(front, nic, (address, public), subnet, everybody);
            let own = self.own_addresses(address, subnet);
            for (listener, port, is_sure) in &forwards {
                let is_kept = balancer.is_transparent
                    && targets.is_none_or(|it| it.is_by_instance || it.is_udp);
                let addresses = if is_kept { everybody.addresses.clone() } else { own.clone() };
                let mut way = entrance.way.clone();
                way.via = Some(Arc::clone(id));
                if !is_sure {
                    way.unread.push(format!("listener rules of {id}"));
                }
                let behind = Behind {
                    way,
                    start: entrance.start.clone(),
                    from: Arc::new(Party { addresses, groups: nic.groups.clone() }),
                    is_kept,
                };
                self.to_target(&behind, listener, *port, host, found);
            }
        }
    }

    /// From a balancer to one of its targets.
    fn to_target(
        &self,
        behind: &Behind,
        listener: &Listener,
        port: u128,
        host: &Host,
        found: &mut Vec<Entrance>,
    ) {
        for nic in self.nics(host) {
            let Some(address) = nic.addresses.first() else { continue };
            for subnet in subnets(&nic) {
                let own = self.own_addresses(address, subnet);
                let to = Self::party(&nic, own.clone());
                let mut way = behind.way.clone();
                let resource = way.via.clone().unwrap_or_else(|| Arc::clone(&host.id));
                let words = format!("forwards {} to port {port} of {}", listener.port, host.id);
                way.stages.push(Stage::Forward(Arc::new(Forward {
                    front: listener.set.clone(),
                    to: Some(own),
                    to_port: Some(port),
                    from: (!behind.is_kept).then(|| behind.from.addresses.clone()),
                    rule: Rule {
                        resource,
                        path: listener.path.clone(),
                        words,
                        does: Does::Translates,
                    },
                })));
                self.go_in(&nic, subnet, &behind.from, &to, &mut way);
                found.push(Entrance { start: behind.start.clone(), way });
            }
        }
    }

    pub(super) fn keys_of_host(&self, host: &Host, keys: &mut Vec<Name>) {
        keys.push(Arc::clone(&host.id));
        keys.extend(host.short.clone());
        keys.extend(self.instances_of(host).map(|it| Arc::clone(&it.id)));
        for nic in self.nics(host).iter().chain(&host.nics) {
            keys.extend(nic.id.clone());
            keys.extend(nic.subnets.iter().cloned());
            keys.extend(nic.network.clone());
            keys.extend(nic.groups.iter().cloned());
            let networks = nic.subnets.iter().filter_map(|it| self.subnets.get(it));
            keys.extend(networks.filter_map(|it| it.network.clone()));
            let own = nic.addresses.iter().filter_map(|it| it.own.as_slice().first().copied());
            keys.extend(own.map(|it| Name::from(print_span(it))));
        }
    }

    /// The ways out: with a public address of its own, or through a NAT gateway.
    pub(super) fn exits_of(&self, host: &Host) -> Vec<Entrance> {
        let everybody = everybody();
        let mut found = Vec::new();
        for nic in self.nics(host) {
            for address in &nic.addresses {
                for subnet in subnets(&nic) {
                    self.leave(&nic, address, subnet, &everybody, &mut found);
                }
            }
        }
        if host.nics.is_empty() && host.door.is_some() {
            // A function or API without a network leaves from addresses of the cloud.
            let start = packets(&everybody.addresses, &everybody.addresses);
            found.push(Entrance { start, way: Way::default() });
        }
        found
    }

    fn leave(
        &self,
        nic: &Nic,
        address: &Address,
        subnet: Option<&Name>,
        everybody: &Arc<Party>,
        found: &mut Vec<Entrance>,
    ) {
        let own = self.own_addresses(address, subnet);
        let from = Self::party(nic, own.clone());
        let start = packets(&own, &everybody.addresses);
        let mut base = Way::default();
        self.go_out(nic, subnet, &from, everybody, &mut base);
        let Some(table) = self.table(subnet, nic.network.as_ref()) else {
            if let Some(public) = address.public {
                base.unread.push("route table".to_owned());
                base.stages.push(seen_as(nic, Spans::one(public), "its public address"));
                found.push(Entrance { start, way: base });
            }
            return;
        };
        if let Some(public) = address.public {
            let mut way = base.clone();
            way.stages.push(through(&table.internet, &from, everybody));
            way.stages.push(seen_as(nic, Spans::one(public), "its public address"));
            found.push(Entrance { start: start.clone(), way });
        }
        let mut nats: Vec<&Name> = table
            .routes
            .iter()
            .filter_map(|it| match &it.target {
                Target::Nat(nat) => Some(nat),
                _ => None,
            })
            .collect();
        nats.dedup();
        for nat in nats {
            let Some((public, _)) = self.nats.get(nat) else { continue };
            let gate = parse::route_gate(&table.id, &table.routes, |it| {
                *it == Target::Nat(Arc::clone(nat))
            });
            let mut way = base.clone();
            way.stages.push(through(&Arc::new(gate), &from, everybody));
            let public = if public.is_empty() { Spans::one(0) } else { public.clone() };
            way.stages.push(seen_as(nic, public, nat));
            found.push(Entrance { start: start.clone(), way });
        }
    }

    pub(super) fn between_hosts(&self, from: &Host, to: &Host) -> Vec<Entrance> {
        let mut found = Vec::new();
        let (nics, others) = (self.nics(from), self.nics(to));
        for nic in &nics {
            for other in &others {
                for subnet in subnets(nic) {
                    for far in subnets(other) {
                        self.between_nics((nic, subnet), (other, far), to, &mut found);
                    }
                }
            }
        }
        found
    }

    fn network_of<'a>(&'a self, nic: &'a Nic, subnet: Option<&Name>) -> Option<&'a Name> {
        nic.network.as_ref().or_else(|| self.subnets.get(subnet?)?.network.as_ref())
    }

    fn between_nics(
        &self,
        (nic, subnet): (&Nic, Option<&Name>),
        (other, far): (&Nic, Option<&Name>),
        host: &Host,
        found: &mut Vec<Entrance>,
    ) {
        let (Some(here), Some(there)) = (self.network_of(nic, subnet), self.network_of(other, far))
        else {
            return;
        };
        let all = |nic: &Nic, subnet: Option<&Name>| -> Spans {
            nic.addresses
                .iter()
                .map(|it| self.own_addresses(it, subnet))
                .fold(Spans::default(), |sum, it| sum.union(&it))
        };
        let (sources, destinations) = (all(nic, subnet), all(other, far));
        let mut ties: Vec<Option<Target>> = Vec::new();
        if here == there {
            ties.push(None);
        } else {
            ties.extend(self.ties(here, there).into_iter().map(Some));
        }
        for tie in ties {
            // Groups are not known across a transit gateway unless it is told to pass them on.
            let is_transit = matches!(tie, Some(Target::Transit(_)));
            let groups = |it: &Nic| if is_transit { Vec::new() } else { it.groups.clone() };
            let a = Arc::new(Party { addresses: sources.clone(), groups: groups(nic) });
            let b = Arc::new(Party { addresses: destinations.clone(), groups: groups(other) });
            let mut way = Way::default();
            let is_near = here == there && subnet.is_some() && subnet == far;
            self.go_out(nic, subnet.filter(|_| !is_near), &a, &b, &mut way);
            if let Some(tie) = &tie
                && !self.cross((nic, subnet), (other, far), tie, (&a, &b), &mut way)
            {
                continue;
            }
            self.go_in(other, far.filter(|_| !is_near), &a, &b, &mut way);
            if let Some(listens) = &host.listens {
                let (set, rule) = (Arc::clone(&listens.set), Arc::clone(&listens.rule));
                way.stages.push(Stage::Limit { set, rule });
            }
            if let Some(balancer) = self.balancers.get(&host.id) {
                listen(host, balancer, &mut way);
            }
            found.push(Entrance { start: packets(&sources, &destinations), way });
        }
    }

    /// The networks of a host, and those that a gateway ties to them.
    pub(super) fn near_host(&self, host: &Host) -> Vec<Name> {
        let nics = self.nics(host);
        let mut found: Vec<Name> = nics
            .iter()
            .filter_map(|nic| self.network_of(nic, nic.subnets.first()).cloned())
            .collect();
        let peered: Vec<Name> = self
            .peerings
            .values()
            .filter(|it| it.networks.iter().any(|it| found.contains(it)))
            .flat_map(|it| it.networks.iter().cloned())
            .collect();
        let transits: Vec<&Name> = self
            .attachments
            .values()
            .filter(|(_, network)| found.contains(network))
            .map(|(gateway, _)| gateway)
            .collect();
        let beyond = self.attachments.values().filter(|(gateway, _)| transits.contains(&gateway));
        let beyond: Vec<Name> = beyond.map(|(_, network)| Arc::clone(network)).collect();
        found.extend(peered.into_iter().chain(beyond));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The gateways that two networks share.
    fn ties(&self, here: &Name, there: &Name) -> Vec<Target> {
        let mut ties: Vec<Name> = self
            .peerings
            .iter()
            .filter(|(_, it)| it.networks.contains(here) && it.networks.contains(there))
            .map(|(name, _)| Arc::clone(name))
            .collect();
        ties.sort_unstable();
        let mut transits: Vec<&Name> = self
            .attachments
            .values()
            .filter(|(gateway, network)| {
                network == here
                    && self
                        .attachments
                        .values()
                        .any(|(other, far)| other == gateway && far == there)
            })
            .map(|(gateway, _)| gateway)
            .collect();
        transits.sort_unstable();
        transits.dedup();
        let transits = transits.into_iter().map(|it| Target::Transit(Arc::clone(it)));
        ties.into_iter().map(Target::Peering).chain(transits).collect()
    }

    /// Across a gateway: both sides must route to it.
    fn cross(
        &self,
        (nic, subnet): (&Nic, Option<&Name>),
        (other, far): (&Nic, Option<&Name>),
        tie: &Target,
        (a, b): (&Arc<Party>, &Arc<Party>),
        way: &mut Way,
    ) -> bool {
        if matches!(tie, Target::Transit(_)) {
            way.unread.push("the route tables of the transit gateway".to_owned());
        }
        let (Some(there), Some(back)) =
            (self.table(subnet, nic.network.as_ref()), self.table(far, other.network.as_ref()))
        else {
            return false; // nobody routes there unless somebody has said so
        };
        let gate =
            |table: &Table| Arc::new(parse::route_gate(&table.id, &table.routes, |it| it == tie));
        way.stages.push(through(&gate(there), a, b));
        way.stages.push(answered(&gate(back), b, a));
        true
    }
}

/// Only what a balancer listens to gets an answer.
fn listen(host: &Host, balancer: &Balancer, way: &mut Way) {
    let Some(listeners) = &balancer.listeners else {
        way.unread.push(format!("listeners of {}", host.id));
        return;
    };
    let mut set = PacketSet::default();
    for listener in listeners {
        set.add_all(&listener.set);
    }
    let ports: Vec<String> = listeners.iter().map(|it| it.port.to_string()).collect();
    let path = listeners.first().map(|it| it.path.clone()).unwrap_or_default();
    let words = format!("listens at {}", ports.join(", "));
    let rule = Rule { resource: Arc::clone(&host.id), path, words, does: Does::Permits };
    way.stages.push(Stage::Limit { set: Arc::new(set), rule: Arc::new(rule) });
}

/// The subnets that an interface may be in; one that is not known where none is said.
fn subnets(nic: &Nic) -> Vec<Option<&Name>> {
    if nic.subnets.is_empty() { vec![None] } else { nic.subnets.iter().map(Some).collect() }
}

/// From here on seen as coming from other addresses.
fn seen_as(nic: &Nic, addresses: Spans, by: &str) -> Stage {
    let resource = nic.id.clone().unwrap_or_else(|| "".into());
    Stage::Forward(Arc::new(Forward {
        front: PacketSet::all(),
        to: None,
        to_port: None,
        from: Some(addresses),
        rule: Rule {
            resource,
            path: String::new(),
            words: format!("seen from outside as {by}"),
            does: Does::Translates,
        },
    }))
}

/// The listeners that lead to a host, at which port of it, and whether that is sure.
fn forwards<'a>(
    balancer: &'a Balancer,
    targets: Option<&Targets>,
    host: &Host,
) -> Vec<(&'a Listener, u128, bool)> {
    let listeners = balancer.listeners.as_deref().unwrap_or_default();
    let Some(targets) = targets else {
        let port = |it: &Listener| it.instance_port.unwrap_or(it.port);
        return listeners.iter().map(|it| (it, port(it), true)).collect();
    };
    let own: Vec<Name> = host
        .nics
        .iter()
        .flat_map(|it| &it.addresses)
        .filter_map(|it| it.own.as_slice().first().map(|it| Name::from(print_span(*it))))
        .collect();
    let is_host = |name: &Name| host.short.as_ref() == Some(name) || own.contains(name);
    let ports: Vec<u128> =
        targets.members.iter().filter(|(name, _)| is_host(name)).map(|(_, port)| *port).collect();
    let named: Vec<&Listener> =
        listeners.iter().filter(|it| it.targets.contains(&targets.id)).collect();
    let (listeners, is_sure) =
        if named.is_empty() { (listeners.iter().collect(), false) } else { (named, true) };
    listeners
        .into_iter()
        .flat_map(|it| ports.iter().map(move |port| (it, *port, is_sure)))
        .collect()
}
