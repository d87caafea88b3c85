//! From an estate and the steps to the attack graph.
//!
//! Each step is a pattern over the graph, which gives rows, and needs. A row whose needs hold for an actor
//! is an edge; each way to fulfil them is an edge of its own, which rests on the facts of that way alone.
//! Actors are identities as they are, and in states that other steps bring about: with rights raised, or
//! in a group more. So it goes on until no new state comes up.

mod alike;
mod contacts;
mod follow;
mod holders;
mod ids;
mod names;
mod needs;
mod places;
mod rows;
mod seen;
mod sink;
mod tags;
mod tried;
mod watching;

use std::collections::BTreeSet;
use std::sync::Arc;

use access::Access;
use content::step::{Hold, Likelihood, Need, Role, Step, WhenUnread};
use graph::{Context, Graph};
use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use network::Network;

use crate::attack::{AttackBuilder, AttackGraph, Cost, Edge, Fact, Position};
use crate::fact::{ASSUMED, FactKind, Facts, UNPROVEN, is_fixable};
pub use follow::{Changed, Followed, Unfollowed};
pub use needs::Precondition;
use needs::{Asked, Asker, Rows, Way};
use rows::Plan;
use seen::Seen;
use sink::Sink;
pub use tags::Tag;
pub use tried::{Leaf, leaves};
use watching::Watching;

/// Anybody on the internet: no node of the graph.
pub const INTERNET: NodeId = NodeId(u32::MAX);

/// What the attack graph is made of.
#[derive(Clone, Copy)]
pub struct Estate<'a> {
    /// Nodes and edges.
    pub graph: &'a Graph,
    /// Who may do what.
    pub access: &'a Access,
    /// What may pass from where to where.
    pub network: &'a Network,
    /// What attackers can do.
    pub steps: &'a [Arc<Step>],
    /// What queries are given.
    pub context: &'a Context<'a>,
    /// Says when to stop: what was not looked at by then is told as a problem.
    pub is_over: Option<&'a IsOver>,
}

impl Estate<'_> {
    /// Who may act: identities that were read, and who is named only.
    fn identities(&self) -> HashSet<NodeId> {
        let read = self.access.identities().filter_map(|id| self.graph.node_by_id(id));
        let named = self.access.named().into_iter();
        let named = named.filter_map(|id| self.graph.node_by_id(&id));
        read.chain(named).collect()
    }

    /// Whether time is over: what was not looked at by then is told as a problem.
    fn is_over(&self) -> bool {
        self.is_over.is_some_and(|it| it())
    }
}

/// Says whether time is over.
pub type IsOver = Arc<dyn Fn() -> bool + Send + Sync>;

impl std::fmt::Debug for Estate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Estate").field("steps", &self.steps.len()).finish_non_exhaustive()
    }
}

/// In which state something is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// As it was read.
    Plain,
    /// With rights that nothing but limits from outside bounds.
    Raised,
    /// Without its permissions boundary.
    Unbounded,
    /// Both: with rights raised and without its permissions boundary.
    Free,
    /// As a member of this group, too.
    Member(NodeId),
    /// At this TCP port, of a contact.
    Port(u16),
    /// This tag of it, by its number: see [`Attack::tag`].
    Tag(u32),
}

/// Something held in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// What; [`INTERNET`] for the position of everybody.
    pub node: NodeId,
    /// How.
    pub hold: Hold,
    /// In which state.
    pub state: State,
}

impl Held {
    /// In contact, at this TCP port or at any.
    pub fn contact(node: NodeId, port: Option<u16>) -> Self {
        Self { node, hold: Hold::Contact, state: port.map_or(State::Plain, State::Port) }
    }

    /// Held in this way, as it was read.
    pub fn plain(node: NodeId, hold: Hold) -> Self {
        Self { node, hold, state: State::Plain }
    }
}

/// What an edge of the attack graph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A step: its number in the list of the estate.
    Step(u32),
    /// Control of an identity and its raised rights, or its boundary gone, come together.
    Raised,
    /// Somebody stands in for the actor: it can do whatever that one can.
    Alike,
    /// A step that sets a tag or takes it away.
    Tag {
        /// The number of the step in the list of the estate.
        step: u32,
        /// The number of the tag: see [`Attack::tag`].
        tag: u32,
    },
    /// Packets arrive, at this TCP port or at any.
    Contact(Option<u16>),
}

