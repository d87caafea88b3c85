//! Google Cloud: allow policies on a resource and all it lies in, deny policies before them, conditions,
//! roles, groups, and the scopes of machines.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use jiff::Timestamp;
use model::{Keys, Resource};

use self::cel::{Expr, Known};
use self::people::{ANY_ACCOUNT, People, Who};
use self::place::{Chain, Places};
use self::policy::{Binding, Deny, Policy};
use self::public::Prevention;
use self::reach::Wide;
use self::stirred::Before;
use crate::cloud::Cloud;
use crate::notes::Notes;
use crate::read::Node;
use crate::truth::Truth;
use crate::{Actor, Answer, Effect, Given, Plus, Reach, Request, Touched, Trail};

mod cel;
mod people;
mod place;
mod policy;
mod public;
mod reach;
mod role;
mod stirred;
#[cfg(test)]
mod tests;

pub(crate) use role::PredefinedRoles;

/// Access in everything of Google Cloud that was read.
#[derive(Debug)]
pub(crate) struct Estate {
    keys: Keys,
    now: Timestamp,
    roles: PredefinedRoles,
    /// Custom roles by their name in bindings: document, permissions.
    custom: HashMap<String, (String, Vec<String>)>,
    policies: HashMap<String, Policy>,
    denies: HashMap<String, Deny>,
    places: Places,
    people: People,
    prevention: Prevention,
    /// Resources whose policies name a member.
    named: HashMap<String, BTreeSet<String>>,
    /// Members that mean more than themselves.
    wide: Wide,
    /// How many policies were not read.
    n_unread: u32,
    /// Whether somebody stands in for others: whether nobody is denied anything, and somebody is granted something.
    has_stand_ins: bool,
    changed: bool,
    touched: Touched,
}

/// A question, made ready.
struct Question<'a> {
    who: &'a Who,
    permission: &'a str,
    chain: &'a Chain,
    /// Whether what is asked about cannot be public.
    is_closed: Truth,
    known: Known<'a>,
    request: &'a Request<'a>,
}

impl Estate {
    pub(crate) fn new(keys: &Keys, roles: PredefinedRoles, now: Timestamp) -> Self {
        Self {
            keys: keys.clone(),
            now,
            roles,
            custom: HashMap::new(),
            policies: HashMap::new(),
            denies: HashMap::new(),
            places: Places::default(),
            people: People::default(),
            prevention: Prevention::default(),
            named: HashMap::new(),
            wide: Wide::default(),
            n_unread: 0,
            has_stand_ins: false,
            changed: false,
            touched: Touched::default(),
        }
    }

    fn put_policy(&mut self, id: &str, node: Node<'_>) {
        let policy = Policy::read(node);
        if policy.is_empty() && !id.starts_with("//cloudresourcemanager.") {
            return;
        }
        for member in policy.bindings.iter().flat_map(|it| &it.members) {
            self.named.entry(member.clone()).or_default().insert(id.to_owned());
        }
        self.n_unread += u32::from(policy.is_unread);
        self.policies.insert(id.to_owned(), policy);
    }

    /// Whether a role has a permission; `None` where it was not read.
    fn has(&self, role: &str, permission: &str) -> Option<bool> {
        self.has_of_custom(role, permission).or_else(|| self.roles.has(role, permission))
    }

    /// The same of a role that a document defines; `None` of any other.
    fn has_of_custom(&self, role: &str, permission: &str) -> Option<bool> {
        let (_, permissions) = self.custom.get(role)?;
        Some(permissions.iter().any(|it| it == permission))
    }

    fn weigh(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let denied = self.denied(question, notes.again());
        if denied == Truth::Yes {
            return Truth::No;
        }
        self.granted(question, notes.again()).and(denied.negated())
    }

