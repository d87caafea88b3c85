//! Signatures of files, in the form of minisign: whoever has `minisign` can check what Merlon signs, and the other way
//! round. Ed25519 over BLAKE2b-512 of the file, and once more over the signature with its trusted comment.
//!
//! Keys without a password (`minisign -G -W`) are read and written: they belong into a file that only its owner reads.

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::{Blake2b512, Digest as _};
use ring::rand::SecureRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

/// Ed25519 keys, and signatures of the file itself, which older programs make.
const PLAIN: &[u8; 2] = b"Ed";
/// Signatures of the hash of the file.
const HASHED: &[u8; 2] = b"ED";
/// The sum in a secret key is `BLAKE2b`.
const SUM: &[u8; 2] = b"B2";
/// Before the key in a file of a secret key: its kind, no password, the kind of sum, and what a password would need.
const BEFORE: usize = 2 + 2 + 2 + 32 + 8 + 8;
const SECRET: usize = BEFORE + 8 + 64 + 32;

/// A key that signs.
pub(crate) struct SecretKey {
    id: [u8; 8],
    pair: Ed25519KeyPair,
    seed: Zeroizing<[u8; 32]>,
}

/// The key that checks what another signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    id: [u8; 8],
    bytes: [u8; 32],
}

impl SecretKey {
    /// A new one.
    pub(crate) fn generate(random: &dyn SecureRandom) -> anyhow::Result<Self> {
        let (mut id, mut seed) = ([0; 8], Zeroizing::new([0; 32]));
        let filled = random.fill(&mut id).and_then(|()| random.fill(&mut *seed));
        filled.ok().context("the system gives no random bytes")?;
        Self::of(id, seed)
    }

    fn of(id: [u8; 8], seed: Zeroizing<[u8; 32]>) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed);
        Ok(Self { id, pair: pair.ok().context("this is no key")?, seed })
    }

    /// Reads the text of its file.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let bytes = Zeroizing::new(coded(text)?);
        ensure!(
            bytes.len() == SECRET && bytes.starts_with(PLAIN),
            "this is no secret key of minisign"
        );
        let (before, key) = bytes.split_at(BEFORE);
        ensure!(
            before.get(2..4) == Some(&[0, 0]),
            "the key has a password: make one without (`minisign -G -W`, or `merlon key pair`)"
        );
        let (Some((id, rest)), Some((_, sum))) =
            (key.split_first_chunk::<8>(), key.split_last_chunk::<32>())
        else {
            bail!("the key is too short");
        };
        let Some((seed, rest)) = rest.split_first_chunk::<32>() else {
            bail!("the key is too short")
        };
        let key = Self::of(*id, Zeroizing::new(*seed))?;
        ensure!(rest.starts_with(key.pair.public_key().as_ref()), "the key is damaged");
        ensure!(*sum == key.sum() || *sum == [0; 32], "the key is damaged");
        Ok(key)
    }

    /// The text of its file.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        let nothing = [0; 32 + 8 + 8];
        let parts: [&[u8]; 8] = [
            PLAIN,
            &[0, 0],
            SUM,
            &nothing,
            &self.id,
            &*self.seed,
            self.pair.public_key().as_ref(),
            &self.sum(),
        ];
        let bytes = Zeroizing::new(parts.concat());
        let coded = Zeroizing::new(STANDARD.encode(&*bytes));
        Zeroizing::new(format!("untrusted comment: merlon secret key\n{}\n", *coded))
    }

    fn sum(&self) -> [u8; 32] {
        let mut hash = blake2::Blake2b::<blake2::digest::consts::U32>::new();
        hash.update(PLAIN);
        hash.update(self.id);
        hash.update(*self.seed);
        hash.update(self.pair.public_key().as_ref());
        hash.finalize().into()
    }

    /// The key that checks its signatures.
    pub(crate) fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        // Keys of Ed25519 have 32 bytes.
        bytes.iter_mut().zip(self.pair.public_key().as_ref()).for_each(|(to, from)| *to = *from);
        PublicKey { id: self.id, bytes }
    }

    /// The text of the file beside a signed one. The comment is signed, too.
    pub(crate) fn sign(&self, content: &[u8], comment: &str) -> anyhow::Result<String> {
        ensure!(!comment.contains(['\n', '\r']), "a comment has one line");
        let hash = Blake2b512::digest(content);
        let signature = self.pair.sign(&hash);
        let both = [signature.as_ref(), comment.as_bytes()].concat();
        let whole = self.pair.sign(&both);
        let line = STANDARD.encode([&HASHED[..], &self.id, signature.as_ref()].concat());
        let last = STANDARD.encode(whole.as_ref());
        Ok(format!(
            "untrusted comment: signature of merlon\n{line}\ntrusted comment: {comment}\n{last}\n"
        ))
    }
}

