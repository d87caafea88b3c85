//! The OpenAPI document itself.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problems;
use crate::state::Api;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_openapi))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "server",
    extensions(("x-operation" = json!("public"))),
    security(()),
    responses((status = 200, description = "The document", body = serde_json::Value), Problems)
)]
async fn get_openapi() -> impl IntoResponse {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string(&crate::document()).unwrap_or_default());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str())
}
