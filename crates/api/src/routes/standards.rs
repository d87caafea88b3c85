//! Standards: where what a caller sees stands against each requirement; what people attest.

use ::people::Operation;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use posture::{RequirementStanding, RequirementState, Standing};
use serde::{Deserialize, Serialize};
use store::{AttestationRow, EvidenceFile, NewAttestation};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::guard::Caller;
use crate::past::{Part, within};
use crate::problem::{Problem, Problems};
use crate::query::{Json as Body, Object, Path, Query};
use crate::state::Api;
use crate::time::Time;
use crate::words;

/// Files of evidence for one attestation.
const MOST_FILES: usize = 10;
/// Bytes of all files of one attestation.
const MOST_BYTES: usize = 10 << 20;
/// Base64 makes four characters of three bytes; the rest of the body is small.
const MOST_BODY: usize = MOST_BYTES / 3 * 4 + (64 << 10);

pub(crate) fn routes() -> OpenApiRouter<Api> {
    let uploads = OpenApiRouter::new()
        .routes(routes!(attest))
        .layer(axum::extract::DefaultBodyLimit::max(MOST_BODY));
    OpenApiRouter::new()
        .routes(routes!(list_standards))
        .routes(routes!(get_standard))
        .routes(routes!(get_evidence))
        .merge(uploads)
}

/// A standard with how many requirements are in which state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StandardLine {
    id: String,
    title: String,
    passed: usize,
    failed: usize,
    unknown: usize,
    not_assessed: usize,
    manual: usize,
}

impl StandardLine {
    fn of(it: &Standing) -> Self {
        Self {
            id: it.standard.clone(),
            title: it.title.clone(),
            passed: it.passed,
            failed: it.failed,
            unknown: it.unknown,
            not_assessed: it.not_assessed,
            manual: it.manual,
        }
    }
}

/// All standards, as checks judge them.
#[utoipa::path(
    get,
    path = "/standards",
    tag = "posture",
    extensions(("x-operation" = json!("standard.read"))),
    params(Part),
    responses((status = 200, description = "The standards", body = Vec<StandardLine>), Problems)
)]
async fn list_standards(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    api.read_at(&caller, part.at.as_deref(), move |view, sight| {
        let sight = &within(view, sight, part.scope.as_deref())?;
        let all: Vec<StandardLine> = view.standards(sight).iter().map(StandardLine::of).collect();
        Ok(axum::Json(all).into_response())
    })
    .await
}

/// A standard with all its requirements.
#[derive(Debug, Serialize, ToSchema)]
struct StandardDetail {
    #[serde(flatten)]
    standard: StandardLine,
    requirements: Vec<Requirement>,
    /// What the caller may do with it.
    can: Vec<&'static str>,
}

/// A requirement with its state.
#[derive(Debug, Serialize, ToSchema)]
struct Requirement {
    /// The publisher's number.
    id: String,
    title: String,
    /// The chapter.
    family: String,
    #[schema(value_type = words::RequirementState)]
    state: RequirementState,
    /// Mapped checks.
    checks: Vec<String>,
    healthy: u64,
    unhealthy: u64,
    unknown: u64,
    /// What a person attests, while that holds; a check's `failed` stays what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation: Option<Attestation>,
}

/// What a person attests about a requirement.
#[derive(Debug, Serialize, ToSchema)]
struct Attestation {
    number: u64,
    state: Attested,
    comment: String,
    by: String,
    at: Time,
    /// Not valid from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    evidence: Vec<EvidenceName>,
}

/// A file that shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EvidenceName {
    number: u64,
    name: String,
    media_type: String,
    /// SHA-256 of the bytes, hexadecimal.
    sha256: String,
}

/// What is attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Attested {
    Compliant,
    NonCompliant,
    /// What was attested before does not hold any more.
    Withdrawn,
}

impl Attested {
    fn word(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::NonCompliant => "nonCompliant",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn of(word: &str) -> Self {
        match word {
            "compliant" => Self::Compliant,
            "nonCompliant" => Self::NonCompliant,
            _ => Self::Withdrawn,
        }
    }
}

impl From<AttestationRow> for Attestation {
    fn from(row: AttestationRow) -> Self {
        let evidence = row.evidence.into_iter().map(|(number, name, media_type, sha256)| {
            EvidenceName { number, name, media_type, sha256 }
        });
        Self {
            number: row.number,
            state: Attested::of(&row.state),
            comment: row.comment,
            by: row.actor,
            at: row.at.into(),
            until: row.ends.map(Time),
            evidence: evidence.collect(),
        }
    }
}

fn requirement(it: RequirementStanding, attestation: Option<Attestation>) -> Requirement {
    Requirement {
        id: it.id,
        title: it.title,
        family: it.family,
        state: it.state,
        checks: it.checks,
        healthy: it.healthy,
        unhealthy: it.unhealthy,
        unknown: it.unknown,
        attestation,
    }
}

/// One standard with its requirements and what is attested.
#[utoipa::path(
    get,
    path = "/standards/{id}",
    tag = "posture",
    extensions(("x-operation" = json!("standard.read"))),
    params(("id" = String, Path, description = "Its id"), Part),
    responses((status = 200, description = "The standard", body = StandardDetail), Problems)
)]
async fn get_standard(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Response, Problem> {
    let (now, can) = (api.now(), caller.can(&[Operation::AttestationWrite], &[]));
    let rows = api.store()?.attestations(&api.access(&caller.name), &id).await?;
    api.read_at(&caller, part.at.as_deref(), move |view, sight| {
        let sight = &within(view, sight, part.scope.as_deref())?;
        let found = view.standard(sight, &id).ok_or_else(|| Problem::not_found("standard"))?;
        let mut attested = hashbrown::HashMap::new();
        for row in rows {
            attested.insert(row.requirement.clone(), row);
        }
        let mut holding = |id: &str| {
            let row = attested.remove(id)?;
            let holds = row.ends.is_none_or(|it| it > now) && row.state != "withdrawn";
            holds.then(|| Attestation::from(row))
        };
        let standard = StandardLine::of(&found);
        let requirements = found.requirements.into_iter();
        let requirements = requirements
            .map(|it| {
                let attestation = holding(&it.id);
                requirement(it, attestation)
            })
            .collect();
        Ok(axum::Json(StandardDetail { standard, requirements, can }).into_response())
    })
    .await
}

/// An attestation that is yet to be recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAttested {
    state: Attested,
    /// Why, in a person's words.
    #[schema(min_length = 1, max_length = 4000)]
    comment: String,
    /// Not valid from then on.
    until: Option<Time>,
    /// Files that show it, 10 MiB in all.
    #[serde(default)]
    #[schema(max_items = 10, value_type = Vec<NewEvidence>)]
    evidence: Vec<Object<NewEvidence>>,
}

