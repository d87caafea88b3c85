//! Passkeys: what an authenticator says (Web Authentication, level 3), made and used.
//!
//! INVARIANT: nothing is taken from an answer before its kind, its challenge, its origin, the hash of our name and the
//! presence of a person were found right; when a passkey is used, its signature too.
//!
//! Who made an authenticator is not asked for: the statement about it (`attestation`) is read over and never judged, as
//! the standard permits (7.1, step 24 and after). So a passkey says that the same authenticator came back, not which one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::cbor::Reader;

/// The algorithms that are accepted, the best first, as COSE numbers them: Ed25519, ECDSA with P-256, RSA.
pub const PASSKEY_ALGORITHMS: [i64; 3] = [ED25519, ES256, RS256];
const ED25519: i64 = -8;
const ES256: i64 = -7;
const RS256: i64 = -257;

/// Bytes of the longest id of a passkey (level 3, 4: credential id).
const LONGEST_ID: usize = 1023;
/// Bytes of the longest part of an answer.
const LONGEST: usize = 64 * 1024;
/// Bytes of the modulus of an RSA key: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// Bits of the flags of authenticator data.
const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const CAN_BACK_UP: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_KEY: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

/// Why an answer of an authenticator counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefused {
    /// It is not written as the standard has it.
    #[error("the answer of the authenticator cannot be read")]
    Form,
    /// It answers something else.
    #[error("the answer of the authenticator belongs to another request")]
    Other,
    /// Another site has asked.
    #[error("another site has asked the authenticator")]
    Origin,
    /// Nobody was there, or nobody has proved to be the one whom the authenticator knows.
    #[error("the authenticator has not seen, or not recognized, a person")]
    Person,
    /// The key is of a kind that is not on our list.
    #[error("the authenticator uses a kind of key that is not accepted")]
    Algorithm,
    /// The key has not made the signature.
    #[error("the signature of the authenticator is wrong")]
    Signature,
    /// It counts fewer signatures than before, or what never changes has changed: there is a copy of it.
    #[error("the authenticator seems to have been copied")]
    Copied,
}

/// What the browser says about a ceremony.
#[derive(Debug)]
pub struct ClientData {
    fields: Fields,
    hash: [u8; 32],
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

/// What an answer must be about.
#[derive(Debug, Clone, Copy)]
pub struct Ceremony<'a> {
    /// The random bytes that were sent, as text of Base64 for addresses.
    pub challenge: &'a str,
    /// Where browsers find us.
    pub origin: &'a str,
    /// Whether the authenticator must know the person (by a PIN, a finger, a face), not only that one is there.
    pub must_verify: bool,
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadePasskey {
    /// Its id.
    pub id: Vec<u8>,
    /// Its algorithm, one of [`PASSKEY_ALGORITHMS`].
    pub algorithm: i64,
    /// Its public key, as COSE writes it.
    pub key: Vec<u8>,
    /// Signatures so far; 0: it does not count.
    pub counter: u32,
    /// Whether it can be carried to other devices; this never changes.
    pub can_back_up: bool,
    /// Whether it was.
    pub is_backed_up: bool,
}

/// What is kept of a passkey.
#[derive(Debug, Clone, Copy)]
pub struct KeptPasskey<'a> {
    /// Its public key, as COSE writes it.
    pub key: &'a [u8],
    /// Signatures so far, as it said last; 0: it does not count.
    pub counter: u32,
    /// Whether it can be carried to other devices.
    pub can_back_up: bool,
}

/// What the use of a passkey says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedPasskey {
    /// Signatures so far; 0: it does not count.
    pub counter: u32,
    /// Whether it was carried to other devices.
    pub is_backed_up: bool,
    /// Whether the authenticator knew the person.
    pub is_verified: bool,
}

/// The name by which authenticators know us: the host of our origin. `None` where there cannot be passkeys: hosts without
/// a name, and those that are reached without TLS over a network.
pub fn relying_party(origin: &str) -> Option<&str> {
    let (scheme, rest) = origin.split_once("://")?;
    let host = rest.trim_end_matches('/');
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let is_name = host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-".contains(&it))
        && host.rsplit('.').next().is_some_and(|it| it.bytes().any(|it| it.is_ascii_alphabetic()));
    let is_safe = scheme == "https" || (scheme == "http" && host == "localhost");
    (is_name && is_safe).then_some(host)
}

