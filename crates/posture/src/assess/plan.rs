//! Which resources a delta concerns, and which checks on each.

use std::collections::BTreeMap;

use lang::NodeId;

use super::{Base, Delta};
use crate::active::Active;
use crate::clock::Clock;
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
    /// Nodes of the ledger that are no longer in the graph, sorted.
    pub(crate) gone: Vec<NodeId>,
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

/// By node: the checks to judge, by position; `None`: all.
type Todo = BTreeMap<NodeId, Option<Vec<u32>>>;

pub(crate) fn plan(
    base: &Base<'_>,
    delta: &Delta<'_>,
    scheme: &Scheme,
    exemptions: (&Active, &Active),
) -> Plan {
    let ledger = base.ledger;
    let has_same_content = ledger.catalogue().fingerprint() == delta.assessor.fingerprint;
    let is_known = base.graph.is_some() && delta.changes.is_some();
    if !is_known || delta.changes.is_some_and(|it| !it.is_empty()) {
        return everything(base, delta);
    }
    let mut todo = Todo::new();
    time(base, delta, scheme, &mut todo);
    let mut plan = Plan::default();
    if has_same_content {
        if !exemptions.0.is_empty() || !exemptions.1.is_empty() {
            for (node, _) in ledger.rows() {
                todo.entry(node).or_insert(Some(Vec::new()));
            }
        }
    } else {
        plan.replaces = true;
        plan.stale = stale(delta, scheme, base);
        for node in delta.graph.nodes() {
            todo.entry(node).or_insert(Some(Vec::new()));
        }
    }
    for (node, checks) in todo {
        let checks = match checks {
            None => Checks::All,
            Some(list) => {
                let from = plan.checks.len() as u32;
                plan.checks.extend(list);
                Checks::Some(from, plan.checks.len() as u32)
            }
        };
        plan.items.push(Item { node, checks });
    }
    plan
}

/// All resources of the graph after, and those of the ledger that are no longer there.
fn everything(base: &Base<'_>, delta: &Delta<'_>) -> Plan {
    let mut nodes: Vec<NodeId> = delta.graph.nodes().collect();
    let rows = base.ledger.rows().map(|(node, _)| node);
    let gone: Vec<NodeId> = rows.filter(|node| nodes.binary_search(node).is_err()).collect();
    nodes.extend(&gone);
    nodes.sort_unstable();
    let items = nodes.into_iter().map(|node| Item { node, checks: Checks::All }).collect();
    Plan { items, replaces: true, gone, has_changes: true, ..Plan::default() }
}

/// What time alone changes.
fn time(base: &Base<'_>, delta: &Delta<'_>, scheme: &Scheme, todo: &mut Todo) {
    let ledger = base.ledger;
    let now = delta.setting.now();
    let mut add = |node: NodeId, position: u32| {
        if let Some(list) = todo.entry(node).or_insert_with(|| Some(Vec::new())) {
            list.push(position);
        }
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
