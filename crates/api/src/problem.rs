//! What went wrong, as `application/problem+json` (RFC 9457).
//!
//! This is the one place where errors of the rooms become statuses of HTTP.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::StoreError;

use crate::limit::Limited;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Header, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    code: Cow<'static, str>,
    fields: Vec<FieldProblem>,
    /// A field of the answer beside its body.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    /// Whether a limit is the reason.
    limited: Option<Limited>,
}

/// Why a request was not done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'p> {
    /// `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What went wrong here, for a person.
    detail: &'p str,
    /// Which problem it is, for a program: does not change between versions.
    code: &'p str,
    /// The request in the log of the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'p str>,
    /// The fields or parameters that are wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fields: &'p [FieldProblem],
}

/// What is wrong with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Its name; nested ones with dots.
    pub name: String,
    /// What is wrong.
    pub detail: String,
    /// The line in a text, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The character in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// How many characters are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

impl FieldProblem {
    /// A field that is not as it must be.
    pub fn new(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let (name, detail) = (name.into(), detail.into());
        Self { name, detail, line: None, column: None, length: None }
    }

    /// The same in a text, with the place in it: line and character, from 1.
    #[must_use]
    pub fn at(mut self, place: Option<(u64, u64)>, length: Option<u64>) -> Self {
        (self.line, self.column) = place.unzip();
        self.length = length;
        self
    }
}

impl Problem {
    /// A problem with a status, a code for programs and a sentence for people.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (detail, code) = (detail.into(), code.into());
        Self { status, detail, code, fields: Vec::new(), header: None, limited: None }
    }

    /// 422: a parameter or a field of the body has its form, but what it says cannot be. What has not even its form
    /// is refused with 400 where it is read (`query.rs`).
    pub fn invalid(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldProblem::new(name, detail)])
    }

    /// 422: several of them cannot be as they are.
    pub fn invalid_fields(fields: Vec<FieldProblem>) -> Self {
        let one = |it: &FieldProblem| format!("`{}`: {}", it.name, it.detail);
        let text: Vec<String> = fields.iter().map(one).collect();
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text.join("; "));
        problem.fields = fields;
        problem
    }

    /// 401: nobody is signed in, or no longer.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed-out", "sign in, or send a token")
    }

    /// 403: the caller may see the thing but not do this.
    pub fn forbidden(operation: &str) -> Self {
        let detail = format!("your roles do not include `{operation}` here");
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: there is no such thing, or none that the caller may see.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    /// 503: the server has just started.
    pub fn starting() -> Self {
        let detail = "the server is loading its state, try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "starting", detail).retry_after(1)
    }

    /// Tells the client when to come again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.header = Some(Box::new((header::RETRY_AFTER, HeaderValue::from(seconds))));
        self
    }

    /// The same, marked for whoever counts limited requests.
    #[must_use]
    pub(crate) fn limited(mut self, limited: Limited) -> Self {
        self.limited = Some(limited);
        self
    }

    /// 405: the path has only these methods.
    pub(crate) fn method(allowed: &[Method]) -> Self {
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let names = names.join(", ");
        let detail = format!("this path has {names}");
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail);
        problem.header = HeaderValue::from_str(&names).ok().map(|it| Box::new((header::ALLOW, it)));
        problem
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The answer, once the id of the request is known.
    pub fn answer(self, request_id: Option<&str>) -> Response {
        let status = self.status;
        let body = ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: &self.detail,
            code: &self.code,
            request_id,
            fields: &self.fields,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(limited) = self.limited {
            response.extensions_mut().insert(limited);
        }
        let headers = response.headers_mut();
        if let Some(field) = self.header {
            headers.insert(field.0, field.1);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl IntoResponse for Problem {
    /// The problem travels beside an empty answer until the guard knows the id of the request.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Invalid(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
            }
            StoreError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not-found", detail),
            StoreError::Conflict(_) => Self::new(StatusCode::CONFLICT, "conflict", detail),
            error if error.is_transient() => {
                tracing::warn!("the store did not answer: {}", base::chain(&error));
                let detail = "the database is away or busy, try again in a moment";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(1)
            }
            StoreError::ReadOnly(_) | StoreError::DiskFull(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage", detail).retry_after(10)
            }
            error => Self::fault(&error),
        }
    }
}

impl Problem {
    /// 500: a fault of this program or its data. The reason stands in the log only.
    pub(crate) fn fault(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!("a request failed: {}", base::chain(error));
        let detail = "the server could not do this: the log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail)
    }
}

/// The problems that every route can answer with, for the OpenAPI document.
#[derive(Debug)]
pub(crate) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        const STATUSES: [(&str, &str); 12] = [
            ("400", "a parameter or the body is not of its form"),
            ("401", "nobody is signed in"),
            ("403", "the caller's roles do not include this"),
            ("404", "there is no such thing, or none that the caller may see"),
            ("408", "the body came too slowly"),
            ("409", "it does not fit what is there"),
            ("412", "it has changed since it was read"),
            ("413", "the body is too long"),
            ("415", "the body has another media type"),
            ("422", "a parameter or a field has its form, but what it says cannot be"),
            ("429", "too many requests: `Retry-After` says when to come again"),
            ("503", "the server is starting, or the database is away"),
        ];
        let schema = || Some(RefOr::Ref(Ref::from_schema_name(ProblemBody::name())));
        let response = |text: &str| {
            let content = Content::new(schema());
            ResponseBuilder::new().description(text).content(MEDIA_TYPE, content).build()
        };
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build();
        let wait = || {
            let mut header = Header::new(number.clone());
            header.description = Some("Seconds after which to come again".to_owned());
            header
        };
        let entry = |status: &str, text| {
            let mut response = response(text);
            if matches!(status, "429" | "503") {
                response.headers.insert("retry-after".to_owned(), RefOr::T(wait()));
            }
            (status.to_owned(), RefOr::T(response))
        };
        STATUSES.into_iter().map(|(status, text)| entry(status, text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use store::StoreError;

    use super::Problem;

    #[test]
    fn errors_of_the_store_become_statuses() {
        fn check(error: StoreError, want: (u16, &str)) {
            let problem = Problem::from(error);
            assert_eq!((problem.status().as_u16(), problem.code()), want);
        }
        check(StoreError::Invalid("x".into()), (422, "invalid"));
        check(StoreError::NotFound("job 7".into()), (404, "not-found"));
        check(StoreError::Conflict("taken".into()), (409, "conflict"));
        check(StoreError::Corrupt("secret detail".into()), (500, "fault"));
        let fault = Problem::from(StoreError::Corrupt("secret detail".into()));
        assert!(!fault.detail.contains("secret"), "{}", fault.detail);
    }

    #[test]
    fn the_id_of_the_request_is_in_the_body() {
        let problem = Problem::new(StatusCode::CONFLICT, "conflict", "taken");
        let response = problem.answer(Some("abc"));
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()["content-type"], super::MEDIA_TYPE);
    }
}
