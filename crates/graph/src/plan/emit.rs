//! Putting the steps of a pipeline in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use lang::ast::PathKind;

use super::columns::Prospect;
use super::lookup::Found;
use super::pattern::{PatternGraph, Step};
use super::{Conjunct, Downstream};
use crate::compile::Compiler;
use crate::compile::condition::labels_table;
use crate::error::Error;
use crate::exec::{
    Deepen, EdgeTest, Expand, FromEdge, Hop, Join, Leg, Lookup, NodeCheck, Op, PairLengths, PathOf,
    Reach, ReachFrom, Scan, Shortest, Source, Trail,
};
use crate::run::Slot;
use crate::store::Way;

/// Builds the pipeline of one `MATCH`.
pub(super) struct Emitter<'c, 'g> {
    pub(super) compiler: &'c mut Compiler<'g>,
    pub(super) pattern: PatternGraph<'g>,
    pub(super) conjuncts: Vec<Conjunct<'g>>,
    pub(super) downstream: &'c Downstream<'c>,
    names: BTreeSet<String>,
    ops: Vec<Op<'g>>,
    /// By place: what is known about it before it is bound.
    pub(super) prospects: Vec<Prospect<'g>>,
    /// Places that this pattern has bound so far.
    n_new_places: usize,
}

/// Two shortest-path ends with fewer candidates than this are searched pair by pair.
const FEW: f64 = if cfg!(test) { 1.0 } else { 4.0 };

impl<'c, 'g> Emitter<'c, 'g> {
    pub(super) fn new(
        compiler: &'c mut Compiler<'g>,
        pattern: PatternGraph<'g>,
        conjuncts: Vec<Conjunct<'g>>,
        downstream: &'c Downstream<'c>,
    ) -> Self {
        Self {
            compiler,
            pattern,
            conjuncts,
            downstream,
            names: BTreeSet::new(),
            ops: Vec::new(),
            prospects: Vec::new(),
            n_new_places: 0,
        }
    }

