//! Removes secrets that stand in configuration documents.
//!
//! Kinds name their secrets; this is the net below them, over every document: keys that are called
//! like a secret and hold text, and text that looks like a private key or a connection string.

use serde_json::Value as Json;

/// What stands where a secret was.
pub(crate) const REMOVED: &str = "<removed>";

/// Endings of key names, in lower case, whose text is a secret.
const SECRET_KEYS: [&str; 22] = [
    "password",
    "passwd",
    "passphrase",
    "secretaccesskey",
    "clientsecret",
    "connectionstring",
    "accountkey",
    "primarykey",
    "secondarykey",
    "primarymasterkey",
    "secondarymasterkey",
    "primaryreadonlymasterkey",
    "secondaryreadonlymasterkey",
    "sharedaccesskey",
    "sharedkey",
    "sastoken",
    "accesstoken",
    "refreshtoken",
    "privatekey",
    "privatekeydata",
    "authtoken",
    "apikey",
];

/// Pieces of text that only secrets hold.
const SECRET_TEXTS: [&str; 5] =
    ["PRIVATE KEY-----", "AccountKey=", "SharedAccessKey=", "SharedAccessSignature=", ";Password="];

/// Removes what looks like a secret, at any depth.
pub(crate) fn scrub(value: &mut Json) {
    match value {
        Json::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Json::String(text) if is_secret(key, text) => REMOVED.clone_into(text),
                    _ => scrub(inner),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(scrub),
        Json::String(text) if SECRET_TEXTS.iter().any(|it| text.contains(it)) => {
            REMOVED.clone_into(text);
        }
        _ => {}
    }
}

/// Empties the value at a place that a kind names: text, or the values of a map.
pub(crate) fn remove(value: &mut Json) {
    match value {
        Json::Null => {}
        Json::Object(map) => map.values_mut().for_each(remove),
        Json::Array(items) => items.iter_mut().for_each(remove),
        _ => *value = Json::from(REMOVED),
    }
}

fn is_secret(key: &str, text: &str) -> bool {
    if key.eq_ignore_ascii_case("secret") {
        return !is_name(text);
    }
    is_secret_key(key) && is_value(text)
}

/// Whether a text under `secret` is the name of one: words, as people call things.
fn is_name(text: &str) -> bool {
    let is_word = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-_./:".contains(&it);
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.starts_with("projects/") || (text.bytes().all(is_word) && n_digits * 3 <= text.len())
}

/// References to a secret store and placeholders are no secrets.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with("@Microsoft.KeyVault(")
        && !text.starts_with("arn:")
        && !text.starts_with("{{resolve:")
}

fn is_secret_key(key: &str) -> bool {
    let key = key.as_bytes();
    // Most keys are told apart by their last letter.
    if !matches!(
        key.last(),
        Some(
            b'd' | b'D'
                | b'e'
                | b'E'
                | b'y'
                | b'Y'
                | b't'
                | b'T'
                | b'g'
                | b'G'
                | b'n'
                | b'N'
                | b'a'
                | b'A'
        )
    ) {
        return false;
    }
    SECRET_KEYS.iter().any(|secret| ends_with(key, secret.as_bytes()))
}

/// Whether `key` without `_` and `-` ends with `ending`, whatever its case.
fn ends_with(key: &[u8], ending: &[u8]) -> bool {
    let mut letters = key.iter().rev().filter(|it| !matches!(it, b'_' | b'-'));
    ending.iter().rev().all(|want| letters.next().is_some_and(|it| it.eq_ignore_ascii_case(want)))
}

#[cfg(test)]
mod tests {
    use super::scrub;
    use serde_json::json;

    #[test]
    fn secrets_go_and_settings_stay() {
        let mut json = json!({
            "adminPassword": "x", "admin_password": "y", "DB_PASSWORD": "z", "secret": "Zk8-xq1",
            "disablePasswordAuthentication": true, "passwordPolicy": "strict",
            "keys": [{ "primaryKey": "k", "keyName": "n" }],
            "note": "-----BEGIN RSA PRIVATE KEY-----\nabc",
            "conn": "DefaultEndpointsProtocol=https;AccountKey=abc",
            "clientSecret": "@Microsoft.KeyVault(SecretUri=https://v/secrets/s)",
            "secretUri": "https://v/secrets/s", "primaryKeyId": "id",
            "ref": { "secret": "db-login" },
        });
        scrub(&mut json);
        let gone = "<removed>";
        assert_eq!(
            json,
            json!({
                "adminPassword": gone, "admin_password": gone, "DB_PASSWORD": gone, "secret": gone,
                "disablePasswordAuthentication": true, "passwordPolicy": "strict",
                "keys": [{ "primaryKey": gone, "keyName": "n" }],
                "note": gone, "conn": gone,
                "clientSecret": "@Microsoft.KeyVault(SecretUri=https://v/secrets/s)",
                "secretUri": "https://v/secrets/s", "primaryKeyId": "id",
                "ref": { "secret": "db-login" },
            })
        );
    }
}
