//! merlon.
fn main() {}
