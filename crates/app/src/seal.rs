//! Sealing secrets with a master key: what is kept is useless without the key, and useless elsewhere.
//!
//! Each secret is encrypted with a data key of its own, and that key with a master key (`XChaCha20`
//! and Poly1305 both times). Both are bound to where the secret belongs, so that a sealed value
//! that is copied to another tenant or another setting does not open. Rotation replaces the
//! wrapping of the data key and never sees the secret.

mod ring;

use std::fmt::Write as _;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

pub(crate) use ring::{MasterKey, Ring};

/// What a sealed value begins with.
const MARK: &str = "enc:v1:";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// A key; wiped when dropped.
type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;
const TAG_BYTES: usize = 16;
const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Where a secret belongs; a sealed value opens only there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose<'a> {
    /// The tenant; 0 is the installation itself.
    pub(crate) tenant: u64,
    /// What it is for, such as the name of a setting.
    pub(crate) name: &'a str,
}

/// Seals the secrets of people of one tenant, for the HTTP interface.
#[derive(Debug)]
pub(crate) struct KeySeal {
    ring: Ring,
    tenant: u64,
}

impl KeySeal {
    /// `None` when there is no master key.
    pub(crate) fn of(ring: Ring, tenant: store::TenantId) -> Option<std::sync::Arc<dyn api::Seal>> {
        ring.current()?;
        Some(std::sync::Arc::new(Self { ring, tenant: tenant.0.into() }))
    }
}

impl api::Seal for KeySeal {
    fn seal(&self, name: &str, secret: &[u8]) -> Option<String> {
        let purpose = Purpose { tenant: self.tenant, name };
        let sealed = self.ring.seal(&purpose, secret);
        sealed.inspect_err(|error| tracing::error!("a secret could not be sealed: {error}")).ok()
    }

    fn open(&self, name: &str, sealed: &str) -> Option<Vec<u8>> {
        let purpose = Purpose { tenant: self.tenant, name };
        let opened = self.ring.open(&purpose, sealed);
        let opened = opened.inspect_err(|error| tracing::error!("a secret does not open: {error}"));
        opened.ok().map(|it| it.to_vec())
    }
}

/// Why a value cannot be sealed or opened. No variant holds a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SealError {
    #[error("the value is not sealed: it does not begin with `{MARK}`")]
    NotSealed,
    #[error("the sealed value is damaged")]
    Damaged,
    #[error("the value is sealed with the master key `{0}`, which is not there")]
    UnknownKey(String),
    #[error("the value does not open: it was changed, or sealed for something else than `{0}`")]
    Refused(String),
    #[error("there is no master key: `merlon key new` makes one")]
    NoKey,
    #[error("the system gives no random bytes: {0}")]
    Random(String),
}

/// Whether a text looks sealed.
pub(crate) fn is_sealed(text: &str) -> bool {
    text.starts_with("enc:")
}

impl Ring {
    /// Seals a secret with the current key.
    pub(crate) fn seal(&self, purpose: &Purpose<'_>, secret: &[u8]) -> Result<String, SealError> {
        let data_key = random_key()?;
        let wrapped = self.wrap(purpose, &data_key)?;
        let nonce = random::<NONCE_BYTES>()?;
        let body = encrypt(&data_key, &nonce, &bound(purpose, "body"), secret)
            .ok_or(SealError::Damaged)?;
        let id = &self.current().ok_or(SealError::NoKey)?.id;
        Ok(format!("{MARK}{id}:{}", to_hex(&[&wrapped, &nonce[..], &body].concat())))
    }

    /// Opens a sealed value.
    pub(crate) fn open(
        &self,
        purpose: &Purpose<'_>,
        sealed: &str,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let parts = Parts::of(sealed)?;
        let data_key = self.unwrap(purpose, &parts)?;
        decrypt(&data_key, &parts.nonce, &bound(purpose, "body"), &parts.body)
            .ok_or_else(|| SealError::Refused(purpose.name.to_owned()))
    }

