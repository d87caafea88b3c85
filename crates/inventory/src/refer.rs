//! From a reference to the resource that it means.

use std::sync::Arc;

use crate::aws_place::{Arn, partition};
use crate::edges::{Pool, Reference, Spec};
use crate::names::{Names, Target};
use crate::template::Variables;
use crate::{azure_id, gcp, k8s};

/// The resources that a reference means; a stub when none was read.
pub(crate) fn resolve(
    pool: &mut Pool<'_>,
    names: &Names,
    spec: &Spec<'_>,
    from: usize,
    reference: &Reference,
) -> Vec<u32> {
    match (spec.by, spec.cloud) {
        ("selector", _) => Vec::new(),
        ("id", "azure") => azure(pool, spec, &reference.text).into_iter().collect(),
        ("id", "aws") => aws(pool, names, spec, from, &reference.text).into_iter().collect(),
        ("id", "gcp") => {
            gcp_resource(pool, names, spec, from, &reference.text).into_iter().collect()
        }
        ("id", _) => pool.find(&reference.text).into_iter().collect(),
        (_, "k8s") => k8s_object(pool, names, spec, from, reference),
        _ => named(pool, names, spec, from, &reference.text),
    }
}

fn azure(pool: &mut Pool<'_>, spec: &Spec<'_>, text: &str) -> Option<u32> {
    let id = azure_id::canonical(text)?;
    if let Some(number) = pool.find(&id) {
        return Some(number);
    }
    // `.../loadBalancers/lb/backendAddressPools/p` means the load balancer.
    let mut at = Some(id.as_str());
    while let Some(part) = at {
        let native = azure_id::resource_type(part).unwrap_or_default();
        let target = spec.targets.iter().find(|it| it.native.eq_ignore_ascii_case(&native));
        if let Some(target) = target {
            return Some(pool.find_or_stub(
                part,
                &target.kind.into(),
                &azure_id::scope(part).into(),
            ));
        }
        at = azure_id::parent(part);
    }
    let native = azure_id::resource_type(&id)?;
    Some(pool.find_or_stub(&id, &native.into(), &azure_id::scope(&id).into()))
}

fn aws(
    pool: &mut Pool<'_>,
    names: &Names,
    spec: &Spec<'_>,
    from: usize,
    text: &str,
) -> Option<u32> {
    if let Some(number) = pool.find(text) {
        return Some(number);
    }
    let Some(arn) = Arn::parse(text) else {
        return named(pool, names, spec, from, text).first().copied();
    };
    // An ARN with a qualifier (`function:f:alias`, `log-group:g:*`) means what comes before it.
    let mut shorter = text;
    for _ in 0..2 {
        let Some((head, _)) = shorter.rsplit_once(':') else { break };
        if Arn::parse(head).is_none() {
            break;
        }
        if let Some(number) = pool.find(head) {
            return Some(number);
        }
        shorter = head;
    }
    if text.contains('*') {
        return None;
    }
    for key in ["arn", "Arn"] {
        for target in &spec.targets {
            if let [number] = names.find(target.kind, key, text) {
                return Some(*number);
            }
        }
    }
    let scope: Arc<str> = match arn.account {
        "" => Arc::clone(&pool.resources.get(from)?.scope),
        account => format!("aws:{account}").into(),
    };
    let kind = match spec.targets.as_slice() {
        [target] => target.kind.into(),
        _ => arn.native().into(),
    };
    Some(pool.find_or_stub(text, &kind, &scope))
}

fn gcp_resource(
    pool: &mut Pool<'_>,
    names: &Names,
    spec: &Spec<'_>,
    from: usize,
    text: &str,
) -> Option<u32> {
    let service = spec.targets.first().and_then(|it| it.native.split('/').next());
    let relative = ["projects/", "folders/", "organizations/"];
    let id = match (gcp::canonical(text), service) {
        (Some(id), _) => id,
        (None, Some(service)) if relative.iter().any(|it| text.starts_with(it)) => {
            format!("//{service}/{text}")
        }
        _ => return named(pool, names, spec, from, text).first().copied(),
    };
    if let Some(number) = pool.find(&id) {
        return Some(number);
    }
    // `.../cryptoKeys/k/cryptoKeyVersions/1` means the key.
    let mut at = id.as_str();
    while let Some(parent) = at.rsplit_once('/').and_then(|(it, _)| it.rsplit_once('/')) {
        at = parent.0;
        if at.matches('/').count() < 5 {
            break;
        }
        let kind = pool.find(at).and_then(|it| pool.resources.get(it as usize)).map(|it| &*it.kind);
        if kind.is_some_and(|kind| spec.targets.iter().any(|it| it.kind == kind)) {
            return pool.find(at);
        }
    }
    let own = pool.resources.get(from)?;
    let scope = match id.split_once("/projects/") {
        Some((_, rest)) => {
            format!("{}{}", gcp::PROJECTS, rest.split('/').next().unwrap_or(rest)).into()
        }
        None => Arc::clone(&own.scope),
    };
    let id = id.split("/cryptoKeyVersions/").next().unwrap_or(&id).to_owned();
    Some(pool.find_or_stub(&id, &stub_kind(spec), &scope))
}

