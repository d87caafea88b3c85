//! What a resource is taken for that something names and nobody has read.
//!
//! Each derivation that names it proposes what it may be. What it is follows from the set of the
//! proposals, so the order in which resources come does not matter.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Doc, Resource, Tags};

use crate::index::Index;

/// What something takes a stub for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Proposal {
    kind: Arc<str>,
    scope: Arc<str>,
    /// The name by which it is referred to: name kind, value.
    named: Option<(Arc<str>, String)>,
}

/// A proposal that may be known already.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Proposed<'a> {
    pub(crate) kind: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) named: Option<(&'a str, &'a str)>,
}

/// All proposals, each once, and those of each stub with how often each was made.
#[derive(Debug, Default)]
pub(crate) struct Stubs {
    proposals: Vec<Proposal>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    of_stub: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl Stubs {
    /// The number of a proposal.
    pub(crate) fn number(&mut self, wanted: Proposed<'_>) -> u32 {
        let hash = self.hasher.hash_one(wanted);
        let is_it = |it: &u32| {
            self.proposals.get(*it as usize).is_some_and(|it| {
                let named = it.named.as_ref().map(|(by, text)| (&**by, text.as_str()));
                *it.kind == *wanted.kind && *it.scope == *wanted.scope && named == wanted.named
            })
        };
        if let Some(number) = self.table.find(hash, is_it) {
            return *number;
        }
        let number = self.proposals.len() as u32;
        self.proposals.push(Proposal {
            kind: wanted.kind.into(),
            scope: wanted.scope.into(),
            named: wanted.named.map(|(by, text)| (by.into(), text.to_owned())),
        });
        let (proposals, hasher) = (&self.proposals, &self.hasher);
        let hash_of = |it: &u32| proposals.get(*it as usize).map_or(0, |it| hash_of(hasher, it));
        self.table.insert_unique(hash, number, hash_of);
        number
    }

    /// All proposals by number, for a file: kind, scope, name kind and name.
    pub(crate) fn proposals(&self) -> impl Iterator<Item = Proposed<'_>> {
        self.proposals.iter().map(|it| Proposed {
            kind: &it.kind,
            scope: &it.scope,
            named: it.named.as_ref().map(|(by, text)| (&**by, text.as_str())),
        })
    }

    /// Notes that a derivation names the stub with this proposal; whether it is the first that
    /// makes this one.
    pub(crate) fn propose(&mut self, stub: u32, proposal: u32) -> bool {
        let own = self.of_stub.entry(stub).or_default();
        if let Some((_, count)) = own.iter_mut().find(|(it, _)| *it == proposal) {
            *count += 1;
            return false;
        }
        own.push((proposal, 1));
        true
    }

    /// Notes that a derivation names the stub with this proposal no more; whether it was the last
    /// that made this one.
    pub(crate) fn withdraw(&mut self, stub: u32, proposal: u32) -> bool {
        let Some(own) = self.of_stub.get_mut(&stub) else { return false };
        let Some(at) = own.iter().position(|(it, _)| *it == proposal) else { return false };
        let count = own.get_mut(at).map_or(0, |(_, count)| {
            *count = count.saturating_sub(1);
            *count
        });
        if count > 0 {
            return false;
        }
        own.swap_remove(at);
        if own.is_empty() {
            self.of_stub.remove(&stub);
        }
        true
    }

    /// What the stub is by its proposals; `None` when there are none.
    ///
    /// Of the kinds a known one counts before a native type, and that before an unknown one; of
    /// the scopes one that names something; of several the least.
    pub(crate) fn resource(&self, stub: u32, id: &str, index: &Index<'_>) -> Option<Resource> {
        let own = self.of_stub.get(&stub)?;
        let all: Vec<&Proposal> =
            own.iter().filter_map(|(it, _)| self.proposals.get(*it as usize)).collect();
        let rank = |kind: &str| match index.number(kind) {
            Some(_) => 0,
            None if kind != "unknown" && !kind.ends_with(".unknown") => 1,
            None => 2,
        };
        let kind = all.iter().map(|it| &it.kind).min_by_key(|it| (rank(it), Arc::clone(it)))?;
        let is_vague = |scope: &str| scope.is_empty() || scope.ends_with(':');
        let scope = all.iter().map(|it| &it.scope);
        let scope = scope.min_by_key(|it| (is_vague(it), Arc::clone(it)))?;
        let mut also: Vec<(Arc<str>, String)> =
            all.iter().filter_map(|it| it.named.clone()).collect();
        also.sort_unstable();
        also.dedup();
        let last = || id.rsplit(['/', ':']).find(|it| !it.is_empty()).unwrap_or(id);
        let name = also.first().map_or_else(|| last().to_owned(), |(_, text)| text.clone());
        Some(Resource {
            kind: Arc::clone(kind),
            scope: Arc::clone(scope),
            name,
            also,
            ..vacant(id.to_owned())
        })
    }

    /// About how many bytes are held.
    pub(crate) fn footprint(&self) -> usize {
        let named = self.proposals.iter().filter_map(|it| it.named.as_ref());
        let texts = named.map(|(_, text)| text.len() + 48).sum::<usize>();
        let proposals = self.proposals.len() * (size_of::<Proposal>() + 80) + texts;
        let lists = self.of_stub.values().map(|it| it.capacity() * 8 + 16 + 40);
        proposals + lists.sum::<usize>()
    }

    pub(crate) fn is_named(&self, stub: u32) -> bool {
        self.of_stub.contains_key(&stub)
    }
}

fn hash_of(hasher: &DefaultHashBuilder, it: &Proposal) -> u64 {
    let named = it.named.as_ref().map(|(by, text)| (&**by, text.as_str()));
    hasher.hash_one(Proposed { kind: &it.kind, scope: &it.scope, named })
}

/// A stub of which nothing is known but its id. Only such a stub has no name.
pub(crate) fn vacant(id: String) -> Resource {
    Resource {
        id,
        kind: "".into(),
        name: String::new(),
        scope: "".into(),
        region: None,
        tags: Tags::default(),
        doc: Doc::stub(),
        collected: false,
        also: Vec::new(),
        affects: Box::default(),
        as_of: None,
    }
}