impl PublicKey {
    /// Reads the text of its file, or the line of it that matters.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let bytes = coded(text)?;
        let Some((PLAIN, rest)) = bytes.split_first_chunk::<2>() else {
            bail!("this is no public key of minisign");
        };
        let (Some((id, _)), Some((_, key))) =
            (rest.split_first_chunk::<8>(), rest.split_last_chunk::<32>())
        else {
            bail!("the public key is too short");
        };
        ensure!(rest.len() == 40, "this is no public key of minisign");
        Ok(Self { id: *id, bytes: *key })
    }

    /// The text of its file.
    pub(crate) fn text(&self) -> String {
        let line = STANDARD.encode([&PLAIN[..], &self.id, &self.bytes].concat());
        format!("untrusted comment: merlon public key\n{line}\n")
    }

    /// Checks a file with the text of its signature; gives the trusted comment.
    pub(crate) fn verify(&self, content: &[u8], signature: &str) -> anyhow::Result<String> {
        let mut lines = signature.lines();
        let first = lines.next().unwrap_or_default();
        ensure!(first.starts_with("untrusted comment:"), "this is no signature of minisign");
        let line = STANDARD.decode(lines.next().unwrap_or_default().trim())?;
        let comment = lines.next().and_then(|it| it.strip_prefix("trusted comment: "));
        let comment = comment.context("the signature has no trusted comment")?;
        let last = STANDARD.decode(lines.next().unwrap_or_default().trim())?;
        let (Some((kind, rest)), true) = (line.split_first_chunk::<2>(), line.len() == 74) else {
            bail!("the signature is damaged");
        };
        let Some((id, own)) = rest.split_first_chunk::<8>() else {
            bail!("the signature is damaged")
        };
        ensure!(*id == self.id, "another key has signed it");
        let key = UnparsedPublicKey::new(&ED25519, &self.bytes);
        let checked = match kind {
            HASHED => key.verify(&Blake2b512::digest(content), own),
            PLAIN => key.verify(content, own),
            _ => bail!("the signature is of a kind that is not known"),
        };
        checked.ok().context("the signature is not of this file: it was changed")?;
        let both = [own, comment.as_bytes()].concat();
        key.verify(&both, &last).ok().context("the comment of the signature was changed")?;
        Ok(comment.to_owned())
    }
}

/// The bytes of the last line of a text that is no comment.
fn coded(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut lines = text.lines().map(str::trim);
    let line = lines.rfind(|it| !it.is_empty() && !it.starts_with("untrusted comment:"));
    STANDARD.decode(line.context("the key is empty")?).context("the key is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::generate(&ring::rand::SystemRandom::new()).unwrap()
    }

    #[test]
    fn what_was_signed_is_known_again_and_nothing_else() {
        let (key, other) = (key(), key());
        let public = PublicKey::parse(&key.public().text()).unwrap();
        let signature = key.sign(b"content", "version 7").unwrap();
        assert_eq!(public.verify(b"content", &signature).unwrap(), "version 7");
        let refused = |content: &[u8], signature: &str, by: &PublicKey, why: &str| {
            let said = format!("{:#}", by.verify(content, signature).unwrap_err());
            assert!(said.contains(why), "{said}");
        };
        refused(b"Content", &signature, &public, "it was changed");
        refused(b"content", &signature, &other.public(), "another key");
        let commented = signature.replace("version 7", "version 9");
        refused(b"content", &commented, &public, "the comment of the signature was changed");
        // One of ours with the id of the other.
        let forged = PublicKey { id: key.id, ..other.public() };
        refused(b"content", &signature, &forged, "it was changed");
        for n_lines in 0..4 {
            let cut = signature.lines().take(n_lines).collect::<Vec<_>>().join("\n");
            public.verify(b"content", &cut).unwrap_err();
        }
        key.sign(b"content", "a\nb").unwrap_err();
    }

    #[test]
    fn keys_read_back_and_damaged_ones_are_refused() {
        let key = key();
        let again = SecretKey::parse(&key.text()).unwrap();
        assert_eq!(again.public(), key.public());
        let text = key.text();
        let line = text.lines().nth(1).unwrap();
        let mut bytes = STANDARD.decode(line).unwrap();
        for at in [0, 2, 60, 100, 150] {
            bytes[at] ^= 1;
            assert!(SecretKey::parse(&STANDARD.encode(&bytes)).is_err(), "{at}");
            bytes[at] ^= 1;
        }
        assert!(SecretKey::parse(&STANDARD.encode(&bytes)).is_ok());
        assert!(SecretKey::parse(&key.public().text()).is_err());
        assert!(PublicKey::parse(&text).is_err());
        assert!(PublicKey::parse("").is_err());
    }

    #[test]
    fn a_signature_of_minisign_itself_is_known() {
        // From the documentation of minisign-verify: made by minisign 0.8 of the file `test`, hashed.
        let public =
            PublicKey::parse("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3").unwrap();
        let signature = "untrusted comment: signature from minisign secret key\n\
            RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\n\
            trusted comment: timestamp:1556193335\tfile:test\n\
            y/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==\n";
        assert_eq!(public.verify(b"test", signature).unwrap(), "timestamp:1556193335\tfile:test");
        public.verify(b"Test", signature).unwrap_err();
    }
}
