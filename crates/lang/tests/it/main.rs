//! Integration tests of the query language.

#[cfg(test)]
mod limits;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod spec;
