//! What a check's condition looks at: paths of its node, patterns from it, paths of neighbours.
//!
//! A check is anchored at its node and its patterns are bounded, so what a change affects follows
//! from walking the patterns backwards. What cannot be bounded so is refused here.

use std::collections::{BTreeMap, BTreeSet};

use lang::ast::{Clause, Direction, Expr, ExprKind, LabelExpr, PathPattern, Query};

use crate::compile::path_of;
use crate::error::Error;
use crate::names::{self, NameSet};

/// The longest way from the node of a check that its patterns may go.
pub const MAX_HOPS: u32 = 4;

/// What a condition looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Paths read on the node itself, outermost key first; `merlon` is the first key of Merlon's facts.
    pub paths: BTreeSet<Vec<String>>,
    /// Steps of patterns, in the order in which they lead away from the node.
    pub steps: Vec<FootprintStep>,
    /// Edges between the node and the farthest node looked at.
    pub max_hops: u32,
    /// Whether the answer changes with time alone.
    pub reads_now: bool,
}

/// A step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootprintStep {
    /// Edge types; empty: any.
    pub edge_types: Vec<String>,
    /// Seen from the node of the check.
    pub direction: StepDirection,
    /// Distance from the node of the check behind this step, at most.
    pub hops: u32,
    /// Labels that the node behind must have, those of every alternative together; empty: any.
    pub labels: Vec<String>,
    /// Paths read on the node behind.
    pub paths: BTreeSet<Vec<String>>,
}

/// Which way the edges of a step point, seen from the node of the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDirection {
    /// Away from it.
    Out,
    /// Towards it.
    In,
    /// Either.
    Either,
}

impl StepDirection {
    fn of(direction: Direction, is_forward: bool) -> Self {
        match (direction, is_forward) {
            (Direction::Either, _) => Self::Either,
            (Direction::Out, true) | (Direction::In, false) => Self::Out,
            (Direction::In, true) | (Direction::Out, false) => Self::In,
        }
    }
}

/// What `expr`, a condition over `variable`, looks at.
///
/// # Errors
/// It has a pattern that does not hang on the node, or one that goes too far.
pub(crate) fn footprint(expr: &Expr, variable: &str) -> Result<Footprint, Error> {
    let mut walk = Walk::default();
    walk.hops.insert(variable.to_owned(), 0);
    walk.expr(expr)?;
    let mut paths = walk.paths;
    for (step, names) in walk.footprint.steps.iter_mut().zip(&walk.names) {
        for name in names {
            step.paths.extend(paths.get(name).cloned().unwrap_or_default());
        }
    }
    walk.footprint.paths = paths.remove(variable).unwrap_or_default();
    Ok(walk.footprint)
}

#[derive(Default)]
struct Walk {
    footprint: Footprint,
    /// By variable: its distance from the node of the check.
    hops: BTreeMap<String, u32>,
    paths: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// By step: the variables behind it.
    names: Vec<Vec<String>>,
}

