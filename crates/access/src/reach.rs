//! Where an actor may be granted something: to ask about few resources instead of all.

use crate::cloud::{self, Which};

/// Who stands in for an actor, by cloud: see [`crate::Access::stand_ins_of`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StandIns {
    pub(crate) azure: Option<&'static str>,
    pub(crate) google: Option<&'static str>,
}

impl StandIns {
    /// Who is answered like the actor about an action; `None`: nobody.
    pub fn of(self, action: &str) -> Option<&'static str> {
        match cloud::of_action(action).filter(|_| action != "*")? {
            Which::Azure => self.azure,
            Which::Google => self.google,
            Which::Aws | Which::Kubernetes => None,
        }
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        [self.azure, self.google].into_iter().flatten()
    }
}

/// Places at which something may allow an action to an actor.
///
/// What allows stands at a place (a scope, a project, a namespace, the resource itself) and holds for what lies
/// in it. So a resource none of whose places is among those of the actor need not be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is not told: any resource has to be asked about.
    Anywhere,
    /// At these places alone, and at resources whose places are not told: too many, never too few.
    At(Vec<String>),
}
