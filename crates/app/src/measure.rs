//! What is measured: every metric, once, with its meaning; read as text at `/metrics`.
//!
//! Names follow the semantic conventions of OpenTelemetry in the spelling of Prometheus (dots
//! become underscores, the unit is in the name). The reference page comes from the same list.

mod process;

pub(crate) use self::process::processor_seconds;

use std::fmt::Write as _;
use std::sync::LazyLock;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The content type of what [`scrape`] gives.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of the buckets, in seconds: from a quick answer of memory to a long import.
const BUCKETS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0,
    600.0,
];

type Labels = Vec<(&'static str, String)>;

/// What is known of a metric.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Its name without the `_total` of counters.
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    doc: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Counts with `N` labels; they only grow.
#[derive(Debug)]
pub(crate) struct Counts<const N: usize> {
    labels: [&'static str; N],
    family: Family<Labels, Counter<f64, std::sync::atomic::AtomicU64>>,
}

/// Values with `N` labels that go up and down.
#[derive(Debug)]
pub(crate) struct Values<const N: usize> {
    labels: [&'static str; N],
    family: Family<Labels, Gauge<f64, std::sync::atomic::AtomicU64>>,
}

/// Times in seconds with `N` labels.
#[derive(Debug)]
pub(crate) struct Times<const N: usize> {
    labels: [&'static str; N],
    family: Family<Labels, Histogram, fn() -> Histogram>,
}

fn labelled<const N: usize>(names: [&'static str; N], values: [&str; N]) -> Labels {
    names.into_iter().zip(values.map(ToOwned::to_owned)).collect()
}

impl<const N: usize> Counts<N> {
    const KIND: Kind = Kind::Counter;

    fn make(registry: &mut Registry, name: &str, doc: &str, labels: [&'static str; N]) -> Self {
        let family = Family::default();
        registry.register(name, doc.trim().trim_end_matches('.'), family.clone());
        Self { labels, family }
    }

    /// Counts `n` more.
    pub(crate) fn add(&self, labels: [&str; N], n: u64) {
        self.family.get_or_create(&labelled(self.labels, labels)).inc_by(n as f64);
    }

    /// Lifts the count to a total that the system keeps.
    fn lift(&self, labels: [&str; N], total: f64) {
        let counter = self.family.get_or_create(&labelled(self.labels, labels));
        counter.inc_by((total - counter.get()).max(0.0));
    }
}

impl<const N: usize> Values<N> {
    const KIND: Kind = Kind::Gauge;

    fn make(registry: &mut Registry, name: &str, doc: &str, labels: [&'static str; N]) -> Self {
        let family = Family::default();
        registry.register(name, doc.trim().trim_end_matches('.'), family.clone());
        Self { labels, family }
    }

    /// Sets the value.
    pub(crate) fn set(&self, labels: [&str; N], value: f64) {
        self.family.get_or_create(&labelled(self.labels, labels)).set(value);
    }

    /// Changes the value.
    pub(crate) fn change(&self, labels: [&str; N], by: f64) {
        self.family.get_or_create(&labelled(self.labels, labels)).inc_by(by);
    }
}

impl<const N: usize> Times<N> {
    const KIND: Kind = Kind::Histogram;

    fn make(registry: &mut Registry, name: &str, doc: &str, labels: [&'static str; N]) -> Self {
        let family =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register(name, doc.trim().trim_end_matches('.'), family.clone());
        Self { labels, family }
    }

    /// Takes one more time into the distribution.
    pub(crate) fn observe(&self, labels: [&str; N], seconds: f64) {
        self.family.get_or_create(&labelled(self.labels, labels)).observe(seconds);
    }
}

/// Writes the struct of all metrics, its maker and the list for the reference from one list.
macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $field:ident: $form:ty = $name:literal [$($label:literal),*];)+) => {
        /// All metrics of the process.
        #[derive(Debug)]
        pub(crate) struct Metrics {
            $($(#[doc = $doc])+ pub(crate) $field: $form,)+
        }

        /// What is known of each metric.
        const SPECS: &[Spec] = &[$(Spec {
            name: $name,
            kind: <$form>::KIND,
            labels: &[$($label),*],
            doc: concat!($($doc),+),
        }),+];

        impl Metrics {
            fn make(registry: &mut Registry) -> Self {
                Self {$(
                    $field: <$form>::make(registry, $name, concat!($($doc),+), [$($label),*]),
                )+}
            }
        }
    };
}

metrics! {
    /// The running program; always 1.
    build: Values<1> = "merlon_build_info" ["service_version"];
    /// Processor time of the process.
    process_cpu: Counts<1> = "process_cpu_time_seconds" ["cpu_mode"];
    /// Resident memory of the process.
    process_memory: Values<0> = "process_memory_usage_bytes" [];
    /// Threads of the process.
    process_threads: Values<0> = "process_thread_count" [];
    /// Open files and sockets of the process.
    process_files: Values<0> = "process_unix_file_descriptor_count" [];
    /// Time since the process started to serve.
    process_uptime: Values<0> = "process_uptime_seconds" [];
    /// Time to answer HTTP requests.
    http_duration: Times<3> = "http_server_request_duration_seconds"
        ["http_request_method", "http_route", "http_response_status_code"];
    /// HTTP requests in hand.
    http_active: Values<0> = "http_server_active_requests" [];
    /// Open HTTP connections.
    http_connections: Values<0> = "http_server_open_connections" [];
    /// Connections that were closed before their first request: the client has too many, or TLS was not agreed on.
    http_refused: Counts<1> = "merlon_http_refused_connections" ["reason"];
    /// When the certificate of the server ends, in seconds since 1970.
    tls_until: Values<0> = "merlon_tls_certificate_expiry_timestamp_seconds" [];
    /// New certificates that were taken or refused.
    tls_reloads: Counts<1> = "merlon_tls_reloads" ["result"];
    /// HTTP requests that were refused because somebody asked too much, by whose limit it was: `caller` or `address`.
    http_limited: Counts<1> = "merlon_http_requests_limited" ["merlon_limit"];
    /// Commits to the store, by what made them.
    commits: Counts<1> = "merlon_commits" ["merlon_job_kind"];
    /// Time of a commit, from the first byte read to the state stored.
    commit_duration: Times<1> = "merlon_commit_duration_seconds" ["merlon_job_kind"];
    /// Assessments that were evaluated: the work that commits made.
    assessments: Counts<0> = "merlon_assessments_evaluated" [];
    /// Freshness: from the instant of a commit to the new state in memory.
    freshness: Times<0> = "merlon_freshness_seconds" [];
    /// Jobs by state: `ready` (wait), `running`, `dead` (given up: a person must look).
    queue_depth: Values<1> = "merlon_job_queue_depth" ["merlon_job_state"];
    /// How long the oldest job that is due has waited.
    queue_age: Values<0> = "merlon_job_queue_age_seconds" [];
    /// Time of jobs, by kind and outcome: `done`, `retried`, `failed` or `lost`.
    job_duration: Times<2> = "merlon_job_duration_seconds" ["merlon_job_kind", "merlon_outcome"];
    /// Jobs in hand.
    jobs_active: Values<0> = "merlon_jobs_active" [];
    /// Whether this process holds the lease (1) or stands by (0).
    lease_held: Values<1> = "merlon_lease_held" ["merlon_lease"];
    /// Operations of the store that failed, by class of error.
    store_errors: Counts<1> = "merlon_store_errors" ["error_type"];
    /// Whether the database answers (1) or not (0).
    database_up: Values<0> = "merlon_database_up" [];
    /// Nodes of the security graph in memory.
    graph_nodes: Values<0> = "merlon_graph_nodes" [];
    /// Nodes of the graph that changed since it was last compacted.
    graph_overlay: Values<0> = "merlon_graph_overlay_nodes" [];
}

struct All {
    registry: Registry,
    metrics: Metrics,
}

static ALL: LazyLock<All> = LazyLock::new(|| {
    let mut registry = Registry::default();
    let metrics = Metrics::make(&mut registry);
    metrics.build.set([env!("CARGO_PKG_VERSION")], 1.0);
    All { registry, metrics }
});

/// The metrics of this process.
pub(crate) fn metrics() -> &'static Metrics {
    &ALL.metrics
}

/// All metrics as text, those of the process read now.
pub(crate) fn scrape() -> String {
    process::read(metrics());
    let mut text = String::new();
    // Writing to a string cannot fail.
    encode(&mut text, &ALL.registry).unwrap_or_default();
    // A family without labels is written with empty braces, which only confuse.
    text.replace("{} ", " ")
}

/// `docs/reference/metrics.md`.
pub(crate) fn reference() -> String {
    let mut page = String::from(
        "<!-- Made by `cargo xtask gen` from the list of metrics in `app`. Change that instead. -->\n\
         # Metrics\n\n\
         `merlon serve` answers `/metrics` in the text format of OpenMetrics, which Prometheus reads. A metric with labels appears with its\n\
         first value. Times are distributions: `_bucket`, `_sum`, `_count`.\n\n\
         | metric | kind | labels | meaning |\n|---|---|---|---|\n",
    );
    for spec in SPECS {
        let labels: Vec<String> = spec.labels.iter().map(|it| format!("`{it}`")).collect();
        let (suffix, kind) = match spec.kind {
            Kind::Counter => ("_total", "counter"),
            Kind::Gauge => ("", "gauge"),
            Kind::Histogram => ("", "histogram"),
        };
        let (name, labels, doc) = (spec.name, labels.join(", "), spec.doc.trim());
        writeln!(page, "| `{name}{suffix}` | {kind} | {labels} | {doc} |").unwrap_or_default();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::{Kind, SPECS, metrics, reference, scrape};

    #[test]
    fn names_follow_the_conventions() {
        for spec in SPECS {
            let is_snake = spec.name.chars().all(|it| it.is_ascii_lowercase() || it == '_');
            assert!(is_snake, "{}", spec.name);
            assert!(!spec.name.ends_with("_total"), "{}", spec.name);
            assert!(
                spec.kind != Kind::Histogram || spec.name.ends_with("_seconds"),
                "{}",
                spec.name
            );
        }
    }

    #[test]
    fn what_is_scraped_is_documented() {
        metrics().http_duration.observe(["GET", "/healthz", "200"], 0.003);
        metrics().store_errors.add(["unavailable"], 2);
        let text = scrape();
        let page = reference();
        for line in text.lines().filter_map(|it| it.strip_prefix("# TYPE ")) {
            let name = line.split(' ').next().unwrap();
            assert!(page.contains(&format!("| `{name}")), "{name} is not documented");
        }
        assert!(
            text.contains("merlon_store_errors_total{error_type=\"unavailable\"} 2.0"),
            "{text}"
        );
        assert!(text.contains("process_memory_usage_bytes "), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}
