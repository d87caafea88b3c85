//! Which end points packets of the attacker reach: from the internet, and from machines that it controls.
//!
//! Whoever holds anything is on the internet as well. So what lets the whole internet in is reached from there;
//! from machines over the internet only what lets some addresses in, which may be theirs.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use network::{Answer, Exposure, Network, Passage, Ports, Reaching, Width};

use super::{Estate, INTERNET};

/// A contact that some step needs: with what, at which TCP port (any when `None`).
pub(super) type Wanted = (NodeId, Option<u16>);

/// A contact that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) from: NodeId,
    pub(super) to: Wanted,
    pub(super) is_proven: bool,
}

/// The contacts that steps need, and which of their nodes let in some addresses alone.
#[derive(Debug, Default)]
pub(super) struct Wants {
    ports: HashMap<NodeId, Vec<Option<u16>>>,
    /// Nodes that machines have to be asked about, over the internet: it may be open to their addresses.
    narrow: BTreeSet<NodeId>,
}

impl Wants {
    /// Takes in a contact; false where it was there.
    pub(super) fn insert(&mut self, (node, port): Wanted) -> bool {
        let ports = self.ports.entry(node).or_default();
        let is_new = !ports.contains(&port);
        if is_new {
            ports.push(port);
        }
        is_new
    }

    pub(super) fn remove(&mut self, (node, port): Wanted) {
        if let Some(ports) = self.ports.get_mut(&node) {
            ports.retain(|it| *it != port);
            if ports.is_empty() {
                self.ports.remove(&node);
                self.narrow.remove(&node);
            }
        }
    }

    pub(super) fn contains(&self, (node, port): Wanted) -> bool {
        self.of(node).contains(&port)
    }

    fn of(&self, node: NodeId) -> &[Option<u16>] {
        self.ports.get(&node).map_or(&[], Vec::as_slice)
    }
}

/// Which contacts are asked for, of those that are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'a> {
    All,
    /// Those to some nodes, and those from others.
    Some {
        to: &'a HashSet<NodeId>,
        from: &'a HashSet<NodeId>,
    },
}

/// The contacts that are wanted and that there are, and how many end points were not looked at because time was over.
/// Each end point is asked once what it reaches.
pub(super) fn contacts(
    estate: Estate<'_>,
    wants: &mut Wants,
    which: Which<'_>,
) -> (Vec<Contact>, usize) {
    let mut found = Vec::new();
    let mut nodes: Vec<NodeId> = match which {
        Which::All => wants.ports.keys().copied().collect(),
        Which::Some { to, .. } => to.iter().copied().collect(),
    };
    nodes.retain(|it| wants.ports.contains_key(it));
    nodes.sort_unstable();
    let mut narrow: Vec<&str> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if estate.is_over() {
            return (found, nodes.len() - at);
        }
        if from_internet(estate, *node, wants.of(*node), &mut found) {
            narrow.extend(estate.graph.id(*node));
            wants.narrow.insert(*node);
        } else {
            wants.narrow.remove(node);
        }
    }
    let wants = &*wants;
    let node_of = |id: &str| estate.graph.node_by_id(id);
    let is_wanted = |id: &str| node_of(id).is_some_and(|it| wants.ports.contains_key(&it));
    let mut from = |id: &str, reaching: &mut Reaching<'_>| {
        let Some(from) = node_of(id) else { return };
        reaching.each(id, &mut |to, answer, ports| {
            let Some(node) = node_of(to).filter(|it| *it != from) else { return };
            for port in wants.of(node) {
                let is_open = allows(answer, ports, *port);
                found.extend(is_open.map(|is_proven| Contact {
                    from,
                    to: (node, *port),
                    is_proven,
                }));
            }
        });
    };
    let all_narrow: Vec<&str> = wants.narrow.iter().filter_map(|it| estate.graph.id(*it)).collect();
    let mut of_all = estate.network.reaching(is_wanted, &all_narrow);
    match which {
        Which::All if nodes.is_empty() => {}
        Which::All => {
            let endpoints = estate.network.endpoints();
            for (at, id) in endpoints.iter().enumerate() {
                if estate.is_over() {
                    return (found, endpoints.len() - at);
                }
                from(id, &mut of_all);
            }
        }
        Which::Some { from: sources, .. } => {
            for id in sources.iter().filter_map(|it| estate.graph.id(*it)) {
                from(id, &mut of_all);
            }
            let targets: HashSet<&str> =
                nodes.iter().filter_map(|it| estate.graph.id(*it)).collect();
            let others = if narrow.is_empty() {
                estate.network.sources_near(&targets)
            } else {
                estate.network.endpoints()
            };
            let is_source = |id: &str| node_of(id).is_some_and(|it| sources.contains(&it));
            let mut of_targets = estate.network.reaching(|it| targets.contains(it), &narrow);
            for id in others.into_iter().filter(|it| !is_source(it)) {
                from(id, &mut of_targets);
            }
        }
    }
    (found, 0)
}

