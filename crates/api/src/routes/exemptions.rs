//! Exemptions: decisions that assessments do not count.

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use posture::{Exemption as Decision, Place as Where};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{Sight, View};

use super::what_if::WhatIf;
use crate::guard::Caller;
use crate::page::Page;
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Path, Query};
use crate::state::Api;
use crate::tag;
use crate::time::Time;
use crate::work::{Done, Work};

/// Further places of an exemption that is looked at before it is recorded.
const MOST_PLACES: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_exemptions, add_exemption))
        .routes(routes!(preview_exemption))
        .routes(routes!(get_exemption))
        .routes(routes!(end_exemption))
}

/// How an exempt assessment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Category {
    /// The risk is dealt with in another way: unhealthy counts as healthy.
    Mitigated,
    /// The risk is accepted: the assessment leaves the calculation.
    Waiver,
}

impl From<posture::Category> for Category {
    fn from(it: posture::Category) -> Self {
        match it {
            posture::Category::Mitigated => Self::Mitigated,
            posture::Category::Waiver => Self::Waiver,
        }
    }
}

/// Which assessments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Target {
    /// Those of one check, by its id.
    Check(String),
    /// Those of all checks of a control, by its id.
    Control(String),
    /// All.
    Everything,
}

/// Of which resources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Place {
    /// One resource, by its id, and nothing in it.
    Resource(String),
    /// A scope, by its id, with everything in it.
    Scope(String),
    /// All.
    Everywhere,
}

/// A recorded decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Exemption {
    number: u64,
    category: Category,
    target: Target,
    place: Place,
    /// Why.
    reason: String,
    /// What proves that: links, ticket numbers.
    evidence: Vec<String>,
    /// Who decided.
    approver: String,
    from: Time,
    /// The first instant at which it no longer counts; missing: it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    /// Whether it counts now.
    active: bool,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

impl Exemption {
    fn shown(it: &Decision, now: jiff::Timestamp, caller: &Caller, view: &View) -> Self {
        let chain = chain_of(&it.place, view);
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        Self {
            number: it.number,
            category: it.category.into(),
            target: match &it.target {
                posture::Target::Check(id) => Target::Check(id.clone()),
                posture::Target::Control(id) => Target::Control(id.clone()),
                posture::Target::Everything => Target::Everything,
            },
            place: match &it.place {
                Where::Resource(id) => Place::Resource(id.clone()),
                Where::Scope(id) => Place::Scope(id.clone()),
                Where::Everywhere => Place::Everywhere,
            },
            reason: it.reason.clone(),
            evidence: it.evidence.clone(),
            approver: it.approver.clone(),
            from: it.from.into(),
            until: it.until.map(Time),
            active: it.is_active(now),
            can: caller.can(&[Operation::ExemptionWrite], &chain),
        }
    }
}

/// The scopes on which an exemption is asked for; empty: the whole tenant.
fn chain_of(place: &Where, view: &View) -> Vec<String> {
    match place {
        Where::Resource(id) => view.chain_of_resource(id).unwrap_or_default(),
        Where::Scope(id) => view.scope_chain(id),
        Where::Everywhere => Vec::new(),
    }
}

/// Whether a caller sees an exemption: those on the whole tenant concern everybody.
fn is_seen(it: &Decision, caller: &Caller, view: &View) -> bool {
    let chain = chain_of(&it.place, view);
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    it.place == Where::Everywhere
        || caller.rights.can(Operation::ExemptionRead, &chain) == ::people::Decision::Allowed
}

/// Which exemptions. Of several values of one parameter any may hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Words that all must be in reason, approver or evidence.
    q: Option<String>,
    /// Ids of checks: those of one check, of its control, or of everything at some place.
    #[serde(default)]
    check: Vec<String>,
    /// Ids of controls, with their checks.
    #[serde(default)]
    control: Vec<String>,
    /// Ids of resources: those of the resource, or of a scope that it lies in.
    #[serde(default)]
    resource: Vec<String>,
    /// Ids of scopes, with what is in them and what is above.
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    category: Vec<Category>,
    /// Whether they count now.
    active: Option<bool>,
    /// Those that end before this instant (RFC 3339); they may have ended.
    #[serde(rename = "endsBefore")]
    #[param(rename = "endsBefore")]
    ends_before: Option<Time>,
}

