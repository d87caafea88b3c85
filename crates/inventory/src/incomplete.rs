//! Which edges a resource may have beyond those that are known.
//!
//! An edge that leaves a resource is unknown when the place of the reference was not read. An edge
//! that enters it is unknown when a kind that could hold the reference was not collected in its
//! scope, or when the place in one of that kind's resources was not read. What a scope or a parent
//! contains is unknown for the kinds that were not collected there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{GapId, Resource};

use crate::edges::{Spec, Unread};
use crate::index::Index;
use crate::snapshot::{Collected, MissingEdges};

/// Kind, scope and region of a resource.
type Class = (Arc<str>, Arc<str>, Option<Arc<str>>);
/// What a resource lacks: edge type, whether outgoing, kinds of the other end, gap.
type Lack = (u32, bool, Vec<Arc<str>>, GapId);

/// The group of each resource, and what the resources of each group may lack. The resources from
/// `n_read` on are stubs, known by name only.
pub(crate) fn build(
    (resources, n_read): (&[Resource], usize),
    index: &Index<'_>,
    specs: &[Vec<Spec<'_>>],
    unread: &[Unread],
    collected: &BTreeSet<Collected>,
    contains: u32,
) -> (Vec<u32>, Vec<MissingEdges>) {
    let read = Read::new(collected);
    let mut own: BTreeMap<u32, BTreeSet<Lack>> = BTreeMap::new();
    // (edge type, kind of the reference's holder, scope) whose reference could not be read.
    let mut blind: BTreeMap<(u32, u32), BTreeMap<Arc<str>, GapId>> = BTreeMap::new();
    for it in unread {
        let Some(resource) = resources.get(it.resource as usize) else { continue };
        let Some(spec) = spec_of(specs, it.spec) else { continue };
        let kinds = spec.targets.iter().map(|target| Arc::from(target.kind)).collect();
        own.entry(it.resource).or_default().insert((
            spec.edge_type,
            !spec.is_reverse,
            kinds,
            it.gap,
        ));
        blind.entry(it.spec).or_default().entry(Arc::clone(&resource.scope)).or_insert(it.gap);
    }
    for (number, stub) in resources.iter().enumerate().skip(n_read) {
        let Some(kind) = index.number(&stub.kind) else { continue };
        let lacks = specs.get(kind as usize).into_iter().flatten().map(|spec| {
            let kinds = spec.targets.iter().map(|target| Arc::from(target.kind)).collect();
            (spec.edge_type, !spec.is_reverse, kinds, GapId::NOT_COLLECTED)
        });
        own.entry(number as u32).or_default().extend(lacks);
    }
    let entering = entering(index, specs);
    let mut groups_of: BTreeMap<(Class, BTreeSet<Lack>), u32> = BTreeMap::new();
    let mut groups = Vec::with_capacity(resources.len());
    let nothing = BTreeSet::new();
    // Most resources of a class lack nothing of their own: their group is found without a copy.
    let mut plain: hashbrown::HashMap<Class, u32> = hashbrown::HashMap::new();
    for (number, resource) in resources.iter().enumerate() {
        let class =
            (Arc::clone(&resource.kind), Arc::clone(&resource.scope), resource.region.clone());
        let lacks = own.get(&(number as u32)).unwrap_or(&nothing);
        let group = if lacks.is_empty() {
            if let Some(group) = plain.get(&class) {
                *group
            } else {
                let next = groups_of.len() as u32;
                let group = *groups_of.entry((class.clone(), BTreeSet::new())).or_insert(next);
                plain.insert(class, group);
                group
            }
        } else {
            let next = groups_of.len() as u32;
            *groups_of.entry((class, lacks.clone())).or_insert(next)
        };
        groups.push(group);
    }
    let mut missing = BTreeSet::new();
    for ((class, lacks), group) in groups_of {
        let lacks = lacks
            .into_iter()
            .chain(class_lacks(&class, index, specs, &entering, &blind, collected))
            .chain(content_lacks(&class, index, &read, contains));
        missing.extend(lacks.map(|(edge_type, is_outgoing, kinds, gap)| MissingEdges {
            group,
            edge_type,
            is_outgoing,
            kinds,
            gap,
        }));
    }
    (groups, missing.into_iter().collect())
}

fn spec_of<'s, 'l>(specs: &'s [Vec<Spec<'l>>], at: (u32, u32)) -> Option<&'s Spec<'l>> {
    specs.get(at.0 as usize)?.get(at.1 as usize)
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

/// What all resources of a class may lack, because of what refers to them.
fn class_lacks(
    (kind, scope, region): &Class,
    index: &Index<'_>,
    specs: &[Vec<Spec<'_>>],
    entering: &[Vec<(u32, u32)>],
    blind: &BTreeMap<(u32, u32), BTreeMap<Arc<str>, GapId>>,
    collected: &BTreeSet<Collected>,
) -> Vec<Lack> {
    let Some(number) = index.number(kind) else { return Vec::new() };
    let mut lacks = Vec::new();
    for at in entering.get(number as usize).into_iter().flatten() {
        let (Some(spec), Some(holder)) = (spec_of(specs, *at), index.kind(at.0)) else { continue };
        let is_collected = is_collected(collected, scope, region.as_ref(), &holder.id);
        let gap = blind.get(at).and_then(|scopes| scopes.get(scope)).copied();
        let gap = if is_collected { gap } else { gap.or(Some(GapId::NOT_COLLECTED)) };
        if let Some(gap) = gap {
            // The reference stands at the other end, so a forward edge enters this resource.
            lacks.push((spec.edge_type, spec.is_reverse, vec![Arc::clone(&holder.id)], gap));
        }
    }
    lacks
}

/// Kinds that were collected in a scope, at least in one of its regions.
struct Read<'c>(BTreeSet<(&'c str, &'c str)>);

impl<'c> Read<'c> {
    fn new(collected: &'c BTreeSet<Collected>) -> Self {
        Self(collected.iter().map(|it| (&*it.scope, &*it.kind)).collect())
    }

    fn has(&self, scope: &str, kind: &str) -> bool {
        self.0.contains(&(scope, kind)) || self.0.contains(&(scope, "*"))
    }
}

/// What the resources of a class may contain or be contained in beyond what is known.
fn content_lacks(
    (kind, scope, _): &Class,
    index: &Index<'_>,
    read: &Read<'_>,
    contains: u32,
) -> Vec<Lack> {
    let (cloud, _) = kind.split_once('.').unwrap_or_default();
    let own = index.number(kind).and_then(|it| index.kind(it)).map_or("", |it| &it.native);
    let holds_all = matches!(
        &**kind,
        "azure.subscription"
            | "azure.resource-group"
            | "aws.account"
            | "gcp.project"
            | "gcp.folder"
            | "gcp.organization"
            | "k8s.cluster"
            | "k8s.namespace"
    );
    // A server's databases have a type that goes on from its own; a Google service is one family.
    let may_hold = |native: &str| match cloud {
        "azure" => native.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')),
        "gcp" => native.split_once('/').map(|it| it.0) == own.split_once('/').map(|it| it.0),
        _ => false,
    };
    let not_read = |other: &&crate::index::KindInfo<'_>| {
        other.kind.cloud() == cloud
            && other.id != *kind
            && (holds_all || (!own.is_empty() && may_hold(&other.native)))
            && !read.has(scope, &other.id)
    };
    let kinds: Vec<Arc<str>> =
        index.kinds.iter().filter(not_read).map(|it| Arc::clone(&it.id)).collect();
    let mut lacks = Vec::new();
    if !kinds.is_empty() {
        lacks.push((contains, true, kinds, GapId::NOT_COLLECTED));
    }
    // The folders and the organization above a project are not in its name.
    if matches!(&**kind, "gcp.project" | "gcp.folder") && !read.has(scope, "*") {
        let above = vec![Arc::from("gcp.folder"), Arc::from("gcp.organization")];
        lacks.push((contains, false, above, GapId::NOT_COLLECTED));
    }
    lacks
}

fn is_collected(
    collected: &BTreeSet<Collected>,
    scope: &Arc<str>,
    region: Option<&Arc<str>>,
    kind: &Arc<str>,
) -> bool {
    let has = |region: Option<&Arc<str>>, kind: &Arc<str>| {
        collected.contains(&Collected {
            scope: Arc::clone(scope),
            region: region.cloned(),
            kind: Arc::clone(kind),
        })
    };
    has(None, kind) || region.is_some_and(|it| has(Some(it), kind)) || has(None, &"*".into())
}
