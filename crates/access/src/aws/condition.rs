//! Conditions: all operators, three-valued.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
//! keys with several values:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use std::net::IpAddr;

use super::context::{Key, Question, Text, Value, Who};
use super::pattern::{arn_like, like};
use super::policy::Template;
use crate::truth::Truth;

/// One key of a condition block with its operator.
#[derive(Debug)]
pub(super) struct Condition {
    /// As it is written, for people.
    pub(super) operator: Box<str>,
    pub(super) name: Box<str>,
    pub(super) values: Vec<Template>,
    pub(super) key: Key,
    test: Test,
    /// Negated operators hold where no value fits.
    pub(super) is_negated: bool,
    quantifier: Quantifier,
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Single,
    All,
    Any,
}

/// How one value is compared with one value of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    EqualInAnyCase,
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Address,
    Null,
    /// An operator that nobody documents.
    Odd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds<T: PartialOrd>(self, own: &T, other: &T) -> bool {
        match self {
            Self::Equal => own == other,
            Self::Less => own < other,
            Self::LessOrEqual => own <= other,
            Self::Greater => own > other,
            Self::GreaterOrEqual => own >= other,
        }
    }
}

impl Condition {
    pub(super) fn new(operator: &str, key: &str, values: Vec<Template>) -> Self {
        let lower = operator.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            _ => (Quantifier::Single, lower.as_str()),
        };
        let (rest, if_exists) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (test, is_negated) = test(rest);
        Self {
            operator: operator.into(),
            name: key.into(),
            values,
            key: Key::parse(key),
            test,
            is_negated,
            quantifier,
            if_exists,
        }
    }

    /// Whether it holds. What the caller may choose does not stop a grant and does not set off a
    /// prohibition.
    pub(super) fn holds(&self, question: &Question<'_>, is_allow: bool) -> Truth {
        let value = question.value(&self.key, &self.name);
        let value = if self.is_open_to(question.who) { Value::Free } else { value };
        match value {
            Value::Free => Truth::of(is_allow),
            Value::Unknown if self.key == Key::Address => self.of_sender(question.who),
            Value::Unknown => Truth::Unknown,
            _ if self.test == Test::Odd => Truth::Unknown,
            Value::Absent => self.without_a_value(),
            Value::Choice(values) => {
                let each = values.iter().map(|it| self.of_one(it, question));
                let each = each.chain([self.without_a_value()]);
                if is_allow {
                    each.fold(Truth::No, Truth::or)
                } else {
                    each.fold(Truth::Yes, Truth::and)
                }
            }
            Value::Many(_) if self.test == Test::Null => self.says("false"),
            Value::One(value) => self.of_one(&value, question),
            Value::Many(values) => {
                let each = values.iter().map(|it| self.fits(it, question));
                match (self.quantifier, self.is_negated) {
                    (Quantifier::All, _) | (Quantifier::Single, true) => {
                        each.fold(Truth::Yes, Truth::and)
                    }
                    (Quantifier::Any, _) | (Quantifier::Single, false) => {
                        each.fold(Truth::No, Truth::or)
                    }
                }
            }
        }
    }

    /// Whether somebody of an account that they make may have a value that fits: a name that is open as to the account,
    /// or any organisation.
    fn is_open_to(&self, who: Who<'_>) -> bool {
        let is_open = |own: &Template| match (&self.key, self.test) {
            (Key::PrincipalArn, Test::Arn | Test::Like) => {
                own.text.split(':').nth(4).unwrap_or(&own.text).starts_with('*')
            }
            (Key::PrincipalOrg | Key::PrincipalAccount, Test::Like) => {
                matches!(&*own.text, "*" | "o-*")
            }
            _ => false,
        };
        matches!(who, Who::Anyone) && self.values.iter().any(is_open)
    }

    /// Whether it holds for the address of whoever asks. Requests over the internet come from a public one; those by an
    /// endpoint of a network do not tell theirs. What S3 takes for narrow leaves out everybody.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    fn of_sender(&self, who: Who<'_>) -> Truth {
        if self.test != Test::Address || self.values.iter().any(|it| it.has_variable) {
            return Truth::Unknown;
        }
        let mut all = self.values.iter().map(|it| breadth(&it.text));
        let any = if all.clone().any(|it| it == Breadth::All) {
            Truth::Yes
        } else if all
            .all(|it| it == Breadth::Private || it == Breadth::Narrow && matches!(who, Who::Anyone))
        {
            Truth::No
        } else {
            Truth::Unknown
        };
        match (any, self.is_negated, self.if_exists) {
            (_, true, _) => any.negated(),
            (Truth::No, false, true) => Truth::Unknown,
            _ => any,
        }
    }

    fn without_a_value(&self) -> Truth {
        match (self.test, self.quantifier) {
            (Test::Null, _) => self.says("true"),
            (_, Quantifier::All) => Truth::Yes,
            (_, Quantifier::Any) => Truth::No,
            (_, Quantifier::Single) => Truth::of(self.if_exists || self.is_negated),
        }
    }

    /// Whether it holds for a key with one value.
    fn of_one(&self, value: &str, question: &Question<'_>) -> Truth {
        if self.test == Test::Null { self.says("false") } else { self.fits(value, question) }
    }

    /// Whether a value of the policy is this word.
    fn says(&self, word: &str) -> Truth {
        Truth::of(self.values.iter().any(|it| it.text.eq_ignore_ascii_case(word)))
    }

    /// Whether one value fits: any of the policy's, or for negated operators none of them.
    fn fits(&self, value: &str, question: &Question<'_>) -> Truth {
        let any = self
            .values
            .iter()
            .map(|own| match question.expand(own) {
                Text::Known(own) => Truth::of(self.test.holds(&own, value)),
                Text::Open(_) => Truth::Unknown,
                Text::Absent => Truth::No,
            })
            .fold(Truth::No, Truth::or);
        if self.is_negated { any.negated() } else { any }
    }
}

