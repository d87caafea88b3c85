//! Plain property graphs from tables: one CSV a node table (`id,...`), one CSV an edge table
//! (`from,to,...`); the name of the table is the label or the edge type.
//!
//! In: names and bytes. Out: a [`Graph`]. The type of a column (whole number, number, truth value,
//! text) is what all its values can be read as; an empty field is absent. Ids are unique over all
//! node tables.
//!
//! Not here: files.

use hashbrown::HashMap;
use lang::value::NodeId;
use model::doc::Block;
use model::{Doc, Key, Keys, View};

use crate::store::{Graph, GraphBuilder};

/// Why tables do not make a graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table `{table}`, line {line}: {reason}")]
pub struct CsvError {
    /// Name of the table.
    pub table: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong, lower case, no full stop.
    pub reason: String,
}

/// Reads tables into a graph.
#[derive(Debug)]
pub struct Loader {
    builder: GraphBuilder,
    keys: Keys,
    ids: Ids,
}

/// The nodes by id.
#[derive(Debug, Default)]
struct Ids {
    /// The nodes whose ids are whole numbers, by pages of a thousand numbers; empty ones are missing.
    pages: Vec<Option<Page>>,
    n_pages: usize,
    others: HashMap<Box<[u8]>, u32>,
}

const NONE: u32 = u32::MAX;

/// Numbers on a page.
const PAGE: usize = 1024;
type Page = Box<[u32; PAGE]>;

/// Higher numbers are kept like texts.
const MAX_NUMBER: usize = 1 << 28;

/// Pages that few nodes may have; one more for each 16 nodes: numbers that lie far apart are kept like texts.
const FREE_PAGES: usize = 64;

/// Documents that share a block.
const BLOCK: usize = 1024;

impl Default for Loader {
    fn default() -> Self {
        let keys = Keys::default();
        Self { builder: GraphBuilder::new(&keys), keys, ids: Ids::default() }
    }
}

/// Whether the first line is that of an edge table.
pub fn is_edge_table(bytes: &[u8]) -> bool {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut fields = header.trim_ascii().split(|byte| *byte == b',');
    (fields.next(), fields.next()) == (Some(b"from"), Some(b"to"))
}

impl Loader {
    /// Adds a node table.
    ///
    /// # Errors
    /// There is no column `id`, a line has the wrong number of fields, an id occurs twice.
    pub fn add_nodes(&mut self, table: &str, bytes: &[u8]) -> Result<(), CsvError> {
        let fail = |line: usize, reason: &str| CsvError {
            table: table.to_owned(),
            line,
            reason: reason.to_owned(),
        };
        let mut lines = Lines::new(bytes);
        let header = lines.header();
        let Some(id_column) = header.iter().position(|name| name == "id") else {
            return Err(fail(1, "there is no column `id`"));
        };
        let keys: Vec<Key> = header.iter().map(|name| self.keys.intern(name)).collect();
        let kinds =
            kinds_of(&lines, keys.len()).map_err(|line| fail(line, "wrong number of fields"))?;
        let labels = self.builder.label_set(&[table]);
        let mut fields = Vec::with_capacity(keys.len());
        let mut block = Block::default();
        let mut line = 1;
        while lines.next(&mut fields) {
            line += 1;
            let node = self.builder.n_nodes() + block.len() as u32;
            let id = fields.get(id_column).map_or(&[][..], |field| field.bytes);
            if !self.ids.insert(id, node) {
                self.add_block(&mut block, labels);
                return Err(fail(line, "the id occurs twice"));
            }
            let texts = unescaped(&fields);
            block.add_flat(&mut entries(&fields, &texts, &keys, &kinds));
            if block.len() == BLOCK {
                self.add_block(&mut block, labels);
            }
        }
        self.add_block(&mut block, labels);
        Ok(())
    }

    fn add_block(&mut self, block: &mut Block, labels: u32) {
        for doc in block.take() {
            self.builder.add_node_with(labels, doc, None, 0);
        }
    }

