//! What we do not claim, by what the query says.

use lang::ast::{Clause, Query};

/// Why a scenario with this query is out of scope; `None` when it is in scope.
pub(crate) fn reason(query: &str) -> Option<String> {
    let words = words(query);
    for keyword in ["CREATE", "MERGE", "SET", "DELETE", "REMOVE", "FOREACH"] {
        if words.iter().any(|word| word == keyword) {
            return Some("writes".to_owned());
        }
    }
    if words.iter().any(|word| word == "CALL") {
        return Some("procedures".to_owned());
    }
    for function in TEMPORAL {
        let is_called = words.iter().any(|word| {
            let name = word.strip_suffix('(').unwrap_or_default();
            name == function || name.strip_prefix(function).is_some_and(|it| it.starts_with('.'))
        });
        if is_called {
            return Some("temporal types".to_owned());
        }
    }
    None
}

/// Functions of types that we do not have: dates, times, local times; and the parts of instants.
const TEMPORAL: [&str; 6] =
    ["date", "time", "localtime", "localdatetime", "datetime", "duration"];

/// Whether a query that could be read writes.
pub(crate) fn writes(query: &Query) -> bool {
    query.parts().flat_map(|part| &part.clauses).any(|it| matches!(it, Clause::Create(_)))
}

/// The words of a query outside of texts, comments and back-ticks, each with the bracket directly
/// behind it; words that are keys, labels, types or parameters are left out.
fn words(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut chars = query.chars().peekable();
    while let Some(char) = chars.next() {
        if char.is_alphanumeric() || char == '_' || (char == '.' && !word.is_empty()) {
            word.push(char);
            continue;
        }
        if !word.is_empty() {
            if char == '(' {
                word.push('(');
            }
            if !matches!(before, '.' | ':' | '$' | '|') && char != ':' {
                words.push(std::mem::take(&mut word));
            }
            word.clear();
            before = ' ';
        }
        match char {
            '\'' | '"' | '`' => {
                while let Some(inner) = chars.next() {
                    if inner == '\\' && char != '`' {
                        chars.next();
                    } else if inner == char {
                        break;
                    }
                }
                before = ' ';
            }
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().take_while(|it| *it != '\n').for_each(drop);
            }
            char if char.is_whitespace() => {}
            char => before = char,
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(query: &str, want: Option<&str>) {
        assert_eq!(super::reason(query).as_deref(), want, "{query}");
    }

    #[test]
    fn keywords_count_only_where_they_are_keywords() {
        check("MATCH (n) SET n.x = 1", Some("writes"));
        check("MATCH (n:SET) WHERE n.CREATE = 'MERGE' RETURN n AS `DELETE`", None);
        check("MATCH ()-[:CREATE|MERGE]->() RETURN {SET: 1}", None);
        check("CALL test.labels()", Some("procedures"));
        check("RETURN duration.between(a, b)", Some("temporal types"));
        check("RETURN n.date, n.time", None);
    }
}
