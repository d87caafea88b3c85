//! What can go wrong, by what a caller does about it.

use jiff::Timestamp;

/// Why the store did not do it. Nothing was changed, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Others hold what is needed; the same call may succeed in a moment.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// The database does not answer. Whether a commit that was under way is stored is not known: repeat it
    /// with the same `request`.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The lease is held by another.
    #[error("lease `{name}` is held by `{holder}` until {until}")]
    LeaseHeld {
        /// Name of the lease.
        name: String,
        /// Who holds it.
        holder: String,
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The lease or the job was taken over, or has ended: what was worked on belongs to another.
    #[error("the lease of `{0}` was lost")]
    LeaseLost(String),
    /// The database was written by a newer version of the program.
    #[error(
        "the database has schema {found}, this program knows up to {known}: use a newer program"
    )]
    NewerSchema {
        /// Schema of the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// What is stored is not what was written.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The database or its folder cannot be written.
    #[error("the database is read-only")]
    ReadOnly(#[source] sqlx::Error),
    /// No room is left.
    #[error("the disk of the database is full")]
    DiskFull(#[source] sqlx::Error),
    /// The change does not fit what is stored.
    #[error("{0}")]
    Conflict(String),
    /// What was asked for cannot be: the message names it.
    #[error("{0}")]
    Invalid(String),
    /// Something that is named is not there.
    #[error("there is no {0}")]
    NotFound(String),
    /// A file of a back-up could not be read or written.
    #[error("{0}")]
    File(String, #[source] std::io::Error),
    /// A fault of this program or an answer of the database that it does not know.
    #[error("the database refused a statement")]
    Internal(#[source] sqlx::Error),
}

impl StoreError {
    /// Whether the same call may succeed later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_) | Self::LeaseHeld { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(inner) => {
                let code = inner.code().unwrap_or_default().into_owned();
                let message = inner.message().to_owned();
                // SQLite speaks in numbers below 10,000, PostgreSQL in five characters.
                match code.parse::<i32>() {
                    Ok(number) if code.len() < 5 => sqlite(number, message, error),
                    _ => postgres(&code, message, error),
                }
            }
            E::Io(_)
            | E::Tls(_)
            | E::PoolTimedOut
            | E::PoolClosed
            | E::WorkerCrashed
            | E::BeginFailed
            | E::Protocol(_) => Self::Unavailable(error),
            E::ColumnDecode { .. } | E::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Internal(error),
        }
    }
}

/// By SQLite's primary result code: the lower eight bits.
fn sqlite(code: i32, message: String, error: sqlx::Error) -> StoreError {
    match code & 0xff {
        5 | 6 => StoreError::Busy(error),
        8 => StoreError::ReadOnly(error),
        13 => StoreError::DiskFull(error),
        10 | 14 => StoreError::Unavailable(error),
        11 | 26 => StoreError::Corrupt(message),
        19 => StoreError::Conflict(message),
        _ => StoreError::Internal(error),
    }
}

/// By SQLSTATE.
fn postgres(code: &str, message: String, error: sqlx::Error) -> StoreError {
    match code {
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Busy(error),
        "25006" => StoreError::ReadOnly(error),
        "53100" => StoreError::DiskFull(error),
        "XX001" | "XX002" => StoreError::Corrupt(message),
        "P0001" => StoreError::Conflict(message), // raised by our own triggers
        "58030" => StoreError::Unavailable(error), // io_error
        _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
            StoreError::Unavailable(error)
        }
        _ if code.starts_with("23") => StoreError::Conflict(message),
        _ => StoreError::Internal(error),
    }
}
