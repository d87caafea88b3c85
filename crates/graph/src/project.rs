//! `WITH` and `RETURN`: projecting, grouping, `DISTINCT`, `ORDER BY`, `SKIP`, `LIMIT`.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use lang::ast::{Expr, ExprKind, Projection};
use lang::error::{ErrorKind, EvalError};
use lang::functions::aggregate::is_aggregate;
use lang::value::compare::order;
use lang::value::{Key, Value};

use crate::aggregate::{Aggregate, State};
use crate::compile::{Compiler, Known, Variable};
use crate::error::Error;
use crate::exec::{Sink, judged};
use crate::names::{self, NameSet};
use crate::normal::HIDDEN;
use crate::run::{Eval, Flow, Frame, Outcome, Slot, Test};

/// A projection, compiled.
pub(crate) struct Stage<'g> {
    /// What it gives: names and slots.
    pub(crate) columns: Vec<(Arc<str>, Slot)>,
    /// Computed for each row (for each group when there is grouping).
    evals: Vec<(Slot, Eval<'g>)>,
    grouping: Option<Grouping<'g>>,
    is_distinct: bool,
    order: Vec<(Eval<'g>, bool)>,
    skip: Option<Eval<'g>>,
    limit: Option<Eval<'g>>,
    condition: Option<Test<'g>>,
    /// Variables from before the projection that the condition speaks of; sorting carries them along.
    carried: Vec<Slot>,
}

/// Rows put together by equal keys.
struct Grouping<'g> {
    keys: Vec<(Slot, Eval<'g>)>,
    /// Slots that the key of a plain variable came from: they hold it again when the group is given.
    sources: Vec<(Slot, Slot)>,
    aggregates: Vec<(Slot, Aggregate<'g>)>,
}

/// The aggregating calls in an expression, not entering sub-queries.
pub(crate) fn aggregates_in<'a>(expr: &'a Expr, found: &mut Vec<&'a Expr>) {
    if !is_aggregate(expr) {
        expr.for_each_child(&mut |child| aggregates_in(child, found));
    } else if !found.contains(&expr) {
        found.push(expr);
    }
}

/// Whether any item aggregates.
pub(crate) fn has_aggregate(projection: &Projection) -> bool {
    let mut found = Vec::new();
    projection.items.iter().for_each(|item| aggregates_in(&item.expr, &mut found));
    !found.is_empty()
}

/// Whether rows that occur twice make no difference to what a projection gives.
pub(crate) fn ignores_doubles(projection: &Projection) -> bool {
    let mut found = Vec::new();
    projection.items.iter().for_each(|item| aggregates_in(&item.expr, &mut found));
    projection.order_by.iter().for_each(|item| aggregates_in(&item.expr, &mut found));
    if found.is_empty() {
        projection.distinct
    } else {
        found.iter().all(|expr| Aggregate::ignores_doubles(expr))
    }
}

impl<'g> Compiler<'g> {
    /// Compiles a projection. Afterwards only what it gives is in scope.
    pub(crate) fn stage(
        &mut self,
        projection: &'g Projection,
        condition: Option<&'g Expr>,
    ) -> Result<Stage<'g>, Error> {
        let mut items: Vec<(Arc<str>, Option<&'g Expr>, Slot, Known)> = Vec::new();
        if projection.star {
            for variable in self.visible() {
                items.push((variable.name, None, variable.slot, variable.known));
            }
        }
        for item in &projection.items {
            let name: Arc<str> = Arc::from(item.column(self.source));
            let known = match &item.expr.kind {
                ExprKind::Variable(name) => self.find(name.as_str()).map(|it| it.known),
                _ => None,
            };
            let slot = self.new_slot();
            items.push((name, Some(&item.expr), slot, known.unwrap_or(Known::Nothing)));
        }
        let mut aggregates = Vec::new();
        projection.items.iter().for_each(|item| aggregates_in(&item.expr, &mut aggregates));
        let is_grouped = !aggregates.is_empty();
        if is_grouped {
            projection.order_by.iter().for_each(|item| aggregates_in(&item.expr, &mut aggregates));
        }
        let n_known = self.known_exprs.len();
        let mut stage = Stage {
            columns: items.iter().map(|(name, _, slot, _)| (Arc::clone(name), *slot)).collect(),
            evals: Vec::new(),
            grouping: None,
            is_distinct: projection.distinct,
            order: Vec::new(),
            skip: None,
            limit: None,
            condition: None,
            carried: Vec::new(),
        };
        if is_grouped {
            stage.grouping = Some(self.grouping(&items, aggregates)?);
        }
        for (_, expr, slot, _) in &items {
            if let Some(expr) = expr
                && !stage.is_key(*slot)
            {
                let eval = self.eval(expr)?;
                stage.evals.push((*slot, eval));
            }
        }
        let before = self.scope.len();
        for (name, expr, slot, known) in &items {
            let (name, slot, known) = (Arc::clone(name), *slot, *known);
            self.scope.push(Variable { name, slot, known });
            if let Some(expr) = expr {
                self.known_exprs.push((expr, slot));
            }
        }
        for item in &projection.order_by {
            stage.order.push((self.eval(&item.expr)?, item.descending));
        }
        stage.condition = condition.map(|it| self.test(it)).transpose()?;
        if let Some(condition) = condition {
            let mut used = NameSet::new();
            names::in_expr(condition, &mut used);
            let old = self.scope.iter().take(before).filter(|it| used.contains(&*it.name));
            stage.carried = old.map(|it| it.slot).collect();
        }
        self.known_exprs.truncate(n_known);
        stage.skip = projection.skip.as_ref().map(|it| self.eval(it)).transpose()?;
        stage.limit = projection.limit.as_ref().map(|it| self.eval(it)).transpose()?;
        // what was in scope before a sub-query stays visible in it
        let kept = self.outer_scope.min(before);
        self.scope.drain(kept..before);
        Ok(stage)
    }

    /// The variables that `*` stands for, by name.
    fn visible(&self) -> Vec<Variable> {
        let mut variables: Vec<Variable> = Vec::new();
        for variable in self.scope.iter().rev() {
            let is_hidden = variable.name.starts_with(HIDDEN);
            if !is_hidden && !variables.iter().any(|it| it.name == variable.name) {
                variables.push(variable.clone());
            }
        }
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        variables
    }

    fn grouping(
        &mut self,
        items: &[(Arc<str>, Option<&'g Expr>, Slot, Known)],
        aggregates: Vec<&'g Expr>,
    ) -> Result<Grouping<'g>, Error> {
        let mut grouping =
            Grouping { keys: Vec::new(), sources: Vec::new(), aggregates: Vec::new() };
        let mut known = Vec::new();
        for (_, expr, slot, _) in items {
            let slot = *slot;
            let Some(expr) = expr else {
                grouping.keys.push((slot, Box::new(move |frame| Ok(frame.get(slot).clone()))));
                continue;
            };
            let mut inner = Vec::new();
            aggregates_in(expr, &mut inner);
            if !inner.is_empty() {
                continue;
            }
            if let ExprKind::Variable(name) = &expr.kind
                && let Some(variable) = self.find(name.as_str())
            {
                grouping.sources.push((variable.slot, slot));
            }
            let eval = self.eval(expr)?;
            grouping.keys.push((slot, eval));
            known.push((*expr, slot));
        }
        for expr in aggregates {
            let aggregate = Aggregate::compile(self, expr)?;
            let slot = self.new_slot();
            grouping.aggregates.push((slot, aggregate));
            known.push((expr, slot));
        }
        self.known_exprs.extend(known);
        Ok(grouping)
    }
}

/// A row that is kept: what is projected, and what it is sorted by.
struct Kept<'g> {
    values: Vec<Value<'g>>,
    keys: Vec<Value<'g>>,
}

/// Groups by their keys.
#[derive(Default)]
struct Groups<'g> {
    numbers: HashMap<Vec<Key<'g>>, usize>,
    states: Vec<Vec<State<'g>>>,
    keys: Vec<Vec<Key<'g>>>,
    /// The keys of the row at hand; kept so that a row costs no allocation.
    own: Vec<Key<'g>>,
}

