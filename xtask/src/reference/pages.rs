//! The text of each reference page.

use std::collections::BTreeMap;

use content::{Check, Kind, Library, Standard, Status};

const NOTE: &str = "<!-- Made by `cargo xtask gen`. Change the files in `content/` instead. -->\n";

/// Clouds in the order of the pages.
const CLOUDS: [(&str, &str); 4] =
    [("azure", "Azure"), ("aws", "AWS"), ("gcp", "Google Cloud"), ("k8s", "Kubernetes")];

/// Path and text of all pages.
pub(super) fn all(library: &Library) -> Vec<(String, String)> {
    let mut pages = vec![
        ("docs/reference/README.md".to_owned(), index(library)),
        ("docs/reference/standards.md".to_owned(), standards(library)),
        ("docs/reference/classifications.md".to_owned(), classifications(library)),
    ];
    for (cloud, title) in CLOUDS {
        pages.push((format!("docs/reference/checks-{cloud}.md"), checks(library, cloud, title)));
        pages.push((format!("docs/reference/kinds-{cloud}.md"), kinds(library, cloud, title)));
    }
    pages
}

fn classifications(library: &Library) -> String {
    let mut page = format!("{NOTE}# Classifications of critical assets\n\n");
    page.push_str("The highest level of those that hold counts. Those with *review* only list assets for somebody to look at.\n\n");
    page.push_str("| classification | finds | level | assets | looks at | references |\n|---|---|---|---|---|---|\n");
    for it in library.classifications() {
        let places: Vec<String> = match &it.label {
            Some(label) => vec![format!("`:{label}`")],
            None => it.named_kinds().map(|kind| format!("`{kind}`")).collect(),
        };
        let review = if it.review { " (*review*)" } else { "" };
        let references = it.references.iter().enumerate();
        let references: Vec<String> =
            references.map(|(at, it)| format!("[{}]({})", at + 1, it.url)).collect();
        let cells = [
            format!("`{}`", it.id),
            format!("{}: {}", cell(&it.title), cell(&it.description)),
            format!("{}{review}", it.level.name()),
            it.assets.name().to_owned(),
            places.join(", "),
            references.join(" "),
        ];
        line(&mut page, &format!("| {} |", cells.join(" | ")));
    }
    page
}

