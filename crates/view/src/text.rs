//! Search: which resources have words that begin with the words asked for, and which have a tag.
//!
//! The words of all nodes are indexed once, when they are first asked for; what steps touch later
//! lies in small segments on top. The newest segment that covers a node says all about it.

mod segment;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use graph::Graph;
use lang::NodeId;
use posture::MetaKeys;

use self::segment::{Builder, Segment};
use crate::lines::Lines;
use crate::places::Places;
use crate::view::View;

/// Nodes in a segment that is still merged with the next one: bounds what one step may cost.
const MERGED: usize = if cfg!(test) { 4 } else { 2048 };

/// Nodes, as a set of bits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    bits: Vec<u64>,
}

impl Hits {
    pub(crate) fn set(&mut self, node: u32) {
        let at = node as usize / 64;
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        if let Some(bits) = self.bits.get_mut(at) {
            *bits |= 1 << (node % 64);
        }
    }

    #[inline]
    pub(crate) fn has(&self, node: NodeId) -> bool {
        let bits = self.bits.get(node.0 as usize / 64).copied().unwrap_or_default();
        bits >> (node.0 % 64) & 1 == 1
    }

    /// Keeps what is in the other set, too.
    pub(crate) fn and(&mut self, other: &Self) {
        self.bits.truncate(other.bits.len());
        for (own, other) in self.bits.iter_mut().zip(&other.bits) {
            *own &= other;
        }
    }

    /// Adds what is in `other` and not in `without`.
    fn add(&mut self, other: &Self, without: &Self) {
        self.bits.resize(self.bits.len().max(other.bits.len()), 0);
        for (at, (own, other)) in self.bits.iter_mut().zip(&other.bits).enumerate() {
            *own |= other & !without.bits.get(at).copied().unwrap_or_default();
        }
    }
}

/// Calls `visit` with every word of a text, in lower case; `buffer` is scratch space.
pub(crate) fn words(text: &str, buffer: &mut String, visit: &mut dyn FnMut(&str)) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()) {
        buffer.clear();
        if word.is_ascii() {
            buffer.push_str(word);
            buffer.make_ascii_lowercase();
        } else {
            buffer.push_str(&word.to_lowercase());
        }
        visit(buffer);
    }
}

/// What stands in the index for a tag: no word begins so.
fn tag_term(key: &str, value: &str) -> String {
    format!("\u{1}{key}\u{1}{value}")
}

/// What an index is made of.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) graph: Graph,
    pub(crate) meta: MetaKeys,
    pub(crate) places: Arc<Places>,
    pub(crate) lines: Lines,
}

/// The index of all nodes as they were when the first view was made.
#[derive(Debug)]
struct Base {
    source: Mutex<Option<Source>>,
    segment: OnceLock<Segment>,
}

impl Base {
    fn segment(&self) -> &Segment {
        self.segment.get_or_init(|| {
            let source = self.source.lock().unwrap_or_else(PoisonError::into_inner).take();
            source.map_or_else(Segment::default, |source| {
                let mut builder = Builder::new(&source);
                for entry in source.lines.listed() {
                    builder.add(&entry);
                }
                builder.finish()
            })
        })
    }
}

/// The words of all resources.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    base: Arc<Base>,
    /// By age, the oldest first.
    later: Vec<Arc<Later>>,
}

/// The words of the nodes that steps have touched.
#[derive(Debug)]
struct Later {
    /// All of them, also those that are no longer shown; in order.
    nodes: Vec<NodeId>,
    segment: Segment,
}

impl Words {
    pub(crate) fn new(source: Source) -> Self {
        let source = Mutex::new(Some(source));
        Self { base: Arc::new(Base { source, segment: OnceLock::new() }), later: Vec::new() }
    }

    /// The words after a step that touched these nodes.
    pub(crate) fn after(&self, source: &Source, touched: &[NodeId]) -> Self {
        let mut words = self.clone();
        if touched.is_empty() {
            return words;
        }
        let mut nodes = touched.to_vec();
        while let Some(last) = words.later.last()
            && last.nodes.len() <= 2 * nodes.len()
            && last.nodes.len() + nodes.len() <= MERGED
        {
            nodes.extend_from_slice(&last.nodes);
            words.later.pop();
        }
        nodes.sort_unstable();
        nodes.dedup();
        let mut builder = Builder::new(source);
        for entry in nodes.iter().filter_map(|node| source.lines.get(*node)) {
            if entry.line.is_listed {
                builder.add(&entry);
            }
        }
        let segment = builder.finish();
        words.later.push(Arc::new(Later { nodes, segment }));
        words
    }

    /// The nodes that `find` finds in the newest segment that covers each.
    fn find(&self, find: impl Fn(&Segment) -> Hits) -> Hits {
        let (mut hits, mut covered) = (Hits::default(), Hits::default());
        for later in self.later.iter().rev() {
            hits.add(&find(&later.segment), &covered);
            later.nodes.iter().for_each(|node| covered.set(node.0));
        }
        hits.add(&find(self.base.segment()), &covered);
        hits
    }
}

impl View {
    /// Makes the index of words now, if it is not there yet: the first search is then as fast as the
    /// others. Views that follow each other share it.
    pub fn warm(&self) {
        let _ = self.words.base.segment();
    }

    /// The nodes with all words of `text`; `None` when it holds no word.
    pub(crate) fn text_hits(&self, text: &str) -> Option<Hits> {
        let mut wanted: Vec<String> = Vec::new();
        words(text, &mut String::new(), &mut |word| wanted.push(word.to_owned()));
        let (first, rest) = wanted.split_first()?;
        Some(self.words.find(|segment| {
            let mut hits = segment.beginning_with(first);
            for word in rest {
                hits.and(&segment.beginning_with(word));
            }
            hits
        }))
    }

    /// The nodes with a tag of this value.
    pub(crate) fn tag_hits(&self, key: &str, value: &str) -> Hits {
        let term = tag_term(key, value);
        self.words.find(|segment| segment.exactly(&term))
    }
}
