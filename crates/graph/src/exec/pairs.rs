//! Lengths of the shortest paths from many nodes to many, when the paths themselves are not asked for.
//!
//! Searches that start at different nodes run together, one bit each: whole words of sources move
//! along an edge at once.

use lang::value::{NodeId, Value};

use super::hop::Hop;
use super::reach::collect;
use super::{Op, Sink};
use crate::run::{Flow, Frame, Outcome, Slot};

/// Words of 64 sources that move together.
const WORDS: usize = 8;
type Lanes = [u64; WORDS];
const LANES: usize = WORDS * 64;

/// Finds the lengths of shortest paths between the nodes of two lists.
pub(crate) struct PairLengths<'g> {
    pub(crate) hop: Hop<'g>,
    /// Steps that bind the start nodes, and where.
    pub(crate) from: (Vec<Op<'g>>, Slot),
    /// Steps that bind the end nodes, and where.
    pub(crate) to: (Vec<Op<'g>>, Slot),
    /// 0 or 1.
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) length: Slot,
}

/// What is known at a node: which sources have reached it, which reach it now, which will next.
#[derive(Clone, Copy, Default)]
struct Place {
    seen: Lanes,
    next: Lanes,
}

impl<'g> PairLengths<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let bound = self.hop.graph.node_bound();
        let sources = collect(&self.from.0, self.from.1, bound, frame)?;
        let targets = collect(&self.to.0, self.to.1, bound, frame)?;
        if targets.is_empty() {
            return Ok(Flow::Go);
        }
        // with edges in both directions, the way back over the same edge is no path
        let marks_start = self.hop.ways.len() > 1;
        let mut pass = Pass::new(bound as usize, frame)?;
        for chunk in sources.chunks(LANES) {
            pass.start(chunk);
            for distance in 0..=self.max {
                if distance > 0 && !pass.advance(&self.hop, frame)? {
                    break;
                }
                if distance >= self.min
                    && self.emit(chunk, &targets, &pass, distance, frame, sink)? == Flow::Stop
                {
                    return Ok(Flow::Stop);
                }
                if pass.settle(distance, self.min, marks_start, &targets) {
                    break;
                }
            }
        }
        Ok(Flow::Go)
    }

    fn emit(
        &self,
        sources: &[u32],
        targets: &[u32],
        pass: &Pass,
        distance: u32,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        for target in targets {
            let Some(now) = pass.arrivals(*target) else { continue };
            frame.set(self.to.1, Value::Node(NodeId(*target)));
            frame.set(self.length, Value::Int(i64::from(distance)));
            for (word, mut bits) in now.into_iter().enumerate() {
                frame.step(u64::from(bits.count_ones()))?;
                while bits != 0 {
                    let lane = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let source = sources.get(lane).copied().unwrap_or_default();
                    frame.set(self.from.1, Value::Node(NodeId(source)));
                    if sink(frame)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
            }
        }
        Ok(Flow::Go)
    }
}

/// The state of the searches that run together.
struct Pass {
    places: Vec<Place>,
    /// By node: the sources that arrived with the last step; valid for the nodes of `active`.
    now: Vec<Lanes>,
    active: Vec<u32>,
    touched: Vec<u32>,
    all: Lanes,
}

impl Pass {
    fn new(bound: usize, frame: &mut Frame<'_>) -> Outcome<Self> {
        frame.keep((bound * (size_of::<Place>() + size_of::<Lanes>())) as u64)?;
        Ok(Self {
            places: vec![Place::default(); bound],
            now: vec![[0; WORDS]; bound],
            active: Vec::new(),
            touched: Vec::new(),
            all: [0; WORDS],
        })
    }

    /// Begins with these sources, each in its own lane.
    fn start(&mut self, sources: &[u32]) {
        for node in self.touched.drain(..) {
            if let (Some(place), Some(now)) =
                (self.places.get_mut(node as usize), self.now.get_mut(node as usize))
            {
                *place = Place::default();
                *now = [0; WORDS];
            }
        }
        self.active.clear();
        self.all = [0; WORDS];
        for (lane, node) in sources.iter().enumerate() {
            let (word, bit) = (lane / 64, 1_u64 << (lane % 64));
            if let Some(now) = self.now.get_mut(*node as usize).and_then(|it| it.get_mut(word)) {
                *now |= bit;
            }
            if let Some(all) = self.all.get_mut(word) {
                *all |= bit;
            }
            self.active.push(*node);
            self.touched.push(*node);
        }
    }

    /// Moves all searches one edge on; false when none can.
    fn advance(&mut self, hop: &Hop<'_>, frame: &mut Frame<'_>) -> Outcome<bool> {
        let mut next = Vec::new();
        let (places, now, all) = (&mut self.places, &self.now, &self.all);
        for node in &self.active {
            let Some(moving) = now.get(*node as usize) else { continue };
            let mut n_edges = 0;
            hop.for_each_list(*node, |list| {
                n_edges += list.others.len();
                for other in list.others {
                    let Some(place) = places.get_mut(*other as usize) else { continue };
                    if place.seen == *all {
                        continue;
                    }
                    let mut fresh = 0;
                    let mut before = 0;
                    for ((seen, coming), moving) in
                        place.seen.iter().zip(&mut place.next).zip(moving)
                    {
                        let new = moving & !seen;
                        before |= *coming;
                        fresh |= new;
                        *coming |= new;
                    }
                    if before == 0 && fresh != 0 {
                        next.push(*other);
                    }
                }
                Ok(Flow::Go)
            })?;
            frame.step(n_edges as u64 + 1)?;
        }
        for node in self.active.drain(..) {
            if let Some(now) = self.now.get_mut(node as usize) {
                *now = [0; WORDS];
            }
        }
        for node in &next {
            if let (Some(place), Some(now)) =
                (self.places.get_mut(*node as usize), self.now.get_mut(*node as usize))
            {
                *now = place.next;
                place.next = [0; WORDS];
            }
        }
        self.touched.extend(&next);
        self.active = next;
        Ok(!self.active.is_empty())
    }

    /// The sources that have just arrived at a node.
    fn arrivals(&self, node: u32) -> Option<Lanes> {
        let now = self.now.get(node as usize)?;
        (*now != [0; WORDS]).then_some(*now)
    }

    /// Writes down who has arrived; true when every target has seen every source.
    fn settle(&mut self, distance: u32, min: u32, marks_start: bool, targets: &[u32]) -> bool {
        if distance < min && !marks_start {
            return false; // the start itself may be reached again, by a cycle
        }
        for node in &self.active {
            if let (Some(place), Some(now)) =
                (self.places.get_mut(*node as usize), self.now.get(*node as usize))
            {
                for (seen, now) in place.seen.iter_mut().zip(now) {
                    *seen |= now;
                }
            }
        }
        targets
            .iter()
            .all(|node| self.places.get(*node as usize).is_some_and(|place| place.seen == self.all))
    }
}
