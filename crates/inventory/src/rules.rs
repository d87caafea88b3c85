//! The references that kinds declare, prepared: what the derivation of edges needs to know and what
//! does not change while the library stays the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Keys, Path};

use crate::index::{Index, KindInfo};
use crate::template::Template;
use crate::view_path::ViewPath;

/// From each scope and parent to what lies in it.
pub(crate) const CONTAINS: &str = "CONTAINS";
/// From a finding to what it is about.
const AFFECTS: &str = "AFFECTS";
/// From a workload to an image.
const USES_IMAGE: &str = "USES_IMAGE";

/// Where workloads of Kubernetes name their images.
const IMAGE_PATHS: [&str; 6] = [
    "spec.containers[*].image",
    "spec.initContainers[*].image",
    "status.containerStatuses[*].image",
    "status.containerStatuses[*].imageID",
    "spec.template.spec.containers[*].image",
    "spec.template.spec.initContainers[*].image",
];

/// A declared reference, prepared.
#[derive(Debug)]
pub(crate) struct Spec<'l> {
    pub(crate) edge_type: u32,
    pub(crate) path: ViewPath,
    /// Kinds that it may lead to; empty for any.
    pub(crate) targets: Vec<Target<'l>>,
    pub(crate) by: &'l str,
    pub(crate) is_reverse: bool,
    pub(crate) cloud: &'l str,
}

/// A kind that a reference may lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'l> {
    pub(crate) kind: &'l str,
    /// Native type as the kind file writes it.
    pub(crate) native: &'l str,
    pub(crate) number: u32,
}

/// A name kind by which resources of a kind are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted<'l> {
    pub(crate) key: &'l str,
    /// Everywhere, or only among the resources of a scope.
    pub(crate) is_global: bool,
}

/// Everything prepared. Lists run beside the kinds of the index.
#[derive(Debug)]
pub(crate) struct Rules<'l> {
    /// All edge types, sorted.
    pub(crate) types: Vec<String>,
    pub(crate) contains: u32,
    pub(crate) affects: u32,
    pub(crate) uses_image: u32,
    pub(crate) specs: Vec<Vec<Spec<'l>>>,
    /// References that may lead to each kind: kind of the holder, number of the reference.
    pub(crate) entering: Vec<Vec<(u32, u32)>>,
    pub(crate) wanted: Vec<Vec<Wanted<'l>>>,
    /// Whether selectors look for resources of the kind.
    pub(crate) is_selected: Vec<bool>,
    /// The names of each kind of which its id is made, and nothing else.
    made_of: Vec<BTreeSet<&'l str>>,
    /// The name kinds that findings use.
    pub(crate) affected_by: BTreeSet<String>,
    pub(crate) image_paths: Vec<ViewPath>,
}

impl<'l> Rules<'l> {
    pub(crate) fn build(index: &Index<'l>, keys: &Keys) -> Self {
        let types = types(index);
        let specs = specs(index, keys, &types);
        let number = |name: &str| types.binary_search(&name.to_owned()).unwrap_or(0) as u32;
        let paths = IMAGE_PATHS.iter().filter_map(|it| Path::parse(it).ok());
        let findings = index.formats.iter().flat_map(|it| &it.findings);
        Self {
            contains: number(CONTAINS),
            affects: number(AFFECTS),
            uses_image: number(USES_IMAGE),
            entering: entering(index, &specs),
            wanted: wanted(index, &specs),
            is_selected: is_selected(index, &specs),
            made_of: index.kinds.iter().map(made_of).collect(),
            affected_by: findings.flat_map(|it| &it.affects).map(|it| it.by.clone()).collect(),
            image_paths: paths.map(|path| ViewPath::new(&path, keys)).collect(),
            types,
            specs,
        }
    }

    /// The references of a kind.
    pub(crate) fn specs(&self, kind: u32) -> &[Spec<'l>] {
        self.specs.get(kind as usize).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn spec(&self, at: (u32, u32)) -> Option<&Spec<'l>> {
        self.specs(at.0).get(at.1 as usize)
    }

    pub(crate) fn wanted(&self, kind: u32) -> &[Wanted<'l>] {
        self.wanted.get(kind as usize).map_or(&[], Vec::as_slice)
    }

    /// The template of a kind's ids, when `key` is the one name that it is made of.
    pub(crate) fn template<'i>(
        &self,
        index: &'i Index<'_>,
        kind: u32,
        key: &str,
    ) -> Option<&'i Template> {
        let is_id_name = self.made_of.get(kind as usize).is_some_and(|it| it.contains(key));
        index.kind(kind)?.template.as_ref().filter(|_| is_id_name)
    }
}

impl<'l> Spec<'l> {
    /// The other names by which the reference may mean its target. One that is declared to be an id
    /// and is none may be any usual name.
    pub(crate) fn name_keys(&self) -> Vec<&'l str> {
        match (self.by, self.cloud) {
            // keys of KMS are often named by an alias
            ("id", "aws") => vec!["name", "resourceId", "id", "arn", "Arn", "alias"],
            ("id", "gcp") => vec!["name", "resourceId", "id", "arn", "Arn"],
            ("id" | "selector", _) => Vec::new(),
            _ => vec![self.by],
        }
    }

    /// Whether such a name is looked for beyond the scope of the resource that holds it.
    pub(crate) fn is_global_name(&self) -> bool {
        !matches!(self.cloud, "aws" | "k8s") && self.by != "name"
    }
}

