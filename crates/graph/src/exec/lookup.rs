//! Finding the nodes that may fit a row by a value that they share with it, instead of trying each.
//!
//! A condition `f(a) = g(b)` holds for few of all pairs. Once enough nodes were tried, `f` is computed for each
//! node once; then a row is given the nodes whose value is that of the row alone. The condition is judged all
//! the same: what is left out is what it would have ruled out for certain.
//!
//! INVARIANT: a pair whose condition is true or unread is never left out. What may leave a condition open (an
//! unread value, a list with one in it, a mistake) makes the node or the row fit everything.

use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use lang::value::{Truth, Value, compare};

use super::{Scan, Sink};
use crate::run::{Eval, Failure, Flow, Frame, Outcome, Slot, Test};

/// Binds each node of a scan that may fit the row.
pub(crate) struct Lookup<'g> {
    pub(crate) scan: Scan<'g>,
    /// Which of the lookups of the run it is.
    pub(crate) number: usize,
    /// Conditions that each row must fulfil; the one that leaves the fewest nodes is used. Without any, all nodes
    /// fit that may fulfil their own.
    pub(crate) joins: Vec<Join<'g>>,
    /// Conditions on the node alone.
    pub(crate) own: Vec<Test<'g>>,
}

/// A condition that holds only where a value of the node is a value of the row, in one of several ways.
pub(crate) struct Join<'g> {
    pub(crate) ways: Vec<JoinWay<'g>>,
}

/// The values of the node and those of the row of which two must be equal.
pub(crate) struct JoinWay<'g> {
    pub(crate) of_node: Keys<'g>,
    pub(crate) of_row: Keys<'g>,
}

/// The values by which a pair is looked up.
pub(crate) struct Keys<'g> {
    pub(crate) source: KeySource<'g>,
    /// Null leaves open what the condition is worth, because something that stands beside it may be unread.
    pub(crate) is_null_open: bool,
}

/// Where values come from.
pub(crate) enum KeySource<'g> {
    /// This one.
    Value(Eval<'g>),
    /// The elements of a list.
    Elements(Eval<'g>),
    /// Those of each element of a list.
    Each { list: Eval<'g>, slot: Slot, of: Box<Keys<'g>> },
    /// Those that there are when a condition is not false.
    If { test: Test<'g>, of: Box<Keys<'g>> },
}

/// What a lookup has learned in a run.
#[derive(Default)]
pub(crate) struct LookupState {
    n_tried: u64,
    tables: Option<Arc<[Table]>>,
}

/// The nodes by the hash of their values for one condition.
#[derive(Default)]
struct Table {
    /// Sorted, each pair once.
    by_hash: Vec<(u64, u32)>,
    /// Nodes that may fit any row, sorted.
    open: Vec<u32>,
}

/// Hashes of values.
struct Hashes<'h> {
    builder: &'h DefaultHashBuilder,
    found: Vec<u64>,
}

/// How many nodes of a scan of so many are tried one by one before a table pays. Tests make it at once.
fn n_tries(n_nodes: u64) -> u64 {
    if cfg!(test) { 0 } else { 2 * n_nodes + 64 }
}

/// About what an entry of a table takes, in bytes.
const ENTRY_BYTES: u64 = 16;

impl Hashes<'_> {
    /// Adds a value in the `way`-th way; false when it leaves open what it is equal to.
    fn add(&mut self, way: usize, value: &Value<'_>, is_null_open: bool) -> bool {
        match value {
            Value::Unread(_) => return false,
            Value::Null => return !is_null_open,
            Value::List(_) | Value::DocList(_) | Value::Map(_) | Value::DocMap(_)
                if !is_certain(value, is_null_open) =>
            {
                return false;
            }
            _ => {}
        }
        let mut hasher = self.builder.build_hasher();
        hasher.write_usize(way);
        compare::hash(value, &mut hasher);
        self.found.push(hasher.finish());
        true
    }
}

/// Whether it is known of each value inside what it is equal to.
fn is_certain(value: &Value<'_>, is_null_open: bool) -> bool {
    match value {
        Value::Unread(_) => false,
        Value::Null => !is_null_open,
        other => match (other.as_list(), other.as_map()) {
            (Some(list), _) => list.iter().all(|it| is_certain(&it, is_null_open)),
            (_, Some(map)) => {
                map.is_complete().is_true()
                    && map.entries().iter().all(|(_, it)| is_certain(it, is_null_open))
            }
            _ => true,
        },
    }
}

/// The result of something that may be a mistake; `None` for a mistake. Bounds that are hit stay.
fn unless_mistaken<T>(outcome: Outcome<T>) -> Outcome<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(failure) => match *failure {
            Failure::Eval(_) => Ok(None),
            Failure::Limit(_) => Err(failure),
        },
    }
}

impl<'g> Keys<'g> {
    /// Adds the hashes of the values; false when the frame at hand may fit everything.
    fn add(&self, way: usize, frame: &mut Frame<'g>, hashes: &mut Hashes<'_>) -> Outcome<bool> {
        match &self.source {
            KeySource::Value(eval) => Ok(unless_mistaken(eval(frame))?
                .is_some_and(|value| hashes.add(way, &value, self.is_null_open))),
            KeySource::Elements(list) => self
                .each(list, frame, &mut |_, value| Ok(hashes.add(way, &value, self.is_null_open))),
            KeySource::Each { list, slot, of } => self.each(list, frame, &mut |frame, value| {
                frame.set(*slot, value);
                of.add(way, frame, hashes)
            }),
            KeySource::If { test, of } => match unless_mistaken(test(frame))? {
                Some(Truth::False) => Ok(true),
                Some(Truth::True | Truth::Null) => of.add(way, frame, hashes),
                Some(Truth::Unread(_)) | None => Ok(false),
            },
        }
    }

