//! Files of content, put together: ids against paths, references, cases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cases::Cases;
use super::{ContentFile, ContentProblem, Shared, unknown};
use crate::case::StandardCase;
use crate::check::Check;
use crate::classification::Classification;
use crate::kind::Kind;
use crate::standard::{Control, Standard};
use crate::step::Step;
use crate::yaml;

/// The folder below `steps/` of an estate that cases of steps begin with.
pub(super) fn base_of_steps(path: &str) -> Option<&str> {
    path.strip_prefix("steps/")?.strip_suffix("/base.yaml")
}

/// Reads files one by one into the parts of a library.
#[derive(Default)]
pub(super) struct Builder {
    shared: Shared,
    problems: Vec<ContentProblem>,
    /// Where each id comes from, for messages and for its cases.
    files: BTreeMap<String, String>,
    /// Cases by the path of the file that they belong to, without extensions.
    cases: BTreeMap<String, ContentFile>,
    /// Files of steps, by id.
    steps: BTreeMap<String, String>,
    /// What cases of steps begin with, by folder.
    bases: BTreeMap<String, ContentFile>,
}

impl Builder {
    pub(super) fn add(&mut self, file: &ContentFile) {
        let path = file.path.as_str();
        if let Some(stem) = path.strip_suffix(".case.yaml") {
            self.cases.insert(stem.to_owned(), file.clone());
        } else if let Some(stem) = path.strip_suffix(".kind.yaml") {
            if let Some(kind) = self.parse::<Kind>(file) {
                self.add_kind(path, stem, kind);
            }
        } else if let Some(stem) = path.strip_suffix(".check.yaml") {
            if let Some(check) = self.parse::<Check>(file) {
                self.add_check(path, stem, check);
            }
        } else if let Some(stem) = path.strip_suffix(".step.yaml") {
            if let Some(step) = self.parse::<Step>(file) {
                self.add_step(path, stem, step);
            }
        } else if let Some(stem) = path.strip_suffix(".classification.yaml") {
            if let Some(classification) = self.parse::<Classification>(file) {
                self.add_classification(path, stem, classification);
            }
        } else if let Some(stem) = path.strip_suffix(".standard.yaml") {
            if let Some(standard) = self.parse::<Standard>(file) {
                self.expect_id(path, &standard.id, stem.rsplit('/').next().unwrap_or(stem));
                self.files.insert(standard.id.clone(), path.to_owned());
                self.shared.standards.insert(standard.id.clone(), standard);
            }
        } else if let Some(folder) = base_of_steps(path) {
            self.bases.insert(folder.to_owned(), file.clone());
        } else if path == "controls.yaml" {
            for control in self.parse::<Vec<Control>>(file).unwrap_or_default() {
                self.shared.controls.insert(control.id.clone(), control);
            }
        } else if path.starts_with("facts/fields-") {
            if let Err(error) = self.shared.fields.add(&file.bytes) {
                self.problem(path, format!("it is not a field table: {error}"));
            }
        } else {
            self.shared.others.push(file.clone());
        }
    }

