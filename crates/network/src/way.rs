//! A way: what a packet meets one after the other, from its source to its destination.
//!
//! Whole sets of packets are sent along it at once; afterwards one packet that came through is picked
//! and followed back, and each stage says which rule let it pass: the proof.

use std::sync::Arc;

use crate::answer::{Does, Hop, Packet, Proof};
use crate::gate::{AnyOf, Gate, Name, Party, Passing};
use crate::packets::{Cube, Field, LAST_PORT, PacketSet, Point};
use crate::spans::{Span, Spans};

/// A rule on the way that is known beforehand: a route, a listener, an address.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) resource: Name,
    pub(crate) path: String,
    pub(crate) words: String,
    pub(crate) does: Does,
}

/// What a packet meets.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// Rules, all of one resource, or of several of which any is enough. `is_answer`: it is the answer
    /// that must pass; then `from` is who answers.
    Gate { gates: AnyOf, from: Arc<Party>, to: Arc<Party>, is_answer: bool },
    /// Only packets of this set go on.
    Limit { set: Arc<PacketSet>, rule: Arc<Rule> },
    /// Packets of `front` go on, to another address or port, or from another address.
    Forward(Arc<Forward>),
}

/// A translation of addresses, or a balancer that forwards.
#[derive(Debug)]
pub(crate) struct Forward {
    /// What is taken; the rest goes no further.
    pub(crate) front: PacketSet,
    /// The address that they go to from here; as before when absent.
    pub(crate) to: Option<Spans>,
    /// The port that they go to from here; as before when absent.
    pub(crate) to_port: Option<u128>,
    /// The address that they come from from here, from any port; as before when absent.
    pub(crate) from: Option<Spans>,
    pub(crate) rule: Rule,
}

impl Forward {
    fn apply(&self, set: &PacketSet) -> PacketSet {
        let mut set = set.intersect(&self.front);
        if let Some(to) = &self.to {
            set = set.replaced(Field::To, to);
        }
        if let Some(port) = self.to_port {
            set = set.replaced(Field::ToPort, &Spans::one(port));
        }
        if let Some(from) = &self.from {
            let ports: Spans = [Span { first: 0, last: LAST_PORT }].into_iter().collect();
            set = set.replaced(Field::From, from).replaced(Field::FromPort, &ports);
        }
        set
    }

    /// The packets of `before` that become one of `after`.
    fn undo(&self, before: &PacketSet, after: &PacketSet) -> PacketSet {
        let mut back = after.clone();
        let everything = |field: Field, set: &PacketSet| set.replaced(field, &Spans::all());
        if self.to.is_some() {
            back = everything(Field::To, &back);
        }
        if let Some(port) = self.to_port {
            back = everything(Field::ToPort, &back.within(Field::ToPort, &Spans::one(port)));
        }
        if self.from.is_some() {
            back = everything(Field::FromPort, &everything(Field::From, &back));
        }
        before.intersect(&self.front).intersect(&back)
    }
}

/// What a packet meets, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    pub(crate) stages: Vec<Stage>,
    /// What was not read, though it could only have forbidden.
    pub(crate) unread: Vec<String>,
    /// The balancer or gateway in front; `None` on the direct way.
    pub(crate) via: Option<Name>,
}

/// What came through a way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Through {
    /// As the sender sends it.
    pub(crate) door: Passing,
    /// As it arrives.
    pub(crate) end: Passing,
}

impl Way {
    /// Sends packets along it.
    pub(crate) fn send(&self, start: &PacketSet) -> Through {
        let start = Passing::all(start.clone());
        let mut sets = vec![start.clone()];
        let mut now = start;
        for stage in &self.stages {
            now = stage.apply(&now);
            if now.maybe.is_empty() {
                return Through::default();
            }
            sets.push(now.clone());
        }
        let mut door = now.clone();
        for (stage, before) in self.stages.iter().zip(&sets).rev() {
            if let Stage::Forward(forward) = stage {
                door = Passing {
                    sure: forward.undo(&before.sure, &door.sure),
                    maybe: forward.undo(&before.maybe, &door.maybe),
                };
            }
        }
        Through { door, end: now }
    }

