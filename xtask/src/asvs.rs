//! What OWASP ASVS asks for and how Merlon answers: `docs/security/asvs.yaml` as a page, and held against the
//! requirements that there are, the tests and the files that it names.
//!
//! The requirements themselves are OWASP's (CC BY-SA): only their numbers and levels stand here, and a few words of ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::tidy::TextFile;

/// What we say to each requirement.
pub(crate) const ROWS: &str = "docs/security/asvs.yaml";
/// Every requirement of levels 1 and 2 with its level, one a line.
pub(crate) const IDS: &str = "docs/security/asvs-ids.txt";
/// The page that is made of them.
pub(crate) const PAGE: &str = "docs/security/asvs.md";

/// Folders whose files may be named.
const ROOTS: [&str; 9] = [
    "crates/",
    "xtask/",
    "docs/",
    "content/",
    "portal/",
    "packaging/",
    "scripts/",
    "examples/",
    "fuzz/",
];

const CHAPTERS: [&str; 17] = [
    "Encoding",
    "Validation and logic",
    "Web front end",
    "API and web services",
    "Files",
    "Authentication",
    "Sessions",
    "Authorization",
    "Self-contained tokens",
    "OAuth and OpenID Connect",
    "Cryptography",
    "Communication",
    "Configuration",
    "Data protection",
    "Coding and architecture",
    "Logs and errors",
    "WebRTC",
];

/// How far a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Met {
    #[serde(rename = "yes")]
    Yes,
    #[serde(rename = "partly")]
    Partly,
    #[serde(rename = "no")]
    No,
    /// It does not apply.
    #[serde(rename = "n/a")]
    Never,
}

impl Met {
    const ALL: [Self; 4] = [Self::Yes, Self::Partly, Self::No, Self::Never];

    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "**partly**",
            Self::No => "**no**",
            Self::Never => "n/a",
        }
    }
}

/// What we say to one requirement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    about: String,
    met: Met,
    how: String,
    #[serde(default)]
    tests: Vec<String>,
}

impl Row {
    /// Its chapter, section and number; none when it is not of this standard.
    fn place(&self) -> Option<[usize; 3]> {
        let numbers: Vec<usize> =
            self.id.strip_prefix("v5.0.0-")?.split('.').filter_map(|it| it.parse().ok()).collect();
        numbers.try_into().ok()
    }
}

fn rows(text: &str) -> Result<Vec<Row>> {
    serde_saphyr::from_str(text).context(ROWS)
}

/// Level by id.
fn levels(text: &str) -> Result<BTreeMap<&str, u8>> {
    let mut levels = BTreeMap::new();
    for line in text.lines() {
        let (id, level) = line.split_once(' ').with_context(|| format!("{IDS}: `{line}`"))?;
        if levels.insert(id, level.parse()?).is_some() {
            bail!("{IDS}: `{id}` twice");
        }
    }
    Ok(levels)
}

/// The page.
pub(crate) fn page(yaml: &str, ids: &str) -> Result<String> {
    let (rows, levels) = (rows(yaml)?, levels(ids)?);
    let mut page = format!(
        "<!-- Made by `cargo xtask gen` of {ROWS}. Change that instead. -->\n# OWASP ASVS 5.0.0\n\n\
         Every requirement of levels 1 and 2 of the [Application Security Verification Standard](https://owasp.org/www-project-application-security-verification-standard/)\n\
         5.0.0, how Merlon meets it, and the tests that hold it there. The numbers are OWASP's; the words are ours and say only\n\
         what a row is about: read the standard for what it asks. `cargo xtask tidy` fails when a requirement, a test or a file is\n\
         missing. What follows from the open rows is in the [threat model](threat-model.md).\n\n"
    );
    page.push_str("| level | met | partly | no | does not apply |\n|---|---:|---:|---:|---:|\n");
    for level in [1, 2] {
        let of_level = |it: &&Row| levels.get(it.id.as_str()) == Some(&level);
        let n = |met| rows.iter().filter(of_level).filter(|it| it.met == met).count();
        let [yes, partly, no, never] = Met::ALL.map(n);
        writeln!(page, "| {level} | {yes} | {partly} | {no} | {never} |")?;
    }
    let mut chapter = 0;
    for row in &rows {
        let [number, ..] = row.place().with_context(|| format!("`{}` is no id", row.id))?;
        if number != chapter {
            chapter = number;
            let title =
                CHAPTERS.get(number.wrapping_sub(1)).context("a chapter that there is not")?;
            write!(page, "\n## V{number} {title}\n\n| id | level | about | met | how | tests |\n")?;
            page.push_str("|---|---|---|---|---|---|\n");
        }
        let level = levels.get(row.id.as_str()).context("an id that there is not")?;
        let how = row.how.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let tests: Vec<String> = row.tests.iter().map(|it| format!("`{it}`")).collect();
        let (id, about, met) = (&row.id, &row.about, row.met.word());
        writeln!(page, "| {id} | {level} | {about} | {met} | {how} | {} |", tests.join(" "))?;
    }
    Ok(page)
}

