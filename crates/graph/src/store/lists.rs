//! The edges of a node, of one type in one direction, as a step of a query asks for them: by the million.

use lang::value::EdgeId;

use super::csr::{Csr, Way};
use super::overlay::Overlay;

/// The edges of one type in one direction. Asking for those of a node is an offset and a slice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lists<'g> {
    first_node: u32,
    /// From `first_node` on: where the edges of a node start; those of the next start where they end.
    offsets: &'g [u32],
    others: &'g [u32],
    numbers: Numbers<'g>,
    /// Where changed lists lie, of which type and way.
    pub(super) changed: Option<(&'g Overlay, u32, Way)>,
}

/// The edges of one type in one direction at a node.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Adjacent<'g> {
    /// The other ends.
    pub(crate) others: &'g [u32],
    /// Where the list starts among the numbers.
    start: u32,
    numbers: Numbers<'g>,
}

/// The numbers of edges, by place: these and so many more; without a list the place itself counts.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers<'g> {
    first: u32,
    by_place: Option<&'g [u32]>,
}

impl<'g> Lists<'g> {
    /// What a base has; its edges of this type are numbered from `first` on.
    #[inline]
    pub(super) fn of(csr: &'g Csr, way: Way, first: u32) -> Self {
        let (first_node, offsets) = csr.offsets(way);
        let (others, by_place) = csr.lists(way);
        Self { first_node, offsets, others, numbers: Numbers { first, by_place }, changed: None }
    }

    /// Whether no node has such an edge.
    pub(crate) fn is_empty(&self) -> bool {
        self.others.is_empty() && self.changed.is_none()
    }

    /// The edges at a node.
    #[inline]
    pub(crate) fn at(&self, node: u32) -> Adjacent<'g> {
        if let Some((overlay, edge_type, way)) = self.changed
            && let Some(own) = overlay.adjacent(edge_type, way, node)
        {
            let numbers = Numbers { first: 0, by_place: Some(&own.numbers) };
            return Adjacent { others: &own.others, start: 0, numbers };
        }
        let at = node.wrapping_sub(self.first_node) as usize;
        let Some([start, end]) = self.offsets.get(at..).and_then(|it| it.first_chunk::<2>()) else {
            return Adjacent::default();
        };
        let others = self.others.get(*start as usize..*end as usize).unwrap_or_default();
        Adjacent { others, start: *start, numbers: self.numbers }
    }
}

impl Adjacent<'_> {
    /// The number of the `idx`-th edge.
    #[inline]
    pub(crate) fn edge(&self, idx: usize) -> EdgeId {
        let Numbers { first, by_place } = self.numbers;
        let place = self.start as usize + idx;
        EdgeId(match by_place {
            None => first + place as u32,
            Some(numbers) => first + numbers.get(place).copied().unwrap_or_default(),
        })
    }
}
