//! Any bytes in place of a content file are a problem, not a panic.
#![no_main]

use content::{ContentFile, Library};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 5] = [
    "checks/azure/a/b.check.yaml",
    "checks/azure/a/b.case.yaml",
    "kinds/azure/a/b.kind.yaml",
    "standards/a.standard.yaml",
    "controls.yaml",
];

fuzz_target!(|input: (u8, &[u8])| {
    let path = PATHS[usize::from(input.0) % PATHS.len()].to_owned();
    Library::build(&[ContentFile { path, bytes: input.1.to_vec() }], true);
});
