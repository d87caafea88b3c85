//! Conditions of role assignments: their grammar, parsed once, and what they say of a request.
//!
//! As documented in "Azure role assignment condition format and syntax". What a request carries is not
//! known unless it is given or follows from the resource; a condition on it is not known either.

use jiff::Timestamp;

use super::scope;
use crate::glob;
use crate::truth::{self, Truth};

mod parse;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Every part holds.
    And(Vec<Condition>),
    /// A part holds.
    Or(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// It was not understood.
    Unclear,
    /// The action fits the pattern.
    Action(String),
    /// The sub-operation of the action is one of these.
    SubOperation(Vec<String>),
    /// The attribute is there.
    Exists(Attribute),
    /// The attribute compares so.
    Compare { attribute: Attribute, each: Quantifier, operator: Operator, values: Operand },
}

/// An attribute: `@Resource[Microsoft.Storage/storageAccounts:name]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// Whose, in lower case: `resource`, `request`, `principal`, `environment`.
    pub(super) source: String,
    /// Its type and name, as written.
    pub(super) name: String,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    /// Values as text.
    Values(Vec<String>),
    /// Another attribute.
    Attribute(Attribute),
}

/// Which values on the left must fit which on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// One on the left fits one on the right; also where nothing is written.
    AnyOfAny,
    /// All on the left fit one on the right.
    AllOfAny,
    /// One on the left fits all on the right.
    AnyOfAll,
    /// All on the left fit all on the right.
    AllOfAll,
}

/// An operator: how values are compared, and whether the opposite is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    /// How.
    pub(super) how: How,
    /// `Not`: no value fits.
    pub(super) is_negated: bool,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The same text.
    Equals,
    /// The same text, whatever the case of its letters.
    EqualsIgnoreCase,
    /// The left begins with the right.
    StartsWith,
    /// The same, whatever the case of letters.
    StartsWithIgnoreCase,
    /// The left fits the right, with `*` and `?`.
    Like,
    /// The same, whatever the case of letters.
    LikeIgnoreCase,
    /// The same identifier, with or without hyphens.
    Guid,
    /// The same truth value.
    Bool,
    /// Numbers in this order.
    Number(Order),
    /// Instants in this order.
    Time(Order),
    /// Something that is not judged here (a regular expression, an address).
    Unjudged,
}

/// An order of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Equal.
    Equal,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

/// What is known of the request that a condition is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The action in lower case.
    pub(super) action: &'a str,
    /// The resource in lower case.
    pub(super) on: &'a str,
    /// Attributes and what they are worth.
    pub(super) context: &'a [(&'a str, &'a str)],
    /// Custom security attributes of the actor (`Set_Name`, value); `None` when they were not read.
    pub(super) of_principal: Option<&'a [(String, String)]>,
    /// The instant.
    pub(super) now: Timestamp,
}

/// What an attribute is worth.
enum Worth {
    Known(Vec<String>),
    Absent,
    Unknown,
}

impl Condition {
    /// Parses `text`; what is not understood is [`Condition::Unclear`].
    pub(super) fn parse(text: &str) -> Self {
        parse::condition(text).unwrap_or(Self::Unclear)
    }

    /// Whether it holds.
    pub(super) fn holds(&self, known: &Known<'_>) -> Truth {
        match self {
            Self::And(parts) => truth::all(parts.iter().map(|it| it.holds(known))),
            Self::Or(parts) => truth::any(parts.iter().map(|it| it.holds(known))),
            Self::Not(part) => part.holds(known).negated(),
            Self::Unclear => Truth::Unknown,
            Self::Action(pattern) => action_fits(pattern, known.action),
            Self::SubOperation(wanted) => match known.given("suboperation") {
                Some(it) => Truth::of(wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(it))),
                None => Truth::Unknown,
            },
            Self::Exists(attribute) => match known.worth(attribute) {
                Worth::Known(_) => Truth::Yes,
                Worth::Absent => Truth::No,
                Worth::Unknown => Truth::Unknown,
            },
            Self::Compare { attribute, each, operator, values } => {
                let Worth::Known(left) = known.worth(attribute) else {
                    return known.missing(attribute);
                };
                let right = match values {
                    Operand::Values(values) => values.clone(),
                    Operand::Attribute(other) => match known.worth(other) {
                        Worth::Known(values) => values,
                        Worth::Absent | Worth::Unknown => return known.missing(other),
                    },
                };
                compare(&left, *each, *operator, &right)
            }
        }
    }

    /// The attributes it names, for people.
    pub(super) fn attributes(&self) -> Vec<String> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::attributes).collect(),
            Self::Not(part) => part.attributes(),
            Self::Action(_) => Vec::new(),
            Self::Unclear => vec!["a condition that is not understood".to_owned()],
            Self::SubOperation(_) => vec!["the sub-operation".to_owned()],
            Self::Exists(it) | Self::Compare { attribute: it, .. } => vec![it.to_string()],
        }
    }
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{}[{}]", self.source, self.name)
    }
}

