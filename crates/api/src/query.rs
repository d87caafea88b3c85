//! Parameters and bodies as routes take them: what does not fit is a problem that names the field.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

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

/// A body in JSON.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = axum::Json::<T>::from_request(request, state).await;
        read.map(|axum::Json(it)| Self(it)).map_err(|refused| match refused {
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

    use super::parse;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(default)]
        kind: Vec<String>,
        limit: Option<u32>,
    }

    #[test]
    fn lists_repeat_and_unknown_names_are_refused() {
        let wanted: Wanted = parse("kind=a&kind=b%2Fc&limit=3").unwrap();
        assert_eq!(wanted, Wanted { kind: vec!["a".into(), "b/c".into()], limit: Some(3) });
        assert!(parse::<Wanted>("knid=a").is_err());
        assert!(parse::<Wanted>("limit=many").is_err());
    }
}
