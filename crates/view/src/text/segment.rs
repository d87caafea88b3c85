//! An index of words: for each, in order, the nodes that have it, as distances in bytes.

use hashbrown::HashMap;
use lang::NodeId;

use super::{Hits, Source, tag_term, words};
use crate::lines::Entry;

/// Words and the nodes that have them.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// All words one after the other, in order.
    text: String,
    /// Where each begins, and the end.
    words: Vec<u32>,
    /// Where the nodes of each begin, and the end.
    starts: Vec<u32>,
    nodes: Vec<u8>,
}

impl Segment {
    fn len(&self) -> usize {
        self.words.len().saturating_sub(1)
    }

    fn word(&self, at: usize) -> &str {
        let range = self.words.get(at).zip(self.words.get(at + 1));
        range.and_then(|(from, to)| self.text.get(*from as usize..*to as usize)).unwrap_or_default()
    }

    /// The place of the first word of which `is_before` does not hold.
    fn first(&self, is_before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if is_before(self.word(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The nodes with a word that begins so.
    pub(super) fn beginning_with(&self, start: &str) -> Hits {
        let from = self.first(|it| it < start);
        let to = self.first(|it| it < start || it.starts_with(start));
        self.nodes_of(from, to)
    }

    /// The nodes with this word.
    pub(super) fn exactly(&self, word: &str) -> Hits {
        let from = self.first(|it| it < word);
        self.nodes_of(from, from + usize::from(self.word(from) == word))
    }

    fn nodes_of(&self, from: usize, to: usize) -> Hits {
        let mut hits = Hits::default();
        for range in self.starts.windows(2).take(to).skip(from) {
            let [start, end] = range else { continue };
            let mut node = 0;
            let (mut gap, mut shift) = (0, 0);
            for byte in self.nodes.get(*start as usize..*end as usize).unwrap_or_default() {
                gap |= u32::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    node += gap;
                    hits.set(node);
                    (gap, shift) = (0, 0);
                }
            }
        }
        hits
    }
}

/// The nodes of a word in the making.
#[derive(Debug, Default)]
struct List {
    last: u32,
    bytes: Vec<u8>,
}

impl List {
    fn push(&mut self, node: u32) {
        let mut gap = node - self.last;
        self.last = node;
        while gap >= 0x80 {
            self.bytes.push(gap as u8 | 0x80);
            gap >>= 7;
        }
        self.bytes.push(gap as u8);
    }
}

/// Makes a segment of nodes that come in order.
#[derive(Debug)]
pub(super) struct Builder<'s> {
    source: &'s Source,
    numbers: HashMap<Box<str>, u32>,
    lists: Vec<List>,
    /// The words of texts that many nodes share: kinds, regions and scopes, by their numbers.
    shared: HashMap<(u8, u32), Vec<u32>>,
    own: Vec<u32>,
    buffer: String,
}

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self {
            source,
            numbers: HashMap::new(),
            lists: Vec::new(),
            shared: HashMap::new(),
            own: Vec::new(),
            buffer: String::new(),
        }
    }

    /// Adds a node, whose number is above those before.
    pub(super) fn add(&mut self, entry: &Entry<'_>) {
        let Source { graph, meta, places, .. } = self.source;
        let (node, line) = (entry.node, entry.line);
        self.own.clear();
        self.text(meta.name(graph, node));
        self.shared_text((0, line.kind), meta.kind(graph, node));
        self.shared_text((1, line.region), meta.region(graph, node));
        let (id, scope) = (meta.id(graph, node), places.id(line.scope));
        // Most ids begin with their scope, whose words are found once.
        match id.strip_prefix(scope).filter(|_| !scope.is_empty()) {
            Some(rest) if !rest.starts_with(char::is_alphanumeric) => {
                self.shared_text((2, line.scope), scope);
                self.text(rest);
            }
            _ => self.text(id),
        }
        for (key, value) in meta.tags(graph, node) {
            let key = graph.keys().name(key);
            self.text(&key);
            self.text(value);
            let number = self.number(&tag_term(&key, value));
            self.own.push(number);
        }
        self.note(node);
    }

    fn note(&mut self, node: NodeId) {
        self.own.sort_unstable();
        self.own.dedup();
        for number in &self.own {
            if let Some(list) = self.lists.get_mut(*number as usize) {
                list.push(node.0);
            }
        }
    }

    /// Adds the words of a text to those of the node.
    fn text(&mut self, text: &str) {
        let mut buffer = std::mem::take(&mut self.buffer);
        words(text, &mut buffer, &mut |word| {
            let number = self.number(word);
            self.own.push(number);
        });
        self.buffer = buffer;
    }

    /// The same for a text that many nodes have.
    fn shared_text(&mut self, key: (u8, u32), text: &str) {
        if let Some(numbers) = self.shared.get(&key) {
            self.own.extend_from_slice(numbers);
            return;
        }
        let from = self.own.len();
        self.text(text);
        self.shared.insert(key, self.own.get(from..).unwrap_or_default().to_vec());
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.lists.len() as u32;
        self.numbers.insert(word.into(), number);
        self.lists.push(List::default());
        number
    }

    pub(super) fn finish(self) -> Segment {
        let mut all: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        all.sort_unstable();
        let mut segment = Segment { words: vec![0], starts: vec![0], ..Segment::default() };
        for (word, number) in all {
            segment.text.push_str(&word);
            segment.words.push(segment.text.len() as u32);
            if let Some(list) = self.lists.get(number as usize) {
                segment.nodes.extend_from_slice(&list.bytes);
            }
            segment.starts.push(segment.nodes.len() as u32);
        }
        segment
    }
}
