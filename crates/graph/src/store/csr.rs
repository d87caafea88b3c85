//! The edges of one type as adjacency arrays, in both directions.
//!
//! The array of offsets covers only the nodes between the first and the last that have such an
//! edge: types mostly join two kinds, and nodes of a kind lie together.
//!
//! INVARIANT: the outgoing arrays are sorted by (from, to); the number of an edge within its type is
//! its place there. The incoming arrays are sorted by (to, from).

use model::Doc;

/// Which way edges are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// From the node where the edge starts to where it ends.
    Out,
    /// Against its direction.
    In,
}

impl Way {
    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
        }
    }
}

/// Offsets for a range of nodes.
#[derive(Debug, Default)]
struct Offsets {
    first_node: u32,
    offsets: Vec<u32>,
}

impl Offsets {
    /// Counts the `nodes`, which need not be sorted.
    fn build(nodes: &[u32]) -> Self {
        let (Some(first), Some(last)) = (nodes.iter().min(), nodes.iter().max()) else {
            return Self::default();
        };
        let mut offsets = vec![0_u32; (*last - *first) as usize + 2];
        for node in nodes {
            if let Some(count) = offsets.get_mut((*node - *first) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for offset in &mut offsets {
            sum += *offset;
            *offset = sum;
        }
        Self { first_node: *first, offsets }
    }
}

/// All edges of one type.
#[derive(Debug, Default)]
pub(crate) struct Csr {
    out_offsets: Offsets,
    from: Vec<u32>,
    to: Vec<u32>,
    in_offsets: Offsets,
    in_from: Vec<u32>,
    in_edge: Vec<u32>,
    /// Properties by place; empty when no edge has any.
    docs: Vec<Option<Doc>>,
}

impl Csr {
    /// Sorts `edges` into place. `docs` has an entry an edge, or none at all.
    pub(crate) fn build(edges: Vec<(u32, u32)>, docs: Vec<Option<Doc>>) -> Self {
        let mut docs = docs;
        let mut edges = edges;
        if !edges.is_sorted() {
            if docs.iter().any(Option::is_some) {
                let mut both: Vec<_> = edges.into_iter().zip(docs).collect();
                both.sort_by_key(|(edge, _)| *edge);
                (edges, docs) = both.into_iter().unzip();
            } else {
                edges.sort_unstable();
            }
        }
        if docs.iter().all(Option::is_none) {
            docs = Vec::new();
        }
        let (from, to): (Vec<u32>, Vec<u32>) = edges.into_iter().unzip();
        let in_offsets = Offsets::build(&to);
        let (in_from, in_edge) = by_target(&from, &to, &in_offsets);
        Self { out_offsets: Offsets::build(&from), from, to, in_offsets, in_from, in_edge, docs }
    }

    /// Where the edges start, where they end, and their properties (none, or a place an edge).
    pub(crate) fn parts(&self) -> (&[u32], &[u32], &[Option<Doc>]) {
        (&self.from, &self.to, &self.docs)
    }

    pub(crate) fn len(&self) -> usize {
        self.to.len()
    }

    /// The first node that has such an edge; from there on, where the edges of each node start, and where
    /// those of the last end.
    #[inline]
    pub(super) fn offsets(&self, way: Way) -> (u32, &[u32]) {
        let offsets = match way {
            Way::Out => &self.out_offsets,
            Way::In => &self.in_offsets,
        };
        (offsets.first_node, &offsets.offsets)
    }

    /// The other ends by node, and their places among the outgoing edges where these are others.
    #[inline]
    pub(super) fn lists(&self, way: Way) -> (&[u32], Option<&[u32]>) {
        match way {
            Way::Out => (&self.to, None),
            Way::In => (&self.in_from, Some(&self.in_edge)),
        }
    }

    /// The ends of the edge at `place`.
    pub(crate) fn ends(&self, place: u32) -> Option<(u32, u32)> {
        Some((*self.from.get(place as usize)?, *self.to.get(place as usize)?))
    }

    pub(crate) fn doc(&self, place: u32) -> Option<&Doc> {
        self.docs.get(place as usize)?.as_ref()
    }

    /// The number of nodes between the first and the last that have such an edge.
    pub(crate) fn n_nodes(&self, way: Way) -> usize {
        self.offsets(way).1.len().saturating_sub(1)
    }
}

/// The same edges by target: their sources and their places.
fn by_target(from: &[u32], to: &[u32], offsets: &Offsets) -> (Vec<u32>, Vec<u32>) {
    let mut next = offsets.offsets.clone();
    let mut in_from = vec![0; to.len()];
    let mut in_edge = vec![0; to.len()];
    for (place, (source, target)) in from.iter().zip(to).enumerate() {
        let Some(at) = next.get_mut((*target - offsets.first_node) as usize) else { continue };
        if let (Some(other), Some(edge)) =
            (in_from.get_mut(*at as usize), in_edge.get_mut(*at as usize))
        {
            *other = *source;
            *edge = place as u32;
        }
        *at += 1;
    }
    (in_from, in_edge)
}

#[cfg(test)]
mod tests {
    use super::{Csr, Way};
    use crate::store::lists::Lists;

    #[test]
    fn both_directions_agree() {
        let csr = Csr::build(vec![(3, 1), (1, 2), (3, 2), (1, 2), (2, 2)], Vec::new());
        let out = |node| Lists::of(&csr, Way::Out, 10).at(node);
        let back = |node| Lists::of(&csr, Way::In, 10).at(node);
        assert_eq!(out(1).others, [2, 2]);
        assert_eq!(out(3).others, [1, 2]);
        assert_eq!(out(3).edge(1).0, 14);
        assert_eq!(back(2).others, [1, 1, 2, 3]);
        assert_eq!([0, 1, 2, 3].map(|idx| back(2).edge(idx).0), [10, 11, 12, 14]);
        assert_eq!(csr.ends(3), Some((3, 1)));
        for node in [0, 4, 9] {
            assert!(out(node).others.is_empty());
        }
        assert!(back(3).others.is_empty());
    }
}
