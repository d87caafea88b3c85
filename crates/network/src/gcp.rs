//! Networks of Google Cloud.
//!
//! From the internet a packet needs an external address, a firewall that lets it in, and a route of its
//! answer to the internet gateway. The firewall is judged in levels: policies of the organisation and of
//! folders, rules of the network, policies of the network, and what is implied: nothing comes in,
//! everything goes out. <https://cloud.google.com/firewall/docs/firewall-policies-overview#rule-evaluation>,
//! <https://cloud.google.com/vpc/docs/vpc-peering>.
//!
//! Which folders a project lies in is not known here: a policy of a folder may or may not count.

mod parse;

use std::sync::Arc;

use hashbrown::HashMap;
use model::Resource;

use self::parse::{Firewall, FirewallRule, Route, link};
use crate::answer::Does;
use crate::cloud::{Cloud, Entrance, Touched, everybody, packets};
use crate::gate::{Action, Clause, Gate, Name, Party, Who};
use crate::packets::{Cube, Field, PacketSet};
use crate::read::At;
use crate::spans::{Span, Spans, address_of, parse_prefix, print_span};
use crate::way::{Forward, Rule, Stage, Way, answered, through};

/// An interface of a machine.
#[derive(Debug, Clone)]
struct Nic {
    network: Name,
    own: Spans,
    public: Option<u128>,
    path: String,
    party: Arc<Party>,
}

#[derive(Debug, Default)]
struct Host {
    nics: Vec<Nic>,
    door: Option<Arc<Gate>>,
    /// A service that answers in a network, too.
    inside: Option<Inside>,
    /// Nobody answers.
    is_stopped: bool,
}

/// Where a service answers beside the internet.
#[derive(Debug, Clone)]
struct Inside {
    network: Name,
    ports: Arc<PacketSet>,
    /// Where it is written.
    path: &'static str,
}

/// The rules of a network, worked out of all that stands around it.
#[derive(Debug)]
struct Walls {
    into: Arc<Gate>,
    out: Arc<Gate>,
    /// `None` when no route of it was read.
    internet: Option<Arc<Gate>>,
}

/// Everything of Google Cloud.
#[derive(Debug, Default)]
pub(crate) struct Gcp {
    firewalls: HashMap<Name, Firewall>,
    policies: HashMap<Name, (Vec<Name>, Vec<FirewallRule>)>,
    routes: HashMap<Name, Route>,
    /// Peers by network.
    peers: HashMap<Name, (Name, Vec<Name>)>,
    hosts: HashMap<Name, Host>,
    walls: HashMap<Name, Walls>,
    is_stale: bool,
    unread: Unread,
}

/// Stands for rules that were not read.
#[derive(Debug)]
struct Unread(Arc<Gate>);

impl Default for Unread {
    fn default() -> Self {
        Self(Arc::new(Gate::unread(&"".into())))
    }
}

impl Cloud for Gcp {
    fn takes(&self, kind: &str) -> bool {
        kind.starts_with("gcp.")
    }

    fn put(&mut self, resource: &Resource, document: At<'_>, touched: &mut Touched) {
        self.remove(&resource.id, touched);
        let id: Name = resource.id.as_str().into();
        match resource.kind.as_ref() {
            "gcp.compute-firewall" => {
                self.firewalls.insert(Arc::clone(&id), parse::firewall(&id, document));
            }
            "gcp.compute-firewall-policy" => {
                self.policies.insert(Arc::clone(&id), parse::policy(&id, document));
            }
            "gcp.compute-route" => {
                if let Some(route) = parse::route(&id, document) {
                    self.routes.insert(Arc::clone(&id), route);
                }
            }
            "gcp.compute-network" => {
                let peers = document.get("peerings").items().filter_map(|it| {
                    let is_active = it.get("state").text().is_none_or(|it| it == "ACTIVE");
                    it.get("network").text().filter(|_| is_active).map(link)
                });
                self.peers.insert(Arc::clone(&id), (link(&id), peers.collect()));
            }
            "gcp.compute-instance" => drop(self.hosts.insert(Arc::clone(&id), machine(document))),
            kind => {
                let Some(door) = parse::door(kind, &id, document) else { return };
                let is_stopped = parse::is_stopped(kind, document);
                let inside = parse::inside(kind, document);
                let door = Some(Arc::new(door));
                let host = Host { door, inside, is_stopped, ..Host::default() };
                self.hosts.insert(Arc::clone(&id), host);
            }
        }
        self.touch(&id, touched);
    }

    fn remove(&mut self, id: &str, touched: &mut Touched) {
        self.touch(id, touched);
        self.firewalls.remove(id);
        self.policies.remove(id);
        self.routes.remove(id);
        self.peers.remove(id);
        self.hosts.remove(id);
    }

