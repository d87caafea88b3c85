//! The library: all content, indexed and checked for consistency.

mod build;
mod cases;
mod classifications;
mod own;

use std::collections::BTreeMap;
use std::sync::Arc;

use base::nearest;
use indexmap::IndexMap;

use self::build::Builder;
use self::cases::Cases;
pub use self::own::{MOST_OWN_CASES, MOST_OWN_TEXT, OWN_PREFIX, OwnCheck};
use crate::case::{CheckCase, ClassificationCase, KindCase};
use crate::check::Check;
use crate::classification::Classification;
use crate::fields::{FieldTables, Shape};
use crate::kind::Kind;
use crate::kind_shape;
use crate::standard::{Control, Standard};
use crate::step::Step;
use crate::step_case::{StepBase, StepCases};

/// A content file that the app has read.
#[derive(Debug, Clone)]
pub struct ContentFile {
    /// Path below `content/`, with `/`.
    pub path: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

/// What is wrong with a content file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentProblem {
    /// Path below `content/`.
    pub file: String,
    /// Line, from 1, where known.
    pub line: Option<u64>,
    /// Column, from 1, where known.
    pub column: Option<u64>,
    /// What is wrong and what was expected.
    pub message: String,
}

impl std::fmt::Display for ContentProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
        }
        write!(f, ": {}", self.message)
    }
}

/// Over paths and bytes (FNV-1a over words of eight bytes): what is derived with content is kept with it.
fn digest(files: &[ContentFile]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix =
        |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    let is_of_cases =
        |path: &str| path.ends_with(".case.yaml") || build::base_of_steps(path).is_some();
    for file in files.iter().filter(|it| !is_of_cases(&it.path)) {
        for bytes in [file.path.as_bytes(), &file.bytes] {
            mix(bytes.len() as u64);
            let (words, rest) = bytes.as_chunks::<8>();
            for word in words {
                mix(u64::from_le_bytes(*word));
            }
            for byte in rest {
                mix(u64::from(*byte));
            }
        }
    }
    hash
}

/// Everything that Merlon knows.
///
/// INVARIANT: ids are unique; what a file refers to exists, or the file was left out with a problem.
#[derive(Debug, Default)]
pub struct Library {
    /// What no check of one's own changes: shared by every library that is made of this one.
    shared: Arc<Shared>,
    checks: IndexMap<String, Arc<Check>>,
    controls: IndexMap<String, Control>,
    /// Cases of checks that people wrote themselves.
    own_cases: BTreeMap<String, Arc<Cases<CheckCase>>>,
}

/// The parts of a library that come with the program and its folders.
#[derive(Debug, Default)]
struct Shared {
    fields: FieldTables,
    kinds: IndexMap<String, Kind>,
    by_native: BTreeMap<(String, String), String>,
    /// The checks that are not anybody's own.
    checks: IndexMap<String, Arc<Check>>,
    controls: IndexMap<String, Control>,
    classifications: IndexMap<String, Arc<Classification>>,
    standards: IndexMap<String, Standard>,
    steps: IndexMap<String, Arc<Step>>,
    classification_cases: BTreeMap<String, Cases<ClassificationCase>>,
    check_cases: BTreeMap<String, Cases<CheckCase>>,
    kind_cases: BTreeMap<String, Cases<KindCase>>,
    step_cases: BTreeMap<String, StepCases>,
    step_bases: BTreeMap<String, StepBase>,
    without_cases: Vec<String>,
    others: Vec<ContentFile>,
    digest: u64,
}

impl Library {
    /// Builds the library from all files; later files of one id override earlier ones.
    ///
    /// Cases are read when they are among the files; with `wants_cases` what is wrong with them is a problem.
    pub fn build(files: &[ContentFile], wants_cases: bool) -> (Self, Vec<ContentProblem>) {
        let mut builder = Builder::default();
        for file in files {
            builder.add(file);
        }
        let (mut shared, problems) = builder.finish(wants_cases);
        shared.digest = digest(files);
        let (checks, controls) = (shared.checks.clone(), shared.controls.clone());
        let own_cases = BTreeMap::new();
        (Self { shared: Arc::new(shared), checks, controls, own_cases }, problems)
    }

