//! Who people are to Merlon, and what they may do: rules without IO, clock and chance.
//!
//! Every question "may this caller do that there?" is answered by [`Rights::can`], from the grants
//! that the caller has and from one table of operations (`matrix.toml`). What the table does not
//! allow is refused.
//!
//! ```
//! use people::{Decision, Grant, Operation, Rights, Role};
//!
//! let rights = Rights::of(vec![Grant::on("subscription-1", Role::Reader)]);
//! // The scope that is asked for, and those above it.
//! let chain = ["group-7", "subscription-1"];
//! assert_eq!(rights.can(Operation::ResourceRead, &chain), Decision::Allowed);
//! assert_eq!(rights.can(Operation::ExemptionWrite, &chain), Decision::Forbidden);
//! assert_eq!(rights.can(Operation::ResourceRead, &["subscription-2"]), Decision::Hidden);
//! ```

mod matrix;
mod rights;
mod role;

pub use matrix::{Asked, Operation, Permission, matrix};
pub use rights::{Decision, Grant, Rights, Sight};
pub use role::Role;
