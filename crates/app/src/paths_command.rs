//! `merlon paths`: attack paths of an export.

use std::io::Write;

use anyhow::Context as _;
use content::step::Hold;
use graph::Graph;
use lang::NodeId;
use paths::report::{
    Answered, Impact, Question, Target, Teller, answer, likelihood, likelihood_word,
};
use paths::story::Way;
use paths::{Attack, INTERNET, Insight};

use crate::cli::{Cli, Paths, Shape};
use crate::progress::Progress;
use crate::{estate, library, scan};

pub(crate) fn run(arguments: &Paths, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let library = library::load(&cli.content)?;
    let now = scan::instant(arguments.import.now.as_deref())?;
    let progress = Progress::new(cli.quiet);
    let options = scan::import_options(&arguments.import)?;
    let loaded = estate::load(&library, &options, &now, &progress);
    anyhow::ensure!(
        loaded.facts.n_resources > 0,
        "nothing could be read; `merlon scan` lists the problems"
    );
    progress.say("searching");
    let insight = Insight::of(&loaded.graph, &library, now.parse()?)?;
    let context = insight.context();
    let estate = insight.estate(&loaded.graph, &context);
    let attack = &insight.attack;
    let (question, missing) = question(arguments, &loaded.graph, attack)?;
    let answered = answer(attack, &question);
    drop(progress);
    for it in missing {
        writeln!(std::io::stderr(), "note: {it}")?;
    }
    let teller = Teller { attack, estate };
    match arguments.format {
        Shape::Json => {
            serde_json::to_writer_pretty(&mut *out, &teller.json(&answered))?;
            writeln!(out)?;
        }
        Shape::Table => table(&teller, &answered, arguments.unproven, out)?,
    }
    Ok(0)
}

/// What is asked, with names looked up; what is not in what was read is said, and it is an error when
/// nothing else was named.
fn question(
    arguments: &Paths,
    graph: &Graph,
    attack: &Attack,
) -> anyhow::Result<(Question, Vec<String>)> {
    let (mut question, mut missing) = (Question::default(), Vec::new());
    for text in &arguments.from {
        match text.as_str() {
            "internet" | "public" => question.from.push(INTERNET),
            text => match find(graph, text) {
                Ok(node) => question.from.push(node),
                Err(error) => missing.push(error.to_string()),
            },
        }
    }
    anyhow::ensure!(arguments.from.is_empty() || !question.from.is_empty(), missing.join("; "));
    if question.from.is_empty() {
        question.from.push(INTERNET);
    }
    let mut n_found = 0;
    for text in &arguments.to {
        if matches!(text.as_str(), "account-admin" | "administrator") {
            question.to.extend(administrators(attack));
            n_found += 1;
        } else {
            match find(graph, text) {
                Ok(node) => {
                    question.to.push(Target { node, impact: Impact::VeryHigh });
                    n_found += 1;
                }
                Err(error) => missing.push(error.to_string()),
            }
        }
    }
    anyhow::ensure!(arguments.to.is_empty() || n_found > 0, missing.join("; "));
    if arguments.to.is_empty() {
        question.to.extend(administrators(attack));
    }
    Ok((question, missing))
}

fn administrators(attack: &Attack) -> impl Iterator<Item = Target> + '_ {
    attack
        .positions()
        .filter(|(_, held)| held.hold == Hold::Administer)
        .map(|(_, held)| Target { node: held.node, impact: Impact::VeryHigh })
}

/// The node of an id, of an account, or of a name that only one has.
fn find(graph: &Graph, text: &str) -> anyhow::Result<NodeId> {
    let account = text.strip_prefix("arn:aws:iam::").and_then(|it| it.strip_suffix(":root"));
    let account = account.or_else(|| text.strip_prefix("account-admin:")).unwrap_or(text);
    let by_id = graph
        .node_by_id(text)
        .or_else(|| graph.node_by_id(&text.to_ascii_lowercase()))
        .or_else(|| graph.node_by_id(&format!("aws:{account}")))
        .or_else(|| without_region(graph, text));
    if let Some(node) = by_id {
        return Ok(node);
    }
    let key = graph.keys().find("name");
    let has_name = |node: &NodeId| {
        let name = key.and_then(|key| graph.meta(*node).get(key));
        matches!(name, Some(model::View::Str(name)) if name == text)
    };
    let mut named = graph.nodes().filter(has_name);
    let node = named.next().with_context(|| format!("there is no `{text}` in what was read"))?;
    anyhow::ensure!(named.next().is_none(), "several are called `{text}`: name the id");
    Ok(node)
}

/// The node of an ARN where the export did not say in which region it is.
fn without_region(graph: &Graph, text: &str) -> Option<NodeId> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, region, account, name] if !region.is_empty() => {
            graph.node_by_id(&format!("arn:{partition}:{service}::{account}:{name}"))
        }
        _ => None,
    }
}

fn table(
    teller: &Teller<'_>,
    answered: &Answered,
    unproven: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let ways = &answered.ways;
    match ways.proven.len() {
        0 => writeln!(out, "No attack path was found.")?,
        1 => writeln!(out, "1 attack path.")?,
        n => writeln!(out, "{n} attack paths.")?,
    }
    for way in &ways.proven {
        one(teller, answered, way, out)?;
    }
    if unproven {
        writeln!(out, "\nDepends on what could not be judged: {}", ways.unproven.len())?;
        for way in &ways.unproven {
            one(teller, answered, way, out)?;
        }
    }
    if !answered.choke_points.is_empty() {
        writeln!(out, "\nMost ways pass")?;
        for point in &answered.choke_points {
            let place = teller.position(point.position);
            writeln!(out, "  {place}: {} ways, cuts {} targets", point.n_passing, point.n_cut)?;
        }
    }
    let plan = &answered.plan;
    if !plan.fixes.is_empty() {
        let words = if plan.at_least == plan.fixes.len() {
            "no fewer do".to_owned()
        } else {
            format!("at least {} are needed", plan.at_least)
        };
        writeln!(out, "\nTo cut all of them ({words})")?;
        for fix in &plan.fixes {
            writeln!(out, "  {}", teller.fix(*fix))?;
        }
    }
    for target in &plan.left {
        writeln!(out, "  nothing that can be taken away cuts {}", teller.position(*target))?;
    }
    let gaps = teller.gaps(answered);
    if !gaps.is_empty() {
        writeln!(out, "\nCould not be judged: {} things; `--format json` lists them", gaps.len())?;
    }
    Ok(())
}

fn one(
    teller: &Teller<'_>,
    answered: &Answered,
    way: &Way,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let likelihood = likelihood_word(likelihood(way));
    writeln!(
        out,
        "\n{} risk, likelihood {likelihood}: {} -> {}",
        teller.risk(answered, way).name(),
        teller.position(way.entry),
        teller.position(way.target)
    )?;
    for (number, edge) in (1..).zip(&way.edges) {
        writeln!(out, "  {number}. {}", teller.does(*edge))?;
        for asked in teller.preconditions(*edge) {
            writeln!(out, "     {}", asked.says)?;
            for reason in asked.reasons.iter().take(2) {
                writeln!(out, "       {} {}: {}", reason.resource, reason.path, reason.says)?;
            }
        }
    }
    Ok(())
}
