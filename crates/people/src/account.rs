//! Names of accounts and groups.

/// Characters that a name has at most.
const MOST: usize = 128;
/// What Merlon calls itself in the audit log and in jobs: nobody else may be called so.
const RESERVED: [&str; 6] = ["cli", "merlon", "nobody", "operator", "provider", "server"];

/// Why a name may not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is empty or too long.
    #[error("a name has 1 to {MOST} characters")]
    Length,
    /// A character in it is not allowed.
    #[error("a name is made of letters, digits and the signs `.`, `_`, `-`, `@` and `+`")]
    Character,
    /// Merlon calls itself so where it acts without anybody asking.
    #[error("the name is Merlon's own, in its audit log")]
    Reserved,
    /// It is no e-mail address.
    #[error("an e-mail address has one `@` with something on both sides")]
    Email,
    /// It has characters that cannot be seen.
    #[error("a display name has no control characters")]
    Control,
}

/// The name of an account or a group as it is kept: in lower case. ASCII alone, so that no two names look
/// the same.
pub fn account_name(typed: &str) -> Result<String, BadName> {
    let typed = typed.trim();
    if typed.is_empty() || typed.len() > MOST {
        return Err(BadName::Length);
    }
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"._-@+".contains(&it);
    if !typed.bytes().all(is_plain) {
        return Err(BadName::Character);
    }
    let name = typed.to_ascii_lowercase();
    if RESERVED.contains(&name.as_str()) { Err(BadName::Reserved) } else { Ok(name) }
}

/// A name for people to read.
pub fn display_name(typed: &str) -> Result<String, BadName> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > MOST {
        return Err(BadName::Length);
    }
    // Beside control characters, those that turn the direction of text.
    let is_bad = |it: char| {
        it.is_control()
            || matches!(it, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if typed.chars().any(is_bad) { Err(BadName::Control) } else { Ok(typed.to_owned()) }
}

/// An e-mail address, as far as it can be judged without writing to it.
pub fn email(typed: &str) -> Result<String, BadName> {
    let typed = typed.trim();
    let parts = typed.split_once('@');
    let is_one = parts.is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.contains('@') && !host.starts_with('.')
    });
    let is_plain = typed.chars().all(|it| !it.is_whitespace() && !it.is_control());
    if is_one && is_plain && typed.len() <= 254 {
        Ok(typed.to_owned())
    } else {
        Err(BadName::Email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_one_form() {
        assert_eq!(
            account_name(" Ada.Lovelace@Example.org "),
            Ok("ada.lovelace@example.org".into())
        );
        for bad in ["", " ", "a b", "аda", "a\0", "a/b", &"x".repeat(129)] {
            account_name(bad).unwrap_err();
        }
        for own in ["merlon", "CLI", " Server "] {
            assert_eq!(account_name(own), Err(BadName::Reserved));
        }
        assert_eq!(display_name(" Ada  Lovelace "), Ok("Ada  Lovelace".into()));
        assert_eq!(display_name("a\u{202e}b"), Err(BadName::Control));
        assert_eq!(email("ada@example.org"), Ok("ada@example.org".into()));
        for bad in ["", "ada", "@example.org", "ada@", "ada@x", "a b@x.y", "a@b@c.d", "a@.x"] {
            assert_eq!(email(bad), Err(BadName::Email), "{bad}");
        }
    }
}
