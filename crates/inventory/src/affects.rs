//! AFFECTS edges: from findings to the resources that they are about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;
use model::{EdgeRef, Keys, Path, Resource};

use crate::aws_place::Arn;
use crate::azure_id;
use crate::batch::Affected;
use crate::edges::Pool;
use crate::gcp;
use crate::view_path::ViewPath;

/// Kind of what a container image is known by.
const IMAGE: &str = "container-image";
/// Where workloads of Kubernetes name their images.
const IMAGE_PATHS: [&str; 6] = [
    "spec.containers[*].image",
    "spec.initContainers[*].image",
    "status.containerStatuses[*].image",
    "status.containerStatuses[*].imageID",
    "spec.template.spec.containers[*].image",
    "spec.template.spec.initContainers[*].image",
];

/// Adds the edges, with stubs for what was not read, and gives findings the scope of what they
/// affect.
pub(crate) fn build(
    pool: &mut Pool<'_>,
    affected: &BTreeSet<Affected>,
    keys: &Keys,
    (affects, uses_image): (u32, u32),
    edges: &mut Vec<EdgeRef>,
) {
    if affected.is_empty() {
        return;
    }
    let names = names(pool.resources, affected);
    let mut images: BTreeMap<String, u32> = BTreeMap::new();
    for it in affected {
        let Some(finding) = pool.find(&it.finding) else { continue };
        let to = target(pool, it, &names);
        if it.by == "image" {
            images.insert(image_name(&it.value), to);
        }
        edges.push(EdgeRef { from: finding, edge_type: affects, to });
        let scope = pool.resources.get(to as usize).map(|it| Arc::clone(&it.scope));
        if let (Some(scope), Some(finding)) = (scope, pool.resources.get_mut(finding as usize)) {
            finding.scope = scope;
        }
    }
    if !images.is_empty() {
        connect_images(pool, &images, keys, uses_image, edges);
    }
}

type ByName = HashMap<(String, String), Vec<u32>>;

/// The resources by the other names that findings use.
fn names(resources: &[Resource], affected: &BTreeSet<Affected>) -> ByName {
    let wanted: BTreeSet<&str> = affected.iter().map(|it| it.by.as_str()).collect();
    let mut names = ByName::new();
    for (number, resource) in resources.iter().enumerate() {
        for (key, value) in resource.also.iter().filter(|(key, _)| wanted.contains(&**key)) {
            let place = (key.as_ref().to_owned(), value.to_ascii_lowercase());
            names.entry(place).or_default().push(number as u32);
        }
        if wanted.contains("kubernetes")
            && let Some(rest) = resource.id.strip_prefix("k8s:")
        {
            // cluster/group/kind/namespace/name
            let object: Vec<&str> = rest.splitn(3, '/').collect();
            if let [_, _, object] = object.as_slice() {
                let place = ("kubernetes".to_owned(), object.to_ascii_lowercase());
                names.entry(place).or_default().push(number as u32);
            }
        }
    }
    names
}

fn target(pool: &mut Pool<'_>, it: &Affected, names: &ByName) -> u32 {
    let place = (it.by.clone(), it.value.to_ascii_lowercase());
    if let Some([number]) = names.get(&place).map(Vec::as_slice) {
        return *number;
    }
    let nowhere: Arc<str> = "".into();
    match it.by.as_str() {
        "id" => by_id(pool, &it.value),
        "image" => {
            let id = format!("image:{}", image_name(&it.value));
            pool.find_or_stub(&id, &IMAGE.into(), &nowhere)
        }
        "repository" => {
            let name = it.value.trim_end_matches(".git").to_ascii_lowercase();
            pool.find_or_stub(&format!("repository:{name}"), &"code-repository".into(), &nowhere)
        }
        by => {
            let id = format!("{by}:{}", it.value);
            pool.find_or_stub(&id, &"unknown".into(), &nowhere)
        }
    }
}

fn by_id(pool: &mut Pool<'_>, text: &str) -> u32 {
    let nowhere: Arc<str> = "".into();
    if let Some(id) = azure_id::canonical(text) {
        let native = azure_id::resource_type(&id).unwrap_or_default();
        return pool.find_or_stub(&id, &native.into(), &azure_id::scope(&id).into());
    }
    if let Some(arn) = Arn::parse(text) {
        // A version of a function, an image of a repository: what comes before it.
        let short = text.trim_end_matches(":$LATEST");
        let found = pool.find(short).or_else(|| pool.find(short.split("/sha256:").next()?));
        let scope = format!("aws:{}", arn.account).into();
        return found.unwrap_or_else(|| pool.find_or_stub(short, &arn.native().into(), &scope));
    }
    if let Some(id) = gcp::canonical(text) {
        return pool.find_or_stub(&id, &"gcp.unknown".into(), &nowhere);
    }
    pool.find_or_stub(text, &"unknown".into(), &nowhere)
}

/// An image's name without what differs between tools: the scheme, the registry of Docker Hub, and
/// the tag beside a digest.
fn image_name(text: &str) -> String {
    let text = text.trim_start_matches("docker-pullable://");
    let text = text.strip_prefix("docker.io/").unwrap_or(text);
    let text = text.strip_prefix("library/").unwrap_or(text);
    match text.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None if text.rsplit('/').next().is_some_and(|it| it.contains(':')) => text.to_owned(),
        None => format!("{text}:latest"),
    }
}

/// Connects workloads to the images that findings are about.
fn connect_images(
    pool: &Pool<'_>,
    images: &BTreeMap<String, u32>,
    keys: &Keys,
    edge_type: u32,
    edges: &mut Vec<EdgeRef>,
) {
    let paths: Vec<ViewPath> = IMAGE_PATHS
        .iter()
        .filter_map(|it| Path::parse(it).ok())
        .map(|path| ViewPath::new(&path, keys))
        .collect();
    for (number, resource) in pool.resources.iter().enumerate() {
        if !resource.scope.starts_with("k8s:") || !resource.collected {
            continue;
        }
        for path in &paths {
            for text in path.texts(resource.doc.view(), keys) {
                if let Some(image) = images.get(&image_name(&text)) {
                    edges.push(EdgeRef { from: number as u32, edge_type, to: *image });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::image_name;

    #[test]
    fn images_are_one_whatever_a_tool_calls_them() {
        assert_eq!(image_name("docker.io/library/nginx"), "nginx:latest");
        assert_eq!(image_name("docker-pullable://nginx@sha256:ab"), "sha256:ab");
        assert_eq!(image_name("registry:5000/a/b"), "registry:5000/a/b:latest");
    }
}
