//! The connection to the store: opened with patience, watched, its failures counted.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::{Api, BuildPast, Gate, Limits, Rate, Seal, StoryDesk};
use content::Library;
use jiff::Timestamp;
use store::{Access, Location, Store, StoreError, TenantId};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use view::View;

use super::backoff::Backoff;
use super::engine;
use super::follow::Standing;
use super::health::{Health, Part, State};
use super::stop::{Phase, Stop};
use crate::config::{self, Config};
use crate::fetch;
use crate::holder;
use crate::measure::metrics;
use crate::seal::{KeySeal, Ring};
use crate::tenant::Tenant;
use base::chain;

/// How often the database is asked whether it is there.
const LOOK: Duration = Duration::from_secs(1);
/// A database that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the parts of a process share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) health: Arc<Health>,
    /// Who this process is, to others on the same database: no two are the same.
    pub(crate) name: String,
    /// On whose behalf it works by itself.
    pub(crate) access: Access,
    /// Folders that add to the content or override it.
    pub(crate) content: Vec<PathBuf>,
    /// The content, once it was needed.
    pub(crate) library: Mutex<Option<&'static Arc<Library>>>,
    /// When the database was last found to be away.
    away: Mutex<Option<Instant>>,
    /// Seals secrets of people with the master key, where there is one.
    seal: Option<Arc<dyn Seal>>,
    /// The store, once it is open, for the interface.
    pub(crate) opened: watch::Sender<Option<Store>>,
    /// The newest state, for the interface.
    pub(crate) views: watch::Sender<Option<Arc<View>>>,
    /// Where attack paths are told by whoever derives them.
    pub(crate) desk: StoryDesk,
    /// Whether this process holds the lease.
    pub(crate) standing: watch::Sender<Standing>,
    /// The state that follows, ready to be taken over.
    pub(crate) warm: tokio::sync::Mutex<Option<Tenant<'static>>>,
    /// The turn of whoever loads a state of its own to try something on it.
    pub(crate) asking: tokio::sync::Mutex<()>,
    /// Told when the server is to stop, so that streams of the interface end.
    pub(crate) ending: watch::Sender<bool>,
    /// Woken when the interface has queued a job.
    pub(crate) queued: Arc<Notify>,
}

impl Shared {
    pub(crate) fn new(
        config: Config,
        ring: Ring,
        content: Vec<PathBuf>,
        health: Arc<Health>,
    ) -> Self {
        let name = holder::own("serve");
        let access = Access::new(TenantId::FIRST, "merlon");
        let access_tenant = access.tenant();
        Self {
            config,
            health,
            name,
            access,
            content,
            library: Mutex::new(None),
            away: Mutex::new(None),
            seal: KeySeal::of(ring, access_tenant),
            opened: watch::Sender::new(None),
            views: watch::Sender::new(None),
            desk: StoryDesk::default(),
            standing: watch::Sender::new(Standing::Unknown),
            warm: tokio::sync::Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            ending: watch::Sender::new(false),
            queued: Arc::default(),
        }
    }