    /// Seals the data key of a sealed value anew with the current key; the secret stays closed.
    pub(crate) fn reseal(&self, purpose: &Purpose<'_>, sealed: &str) -> Result<String, SealError> {
        let parts = Parts::of(sealed)?;
        let data_key = self.unwrap(purpose, &parts)?;
        let wrapped = self.wrap(purpose, &data_key)?;
        let id = &self.current().ok_or(SealError::NoKey)?.id;
        Ok(format!("{MARK}{id}:{}", to_hex(&[&wrapped, &parts.nonce[..], &parts.body].concat())))
    }

    fn wrap(&self, purpose: &Purpose<'_>, data_key: &KeyBytes) -> Result<Vec<u8>, SealError> {
        let master = self.current().ok_or(SealError::NoKey)?;
        let nonce = random::<NONCE_BYTES>()?;
        let context = bound(purpose, &master.id);
        let wrapped = encrypt(&master.bytes, &nonce, &context, data_key.as_slice())
            .ok_or(SealError::Damaged)?;
        Ok([&nonce[..], &wrapped].concat())
    }

    fn unwrap(&self, purpose: &Purpose<'_>, parts: &Parts<'_>) -> Result<KeyBytes, SealError> {
        let master =
            self.find(parts.key).ok_or_else(|| SealError::UnknownKey(parts.key.to_owned()))?;
        let refused = || SealError::Refused(purpose.name.to_owned());
        let context = bound(purpose, &master.id);
        let opened = decrypt(&master.bytes, &parts.wrap_nonce, &context, &parts.wrapped)
            .ok_or_else(refused)?;
        let mut data_key = Zeroizing::new([0; KEY_BYTES]);
        if opened.len() != KEY_BYTES {
            return Err(refused());
        }
        data_key.copy_from_slice(&opened);
        Ok(data_key)
    }
}

/// The parts of a sealed value.
struct Parts<'a> {
    key: &'a str,
    wrap_nonce: [u8; NONCE_BYTES],
    wrapped: Vec<u8>,
    nonce: [u8; NONCE_BYTES],
    body: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a str) -> Result<Self, SealError> {
        let rest = sealed.strip_prefix(MARK).ok_or(SealError::NotSealed)?;
        let (key, hex) = rest.split_once(':').ok_or(SealError::Damaged)?;
        let bytes = from_hex(hex).ok_or(SealError::Damaged)?;
        let (wrap, rest) = bytes.split_at_checked(WRAPPED_BYTES).ok_or(SealError::Damaged)?;
        let (wrap_nonce, wrapped) = wrap.split_first_chunk().ok_or(SealError::Damaged)?;
        let (nonce, body) = rest.split_first_chunk().ok_or(SealError::Damaged)?;
        Ok(Self {
            key,
            wrap_nonce: *wrap_nonce,
            wrapped: wrapped.to_vec(),
            nonce: *nonce,
            body: body.to_vec(),
        })
    }
}

/// What an encryption is bound to; the lengths keep the parts apart.
fn bound(purpose: &Purpose<'_>, what: &str) -> Vec<u8> {
    let mut bytes = b"merlon sealed v1\0".to_vec();
    bytes.extend(purpose.tenant.to_le_bytes());
    for part in [purpose.name, what] {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

fn encrypt(key: &KeyBytes, nonce: &[u8; NONCE_BYTES], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = XChaCha20Poly1305::new_from_slice(key.as_slice()).ok()?;
    cipher.encrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok()
}

fn decrypt(
    key: &KeyBytes,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    msg: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new_from_slice(key.as_slice()).ok()?;
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok().map(Zeroizing::new)
}

/// Random bytes of the system.
fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| SealError::Random(error.to_string()))?;
    Ok(bytes)
}

