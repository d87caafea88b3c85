//! The patterns of a `MATCH` as one small graph of places and steps.

use std::sync::Arc;

use lang::ast::{Direction, EdgePattern, LabelExpr, Length, NodePattern, PathKind, PathPattern};

use super::Downstream;
use crate::compile::{Compiler, Known};
use crate::error::Error;
use crate::names::NameSet;
use crate::run::Slot;
use crate::store::Way;

/// A place for a node.
pub(crate) struct Place<'g> {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) slot: Slot,
    pub(crate) labels: Vec<&'g LabelExpr>,
    pub(crate) is_bound: bool,
    /// Its labels have been judged.
    pub(crate) is_checked: bool,
}

/// An edge between two places, or several edges in a row.
pub(crate) struct Step<'g> {
    pub(crate) name: Option<Arc<str>>,
    /// Places as written, left and right.
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// Where the edge (or the list of edges) goes.
    pub(crate) slot: Slot,
    /// Somebody asks for the edge.
    pub(crate) is_asked: bool,
    /// The edge was bound before this pattern.
    pub(crate) was_bound: bool,
    pub(crate) is_done: bool,
    pub(crate) types: Arc<[u32]>,
    /// Seen from the left.
    pub(crate) ways: &'static [Way],
    pub(crate) length: Option<Length>,
    pub(crate) pattern: &'g EdgePattern,
    pub(crate) kind: PathKind,
    /// Where the length of a shortest path goes, when only that is asked for.
    pub(crate) length_slot: Option<Slot>,
}

/// A path with a name.
pub(crate) struct NamedPath {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Slot,
    pub(crate) start: usize,
    pub(crate) steps: Vec<usize>,
    pub(crate) is_done: bool,
    /// Only its length is asked for.
    pub(crate) is_length: bool,
}

/// All patterns of a `MATCH`.
#[derive(Default)]
pub(crate) struct PatternGraph<'g> {
    pub(crate) places: Vec<Place<'g>>,
    pub(crate) steps: Vec<Step<'g>>,
    pub(crate) paths: Vec<NamedPath>,
    introduced: Vec<Arc<str>>,
}

impl<'g> PatternGraph<'g> {
    pub(crate) fn build(
        compiler: &mut Compiler<'g>,
        patterns: &'g [PathPattern],
        downstream: &Downstream<'_>,
    ) -> Result<Self, Error> {
        let mut this = Self::default();
        for pattern in patterns {
            this.add(compiler, pattern, &downstream.length_only)?;
        }
        Ok(this)
    }

    /// Whether the patterns bind this variable.
    pub(crate) fn introduces(&self, name: &str) -> bool {
        self.introduced.iter().any(|it| &**it == name)
    }

    pub(crate) fn is_bound(&self, place: usize) -> bool {
        self.places.get(place).is_some_and(|place| place.is_bound)
    }

    pub(crate) fn is_open(&self, place: usize) -> bool {
        self.places.get(place).is_some_and(|place| !place.is_bound)
    }

    pub(crate) fn slot(&self, place: usize) -> Slot {
        self.places.get(place).map_or(0, |place| place.slot)
    }

    fn add(
        &mut self,
        compiler: &mut Compiler<'g>,
        pattern: &'g PathPattern,
        length_only: &NameSet<'_>,
    ) -> Result<(), Error> {
        let start = self.place(compiler, &pattern.start);
        let mut left = start;
        let mut steps = Vec::new();
        let is_path = pattern.variable.is_some();
        let is_length = pattern.kind == PathKind::Shortest
            && pattern.variable.as_ref().is_some_and(|name| length_only.contains(name.as_str()))
            && pattern.steps.iter().all(|(edge, _)| edge.variable.is_none());
        for (edge, node) in &pattern.steps {
            let right = self.place(compiler, node);
            let step = self.step(compiler, edge, (left, right), pattern.kind)?;
            if let Some(step) = self.steps.get_mut(step) {
                step.is_asked |= is_path && !is_length;
            }
            steps.push(step);
            left = right;
        }
        let Some(name) = &pattern.variable else { return Ok(()) };
        let known = if is_length { Known::PathLength } else { Known::Nothing };
        let slot = compiler.declare(&name.text, known);
        self.introduced.push(Arc::clone(&name.text));
        if is_length && let Some(step) = steps.first().and_then(|step| self.steps.get_mut(*step)) {
            step.length_slot = Some(slot);
        }
        let name = Arc::clone(&name.text);
        self.paths.push(NamedPath { name, slot, start, steps, is_done: false, is_length });
        Ok(())
    }

