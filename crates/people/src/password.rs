//! Passwords: which may be taken, and how they are kept.
//!
//! After OWASP ASVS 5.0, V6.2, and the OWASP cheat sheet on storing passwords.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::common;

/// Characters that a password has at least (ASVS 5.0, 6.2.1 asks for 8 and recommends 15).
const LEAST: usize = 12;
/// Characters that it has at most (ASVS 5.0, 6.2.9 asks for at least 64).
const MOST: usize = 256;

/// Memory of a hash in KiB, passes and lanes: the first choice of OWASP's cheat sheet.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of no password, with the parameters of today: unknown names take as long as known ones.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU\
                      $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password may not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is too short.
    #[error("a password has at least {LEAST} characters")]
    Short,
    /// It is too long.
    #[error("a password has at most {MOST} characters")]
    Long,
    /// It is among those that are tried first.
    #[error("the password is one of those that are tried first")]
    Common,
    /// It is made of what is known of the account.
    #[error("the password is made of a name")]
    Name,
}

/// Whether `password` may be taken by somebody of whom these words are known: account, display name, e-mail.
pub fn check_password(password: &str, known: &[&str]) -> Result<(), Refused> {
    let n_chars = password.chars().count();
    if n_chars < LEAST {
        return Err(Refused::Short);
    }
    if n_chars > MOST {
        return Err(Refused::Long);
    }
    if common::is_common(password, &[]) {
        return Err(Refused::Common);
    }
    if common::is_common(password, known) { Err(Refused::Name) } else { Ok(()) }
}

/// What is kept of a password: argon2id in the PHC format. Takes 19 MiB and some ten milliseconds. `None`
/// when the hash cannot be made, for instance without memory.
pub fn hash_password(password: &str, salt: &[u8; 16]) -> Option<String> {
    let hash = hasher()?.hash_password_with_salt(password.as_bytes(), salt).ok()?;
    Some(hash.to_string())
}

/// Whether this is the password of which `kept` was kept. Without `kept` it takes as long, and is false.
pub fn verify_password(password: &str, kept: Option<&str>) -> bool {
    // Nobody can have chosen more than the policy allows; what is longer is not worth the time.
    let is_bounded = password.len() <= MOST * 4;
    let password = if is_bounded { password.as_bytes() } else { b"" };
    let Some(hasher) = hasher() else { return false };
    let verified = PasswordHash::new(kept.unwrap_or(NOBODY))
        .is_ok_and(|hash| hasher.verify_password(password, &hash).is_ok());
    verified && is_bounded && kept.is_some()
}

/// Whether what was kept was made with other parameters than those of today.
pub fn is_dated(kept: &str) -> bool {
    !kept.starts_with(&format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$"))
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, Some(32)).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_kept_as_hashes() {
        let kept = hash_password("a long enough secret", &[9; 16]).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(!is_dated(&kept) && is_dated(&kept.replace("t=2", "t=1")));
        assert!(verify_password("a long enough secret", Some(&kept)));
        for wrong in ["", "a long enough secreT", "a long enough secret "] {
            assert!(!verify_password(wrong, Some(&kept)));
        }
        assert!(!verify_password(&"x".repeat(5000), Some(&kept)));
        assert_ne!(kept, hash_password("a long enough secret", &[8; 16]).unwrap());
        assert!(!verify_password("x", Some("rubbish")));
    }

    #[test]
    fn nobody_has_a_hash_like_everybody() {
        assert!(!is_dated(NOBODY));
        assert!(PasswordHash::new(NOBODY).unwrap().hash.is_some());
        assert!(!verify_password("x", None));
    }

    #[test]
    fn length_is_all_that_is_asked_for() {
        let check = |password: &str, wanted| assert_eq!(check_password(password, &[]), wanted);
        check("lmvqzrkwtbx", Err(Refused::Short));
        check("lmvqzrkwtbxd", Ok(()));
        check("correct horse battery staple", Ok(()));
        check("дождь над морем", Ok(()));
        check("the first sixty-four characters of a book that nobody has read yet", Ok(()));
        check(&"x1 y2".repeat(60), Err(Refused::Long));
    }
}
