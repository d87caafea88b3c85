//! All networks together: what is exposed, what passes between two, what one can reach.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use model::{Keys, Resource};

use crate::answer::{Answer, Exposure, Passage, Ports, Width};
use crate::aws::Aws;
use crate::azure::Azure;
use crate::cloud::{Cloud, Entrance, Touched};
use crate::gate::{Name, Passing};
use crate::gcp::Gcp;
use crate::k8s::Kubernetes;
use crate::packets::{Field, LAST_PORT, PacketSet, TCP};
use crate::read::At;
use crate::spans::{Span, Spans, parse_range};
use crate::way::Key;

/// The name of everybody on the internet, where the id of an end point may stand.
pub const INTERNET: &str = "internet";

/// The name of an IP group of Azure whose public ranges the tenant trusts.
const TRUSTED_GROUP: &str = "mdc-network-exposure-trusted-ips";

/// The networks of an estate.
///
/// It is compiled from resources and follows their changes. What end points of equal rules have in
/// common is found out once: the exposure of all of them is known after each update, without proofs.
/// Proofs and what passes between two are worked out when somebody asks.
#[derive(Debug)]
pub struct Network {
    keys: Keys,
    clouds: Vec<Box<dyn Cloud>>,
    /// Public ranges that the organisation trusts.
    trusted: Spans,
    /// Those of IP groups that are named so that they are trusted, by their ids.
    trusted_groups: HashMap<Name, Spans>,
    /// What is known of each end point.
    exposed: HashMap<Name, Arc<Exposed>>,
    /// The end points that depend on a key.
    dependents: HashMap<Name, HashSet<Name>>,
    depends_on: HashMap<Name, Vec<Name>>,
    /// What changed since answers were worked out.
    touched: Touched,
}

/// An answer about ways, and the ways: a key names shared things by their place in memory, so they live
/// as long as it does.
type Held<T> = (T, Vec<Entrance>);

/// What end points of one class have in common.
#[derive(Debug, Default)]
pub(crate) struct Exposed {
    pub(crate) door: Sources,
    end: Ports,
    /// TCP ports at which packets from nearly anywhere surely arrive.
    wide_tcp: Spans,
    maybe_end: Ports,
    unread: Vec<String>,
    via: Vec<String>,
}

/// Addresses of senders whose packets surely arrive, and of those whose may.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    sure: Spans,
    pub(crate) maybe: Spans,
}

/// A group of end points that one end point can reach at the same ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached<'n> {
    /// Whether packets surely arrive.
    pub answer: Answer,
    /// At which ports.
    pub ports: Ports,
    /// Whom.
    pub id: &'n str,
}

impl Network {
    /// A network without anything in it. `keys` must be the table that documents are built with.
    pub fn new(keys: &Keys) -> Self {
        Self {
            keys: keys.clone(),
            clouds: vec![
                Box::new(Aws::default()),
                Box::new(Azure::default()),
                Box::new(Gcp::default()),
                Box::new(Kubernetes::default()),
            ],
            trusted: Spans::default(),
            trusted_groups: HashMap::new(),
            exposed: HashMap::new(),
            dependents: HashMap::new(),
            depends_on: HashMap::new(),
            touched: Touched::new(),
        }
    }

    /// The same, with public ranges that the organisation trusts: what can be reached only from there
    /// is of trusted width.
    #[must_use]
    pub fn with_trusted(mut self, trusted: Spans) -> Self {
        self.trusted = trusted;
        self
    }