    fn denied(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let mut found = Truth::No;
        let mut ids: Vec<&String> = self.denies.keys().collect();
        ids.sort_unstable();
        for (id, deny) in ids.into_iter().filter_map(|id| Some((id, self.denies.get(id)?))) {
            let point = self.places.named(&deny.attached_to);
            if !question.chain.ids.iter().any(|it| it == point) {
                continue;
            }
            for rule in deny.rules.iter().filter(|it| it.names(question.permission)) {
                let condition =
                    rule.condition.as_ref().map_or(Truth::Yes, |it| it.holds(&question.known));
                if condition == Truth::No || self.is_meant(&rule.excepted, question) == Truth::Yes {
                    continue;
                }
                let is_meant = self.is_meant(&rule.denied, question);
                if is_meant == Truth::No {
                    continue;
                }
                if is_meant == Truth::Unknown
                    || self.is_meant(&rule.excepted, question) == Truth::Unknown
                {
                    notes.unread(|| {
                        (id.clone(), "denies it to a group whose members were not read".to_owned())
                    });
                    continue;
                }
                notes.reason(Effect::Denies, || {
                    let says = format!("denies {} in {point}", question.permission);
                    (id.clone(), rule.path.clone(), says)
                });
                found = found.or(condition);
            }
        }
        found
    }

    /// Whether a list of members means the actor.
    fn is_meant(&self, members: &[String], question: &Question<'_>) -> Truth {
        let one = |it: &String| self.means(it, question);
        crate::truth::any(members.iter().map(one))
    }

    fn means(&self, member: &str, question: &Question<'_>) -> Truth {
        let who = question.who;
        if who.members.iter().any(|it| it == member) {
            return Truth::Yes;
        }
        if let Some(account) = &who.of_cluster {
            let is_it = member
                .strip_prefix("serviceAccount:")
                .is_some_and(|it| it.ends_with(account.as_str()));
            return if is_it { Truth::Unknown } else { Truth::No };
        }
        let basic = [
            ("projectOwner:", "roles/owner"),
            ("projectEditor:", "roles/editor"),
            ("projectViewer:", "roles/viewer"),
        ];
        if let Some((project, role)) =
            basic.iter().find_map(|(it, role)| Some((member.strip_prefix(it)?, role)))
        {
            return self.has_basic(project, role, question);
        }
        let is_open = who.may_join && self.people.may_be_in(member);
        let is_set = member.starts_with("principalSet://")
            && who.members.iter().any(|it| is_of_pool(it, member));
        if is_open || is_set && !member.ends_with("/*") {
            return Truth::Unknown;
        }
        Truth::of(is_set)
    }

    /// Whether the actor has a basic role in a project: the one of the resource where none is named.
    fn has_basic(&self, project: &str, role: &str, question: &Question<'_>) -> Truth {
        let named = format!("//cloudresourcemanager.googleapis.com/projects/{project}");
        let own = question
            .chain
            .ids
            .iter()
            .find(|it| it.starts_with("//cloudresourcemanager.googleapis.com/projects/"));
        let id = if project.is_empty() {
            own.map(String::as_str)
        } else {
            Some(self.places.named(&named))
        };
        let policy = id.and_then(|it| self.policies.get(it));
        let bindings = policy.into_iter().flat_map(|it| &it.bindings).filter(|it| it.role == role);
        let one = |it: &Binding| self.is_meant_plainly(&it.members, question);
        crate::truth::any(bindings.map(one))
    }

    /// [`Self::is_meant`] for members of projects, among which there are no others of this sort.
    fn is_meant_plainly(&self, members: &[String], question: &Question<'_>) -> Truth {
        let plain = members.iter().filter(|it| !it.starts_with("project"));
        crate::truth::any(plain.map(|it| self.means(it, question)))
    }

