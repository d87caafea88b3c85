//! Critical assets: which resources a tenant could lose least, by rules that are content.
//!
//! In: the classifications of a library with what a tenant has [chosen](Choices), a graph, and what changed in it.
//! Out: changes of what Merlon says about nodes: `r.merlon.criticality`, its rank, and the classifications that gave
//! it. The marks live on the nodes of the graph and nowhere else, so a query, a check and a state file have them
//! without further ado, and nothing can come to differ from them.
//!
//! Only what a change can alter is asked again, found by the same [`Watch`] that finds the verdicts of checks.
//!
//! INVARIANT: the marks after a change are those that a full pass over the graph would make.
//! INVARIANT: a classification reads neither the clock nor marks: so one pass is enough, and time changes no mark.

mod choices;
mod compile;
mod decisions;
mod marks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

use content::Library;
use content::case::Match;
use graph::{Delta, Graph, Touched, Watch};
use hashbrown::HashMap;
use lang::NodeId;

pub use self::choices::{Choice, Choices, Chosen, Instant, Rule};
use self::compile::BoundRule;
pub(crate) use self::compile::CompiledRule;
pub(crate) use self::compile::reads_marks;
pub use self::compile::{RuleProblem, try_rule};
pub use self::decisions::{AssetDecision, DecisionState, Decisions};
pub use self::marks::{CRITICALITY_KEYS, MarkKeys, Marks, marked, marks_of};
use crate::assessor::MetaKeys;
use crate::setting::Setting;

/// The classifications that count for a tenant, compiled.
#[derive(Debug, Default)]
pub struct Classifier {
    rules: Vec<Arc<CompiledRule>>,
    by_kind: HashMap<Box<str>, Vec<u32>>,
    /// What people decided of single assets.
    decided: Arc<Decisions>,
    /// Made on first use, for the keys of the graphs of one tenant.
    watch: OnceLock<Watch>,
}

impl Classifier {
    /// Compiles the classifications that are on. What cannot be compiled is left out and named; what `before` has
    /// compiled is not compiled again.
    pub fn compile(
        library: &Library,
        choices: &Choices,
        before: Option<&Self>,
    ) -> (Self, Vec<RuleProblem>) {
        let known = before.map(|it| it.rules.as_slice()).unwrap_or_default();
        let (mut classifier, mut problems) = (Self::default(), Vec::new());
        classifier.decided = Arc::clone(&choices.decided);
        for rule in choices.rules(library).filter(|it| it.is_on) {
            let same =
                |it: &&Arc<CompiledRule>| it.rule == rule.classification && it.level == rule.level;
            let compiled = match known.iter().find(same) {
                Some(compiled) => Ok(Arc::clone(compiled)),
                None => CompiledRule::compile(library, rule.classification, rule.level, None)
                    .map(Arc::new),
            };
            match compiled {
                Ok(compiled) => classifier.add(compiled),
                Err(problem) => problems.push(problem),
            }
        }
        (classifier, problems)
    }

    fn add(&mut self, rule: Arc<CompiledRule>) {
        let number = self.rules.len() as u32;
        for kind in &rule.kinds {
            self.by_kind.entry(kind.clone()).or_default().push(number);
        }
        self.rules.push(rule);
    }

    /// Marks every node: what that changes in `graph`.
    pub fn mark_all(&self, graph: &Graph) -> Delta {
        let mut pass = Pass::new(self, graph);
        graph.nodes().for_each(|node| pass.visit(node, &|_| None));
        pass.delta
    }

    /// What `changes`, which made `after` of `before`, change in the marks: further changes of `after`. The marks of
    /// `before` are those of this classifier.
    pub fn mark_changed(&self, before: &Graph, after: &Graph, changes: &Delta) -> Delta {
        let mut todo: BTreeMap<NodeId, Vec<u32>> = BTreeMap::new();
        for touched in changes.touched() {
            // what is put anew has lost its marks, whether or not they change
            if let Touched::Put(node) = touched {
                todo.entry(node).or_default();
            }
        }
        for (rule, node) in self.watch(after).affected(before, after, changes) {
            todo.entry(node).or_default().push(rule);
        }
        let mut pass = Pass::new(self, after);
        for (node, again) in todo.iter().filter(|(node, _)| after.has_node(**node)) {
            let old = before.has_node(*node).then(|| marks_of(before, *node));
            pass.visit(*node, &|rule| {
                let is_known = !again.contains(&rule);
                old.as_ref().filter(|_| is_known).and_then(|old| self.was(old, rule))
            });
        }
        pass.delta
    }