    fn settle(&mut self, _touched: &mut Touched) {
        let mut networks: Vec<Name> =
            self.hosts.values().flat_map(|it| &it.nics).map(|it| Arc::clone(&it.network)).collect();
        networks.sort_unstable();
        networks.dedup();
        if std::mem::take(&mut self.is_stale)
            || networks.iter().any(|it| !self.walls.contains_key(it))
        {
            self.walls =
                networks.into_iter().map(|it| (Arc::clone(&it), self.walls_of(&it))).collect();
        }
    }

    fn has(&self, id: &str) -> bool {
        self.hosts.contains_key(id)
    }

    fn is_stopped(&self, id: &str) -> bool {
        self.hosts.get(id).is_some_and(|it| it.is_stopped)
    }

    fn keys_of(&self, id: &str) -> Vec<Name> {
        let nics = self.hosts.get(id).into_iter().flat_map(|it| &it.nics);
        let networks =
            nics.flat_map(|it| [Arc::clone(&it.network), "gcp firewall policies".into()]);
        let inside = self.hosts.get(id).and_then(|it| it.inside.as_ref());
        let inside = inside.map(|it| Arc::clone(&it.network));
        std::iter::once(id.into()).chain(networks).chain(inside).collect()
    }

    fn entrances(&self, id: &str) -> Vec<Entrance> {
        let Some((id, host)) = self.hosts.get_key_value(id) else { return Vec::new() };
        let everybody = everybody();
        let mut found: Vec<Entrance> =
            host.nics.iter().filter_map(|it| self.come_in(id, it, &everybody)).collect();
        if let Some(door) = &host.door {
            let to = Arc::new(Party { addresses: Spans::one(0), groups: Vec::new() });
            let start = packets(&everybody.addresses, &to.addresses);
            let way = Way { stages: vec![through(door, &everybody, &to)], ..Way::default() };
            found.push(Entrance { start, way });
        }
        found
    }

    fn exits(&self, id: &str) -> Vec<Entrance> {
        let Some((id, host)) = self.hosts.get_key_value(id) else { return Vec::new() };
        let everybody = everybody();
        host.nics.iter().filter_map(|it| self.leave(id, it, &everybody)).collect()
    }

    fn inner(&self, from: &str, to: &str) -> Vec<Entrance> {
        let (Some(from), Some((id, to))) = (self.hosts.get(from), self.hosts.get_key_value(to))
        else {
            return Vec::new();
        };
        let pairs = from.nics.iter().flat_map(|a| to.nics.iter().map(move |b| (a, b)));
        let mut found: Vec<Entrance> = pairs.filter_map(|(a, b)| self.between(a, b)).collect();
        if let Some(inside) = &to.inside {
            found.extend(from.nics.iter().filter_map(|it| self.to_service(it, id, inside)));
        }
        found
    }

    fn near(&self, id: &str) -> Vec<Name> {
        let nics = self.hosts.get(id).into_iter().flat_map(|it| &it.nics);
        let mut found: Vec<Name> = nics.map(|it| Arc::clone(&it.network)).collect();
        let peers: Vec<Name> = self
            .peers
            .values()
            .filter(|(network, _)| found.contains(network))
            .flat_map(|(_, peers)| peers.iter().cloned())
            .collect();
        found.extend(peers);
        found
    }
}

fn machine(document: At<'_>) -> Host {
    let tags = parse::groups(document);
    let mut nics = Vec::new();
    for (n, it) in document.get("networkInterfaces").items().enumerate() {
        let network = it.get("network").text().map_or_else(|| "".into(), link);
        let mut groups = tags.clone();
        groups.push(Arc::clone(&network));
        let own: Spans = it.get("networkIP").text().and_then(parse_prefix).into_iter().collect();
        let own = if own.is_empty() { Spans::one(0) } else { own };
        let configs = it.get("accessConfigs");
        let public = configs
            .items()
            .next()
            .map(|it| it.get("natIP").text().and_then(parse_prefix).map_or(0, |it| it.first));
        let party = Arc::new(Party { addresses: own.clone(), groups: groups.clone() });
        let path = format!("networkInterfaces[{n}].accessConfigs[0].natIP");
        nics.push(Nic { network: Arc::clone(&network), own, public, path, party });
        let v6 = it
            .get("ipv6AccessConfigs")
            .items()
            .filter_map(|it| it.get("externalIpv6").text().and_then(parse_prefix));
        for span in v6.collect::<Vec<_>>() {
            let own = Spans::one(span.first);
            let party = Arc::new(Party { addresses: own.clone(), groups: groups.clone() });
            let path = format!("networkInterfaces[{n}].ipv6AccessConfigs");
            let public = Some(span.first);
            nics.push(Nic { network: Arc::clone(&network), own, public, path, party });
        }
    }
    // A machine that does not run is `TERMINATED`: it is there, and can be started.
    let state = document.get("status").text();
    let resting = ["TERMINATED", "STOPPED", "STOPPING", "SUSPENDED", "SUSPENDING"];
    let is_stopped = state.is_some_and(|it| resting.contains(&it));
    Host { nics, is_stopped, ..Host::default() }
}

