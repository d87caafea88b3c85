//! Lists as streams: NDJSON and CSV, page by page from one state, so that a list of any length takes
//! little memory and is consistent.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use serde_json::Value as Json;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One page as JSON.
    Page,
    /// All items, a line of JSON each.
    Lines,
    /// All items as a table with commas.
    Table,
}

/// Items that are asked for at a time.
pub(crate) const SHARE: usize = 500;

impl Form {
    /// What `Accept` asks for; a page where it does not say.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or("");
        let wanted = accept.split(',').map(|it| it.split(';').next().unwrap_or_default().trim());
        for media in wanted {
            match media {
                "application/x-ndjson" => return Self::Lines,
                "text/csv" => return Self::Table,
                "application/json" | "*/*" => return Self::Page,
                _ => {}
            }
        }
        Self::Page
    }
}

/// Gives the next items, none at the end.
pub(crate) type Next = Box<dyn FnMut() -> Vec<Json> + Send>;

/// A list as a stream. `columns` are JSON pointers into an item with their titles; lines have all fields.
pub(crate) fn stream(
    form: Form,
    columns: &'static [(&'static str, &'static str)],
    next: Next,
) -> Response {
    let (media, name) = match form {
        Form::Table => {
            ("text/csv; charset=utf-8; header=present", "attachment; filename=\"merlon.csv\"")
        }
        Form::Lines | Form::Page => {
            ("application/x-ndjson", "attachment; filename=\"merlon.ndjson\"")
        }
    };
    let head = match form {
        Form::Table => {
            let titles: Vec<String> = columns.iter().map(|it| field(it.0)).collect();
            format!("{}\r\n", titles.join(","))
        }
        Form::Lines | Form::Page => String::new(),
    };
    let stream = Stream { form, columns, next, head: Some(head) };
    let mut response = Body::new(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}

struct Stream {
    form: Form,
    columns: &'static [(&'static str, &'static str)],
    next: Next,
    head: Option<String>,
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut text = self.head.take().unwrap_or_default();
        let items = (self.next)();
        if items.is_empty() && text.is_empty() {
            return Poll::Ready(None);
        }
        for item in &items {
            match self.form {
                Form::Table => {
                    let fields: Vec<String> =
                        self.columns.iter().map(|it| cell(item.pointer(it.1))).collect();
                    text.push_str(&fields.join(","));
                    text.push_str("\r\n");
                }
                Form::Lines | Form::Page => {
                    text.push_str(&item.to_string());
                    text.push('\n');
                }
            }
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))))
    }
}

fn cell(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => field(text),
        Some(Json::Array(items)) => {
            let texts: Vec<String> = items
                .iter()
                .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
                .collect();
            field(&texts.join(" "))
        }
        Some(other) => field(&other.to_string()),
    }
}

/// A field of a table (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_number = text.parse::<f64>().is_ok();
    let text = if is_formula && !is_number { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};
    use serde_json::json;

    use super::{Form, SHARE, field, stream};

    #[test]
    fn fields_are_quoted_and_formulas_disarmed() {
        fn check(text: &str, want: &str) {
            assert_eq!(field(text), want);
        }
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("=1+1", "'=1+1");
        check("-3.5", "-3.5");
        check("@cmd", "'@cmd");
    }

    #[test]
    fn accept_says_the_form() {
        fn check(accept: &'static str, want: Form) {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Form::of(&headers), want);
        }
        check("text/csv", Form::Table);
        check("application/x-ndjson;q=1, */*", Form::Lines);
        check("application/json, text/csv", Form::Page);
        check("text/html", Form::Page);
        assert_eq!(Form::of(&HeaderMap::new()), Form::Page);
    }

    #[tokio::test]
    async fn a_list_of_several_shares_is_written_once() {
        let mut left = SHARE + 2;
        let next = move || {
            let n = left.min(SHARE);
            left -= n;
            (0..n).map(|it| json!({ "id": it, "tags": ["a", "b"] })).collect()
        };
        let response = stream(Form::Table, &[("id", "/id"), ("tags", "/tags")], Box::new(next));
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(text.lines().count(), SHARE + 3);
        assert!(text.starts_with("id,tags\r\n0,a b\r\n1,a b\r\n"));
    }
}
