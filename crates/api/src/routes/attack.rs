//! Attack paths, effective access and network reachability. All of it crosses scopes, so that it takes a
//! role on the whole tenant.

mod history;
mod insight;
mod stories;
mod types;

use std::sync::Arc;
use std::time::Duration;

use access::{Actor, Given, Plus, Request};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use graph::Graph;
use network::packets::PacketSet;
use paths::report::{Teller, answer_without};
use paths::{Insight, IsOver};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{Sight, View};

use self::types::{AccessDecision, AccessDecisions, AttackPaths, Exposed, Exposures, Passes};
use crate::guard::Caller;
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;

pub(crate) use self::insight::{FRESH_HOURS, Insights};
pub use self::insight::{keep_known, known_of};
pub(crate) use self::stories::StoriesRead;
pub use self::stories::StoryDesk;

/// For so long a state is derived; what is left then is said to be left.
pub(crate) const LONGEST_DERIVING: Duration = Duration::from_mins(2);
/// Names that one question may hold: with more it would not fit the head of a request.
const MOST_NAMES: usize = 20;
/// Fixes that are supposed to be made in one question.
const MOST_FIXES: usize = 100;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_attack_paths))
        .merge(history::routes())
        .routes(routes!(list_access))
        .routes(routes!(list_exposure))
        .routes(routes!(show_reach))
}

/// From where to where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PathsAsked {
    /// What the attacker holds at first: ids, names, `internet`, or `any-user`. The internet when absent.
    #[serde(default)]
    #[param(max_items = 20)]
    from: Vec<String>,
    /// What is threatened: ids, names, accounts, or `account-admin`. Administrators and critical assets when
    /// absent.
    #[serde(default)]
    #[param(max_items = 20)]
    to: Vec<String>,
    /// Numbers of fixes that are supposed to be made.
    #[serde(default)]
    #[param(max_items = 100)]
    without: Vec<u32>,
}

/// Lists the ways in which an attacker gets from where it is to what matters, and what cuts them.
#[utoipa::path(
    get,
    path = "/attack-paths",
    tag = "estate",
    params(PathsAsked),
    extensions(("x-operation" = json!("path.read"))),
    responses((status = 200, description = "The attack paths", body = AttackPaths), Problems)
)]
async fn list_attack_paths(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<PathsAsked>,
) -> Result<Response, Problem> {
    let lists = [
        ("from", asked.from.len(), MOST_NAMES),
        ("to", asked.to.len(), MOST_NAMES),
        ("without", asked.without.len(), MOST_FIXES),
    ];
    for (name, n, most) in lists {
        if n > most {
            return Err(Problem::invalid(name, format!("holds at most {most}")));
        }
    }
    let (kept, now) = (api.stories().await?, api.now());
    with_insight(&api, &caller, move |view, insight| {
        let graph = &insight.graph;
        let found = paths::ask(graph, &insight.attack, &asked.from, &asked.to);
        if let Some(missing) = found.missing.first() {
            let is_from = found.question.from.is_empty();
            return Err(Problem::invalid(if is_from { "from" } else { "to" }, missing.clone()));
        }
        let answered = answer_without(&insight.attack, &found.question, &asked.without);
        let context = insight.context();
        let estate = insight.estate(&context);
        let mut told = Teller { attack: &insight.attack, estate }.json(&answered);
        if let Some(fields) = told.as_object_mut() {
            fields.insert("asOf".to_owned(), view.sequence().into());
        }
        if let Some(kept) = kept {
            kept.mark(&mut told, now);
        }
        Ok(axum::Json(told).into_response())
    })
    .await
}

/// Who may do what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AccessAsked {
    /// The identity: an id or a name. Everybody who is or may be allowed when absent.
    who: Option<String>,
    /// The resource: an id or a name.
    what: String,
    /// The action in the words of its cloud.
    #[param(min_length = 1, max_length = 200)]
    action: String,
}

