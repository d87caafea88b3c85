//! Effective access: what an identity may do to a resource, and why.
//!
//! In: resources of all clouds and tables of facts (managed policies, built-in roles). Out: for an
//! actor, an action and a resource a [`Decision`] with the chain of reasons; the reverse (who may do
//! that?); who is an administrator. Each cloud's own evaluation logic has a module; what they share
//! is here.
//!
//! Not here: how resources are read, what an attacker makes of a right, files, the clock (the
//! instant is passed in).

mod access;
mod aws;
mod azure;
mod cloud;
mod decision;
mod facts;
mod gcp;
mod glob;
mod k8s;
mod notes;
mod reach;
mod read;
mod telling;
#[cfg(test)]
mod testing;
mod touched;
mod trail;
mod truth;

pub use access::Access;
pub use decision::{Answer, Decision, Effect, Reason, Unread, attached_of_aws};
pub use facts::Facts;
pub use reach::{Reach, StandIns};
pub use telling::{Verb, telling};
pub use touched::Touched;

use trail::Trail;

/// Who acts, and what is added to what it may do as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Actor<'a> {
    /// Canonical id of an identity (user, role, service principal, service account); `*` is anybody,
    /// without any sign-in or with an account that they make; a service by its name (`lambda.amazonaws.com`); an account that was not
    /// read by its root (`arn:aws:iam::123456789012:root`).
    pub id: &'a str,
    /// What it has beyond what was read.
    pub plus: Plus<'a>,
}

/// Rights that an actor is supposed to have beyond what was read: how a right to change rights is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plus<'a> {
    /// None.
    Nothing,
    /// Its own policies allow everything. What limits from outside (boundary, organisation, deny
    /// that it cannot take away, the other side of another account) still holds.
    Everything,
    /// Its permissions boundary is gone.
    Unbounded,
    /// Both: its own policies allow everything and no boundary limits them.
    EverythingUnbounded,
    /// It is a member of this group, too: canonical id.
    Group(&'a str),
}

impl<'a> Plus<'a> {
    /// The group that was joined; `None` where none was.
    pub(crate) fn group(self) -> Option<&'a str> {
        match self {
            Self::Group(id) => Some(id),
            Self::Nothing | Self::Everything | Self::Unbounded | Self::EverythingUnbounded => None,
        }
    }

    /// Whether its own policies are supposed to allow everything.
    pub(crate) fn is_everything(self) -> bool {
        matches!(self, Self::Everything | Self::EverythingUnbounded)
    }

    /// Whether no permissions boundary is supposed to limit it.
    pub(crate) fn is_unbounded(self) -> bool {
        matches!(self, Self::Unbounded | Self::EverythingUnbounded)
    }
}

/// Before the name of a tag in a [`Request::context`]: what the tag of the resource is supposed to have been set to.
pub const TAG: &str = "merlon:tag/";

/// The same of a tag of the actor.
pub const OWN_TAG: &str = "merlon:own-tag/";

/// As the value of such a tag: it has been taken away.
pub const NO_VALUE: &str = "\u{10}none";

/// What is supposed of the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Given {
    /// It is as it was read.
    AsRead,
    /// Its own policy (trust policy, bucket policy, key policy) allows the actor by name.
    Trusting,
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub actor: Actor<'a>,
    /// The action in the words of its cloud: `s3:GetObject`, `Microsoft.KeyVault/vaults/secrets/read`,
    /// `storage.objects.get`, `get secrets`. Compared as that cloud compares.
    pub action: &'a str,
    /// Canonical id of a resource; or of one that is yet to be made, with `*` for what is free
    /// (`arn:aws:lambda:*:111122223333:function:*`); or of a part of one (`arn:aws:s3:::bucket/*`).
    /// With `*` it is asked whether there is any such resource.
    pub on: &'a str,
    /// What is known of the request: condition keys with their values. A key that is neither here nor
    /// follows from actor and resource is not known, and neither is a condition on it.
    pub context: &'a [(&'a str, &'a str)],
    /// What is supposed of the resource.
    pub given: Given,
}
