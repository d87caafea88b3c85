//! `merlon content`: check, list, show; signed bundles are in `bundle_command`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use content::{ContentFile, Evidence, Library};
use posture::LibrarySchema;

use crate::cli::ContentCommand;
use crate::{bundle_command, library};

/// Runs the command; answers the exit code.
pub(crate) fn run(
    command: &ContentCommand,
    folders: &[PathBuf],
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    match command {
        ContentCommand::Check { filter } => {
            let files = library::files_with_cases(folders)?;
            let filter = filter.as_deref().unwrap_or("");
            let is_asked = |path: &str| path.contains(filter);
            check(&files, &is_asked, &is_asked, out)
        }
        ContentCommand::List { what } => list(&*library::load(folders)?, what, out),
        ContentCommand::Show { id } => show(&*library::load(folders)?, id, out),
        ContentCommand::Bundle(arguments) => bundle_command::make(arguments, out),
        ContentCommand::Update(arguments) => bundle_command::update(arguments, out),
        ContentCommand::RollBack { place } => bundle_command::roll_back(place, out),
        ContentCommand::Remove { place } => bundle_command::remove(place, out),
        ContentCommand::Installed { place } => bundle_command::installed(place, out),
    }
}

/// The same check for content together with what is built in. Where it holds nothing but checks, the cases of others
/// say what they said before, and are not run again.
pub(crate) fn check_over(content: &Path, out: &mut dyn Write) -> anyhow::Result<u8> {
    let own = library::read_content(content)?;
    let stem = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let stems: BTreeSet<String> = own.iter().map(|it| stem(&it.path)).collect();
    let is_of_checks = stems.iter().all(|it| it.starts_with("checks/"));
    let files = library::files_over_built_in(&[content.to_owned()])?;
    check(&files, &|_| true, &|path| !is_of_checks || stems.contains(&stem(path)), out)
}

/// Validates all files, compiles all predicates and runs all cases.
fn check(
    files: &[ContentFile],
    is_shown: &dyn Fn(&str) -> bool,
    has_its_cases_run: &dyn Fn(&str) -> bool,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (library, problems) = Library::build(files, true);
    let mut lines: Vec<String> =
        problems.iter().filter(|it| is_shown(&it.file)).map(ToString::to_string).collect();
    lines.extend(inventory::check_finding_formats(&library));
    let unknown_paths = posture::unknown_paths(&library);
    let unknown_paths = unknown_paths
        .iter()
        .filter(|(id, _)| is_shown(&format!("checks/{}", id.replace('.', "/"))));
    lines.extend(unknown_paths.map(|(id, message)| format!("{id}: {message}")));
    let schema = LibrarySchema::new(&library);
    let mut n_cases = 0;
    for check in library.checks() {
        let path = format!("checks/{}", check.id.replace('.', "/"));
        if has_its_cases_run(&path) {
            n_cases += library.check_cases(&check.id).len();
            let found = posture::check_case_problems(&library, &schema, check);
            lines.extend(found.into_iter().map(|it| format!("{path}.check.yaml: {it}")));
        }
    }
    let kind_cases = inventory::KindCases::new(&library);
    for kind in library.kinds() {
        let path = format!("kinds/{}", kind.id.replace('.', "/"));
        if has_its_cases_run(&path) {
            for case in library.kind_cases(&kind.id) {
                n_cases += 1;
                let found = kind_cases.check(case);
                lines.extend(found.into_iter().map(|it| format!("{}: case {it}", kind.id)));
            }
        }
    }
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "{} kinds, {} checks, {} standards, {n_cases} cases, {} problems",
        library.kinds().count(),
        library.checks().count(),
        library.standards().count(),
        lines.len()
    )?;
    Ok(if lines.is_empty() { 0 } else { 2 })
}