/// Says whether somebody may do something, or who may, with all reasons.
#[utoipa::path(
    get,
    path = "/access",
    tag = "estate",
    params(AccessAsked),
    extensions(("x-operation" = json!("path.read"))),
    responses((status = 200, description = "The decisions", body = AccessDecisions), Problems)
)]
async fn list_access(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<AccessAsked>,
) -> Result<Response, Problem> {
    with_insight(&api, &caller, move |view, insight| {
        let graph = &insight.graph;
        let what = id_of(graph, "what", &asked.what)?;
        let decisions = match &asked.who {
            Some(who) => {
                let who = if who == "*" { who.clone() } else { id_of(graph, "who", who)? };
                let actor = Actor { id: &who, plus: Plus::Nothing };
                let request = Request {
                    actor,
                    action: &asked.action,
                    on: &what,
                    context: &[],
                    given: Given::AsRead,
                };
                let decision = insight.access.decide(&request);
                vec![AccessDecision::of(who, &asked.action, &what, decision)]
            }
            None => insight
                .access
                .who_can(&asked.action, &what, &[])
                .into_iter()
                .map(|(who, decision)| AccessDecision::of(who, &asked.action, &what, decision))
                .collect(),
        };
        Ok(axum::Json(AccessDecisions { decisions, as_of: view.sequence() }).into_response())
    })
    .await
}

/// Lists what packets from the internet reach.
#[utoipa::path(
    get,
    path = "/exposure",
    tag = "estate",
    extensions(("x-operation" = json!("path.read"))),
    responses((status = 200, description = "What is exposed, or may be", body = Exposures), Problems)
)]
async fn list_exposure(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    with_insight(&api, &caller, move |view, insight| {
        let graph = &insight.graph;
        let network = &insight.network;
        let items = network
            .endpoints()
            .into_iter()
            .filter_map(|id| Exposed::of(graph, id, &network.exposure_without_proof(id)?))
            .collect();
        Ok(axum::Json(Exposures { items, as_of: view.sequence() }).into_response())
    })
    .await
}

/// From where to where packets go.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReachAsked {
    /// An id, a name, or `internet`.
    from: String,
    /// An id or a name.
    to: String,
    /// Only what arrives at this port; what arrives at any when absent.
    #[param(maximum = 65535)]
    port: Option<u16>,
}

/// Says what may pass between two end points, with a packet and every rule that it passes.
#[utoipa::path(
    get,
    path = "/reach",
    tag = "estate",
    params(ReachAsked),
    extensions(("x-operation" = json!("path.read"))),
    responses((status = 200, description = "What may pass", body = Passes), Problems)
)]
async fn show_reach(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(asked): Query<ReachAsked>,
) -> Result<Response, Problem> {
    with_insight(&api, &caller, move |view, insight| {
        let graph = &insight.graph;
        let to = id_of(graph, "to", &asked.to)?;
        let from = match asked.from.as_str() {
            "internet" => network::INTERNET.to_owned(),
            text => id_of(graph, "from", text)?,
        };
        let wanted = asked.port.map_or_else(PacketSet::all, PacketSet::at_port);
        let passage = insight.network.passage(&from, &to, &wanted);
        Ok(axum::Json(Passes::of(passage, view.sequence())).into_response())
    })
    .await
}

/// The id of what a parameter names.
fn id_of(graph: &Graph, field: &'static str, text: &str) -> Result<String, Problem> {
    match paths::find(graph, text) {
        Ok(node) => Ok(graph.id(node).unwrap_or_default().to_owned()),
        Err(reason) => Err(Problem::invalid(field, reason)),
    }
}

fn must_be_everything(sight: &Sight) -> Result<(), Problem> {
    if *sight == Sight::Everything {
        return Ok(());
    }
    let detail = "attack paths cross scopes: it takes a role on the whole tenant";
    Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail))
}

/// The newest state, for who sees the whole tenant.
fn must_see_all(api: &Api, caller: &Caller) -> Result<Arc<View>, Problem> {
    let view = api.view()?;
    must_be_everything(&caller.sight(&view))?;
    Ok(view)
}

/// Answers from what is derived of the newest state, for who sees the whole tenant.
pub(crate) async fn with_insight(
    api: &Api,
    caller: &Caller,
    answer: impl FnOnce(&Arc<View>, &Insight) -> Result<Response, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let turn = api.turn_to_ask().await?;
    let (insights, now, clock) = (Arc::clone(&api.insights), api.now(), api.clock());
    let end = now.saturating_add(LONGEST_DERIVING).unwrap_or(now);
    api.read(caller, move |view, sight| {
        let _turn = turn;
        must_be_everything(sight)?;
        let is_over: IsOver = Arc::new(move || clock() >= end);
        let answered = insights.with(view, now, &is_over, answer);
        answered.map_err(|error| Problem::fault(&error))?
    })
    .await
}
