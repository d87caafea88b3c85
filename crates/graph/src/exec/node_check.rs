//! Judging whether a node fits a place of a pattern.

use std::sync::Arc;

use lang::value::{GapId, Truth};

use super::{Sink, judged};
use crate::run::{Flow, Frame, Outcome, Slot, Test};
use crate::store::Graph;
use crate::store::column::{CodesOfRun, Column};

/// What a condition says about a distinct value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    Fits,
    DoesNot,
    Unread(GapId),
    /// To be judged by reading the document.
    Open,
}

impl From<Truth> for Judgement {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Fits,
            Truth::False | Truth::Null => Self::DoesNot,
            Truth::Unread(gap) => Self::Unread(gap),
        }
    }
}

/// What filters say together is the bitwise "and" of what each says.
const FITS: u8 = 0b11;
const OPEN: u8 = 0b01;
const OUT: u8 = 0b00;

fn verdict(judgement: Judgement) -> u8 {
    match judgement {
        Judgement::Fits => FITS,
        Judgement::DoesNot => OUT,
        Judgement::Unread(_) | Judgement::Open => OPEN,
    }
}

/// A condition on one path, judged a distinct value.
pub(crate) struct ColumnFilter<'g> {
    pub(crate) column: Arc<Column>,
    pub(crate) judgements: Box<[Judgement]>,
    /// The same condition over the document.
    pub(crate) test: Test<'g>,
}

/// All that a node must fulfil by itself.
pub(crate) struct NodeCheck<'g> {
    pub(crate) graph: &'g Graph,
    /// By the number of the label set; none: any labels.
    pub(crate) labels: Option<Box<[bool]>>,
    pub(crate) filters: Vec<ColumnFilter<'g>>,
}

impl<'g> NodeCheck<'g> {
    pub(crate) fn any(graph: &'g Graph) -> Self {
        Self { graph, labels: None, filters: Vec::new() }
    }

    /// Whether the labels fit.
    #[inline]
    pub(crate) fn fits_labels(&self, node: u32) -> bool {
        match &self.labels {
            None => true,
            Some(table) => table.get(self.graph.label_set(node) as usize).copied().unwrap_or(false),
        }
    }

    /// The nodes of `nodes` (sorted, of the base) that the filters do not rule out, appended to `found`;
    /// with each, whether all filters say that it fits.
    pub(crate) fn candidates(&self, nodes: &[u32], found: &mut Vec<(u32, bool)>) {
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return };
        let is_run = (*last - *first) as usize + 1 == nodes.len();
        let mut verdicts = vec![FITS; nodes.len()];
        for filter in &self.filters {
            let table: Vec<u8> = filter.judgements.iter().copied().map(verdict).collect();
            match filter.column.codes_of_run(*first, nodes.len()).filter(|_| is_run) {
                Some(CodesOfRun::Narrow(codes)) => {
                    let mut narrow = [OPEN; 256];
                    narrow.iter_mut().zip(&table).for_each(|(place, it)| *place = *it);
                    for (verdict, code) in verdicts.iter_mut().zip(codes) {
                        *verdict &= narrow.get(*code as usize).copied().unwrap_or(OPEN);
                    }
                }
                Some(CodesOfRun::Wide(codes)) => {
                    for (verdict, code) in verdicts.iter_mut().zip(codes) {
                        *verdict &= table.get(*code as usize).copied().unwrap_or(OPEN);
                    }
                }
                None => {
                    for (verdict, node) in verdicts.iter_mut().zip(nodes) {
                        let code = filter.column.code(*node) as usize;
                        *verdict &= table.get(code).copied().unwrap_or(OPEN);
                    }
                }
            }
        }
        for (node, verdict) in nodes.iter().zip(verdicts) {
            if verdict != OUT {
                found.push((*node, verdict == FITS));
            }
        }
    }

    /// Goes on with the node in `slot` if it fits.
    #[inline]
    pub(crate) fn with(
        &self,
        node: u32,
        slot: Slot,
        frame: &mut Frame<'g>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        debug_assert_eq!(frame.node(slot), Some(node), "the node to judge is bound");
        if !self.fits_labels(node) {
            return Ok(Flow::Go);
        }
        if self.filters.is_empty() {
            return sink(frame);
        }
        let truth = self.truth(node, frame)?;
        judged(truth, frame, sink)
    }

    /// What the filters say; the node is bound in the frame.
    #[inline]
    pub(crate) fn truth(&self, node: u32, frame: &mut Frame<'g>) -> Outcome<Truth> {
        let is_touched = self.graph.is_touched(node);
        let mut all = Truth::True;
        for filter in &self.filters {
            let judgement = if is_touched {
                Judgement::Open
            } else {
                let code = filter.column.code(node) as usize;
                filter.judgements.get(code).copied().unwrap_or(Judgement::Open)
            };
            match judgement {
                Judgement::Fits => {}
                Judgement::DoesNot => return Ok(Truth::False),
                Judgement::Unread(gap) => all = all.and(Truth::Unread(gap)),
                Judgement::Open => match (filter.test)(frame)? {
                    Truth::False | Truth::Null => return Ok(Truth::False),
                    truth => all = all.and(truth),
                },
            }
        }
        Ok(all)
    }
}
