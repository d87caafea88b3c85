//! From a request to an answer: who is meant, which resource, and what stands for any resource.

use super::context::{Question, Who};
use super::estate::{Estate, Part, Principal, account};
use super::evaluate::{evaluate, is_assuming_action};
use super::holder::Holder;
use super::pattern::{arn_like, is_open, meet, witness};
use super::policy::{Named, Policy};
use crate::cloud::Cloud;
use crate::truth::Truth;
use crate::{Actor, Answer, Plus, Reach, Request, Touched, Trail};

/// Resources that are tried for one that stands for many.
const MOST_TRIED: usize = 512;

/// A role of an account that nobody knows, which trusts everybody.
const ELSEWHERE: &str = "arn:aws:iam::000000000000:role/\u{10}any";

impl From<Truth> for Answer {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::No => Self::Denied,
            Truth::Unknown => Self::Unknown,
            Truth::Yes => Self::Allowed,
        }
    }
}

impl Cloud for Estate {
    fn put(&mut self, resource: &model::Resource) {
        self.put_resource(resource);
    }

    fn remove(&mut self, id: &str) {
        self.forget(id);
    }

    fn settle(&mut self) -> Touched {
        self.organisations.settle();
        self.take_touched()
    }

    fn judge(&self, request: &Request<'_>, mut trail: Option<&mut Trail>) -> Answer {
        let action = request.action.to_ascii_lowercase();
        let objects = objects_of(&action, request.on);
        let on = objects.as_deref().unwrap_or(request.on);
        let question = self.question(request, &action, on);
        if !is_open(on) {
            return evaluate(&question, &mut trail).into();
        }
        let (best, on) = self.any(&question);
        if trail.is_some() {
            evaluate(&self.question_about(&question, &on), &mut trail);
        }
        best.into()
    }

    fn actor_hinges_on_tags(&self, actor: Actor<'_>, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.actor_hinges(self.who(actor.id), actor.plus, &action)
    }

    fn resource_hinges_on_tags(&self, request: &Request<'_>) -> bool {
        let action = request.action.to_ascii_lowercase();
        !is_open(request.on) && self.resource_hinges(&self.question(request, &action, request.on))
    }

    fn changes_of_tags(&self, request: &Request<'_>) -> Vec<Vec<super::tags::Change>> {
        let action = request.action.to_ascii_lowercase();
        if is_open(request.on) {
            return Vec::new();
        }
        self.changes(&self.question(request, &action, request.on))
    }

    fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool {
        if actor.plus.is_everything() {
            return true;
        }
        let principal = match self.who(actor.id) {
            Who::Known { principal, .. } => principal,
            Who::Root(_) | Who::Strange { .. } => return true,
            Who::Anyone | Who::Service(_) | Who::Federated(_) => return false,
        };
        let action = action.to_ascii_lowercase();
        self.policies_of(principal, actor.plus, &mut |policy| {
            policy.is_none_or(|it| {
                it.is_odd
                    || it.statements.iter().any(|it| it.is_allow && it.actions.covers(&action))
            })
        })
    }

    fn administrator(&self, actor: Actor<'_>, mut trail: Option<&mut Trail>) -> Answer {
        self.is_administrator(actor, &mut trail).into()
    }

    fn identities(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.principals.keys().map(|it| &**it).collect();
        ids.sort_unstable();
        ids
    }

    fn is_identity(&self, id: &str) -> bool {
        self.principals.contains_key(id)
    }

    fn outsiders(&self, action: &str, on: &str) -> Vec<String> {
        let own = self.holder(on).map_or_else(|| account(on).unwrap_or_default(), |it| &it.account);
        let mut found: Vec<String> = self
            .allowing(action, on)
            .filter_map(|it| match it {
                Named::Anyone => Some("*".to_owned()),
                Named::Account(account) if **account == *own => None,
                Named::Account(account) => Some(format!("arn:aws:iam::{account}:root")),
                Named::Arn(arn) | Named::Service(arn) | Named::Federated(arn) => {
                    Some(arn.to_string())
                }
                Named::Unique(_) | Named::Canonical(_) => None,
            })
            .collect();
        let lists = self.holder(on).and_then(|it| it.bucket.as_ref());
        found.extend(lists.map(|_| "*".to_owned()));
        found
    }

    fn named_by(&self, action: &str, on: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .allowing(action, on)
            .map(|it| match it {
                // Sessions and unique ids belong to identities that would have to be looked up first.
                Named::Arn(arn) if arn.contains(":assumed-role/") => "*".to_owned(),
                Named::Anyone | Named::Unique(_) | Named::Canonical(_) => "*".to_owned(),
                Named::Account(account) => format!("arn:aws:iam::{account}:root"),
                Named::Arn(arn) | Named::Service(arn) | Named::Federated(arn) => arn.to_string(),
            })
            .collect();
        found.extend(self.holder(on).and_then(|it| it.bucket.as_ref()).map(|_| "*".to_owned()));
        found.sort();
        found.dedup();
        found
    }