/// What of a node is reached from the internet. True where it lets some addresses in alone, at all or at some port: whether
/// the attacker has one of them is not known.
fn from_internet(
    estate: Estate<'_>,
    node: NodeId,
    ports: &[Option<u16>],
    found: &mut Vec<Contact>,
) -> bool {
    let id = estate.graph.id(node).unwrap_or_default();
    let Some(exposure) = estate.network.exposure_without_proof(id) else {
        // What no rule of a network is known of may be reached or not.
        let unsure =
            |it: &Option<u16>| Contact { from: INTERNET, to: (node, *it), is_proven: false };
        found.extend(ports.iter().map(unsure));
        return false;
    };
    let is_narrow = exposure.width.is_some_and(|it| it != Width::Wide);
    let (mut is_open, mut is_wide) = (false, true);
    for port in ports {
        let is_wide_here =
            !is_narrow && port.is_none_or(|port| exposure.wide_tcp.contains(u128::from(port)));
        if let Some(is_proven) = allows(exposure.answer, &exposure.ports, *port) {
            let is_proven = is_proven && is_wide_here;
            found.push(Contact { from: INTERNET, to: (node, *port), is_proven });
            (is_open, is_wide) = (true, is_wide && is_wide_here);
        }
    }
    is_narrow || (is_open && !is_wide && exposure.answer == Answer::Yes)
}

/// Whether a port is open, and whether that is proven; `None` when it is closed.
fn allows(answer: Answer, ports: &Ports, port: Option<u16>) -> Option<bool> {
    let is_in = port.map_or(!ports.is_empty(), |it| ports.tcp.contains(u128::from(it)));
    match answer {
        Answer::Yes if is_in => Some(true),
        Answer::Unknown if is_in => Some(false),
        _ => None,
    }
}

/// What lets the packets through, for people; with the resource and the path in its document.
pub(super) fn proof(
    network: &Network,
    from: Option<&str>,
    to: &str,
) -> (Answer, Vec<access::Reason>, Vec<String>) {
    let (answer, proof, unread) = match from {
        None => match network.exposure(to) {
            Some(Exposure { answer, proof, unread, .. }) => (answer, proof, unread),
            None => return (Answer::Unknown, Vec::new(), vec![to.to_owned()]),
        },
        Some(from) => {
            let Passage { answer, proof, unread, .. } = network.between(from, to);
            (answer, proof, unread)
        }
    };
    let hops = proof.map(|it| it.hops).unwrap_or_default();
    let reasons = hops
        .into_iter()
        .map(|hop| access::Reason {
            effect: access::Effect::Allows,
            resource: hop.resource,
            path: hop.path,
            says: format!("{} {}", hop.does.word(), hop.rule),
        })
        .collect();
    (answer, reasons, unread)
}

/// The contact that a position is.
pub(super) fn wanted(held: super::Held) -> Wanted {
    (held.node, if let super::State::Port(port) = held.state { Some(port) } else { None })
}
