//! Sets of whole numbers as sorted, disjoint intervals: addresses, ports, protocols.
//!
//! Addresses of both families share one line of 128 bits: IPv4 lies at `::ffff:0:0/96`, where IPv6
//! keeps room for it, and IPv6 above that.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::LazyLock;

/// The first number of IPv4 on the line of addresses.
const V4_FIRST: u128 = 0xffff_0000_0000;
/// The last number of IPv4 on the line of addresses.
const V4_LAST: u128 = 0xffff_ffff_ffff;

/// An interval, both ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The lowest number.
    pub first: u128,
    /// The highest number, not below the lowest.
    pub last: u128,
}

impl Span {
    /// Every number.
    pub const ALL: Self = Self { first: 0, last: u128::MAX };

    /// From `first` to `last`; the two are put in order.
    pub fn new(first: u128, last: u128) -> Self {
        Self { first: first.min(last), last: first.max(last) }
    }

    /// One number.
    pub fn one(number: u128) -> Self {
        Self { first: number, last: number }
    }

    /// Whether `number` is in it.
    pub fn contains(self, number: u128) -> bool {
        self.first <= number && number <= self.last
    }

    /// What both hold.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }

    /// Whether `other` lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// What is left of it below and above `other`.
    pub fn around(self, other: Self) -> [Option<Self>; 2] {
        if self.intersect(other).is_none() {
            return [Some(self), None];
        }
        let below = (self.first < other.first)
            .then(|| Self { first: self.first, last: other.first.saturating_sub(1) });
        let above = (other.last < self.last)
            .then(|| Self { first: other.last.saturating_add(1), last: self.last });
        [below, above]
    }
}

/// A set of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Every number.
    pub fn all() -> Self {
        Self(vec![Span::ALL])
    }

    /// One number.
    pub fn one(number: u128) -> Self {
        Self(vec![Span::one(number)])
    }

    /// The intervals, ascending, disjoint and not adjacent.
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `number` is in it.
    pub fn contains(&self, number: u128) -> bool {
        let after = self.0.partition_point(|it| it.first <= number);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|it| it.contains(number))
    }

    /// What both hold.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let mut found = Vec::new();
        let (mut mine, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (mine.peek(), others.peek()) {
            found.extend(a.intersect(**b));
            if a.last < b.last {
                mine.next();
            } else {
                others.next();
            }
        }
        Self(found)
    }

    /// What any of both holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// What this holds and `other` does not.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for cut in &other.0 {
            left = left.into_iter().flat_map(|it| it.around(*cut)).flatten().collect();
        }
        Self(left)
    }

    /// How many numbers, at most `u128::MAX`.
    pub fn count(&self) -> u128 {
        self.0
            .iter()
            .fold(0, |sum: u128, it| sum.saturating_add(it.last - it.first).saturating_add(1))
    }

    /// The lowest number.
    pub fn first(&self) -> Option<u128> {
        self.0.first().map(|it| it.first)
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut all: Vec<Span> = spans.into_iter().collect();
        all.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match merged.last_mut() {
                Some(last) if span.first <= last.last.saturating_add(1) => {
                    last.last = last.last.max(span.last);
                }
                _ => merged.push(span),
            }
        }
        Self(merged)
    }
}

/// The number of an address on the line.
pub fn number_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(it) => it.to_ipv6_mapped().to_bits(),
        IpAddr::V6(it) => it.to_bits(),
    }
}

/// The address of a number on the line; `None` for 0, which stands for an address that is not known.
pub fn address_of(number: u128) -> Option<IpAddr> {
    (number != 0).then(|| Ipv6Addr::from_bits(number).to_canonical())
}

/// Every IPv4 address.
pub fn every_v4() -> Span {
    Span { first: V4_FIRST, last: V4_LAST }
}

/// Every IPv6 address.
pub fn every_v6() -> Span {
    Span { first: V4_LAST + 1, last: u128::MAX }
}

/// The addresses of `10.0.0.0/8`, `2001:db8::/32`, `10.1.2.3`; `None` for anything else.
pub fn parse_prefix(text: &str) -> Option<Span> {
    let text = text.trim();
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (bits, number) = (if address.is_ipv4() { 32 } else { 128 }, number_of(address));
    let free = bits - length.unwrap_or(bits).min(bits);
    if free == 128 {
        return Some(every_v6());
    }
    let mask = (1_u128 << free) - 1;
    Some(Span { first: number & !mask, last: number | mask })
}

/// The addresses of a prefix or of a range such as `10.0.0.1-10.0.0.9`.
pub fn parse_range(text: &str) -> Option<Span> {
    match text.split_once('-') {
        Some((first, last)) => {
            let one = |it: &str| it.trim().parse::<IpAddr>().ok().map(number_of);
            Some(Span::new(one(first)?, one(last)?))
        }
        None => parse_prefix(text),
    }
}

/// The prefixes that together are `span`, in the usual notation; a range where there are many.
pub fn print_span(span: Span) -> String {
    if span == every_v4() {
        return "0.0.0.0/0".to_owned();
    }
    if span == every_v6() {
        return "::/0".to_owned();
    }
    let (Some(first), Some(last)) = (address_of(span.first), address_of(span.last)) else {
        return "any".to_owned();
    };
    if first == last {
        return first.to_string();
    }
    let size = span.last - span.first;
    let is_prefix = size & size.wrapping_add(1) == 0 && span.first & size == 0;
    if is_prefix && first.is_ipv4() == last.is_ipv4() {
        let bits = if first.is_ipv4() { 32 } else { 128 };
        return format!("{first}/{}", bits - size.count_ones());
    }
    format!("{first}-{last}")
}

/// Addresses that hosts on the internet have: IPv4 without the ranges that are not global, and the
/// global unicast range of IPv6. Ranges for documentation count as public: exports that were made
/// anonymous are full of them. <https://www.iana.org/assignments/iana-ipv4-special-registry>
pub fn internet() -> Spans {
    static INTERNET: LazyLock<Spans> = LazyLock::new(global);
    INTERNET.clone()
}

fn global() -> Spans {
    const NOT_GLOBAL: [&str; 10] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32", // Azure's own, seen only inside of it
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
    ];
    let not_global: Spans = NOT_GLOBAL.iter().filter_map(|it| parse_prefix(it)).collect();
    let v4: Spans = Spans(vec![every_v4()]).subtract(&not_global);
    v4.0.into_iter().chain(parse_prefix("2000::/3")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        assert_eq!(print_span(parse_range(text).unwrap()), printed);
    }

    #[test]
    fn prefixes_and_ranges() {
        check("10.1.2.3/8", "10.0.0.0/8");
        check("0.0.0.0/0", "0.0.0.0/0");
        check("::/0", "::/0");
        check("2001:db8::1", "2001:db8::1");
        check("10.0.0.1-10.0.0.3", "10.0.0.1-10.0.0.3");
        check("10.0.0.0-10.0.0.3", "10.0.0.0/30");
        assert_eq!(parse_prefix("Internet"), None);
    }

    #[test]
    fn the_internet_has_no_private_addresses() {
        let internet = internet();
        let holds = |it: &str| internet.contains(number_of(it.parse().unwrap()));
        assert!(holds("8.8.8.8") && holds("203.0.113.9") && holds("2a00::1"));
        assert!(!holds("10.0.0.1") && !holds("192.168.1.1") && !holds("fd00::1"));
    }
}
