//! Rules that let packets pass or not: security groups, access lists, firewalls, policies.
//!
//! All clouds' rules are one thing here: clauses that are looked at in order, of which the first that
//! matches decides. A clause says who by addresses or by groups, and the parties that talk say which
//! groups they are in, so that a group of a hundred thousand is never spelt out.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use crate::answer::Does;
use crate::packets::{Cube, Field, PacketSet, Point};
use crate::spans::{Span, Spans};

/// A shared name: an id, or the name of a group.
pub(crate) type Name = Arc<str>;

/// Who may be meant: the side of a flow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Party {
    /// The addresses that it may have.
    pub(crate) addresses: Spans,
    /// The groups that it is in.
    pub(crate) groups: Vec<Name>,
}

/// Whom a clause means.
#[derive(Debug, Clone, Default)]
pub(crate) struct Who {
    pub(crate) addresses: Spans,
    pub(crate) groups: Vec<Name>,
    /// Groups of which a party must be in none.
    pub(crate) except: Vec<Name>,
}

impl Who {
    pub(crate) fn anyone() -> Self {
        Self { addresses: Spans::all(), ..Self::default() }
    }

    pub(crate) fn at(addresses: Spans) -> Self {
        Self { addresses, ..Self::default() }
    }

    pub(crate) fn group(name: Name) -> Self {
        Self { groups: vec![name], ..Self::default() }
    }

    /// The addresses of `party` that are meant.
    fn of(&self, party: &Party) -> Spans {
        if self.except.iter().any(|it| party.groups.contains(it)) {
            Spans::default()
        } else if self.groups.iter().any(|it| party.groups.contains(it)) {
            party.addresses.clone()
        } else {
            self.addresses.intersect(&party.addresses)
        }
    }
}

/// What a clause does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Permit,
    Forbid,
    /// It decides, but it was not read how.
    Unread,
    /// It permits what it means, but it was not read exactly whom.
    MayPermit,
    /// It forbids what it means, but it was not read exactly whom.
    MayForbid,
    /// What it means is left to the next level.
    Next,
    /// Here the next level begins.
    Level,
}

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct Clause {
    pub(crate) action: Action,
    pub(crate) from: Who,
    pub(crate) to: Who,
    /// Ports and protocols; addresses are left open.
    pub(crate) traffic: PacketSet,
    /// Where it stands in the document.
    pub(crate) path: String,
    /// What it says.
    pub(crate) words: String,
}

impl Clause {
    fn packets(&self, from: &Party, to: &Party) -> PacketSet {
        let (from, to) = (self.from.of(from), self.to.of(to));
        if from.is_empty() || to.is_empty() {
            return PacketSet::default();
        }
        self.traffic.within(Field::From, &from).within(Field::To, &to)
    }
}

/// Rules of one resource for one direction.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) resource: Name,
    pub(crate) clauses: Vec<Clause>,
    /// Where each clause comes from, when they come from several resources.
    pub(crate) sources: Vec<Name>,
    /// What happens to a packet that no clause matches.
    pub(crate) otherwise: Action,
    /// What is said about a packet that no clause matches and that passes.
    pub(crate) otherwise_words: &'static str,
    /// What it does to what passes.
    pub(crate) does: Does,
    /// What its clauses look at.
    pub(crate) looks: Looks,
    /// What passes between whoever it is, where groups make no difference; worked out once.
    whoever: OnceLock<Passing>,
}

/// Of which parts of the parties the answer of a gate depends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Looks {
    pub(crate) from_addresses: bool,
    pub(crate) from_groups: bool,
    pub(crate) to_addresses: bool,
    pub(crate) to_groups: bool,
}

impl Looks {
    fn at(clauses: &[Clause]) -> Self {
        let addresses = |it: &Who| it.addresses.as_slice() != [Span::ALL];
        let groups = |it: &Who| !it.groups.is_empty() || !it.except.is_empty();
        let any = |f: &dyn Fn(&Clause) -> bool| clauses.iter().any(f);
        Self {
            from_addresses: any(&|it| addresses(&it.from)),
            from_groups: any(&|it| groups(&it.from)),
            to_addresses: any(&|it| addresses(&it.to)),
            to_groups: any(&|it| groups(&it.to)),
        }
    }
}

/// What surely passes, and what may pass when the unread is taken at its best.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passing {
    pub(crate) sure: PacketSet,
    pub(crate) maybe: PacketSet,
}

impl Passing {
    pub(crate) fn all(set: PacketSet) -> Self {
        Self { maybe: set.clone(), sure: set }
    }

