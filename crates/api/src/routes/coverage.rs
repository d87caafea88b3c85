//! Coverage: what was collected of each scope, what was not, and why.

use std::collections::{BTreeMap, BTreeSet};

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use store::{Access, At, CollectedRow, Store, StoreError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view::{KindCoverage, ScopeCoverage, Sight, View};

use crate::guard::Caller;
use crate::past::{Part, within};
use crate::problem::{Problem, Problems};
use crate::query::Query;
use crate::state::Api;
use crate::time::Time;

/// Commits whose instants are looked up for one answer.
const MOST_COMMITS: usize = 500;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_coverage))
}

/// How completely something was collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Covered {
    /// To the end of each list, and nothing that a check asks for is missing.
    Full,
    /// In part: a list was not read to its end, or something that a check asks for was not read.
    Partly,
    /// Not at all.
    None,
}

/// What is seen of the caller's scopes, and what is not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Coverage<'v> {
    totals: CoverageTotals,
    scopes: Vec<CoveredScope<'v>>,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// Figures over all scopes.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CoverageTotals {
    /// Scopes of which everything was collected that there is to collect.
    full: u64,
    partly: u64,
    /// Scopes that others name, or that were listed, and of which nothing was collected.
    none: u64,
    resources: u64,
    /// Resources of kinds that no content describes: they are shown and not judged.
    undescribed: u64,
    /// Assessments that are unknown.
    unknown: u64,
    /// The oldest list that still counts, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<Time>,
}

/// What is known of a scope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CoveredScope<'v> {
    scope: &'v str,
    name: &'v str,
    cloud: &'v str,
    state: Covered,
    resources: u64,
    undescribed: u64,
    kinds: Vec<CoveredKind<'v>>,
    /// Kinds of its cloud of which nothing was collected there.
    missing: Vec<&'v str>,
    /// When a list of it was read last.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<Time>,
    /// The list that was read the longest time ago and still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<Time>,
}

/// What is known of a kind in a scope.
#[derive(Debug, Serialize, ToSchema)]
struct CoveredKind<'v> {
    kind: &'v str,
    title: &'v str,
    state: Covered,
    resources: u64,
    /// Assessments that are unknown.
    unknown: u64,
    gaps: Vec<CoverageGap<'v>>,
    /// Regions that were listed to the end; empty: all, or none at all.
    regions: Vec<String>,
    /// When it was listed to the end last.
    #[serde(skip_serializing_if = "Option::is_none")]
    collected: Option<Time>,
}

/// Something that was not read.
#[derive(Debug, Serialize, ToSchema)]
struct CoverageGap<'v> {
    /// What; empty: nothing was asked for.
    what: &'v str,
    /// Why.
    reason: &'v str,
    /// Assessments that are unknown because of it.
    assessments: u64,
}

/// What was listed to the end of one kind in one scope.
#[derive(Default)]
struct Listed {
    regions: BTreeSet<String>,
    is_everywhere: bool,
    last: u64,
}

type Lists<'c> = BTreeMap<(&'c str, &'c str), Listed>;

fn lists(rows: &[CollectedRow]) -> Lists<'_> {
    let mut lists = Lists::new();
    for row in rows {
        let listed = lists.entry((&row.what.scope, &row.what.kind)).or_default();
        match &row.what.region {
            Some(region) => {
                listed.regions.insert(region.to_string());
            }
            None => listed.is_everywhere = true,
        }
        listed.last = listed.last.max(row.last_seq);
    }
    lists
}

fn covered_kind<'v>(
    it: KindCoverage<'v>,
    listed: Option<&Listed>,
    (view, instants): (&'v View, &BTreeMap<u64, Timestamp>),
) -> CoveredKind<'v> {
    let is_listed = listed.is_some() || !it.is_described;
    let state = if is_listed && it.gaps.is_empty() { Covered::Full } else { Covered::Partly };
    let gap = |it: view::GapCount<'v>| CoverageGap {
        what: it.what,
        reason: it.reason,
        assessments: it.assessments,
    };
    let regions = listed.filter(|it| !it.is_everywhere);
    CoveredKind {
        kind: it.kind,
        title: view.library().kind(it.kind).map_or(it.kind, |it| &it.title),
        state,
        resources: it.resources,
        unknown: it.unknown,
        gaps: it.gaps.into_iter().map(gap).collect(),
        regions: regions.map(|it| it.regions.iter().cloned().collect()).unwrap_or_default(),
        collected: listed.and_then(|it| instants.get(&it.last)).map(|it| (*it).into()),
    }
}

