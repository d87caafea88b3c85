//! Manifests: every version stands once, in the workspace, and lists are in order.

use anyhow::{Context as _, Result};

use super::TextFile;

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

/// Faults of the workspace's manifest: the dependencies are in order within each paragraph.
pub(crate) fn check_workspace(file: &TextFile) -> Vec<String> {
    check_order(file, "workspace.dependencies").into_iter().collect()
}

/// Names within one paragraph of a table must be in order.
fn check_order(file: &TextFile, table: &str) -> Option<String> {
    let header = format!("[{table}]");
    let lines = file.text.lines().skip_while(|line| line.trim() != header).skip(1);
    let mut last = "";
    for line in lines.take_while(|line| !line.starts_with('[')) {
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
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

    #[test]
    fn an_empty_line_starts_a_new_paragraph() {
        let text = "[workspace.dependencies]\nmodel = \"1\"\n\nanyhow = \"1\"\n".to_owned();
        let file = TextFile { path: "Cargo.toml".to_owned(), text };
        assert!(check_workspace(&file).is_empty());
    }
}
