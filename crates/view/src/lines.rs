//! What lists need of every node, as columns in pieces that views share.
//!
//! INVARIANT: a line says of its node what the graph and the ledger of its view say; the property
//! tests of the views compare both.

use std::sync::Arc;

use graph::Graph;
use lang::NodeId;
use model::{Criticality, Verdict};
use posture::{Category, Judged, MarkKeys, MetaKeys};

use crate::checks::{Checks, severity_index};
use crate::filter::ResourceState;
use crate::names::Tables;
use crate::order::Ranks;
use crate::places::Places;
use crate::view::Parts;

/// Lines in a piece: few enough to copy when one changes, many enough to make clones cheap.
pub(crate) const PIECE: usize = if cfg!(test) { 4 } else { 512 };

/// The label of nodes that are resources, not the findings of other tools.
const RESOURCE: &str = "Resource";

/// What lists need of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Whether it is a resource that was read: what lists show.
    pub(crate) is_listed: bool,
    pub(crate) state: ResourceState,
    /// Whether an exemption makes some assessment count otherwise.
    pub(crate) has_exempt: bool,
    /// How critical it is: the rank of its level, 0 for none.
    critical: u8,
    /// Assessments that count as unhealthy by severity, the worst first; saturating.
    pub(crate) open: [u16; 4],
    pub(crate) kind: u32,
    pub(crate) cloud: u32,
    pub(crate) region: u32,
    pub(crate) tag_set: u32,
    /// The place in which it lies.
    pub(crate) home: u32,
    /// The place that it names as its scope.
    pub(crate) scope: u32,
    pub(crate) id_rank: u32,
    pub(crate) name_rank: u32,
    first_cell: u32,
    n_cells: u32,
}

impl Line {
    /// How critical it is; `None`: by no classification.
    pub(crate) fn criticality(&self) -> Option<Criticality> {
        Criticality::ALL.into_iter().find(|it| it.rank() == self.critical)
    }

    /// Its place in [`Criticality::ALL`]; behind them for none.
    pub(crate) fn criticality_index(&self) -> usize {
        Criticality::ALL.len().saturating_sub(usize::from(self.critical))
    }

    /// One number that is greater the worse the open assessments are.
    pub(crate) fn weight(&self) -> u64 {
        self.open.iter().fold(0, |sum, n| sum << 16 | u64::from(*n))
    }

    /// Assessments that count as unhealthy.
    pub(crate) fn n_open(&self) -> u64 {
        self.open.iter().map(|n| u64::from(*n)).sum()
    }
}

/// One assessment: the number of the check, its verdict, how it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell(u32);

const VERDICT_BITS: u32 = 0b11;
const MITIGATED: u32 = 0b0100;
const WAIVER: u32 = 0b1000;
const REOPENED: u32 = 0b1_0000;
/// All of these.
const SORT_BITS: u32 = 5;

impl Cell {
    fn new(it: &Judged) -> Self {
        let verdict = match it.assessment.verdict {
            Verdict::Healthy => 0,
            Verdict::Unhealthy => 1,
            Verdict::Unknown => 2,
            Verdict::NotApplicable => 3,
        };
        let category = match it.exemption {
            None => 0,
            Some((_, Category::Mitigated)) => MITIGATED,
            Some((_, Category::Waiver)) => WAIVER,
        };
        let reopened = if it.assessment.reopened() > 0 { REOPENED } else { 0 };
        Self(it.assessment.check.0 << 8 | reopened | category | verdict)
    }

    /// The number of the check.
    #[inline]
    pub(crate) fn check(self) -> u32 {
        self.0 >> 8
    }

    /// The place of cells that say the same of the same check, for tables of [`Cell::sorts`].
    #[inline]
    pub(crate) fn sort(self) -> usize {
        (self.0 >> 8 << SORT_BITS | self.0 & ((1 << SORT_BITS) - 1)) as usize
    }

    /// A cell of every sort there is with checks up to a number, by its place.
    pub(crate) fn sorts(n_checks: usize) -> impl Iterator<Item = Self> {
        (0..(n_checks as u32) << SORT_BITS)
            .map(|it| Self(it >> SORT_BITS << 8 | it & ((1 << SORT_BITS) - 1)))
    }

    /// The place of the verdict in [`VERDICTS`].
    #[inline]
    pub(crate) fn verdict_index(self) -> usize {
        (self.0 & VERDICT_BITS) as usize
    }

    pub(crate) fn verdict(self) -> Verdict {
        VERDICTS.get(self.verdict_index()).copied().unwrap_or(Verdict::Unknown)
    }

    /// What it counts as; `None`: it has left the calculation.
    #[inline]
    pub(crate) fn counts_as(self) -> Option<Verdict> {
        match self.0 & (MITIGATED | WAIVER) {
            0 => Some(self.verdict()),
            MITIGATED => Category::Mitigated.effective(self.verdict()),
            _ => Category::Waiver.effective(self.verdict()),
        }
    }

