//! How everything stands: the score, what is wrong first, what is not seen.

use std::fmt::Write as _;

use view::{
    Page, RecommendationFilter, RecommendationItem, RecommendationSort, RecommendationState,
};

use super::html::{Html, text};
use super::{About, Ground, Report, csv_line, digest};

/// Recommendations in the printed form; the CSV form has all.
const MOST: usize = 50;
/// More than there are checks.
const ALL: usize = 100_000;

/// How everything that `ground` shows stands.
pub fn posture_report(ground: Ground<'_>, about: &About<'_>) -> Report {
    let view = ground.view;
    let filter = RecommendationFilter::default();
    let page = Page::first(ALL);
    let listed = view.recommendations(ground.sight, &filter, RecommendationSort::Urgency, &page);
    let judged = |it: &RecommendationItem<'_>| it.state != RecommendationState::NotApplicable;
    let items: Vec<RecommendationItem<'_>> = listed.items.into_iter().filter(judged).collect();
    let csv = csv(&items);
    let html = html(ground, &items, about, &digest(&csv));
    Report { html, csv }
}

fn csv(items: &[RecommendationItem<'_>]) -> String {
    let mut out = String::new();
    csv_line(
        &mut out,
        &[
            "check",
            "title",
            "severity",
            "cloud",
            "control",
            "state",
            "unhealthy",
            "healthy",
            "unknown",
            "exempt",
        ],
    );
    for it in items {
        csv_line(
            &mut out,
            &[
                &it.check.id,
                &it.check.title,
                it.check.severity.name(),
                it.cloud,
                &it.check.control,
                it.state.name(),
                &it.effective.unhealthy.to_string(),
                &it.effective.healthy.to_string(),
                &it.effective.unknown.to_string(),
                &it.exempt.to_string(),
            ],
        );
    }
    out
}

fn html(
    ground: Ground<'_>,
    items: &[RecommendationItem<'_>],
    about: &About<'_>,
    digest: &str,
) -> String {
    let view = ground.view;
    let found = view.score(ground.sight);
    let mut page = Html::default();
    page.begin(
        ("Security posture", "Score, recommendations, standards, coverage"),
        about,
        view,
        digest,
    );
    let sum = |of: fn(&RecommendationItem<'_>) -> u64| items.iter().map(of).sum::<u64>();
    let unhealthy = sum(|it| it.effective.unhealthy);
    let (healthy, unknown) = (sum(|it| it.effective.healthy), sum(|it| it.effective.unknown));
    let percent = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.1} %"));
    page.add("<h2>Summary</h2>");
    page.sums(&[
        (percent(found.score.map(|it| it.percent)), "secure score"),
        (percent(found.score.map(|it| it.assessed_percent)), "assessed"),
        (unhealthy.to_string(), "assessments unhealthy"),
        (unknown.to_string(), "assessments unknown"),
        (healthy.to_string(), "assessments healthy"),
    ]);
    page.bar(&[(healthy, "#2e8b57"), (unhealthy, "#c0392b"), (unknown, "#d9902f")]);
    controls(&mut page, ground);
    recommendations(&mut page, items);
    standards(&mut page, ground);
    coverage(&mut page, ground);
    page.end(false)
}

fn controls(page: &mut Html, ground: Ground<'_>) {
    page.add(
        "<h2>Secure score by control</h2><table><thead><tr><th>Control</th><th class=\"n\">Points</th>\
         <th class=\"n\">Of</th><th class=\"n\">Healthy resources</th><th class=\"n\">Unhealthy resources</th></tr></thead><tbody>",
    );
    for it in ground.view.score(ground.sight).controls {
        let known = ground.view.library().controls().find(|known| known.id == it.control);
        let title = known.map_or(it.control.as_str(), |it| &it.title);
        write!(
            page.0,
            "<tr><td>{}</td><td class=\"n\">{:.2}</td><td class=\"n\">{:.0}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td></tr>",
            text(title),
            it.current.unwrap_or_default(),
            it.max,
            it.tally.healthy,
            it.tally.unhealthy
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}

fn recommendations(page: &mut Html, items: &[RecommendationItem<'_>]) {
    page.add(
        "<h2 class=\"page\">What to fix first</h2><table><thead><tr><th>Severity</th><th>Recommendation</th>\
         <th class=\"n\">Unhealthy</th><th class=\"n\">Healthy</th><th class=\"n\">Unknown</th>\
         <th class=\"n\">Score gain</th></tr></thead><tbody>",
    );
    let open = |it: &&RecommendationItem<'_>| it.state == RecommendationState::Unhealthy;
    let n_open = items.iter().filter(open).count();
    for it in items.iter().filter(open).take(MOST) {
        let severity = it.check.severity.name();
        write!(
            page.0,
            "<tr><td><span class=\"state {severity}\">{severity}</span></td><td>{}<br><code>{}</code></td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{:.2}</td></tr>",
            text(&it.check.title),
            text(&it.check.id),
            it.effective.unhealthy,
            it.effective.healthy,
            it.effective.unknown,
            it.gain
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
    if n_open > MOST {
        let left = n_open - MOST;
        write!(page.0, "<p class=\"note\">and {left} more, which the CSV form lists.</p>")
            .unwrap_or_default();
    }
}

fn standards(page: &mut Html, ground: Ground<'_>) {
    page.add(
        "<h2>Standards</h2><table><thead><tr><th>Standard</th><th class=\"n\">Passed</th><th class=\"n\">Failed</th>\
         <th class=\"n\">Unknown</th><th class=\"n\">Nothing to judge</th><th class=\"n\">Need a person</th></tr></thead><tbody>",
    );
    for it in ground.view.standards(ground.sight) {
        write!(
            page.0,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            text(&it.title),
            it.passed,
            it.failed,
            it.unknown,
            it.not_assessed,
            it.manual
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}

fn coverage(page: &mut Html, ground: Ground<'_>) {
    page.add(
        "<h2>What is seen, and what is not</h2><table><thead><tr><th>Scope</th><th class=\"n\">Resources</th>\
         <th class=\"n\">Kinds</th><th class=\"n\">Assessments unknown</th><th>First reasons</th></tr></thead><tbody>",
    );
    for it in ground.view.coverage(ground.sight) {
        let unknown: u64 = it.kinds.iter().map(|it| it.unknown).sum();
        let gaps = it.kinds.iter().flat_map(|it| &it.gaps);
        let mut reasons: Vec<String> =
            gaps.map(|it| format!("{}: {}", it.what, it.reason)).collect();
        reasons.sort();
        reasons.dedup();
        reasons.truncate(3);
        let why = match (it.resources, reasons.is_empty()) {
            (0, _) => "nothing was collected".to_owned(),
            (_, true) => "–".to_owned(),
            (_, false) => reasons.join("; "),
        };
        write!(
            page.0,
            "<tr><td>{}<br><code>{}</code></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{unknown}</td><td>{}</td></tr>",
            text(it.name),
            text(it.scope),
            it.resources,
            it.kinds.len(),
            text(&why)
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}
