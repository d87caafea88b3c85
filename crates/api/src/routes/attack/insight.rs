//! What is derived of the newest state, kept until there is a newer one; and what of it bears on risk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use content::Library;
use content::step::{Hold, Step};
use graph::Graph;
use hashbrown::HashMap;
use jiff::{Timestamp, ToSpan as _};
use lang::NodeId;
use network::Answer;
use paths::{Attack, INTERNET, Insight, IsOver, What};
use posture::risk::{self, Width};
use view::{Known, View};

use super::{LONGEST_DERIVING, stories};
use crate::state::Api;

/// Conditions depend on time: what is older than this is derived anew.
pub(crate) const FRESH_HOURS: i64 = 1;
/// Between two times that a state is derived without being asked for lies so often the time that it took.
const REST: u32 = 4;
/// And at least this.
const LEAST_REST: Duration = Duration::from_secs(1);

/// What is derived of the newest state: it follows what changes.
#[derive(Debug, Default)]
pub(crate) struct Insights {
    kept: RwLock<Option<Kept>>,
    /// How many derive, or wait for who does.
    asking: AtomicUsize,
}

/// What is derived of one state.
#[derive(Debug)]
struct Kept {
    view: Arc<View>,
    made: Timestamp,
    insight: Insight,
}

impl Kept {
    /// Whether it tells of a view, or of a newer one.
    fn serves(&self, view: &View, now: Timestamp) -> bool {
        self.view.sequence() >= view.sequence() && self.is_fresh(now)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let oldest = now.saturating_sub(FRESH_HOURS.hours()).unwrap_or(Timestamp::MIN);
        self.made >= oldest
    }
}

impl Insights {
    /// Answers from what is derived of the newest state: of `view`, or of one that came since, which is told. Whoever
    /// comes while it is derived waits for that.
    ///
    /// # Errors
    /// A fact table of the content is not what it should be.
    pub(crate) fn with<T>(
        &self,
        view: &Arc<View>,
        now: Timestamp,
        is_over: &IsOver,
        answer: impl FnOnce(&Arc<View>, &Insight) -> T,
    ) -> Result<T, serde_json::Error> {
        let _asking = Asking::new(&self.asking);
        loop {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(it) = kept.as_ref().filter(|it| it.serves(view, now)) {
                return Ok(answer(&it.view, &it.insight));
            }
            drop(kept);
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            if !kept.as_ref().is_some_and(|it| it.serves(view, now)) {
                bring(&mut kept, view, now, is_over)?;
            }
        }
    }
}

/// Brings what is kept to a view: follows what changed, or derives all.
fn bring(
    kept: &mut Option<Kept>,
    view: &Arc<View>,
    now: Timestamp,
    is_over: &IsOver,
) -> Result<(), serde_json::Error> {
    let old = kept.take().filter(|it| it.is_fresh(now));
    let followed = old.and_then(|mut it| {
        let is_followed = it.insight.follow(view.graph(), Some(is_over)).is_ok();
        is_followed.then(|| Kept { view: Arc::clone(view), ..it })
    });
    let new = if let Some(it) = followed {
        it
    } else {
        let insight = Insight::of(view.graph(), view.library(), now, Some(is_over))?;
        Kept { view: Arc::clone(view), made: now, insight }
    };
    view.know(known(view, &new.insight));
    *kept = Some(new);
    Ok(())
}

/// Counts one who asks, as long as it lives.
struct Asking<'a>(&'a AtomicUsize);

impl<'a> Asking<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Derives what bears on risk of each newer state, and tells its attack paths to whoever keeps them, with rests in between, until the server is to stop: what is known lags
/// behind the state by as long as it takes.
pub async fn keep_known(api: Api) {
    let (mut views, mut ending) = (api.views(), api.ending());
    let mut told = None;
    loop {
        let view = views.borrow_and_update().clone();
        let began = api.now();
        if let Some(view) = view.filter(|it| told != Some(it.sequence())) {
            told = Some(view.sequence());
            let desk = api.desk.clone();
            let (insights, asked) = (Arc::clone(&api.insights), Arc::clone(&api.insights));
            // itself is one of those who ask
            let is_wanted = move || asked.asking.load(Ordering::Relaxed) > 1;
            let is_over = api.in_background(LONGEST_DERIVING, is_wanted);
            let derived = tokio::task::spawn_blocking(move || {
                let told = insights
                    .with(&view, began, &is_over, |view, insight| stories::told(view, insight))?;
                desk.told.send_replace(Some(Arc::new(told)));
                Ok::<_, serde_json::Error>(())
            });
            match derived.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!("attack paths could not be derived: {error}"),
                Err(error) => tracing::error!("attack paths could not be derived: {error}"),
            }
        }
        let took = api.now().duration_since(began).unsigned_abs();
        let rest = tokio::time::sleep((took * REST).max(LEAST_REST));
        tokio::select! {
            _ = ending.wait_for(|it| *it) => return,
            () = rest => {}
        }
        tokio::select! {
            _ = ending.wait_for(|it| *it) => return,
            changed = views.changed() => if changed.is_err() { return },
        }
    }
}

