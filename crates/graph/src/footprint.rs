//! What a check's condition looks at: nodes, the steps that lead to them, the paths read on them.
//!
//! A check is anchored at its node and its patterns are bounded, so what a change affects follows
//! from walking the steps backwards ([`crate::Watch`]). What cannot be bounded so is refused here.
//!
//! INVARIANT: every node and edge that can have a part in the answer is one of `nodes` and `steps`, and
//! every value of it that is read stands in `paths`. Labels are not written down as read: whoever
//! walks backwards takes a change of labels as a change of everything.

mod walk;

use std::collections::BTreeSet;

use lang::ast::{Clause, Direction, Expr, ExprKind, LabelExpr, Match, PathPattern};

use crate::error::Error;

/// The longest way from the node of a check that its patterns may go.
pub const MAX_HOPS: u32 = 4;

/// Paths in documents, outermost key first; `merlon` is the first key of Merlon's facts. The empty path
/// is the whole document with all facts.
pub type Paths = BTreeSet<Vec<String>>;

/// What a condition looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Footprint {
    /// The nodes; the first is the node of the check.
    pub nodes: Vec<FootprintNode>,
    /// The steps between them, in the order in which they lead away from the node of the check.
    pub steps: Vec<FootprintStep>,
    /// Edges between the node of the check and the farthest node looked at.
    pub max_hops: u32,
    /// Whether the answer changes with time alone.
    pub reads_now: bool,
}

/// A node of a pattern.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FootprintNode {
    /// What its labels must be: all of these.
    pub labels: Vec<LabelExpr>,
    /// What is read on it.
    pub paths: Paths,
    /// Edges between the node of the check and this one, at most.
    pub hops: u32,
}

/// A step of a pattern, from one of its nodes to another.
#[derive(Debug, Clone, PartialEq)]
pub struct FootprintStep {
    /// Number of the node where it starts.
    pub from: usize,
    /// Number of the node where it ends.
    pub to: usize,
    /// Edge types; empty: any.
    pub edge_types: Vec<String>,
    /// Which way the edges point, seen from where the step starts.
    pub direction: StepDirection,
    /// How many edges, at least and at most.
    pub length: (u32, u32),
    /// Whether the node where it ends becomes known by this step, rather than being known before.
    pub binds: bool,
    /// What is read on the nodes between its ends.
    pub inner_paths: Paths,
}

/// Which way the edges of a step point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDirection {
    /// From its start to its end.
    Out,
    /// From its end to its start.
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
    walk::Walk::start(variable).finish(expr)
}

/// What a pattern looks at, with its condition, part by part: parts share no variables, only the condition joins them.
/// Each hangs on one of `anchors`, the first of them that it can hang on, which is told by its place. What a part says of
/// the nodes of another is left out: these have footprints of their own.
///
/// # Errors
/// The pattern cannot be read, or has a part that hangs on none of `anchors`, or goes too far from it.
pub fn footprints_of_parts(
    pattern: &str,
    anchors: &[&str],
) -> Result<Vec<(usize, Footprint)>, Error> {
    let mut tree = lang::parse_expression(&format!("EXISTS {{ MATCH {pattern} }}"))?;
    crate::normal::expr(&mut tree);
    let unfit = || Error::Profile("it is no single pattern".to_owned());
    let ExprKind::Exists(query) = &tree.kind else { return Err(unfit()) };
    let [Clause::Match(whole)] = query.first.clauses.as_slice() else { return Err(unfit()) };
    let parts = parts_of(&whole.patterns);
    parts.into_iter().map(|it| footprint_of_part(&it, whole, anchors)).collect()
}

fn footprint_of_part(
    part: &[PathPattern],
    whole: &Match,
    anchors: &[&str],
) -> Result<(usize, Footprint), Error> {
    let mut error = Error::Profile("a part of the pattern hangs on no anchor".to_owned());
    let names: BTreeSet<&str> = part.iter().flat_map(walk::variables).collect();
    for (place, anchor) in anchors.iter().enumerate().filter(|(_, it)| names.contains(**it)) {
        let found = walk::Walk::start(anchor).part(part, whole.condition.as_ref());
        match found {
            Ok(footprint) => return Ok((place, footprint)),
            Err(it) => error = it,
        }
    }
    Err(error)
}

/// Patterns put together that share variables.
fn parts_of(patterns: &[PathPattern]) -> Vec<Vec<PathPattern>> {
    let mut parts: Vec<(BTreeSet<&str>, Vec<PathPattern>)> = Vec::new();
    for pattern in patterns {
        let mut names: BTreeSet<&str> = walk::variables(pattern).collect();
        let (touching, apart): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(own, _)| !own.is_disjoint(&names));
        let mut part = Vec::new();
        for (own, patterns) in touching {
            names.extend(own);
            part.extend(patterns);
        }
        part.push(pattern.clone());
        parts = apart;
        parts.push((names, part));
    }
    parts.into_iter().map(|it| it.1).collect()
}
