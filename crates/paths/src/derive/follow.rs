//! Following a change: what of an attack graph is derived again, and what goes.
//!
//! What an actor can do at a row depends on the rights of the actor and of the nodes of the row, on what the
//! resources there say, and on nothing else. So a change concerns: actors whose rights are others, at all
//! rows; rows that came, went, or at which a resource says something else, for all actors; contacts of end
//! points that are reached otherwise. All else stays as it is.
//!
//! INVARIANT: an attack graph that followed changes has the same edges as one that is derived of the last state.

mod ends;
mod new_rows;
mod wildcards;

use std::collections::{BTreeMap, BTreeSet};

use access::Touched;
use content::step::{Hold, Need, Role};
use graph::{Graph, Touched as InGraph};
use hashbrown::{HashMap, HashSet};
use lang::NodeId;
use model::View;

use super::rows::{Plan, Row};
use super::sink::{Changing, Sink};
use super::watching::{Concerned, Watching};
use super::{Actor, Attack, Deriving, Estate, Held, INTERNET, Memory, State, What};
use crate::attack::{AttackBuilder, Change, EdgeNumber, Position, Renumbered, Shut};

/// What changed under an attack graph.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// The graph before.
    pub before: &'a Graph,
    /// What changed in it: see [`Graph::since`].
    pub touched: &'a [InGraph<'a>],
    /// Which answers about access may be others.
    pub access: &'a Touched,
    /// End points that may be reached, or reach others, otherwise.
    pub endpoints: &'a [String],
}

/// What following a change did.
#[derive(Debug)]
pub struct Followed {
    /// Edges that came and went.
    pub change: Change,
    /// The new numbers of edges, where the graph was laid out anew before the change.
    pub renumbered: Option<Renumbered>,
}

/// Why a change cannot be followed: all is to be derived again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfollowed {
    /// Anybody's rights may be others.
    Access,
    /// What is there was not derived whole, or what changed could not be.
    Problems,
    /// So much came and went that deriving again is due.
    Worn,
}

/// More anchors of a pattern than this, and it is run whole.
const MOST_ANCHORS: usize = 256;
/// More changed resources than this, and following takes longer than deriving.
const MOST_RESOURCES: usize = 1024;

/// Actors that a change concerns.
#[derive(Debug, Default)]
struct Actors {
    /// Whose rights may be others, groups among them.
    touched: HashSet<NodeId>,
    /// Who is to be asked about again, at all rows.
    again: HashSet<NodeId>,
    /// Who was no actor before.
    came: HashSet<NodeId>,
}

/// Rows of one plan that change.
#[derive(Debug, Default)]
struct Rows {
    gone: BTreeSet<u32>,
    again: BTreeSet<u32>,
    new: Vec<Row>,
}

impl Attack {
    /// Follows a change: `estate` is the state after it, with the same steps. Costs what the change concerns.
    ///
    /// # Errors
    /// The change cannot be followed; the attack graph is of no use any more and has to be derived.
    pub fn follow(
        &mut self,
        estate: Estate<'_>,
        changed: &Changed<'_>,
    ) -> Result<Followed, Unfollowed> {
        if changed.access.is_everything || changed.access.resources.len() > MOST_RESOURCES {
            return Err(Unfollowed::Access);
        }
        if !self.problems.is_empty() {
            return Err(Unfollowed::Problems);
        }
        if self.taken.len() > 2 * self.graph.n_edges() as usize + LEAST_WORN {
            return Err(Unfollowed::Worn);
        }
        let n_gone: usize = self.memory.plans.iter().map(Plan::n_gone).sum();
        let n_rows: usize = self.memory.plans.iter().map(|it| it.numbers().len()).sum();
        if n_gone * 2 > n_rows + LEAST_WORN {
            return Err(Unfollowed::Worn);
        }
        self.graph.index_ins();
        let renumbered = self.graph.is_worn().then(|| self.graph.compact());
        let mut memory = std::mem::take(&mut self.memory);
        let watching = memory.watching.take();
        let watching = watching.unwrap_or_else(|| Watching::of(&memory.plans, changed.before));
        let plans = std::mem::take(&mut memory.plans);
        let deriving = Deriving::resume(self, memory, estate);
        let mut following = Following {
            deriving,
            plans,
            watching,
            changed,
            lost: BTreeSet::new(),
            unread: BTreeSet::new(),
        };
        following.run()?;
        let Following { deriving, plans, watching, unread, .. } = following;
        self.unread_steps.extend(unread);
        self.unread_steps.sort_unstable();
        self.unread_steps.dedup();
        let change = deriving.suspend(self, plans, watching);
        Ok(Followed { change, renumbered })
    }
}

