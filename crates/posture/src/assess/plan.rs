//! Which resources a delta concerns, and which checks on each.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Graph, Touched, Way};
use jiff::Timestamp;
use lang::NodeId;

use super::{Base, Delta};
use crate::active::CONTAINS;
use crate::assessor::MetaKeys;
use crate::clock::Clock;
use crate::exemption::{Exemption, Exemptions, Place};
use crate::ledger::Ledger;
use crate::ledger::scheme::Scheme;

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// By the number of the node.
    pub(crate) items: Vec<Item>,
    /// Checks of the items, one list after the other.
    checks: Vec<u32>,
    /// By position: checks that are judged on every item, because their definition is new.
    pub(crate) stale: Vec<bool>,
    /// The sums are made anew, from nothing.
    pub(crate) replaces: bool,
    /// Whether the graph changed.
    pub(crate) has_changes: bool,
}

/// One resource to look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) node: NodeId,
    checks: Checks,
}

/// The checks to judge on a resource. Those that never judged it are judged anyway.
#[derive(Debug, Clone, Copy)]
enum Checks {
    All,
    /// A range of [`Plan::checks`].
    Some(u32, u32),
}

impl Plan {
    /// Whether a check, by its position, is to be judged on the resource of an item.
    pub(crate) fn has(&self, item: Item, check: u32) -> bool {
        match item.checks {
            Checks::All => true,
            Checks::Some(from, to) => {
                let own = self.checks.get(from as usize..to as usize).unwrap_or_default();
                own.contains(&check) || self.stale.get(check as usize).copied().unwrap_or_default()
            }
        }
    }
}

/// By node: the checks to judge, by position.
type Todo = BTreeMap<NodeId, Vec<u32>>;

pub(crate) fn plan(
    base: &Base<'_>,
    delta: &Delta<'_>,
    scheme: &Scheme,
    decisions: &[Exemption],
) -> Plan {
    let ledger = base.ledger;
    let (Some(before), Some(changes)) = (base.graph, delta.changes) else {
        return everything(base, delta);
    };
    let mut todo = Todo::new();
    time(base, delta, scheme, &mut todo);
    let mut plan = Plan { has_changes: !changes.is_empty(), ..Plan::default() };
    if plan.has_changes {
        graph(before, changes, delta, scheme, &mut todo);
        if has_scopes(&ledger.exemptions) || delta.exemptions.is_some_and(has_scopes) {
            moved(before, delta.graph, changes, &mut todo);
        }
    }
    exemptions(base, delta, decisions, &mut todo);
    if ledger.catalogue().fingerprint() != delta.assessor.fingerprint {
        plan.replaces = true;
        plan.stale = stale(delta, scheme, base);
        for node in delta.graph.nodes().chain(ledger.rows().map(|(node, _)| node)) {
            todo.entry(node).or_default();
        }
    }
    for (node, list) in todo {
        let from = plan.checks.len() as u32;
        plan.checks.extend(list);
        plan.items.push(Item { node, checks: Checks::Some(from, plan.checks.len() as u32) });
    }
    plan
}

/// All resources of the graph after, and those of the ledger that are no longer there.
fn everything(base: &Base<'_>, delta: &Delta<'_>) -> Plan {
    let mut nodes: Vec<NodeId> = delta.graph.nodes().collect();
    let rows = base.ledger.rows().map(|(node, _)| node);
    nodes.extend(rows.filter(|node| !delta.graph.has_node(*node)));
    nodes.sort_unstable();
    let items = nodes.into_iter().map(|node| Item { node, checks: Checks::All }).collect();
    Plan { items, replaces: true, has_changes: true, ..Plan::default() }
}

/// What a change of the graph concerns: patterns are walked backwards from it.
fn graph(
    before: &Graph,
    changes: &graph::Delta,
    delta: &Delta<'_>,
    scheme: &Scheme,
    todo: &mut Todo,
) {
    let watch = scheme.watch(delta.assessor, delta.graph.keys());
    for (position, node) in watch.affected(before, delta.graph, changes) {
        todo.entry(node).or_default().push(position);
    }
    for touched in changes.touched() {
        // Looked at even where no check reads the change: the scope may be another one.
        if let Touched::Put(node) | Touched::Removed(node) = touched {
            todo.entry(node).or_default();
        }
    }
}

