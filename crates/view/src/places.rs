//! The tree of scopes, and in which of them a node lies.
//!
//! A place is a scope that has a node of its own (labelled `Scope`), or one that some resource names
//! as its scope. Its number never changes while views follow each other.

use std::collections::BTreeMap;

use graph::{Graph, Way};
use hashbrown::HashMap;
use lang::NodeId;
use posture::MetaKeys;

/// Where what lies in no scope lies.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The label of nodes that are scopes.
pub(crate) const SCOPE: &str = "Scope";
/// From a scope or parent to what lies in it.
const CONTAINS: &str = "CONTAINS";
/// From a member to its organisation.
const MEMBER_OF: &str = "MEMBER_OF";
/// Hierarchies are a handful deep; more is a mistake that must not cost much.
const MAX_DEPTH: usize = 64;

/// One scope.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) id: Box<str>,
    pub(crate) node: Option<NodeId>,
    /// [`NOWHERE`] at the top.
    pub(crate) parent: u32,
}

/// All scopes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    list: Vec<Place>,
    numbers: HashMap<Box<str>, u32>,
    by_node: HashMap<NodeId, u32>,
}

impl Places {
    /// The places of a graph.
    pub(crate) fn new(graph: &Graph, meta: MetaKeys) -> Self {
        let mut places = Self::default();
        for node in graph.nodes() {
            if graph.labels(node).any(|it| it == SCOPE) {
                places.add(graph, meta.id(graph, node));
            }
            let scope = meta.scope(graph, node);
            if !scope.is_empty() && places.find(scope).is_none() {
                places.add(graph, scope);
            }
        }
        places.connect(graph);
        places
    }

    /// The places after changes at some nodes; `None` when they are as they were. The second: whether
    /// a place that was there lies elsewhere now, or became one: then nothing that was derived holds.
    pub(crate) fn after(
        &self,
        graph: &Graph,
        meta: MetaKeys,
        touched: &[NodeId],
    ) -> Option<(Self, bool)> {
        let concerns = |node: &NodeId| {
            let scope = meta.scope(graph, *node);
            self.by_node.contains_key(node)
                || (graph.has_node(*node)
                    && (graph.labels(*node).any(|it| it == SCOPE)
                        || (!scope.is_empty() && self.find(scope).is_none())))
        };
        if !touched.iter().any(concerns) {
            return None;
        }
        let mut after = self.clone();
        let mut is_other = false;
        for node in touched.iter().filter(|it| graph.has_node(**it)) {
            let own = meta.id(graph, *node);
            let is_scope = graph.labels(*node).any(|it| it == SCOPE);
            for id in is_scope.then_some(own).into_iter().chain([meta.scope(graph, *node)]) {
                if !id.is_empty() && after.find(id).is_none() {
                    after.add(graph, id);
                    // A node that was none: what lies in it lay in another place so far.
                    let node = graph.node_by_id(id);
                    is_other |= node.is_some_and(|it| touched.binary_search(&it).is_err());
                }
            }
        }
        after.connect(graph);
        is_other |= self.list.iter().zip(&after.list).any(|(old, new)| old.parent != new.parent);
        Some((after, is_other))
    }

    fn add(&mut self, graph: &Graph, id: &str) {
        if id.is_empty() || self.numbers.contains_key(id) {
            return;
        }
        let number = self.list.len() as u32;
        self.list.push(Place { id: id.into(), node: graph.node_by_id(id), parent: NOWHERE });
        self.numbers.insert(id.into(), number);
    }

    /// Finds the node and the parent of every place.
    fn connect(&mut self, graph: &Graph) {
        self.by_node.clear();
        for (number, place) in (0..).zip(&mut self.list) {
            place.node = graph.node_by_id(&place.id);
            if let Some(node) = place.node {
                self.by_node.insert(node, number);
            }
        }
        let parents: Vec<u32> = self
            .list
            .iter()
            .map(|place| place.node.and_then(|node| self.above(graph, node)).unwrap_or(NOWHERE))
            .collect();
        for (place, parent) in self.list.iter_mut().zip(parents) {
            place.parent = parent;
        }
        self.cut_circles();
    }

