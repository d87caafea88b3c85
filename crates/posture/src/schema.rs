//! What queries may name: labels, edge types and paths that the library knows.
//!
//! A label, an edge type or a path that exists nowhere is refused before a query runs, with the
//! nearest name: a misspelt property would otherwise read as absent and make a check lie.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use base::nearest;
use content::fields::{Lookup, Shape};
use content::{Kind, Library};
use lang::Schema;
use model::{Path, Step};

/// What Merlon says about every node under `merlon`.
const MERLON_KEYS: [&str; 11] = [
    "criticalBy",
    "criticalToReview",
    "criticality",
    "criticalityRank",
    "id",
    "kind",
    "name",
    "notCriticalBy",
    "region",
    "scope",
    "tags",
];
/// Edge types that no kind file declares: the hierarchy, and findings.
const OWN_EDGE_TYPES: [&str; 2] = ["CONTAINS", "AFFECTS"];

/// Labels of what other tools found.
const FINDING_LABELS: [&str; 4] = ["Vulnerability", "Secret", "SensitiveData", "Misconfiguration"];

/// The schema of a library, with what one graph holds beyond it.
pub struct LibrarySchema<'l> {
    library: &'l Library,
    kinds_of: BTreeMap<String, BTreeSet<&'l str>>,
    shapes: BTreeMap<&'l str, OnceLock<Shape>>,
    edge_types: BTreeSet<String>,
    free_labels: BTreeSet<String>,
    derived: &'static [&'static str],
}

impl std::fmt::Debug for LibrarySchema<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LibrarySchema({} labels)", self.kinds_of.len())
    }
}

impl<'l> LibrarySchema<'l> {
    /// The schema of `library`.
    pub fn new(library: &'l Library) -> Self {
        let mut schema = Self {
            library,
            kinds_of: BTreeMap::new(),
            shapes: BTreeMap::new(),
            edge_types: OWN_EDGE_TYPES.iter().map(ToString::to_string).collect(),
            free_labels: FINDING_LABELS.iter().map(ToString::to_string).collect(),
            derived: &[],
        };
        for kind in library.kinds() {
            for label in kind.all_labels() {
                schema.kinds_of.entry(label).or_default().insert(&kind.id);
            }
            schema.shapes.insert(&kind.id, OnceLock::new());
            schema.edge_types.extend(kind.edges.iter().map(|it| it.edge_type.clone()));
        }
        schema
    }

    /// With the labels and edge types of a graph: generic resources and findings have labels that
    /// no kind file gives. Nothing is known about their properties.
    #[must_use]
    pub fn with_graph(mut self, graph: &graph::Graph) -> Self {
        for label in graph.label_list().filter(|it| !self.kinds_of.contains_key(*it)) {
            self.free_labels.insert(label.to_owned());
        }
        self.edge_types.extend(graph.type_list().map(|(name, _)| name.to_owned()));
        self
    }

    /// With keys under `merlon` that the graph of this query has beyond every other graph.
    #[must_use]
    pub fn with_derived(self, derived: &'static [&'static str]) -> Self {
        Self { derived, ..self }
    }

    fn merlon_keys(&self) -> impl Iterator<Item = &'static str> {
        MERLON_KEYS.into_iter().chain(self.derived.iter().copied())
    }

    fn shape(&self, kind: &str) -> Option<&Shape> {
        let cell = self.shapes.get(kind)?;
        let kind = self.library.kind(kind)?;
        Some(cell.get_or_init(|| self.library.shape(kind)))
    }

    /// The kinds that carry all of these labels; `None` when a label is of no kind.
    fn kinds(&self, labels: &[Arc<str>]) -> Option<Vec<&'l Kind>> {
        let mut found: Option<BTreeSet<&'l str>> = None;
        for label in labels {
            let kinds = self.kinds_of.get(&**label)?;
            found = Some(match found {
                Some(before) => before.intersection(kinds).copied().collect(),
                None => kinds.clone(),
            });
        }
        Some(found?.into_iter().filter_map(|it| self.library.kind(it)).collect())
    }
}

fn steps(path: &[Arc<str>]) -> Vec<Step> {
    path.iter()
        .map(|it| if &**it == "*" { Step::Each } else { Step::Key(Box::from(&**it)) })
        .collect()
}