    fn reach(&self, actor: Actor<'_>, action: &str) -> Reach {
        self.reach_of(actor, &action.to_ascii_lowercase())
    }

    fn places(&self, action: &str, on: &str) -> Option<Vec<String>> {
        self.places_of(&action.to_ascii_lowercase(), on)
    }
}

impl Estate {
    /// Whom the statements of a resource's own policy that allow something name.
    fn allowing<'a>(&'a self, action: &str, on: &'a str) -> impl Iterator<Item = &'a Named> {
        let policy = if is_assuming_action(&action.to_ascii_lowercase()) {
            self.principals.get(on).and_then(|it| it.trust.read())
        } else {
            self.holder(on).and_then(|it| it.policy.read()).and_then(Option::as_ref)
        };
        let allowing = policy.into_iter().flat_map(|it| &it.statements).filter(|it| it.is_allow);
        let named = allowing.filter_map(|it| it.principals.as_ref());
        named.flat_map(|it| if it.is_not { &[Named::Anyone][..] } else { &it.named })
    }

    /// Who is meant by an id.
    pub(super) fn who<'a>(&'a self, id: &'a str) -> Who<'a> {
        if id == "*" {
            return Who::Anyone;
        }
        if let Some(principal) = self.principals.get(id) {
            return Who::Known { principal, session: None };
        }
        let Some(own) = account(id).filter(|_| id.starts_with("arn:")) else {
            return if id.contains('/') { Who::Federated(id) } else { service_or_provider(id) };
        };
        if let Some(account) = super::compile::account_of_root(id) {
            return Who::Root(account);
        }
        if id.contains(":oidc-provider/") || id.contains(":saml-provider/") {
            return Who::Federated(id);
        }
        if let Some((_, rest)) = id.split_once(":assumed-role/")
            && let Some((role, session)) = rest.split_once('/')
            && let Some(principal) = self.role(own, role)
        {
            return Who::Known { principal, session: Some(session) };
        }
        Who::Strange { arn: id, account: own }
    }

    /// The resource that carries the policy for `on`: itself, or what it is a part of.
    pub(super) fn holder(&self, on: &str) -> Option<&Holder> {
        if let Some(holder) = self.holders.get(on) {
            return Some(holder);
        }
        if self.bare.contains(on) {
            return None;
        }
        if on.contains(":s3:::") {
            return self.holders.get(on.split_once('/')?.0);
        }
        let mut whole = on;
        for _ in 0..3 {
            let Some((front, _)) = whole.rsplit_once(['/', ':']) else { break };
            whole = front;
            if let Some(holder) = self.holders.get(whole) {
                return Some(holder);
            }
        }
        self.holders.get(without_region(on)?.as_str())
    }

    fn question<'a>(&'a self, request: &Request<'a>, action: &'a str, on: &'a str) -> Question<'a> {
        let question = Question {
            estate: self,
            who: self.who(request.actor.id),
            plus: request.actor.plus,
            given: request.given,
            action,
            on,
            account: None,
            holder: None,
            role: None,
            is_made_up: is_open(on),
            context: request.context,
        };
        self.question_about(&question, on)
    }