    /// A tree that goes round in a circle is cut where its first place is met again.
    fn cut_circles(&mut self) {
        for number in 0..self.list.len() as u32 {
            let is_circle = self.chain(number).skip(1).take(MAX_DEPTH).any(|it| it == number);
            let is_deep = self.chain(number).nth(MAX_DEPTH).is_some();
            if let Some(place) = self.list.get_mut(number as usize)
                && (is_circle || is_deep)
            {
                place.parent = NOWHERE;
            }
        }
    }

    /// The nearest place above a node.
    fn above(&self, graph: &Graph, node: NodeId) -> Option<u32> {
        let mut at = node;
        for _ in 0..MAX_DEPTH {
            let up = [(CONTAINS, Way::In), (MEMBER_OF, Way::Out)];
            let mut next = None;
            for (edge_type, way) in up {
                // What a resource is a member of (a group, say) does not contain it: only scopes do.
                if edge_type == MEMBER_OF && !self.by_node.contains_key(&at) {
                    continue;
                }
                let found = graph.neighbours(at, edge_type, way);
                let place = found.iter().filter_map(|it| self.by_node.get(it)).min();
                if let Some(place) = place {
                    return Some(*place);
                }
                if edge_type == CONTAINS {
                    next = found.into_iter().min();
                }
            }
            at = next?;
        }
        None
    }

    /// Where a node lies, and the place that it names as its scope; [`NOWHERE`] for none.
    pub(crate) fn of(&self, graph: &Graph, meta: MetaKeys, node: NodeId) -> (u32, u32) {
        let scope = self.find(meta.scope(graph, node)).unwrap_or(NOWHERE);
        if let Some(own) = self.by_node.get(&node) {
            return (*own, if scope == NOWHERE { *own } else { scope });
        }
        let home = self.above(graph, node).unwrap_or(scope);
        // Who sees a scope sees all that is judged in it.
        let is_inside = scope == NOWHERE || self.chain(home).any(|it| it == scope);
        if is_inside { (home, scope) } else { (scope, scope) }
    }

    /// A place and all above it.
    pub(crate) fn chain(&self, number: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(number).filter(|it| *it != NOWHERE), |it| {
            self.get(*it).map(|it| it.parent).filter(|it| *it != NOWHERE)
        })
        .take(MAX_DEPTH + 1)
    }

    pub(crate) fn is_place(&self, node: NodeId) -> bool {
        self.by_node.contains_key(&node)
    }

    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Place> {
        self.list.get(number as usize)
    }

    /// The id of a place; empty for [`NOWHERE`].
    pub(crate) fn id(&self, number: u32) -> &str {
        self.get(number).map_or("", |it| &it.id)
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Place)> {
        (0..).zip(&self.list)
    }

    /// By number: whether a place is one of these or below one.
    pub(crate) fn below<'i>(&self, ids: impl Iterator<Item = &'i str>) -> Vec<bool> {
        let mut is_below = vec![false; self.len()];
        for number in ids.filter_map(|id| self.find(id)) {
            if let Some(place) = is_below.get_mut(number as usize) {
                *place = true;
            }
        }
        let roots = is_below.clone();
        let is_root = |it: u32| roots.get(it as usize).copied().unwrap_or_default();
        for (number, place) in (0..).zip(&mut is_below) {
            *place = *place || self.chain(number).any(is_root);
        }
        is_below
    }

    /// Adds to every place what was counted in those below it.
    pub(crate) fn roll_up(&self, own: &[u64]) -> Vec<u64> {
        let mut sums = vec![0; self.len()];
        for (number, n) in (0..).zip(own).filter(|(_, n)| **n > 0) {
            for above in self.chain(number) {
                if let Some(sum) = sums.get_mut(above as usize) {
                    *sum += *n;
                }
            }
        }
        sums
    }

    /// The places below each place, directly.
    pub(crate) fn children(&self) -> BTreeMap<u32, Vec<u32>> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, place) in self.iter() {
            children.entry(place.parent).or_default().push(number);
        }
        children
    }
}
