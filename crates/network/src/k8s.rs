//! Networks of Kubernetes clusters.
//!
//! Within a cluster everything reaches everything until a network policy chooses a pod; then only what a
//! policy lets in or out passes. From the internet a service of type `LoadBalancer` or an ingress leads
//! in; node ports and host ports do so where the network of the nodes lets them, which a cluster does not
//! tell. <https://kubernetes.io/docs/concepts/services-networking/network-policies/>,
//! <https://kubernetes.io/docs/concepts/services-networking/service/>,
//! <https://kubernetes.io/docs/concepts/services-networking/ingress/>.

mod kinds;
mod labels;
mod parse;
mod ways;

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use model::Resource;

use self::labels::Labels;
use self::parse::{Ingress, Pod, Policy, Service};
use crate::cloud::{Cloud, Entrance, Kind, Touched};
use crate::gate::{Gate, Name};
use crate::read::At;

/// What may be reached.
#[derive(Debug)]
enum Host {
    Pod(Arc<Pod>),
    Service(Service),
    Ingress(Ingress),
}

/// A cluster.
#[derive(Debug, Default)]
struct Cluster {
    /// Labels of namespaces.
    namespaces: HashMap<Name, Labels>,
    policies: HashMap<Name, Policy>,
    /// Policies by namespace, sorted.
    policies_in: HashMap<Name, BTreeSet<Name>>,
    /// Nodes with a public address.
    public_nodes: HashSet<Name>,
    /// Pods that take in what comes through ingresses, as far as their labels say so; in order.
    controllers: BTreeSet<Name>,
    /// Pods and services by namespace.
    pods: HashMap<Name, Vec<Name>>,
    services: HashMap<Name, Vec<Name>>,
    ingresses: HashMap<Name, Vec<Name>>,
}

#[derive(Debug, Clone, Copy)]
enum Known {
    Policy,
    Namespace,
    Node,
    Host,
}

/// Every cluster.
#[derive(Debug)]
pub(crate) struct Kubernetes {
    known: HashMap<Name, (Known, Name, Name)>,
    clusters: HashMap<Name, Cluster>,
    hosts: HashMap<Name, Host>,
    /// Stands for rules that are not the cluster's.
    unread: Arc<Gate>,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            clusters: HashMap::new(),
            hosts: HashMap::new(),
            unread: Arc::new(Gate::unread(&"".into())),
        }
    }
}

/// What pods of a namespace depend on.
fn rules_key(cluster: &str, namespace: &str) -> Name {
    format!("{cluster}//rules/{namespace}").into()
}

/// What services of a namespace depend on.
fn pods_key(cluster: &str, namespace: &str) -> Name {
    format!("{cluster}//pods/{namespace}").into()
}

/// What everything in a cluster depends on.
fn cluster_key(cluster: &str) -> Name {
    format!("{cluster}//").into()
}

impl Cloud for Kubernetes {
    fn takes(&self, kind: &str) -> bool {
        kind.starts_with("k8s.")
    }

    fn put(&mut self, resource: &Resource, document: At<'_>, touched: &mut Touched) {
        self.remove(&resource.id, touched);
        let id: Name = resource.id.as_str().into();
        let namespace: Name = document.get("metadata.namespace").text().unwrap_or("default").into();
        let scope: Name = Arc::clone(&resource.scope);
        let cluster = self.clusters.entry(Arc::clone(&scope)).or_default();
        let known = match resource.kind.as_ref() {
            "k8s.network-policy" => {
                let policy = parse::policy(&id, &namespace, document);
                let here = cluster.policies_in.entry(Arc::clone(&namespace)).or_default();
                here.insert(Arc::clone(&id));
                cluster.policies.insert(Arc::clone(&id), policy);
                Known::Policy
            }
            "k8s.namespace" => {
                let mut labels = labels::labels(document.get("metadata.labels"));
                let name = resource.name.clone();
                labels.insert("kubernetes.io/metadata.name".to_owned(), name);
                cluster.namespaces.insert(resource.name.as_str().into(), labels);
                Known::Namespace
            }
            "k8s.node" => {
                if parse::has_public_address(document) {
                    cluster.public_nodes.insert(Arc::clone(&id));
                }
                Known::Node
            }
            kind => {
                let host = match kind {
                    "k8s.service" => {
                        let list = cluster.services.entry(Arc::clone(&namespace)).or_default();
                        list.push(Arc::clone(&id));
                        Host::Service(parse::service(&id, &scope, &namespace, document))
                    }
                    "k8s.ingress" => {
                        let list = cluster.ingresses.entry(Arc::clone(&namespace)).or_default();
                        list.push(Arc::clone(&id));
                        Host::Ingress(parse::ingress(&id, document))
                    }
                    kind => match parse::pod(kind, &id, (&scope, &namespace), document) {
                        Some(pod) => {
                            let list = cluster.pods.entry(Arc::clone(&namespace)).or_default();
                            list.push(Arc::clone(&id));
                            if ways::is_controller(&pod) {
                                cluster.controllers.insert(Arc::clone(&id));
                            }
                            Host::Pod(Arc::new(pod))
                        }
                        None => return,
                    },
                };
                self.hosts.insert(Arc::clone(&id), host);
                Known::Host
            }
        };
        self.known.insert(Arc::clone(&id), (known, scope, namespace));
        self.touch(&id, touched);
    }