    /// A number that is another when a file of the content is another, the same on every machine. Cases, and
    /// checks that people wrote themselves, do not count: nothing is derived with them.
    pub fn digest(&self) -> u64 {
        self.shared.digest
    }

    /// All kinds, by id.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.shared.kinds.values()
    }

    /// The kind with this id.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.shared.kinds.get(id)
    }

    /// The kind of a cloud's native type, whatever its case.
    pub fn kind_by_native(&self, cloud: &str, native: &str) -> Option<&Kind> {
        let key = (cloud.to_owned(), native.to_ascii_lowercase());
        self.shared.by_native.get(&key).and_then(|id| self.shared.kinds.get(id))
    }

    /// All checks, by id.
    pub fn checks(&self) -> impl Iterator<Item = &Arc<Check>> {
        self.checks.values()
    }

    /// The check with this id.
    pub fn check(&self, id: &str) -> Option<&Arc<Check>> {
        self.checks.get(id)
    }

    /// All controls, in the order of their file.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.values()
    }

    /// All steps of attackers, by id.
    pub fn steps(&self) -> impl Iterator<Item = &Arc<Step>> {
        self.shared.steps.values()
    }

    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Arc<Step>> {
        self.shared.steps.get(id)
    }

    /// All standards, by id.
    pub fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.shared.standards.values()
    }

    /// The cases of a check.
    pub fn check_cases(&self, id: &str) -> &[CheckCase] {
        let own = self.own_cases.get(id).map(|it| it.all());
        own.or_else(|| self.shared.check_cases.get(id).map(Cases::all)).unwrap_or_default()
    }

    /// The cases of a kind.
    pub fn kind_cases(&self, id: &str) -> &[KindCase] {
        self.shared.kind_cases.get(id).map(Cases::all).unwrap_or_default()
    }

    /// The cases of a step; only where the library was built with cases.
    pub fn step_cases(&self, id: &str) -> Option<&StepCases> {
        self.shared.step_cases.get(id)
    }

    /// The files that have no cases beside them, by their paths. They are problems where somebody writes them; what is
    /// built into the program comes without.
    pub fn files_without_cases(&self) -> &[String] {
        &self.shared.without_cases
    }

    /// The estate that cases of steps begin with, by its folder below `steps/`; only where the library was built with
    /// cases.
    pub fn step_base(&self, folder: &str) -> Option<&StepBase> {
        self.shared.step_bases.get(folder)
    }

    /// The field tables of all native types.
    pub fn fields(&self) -> &FieldTables {
        &self.shared.fields
    }

    /// The shape of a kind's whole document, with its parts; [`Shape::Any`] when nothing is known.
    pub fn shape(&self, kind: &Kind) -> Shape {
        kind_shape::kind_shape(&self.shared.fields, kind)
    }

    /// Every path of a kind's document with the name of its type.
    pub fn properties(&self, kind: &Kind) -> Vec<(String, String)> {
        kind_shape::properties(&self.shape(kind))
    }

    /// Files that other rooms read, such as the formats of findings.
    pub fn other_files(&self) -> &[ContentFile] {
        &self.shared.others
    }

    /// The name nearest to `id` among kinds and checks.
    pub fn nearest_id(&self, id: &str) -> Option<&str> {
        nearest(id, self.shared.kinds.keys().chain(self.checks.keys()).map(String::as_str))
    }
}

