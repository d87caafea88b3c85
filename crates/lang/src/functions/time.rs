//! Instants and lengths of time. All instants are in UTC; text that cannot be read gives null.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Function, Returns, arg, bad_argument};
use crate::error::EvalError;
use crate::ops::Outcome;
use crate::period::Period;
use crate::types::TypeSet;
use crate::value::{MapView, Value};

const INSTANT: &[TypeSet] = &[TypeSet::STR.or(TypeSet::DATETIME).or(TypeSet::MAP)];
const LENGTH: &[TypeSet] = &[TypeSet::STR.or(TypeSet::DURATION).or(TypeSet::MAP)];
const TWO: &[TypeSet] = &[TypeSet::DATETIME, TypeSet::DATETIME];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("datetime", INSTANT, Returns::DateTime, |context, args| match args {
        [] => Ok(Value::DateTime(context.now)),
        _ => Ok(instant_of("datetime", &arg(args, 0))?.map_or(Value::Null, Value::DateTime)),
    })
    .optional(1),
    Function::new("date", INSTANT, Returns::DateTime, |context, args| {
        let instant = match args {
            [] => Some(context.now),
            _ => instant_of("date", &arg(args, 0))?,
        };
        Ok(instant.and_then(midnight).map_or(Value::Null, Value::DateTime))
    })
    .optional(1),
    Function::new("timestamp", &[], Returns::Int, |context, _| {
        Ok(Value::Int(context.now.as_millisecond()))
    }),
    Function::new("duration", LENGTH, Returns::Duration, |_, args| duration(&arg(args, 0))),
    Function::new("duration.between", TWO, Returns::Duration, |_, args| {
        between("duration.between", args)
    }),
    Function::new("duration.inSeconds", TWO, Returns::Duration, |_, args| {
        between("duration.inSeconds", args)
    }),
    Function::new("duration.inDays", TWO, Returns::Duration, |_, args| {
        match between("duration.inDays", args)? {
            Value::Duration(period) => {
                let days = period.seconds.div_euclid(86_400);
                Ok(Period::new(0, days, 0).map_or(Value::Null, Value::duration))
            }
            other => Ok(other),
        }
    }),
    Function::new(
        "daysSince",
        &[TypeSet::STR.or(TypeSet::DATETIME)],
        Returns::Float,
        |context, args| {
            let instant = instant_of("daysSince", &arg(args, 0))?;
            Ok(instant.map_or(Value::Null, |it| {
                Value::Float(context.now.duration_since(it).as_secs_f64() / 86_400.0)
            }))
        },
    ),
];

/// Reads an instant: RFC 3339, a blank for the `T`, without offset (UTC), or a date (midnight).
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let text = text.split_once('[').map_or(text, |(instant, _)| instant);
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let local = match text.parse::<civil::Date>() {
        Ok(date) if text.len() <= 10 => date.at(0, 0, 0, 0),
        _ => text.parse::<civil::DateTime>().ok()?,
    };
    local.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp())
}

fn instant_of(function: &str, value: &Value<'_>) -> Result<Option<Timestamp>, EvalError> {
    match value {
        Value::DateTime(instant) => Ok(Some(*instant)),
        Value::Str(text) => Ok(parse_instant(text.as_str())),
        other => match other.as_map() {
            Some(map) => Ok(instant_of_map(map)),
            None => Err(bad_argument(function, "a string, a datetime or a map", other)),
        },
    }
}

/// `{epochSeconds: 1}`, `{epochMillis: 1}` or `{year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0}`.
fn instant_of_map(map: MapView<'_, '_>) -> Option<Timestamp> {
    if let Some(seconds) = map.get("epochSeconds").as_int() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Some(millis) = map.get("epochMillis").as_int() {
        return Timestamp::from_millisecond(millis).ok();
    }
    let part = |key, default| map.get(key).as_int().unwrap_or(default);
    let year = i16::try_from(map.get("year").as_int()?).ok()?;
    let small = |key, default| i8::try_from(part(key, default)).ok();
    let local = civil::DateTime::new(
        year,
        small("month", 1)?,
        small("day", 1)?,
        small("hour", 0)?,
        small("minute", 0)?,
        small("second", 0)?,
        i32::try_from(part("nanosecond", 0)).ok()?,
    );
    local.ok()?.to_zoned(TimeZone::UTC).ok().map(|it| it.timestamp())
}

fn midnight(instant: Timestamp) -> Option<Timestamp> {
    instant.to_zoned(TimeZone::UTC).start_of_day().ok().map(|it| it.timestamp())
}