    fn place(&mut self, compiler: &mut Compiler<'g>, node: &'g NodePattern) -> usize {
        let name = node.variable.as_ref().map(|name| &name.text);
        if let Some(name) = name {
            let same = |place: &Place<'_>| place.name.as_ref() == Some(name);
            if let Some(idx) = self.places.iter().position(same)
                && let Some(place) = self.places.get_mut(idx)
            {
                place.labels.extend(&node.labels);
                return idx;
            }
        }
        let before = name.and_then(|name| compiler.find(name)).map(|it| it.slot);
        let slot = match (before, name) {
            (Some(slot), _) => slot,
            (None, Some(name)) => {
                self.introduced.push(Arc::clone(name));
                compiler.declare(name, Known::Node)
            }
            (None, None) => compiler.new_slot(),
        };
        self.places.push(Place {
            name: name.cloned(),
            slot,
            labels: node.labels.iter().collect(),
            is_bound: before.is_some(),
            is_checked: false,
        });
        self.places.len() - 1
    }

    fn step(
        &mut self,
        compiler: &mut Compiler<'g>,
        edge: &'g EdgePattern,
        (left, right): (usize, usize),
        kind: PathKind,
    ) -> Result<usize, Error> {
        let name = edge.variable.as_ref().map(|name| &name.text);
        let before = name.and_then(|name| compiler.find(name)).map(|it| it.slot);
        let slot = match (before, name) {
            (Some(slot), _) => slot,
            (None, Some(name)) => {
                self.introduced.push(Arc::clone(name));
                let known = if edge.length.is_none() { Known::Edge } else { Known::Nothing };
                compiler.declare(name, known)
            }
            (None, None) => compiler.new_slot(),
        };
        let names = compiler.graph.type_names();
        let types: Arc<[u32]> = if edge.types.is_empty() {
            let is_stored = |number: &u32| compiler.graph.provider(*number).is_none();
            (0..compiler.graph.n_types()).filter(is_stored).collect()
        } else {
            let mut types: Vec<u32> =
                edge.types.iter().filter_map(|name| names.find(name.as_str())).collect();
            types.sort_unstable();
            types.dedup();
            types.into()
        };
        let ways: &'static [Way] = match edge.direction {
            Direction::Out => &[Way::Out],
            Direction::In => &[Way::In],
            Direction::Either => &[Way::Out, Way::In],
        };
        let length = match kind {
            PathKind::All => edge.length,
            PathKind::Shortest | PathKind::AllShortest => {
                Some(edge.length.unwrap_or(Length { min: Some(1), max: Some(1) }))
            }
        };
        if kind != PathKind::All && length.is_some_and(|length| length.least() > 1) {
            let message = "a shortest path cannot have a least length above 1";
            return Err(Error::Eval(lang::error::EvalError::new(
                lang::error::ErrorKind::UnsupportedSyntax,
                message,
            )));
        }
        self.steps.push(Step {
            name: name.cloned(),
            left,
            right,
            slot,
            is_asked: name.is_some(),
            was_bound: before.is_some(),
            is_done: false,
            types,
            ways,
            length,
            pattern: edge,
            kind,
            length_slot: None,
        });
        Ok(self.steps.len() - 1)
    }

    /// Edges of other steps that an edge of this step must differ from, as far as they are bound
    /// already, and whether a later one will ask for this step's edge.
    pub(crate) fn rivals(&self, step: usize) -> (Vec<Slot>, bool) {
        let Some(own) = self.steps.get(step) else { return (Vec::new(), false) };
        let mut earlier = Vec::new();
        let mut is_asked = false;
        for (idx, other) in self.steps.iter().enumerate() {
            let could_share = other.kind == PathKind::All
                && own.kind == PathKind::All
                && other.types.iter().any(|it| own.types.contains(it));
            if idx == step || !could_share {
                continue;
            }
            if other.is_done {
                earlier.push(other.slot);
            } else {
                is_asked = true;
            }
        }
        (earlier, is_asked)
    }
}