fn covered_scope<'v>(
    it: ScopeCoverage<'v>,
    lists: &Lists<'_>,
    context: (&'v View, &BTreeMap<u64, Timestamp>),
) -> CoveredScope<'v> {
    let (view, instants) = context;
    let (scope, cloud) = (it.scope, it.cloud);
    let own = || lists.range((scope, "")..).take_while(move |(key, _)| key.0 == scope);
    let mut present: BTreeSet<&str> = it.kinds.iter().map(|it| it.kind).collect();
    let mut kinds: Vec<CoveredKind<'v>> = it
        .kinds
        .into_iter()
        .map(|it| {
            let listed = lists.get(&(scope, it.kind));
            covered_kind(it, listed, context)
        })
        .collect();
    // What was listed to the end and is not there at all is known as well as what is there.
    for ((_, kind), listed) in own() {
        if let Some(kind) = view.library().kind(kind).filter(|it| !present.contains(&*it.id)) {
            let gaps = Vec::new();
            let empty =
                KindCoverage { kind: &kind.id, is_described: true, resources: 0, unknown: 0, gaps };
            kinds.push(covered_kind(empty, Some(listed), context));
            present.insert(&kind.id);
        }
    }
    kinds.sort_by(|a, b| b.state.cmp(&a.state).then(a.kind.cmp(b.kind)));
    let missing: Vec<&str> = view
        .library()
        .kinds()
        .filter(|it| !cloud.is_empty() && it.cloud() == cloud && !present.contains(&*it.id))
        .map(|it| it.id.as_str())
        .collect();
    let is_full = missing.is_empty() && kinds.iter().all(|it| it.state == Covered::Full);
    let state = match () {
        () if kinds.is_empty() => Covered::None,
        () if is_full => Covered::Full,
        () => Covered::Partly,
    };
    let times = || own().filter_map(|(_, it)| instants.get(&it.last)).copied();
    CoveredScope {
        scope,
        name: it.name,
        cloud,
        state,
        resources: it.resources,
        undescribed: it.undescribed,
        kinds,
        missing,
        newest: times().max().map(Time),
        oldest: times().min().map(Time),
    }
}

impl<'v> Coverage<'v> {
    fn of(view: &'v View, sight: &Sight, ground: &Collections) -> Self {
        let lists = lists(&ground.rows);
        let context = (view, &ground.instants);
        let found = view.coverage(sight).into_iter();
        let scopes: Vec<_> = found.map(|it| covered_scope(it, &lists, context)).collect();
        let mut totals = CoverageTotals::default();
        for it in &scopes {
            match it.state {
                Covered::Full => totals.full += 1,
                Covered::Partly => totals.partly += 1,
                Covered::None => totals.none += 1,
            }
            totals.resources += it.resources;
            totals.undescribed += it.undescribed;
            totals.unknown += it.kinds.iter().map(|it| it.unknown).sum::<u64>();
        }
        totals.oldest = scopes.iter().filter_map(|it| it.oldest).min();
        Coverage { totals, scopes, as_of: view.sequence() }
    }
}

/// What was listed to the end up to a commit, and when.
#[derive(Debug)]
pub struct Collections {
    rows: Vec<CollectedRow>,
    /// By the number of the commit.
    instants: BTreeMap<u64, Timestamp>,
}

impl Collections {
    /// Reads them as of the commit `sequence`.
    ///
    /// # Errors
    /// The store cannot say.
    pub async fn read(store: &Store, access: &Access, sequence: u64) -> Result<Self, StoreError> {
        let rows = store.collected(access, At::Seq(sequence)).await?;
        let commits: BTreeSet<u64> = rows.iter().map(|it| it.last_seq).collect();
        let mut instants = BTreeMap::new();
        for commit in commits.into_iter().rev().take(MOST_COMMITS) {
            instants.insert(commit, store.moment(access, At::Seq(commit)).await?.at);
        }
        Ok(Self { rows, instants })
    }
}

/// What was collected of each scope in `sight`, what was not, and why: the answer of `GET /coverage`.
pub fn coverage(view: &View, sight: &Sight, ground: &Collections) -> serde_json::Value {
    serde_json::to_value(Coverage::of(view, sight, ground)).unwrap_or_default()
}

/// What was collected of each scope that the caller sees, kind by kind, what was not, and why.
#[utoipa::path(
    get,
    path = "/coverage",
    tag = "estate",
    extensions(("x-operation" = json!("scope.read"))),
    params(Part),
    responses((status = 200, description = "The coverage", body = Coverage<'static>), Problems)
)]
async fn get_coverage(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Part>,
) -> Result<Response, Problem> {
    let view = api.view_at(wanted.at.as_deref()).await?;
    let ground =
        Collections::read(&api.store()?, &api.access(&caller.name), view.sequence()).await?;
    let sight = caller.sight(&view);
    api.compute(move || {
        let sight = within(&view, &sight, wanted.scope.as_deref())?;
        let coverage = Coverage::of(&view, &sight, &ground);
        Ok(axum::Json(coverage).into_response())
    })
    .await
}
