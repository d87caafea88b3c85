//! Allow policies and deny policies, as bound to members.

use hashbrown::HashMap;

use super::cel::Expr;
use super::people::ANY_ACCOUNT;
use crate::read::Node;

/// Who has a role on a resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binding {
    /// Where in the document.
    pub(super) path: String,
    pub(super) role: String,
    pub(super) members: Vec<String>,
    pub(super) condition: Option<Expr>,
}

/// What a resource's own policy says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) bindings: Vec<Binding>,
    /// The bindings that name a member, by their numbers.
    by_member: HashMap<String, Vec<u32>>,
    /// The policy was not read.
    pub(super) is_unread: bool,
}

/// A rule of a deny policy.
#[derive(Debug)]
pub(super) struct DenyRule {
    pub(super) path: String,
    pub(super) denied: Vec<String>,
    pub(super) excepted: Vec<String>,
    permissions: Vec<String>,
    exceptions: Vec<String>,
    pub(super) condition: Option<Expr>,
}

/// A deny policy and what it is attached to.
#[derive(Debug)]
pub(super) struct Deny {
    pub(super) attached_to: String,
    pub(super) rules: Vec<DenyRule>,
}

impl Policy {
    /// The policy in a document, and what a dataset of `BigQuery` says in its own words.
    pub(super) fn read(node: Node<'_>) -> Self {
        let policy = node.at("iamPolicy");
        let mut bindings: Vec<Binding> = policy
            .at("bindings")
            .items()
            .enumerate()
            .filter_map(|(at, it)| {
                let members = it.at("members").texts();
                Some(Binding {
                    path: format!("iamPolicy.bindings[{at}]"),
                    role: it.at("role").text()?.to_owned(),
                    members: members.into_iter().map(canonical).collect(),
                    condition: it.at("condition.expression").text().map(Expr::parse),
                })
            })
            .collect();
        bindings.extend(node.at("access").items().enumerate().filter_map(|(at, it)| entry(at, it)));
        let mut by_member: HashMap<String, Vec<u32>> = HashMap::new();
        for (number, binding) in (0_u32..).zip(&bindings) {
            for member in &binding.members {
                by_member.entry_ref(member.as_str()).or_default().push(number);
            }
        }
        Self { bindings, by_member, is_unread: policy.is_unread() }
    }

    /// The roles that bindings give to a member that they name.
    pub(super) fn roles_of(&self, member: &str) -> impl Iterator<Item = &str> {
        let numbers = self.by_member.get(member).into_iter().flatten();
        let bindings = numbers.filter_map(|it| self.bindings.get(*it as usize));
        bindings.map(|it| it.role.as_str())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bindings.is_empty() && !self.is_unread
    }
}

/// An entry of the access list of a dataset.
fn entry(at: usize, node: Node<'_>) -> Option<Binding> {
    let role = match node.at("role").text()? {
        "READER" => "roles/bigquery.dataViewer",
        "WRITER" => "roles/bigquery.dataEditor",
        "OWNER" => "roles/bigquery.dataOwner",
        other => other,
    };
    let text = |key: &str| node.at(key).text();
    let member = text("iamMember")
        .map(canonical)
        .or_else(|| text("domain").map(|it| format!("domain:{it}")))
        .or_else(|| text("groupByEmail").map(|it| format!("group:{}", it.to_ascii_lowercase())))
        .or_else(|| text("userByEmail").map(of_email))
        .or_else(|| match text("specialGroup")? {
            ANY_ACCOUNT => Some(ANY_ACCOUNT.to_owned()),
            "projectOwners" => Some("projectOwner:".to_owned()),
            "projectWriters" => Some("projectEditor:".to_owned()),
            "projectReaders" => Some("projectViewer:".to_owned()),
            _ => None,
        })?;
    let (path, role) = (format!("access[{at}]"), role.to_owned());
    Some(Binding { path, role, members: vec![member], condition: None })
}

/// Whether an address is that of a service account is seen by its domain.
pub(super) fn of_email(email: &str) -> String {
    let email = email.to_ascii_lowercase();
    let kind = if email.ends_with("gserviceaccount.com") { "serviceAccount" } else { "user" };
    format!("{kind}:{email}")
}

/// A member in one spelling: addresses in lower case, forms of deny policies as those of allow policies.
pub(super) fn canonical(member: &str) -> String {
    let email = |kind: &str, it: &str| format!("{kind}:{}", it.to_ascii_lowercase());
    if let Some(it) = member.strip_prefix("principal://goog/subject/") {
        return email("user", it);
    }
    if let Some(it) = member.strip_prefix("principalSet://goog/group/") {
        return email("group", it);
    }
    if let Some(it) =
        member.strip_prefix("principal://iam.googleapis.com/projects/-/serviceAccounts/")
    {
        return email("serviceAccount", it);
    }
    if member == "principalSet://goog/public:all" {
        return "allUsers".to_owned();
    }
    match member.split_once(':') {
        // a service account of a cluster keeps the case of its names
        Some(("serviceAccount", it)) if it.contains('[') => member.to_owned(),
        Some((kind @ ("user" | "group" | "serviceAccount" | "domain"), it)) => email(kind, it),
        _ => member.to_owned(),
    }
}

impl Deny {
    pub(super) fn read(id: &str, node: Node<'_>) -> Option<Self> {
        let (_, tail) = id.split_once("policies/")?;
        let point = tail.split("/denypolicies/").next()?;
        let attached_to = format!("//{}", point.replace("%2F", "/").replace("%2f", "/"));
        let rules = node.at("rules").items().enumerate().filter_map(|(at, it)| {
            let rule = it.at("denyRule");
            let members = |key| rule.at(key).texts().into_iter().map(canonical).collect();
            let names = |key| rule.at(key).texts().into_iter().filter_map(permission).collect();
            (!rule.is_null()).then(|| DenyRule {
                path: format!("rules[{at}].denyRule"),
                denied: members("deniedPrincipals"),
                excepted: members("exceptionPrincipals"),
                permissions: names("deniedPermissions"),
                exceptions: names("exceptionPermissions"),
                condition: rule.at("denialCondition.expression").text().map(Expr::parse),
            })
        });
        Some(Self { attached_to, rules: rules.collect() })
    }
}

impl DenyRule {
    pub(super) fn names(&self, permission: &str) -> bool {
        let has = |all: &[String]| all.iter().any(|it| crate::glob::takes(it, permission));
        has(&self.permissions) && !has(&self.exceptions)
    }
}

/// `storage.googleapis.com/objects.get` is `storage.objects.get`.
fn permission(text: &str) -> Option<String> {
    let (service, rest) = text.split_once('/')?;
    let service = match service.split('.').next()? {
        "cloudresourcemanager" => "resourcemanager",
        "sqladmin" => "cloudsql",
        other => other,
    };
    Some(format!("{service}.{rest}"))
}
