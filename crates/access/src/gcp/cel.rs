//! Conditions of Google Cloud: the part of the Common Expression Language that IAM uses.
//!
//! `&&`, `||`, `!`, parentheses, comparisons with a literal, `startsWith`, `endsWith`, which roles a request hands out
//! (`hasOnly`), and the tag functions.
//! What is written otherwise, or about what is not known, is not known.

use jiff::Timestamp;

use crate::truth::{self, Truth};

/// The roles that a request gives or takes.
const HANDED_OUT: &str = "iam.googleapis.com/modifiedGrantsByRole";

/// Deeper nesting is not understood.
const MAX_DEPTH: u32 = 64;

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Literal(bool),
    /// An attribute against a text.
    Compare(String, Relation, String),
    /// A list of the request that has to hold none but these.
    HasOnly(String, Vec<String>),
    /// Something that is not judged; its text.
    Unclear(String),
}

/// How an attribute relates to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    EndsWith,
}

/// What is known of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Names of the resource as conditions write them, by id and by number of its project; none where it is
    /// not one resource.
    pub(super) names: &'a [String],
    /// Whether parts of it (objects of a bucket) count as it.
    pub(super) has_parts: bool,
    /// Its service, `storage.googleapis.com`.
    pub(super) service: Option<&'a str>,
    /// Its type, `storage.googleapis.com/Bucket`.
    pub(super) native: Option<&'a str>,
    pub(super) context: &'a [(&'a str, &'a str)],
    /// Whether it writes a policy: then it hands out roles.
    pub(super) writes_policy: bool,
    pub(super) now: Timestamp,
}

impl Expr {
    pub(super) fn parse(text: &str) -> Self {
        let mut reader = Reader { rest: text, depth: 0 };
        match reader.either() {
            Some(found) if reader.rest.trim().is_empty() => found,
            _ => Self::Unclear(text.trim().to_owned()),
        }
    }

    pub(super) fn holds(&self, known: &Known<'_>) -> Truth {
        match self {
            Self::And(parts) => truth::all(parts.iter().map(|it| it.holds(known))),
            Self::Or(parts) => truth::any(parts.iter().map(|it| it.holds(known))),
            Self::Not(part) => part.holds(known).negated(),
            Self::Literal(value) => Truth::of(*value),
            Self::Unclear(_) => Truth::Unknown,
            Self::Compare(attribute, relation, text) => known.compare(attribute, *relation, text),
            Self::HasOnly(attribute, values) => known.has_only(attribute, values),
        }
    }

    /// The attributes that it is about, for people.
    pub(super) fn attributes(&self) -> Vec<&str> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::attributes).collect(),
            Self::Not(part) => part.attributes(),
            Self::Literal(_) => Vec::new(),
            Self::Compare(text, ..) | Self::HasOnly(text, _) | Self::Unclear(text) => vec![text],
        }
    }
}

impl Known<'_> {
    fn compare(&self, attribute: &str, relation: Relation, text: &str) -> Truth {
        if attribute == "request.time" {
            return match text.parse::<Timestamp>() {
                Ok(at) => Truth::of(relation.holds(self.now.cmp(&at))),
                Err(_) => Truth::Unknown,
            };
        }
        if let Some((_, value)) = self.context.iter().find(|(key, _)| *key == attribute) {
            return relation.fits(value, text);
        }
        match attribute {
            "resource.service" => self.service.map_or(Truth::Unknown, |it| relation.fits(it, text)),
            "resource.type" => match self.native {
                // an object of the bucket is of another type than the bucket
                Some(_) if self.has_parts => Truth::Unknown,
                Some(it) => relation.fits(it, text),
                None => Truth::Unknown,
            },
            "resource.name" => self.name(relation, text),
            _ => Truth::Unknown,
        }
    }

    /// What hands out no role has an empty list of them:
    /// <https://docs.cloud.google.com/iam/docs/setting-limits-on-granting-roles>.
    fn has_only(&self, attribute: &str, values: &[String]) -> Truth {
        if attribute != HANDED_OUT {
            return Truth::Unknown;
        }
        if !self.writes_policy {
            return Truth::Yes;
        }
        let mut own = self.context.iter().filter(|it| it.0 == HANDED_OUT).peekable();
        if own.peek().is_none() {
            return Truth::Unknown;
        }
        Truth::of(own.all(|(_, role)| values.iter().any(|it| it == role)))
    }

    fn name(&self, relation: Relation, text: &str) -> Truth {
        if self.names.is_empty() {
            return Truth::Unknown;
        }
        // a name that goes on behind ours may be that of a part
        let deeper = |name: &String| text.starts_with(&format!("{name}/"));
        if self.has_parts && (relation == Relation::EndsWith || self.names.iter().any(deeper)) {
            return Truth::Unknown;
        }
        let mut fits = self.names.iter().map(|it| relation.fits(it, text));
        if relation == Relation::Unequal { truth::all(&mut fits) } else { truth::any(&mut fits) }
    }
}

