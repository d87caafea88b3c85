//! The attack graph: what an attacker can hold, and what leads from one holding to the next.
//!
//! A position is one thing held in one way, as a number. An edge leads from one position to another; a
//! joint edge from several that are all needed. Both rest on facts, as numbers too: taken away, the edge
//! is gone. What the numbers mean is not known here.

mod build;
mod change;
mod ins;
mod lists;

pub use build::AttackBuilder;
use change::Later;
pub use change::{Change, Renumbered};
use ins::Ins;
pub(crate) use lists::ByPlace;
use lists::Lists;

use crate::fact::UNPROVEN;

/// Something that an attacker can hold.
pub type Position = u32;
/// Something that an edge rests on.
pub type Fact = u32;
/// Number of an edge; those of joint edges have the highest bit.
pub type EdgeNumber = u32;

/// Costs are thousandths of a nat: `-1000 ln(likelihood)`, at least [`LEAST_COST`].
pub type Cost = u32;
/// What a certain edge costs, so that of equally likely ways the shorter one is taken.
pub const LEAST_COST: Cost = 1;

/// The bit that tells numbers of joint edges.
pub(crate) const JOINT_BIT: EdgeNumber = 1 << 31;

/// An edge as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge<'a> {
    /// All that is needed; at least one.
    pub from: &'a [Position],
    /// What is gained.
    pub to: Position,
    /// How unlikely it is.
    pub cost: Cost,
    /// What it rests on; all of it.
    pub facts: &'a [Fact],
}

#[derive(Debug, Clone)]
struct Joint {
    arc: Arc,
    label: u32,
    facts: Vec<Fact>,
}

impl Joint {
    fn of(edge: &Edge<'_>, label: u32) -> Self {
        let is_proven = !edge.facts.contains(&UNPROVEN);
        Self { arc: Arc::new(edge.to, edge.cost, is_proven), label, facts: edge.facts.to_vec() }
    }
}

/// Where an edge leads: side by side in memory, because a search reads both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arc {
    pub(crate) head: Position,
    /// The cost; the two highest bits are marks.
    cost: Cost,
}

/// Of a cost: the edge rests on something that could not be judged.
const UNPROVEN_BIT: Cost = 1 << 31;
/// Of a cost: the edge was removed.
const GONE_BIT: Cost = 1 << 30;
/// No edge costs more.
const MOST_COST: Cost = GONE_BIT - 1;

/// Which edges are shut for a search: those that were removed, and perhaps what could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shut(Cost);

impl Shut {
    /// Removed edges, and with `is_proven` those that could not be judged, too.
    pub(crate) fn of(is_proven: bool) -> Self {
        Self(if is_proven { GONE_BIT | UNPROVEN_BIT } else { GONE_BIT })
    }
}

impl Arc {
    pub(crate) fn cost(self) -> Cost {
        self.cost & MOST_COST
    }

    fn is_proven(self) -> bool {
        self.cost & UNPROVEN_BIT == 0
    }

    fn is_gone(self) -> bool {
        self.cost & GONE_BIT != 0
    }

    pub(crate) fn is_open(self, shut: Shut) -> bool {
        self.cost & shut.0 == 0
    }
}

/// A place among the single edges that leave a position; small, because there are many when a search goes
/// deep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor {
    at: u32,
    end: u32,
    link: u32,
}

/// All that leads from position to position.
#[derive(Debug, Clone)]
pub struct AttackGraph {
    n_positions: u32,
    n_edges: u32,
    n_unproven: u32,
    /// For each position, where its single edges begin in `arcs`, as they were laid out.
    first: Vec<u32>,
    arcs: Vec<Arc>,
    tails: Vec<Position>,
    labels: Vec<u32>,
    facts: Lists,
    joints: Vec<Joint>,
    joint_tails: Lists,
    joints_of: ByPlace,
    joints_to: ByPlace,
    /// What came since.
    later: Later,
    ins: Option<Ins>,
}

impl AttackGraph {
    /// Positions have numbers below this.
    pub fn n_positions(&self) -> u32 {
        self.n_positions
    }

    /// Number of edges, joint ones included.
    pub fn n_edges(&self) -> u32 {
        self.n_edges
    }

    /// Numbers of joint edges without their highest bit are below this.
    pub(crate) fn joint_bound(&self) -> u32 {
        self.joints.len() as u32
    }

    /// The single edges that leave a position, as they were laid out: the number of the first, and where
    /// they lead. Edges that were removed are among them.
    pub(crate) fn laid_out(&self, position: Position) -> (EdgeNumber, &[Arc]) {
        let from = self.first.get(position as usize).copied().unwrap_or_default();
        let to = self.first.get(position as usize + 1).copied().unwrap_or(from);
        (from, self.arcs.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The single edges that leave a position and were inserted later; removed ones are among them.
    pub(crate) fn later(&self, position: Position) -> impl Iterator<Item = (EdgeNumber, Arc)> + '_ {
        let edges = self.later.outs.get(position);
        edges.filter_map(|edge| Some((edge, *self.arcs.get(edge as usize)?)))
    }

    /// Whether nothing came or went since the graph was laid out.
    pub(crate) fn is_as_laid_out(&self) -> bool {
        self.later.is_none()
    }

    /// The single edges that leave a position.
    pub(crate) fn outs(
        &self,
        position: Position,
        shut: Shut,
    ) -> impl Iterator<Item = (EdgeNumber, Arc)> + '_ {
        let (first, arcs) = self.laid_out(position);
        let laid_out = (first..).zip(arcs.iter().copied());
        laid_out.chain(self.later(position)).filter(move |(_, arc)| arc.is_open(shut))
    }

