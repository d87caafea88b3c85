//! Where things stand against a standard, requirement by requirement, with evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::Verdict;
use posture::{Exemption, Place, RequirementStanding, RequirementState, Standing, Target};
use store::AttestationRow;
use view::{
    AssessmentFilter, AssessmentSort, Page, RecommendationFilter, RecommendationItem,
    RecommendationSort,
};

use super::html::{Html, instant, text};
use super::{About, Ground, Report, csv_line, digest};

/// Resources that are shown with evidence for a check.
const MOST_RESOURCES: usize = 15;
/// Values that are shown for a resource.
const MOST_VALUES: usize = 4;
/// Characters of a value.
const MOST_VALUE: usize = 160;

const HEAD: [&str; 13] = [
    "standard",
    "requirement",
    "title",
    "family",
    "state",
    "healthy",
    "unhealthy",
    "unknown",
    "checks",
    "attested",
    "attestedBy",
    "attestedAt",
    "evidenceSha256",
];

/// Where what `ground` shows stands against a standard; `None` when there is none with this id.
pub fn standard_report(ground: Ground<'_>, id: &str, about: &About<'_>) -> Option<Report> {
    let found = ground.view.standard(ground.sight, id)?;
    let attested = holding(ground.attestations, about.now);
    let csv = csv(&found, &attested);
    let html = html(ground, &found, &attested, about, &digest(&csv));
    Some(Report { html, csv })
}

/// What is attested and holds, by requirement.
fn holding(rows: &[AttestationRow], now: jiff::Timestamp) -> BTreeMap<&str, &AttestationRow> {
    let mut last: BTreeMap<&str, &AttestationRow> = BTreeMap::new();
    for row in rows {
        last.insert(&row.requirement, row);
    }
    last.retain(|_, it| it.state != "withdrawn" && it.ends.is_none_or(|ends| ends > now));
    last
}

fn csv(found: &Standing, attested: &BTreeMap<&str, &AttestationRow>) -> String {
    let mut out = String::new();
    csv_line(&mut out, &HEAD);
    for it in &found.requirements {
        let row = attested.get(it.id.as_str());
        let evidence: Vec<&str> =
            row.iter().flat_map(|it| &it.evidence).map(|it| it.3.as_str()).collect();
        let at = row.map(|it| it.at.to_string()).unwrap_or_default();
        csv_line(
            &mut out,
            &[
                &found.standard,
                &it.id,
                &it.title,
                &it.family,
                it.state.name(),
                &it.healthy.to_string(),
                &it.unhealthy.to_string(),
                &it.unknown.to_string(),
                &it.checks.join(" "),
                row.map_or("", |it| &it.state),
                row.map_or("", |it| &it.actor),
                &at,
                &evidence.join(" "),
            ],
        );
    }
    out
}

fn html(
    ground: Ground<'_>,
    found: &Standing,
    attested: &BTreeMap<&str, &AttestationRow>,
    about: &About<'_>,
    digest: &str,
) -> String {
    let view = ground.view;
    let standard = view.library().standards().find(|it| it.id == found.standard);
    let sub = standard.map_or_else(String::new, |it| {
        format!("Version {} · {} · {}", it.version, it.publisher, it.url)
    });
    let mut page = Html::default();
    page.begin((&found.title, &sub), about, view, digest);
    summary(&mut page, found, attested);
    requirements(&mut page, found, attested);
    findings(&mut page, ground, found);
    attestations(&mut page, attested);
    exemptions(&mut page, ground, found, about);
    page.end(true)
}

fn summary(page: &mut Html, found: &Standing, attested: &BTreeMap<&str, &AttestationRow>) {
    page.add("<h2>Summary</h2>");
    page.sums(&[
        (found.passed.to_string(), "passed"),
        (found.failed.to_string(), "failed"),
        (found.unknown.to_string(), "unknown"),
        (found.not_assessed.to_string(), "nothing to judge"),
        (found.manual.to_string(), "need a person"),
    ]);
    page.bar(&[
        (found.passed as u64, "#2e8b57"),
        (found.failed as u64, "#c0392b"),
        (found.unknown as u64, "#d9902f"),
        (found.not_assessed as u64, "#b8bfc8"),
        (found.manual as u64, "#8fa3bd"),
    ]);
    let by_person = found
        .requirements
        .iter()
        .filter(|it| it.state == RequirementState::Manual && attested.contains_key(it.id.as_str()))
        .count();
    write!(
        page.0,
        "<p class=\"note\">A requirement passes when every check behind it has judged every resource that it \
         concerns and found nothing. It fails when one resource is unhealthy. It is unknown when nothing \
         failed and something could not be read. {by_person} of {} requirements that need a person are \
         attested.</p>",
        found.manual
    )
    .unwrap_or_default();
}

