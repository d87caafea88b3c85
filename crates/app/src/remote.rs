//! A server that is asked instead of what is kept here: `--server URL`.
//!
//! INVARIANT: a token leaves this process only over TLS, or to this very machine.

mod profile;
mod upload;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use crate::config::{Environment, Place};
use crate::kept::{self, Kept};
use crate::progress::Progress;
use crate::{network, when};

pub(crate) use profile::{log_in, log_out};

/// Bytes of the longest answer.
const LONGEST: usize = 1 << 30;
/// How often a request is sent that the server does not take yet.
const ATTEMPTS: u32 = 5;
/// Seconds between two attempts, at most.
const LONGEST_WAIT: u64 = 30;
/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Where to ask: what is kept here, or a server.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Somewhere {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

impl Somewhere {
    /// Whether the command line says where to ask.
    pub(crate) fn is_named(&self) -> bool {
        self.place.is_named() || self.server.server.is_some()
    }

    /// Where what is kept is; `None` when a server is asked.
    pub(crate) fn kept(&self) -> Option<&Place> {
        self.server.server.is_none().then_some(&self.place)
    }

    /// The server that is asked; `None` when it is what is kept here.
    pub(crate) fn server(&self) -> anyhow::Result<Option<Server>> {
        ensure!(
            self.server.server.is_none() || !self.place.is_named(),
            "name a server (`--server`) or what is kept here (`--data`, `--database`, `--config`), not both"
        );
        Server::named(&self.server)
    }
}

/// Which server, and how it is reached.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServerOptions {
    /// Ask this `merlon serve`; the token is that of `MERLON_TOKEN`, of `--token-file` or of `merlon login`.
    #[arg(long, value_name = "URL", global = true, help_heading = "Server")]
    pub(crate) server: Option<String>,
    /// File with the token for the server.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Server")]
    pub(crate) token_file: Option<PathBuf>,
    /// File with certificates (PEM) of a private authority that the server is known by.
    #[arg(long, value_name = "FILE", global = true, help_heading = "Server")]
    pub(crate) ca: Option<PathBuf>,
}

/// A server, asked with one token.
pub(crate) struct Server {
    http: Client,
    base: Url,
    token: Zeroizing<String>,
}

/// Asks what is kept here, or the server that the command line names.
pub(crate) fn ask<T>(
    somewhere: &Somewhere,
    local: impl AsyncFnOnce(&Kept) -> anyhow::Result<T>,
    remote: impl AsyncFnOnce(&Server) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match somewhere.server()? {
        None => kept::with(&somewhere.place, when::now(), local),
        Some(server) => kept::run(async { remote(&server).await }),
    }
}

impl Server {
    /// The server of the command line; `None` when it names none.
    pub(crate) fn named(options: &ServerOptions) -> anyhow::Result<Option<Self>> {
        let Some(address) = &options.server else {
            ensure!(
                options.token_file.is_none() && options.ca.is_none(),
                "`--token-file` and `--ca` are for a server: name it with `--server`"
            );
            return Ok(None);
        };
        let base = address_of(address)?;
        let environment = Environment::of_process();
        let kept = profile::of(&environment, &base)?;
        let ca = options.ca.clone().or_else(|| kept.as_ref().and_then(|it| it.ca.clone()));
        let token = match (&options.token_file, environment.get("MERLON_TOKEN"), kept) {
            (Some(file), _, _) => profile::token_in(file)?,
            (None, Some(token), _) if !token.trim().is_empty() => {
                Zeroizing::new(token.trim().to_owned())
            }
            (None, _, Some(kept)) => Zeroizing::new(kept.token),
            (None, _, None) => bail!(
                "there is no token for {base}: set `MERLON_TOKEN`, name a `--token-file`, or run `merlon login {base}`"
            ),
        };
        Self::new(base, token, ca.as_deref()).map(Some)
    }

    fn new(
        base: Url,
        token: Zeroizing<String>,
        ca: Option<&std::path::Path>,
    ) -> anyhow::Result<Self> {
        let http = network::client_of_user(ca)?.build().context("no client can be made")?;
        Ok(Self { http, base, token })
    }