    /// The HTTP interface to what this process opens and loads.
    pub(crate) fn api(self: &Arc<Self>) -> Api {
        let shared = Arc::clone(self);
        let past: BuildPast = Arc::new(move |sequence| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { engine::past(&shared, sequence).await })
        });
        let (store, views) = (self.opened.subscribe(), self.views.subscribe());
        let queued = Arc::clone(&self.queued);
        let gate = Gate {
            origin: self.config.server.origin.clone().map(|it| it.0),
            seal: self.seal.clone(),
        };
        let api = Api::new(self.access.tenant(), store, views, queued, Timestamp::now)
            .with_gate(gate)
            .with_limits(self.limits())
            .with_ending(self.ending.subscribe())
            .with_past(past)
            .with_stories(self.desk.clone());
        self.with_provider(api)
    }

    fn limits(&self) -> Limits {
        let limit = &self.config.limit;
        Limits {
            caller: Rate { per_second: limit.caller_rate, burst: limit.caller_burst },
            address: Rate { per_second: limit.address_rate, burst: limit.address_burst },
        }
    }

    /// The same with the identity provider of the configuration. One that cannot be used costs signing in there,
    /// not the server.
    fn with_provider(&self, api: Api) -> Api {
        match fetch::provider(&self.config.provider, &self.config.network) {
            Ok(Some(provider)) => api.with_provider(provider),
            Ok(None) => api,
            Err(error) => {
                tracing::error!("the identity provider cannot be used: {error:#}");
                api
            }
        }
    }

    /// Counts a failed operation, and remembers when the database was away.
    pub(crate) fn failed(&self, error: &StoreError) {
        count(error);
        if matches!(error, StoreError::Unavailable(_)) {
            *self.away.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// Whether the database was found to be away within this time.
    pub(crate) fn was_away_within(&self, time: Duration) -> bool {
        let away = *self.away.lock().unwrap_or_else(PoisonError::into_inner);
        away.is_some_and(|it| it.elapsed() < time)
    }
}

/// Where the configuration says that things are kept.
pub(crate) fn location(config: &Config) -> anyhow::Result<Location> {
    match (&config.store.data, &config.store.database) {
        (Some(folder), _) => Ok(Location::Folder(folder.clone())),
        (None, Some(url)) => {
            let ca = config.network.ca.as_deref();
            Ok(Location::Postgres(config::with_authority(url.expose(), ca)))
        }
        (None, None) => {
            anyhow::bail!("say where to keep things: `--data DIR` or `--database URL`")
        }
    }
}

/// Fails with the reason when a folder cannot be written: the database's own words for it are vague.
pub(crate) fn must_be_writable(folder: &Path) -> anyhow::Result<()> {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::File::create_new(&probe))
        .and_then(|mut file| file.write_all(b"merlon").and_then(|()| file.sync_all()));
    drop(fs::remove_file(&probe));
    written.map_err(|error: io::Error| {
        let folder = folder.display();
        match error.kind() {
            io::ErrorKind::StorageFull => {
                anyhow::anyhow!("the disk of the data folder `{folder}` is full")
            }
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                anyhow::anyhow!("the data folder `{folder}` is read-only: {error}")
            }
            _ => anyhow::anyhow!("the data folder `{folder}` cannot be written: {error}"),
        }
    })
}

/// Opens the store, waiting for a database that is away; `None` when told to stop meanwhile.
pub(crate) async fn open(
    shared: &Shared,
    location: &Location,
    stop: &Stop,
) -> Result<Option<Store>, StoreError> {
    let mut backoff = Backoff::new();
    loop {
        let Some(opened) = stop.or(Store::open(location, Timestamp::now())).await else {
            return Ok(None);
        };
        let error = match opened {
            Ok(store) => {
                store.add_tenant(&shared.access, "first", Timestamp::now()).await?;
                shared.health.set(Part::Database, State::ready("open"));
                shared.health.set(Part::Migrations, State::ready("current"));
                metrics().database_up.set([], 1.0);
                shared.opened.send_replace(Some(store.clone()));
                return Ok(Some(store));
            }
            Err(error) => error,
        };
        count(&error);
        if !error.is_transient() {
            return Err(error);
        }
        metrics().database_up.set([], 0.0);
        shared.health.set(Part::Database, State::not_ready("away", chain(&error)));
        stop.pause(backoff.pause()).await;
    }
}

/// Asks the database again and again whether it is there, until the process drops everything.
pub(crate) async fn watch(shared: Arc<Shared>, store: Store, stop: Stop) {
    while !stop.is_given() {
        let asked = tokio::time::timeout(PATIENCE, store.health()).await;
        let state = match asked {
            Ok(Ok(())) => State::ready("open"),
            Ok(Err(error)) => {
                shared.failed(&error);
                State::not_ready(word(&error), chain(&error))
            }
            Err(_) => State::not_ready("away", "the database does not answer"),
        };
        metrics().database_up.set([], if state.is_ready() { 1.0 } else { 0.0 });
        shared.health.set(Part::Database, state);
        tokio::select! {
            () = stop.pause(LOOK) => {}
            () = stop.reached(Phase::AtOnce) => {}
        }
    }
}

/// Counts a failed operation by its class.
pub(crate) fn count(error: &StoreError) {
    metrics().store_errors.add([word(error)], 1);
}

/// The class of an error in one word.
fn word(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy(_) => "busy",
        StoreError::Unavailable(_) => "away",
        StoreError::LeaseHeld { .. } => "lease-held",
        StoreError::LeaseLost(_) => "lease-lost",
        StoreError::NewerSchema { .. } => "newer-schema",
        StoreError::Corrupt(_) => "damaged",
        StoreError::ReadOnly(_) => "read-only",
        StoreError::DiskFull(_) => "full",
        _ => "other",
    }
}

/// Whether waiting may help: the database is away, or somebody may make room or lift a lock.
pub(crate) fn may_pass(error: &StoreError) -> bool {
    error.is_transient() || matches!(error, StoreError::ReadOnly(_) | StoreError::DiskFull(_))
}
