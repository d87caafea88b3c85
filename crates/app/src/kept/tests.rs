//! A tenant that comes from a state file and what was committed since is the tenant that is derived
//! from the documents, whatever happened to the file.

mod choices;
mod moments;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use content::Library;
use graph::Graph;
use jiff::Timestamp;
use posture::{Base, Delta, Ledger, Setting};
use serde_json::Value as Json;
use store::{At, Lease, Location, Store, WRITER};
use testkit::Folder;

use super::{About, Kept, access, run};
use crate::estate::{self, ImportOptions};
use crate::generate::random::Random;
use crate::library;
use crate::progress::Progress;
use crate::tenant::oracle::{State, edit, read, state};
use crate::tenant::{Filed, Tenant};

const NOW: &str = "2026-11-21T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

struct Rig<'l> {
    library: &'l Arc<Library>,
    /// With state files in a folder.
    kept: Kept,
    lease: Lease,
}

impl<'l> Rig<'l> {
    async fn new(library: &'l Arc<Library>, folder: &Path) -> Self {
        let store = Store::open(&Location::Folder(folder.join("data")), now()).await.unwrap();
        let kept = Kept { store, access: access(), cache: Some(folder.to_owned()) };
        let lease = kept
            .store
            .acquire(&kept.access, WRITER, "test", now(), Duration::from_hours(1))
            .await
            .unwrap();
        Self { library, kept, lease }
    }

    /// Derived from the documents.
    async fn derived(&self) -> Tenant<'l> {
        let kept = Kept { cache: None, ..self.kept.clone() };
        kept.load(self.library).await.unwrap()
    }

    async fn commit(&self, tenant: &mut Tenant<'l>, import: inventory::Import) {
        let step = tenant.update(import, now());
        let about = About {
            kind: "import",
            summary: "edit".to_owned(),
            problems: &[],
            request: None,
            exemptions: Vec::new(),
            audit: Vec::new(),
            states: Vec::new(),
        };
        self.kept.commit(&self.lease, tenant, step, &about, now()).await.unwrap();
    }
}

/// Whoever loads with the file has what whoever derives everything has; the one with the file.
#[track_caller]
fn compared<'l>(mine: Tenant<'l>, wanted: &Tenant<'l>, what: &str) -> Tenant<'l> {
    assert_eq!(told(&mine.graph), told(&wanted.graph), "{what}");
    let stored = |it: &Tenant<'_>| state(&it.graph, &it.ledger);
    assert_eq!(stored(&mine), stored(wanted), "{what}");
    assert_eq!(judged(&mine), judged(wanted), "{what}");
    assert_eq!(mine.sequence(), wanted.sequence(), "{what}");
    mine
}

/// Nodes, documents and edges, by id.
fn told(graph: &Graph) -> BTreeMap<String, Vec<String>> {
    let text = |view: model::View<'_>| view.to_json(graph.keys()).to_string();
    let of = |node| {
        let mut lines = vec![text(graph.doc(node)), text(graph.meta(node))];
        lines.extend(graph.labels(node).map(str::to_owned));
        for (edge_type, _) in graph.type_list() {
            let mut others = graph.neighbours(node, edge_type, graph::Way::Out);
            others.sort_by_key(|it| graph.id(*it));
            lines.extend(others.iter().map(|it| format!("{edge_type} {:?}", graph.id(*it))));
        }
        lines.sort();
        (graph.id(node).unwrap().to_owned(), lines)
    };
    graph.nodes().map(of).collect()
}

/// What all checks say of the graph: that depends on the marks of what may be missing, too.
fn judged(tenant: &Tenant<'_>) -> State {
    let mut ledger = Ledger::default();
    let setting = Setting::at(now());
    let delta = Delta::everything(&tenant.graph, &tenant.assessor, &setting, 1);
    let diff = estate::assess(Base::nothing(&ledger), &delta);
    ledger.apply(diff);
    state(&tenant.graph, &ledger)
}

fn sample() -> ImportOptions {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/larkspur-freight");
    ImportOptions { sent: None, paths: vec![sample], format: None, is_complete: false }
}

