//! Integration tests: cases of kinds, rubbish, properties, and the recorded exports.

mod cases;
mod exports;
mod findings;
mod properties;
mod rubbish;
mod support;
