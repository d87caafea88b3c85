//! What S3 has beside policies: access control lists, blocks of public access, object ownership.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.

use model::View;

use super::context::{Question, Who};
use super::read::Names;
use crate::truth::Truth;

/// The settings of a bucket, or of an account.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BucketAccess {
    /// Public grants of access control lists do not count.
    pub(super) ignores_public_lists: bool,
    /// A public policy counts for the own account and services alone.
    pub(super) restricts_public: bool,
    /// Access control lists do not count at all.
    pub(super) has_no_lists: bool,
    /// Groups of grantees with what is granted, the widest first.
    grants: Vec<(Group, Box<str>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Everybody,
    /// Everybody with an account of AWS.
    SignedIn,
}

impl BucketAccess {
    pub(super) fn read(names: &Names, view: View<'_>) -> Self {
        let block = match names.at(view, &["GetPublicAccessBlock"]) {
            View::Object(_) => names.at(view, &["GetPublicAccessBlock"]),
            _ => view,
        };
        let block = names.at(block, &["PublicAccessBlockConfiguration"]);
        let is_set = |name| matches!(names.at(block, &[name]), View::Bool(true));
        let ownership =
            names.at(view, &["GetBucketOwnershipControls", "OwnershipControls", "Rules"]);
        let has_no_lists = match ownership {
            View::List(rules) => rules.iter().any(|it| {
                matches!(names.at(it, &["ObjectOwnership"]), View::Str("BucketOwnerEnforced"))
            }),
            _ => false,
        };
        let mut grants = Vec::new();
        if let View::List(list) = names.at(view, &["GetBucketAcl", "Grants"]) {
            for grant in list.iter() {
                let group = match names.at(grant, &["Grantee", "URI"]) {
                    View::Str(uri) if uri.ends_with("/AllUsers") => Group::Everybody,
                    View::Str(uri) if uri.ends_with("/AuthenticatedUsers") => Group::SignedIn,
                    _ => continue,
                };
                if let View::Str(permission) = names.at(grant, &["Permission"]) {
                    grants.push((group, permission.into()));
                }
            }
        }
        grants.sort();
        Self {
            ignores_public_lists: is_set("IgnorePublicAcls"),
            restricts_public: is_set("RestrictPublicBuckets"),
            has_no_lists,
            grants,
        }
    }

    /// Whether an access control list that counts grants anything.
    pub(super) fn has_grants(&self) -> bool {
        !self.has_no_lists && !self.ignores_public_lists && !self.grants.is_empty()
    }

    /// Whether the access control list of the bucket grants what is asked, with the grant.
    pub(super) fn grants(&self, question: &Question<'_>) -> Option<(&'static str, &str)> {
        if self.has_no_lists || self.ignores_public_lists {
            return None;
        }
        // an account of AWS is had for the asking: either group is anybody
        let granted = self.grants.iter().find(|it| gives(&it.1, question.action))?;
        let group = match granted.0 {
            Group::Everybody => "everybody",
            Group::SignedIn => "anybody who signs in to any AWS account",
        };
        Some((group, &granted.1))
    }
}

/// What a permission of a bucket's list gives:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions>.
fn gives(permission: &str, action: &str) -> bool {
    let read = ["s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"];
    let write = ["s3:putobject", "s3:deleteobject", "s3:deleteobjectversion"];
    match permission {
        "READ" => read.contains(&action),
        "WRITE" => write.contains(&action),
        "READ_ACP" => action == "s3:getbucketacl",
        "WRITE_ACP" => action == "s3:putbucketacl",
        "FULL_CONTROL" => {
            read.contains(&action)
                || write.contains(&action)
                || matches!(action, "s3:getbucketacl" | "s3:putbucketacl")
        }
        _ => false,
    }
}

/// Whether the public part of a bucket policy does not count for who asks.
pub(super) fn is_restricted(question: &Question<'_>) -> bool {
    let Some(holder) = question.holder.filter(|it| it.id.contains(":s3:::")) else { return false };
    let is_own = match question.who {
        Who::Service(_) => true,
        who => who.account() == Some(&*holder.account),
    };
    let of_bucket = holder.bucket.as_ref().is_some_and(|it| it.restricts_public);
    !is_own && (of_bucket || of_account(question).is_some_and(|it| it.restricts_public))
}

/// The settings of the account that owns the bucket.
pub(super) fn of_account<'a>(question: &Question<'a>) -> Option<&'a BucketAccess> {
    let holder = question.holder?;
    let id = format!("arn:aws:s3::{}:account-public-access-block", holder.account);
    question.estate.holders.get(id.as_str())?.bucket.as_ref()
}

/// Whether the access control list of the bucket lets it be done.
pub(super) fn by_list<'a>(question: &Question<'a>) -> (Truth, Option<(&'static str, &'a str)>) {
    let Some(bucket) = question.holder.and_then(|it| it.bucket.as_ref()) else {
        return (Truth::No, None);
    };
    if of_account(question).is_some_and(|it| it.ignores_public_lists) {
        return (Truth::No, None);
    }
    let granted = bucket.grants(question);
    (Truth::of(granted.is_some()), granted)
}
