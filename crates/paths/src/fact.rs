//! What edges rest on: the statements, bindings and rules whose removal takes the edge away.

use hashbrown::HashMap;
use lang::NodeId;

use crate::attack::Fact;

/// The fact that everything rests on that could not be judged: left out, only what is proven remains.
pub const UNPROVEN: Fact = 0;

/// The fact that everything rests on of which something was not collected that would rarely stand in the
/// way, such as whether somebody has a password already.
pub const ASSUMED: Fact = 1;

/// Whether something can be done about a fact.
pub fn is_fixable(fact: Fact) -> bool {
    fact != UNPROVEN && fact != ASSUMED
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Not known to hold.
    Unproven,
    /// Not collected, and supposed.
    Assumed,
    /// These statements grant this action: (resource, path), sorted.
    Grant {
        /// The action.
        action: String,
        /// Where it is granted.
        statements: Vec<(String, String)>,
    },
    /// Policies that AWS keeps, and nobody can change, grant it: who has which, as (resource, path), sorted. Whatever else they
    /// grant goes with them.
    Attached {
        /// Who has one, and which.
        policies: Vec<(String, String)>,
    },
    /// The actor may do everything, by these statements.
    Administrator {
        /// Where it is granted.
        statements: Vec<(String, String)>,
    },
    /// These statements let a service take a role on.
    Trust {
        /// The service.
        service: String,
        /// Where it is trusted.
        statements: Vec<(String, String)>,
    },
    /// Packets from here arrive there.
    Contact {
        /// Where they come from.
        from: NodeId,
        /// Where they arrive.
        to: NodeId,
    },
    /// Things are related as a step's pattern wants it.
    Row {
        /// Number of the step.
        step: u32,
        /// Who takes it.
        actor: NodeId,
        /// What it goes for.
        to: NodeId,
        /// What it goes by.
        via: Option<NodeId>,
    },
}

/// Facts by number.
#[derive(Debug)]
pub struct Facts {
    kinds: Vec<FactKind>,
    numbers: HashMap<FactKind, Fact>,
}

impl Default for Facts {
    fn default() -> Self {
        let mut facts = Self { kinds: Vec::new(), numbers: HashMap::new() };
        facts.number(FactKind::Unproven);
        facts.number(FactKind::Assumed);
        facts
    }
}

impl Facts {
    /// The number of a fact, which is added when it is new.
    pub(crate) fn number(&mut self, kind: FactKind) -> Fact {
        if let Some(number) = self.numbers.get(&kind) {
            return *number;
        }
        let number = self.kinds.len() as Fact;
        self.kinds.push(kind.clone());
        self.numbers.insert(kind, number);
        number
    }

    /// What a fact says.
    pub fn get(&self, fact: Fact) -> Option<&FactKind> {
        self.kinds.get(fact as usize)
    }

    /// Number of facts.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether nothing rests on anything.
    pub fn is_empty(&self) -> bool {
        self.kinds.len() <= 2
    }
}
