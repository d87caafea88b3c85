//! An attack graph that followed changes, held against one that is derived of the last state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Keys;
use paths::{FactKind, Held, INTERNET, Insight, What};
use serde_json::Value as Json;
use testkit::Folder;

use super::estates::{files, write};
use crate::estate::{self, ImportOptions};
use crate::generate::random::Random;
use crate::library;
use crate::progress::Progress;
use crate::tenant::Tenant;
use crate::tenant::oracle::edit;

const NOW: &str = "2026-11-21T12:00:00Z";

/// All edges by what they are, whatever their numbers, with how many there are of each.
fn told(insight: &Insight) -> BTreeMap<String, u32> {
    let attack = &insight.attack;
    let id = |node| {
        let id = if node == INTERNET { Some("the internet") } else { insight.graph.id(node) };
        id.unwrap_or("gone").to_owned()
    };
    let held = |it: Held| {
        let state = match it.state {
            paths::State::Member(group) => format!("member of {}", id(group)),
            paths::State::Tag(tag) => format!("{:?}", attack.tag(tag)),
            state => format!("{state:?}"),
        };
        format!("{} {} {state}", it.hold.name(), id(it.node))
    };
    let fact = |it: u32| match attack.facts.get(it).unwrap() {
        FactKind::Contact { from, to } => format!("contact {} {}", id(*from), id(*to)),
        FactKind::Row { step, actor, to, via } => {
            format!("row {step} {} {} {:?}", id(*actor), id(*to), via.map(id))
        }
        other => format!("{other:?}"),
    };
    let mut found = BTreeMap::new();
    for edge in attack.graph.edges() {
        let taken = attack.taken(edge).unwrap();
        let what = match taken.what {
            What::Step(number) => insight.steps()[number as usize].id.clone(),
            What::Tag { step, tag } => format!("{step} {:?}", attack.tag(tag)),
            other => format!("{other:?}"),
        };
        let position = |it: u32| held(attack.held(it).unwrap());
        let mut from: Vec<String> =
            attack.graph.from(edge).iter().map(|it| position(*it)).collect();
        from.sort();
        let mut facts: Vec<String> = attack.graph.facts(edge).iter().map(|it| fact(*it)).collect();
        facts.sort();
        let (to, via) = (id(taken.to), taken.via.map(id));
        let head = position(attack.graph.to(edge));
        let cost = attack.graph.cost(edge);
        let line = format!("{from:?} -> {head}: {what} {to} {via:?} {cost} {facts:?}");
        *found.entry(line).or_default() += 1;
    }
    found
}

/// A tenant and what followed its changes.
struct Follower<'l> {
    library: &'l Arc<content::Library>,
    tenant: Tenant<'l>,
    insight: Option<Insight>,
    n_followed: u32,
    n_derived: u32,
}

impl<'l> Follower<'l> {
    fn new(library: &'l Arc<content::Library>) -> Self {
        let tenant = Tenant::empty(library, Keys::default());
        Self { library, tenant, insight: None, n_followed: 0, n_derived: 0 }
    }

    fn derived(&self) -> Insight {
        Insight::of(&self.tenant.graph, self.library, NOW.parse().unwrap(), None).unwrap()
    }

    fn take(&mut self, import: inventory::Import, about: &str) {
        let step = self.tenant.update(import, NOW.parse().unwrap());
        self.tenant.take(step);
        let derived = self.derived();
        let followed = self
            .insight
            .take()
            .and_then(|mut insight| insight.follow(&self.tenant.graph, None).ok().map(|_| insight));
        let Some(followed) = followed else {
            self.n_derived += 1;
            self.insight = Some(derived);
            return;
        };
        self.n_followed += 1;
        let (found, wanted) = (told(&followed), told(&derived));
        let missing: Vec<_> = wanted.iter().filter(|it| found.get(it.0) != Some(it.1)).collect();
        let beyond: Vec<_> = found.iter().filter(|it| wanted.get(it.0) != Some(it.1)).collect();
        assert!(
            missing.is_empty() && beyond.is_empty(),
            "{about}\n{} missing: {:#?}\n{} too many: {:#?}",
            missing.len(),
            missing.iter().take(3).collect::<Vec<_>>(),
            beyond.len(),
            beyond.iter().take(3).collect::<Vec<_>>()
        );
        let held = |it: &Insight| {
            let all =
                it.attack.positions().filter(|(_, it)| it.hold == content::step::Hold::Administer);
            let mut all: Vec<String> = all
                .map(|(_, held)| it.graph.id(held.node).unwrap_or_default().to_owned())
                .collect();
            all.sort();
            all
        };
        assert_eq!(held(&followed), held(&derived), "{about}: administrators");
        self.insight = Some(followed);
    }

