//! Network reachability: what may pass from where to where, and which rules let it.
//!
//! In: resources of all clouds. Out: how exposed an end point is to the internet (ports, width) and
//! what may pass between two, on sets of packets, each with a proof: a packet and every rule that
//! it passed.

mod answer;
mod aws;
mod azure;
mod cloud;
mod gate;
mod gcp;
mod k8s;
mod network;
pub mod packets;
mod reaching;
mod read;
pub mod spans;
mod way;

pub use answer::{Answer, Does, Exposure, Hop, Packet, Passage, Ports, Proof, Width};
pub use network::{INTERNET, Network, Reached};
pub use reaching::Reaching;
