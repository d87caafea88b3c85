//! Lengths of the shortest paths from many nodes to many, when the paths themselves are not asked for.
//!
//! Only the part of the graph that lies between the two lists is looked at, copied into arrays of its
//! own. There the searches that start at different nodes run together, one bit each: whole words of
//! sources move along an edge at once.

mod pass;

use lang::value::Value;

use self::pass::{Arrays, Between, LANES, Pass};
use super::hop::Hop;
use super::reach::collect;
use super::{Op, Sink};
use crate::run::{Flow, Frame, Marks, Outcome, Slot, told};

const NONE: u32 = u32::MAX;

/// Finds the lengths of shortest paths between the nodes of two lists.
pub(crate) struct PairLengths<'g> {
    pub(crate) hop: Hop<'g>,
    /// The same edges, seen from the other end.
    pub(crate) back: Hop<'g>,
    /// Steps that bind the start nodes, and where.
    pub(crate) from: (Vec<Op<'g>>, Slot),
    /// Steps that bind the end nodes, and where.
    pub(crate) to: (Vec<Op<'g>>, Slot),
    /// 0 or 1.
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) length: Slot,
}

impl<'g> PairLengths<'g> {
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let bound = self.hop.graph.node_bound();
        let sources = collect(&self.from.0, self.from.1, bound, frame)?;
        let targets = collect(&self.to.0, self.to.1, bound, frame)?;
        let mut between = self.between(&sources.nodes, &targets.nodes, frame)?;
        between.doubts = (sources.doubts, targets.doubts);
        if between.targets.is_empty() {
            return Ok(Flow::Go);
        }
        // with edges in both directions, the way back over the same edge is no path
        let marks_start = self.min == 0 || self.hop.ways.len() > 1;
        let mut pass = Pass::new(&between, frame)?;
        for chunk in between.sources.chunks(LANES) {
            pass.start(chunk, marks_start);
            for distance in 0..=self.max {
                if distance > 0 && !pass.advance(frame)? {
                    break;
                }
                if distance >= self.min
                    && self.emit(chunk, &pass, distance, frame, sink)? == Flow::Stop
                {
                    return Ok(Flow::Stop);
                }
                if distance > 0 && pass.is_complete() {
                    break;
                }
            }
        }
        Ok(Flow::Go)
    }

    /// Copies what lies on ways from a source to a target.
    fn between(&self, sources: &[u32], targets: &[u32], frame: &mut Frame<'g>) -> Outcome<Between> {
        let bound = self.hop.graph.node_bound();
        let mut ahead = frame.scratch.take_marks(bound);
        let mut behind = frame.scratch.take_marks(bound);
        let reached = spread(&self.hop, sources, None, self.max, &mut ahead, frame)?;
        let mut nodes = spread(&self.back, targets, Some(&ahead), self.max, &mut behind, frame)?;
        nodes.retain(|node| ahead.contains(*node));
        nodes.sort_unstable();
        let mut numbers = vec![NONE; bound as usize];
        for (number, node) in nodes.iter().enumerate() {
            if let Some(place) = numbers.get_mut(*node as usize) {
                *place = number as u32;
            }
        }
        let number = |node: u32| numbers.get(node as usize).copied().unwrap_or(NONE);
        let mut out = Arrays::default();
        for node in &nodes {
            out.begin();
            self.hop.for_each_list(*node, |list| {
                frame.step(list.others.len() as u64)?;
                let others = list.others.iter().map(|it| number(*it));
                out.others.extend(others.filter(|it| *it != NONE));
                Ok(Flow::Go)
            })?;
        }
        out.begin();
        frame.keep((2 * out.others.len() + numbers.len()) as u64 * 4)?;
        let numbered = |list: &[u32]| {
            let pairs = list.iter().map(|node| (*node, number(*node)));
            pairs.filter(|(_, number)| *number != NONE).collect::<Vec<_>>()
        };
        let (own_sources, own_targets) = (numbered(sources), numbered(targets));
        for node in reached {
            ahead.remove(node);
        }
        for node in nodes {
            behind.remove(node);
        }
        for node in targets {
            behind.remove(*node);
        }
        frame.scratch.give_marks(ahead);
        frame.scratch.give_marks(behind);
        let (back, doubts) = (out.mirrored(), Default::default());
        Ok(Between { out, back, sources: own_sources, targets: own_targets, doubts })
    }

    fn emit(
        &self,
        sources: &[(u32, u32)],
        pass: &Pass<'_>,
        distance: u32,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let before = frame.taint;
        let between = pass.between;
        let doubts = &between.doubts;
        let has_doubts = !(doubts.0.is_empty() && doubts.1.is_empty());
        for (target, number) in &between.targets {
            let Some(now) = pass.arrivals(*number) else { continue };
            frame.set_node(self.to.1, *target);
            frame.set(self.length, Value::Int(i64::from(distance)));
            for (word, bits) in now.iter().enumerate() {
                let mut bits = *bits;
                frame.step(u64::from(bits.count_ones()))?;
                while bits != 0 {
                    let lane = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let source = sources.get(lane).map_or(NONE, |(source, _)| *source);
                    frame.set_node(self.from.1, source);
                    if has_doubts {
                        let (of_source, of_target) = (doubts.0.get(&source), doubts.1.get(target));
                        frame.taint = before.or(told(of_source.copied(), of_target.copied()));
                    }
                    let flow = sink(frame);
                    frame.taint = before;
                    if flow? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
            }
        }
        Ok(Flow::Go)
    }
}

/// All nodes within `max` edges of `starts`, these included; with `inside`, only over nodes of it.
fn spread<'g>(
    hop: &Hop<'g>,
    starts: &[u32],
    inside: Option<&Marks>,
    max: u32,
    marks: &mut Marks,
    frame: &mut Frame<'g>,
) -> Outcome<Vec<u32>> {
    let mut reached: Vec<u32> = starts.iter().copied().filter(|it| marks.insert(*it)).collect();
    let mut begin = 0;
    for _ in 0..max {
        let end = reached.len();
        let mut next = Vec::new();
        for node in reached.get(begin..end).unwrap_or_default() {
            hop.note_missing(*node, None, frame);
            hop.for_each_list(*node, |list| {
                frame.step(list.others.len() as u64)?;
                for other in list.others {
                    if inside.is_none_or(|inside| inside.contains(*other)) && marks.insert(*other) {
                        next.push(*other);
                    }
                }
                Ok(Flow::Go)
            })?;
        }
        if next.is_empty() {
            break;
        }
        frame.scratch.sort(&mut next, hop.graph.node_bound());
        begin = end;
        reached.extend(next);
    }
    Ok(reached)
}