impl<'g> Stage<'g> {
    fn is_key(&self, slot: Slot) -> bool {
        self.grouping.as_ref().is_some_and(|it| it.keys.iter().any(|(key, _)| *key == slot))
    }

    pub(crate) fn groups(&self) -> bool {
        self.grouping.is_some()
    }

    /// Takes the rows that `rows` gives and hands on what becomes of them.
    pub(crate) fn run(
        &self,
        frame: &mut Frame<'g>,
        rows: &mut dyn FnMut(&mut Frame<'g>, Sink<'_, 'g>) -> Outcome<Flow>,
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let skip = count_of(self.skip.as_ref(), "SKIP", frame)?.unwrap_or(0);
        let limit = count_of(self.limit.as_ref(), "LIMIT", frame)?;
        if !self.order.is_empty() {
            return self.run_sorted(frame, rows, (skip, limit), sink);
        }
        let mut seen = HashSet::new();
        let mut n_rows = 0;
        let mut outer = Flow::Go;
        let end = limit.map_or(u64::MAX, |limit| skip.saturating_add(limit));
        if end == 0 {
            return Ok(Flow::Go);
        }
        let each = &mut |frame: &mut Frame<'g>| {
            if self.is_distinct && !self.is_new(&mut seen, frame)? {
                return Ok(Flow::Go);
            }
            n_rows += 1;
            if n_rows <= skip {
                return Ok(Flow::Go);
            }
            outer = self.hand_on(frame, sink)?;
            Ok(if n_rows >= end || outer == Flow::Stop { Flow::Stop } else { Flow::Go })
        };
        self.project(frame, rows, each)?;
        Ok(outer)
    }

