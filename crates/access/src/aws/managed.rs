//! The policies that AWS manages: an account's export holds their names only.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

/// AWS managed policies by ARN, each as text until it is referred to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ManagedPolicies {
    by_arn: Arc<BTreeMap<Box<str>, Box<RawValue>>>,
}

/// The table as it is written: `policies` has, by ARN, the document of the default version.
#[derive(Deserialize)]
struct Table {
    policies: BTreeMap<Box<str>, Box<RawValue>>,
}

impl ManagedPolicies {
    /// The table from its JSON text.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let Table { policies } = serde_json::from_slice(json)?;
        Ok(Self { by_arn: Arc::new(policies) })
    }

    /// The document of a policy, as JSON text.
    pub(crate) fn document(&self, arn: &str) -> Option<&str> {
        self.by_arn.get(arn).map(|it| it.get())
    }
}
