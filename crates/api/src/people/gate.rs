//! What signing in needs beside the store.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Hashes of passwords that are made at once: each takes 19 MiB and a processor.
const HASHES: usize = 4;

/// The address that a request came from, which whoever accepts connections puts among its extensions.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// Seals secrets that must be read again, with the master key. `name` says what for: what was sealed for one
/// does not open for another.
pub trait Seal: std::fmt::Debug + Send + Sync {
    /// The sealed text; `None` when there is no key.
    fn seal(&self, name: &str, secret: &[u8]) -> Option<String>;
    /// The secret; `None` when its key is not there or it was changed.
    fn open(&self, name: &str, sealed: &str) -> Option<Vec<u8>>;
}

/// What signing in needs beside the store.
#[derive(Debug, Default)]
pub struct Gate {
    /// Where browsers find the portal, such as `https://merlon.example.org`; `None`: where they say themselves.
    pub origin: Option<String>,
    /// `None`: there are no codes, for their secrets could not be kept.
    pub seal: Option<Arc<dyn Seal>>,
}

impl Gate {
    /// Where browsers find the portal, without a slash at its end. 409 when nobody has said so.
    pub(super) fn origin(&self) -> Result<&str, Problem> {
        let origin = self.origin.as_deref().map(|it| it.trim_end_matches('/'));
        origin.ok_or_else(|| {
            let detail = "the server does not know where browsers find it: set its origin";
            Problem::new(StatusCode::CONFLICT, "no-origin", detail)
        })
    }
}

impl Gate {
    /// Whether anybody could set up a second factor.
    pub(crate) fn has_second_factors(&self) -> bool {
        self.seal.is_some() || self.party().is_ok()
    }

    /// Where browsers find the portal, and by what name authenticators know it. 409 where there can be no passkeys.
    pub(super) fn party(&self) -> Result<(&str, &str), Problem> {
        let origin = self.origin()?;
        let party = ::people::relying_party(origin).ok_or_else(|| {
            let detail =
                "passkeys need an origin with a host name and https, or `http://localhost`";
            Problem::new(StatusCode::CONFLICT, "no-origin", detail)
        })?;
        Ok((origin, party))
    }
}

/// Room for passwords to be hashed, a few at once.
#[derive(Debug, Clone)]
pub(crate) struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(HASHES)))
    }
}

impl Hashing {
    /// Runs the slow work of a password beside the requests.
    pub(crate) async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = Arc::clone(&self.0).acquire_owned().await;
        let permit = permit.map_err(|error| Problem::fault(&error))?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        worked.await.map_err(|error| Problem::fault(&error))
    }
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Problem::fault(&error))?;
    Ok(bytes)
}
