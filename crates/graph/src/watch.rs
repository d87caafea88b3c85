//! From a change to the answers that it may alter: the footprints of many conditions, by what they look
//! at, walked backwards.
//!
//! Compare the answer of a condition at its node before and after a change. Its rows are made step by
//! step; take the first step, in the order of the footprint, where the two differ. Everything up to there
//! is in both graphs, so a walk backwards in either one, from what is different to the node of the
//! condition, finds it. What can be different there is: an edge of the step, a mark that edges of it may
//! be missing, the labels of the node behind, or a value read on it. Those are the places where a walk
//! starts.
//!
//! Places that several conditions share are walked once, with the set of conditions as luggage.

mod sets;
mod trie;
mod walk;

use std::collections::BTreeMap;

use hashbrown::HashMap;
use lang::ast::LabelExpr;
use lang::value::NodeId;
use model::{Key, Keys};

use self::trie::Trie;
use crate::footprint::{Footprint, FootprintStep, StepDirection};
use crate::host::MERLON;
use crate::store::{Delta, Graph, Touched};

/// Finds the conditions and nodes whose answers a change may alter.
#[derive(Debug)]
pub struct Watch {
    kind_key: Key,
    keys: Keys,
    n_watched: u32,
    /// The first is the node of every condition.
    places: Vec<Place>,
    steps: Vec<Step>,
    place_numbers: HashMap<String, usize>,
    step_numbers: HashMap<String, usize>,
    /// What is read in documents, and in what Merlon says about nodes.
    docs: Trie,
    metas: Trie,
    steps_of_type: HashMap<String, Vec<usize>>,
    steps_of_any_type: Vec<usize>,
    of_kind: HashMap<String, Vec<u32>>,
    of_any_kind: Vec<u32>,
}

/// Where a pattern may stand.
#[derive(Debug, Default)]
struct Place {
    labels: Vec<LabelExpr>,
    watched: Vec<u32>,
    /// Steps that start here, and steps by which a node here becomes known.
    leaving: Vec<usize>,
    binding: Vec<usize>,
}

/// A step between two places.
#[derive(Debug)]
struct Step {
    from: usize,
    to: usize,
    types: Vec<String>,
    direction: StepDirection,
    min: u32,
    max: u32,
    /// Whether the node at its end is known before.
    closes: bool,
    watched: Vec<u32>,
}

/// Where a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Site {
    /// On a node at a place.
    At(usize),
    /// On a node between the ends of a step.
    Inside(usize),
}

impl Watch {
    /// Watches nothing yet; for graphs whose documents use `keys`.
    pub fn new(keys: &Keys) -> Self {
        Self {
            kind_key: keys.intern("kind"),
            keys: keys.clone(),
            n_watched: 0,
            places: vec![Place::default()],
            steps: Vec::new(),
            place_numbers: HashMap::new(),
            step_numbers: HashMap::new(),
            docs: Trie::default(),
            metas: Trie::default(),
            steps_of_type: HashMap::new(),
            steps_of_any_type: Vec::new(),
            of_kind: HashMap::new(),
            of_any_kind: Vec::new(),
        }
    }

    /// Watches what the conditions of a check look at. `kinds` are those of its nodes (what
    /// `merlon.kind` says); none: any. Gives the number of the check: 0, 1, 2 and so on.
    pub fn add(&mut self, footprints: &[&Footprint], kinds: &[&str]) -> u32 {
        let number = self.n_watched;
        self.n_watched += 1;
        for footprint in footprints {
            self.add_footprint(number, footprint);
        }
        for kind in kinds {
            self.of_kind.entry((*kind).to_owned()).or_default().push(number);
        }
        if kinds.is_empty() {
            self.of_any_kind.push(number);
        }
        number
    }

    /// The checks and nodes whose answers may differ between `before` and `after`, which is `before`
    /// with `delta` applied. Sorted, each once.
    ///
    /// Nodes that are no more are not among them. Computed edges count as unchanged.
    pub fn affected(&self, before: &Graph, after: &Graph, delta: &Delta) -> Vec<(u32, NodeId)> {
        self.affected_by(before, after, delta.touched())
    }