/// Steps taken that no edge is any more, and rows that are gone, wear nothing below this.
const LEAST_WORN: usize = 1 << 16;

struct Following<'a, 'c> {
    deriving: Deriving<'a>,
    plans: Vec<Plan>,
    watching: Watching,
    changed: &'c Changed<'c>,
    /// Positions by which states are held that lost an edge.
    lost: BTreeSet<Position>,
    /// Steps whose pattern read something that was not collected.
    unread: BTreeSet<u32>,
}

impl Following<'_, '_> {
    fn run(&mut self) -> Result<(), Unfollowed> {
        let mut other = self.other_nodes();
        let mut actors = self.come_and_go(&other);
        let came = actors.came.clone();
        let at = self.resources();
        actors.again.extend(at.iter().filter(|it| self.deriving.identities.contains(*it)));
        other.extend(&at);
        let trusts = self.nodes_of(&self.changed.access.trusts);
        let rows = self.rows(&other, &actors.touched, &trusts)?;
        let states = self.states(&actors);
        self.forget(&rows, &states);
        let new = self.replace(rows);
        self.derive(&new, &states, came)?;
        self.drop_unsupported();
        self.tags();
        self.contacts();
        // what was left out because time was over is told as a problem
        if self.deriving.problems.is_empty() { Ok(()) } else { Err(Unfollowed::Problems) }
    }

    /// The nodes that have one of these ids, or had it.
    fn nodes_of(&self, ids: &BTreeSet<String>) -> HashSet<NodeId> {
        let graphs = [self.changed.before, self.deriving.estate.graph];
        ids.iter().flat_map(|id| graphs.map(|it| it.node_by_id(id))).flatten().collect()
    }

    /// Takes in who became an actor and who is none any more.
    fn come_and_go(&mut self, other: &HashSet<NodeId>) -> Actors {
        let touched = self.nodes_of(&self.changed.access.actors);
        let Estate { graph, access, .. } = self.deriving.estate;
        let mut actors = Actors { touched, ..Actors::default() };
        for node in actors.touched.iter().chain(other) {
            let was = self.deriving.identities.contains(node);
            let is = graph.id(*node).is_some_and(|id| access.is_actor(id));
            match (was, is) {
                (false, true) => {
                    self.deriving.identities.insert(*node);
                    actors.came.insert(*node);
                }
                (true, false) => drop(self.deriving.identities.remove(node)),
                (true, true) | (false, false) => {}
            }
            // names and places of nodes are asked with, too
            if was || is {
                actors.again.insert(*node);
            }
        }
        actors
    }

    /// Nodes that came, went, or have other names, places or labels.
    fn other_nodes(&self) -> HashSet<NodeId> {
        let (before, after) = (self.changed.before, self.deriving.estate.graph);
        let keys = ["id", "name", "scope"].map(|it| after.keys().find(it));
        let is_other = |node: NodeId| {
            let text = |graph: &Graph, key| match graph.meta(node).get(key) {
                Some(View::Str(text)) => Some(text.to_owned()),
                _ => None,
            };
            before.has_node(node) != after.has_node(node)
                || keys.iter().flatten().any(|key| text(before, *key) != text(after, *key))
                || !before.labels(node).eq(after.labels(node))
        };
        self.put_or_removed().filter(|it| is_other(*it)).collect()
    }

