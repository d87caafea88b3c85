//! The library: all content, indexed and checked for consistency.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use base::nearest;

use crate::case::{CheckCase, KindCase, StandardCase};
use crate::check::Check;
use crate::fields::{FieldTables, Shape};
use crate::kind::Kind;
use crate::kind_shape;
use crate::standard::{Control, Standard};
use crate::yaml;

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
    for file in files {
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
    fields: FieldTables,
    kinds: IndexMap<String, Kind>,
    by_native: BTreeMap<(String, String), String>,
    checks: IndexMap<String, Check>,
    controls: IndexMap<String, Control>,
    standards: IndexMap<String, Standard>,
    check_cases: BTreeMap<String, Vec<CheckCase>>,
    kind_cases: BTreeMap<String, Vec<KindCase>>,
    others: Vec<ContentFile>,
    digest: u64,
}

impl Library {
    /// Builds the library from all files; later files of one id override earlier ones.
    ///
    /// Cases are read when they are among the files; `wants_cases` makes a missing one a problem.
    pub fn build(files: &[ContentFile], wants_cases: bool) -> (Self, Vec<ContentProblem>) {
        let mut builder = Builder::default();
        for file in files {
            builder.add(file);
        }
        let (mut library, problems) = builder.finish(wants_cases);
        library.digest = digest(files);
        (library, problems)
    }

    /// A number that is another when a file of the content is another, the same on every machine.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// All kinds, by id.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }

