//! The forms in which browsers and servers speak of passkeys (Web Authentication, level 3, 5.1.9 and 5.8): what
//! `parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON` and `toJSON` of browsers read and write.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

/// How long a browser lets somebody take, in milliseconds; the recommended value.
const TIMEOUT: u32 = 300_000;
const PUBLIC_KEY: &str = "public-key";
/// Fours of letters, and at the end two or three whose spare bits are 0.
const PATTERN: &str = "^([A-Za-z0-9_-]{4})*\
                       ([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";

/// Bytes, as text of Base64 for addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binary(pub(super) Vec<u8>);

impl Binary {
    pub(super) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok().map(Self)
    }
}

impl Serialize for Binary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let wanted = "bytes as Base64 for addresses, without padding";
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(wanted))
    }
}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.pattern(Some(PATTERN)).max_length(Some(200_000));
        RefOr::T(Schema::Object(text.build()))
    }
}

impl ToSchema for Binary {
    fn name() -> Cow<'static, str> {
        "Base64Url".into()
    }
}

/// Options for a browser.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyOptions)]
pub(super) struct Options<T> {
    pub(super) public_key: T,
}

/// Whom a passkey is for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyParty)]
pub(super) struct Entity {
    /// The host of our origin.
    pub(super) id: String,
    pub(super) name: &'static str,
}

/// Whose a passkey is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyUser)]
pub(super) struct Owner {
    pub(super) id: Binary,
    pub(super) name: String,
    pub(super) display_name: String,
}

/// A kind of key that is accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PasskeyKind)]
pub(super) struct Kind {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The algorithm, as COSE numbers them.
    alg: i64,
}

impl Kind {
    pub(super) fn of(algorithm: i64) -> Self {
        Self { kind: PUBLIC_KEY, alg: algorithm }
    }
}

/// A passkey that is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasskeyDescriptor)]
pub(super) struct Named {
    #[serde(rename = "type")]
    kind: &'static str,
    id: Binary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<String>,
}

impl Named {
    pub(super) fn of(id: Vec<u8>, transports: Vec<String>) -> Self {
        Self { kind: PUBLIC_KEY, id: Binary(id), transports }
    }
}

/// What an authenticator that makes a passkey must be able to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeySelection)]
struct Selection {
    resident_key: &'static str,
    require_resident_key: bool,
    user_verification: &'static str,
}

/// What a browser is to ask for a passkey to be made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyCreation)]
pub(super) struct Creation {
    rp: Entity,
    user: Owner,
    challenge: String,
    pub_key_cred_params: Vec<Kind>,
    timeout: u32,
    /// An authenticator that has one of them makes no other.
    exclude_credentials: Vec<Named>,
    authenticator_selection: Selection,
    attestation: &'static str,
}

impl Creation {
    pub(super) fn of(
        rp: Entity,
        user: Owner,
        challenge: String,
        kinds: Vec<Kind>,
        known: Vec<Named>,
    ) -> Self {
        Self {
            rp,
            user,
            challenge,
            pub_key_cred_params: kinds,
            timeout: TIMEOUT,
            exclude_credentials: known,
            authenticator_selection: Selection {
                resident_key: "preferred",
                require_resident_key: false,
                user_verification: "preferred",
            },
            attestation: "none",
        }
    }
}

/// What a browser is to ask for a passkey to sign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyRequest)]
pub(super) struct Request {
    challenge: String,
    rp_id: String,
    timeout: u32,
    /// Empty: whichever the authenticator has for us.
    allow_credentials: Vec<Named>,
    user_verification: &'static str,
}

impl Request {
    pub(super) fn of(
        party: String,
        challenge: String,
        allowed: Vec<Named>,
        verification: &'static str,
    ) -> Self {
        Self {
            challenge,
            rp_id: party,
            timeout: TIMEOUT,
            allow_credentials: allowed,
            user_verification: verification,
        }
    }
}

/// A new passkey, as `toJSON` of a browser writes it; what is not named here is not looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyRegistration)]
pub(super) struct Registration {
    pub(super) raw_id: Binary,
    pub(super) response: Attestation,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyAttestation)]
pub(super) struct Attestation {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: Binary,
    #[serde(rename = "attestationObject")]
    pub(super) object: Binary,
    #[serde(default)]
    pub(super) transports: Vec<String>,
}

/// A passkey that was used, as `toJSON` of a browser writes it; what is not named here is not looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyAuthentication)]
pub(super) struct Authentication {
    pub(super) raw_id: Binary,
    pub(super) response: Assertion,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PasskeyAssertion)]
pub(super) struct Assertion {
    #[serde(rename = "clientDataJSON")]
    pub(super) client_data_json: Binary,
    pub(super) authenticator_data: Binary,
    pub(super) signature: Binary,
    #[serde(default)]
    pub(super) user_handle: Option<Binary>,
}