    /// Nodes that came, went, or that have another document.
    fn put_or_removed(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.changed.touched.iter().filter_map(|it| match *it {
            InGraph::Put(node) | InGraph::Removed(node) => Some(node),
            InGraph::Edge(..) | InGraph::Marks(..) => None,
        })
    }

    /// Nodes that are, or lie in, a resource that says something else.
    fn resources(&mut self) -> HashSet<NodeId> {
        let (before, after) = (self.changed.before, self.deriving.estate.graph);
        let resources = &self.changed.access.resources;
        let mut found = HashSet::new();
        for resource in resources {
            found.extend(self.watching.ids.within(resource, before));
        }
        let nodes: Vec<NodeId> = self.put_or_removed().collect();
        self.watching.ids.follow(&nodes, before, after);
        for resource in resources {
            found.extend(self.watching.ids.within(resource, after));
            if may_lack_region(resource) {
                let is_it = |node: &NodeId| {
                    after.id(*node).is_some_and(|id| is_without_region(resource, id))
                };
                found.extend(after.nodes().filter(is_it));
            }
        }
        found
    }

    /// Rows that go, come, and are to be asked about again.
    fn rows(
        &mut self,
        other: &HashSet<NodeId>,
        actors: &HashSet<NodeId>,
        trusts: &HashSet<NodeId>,
    ) -> Result<BTreeMap<usize, Rows>, Unfollowed> {
        let (before, after) = (self.changed.before, self.deriving.estate.graph);
        let mut rows: BTreeMap<usize, Rows> = BTreeMap::new();
        let mut again = |node: NodeId, is_meant: &dyn Fn(&Plan) -> bool| {
            for (plan, row) in self.watching.rows_of(node) {
                if self.plans.get(*plan as usize).is_some_and(is_meant) {
                    rows.entry(*plan as usize).or_default().again.insert(*row);
                }
            }
        };
        other.iter().for_each(|it| again(*it, &|_| true));
        actors.iter().for_each(|it| again(*it, &|plan| plan.asks_others || !plan.asks_identity()));
        trusts.iter().for_each(|it| again(*it, &|plan| plan.asks_trust));
        for (place, plan) in self.plans.iter().enumerate() {
            if self.changed.access.resources.iter().any(|it| plan.asks_any(it)) {
                rows.entry(place).or_default().again.extend(plan.rows().map(|it| it.0));
            }
        }
        let mut concerned = self.watching.concerned(before, after, self.changed.touched);
        // rows of nodes that are gone are looked for where they were
        for node in other {
            for (plan, row) in self.watching.rows_of(*node) {
                let row = self.plans.get(*plan as usize).and_then(|it| it.row(*row));
                let to = row.map(|it| (Role::To, it.to));
                concerned.at.entry(*plan as usize).or_default().extend(to);
            }
        }
        self.run_patterns(&concerned, &mut rows)?;
        for (place, rows) in &mut rows {
            let plan = self.plans.get(*place);
            let is_there = |it: &u32| plan.is_some_and(|plan| plan.row(*it).is_some());
            rows.again.retain(|it| !rows.gone.contains(it) && is_there(it));
        }
        Ok(rows)
    }

