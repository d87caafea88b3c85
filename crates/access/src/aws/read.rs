//! From documents of kinds to what is asked of them.

use std::sync::Arc;

use model::{Key, Keys, Resource, View};

use super::estate::{Estate, Held, Part, Principal};
use super::policy::Policy;

/// Keys of the documents of kinds.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) keys: Keys,
    tags: Key,
    document: Key,
}

impl Names {
    pub(super) fn new(keys: &Keys) -> Self {
        Self { keys: keys.clone(), tags: keys.intern("Tags"), document: keys.intern("Document") }
    }

    /// The value at a path of keys; null where it is absent, unread where it was not read.
    pub(super) fn at<'a>(&self, mut view: View<'a>, path: &[&str]) -> View<'a> {
        for name in path {
            view = view.get(self.keys.intern(name)).unwrap_or(View::Null);
        }
        view
    }

    /// Texts under `name` of each element of a list, or the elements; unread where the list is.
    pub(super) fn texts(&self, view: View<'_>, name: Option<&str>) -> Part<Vec<Box<str>>> {
        let list = match view {
            View::Unread(_) => return Part::Unread,
            View::List(list) => list,
            _ => return Part::Read(Vec::new()),
        };
        let text = |it: View<'_>| match name.map_or(it, |name| self.at(it, &[name])) {
            View::Str(text) => Some(text.into()),
            _ => None,
        };
        Part::Read(list.iter().filter_map(text).collect())
    }

    /// The document of the version of a managed policy that counts, and its place.
    pub(super) fn default_version<'a>(&self, view: View<'a>) -> (String, View<'a>) {
        let View::Str(version) = self.at(view, &["DefaultVersionId"]) else {
            return (String::new(), View::Null);
        };
        let document =
            self.at(view, &["GetPolicyVersion", version]).get(self.document).unwrap_or(View::Null);
        (format!("GetPolicyVersion.{version}.Document"), document)
    }
}

impl Estate {
    pub(super) fn read_principal(&mut self, resource: &Resource, is_role: bool) -> Principal {
        let view = resource.doc.view();
        let held = self.read_held(view, if is_role { "Role" } else { "User" });
        let names = &self.names;
        let boundary = match names.at(view, &["PermissionsBoundary", "PermissionsBoundaryArn"]) {
            View::Str(arn) => Part::Read(Some(arn.to_owned())),
            View::Unread(_) => Part::Unread,
            _ => Part::Read(None),
        };
        let groups = if is_role {
            Part::Read(Vec::new())
        } else {
            names.texts(names.at(view, &["ListGroupsForUser", "Groups"]), Some("GroupName"))
        };
        let tags = match view.get(names.tags) {
            Some(View::Unread(_)) if resource.tags.is_empty() => Part::Unread,
            _ => Part::Read(resource.tags.clone()),
        };
        let unique = match names.at(view, &[if is_role { "RoleId" } else { "UserId" }]) {
            View::Str(id) => Some(id.into()),
            _ => None,
        };
        let trust = names.at(view, &["AssumeRolePolicyDocument"]);
        let trust = self.policy(trust).map_or(Part::Unread, Part::Read);
        let boundary = match boundary {
            Part::Read(Some(arn)) => Part::Read(Some(self.slot_of(&arn))),
            Part::Read(None) => Part::Read(None),
            Part::Unread => Part::Unread,
        };
        let arn = resource.id.as_str().into();
        Principal { arn, is_role, unique, held, groups, boundary, trust, tags }
    }

    /// The policies that `word` (User, Role, Group) has.
    pub(super) fn read_held(&mut self, view: View<'_>, word: &str) -> Held {
        let (list, inline) = (format!("List{word}Policies"), format!("Get{word}Policy"));
        let names = &self.names;
        let attached = names.texts(
            names.at(view, &[&format!("ListAttached{word}Policies"), "AttachedPolicies"]),
            Some("PolicyArn"),
        );
        let listed = names.texts(names.at(view, &[&list, "PolicyNames"]), None);
        let mut bodies = Vec::new();
        let mut is_read = true;
        match names.at(view, &[&inline]) {
            View::Object(object) => {
                for (key, value) in object.iter() {
                    let name = names.keys.name(key);
                    bodies.push((name, names.at(value, &["PolicyDocument"])));
                }
            }
            View::Unread(_) => is_read = false,
            _ => {}
        }
        // What is listed and has no body was not read; nothing listed needs none.
        is_read = match &listed {
            Part::Read(listed) => {
                listed.iter().all(|name| bodies.iter().any(|(own, _)| **own == **name))
            }
            Part::Unread => is_read,
        };
        let mut read: Vec<(Box<str>, Arc<Policy>)> = Vec::with_capacity(bodies.len());
        for (name, body) in bodies {
            match self.policy(body) {
                Some(policy) => {
                    read.push((
                        format!("{inline}.{}.PolicyDocument", key_of_path(&name)).into(),
                        policy,
                    ));
                }
                None => is_read = false,
            }
        }
        if !is_read {
            // it might say anything
            read.push((inline.into(), Arc::new(Policy { is_odd: true, ..Policy::default() })));
        }
        let attached = match attached {
            Part::Unread => Part::Unread,
            Part::Read(arns) => Part::Read(arns.iter().map(|it| self.slot_of(it)).collect()),
        };
        Held { inline: read, attached }
    }
}

/// A key as it stands in a path.
pub(super) fn key_of_path(key: &str) -> String {
    if key.contains(['.', '[', '{', '`']) { format!("`{key}`") } else { key.to_owned() }
}
