//! `merlon serve`: the server, all its roles in one process.
//!
//! HTTP answers from the first moment; the store is opened and the state loaded beside it, and
//! `/readyz` says how far that is. A signal ends it in order: nothing new is taken, what is in
//! hand is finished, the lease is given back.

mod backoff;
mod database;
mod edge;
mod engine;
mod follow;
mod health;
mod http;
mod jobs;
mod plan;
mod stop;
mod stories;
mod systemd;
mod upload;
mod welcome;
mod work;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use store::Location;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::database::Shared;
pub(crate) use self::database::location;
use self::edge::tls::{self, Certificate};
use self::edge::{Edge, Listener};
use self::health::{Health, Part, State};
use self::stop::{Phase, Stop};
use self::systemd::Systemd;
pub(crate) use self::welcome::Welcome;
pub(crate) use self::work::{ImportJob, Kind};
use crate::cli::Serve;
use crate::config::{self, Config, Environment, Listen, Role, Setting};
use crate::logs;
use crate::network;
use crate::seal::Ring;

/// How a run of the server ended; the numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Asked to stop, and everything in hand was finished.
    InOrder = 0,
    /// The store cannot be used, and waiting does not help.
    NoStore = 4,
    /// The address cannot be listened on.
    NoAddress = 5,
    /// Stopped before everything in hand was finished.
    CutShort = 6,
    /// A part of the server ended by itself: a bug.
    Bug = 7,
}

/// After the order to drop everything: what threads may still take.
const LAST_MOMENT: Duration = Duration::from_millis(100);

pub(crate) fn run(arguments: &Serve, content: &[PathBuf], welcome: Welcome) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let loaded = config::load(&arguments.place, settings(arguments, &welcome), &environment)?;
    location(&loaded.config)?;
    logs::start(&loaded.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the server cannot be started")?;
    let content = content.to_vec();
    let end =
        runtime.block_on(serve((loaded.config, loaded.ring), content, welcome, &environment))?;
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(end as u8)
}

/// What the options of the command set.
fn settings(arguments: &Serve, welcome: &Welcome) -> Vec<Setting> {
    let mut settings = Vec::new();
    if matches!(welcome, Welcome::Demo { .. }) {
        // What it says on standard output is all that somebody who looks at it wants to read.
        let key = ("log", "level");
        settings.push(Setting { option: "demo", key, value: "warn".to_owned() });
    }
    if let Some(listen) = &arguments.listen {
        let key = ("server", "listen");
        settings.push(Setting { option: "--listen", key, value: listen.clone() });
    }
    if !arguments.role.is_empty() {
        let key = ("server", "roles");
        settings.push(Setting { option: "--role", key, value: arguments.role.join(",") });
    }
    settings
}

async fn serve(
    (config, ring): (Config, Ring),
    content: Vec<PathBuf>,
    welcome: Welcome,
    environment: &Environment,
) -> anyhow::Result<End> {
    let systemd = Systemd::of(environment);
    let health = Arc::new(Health::new(&parts(&config)));
    health.set(Part::Process, State::ready("running"));
    let place = location(&config)?;
    let shared = Arc::new(Shared::new(config, ring, content, Arc::clone(&health)));
    let server = &shared.config.server;
    let (order, stop) = stop::order();
    tokio::spawn(order.follow_signals());
    let hangups = tls::hangups().context("signals cannot be taken")?;
    // What is wrong with the way out is said now, not when somebody wants to sign in.
    drop(network::client(&shared.config.network)?);
    let certificate =
        Certificate::load(&shared.config.tls, Timestamp::now()).context("TLS cannot be offered")?;
    let Some(doors) = doors(&shared, certificate.as_ref()).await? else {
        return Ok(End::NoAddress);
    };
    let address = doors.address.clone();
    // HTTP goes on answering while the rest finishes, and is closed last.
    let (close, until_closed) = stop::order();
    let mut answering = tokio::spawn(doors.answer(until_closed.clone()));
    tokio::spawn(tls::follow(certificate, hangups, until_closed));
    let mut working =
        tokio::spawn(work(Arc::clone(&shared), place, (welcome, address), stop.clone()));
    let beating = tokio::spawn(systemd::beat(systemd.clone(), stop.clone()));
    systemd.tell("READY=1");
    // The order to stop may come while the store is still being opened: then the work is done.
    let is_done = tokio::select! {
        () = stop.reached(Phase::Stopping) => false,
        ended = &mut working => match ended.unwrap_or(Err(Fault::Bug)) {
            Ok(()) => true,
            Err(fault) => return Ok(fault.end()),
        },
        _ = &mut answering => return Ok(Fault::Bug.end()),
    };
    health.set(Part::Process, State::not_ready("stopping", ""));
    systemd.tell("STOPPING=1");
    let everything = async {
        let worked = if is_done { Ok(()) } else { working.await.unwrap_or(Err(Fault::Bug)) };
        shared.ending.send_replace(true);
        close.give(Phase::Stopping);
        drop(answering.await);
        worked
    };
    let end = tokio::select! {
        worked = everything => worked.map_or_else(Fault::end, |()| End::InOrder),
        () = tokio::time::sleep(server.stop_timeout) => End::CutShort,
        () = stop.reached(Phase::AtOnce) => End::CutShort,
    };
    beating.abort();
    if end == End::InOrder {
        tracing::info!("stopped in order");
    } else {
        tracing::warn!("stopped before everything in hand was finished");
    }
    Ok(end)
}

/// Everywhere that the server answers.
struct Doors {
    /// Where browsers find it when nothing else is said.
    address: String,
    main: (Listener, Edge),
    operations: Option<(Listener, Edge)>,
}

