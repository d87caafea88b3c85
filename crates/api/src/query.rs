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
    serde_html_form::from_str(text).map_err(|error| {
        let detail = error.to_string();
        Problem::new(StatusCode::BAD_REQUEST, "invalid", format!("the parameters: {detail}"))
    })
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

/// A whole number, or none. JSON Schema takes `38.0` for one, and so does this.
#[expect(clippy::cast_sign_loss, reason = "what is cast is not negative")]
pub(crate) fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    /// Greater fractions are not exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let of_fraction = || {
        let fraction = number.as_f64()?;
        let is_whole = fraction.fract() == 0.0 && (0.0..EXACT).contains(&fraction);
        is_whole.then_some(fraction as u64)
    };
    let whole = number.as_u64().or_else(of_fraction).and_then(|it| T::try_from(it).ok());
    let wrong = || serde::de::Error::custom(format!("`{number}` is no whole number that fits"));
    whole.map(Some).ok_or_else(wrong)
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

    use super::{Object, parse, whole};

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
        assert_eq!((read("{\"x\":null}"), read("{}")), (Some(None), Some(None)));
        for bad in
            ["{\"x\":38.5}", "{\"x\":-1}", "{\"x\":4294967296}", "{\"x\":\"3\"}", "{\"x\":1e300}"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn lists_repeat_and_unknown_names_are_refused() {
        let wanted: Wanted = parse("kind=a&kind=b%2Fc&limit=3").unwrap();
        assert_eq!(wanted, Wanted { kind: vec!["a".into(), "b/c".into()], limit: Some(3) });
        assert!(parse::<Wanted>("knid=a").is_err());
        assert!(parse::<Wanted>("limit=many").is_err());
    }
}
