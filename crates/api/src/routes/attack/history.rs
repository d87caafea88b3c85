//! Attack paths over time, as a list and as figures: what is new, what is open, what is resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use content::Library;
use jiff::Timestamp;
use model::Severity;
use paths::report::likelihood_word;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{StoryRow, StoryTally};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::Facet;

use super::must_see_all;
use super::stories::KeptStories;
use super::types::{HeldThing, StoryStatus};
use crate::cursor;
use crate::export::{self, Form, SHARE};
use crate::guard::Caller;
use crate::list::{FacetCounts, Faceted};
use crate::page::limit;
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::routes::kept::Since;
use crate::state::Api;
use crate::time::Time;
use crate::words;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_attack_path_history))
        .routes(routes!(get_attack_path_trend))
}

/// Columns of the table.
const COLUMNS: &[(&str, &str)] = &[
    ("status", "/status"),
    ("risk", "/risk"),
    ("proven", "/proven"),
    ("entry", "/entry/id"),
    ("target", "/target/id"),
    ("kind", "/target/kind"),
    ("likelihood", "/likelihood"),
    ("found", "/found/at"),
    ("lastSeen", "/lastSeen/at"),
    ("resolved", "/resolved/at"),
    ("firstFound", "/firstFound/at"),
    ("periods", "/n"),
];

/// An attack path over time: from one entry point to one target, whatever steps it took.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttackStory {
    #[schema(value_type = HeldThing)]
    entry: Json,
    #[schema(value_type = HeldThing)]
    target: Json,
    status: StoryStatus,
    /// As it is, or was last.
    #[schema(value_type = words::Severity)]
    risk: String,
    /// `certain`, `high`, `medium` or `low`.
    likelihood: &'static str,
    /// The same as a number from 0 to 1; ordinal.
    likelihood_value: f64,
    /// Whether it rests on nothing that could not be judged.
    proven: bool,
    /// The steps that it takes, or took last, in order.
    steps: Vec<StoryStep>,
    /// When it was found, the last time that it was not there before.
    found: Since,
    /// The newest state that had it.
    last_seen: Since,
    /// When it was gone; missing while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Since>,
    /// Steps of it that could look at less when it was gone than before: it may be hidden, not mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden_by: Vec<StoryStep>,
    /// When it was found for the first time that is kept.
    first_found: Since,
    /// Each time that it was there, the oldest first: more than one where it came back.
    periods: Vec<StoryPeriod>,
}

/// A step, by what it is.
#[derive(Debug, Serialize, ToSchema)]
struct StoryStep {
    /// Its id in the content.
    step: String,
    title: String,
}

/// From when it was found to when it was gone.
#[derive(Debug, Serialize, ToSchema)]
struct StoryPeriod {
    found: Since,
    /// Missing while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Since>,
}

/// Which attack paths. Of several values of one parameter any may hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct HistoryAsked {
    /// What must stand in a name or id of its ends, whatever its case.
    q: Option<String>,
    #[serde(default)]
    status: Vec<StoryStatus>,
    #[serde(default)]
    #[param(value_type = Vec<words::Severity>)]
    risk: Vec<Severity>,
    /// Ids of entry points.
    #[serde(default)]
    entry: Vec<String>,
    /// Ids of targets.
    #[serde(default)]
    target: Vec<String>,
    /// Kinds of targets, by id.
    #[serde(default)]
    kind: Vec<String>,
    /// Those that were open at this instant (RFC 3339) or later.
    from: Option<Time>,
    /// Those that were open at this instant (RFC 3339) or earlier.
    to: Option<Time>,
    /// Those that were found at this instant (RFC 3339) or later, the last time.
    found_since: Option<Time>,
    /// Those that are resolved since this instant (RFC 3339) or later.
    resolved_since: Option<Time>,
    /// Turns the order round.
    #[serde(default)]
    #[param(default = false)]
    reverse: bool,
    /// Items of the page.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// The property that a facet counts, whose own filter does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Status,
    Risk,
    Entry,
    Kind,
}

impl By {
    const ALL: [Self; 4] = [Self::Status, Self::Risk, Self::Entry, Self::Kind];

    fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Risk => "risk",
            Self::Entry => "entry",
            Self::Kind => "kind",
        }
    }

    fn value<'a>(self, it: &Told<'a>) -> &'a str {
        match self {
            Self::Status => it.status.word(),
            Self::Risk => &it.last.story.risk,
            Self::Entry => &it.last.story.entry,
            Self::Kind => it.kind(),
        }
    }
}

/// All periods of one pair.
#[derive(Clone, Copy)]
struct Told<'a> {
    periods: &'a [StoryRow],
    last: &'a StoryRow,
    status: StoryStatus,
}

/// Where something stands in the order: what changed last comes first.
type Place = (i64, String, String);

