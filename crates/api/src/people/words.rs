//! Words of people in the OpenAPI document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role: what each may do stands at `/roles`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Role)]
pub(crate) enum RoleWord {
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

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AccountKind {
    /// Somebody who signs in.
    #[default]
    Person,
    /// A program, which only has tokens.
    Service,
}