/// A step that was found possible at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// What it is.
    pub what: What,
    /// Who takes it.
    pub actor: NodeId,
    /// In which state the actor is.
    pub state: State,
    /// What it goes for.
    pub to: NodeId,
    /// What it goes by.
    pub via: Option<NodeId>,
}

/// A step or its pattern that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProblem {
    /// The step.
    pub step: String,
    /// Why.
    pub message: String,
}

/// The attack graph of an estate, with what its numbers mean.
#[derive(Debug)]
pub struct Attack {
    /// What leads where.
    pub graph: AttackGraph,
    positions: Vec<Held>,
    numbers: HashMap<Held, Position>,
    taken: Vec<Taken>,
    tags: tags::Tags,
    /// What edges rest on.
    pub facts: Facts,
    /// Steps that could not be used.
    pub problems: Vec<StepProblem>,
    /// Steps whose pattern read something that was not collected.
    pub unread_steps: Vec<u32>,
    memory: Memory,
}

/// What following changes needs beside the graph.
#[derive(Debug, Default)]
struct Memory {
    plans: Vec<Plan>,
    identities: HashSet<NodeId>,
    seen: Seen,
    known: needs::Known,
    /// Positions of membership, by group.
    members: HashMap<NodeId, Vec<Position>>,
    /// Positions of changes of tags.
    tagged: Vec<Position>,
    /// Positions of contact, by node.
    contacts_at: HashMap<NodeId, Vec<Position>>,
    /// Contacts that steps need.
    wants: contacts::Wants,
    /// Made when the first change is followed.
    watching: Option<Watching>,
}

impl Attack {
    /// What a position is.
    pub fn held(&self, position: Position) -> Option<Held> {
        self.positions.get(position as usize).copied()
    }

    /// The number of a position; `None` where nothing leads there and nothing leaves it.
    pub fn position(&self, held: Held) -> Option<Position> {
        self.numbers.get(&held).copied()
    }

    /// All positions of a node.
    pub fn positions_of(&self, node: NodeId) -> impl Iterator<Item = (Position, Held)> + '_ {
        (0..).zip(self.positions.iter().copied()).filter(move |(_, held)| held.node == node)
    }

    /// All positions at which there is an edge.
    pub fn positions(&self) -> impl Iterator<Item = (Position, Held)> + '_ {
        let all = (0..).zip(self.positions.iter().copied());
        all.filter(|it| self.graph.is_used(it.0))
    }

    /// The name of a tag and what it is set to, where it is not taken away. A value in which a control character stands
    /// is any that is not there yet.
    pub fn tag(&self, number: u32) -> Option<&Tag> {
        self.tags.get(number)
    }

    /// The step that an edge is.
    pub fn taken(&self, edge: u32) -> Option<Taken> {
        self.taken.get(self.graph.label(edge) as usize).copied()
    }

    /// What an edge needs and what that rests on, asked again of the same estate. Empty for an edge that
    /// asks nothing.
    pub fn explain(&self, estate: Estate<'_>, edge: u32) -> Vec<Precondition> {
        let Some(taken) = self.taken(edge) else { return Vec::new() };
        let step = match taken.what {
            What::Step(number) => estate.steps.get(number as usize),
            What::Tag { step, .. } => estate.steps.get(step as usize),
            What::Raised | What::Alike => None,
            What::Contact(port) => return vec![Precondition::of_contact(estate, taken, port)],
        };
        let (actor, to, via) = (Some(taken.actor), taken.to, taken.via);
        let row = rows::Row { actor, to, via, is_assumed: false };
        step.map_or_else(Vec::new, |step| {
            let tag = if let What::Tag { tag, .. } = taken.what { Some(tag) } else { None };
            let mut asker = Asker::new(estate).with_tags(self.tags.clone(), tag);
            asker.explain(&step.needs, (taken.actor, taken.state), &row)
        })
    }

    /// Makes the attack graph of an estate.
    pub fn derive(estate: Estate<'_>) -> Self {
        Deriving::new(estate).run()
    }
}

/// An actor in a state.
type Actor = (NodeId, State);

struct Deriving<'a> {
    estate: Estate<'a>,
    plans: Vec<Plan>,
    asker: Asker<'a>,
    sink: Sink,
    positions: Vec<Held>,
    numbers: HashMap<Held, Position>,
    taken: Vec<Taken>,
    facts: Facts,
    problems: Vec<StepProblem>,
    unread_steps: Vec<u32>,
    identities: HashSet<NodeId>,
    waiting: Vec<Actor>,
    seen: Seen,
    members: HashMap<NodeId, Vec<Position>>,
    tagged: Vec<Position>,
    contacts_at: HashMap<NodeId, Vec<Position>>,
    wants: contacts::Wants,
    /// While a change is followed: contacts that edges of steps came or went at.
    noted: BTreeSet<Position>,
}

