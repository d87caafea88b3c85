//! The one room that knows SQL: what is kept, in SQLite or PostgreSQL.
//!
//! A tenant's resources, their documents and what they were judged are valid in `[from, to)`, in
//! sequences of commits; [`Store::commit`] makes the next one, and every reader names the moment
//! that it wants ([`At`]). Beside that: leases, jobs, the audit log, back-ups, retention.
//!
//! Every function that reaches a row takes an [`Access`] first. Instants are passed in.
//!
//! ```no_run
//! # async fn example(now: jiff::Timestamp, resource: model::Resource) -> Result<(), store::StoreError> {
//! use std::time::Duration;
//! use store::{Access, At, Change, Location, Put, Store, TenantId, WRITER};
//!
//! let store = Store::open(&Location::Folder("data".into()), now).await?;
//! let access = Access::new(TenantId::FIRST, "import");
//! let lease = store.acquire(&access, WRITER, "host:4711", now, Duration::from_secs(60)).await?;
//!
//! // Documents are built with the tenant's keys: `Doc::build(&json, &keys)`.
//! let keys = store.keys(&access).await?;
//! let mut change = Change::new("import", "one bucket");
//! change.puts.push(Put::new(&resource));
//! let committed = store.commit(&access, &lease, now, &change).await?;
//!
//! let mut all = store.resources(&access, At::Seq(committed.seq)).await?;
//! while let Some(page) = all.next().await? {
//!     for stored in page {
//!         println!("{} {}", stored.resource.id, stored.resource.doc.view().to_json(&keys));
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod access;
mod accounts;
mod assessments;
mod attestations;
mod audit;
mod backup;
mod bulk;
mod change;
mod codec;
mod commit;
mod custom;
mod db;
mod document;
mod error;
mod groups;
mod history;
mod jobs;
mod judged;
mod lease;
mod migrate;
mod names;
mod passkeys;
mod proofs;
mod resources;
mod retention;
mod sessions;
mod settings;
mod since;
mod stage;
mod standings;
mod store;
mod stories;
mod time;
mod uploads;
mod valid;
mod wal;

pub use access::{Access, TenantId};
pub use accounts::{Account, AccountChange, NewAccount, PasswordBy};
pub use assessments::{AssessmentRow, StoredVerdicts, VerdictPages};
pub use attestations::{AttestationRow, EvidenceFile, NewAttestation};
pub use audit::{AuditFault, AuditHead, AuditRow, AuditVerdict};
pub use backup::{BackupHeader, read_backup_header};
pub use change::{
    AuditEntry, Change, Collected, Committed, Exemption, Put, RequirementState, Score, Tally,
    Verdicts,
};
pub use codec::Standing;
pub use custom::{CustomCheck, Published, PublishedChecks};
pub use db::Location;
pub use document::DocumentNo;
pub use error::StoreError;
pub use groups::{Group, Holder, RoleGrant};
pub use history::{ChangeRow, Diff, Version};
pub use jobs::{Heard, Job, JobFilter, JobRow, JobState, NewJob};
pub use lease::{Lease, WRITER};
pub use migrate::NEWEST as SCHEMA;
pub use names::{Word, Words};
pub use passkeys::Passkey;
pub use proofs::Attempt;
pub use resources::{Pages, StoredResource};
pub use retention::{Pruned, Retention};
pub use sessions::{FoundSession, FoundToken, NewSession, NewToken, Session, Token};
pub use settings::SettingRow;
pub use since::Since;
pub use standings::RequirementRow;
pub use store::{At, Moment, Store};
pub use stories::{Stories, StoriesKept, Story, StoryHead, StoryRow, StoryTally};
pub use uploads::Upload;
pub use valid::{CollectedRow, ScoreRow};
