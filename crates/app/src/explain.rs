//! `merlon explain`: why a verdict, why a score; of an export, or of what a server keeps.

mod remote;

use std::io::Write;

use lang::NodeId;
use model::Verdict;
use posture::{Assessor, Posture, Setting};

use crate::cli::{Cli, Explain};
use crate::estate::{self, Estate, ImportOptions};
use crate::progress::Progress;
use crate::remote::Server;
use crate::{content_show, kept, library, scan};

/// Resources that are listed when a name fits several.
const MAX_MATCHES: usize = 20;

pub(crate) fn run(arguments: &Explain, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(server) = Server::named(&cli.server)? {
        anyhow::ensure!(
            arguments.paths.is_empty(),
            "a server explains what it keeps: name no exports"
        );
        return kept::run(async { remote::run(&server, &arguments.subject, out).await });
    }
    let library = library::load(&cli.content)?;
    let check = library.check(&arguments.subject);
    if let Some(check) = check
        && arguments.paths.is_empty()
    {
        content_show::show_check(check, out)?;
        return Ok(0);
    }
    anyhow::ensure!(
        !arguments.paths.is_empty(),
        "there is no check `{}`; to explain a resource or the score, name an export after it",
        arguments.subject
    );
    let now = scan::instant(None)?;
    let options = ImportOptions {
        sent: None,
        paths: arguments.paths.clone(),
        format: None,
        is_complete: arguments.complete,
    };
    let progress = Progress::new(cli.quiet);
    let estate = estate::load(&library, &options, &now, &progress);
    let setting = Setting::at(now.parse()?);
    let (assessor, _) = Assessor::compile(&library);
    let ledger = estate::judge(&assessor, &estate.graph, &setting);
    let posture = Posture::new(&library, &estate.graph, &assessor, &setting, &ledger);
    drop(progress);
    if arguments.subject == "score" {
        score(&posture, out)?;
    } else if let Some(check) = check {
        content_show::show_check(check, out)?;
        verdicts_of(&posture, &estate, check, out)?;
    } else {
        let nodes = find(&estate, &posture, &arguments.subject);
        match nodes.as_slice() {
            [] => anyhow::bail!(
                "there is no resource, check or `score` named `{}`",
                arguments.subject
            ),
            [node] => resource(&posture, &estate, *node, out)?,
            nodes => {
                writeln!(out, "{} resources have that name; give the id of one:", nodes.len())?;
                for node in nodes.iter().take(MAX_MATCHES) {
                    let it = posture.resource(*node);
                    writeln!(out, "  {}  ({})", it.id, it.kind)?;
                }
                return Ok(2);
            }
        }
    }
    Ok(0)
}

/// The resource with this id, or all with this name.
fn find(estate: &Estate, posture: &Posture<'_>, subject: &str) -> Vec<NodeId> {
    let graph = &estate.graph;
    if let Some(node) =
        graph.node_by_id(subject).or_else(|| graph.node_by_id(&subject.to_lowercase()))
    {
        return vec![node];
    }
    graph.nodes().filter(|node| posture.resource(*node).name == subject).collect()
}

fn resource(
    posture: &Posture<'_>,
    estate: &Estate,
    node: NodeId,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let it = posture.resource(node);
    writeln!(
        out,
        "{}  ({})\n{}\nscope {}  region {}",
        it.name, it.kind, it.id, it.scope, it.region
    )?;
    let verdicts = posture.verdicts_on(node);
    if verdicts.is_empty() {
        writeln!(out, "\nNo check judges this kind.")?;
    }
    for wanted in [Verdict::Unhealthy, Verdict::Unknown, Verdict::Healthy, Verdict::NotApplicable] {
        for (check, verdict, why) in verdicts.iter().filter(|(_, it, _)| *it == wanted) {
            writeln!(
                out,
                "\n{:<13} {}  ({}, {})",
                verdict.name(),
                check.title,
                check.id,
                check.severity.name()
            )?;
            if let Some(why) = why {
                let reasons = posture.reasons(check, &estate.facts.gaps);
                writeln!(out, "              because {}", reasons.describe(node, *why))?;
            }
            if matches!(verdict, Verdict::Unhealthy | Verdict::Unknown) {
                evidence(posture, check, node, out)?;
            }
            if *verdict == Verdict::Unhealthy {
                for step in &check.fix.steps {
                    writeln!(out, "              fix: {step}")?;
                }
            }
        }
    }
    Ok(())
}

fn evidence(
    posture: &Posture<'_>,
    check: &content::Check,
    node: NodeId,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for proof in posture.evidence(check, node) {
        let at = proof.resource.map(|it| format!("{it}: ")).unwrap_or_default();
        writeln!(out, "              {at}{} = {}", proof.path, proof.value)?;
    }
    Ok(())
}

fn verdicts_of(
    posture: &Posture<'_>,
    estate: &Estate,
    check: &content::Check,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let all = posture.recommendations();
    let Some(found) = all.iter().find(|it| it.check.id == check.id) else {
        writeln!(out, "\nIt found no resource to judge.")?;
        return Ok(());
    };
    let counts = found.counts;
    writeln!(
        out,
        "\n{} healthy, {} unhealthy, {} unknown, {} not applicable",
        counts.healthy, counts.unhealthy, counts.unknown, counts.not_applicable
    )?;
    for node in found.unhealthy {
        writeln!(out, "\nunhealthy     {}", posture.resource(*node).id)?;
        evidence(posture, check, *node, out)?;
    }
    let reasons = posture.reasons(check, &estate.facts.gaps);
    for (node, why) in found.unknown {
        let why = reasons.describe(*node, *why);
        writeln!(
            out,
            "\nunknown       {}\n              because {why}",
            posture.resource(*node).id
        )?;
    }
    Ok(())
}

/// Said where there is no score.
const NO_SCORE: &str = "There is no score: no check with points could judge anything.";

/// The score over all scopes, and how it comes about.
fn write_total(percent: f64, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "Score {percent:.2} %: the mean of the scopes' percentages by weight.\nA control earns points / (healthy + unhealthy) x healthy; a scope is the sum of what its controls earned against what they could.\n"
    )
}

/// Every number that the score is made of, so that it can be computed again by hand.
fn score(posture: &Posture<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(total) = posture.score else {
        writeln!(out, "{NO_SCORE}")?;
        return Ok(());
    };
    write_total(total.percent, out)?;
    for scope in &posture.scopes {
        let Some(score) = scope.score else { continue };
        writeln!(
            out,
            "{}\n  {:.2} of {} points = {:.2} %, weight {}, {:.1} % assessed",
            scope.scope,
            score.current,
            score.max,
            score.percent,
            scope.weight,
            score.assessed_percent
        )?;
        for control in scope.controls.iter().filter(|it| it.max > 0.0) {
            let Some(current) = control.current else { continue };
            writeln!(
                out,
                "  {:<44} {:>2} / ({} + {}) x {} = {current:.2}",
                control.control,
                control.max,
                control.tally.healthy,
                control.tally.unhealthy,
                control.tally.healthy
            )?;
        }
    }
    Ok(())
}
