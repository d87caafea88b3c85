//! The whole way held against a slow oracle: after every edit the tenant says what one that is made
//! anew from the same resources says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use inventory::{Assembler, Import, Inventory, Reader, SourceFile};
use model::{Keys, Resource};
use posture::{Base, Delta, Ledger, Setting};
use serde_json::Value as Json;
use view::{AssessmentFilter, AssessmentSort, Page, ResourceFilter, ResourceSort, Sight, View};

use super::Tenant;
use crate::connect;
use crate::estate::{self, ImportOptions};
use crate::generate::random::Random;
use crate::library;
use crate::progress::Progress;

const NOW: &str = "2026-11-21T12:00:00Z";

/// Verdict and reason of every assessment, by resource and check, and marks by resource; scores by scope.
pub(crate) type State = (BTreeMap<(String, String), String>, Vec<String>);

pub(crate) fn state(graph: &graph::Graph, ledger: &Ledger) -> State {
    let mut verdicts = BTreeMap::new();
    for (node, row) in ledger.rows() {
        let id = graph.id(node).unwrap_or("gone").to_owned();
        for it in row.assessments() {
            let check = ledger.catalogue().id(it.check).to_owned();
            verdicts.insert((id.clone(), check), format!("{:?} {:?}", it.verdict, it.why));
        }
    }
    for node in graph.nodes() {
        let marks = posture::marks_of(graph, node);
        if !marks.is_empty() {
            let id = graph.id(node).unwrap_or_default().to_owned();
            verdicts.insert((id, "marks".to_owned()), format!("{marks:?}"));
        }
    }
    let scores = ledger.scope_scores();
    (verdicts, scores.iter().map(|it| format!("{it:?}")).collect())
}

/// What a tenant says that is made of nothing but the resources.
fn anew(tenant: &Tenant<'_>) -> State {
    let resources: Vec<Resource> = tenant
        .inventory
        .resources()
        .filter(|(_, it)| it.collected)
        .map(|(_, it)| it.clone())
        .collect();
    let collected = tenant.inventory.collected();
    let gaps = tenant.inventory.gaps().to_vec();
    let inventory = Inventory::load(&tenant.reader, resources, collected, gaps);
    let origin = connect::Origin { inventory: &inventory, reader: &tenant.reader };
    let (graph, _) = connect::graph(&tenant.library, origin, &tenant.keys);
    let graph = graph.apply(&tenant.classifier.mark_all(&graph));
    let setting = Setting::at(NOW.parse().unwrap());
    let mut ledger = Ledger::default();
    let delta = Delta::everything(&graph, &tenant.assessor, &setting, 1);
    let diff = estate::assess(Base::nothing(&ledger), &delta);
    ledger.apply(diff);
    state(&graph, &ledger)
}

/// What a view shows: resources, assessments, scopes, score.
pub(crate) fn shown(view: &View) -> Vec<String> {
    let (all, page) = (Sight::Everything, Page::first(usize::MAX / 4));
    let resources = view.resources(&all, &ResourceFilter::default(), ResourceSort::Id, &page);
    let filter = AssessmentFilter::default();
    let assessments = view.assessments(&all, &filter, AssessmentSort::Severity, &page);
    let judged = assessments.items.iter().map(|it| (&it.check.id, it.resource.id, it.verdict));
    // Each process numbers nodes in its own way; that is the first field.
    let told =
        |it: &view::ResourceItem<'_>| format!("{it:?}").split_once(", ").map(|it| it.1.to_owned());
    let told: Vec<_> = resources.items.iter().map(told).collect();
    vec![
        format!("{told:?} {:?}", resources.facets),
        format!("{:?} {:?}", judged.collect::<Vec<_>>(), assessments.facets),
        format!("{:?} {:?}", view.scopes(&all), view.score(&all)),
    ]
}

