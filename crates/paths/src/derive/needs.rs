//! Whether an actor fulfils the needs of a step at one place, and on which facts that rests.

mod stand_in;

use std::sync::Arc;

use access::{Actor as AccessActor, Answer, Decision, Given, Plus, Reach, Request, StandIns};
use content::step::{Can, Hold, Need, Role};
use hashbrown::HashMap;
use lang::NodeId;

use super::alike::Alike;
use super::holders::Holders;
use super::names::Names;
use super::rows::{Plan, Row};
use super::tags::Tags;
use super::{Actor, Estate, FactList, Held, INTERNET, State, Taken, contacts};
use crate::fact::{FactKind, Facts, UNPROVEN};

/// Ways to fulfil the needs of a step that are told apart; further ones are left out, which makes a fix
/// look better than it is where somebody has a grant in more than this many independent ways.
const MOST_WAYS: usize = 16;

/// One way to fulfil all needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) facts: FactList,
    pub(super) also: Vec<Held>,
}

/// Rows of a step.
#[derive(Debug)]
pub(super) enum Rows {
    All,
    /// Sorted, each once.
    These(Vec<u32>),
}

/// What is known of an actor before steps are asked about.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    actor: Actor,
    pub(super) is_administrator: bool,
    /// Who stand in for it.
    stand_ins: StandIns,
    home: &'a str,
}

/// What was found out of actors.
#[derive(Debug, Default)]
pub(super) struct Known {
    administrators: HashMap<Actor, Decision>,
    /// Whether they are administrators where they are at home.
    administer: HashMap<Actor, bool>,
    holders: Holders,
}

impl Known {
    /// Who may be an administrator.
    pub(super) fn administrators(&self) -> impl Iterator<Item = Actor> + '_ {
        let some = self.administrators.iter().filter(|(_, it)| it.answer != Answer::Denied);
        some.map(|it| *it.0)
    }
}

/// Asks about access for steps.
pub(super) struct Asker<'a> {
    estate: Estate<'a>,
    names: Names<'a>,
    /// Of the actor that was looked at last: whether anything that it holds names an action, and where.
    granting: HashMap<Box<str>, bool>,
    reaches: HashMap<Box<str>, Arc<Reach>>,
    known: Known,
    /// Whether policies that count for an actor go by tags where they are about an action.
    hinging: (Option<Actor>, HashMap<String, bool>),
    alike: Alike,
    tags: Tags,
    /// The tag that is set or taken away, while that is asked about.
    sets: Option<u32>,
    /// What was asked, for explanations.
    log: Option<Vec<Precondition>>,
}

/// Something that a step needs and whether it holds, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precondition {
    /// What is needed: `iam:PassRole on arn:...`.
    pub says: String,
    /// Whether it holds.
    pub answer: Answer,
    /// On what that rests.
    pub reasons: Vec<access::Reason>,
    /// What was not read and could change it.
    pub unread: Vec<access::Unread>,
}

impl Precondition {
    /// That packets arrive.
    pub(super) fn of_contact(estate: Estate<'_>, taken: Taken, port: Option<u16>) -> Self {
        let id = |node| estate.graph.id(node).unwrap_or_default();
        let from = (taken.actor != INTERNET).then(|| id(taken.actor));
        let (answer, reasons, unread) = contacts::proof(estate.network, from, id(taken.to));
        let port = port.map_or_else(|| "packets".to_owned(), |it| format!("TCP {it}"));
        let unread = unread.into_iter().map(|what| access::Unread {
            what,
            why: "it may stop the packets, or let them through".to_owned(),
        });
        Self {
            says: format!("{port} from {} to {}", from.unwrap_or("the internet"), id(taken.to)),
            answer: match answer {
                network::Answer::No => Answer::Denied,
                network::Answer::Unknown => Answer::Unknown,
                network::Answer::Yes => Answer::Allowed,
            },
            reasons,
            unread: unread.collect(),
        }
    }
}

impl<'a> Asker<'a> {
    pub(super) fn new(estate: Estate<'a>) -> Self {
        Self {
            estate,
            names: Names::of(estate.graph),
            granting: HashMap::new(),
            reaches: HashMap::new(),
            known: Known::default(),
            hinging: (None, HashMap::new()),
            alike: Alike::default(),
            tags: Tags::default(),
            sets: None,
            log: None,
        }
    }

    /// With tags that were told apart before; `sets` is the one that is asked about.
    pub(super) fn with_tags(mut self, tags: Tags, sets: Option<u32>) -> Self {
        (self.tags, self.sets) = (tags, sets);
        self
    }

