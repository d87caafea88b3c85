//! Passwords that are tried first: words that everybody takes, walks over the keyboard, names.
//!
//! Lists of leaked passwords hold few of twelve characters and more that are not one of these words with digits,
//! signs and other spellings around it. So instead of a list of passwords there is a list of words, and
//! a password falls when little but such words is left of it.

/// Words of which common passwords are made, in lower case and plain letters.
const WORDS: &str = include_str!("../common-words.txt");

/// Runs of keys and letters that are typed without thinking.
const WALKS: [&str; 10] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// Characters that may be left between such words without making a password of them.
const LITTLE: usize = 4;
/// So many different words make a pass phrase, whatever they are.
const PHRASE: usize = 4;

/// Whether `password` is made of common words and walks and of `known` names.
pub(crate) fn is_common(password: &str, known: &[&str]) -> bool {
    let typed: Vec<char> = password.to_lowercase().chars().collect();
    let distinct: std::collections::BTreeSet<char> = typed.iter().copied().collect();
    if distinct.len() < 5 || is_repeated(&typed) {
        return true;
    }
    let known: Vec<Vec<char>> = known
        .iter()
        .flat_map(|it| it.split(|c: char| !c.is_alphanumeric()))
        .map(|it| it.to_lowercase().chars().collect::<Vec<char>>())
        .filter(|it| it.len() >= 3)
        .collect();
    // With signs and digits read as the letters that they stand for, and as they are.
    let plain: Vec<char> = typed.iter().map(|it| spelled(*it)).collect();
    [typed, plain].iter().any(|it| is_made_of_little(it, &known))
}

fn is_made_of_little(text: &[char], known: &[Vec<char>]) -> bool {
    let mut n_left = 0;
    let mut n_words = 0;
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let length = longest(rest, known);
        n_words += usize::from(length > 0);
        if length == 0 {
            n_left += usize::from(first.is_alphabetic());
            rest = after;
        } else {
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    n_left < LITTLE && n_words < PHRASE
}

/// Length of the longest common word, name, walk or run that `text` begins with; 0: none.
fn longest(text: &[char], known: &[Vec<char>]) -> usize {
    let word = WORDS
        .split_whitespace()
        .filter(|it| it.chars().zip(text).filter(|(a, b)| a == *b).count() == it.len())
        .map(str::len);
    let name = known.iter().filter(|it| text.starts_with(it)).map(Vec::len);
    let run = text.iter().take_while(|it| Some(*it) == text.first()).count();
    let walk = WALKS.iter().map(|it| {
        let forward: Vec<char> = it.chars().collect();
        let backward: Vec<char> = it.chars().rev().collect();
        walked(text, &forward).max(walked(text, &backward))
    });
    let walk = walk.chain([run]).filter(|it| *it >= 3);
    word.chain(name).chain(walk).max().unwrap_or(0)
}

/// How far `text` goes along a row of keys.
fn walked(text: &[char], row: &[char]) -> usize {
    let starts = (0..row.len()).filter_map(|it| row.get(it..));
    starts.map(|it| it.iter().zip(text).take_while(|(a, b)| a == b).count()).max().unwrap_or(0)
}

/// Whether the text is one short piece over and over.
fn is_repeated(text: &[char]) -> bool {
    (1..=6).any(|period| {
        period * 2 <= text.len() && text.iter().zip(text.iter().skip(period)).all(|(a, b)| a == b)
    })
}

/// The letter that a sign or digit stands for in the usual other spellings.
fn spelled(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        it => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "password1234",
            "Password1234!",
            "P@ssw0rd2024!",
            "passwordpassword",
            "qwertyuiop123",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "123456789012",
            "abcdefghijkl",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "iloveyou2023",
            "Welcome12345",
            "administrator1",
            "admin123admin",
            "letmein-letmein",
            "SummerWinter24",
            "changeme!!!!",
            "merlon-merlon-1",
            "zxcvbnmasdfghjkl",
            "987654321098",
            "football12345",
        ] {
            assert!(is_common(password, &[]), "{password}");
        }
    }

    #[test]
    fn what_nobody_else_takes_is_taken() {
        for password in [
            "correct horse battery staple",
            "lmvqzrkwtbxd",
            "gh7-Kd0q.Wz2m",
            "the rain in Spain stays",
            "winter tea under blue lamps",
            "Xk29#qpLw8vTz",
        ] {
            assert!(!is_common(password, &[]), "{password}");
        }
    }

    #[test]
    fn names_are_refused() {
        let known = ["ada.lovelace", "Ada Lovelace", "ada@analytical.example"];
        for password in ["lovelace-1815", "ada.lovelace1", "analytical123!", "L0velace2024!"] {
            assert!(is_common(password, &known), "{password}");
        }
        assert!(!is_common("lovelace wrote the first program", &known));
        assert!(!is_common("ada", &["ad"]) || is_common("ada", &[]), "short names do not count");
    }

    #[test]
    fn the_list_is_plain() {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        assert!(words.len() > 300 && words.is_sorted(), "{}", words.len());
        assert!(words.iter().all(|it| it.len() >= 3 && it.bytes().all(|b| b.is_ascii_lowercase())));
    }
}
