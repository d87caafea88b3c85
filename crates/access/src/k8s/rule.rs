//! Rules of roles, and what a question about Kubernetes asks for.

use crate::read::Node;

/// One rule of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    urls: Vec<String>,
}

/// What is asked for: a verb with a resource, or with a URL that is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'a> {
    verb: &'a str,
    /// Plural name, with its sub-resource: `pods/exec`; or a path that begins with `/`.
    pub(super) resource: &'a str,
    /// `None` where it is not known: then any will do.
    group: Option<&'a str>,
}

/// Resources that come with Kubernetes, and their groups.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "bindings",
            "configmaps",
            "endpoints",
            "events",
            "limitranges",
            "namespaces",
            "nodes",
            "persistentvolumeclaims",
            "persistentvolumes",
            "pods",
            "podtemplates",
            "replicationcontrollers",
            "resourcequotas",
            "secrets",
            "serviceaccounts",
            "services",
            "users",
            "groups",
        ],
    ),
    ("apps", &["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]),
    ("batch", &["cronjobs", "jobs"]),
    ("autoscaling", &["horizontalpodautoscalers"]),
    ("networking.k8s.io", &["ingresses", "ingressclasses", "networkpolicies"]),
    ("policy", &["poddisruptionbudgets"]),
    (
        "rbac.authorization.k8s.io",
        &["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
    ),
    ("certificates.k8s.io", &["certificatesigningrequests", "signers"]),
    (
        "admissionregistration.k8s.io",
        &[
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
        ],
    ),
    ("storage.k8s.io", &["csidrivers", "csinodes", "storageclasses", "volumeattachments"]),
    ("authentication.k8s.io", &["tokenreviews", "userextras", "uids"]),
    ("authorization.k8s.io", &["selfsubjectaccessreviews", "subjectaccessreviews"]),
    ("coordination.k8s.io", &["leases"]),
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
];

impl<'a> Action<'a> {
    /// `get secrets`, `create pods/exec`, `create deployments.apps`, `get /metrics`, `* *`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (verb, resource) = text.trim().split_once(char::is_whitespace)?;
        let resource = resource.trim();
        if resource == "*" {
            return Some(Self { verb, resource, group: Some("*") });
        }
        if resource.starts_with('/') {
            return Some(Self { verb, resource, group: None });
        }
        let (plural, sub) = resource.split_once('/').unwrap_or((resource, ""));
        if let Some((plural, group)) = plural.split_once('.').filter(|_| sub.is_empty()) {
            return Some(Self { verb, resource: plural, group: Some(group) });
        }
        let known = GROUPS.iter().find(|(_, all)| all.contains(&plural));
        Some(Self { verb, resource, group: known.map(|(group, _)| *group) })
    }

    pub(super) fn verb(&self) -> &'a str {
        self.verb
    }

    /// Whether it is about a URL rather than a resource.
    pub(super) fn is_url(&self) -> bool {
        self.resource.starts_with('/')
    }

    /// Whether the object has no name yet when it is asked whether this is allowed.
    pub(super) fn is_nameless(&self) -> bool {
        self.verb == "create" && !self.resource.contains('/') || self.verb == "deletecollection"
    }
}

impl Rule {
    pub(super) fn read(node: Node<'_>) -> Self {
        let texts = |key| node.at(key).texts().into_iter().map(str::to_owned).collect();
        Self {
            verbs: texts("verbs"),
            groups: texts("apiGroups"),
            resources: texts("resources"),
            names: texts("resourceNames"),
            urls: texts("nonResourceURLs"),
        }
    }

    /// Everything.
    pub(super) fn everything() -> Self {
        let star = || vec!["*".to_owned()];
        Self { verbs: star(), groups: star(), resources: star(), names: Vec::new(), urls: star() }
    }

    /// Whether it allows the action on an object with this name (`None`: not one alone, `*`: any).
    pub(super) fn allows(&self, action: &Action<'_>, name: Option<&str>) -> bool {
        has(&self.verbs, action.verb)
            && if action.is_url() { self.has_url(action.resource) } else { self.has(action, name) }
    }

    fn has(&self, action: &Action<'_>, name: Option<&str>) -> bool {
        let name_fits = || {
            self.names.is_empty()
                || name.is_some_and(|it| it == "*" || self.names.iter().any(|own| own == it))
        };
        action.group.is_none_or(|it| has(&self.groups, it))
            && self.resources.iter().any(|it| resource_fits(it, action.resource))
            && name_fits()
    }

    fn has_url(&self, url: &str) -> bool {
        self.urls.iter().any(|it| match it.strip_suffix('*') {
            Some(head) => url.starts_with(head),
            None => it == url,
        })
    }

    /// The same in words: `get,list secrets (billing)`.
    pub(super) fn says(&self) -> String {
        let what = if self.resources.is_empty() { &self.urls } else { &self.resources };
        let names = if self.names.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.names.join(","))
        };
        format!("{} {}{names}", self.verbs.join(","), what.join(","))
    }
}

fn has(all: &[String], wanted: &str) -> bool {
    all.iter().any(|it| it == "*" || it == wanted)
}

/// `*` is everything, `*/scale` that part of everything; `pods` has no part of pods in it.
fn resource_fits(own: &str, wanted: &str) -> bool {
    own == "*"
        || own == wanted
        || own
            .strip_prefix("*/")
            .is_some_and(|part| wanted.split_once('/').is_some_and(|it| it.1 == part))
}
