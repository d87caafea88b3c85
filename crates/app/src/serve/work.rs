//! What jobs do, by kind.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::{Access, AuditVerdict, Job, NewJob, Retention, Store};

use super::database::Shared;
use super::writer::Writer;
use super::{engine, upload};
use crate::estate::{ImportOptions, Sent};
use crate::kept::Kept;
use crate::progress::Progress;
use crate::scan;

/// After so many attempts a person must look; with the store's pauses that is after some minutes.
const ATTEMPTS: u32 = 8;
/// A file that a client sent, and that no job read by then, is not wanted any more.
const UPLOAD_AGE: Duration = Duration::from_hours(72);

/// A kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads exports and commits what is new.
    Import,
    /// The same with a file that a client sent.
    ImportUpload,
    /// Says what a file that a client sent would change; nothing becomes the state.
    WhatIf,
    /// Records a decision about what counts.
    Decide,
    /// Publishes, disables or deletes a check that somebody wrote.
    OwnCheck,
    /// Changes what is chosen of classifications.
    Classify,
    /// Judges anew what time alone changes.
    Flips,
    /// Deletes what is older than its retention.
    Prune,
    /// Walks the chain of the audit log.
    VerifyAudit,
}

/// What an import reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportJob {
    /// Files and folders, absolute: the server runs elsewhere.
    pub(crate) paths: Vec<PathBuf>,
    /// Read every file as this format instead of recognising it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_format: Option<String>,
    /// Take the export as complete.
    #[serde(default)]
    pub(crate) complete: bool,
    /// What a client sent, when the paths are that.
    #[serde(skip)]
    pub(crate) sent: Option<Sent>,
}

/// What a job with a file that a client sent reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UploadJob {
    upload: u64,
    as_format: Option<String>,
    complete: bool,
    /// As of when a what-if judges; now, where it does not say.
    now: Option<String>,
}

impl UploadJob {
    fn of(job: &Job) -> anyhow::Result<Self> {
        serde_json::from_value(job.payload.clone()).context("the job is damaged")
    }

    /// The file, and how it is to be read. The file goes when the first is dropped.
    async fn fetch(
        self,
        store: &Store,
        access: &Access,
    ) -> anyhow::Result<(upload::Fetched, ImportJob)> {
        let kept = Kept { store: store.clone(), access: access.clone(), cache: None };
        let file = upload::fetch(&kept, self.upload).await?;
        let import = ImportJob {
            paths: file.paths().to_vec(),
            as_format: self.as_format,
            complete: self.complete,
            sent: Some(file.sent()),
        };
        Ok((file, import))
    }
}

impl ImportJob {
    /// An import of these files and folders.
    pub(crate) fn new(
        paths: &[PathBuf],
        as_format: Option<String>,
        complete: bool,
    ) -> anyhow::Result<Self> {
        // Standard input is gone when the server reads.
        ensure!(!paths.iter().any(|it| it.as_os_str() == "-"), "`-` cannot be read later");
        let absolute = paths.iter().map(std::path::absolute).collect::<Result<_, _>>();
        let paths = absolute.context("the working directory is gone")?;
        Ok(Self { paths, as_format, complete, sent: None })
    }

    /// What is to be read, and how.
    pub(crate) fn options(&self) -> anyhow::Result<ImportOptions> {
        Ok(ImportOptions {
            sent: self.sent.clone(),
            paths: self.paths.clone(),
            format: self.as_format.as_deref().map(scan::parse_format).transpose()?,
            is_complete: self.complete,
        })
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Import,
        Self::ImportUpload,
        Self::WhatIf,
        Self::Decide,
        Self::OwnCheck,
        Self::Classify,
        Self::Flips,
        Self::Prune,
        Self::VerifyAudit,
    ];

    /// Its name in the queue.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::ImportUpload => "import-upload",
            Self::WhatIf => "what-if",
            Self::Decide => "decide",
            Self::OwnCheck => "own-check",
            Self::Classify => "classify",
            Self::Flips => "flips",
            Self::Prune => "prune",
            Self::VerifyAudit => "verify-audit",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether only the holder of the lease may do it: it changes the state.
    fn needs_writer(self) -> bool {
        match self {
            Self::Import | Self::ImportUpload | Self::Decide | Self::OwnCheck => true,
            Self::Classify | Self::Flips => true,
            Self::WhatIf | Self::Prune | Self::VerifyAudit => false,
        }
    }

    /// A job of this kind. Of unfinished ones with one `dedup` there is only one.
    pub(crate) fn job(self, dedup: Option<String>, run_at: Timestamp, payload: Json) -> NewJob {
        let kind = self.name().to_owned();
        NewJob { kind, dedup, priority: self.priority(), run_at, payload, most_attempts: ATTEMPTS }
    }

    /// What people wait for comes first.
    fn priority(self) -> i32 {
        match self {
            Self::Decide | Self::OwnCheck | Self::Classify => 3,
            Self::Import | Self::ImportUpload | Self::WhatIf => 2,
            Self::Flips => 1,
            Self::Prune | Self::VerifyAudit => 0,
        }
    }

