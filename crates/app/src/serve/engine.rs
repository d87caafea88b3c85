//! The state of the tenant as the server holds it, and the jobs that change it.
//!
//! Loading, importing and judging are work of the processor: they run on threads of their own, so
//! that health and heartbeats go on meanwhile.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use api::PastError;
use content::Library;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use store::{Committed, Job, Lease, Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::watch;
use view::View;

use super::database::Shared;
use super::follow::Standing;
use super::work::{ImportJob, Kind};
use super::writer::Writer;
use crate::classify::{self, Choose};
use crate::decision::{Wish, decide};
use crate::import_command;
use crate::kept::{About, Kept};
use crate::measure::metrics;
use crate::own_check::{self, Act};
use crate::progress::Progress;
use crate::tenant::Tenant;
use crate::{config, library, when};

/// The state of the tenant in memory.
#[derive(Debug)]
pub(crate) struct Engine {
    /// Where the interface takes the newest state from.
    views: watch::Sender<Option<Arc<View>>>,
    kept: Kept,
    library: &'static Arc<Library>,
    /// Not there after a step that could not be stored: it is loaded again before the next.
    tenant: Option<Tenant<'static>>,
}

impl Engine {
    /// Loads the state from the store.
    pub(crate) async fn load(shared: &Arc<Shared>, store: &Store) -> anyhow::Result<Self> {
        let (shared, store) = (Arc::clone(shared), store.clone());
        apart(async move || {
            let library = shared_library(&shared)?;
            let cache = config::cache(&shared.config);
            let kept = Kept { store, access: shared.access.clone(), cache };
            // The state that followed is there already, but for the last commits.
            let warm = shared.warm.lock().await.take();
            let tenant = Some(caught_up(&kept, library, warm).await?);
            let mut engine = Self { views: shared.views.clone(), kept, library, tenant };
            engine.publish();
            // Nobody waits for it: the state is shown already.
            if let Some(tenant) = &mut engine.tenant {
                engine.kept.file_if_due(tenant).await;
            }
            Ok(engine)
        })
        .await
    }

    /// Shows the state to those who read.
    fn publish(&mut self) {
        if let Some(tenant) = &mut self.tenant {
            let view = tenant.view();
            self.views.send_replace(Some(Arc::clone(&view)));
            // The first search would wait for it otherwise.
            view.warm();
        }
    }

    /// The figures of the graph.
    pub(crate) fn measure(&self) {
        let Some(tenant) = &self.tenant else { return };
        metrics().graph_nodes.set([], tenant.graph.n_nodes() as f64);
        metrics().graph_overlay.set([], tenant.graph.overlay_size() as f64);
    }

    /// When time alone changes a verdict next.
    pub(crate) fn next_flip(&self) -> Option<Timestamp> {
        self.tenant.as_ref()?.ledger.next_flip()
    }

    /// The tenant, to be given back once what was done to it is stored.
    async fn take(&mut self) -> anyhow::Result<Tenant<'static>> {
        match self.tenant.take() {
            Some(tenant) => Ok(tenant),
            None => self.kept.load(self.library).await,
        }
    }

    async fn import(
        &mut self,
        lease: &Lease,
        job: &Job,
        what: &ImportJob,
        progress: &Progress,
    ) -> anyhow::Result<Json> {
        let started = Timestamp::now();
        let options = what.options()?;
        let mut tenant = self.take().await?;
        let request = Some(format!("job {}", job.number));
        let now = Timestamp::now();
        let done = import_command::import(
            &self.kept.by(&job.actor),
            lease,
            &mut tenant,
            &options,
            (now, request),
            progress,
        )
        .await?;
        let Some((difference, committed, n_problems)) = done else {
            self.tenant = Some(tenant);
            bail!("nothing could be read");
        };
        self.stored(tenant, Kind::Import, started, &committed);
        Ok(json!({
            "sequence": committed.seq,
            "at": committed.at.to_string(),
            "clockWasBehind": committed.held,
            "problems": n_problems,
            "difference": serde_json::to_value(&difference).unwrap_or_default(),
        }))
    }

    async fn decide(&mut self, lease: &Lease, job: &Job, wish: &Wish) -> anyhow::Result<Json> {
        let started = Timestamp::now();
        let mut tenant = self.take().await?;
        let request = Some(format!("job {}", job.number));
        let kept = self.kept.by(&job.actor);
        let decided = decide(&kept, lease, &mut tenant, wish, (started, request)).await?;
        self.stored(tenant, Kind::Decide, started, &decided.committed);
        Ok(decided.to_json())
    }

    async fn own_check(&mut self, lease: &Lease, job: &Job, act: &Act) -> anyhow::Result<Json> {
        let started = Timestamp::now();
        let mut tenant = self.take().await?;
        let request = Some(format!("job {}", job.number));
        let kept = self.kept.by(&job.actor);
        let plan = match own_check::plan(&kept, &tenant, act).await {
            Ok(plan) => plan,
            Err(error) => {
                self.tenant = Some(tenant);
                return Err(error);
            }
        };
        let what = (act, plan);
        let done = own_check::act(&kept, lease, &mut tenant, what, (started, request)).await?;
        metrics().assessments.add([], done.n_evaluated);
        self.stored(tenant, Kind::OwnCheck, started, &done.committed);
        Ok(done.to_json(act))
    }

    async fn classify(
        &mut self,
        lease: &Lease,
        job: &Job,
        choose: &Choose,
    ) -> anyhow::Result<Json> {
        let started = Timestamp::now();
        let mut tenant = self.take().await?;
        let request = Some(format!("job {}", job.number));
        let kept = self.kept.by(&job.actor);
        let choices = match classify::plan(&kept, &tenant, choose, started).await {
            Ok(choices) => choices,
            Err(error) => {
                self.tenant = Some(tenant);
                return Err(error);
            }
        };
        let what = (choose, choices);
        let done = classify::act(&kept, lease, &mut tenant, what, (started, request)).await?;
        metrics().assessments.add([], done.n_evaluated);
        self.stored(tenant, Kind::Classify, started, &done.committed);
        Ok(done.to_json(choose))
    }

    async fn flips(&mut self, lease: &Lease, job: &Job) -> anyhow::Result<Json> {
        let started = Timestamp::now();
        let mut tenant = self.take().await?;
        let step = tenant.reconsider(None, started);
        if step.is_empty() {
            self.tenant = Some(tenant);
            return Ok(json!({}));
        }
        metrics().assessments.add([], step.diff.n_evaluated);
        let about = About {
            kind: "time",
            summary: "verdicts that time changes".to_owned(),
            problems: &[],
            request: Some(format!("job {}", job.number)),
            exemptions: Vec::new(),
            audit: Vec::new(),
            states: Vec::new(),
        };
        let committed = self.kept.commit(lease, &mut tenant, step, &about, started).await?;
        self.stored(tenant, Kind::Flips, started, &committed);
        Ok(json!({ "sequence": committed.seq }))
    }

    /// What was done is stored: keeps the new state, and says how long it took.
    fn stored(
        &mut self,
        tenant: Tenant<'static>,
        kind: Kind,
        started: Timestamp,
        committed: &Committed,
    ) {
        // Of a repeated commit the first one counts, and memory may be ahead of it.
        self.tenant = (!committed.repeated).then_some(tenant);
        self.publish();
        let now = Timestamp::now();
        let seconds = |since: Timestamp| now.duration_since(since).as_secs_f64().max(0.0);
        metrics().commits.add([kind.name()], 1);
        metrics().commit_duration.observe([kind.name()], seconds(started));
        metrics().freshness.observe([], seconds(committed.at));
        self.measure();
        tracing::info!(
            commit.sequence = committed.seq,
            commit.repeated = committed.repeated,
            duration_s = seconds(started),
            "commit {}",
            committed.seq
        );
    }
}

