//! Searches from up to [`LANES`] nodes that run together, one bit each: a set of searches moves along an
//! edge at once.
//!
//! Where few nodes pass something on, they push it along their edges; where many do, each node that
//! still misses something pulls it. Pulling only reads far away, and stops when nothing is missing.

use crate::exec::reach::Doubts;
use crate::run::{Frame, Marks, Outcome};

/// Words of 64 sources that move together: a line of the cache.
const WORDS: usize = 8;

/// Sources that move together.
pub(super) const LANES: usize = WORDS * 64;

/// A bit for each of the sources.
pub(super) type Lanes = [u64; WORDS];

/// Nodes pull when more than one in so many has something to pass on.
const DENSE: usize = if cfg!(test) { 2 } else { 16 };

/// The part of the graph between sources and targets, with numbers of its own.
pub(super) struct Between {
    pub(super) out: Arrays,
    /// The same edges by the node to which they lead.
    pub(super) back: Arrays,
    pub(super) sources: Vec<(u32, u32)>,
    pub(super) targets: Vec<(u32, u32)>,
    /// Of sources and targets.
    pub(super) doubts: (Doubts, Doubts),
}

/// The neighbours of nodes, one after the other.
#[derive(Default)]
pub(super) struct Arrays {
    /// By node: where its neighbours start; one more at the end.
    offsets: Vec<u32>,
    pub(super) others: Vec<u32>,
}

impl Arrays {
    /// The neighbours that are added from here on are those of the next node; after the last one, once more.
    pub(super) fn begin(&mut self) {
        self.offsets.push(self.others.len() as u32);
    }

