//! Between a tenant in memory and the store: loading, and committing a step.

mod file;
mod follow;
mod own;
#[cfg(test)]
mod tests;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use content::Library;
use graph::Graph;
use inventory::{Collected, Inventory};
use jiff::Timestamp;
use lang::NodeId;
use model::{Doc, Verdict};
use posture::{Assessment, Catalogue, CatalogueEntry, Exemptions, FlipKind, RequirementState};
use posture::{Restore, Row, Why};
use serde_json::{Value as Json, json};
use store::{Access, At, Change, Committed, Lease, Location, Put, Standing, Store};
use store::{TenantId, Verdicts, Word, Words};

use self::file::CaughtUp;
pub(crate) use self::own::{ASSET_DECISIONS, CLASSIFICATIONS, Own};
use crate::config::{self, Environment, Place};
use crate::tenant::{Filed, Step, Tenant};
use crate::{connect, difference, exemption, serve};

/// Documents that are staged at a time, before a large commit.
const STAGE: usize = 4096;
/// Name of the state that says by what content, when and in which commit everything was judged.
const LEDGER: &str = "ledger";

/// A store, and for whom it is used.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) store: Store,
    pub(crate) access: Access,
    /// Folder of the state files; `None`: there are none, and loading derives everything.
    pub(crate) cache: Option<PathBuf>,
}

/// What the change log says about a step.
#[derive(Debug)]
pub(crate) struct About<'a> {
    /// `import`, `exemption`, `time` or `content`.
    pub(crate) kind: &'a str,
    /// One line for people.
    pub(crate) summary: String,
    /// What was read and not understood.
    pub(crate) problems: &'a [base::Problem],
    /// Makes a repeated commit the same commit.
    pub(crate) request: Option<String>,
    /// Exemptions that are recorded or ended with it.
    pub(crate) exemptions: Vec<(String, Option<store::Exemption>)>,
    /// What the audit log says beside the commit.
    pub(crate) audit: Vec<store::AuditEntry>,
    /// Named states that it changes beside that of the ledger.
    pub(crate) states: Vec<(&'static str, Option<Vec<u8>>)>,
}

impl Kept {
    /// The same on behalf of another actor.
    pub(crate) fn by(&self, actor: &str) -> Self {
        let access = Access::new(self.access.tenant(), actor);
        Self { access, ..self.clone() }
    }

    /// The graph as it is or was, and no more than it takes to have that.
    pub(crate) async fn graph(&self, library: &Arc<Library>, at: At) -> anyhow::Result<Graph> {
        if at == At::Now {
            let mut early = None;
            let reading = self.read_file(library, &mut |graph| early = Some(graph.clone())).await?;
            match (early, reading) {
                (Some(graph), Some(reading)) if reading.is_current() => return Ok(graph),
                (_, Some(reading)) => {
                    if let Some(caught_up) = self.caught_up(library, reading).await? {
                        return Ok(caught_up.tenant.graph);
                    }
                }
                _ => {}
            }
        }
        Ok(self.graph_at(library, at).await?.0.graph)
    }

