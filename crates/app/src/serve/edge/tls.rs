//! The certificate that the server shows, read again when its files change.
//!
//! INVARIANT: a pair that does not do never replaces one that does: whatever lies in the files, the server goes on.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;

use super::super::stop::{Phase, Stop};
use super::validity;
use crate::config::Tls;
use crate::measure::metrics;

/// A certificate that ends within this time is worth a line in the log.
const SOON: Duration = Duration::from_hours(14 * 24);

/// The files of the certificate and its key.
#[derive(Debug, Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The certificate in force.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: Files,
    look: Duration,
    current: RwLock<Arc<CertifiedKey>>,
    provider: Arc<CryptoProvider>,
}

impl Certificate {
    /// Reads the files that the configuration names; `None` when it names none.
    pub(crate) fn load(tls: &Tls, now: Timestamp) -> anyhow::Result<Option<Arc<Self>>> {
        let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) else { return Ok(None) };
        let files = Files { certificate: certificate.clone(), key: key.clone() };
        let provider = Arc::new(ring::default_provider());
        let pair = files.read(&provider)?;
        tell_validity(&pair, now)?;
        let current = RwLock::new(Arc::new(pair));
        Ok(Some(Arc::new(Self { files, look: tls.look, current, provider })))
    }

    /// What agrees with clients on TLS.
    pub(crate) fn acceptor(self: &Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
            .with_no_client_auth();
        let mut config = builder.with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = ring::Ticketer::new()?;
        // Early data can be sent again by whoever recorded it.
        config.max_early_data_size = 0;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes the files over when they have changed since `known`; gives what they are now.
    fn look(&self, known: u64, now: Timestamp) -> u64 {
        let found = self.files.mark();
        if found != known {
            self.reload(now);
        }
        found
    }

    /// Takes the files over if they are a pair, or says why not.
    fn reload(&self, now: Timestamp) {
        let read = self.files.read(&self.provider).and_then(|pair| {
            let until = tell_validity(&pair, now)?;
            ensure!(until > now, "it ended at {until}");
            Ok(pair)
        });
        match read {
            Ok(pair) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                metrics().tls_reloads.add(["taken"], 1);
                tracing::info!("a new certificate is in force");
            }
            Err(error) => {
                metrics().tls_reloads.add(["refused"], 1);
                tracing::error!("the certificate before stays in force: {error:#}");
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Files {
    /// Reads a certificate with its issuers, and the key that belongs to it.
    fn read(&self, provider: &CryptoProvider) -> anyhow::Result<CertifiedKey> {
        let (certificate, key) = (self.certificate.display(), self.key.display());
        let text = read(&self.certificate)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .with_context(|| format!("`{certificate}` is damaged"))?;
        ensure!(!chain.is_empty(), "`{certificate}` holds no certificate in PEM");
        let secret = zeroize::Zeroizing::new(read(&self.key)?);
        let secret = PrivateKeyDer::from_pem_slice(&secret)
            .with_context(|| format!("`{key}` holds no private key in PEM"))?;
        CertifiedKey::from_der(chain, secret, provider)
            .with_context(|| format!("`{certificate}` and `{key}` are no pair"))
    }

    /// A number that changes with the content of the files.
    fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in [&self.certificate, &self.key] {
            fs::read(path).map(zeroize::Zeroizing::new).ok().as_deref().hash(&mut hasher);
        }
        hasher.finish()
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).map_err(|error| crate::config::unreadable(path, &error))
}

/// Says until when a certificate counts, and warns when that is soon.
fn tell_validity(pair: &CertifiedKey, now: Timestamp) -> anyhow::Result<Timestamp> {
    let first = pair.cert.first().context("the chain is empty")?;
    let until = validity::until(first).context("the certificate is damaged")?;
    metrics().tls_until.set([], until.as_second() as f64);
    if until <= now {
        tracing::error!("the certificate ended at {until}: clients refuse it");
    } else if until.duration_since(now).unsigned_abs() < SOON {
        tracing::warn!("the certificate ends at {until}");
    } else {
        tracing::info!("the certificate counts until {until}");
    }
    Ok(until)
}

/// Takes SIGHUP over: by itself it would end the process.
pub(crate) fn hangups() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Reads the files again on SIGHUP and when they have changed, until the process drops everything.
pub(crate) async fn follow(certificate: Option<Arc<Certificate>>, mut hangup: Signal, stop: Stop) {
    let mut known = certificate.as_ref().map_or(0, |it| it.files.mark());
    let look = certificate.as_ref().map_or(Duration::MAX, |it| it.look);
    loop {
        let is_asked = tokio::select! {
            _ = hangup.recv() => true,
            () = tokio::time::sleep(look) => false,
            () = stop.reached(Phase::AtOnce) => return,
        };
        let Some(certificate) = certificate.clone() else {
            tracing::info!("asked to read files again: there are none to read");
            continue;
        };
        let looked = tokio::task::spawn_blocking(move || {
            if is_asked {
                certificate.reload(Timestamp::now());
                certificate.files.mark()
            } else {
                certificate.look(known, Timestamp::now())
            }
        });
        known = looked.await.unwrap_or(known);
    }
}

#[cfg(test)]
mod tests {
    use testkit::{Authority, Folder};

    use super::*;

    fn write(files: &Files, pair: &(String, String)) {
        fs::write(&files.certificate, &pair.0).unwrap();
        fs::write(&files.key, &pair.1).unwrap();
    }

    #[test]
    fn a_pair_that_does_not_do_leaves_the_one_before() {
        let folder = Folder::new().unwrap();
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        let files = Files { certificate: certificate.clone(), key: key.clone() };
        let authority = Authority::new().unwrap();
        let [one, two] = [(); 2].map(|()| authority.sign("localhost").unwrap());
        let old = authority.sign_until("localhost", "20200101000000Z").unwrap();
        write(&files, &one);
        let tls = Tls { certificate: Some(certificate), key: Some(key), look: SOON };
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        let served = Certificate::load(&tls, now).unwrap().unwrap();
        let shown = || served.current.read().unwrap().cert.first().unwrap().to_vec();
        let first = shown();
        let mut mark = files.mark();
        let mixed = (two.0.clone(), one.1);
        let no_key = (two.0.clone(), String::new());
        let no_certificate = (two.1.clone(), two.1.clone());
        for bad in [&mixed, &no_key, &no_certificate, &old] {
            write(&files, bad);
            mark = served.look(mark, now);
            assert_eq!(shown(), first);
        }
        fs::remove_file(&files.key).unwrap();
        mark = served.look(mark, now);
        assert_eq!(shown(), first);
        write(&files, &two);
        mark = served.look(mark, now);
        assert_ne!(shown(), first);
        assert_eq!(served.look(mark, now), mark);
    }

    #[test]
    fn files_that_are_no_pair_are_refused_at_the_start() {
        let folder = Folder::new().unwrap();
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        let tls = |certificate: &Path, key: &Path| Tls {
            certificate: Some(certificate.to_owned()),
            key: Some(key.to_owned()),
            look: SOON,
        };
        let load = |tls: &Tls| Certificate::load(tls, Timestamp::UNIX_EPOCH);
        let said = load(&tls(&certificate, &key)).unwrap_err().to_string();
        assert!(said.contains("cannot be read"), "{said}");
        let authority = Authority::new().unwrap();
        let (one, two) = (authority.sign("a").unwrap(), authority.sign("b").unwrap());
        write(&Files { certificate: certificate.clone(), key: key.clone() }, &(one.0, two.1));
        let said = load(&tls(&certificate, &key)).unwrap_err().to_string();
        assert!(said.contains("no pair"), "{said}");
    }
}
