//! Where a request comes from: the other end of the connection, or what trusted proxies say of it.
//!
//! INVARIANT: nothing that an untrusted address wrote decides anything here. Proxies append what they saw, so the
//! list is read from its end, and the first address that is not a proxy of ours is the client.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::{Forwarded, Networks};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is known of the sender of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    /// Its address.
    pub(crate) client: IpAddr,
    /// Whether it came over TLS to the first of us, as far as that is known.
    pub(crate) is_secure: bool,
    /// The host that it asked for, where a proxy says another one than the request.
    pub(crate) host: Option<HeaderValue>,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) address: IpAddr,
    /// Whether what it says about others counts.
    pub(crate) is_proxy: bool,
    /// Whether the connection itself is TLS.
    pub(crate) is_secure: bool,
}

/// Who sent a request with these fields over a connection with `peer`.
pub(crate) fn sender(
    peer: Peer,
    proxies: &Networks,
    form: Forwarded,
    headers: &HeaderMap,
) -> Sender {
    let Peer { address, is_secure, .. } = peer;
    if !peer.is_proxy {
        return Sender { client: address, is_secure, host: None };
    }
    let hops = match form {
        Forwarded::Forwarded => standard(headers),
        Forwarded::XForwarded => usual(headers),
    };
    let mut client = address;
    let mut seen = None;
    for hop in hops.iter().rev() {
        // What the first proxy of ours wrote about the connection to it is what browsers saw.
        seen = Some(hop);
        let Some(address) = hop.address else { break };
        client = address;
        if !proxies.have(address) {
            break;
        }
    }
    let proto = seen.and_then(|it| it.proto.as_deref());
    let host = seen.and_then(|it| it.host.as_deref()).filter(|it| is_host(it));
    Sender {
        client,
        is_secure: proto.map_or(is_secure, |it| it.eq_ignore_ascii_case("https")),
        host: host.and_then(|it| HeaderValue::from_str(it).ok()),
    }
}

/// What one proxy says of the connection to it.
#[derive(Debug, Default)]
struct Hop {
    address: Option<IpAddr>,
    proto: Option<String>,
    host: Option<String>,
}

/// `Forwarded` (RFC 7239), the earliest hop first.
fn standard(headers: &HeaderMap) -> Vec<Hop> {
    let mut hops = Vec::new();
    for element in elements(headers, &header::FORWARDED) {
        let mut hop = Hop::default();
        for pair in split(&element, ';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = unquoted(value.trim());
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.address = address(&value),
                "proto" => hop.proto = Some(value),
                "host" => hop.host = Some(value),
                _ => {}
            }
        }
        hops.push(hop);
    }
    hops
}

/// `X-Forwarded-For`, `-Proto` and `-Host`, the earliest hop first. The last two are usually written by one proxy
/// alone, which may be any: the last word counts for all hops.
fn usual(headers: &HeaderMap) -> Vec<Hop> {
    let last = |name| elements(headers, name).pop();
    let (proto, host) = (last(&FORWARDED_PROTO), last(&FORWARDED_HOST));
    let hop =
        |text: String| Hop { address: address(&text), proto: proto.clone(), host: host.clone() };
    let mut hops: Vec<Hop> = elements(headers, &FORWARDED_FOR).into_iter().map(hop).collect();
    if hops.is_empty() && (proto.is_some() || host.is_some()) {
        hops.push(Hop { address: None, proto, host });
    }
    hops
}

/// The parts between commas of all fields of a name, in order. A field that is no text is a part that says nothing.
fn elements(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let text = |it: &HeaderValue| it.to_str().unwrap_or("?").to_owned();
    let fields: Vec<String> = headers.get_all(name).iter().map(text).collect();
    fields.iter().flat_map(|it| split(it, ',')).map(|it| it.trim().to_owned()).collect()
}