    /// The inventory and the graph as they were, derived from the documents, and as of which commit;
    /// nothing is judged.
    pub(crate) async fn graph_at<'l>(
        &self,
        library: &'l Arc<Library>,
        at: At,
    ) -> anyhow::Result<(Tenant<'l>, u64)> {
        let mut resources = Vec::new();
        let mut pages = self.store.resources(&self.access, at).await?;
        // Others may commit meanwhile: whatever is read after this is of the moment of the resources.
        let sequence = pages.moment().seq;
        let at = At::Seq(sequence);
        let keys = self.store.keys(&self.access).await?;
        while let Some(page) = pages.next().await? {
            resources.extend(page.into_iter().map(|it| it.resource));
        }
        let collected = self.store.collected(&self.access, at).await?;
        let collected = collected.into_iter().map(|it| of_store(it.what)).collect();
        let gaps = self.store.gaps(&self.access).await?;
        let mut tenant = Tenant::empty(library, keys.clone());
        self.judge_by_own(&mut tenant, at).await?;
        let collected: Vec<Collected> = collected;
        tenant.inventory = Inventory::load(&tenant.reader, resources, collected, gaps);
        // no graph yet, so nothing is marked by this
        tenant.mark_by(self.choices(at).await?);
        let (graph, numbers) = connect::graph(library, tenant.origin(), &keys);
        (tenant.graph, tenant.numbers) =
            (graph.apply(&tenant.classifier.mark_all(&graph)), numbers);
        Ok((tenant, sequence))
    }

    /// The tenant as it is, with what was judged.
    pub(crate) async fn load<'l>(&self, library: &'l Arc<Library>) -> anyhow::Result<Tenant<'l>> {
        self.load_telling(library, &mut |_| ()).await
    }

    /// The same; `ready` is called with the graph as soon as that answers queries, before the rest is
    /// there.
    pub(crate) async fn load_telling<'l>(
        &self,
        library: &'l Arc<Library>,
        ready: &mut dyn FnMut(&Graph),
    ) -> anyhow::Result<Tenant<'l>> {
        if let Some(reading) = self.read_file(library, ready).await?
            && let Some(caught_up) = self.caught_up(library, reading).await?
        {
            let CaughtUp { mut tenant, rows, sequence, n_behind } = caught_up;
            ready(&tenant.graph);
            self.restore(&mut tenant, rows, At::Seq(sequence)).await?;
            tenant.filed = Filed { is_there: true, n_behind };
            return Ok(tenant);
        }
        let (mut tenant, sequence) = self.graph_at(library, At::Now).await?;
        ready(&tenant.graph);
        let at = At::Seq(sequence);
        let rows = self.rows_at(&tenant.graph, at).await?;
        self.restore(&mut tenant, rows, at).await?;
        Ok(tenant)
    }

    /// The tenant as it was after a commit, with what was judged then and by which own checks.
    pub(crate) async fn load_at<'l>(
        &self,
        library: &'l Arc<Library>,
        sequence: u64,
    ) -> anyhow::Result<Tenant<'l>> {
        let at = At::Seq(sequence);
        let (mut tenant, _) = self.graph_at(library, at).await?;
        let rows = self.rows_at(&tenant.graph, at).await?;
        self.restore(&mut tenant, rows, at).await?;
        Ok(tenant)
    }

    /// The verdicts of a moment by node.
    async fn rows_at(&self, graph: &Graph, at: At) -> anyhow::Result<Vec<(NodeId, Row)>> {
        let mut rows = Vec::new();
        let mut pages = self.store.verdicts(&self.access, at).await?;
        while let Some(page) = pages.next().await? {
            for stored in page {
                let row = Row::from_bytes(&stored.packed)
                    .with_context(|| format!("the verdicts on `{}`", stored.resource))?;
                rows.extend(graph.node_by_id(&stored.resource).map(|node| (node, row)));
            }
        }
        Ok(rows)
    }

    /// Gives a tenant the ledger with these rows.
    async fn restore(
        &self,
        tenant: &mut Tenant<'_>,
        rows: Vec<(NodeId, Row)>,
        at: At,
    ) -> anyhow::Result<()> {
        let Some(state) = self.store.state(&self.access, LEDGER, at).await? else {
            return Ok(());
        };
        let sequence = self.store.moment(&self.access, at).await?.seq;
        let exemptions = exemption::all(self, at).await?;
        let restore = read_state(&state, exemptions, sequence)?;
        let rows = rows.into_iter().filter(|(node, _)| tenant.graph.has_node(*node));
        tenant.ledger = posture::Ledger::restore(&tenant.graph, &tenant.assessor, restore, rows);
        Ok(())
    }

    /// Stores a step and makes it the state of the tenant.
    pub(crate) async fn commit(
        &self,
        lease: &Lease,
        tenant: &mut Tenant<'_>,
        step: Step,
        about: &About<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Committed> {
        let committed = {
            let mut change = self.change(tenant, &step, about).await?;
            self.stage(lease, &mut change, now).await?;
            self.store.commit(&self.access, lease, now, &change).await?
        };
        let n_changed = step.changes.put.len() + step.changes.removed.len() + step.diff.rows.len();
        tenant.take(step);
        tenant.filed.n_behind += n_changed;
        // A repeated commit is of a state that may be other than what is in memory.
        if !committed.repeated {
            self.file_if_due(tenant).await;
        }
        Ok(committed)
    }

    /// Stores the documents of a large change beforehand, in batches.
    async fn stage(
        &self,
        lease: &Lease,
        change: &mut Change<'_>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        if change.puts.len() <= STAGE {
            return Ok(());
        }
        for puts in change.puts.chunks_mut(STAGE) {
            let docs: Vec<&Doc> = puts.iter().map(|it| &it.resource.doc).collect();
            let staged = self.store.stage(&self.access, lease, now, &docs).await?;
            for (put, number) in puts.iter_mut().zip(staged) {
                put.staged = Some(number);
            }
        }
        Ok(())
    }

    /// All that a step changes in the store.
    async fn change<'s>(
        &self,
        tenant: &'s Tenant<'_>,
        step: &'s Step,
        about: &'s About<'s>,
    ) -> anyhow::Result<Change<'s>> {
        let words = self.store.words(&self.access).await?;
        let changes = &step.changes;
        let mut change = Change::new(about.kind, about.summary.as_str());
        let numbers = changes.put.iter().map(|it| it.number);
        let stored = numbers.filter_map(|it| tenant.inventory.resource(it));
        change.puts = stored.filter(|it| it.collected).map(Put::new).collect();
        // A resource that is gone may live on as a stub, because something still names it.
        let became_stub = changes.put.iter().filter_map(|it| {
            let before = it.before.as_deref().filter(|it| it.collected)?;
            let is_stub = tenant.inventory.resource(it.number).is_some_and(|it| !it.collected);
            is_stub.then_some(before)
        });
        let removed = changes.removed.iter().map(|it| &*it.before).filter(|it| it.collected);
        change.gone = removed.chain(became_stub).map(|it| it.id.as_str()).collect();
        change.gaps = tenant.inventory.gaps();
        change.collected = changes.collected_added.iter().map(to_store).collect();
        change.uncollected = changes.collected_removed.iter().map(to_store).collect();
        change.problems = about.problems;
        change.request.clone_from(&about.request);
        change.audit.clone_from(&about.audit);
        change.counts = counts(tenant, step);
        judged(&mut change, tenant, step, &words);
        scores(&mut change, step, &words);
        let is_new = !self.store.has_standings(&self.access).await?;
        standings(&mut change, tenant, step, &words, is_new);
        change.states = vec![(LEDGER, Some(write_state(step)))];
        change.states.extend(about.states.iter().cloned());
        let recorded = about.exemptions.iter();
        change.exemptions = recorded.map(|(id, it)| (id.as_str(), it.clone())).collect();
        Ok(change)
    }
}

