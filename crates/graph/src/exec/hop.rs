//! Which edges a step follows, and the lists of them at a node.

use std::sync::Arc;

use lang::ast::LabelExpr;
use lang::value::{EdgeId, NodeId};

use crate::host::RunHost;
use crate::run::{Flow, Frame, Outcome};
use crate::store::{Adjacent, EdgeProvider, Graph, Lists, Way};

/// Which edges are followed, seen from the node where the step starts.
pub(crate) struct Hop<'g> {
    pub(crate) graph: &'g Graph,
    pub(crate) host: Arc<RunHost<'g>>,
    pub(crate) types: Arc<[u32]>,
    /// One way or both.
    pub(crate) ways: &'static [Way],
    /// What the labels of the other end must be: missing edges to others do not matter.
    pub(crate) targets: Vec<&'g LabelExpr>,
    /// Over several edges any missing edge matters.
    pub(crate) is_long: bool,
    /// By type and way: where the edges are.
    sources: Vec<Source<'g>>,
}

/// Where the edges of one type in one direction come from.
#[derive(Clone, Copy)]
enum Source<'g> {
    Stored { lists: Lists<'g>, skips_loops: bool },
    Computed { provider: &'g dyn EdgeProvider, edge_type: u32, way: Way, skips_loops: bool },
}

/// The edges of one type in one direction at a node.
pub(crate) struct EdgeList<'a, 'g> {
    pub(crate) others: &'a [u32],
    edges: EdgesOf<'a, 'g>,
    /// Edges from the node to itself were given by the other direction already.
    pub(crate) skips_loops: bool,
}

enum EdgesOf<'a, 'g> {
    Stored(Adjacent<'g>),
    Computed { host: &'a RunHost<'g>, edge_type: u32, way: Way, node: u32 },
}

impl EdgeList<'_, '_> {
    /// The `idx`-th edge.
    #[inline]
    pub(crate) fn edge(&self, idx: usize) -> EdgeId {
        match &self.edges {
            EdgesOf::Stored(adjacent) => adjacent.edge(idx),
            EdgesOf::Computed { host, edge_type, way, node } => {
                let other = self.others.get(idx).copied().unwrap_or_default();
                let (from, to) = match way {
                    Way::Out => (*node, other),
                    Way::In => (other, *node),
                };
                host.number((*edge_type, from, to))
            }
        }
    }
}

impl<'g> Hop<'g> {
    pub(crate) fn new(
        host: Arc<RunHost<'g>>,
        types: Arc<[u32]>,
        ways: &'static [Way],
        targets: Vec<&'g LabelExpr>,
        is_long: bool,
    ) -> Self {
        let graph = host.graph;
        let mut sources = Vec::new();
        for edge_type in types.iter() {
            for way in ways {
                let (edge_type, way) = (*edge_type, *way);
                let skips_loops = ways.len() > 1 && way == Way::In;
                if let Some(provider) = graph.provider(edge_type) {
                    sources.push(Source::Computed { provider, edge_type, way, skips_loops });
                    continue;
                }
                let lists = graph.lists(edge_type, way);
                if !lists.is_empty() {
                    sources.push(Source::Stored { lists, skips_loops });
                }
            }
        }
        Self { graph, host, types, ways, targets, is_long, sources }
    }

    /// Calls `each` with the lists of edges at `node`.
    #[inline]
    pub(crate) fn for_each_list(
        &self,
        node: u32,
        mut each: impl FnMut(&EdgeList<'_, 'g>) -> Outcome<Flow>,
    ) -> Outcome<Flow> {
        for source in &self.sources {
            let flow = match *source {
                Source::Stored { ref lists, skips_loops } => {
                    let adjacent = lists.at(node);
                    if adjacent.others.is_empty() {
                        continue;
                    }
                    let edges = EdgesOf::Stored(adjacent);
                    each(&EdgeList { others: adjacent.others, edges, skips_loops })?
                }
                Source::Computed { provider, edge_type, way, skips_loops } => {
                    let mut found = Vec::new();
                    match way {
                        Way::Out => provider.out(NodeId(node), &mut found),
                        Way::In => provider.into(NodeId(node), &mut found),
                    }
                    let others: Vec<u32> = found.into_iter().map(|node| node.0).collect();
                    let edges = EdgesOf::Computed { host: &self.host, edge_type, way, node };
                    each(&EdgeList { others: &others, edges, skips_loops })?
                }
            };
            if flow == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    /// How many edges there are at `node`, self-loops of both directions counted twice.
    pub(crate) fn degree(&self, node: u32) -> usize {
        let degrees = self.sources.iter().map(|source| match source {
            Source::Stored { lists, .. } => lists.at(node).others.len(),
            Source::Computed { provider, .. } => provider.estimate() as usize,
        });
        degrees.sum()
    }

    /// Remembers when edges that could fit may be missing at `node`. `target` is the other end
    /// when it is bound already.
    #[inline]
    pub(crate) fn note_missing(&self, node: u32, target: Option<u32>, frame: &mut Frame<'g>) {
        if self.graph.has_incomplete() {
            self.note_missing_slowly(node, target, frame);
        }
    }

    #[cold]
    fn note_missing_slowly(&self, node: u32, target: Option<u32>, frame: &mut Frame<'g>) {
        let group = self.graph.group(NodeId(node));
        for edge_type in self.types.iter() {
            for way in self.ways {
                for missing in self.graph.missing(group, *edge_type, *way) {
                    if self.could_fit(&missing.labels, target) {
                        frame.note(missing.gap);
                        return;
                    }
                }
            }
        }
    }

    /// Whether a node that carries `labels` could be the other end.
    fn could_fit(&self, labels: &[u32], target: Option<u32>) -> bool {
        if labels.is_empty() || self.is_long {
            return true;
        }
        if let Some(target) = target {
            let own = self.graph.label_sets().get(self.graph.label_set(target));
            return labels.iter().all(|label| own.contains(label));
        }
        let names = self.graph.label_names();
        self.targets.iter().all(|target| {
            target
                .matches(&mut |name| names.find(name).is_some_and(|label| labels.contains(&label)))
        })
    }

    /// The ends of an edge as (start of the step, other end), when it is one of these.
    pub(crate) fn ends_of(&self, edge: EdgeId) -> Vec<(u32, u32)> {
        let Some((edge_type, from, to)) = self.host.edge(edge) else { return Vec::new() };
        if !self.types.contains(&edge_type) {
            return Vec::new();
        }
        match self.ways {
            [Way::Out] => vec![(from, to)],
            [Way::In] => vec![(to, from)],
            _ if from == to => vec![(from, to)],
            _ => vec![(from, to), (to, from)],
        }
    }
}
