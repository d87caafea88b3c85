//! What one run of a query carries along: the slots of its variables, what it has used up, what it
//! could not read.

use std::sync::Arc;

use hashbrown::DefaultHashBuilder;
use lang::error::EvalError;
use lang::value::{GapId, NodeId, Value};

use crate::exec::LookupState;

/// What a run may use up. All bounds are checked while it runs.
#[derive(Clone)]
pub struct Limits {
    /// Elementary steps: nodes and edges looked at.
    pub steps: u64,
    /// Rows that are kept at a time, those of intermediate results included.
    pub rows: u64,
    /// Bytes of values that are kept, about.
    pub memory_bytes: u64,
    /// Says whether the time is over; asked every few thousand steps.
    pub is_over: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000_000, rows: 10_000_000, memory_bytes: 2 << 30, is_over: None }
    }
}

impl Limits {
    /// The defaults, for what runs while compiling.
    pub(crate) fn usual() -> &'static Self {
        static LIMITS: std::sync::OnceLock<Limits> = std::sync::OnceLock::new();
        LIMITS.get_or_init(Self::default)
    }
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { steps, rows, memory_bytes, is_over } = self;
        write!(f, "Limits({steps} steps, {rows} rows, {memory_bytes} bytes, ")?;
        write!(f, "{})", if is_over.is_some() { "with a time" } else { "without a time" })
    }
}

