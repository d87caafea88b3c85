//! Who calls: signing in, sessions, tokens, accounts, groups, roles.

mod caller;
mod cookie;
mod factors;
mod gate;
mod grants;
mod groups;
mod me;
mod prove;
mod provider;
mod sign_in;
mod tokens;
mod users;
mod words;

pub use gate::{ClientAddress, Gate, Seal};
pub use provider::{Fetch, Incoming, Outgoing, Provider};
pub use sign_in::begin_set_up;

pub(crate) use caller::authenticate;
pub(crate) use gate::Hashing;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(sign_in::routes())
        .merge(provider::routes())
        .merge(me::routes())
        .merge(factors::routes())
        .merge(tokens::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(grants::routes())
}