impl Gcp {
    fn touch(&mut self, id: &str, touched: &mut Touched) {
        if self.hosts.contains_key(id) {
            touched.insert(id.into());
        }
        let network = self.firewalls.get(id).and_then(|it| it.network.clone());
        let network = network.or_else(|| self.routes.get(id).and_then(|it| it.network.clone()));
        self.is_stale |= network.is_some() || self.policies.contains_key(id);
        touched.extend(network);
        if self.policies.contains_key(id) {
            touched.insert("gcp firewall policies".into());
        }
        if let Some((network, peers)) = self.peers.get(id) {
            touched.insert(Arc::clone(network));
            touched.extend(peers.iter().cloned());
        }
    }

    fn walls_of(&self, network: &Name) -> Walls {
        let [into, out] = [false, true].map(|is_out| Arc::new(self.wall(network, is_out)));
        let mut routes: Vec<&Route> =
            self.routes.values().filter(|it| it.network.as_ref() == Some(network)).collect();
        routes.sort_by(|a, b| {
            let key = |it: &Route| (it.prefix.last - it.prefix.first, it.priority);
            key(a).cmp(&key(b)).then_with(|| a.resource.cmp(&b.resource))
        });
        let clauses = routes.iter().map(|it| Clause {
            action: if it.is_internet { Action::Permit } else { Action::Forbid },
            from: if it.tags.is_empty() {
                Who::anyone()
            } else {
                Who { groups: it.tags.clone(), ..Who::default() }
            },
            to: Who::at(Spans::from_iter([it.prefix])),
            traffic: PacketSet::all(),
            path: "destRange".to_owned(),
            words: format!("routes {}", print_span(it.prefix)),
        });
        let clauses: Vec<Clause> = clauses.collect();
        let internet = (!clauses.is_empty()).then(|| {
            let mut gate = Gate::routes(network, clauses);
            gate.sources = routes.iter().map(|it| Arc::clone(&it.resource)).collect();
            Arc::new(gate)
        });
        Walls { into, out, internet }
    }

    /// All rules of one direction, level by level.
    fn wall(&self, network: &Name, is_out: bool) -> Gate {
        let mut clauses: Vec<(Name, Clause)> = Vec::new();
        let mut policies: Vec<_> = self.policies.iter().collect();
        policies.sort_by(|a, b| a.0.cmp(b.0));
        let is_above =
            |target: &Name| target.contains("organizations/") || target.contains("folders/");
        let is_organisation = |it: &Vec<Name>| it.iter().any(|it| it.contains("organizations/"));
        policies.sort_by_key(|(_, (attached, _))| !is_organisation(attached));
        for (_, (attached, rules)) in &policies {
            if attached.iter().any(is_above) {
                let is_sure = is_organisation(attached);
                let of_level = rules.iter().filter(|it| it.is_out == is_out);
                clauses.extend(of_level.map(|it| maybe(it, is_sure)));
                clauses.push(next_level());
            }
        }
        let mut own: Vec<&FirewallRule> = self
            .firewalls
            .values()
            .filter(|it| it.network.as_ref() == Some(network))
            .flat_map(|it| &it.rules)
            .filter(|it| it.is_out == is_out)
            .collect();
        own.sort_by(|a, b| (a.order, &a.resource).cmp(&(b.order, &b.resource)));
        clauses.extend(own.into_iter().map(|it| maybe(it, true)));
        clauses.push(next_level());
        for (_, (attached, rules)) in &policies {
            if attached.contains(network) {
                clauses.extend(
                    rules.iter().filter(|it| it.is_out == is_out).map(|it| maybe(it, true)),
                );
                clauses.push(next_level());
            }
        }
        let (sources, clauses): (Vec<Name>, Vec<Clause>) = clauses.into_iter().unzip();
        let mut gate = if is_out {
            Gate::open(network, clauses, "what goes out is permitted unless a rule forbids it")
        } else {
            Gate::closed(network, clauses)
        };
        gate.sources = sources;
        gate
    }