    fn n_nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    #[inline]
    fn at(&self, node: u32) -> &[u32] {
        let range = self.offsets.get(node as usize..).and_then(|it| it.first_chunk::<2>());
        let [start, end] = range.copied().unwrap_or_default();
        self.others.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The same edges by the other end.
    pub(super) fn mirrored(&self) -> Self {
        let mut offsets = vec![0; self.offsets.len()];
        for other in &self.others {
            if let Some(count) = offsets.get_mut(*other as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        let mut next = offsets.clone();
        let mut others = vec![0; self.others.len()];
        for node in 0..self.n_nodes() as u32 {
            for other in self.at(node) {
                let Some(at) = next.get_mut(*other as usize) else { continue };
                if let Some(place) = others.get_mut(*at as usize) {
                    *place = node;
                }
                *at += 1;
            }
        }
        Self { offsets, others }
    }
}

/// The state of the searches; the arrays are by node.
pub(super) struct Pass<'b> {
    pub(super) between: &'b Between,
    /// The sources that have reached it.
    seen: Vec<Lanes>,
    /// Those that did with the last step; holds for active nodes only.
    now: Vec<Lanes>,
    /// Those that do with the step at hand; holds for arrived nodes only.
    next: Vec<Lanes>,
    /// Nodes that all sources have reached: there is nothing to do at them.
    full: Marks,
    /// Nodes with something to pass on, in order.
    active: Vec<u32>,
    is_active: Marks,
    has_arrived: Marks,
    all: Lanes,
}

impl<'b> Pass<'b> {
    pub(super) fn new(between: &'b Between, frame: &mut Frame<'_>) -> Outcome<Self> {
        let n_nodes = between.out.n_nodes();
        frame.keep((n_nodes * 3 * size_of::<Lanes>()) as u64)?;
        let lanes = || vec![[0; WORDS]; n_nodes];
        let marks = || Marks::new(n_nodes as u32);
        Ok(Self {
            between,
            seen: lanes(),
            now: lanes(),
            next: lanes(),
            full: marks(),
            active: Vec::new(),
            is_active: marks(),
            has_arrived: marks(),
            all: [0; WORDS],
        })
    }

    /// Begins with these sources, each in its own lane.
    pub(super) fn start(&mut self, sources: &[(u32, u32)], marks_start: bool) {
        self.seen.fill([0; WORDS]);
        self.full.clear();
        self.is_active.clear();
        self.active.clear();
        self.all = [0; WORDS];
        for (lane, (_, node)) in sources.iter().enumerate() {
            let mut own = [0; WORDS];
            if let Some(word) = own.get_mut(lane / 64) {
                *word = 1_u64 << (lane % 64);
            }
            join(&mut self.all, &own);
            if let Some(now) = self.now.get_mut(*node as usize) {
                *now = own;
            }
            if let Some(seen) = self.seen.get_mut(*node as usize).filter(|_| marks_start) {
                *seen = own;
            }
            self.is_active.insert(*node);
            self.active.push(*node);
        }
        self.active.sort_unstable();
    }

    /// Moves all searches one edge on; false when none can.
    pub(super) fn advance(&mut self, frame: &mut Frame<'_>) -> Outcome<bool> {
        if self.active.len() > self.seen.len() / DENSE {
            self.pull(frame)?;
        } else {
            self.push(frame)?;
        }
        for node in self.active.drain(..) {
            self.is_active.remove(node);
        }
        self.has_arrived.list(&mut self.active);
        std::mem::swap(&mut self.is_active, &mut self.has_arrived);
        std::mem::swap(&mut self.now, &mut self.next);
        for node in &self.active {
            let at = *node as usize;
            if let (Some(seen), Some(now)) = (self.seen.get_mut(at), self.now.get(at)) {
                join(seen, now);
                if is_none(&missing(&self.all, seen)) {
                    self.full.insert(*node);
                }
            }
        }
        Ok(!self.active.is_empty())
    }

    /// Each active node passes on what it has.
    fn push(&mut self, frame: &mut Frame<'_>) -> Outcome<()> {
        for node in &self.active {
            let Some(moving) = self.now.get(*node as usize) else { continue };
            let others = self.between.out.at(*node);
            for other in others {
                if self.full.contains(*other) {
                    continue;
                }
                let at = *other as usize;
                let (Some(seen), Some(next)) = (self.seen.get(at), self.next.get_mut(at)) else {
                    continue;
                };
                let fresh = missing(moving, seen);
                if is_none(&fresh) {
                    continue;
                }
                if self.has_arrived.insert(*other) {
                    *next = fresh;
                } else {
                    join(next, &fresh);
                }
            }
            frame.step(others.len() as u64 + 1)?;
        }
        Ok(())
    }

    /// Each node that misses something takes what its neighbours have.
    fn pull(&mut self, frame: &mut Frame<'_>) -> Outcome<()> {
        for (node, (seen, next)) in (0_u32..).zip(self.seen.iter().zip(&mut self.next)) {
            if self.full.contains(node) {
                continue;
            }
            let others = self.between.back.at(node);
            let wanted = missing(&self.all, seen);
            let mut left = wanted;
            for other in others {
                if self.is_active.contains(*other)
                    && let Some(moving) = self.now.get(*other as usize)
                {
                    left = missing(&left, moving);
                    if is_none(&left) {
                        break;
                    }
                }
            }
            let fresh = missing(&wanted, &left);
            if !is_none(&fresh) {
                *next = fresh;
                self.has_arrived.insert(node);
            }
            frame.step(others.len() as u64 + 1)?;
        }
        Ok(())
    }

    /// The sources that have just arrived at a node.
    pub(super) fn arrivals(&self, node: u32) -> Option<&Lanes> {
        self.now.get(node as usize).filter(|_| self.is_active.contains(node))
    }

    /// Whether every target has seen every source.
    pub(super) fn is_complete(&self) -> bool {
        self.between.targets.iter().all(|(_, node)| self.full.contains(*node))
    }
}

#[inline]
fn join(all: &mut Lanes, more: &Lanes) {
    all.iter_mut().zip(more).for_each(|(all, more)| *all |= more);
}

/// Comparing arrays would call a function of the C library for each.
#[inline]
fn is_none(lanes: &Lanes) -> bool {
    lanes.iter().fold(0, |any, word| any | word) == 0
}

/// What is in `from` and not in `seen`.
#[inline]
fn missing(from: &Lanes, seen: &Lanes) -> Lanes {
    let mut missing = *from;
    missing.iter_mut().zip(seen).for_each(|(it, seen)| *it &= !seen);
    missing
}
