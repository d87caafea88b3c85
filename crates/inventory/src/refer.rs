//! From a reference to the resource that it means.
//!
//! A reference by id is met by the resource with that id or by one that encloses it; a reference by
//! another name is searched near the resource: the same region and scope, then the scope, then (for
//! names that are unique in a cloud) everywhere.

use model::Resource;

use crate::aws_place::{Arn, partition};
use crate::look_up::{Asker, End, LookUp, comparable};
use crate::rules::{Spec, Target};
use crate::stubs::Proposed;
use crate::template::Variables;
use crate::{azure_id, gcp, k8s};

/// A reference as it stands in a document.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) text: String,
    /// What stands beside it, for Kubernetes: kind and namespace of what is meant.
    pub(crate) kind: Option<String>,
    pub(crate) namespace: Option<String>,
}

/// The resources that a reference means; a stub when none was read.
pub(crate) fn resolve(
    ask: &mut Asker<'_, '_>,
    spec: &Spec<'_>,
    own: &Resource,
    reference: &Reference,
) -> Vec<End> {
    let text = reference.text.as_str();
    match (spec.by, spec.cloud) {
        ("selector", _) => Vec::new(),
        ("id", "azure") => azure(ask, spec, text).into_iter().collect(),
        ("id", "aws") => aws(ask, spec, own, text).into_iter().collect(),
        ("id", "gcp") => gcp_resource(ask, spec, own, text).into_iter().collect(),
        ("id", _) => ask.find(text).map(End::Read).into_iter().collect(),
        (_, "k8s") => k8s_object(ask, spec, own, reference),
        _ => named(ask, spec, own, text),
    }
}

fn azure(ask: &mut Asker<'_, '_>, spec: &Spec<'_>, text: &str) -> Option<End> {
    let id = azure_id::canonical(text)?;
    if let Some(number) = ask.find(&id) {
        return Some(End::Read(number));
    }
    // `.../loadBalancers/lb/backendAddressPools/p` means the load balancer.
    let mut at = Some(id.as_str());
    while let Some(part) = at {
        let native = azure_id::resource_type(part).unwrap_or_default();
        let target = spec.targets.iter().find(|it| it.native.eq_ignore_ascii_case(&native));
        if let Some(target) = target {
            let proposed =
                Proposed { kind: target.kind, scope: azure_id::scope(part), named: None };
            return Some(ask.find_or_stub(part.to_owned(), proposed));
        }
        at = azure_id::parent(part);
    }
    let native = azure_id::resource_type(&id)?;
    let scope = azure_id::scope(&id).to_owned();
    Some(ask.stub(id, Proposed { kind: &native, scope: &scope, named: None }))
}

fn aws(ask: &mut Asker<'_, '_>, spec: &Spec<'_>, own: &Resource, text: &str) -> Option<End> {
    if let Some(number) = ask.find(text) {
        return Some(End::Read(number));
    }
    let Some(arn) = Arn::parse(text) else {
        return named(ask, spec, own, text).into_iter().next();
    };
    // An ARN with a qualifier (`function:f:alias`, `log-group:g:*`) means what comes before it.
    let mut shorter = text;
    for _ in 0..2 {
        let Some((head, _)) = shorter.rsplit_once(':') else { break };
        if Arn::parse(head).is_none() {
            break;
        }
        if let Some(number) = ask.find(head) {
            return Some(End::Read(number));
        }
        shorter = head;
    }
    if text.contains('*') {
        return None;
    }
    // `table/orders/stream/2026-11-21T00:00:00.000` means the table, `stream/clicks/consumer/c:1` the stream.
    let inner = match arn.service {
        "dynamodb" => text.split_once("/stream/"),
        "kinesis" => text.split_once("/consumer/"),
        _ => None,
    };
    if let Some(number) = inner.and_then(|(whole, _)| ask.find(whole)) {
        return Some(End::Read(number));
    }
    for key in ["arn", "Arn", "aliasArn"] {
        for target in &spec.targets {
            let value = &*comparable(text);
            let found = ask.all(LookUp::Name { kind: target.kind, key, value });
            if let [number] = found.as_slice() {
                return Some(End::Read(*number));
            }
        }
    }
    let account = format!("aws:{}", arn.account);
    let scope = if arn.account.is_empty() { &*own.scope } else { account.as_str() };
    let native = arn.native();
    let kind = match spec.targets.as_slice() {
        [target] => target.kind,
        _ => native.as_str(),
    };
    Some(ask.stub(text.to_owned(), Proposed { kind, scope, named: None }))
}

fn gcp_resource(
    ask: &mut Asker<'_, '_>,
    spec: &Spec<'_>,
    own: &Resource,
    text: &str,
) -> Option<End> {
    let service = spec.targets.first().and_then(|it| it.native.split('/').next());
    let relative = ["projects/", "folders/", "organizations/"];
    let id = match (gcp::canonical(text), service) {
        (Some(id), _) => id,
        (None, Some(service)) if relative.iter().any(|it| text.starts_with(it)) => {
            format!("//{service}/{text}")
        }
        _ => return named(ask, spec, own, text).into_iter().next(),
    };
    if let Some(number) = ask.find(&id) {
        return Some(End::Read(number));
    }
    // `.../cryptoKeys/k/cryptoKeyVersions/1` means the key.
    let mut at = id.as_str();
    while let Some(parent) = at.rsplit_once('/').and_then(|(it, _)| it.rsplit_once('/')) {
        at = parent.0;
        if at.matches('/').count() < 5 {
            break;
        }
        let Some(number) = ask.find(at) else { continue };
        let kind = ask.resource(number).map(|it| &*it.kind);
        if kind.is_some_and(|kind| spec.targets.iter().any(|it| it.kind == kind)) {
            return Some(End::Read(number));
        }
    }
    let project = id
        .split_once("/projects/")
        .map(|(_, rest)| format!("{}{}", gcp::PROJECTS, rest.split('/').next().unwrap_or(rest)));
    let scope = project.as_deref().unwrap_or(&own.scope);
    let id = id.split("/cryptoKeyVersions/").next().unwrap_or(&id).to_owned();
    Some(ask.find_or_stub(id, Proposed { kind: &stub_kind(spec), scope, named: None }))
}

