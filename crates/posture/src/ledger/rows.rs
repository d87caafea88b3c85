//! The rows of a ledger by the number of the node, in pieces that snapshots share.

use std::sync::Arc;

use lang::NodeId;

use super::row::Row;

/// Rows in a piece: few enough to copy when one changes, many enough to make clones cheap.
const PIECE: usize = if cfg!(test) { 3 } else { 256 };

/// Rows by the number of the node. A clone costs little and shares what does not change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pieces: Vec<Arc<Piece>>,
}

type Piece = [Option<Row>; PIECE];

impl Rows {
    pub(crate) fn get(&self, node: NodeId) -> Option<&Row> {
        let (piece, at) = place(node);
        self.pieces.get(piece)?.get(at)?.as_ref()
    }

    /// All rows, by the number of the node.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (NodeId, &Row)> {
        let all = self.pieces.iter().enumerate().flat_map(|(piece, rows)| {
            rows.iter().enumerate().map(move |(at, row)| (piece * PIECE + at, row))
        });
        all.filter_map(|(node, row)| Some((NodeId(node as u32), row.as_ref()?)))
    }

    pub(crate) fn put(&mut self, node: NodeId, row: Option<Row>) {
        let (piece, at) = place(node);
        if self.pieces.len() <= piece {
            self.pieces.resize_with(piece + 1, || Arc::new([const { None }; PIECE]));
        }
        let rows = self.pieces.get_mut(piece).map(Arc::make_mut);
        if let Some(place) = rows.and_then(|it| it.get_mut(at)) {
            *place = row;
        }
    }

    /// Gives rows other numbers: by the old number, the new one.
    pub(crate) fn renumber(&mut self, numbers: &[Option<NodeId>]) {
        let old = std::mem::take(self);
        let pieces = old.pieces.into_iter().zip(numbers.chunks(PIECE));
        for (rows, numbers) in pieces {
            let rows = Arc::unwrap_or_clone(rows);
            for (row, number) in rows.into_iter().zip(numbers) {
                if let (Some(row), Some(node)) = (row, number) {
                    self.put(*node, Some(row));
                }
            }
        }
    }
}

fn place(node: NodeId) -> (usize, usize) {
    let at = node.0 as usize;
    (at / PIECE, at % PIECE)
}