/// The parts of a text between `separator`, which counts for nothing within quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(|it: char| {
        let is_end = it == separator && !is_quoted;
        if it == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = is_quoted && it == '\\' && !is_escaped;
        is_end
    })
    .collect()
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inner) => inner.replace('\\', ""),
        None => text.to_owned(),
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`; `None` for a name that hides it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if text.matches(':').count() == 1 => text.split_once(':')?.0,
        None => text,
    };
    plain.parse::<IpAddr>().ok().map(|it| it.to_canonical())
}

/// Whether a text can be the host of a request.
fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:[]_".contains(&it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Network;

    const PROXY: &str = "10.0.0.1";

    #[track_caller]
    fn check(form: Forwarded, peer: &str, fields: &[(&'static str, &str)], wanted: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        let proxies = Networks(vec![Network::parse("10.0.0.0/8").unwrap()]);
        let address: IpAddr = peer.parse().unwrap();
        let peer = Peer { address, is_proxy: proxies.have(address), is_secure: false };
        let sender = sender(peer, &proxies, form, &headers);
        let scheme = if sender.is_secure { "https" } else { "http" };
        let host = sender.host.as_ref().map_or("-", |it| it.to_str().unwrap());
        assert_eq!(format!("{} {scheme} {host}", sender.client), wanted, "{fields:?}");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_is_the_client() {
        let usual = |peer: &str, fields: &[(&'static str, &str)], wanted: &str| {
            check(Forwarded::XForwarded, peer, fields, wanted);
        };
        let said = "x-forwarded-for";
        usual(PROXY, &[], "10.0.0.1 http -");
        usual(PROXY, &[(said, "203.0.113.5")], "203.0.113.5 http -");
        // What stands left of the client was written by the client.
        usual(PROXY, &[(said, "1.1.1.1, 203.0.113.5, 10.2.0.9")], "203.0.113.5 http -");
        usual(PROXY, &[(said, "1.1.1.1"), (said, "203.0.113.5")], "203.0.113.5 http -");
        usual(PROXY, &[(said, "10.9.9.9, 10.2.0.9")], "10.9.9.9 http -");
        // What cannot be read ends the way: the proxy behind it is all that is known.
        usual(PROXY, &[(said, "203.0.113.5, unknown, 10.2.0.9")], "10.2.0.9 http -");
        usual(PROXY, &[(said, "rubbish")], "10.0.0.1 http -");
        usual(PROXY, &[(said, "203.0.113.5:4711")], "203.0.113.5 http -");
        usual(PROXY, &[(said, "[2001:db8::1]:4711")], "2001:db8::1 http -");
        usual(PROXY, &[(said, "2001:db8::1")], "2001:db8::1 http -");
        usual(PROXY, &[(said, "::ffff:203.0.113.5")], "203.0.113.5 http -");
        let all = [
            (said, "203.0.113.5"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "m.example"),
        ];
        usual(PROXY, &all, "203.0.113.5 https m.example");
        usual(PROXY, &[("x-forwarded-proto", "https")], "10.0.0.1 https -");
        usual(PROXY, &[("x-forwarded-host", "a b")], "10.0.0.1 http -");
        // Anybody else may say what they want.
        usual("203.0.113.9", &all, "203.0.113.9 http -");
        // The other form is what a client may have sent through.
        usual(PROXY, &[("forwarded", "for=1.1.1.1;proto=https")], "10.0.0.1 http -");
    }

    #[test]
    fn the_standard_form_is_read_with_its_quotes() {
        let standard = |value: &str, wanted: &str| {
            check(Forwarded::Forwarded, PROXY, &[("forwarded", value)], wanted);
        };
        standard("for=203.0.113.5;proto=https;host=m.example", "203.0.113.5 https m.example");
        standard("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17 http -");
        standard(
            "for=1.1.1.1, for=203.0.113.5;proto=https, for=10.0.0.7;proto=http",
            "203.0.113.5 https -",
        );
        standard("for=203.0.113.5, for=\"_hidden, for=1.1.1.1\"", "10.0.0.1 http -");
        standard("for=unknown", "10.0.0.1 http -");
        standard("", "10.0.0.1 http -");
        let both = [("forwarded", "for=203.0.113.5"), ("x-forwarded-for", "1.1.1.1")];
        check(Forwarded::Forwarded, PROXY, &both, "203.0.113.5 http -");
    }
}
