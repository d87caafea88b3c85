//! `merlon serve`: the server, all its roles in one process.
//!
//! HTTP answers from the first moment; the store is opened and the state loaded beside it, and
//! `/readyz` says how far that is. A signal ends it in order: nothing new is taken, what is in
//! hand is finished, the lease is given back.

mod health;
mod http;
mod stop;
mod systemd;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use self::health::{Health, Part, State};
use self::stop::Phase;
use self::systemd::Systemd;
use crate::cli::Serve;
use crate::config::{self, Config, Environment, Role, Setting};
use crate::logs;

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
}

/// After the order to drop everything: what threads may still take.
const LAST_MOMENT: Duration = Duration::from_millis(100);

pub(crate) fn run(arguments: &Serve) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let loaded = config::load(&arguments.place, settings(arguments), &environment)?;
    let store = &loaded.config.store;
    anyhow::ensure!(
        store.data.is_some() || store.database.is_some(),
        "say where to keep things: `--data DIR` or `--database URL`"
    );
    logs::start(&loaded.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the server cannot be started")?;
    let end = runtime.block_on(serve(loaded.config, &environment))?;
    runtime.shutdown_timeout(LAST_MOMENT);
    Ok(end as u8)
}

/// What the options of the command set.
fn settings(arguments: &Serve) -> Vec<Setting> {
    let mut settings = Vec::new();
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

async fn serve(config: Config, environment: &Environment) -> anyhow::Result<End> {
    let systemd = Systemd::of(environment);
    let health = Arc::new(Health::new(&parts(&config)));
    let (order, stop) = stop::order();
    tokio::spawn(order.clone().follow_signals());
    let listener = match http::listen(config.server.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            let address = config.server.listen;
            tracing::error!("cannot listen on {address}: {error}");
            return Ok(End::NoAddress);
        }
    };
    let address = listener.local_addr().context("the address of the server is not known")?;
    tracing::info!(
        service.version = env!("CARGO_PKG_VERSION"),
        server.address = %address,
        "listening on http://{address}"
    );
    let answering = tokio::spawn(http::serve(
        listener,
        config.server.clone(),
        Arc::clone(&health),
        stop.clone(),
    ));
    systemd.tell("READY=1");
    stop.reached(Phase::Stopping).await;
    health.set(Part::Process, State::not_ready("stopping", ""));
    systemd.tell("STOPPING=1");
    let finished = tokio::select! {
        _ = answering => true,
        () = tokio::time::sleep(config.server.stop_timeout) => false,
        () = stop.reached(Phase::AtOnce) => false,
    };
    if finished {
        tracing::info!("stopped in order");
        return Ok(End::InOrder);
    }
    tracing::warn!("stopped before everything in hand was finished");
    Ok(End::CutShort)
}

/// What must be in order for the roles of this process.
fn parts(config: &Config) -> Vec<Part> {
    let mut parts = vec![Part::Process, Part::Database, Part::Migrations];
    if config.server.roles.has(Role::Worker) {
        parts.extend([Part::Lease, Part::Graph]);
    }
    parts
}
