//! The portal's files, served from memory.
//!
//! In: the path and the header fields of a request. Out: a file, in the compression that the client takes, with
//! fields that let browsers keep what has a hash in its name for ever; for every page of the portal its one
//! document, with a policy that lets it load nothing from elsewhere and run no inline script.
//!
//! INVARIANT: nothing under `/api` is ever answered here, so that a program that asks for what is not there
//! gets a problem and not a page.

mod files;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::files::{File, Files};

/// What stands in the document where each answer puts a nonce of its own.
const NONCE: &str = "__MERLON_NONCE__";

/// Paths that belong to programs: never a page.
const NOT_PAGES: [&str; 4] = ["/api", "/healthz", "/readyz", "/metrics"];

/// Shown in the place of the portal when this binary was built without it.
const ABSENT: &str = include_str!("absent.html");

/// The portal, ready to be served.
#[derive(Debug)]
pub struct Portal {
    files: Files,
}

impl Portal {
    /// The portal that this binary carries; in debug builds, what `npm run build` made last.
    pub fn open() -> Self {
        Self { files: Files::of_this_binary() }
    }

    /// Whether there is one at all: a binary may be built without.
    pub fn is_there(&self) -> bool {
        self.files.get("index.html").is_some()
    }

    /// The answer to a request, or `None` when it is for somebody else: for the interface, for health and
    /// metrics, or no reading at all.
    pub fn answer(&self, method: &Method, path: &str, fields: &HeaderMap) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) || is_of_programs(path) {
            return None;
        }
        let mut response = match self.files.get(path.trim_start_matches('/')) {
            Some(file) if path != "/index.html" => file_of(file, fields),
            // A file that is asked for by name and is not there must not look like one.
            _ if is_file_name(path) => plain(StatusCode::NOT_FOUND, "there is no such file\n"),
            _ => self.document(),
        };
        if *method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        Some(response)
    }

    /// The one document of all pages.
    fn document(&self) -> Response {
        let document = self.files.get("index.html").and_then(File::text);
        let nonce = nonce();
        let (text, status) = match (&document, &nonce) {
            (Some(text), Some(nonce)) => (text.replace(NONCE, nonce), StatusCode::OK),
            (Some(_), None) => ("no random bytes\n".to_owned(), StatusCode::INTERNAL_SERVER_ERROR),
            (None, _) => (ABSENT.to_owned(), StatusCode::NOT_FOUND),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        set_policy(headers, nonce.as_deref());
        response
    }
}

/// Whether a path is one that programs ask for.
fn is_of_programs(path: &str) -> bool {
    NOT_PAGES.iter().any(|it| {
        path.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether a path asks for a file, not for a page. Ids of resources stand in pages' paths and may have dots.
fn is_file_name(path: &str) -> bool {
    const ENDS: [&str; 8] = [".js", ".css", ".map", ".svg", ".ico", ".png", ".woff2", ".txt"];
    let is_top = path.trim_start_matches('/').find('/').is_none();
    path.starts_with("/assets/") || (is_top && ENDS.iter().any(|it| path.ends_with(it)))
}

/// Random, unguessable, and only for one answer.
fn nonce() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(STANDARD.encode(bytes))
}

/// A file, whole or as "you have it already".
fn file_of(file: &File, fields: &HeaderMap) -> Response {
    let accepted = fields.get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok());
    let (encoding, bytes) = file.in_one_of(accepted.unwrap_or_default());
    let tag = file.tag(encoding);
    let is_known = fields
        .get(header::IF_NONE_MATCH)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response =
        if is_known { Response::new(Body::empty()) } else { Response::new(Body::from(bytes)) };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // A name with a hash of what is in it never means something else.
    let keep = if file.has_hashed_name {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=0, must-revalidate"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    set_policy(headers, None);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    if let Some(word) = encoding.word() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    set_policy(headers, None);
    response
}

/// What a browser may do with the answer. Styles that components make as they are shown carry the nonce;
/// scripts come from files of this origin alone.
fn set_policy(headers: &mut HeaderMap, nonce: Option<&str>) {
    const FIXED: [(HeaderName, &str); 5] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), \
             publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    );
    let style = nonce.map_or_else(String::new, |it| format!(" 'nonce-{it}'"));
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'{style}; img-src 'self' data:; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; \
         worker-src 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests;