impl<'a> Deriving<'a> {
    fn new(estate: Estate<'a>) -> Self {
        let (mut plans, mut problems, mut unread_steps) = (Vec::new(), Vec::new(), Vec::new());
        for (number, step) in (0_u32..).zip(estate.steps) {
            match Plan::of(number, step, estate) {
                Ok((plan, is_whole)) => {
                    plans.push(plan);
                    if !is_whole {
                        unread_steps.push(number);
                    }
                }
                Err(message) => problems.push(StepProblem { step: step.id.clone(), message }),
            }
        }
        Self {
            estate,
            plans,
            asker: Asker::new(estate),
            sink: Sink::Made(AttackBuilder::default()),
            positions: Vec::new(),
            numbers: HashMap::new(),
            taken: Vec::new(),
            facts: Facts::default(),
            problems,
            unread_steps,
            identities: estate.identities(),
            waiting: Vec::new(),
            seen: Seen::default(),
            members: HashMap::new(),
            tagged: Vec::new(),
            contacts_at: HashMap::new(),
            wants: contacts::Wants::default(),
            noted: BTreeSet::new(),
        }
    }

    fn run(mut self) -> Attack {
        let plans = std::mem::take(&mut self.plans);
        for plan in &plans {
            if !plan.asks_identity() {
                self.bound_rows(plan, plan.numbers());
            }
        }
        let mut identities: Vec<NodeId> = self.identities.iter().copied().collect();
        identities.sort_unstable();
        for node in identities {
            self.wait((node, State::Plain));
        }
        self.wait((INTERNET, State::Plain));
        // Last in, first out, and each once: the order does not matter for what is found.
        while let Some(actor) = self.waiting.pop() {
            if self.estate.is_over() {
                let n = self.waiting.len() + 1;
                let message = format!("time was over: {n} identities were not looked at");
                self.tell(message);
                break;
            }
            self.actor(actor, &plans);
        }
        self.tags(&plans);
        for held in self.positions.iter().filter(|it| it.hold == Hold::Contact) {
            self.wants.insert(contacts::wanted(*held));
        }
        self.contacts(contacts::Which::All);
        let (positions, numbers) = (self.positions, self.numbers);
        let (known, tags) = self.asker.into_parts();
        let mut graph = match self.sink {
            Sink::Made(builder) => builder.finish(),
            Sink::Changed(changing) => changing.graph,
        };
        graph.hold(positions.len() as u32);
        Attack {
            graph,
            positions,
            numbers,
            taken: self.taken,
            tags,
            facts: self.facts,
            problems: self.problems,
            unread_steps: self.unread_steps,
            memory: Memory {
                plans,
                identities: self.identities,
                seen: self.seen,
                known,
                members: self.members,
                tagged: self.tagged,
                contacts_at: self.contacts_at,
                wants: self.wants,
                watching: None,
            },
        }
    }

    fn tell(&mut self, message: String) {
        self.problems.push(StepProblem { step: "all steps".to_owned(), message });
    }

    fn wait(&mut self, actor: Actor) {
        if self.seen.insert(actor) {
            self.waiting.push(actor);
        }
    }

    /// Rows of a pattern that binds the actor, whoever that is.
    fn bound_rows(&mut self, plan: &Plan, rows: impl Iterator<Item = u32>) {
        for row in rows.filter_map(|it| plan.row(it)) {
            let Some(actor) = row.actor else { continue };
            let ways = self.asker.ways(plan, (actor, State::Plain), row, &mut self.facts);
            self.edges(plan, (actor, State::Plain), row, ways);
        }
    }

    /// All that one actor in one state can do.
    fn actor(&mut self, actor: Actor, plans: &[Plan]) {
        let asked = self.asker.actor(actor);
        let holds = if actor.0 == INTERNET { Hold::Internet } else { Hold::Control };
        let asking = plans.iter().filter(|it| it.asks_identity() && it.step.holds == holds);
        let stand_ins: Vec<NodeId> = self.asker.stand_ins(&asked).collect();
        for it in stand_ins {
            self.alike(actor, it);
        }
        for plan in asking.filter(|it| !tags::gives_tags(it)) {
            if let Some(rows) = self.asker.special_rows(plan, &asked) {
                for number in rows {
                    self.at_row(plan, &asked, actor, number);
                }
                continue;
            }
            let own = plan.by_actor.get(&actor.0).map_or(&[][..], Vec::as_slice);
            let numbers: Vec<u32> = match self.asker.rows(plan, &asked) {
                Rows::All if plan.binds_actor => own.to_vec(),
                Rows::All => plan.numbers().collect(),
                Rows::These(rows) if plan.binds_actor => {
                    rows.into_iter().filter(|it| own.contains(it)).collect()
                }
                Rows::These(rows) => rows,
            };
            for number in numbers {
                self.at_row(plan, &asked, actor, number);
            }
        }
    }

