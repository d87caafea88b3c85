//! What is known of a request: condition keys and policy variables.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::borrow::Cow;

use super::estate::{Estate, Part, Principal};
use super::holder::Holder;
use super::pattern::{FRESH, LITERAL_MARK, LITERAL_STAR};
use super::policy::Template;
use crate::{Given, NO_VALUE, OWN_TAG, Plus, TAG};

/// A condition key, as far as something follows for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    PrincipalArn,
    PrincipalAccount,
    PrincipalOrg,
    PrincipalOrgPaths,
    PrincipalTag(Box<str>),
    PrincipalType,
    IsService,
    ServiceName,
    Username,
    Userid,
    ResourceAccount,
    ResourceOrg,
    ResourceOrgPaths,
    ResourceTag(Box<str>),
    CurrentTime,
    EpochTime,
    TokenIssueTime,
    Region,
    Boundary,
    /// Says through which service a request comes: a direct one has none.
    Via,
    /// Whether it comes through a service.
    IsVia,
    /// On whose behalf a service asks: requests of others have none.
    Source,
    Transport,
    /// The call that makes a resource and its tags at once: setting tags by itself has none.
    CreateAction,
    /// The aliases of the key.
    Aliases,
    /// The alias by which the caller names the key, which needs none.
    RequestAlias,
    /// The address that a request is sent from.
    Address,
    /// By which endpoint of a network a request comes.
    Endpoint,
    /// Whether, and since when, the caller has shown a second factor.
    SecondFactor,
    /// The service by which a request reaches a key.
    ViaService,
    /// The caller chooses it.
    Chosen,
    Other,
}

/// Keys whose values the caller chooses as it likes, in lower case.
const CHOSEN: [&str; 37] = [
    "aws:referer",
    "aws:tagkeys",
    "aws:useragent",
    "cloudformation:resourcetypes",
    "cloudformation:stackpolicyurl",
    "cloudformation:templateurl",
    "glue:securitygroupids",
    "glue:subnetids",
    "glue:vpcids",
    "iam:awsservicename",
    "lambda:securitygroupids",
    "lambda:subnetids",
    "lambda:vpcids",
    "s3:authtype",
    "s3:delimiter",
    "s3:max-keys",
    "s3:prefix",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-content-sha256",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "sagemaker:directinternetaccess",
    "sagemaker:instancetypes",
    "sagemaker:networkisolation",
    "sagemaker:rootaccess",
    "sagemaker:vpcsecuritygroupids",
    "sagemaker:vpcsubnets",
    "secretsmanager:versionid",
    "secretsmanager:versionstage",
    "ssm:sessiondocumentaccesscheck",
    "sts:durationseconds",
    "sts:rolesessionname",
    "sts:transitivetagkeys",
];

impl Key {
    pub(super) fn parse(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        if let Some((prefix, tag)) = lower.split_once('/') {
            let tag = name.get(prefix.len() + 1..).unwrap_or(tag);
            return match prefix {
                "aws:principaltag" | "iam:principaltag" => Self::PrincipalTag(tag.into()),
                "aws:requesttag" => Self::Chosen,
                _ if prefix.ends_with(":resourcetag") => Self::ResourceTag(tag.into()),
                _ => Self::Other,
            };
        }
        match lower.as_str() {
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principalaccount" | "kms:calleraccount" | "aws:sourceowner" => {
                Self::PrincipalAccount
            }
            "aws:principalorgid" => Self::PrincipalOrg,
            "aws:principalorgpaths" => Self::PrincipalOrgPaths,
            "aws:principaltype" => Self::PrincipalType,
            "aws:principalisawsservice" => Self::IsService,
            "aws:principalservicename" => Self::ServiceName,
            "aws:username" => Self::Username,
            "aws:userid" => Self::Userid,
            "aws:resourceaccount" | "s3:resourceaccount" => Self::ResourceAccount,
            "aws:resourceorgid" => Self::ResourceOrg,
            "aws:resourceorgpaths" => Self::ResourceOrgPaths,
            "aws:currenttime" => Self::CurrentTime,
            "aws:epochtime" => Self::EpochTime,
            "aws:tokenissuetime" => Self::TokenIssueTime,
            "aws:requestedregion" => Self::Region,
            "iam:permissionsboundary" => Self::Boundary,
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" => Self::Via,
            "aws:viaawsservice" => Self::IsVia,
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths"
            | "sns:sourcearn" => Self::Source,
            "ec2:createaction" => Self::CreateAction,
            "aws:securetransport" => Self::Transport,
            "kms:resourcealiases" => Self::Aliases,
            "kms:requestalias" => Self::RequestAlias,
            "aws:sourceip" => Self::Address,
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" => Self::Endpoint,
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => Self::SecondFactor,
            "kms:viaservice" => Self::ViaService,
            it if CHOSEN.contains(&it) => Self::Chosen,
            _ => Self::Other,
        }
    }
}

