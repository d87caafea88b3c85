//! Wildcards: `*` is any text, `?` is one character.
//!
//! Resources are compared part by part of the ARN, and an ARN with fewer than six parts has wildcards
//! for the others:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.

use hashbrown::HashSet;

/// The part of an ARN that is its region.
const REGION: usize = 3;

/// Stands for a literal `*` in a pattern (`${*}`), `?` (`${?}`) and `$` (`${$}`).
pub(super) const LITERAL_STAR: char = '\u{1}';
/// See [`LITERAL_STAR`].
pub(super) const LITERAL_MARK: char = '\u{2}';

/// What stands for any text in a witness: no policy has it.
pub(super) const FRESH: &str = "\u{10}any";

/// Longer patterns are not brought together: ARNs have 2048 characters at most.
const MOST_TOGETHER: usize = 4096;

/// Whether `text` is one of those that `pattern` stands for.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes(), |a, b| a == b)
}

/// The same without regard to the case of ASCII letters.
pub(super) fn like_in_any_case(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b))
}

fn glob(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where to go on after the last star, and up to where it reaches.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(place) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, place));
                at += 1;
            }
            Some(b'?') => (at, place) = (at + 1, place + 1),
            Some(&own) if same(literal(own), byte) => (at, place) = (at + 1, place + 1),
            _ => {
                let Some((after, reach)) = star else { return false };
                star = Some((after, reach + 1));
                (at, place) = (after, reach + 1);
            }
        }
    }
    pattern.get(at..).is_none_or(|rest| rest.iter().all(|it| *it == b'*'))
}

fn literal(byte: u8) -> u8 {
    match byte {
        1 => b'*',
        2 => b'?',
        other => other,
    }
}

/// Whether the resource `text` is one of those that `pattern` stands for.
pub(super) fn arn_like(pattern: &str, text: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if !text.starts_with("arn:") {
        return like(pattern, text);
    }
    let mut texts = text.splitn(6, ':').enumerate();
    for pattern in pattern.splitn(6, ':') {
        match texts.next() {
            // an export without regions leaves them out: it may be any
            Some((REGION, "")) => {}
            Some((_, text)) if like(pattern, text) => {}
            _ => return false,
        }
    }
    // parts that the pattern leaves out are any
    true
}

/// Whether a text has wildcards.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A pattern of texts that both patterns stand for: the widest where there is one widest, else one
/// of them; `None` where no text is in both.
pub(super) fn meet(one: &str, other: &str) -> Option<String> {
    if one == "*" {
        return Some(other.to_owned());
    }
    if other == "*" {
        return Some(one.to_owned());
    }
    if one.len() + other.len() > MOST_TOGETHER {
        return None;
    }
    if !(one.starts_with("arn:") && other.starts_with("arn:")) {
        return meet_texts(one, other);
    }
    let (mut ones, mut others) = (one.splitn(6, ':'), other.splitn(6, ':'));
    let parts: Option<Vec<String>> = (0..6)
        .map(|_| meet_texts(ones.next().unwrap_or("*"), others.next().unwrap_or("*")))
        .collect();
    Some(parts?.join(":"))
}

fn meet_texts(one: &str, other: &str) -> Option<String> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut found = Vec::new();
    let mut failed = HashSet::new();
    meet_at((&one, 0), (&other, 0), &mut found, &mut failed).then(|| found.into_iter().collect())
}

fn meet_at(
    (one, i): (&[char], usize),
    (other, j): (&[char], usize),
    found: &mut Vec<char>,
    failed: &mut HashSet<(usize, usize)>,
) -> bool {
    if failed.contains(&(i, j)) {
        return false;
    }
    let ways: &[(usize, usize, Option<char>)] = match (one.get(i).copied(), other.get(j).copied()) {
        (None, None) => return true,
        (Some('*'), Some('*')) => &[(1, 1, Some('*')), (0, 1, Some('*')), (1, 0, Some('*'))],
        // a star ends as soon as it can: what follows is as wide as it can be
        (Some('*'), Some(it)) => &[(1, 0, None), (0, 1, Some(it))],
        (Some(it), Some('*')) => &[(0, 1, None), (1, 0, Some(it))],
        (Some('*'), None) => &[(1, 0, None)],
        (None, Some('*')) => &[(0, 1, None)],
        (Some('?'), Some(it)) | (Some(it), Some('?')) => &[(1, 1, Some(it))],
        (Some(a), Some(b)) if a == b => &[(1, 1, Some(a))],
        _ => &[],
    };
    for (di, dj, emit) in ways {
        let length = found.len();
        found.extend(emit);
        if meet_at((one, i + di), (other, j + dj), found, failed) {
            return true;
        }
        found.truncate(length);
    }
    failed.insert((i, j));
    false
}

/// A text that `pattern` stands for, with what no policy names for its wildcards.
pub(super) fn witness(pattern: &str) -> String {
    if pattern == "*" {
        pattern.to_owned()
    } else {
        pattern.replace('*', FRESH).replace('?', "\u{10}")
    }
}

#[cfg(test)]
mod tests {
    use super::{arn_like, like, like_in_any_case, meet};

    #[test]
    fn wildcards() {
        assert!(like("a*c?", "abbcd") && like("*", "") && like("a**", "a") && !like("a?", "a"));
        assert!(like_in_any_case("Get*", "gETobject") && !like("Get*", "getObject"));
        assert!(like("\u{1}x", "*x") && !like("\u{1}x", "ax"));
    }

    #[test]
    fn a_wildcard_stays_in_its_part_of_an_arn_and_missing_parts_are_any() {
        assert!(arn_like("arn:aws:s3:::a*", "arn:aws:s3:::a/b:c"));
        assert!(!arn_like("arn:aws:iam::1*:role/x", "arn:aws:iam::2:1:role/x"));
        assert!(arn_like("arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:q"));
    }

    #[track_caller]
    fn check(one: &str, other: &str, want: Option<&str>) {
        assert_eq!(meet(one, other).as_deref(), want, "{one} and {other}");
    }

    #[test]
    fn what_two_patterns_share() {
        check("arn:*:f:*:*:*", "arn:x:f:dev-*", Some("arn:x:f:dev-*:*:*"));
        check("*:f:*", "x:f:dev-*", Some("x:f:dev-*"));
        check("a*", "*b", Some("a*b"));
        check("a?", "?b", Some("ab"));
        check("a*", "b*", None);
        check("a*", "a", Some("a"));
    }
}
