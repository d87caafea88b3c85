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
    temporal(query)
}

/// Why a query is out of scope for the types of its values: we have instants, shown in UTC, and lengths
/// of time, made from text or a map, compared and added.
fn temporal(query: &str) -> Option<String> {
    let words = words(query);
    let is_called = |function: &str, word: &str| {
        let name = word.strip_suffix('(').unwrap_or_default();
        name == function || name.strip_prefix(function).is_some_and(|it| it.starts_with('.'))
    };
    if words.iter().any(|word| OTHER_TYPES.iter().any(|it| is_called(it, word))) {
        return Some("temporal: times of day and local times".to_owned());
    }
    let is_part =
        |word: &String| OUR_TYPES.iter().any(|it| is_called(it, word)) && word.contains('.');
    words.iter().any(is_part).then(|| "temporal: truncating, parts, clocks".to_owned())
}

const OTHER_TYPES: [&str; 3] = ["time", "localtime", "localdatetime"];
const OUR_TYPES: [&str; 3] = ["date", "datetime", "duration"];

/// Whether a query makes any temporal value.
pub(crate) fn is_temporal(query: &str) -> bool {
    let words = words(query);
    let is_call = |word: &String| {
        let name = word.strip_suffix('(').unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        OTHER_TYPES.contains(&name) || OUR_TYPES.contains(&name)
    };
    words.iter().any(is_call)
}

/// Whether a table shows a date or a time: ours are instants and look otherwise.
pub(crate) fn shows_dates(table: &[Vec<String>]) -> bool {
    table.iter().skip(1).flatten().any(|cell| {
        let digits: String = cell.chars().filter(|it| !"'[,".contains(*it)).take(5).collect();
        let looks_like_date = digits.len() == 5
            && digits.chars().take(4).all(|it| it.is_ascii_digit())
            && digits.ends_with('-');
        cell.contains('\'') && looks_like_date
    })
}

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
            let is_called = char == '(';
            if is_called {
                word.push('(');
            }
            if is_called || (!matches!(before, '.' | ':' | '$' | '|') && char != ':') {
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
        check("RETURN duration.between(a, b)", Some("temporal: truncating, parts, clocks"));
        check("RETURN n.date, n.time", None);
        check("RETURN {time: time('12:00')}", Some("temporal: times of day and local times"));
    }
}
