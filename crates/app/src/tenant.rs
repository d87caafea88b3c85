//! One tenant in memory: the living inventory, its graph, and the ledger of what was judged.
//!
//! An update goes one way: an import changes the inventory, that changes the graph, that changes
//! verdicts and scores. [`Tenant::update`] goes that way and gives a [`Step`], which says all that
//! is new; [`Tenant::take`] makes it the state. A what-if throws the step away.

mod fixed;
#[cfg(test)]
pub(crate) mod oracle;

use std::sync::Arc;

use content::{Library, OwnCheck};
use graph::{Graph, GraphBuilder};
use inventory::{Changes, Collected, Import, Inventory, Reader};
use jiff::Timestamp;
use lang::NodeId;
use model::{Gap, Keys, Resource};
use posture::WhatIf;
use posture::{Assessor, Base, Choices, Classifier, Delta, Diff, Exemptions, Ledger, Setting};
use view::{Parts, Touched, View};

use crate::connect::{self, Moves, Numbers, Origin};
use crate::estate;
use crate::kept::Own;

/// Changes up to which a graph is never made anew.
const FEW: usize = 1000;
/// Share of the nodes beyond which a graph made anew is cheaper than one with changes on it.
const REBUILD_SHARE: usize = 5;
/// Nodes and adjacencies in the overlay beyond which a graph is made compact.
const MAX_OVERLAY: usize = 200_000;

/// The state of one tenant.
#[derive(Debug)]
pub(crate) struct Tenant<'l> {
    /// What it is judged by: what comes with the program, and checks of people's own.
    pub(crate) library: Arc<Library>,
    pub(crate) reader: Reader<'l>,
    pub(crate) assessor: Arc<Assessor>,
    /// The checks of people's own that are part of it.
    pub(crate) own: Own,
    /// What is chosen of classifications.
    pub(crate) choices: Arc<Choices>,
    /// Those that count: the marks of the graph are theirs.
    pub(crate) classifier: Arc<Classifier>,
    pub(crate) keys: Keys,
    pub(crate) inventory: Inventory,
    pub(crate) graph: Graph,
    pub(crate) numbers: Numbers,
    pub(crate) ledger: Ledger,
    pub(crate) filed: Filed,
    /// The view that was made last, and what steps have touched since.
    shown: Option<(Arc<View>, Touched)>,
}

/// What is known of the state file of a tenant.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filed {
    /// Whether there is one from which the tenant can be loaded.
    pub(crate) is_there: bool,
    /// Resources and verdicts that have changed since it was written.
    pub(crate) n_behind: usize,
}

/// What an update changes, before it is the state.
#[derive(Debug)]
pub(crate) struct Step {
    /// What changed in the inventory; nothing when only time passed or a decision was made.
    pub(crate) changes: Changes,
    /// What changed in verdicts and scores.
    pub(crate) diff: Diff,
    graph: Graph,
    nodes: Nodes,
    touched: Touched,
}

/// Which node a resource has after a step.
#[derive(Debug)]
enum Nodes {
    Changed(Moves),
    Anew(Numbers),
}

impl<'l> Tenant<'l> {
    /// A tenant of which nothing is known yet.
    pub(crate) fn empty(library: &'l Arc<Library>, keys: Keys) -> Self {
        let reader = Reader::new(library, &keys);
        let library = Arc::clone(library);
        let assessor = Arc::new(Assessor::compile(&library).0);
        let graph = GraphBuilder::new(&keys).finish();
        let inventory = Inventory::empty();
        let (numbers, ledger) = (Numbers::default(), Ledger::default());
        let filed = Filed::default();
        let choices = Arc::new(Choices::default());
        let classifier = Arc::new(classifier(&library, &choices, None));
        let (own, shown) = (Own::new(), None);
        Self {
            library,
            reader,
            assessor,
            own,
            choices,
            classifier,
            keys,
            inventory,
            graph,
            numbers,
            ledger,
            filed,
            shown,
        }
    }

    /// Makes these checks, and no others of people's own, part of what it is judged by. The next step judges
    /// what is new in that.
    pub(crate) fn judge_by(&mut self, own: Own) {
        let is_same = own.len() == self.own.len()
            && own.iter().zip(&self.own).all(|(a, b)| a.0 == b.0 && a.1.0 == b.1.0);
        if is_same {
            return;
        }
        let checks: Vec<OwnCheck> = own.values().map(|(_, it)| it.clone()).collect();
        let (library, problems) = self.library.with_own(&checks);
        for (id, problem) in problems {
            tracing::warn!("the check `{id}`: {problem}");
        }
        self.library = Arc::new(library);
        self.assessor = Arc::new(Assessor::compile_after(&self.library, &self.assessor).0);
        self.own = own;
    }

