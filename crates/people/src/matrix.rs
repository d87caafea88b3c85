//! The table of operations: what there is to do, and which roles may.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::role::Role;

const TEXT: &str = include_str!("../matrix.toml");

/// Each operation with its word, once.
macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Something that a caller may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word, as in `matrix.toml` and in answers: `resource.read`.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

operations! {
    /// See a scope and how far it was collected.
    ScopeRead = "scope.read",
    /// See resources, their documents, neighbours and history.
    ResourceRead = "resource.read",
    /// See verdicts and their evidence.
    AssessmentRead = "assessment.read",
    /// See what is recommended.
    RecommendationRead = "recommendation.read",
    /// See scores and what they are made of.
    ScoreRead = "score.read",
    /// See how standards are met.
    StandardRead = "standard.read",
    /// Make a report.
    ReportRead = "report.read",
    /// See exemptions.
    ExemptionRead = "exemption.read",
    /// See checks, kinds, standards as they are written.
    ContentRead = "content.read",
    /// Ask a question of one's own.
    QueryRun = "query.run",
    /// Ask for attack paths, effective access, exposure and what may pass.
    PathRead = "path.read",
    /// Ask what a change would do.
    WhatifRun = "whatif.run",
    /// Be told what changes.
    EventsRead = "events.read",
    /// Grant, change or end an exemption.
    ExemptionWrite = "exemption.write",
    /// Attest that a requirement is met, or not.
    AttestationWrite = "attestation.write",
    /// Write recommendations of one's own.
    RecommendationWrite = "recommendation.write",
    /// Write classifications of critical assets of one's own.
    ClassificationWrite = "classification.write",
    /// Switch classifications on and off, and give them another level.
    ClassificationSet = "classification.set",
    /// Decide whether an asset to review is critical.
    AssetDecide = "asset.decide",
    /// Bring in data.
    ImportRun = "import.run",
    /// See jobs.
    JobRead = "job.read",
    /// Cancel and repeat jobs.
    JobManage = "job.manage",
    /// See accounts.
    UserRead = "user.read",
    /// Make, change, lock and end accounts.
    UserManage = "user.manage",
    /// See groups.
    GroupRead = "group.read",
    /// Make and change groups.
    GroupManage = "group.manage",
    /// See who has which role.
    GrantRead = "grant.read",
    /// Give and take roles.
    GrantManage = "grant.manage",
    /// Make and end tokens of one's own.
    TokenOwn = "token.own",
    /// See and end the tokens of others; make those of service accounts.
    TokenManage = "token.manage",
    /// Read the audit log.
    AuditRead = "audit.read",
    /// See settings.
    SettingsRead = "settings.read",
    /// Change settings.
    SettingsWrite = "settings.write",
    /// See how the server does.
    OperationsRead = "operations.read",
}

impl Operation {
    /// The operation with this [word](Self::word); `None` when there is none.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.word() == word)
    }
}

/// What an operation is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Asked {
    /// On a scope.
    Scope,
    /// On the whole tenant: only a grant on the tenant counts.
    Tenant,
    /// Nowhere in particular: a grant on any scope counts, and the answer is narrowed to what the caller sees.
    Anywhere,
    /// On the caller alone: no role is needed.
    #[serde(rename = "self")]
    Caller,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// What the operation is asked on.
    #[serde(rename = "on")]
    pub asked: Asked,
    /// The roles that may.
    pub roles: Vec<Role>,
}

impl Permission {
    pub(crate) fn allows(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// The table. An operation that is not in it is refused to everybody.
pub fn matrix() -> &'static BTreeMap<Operation, Permission> {
    // A table that cannot be read allows nothing; a test reads it.
    static MATRIX: LazyLock<BTreeMap<Operation, Permission>> =
        LazyLock::new(|| parse(TEXT).unwrap_or_default());
    &MATRIX
}

fn parse(text: &str) -> Result<BTreeMap<Operation, Permission>, String> {
    type Tables = BTreeMap<String, BTreeMap<String, Permission>>;
    let tables: Tables = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut matrix = BTreeMap::new();
    for (noun, verbs) in tables {
        for (verb, permission) in verbs {
            let word = format!("{noun}.{verb}");
            let operation =
                Operation::find(&word).ok_or_else(|| format!("there is no operation `{word}`"))?;
            matrix.insert(operation, permission);
        }
    }
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_operation() {
        let matrix = parse(TEXT).unwrap();
        for operation in Operation::ALL {
            let line = matrix.get(operation);
            assert!(line.is_some(), "`{}` is not in the table", operation.word());
        }
        assert_eq!(matrix.len(), Operation::ALL.len());
    }

    #[test]
    fn what_cannot_be_read_allows_nothing() {
        for text in [
            "[scope.read]\non = 'scope'\nroles = ['king']",
            "[scope.read]\non = 'moon'\nroles = []",
            "[scope.fly]\non = 'scope'\nroles = []",
            "[scope.read]\non = 'scope'\nroles = []\nexcept = 'x'",
        ] {
            parse(text).unwrap_err();
        }
    }

    #[test]
    fn an_owner_may_what_anybody_may_and_only_owners_give_roles() {
        for (operation, line) in matrix() {
            let is_self = line.asked == Asked::Caller;
            assert_eq!(line.roles.is_empty(), is_self, "{operation:?}");
            assert!(is_self || line.allows(Role::Owner), "{operation:?}");
        }
        for operation in [Operation::GrantManage, Operation::UserManage, Operation::TokenManage] {
            assert_eq!(matrix()[&operation].roles, [Role::Owner]);
        }
    }

    #[test]
    fn readers_change_nothing() {
        let changing = ["write", "manage"];
        for role in [Role::Reader, Role::SecurityReader, Role::GlobalReader] {
            for (operation, line) in matrix() {
                let word = operation.word();
                let changes = changing.iter().any(|it| word.ends_with(it)) || word == "import.run";
                assert!(!changes || !line.allows(role), "{role:?} {operation:?}");
            }
        }
    }

    #[test]
    fn words_and_names_read_back() {
        for operation in Operation::ALL {
            assert_eq!(Operation::find(operation.word()), Some(*operation));
        }
        for role in Role::ALL {
            assert_eq!(Role::find(role.name()), Some(role));
            let text = format!("role = \"{}\"", role.name());
            let read: BTreeMap<String, Role> = toml::from_str(&text).unwrap();
            assert_eq!(read["role"], role);
        }
    }
}