    fn run_patterns(
        &mut self,
        concerned: &Concerned,
        rows: &mut BTreeMap<usize, Rows>,
    ) -> Result<(), Unfollowed> {
        let estate = self.deriving.estate;
        let places: BTreeSet<usize> =
            concerned.at.keys().chain(&concerned.whole).copied().collect();
        for place in places {
            let Some(plan) = self.plans.get(place) else { continue };
            let none = BTreeSet::new();
            let at = concerned.at.get(&place).unwrap_or(&none);
            let mut is_read = true;
            let is_whole = concerned.whole.contains(&place) || at.len() > MOST_ANCHORS;
            let (mut old, mut new): (HashMap<Row, u32>, HashSet<Row>) = Default::default();
            if is_whole {
                let now = plan.rows_now(None, estate).map_err(|_| Unfollowed::Problems)?;
                new.extend(now.0);
                is_read &= now.1;
                old.extend(plan.rows().map(|(number, row)| (*row, number)));
            } else {
                for (role, node) in at {
                    if estate.graph.has_node(*node) {
                        let now = plan.rows_now(Some((*role, *node)), estate);
                        let now = now.map_err(|_| Unfollowed::Problems)?;
                        new.extend(now.0);
                        is_read &= now.1;
                    }
                    for (own, number) in self.watching.rows_of(*node) {
                        let binds = |it: &&Row| it.node(*role) == Some(*node);
                        if *own as usize == place
                            && let Some(row) = plan.row(*number).filter(binds)
                        {
                            old.insert(*row, *number);
                        }
                    }
                }
            }
            if !is_read {
                self.unread.insert(plan.number);
            }
            let gone = old.iter().filter(|(row, _)| !new.contains(*row)).map(|it| *it.1);
            let added: Vec<Row> = new.iter().filter(|it| !old.contains_key(*it)).copied().collect();
            let mut gone = gone.peekable();
            if gone.peek().is_some() || !added.is_empty() {
                let rows = rows.entry(place).or_default();
                rows.gone.extend(gone);
                rows.new.extend(added);
            }
        }
        Ok(())
    }

    /// The actors, in all states, that are to be derived again.
    fn states(&self, actors: &Actors) -> HashSet<Actor> {
        let seen = &self.deriving.seen;
        let again = actors.again.iter();
        let own = again.flat_map(|it| seen.of(*it).iter().map(|state| (*it, *state)));
        let members = actors.touched.iter().flat_map(|group| {
            seen.members_of(*group).iter().map(|it| (*it, State::Member(*group)))
        });
        own.chain(members).collect()
    }

    /// Takes away the edges of rows that go or are asked about again, and of actors that are.
    fn forget(&mut self, rows: &BTreeMap<usize, Rows>, states: &HashSet<Actor>) {
        let mut edges: Vec<EdgeNumber> = Vec::new();
        for (place, rows) in rows {
            let Some(plan) = self.plans.get(*place) else { continue };
            for number in rows.gone.iter().chain(&rows.again) {
                edges.extend(plan.row(*number).into_iter().flat_map(|it| self.edges_of(plan, it)));
            }
        }
        for actor in states {
            edges.extend(self.edges_from(*actor));
        }
        for it in edges {
            self.remove(it);
        }
        for actor in states {
            self.deriving.asker.forget(*actor);
        }
    }

    /// The edges of a row.
    fn edges_of(&self, plan: &Plan, row: &Row) -> Vec<EdgeNumber> {
        let it = &self.deriving;
        let (hold, role) = plan.gain;
        let node = match role {
            Role::Actor => None,
            Role::To => Some(row.to),
            Role::Via => Some(row.via.unwrap_or(row.to)),
        };
        let number = |held: Held| it.numbers.get(&held).copied();
        let heads: Vec<Position> = match (hold, node, row.actor) {
            (Hold::Join, Some(node), _) => it.members.get(&node).cloned().unwrap_or_default(),
            (hold, Some(node), _) | (hold, None, Some(node)) => {
                number(Held::plain(node, hold)).into_iter().collect()
            }
            (hold, None, None) => {
                it.seen.nodes().filter_map(|it| number(Held::plain(it, hold))).collect()
            }
        };
        let Some(graph) = it.changing() else { return Vec::new() };
        let open = Shut::of(false);
        let leading = |head: &Position| {
            let singles = graph.ins(*head, open).map(|it| it.edge);
            singles.chain(graph.joints_to(*head, open)).collect::<Vec<EdgeNumber>>()
        };
        let is_of_row = |edge: &EdgeNumber| {
            it.taken.get(graph.label(*edge) as usize).is_some_and(|taken| {
                taken.what == What::Step(plan.number)
                    && (taken.to, taken.via) == (row.to, row.via)
                    && row.actor.is_none_or(|actor| actor == taken.actor)
            })
        };
        heads.iter().flat_map(leading).filter(is_of_row).collect()
    }