    fn come_in(&self, id: &Name, nic: &Nic, everybody: &Arc<Party>) -> Option<Entrance> {
        let public = nic.public?;
        let walls = self.walls.get(&nic.network)?;
        let mut way = Way::default();
        if nic.own.first() != Some(public) {
            let words = address_of(public).map_or_else(
                || "it has an external address".to_owned(),
                |it| format!("{it} is its external address"),
            );
            way.stages.push(translate(id, nic, public, words));
        }
        match &walls.internet {
            Some(gate) => way.stages.push(answered(gate, &nic.party, everybody)),
            None => way.unread.push(format!("routes of {}", nic.network)),
        }
        if self.firewalls.is_empty() && self.policies.is_empty() {
            way.unread.push(format!("firewall rules of {}", nic.network));
            way.stages.push(through(&self.unread.0, everybody, &nic.party));
        } else {
            way.stages.push(through(&walls.into, everybody, &nic.party));
        }
        Some(Entrance { start: packets(&everybody.addresses, &Spans::one(public)), way })
    }

    fn leave(&self, id: &Name, nic: &Nic, everybody: &Arc<Party>) -> Option<Entrance> {
        let walls = self.walls.get(&nic.network)?;
        let mut way = Way::default();
        way.stages.push(through(&walls.out, &nic.party, everybody));
        match &walls.internet {
            Some(gate) => way.stages.push(through(gate, &nic.party, everybody)),
            None => way.unread.push(format!("routes of {}", nic.network)),
        }
        let seen = if let Some(public) = nic.public.filter(|it| *it != 0) {
            Spans::one(public)
        } else {
            // Without an address of its own only translation leads out, by an address not told here.
            way.unread.push(format!("the address that {id} is seen with"));
            way.stages.push(through(&self.unread.0, &nic.party, everybody));
            everybody.addresses.clone()
        };
        way.stages.push(Stage::Forward(Arc::new(Forward {
            front: PacketSet::all(),
            to: None,
            to_port: None,
            from: Some(seen),
            rule: Rule {
                resource: Arc::clone(id),
                path: nic.path.clone(),
                words: "seen from outside by its external address".to_owned(),
                does: Does::Translates,
            },
        })));
        Some(Entrance { start: packets(&nic.own, &everybody.addresses), way })
    }

    /// To a service at its address in the network of the sender.
    fn to_service(&self, from: &Nic, id: &Name, inside: &Inside) -> Option<Entrance> {
        if from.network != inside.network {
            return None;
        }
        let everybody = everybody();
        let rule = Rule {
            resource: Arc::clone(id),
            path: inside.path.to_owned(),
            words: format!("answers in {}", inside.network),
            does: Does::Permits,
        };
        let stages = vec![
            through(&self.walls.get(&from.network)?.out, &from.party, &everybody),
            Stage::Limit { set: Arc::clone(&inside.ports), rule: Arc::new(rule) },
        ];
        let start = packets(&from.own, &everybody.addresses);
        Some(Entrance { start, way: Way { stages, ..Way::default() } })
    }

    fn between(&self, a: &Nic, b: &Nic) -> Option<Entrance> {
        let knows = |x: &Name, y: &Name| {
            self.peers.values().any(|(network, peers)| network == x && peers.contains(y))
        };
        let is_one = a.network == b.network;
        let is_peered = knows(&a.network, &b.network) && knows(&b.network, &a.network);
        if !is_one && !is_peered {
            return None;
        }
        let (here, there) = (self.walls.get(&a.network)?, self.walls.get(&b.network)?);
        // Tags and accounts of one network mean nothing in another.
        let stranger =
            |nic: &Nic| Arc::new(Party { addresses: nic.own.clone(), groups: Vec::new() });
        let (far_a, far_b) = if is_one {
            (Arc::clone(&a.party), Arc::clone(&b.party))
        } else {
            (stranger(a), stranger(b))
        };
        let stages =
            vec![through(&here.out, &a.party, &far_b), through(&there.into, &far_a, &b.party)];
        let way = Way { stages, ..Way::default() };
        Some(Entrance { start: packets(&a.own, &b.own), way })
    }
}

/// A rule as a clause, of a level that counts surely or perhaps.
fn maybe(rule: &FirewallRule, is_sure: bool) -> (Name, Clause) {
    let mut clause = rule.clause.clone();
    if !is_sure {
        clause.action = match clause.action {
            Action::Permit => Action::MayPermit,
            Action::Forbid => Action::MayForbid,
            other => other,
        };
    }
    (Arc::clone(&rule.resource), clause)
}

fn next_level() -> (Name, Clause) {
    let clause = Clause {
        action: Action::Level,
        from: Who::anyone(),
        to: Who::anyone(),
        traffic: PacketSet::default(),
        path: String::new(),
        words: String::new(),
    };
    ("".into(), clause)
}

fn translate(id: &Name, nic: &Nic, public: u128, words: String) -> Stage {
    Stage::Forward(Arc::new(Forward {
        front: Cube::ALL.with(Field::To, Span::one(public)).into(),
        to: Some(nic.own.clone()),
        to_port: None,
        from: None,
        rule: Rule {
            resource: Arc::clone(id),
            path: nic.path.clone(),
            words,
            does: Does::Translates,
        },
    }))
}
