//! Which answers a change may have altered.

use std::collections::BTreeSet;

/// What changed resources may have altered: more than they did, never less.
///
/// An answer about an actor and a resource is what it was, with all its reasons, unless everything is
/// touched, or the actor is among `actors` (or the group that it is supposed to be in), or the resource
/// is or lies in one of `resources`, or it is asked whether a role can be taken that is among
/// `trusts`. What an actor may be granted somewhere ([`crate::Access::may_grant`],
/// [`crate::Access::reach`], [`crate::Access::administrator`]) changes for `actors` alone; whom a
/// resource names and where it lies, for `resources` and `trusts` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Nothing can be said: any answer may be another one.
    pub is_everything: bool,
    /// Canonical ids of identities whose rights may be others; identities that came or went.
    pub actors: BTreeSet<String>,
    /// Canonical ids of resources of which what their documents say about access may be other.
    pub resources: BTreeSet<String>,
    /// Roles of AWS that others may be trusted by.
    pub trusts: BTreeSet<String>,
}

impl Touched {
    /// Whether all answers are what they were.
    pub fn is_nothing(&self) -> bool {
        !self.is_everything
            && self.actors.is_empty()
            && self.resources.is_empty()
            && self.trusts.is_empty()
    }

    /// Adds what another change touched.
    pub fn merge(&mut self, other: Self) {
        self.is_everything |= other.is_everything;
        self.actors.extend(other.actors);
        self.resources.extend(other.resources);
        self.trusts.extend(other.trusts);
    }

    pub(crate) fn everything(&mut self) {
        self.is_everything = true;
    }

    pub(crate) fn actor(&mut self, id: &str) {
        self.actors.insert(id.to_owned());
    }

    pub(crate) fn resource(&mut self, id: &str) {
        self.resources.insert(id.to_owned());
    }

    /// An identity that came or went, or that is not who it was.
    pub(crate) fn identity(&mut self, id: &str) {
        self.actor(id);
        self.resource(id);
    }
}

#[cfg(test)]
mod tests;