    /// The address of a path of the interface; each part is encoded.
    fn address(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Url> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut parts) => parts.pop_if_empty().extend(["api", "v1"]).extend(path),
            Err(()) => bail!("{} has no paths", self.base),
        };
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// What the server answers with data; null where it answers with none.
    pub(crate) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> anyhow::Result<Json> {
        let url = self.address(path, query)?;
        json_of(self.send(self.http.get(url)).await?).await
    }

    /// The same; `None` where there is no such thing.
    pub(crate) async fn find(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> anyhow::Result<Option<Json>> {
        match self.get(path, query).await {
            Ok(found) => Ok(Some(found)),
            Err(error) => match error.downcast_ref::<Refused>() {
                Some(it) if it.status == StatusCode::NOT_FOUND => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// The same where the answer is a text.
    pub(crate) async fn get_text(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> anyhow::Result<String> {
        let url = self.address(path, query)?;
        let bytes = bytes_of(self.send(self.http.get(url)).await?).await?;
        String::from_utf8(bytes).context("the server did not answer with a text: is it Merlon?")
    }

    /// Sends a body of JSON.
    pub(crate) async fn post(&self, path: &[&str], body: &Json) -> anyhow::Result<Json> {
        self.change(Method::POST, path, Some(body)).await
    }

    /// Sends any method, with a body of JSON or none.
    pub(crate) async fn change(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Json>,
    ) -> anyhow::Result<Json> {
        let mut request = self.http.request(method, self.address(path, &[])?);
        if let Some(body) = body {
            request =
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        json_of(self.send(request).await?).await
    }

    /// The items of a list, page by page, until there are `most` or no more.
    pub(crate) async fn items(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        most: usize,
    ) -> anyhow::Result<Vec<Json>> {
        self.items_while(path, query, |items| items.len() < most).await
    }

    /// The items of a list, page by page as long as `goes_on` says so of those that there are.
    async fn items_while(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        goes_on: impl Fn(&[Json]) -> bool,
    ) -> anyhow::Result<Vec<Json>> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut asked = query.to_vec();
            if let Some(cursor) = &cursor {
                asked.push(("cursor", cursor));
            }
            let page = match self.get(path, &asked).await? {
                // A list that has no pages.
                Json::Array(all) => return Ok(all),
                page => page,
            };
            items.extend(array(&page, "items").iter().cloned());
            cursor = page.get("next").and_then(Json::as_str).map(str::to_owned);
            if cursor.is_none() || !goes_on(&items) {
                return Ok(items);
            }
        }
    }

    /// The lines of a log with a number above `after`, the oldest first.
    pub(crate) async fn lines_after(&self, path: &str, after: u64) -> anyhow::Result<Vec<Json>> {
        let is_new = |it: &Json| number(it, "sequence") > after;
        let mut lines = self
            .items_while(&[path], &[("limit", "1000")], |it| it.last().is_some_and(is_new))
            .await?;
        lines.retain(is_new);
        lines.reverse();
        Ok(lines)
    }

    /// Waits for the end of a job; gives what came of it. What is no job has ended already.
    pub(crate) async fn finished(&self, answer: Json, progress: &Progress) -> anyhow::Result<Json> {
        let is_job = answer.get("state").is_some() && answer.get("attempts").is_some();
        if !is_job {
            return Ok(answer);
        }
        let (id, mut job) = (number(&answer, "number"), answer);
        loop {
            match text(&job, "state") {
                "done" => return Ok(job.get("result").cloned().unwrap_or_default()),
                "dead" | "cancelled" => return Err(failed(id, &job)),
                // It will be tried again; a person at a terminal wants to know now.
                "ready" if !text(&job, "error").is_empty() => return Err(failed(id, &job)),
                state => {
                    let stage = job.get("progress").map_or("", |it| text(it, "stage"));
                    progress.say(if stage.is_empty() { state } else { stage });
                }
            }
            tokio::time::sleep(LOOK).await;
            job = self.get(&["jobs", &id.to_string()], &[]).await?;
        }
    }

    /// Sends a request with the token; again where the server says that it comes too early.
    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        let mut request = request.bearer_auth(&*self.token);
        for left in (0..ATTEMPTS).rev() {
            let again = request.try_clone();
            let answer = request.send().await.map_err(reqwest::Error::without_url);
            let answer = answer.with_context(|| format!("{} cannot be reached", self.base))?;
            let is_early = matches!(
                answer.status(),
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
            );
            let wait = answer.headers().get(header::RETRY_AFTER).and_then(|it| it.to_str().ok());
            let wait = wait.and_then(|it| it.parse::<u64>().ok()).filter(|_| is_early && left > 0);
            let (Some(seconds), Some(next)) = (wait, again) else { return well(answer).await };
            tokio::time::sleep(Duration::from_secs(seconds.min(LONGEST_WAIT))).await;
            request = next;
        }
        bail!("{} does not take the request now", self.base)
    }
}

/// A job that came to nothing, with its reason.
#[derive(Debug, thiserror::Error)]
#[error("job {number} {state}: {reason}")]
pub(crate) struct Failed {
    number: u64,
    state: &'static str,
    /// Why.
    pub(crate) reason: String,
}

fn failed(number: u64, job: &Json) -> anyhow::Error {
    let state = match text(job, "state") {
        "cancelled" => "was cancelled",
        "dead" => "was given up",
        _ => "failed and will be tried again",
    };
    Failed { number, state, reason: text(job, "error").to_owned() }.into()
}

/// The address of a server that a token may be sent to.
fn address_of(text: &str) -> anyhow::Result<Url> {
    let url: Url = text.parse().with_context(|| format!("`{text}` is no address of a server"))?;
    let host = url.host_str().with_context(|| format!("`{text}` names no server"))?;
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|it| it.is_loopback());
    ensure!(
        url.scheme() == "https" || (url.scheme() == "http" && is_here),
        "`{text}` must begin with `https://`: a token is not sent where others can read it"
    );
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "an address holds no name and no password: a token is what the server takes"
    );
    ensure!(url.query().is_none() && url.fragment().is_none(), "`{text}` must end with its path");
    Ok(url)
}