fn duration<'g>(value: &Value<'g>) -> Outcome<'g> {
    if let Value::Duration(_) = value {
        return Ok(value.clone());
    }
    if let Some(text) = value.as_str() {
        return Ok(Period::parse(text.trim()).map_or(Value::Null, Value::duration));
    }
    let map = value.as_map();
    let map =
        map.ok_or_else(|| bad_argument("duration", "a string, a duration or a map", value))?;
    Ok(duration_of_map(map).map_or(Value::Null, Value::duration))
}

/// `{days: 1.5, hours: 2}`: a sum of units.
fn duration_of_map(map: MapView<'_, '_>) -> Option<Period> {
    const BILLION: i128 = 1_000_000_000;
    let billionths = |key: &str| match map.get(key) {
        Value::Int(number) => i128::from(number) * BILLION,
        Value::Float(number) => (number * 1e9).round() as i128,
        _ => 0,
    };
    let mut period = Period::default();
    for (key, unit) in [("years", 'Y'), ("months", 'M'), ("weeks", 'W'), ("days", 'D')] {
        period = period.checked_add(Period::of_date_unit(billionths(key), unit)?)?;
    }
    let seconds = billionths("hours") * 3_600 + billionths("minutes") * 60 + billionths("seconds");
    let parts = billionths("milliseconds") / 1_000
        + billionths("microseconds") / 1_000_000
        + billionths("nanoseconds") / BILLION;
    period.checked_add(Period::new(0, 0, seconds + parts)?)
}

fn between<'g>(function: &str, args: &[Value<'g>]) -> Outcome<'g> {
    match (arg(args, 0), arg(args, 1)) {
        (Value::DateTime(start), Value::DateTime(end)) => {
            Ok(Period::between(start, end).map_or(Value::Null, Value::duration))
        }
        (Value::DateTime(_), other) | (other, _) => {
            Err(bad_argument(function, "two datetimes", &other))
        }
    }
}

/// `instant.year` and the like.
pub(crate) fn part_of_instant<'g>(instant: Timestamp, key: &str) -> Value<'g> {
    let zoned = instant.to_zoned(TimeZone::UTC);
    let part = match key {
        "year" => i64::from(zoned.year()),
        "month" => i64::from(zoned.month()),
        "day" => i64::from(zoned.day()),
        "hour" => i64::from(zoned.hour()),
        "minute" => i64::from(zoned.minute()),
        "second" => i64::from(zoned.second()),
        "millisecond" => i64::from(zoned.millisecond()),
        "dayOfWeek" | "weekDay" => i64::from(zoned.weekday().to_monday_one_offset()),
        "ordinalDay" => i64::from(zoned.day_of_year()),
        "epochSeconds" => instant.as_second(),
        "epochMillis" => instant.as_millisecond(),
        _ => return Value::Null,
    };
    Value::Int(part)
}

/// `length.days` and the like: whole units of the part that they belong to.
pub(crate) fn part_of_period<'g>(period: &Period, key: &str) -> Value<'g> {
    let clock = SignedDuration::new(period.seconds, 0);
    let part = match key {
        "years" => period.months / 12,
        "months" => period.months,
        "weeks" => period.days / 7,
        "days" => period.days,
        "hours" => clock.as_hours(),
        "minutes" => clock.as_mins(),
        "seconds" => period.seconds,
        _ => return Value::Null,
    };
    Value::Int(part)
}

#[cfg(test)]
mod tests {
    use crate::functions::tests::check;

    #[test]
    fn instants() {
        check("datetime('2026-01-02T03:04:05+01:00')", "datetime('2026-01-02T02:04:05Z')");
        check("datetime('2026-01-02 03:04:05.5')", "datetime('2026-01-02T03:04:05.5Z')");
        check("datetime('2026-01-02')", "datetime('2026-01-02T00:00:00Z')");
        check("date('2026-01-02T03:04:05Z')", "datetime('2026-01-02T00:00:00Z')");
        check("datetime('no_information')", "null");
        check("datetime({epochSeconds: 0})", "datetime('1970-01-01T00:00:00Z')");
        check("datetime({year: 2026, month: 2})", "datetime('2026-02-01T00:00:00Z')");
        check("datetime('2026-01-02').year", "2026");
        check("datetime(1)", "InvalidArgumentValue");
    }

    #[test]
    fn computing_with_time() {
        check("datetime('2024-01-31') + duration('P1M')", "datetime('2024-02-29T00:00:00Z')");
        check("datetime('2026-08-01') < $now - duration('P90D')", "true");
        check("duration.between(datetime('2026-01-01'), datetime('2026-01-02')).hours", "24");
        check("duration({days: 1, hours: 2})", "duration('P1DT2H')");
        check("duration('P1M') > duration('P30D')", "true");
        check("duration('P1D') * 2", "duration('P2D')");
        check("duration('x')", "null");
    }

    #[test]
    fn days_since() {
        check("daysSince('2026-11-20T12:00:00Z')", "0.5");
        check("daysSince('N/A')", "null");
    }
}
