//! The roles.

use serde::{Deserialize, Serialize};

/// What somebody may be on a scope. What each may do stands in `matrix.toml`.
///
/// After the roles of Microsoft Defender for Cloud, with those of its exposure management.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Sees what there is and how it stands.
    Reader,
    /// Sees as well who may do what, and the work of the server.
    SecurityReader,
    /// Brings in data and keeps the work going.
    SecurityOperator,
    /// Decides about exemptions, attestations and what is checked.
    SecurityAdmin,
    /// Brings in data, without deciding.
    Contributor,
    /// Does everything, and gives roles to others.
    Owner,
    /// Sees everything, people, settings and the audit log too, and changes nothing.
    GlobalReader,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 7] = [
        Self::Reader,
        Self::SecurityReader,
        Self::SecurityOperator,
        Self::SecurityAdmin,
        Self::Contributor,
        Self::Owner,
        Self::GlobalReader,
    ];

    /// Its name in files, rows and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::SecurityReader => "securityReader",
            Self::SecurityOperator => "securityOperator",
            Self::SecurityAdmin => "securityAdmin",
            Self::Contributor => "contributor",
            Self::Owner => "owner",
            Self::GlobalReader => "globalReader",
        }
    }

    /// The role with this [name](Self::name); `None` when there is none.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}
