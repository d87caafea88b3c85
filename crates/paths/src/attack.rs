//! The attack graph: what an attacker can hold, and what leads from one holding to the next.
//!
//! A position is one thing held in one way, as a number. An edge leads from one position to another; a
//! joint edge from several that are all needed. Both rest on facts, as numbers too: taken away, the edge
//! is gone. What the numbers mean is not known here.

use crate::fact::UNPROVEN;

/// Something that an attacker can hold.
pub type Position = u32;
/// Something that an edge rests on.
pub type Fact = u32;
/// Number of an edge: single edges first, joint ones after them.
pub type EdgeNumber = u32;

/// Costs are thousandths of a nat: `-1000 ln(likelihood)`, at least [`LEAST_COST`].
pub type Cost = u32;
/// What a certain edge costs, so that of equally likely ways the shorter one is taken.
pub const LEAST_COST: Cost = 1;

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

/// Collects edges.
#[derive(Debug, Default)]
pub struct AttackBuilder {
    n_positions: u32,
    tails: Vec<Position>,
    heads: Vec<Position>,
    costs: Vec<Cost>,
    labels: Vec<u32>,
    facts: Lists,
    joints: Vec<Joint>,
    joint_tails: Lists,
}

/// Lists of numbers, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { starts: vec![0], items: Vec::new() }
    }
}

impl Lists {
    fn push(&mut self, items: &[u32]) {
        self.items.extend_from_slice(items);
        self.starts.push(self.items.len() as u32);
    }

