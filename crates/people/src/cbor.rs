//! CBOR (RFC 8949), as far as authenticators write it: lengths are always given (CTAP 2.1, canonical form).
//!
//! INVARIANT: reading takes time and memory in proportion to the bytes that are there, whatever they claim, and nothing
//! calls itself however deep they nest.

/// Reads values one after the other from bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

/// The kinds of values that are read, by their major type.
const POSITIVE: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    fn take(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    /// The major type of the next value, and its number, length or count.
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = *self.take(1)?.first()?;
        let number = match first & 31 {
            small @ 0..=23 => u64::from(small),
            size @ 24..=27 => {
                let bytes = self.take(1 << (size - 24))?;
                bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
            }
            _ => return None, // without a length, or of no meaning
        };
        Some((first >> 5, number))
    }

    fn head_of(&mut self, kind: u8) -> Option<u64> {
        self.head().filter(|it| it.0 == kind).map(|it| it.1)
    }

    /// A whole number.
    pub(crate) fn int(&mut self) -> Option<i64> {
        match self.head()? {
            (POSITIVE, number) => i64::try_from(number).ok(),
            (NEGATIVE, number) => i64::try_from(number).ok().map(|it| -1 - it),
            _ => None,
        }
    }

    /// Bytes.
    pub(crate) fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = self.head_of(BYTES)?;
        self.take(length)
    }

    /// Text.
    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let length = self.head_of(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// The head of a map: how many keys with their values follow.
    pub(crate) fn map(&mut self) -> Option<u64> {
        self.head_of(MAP)
    }

    /// Passes over one value, whatever it is.
    pub(crate) fn skip(&mut self) -> Option<()> {
        let mut left = 1_u64;
        while left > 0 {
            let (kind, number) = self.head()?;
            left -= 1;
            let inside = match kind {
                BYTES | TEXT => self.take(number).map(|_| 0)?,
                ARRAY => number,
                MAP => number.checked_mul(2)?,
                TAG => 1,
                _ => 0,
            };
            left = left.checked_add(inside)?;
            // Each takes a byte at least.
            if left > self.rest.len() as u64 {
                return None;
            }
        }
        Some(())
    }

    /// The next value as its bytes.
    pub(crate) fn raw(&mut self) -> Option<&'b [u8]> {
        let before = self.rest;
        self.skip()?;
        before.get(..before.len() - self.rest.len())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any value, for tests.
    #[derive(Debug, Clone)]
    pub(crate) enum Value {
        Int(i64),
        Bytes(Vec<u8>),
        Text(String),
        Array(Vec<Self>),
        Map(Vec<(Self, Self)>),
        Tag(u64, Box<Self>),
        Simple(u8),
    }

    fn head(kind: u8, number: u64) -> Vec<u8> {
        let bytes = number.to_be_bytes();
        let (small, length) = match number {
            0..=23 => return vec![kind << 5 | bytes[7]],
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        [&[kind << 5 | small], &bytes[8 - length..]].concat()
    }

    impl Value {
        pub(crate) fn encode(&self) -> Vec<u8> {
            match self {
                Self::Int(it) if *it >= 0 => head(POSITIVE, it.unsigned_abs()),
                Self::Int(it) => head(NEGATIVE, (-1 - it).unsigned_abs()),
                Self::Bytes(it) => [head(BYTES, it.len() as u64), it.clone()].concat(),
                Self::Text(it) => [head(TEXT, it.len() as u64), it.clone().into_bytes()].concat(),
                Self::Array(all) => {
                    let inside = all.iter().flat_map(Self::encode);
                    head(ARRAY, all.len() as u64).into_iter().chain(inside).collect()
                }
                Self::Map(all) => {
                    let inside = all.iter().flat_map(|(k, v)| [k.encode(), v.encode()].concat());
                    head(MAP, all.len() as u64).into_iter().chain(inside).collect()
                }
                Self::Tag(number, inside) => [head(TAG, *number), inside.encode()].concat(),
                Self::Simple(it) => head(7, u64::from(*it)),
            }
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Int),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
            ".{0,12}".prop_map(Value::Text),
            (0..24_u8).prop_map(Value::Simple),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec(pair, 0..5).prop_map(Value::Map),
                (any::<u64>(), inner).prop_map(|(n, it)| Value::Tag(n, Box::new(it))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_passed_over_to_its_last_byte(value in value(), after in any::<[u8; 3]>()) {
            let bytes = value.encode();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.raw(), Some(&bytes[..]));
            prop_assert!(reader.rest().is_empty());
            for cut in 0..bytes.len() {
                prop_assert_eq!(Reader::new(&bytes[..cut]).skip(), None, "cut at {}", cut);
            }
            let longer = [&bytes[..], &after].concat();
            let mut reader = Reader::new(&longer);
            reader.skip().unwrap();
            prop_assert_eq!(reader.rest(), &after);
        }

        #[test]
        fn leaves_read_back(int: i64, bytes: Vec<u8>, text: String) {
            prop_assert_eq!(Reader::new(&Value::Int(int).encode()).int(), Some(int));
            let written = Value::Bytes(bytes.clone()).encode();
            prop_assert_eq!(Reader::new(&written).bytes(), Some(&bytes[..]));
            let written = Value::Text(text.clone()).encode();
            prop_assert_eq!(Reader::new(&written).text(), Some(&*text));
        }
    }

    #[test]
    fn what_it_claims_costs_nothing() {
        let check = |bytes: &[u8]| assert_eq!(Reader::new(bytes).skip(), None, "{bytes:02x?}");
        check(&[]);
        check(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255]); // an array without end
        check(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]); // a map whose size overflows
        check(&[0x5a, 255, 255, 255, 255, 1]); // bytes that are not there
        check(&[0x9f, 0xff]); // without a length
        check(&[0x1c]); // reserved
        check(&vec![0x81; 100_000]); // nested without end
        check(&vec![0xc1; 100_000]);
        let mut deep = vec![0x81; 100_000];
        deep.push(0);
        assert_eq!(Reader::new(&deep).skip(), Some(()), "depth alone does not matter");
    }

    /// RFC 8949, appendix A.
    #[test]
    fn numbers_are_those_of_the_standard() {
        let check = |bytes: &[u8], wanted| assert_eq!(Reader::new(bytes).int(), wanted);
        check(&[0x17], Some(23));
        check(&[0x18, 0x18], Some(24));
        check(&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], Some(1_000_000_000_000));
        check(&[0x1b, 255, 255, 255, 255, 255, 255, 255, 255], None);
        check(&[0x20], Some(-1));
        check(&[0x39, 0x03, 0xe7], Some(-1000));
        check(&[0x41, 0], None);
    }
}