fn state_mark(state: RequirementState) -> String {
    let words = match state {
        RequirementState::Passed => "passed",
        RequirementState::Failed => "failed",
        RequirementState::Unknown => "unknown",
        RequirementState::NotAssessed => "nothing to judge",
        RequirementState::Manual => "needs a person",
    };
    format!("<span class=\"state {}\">{words}</span>", state.name())
}

fn requirements(page: &mut Html, found: &Standing, attested: &BTreeMap<&str, &AttestationRow>) {
    page.add(
        "<h2 class=\"page\">Requirements</h2><table><thead><tr><th>No.</th><th>Requirement</th><th>State</th>\
         <th class=\"n\">Healthy</th><th class=\"n\">Unhealthy</th><th class=\"n\">Unknown</th></tr></thead><tbody>",
    );
    let mut family = None;
    for it in &found.requirements {
        if family != Some(it.family.as_str()) && !it.family.is_empty() {
            family = Some(&it.family);
            write!(page.0, "<tr class=\"family\"><td colspan=\"6\">{}</td></tr>", text(&it.family))
                .unwrap_or_default();
        }
        let mut marks = state_mark(it.state);
        if let Some(row) = attested.get(it.id.as_str()) {
            let words =
                if row.state == "compliant" { "attested" } else { "attested: not compliant" };
            write!(marks, " <span class=\"state attested\">{words}</span>").unwrap_or_default();
        }
        let n = |n: u64| if it.checks.is_empty() { "–".to_owned() } else { n.to_string() };
        write!(
            page.0,
            "<tr><td class=\"id\">{}</td><td>{}</td><td>{marks}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            text(&it.id),
            text(&it.title),
            n(it.healthy),
            n(it.unhealthy),
            n(it.unknown)
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}

/// What failed and what is unknown, with the evidence.
fn findings(page: &mut Html, ground: Ground<'_>, found: &Standing) {
    let open = |it: &&RequirementStanding| {
        matches!(it.state, RequirementState::Failed | RequirementState::Unknown)
    };
    let open: Vec<&RequirementStanding> = found.requirements.iter().filter(open).collect();
    if open.is_empty() {
        return;
    }
    page.add("<h2 class=\"page\">Findings and evidence</h2>");
    let with_findings = with_findings(ground, &found.standard);
    // A check stands behind several requirements: its evidence is shown once.
    let mut shown: BTreeMap<&str, &str> = BTreeMap::new();
    for it in open {
        write!(
            page.0,
            "<section class=\"finding\"><h3><span class=\"id\">{}</span>{} {}</h3>",
            text(&it.id),
            text(&it.title),
            state_mark(it.state)
        )
        .unwrap_or_default();
        for check in &it.checks {
            if let Some(first) = shown.get(check.as_str()) {
                let (check, first) = (text(check), text(first));
                write!(page.0, "<p class=\"note\"><code>{check}</code>: see {first}.</p>")
                    .unwrap_or_default();
                continue;
            }
            // To look for the assessments of a check is to look at all resources.
            if with_findings.contains(check.as_str()) && check_findings(page, ground, check) {
                shown.insert(check, &it.id);
            }
        }
        page.add("</section>\n");
    }
}

/// The checks of a standard that have found something, or could not judge everything.
fn with_findings<'v>(ground: Ground<'v>, standard: &str) -> BTreeSet<&'v str> {
    let filter = RecommendationFilter {
        standards: vec![standard.to_owned()],
        ..RecommendationFilter::default()
    };
    let all = Page::first(usize::MAX);
    let listed =
        ground.view.recommendations(ground.sight, &filter, RecommendationSort::Urgency, &all);
    let is_open = |it: &&RecommendationItem<'_>| it.raw.unhealthy + it.raw.unknown > 0;
    listed.items.iter().filter(is_open).map(|it| it.check.id.as_str()).collect()
}

