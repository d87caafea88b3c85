//! The nearest known name, for "did you mean" in error messages.

/// The candidate that is fewest edits away from `name`, ignoring case.
///
/// `None` when nothing is closer than a third of the name's length (at least one edit): a far
/// guess misleads more than it helps.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    let limit = (wanted.len() / 3).max(1);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let distance = edit_distance(&wanted, &other);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, one row at a time.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let substituted = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = substituted.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[track_caller]
    fn check(name: &str, candidates: &[&str], want: Option<&str>) {
        assert_eq!(nearest(name, candidates.iter().copied()), want);
    }

    #[test]
    fn one_letter_off_is_found() {
        check("propertes", &["tags", "properties", "name"], Some("properties"));
    }

    #[test]
    fn case_is_no_difference() {
        check("Properties", &["properties"], Some("properties"));
    }

    #[test]
    fn swapped_letters_count_as_two_edits() {
        check("naem", &["name"], None);
        check("proeprties", &["properties"], Some("properties"));
    }

    #[test]
    fn a_far_name_is_not_offered() {
        check("zebra", &["name", "tags"], None);
    }
}
