//! What is known about the things of an answer, in one question.

use std::sync::{Arc, Mutex, PoisonError};

use access::{Actor, Plus};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use graph::Graph;
use jiff::{Timestamp, ToSpan as _};
use paths::{Insight, IsOver};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use view::{ResourceItem, View};

use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Json as Body;
use crate::routes::attack::{FRESH_HOURS, Insights, LONGEST_DERIVING, with_insight};
use crate::routes::resources::Resource;
use crate::state::Api;

/// Things that one question may be about.
const MOST: usize = 500;

/// About what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InsightsAsked {
    /// Canonical ids; those that nothing has are left out of the answer.
    #[schema(max_items = 500)]
    ids: Vec<String>,
}

/// What is known about things.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeInsights<'v> {
    items: Vec<NodeInsight<'v>>,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// What is known about one thing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NodeInsight<'v> {
    #[serde(flatten)]
    resource: Resource<'v>,
    /// `veryHigh`, `high`, `medium` or `low`, where it is a critical asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    critical: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    internet: Option<Internet>,
    /// `yes` or `unknown`: it may do everything where it is at home.
    #[serde(skip_serializing_if = "Option::is_none")]
    administrator: Option<&'static str>,
}

/// What of the internet reaches a thing.
#[derive(Debug, Serialize, ToSchema)]
struct Internet {
    /// `yes` or `unknown`.
    answer: &'static str,
    /// The ports, in words.
    ports: String,
    /// From how much of it: `wide`, `narrow` or `trusted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<&'static str>,
}

/// Says of many things at once what is open on them, whether the internet reaches them, whether they are critical and
/// whether they are administrators.
#[utoipa::path(
    post,
    path = "/query/insights",
    tag = "estate",
    extensions(("x-operation" = json!("query.run"))),
    request_body = InsightsAsked,
    responses(
        (status = 200, description = "What is known", body = NodeInsights<'static>),
        Problems
    )
)]
pub(super) async fn show_insights(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<InsightsAsked>,
) -> Result<Response, Problem> {
    if asked.ids.len() > MOST {
        return Err(Problem::invalid("ids", format!("holds at most {MOST}")));
    }
    with_insight(&api, &caller, move |view, insight| {
        let items = view.resource_items(&view::Sight::Everything, &asked.ids);
        let graph = view.graph();
        let items = items.into_iter().map(|it| NodeInsight::of(graph, insight, it)).collect();
        Ok(axum::Json(NodeInsights { items, as_of: view.sequence() }).into_response())
    })
    .await
}

impl<'v> NodeInsight<'v> {
    fn of(graph: &Graph, insight: &Insight, it: ResourceItem<'v>) -> Self {
        Self {
            critical: posture::marks_of(graph, it.node).level.map(model::Criticality::name),
            internet: internet(insight, it.id),
            administrator: administrator(insight, it.id),
            resource: it.into(),
        }
    }
}

fn internet(insight: &Insight, id: &str) -> Option<Internet> {
    if !insight.network.is_endpoint(id) {
        return None;
    }
    let exposure = insight.network.exposure_without_proof(id)?;
    let answer = match exposure.answer {
        network::Answer::No => return None,
        network::Answer::Unknown => "unknown",
        network::Answer::Yes => "yes",
    };
    let (ports, width) = (exposure.ports.to_string(), exposure.width.map(paths::width_name));
    Some(Internet { answer, ports, width })
}

fn administrator(insight: &Insight, id: &str) -> Option<&'static str> {
    match insight.access.administrator(Actor { id, plus: Plus::Nothing }).answer {
        access::Answer::Denied => None,
        access::Answer::Unknown => Some("unknown"),
        access::Answer::Allowed => Some("yes"),
    }
}

/// Whether a query may ask for what only a marked graph has: it names it.
pub(super) fn asks_for_derived(query: &str) -> bool {
    paths::DERIVED_KEYS.iter().any(|key| query.contains(key))
}

/// The newest graph that was asked for what is derived of it, with that in it.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    kept: Mutex<Option<Marked>>,
}

/// A graph with what is derived of it.
#[derive(Debug)]
struct Marked {
    sequence: u64,
    made: Timestamp,
    graph: Graph,
}

impl Derived {
    /// The graph of `view`, or of a newer one, with what is derived of it, and the commit as of which it is; of a past
    /// state that is derived by itself.
    pub(super) fn graph(
        &self,
        view: &Arc<View>,
        is_past: bool,
        known: &Insights,
        (now, clock): (Timestamp, fn() -> Timestamp),
    ) -> Result<(Graph, u64), Problem> {
        let end = now.saturating_add(LONGEST_DERIVING).unwrap_or(now);
        let is_over: IsOver = Arc::new(move || clock() >= end);
        let fault = |error: serde_json::Error| Problem::fault(&error);
        if let Some(graph) = self.kept_of(view.sequence(), now) {
            return Ok((graph, view.sequence()));
        }
        let (sequence, graph) = if is_past {
            let access = paths::access(view.graph(), view.library(), now);
            let network = paths::network(view.graph(), network::spans::Spans::default());
            let graph = paths::marked(view.graph(), &access.map_err(fault)?, &network);
            (view.sequence(), graph)
        } else {
            let marked = |view: &Arc<View>, insight: &Insight| {
                let graph = paths::marked(view.graph(), &insight.access, &insight.network);
                (view.sequence(), graph)
            };
            known.with(view, now, &is_over, marked).map_err(fault)?
        };
        let marked = Marked { sequence, made: now, graph: graph.clone() };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(marked);
        Ok((graph, sequence))
    }

    fn kept_of(&self, sequence: u64, now: Timestamp) -> Option<Graph> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().filter(|it| it.sequence == sequence)?;
        let oldest = now.saturating_sub(FRESH_HOURS.hours()).unwrap_or(Timestamp::MIN);
        (kept.made >= oldest).then(|| kept.graph.clone())
    }
}
