//! Manifests: every version stands once, in the workspace, and lists are in order.

use anyhow::{Context as _, Result};

use super::TextFile;

const TABLE: &str = "workspace.dependencies";
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Faults of a room's manifest: each dependency comes from the workspace, in alphabetical order.
pub(crate) fn check_member(file: &TextFile) -> Result<Vec<String>> {
    let path = &file.path;
    let manifest: toml::Table = file.text.parse().with_context(|| format!("{path} is not TOML"))?;
    let mut faults = Vec::new();
    for table in TABLES {
        let Some(entries) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
        for (name, value) in entries {
            if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                faults.push(format!("{path}: write `{name}.workspace = true` under [{table}]"));
            }
        }
    }
    if manifest.get("lints").and_then(|it| it.get("workspace")).is_none() {
        faults.push(format!("{path}: `[lints] workspace = true` is missing"));
    }
    faults.extend(TABLES.iter().filter_map(|table| check_order(file, table)));
    Ok(faults)
}

/// Faults of the workspace's manifest: the dependencies are in order within each paragraph, and
/// some member uses each.
pub(crate) fn check_workspace(file: &TextFile, members: &[TextFile]) -> Vec<String> {
    let mut faults: Vec<String> = check_order(file, TABLE).into_iter().collect();
    for name in names(file, TABLE).filter(|name| !name.is_empty() && !name.starts_with('#')) {
        let is_used = |table| members.iter().any(|it| names(it, table).any(|used| used == name));
        if !TABLES.into_iter().any(is_used) {
            faults.push(format!("{}: nobody uses `{name}`", file.path));
        }
    }
    faults
}

/// What stands before `=` or `.` in the lines of a table.
fn names<'a>(file: &'a TextFile, table: &str) -> impl Iterator<Item = &'a str> {
    let header = format!("[{table}]");
    let lines = file.text.lines().skip_while(move |line| line.trim() != header).skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .map(|line| line.split(['=', '.']).next().unwrap_or_default().trim())
}

/// Names within one paragraph of a table must be in order.
fn check_order(file: &TextFile, table: &str) -> Option<String> {
    let mut last = "";
    for name in names(file, table) {
        if name.is_empty() {
            last = "";
        } else if !name.starts_with('#') {
            if name < last {
                return Some(format!("{}: `{name}` belongs before `{last}`", file.path));
            }
            last = name;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{TextFile, check_member, check_workspace};

    #[track_caller]
    fn check(text: &str, want: &[&str]) {
        let text = format!("[lints]\nworkspace = true\n{text}");
        let file = TextFile { path: "Cargo.toml".to_owned(), text };
        assert_eq!(check_member(&file).unwrap(), want);
    }

    #[test]
    fn dependencies_of_the_workspace_in_order_are_silent() {
        check("[dependencies]\nanyhow.workspace = true\nserde = { workspace = true }\n", &[]);
    }

    #[test]
    fn a_version_of_its_own_is_refused() {
        check(
            "[dev-dependencies]\ninsta = \"1\"\n",
            &["Cargo.toml: write `insta.workspace = true` under [dev-dependencies]"],
        );
    }

    #[test]
    fn disorder_is_refused() {
        check(
            "[dependencies]\nserde.workspace = true\nanyhow.workspace = true\n",
            &["Cargo.toml: `anyhow` belongs before `serde`"],
        );
    }

    fn file(text: &str) -> TextFile {
        TextFile { path: "Cargo.toml".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn an_empty_line_starts_a_new_paragraph() {
        let workspace = file("[workspace.dependencies]\nmodel = \"1\"\n\nanyhow = \"1\"\n");
        let member = file("[dependencies]\nmodel.workspace = true\nanyhow.workspace = true\n");
        assert!(check_workspace(&workspace, &[member]).is_empty());
    }

    #[test]
    fn what_nobody_uses_is_refused() {
        let workspace = file("[workspace.dependencies]\nanyhow = \"1\"\ninsta = \"1\"\n");
        let member = file("[dependencies]\nanyhow.workspace = true\n");
        let faults = check_workspace(&workspace, &[member]);
        assert_eq!(faults, ["Cargo.toml: nobody uses `insta`"]);
    }
}
