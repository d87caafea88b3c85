//! The same of what a server keeps.

use std::io::Write;

use serde_json::{Value as Json, json};

use crate::content_show;
use crate::remote::{Server, array, float, number, text};
use crate::report::single_line;
use crate::show;

/// Resources whose evidence is asked for one by one.
const MOST: usize = 50;

pub(super) async fn run(server: &Server, subject: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    if subject == "score" {
        return score(server, out).await;
    }
    if let Some(check) = server.find(&["content", "checks", subject], &[]).await? {
        content_show::write_check(&check, out)?;
        return verdicts_of(server, subject, out).await;
    }
    let id = show::find_on(server, subject).await?;
    let Some(found) = server.find(&["resources", &id], &[]).await? else {
        anyhow::bail!("there is no resource, check or `score` named `{subject}`");
    };
    resource(server, &found, out).await
}

async fn resource(server: &Server, it: &Json, out: &mut dyn Write) -> anyhow::Result<u8> {
    let id = text(it, "id");
    writeln!(
        out,
        "{}  ({})\n{id}\nscope {}  region {}",
        text(it, "name"),
        text(it, "kind"),
        text(it, "scope"),
        text(it, "region")
    )?;
    let all = array(it, "assessments");
    if all.is_empty() {
        writeln!(out, "\nNo check judges this kind.")?;
    }
    for wanted in ["unhealthy", "unknown", "healthy", "notApplicable"] {
        for it in all.iter().filter(|it| text(it, "verdict") == wanted) {
            let (check, title) = (text(it, "check"), text(it, "title"));
            writeln!(out, "\n{wanted:<13} {title}  ({check}, {})", text(it, "severity"))?;
            let why = text(it, "why");
            if !why.is_empty() {
                writeln!(out, "              because {}", single_line(why))?;
            }
            if matches!(wanted, "unhealthy" | "unknown") {
                evidence(server, (id, check), out).await?;
            }
            if wanted == "unhealthy"
                && let Some(text) = server.find(&["content", "checks", check], &[]).await?
            {
                for step in array(&text, "steps").iter().filter_map(Json::as_str) {
                    writeln!(out, "              fix: {step}")?;
                }
            }
        }
    }
    Ok(0)
}

/// What proves an assessment.
async fn evidence(
    server: &Server,
    (resource, check): (&str, &str),
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let found = server.get(&["resources", resource, "assessments", check], &[]).await?;
    for proof in array(&found, "evidence") {
        let at = match text(proof, "resource") {
            "" => String::new(),
            other => format!("{other}: "),
        };
        let value = proof.get("value").unwrap_or(&Json::Null).to_string();
        let path = single_line(text(proof, "path"));
        writeln!(out, "              {at}{path} = {}", single_line(&value))?;
    }
    Ok(())
}

async fn verdicts_of(server: &Server, check: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    let Some(found) = server.find(&["recommendations", check], &[]).await? else {
        writeln!(out, "\nIt found no resource to judge.")?;
        return Ok(0);
    };
    let nothing = json!({});
    let counts = found.get("judged").unwrap_or(&nothing);
    writeln!(
        out,
        "\n{} healthy, {} unhealthy, {} unknown, {} not applicable",
        number(counts, "healthy"),
        number(counts, "unhealthy"),
        number(counts, "unknown"),
        number(counts, "notApplicable")
    )?;
    for verdict in ["unhealthy", "unknown"] {
        let query = [("check", check), ("verdict", verdict), ("limit", "51")];
        let all = server.items(&["assessments"], &query, MOST + 1).await?;
        for it in all.iter().take(MOST) {
            let resource = it.get("resource").unwrap_or(&nothing);
            let id = text(resource, "id");
            if verdict == "unhealthy" {
                writeln!(out, "\nunhealthy     {id}")?;
                evidence(server, (id, check), out).await?;
            } else {
                let why = single_line(text(it, "why"));
                writeln!(out, "\nunknown       {id}\n              because {why}")?;
            }
        }
        if all.len() > MOST {
            let filters = format!("-w check={check} -w verdict={verdict}");
            writeln!(out, "\n... and more: `merlon list assessments {filters}`")?;
        }
    }
    Ok(0)
}

/// Every number that the score is made of.
async fn score(server: &Server, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = server.get(&["score"], &[]).await?;
    let Some(total) = found.get("score") else {
        writeln!(out, "{}", super::NO_SCORE)?;
        return Ok(0);
    };
    super::write_total(float(total, "percent"), out)?;
    for scope in array(&found, "scopes") {
        let Some(score) = scope.get("score") else { continue };
        writeln!(
            out,
            "{}\n  {:.2} of {} points = {:.2} %, weight {}, {:.1} % assessed",
            text(scope, "scope"),
            float(score, "current"),
            float(score, "max"),
            float(score, "percent"),
            number(scope, "weight"),
            float(score, "assessedPercent")
        )?;
        for control in array(scope, "controls").iter().filter(|it| float(it, "max") > 0.0) {
            let Some(current) = control.get("current").and_then(Json::as_f64) else { continue };
            let [healthy, unhealthy] = ["healthy", "unhealthy"].map(|it| number(control, it));
            writeln!(
                out,
                "  {:<44} {:>2} / ({healthy} + {unhealthy}) x {healthy} = {current:.2}",
                text(control, "control"),
                float(control, "max"),
            )?;
        }
    }
    Ok(0)
}