/// A challenge as it goes to the browser.
pub fn challenge_text(random: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

impl ClientData {
    /// Reads what a browser says; `None` when it is not written as the standard has it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let fields = (bytes.len() <= LONGEST).then(|| serde_json::from_slice(bytes).ok())??;
        Some(Self { fields, hash: Sha256::digest(bytes).into() })
    }

    /// The challenge that it answers; nothing else of it is to be looked at before.
    pub fn challenge(&self) -> &str {
        &self.fields.challenge
    }

    fn check(&self, kind: &str, ceremony: &Ceremony<'_>) -> Result<(), PasskeyRefused> {
        let Fields { kind: own, challenge, origin, cross_origin, top_origin } = &self.fields;
        let is_challenge: bool = challenge.as_bytes().ct_eq(ceremony.challenge.as_bytes()).into();
        if own != kind || !is_challenge || challenge.is_empty() {
            return Err(PasskeyRefused::Other);
        }
        if origin != ceremony.origin || *cross_origin || top_origin.is_some() {
            return Err(PasskeyRefused::Origin);
        }
        Ok(())
    }
}

/// What an authenticator says (level 3, 6.1).
struct Said<'b> {
    flags: u8,
    counter: u32,
    made: Option<(&'b [u8], &'b [u8])>,
}

impl<'b> Said<'b> {
    fn read(bytes: &'b [u8], ceremony: &Ceremony<'_>) -> Result<Self, PasskeyRefused> {
        let said = Self::split(bytes).filter(|_| bytes.len() <= LONGEST);
        let (party, said) = said.ok_or(PasskeyRefused::Form)?;
        let ours = relying_party(ceremony.origin).ok_or(PasskeyRefused::Origin)?;
        if party != <[u8; 32]>::from(Sha256::digest(ours.as_bytes())) {
            return Err(PasskeyRefused::Origin);
        }
        let must = if ceremony.must_verify { PRESENT | VERIFIED } else { PRESENT };
        if said.flags & must != must {
            return Err(PasskeyRefused::Person);
        }
        if said.has(BACKED_UP) && !said.has(CAN_BACK_UP) {
            return Err(PasskeyRefused::Form);
        }
        Ok(said)
    }

    /// The hash of whom it is for, and the rest. `None` when it is cut, too long or of another form.
    fn split(bytes: &'b [u8]) -> Option<([u8; 32], Self)> {
        let (party, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let mut said = Self { flags: *flags, counter: u32::from_be_bytes(*counter), made: None };
        if said.has(HAS_KEY) {
            let (_model, after) = rest.split_first_chunk::<16>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (id, after) = after.split_at_checked(length)?;
            let mut reader = Reader::new(after);
            let key = reader.raw()?;
            rest = reader.rest();
            said.made = (1..=LONGEST_ID).contains(&length).then_some((id, key));
            said.made?;
        }
        if said.has(HAS_EXTENSIONS) {
            let mut reader = Reader::new(rest);
            Reader::new(rest).map()?;
            reader.skip()?;
            rest = reader.rest();
        }
        rest.is_empty().then_some((*party, said))
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A public key (RFC 9052, 9053).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key<'b> {
    Ed25519 { x: &'b [u8] },
    P256 { x: &'b [u8], y: &'b [u8] },
    Rsa { n: &'b [u8], e: &'b [u8] },
}

impl<'b> Key<'b> {
    /// Reads a key; the kind, the curve and the algorithm must fit each other.
    fn read(bytes: &'b [u8]) -> Result<Self, PasskeyRefused> {
        let fields = CoseFields::read(bytes).ok_or(PasskeyRefused::Form)?;
        let found = match (fields.kind, fields.algorithm, fields.curve) {
            (Some(1), Some(ED25519), Some(6)) => {
                fields.first.filter(|x| x.len() == 32).map(|x| Self::Ed25519 { x })
            }
            (Some(2), Some(ES256), Some(1)) => match (fields.first, fields.second) {
                (Some(x), Some(y)) if x.len() == 32 && y.len() == 32 => Some(Self::P256 { x, y }),
                _ => None,
            },
            (Some(3), Some(RS256), None) => match (fields.modulus, fields.first) {
                (Some(n), Some(e)) if MODULUS.contains(&n.len()) && (1..=8).contains(&e.len()) => {
                    Some(Self::Rsa { n, e })
                }
                _ => None,
            },
            _ => None,
        };
        found.ok_or(PasskeyRefused::Algorithm)
    }

    fn algorithm(self) -> i64 {
        match self {
            Self::Ed25519 { .. } => ED25519,
            Self::P256 { .. } => ES256,
            Self::Rsa { .. } => RS256,
        }
    }

    fn has_made(self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519 { x } => {
                UnparsedPublicKey::new(&signature::ED25519, x).verify(signed, signature)
            }
            Self::P256 { x, y } => {
                let point = [&[4][..], x, y].concat();
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point)
                    .verify(signed, signature)
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                signed,
                signature,
            ),
        }
        .is_ok()
    }
}

/// The fields of a key by their numbers.
#[derive(Debug, Default)]
struct CoseFields<'b> {
    kind: Option<i64>,
    algorithm: Option<i64>,
    curve: Option<i64>,
    modulus: Option<&'b [u8]>,
    first: Option<&'b [u8]>,
    second: Option<&'b [u8]>,
}