/// A pattern of actions against an action that is asked about, which may itself be a pattern.
fn action_fits(pattern: &str, action: &str) -> Truth {
    if glob::takes(pattern, action) {
        Truth::Yes
    } else if action.contains('*') && glob::meet(pattern, action) {
        Truth::Unknown
    } else {
        Truth::No
    }
}

impl<'a> Known<'a> {
    fn given(&self, name: &str) -> Option<&'a str> {
        let found = self.context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    fn worth(&self, attribute: &Attribute) -> Worth {
        let full = attribute.to_string();
        if let Some(value) = self.given(&full).or_else(|| self.given(&attribute.name)) {
            return Worth::Known(vec![value.to_owned()]);
        }
        match attribute.source.as_str() {
            "resource" => match attribute.name.rsplit_once(':') {
                Some((native, name)) if name.eq_ignore_ascii_case("name") => {
                    match scope::name_of(self.on, native) {
                        Some(name) if !name.contains('*') => Worth::Known(vec![name.to_owned()]),
                        _ => Worth::Unknown,
                    }
                }
                _ => Worth::Unknown,
            },
            "principal" => {
                let name = attribute.name.rsplit_once(':').map_or("", |(_, name)| name);
                match self.of_principal {
                    None => Worth::Unknown,
                    Some(all) => {
                        let fitting = all.iter().filter(|(key, _)| key == name);
                        let values: Vec<String> = fitting.map(|(_, it)| it.clone()).collect();
                        if values.is_empty() { Worth::Absent } else { Worth::Known(values) }
                    }
                }
            }
            "environment" if attribute.name.eq_ignore_ascii_case("UtcNow") => {
                Worth::Known(vec![self.now.to_string()])
            }
            _ => Worth::Unknown,
        }
    }

    /// What a comparison with an attribute without a value is: an absent one fits nothing.
    fn missing(&self, attribute: &Attribute) -> Truth {
        match self.worth(attribute) {
            Worth::Absent => Truth::No,
            Worth::Known(_) | Worth::Unknown => Truth::Unknown,
        }
    }
}

fn compare(left: &[String], each: Quantifier, operator: Operator, right: &[String]) -> Truth {
    let one = |l: &String, r: &String| {
        let fits = operator.how.fits(l, r);
        if operator.is_negated { fits.negated() } else { fits }
    };
    // with `Not`, a single value differs from all on the right
    let on_right = |l: &String, all: bool| {
        let mut found = right.iter().map(|r| one(l, r));
        if all { truth::all(&mut found) } else { truth::any(&mut found) }
    };
    match each {
        Quantifier::AnyOfAny => truth::any(left.iter().map(|l| on_right(l, false))),
        Quantifier::AllOfAny => truth::all(left.iter().map(|l| on_right(l, false))),
        Quantifier::AnyOfAll => truth::any(left.iter().map(|l| on_right(l, true))),
        Quantifier::AllOfAll => truth::all(left.iter().map(|l| on_right(l, true))),
    }
}

impl How {
    fn fits(self, left: &str, right: &str) -> Truth {
        let holds = match self {
            Self::Equals => left == right,
            Self::EqualsIgnoreCase | Self::Bool => left.eq_ignore_ascii_case(right),
            Self::StartsWith => left.starts_with(right),
            Self::StartsWithIgnoreCase => lower(left).starts_with(&lower(right)),
            Self::Like | Self::LikeIgnoreCase if right.contains('?') => return Truth::Unknown,
            Self::Like => glob::takes(right, left),
            Self::LikeIgnoreCase => glob::takes(&lower(right), &lower(left)),
            Self::Guid => plain(left) == plain(right),
            Self::Number(order) => match (left.parse::<f64>(), right.parse::<f64>()) {
                (Ok(left), Ok(right)) => order.holds(left.partial_cmp(&right)),
                _ => return Truth::Unknown,
            },
            Self::Time(order) => match (left.parse::<Timestamp>(), right.parse::<Timestamp>()) {
                (Ok(left), Ok(right)) => order.holds(Some(left.cmp(&right))),
                _ => return Truth::Unknown,
            },
            Self::Unjudged => return Truth::Unknown,
        };
        Truth::of(holds)
    }
}

impl Order {
    fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        order.is_some_and(|it| match self {
            Self::Equal => it.is_eq(),
            Self::Less => it.is_lt(),
            Self::LessOrEqual => it.is_le(),
            Self::Greater => it.is_gt(),
            Self::GreaterOrEqual => it.is_ge(),
        })
    }
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// An identifier as compared: without hyphens and braces, in lower case; the last word of a path.
fn plain(guid: &str) -> String {
    let last = guid.rsplit('/').next().unwrap_or(guid);
    last.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests;