fn list(library: &Library, what: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    match what {
        "checks" => {
            for check in library.checks() {
                let severity = check.severity.name();
                writeln!(out, "{:<58} {severity:<9} {}", check.id, check.title)?;
            }
        }
        "kinds" => {
            for kind in library.kinds() {
                writeln!(out, "{:<40} {:<50} {}", kind.id, kind.native, kind.title)?;
            }
        }
        "standards" => {
            for standard in library.standards() {
                let n = standard.requirements.len();
                writeln!(out, "{:<24} {n:>4} requirements  {}", standard.id, standard.title)?;
            }
        }
        "controls" => {
            for control in library.controls() {
                writeln!(
                    out,
                    "{:<44} {:>3} points  {}",
                    control.id, control.points, control.title
                )?;
            }
        }
        other => anyhow::bail!("`{other}` is none of checks, kinds, standards, controls"),
    }
    Ok(0)
}

fn show(library: &Library, id: &str, out: &mut dyn Write) -> anyhow::Result<u8> {
    if let Some(check) = library.check(id) {
        show_check(check, out)?;
    } else if let Some(kind) = library.kind(id) {
        writeln!(out, "{}  ({})\n", kind.title, kind.id)?;
        writeln!(out, "native type  {}", kind.native)?;
        writeln!(out, "labels       {}", kind.all_labels().join(", "))?;
        let parts = kind.part_keys();
        if !parts.is_empty() {
            writeln!(out, "parts        {}", parts.join(", "))?;
        }
        for edge in &kind.edges {
            let arrow = if edge.reverse { "<-" } else { "->" };
            writeln!(
                out,
                "edge         {} {arrow} {} at {}",
                edge.edge_type,
                edge.to.0.join(", "),
                edge.at.text()
            )?;
        }
        for check in library.checks().filter(|it| it.all_kinds().any(|it| it == id)) {
            writeln!(out, "check        {}  {}", check.id, check.title)?;
        }
    } else if let Some(standard) = library.standards().find(|it| it.id == id) {
        writeln!(out, "{}  ({})\n", standard.title, standard.id)?;
        for requirement in &standard.requirements {
            let checks: Vec<&str> = library
                .checks()
                .filter(|it| it.standards.get(id).is_some_and(|ids| ids.contains(&requirement.id)))
                .map(|it| it.id.as_str())
                .collect();
            let checks = if checks.is_empty() { "manual".to_owned() } else { checks.join(" ") };
            writeln!(out, "{:<8} {}: {checks}", requirement.id, requirement.title)?;
        }
    } else {
        let near =
            library.nearest_id(id).map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
        anyhow::bail!("there is no check, kind or standard `{id}`{near}");
    }
    Ok(0)
}

/// A check, whole, as a person reads it.
pub(crate) fn show_check(check: &content::Check, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}  ({}, {})\n", check.title, check.id, check.severity.name())?;
    writeln!(out, "{}\n", check.why)?;
    writeln!(out, "Judges      {}", check.all_kinds().collect::<Vec<_>>().join(", "))?;
    if let Some(applies) = &check.applies {
        writeln!(out, "Applies     {applies}")?;
    }
    writeln!(out, "Unhealthy   {}", check.unhealthy.trim())?;
    let evidence: Vec<&str> = check
        .evidence
        .iter()
        .map(|it| match it {
            Evidence::Path(path) => path.text(),
            Evidence::Elements(elements) => elements.at.text(),
            Evidence::Query(query) => query.query.as_str(),
        })
        .collect();
    writeln!(out, "Evidence    {}", evidence.join(", "))?;
    writeln!(out, "Cannot see  {}", check.blind_spots)?;
    writeln!(out, "Control     {}", check.control)?;
    for (standard, ids) in &check.standards {
        writeln!(out, "Standard    {standard} {}", ids.join(", "))?;
    }
    if !check.techniques.is_empty() {
        writeln!(out, "ATT&CK      {}", check.techniques.join(", "))?;
    }
    writeln!(out, "\nFix")?;
    for (i, step) in check.fix.steps.iter().enumerate() {
        writeln!(out, "  {}. {step}", i + 1)?;
    }
    for line in &check.fix.cli.0 {
        writeln!(out, "  $ {line}")?;
    }
    for reference in &check.references {
        writeln!(out, "\n{} (read {})", reference.url, reference.read)?;
    }
    Ok(())
}