    /// Asks about setting a tag or taking it away from here on.
    pub(super) fn sets(&mut self, tag: Option<u32>) {
        self.sets = tag;
    }

    /// Looks at an actor from here on.
    pub(super) fn actor(&mut self, actor: Actor) -> Asked<'a> {
        self.granting.clear();
        self.reaches.clear();
        self.alike.reaches.clear();
        let home = self.names.scope(actor.0);
        let is_administrator = if let Some(known) = self.known.administer.get(&actor) {
            *known
        } else {
            let is_administrator = actor.0 != INTERNET
                && self.administrator(actor).answer == Answer::Allowed
                && self.administers(actor, home);
            self.known.administer.insert(actor, is_administrator);
            is_administrator
        };
        Asked {
            actor,
            is_administrator,
            stand_ins: self.with(actor, access::Access::stand_ins_of),
            home,
        }
    }

    /// Whether an administrator is one where it is at home: in Google Cloud and Kubernetes it may be one
    /// elsewhere.
    fn administers(&self, actor: Actor, home: &str) -> bool {
        let action = match home.split_once(':') {
            Some(("aws", _)) => return true,
            Some(("k8s", _)) => "* *",
            _ => "*",
        };
        self.with(actor, |access, who| {
            let given = Given::AsRead;
            let request = Request { actor: who, action, on: home, context: &[], given };
            access.answer(&request) == Answer::Allowed
        })
    }

    /// Whether something belongs to the account, subscription or project of the actor.
    pub(super) fn is_at_home(&self, asked: &Asked<'_>, node: NodeId) -> bool {
        !asked.home.is_empty() && self.names.scope(node) == asked.home
    }

    /// At which rows of a step an actor is worth asking about: the one that was looked at last.
    pub(super) fn rows(&mut self, plan: &Plan, asked: &Asked<'a>) -> Rows {
        if plan.asks_administrator {
            let answer = self.administrator(asked.actor).answer;
            return if answer == Answer::Denied { Rows::These(Vec::new()) } else { Rows::All };
        }
        if plan.step.needs.iter().all(|need| self.may(need, asked.actor)) {
            return self.narrowed(plan, asked.actor).map_or(Rows::All, Rows::These);
        }
        let Some(named) = &plan.named else { return Rows::These(Vec::new()) };
        let (id, root) = (self.names.id(asked.actor.0), Self::root(asked));
        let names = ["*", &*id, root.as_str()];
        let lists: Vec<&Vec<u32>> = names.iter().filter_map(|name| named.get(*name)).collect();
        if lists.is_empty() {
            return Rows::These(Vec::new());
        }
        if let Some(mut rows) = self.narrowed(plan, asked.actor) {
            rows.retain(|it| lists.iter().any(|list| list.binary_search(it).is_ok()));
            return Rows::These(rows);
        }
        let mut rows: Vec<u32> = lists.into_iter().flatten().copied().collect();
        rows.sort_unstable();
        rows.dedup();
        Rows::These(rows)
    }

    /// Those of some rows at which an actor is worth asking about.
    pub(super) fn rows_among(&mut self, plan: &Plan, asked: &Asked<'a>, rows: &[u32]) -> Vec<u32> {
        if plan.asks_administrator {
            let answer = self.administrator(asked.actor).answer;
            return if answer == Answer::Denied { Vec::new() } else { rows.to_vec() };
        }
        if plan.step.needs.iter().all(|need| self.may(need, asked.actor)) {
            return rows.to_vec();
        }
        let Some(named) = &plan.named else { return Vec::new() };
        let (id, root) = (self.names.id(asked.actor.0), Self::root(asked));
        let lists = ["*", &*id, root.as_str()].map(|name| named.get(name));
        let is_in = |row: &&u32| lists.iter().flatten().any(|it| it.binary_search(row).is_ok());
        rows.iter().filter(is_in).copied().collect()
    }

    /// With what was found out of actors, to be asked again.
    pub(super) fn knowing(mut self, known: Known) -> Self {
        self.known = known;
        self
    }

    /// Forgets what was found out of an actor.
    pub(super) fn forget(&mut self, actor: Actor) {
        self.known.administrators.remove(&actor);
        self.known.administer.remove(&actor);
        self.known.holders.forget(actor);
    }

    /// What was found out of actors, and the tags.
    pub(super) fn into_parts(self) -> (Known, Tags) {
        (self.known, self.tags)
    }

    /// Who may be worth asking about at a row, as far as that was found out, and nodes in whatever state; `None`:
    /// everybody.
    pub(super) fn who_may(&mut self, plan: &Plan, row: &Row) -> Option<(Vec<Actor>, Vec<NodeId>)> {
        if plan.asks_administrator {
            return Some((self.known.administrators().collect(), Vec::new()));
        }
        let narrow = plan.narrows.first()?;
        let (access, holders) = (self.estate.access, &self.known.holders);
        let mut found = narrow.who(row, access, self.names, holders)?;
        if plan.special.is_some() {
            let stand_ins = access.stand_ins().filter_map(|it| self.estate.graph.node_by_id(it));
            found.extend(stand_ins.map(|it| (it, State::Plain)));
        }
        let names = plan.names_at(row, self.estate);
        // a name that is no node may mean many
        let named: Option<Vec<NodeId>> =
            names.into_iter().flatten().map(|it| self.estate.graph.node_by_id(&it)).collect();
        Some((found, named?))
    }

    /// The rows that lie where the actor is granted something; `None` for all of them.
    fn narrowed(&mut self, plan: &Plan, actor: Actor) -> Option<Vec<u32>> {
        let mut best: Option<(usize, Vec<&[u32]>)> = None;
        for narrow in &plan.narrows {
            let Some(lists) = narrow.rows(&mut |action| self.reach(actor, action)) else {
                continue;
            };
            let size = lists.iter().map(|it| it.len()).sum();
            if best.as_ref().is_none_or(|(least, _)| size < *least) {
                best = Some((size, lists));
            }
            if size == 0 {
                break;
            }
        }
        let mut rows = best?.1.concat();
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }

    fn reach(&mut self, actor: Actor, action: &str) -> Arc<Reach> {
        if let Some(known) = self.reaches.get(action) {
            return Arc::clone(known);
        }
        let reach = Arc::new(self.with(actor, |access, who| access.reach(who, action)));
        self.known.holders.note(actor, action, &reach);
        self.reaches.insert(action.into(), Arc::clone(&reach));
        reach
    }

    /// Whether anything that an actor holds may fulfil a need.
    fn may(&mut self, need: &Need, actor: Actor) -> bool {
        match need {
            Need::Can(can) if !can.trusting && can.by == Role::Actor => {
                can.actions.iter().all(|action| self.may_grant(actor, action))
            }
            Need::Any(any) => any.iter().any(|it| self.may(it, actor)),
            _ => true,
        }
    }

    /// The root of the account of an actor, as policies of other accounts name all in it.
    fn root(asked: &Asked<'_>) -> String {
        let account = asked.home.strip_prefix("aws:");
        account.map_or_else(String::new, |it| format!("arn:aws:iam::{it}:root"))
    }

    fn may_grant(&mut self, actor: Actor, action: &str) -> bool {
        if let Some(known) = self.granting.get(action) {
            return *known;
        }
        let may = self.with(actor, |access, who| access.may_grant(who, action));
        self.granting.insert(action.into(), may);
        may
    }

    fn administrator(&mut self, actor: Actor) -> &Decision {
        if !self.known.administrators.contains_key(&actor) {
            let decision = self.with(actor, access::Access::administrator);
            self.known.administrators.insert(actor, decision);
        }
        self.known.administrators.entry(actor).or_insert_with(|| Decision {
            answer: Answer::Denied,
            reasons: Vec::new(),
            unread: Vec::new(),
        })
    }

    fn with<T>(&self, actor: Actor, ask: impl FnOnce(&access::Access, AccessActor<'_>) -> T) -> T {
        let id = self.names.id(actor.0);
        let group = match actor.1 {
            State::Member(group) => Some(self.names.id(group)),
            _ => None,
        };
        let plus = match (actor.1, &group) {
            (State::Raised, _) => Plus::Everything,
            (State::Unbounded, _) => Plus::Unbounded,
            (State::Free, _) => Plus::EverythingUnbounded,
            (_, Some(group)) => Plus::Group(group),
            (_, None) => Plus::Nothing,
        };
        ask(self.estate.access, AccessActor { id: &id, plus })
    }

    /// The ways in which an actor fulfils the needs of a step at one place; none where it does not.
    pub(super) fn ways(
        &mut self,
        plan: &Plan,
        actor: Actor,
        row: &Row,
        facts: &mut Facts,
    ) -> Vec<Way> {
        self.all(&plan.step.needs, actor, row, facts)
    }

    /// The same for an explanation: what was asked and what the answers were.
    pub(super) fn explain(&mut self, needs: &[Need], actor: Actor, row: &Row) -> Vec<Precondition> {
        self.log = Some(Vec::new());
        let _: Vec<Way> = self.all(needs, actor, row, &mut Facts::default());
        self.log.take().unwrap_or_default()
    }

    fn note(&mut self, says: impl FnOnce() -> String, decision: &Decision) {
        if let Some(log) = &mut self.log {
            let Decision { answer, reasons, unread } = decision.clone();
            log.push(Precondition { says: says(), answer, reasons, unread });
        }
    }

    fn all(&mut self, needs: &[Need], actor: Actor, row: &Row, facts: &mut Facts) -> Vec<Way> {
        let mut ways = vec![Way::default()];
        for need in needs {
            let more = self.need(need, actor, row, facts);
            ways = both(&ways, &more);
            if ways.is_empty() {
                break;
            }
        }
        ways
    }

    /// The ways in which an actor fulfils one need at one place.
    pub(super) fn need(
        &mut self,
        need: &Need,
        actor: Actor,
        row: &Row,
        facts: &mut Facts,
    ) -> Vec<Way> {
        match need {
            Need::Can(can) => self.can(can, actor, row, facts),
            Need::Service { service, assumes } => {
                let role = Self::role(*assumes, actor, row);
                let on = self.names.id(role);
                // a role is passed to a service in its own account, for what is made there
                let account = self.names.scope(role).strip_prefix("aws:");
                let context = account.map(|it| ("aws:SourceAccount", it));
                let request = Request {
                    actor: AccessActor { id: service, plus: Plus::Nothing },
                    action: "sts:AssumeRole",
                    on: &on,
                    context: context.as_slice(),
                    given: Given::AsRead,
                };
                if self.estate.access.answer(&request) == Answer::Denied {
                    return Vec::new();
                }
                let decision = self.estate.access.decide(&request);
                self.note(|| format!("{service} may assume {on}"), &decision);
                let service = service.clone();
                vec![way(&decision, facts, |statements| FactKind::Trust { service, statements })]
            }
            Need::Any(any) => {
                let mut ways: Vec<Way> = Vec::new();
                for need in any {
                    for way in self.need(need, actor, row, facts) {
                        if !ways.contains(&way) {
                            ways.push(way);
                        }
                    }
                }
                // A way that needs nothing unproven makes one that differs in that alone superfluous.
                ways.truncate(MOST_WAYS);
                ways
            }
            Need::Also { hold, of, port } => {
                let node = Self::role(*of, actor, row);
                let held = if *hold == Hold::Contact {
                    Held::contact(node, *port)
                } else {
                    Held::plain(node, *hold)
                };
                vec![Way { facts: Vec::new(), also: vec![held] }]
            }
            Need::Administrator => {
                let decision = self.administrator(actor).clone();
                if decision.answer == Answer::Denied {
                    return Vec::new();
                }
                // only at home
                if self.names.scope(actor.0) != self.names.scope(row.to) {
                    return Vec::new();
                }
                self.note(|| "may do everything".to_owned(), &decision);
                vec![way(&decision, facts, |statements| FactKind::Administrator { statements })]
            }
        }
    }

    fn role(role: Role, actor: Actor, row: &Row) -> NodeId {
        match role {
            Role::Actor => actor.0,
            Role::To => row.to,
            Role::Via => row.via.unwrap_or(row.to),
        }
    }

    fn can(&mut self, can: &Can, actor: Actor, row: &Row, facts: &mut Facts) -> Vec<Way> {
        let on = self.fill(&can.on, actor, row);
        let mut with: Vec<(String, String)> =
            can.with.iter().map(|(key, it)| (key.clone(), self.fill(it, actor, row))).collect();
        with.extend(self.of_tag());
        let by = match can.by {
            Role::Actor => actor,
            role => (Self::role(role, actor, row), State::Plain),
        };
        let node = match can.on.as_str() {
            "to" => Some(row.to),
            "via" => Some(row.via.unwrap_or(row.to)),
            "actor" => Some(actor.0),
            _ => None,
        };
        let mut ways = vec![Way::default()];
        for action in &can.actions {
            let question = Question { can, action, on: &on, node, with: &with };
            let more = self.act(&question, by, facts);
            ways = both(&ways, &more);
            if ways.is_empty() {
                break;
            }
        }
        ways
    }

    /// The ways in which one action is allowed: as things are, or after a change of tags.
    fn act(&mut self, question: &Question<'_>, by: Actor, facts: &mut Facts) -> Vec<Way> {
        let mut ways = Vec::new();
        let decision = self.decision(question, by, question.with);
        let is_sure = decision.as_ref().is_some_and(|it| it.answer == Answer::Allowed);
        let (action, on) = (question.action, question.on);
        if let Some(decision) = decision {
            self.note(|| format!("{action} on {on}"), &decision);
            let action = action.to_owned();
            ways.push(way(&decision, facts, |statements| FactKind::Grant { action, statements }));
        }
        if is_sure || self.sets.is_some() || !self.hinges(question, by) {
            return ways;
        }
        for changes in self.ask(question, by, question.with, access::Access::changes_of_tags) {
            let also: Option<Vec<Held>> =
                changes.iter().map(|it| self.tags.held(it, question.node, by.0)).collect();
            let mut with = question.with.to_vec();
            with.extend(changes);
            let (Some(also), Some(decision)) = (also, self.decision(question, by, &with)) else {
                continue;
            };
            self.note(|| format!("{action} on {on}, once its tags are changed"), &decision);
            let action = action.to_owned();
            let found = way(&decision, facts, |statements| FactKind::Grant { action, statements });
            ways.push(Way { also, ..found });
        }
        ways
    }

    fn ask<T>(
        &self,
        question: &Question<'_>,
        by: Actor,
        with: &[(String, String)],
        ask: impl FnOnce(&access::Access, &Request<'_>) -> T,
    ) -> T {
        let context: Vec<(&str, &str)> =
            with.iter().map(|(key, it)| (key.as_str(), it.as_str())).collect();
        let given = if question.can.trusting { Given::Trusting } else { Given::AsRead };
        let (action, on) = (question.action, question.on);
        self.with(by, |access, actor| {
            ask(access, &Request { actor, action, on, context: &context, given })
        })
    }

    /// `None` where it is denied.
    fn decision(
        &self,
        question: &Question<'_>,
        by: Actor,
        with: &[(String, String)],
    ) -> Option<Decision> {
        self.ask(question, by, with, |access, request| {
            (access.answer(request) != Answer::Denied).then(|| access.decide(request))
        })
    }

    /// Whether tags could make a difference.
    fn hinges(&mut self, question: &Question<'_>, by: Actor) -> bool {
        if !question.on.starts_with("arn:") || self.names.id(by.0) == "*" {
            return false;
        }
        if self.hinging.0 != Some(by) {
            self.hinging = (Some(by), HashMap::new());
        }
        let action = question.action;
        let does = if let Some(known) = self.hinging.1.get(action) {
            *known
        } else {
            let does = self.with(by, |access, who| access.actor_hinges_on_tags(who, action));
            self.hinging.1.insert(action.to_owned(), does);
            does
        };
        does || self.ask(question, by, &[], access::Access::resource_hinges_on_tags)
    }

    /// What the request says of the tag that is set or taken away.
    fn of_tag(&self) -> Vec<(String, String)> {
        let Some((name, value)) = self.sets.and_then(|it| self.tags.get(it)) else {
            return Vec::new();
        };
        let mut with = vec![("aws:TagKeys".to_owned(), name.clone())];
        with.extend(value.iter().map(|it| (format!("aws:RequestTag/{name}"), it.clone())));
        with
    }

    fn fill(&self, text: &str, actor: Actor, row: &Row) -> String {
        self.names.fill(text, Some(actor.0), row).unwrap_or_default().into_owned()
    }
}

/// Whether something may be done.
struct Question<'q> {
    can: &'q Can,
    action: &'q str,
    on: &'q str,
    /// The node that `on` is; `None` where it is none.
    node: Option<NodeId>,
    /// What the request carries.
    with: &'q [(String, String)],
}

