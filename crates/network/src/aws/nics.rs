//! The interfaces of end points of AWS, put together from what several documents tell.

use std::sync::Arc;

use super::Aws;
use super::hosts::{Host, Nic};
use crate::gate::Name;
use crate::spans::Spans;

impl Aws {
    /// The interfaces of an end point, as they are best known.
    pub(super) fn nics(&self, host: &Host) -> Vec<Nic> {
        let mut nics: Vec<Nic> = self
            .instances_of(host)
            .flat_map(|it| &it.nics)
            .chain(host.nics.iter().filter(|_| !self.has_instances(host)))
            .map(|nic| match nic.id.as_ref().and_then(|it| self.interfaces.get(it)) {
                Some((known, _)) => {
                    let mut known = known.clone();
                    if known.groups.is_empty() {
                        known.groups.clone_from(&nic.groups);
                    }
                    let has_public = |it: &Nic| it.addresses.iter().any(|it| it.public.is_some());
                    if !has_public(&known) && has_public(nic) {
                        known.addresses.clone_from(&nic.addresses);
                    }
                    known
                }
                None => nic.clone(),
            })
            .collect();
        for nic in nics.iter_mut().filter(|it| it.subnets.is_empty()) {
            self.place(nic);
        }
        if !self.addresses.is_empty() {
            for (at, nic) in nics.iter_mut().enumerate() {
                let names = nic.id.iter().chain(host.short.iter().filter(|_| at == 0));
                let names: Vec<Name> = names.cloned().collect();
                self.add_elastic(nic, &names);
            }
        }
        nics
    }

    /// An interface of which no subnet is told lies somewhere in its network, which its security groups tell.
    fn place(&self, nic: &mut Nic) {
        let of_group = |it: &Name| self.groups.get(it)?.network.clone();
        nic.network = nic.network.take().or_else(|| nic.groups.iter().find_map(of_group));
        let Some(network) = nic.network.as_ref().filter(|_| !nic.addresses.is_empty()) else {
            return;
        };
        if nic.addresses.iter().any(|it| !it.own.is_empty() || it.public.is_some()) {
            return;
        }
        let here = self.subnets.values().filter(|it| it.network.as_ref() == Some(network));
        let room = here.fold(Spans::default(), |sum, it| sum.union(&it.addresses));
        for address in &mut nic.addresses {
            address.own.clone_from(&room);
        }
        nic.is_anywhere = true;
    }

    /// The instances of a cluster of databases.
    pub(super) fn instances_of<'a>(&'a self, host: &Host) -> impl Iterator<Item = &'a Host> {
        let ids = self.instances_of.get(&host.id).into_iter().flatten();
        ids.filter_map(|it| self.hosts.get(it))
    }

    pub(super) fn has_instances(&self, host: &Host) -> bool {
        self.instances_of(host).next().is_some()
    }

    /// Elastic addresses that the interface itself does not tell of.
    fn add_elastic(&self, nic: &mut Nic, names: &[Name]) {
        let mut found: Vec<_> =
            self.addresses.iter().filter(|(_, (at, ..))| names.contains(at)).collect();
        found.sort_unstable();
        for (elastic, (_, own, public)) in found {
            let place = nic.addresses.iter_mut().find(|it| match own {
                Some(own) => it.own.contains(*own),
                None => it.public.is_none(),
            });
            if let Some(place) = place
                && place.public.is_none()
            {
                place.public = Some(*public);
                "PublicIp".clone_into(&mut place.path);
                place.document = Some(Arc::clone(elastic));
            }
        }
    }
}
