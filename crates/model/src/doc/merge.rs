//! One document out of two that describe the same thing, and gaps that get other numbers.

use std::collections::BTreeMap;

use super::{
    Doc, LIST, NULL, OBJECT, OPEN_OBJECT, UNREAD, View, read_varint, with_length, write_varint,
};
use crate::keys::Key;
use crate::resource::GapId;

/// What becomes of a place that the newer reading was refused and the older one had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// The older value counts: both are readings of one collection.
    TakesOlder,
    /// It is unread now, with the reason.
    StaysUnread,
}

impl Doc {
    /// One document out of two readings of one collection: the values of `self`, and those of
    /// `older` where `self` has not read one (an unread value, or a key that is missing from an
    /// open object), at any depth of objects. The second result tells whether both have read the
    /// same place and disagree.
    #[must_use]
    pub fn over(&self, older: &Self) -> (Self, bool) {
        let mut bytes = Vec::with_capacity(self.bytes().len() + older.bytes().len());
        let differs = overlay(self.bytes(), older.bytes(), Refused::TakesOlder, &mut bytes);
        (Self::packed(&bytes), differs)
    }

    /// What is known once `self` was read and `older` was known before: the values of `self`;
    /// where `self` says "not collected", what was known before; where it was refused, that there
    /// is a gap now, with its reason.
    #[must_use]
    pub fn since(&self, older: &Self) -> Self {
        if self == older {
            return self.clone();
        }
        let mut bytes = Vec::with_capacity(self.bytes().len() + older.bytes().len());
        overlay(self.bytes(), older.bytes(), Refused::StaysUnread, &mut bytes);
        Self::packed(&bytes)
    }

    /// The document with other numbers for its gaps; 0 stays 0.
    #[must_use]
    pub fn with_gaps(&self, number: &dyn Fn(GapId) -> GapId) -> Self {
        let mut bytes = Vec::with_capacity(self.bytes().len() + 8);
        renumber(self.bytes(), number, &mut bytes);
        Self::packed(&bytes)
    }

    /// Whether a gap with a reason stands in the document.
    pub fn has_gaps(&self) -> bool {
        !self.gaps().is_empty()
    }

    /// The gaps with a reason that stand in the document, in its order.
    pub fn gaps(&self) -> Vec<GapId> {
        let mut found = Vec::new();
        collect_gaps(self.view(), &mut found);
        found
    }
}

/// Writes `new` over `old`; see [`Doc::over`] and [`Doc::since`].
fn overlay(new: &[u8], old: &[u8], refused: Refused, out: &mut Vec<u8>) -> bool {
    let (View::Object(ours), View::Object(theirs)) = (View::decode(new), View::decode(old)) else {
        let is_unread = |bytes: &[u8]| bytes.first() == Some(&UNREAD);
        // A gap with a reason says more than gap 0, "not collected".
        let is_mute = is_unread(new) && new.get(1) == Some(&0);
        let takes_older = refused == Refused::TakesOlder && is_unread(new) && !is_unread(old);
        out.extend_from_slice(if is_mute || takes_older { old } else { new });
        return !is_unread(new) && !is_unread(old) && new != old;
    };
    let old_entries: BTreeMap<Key, &[u8]> = theirs.raw_entries().into_iter().collect();
    let mut entries: BTreeMap<Key, Vec<u8>> = BTreeMap::new();
    let mut differs = false;
    for (key, value) in ours.raw_entries() {
        let mut merged = Vec::with_capacity(value.len());
        match old_entries.get(&key) {
            Some(other) => differs |= overlay(value, other, refused, &mut merged),
            None if theirs.is_open() => merged.extend_from_slice(value),
            None => differs |= overlay(value, &[NULL], refused, &mut merged),
        }
        entries.insert(key, merged);
    }
    for (key, value) in old_entries {
        if ours.is_open() {
            entries.entry(key).or_insert_with(|| value.to_vec());
        } else if !entries.contains_key(&key) {
            differs |= !matches!(value.first(), Some(&UNREAD | &NULL));
        }
    }
    out.push(if ours.is_open() && theirs.is_open() { OPEN_OBJECT } else { OBJECT });
    with_length(out, |out| {
        write_varint(entries.len() as u64, out);
        for (key, value) in entries {
            write_varint(u64::from(key.0), out);
            out.extend_from_slice(&value);
        }
    });
    differs
}

/// Writes the first value of `bytes` with other gaps; the rest follows.
fn renumber<'a>(bytes: &'a [u8], number: &dyn Fn(GapId) -> GapId, out: &mut Vec<u8>) -> &'a [u8] {
    let rest = View::skip(bytes);
    let own = bytes.get(..bytes.len() - rest.len()).unwrap_or_default();
    match View::decode(own) {
        View::Unread(gap) if gap != GapId::NOT_COLLECTED => {
            out.push(UNREAD);
            write_varint(u64::from(number(gap).0), out);
        }
        View::Object(object) => {
            out.push(if object.is_open() { OPEN_OBJECT } else { OBJECT });
            with_length(out, |out| {
                let entries = object.raw_entries();
                write_varint(entries.len() as u64, out);
                for (key, value) in entries {
                    write_varint(u64::from(key.0), out);
                    renumber(value, number, out);
                }
            });
        }
        View::List(list) => {
            out.push(LIST);
            with_length(out, |out| {
                let (n_items, mut items) = read_varint(list.body);
                write_varint(n_items, out);
                for _ in 0..n_items {
                    items = renumber(items, number, out);
                }
            });
        }
        _ => out.extend_from_slice(own),
    }
    rest
}

