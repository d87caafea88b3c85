//! `merlon paths`: attack paths of an export.

#[cfg(test)]
mod estates;
#[cfg(test)]
mod followed;
#[cfg(test)]
mod labels;

use std::io::Write;

use paths::report::{Answered, Teller, answer, likelihood, likelihood_word};
use paths::story::Way;
use paths::{Insight, ask};

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
    let insight = Insight::of(&loaded.graph, &library, now.parse()?, None)?;
    let context = insight.context();
    let estate = insight.estate(&context);
    let attack = &insight.attack;
    let asked = ask(&insight.graph, attack, &arguments.from, &arguments.to);
    let is_about_nothing = asked.is_about_nothing(&arguments.from, &arguments.to);
    anyhow::ensure!(!is_about_nothing, asked.missing.join("; "));
    let answered = answer(attack, &asked.question);
    drop(progress);
    for it in asked.missing {
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
    // The highest risk first; of the same risk the likeliest, as they come.
    let mut proven: Vec<&Way> = ways.proven.iter().collect();
    proven.sort_by_key(|it| std::cmp::Reverse(teller.risk(answered, it)));
    for way in proven {
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