    /// Whether an exemption makes it count otherwise than judged, or not at all.
    #[inline]
    pub(crate) fn is_exempt(self) -> bool {
        self.0 & (MITIGATED | WAIVER) != 0 && self.counts_as() != Some(self.verdict())
    }

    /// Whether it counts as unhealthy.
    #[inline]
    pub(crate) fn is_open(self) -> bool {
        self.0 & (VERDICT_BITS | MITIGATED | WAIVER) == 1
    }

    /// Whether it came back after it had been mended.
    pub(crate) fn is_reopened(self) -> bool {
        self.0 & REOPENED != 0
    }
}

/// The verdicts in the order in which they are counted.
pub(crate) const VERDICTS: [Verdict; 4] =
    [Verdict::Healthy, Verdict::Unhealthy, Verdict::Unknown, Verdict::NotApplicable];

/// Lines that follow each other, with their cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Piece {
    lines: Vec<Line>,
    cells: Vec<Cell>,
    /// The commit since which each cell has its verdict; the highest number for all beyond.
    since: Vec<u32>,
}

/// A line with its cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'v> {
    pub(crate) node: NodeId,
    pub(crate) line: &'v Line,
    pub(crate) cells: &'v [Cell],
    pub(crate) since: &'v [u32],
}

impl Piece {
    fn cells(&self, line: &Line) -> (&[Cell], &[u32]) {
        let from = line.first_cell as usize;
        let range = from..from + line.n_cells as usize;
        let cells = self.cells.get(range.clone()).unwrap_or_default();
        (cells, self.since.get(range).unwrap_or_default())
    }

    fn push(&mut self, mut line: Line, cells: &[Cell], since: &[u32]) {
        line.first_cell = self.cells.len() as u32;
        line.n_cells = cells.len() as u32;
        self.cells.extend_from_slice(cells);
        self.since.extend_from_slice(since);
        self.lines.push(line);
    }
}

/// All lines, by the number of the node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    pieces: Vec<Arc<Piece>>,
}

impl Lines {
    /// The lines of resources that are shown, in the order of their numbers.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Entry<'_>> {
        self.pieces.iter().enumerate().flat_map(|(at, piece)| {
            let first = (at * PIECE) as u32;
            (first..).zip(&piece.lines).filter(|(_, line)| line.is_listed).map(|(node, line)| {
                let (cells, since) = piece.cells(line);
                Entry { node: NodeId(node), line, cells, since }
            })
        })
    }

    /// The line of a node; `None` for one that is not there.
    pub(crate) fn get(&self, node: NodeId) -> Option<Entry<'_>> {
        let at = node.0 as usize;
        let piece = self.pieces.get(at / PIECE)?;
        let line = piece.lines.get(at % PIECE)?;
        let (cells, since) = piece.cells(line);
        Some(Entry { node, line, cells, since })
    }

    /// Bytes that they take, about.
    pub(crate) fn footprint(&self) -> usize {
        let of = |it: &Arc<Piece>| it.lines.len() * size_of::<Line>() + it.cells.len() * 8;
        self.pieces.iter().map(of).sum()
    }
}

/// Makes lines.
pub(crate) struct Maker<'m> {
    parts: Parts<'m>,
    checks: &'m Checks,
    places: &'m Places,
    ranks: &'m Ranks,
    meta: MetaKeys,
    marks: MarkKeys,
    pub(crate) tables: Arc<Tables>,
    judged: Vec<Judged>,
    cells: Vec<Cell>,
    since: Vec<u32>,
}