/// All edge types, sorted.
fn types(index: &Index<'_>) -> Vec<String> {
    let mut types: BTreeSet<String> =
        [CONTAINS, AFFECTS, USES_IMAGE].into_iter().map(str::to_owned).collect();
    for info in &index.kinds {
        types.extend(info.kind.edges.iter().map(|edge| edge.edge_type.clone()));
    }
    types.into_iter().collect()
}

/// The references of each kind, by its number.
fn specs<'l>(index: &Index<'l>, keys: &Keys, types: &[String]) -> Vec<Vec<Spec<'l>>> {
    let numbers: BTreeMap<&str, u32> =
        types.iter().enumerate().map(|(i, name)| (name.as_str(), i as u32)).collect();
    let of_kind = |info: &KindInfo<'l>| {
        let kind = info.kind;
        let spec = |edge: &'l content::Edge| Spec {
            edge_type: numbers.get(edge.edge_type.as_str()).copied().unwrap_or(0),
            path: ViewPath::new(&edge.at, keys),
            targets: targets(index, &edge.to.0),
            by: &edge.by,
            is_reverse: edge.reverse,
            // identities behind accounts of a cluster are of another cloud
            cloud: edge
                .to
                .0
                .first()
                .filter(|it| *it != "any")
                .unwrap_or(&kind.id)
                .split('.')
                .next()
                .unwrap_or_default(),
        };
        kind.edges.iter().map(spec).collect()
    };
    index.kinds.iter().map(of_kind).collect()
}

/// The kinds of a list of ids; none for `any`.
fn targets<'l>(index: &Index<'l>, ids: &'l [String]) -> Vec<Target<'l>> {
    let target = |id: &'l String| {
        let number = index.number(id)?;
        let info = index.kind(number)?;
        Some(Target { kind: &info.kind.id, native: &info.kind.native, number })
    };
    ids.iter().filter_map(target).collect()
}

/// The references that may lead to each kind, by its number.
fn entering(index: &Index<'_>, specs: &[Vec<Spec<'_>>]) -> Vec<Vec<(u32, u32)>> {
    let mut entering = vec![Vec::new(); index.kinds.len()];
    for (kind, own) in specs.iter().enumerate() {
        for (i, spec) in own.iter().enumerate() {
            for target in &spec.targets {
                if let Some(list) = entering.get_mut(target.number as usize) {
                    list.push((kind as u32, i as u32));
                }
            }
            if spec.targets.is_empty() {
                for (other, list) in entering.iter_mut().enumerate() {
                    let cloud = index.kinds.get(other).map(|it| it.kind.cloud());
                    if cloud == Some(spec.cloud) {
                        list.push((kind as u32, i as u32));
                    }
                }
            }
        }
    }
    entering
}

/// The names by which resources of each kind are looked up.
fn wanted<'l>(index: &Index<'l>, specs: &[Vec<Spec<'l>>]) -> Vec<Vec<Wanted<'l>>> {
    let mut wanted: Vec<Vec<Wanted<'l>>> = vec![Vec::new(); index.kinds.len()];
    for spec in specs.iter().flatten().filter(|it| it.by != "selector") {
        let is_global = spec.is_global_name();
        let mut keys: Vec<Wanted<'l>> =
            spec.name_keys().into_iter().map(|key| Wanted { key, is_global }).collect();
        if spec.by == "id" && spec.cloud == "aws" {
            // An ARN that is no id may be another name, which is unique in the world.
            keys.extend(["arn", "Arn"].map(|key| Wanted { key, is_global: true }));
        }
        for target in &spec.targets {
            let Some(own) = wanted.get_mut(target.number as usize) else { continue };
            own.extend(keys.iter().copied());
        }
    }
    for own in &mut wanted {
        own.sort_unstable_by_key(|it| (it.key, it.is_global));
        own.dedup();
    }
    wanted
}

fn is_selected(index: &Index<'_>, specs: &[Vec<Spec<'_>>]) -> Vec<bool> {
    let mut selected = vec![false; index.kinds.len()];
    for spec in specs.iter().flatten().filter(|it| it.by == "selector") {
        for target in &spec.targets {
            if let Some(own) = selected.get_mut(target.number as usize) {
                *own = true;
            }
        }
    }
    selected
}

/// The names whose path is the one in the template of the kind's ids.
fn made_of<'l>(info: &KindInfo<'l>) -> BTreeSet<&'l str> {
    let Some(template) = &info.template else { return BTreeSet::new() };
    let paths: Vec<&str> = template.paths().map(Path::text).collect();
    let identity = &info.kind.identity;
    let named = identity.name.iter().map(|path| ("name", path));
    let also = identity.also.iter().map(|(name, path)| (name.as_str(), path));
    let is_alone = |path: &Path| paths == [path.text()];
    named.chain(also).filter(|(_, path)| is_alone(path)).map(|(name, _)| name).collect()
}

/// The id of a kind, shared.
pub(crate) fn kind_id(index: &Index<'_>, number: u32) -> Arc<str> {
    index.kind(number).map_or_else(|| "".into(), |it| Arc::clone(&it.id))
}
