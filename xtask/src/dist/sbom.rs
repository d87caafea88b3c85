//! What the program is made of, as `CycloneDX` 1.6: crates with their checksums of `Cargo.lock`, packages of the
//! portal with theirs of `package-lock.json`, and which needs which.
//!
//! Crates that only tests, builds of other systems or developer tasks need are not part of the program and stay out.

#![expect(
    clippy::indexing_slicing,
    reason = "what JSON does not hold reads as null, without a panic"
)]

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::checksums::hex;

/// The program.
const ROOT: &str = "app";
const PORTAL: &str = "merlon-portal";

/// The list. `metadata`: what `cargo metadata` prints for one system; `epoch`: seconds since 1970.
pub(super) fn write(metadata: &str, lock: &str, portal: &str, epoch: i64) -> Result<String> {
    let metadata: Json = serde_json::from_str(metadata).context("`cargo metadata`")?;
    let portal: Json = serde_json::from_str(portal).context("`package-lock.json`")?;
    let mut parts = crates(&metadata, &checksums(lock)?)?;
    let root = parts
        .values()
        .find(|it| it.component["name"] == ROOT)
        .map(|it| it.reference.clone())
        .context("the program is no package")?;
    let packages = packages(&portal)?;
    let portal_reference = packages
        .values()
        .find(|it| it.component["name"] == PORTAL)
        .map(|it| it.reference.clone())
        .context("the portal is no package")?;
    parts.extend(packages);
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in parts.values() {
        needs.entry(part.reference.clone()).or_default().extend(part.needs.iter().cloned());
    }
    needs.entry(root.clone()).or_default().insert(portal_reference);
    for (reference, others) in &needs {
        for other in others {
            ensure!(
                needs.contains_key(other),
                "`{reference}` needs `{other}`, which is not listed"
            );
        }
    }
    let mut program = parts.remove(&root).context("the program is not listed")?.component;
    if let Some(fields) = program.as_object_mut() {
        fields.insert("type".to_owned(), json!("application"));
        fields.insert("name".to_owned(), json!("merlon"));
    }
    let components: Vec<Json> = parts.into_values().map(|it| it.component).collect();
    let dependencies: Vec<Json> =
        needs.iter().map(|(it, others)| json!({ "ref": it, "dependsOn": others })).collect();
    let list = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": jiff::Timestamp::from_second(epoch)?.to_string(),
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [{ "type": "application", "name": "cargo xtask dist" }] },
            "component": program,
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// A part and what it needs.
#[derive(Debug)]
struct Part {
    reference: String,
    component: Json,
    needs: BTreeSet<String>,
}

/// The checksums of the crates, by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>> {
    let lock: toml::Table = lock.parse().context("`Cargo.lock`")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |it: &toml::Value, key: &str| it.get(key)?.as_str().map(str::to_owned);
    let entry =
        |it: &toml::Value| Some(((text(it, "name")?, text(it, "version")?), text(it, "checksum")?));
    Ok(packages.context("`Cargo.lock` lists nothing")?.iter().filter_map(entry).collect())
}

/// The crates that the program is made of, by reference.
fn crates(
    metadata: &Json,
    checksums: &BTreeMap<(String, String), String>,
) -> Result<BTreeMap<String, Part>> {
    let list = |it: &Json| it.as_array().cloned().unwrap_or_default();
    let text = |it: &Json| it.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Json> =
        list(&metadata["packages"]).into_iter().map(|it| (text(&it["id"]), it)).collect();
    // What is needed to build for tests alone is not part of the program.
    let is_shipped =
        |dependency: &Json| list(&dependency["dep_kinds"]).iter().any(|it| it["kind"].is_null());
    let needs: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let needed = list(&node["deps"]);
            let needed = needed.iter().filter(|it| is_shipped(it)).map(|it| text(&it["pkg"]));
            (text(&node["id"]), needed.collect())
        })
        .collect();
    let root = packages.iter().find(|(_, it)| it["name"] == ROOT).map(|(id, _)| id.clone());
    let mut left = vec![root.context("the program is no package")?];
    let mut parts = BTreeMap::new();
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let package = packages.get(&id).with_context(|| format!("`{id}` is not described"))?;
        let needed = needs.get(&id).cloned().unwrap_or_default();
        let references = needed.iter().filter_map(|it| packages.get(it)).map(crate_reference);
        let part = crate_part(package, references.collect(), checksums)?;
        parts.insert(part.reference.clone(), part);
        left.extend(needed);
    }
    Ok(parts)
}

