//! Answers of authenticators: the test vectors of the standard, recorded ones of a browser, and made ones, right and wrong.

use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value as Json, json};

use super::*;
use crate::cbor::tests::Value;

const ORIGIN: &str = "https://example.org";

fn unhex(text: &Json) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes().chunks(2);
    digits.map(|it| u8::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap()).collect()
}

fn ceremony(challenge: &str, must_verify: bool) -> Ceremony<'_> {
    Ceremony { challenge, origin: ORIGIN, must_verify }
}

fn kept(made: &MadePasskey) -> KeptPasskey<'_> {
    KeptPasskey { key: &made.key, counter: made.counter, can_back_up: made.can_back_up }
}

/// Web Authentication, level 3, chapter 16: test vectors.
#[test]
fn vectors_of_the_standard_are_accepted() {
    let vectors: Json = serde_json::from_str(include_str!("w3c.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let (made, used) = (&vector["made"], &vector["used"]);
        let challenge = URL_SAFE_NO_PAD.encode(unhex(&made["challenge"]));
        let client = ClientData::read(&unhex(&made["client"])).unwrap();
        assert_eq!(client.challenge(), challenge);
        let attestation = unhex(&made["attestation"]);
        let made = made_passkey(&client, &attestation, &ceremony(&challenge, false)).unwrap();
        assert_eq!(made.algorithm, vector["algorithm"], "{}", vector["name"]);

        let challenge = URL_SAFE_NO_PAD.encode(unhex(&used["challenge"]));
        let client = ClientData::read(&unhex(&used["client"])).unwrap();
        let (data, mut signature) = (unhex(&used["data"]), unhex(&used["signature"]));
        let ceremony = ceremony(&challenge, false);
        used_passkey(&client, (&data, &signature), &kept(&made), &ceremony).unwrap();
        *signature.last_mut().unwrap() ^= 1;
        let refused = used_passkey(&client, (&data, &signature), &kept(&made), &ceremony);
        assert_eq!(refused.unwrap_err(), PasskeyRefused::Signature);
    }
}

/// Chromium 148 with virtual authenticators, at `http://localhost:7070`: a platform that knows the person, a key that does
/// not, and a key of the first generation (U2F).
#[test]
fn answers_of_a_browser_are_accepted() {
    let all: Json = serde_json::from_str(include_str!("chromium.json")).unwrap();
    let bytes = |it: &Json| URL_SAFE_NO_PAD.decode(it.as_str().unwrap()).unwrap();
    for case in all.as_array().unwrap() {
        let ceremony = |number: usize| Ceremony {
            challenge: case["challenges"][number].as_str().unwrap(),
            origin: "http://localhost:7070",
            must_verify: case["mustVerify"].as_bool().unwrap(),
        };
        let made = &case["made"];
        let client = ClientData::read(&bytes(&made["response"]["clientDataJSON"])).unwrap();
        let attestation = bytes(&made["response"]["attestationObject"]);
        let passkey = made_passkey(&client, &attestation, &ceremony(0)).unwrap();
        assert_eq!(passkey.id, bytes(&made["rawId"]));
        assert_eq!(passkey.algorithm, made["response"]["publicKeyAlgorithm"]);
        let sign = |name: &str, number: usize, counter: u32| {
            let answer = &case[name]["response"];
            let client = ClientData::read(&bytes(&answer["clientDataJSON"])).unwrap();
            let (data, signature) =
                (bytes(&answer["authenticatorData"]), bytes(&answer["signature"]));
            let kept = KeptPasskey { counter, ..kept(&passkey) };
            used_passkey(&client, (&data, &signature), &kept, &ceremony(number))
        };
        let first = sign("used", 1, passkey.counter).unwrap();
        let second = sign("again", 2, first.counter).unwrap();
        assert!(second.counter > first.counter);
        assert_eq!(first.is_verified, case["mustVerify"] == true);
        assert_eq!(sign("used", 1, second.counter).unwrap_err(), PasskeyRefused::Copied);
        assert_eq!(sign("used", 2, 0).unwrap_err(), PasskeyRefused::Other);
    }
}

/// An authenticator with one key.
enum Token {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl Token {
    fn new(is_ed25519: bool) -> Self {
        if is_ed25519 {
            return Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());
        }
        let (rule, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::generate_pkcs8(rule, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(rule, pair.as_ref(), &random).unwrap())
    }

    fn cose(&self) -> Value {
        let fields = match self {
            Self::Ed25519(pair) => vec![
                (1, Value::Int(1)),
                (3, Value::Int(-8)),
                (-1, Value::Int(6)),
                (-2, Value::Bytes(pair.public_key().as_ref().to_vec())),
            ],
            Self::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                vec![
                    (1, Value::Int(2)),
                    (3, Value::Int(-7)),
                    (-1, Value::Int(1)),
                    (-2, Value::Bytes(x.to_vec())),
                    (-3, Value::Bytes(y.to_vec())),
                ]
            }
        };
        Value::Map(fields.into_iter().map(|(key, value)| (Value::Int(key), value)).collect())
    }

    fn sign(&self, data: &[u8], client: &[u8]) -> Vec<u8> {
        let signed = [data, &Sha256::digest(client)].concat();
        match self {
            Self::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(),
            Self::P256(pair) => pair.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec(),
        }
    }
}

fn said_by_browser(kind: &str) -> Json {
    json!({ "type": kind, "challenge": "abc", "origin": ORIGIN, "crossOrigin": false })
}

/// Data of an authenticator; with a key when `cose` is given.
fn data(party: &str, flags: u8, counter: u32, cose: Option<(&[u8], &Value)>) -> Vec<u8> {
    let mut data = Sha256::digest(party).to_vec();
    data.push(flags);
    data.extend(counter.to_be_bytes());
    if let Some((id, cose)) = cose {
        data.extend([9; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(id);
        data.extend(cose.encode());
    }
    data
}

fn attestation(data: &[u8]) -> Vec<u8> {
    let text = |it: &str| Value::Text(it.to_owned());
    let fields = vec![
        (text("fmt"), text("none")),
        (text("attStmt"), Value::Map(Vec::new())),
        (text("authData"), Value::Bytes(data.to_vec())),
    ];
    Value::Map(fields).encode()
}

fn make(client: &Json, data: &[u8], must_verify: bool) -> Result<MadePasskey, PasskeyRefused> {
    let client = ClientData::read(client.to_string().as_bytes()).ok_or(PasskeyRefused::Form)?;
    made_passkey(&client, &attestation(data), &ceremony("abc", must_verify))
}

const WHOLE: u8 = PRESENT | VERIFIED;

#[test]
fn each_field_of_an_answer_must_be_right() {
    let token = Token::new(false);
    let cose = token.cose();
    let whole = data("example.org", WHOLE | HAS_KEY, 0, Some((b"id", &cose)));
    let check = |client: &Json, data: &[u8], wanted: Result<(), PasskeyRefused>| {
        assert_eq!(make(client, data, true).map(|_| ()), wanted, "{client} {data:02x?}");
    };
    let good = said_by_browser("webauthn.create");
    let with = |name: &str, value: Json| {
        let mut client = good.clone();
        client[name] = value;
        client
    };
    check(&good, &whole, Ok(()));
    check(&said_by_browser("webauthn.get"), &whole, Err(PasskeyRefused::Other));
    check(&with("challenge", json!("abd")), &whole, Err(PasskeyRefused::Other));
    check(&with("challenge", json!("")), &whole, Err(PasskeyRefused::Other));
    for origin in ["https://example.org.evil", "http://example.org", "https://example.org:1", ""] {
        check(&with("origin", json!(origin)), &whole, Err(PasskeyRefused::Origin));
    }
    check(&with("crossOrigin", json!(true)), &whole, Err(PasskeyRefused::Origin));
    check(&with("topOrigin", json!(ORIGIN)), &whole, Err(PasskeyRefused::Origin));
    check(&with("origin", json!(7)), &whole, Err(PasskeyRefused::Form));

    let said = |party: &str, flags: u8| data(party, flags, 0, Some((b"id", &cose)));
    check(&good, &said("evil.example", WHOLE | HAS_KEY), Err(PasskeyRefused::Origin));
    check(&good, &said("example.org", PRESENT | HAS_KEY), Err(PasskeyRefused::Person));
    check(&good, &said("example.org", VERIFIED | HAS_KEY), Err(PasskeyRefused::Person));
    check(&good, &said("example.org", WHOLE | HAS_KEY | BACKED_UP), Err(PasskeyRefused::Form));
    let backed_up = WHOLE | HAS_KEY | BACKED_UP | CAN_BACK_UP;
    check(&good, &said("example.org", backed_up), Ok(()));
    check(&good, &said("example.org", WHOLE), Err(PasskeyRefused::Form));
    check(&good, &data("example.org", WHOLE, 0, None), Err(PasskeyRefused::Form));
    check(&good, &[&whole[..], &[0]].concat(), Err(PasskeyRefused::Form));
    let long = vec![1; LONGEST_ID + 1];
    let id = |id: &[u8]| data("example.org", WHOLE | HAS_KEY, 0, Some((id, &cose)));
    check(&good, &id(&long[1..]), Ok(()));
    check(&good, &id(&long), Err(PasskeyRefused::Form));
    check(&good, &id(b""), Err(PasskeyRefused::Form));
    let mut extended = said("example.org", WHOLE | HAS_KEY | HAS_EXTENSIONS);
    check(&good, &extended, Err(PasskeyRefused::Form));
    extended.extend(Value::Map(vec![(Value::Text("x".into()), Value::Int(1))]).encode());
    check(&good, &extended, Ok(()));
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let check = |fields: Vec<(i64, Value)>, wanted: PasskeyRefused| {
        let fields = fields.into_iter().map(|(key, value)| (Value::Int(key), value)).collect();
        let data = data("example.org", WHOLE | HAS_KEY, 0, Some((b"id", &Value::Map(fields))));
        assert_eq!(make(&said_by_browser("webauthn.create"), &data, true).unwrap_err(), wanted);
    };
    let bytes = |length: usize| Value::Bytes(vec![1; length]);
    let int = Value::Int;
    let (form, kind) = (PasskeyRefused::Form, PasskeyRefused::Algorithm);
    check(vec![], kind);
    check(vec![(1, int(2)), (3, int(-8)), (-1, int(6)), (-2, bytes(32))], kind);
    check(vec![(1, int(1)), (3, int(-8)), (-1, int(6)), (-2, bytes(31))], kind);
    check(vec![(1, int(1)), (3, int(-7)), (-1, int(6)), (-2, bytes(32))], kind);
    check(vec![(1, int(2)), (3, int(-35)), (-1, int(2)), (-2, bytes(48)), (-3, bytes(48))], kind);
    check(vec![(1, int(3)), (3, int(-257)), (-1, bytes(128)), (-2, bytes(3))], kind);
    check(vec![(1, int(3)), (3, int(-65535)), (-1, bytes(256)), (-2, bytes(3))], kind);
    check(vec![(1, int(1)), (1, int(1)), (3, int(-8)), (-1, int(6)), (-2, bytes(32))], form);
    check(vec![(1, bytes(1))], form);
}

#[test]
fn names_come_from_origins() {
    let check = |origin, wanted| assert_eq!(relying_party(origin), wanted, "{origin}");
    check("https://merlon.example.org", Some("merlon.example.org"));
    check("https://merlon.example.org:8443/", Some("merlon.example.org"));
    check("http://localhost:7070", Some("localhost"));
    check("http://merlon.example.org", None);
    check("https://192.0.2.7", None);
    check("https://[2001:db8::1]:7070", None);
    check("merlon.example.org", None);
}

proptest! {
    /// A passkey that is used says what it says; whatever bit of it is changed on the way, it counts for nothing.
    #[test]
    fn only_what_was_signed_counts(
        is_ed25519: bool,
        id in prop::collection::vec(any::<u8>(), 1..80),
        flags: u8,
        (before, after) in any::<(u32, u32)>(),
        must_verify: bool,
        place: prop::sample::Index,
        bit in 0..8_u32,
    ) {
        let token = Token::new(is_ed25519);
        let can_back_up = flags & CAN_BACK_UP;
        let first = data("example.org", WHOLE | HAS_KEY | can_back_up, before, Some((&id, &token.cose())));
        let made = make(&said_by_browser("webauthn.create"), &first, true).unwrap();
        prop_assert_eq!(&made.id, &id);
        let flags = flags & !(HAS_KEY | HAS_EXTENSIONS);
        let mut said = data("example.org", flags, after, None);
        let text = said_by_browser("webauthn.get").to_string();
        let signature = token.sign(&said, text.as_bytes());
        let read = ClientData::read(text.as_bytes()).unwrap();
        let ceremony = ceremony("abc", must_verify);
        let got = used_passkey(&read, (&said, &signature), &kept(&made), &ceremony);
        let is_person = flags & PRESENT != 0 && (!must_verify || flags & VERIFIED != 0);
        let is_honest = flags & BACKED_UP == 0 || can_back_up != 0;
        let goes_on = after > before || (after == 0 && before == 0);
        prop_assert_eq!(got.is_ok(), is_person && is_honest && goes_on, "{:?}", got);
        if let Ok(used) = got {
            prop_assert_eq!(used.counter, after);
            prop_assert_eq!(used.is_verified, flags & VERIFIED != 0);
            let at = place.index(said.len());
            said[at] ^= 1 << bit;
            prop_assert!(used_passkey(&read, (&said, &signature), &kept(&made), &ceremony).is_err());
        }
    }

    /// Whatever bytes come, there is an answer.
    #[test]
    fn rubbish_is_refused(client: Vec<u8>, bytes: Vec<u8>, tail: Vec<u8>) {
        prop_assert!(ClientData::read(&client).is_none() || !client.is_empty());
        let good = ClientData::read(said_by_browser("webauthn.create").to_string().as_bytes()).unwrap();
        prop_assert!(made_passkey(&good, &bytes, &ceremony("abc", false)).is_err());
        let data = [&data("example.org", WHOLE | HAS_KEY | HAS_EXTENSIONS, 0, None)[..], &tail].concat();
        prop_assert!(made_passkey(&good, &attestation(&data), &ceremony("abc", false)).is_err());
    }
}