impl Relation {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::StartsWith | Self::EndsWith => false,
        }
    }

    fn fits(self, value: &str, text: &str) -> Truth {
        Truth::of(match self {
            Self::StartsWith => value.starts_with(text),
            Self::EndsWith => value.ends_with(text),
            Self::Equal => value == text,
            Self::Unequal => value != text,
            // what has an order is judged with its own type
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => {
                return Truth::Unknown;
            }
        })
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn symbol(&mut self, symbol: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(symbol);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn either(&mut self) -> Option<Expr> {
        let mut parts = vec![self.both()?];
        while self.symbol("||") {
            parts.push(self.both()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expr::Or(parts)) }
    }

    fn both(&mut self) -> Option<Expr> {
        let mut parts = vec![self.single()?];
        while self.symbol("&&") {
            parts.push(self.single()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Expr::And(parts)) }
    }

    fn single(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let found = if self.symbol("!") {
            Expr::Not(Box::new(self.single()?))
        } else if self.symbol("(") {
            let inner = self.either()?;
            self.symbol(")").then_some(inner)?
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Some(found)
    }

    /// `resource.name.startsWith("x")`, `request.time < timestamp("..")`, `true`; anything else up to the next
    /// operator is read over.
    fn atom(&mut self) -> Option<Expr> {
        let start = self.rest.trim_start();
        let path = self.path();
        match path {
            "true" => return Some(Expr::Literal(true)),
            "false" => return Some(Expr::Literal(false)),
            _ => {}
        }
        if path == "api.getAttribute" {
            let found = self.has_only();
            return found.or_else(|| self.unclear(start));
        }
        let called = path.rsplit_once('.').and_then(|(of, function)| {
            let relation = match function {
                "startsWith" => Relation::StartsWith,
                "endsWith" => Relation::EndsWith,
                _ => return None,
            };
            Some((of, relation))
        });
        if let Some((of, relation)) = called
            && self.symbol("(")
        {
            let text = self.text()?;
            return self.symbol(")").then(|| Expr::Compare(of.to_owned(), relation, text));
        }
        let relation = [
            ("==", Relation::Equal),
            ("!=", Relation::Unequal),
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("<", Relation::Less),
            (">", Relation::Greater),
        ]
        .into_iter()
        .find(|(symbol, _)| self.symbol(symbol));
        if let Some((_, relation)) = relation
            && let Some(text) = self.literal()
        {
            return Some(Expr::Compare(path.to_owned(), relation, text));
        }
        self.unclear(start)
    }

    /// `('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/viewer'])`
    fn has_only(&mut self) -> Option<Expr> {
        self.symbols(&["("])?;
        let attribute = self.text()?;
        self.symbols(&[",", "[", "]", ")", ".", "hasOnly", "(", "["])?;
        let mut values = Vec::new();
        while let Some(value) = self.text() {
            values.push(value);
            if !self.symbol(",") {
                break;
            }
        }
        self.symbols(&["]", ")"])?;
        Some(Expr::HasOnly(attribute, values))
    }

    fn symbols(&mut self, all: &[&str]) -> Option<()> {
        all.iter().all(|it| self.symbol(it)).then_some(())
    }

    fn path(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|it: char| !(it.is_ascii_alphanumeric() || "._".contains(it)));
        let (path, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        path
    }

    /// A text, or an instant in `timestamp("..")`.
    fn literal(&mut self) -> Option<String> {
        let is_time = self.symbol("timestamp");
        if is_time && !self.symbol("(") {
            return None;
        }
        let text = self.text()?;
        (!is_time || self.symbol(")")).then_some(text)
    }

    fn text(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let body = self.rest.get(1..)?;
        let end = body.find(quote)?;
        let (text, rest) = body.split_at(end);
        // escapes are not read: such a text is not understood
        if text.contains('\\') {
            return None;
        }
        self.rest = rest.get(1..)?;
        Some(text.to_owned())
    }

    /// Reads over what is not understood, to the end of its part, with its parentheses and texts.
    fn unclear(&mut self, start: &'a str) -> Option<Expr> {
        let (mut depth, mut quote) = (0_u32, None);
        let mut end = start.len();
        for (at, letter) in start.char_indices() {
            match (quote, letter) {
                (Some(open), it) => quote = (open != it).then_some(open),
                (None, '"' | '\'') => quote = Some(letter),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')' | ']' | '}') if depth > 0 => depth -= 1,
                (None, ')' | '&' | '|') if depth == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let (text, rest) = start.split_at(end);
        self.rest = rest;
        (!text.trim().is_empty()).then(|| Expr::Unclear(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Expr, HANDED_OUT, Known};
    use crate::truth::Truth;

    #[track_caller]
    fn check(text: &str, want: Truth) {
        let names = ["projects/_/buckets/charts".to_owned()];
        let known = Known {
            names: &names,
            has_parts: true,
            service: Some("storage.googleapis.com"),
            native: Some("storage.googleapis.com/Bucket"),
            context: &[("request.host", "quay.example"), (HANDED_OUT, "roles/owner")],
            writes_policy: true,
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        assert_eq!(Expr::parse(text).holds(&known), want, "{text}");
    }

    #[test]
    fn time() {
        check("request.time < timestamp(\"2027-01-01T00:00:00Z\")", Truth::Yes);
        check("request.time > timestamp('2027-01-01T00:00:00Z')", Truth::No);
        check("request.time.getHours('Europe/Berlin') >= 9", Truth::Unknown);
    }

    #[test]
    fn names_of_resources() {
        check("resource.name.startsWith(\"projects/_/buckets/charts\")", Truth::Yes);
        check("resource.name.startsWith('projects/_/buckets/other')", Truth::No);
        check("resource.name.startsWith('projects/_/buckets/charts/objects/in/')", Truth::Unknown);
        check("resource.name == 'projects/_/buckets/other'", Truth::No);
        check("resource.service != 'storage.googleapis.com'", Truth::No);
    }

    #[test]
    fn roles_that_are_handed_out() {
        let only = |roles: &str| format!("api.getAttribute('{HANDED_OUT}', []).hasOnly([{roles}])");
        check(&only("'roles/viewer', \"roles/owner\""), Truth::Yes);
        check(&only("'roles/viewer'"), Truth::No);
        check(&only(""), Truth::No);
        check(&format!("!{}", only("'roles/viewer'")), Truth::Yes);
        check(&format!("{} && true", only("'roles/owner'")), Truth::Yes);
        check("api.getAttribute('other', []).hasOnly(['roles/owner'])", Truth::Unknown);
        check("api.getAttribute('other', 'x') == 'x' || true", Truth::Yes);
    }

    #[test]
    fn what_is_not_understood_decides_only_where_it_must() {
        check("resource.matchTag('1/env', 'prod') || true", Truth::Yes);
        check("resource.matchTag('1/env', 'prod') && false", Truth::No);
        check("!resource.hasTagKey('1/env')", Truth::Unknown);
        check("api.getAttribute('x', []).hasOnly(['a)'])", Truth::Unknown);
        check("request.host == 'quay.example'", Truth::Yes);
        check("", Truth::Unknown);
        check("((", Truth::Unknown);
        check(&"(".repeat(9_000), Truth::Unknown);
    }
}
