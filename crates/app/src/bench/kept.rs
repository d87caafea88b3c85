//! `merlon bench freshness`, `start` and `posture --from-store`: how fast what is kept answers.

use std::io::Write;

use anyhow::Context as _;
use graph::{Graph, Query};
use inventory::{Assembler, Import, SourceFile};
use jiff::Timestamp;
use posture::{Assessor, Base, Delta, Ledger, Setting};
use serde_json::{Value as Json, json};
use store::{At, Change, Lease, Put, Word};

use super::{peak_mib, resident_mib, seconds_since};
use crate::cli::{Cli, Freshness};
use crate::config::Place;
use crate::estate::{self, ImportOptions};
use crate::kept::{self, About, Kept};
use crate::measure::processor_seconds;
use crate::progress::Progress;
use crate::tenant::Tenant;
use crate::{import_command, library, when};

/// Changes of each sort among a hundred: attribute, grant, network rule.
const MIX: [(&str, usize); 3] = [
    ("azure.storage-account", 70),
    ("azure.role-assignment", 20),
    ("azure.network-security-group", 10),
];

/// Kept documents change, one at a time; how long until the new state is stored and shown.
pub(super) fn freshness(
    arguments: &Freshness,
    cli: &Cli,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let library = library::load(&cli.content)?;
    let now = when::now();
    kept::with(&arguments.place, now, async |kept| {
        let writer = kept.writer(now).await?;
        let mut tenant = kept.load(&library).await?;
        if !arguments.paths.is_empty() {
            fill(kept, &writer.lease, &mut tenant, &arguments.paths, out).await?;
        }
        let floor = floor(kept, &writer.lease, &tenant).await?;
        let mut all = Vec::new();
        let mut turns = 0..;
        while all.len() < arguments.changes {
            let Some(turn) = turns.next() else { break };
            let Some((sort, document)) = changed_document(&tenant, turn) else { continue };
            all.push((sort, one_change(kept, &writer.lease, &mut tenant, &document).await?));
        }
        kept.release(writer).await?;
        report(&tenant, &all, floor, out)
    })
}

/// What one change took, in seconds: reading and linking, judging, storing; assessments evaluated.
#[derive(Debug, Clone, Copy)]
struct Took {
    linking: f64,
    storing: f64,
    evaluated: u64,
}

async fn fill(
    kept: &Kept,
    writer: &Lease,
    tenant: &mut Tenant<'_>,
    paths: &[std::path::PathBuf],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let options =
        ImportOptions { sent: None, paths: paths.to_vec(), format: None, is_complete: false };
    let progress = Progress::new(true);
    let done =
        import_command::import(kept, writer, tenant, &options, (when::now(), None), &progress)
            .await?;
    let (difference, ..) = done.context("nothing could be read")?;
    writeln!(
        out,
        "import    {:>9.2} s  {} resources read, judged and stored",
        seconds_since(start),
        difference.resources.added
    )?;
    Ok(())
}

/// A stored document of the mix with one value changed, in the form in which clouds export it.
fn changed_document(tenant: &Tenant<'_>, turn: usize) -> Option<(&'static str, Json)> {
    let mut place = turn * 37 % 100; // spreads the sorts over the turns
    let (kind, _) = MIX.iter().find(|(_, share)| {
        let is_it = place < *share;
        place = place.saturating_sub(*share);
        is_it
    })?;
    let number = pick(tenant, kind, turn.wrapping_mul(2_654_435_761))?;
    let resource = tenant.inventory.resource(number)?;
    let mut document = resource.doc.view().to_json(&tenant.keys);
    // Parts are items of their own in an export.
    let properties = document.get_mut("properties")?.as_object_mut()?;
    match *kind {
        "azure.storage-account" => {
            let old = properties.get("allowBlobPublicAccess").and_then(Json::as_bool);
            properties.insert("allowBlobPublicAccess".to_owned(), json!(old != Some(true)));
        }
        "azure.role-assignment" => {
            let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
            let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
            let old = properties.get("roleDefinitionId").and_then(Json::as_str).unwrap_or_default();
            let role = if old.ends_with(owner) { reader } else { owner };
            let scope = old.split_once("/providers/").map_or("", |it| it.0);
            let id = format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}");
            properties.insert("roleDefinitionId".to_owned(), id.into());
        }
        _ => {
            let rules = properties.get_mut("securityRules")?.as_array_mut()?;
            let access = rules.first_mut()?.get_mut("properties")?.get_mut("access")?;
            *access = if *access == "Allow" { "Deny".into() } else { "Allow".into() };
        }
    }
    // What was not collected is no value that a cloud would answer.
    let was_read = |value: &Json| value.as_str() != Some("<not collected>");
    let kept = document.as_object()?.iter().filter(|(_, value)| was_read(value));
    Some((kind, kept.map(|(key, value)| (key.clone(), value.clone())).collect()))
}