fn collect_gaps(view: View<'_>, found: &mut Vec<GapId>) {
    match view {
        View::Unread(gap) if gap != GapId::NOT_COLLECTED => found.push(gap),
        View::Object(object) => object.iter().for_each(|(_, item)| collect_gaps(item, found)),
        View::List(list) => list.iter().for_each(|item| collect_gaps(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Doc;
    use crate::doc::{View, open_marker, unread_marker};
    use crate::keys::Keys;
    use crate::resource::GapId;

    #[track_caller]
    fn check_over(new: &Doc, old: &Doc, keys: &Keys, want: &(serde_json::Value, bool)) {
        let (merged, differs) = new.over(old);
        assert_eq!(&(merged.view().to_json(keys), differs), want);
    }

    #[test]
    fn what_the_newer_has_not_read_comes_from_the_older() {
        let keys = Keys::default();
        let unread = || unread_marker(GapId(0));
        let new = Doc::build(&json!({ "a": 1, "part": unread(), "n": { "x": unread() } }), &keys);
        let old = Doc::build(&json!({ "a": 1, "part": [2], "n": { "x": 3 } }), &keys);
        check_over(&new, &old, &keys, &(json!({ "a": 1, "part": [2], "n": { "x": 3 } }), false));
        check_over(&old, &new, &keys, &(json!({ "a": 1, "part": [2], "n": { "x": 3 } }), false));
    }

    #[test]
    fn the_newer_wins_and_disagreement_is_told() {
        let keys = Keys::default();
        let new = Doc::build(&json!({ "a": 1 }), &keys);
        let old = Doc::build(&json!({ "a": 2, "b": 3 }), &keys);
        check_over(&new, &old, &keys, &(json!({ "a": 1 }), true));
        let open = new.with_openness(true);
        check_over(&open, &old, &keys, &(json!({ "a": 1, "b": 3 }), true));
    }

    #[test]
    fn a_gap_with_a_reason_is_kept() {
        let keys = Keys::default();
        let mute = Doc::build(&json!({ "a": unread_marker(GapId(0)) }), &keys);
        let told = Doc::build(&json!({ "a": unread_marker(GapId(4)) }), &keys);
        for merged in [mute.over(&told).0, told.over(&mute).0] {
            assert!(matches!(merged.view().get(keys.intern("a")), Some(View::Unread(GapId(4)))));
        }
    }

    #[track_caller]
    fn check_since(new: &serde_json::Value, old: &serde_json::Value, want: &serde_json::Value) {
        let keys = Keys::default();
        let (new, old) = (Doc::build(new, &keys), Doc::build(old, &keys));
        let merged = new.since(&old);
        assert_eq!(merged, Doc::build(want, &keys), "{}", merged.view().to_json(&keys));
        assert_eq!(new.since(&merged), merged, "a second time");
    }

    #[test]
    fn what_was_not_collected_stays_as_it_was_known() {
        let mute = || unread_marker(GapId(0));
        check_since(&json!({ "a": mute() }), &json!({ "a": 1 }), &json!({ "a": 1 }));
        check_since(
            &json!({ "a": mute() }),
            &json!({ "a": unread_marker(GapId(3)) }),
            &json!({ "a": unread_marker(GapId(3)) }),
        );
        check_since(&json!({ "n": { "x": mute(), "y": 2 } }), &json!({ "n": { "x": 1 } }), &{
            json!({ "n": { "x": 1, "y": 2 } })
        });
        let mut open = json!({ "b": 2 });
        open_marker(&mut open);
        check_since(&open, &json!({ "a": 1, "b": 1 }), &json!({ "a": 1, "b": 2 }));
        let mut old = json!({ "a": 1 });
        open_marker(&mut old);
        let mut both = json!({ "a": 1, "b": 2 });
        open_marker(&mut both);
        check_since(&open, &old, &both);
    }

    #[test]
    fn what_was_refused_is_unread_now() {
        let refused = || unread_marker(GapId(3));
        check_since(&json!({ "a": refused() }), &json!({ "a": 1 }), &json!({ "a": refused() }));
        check_since(&json!({ "a": refused() }), &json!({}), &json!({ "a": refused() }));
    }

    #[test]
    fn what_was_read_counts_and_what_is_gone_is_gone() {
        check_since(&json!({ "a": 2 }), &json!({ "a": 1, "b": 1 }), &json!({ "a": 2 }));
        check_since(&json!({ "a": [2] }), &json!({ "a": [1, 3] }), &json!({ "a": [2] }));
        let old = json!({ "a": unread_marker(GapId(3)) });
        check_since(&json!({ "a": 1 }), &old, &json!({ "a": 1 }));
    }

    #[test]
    fn gaps_get_other_numbers() {
        let keys = Keys::default();
        let with = |a: u32, b: u32| {
            let mute = unread_marker(GapId(0));
            let json = json!({ "l": [1, { "x": unread_marker(GapId(a)) }], "m": mute,
                "n": { "y": unread_marker(GapId(b)), "z": "text" } });
            Doc::build(&json, &keys)
        };
        let doc = with(1, 2);
        assert_eq!(doc.gaps(), [GapId(1), GapId(2)]);
        assert_eq!(doc.with_gaps(&|gap| GapId(gap.0 + 400)), with(401, 402));
    }
}