    fn run_sorted(
        &self,
        frame: &mut Frame<'g>,
        rows: &mut dyn FnMut(&mut Frame<'g>, Sink<'_, 'g>) -> Outcome<Flow>,
        (skip, limit): (u64, Option<u64>),
        sink: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let end = limit.map_or(usize::MAX, |limit| skip.saturating_add(limit) as usize);
        let mut kept: Vec<Kept<'g>> = Vec::new();
        let mut seen = HashSet::new();
        let by_keys = |a: &Kept<'g>, b: &Kept<'g>| self.compare(a, b);
        self.project(frame, rows, &mut |frame| {
            if self.is_distinct && !self.is_new(&mut seen, frame)? {
                return Ok(Flow::Go);
            }
            if limit.is_none() {
                // Before the keys share them.
                frame.hold_slots(self.kept_slots())?;
            }
            let mut keys = Vec::with_capacity(self.order.len());
            for (eval, _) in &self.order {
                keys.push(eval(frame)?);
            }
            if limit.is_none() {
                frame.keep(32 * (self.columns.len() + keys.len()) as u64)?;
            }
            let values = self.kept_slots().map(|slot| frame.get(slot).clone()).collect();
            kept.push(Kept { values, keys });
            if kept.len() >= end.saturating_mul(2).saturating_add(1024) {
                kept.sort_by(by_keys);
                kept.truncate(end);
            }
            Ok(Flow::Go)
        })?;
        kept.sort_by(by_keys);
        kept.truncate(end);
        for row in kept.into_iter().skip(skip as usize) {
            for (slot, value) in self.kept_slots().zip(row.values) {
                frame.set(slot, value);
            }
            if self.hand_on(frame, sink)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    fn compare(&self, a: &Kept<'g>, b: &Kept<'g>) -> std::cmp::Ordering {
        for ((a, b), (_, is_descending)) in a.keys.iter().zip(&b.keys).zip(&self.order) {
            let ordering = order(a, b);
            if ordering.is_ne() {
                return if *is_descending { ordering.reverse() } else { ordering };
            }
        }
        std::cmp::Ordering::Equal
    }

    fn kept_slots(&self) -> impl Iterator<Item = Slot> {
        self.columns.iter().map(|(_, slot)| *slot).chain(self.carried.iter().copied())
    }

    fn values(&self, frame: &Frame<'g>) -> Vec<Value<'g>> {
        self.columns.iter().map(|(_, slot)| frame.get(*slot).clone()).collect()
    }

    fn is_new(&self, seen: &mut HashSet<Vec<Key<'g>>>, frame: &mut Frame<'g>) -> Outcome<bool> {
        let held = self.columns.iter().map(|(_, slot)| frame.held(frame.get(*slot)));
        let held = held.fold(0, u64::saturating_add);
        let is_new = seen.insert(self.values(frame).into_iter().map(Key).collect());
        if is_new {
            frame.keep(held.saturating_add(48 * self.columns.len() as u64))?;
        }
        Ok(is_new)
    }

    /// Judges `WHERE` and goes on.
    fn hand_on(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        match &self.condition {
            None => sink(frame),
            Some(condition) => {
                let truth = condition(frame)?;
                judged(truth, frame, sink)
            }
        }
    }

    /// Computes the items of each row or group.
    fn project(
        &self,
        frame: &mut Frame<'g>,
        rows: &mut dyn FnMut(&mut Frame<'g>, Sink<'_, 'g>) -> Outcome<Flow>,
        each: Sink<'_, 'g>,
    ) -> Outcome<Flow> {
        let Some(grouping) = &self.grouping else {
            return rows(frame, &mut |frame| {
                // a row that may not exist must not stand for one that does
                if let Some(gap) = frame.taint {
                    frame.note(gap);
                    return Ok(Flow::Go);
                }
                self.compute(frame)?;
                each(frame)
            });
        };
        let mut groups = Groups::default();
        rows(frame, &mut |frame| {
            match frame.taint {
                Some(gap) => frame.note(gap),
                None => grouping.add(&mut groups, frame)?,
            }
            Ok(Flow::Go)
        })?;
        if grouping.keys.is_empty() && groups.states.is_empty() {
            groups.states.push(grouping.start());
            groups.keys.push(Vec::new());
        }
        for (keys, states) in groups.keys.into_iter().zip(groups.states) {
            for ((slot, _), Key(value)) in grouping.keys.iter().zip(keys) {
                frame.set(*slot, value);
            }
            for (source, slot) in &grouping.sources {
                let value = frame.get(*slot).clone();
                frame.set(*source, value);
            }
            for ((slot, _), state) in grouping.aggregates.iter().zip(states) {
                let value = state.finish()?;
                frame.set(*slot, value);
            }
            self.compute(frame)?;
            if each(frame)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Go)
    }

    fn compute(&self, frame: &mut Frame<'g>) -> Outcome<()> {
        for (slot, eval) in &self.evals {
            let value = eval(frame)?;
            frame.set(*slot, value);
        }
        Ok(())
    }
}

impl<'g> Grouping<'g> {
    fn start(&self) -> Vec<State<'g>> {
        self.aggregates.iter().map(|(_, aggregate)| aggregate.start()).collect()
    }

    fn add(&self, groups: &mut Groups<'g>, frame: &mut Frame<'g>) -> Outcome<()> {
        let mut keys = std::mem::take(&mut groups.own);
        keys.clear();
        for (_, eval) in &self.keys {
            keys.push(Key(eval(frame)?));
        }
        let number = if self.keys.is_empty() {
            if groups.states.is_empty() {
                groups.states.push(self.start());
                groups.keys.push(Vec::new());
            }
            0
        } else if let Some(number) = groups.numbers.get(&keys) {
            *number
        } else {
            frame.keep(64 * (self.keys.len() + self.aggregates.len()) as u64)?;
            let number = groups.states.len();
            groups.numbers.insert(keys.clone(), number);
            groups.states.push(self.start());
            groups.keys.push(keys.clone());
            number
        };
        groups.own = keys;
        let Some(states) = groups.states.get_mut(number) else { return Ok(()) };
        for ((_, aggregate), state) in self.aggregates.iter().zip(states) {
            aggregate.add(state, frame)?;
        }
        Ok(())
    }
}

/// The value of `SKIP` or `LIMIT`.
fn count_of<'g>(
    eval: Option<&Eval<'g>>,
    what: &str,
    frame: &mut Frame<'g>,
) -> Outcome<Option<u64>> {
    let Some(eval) = eval else { return Ok(None) };
    match eval(frame)? {
        Value::Int(number) => {
            if let Ok(number) = u64::try_from(number) {
                Ok(Some(number))
            } else {
                let message = format!("`{what}` needs a number that is not negative");
                Err(EvalError::new(ErrorKind::NegativeIntegerArgument, message).into())
            }
        }
        other => {
            let what = format!("`{what}`");
            Err(EvalError::bad_type(&what, "an integer", other.type_name()).into())
        }
    }
}