    fn get(&self, number: usize) -> &[u32] {
        let from = self.starts.get(number).copied().unwrap_or_default() as usize;
        let to = self.starts.get(number + 1).copied().unwrap_or_default() as usize;
        self.items.get(from..to).unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
struct Joint {
    head: Position,
    cost: Cost,
    label: u32,
    facts: Vec<Fact>,
}

impl AttackBuilder {
    /// Makes room for positions below `n`.
    pub fn hold(&mut self, n: u32) {
        self.n_positions = self.n_positions.max(n);
    }

    /// Adds an edge; `label` is given back with it. An edge that needs nothing is left out.
    pub fn add(&mut self, edge: &Edge<'_>, label: u32) {
        let cost = edge.cost.max(LEAST_COST);
        for position in edge.from.iter().chain([&edge.to]) {
            self.hold(position + 1);
        }
        match edge.from {
            [] => {}
            [tail] => {
                self.tails.push(*tail);
                self.heads.push(edge.to);
                self.costs.push(cost);
                self.labels.push(label);
                self.facts.push(edge.facts);
            }
            several => {
                let mut several = several.to_vec();
                several.sort_unstable();
                several.dedup();
                if let [tail] = several.as_slice() {
                    return self.add(&Edge { from: &[*tail], ..edge.clone() }, label);
                }
                self.joint_tails.push(&several);
                let facts = edge.facts.to_vec();
                self.joints.push(Joint { head: edge.to, cost, label, facts });
            }
        }
    }

    /// The graph of all edges that were added.
    pub fn finish(self) -> AttackGraph {
        let n = self.n_positions as usize;
        let mut first = vec![0_u32; n + 1];
        for tail in &self.tails {
            if let Some(count) = first.get_mut(*tail as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let m = self.tails.len();
        let (mut next, mut order) = (first.clone(), vec![0_u32; m]);
        for (number, tail) in (0_u32..).zip(&self.tails) {
            let Some(place) = next.get_mut(*tail as usize) else { continue };
            if let Some(slot) = order.get_mut(*place as usize) {
                *slot = number;
            }
            *place += 1;
        }
        let pick = |list: &[u32]| {
            order.iter().map(|it| list.get(*it as usize).copied().unwrap_or_default()).collect()
        };
        let mut facts = Lists::default();
        facts.items.reserve(self.facts.items.len());
        for number in &order {
            facts.push(self.facts.get(*number as usize));
        }
        let arcs: Vec<Arc> = order
            .iter()
            .map(|it| *it as usize)
            .map(|it| {
                let head = self.heads.get(it).copied().unwrap_or_default();
                let cost = self.costs.get(it).copied().unwrap_or(LEAST_COST);
                Arc::new(head, cost, !self.facts.get(it).contains(&UNPROVEN))
            })
            .collect();
        let (tails, labels) = (pick(&self.tails), pick(&self.labels));
        let joints_of = joints_by_tail(n, &self.joint_tails, self.joints.len());
        let is_open = |joint: &Joint| joint.facts.contains(&UNPROVEN);
        let has_unproven = arcs.iter().any(|it| !it.is_proven()) || self.joints.iter().any(is_open);
        AttackGraph {
            has_unproven,
            first,
            arcs,
            tails,
            labels,
            facts,
            joints: self.joints,
            joint_tails: self.joint_tails,
            joints_of,
        }
    }
}

/// The joint edges that need a position, for each position.
fn joints_by_tail(n: usize, tails: &Lists, n_joints: usize) -> Lists {
    let mut of = vec![Vec::new(); n];
    for number in 0..n_joints {
        for tail in tails.get(number) {
            if let Some(list) = of.get_mut(*tail as usize) {
                list.push(number as u32);
            }
        }
    }
    let mut lists = Lists::default();
    for list in &of {
        lists.push(list);
    }
    lists
}

/// Where a single edge leads: side by side in memory, because a search reads both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arc {
    pub(crate) head: Position,
    /// The cost; the highest bit is set where it rests on something that could not be judged.
    cost: Cost,
}

/// Costs are below this.
const UNPROVEN_BIT: Cost = 1 << 31;

impl Arc {
    fn new(head: Position, cost: Cost, is_proven: bool) -> Self {
        let cost = cost.min(UNPROVEN_BIT - 1);
        Self { head, cost: if is_proven { cost } else { cost | UNPROVEN_BIT } }
    }

    pub(crate) fn cost(self) -> Cost {
        self.cost & !UNPROVEN_BIT
    }

    pub(crate) fn is_proven(self) -> bool {
        self.cost & UNPROVEN_BIT == 0
    }
}

/// All that leads from position to position.
#[derive(Debug, Clone)]
pub struct AttackGraph {
    has_unproven: bool,
    first: Vec<u32>,
    arcs: Vec<Arc>,
    tails: Vec<Position>,
    labels: Vec<u32>,
    facts: Lists,
    joints: Vec<Joint>,
    joint_tails: Lists,
    joints_of: Lists,
}

impl AttackGraph {
    /// Positions have numbers below this.
    pub fn n_positions(&self) -> u32 {
        self.first.len().saturating_sub(1) as u32
    }

    /// Number of edges, joint ones included.
    pub fn n_edges(&self) -> u32 {
        (self.arcs.len() + self.joints.len()) as u32
    }

    /// Numbers below this are of edges that need one position.
    pub(crate) fn n_singles(&self) -> u32 {
        self.arcs.len() as u32
    }

    /// The single edges that leave a position: the number of the first, and where they lead.
    pub(crate) fn out(&self, position: Position) -> (EdgeNumber, &[Arc]) {
        let from = self.first.get(position as usize).copied().unwrap_or_default();
        let to = self.first.get(position as usize + 1).copied().unwrap_or_default();
        (from, self.arcs.get(from as usize..to as usize).unwrap_or_default())
    }

    /// The joint edges that need a position among others.
    pub(crate) fn joints_of(&self, position: Position) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.joints_of.get(position as usize).iter().map(|it| it + self.n_singles())
    }

    fn joint(&self, edge: EdgeNumber) -> Option<(usize, &Joint)> {
        let number = edge.checked_sub(self.n_singles())? as usize;
        Some((number, self.joints.get(number)?))
    }

    /// What an edge needs.
    pub fn from(&self, edge: EdgeNumber) -> &[Position] {
        match self.joint(edge) {
            Some((number, _)) => self.joint_tails.get(number),
            None => self.tails.get(edge as usize..=edge as usize).unwrap_or_default(),
        }
    }

    /// What an edge gains.
    pub fn to(&self, edge: EdgeNumber) -> Position {
        match self.joint(edge) {
            Some((_, joint)) => joint.head,
            None => self.arcs.get(edge as usize).map_or(0, |it| it.head),
        }
    }

    /// How unlikely an edge is.
    pub fn cost(&self, edge: EdgeNumber) -> Cost {
        match self.joint(edge) {
            Some((_, joint)) => joint.cost,
            None => self.arcs.get(edge as usize).map_or(LEAST_COST, |it| it.cost()),
        }
    }

    /// Whether an edge rests on nothing that could not be judged.
    pub fn is_proven(&self, edge: EdgeNumber) -> bool {
        match self.joint(edge) {
            Some((_, joint)) => !joint.facts.contains(&UNPROVEN),
            None => self.arcs.get(edge as usize).is_some_and(|it| it.is_proven()),
        }
    }

    /// Whether there is an edge that could not be judged.
    pub fn has_unproven(&self) -> bool {
        self.has_unproven
    }

    /// What was given with an edge when it was added.
    pub fn label(&self, edge: EdgeNumber) -> u32 {
        match self.joint(edge) {
            Some((_, joint)) => joint.label,
            None => self.labels.get(edge as usize).copied().unwrap_or_default(),
        }
    }

    /// What an edge rests on.
    pub fn facts(&self, edge: EdgeNumber) -> &[Fact] {
        match self.joint(edge) {
            Some((_, joint)) => &joint.facts,
            None => self.facts.get(edge as usize),
        }
    }

    /// All edges.
    pub fn edges(&self) -> impl Iterator<Item = EdgeNumber> + use<> {
        0..self.n_edges()
    }
}