/// The number of some resource of a kind, by chance: the same `seed` gives the same.
fn pick(tenant: &Tenant<'_>, kind: &str, seed: usize) -> Option<u32> {
    let bound = tenant.inventory.bound() as usize;
    let from = seed.checked_rem(bound)?;
    let is_it = |number: &usize| {
        let found = tenant.inventory.resource(*number as u32);
        found.is_some_and(|it| it.collected && &*it.kind == kind)
    };
    (from..bound).chain(0..from).find(is_it).map(|it| it as u32)
}

fn read(tenant: &Tenant<'_>, document: &Json) -> Import {
    let text = document.to_string();
    let mut assembler = Assembler::new(&tenant.reader);
    let file = SourceFile::whole("change.json", "change.json", text.as_bytes());
    assembler.absorb(tenant.reader.parse(&file));
    assembler.import()
}

/// The import of one changed document; `None` when there is none for this turn.
pub(super) fn one_change_of(tenant: &Tenant<'_>, turn: usize) -> Option<Import> {
    changed_document(tenant, turn).map(|(_, document)| read(tenant, &document))
}

async fn one_change(
    kept: &Kept,
    writer: &Lease,
    tenant: &mut Tenant<'_>,
    document: &Json,
) -> anyhow::Result<Took> {
    let start = Timestamp::now();
    let step = tenant.update(read(tenant, document), when::now());
    let (linking, evaluated) = (seconds_since(start), step.diff.n_evaluated);
    anyhow::ensure!(!step.changes.is_empty(), "the changed document changed nothing");
    let start = Timestamp::now();
    let about = About {
        kind: "import",
        summary: "one changed document".to_owned(),
        problems: &[],
        request: None,
        exemptions: Vec::new(),
        audit: Vec::new(),
        states: Vec::new(),
    };
    kept.commit(writer, tenant, step, &about, when::now()).await?;
    Ok(Took { linking, storing: seconds_since(start), evaluated })
}

/// The least that a durable change costs: the median of committing one document that nothing
/// depends on, without reading, linking or judging.
async fn floor(kept: &Kept, writer: &Lease, tenant: &Tenant<'_>) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    let some = tenant.inventory.resources().find(|(_, it)| it.collected);
    let (_, resource) = some.context("the store is empty: name exports to fill it with")?;
    for _ in 0..20 {
        let start = Timestamp::now();
        let mut change = Change::new("bench", "floor");
        change.puts.push(Put::new(resource));
        kept.store.commit(&kept.access, writer, when::now(), &change).await?;
        times.push(seconds_since(start));
    }
    Ok(share(&mut times, 0.5))
}