    /// The edges of all that an actor does by its rights.
    fn edges_from(&self, actor: Actor) -> Vec<EdgeNumber> {
        let it = &self.deriving;
        let hold = if actor.0 == INTERNET { Hold::Internet } else { Hold::Control };
        let held = Held { node: actor.0, hold, state: actor.1 };
        let (Some(tail), Some(graph)) = (it.numbers.get(&held), it.changing()) else {
            return Vec::new();
        };
        let open = Shut::of(false);
        let singles = graph.outs(*tail, open).map(|it| it.0);
        let is_own = |edge: &EdgeNumber| {
            it.taken.get(graph.label(*edge) as usize).is_some_and(|taken| match taken.what {
                What::Step(step) => {
                    let plan = self.plans.get(step as usize);
                    (taken.actor, taken.state) == actor && plan.is_some_and(Plan::asks_identity)
                }
                What::Alike => (taken.actor, taken.state) == actor,
                What::Raised | What::Contact(_) | What::Tag { .. } => false,
            })
        };
        singles.chain(graph.joints_of(*tail, open)).filter(is_own).collect()
    }

    fn remove(&mut self, edge: EdgeNumber) {
        let Some(graph) = self.deriving.changing() else { return };
        if !graph.holds(edge) {
            return;
        }
        let (head, tails) = (graph.to(edge), graph.from(edge).to_vec());
        let taken = self.deriving.taken.get(graph.label(edge) as usize).copied();
        if let Sink::Changed(changing) = &mut self.deriving.sink {
            changing.remove(edge);
        }
        let held = self.deriving.positions.get(head as usize);
        let gives_state =
            |it: &Held| matches!(it.hold, Hold::Raise | Hold::Unbind) || it.state != State::Plain;
        if held.is_some_and(gives_state) {
            self.lost.insert(head);
        }
        if !taken.is_some_and(|it| matches!(it.what, What::Contact(_))) {
            self.deriving.note_contacts(tails.iter().chain([&head]));
        }
    }

    /// Takes rows away and adds others. Gives the numbers of those that were added.
    fn replace(&mut self, rows: BTreeMap<usize, Rows>) -> BTreeMap<usize, Vec<u32>> {
        let estate = self.deriving.estate;
        let mut found: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (place, rows) in rows {
            let Some(plan) = self.plans.get_mut(place) else { continue };
            let again = rows.again.iter().filter_map(|it| plan.row(*it).copied());
            let new: Vec<Row> = again.chain(rows.new.iter().copied()).collect();
            rows.gone.iter().chain(&rows.again).for_each(|it| plan.remove(*it));
            for row in new {
                let number = plan.add(row, estate);
                self.watching.add(place, number, row.nodes());
                found.entry(place).or_default().push(number);
            }
        }
        found
    }

    fn derive(
        &mut self,
        new: &BTreeMap<usize, Vec<u32>>,
        states: &HashSet<Actor>,
        came: HashSet<NodeId>,
    ) -> Result<(), Unfollowed> {
        let it = &mut self.deriving;
        let mut again: Vec<Actor> = states.iter().copied().collect();
        again.retain(|actor| it.identities.contains(&actor.0) || actor.0 == INTERNET);
        for actor in states {
            // who is no identity any more has no states
            if !again.contains(actor) {
                it.seen.remove(actor);
            }
        }
        for (place, rows) in new {
            let Some(plan) = self.plans.get(*place).filter(|it| !it.asks_identity()) else {
                continue;
            };
            it.bound_rows(plan, rows.iter().copied());
        }
        // who comes up from here on is asked at all rows
        let others = it.who_may(&self.plans, new, states);
        for actor in again {
            it.actor(actor, &self.plans);
        }
        for (actor, rows) in others {
            it.actor_among(actor, &self.plans, &rows);
        }
        let mut came: Vec<NodeId> = came.into_iter().collect();
        came.sort_unstable();
        for node in came {
            it.wait((node, State::Plain));
            it.start_states(node);
        }
        while let Some(actor) = it.waiting.pop() {
            if it.estate.is_over() {
                return Err(Unfollowed::Problems);
            }
            it.actor(actor, &self.plans);
        }
        Ok(())
    }
}