    /// The same question about another resource.
    fn question_about<'a>(&'a self, question: &Question<'a>, on: &'a str) -> Question<'a> {
        let on = self.behind_alias(question.action, on);
        let role = self.principals.get(on);
        let holder = if role.is_some() { None } else { self.holder(on) };
        // A resource of another service says nothing of where this one acts.
        let service = question.action.split(':').next().unwrap_or_default();
        let is_own = service == "sts" || on.split(':').nth(2) == Some(service);
        let account = account(on).filter(|_| is_own).or_else(|| holder.map(|it| &*it.account));
        Question {
            on,
            // nothing says whose a bucket is: the caller's, as far as one knows
            account: account.or_else(|| question.who.account()),
            holder,
            role,
            is_made_up: question.is_made_up && holder.is_none() && role.is_none(),
            ..*question
        }
    }

    /// Whether there is any resource for which it holds, and one that shows it.
    fn any(&self, question: &Question<'_>) -> (Truth, String) {
        let pattern = question.on;
        let mut best = (Truth::No, witness(pattern));
        let mut tried = 0_usize;
        let own = match question.who {
            Who::Known { principal, .. } => &*principal.arn,
            _ => "",
        };
        let mut attempt = |on: String| {
            // who asks for any is not content with itself: `user/${aws:username}` is no other user
            if on == own {
                return false;
            }
            tried += 1;
            let truth = evaluate(&self.question_about(question, &on), &mut None);
            if truth > best.0 {
                best = (truth, on);
            }
            best.0 == Truth::Yes || tried > MOST_TRIED
        };
        if is_assuming_action(question.action) {
            // A role that is not there cannot be taken, but anybody may make one elsewhere.
            let mut roles: Vec<&Principal> = self.principals.values().collect();
            roles.retain(|it| it.is_role && arn_like(pattern, &it.arn));
            roles.sort_unstable_by(|a, b| a.arn.cmp(&b.arn));
            for role in roles {
                if attempt(role.arn.to_string()) {
                    return best;
                }
            }
            if let Some(on) = meet(pattern, ELSEWHERE) {
                attempt(on);
            }
            return best;
        }
        if attempt(witness(pattern)) {
            return best;
        }
        // What is allowed, then what of that is within each bound.
        let (grants, bounds) = self.patterns(question);
        let narrower: Vec<String> = grants.iter().filter_map(|it| meet(pattern, it)).collect();
        for it in &narrower {
            if attempt(witness(it)) {
                return best;
            }
        }
        for it in std::iter::once(pattern).chain(narrower.iter().map(String::as_str)) {
            for bound in &bounds {
                if meet(it, bound).is_some_and(|it| attempt(witness(&it))) {
                    return best;
                }
            }
        }
        best
    }

    /// Patterns of resources that grants of this action name, and those that bounds of it name.
    fn patterns(&self, question: &Question<'_>) -> (Vec<String>, Vec<String>) {
        let (mut grants, mut bounds) = (Vec::new(), Vec::new());
        let mut gather = |policy: &Policy, is_bound: bool| {
            for statement in &policy.statements {
                let Some(resources) = &statement.resources else { continue };
                if !statement.actions.covers(question.action) {
                    continue;
                }
                // what a prohibition leaves out is where a grant may hold
                let is_way_out = !statement.is_allow && resources.is_not;
                if (statement.is_allow && !resources.is_not) || is_way_out {
                    let into = if is_bound || is_way_out { &mut bounds } else { &mut grants };
                    for pattern in &resources.patterns {
                        if let super::context::Text::Known(text) = question.expand(pattern) {
                            into.push(text.into_owned());
                        }
                    }
                }
            }
        };
        if let Who::Known { principal, .. } = question.who {
            self.policies_of(principal, question.plus, &mut |policy| {
                if let Some(policy) = policy {
                    gather(policy, false);
                }
                false
            });
            if let Part::Read(Some(slot)) = principal.boundary
                && let Some(policy) = self.slot(slot).and_then(|it| it.policy.as_ref())
            {
                gather(policy, true);
            }
        }
        let guards = question.who.account().and_then(|it| self.organisations.guards(it));
        for level in guards.iter().flat_map(|it| &it.service_control) {
            for policy in level.guards.iter().filter_map(|it| it.policy.as_ref()) {
                gather(policy, true);
            }
        }
        (grants, bounds)
    }

    /// Asks about each policy that an identity holds, `None` for one that was not read, until `stop`
    /// says so; whether it did.
    pub(super) fn policies_of(
        &self,
        principal: &Principal,
        plus: Plus<'_>,
        stop: &mut dyn FnMut(Option<&Policy>) -> bool,
    ) -> bool {
        let own = principal.account();
        let mut held = vec![&principal.held];
        let mut names: Vec<&str> = Vec::new();
        match &principal.groups {
            Part::Unread if stop(None) => return true,
            Part::Unread => {}
            Part::Read(groups) => names.extend(groups.iter().map(|it| &**it)),
        }
        let mut groups: Vec<(&str, &str)> = names.into_iter().map(|it| (own, it)).collect();
        if let Plus::Group(id) = plus
            && let (Some(account), Some((_, name))) = (account(id), id.rsplit_once('/'))
        {
            groups.push((account, name));
        }
        for (account, name) in groups {
            match self.group(account, name) {
                Some(group) => held.push(&group.held),
                None if stop(None) => return true,
                None => {}
            }
        }
        for held in held {
            if held.inline.iter().any(|(_, policy)| stop(Some(policy))) {
                return true;
            }
            let is_stopped = match &held.attached {
                Part::Unread => stop(None),
                Part::Read(slots) => slots
                    .iter()
                    .filter_map(|it| self.slot(*it))
                    .any(|it| stop(it.policy.as_deref())),
            };
            if is_stopped {
                return true;
            }
        }
        false
    }
}

/// The objects of a bucket, where a bucket is named for what is done to objects.
fn objects_of(action: &str, on: &str) -> Option<String> {
    let name = action.strip_prefix("s3:")?;
    let is_of_objects = (name.contains("object") && !name.contains("bucket"))
        || matches!(name, "abortmultipartupload" | "listmultipartuploadparts");
    (is_of_objects && on.contains(":s3:::") && !on.contains('/')).then(|| format!("{on}/*"))
}

/// An ARN as an export without regions spells it.
fn without_region(arn: &str) -> Option<String> {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    let region = parts.get_mut(3).filter(|it| !it.is_empty())?;
    *region = "";
    Some(parts.join(":"))
}

/// Services and providers have names with dots.
fn service_or_provider(id: &str) -> Who<'_> {
    let providers = [
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "www.amazon.com",
        "graph.facebook.com",
    ];
    if providers.contains(&id) { Who::Federated(id) } else { Who::Service(id) }
}
