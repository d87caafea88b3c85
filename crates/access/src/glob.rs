//! Patterns with `*`: does a text fit, does one pattern take all that another takes, can both take the same.

/// Whether `text` fits `pattern`, in which `*` is any run of characters, also none; letters as they are.
///
/// A `*` in `text` is only taken by a `*` of the pattern: so it says, too, whether the pattern takes all
/// that `text` as a pattern takes.
pub(crate) fn takes(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(byte) if text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, from)) = retry else { return false };
                retry = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|it| *it == b'*')
}

/// Whether a text exists that fits both.
pub(crate) fn meet(one: &str, other: &str) -> bool {
    if !other.contains('*') {
        return takes(one, other);
    }
    if !one.contains('*') {
        return takes(other, one);
    }
    // rows of the product of both: what of `other` can be reached after so much of `one`
    let other = other.as_bytes();
    let mut row = vec![false; other.len() + 1];
    let mut start = true;
    for (at, cell) in row.iter_mut().enumerate() {
        *cell = start;
        start &= other.get(at) == Some(&b'*');
    }
    for byte in one.bytes() {
        let mut next = vec![false; row.len()];
        for at in 0..row.len() {
            let from = |step: usize| at.checked_sub(step).and_then(|it| row.get(it)).copied();
            let left = at.checked_sub(1).and_then(|it| next.get(it)).copied().unwrap_or(false);
            let of_other = at.checked_sub(1).and_then(|it| other.get(it)).copied();
            let reached = match (byte, of_other) {
                (b'*', _) => from(0) == Some(true) || left,
                (_, Some(b'*')) => from(0) == Some(true) || from(1) == Some(true) || left,
                (byte, Some(it)) => byte == it && from(1) == Some(true),
                (_, None) => false,
            };
            if let Some(cell) = next.get_mut(at) {
                *cell = reached;
            }
        }
        row = next;
    }
    row.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{meet, takes};

    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), None) => naive(rest, text),
            (Some((b'*', rest)), Some((_, tail))) => naive(rest, text) || naive(pattern, tail),
            (Some((p, rest)), Some((t, tail))) => p == t && naive(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_takes_what_the_recursive_one_takes(p in "[ab*]{0,6}", t in "[ab]{0,6}") {
            prop_assert_eq!(takes(&p, &t), naive(p.as_bytes(), t.as_bytes()));
        }

        #[test]
        fn two_patterns_meet_where_a_text_fits_both(a in "[ab*]{0,4}", b in "[ab*]{0,4}", t in "[ab]{0,6}") {
            if takes(&a, &t) && takes(&b, &t) {
                prop_assert!(meet(&a, &b), "{a} and {b} take {t}");
            }
        }

        #[test]
        fn patterns_meet_only_where_a_text_fits_both(a in "[ab*]{0,3}", b in "[ab*]{0,3}") {
            let mut texts = vec![String::new()];
            for length in 0..6 {
                let longer: Vec<String> = texts.iter().filter(|it| it.len() == length)
                    .flat_map(|it| [format!("{it}a"), format!("{it}b")]).collect();
                texts.extend(longer);
            }
            let has_text = texts.iter().any(|it| takes(&a, it) && takes(&b, it));
            prop_assert_eq!(meet(&a, &b), has_text, "{} and {}", a, b);
        }
    }
}
