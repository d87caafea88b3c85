//! The view itself: made once in full, then each from the one before.

use std::sync::{Arc, OnceLock};

use content::Library;
use graph::{Graph, Touched as Change, Way};
use jiff::Timestamp;
use lang::NodeId;
use model::Gap;
use posture::{Assessor, Choices, Diff, Ledger, MetaKeys, Setting};

use crate::checks::Checks;
use crate::known::Latest;
use crate::lines::{Lines, Maker};
use crate::names::Tables;
use crate::order::Ranks;
use crate::places::Places;
use crate::sight::{Seen, Sight};
use crate::text::{Source, Words};

/// The state of a tenant at one moment. Never changes, but for [what is known](crate::Known) beside it; to be shared behind
/// one `Arc`.
#[derive(Debug)]
pub struct View {
    pub(crate) library: Arc<Library>,
    pub(crate) assessor: Arc<Assessor>,
    pub(crate) graph: Graph,
    /// The same for questions, made with the first of them.
    pub(crate) asked: OnceLock<Graph>,
    pub(crate) ledger: Ledger,
    pub(crate) gaps: Arc<[Gap]>,
    pub(crate) setting: Setting,
    pub(crate) checks: Arc<Checks>,
    pub(crate) meta: MetaKeys,
    pub(crate) places: Arc<Places>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) ranks: Ranks,
    pub(crate) lines: Lines,
    pub(crate) words: Words,
    pub(crate) choices: Arc<Choices>,
    /// The nodes with marks, found when somebody asks.
    pub(crate) marked: OnceLock<Vec<NodeId>>,
    /// What is known beyond verdicts, the newest: also newer than this view.
    pub(crate) latest: Arc<Latest>,
}

/// What a view is made of: the state of the tenant after a step.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'p> {
    /// The content.
    pub library: &'p Arc<Library>,
    /// Its checks.
    pub assessor: &'p Arc<Assessor>,
    /// The graph.
    pub graph: &'p Graph,
    /// What was judged of it. What is due later is not looked at.
    pub ledger: &'p Ledger,
    /// What could not be read, as assessments name it.
    pub gaps: &'p [Gap],
    /// What is chosen of classifications: the marks of the graph are by it.
    pub choices: &'p Arc<Choices>,
}

/// The nodes that a step concerns. To be taken before the ledger takes in the step's diff.
#[derive(Debug, Clone, Default)]
pub struct Touched {
    nodes: Vec<NodeId>,
    /// Of these, those that are not what they were, whatever is said of them.
    put: Vec<NodeId>,
    /// Nodes that lie in another parent now; what lies in them is concerned, too.
    moved: Vec<NodeId>,
    is_everything: bool,
    /// Whether there was a step at all: also one that concerns no node moves time on.
    is_something: bool,
}

impl Touched {
    /// Everything: the graph was made anew, or its nodes got other numbers.
    pub fn everything() -> Self {
        Self { is_everything: true, is_something: true, ..Self::default() }
    }

    /// What `changes` of the graph, when there are any, and `diff` concern.
    pub fn of(diff: &Diff, changes: Option<&graph::Delta>) -> Self {
        let rows = diff.rows.iter().map(|it| it.node);
        Self::at(rows.chain(diff.exempted.iter().map(|it| it.node)), changes)
    }

    /// Nodes of which assessments are other ones, and what `changes` of the graph concern.
    pub fn at(nodes: impl Iterator<Item = NodeId>, changes: Option<&graph::Delta>) -> Self {
        let mut touched = Self { is_something: true, ..Self::default() };
        touched.nodes.extend(nodes);
        for change in changes.iter().flat_map(|it| it.touched()) {
            match change {
                Change::Put(node) | Change::Removed(node) => touched.put.push(node),
                Change::Edge(_, "CONTAINS", to) => touched.moved.push(to),
                Change::Edge(from, "MEMBER_OF", _) => touched.moved.push(from),
                Change::Edge(..) | Change::Marks(..) => {}
            }
        }
        touched.nodes.extend_from_slice(&touched.put);
        touched
    }

    /// Takes over what a later step concerned.
    pub fn merge(&mut self, later: Self) {
        self.nodes.extend(later.nodes);
        self.put.extend(later.put);
        self.moved.extend(later.moved);
        self.is_everything |= later.is_everything;
        self.is_something |= later.is_something;
    }

    /// Whether there was no step at all.
    pub fn is_nothing(&self) -> bool {
        !self.is_something
    }

