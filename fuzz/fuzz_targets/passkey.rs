//! What an authenticator says is read or refused, whatever it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use people::{Ceremony, ClientData, KeptPasskey, PASSKEY_ALGORITHMS, made_passkey, used_passkey};

const CLIENT: &str = r#"{"type":"webauthn.create","challenge":"abc","origin":"https://example.org"}"#;
/// SHA-256 of `example.org`: without it nothing behind it is read.
const PARTY: [u8; 32] = [
    0xbf, 0xab, 0xc3, 0x74, 0x32, 0x95, 0x8b, 0x06, 0x33, 0x60, 0xd3, 0xad, 0x64, 0x61, 0xc9, 0xc4, 0x73, 0x5a,
    0xe7, 0xf8, 0xed, 0xd4, 0x65, 0x92, 0xa5, 0xe0, 0xf0, 0x14, 0x52, 0xb2, 0xe4, 0xb5,
];

fuzz_target!(|input: (&[u8], &[u8], &[u8])| {
    let (client, first, second) = input;
    let ceremony = Ceremony { challenge: "abc", origin: "https://example.org", must_verify: false };
    let known = ClientData::read(CLIENT.as_bytes()).expect("it is JSON");
    let data = [&PARTY, first].concat();
    let mut whole = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x5a".to_vec();
    whole.extend((data.len() as u32).to_be_bytes());
    whole.extend(&data);
    for client in [Some(known), ClientData::read(client)].into_iter().flatten() {
        for attestation in [first, &whole] {
            if let Ok(made) = made_passkey(&client, attestation, &ceremony) {
                assert!((1..=1023).contains(&made.id.len()));
                assert!(made.can_back_up || !made.is_backed_up);
                assert!(PASSKEY_ALGORITHMS.contains(&made.algorithm));
            }
        }
        let kept = KeptPasskey { key: second, counter: 0, can_back_up: false };
        let _ = used_passkey(&client, (&data, second), &kept, &ceremony);
    }
});
