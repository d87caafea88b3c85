//! Who asks, and for which tenant.

use std::sync::Arc;

/// Number of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub u16);

impl TenantId {
    /// The tenant that every database has.
    pub const FIRST: Self = Self(1);
}

/// The first argument of every function that reaches a row: the tenant whose rows they are, and
/// who acts, for the change log and the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    tenant: TenantId,
    actor: Arc<str>,
}

impl Access {
    /// `actor` acts within `tenant`.
    pub fn new(tenant: TenantId, actor: &str) -> Self {
        Self { tenant, actor: actor.into() }
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The tenant as it stands in rows.
    pub(crate) fn row(&self) -> i64 {
        i64::from(self.tenant.0)
    }

    /// What the numbers of this tenant's resources and documents begin at. One integer is the
    /// primary key on both databases this way, and a tenant's rows lie together.
    pub(crate) fn base(&self) -> i64 {
        self.row() << 40
    }
}