    /// The beginning of the single edges that leave a position.
    pub(crate) fn cursor(&self, position: Position) -> Cursor {
        let at = self.first.get(position as usize).copied().unwrap_or_default();
        let end = self.first.get(position as usize + 1).copied().unwrap_or(at);
        Cursor { at, end, link: self.later.outs.start(position) }
    }

    /// The next edge that is not shut, and where it leads.
    pub(crate) fn next(&self, cursor: &mut Cursor, shut: Shut) -> Option<(EdgeNumber, Position)> {
        while cursor.at < cursor.end {
            let edge = cursor.at;
            let arc = self.arcs.get(edge as usize)?;
            cursor.at += 1;
            if arc.is_open(shut) {
                return Some((edge, arc.head));
            }
        }
        while let Some((edge, link)) = self.later.outs.at(cursor.link) {
            cursor.link = link;
            let arc = self.arcs.get(edge as usize)?;
            if arc.is_open(shut) {
                return Some((edge, arc.head));
            }
        }
        None
    }

    /// The joint edges that need a position among others.
    pub(crate) fn joints_of(
        &self,
        position: Position,
        shut: Shut,
    ) -> impl Iterator<Item = EdgeNumber> + '_ {
        let laid_out = self.joints_of.get(position).iter().copied();
        let all = laid_out.chain(self.later.joints_of.get(position));
        all.map(|it| it | JOINT_BIT).filter(move |it| self.is_open(*it, shut))
    }

    /// The joint edges that lead to a position.
    pub(crate) fn joints_to(
        &self,
        position: Position,
        shut: Shut,
    ) -> impl Iterator<Item = EdgeNumber> + '_ {
        let laid_out = self.joints_to.get(position).iter().copied();
        let all = laid_out.chain(self.later.joints_to.get(position));
        all.map(|it| it | JOINT_BIT).filter(move |it| self.is_open(*it, shut))
    }

    fn joint(&self, edge: EdgeNumber) -> Option<&Joint> {
        self.joints.get((edge & !JOINT_BIT) as usize)
    }

    fn arc(&self, edge: EdgeNumber) -> Option<Arc> {
        match edge & JOINT_BIT {
            0 => self.arcs.get(edge as usize).copied(),
            _ => self.joint(edge).map(|it| it.arc),
        }
    }

    /// Whether there is such an edge, and it is not shut.
    pub(crate) fn is_open(&self, edge: EdgeNumber, shut: Shut) -> bool {
        self.arc(edge).is_some_and(|it| it.is_open(shut))
    }

    /// Whether there is such an edge: it came and did not go.
    pub fn holds(&self, edge: EdgeNumber) -> bool {
        self.is_open(edge, Shut::of(false))
    }

    /// What an edge needs.
    pub fn from(&self, edge: EdgeNumber) -> &[Position] {
        match edge & JOINT_BIT {
            0 => self.tails.get(edge as usize..=edge as usize).unwrap_or_default(),
            _ => self.joint_tails.get((edge & !JOINT_BIT) as usize),
        }
    }

    /// What an edge gains.
    pub fn to(&self, edge: EdgeNumber) -> Position {
        self.arc(edge).map_or(0, |it| it.head)
    }

    /// How unlikely an edge is.
    pub fn cost(&self, edge: EdgeNumber) -> Cost {
        self.arc(edge).map_or(LEAST_COST, Arc::cost)
    }

    /// Whether an edge rests on nothing that could not be judged.
    pub fn is_proven(&self, edge: EdgeNumber) -> bool {
        self.arc(edge).is_some_and(Arc::is_proven)
    }

    /// Whether there is an edge that could not be judged.
    pub fn has_unproven(&self) -> bool {
        self.n_unproven > 0
    }

    /// What was given with an edge when it was added.
    pub fn label(&self, edge: EdgeNumber) -> u32 {
        match edge & JOINT_BIT {
            0 => self.labels.get(edge as usize).copied().unwrap_or_default(),
            _ => self.joint(edge).map_or(0, |it| it.label),
        }
    }

    /// What an edge rests on.
    pub fn facts(&self, edge: EdgeNumber) -> &[Fact] {
        match edge & JOINT_BIT {
            0 => self.facts.get(edge as usize),
            _ => self.joint(edge).map_or(&[], |it| &it.facts),
        }
    }

    /// All edges.
    pub fn edges(&self) -> impl Iterator<Item = EdgeNumber> + '_ {
        let joints = (0..self.joints.len() as u32).map(|it| it | JOINT_BIT);
        (0..self.arcs.len() as u32).chain(joints).filter(|it| self.holds(*it))
    }

    /// All joint edges that are not shut.
    pub(crate) fn joints(&self, shut: Shut) -> impl Iterator<Item = EdgeNumber> + '_ {
        let joints = (0..self.joints.len() as u32).map(|it| it | JOINT_BIT);
        joints.filter(move |it| self.is_open(*it, shut))
    }
}
