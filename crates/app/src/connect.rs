//! From a snapshot to the graph: kinds become labels, and what may be missing becomes marks.

use std::collections::{BTreeMap, BTreeSet};

use content::{Kind, Library};
use graph::{Delta, Graph, GraphBuilder, NodeMeta, Way};
use inventory::{Changes, Inventory, MissingChange, Reader, Snapshot};
use lang::NodeId;
use model::{Doc, EdgeRef, GapId, Keys, Resource};

pub(crate) fn build_graph(library: &Library, snapshot: Snapshot, keys: &Keys) -> Graph {
    let mut builder = GraphBuilder::new(keys);
    let n_groups = snapshot.groups.iter().max().map_or(0, |it| it + 1);
    for (resource, group) in snapshot.resources.into_iter().zip(&snapshot.groups) {
        let (labels, doc, meta) = node_of(library, &resource, keys);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        builder.add_node(&labels, doc, Some(meta), *group);
    }
    let types: Vec<_> = snapshot.edge_types.iter().map(|name| builder.edge_type(name)).collect();
    for edge in &snapshot.edges {
        if let Some(edge_type) = types.get(edge.edge_type as usize) {
            builder.add_edge(NodeId(edge.from), *edge_type, NodeId(edge.to), None);
        }
    }
    for missing in &snapshot.missing {
        let Some(edge_type) = types.get(missing.edge_type as usize) else { continue };
        let way = if missing.is_outgoing { Way::Out } else { Way::In };
        if missing.kinds.is_empty() {
            builder.mark_incomplete(missing.group, *edge_type, way, &[], missing.gap);
        }
        for kind in &missing.kinds {
            let labels = labels_of(library, kind);
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            builder.mark_incomplete(missing.group, *edge_type, way, &labels, missing.gap);
        }
    }
    // No tool's findings are known to be all that there is to find. Other kinds may affect a
    // resource too, such as its agent; what is missing of those stands in the snapshot.
    let affects = builder.edge_type("AFFECTS");
    for group in 0..n_groups {
        for label in inventory::FINDING_LABELS {
            builder.mark_incomplete(group, affects, Way::In, &[label], GapId::NOT_COLLECTED);
        }
    }
    builder.finish()
}

/// The labels of a kind; of a finding its own; of a native type without a kind file its words and
/// `Resource`.
pub(crate) fn labels_of(library: &Library, kind: &str) -> Vec<String> {
    if let Some(label) = inventory::finding_label(kind) {
        return vec![label.to_owned()];
    }
    library
        .kind(kind)
        .map_or_else(|| vec![content::native_label(kind), "Resource".to_owned()], Kind::all_labels)
}

/// From the findings of other tools to what they are about.
const AFFECTS: &str = "AFFECTS";

/// What a graph is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'o, 'l> {
    pub(crate) inventory: &'o Inventory,
    pub(crate) reader: &'o Reader<'l>,
}

/// The graph of a whole inventory.
pub(crate) fn graph(library: &Library, origin: Origin<'_, '_>, keys: &Keys) -> (Graph, Numbers) {
    let Origin { inventory, reader } = origin;
    let (mut builder, mut numbers) = (GraphBuilder::new(keys), Numbers::default());
    for (number, resource) in inventory.resources() {
        let (labels, doc, meta) = node_of(library, resource, keys);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let group = inventory.group(number).unwrap_or_default();
        numbers.set(number, Some(builder.add_node(&labels, doc, Some(meta), group)));
    }
    let types = reader.edge_types();
    let of_builder: Vec<_> = types.iter().map(|name| builder.edge_type(name)).collect();
    for edge in inventory.edges() {
        let ends = numbers.node(edge.from).zip(numbers.node(edge.to));
        if let (Some((from, to)), Some(edge_type)) = (ends, of_builder.get(edge.edge_type as usize))
        {
            builder.add_edge(from, *edge_type, to, None);
        }
    }
    let groups: Vec<u32> = (0..inventory.n_groups()).collect();
    for mark in marks(library, types, &inventory.missing(reader), &groups) {
        let edge_type = builder.edge_type(mark.edge_type);
        for (labels, gap) in &mark.entries {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            builder.mark_incomplete(mark.group, edge_type, mark.way, &labels, *gap);
        }
    }
    (builder.finish(), numbers)
}

/// Resources that got a node or lost theirs.
pub(crate) type Moves = BTreeMap<u32, Option<NodeId>>;

/// What changes of the inventory change in the graph that was made of it.
pub(crate) fn delta(
    library: &Library,
    origin: Origin<'_, '_>,
    changes: &Changes,
    graph: &Graph,
    numbers: &Numbers,
) -> (Delta, Moves) {
    let Origin { inventory, reader } = origin;
    let mut delta = Delta::new(graph);
    let mut moves = Moves::new();
    for removed in &changes.removed {
        if let Some(node) = numbers.node(removed.number) {
            delta.remove_node(node);
            moves.insert(removed.number, None);
        }
    }
    let regrouped = changes.regrouped.iter().map(|(number, _)| *number);
    let put: BTreeSet<u32> = changes.put.iter().map(|it| it.number).chain(regrouped).collect();
    for number in put {
        let Some(resource) = inventory.resource(number) else { continue };
        let (labels, doc, meta) = node_of(library, resource, graph.keys());
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let group = inventory.group(number).unwrap_or_default();
        match numbers.node(number).filter(|_| !moves.contains_key(&number)) {
            Some(node) => delta.replace_node(node, &labels, doc, Some(meta), group),
            None => {
                moves.insert(number, Some(delta.add_node(&labels, doc, Some(meta), group)));
            }
        }
    }
    let types = reader.edge_types();
    let ends = |edge: &EdgeRef| {
        let node = |number: u32| match moves.get(&number) {
            Some(moved) => *moved,
            None => numbers.node(number),
        };
        Some((node(edge.from)?, types.get(edge.edge_type as usize)?, node(edge.to)?))
    };
    // The edges of a node that is removed go with it.
    for (from, edge_type, to) in changes.edges_removed.iter().filter_map(ends) {
        delta.remove_edges(from, edge_type, to);
    }
    for (from, edge_type, to) in changes.edges_added.iter().filter_map(ends) {
        delta.add_edge(from, edge_type, to, None);
    }
    for mark in marks(library, types, &changes.missing, &changes.new_groups) {
        let entries: Vec<(Vec<&str>, GapId)> = mark
            .entries
            .iter()
            .map(|(labels, gap)| (labels.iter().map(String::as_str).collect(), *gap))
            .collect();
        let entries: Vec<(&[&str], GapId)> =
            entries.iter().map(|(labels, gap)| (labels.as_slice(), *gap)).collect();
        delta.set_incomplete(mark.group, mark.edge_type, mark.way, &entries);
    }
    (delta, moves)
}

