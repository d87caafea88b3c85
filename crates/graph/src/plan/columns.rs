//! What can be said about a place before running: how many nodes there may be, which of them fit.

use std::collections::BTreeSet;

use lang::ast::{CompareOp, Expr, ExprKind, LabelExpr};
use lang::value::Value;

use super::emit::Emitter;
use crate::compile::path_of;
use crate::error::Error;
use crate::exec::Source;
use crate::exec::node_check::{ColumnFilter, Judgement};
use crate::host::MERLON;
use crate::run::{Frame, Limits};
use crate::store::NodeList;
use crate::store::column::{Column, Entry};

/// Columns pay for labels with at least so many nodes. Tests use them on small graphs too.
const COLUMN_FROM: usize = if cfg!(test) { 2 } else { 256 };

/// Above so many distinct values a condition of the form `path = constant` is looked up.
const MANY_VALUES: usize = if cfg!(test) { 3 } else { 4096 };

/// A list of nodes is used instead of a scan when it has at most this share of them.
const LIST_UP_TO: f64 = if cfg!(test) { 0.6 } else { 0.05 };

static NONE: NodeList = NodeList::NONE;

/// What is known about a place.
pub(super) struct Prospect<'g> {
    /// Nodes that have the labels.
    pub(super) count: f64,
    /// The share of them that fulfils the conditions on columns.
    pub(super) selectivity: f64,
    /// What it costs to go through the source, in rows.
    pub(super) scan_cost: f64,
    pub(super) source: Source<'g>,
    pub(super) filters: Vec<ColumnFilter<'g>>,
    /// The conditions that the filters stand for.
    pub(super) conjuncts: Vec<usize>,
}

impl<'g> Emitter<'_, 'g> {
    /// Looks at every place.
    pub(super) fn survey(&mut self) -> Result<Vec<Prospect<'g>>, Error> {
        let mut prospects = Vec::new();
        for idx in 0..self.pattern.places.len() {
            prospects.push(self.by_label(idx));
        }
        let has_anchor = self.pattern.places.iter().any(|place| place.is_bound)
            || prospects.iter().any(|it| it.count <= 1.0)
            || self.pattern.steps.iter().any(|step| step.was_bound);
        let uses_columns = !self.compiler.is_predicate && (!has_anchor || self.compiler.depth > 0);
        for (idx, prospect) in prospects.iter_mut().enumerate() {
            if uses_columns && self.pattern.is_open(idx) && prospect.count >= COLUMN_FROM as f64 {
                self.add_filters(idx, prospect)?;
            }
        }
        Ok(prospects)
    }

    /// By id, else by the rarest label, else all.
    fn by_label(&mut self, idx: usize) -> Prospect<'g> {
        let graph = self.compiler.graph;
        let mut prospect = Prospect {
            count: graph.n_nodes() as f64,
            selectivity: 1.0,
            scan_cost: graph.n_nodes() as f64 * 0.1,
            source: Source::All,
            filters: Vec::new(),
            conjuncts: Vec::new(),
        };
        if self.compiler.is_predicate {
            return prospect; // starts at its node
        }
        let Some(place) = self.pattern.places.get(idx) else { return prospect };
        if let Some(id) = place.name.clone().and_then(|name| self.id_of(&name)) {
            let node = graph.node_by_id(&id);
            prospect.source = Source::Nodes(node.iter().map(|node| node.0).collect());
            (prospect.count, prospect.scan_cost) = (1.0, 0.0);
            return prospect;
        }
        let Some(place) = self.pattern.places.get(idx) else { return prospect };
        for label in required_labels(&place.labels) {
            let (base, added) = match graph.label_names().find(label) {
                Some(label) => graph.with_label(label),
                None => (&[][..], &NONE),
            };
            let count = (base.len() + added.len()) as f64;
            if count < prospect.count || matches!(prospect.source, Source::All) {
                prospect.source = Source::Label(base, added);
                (prospect.count, prospect.scan_cost) = (count, count * 0.1);
            }
        }
        prospect
    }

    /// The id that a condition demands of a node.
    fn id_of(&mut self, name: &str) -> Option<String> {
        for conjunct in &self.conjuncts {
            let ExprKind::Compare(left, rest) = &conjunct.expr.kind else { continue };
            let [(CompareOp::Eq, right)] = &**rest else { continue };
            for (path, constant) in [(&**left, right), (right, &**left)] {
                let Some((variable, keys)) = path_of(path) else { continue };
                if &**variable == name
                    && keys == [MERLON, "id"]
                    && let Some(Value::Str(id)) = self.compiler.constant_value(constant)
                {
                    return Some(id.as_str().to_owned());
                }
            }
        }
        None
    }

    fn add_filters(&mut self, idx: usize, prospect: &mut Prospect<'g>) -> Result<(), Error> {
        let Some(place) = self.pattern.places.get(idx) else { return Ok(()) };
        let Some(name) = place.name.clone() else { return Ok(()) };
        let graph = self.compiler.graph;
        let labels = required_labels(&place.labels);
        let label = labels
            .into_iter()
            .filter_map(|label| graph.label_names().find(label))
            .min_by_key(|label| graph.with_label(*label).0.len());
        let only_name = BTreeSet::from([name.to_string()]);
        let mut least_share = 1.0;
        for at in 0..self.conjuncts.len() {
            let Some(conjunct) = self.conjuncts.get(at) else { continue };
            let expr = conjunct.expr;
            if conjunct.needs != only_name || conjunct.is_done || conjunct.is_costly {
                continue;
            }
            let Some(path) = single_path(expr) else { continue };
            let Some(read) = self.compiler.path_read(path) else { continue };
            let column = graph.column(label, read.of_meta, &read.keys);
            if column.entries().len() > MANY_VALUES
                && let Some(codes) = self.wanted_codes(expr, path, &column)
            {
                // too many distinct values to judge each: the condition stays, over a short list
                let nodes = column.nodes(&codes);
                let share = nodes.len() as f64 / prospect.count.max(1.0);
                prospect.selectivity *= share;
                if share < LIST_UP_TO && share < least_share && !graph.has_overlay() {
                    least_share = share;
                    prospect.scan_cost = nodes.len() as f64 * 0.1;
                    prospect.source = Source::Nodes(nodes);
                }
                continue;
            }
            let judgements = self.judge(expr, path, &column)?;
            let codes: Vec<u32> = (0_u32..)
                .zip(&judgements)
                .filter(|(_, judgement)| **judgement != Judgement::DoesNot)
                .map(|(code, _)| code)
                .collect();
            let n_fit: usize = codes.iter().map(|code| column.count(*code)).sum();
            let share = n_fit as f64 / prospect.count.max(1.0);
            prospect.selectivity *= share;
            let has_null = codes.first() == Some(&0);
            if share < LIST_UP_TO && share < least_share && !has_null {
                least_share = share;
                prospect.scan_cost = n_fit as f64 * 0.1;
                let mut nodes = column.nodes(&codes);
                if graph.has_overlay() {
                    let added = label.map_or(&NONE, |label| graph.with_label(label).1);
                    nodes.retain(|node| !graph.is_touched(*node));
                    nodes.extend(added.iter());
                }
                if label.is_some() || !graph.has_overlay() {
                    prospect.source = Source::Nodes(nodes);
                }
            }
            let test = self.compiler.test(expr)?;
            prospect.filters.push(ColumnFilter { column, judgements, test });
            prospect.conjuncts.push(at);
        }
        // the most selective one first
        prospect.filters.sort_by_key(|filter| {
            let codes = (0_u32..).zip(&filter.judgements);
            let fits = codes.filter(|(_, judgement)| **judgement != Judgement::DoesNot);
            fits.map(|(code, _)| filter.column.count(code)).sum::<usize>()
        });
        Ok(())
    }

    /// The codes that may fit `path = constant`.
    fn wanted_codes(&mut self, expr: &'g Expr, path: &Expr, column: &Column) -> Option<Vec<u32>> {
        let ExprKind::Compare(left, rest) = &expr.kind else { return None };
        let [(CompareOp::Eq, right)] = &**rest else { return None };
        if **left != *path {
            return None;
        }
        let value = self.compiler.constant_value(right)?;
        column.codes_equal(&value)
    }

    /// What a condition says about each distinct value of a column.
    fn judge(
        &mut self,
        expr: &'g Expr,
        path: &'g Expr,
        column: &Column,
    ) -> Result<Box<[Judgement]>, Error> {
        let slot = self.compiler.new_slot();
        self.compiler.known_exprs.push((path, slot));
        let test = self.compiler.test(expr);
        self.compiler.known_exprs.pop();
        let test = test?;
        let mut frame = Frame::new(self.compiler.n_slots, Limits::usual());
        let judge = |entry: &Entry| {
            let Some(value) = entry.value() else { return Judgement::Open };
            frame.set(slot, value);
            test(&mut frame).map_or(Judgement::Open, Judgement::from)
        };
        Ok(column.entries().iter().map(judge).collect())
    }
}

