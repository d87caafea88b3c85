//! A map from numbers that is cheap to clone, and cheap to change while clones of it live.
//!
//! A tree of nodes with 32 children each. Clones share all of it; a change copies the nodes on the way
//! to its key that others hold too, about 250 bytes a level.

use std::sync::Arc;

const BITS: u32 = 5;
const WIDTH: usize = 1 << BITS;

/// A map from numbers to values that are cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Radix<V> {
    root: Option<Arc<Node<V>>>,
    /// Levels above the lowest.
    height: u32,
}

#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "values are pointers: both variants are 32 of these")]
enum Node<V> {
    Branch([Option<Arc<Node<V>>>; WIDTH]),
    Leaf([Option<V>; WIDTH]),
}

impl<V> Default for Radix<V> {
    fn default() -> Self {
        Self { root: None, height: 0 }
    }
}

impl<V> Node<V> {
    fn new(height: u32) -> Self {
        if height == 0 {
            Self::Leaf(std::array::from_fn(|_| None))
        } else {
            Self::Branch(std::array::from_fn(|_| None))
        }
    }
}

/// Which child leads to a key, at a height.
#[inline]
fn child(key: u32, height: u32) -> usize {
    (key >> (BITS * height)) as usize % WIDTH
}

impl<V> Radix<V> {
    /// Whether keys as high as this one fit in under the root.
    #[inline]
    fn covers(&self, key: u32) -> bool {
        u64::from(key) >> (BITS * (self.height + 1)) == 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    #[inline]
    pub(crate) fn get(&self, key: u32) -> Option<&V> {
        let mut node = self.root.as_ref()?;
        if !self.covers(key) {
            return None;
        }
        let mut height = self.height;
        loop {
            match &**node {
                Node::Branch(children) => {
                    node = children.get(child(key, height))?.as_ref()?;
                    height = height.checked_sub(1)?;
                }
                Node::Leaf(values) => return values.get(child(key, 0))?.as_ref(),
            }
        }
    }

    /// Calls `visit` with every key and value, by key.
    pub(crate) fn for_each<'a>(&'a self, visit: &mut dyn FnMut(u32, &'a V)) {
        if let Some(root) = &self.root {
            walk(root, self.height, 0, visit);
        }
    }
}

impl<V> Radix<V> {
    /// Calls `visit` with every key at which two maps may differ. What they share is not looked at.
    pub(crate) fn differences(
        &self,
        other: &Self,
        is_same: &dyn Fn(&V, &V) -> bool,
        visit: &mut dyn FnMut(u32),
    ) {
        if self.height == other.height {
            return differ(
                self.root.as_ref(),
                other.root.as_ref(),
                (self.height, 0),
                is_same,
                visit,
            );
        }
        let is_at =
            |map: &Self, key: u32, value: &V| map.get(key).is_some_and(|it| is_same(it, value));
        self.for_each(&mut |key, value| {
            if !is_at(other, key, value) {
                visit(key);
            }
        });
        other.for_each(&mut |key, _| {
            if self.get(key).is_none() {
                visit(key);
            }
        });
    }
}

fn differ<V>(
    a: Option<&Arc<Node<V>>>,
    b: Option<&Arc<Node<V>>>,
    (height, first): (u32, u32),
    is_same: &dyn Fn(&V, &V) -> bool,
    visit: &mut dyn FnMut(u32),
) {
    match (a, b) {
        (None, None) => {}
        (Some(a), Some(b)) if Arc::ptr_eq(a, b) => {}
        (Some(a), Some(b)) => match (&**a, &**b) {
            (Node::Branch(a), Node::Branch(b)) => {
                for ((at, a), b) in (0_u32..).zip(a).zip(b) {
                    let place = (height.saturating_sub(1), first + (at << (BITS * height)));
                    differ(a.as_ref(), b.as_ref(), place, is_same, visit);
                }
            }
            (Node::Leaf(a), Node::Leaf(b)) => {
                for ((key, a), b) in (first..).zip(a).zip(b) {
                    let is_same = match (a, b) {
                        (None, None) => true,
                        (Some(a), Some(b)) => is_same(a, b),
                        _ => false,
                    };
                    if !is_same {
                        visit(key);
                    }
                }
            }
            // nodes of one height are of one sort
            _ => {
                walk(a, height, first, &mut |key, _| visit(key));
                walk(b, height, first, &mut |key, _| visit(key));
            }
        },
        (Some(one), None) | (None, Some(one)) => {
            walk(one, height, first, &mut |key, _| visit(key));
        }
    }
}

fn walk<'a, V>(node: &'a Node<V>, height: u32, first: u32, visit: &mut dyn FnMut(u32, &'a V)) {
    match node {
        Node::Branch(children) => {
            for (at, child) in (0_u32..).zip(children) {
                if let Some(child) = child {
                    walk(child, height.saturating_sub(1), first + (at << (BITS * height)), visit);
                }
            }
        }
        Node::Leaf(values) => {
            for (at, value) in (first..).zip(values) {
                if let Some(value) = value {
                    visit(at, value);
                }
            }
        }
    }
}

impl<V: Clone> Radix<V> {
    /// Changes what is at a key. Nodes that clones hold too are copied on the way.
    pub(crate) fn change<T>(&mut self, key: u32, change: impl FnOnce(&mut Option<V>) -> T) -> T {
        while !self.covers(key) {
            let below = self.root.take();
            self.height += 1;
            if below.is_some() {
                let mut root = Node::new(self.height);
                if let Node::Branch([first, ..]) = &mut root {
                    *first = below;
                }
                self.root = Some(Arc::new(root));
            }
        }
        change_at(&mut self.root, self.height, key, change)
    }