fn crate_reference(package: &Json) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    format!("pkg:cargo/{}@{}", text("name"), text("version"))
}

fn crate_part(
    package: &Json,
    needs: BTreeSet<String>,
    checksums: &BTreeMap<(String, String), String>,
) -> Result<Part> {
    let text = |key: &str| package[key].as_str().map(str::to_owned);
    let (name, version) =
        (text("name").context("no name")?, text("version").context("no version")?);
    let reference = crate_reference(package);
    let mut component = json!({
        "type": "library", "bom-ref": reference, "name": name, "version": version, "scope": "required",
    });
    let known = checksums.get(&(name.clone(), version));
    ensure!(known.is_some() || package["source"].is_null(), "`{name}` has no checksum");
    let license = text("license").map(|it| it.replace('/', " OR "));
    let fields = [
        ("description", text("description").map(|it| json!(it.trim()))),
        ("purl", known.map(|_| json!(reference))),
        ("licenses", license.map(|it| json!([{ "expression": it }]))),
        ("hashes", known.map(|it| json!([{ "alg": "SHA-256", "content": it }]))),
        ("externalReferences", text("repository").map(|it| json!([{ "type": "vcs", "url": it }]))),
    ];
    set(&mut component, fields);
    Ok(Part { reference, component, needs })
}

fn set<const N: usize>(component: &mut Json, fields: [(&str, Option<Json>); N]) {
    if let Some(own) = component.as_object_mut() {
        own.extend(fields.into_iter().filter_map(|(key, it)| Some((key.to_owned(), it?))));
    }
}

/// The packages that the portal ships, by reference.
fn packages(lock: &Json) -> Result<BTreeMap<String, Part>> {
    let all = lock["packages"].as_object().context("`package-lock.json` lists nothing")?;
    let shipped = |it: &Json| it["dev"] != true && it["devOptional"] != true && it["peer"] != true;
    let name_of = |path: &str, it: &Json| match it["name"].as_str() {
        Some(name) => name.to_owned(),
        None => path.rsplit("node_modules/").next().unwrap_or(path).to_owned(),
    };
    let reference_of = |path: &str| {
        let it = all.get(path)?;
        let version = it["version"].as_str().unwrap_or("0.0.0");
        Some(format!("pkg:npm/{}@{version}", name_of(path, it).replacen('@', "%40", 1)))
    };
    let mut parts = BTreeMap::new();
    for (path, it) in all.iter().filter(|(_, it)| shipped(it)) {
        let reference = reference_of(path).context("a package without a version")?;
        let needed = ["dependencies", "optionalDependencies"].into_iter();
        let needed = needed.filter_map(|it_| it[it_].as_object()).flat_map(|it| it.keys());
        // A package is found in the nearest folder of modules, as Node does.
        let needs = needed
            .filter_map(|name| nearest(all, path, name))
            .filter(|it| all.get(it).is_some_and(shipped))
            .filter_map(|it| reference_of(&it))
            .collect();
        let name = name_of(path, it);
        let version = it["version"].as_str().unwrap_or("0.0.0");
        let mut component = json!({
            "type": "library", "bom-ref": reference, "name": name, "version": version, "scope": "required",
        });
        let integrity = it["integrity"].as_str();
        ensure!(integrity.is_some() || path.is_empty(), "`{name}` has no checksum");
        let fields = [
            ("purl", integrity.map(|_| json!(reference))),
            ("licenses", it["license"].as_str().map(|it| json!([{ "expression": it }]))),
            ("hashes", integrity.map(hash).transpose()?),
        ];
        set(&mut component, fields);
        parts.insert(reference.clone(), Part { reference, component, needs });
    }
    Ok(parts)
}