impl<'a> Told<'a> {
    fn all(rows: &'a [StoryRow], now: Timestamp) -> impl Iterator<Item = Self> {
        let is_one = |a: &StoryRow, b: &StoryRow| {
            a.story.entry == b.story.entry && a.story.target == b.story.target
        };
        rows.chunk_by(is_one).filter_map(move |periods| {
            let last = periods.last()?;
            Some(Self { periods, last, status: StoryStatus::of(last, now) })
        })
    }

    fn kind(&self) -> &'a str {
        text(&self.last.story.body, "/target/kind")
    }

    fn place(&self) -> Place {
        let at = self.last.gone.unwrap_or(self.last.found).at.as_microsecond();
        let story = &self.last.story;
        (at.saturating_neg(), story.entry.clone(), story.target.clone())
    }

    fn shown(&self, library: &Library, head: store::Moment) -> AttackStory {
        let story = &self.last.story;
        let step = |id: &String| {
            let title = match (library.step(id), id.as_str()) {
                (Some(step), _) => step.title.as_str(),
                (None, "merlon.contact") => "Reach it over the network",
                (None, "merlon.raised") => "Use the rights that were changed",
                (None, "merlon.alike") => "Do what anybody can who is not named",
                (None, id) => id,
            };
            StoryStep { step: id.clone(), title: title.to_owned() }
        };
        let period = |it: &StoryRow| StoryPeriod {
            found: it.found.into(),
            resolved: it.gone.map(Since::from),
        };
        let first = self.periods.first().unwrap_or(self.last);
        let end = |name: &str| story.body.get(name).cloned().unwrap_or_default();
        AttackStory {
            entry: end("entry"),
            target: end("target"),
            status: self.status,
            risk: story.risk.clone(),
            likelihood: likelihood_word(story.likelihood),
            likelihood_value: story.likelihood,
            proven: story.is_proven,
            steps: story.steps.iter().map(step).collect(),
            found: self.last.found.into(),
            last_seen: self.last.last.unwrap_or(head).into(),
            resolved: self.last.gone.map(Since::from),
            hidden_by: self.last.blind.iter().map(step).collect(),
            first_found: first.found.into(),
            periods: self.periods.iter().map(period).collect(),
        }
    }
}

fn text<'a>(json: &'a Json, at: &str) -> &'a str {
    json.pointer(at).and_then(Json::as_str).unwrap_or_default()
}

impl HistoryAsked {
    /// Whether something is asked for, when the filter of `but` does not count.
    fn holds(&self, it: &Told<'_>, but: Option<By>) -> bool {
        let any = |by: By, wanted: &mut dyn Iterator<Item = &str>| {
            let mut wanted = wanted.peekable();
            but == Some(by) || wanted.peek().is_none() || wanted.any(|value| value == by.value(it))
        };
        any(By::Status, &mut self.status.iter().map(|it| it.word()))
            && any(By::Risk, &mut self.risk.iter().map(|it| it.name()))
            && any(By::Entry, &mut self.entry.iter().map(String::as_str))
            && any(By::Kind, &mut self.kind.iter().map(String::as_str))
            && (self.target.is_empty() || self.target.contains(&it.last.story.target))
            && self.is_in_time(it)
            && self.q.as_deref().is_none_or(|words| names(it, &words.to_lowercase()))
    }

    fn is_in_time(&self, it: &Told<'_>) -> bool {
        let (from, to) = (self.from.map(|it| it.0), self.to.map(|it| it.0));
        let was_open = |period: &StoryRow| {
            to.is_none_or(|to| period.found.at <= to)
                && from.is_none_or(|from| period.gone.is_none_or(|gone| gone.at > from))
        };
        it.periods.iter().any(was_open)
            && self.found_since.is_none_or(|since| it.last.found.at >= since.0)
            && self
                .resolved_since
                .is_none_or(|since| it.last.gone.is_some_and(|gone| gone.at >= since.0))
    }
}

/// Whether these words, in lower case, stand in a name or id of its ends.
fn names(it: &Told<'_>, words: &str) -> bool {
    let story = &it.last.story;
    let ends = [
        &*story.entry,
        &*story.target,
        text(&story.body, "/entry/name"),
        text(&story.body, "/target/name"),
    ];
    ends.iter().any(|it| it.to_lowercase().contains(words))
}