    /// Adds an edge table; the node tables that it leads to must be there.
    ///
    /// # Errors
    /// A line has the wrong number of fields, or an id is that of no node.
    pub fn add_edges(&mut self, table: &str, bytes: &[u8]) -> Result<(), CsvError> {
        let fail = |line: usize, reason: &str| CsvError {
            table: table.to_owned(),
            line,
            reason: reason.to_owned(),
        };
        let mut lines = Lines::new(bytes);
        let header = lines.header();
        let edge_type = self.builder.edge_type(table);
        let mut line = 1;
        if header.len() == 2 {
            let mut edges = Vec::with_capacity(bytes.len() / 12);
            let mut rest = lines.rest;
            while !rest.is_empty() {
                line += 1;
                let (text, tail) = split_at(rest, b'\n');
                rest = tail;
                let text = text.trim_ascii_end();
                if text.is_empty() {
                    continue;
                }
                let (from, to) = split_at(text, b',');
                let (Some(from), Some(to)) = (self.ids.find(from), self.ids.find(to)) else {
                    return Err(fail(line, "an id is that of no node"));
                };
                edges.push((from, to));
            }
            self.builder.add_edges(edge_type, edges);
            return Ok(());
        }
        let keys: Vec<Key> = header.iter().map(|name| self.keys.intern(name)).collect();
        let kinds =
            kinds_of(&lines, keys.len()).map_err(|line| fail(line, "wrong number of fields"))?;
        let mut fields = Vec::with_capacity(keys.len());
        while lines.next(&mut fields) {
            line += 1;
            let id =
                |at: usize| fields.get(at).and_then(|field: &Field<'_>| self.ids.find(field.bytes));
            let (Some(from), Some(to)) = (id(0), id(1)) else {
                return Err(fail(line, "an id is that of no node"));
            };
            let texts = unescaped(&fields);
            let rest = fields.get(2..).unwrap_or_default();
            let texts = texts.get(2..).unwrap_or_default();
            let (keys, kinds) = (keys.get(2..), kinds.get(2..));
            let (keys, kinds) = (keys.unwrap_or_default(), kinds.unwrap_or_default());
            let doc = Doc::flat(&mut entries(rest, texts, keys, kinds));
            self.builder.add_edge(NodeId(from), edge_type, NodeId(to), Some(doc));
        }
        Ok(())
    }

    /// The graph.
    pub fn finish(self) -> Graph {
        self.builder.finish()
    }
}

/// The texts of those fields that differ from what lies in the table; empty when none does.
fn unescaped(fields: &[Field<'_>]) -> Vec<Option<String>> {
    if fields.iter().all(|field| !field.has_quotes && field.bytes.is_ascii()) {
        return Vec::new();
    }
    fields.iter().map(Field::unescaped).collect()
}

/// What the document of a line holds; empty fields are absent.
fn entries<'a>(
    fields: &'a [Field<'_>],
    texts: &'a [Option<String>],
    keys: &[Key],
    kinds: &[Kind],
) -> Vec<(Key, View<'a>)> {
    let mut entries = Vec::with_capacity(keys.len());
    for (idx, ((field, key), kind)) in fields.iter().zip(keys).zip(kinds).enumerate() {
        let text = texts.get(idx).and_then(Option::as_deref).unwrap_or_else(|| field.plain());
        if !text.is_empty() {
            entries.push((*key, kind.value(text)));
        }
    }
    entries
}

/// What all values of a column can be read as.
#[derive(Debug, Clone, Copy)]
struct Kind {
    int: bool,
    float: bool,
    bool: bool,
}

impl Kind {
    fn narrow(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if self.int && parse_int(text).is_none() {
            self.int = false;
        }
        if !self.int && self.float {
            let text = std::str::from_utf8(text).unwrap_or_default();
            self.float = text.parse::<f64>().is_ok_and(f64::is_finite);
        }
        self.bool = self.bool && (text == b"true" || text == b"false");
    }

    fn value(self, text: &str) -> View<'_> {
        if self.bool {
            return View::Bool(text == "true");
        }
        if self.int
            && let Some(number) = parse_int(text.as_bytes())
        {
            return View::Int(number);
        }
        if self.float
            && let Ok(number) = text.parse()
        {
            return View::Float(number);
        }
        View::Str(text)
    }
}

