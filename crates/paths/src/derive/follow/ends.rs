//! What hangs on edges that came and went: states of actors, tags that are to be changed, contacts.

use content::step::Hold;
use graph::Touched as InGraph;
use hashbrown::HashSet;
use lang::NodeId;

use super::Following;
use crate::attack::{EdgeNumber, Position, Shut};
use crate::derive::{Actor, Held, State, What, contacts};

impl Following<'_, '_> {
    /// Ends states of actors to which nothing leads any more but what they do themselves.
    pub(super) fn drop_unsupported(&mut self) {
        let lost = std::mem::take(&mut self.lost);
        let mut doubt: Vec<Actor> = Vec::new();
        let mut waiting: Vec<Position> = lost.into_iter().collect();
        while let Some(position) = waiting.pop() {
            for actor in self.states_held_by(position) {
                if doubt.contains(&actor) || self.is_led_to(actor, |by| by.1 == State::Plain) {
                    continue;
                }
                doubt.push(actor);
                let Some(graph) = self.deriving.changing() else { return };
                waiting.extend(self.edges_from(actor).into_iter().map(|it| graph.to(it)));
            }
        }
        // whoever is led to by somebody beyond doubt is beyond doubt, too
        loop {
            let n = doubt.len();
            let sure: Vec<Actor> = doubt
                .iter()
                .filter(|actor| self.is_led_to(**actor, |by| !doubt.contains(&by)))
                .copied()
                .collect();
            doubt.retain(|it| !sure.contains(it));
            if doubt.len() == n {
                break;
            }
        }
        for actor in doubt {
            for edge in self.edges_from(actor) {
                self.remove(edge);
            }
            let held = Held { node: actor.0, hold: Hold::Control, state: actor.1 };
            let position = self.deriving.numbers.get(&held).copied();
            if let (Some(position), Some(graph)) = (position, self.deriving.changing()) {
                let open = Shut::of(false);
                let edges: Vec<EdgeNumber> = graph.joints_to(position, open).collect();
                let is_raised = |it: &EdgeNumber| {
                    let taken = self.deriving.taken.get(graph.label(*it) as usize);
                    taken.is_some_and(|it| it.what == What::Raised)
                };
                let edges: Vec<EdgeNumber> = edges.into_iter().filter(is_raised).collect();
                for it in edges {
                    self.remove(it);
                }
            }
            self.deriving.seen.remove(&actor);
            self.deriving.asker.forget(actor);
        }
    }

    /// The states of actors that what a position is has a part in.
    fn states_held_by(&self, position: Position) -> Vec<Actor> {
        let Some(held) = self.deriving.positions.get(position as usize) else { return Vec::new() };
        let states: &[State] = match (held.hold, held.state) {
            (Hold::Raise, _) => &[State::Raised, State::Free],
            (Hold::Unbind, _) => &[State::Unbounded, State::Free],
            (Hold::Control, State::Member(_)) => &[held.state],
            _ => &[],
        };
        let actors = states.iter().map(|it| (held.node, *it));
        actors.filter(|it| self.deriving.seen.contains(it)).collect()
    }

    /// Whether somebody who counts leads to each thing by which a state is held.
    fn is_led_to(&self, actor: Actor, counts: impl Fn(Actor) -> bool) -> bool {
        let holds: &[Hold] = match actor.1 {
            State::Raised => &[Hold::Raise],
            State::Unbounded => &[Hold::Unbind],
            State::Free => &[Hold::Raise, Hold::Unbind],
            _ => &[],
        };
        let mut held: Vec<Held> = holds.iter().map(|it| Held::plain(actor.0, *it)).collect();
        if holds.is_empty() {
            held.push(Held { node: actor.0, hold: Hold::Control, state: actor.1 });
        }
        held.iter().all(|it| {
            let position = self.deriving.numbers.get(it);
            position.is_some_and(|it| self.supporters(*it).any(&counts))
        })
    }

    /// Who may change tags that edges need changed: asked anew where there are any.
    pub(super) fn tags(&mut self) {
        let tags = self.deriving.tagged.clone();
        let Some(graph) = self.deriving.changing().filter(|_| !tags.is_empty()) else { return };
        let open = Shut::of(false);
        let mut edges: Vec<EdgeNumber> = Vec::new();
        for it in tags {
            edges.extend(graph.ins(it, open).map(|it| it.edge));
            edges.extend(graph.joints_to(it, open));
        }
        for it in edges {
            self.remove(it);
        }
        self.deriving.tags(&self.plans);
    }

    /// Who leads to a position, and in which states.
    fn supporters(&self, position: Position) -> impl Iterator<Item = Actor> {
        let open = Shut::of(false);
        let graph = self.deriving.changing();
        let edges = graph.into_iter().flat_map(move |it| {
            it.ins(position, open).map(|it| it.edge).chain(it.joints_to(position, open))
        });
        edges.filter_map(move |edge| {
            let taken = self.deriving.taken.get(graph?.label(edge) as usize)?;
            matches!(taken.what, What::Step(_)).then_some((taken.actor, taken.state))
        })
    }

    /// Contacts of end points that are reached or reach others otherwise, and that are wanted newly or no more.
    pub(super) fn contacts(&mut self) {
        let (before, after) = (self.changed.before, self.deriving.estate.graph);
        let ends = self.changed.endpoints.iter();
        let ends = ends.flat_map(|id| [before, after].map(|it| it.node_by_id(id)));
        let mut nodes: HashSet<NodeId> = ends.flatten().collect();
        nodes.extend(self.changed.touched.iter().copied().filter_map(|it| match it {
            InGraph::Put(node) | InGraph::Removed(node)
                if before.has_node(node) != after.has_node(node) =>
            {
                Some(node)
            }
            _ => None,
        }));
        let mut targets = nodes.clone();
        for position in std::mem::take(&mut self.deriving.noted) {
            let Some(held) = self.deriving.positions.get(position as usize) else { continue };
            let wanted = contacts::wanted(*held);
            let is_wanted = self.is_wanted(position);
            if is_wanted != self.deriving.wants.contains(wanted) {
                targets.insert(wanted.0);
                if is_wanted {
                    self.deriving.wants.insert(wanted);
                } else {
                    self.deriving.wants.remove(wanted);
                }
            }
        }
        if targets.is_empty() {
            return;
        }
        let Some(graph) = self.deriving.changing() else { return };
        let open = Shut::of(false);
        let mut edges: Vec<EdgeNumber> = Vec::new();
        for position in targets.iter().filter_map(|it| self.deriving.contacts_at.get(it)).flatten()
        {
            edges.extend(graph.ins(*position, open).map(|it| it.edge));
        }
        for node in &nodes {
            let held = Held::plain(*node, Hold::Control);
            let position = self.deriving.numbers.get(&held);
            edges.extend(position.iter().flat_map(|it| graph.outs(**it, open)).map(|it| it.0));
        }
        edges.retain(|it| {
            let taken = self.deriving.taken.get(graph.label(*it) as usize);
            taken.is_some_and(|it| matches!(it.what, What::Contact(_)))
        });
        for it in edges {
            self.remove(it);
        }
        self.deriving.contacts(contacts::Which::Some { to: &targets, from: &nodes });
    }

    /// Whether a step needs or gains a contact.
    fn is_wanted(&self, position: Position) -> bool {
        let Some(graph) = self.deriving.changing() else { return false };
        let open = Shut::of(false);
        graph.outs(position, open).next().is_some()
            || graph.joints_of(position, open).next().is_some()
            || self.supporters(position).next().is_some()
    }
}
