//! `merlon content`: checks it; lists and texts are in `content_show`, signed bundles in `bundle_command`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use content::step::Step;
use content::{ContentFile, Library};
use posture::LibrarySchema;

use crate::cli::{Cli, ContentCommand};
use crate::step_cases::StepChecker;
use crate::{bundle_command, content_show, estate, library};

/// Runs the command; answers the exit code.
pub(crate) fn run(command: &ContentCommand, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<u8> {
    let folders = cli.content.as_slice();
    match command {
        ContentCommand::Check { filter } => {
            let files = library::files_with_cases(folders)?;
            let filter = stem_of(filter.as_deref().unwrap_or(""));
            let is_asked = |path: &str| path.contains(filter);
            let asked = Asked { is_shown: &is_asked, is_run: &is_asked, has_cases: &is_asked };
            check(&without_cases_of_others(files, filter), &asked, out)
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

/// What of content is checked, by paths.
struct Asked<'a> {
    /// Files whose problems are told.
    is_shown: &'a dyn Fn(&str) -> bool,
    /// Files whose cases are run, where they have any; paths without extensions.
    is_run: &'a dyn Fn(&str) -> bool,
    /// Files that must have cases.
    has_cases: &'a dyn Fn(&str) -> bool,
}

/// The same check for content together with what is built in, which has no cases in a release. Where it holds nothing
/// but checks, the cases of others say what they said before, and are not run again.
pub(crate) fn check_over(content: &Path, out: &mut dyn Write) -> anyhow::Result<u8> {
    let own = library::read_content(content)?;
    let stem = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let stems: BTreeSet<String> = own.iter().map(|it| stem(&it.path)).collect();
    let is_of_checks = stems.iter().all(|it| it.starts_with("checks/"));
    let files = library::files_over_built_in(&[content.to_owned()])?;
    let asked = Asked {
        is_shown: &|_| true,
        is_run: &|path| !is_of_checks || stems.contains(&stem(path)),
        has_cases: &|path| stems.contains(&stem(path)),
    };
    check(&files, &asked, out)
}

/// What paths of a file and of its cases share, for people who give one of them.
fn stem_of(filter: &str) -> &str {
    let filter = filter.strip_prefix("content/").unwrap_or(filter);
    let Some((stem, sort)) = filter.strip_suffix(".yaml").and_then(|it| it.rsplit_once('.')) else {
        return filter;
    };
    if ["case", "step", "check", "kind", "classification"].contains(&sort) { stem } else { filter }
}

/// Without what has nothing to do with the cases of steps, where only those are asked for: they run in a moment.
fn without_cases_of_others(mut files: Vec<ContentFile>, filter: &str) -> Vec<ContentFile> {
    let Some(of_steps) = filter.strip_prefix("steps/") else { return files };
    let folders = ["kinds/", "facts/", "findings/", "steps/"];
    files.retain(|it| {
        let is_case = it.path.ends_with(".case.yaml");
        let is_of_steps = it.path.starts_with("steps/");
        let is_asked = it.path.contains(of_steps);
        folders.iter().any(|folder| it.path.starts_with(folder))
            && (!is_case || it.path.starts_with("findings/") || (is_of_steps && is_asked))
    });
    files
}

/// Validates all files, compiles all predicates and runs all cases.
fn check(files: &[ContentFile], asked: &Asked<'_>, out: &mut dyn Write) -> anyhow::Result<u8> {
    let Asked { is_shown, is_run: has_its_cases_run, has_cases } = asked;
    let (library, problems) = Library::build(files, true);
    let mut lines: Vec<String> =
        problems.iter().filter(|it| is_shown(&it.file)).map(ToString::to_string).collect();
    let without_cases = library.files_without_cases().iter().filter(|it| has_cases(it));
    lines.extend(without_cases.map(|it| format!("{it}: its cases are missing beside it")));
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
    let steps: Vec<&Arc<Step>> =
        library.steps().filter(|it| has_its_cases_run(&step_path(it))).collect();
    let of_steps = step_problems(&library, &steps)?;
    n_cases += of_steps.n_cases;
    lines.extend(of_steps.problems);
    for line in &lines {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "{} kinds, {} steps, {} checks, {} classifications, {} standards, {n_cases} cases, {} problems",
        library.kinds().count(),
        library.steps().count(),
        library.checks().count(),
        library.classifications().count(),
        library.standards().count(),
        lines.len()
    )?;
    Ok(if lines.is_empty() { 0 } else { 2 })
}

/// What came of the cases of steps.
#[derive(Default)]
struct StepProblems {
    problems: Vec<String>,
    n_cases: usize,
}

/// `steps/aws/iam/create-access-key`.
fn step_path(step: &Step) -> String {
    format!("steps/{}", step.id.replace('.', "/"))
}

/// Runs the cases of some steps on all cores; the problems are in the order of the steps.
fn step_problems(library: &Library, steps: &[&Arc<Step>]) -> anyhow::Result<StepProblems> {
    let mut found = StepProblems::default();
    let with_cases: Vec<_> =
        steps.iter().filter_map(|it| Some((*it, library.step_cases(&it.id)?))).collect();
    if with_cases.is_empty() {
        return Ok(found);
    }
    let checker = StepChecker::new(library)?;
    let next = AtomicUsize::new(0);
    let look = || {
        let mut problems = Vec::new();
        while let Some((step, cases)) = with_cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = step_path(step);
            let of_step = checker.check(step, cases);
            problems.extend(of_step.into_iter().map(|it| format!("{path}.case.yaml: {it}")));
        }
        problems
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..estate::n_threads()).map(|_| scope.spawn(look)).collect();
        for it in threads {
            found.problems.extend(it.join().unwrap_or_default());
        }
    });
    found.n_cases = with_cases.iter().map(|it| it.1.cases.len()).sum();
    found.problems.sort_by(|a, b| a.split(": ").next().cmp(&b.split(": ").next()));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Asked, check};
    use crate::library;

    /// What is said of the built-in steps and kinds of queues as a release has them, without cases, when those of
    /// some files are asked for.
    fn said(must_have_cases: &dyn Fn(&str) -> bool) -> String {
        let mut files = library::files_over_built_in(&[]).unwrap();
        let folders = ["kinds/aws/sqs/", "steps/aws/sqs/"];
        files.retain(|it| folders.iter().any(|folder| it.path.starts_with(folder)));
        files.retain(|it| !it.path.ends_with(".case.yaml"));
        let asked = Asked { is_shown: &|_| false, is_run: &|_| true, has_cases: must_have_cases };
        let mut out = Vec::new();
        check(&files, &asked, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_written_must_have_cases_and_what_is_built_in_has_none() {
        let of_step = said(&|path| path.starts_with("steps/aws/sqs/tag."));
        let line = "steps/aws/sqs/tag.step.yaml: its cases are missing beside it\n";
        assert!(of_step.starts_with(line) && of_step.ends_with(" 1 problems\n"), "{of_step}");
        let of_kind = said(&|path| path.starts_with("kinds/"));
        assert!(of_kind.starts_with("kinds/aws/sqs/sqs-queue.kind.yaml: its cases"), "{of_kind}");
        let of_nothing = said(&|_| false);
        assert!(of_nothing.ends_with(" 0 problems\n"), "{of_nothing}");
    }
}
