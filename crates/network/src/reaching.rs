//! What end points reach, asked of many one after the other: what is alike is found out once.
//!
//! Inside networks, a cloud says which end points send and receive alike: of each two kinds one pair is looked at.
//! Over the internet, what counts of a sender is what leaves, and of a receiver what its class lets in.

use std::rc::Rc;

use hashbrown::HashMap;

use crate::answer::{Answer, Ports};
use crate::cloud::{Cloud, Entrance, Kind};
use crate::gate::{Name, Passing};
use crate::network::{self, Exposed, Network};
use crate::packets::{Cube, Field, PacketSet};
use crate::spans::{Span, Spans, internet};
use crate::way::Key;

/// Asks about many end points what they reach of the same ones.
pub struct Reaching<'n> {
    network: &'n Network,
    near: Box<dyn Fn(&str) -> bool + 'n>,
    groups: HashMap<Name, Rc<Group<'n>>>,
    kinds: HashMap<Kind, u32>,
    /// By kind of sender and network: by class of receivers what arrives, once a pair was looked at.
    rows: HashMap<(u32, Name), Vec<Option<Arriving>>>,
    far: Vec<FarClass<'n>>,
    /// By what leaves: the places of classes, with what arrives there.
    leaving: HashMap<Leaving, Rc<[(u32, Arriving)]>>,
}

/// Ports at which packets arrive surely, and at which they may.
type Arriving = Rc<(Ports, Ports)>;

/// End points of one network.
struct Group<'n> {
    classes: Vec<Vec<&'n str>>,
    class_of: HashMap<&'n str, u32>,
    /// Those that are looked at one by one.
    single: Vec<&'n str>,
}

/// End points that let the same in over the internet, at the same addresses.
struct FarClass<'n> {
    exposed: &'n Exposed,
    addresses: Vec<u128>,
    members: Vec<&'n str>,
}

/// What comes out of each way to leave, as the internet sees it, and where to.
#[derive(PartialEq, Eq, Hash)]
struct Leaving(Vec<(Vec<Cube>, Vec<Cube>, Vec<Span>)>);

impl std::fmt::Debug for Reaching<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reaching").field("far", &self.far.len()).finish_non_exhaustive()
    }
}

impl Network {
    /// Asks what end points reach of some others: inside networks of those that are `near`, over the internet of
    /// those that are `far`.
    pub fn reaching<'n>(
        &'n self,
        near: impl Fn(&str) -> bool + 'n,
        far: &[&'n str],
    ) -> Reaching<'n> {
        Reaching {
            network: self,
            near: Box::new(near),
            groups: HashMap::new(),
            kinds: HashMap::new(),
            rows: HashMap::new(),
            far: self.far_classes(far),
            leaving: HashMap::new(),
        }
    }

    fn far_classes<'n>(&'n self, far: &[&'n str]) -> Vec<FarClass<'n>> {
        let mut classes: Vec<FarClass<'n>> = Vec::new();
        let mut places: HashMap<(usize, Vec<u128>), usize> = HashMap::new();
        for id in far {
            let Some(exposed) = self.exposed(id).filter(|it| !it.door.maybe.is_empty()) else {
                continue;
            };
            if self.is_stopped(id) {
                continue;
            }
            let entrances = self.find(id).map_or_else(Vec::new, |it| it.entrances(id));
            let addresses: Vec<u128> =
                entrances.iter().filter_map(|it| it.start.values(Field::To).first()).collect();
            let key = (std::ptr::from_ref(exposed).addr(), addresses.clone());
            let place = *places.entry(key).or_insert_with(|| {
                classes.push(FarClass { exposed, addresses, members: Vec::new() });
                classes.len() - 1
            });
            if let Some(class) = classes.get_mut(place) {
                class.members.push(id);
            }
        }
        classes
    }
}

