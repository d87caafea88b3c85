//! Steps that are asked about wildcards: which resources may count at them.

use content::step::Need;

use crate::derive::rows::Plan;

impl Plan {
    /// Whether it is asked about wildcards at which a resource may count.
    pub(super) fn asks_any(&self, resource: &str) -> bool {
        let service = resource.strip_prefix("arn:").and_then(|it| it.split(':').nth(1));
        asks_any(&self.step.needs, service, resource)
    }
}

fn asks_any(needs: &[Need], service: Option<&str>, resource: &str) -> bool {
    needs.iter().any(|it| match it {
        Need::Can(can) if can.on.contains('*') && may_mean(&can.on, resource) => match service {
            Some(service) => can
                .actions
                .iter()
                .any(|it| it.split_once(':').is_some_and(|it| it.0.eq_ignore_ascii_case(service))),
            None => can.on.starts_with('/'),
        },
        Need::Any(any) => asks_any(any, service, resource),
        _ => false,
    })
}

/// Whether a text with wildcards and names to be filled in may mean a resource, or what it lies in or what lies in it.
fn may_mean(text: &str, resource: &str) -> bool {
    // rows of what it begins with are asked about again by themselves
    if text.starts_with("{to}") || text.starts_with("{via}") {
        return false;
    }
    for (wanted, word) in text.split(['/', ':']).zip(resource.split(['/', ':'])) {
        // an id has words of its own
        if wanted.contains("{to}") || wanted.contains("{via}") {
            return true;
        }
        if !wanted.contains(['*', '{']) && !wanted.eq_ignore_ascii_case(word) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::may_mean;

    #[track_caller]
    fn check(text: &str, resource: &str, want: bool) {
        assert_eq!(may_mean(text, resource), want, "{text} for {resource}");
    }

    #[test]
    fn a_text_means_what_fits_word_by_word() {
        let machines =
            "/subscriptions/*/resourceGroups/*/providers/Microsoft.Compute/virtualMachines/*";
        let within = |it: &str| format!("/subscriptions/s/resourcegroups/rg/providers/{it}");
        check(machines, &within("microsoft.compute/virtualmachines/vm-1"), true);
        check(machines, &within("microsoft.compute/virtualmachines/vm-1/extensions/e"), true);
        check(machines, &within("microsoft.compute/disks/d"), false);
        check(machines, "/subscriptions/s/resourcegroups/rg", true);
        let instances = "arn:{partition}:ec2:*:{account}:instance/*";
        check(instances, "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", true);
        check(instances, "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", false);
        check("arn:{partition}:ssm:*::document/AWS-Run*", "arn:aws:ec2:::instance/i-1", false);
        check("*", "arn:aws:kms:eu-west-1:111122223333:key/k", true);
    }

    #[test]
    fn what_begins_with_a_node_of_the_row_is_no_wildcard() {
        check("{to}/*", "arn:aws:s3:::bucket", false);
        check("arn:aws:x:::{to}/*", "arn:aws:x:::arn:aws:iam::1:role/r/s", true);
        check("arn:aws:x:::{to}/*", "arn:aws:y:::z", false);
    }
}