/// Whether it may be a resource of a region whose export does not say which.
fn may_lack_region(id: &str) -> bool {
    let mut words = id.split(':');
    let (arn, service, region) = (words.next(), words.nth(1), words.next());
    let is_global =
        matches!(service, Some("s3" | "iam" | "sts" | "organizations" | "cloudfront" | "route53"));
    arn == Some("arn") && region == Some("") && !is_global
}

/// Whether `of` is the resource `id`, spelled without its region.
fn is_without_region(of: &str, id: &str) -> bool {
    let (mut own, mut other) = (of.splitn(5, ':'), id.splitn(5, ':'));
    own.nth(3) == Some("")
        && other.nth(3).is_some()
        && own.next() == other.next()
        && of.split(':').nth(2) == id.split(':').nth(2)
}

/// Whether a need is about rights of others than the actor, and whether it is about trust.
pub(super) fn asks_beyond(needs: &[Need]) -> (bool, bool) {
    needs.iter().fold((false, false), |(others, trust), it| match it {
        Need::Can(can) => {
            let is_taking = can.actions.iter().any(|it| it.starts_with("sts:"));
            (others || can.by != Role::Actor, trust || is_taking)
        }
        Need::Service { .. } => (others, true),
        Need::Any(any) => {
            let own = asks_beyond(any);
            (others || own.0, trust || own.1)
        }
        _ => (others, trust),
    })
}

impl<'a> Deriving<'a> {
    /// Goes on with an attack graph that was derived.
    fn resume(attack: &mut Attack, memory: Memory, estate: Estate<'a>) -> Self {
        let empty = AttackBuilder::default().finish();
        let graph = std::mem::replace(&mut attack.graph, empty);
        Self {
            estate,
            plans: Vec::new(),
            asker: super::Asker::new(estate)
                .with_tags(std::mem::take(&mut attack.tags), None)
                .knowing(memory.known),
            sink: Sink::Changed(Box::new(Changing::of(graph))),
            positions: std::mem::take(&mut attack.positions),
            numbers: std::mem::take(&mut attack.numbers),
            taken: std::mem::take(&mut attack.taken),
            facts: std::mem::take(&mut attack.facts),
            problems: Vec::new(),
            unread_steps: Vec::new(),
            identities: memory.identities,
            waiting: Vec::new(),
            seen: memory.seen,
            members: memory.members,
            tagged: memory.tagged,
            contacts_at: memory.contacts_at,
            wants: memory.wants,
            noted: BTreeSet::new(),
        }
    }

    fn suspend(self, attack: &mut Attack, plans: Vec<Plan>, watching: Watching) -> Change {
        let (graph, change) = match self.sink {
            Sink::Changed(changing) => changing.finish(),
            Sink::Made(builder) => (builder.finish(), Change::default()),
        };
        let (known, tags) = self.asker.into_parts();
        attack.graph = graph;
        attack.tags = tags;
        attack.graph.hold(self.positions.len() as u32);
        attack.positions = self.positions;
        attack.numbers = self.numbers;
        attack.taken = self.taken;
        attack.facts = self.facts;
        attack.memory = Memory {
            plans,
            identities: self.identities,
            seen: self.seen,
            known,
            members: self.members,
            tagged: self.tagged,
            contacts_at: self.contacts_at,
            wants: self.wants,
            watching: Some(watching),
        };
        change
    }

    /// States of a node that became an identity, to which something leads already.
    fn start_states(&mut self, node: NodeId) {
        let open = Shut::of(false);
        let is_held = |it: &Self, hold: Hold| {
            let position = it.numbers.get(&Held::plain(node, hold));
            position.zip(it.changing()).is_some_and(|(position, graph)| {
                graph.ins(*position, open).next().is_some()
                    || graph.joints_to(*position, open).next().is_some()
            })
        };
        for hold in [Hold::Raise, Hold::Unbind] {
            if is_held(self, hold) {
                self.start_state(node, hold);
            }
        }
    }
}
