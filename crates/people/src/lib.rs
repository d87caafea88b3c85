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

mod account;
mod attempt;
mod cbor;
mod common;
mod identity;
mod matrix;
mod passkey;
mod password;
mod rights;
mod role;
mod secret;
mod session;
mod totp;

pub use account::{BadName, account_name, display_name, email};
pub use attempt::{Counted, Failures};
pub use identity::{Disbelief, Expected, Identity, believe, pkce_challenge};
pub use matrix::{Asked, Operation, Permission, matrix};
pub use passkey::{
    Ceremony, ClientData, KeptPasskey, MadePasskey, PASSKEY_ALGORITHMS, PasskeyRefused,
    UsedPasskey, challenge_text, made_passkey, relying_party, used_passkey,
};
pub use password::{Refused, check_password, hash_password, is_dated, verify_password};
pub use rights::{Decision, Grant, Rights, Sight};
pub use role::Role;
pub use secret::{
    Digest, N_RECOVERY_CODES, RECOVERY_BYTES, digest, is_same, parse_token, recovery_code,
    recovery_digest, secret_text, token_text,
};
pub use session::{Presented, SessionLimits, SessionTimes, SessionVerdict};
pub use totp::{TOTP_BYTES, totp_link, totp_step, totp_text};
