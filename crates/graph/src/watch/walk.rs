//! One walk backwards: what is different, where it stands in the patterns, which nodes lead there.

use std::collections::BTreeSet;

use lang::value::NodeId;
use model::View;

use super::sets::{SetId, Sets};
use super::{Nodes, Site, Watch};
use crate::footprint::StepDirection;
use crate::store::{Graph, Touched, Way};

pub(super) struct Walk<'a> {
    watch: &'a Watch,
    before: &'a Graph,
    after: &'a Graph,
    sets: Sets,
    /// By place: nodes that stand there.
    at: Vec<Nodes>,
    /// By step: nodes that it may reach before its last edge, its start included.
    inside: Vec<Nodes>,
    /// By step: nodes that it may end at.
    ends: Vec<Nodes>,
}

/// What a delta concerns, each thing once.
#[derive(Default)]
struct Things<'d> {
    put: BTreeSet<u32>,
    removed: BTreeSet<u32>,
    edges: BTreeSet<(&'d str, u32, u32)>,
    marks: BTreeSet<(u32, &'d str, Way)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(watch: &'a Watch, before: &'a Graph, after: &'a Graph) -> Self {
        let nodes = |n: usize| (0..n).map(|_| Nodes::new()).collect();
        Self {
            watch,
            before,
            after,
            sets: Sets::new(watch.n_watched),
            at: nodes(watch.places.len()),
            inside: nodes(watch.steps.len()),
            ends: nodes(watch.steps.len()),
        }
    }

    pub(super) fn run<'t>(
        mut self,
        touched: impl Iterator<Item = Touched<'t>>,
    ) -> Vec<(u32, NodeId)> {
        let mut things = Things::default();
        for touched in touched {
            match touched {
                Touched::Put(node) => drop(things.put.insert(node.0)),
                Touched::Removed(node) => drop(things.removed.insert(node.0)),
                Touched::Edge(from, edge_type, to) => {
                    things.edges.insert((edge_type, from.0, to.0));
                }
                Touched::Marks(group, edge_type, way) => {
                    things.marks.insert((group, edge_type, way));
                }
            }
        }
        for node in &things.put {
            self.node(NodeId(*node));
        }
        for node in &things.removed {
            self.removed(*node);
        }
        for (edge_type, from, to) in &things.edges {
            self.edge(edge_type, *from, *to);
        }
        for (group, edge_type, way) in &things.marks {
            self.mark(*group, edge_type, *way);
        }
        self.flush()
    }

    /// A node that was put.
    fn node(&mut self, node: NodeId) {
        let (watch, before, after) = (self.watch, self.before, self.after);
        if !after.has_node(node) {
            return;
        }
        if !before.has_node(node) {
            // edges that lead to it are changes of their own
            let all: Vec<u32> = (0..watch.n_watched).collect();
            return self.stand(0, node.0, &all);
        }
        let (old_meta, new_meta) = (before.meta(node), after.meta(node));
        let is_open = |view: View<'_>| matches!(view, View::Object(object) if object.is_open());
        let kind_of = |view: View<'_>| match view.get(watch.kind_key) {
            Some(View::Str(kind)) => Some(kind.to_owned()),
            _ => None,
        };
        let is_other = before.label_set(node.0) != after.label_set(node.0)
            || before.group(node) != after.group(node)
            || is_open(old_meta) != is_open(new_meta)
            || kind_of(old_meta) != kind_of(new_meta);
        if is_other {
            for (place, own) in watch.places.iter().enumerate() {
                self.stand(place, node.0, &own.watched);
            }
            for (step, own) in watch.steps.iter().enumerate() {
                self.stay(step, node.0, &own.watched);
            }
            let all: Vec<u32> = (0..watch.n_watched).collect();
            return self.stand(0, node.0, &all);
        }
        let mut found = Vec::new();
        let mut note = |site, readers| found.push((site, readers));
        watch.docs.differences(Some(before.doc(node)), Some(after.doc(node)), &mut note);
        watch.metas.differences(Some(old_meta), Some(new_meta), &mut note);
        for (site, readers) in found {
            match site {
                Site::At(place) => {
                    let fits = place == 0
                        || watch.places.get(place).is_some_and(|it| fits(after, &it.labels, node));
                    if fits {
                        self.stand(place, node.0, readers);
                    }
                }
                Site::Inside(step) => self.stay(step, node.0, readers),
            }
        }
    }

    /// A node that was removed: its edges are gone.
    fn removed(&mut self, node: u32) {
        let before = self.before;
        if !before.has_node(NodeId(node)) {
            return;
        }
        for edge_type in 0..before.n_types() {
            let name = before.type_names().name(edge_type);
            for to in before.adjacent(edge_type, Way::Out, node).others {
                self.edge(name, node, *to);
            }
            for from in before.adjacent(edge_type, Way::In, node).others {
                self.edge(name, *from, node);
            }
        }
    }

    /// An edge that was added or removed.
    fn edge(&mut self, edge_type: &str, from: u32, to: u32) {
        let watch = self.watch;
        for number in watch.steps_of(edge_type) {
            let Some(step) = watch.steps.get(number) else { continue };
            if step.direction != StepDirection::In {
                self.stay(number, from, &step.watched);
            }
            if step.direction != StepDirection::Out {
                self.stay(number, to, &step.watched);
            }
        }
    }

    /// Another mark: nodes of the group may lack other edges.
    fn mark(&mut self, group: u32, edge_type: &str, way: Way) {
        let watch = self.watch;
        let is_same = |number: Option<u32>, graph: &Graph| {
            number.map_or(Vec::new(), |number| graph.missing(group, number, way).to_vec())
        };
        let old = is_same(self.before.type_names().find(edge_type), self.before);
        let new = is_same(self.after.type_names().find(edge_type), self.after);
        let is_watched = watch.steps_of(edge_type).next().is_some();
        if old == new || !is_watched {
            return;
        }
        let nodes: Vec<NodeId> = self.after.nodes_of_group(group).collect();
        let leads = |direction, way| match direction {
            StepDirection::Out => way == Way::Out,
            StepDirection::In => way == Way::In,
            StepDirection::Either => true,
        };
        for number in watch.steps_of(edge_type) {
            let Some(step) = watch.steps.get(number) else { continue };
            for node in &nodes {
                if leads(step.direction, way) {
                    self.stay(number, node.0, &step.watched);
                }
                if step.closes && leads(step.direction, way.reversed()) {
                    self.stand(step.to, node.0, &step.watched);
                }
            }
        }
    }

    fn stand(&mut self, place: usize, node: u32, watched: &[u32]) {
        let set = self.sets.of(watched);
        add(&mut self.sets, self.at.get_mut(place), node, set);
    }

    fn stay(&mut self, step: usize, node: u32, watched: &[u32]) {
        let set = self.sets.of(watched);
        add(&mut self.sets, self.inside.get_mut(step), node, set);
    }

    /// Walks all back to the nodes of the checks. A place that was made known by a step has a higher
    /// number than the one where the step starts, so one pass from the last to the first is enough.
    fn flush(mut self) -> Vec<(u32, NodeId)> {
        let watch = self.watch;
        for (number, place) in watch.places.iter().enumerate().rev() {
            for step in &place.leaving {
                self.flush_step(*step);
            }
            let Some(nodes) = self.at.get(number).filter(|it| !it.is_empty()) else { continue };
            let nodes = nodes.clone();
            for step in &place.binding {
                let Some(own) = watch.steps.get(*step) else { continue };
                let watched = self.sets.of(&own.watched);
                for (node, set) in &nodes {
                    // the place is shared with others, of whom some take other ways to it
                    let set = self.sets.common(*set, watched);
                    let set = self.sets.of(&set);
                    add(&mut self.sets, self.ends.get_mut(*step), *node, set);
                }
            }
        }
        self.answer()
    }

    /// From the nodes inside and behind a step to those where it starts.
    fn flush_step(&mut self, number: usize) {
        let Some(step) = self.watch.steps.get(number) else { return };
        let take = |nodes: Option<&mut Nodes>| nodes.map(std::mem::take).unwrap_or_default();
        let inside = take(self.inside.get_mut(number));
        let ends = take(self.ends.get_mut(number));
        if inside.is_empty() && ends.is_empty() {
            return;
        }
        let types: Vec<u32> = if step.types.is_empty() {
            (0..self.after.n_types()).collect()
        } else {
            step.types.iter().filter_map(|name| self.after.type_names().find(name)).collect()
        };
        let ways: &[Way] = match step.direction {
            StepDirection::Out => &[Way::In],
            StepDirection::In => &[Way::Out],
            StepDirection::Either => &[Way::Out, Way::In],
        };
        for (nodes, least, most) in
            [(inside, 0, step.max.saturating_sub(1)), (ends, step.min, step.max)]
        {
            let mut level = nodes;
            for distance in 0..=most {
                if distance >= least {
                    for (node, set) in &level {
                        self.enter(step.from, *node, *set);
                    }
                }
                if distance == most || level.is_empty() {
                    break;
                }
                level = self.back(&level, &types, ways);
            }
        }
    }

    /// The nodes one edge before those of a level.
    fn back(&mut self, level: &Nodes, types: &[u32], ways: &[Way]) -> Nodes {
        let mut next = Nodes::new();
        let mut found = Vec::new();
        for (node, set) in level {
            found.clear();
            for edge_type in types {
                for way in ways {
                    self.after.add_neighbours(*edge_type, *way, *node, &mut found);
                }
            }
            for other in &found {
                add(&mut self.sets, Some(&mut next), *other, *set);
            }
        }
        next
    }

    /// Puts a node at a place when it can stand there.
    fn enter(&mut self, place: usize, node: u32, set: SetId) {
        let Some(own) = self.watch.places.get(place) else { return };
        if self.after.has_node(NodeId(node)) && fits(self.after, &own.labels, NodeId(node)) {
            add(&mut self.sets, self.at.get_mut(place), node, set);
        }
    }

    /// The nodes at the first place, each with those checks that judge its kind.
    fn answer(mut self) -> Vec<(u32, NodeId)> {
        let watch = self.watch;
        let any = self.sets.of(&watch.of_any_kind);
        let mut pairs = Vec::new();
        let mut kinds = hashbrown::HashMap::new();
        for (node, set) in self.at.first_mut().map(std::mem::take).unwrap_or_default() {
            let kind = match self.after.meta(NodeId(node)).get(watch.kind_key) {
                Some(View::Str(kind)) => kind,
                _ => "",
            };
            let of_kind = *kinds.entry(kind).or_insert_with(|| {
                let own = watch.of_kind.get(kind).map_or(&[][..], |it| it);
                let own = self.sets.of(own);
                self.sets.join(own, any)
            });
            let common = self.sets.common(set, of_kind);
            pairs.extend(common.into_iter().map(|number| (number, NodeId(node))));
        }
        pairs.sort_unstable();
        pairs
    }
}

/// Adds what is watched at a node.
fn add(sets: &mut Sets, nodes: Option<&mut Nodes>, node: u32, set: SetId) {
    if let Some(nodes) = nodes
        && set != 0
    {
        let place = nodes.entry(node).or_insert(0);
        *place = sets.join(*place, set);
    }
}

/// Whether a node has the labels.
fn fits(graph: &Graph, labels: &[lang::ast::LabelExpr], node: NodeId) -> bool {
    labels.iter().all(|labels| labels.matches(&mut |name| graph.labels(node).any(|it| it == name)))
}
