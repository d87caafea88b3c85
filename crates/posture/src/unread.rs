//! The promise about unread parts, held against every check and its cases.
//!
//! With one part of a document unread a check may still decide, but only where that part cannot
//! matter: whatever could stand there must give the same verdict. The other cases of the check say
//! what could stand there.

use std::sync::Arc;

use content::case::CheckCase;
use content::{Check, Library};
use model::Verdict;
use serde_json::Value as Json;

use crate::assessor::CompiledCheck;
use crate::cases::verdict_of;

/// Every case in which an unread part hides a value that would have changed the verdict.
pub fn unread_problems(library: &Library, check: &Arc<Check>) -> Vec<String> {
    let Ok(compiled) = CompiledCheck::compile(Arc::clone(check), None, &[], None) else {
        return Vec::new();
    };
    let cases = library.check_cases(&check.id);
    let mut problems = Vec::new();
    for case in cases {
        let Json::Object(document) = &case.resource else { continue };
        for key in document.keys() {
            let mut blind = case.clone();
            blind.unread.push(format!("`{key}`"));
            let Some(verdict) = verdict_of(library, &compiled, &blind) else { continue };
            if verdict == Verdict::Unknown {
                continue;
            }
            for value in possible_values(cases, key) {
                let mut sighted = case.clone();
                put(&mut sighted.resource, key, value);
                let found = verdict_of(library, &compiled, &sighted);
                // A value that leaves the check undecided does not contradict a verdict.
                if found.is_some_and(|it| it != verdict && it != Verdict::Unknown) {
                    problems.push(format!(
                        "case `{}`: with `{key}` unread it is {}, but a value there makes it {}",
                        case.name,
                        verdict.name(),
                        found.map_or("", Verdict::name)
                    ));
                    break;
                }
            }
        }
    }
    problems
}

/// What stands under `key` in the cases; `None` where it is absent.
fn possible_values<'c>(cases: &'c [CheckCase], key: &str) -> Vec<Option<&'c Json>> {
    let mut values = vec![None];
    values.extend(cases.iter().filter_map(|case| case.resource.get(key)).map(Some));
    values
}

fn put(document: &mut Json, key: &str, value: Option<&Json>) {
    if let Json::Object(map) = document {
        match value {
            Some(value) => map.insert(key.to_owned(), value.clone()),
            None => map.remove(key),
        };
    }
}
