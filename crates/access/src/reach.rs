//! Where an actor may be granted something: to ask about few resources instead of all.

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