/// The facts of a decision: the statements that grant, together.
fn way(
    decision: &Decision,
    facts: &mut Facts,
    kind: impl FnOnce(Vec<(String, String)>) -> FactKind,
) -> Way {
    let mut statements: Vec<(String, String)> = decision
        .reasons
        .iter()
        .filter(|it| it.effect == access::Effect::Allows)
        .map(|it| (it.resource.clone(), it.path.clone()))
        .collect();
    statements.sort();
    statements.dedup();
    let mut found = Way::default();
    if !statements.is_empty() {
        let is_attached = statements.iter().all(|it| access::attached_of_aws(&it.1).is_some());
        let kind = if is_attached {
            FactKind::Attached { policies: statements }
        } else {
            kind(statements)
        };
        found.facts.push(facts.number(kind));
    }
    if decision.answer == Answer::Unknown {
        found.facts.push(UNPROVEN);
    }
    found
}

/// Each way of one with each of the other.
fn both(a: &[Way], b: &[Way]) -> Vec<Way> {
    let mut ways = Vec::new();
    for left in a {
        for right in b {
            let mut facts = left.facts.clone();
            facts.extend(&right.facts);
            facts.sort_unstable();
            facts.dedup();
            let mut also = left.also.clone();
            also.extend(&right.also);
            also.sort_unstable();
            also.dedup();
            ways.push(Way { facts, also });
        }
    }
    ways.truncate(MOST_WAYS);
    ways
}
