//! Random secrets: of sessions, tokens, links, and what is kept of them.
//!
//! INVARIANT: a secret has at least 120 random bits, so a plain SHA-256 of it can be kept: nobody tries them
//! all. Passwords are chosen by people and are hashed slowly: see `password.rs`.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What is kept of a secret.
pub type Digest = [u8; 32];

/// Digits of Crockford's Base32, in lower case: none is mistaken for another.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How tokens begin, so that scanners for leaked secrets find them.
const TOKEN: &str = "merlon";
/// How many recovery codes an account has.
pub const N_RECOVERY_CODES: usize = 10;
/// Random bytes in a recovery code: 120 bits (ASVS 5.0, 6.5.2 asks for 112 where they are hashed once).
pub const RECOVERY_BYTES: usize = 15;

/// 256 random bits as text, as they stand in a cookie or a link.
pub fn secret_text(random: &[u8; 32]) -> String {
    hex(random)
}

/// What is kept of a secret in a cookie or a link.
pub fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether two digests are equal, in a time that does not tell where they differ.
pub fn is_same(one: &Digest, other: &Digest) -> bool {
    one.ct_eq(other).into()
}

/// The text of token number `number`: shown once, then forgotten.
pub fn token_text(number: u64, random: &[u8; 32]) -> String {
    format!("{TOKEN}_{number}_{}", hex(random))
}

/// The number and the digest of a token; `None` when the text cannot be a token.
pub fn parse_token(text: &str) -> Option<(u64, Digest)> {
    let mut parts = text.split('_');
    let (head, number, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = head == TOKEN
        && parts.next().is_none()
        && secret.len() == 64
        && (1..=19).contains(&number.len())
        && number.bytes().all(|it| it.is_ascii_digit());
    if !is_whole {
        return None;
    }
    Some((number.parse().ok()?, digest(text)))
}

/// A recovery code: six groups of four digits.
pub fn recovery_code(random: &[u8; RECOVERY_BYTES]) -> String {
    let digits = base32(random, CROCKFORD);
    let groups: Vec<&str> =
        digits.as_bytes().chunks(4).map(|it| std::str::from_utf8(it).unwrap_or_default()).collect();
    groups.join("-")
}

/// What is kept of a recovery code, however it was typed.
pub fn recovery_digest(typed: &str) -> Digest {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| match it.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            it => it,
        })
        .collect();
    digest(&plain)
}

/// Bytes in Base32, without padding.
pub(crate) fn base32(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut n_held) = (0_u32, 0_u32);
    let mut push = |bits: u32| {
        text.push(alphabet.get(bits as usize & 31).copied().map_or('?', char::from));
    };
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        n_held += 8;
        while n_held >= 5 {
            n_held -= 5;
            push(held >> n_held);
        }
        held &= (1 << n_held) - 1;
    }
    if n_held > 0 {
        push(held << (5 - n_held));
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_back_and_others_are_none() {
        let text = token_text(42, &[7; 32]);
        assert_eq!(parse_token(&text), Some((42, digest(&text))));
        for other in [
            "",
            "merlon",
            "merlon_42",
            "merlon_42_",
            text.trim_start_matches('m'),
            &format!("{text}0"),
            &format!("{text}_"),
            &text.replace("42", ""),
            &text.replace("42", "-1"),
            &text.replace("42", "99999999999999999999"),
            &text.replace("merlon", "other"),
        ] {
            assert_eq!(parse_token(other), None, "{other}");
        }
    }

    #[test]
    fn recovery_codes_can_be_typed_as_they_are_read() {
        let code = recovery_code(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252, 253, 254]);
        assert_eq!(code.len(), 29);
        let kept = recovery_digest(&code);
        for typed in
            [code.to_uppercase(), code.replace('-', " "), code.replace('0', "O").replace('1', "l")]
        {
            assert_eq!(recovery_digest(&typed), kept, "{typed}");
        }
        assert_ne!(recovery_digest(&code.replace('0', "2")), kept);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes(), alphabet), text);
        }
    }

    #[test]
    fn digests_are_compared_whole() {
        let (one, mut other) = (digest("a"), digest("a"));
        assert!(is_same(&one, &other));
        other[31] ^= 1;
        assert!(!is_same(&one, &other));
    }
}
