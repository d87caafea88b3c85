//! A believable estate of any size, in the formats that `scan` reads.
//!
//! In: the number of resources and a seed. Out: files, and a manifest of what is in them: counts by
//! kind, every planted fault with the check that must find it, and attack routes.
//!
//! The estate is that of a company that does not exist. It is laid out in applications, each with
//! its network, hosts, data and rights, because real estates are: references stay near. Most of it
//! is configured well; faults are planted at a steady rate.
//!
//! INVARIANT: the same options give the same bytes.
//! INVARIANT: memory does not grow with the number of resources, but for the manifest's entries.
//! INVARIANT: a check that the manifest names finds what was planted for it, and nothing else.

mod aws;
mod azure;
mod company;
mod estate;
mod gcp;
mod kubernetes;
mod manifest;
#[cfg(test)]
mod oracle;
pub(crate) mod random;
mod shards;

use anyhow::Result;

use estate::Estate;
pub(crate) use manifest::Manifest;

/// What to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GenerateOptions {
    /// Number of resources in all clouds together.
    pub(crate) resources: u64,
    /// The same seed gives the same estate.
    pub(crate) seed: u64,
}

/// The instant as of which the estate is written; ages are counted from here.
pub(crate) const AS_OF: &str = "2026-11-21T00:00:00Z";

/// Takes one whole file: its path with `/`, and its bytes. No path comes twice.
pub(crate) type Out<'a> = &'a mut dyn FnMut(&str, &[u8]) -> Result<()>;

/// Writes the estate and returns its manifest, which is also written as `manifest.json`.
pub(crate) fn generate(options: &GenerateOptions, out: Out<'_>) -> Result<Manifest> {
    let n = options.resources;
    // Shares of the clouds, in percent; the last takes what rounding leaves.
    let (n_azure, n_aws, n_gcp) = (n * 35 / 100, n * 30 / 100, n * 15 / 100);
    let n_kubernetes = n - n_azure - n_aws - n_gcp;
    let mut estate = Estate::new(options, out);
    estate.write("merlon-export.yaml", EXPORT.as_bytes())?;
    estate.begin(n_azure);
    azure::write(&mut estate)?;
    estate.begin(n_aws);
    aws::write(&mut estate)?;
    estate.begin(n_gcp);
    gcp::write(&mut estate)?;
    estate.begin(n_kubernetes);
    kubernetes::write(&mut estate)?;
    estate.finish()
}

/// The estate is all there is: an absent kind has no resources.
const EXPORT: &str = "\
# Written by `merlon generate`.
complete: true
";

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use serde::de::IgnoredAny;

    use super::{GenerateOptions, Manifest, generate};

    type Files = BTreeMap<String, Vec<u8>>;

    fn make(resources: u64, seed: u64) -> (Manifest, Files) {
        let mut files = Files::new();
        let mut out = |path: &str, bytes: &[u8]| {
            let before = files.insert(path.to_owned(), bytes.to_vec());
            assert!(before.is_none(), "{path} came twice");
            Ok(())
        };
        let manifest = generate(&GenerateOptions { resources, seed }, &mut out).unwrap();
        (manifest, files)
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let (_, files) = make(1500, 7);
        assert!(files == make(1500, 7).1);
        assert!(files != make(1500, 8).1);
    }

    #[test]
    fn an_estate_has_as_many_resources_as_were_asked_for() {
        for resources in [0, 1, 7, 100, 999, 2500] {
            let (manifest, _) = make(resources, 1);
            let counted: u64 = manifest.kinds.values().sum();
            assert_eq!((manifest.resources, counted), (resources, resources));
        }
    }

    #[test]
    fn a_resource_takes_about_two_kilobytes() {
        let (manifest, files) = make(5000, 1);
        let bytes: usize = files.values().map(Vec::len).sum();
        let mean = bytes as u64 / manifest.resources;
        assert!((1500..2800).contains(&mean), "{mean} bytes");
    }

    #[test]
    fn every_file_is_json_in_its_form() {
        let (_, files) = make(4000, 2);
        for (path, bytes) in &files {
            let text = std::str::from_utf8(bytes).unwrap();
            if path == "merlon-export.yaml" {
                continue;
            }
            let values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
            let n_values = values.map(Result::unwrap).count();
            match path.rsplit_once('.') {
                Some((_, "json")) => assert_eq!(n_values, 1, "{path}"),
                Some((_, "ndjson")) => assert_eq!(n_values, text.lines().count(), "{path}"),
                _ => panic!("{path} has no known form"),
            }
        }
        for cloud in ["azure/", "aws/", "gcp/", "kubernetes/"] {
            assert!(files.keys().any(|it| it.starts_with(cloud)), "{cloud} is missing");
        }
    }

    #[test]
    fn planted_faults_name_checks_and_kinds_that_exist() {
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content");
        let (manifest, _) = make(12_000, 3);
        let checks: BTreeSet<&str> = manifest.planted.iter().map(|it| it.check).collect();
        assert!(checks.len() > 20, "{checks:?}");
        let missing: Vec<&&str> = checks
            .iter()
            .filter(|id| {
                !content.join(format!("checks/{}.check.yaml", id.replace('.', "/"))).exists()
            })
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
        for id in manifest.kinds.keys() {
            let (cloud, slug) = id.split_once('.').unwrap();
            let services = std::fs::read_dir(content.join("kinds").join(cloud)).unwrap();
            let file = format!("{slug}.kind.yaml");
            assert!(
                services.into_iter().any(|it| it.unwrap().path().join(&file).exists()),
                "there is no kind {id}"
            );
        }
    }

    #[test]
    fn every_cloud_has_an_attack_route() {
        let (manifest, _) = make(4000, 4);
        let names: BTreeSet<&str> = manifest.attack_routes.iter().map(|it| it.name).collect();
        assert!(names.len() >= 4, "{names:?}");
    }
}