impl<'m> Maker<'m> {
    pub(crate) fn new(
        parts: Parts<'m>,
        (checks, places, ranks): (&'m Checks, &'m Places, &'m Ranks),
        meta: MetaKeys,
        tables: Arc<Tables>,
    ) -> Self {
        let (judged, cells, since) = (Vec::new(), Vec::new(), Vec::new());
        let marks = MarkKeys::new(parts.graph.keys());
        Self { parts, checks, places, ranks, meta, marks, tables, judged, cells, since }
    }

    /// The lines of all nodes.
    pub(crate) fn all(&mut self) -> Lines {
        let bound = self.parts.graph.node_bound() as usize;
        let pieces = (0..bound.div_ceil(PIECE)).map(|at| {
            let mut piece = Piece::default();
            for node in at * PIECE..((at + 1) * PIECE).min(bound) {
                self.add(NodeId(node as u32), &mut piece);
            }
            Arc::new(piece)
        });
        Lines { pieces: pieces.collect() }
    }

    /// The lines after changes at some nodes, which are in order.
    pub(crate) fn again(&mut self, before: &Lines, touched: &[NodeId]) -> Lines {
        let mut lines = before.clone();
        let bound = self.parts.graph.node_bound() as usize;
        lines.pieces.resize_with(bound.div_ceil(PIECE).max(lines.pieces.len()), Arc::default);
        let mut rest = touched;
        while let Some(first) = rest.first() {
            let at = first.0 as usize / PIECE;
            let n = rest.iter().take_while(|it| it.0 as usize / PIECE == at).count();
            let (own, others) = rest.split_at_checked(n).unwrap_or((rest, &[]));
            rest = others;
            let Some(old) = lines.pieces.get_mut(at) else { continue };
            let mut piece = Piece::default();
            let mut own = own.iter().peekable();
            for node in at * PIECE..((at + 1) * PIECE).min(bound) {
                let node = NodeId(node as u32);
                let kept = old.lines.get(node.0 as usize % PIECE);
                match (own.next_if(|it| **it == node), kept) {
                    (None, Some(line)) => {
                        let (cells, since) = old.cells(line);
                        piece.push(*line, cells, since);
                    }
                    _ => self.add(node, &mut piece),
                }
            }
            *old = Arc::new(piece);
        }
        lines
    }

    fn add(&mut self, node: NodeId, piece: &mut Piece) {
        let Parts { graph, ledger, .. } = self.parts;
        self.cells.clear();
        self.since.clear();
        if !graph.has_node(node) {
            piece.push(Line::default(), &[], &[]);
            return;
        }
        let mut line = self.facts(graph, node);
        ledger.judged(graph, self.meta, node, &mut self.judged);
        let mut has = [false; 4];
        for it in &self.judged {
            let Some(facts) = self.checks.get(it.assessment.check.0) else { continue };
            let cell = Cell::new(it);
            if cell.is_open()
                && let Some(n) = line.open.get_mut(severity_index(facts.check.severity))
            {
                *n = n.saturating_add(1);
            }
            let counts_as = cell.counts_as();
            for (has, verdict) in has.iter_mut().zip(VERDICTS) {
                *has |= counts_as == Some(verdict);
            }
            line.has_exempt |= cell.is_exempt();
            self.cells.push(cell);
            self.since.push(u32::try_from(it.assessment.since).unwrap_or(u32::MAX));
        }
        line.state = match has {
            [_, true, ..] => ResourceState::Unhealthy,
            [_, _, true, _] => ResourceState::Unknown,
            [true, ..] => ResourceState::Healthy,
            _ => ResourceState::NotAssessed,
        };
        piece.push(line, &self.cells, &self.since);
    }

    /// What a line says without the verdicts.
    fn facts(&mut self, graph: &Graph, node: NodeId) -> Line {
        let meta = self.meta;
        let (kind, scope) = (meta.kind(graph, node), meta.scope(graph, node));
        let cloud = match self.parts.library.kind(kind) {
            Some(kind) => kind.cloud(),
            None => cloud_of(kind, scope),
        };
        let tables = &mut self.tables;
        let keys = meta.tags(graph, node).map(|(key, _)| graph.keys().name(key));
        let keys = keys
            .map(|key| Tables::number(tables, |it| &it.tag_keys, |it| &mut it.tag_keys, &key))
            .collect();
        let (home, scope) = self.places.of(graph, meta, node);
        Line {
            critical: self.marks.level(graph, node).map_or(0, Criticality::rank),
            is_listed: meta.kind_and_scope(graph, node).is_some()
                && graph.labels(node).any(|it| it == RESOURCE),
            kind: Tables::number(tables, |it| &it.kinds, |it| &mut it.kinds, kind),
            cloud: Tables::number(tables, |it| &it.clouds, |it| &mut it.clouds, cloud),
            region: Tables::number(
                tables,
                |it| &it.regions,
                |it| &mut it.regions,
                meta.region(graph, node),
            ),
            tag_set: Tables::tag_set(tables, keys),
            home,
            scope,
            id_rank: self.ranks.of_id(meta.id(graph, node)),
            name_rank: self.ranks.of_name(meta.name(graph, node)),
            ..Line::default()
        }
    }
}

/// The cloud of a kind that no file describes, by the form of its scope; empty when nothing says it.
fn cloud_of<'t>(kind: &'t str, scope: &str) -> &'t str {
    if scope.starts_with("/subscriptions/") || scope.starts_with("/providers/") || scope == "/" {
        "azure"
    } else if scope.starts_with("aws:") {
        "aws"
    } else if scope.starts_with("//") {
        "gcp"
    } else if scope.starts_with("k8s:") {
        "k8s"
    } else {
        ["aws", "azure", "gcp", "k8s"]
            .into_iter()
            .find(|it| kind.strip_prefix(it).is_some_and(|rest| rest.starts_with('.')))
            .unwrap_or_default()
    }
}
