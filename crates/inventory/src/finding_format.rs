//! How the findings of another tool are read: `content/findings/<tool>.finding.yaml`.
//!
//! A format says how its documents are recognised, where the findings stand in them, and for each
//! finding its id, severity, title, date and what it is about. Paths go from the finding; `^` goes
//! from the group around it, `^^` from the group around that, `/` from the document.

use content::Library;
use indexmap::IndexMap;
use model::Path;
use serde::Deserialize;
use serde_json::Value as Json;

/// One format, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingFormat {
    /// Id of the tool; the file is called after it.
    pub(crate) id: String,
    /// Name for people.
    #[serde(rename = "title")]
    _title: String,
    /// First version with this format.
    #[serde(rename = "since")]
    _since: String,
    /// A document is of this format when one of these fits.
    recognise: Vec<Recogniser>,
    /// AWS: the operations whose answers hold such documents.
    #[serde(default)]
    pub(crate) operations: Vec<String>,
    /// Severity of ours by the tool's, in lower case.
    severities: IndexMap<String, String>,
    /// The findings in a document.
    pub(crate) findings: Vec<Findings>,
    /// Primary sources.
    #[serde(default, rename = "references")]
    _references: Vec<content::Reference>,
}

/// How a document is recognised.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recogniser {
    /// Keys that it must have.
    #[serde(default)]
    keys: Vec<String>,
    /// A place whose text must contain `contains`, whatever its case.
    at: Option<Place>,
    #[serde(default)]
    contains: String,
    /// Where the document proper is, when it is wrapped.
    base: Option<Place>,
}

/// A kind of finding in a document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Findings {
    /// `Vulnerability`, `Secret`, `SensitiveData` or `Misconfiguration`.
    pub(crate) label: Label,
    /// Lists around the findings, outermost first, each from the one before.
    #[serde(default)]
    pub(crate) groups: Vec<Place>,
    /// The list of findings, from the innermost group; the group itself when absent.
    pub(crate) items: Option<Place>,
    /// Findings count only where these places hold one of the texts, whatever their case.
    #[serde(default, rename = "where")]
    pub(crate) only: IndexMap<Place, Vec<String>>,
    /// What makes the id, joined by `|`.
    pub(crate) id: Vec<Place>,
    /// The first place with a text is the title.
    pub(crate) title: Vec<Place>,
    /// The first place with a text is the severity.
    #[serde(default)]
    pub(crate) severity: Vec<Place>,
    /// The first place with a text is the date.
    #[serde(default)]
    pub(crate) date: Vec<Place>,
    /// What it is about; the first reference with a value counts.
    pub(crate) affects: Vec<Reference>,
    /// A document names all findings of this entry about its target where each of these places
    /// holds one of the texts: what it names no more is mended.
    #[serde(default)]
    pub(crate) complete: IndexMap<Place, Vec<String>>,
    /// Further values for the document of the finding.
    #[serde(default)]
    pub(crate) fields: IndexMap<String, Place>,
}

/// The label of a finding's node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Label {
    Vulnerability,
    Secret,
    SensitiveData,
    Misconfiguration,
}

impl Label {
    /// Kind of the finding's resource.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Vulnerability => "finding.vulnerability",
            Self::Secret => "finding.secret",
            Self::SensitiveData => "finding.sensitive-data",
            Self::Misconfiguration => "finding.misconfiguration",
        }
    }
}

/// The labels that nodes of findings may have.
pub const FINDING_LABELS: [&str; 4] =
    ["Vulnerability", "Secret", "SensitiveData", "Misconfiguration"];

/// The label of the node of a finding, by the kind of its resource; `None` for other kinds.
pub fn finding_label(kind: &str) -> Option<&'static str> {
    match kind {
        "finding.vulnerability" => Some("Vulnerability"),
        "finding.secret" => Some("Secret"),
        "finding.sensitive-data" => Some("SensitiveData"),
        "finding.misconfiguration" => Some("Misconfiguration"),
        _ => None,
    }
}

/// A reference to the resource that a finding is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    /// `id` (ARM id, ARN, asset name), `image`, `repository`, `kubernetes`
    /// (`kind/namespace/name`), or one of the other names that kinds declare.
    pub(crate) by: String,
    /// Its parts, joined by `/`; all must have a value.
    pub(crate) at: Vec<Place>,
}

impl Findings {
    /// What a document is about that names all its findings of this entry: how it is named, and its
    /// name. `None` when the document cannot be known to name all.
    pub(crate) fn target(&self, document: &Json) -> Option<(String, String)> {
        let root = Nested { levels: vec![document] };
        let holds = |(place, texts): (&Place, &Vec<String>)| {
            let mut found = root.all(place).into_iter().filter_map(Json::as_str);
            found.any(|own| texts.iter().any(|it| it.eq_ignore_ascii_case(own)))
        };
        let is_of_document =
            |it: &Reference| it.at.iter().all(|place| matches!(place.from, From_::Document));
        if self.complete.is_empty() || !self.affects.iter().all(is_of_document) {
            return None;
        }
        self.complete.iter().all(holds).then(|| affected(&self.affects, &root)).flatten()
    }
}

