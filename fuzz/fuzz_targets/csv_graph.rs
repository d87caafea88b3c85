//! Any pair of tables is loaded or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (nodes, edges) = input;
    let mut loader = graph::csv::Loader::default();
    if loader.add_nodes("Node", nodes).is_ok() && loader.add_edges("EDGE", edges).is_ok() {
        let graph = loader.finish();
        assert_eq!(graph.nodes().count(), graph.n_nodes());
    }
});
