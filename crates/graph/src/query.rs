//! Whole queries: compiling clauses to a pipeline, running it, collecting rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashSet;
use lang::ast::{self, Clause, SingleQuery};
use lang::check::{Options, Schema};
use lang::value::{GapId, Key, Value};

use crate::compile::{Compiler, Known, Params};
use crate::error::Error;
use crate::exec::{self, Op, Sink};
use crate::names::{self, NameSet};
use crate::plan::Downstream;
use crate::project::{self, Stage};
use crate::run::{Flow, Frame, Limits, Outcome, Slot};
use crate::store::Graph;

/// A single query, compiled: steps, then a projection, then steps, ...
pub(crate) struct Pipeline<'g> {
    parts: Vec<(Vec<Op<'g>>, Option<Stage<'g>>)>,
}

impl<'g> Compiler<'g> {
    /// Compiles a single query. In a sub-query the last clause need not be `RETURN`.
    pub(crate) fn pipeline(
        &mut self,
        query: &'g SingleQuery,
        is_sub_query: bool,
    ) -> Result<Pipeline<'g>, Error> {
        let outside = std::mem::replace(&mut self.outer_scope, self.scope.len());
        let length_only = names::length_only(query);
        let mut parts = Vec::new();
        let mut ops = Vec::new();
        for (idx, clause) in query.clauses.iter().enumerate() {
            let rest = query.clauses.get(idx + 1..).unwrap_or_default();
            match clause {
                Clause::Match(it) => {
                    let mut downstream = downstream(rest, is_sub_query && self.outer_scope == 0);
                    downstream.length_only.clone_from(&length_only);
                    let n_before = self.scope.len();
                    let condition = it.condition.as_ref();
                    let found = self.match_ops(&it.patterns, condition, &downstream)?;
                    if it.optional {
                        let new = self.scope.iter().skip(n_before);
                        let slots = new.map(|variable| variable.slot).collect();
                        ops.push(Op::Optional { ops: found, slots });
                    } else {
                        ops.extend(found);
                    }
                }
                Clause::Unwind(it) => {
                    let list = self.eval(&it.list)?;
                    let slot = self.declare(&it.variable.text, Known::Nothing);
                    ops.push(Op::Unwind { slot, list });
                }
                Clause::With(it) => {
                    let stage = self.stage(&it.projection, it.condition.as_ref())?;
                    parts.push((std::mem::take(&mut ops), Some(stage)));
                }
                Clause::Return(it) => {
                    let stage = self.stage(&it.projection, None)?;
                    parts.push((std::mem::take(&mut ops), Some(stage)));
                }
                Clause::Create(_) => {
                    return Err(Error::misplaced(
                        lang::error::ErrorKind::UnsupportedClause,
                        "CREATE",
                    ));
                }
            }
        }
        if !ops.is_empty() || parts.is_empty() {
            parts.push((ops, None));
        }
        self.outer_scope = outside;
        Ok(Pipeline { parts })
    }
}

/// What comes behind a `MATCH`: the clauses up to the next projection.
fn downstream(rest: &[Clause], _is_sub_query: bool) -> Downstream<'_> {
    let mut live = NameSet::new();
    for (idx, clause) in rest.iter().enumerate() {
        let projection = match clause {
            Clause::With(it) => &it.projection,
            Clause::Return(it) => &it.projection,
            Clause::Match(_) | Clause::Unwind(_) | Clause::Create(_) => continue,
        };
        names::in_clauses(rest.get(..=idx).unwrap_or_default(), &mut live);
        // a condition behind the projection sees only what is projected
        let is_plain = rest.get(..idx).unwrap_or_default().iter().all(|clause| match clause {
            Clause::Match(it) => !it.optional,
            Clause::Unwind(_) => true,
            Clause::With(_) | Clause::Return(_) | Clause::Create(_) => false,
        });
        return Downstream {
            live: (!projection.star).then_some(live),
            is_distinct: is_plain && project::ignores_doubles(projection),
            length_only: NameSet::new(),
        };
    }
    // a sub-query without projection: rows are counted or looked for
    names::in_clauses(rest, &mut live);
    Downstream { live: Some(live), is_distinct: false, length_only: NameSet::new() }
}

impl<'g> Pipeline<'g> {
    /// Whether rows are grouped on the way.
    pub(crate) fn groups(&self) -> bool {
        self.parts.iter().any(|(_, stage)| stage.as_ref().is_some_and(Stage::groups))
    }

    /// The columns of the last projection.
    fn columns(&self) -> &[(Arc<str>, Slot)] {
        self.parts.last().and_then(|(_, stage)| stage.as_ref()).map_or(&[], |it| &it.columns)
    }

    /// Runs the pipeline; `sink` is called for each row.
    pub(crate) fn run(&self, frame: &mut Frame<'g>, sink: Sink<'_, 'g>) -> Outcome<Flow> {
        run_parts(&self.parts, frame, sink)
    }
}