    pub(super) fn emit(mut self) -> Result<Vec<Op<'g>>, Error> {
        self.prospects = self.survey()?;
        self.emit_bound_places();
        self.emit_tests(false)?;
        if !self.emit_pair_lengths()? {
            self.emit_bound_edges()?;
            loop {
                if let Some((step, from_left)) = self.next_step() {
                    if !self.emit_far_end(step, from_left) {
                        self.emit_step(step, from_left)?;
                    }
                } else if let Some(found) = self.best_lookup() {
                    self.emit_lookup(&found)?;
                } else if let Some(place) = self.best_start() {
                    self.emit_start(place)?;
                } else {
                    break;
                }
                self.emit_tests(false)?;
            }
        }
        self.emit_tests(true)?;
        Ok(self.ops)
    }

    /// Judges nodes that were bound before.
    fn emit_bound_places(&mut self) {
        for idx in 0..self.pattern.places.len() {
            let Some(place) = self.pattern.places.get(idx) else { continue };
            if !place.is_bound {
                continue;
            }
            let slot = place.slot;
            let is_alone =
                !self.pattern.steps.iter().any(|step| step.left == idx || step.right == idx);
            if !place.labels.is_empty() || is_alone {
                let check = self.check(idx, false);
                self.ops.push(Op::Check { slot, check });
            }
            self.mark_bound(idx, false);
        }
    }

    /// Takes the ends of edges that were bound before.
    fn emit_bound_edges(&mut self) -> Result<(), Error> {
        for idx in 0..self.pattern.steps.len() {
            let Some(step) = self.pattern.steps.get(idx) else { continue };
            if !step.was_bound || step.length.is_some() {
                continue;
            }
            let (left, right, slot) = (step.left, step.right, step.slot);
            let hop = self.hop(step, true);
            let (others, _) = self.pattern.rivals(idx);
            let end = |place: usize| {
                self.pattern.places.get(place).map_or((0, true), |it| (it.slot, it.is_bound))
            };
            let from = FromEdge { slot, hop, left: end(left), right: end(right), others };
            self.ops.push(Op::FromEdge(from));
            for place in [left, right] {
                if self.pattern.is_open(place) {
                    let check = self.check(place, true);
                    let slot = self.mark_bound(place, true);
                    self.ops.push(Op::Check { slot, check });
                }
            }
            self.mark_done(idx);
            self.emit_tests(false)?;
        }
        Ok(())
    }

    /// Conditions whose variables are all bound; those that run queries only when told so.
    fn emit_tests(&mut self, with_costly: bool) -> Result<(), Error> {
        self.emit_paths();
        for pass in 0..2 {
            for idx in 0..self.conjuncts.len() {
                let Some(conjunct) = self.conjuncts.get_mut(idx) else { continue };
                let is_ready = conjunct.needs.iter().all(|name| self.names.contains(name));
                let is_late = conjunct.is_costly;
                if conjunct.is_done || !is_ready || (is_late != (pass == 1)) {
                    continue;
                }
                if is_late && !with_costly && self.has_cheap_work() {
                    continue;
                }
                let Some(conjunct) = self.conjuncts.get_mut(idx) else { continue };
                conjunct.is_done = true;
                let expr = conjunct.expr;
                let test = self.compiler.test(expr)?;
                self.ops.push(Op::Test(test));
            }
        }
        Ok(())
    }

    /// Whether steps that do not multiply rows are still to come.
    fn has_cheap_work(&self) -> bool {
        if self.compiler.is_predicate {
            let step = self.next_step().and_then(|(step, _)| self.pattern.steps.get(step));
            return step.is_some_and(|step| {
                self.pattern.is_bound(step.left) && self.pattern.is_bound(step.right)
            });
        }
        self.next_step().is_some_and(|(step, from_left)| self.growth(step, from_left) < 0.5)
    }

    /// Puts together the paths whose parts are all bound.
    fn emit_paths(&mut self) {
        for path in &mut self.pattern.paths {
            let all = path
                .steps
                .iter()
                .all(|step| self.pattern.steps.get(*step).is_some_and(|step| step.is_done));
            let start = self.pattern.places.get(path.start);
            let Some(start) = start.filter(|it| it.is_bound && all && !path.is_done) else {
                continue;
            };
            path.is_done = true;
            self.names.insert(path.name.to_string());
            if path.is_length {
                continue;
            }
            let steps = path.steps.iter().filter_map(|step| self.pattern.steps.get(*step));
            self.ops.push(Op::Path(PathOf {
                host: Arc::clone(&self.compiler.host),
                slot: path.slot,
                start: start.slot,
                edges: steps.map(|step| step.slot).collect(),
            }));
        }
    }

    fn emit_scan(&mut self, place: usize) {
        let scan = self.scan(place);
        self.ops.push(Op::Scan(scan));
    }

    /// Starts anew at a place. Where rows come before it, its own conditions are judged once and not for each.
    fn emit_start(&mut self, place: usize) -> Result<(), Error> {
        let is_first = self.n_new_places == 0 && self.compiler.depth == 0;
        if is_first || self.compiler.is_predicate || self.own_conditions(place).is_empty() {
            self.emit_scan(place);
            return Ok(());
        }
        self.look_up(place, Vec::new())
    }

    fn emit_lookup(&mut self, found: &Found<'g>) -> Result<(), Error> {
        let joins = found.compile(self.compiler)?;
        self.look_up(found.place, joins)
    }

    fn look_up(&mut self, place: usize, joins: Vec<Join<'g>>) -> Result<(), Error> {
        let scan = self.scan(place);
        let own = self.own_conditions(place);
        let own = own.into_iter().map(|it| self.compiler.test(it)).collect::<Result<_, _>>()?;
        let number = self.compiler.n_lookups;
        self.compiler.n_lookups += 1;
        self.ops.push(Op::Lookup(Lookup { scan, number, joins, own }));
        Ok(())
    }

    /// Whether a variable has a value already: of this pattern or from before.
    pub(super) fn is_bound_name(&self, name: &str) -> bool {
        self.names.contains(name)
            || (!self.pattern.introduces(name) && self.compiler.find(name).is_some())
    }

    fn scan(&mut self, place: usize) -> Scan<'g> {
        let graph = self.compiler.graph;
        let source = self
            .prospects
            .get_mut(place)
            .map_or(Source::All, |prospect| std::mem::replace(&mut prospect.source, Source::All));
        let check = self.check(place, true);
        let slot = self.mark_bound(place, true);
        Scan { graph, slot, source, check }
    }

    /// What a node at this place must be. Takes the column filters along when told so.
    fn check(&mut self, place: usize, with_filters: bool) -> NodeCheck<'g> {
        let graph = self.compiler.graph;
        let mut check = NodeCheck::any(graph);
        if let Some(place) = self.pattern.places.get_mut(place) {
            check.labels = labels_table(graph, &place.labels);
            place.is_checked = true;
        }
        if with_filters && let Some(prospect) = self.prospects.get_mut(place) {
            check.filters = std::mem::take(&mut prospect.filters);
            for idx in std::mem::take(&mut prospect.conjuncts) {
                if let Some(conjunct) = self.conjuncts.get_mut(idx) {
                    conjunct.is_done = true;
                }
            }
        }
        check
    }

    fn mark_bound(&mut self, place: usize, is_new: bool) -> Slot {
        self.n_new_places += usize::from(is_new);
        let Some(place) = self.pattern.places.get_mut(place) else { return 0 };
        place.is_bound = true;
        if let Some(name) = &place.name {
            self.names.insert(name.to_string());
        }
        place.slot
    }

    fn mark_done(&mut self, step: usize) {
        if let Some(step) = self.pattern.steps.get_mut(step) {
            step.is_done = true;
            if let Some(name) = &step.name {
                self.names.insert(name.to_string());
            }
        }
    }

    fn hop(&self, step: &Step<'g>, from_left: bool) -> Hop<'g> {
        let (ways, end): (&[_], _) = match step.ways {
            ways if from_left => (ways, step.right),
            [Way::Out] => (&[Way::In], step.left),
            [Way::In] => (&[Way::Out], step.left),
            both => (both, step.left),
        };
        let targets = self.pattern.places.get(end).map_or(Vec::new(), |place| place.labels.clone());
        let (host, types) = (Arc::clone(&self.compiler.host), Arc::clone(&step.types));
        Hop::new(host, types, ways, targets, step.length.is_some())
    }

    /// Whether anybody asks for a variable later.
    fn is_live(&self, name: &str) -> bool {
        let is_needed = |it: &Conjunct<'_>| !it.is_done && it.needs.contains(name);
        self.downstream.live.as_ref().is_none_or(|live| live.contains(name))
            || self.conjuncts.iter().any(is_needed)
    }

    /// Whether anybody asks for the edges of a step.
    fn is_asked(&self, step: usize) -> bool {
        let Some(own) = self.pattern.steps.get(step) else { return true };
        let in_path =
            self.pattern.paths.iter().any(|path| {
                !path.is_length && path.steps.contains(&step) && self.is_live(&path.name)
            });
        in_path || own.name.as_ref().is_some_and(|name| self.is_live(name))
    }

    /// A shortest path to one of few: binds them first, to search from both sides.
    fn emit_far_end(&mut self, step: usize, from_left: bool) -> bool {
        let Some(own) = self.pattern.steps.get(step) else { return false };
        let other = if from_left { own.right } else { own.left };
        let is_few = self.prospects.get(other).is_some_and(|it| it.count * it.selectivity <= FEW);
        let is_open = self.pattern.is_open(other);
        if own.kind == PathKind::All || !is_open || !(is_few || self.is_judged(step)) {
            return false;
        }
        self.emit_scan(other);
        true
    }

    /// Whether conditions speak of the path or the edges of a shortest-path step: they are judged
    /// while it is looked for, so that the path given is the shortest that fulfils them.
    fn is_judged(&self, step: usize) -> bool {
        let Some(own) = self.pattern.steps.get(step) else { return false };
        let path = self.pattern.paths.iter().find(|path| path.steps.contains(&step));
        let path = path.filter(|path| !path.is_length).map(|path| &path.name);
        path.into_iter()
            .chain(&own.name)
            .any(|name| self.conjuncts.iter().any(|it| !it.is_done && it.needs.contains(&**name)))
    }

    fn emit_step(&mut self, idx: usize, from_left: bool) -> Result<(), Error> {
        let Some(step) = self.pattern.steps.get(idx) else { return Ok(()) };
        let (start, end) =
            if from_left { (step.left, step.right) } else { (step.right, step.left) };
        let (hop, back) = (self.hop(step, from_left), self.hop(step, !from_left));
        let (length, kind, slot, was_bound, length_slot, pattern) =
            (step.length, step.kind, step.slot, step.was_bound, step.length_slot, step.pattern);
        let (others, is_asked_later) = self.pattern.rivals(idx);
        let is_asked = self.is_asked(idx) || was_bound;
        let to_is_bound = self.pattern.is_bound(end);
        let from = self.pattern.slot(start);
        let is_alone = others.is_empty() && !is_asked_later;
        let is_judged = kind != PathKind::All && self.is_judged(idx) && to_is_bound;
        let check = if to_is_bound { NodeCheck::any(hop.graph) } else { self.check(end, true) };
        let to = self.mark_bound(end, !to_is_bound);
        self.mark_done(idx);
        let edges = if was_bound { self.compiler.new_slot() } else { slot };
        let wants_edge = (is_asked || is_asked_later).then_some(edges);
        let Some(length) = length else {
            let edge = wants_edge;
            let expand = Expand { hop, back, from, to, to_is_bound, check, edge, others };
            self.ops.push(Op::Expand(expand));
            return Ok(());
        };
        let (min, max) = (length.least(), length.most());
        let is_reversed = !from_left;
        let leg = Leg { hop, back, from, to, to_is_bound, check, min, max, is_reversed };
        if is_judged {
            return self.emit_judged(pattern, kind, leg, edges);
        }
        let edge_test = self.edge_test(pattern)?;
        if kind != PathKind::All {
            let edges = is_asked.then_some(edges);
            let (wants_all, length) = (kind == PathKind::AllShortest, length_slot);
            self.ops.push(Op::Shortest(Shortest { leg, wants_all, edge_test, edges, length }));
            return Ok(());
        }
        let is_plain = pattern.properties.is_none() && leg.hop.ways.len() == 1;
        if self.downstream.is_distinct && min <= 1 && is_plain && is_alone && !is_asked {
            let is_dead = self.is_dead(start, idx) && self.is_only_new(start, end);
            let from = if is_dead {
                ReachFrom::All(std::mem::take(&mut self.ops), from)
            } else {
                ReachFrom::Slot(from)
            };
            let Leg { hop, to, to_is_bound, check, .. } = leg;
            self.ops.push(Op::Reach(Reach { hop, from, to, to_is_bound, check, min, max }));
            return Ok(());
        }
        let trail = Trail { leg, exact: None, edge_test, edges: wants_edge, others };
        self.ops.push(Op::Trail(trail));
        if was_bound {
            let (mine, given) = (edges, slot);
            self.ops.push(Op::Test(Box::new(move |frame| {
                Ok(lang::value::compare::equals(frame.get(mine), frame.get(given)))
            })));
        }
        Ok(())
    }

    /// A shortest path on which there are conditions: one length after the other.
    fn emit_judged(
        &mut self,
        pattern: &'g lang::ast::EdgePattern,
        kind: PathKind,
        mut leg: Leg<'g>,
        edges: Slot,
    ) -> Result<(), Error> {
        let edge_test = self.edge_test(pattern)?;
        let n_edges: usize = leg.hop.types.iter().map(|it| leg.hop.graph.n_of_type(*it)).sum();
        leg.max = leg.max.min(n_edges as u32);
        let (min, max, length) = (leg.min, leg.max, self.compiler.new_slot());
        let (exact, edges, others) = (Some(length), Some(edges), Vec::new());
        let trail = Trail { leg, exact, edge_test, edges, others };
        let outer = std::mem::replace(&mut self.ops, vec![Op::Trail(trail)]);
        self.emit_tests(true)?;
        let ops = std::mem::replace(&mut self.ops, outer);
        let wants_all = kind == PathKind::AllShortest;
        self.ops.push(Op::Deepen(Deepen { length, min, max, ops, wants_all }));
        Ok(())
    }

    /// Whether nobody asks any more which node is at `place`, `step` being followed from it.
    pub(super) fn is_dead(&self, place: usize, step: usize) -> bool {
        let is_used = self
            .pattern
            .steps
            .iter()
            .enumerate()
            .any(|(idx, other)| idx != step && (other.left == place || other.right == place));
        let in_path = self.pattern.paths.iter().any(|path| path.steps.contains(&step));
        let Some(place) = self.pattern.places.get(place) else { return false };
        // conditions on the node alone are judged when it is bound
        let is_live = |name: &str| {
            let is_needed = |it: &Conjunct<'_>| {
                let is_early = it.needs.len() == 1 && !it.is_costly;
                !it.is_done && it.needs.contains(name) && (place.is_bound || !is_early)
            };
            self.downstream.live.as_ref().is_none_or(|live| live.contains(name))
                || self.conjuncts.iter().any(is_needed)
        };
        !is_used && !in_path && place.name.as_ref().is_none_or(|name| !is_live(name))
    }

    /// Whether the steps so far bind nothing but `start` (and `end` is bound just now).
    fn is_only_new(&self, start: usize, end: usize) -> bool {
        let was_bound_before = |op: &Op<'_>| !matches!(op, Op::Scan(_) | Op::Test(_));
        start != end
            && self.n_new_places == 2
            && matches!(self.ops.first(), Some(Op::Scan(_) | Op::Test(_)))
            && self.ops.iter().any(|op| matches!(op, Op::Scan(_)))
            && !self.ops.iter().any(was_bound_before)
    }

    fn edge_test(
        &mut self,
        pattern: &'g lang::ast::EdgePattern,
    ) -> Result<Option<EdgeTest<'g>>, Error> {
        let Some(properties) = &pattern.properties else { return Ok(None) };
        let lang::ast::ExprKind::Map(entries) = &properties.kind else { return Ok(None) };
        let mut evals = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            evals.push((key.as_str(), self.compiler.eval(value)?));
        }
        Ok(Some(EdgeTest { entries: evals }))
    }

    /// One shortest-path step between many and many, of which only the length is asked for.
    fn emit_pair_lengths(&mut self) -> Result<bool, Error> {
        let [step] = &*self.pattern.steps else { return Ok(false) };
        let (left, right) = (step.left, step.right);
        let (Some(length), Some(slot)) = (step.length, step.length_slot) else {
            return Ok(false);
        };
        let count =
            |place: usize| self.prospects.get(place).map_or(0.0, |it| it.count * it.selectivity);
        let is_fit = left != right
            && self.pattern.places.len() == 2
            && self.pattern.is_open(left)
            && self.pattern.is_open(right)
            && step.pattern.properties.is_none()
            && count(left) > FEW
            && count(right) > FEW;
        if !is_fit {
            return Ok(false);
        }
        let from_left = count(left) <= count(right);
        let (hop, back) = (self.hop(step, from_left), self.hop(step, !from_left));
        let outer = std::mem::take(&mut self.ops);
        let mut ends = Vec::new();
        let (start, end) = if from_left { (left, right) } else { (right, left) };
        let all_names = std::mem::take(&mut self.names);
        for place in [start, end] {
            self.names = all_names.clone();
            self.emit_scan(place);
            self.emit_tests(false)?;
            let slot = self.pattern.slot(place);
            ends.push((std::mem::take(&mut self.ops), slot));
        }
        self.names = all_names;
        for place in [start, end] {
            self.mark_bound(place, false);
        }
        self.mark_done(0);
        self.ops = outer;
        let mut ends = ends.into_iter();
        if let (Some(from), Some(to)) = (ends.next(), ends.next()) {
            let (min, max) = (length.least(), length.most());
            let length = slot;
            self.ops.push(Op::PairLengths(PairLengths { hop, back, from, to, min, max, length }));
        }
        Ok(true)
    }
}
