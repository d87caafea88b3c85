//! The grammar of conditions.
//!
//! `A AND B OR !(C)`, with `&&` and `||`; `AND` binds more tightly. An atom is `ActionMatches{'..'}`,
//! `SubOperationMatches{'..'}`, `Exists @S[..]`, or `@S[..] [Quantifier:]Operator value`.

use super::{Attribute, Condition, How, Operand, Operator, Order, Quantifier};

/// Deeper nesting is not understood.
const MAX_DEPTH: u32 = 64;

pub(super) fn condition(text: &str) -> Option<Condition> {
    let mut reader = Reader { rest: text, depth: 0 };
    let found = reader.either()?;
    reader.rest.trim().is_empty().then_some(found)
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.skip();
        let found = self.rest.strip_prefix(symbol);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// A word, whatever its case.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let Some((head, tail)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = !tail.starts_with(|it: char| it.is_ascii_alphanumeric());
        let found = ends && head.eq_ignore_ascii_case(word);
        if found {
            self.rest = tail;
        }
        found
    }

    fn either(&mut self) -> Option<Condition> {
        let mut parts = vec![self.both()?];
        while self.symbol("||") || self.word("OR") {
            parts.push(self.both()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::Or(parts)) }
    }

    fn both(&mut self) -> Option<Condition> {
        let mut parts = vec![self.single()?];
        while self.symbol("&&") || self.word("AND") {
            parts.push(self.single()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::And(parts)) }
    }

    fn single(&mut self) -> Option<Condition> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let found = if self.symbol("!") || self.word("NOT") {
            Condition::Not(Box::new(self.single()?))
        } else if self.symbol("(") {
            let inner = self.either()?;
            self.symbol(")").then_some(inner)?
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Some(found)
    }

    fn atom(&mut self) -> Option<Condition> {
        if self.word("ActionMatches") {
            let patterns = self.set()?;
            let each = patterns.iter().map(|it| Condition::Action(it.to_ascii_lowercase()));
            return Some(Condition::Or(each.collect()));
        }
        if self.word("SubOperationMatches") {
            return Some(Condition::SubOperation(self.set()?));
        }
        if self.word("Exists") {
            return Some(Condition::Exists(self.attribute()?));
        }
        let attribute = self.attribute()?;
        let (each, operator) = self.operator()?;
        self.skip();
        let values = if self.rest.starts_with('@') {
            Operand::Attribute(self.attribute()?)
        } else if self.rest.starts_with('{') {
            Operand::Values(self.set()?)
        } else {
            Operand::Values(vec![self.value()?])
        };
        Some(Condition::Compare { attribute, each, operator, values })
    }

    fn attribute(&mut self) -> Option<Attribute> {
        if !self.symbol("@") {
            return None;
        }
        let (source, rest) = self.rest.split_once('[')?;
        let (name, rest) = rest.split_once(']')?;
        self.rest = rest;
        let source = source.trim().to_ascii_lowercase();
        Some(Attribute { source, name: name.trim().to_owned() })
    }

    fn identifier(&mut self) -> &'a str {
        self.skip();
        let end = self.rest.find(|it: char| !it.is_ascii_alphanumeric());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn operator(&mut self) -> Option<(Quantifier, Operator)> {
        let word = self.identifier();
        let quantifier = match word.to_ascii_lowercase().as_str() {
            "foranyofanyvalues" => Quantifier::AnyOfAny,
            "forallofanyvalues" => Quantifier::AllOfAny,
            "foranyofallvalues" => Quantifier::AnyOfAll,
            "forallofallvalues" => Quantifier::AllOfAll,
            other => return operator(other).map(|it| (Quantifier::AnyOfAny, it)),
        };
        if !self.symbol(":") {
            return None;
        }
        let word = self.identifier();
        operator(&word.to_ascii_lowercase()).map(|it| (quantifier, it))
    }

    fn set(&mut self) -> Option<Vec<String>> {
        if !self.symbol("{") {
            return None;
        }
        let mut values = Vec::new();
        while !self.symbol("}") {
            values.push(self.value()?);
            if !self.symbol(",") && !self.rest.trim_start().starts_with('}') {
                return None;
            }
        }
        Some(values)
    }

    /// A text in quotes, in which a quote is written twice or after a backslash; or a plain word.
    fn value(&mut self) -> Option<String> {
        self.skip();
        let Some(quoted) = self.rest.strip_prefix('\'') else {
            let end = self.rest.find(|it: char| it.is_whitespace() || ",})".contains(it));
            let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest;
            return (!word.is_empty()).then(|| word.to_owned());
        };
        let mut text = String::new();
        let mut letters = quoted.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, it)| *it);
            match letter {
                '\\' if matches!(next, Some('\'' | '\\')) => {
                    text.extend(letters.next().map(|it| it.1));
                }
                '\'' if next == Some('\'') => text.extend(letters.next().map(|it| it.1)),
                '\'' => {
                    self.rest = quoted.get(at + 1..)?;
                    return Some(text);
                }
                letter => text.push(letter),
            }
        }
        None
    }
}

/// An operator by its name in lower case.
fn operator(name: &str) -> Option<Operator> {
    let (family, rest) = ["string", "numeric", "datetime", "timeofday", "bool", "guid", "ip"]
        .iter()
        .find_map(|it| Some((*it, name.strip_prefix(it)?)))?;
    let negated = rest.strip_prefix("not");
    let verb = negated.unwrap_or(rest);
    let order = match verb {
        "equals" => Some(Order::Equal),
        "lessthan" => Some(Order::Less),
        "lessthanequals" | "lessthanorequals" => Some(Order::LessOrEqual),
        "greaterthan" => Some(Order::Greater),
        "greaterthanequals" | "greaterthanorequals" => Some(Order::GreaterOrEqual),
        _ => None,
    };
    let how = match (family, verb) {
        ("string", "equals") => How::Equals,
        ("string", "equalsignorecase") => How::EqualsIgnoreCase,
        ("string", "startswith") => How::StartsWith,
        ("string", "startswithignorecase") => How::StartsWithIgnoreCase,
        ("string", "like") => How::Like,
        ("string", "likeignorecase") => How::LikeIgnoreCase,
        ("guid", "equals") => How::Guid,
        ("bool", "equals") => How::Bool,
        ("numeric", _) => How::Number(order?),
        ("datetime", _) => How::Time(order?),
        ("string", "matches" | "matchesignorecase") | ("timeofday" | "ip", _) => How::Unjudged,
        _ => return None,
    };
    Some(Operator { how, is_negated: negated.is_some() })
}