fn known(view: &View, insight: &Insight) -> Known {
    let of = known_of(view.graph(), view.library(), insight);
    Known::new(view.sequence(), of.into_iter())
}

/// What is known of each node that bears on risk.
pub fn known_of(
    graph: &Graph,
    library: &Library,
    insight: &Insight,
) -> BTreeMap<NodeId, risk::Insights> {
    let mut of: HashMap<NodeId, risk::Insights> = HashMap::new();
    for id in insight.network.endpoints() {
        let exposure = insight.network.exposure_without_proof(id);
        let (Some(node), Some(exposure)) = (graph.node_by_id(id), exposure) else { continue };
        of.entry(node).or_default().exposed = match exposure.answer {
            Answer::No => Some(Width::None),
            Answer::Unknown => None,
            Answer::Yes => exposure.width.map(|width| match width {
                network::Width::Trusted => Width::Trusted,
                network::Width::Narrow => Width::Narrow,
                network::Width::Wide => Width::Wide,
            }),
        };
    }
    let is_exploit: Vec<bool> = library.steps().map(|it| looks_for_exploits(it)).collect();
    look_at_steps(&insight.attack, &is_exploit, &mut of);
    for (node, n) in on_paths(&insight.graph, &insight.attack) {
        of.entry(node).or_default().on_paths = Some(n);
    }
    // people who are named only have numbers that other nodes may get later
    of.into_iter().filter(|it| graph.has_node(it.0)).collect()
}

/// Whether a step makes use of a vulnerability that scanners found.
fn looks_for_exploits(step: &Step) -> bool {
    step.pattern.as_deref().is_some_and(|it| it.contains(":Vulnerability)"))
}

/// What single steps tell: who is open to anybody, has an exploitable vulnerability, leads on to others.
fn look_at_steps(attack: &Attack, is_exploit: &[bool], of: &mut HashMap<NodeId, risk::Insights>) {
    for edge in attack.graph.edges().filter(|it| attack.graph.is_proven(*it)) {
        let Some(taken) = attack.taken(edge) else { continue };
        let Some(gained) = attack.held(attack.graph.to(edge)) else { continue };
        let What::Step(number) = taken.what else { continue };
        if is_exploit.get(number as usize) == Some(&true) {
            of.entry(taken.to).or_default().vulnerable = true;
        }
        if taken.actor == INTERNET {
            let is_data = matches!(gained.hold, Hold::Read | Hold::Write | Hold::Invoke);
            let known = of.entry(gained.node).or_default();
            known.anonymous |= is_data;
            // it answers the internet without an end point of a network
            if is_data && known.exposed.is_none() {
                known.exposed = Some(Width::Wide);
            }
        } else if gained.node != taken.actor {
            of.entry(taken.actor).or_default().moves_on = true;
        }
    }
}

/// How many proven attack paths lead through each node, from the internet to what matters.
fn on_paths(graph: &Graph, attack: &Attack) -> HashMap<NodeId, u32> {
    let mut found: HashMap<NodeId, u32> = HashMap::new();
    let asked = paths::ask(graph, attack, &[], &[]);
    for way in paths::report::ways_of(attack, &asked.question).proven {
        let held = way.edges.iter().flat_map(|edge| {
            let gained = attack.graph.to(*edge);
            attack.graph.from(*edge).iter().copied().chain([gained])
        });
        let mut nodes: Vec<NodeId> = held
            .filter_map(|it| attack.held(it))
            .map(|it| it.node)
            .filter(|it| *it != INTERNET)
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        for node in nodes {
            *found.entry(node).or_default() += 1;
        }
    }
    found
}