    /// The kinds that a process may take.
    pub(crate) fn open_to(is_writer: bool) -> Vec<&'static str> {
        let open = Self::ALL.into_iter().filter(|it| is_writer || !it.needs_writer());
        open.map(Self::name).collect()
    }
}

/// Does a job. It may run twice: each is written so that the second time changes nothing.
pub(crate) async fn run(
    shared: Arc<Shared>,
    store: Store,
    job: Job,
    writer: Option<Arc<Writer>>,
    progress: Arc<Progress>,
) -> anyhow::Result<Json> {
    let access = &shared.access;
    let kind = Kind::of(&job.kind).with_context(|| format!("there is no job `{}`", job.kind))?;
    let writer = || writer.context("this process does not hold the lease");
    match kind {
        Kind::Import => {
            let import: ImportJob =
                serde_json::from_value(job.payload.clone()).context("the job is damaged")?;
            engine::import(writer()?, job, import, progress).await
        }
        Kind::ImportUpload => {
            let (_file, import) = UploadJob::of(&job)?.fetch(&store, access).await?;
            engine::import(writer()?, job, import, progress).await
        }
        Kind::WhatIf => {
            let what = UploadJob::of(&job)?;
            let now = what.now.as_deref().map(str::parse).transpose();
            let now = now.context("the job is damaged")?;
            let (_file, import) = what.fetch(&store, access).await?;
            engine::what_if(&shared, store, import, now, progress).await
        }
        Kind::Decide => {
            let wish = serde_json::from_value(job.payload.clone()).context("the job is damaged")?;
            engine::decided(writer()?, job, wish).await
        }
        Kind::OwnCheck => {
            let act = serde_json::from_value(job.payload.clone()).context("the job is damaged")?;
            engine::own_check(writer()?, job, act).await
        }
        Kind::Classify => {
            let choose =
                serde_json::from_value(job.payload.clone()).context("the job is damaged")?;
            engine::classify(writer()?, job, choose).await
        }
        Kind::Flips => engine::flips(writer()?, job).await,
        Kind::Prune => prune(&shared, &store).await,
        Kind::VerifyAudit => match store.audit_verify(access, None).await? {
            AuditVerdict::Whole(head) => {
                tracing::info!(audit.rows = head.seq, "the audit log is whole");
                Ok(json!({ "rows": head.seq, "hash": head.hash }))
            }
            AuditVerdict::Broken { seq, why } => {
                bail!("the audit log is broken at row {seq}: {why}")
            }
        },
    }
}

/// Whether a job keeps nothing, whatever comes of it.
pub(crate) fn keeps_nothing(job: &Job) -> bool {
    Kind::of(&job.kind) == Some(Kind::WhatIf)
}

/// Removes what a job needed, once the queue knows that it is done: before that a kill would have the job run again
/// without it. What stays behind goes with [`UPLOAD_AGE`].
pub(crate) async fn clear_away(shared: &Shared, store: &Store, job: &Job) {
    if !matches!(Kind::of(&job.kind), Some(Kind::ImportUpload | Kind::WhatIf)) {
        return;
    }
    let Ok(UploadJob { upload, .. }) = UploadJob::of(job) else { return };
    if let Err(error) = store.drop_upload(&shared.access, upload).await {
        tracing::warn!("the upload {upload} stays behind for a while: {error}");
    }
}

/// Removes what is older than it is kept, in steps that others hardly notice.
async fn prune(shared: &Shared, store: &Store) -> anyhow::Result<Json> {
    let kept = &shared.config.retention;
    let settings = store.settings(&shared.access).await?;
    // The team may keep less than the server allows, not more.
    let shorter = |name: &str, configured: Duration| {
        let row = settings.iter().find(|it| it.name == name);
        let days = row.and_then(|it| it.value.as_u64()).filter(|it| *it > 0);
        days.map_or(configured, |it| configured.min(Duration::from_hours(it.saturating_mul(24))))
    };
    let policy = Retention {
        versions: shorter(api::RETENTION_VERSIONS, kept.versions),
        assessments: shorter(api::RETENTION_ASSESSMENTS, kept.assessments),
        scores: shorter(api::RETENTION_SCORES, kept.scores),
        jobs: shorter(api::RETENTION_JOBS, kept.jobs),
        ..Retention::default()
    };
    let (mut rows, mut documents, mut jobs) = (0, 0, 0);
    loop {
        let pruned = store.prune(&shared.access, Timestamp::now(), &policy).await?;
        rows += pruned.rows;
        documents += pruned.documents;
        jobs += pruned.jobs;
        if !pruned.is_more {
            break;
        }
    }
    for number in store.old_uploads(&shared.access, Timestamp::now(), UPLOAD_AGE).await? {
        store.drop_upload(&shared.access, number).await?;
    }
    tracing::info!(
        rows,
        documents,
        jobs,
        "removed {rows} rows, {documents} documents, {jobs} jobs"
    );
    Ok(json!({ "rows": rows, "documents": documents, "jobs": jobs }))
}
