//! The kinds of values that settings have: how each is written, read and bounded.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

/// A value as it was found, before its kind is known.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    /// Untyped text: a default, a variable of the environment, an argument of the command line.
    Word(String),
    /// A TOML string.
    Text(String),
    /// A TOML integer.
    Integer(i64),
    /// A TOML array of strings.
    List(Vec<String>),
    /// Something that no setting is made of, by its name.
    Other(&'static str),
}

impl Raw {
    /// The text of a word or a string.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Text(text) => Some(text),
            Self::Integer(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    /// What this is, for a message.
    fn found(&self) -> String {
        match self {
            Self::Word(text) | Self::Text(text) => format!("`{text}`"),
            Self::Integer(number) => format!("the number {number}"),
            Self::List(_) => "a list".to_owned(),
            Self::Other(name) => (*name).to_owned(),
        }
    }
}

/// A kind of value.
pub(crate) trait Value: Sized {
    /// How it is written, for messages and the reference page.
    const FORM: &'static str;

    /// Reads it; `None` when it is not written so.
    fn parse(raw: &Raw) -> Option<Self>;

    /// Whether it lies within the bounds; kinds without an order have none.
    fn is_within(&self, _low: &Self, _high: &Self) -> bool {
        true
    }

    /// Reads it, or says what was expected.
    fn read(raw: &Raw) -> Result<Self, String> {
        Self::parse(raw).ok_or_else(|| format!("expected {}, found {}", Self::FORM, raw.found()))
    }
}

impl Value for u32 {
    const FORM: &'static str = "a whole number";

    fn parse(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Word(text) => text.parse().ok(),
            Raw::Integer(number) => Self::try_from(*number).ok(),
            Raw::Text(_) | Raw::List(_) | Raw::Other(_) => None,
        }
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

impl Value for Duration {
    const FORM: &'static str = "a time with its unit, such as `500ms`, `30s`, `5m`, `2h` or `400d`";

    fn parse(raw: &Raw) -> Option<Self> {
        let (number, unit) = number_and_unit(raw.text()?)?;
        let seconds = |each: u64| number.checked_mul(each).map(Self::from_secs);
        match unit {
            "ms" => Some(Self::from_millis(number)),
            "s" => seconds(1),
            "m" | "min" => seconds(60),
            "h" => seconds(3_600),
            "d" => seconds(86_400),
            _ => None,
        }
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Size(pub(crate) u64);

impl Value for Size {
    const FORM: &'static str = "a size with its unit, such as `512 B`, `16 KiB` or `64 MiB`";

    fn parse(raw: &Raw) -> Option<Self> {
        let (number, unit) = number_and_unit(raw.text()?)?;
        let each = match unit {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(each).map(Self)
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

/// `30` and `s` of `30s` or `30 s`.
fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|it: char| !it.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim()))
}

/// A file or folder; empty means none.
impl Value for String {
    const FORM: &'static str = "text";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
    }
}

impl Value for Option<String> {
    const FORM: &'static str = "text";

    fn parse(raw: &Raw) -> Option<Self> {
        raw.text().map(|it| Some(it.trim().to_owned()).filter(|it| !it.is_empty()))
    }
}

impl Value for Option<PathBuf> {
    const FORM: &'static str = "a path";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        Some((!text.is_empty()).then(|| PathBuf::from(text)))
    }
}

/// An address of the web without a path: `https://host` or `https://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) String);

/// An origin; empty means none.
impl Value for Option<Origin> {
    const FORM: &'static str = "an origin, such as `https://merlon.example.org`";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        if text.is_empty() {
            return Some(None);
        }
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let is_host = !host.is_empty()
            && host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:[]".contains(&it));
        is_host.then(|| Some(Origin(text.to_ascii_lowercase())))
    }
}