fn of_store(it: store::Collected) -> Collected {
    Collected { scope: it.scope, region: it.region, kind: it.kind }
}

fn to_store(it: &Collected) -> store::Collected {
    store::Collected {
        scope: Arc::clone(&it.scope),
        region: it.region.clone(),
        kind: Arc::clone(&it.kind),
    }
}

/// Numbers for the change log.
fn counts(tenant: &Tenant<'_>, step: &Step) -> Json {
    let resources = difference::resources(tenant, step);
    let (mut broken, mut mended) = (0_u64, 0_u64);
    for flip in step.diff.flips() {
        match flip.kind() {
            FlipKind::Broken => broken += 1,
            FlipKind::Mended => mended += 1,
            FlipKind::Lost | FlipKind::Found | FlipKind::Other => {}
        }
    }
    json!({
        "resources": resources,
        "evaluated": step.diff.n_evaluated,
        "broken": broken,
        "mended": mended,
    })
}

/// The verdicts of every resource on which they changed.
fn judged<'s>(change: &mut Change<'s>, tenant: &'s Tenant<'_>, step: &'s Step, words: &Words) {
    let catalogue = step.diff.catalogue();
    let checks: Vec<Word> = catalogue.entries().iter().map(|it| words.intern(&it.id)).collect();
    let gone: std::collections::BTreeSet<&str> = change.gone.iter().copied().collect();
    for row in &step.diff.rows {
        let Some(resource) = tenant.id_after(step, row.node) else { continue };
        if gone.contains(resource) {
            continue;
        }
        let packed = row.after.as_ref().map_or(&[][..], Row::bytes);
        let open = row.after.iter().flat_map(Row::assessments);
        let open = open.filter_map(|it| standing(&it, &checks, words)).collect();
        change.verdicts.push(Verdicts { resource, packed, open });
    }
}

/// An assessment that is unhealthy or unknown.
fn standing(it: &Assessment, checks: &[Word], words: &Words) -> Option<Standing> {
    if !matches!(it.verdict, Verdict::Unhealthy | Verdict::Unknown) {
        return None;
    }
    let why = match it.why {
        None => Word::NONE,
        Some(Why::Undecided) => words.intern("undecided"),
        Some(Why::Failed) => words.intern("failed"),
        Some(Why::Gap(gap)) => words.intern(&format!("gap:{}", gap.0)),
    };
    Some(Standing {
        check: checks.get(it.check.0 as usize).copied()?,
        verdict: it.verdict,
        why,
        since: it.since,
        first_seen: it.first_seen,
        reopened: it.reopened(),
    })
}