fn test(operator: &str) -> (Test, bool) {
    let (test, is_negated) = match operator {
        "stringequals" | "binaryequals" => (Test::Equal, false),
        "stringnotequals" => (Test::Equal, true),
        "stringequalsignorecase" => (Test::EqualInAnyCase, false),
        "stringnotequalsignorecase" => (Test::EqualInAnyCase, true),
        "stringlike" => (Test::Like, false),
        "stringnotlike" => (Test::Like, true),
        "arnequals" | "arnlike" => (Test::Arn, false),
        "arnnotequals" | "arnnotlike" => (Test::Arn, true),
        "numericequals" => (Test::Number(Order::Equal), false),
        "numericnotequals" => (Test::Number(Order::Equal), true),
        "numericlessthan" => (Test::Number(Order::Less), false),
        "numericlessthanequals" => (Test::Number(Order::LessOrEqual), false),
        "numericgreaterthan" => (Test::Number(Order::Greater), false),
        "numericgreaterthanequals" => (Test::Number(Order::GreaterOrEqual), false),
        "dateequals" => (Test::Date(Order::Equal), false),
        "datenotequals" => (Test::Date(Order::Equal), true),
        "datelessthan" => (Test::Date(Order::Less), false),
        "datelessthanequals" => (Test::Date(Order::LessOrEqual), false),
        "dategreaterthan" => (Test::Date(Order::Greater), false),
        "dategreaterthanequals" => (Test::Date(Order::GreaterOrEqual), false),
        "bool" => (Test::Bool, false),
        "ipaddress" => (Test::Address, false),
        "notipaddress" => (Test::Address, true),
        "null" => (Test::Null, false),
        _ => (Test::Odd, false),
    };
    (test, is_negated)
}

impl Test {
    /// Whether `value`, of the request, fits `own`, of the policy.
    fn holds(self, own: &str, value: &str) -> bool {
        match self {
            Self::Equal => own == value,
            Self::EqualInAnyCase | Self::Bool => own.eq_ignore_ascii_case(value),
            Self::Like => like(own, value),
            Self::Arn => arn_like(own, value),
            Self::Number(order) => {
                let (own, value) = (own.trim().parse::<f64>(), value.trim().parse::<f64>());
                value.is_ok_and(|value| own.is_ok_and(|own| order.holds(&value, &own)))
            }
            Self::Date(order) => {
                let (own, value) = (instant(own), instant(value));
                value.is_some_and(|value| own.is_some_and(|own| order.holds(&value, &own)))
            }
            Self::Address => value.parse().is_ok_and(|value| is_within(value, own)),
            Self::Null | Self::Odd => false,
        }
    }
}

/// How many may come from a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breadth {
    /// Every address of IPv4.
    All,
    Wide,
    /// Up to a /8 of IPv4 or a /32 of IPv6.
    Narrow,
    /// Addresses that nobody has on the internet.
    Private,
}

fn breadth(network: &str) -> Breadth {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return Breadth::Wide;
    };
    let private = [
        ("10.0.0.0/8", 8),
        ("100.64.0.0/10", 10),
        ("127.0.0.0/8", 8),
        ("169.254.0.0/16", 16),
        ("172.16.0.0/12", 12),
        ("192.168.0.0/16", 16),
        ("fc00::/7", 7),
        ("fe80::/10", 10),
    ];
    if private.iter().any(|(own, least)| bits >= *least && is_within(base, own)) {
        return Breadth::Private;
    }
    match (base, bits) {
        (IpAddr::V4(_), 0) => Breadth::All,
        (IpAddr::V4(_), 8..) | (IpAddr::V6(_), 32..) => Breadth::Narrow,
        _ => Breadth::Wide,
    }
}

/// ISO 8601, a day, or seconds since 1970.
fn instant(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return jiff::Timestamp::from_second(seconds).ok();
    }
    text.parse().ok().or_else(|| {
        let day = if text.contains('T') { format!("{text}Z") } else { format!("{text}T00:00:00Z") };
        day.parse().ok()
    })
}

/// Whether an address is in a network (`192.0.2.0/24`) or is that address.
fn is_within(address: IpAddr, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(base), Some(bits)) = (base.parse::<IpAddr>(), bits) else { return false };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(own)) => {
            let drop = 32 - bits.min(32);
            u64::from(base.to_bits()) >> drop == u64::from(own.to_bits()) >> drop
        }
        (IpAddr::V6(base), IpAddr::V6(own)) => {
            let drop = 128 - bits.min(128);
            base.to_bits().checked_shr(drop) == own.to_bits().checked_shr(drop)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Test};

    #[test]
    fn operators_compare_as_documented() {
        assert!(Test::Address.holds("192.0.2.0/24", "192.0.2.77"));
        assert!(!Test::Address.holds("192.0.2.0/24", "192.0.3.77"));
        assert!(Test::Address.holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(Test::Address.holds("0.0.0.0/0", "203.0.113.1"));
        assert!(Test::Date(Order::Less).holds("2030-01-01T00:00:00Z", "2026-11-21T00:00:00Z"));
        assert!(!Test::Date(Order::Less).holds("2020-01-01", "2026-11-21T00:00:00Z"));
        assert!(Test::Number(Order::LessOrEqual).holds("3600", "60"));
        assert!(Test::Bool.holds("True", "true"));
        assert!(Test::Like.holds("home/*", "home/a") && !Test::Equal.holds("home/*", "home/a"));
    }
}
