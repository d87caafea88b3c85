//! Policy documents, compiled: what each statement says, ready to be asked.

use super::condition::Condition;
use super::pattern::like_in_any_case;

/// A policy document.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub(super) statements: Vec<Statement>,
    /// Some part could not be understood: it might allow or deny.
    pub(super) is_odd: bool,
}

/// One statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) is_allow: bool,
    pub(super) actions: Actions,
    /// `None` where the document has none (trust policies): the resource that carries it.
    pub(super) resources: Option<Resources>,
    /// `None` in policies of identities.
    pub(super) principals: Option<Principals>,
    /// All must hold.
    pub(super) conditions: Vec<Condition>,
}

/// `Action` or `NotAction`.
#[derive(Debug, Default)]
pub(super) struct Actions {
    pub(super) is_not: bool,
    /// Patterns whose service has no wildcard, sorted by the service in lower case.
    by_service: Vec<Action>,
    /// The others (`*`, `s*:Get*`).
    wide: Vec<Action>,
}

/// A pattern of actions as it is written.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) text: Box<str>,
    service: Box<str>,
    /// Where the name begins in `text`; the whole text where there is no colon.
    name_at: usize,
}

impl Action {
    fn new(text: &str) -> Self {
        let (service, name_at) = match text.split_once(':') {
            Some((service, _)) => (service.to_ascii_lowercase(), service.len() + 1),
            None => ("*".to_owned(), 0),
        };
        Self { text: text.into(), service: service.into(), name_at }
    }

    fn name(&self) -> &str {
        self.text.get(self.name_at..).unwrap_or_default()
    }
}

impl Actions {
    pub(super) fn new(is_not: bool, patterns: &[String]) -> Self {
        let all = patterns.iter().map(|it| Action::new(it));
        let (wide, mut by_service): (Vec<_>, Vec<_>) =
            all.partition(|it| super::pattern::is_open(&it.service));
        by_service.sort_by(|a, b| a.service.cmp(&b.service).then_with(|| a.text.cmp(&b.text)));
        Self { is_not, by_service, wide }
    }

    /// Whether the statement is about an action, given in lower case.
    pub(super) fn covers(&self, action: &str) -> bool {
        self.names(action) != self.is_not
    }

    fn names(&self, action: &str) -> bool {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        if self.wide.iter().any(|it| match it.name_at {
            0 => it.name() == "*" || like_in_any_case(it.name(), action),
            _ => like_in_any_case(&it.service, service) && like_in_any_case(it.name(), name),
        }) {
            return true;
        }
        let from = self.by_service.partition_point(|it| *it.service < *service);
        let rest = self.by_service.get(from..).unwrap_or_default();
        let mut own = rest.iter().take_while(|it| *it.service == *service);
        own.any(|it| like_in_any_case(it.name(), name))
    }

    /// The patterns as they are written.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.wide.iter().chain(&self.by_service).map(|it| &*it.text)
    }
}

/// A text that may hold policy variables.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) text: Box<str>,
    /// Whether there is a variable in it, which the version of the document lets be one.
    pub(super) has_variable: bool,
}

/// `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct Resources {
    pub(super) is_not: bool,
    pub(super) patterns: Vec<Template>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Default)]
pub(super) struct Principals {
    pub(super) is_not: bool,
    pub(super) named: Vec<Named>,
}

/// A principal that a policy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// Everybody, with or without sign-in.
    Anyone,
    /// An account as a whole: its number.
    Account(Box<str>),
    /// A user, role, role session or federated session by ARN.
    Arn(Box<str>),
    /// A unique id (`AIDA...`, `AROA...`): what an ARN becomes when its owner is gone and back.
    Unique(Box<str>),
    /// A service.
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// A canonical user of S3.
    Canonical(Box<str>),
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anyone => f.write_str("*"),
            Self::Account(account) => write!(f, "account {account}"),
            Self::Arn(text)
            | Self::Unique(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::Canonical(text) => f.write_str(text),
        }
    }
}
