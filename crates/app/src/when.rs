//! Instants on the command line.

use anyhow::Context as _;
use jiff::Timestamp;
use store::At;

/// The instant of the command: microseconds are what the store keeps.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// An instant: RFC 3339, or a day, which means its first instant in UTC.
pub(crate) fn instant(text: &str) -> anyhow::Result<Timestamp> {
    let day = || {
        let date = text.parse::<jiff::civil::Date>().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp())
    };
    text.parse().ok().or_else(day).with_context(|| {
        format!("`{text}` is neither an instant such as 2026-11-21T12:00:00Z nor a day such as 2026-11-21")
    })
}

/// A moment of what is kept: `now`, the number of a commit, or an instant.
pub(crate) fn moment(text: &str) -> anyhow::Result<At> {
    if text == "now" {
        return Ok(At::Now);
    }
    if let Ok(number) = text.parse() {
        return Ok(At::Seq(number));
    }
    Ok(At::Time(instant(text)?))
}

/// A moment as the interface writes it in a parameter.
pub(crate) fn as_parameter(at: At) -> String {
    match at {
        At::Now => "now".to_owned(),
        At::Seq(number) => number.to_string(),
        At::Time(instant) => instant.to_string(),
    }
}

/// A moment as the interface takes it where leaving it out means the present.
pub(crate) fn as_asked(at: At) -> Option<String> {
    (at != At::Now).then(|| as_parameter(at))
}

#[cfg(test)]
mod tests {
    use super::{instant, moment};
    use store::At;

    #[test]
    fn moments_are_numbers_days_and_instants() {
        assert_eq!(moment("now").unwrap(), At::Now);
        assert_eq!(moment("17").unwrap(), At::Seq(17));
        let noon = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(moment("2026-11-21T12:00:00Z").unwrap(), At::Time(noon));
        assert_eq!(moment("2026-11-21T13:00:00+01:00").unwrap(), At::Time(noon));
        assert_eq!(instant("2026-11-21").unwrap(), "2026-11-21T00:00:00Z".parse().unwrap());
        assert!(moment("yesterday").is_err());
    }
}