/// The open assessments of one check; whether there are any.
fn check_findings(page: &mut Html, ground: Ground<'_>, check: &str) -> bool {
    let view = ground.view;
    let filter = AssessmentFilter {
        checks: vec![check.to_owned()],
        verdicts: vec![Verdict::Unhealthy, Verdict::Unknown],
        ..AssessmentFilter::default()
    };
    let first = Page::first(MOST_RESOURCES);
    let listed = view.assessments(ground.sight, &filter, AssessmentSort::Severity, &first);
    let Some(title) = listed.items.first().map(|it| it.check) else { return false };
    write!(
        page.0,
        "<p><span class=\"state {}\">{}</span> <b>{}</b> <code>{}</code></p><table><thead><tr>\
         <th>Resource</th><th>Verdict</th><th>Evidence</th></tr></thead><tbody>",
        title.severity.name(),
        title.severity.name(),
        text(&title.title),
        text(check)
    )
    .unwrap_or_default();
    for it in &listed.items {
        let mut proof = String::new();
        if let Some(why) = &it.why {
            write!(proof, "<span class=\"note\">{}</span>", text(why)).unwrap_or_default();
        } else if let Some((items, hidden)) = view.evidence(ground.sight, it.resource.id, check) {
            proof.push_str("<ul class=\"evidence\">");
            for it in items.iter().take(MOST_VALUES) {
                let value: String = it.value.to_string().chars().take(MOST_VALUE).collect();
                let (path, value) = (text(&it.path), text(&value));
                write!(proof, "<li><code>{path} = {value}</code></li>").unwrap_or_default();
            }
            if hidden > 0 {
                write!(proof, "<li class=\"note\">{hidden} more outside of the scope</li>")
                    .unwrap_or_default();
            }
            proof.push_str("</ul>");
        }
        let exempt = match it.exemption {
            Some((number, _)) => format!("<br><span class=\"note\">exemption {number}</span>"),
            None => String::new(),
        };
        let (name, id) = (text(it.resource.name), text(it.resource.id));
        write!(
            page.0,
            "<tr><td>{name}<br><code>{id}</code></td><td>{}{exempt}</td><td>{proof}</td></tr>",
            it.verdict.name()
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>");
    let left = listed.total.saturating_sub(listed.items.len() as u64);
    if left > 0 {
        write!(page.0, "<p class=\"note\">and {left} more resources.</p>").unwrap_or_default();
    }
    true
}

fn attestations(page: &mut Html, attested: &BTreeMap<&str, &AttestationRow>) {
    if attested.is_empty() {
        return;
    }
    page.add(
        "<h2>Attestations</h2><table><thead><tr><th>No.</th><th>Attested</th><th>By, at</th><th>Statement</th>\
         <th>Evidence (SHA-256)</th></tr></thead><tbody>",
    );
    for (requirement, row) in attested {
        let mut files = String::new();
        for (_, name, _, hash) in &row.evidence {
            write!(files, "{}<br><code>{}</code><br>", text(name), text(hash)).unwrap_or_default();
        }
        let until = row.ends.map_or_else(String::new, |it| format!("<br>until {}", instant(it)));
        let state = if row.state == "compliant" { "compliant" } else { "not compliant" };
        write!(
            page.0,
            "<tr><td class=\"id\">{}</td><td>{state}</td><td>{}<br>{}{until}</td><td>{}</td><td>{files}</td></tr>",
            text(requirement),
            text(&row.actor),
            instant(row.at),
            text(&row.comment)
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}

/// The decisions that make assessments of this standard's checks count otherwise.
fn exemptions(page: &mut Html, ground: Ground<'_>, found: &Standing, about: &About<'_>) {
    let view = ground.view;
    let checks: BTreeSet<&str> =
        found.requirements.iter().flat_map(|it| &it.checks).map(String::as_str).collect();
    let controls: BTreeSet<&str> = view
        .library()
        .checks()
        .filter(|it| checks.contains(it.id.as_str()))
        .map(|it| it.control.as_str())
        .collect();
    let concerns = |it: &&Exemption| {
        let is_target = match &it.target {
            Target::Check(id) => checks.contains(id.as_str()),
            Target::Control(id) => controls.contains(id.as_str()),
            Target::Everything => true,
        };
        let is_seen = match &it.place {
            Place::Resource(id) => view.resource(ground.sight, id).is_some(),
            Place::Scope(id) => view.sees_scope(ground.sight, id),
            Place::Everywhere => true,
        };
        is_target && is_seen && it.is_active(view.at().unwrap_or(about.now))
    };
    let all: Vec<&Exemption> = view.ledger().exemptions().iter().filter(concerns).collect();
    if all.is_empty() {
        return;
    }
    page.add(
        "<h2>Exemptions in force</h2><table><thead><tr><th>No.</th><th>Of what</th><th>Where</th><th>How it counts</th>\
         <th>Reason, approver, end</th></tr></thead><tbody>",
    );
    for it in all {
        let target = match &it.target {
            Target::Check(id) | Target::Control(id) => text(id),
            Target::Everything => "every check".to_owned(),
        };
        let place = match &it.place {
            Place::Resource(id) | Place::Scope(id) => text(id),
            Place::Everywhere => "everywhere".to_owned(),
        };
        let category = match it.category {
            posture::Category::Mitigated => "mitigated: as healthy",
            posture::Category::Waiver => "waived: not at all",
        };
        let until = it.until.map_or_else(|| "no end".to_owned(), instant);
        write!(
            page.0,
            "<tr><td class=\"id\">{}</td><td><code>{target}</code></td><td><code>{place}</code></td>\
             <td>{category}</td><td>{}<br>{}<br>{until}</td></tr>",
            it.number,
            text(&it.reason),
            text(&it.approver)
        )
        .unwrap_or_default();
    }
    page.add("</tbody></table>\n");
}
