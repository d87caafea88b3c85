//! Any text is parsed or refused; what is parsed is checked, printed and parsed again to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(query) = lang::parse_query(text) {
        let printed = query.to_string();
        let again = lang::parse_query(&printed);
        assert!(again.is_ok_and(|it| it.to_string() == printed), "{text:?} printed as {printed:?}");
    }
});
