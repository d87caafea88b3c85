//! From documents to compiled policies.
//!
//! Foreign text: nothing here fails. What cannot be understood makes the policy odd, and an odd
//! policy might say anything.

use model::{Doc, Key, Keys, View};

use super::condition::Condition;
use super::estate::is_account;
use super::policy::{Actions, Named, Policy, Principals, Resources, Statement, Template};

/// Most statements of one document that are looked at; AWS takes far fewer.
const MOST_STATEMENTS: usize = 10_000;

/// Keys of policy documents.
#[derive(Debug)]
pub(super) struct Compiler {
    keys: Keys,
    version: Key,
    statement: Key,
    effect: Key,
    action: Key,
    not_action: Key,
    resource: Key,
    not_resource: Key,
    principal: Key,
    not_principal: Key,
    condition: Key,
}

impl Compiler {
    pub(super) fn new(keys: &Keys) -> Self {
        let key = |name| keys.intern(name);
        Self {
            keys: keys.clone(),
            version: key("Version"),
            statement: key("Statement"),
            effect: key("Effect"),
            action: key("Action"),
            not_action: key("NotAction"),
            resource: key("Resource"),
            not_resource: key("NotResource"),
            principal: key("Principal"),
            not_principal: key("NotPrincipal"),
            condition: key("Condition"),
        }
    }

    /// A policy from its JSON text; percent-encoded text is decoded first.
    pub(super) fn text(&self, text: &str) -> Policy {
        let odd = || Policy { is_odd: true, ..Policy::default() };
        let decoded = if text.starts_with('%') { undo_percent(text) } else { None };
        let Ok(json) = serde_json::from_str(decoded.as_deref().unwrap_or(text)) else {
            return odd();
        };
        match Doc::build(&json, &self.keys).view() {
            View::Str(_) => odd(),
            view => self.compile(view),
        }
    }

    /// A policy from its document.
    pub(super) fn compile(&self, view: View<'_>) -> Policy {
        if let View::Str(text) = view {
            return self.text(text);
        }
        let View::Object(document) = view else {
            return Policy { is_odd: true, ..Policy::default() };
        };
        // Without a version it is the old one, which has no variables:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
        let has_variables = matches!(document.get(self.version), View::Str("2012-10-17"));
        let mut policy = Policy::default();
        for statement in each(document.get(self.statement)).take(MOST_STATEMENTS) {
            match self.statement(statement, has_variables) {
                Some(statement) => policy.statements.push(statement),
                None => policy.is_odd = true,
            }
        }
        policy
    }

    fn statement(&self, view: View<'_>, has_variables: bool) -> Option<Statement> {
        let View::Object(object) = view else { return None };
        let is_allow = match object.get(self.effect) {
            View::Str("Allow") => true,
            View::Str("Deny") => false,
            _ => return None,
        };
        let actions = match (object.get(self.action), object.get(self.not_action)) {
            (View::Null, View::Null) => return None,
            (View::Null, not) => Actions::new(true, &texts(not)?),
            (own, _) => Actions::new(false, &texts(own)?),
        };
        let templates = |view| -> Option<Vec<Template>> {
            Some(texts(view)?.into_iter().map(|it| template(it, has_variables)).collect())
        };
        let resources = match (object.get(self.resource), object.get(self.not_resource)) {
            (View::Null, View::Null) => None,
            (View::Null, not) => Some(Resources { is_not: true, patterns: templates(not)? }),
            (own, _) => Some(Resources { is_not: false, patterns: templates(own)? }),
        };
        let principals = match (object.get(self.principal), object.get(self.not_principal)) {
            (View::Null, View::Null) => None,
            (View::Null, not) => Some(Principals { is_not: true, named: self.principals(not)? }),
            (own, _) => Some(Principals { is_not: false, named: self.principals(own)? }),
        };
        let conditions = self.conditions(object.get(self.condition), has_variables)?;
        Some(Statement { is_allow, actions, resources, principals, conditions })
    }

    fn principals(&self, view: View<'_>) -> Option<Vec<Named>> {
        match view {
            View::Str(text) => Some(vec![aws_principal(text)]),
            View::Object(object) => {
                let mut named = Vec::new();
                for (key, value) in object.iter() {
                    let kind = self.keys.name(key);
                    for text in texts(value)? {
                        named.push(match &*kind {
                            "Service" => Named::Service(text.into()),
                            "Federated" => Named::Federated(text.into()),
                            "CanonicalUser" => Named::Canonical(text.into()),
                            _ => aws_principal(&text),
                        });
                    }
                }
                Some(named)
            }
            _ => None,
        }
    }

    fn conditions(&self, view: View<'_>, has_variables: bool) -> Option<Vec<Condition>> {
        let object = match view {
            View::Null => return Some(Vec::new()),
            View::Object(object) => object,
            _ => return None,
        };
        let mut found = Vec::new();
        for (operator, keys) in object.iter() {
            let View::Object(keys) = keys else { return None };
            for (key, values) in keys.iter() {
                let values = texts(values)?;
                let values = values.into_iter().map(|it| template(it, has_variables)).collect();
                let (operator, key) = (self.keys.name(operator), self.keys.name(key));
                found.push(Condition::new(&operator, &key, values));
            }
        }
        Some(found)
    }
}

fn template(text: String, has_variables: bool) -> Template {
    Template { has_variable: has_variables && text.contains("${"), text: text.into() }
}

fn aws_principal(text: &str) -> Named {
    if text == "*" {
        Named::Anyone
    } else if is_account(text) {
        Named::Account(text.into())
    } else if let Some(account) = account_of_root(text) {
        Named::Account(account.into())
    } else if text.starts_with("arn:") {
        Named::Arn(text.into())
    } else {
        Named::Unique(text.into())
    }
}

/// The account of `arn:aws:iam::123456789012:root`.
pub(super) fn account_of_root(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let (service, account) = (parts.nth(2)?, parts.nth(1)?);
    (service == "iam" && parts.next() == Some("root")).then_some(account)
}

/// One value or each of a list.
fn each(view: View<'_>) -> impl Iterator<Item = View<'_>> {
    let (one, list) = match view {
        View::List(list) => (None, Some(list)),
        View::Null => (None, None),
        other => (Some(other), None),
    };
    one.into_iter().chain(list.into_iter().flat_map(model::doc::ListView::iter))
}

/// One text or a list of texts; numbers and truth values as text. `None` for anything else.
fn texts(view: View<'_>) -> Option<Vec<String>> {
    each(view)
        .map(|it| match it {
            View::Str(text) => Some(text.to_owned()),
            View::Bool(bool) => Some(bool.to_string()),
            View::Int(int) => Some(int.to_string()),
            View::Float(float) => Some(float.to_string()),
            View::Null | View::List(_) | View::Object(_) | View::Unread(_) => None,
        })
        .collect()
}

fn undo_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