impl Schema for LibrarySchema<'_> {
    fn has_label(&self, label: &str) -> bool {
        self.kinds_of.contains_key(label) || self.free_labels.contains(label)
    }

    fn has_edge_type(&self, edge_type: &str) -> bool {
        self.edge_types.contains(edge_type)
    }

    fn has_path(&self, labels: &[Arc<str>], path: &[Arc<str>]) -> bool {
        if path.first().is_some_and(|it| &**it == "merlon") {
            return path.get(1).is_none_or(|key| self.merlon_keys().any(|it| it == &**key));
        }
        // `Secret` is both a class of resources and a finding: of findings nothing is known.
        if labels.iter().any(|it| self.free_labels.contains(&**it)) {
            return true;
        }
        let Some(kinds) = self.kinds(labels) else { return true };
        let steps = steps(path);
        kinds.is_empty()
            || kinds.iter().any(|kind| {
                let shape = self.shape(&kind.id);
                !matches!(shape.map(|it| it.lookup(&steps)), Some(Lookup::Unknown { .. }))
            })
    }

    fn nearest_label(&self, label: &str) -> Option<String> {
        let known = self.kinds_of.keys().chain(&self.free_labels).map(String::as_str);
        nearest(label, known).map(str::to_owned)
    }

    fn nearest_edge_type(&self, edge_type: &str) -> Option<String> {
        nearest(edge_type, self.edge_types.iter().map(String::as_str)).map(str::to_owned)
    }

    fn nearest_path(&self, labels: &[Arc<str>], path: &[Arc<str>]) -> Option<String> {
        if let [first, key, ..] = path
            && &**first == "merlon"
        {
            return nearest(key, self.merlon_keys()).map(|key| format!("merlon.{key}"));
        }
        let steps = steps(path);
        self.kinds(labels)?.iter().find_map(|kind| match self.shape(&kind.id)?.lookup(&steps) {
            Lookup::Unknown { known, nearest } => {
                let near = nearest?;
                // A full path stands for itself; a key continues what exists.
                let start: Vec<&str> = path.iter().take(known).map(|it| &**it).collect();
                let is_full = near.contains('.') || start.is_empty();
                Some(if is_full { near } else { format!("{}.{near}", start.join(".")) })
            }
            Lookup::Known(_) | Lookup::Any => None,
        })
    }
}

/// Paths that content names and that no kind has: (what names it, message).
pub fn unknown_paths(library: &Library) -> Vec<(String, String)> {
    let schema = LibrarySchema::new(library);
    let mut found = Vec::new();
    for check in library.checks() {
        found.extend(unknown_evidence(&schema, check).into_iter().map(|it| (check.id.clone(), it)));
    }
    for kind in library.kinds() {
        let identity =
            kind.identity.also.values().chain(&kind.identity.tags).chain(&kind.identity.name);
        let references = kind.edges.iter().map(|it| &it.at).chain(&kind.detail_only);
        for path in identity.chain(references).chain(&kind.secrets) {
            if let Some(message) = unknown(&schema, [kind.id.as_str()].into_iter(), path) {
                found.push((kind.id.clone(), message));
            }
        }
    }
    found
}

/// Paths of the evidence of a check that none of its kinds has.
pub(crate) fn unknown_evidence(schema: &LibrarySchema<'_>, check: &content::Check) -> Vec<String> {
    let paths = check.evidence.iter().filter_map(|it| match it {
        content::Evidence::Path(path) => Some(path),
        content::Evidence::Elements(elements) => Some(&elements.at),
        content::Evidence::Query(_) => None,
    });
    let messages = paths.filter_map(|path| unknown(schema, check.all_kinds(), path));
    messages.map(|it| format!("`evidence`: {it}")).collect()
}

/// The complaint when none of `kinds` has `path`.
fn unknown<'k>(
    schema: &LibrarySchema<'_>,
    kinds: impl Iterator<Item = &'k str>,
    path: &Path,
) -> Option<String> {
    let mut near = None;
    for kind in kinds {
        match schema.shape(kind)?.lookup(path.steps()) {
            Lookup::Unknown { nearest, .. } => near = near.or(nearest),
            Lookup::Known(_) | Lookup::Any => return None,
        }
    }
    let hint = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    Some(format!("there is no path `{}`{hint}", path.text()))
}
