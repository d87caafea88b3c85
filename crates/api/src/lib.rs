//! The HTTP interface: `/api/v1`, described by OpenAPI, for the portal, for scripts and for `merlon --server`.
//!
//! In: the store, the current [`view::View`] of the tenant and a clock, all in [`Api`]. Out: a router, and
//! the OpenAPI document that is made of the same handlers, so that neither can lack what the other has.
//!
//! A route names the operation that it is in its OpenAPI entry (`x-operation`); the guard around all routes looks it up
//! there and asks the room `people` whether the caller may. A route that names none is refused: INVARIANT.

#![expect(unused_qualifications, reason = "the macro of the OpenAPI entries writes them")]

mod cursor;
mod export;
mod guard;
mod instants;
mod limit;
mod list;
mod page;
mod past;
mod people;
mod problem;
mod query;
pub mod report;
mod routes;
mod state;
mod tag;
mod time;
mod versions;
#[cfg_attr(not(test), expect(dead_code, reason = "the OpenAPI document alone names them"))]
mod words;
mod work;

pub use guard::{Caller, Via};
pub use limit::{Limited, Limits, Rate};
pub use past::{BuildPast, PastError};
pub use people::{
    ClientAddress, Fetch, Gate, Incoming, Outgoing, Provider, Seal, begin_set_up, prune_people,
};
pub use problem::{FieldProblem, Problem};
pub use routes::attack::{StoryDesk, keep_known, known_of};
pub use routes::checks::validate_check;
pub use routes::coverage::{Collections, coverage};
pub use routes::settings::{
    RETENTION_ASSESSMENTS, RETENTION_JOBS, RETENTION_SCORES, RETENTION_VERSIONS,
};
pub use state::{Api, RequestId};
pub use versions::{Happened, ResourceStep, ValueChange, resource_steps};

use axum::Router;
use utoipa::openapi::OpenApi;

/// The router of everything under `/api/v1`, answering for `api`.
pub fn router(api: Api) -> Router {
    let (router, document) = routes::all().split_for_parts();
    guard::around(router, &document, api)
}

/// The OpenAPI document of the interface.
pub fn document() -> OpenApi {
    routes::all().split_for_parts().1
}
