//! Questions of one's own, in openCypher, and what they may name.

mod form;
mod functions;
mod insights;
mod search;
mod vocabulary;

pub(crate) use self::insights::Derived;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use content::Kind;
use graph::{Limits, Params};
use posture::{LibrarySchema, Setting};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::Caller;
use crate::problem::{FieldProblem, Problem, Problems};
use crate::query::{Json as Body, whole};
use crate::state::Api;

/// Seconds that a question may take, where the client does not say.
const PATIENCE: u32 = 10;
/// Rows that are answered, where the client does not say.
const ROWS: usize = 1000;
/// Rows of the longest answer.
const MOST_ROWS: usize = 100_000;
/// Bytes that a question may keep: several may be asked at once, and the server has other work.
const MEMORY: u64 = 512 << 20;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(run_query))
        .routes(routes!(get_schema))
        .routes(routes!(search::make_search))
        .routes(routes!(search::show_vocabulary))
        .routes(routes!(insights::show_insights))
}

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Question {
    /// openCypher, reading only.
    #[schema(min_length = 1, max_length = 100_000)]
    query: String,
    /// Values of its parameters.
    #[serde(default)]
    #[schema(value_type = Object)]
    parameters: serde_json::Map<String, Json>,
    /// Seconds that it may take.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 60, default = 10)]
    timeout: Option<u32>,
    /// Rows that are answered.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 100_000, default = 1000)]
    limit: Option<u32>,
    /// As it was then: the number of a commit, an instant (RFC 3339) or a day.
    #[schema(min_length = 1)]
    at: Option<String>,
}

/// The answer to a question.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Answer {
    /// Names of the columns.
    columns: Vec<String>,
    /// A value a column.
    #[schema(value_type = Vec<Vec<Value>>)]
    rows: Vec<Vec<Json>>,
    /// Whether there are more rows than were asked for.
    more: bool,
    /// Whether something that the query reads was not collected: there may be further rows.
    incomplete: bool,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// Asks the security graph. A question sees the whole graph, so that it takes a role on the whole tenant.
#[utoipa::path(
    post,
    path = "/query",
    tag = "estate",
    extensions(("x-operation" = json!("query.run"))),
    request_body = Question,
    responses((status = 200, description = "The rows", body = Answer), Problems)
)]
async fn run_query(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(question): Body<Question>,
) -> Result<Response, Problem> {
    let seconds = question.timeout.unwrap_or(PATIENCE);
    if !(1..=60).contains(&seconds) {
        return Err(Problem::invalid("timeout", "must be 1 to 60"));
    }
    let limit = question.limit.map_or(ROWS, |it| it as usize);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be 1 to {MOST_ROWS}")));
    }
    let turn = api.turn_to_ask().await?;
    let (now, clock) = (api.now(), api.clock());
    let (known, derived) = (Arc::clone(&api.insights), Arc::clone(&api.derived));
    let at = question.at.clone();
    let is_past = at.is_some();
    api.read_at(&caller, at.as_deref(), move |view, sight| {
        let _turn = turn;
        if *sight != view::Sight::Everything {
            let detail = "a question sees the whole graph: it takes a role on the whole tenant";
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail));
        }
        let mut params = Params::new();
        for (name, value) in &question.parameters {
            params.insert(name.clone(), posture::from_json(value));
        }
        let derived = if insights::asks_for_derived(&question.query) {
            Some(derived.graph(view, is_past, &known, (now, clock))?)
        } else {
            None
        };
        let (graph, as_of) =
            derived.as_ref().map_or((view.graph(), view.sequence()), |it| (&it.0, it.1));
        let end = clock().saturating_add(Duration::from_secs(seconds.into())).unwrap_or(now);
        let is_over = Arc::new(move || clock() >= end);
        let limits = Limits { is_over: Some(is_over), memory_bytes: MEMORY, ..Limits::default() };
        let setting = Setting::at(now).with_params(params).with_limits(limits);
        let schema =
            LibrarySchema::new(view.library()).with_graph(graph).with_derived(&paths::DERIVED_KEYS);
        let wrong = |error: graph::Error| {
            let place = error.place();
            let at = place.map(|(line, column, _)| (line.into(), column.into()));
            wrong_at("query", error.to_string(), at, place.map(|it| it.2.into()))
        };
        let query = graph::Query::compile(&question.query, Some(&schema)).map_err(wrong)?;
        let context = setting.context();
        let found = query.run(graph, &context).map_err(wrong)?;
        let more = found.rows.len() > limit;
        let row =
            |row: &Vec<lang::Value<'_>>| row.iter().map(|it| posture::to_json(graph, it)).collect();
        let answer = Answer {
            rows: found.rows.iter().take(limit).map(row).collect(),
            columns: found.columns,
            more,
            incomplete: !found.gaps.is_empty(),
            as_of,
        };
        Ok(axum::Json(answer).into_response())
    })
    .await
}

/// What is wrong in a text, and where: line and character, and how many characters.
fn wrong_at(
    field: &'static str,
    detail: String,
    at: Option<(u64, u64)>,
    length: Option<u64>,
) -> Problem {
    Problem::invalid_fields(vec![FieldProblem::new(field, detail).at(at, length)])
}

/// What queries may name.
#[derive(Debug, Serialize, ToSchema)]
struct QuerySchema<'v> {
    /// A label for each kind.
    labels: Vec<Label<'v>>,
    /// Types of edges, with the labels that they lead from and to.
    edges: Vec<EdgeType<'v>>,
    /// The functions that they may call.
    functions: Vec<functions::Function>,
}

/// The label of a kind.
#[derive(Debug, Serialize, ToSchema)]
struct Label<'v> {
    /// The label itself.
    #[serde(rename = "label")]
    name: String,
    kind: &'v str,
    title: &'v str,
    /// Labels that it has beside, across clouds.
    classes: &'v [String],
}

impl<'v> Label<'v> {
    fn of(it: &'v Kind) -> Self {
        Self { name: it.native_label(), kind: &it.id, title: &it.title, classes: &it.labels }
    }
}

/// A type of edges between two labels.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
struct EdgeType<'v> {
    #[serde(rename = "type")]
    edge: &'v str,
    from: String,
    to: String,
}

/// The labels and edges of the security graph, and the functions of queries.
#[utoipa::path(
    get,
    path = "/schema",
    tag = "estate",
    extensions(("x-operation" = json!("content.read"))),
    responses((status = 200, description = "The schema", body = QuerySchema<'static>), Problems)
)]
async fn get_schema(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    api.read(&caller, move |view, _| {
        let library = view.library();
        let mut edges = Vec::new();
        for kind in library.kinds() {
            for edge in &kind.edges {
                for target in &edge.to.0 {
                    let target =
                        library.kind(target).map_or("Resource".to_owned(), Kind::native_label);
                    let own = kind.native_label();
                    let (from, to) = if edge.reverse { (target, own) } else { (own, target) };
                    edges.push(EdgeType { edge: &edge.edge_type, from, to });
                }
            }
        }
        edges.sort();
        edges.dedup();
        let labels = library.kinds().map(Label::of).collect();
        let functions = functions::all();
        Ok(axum::Json(QuerySchema { labels, edges, functions }).into_response())
    })
    .await
}
