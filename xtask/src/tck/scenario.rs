//! Running one scenario and judging what came out.

use anyhow::{Context as _, Result};
use graph::{Context, Error, Limits, Params, Query};
use lang::Value;
use lang::check::Options;
use lang::error::ErrorKind;

use super::gherkin::{Scenario, Step};
use super::literal::{self, Literal};
use super::world::{NamedGraphs, World};
use super::{render, scope};

/// What became of a scenario.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    Failed { query: String, want: String, got: String },
    OutOfScope(String),
}

/// What the engine is told beside the query.
pub(crate) fn context<'a>(params: &'a Params, limits: &'a Limits) -> Result<Context<'a>> {
    let now = "2026-11-21T00:00:00Z".parse().context("the time of the scenarios")?;
    Ok(Context { now, params, limits })
}

/// What a scenario wants.
enum Want<'a> {
    Rows { table: &'a [Vec<String>], is_ordered: bool, ignores_lists: bool },
    Error { class: String, phase: String, detail: String },
}

/// What the engine gave.
enum Got {
    Rows { columns: Vec<String>, rows: Vec<Vec<Literal>> },
    CompileError(Error),
    RunError(Error),
}

/// Runs a scenario.
pub(crate) fn run(scenario: &Scenario, graphs: &NamedGraphs) -> Outcome {
    let query_of = |step: &&Step| step.text == "executing query";
    let query = scenario.steps.iter().find(query_of).and_then(|step| step.doc.clone());
    let Some(query) = query else {
        return Outcome::OutOfScope("no query".to_owned());
    };
    if scenario.steps.iter().any(|step| step.text.starts_with("there exists a procedure")) {
        return Outcome::OutOfScope("procedures".to_owned());
    }
    if let Some(reason) = scope::reason(&query) {
        return Outcome::OutOfScope(reason);
    }
    if lang::parse_query(&query).is_ok_and(|tree| scope::writes(&tree)) {
        return Outcome::OutOfScope("writes".to_owned());
    }
    if scope::is_temporal(&query) && scenario.steps.iter().any(|it| scope::shows_dates(&it.table)) {
        return Outcome::OutOfScope("temporal: dates as such, with offset or zone".to_owned());
    }
    match judge(scenario, &query, graphs) {
        Ok(None) => Outcome::Passed,
        Ok(Some((want, got))) => Outcome::Failed { query, want, got },
        Err(SetUp::OutOfScope(reason)) => Outcome::OutOfScope(reason),
        Err(SetUp::Failed(error)) => Outcome::Failed {
            query,
            want: "a scenario that can be set up".to_owned(),
            got: format!("{error:#}"),
        },
    }
}