    /// What of packets that are on the way already arrives.
    pub(crate) fn send_on(&self, start: Passing) -> Passing {
        let mut now = start;
        for stage in &self.stages {
            if now.maybe.is_empty() {
                return Passing::default();
            }
            now = stage.apply(&now);
        }
        now
    }

    /// Of each of these sets the addresses of senders whose packets surely arrive as one of it.
    pub(crate) fn senders(&self, start: &PacketSet, wanted: &[PacketSet]) -> Vec<Spans> {
        let mut sets = vec![start.clone()];
        let mut now = Passing::all(start.clone());
        for stage in &self.stages {
            now = stage.apply(&now);
            sets.push(now.sure.clone());
        }
        let arriving = sets.pop().unwrap_or_default();
        let senders = |wanted: &PacketSet| {
            let mut left = arriving.intersect(wanted);
            for (stage, before) in self.stages.iter().zip(&sets).rev() {
                if let Stage::Forward(forward) = stage {
                    left = forward.undo(before, &left);
                }
            }
            left.values(Field::From)
        };
        wanted.iter().map(senders).collect()
    }

    /// A packet that comes through, with what lets it pass; `None` when surely nothing does. Of the
    /// packets that arrive, those in `wanted` count.
    pub(crate) fn prove(&self, start: &PacketSet, wanted: &PacketSet) -> Option<Proof> {
        let mut sets = vec![start.clone()];
        let mut now = Passing::all(start.clone());
        for stage in &self.stages {
            now = stage.apply(&now);
            sets.push(now.sure.clone());
        }
        let mut left = sets.pop()?.intersect(wanted);
        // Back to the door with all that is left, then one packet forwards again.
        let mut rests = vec![left.clone()];
        for (stage, before) in self.stages.iter().zip(&sets).rev() {
            if let Stage::Forward(forward) = stage {
                left = forward.undo(before, &left);
            }
            rests.push(left.clone());
        }
        let first = left.example()?;
        rests.reverse();
        let mut hops = Vec::new();
        let mut packet = first;
        for (stage, after) in self.stages.iter().zip(rests.iter().skip(1)) {
            packet = stage.follow(packet, after, &mut hops)?;
        }
        Some(Proof { packet: Packet::of(&first), arrives_as: Packet::of(&packet), hops })
    }
}

impl Stage {
    fn apply(&self, set: &Passing) -> Passing {
        match self {
            Self::Gate { gates, from, to, is_answer } => {
                let passing = gates.lets(from, to);
                if *is_answer {
                    set.intersect(&passing.map(PacketSet::answers))
                } else {
                    set.intersect(&passing)
                }
            }
            Self::Limit { set: limit, .. } => set.map(|it| it.intersect(limit)),
            Self::Forward(forward) => set.map(|it| forward.apply(it)),
        }
    }

    /// Follows one packet through; `after` is what comes through and arrives in the end.
    fn follow(&self, packet: Point, after: &PacketSet, hops: &mut Vec<Hop>) -> Option<Point> {
        match self {
            Self::Gate { gates, from, to, is_answer } => {
                let seen = if *is_answer { answer_to(&packet) } else { packet };
                hops.push(permit(gates, &seen, from, to, *is_answer)?);
                Some(packet)
            }
            Self::Limit { rule, .. } => {
                hops.push(Hop::of(rule));
                Some(packet)
            }
            Self::Forward(forward) => {
                hops.push(Hop::of(&forward.rule));
                forward.apply(&point_set(&packet)).intersect(after).example()
            }
        }
    }
}

fn point_set(point: &Point) -> PacketSet {
    [Field::From, Field::FromPort, Field::To, Field::ToPort, Field::Protocol]
        .into_iter()
        .fold(PacketSet::all(), |set, field| set.within(field, &Spans::one(point.get(field))))
}

fn answer_to(point: &Point) -> Point {
    let [from, from_port, to, to_port, protocol] = point.0;
    Point([to, to_port, from, from_port, protocol])
}

