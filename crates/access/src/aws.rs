//! AWS: identity, resource, boundary and organisation policies.
//!
//! `estate` holds what was read, compiled; `ask` turns a request into questions about single
//! resources, `evaluate` answers one from what `layers` say.

mod admin;
mod ask;
mod compile;
mod condition;
mod context;
mod estate;
mod evaluate;
mod holder;
mod layers;
mod managed;
mod organisation;
mod pattern;
mod policy;
mod reach;
mod read;
mod s3;
mod says;
mod stirred;
mod tags;

#[cfg(test)]
mod tests;

pub(crate) use estate::Estate;
pub(crate) use managed::ManagedPolicies;