/// The path of the package that `name` means in the package at `path`.
fn nearest(all: &serde_json::Map<String, Json>, path: &str, name: &str) -> Option<String> {
    let mut folder = path.to_owned();
    loop {
        let joint = if folder.is_empty() { "" } else { "/" };
        let candidate = format!("{folder}{joint}node_modules/{name}");
        if all.contains_key(&candidate) {
            return Some(candidate);
        }
        if folder.is_empty() {
            return None;
        }
        let end = folder.rfind("node_modules/").unwrap_or(0);
        folder.truncate(end);
        folder.truncate(folder.trim_end_matches('/').len());
    }
}

/// `sha512-<base64>` as `CycloneDX` has it.
fn hash(integrity: &str) -> Result<Json> {
    let (kind, text) = integrity.split_once('-').context("a checksum without a kind")?;
    let kind = match kind {
        "sha512" => "SHA-512",
        "sha384" => "SHA-384",
        "sha256" => "SHA-256",
        "sha1" => "SHA-1",
        other => anyhow::bail!("there is no checksum `{other}`"),
    };
    let text = text.split_whitespace().next().unwrap_or_default();
    Ok(json!([{ "alg": kind, "content": hex(&STANDARD.decode(text)?) }]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::list_of_parts;

    #[test]
    fn the_list_of_this_checkout_is_whole() {
        let text = list_of_parts("1700000000").unwrap();
        assert_eq!(text, list_of_parts("1700000000").unwrap(), "the same checkout, the same bytes");
        let list: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&list["bomFormat"], &list["specVersion"]),
            (&json!("CycloneDX"), &json!("1.6"))
        );
        assert_eq!(list["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
        let program = &list["metadata"]["component"];
        assert_eq!((&program["name"], &program["type"]), (&json!("merlon"), &json!("application")));
        let components = list["components"].as_array().unwrap();
        let mut references: BTreeSet<&str> =
            components.iter().map(|it| it["bom-ref"].as_str().unwrap()).collect();
        assert_eq!(references.len(), components.len(), "no part is listed twice");
        let name = |it: &str| components.iter().filter(|c| c["name"] == it).count();
        assert_eq!((name("rustls"), name("react"), name("model")), (1, 1, 1));
        // Only tests need these.
        assert_eq!(
            (name("proptest"), name("testkit"), name("vitest"), name("xtask")),
            (0, 0, 0, 0)
        );
        for it in components {
            let is_ours = it["purl"].is_null();
            assert!(
                is_ours || it["hashes"][0]["content"].as_str().is_some_and(|it| it.len() >= 64),
                "{it}"
            );
            assert!(!it["licenses"][0]["expression"].is_null(), "{it}");
        }
        references.insert(program["bom-ref"].as_str().unwrap());
        let dependencies = list["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len(), references.len());
        let mut reached = BTreeSet::from([program["bom-ref"].as_str().unwrap()]);
        while let Some(more) = dependencies.iter().find_map(|it| {
            let others = it["dependsOn"].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
            let is_in = reached.contains(it["ref"].as_str().unwrap());
            others.filter(|_| is_in).find(|it| !reached.contains(it))
        }) {
            assert!(references.contains(more), "{more}");
            reached.insert(more);
        }
        let lost: Vec<_> = references.difference(&reached).collect();
        assert!(lost.is_empty(), "nothing needs {lost:?}");
    }

    #[test]
    fn a_package_means_the_nearest_of_its_name() {
        let all = json!({ "": {}, "node_modules/a": {}, "node_modules/b": {}, "node_modules/a/node_modules/b": {} });
        let all = all.as_object().unwrap();
        let check = |path: &str, name: &str, wanted: Option<&str>| {
            assert_eq!(nearest(all, path, name).as_deref(), wanted, "{path} {name}");
        };
        check("", "b", Some("node_modules/b"));
        check("node_modules/a", "b", Some("node_modules/a/node_modules/b"));
        check("node_modules/a/node_modules/b", "a", Some("node_modules/a"));
        check("node_modules/a", "c", None);
    }
}