    pub(crate) fn insert(&mut self, key: u32, value: V) {
        self.change(key, |place| *place = Some(value));
    }
}

fn change_at<V: Clone, T>(
    node: &mut Option<Arc<Node<V>>>,
    height: u32,
    key: u32,
    change: impl FnOnce(&mut Option<V>) -> T,
) -> T {
    let node = Arc::make_mut(node.get_or_insert_with(|| Arc::new(Node::new(height))));
    match node {
        Node::Branch(children) => match children.get_mut(child(key, height)) {
            Some(below) => change_at(below, height.saturating_sub(1), key, change),
            None => change(&mut None), // there are 32 of them
        },
        Node::Leaf(values) => match values.get_mut(child(key, 0)) {
            Some(value) => change(value),
            None => change(&mut None),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Radix;

    fn all(map: &Radix<u8>) -> BTreeMap<u32, u8> {
        let mut found = BTreeMap::new();
        map.for_each(&mut |key, value| {
            assert!(found.last_key_value().is_none_or(|(last, _)| *last < key));
            found.insert(key, *value);
        });
        found
    }

    proptest! {
        #[test]
        fn like_a_map_and_clones_stay_as_they_were(
            steps in proptest::collection::vec((any::<u32>(), 0..33_u32, any::<Option<u8>>()), 1..80),
        ) {
            let (mut map, mut oracle) = (Radix::default(), BTreeMap::new());
            let mut kept = Vec::new();
            for (key, shift, value) in steps {
                let key = key.checked_shr(shift).unwrap_or(0);
                kept.push((map.clone(), oracle.clone()));
                if let Some(value) = value {
                    map.insert(key, value);
                    oracle.insert(key, value);
                } else {
                    map.change(key, |place| *place = None);
                    oracle.remove(&key);
                }
                prop_assert_eq!(map.get(key), oracle.get(&key));
                prop_assert_eq!(map.get(key ^ 1), oracle.get(&(key ^ 1)));
            }
            kept.push((map, oracle));
            for (map, oracle) in kept {
                prop_assert_eq!(all(&map), oracle);
            }
        }
    }
}