impl Wanted {
    fn holds(&self, it: &Decision, now: jiff::Timestamp, (view, sight): (&View, &Sight)) -> bool {
        let lower = self.q.as_deref().unwrap_or_default().to_lowercase();
        let text =
            format!("{} {} {}", it.reason, it.approver, it.evidence.join(" ")).to_lowercase();
        lower.split_whitespace().all(|word| text.contains(word))
            && any(&self.check, |id| concerns_check(&it.target, id, view))
            && any(&self.control, |id| concerns_control(&it.target, id, view))
            && any(&self.resource, |id| concerns_resource(&it.place, id, view))
            && any(&self.scope, |id| {
                view.sees_scope(sight, id) && concerns_scope(&it.place, id, view)
            })
            && (self.category.is_empty() || self.category.contains(&it.category.into()))
            && self.active.is_none_or(|wanted| it.is_active(now) == wanted)
            && self.ends_before.is_none_or(|end| it.until.is_some_and(|it| it < end.0))
    }
}

/// Whether one of these holds; where none is named, nothing is asked.
fn any(wanted: &[String], holds: impl Fn(&str) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(|it| holds(it))
}

fn concerns_check(target: &posture::Target, id: &str, view: &View) -> bool {
    match target {
        posture::Target::Check(own) => own == id,
        posture::Target::Control(own) => {
            view.library().check(id).is_some_and(|it| it.control == *own)
        }
        posture::Target::Everything => true,
    }
}

fn concerns_control(target: &posture::Target, id: &str, view: &View) -> bool {
    match target {
        posture::Target::Check(own) => view.library().check(own).is_some_and(|it| it.control == id),
        posture::Target::Control(own) => own == id,
        posture::Target::Everything => true,
    }
}

fn concerns_resource(place: &Where, id: &str, view: &View) -> bool {
    match place {
        Where::Resource(own) => own == id,
        Where::Scope(own) => view.chain_of_resource(id).is_some_and(|it| it.contains(own)),
        Where::Everywhere => true,
    }
}

fn concerns_scope(place: &Where, id: &str, view: &View) -> bool {
    let is_in = |chain: Vec<String>| chain.iter().any(|it| it == id);
    match place {
        Where::Resource(own) => view.chain_of_resource(own).is_some_and(is_in),
        Where::Scope(own) => view.scope_chain(id).contains(own) || is_in(view.scope_chain(own)),
        Where::Everywhere => true,
    }
}

/// All exemptions that the caller sees, the latest first; ended ones, too.
#[utoipa::path(
    get,
    path = "/exemptions",
    tag = "posture",
    extensions(("x-operation" = json!("exemption.read"))),
    params(Wanted),
    responses((status = 200, description = "The exemptions", body = Page<Exemption>), Problems)
)]
async fn list_exemptions(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<Page<Exemption>>, Problem> {
    let (view, now) = (api.view()?, api.now());
    let all = view.ledger().exemptions();
    let sight = caller.sight(&view);
    let seen = all.iter().filter(|it| is_seen(it, &caller, &view));
    let seen = seen.filter(|it| wanted.holds(it, now, (&view, &sight)));
    let mut items: Vec<Exemption> =
        seen.map(|it| Exemption::shown(it, now, &caller, &view)).collect();
    items.sort_by_key(|it| std::cmp::Reverse(it.number));
    let total = Some(items.len() as u64);
    Ok(axum::Json(Page { items, next: None, total, as_of: view.sequence() }))
}

/// One exemption.
#[utoipa::path(
    get,
    path = "/exemptions/{number}",
    tag = "posture",
    extensions(("x-operation" = json!("exemption.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The exemption", body = Exemption), Problems)
)]
async fn get_exemption(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<axum::Json<Exemption>, Problem> {
    let view = api.view()?;
    let found = view.ledger().exemptions().iter().find(|it| it.number == number);
    let found = found.filter(|it| is_seen(it, &caller, &view));
    let found = found.ok_or_else(|| Problem::not_found("exemption"))?;
    Ok(axum::Json(Exemption::shown(found, api.now(), &caller, &view)))
}

/// An exemption that is wished for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewExemption {
    category: Category,
    target: Target,
    place: Place,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    /// What proves that: links, ticket numbers.
    #[serde(default)]
    #[schema(max_items = 20)]
    evidence: Vec<String>,
    /// Who decided.
    #[schema(min_length = 1, max_length = 200)]
    approver: String,
    /// The first instant at which it no longer counts; missing: it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
}