    fn granted(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        if question.request.actor.plus.is_everything() || question.request.given == Given::Trusting
        {
            return Truth::Yes;
        }
        let mut best = Truth::No;
        for id in &question.chain.ids {
            let Some(policy) = self.policies.get(id) else { continue };
            for binding in &policy.bindings {
                best = best.or(self.bound(id, binding, question, Truth::Yes, notes.again()));
                if best == Truth::Yes && !notes.are_kept() {
                    return best;
                }
            }
        }
        if best < Truth::Yes && !question.chain.is_whole {
            best = best.or(self.by_unread_ancestors(question, notes.again()));
        }
        if best < Truth::Yes && self.is_policy_missing(question) {
            notes.unread(|| {
                let id =
                    question.chain.ids.iter().find(|it| it.contains("//cloudresourcemanager."));
                (
                    format!(
                        "{} iamPolicy",
                        id.or(question.chain.ids.first()).map_or("", String::as_str)
                    ),
                    "it could allow it".to_owned(),
                )
            });
            best = Truth::Unknown;
        }
        best
    }

    /// Whether no policy of the project was read. A resource without a policy of its own in an export that
    /// holds that of its project has none: only policies that are set are exported.
    fn is_policy_missing(&self, question: &Question<'_>) -> bool {
        let ids = &question.chain.ids;
        !question.who.members.is_empty() && self.is_unguarded(ids)
    }

    /// Whether no policy of any of these places was read that would have to be there.
    fn is_unguarded(&self, ids: &[String]) -> bool {
        if ids.iter().any(|it| it.contains('*')) {
            return false;
        }
        let is_read = |it: &String| self.policies.get(it).is_some_and(|policy| !policy.is_unread);
        let mut levels =
            ids.iter().filter(|it| it.starts_with("//cloudresourcemanager.")).peekable();
        // a bucket that was not read does not say where it lies
        if levels.peek().is_none() { !ids.iter().any(is_read) } else { !levels.any(is_read) }
    }

    /// Folders and organisations that the project may lie in.
    fn by_unread_ancestors(&self, question: &Question<'_>, mut notes: Notes<'_>) -> Truth {
        let mut best = Truth::No;
        let mut ids: BTreeSet<&String> = BTreeSet::new();
        for member in &question.who.members {
            ids.extend(self.named.get(member).into_iter().flatten());
        }
        for id in ids
            .iter()
            .filter(|it| place::is_above_projects(it))
            .filter(|it| !question.chain.ids.contains(it))
        {
            for binding in self.policies.get(*id).into_iter().flat_map(|it| &it.bindings) {
                best = best.or(self.bound(id, binding, question, Truth::Unknown, notes.again()));
            }
            if best != Truth::No {
                notes.unread(|| {
                    ((*id).clone(), "whether the project lies in it was not read".to_owned())
                });
            }
        }
        best
    }

    /// What one binding grants, of which it is so sure that it counts here.
    fn bound(
        &self,
        id: &str,
        it: &Binding,
        question: &Question<'_>,
        is_here: Truth,
        mut notes: Notes<'_>,
    ) -> Truth {
        let has = match self.has(&it.role, question.permission) {
            Some(has) => Truth::of(has),
            None => Truth::Unknown,
        };
        if has == Truth::No {
            return Truth::No;
        }
        let named = it.members.iter().map(|member| {
            let is_everybody = matches!(member.as_str(), "allUsers" | ANY_ACCOUNT);
            let counts = if is_everybody { question.is_closed.negated() } else { Truth::Yes };
            self.means(member, question).and(counts)
        });
        let is_meant = crate::truth::any(named);
        let condition = it.condition.as_ref().map_or(Truth::Yes, |it| it.holds(&question.known));
        let truth = has.and(is_meant).and(condition).and(is_here);
        if truth == Truth::No {
            return truth;
        }
        notes.reason(Effect::Allows, || {
            let is_open = it.members.iter().any(|it| it == "allUsers");
            let signs_in = question.request.actor.id == "*" && !is_open;
            let whom = if signs_in { " to anybody who signs in to any Google account" } else { "" };
            let limit = if it.condition.is_some() { " under a condition" } else { "" };
            let says = format!("allows {} as {}{whom}{limit}", question.permission, it.role);
            (id.to_owned(), it.path.clone(), says)
        });
        if has == Truth::Unknown {
            notes.unread(|| (it.role.clone(), "what the role holds was not read".to_owned()));
        }
        if is_meant == Truth::Unknown {
            let groups = it.members.iter().filter(|it| self.means(it, question) == Truth::Unknown);
            let groups: Vec<&str> = groups.map(String::as_str).collect();
            notes.unread(|| {
                (format!("members of {}", groups.join(", ")), format!("{id} names them"))
            });
        }
        if condition == Truth::Unknown {
            let about = it.condition.as_ref().map(Expr::attributes).unwrap_or_default().join(", ");
            notes.unread(|| (about, format!("{id} allows it only so")));
        }
        truth
    }