/// References by another name: the nearest resources that have it.
fn named(ask: &mut Asker<'_, '_>, spec: &Spec<'_>, own: &Resource, text: &str) -> Vec<End> {
    let is_global = spec.is_global_name();
    let value = &*comparable(text);
    let mut found: Vec<u32> = Vec::new();
    for key in spec.name_keys() {
        for target in &spec.targets {
            found.extend(ask.all(match (target.kind, &*own.scope) {
                (kind, _) if is_global => LookUp::Name { kind, key, value },
                (kind, scope) => LookUp::NameIn { kind, key, value, scope },
            }));
        }
    }
    found.sort_unstable();
    found.dedup();
    let near = |fits: &dyn Fn(&Resource) -> bool| -> Vec<End> {
        let fits = |it: &u32| ask.resource(*it).is_some_and(fits);
        found.iter().copied().filter(fits).map(End::Read).collect()
    };
    let nearest = [
        near(&|it| it.scope == own.scope && it.region == own.region),
        near(&|it| it.scope == own.scope),
        near(&|_| is_global),
    ];
    match nearest.into_iter().find(|it| !it.is_empty()) {
        Some(nearest) => nearest,
        None => stub_of(ask, spec, own, text).into_iter().collect(),
    }
}

/// A stub for a name that nothing has.
fn stub_of(ask: &mut Asker<'_, '_>, spec: &Spec<'_>, own: &Resource, text: &str) -> Option<End> {
    // `local` of a route is no resource.
    if spec.by == "resourceId" && !text.contains('-') {
        return None;
    }
    let scope = &*own.scope;
    let region = own.region.as_deref().unwrap_or_default();
    if let [target] = spec.targets.as_slice() {
        let keys = spec.name_keys();
        let template =
            keys.iter().find_map(|key| ask.rules.template(ask.index, target.number, key));
        let variables = Variables {
            account: scope.strip_prefix("aws:").unwrap_or_default(),
            region,
            partition: partition(region),
            argument: "",
        };
        if let Some(id) = template.and_then(|it| it.fill_with(text, variables)) {
            let proposed = Proposed { kind: target.kind, scope, named: None };
            return Some(ask.find_or_stub(id, proposed));
        }
    }
    let kind = stub_kind(spec);
    let id = match spec.cloud {
        "aws" => format!("{scope}/{region}/{kind}/{text}"),
        // The names of buckets are unique in the world, and their ids nothing more.
        "gcp" if kind == "gcp.storage-bucket" => format!("//storage.googleapis.com/{text}"),
        cloud => format!("{cloud}:{}:{text}", spec.by),
    };
    let proposed = Proposed { kind: &kind, scope, named: Some((spec.by, text)) };
    Some(ask.find_or_stub(id, proposed))
}

fn stub_kind(spec: &Spec<'_>) -> String {
    match spec.targets.as_slice() {
        [target] => target.kind.to_owned(),
        _ => format!("{}.unknown", spec.cloud),
    }
}

fn k8s_object(
    ask: &mut Asker<'_, '_>,
    spec: &Spec<'_>,
    own: &Resource,
    reference: &Reference,
) -> Vec<End> {
    let fits = |target: &&Target<'_>| {
        let native = target.native.rsplit('/').next().unwrap_or_default();
        reference.kind.as_ref().is_none_or(|kind| kind == native)
    };
    let targets: Vec<&Target<'_>> = spec.targets.iter().filter(fits).collect();
    if spec.by != "name" {
        let value = &*comparable(&reference.text);
        let (key, scope) = (spec.by, &*own.scope);
        let found = targets
            .iter()
            .flat_map(|it| ask.all(LookUp::NameIn { kind: it.kind, key, value, scope }));
        return found.map(End::Read).collect();
    }
    let namespace = reference.namespace.as_deref().unwrap_or_else(|| namespace_of(&own.id));
    let mut ids = Vec::new();
    for target in &targets {
        let lower = target.native.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let namespace = if k8s::is_cluster_scoped(&lower) { "" } else { namespace };
        let id = k8s::object_id(&own.scope, target.native, namespace, &reference.text);
        if let Some(number) = ask.find(&id) {
            return vec![End::Read(number)];
        }
        ids.push((id, target.kind));
    }
    match <[_; 1]>::try_from(ids) {
        Ok([(id, kind)]) => {
            vec![ask.stub(id, Proposed { kind, scope: &own.scope, named: None })]
        }
        Err(_) => Vec::new(),
    }
}

/// The namespace in the id of a Kubernetes object; empty when it belongs to the cluster.
pub(crate) fn namespace_of(id: &str) -> &str {
    id.split('/').nth(3).unwrap_or_default()
}