/// Which edges of a type the nodes of a group may lack: the labels of the other ends, and why.
struct Mark<'c> {
    group: u32,
    edge_type: &'c str,
    way: Way,
    entries: Vec<(Vec<String>, GapId)>,
}

fn marks<'c>(
    library: &Library,
    types: &'c [String],
    missing: &[MissingChange],
    new_groups: &[u32],
) -> Vec<Mark<'c>> {
    let mut marks: Vec<Mark<'c>> = missing
        .iter()
        .filter_map(|it| {
            let edge_type = types.get(it.edge_type as usize)?;
            let way = if it.is_outgoing { Way::Out } else { Way::In };
            let entries = it.entries.iter().flat_map(|(kinds, gap)| {
                let any = kinds.is_empty().then(Vec::new);
                let named = kinds.iter().map(|kind| labels_of(library, kind));
                any.into_iter().chain(named).map(|labels| (labels, *gap)).collect::<Vec<_>>()
            });
            Some(Mark { group: it.group, edge_type, way, entries: entries.collect() })
        })
        .collect();
    // No tool's findings are known to be all that there is to find: see `build_graph`.
    let findings = || {
        let label = |label: &&str| (vec![(*label).to_owned()], GapId::NOT_COLLECTED);
        inventory::FINDING_LABELS.iter().map(label)
    };
    let mut marked = BTreeSet::new();
    for mark in marks.iter_mut().filter(|it| it.edge_type == AFFECTS && it.way == Way::In) {
        marked.insert(mark.group);
        mark.entries.extend(findings());
    }
    for group in new_groups.iter().copied().filter(|it| !marked.contains(it)) {
        let entries = findings().collect();
        marks.push(Mark { group, edge_type: AFFECTS, way: Way::In, entries });
    }
    marks
}

/// The labels, the document and Merlon's facts of a resource.
fn node_of(library: &Library, resource: &Resource, keys: &Keys) -> (Vec<String>, Doc, Doc) {
    let meta = NodeMeta {
        id: &resource.id,
        name: &resource.name,
        kind: &resource.kind,
        scope: &resource.scope,
        region: resource.region.as_deref(),
        tags: &resource.tags,
        collected: resource.collected,
    };
    (labels_of(library, &resource.kind), resource.doc.clone(), meta.doc(keys))
}

/// The node of each resource, by the number that the inventory gave it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    nodes: Vec<Option<NodeId>>,
}

impl Numbers {
    /// Resources that have the numbers of their nodes.
    pub(crate) fn same(n_nodes: usize) -> Self {
        Self { nodes: (0..n_nodes).map(|it| Some(NodeId(it as u32))).collect() }
    }

    /// The numbers of resources in the order of their nodes; `None` unless the nodes below `bound`
    /// have one each.
    pub(crate) fn by_node(&self, bound: u32) -> Option<Vec<u32>> {
        let mut order = vec![None; bound as usize];
        for (number, node) in self.nodes.iter().enumerate() {
            if let Some(node) = node {
                *order.get_mut(node.0 as usize)? = Some(number as u32);
            }
        }
        order.into_iter().collect()
    }

    /// The node of a resource.
    pub(crate) fn node(&self, number: u32) -> Option<NodeId> {
        self.nodes.get(number as usize).copied().flatten()
    }

    fn set(&mut self, number: u32, node: Option<NodeId>) {
        let at = number as usize;
        if self.nodes.len() <= at {
            self.nodes.resize(at + 1, None);
        }
        if let Some(place) = self.nodes.get_mut(at) {
            *place = node;
        }
    }

    /// Heeds what a delta said of resources: the node that each has now.
    pub(crate) fn take(&mut self, moves: &Moves) {
        for (number, node) in moves {
            self.set(*number, *node);
        }
    }

    /// Heeds that nodes got other numbers: by the old one, the new one.
    pub(crate) fn renumber(&mut self, moved: &[Option<NodeId>]) {
        for node in &mut self.nodes {
            *node = node.and_then(|it| moved.get(it.0 as usize).copied().flatten());
        }
    }

    /// By the node that a resource has here, the one that it has there. `bound` is above all nodes.
    pub(crate) fn to(&self, there: &Self, bound: u32) -> Vec<Option<NodeId>> {
        let mut moved = vec![None; bound as usize];
        for (here, new) in self.nodes.iter().zip(&there.nodes) {
            if let Some(place) = here.and_then(|it| moved.get_mut(it.0 as usize)) {
                *place = *new;
            }
        }
        moved
    }
}