/// The rule that lets a packet pass.
fn permit(gates: &AnyOf, packet: &Point, from: &Party, to: &Party, is_answer: bool) -> Option<Hop> {
    let gate = gates.0.iter().find(|it| it.passes(from, to).sure.contains(packet))?;
    let (resource, path, words) = match gate.deciding(packet, from, to) {
        Some((resource, clause)) => (resource, clause.path.clone(), clause.words.clone()),
        None => (&gate.resource, String::new(), gate.otherwise_words.to_owned()),
    };
    let rule = if is_answer { format!("{words} (the answer)") } else { words };
    Some(Hop { resource: resource.as_ref().to_owned(), path, rule, does: gate.does })
}

/// What the result of a way depends on, apart from the addresses of the end point: two ways with the
/// same key let the same through, at the same ports from the same sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A shared thing, by its place in memory.
    Shared(usize),
    Addresses(Spans),
    Groups(Vec<Name>),
    Answer(bool),
    Cubes(Vec<Cube>),
    Port(Option<u128>),
    Unread(String),
    End,
}

impl Way {
    /// Adds the key of this way. Every shared thing in it must live as long as the key is used.
    pub(crate) fn key(&self, key: &mut Vec<Key>) {
        for stage in &self.stages {
            match stage {
                Stage::Gate { gates, from, to, is_answer } => {
                    for gate in &gates.0 {
                        key.push(Key::Shared(Arc::as_ptr(gate).addr()));
                        let looks = gate.looks;
                        for (party, addresses, groups) in [
                            (from, looks.from_addresses, looks.from_groups),
                            (to, looks.to_addresses, looks.to_groups),
                        ] {
                            if addresses {
                                key.push(Key::Addresses(party.addresses.clone()));
                            }
                            if groups {
                                key.push(Key::Groups(party.groups.clone()));
                            }
                        }
                    }
                    key.push(Key::Answer(*is_answer));
                }
                Stage::Limit { set, .. } => key.push(Key::Cubes(set.cubes().to_vec())),
                Stage::Forward(it) => {
                    // Which address leads to the end point makes no difference.
                    let front = it.front.replaced(Field::To, &Spans::all());
                    key.push(Key::Cubes(front.cubes().to_vec()));
                    key.push(Key::Port(it.to_port));
                    key.extend(it.from.clone().map(Key::Addresses));
                }
            }
        }
        key.extend(self.unread.iter().cloned().map(Key::Unread));
        key.extend(self.via.iter().map(|it| Key::Unread(it.as_ref().to_owned())));
        key.push(Key::End);
    }
}

/// A gate of one resource as a stage.
pub(crate) fn through(gate: &Arc<Gate>, from: &Arc<Party>, to: &Arc<Party>) -> Stage {
    any_of(vec![Arc::clone(gate)], from, to)
}

/// Gates of which any is enough as a stage.
pub(crate) fn any_of(gates: Vec<Arc<Gate>>, from: &Arc<Party>, to: &Arc<Party>) -> Stage {
    let (from, to) = (Arc::clone(from), Arc::clone(to));
    Stage::Gate { gates: AnyOf(gates), from, to, is_answer: false }
}

/// A gate that the answer passes, from who answers to who asked.
pub(crate) fn answered(gate: &Arc<Gate>, from: &Arc<Party>, to: &Arc<Party>) -> Stage {
    let (from, to) = (Arc::clone(from), Arc::clone(to));
    Stage::Gate { gates: AnyOf(vec![Arc::clone(gate)]), from, to, is_answer: true }
}

/// From here on to an address that is not known: the public one of a service with a name.
pub(crate) fn to_unknown() -> Stage {
    Stage::Forward(Arc::new(Forward {
        front: PacketSet::all(),
        to: Some(Spans::one(0)),
        to_port: None,
        from: None,
        rule: Rule {
            resource: "".into(),
            path: String::new(),
            words: "over the internet, to the address of its name".to_owned(),
            does: Does::Routes,
        },
    }))
}