    /// The nodes in order, with all that lies in what was moved and is no scope itself.
    fn all(&self, graph: &Graph, is_place: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
        let mut nodes = self.nodes.clone();
        let mut seen = hashbrown::HashSet::new();
        let mut left = self.moved.clone();
        while let Some(node) = left.pop() {
            if seen.insert(node) {
                nodes.push(node);
                if graph.has_node(node) && !is_place(node) {
                    left.extend(graph.neighbours(node, "CONTAINS", Way::Out));
                }
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }
}

impl View {
    /// The view of a state, made in full: it costs what exists.
    pub fn new(parts: Parts<'_>) -> Self {
        let Parts { library, assessor, graph, ledger, gaps, choices } = parts;
        let meta = MetaKeys::new(graph);
        let checks = Arc::new(Checks::new(library, assessor, ledger.catalogue()));
        let places = Arc::new(Places::new(graph, meta));
        let ranks = Ranks::new(graph, meta);
        let mut maker = Maker::new(parts, (&checks, &places, &ranks), meta, Arc::default());
        let lines = maker.all();
        let tables = maker.tables;
        let source = Source {
            graph: graph.clone(),
            meta,
            places: Arc::clone(&places),
            lines: lines.clone(),
        };
        Self {
            library: Arc::clone(library),
            assessor: Arc::clone(assessor),
            graph: graph.clone(),
            asked: OnceLock::new(),
            ledger: ledger.snapshot(),
            gaps: gaps.into(),
            setting: Setting::at(ledger.now().unwrap_or_default()),
            checks,
            meta,
            places,
            tables,
            ranks,
            lines,
            words: Words::new(source),
            choices: Arc::clone(choices),
            marked: OnceLock::new(),
            latest: Arc::default(),
        }
    }

    /// The view of the state after a step, which concerned `touched`: it costs what the step touched,
    /// except where the step moved whole scopes.
    #[must_use]
    pub fn after(&self, parts: Parts<'_>, touched: &Touched) -> Self {
        let Parts { library, assessor, graph, ledger, gaps, choices } = parts;
        let catalogue = ledger.catalogue();
        let has_same_content = Arc::ptr_eq(assessor, &self.assessor)
            && self.checks.bound() == catalogue.entries().len()
            && self.checks.fingerprint == catalogue.fingerprint();
        if touched.is_everything || !has_same_content {
            return Self::new(parts);
        }
        let nodes = touched.all(graph, |node| self.places.is_place(node));
        let places = match self.places.after(graph, self.meta, &nodes) {
            None => Arc::clone(&self.places),
            Some((_, true)) => return Self::new(parts),
            Some((places, false)) => Arc::new(places),
        };
        let tables = Arc::clone(&self.tables);
        let mut maker = Maker::new(parts, (&self.checks, &places, &self.ranks), self.meta, tables);
        let lines = maker.again(&self.lines, &nodes);
        let tables = maker.tables;
        let source = Source {
            graph: graph.clone(),
            meta: self.meta,
            places: Arc::clone(&places),
            lines: lines.clone(),
        };
        let words = self.words.after(&source, &touched.put);
        let gaps = if gaps == &*self.gaps { Arc::clone(&self.gaps) } else { gaps.into() };
        Self {
            library: Arc::clone(library),
            assessor: Arc::clone(assessor),
            graph: graph.clone(),
            asked: OnceLock::new(),
            ledger: ledger.snapshot(),
            gaps,
            setting: Setting::at(ledger.now().unwrap_or_default()),
            checks: Arc::clone(&self.checks),
            meta: self.meta,
            places,
            tables,
            ranks: self.ranks.clone(),
            lines,
            words,
            choices: Arc::clone(choices),
            marked: OnceLock::new(),
            latest: Arc::clone(&self.latest),
        }
    }

    /// The commit as of which everything is.
    pub fn sequence(&self) -> u64 {
        self.ledger.sequence()
    }

    /// The instant as of which everything was judged; `None` while nothing was.
    pub fn at(&self) -> Option<Timestamp> {
        self.ledger.now()
    }

    /// The content.
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// What is chosen of classifications.
    pub fn choices(&self) -> &Choices {
        &self.choices
    }

    /// The checks of the content, compiled.
    pub fn assessor(&self) -> &Arc<Assessor> {
        &self.assessor
    }

    /// The graph, whole: for queries of those who may see everything. What they name gets no number in the table of keys
    /// that goes on with the state: processes that follow each other number keys alike.
    pub fn graph(&self) -> &Graph {
        self.asked.get_or_init(|| self.graph.with_own_keys())
    }

    /// The ledger, whole, without what is due later.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Bytes that the columns take beside graph and ledger, about.
    pub fn footprint(&self) -> usize {
        self.lines.footprint()
    }

    pub(crate) fn seen(&self, sight: &Sight) -> Seen {
        Seen::new(sight, &self.places)
    }

    /// The node of a resource, when the caller sees it.
    pub(crate) fn find(&self, sight: &Sight, id: &str) -> Option<NodeId> {
        let node = self.graph.node_by_id(id)?;
        let line = self.lines.get(node)?.line;
        self.seen(sight).sees(line.home).then_some(node)
    }

    /// Whether a caller sees a scope; also false when there is none with this id.
    pub fn sees_scope(&self, sight: &Sight, id: &str) -> bool {
        self.places.find(id).is_some_and(|it| self.seen(sight).sees(it))
    }

    /// A scope and all above it, itself first; empty when there is none with this id. For questions of
    /// rights: it names scopes that a caller may not see.
    pub fn scope_chain(&self, id: &str) -> Vec<String> {
        let number = self.places.find(id);
        let chain = number.into_iter().flat_map(|it| self.places.chain(it));
        chain.map(|it| self.places.id(it).to_owned()).collect()
    }

    /// The scope in which a resource lies and all above it; `None` when there is no such resource,
    /// empty when it lies in none. For questions of rights, too.
    pub fn chain_of_resource(&self, id: &str) -> Option<Vec<String>> {
        let entry = self.lines.get(self.graph.node_by_id(id)?)?;
        let chain = self.places.chain(entry.line.home);
        Some(chain.map(|it| self.places.id(it).to_owned()).collect())
    }
}