    /// What has to change in a graph whose marks are those of `before`.
    pub fn mark_renewed(&self, graph: &Graph, before: &Self) -> Delta {
        let is_among = |it: &Arc<CompiledRule>, those: &[Arc<CompiledRule>]| {
            those.iter().any(|other| Arc::ptr_eq(it, other))
        };
        let new: BTreeSet<u32> = (0_u32..)
            .zip(&self.rules)
            .filter(|(_, it)| !is_among(it, &before.rules))
            .map(|(number, _)| number)
            .collect();
        let gone = before.rules.iter().filter(|it| !is_among(it, &self.rules));
        let added = new.iter().filter_map(|number| self.rules.get(*number as usize));
        let kinds: BTreeSet<&str> =
            gone.chain(added).flat_map(|it| &it.kinds).map(|it| &**it).collect();
        let mut pass = Pass::new(self, graph);
        let meta = MetaKeys::new(graph);
        let is_concerned = |node: &NodeId| {
            let kind = meta.kind_and_scope(graph, *node).map(|it| it.0);
            kind.is_some_and(|kind| kinds.contains(kind))
        };
        let decided = self.decided.differing(&before.decided);
        let mut nodes: BTreeSet<NodeId> =
            decided.into_iter().filter_map(|id| graph.node_by_id(id)).collect();
        // where only single assets are concerned, nobody else is looked at
        if !kinds.is_empty() {
            nodes.extend(graph.nodes().filter(is_concerned));
        }
        for node in nodes {
            let old = marks_of(graph, node);
            pass.visit(node, &|rule| {
                if new.contains(&rule) { None } else { self.was(&old, rule) }
            });
        }
        pass.delta
    }

    /// Whether a rule held where these marks are.
    fn was(&self, marks: &Marks<'_>, rule: u32) -> Option<bool> {
        Some(marks.holds(&self.rules.get(rule as usize)?.rule.id))
    }

    fn watch(&self, graph: &Graph) -> &Watch {
        self.watch.get_or_init(|| {
            let mut watch = Watch::new(graph.keys());
            for it in &self.rules {
                let kinds: Vec<&str> = it.kinds.iter().map(|kind| &**kind).collect();
                watch.add(&[it.footprint()], &kinds);
            }
            watch
        })
    }

    /// What became of each resource that the rule with this id looks at; `None` when there is no such rule on.
    pub fn outcomes(&self, graph: &Graph, id: &str) -> Option<Vec<(NodeId, Match)>> {
        let rule = self.rules.iter().find(|it| it.rule.id == id)?;
        Some(rule.outcomes(graph))
    }

    /// How many resources each rule looks at that it could not tell about, because something was not read: by id, in
    /// order, those with any.
    pub fn unknown(&self, graph: &Graph) -> Vec<(&str, usize)> {
        let count = |rule: &CompiledRule| {
            rule.outcomes(graph).iter().filter(|it| it.1 == Match::Unknown).count()
        };
        let counts = self.rules.iter().map(|it| (it.rule.id.as_str(), count(it)));
        counts.filter(|it| it.1 > 0).collect()
    }
}

/// One pass over nodes: rules are bound when they are first needed.
struct Pass<'p> {
    classifier: &'p Classifier,
    graph: &'p Graph,
    meta: MetaKeys,
    keys: MarkKeys,
    bound: Vec<Option<BoundRule<'p>>>,
    delta: Delta,
}

impl<'p> Pass<'p> {
    fn new(classifier: &'p Classifier, graph: &'p Graph) -> Self {
        let mut bound = Vec::new();
        bound.resize_with(classifier.rules.len(), || None);
        Self {
            classifier,
            graph,
            meta: MetaKeys::new(graph),
            keys: MarkKeys::new(graph.keys()),
            bound,
            delta: Delta::new(graph),
        }
    }

    /// Gives a node the marks that it must have; `known` says of a rule whether it holds, where that is known.
    fn visit(&mut self, node: NodeId, known: &dyn Fn(u32) -> Option<bool>) {
        let kind = self.meta.kind_and_scope(self.graph, node).map(|it| it.0);
        let rules = kind.and_then(|kind| self.classifier.by_kind.get(kind));
        let rules = rules.map(Vec::as_slice).unwrap_or_default();
        let mut marks = Marks::default();
        for number in rules {
            let Some(rule) = self.classifier.rules.get(*number as usize) else { continue };
            let holds = known(*number).unwrap_or_else(|| self.judge(*number, rule, node));
            if holds {
                let id = self.graph.id(node).unwrap_or_default();
                marks.add(rule, self.classifier.decided.get(id, &rule.rule.id));
            }
        }
        // most nodes have none and had none
        let is_marked = self.keys.has_marks(self.graph, node) || !marks.is_empty();
        if is_marked && marks_of(self.graph, node) != marks {
            self.delta.set_meta(node, self.keys.with(self.graph, node, &marks));
        }
    }

    fn judge(&mut self, number: u32, rule: &'p CompiledRule, node: NodeId) -> bool {
        let Some(place) = self.bound.get_mut(number as usize) else { return false };
        if place.is_none() {
            *place = rule.bind(self.graph, timeless());
        }
        place.as_mut().is_some_and(|bound| bound.holds(node) == Match::Match)
    }
}

/// What rules are given beside the graph: they read no clock, so the instant says nothing.
fn timeless() -> &'static Setting {
    static TIMELESS: LazyLock<Setting> = LazyLock::new(|| Setting::at(jiff::Timestamp::UNIX_EPOCH));
    &TIMELESS
}
