//! Which of our checks asks the same question as a rule of somebody else.

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// An entry of a mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Rules that together ask our question: one of them failing is our unhealthy.
    pub(crate) rules: Vec<String>,
    /// Our checks that together ask their question; none where ours is another one.
    #[serde(default)]
    pub(crate) checks: Vec<String>,
    /// Why our question is another one.
    #[serde(default)]
    pub(crate) differs: Option<String>,
    /// The resources are named otherwise on both sides; see the set.
    #[serde(default)]
    pub(crate) whole: bool,
    /// Labels that are left out.
    #[serde(default)]
    pub(crate) except: Vec<Exception>,
}

/// Labels that are left out, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// A subject, or what stands before the colon in it.
    pub(crate) of: Vec<String>,
    #[expect(dead_code, reason = "for whoever reads the mapping")]
    pub(crate) why: String,
}

impl Entry {
    /// Whether the label of a subject is left out.
    pub(crate) fn leaves_out(&self, subject: &str) -> bool {
        let head = subject.split_once(": ").map_or(subject, |it| it.0);
        self.except.iter().flat_map(|it| &it.of).any(|of| of == subject || of == head)
    }

    /// What the table calls the entry.
    pub(crate) fn name(&self) -> String {
        format!("{} ~ {}", self.checks.join(" + "), self.rules.join(" + "))
    }
}

/// Reads a mapping.
pub(crate) fn read(text: &str) -> Result<Vec<Entry>> {
    let entries: Vec<Entry> = serde_saphyr::from_str(text).context("a mapping file")?;
    for entry in &entries {
        anyhow::ensure!(
            entry.checks.is_empty() == entry.differs.is_some(),
            "{} needs either `checks` or `differs`",
            entry.name()
        );
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read;

    #[test]
    fn every_check_that_is_compared_exists() {
        let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/checks");
        for text in [
            include_str!("kubescape.yaml"),
            include_str!("panther.yaml"),
            include_str!("psrule.yaml"),
        ] {
            for id in read(text).unwrap().iter().flat_map(|it| &it.checks) {
                let file = format!("{}.check.yaml", id.replace('.', "/"));
                assert!(checks.join(&file).exists(), "there is no check `{id}` ({file})");
            }
        }
    }
}
