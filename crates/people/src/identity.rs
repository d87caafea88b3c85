//! What an identity provider says about somebody (`OpenID` Connect Core 1.0): tokens that it has signed.
//!
//! INVARIANT: nothing in a token is looked at as true before its signature, its issuer, its audience, its times and the
//! nonce of the very sign-in were found right. Algorithms come from a short list; `none` and shared secrets are
//! not on it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Bytes of the longest token; those of large organisations name hundreds of groups.
const LONGEST: usize = 64 * 1024;
/// Groups that are read from a token.
const MOST_GROUPS: usize = 1000;

/// What a token must be about.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who must have made it.
    pub issuer: &'a str,
    /// For whom: our id at the provider.
    pub client: &'a str,
    /// What this sign-in has sent.
    pub nonce: &'a str,
    /// The claim that names groups.
    pub groups: &'a str,
}

/// Somebody, as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is at this issuer; never given to anybody else.
    pub subject: String,
    /// What they are called there; not unique and not checked.
    pub name: Option<String>,
    /// Their name for people.
    pub display: Option<String>,
    /// Their address, when the provider has verified it.
    pub email: Option<String>,
    /// The groups that they are in.
    pub groups: BTreeSet<String>,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// It is no signed token.
    #[error("the identity token cannot be read")]
    Form,
    /// Its algorithm is not on our list.
    #[error("the identity token is signed in a way that is not accepted")]
    Algorithm,
    /// No key of the provider has made its signature.
    #[error("the signature of the identity token is wrong")]
    Signature,
    /// Somebody else made it.
    #[error("the identity token was made by somebody else")]
    Issuer,
    /// It was made for somebody else.
    #[error("the identity token was made for somebody else")]
    Audience,
    /// It has ended, or does not hold yet.
    #[error("the identity token is too old or comes from the future")]
    Time,
    /// It belongs to another sign-in.
    #[error("the identity token belongs to another sign-in")]
    Nonce,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Json>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Json,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<Json>,
    #[serde(flatten)]
    others: serde_json::Map<String, Json>,
}

/// A public key of a provider (RFC 7517); only the fields of the kinds that we know.
#[derive(Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

/// What proves to the provider that who began a sign-in ends it (RFC 7636, method `S256`).
pub fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whom an identity token is about, if it is to be believed. `keys` is the provider's key set.
pub fn believe(
    token: &str,
    keys: &Json,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Identity, Disbelief> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Disbelief::Form)?;
    let (header, body) = signed.split_once('.').ok_or(Disbelief::Form)?;
    if token.len() > LONGEST || body.contains('.') {
        return Err(Disbelief::Form);
    }
    let header: Header = part(header)?;
    if header.crit.is_some() {
        return Err(Disbelief::Form); // it asks for what we do not know
    }
    let signature = bytes(signature).ok_or(Disbelief::Form)?;
    let known = matches!(&*header.alg, "RS256" | "PS256" | "ES256" | "EdDSA" | "Ed25519");
    if !known {
        return Err(Disbelief::Algorithm);
    }
    let keys = keys.get("keys").and_then(Json::as_array).ok_or(Disbelief::Signature)?;
    let mut keys = keys.iter().filter_map(|it| Key::deserialize(it).ok());
    if !keys.any(|it| it.fits(&header) && it.has_made(&header.alg, signed, &signature)) {
        return Err(Disbelief::Signature);
    }
    let claims: Claims = part(body)?;
    claims.check(expected, now)?;
    Ok(claims.identity(expected.groups))
}

impl Key {
    fn fits(&self, header: &Header) -> bool {
        let is_same = |own: &Option<String>, other: &Option<String>| match (own, other) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        is_same(&self.kid, &header.kid)
            && self.usage.as_deref().is_none_or(|it| it == "sig")
            && self.alg.as_ref().is_none_or(|it| *it == header.alg)
    }

