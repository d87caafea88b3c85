//! What every cloud answers about its own networks.

use std::sync::{Arc, LazyLock};

use hashbrown::HashSet;
use model::Resource;

use crate::gate::{Name, Party};
use crate::packets::{Field, PacketSet};
use crate::read::At;
use crate::spans::{Span, Spans, every_v4, every_v6, internet};
use crate::way::{Key, Way};

/// A way with what is sent along it.
#[derive(Debug, Clone)]
pub(crate) struct Entrance {
    pub(crate) start: PacketSet,
    pub(crate) way: Way,
}

/// What changed, as the keys by which end points depend on it.
pub(crate) type Touched = HashSet<Name>;

/// One cloud's networks.
pub(crate) trait Cloud: std::fmt::Debug + Send + Sync {
    /// Whether resources of this kind belong to it.
    fn takes(&self, kind: &str) -> bool;

    /// Learns a resource, in place of an earlier state of it.
    fn put(&mut self, resource: &Resource, document: At<'_>, touched: &mut Touched);

    /// Forgets a resource.
    fn remove(&mut self, id: &str, touched: &mut Touched);

    /// Ties together what came in, once all of it is there.
    fn settle(&mut self, touched: &mut Touched);

    /// Whether `id` is one of its end points.
    fn has(&self, id: &str) -> bool;

    /// The keys of everything that the answers about an end point depend on.
    fn keys_of(&self, id: &str) -> Vec<Name>;

    /// The ways from the internet to an end point.
    fn entrances(&self, id: &str) -> Vec<Entrance>;

    /// The ways from an end point to the internet; what comes out is as the internet sees it.
    fn exits(&self, id: &str) -> Vec<Entrance>;

    /// The ways between two of its end points that do not cross the internet.
    fn inner(&self, from: &str, to: &str) -> Vec<Entrance>;

    /// Whether an end point is known not to run: nobody answers, whatever its rules let in.
    fn is_stopped(&self, _id: &str) -> bool {
        false
    }

    /// The keys of the networks that packets of an end point get to without crossing the internet.
    fn near(&self, id: &str) -> Vec<Name>;

    /// As what it sends inside networks: two of one kind reach the same of their networks, at the same ports,
    /// apart from themselves and what they are [tied](Self::tied) to. `None` where each is looked at by itself.
    fn sends_as(&self, _id: &str) -> Option<Kind> {
        None
    }

    /// The same of what receives.
    fn receives_as(&self, _id: &str) -> Option<Kind> {
        None
    }

    /// Whom one reaches otherwise than others of its kind do, apart from itself.
    fn tied(&self, _id: &str) -> Vec<Name> {
        Vec::new()
    }
}

/// What has to be equal of two end points for packets to pass alike.
pub(crate) type Kind = Vec<Key>;

/// Everybody on the internet, in no group of ours.
pub(crate) fn everybody() -> Arc<Party> {
    static EVERYBODY: LazyLock<Arc<Party>> =
        LazyLock::new(|| Arc::new(Party { addresses: internet(), groups: Vec::new() }));
    Arc::clone(&EVERYBODY)
}

/// Packets between these addresses: both of IPv4 or both of IPv6. An address that is not known may be of
/// either.
pub(crate) fn packets(from: &Spans, to: &Spans) -> PacketSet {
    let unknown = Span::new(0, every_v4().first - 1);
    let mut found = PacketSet::default();
    for family in [every_v4(), every_v6()] {
        let family = Spans::from_iter([unknown, family]);
        let set = PacketSet::all().within(Field::From, &from.intersect(&family));
        found.add_all(&set.within(Field::To, &to.intersect(&family)));
    }
    found
}