    pub(crate) fn map(&self, f: impl Fn(&PacketSet) -> PacketSet) -> Self {
        Self { sure: f(&self.sure), maybe: f(&self.maybe) }
    }

    fn union(self, other: &Self) -> Self {
        Self { sure: self.sure.union(&other.sure), maybe: self.maybe.union(&other.maybe) }
    }

    pub(crate) fn intersect(&self, other: &Self) -> Self {
        Self { sure: self.sure.intersect(&other.sure), maybe: self.maybe.intersect(&other.maybe) }
    }
}

impl Gate {
    /// A gate that lets nothing pass but what its clauses permit.
    pub(crate) fn closed(resource: &Name, clauses: Vec<Clause>) -> Self {
        Self::new(resource, clauses, Action::Forbid, "")
    }

    /// A gate that lets everything pass but what its clauses forbid.
    pub(crate) fn open(resource: &Name, clauses: Vec<Clause>, words: &'static str) -> Self {
        Self::new(resource, clauses, Action::Permit, words)
    }

    /// Rules that were not read.
    pub(crate) fn unread(resource: &Name) -> Self {
        Self::new(resource, Vec::new(), Action::Unread, "")
    }

    /// Routes: what no clause leads on goes nowhere.
    pub(crate) fn routes(resource: &Name, clauses: Vec<Clause>) -> Self {
        Self { does: Does::Routes, ..Self::closed(resource, clauses) }
    }

    fn new(
        resource: &Name,
        clauses: Vec<Clause>,
        otherwise: Action,
        otherwise_words: &'static str,
    ) -> Self {
        let (resource, looks) = (Arc::clone(resource), Looks::at(&clauses));
        Self {
            resource,
            clauses,
            sources: Vec::new(),
            otherwise,
            otherwise_words,
            does: Does::Permits,
            looks,
            whoever: OnceLock::new(),
        }
    }

    /// What passes of everything that goes from one party to the other.
    pub(crate) fn passes(&self, from: &Party, to: &Party) -> Passing {
        let mut passing = Passing::default();
        let (mut forbidden, mut undecided) = (PacketSet::default(), PacketSet::default());
        let mut skipped = PacketSet::default();
        for clause in &self.clauses {
            let mut packets = clause.packets(from, to);
            if !skipped.is_empty() {
                packets = packets.subtract(&skipped);
            }
            match clause.action {
                Action::Permit => add(&mut passing, packets, &forbidden, &undecided),
                Action::Forbid => forbidden.add_all(&packets),
                Action::Unread => {
                    passing.maybe.add_all(&packets.subtract(&forbidden));
                    undecided.add_all(&packets);
                }
                Action::MayPermit => passing.maybe.add_all(&packets.subtract(&forbidden)),
                Action::MayForbid => undecided.add_all(&packets),
                Action::Next => skipped.add_all(&packets),
                Action::Level => skipped = PacketSet::default(),
            }
        }
        let rest = || {
            PacketSet::all().within(Field::From, &from.addresses).within(Field::To, &to.addresses)
        };
        match self.otherwise {
            Action::Permit => add(&mut passing, rest(), &forbidden, &undecided),
            Action::Unread | Action::MayPermit => {
                passing.maybe.add_all(&rest().subtract(&forbidden));
            }
            _ => {}
        }
        passing
    }

    /// What passes whatever addresses the two have: for sets of packets that are theirs already.
    fn lets(&self, from: &Party, to: &Party) -> Cow<'_, Passing> {
        let wide = |party: &Party| Party { addresses: Spans::all(), groups: party.groups.clone() };
        if self.looks.from_groups || self.looks.to_groups {
            return Cow::Owned(self.passes(&wide(from), &wide(to)));
        }
        Cow::Borrowed(self.whoever.get_or_init(|| {
            let whoever = wide(&Party::default());
            self.passes(&whoever, &whoever)
        }))
    }

    /// The clause that decides about one packet, and whose it is; `None` when none matches.
    pub(crate) fn deciding(
        &self,
        packet: &Point,
        from: &Party,
        to: &Party,
    ) -> Option<(&Name, &Clause)> {
        let mut is_skipped = false;
        let mut all = self.clauses.iter().enumerate();
        let (at, clause) = all.find(|(_, it)| {
            if it.action == Action::Level {
                is_skipped = false;
                return false;
            }
            let is_meant = !is_skipped && it.packets(from, to).contains(packet);
            is_skipped |= is_meant && it.action == Action::Next;
            is_meant && !matches!(it.action, Action::MayPermit | Action::MayForbid | Action::Next)
        })?;
        Some((self.sources.get(at).unwrap_or(&self.resource), clause))
    }
}

