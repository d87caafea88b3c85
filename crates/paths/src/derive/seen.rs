//! The actors that were looked at, by who they are.

use hashbrown::HashMap;
use lang::NodeId;

use super::{Actor, State};

/// Actors, each once. In the order in which they came, as far as one node is concerned.
#[derive(Debug, Default)]
pub(super) struct Seen {
    states: HashMap<NodeId, Vec<State>>,
    /// By group: who was looked at as a member of it.
    members: HashMap<NodeId, Vec<NodeId>>,
}

impl Seen {
    /// Whether it was not there.
    pub(super) fn insert(&mut self, (node, state): Actor) -> bool {
        let states = self.states.entry(node).or_default();
        if states.contains(&state) {
            return false;
        }
        states.push(state);
        if let State::Member(group) = state {
            self.members.entry(group).or_default().push(node);
        }
        true
    }

    pub(super) fn remove(&mut self, (node, state): &Actor) {
        if let Some(states) = self.states.get_mut(node) {
            states.retain(|it| it != state);
            if states.is_empty() {
                self.states.remove(node);
            }
        }
        if let State::Member(group) = state
            && let Some(members) = self.members.get_mut(group)
        {
            members.retain(|it| it != node);
        }
    }

    pub(super) fn contains(&self, (node, state): &Actor) -> bool {
        self.of(*node).contains(state)
    }

    /// The states of a node.
    pub(super) fn of(&self, node: NodeId) -> &[State] {
        self.states.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Who was looked at as a member of a group.
    pub(super) fn members_of(&self, group: NodeId) -> &[NodeId] {
        self.members.get(&group).map_or(&[], Vec::as_slice)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Actor> + '_ {
        self.states.iter().flat_map(|(node, states)| states.iter().map(|it| (*node, *it)))
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.states.keys().copied()
    }
}