    /// Whoever somebody stands in for can do whatever that one can.
    fn alike(&mut self, actor: Actor, stand_in: NodeId) {
        let plain = State::Plain;
        if actor.1 != plain {
            return; // whoever holds another state holds the plain one
        }
        let from = self.number(Held::plain(actor.0, Hold::Control));
        let to = self.number(Held::plain(stand_in, Hold::Control));
        let label = self.taken.len() as u32;
        let (what, actor) = (What::Alike, actor.0);
        self.taken.push(Taken { what, actor, state: plain, to: stand_in, via: None });
        self.sink.add(&Edge { from: &[from], to, cost: 0, facts: &[] }, label);
    }

    /// What one actor can do at a row.
    fn at_row(&mut self, plan: &Plan, asked: &Asked<'a>, actor: Actor, number: u32) {
        let Some(row) = plan.row(number) else { return };
        if asked.is_administrator
            && !plan.asks_administrator
            && self.asker.is_at_home(asked, row.to)
        {
            return; // what an administrator can do at home leaves the position `administer`
        }
        let ways = self.asker.ways(plan, actor, row, &mut self.facts);
        self.edges(plan, actor, row, ways);
    }

    /// The graph that changes, while a change is followed.
    fn changing(&self) -> Option<&AttackGraph> {
        match &self.sink {
            Sink::Changed(it) => Some(&it.graph),
            Sink::Made(_) => None,
        }
    }