/// What a finding is about: how it is named, and its name.
pub(crate) fn affected(references: &[Reference], item: &Nested<'_>) -> Option<(String, String)> {
    references.iter().find_map(|reference| {
        let parts: Option<Vec<String>> = reference.at.iter().map(|it| item.text(it)).collect();
        Some((reference.by.clone(), parts?.join("/")))
    })
}

/// A path with its starting point.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Place {
    from: From_,
    path: Path_,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum From_ {
    Document,
    /// So many groups outwards; 0 is the finding.
    Group(usize),
}

/// A path that can be a key of a map.
#[derive(Debug, Clone)]
struct Path_(Path);

impl PartialEq for Path_ {
    fn eq(&self, other: &Self) -> bool {
        self.0.text() == other.0.text()
    }
}

impl Eq for Path_ {}

impl std::hash::Hash for Path_ {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.text().hash(state);
    }
}

impl TryFrom<String> for Place {
    type Error = model::PathError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (from, rest) = if let Some(rest) = text.strip_prefix('/') {
            (From_::Document, rest)
        } else {
            let rest = text.trim_start_matches('^');
            (From_::Group(text.len() - rest.len()), rest)
        };
        Ok(Self { from, path: Path_(Path::parse(if rest.is_empty() { "." } else { rest })?) })
    }
}

/// A finding with what stands around it: the document first, the finding last.
#[derive(Debug, Clone)]
pub(crate) struct Nested<'a> {
    pub(crate) levels: Vec<&'a Json>,
}

impl<'a> Nested<'a> {
    /// Everything that a place leads to.
    pub(crate) fn all(&self, place: &Place) -> Vec<&'a Json> {
        let level = match place.from {
            From_::Document => self.levels.first(),
            From_::Group(outwards) => {
                self.levels.len().checked_sub(outwards + 1).and_then(|it| self.levels.get(it))
            }
        };
        let found = level.map(|json| place.path.0.find_all(json)).unwrap_or_default();
        let value = |found| match found {
            model::PathMatch::Value(value) => Some(value),
            model::PathMatch::Key(_) => None,
        };
        found.into_iter().filter_map(value).collect()
    }

    /// The first text, number or truth value of a place.
    pub(crate) fn text(&self, place: &Place) -> Option<String> {
        let text = |json| model::PathMatch::Value(json).text().filter(|it| !it.is_empty());
        self.all(place).into_iter().find_map(text)
    }

    /// The first text of several places.
    pub(crate) fn first(&self, places: &[Place]) -> Option<String> {
        places.iter().find_map(|place| self.text(place))
    }

    /// The elements of the lists at a place, each with what is around it.
    pub(crate) fn below(&self, place: &Place) -> Vec<Self> {
        let mut found = Vec::new();
        for value in self.all(place) {
            let items = match value {
                Json::Array(items) => items.iter().collect(),
                other => vec![other],
            };
            for item in items {
                let mut levels = self.levels.clone();
                levels.push(item);
                found.push(Self { levels });
            }
        }
        found
    }
}

impl FindingFormat {
    /// The document proper, when `json` is of this format.
    pub(crate) fn recognise<'a>(&self, json: &'a Json) -> Option<&'a Json> {
        let root = Nested { levels: vec![json] };
        let fits = |it: &&Recogniser| {
            let has_keys = it.keys.iter().all(|key| json.get(key).is_some());
            let has_text = it.at.as_ref().is_none_or(|place| {
                let text = root.text(place).unwrap_or_default().to_ascii_lowercase();
                !text.is_empty() && text.contains(&it.contains.to_ascii_lowercase())
            });
            has_keys && has_text && !(it.keys.is_empty() && it.at.is_none())
        };
        let found = self.recognise.iter().find(fits)?;
        match &found.base {
            Some(base) => root.all(base).first().copied(),
            None => Some(json),
        }
    }

    /// Severity of ours; `medium` when the tool's is not known.
    pub(crate) fn severity(&self, own: Option<&str>) -> &str {
        let own = own.unwrap_or_default().to_ascii_lowercase();
        self.severities.get(&own).map_or("medium", String::as_str)
    }
}

/// What is wrong with the files of finding formats in a library: nothing, or one sentence each.
pub fn check_finding_formats(library: &Library) -> Vec<String> {
    formats(library).1
}

/// The formats of a library, and what is wrong with their files.
pub(crate) fn formats(library: &Library) -> (Vec<FindingFormat>, Vec<String>) {
    let mut formats = Vec::new();
    let mut problems = Vec::new();
    for file in library.other_files() {
        let Some(stem) =
            file.path.strip_prefix("findings/").and_then(|it| it.strip_suffix(".finding.yaml"))
        else {
            continue;
        };
        let options = serde_saphyr::options! { with_snippet: false };
        match serde_saphyr::from_slice_with_options::<FindingFormat>(&file.bytes, options) {
            Ok(format) if format.id == stem => formats.push(format),
            Ok(format) => problems.push(format!(
                "{}: its id is `{}`, but its place asks for `{stem}`",
                file.path, format.id
            )),
            Err(error) => {
                let place = error
                    .location()
                    .map_or(String::new(), |it| format!(":{}:{}", it.line(), it.column()));
                let message = error.without_snippet().to_string().replace('\n', " ");
                problems.push(format!("{}{place}: {message}", file.path));
            }
        }
    }
    formats.sort_by(|a, b| a.id.cmp(&b.id));
    (formats, problems)
}