/// What a key has.
pub(super) enum Value<'a> {
    /// Nothing says.
    Unknown,
    /// Whatever the caller likes.
    Free,
    /// One of these or none, as the caller likes.
    Choice(Vec<&'a str>),
    /// The request has no such key.
    Absent,
    /// One value.
    One(Cow<'a, str>),
    /// Several.
    Many(Vec<&'a str>),
}

/// A text with its variables replaced.
pub(super) enum Text<'a> {
    Known(Cow<'a, str>),
    /// Wildcards stand where a value is not known.
    Open(String),
    /// A variable has no value: it fits nothing.
    Absent,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who<'a> {
    /// Anybody, without sign-in.
    Anyone,
    /// A service.
    Service(&'a str),
    /// Somebody whom an identity provider vouches for.
    Federated(&'a str),
    /// The root user of an account.
    Root(&'a str),
    /// An identity that was read, or a session of it.
    Known { principal: &'a Principal, session: Option<&'a str> },
    /// An identity that was not read.
    Strange { arn: &'a str, account: &'a str },
}

impl<'a> Who<'a> {
    pub(super) fn account(self) -> Option<&'a str> {
        match self {
            Self::Anyone | Self::Service(_) | Self::Federated(_) => None,
            Self::Root(account) | Self::Strange { account, .. } => Some(account),
            Self::Known { principal, .. } => Some(principal.account()),
        }
    }
}

/// A question about one resource.
pub(super) struct Question<'a> {
    pub(super) estate: &'a Estate,
    pub(super) who: Who<'a>,
    pub(super) plus: Plus<'a>,
    pub(super) given: Given,
    /// In lower case.
    pub(super) action: &'a str,
    pub(super) on: &'a str,
    /// The account of the resource; of a resource that nothing is known of, that of the actor.
    pub(super) account: Option<&'a str>,
    /// The resource that carries a policy for `on`.
    pub(super) holder: Option<&'a Holder>,
    /// The same for a role.
    pub(super) role: Option<&'a Principal>,
    /// Whether `on` was made up to stand for any.
    pub(super) is_made_up: bool,
    pub(super) context: &'a [(&'a str, &'a str)],
}

impl<'a> Question<'a> {
    /// The value of a key: what the question says, else what follows.
    pub(super) fn value(&self, key: &Key, name: &str) -> Value<'a> {
        let mut given = self.context.iter().filter(|it| it.0.eq_ignore_ascii_case(name));
        match (given.next(), given.next()) {
            (None, _) => self.follows(key),
            (Some((_, one)), None) if *key == Key::ViaService => Value::One(self.service(one)),
            (Some((_, one)), None) => Value::One(Cow::Borrowed(one)),
            (Some((_, one)), Some((_, two))) => {
                Value::Many([*one, *two].into_iter().chain(given.map(|it| it.1)).collect())
            }
        }
    }

    /// The full name of a service that is said by its first word: it asks in the region of the key.
    fn service(&self, name: &'a str) -> Cow<'a, str> {
        let mut parts = self.on.split(':').skip(1);
        match (parts.next(), parts.nth(1)) {
            (Some(partition), Some(region)) if !name.contains('.') && !region.is_empty() => {
                let end = if partition == "aws-cn" { ".cn" } else { "" };
                format!("{name}.{region}.amazonaws.com{end}").into()
            }
            _ => Cow::Borrowed(name),
        }
    }

    fn follows(&self, key: &Key) -> Value<'a> {
        match key {
            Key::PrincipalTag(tag) if self.changed_tag(OWN_TAG, tag).is_some() => {
                self.changed_tag(OWN_TAG, tag).unwrap_or(Value::Unknown)
            }
            Key::PrincipalArn
            | Key::PrincipalAccount
            | Key::PrincipalType
            | Key::Username
            | Key::Userid
            | Key::PrincipalTag(_)
            | Key::IsService
            | Key::ServiceName
            | Key::TokenIssueTime => self.of_principal(key),
            Key::PrincipalOrg | Key::PrincipalOrgPaths => {
                self.of_organisation(self.who.account(), matches!(key, Key::PrincipalOrgPaths))
            }
            Key::ResourceAccount => self.account.map_or(Value::Unknown, one),
            Key::ResourceOrg | Key::ResourceOrgPaths => {
                self.of_organisation(self.account, matches!(key, Key::ResourceOrgPaths))
            }
            Key::ResourceTag(tag) => {
                self.changed_tag(TAG, tag).unwrap_or_else(|| self.resource_tag(tag))
            }
            Key::CurrentTime => Value::One(self.estate.now.to_string().into()),
            Key::EpochTime => Value::One(self.estate.now.as_second().to_string().into()),
            Key::Region => match self.on.split(':').nth(3) {
                Some(region) if !region.is_empty() && !region.contains(FRESH) => {
                    Value::One(Cow::Borrowed(region))
                }
                _ => self.only_region().map_or(Value::Free, one),
            },
            Key::Boundary => self.boundary_of_target(),
            Key::Via => Value::Absent,
            Key::IsVia => one("false"),
            Key::Source => match self.who {
                Who::Service(_) => Value::Unknown,
                _ => Value::Absent,
            },
            Key::Transport => one("true"),
            Key::CreateAction if self.action == "ec2:createtags" => Value::Absent,
            Key::CreateAction => Value::Unknown,
            Key::Aliases => match self.aliases() {
                None => Value::Unknown,
                Some([]) => Value::Absent,
                Some(aliases) => Value::Many(aliases.iter().map(|it| &**it).collect()),
            },
            Key::RequestAlias => self.aliases().map_or(Value::Unknown, |aliases| {
                Value::Choice(aliases.iter().map(|it| &**it).collect())
            }),
            // From the internet nobody comes by an endpoint of ours.
            Key::Endpoint if matches!(self.who, Who::Anyone) => Value::Absent,
            Key::SecondFactor => match self.who {
                // Somebody with an account of their own has a second factor there.
                Who::Anyone => Value::Free,
                // Keys of a role do not tell of the factor that it was taken on with.
                // <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html>
                Who::Known { principal, .. } if principal.is_role => Value::Absent,
                _ => Value::Unknown,
            },
            Key::Chosen => Value::Free,
            Key::Address | Key::Endpoint | Key::ViaService | Key::Other => Value::Unknown,
        }
    }

    fn of_principal(&self, key: &Key) -> Value<'a> {
        let (principal, session) = match self.who {
            Who::Known { principal, session } => (principal, session),
            other => return Self::of_others(key, other),
        };
        match key {
            Key::PrincipalArn => one(&principal.arn),
            Key::PrincipalAccount => one(principal.account()),
            Key::PrincipalType => one(if principal.is_role { "AssumedRole" } else { "User" }),
            Key::Username if principal.is_role => Value::Absent,
            Key::Username => one(principal.name()),
            Key::Userid => match (&principal.unique, principal.is_role) {
                (None, _) => Value::Unknown,
                (Some(id), false) => one(id),
                (Some(id), true) => Value::One(format!("{id}:{}", session.unwrap_or(FRESH)).into()),
            },
            Key::PrincipalTag(tag) => match &principal.tags {
                Part::Unread => Value::Unknown,
                Part::Read(tags) => tag_of(tags, tag),
            },
            Key::IsService => one("false"),
            // whoever is a role now may take it again
            Key::TokenIssueTime if principal.is_role => {
                Value::One(self.estate.now.to_string().into())
            }
            _ => Value::Absent,
        }
    }

    /// Keys of those who are no identity that was read.
    fn of_others(key: &Key, who: Who<'a>) -> Value<'a> {
        match (key, who) {
            (Key::IsService, Who::Service(_)) => one("true"),
            (Key::IsService, _) => one("false"),
            (Key::ServiceName, Who::Service(name)) => one(name),
            // anonymous, or somebody of an account that they make, with names and tags as they like
            (Key::PrincipalType | Key::PrincipalTag(_) | Key::Username, Who::Anyone) => Value::Free,
            (Key::PrincipalType, Who::Root(_)) => one("Account"),
            (Key::PrincipalAccount, Who::Root(account) | Who::Strange { account, .. }) => {
                one(account)
            }
            (Key::PrincipalArn, Who::Strange { arn, .. }) => one(arn),
            (Key::PrincipalArn, Who::Root(account)) => {
                Value::One(format!("arn:aws:iam::{account}:root").into())
            }
            (_, Who::Anyone | Who::Service(_) | Who::Root(_)) => Value::Absent,
            _ => Value::Unknown,
        }
    }

    fn of_organisation(&self, account: Option<&str>, is_path: bool) -> Value<'a> {
        let Some(account) = account else { return Value::Absent };
        match self.estate.organisations.guards(account) {
            Some(guards) => one(if is_path { &guards.path } else { &guards.organisation }),
            // All accounts of an organisation are listed at once: this one is of another, or of none.
            None if self.estate.organisations.is_known() => one("-"),
            None => Value::Unknown,
        }
    }

    /// What a tag is supposed to have been set to; `None` where nothing is supposed.
    fn changed_tag(&self, prefix: &str, tag: &str) -> Option<Value<'a>> {
        let is_it =
            |key: &str| key.strip_prefix(prefix).is_some_and(|it| it.eq_ignore_ascii_case(tag));
        let (_, value) = self.context.iter().find(|(key, _)| is_it(key))?;
        Some(if *value == NO_VALUE { Value::Absent } else { one(value) })
    }

    fn resource_tag(&self, tag: &str) -> Value<'a> {
        if let Some(role) = self.role {
            return match &role.tags {
                Part::Unread => Value::Unknown,
                Part::Read(tags) => tag_of(tags, tag),
            };
        }
        match self.holder {
            Some(holder) if holder.is(self.on) || holder.is_without_region(self.on) => {
                match &holder.tags {
                    Part::Unread => Value::Unknown,
                    Part::Read(tags) => tag_of(tags, tag),
                }
            }
            // what was read and is no holder has no tags
            None if self.estate.bare.contains(self.on) => Value::Absent,
            _ => Value::Unknown,
        }
    }

    /// The aliases of the key that is asked about; `None` where they were not read.
    fn aliases(&self) -> Option<&'a [Box<str>]> {
        self.holder.filter(|it| it.is_key)?.aliases.read().map(Vec::as_slice)
    }

    /// The region that requests to services without regions are made to. A role is passed in the region of whoever takes
    /// it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>
    fn only_region(&self) -> Option<&'static str> {
        let service = self.action.split(':').next().unwrap_or_default();
        let is_global = ["iam", "organizations", "cloudfront", "route53", "account"];
        if !is_global.contains(&service) || self.action == "iam:passrole" {
            return None;
        }
        Some(match self.on.split(':').nth(1) {
            Some("aws-cn") => "cn-north-1",
            Some("aws-us-gov") => "us-gov-west-1",
            _ => "us-east-1",
        })
    }

    fn boundary_of_target(&self) -> Value<'a> {
        // these bring the boundary with them
        let is_new = self.action.starts_with("iam:create")
            || matches!(
                self.action,
                "iam:putuserpermissionsboundary" | "iam:putrolepermissionsboundary"
            );
        match self.role.map(|it| &it.boundary) {
            Some(Part::Read(boundary)) if !is_new => boundary
                .and_then(|it| self.estate.slot(it))
                .map_or(Value::Absent, |it| one(&it.arn)),
            _ => Value::Unknown,
        }
    }

    /// Replaces policy variables:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.
    pub(super) fn expand<'t>(&self, template: &'t Template) -> Text<'t> {
        if !template.has_variable {
            return Text::Known(Cow::Borrowed(&template.text));
        }
        let (mut text, mut rest, mut is_open) = (String::new(), &*template.text, false);
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let Some((variable, tail)) = after.split_once('}') else {
                text.push_str("${");
                rest = after;
                continue;
            };
            rest = tail;
            match variable {
                "*" => text.push(LITERAL_STAR),
                "?" => text.push(LITERAL_MARK),
                "$" => text.push('$'),
                _ => {
                    let (name, default) = match variable.split_once(',') {
                        Some((name, default)) => (name, Some(default.trim().trim_matches('\''))),
                        None => (variable, None),
                    };
                    match (self.value(&Key::parse(name.trim()), name.trim()), default) {
                        (Value::One(value), _) => text.push_str(&value),
                        (Value::Absent, Some(default)) => text.push_str(default),
                        (Value::Absent, None) => return Text::Absent,
                        _ => {
                            is_open = true;
                            text.push('*');
                        }
                    }
                }
            }
        }
        text.push_str(rest);
        if is_open { Text::Open(text) } else { Text::Known(text.into()) }
    }
}

fn one(text: &str) -> Value<'_> {
    Value::One(Cow::Borrowed(text))
}

/// Keys of tags are compared without regard to case.
fn tag_of<'a>(tags: &'a model::Tags, tag: &str) -> Value<'a> {
    tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag)).map_or(Value::Absent, |it| one(it.1))
}