    /// Learns resources, in place of earlier states of them, and forgets others. Gives the end points
    /// whose answers may have changed, in order.
    pub fn update<'r>(
        &mut self,
        put: impl IntoIterator<Item = &'r Resource>,
        removed: impl IntoIterator<Item = &'r str>,
    ) -> Vec<String> {
        self.take(put, removed);
        self.settle()
    }

    /// The same without working anything out: for resources that come in pieces, of which the last is
    /// followed by [`Network::settle`]. Until then answers are those of before.
    pub fn take<'r>(
        &mut self,
        put: impl IntoIterator<Item = &'r Resource>,
        removed: impl IntoIterator<Item = &'r str>,
    ) {
        let touched = &mut self.touched;
        for id in removed {
            self.trusted_groups.remove(id);
            for cloud in &mut self.clouds {
                cloud.remove(id, touched);
            }
        }
        for resource in put {
            if resource.name == TRUSTED_GROUP && resource.kind.to_lowercase().contains("ipgroup") {
                let document = At::new(resource.doc.view(), &self.keys);
                let ranges = document.get("properties.ipAddresses");
                let ranges = ranges.texts().filter_map(parse_range).collect();
                self.trusted_groups.insert(resource.id.as_str().into(), ranges);
            }
            for cloud in &mut self.clouds {
                if !cloud.takes(&resource.kind) {
                    continue;
                }
                if resource.collected {
                    let document = At::new(resource.doc.view(), &self.keys);
                    cloud.put(resource, document, touched);
                } else {
                    cloud.remove(&resource.id, touched);
                }
            }
        }
    }

    /// Works out what depends on what was taken. Gives the end points whose answers may have changed, in
    /// order.
    pub fn settle(&mut self) -> Vec<String> {
        let mut touched = std::mem::take(&mut self.touched);
        for cloud in &mut self.clouds {
            cloud.settle(&mut touched);
        }
        self.look_again(&touched)
    }

    fn look_again(&mut self, touched: &Touched) -> Vec<String> {
        let mut changed: Vec<Name> = touched
            .iter()
            .flat_map(|key| {
                let is_endpoint = self.clouds.iter().any(|it| it.has(key));
                let dependents = self.dependents.get(key).into_iter().flatten().cloned();
                dependents.chain(is_endpoint.then(|| Arc::clone(key)))
            })
            .collect();
        changed.sort_unstable();
        changed.dedup();
        let mut classes: HashMap<Vec<Key>, Held<Arc<Exposed>>> = HashMap::new();
        for id in &changed {
            self.forget(id);
            let Some(cloud) = self.clouds.iter().find(|it| it.has(id)) else { continue };
            let entrances = cloud.entrances(id);
            let mut key = Vec::new();
            for entrance in &entrances {
                entrance.way.key(&mut key);
            }
            let (exposed, _) =
                classes.entry(key).or_insert_with(|| (Arc::new(exposed(&entrances)), entrances));
            self.exposed.insert(Arc::clone(id), Arc::clone(exposed));
            let mut keys = cloud.keys_of(id);
            keys.sort_unstable();
            keys.dedup();
            for key in &keys {
                self.dependents.entry(Arc::clone(key)).or_default().insert(Arc::clone(id));
            }
            self.depends_on.insert(Arc::clone(id), keys);
        }
        changed.iter().map(|it| it.as_ref().to_owned()).collect()
    }

    fn forget(&mut self, id: &str) {
        self.exposed.remove(id);
        for key in self.depends_on.remove(id).unwrap_or_default() {
            if let Some(dependents) = self.dependents.get_mut(&key) {
                dependents.remove(id);
                if dependents.is_empty() {
                    self.dependents.remove(&key);
                }
            }
        }
    }

    /// The ids of what can be reached or can reach, in order.
    pub fn endpoints(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.exposed.keys().map(AsRef::as_ref).collect();
        ids.sort_unstable();
        ids
    }

    /// End points in whose networks, or in networks that are tied to these, one of `targets` is, in order: nobody
    /// else reaches these without going over the internet.
    pub fn sources_near(&self, targets: &HashSet<&str>) -> Vec<&str> {
        let keys = targets.iter().filter_map(|it| self.depends_on.get(*it)).flatten();
        let keys: HashSet<&Name> = keys.collect();
        let is_near = |id: &&Name| {
            self.find(id).is_some_and(|it| it.near(id).iter().any(|key| keys.contains(key)))
        };
        let mut found: Vec<&str> = self.exposed.keys().filter(is_near).map(AsRef::as_ref).collect();
        found.sort_unstable();
        found
    }

    /// Whether `id` is an end point.
    pub fn is_endpoint(&self, id: &str) -> bool {
        self.exposed.contains_key(id)
    }

    /// How exposed an end point is to the internet; `None` when it is none.
    pub fn exposure(&self, id: &str) -> Option<Exposure> {
        let mut exposure = self.exposure_without_proof(id)?;
        if exposure.answer == Answer::Yes {
            let cloud = self.clouds.iter().find(|it| it.has(id))?;
            let entrances = cloud.entrances(id);
            exposure.proof =
                entrances.iter().find_map(|it| it.way.prove(&it.start, &PacketSet::all()));
        }
        Some(exposure)
    }

    /// The same without a proof, which costs nothing.
    pub fn exposure_without_proof(&self, id: &str) -> Option<Exposure> {
        let running = self.exposure_of_running(id)?;
        if !self.is_stopped(id) {
            return Some(running);
        }
        let once_started = (running.answer != Answer::No).then(|| Box::new(running));
        Some(Exposure { once_started, ..Exposure::none() })
    }

    /// Whether an end point is known not to run, so that it answers nobody.
    pub(crate) fn is_stopped(&self, id: &str) -> bool {
        self.find(id).is_some_and(|it| it.is_stopped(id))
    }

    /// How exposed an end point is once it runs.
    fn exposure_of_running(&self, id: &str) -> Option<Exposure> {
        let exposed = self.exposed.get(id)?;
        let answer = if !exposed.end.is_empty() {
            Answer::Yes
        } else if exposed.maybe_end.is_empty() {
            Answer::No
        } else {
            Answer::Unknown
        };
        let (ports, sources) = match answer {
            Answer::Yes => (exposed.end.clone(), exposed.door.sure.clone()),
            Answer::Unknown => (exposed.maybe_end.clone(), exposed.door.maybe.clone()),
            Answer::No => (Ports::default(), Spans::default()),
        };
        let is_exposed = answer == Answer::Yes;
        Some(Exposure {
            answer,
            ports,
            width: is_exposed.then(|| Width::of(&sources, &self.all_trusted())),
            sources,
            wide_tcp: if is_exposed { exposed.wide_tcp.clone() } else { Spans::default() },
            via: exposed.via.clone(),
            proof: None,
            unread: if answer == Answer::No { Vec::new() } else { exposed.unread.clone() },
            once_started: None,
        })
    }

    fn all_trusted(&self) -> Spans {
        self.trusted_groups.values().fold(self.trusted.clone(), |sum, it| sum.union(it))
    }

    /// What may pass from one end point, or from [`INTERNET`], to another: inside networks, or over the
    /// internet.
    pub fn between(&self, from: &str, to: &str) -> Passage {
        self.passage(from, to, &PacketSet::all())
    }

    /// The same for some packets only, as they arrive.
    pub fn passage(&self, from: &str, to: &str, wanted: &PacketSet) -> Passage {
        let entrances = self.ways_between(from, to);
        let (mut sure, mut maybe) = (Ports::default(), Ports::default());
        let (mut proof, mut unread) = (None, Vec::new());
        for it in &entrances {
            let through = it.way.send(&it.start);
            let end = through.end.map(|set| set.intersect(wanted));
            if end.maybe.is_empty() {
                continue;
            }
            sure = sure.union(&Ports::of(&end.sure));
            maybe = maybe.union(&Ports::of(&end.maybe));
            unread.extend(it.way.unread.iter().cloned());
            if proof.is_none() {
                proof = it.way.prove(&it.start, wanted);
            }
        }
        unread.sort_unstable();
        unread.dedup();
        let (answer, ports) = if !sure.is_empty() {
            (Answer::Yes, sure)
        } else if maybe.is_empty() {
            (Answer::No, maybe)
        } else {
            (Answer::Unknown, maybe)
        };
        Passage { answer, ports, proof, unread }
    }

    pub(crate) fn find(&self, id: &str) -> Option<&dyn Cloud> {
        self.clouds.iter().find(|it| it.has(id)).map(AsRef::as_ref)
    }

    fn ways_between(&self, from: &str, to: &str) -> Vec<Entrance> {
        if self.is_stopped(to) {
            return Vec::new();
        }
        if from == INTERNET {
            return self.find(to).map_or_else(Vec::new, |it| it.entrances(to));
        }
        let Some(source) = self.find(from) else { return Vec::new() };
        let mut found = if source.has(to) { source.inner(from, to) } else { Vec::new() };
        found.extend(self.outside(&source.exits(from), to));
        found
    }

    /// The ways that go over the internet.
    fn outside(&self, exits: &[Entrance], to: &str) -> Vec<Entrance> {
        let entrances = self.find(to).map_or_else(Vec::new, |it| it.entrances(to));
        let mut found = Vec::new();
        for exit in exits {
            for entrance in &entrances {
                let mut way = exit.way.clone();
                let destinations = entrance.start.values(Field::To);
                // An address that is not known is on the internet, wherever it is.
                let start = if destinations == Spans::one(0) {
                    way.stages.push(crate::way::to_unknown());
                    exit.start.clone()
                } else {
                    exit.start.within(Field::To, &destinations)
                };
                way.stages.extend(entrance.way.stages.iter().cloned());
                way.unread.extend(entrance.way.unread.iter().cloned());
                way.via.clone_from(&entrance.way.via);
                found.push(Entrance { start, way });
            }
        }
        found
    }

    /// Every end point that `from` can reach at anything, inside networks or over the internet, in the
    /// order of ids. Only networks that are tied to its own are looked at, and what is exposed.
    pub fn reaches(&self, from: &str) -> Vec<Reached<'_>> {
        let far: Vec<&str> = self.exposed.keys().map(AsRef::as_ref).collect();
        let mut found = Vec::new();
        self.reaching(|_| true, &far).each(from, &mut |id, answer, ports| {
            found.push(Reached { answer, ports: ports.clone(), id });
        });
        found
    }

    /// What is known of how an end point is exposed.
    pub(crate) fn exposed(&self, id: &str) -> Option<&Exposed> {
        self.exposed.get(id).map(AsRef::as_ref)
    }

    /// The end points that depend on a key.
    pub(crate) fn dependents_of(&self, key: &str) -> impl Iterator<Item = &str> {
        self.dependents.get(key).into_iter().flatten().map(AsRef::as_ref)
    }
}

