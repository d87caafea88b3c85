//! `merlon bench lists`: how fast a view answers what people ask, and how fast one follows another.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use model::{Keys, Severity, Verdict};
use view::{
    AssessmentFilter, AssessmentSort, Page, RecommendationFilter, RecommendationSort,
    ResourceFilter, ResourceSort, ResourceState, Sight, TagFilter, View,
};

use super::{peak_mib, percentile, seconds_since};
use crate::cli::{Cli, Lists};
use crate::estate::{self, ImportOptions};
use crate::progress::Progress;
use crate::tenant::Tenant;
use crate::{library, when};

/// Items of a page, as the API gives them.
const PAGE: usize = 50;

/// One kind of request; gives how many items the whole list has.
type Request<'v> = (&'static str, Box<dyn Fn() -> u64 + Sync + 'v>);

pub(super) fn run(arguments: &Lists, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let mut tenant = Tenant::empty(&library, Keys::default());
    let options = ImportOptions {
        sent: None,
        paths: arguments.paths.clone(),
        format: None,
        is_complete: false,
    };
    let import = estate::read_import(&tenant.reader, &options, &Progress::new(true));
    let step = tenant.update(import, when::now());
    tenant.take(step);
    let before = peak_mib();
    let start = Timestamp::now();
    let view = tenant.view();
    writeln!(
        out,
        "view      {:>9.2} s  made in full: {} nodes, {} assessments, {:.0} MiB of columns, {:.0} MiB before",
        seconds_since(start),
        view.graph().n_nodes(),
        view.ledger().n_assessments(),
        view.footprint() as f64 / 1_048_576.0,
        before
    )?;
    follow(&mut tenant, out)?;
    let sights = [("all", Sight::Everything), ("one scope", one_scope(&view))];
    for (name, sight) in &sights {
        writeln!(out, "seen: {name}, {} clients", arguments.clients)?;
        for (name, request) in requests(&view, sight) {
            let first = Timestamp::now();
            let n = request();
            let first = seconds_since(first);
            let (alone, _) = measure(&*request, arguments.runs, 1);
            let (half, most) = measure(&*request, arguments.runs, arguments.clients);
            writeln!(
                out,
                "{name:<34} first {:>8.2}  alone {:>8.2}  p50 {:>8.2}  p95 {:>8.2} ms  {n} items",
                first * 1e3,
                alone * 1e3,
                half * 1e3,
                most * 1e3
            )?;
        }
    }
    writeln!(out, "memory    {:>9.0} MiB  peak resident", peak_mib())?;
    Ok(())
}

/// The subscription, account, project or cluster with the most resources.
fn one_scope(view: &View) -> Sight {
    let scopes = view.scopes(&Sight::Everything);
    let largest = scopes.iter().filter(|it| it.score.is_some()).max_by_key(|it| it.resources);
    Sight::scopes(largest.map(|it| it.id))
}

/// How long the view after a step takes that changes little.
fn follow(tenant: &mut Tenant<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for turn in 0..50 {
        let Some(import) = super::kept::one_change_of(tenant, turn) else { continue };
        let step = tenant.update(import, when::now());
        tenant.take(step);
        let start = Timestamp::now();
        drop(tenant.view());
        times.push(seconds_since(start));
    }
    times.sort_by(f64::total_cmp);
    writeln!(
        out,
        "after     {:>9.2} ms  p50 of {} steps of one document, most {:.2} ms",
        percentile(&times, 50) * 1e3,
        times.len(),
        percentile(&times, 100) * 1e3
    )?;
    Ok(())
}

