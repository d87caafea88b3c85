//! The exemptions that count at one instant, ready to be asked for a resource.

use graph::{Graph, Way};
use hashbrown::HashMap;
use jiff::Timestamp;
use lang::NodeId;

use crate::assessor::MetaKeys;
use crate::exemption::{Category, Exemptions, Place, Target};
use crate::ledger::row::CheckNumber;
use crate::ledger::scheme::Scheme;

/// The exemptions that count at one instant.
#[derive(Debug, Default)]
pub(crate) struct Active {
    decisions: Vec<Decision>,
    everywhere: Vec<u32>,
    by_resource: HashMap<Box<str>, Vec<u32>>,
    by_scope: HashMap<Box<str>, Vec<u32>>,
}

#[derive(Debug)]
struct Decision {
    number: u64,
    category: Category,
    /// By check; `None`: all of them.
    checks: Option<Vec<CheckNumber>>,
}

/// The exemptions that count for one resource, the latest decision first.
#[derive(Debug)]
pub(crate) struct Effects<'a> {
    active: &'a Active,
    decisions: Vec<u32>,
}

impl Active {
    pub(crate) fn new(exemptions: &Exemptions, now: Timestamp, scheme: &Scheme) -> Self {
        let mut active = Self::default();
        for it in exemptions.iter().filter(|it| it.is_active(now)) {
            let at = active.decisions.len() as u32;
            let checks = match &it.target {
                Target::Everything => None,
                Target::Check(id) => Some(scheme.number(id).into_iter().collect()),
                Target::Control(id) => {
                    let at = scheme.controls.iter().position(|(control, _)| **control == **id);
                    let own = scheme.checks.iter().enumerate().filter(|(_, it)| {
                        it.position.is_some()
                            && at.is_some()
                            && it.control.map(|it| it as usize) == at
                    });
                    Some(own.map(|(number, _)| CheckNumber(number as u32)).collect())
                }
            };
            active.decisions.push(Decision { number: it.number, category: it.category, checks });
            match &it.place {
                Place::Everywhere => active.everywhere.push(at),
                Place::Resource(id) => {
                    active.by_resource.entry(id.as_str().into()).or_default().push(at);
                }
                Place::Scope(id) => {
                    active.by_scope.entry(id.as_str().into()).or_default().push(at);
                }
            }
        }
        active
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// What counts for nothing.
    pub(crate) fn none(&self) -> Effects<'_> {
        Effects { active: self, decisions: Vec::new() }
    }

    /// What counts for a resource, which lies in `scope`.
    pub(crate) fn on(
        &self,
        graph: &Graph,
        meta: MetaKeys,
        node: NodeId,
        scope: &str,
    ) -> Effects<'_> {
        let mut decisions = Vec::new();
        if !self.is_empty() {
            decisions.extend_from_slice(&self.everywhere);
            let id = meta.id(graph, node);
            decisions.extend(self.by_resource.get(id).into_iter().flatten());
            if !self.by_scope.is_empty() {
                let mut add = |id| decisions.extend(self.by_scope.get(id).into_iter().flatten());
                add(id);
                add(scope);
                above(graph, node, &mut |parent| add(meta.id(graph, parent)));
            }
            // in the order of their numbers, as they came: the last one counts
            decisions.sort_unstable_by(|a, b| b.cmp(a));
            decisions.dedup();
        }
        Effects { active: self, decisions }
    }
}

/// The type of the edges from a scope or a parent to what lies in it.
pub(crate) const CONTAINS: &str = "CONTAINS";
/// Hierarchies are a handful deep; more is a mistake that must not cost much.
const MAX_ABOVE: usize = 64;

/// Everything that a node lies in.
fn above(graph: &Graph, node: NodeId, visit: &mut dyn FnMut(NodeId)) {
    let mut found = vec![node];
    let mut at = 0;
    while let Some(next) = found.get(at).copied().filter(|_| at < MAX_ABOVE) {
        for parent in graph.neighbours(next, CONTAINS, Way::In) {
            if !found.contains(&parent) {
                found.push(parent);
                visit(parent);
            }
        }
        at += 1;
    }
}

impl Effects<'_> {
    /// Whether no exemption speaks of the resource.
    pub(crate) fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// How the assessment of a check counts; `None`: as it is.
    #[inline]
    pub(crate) fn of(&self, check: CheckNumber) -> Option<Category> {
        self.decision(check).map(|(_, category)| category)
    }

    /// The exemption that counts for the assessment of a check.
    #[inline]
    pub(crate) fn decision(&self, check: CheckNumber) -> Option<(u64, Category)> {
        let mut decisions =
            self.decisions.iter().filter_map(|at| self.active.decisions.get(*at as usize));
        let found = decisions.find(|it| it.checks.as_ref().is_none_or(|all| all.contains(&check)));
        found.map(|it| (it.number, it.category))
    }
}