    /// The kind with this id.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.get(id)
    }

    /// The kind of a cloud's native type, whatever its case.
    pub fn kind_by_native(&self, cloud: &str, native: &str) -> Option<&Kind> {
        let key = (cloud.to_owned(), native.to_ascii_lowercase());
        self.by_native.get(&key).and_then(|id| self.kinds.get(id))
    }

    /// All checks, by id.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.checks.values()
    }

    /// The check with this id.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.get(id)
    }

    /// All controls, in the order of their file.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.values()
    }

    /// All standards, by id.
    pub fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.standards.values()
    }

    /// The cases of a check.
    pub fn check_cases(&self, id: &str) -> &[CheckCase] {
        self.check_cases.get(id).map_or(&[], Vec::as_slice)
    }

    /// The cases of a kind.
    pub fn kind_cases(&self, id: &str) -> &[KindCase] {
        self.kind_cases.get(id).map_or(&[], Vec::as_slice)
    }

    /// The field tables of all native types.
    pub fn fields(&self) -> &FieldTables {
        &self.fields
    }

    /// The shape of a kind's whole document, with its parts; [`Shape::Any`] when nothing is known.
    pub fn shape(&self, kind: &Kind) -> Shape {
        kind_shape::kind_shape(&self.fields, kind)
    }

    /// Every path of a kind's document with the name of its type.
    pub fn properties(&self, kind: &Kind) -> Vec<(String, String)> {
        kind_shape::properties(&self.shape(kind))
    }

    /// Files that other rooms read, such as the formats of findings.
    pub fn other_files(&self) -> &[ContentFile] {
        &self.others
    }

    /// The check that a text holds, as a file of content would: for one that is not in the library.
    ///
    /// # Errors
    /// The text is no check, or names what is not there; `file` is only named in the problems.
    pub fn read_check(&self, file: &str, text: &[u8]) -> Result<Check, Vec<ContentProblem>> {
        let problem = |line, column, message| {
            let file = file.to_owned();
            ContentProblem { file, line, column, message }
        };
        let check: Check = yaml::parse(text)
            .map_err(|error| vec![problem(error.line, error.column, error.message)])?;
        let (problems, _) = self.reference_problems(&check);
        if problems.is_empty() {
            return Ok(check);
        }
        Err(problems.into_iter().map(|message| problem(None, None, message)).collect())
    }

    /// What a check names and is not there, and whether it can be used all the same.
    fn reference_problems(&self, check: &Check) -> (Vec<String>, bool) {
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
        if !self.controls.contains_key(&check.control) {
            let known = self.controls.keys().map(String::as_str);
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

    /// The name nearest to `id` among kinds and checks.
    pub fn nearest_id(&self, id: &str) -> Option<&str> {
        nearest(id, self.kinds.keys().chain(self.checks.keys()).map(String::as_str))
    }
}

#[derive(Default)]
struct Builder {
    library: Library,
    problems: Vec<ContentProblem>,
    /// Where each id comes from, for messages and for its cases.
    files: BTreeMap<String, String>,
    /// Cases by the path of the file that they belong to, without extensions.
    cases: BTreeMap<String, ContentFile>,
}

impl Builder {
    fn add(&mut self, file: &ContentFile) {
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
        } else if let Some(stem) = path.strip_suffix(".standard.yaml") {
            if let Some(standard) = self.parse::<Standard>(file) {
                self.expect_id(path, &standard.id, stem.rsplit('/').next().unwrap_or(stem));
                self.files.insert(standard.id.clone(), path.to_owned());
                self.library.standards.insert(standard.id.clone(), standard);
            }
        } else if path == "controls.yaml" {
            for control in self.parse::<Vec<Control>>(file).unwrap_or_default() {
                self.library.controls.insert(control.id.clone(), control);
            }
        } else if path.starts_with("facts/fields-") {
            if let Err(error) = self.library.fields.add(&file.bytes) {
                self.problem(path, format!("it is not a field table: {error}"));
            }
        } else {
            self.library.others.push(file.clone());
        }
    }

    fn parse<T: serde::de::DeserializeOwned>(&mut self, file: &ContentFile) -> Option<T> {
        match yaml::parse(&file.bytes) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(ContentProblem {
                    file: file.path.clone(),
                    line: error.line,
                    column: error.column,
                    message: error.message,
                });
                None
            }
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
        if let Some(other) = self.library.by_native.get(&native)
            && *other != kind.id
        {
            let message = format!("kind `{other}` has the native type `{}` too", kind.native);
            self.problem(path, message);
        }
        self.library.by_native.insert(native, kind.id.clone());
        self.files.insert(kind.id.clone(), path.to_owned());
        self.library.kinds.insert(kind.id.clone(), kind);
    }

    /// `checks/<cloud>/<service>/<slug>` is `<cloud>.<service>.<slug>`.
    fn add_check(&mut self, path: &str, stem: &str, check: Check) {
        let want = stem.strip_prefix("checks/").unwrap_or(stem).replace('/', ".");
        self.expect_id(path, &check.id, &want);
        self.files.insert(check.id.clone(), path.to_owned());
        self.library.checks.insert(check.id.clone(), check);
    }

    fn finish(mut self, wants_cases: bool) -> (Library, Vec<ContentProblem>) {
        self.library.kinds.sort_unstable_keys();
        self.library.checks.sort_unstable_keys();
        self.library.standards.sort_unstable_keys();
        self.check_kind_references();
        self.check_check_references();
        self.read_cases(wants_cases);
        self.problems.sort();
        (self.library, self.problems)
    }

    fn file_of(&self, id: &str) -> String {
        self.files.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn check_kind_references(&mut self) {
        let mut found = Vec::new();
        for kind in self.library.kinds.values() {
            for target in kind.edges.iter().flat_map(|edge| &edge.to.0) {
                if target != "any" && !self.library.kinds.contains_key(target) {
                    let known = self.library.kinds.keys().map(String::as_str);
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
        for check in self.library.checks.values() {
            let (problems, is_usable) = self.library.reference_problems(check);
            found.extend(problems.into_iter().map(|message| (check.id.clone(), message)));
            if !is_usable {
                unusable.insert(check.id.clone());
            }
        }
        for (id, message) in found {
            self.problem(&self.file_of(&id), message);
        }
        self.library.checks.retain(|id, _| !unusable.contains(id));
    }

    fn read_cases(&mut self, wants_cases: bool) {
        let mut owners: Vec<(String, String)> =
            self.files.iter().map(|(id, file)| (id.clone(), file.clone())).collect();
        owners.sort();
        for (id, file) in owners {
            let stem = file.strip_suffix(".yaml").unwrap_or(&file);
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
            let Some(case_file) = self.cases.remove(stem) else {
                if wants_cases {
                    self.problem(&file, format!("`{stem}.case.yaml` is missing beside it"));
                }
                continue;
            };
            if self.library.checks.contains_key(&id) {
                let cases = self.parse::<Vec<CheckCase>>(&case_file).unwrap_or_default();
                self.library.check_cases.insert(id, cases);
            } else if self.library.kinds.contains_key(&id) {
                let cases = self.parse::<Vec<KindCase>>(&case_file).unwrap_or_default();
                self.library.kind_cases.insert(id, cases);
            } else if let Some(standard) = self.library.standards.get(&id) {
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
                self.library.others.extend(self.cases.values().find(|it| it.path == path).cloned());
            } else {
                self.problem(&path, "it belongs to no content file".to_owned());
            }
        }
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