/// The ports at which packets arrive surely, and at which they may.
pub(crate) fn arriving(ways: &[Entrance]) -> (Ports, Ports) {
    ways.iter().fold(Default::default(), |(sure, maybe): (Ports, Ports), it| {
        let end = it.way.send(&it.start).end;
        (sure.union(&Ports::of(&end.sure)), maybe.union(&Ports::of(&end.maybe)))
    })
}

/// What comes through any of these ways.
fn exposed(entrances: &[Entrance]) -> Exposed {
    let mut found = Exposed::default();
    for it in entrances {
        let through = it.way.send(&it.start);
        if through.end.maybe.is_empty() {
            continue;
        }
        let Passing { sure, maybe } = through.door;
        found.door.sure = found.door.sure.union(&sure.values(Field::From));
        found.door.maybe = found.door.maybe.union(&maybe.values(Field::From));
        found.end = found.end.union(&Ports::of(&through.end.sure));
        found.maybe_end = found.maybe_end.union(&Ports::of(&through.end.maybe));
        found.unread.extend(it.way.unread.iter().cloned());
        found.via.extend(it.way.via.iter().map(|it| it.as_ref().to_owned()));
    }
    found.unread.sort_unstable();
    found.unread.dedup();
    found.via.sort_unstable();
    found.via.dedup();
    if Width::is_wide(&found.door.sure) {
        found.wide_tcp = wide_tcp(entrances, &found.end.tcp);
    }
    found
}

