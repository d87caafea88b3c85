//! Lengths of time: months, days, seconds and nanoseconds, which do not convert into each other.
//!
//! A month is not a number of days and a day is not a number of seconds (calendar, leap seconds), so the parts
//! are kept apart, as openCypher does; adding one to an instant applies months, then days, then seconds, in UTC.
//!
//! Text form: ISO 8601 (`P1Y2M10DT2H30M`, `P90D`, `PT1.5S`, `P2W`), each number with an optional sign.

use std::cmp::Ordering;
use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// Calendar months; a year is twelve.
    pub months: i64,
    /// Calendar days; a week is seven.
    pub days: i64,
    /// Whole seconds; negative for a negative length.
    pub seconds: i64,
    /// `0 ..= 999_999_999`, added to the seconds.
    pub nanos: u32,
}

const NANOS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Mean length of a month in the Gregorian calendar: 400 years have 146,097 days.
const SECONDS_PER_MONTH: i64 = 146_097 * SECONDS_PER_DAY / 4_800;

impl Period {
    /// From parts with nanoseconds that may exceed a second or be negative; `None` when out of range.
    pub fn new(months: i64, days: i64, nanos: i128) -> Option<Self> {
        let seconds = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).ok()?;
        let nanos = u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).ok()?;
        Some(Self { months, days, seconds, nanos })
    }

    /// The seconds part in nanoseconds.
    fn total_nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS_PER_SECOND + i128::from(self.nanos)
    }

    /// Part by part; `None` when out of range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let months = self.months.checked_add(other.months)?;
        let days = self.days.checked_add(other.days)?;
        Self::new(months, days, self.total_nanos().checked_add(other.total_nanos())?)
    }

    /// The same length backwards; `None` when out of range.
    pub fn checked_neg(self) -> Option<Self> {
        Self::new(self.months.checked_neg()?, self.days.checked_neg()?, -self.total_nanos())
    }

    /// Each part times a whole number; `None` when out of range.
    pub fn checked_mul(self, factor: i64) -> Option<Self> {
        let nanos = self.total_nanos().checked_mul(i128::from(factor))?;
        Self::new(self.months.checked_mul(factor)?, self.days.checked_mul(factor)?, nanos)
    }

    /// From `start` to `end`, in seconds.
    pub fn between(start: Timestamp, end: Timestamp) -> Option<Self> {
        Self::new(0, 0, end.as_nanosecond() - start.as_nanosecond())
    }

    /// The instant that lies this length after `instant`; `None` when out of range.
    pub fn after(self, instant: Timestamp) -> Option<Timestamp> {
        let calendar = jiff::Span::new().try_months(self.months).ok()?.try_days(self.days).ok()?;
        let shifted = instant.to_zoned(TimeZone::UTC).checked_add(calendar).ok()?.timestamp();
        let clock = SignedDuration::new(self.seconds, i32::try_from(self.nanos).ok()?);
        shifted.checked_add(clock).ok()
    }

    /// By mean length: a month has 30.436875 days, a day 24 hours.
    pub fn mean_cmp(&self, other: &Self) -> Ordering {
        self.mean_nanos().cmp(&other.mean_nanos())
    }

    fn mean_nanos(self) -> i128 {
        let calendar = i128::from(self.months) * i128::from(SECONDS_PER_MONTH)
            + i128::from(self.days) * i128::from(SECONDS_PER_DAY);
        calendar * NANOS_PER_SECOND + self.total_nanos()
    }

    /// So many billionths of a unit (`Y`, `M`, `W`, `D`). What is left of a month or a day is passed on to the
    /// smaller parts by their mean lengths.
    pub(crate) fn of_date_unit(billionths: i128, unit: char) -> Option<Self> {
        let (months, days) = match unit {
            'Y' => (billionths.checked_mul(12)?, 0),
            'M' => (billionths, 0),
            'W' => (0, billionths.checked_mul(7)?),
            'D' => (0, billionths),
            _ => return None,
        };
        // one billionth of a second times the seconds of a month is a number of nanoseconds
        let rest_of_month = (months % NANOS_PER_SECOND) * i128::from(SECONDS_PER_MONTH);
        let day = i128::from(SECONDS_PER_DAY) * NANOS_PER_SECOND;
        let rest_of_day = (days % NANOS_PER_SECOND) * i128::from(SECONDS_PER_DAY);
        let whole_days = days / NANOS_PER_SECOND + rest_of_month / day;
        let nanos = rest_of_month % day + rest_of_day;
        let whole_months = i64::try_from(months / NANOS_PER_SECOND).ok()?;
        Self::new(whole_months, i64::try_from(whole_days).ok()?, nanos)
    }

    /// Reads the ISO 8601 form (`P1Y2M3DT4H5M6S` or `P2012-02-02T14:37:21.5`); `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let text = text.strip_prefix(['P', 'p'])?;
        let (date, time) = match text.split_once(['T', 't']) {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (text, ""),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        if let Some(period) = parse_like_date(date, time) {
            return if negative { period.checked_neg() } else { Some(period) };
        }
        let mut period = Self::default();
        for (number, unit) in parts(date)? {
            period = period.checked_add(date_part(number, unit)?)?;
        }
        for (number, unit) in parts(time)? {
            period = period.checked_add(time_part(number, unit)?)?;
        }
        if negative { period.checked_neg() } else { Some(period) }
    }
}