/// Scores, counts of checks and states of requirements that changed.
fn scores(change: &mut Change<'_>, step: &Step, words: &Words) {
    let secure = words.intern("secureScore");
    let score = |scope: Word, score: &posture::Score, detail: Json| store::Score {
        measure: secure,
        scope,
        value: score.current,
        possible: score.max,
        assessed: score.assessed_percent,
        detail,
    };
    for it in &step.diff.scores {
        let scope = words.intern(&it.scope);
        let after = it.after.as_ref().and_then(|it| Some((it.score.as_ref()?, it)));
        if let Some((points, own)) = after {
            let detail = json!({ "weight": own.weight, "controls": own.controls });
            change.scores.push(score(scope, points, detail));
        }
    }
    if step.diff.score.0 != step.diff.score.1
        && let Some(total) = &step.diff.score.1
    {
        change.scores.push(score(Word::NONE, total, json!({ "percent": total.percent })));
    }
    for (check, counts) in step.diff.check_counts() {
        change.tallies.push(store::Tally {
            check: words.intern(step.diff.catalogue().id(check)),
            scope: Word::NONE,
            healthy: counts.raw.healthy,
            unhealthy: counts.raw.unhealthy,
            not_applicable: counts.raw.not_applicable,
            unknown: counts.raw.unknown,
        });
    }
}

/// The states of requirements that changed; of all of them, where other content decides about them
/// than before, or none is kept yet.
fn standings(
    change: &mut Change<'_>,
    tenant: &Tenant<'_>,
    step: &Step,
    words: &Words,
    is_new: bool,
) {
    let state = |standard: &str, requirement: &str, state: RequirementState| {
        let is_judged = state != RequirementState::NotAssessed;
        let state = if is_judged { words.intern(state.name()) } else { Word::NONE };
        let (standard, requirement) = (words.intern(standard), words.intern(requirement));
        store::RequirementState { standard, requirement, state }
    };
    let before = tenant.ledger.catalogue().fingerprint();
    change.all_requirements = is_new || before != step.diff.catalogue().fingerprint();
    if change.all_requirements {
        let all = step.diff.all_standings(&tenant.ledger);
        let judged = all.filter(|it| it.2 != RequirementState::NotAssessed);
        change.requirements = judged.map(|it| state(it.0, it.1, it.2)).collect();
    } else {
        let changed = step.diff.standings.iter();
        change.requirements =
            changed.map(|it| state(&it.standard, &it.requirement, it.after)).collect();
    }
}

/// By what content, as of when everything was judged.
fn write_state(step: &Step) -> Vec<u8> {
    let catalogue = step.diff.catalogue();
    let checks: Vec<Json> =
        catalogue.entries().iter().map(|it| json!([it.id, it.definition])).collect();
    let state = json!({
        "now": step.diff.now.to_string(),
        "fingerprint": catalogue.fingerprint(),
        "checks": checks,
    });
    state.to_string().into_bytes()
}

fn read_state(bytes: &[u8], exemptions: Exemptions, sequence: u64) -> anyhow::Result<Restore> {
    let damaged = "the state of the ledger is damaged";
    let state: Json = serde_json::from_slice(bytes).context(damaged)?;
    let now = state.get("now").and_then(Json::as_str).context(damaged)?.parse()?;
    let fingerprint = state.get("fingerprint").and_then(Json::as_u64).context(damaged)?;
    let checks = state.get("checks").and_then(Json::as_array).context(damaged)?;
    let entries: Option<Vec<CatalogueEntry>> = checks
        .iter()
        .map(|it| {
            let id = it.get(0)?.as_str()?.into();
            Some(CatalogueEntry { id, definition: it.get(1)?.as_u64()? })
        })
        .collect();
    let catalogue = Catalogue::from_entries(entries.context(damaged)?, fingerprint);
    Ok(Restore { catalogue, exemptions, now, sequence })
}

/// Runs `work` on the store that the command line names.
pub(crate) fn with<T>(
    place: &Place,
    now: Timestamp,
    work: impl AsyncFnOnce(&Kept) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = config::load(place, Vec::new(), &Environment::of_process())?.config;
    let location = serve::location(&config)?;
    run(async {
        let store = Store::open(&location, now).await?;
        let kept = Kept { store, access: access(), cache: config::cache(&config) };
        let done = work(&kept).await;
        kept.store.close().await;
        done
    })
}

/// Runs what waits for a database.
pub(crate) fn run<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // One thread beside this one, for what must go on while this one reads and judges.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build()?.block_on(work)
}

/// A person at this machine.
pub(crate) fn access() -> Access {
    Access::new(TenantId::FIRST, "cli")
}

/// Where the command line, the environment or the configuration says that things are kept.
pub(crate) fn location(place: &Place) -> anyhow::Result<Location> {
    let loaded = config::load(place, Vec::new(), &Environment::of_process())?;
    serve::location(&loaded.config)
}