    /// Names, service and type as conditions see them.
    fn names(&self, on: &str, chain: &Chain) -> Vec<String> {
        if on.contains('*') {
            return Vec::new();
        }
        let Some(name) = place::name_in_conditions(on) else { return Vec::new() };
        let mut names = vec![name];
        let project = chain.ids.iter().find(|it| {
            it.contains("googleapis.com/projects/") && it.starts_with("//cloudresource")
        });
        if let Some((id, number)) =
            project.and_then(|it| Some((it.rsplit('/').next()?, self.places.number(it)?)))
        {
            let prefix = format!("projects/{id}");
            let by_number = names.iter().find_map(|it| it.strip_prefix(&prefix));
            names.extend(by_number.map(|rest| format!("projects/{number}{rest}")));
        }
        names
    }
}

/// Whether an identity of a pool belongs to a set of it: the same pool; which attributes it has is not known.
fn is_of_pool(member: &str, set: &str) -> bool {
    let pool = |text: &str| {
        let (_, rest) = text.split_once("//iam.googleapis.com/")?;
        let (head, tail) = rest.split_once("Pools/")?;
        Some(format!("{head}/{}", tail.split('/').next()?))
    };
    member.starts_with("principal://") && pool(member).is_some() && pool(member) == pool(set)
}

/// What a permission is about: parts of a bucket, not the bucket itself.
fn has_parts(on: &str, permission: &str) -> bool {
    let is_object = on.contains("/objects/");
    !is_object && on.starts_with("//storage.") && permission.starts_with("storage.objects.")
        || on.starts_with("//cloudresourcemanager.") && !permission.starts_with("resourcemanager.")
}

impl Cloud for Estate {
    fn put(&mut self, resource: &Resource) {
        if !resource.kind.starts_with("gcp.") {
            return;
        }
        let before = self.take(&resource.id);
        if resource.collected {
            self.changed = true;
            self.read(resource);
        }
        self.touch(&resource.id, &before);
    }

    fn remove(&mut self, id: &str) {
        if id.starts_with("//") {
            let before = self.take(id);
            self.touch(id, &before);
        }
    }

    fn settle(&mut self) -> Touched {
        if !std::mem::take(&mut self.changed) {
            return std::mem::take(&mut self.touched);
        }
        let named = self.named.iter().filter(|(_, all)| !all.is_empty()).map(|(member, _)| member);
        let denied = self
            .denies
            .values()
            .flat_map(|it| &it.rules)
            .flat_map(|it| it.denied.iter().chain(&it.excepted));
        let groups: BTreeSet<String> =
            named.chain(denied).filter(|it| it.starts_with("group:")).cloned().collect();
        self.people.settle(groups.into_iter());
        self.find_wide();
        // a policy that denies may name anybody
        let has_stand_ins = self.denies.is_empty() && self.named.values().any(|it| !it.is_empty());
        if std::mem::replace(&mut self.has_stand_ins, has_stand_ins) != has_stand_ins {
            self.touched.everything();
        }
        std::mem::take(&mut self.touched)
    }

