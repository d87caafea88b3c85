//! Every route, by noun.

mod assessments;
pub(crate) mod attack;
mod audit;
mod changes;
pub(crate) mod checks;
mod content;
pub(crate) mod coverage;
mod critical;
mod events;
mod exemptions;
mod imports;
mod jobs;
mod kept;
mod openapi;
pub(crate) mod query;
mod recommendations;
mod reports;
mod resources;
mod scopes;
mod scores;
pub(crate) mod settings;
mod standards;
mod what_if;

use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::guard::{Door, door_of};
use crate::problem::{FieldProblem, ProblemBody};
use crate::state::Api;
use crate::words;

/// What the document says beside its routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Merlon",
        description = "What runs in your clouds, what is wrong with it, and what to fix first.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(
        ProblemBody<'static>,
        FieldProblem,
        words::ResourceSort,
        words::RecommendationSort,
        words::AssessmentSort,
        imports::Format
    )),
    security(("session" = []), ("token" = [])),
    modifiers(&Schemes),
    tags(
        (name = "estate", description = "Scopes, resources, their history"),
        (name = "posture", description = "Assessments, recommendations, scores, standards"),
        (name = "content", description = "What Merlon checks"),
        (name = "work", description = "Imports, jobs, what changed"),
        (name = "people", description = "Accounts, groups, roles, tokens, sessions"),
        (name = "server", description = "Settings, the audit log, this document"),
    )
)]
struct Document;

struct Schemes;

impl utoipa::Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{
            ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme,
        };
        let components = document.components.get_or_insert_default();
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-merlon")));
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("token", bearer);
    }
}

/// All routes with their entries in the document.
pub(crate) fn all() -> OpenApiRouter<Api> {
    let v1 = OpenApiRouter::new()
        .merge(assessments::routes())
        .merge(audit::routes())
        .merge(changes::routes())
        .merge(checks::routes())
        .merge(content::routes())
        .merge(coverage::routes())
        .merge(critical::routes())
        .merge(events::routes())
        .merge(exemptions::routes())
        .merge(imports::routes())
        .merge(jobs::routes())
        .merge(kept::routes())
        .merge(openapi::routes())
        .merge(attack::routes())
        .merge(query::routes())
        .merge(recommendations::routes())
        .merge(reports::routes())
        .merge(resources::routes())
        .merge(scopes::routes())
        .merge(scores::routes())
        .merge(settings::routes())
        .merge(standards::routes())
        .merge(what_if::routes())
        .merge(crate::people::routes());
    let mut all = OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", v1);
    open_doors(all.get_openapi_mut());
    close_variants(all.get_openapi_mut());
    all
}

/// Says of what anybody may ask for that it takes no credentials.
fn open_doors(document: &mut utoipa::openapi::OpenApi) {
    for item in document.paths.paths.values_mut() {
        let entries =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for entry in entries.into_iter().flatten() {
            if door_of(entry) == Some(Door::Public) {
                entry.security = Some(Vec::new());
            }
        }
    }
}

/// Says of variants with a value (`{"check": "id"}`) that nothing stands beside it.
fn close_variants(document: &mut utoipa::openapi::OpenApi) {
    use utoipa::openapi::{RefOr, Schema, schema::AdditionalProperties};

    let Some(components) = &mut document.components else { return };
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::OneOf(one_of)) = schema else { continue };
        for item in &mut one_of.items {
            if let RefOr::T(Schema::Object(object)) = item
                && object.properties.len() == 1
                && object.additional_properties.is_none()
            {
                object.additional_properties =
                    Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
    }
}
