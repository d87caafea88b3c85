//! Certificates for tests, made on the spot: an authority and what it signs (ECDSA with P-256).

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

const LATER: &str = "20491231235959Z";
/// `ecdsa-with-SHA256` (RFC 5758).
const SIGNATURE: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// `id-ecPublicKey` with `prime256v1` (RFC 5480).
const PUBLIC_KEY: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
    0x03, 0x01, 0x07,
];

/// Signs certificates; nobody but tests believes it.
#[derive(Debug)]
pub struct Authority {
    key: EcdsaKeyPair,
    random: SystemRandom,
    certificate: String,
}

impl Authority {
    /// Makes one, with a certificate of its own.
    pub fn new() -> io::Result<Self> {
        let random = SystemRandom::new();
        let (key, _) = new_key(&random)?;
        let mut authority = Self { key, random, certificate: String::new() };
        let public = authority.key.public_key().as_ref().to_vec();
        // May sign others, and nothing below them.
        let rights = extension(&[0x55, 0x1d, 0x13], &der(0x30, &[&[0x01, 0x01, 0xff]]));
        authority.certificate = authority.certify("Merlon tests", &public, LATER, &rights)?;
        Ok(authority)
    }

    /// Its certificate, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate for a host (a name, or `127.0.0.1`) with its key, both in PEM.
    pub fn sign(&self, host: &str) -> io::Result<(String, String)> {
        self.sign_until(host, LATER)
    }

    /// The same with a given end, as certificates write it: `20310203040506Z` or `310203040506Z`.
    pub fn sign_until(&self, host: &str, end: &str) -> io::Result<(String, String)> {
        let (key, document) = new_key(&self.random)?;
        let name = match host.parse() {
            Ok(std::net::IpAddr::V4(address)) => der(0x87, &[&address.octets()]),
            Ok(std::net::IpAddr::V6(address)) => der(0x87, &[&address.octets()]),
            Err(_) => der(0x82, &[host.as_bytes()]),
        };
        let names = extension(&[0x55, 0x1d, 0x11], &der(0x30, &[&name]));
        let certificate = self.certify(host, key.public_key().as_ref(), end, &names)?;
        Ok((certificate, pem("PRIVATE KEY", &document)))
    }

    fn certify(&self, name: &str, public: &[u8], end: &str, extra: &[u8]) -> io::Result<String> {
        let mut serial = [0; 8];
        ring::rand::SecureRandom::fill(&self.random, &mut serial).map_err(failed)?;
        serial[0] = serial[0] & 0x7f | 0x40; // positive, and as short as it can be
        let algorithm = der(0x30, &[SIGNATURE]);
        let tag = if end.len() == 13 { 0x17 } else { 0x18 };
        let validity =
            der(0x30, &[&der(0x18, &[b"20000101000000Z"]), &der(tag, &[end.as_bytes()])]);
        let key = der(0x30, &[&der(0x30, &[PUBLIC_KEY]), &der(0x03, &[&[0], public])]);
        let signed = der(
            0x30,
            &[
                &[0xa0, 0x03, 0x02, 0x01, 0x02],
                &der(0x02, &[&serial]),
                &algorithm,
                &called("Merlon tests"),
                &validity,
                &called(name),
                &key,
                &der(0xa3, &[&der(0x30, &[extra])]),
            ],
        );
        let signature = self.key.sign(&self.random, &signed).map_err(failed)?;
        let signature = der(0x03, &[&[0], signature.as_ref()]);
        Ok(pem("CERTIFICATE", &der(0x30, &[&signed, &algorithm, &signature])))
    }
}

fn new_key(random: &SystemRandom) -> io::Result<(EcdsaKeyPair, Vec<u8>)> {
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, random);
    let document = document.map_err(failed)?.as_ref().to_vec();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &document, random);
    Ok((key.map_err(|error| io::Error::other(error.to_string()))?, document))
}

fn failed(_: ring::error::Unspecified) -> io::Error {
    io::Error::other("the library of cryptography failed")
}

/// A name with nothing but a common name.
fn called(name: &str) -> Vec<u8> {
    let pair = der(0x30, &[&[0x06, 0x03, 0x55, 0x04, 0x03], &der(0x0c, &[name.as_bytes()])]);
    der(0x30, &[&der(0x31, &[&pair])])
}

fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(0x06, &[id]), &der(0x04, &[value])])
}

/// One value in DER.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|it| it.len()).sum();
    let mut out = vec![tag];
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|it| *it == 0).collect();
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|it| std::str::from_utf8(it).unwrap_or_default()).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}
