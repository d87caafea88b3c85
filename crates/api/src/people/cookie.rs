//! The cookie of a session, and what keeps other sites from using it.
//!
//! INVARIANT: with a cookie alone nothing is changed for a request that another site has begun. Browsers say
//! where a request comes from (`Sec-Fetch-Site`, `Origin`); one that says nothing must carry a header of
//! ours, which other sites cannot add without being asked for leave, and leave is never given.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::gate::Gate;
use crate::problem::Problem;

/// `__Host-`: only this host, only over TLS (or to this machine), for all paths.
const NAME: &str = "__Host-merlon=";
const RULES: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict";
/// The header that programs without `Origin` send with a session.
const OURS: &str = "merlon-request";

/// The secret of the session in a request; `None` without one, and with two: one of them was planted.
pub(super) fn secret(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut ours = all.flat_map(|it| it.split(';')).filter_map(|it| it.trim().strip_prefix(NAME));
    match (ours.next(), ours.next()) {
        (Some(secret), None) if !secret.is_empty() => Some(secret.to_owned()),
        _ => None,
    }
}

/// The field that gives a browser its secret.
pub(super) fn set(secret: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{NAME}{secret}{RULES}")).unwrap_or(HeaderValue::from_static(""))
}

/// The field that takes it away.
pub(super) fn clear() -> HeaderValue {
    set("; Max-Age=0")
}

/// Refuses a change that another site has begun. `is_signed_in`: the request carries a session, so silence about
/// where it comes from is not enough.
pub(super) fn must_be_ours(
    gate: &Gate,
    method: &Method,
    headers: &HeaderMap,
    is_signed_in: bool,
) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap_or("?"));
    let refused = || {
        let detail = "another site has sent this request, or it does not say which";
        Problem::new(StatusCode::FORBIDDEN, "cross-site", detail)
    };
    if text("sec-fetch-site").is_some_and(|it| it != "same-origin" && it != "none") {
        return Err(refused());
    }
    let is_ours = match text("origin") {
        Some(origin) => is_origin(gate, origin, text("host")),
        None => text("sec-fetch-site").is_some() || headers.contains_key(OURS) || !is_signed_in,
    };
    if is_ours { Ok(()) } else { Err(refused()) }
}

/// Whether `origin` is where browsers find us.
fn is_origin(gate: &Gate, origin: &str, host: Option<&str>) -> bool {
    match (&gate.origin, host) {
        (Some(ours), _) => origin.eq_ignore_ascii_case(ours.trim_end_matches('/')),
        (None, Some(host)) => origin.split_once("://").is_some_and(|(scheme, it)| {
            scheme.starts_with("http") && it.eq_ignore_ascii_case(host)
        }),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_request_of_another_site_changes_nothing() {
        let check = |origin: Option<&str>, fields: &[(&'static str, &str)], wanted: bool| {
            let gate = Gate { origin: origin.map(str::to_owned), ..Gate::default() };
            let got = must_be_ours(&gate, &Method::POST, &headers(fields), true).is_ok();
            assert_eq!(got, wanted, "{origin:?} {fields:?}");
            must_be_ours(&gate, &Method::GET, &headers(fields), true).unwrap();
        };
        let host = ("host", "merlon.example");
        check(None, &[host], false);
        check(None, &[host, ("merlon-request", "1")], true);
        check(None, &[host, ("origin", "https://merlon.example")], true);
        check(None, &[host, ("origin", "https://evil.example")], false);
        check(None, &[host, ("origin", "https://evil.example"), ("merlon-request", "1")], false);
        check(None, &[host, ("origin", "null")], false);
        check(None, &[host, ("origin", "file://merlon.example")], false);
        check(None, &[("origin", "https://merlon.example")], false);
        check(None, &[host, ("sec-fetch-site", "same-origin")], true);
        for site in ["cross-site", "same-site", "?"] {
            check(None, &[host, ("sec-fetch-site", site), ("merlon-request", "1")], false);
        }
        let ours = Some("https://portal.example/");
        check(ours, &[host, ("origin", "https://portal.example")], true);
        check(ours, &[host, ("origin", "https://merlon.example")], false);
        check(ours, &[host, ("origin", "http://portal.example")], false);
    }

    #[test]
    fn who_is_not_signed_in_may_say_nothing() {
        let gate = Gate::default();
        let check = |fields: &[(&'static str, &str)]| {
            must_be_ours(&gate, &Method::POST, &headers(fields), false)
        };
        check(&[]).unwrap();
        check(&[("host", "a"), ("origin", "https://b")]).unwrap_err();
    }

    #[test]
    fn of_two_secrets_none_counts() {
        let read = |fields: &[(&'static str, &str)]| secret(&headers(fields));
        assert_eq!(read(&[("cookie", "a=b; __Host-merlon=s; c=d")]).as_deref(), Some("s"));
        assert_eq!(read(&[("cookie", "__Host-merlon=s; __Host-merlon=t")]), None);
        assert_eq!(read(&[("cookie", "__Host-merlon=s"), ("cookie", "__Host-merlon=t")]), None);
        assert_eq!(read(&[("cookie", "merlon=s; __Host-merlon=")]), None);
        let rules = set("s").to_str().unwrap().to_owned();
        for rule in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(rules.contains(rule), "{rule}");
        }
    }
}
