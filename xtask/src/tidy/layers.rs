//! Which room uses which, held against `layers.toml`.
//!
//! INVARIANT: what is not allowed is forbidden: a room that `layers.toml` does not list may use no
//! other room, and an outside crate under `[outside]` may be named by the listed rooms only.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

/// The room that every other may use in its tests, and only there.
const TESTKIT: &str = "testkit";

/// A package of the workspace as `cargo metadata` describes it.
#[derive(Debug, Default)]
pub(crate) struct Package {
    name: String,
    /// Rooms that it uses.
    rooms: BTreeSet<String>,
    /// Outside crates that it names.
    outside: BTreeSet<String>,
    has_features: bool,
    is_proc_macro: bool,
}

/// Reads the packages from the output of `cargo metadata --no-deps`.
pub(crate) fn packages(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Json = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    Ok(list(&metadata, "packages").iter().map(package).collect())
}

fn package(json: &Json) -> Package {
    let mut package = Package { name: text(json, "name"), ..Package::default() };
    for dependency in list(json, "dependencies") {
        let name = text(dependency, "name");
        let is_for_tests = dependency.get("kind").and_then(Json::as_str) == Some("dev");
        if is_for_tests && name == TESTKIT {
            continue;
        }
        if dependency.get("path").is_some_and(Json::is_string) {
            package.rooms.insert(name);
        } else {
            package.outside.insert(name);
        }
    }
    package.has_features =
        json.get("features").and_then(Json::as_object).is_some_and(|it| !it.is_empty());
    let targets = list(json, "targets").iter();
    package.is_proc_macro =
        targets.flat_map(|it| list(it, "kind")).any(|kind| kind.as_str() == Some("proc-macro"));
    package
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn text(json: &Json, key: &str) -> String {
    json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// The content of `layers.toml`.
#[derive(Debug)]
pub(crate) struct Rules {
    rooms: BTreeMap<String, BTreeSet<String>>,
    outside: BTreeMap<String, BTreeSet<String>>,
}

impl Rules {
    /// Reads `layers.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().context("layers.toml is not TOML")?;
        let mut rules = Self { rooms: BTreeMap::new(), outside: BTreeMap::new() };
        for (name, value) in &table {
            if let Some(outside) = value.as_table() {
                for (name, value) in outside {
                    rules.outside.insert(name.clone(), names(value));
                }
            } else {
                rules.rooms.insert(name.clone(), names(value));
            }
        }
        Ok(rules)
    }

    /// Faults of the packages against these rules.
    pub(crate) fn check(&self, packages: &[Package]) -> Vec<String> {
        let mut faults = Vec::new();
        let nothing = BTreeSet::new();
        for package in packages {
            let name = &package.name;
            if !self.rooms.contains_key(name) {
                faults.push(format!("layers.toml: room `{name}` is missing"));
            }
            let allowed = self.rooms.get(name).unwrap_or(&nothing);
            for used in package.rooms.iter().filter(|_| !allowed.contains("*")) {
                if !allowed.contains(used) {
                    faults.push(format!("layers.toml: {name} -> {used} is not allowed"));
                }
            }
            for used in &package.outside {
                if self.outside.get(used).is_some_and(|rooms| !rooms.contains(name)) {
                    faults.push(format!("layers.toml: `{name}` may not name the crate `{used}`"));
                }
            }
            if package.has_features {
                faults.push(format!("crates/{name}: no Cargo features in our crates"));
            }
            if package.is_proc_macro {
                faults.push(format!("crates/{name}: no procedural macros of our own"));
            }
        }
        let known: BTreeSet<&String> = packages.iter().map(|it| &it.name).collect();
        for name in self.rooms.keys().filter(|name| !known.contains(name)) {
            faults.push(format!("layers.toml: there is no room `{name}`"));
        }
        faults
    }
}

fn names(value: &toml::Value) -> BTreeSet<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Rules, packages};

    const LAYERS: &str = "base = []\ngraph = [\"base\"]\n[outside]\nanyhow = [\"app\"]\n";

    #[track_caller]
    fn check(graph: &str, want: &[&str]) {
        let metadata = format!(
            r#"{{"packages": [{{"name": "base", "dependencies": []}}, {{"name": "graph", {graph}}}]}}"#
        );
        let faults = Rules::parse(LAYERS).unwrap().check(&packages(&metadata).unwrap());
        assert_eq!(faults, want);
    }

    #[test]
    fn an_allowed_edge_is_silent() {
        check(r#""dependencies": [{"name": "base", "path": "/x"}, {"name": "serde"}]"#, &[]);
    }

    #[test]
    fn an_edge_that_is_not_listed_is_refused() {
        check(
            r#""dependencies": [{"name": "app", "path": "/x"}]"#,
            &["layers.toml: graph -> app is not allowed"],
        );
    }

    #[test]
    fn a_reserved_outside_crate_is_refused() {
        check(
            r#""dependencies": [{"name": "anyhow"}]"#,
            &["layers.toml: `graph` may not name the crate `anyhow`"],
        );
    }

    #[test]
    fn features_and_procedural_macros_are_refused() {
        check(
            r#""features": {"x": []}, "targets": [{"kind": ["proc-macro"]}]"#,
            &[
                "crates/graph: no Cargo features in our crates",
                "crates/graph: no procedural macros of our own",
            ],
        );
    }
}
