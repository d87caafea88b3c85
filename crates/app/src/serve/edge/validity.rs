//! Until when a certificate counts: the one fact of X.509 that the TLS library does not give.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version of a certificate, where it is not the first.
const VERSION: u8 = 0xa0;

/// The last moment of a certificate in DER; `None` when it is none.
pub(super) fn until(certificate: &[u8]) -> Option<Timestamp> {
    let (_, whole, _) = value(certificate)?;
    let (_, signed, _) = value(whole)?;
    let mut rest = signed;
    if value(rest)?.0 == VERSION {
        rest = value(rest)?.2;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        rest = value(rest)?.2;
    }
    let (tag, validity, _) = value(rest)?;
    let (_, _, rest) = value(validity).filter(|_| tag == SEQUENCE)?;
    let (tag, time, _) = value(rest)?;
    instant(tag, std::str::from_utf8(time).ok()?)
}

/// `261122120000Z` or `20261122120000Z`.
fn instant(tag: u8, text: &str) -> Option<Timestamp> {
    let full = match tag {
        // Two digits of a year: 50 and later are of the last century (RFC 5280, 4.1.2.5.1).
        UTC_TIME if text.get(..2)?.parse::<u8>().ok()? >= 50 => format!("19{text}"),
        UTC_TIME => format!("20{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", full.strip_suffix('Z')?).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The tag and the content of the first value in DER, and what follows.
fn value(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, short], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |sum, it| sum << 8 | usize::from(*it)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use testkit::Authority;

    use super::until;

    #[test]
    fn the_end_is_read_and_rubbish_has_none() {
        let authority = Authority::new().unwrap();
        let der = |end: &str| {
            let (pem, _) = authority.sign_until("localhost", end).unwrap();
            CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
        };
        let certificate = der("20310203040506Z");
        assert_eq!(until(&certificate).unwrap().to_string(), "2031-02-03T04:05:06Z");
        assert_eq!(until(&der("310203040506Z")).unwrap().to_string(), "2031-02-03T04:05:06Z");
        assert_eq!(until(&der("490203040506Z")).unwrap().to_string(), "2049-02-03T04:05:06Z");
        for end in 0..120 {
            assert_eq!(until(&certificate[..end.min(40)]), None);
        }
        assert_eq!(until(b""), None);
        assert_eq!(until(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
