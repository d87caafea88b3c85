//! Instants as they stand in rows: microseconds since 1970.

use jiff::Timestamp;

use crate::error::StoreError;

pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(crate) fn instant(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|_| StoreError::Corrupt("an instant is out of its range".to_owned()))
}