/// Faults of the table: requirements that are missing, doubled or in disorder, tests that nobody wrote, files that are
/// not there or lack the word that they are named for.
pub(crate) fn check(
    yaml: &str,
    ids: &str,
    sources: &[TextFile],
    files: &[TextFile],
) -> Result<Vec<String>> {
    let (rows, levels) = (rows(yaml)?, levels(ids)?);
    let mut faults = Vec::new();
    let mut fault = |id: &str, what: &str| faults.push(format!("{ROWS}: {id}: {what}"));
    for id in levels.keys() {
        if rows.iter().filter(|it| it.id == **id).count() != 1 {
            fault(id, "must stand there once");
        }
    }
    for row in &rows {
        if !levels.contains_key(row.id.as_str()) {
            fault(&row.id, "is no requirement of levels 1 and 2");
        }
        for test in &row.tests {
            if !sources.iter().any(|it| has_test(&it.text, test)) {
                fault(&row.id, &format!("there is no test `{test}`"));
            }
        }
        for named in row.how.split('`').skip(1).step_by(2) {
            let (path, word) = named.split_once("::").unwrap_or((named, ""));
            if !ROOTS.iter().any(|it| path.starts_with(it)) {
                continue;
            }
            let file = files.iter().find(|it| it.path == path);
            if file.is_none_or(|it| !it.text.contains(word)) {
                fault(&row.id, &format!("there is no `{named}`"));
            }
        }
    }
    if !rows.windows(2).all(|two| matches!(two, [a, b] if a.place() < b.place())) {
        faults.push(format!("{ROWS}: the rows are not in order"));
    }
    Ok(faults)
}

/// Whether a text defines a test of this name.
fn has_test(text: &str, name: &str) -> bool {
    let definition = format!("fn {name}(");
    text.match_indices(&definition).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        before.lines().rev().take(5).any(|it| it.contains("test]"))
    })
}

#[cfg(test)]
mod tests {
    use super::{IDS as ALL, PAGE, ROWS, TextFile, check, page};
    use crate::process::root;

    const IDS: &str = "v5.0.0-1.2.1 1\nv5.0.0-1.10.1 2\n";

    fn rows(how: &str, tests: &str) -> String {
        format!(
            "- {{ id: v5.0.0-1.2.1, about: x, met: yes, how: '{how}', tests: [{tests}] }}\n\
             - {{ id: v5.0.0-1.10.1, about: y, met: n/a, how: 'a | b' }}\n"
        )
    }

    #[track_caller]
    fn faults(yaml: &str) -> usize {
        let text = "    #[test]\n    fn it_holds() {}\n\n\n\n\n\nfn it_helps() {}\n";
        let file = TextFile { path: "crates/a.rs".to_owned(), text: text.to_owned() };
        check(yaml, IDS, std::slice::from_ref(&file), std::slice::from_ref(&file)).unwrap().len()
    }

    #[test]
    fn a_whole_table_is_silent() {
        assert_eq!(faults(&rows("`crates/a.rs::it_helps`, `GET /x`", "it_holds")), 0);
    }

    #[test]
    fn what_is_not_there_is_a_fault() {
        assert_eq!(faults(&rows("`crates/b.rs`", "it_holds")), 1);
        assert_eq!(faults(&rows("`crates/a.rs::other`", "it_holds")), 1);
        assert_eq!(faults(&rows("x", "it_flies")), 1);
        assert_eq!(faults(&rows("x", "it_helps")), 1, "no test");
        let row = rows("x", "");
        let (first, second) = row.split_once('\n').unwrap();
        assert_eq!(faults(first), 1, "one is missing");
        assert_eq!(faults(&format!("{second}{first}\n")), 1, "disorder");
        assert_eq!(faults(&row.replace("1.10.1", "1.10.2")), 2);
    }

    #[test]
    fn the_committed_page_is_made_of_the_rows() {
        let text = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
        assert!(page(&text(ROWS), &text(ALL)).unwrap() == text(PAGE), "run `cargo xtask gen`");
    }

    #[test]
    fn the_page_counts_and_escapes() {
        let page = page(&rows("x", "it_holds"), IDS).unwrap();
        assert!(page.contains("\n| 1 | 1 | 0 | 0 | 0 |\n| 2 | 0 | 0 | 0 | 1 |\n"));
        assert!(page.contains("| v5.0.0-1.2.1 | 1 | x | yes | x | `it_holds` |\n"));
        assert!(page.contains(" a \\| b "));
    }
}
