//! What is answered: exposure, passage, and the proof of either.

use std::net::IpAddr;

use crate::packets::{Field, ICMP, ICMP6, LAST_PORT, PacketSet, Point, TCP, UDP};
use crate::spans::{Span, Spans, address_of, every_v4, every_v6};
use crate::way::Rule;

/// Whether something passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Nothing passes.
    No,
    /// Something that was not read decides.
    Unknown,
    /// At least one packet passes.
    Yes,
}

/// From how much of the internet something can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// Only from addresses that the organisation trusts.
    Trusted,
    /// From some public addresses.
    Narrow,
    /// From any or nearly any: more than a /8 of IPv4 or a /16 of IPv6 in sum.
    Wide,
}

impl Width {
    /// More addresses of IPv4 than this are wide: a /8.
    const WIDE_V4: u128 = 1 << 24;
    /// More addresses of IPv6 than this are wide: a /16.
    const WIDE_V6: u128 = 1 << 112;

    pub(crate) fn of(sources: &Spans, trusted: &Spans) -> Self {
        if sources.subtract(trusted).is_empty() {
            return Self::Trusted;
        }
        if Self::is_wide(sources) { Self::Wide } else { Self::Narrow }
    }

    /// Whether these are nearly any addresses, whoever trusts them.
    pub(crate) fn is_wide(sources: &Spans) -> bool {
        let count = |family: Span| sources.intersect(&[family].into_iter().collect()).count();
        count(every_v4()) > Self::WIDE_V4 || count(every_v6()) > Self::WIDE_V6
    }
}

/// Ports by protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    /// TCP ports.
    pub tcp: Spans,
    /// UDP ports.
    pub udp: Spans,
    /// ICMP of IPv4 or IPv6, any type.
    pub icmp: bool,
    /// The numbers of other protocols.
    pub others: Spans,
}

impl Ports {
    /// The destination ports of a set of packets.
    pub fn of(set: &PacketSet) -> Self {
        let protocol = |number: u128| set.within(Field::Protocol, &Spans::one(number));
        let known: Spans = [TCP, UDP, ICMP, ICMP6].into_iter().map(Span::one).collect();
        Self {
            tcp: protocol(TCP).values(Field::ToPort),
            udp: protocol(UDP).values(Field::ToPort),
            icmp: !protocol(ICMP).is_empty() || !protocol(ICMP6).is_empty(),
            others: set.values(Field::Protocol).subtract(&known),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty() && !self.icmp && self.others.is_empty()
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.union(&other.tcp),
            udp: self.udp.union(&other.udp),
            icmp: self.icmp || other.icmp,
            others: self.others.union(&other.others),
        }
    }
}

impl std::fmt::Display for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        for (name, spans) in [("tcp", &self.tcp), ("udp", &self.udp)] {
            if !spans.is_empty() {
                parts.push(format!("{name}/{}", print_ports(spans)));
            }
        }
        if self.icmp {
            parts.push("icmp".to_owned());
        }
        if !self.others.is_empty() {
            parts.push("other protocols".to_owned());
        }
        f.write_str(&parts.join(" "))
    }
}

fn print_ports(spans: &Spans) -> String {
    let one = |it: &Span| match it {
        Span { first: 0, last: LAST_PORT } => "any".to_owned(),
        it if it.first == it.last => it.first.to_string(),
        it => format!("{}-{}", it.first, it.last),
    };
    spans.as_slice().iter().map(one).collect::<Vec<_>>().join(",")
}

/// How exposed an end point is to the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Whether a packet from the internet arrives.
    pub answer: Answer,
    /// The ports at which they arrive; where the answer is unknown, at which they may.
    pub ports: Ports,
    /// From how much of the internet; `None` when it is not exposed.
    pub width: Option<Width>,
    /// The addresses that they come from.
    pub sources: Spans,
    /// The TCP ports at which they arrive from any addresses or nearly any: `width` is that of all ports together.
    pub wide_tcp: Spans,
    /// The balancers and gateways in front, where packets come through such.
    pub via: Vec<String>,
    /// A packet that arrives, and what lets it; `None` when the answer is not yes.
    pub proof: Option<Proof>,
    /// What was not read and could change the answer, in words.
    pub unread: Vec<String>,
    /// How exposed it would be if it ran; `None` unless it is stopped and would be.
    pub once_started: Option<Box<Self>>,
}

