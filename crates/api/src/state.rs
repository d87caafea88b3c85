//! What every route works with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use jiff::Timestamp;
use paths::IsOver;
use store::{Access, Store, TenantId};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use view::{Sight, View};

use crate::guard::Caller;
use crate::instants::Instants;
use crate::limit::{Limiter, Limits};
use crate::past::{BuildPast, PastViews};
use crate::people::{Gate, Hashing, OpenId, Provider};
use crate::problem::Problem;
use crate::routes::attack::{Insights, StoriesRead, StoryDesk};
use crate::routes::query::Derived;
use crate::routes::settings::{self, SessionRules};

/// How long a client may wait for a commit that it has been told of.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// For so long work in the background gives way to requests before it goes on for a moment.
const GIVES_WAY: Duration = Duration::from_millis(20);
/// And looks so often whether it may go on.
const BREATH: Duration = Duration::from_millis(1);
/// Work in the background takes at most so many times longer because it gives way.
const MOST_HELD_UP: u32 = 8;

/// For so long settings are not read again.
const FRESH: Duration = Duration::from_secs(30);

/// The id of a request, which whoever accepts connections puts among its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// What the interface answers from: cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    /// `None` until the database was reached.
    store: watch::Receiver<Option<Store>>,
    /// `None` until the state was loaded; the newest after each commit.
    views: watch::Receiver<Option<Arc<View>>>,
    /// Woken when a job was queued, so that a worker in this process need not poll.
    pub(crate) queued: Arc<Notify>,
    /// Bounds how many requests compute at a time; the others wait for their turn.
    computing: Arc<Semaphore>,
    /// Bounds how many of them are questions of one's own, so that lists need not wait for those.
    asking: Arc<Semaphore>,
    tenant: TenantId,
    clock: fn() -> Timestamp,
    gate: Arc<Gate>,
    sessions: Arc<Mutex<Option<(Timestamp, SessionRules)>>>,
    pub(crate) hashing: Hashing,
    /// True once the server is to stop: streams end.
    ending: watch::Receiver<bool>,
    provider: Option<Arc<OpenId>>,
    limiter: Arc<Limiter>,
    /// When commits were made.
    pub(crate) instants: Arc<tokio::sync::Mutex<Arc<Instants>>>,
    /// What is derived of the newest state.
    pub(crate) insights: Arc<Insights>,
    pub(crate) derived: Arc<Derived>,
    /// Where attack paths are told to whoever keeps them.
    pub(crate) desk: StoryDesk,
    pub(crate) stories_read: Arc<StoriesRead>,
    /// Makes states of the past.
    pub(crate) past: Option<Arc<PastViews>>,
}

/// As many requests compute at a time.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

impl Api {
    /// An interface to one tenant.
    pub fn new(
        tenant: TenantId,
        store: watch::Receiver<Option<Store>>,
        views: watch::Receiver<Option<Arc<View>>>,
        queued: Arc<Notify>,
        clock: fn() -> Timestamp,
    ) -> Self {
        let computing = Arc::new(Semaphore::new(cores()));
        let asking = Arc::new(Semaphore::new((cores() / 2).max(1)));
        let (gate, hashing) = (Arc::default(), Hashing::default());
        let sessions = Arc::default();
        Self {
            store,
            views,
            queued,
            computing,
            asking,
            tenant,
            clock,
            gate,
            sessions,
            hashing,
            ending: watch::Sender::new(false).subscribe(),
            provider: None,
            instants: Arc::default(),
            insights: Arc::default(),
            derived: Arc::default(),
            desk: StoryDesk::default(),
            stories_read: Arc::default(),
            past: None,
            limiter: Arc::default(),
        }
    }

    /// The same with states of the past, which `build` makes.
    #[must_use]
    pub fn with_past(mut self, build: BuildPast) -> Self {
        self.past = Some(Arc::new(PastViews::new(build)));
        self
    }

    /// The same, for a server that keeps attack paths over time.
    #[must_use]
    pub fn with_stories(mut self, desk: StoryDesk) -> Self {
        self.desk = desk;
        self
    }

    /// The same with what signing in needs.
    #[must_use]
    pub fn with_gate(mut self, gate: Gate) -> Self {
        self.gate = Arc::new(gate);
        self
    }

    /// The same, for a server that says when it is to stop: streams that have no end of their own end then.
    #[must_use]
    pub fn with_ending(mut self, ending: watch::Receiver<bool>) -> Self {
        self.ending = ending;
        self
    }