/// The other names by which a reference may mean its target. One that is declared to be an id and
/// is none may be any usual name.
pub(crate) fn name_keys<'s>(spec: &'s Spec<'_>) -> &'s [&'s str] {
    match (spec.by, spec.cloud) {
        ("id", "aws" | "gcp") => &["name", "resourceId", "id", "arn", "Arn"],
        ("id" | "selector", _) => &[],
        _ => std::slice::from_ref(&spec.by),
    }
}

/// References by another name: the nearest resources that have it.
fn named(pool: &mut Pool<'_>, names: &Names, spec: &Spec<'_>, from: usize, text: &str) -> Vec<u32> {
    let Some(own) = pool.resources.get(from) else { return Vec::new() };
    let (scope, region) = (Arc::clone(&own.scope), own.region.clone());
    let keys = name_keys(spec);
    let mut found: Vec<u32> = Vec::new();
    for key in keys {
        for target in &spec.targets {
            found.extend(names.find(target.kind, key, text));
        }
    }
    found.sort_unstable();
    found.dedup();
    let at = |number: &u32| pool.resources.get(*number as usize);
    let in_scope: Vec<u32> =
        found.iter().copied().filter(|it| at(it).is_some_and(|it| it.scope == scope)).collect();
    let in_region: Vec<u32> = in_scope
        .iter()
        .copied()
        .filter(|it| at(it).is_some_and(|it| it.region == region))
        .collect();
    let is_unique_name = spec.cloud != "aws" && spec.by != "name";
    let nearest = [in_region, in_scope, if is_unique_name { found } else { Vec::new() }];
    if let Some(nearest) = nearest.into_iter().find(|it| !it.is_empty()) {
        return nearest;
    }
    stub_of(pool, names, spec, keys, from, text).into_iter().collect()
}

/// A stub for a name that nothing has.
fn stub_of(
    pool: &mut Pool<'_>,
    names: &Names,
    spec: &Spec<'_>,
    keys: &[&str],
    from: usize,
    text: &str,
) -> Option<u32> {
    // `local` of a route is no resource.
    if spec.by == "resourceId" && !text.contains('-') {
        return None;
    }
    let own = pool.resources.get(from)?;
    let (scope, region) = (Arc::clone(&own.scope), own.region.clone());
    let region = region.as_deref().unwrap_or_default();
    if let [target] = spec.targets.as_slice() {
        let template = keys.iter().find_map(|key| names.template(target.kind, key));
        let variables = Variables {
            account: scope.strip_prefix("aws:").unwrap_or_default(),
            region,
            partition: partition(region),
            argument: "",
        };
        if let Some(id) = template.and_then(|it| it.fill_with(text, variables)) {
            return Some(pool.find_or_stub(&id, &target.kind.into(), &scope));
        }
    }
    let kind = stub_kind(spec);
    let id = match spec.cloud {
        "aws" => format!("{scope}/{region}/{kind}/{text}"),
        // The names of buckets are unique in the world, and their ids nothing more.
        "gcp" if &*kind == "gcp.storage-bucket" => format!("//storage.googleapis.com/{text}"),
        cloud => format!("{cloud}:{}:{text}", spec.by),
    };
    let number = pool.find_or_stub(&id, &kind, &scope);
    if let Some(stub) = pool.resources.get_mut(number as usize)
        && !stub.collected
        && stub.also.is_empty()
    {
        text.clone_into(&mut stub.name);
        stub.also.push((spec.by.into(), text.to_owned()));
    }
    Some(number)
}

fn stub_kind(spec: &Spec<'_>) -> Arc<str> {
    match spec.targets.as_slice() {
        [target] => target.kind.into(),
        _ => format!("{}.unknown", spec.cloud).into(),
    }
}

fn k8s_object(
    pool: &mut Pool<'_>,
    names: &Names,
    spec: &Spec<'_>,
    from: usize,
    reference: &Reference,
) -> Vec<u32> {
    let Some(own) = pool.resources.get(from) else { return Vec::new() };
    let (scope, own_namespace) = (Arc::clone(&own.scope), namespace_of(&own.id).to_owned());
    let fits = |target: &&Target<'_>| {
        let native = target.native.rsplit('/').next().unwrap_or_default();
        reference.kind.as_ref().is_none_or(|kind| kind == native)
    };
    let targets: Vec<Target<'_>> = spec.targets.iter().filter(fits).copied().collect();
    if targets.is_empty() {
        return Vec::new();
    }
    let namespace = reference.namespace.as_deref().unwrap_or(&own_namespace);
    if spec.by != "name" {
        let mut found = Vec::new();
        for target in &targets {
            let all = names.find(target.kind, spec.by, &reference.text).iter().copied();
            found.extend(
                all.filter(|it| {
                    pool.resources.get(*it as usize).is_some_and(|it| it.scope == scope)
                }),
            );
        }
        return found;
    }
    let mut stub = None;
    for target in &targets {
        let lower = target.native.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let namespace = if k8s::is_cluster_scoped(&lower) { "" } else { namespace };
        let id = k8s::object_id(&scope, target.native, namespace, &reference.text);
        if let Some(number) = pool.find(&id) {
            return vec![number];
        }
        stub = stub.or(Some((id, target.kind)));
    }
    match (stub, targets.len()) {
        (Some((id, kind)), 1) => vec![pool.find_or_stub(&id, &kind.into(), &scope)],
        _ => Vec::new(),
    }
}

/// The namespace in the id of a Kubernetes object; empty when it belongs to the cluster.
pub(crate) fn namespace_of(id: &str) -> &str {
    id.split('/').nth(3).unwrap_or_default()
}