/// Some resources of Azure with random edits, as an export has them; sometimes new ones.
fn edited(tenant: &Tenant<'_>, random: &mut Random) -> Vec<Json> {
    let azure: Vec<u32> = tenant
        .inventory
        .resources()
        .filter(|(_, it)| it.collected && it.id.starts_with("/subscriptions/"))
        .map(|(number, _)| number)
        .collect();
    let mut documents = Vec::new();
    for _ in 0..=random.below(3) {
        let number = azure[random.below(azure.len() as u64) as usize];
        let resource = tenant.inventory.resource(number).unwrap();
        let mut document = resource.doc.view().to_json(&tenant.keys);
        if let Json::Object(map) = &mut document {
            map.retain(|_, value| value.as_str() != Some("<not collected>"));
        }
        edit(&mut document, random);
        if random.below(4) == 0 {
            let id = format!("{}-copy", document["id"].as_str().unwrap());
            document["id"] = id.into();
        }
        documents.push(document);
    }
    documents
}

#[test]
fn a_state_file_caught_up_is_what_a_full_derivation_gives() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let mut tenant = rig.kept.load(&library).await?;
        let import = estate::read_import(&tenant.reader, &sample(), &Progress::new(true));
        rig.commit(&mut tenant, import).await;
        assert!(tenant.filed.is_there, "the first commit writes the file");
        let mut random = Random::new(11);
        for turn in 0..20 {
            // A list that is complete takes away what is not in it.
            let is_complete = random.below(6) == 0;
            let import = read(&tenant.reader, &edited(&tenant, &mut random), is_complete);
            rig.commit(&mut tenant, import).await;
            match random.below(6) {
                // Much has changed, or a process was killed between the commit and the file.
                0 => {
                    tenant.filed = Filed::default();
                    rig.kept.file_if_due(&mut tenant).await;
                    assert!(tenant.filed.is_there);
                }
                // Goes on with a tenant that came from a file.
                1 | 2 => {
                    let wanted = rig.derived().await;
                    let mine = rig.kept.load(&library).await?;
                    assert!(mine.filed.is_there, "turn {turn} derived everything");
                    tenant = compared(mine, &wanted, &format!("turn {turn}"));
                }
                _ => {}
            }
        }
        let (mine, wanted) = (rig.kept.load(&library).await?, rig.derived().await);
        compared(mine, &wanted, "the end");
        let graph = rig.kept.graph(&library, At::Now).await?;
        assert_eq!(told(&graph), told(&wanted.graph));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_bad_or_foreign_file_is_not_used() {
    let library = library::load(&[]).unwrap();
    let folder = Folder::new().unwrap();
    run(async {
        let rig = Rig::new(&library, folder.path()).await;
        let mut tenant = rig.kept.load(&library).await?;
        let import = estate::read_import(&tenant.reader, &sample(), &Progress::new(true));
        rig.commit(&mut tenant, import).await;
        let wanted = rig.derived().await;
        let path = folder.path().join("state-1.bin");
        let good = fs::read(&path)?;
        let check = async |bytes: &[u8], what: &str| {
            fs::write(&path, bytes).unwrap();
            let mine = rig.kept.load(&library).await.unwrap();
            assert!(!mine.filed.is_there, "{what} was used");
            compared(mine, &wanted, what);
        };
        check(&good[..good.len() - 1], "a file that is cut off").await;
        check(&[&good[..], b"x"].concat(), "a file that goes on").await;
        check(b"", "an empty file").await;
        for share in 1..8 {
            let mut bad = good.clone();
            let at = bad.len() * share / 8;
            bad[at] ^= 0x10;
            check(&bad, &format!("a file with a wrong bit at {at}")).await;
        }
        // The same commits in another history, as after a restored back-up.
        let other = folder.path().join("other");
        let elsewhere = Rig::new(&library, &other).await;
        let mut theirs = elsewhere.kept.load(&library).await?;
        let documents = edited(&tenant, &mut Random::new(3));
        let import = read(&theirs.reader, &documents, false);
        elsewhere.commit(&mut theirs, import).await;
        check(&fs::read(other.join("state-1.bin"))?, "the file of another history").await;
        // Other content derives otherwise.
        fs::write(&path, &good)?;
        let added = folder.path().join("content/standards");
        fs::create_dir_all(&added)?;
        fs::write(added.join("README.md"), "more")?;
        let other_library = library::load(&[folder.path().join("content")])?;
        assert_ne!(other_library.digest(), library.digest());
        let mine = rig.kept.load(&other_library).await?;
        assert!(!mine.filed.is_there, "the file of other content was used");
        // The next commit writes a good one.
        fs::write(&path, b"rubbish")?;
        let mut mine = rig.kept.load(&library).await?;
        let documents = edited(&mine, &mut Random::new(4));
        let import = read(&mine.reader, &documents, false);
        rig.commit(&mut mine, import).await;
        assert!(rig.kept.load(&library).await?.filed.is_there);
        Ok(())
    })
    .unwrap();
}