    /// Notes contacts among positions at which an edge of a step came or went.
    fn note_contacts<'p>(&mut self, positions: impl Iterator<Item = &'p Position>) {
        if self.changing().is_some() {
            let held = |it: &Position| self.positions.get(*it as usize);
            let contacts =
                positions.filter(|it| held(it).is_some_and(|it| it.hold == Hold::Contact));
            self.noted.extend(contacts.copied().collect::<Vec<Position>>());
        }
    }

    /// Packets that arrive where some step needs them to.
    fn contacts(&mut self, which: contacts::Which<'_>) {
        let (contacts, n_left) = contacts::contacts(self.estate, &mut self.wants, which);
        if n_left > 0 {
            let message = format!("time was over: {n_left} end points were not looked at");
            self.problems.push(StepProblem { step: "all contacts".to_owned(), message });
        }
        for contact in contacts {
            let (node, port) = contact.to;
            let hold = if contact.from == INTERNET { Hold::Internet } else { Hold::Control };
            let tail = self.number(Held::plain(contact.from, hold));
            let head = self.number(Held::contact(node, port));
            let label = self.taken.len() as u32;
            self.taken.push(Taken {
                what: What::Contact(port),
                actor: contact.from,
                state: State::Plain,
                to: node,
                via: None,
            });
            let mut facts =
                vec![self.facts.number(FactKind::Contact { from: contact.from, to: node })];
            if !contact.is_proven {
                facts.push(UNPROVEN);
            }
            self.sink.add(&Edge { from: &[tail], to: head, cost: 0, facts: &facts }, label);
        }
    }

    /// Groups of AWS have users as members; those of Entra whatever signs in.
    fn joins_groups(&self, node: NodeId) -> bool {
        let graph = self.estate.graph;
        graph.labels(node).any(|it| it == "User")
            || !graph.id(node).is_some_and(|it| it.starts_with("arn:"))
    }

    fn number(&mut self, held: Held) -> Position {
        if let Some(number) = self.numbers.get(&held) {
            return *number;
        }
        let number = self.positions.len() as Position;
        self.positions.push(held);
        self.numbers.insert(held, number);
        match held.state {
            State::Member(group) => self.members.entry(group).or_default().push(number),
            State::Tag(_) => self.tagged.push(number),
            _ => {}
        }
        if held.hold == Hold::Contact {
            self.contacts_at.entry(held.node).or_default().push(number);
        }
        number
    }

    fn edges(&mut self, plan: &Plan, actor: Actor, row: &rows::Row, ways: Vec<Way>) {
        if ways.is_empty() {
            return;
        }
        let from = Held { node: actor.0, hold: plan.step.holds, state: actor.1 };
        let (hold, role) = plan.gain;
        let node = match role {
            Role::Actor => actor.0,
            Role::To => row.to,
            Role::Via => row.via.unwrap_or(row.to),
        };
        let gain = match hold {
            Hold::Join if !self.joins_groups(actor.0) => return,
            Hold::Join => Held { node: actor.0, hold: Hold::Control, state: State::Member(node) },
            hold => Held::plain(node, hold),
        };
        if gain == from
            || (gain.node == from.node && gain.hold == from.hold && gain.state == State::Plain)
        {
            return;
        }
        self.edge(plan, (actor, What::Step(plan.number)), row, gain, ways);
        if gain.hold == Hold::Control
            && gain.state != State::Plain
            && self.identities.contains(&gain.node)
        {
            self.wait((gain.node, gain.state));
        }
        self.start_state(node, hold);
    }

    /// An actor whose rights something leads to the change of is in other states, too.
    fn start_state(&mut self, node: NodeId, hold: Hold) {
        let changed = match hold {
            Hold::Raise => State::Raised,
            Hold::Unbind => State::Unbounded,
            _ => return,
        };
        if self.identities.contains(&node) && self.seen.insert((node, changed)) {
            self.changed(node, &[hold], changed);
            let has_both =
                [State::Raised, State::Unbounded].map(|it| self.seen.contains(&(node, it)));
            if has_both == [true, true] && self.seen.insert((node, State::Free)) {
                self.changed(node, &[Hold::Raise, Hold::Unbind], State::Free);
            }
        }
    }

    /// Adds an edge for each way.
    fn edge(
        &mut self,
        plan: &Plan,
        (actor, what): (Actor, What),
        row: &rows::Row,
        gain: Held,
        ways: Vec<Way>,
    ) {
        if ways.is_empty() {
            return;
        }
        let label = self.taken.len() as u32;
        self.taken.push(Taken { what, actor: actor.0, state: actor.1, to: row.to, via: row.via });
        let from = Held { node: actor.0, hold: plan.step.holds, state: actor.1 };
        let (tail, head) = (self.number(from), self.number(gain));
        let cost = cost(&plan.step);
        for way in ways {
            let mut tails = vec![tail];
            for also in &way.also {
                tails.push(self.number(*also));
            }
            let mut facts = way.facts;
            if row.is_assumed {
                facts.push(match plan.step.unread {
                    WhenUnread::Assume => ASSUMED,
                    WhenUnread::Doubt => UNPROVEN,
                });
            }
            if !facts.iter().any(|it| is_fixable(*it)) && actor.1 == State::Plain {
                facts.push(self.facts.number(FactKind::Row {
                    step: plan.number,
                    actor: actor.0,
                    to: row.to,
                    via: row.via,
                }));
            }
            self.sink.add(&Edge { from: &tails, to: head, cost, facts: &facts }, label);
            self.note_contacts(tails.iter().chain([&head]));
        }
    }

    /// Control of an identity whose rights were changed: both are needed.
    fn changed(&mut self, node: NodeId, by: &[Hold], state: State) {
        self.waiting.push((node, state));
        let holds = [Hold::Control].into_iter().chain(by.iter().copied());
        let from: Vec<Position> = holds.map(|it| self.number(Held::plain(node, it))).collect();
        let to = self.number(Held { node, hold: Hold::Control, state });
        let label = self.taken.len() as u32;
        let state = State::Plain;
        self.taken.push(Taken { what: What::Raised, actor: node, state, to: node, via: None });
        self.sink.add(&Edge { from: &from, to, cost: 0, facts: &[] }, label);
    }
}

/// What a step costs in a search: -1000 ln of the number that stands for its likelihood.
fn cost(step: &Step) -> Cost {
    match step.likelihood {
        Likelihood::Certain => 0,
        Likelihood::High => 105,
        Likelihood::Medium => 511,
        Likelihood::Low => 1204,
    }
}

/// Whether a need is about what the actor may do.
fn asks(need: &Need) -> bool {
    match need {
        Need::Can(can) => can.by == Role::Actor,
        Need::Administrator => true,
        Need::Any(any) => any.iter().any(asks),
        Need::Service { .. } | Need::Also { .. } => false,
    }
}

/// A fact by number.
pub(crate) type FactList = Vec<Fact>;