impl Walk {
    fn expr(&mut self, expr: &Expr) -> Result<(), Error> {
        if let Some((name, keys)) = path_of(expr) {
            let path = keys.into_iter().map(str::to_owned).collect();
            self.paths.entry(name.to_string()).or_default().insert(path);
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Parameter(name) if name.as_str() == "now" => self.footprint.reads_now = true,
            ExprKind::Call(call) => {
                let name = call.function.as_str().to_ascii_lowercase();
                let is_clock = ["datetime", "date", "timestamp"].contains(&&*name);
                self.footprint.reads_now |=
                    name == "dayssince" || (is_clock && call.args.is_empty());
            }
            ExprKind::Pattern(pattern) => {
                self.patterns(std::slice::from_ref(&**pattern))?;
            }
            ExprKind::PatternComprehension(it) => {
                self.patterns(std::slice::from_ref(&it.pattern))?;
                it.condition.iter().try_for_each(|expr| self.expr(expr))?;
                self.expr(&it.projection)?;
            }
            ExprKind::Exists(query) | ExprKind::Count(query) => self.query(query)?,
            _ => {}
        }
        let mut result = Ok(());
        expr.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.expr(child);
            }
        });
        result
    }

    fn query(&mut self, query: &Query) -> Result<(), Error> {
        for part in query.parts() {
            for clause in &part.clauses {
                match clause {
                    Clause::Match(it) => {
                        self.patterns(&it.patterns)?;
                        it.condition.iter().try_for_each(|expr| self.expr(expr))?;
                    }
                    Clause::Unwind(it) => self.expr(&it.list)?,
                    Clause::With(it) => {
                        self.projection(&it.projection)?;
                        it.condition.iter().try_for_each(|expr| self.expr(expr))?;
                    }
                    Clause::Return(it) => self.projection(&it.projection)?,
                    Clause::Create(_) => {}
                }
            }
        }
        Ok(())
    }

    fn projection(&mut self, projection: &lang::ast::Projection) -> Result<(), Error> {
        for item in &projection.items {
            self.expr(&item.expr)?;
            // a variable that is handed on under another name stays as far away
            let mut used = NameSet::new();
            names::in_expr(&item.expr, &mut used);
            let farthest = used.iter().filter_map(|name| self.hops.get(*name)).max().copied();
            if let (Some(alias), Some(hops)) = (&item.alias, farthest) {
                self.hops.insert(alias.as_str().to_owned(), hops);
            }
        }
        projection.order_by.iter().try_for_each(|item| self.expr(&item.expr))
    }

    /// Takes the patterns from those that hang on a known node outwards.
    fn patterns(&mut self, patterns: &[PathPattern]) -> Result<(), Error> {
        let mut left: Vec<&PathPattern> = patterns.iter().collect();
        while !left.is_empty() {
            let is_anchored = |pattern: &&PathPattern| self.anchor(pattern).is_some();
            let Some(at) = left.iter().position(is_anchored) else {
                let message = "a pattern of a check must hang on its resource";
                return Err(Error::Profile(message.to_owned()));
            };
            let pattern = left.remove(at);
            self.pattern(pattern)?;
        }
        Ok(())
    }

    /// The place of a known node in a pattern.
    fn anchor(&self, pattern: &PathPattern) -> Option<usize> {
        let nodes = std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|(_, it)| it));
        let is_known = |node: &lang::ast::NodePattern| {
            node.variable.as_ref().is_some_and(|name| self.hops.contains_key(name.as_str()))
        };
        nodes.enumerate().find(|(_, node)| is_known(node)).map(|(at, _)| at)
    }

    fn pattern(&mut self, pattern: &PathPattern) -> Result<(), Error> {
        let Some(anchor) = self.anchor(pattern) else { return Ok(()) };
        let nodes: Vec<_> =
            std::iter::once(&pattern.start).chain(pattern.steps.iter().map(|(_, it)| it)).collect();
        let known = |walk: &Self, at: usize| {
            let name = nodes.get(at)?.variable.as_ref()?;
            walk.hops.get(name.as_str()).copied()
        };
        let start = known(self, anchor).unwrap_or_default();
        let forward = pattern.steps.iter().enumerate().skip(anchor).map(|(at, it)| (at, it, true));
        let backward =
            pattern.steps.iter().enumerate().take(anchor).rev().map(|(at, it)| (at, it, false));
        for steps in [forward.collect::<Vec<_>>(), backward.collect()] {
            let mut hops = start;
            for (at, (edge, _), is_forward) in steps {
                let behind = if is_forward { at + 1 } else { at };
                let length = match edge.length {
                    Some(length) => length.most(),
                    None => 1,
                };
                hops = hops.saturating_add(length);
                if hops > MAX_HOPS {
                    return Err(Error::Profile(format!(
                        "a pattern of a check may go at most {MAX_HOPS} edges from its resource"
                    )));
                }
                let Some(node) = nodes.get(behind) else { continue };
                let mut labels = BTreeSet::new();
                node.labels.iter().for_each(|it| required(it, &mut labels));
                self.footprint.steps.push(FootprintStep {
                    edge_types: edge.types.iter().map(|it| it.as_str().to_owned()).collect(),
                    direction: StepDirection::of(edge.direction, is_forward),
                    hops,
                    labels: labels.into_iter().collect(),
                    paths: BTreeSet::new(),
                });
                let name = node.variable.as_ref().map(|it| it.as_str().to_owned());
                self.names.push(name.clone().into_iter().collect());
                self.footprint.max_hops = self.footprint.max_hops.max(hops);
                if let Some(name) = name {
                    self.hops.entry(name).or_insert(hops);
                }
                for entries in [&edge.properties, &node.properties].into_iter().flatten() {
                    self.expr(entries)?;
                }
            }
        }
        Ok(())
    }
}

/// The labels that a label expression names.
fn required(labels: &LabelExpr, found: &mut BTreeSet<String>) {
    labels.for_each(&mut |name| {
        found.insert(name.as_str().to_owned());
    });
}