impl NewExemption {
    /// The decision that it would be, from now on.
    fn decision(&self, now: jiff::Timestamp) -> Decision {
        Decision {
            number: 0,
            category: match self.category {
                Category::Mitigated => posture::Category::Mitigated,
                Category::Waiver => posture::Category::Waiver,
            },
            target: match &self.target {
                Target::Check(id) => posture::Target::Check(id.clone()),
                Target::Control(id) => posture::Target::Control(id.clone()),
                Target::Everything => posture::Target::Everything,
            },
            place: match &self.place {
                Place::Resource(id) => Where::Resource(id.clone()),
                Place::Scope(id) => Where::Scope(id.clone()),
                Place::Everywhere => Where::Everywhere,
            },
            reason: self.reason.clone(),
            evidence: self.evidence.clone(),
            approver: self.approver.clone(),
            from: now,
            until: self.until.map(|it| it.0),
        }
    }

    /// Refuses what the caller may not do at the place.
    fn must(&self, caller: &Caller, view: &View) -> Result<(), Problem> {
        let (chain, what) = match &self.place {
            Place::Resource(id) => (view.chain_of_resource(id).ok_or("resource"), "resource"),
            Place::Scope(id) => {
                let chain = view.scope_chain(id);
                (if chain.is_empty() { Err("scope") } else { Ok(chain) }, "scope")
            }
            Place::Everywhere => (Ok(Vec::new()), "tenant"),
        };
        let chain = chain.map_err(Problem::not_found)?;
        let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
        caller.must(&chain, what)
    }

    fn check(&self, now: jiff::Timestamp, view: &View) -> Result<(), Problem> {
        if self.reason.trim().is_empty() || self.reason.len() > 4000 {
            return Err(Problem::invalid("reason", "must have 1 to 4,000 characters"));
        }
        if self.approver.trim().is_empty() || self.approver.len() > 200 {
            return Err(Problem::invalid("approver", "must have 1 to 200 characters"));
        }
        if self.evidence.len() > 20 || self.evidence.iter().any(|it| it.len() > 2000) {
            return Err(Problem::invalid("evidence", "at most 20 of 2,000 characters each"));
        }
        if self.until.is_some_and(|it| it.0 <= now) {
            return Err(Problem::invalid("until", "must be in the future"));
        }
        if self.target == Target::Everything && self.place == Place::Everywhere {
            return Err(Problem::invalid(
                "target",
                "name a check, a control, a resource or a scope",
            ));
        }
        let library = view.library();
        match &self.target {
            Target::Check(id) if library.check(id).is_none() => {
                Err(Problem::invalid("target.check", "there is no such check"))
            }
            Target::Control(id) if !library.controls().any(|it| it.id == *id) => {
                Err(Problem::invalid("target.control", "there is no such control"))
            }
            _ => Ok(()),
        }
    }
}

/// An exemption to be looked at before it is recorded, at one place or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = ExemptionToPreview)]
struct Preview {
    category: Category,
    target: Target,
    place: Place,
    /// Further places: what all of them together would change.
    #[serde(default)]
    #[schema(max_items = 200, required = false)]
    places: Vec<Place>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    reason: String,
    /// What proves that: links, ticket numbers.
    #[serde(default)]
    #[schema(max_items = 20)]
    evidence: Vec<String>,
    /// Who decided.
    #[schema(min_length = 1, max_length = 200)]
    approver: String,
    /// The first instant at which it no longer counts; missing: it has no end.
    #[serde(default)]
    until: Option<Time>,
}

impl Preview {
    /// An exemption for each place.
    fn each(self) -> Vec<NewExemption> {
        let Self { category, target, place, places, reason, evidence, approver, until } = self;
        let all = std::iter::once(place).chain(places);
        all.map(|place| NewExemption {
            category,
            target: target.clone(),
            place,
            reason: reason.clone(),
            evidence: evidence.clone(),
            approver: approver.clone(),
            until,
        })
        .collect()
    }
}

/// What became of a decision.
#[derive(Debug, Serialize, ToSchema)]
struct Decided {
    /// The commit that made it count.
    sequence: u64,
    /// The number of the exemption.
    exemption: u64,
    /// Assessments that count otherwise.
    assessments: u64,
    /// Of the whole tenant, for whom may see that.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<DecidedScore>,
}

