//! Timing a list of queries over a graph, and holding their answers against known ones.
//!
//! In: queries and parameters as JSON, a clock. Out: figures. The notation `* SHORTEST 1..20` of other
//! engines is turned into `shortestPath(...)` here and nowhere else.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::compile::Params;
use crate::query::{Context, Query};
use crate::run::Limits;
use crate::store::Graph;
use lang::Value;

/// What became of one query.
#[derive(Debug, Clone)]
pub struct Timing {
    /// Its name.
    pub name: String,
    /// The first run: columns that it needs are made here.
    pub first: Duration,
    /// The median of the runs after that.
    pub median: Duration,
    /// How many rows it gave.
    pub n_rows: usize,
    /// The rows: all when there are at most twelve, else the first three.
    pub rows: Json,
    /// Whether the known answer is the same; `None` when none is known.
    pub is_right: Option<bool>,
    /// Why there are no rows.
    pub error: Option<String>,
}

/// Runs each query of `queries` (`{"queries": {name: text}}`) once and then `n_repeats` times.
///
/// `params` gives the parameters, `answers` the known rows (`{name: {"rows": n, "answer": [..]}}`),
/// `clock` the time since some fixed instant.
pub fn run(
    graph: &Graph,
    queries: &Json,
    params: &Params,
    answers: Option<&Json>,
    n_repeats: usize,
    clock: &dyn Fn() -> Duration,
) -> Vec<Timing> {
    let entries = queries.get("queries").and_then(Json::as_object);
    let mut entries: Vec<_> = entries.into_iter().flatten().collect();
    let number = |name: &str| {
        let digits: String = name.chars().filter(char::is_ascii_digit).take(4).collect();
        digits.parse::<u32>().unwrap_or(u32::MAX)
    };
    entries.sort_by_key(|(name, _)| number(name.split(' ').next().unwrap_or_default()));
    entries
        .into_iter()
        .map(|(name, text)| {
            let answer = answers.and_then(|answers| answers.get(name));
            let text = text.as_str().unwrap_or_default();
            time(graph, (name, text, answer), params, n_repeats, clock)
        })
        .collect()
}

fn time(
    graph: &Graph,
    (name, text, answer): (&str, &str, Option<&Json>),
    params: &Params,
    n_repeats: usize,
    clock: &dyn Fn() -> Duration,
) -> Timing {
    let limits = Limits { steps: u64::MAX - 1, rows: 100_000_000, ..Limits::default() };
    let context = Context { now: jiff::Timestamp::UNIX_EPOCH, params, limits: &limits };
    let mut timing = Timing {
        name: name.to_owned(),
        first: Duration::ZERO,
        median: Duration::ZERO,
        n_rows: 0,
        rows: Json::Null,
        is_right: None,
        error: None,
    };
    let mut times = Vec::new();
    for _ in 0..=n_repeats {
        let start = clock();
        // compiling belongs to the time that a query takes
        let query = Query::compile(&standard(text), None);
        let outcome = query.as_ref().map_err(Clone::clone).and_then(|it| it.run(graph, &context));
        times.push(clock().saturating_sub(start));
        match outcome {
            Ok(found) => {
                timing.n_rows = found.rows.len();
                let n_shown = if found.rows.len() <= 12 { 12 } else { 3 };
                let rows = found.rows.iter().take(n_shown);
                timing.rows = rows.map(|row| row.iter().map(scalar).collect::<Json>()).collect();
            }
            Err(error) => {
                timing.error = Some(error.to_string());
                break;
            }
        }
    }
    timing.first = times.first().copied().unwrap_or_default();
    let later = times.get_mut(1..).unwrap_or_default();
    later.sort();
    timing.median = later.get(later.len() / 2).copied().unwrap_or(timing.first);
    if timing.error.is_none() {
        timing.is_right = answer.map(|answer| {
            answer.get("answer") == Some(&timing.rows)
                && answer.get("rows") == Some(&json!(timing.n_rows))
        });
    }
    timing
}

/// A plain value as JSON.
fn scalar(value: &Value<'_>) -> Json {
    match value {
        Value::Bool(it) => Json::from(*it),
        Value::Int(it) => Json::from(*it),
        Value::Float(it) => Json::from(*it),
        Value::Str(it) => Json::from(it.as_str()),
        Value::Null => Json::Null,
        other => Json::from(other.to_string()),
    }
}

/// `p = (a)-[:T* SHORTEST 1..20]->(b) WHERE` as `p = shortestPath((a)-[:T*1..20]->(b)) WHERE`.
fn standard(text: &str) -> String {
    let mark = "* SHORTEST ";
    let parts = text.split_once(mark).and_then(|(head, tail)| {
        let (before, start) = head.rsplit_once("= (")?;
        let end = tail.find(" WHERE").or_else(|| tail.find(" RETURN"))?;
        let (pattern, rest) = tail.split_at_checked(end)?;
        Some(format!("{before}= shortestPath(({start}*{pattern}){rest}"))
    });
    parts.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::csv::Loader;

    #[test]
    fn answers_are_compared_and_foreign_notation_is_read() {
        let mut loader = Loader::default();
        loader.add_nodes("N", b"id\n0\n1\n2\n").unwrap();
        loader.add_edges("T", b"from,to\n0,1\n1,2\n").unwrap();
        let queries = json!({ "queries": {
            "Q2 near": "MATCH p = (a:N)-[:T* SHORTEST 1..20]->(b:N) WHERE a.id = 0 RETURN max(length(p))",
            "Q10 wrong": "MATCH (a:N) RETURN count(*)",
            "broken": "MATCH"
        } });
        let answers = json!({
            "Q2 near": { "rows": 1, "answer": [[2]] },
            "Q10 wrong": { "rows": 1, "answer": [[4]] }
        });
        let params = crate::Params::new();
        let timings =
            super::run(&loader.finish(), &queries, &params, Some(&answers), 2, &|| Duration::ZERO);
        let right: Vec<_> = timings.iter().map(|it| (&*it.name, it.is_right)).collect();
        assert_eq!(right, [("Q2 near", Some(true)), ("Q10 wrong", Some(false)), ("broken", None)]);
    }
}
