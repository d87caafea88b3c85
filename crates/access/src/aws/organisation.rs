//! Organisations: which policies bound which accounts.
//!
//! Service control policies: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>;
//! resource control policies: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;
use model::{Resource, View};

use super::estate::{Estate, Part};
use super::policy::Policy;

/// The place of the text in a policy's document.
pub(super) const CONTENT: &str = "DescribePolicy.Policy.Content";
const FULL_ACCESS: &str = "p-FullAWSAccess";
/// Units are nested five deep at most.
const MOST_LEVELS: usize = 16;

/// What organisations say.
#[derive(Debug, Default)]
pub(super) struct Organisations {
    places: BTreeMap<Box<str>, Place>,
    /// Ids of places by ARN, to forget them.
    by_arn: BTreeMap<Box<str>, Box<str>>,
    policies: BTreeMap<Box<str>, Bound>,
    managers: BTreeMap<Box<str>, Box<str>>,
    guards: HashMap<Box<str>, Guards>,
    is_stale: bool,
}

/// A root, unit or account.
#[derive(Debug)]
struct Place {
    organisation: Box<str>,
    parent: Option<Box<str>>,
    is_account: bool,
}

/// A policy with the places it is attached to.
#[derive(Debug)]
struct Bound {
    is_service_control: bool,
    policy: Option<Arc<Policy>>,
    targets: Part<Vec<Box<str>>>,
}

/// What bounds an account.
#[derive(Debug, Default)]
pub(super) struct Guards {
    pub(super) organisation: Box<str>,
    /// `o-abc/r-ab12/ou-ab12-1/`.
    pub(super) path: Box<str>,
    pub(super) is_management: bool,
    /// Service control policies of the root, of each unit and of the account.
    pub(super) service_control: Vec<Level>,
    /// Resource control policies, all together: only what they deny counts.
    pub(super) resource_control: Vec<Guard>,
}

/// The service control policies of one place.
#[derive(Debug, Default)]
pub(super) struct Level {
    pub(super) place: Box<str>,
    pub(super) guards: Vec<Guard>,
    /// AWS's policy that allows everything may be attached: nobody read where it is.
    pub(super) may_allow_all: bool,
}

/// An attached policy; `None` where its text was not read.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) arn: Box<str>,
    pub(super) policy: Option<Arc<Policy>>,
}

impl Organisations {
    /// What bounds an account; `None` where no organisation that was read has it.
    pub(super) fn guards(&self, account: &str) -> Option<&Guards> {
        self.guards.get(account)
    }

    /// Whether the accounts of any organisation were listed.
    pub(super) fn is_known(&self) -> bool {
        !self.guards.is_empty()
    }

    /// Forgets what a document said. Whether it could be one of an organisation.
    pub(super) fn forget(&mut self, arn: &str) -> bool {
        if !arn.contains(":organizations:") {
            return false;
        }
        if let Some(id) = self.by_arn.remove(arn) {
            self.places.remove(&id);
        }
        self.policies.remove(arn);
        self.managers.remove(arn);
        self.is_stale = true;
        true
    }

    /// Derives what bounds each account, after changes.
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let managers: BTreeSet<&str> = self.managers.values().map(|it| &**it).collect();
        let guards = self.places.iter().filter(|(_, it)| it.is_account).map(|(account, place)| {
            let mut guards = self.guards_of(account, place);
            guards.is_management = managers.contains(&**account);
            (account.clone(), guards)
        });
        self.guards = guards.collect();
    }

    fn guards_of(&self, account: &str, place: &Place) -> Guards {
        let mut way: Vec<&str> = vec![account];
        let mut parent = place.parent.as_deref();
        while let (Some(own), true) = (parent, way.len() < MOST_LEVELS) {
            way.push(own);
            parent = self.places.get(own).and_then(|it| it.parent.as_deref());
        }
        way.reverse();
        let above = way.iter().take(way.len() - 1);
        let path: String = above.flat_map(|it| [*it, "/"]).collect();
        let mut guards = Guards {
            organisation: place.organisation.clone(),
            path: format!("{}/{path}", place.organisation).into(),
            ..Guards::default()
        };
        for id in way {
            let level = Level { place: id.into(), ..Level::default() };
            guards.service_control.push(level);
            self.add_bounds(id, &mut guards);
        }
        guards
    }

    fn add_bounds(&self, place: &str, guards: &mut Guards) {
        let Some(level) = guards.service_control.last_mut() else { return };
        let mut full_is_read = false;
        for (arn, bound) in &self.policies {
            let is_full = arn.ends_with(FULL_ACCESS);
            full_is_read |= is_full;
            let is_here = match &bound.targets {
                Part::Read(targets) => targets.iter().any(|it| **it == *place),
                Part::Unread => {
                    level.may_allow_all |= is_full;
                    false
                }
            };
            if !is_here {
                continue;
            }
            let guard = Guard { arn: arn.clone(), policy: bound.policy.clone() };
            if bound.is_service_control {
                level.guards.push(guard);
            } else {
                guards.resource_control.push(guard);
            }
        }
        level.may_allow_all |= !full_is_read;
    }
}

impl Estate {
    pub(super) fn put_organisation(&mut self, resource: &Resource) {
        self.organisations.forget(&resource.id);
        self.touch_all();
        let (view, arn) = (resource.doc.view(), resource.id.as_str());
        let text = |path: &[&str]| match self.names.at(view, path) {
            View::Str(text) => Some(text),
            _ => None,
        };
        match &*resource.kind {
            "aws.organizations-organization" => {
                if let Some(account) = text(&["MasterAccountId"]) {
                    self.organisations.managers.insert(arn.into(), account.into());
                }
            }
            "aws.organizations-policy" => {
                let content = self.names.at(view, &["DescribePolicy", "Policy", "Content"]);
                let targets = self.names.at(view, &["ListTargetsForPolicy", "Targets"]);
                let targets = self.names.texts(targets, Some("TargetId"));
                let is_service_control = text(&["Type"]) == Some("SERVICE_CONTROL_POLICY")
                    || arn.contains("/service_control_policy/");
                let is_resource_control = arn.contains("/resource_control_policy/");
                if is_service_control || is_resource_control {
                    let policy = self.policy(content);
                    let bound = Bound { is_service_control, policy, targets };
                    self.organisations.policies.insert(arn.into(), bound);
                }
            }
            _ => {
                let Some(id) = text(&["Id"]) else { return };
                let parents = self.names.at(view, &["ListParents", "Parents"]);
                let parent = match self.names.texts(parents, Some("Id")) {
                    Part::Read(parents) => parents.into_iter().next(),
                    Part::Unread => None,
                };
                let organisation = arn.split('/').nth(1).unwrap_or_default().into();
                let is_account = &*resource.kind == "aws.organizations-account";
                let place = Place { organisation, parent, is_account };
                self.organisations.by_arn.insert(arn.into(), id.into());
                self.organisations.places.insert(id.into(), place);
            }
        }
    }
}