fn cloud_of(id: &str) -> &str {
    id.split('.').next().unwrap_or_default()
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn index(library: &Library) -> String {
    let mut page = format!("{NOTE}# Reference\n\n| cloud | kinds | checks |\n|---|---:|---:|\n");
    for (cloud, title) in CLOUDS {
        let n_kinds = library.kinds().filter(|it| it.cloud() == cloud).count();
        let n_checks = library.checks().filter(|it| cloud_of(&it.id) == cloud).count();
        line(
            &mut page,
            &format!(
                "| {title} | [{n_kinds}](kinds-{cloud}.md) | [{n_checks}](checks-{cloud}.md) |"
            ),
        );
    }
    page.push_str("\n[Standards](standards.md), with the checks behind each requirement.\n\n");
    let n_rules = library.classifications().count();
    line(
        &mut page,
        &format!("[Classifications](classifications.md) of critical assets: {n_rules}.\n"),
    );
    page.push_str("The server: [configuration](configuration.md), [metrics](metrics.md).\n\n");
    page.push_str(
        "## Controls of the secure score\n\n| control | points | checks |\n|---|---:|---:|\n",
    );
    for control in library.controls() {
        let n_checks = library.checks().filter(|it| it.control == control.id).count();
        let (title, points) = (cell(&control.title), control.points);
        line(&mut page, &format!("| {title} (`{}`) | {points} | {n_checks} |", control.id));
    }
    page
}

fn checks(library: &Library, cloud: &str, title: &str) -> String {
    let mut services: BTreeMap<&str, Vec<&Check>> = BTreeMap::new();
    for check in library.checks().filter(|it| cloud_of(&it.id) == cloud) {
        services.entry(check.id.split('.').nth(1).unwrap_or_default()).or_default().push(check);
    }
    let mut page = format!("{NOTE}# Checks for {title}\n");
    for (service, checks) in services {
        line(&mut page, &format!("\n## {service}\n"));
        page.push_str(
            "| check | problem | severity | judges | blind spots |\n|---|---|---|---|---|\n",
        );
        for check in checks {
            let status = match check.status {
                Status::Preview => " (preview)",
                Status::Stable => "",
                Status::Deprecated => " (deprecated)",
            };
            let kinds: Vec<String> = check.all_kinds().map(|it| format!("`{it}`")).collect();
            line(
                &mut page,
                &format!(
                    "| `{}`{status} | {} | {} | {} | {} |",
                    check.id,
                    cell(&check.title),
                    check.severity.name(),
                    kinds.join(", "),
                    cell(&check.blind_spots)
                ),
            );
        }
    }
    page
}

fn kinds(library: &Library, cloud: &str, title: &str) -> String {
    let mut page = format!("{NOTE}# Kinds of {title}\n\n");
    let parts = if cloud == "aws" { "answers that it is made of" } else { "parts" };
    line(&mut page, &format!("| kind | native type | labels | {parts} | edges | checks |"));
    page.push_str("|---|---|---|---|---|---:|\n");
    for kind in library.kinds().filter(|it| it.cloud() == cloud) {
        let labels: Vec<String> = kind.all_labels().iter().map(|it| format!("`{it}`")).collect();
        let n_checks = library.checks().filter(|it| it.all_kinds().any(|id| id == kind.id)).count();
        line(
            &mut page,
            &format!(
                "| `{}` {} | `{}` | {} | {} | {} | {n_checks} |",
                kind.id,
                cell(&kind.title),
                kind.native,
                labels.join(" "),
                answers(kind),
                edges(kind)
            ),
        );
    }
    page
}

/// What has to be collected for the kind to be read in full.
fn answers(kind: &Kind) -> String {
    let Some(collect) = &kind.collect else {
        return kind.part_keys().iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" ");
    };
    let details = collect.details.iter().map(|it| it.operation.as_str());
    let all = std::iter::once(collect.list.operation.as_str()).chain(details);
    all.map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" ")
}

fn edges(kind: &Kind) -> String {
    let edges = kind.edges.iter().map(|edge| {
        let targets = edge.to.0.join(", ");
        if edge.reverse {
            format!("{targets} `{}`", edge.edge_type)
        } else {
            format!("`{}` {targets}", edge.edge_type)
        }
    });
    edges.collect::<Vec<_>>().join("; ")
}

fn standards(library: &Library) -> String {
    let mut page = format!("{NOTE}# Standards\n\n");
    page.push_str("Titles of requirements are ours; the texts belong to their publishers.\n");
    for standard in library.standards() {
        one_standard(&mut page, library, standard);
    }
    page
}

fn one_standard(page: &mut String, library: &Library, standard: &Standard) {
    let mut by_requirement: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for check in library.checks() {
        for id in check.standards.get(&standard.id).into_iter().flatten() {
            by_requirement.entry(id).or_default().push(&check.id);
        }
    }
    let n_covered = by_requirement.len();
    let n_manual = standard.requirements.iter().filter(|it| it.manual).count();
    let n_all = standard.requirements.len();
    line(page, &format!("\n## {} (`{}`)\n", standard.title, standard.id));
    line(
        page,
        &format!(
            "{} {}, <{}>: {n_all} requirements, {n_covered} with checks, {n_manual} manual.\n",
            standard.publisher, standard.version, standard.url
        ),
    );
    page.push_str("| requirement | about | checks |\n|---|---|---|\n");
    for requirement in &standard.requirements {
        let checks = by_requirement.get(requirement.id.as_str());
        let checks = match checks {
            Some(checks) => checks.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" "),
            None if requirement.manual => "manual".to_owned(),
            None => "none yet".to_owned(),
        };
        line(page, &format!("| {} | {} | {checks} |", requirement.id, cell(&requirement.title)));
    }
}