    /// Says when the server is to stop.
    pub(crate) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.clone()
    }

    /// The same, with an identity provider.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = Some(Arc::new(OpenId::new(provider)));
        self
    }

    /// The same, with other limits than usual of how much somebody may ask.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limiter = Arc::new(Limiter::new(limits));
        self
    }

    /// How much somebody may ask.
    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// The identity provider, if there is one.
    pub(crate) fn provider(&self) -> Option<&OpenId> {
        self.provider.as_deref()
    }

    /// What holds for sessions, as the settings said in the last half minute.
    pub(crate) async fn session_rules(&self) -> Result<SessionRules, Problem> {
        let now = self.now();
        let known = *self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read, rules)) = known
            && now.duration_since(read).unsigned_abs() < FRESH
        {
            return Ok(rules);
        }
        let rules = settings::session_rules(self).await?;
        *self.sessions.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, rules));
        Ok(rules)
    }

    /// Settings have changed: they are read again.
    pub(crate) fn forget_settings(&self) {
        *self.sessions.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What signing in needs.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The instant of the request.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What gives instants, for those that must know when time is over.
    pub(crate) fn clock(&self) -> fn() -> Timestamp {
        self.clock
    }

    /// The store, for whoever acts.
    pub(crate) fn store(&self) -> Result<Store, Problem> {
        self.store.borrow().clone().ok_or_else(Problem::starting)
    }

    /// On whose behalf the store is asked.
    pub(crate) fn access(&self, actor: &str) -> Access {
        Access::new(self.tenant, actor)
    }

    /// The newest state.
    pub(crate) fn view(&self) -> Result<Arc<View>, Problem> {
        self.views.borrow().clone().ok_or_else(Problem::starting)
    }

    /// The number of the newest commit that views show; 0 before the first.
    pub(crate) fn sequence(&self) -> u64 {
        self.views.borrow().as_ref().map_or(0, |it| it.sequence())
    }

    /// Every newer state, for those that follow.
    pub(crate) fn views(&self) -> watch::Receiver<Option<Arc<View>>> {
        self.views.clone()
    }

    /// Answers from the newest state with what `caller` may see of it, on a thread for such work.
    pub(crate) async fn read(
        &self,
        caller: &Caller,
        answer: impl FnOnce(&Arc<View>, &Sight) -> Result<Response, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let view = self.view()?;
        let sight = caller.sight(&view);
        self.compute(move || answer(&view, &sight)).await
    }

    /// The turn of a question of one's own, which may take a minute: it is to be held by the work itself, because a
    /// client that goes away ends the waiting but not the work.
    pub(crate) async fn turn_to_ask(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(&self.asking).acquire_owned().await;
        turn.map_err(|error| Problem::fault(&error))
    }

    /// Does work of the processor on a thread of its own.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = Arc::clone(&self.computing).acquire_owned().await;
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let done = span.in_scope(work);
            drop(turn);
            done
        });
        // Where it panicked stands in the log already.
        done.await.map_err(|error| Problem::fault(&error))?
    }

    /// Says when work in the background is over that takes `longest` by itself. Asked in the middle of it, it holds the work up
    /// while requests compute, unless one of them is waiting for it (`is_wanted`); the time that costs does not count, within
    /// bounds. It is over, too, when the server is to stop.
    pub(crate) fn in_background(
        &self,
        longest: Duration,
        is_wanted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> IsOver {
        let (computing, clock, began) = (Arc::clone(&self.computing), self.clock, self.now());
        let (idle, held_up) = (cores(), AtomicU64::new(0));
        let ending = self.ending();
        Arc::new(move || {
            if *ending.borrow() {
                return true;
            }
            let mut waited = Duration::ZERO;
            while computing.available_permits() < idle && waited < GIVES_WAY && !is_wanted() {
                std::thread::sleep(BREATH);
                waited += BREATH;
            }
            let waited = u64::try_from(waited.as_millis()).unwrap_or_default();
            let lost = held_up.fetch_add(waited, Ordering::Relaxed) + waited;
            let lost = Duration::from_millis(lost).min(longest * MOST_HELD_UP);
            clock().duration_since(began).unsigned_abs() >= longest + lost
        })
    }

    /// Waits until commit `sequence` can be seen.
    pub(crate) async fn wait_for(&self, sequence: u64) -> Result<(), Problem> {
        let mut views = self.views.clone();
        let is_seen =
            |it: &Option<Arc<View>>| it.as_ref().is_some_and(|it| it.sequence() >= sequence);
        let waited = tokio::time::timeout(LONGEST_WAIT, views.wait_for(is_seen)).await;
        match waited {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Problem::starting()),
        }
    }
}