    fn judge(&self, request: &Request<'_>, trail: Option<&mut Trail>) -> Answer {
        let mut notes = Notes(trail);
        let who = self.people.actor(request.actor.id, request.actor.plus.group());
        if let Some(account) = &who.disabled {
            notes.reason(Effect::Limits, || {
                (account.clone(), "disabled".to_owned(), "the account is disabled".to_owned())
            });
            return Answer::Denied;
        }
        if let Some(scopes) = &who.scopes
            && !people::is_in_scope(scopes, request.action)
        {
            notes.reason(Effect::Limits, || {
                let path = "serviceAccounts[0].scopes".to_owned();
                (request.actor.id.to_owned(), path, "its scopes do not cover it".to_owned())
            });
            return Answer::Denied;
        }
        let on = place::canonical(request.on);
        let targets = self.targets(&on);
        let best = targets.iter().map(|on| {
            let chain = self.places.chain(on);
            let (names, native) = (self.names(on, &chain), place::native(on));
            let service = on.strip_prefix("//").and_then(|it| it.split('/').next());
            let known = Known {
                names: &names,
                has_parts: has_parts(on, request.action),
                service: service.filter(|it| !it.starts_with("cloudresourcemanager")),
                native: native.as_deref().filter(|it| !it.contains('*')),
                context: request.context,
                writes_policy: request.action.ends_with("setIamPolicy") || request.action == "*",
                now: self.now,
            };
            let question = Question {
                who: &who,
                permission: request.action,
                chain: &chain,
                is_closed: self.prevention.holds(&chain),
                known,
                request,
            };
            self.weigh(&question, notes.again())
        });
        match best.max().unwrap_or(Truth::No) {
            Truth::No => Answer::Denied,
            Truth::Unknown => Answer::Unknown,
            Truth::Yes => Answer::Allowed,
        }
    }

    fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool {
        if actor.plus.is_everything() {
            return true;
        }
        let who = self.people.actor(actor.id, actor.plus.group());
        self.n_unread > 0 || !self.granting(&who, action, reach::Of::All).is_empty()
    }

    fn reach(&self, actor: Actor<'_>, action: &str) -> Reach {
        if actor.plus.is_everything() {
            return Reach::Anywhere;
        }
        let who = self.people.actor(actor.id, actor.plus.group());
        Reach::At(reach::places_of(self.granting(&who, action, reach::Of::All)))
    }

    fn stand_in(&self, actor: Actor<'_>) -> Option<&'static str> {
        if !matches!(actor.plus, Plus::Nothing | Plus::Group(_)) || !self.has_stand_ins {
            return None;
        }
        reach::stand_in(actor.id, &self.people.actor(actor.id, actor.plus.group()))
    }

    fn stand_ins(&self) -> &'static [&'static str] {
        if self.has_stand_ins { &reach::STAND_INS } else { &[] }
    }

    fn own_reach(&self, actor: Actor<'_>, action: &str) -> Vec<String> {
        let who = self.people.actor(actor.id, actor.plus.group());
        reach::places_of(self.granting(&who, action, reach::Of::Itself))
    }

    fn places(&self, _: &str, on: &str) -> Option<Vec<String>> {
        let on = place::canonical(on);
        if on.contains('*') {
            return None;
        }
        let Chain { mut ids, is_whole } = self.places.chain(&on);
        if self.is_unguarded(&ids) {
            return None;
        }
        if !is_whole {
            ids.push(reach::SOMEWHERE_ABOVE.to_owned());
        }
        Some(ids)
    }

    fn administrator(&self, actor: Actor<'_>, trail: Option<&mut Trail>) -> Answer {
        let mut notes = Notes(trail);
        let who = self.people.actor(actor.id, actor.plus.group());
        let mut scopes: BTreeSet<&String> = BTreeSet::new();
        let open = self.wide.members().filter(|it| who.may_join && self.people.may_be_in(it));
        for member in who.members.iter().chain(open) {
            scopes.extend(self.named.get(member).into_iter().flatten());
        }
        let mut best = Answer::Denied;
        for on in scopes.into_iter().filter(|it| it.starts_with("//cloudresourcemanager.")) {
            let request = Request { actor, action: "*", on, context: &[], given: Given::AsRead };
            best = best.max(self.judge(&request, notes.0.as_deref_mut()));
        }
        best
    }

    fn identities(&self) -> Vec<&str> {
        self.people.accounts()
    }

    fn is_identity(&self, id: &str) -> bool {
        self.people.is_account(id)
    }