/// Brings the state that follows up to the last commit and shows it, while this process does not hold the lease.
pub(crate) async fn follow(shared: &Arc<Shared>, store: &Store) -> anyhow::Result<()> {
    let (shared, store) = (Arc::clone(shared), store.clone());
    apart(async move || {
        let mut warm = shared.warm.lock().await;
        if *shared.standing.borrow() != Standing::Follows {
            return Ok(());
        }
        let library = shared_library(&shared)?;
        let kept =
            Kept { store, access: shared.access.clone(), cache: config::cache(&shared.config) };
        let mut tenant = caught_up(&kept, library, warm.take()).await?;
        let view = tenant.view();
        *warm = Some(tenant);
        drop(warm);
        shared.views.send_replace(Some(Arc::clone(&view)));
        view.warm();
        Ok(())
    })
    .await
}

/// A state in memory brought up to the last commit, or loaded where that is not possible.
async fn caught_up(
    kept: &Kept,
    library: &'static Arc<Library>,
    warm: Option<Tenant<'static>>,
) -> anyhow::Result<Tenant<'static>> {
    if let Some(mut tenant) = warm
        && kept.follow(&mut tenant).await?
    {
        return Ok(tenant);
    }
    kept.load(library).await
}

/// The state as it was after a commit.
pub(crate) async fn past(shared: &Arc<Shared>, sequence: u64) -> Result<Arc<View>, PastError> {
    let opened = shared.opened.borrow().clone();
    let store = opened.ok_or_else(|| PastError::Other("the store is not open".to_owned()))?;
    let shared = Arc::clone(shared);
    let made = apart(async move || {
        let library = shared_library(&shared)?;
        let kept = Kept { store, access: shared.access.clone(), cache: None };
        Ok(kept.load_at(library, sequence).await?.view())
    });
    made.await.map_err(|error| match error.downcast::<StoreError>() {
        Ok(error) => PastError::Store(error),
        Err(error) => PastError::Other(base::chain(error.as_ref())),
    })
}