/// `2M10D` as `[("2", 'M'), ("10", 'D')]`.
fn parts(mut text: &str) -> Option<Vec<(&str, char)>> {
    let mut found = Vec::new();
    while !text.is_empty() {
        let end = text.find(|it: char| it.is_ascii_alphabetic())?;
        let (number, rest) = text.split_at_checked(end)?;
        let unit = rest.chars().next()?;
        found.push((number, unit.to_ascii_uppercase()));
        text = rest.get(1..)?;
    }
    Some(found)
}

fn date_part(number: &str, unit: char) -> Option<Period> {
    Period::of_date_unit(nanos_of(number, 1)?, unit)
}

/// `2012-02-02` and `14:37:21.5`, each part as a number of its unit.
fn parse_like_date(date: &str, time: &str) -> Option<Period> {
    let mut parts = date.splitn(3, '-');
    let mut next = || parts.next()?.parse::<i64>().ok().filter(|it| *it >= 0);
    let (years, months, days) = (next()?, next()?, next()?);
    let mut parts = time.splitn(3, ':').filter(|it| !it.is_empty());
    let mut nanos = 0;
    for seconds in [3_600, 60, 1] {
        if let Some(number) = parts.next() {
            nanos += nanos_of(number, seconds)?;
        }
    }
    Period::new(years.checked_mul(12)?.checked_add(months)?, days, nanos)
}

fn time_part(number: &str, unit: char) -> Option<Period> {
    let seconds = match unit {
        'H' => 3_600,
        'M' => 60,
        'S' => 1,
        _ => return None,
    };
    Period::new(0, 0, nanos_of(number, seconds)?)
}

/// A decimal number of units in nanoseconds, exact to the nanosecond.
fn nanos_of(number: &str, seconds_per_unit: i64) -> Option<i128> {
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let unit = i128::from(seconds_per_unit) * NANOS_PER_SECOND;
    let whole = whole.parse::<i64>().ok().map(i128::from)?.checked_mul(unit)?;
    let fraction: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let nanos = whole + fraction * unit / NANOS_PER_SECOND;
    Some(if negative { -nanos } else { nanos })
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("P")?;
        let date = [(self.months / 12, 'Y'), (self.months % 12, 'M'), (self.days, 'D')];
        for (number, unit) in date.into_iter().filter(|it| it.0 != 0) {
            write!(f, "{number}{unit}")?;
        }
        let nanos = self.total_nanos();
        if nanos == 0 {
            return f.write_str(if *self == Self::default() { "T0S" } else { "" });
        }
        f.write_str("T")?;
        let seconds = nanos / NANOS_PER_SECOND;
        for (number, unit) in [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M')] {
            if number != 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        let (rest, fraction) = (seconds % 60, (nanos % NANOS_PER_SECOND).unsigned_abs());
        if rest != 0 || fraction != 0 {
            f.write_str(if nanos < 0 { "-" } else { "" })?;
            write!(f, "{}", rest.unsigned_abs())?;
            if fraction != 0 {
                write!(f, ".{}", format!("{fraction:09}").trim_end_matches('0'))?;
            }
            f.write_str("S")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Period;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let got = Period::parse(text).map(|it| it.to_string());
        assert_eq!(got.as_deref().unwrap_or("none"), want);
    }

    #[test]
    fn iso_forms() {
        check("P90D", "P90D");
        check("P1Y2M10DT2H30M", "P1Y2M10DT2H30M");
        check("P14M", "P1Y2M");
        check("P2W", "P14D");
        check("P0.5D", "PT12H");
        check("P1.5Y", "P1Y6M");
        check("P0.75M", "P22DT19H51M49.5S");
        check("P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S");
        check("PT1.5S", "PT1.5S");
        check("PT-1.5S", "PT-1.5S");
        check("-P1D", "P-1D");
        check("PT90M", "PT1H30M");
        check("PT0S", "PT0S");
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "90D",
            "P1",
            "PD",
            "P1H",
            "PT1X",
            "P1d2",
            "P99999999999999999999D",
        ] {
            check(text, "none");
        }
    }

    #[test]
    fn months_before_days_before_seconds() {
        let instant = "2024-01-31T00:00:00Z".parse().unwrap();
        let after = Period::parse("P1M1DT1S").unwrap().after(instant).unwrap();
        assert_eq!(after.to_string(), "2024-03-01T00:00:01Z");
    }
}