impl Exposure {
    /// Nothing arrives.
    pub(crate) fn none() -> Self {
        Self {
            answer: Answer::No,
            ports: Ports::default(),
            width: None,
            sources: Spans::default(),
            wide_tcp: Spans::default(),
            via: Vec::new(),
            proof: None,
            unread: Vec::new(),
            once_started: None,
        }
    }
}

/// What may pass from one end point to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Whether a packet arrives.
    pub answer: Answer,
    /// The ports at which they arrive; where the answer is unknown, at which they may.
    pub ports: Ports,
    /// A packet that arrives, and what lets it; `None` when the answer is not yes.
    pub proof: Option<Proof>,
    /// What was not read and could change the answer, in words.
    pub unread: Vec<String>,
}

/// A packet that arrives, and every rule that it passes on its way, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// As it is sent.
    pub packet: Packet,
    /// As it arrives, behind translations and balancers.
    pub arrives_as: Packet,
    /// What it passes.
    pub hops: Vec<Hop>,
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The address that sends it; `None` where it is not known.
    pub from: Option<IpAddr>,
    /// The port that it is sent from; 0 where the protocol has none.
    pub from_port: u16,
    /// The address that it goes to; `None` where it is not known, as of a name of a service.
    pub to: Option<IpAddr>,
    /// The port that it goes to; of ICMP `type * 256 + code`.
    pub to_port: u16,
    /// The number of its protocol: 6 is TCP, 17 UDP.
    pub protocol: u8,
}

impl Packet {
    pub(crate) fn of(point: &Point) -> Self {
        let has_ports = [TCP, UDP].contains(&point.get(Field::Protocol));
        Self {
            from: address_of(point.get(Field::From)),
            from_port: if has_ports { point.get(Field::FromPort) as u16 } else { 0 },
            to: address_of(point.get(Field::To)),
            to_port: point.get(Field::ToPort) as u16,
            protocol: point.get(Field::Protocol) as u8,
        }
    }

    /// The name of its protocol, or its number.
    pub fn protocol_name(&self) -> String {
        match u128::from(self.protocol) {
            TCP => "tcp".to_owned(),
            UDP => "udp".to_owned(),
            ICMP => "icmp".to_owned(),
            ICMP6 => "icmpv6".to_owned(),
            other => format!("protocol {other}"),
        }
    }
}

impl std::fmt::Display for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |address: Option<IpAddr>, port: u16| match address {
            Some(IpAddr::V6(it)) => format!("[{it}]:{port}"),
            Some(IpAddr::V4(it)) => format!("{it}:{port}"),
            None => format!("port {port}"),
        };
        let (from, to) = (side(self.from, self.from_port), side(self.to, self.to_port));
        write!(f, "{} {from} -> {to}", self.protocol_name())
    }
}

/// What a rule does to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// It lets it pass.
    Permits,
    /// It leads it on.
    Routes,
    /// It gives it another address or port.
    Translates,
}

impl Does {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Permits => "permits",
            Self::Routes => "routes",
            Self::Translates => "translates",
        }
    }
}

/// One rule that a packet passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The id of the resource whose rule it is.
    pub resource: String,
    /// Where the rule stands in its document; empty for a rule that always holds.
    pub path: String,
    /// What it says, in words.
    pub rule: String,
    /// What it does.
    pub does: Does,
}

impl Hop {
    pub(crate) fn of(rule: &Rule) -> Self {
        Self {
            resource: rule.resource.as_ref().to_owned(),
            path: rule.path.clone(),
            rule: rule.words.clone(),
            does: rule.does,
        }
    }
}