/// Which bound was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::rows`].
    Rows,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::is_over`].
    Time,
}

impl Bound {
    /// What it bounds, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Rows => "rows",
            Self::Memory => "memory",
            Self::Time => "time",
        }
    }
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    Eval(EvalError),
    Limit(Bound),
}

impl From<EvalError> for Box<Failure> {
    fn from(error: EvalError) -> Self {
        Self::new(Failure::Eval(error))
    }
}

pub(crate) type Outcome<T> = Result<T, Box<Failure>>;

/// Whether to go on with further rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Go,
    Stop,
}

/// Which of two gaps is told: the lower number, but any that has a reason before the one that has none.
/// So it does not depend on the order in which edges and rows come.
pub(crate) fn told(a: Option<GapId>, b: Option<GapId>) -> Option<GapId> {
    let rank = |gap: &GapId| (*gap == GapId::NOT_COLLECTED, gap.0);
    a.into_iter().chain(b).min_by_key(rank)
}

/// Where the value of a variable lies.
pub(crate) type Slot = usize;

/// A value computed from the slots.
pub(crate) type Eval<'g> = Box<dyn Fn(&mut Frame<'g>) -> Outcome<Value<'g>> + Send + Sync + 'g>;

/// A condition on the slots.
pub(crate) type Test<'g> = Box<dyn Fn(&mut Frame<'g>) -> Outcome<lang::Truth> + Send + Sync + 'g>;

/// The state of one run.
pub(crate) struct Frame<'g> {
    pub(crate) slots: Vec<Value<'g>>,
    /// A gap met on the way, in the innermost sub-query: its "not found" is not known.
    pub(crate) gap: Option<GapId>,
    /// A condition on the row at hand was unread: the row neither counts nor is it out.
    pub(crate) taint: Option<GapId>,
    /// Arrays over all nodes, kept for reuse.
    pub(crate) scratch: Scratch,
    lookups: Vec<LookupState>,
    hash_builder: DefaultHashBuilder,
    steps: u64,
    next_check: u64,
    rows: u64,
    memory: u64,
    limits: &'g Limits,
}

/// Arrays over all nodes that searches borrow and give back clean.
#[derive(Default)]
pub(crate) struct Scratch {
    marks: Vec<Marks>,
    distances: Vec<Vec<u32>>,
}

/// A set of nodes.
#[derive(Default)]
pub(crate) struct Marks {
    words: Vec<u64>,
}

impl Marks {
    /// An empty set for nodes below `bound`.
    pub(crate) fn new(bound: u32) -> Self {
        Self { words: vec![0; bound as usize / 64 + 1] }
    }

    /// Adds a node; whether it is new.
    #[inline]
    pub(crate) fn insert(&mut self, node: u32) -> bool {
        let Some(word) = self.words.get_mut(node as usize / 64) else { return false };
        let bit = 1 << (node % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    #[inline]
    pub(crate) fn contains(&self, node: u32) -> bool {
        self.words.get(node as usize / 64).is_some_and(|word| word & (1 << (node % 64)) != 0)
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Appends all nodes in order.
    pub(crate) fn list(&self, nodes: &mut Vec<u32>) {
        for (at, word) in (0_u32..).zip(&self.words) {
            let mut bits = *word;
            while bits != 0 {
                nodes.push(at * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }

    pub(crate) fn remove(&mut self, node: u32) {
        if let Some(word) = self.words.get_mut(node as usize / 64) {
            *word &= !(1 << (node % 64));
        }
    }
}

/// "Not reached" in an array of distances.
pub(crate) const FAR: u32 = u32::MAX;

impl Scratch {
    /// An empty set for nodes below `bound`.
    pub(crate) fn take_marks(&mut self, bound: u32) -> Marks {
        let mut marks = self.marks.pop().unwrap_or_default();
        marks.words.resize(bound as usize / 64 + 1, 0);
        marks
    }

    /// Gives back a set from which all nodes were removed.
    pub(crate) fn give_marks(&mut self, marks: Marks) {
        self.marks.push(marks);
    }

    /// Brings distinct nodes below `bound` into the order of their numbers: neighbours in the graph are
    /// neighbours in memory.
    pub(crate) fn sort(&mut self, nodes: &mut Vec<u32>, bound: u32) {
        if nodes.len() < bound as usize / 64 {
            nodes.sort_unstable();
            return;
        }
        let mut marks = self.take_marks(bound);
        for node in nodes.drain(..) {
            marks.insert(node);
        }
        marks.list(nodes);
        marks.clear();
        self.give_marks(marks);
    }

    /// Distances for nodes below `bound`, all [`FAR`].
    pub(crate) fn take_distances(&mut self, bound: u32) -> Vec<u32> {
        let mut distances = self.distances.pop().unwrap_or_default();
        distances.resize(bound as usize, FAR);
        distances
    }

    /// Gives back distances that are all [`FAR`] again.
    pub(crate) fn give_distances(&mut self, distances: Vec<u32>) {
        self.distances.push(distances);
    }
}

/// Steps between two looks at the clock.
const CHECK_EVERY: u64 = 4096;

impl<'g> Frame<'g> {
    pub(crate) fn new(n_slots: usize, limits: &'g Limits) -> Self {
        Self {
            slots: vec![Value::Null; n_slots],
            gap: None,
            taint: None,
            scratch: Scratch::default(),
            lookups: Vec::new(),
            hash_builder: DefaultHashBuilder::default(),
            steps: 0,
            next_check: CHECK_EVERY.min(limits.steps),
            rows: 0,
            memory: 0,
            limits,
        }
    }

    /// Forgets what was used up, for the next use of the same frame.
    #[inline]
    pub(crate) fn restart(&mut self) {
        self.gap = None;
        self.taint = None;
        self.steps = 0;
        self.rows = 0;
        self.memory = 0;
        self.next_check = CHECK_EVERY.min(self.limits.steps);
    }

    /// The value in a slot.
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> &Value<'g> {
        self.slots.get(slot).unwrap_or(&Value::Null)
    }

    #[inline]
    pub(crate) fn set(&mut self, slot: Slot, value: Value<'g>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// Puts a node into a slot, in which there mostly is one.
    #[inline]
    pub(crate) fn set_node(&mut self, slot: Slot, node: u32) {
        match self.slots.get_mut(slot) {
            Some(Value::Node(place)) => *place = NodeId(node),
            Some(place) => *place = Value::Node(NodeId(node)),
            None => {}
        }
    }

    /// The node in a slot.
    #[inline]
    pub(crate) fn node(&self, slot: Slot) -> Option<u32> {
        match self.get(slot) {
            Value::Node(node) => Some(node.0),
            _ => None,
        }
    }

    /// Counts `n` steps.
    #[inline]
    pub(crate) fn step(&mut self, n: u64) -> Outcome<()> {
        self.steps += n;
        if self.steps >= self.next_check { self.check() } else { Ok(()) }
    }

    #[cold]
    fn check(&mut self) -> Outcome<()> {
        if self.steps > self.limits.steps {
            return Err(Box::new(Failure::Limit(Bound::Steps)));
        }
        if self.limits.is_over.as_ref().is_some_and(|is_over| is_over()) {
            return Err(Box::new(Failure::Limit(Bound::Time)));
        }
        self.next_check = (self.steps + CHECK_EVERY).min(self.limits.steps + 1);
        Ok(())
    }

    /// Counts a row that is kept, of about `bytes`.
    pub(crate) fn keep(&mut self, bytes: u64) -> Outcome<()> {
        self.rows += 1;
        self.memory = self.memory.saturating_add(bytes);
        if self.rows > self.limits.rows {
            return Err(Box::new(Failure::Limit(Bound::Rows)));
        }
        if self.memory > self.limits.memory_bytes {
            return Err(Box::new(Failure::Limit(Bound::Memory)));
        }
        Ok(())
    }

    /// Counts a value that is kept, beside what [`Self::keep`] counts for its place.
    pub(crate) fn hold(&mut self, value: &Value<'g>) -> Outcome<()> {
        self.memory = self.memory.saturating_add(self.held(value));
        self.must_have_room(0)
    }

    /// The same for what takes so many bytes.
    pub(crate) fn hold_bytes(&mut self, bytes: u64) -> Outcome<()> {
        self.memory = self.memory.saturating_add(bytes);
        self.must_have_room(0)
    }

    /// Takes what the lookup of this number has learned; nothing at first.
    pub(crate) fn take_lookup(&mut self, number: usize) -> LookupState {
        self.lookups.get_mut(number).map(std::mem::take).unwrap_or_default()
    }

    /// Puts back what was taken.
    pub(crate) fn give_lookup(&mut self, number: usize, state: LookupState) {
        if self.lookups.len() <= number {
            self.lookups.resize_with(number + 1, LookupState::default);
        }
        if let Some(place) = self.lookups.get_mut(number) {
            *place = state;
        }
    }

    /// How values are hashed in this run.
    pub(crate) fn hash_builder(&self) -> &DefaultHashBuilder {
        &self.hash_builder
    }

    /// The same for what is in these slots.
    pub(crate) fn hold_slots(&mut self, slots: impl Iterator<Item = Slot>) -> Outcome<()> {
        let held = slots.map(|slot| self.held(self.get(slot)));
        self.memory = held.fold(self.memory, u64::saturating_add);
        self.must_have_room(0)
    }

    /// Refuses values that are being made and hold so many bytes so far, beside what is kept.
    pub(crate) fn must_have_room(&self, bytes: u64) -> Outcome<()> {
        if self.memory.saturating_add(bytes) > self.limits.memory_bytes {
            return Err(Box::new(Failure::Limit(Bound::Memory)));
        }
        Ok(())
    }

    /// What a value holds on its own, counted no further than there is room.
    pub(crate) fn held(&self, value: &Value<'g>) -> u64 {
        value.held_bytes(self.limits.memory_bytes)
    }

    /// Remembers that something could not be looked at.
    pub(crate) fn note(&mut self, gap: GapId) {
        self.gap = told(self.gap, Some(gap));
    }
}
