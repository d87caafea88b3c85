//! What if these were fixed: scores and standings with some assessments counted as healthy.

use view::{Fixed, Otherwise, Sight, View, WhatIfError};

use super::Tenant;

impl Tenant<'_> {
    /// What would be if `fixed` were fixed, as of the instant of the last commit. Nothing is stored,
    /// and the tenant stays as it is. Fails on a check or a resource that is not there.
    pub(crate) fn what_if_fixed(&self, fixed: &[Fixed]) -> Result<Otherwise, WhatIfError> {
        View::new(self.parts()).what_if_fixed(&Sight::Everything, fixed)
    }
}
