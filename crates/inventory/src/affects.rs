//! From findings to the resources that they are about, and from workloads to images with findings.

use std::collections::BTreeSet;

use model::{Affects, Resource};

use crate::aws_place::Arn;
use crate::look_up::{Asker, End, LookUp};
use crate::stubs::Proposed;
use crate::{azure_id, gcp};

/// Kind of what a container image is known by.
const IMAGE: &str = "container-image";

/// The resource that a finding is about: the one that has the name; else a stub.
pub(crate) fn target(ask: &mut Asker<'_, '_>, it: &Affects) -> End {
    let value = it.value.to_ascii_lowercase();
    let found = ask.all(LookUp::Affected { by: &it.by, value: &value });
    if let [number] = found.as_slice() {
        return End::Read(*number);
    }
    let nowhere = |kind| Proposed { kind, scope: "", named: None };
    match &*it.by {
        "id" => by_id(ask, &it.value),
        // some tools write whole names there, of whatever has no short one
        "resourceId" if Arn::parse(&it.value).is_some() => by_id(ask, &it.value),
        "image" => ask.find_or_stub(format!("image:{}", image_name(&it.value)), nowhere(IMAGE)),
        "repository" => {
            let name = value.trim_end_matches(".git");
            ask.find_or_stub(format!("repository:{name}"), nowhere("code-repository"))
        }
        by => ask.find_or_stub(format!("{by}:{}", it.value), nowhere("unknown")),
    }
}

fn by_id(ask: &mut Asker<'_, '_>, text: &str) -> End {
    if let Some(id) = azure_id::canonical(text) {
        let native = azure_id::resource_type(&id).unwrap_or_default();
        let scope = azure_id::scope(&id).to_owned();
        return ask.find_or_stub(id, Proposed { kind: &native, scope: &scope, named: None });
    }
    if let Some(arn) = Arn::parse(text) {
        // A version of a function, an image of a repository: what comes before it.
        let short = text.trim_end_matches(":$LATEST");
        let whole = short.split("/sha256:").next().unwrap_or(short);
        if let Some(number) = ask.find(short).or_else(|| ask.find(whole)) {
            return End::Read(number);
        }
        let scope = format!("aws:{}", arn.account);
        let proposed = Proposed { kind: &arn.native(), scope: &scope, named: None };
        return ask.stub(short.to_owned(), proposed);
    }
    let nowhere = |kind| Proposed { kind, scope: "", named: None };
    match gcp::canonical(text) {
        Some(id) => ask.find_or_stub(id, nowhere("gcp.unknown")),
        None => ask.find_or_stub(text.to_owned(), nowhere("unknown")),
    }
}

/// An image's name without what differs between tools: the scheme, the registry of Docker Hub, and
/// the tag beside a digest.
pub(crate) fn image_name(text: &str) -> String {
    let text = text.trim_start_matches("docker-pullable://");
    let text = text.strip_prefix("docker.io/").unwrap_or(text);
    let text = text.strip_prefix("library/").unwrap_or(text);
    match text.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None if text.rsplit('/').next().is_some_and(|it| it.contains(':')) => text.to_owned(),
        None => format!("{text}:latest"),
    }
}

/// The images with findings that a workload of Kubernetes uses.
pub(crate) fn images(ask: &mut Asker<'_, '_>, own: &Resource) -> Vec<End> {
    let rules = ask.rules;
    let mut names = BTreeSet::new();
    for path in &rules.image_paths {
        names.extend(path.texts(own.doc.view(), ask.keys).iter().map(|it| image_name(it)));
    }
    let mut meant = BTreeSet::new();
    for name in &names {
        for finding in ask.all(LookUp::Image(name)) {
            let Some(finding) = ask.resource(finding) else { continue };
            let is_it = |it: &&Affects| &*it.by == "image" && image_name(&it.value) == *name;
            meant.extend(finding.affects.iter().filter(is_it));
        }
    }
    meant.into_iter().map(|it| target(ask, it)).collect()
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