fn random_key() -> Result<KeyBytes, SealError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|error| SealError::Random(error.to_string()))?;
    Ok(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").unwrap_or_default();
        hex
    })
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    hex.as_bytes()
        .chunks(2)
        .map(|pair| {
            let digit = |it: &u8| char::from(*it).to_digit(16);
            let [high, low] = pair else { return None };
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MasterKey, Purpose, Ring, SealError};

    const DATABASE: Purpose<'static> = Purpose { tenant: 0, name: "store.database" };

    fn ring(ids: &[&str]) -> Ring {
        let keys = ids.iter().map(|id| {
            let mut bytes = [0; 32];
            bytes[..id.len()].copy_from_slice(id.as_bytes());
            MasterKey::new((*id).to_owned(), bytes)
        });
        Ring::new(keys.collect())
    }

    #[track_caller]
    fn refuses(ring: &Ring, purpose: &Purpose<'_>, sealed: &str, want: &SealError) {
        assert_eq!(ring.open(purpose, sealed).unwrap_err(), *want);
    }

    #[test]
    fn what_was_sealed_opens() {
        let sealed = ring(&["a"]).seal(&DATABASE, b"hunter2").unwrap();
        assert!(sealed.starts_with("enc:v1:a:"));
        assert_eq!(**ring(&["b", "a"]).open(&DATABASE, &sealed).unwrap(), *b"hunter2");
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let ring = ring(&["a"]);
        assert_ne!(ring.seal(&DATABASE, b"x").unwrap(), ring.seal(&DATABASE, b"x").unwrap());
    }

    #[test]
    fn another_key_tenant_or_purpose_does_not_open_it() {
        let sealed = ring(&["a"]).seal(&DATABASE, b"hunter2").unwrap();
        refuses(&ring(&["b"]), &DATABASE, &sealed, &SealError::UnknownKey("a".into()));
        // Another key that goes by the same name.
        let mut bytes = [7; 32];
        bytes[0] = 1;
        let impostor = Ring::new(vec![MasterKey::new("a".into(), bytes)]);
        refuses(&impostor, &DATABASE, &sealed, &SealError::Refused("store.database".into()));
        let tenant = Purpose { tenant: 1, ..DATABASE };
        refuses(&ring(&["a"]), &tenant, &sealed, &SealError::Refused("store.database".into()));
        let purpose = Purpose { name: "webhook", ..DATABASE };
        refuses(&ring(&["a"]), &purpose, &sealed, &SealError::Refused("webhook".into()));
    }

    #[test]
    fn rotation_moves_a_value_to_the_current_key() {
        let old = ring(&["old"]).seal(&DATABASE, b"hunter2").unwrap();
        let new = ring(&["new", "old"]).reseal(&DATABASE, &old).unwrap();
        assert_eq!(**ring(&["new"]).open(&DATABASE, &new).unwrap(), *b"hunter2");
        refuses(&ring(&["old"]), &DATABASE, &new, &SealError::UnknownKey("new".into()));
        let elsewhere = Purpose { name: "webhook", ..DATABASE };
        assert!(ring(&["new", "old"]).reseal(&elsewhere, &old).is_err());
    }

    #[test]
    fn an_empty_ring_seals_nothing() {
        assert_eq!(ring(&[]).seal(&DATABASE, b"x").unwrap_err(), SealError::NoKey);
    }

    proptest! {
        #[test]
        fn any_secret_opens_and_no_changed_byte_does(
            secret in proptest::collection::vec(any::<u8>(), 0..64),
            place in any::<prop::sample::Index>(),
            flip in 1_u8..16,
        ) {
            let ring = ring(&["a"]);
            let sealed = ring.seal(&DATABASE, &secret).unwrap();
            prop_assert_eq!(&**ring.open(&DATABASE, &sealed).unwrap(), &secret);
            let start = "enc:v1:a:".len();
            let at = start + place.index(sealed.len() - start);
            let digit = char::from(sealed.as_bytes()[at]).to_digit(16).unwrap() as u8;
            let other = char::from_digit(u32::from(digit ^ flip), 16).unwrap();
            let (before, after) = sealed.split_at(at);
            let changed = format!("{before}{other}{}", after.split_at(1).1);
            prop_assert!(ring.open(&DATABASE, &changed).is_err());
            prop_assert!(ring.open(&DATABASE, before).is_err());
        }
    }
}