/// Adds what a clause permits and no earlier one has decided otherwise.
fn add(passing: &mut Passing, packets: PacketSet, forbidden: &PacketSet, undecided: &PacketSet) {
    let rest = if forbidden.is_empty() { packets } else { packets.subtract(forbidden) };
    passing.maybe.add_all(&rest);
    if undecided.is_empty() {
        passing.sure.add_all(&rest);
    } else {
        passing.sure.add_all(&rest.subtract(undecided));
    }
}

/// Rules of which any may let a packet pass: security groups of one interface.
#[derive(Debug, Clone)]
pub(crate) struct AnyOf(pub(crate) Vec<Arc<Gate>>);

impl AnyOf {
    /// What any of them lets pass, of packets that are from the one and to the other already.
    pub(crate) fn lets(&self, from: &Party, to: &Party) -> Cow<'_, Passing> {
        let mut all = self.0.iter().map(|it| it.lets(from, to));
        let Some(first) = all.next() else { return Cow::Owned(Passing::default()) };
        all.fold(first, |sum, it| Cow::Owned(sum.into_owned().union(&it)))
    }
}

/// Ports and protocols of a clause.
pub(crate) fn traffic(protocols: Span, ports: Span) -> PacketSet {
    Cube::ALL.with(Field::Protocol, protocols).with(Field::ToPort, ports).into()
}

/// Everything that one protocol carries.
pub(crate) fn ports(protocol: u128, first: u128, last: u128) -> PacketSet {
    traffic(Span::one(protocol), Span::new(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packets::TCP;

    fn clause(action: Action, first: u128, last: u128) -> Clause {
        Clause {
            action,
            from: Who::anyone(),
            to: Who::anyone(),
            traffic: ports(TCP, first, last),
            path: String::new(),
            words: String::new(),
        }
    }

    #[track_caller]
    fn check(clauses: Vec<Clause>, sure: &[u128], maybe: &[u128]) {
        let gate = Gate::closed(&"gate".into(), clauses);
        let party = Party { addresses: Spans::one(1), groups: Vec::new() };
        let passing = gate.passes(&party, &party);
        let values = |set: &PacketSet| -> Vec<u128> {
            (0..10).filter(|port| set.contains(&Point([1, 1, 1, *port, TCP]))).collect()
        };
        assert_eq!(
            (values(&passing.sure), values(&passing.maybe)),
            (sure.to_vec(), maybe.to_vec())
        );
    }

    #[test]
    fn the_first_clause_that_matches_decides() {
        use Action::{Forbid, Permit};
        check(
            vec![clause(Permit, 1, 3), clause(Forbid, 2, 5), clause(Permit, 4, 7)],
            &[1, 2, 3, 6, 7],
            &[1, 2, 3, 6, 7],
        );
    }

    #[test]
    fn what_is_left_to_the_next_level_is_decided_there() {
        use Action::{Forbid, Level, Next, Permit};
        let levels = vec![
            clause(Next, 1, 2),
            clause(Permit, 2, 3),
            clause(Forbid, 0, 5),
            clause(Level, 0, 0),
            clause(Forbid, 2, 2),
            clause(Permit, 0, 9),
        ];
        check(levels, &[1, 3, 6, 7, 8, 9], &[1, 3, 6, 7, 8, 9]);
    }

    #[test]
    fn a_clause_for_somebody_leaves_to_others_what_they_may() {
        use Action::{Forbid, MayForbid, MayPermit, Permit};
        check(vec![clause(MayPermit, 1, 3), clause(Permit, 3, 4)], &[3, 4], &[1, 2, 3, 4]);
        check(vec![clause(MayForbid, 1, 3), clause(Permit, 3, 4)], &[4], &[3, 4]);
        check(vec![clause(Forbid, 1, 1), clause(MayPermit, 1, 2)], &[], &[2]);
    }

    #[test]
    fn an_unread_clause_leaves_open_what_comes_to_it() {
        use Action::{Forbid, Permit, Unread};
        check(
            vec![
                clause(Permit, 1, 1),
                clause(Unread, 1, 3),
                clause(Permit, 3, 4),
                clause(Forbid, 0, 9),
            ],
            &[1, 4],
            &[1, 2, 3, 4],
        );
    }
}
