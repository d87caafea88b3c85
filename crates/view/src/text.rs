//! Search: resources whose words begin with the words that are asked for.

use lang::NodeId;

use crate::view::View;

/// Nodes that a search found.
#[derive(Debug, Clone, Default)]
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
}

/// Calls `visit` with every word of a text, in lower case.
pub(crate) fn words(text: &str, visit: &mut dyn FnMut(&str)) {
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()) {
        visit(&word.to_lowercase());
    }
}

impl View<'_> {
    /// Calls `visit` with every word by which a node is found.
    pub(crate) fn words_of(&self, node: NodeId, visit: &mut dyn FnMut(&str)) {
        let (graph, meta) = (&self.graph, self.meta);
        let own = [meta.name(graph, node), meta.id(graph, node), meta.kind(graph, node)];
        for text in own.into_iter().chain([meta.region(graph, node)]) {
            words(text, visit);
        }
        for (key, value) in meta.tags(graph, node) {
            words(&graph.keys().name(key), visit);
            words(value, visit);
        }
    }

    /// The nodes with all words of `text`; `None` when it holds no word.
    pub(crate) fn text_hits(&self, text: &str) -> Option<Hits> {
        let mut wanted = Vec::new();
        words(text, &mut |word| wanted.push(word.to_owned()));
        if wanted.is_empty() {
            return None;
        }
        let mut hits = Hits::default();
        for entry in self.lines.listed() {
            let mut found = vec![false; wanted.len()];
            self.words_of(entry.node, &mut |own| {
                for (found, word) in found.iter_mut().zip(&wanted) {
                    *found |= own.starts_with(word.as_str());
                }
            });
            if found.iter().all(|it| *it) {
                hits.set(entry.node.0);
            }
        }
        Some(hits)
    }
}
