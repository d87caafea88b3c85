//! Kinds of values that speak about networks: where to listen, whom to trust, which way out.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::value::{Raw, Value};

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listen {
    /// At an address and a port.
    Tcp(SocketAddr),
    /// At a socket in the file system.
    Unix(PathBuf),
}

impl Listen {
    /// Whether nobody outside of this machine can connect.
    pub(crate) fn is_of_this_machine(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Value for Listen {
    const FORM: &'static str = "an address and a port, such as `127.0.0.1:7070`, or a socket, such as `unix:/run/merlon/http.sock`";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        match text.strip_prefix("unix:") {
            Some("") => None,
            Some(path) => Some(Self::Unix(PathBuf::from(path))),
            None => text.parse().ok().map(Self::Tcp),
        }
    }
}

impl Value for Option<SocketAddr> {
    const FORM: &'static str = "an address and a port, such as `127.0.0.1:7071`";

    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}

/// Whether something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    Refuse,
    Allow,
}

impl Value for Leave {
    const FORM: &'static str = "`refuse` or `allow`";

    fn parse(raw: &Raw) -> Option<Self> {
        match raw.text()? {
            "refuse" => Some(Self::Refuse),
            "allow" => Some(Self::Allow),
            _ => None,
        }
    }
}

/// How proxies say whom they speak for. One form alone counts: the other may be what a client has sent through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forwarded {
    /// `X-Forwarded-For`, `-Proto`, `-Host`.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Value for Forwarded {
    const FORM: &'static str = "`x-forwarded` or `forwarded`";

    fn parse(raw: &Raw) -> Option<Self> {
        match raw.text()? {
            "x-forwarded" => Some(Self::XForwarded),
            "forwarded" => Some(Self::Forwarded),
            _ => None,
        }
    }
}

/// A network: an address, and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, `fd00::/8`, or one address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().ok().filter(|it| *it <= most)?,
            None => most,
        };
        Some(Self { address, bits })
    }

    /// Whether an address lies in it. An IPv4 address that is written as IPv6 is the IPv4 address.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        let same = |own: u128, other: u128, width: u32| {
            let gone = width - self.bits;
            own.checked_shr(gone) == other.checked_shr(gone)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(own.to_bits().into(), other.to_bits().into(), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Networks; there may be none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Networks(pub(crate) Vec<Network>);

impl Networks {
    /// Whether an address lies in one of them.
    pub(crate) fn have(&self, address: IpAddr) -> bool {
        self.0.iter().any(|it| it.has(address))
    }
}

impl Value for Networks {
    const FORM: &'static str = "a list of networks, such as `[\"10.0.0.0/8\", \"fd00::/8\"]`";

    fn parse(raw: &Raw) -> Option<Self> {
        let networks = words(raw)?.iter().map(|it| Network::parse(it)).collect::<Option<_>>()?;
        Some(Self(networks))
    }
}

/// Hosts, with what lies below them, and networks that are reached without a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hosts(pub(crate) Vec<String>);

impl Value for Hosts {
    const FORM: &'static str = "a list of hosts and networks, such as `[\"id.example.org\", \".internal\", \"10.0.0.0/8\"]`";

    fn parse(raw: &Raw) -> Option<Self> {
        let is_host = |it: &String| {
            Network::parse(it).is_some()
                || it == "*"
                || it.bytes().all(|it| it.is_ascii_alphanumeric() || b".-_".contains(&it))
        };
        let hosts = words(raw)?;
        hosts.iter().all(is_host).then_some(Self(hosts))
    }
}

/// The words of a list, or of a text with commas.
fn words(raw: &Raw) -> Option<Vec<String>> {
    let words: Vec<&str> = match raw {
        Raw::List(words) => words.iter().map(String::as_str).collect(),
        Raw::Word(text) => text.split(',').collect(),
        Raw::Text(_) | Raw::Integer(_) | Raw::Other(_) => return None,
    };
    Some(words.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Raw {
        Raw::Word(text.to_owned())
    }

    #[test]
    fn networks_hold_what_their_bits_say() {
        let check = |network: &str, address: &str, wanted: bool| {
            let network = Network::parse(network).unwrap();
            assert_eq!(network.has(address.parse().unwrap()), wanted, "{network:?} {address}");
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.0.0.0/8", "::ffff:10.1.2.3", true);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.6", false);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("fd00::/8", "fdff::1", true);
        check("fd00::/8", "fe00::1", false);
        check("::/0", "2001:db8::1", true);
        for wrong in ["10.0.0.0/33", "10.0.0/8", "x", "fd00::/129", "10.0.0.0/-1", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists_come_as_lists_or_with_commas() {
        let two = Networks::parse(&word("10.0.0.0/8, ::1")).unwrap();
        assert_eq!(two.0.len(), 2);
        assert_eq!(Networks::parse(&word("")), Some(Networks::default()));
        assert_eq!(Networks::parse(&word("10.0.0.0/8 ::1")), None);
        assert!(Hosts::parse(&word("id.example.org,.internal,10.0.0.0/8")).is_some());
        assert_eq!(Hosts::parse(&word("http://id.example.org")), None);
    }

    #[test]
    fn a_socket_is_of_this_machine() {
        let listen = |text: &str| Listen::parse(&word(text));
        assert!(listen("unix:/run/x").unwrap().is_of_this_machine());
        assert!(listen("[::1]:7070").unwrap().is_of_this_machine());
        assert!(!listen("0.0.0.0:7070").unwrap().is_of_this_machine());
        assert_eq!(listen("unix:"), None);
        assert_eq!(listen("localhost"), None);
    }
}
