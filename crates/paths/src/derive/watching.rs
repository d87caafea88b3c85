//! Which rows of which patterns a change can concern.
//!
//! A pattern each part of which hangs on `to`, `via` or `actor` within a few edges is watched like the condition of a
//! check: a change leads back to the nodes at which its rows may be others. Any other pattern is run again when the
//! change touches a label or a sort of edges that it names.

use std::collections::{BTreeMap, BTreeSet};

use content::step::Role;
use graph::{Graph, Touched, Watch, footprints_of_parts};
use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use lang::ast::LabelExpr;

use super::ids::Ids;
use super::rows::Plan;

/// The patterns of all plans, watched, and the rows of each node.
#[derive(Debug)]
pub(super) struct Watching {
    watch: Watch,
    /// By what the watch counts: the place of a plan, and the node that a part of it hangs on, with its labels.
    watched: Vec<(usize, Role, Vec<LabelExpr>)>,
    /// Places of plans that cannot be watched.
    others: Vec<Other>,
    /// All nodes, by their ids.
    pub(super) ids: Ids,
    /// Rows that bind a node: places of plans, numbers of rows.
    rows: HashMap<NodeId, Vec<(u32, u32)>>,
}

#[derive(Debug)]
struct Other {
    plan: usize,
    /// Words that stand behind a colon: labels and types of edges.
    words: HashSet<String>,
    /// Whether it binds a node of which it names no label.
    has_any: bool,
}

/// Where rows may be others.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    /// By plan: where these nodes are bound so.
    pub(super) at: BTreeMap<usize, BTreeSet<(Role, NodeId)>>,
    /// Of these plans: anywhere.
    pub(super) whole: BTreeSet<usize>,
}

/// What parts of a pattern may hang on.
const ANCHORS: [Role; 3] = [Role::To, Role::Via, Role::Actor];

impl Watching {
    pub(super) fn of(plans: &[Plan], graph: &Graph) -> Self {
        let mut watching = Self {
            watch: Watch::new(graph.keys()),
            watched: Vec::new(),
            others: Vec::new(),
            ids: Ids::of(graph),
            rows: HashMap::new(),
        };
        for (place, plan) in plans.iter().enumerate() {
            let pattern = plan.step.pattern.as_deref().unwrap_or_default();
            match footprints_of_parts(pattern, &ANCHORS.map(Role::name)) {
                Ok(parts) => {
                    for (anchor, footprint) in parts {
                        let Some(role) = ANCHORS.get(anchor) else { continue };
                        let first = footprint.nodes.first();
                        let labels = first.map(|it| it.labels.clone()).unwrap_or_default();
                        watching.watch.add(&[&footprint], &[]);
                        watching.watched.push((place, *role, labels));
                    }
                }
                Err(_) => watching.others.push(Other::of(place, pattern)),
            }
            for (number, row) in plan.rows() {
                watching.add(place, number, row.nodes());
            }
        }
        watching
    }

    /// Takes in a row.
    pub(super) fn add(&mut self, plan: usize, row: u32, nodes: impl Iterator<Item = NodeId>) {
        for node in nodes {
            self.rows.entry(node).or_default().push((plan as u32, row));
        }
    }

    /// The rows that bind a node; some may be gone.
    pub(super) fn rows_of(&self, node: NodeId) -> &[(u32, u32)] {
        self.rows.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Where rows may be others after a change.
    pub(super) fn concerned(
        &self,
        before: &Graph,
        after: &Graph,
        touched: &[Touched<'_>],
    ) -> Concerned {
        let mut found = Concerned::default();
        for (number, node) in self.watch.affected_by(before, after, touched.iter().copied()) {
            let Some((plan, role, labels)) = self.watched.get(number as usize) else { continue };
            let has = |graph: &Graph, name: &str| graph.labels(node).any(|it| it == name);
            let fits = |graph: &Graph| {
                graph.has_node(node)
                    && labels.iter().all(|it| it.matches(&mut |name| has(graph, name)))
            };
            if fits(before) || fits(after) {
                found.at.entry(*plan).or_default().insert((*role, node));
            }
        }
        let (mut words, mut has_nodes) = (HashSet::new(), false);
        for touched in touched {
            match *touched {
                Touched::Put(node) | Touched::Removed(node) => {
                    has_nodes = true;
                    for graph in [before, after].into_iter().filter(|it| it.has_node(node)) {
                        words.extend(graph.labels(node));
                    }
                }
                Touched::Edge(_, name, _) | Touched::Marks(_, name, _) => drop(words.insert(name)),
            }
        }
        for other in &self.others {
            if other.has_any && has_nodes || words.iter().any(|it| other.words.contains(*it)) {
                found.whole.insert(other.plan);
            }
        }
        found
    }
}

impl Other {
    fn of(plan: usize, pattern: &str) -> Self {
        let is_word = |it: char| it.is_alphanumeric() || it == '_';
        let mut words = HashSet::new();
        // behind a colon, and behind the bar of alternatives
        for (at, _) in pattern.match_indices([':', '|', '&']) {
            let rest = pattern.get(at + 1..).unwrap_or_default().trim_start();
            let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
            words.extend(rest.get(..end).filter(|it| !it.is_empty()).map(str::to_owned));
        }
        // `(x)`, `()`, `(x {`: a node without a label, unless `x` has one elsewhere
        let is_free = |at: usize| {
            let rest = pattern.get(at + 1..).unwrap_or_default();
            let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let is_node = matches!(after.trim_start().chars().next(), Some(')' | '{'));
            is_node && (name.is_empty() || !pattern.contains(&format!("({name}:")))
        };
        let has_any = pattern.match_indices('(').any(|(at, _)| is_free(at))
            || pattern.contains("--")
            || pattern.contains("-[]-");
        Self { plan, words, has_any }
    }
}
