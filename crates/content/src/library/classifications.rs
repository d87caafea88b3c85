//! Classifications: which kinds they look at, and one that somebody wrote.

use std::sync::Arc;

use super::cases::Cases;
use super::own::{MOST_OWN_TEXT, OWN_PREFIX};
use super::{ContentProblem, Library, Shared, unknown};
use crate::case::ClassificationCase;
use crate::classification::Classification;
use crate::kind::Kind;
use crate::yaml;

/// Characters of a name or an id that somebody gives.
const MOST_NAME: usize = 200;
/// Characters of a description.
const MOST_DESCRIPTION: usize = 4_000;
/// Characters of a predicate.
const MOST_PREDICATE: usize = 16_000;

impl Library {
    /// The classifications that come with the program and its folders, by id.
    pub fn classifications(&self) -> impl Iterator<Item = &Arc<Classification>> {
        self.shared.classifications.values()
    }

    /// The classification with this id, of those that come with the program and its folders.
    pub fn classification(&self, id: &str) -> Option<&Arc<Classification>> {
        self.shared.classifications.get(id)
    }

    /// The cases of a classification.
    pub fn classification_cases(&self, id: &str) -> &[ClassificationCase] {
        self.shared.classification_cases.get(id).map(Cases::all).unwrap_or_default()
    }

    /// The kinds that a classification looks at, by id.
    pub fn kinds_of<'l>(&'l self, classification: &'l Classification) -> Vec<&'l str> {
        match &classification.label {
            Some(label) => self.shared.kinds_with(label).collect(),
            None => classification.named_kinds().collect(),
        }
    }

    /// The classification that a text holds, as a file of content would: for one that is not in the library.
    ///
    /// # Errors
    /// The text is no classification, or names what is not there; `file` is only named in the problems.
    pub fn read_classification(
        &self,
        file: &str,
        text: &[u8],
    ) -> Result<Classification, Vec<ContentProblem>> {
        let it: Classification = yaml::parse(text).map_err(|error| vec![error.of(file)])?;
        let found = self.shared.classification_problems(&it);
        if found.is_empty() {
            return Ok(it);
        }
        let problem = |message| {
            let file = file.to_owned();
            ContentProblem { file, line: None, column: None, message }
        };
        Err(found.into_iter().map(problem).collect())
    }

    /// What is wrong with a classification that somebody wrote, apart from its predicate.
    pub fn own_classification_problems(&self, it: &Classification) -> Vec<String> {
        let mut found = self.shared.classification_problems(it);
        let rest = it.id.strip_prefix(OWN_PREFIX).unwrap_or_default();
        let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
        if rest.is_empty() || !rest.bytes().all(is_plain) || it.id.len() > MOST_NAME {
            found.push(format!(
                "the id `{}` must be `{OWN_PREFIX}` and a-z, 0-9 and `-`: such as `{OWN_PREFIX}payment-systems`",
                it.id
            ));
        }
        let texts = [
            ("title", &it.title, MOST_NAME),
            ("description", &it.description, MOST_DESCRIPTION),
            ("where", &it.predicate, MOST_PREDICATE),
        ];
        for (name, text, most) in texts {
            if text.trim().is_empty() && name != "description" {
                found.push(format!("`{name}` is empty"));
            }
            if text.chars().count() > most {
                found.push(format!("`{name}` is longer than {most} characters"));
            }
        }
        if it.references.len() + it.waived.len() > MOST_OWN_TEXT / MOST_NAME {
            found.push("it has too many `references`".to_owned());
        }
        found
    }
}

impl Shared {
    fn kinds_with<'l>(&'l self, label: &'l str) -> impl Iterator<Item = &'l str> {
        let has_it = move |it: &&Kind| it.all_labels().iter().any(|own| own == label);
        self.kinds.values().filter(has_it).map(|it| it.id.as_str())
    }

    /// Why a classification cannot be used.
    pub(super) fn classification_problems(&self, it: &Classification) -> Vec<String> {
        let mut found = Vec::new();
        match (&it.label, it.named_kinds().next()) {
            (Some(_), Some(_)) => found.push("it names both a `label` and a `kind`".to_owned()),
            (None, None) => found.push("it names no `kind`, no `kinds` and no `label`".to_owned()),
            (Some(label), None) if self.kinds_with(label).next().is_none() => {
                let labels: Vec<String> = self.kinds.values().flat_map(Kind::all_labels).collect();
                found.push(unknown("label", label, labels.iter().map(String::as_str)));
            }
            _ => {}
        }
        for kind in it.named_kinds().filter(|kind| !self.kinds.contains_key(*kind)) {
            found.push(unknown("kind", kind, self.kinds.keys().map(String::as_str)));
        }
        found
    }
}