/// The score before and after.
#[derive(Debug, Serialize, ToSchema)]
struct DecidedScore {
    before: Option<super::scores::Score>,
    after: Option<super::scores::Score>,
}

/// Records an exemption; it counts when this answers, or as soon as the job is done.
#[utoipa::path(
    post,
    path = "/exemptions",
    tag = "posture",
    extensions(("x-operation" = json!("exemption.write"))),
    request_body = NewExemption,
    responses(
        (status = 201, description = "It counts", body = Decided),
        (status = 202, description = "It will: the job", body = super::jobs::Job),
        Problems
    )
)]
async fn add_exemption(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewExemption>,
) -> Result<Response, Problem> {
    let view = api.view()?;
    new.check(api.now(), &view)?;
    new.must(&caller, &view)?;
    decide(&api, &caller, json!({ "add": new }), StatusCode::CREATED).await
}

/// What an exemption would change, at one place or at several together; nothing is recorded.
#[utoipa::path(
    post,
    path = "/exemptions/preview",
    tag = "posture",
    extensions(("x-operation" = json!("whatif.run"))),
    request_body = Preview,
    responses((status = 200, description = "What would be otherwise", body = WhatIf), Problems)
)]
async fn preview_exemption(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(preview): Body<Preview>,
) -> Result<Response, Problem> {
    if preview.places.len() > MOST_PLACES {
        return Err(Problem::invalid("places", format!("at most {MOST_PLACES}")));
    }
    let (view, now) = (api.view()?, api.now());
    let all = preview.each();
    let reads = Caller { operation: Operation::ExemptionRead, ..caller.clone() };
    for new in &all {
        new.check(now, &view)?;
        if new.place != Place::Everywhere {
            // Else an answer would tell whether there is a resource that the caller does not see.
            new.must(&reads, &view)?;
        }
    }
    api.read(&caller, move |view, sight| {
        // A view is of the instant of its commit: the decision counts there, too.
        let from = view.at().unwrap_or(now).min(now);
        let found = view.what_if_exempt(sight, all.iter().map(|it| it.decision(from)));
        Ok(axum::Json(WhatIf::new(found, view.sequence())).into_response())
    })
    .await
}

/// Ends an exemption now. It stays on record.
#[utoipa::path(
    post,
    path = "/exemptions/{number}/end",
    tag = "posture",
    extensions(("x-operation" = json!("exemption.write"))),
    params(("number" = u64, Path, description = "Its number")),
    responses(
        (status = 200, description = "It has ended", body = Decided),
        (status = 202, description = "It will: the job", body = super::jobs::Job),
        Problems
    )
)]
async fn end_exemption(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = api.view()?;
    let found = view.ledger().exemptions().iter().find(|it| it.number == number);
    let found = found.ok_or_else(|| Problem::not_found("exemption"))?;
    let chain = chain_of(&found.place, &view);
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    caller.must(&chain, "exemption")?;
    // The tag is that of what the caller reads.
    let reads = Caller { operation: Operation::ExemptionRead, ..caller.clone() };
    tag::must_match(&headers, &Exemption::shown(found, api.now(), &reads, &view))?;
    if found.until.is_some_and(|it| it <= api.now()) {
        return Err(Problem::new(StatusCode::CONFLICT, "ended", "it has ended already"));
    }
    decide(&api, &caller, json!({ "end": number }), StatusCode::OK).await
}

/// Queues a decision and waits a moment for it to count.
async fn decide(
    api: &Api,
    caller: &Caller,
    wish: serde_json::Value,
    done: StatusCode,
) -> Result<Response, Problem> {
    let job = Work { kind: "decide", payload: wish, priority: 3 };
    match api.do_work(caller, job).await? {
        Done::Yes(row) => {
            let exemption = row.result.get("exemption").and_then(serde_json::Value::as_u64);
            let place = format!("/api/v1/exemptions/{}", exemption.unwrap_or_default());
            let result = super::jobs::result_for(row.result, caller);
            Ok((done, [(header::LOCATION, place)], axum::Json(result)).into_response())
        }
        Done::NotYet(row) => Ok(super::jobs::accepted(row, caller)),
    }
}