/// Says what files would change. That is done to a state of its own, which is loaded for it and dropped: what is shown
/// and written to does not wait for it. Of these only one is there at a time, because each takes the memory of a tenant.
pub(crate) async fn what_if(
    shared: &Arc<Shared>,
    store: Store,
    what: ImportJob,
    now: Option<Timestamp>,
    progress: Arc<Progress>,
) -> anyhow::Result<Json> {
    let shared = Arc::clone(shared);
    apart(async move || {
        let _turn = shared.asking.lock().await;
        progress.go_on()?;
        let library = shared_library(&shared)?;
        let options = what.options()?;
        let cache = config::cache(&shared.config);
        let kept = Kept { store, access: shared.access.clone(), cache };
        let mut tenant = kept.load(library).await?;
        let now = now.unwrap_or_else(when::now);
        let found = import_command::would_change(&mut tenant, &options, now, &progress)?;
        Ok(found.map_or_else(|| json!({}), |it| serde_json::to_value(it).unwrap_or_default()))
    })
    .await
}

/// Does an import under the lease of `writer`.
pub(crate) async fn import(
    writer: Arc<Writer>,
    job: Job,
    what: ImportJob,
    progress: Arc<Progress>,
) -> anyhow::Result<Json> {
    apart(async move || {
        let mut engine = writer.engine.lock().await;
        engine.import(&writer.lease, &job, &what, &progress).await
    })
    .await
}

/// Records a decision under the lease of `writer`.
pub(crate) async fn decided(writer: Arc<Writer>, job: Job, wish: Wish) -> anyhow::Result<Json> {
    apart(async move || {
        let mut engine = writer.engine.lock().await;
        engine.decide(&writer.lease, &job, &wish).await
    })
    .await
}

/// Publishes or withdraws a check under the lease of `writer`.
pub(crate) async fn own_check(writer: Arc<Writer>, job: Job, act: Act) -> anyhow::Result<Json> {
    apart(async move || {
        let mut engine = writer.engine.lock().await;
        engine.own_check(&writer.lease, &job, &act).await
    })
    .await
}

/// Changes what is chosen of classifications under the lease of `writer`.
pub(crate) async fn classify(
    writer: Arc<Writer>,
    job: Job,
    choose: Choose,
) -> anyhow::Result<Json> {
    apart(async move || {
        let mut engine = writer.engine.lock().await;
        engine.classify(&writer.lease, &job, &choose).await
    })
    .await
}

/// Judges anew what time alone changes, under the lease of `writer`.
pub(crate) async fn flips(writer: Arc<Writer>, job: Job) -> anyhow::Result<Json> {
    apart(async move || {
        let mut engine = writer.engine.lock().await;
        engine.flips(&writer.lease, &job).await
    })
    .await
}

/// Runs work of the processor on a thread of its own.
async fn apart<T: Send + 'static>(
    work: impl AsyncFnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let span = tracing::Span::current();
    let handle = Handle::current();
    let done = tokio::task::spawn_blocking(move || span.in_scope(|| handle.block_on(work()))).await;
    // Where it panicked stands in the log already.
    done.context("a bug in the program")?
}

/// The content, read once; it lives as long as the process.
fn shared_library(shared: &Shared) -> anyhow::Result<&'static Arc<Library>> {
    let mut kept = shared.library.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(library) = *kept {
        return Ok(library);
    }
    let library: &'static Arc<Library> = Box::leak(Box::new(library::load(&shared.content)?));
    *kept = Some(library);
    Ok(library)
}