impl<'b> CoseFields<'b> {
    /// `None` when it is no map of numbers, or a number stands there twice.
    fn read(bytes: &'b [u8]) -> Option<Self> {
        fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
            place.replace(value).is_none().then_some(())
        }
        let mut reader = Reader::new(bytes);
        let mut fields = Self::default();
        for _ in 0..reader.map()? {
            match reader.int()? {
                1 => once(&mut fields.kind, reader.int()?)?,
                3 => once(&mut fields.algorithm, reader.int()?)?,
                // The curve, or the modulus of RSA.
                -1 => match Reader::new(reader.rest()).int() {
                    Some(curve) => {
                        reader.skip()?;
                        once(&mut fields.curve, curve)?;
                    }
                    None => once(&mut fields.modulus, reader.bytes()?)?,
                },
                -2 => once(&mut fields.first, reader.bytes()?)?,
                -3 => once(&mut fields.second, reader.bytes()?)?,
                _ => reader.skip()?,
            }
        }
        reader.rest().is_empty().then_some(fields)
    }
}

/// The data of the authenticator in the answer to making a passkey.
fn data_of(attestation: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(attestation);
    let (mut data, mut format) = (None, None);
    for _ in 0..reader.map()? {
        match reader.text()? {
            "authData" if data.is_none() => data = Some(reader.bytes()?),
            "fmt" if format.is_none() => format = Some(reader.text()?),
            "authData" | "fmt" => return None, // twice
            _ => reader.skip()?,
        }
    }
    data.filter(|_| format.is_some() && reader.rest().is_empty())
}

/// The passkey that an authenticator has made, if the answer is right in all that is asked (level 3, 7.1).
pub fn made_passkey(
    client: &ClientData,
    attestation: &[u8],
    ceremony: &Ceremony<'_>,
) -> Result<MadePasskey, PasskeyRefused> {
    client.check("webauthn.create", ceremony)?;
    let data = data_of(attestation).ok_or(PasskeyRefused::Form)?;
    let said = Said::read(data, ceremony)?;
    let (id, key) = said.made.ok_or(PasskeyRefused::Form)?;
    let algorithm = Key::read(key)?.algorithm();
    Ok(MadePasskey {
        id: id.to_vec(),
        algorithm,
        key: key.to_vec(),
        counter: said.counter,
        can_back_up: said.has(CAN_BACK_UP),
        is_backed_up: said.has(BACKED_UP),
    })
}

/// What the use of a passkey says, if the answer is right in all that is asked (level 3, 7.2).
pub fn used_passkey(
    client: &ClientData,
    (data, signature): (&[u8], &[u8]),
    kept: &KeptPasskey<'_>,
    ceremony: &Ceremony<'_>,
) -> Result<UsedPasskey, PasskeyRefused> {
    client.check("webauthn.get", ceremony)?;
    let said = Said::read(data, ceremony)?;
    let signed = [data, &client.hash].concat();
    if !Key::read(kept.key)?.has_made(&signed, signature) {
        return Err(PasskeyRefused::Signature);
    }
    let goes_on = said.counter > kept.counter || (said.counter == 0 && kept.counter == 0);
    if !goes_on || said.has(CAN_BACK_UP) != kept.can_back_up {
        return Err(PasskeyRefused::Copied);
    }
    Ok(UsedPasskey {
        counter: said.counter,
        is_backed_up: said.has(BACKED_UP),
        is_verified: said.has(VERIFIED),
    })
}

#[cfg(test)]
mod tests;
