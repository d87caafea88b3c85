//! Reachability against naive walkers: for each cloud, one that takes a single packet through the
//! documents of a random small estate, written from the cloud's documentation and not from the engine.

use model::{Doc, Keys, Resource, Tags};
use network::Network;
use network::packets::{Cube, Field, PacketSet};
use network::spans::{Span, number_of, parse_prefix};
use serde_json::Value;

#[cfg(test)]
mod aws;
#[cfg(test)]
mod aws_cases;
#[cfg(test)]
mod azure;
#[cfg(test)]
mod gcp;
#[cfg(test)]
mod k8s;

/// A resource of a document.
pub(crate) fn resource(keys: &Keys, kind: &str, id: &str, document: &Value) -> Resource {
    Resource {
        id: id.to_owned(),
        kind: kind.into(),
        name: id.to_owned(),
        scope: "scope".into(),
        region: None,
        tags: Tags::default(),
        doc: Doc::build(document, keys),
        collected: true,
        also: Vec::new(),
        affects: Box::default(),
        as_of: None,
    }
}

/// A network of documents: kind, id, document.
pub(crate) fn network(documents: &[(&str, String, Value)]) -> Network {
    let keys = Keys::default();
    let resources: Vec<Resource> =
        documents.iter().map(|(kind, id, document)| resource(&keys, kind, id, document)).collect();
    let mut network = Network::new(&keys);
    network.update(&resources, []);
    network
}

/// One packet, as it arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) from: std::net::IpAddr,
    pub(crate) from_port: u16,
    pub(crate) to_port: u16,
    pub(crate) protocol: u8,
}

impl Sent {
    pub(crate) fn set(self) -> PacketSet {
        let one = |it: u16| Span::one(u128::from(it));
        Cube::ALL
            .with(Field::From, Span::one(number_of(self.from)))
            .with(Field::FromPort, one(self.from_port))
            .with(Field::ToPort, one(self.to_port))
            .with(Field::Protocol, one(u16::from(self.protocol)))
            .into()
    }
}

/// Whether an address lies in a prefix.
pub(crate) fn lies_in(address: std::net::IpAddr, prefix: &str) -> bool {
    parse_prefix(prefix).is_some_and(|it| it.contains(number_of(address)))
}
