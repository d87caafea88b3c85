//! `merlon health`: asks a running server how it is, for health checks of containers and scripts.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use crate::cli::Health;
use crate::config::{self, Config, Environment, Listen};
use crate::network;

/// A server that takes longer is not healthy.
const PATIENCE: Duration = Duration::from_secs(4);
/// Exit code when the server says that it is not well.
const NOT_WELL: u8 = 1;

/// Runs the command; answers the exit code.
pub(crate) fn run(arguments: &Health, out: &mut dyn Write) -> anyhow::Result<u8> {
    let base = if let Some(url) = &arguments.url {
        url.trim_end_matches('/').to_owned()
    } else {
        let loaded = config::load(&arguments.place, Vec::new(), &Environment::of_process())?;
        own_address(&loaded.config)?
    };
    let path = if arguments.ready { "readyz" } else { "healthz" };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, text) = runtime.block_on(async {
        let client = network::client_of_user(arguments.ca.as_deref())?.timeout(PATIENCE).build()?;
        let url = format!("{base}/{path}");
        let answer = client.get(&url).send().await.with_context(|| format!("`{url}`"))?;
        Ok::<_, anyhow::Error>((answer.status(), answer.text().await?))
    })?;
    writeln!(out, "{}", text.trim_end())?;
    Ok(if status.is_success() { 0 } else { NOT_WELL })
}

/// Where the server of this configuration answers on this machine.
fn own_address(config: &Config) -> anyhow::Result<String> {
    if let Some(address) = config.server.operations {
        return Ok(format!("http://{}", reachable(address)));
    }
    ensure!(
        config.tls.certificate.is_none(),
        "the name in the certificate is not known here: set `server.operations`, or say --url and --ca"
    );
    match &config.server.listen {
        Listen::Tcp(address) => Ok(format!("http://{}", reachable(*address))),
        Listen::Unix(_) => bail!("the server listens at a socket: set `server.operations`"),
    }
}

/// The address of this machine where a server listens at all of its addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(it) if it.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(it) if it.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}