/// Why a scenario could not be set up.
enum SetUp {
    OutOfScope(String),
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for SetUp {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// `None` when all is as wanted, else what was wanted and what came.
fn judge(
    scenario: &Scenario,
    query: &str,
    graphs: &NamedGraphs,
) -> Result<Option<(String, String)>, SetUp> {
    let mut world = World::default();
    let mut params = Params::new();
    let mut want = None;
    for step in &scenario.steps {
        let text = step.text.as_str();
        if let Some(name) = text.strip_prefix("the ").and_then(|it| it.strip_suffix(" graph")) {
            world = graphs.load(name)?;
        } else if text == "having executed" {
            set_up(&mut world, step.doc.as_deref().unwrap_or_default(), &params)?;
        } else if text.starts_with("parameters are") {
            for row in &step.table {
                if let [name, value] = &**row {
                    params.insert(name.clone(), value_of(&literal::parse(value)?)?);
                }
            }
        } else if let Some(found) = wanted(step) {
            want.get_or_insert(found);
        }
    }
    let want = want.context("the scenario wants nothing that we know")?;
    let got = execute(query, &world, &params)?;
    Ok(compare(&want, &got)?)
}

fn set_up(world: &mut World, text: &str, params: &Params) -> Result<(), SetUp> {
    if scope::is_temporal(text) {
        return Err(SetUp::OutOfScope("temporal: values kept in the graph".to_owned()));
    }
    let is_other_write = |error: &lang::Error| error.kind == ErrorKind::UnsupportedClause;
    if lang::parse_query(text).as_ref().is_err_and(is_other_write) {
        return Err(SetUp::OutOfScope("set-up that writes otherwise than by CREATE".to_owned()));
    }
    world.execute(text, params).context("in the set-up").map_err(SetUp::Failed)
}

/// What a step wants, when it is one that does.
fn wanted(step: &Step) -> Option<Want<'_>> {
    let text = step.text.as_str();
    if text == "the result should be empty" {
        return Some(Want::Rows { table: &[], is_ordered: false, ignores_lists: false });
    }
    if text.starts_with("the result should be") {
        return Some(Want::Rows {
            table: &step.table,
            is_ordered: text.contains("in order"),
            ignores_lists: text.contains("ignoring element order for lists"),
        });
    }
    let (class, rest) = text
        .strip_prefix("an ")
        .or_else(|| text.strip_prefix("a "))?
        .split_once(" should be raised at ")?;
    let (phase, detail) = rest.split_once(':').unwrap_or((rest, "*"));
    Some(Want::Error {
        class: class.to_owned(),
        phase: phase.trim().to_owned(),
        detail: detail.trim().to_owned(),
    })
}

fn execute(text: &str, world: &World, params: &Params) -> Result<Got> {
    let names: Vec<&str> = params.keys().map(String::as_str).collect();
    let options = Options { parameters: Some(&names), ..Options::default() };
    let query = match Query::compile_with(text, &options) {
        Ok(query) => query,
        Err(error) => return Ok(Got::CompileError(error)),
    };
    let graph = world.graph();
    let limits = Limits { steps: 50_000_000, rows: 1_000_000, ..Limits::default() };
    let context = context(params, &limits)?;
    let found = match query.run(&graph, &context) {
        Ok(found) => found,
        Err(error) => return Ok(Got::RunError(error)),
    };
    let literals =
        |row: &Vec<Value<'_>>| row.iter().map(|it| render::literal(&graph, it)).collect();
    let rows = found.rows.iter().map(literals).collect();
    Ok(Got::Rows { columns: found.columns, rows })
}

fn compare(want: &Want<'_>, got: &Got) -> Result<Option<(String, String)>> {
    match want {
        Want::Rows { table, is_ordered, ignores_lists } => {
            let header: Vec<String> = table.first().cloned().unwrap_or_default();
            let mut wanted = Vec::new();
            for row in table.iter().skip(1) {
                let cells: Result<Vec<String>> = row
                    .iter()
                    .map(|it| Ok(literal::parse(it)?.canonical(*ignores_lists)))
                    .collect();
                wanted.push(cells?.join(" | "));
            }
            let (mut lines, title) = match got {
                Got::Rows { columns, rows } => {
                    let places: Option<Vec<usize>> = header
                        .iter()
                        .map(|name| columns.iter().position(|column| column == name))
                        .collect();
                    let fits = places.is_some()
                        && (header.len() == columns.len() || (table.is_empty() && rows.is_empty()));
                    if !fits {
                        return Ok(Some((header.join(" | "), columns.join(" | "))));
                    }
                    let places = places.unwrap_or_default();
                    let line = |row: &Vec<Literal>| {
                        let cells = places.iter().filter_map(|place| row.get(*place));
                        cells.map(|it| it.canonical(*ignores_lists)).collect::<Vec<_>>().join(" | ")
                    };
                    (rows.iter().map(line).collect::<Vec<_>>(), columns.join(" | "))
                }
                Got::CompileError(error) | Got::RunError(error) => {
                    return Ok(Some((wanted.join("\n"), format!("{error}"))));
                }
            };
            if !is_ordered {
                wanted.sort();
                lines.sort();
            }
            Ok((wanted != lines).then(|| {
                (
                    format!("{}\n{}", header.join(" | "), wanted.join("\n")),
                    format!("{title}\n{}", lines.join("\n")),
                )
            }))
        }
        Want::Error { class, phase, detail } => {
            let text = format!("{class} at {phase}: {detail}");
            let (error, fits_phase) = match got {
                Got::CompileError(error) => (error, phase != "runtime"),
                Got::RunError(error) => (error, phase != "compile time"),
                Got::Rows { rows, .. } => return Ok(Some((text, format!("{} rows", rows.len())))),
            };
            let kind = error.kind();
            let fits_detail = detail == "*" || kind.is_some_and(|kind| kind.name() == *detail);
            let is_type = matches!(
                kind,
                Some(ErrorKind::InvalidArgumentType | ErrorKind::InvalidArgumentValue)
            );
            let fits_class =
                kind.is_some_and(|kind| kind.class() == class) || (class == "TypeError" && is_type);
            let got = format!("{kind:?}: {error}");
            Ok((!(fits_phase && fits_detail && fits_class)).then_some((text, got)))
        }
    }
}

/// A parameter.
fn value_of(literal: &Literal) -> Result<Value<'static>> {
    Ok(match literal {
        Literal::Null => Value::Null,
        Literal::Bool(it) => Value::Bool(*it),
        Literal::Int(it) => Value::Int(*it),
        Literal::Float(it) => Value::Float(*it),
        Literal::Str(it) => Value::string(it.as_str()),
        Literal::List(items) => Value::list(items.iter().map(value_of).collect::<Result<_>>()?),
        Literal::Map(entries) => {
            let mut values = Vec::new();
            for (key, value) in entries {
                values.push((key.clone().into(), value_of(value)?));
            }
            Value::map(values)
        }
        Literal::Node { .. } | Literal::Edge { .. } | Literal::Path { .. } => {
            anyhow::bail!("a parameter that is part of a graph")
        }
    })
}
