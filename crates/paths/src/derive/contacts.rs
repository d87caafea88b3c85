//! Which end points packets of the attacker reach: from the internet, and from machines that it controls.
//!
//! Whoever holds anything is on the internet as well. So what lets the whole internet in is reached from there;
//! from machines over the internet only what lets some addresses in, which may be theirs.

use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use network::{Answer, Exposure, Network, Passage, Ports, Width};

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

/// All contacts that are wanted and that there are, and how many end points were not looked at because time was over.
/// Each end point is asked once what it reaches.
///
/// With `some`, only those to its first nodes, and those from its second ones.
pub(super) fn contacts(
    estate: Estate<'_>,
    wanted: &HashSet<Wanted>,
    some: Option<(&HashSet<NodeId>, &HashSet<NodeId>)>,
) -> (Vec<Contact>, usize) {
    let is_target = |node: &NodeId| some.is_none_or(|it| it.0.contains(node));
    let mut by_node: HashMap<NodeId, Vec<Wanted>> = HashMap::new();
    for it in wanted {
        by_node.entry(it.0).or_default().push(*it);
    }
    let mut found = Vec::new();
    let mut narrow: Vec<&str> = Vec::new();
    let mut nodes: Vec<NodeId> = by_node.keys().copied().collect();
    nodes.sort_unstable();
    for (at, node) in nodes.iter().enumerate() {
        if estate.is_over() {
            return (found, nodes.len() - at);
        }
        let id = estate.graph.id(*node).unwrap_or_default();
        let Some(exposure) = estate.network.exposure_without_proof(id) else {
            // What no rule of a network is known of may be reached or not.
            for to in by_node.get(node).into_iter().flatten().filter(|_| is_target(node)) {
                found.push(Contact { from: INTERNET, to: *to, is_proven: false });
            }
            continue;
        };
        // Addresses of some senders alone: whether the attacker has one of them is not known.
        let is_narrow = exposure.width.is_some_and(|it| it != Width::Wide);
        let (mut is_open, mut is_wide) = (false, true);
        for to in by_node.get(node).into_iter().flatten() {
            let is_wide_here =
                !is_narrow && to.1.is_none_or(|port| exposure.wide_tcp.contains(u128::from(port)));
            if let Some(is_proven) = allows(exposure.answer, &exposure.ports, to.1) {
                let is_proven = is_proven && is_wide_here;
                if is_target(node) {
                    found.push(Contact { from: INTERNET, to: *to, is_proven });
                }
                (is_open, is_wide) = (true, is_wide && is_wide_here);
            }
        }
        if is_narrow || (is_open && !is_wide && exposure.answer == Answer::Yes) {
            narrow.push(id);
        }
    }
    if nodes.is_empty() {
        return (found, 0);
    }
    let node_of = |id: &str| estate.graph.node_by_id(id);
    let is_wanted = |id: &str| node_of(id).is_some_and(|it| by_node.contains_key(&it));
    let is_wanted_target =
        |id: &str| node_of(id).is_some_and(|it| is_target(&it) && by_node.contains_key(&it));
    let narrow_targets: Vec<&str> =
        narrow.iter().copied().filter(|id| node_of(id).is_some_and(|it| is_target(&it))).collect();
    let mut of_source = estate.network.reaching(is_wanted, &narrow);
    let mut of_other = estate.network.reaching(is_wanted_target, &narrow_targets);
    let endpoints = estate.network.endpoints();
    for (at, id) in endpoints.iter().copied().enumerate() {
        if estate.is_over() {
            return (found, endpoints.len() - at);
        }
        let Some(from) = node_of(id) else { continue };
        let is_source = some.is_none_or(|it| it.1.contains(&from));
        if !is_source && some.is_some_and(|it| it.0.is_empty()) {
            continue;
        }
        let reaching = if is_source { &mut of_source } else { &mut of_other };
        reaching.each(id, &mut |to, answer, ports| {
            let Some(node) = node_of(to) else { return };
            for to in by_node.get(&node).into_iter().flatten().filter(|it| it.0 != from) {
                let is_open = allows(answer, ports, to.1);
                found.extend(is_open.map(|is_proven| Contact { from, to: *to, is_proven }));
            }
        });
    }
    (found, 0)
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