    /// Whether this key has made the signature. The kind of key decides with the algorithm: a key is never
    /// used for what it is not.
    fn has_made(&self, algorithm: &str, signed: &str, signature: &[u8]) -> bool {
        let field = |it: &Option<String>| it.as_deref().and_then(bytes);
        let curve = self.crv.as_deref().unwrap_or_default();
        match (algorithm, &*self.kty, curve) {
            ("RS256" | "PS256", "RSA", _) => {
                let (Some(n), Some(e)) = (field(&self.n), field(&self.e)) else { return false };
                let rule = if algorithm == "RS256" {
                    &signature::RSA_PKCS1_2048_8192_SHA256
                } else {
                    &signature::RSA_PSS_2048_8192_SHA256
                };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(rule, signed.as_bytes(), signature).is_ok()
            }
            ("ES256", "EC", "P-256") => {
                let (Some(x), Some(y)) = (field(&self.x), field(&self.y)) else { return false };
                let point = [&[4][..], &x, &y].concat();
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed.as_bytes(), signature).is_ok()
            }
            ("EdDSA" | "Ed25519", "OKP", "Ed25519") => field(&self.x).is_some_and(|x| {
                let key = UnparsedPublicKey::new(&signature::ED25519, x);
                key.verify(signed.as_bytes(), signature).is_ok()
            }),
            _ => false,
        }
    }
}