impl Doors {
    async fn answer(self, stop: Stop) {
        let main = edge::serve(self.main.0, self.main.1, stop.clone());
        match self.operations {
            Some((listener, edge)) => {
                tokio::join!(main, edge::serve(listener, edge, stop));
            }
            None => main.await,
        }
    }
}

/// Listens everywhere; `None`, and said, when an address cannot be listened on.
async fn doors(
    shared: &Arc<Shared>,
    certificate: Option<&Arc<Certificate>>,
) -> anyhow::Result<Option<Doors>> {
    let server = Arc::new(shared.config.server.clone());
    let listener = match Listener::bind(&server.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!("cannot listen on {}: {error}", server.listen);
            return Ok(None);
        }
    };
    let bound = listener.address().context("the address of the server is not known")?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let address = match &bound {
        Listen::Tcp(address) => format!("{scheme}://{address}"),
        Listen::Unix(_) => bound.to_string(),
    };
    tracing::info!(
        service.version = env!("CARGO_PKG_VERSION"),
        server.address = %bound,
        "listening on {address}"
    );
    let (health, timeout) = (&shared.health, server.request_timeout);
    let mut operations = None;
    if let Some(address) = server.operations {
        let listener = match Listener::at(address).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!("cannot listen on {address}: {error}");
                return Ok(None);
            }
        };
        let bound = listener.address().context("the address of operations is not known")?;
        tracing::info!(server.address = %bound, "answering operations on http://{bound}");
        let service = http::operations(Arc::clone(health), timeout);
        operations = Some((listener, Edge { service, server: Arc::clone(&server), tls: None }));
    }
    let api = server.roles.has(Role::Web).then(|| shared.api());
    // Whoever holds the lease stores attack paths, and derives them for that if nobody asks it.
    if server.roles.has(Role::Web) || server.roles.has(Role::Worker) {
        let api = api.clone().unwrap_or_else(|| shared.api());
        tokio::spawn(api::keep_known(api));
    }
    let service = http::router(Arc::clone(health), api, operations.is_none(), timeout);
    let tls = certificate.map(Certificate::acceptor).transpose()?;
    let main = (listener, Edge { service, server, tls });
    Ok(Some(Doors { address, main, operations }))
}

/// Why a server ends that nobody asked to.
#[derive(Debug)]
enum Fault {
    /// The store cannot be used, and waiting does not help.
    Store(anyhow::Error),
    /// A part ended by itself. A process that lacks one must not look alive.
    Bug,
}

impl Fault {
    /// Says it, and how the process ends.
    fn end(self) -> End {
        match self {
            Self::Store(error) => {
                tracing::error!("{}", base::chain(error.as_ref()));
                End::NoStore
            }
            Self::Bug => {
                tracing::error!("a part of the server ended by itself: the process ends, too");
                End::Bug
            }
        }
    }
}

/// What must be in order for the roles of this process.
fn parts(config: &Config) -> Vec<Part> {
    let mut parts = vec![Part::Process, Part::Database, Part::Migrations];
    if config.server.roles.has(Role::Worker) {
        parts.extend([Part::Lease, Part::Graph]);
    }
    parts
}

/// Everything that needs the store, from opening to closing it.
async fn work(
    shared: Arc<Shared>,
    place: Location,
    (welcome, address): (Welcome, String),
    stop: Stop,
) -> Result<(), Fault> {
    if let Location::Folder(folder) = &place {
        database::must_be_writable(folder).map_err(Fault::Store)?;
    }
    let opened = database::open(&shared, &place, &stop).await;
    let Some(store) = opened.map_err(|error| Fault::Store(error.into()))? else { return Ok(()) };
    welcome::tell(&welcome, &shared, &address).await;
    let mut keepers = JoinSet::new();
    keepers.spawn(database::watch(Arc::clone(&shared), store.clone(), stop.clone()));
    if shared.config.server.roles.has(Role::Web) || shared.config.server.roles.has(Role::Worker) {
        keepers.spawn(follow::run(Arc::clone(&shared), store.clone(), stop.clone()));
    }
    if !shared.config.server.roles.has(Role::Worker) {
        shared.standing.send_replace(follow::Standing::Follows);
    }
    // The lease is given back when nothing in hand needs it any more.
    let (release, until_released) = stop::order();
    if shared.config.server.roles.has(Role::Worker) {
        let (slot, writer) = watch::channel(None);
        keepers.spawn(writer::hold(Arc::clone(&shared), store.clone(), slot, until_released));
        let stories =
            stories::run(Arc::clone(&shared), store.clone(), writer.clone(), stop.clone());
        keepers.spawn(stories);
        let planning = plan::run(Arc::clone(&shared), store.clone(), writer.clone(), stop.clone());
        keepers.spawn(planning);
        let jobs = jobs::run(Arc::clone(&shared), store.clone(), writer, stop);
        beside(&mut keepers, jobs).await?;
    } else {
        let nobody = watch::channel(None).1;
        keepers.spawn(stories::run(Arc::clone(&shared), store.clone(), nobody, stop.clone()));
        beside(&mut keepers, stop.reached(Phase::Stopping)).await?;
    }
    release.give(Phase::Stopping);
    while let Some(ended) = keepers.join_next().await {
        ended.map_err(|_| Fault::Bug)?;
    }
    store.close().await;
    Ok(())
}

/// Does the work while the keepers do theirs; one that panics is a fault.
async fn beside(keepers: &mut JoinSet<()>, work: impl Future<Output = ()>) -> Result<(), Fault> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            () = work.as_mut() => return Ok(()),
            Some(ended) = keepers.join_next() => ended.map_err(|_| Fault::Bug)?,
        }
    }
}
