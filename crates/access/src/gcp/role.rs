//! Roles of Google Cloud: those that it comes with, in a table, and custom ones.

use std::sync::Arc;

use hashbrown::HashMap;
use serde_json::Value as Json;

/// The roles that Google Cloud comes with; copies share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct PredefinedRoles {
    /// Permissions, sorted; each role holds their numbers, sorted.
    permissions: Arc<[Box<str>]>,
    roles: Arc<HashMap<Box<str>, Box<[u16]>>>,
}

impl PredefinedRoles {
    /// Reads `facts/roles-gcp.json`.
    ///
    /// # Errors
    /// The text is not JSON; what is missing in it is left out.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let table: Json = serde_json::from_slice(json)?;
        let names = table.get("permissions").and_then(Json::as_array).into_iter().flatten();
        let permissions = names.filter_map(Json::as_str).map(Box::from).collect();
        let rows = table.get("roles").and_then(Json::as_object).into_iter().flatten();
        let roles: HashMap<Box<str>, Box<[u16]>> = rows
            .map(|(name, steps)| {
                let mut at = 0_u64;
                let steps = steps.as_array().into_iter().flatten().filter_map(Json::as_u64);
                let numbers = steps.map(|step| {
                    at += step;
                    at as u16
                });
                (Box::from(name.as_str()), numbers.collect())
            })
            .collect();
        Ok(Self { permissions, roles: Arc::new(roles) })
    }

    /// Whether a role has a permission; `None` for a role that is not in the table. `*` asks for everything.
    pub(super) fn has(&self, role: &str, permission: &str) -> Option<bool> {
        self.has_number(role, permission, || self.number(permission))
    }

    /// The number of a permission; `None` where no role has it.
    pub(super) fn number(&self, permission: &str) -> Option<u16> {
        let at = self.permissions.binary_search_by(|it| (**it).cmp(permission));
        at.ok().map(|at| at as u16)
    }

    /// [`Self::has`] of a permission whose number is known, or can be found out.
    pub(super) fn has_number(
        &self,
        role: &str,
        permission: &str,
        number: impl FnOnce() -> Option<u16>,
    ) -> Option<bool> {
        let numbers = self.roles.get(role)?;
        if permission == "*" {
            return Some(role == "roles/owner");
        }
        Some(number().is_some_and(|it| numbers.binary_search(&it).is_ok()))
    }
}
