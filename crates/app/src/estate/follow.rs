//! The ledger follows random edits of whole estates, generated and recorded ones: after them it
//! says what a full scan says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use graph::{Delta as Changes, Graph, NodeMeta, Way};
use inventory::{Assembler, Reader, Snapshot, SourceFile};
use lang::NodeId;
use model::{Doc, GapId, Keys, Resource};
use posture::{Assessor, Base, Delta, Ledger, Setting};

use super::{ImportOptions, judge, read};
use crate::generate::{GenerateOptions, generate};
use crate::progress::Progress;
use crate::{connect, library};

/// Numbers that look random (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }
}

/// Verdict, reason and next flip of every assessment, and the scores.
fn said(ledger: &Ledger) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for (node, row) in ledger.rows() {
        for it in row.assessments() {
            let key = format!("{node:?} {}", ledger.catalogue().id(it.check));
            said.insert(key, format!("{:?} {:?} {:?}", it.verdict, it.why, it.flips_at));
        }
    }
    for scope in ledger.scope_scores() {
        said.insert(scope.scope.clone(), format!("{scope:?}"));
    }
    said.insert("score".to_owned(), format!("{:?}", ledger.score()));
    said
}

struct Edits<'l> {
    library: &'l content::Library,
    keys: &'l Keys,
    resources: Vec<Resource>,
    groups: Vec<u32>,
    gone: Vec<bool>,
}

impl Edits<'_> {
    /// One random edit.
    fn roll(&mut self, graph: &Graph, dice: &mut Dice, changes: &mut Changes) {
        let at = dice.roll(self.resources.len());
        if self.gone[at] {
            return;
        }
        let node = NodeId(at as u32);
        match dice.roll(8) {
            0 => {
                self.gone[at] = true;
                changes.remove_node(node);
            }
            1 => {
                let types: Vec<&str> = graph.type_list().map(|(name, _)| name).collect();
                for edge_type in types {
                    if let Some(other) = graph.neighbours(node, edge_type, Way::Out).first() {
                        changes.remove_edges(node, edge_type, *other);
                    }
                }
            }
            2 => {
                let types: Vec<&str> = graph.type_list().map(|(name, _)| name).collect();
                let edge_type = types[dice.roll(types.len())];
                let other = dice.roll(self.resources.len());
                if !self.gone[other] {
                    changes.add_edge(node, edge_type, NodeId(other as u32), None);
                }
                let missing: &[(&[&str], GapId)] = &[(&[], GapId::NOT_COLLECTED)];
                changes.set_incomplete(self.groups[at], edge_type, Way::Out, missing);
            }
            3 => {
                self.resources[at].collected = !self.resources[at].collected;
                self.put(node, changes);
            }
            _ => {
                let kind = std::sync::Arc::clone(&self.resources[at].kind);
                let like: Vec<usize> = (0..self.resources.len())
                    .filter(|it| self.resources[*it].kind == kind)
                    .collect();
                self.resources[at].doc = self.resources[like[dice.roll(like.len())]].doc.clone();
                self.put(node, changes);
            }
        }
    }

    fn put(&self, node: NodeId, changes: &mut Changes) {
        let it = &self.resources[node.0 as usize];
        let meta = NodeMeta {
            id: &it.id,
            name: &it.name,
            kind: &it.kind,
            scope: &it.scope,
            region: it.region.as_deref(),
            tags: &it.tags,
            collected: it.collected,
        };
        let labels = connect::labels_of(self.library, &it.kind);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let doc = if it.collected { it.doc.clone() } else { Doc::stub() };
        let group = self.groups[node.0 as usize];
        changes.replace_node(node, &labels, doc, Some(meta.doc(self.keys)), group);
    }
}

/// Edits the estate and compares; gives the share of assessments that were evaluated on the way.
fn follow(library: &content::Library, keys: &Keys, snapshot: Snapshot, seed: u64) -> f64 {
    let (assessor, _) = Assessor::compile(library);
    let mut edits = Edits {
        library,
        keys,
        resources: snapshot.resources.clone(),
        groups: snapshot.groups.clone(),
        gone: vec![false; snapshot.resources.len()],
    };
    let mut graph = connect::build_graph(library, snapshot, keys);
    let mut now: jiff::Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
    let mut ledger = judge(&assessor, &graph, &Setting::at(now));
    let (n_all, mut n_evaluated, mut n_commits) = (ledger.n_assessments(), 0, 0);
    let mut dice = Dice(seed);
    for round in 0..3_u64 {
        for commit in 0..25 {
            let mut changes = Changes::new(&graph);
            for _ in 0..=dice.roll(3) {
                edits.roll(&graph, &mut dice, &mut changes);
            }
            now = now.checked_add(jiff::SignedDuration::from_hours(37)).unwrap();
            let after = graph.apply(&changes);
            let setting = Setting::at(now);
            let delta = Delta::changes(&after, &changes, &assessor, &setting, round * 25 + commit);
            let diff = super::assess(Base::new(&graph, &ledger), &delta);
            n_evaluated += diff.n_evaluated;
            n_commits += 1;
            ledger.apply(diff);
            graph = after;
        }
        let (mine, wanted) = (said(&ledger), said(&judge(&assessor, &graph, &Setting::at(now))));
        for (key, wanted) in &wanted {
            assert_eq!(mine.get(key), Some(wanted), "{key} after round {round} of seed {seed}");
        }
        assert_eq!(mine.len(), wanted.len());
    }
    n_evaluated as f64 / (n_all * n_commits) as f64
}

#[test]
#[expect(clippy::disallowed_methods, reason = "where the recorded data lies")]
fn incremental_equals_full_on_estates() {
    let library = library::load(&[]).unwrap();
    let keys = Keys::default();
    let reader = Reader::new(&library, &keys);
    let mut assembler = Assembler::new(&reader);
    let mut out = |path: &str, bytes: &[u8]| {
        if path != "manifest.json" {
            assembler.absorb(reader.parse(&SourceFile::whole(path, path, bytes)));
        }
        Ok(())
    };
    generate(&GenerateOptions { resources: 1500, seed: 5 }, &mut out).unwrap();
    let share = follow(&library, &keys, assembler.finish(), 1);
    assert!(share < 0.05, "a commit evaluates {share} of all");
    let root = PathBuf::from(std::env::var("MERLON_TEST_DATA").unwrap_or_default()).join("exports");
    if !root.is_dir() {
        return;
    }
    let options = ImportOptions { sent: None, paths: vec![root], format: None, is_complete: false };
    let keys = Keys::default();
    let snapshot = read(&library, &options, &keys, &Progress::new(true));
    let share = follow(&library, &keys, snapshot, 2);
    assert!(share < 0.05, "a commit evaluates {share} of all");
}