    fn remove(&mut self, id: &str, touched: &mut Touched) {
        if !self.known.contains_key(id) {
            return;
        }
        self.touch(id, touched);
        let Some((known, scope, namespace)) = self.known.remove(id) else { return };
        let Some(cluster) = self.clusters.get_mut(&scope) else { return };
        match known {
            Known::Policy => {
                cluster.policies.remove(id);
                if let Some(here) = cluster.policies_in.get_mut(&namespace) {
                    here.remove(id);
                }
            }
            Known::Namespace => {
                let name = id.rsplit('/').next().unwrap_or_default();
                cluster.namespaces.remove(name);
            }
            Known::Node => drop(cluster.public_nodes.remove(id)),
            Known::Host => {
                self.hosts.remove(id);
                cluster.controllers.remove(id);
                for lists in [&mut cluster.pods, &mut cluster.services, &mut cluster.ingresses] {
                    if let Some(list) = lists.get_mut(&namespace) {
                        list.retain(|it| it.as_ref() != id);
                    }
                }
            }
        }
    }

    fn settle(&mut self, _touched: &mut Touched) {}

    fn has(&self, id: &str) -> bool {
        self.hosts.contains_key(id)
    }

    fn is_stopped(&self, id: &str) -> bool {
        matches!(self.hosts.get(id), Some(Host::Pod(pod)) if pod.is_done)
    }

    fn keys_of(&self, id: &str) -> Vec<Name> {
        let mut keys = vec![id.into()];
        if let Some((_, scope, namespace)) = self.known.get(id) {
            keys.extend([cluster_key(scope), rules_key(scope, namespace)]);
            if !matches!(self.hosts.get(id), Some(Host::Pod(_))) {
                keys.push(pods_key(scope, namespace));
            }
        }
        keys
    }

    fn entrances(&self, id: &str) -> Vec<Entrance> {
        self.hosts.get(id).map_or_else(Vec::new, |it| self.entrances_of(it))
    }

    fn exits(&self, id: &str) -> Vec<Entrance> {
        match self.hosts.get(id) {
            Some(Host::Pod(pod)) => self.exits_of(pod),
            _ => Vec::new(),
        }
    }

    fn inner(&self, from: &str, to: &str) -> Vec<Entrance> {
        match (self.hosts.get(from), self.hosts.get(to)) {
            (Some(Host::Pod(from)), Some(to)) => self.between_hosts(from, to),
            _ => Vec::new(),
        }
    }

    fn near(&self, id: &str) -> Vec<Name> {
        self.known.get(id).map(|(_, scope, _)| cluster_key(scope)).into_iter().collect()
    }

    fn sends_as(&self, id: &str) -> Option<Kind> {
        match self.hosts.get(id)? {
            Host::Pod(pod) => Some(self.kind_of_pod(pod, false)),
            Host::Service(_) | Host::Ingress(_) => Some(Kind::default()),
        }
    }

    fn receives_as(&self, id: &str) -> Option<Kind> {
        Some(self.kind_of_host(self.hosts.get(id)?))
    }

    fn tied(&self, id: &str) -> Vec<Name> {
        match self.hosts.get(id) {
            Some(Host::Pod(pod)) => self.services_of(pod).map(|it| Arc::clone(&it.id)).collect(),
            _ => Vec::new(),
        }
    }
}

impl Kubernetes {
    fn touch(&self, id: &str, touched: &mut Touched) {
        let Some((known, scope, namespace)) = self.known.get(id) else { return };
        touched.insert(id.into());
        match known {
            Known::Policy => drop(touched.insert(rules_key(scope, namespace))),
            Known::Namespace | Known::Node => drop(touched.insert(cluster_key(scope))),
            Known::Host => {
                let is_pod = matches!(self.hosts.get(id), Some(Host::Pod(_)));
                let key = if is_pod { pods_key } else { rules_key };
                touched.insert(key(scope, namespace));
            }
        }
    }
}
