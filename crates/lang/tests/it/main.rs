//! Integration tests of the query language.

mod round_trip;