fn requests<'v>(view: &'v View, sight: &'v Sight) -> Vec<Request<'v>> {
    let (kind, scope, tag, word, check) = samples(view);
    let resources = |filter: ResourceFilter, sort: ResourceSort| -> Box<dyn Fn() -> u64 + Sync> {
        Box::new(move || view.resources(sight, &filter, sort, &Page::first(PAGE)).total)
    };
    let assessments = |filter: AssessmentFilter| -> Box<dyn Fn() -> u64 + Sync> {
        let sort = AssessmentSort::default();
        Box::new(move || view.assessments(sight, &filter, sort, &Page::first(PAGE)).total)
    };
    let all = ResourceFilter::default;
    let by_tag = vec![TagFilter { key: tag.0, value: Some(tag.1) }];
    let unhealthy = vec![Verdict::Unhealthy];
    vec![
        // The floor: every line is read, no facet is counted and no page chosen.
        (
            "floor: one pass over the lines",
            Box::new(move || view.count_resources(sight, &ResourceFilter::default())),
        ),
        ("resources, worst first", resources(all(), ResourceSort::Severity)),
        ("resources by name", resources(all(), ResourceSort::Name)),
        ("resources by kind", resources(all(), ResourceSort::Kind)),
        (
            "resources of a kind",
            resources(ResourceFilter { kinds: vec![kind.clone()], ..all() }, ResourceSort::Id),
        ),
        (
            "resources of a scope, unhealthy",
            resources(
                ResourceFilter {
                    scopes: vec![scope],
                    states: vec![ResourceState::Unhealthy],
                    ..all()
                },
                ResourceSort::Severity,
            ),
        ),
        (
            "resources with a tag's value",
            resources(ResourceFilter { tags: by_tag, ..all() }, ResourceSort::Name),
        ),
        (
            "search: one word",
            resources(ResourceFilter { text: Some(word), ..all() }, ResourceSort::Severity),
        ),
        (
            "search: a letter, and a kind",
            resources(
                ResourceFilter { text: Some("s".to_owned()), kinds: vec![kind], ..all() },
                ResourceSort::Severity,
            ),
        ),
        ("assessments", assessments(AssessmentFilter::default())),
        (
            "assessments, unhealthy and severe",
            assessments(AssessmentFilter {
                verdicts: unhealthy.clone(),
                severities: vec![Severity::Critical, Severity::High],
                ..AssessmentFilter::default()
            }),
        ),
        (
            "assessments of a check",
            assessments(AssessmentFilter {
                checks: vec![check],
                verdicts: unhealthy,
                ..AssessmentFilter::default()
            }),
        ),
        (
            "recommendations",
            Box::new(move || {
                let filter = RecommendationFilter::default();
                let sort = RecommendationSort::default();
                view.recommendations(sight, &filter, sort, &Page::first(PAGE)).total
            }),
        ),
        ("scopes", Box::new(move || view.scopes(sight).len() as u64)),
        ("score", Box::new(move || view.score(sight).scopes.len() as u64)),
        ("standards", Box::new(move || view.standards(sight).len() as u64)),
    ]
}

/// A kind, a scope, a tag, a word and a check that the estate has much of.
fn samples(view: &View) -> (String, String, (String, String), String, String) {
    let everything = Sight::Everything;
    let sort = ResourceSort::default();
    let list = view.resources(&everything, &ResourceFilter::default(), sort, &Page::first(1));
    let first = |name: &str| {
        let facet = list.facets.iter().find(|it| it.name == name);
        facet.and_then(|it| it.values.first()).map(|it| it.value.clone()).unwrap_or_default()
    };
    let tagged = ResourceFilter {
        tags: vec![TagFilter { key: first("tag"), value: None }],
        ..ResourceFilter::default()
    };
    let tagged = view.resources(&everything, &tagged, sort, &Page::first(1));
    let tag = tagged.items.first().and_then(|it| {
        it.tags.get_key_value(&first("tag")).map(|(key, value)| (key.clone(), (*value).to_owned()))
    });
    let word = list.items.first().map(|it| it.name.to_owned()).unwrap_or_default();
    let word = word.split('-').next().unwrap_or_default().to_owned();
    let filter = AssessmentFilter { verdicts: vec![Verdict::Unhealthy], ..Default::default() };
    let found = view.assessments(&everything, &filter, AssessmentSort::default(), &Page::first(1));
    let check = found.items.first().map(|it| it.check.id.clone()).unwrap_or_default();
    (first("kind"), first("scope"), tag.unwrap_or_default(), word, check)
}

/// Seconds of the median request and of the slowest of twenty, with so many clients at once.
fn measure(request: &(dyn Fn() -> u64 + Sync), runs: usize, n_clients: usize) -> (f64, f64) {
    let (next, times) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..n_clients {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < runs {
                    let start = Timestamp::now();
                    std::hint::black_box(request());
                    let took = seconds_since(start);
                    times.lock().unwrap_or_else(PoisonError::into_inner).push(took);
                }
            });
        }
    });
    let mut times = times.into_inner().unwrap_or_else(PoisonError::into_inner);
    times.sort_by(f64::total_cmp);
    (percentile(&times, 50), percentile(&times, 95))
}