    /// Makes these choices of classifications count; the marks of the graph are as they were. Gives the classifier
    /// that these are of, when it is another one now.
    fn classify_by(&mut self, choices: Choices) -> Option<Arc<Classifier>> {
        if choices == *self.choices {
            return None;
        }
        let new = classifier(&self.library, &choices, Some(&self.classifier));
        self.choices = Arc::new(choices);
        Some(std::mem::replace(&mut self.classifier, Arc::new(new)))
    }

    /// The same, and the graph is marked anew: for choices that others have committed, and those that a tenant is
    /// loaded with.
    pub(crate) fn mark_by(&mut self, choices: Choices) {
        if let Some(before) = self.classify_by(choices) {
            let marks = self.classifier.mark_renewed(&self.graph, &before);
            self.touch(&Touched::at(std::iter::empty(), Some(&marks)));
            self.graph = self.graph.apply(&marks);
        }
    }

    /// What other choices of classifications change: marks, and what checks say that read them. Those choices
    /// count when this returns: a step that is not taken leaves a tenant that can only be thrown away.
    pub(crate) fn reclassify(&mut self, choices: Choices, now: Timestamp) -> Step {
        let Some(before) = self.classify_by(choices) else { return self.reconsider(None, now) };
        let marks = self.classifier.mark_renewed(&self.graph, &before);
        let graph = self.graph.apply(&marks);
        let setting = Setting::at(now);
        let after = Delta::changes(&graph, &marks, &self.assessor, &setting, self.sequence() + 1);
        let diff = estate::assess(Base::new(&self.graph, &self.ledger), &after);
        let touched = Touched::of(&diff, Some(&marks));
        let (changes, nodes) = (Changes::default(), Nodes::Changed(Moves::new()));
        Step { changes, diff, graph, nodes, touched }
    }

    /// What graphs are made of.
    pub(crate) fn origin(&self) -> Origin<'_, 'l> {
        Origin { inventory: &self.inventory, reader: &self.reader }
    }

    /// The commit as of which it is.
    pub(crate) fn sequence(&self) -> u64 {
        self.ledger.sequence()
    }

    /// What an import changes. The inventory has taken it in when this returns: a step that is not
    /// taken leaves a tenant that can only be thrown away.
    pub(crate) fn update(&mut self, import: Import, now: Timestamp) -> Step {
        let changes = self.inventory.update(&self.reader, import);
        let n_changed = changes.put.len() + changes.removed.len() + changes.regrouped.len();
        let n_nodes = self.graph.n_nodes();
        if n_nodes == 0 || (n_changed > FEW && n_changed * REBUILD_SHARE > n_nodes) {
            return self.anew(changes, now);
        }
        let (mut delta, moves) =
            connect::delta(&self.library, self.origin(), &changes, &self.graph, &self.numbers);
        let graph = self.marked(&mut delta);
        let setting = Setting::at(now);
        let after = Delta::changes(&graph, &delta, &self.assessor, &setting, self.sequence() + 1);
        let diff = estate::assess(Base::new(&self.graph, &self.ledger), &after);
        let touched = Touched::of(&diff, Some(&delta));
        Step { changes, diff, graph, nodes: Nodes::Changed(moves), touched }
    }

    /// The graph with changes and the marks that follow from them, which are changes too.
    fn marked(&self, delta: &mut graph::Delta) -> Graph {
        let graph = self.graph.apply(delta);
        let marks = self.classifier.mark_changed(&self.graph, &graph, delta);
        if marks.is_empty() {
            return graph;
        }
        let graph = graph.apply(&marks);
        delta.append(marks);
        graph
    }

    /// The same with a graph made anew, when most of it is new.
    fn anew(&mut self, changes: Changes, now: Timestamp) -> Step {
        let (graph, numbers) = connect::graph(&self.library, self.origin(), &self.keys);
        let graph = graph.apply(&self.classifier.mark_all(&graph));
        let moved = self.numbers.to(&numbers, self.graph.node_bound());
        self.ledger.renumber(&moved);
        let setting = Setting::at(now);
        let after = Delta::everything(&graph, &self.assessor, &setting, self.sequence() + 1);
        let diff = estate::assess(Base::new(&graph, &self.ledger), &after);
        Step { changes, diff, graph, nodes: Nodes::Anew(numbers), touched: Touched::everything() }
    }