/// What may have come to lie in other scopes, where exemptions speak of scopes.
fn moved(before: &Graph, after: &Graph, changes: &graph::Delta, todo: &mut Todo) {
    let meta = MetaKeys::new(after);
    for touched in changes.touched() {
        let start = match touched {
            Touched::Edge(_, edge_type, to) if edge_type == CONTAINS => to,
            Touched::Removed(node) => node,
            // under another name it is another scope for what lies in it
            Touched::Put(node) if meta.id(before, node) != meta.id(after, node) => node,
            Touched::Put(_) | Touched::Edge(..) | Touched::Marks(..) => continue,
        };
        for graph in [before, after] {
            within(graph, start, &mut |node| {
                todo.entry(node).or_default();
            });
        }
    }
}

/// A node and everything that lies in it.
fn within(graph: &Graph, node: NodeId, visit: &mut dyn FnMut(NodeId)) {
    let mut found = BTreeSet::from([node]);
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        visit(node);
        for child in graph.neighbours(node, CONTAINS, Way::Out) {
            if found.insert(child) {
                left.push(child);
            }
        }
    }
}

fn has_scopes(exemptions: &Exemptions) -> bool {
    exemptions.iter().any(|it| matches!(it.place, Place::Scope(_)))
}

/// The exemptions that count before and not after, or after and not before.
pub(crate) fn changed_decisions(
    ledger: &Ledger,
    after: &Exemptions,
    now: Timestamp,
) -> Vec<Exemption> {
    let was_active = |it: &Exemption| ledger.now.is_some_and(|before| it.is_active(before));
    if ledger.exemptions == *after {
        let is_changed = |it: &&Exemption| was_active(it) != it.is_active(now);
        return after.iter().filter(is_changed).cloned().collect();
    }
    let before: Vec<&Exemption> = ledger.exemptions.iter().filter(|it| was_active(it)).collect();
    let after: Vec<&Exemption> = after.iter().filter(|it| it.is_active(now)).collect();
    let gone = before.iter().filter(|it| !after.contains(it));
    gone.chain(after.iter().filter(|it| !before.contains(it))).map(|it| (*it).clone()).collect()
}

/// The resources that changed decisions are about: they count otherwise, no verdict changes.
fn exemptions(base: &Base<'_>, delta: &Delta<'_>, decisions: &[Exemption], todo: &mut Todo) {
    let mut add = |node: NodeId| {
        todo.entry(node).or_default();
    };
    let mut scopes = BTreeSet::new();
    let mut is_everywhere = false;
    for decision in decisions {
        match &decision.place {
            Place::Everywhere => is_everywhere = true,
            Place::Resource(id) => delta.graph.node_by_id(id).into_iter().for_each(&mut add),
            Place::Scope(id) => {
                if let Some(top) = delta.graph.node_by_id(id) {
                    within(delta.graph, top, &mut add);
                }
                scopes.insert(id.as_str());
            }
        }
    }
    if is_everywhere || !scopes.is_empty() {
        let meta = MetaKeys::new(delta.graph);
        for (node, _) in base.ledger.rows() {
            if is_everywhere || scopes.contains(meta.scope(delta.graph, node)) {
                add(node);
            }
        }
    }
}

/// What time alone changes.
fn time(base: &Base<'_>, delta: &Delta<'_>, scheme: &Scheme, todo: &mut Todo) {
    let ledger = base.ledger;
    let now = delta.setting.now();
    let mut add = |node: NodeId, position: u32| {
        todo.entry(node).or_default().push(position);
    };
    for (node, check) in ledger.due(now) {
        if let Some(position) = scheme.check(check).position {
            add(node, position);
        }
    }
    // The queue looks forward only: where time goes back, all that depends on it is asked anew.
    if ledger.now.is_some_and(|before| now < before) {
        let checks = delta.assessor.checks().iter().enumerate();
        let timed: Vec<u32> = checks
            .filter(|(_, it)| !matches!(it.clock, Clock::Never))
            .map(|(position, _)| position as u32)
            .collect();
        for (node, row) in ledger.rows() {
            for it in row.assessments() {
                if let Some(position) = scheme.check(it.check).position
                    && timed.binary_search(&position).is_ok()
                {
                    add(node, position);
                }
            }
        }
    }
}

/// By position: whether a check is not what it was when the rows were made.
fn stale(delta: &Delta<'_>, scheme: &Scheme, base: &Base<'_>) -> Vec<bool> {
    let before = base.ledger.catalogue().entries();
    let checks = delta.assessor.checks().iter().zip(&scheme.numbers);
    let is_stale = |definition, number: usize| {
        before.get(number).is_none_or(|entry| entry.definition != definition)
    };
    checks.map(|(check, number)| is_stale(check.definition, number.index())).collect()
}