    /// The same of what differs between two graphs: see [`Graph::since`].
    pub fn affected_by<'t>(
        &self,
        before: &Graph,
        after: &Graph,
        touched: impl Iterator<Item = Touched<'t>>,
    ) -> Vec<(u32, NodeId)> {
        walk::Walk::new(self, before, after).run(touched)
    }

    fn add_footprint(&mut self, number: u32, footprint: &Footprint) {
        let mut places = vec![0];
        for (node, own) in footprint.nodes.iter().enumerate().skip(1) {
            let links: Vec<&FootprintStep> =
                footprint.steps.iter().filter(|step| step.binds && step.to == node).collect();
            let name = {
                let mut name = format!("{:?}", own.labels);
                for link in &links {
                    name += &name_of(link, places.get(link.from).copied().unwrap_or_default());
                }
                name
            };
            let place = *self.place_numbers.entry(name).or_insert_with(|| {
                self.places.push(Place { labels: own.labels.clone(), ..Place::default() });
                self.places.len() - 1
            });
            places.push(place);
        }
        for place in &places {
            if let Some(place) = self.places.get_mut(*place) {
                push(&mut place.watched, number);
            }
        }
        for step in &footprint.steps {
            let (Some(from), Some(to)) = (places.get(step.from), places.get(step.to)) else {
                continue;
            };
            let step_number = self.add_step(number, step, *from, *to);
            for path in &step.inner_paths {
                self.add_path(number, Site::Inside(step_number), path);
            }
        }
        for (place, node) in places.iter().zip(&footprint.nodes) {
            for path in &node.paths {
                self.add_path(number, Site::At(*place), path);
            }
        }
    }

    fn add_step(&mut self, number: u32, step: &FootprintStep, from: usize, to: usize) -> usize {
        let name = format!("{}{to}{}", name_of(step, from), step.binds);
        let next = self.steps.len();
        let at = *self.step_numbers.entry(name).or_insert(next);
        if at == next {
            let (min, max) = step.length;
            let (types, direction, closes) = (step.edge_types.clone(), step.direction, !step.binds);
            for edge_type in &types {
                self.steps_of_type.entry(edge_type.clone()).or_default().push(at);
            }
            if types.is_empty() {
                self.steps_of_any_type.push(at);
            }
            let watched = Vec::new();
            self.steps.push(Step { from, to, types, direction, min, max, closes, watched });
            if let Some(place) = self.places.get_mut(from) {
                place.leaving.push(at);
            }
            if let Some(place) = self.places.get_mut(to)
                && step.binds
            {
                place.binding.push(at);
            }
        }
        if let Some(step) = self.steps.get_mut(at) {
            push(&mut step.watched, number);
        }
        at
    }

    fn add_path(&mut self, number: u32, site: Site, path: &[String]) {
        let keys = |names: &[String]| -> Vec<Key> {
            names.iter().map(|name| self.keys.intern(name)).collect()
        };
        match path.split_first() {
            Some((first, rest)) if first == MERLON => {
                let rest = keys(rest);
                self.metas.insert(&rest, site, number);
                // of a node without facts this is a key of its document
                let path = keys(path);
                self.docs.insert(&path, site, number);
            }
            Some(_) => {
                let path = keys(path);
                self.docs.insert(&path, site, number);
            }
            None => {
                self.docs.insert(&[], site, number);
                self.metas.insert(&[], site, number);
            }
        }
    }

    /// The steps that follow edges of a type.
    fn steps_of(&self, edge_type: &str) -> impl Iterator<Item = usize> {
        let named = self.steps_of_type.get(edge_type).map_or(&[][..], |it| it);
        named.iter().chain(&self.steps_of_any_type).copied()
    }
}

/// Adds a number to a list in which it may be the last already.
fn push(list: &mut Vec<u32>, number: u32) {
    if list.last() != Some(&number) {
        list.push(number);
    }
}

/// What tells a step from others that start at the same place.
fn name_of(step: &FootprintStep, from: usize) -> String {
    format!(" {from} {:?} {:?} {:?} ", step.edge_types, step.direction, step.length)
}

/// By place or step: nodes, and what is watched there.
type Nodes = BTreeMap<u32, sets::SetId>;
