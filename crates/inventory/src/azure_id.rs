//! Azure resource ids: type, parent, scope.
//!
//! Everything here takes ids in lower case with a leading and without a trailing slash.

/// What ids of management groups begin with, as ARM writes them.
pub(crate) const GROUPS: &str = "/providers/Microsoft.Management/managementGroups/";

/// An id in the form in which two are compared: lower case, one leading slash, no trailing one.
/// `None` when it is not an ARM id.
pub(crate) fn canonical(id: &str) -> Option<String> {
    let id = id.trim().trim_end_matches('/');
    let known = ["/subscriptions/", "/providers/", "/tenants/"];
    let lower = id.to_ascii_lowercase();
    known.iter().any(|it| lower.starts_with(it) && lower.len() > it.len()).then_some(lower)
}

/// The resource type, in lower case: `microsoft.network/virtualnetworks/subnets`.
pub(crate) fn resource_type(id: &str) -> Option<String> {
    let Some((_, tail)) = id.rsplit_once("/providers/") else {
        let mut segments = id.split('/').skip(1);
        return match (segments.next(), segments.next(), segments.next(), segments.next()) {
            (Some("subscriptions"), Some(_), None, None) => {
                Some("microsoft.resources/subscriptions".to_owned())
            }
            (Some("subscriptions"), Some(_), Some("resourcegroups"), Some(_)) => {
                Some("microsoft.resources/resourcegroups".to_owned())
            }
            _ => None,
        };
    };
    let mut segments = tail.split('/');
    let mut found = segments.next()?.to_owned();
    let mut n_types = 0;
    while let Some(word) = segments.next() {
        found.push('/');
        found.push_str(word);
        n_types += 1;
        segments.next();
    }
    (n_types > 0).then_some(found)
}

/// What the resource lies in or extends: its parent resource, resource group or subscription.
pub(crate) fn parent(id: &str) -> Option<&str> {
    let Some((head, tail)) = id.rsplit_once("/providers/") else {
        return match id.rsplit_once("/resourcegroups/") {
            Some((subscription, _)) => Some(subscription),
            None => None,
        };
    };
    if tail.split('/').count() > 3 {
        let (rest, _) = id.rsplit_once('/')?;
        return rest.rsplit_once('/').map(|(parent, _)| parent);
    }
    (!head.is_empty()).then_some(head)
}

/// The last segment.
pub(crate) fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// `/subscriptions/<guid>`, a management group's id, or `/` for what belongs to the tenant.
pub(crate) fn scope(id: &str) -> &str {
    if let Some(rest) = id.strip_prefix("/subscriptions/") {
        let guid = rest.split('/').next().unwrap_or_default();
        return id.get(.."/subscriptions/".len() + guid.len()).unwrap_or(id);
    }
    let group = "/providers/microsoft.management/managementgroups/";
    if let Some(rest) = id.strip_prefix(group) {
        let name = rest.split('/').next().unwrap_or_default();
        return id.get(..group.len() + name.len()).unwrap_or(id);
    }
    "/"
}

#[cfg(test)]
mod tests {
    use super::{canonical, parent, resource_type, scope};

    const SUB: &str = "/subscriptions/s";
    const VNET: &str =
        "/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/v";

    #[track_caller]
    fn check(id: &str, want: (&str, Option<&str>, &str)) {
        assert_eq!((resource_type(id).as_deref().unwrap_or_default(), parent(id), scope(id)), want);
    }

    #[test]
    fn types_parents_and_scopes() {
        check(SUB, ("microsoft.resources/subscriptions", None, SUB));
        let group = "/subscriptions/s/resourcegroups/g";
        check(group, ("microsoft.resources/resourcegroups", Some(SUB), SUB));
        check(VNET, ("microsoft.network/virtualnetworks", Some(group), SUB));
        let subnet = format!("{VNET}/subnets/n");
        check(&subnet, ("microsoft.network/virtualnetworks/subnets", Some(VNET), SUB));
        let lock = format!("{VNET}/providers/microsoft.authorization/locks/l");
        check(&lock, ("microsoft.authorization/locks", Some(VNET), SUB));
        let tenant = "/providers/microsoft.authorization/roledefinitions/r";
        check(tenant, ("microsoft.authorization/roledefinitions", None, "/"));
        let group = "/providers/microsoft.management/managementgroups/m";
        let below = format!("{group}/providers/microsoft.authorization/policyassignments/p");
        check(&below, ("microsoft.authorization/policyassignments", Some(group), group));
    }

    #[test]
    fn only_arm_ids_are_ids() {
        assert_eq!(canonical("/Subscriptions/A/").as_deref(), Some("/subscriptions/a"));
        for other in ["", "/", "x", "/subscriptions/", "https://x/subscriptions/a"] {
            assert_eq!(canonical(other), None, "{other}");
        }
    }
}
