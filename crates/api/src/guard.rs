//! What stands around every route: who calls, whether they may, problems, tags, limits.
//!
//! INVARIANT: a request reaches its handler only when the OpenAPI entry of the route names the operation
//! that it is, and the caller has that operation somewhere; whether they have it on the very thing that
//! is asked for, the handler asks with [`Caller::must`] or narrows with [`Caller::sight`].

use std::sync::Arc;

use ::people::{Asked, Decision, Operation, Rights, Sight};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use hashbrown::HashMap;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation as Entry;
use view::View;

use crate::limit::Standing;
use crate::people::authenticate;
use crate::problem::Problem;
use crate::state::{Api, RequestId};
use crate::tag;

/// Bytes of a body, where the route does not say otherwise.
const MOST_BODY: usize = 1024 * 1024;
/// Answers up to this size carry a tag of their bytes; longer ones are streams.
const MOST_TAGGED: u64 = 4 * 1024 * 1024;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Anybody, without signing in.
    Public,
    /// Whoever has the operation somewhere.
    Operation(Operation),
}

/// The routes with who may use them, from the OpenAPI document.
#[derive(Debug, Default)]
pub(crate) struct Doors(HashMap<(Method, String), Door>);

/// Whoever calls, and what they may.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The number of the account.
    pub account: u64,
    /// Its name, for the audit log.
    pub name: Arc<str>,
    /// What they may.
    pub rights: Arc<Rights>,
    /// How they proved who they are.
    pub via: Via,
    /// What they are about to do.
    pub operation: Operation,
    /// The field of the answer that gives their browser a new secret, when it was changed on the way in.
    pub(crate) cookie: Option<HeaderValue>,
}

/// How a caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A session of a browser, by its number.
    Session(u64),
    /// A token of the interface, by its number.
    Token(u64),
}

impl Caller {
    /// Refuses the operation of the route on the thing whose scope `chain` begins with: a scope that the
    /// caller may not see is not there.
    pub(crate) fn must(&self, chain: &[&str], what: &str) -> Result<(), Problem> {
        self.must_have(self.operation, chain, what)
    }

    /// The same for another operation.
    pub(crate) fn must_have(
        &self,
        operation: Operation,
        chain: &[&str],
        what: &str,
    ) -> Result<(), Problem> {
        match self.rights.can(operation, chain) {
            Decision::Allowed => Ok(()),
            Decision::Forbidden => Err(Problem::forbidden(operation.word())),
            Decision::Hidden => {
                refused(&self.name, operation, "hidden");
                Err(Problem::not_found(what))
            }
        }
    }

    /// The scopes on which they may do what they are about to do.
    pub(crate) fn sight(&self, view: &View) -> view::Sight {
        self.sight_for(self.operation, view)
    }

    /// The scopes on which they may do `operation`.
    pub(crate) fn sight_for(&self, operation: Operation, view: &View) -> view::Sight {
        match self.rights.sight(operation, |scope| view.scope_chain(scope)) {
            Sight::Everything => view::Sight::Everything,
            Sight::Scopes(scopes) => view::Sight::Scopes(scopes),
        }
    }

    /// The words of the operations, among `operations`, that the caller has on the scope of `chain`.
    pub(crate) fn can(&self, operations: &[Operation], chain: &[&str]) -> Vec<&'static str> {
        let may = |it: &&Operation| self.rights.can(**it, chain) == Decision::Allowed;
        operations.iter().filter(may).map(|it| it.word()).collect()
    }
}

impl Doors {
    /// Reads `x-operation` of every entry. A route without one, or with one that there is not, has no door.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let mut doors = HashMap::new();
        for (path, item) in &document.paths.paths {
            let entries: [(Method, &Option<Entry>); 5] = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, entry) in entries {
                if let Some(door) = entry.as_ref().and_then(door_of) {
                    doors.insert((method, path.clone()), door);
                }
            }
        }
        Self(doors)
    }

    /// The methods of a path.
    fn methods(&self, path: &str) -> Vec<Method> {
        const ALL: [Method; 5] =
            [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        ALL.into_iter().filter(|it| self.find(it, path).is_some()).collect()
    }

    fn find(&self, method: &Method, path: &str) -> Option<Door> {
        // A HEAD is a GET without a body.
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.get(&(method.clone(), path.to_owned())).copied()
    }
}

/// Who may use the route of an entry.
pub(crate) fn door_of(entry: &Entry) -> Option<Door> {
    let word = entry.extensions.as_ref()?.get("x-operation")?.as_str()?;
    if word == "public" {
        return Some(Door::Public);
    }
    Operation::find(word).map(Door::Operation)
}

/// Puts everything that holds for all routes around them.
pub(crate) fn around(router: Router<Api>, document: &OpenApi, api: Api) -> Router {
    let doors = Arc::new(Doors::of(document));
    let state = (api.clone(), doors);
    router
        .fallback(async || Problem::not_found("route"))
        .method_not_allowed_fallback(async || Problem::method(&[]))
        .layer(middleware::from_fn(tagged))
        .layer(middleware::from_fn_with_state(state, admit))
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            let detail = "the server could not do this: the log says why";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", detail).into_response()
        }))
        .layer(middleware::from_fn(with_problem))
        .with_state(api)
}

