//! Documents: links lead somewhere, and every invariant is guarded by tests that exist.

use std::path::Path;

use super::TextFile;

/// Links of a page that lead to no file.
pub(crate) fn check_links(page: &TextFile, root: &Path) -> Vec<String> {
    let folder = root.join(&page.path);
    let folder = folder.parent().unwrap_or(root);
    let targets = link_targets(&page.text);
    let dead = targets.iter().filter(|target| !folder.join(target).exists());
    dead.map(|target| format!("{}: the link to `{target}` is dead", page.path)).collect()
}

/// The files that `[text](target)` links of a page mean, outside of code blocks.
fn link_targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split([')', '#', ' ']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                targets.push(target);
            }
        }
    }
    targets
}

/// Guards that an invariant names (`guarded by` and test names in backticks) and nobody defines.
pub(crate) fn check_guards(page: &TextFile, sources: &[TextFile]) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let Some((_, guards)) = line.split_once("guarded by ") else { continue };
        for guard in guards.split('`').skip(1).step_by(2) {
            let definition = format!("fn {guard}(");
            if !sources.iter().any(|source| source.text.contains(&definition)) {
                let number = index + 1;
                faults.push(format!("{}:{number}: there is no test `{guard}`", page.path));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{TextFile, check_guards, check_links};

    fn page(text: &str) -> TextFile {
        TextFile { path: "PAGE.md".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_link_to_no_file_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let page = page("[a](Cargo.toml) [b](https://example.org/x) [c](none.md#x)\n");
        assert_eq!(check_links(&page, root), ["PAGE.md: the link to `none.md` is dead"]);
    }

    #[test]
    fn a_guard_that_nobody_wrote_is_refused() {
        let source = TextFile { path: "a.rs".to_owned(), text: "fn it_holds() {}".to_owned() };
        let page = page("1. It holds: guarded by `it_holds`, `it_flies`.\n");
        assert_eq!(check_guards(&page, &[source]), ["PAGE.md:1: there is no test `it_flies`"]);
    }
}
