//! `merlon bench http`: a running server, asked as people and crowds ask it, beside an answer of it that computes nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::percentile;
use crate::cli::Http;
use crate::config::unreadable;
use crate::network;

/// Requests of each kind that warm connections and threads up.
const WARM: usize = 3;
/// How often the server's memory is looked at while the crowd is there.
const LOOK: Duration = Duration::from_millis(250);
/// A request that takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Name, and path with its question.
type Request = (&'static str, String);

/// What came of requests: seconds of each, by status; 0: no answer.
type Times = BTreeMap<u16, Vec<f64>>;

pub(super) fn run(arguments: &Http, out: &mut dyn Write) -> anyhow::Result<()> {
    let token = std::fs::read_to_string(&arguments.token_file)
        .map_err(|error| unreadable(&arguments.token_file, &error))?;
    let mut fields = HeaderMap::new();
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()))?;
    bearer.set_sensitive(true);
    fields.insert(AUTHORIZATION, bearer);
    fields.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let client = network::client_of_user(arguments.ca.as_deref())?
        .default_headers(fields)
        .timeout(PATIENCE)
        .pool_max_idle_per_host(arguments.crowd.max(arguments.clients))
        .build()?;
    let base = arguments.url.trim_end_matches('/');
    let operations = arguments.operations.as_deref().unwrap_or(base).trim_end_matches('/');
    let asker = Asker { client, base: base.to_owned(), operations: operations.to_owned() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let requests = asker.requests().await?;
        asker.alone(&requests, arguments, out).await?;
        asker.crowd(&requests, arguments, out).await
    })
}

/// Asks a server.
#[derive(Debug, Clone)]
struct Asker {
    client: Client,
    base: String,
    operations: String,
}

impl Asker {
    /// Asks once; gives the status and how many seconds until the whole answer was here.
    async fn ask(&self, path: &str) -> (u16, f64) {
        let start = Instant::now();
        let answered = async {
            let answer = self.client.get(format!("{}{path}", self.base)).send().await?;
            let status = answer.status().as_u16();
            answer.bytes().await?;
            Ok::<_, reqwest::Error>(status)
        };
        let status = answered.await.unwrap_or(0);
        (status, start.elapsed().as_secs_f64())
    }