    fn named(&self) -> Vec<String> {
        let mut named: Vec<String> =
            self.named.keys().filter(|it| self.is_named(it)).cloned().collect();
        named.extend(self.stand_ins().iter().map(|it| (*it).to_owned()));
        named.sort_unstable();
        named
    }

    fn is_named(&self, id: &str) -> bool {
        let is_kind =
            ["user:", "group:", "serviceAccount:"].iter().any(|kind| id.starts_with(kind));
        let has_grant = || self.named.get(id).is_some_and(|it| !it.is_empty());
        self.stand_ins().contains(&id) || is_kind && has_grant() && !self.people.is_read(id)
    }

    fn outsiders(&self, _: &str, on: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        for on in self.targets(&place::canonical(on)) {
            for id in self.places.chain(&on).ids {
                for member in self
                    .policies
                    .get(&id)
                    .into_iter()
                    .flat_map(|it| &it.bindings)
                    .flat_map(|it| &it.members)
                {
                    match member.as_str() {
                        "allUsers" => {
                            found.insert("*".to_owned());
                        }
                        it if it.starts_with("project")
                            || it.starts_with("deleted:")
                            || self.people.is_read(it) => {}
                        it => {
                            found.insert(it.to_owned());
                        }
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}

impl Estate {
    fn read(&mut self, resource: &Resource) {
        let (keys, id) = (self.keys.clone(), resource.id.as_str());
        let node = Node::new(resource.doc.view(), &keys);
        self.places.put_scope(id, &resource.scope);
        self.put_policy(id, node);
        self.prevention.put(resource, node);
        match &*resource.kind {
            "gcp.project" => {
                let also = resource.also.iter().find(|(key, _)| &**key == "projectNumber");
                let number =
                    also.map(|(_, it)| it.clone()).or_else(|| node.at("projectNumber").word());
                self.places.put_project(id, number.as_deref(), node);
            }
            "gcp.folder" => self.places.put_parent(id, node),
            "gcp.iam-service-account" => self.people.put_account(id, node),
            "gcp.identity-group" => self.people.put_group(id, node),
            "gcp.compute-instance" => self.people.put_machine(id, node),
            "gcp.iam-deny-policy" => {
                self.denies.extend(Deny::read(id, node).map(|it| (id.to_owned(), it)));
            }
            "gcp.iam-role" => {
                let Some(name) = id.strip_prefix("//iam.googleapis.com/") else { return };
                let is_off = node.at("deleted").bool() == Some(true)
                    || node.at("stage").text() == Some("DISABLED");
                let permissions = node.at("includedPermissions").texts();
                let permissions = permissions.into_iter().filter(|_| !is_off).map(str::to_owned);
                self.custom.insert(name.to_owned(), (id.to_owned(), permissions.collect()));
            }
            _ => {}
        }
    }

    /// Forgets a resource; gives what was known of it.
    fn take(&mut self, id: &str) -> Before {
        self.changed = true;
        let before = self.before(id);
        let old = self.policies.remove(id);
        self.n_unread -= u32::from(old.as_ref().is_some_and(|it| it.is_unread));
        for member in old.iter().flat_map(|it| &it.bindings).flat_map(|it| &it.members) {
            if let Some(all) = self.named.get_mut(member) {
                all.remove(id);
            }
        }
        self.denies.remove(id);
        self.places.remove(id);
        self.people.remove(id);
        self.prevention.remove(id);
        let name = id.strip_prefix("//iam.googleapis.com/").unwrap_or_default();
        self.custom.remove(name);
        before.with_policy(old)
    }

    /// What is asked about: itself, or every resource with a policy that fits a pattern, and its project.
    fn targets(&self, on: &str) -> Vec<String> {
        if !on.contains('*') {
            return vec![on.to_owned()];
        }
        let fitting = self.policies.keys().filter(|it| crate::glob::takes(on, it)).cloned();
        let mut found: BTreeSet<String> = fitting.collect();
        found.insert(on.to_owned());
        found.into_iter().collect()
    }
}
