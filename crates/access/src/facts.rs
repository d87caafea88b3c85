//! What clouds publish about themselves and no export holds: tables of managed policies and roles.

use crate::aws::ManagedPolicies;
use crate::azure::BuiltInRoles;
use crate::gcp::PredefinedRoles;

/// The tables, by the names of the files in the content.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub(crate) aws: ManagedPolicies,
    pub(crate) azure: BuiltInRoles,
    pub(crate) gcp: PredefinedRoles,
}

impl Facts {
    /// Takes a table in, as the content holds it: its path without `.zst` and its JSON text.
    /// `false` where no table has that path.
    ///
    /// # Errors
    /// The text is not such a table.
    pub fn add(&mut self, path: &str, json: &[u8]) -> Result<bool, serde_json::Error> {
        match path {
            "facts/policies-aws.json" => self.aws = ManagedPolicies::parse(json)?,
            "facts/roles-gcp.json" => self.gcp = PredefinedRoles::parse(json)?,
            "facts/roles-azure.json" => self.azure = BuiltInRoles::parse(json)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}
