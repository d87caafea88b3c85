//! What is answered, and with which fields.

use std::borrow::Cow;
use std::io::Write as _;

use axum::body::to_bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::files::Files;
use super::{NONCE, Portal};

const SCRIPT: &str = "export const answer = 42\n";

/// A portal of three files, in the forms in which the build leaves them.
fn portal() -> Portal {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(SCRIPT.as_bytes()).unwrap();
    let mut files = Files::default();
    let page = format!("<script nonce=\"{NONCE}\" src=\"/assets/a-1.js\"></script>");
    files.add("index.html", Cow::Owned(page.into_bytes()));
    files.add("assets/a-1.js.br", Cow::Borrowed(b"as brotli"));
    files.add("assets/a-1.js.gz", Cow::Owned(gzip.finish().unwrap()));
    files.add("favicon.svg", Cow::Borrowed(b"<svg/>"));
    Portal { files }
}

fn get(path: &str, fields: &[(HeaderName, &str)]) -> Option<Response> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    portal().answer(&Method::GET, path, &headers)
}

fn field(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |it| it.to_str().unwrap())
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

#[test]
fn every_page_is_the_one_document_with_a_nonce_of_its_own() {
    let mut seen = Vec::new();
    for path in ["/", "/inventory", "/resources/arn:aws:s3:::a.b.js", "/apiary", "/index.html"] {
        let response = get(path, &[]).unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(field(&response, header::CACHE_CONTROL), "no-store");
        let policy = field(&response, header::CONTENT_SECURITY_POLICY).to_owned();
        assert!(policy.contains("default-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = block_on(text(response));
        let nonce = page.split('"').nth(1).unwrap().to_owned();
        assert_ne!(nonce, NONCE);
        assert!(policy.contains(&format!("style-src 'self' 'nonce-{nonce}'")), "{policy}");
        assert!(!seen.contains(&nonce), "a nonce came twice");
        seen.push(nonce);
    }
}

#[test]
fn what_belongs_to_programs_is_never_a_page() {
    for path in ["/api", "/api/", "/api/v1/none", "/healthz", "/readyz", "/metrics"] {
        assert!(get(path, &[]).is_none(), "{path}");
    }
    let no_fields = HeaderMap::new();
    assert!(portal().answer(&Method::POST, "/", &no_fields).is_none());
}

#[test]
fn a_file_that_is_not_there_is_no_page() {
    for path in ["/assets/old-2.js", "/robots.txt", "/assets/", "/main.js"] {
        let response = get(path, &[]).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn a_file_comes_in_the_best_form_that_the_client_takes() {
    let check = |accepted: &str, want: &str| {
        let response = get("/assets/a-1.js", &[(header::ACCEPT_ENCODING, accepted)]).unwrap();
        assert_eq!(field(&response, header::CONTENT_ENCODING), want, "{accepted}");
        assert_eq!(field(&response, header::VARY), "accept-encoding");
    };
    check("gzip, deflate, br", "br");
    check("gzip;q=1.0, br;q=0", "gzip");
    check("gzip", "gzip");
    check("identity", "");
    check("", "");
    let plain = get("/assets/a-1.js", &[]).unwrap();
    assert_eq!(field(&plain, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
    assert_eq!(block_on(text(plain)), SCRIPT);
}

#[test]
fn a_browser_keeps_what_has_a_hash_in_its_name() {
    let script = get("/assets/a-1.js", &[]).unwrap();
    assert_eq!(field(&script, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
    let icon = get("/favicon.svg", &[]).unwrap();
    assert_eq!(field(&icon, header::CACHE_CONTROL), "public, max-age=0, must-revalidate");
    let tag = field(&icon, header::ETAG).to_owned();
    let again = get("/favicon.svg", &[(header::IF_NONE_MATCH, &tag)]).unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(block_on(text(again)), "");
    let other = get("/favicon.svg", &[(header::IF_NONE_MATCH, "\"other\"")]).unwrap();
    assert_eq!(other.status(), StatusCode::OK);
}

#[test]
fn without_a_portal_a_page_says_what_to_install() {
    let portal = Portal { files: Files::default() };
    let response = portal.answer(&Method::GET, "/", &HeaderMap::new()).unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(block_on(text(response)).contains("Node 20.19"));
}