impl<'n> Reaching<'n> {
    /// Calls `each` with everything that `from` reaches, in the order of ids: whether packets surely arrive, and at
    /// which ports.
    pub fn each(&mut self, from: &str, each: &mut dyn FnMut(&'n str, Answer, &Ports)) {
        let network = self.network;
        let Some(source) = network.find(from) else { return };
        let mut found: Vec<(&'n str, Arriving)> = Vec::new();
        self.inside(source, from, &mut found);
        if !self.far.is_empty() {
            for (class, ports) in self.outside(source, from).iter() {
                let members = self.far.get(*class as usize).into_iter().flat_map(|it| &it.members);
                let others = members.copied().filter(|it| *it != from);
                found.extend(others.map(|it| (it, Rc::clone(ports))));
            }
        }
        found.sort_by(|a, b| a.0.cmp(b.0));
        for all in found.chunk_by(|a, b| a.0 == b.0) {
            let Some((id, one)) = all.first() else { continue };
            let sum;
            let (sure, maybe) = if all.len() == 1 {
                &**one
            } else {
                sum = all.iter().fold((Ports::default(), Ports::default()), |sum, (_, it)| {
                    (sum.0.union(&it.0), sum.1.union(&it.1))
                });
                &sum
            };
            if !sure.is_empty() {
                each(id, Answer::Yes, sure);
            } else if !maybe.is_empty() {
                each(id, Answer::Unknown, maybe);
            }
        }
    }

    /// What `from` reaches without crossing the internet.
    fn inside(&mut self, source: &'n dyn Cloud, from: &str, found: &mut Vec<(&'n str, Arriving)>) {
        let sender = source.sends_as(from).map(|it| self.number(it));
        let tied = source.tied(from);
        let mut by_way: HashMap<Vec<Key>, (Arriving, Vec<Entrance>)> = HashMap::new();
        for name in source.near(from) {
            let group = self.group(source, &name, sender.is_some());
            let is_special = |id: &str| id == from || tied.iter().any(|it| **it == *id);
            if let Some(sender) = sender {
                let row = self.rows.entry((sender, name)).or_default();
                row.resize_with(group.classes.len(), || None);
                for (members, arriving) in group.classes.iter().zip(row) {
                    if arriving.is_none() {
                        let Some(to) = members.iter().find(|it| !is_special(it)) else { continue };
                        *arriving = Some(Rc::new(network::arriving(&source.inner(from, to))));
                    }
                    let Some(ports) = arriving.as_ref().filter(|it| !it.1.is_empty()) else {
                        continue;
                    };
                    let others = members.iter().filter(|it| !is_special(it));
                    found.extend(others.map(|it| (*it, Rc::clone(ports))));
                }
            }
            let special = tied.iter().filter_map(|it| group.class_of.get_key_value(it.as_ref()));
            let special = special.map(|(id, _)| *id).filter(|_| sender.is_some());
            for id in group.single.iter().copied().chain(special).filter(|it| *it != from) {
                let ways = source.inner(from, id);
                let mut key = Vec::new();
                for it in &ways {
                    it.way.key(&mut key);
                }
                let (ports, _) =
                    by_way.entry(key).or_insert_with(|| (Rc::new(network::arriving(&ways)), ways));
                if !ports.1.is_empty() || !ports.0.is_empty() {
                    found.push((id, Rc::clone(ports)));
                }
            }
        }
    }

    fn number(&mut self, kind: Kind) -> u32 {
        let next = self.kinds.len() as u32;
        *self.kinds.entry(kind).or_insert(next)
    }

    /// The end points of a network that are asked about, by what they receive as.
    fn group(&mut self, source: &'n dyn Cloud, name: &Name, has_kinds: bool) -> Rc<Group<'n>> {
        if let Some(known) = self.groups.get(name) {
            return Rc::clone(known);
        }
        let mut ids: Vec<&'n str> = self.network.dependents_of(name).collect();
        ids.retain(|it| (self.near)(it) && !source.is_stopped(it));
        ids.sort_unstable();
        let mut group = Group { classes: Vec::new(), class_of: HashMap::new(), single: Vec::new() };
        let mut places: HashMap<Kind, u32> = HashMap::new();
        for id in ids {
            let Some(kind) = source.receives_as(id).filter(|_| has_kinds) else {
                group.single.push(id);
                continue;
            };
            let place = *places.entry(kind).or_insert_with(|| {
                group.classes.push(Vec::new());
                group.classes.len() as u32 - 1
            });
            if let Some(members) = group.classes.get_mut(place as usize) {
                members.push(id);
                group.class_of.insert(id, place);
            }
        }
        let group = Rc::new(group);
        self.groups.insert(Name::clone(name), Rc::clone(&group));
        group
    }

    /// The classes that `from` reaches over the internet.
    fn outside(&mut self, source: &'n dyn Cloud, from: &str) -> Rc<[(u32, Arriving)]> {
        let exits: Vec<(Passing, Vec<Span>)> = source
            .exits(from)
            .iter()
            .map(|it| {
                let through = it.way.send(&it.start);
                let to = through.door.maybe.cubes().iter().map(|it| it.get(Field::To)).collect();
                (through.end, to)
            })
            .collect();
        let cubes = |set: &PacketSet| set.cubes().to_vec();
        let key = exits.iter().map(|(end, to)| (cubes(&end.sure), cubes(&end.maybe), to.clone()));
        let key = Leaving(key.collect());
        if let Some(known) = self.leaving.get(&key) {
            return Rc::clone(known);
        }
        let own = exits
            .iter()
            .fold(Spans::default(), |sum, (end, _)| sum.union(&end.maybe.values(Field::From)));
        let is_known = own.subtract(&internet()).is_empty();
        let mut known: HashMap<(usize, Vec<bool>), Arriving> = HashMap::new();
        let mut found = Vec::new();
        for (place, class) in (0..).zip(&self.far) {
            // what lets nothing in from its addresses
            if is_known && own.intersect(&class.exposed.door.maybe).is_empty() {
                continue;
            }
            let Some(first) = class.members.first() else { continue };
            let leads = class.addresses.iter().flat_map(|address| {
                let spans = exits.iter().flat_map(|it| &it.1);
                spans.map(move |it| *address == 0 || it.contains(*address))
            });
            let key = (std::ptr::from_ref(class.exposed).addr(), leads.collect());
            let ports = known.entry(key).or_insert_with(|| {
                let target = self.network.find(first);
                let entrances = target.map_or_else(Vec::new, |it| it.entrances(first));
                Rc::new(over_internet(&exits, &entrances))
            });
            if !ports.1.is_empty() || !ports.0.is_empty() {
                found.push((place, Rc::clone(ports)));
            }
        }
        let found: Rc<[(u32, Arriving)]> = found.into();
        self.leaving.insert(key, Rc::clone(&found));
        found
    }
}

/// What of that which leaves comes in. Nothing on the way out changes where packets go to.
fn over_internet(exits: &[(Passing, Vec<Span>)], entrances: &[Entrance]) -> (Ports, Ports) {
    let mut sum = (Ports::default(), Ports::default());
    for (exit, _) in exits {
        for entrance in entrances {
            let destinations = entrance.start.values(Field::To);
            // An address that is not known is on the internet, wherever it is.
            let start = if destinations == Spans::one(0) {
                exit.map(|it| it.replaced(Field::To, &Spans::one(0)))
            } else {
                exit.map(|it| it.within(Field::To, &destinations))
            };
            let end = entrance.way.send_on(start);
            sum = (sum.0.union(&Ports::of(&end.sure)), sum.1.union(&Ports::of(&end.maybe)));
        }
    }
    sum
}