/// Each part takes the rows of the parts before it, one at a time.
fn run_parts<'g>(
    parts: &[(Vec<Op<'g>>, Option<Stage<'g>>)],
    frame: &mut Frame<'g>,
    sink: Sink<'_, 'g>,
) -> Outcome<Flow> {
    let Some(((ops, stage), before)) = parts.split_last() else { return sink(frame) };
    let mut rows = |frame: &mut Frame<'g>, each: Sink<'_, 'g>| {
        if before.is_empty() {
            exec::run(ops, frame, each)
        } else {
            run_parts(before, frame, &mut |frame| exec::run(ops, frame, each))
        }
    };
    match stage {
        None => rows(frame, sink),
        Some(stage) => stage.run(frame, &mut rows, sink),
    }
}

/// A query, read and checked; can be run over any graph.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    tree: ast::Query,
    columns: Vec<String>,
}

/// The rows that a query gives.
#[derive(Debug, Clone)]
pub struct Rows<'g> {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A value a column.
    pub rows: Vec<Vec<Value<'g>>>,
    /// What could not be looked at on the way: further rows may exist.
    pub gaps: BTreeSet<GapId>,
}

/// What a run is given.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The instant at which the query runs: `$now` and `datetime()`.
    pub now: jiff::Timestamp,
    /// The values of parameters.
    pub params: &'a Params,
    /// What the run may use up.
    pub limits: &'a Limits,
}

impl Query {
    /// Reads and checks a query.
    ///
    /// # Errors
    /// The text is not a query, or names what the schema does not know; says where.
    pub fn compile(text: &str, schema: Option<&dyn Schema>) -> Result<Self, Error> {
        Self::compile_with(text, &Options { schema, ..Options::default() })
    }

    /// Reads and checks a query, with variables bound beforehand: see [`Query::run_with`].
    ///
    /// # Errors
    /// The text is not a query, or names what the schema does not know; says where.
    pub fn compile_with(text: &str, options: &Options<'_>) -> Result<Self, Error> {
        let mut tree = lang::parse_query(text)?;
        let columns = lang::check::check_query(text, &tree, options)?.columns;
        crate::normal::query(&mut tree);
        let columns = columns.into_iter().map(|column| column.name).collect();
        Ok(Self { text: text.to_owned(), tree, columns })
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The text of the query.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Runs the query over a graph.
    ///
    /// # Errors
    /// An expression has no value, or a bound is hit.
    pub fn run<'g>(&'g self, graph: &'g Graph, context: &Context<'g>) -> Result<Rows<'g>, Error> {
        self.run_with(graph, context, &[])
    }

    /// Runs the query over a graph, with values for variables that were bound beforehand.
    ///
    /// # Errors
    /// An expression has no value, or a bound is hit.
    pub fn run_with<'g>(
        &'g self,
        graph: &'g Graph,
        context: &Context<'g>,
        bound: &[(&str, Value<'g>)],
    ) -> Result<Rows<'g>, Error> {
        let mut compiler = Compiler::new(graph, context.params, context.now, &self.text);
        let mut pipelines = Vec::new();
        let mut given = Vec::new();
        for (name, value) in bound {
            let is_node = matches!(value, Value::Node(_));
            let known = if is_node { Known::Node } else { Known::Nothing };
            given.push((compiler.declare(&Arc::from(*name), known), value.clone()));
        }
        let before = compiler.scope.clone();
        for part in self.tree.parts() {
            compiler.scope.clone_from(&before);
            pipelines.push(compiler.pipeline(part, false)?);
        }
        let mut frame = Frame::new(compiler.n_slots, context.limits);
        for (slot, value) in given {
            frame.set(slot, value);
        }
        let columns = self.columns.clone();
        let is_distinct = self.tree.unions.iter().any(|union| !union.all);
        let mut seen: HashSet<Vec<Key<'g>>> = HashSet::new();
        let mut rows = Vec::new();
        let mut gaps = BTreeSet::new();
        for pipeline in &pipelines {
            let slots: Vec<Slot> = columns
                .iter()
                .filter_map(|name| pipeline.columns().iter().find(|(it, _)| **it == **name))
                .map(|(_, slot)| *slot)
                .collect();
            pipeline.run(&mut frame, &mut |frame| {
                if let Some(gap) = frame.taint {
                    gaps.insert(gap);
                    return Ok(Flow::Go);
                }
                frame.keep(32 * slots.len() as u64)?;
                frame.hold_slots(slots.iter().copied())?;
                let row: Vec<Value<'g>> =
                    slots.iter().map(|slot| frame.get(*slot).clone()).collect();
                if !is_distinct || seen.insert(row.iter().cloned().map(Key).collect()) {
                    rows.push(row);
                }
                Ok(Flow::Go)
            })?;
            gaps.extend(frame.gap.take());
        }
        Ok(Rows { columns, rows, gaps })
    }
}
