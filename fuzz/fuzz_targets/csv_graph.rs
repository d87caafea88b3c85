//! Any pair of tables is loaded or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (nodes, edges) = input;
    let tables = vec![("Node".to_owned(), nodes.to_vec()), ("EDGE".to_owned(), edges.to_vec())];
    let _ = graph::csv::load(tables);
});
