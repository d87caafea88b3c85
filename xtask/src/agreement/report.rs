//! Runs the program and reads its report.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::Bench;
use crate::process;

/// What our checks say about a subject.
#[derive(Debug, Clone)]
pub(crate) enum Got {
    Unhealthy,
    /// Healthy, not applicable, or not seen: nobody is bothered.
    Clean,
    Unknown(String),
}

/// The findings of a scan, by check.
#[derive(Debug, Default)]
pub(crate) struct Report(BTreeMap<String, Findings>);

#[derive(Debug, Deserialize)]
struct Whole {
    recommendations: Vec<Findings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    check: String,
    unhealthy: Vec<Unhealthy>,
    unknown_resources: Vec<Unknown>,
}

#[derive(Debug, Deserialize)]
struct Unhealthy {
    resource: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Unknown {
    resource: String,
    why: String,
}

/// Scans a file or folder, which is taken as complete, as the labels take it.
pub(crate) fn scan(bench: &Bench, path: &Path, format: Option<&str>) -> Result<Report> {
    let path = path.display().to_string();
    let content = process::root().join("content").display().to_string();
    let mut arguments = vec!["scan", &path, "--complete", "--quiet", "--format", "json"];
    arguments.extend(["--content", &content]);
    if let Some(format) = format {
        arguments.extend(["--as", format]);
    }
    let Ok(text) = process::capture(&bench.merlon, &arguments) else {
        // Nothing in it could be read; every label about it will say that it was not found.
        process::complain(&format!("{path}: nothing could be read"));
        return Ok(Report::default());
    };
    let whole: Whole = serde_json::from_str(&text).context("the report of merlon")?;
    Ok(Report(whole.recommendations.into_iter().map(|it| (it.check.clone(), it)).collect()))
}

impl Report {
    /// What some checks say about the resources that `is_meant` by id and name.
    pub(crate) fn about(
        &self,
        checks: &[String],
        is_meant: &dyn Fn(&str, Option<&str>) -> bool,
    ) -> Got {
        let of_checks = || checks.iter().filter_map(|it| self.0.get(it));
        if of_checks().flat_map(|it| &it.unhealthy).any(|it| is_meant(&it.resource, Some(&it.name)))
        {
            return Got::Unhealthy;
        }
        let unknown = of_checks()
            .flat_map(|it| &it.unknown_resources)
            .find(|it| is_meant(&it.resource, None));
        unknown.map_or(Got::Clean, |it| Got::Unknown(it.why.clone()))
    }

    /// Ids of all resources that some checks call unhealthy or unknown.
    pub(crate) fn noted(&self, checks: &[String]) -> Vec<&str> {
        let of_checks = checks.iter().filter_map(|it| self.0.get(it));
        of_checks
            .flat_map(|it| {
                let unhealthy = it.unhealthy.iter().map(|it| it.resource.as_str());
                unhealthy.chain(it.unknown_resources.iter().map(|it| it.resource.as_str()))
            })
            .collect()
    }
}
