//! Second factors from an app: one-time passwords by time (RFC 6238).

use jiff::Timestamp;
use ring::hmac;
use subtle::ConstantTimeEq as _;

use crate::secret::base32;

/// Bytes of a secret: as many as SHA-1 gives, as RFC 4226 recommends.
pub const TOTP_BYTES: usize = 20;
/// Seconds for which a code stands, as every app assumes.
const STEP: i64 = 30;
/// Steps before and after now that count too: clocks differ, and typing takes time.
const WINDOW: i64 = 1;
const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret as it is typed into an app.
pub fn totp_text(secret: &[u8; TOTP_BYTES]) -> String {
    base32(secret, RFC_4648)
}

/// The secret as an app reads it from a picture: `otpauth://totp/...`.
pub fn totp_link(issuer: &str, account: &str, secret: &[u8; TOTP_BYTES]) -> String {
    let (issuer, account) = (escape(issuer), escape(account));
    let secret = totp_text(secret);
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

/// The step that `typed` is the code of, if it may still be used at `now`. `last` is the step of the code that
/// was used last: it and those before it are refused, so that a code that was looked at is worth nothing.
/// The caller keeps the step, and must see to it that of two that come at once only one counts.
pub fn totp_step(
    secret: &[u8; TOTP_BYTES],
    typed: &str,
    now: Timestamp,
    last: Option<i64>,
) -> Option<i64> {
    let typed: String = typed.chars().filter(|it| !it.is_whitespace()).collect();
    let current = now.as_second().div_euclid(STEP);
    // All are compared, so that the time does not tell which one it was.
    (current - WINDOW..=current + WINDOW).fold(None, |found, step| {
        let is_code: bool = code(secret, step).as_bytes().ct_eq(typed.as_bytes()).into();
        found.or((is_code && last.is_none_or(|last| step > last)).then_some(step))
    })
}

/// The six digits of a step.
fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = tag.as_ref().last().map_or(0, |it| usize::from(it & 15));
    let cut = tag.as_ref().get(offset..).and_then(|it| it.first_chunk::<4>());
    let number = cut.map_or(0, |it| u32::from_be_bytes(*it) & 0x7fff_ffff);
    format!("{:06}", number % 1_000_000)
}

/// Everything but letters and digits as `%XX`.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(escaped, "%{byte:02X}").unwrap_or_default();
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (second, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(SECRET, second / 30), wanted);
            assert_eq!(totp_step(SECRET, wanted, at(second), None), Some(second / 30));
        }
    }

    #[test]
    fn a_code_counts_once_and_for_a_moment() {
        let (now, step) = (at(1_111_111_111), 1_111_111_111 / 30);
        let typed = code(SECRET, step);
        assert_eq!(totp_step(SECRET, &format!(" {typed} "), now, Some(step - 1)), Some(step));
        assert_eq!(totp_step(SECRET, &typed, now, Some(step)), None, "it was used");
        assert_eq!(totp_step(SECRET, &typed, now, Some(step + 1)), None, "a later one was used");
        for (second, wanted) in [(-61, None), (-30, Some(step)), (30, Some(step)), (61, None)] {
            assert_eq!(totp_step(SECRET, &typed, at(1_111_111_111 + second), None), wanted);
        }
        for wrong in ["", "000000", "5047", "0504711", "０５０４７１"] {
            assert_eq!(totp_step(SECRET, wrong, now, None), None, "{wrong}");
        }
    }

    #[test]
    fn links_are_read_by_apps() {
        assert_eq!(
            totp_link("Merlon at work", "ada@example.org", SECRET),
            "otpauth://totp/Merlon%20at%20work:ada%40example.org\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Merlon%20at%20work"
        );
    }
}