impl Shared {
    /// What a check names and is not there, and whether it can be used all the same.
    fn reference_problems(
        &self,
        check: &Check,
        controls: &IndexMap<String, Control>,
    ) -> (Vec<String>, bool) {
        let (mut found, mut is_usable) = (Vec::new(), true);
        if check.all_kinds().next().is_none() {
            found.push("it names no `kind`".to_owned());
            is_usable = false;
        }
        for kind in check.all_kinds() {
            if !self.kinds.contains_key(kind) {
                found.push(unknown("kind", kind, self.kinds.keys().map(String::as_str)));
                is_usable = false;
            }
        }
        if !controls.contains_key(&check.control) {
            let known = controls.keys().map(String::as_str);
            found.push(unknown("control", &check.control, known));
        }
        for (standard, requirements) in &check.standards {
            let Some(standard) = self.standards.get(standard) else {
                let known = self.standards.keys().map(String::as_str);
                found.push(unknown("standard", standard, known));
                continue;
            };
            for id in requirements {
                if !standard.requirements.iter().any(|it| it.id == *id) {
                    let known = standard.requirements.iter().map(|it| it.id.as_str());
                    let what = format!("requirement of `{}`", standard.id);
                    found.push(unknown(&what, id, known));
                }
            }
        }
        if check.references.is_empty() {
            found.push("it names no primary source in `references`".to_owned());
        }
        (found, is_usable)
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{ContentFile, Library};

    const KIND: &str = "id: azure.storage-account\ntitle: Storage account\nnative: Microsoft.Storage/storageAccounts\nsince: '0.1'\nreferences: [{ url: 'https://example.com', read: 2026-11-21 }]\n";
    const CONTROLS: &str = "[{ id: c, title: C, points: 4, description: d }]";

    fn file(path: &str, text: &str) -> ContentFile {
        ContentFile { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    fn check_file(kind: &str, control: &str) -> String {
        format!(
            "id: azure.storage.x\ntitle: T\nsince: '0.1'\nseverity: high\nkind: {kind}\nunhealthy: r.a\nevidence: [a]\ncontrol: {control}\nwhy: w\nblind_spots: none\nfix: {{ steps: [s] }}\nreferences: [{{ url: u, read: 2026-11-21 }}]\n"
        )
    }

    #[track_caller]
    fn check(files: &[ContentFile], want: &[&str]) {
        let (_, problems) = Library::build(files, false);
        let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), want.len(), "{found:#?}");
        for (found, want) in found.iter().zip(want) {
            assert!(found.contains(want), "{found} does not contain {want}");
        }
    }

    #[test]
    fn consistent_files_have_no_problem() {
        check(
            &[
                file("controls.yaml", CONTROLS),
                file("kinds/azure/storage/storage-account.kind.yaml", KIND),
                file(
                    "checks/azure/storage/x.check.yaml",
                    &check_file("azure.storage-account", "c"),
                ),
            ],
            &[],
        );
    }

    #[test]
    fn an_id_must_equal_the_path() {
        check(&[file("kinds/azure/storage/other.kind.yaml", KIND)], &["asks for `azure.other`"]);
    }

    #[test]
    fn unknown_names_are_met_with_the_nearest_known_one() {
        check(
            &[
                file("controls.yaml", CONTROLS),
                file("kinds/azure/storage/storage-account.kind.yaml", KIND),
                file("checks/azure/storage/x.check.yaml", &check_file("azure.storage-acount", "d")),
            ],
            &["no control `d`", "did you mean `azure.storage-account`?"],
        );
    }

    #[test]
    fn an_unknown_field_is_refused_with_its_place() {
        let text = format!("{KIND}colour: red\n");
        check(
            &[file("kinds/azure/storage/storage-account.kind.yaml", &text)],
            &["storage-account.kind.yaml:6"],
        );
    }

    #[test]
    fn a_native_type_is_found_whatever_its_case() {
        let (library, _) =
            Library::build(&[file("kinds/azure/storage/storage-account.kind.yaml", KIND)], false);
        let kind = library.kind_by_native("azure", "microsoft.storage/STORAGEACCOUNTS").unwrap();
        assert_eq!(kind.native_label(), "AzureStorageAccount");
    }
}
