//! Who calls: signing in, sessions, tokens, accounts, groups, roles.

mod caller;
mod cookie;
mod factors;
mod gate;
mod grants;
mod groups;
mod me;
mod openid;
mod passkey_sign_in;
mod passkeys;
mod prove;
mod provider;
mod sign_in;
mod tokens;
mod users;
mod webauthn;
mod words;

pub use gate::{ClientAddress, Gate, Seal};
pub use openid::{Fetch, Incoming, Outgoing, Provider};
pub use sign_in::{begin_set_up, prune_people};

pub(crate) use caller::authenticate;
pub(crate) use gate::Hashing;
pub(crate) use openid::OpenId;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(sign_in::routes())
        .merge(provider::routes())
        .merge(me::routes())
        .merge(passkey_sign_in::routes())
        .merge(factors::routes())
        .merge(passkeys::routes())
        .merge(tokens::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(grants::routes())
}