    async fn json(&self, path: &str) -> anyhow::Result<Json> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "`{path}`: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("`{path}`"))
    }

    /// The requests, about what the estate has much of.
    async fn requests(&self) -> anyhow::Result<Vec<Request>> {
        let resources = self.json("/api/v1/resources?limit=1").await?;
        let first = |name: &str| facet(&resources, name).unwrap_or_default();
        let (kind, scope) = (first("kind"), first("scope"));
        let item = resources.pointer("/items/0").context("the server holds no resources")?;
        let text = |key: &str| item.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (id, name) = (text("id"), text("name"));
        let word = name.split('-').next().unwrap_or_default().to_owned();
        let unhealthy = self.json("/api/v1/assessments?verdict=unhealthy&limit=1").await?;
        let check = facet(&unhealthy, "check").unwrap_or_default();
        let page = self.json("/api/v1/resources?sort=name&limit=50").await?;
        let next = page.get("next").and_then(Json::as_str).unwrap_or_default().to_owned();
        let api = |path: String| format!("/api/v1{path}");
        Ok(vec![
            ("floor: an answer that computes nothing", "/healthz".to_owned()),
            ("floor: who asks, and nothing else", api("/roles".to_owned())),
            ("list: resources, worst first", api("/resources?limit=50".to_owned())),
            (
                "list: the next page by name",
                api(format!("/resources?sort=name&limit=50&cursor={}", escaped(&next))),
            ),
            ("list: assessments", api("/assessments?limit=50".to_owned())),
            ("list: recommendations", api("/recommendations?limit=50".to_owned())),
            ("filter: a kind", api(format!("/resources?kind={}&limit=50", escaped(&kind)))),
            (
                "filter: a scope, unhealthy",
                api(format!("/resources?scope={}&state=unhealthy&limit=50", escaped(&scope))),
            ),
            (
                "filter: unhealthy and severe",
                api("/assessments?verdict=unhealthy&severity=high&severity=critical&limit=50"
                    .to_owned()),
            ),
            (
                "filter: unhealthy of a check",
                api(format!("/assessments?check={}&verdict=unhealthy&limit=50", escaped(&check))),
            ),
            ("facets alone: resources", api("/resources?limit=1".to_owned())),
            ("facets alone: assessments", api("/assessments?limit=1".to_owned())),
            ("search: a word", api(format!("/resources?q={}&limit=50", escaped(&word)))),
            ("search: two letters", api("/resources?q=st&limit=50".to_owned())),
            ("one resource", api(format!("/resources/{}", escaped(&id)))),
            ("score", api("/score".to_owned())),
        ])
    }

    /// Each kind of request by itself, from a few clients at once.
    async fn alone(
        &self,
        requests: &[Request],
        arguments: &Http,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let (runs, clients) = (arguments.runs, arguments.clients);
        writeln!(out, "{clients} clients, {runs} requests of each kind, warm; milliseconds")?;
        writeln!(out, "{:<42} {:>8} {:>8} {:>8}  answers", "", "p50", "p95", "p99")?;
        let mut floor = 0.0;
        let mut worst = ("", 0.0_f64);
        for (name, path) in requests {
            for _ in 0..WARM {
                self.ask(path).await;
            }
            let times = self.many(std::slice::from_ref(path), clients, Limit::Requests(runs)).await;
            let seconds = sorted(&times);
            let at = |percent| percentile(&seconds, percent) * 1e3;
            writeln!(
                out,
                "{name:<42} {:>8.2} {:>8.2} {:>8.2}  {}",
                at(50),
                at(95),
                at(99),
                statuses(&times)
            )?;
            if floor == 0.0 {
                floor = at(95);
            } else if at(95) > worst.1 {
                worst = (name, at(95));
            }
        }
        writeln!(
            out,
            "worst p95 {:.2} ms ({}), {:.0} times the floor",
            worst.1,
            worst.0,
            worst.1 / floor.max(1e-9)
        )?;
        Ok(())
    }

    /// A crowd that asks everything without a pause.
    async fn crowd(
        &self,
        requests: &[Request],
        arguments: &Http,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let time = Duration::from_secs(arguments.seconds);
        let before = self.memory().await?;
        let (done, until_done) = tokio::sync::oneshot::channel();
        let watching = tokio::spawn(self.clone().peak(until_done));
        // Without the floor: it would only flatter.
        let paths: Vec<String> = requests.iter().skip(2).map(|it| it.1.clone()).collect();
        let times = self.many(&paths, arguments.crowd, Limit::Time(time)).await;
        // Whoever looks may have ended with an error of its own: then the last look counts.
        done.send(()).unwrap_or_default();
        let peak = watching.await.unwrap_or(0).max(self.memory().await?);
        let seconds = sorted(&times);
        let at = |percent| percentile(&seconds, percent) * 1e3;
        let (n, rate) = (seconds.len(), seconds.len() as f64 / time.as_secs_f64().max(1e-9));
        let (crowd, wide) = (arguments.crowd, 1024 * 1024);
        writeln!(
            out,
            "\n{crowd} clients for {} s: {n} answers, {rate:.0} a second",
            arguments.seconds
        )?;
        writeln!(
            out,
            "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
            at(50),
            at(95),
            at(99),
            at(100)
        )?;
        writeln!(out, "answers: {}", statuses(&times))?;
        writeln!(
            out,
            "memory of the server: {} MiB before, {} MiB at most",
            before / wide,
            peak / wide
        )?;
        let failed: usize =
            times.iter().filter(|it| *it.0 == 0 || *it.0 >= 500).map(|it| it.1.len()).sum();
        ensure!(failed == 0, "{failed} requests failed");
        Ok(())
    }

    /// Asks again and again with so many clients at once, each its own way round the paths.
    async fn many(&self, paths: &[String], clients: usize, limit: Limit) -> Times {
        let (next, times) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Times::new())));
        let end = match limit {
            Limit::Requests(_) => None,
            Limit::Time(time) => Some(Instant::now() + time),
        };
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..clients {
            let (asker, paths) = (self.clone(), paths.to_vec());
            let (next, times) = (Arc::clone(&next), Arc::clone(&times));
            asking.spawn(async move {
                let mut own = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let is_over = match limit {
                        Limit::Requests(most) => number >= most,
                        Limit::Time(_) => end.is_some_and(|it| Instant::now() >= it),
                    };
                    let path = paths.get(number % paths.len().max(1)).filter(|_| !is_over);
                    let Some(path) = path else { break };
                    own.push(asker.ask(path).await);
                }
                let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
                for (status, seconds) in own {
                    times.entry(status).or_default().push(seconds);
                }
            });
        }
        while asking.join_next().await.is_some() {}
        let times = times.lock().unwrap_or_else(PoisonError::into_inner);
        times.clone()
    }

    /// Resident memory of the server, in bytes.
    async fn memory(&self) -> anyhow::Result<usize> {
        let text =
            self.client.get(format!("{}/metrics", self.operations)).send().await?.text().await?;
        let line = text.lines().find_map(|it| it.strip_prefix("process_memory_usage_bytes "));
        let line =
            line.context("the server shows no metrics there: say where with --operations")?;
        // The metric is written as a fraction, of which bytes have none.
        let bytes = line.trim().split('.').next().unwrap_or_default();
        Ok(bytes.parse()?)
    }

    /// The greatest memory that was seen until somebody says that it is enough.
    async fn peak(self, mut until_done: tokio::sync::oneshot::Receiver<()>) -> usize {
        let mut peak = 0;
        while tokio::time::timeout(LOOK, &mut until_done).await.is_err() {
            peak = peak.max(self.memory().await.unwrap_or(0));
        }
        peak
    }
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
enum Limit {
    Requests(usize),
    Time(Duration),
}

fn sorted(times: &Times) -> Vec<f64> {
    let mut all: Vec<f64> = times.values().flatten().copied().collect();
    all.sort_by(f64::total_cmp);
    all
}

/// `200: 40, 503: 2`.
fn statuses(times: &Times) -> String {
    let word = |status: &u16| if *status == 0 { "none".to_owned() } else { status.to_string() };
    let each: Vec<String> =
        times.iter().map(|(status, it)| format!("{}: {}", word(status), it.len())).collect();
    each.join(", ")
}

/// The value of a facet that most items have.
fn facet(list: &Json, name: &str) -> Option<String> {
    let facets = list.get("facets")?;
    let values = match facets {
        Json::Array(all) => {
            all.iter().find(|it| it.get("name") == Some(&Json::from(name)))?.get("values")?
        }
        other => other.get(name)?,
    };
    let values = values.as_array()?;
    let most = values.iter().max_by_key(|it| it.get("count").and_then(Json::as_u64))?;
    Some(most.get("value")?.as_str()?.to_owned())
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
    let each = |it: u8| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") };
    text.bytes().map(each).collect()
}