impl Claims {
    fn check(&self, expected: &Expected<'_>, now: Timestamp) -> Result<(), Disbelief> {
        if self.iss != expected.issuer {
            return Err(Disbelief::Issuer);
        }
        let audience: Vec<&str> = match &self.aud {
            Json::String(it) => vec![it],
            Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let is_party = self.azp.as_deref().map_or(audience.len() == 1, |it| it == expected.client);
        if !audience.contains(&expected.client) || !is_party || self.sub.is_empty() {
            return Err(Disbelief::Audience);
        }
        let now = now.as_second();
        let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
        if now >= self.exp.saturating_add(SKEW) || begins > now.saturating_add(SKEW) {
            return Err(Disbelief::Time);
        }
        if self.nonce.as_deref() == Some(expected.nonce) { Ok(()) } else { Err(Disbelief::Nonce) }
    }

    fn identity(self, groups: &str) -> Identity {
        // Some providers write the word instead of the value.
        let is_verified = self.email_verified.is_some_and(|it| it == true || it == "true");
        let groups = match self.others.get(groups) {
            Some(Json::String(it)) => vec![it.clone()],
            Some(Json::Array(all)) => {
                all.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        Identity {
            subject: self.sub,
            name: self.preferred_username,
            display: self.name,
            email: self.email.filter(|_| is_verified),
            groups: groups.into_iter().take(MOST_GROUPS).collect(),
        }
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, Disbelief> {
    let bytes = bytes(text).ok_or(Disbelief::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Disbelief::Form)
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    const EXPECTED: Expected<'static> =
        Expected { issuer: "https://id.example", client: "merlon", nonce: "n-1", groups: "roles" };

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap()
    }

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn keys(pair: &Ed25519KeyPair) -> Json {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        json!({ "keys": [
            { "kty": "oct", "k": "c2VjcmV0", "kid": "0" },
            { "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1", "use": "sig" },
        ] })
    }

    fn token(pair: &Ed25519KeyPair, header: &Json, claims: &Json) -> String {
        let encode = |it: &Json| URL_SAFE_NO_PAD.encode(it.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }

    fn header() -> Json {
        json!({ "alg": "EdDSA", "kid": "1", "typ": "JWT" })
    }

    fn claims() -> Json {
        let now = now().as_second();
        json!({ "iss": "https://id.example", "sub": "248289761001", "aud": "merlon", "nonce": "n-1",
                "iat": now, "exp": now + 300, "preferred_username": "ada", "name": "Ada L",
                "email": "ada@example.org", "email_verified": true, "roles": ["a", "b", 3] })
    }

    fn with(name: &str, value: Json) -> Json {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn check(claims: &Json, wanted: Result<(), Disbelief>) {
        let pair = pair(1);
        let token = token(&pair, &header(), claims);
        let got = believe(&token, &keys(&pair), &EXPECTED, now()).map(|_| ());
        assert_eq!(got, wanted, "{claims}");
    }

    #[test]
    fn a_right_token_says_who_it_is() {
        let pair = pair(1);
        let token = token(&pair, &header(), &claims());
        let identity = believe(&token, &keys(&pair), &EXPECTED, now()).unwrap();
        assert_eq!(identity.subject, "248289761001");
        assert_eq!(identity.email.as_deref(), Some("ada@example.org"));
        assert_eq!(identity.groups, ["a".to_owned(), "b".to_owned()].into());
    }

    #[test]
    fn each_claim_must_be_right() {
        let now = now().as_second();
        check(&claims(), Ok(()));
        check(&with("iss", json!("https://id.example/")), Err(Disbelief::Issuer));
        check(&with("aud", json!("other")), Err(Disbelief::Audience));
        check(&with("aud", json!([])), Err(Disbelief::Audience));
        check(&with("aud", json!(["merlon"])), Ok(()));
        check(&with("aud", json!(["merlon", "other"])), Err(Disbelief::Audience));
        check(&with("azp", json!("other")), Err(Disbelief::Audience));
        check(&with("sub", json!("")), Err(Disbelief::Audience));
        check(&with("exp", json!(now - 60)), Err(Disbelief::Time));
        check(&with("exp", json!(now - 59)), Ok(()));
        check(&with("iat", json!(now + 61)), Err(Disbelief::Time));
        check(&with("nbf", json!(now + 61)), Err(Disbelief::Time));
        check(&with("nonce", json!("n-2")), Err(Disbelief::Nonce));
        check(&with("nonce", json!(null)), Err(Disbelief::Nonce));
        check(&with("exp", json!("soon")), Err(Disbelief::Form));
        let mut both = with("aud", json!(["merlon", "other"]));
        both["azp"] = json!("merlon");
        check(&both, Ok(()));
    }

    #[test]
    fn an_address_that_nobody_verified_is_none() {
        let pair = pair(1);
        for value in [json!(false), json!(null), json!("yes")] {
            let token = token(&pair, &header(), &with("email_verified", value));
            let identity = believe(&token, &keys(&pair), &EXPECTED, now()).unwrap();
            assert_eq!(identity.email, None);
        }
    }

    #[test]
    fn what_was_not_signed_so_is_not_believed() {
        let (other, pair, keys) = (pair(2), pair(1), keys(&pair(1)));
        let judge = |token: &str| believe(token, &keys, &EXPECTED, now()).unwrap_err();
        let stranger = token(&other, &header(), &claims());
        assert_eq!(judge(&stranger), Disbelief::Signature);
        for algorithm in ["none", "HS256", "RS512", ""] {
            let header = json!({ "alg": algorithm, "kid": "1" });
            assert_eq!(judge(&token(&pair, &header, &claims())), Disbelief::Algorithm);
        }
        for algorithm in ["RS256", "PS256", "ES256"] {
            let header = json!({ "alg": algorithm, "kid": "1" });
            assert_eq!(judge(&token(&pair, &header, &claims())), Disbelief::Signature);
        }
        let other_key = json!({ "alg": "EdDSA", "kid": "2" });
        assert_eq!(judge(&token(&pair, &other_key, &claims())), Disbelief::Signature);
        let critical = json!({ "alg": "EdDSA", "kid": "1", "crit": ["b64"] });
        assert_eq!(judge(&token(&pair, &critical, &claims())), Disbelief::Form);
        let right = token(&pair, &header(), &claims());
        let (signed, signature) = right.rsplit_once('.').unwrap();
        let forged = token(&pair, &header(), &with("sub", json!("admin")));
        let forged = forged.rsplit_once('.').unwrap().0;
        assert_eq!(judge(&format!("{forged}.{signature}")), Disbelief::Signature);
        assert_eq!(judge(&format!("{signed}.")), Disbelief::Signature);
        for rubbish in ["", ".", "..", "a.b.c", "a.b.c.d", &"x".repeat(70_000)] {
            assert_eq!(judge(rubbish), Disbelief::Form);
        }
        let nobody = believe(&right, &json!({ "keys": [] }), &EXPECTED, now());
        assert_eq!(nobody.unwrap_err(), Disbelief::Signature);
    }

    /// RFC 7515, appendix A.2 and A.3: the signatures of others verify.
    #[test]
    fn signatures_of_the_standard_verify() {
        let body = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
                    cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key: Key = serde_json::from_value(json!({ "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" }))
        .unwrap();
        let signature = bytes(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        )
        .unwrap();
        assert!(key.has_made("ES256", &format!("eyJhbGciOiJFUzI1NiJ9.{body}"), &signature));
        assert!(!key.has_made("ES256", &format!("eyJhbGciOiJFUzI1NiJ9.{body}A"), &signature));
        let key: Key = serde_json::from_value(json!({ "kty": "RSA", "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz\
                  P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63k\
                  paSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k\
                  G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" }))
        .unwrap();
        let signature = bytes(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8\
             W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNP\
             vkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1p\
             hCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        )
        .unwrap();
        assert!(key.has_made("RS256", &format!("eyJhbGciOiJSUzI1NiJ9.{body}"), &signature));
        assert!(!key.has_made("PS256", &format!("eyJhbGciOiJSUzI1NiJ9.{body}"), &signature));
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let challenge = pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
