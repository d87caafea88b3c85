//! Tags or labels of a resource, packed.

/// The tags of one resource, sorted by key, each key once.
///
/// A million resources carry a handful each, so they are kept as one run of bytes: for every tag
/// the length of the key and of the value, four bytes each, then the two texts.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags {
    bytes: Box<[u8]>,
}

impl Tags {
    /// The tags in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(move || {
            let (key_len, tail) = rest.split_first_chunk::<4>()?;
            let (value_len, tail) = tail.split_first_chunk::<4>()?;
            let (key, tail) = tail.split_at_checked(u32::from_le_bytes(*key_len) as usize)?;
            let (value, tail) = tail.split_at_checked(u32::from_le_bytes(*value_len) as usize)?;
            rest = tail;
            Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?))
        })
    }

    /// The value of the tag with this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Of several tags with one key, the one with the least value counts.
impl<K: AsRef<str> + Ord, V: AsRef<str> + Ord> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(tags: I) -> Self {
        let mut tags: Vec<(K, V)> = tags.into_iter().collect();
        tags.sort();
        tags.dedup_by(|a, b| a.0 == b.0);
        let mut bytes = Vec::new();
        for (key, value) in &tags {
            let (key, value) = (key.as_ref(), value.as_ref());
            // A text of 4 GiB cannot come in: items are bounded.
            bytes.extend_from_slice(&(key.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
            bytes.extend_from_slice(key.as_bytes());
            bytes.extend_from_slice(value.as_bytes());
        }
        Self { bytes: bytes.into_boxed_slice() }
    }
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Tags;

    #[track_caller]
    fn check(tags: &[(&str, &str)], want: &[(&str, &str)]) {
        let tags: Tags = tags.iter().copied().collect();
        assert_eq!(tags.iter().collect::<Vec<_>>(), want);
        assert_eq!(tags.is_empty(), want.is_empty());
        for (key, value) in want {
            assert_eq!(tags.get(key), Some(*value));
        }
        assert_eq!(tags.get("no such key"), None);
    }

    #[test]
    fn tags_are_sorted_and_each_key_stands_once() {
        check(&[], &[]);
        check(&[("b", "2"), ("a", "1")], &[("a", "1"), ("b", "2")]);
        check(&[("a", "2"), ("a", "1")], &[("a", "1")]);
        check(&[("", ""), ("ü\0", "€")], &[("", ""), ("ü\0", "€")]);
    }
}