fn facets(asked: &HistoryAsked, all: &[Told<'_>]) -> Vec<FacetCounts> {
    let facet = |by: By| {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for it in all.iter().filter(|it| asked.holds(it, Some(by))) {
            *counts.entry(by.value(it)).or_default() += 1;
        }
        Facet::new(by.name(), counts.into_iter()).into()
    };
    By::ALL.into_iter().map(facet).collect()
}

/// What is asked for, in its order.
fn found<'a>(asked: &HistoryAsked, all: &[Told<'a>]) -> Vec<(Place, Told<'a>)> {
    let mut found: Vec<(Place, Told<'a>)> =
        all.iter().filter(|it| asked.holds(it, None)).map(|it| (it.place(), *it)).collect();
    found.sort_by(|a, b| if asked.reverse { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) });
    found
}

/// Attack paths from the internet to what matters over time, those that came or went last first, with facets: what
/// is resolved stays listed for as long as history is kept. `Accept: text/csv` or `application/x-ndjson` gives the whole list.
#[utoipa::path(
    get,
    path = "/attack-paths/history",
    tag = "estate",
    extensions(("x-operation" = json!("path.read"))),
    params(HistoryAsked),
    responses(
        (status = 200, description = "A page of attack paths", body = Faceted<AttackStory>),
        Problems
    )
)]
async fn list_attack_path_history(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Query(asked): Query<HistoryAsked>,
) -> Result<Response, Problem> {
    let view = must_see_all(&api, &caller)?;
    let most = limit(asked.limit)?;
    let after: Option<Place> = asked.cursor.as_deref().map(cursor::read).transpose()?;
    let (kept, now, form) = (api.stories().await?, api.now(), Form::of(&headers));
    api.compute(move || {
        let Some(kept) = kept else {
            let facets = facets(&asked, &[]);
            let nothing = Faceted::<AttackStory> {
                items: Vec::new(),
                next: None,
                total: 0,
                as_of: 0,
                facets,
            };
            return Ok(match form {
                Form::Page => axum::Json(nothing).into_response(),
                Form::Lines | Form::Table => export::stream(form, COLUMNS, Box::new(Vec::new)),
            });
        };
        let library = Arc::clone(view.library());
        if form != Form::Page {
            return Ok(exported(&asked, &kept, now, (form, &library)));
        }
        let all: Vec<Told<'_>> = Told::all(&kept.rows, now).collect();
        let found = found(&asked, &all);
        let is_behind = |place: &Place| match &after {
            None => true,
            Some(after) if asked.reverse => place < after,
            Some(after) => place > after,
        };
        let mut rest = found.iter().filter(|it| is_behind(&it.0));
        let page: Vec<_> = rest.by_ref().take(most).collect();
        let next = rest.next().and(page.last()).map(|it| cursor::write(&it.0));
        let head = kept.head.moment;
        let shown = Faceted {
            items: page.iter().map(|it| it.1.shown(&library, head)).collect(),
            next,
            total: found.len() as u64,
            as_of: head.seq,
            facets: facets(&asked, &all),
        };
        Ok(axum::Json(shown).into_response())
    })
    .await
}

/// The whole list as a stream.
fn exported(
    asked: &HistoryAsked,
    kept: &KeptStories,
    now: Timestamp,
    (form, library): (Form, &Library),
) -> Response {
    let all: Vec<Told<'_>> = Told::all(&kept.rows, now).collect();
    let head = kept.head.moment;
    let shown = found(asked, &all).into_iter().map(|it| {
        let mut json = serde_json::to_value(it.1.shown(library, head)).unwrap_or_default();
        if let Some(fields) = json.as_object_mut().filter(|_| form == Form::Table) {
            fields.insert("n".to_owned(), it.1.periods.len().into());
        }
        json
    });
    let mut left = shown.collect::<Vec<Json>>().into_iter();
    export::stream(form, COLUMNS, Box::new(move || left.by_ref().take(SHARE).collect()))
}

/// How many attack paths were open from a commit on.
#[derive(Debug, Serialize, ToSchema)]
struct OpenPathsPoint {
    sequence: u64,
    at: Time,
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    /// What could not be proven.
    unproven: u64,
}

impl From<StoryTally> for OpenPathsPoint {
    fn from(it: StoryTally) -> Self {
        let count = |risk: Severity| it.counts.get(risk.name()).copied().unwrap_or(0);
        Self {
            sequence: it.since.seq,
            at: it.since.at.into(),
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            unproven: it.unproven,
        }
    }
}

/// How many attack paths were open, by risk: every time that this changed, the oldest first.
#[utoipa::path(
    get,
    path = "/attack-paths/trend",
    tag = "estate",
    extensions(("x-operation" = json!("path.read"))),
    responses((status = 200, description = "The figures", body = Vec<OpenPathsPoint>), Problems)
)]
async fn get_attack_path_trend(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<axum::Json<Vec<OpenPathsPoint>>, Problem> {
    must_see_all(&api, &caller)?;
    let points = api.store()?.story_trend(&api.access(&caller.name)).await?;
    Ok(axum::Json(points.into_iter().map(OpenPathsPoint::from).collect()))
}
