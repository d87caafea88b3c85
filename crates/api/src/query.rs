//! Parameters and bodies as routes take them: what does not fit is a problem that names the field.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::Problem;

/// The parameters after `?`; those that repeat are lists. `wait` belongs to [`crate::guard`].
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        let own: Vec<&str> = text.split('&').filter(|it| !it.starts_with("wait=")).collect();
        parse(&own.join("&")).map(Self)
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let read = |text: &str| {
        serde_html_form::from_str(text).map_err(|error| {
            let detail = error.to_string();
            Problem::new(StatusCode::BAD_REQUEST, "invalid", format!("the parameters: {detail}"))
        })
    };
    // Forms take nothing for a number or a word that was left out: here only a text may be empty, so a text must do.
    let is_empty = |it: &str| it.ends_with('=');
    if text.split('&').any(is_empty) {
        let filled = |it: &str| if is_empty(it) { format!("{it}-") } else { it.to_owned() };
        let filled: Vec<String> = text.split('&').map(filled).collect();
        read(&filled.join("&"))?;
    }
    read(text)
}

/// What stands in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(it)| Self(it)).map_err(|refused| {
            let detail = format!("the path: {}", refused.body_text());
            Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
        })
    }
}

/// An object of JSON. Without it, the fields of a struct may come as an array as well, which nothing describes.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// A whole number, or none. JSON Schema takes `38.0` for one, and so does this: exactly, however large it is.
pub(crate) fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let Some(text) = Option::<Box<RawValue>>::deserialize(deserializer)? else { return Ok(None) };
    let whole = whole_of(text.get()).and_then(|it| T::try_from(it).ok());
    whole.map(Some).ok_or_else(|| serde::de::Error::custom("no whole number that fits"))
}

/// The value of a number as JSON writes it, if it is whole and not negative.
fn whole_of(text: &str) -> Option<u64> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    let digits = [before.trim_start_matches('-'), after].concat();
    if !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let some = digits.trim_end_matches('0');
    if some.is_empty() {
        return Some(0);
    }
    // How many zeros follow the digits that count.
    let zeros = i64::try_from(digits.len() - some.len()).ok()?;
    let zeros =
        zeros + i64::from(exponent.parse::<i32>().ok()?) - i64::try_from(after.len()).ok()?;
    let factor = 10_u64.checked_pow(u32::try_from(zeros).ok()?)?;
    let is_negative = before.starts_with('-');
    some.parse::<u64>().ok().filter(|_| !is_negative)?.checked_mul(factor)
}

/// A body in JSON: an object.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::<Object<T>>::from_request(request, state).await;
        read.map(|axum::Json(Object(it))| Self(it)).map_err(|refused| match refused {
            JsonRejection::MissingJsonContentType(_) => Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "send `Content-Type: application/json`",
            ),
            other => {
                let status = match other.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
                    _ => StatusCode::BAD_REQUEST,
                };
                Problem::new(status, "invalid", format!("the body: {}", other.body_text()))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Object, parse, whole, whole_of};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(default)]
        kind: Vec<String>,
        limit: Option<u32>,
    }

    #[test]
    fn an_array_is_no_object() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Point {
            x: u32,
        }
        let read = |text| serde_json::from_str::<Object<Point>>(text).map(|Object(it)| it);
        assert_eq!(read("{\"x\":3}").unwrap(), Point { x: 3 });
        assert!(read("[3]").is_err());
        assert!(read("{\"x\":3,\"x\":4}").is_err());
    }

    #[test]
    fn whole_numbers_may_be_written_as_fractions() {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "whole")]
            x: Option<u32>,
        }
        let read = |text| serde_json::from_str::<Row>(text).map(|it| it.x).ok();
        assert_eq!(read("{\"x\":38.0}"), Some(Some(38)));
        assert_eq!(read("{\"x\":38}"), Some(Some(38)));
        assert_eq!(
            (read("{\"x\":3.80e+1}"), read("{\"x\":-0.0}")),
            (Some(Some(38)), Some(Some(0)))
        );
        assert_eq!((read("{\"x\":null}"), read("{}")), (Some(None), Some(None)));
        for bad in
            ["{\"x\":38.5}", "{\"x\":-1}", "{\"x\":4294967296}", "{\"x\":\"3\"}", "{\"x\":1e300}"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn whole_numbers_are_read_exactly() {
        let check = |text: &str, wanted: Option<u64>| assert_eq!(whole_of(text), wanted, "{text}");
        // The nearest fraction that a fast reader finds is another one.
        check("1876029108672401.0", Some(1_876_029_108_672_401));
        check("18446744073709551615", Some(u64::MAX));
        check("18446744073709551615.000", Some(u64::MAX));
        check("18446744073709551616", None);
        check("1e19", Some(10_000_000_000_000_000_000));
        for (text, wanted) in [("1200e-2", Some(12)), ("1205e-2", None), ("0e9", Some(0))] {
            check(text, wanted);
        }
        for bad in ["1e20", "1e99999999999", "1e-1", "0.5", "-3", "\"3\"", "[]", "true"] {
            check(bad, None);
        }
    }

    #[test]
    fn lists_repeat_and_unknown_names_are_refused() {
        let wanted: Wanted = parse("kind=a&kind=b%2Fc&limit=3").unwrap();
        assert_eq!(wanted, Wanted { kind: vec!["a".into(), "b/c".into()], limit: Some(3) });
        assert!(parse::<Wanted>("knid=a").is_err());
        assert!(parse::<Wanted>("limit=many").is_err());
        assert!(parse::<Wanted>("limit=").is_err(), "nothing is no number");
        let empty = Wanted { kind: vec![String::new()], limit: Some(3) };
        assert_eq!(parse::<Wanted>("kind=&limit=3").unwrap(), empty);
    }
}
