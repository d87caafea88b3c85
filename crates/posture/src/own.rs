//! What is wrong with a check that somebody wrote, with the place in its text.

use std::sync::Arc;

use content::{Check, ContentProblem, Kind, Library};
use graph::Graph;

use crate::assessor::{CompileProblem, CompiledCheck};
use crate::schema::{LibrarySchema, unknown_evidence};

/// Everything in the predicates and the evidence of `check`, which `text` holds, that cannot be run: against what
/// `library` and `graph` know of paths, labels and edges.
pub fn check_text_problems(
    library: &Library,
    graph: Option<&Graph>,
    check: &Arc<Check>,
    text: &str,
) -> Vec<ContentProblem> {
    let schema = LibrarySchema::new(library);
    let schema = match graph {
        Some(graph) => schema.with_graph(graph),
        None => schema,
    };
    let file = || "check.yaml".to_owned();
    let mut problems = Vec::new();
    if let Err(problem) = compile_on_trial(library, &schema, check) {
        let predicate = match problem.field {
            "applies" => check.applies.as_deref().unwrap_or_default(),
            _ => &check.unhealthy,
        };
        let place = place_of(text, problem.field, predicate, problem.place);
        let (line, column) = place.unzip();
        let message = format!("`{}`: {}", problem.field, problem.message);
        problems.push(ContentProblem { file: file(), line, column, message });
    }
    for message in unknown_evidence(&schema, check) {
        let (line, column) = place_of(text, "evidence", "", None).unzip();
        problems.push(ContentProblem { file: file(), line, column, message });
    }
    problems
}

/// A check that is not in the content, compiled against what is known.
pub(crate) fn compile_on_trial(
    library: &Library,
    schema: &LibrarySchema<'_>,
    check: &Arc<Check>,
) -> Result<CompiledCheck, CompileProblem> {
    let kinds: Vec<&str> = check.all_kinds().collect();
    // Several kinds share no native label: their paths are looked up by kind instead.
    let label = match kinds.as_slice() {
        [kind] => library.kind(kind).map(Kind::native_label),
        _ => None,
    };
    let labels: Vec<&str> = label.iter().map(String::as_str).collect();
    CompiledCheck::compile(Arc::clone(check), None, &labels, Some(schema))
}

/// Where a place of a predicate stands in the text of its check: line and column, from 1. YAML may fold lines, so
/// a predicate is sought by its first line; what cannot be found stands at its field.
fn place_of(
    text: &str,
    field: &str,
    predicate: &str,
    inside: Option<(u32, u32)>,
) -> Option<(u64, u64)> {
    let is_field = |line: &&str| line.trim_start().starts_with(&format!("{field}:"));
    let at = text.lines().position(|line| is_field(&line))?;
    let (line, column) = inside.unwrap_or((1, 1));
    let wanted = predicate.lines().nth(line as usize - 1).unwrap_or_default().trim_end();
    let found = text.lines().enumerate().skip(at).find_map(|(number, own)| {
        let start = own.find(wanted).filter(|_| !wanted.is_empty())?;
        Some((number as u64 + 1, own.get(..start)?.chars().count() as u64 + u64::from(column)))
    });
    found.or(Some((at as u64 + 1, 1)))
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn a_place_in_a_predicate_is_a_place_in_the_text() {
        let text = "id: own.x\nunhealthy: |\n  r.a = 1\n  AND r.b = 2\nevidence: [a]\n";
        let predicate = "r.a = 1\nAND r.b = 2\n";
        let check = |inside, want| assert_eq!(place_of(text, "unhealthy", predicate, inside), want);
        check(Some((1, 3)), Some((3, 5)));
        check(Some((2, 5)), Some((4, 7)));
        check(None, Some((3, 3)));
        assert_eq!(place_of("unhealthy: r.a", "unhealthy", "r.a", Some((1, 3))), Some((1, 14)));
        assert_eq!(place_of(text, "applies", "r.c", Some((1, 1))), None);
    }
}
