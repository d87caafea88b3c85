//! Documents come back as they went in, and rubbish does no harm.

use super::{Block, Doc, View, open_marker, unread_marker};
use crate::keys::Keys;
use crate::resource::GapId;
use serde_json::json;

#[track_caller]
fn check_round_trip(json: &serde_json::Value) {
    let keys = Keys::default();
    assert_eq!(&Doc::build(json, &keys).view().to_json(&keys), json);
}

#[test]
fn every_json_type_comes_back() {
    check_round_trip(&json!({
        "a": null, "b": [true, false, -1, 0, 300, i64::MAX, i64::MIN, 2.5, "täxt"],
        "nested": { "z": {}, "y": [], "x": [[{ "deep": 1 }]] }
    }));
}

#[test]
fn missing_keys_are_null_in_closed_and_unread_in_open_objects() {
    let keys = Keys::default();
    let mut json = json!({ "closed": { "a": 1 } });
    open_marker(&mut json);
    let doc = Doc::build(&json, &keys);
    let missing = keys.intern("missing");
    assert!(matches!(doc.view().get(missing), Some(View::Unread(_))));
    let closed = doc.view().get(keys.intern("closed")).unwrap();
    assert!(matches!(closed.get(missing), Some(View::Null)));
    assert!(matches!(closed.get(keys.intern("a")), Some(View::Int(1))));
}

#[test]
fn an_unread_marker_keeps_its_gap() {
    let keys = Keys::default();
    let doc = Doc::build(&json!({ "part": unread_marker(GapId(7)) }), &keys);
    assert!(matches!(doc.view().get(keys.intern("part")), Some(View::Unread(GapId(7)))));
}

#[test]
fn everything_in_a_stub_is_unread() {
    let keys = Keys::default();
    let stub = Doc::stub();
    assert!(matches!(stub.view().get(keys.intern("name")), Some(View::Unread(_))));
}

#[test]
fn entries_are_added_and_replaced() {
    let keys = Keys::default();
    let doc = Doc::build(&json!({ "b": 1, "a": [1] }), &keys);
    let two = Doc::build(&json!({ "x": 2 }), &keys);
    let merged = doc.with_entries(&[(keys.intern("b"), &two), (keys.intern("c"), &two)]);
    let want = json!({ "a": [1], "b": { "x": 2 }, "c": { "x": 2 } });
    assert_eq!(merged.view().to_json(&keys), want);
    let open = merged.with_openness(true);
    assert!(matches!(open.view().get(keys.intern("d")), Some(View::Unread(_))));
}

#[test]
fn lists_of_documents() {
    let keys = Keys::default();
    let list = Doc::list(&[&Doc::build(&json!({ "a": 1 }), &keys), &Doc::unread(GapId(2))]);
    assert_eq!(list.view().to_json(&keys), json!([{ "a": 1 }, "<not collected>"]));
}

#[test]
fn a_flat_document_is_the_same_as_one_from_json() {
    let keys = Keys::default();
    let nested = json!({ "a": [1, { "b": null }], "empty": {} });
    let json = json!({
        "id": 7, "name": "täxt", "ratio": 2.5, "on": true, "nested": nested, "list": [[], "x"]
    });
    let built = Doc::build(&json, &keys);
    let (nested, list) = (Doc::build(&nested, &keys), Doc::build(&json["list"], &keys));
    let mut entries = [
        (keys.intern("name"), View::Str("täxt")),
        (keys.intern("nested"), nested.view()),
        (keys.intern("list"), list.view()),
        (keys.intern("on"), View::Bool(true)),
        (keys.intern("ratio"), View::Float(2.5)),
        (keys.intern("id"), View::Int(7)),
    ];
    assert_eq!(Doc::flat(&mut entries), built);
    let mut block = Block::default();
    block.add_flat(&mut []);
    block.add_flat(&mut entries);
    assert_eq!(block.len(), 2);
    assert_eq!(block.take(), [Doc::build(&json!({}), &keys), built]);
    assert!(block.is_empty() && block.take().is_empty());
}

#[test]
fn rubbish_reads_as_something_and_does_not_panic() {
    let keys = Keys::default();
    let json = json!({
        "a": [1, 2.5, "text", null, true, { "b": [[], {}], "long": "x".repeat(300) }],
        "c": unread_marker(GapId(7)), "d": i64::MIN
    });
    let good = Doc::build(&json, &keys).bytes().to_vec();
    let mut all: Vec<Vec<u8>> = (0..good.len()).map(|cut| good[..cut].to_vec()).collect();
    for at in 0..good.len() {
        for value in [0, 1, 5, 6, 7, 8, 9, 0x7f, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] = value;
            all.push(bad);
        }
    }
    let mut random = 1_u64;
    for length in 0..600 {
        let bytes = (0..length).map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 60) as u8 // mostly tags and short lengths
        });
        all.push(bytes.collect());
    }
    all.push([6, 0xff, 0xff, 0x7f].repeat(5_000)); // lists in lists in lists
    for bytes in all {
        let length = bytes.len() as u32;
        let docs = Doc::all_in(&bytes.into(), &[length]).unwrap();
        let view = docs[0].view();
        let _: serde_json::Value = view.to_json(&keys);
        let found = ["a", "c", "d"].map(|name| view.get(keys.intern(name)).is_some());
        assert!(found.len() == 3);
        if let View::Object(object) = view {
            assert!(object.len() <= length as usize && object.iter().count() == object.len());
            assert!(docs[0].with_entries(&[]).size_bytes() > 0);
        }
    }
}

#[test]
fn documents_lie_in_a_block() {
    let keys = Keys::default();
    let docs = [json!({ "a": 1 }), json!("x"), json!([])].map(|it| Doc::build(&it, &keys));
    let lengths: Vec<u32> = docs.iter().map(|doc| doc.size_bytes() as u32).collect();
    let block: std::sync::Arc<[u8]> =
        docs.iter().flat_map(|doc| doc.bytes().iter().copied()).collect();
    assert_eq!(Doc::all_in(&block, &lengths).unwrap(), docs);
    assert!(Doc::all_in(&block, &lengths[1..]).is_none());
    let mut packed = docs.clone();
    Doc::pack(packed.iter_mut());
    assert_eq!(packed, docs);
    assert!(Doc::all_in(&block, &[u32::MAX, u32::MAX]).is_none());
}

#[test]
fn a_scalar_has_no_keys() {
    let keys = Keys::default();
    assert!(Doc::build(&json!(1), &keys).view().get(keys.intern("a")).is_none());
}