/// The value below which `part` of `times` lie.
fn share(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let below = times.len() as f64 * part;
    let at = (1..=times.len()).find(|at| *at as f64 >= below).unwrap_or(times.len());
    times.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

fn report(
    tenant: &Tenant<'_>,
    all: &[(&str, Took)],
    floor: f64,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    writeln!(
        out,
        "state     {} nodes, {} edges, {:.0} MiB peak resident",
        tenant.graph.n_nodes(),
        tenant.graph.n_edges(),
        peak_mib()
    )?;
    writeln!(out, "floor     {:>9.2} ms a commit of one document, nothing judged", floor * 1e3)?;
    let kinds = MIX.iter().map(|(kind, _)| Some(*kind)).chain([None]);
    for kind in kinds {
        let of: Vec<Took> = all
            .iter()
            .filter(|(own, _)| kind.is_none_or(|kind| kind == *own))
            .map(|(_, took)| *took)
            .collect();
        let evaluated: u64 = of.iter().map(|it| it.evaluated).sum();
        let most = of.iter().map(|it| it.evaluated).max().unwrap_or_default();
        writeln!(
            out,
            "{}: {} changes, {:.1} assessments evaluated each, {most} at most",
            kind.unwrap_or("the mix"),
            of.len(),
            evaluated as f64 / of.len().max(1) as f64
        )?;
        let mut line = |name: &str, value: &dyn Fn(&Took) -> f64| {
            let mut times: Vec<f64> = of.iter().map(value).collect();
            let (p50, p99) = (share(&mut times, 0.5), share(&mut times, 0.99));
            writeln!(
                out,
                "  {name:<10} p50 {:>8.2} ms  p99 {:>8.2} ms  {:>5.1} x the floor",
                p50 * 1e3,
                p99 * 1e3,
                p50 / floor.max(1e-9)
            )
        };
        line("judge", &|it| it.linking)?;
        line("store", &|it| it.storing)?;
        line("all", &|it| it.linking + it.storing)?;
    }
    Ok(())
}

/// From the start of the process to the first answers about what is kept.
pub(super) fn start(place: &Place, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let start = Timestamp::now();
    let now = when::now();
    kept::with(place, now, async |kept| {
        let words = kept.store.words(&kept.access).await?;
        let scores = kept.store.scores(&kept.access, At::Now).await?;
        let total = scores.iter().find(|it| it.score.scope == Word::NONE);
        let percent = total.map_or(0.0, |it| it.score.value * 100.0 / it.score.possible.max(1e-9));
        writeln!(
            out,
            "score     {:>9.2} s  {percent:.1} % from {} rows and {} words",
            seconds_since(start),
            scores.len(),
            words.find("secureScore").map_or(0, |it| it.0)
        )?;
        let tallies = kept.store.tallies(&kept.access, At::Now).await?;
        let worst = tallies.iter().max_by_key(|it| it.unhealthy);
        let check = worst.map(|it| words.text(it.check)).unwrap_or_default();
        let page = kept.store.assessments_of_check(&kept.access, &check, At::Now, 0, 50).await?;
        writeln!(
            out,
            "list      {:>9.2} s  {} of {} unhealthy for `{check}`",
            seconds_since(start),
            page.len(),
            worst.map_or(0, |it| it.unhealthy)
        )?;
        let library = library::load(&cli.content)?;
        let setting = Setting::at(now);
        let query = Query::compile("MATCH (n:VirtualMachine) RETURN count(n)", None)?;
        let mut answered = None;
        let mut ready = |graph: &Graph| {
            let rows = query.run(graph, &setting.context()).map(|it| it.rows.len());
            let took = (seconds_since(start), processor_seconds());
            answered.get_or_insert((took, graph.n_nodes(), graph.n_edges(), rows));
        };
        let tenant = kept.load_telling(&library, &mut ready).await?;
        let ((seconds, processor), n_nodes, n_edges, rows) =
            answered.context("there is no graph")?;
        writeln!(
            out,
            "query     {seconds:>9.2} s  {} rows from {n_nodes} nodes, {n_edges} edges; {processor:.2} s of processor",
            rows?
        )?;
        let n_behind = tenant.filed.n_behind;
        let from = if tenant.filed.is_there {
            format!("from a state file and {n_behind} changes since")
        } else {
            "derived from the documents".to_owned()
        };
        writeln!(
            out,
            "all       {:>9.2} s  {} assessments, ready for changes, {from}; {:.2} s of processor",
            seconds_since(start),
            tenant.ledger.n_assessments(),
            processor_seconds()
        )?;
        writeln!(out, "memory    {:>9.0} MiB  peak resident", peak_mib())?;
        Ok(())
    })
}

/// Everything that is kept, judged anew.
pub(super) fn posture(place: &Place, cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let now = when::now();
    kept::with(place, now, async |kept| {
        let start = Timestamp::now();
        let mut pages = kept.store.resources(&kept.access, At::Now).await?;
        let mut n_bytes = 0;
        while let Some(page) = pages.next().await? {
            n_bytes += page.iter().map(|it| it.resource.doc.size_bytes()).sum::<usize>();
        }
        drop(pages);
        let floor = seconds_since(start);
        writeln!(
            out,
            "floor     {floor:>9.2} s  reading {:.1} MB of documents from the store",
            n_bytes as f64 / 1e6
        )?;
        let library = library::load(&cli.content)?;
        let (start, processor) = (Timestamp::now(), processor_seconds());
        let graph = kept.graph(&library, At::Now).await?;
        let (assessor, _) = Assessor::compile(&library);
        let loaded = seconds_since(start);
        writeln!(
            out,
            "load      {loaded:>9.2} s  {} nodes; {:.2} s of processor, {:.0} MiB resident",
            graph.n_nodes(),
            processor_seconds() - processor,
            resident_mib()
        )?;
        let setting = Setting::at(now);
        let nothing = Ledger::default();
        let delta = Delta::everything(&graph, &assessor, &setting, 1);
        let diff = estate::assess(Base::nothing(&nothing), &delta);
        let total = seconds_since(start);
        writeln!(out, "judge     {:>9.2} s  {} assessments", total - loaded, diff.n_evaluated)?;
        writeln!(
            out,
            "total     {total:>9.2} s  {:.1} x the floor, on {} threads; {:.2} s of processor",
            total / floor.max(1e-9),
            estate::n_threads(),
            processor_seconds() - processor
        )?;
        writeln!(out, "memory    {:>9.0} MiB  peak resident", peak_mib())?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_of_sorted_times() {
        let mut times: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((share(&mut times, 0.5) - 50.0).abs() < 1e-9);
        assert!((share(&mut times, 0.99) - 99.0).abs() < 1e-9);
        assert!(share(&mut [], 0.5).abs() < 1e-9);
    }
}