pub(crate) fn read(reader: &Reader<'_>, documents: &[Json], is_complete: bool) -> Import {
    let mut assembler = Assembler::new(reader);
    if is_complete {
        let declared = "merlon-export.yaml";
        assembler.absorb(reader.parse(&SourceFile::whole(declared, declared, b"complete: true\n")));
    }
    let text = Json::from(documents.to_vec()).to_string();
    assembler.absorb(reader.parse(&SourceFile::whole("edit.json", "edit.json", text.as_bytes())));
    assembler.import()
}

/// Changes one value somewhere in a document: turns it round, takes it away, or gives it another's.
pub(crate) fn edit(value: &mut Json, random: &mut Random) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            let names: Vec<String> = map
                .keys()
                .filter(|it| !["id", "name", "type"].contains(&it.as_str()))
                .cloned()
                .collect();
            let Some(name) = names.get(random.below(names.len().max(1) as u64) as usize) else {
                return;
            };
            if random.below(12) == 0 {
                map.remove(name);
            } else if let Some(inner) = map.get_mut(name) {
                edit(inner, random);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let at = random.below(items.len() as u64) as usize;
            if random.below(6) == 0 {
                items.remove(at);
            } else {
                edit(&mut items[at], random);
            }
        }
        Json::Bool(bool) => *bool = !*bool,
        Json::Number(_) => *value = Json::from(random.below(500)),
        Json::String(text) => {
            let others = ["Allow", "Deny", "Enabled", "Disabled", "*", "TLS1_0", "10.0.0.0/8"];
            *text = others[random.below(others.len() as u64) as usize].to_owned();
        }
        _ => *value = Json::Bool(true),
    }
}

#[test]
fn after_every_edit_the_tenant_is_what_a_full_scan_makes_of_it() {
    let library = library::load(&[]).unwrap();
    let keys = Keys::default();
    let mut tenant = Tenant::empty(&library, keys);
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/larkspur-freight");
    let options =
        ImportOptions { sent: None, paths: vec![sample], format: None, is_complete: false };
    let import = estate::read_import(&tenant.reader, &options, &Progress::new(true));
    let now = NOW.parse().unwrap();
    let step = tenant.update(import, now);
    tenant.take(step);
    assert_eq!(state(&tenant.graph, &tenant.ledger), anew(&tenant), "the first import");
    let n_all = tenant.ledger.n_assessments();
    drop(tenant.view());
    let mut random = Random::new(7);
    let mut evaluated = 0;
    for turn in 0..40 {
        let azure: Vec<u32> = tenant
            .inventory
            .resources()
            .filter(|(_, it)| it.collected && it.id.starts_with("/subscriptions/"))
            .map(|(number, _)| number)
            .collect();
        let mut documents = Vec::new();
        for _ in 0..=random.below(2) {
            let number = azure[random.below(azure.len() as u64) as usize];
            let resource = tenant.inventory.resource(number).unwrap();
            let mut document = resource.doc.view().to_json(&tenant.keys);
            if let Json::Object(map) = &mut document {
                map.retain(|_, value| value.as_str() != Some("<not collected>"));
            }
            edit(&mut document, &mut random);
            if random.below(5) == 0 {
                let id = format!("{}-copy", document["id"].as_str().unwrap());
                document["id"] = id.into();
            }
            documents.push(document);
        }
        let import = read(&tenant.reader, &documents, false);
        let step = tenant.update(import, now);
        evaluated += step.diff.n_evaluated;
        tenant.take(step);
        assert_eq!(shown(&tenant.view()), shown(&View::new(tenant.parts())), "turn {turn}");
        let (found, wanted) = (state(&tenant.graph, &tenant.ledger), anew(&tenant));
        for (key, verdict) in &wanted.0 {
            assert_eq!(found.0.get(key), Some(verdict), "turn {turn}: {key:?} {documents:?}");
        }
        assert_eq!(found, wanted, "turn {turn}: {documents:?}");
    }
    assert!(
        evaluated < n_all,
        "{evaluated} of {n_all}: edits judge what they touch, not everything"
    );
}