/// Lets a request through to its handler, with its caller among its extensions.
async fn admit(
    State((api, doors)): State<(Api, Arc<Doors>)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let (mut cookie, mut who) = (None, None);
    let standing = match caller_of(&api, &doors, &parts).await {
        Ok((Some(caller), standing)) => {
            cookie.clone_from(&caller.cookie);
            who = Some((Arc::clone(&caller.name), caller.operation));
            parts.extensions.insert(caller);
            standing
        }
        Ok((None, standing)) => standing,
        Err(problem) => return problem.into_response(),
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let (Some((name, operation)), Some(problem)) = (who, response.extensions().get::<Problem>())
        && problem.status() == StatusCode::FORBIDDEN
    {
        refused(&name, operation, problem.code());
    }
    let seen = HeaderValue::from(api.sequence());
    // An answer about another moment has said so already.
    response.headers_mut().entry("merlon-as-of").or_insert(seen);
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    if let Some(cookie) = cookie {
        // What the handler says about the cookie counts more: it may have ended the session.
        response.headers_mut().entry(header::SET_COOKIE).or_insert(cookie);
    }
    response
}

/// Who calls, once it is certain that they may use the route (`None` where nobody is asked), and what is left of their
/// allowance.
async fn caller_of(
    api: &Api,
    doors: &Doors,
    request: &Parts,
) -> Result<(Option<Caller>, Option<Standing>), Problem> {
    let (limiter, now) = (api.limiter(), api.now());
    let strange = || limiter.address(request, now, false).map(|it| (None, it));
    let Some(path) = request.extensions.get::<MatchedPath>() else { return strange() };
    let door = doors.find(&request.method, path.as_str());
    if door == Some(Door::Public) {
        return strange();
    }
    let methods = doors.methods(path.as_str());
    if door.is_none() && !methods.is_empty() {
        return Err(Problem::method(&methods));
    }
    let operation = match door {
        Some(Door::Operation(operation)) => operation,
        // Nobody has an operation that is not named: the caller learns only that they are unknown.
        Some(Door::Public) | None => Operation::SettingsWrite,
    };
    let caller = match authenticate(api, request, operation).await {
        Ok(caller) => caller,
        Err(problem) => {
            if problem.status() == StatusCode::UNAUTHORIZED {
                // Before it is logged: who floods must not fill the log.
                limiter.address(request, now, true)?;
            }
            let fields = [header::AUTHORIZATION, header::COOKIE];
            if problem.status().is_client_error()
                && fields.iter().any(|it| request.headers.contains_key(it))
            {
                refused("nobody", operation, problem.code());
            }
            return Err(problem);
        }
    };
    let standing = limiter.caller(&caller, request, now)?;
    if door.is_none() {
        return Err(Problem::forbidden("this"));
    }
    if !may_somewhere(&caller.rights, operation) {
        refused(&caller.name, operation, "forbidden");
        return Err(Problem::forbidden(operation.word()));
    }
    if let Some(sequence) = waited_for(request)? {
        api.wait_for(sequence).await?;
    }
    Ok((Some(caller), standing))
}

/// Says who was refused what: whoever looks after the server must see somebody who tries the doors. The rest of the
/// request stands in its span.
fn refused(name: &str, operation: Operation, why: &str) {
    let operation = operation.word();
    tracing::info!(user.name = name, operation, why, "`{operation}` was refused to {name}: {why}");
}

/// Whether there is anything at all on which these rights include the operation.
fn may_somewhere(rights: &Rights, operation: Operation) -> bool {
    let is_of_scopes =
        ::people::matrix().get(&operation).is_some_and(|it| it.asked == Asked::Scope);
    let nowhere = || Sight::Scopes(std::collections::BTreeSet::new());
    rights.can(operation, &[]) == Decision::Allowed
        || (is_of_scopes && rights.sight(operation, |it| vec![it.to_owned()]) != nowhere())
}

/// The commit that the client wants to see, as `wait` names it.
fn waited_for(request: &Parts) -> Result<Option<u64>, Problem> {
    let query = request.uri.query().unwrap_or_default();
    let Some(text) = query.split('&').find_map(|it| it.strip_prefix("wait=")) else {
        return Ok(None);
    };
    let number = text.parse().map_err(|_| Problem::invalid("wait", "must be a number"))?;
    Ok(Some(number))
}

/// Gives an answer a tag of its bytes, and answers 304 to a client that has it already.
async fn tagged(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    let size = http_body::Body::size_hint(response.body()).exact();
    let is_short = size.is_some_and(|it| it <= MOST_TAGGED);
    if !is_read || response.status() != StatusCode::OK || !is_short {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST_TAGGED as usize).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag::of_bytes(&bytes);
    let is_known = known.is_some_and(|it| it.to_str().is_ok_and(|it| tag::is_named(it, &tag)));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Writes the body of a problem, with the id of the request.
async fn with_problem(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|it| it.0.clone());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut answer = problem.answer(id.as_deref());
    // What others have said on the way stays: a new secret of the session, what is left of an allowance.
    for (name, value) in response.headers() {
        if *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}
