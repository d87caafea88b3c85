//! `merlon content`: checks it; lists and texts are in `content_show`, signed bundles in `bundle_command`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use content::{ContentFile, Library};
use posture::LibrarySchema;

use crate::cli::{Cli, ContentCommand};
use crate::{bundle_command, content_show, library};

/// Runs the command; answers the exit code.
pub(crate) fn run(command: &ContentCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let folders = cli.content.as_slice();
    match command {
        ContentCommand::Check { filter } => {
            let files = library::files_with_cases(folders)?;
            let filter = filter.as_deref().unwrap_or("");
            let is_asked = |path: &str| path.contains(filter);
            check(&files, &is_asked, &is_asked, out)
        }
        ContentCommand::List { what } => content_show::list(what, cli, out),
        ContentCommand::Show { id } => content_show::show(id, cli, out),
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
    for it in library.classifications() {
        let path =
            format!("classifications/{}", it.id.replacen(".critical.", "/", 1).replace('.', "/"));
        if has_its_cases_run(&path) {
            let cases = library.classification_cases(&it.id);
            n_cases += cases.len();
            let found = posture::classification_case_problems(&library, &schema, it, cases);
            lines.extend(found.into_iter().map(|it| format!("{path}.classification.yaml: {it}")));
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
        "{} kinds, {} checks, {} classifications, {} standards, {n_cases} cases, {} problems",
        library.kinds().count(),
        library.checks().count(),
        library.classifications().count(),
        library.standards().count(),
        lines.len()
    )?;
    Ok(if lines.is_empty() { 0 } else { 2 })
}
