//! Where edges may be missing, because what they lead to was not collected.
//!
//! A node belongs to a *group* (a kind in a scope). For a group, an edge type and a direction the
//! inventory says which labels the missing other ends would carry.

use std::sync::Arc;

use lang::value::GapId;

use super::csr::Way;
use super::radix::Radix;

/// One thing that may be missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Missing {
    /// The labels that the other end would carry; empty: not known.
    pub(crate) labels: Box<[u32]>,
    pub(crate) gap: GapId,
}

/// What may be missing at the nodes of one group.
#[derive(Debug, Clone, Default)]
struct OfGroup {
    marks: Vec<(u32, Way, Vec<Missing>)>,
}

/// All that may be missing. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incomplete {
    groups: Radix<Arc<OfGroup>>,
}

impl Incomplete {
    pub(crate) fn add(&mut self, group: u32, edge_type: u32, way: Way, missing: Missing) {
        self.groups.change(group, |own| {
            let marks = &mut Arc::make_mut(own.get_or_insert_default()).marks;
            match marks.iter_mut().find(|it| (it.0, it.1) == (edge_type, way)) {
                Some((_, _, all)) => all.push(missing),
                None => marks.push((edge_type, way, vec![missing])),
            }
        });
    }

    /// Calls `visit` with every place at which other edges may be missing than elsewhere.
    pub(crate) fn differences(&self, other: &Self, visit: &mut dyn FnMut(u32, u32, Way)) {
        let mut groups = Vec::new();
        let is_same = |a: &Arc<OfGroup>, b: &Arc<OfGroup>| Arc::ptr_eq(a, b);
        self.groups.differences(&other.groups, &is_same, &mut |group| groups.push(group));
        for group in groups {
            let both = [self, other].map(|it| it.groups.get(group));
            let mut places: Vec<(u32, Way)> = Vec::new();
            for (edge_type, way, _) in both.into_iter().flatten().flat_map(|it| &it.marks) {
                if !places.contains(&(*edge_type, *way)) {
                    places.push((*edge_type, *way));
                    if self.get(group, *edge_type, *way) != other.get(group, *edge_type, *way) {
                        visit(group, *edge_type, *way);
                    }
                }
            }
        }
    }

    pub(crate) fn set(&mut self, group: u32, edge_type: u32, way: Way, missing: Vec<Missing>) {
        if missing == self.get(group, edge_type, way) {
            return;
        }
        self.groups.change(group, |own| {
            let marks = &mut Arc::make_mut(own.get_or_insert_default()).marks;
            marks.retain(|it| (it.0, it.1) != (edge_type, way));
            if !missing.is_empty() {
                marks.push((edge_type, way, missing));
            }
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    #[inline]
    pub(crate) fn get(&self, group: u32, edge_type: u32, way: Way) -> &[Missing] {
        let Some(own) = self.groups.get(group) else { return &[] };
        let found = own.marks.iter().find(|it| (it.0, it.1) == (edge_type, way));
        found.map_or(&[], |(_, _, missing)| missing)
    }

    /// Calls `visit` with every mark, by group.
    pub(crate) fn for_each<'a>(&'a self, visit: &mut dyn FnMut(u32, u32, Way, &'a [Missing])) {
        self.groups.for_each(&mut |group, own| {
            for (edge_type, way, missing) in &own.marks {
                visit(group, *edge_type, *way, missing);
            }
        });
    }
}
