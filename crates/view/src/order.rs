//! The order of lists, and the choice of one page out of many lines.
//!
//! Ids and names have ranks: how many of some sampled texts lie before. A rank never changes while
//! views follow each other and never contradicts the order of the texts, which are compared only
//! where ranks are equal.

use std::cmp::Ordering;
use std::sync::Arc;

use graph::Graph;
use lang::NodeId;
use posture::MetaKeys;

/// Texts that are sampled, about.
const SAMPLES: usize = 16_384;

/// Sampled ids and names, each in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks {
    ids: Arc<[Box<str>]>,
    names: Arc<[Box<str>]>,
}

impl Ranks {
    pub(crate) fn new(graph: &Graph, meta: MetaKeys) -> Self {
        let stride = (graph.n_nodes() / SAMPLES).max(1);
        let nodes: Vec<NodeId> = graph.nodes().step_by(stride).collect();
        let mut ids: Vec<Box<str>> = nodes.iter().map(|it| meta.id(graph, *it).into()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut names: Vec<Box<str>> =
            nodes.iter().map(|it| meta.name(graph, *it).into()).collect();
        names.sort_unstable_by(|a, b| by_name(a, b));
        names.dedup();
        Self { ids: ids.into(), names: names.into() }
    }

    pub(crate) fn of_id(&self, id: &str) -> u32 {
        self.ids.partition_point(|it| **it <= *id) as u32
    }

    pub(crate) fn of_name(&self, name: &str) -> u32 {
        self.names.partition_point(|it| by_name(it, name) != Ordering::Greater) as u32
    }
}

/// The order of names: whatever their case, then exactly.
pub(crate) fn by_name(a: &str, b: &str) -> Ordering {
    let lower = |text: &'_ str| text.bytes().map(|it| it.to_ascii_lowercase()).collect::<Vec<_>>();
    let quick = a.bytes().map(|it| it.to_ascii_lowercase());
    let other = b.bytes().map(|it| it.to_ascii_lowercase());
    debug_assert_eq!(lower(a).cmp(&lower(b)), quick.clone().cmp(other.clone()));
    quick.cmp(other).then_with(|| a.cmp(b))
}

/// Where a line stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// What the list is sorted by, as a number.
    pub(crate) major: u64,
    pub(crate) name_rank: u32,
    pub(crate) id_rank: u32,
    pub(crate) node: NodeId,
    /// What tells several lines of one resource apart, as a number.
    pub(crate) minor: u64,
}

/// Where a page begins: behind this place.
#[derive(Debug, Clone)]
pub(crate) struct Point<'c> {
    pub(crate) major: u64,
    pub(crate) name_rank: u32,
    pub(crate) name: &'c str,
    pub(crate) id_rank: u32,
    pub(crate) id: &'c str,
    pub(crate) minor: u64,
}

/// How lines are compared: by `major`, by name when that is wanted, by id, by `minor`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'v> {
    pub(crate) graph: &'v Graph,
    pub(crate) meta: MetaKeys,
    pub(crate) by_name: bool,
    pub(crate) is_reversed: bool,
}

impl Order<'_> {
    fn compare(&self, a: &Key, b: &Key) -> Ordering {
        let point = |it: &Key| (it.major, if self.by_name { it.name_rank } else { 0 });
        let order = point(a).cmp(&point(b)).then_with(|| {
            let mut order = Ordering::Equal;
            if a.node != b.node {
                if self.by_name {
                    order = by_name(self.name(a.node), self.name(b.node));
                }
                order = order.then(a.id_rank.cmp(&b.id_rank));
                order = order.then_with(|| self.id(a.node).cmp(self.id(b.node)));
            }
            order.then(a.minor.cmp(&b.minor))
        });
        if self.is_reversed { order.reverse() } else { order }
    }

    fn is_behind(&self, key: &Key, point: &Point<'_>) -> bool {
        let mut order = key.major.cmp(&point.major);
        if self.by_name {
            order = order.then(key.name_rank.cmp(&point.name_rank));
            order = order.then_with(|| by_name(self.name(key.node), point.name));
        }
        let order = order
            .then(key.id_rank.cmp(&point.id_rank))
            .then_with(|| self.id(key.node).cmp(point.id))
            .then(key.minor.cmp(&point.minor));
        let order = if self.is_reversed { order.reverse() } else { order };
        order == Ordering::Greater
    }

    fn id(&self, node: NodeId) -> &str {
        self.meta.id(self.graph, node)
    }

    fn name(&self, node: NodeId) -> &str {
        self.meta.name(self.graph, node)
    }
}

/// The first lines behind a point, however many go by.
#[derive(Debug)]
pub(crate) struct Best<'v> {
    order: Order<'v>,
    after: Option<Point<'v>>,
    limit: usize,
    kept: Vec<Key>,
    /// Nothing behind this one is wanted.
    worst: Option<Key>,
}

/// Lines that are kept beyond the limit before they are sorted out.
const SLACK: usize = 512;

impl<'v> Best<'v> {
    /// The first `limit` lines and one more, which tells whether the list goes on.
    pub(crate) fn new(order: Order<'v>, after: Option<Point<'v>>, limit: usize) -> Self {
        Self { order, after, limit: limit.saturating_add(1), kept: Vec::new(), worst: None }
    }

    #[inline]
    pub(crate) fn offer(&mut self, key: Key) {
        if let Some(worst) = &self.worst
            && key.major != worst.major
            && (key.major > worst.major) != self.order.is_reversed
        {
            return; // most lines end here
        }
        if let Some(worst) = &self.worst
            && self.order.compare(&key, worst) == Ordering::Greater
        {
            return;
        }
        if self.after.as_ref().is_some_and(|point| !self.order.is_behind(&key, point)) {
            return;
        }
        self.kept.push(key);
        if self.kept.len() >= self.limit.saturating_mul(2).saturating_add(SLACK) {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        if self.kept.len() > self.limit {
            let order = self.order;
            self.kept.select_nth_unstable_by(self.limit - 1, |a, b| order.compare(a, b));
            self.kept.truncate(self.limit);
            self.worst = self.kept.last().copied();
        }
    }

    /// The page in order, and whether the list goes on.
    pub(crate) fn finish(mut self) -> (Vec<Key>, bool) {
        self.sort_out();
        let order = self.order;
        self.kept.sort_unstable_by(|a, b| order.compare(a, b));
        let goes_on = self.kept.len() >= self.limit;
        self.kept.truncate(self.limit - 1);
        (self.kept, goes_on)
    }
}
