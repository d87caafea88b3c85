//! Which pods send and receive alike: those that the same policies choose and mean.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::parse::{Peer, Pod, Policy, PolicyRule, Service, Target};
use super::ways::addresses;
use super::{Cluster, Host, Kubernetes};
use crate::cloud::Kind;
use crate::spans::{Span, Spans, every_v4, every_v6};
use crate::way::Key;

impl Kubernetes {
    pub(super) fn kind_of_host(&self, host: &Host) -> Kind {
        match host {
            Host::Pod(pod) => self.kind_of_pod(pod, true),
            Host::Service(service) => self.kind_of_service(service),
            Host::Ingress(_) => Kind::default(),
        }
    }

    /// What policies see of a pod: those that choose it for the one direction, and the peers of the others by
    /// which they mean it.
    pub(super) fn kind_of_pod(&self, pod: &Pod, is_in: bool) -> Kind {
        let mut kind = vec![Key::Answer(pod.is_on_host)];
        let Some(cluster) = self.cluster(&pod.scope) else { return kind };
        let own = addresses(pod);
        if cluster.rules().any(|it| it.2.peers.iter().any(|it| matches!(it, Peer::Addresses(..)))) {
            kind.push(Key::Addresses(own));
        } else {
            kind.extend(families(&own));
        }
        if !pod.is_on_host {
            let choosing = self.policies_of(pod).filter(|it| it.rules(is_in).is_some());
            kind.push(Key::Groups(choosing.map(|it| Arc::clone(&it.id)).collect()));
        }
        for (policy, of_in, rule) in cluster.rules() {
            for peer in rule.peers.iter().filter(|_| of_in != is_in) {
                if self.means(policy, peer, pod) {
                    kind.push(Key::Shared(std::ptr::from_ref(peer).addr()));
                }
            }
        }
        if is_in && cluster.rules().any(|(.., rule)| rule.ports.iter().any(|it| it.1.is_some())) {
            for (name, ports, number) in &pod.named {
                kind.push(Key::Unread(name.clone()));
                kind.push(Key::Cubes(ports.cubes().to_vec()));
                kind.push(Key::Port(Some(*number)));
            }
        }
        kind
    }

    /// A service passes on what its pods let in, from its ports to theirs.
    fn kind_of_service(&self, service: &Service) -> Kind {
        let mut pods: BTreeSet<Kind> = BTreeSet::new();
        for pod in self.pods_of(service) {
            let mut kind = self.kind_of_pod(pod, true);
            for port in &service.ports {
                let to = match &port.target {
                    Target::Number(number) => Some(*number),
                    Target::Name(name) => pod.named.iter().find(|it| it.0 == *name).map(|it| it.2),
                };
                kind.push(Key::Port(to));
            }
            pods.insert(kind);
        }
        let fronts = service.ports.iter().map(|it| Key::Cubes(it.front.cubes().to_vec()));
        let pods = pods.into_iter().flat_map(|it| it.into_iter().chain([Key::End]));
        fronts.chain([Key::End]).chain(pods).collect()
    }
}

impl Cluster {
    /// All rules of policies, with whether they are about what comes in.
    fn rules(&self) -> impl Iterator<Item = (&Policy, bool, &PolicyRule)> {
        let names = self.policies_in.values().flatten();
        names.filter_map(|it| self.policies.get(it)).flat_map(|policy| {
            [true, false].into_iter().flat_map(move |is_in| {
                policy.rules(is_in).into_iter().flatten().map(move |it| (policy, is_in, it))
            })
        })
    }
}

/// Of which families addresses are; one that is not known may be of either.
fn families(own: &Spans) -> impl Iterator<Item = Key> + use<> {
    let unknown = Span::new(0, every_v4().first - 1);
    let has = [unknown, every_v4(), every_v6()]
        .map(|it| !own.intersect(&[it].into_iter().collect()).is_empty());
    has.into_iter().map(Key::Answer)
}