    fn take_folder(&mut self, folder: &Path, about: &str) {
        let options = ImportOptions {
            paths: vec![folder.to_owned()],
            sent: None,
            format: None,
            is_complete: true,
        };
        let import = estate::read_import(&self.tenant.reader, &options, &Progress::new(true));
        self.take(import, about);
    }
}

/// Everything that paths are made of.
fn library_of_steps() -> Arc<content::Library> {
    let mut files = library::files_over_built_in(&[]).unwrap();
    files.retain(|it| {
        ["kinds/", "facts/", "steps/"].iter().any(|folder| it.path.starts_with(folder))
    });
    Arc::new(content::Library::build(&files, false).0)
}

#[test]
fn edits_of_estates_of_aws_are_followed_to_what_is_derived() {
    check("aws", 3);
}

#[test]
fn edits_of_estates_of_azure_are_followed_to_what_is_derived() {
    check("azure", 3);
}

#[test]
fn edits_of_estates_of_google_cloud_are_followed_to_what_is_derived() {
    check("gcp", 3);
}

#[test]
fn edits_of_estates_of_kubernetes_are_followed_to_what_is_derived() {
    check("kubernetes", 3);
}

/// The estates of a cloud, as they are, in all variants, and edited so often by chance.
#[track_caller]
fn check(cloud: &str, n_edits: u32) {
    let library = library_of_steps();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/estates");
    let mut estates: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    estates.retain(|it| it.file_name().is_some_and(|it| it.to_string_lossy().starts_with(cloud)));
    estates.sort();
    let (mut n_followed, mut n_derived) = (0, 0);
    let mut wrong = Vec::new();
    for (seed, path) in estates.iter().enumerate() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let estate: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let told = std::panic::catch_unwind(|| {
            let mut follower = Follower::new(&library);
            let mut take = |files: &serde_json::Map<String, Json>, about: &str| {
                let home = Folder::new().unwrap();
                write(files, home.path());
                follower.take_folder(home.path(), &format!("{name}: {about}"));
            };
            let base = files(&estate, None);
            take(&base, "as it is");
            let variants = estate.get("variants").and_then(Json::as_array).into_iter().flatten();
            for (at, variant) in variants.enumerate() {
                take(&files(&estate, Some(variant)), &format!("variant {at}"));
                take(&base, &format!("back from variant {at}"));
            }
            let mut random = Random::new(seed as u64 + 1);
            let mut edited = base.clone();
            for turn in 0..n_edits {
                let paths: Vec<String> = edited.keys().cloned().collect();
                let path = &paths[random.below(paths.len() as u64) as usize];
                match random.below(8) {
                    0 if edited.len() > 1 => {
                        edited.remove(path);
                    }
                    1 => edited.clone_from(&base),
                    _ => edit(&mut edited[path], &mut random),
                }
                let about = format!(
                    "edit {turn} of {path}: {:#}",
                    edited.get(path).cloned().unwrap_or_default()
                );
                take(&edited, &about);
            }
            (follower.n_followed, follower.n_derived)
        });
        match told {
            Ok((followed, derived)) => {
                n_followed += followed;
                n_derived += derived;
            }
            Err(error) => wrong.push(error.downcast_ref::<String>().cloned().unwrap_or_default()),
        }
    }
    assert!(wrong.is_empty(), "{} estates: {}", wrong.len(), wrong.join("\n\n"));
    // variants change definitions of roles and policies for all at once, which are derived anew
    assert!(n_followed * 4 > n_derived, "{n_followed} changes were followed, {n_derived} were not");
}