/// Most parts of ports that are told apart: beyond it, a part counts as wide where its first port is.
const MOST_PARTS: usize = 64;

/// The TCP ports of `open` at which packets from nearly anywhere arrive: a port that is open to one address is not
/// open to all because another one is.
fn wide_tcp(entrances: &[Entrance], open: &Spans) -> Spans {
    let tcp = PacketSet::all().within(Field::Protocol, &Spans::one(TCP));
    // where the senders of packets to one port may differ from those of packets to the next
    let mut cuts: Vec<u128> = open.as_slice().iter().map(|it| it.first).collect();
    for it in entrances {
        let end = it.way.send(&it.start).end.sure.intersect(&tcp);
        for span in end.cubes().iter().map(|it| it.get(Field::ToPort)) {
            cuts.extend([span.first, span.last + 1]);
        }
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts.truncate(MOST_PARTS);
    let ends = cuts.iter().skip(1).map(|next| next - 1).chain([LAST_PORT]);
    let parts = cuts
        .iter()
        .zip(ends)
        .map(|(first, last)| open.intersect(&[Span { first: *first, last }].into_iter().collect()));
    let parts: Vec<Spans> = parts.filter(|it| !it.is_empty()).collect();
    let firsts = parts.iter().filter_map(Spans::first);
    let wanted: Vec<PacketSet> =
        firsts.map(|it| tcp.within(Field::ToPort, &Spans::one(it))).collect();
    let mut senders = vec![Spans::default(); parts.len()];
    for it in entrances {
        for (sum, more) in senders.iter_mut().zip(it.way.senders(&it.start, &wanted)) {
            *sum = sum.union(&more);
        }
    }
    let wide = parts.iter().zip(&senders).filter(|(_, senders)| Width::is_wide(senders));
    wide.flat_map(|(part, _)| part.as_slice().iter().copied()).collect()
}
