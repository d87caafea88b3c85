//! Patterns: nodes, edges, paths, labels.

use super::{Expr, Name, Span};

/// `[variable =] (node)-[edge]-(node)...`, or that in `shortestPath(...)`.
#[derive(Clone, Debug, PartialEq)]
pub struct PathPattern {
    /// `p = ...`.
    pub variable: Option<Name>,
    /// Which of the paths that fit.
    pub kind: PathKind,
    /// The first node.
    pub start: NodePattern,
    /// Each edge with the node behind it, from left to right as written.
    pub steps: Vec<(EdgePattern, NodePattern)>,
    /// Where it stands.
    pub span: Span,
}

/// Which of the paths that fit a pattern are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// Every one.
    All,
    /// `shortestPath(...)`: one of the shortest for each pair of end nodes. Has exactly one step.
    Shortest,
    /// `allShortestPaths(...)`: all of the shortest for each pair of end nodes. Has exactly one step.
    AllShortest,
}

/// `(variable:Label {key: value})`.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePattern {
    /// The variable; bound before: the same node again.
    pub variable: Option<Name>,
    /// What its labels must be.
    pub labels: Option<LabelExpr>,
    /// A map literal or a parameter; each entry must be equal to the property.
    pub properties: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `:A:B` and `:A&B`, `:A|B`, `:!A`, in brackets where needed.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelExpr {
    /// The label is present.
    Label(Name),
    /// Both.
    And(Box<Self>, Box<Self>),
    /// At least one.
    Or(Box<Self>, Box<Self>),
    /// Not.
    Not(Box<Self>),
}

impl LabelExpr {
    /// Whether a node fits, given the test for a single label.
    pub fn matches(&self, has: &mut dyn FnMut(&str) -> bool) -> bool {
        match self {
            Self::Label(name) => has(name.as_str()),
            Self::And(left, right) => left.matches(has) && right.matches(has),
            Self::Or(left, right) => left.matches(has) || right.matches(has),
            Self::Not(inner) => !inner.matches(has),
        }
    }

    /// Calls `visit` with every label named.
    pub fn for_each(&self, visit: &mut dyn FnMut(&Name)) {
        match self {
            Self::Label(name) => visit(name),
            Self::And(left, right) | Self::Or(left, right) => {
                left.for_each(visit);
                right.for_each(visit);
            }
            Self::Not(inner) => inner.for_each(visit),
        }
    }
}

/// `-[variable:A|B*1..3 {key: value}]->`.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgePattern {
    /// The variable: one edge, or the list of edges when there is a `length`.
    pub variable: Option<Name>,
    /// One of these; empty: any type.
    pub types: Vec<Name>,
    /// Which way it points, read from left to right.
    pub direction: Direction,
    /// `*`, `*2`, `*1..3`; `None` is a single edge.
    pub length: Option<Length>,
    /// A map literal or a parameter; each entry must be equal to the property of every edge.
    pub properties: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// Which way an edge points, read from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `-->`.
    Out,
    /// `<--`.
    In,
    /// `--` or `<-->`.
    Either,
}

/// How many edges: `*` is (None, None), `*2` is (2, 2), `*..3` is (None, 3), `*2..` is (2, None).
///
/// A missing least number is 1; a missing greatest number is unbounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// At least.
    pub min: Option<u32>,
    /// At most.
    pub max: Option<u32>,
}

impl Length {
    /// At least this many edges.
    pub fn least(self) -> u32 {
        self.min.unwrap_or(1)
    }

    /// At most this many edges; `u32::MAX` when unbounded.
    pub fn most(self) -> u32 {
        self.max.unwrap_or(u32::MAX)
    }
}
