//! Telling systemd how the process is: ready, alive, stopping.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

use super::stop::{Phase, Stop};
use crate::config::Environment;

/// The socket of the service manager, where there is one.
#[derive(Debug, Clone)]
pub(crate) struct Systemd {
    socket: Option<Arc<(UnixDatagram, SocketAddr)>>,
    watchdog: Option<Duration>,
}

impl Systemd {
    /// The one that started this process; without one, telling does nothing.
    pub(crate) fn of(environment: &Environment) -> Self {
        let socket = environment.get("NOTIFY_SOCKET").and_then(|path| {
            let address = match path.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(path),
            };
            Some(Arc::new((UnixDatagram::unbound().ok()?, address.ok()?)))
        });
        let watchdog = environment
            .get("WATCHDOG_USEC")
            .and_then(|it| it.parse().ok())
            .map(Duration::from_micros);
        Self { socket, watchdog }
    }

    /// Says one thing, such as `READY=1`.
    pub(crate) fn tell(&self, what: &str) {
        let Some((socket, address)) = self.socket.as_deref() else { return };
        if let Err(error) = socket.send_to_addr(what.as_bytes(), address) {
            tracing::debug!("systemd was not told `{what}`: {error}");
        }
    }
}

/// Says that the process is alive, twice in the time that systemd waits for it.
pub(crate) async fn beat(systemd: Systemd, stop: Stop) {
    let Some(time) = systemd.watchdog.filter(|_| systemd.socket.is_some()) else { return };
    while !stop.is_at(Phase::AtOnce) {
        systemd.tell("WATCHDOG=1");
        tokio::time::sleep(time / 2).await;
    }
}