/// Something that must never be shown; wiped when dropped. It has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself: for the one who uses it, never for a message.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A secret; empty means none.
impl Value for Option<Secret> {
    const FORM: &'static str = "a text, which may be sealed (`enc:...`)";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        Some((!text.is_empty()).then(|| Secret::new(text)))
    }

    fn read(raw: &Raw) -> Result<Self, String> {
        // What was found stays out of the message.
        Self::parse(raw).ok_or_else(|| format!("expected {}", Self::FORM))
    }
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Value for LogFormat {
    const FORM: &'static str = "`text` or `json`";

    fn parse(raw: &Raw) -> Option<Self> {
        match raw.text()? {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// What is logged: a level, and levels of single modules.
#[derive(Debug, Clone)]
pub(crate) struct Levels(pub(crate) tracing_subscriber::filter::Targets);

impl Value for Levels {
    const FORM: &'static str = "a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), then levels of modules, such as `info,store=debug`";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        // `Targets` takes any word for a module: a mistyped level would silence everything.
        let is_level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
        let mut parts = text.split(',').map(str::trim);
        let all_well = parts.next().is_some_and(is_level)
            && parts.all(|it| it.split_once('=').is_some_and(|(_, level)| is_level(level.trim())));
        if !all_well {
            return None;
        }
        text.replace(' ', "").parse().ok().map(Self)
    }
}

/// A part that a process plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Every role.
    All,
    /// Answers HTTP beyond health and metrics, which every process answers.
    Web,
    /// Takes jobs from the queue, and writes for the tenant while it holds the lease.
    Worker,
}

/// The roles of a process; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roles(Vec<Role>);

impl Roles {
    /// Whether the process plays this role.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.0.contains(&Role::All) || self.0.contains(&role)
    }
}

impl Value for Roles {
    const FORM: &'static str = "a list of `all`, `web` and `worker`";

    fn parse(raw: &Raw) -> Option<Self> {
        let role = |word: &str| match word.trim() {
            "all" => Some(Role::All),
            "web" => Some(Role::Web),
            "worker" => Some(Role::Worker),
            _ => None,
        };
        let roles: Vec<Role> = match raw {
            Raw::List(words) => words.iter().map(|it| role(it)).collect::<Option<_>>()?,
            Raw::Word(text) => text.split(',').map(role).collect::<Option<_>>()?,
            Raw::Text(_) | Raw::Integer(_) | Raw::Other(_) => return None,
        };
        (!roles.is_empty()).then_some(Self(roles))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Levels, Raw, Roles, Secret, Size, Value as _};

    fn word(text: &str) -> Raw {
        Raw::Word(text.to_owned())
    }

    #[test]
    fn times_and_sizes_carry_units() {
        let time = |text: &str| Duration::parse(&word(text));
        assert_eq!(time("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(time("2 h"), Some(Duration::from_hours(2)));
        assert_eq!(time("30"), None);
        assert_eq!(time("-1s"), None);
        assert_eq!(time("99999999999999999999d"), None);
        assert_eq!(Size::parse(&word("64 MiB")), Some(Size(64 << 20)));
        assert_eq!(Size::parse(&word("64MB")), None);
    }

    #[test]
    fn a_number_in_quotes_is_no_number() {
        assert_eq!(u32::parse(&Raw::Integer(4)), Some(4));
        assert_eq!(u32::parse(&Raw::Text("4".into())), None);
        assert_eq!(u32::parse(&Raw::Integer(-4)), None);
    }

    #[test]
    fn a_mistyped_level_is_refused() {
        assert!(Levels::parse(&word("info,store=debug, sqlx=off")).is_some());
        assert!(Levels::parse(&word("inof")).is_none());
        assert!(Levels::parse(&word("info,store")).is_none());
        assert!(Levels::parse(&word("info,store=loud")).is_none());
    }

    #[test]
    fn roles_come_as_a_list_or_with_commas() {
        assert!(Roles::parse(&Raw::List(vec!["web".into(), "worker".into()])).is_some());
        assert!(Roles::parse(&word("web,worker")).is_some());
        assert!(Roles::parse(&word("queen")).is_none());
        assert!(Roles::parse(&Raw::List(vec![])).is_none());
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some([redacted])");
        let refused = Option::<Secret>::read(&Raw::List(vec!["hunter2".into()])).unwrap_err();
        assert!(!refused.contains("hunter2"));
    }
}