/// Labels that a node must have, as far as they stand alone.
fn required_labels<'a>(exprs: &[&'a LabelExpr]) -> Vec<&'a str> {
    fn add<'a>(expr: &'a LabelExpr, labels: &mut Vec<&'a str>) {
        match expr {
            LabelExpr::Label(name) => labels.push(name.as_str()),
            LabelExpr::And(left, right) => {
                add(left, labels);
                add(right, labels);
            }
            LabelExpr::Or(..) | LabelExpr::Not(_) => {}
        }
    }
    let mut labels = Vec::new();
    for expr in exprs {
        add(expr, &mut labels);
    }
    labels
}

/// The one path that an expression reads, when it reads nothing else.
fn single_path(expr: &Expr) -> Option<&Expr> {
    let mut found = None;
    reads_only(expr, &mut found).then_some(found).flatten()
}

fn reads_only<'a>(expr: &'a Expr, found: &mut Option<&'a Expr>) -> bool {
    if let Some((_, keys)) = path_of(expr) {
        if keys.is_empty() || found.is_some_and(|other| other != expr) {
            return false;
        }
        *found = Some(expr);
        return true;
    }
    match &expr.kind {
        ExprKind::Exists(_)
        | ExprKind::Count(_)
        | ExprKind::Pattern(_)
        | ExprKind::PatternComprehension(_)
        | ExprKind::ListComprehension(_)
        | ExprKind::Quantifier(_)
        | ExprKind::Reduce(_)
        | ExprKind::MapProjection(_)
        | ExprKind::CountStar => false,
        ExprKind::Call(call) if call.function.as_str().eq_ignore_ascii_case("rand") => false,
        _ => {
            let mut all = true;
            expr.for_each_child(&mut |child| all = all && reads_only(child, found));
            all
        }
    }
}
