//! Resources that carry policies of their own, or tags that conditions look at.

use std::sync::Arc;

use model::{Resource, Tags, View};

use super::estate::{Estate, Part, account};
use super::policy::Policy;
use super::s3::BucketAccess;

/// Where the policy of a kind stands in its document.
const POLICIES: &[(&str, &[&str])] = &[
    ("aws.apigateway-rest-api", &["policy"]),
    ("aws.backup-vault", &["GetBackupVaultAccessPolicy", "Policy"]),
    ("aws.dynamodb-table", &["GetResourcePolicy", "Policy"]),
    ("aws.ecr-repository", &["GetRepositoryPolicy", "policyText"]),
    ("aws.efs-file-system", &["DescribeFileSystemPolicy", "Policy"]),
    ("aws.kms-key", &["GetKeyPolicy", "Policy"]),
    ("aws.lambda-function", &["GetPolicy", "Policy"]),
    ("aws.opensearch-domain", &["DescribeDomain", "DomainStatus", "AccessPolicies"]),
    ("aws.s3-bucket", &["GetBucketPolicy", "Policy"]),
    ("aws.secretsmanager-secret", &["GetResourcePolicy", "ResourcePolicy"]),
    ("aws.sns-topic", &["GetTopicAttributes", "Attributes", "Policy"]),
    ("aws.sqs-queue", &["GetQueueAttributes", "Attributes", "Policy"]),
];

/// A resource that is no identity.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) id: Box<str>,
    pub(super) account: Box<str>,
    pub(super) tags: Part<Tags>,
    /// `None`: it has none. Whether there is one may not have been read.
    pub(super) policy: Part<Option<Arc<Policy>>>,
    /// The place of the policy in its document.
    pub(super) path: Box<str>,
    /// Of a KMS key: grants as (principal, operation in lower case).
    pub(super) grants: Vec<(Box<str>, Box<str>)>,
    /// Of a KMS key: its aliases, such as `alias/claims`.
    pub(super) aliases: Part<Vec<Box<str>>>,
    /// Of a bucket: what lies beside its policy.
    pub(super) bucket: Option<BucketAccess>,
    pub(super) is_key: bool,
}

impl Holder {
    /// Whether `id` is this very resource, not a part of it.
    pub(super) fn is(&self, id: &str) -> bool {
        *self.id == *id
    }

    /// The ARNs of its aliases, of a KMS key.
    pub(super) fn alias_arns(&self) -> impl Iterator<Item = Box<str>> {
        let start = self.id.split_once(":key/").map_or("", |it| it.0);
        let aliases = self.aliases.read().into_iter().flatten();
        aliases.map(move |it| format!("{start}:{it}").into())
    }

    /// Whether it is that resource, spelled without its region.
    pub(super) fn is_without_region(&self, id: &str) -> bool {
        let (mut own, mut other) = (self.id.splitn(5, ':'), id.splitn(5, ':'));
        own.nth(3) == Some("") && other.nth(3).is_some() && own.next() == other.next()
    }

    /// What questions need of a resource; `None` where it says nothing that matters here.
    pub(super) fn read(estate: &mut Estate, resource: &Resource) -> Option<Self> {
        let place = POLICIES.iter().find(|it| it.0 == &*resource.kind).map(|it| it.1);
        let is_account_block = &*resource.kind == "aws.s3-account-public-access-block";
        let view = resource.doc.view();
        let tags = tags(estate, resource);
        let has_tags = tags.read().is_none_or(|it| !it.is_empty());
        // nothing else says whose it is: snapshots, APIs, zones
        let names_no_account = account(&resource.id).is_none();
        if place.is_none() && !has_tags && !is_account_block && !names_no_account {
            return None;
        }
        let policy = match place.map(|it| estate.names.at(view, it)) {
            Some(View::Unread(_)) => Part::Unread,
            Some(view) => Part::Read(estate.policy(view)),
            None => Part::Read(None),
        };
        let is_key = &*resource.kind == "aws.kms-key";
        let is_bucket = &*resource.kind == "aws.s3-bucket";
        let id = resource.id.as_str();
        Some(Self {
            // the scope of a bucket or snapshot is its account: `aws:123456789012`
            account: account(id)
                .or_else(|| resource.scope.rsplit(':').next())
                .unwrap_or_default()
                .into(),
            tags,
            policy,
            path: place.unwrap_or_default().join(".").into(),
            grants: if is_key { grants(estate, view) } else { Vec::new() },
            aliases: if is_key { aliases(estate, view) } else { Part::Read(Vec::new()) },
            bucket: (is_bucket || is_account_block)
                .then(|| BucketAccess::read(&estate.names, view)),
            is_key,
            id: id.into(),
        })
    }
}

/// Answers in which kinds have their tags; where one was not read, neither were the tags.
const TAGS: &[&str] = &[
    "BatchGetProjects",
    "DescribeBroker",
    "DescribeCluster",
    "DescribeClusters",
    "DescribeIdentityPool",
    "DescribeServices",
    "DescribeStackSet",
    "DescribeTags",
    "DescribeTasks",
    "DescribeUserPool",
    "GetBucketTagging",
    "GetDetector",
    "GetTags",
    "ListQueueTags",
    "ListResourceTags",
    "ListTags",
    "ListTagsForCertificate",
    "ListTagsForDeliveryStream",
    "ListTagsForResource",
    "ListTagsForStream",
    "ListTagsOfResource",
    "TagList",
    "TagSet",
    "Tags",
];

fn tags(estate: &Estate, resource: &Resource) -> Part<Tags> {
    let view = resource.doc.view();
    let is_unread = |name: &&str| matches!(estate.names.at(view, &[name]), View::Unread(_));
    if resource.tags.is_empty() && TAGS.iter().any(is_unread) {
        return Part::Unread;
    }
    Part::Read(resource.tags.clone())
}

fn aliases(estate: &Estate, view: View<'_>) -> Part<Vec<Box<str>>> {
    let names = &estate.names;
    names.texts(names.at(view, &["ListAliases", "Aliases"]), Some("AliasName"))
}

fn grants(estate: &Estate, view: View<'_>) -> Vec<(Box<str>, Box<str>)> {
    let names = &estate.names;
    let View::List(grants) = names.at(view, &["ListGrants", "Grants"]) else { return Vec::new() };
    let mut found = Vec::new();
    for grant in grants.iter() {
        let View::Str(principal) = names.at(grant, &["GranteePrincipal"]) else { continue };
        if let Part::Read(operations) = names.texts(names.at(grant, &["Operations"]), None) {
            found.extend(
                operations.iter().map(|it| {
                    (principal.into(), format!("kms:{}", it.to_ascii_lowercase()).into())
                }),
            );
        }
    }
    found
}