/// Goes through all lines once. The line with the wrong number of fields, if there is one.
fn kinds_of(lines: &Lines<'_>, n_columns: usize) -> Result<Vec<Kind>, usize> {
    let mut lines = Lines { rest: lines.rest };
    let mut kinds = vec![Kind { int: true, float: true, bool: true }; n_columns];
    let mut fields = Vec::with_capacity(n_columns);
    let mut line = 1;
    while lines.next(&mut fields) {
        line += 1;
        if fields.len() != n_columns {
            return Err(line);
        }
        for (kind, field) in kinds.iter_mut().zip(&fields) {
            if kind.int || kind.float || kind.bool {
                kind.narrow(field.bytes);
            }
        }
    }
    Ok(kinds)
}

/// A whole number in the usual form, without a sign or zeros in front that would be lost.
fn parse_int(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 || (digits.len() > 1 && digits.first() == Some(&b'0'))
    {
        return None;
    }
    let mut number = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if is_negative { -number } else { number })
}

/// The part before the first `byte`, and the part behind it.
fn split_at(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|it| *it == byte) {
        Some(at) => {
            let (head, tail) = bytes.split_at(at);
            (head, tail.get(1..).unwrap_or_default())
        }
        None => (bytes, &[]),
    }
}

/// A field as it lies in the table, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Field<'a> {
    bytes: &'a [u8],
    has_quotes: bool,
}

impl<'a> Field<'a> {
    fn plain(&self) -> &'a str {
        std::str::from_utf8(self.bytes).unwrap_or_default()
    }

    /// The text when it differs from what lies in the table: doubled quotes, broken UTF-8.
    fn unescaped(&self) -> Option<String> {
        let is_plain = !self.has_quotes && std::str::from_utf8(self.bytes).is_ok();
        (!is_plain).then(|| String::from_utf8_lossy(self.bytes).replace("\"\"", "\""))
    }
}

/// The lines of a table.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) }
    }

    fn header(&mut self) -> Vec<String> {
        let mut fields = Vec::new();
        self.next(&mut fields);
        fields.iter().map(|field| String::from_utf8_lossy(field.bytes).trim().to_owned()).collect()
    }

    /// Reads the fields of the next line that is not empty.
    fn next(&mut self, fields: &mut Vec<Field<'a>>) -> bool {
        fields.clear();
        while let Some((first, tail)) = self.rest.split_first() {
            match first {
                b'\n' | b'\r' if fields.is_empty() => self.rest = tail,
                _ => break,
            }
        }
        if self.rest.is_empty() {
            return false;
        }
        loop {
            let (field, end) = if let Some(rest) = self.rest.strip_prefix(b"\"") {
                quoted(rest)
            } else {
                let end = self.rest.iter().position(|it| matches!(it, b',' | b'\n'));
                let (bytes, tail) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                let is_last = tail.first() != Some(&b',');
                let bytes = if is_last { bytes.trim_ascii_end() } else { bytes };
                (Field { bytes, has_quotes: false }, tail)
            };
            fields.push(field);
            let (separator, tail) =
                end.split_first().map_or((b'\n', &[][..]), |(it, tail)| (*it, tail));
            self.rest = tail;
            if separator != b',' {
                return true;
            }
        }
    }
}

/// A field that began with a quote, and what follows it.
fn quoted(bytes: &[u8]) -> (Field<'_>, &[u8]) {
    let mut at = 0;
    let mut has_quotes = false;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                break;
            }
            has_quotes = true;
            at += 1;
        }
        at += 1;
    }
    let (field, tail) = bytes.split_at(at.min(bytes.len()));
    let mut tail = tail.get(1..).unwrap_or_default();
    while let Some((b'\r' | b' ', rest)) = tail.split_first() {
        tail = rest;
    }
    (Field { bytes: field, has_quotes }, tail)
}

