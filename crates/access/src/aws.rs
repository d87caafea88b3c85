//! AWS: identity, resource, boundary, session and organisation policies.
//!
//! The order of evaluation is that of AWS's own description:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

mod managed;

pub(crate) use managed::ManagedPolicies;

use model::{Keys, Resource};

use crate::cloud::Cloud;
use crate::{Actor, Answer, Request, Trail};

/// What was read of AWS.
#[derive(Debug)]
pub(crate) struct Estate {}

impl Estate {
    pub(crate) fn new(_keys: &Keys, _managed: ManagedPolicies, _now: jiff::Timestamp) -> Self {
        Self {}
    }
}

impl Cloud for Estate {
    fn put(&mut self, _resource: &Resource) {}

    fn remove(&mut self, _id: &str) {}

    fn judge(&self, _request: &Request<'_>, _trail: Option<&mut Trail>) -> Answer {
        Answer::Unknown
    }

    fn may_grant(&self, _actor: Actor<'_>, _action: &str) -> bool {
        true
    }

    fn administrator(&self, _actor: Actor<'_>, _trail: Option<&mut Trail>) -> Answer {
        Answer::Unknown
    }

    fn identities(&self) -> Vec<&str> {
        Vec::new()
    }

    fn outsiders(&self, _action: &str, _on: &str) -> Vec<String> {
        Vec::new()
    }
}