    /// Calls `each` with every element of a list until it gives false; false then, too.
    fn each(
        &self,
        list: &Eval<'g>,
        frame: &mut Frame<'g>,
        each: &mut dyn FnMut(&mut Frame<'g>, Value<'g>) -> Outcome<bool>,
    ) -> Outcome<bool> {
        let Some(list) = unless_mistaken(list(frame))? else { return Ok(false) };
        if list.is_null() {
            return Ok(!self.is_null_open);
        }
        let Some(items) = list.as_list() else { return Ok(false) };
        for item in items.iter() {
            frame.step(1)?;
            if !each(frame, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<'g> Lookup<'g> {
    pub(super) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        let n_nodes = self.scan.n_nodes();
        let mut state = frame.take_lookup(self.number);
        let tables = match &state.tables {
            Some(tables) => Arc::clone(tables),
            None if state.n_tried < n_tries(n_nodes) => {
                // A scan whose column filters let little pass looks at codes alone: that is cheap, not free.
                state.n_tried += 1 + n_nodes / 16;
                let flow = self.scan.run(frame, &mut |frame| {
                    state.n_tried += 1;
                    sink(frame)
                });
                frame.give_lookup(self.number, state);
                return flow;
            }
            None => {
                let tables: Arc<[Table]> = self.tables(frame)?.into();
                state.tables = Some(Arc::clone(&tables));
                tables
            }
        };
        frame.give_lookup(self.number, state);
        match self.fitting(&tables, frame)? {
            None => self.scan.run(frame, sink),
            Some(nodes) => self.scan.each(nodes.into_iter().map(|node| (node, false)), frame, sink),
        }
    }

    /// Computes the values of each node.
    fn tables(&self, frame: &mut Frame<'g>) -> Outcome<Vec<Table>> {
        let builder = frame.hash_builder().clone();
        let mut hashes = Hashes { builder: &builder, found: Vec::new() };
        let n_tables = self.joins.len().max(1);
        let mut tables: Vec<Table> = (0..n_tables).map(|_| Table::default()).collect();
        self.scan.run(frame, &mut |frame| {
            let Some(node) = frame.node(self.scan.slot) else { return Ok(Flow::Go) };
            for test in &self.own {
                let truth = unless_mistaken(test(frame))?;
                if matches!(truth, Some(Truth::False | Truth::Null)) {
                    return Ok(Flow::Go);
                }
            }
            if self.joins.is_empty() {
                if let Some(table) = tables.first_mut() {
                    table.open.push(node);
                }
                return frame.hold_bytes(ENTRY_BYTES).map(|()| Flow::Go);
            }
            for (join, table) in self.joins.iter().zip(&mut tables) {
                hashes.found.clear();
                let mut is_open = false;
                for (number, way) in join.ways.iter().enumerate() {
                    is_open |= !way.of_node.add(number, frame, &mut hashes)?;
                }
                if is_open {
                    table.open.push(node);
                } else {
                    table.by_hash.extend(hashes.found.iter().map(|hash| (*hash, node)));
                }
                frame.hold_bytes(ENTRY_BYTES * hashes.found.len().max(1) as u64)?;
            }
            Ok(Flow::Go)
        })?;
        for table in &mut tables {
            table.by_hash.sort_unstable();
            table.by_hash.dedup();
            table.open.sort_unstable();
        }
        Ok(tables)
    }

    /// The nodes that may fit the row, in order; `None`: any.
    fn fitting(&self, tables: &[Table], frame: &mut Frame<'g>) -> Outcome<Option<Vec<u32>>> {
        if self.joins.is_empty() {
            return Ok(tables.first().map(|it| it.open.clone()));
        }
        let builder = frame.hash_builder().clone();
        let mut hashes = Hashes { builder: &builder, found: Vec::new() };
        let mut best: Option<(usize, &Table, Vec<u64>)> = None;
        for (join, table) in self.joins.iter().zip(tables) {
            hashes.found.clear();
            let mut is_open = false;
            for (number, way) in join.ways.iter().enumerate() {
                is_open |= !way.of_row.add(number, frame, &mut hashes)?;
            }
            if is_open {
                continue;
            }
            let of_hash = hashes.found.iter().map(|hash| table.nodes(*hash).len());
            let n_nodes = of_hash.sum::<usize>() + table.open.len();
            if best.as_ref().is_none_or(|(least, ..)| n_nodes < *least) {
                best = Some((n_nodes, table, hashes.found.clone()));
            }
        }
        let Some((n_nodes, table, hashes)) = best else { return Ok(None) };
        let mut nodes = Vec::with_capacity(n_nodes);
        nodes.extend(&table.open);
        for hash in &hashes {
            nodes.extend(table.nodes(*hash).iter().map(|(_, node)| *node));
        }
        nodes.sort_unstable();
        nodes.dedup();
        Ok(Some(nodes))
    }
}

impl Table {
    /// The entries of a hash.
    fn nodes(&self, hash: u64) -> &[(u64, u32)] {
        let start = self.by_hash.partition_point(|(it, _)| *it < hash);
        let rest = self.by_hash.get(start..).unwrap_or_default();
        let n_nodes = rest.partition_point(|(it, _)| *it == hash);
        rest.get(..n_nodes).unwrap_or_default()
    }
}
