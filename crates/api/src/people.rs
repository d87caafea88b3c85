//! Who calls: sessions, tokens, accounts.

use ::people::Operation;
use axum::http::request::Parts;

use crate::guard::Caller;
use crate::problem::Problem;
use crate::state::Api;

/// Who sends a request, from its session or its token; 401 when it has neither that holds.
pub(crate) async fn authenticate(
    _api: &Api,
    _request: &Parts,
    _operation: Operation,
) -> Result<Caller, Problem> {
    Err(Problem::signed_out())
}
