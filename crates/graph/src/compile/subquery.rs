//! Patterns and queries inside expressions: `EXISTS`, `COUNT`, pattern comprehensions.
//!
//! What could not be read shows: when nothing is found but an edge may be missing, or a condition was
//! unread, the answer is unread. What is found is found.

use lang::ast::{Clause, PathPattern, PatternComprehension, Query, SingleQuery};
use lang::value::{GapId, Truth, Value};

use super::Compiler;
use crate::error::Error;
use crate::exec::run;
use crate::names::{self, NameSet};
use crate::plan::Downstream;
use crate::query::Pipeline;
use crate::run::{Eval, Flow, Frame, Outcome, Test, told};

/// What a sub-query found before it was stopped.
#[derive(Default)]
struct Found {
    n_rows: i64,
    gap: Option<GapId>,
}

/// Runs `inner` as a sub-query: gaps and taints of the outside are put aside.
fn isolated<'g, T>(
    frame: &mut Frame<'g>,
    inner: impl FnOnce(&mut Frame<'g>) -> Outcome<T>,
) -> Outcome<(T, Option<GapId>)> {
    let outside = (frame.gap.take(), frame.taint.take());
    let result = inner(frame);
    let gap = frame.gap;
    (frame.gap, frame.taint) = outside;
    Ok((result?, gap))
}

impl<'g> Compiler<'g> {
    /// Compiles `inner` with the variables that it declares visible only there.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let n_visible = self.scope.len();
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        self.scope.truncate(n_visible);
        result
    }

    pub(super) fn pattern_test(&mut self, pattern: &'g PathPattern) -> Result<Test<'g>, Error> {
        let downstream =
            Downstream { live: Some(NameSet::new()), is_distinct: true, ..Downstream::default() };
        let patterns = std::slice::from_ref(pattern);
        let ops = self.nested(|this| this.match_ops(patterns, None, &downstream))?;
        Ok(exists(move |frame, sink| run(&ops, frame, sink)))
    }

    pub(super) fn exists_query(&mut self, query: &'g Query) -> Result<Test<'g>, Error> {
        if let Some(it) = single_match(query) {
            let downstream = Downstream {
                live: Some(NameSet::new()),
                is_distinct: true,
                ..Downstream::default()
            };
            let ops = self
                .nested(|this| this.match_ops(&it.patterns, it.condition.as_ref(), &downstream))?;
            return Ok(exists(move |frame, sink| run(&ops, frame, sink)));
        }
        let pipelines = self.pipelines(query)?;
        let has_grouping = pipelines.iter().any(Pipeline::groups);
        Ok(Box::new(move |frame| {
            let mut found = Found::default();
            let ((), gap) = isolated(frame, |frame| {
                for pipeline in &pipelines {
                    pipeline.run(frame, &mut |frame| {
                        count(&mut found, frame);
                        Ok(if found.n_rows > 0 { Flow::Stop } else { Flow::Go })
                    })?;
                }
                Ok(())
            })?;
            Ok(match found.gap.or(gap) {
                Some(gap) if found.n_rows == 0 || has_grouping => Truth::Unread(gap),
                _ => Truth::from(found.n_rows > 0),
            })
        }))
    }

    pub(super) fn count_query(&mut self, query: &'g Query) -> Result<Eval<'g>, Error> {
        let pipelines = self.pipelines(query)?;
        Ok(Box::new(move |frame| {
            let mut found = Found::default();
            let ((), gap) = isolated(frame, |frame| {
                for pipeline in &pipelines {
                    pipeline.run(frame, &mut |frame| {
                        count(&mut found, frame);
                        Ok(Flow::Go)
                    })?;
                }
                Ok(())
            })?;
            Ok(found.gap.or(gap).map_or(Value::Int(found.n_rows), Value::Unread))
        }))
    }

    fn pipelines(&mut self, query: &'g Query) -> Result<Vec<Pipeline<'g>>, Error> {
        let mut pipelines = Vec::new();
        for part in query.parts() {
            pipelines.push(self.nested(|this| this.pipeline(part, true))?);
        }
        Ok(pipelines)
    }

    pub(super) fn pattern_comprehension(
        &mut self,
        it: &'g PatternComprehension,
    ) -> Result<Eval<'g>, Error> {
        let mut live = NameSet::new();
        names::in_expr(&it.projection, &mut live);
        let downstream = Downstream { live: Some(live), ..Downstream::default() };
        let (ops, projection) = self.nested(|this| {
            let patterns = std::slice::from_ref(&it.pattern);
            let ops = this.match_ops(patterns, it.condition.as_ref(), &downstream)?;
            Ok((ops, this.eval(&it.projection)?))
        })?;
        Ok(Box::new(move |frame| {
            let mut values = Vec::new();
            let mut tainted = None;
            let (_, gap) = isolated(frame, |frame| {
                run(&ops, frame, &mut |frame| {
                    if let Some(gap) = frame.taint {
                        tainted = told(tainted, Some(gap));
                    } else {
                        let value = projection(frame)?;
                        frame.keep(32)?;
                        frame.hold(&value)?;
                        values.push(value);
                    }
                    Ok(Flow::Go)
                })
            })?;
            Ok(tainted.or(gap).map_or_else(|| Value::list(values), Value::Unread))
        }))
    }
}

/// The one `MATCH` that a sub-query consists of, whatever it returns.
fn single_match(query: &Query) -> Option<&lang::ast::Match> {
    let SingleQuery { clauses, .. } = &query.first;
    let is_plain =
        |it: &lang::ast::Return| it.projection.limit.is_none() && it.projection.skip.is_none();
    match &**clauses {
        [Clause::Match(it)] if query.unions.is_empty() && !it.optional => Some(it),
        [Clause::Match(it), Clause::Return(ret)]
            if query.unions.is_empty()
                && !it.optional
                && is_plain(ret)
                && !crate::project::has_aggregate(&ret.projection) =>
        {
            Some(it)
        }
        _ => None,
    }
}

/// Counts a row, or remembers why it cannot be counted.
fn count(found: &mut Found, frame: &Frame<'_>) {
    match frame.taint {
        Some(gap) => found.gap = told(found.gap, Some(gap)),
        None => found.n_rows += 1,
    }
}

/// Whether `rows` gives any row.
fn exists<'g>(
    rows: impl Fn(&mut Frame<'g>, &mut dyn FnMut(&mut Frame<'g>) -> Outcome<Flow>) -> Outcome<Flow>
    + Send
    + Sync
    + 'g,
) -> Test<'g> {
    Box::new(move |frame| {
        let mut found = Found::default();
        let (_, gap) = isolated(frame, |frame| {
            rows(frame, &mut |frame| {
                count(&mut found, frame);
                Ok(if found.n_rows > 0 { Flow::Stop } else { Flow::Go })
            })
        })?;
        Ok(match found.gap.or(gap) {
            Some(gap) if found.n_rows == 0 => Truth::Unread(gap),
            _ => Truth::from(found.n_rows > 0),
        })
    })
}