    fn parse<T: serde::de::DeserializeOwned>(&mut self, file: &ContentFile) -> Option<T> {
        match yaml::parse(&file.bytes) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(error.of(&file.path));
                None
            }
        }
    }

    /// Cases of a file: read now when what is wrong with them is asked for, else when they are looked at.
    fn cases<T: serde::de::DeserializeOwned>(&mut self, file: ContentFile, now: bool) -> Cases<T> {
        if now {
            Cases::read(self.parse(&file).unwrap_or_default())
        } else {
            Cases::later(file.bytes)
        }
    }

    fn problem(&mut self, file: &str, message: String) {
        let file = file.to_owned();
        self.problems.push(ContentProblem { file, line: None, column: None, message });
    }

    fn expect_id(&mut self, file: &str, id: &str, want: &str) {
        if id != want {
            self.problem(file, format!("its id is `{id}`, but its place asks for `{want}`"));
        }
    }

    /// `kinds/<cloud>/<service>/<slug>` is `<cloud>.<slug>`.
    fn add_kind(&mut self, path: &str, stem: &str, kind: Kind) {
        let words: Vec<&str> = stem.split('/').collect();
        if let ["kinds", cloud, .., slug] = words.as_slice() {
            self.expect_id(path, &kind.id, &format!("{cloud}.{slug}"));
        }
        let native = (kind.cloud().to_owned(), kind.native.to_ascii_lowercase());
        if let Some(other) = self.shared.by_native.get(&native)
            && *other != kind.id
        {
            let message = format!("kind `{other}` has the native type `{}` too", kind.native);
            self.problem(path, message);
        }
        self.shared.by_native.insert(native, kind.id.clone());
        self.files.insert(kind.id.clone(), path.to_owned());
        self.shared.kinds.insert(kind.id.clone(), kind);
    }

    /// `checks/<cloud>/<service>/<slug>` is `<cloud>.<service>.<slug>`.
    fn add_check(&mut self, path: &str, stem: &str, check: Check) {
        let want = stem.strip_prefix("checks/").unwrap_or(stem).replace('/', ".");
        self.expect_id(path, &check.id, &want);
        self.files.insert(check.id.clone(), path.to_owned());
        self.shared.checks.insert(check.id.clone(), Arc::new(check));
    }

    /// `steps/<cloud>/<service>/<slug>` is `<cloud>.<service>.<slug>`.
    fn add_step(&mut self, path: &str, stem: &str, step: Step) {
        let want = stem.strip_prefix("steps/").unwrap_or(stem).replace('/', ".");
        self.expect_id(path, &step.id, &want);
        if step.gain.len() != 1 {
            self.problem(path, "`gain` has one entry, such as `control: to`".to_owned());
            return;
        }
        self.steps.insert(step.id.clone(), path.to_owned());
        self.shared.steps.insert(step.id.clone(), Arc::new(step));
    }

    /// `classifications/<cloud>/<slug>` is `<cloud>.critical.<slug>`.
    fn add_classification(&mut self, path: &str, stem: &str, classification: Classification) {
        let place = stem.strip_prefix("classifications/").unwrap_or(stem);
        let want = place.replacen('/', ".critical.", 1).replace('/', ".");
        self.expect_id(path, &classification.id, &want);
        self.files.insert(classification.id.clone(), path.to_owned());
        let id = classification.id.clone();
        self.shared.classifications.insert(id, Arc::new(classification));
    }

    pub(super) fn finish(mut self, wants_cases: bool) -> (Shared, Vec<ContentProblem>) {
        self.shared.kinds.sort_unstable_keys();
        self.shared.checks.sort_unstable_keys();
        self.shared.classifications.sort_unstable_keys();
        self.shared.standards.sort_unstable_keys();
        self.shared.steps.sort_unstable_keys();
        self.check_kind_references();
        self.check_check_references();
        self.check_classification_references();
        self.read_step_cases(wants_cases);
        self.read_cases(wants_cases);
        self.problems.sort();
        (self.shared, self.problems)
    }

    fn file_of(&self, id: &str) -> String {
        self.files.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn check_kind_references(&mut self) {
        let mut found = Vec::new();
        for kind in self.shared.kinds.values() {
            for target in kind.edges.iter().flat_map(|edge| &edge.to.0) {
                if target != "any" && !self.shared.kinds.contains_key(target) {
                    let known = self.shared.kinds.keys().map(String::as_str);
                    found.push((kind.id.clone(), unknown("kind", target, known)));
                }
            }
        }
        for (id, message) in found {
            self.problem(&self.file_of(&id), message);
        }
    }

    fn check_check_references(&mut self) {
        let mut found = Vec::new();
        let mut unusable = BTreeSet::new();
        for check in self.shared.checks.values() {
            let (problems, is_usable) =
                self.shared.reference_problems(check, &self.shared.controls);
            found.extend(problems.into_iter().map(|message| (check.id.clone(), message)));
            if !is_usable {
                unusable.insert(check.id.clone());
            }
        }
        for (id, message) in found {
            self.problem(&self.file_of(&id), message);
        }
        self.shared.checks.retain(|id, _| !unusable.contains(id));
    }

    fn check_classification_references(&mut self) {
        let mut found = Vec::new();
        let mut unusable = BTreeSet::new();
        for it in self.shared.classifications.values() {
            let mut problems = self.shared.classification_problems(it);
            if !problems.is_empty() {
                unusable.insert(it.id.clone());
            }
            if it.references.is_empty() {
                problems.push("it names no primary source in `references`".to_owned());
            }
            found.extend(problems.into_iter().map(|message| (it.id.clone(), message)));
        }
        for (id, message) in found {
            self.problem(&self.file_of(&id), message);
        }
        self.shared.classifications.retain(|id, _| !unusable.contains(id));
    }

    /// Cases of steps and what they begin with; nothing but the check of content looks at them.
    fn read_step_cases(&mut self, wants_cases: bool) {
        for (id, file) in std::mem::take(&mut self.steps) {
            let stem = file.strip_suffix(".step.yaml").unwrap_or(&file);
            match self.cases.remove(stem) {
                Some(file) if wants_cases => {
                    let cases = self.parse(&file);
                    self.shared.step_cases.extend(cases.map(|it| (id, it)));
                }
                Some(_) => {}
                None => self.shared.without_cases.push(file),
            }
        }
        for (name, file) in std::mem::take(&mut self.bases).into_iter().filter(|_| wants_cases) {
            let base = self.parse(&file);
            self.shared.step_bases.extend(base.map(|it| (name, it)));
        }
    }

    fn read_cases(&mut self, wants_cases: bool) {
        let mut owners: Vec<(String, String)> =
            self.files.iter().map(|(id, file)| (id.clone(), file.clone())).collect();
        owners.sort();
        for (id, file) in owners {
            let stem = file.strip_suffix(".yaml").unwrap_or(&file);
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
            let Some(case_file) = self.cases.remove(stem) else {
                self.shared.without_cases.push(file);
                continue;
            };
            if self.shared.checks.contains_key(&id) {
                let cases = self.cases(case_file, wants_cases);
                self.shared.check_cases.insert(id, cases);
            } else if self.shared.classifications.contains_key(&id) {
                let cases = self.cases(case_file, wants_cases);
                self.shared.classification_cases.insert(id, cases);
            } else if self.shared.kinds.contains_key(&id) {
                let cases = self.cases(case_file, wants_cases);
                self.shared.kind_cases.insert(id, cases);
            } else if let Some(standard) = self.shared.standards.get(&id) {
                let n_requirements = standard.requirements.len();
                for case in self.parse::<Vec<StandardCase>>(&case_file).unwrap_or_default() {
                    if case.want.requirements != n_requirements {
                        let message = format!(
                            "{}: {} requirements are wanted, the standard has {n_requirements}",
                            case.name, case.want.requirements
                        );
                        self.problem(&case_file.path, message);
                    }
                }
            }
        }
        let orphans: Vec<String> = self.cases.values().map(|file| file.path.clone()).collect();
        for path in orphans {
            // Case files of formats that other rooms read travel with them.
            if path.starts_with("findings/") {
                self.shared.others.extend(self.cases.values().find(|it| it.path == path).cloned());
            } else {
                self.problem(&path, "it belongs to no content file".to_owned());
            }
        }
    }
}