/// The answer when it is a success; else what the server says is wrong.
async fn well(answer: Response) -> anyhow::Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    ensure!(!status.is_redirection(), "the server is somewhere else: it answered {status}");
    let body: Json = serde_json::from_slice(&bytes_of(answer).await?).unwrap_or_default();
    let (detail, request) = (text(&body, "detail"), text(&body, "requestId"));
    Err(Refused { status, detail: detail.to_owned(), request: request.to_owned() }.into())
}

/// What a server did not do, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    /// Why, in a sentence; may be empty.
    pub(crate) detail: String,
    request: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, detail, request } = self;
        match (detail.as_str(), request.as_str()) {
            ("", _) => write!(f, "the server answered {status}"),
            (detail, "") => write!(f, "the server answered {status}: {detail}"),
            (detail, id) => write!(f, "the server answered {status}: {detail} (request {id})"),
        }
    }
}

impl std::error::Error for Refused {}

async fn bytes_of(mut answer: Response) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.context("the answer ended too early")? {
        ensure!(bytes.len() + chunk.len() <= LONGEST, "the answer is too long");
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn json_of(answer: Response) -> anyhow::Result<Json> {
    let bytes = bytes_of(answer).await?;
    if bytes.is_empty() {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&bytes).context("the server did not answer with JSON: is it Merlon?")
}

/// A field of an answer; empty where there is none.
pub(crate) fn text<'j>(it: &'j Json, name: &str) -> &'j str {
    it.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// A number of an answer; 0 where there is none.
pub(crate) fn number(it: &Json, name: &str) -> u64 {
    it.get(name).and_then(Json::as_u64).unwrap_or_default()
}

/// A fraction of an answer; 0 where there is none.
pub(crate) fn float(it: &Json, name: &str) -> f64 {
    it.get(name).and_then(Json::as_f64).unwrap_or_default()
}

/// A list of an answer; empty where there is none.
pub(crate) fn array<'j>(it: &'j Json, name: &str) -> &'j [Json] {
    it.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// An object with these fields of another: as the command line calls them, and as the interface does. What is
/// missing there is null.
pub(crate) fn renamed(it: &Json, names: &[(&str, &str)]) -> Json {
    let pair = |(own, theirs): &(&str, &str)| {
        ((*own).to_owned(), it.get(theirs).cloned().unwrap_or_default())
    };
    Json::Object(names.iter().map(pair).collect())
}

/// Asks for anything that the interface has, for `merlon api`.
pub(crate) async fn anything(
    server: &Server,
    method: &str,
    path: &str,
    body: Option<&Json>,
) -> anyhow::Result<Json> {
    let method: Method = method.to_ascii_uppercase().parse().context("that is no method")?;
    let path = path.trim_start_matches('/').trim_start_matches("api/v1/");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut url = server.base.clone();
    {
        let Ok(mut parts) = url.path_segments_mut() else { bail!("{} has no paths", server.base) };
        parts.pop_if_empty().extend(["api", "v1"]);
    }
    // As it was typed: what is encoded stays so.
    url.set_path(&format!("{}/{path}", url.path()));
    url.set_query(Some(query).filter(|it| !it.is_empty()));
    let mut request = server.http.request(method, url);
    if let Some(body) = body {
        request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
    }
    json_of(server.send(request).await?).await
}

/// Whose token it is.
pub(crate) async fn who(server: &Server) -> anyhow::Result<String> {
    let me = server.get(&["me"], &[]).await?;
    Ok(me.get("account").map_or("", |it| text(it, "name")).to_owned())
}

/// What the interface calls a wish for an exemption is what the command line calls so; of its answer too.
pub(crate) async fn decide(
    server: &Server,
    wish: &Json,
    progress: &Progress,
) -> anyhow::Result<Json> {
    let answer = match (wish.get("add"), wish.get("end").and_then(Json::as_u64)) {
        (Some(new), _) => server.post(&["exemptions"], new).await?,
        (None, Some(number)) => {
            server.change(Method::POST, &["exemptions", &number.to_string(), "end"], None).await?
        }
        (None, None) => bail!("there is no wish"),
    };
    server.finished(answer, progress).await
}

/// Queues work; gives the number of its job.
pub(crate) async fn queue(server: &Server, kind: &str) -> anyhow::Result<u64> {
    let job = server.post(&["jobs"], &json!({ "kind": kind })).await?;
    Ok(number(&job, "number"))
}

#[cfg(test)]
mod tests {
    use super::address_of;

    #[test]
    fn tokens_go_over_tls_or_to_this_machine() {
        for good in [
            "https://merlon.example",
            "https://merlon.example:8443/behind/",
            "http://localhost:7070",
            "http://127.0.0.1:7070",
            "http://[::1]:7070",
        ] {
            assert!(address_of(good).is_ok(), "{good}");
        }
        for bad in [
            "http://merlon.example",
            "http://192.0.2.1:7070",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "https://ada:secret@merlon.example",
            "https://merlon.example/?a=b",
            "ftp://localhost",
            "merlon.example",
        ] {
            assert!(address_of(bad).is_err(), "{bad}");
        }
    }
}