    /// What time and decisions change: exemptions that begin or end, verdicts that depend on the
    /// instant, content that is other than it was.
    pub(crate) fn reconsider(&self, exemptions: Option<&Exemptions>, now: Timestamp) -> Step {
        let nothing = graph::Delta::new(&self.graph);
        let setting = Setting::at(now);
        let after =
            Delta::changes(&self.graph, &nothing, &self.assessor, &setting, self.sequence() + 1);
        let after = match exemptions {
            Some(exemptions) => after.with_exemptions(exemptions),
            None => after,
        };
        let diff = estate::assess(Base::new(&self.graph, &self.ledger), &after);
        let nodes = Nodes::Changed(Moves::new());
        let touched = Touched::of(&diff, None);
        Step { changes: Changes::default(), diff, graph: self.graph.clone(), nodes, touched }
    }

    /// Makes a step the state.
    pub(crate) fn take(&mut self, step: Step) {
        if let Some((_, touched)) = &mut self.shown {
            touched.merge(step.touched);
        }
        self.graph = step.graph;
        match step.nodes {
            Nodes::Changed(moves) => self.numbers.take(&moves),
            Nodes::Anew(numbers) => self.numbers = numbers,
        }
        self.ledger.apply(step.diff);
        self.compact_if_due();
    }

    /// Makes a new base of the graph when much lies on it.
    pub(crate) fn compact_if_due(&mut self) {
        if self.graph.overlay_size() > MAX_OVERLAY {
            let (graph, moved) = self.graph.compact();
            self.numbers.renumber(&moved);
            self.ledger.renumber(&moved);
            self.graph = graph;
            if let Some((_, touched)) = &mut self.shown {
                *touched = Touched::everything();
            }
        }
    }

    /// What a view is made of.
    fn parts(&self) -> Parts<'_> {
        Parts {
            library: &self.library,
            assessor: &self.assessor,
            graph: &self.graph,
            ledger: &self.ledger,
            gaps: self.inventory.gaps(),
            choices: &self.choices,
        }
    }

    /// The state as people look at it: made in full once, then from the one before.
    pub(crate) fn view(&mut self) -> Arc<View> {
        let view = match self.shown.take() {
            Some((view, touched)) if touched.is_nothing() => view,
            Some((view, touched)) => Arc::new(view.after(self.parts(), &touched)),
            None => Arc::new(View::new(self.parts())),
        };
        self.shown = Some((Arc::clone(&view), Touched::default()));
        view
    }

    /// Takes in what was stored since: resources, ids of those that are gone, all that is collected
    /// now, and all gaps. Nothing is judged.
    pub(crate) fn catch_up(
        &mut self,
        resources: Vec<Resource>,
        gone: &[&str],
        now: (Vec<Collected>, Vec<Gap>),
    ) {
        let changes = self.inventory.catch_up(&self.reader, resources, gone, now);
        let (mut delta, moves) =
            connect::delta(&self.library, self.origin(), &changes, &self.graph, &self.numbers);
        self.graph = self.marked(&mut delta);
        self.numbers.take(&moves);
        self.touch(&Touched::at(std::iter::empty(), Some(&delta)));
    }

    /// Says what has changed beside steps, for the next view.
    pub(crate) fn touch(&mut self, touched: &Touched) {
        if let Some((_, before)) = &mut self.shown {
            before.merge(touched.clone());
        }
    }

    /// The id of a node after a step, or before it where it is gone.
    pub(crate) fn id_after<'s>(&'s self, step: &'s Step, node: NodeId) -> Option<&'s str> {
        step.graph.id(node).or_else(|| self.before(step)?.id(node))
    }

    /// What a step changes, in words and figures.
    pub(crate) fn report(&self, step: &Step) -> WhatIf {
        step.diff.report(self.before(step), &step.graph, &self.assessor)
    }

    /// The graph before a step, unless that made it anew with other numbers.
    fn before(&self, step: &Step) -> Option<&Graph> {
        matches!(step.nodes, Nodes::Changed(_)).then_some(&self.graph)
    }

    /// The node of a resource by id, or by name where only one has it.
    pub(crate) fn find(&self, text: &str) -> Option<NodeId> {
        self.graph.node_by_id(text).or_else(|| self.graph.node_by_id(&text.to_ascii_lowercase()))
    }
}

/// The classifications that count, compiled; what cannot be is left out, and said.
pub(crate) fn classifier(
    library: &Library,
    choices: &Choices,
    before: Option<&Classifier>,
) -> Classifier {
    let (classifier, problems) = Classifier::compile(library, choices, before);
    for it in problems {
        tracing::warn!("the classification `{}`: {}", it.classification, it.message);
    }
    classifier
}

impl Step {
    /// Whether there is nothing to store.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.diff.is_empty()
    }
}