/// A file of evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewEvidence {
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    #[schema(min_length = 1, max_length = 127, example = "application/pdf")]
    media_type: String,
    /// The bytes in Base64.
    #[schema(content_encoding = "base64")]
    content: String,
}

/// Attests that a requirement is met, or not, for the whole tenant. Takes the place of what was attested before.
#[utoipa::path(
    put,
    path = "/standards/{id}/requirements/{requirement}/attestation",
    tag = "posture",
    extensions(("x-operation" = json!("attestation.write"))),
    params(
        ("id" = String, Path, description = "The standard"),
        ("requirement" = String, Path, description = "The publisher's number")
    ),
    request_body = NewAttested,
    responses((status = 200, description = "It is recorded", body = Attestation), Problems)
)]
async fn attest(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((id, requirement)): Path<(String, String)>,
    Body(new): Body<NewAttested>,
) -> Result<axum::Json<Attestation>, Problem> {
    caller.must(&[], "standard")?;
    let now = api.now();
    if new.comment.trim().is_empty() || new.comment.len() > 4000 {
        return Err(Problem::invalid("comment", "must have 1 to 4,000 characters"));
    }
    if new.until.is_some_and(|it| it.0 <= now) {
        return Err(Problem::invalid("until", "must be in the future"));
    }
    let evidence = evidence_of(new.evidence)?;
    let is_there = api
        .view()?
        .library()
        .standards()
        .any(|it| it.id == id && it.requirements.iter().any(|it| it.id == requirement));
    if !is_there {
        return Err(Problem::not_found("requirement"));
    }
    let (store, access) = (api.store()?, api.access(&caller.name));
    let attestation = NewAttestation {
        standard: &id,
        requirement: &requirement,
        state: new.state.word(),
        comment: &new.comment,
        ends: new.until.map(|it| it.0),
        evidence: &evidence,
    };
    let number = store.attest(&access, now, &attestation).await?;
    let rows = store.attestations(&access, &id).await?;
    let row = rows.into_iter().find(|it| it.number == number);
    Ok(axum::Json(row.ok_or_else(|| Problem::not_found("attestation"))?.into()))
}

fn evidence_of(files: Vec<Object<NewEvidence>>) -> Result<Vec<EvidenceFile>, Problem> {
    if files.len() > MOST_FILES {
        return Err(Problem::invalid("evidence", format!("at most {MOST_FILES} files")));
    }
    let mut left = MOST_BYTES;
    let mut evidence = Vec::with_capacity(files.len());
    for Object(it) in files {
        if it.name.trim().is_empty() || it.name.len() > 255 {
            return Err(Problem::invalid("evidence.name", "must have 1 to 255 characters"));
        }
        let is_media = it.media_type.len() <= 127
            && it.media_type.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
            && it.media_type.bytes().all(|it| it.is_ascii_graphic());
        if !is_media {
            return Err(Problem::invalid("evidence.mediaType", "is no media type"));
        }
        let bytes = STANDARD
            .decode(&it.content)
            .map_err(|_| Problem::invalid("evidence.content", "is not Base64"))?;
        left = left
            .checked_sub(bytes.len())
            .ok_or_else(|| Problem::invalid("evidence", "is longer than 10 MiB"))?;
        evidence.push(EvidenceFile { name: it.name, media_type: it.media_type, bytes });
    }
    Ok(evidence)
}

/// A file of evidence.
#[utoipa::path(
    get,
    path = "/evidence/{number}",
    tag = "posture",
    extensions(("x-operation" = json!("standard.read"))),
    params(("number" = u64, Path, description = "Its number")),
    responses(
        (
            status = 200,
            description = "The file",
            content_type = "application/octet-stream",
            body = Vec<u8>
        ),
        Problems
    )
)]
async fn get_evidence(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    // Evidence speaks about the whole tenant.
    caller.must(&[], "evidence")?;
    let file = api.store()?.evidence(&api.access(&caller.name), number).await?;
    // What somebody uploaded is never shown as a page of this server.
    // Nor is the name that they gave it a header field.
    let name = format!("attachment; filename=\"evidence-{number}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((StatusCode::OK, headers, file.bytes).into_response())
}