impl Ids {
    /// Remembers an id; false when it is known already.
    fn insert(&mut self, id: &[u8], node: u32) -> bool {
        if self.find(id).is_some() {
            return false;
        }
        let number = parse_int(id).and_then(|it| usize::try_from(it).ok());
        match number.and_then(|number| self.place(number, node)) {
            Some(place) => *place = node,
            None => _ = self.others.insert(id.into(), node),
        }
        true
    }

    /// Where the node of a number is kept, when it is kept by its number.
    fn place(&mut self, number: usize, node: u32) -> Option<&mut u32> {
        if number >= MAX_NUMBER {
            return None;
        }
        if self.pages.len() <= number / PAGE {
            self.pages.resize_with(number / PAGE + 1, || None);
        }
        let page = self.pages.get_mut(number / PAGE)?;
        if page.is_none() {
            if self.n_pages > FREE_PAGES + node as usize / 16 {
                return None;
            }
            self.n_pages += 1;
            *page = Some(Box::new([NONE; PAGE]));
        }
        page.as_mut()?.get_mut(number % PAGE)
    }

    #[inline]
    fn find(&self, id: &[u8]) -> Option<u32> {
        if let Some(number) = parse_int(id).and_then(|it| usize::try_from(it).ok())
            && let Some(Some(page)) = self.pages.get(number / PAGE)
            && let Some(node) = page.get(number % PAGE)
            && *node != NONE
        {
            return Some(*node);
        }
        if self.others.is_empty() { None } else { self.others.get(id).copied() }
    }
}

#[cfg(test)]
mod tests {
    use lang::value::NodeId;

    use super::Loader;

    #[test]
    fn types_quotes_and_edges() {
        let mut loader = Loader::default();
        let vm =
            "id,name,size,ratio,on,code\n1,\"a, \"\"b\"\"\",4,1.5,true,007\r\n2,c,,2,false,x\n";
        loader.add_nodes("Vm", vm.as_bytes()).unwrap();
        loader.add_nodes("Net", b"id\nn-1\n99999999999\n").unwrap();
        loader.add_edges("IN", b"from,to\n1,n-1\n2,99999999999\n").unwrap();
        loader.add_edges("SEES", b"from,to,since\n1,2,3\n").unwrap();
        let graph = loader.finish();
        let shown = |node: u32| graph.doc(NodeId(node)).to_json(graph.keys()).to_string();
        assert_eq!(
            shown(0),
            r#"{"code":"007","id":1,"name":"a, \"b\"","on":true,"ratio":1.5,"size":4}"#
        );
        assert_eq!(shown(1), r#"{"code":"x","id":2,"name":"c","on":false,"ratio":2.0}"#);
        assert_eq!(graph.n_edges(), 3);
    }

    #[test]
    fn ids_near_and_far() {
        let numbers = (0..4000_u64).chain((0..4000).map(|it| it * it * 40_000 + 5_000));
        let ids: Vec<String> = numbers.map(|it| it.to_string()).chain(["007".into()]).collect();
        let mut known = super::Ids::default();
        for (node, id) in (0..).zip(&ids) {
            assert!(known.insert(id.as_bytes(), node), "{id}");
        }
        for (node, id) in (0..).zip(&ids) {
            assert_eq!(known.find(id.as_bytes()), Some(node), "{id}");
            assert!(!known.insert(id.as_bytes(), 1), "{id}");
        }
        assert_eq!(known.find(b"4001"), None);
        assert_eq!(known.find(b"7x"), None);
    }

    #[test]
    fn mistakes_name_the_line() {
        let mut loader = Loader::default();
        loader.add_nodes("A", b"id,x\n1,2\n").unwrap();
        let message = |error: super::CsvError| error.to_string();
        let short = loader.add_nodes("B", b"id,x\n2,2\n3\n").map_err(message);
        assert_eq!(short.unwrap_err(), "table `B`, line 3: wrong number of fields");
        let twice = loader.add_nodes("C", b"id\n1\n").map_err(message);
        assert_eq!(twice.unwrap_err(), "table `C`, line 2: the id occurs twice");
        let nobody = loader.add_edges("E", b"from,to\n1,7\n").map_err(message);
        assert_eq!(nobody.unwrap_err(), "table `E`, line 2: an id is that of no node");
    }
}
