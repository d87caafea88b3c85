//! Which edges a resource may have beyond those that are known.
//!
//! Resources of one kind, scope and region whose documents are unread in the same places lack the
//! same: they are a group. A group keeps its number for as long as the inventory lives.
//!
//! An edge that leaves a resource is unknown when the place of the reference was not read. An edge
//! that enters it is unknown when a kind that could hold the reference was not collected in its
//! scope, or when the place in one of that kind's resources was not read. What a scope or a parent
//! contains is unknown for the kinds that were not collected there.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Gap, GapId, Resource};

use crate::changes::MissingChange;
use crate::facts::Facts;
use crate::index::{Index, KindInfo};
use crate::rules::{Rules, Spec, kind_id};

/// What a resource lacks: edge type, whether outgoing, kinds of the other end, gap.
type Lack = (u32, bool, Vec<Arc<str>>, GapId);
/// The same by edge type and direction.
type Places = BTreeMap<(u32, bool), Vec<(Vec<Arc<str>>, GapId)>>;
/// The gaps in each scope, with the number of groups that have them.
type Blind = BTreeMap<Arc<str>, BTreeMap<GapId, u32>>;

/// Resources that lack the same.
#[derive(Debug)]
struct Group {
    kind: Arc<str>,
    scope: Arc<str>,
    region: Option<Arc<str>>,
    /// What is known by name only lacks every reference of its kind.
    is_stub: bool,
    /// The references whose place was not read, by number, and why.
    unread: Box<[(u32, GapId)]>,
    n_members: u32,
    /// Hash of what it lacked when that was last told, by edge type and direction.
    told: BTreeMap<(u32, bool), u64>,
}

/// What a group is, as it is kept in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupRow {
    pub(crate) kind: Arc<str>,
    pub(crate) scope: Arc<str>,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) is_stub: bool,
    pub(crate) unread: Vec<(u32, GapId)>,
    /// Where marks were told last: edge type, whether outgoing.
    pub(crate) told: Vec<(u32, bool)>,
}

/// All groups.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    all: Vec<Group>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    by_scope: BTreeMap<Arc<str>, Vec<u32>>,
    /// Holders of references whose place was not read, by kind and reference.
    blind: BTreeMap<(u32, u32), Blind>,
    /// Groups whose lacks must be computed again.
    stale: BTreeSet<u32>,
}

/// What the lacks of a group depend on beside the group itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'g, 'l> {
    pub(crate) rules: &'g Rules<'l>,
    pub(crate) index: &'g Index<'l>,
    pub(crate) facts: &'g Facts,
    pub(crate) gaps: &'g [Gap],
}

impl Groups {
    /// Puts a resource into its group, which is made when it is new, and takes it out of the
    /// `old` one. The group, and whether it is new.
    pub(crate) fn enter(
        &mut self,
        resource: &Resource,
        unread: &[(u32, GapId)],
        old: Option<u32>,
        (rules, index): (&Rules<'_>, &Index<'_>),
    ) -> (u32, bool) {
        let hash = self.hash(resource, unread);
        let is_it = |it: &u32| self.all.get(*it as usize).is_some_and(|it| it.is(resource, unread));
        let known = self.table.find(hash, is_it).copied();
        let number = known.unwrap_or_else(|| self.add(resource, unread, hash));
        if Some(number) == old {
            return (number, false);
        }
        if let Some(group) = self.all.get_mut(number as usize) {
            group.n_members += 1;
            if group.n_members == 1 {
                self.stale.insert(number);
                self.count_blind(number, true, (rules, index));
            }
        }
        if let Some(old) = old {
            self.leave(old, (rules, index));
        }
        (number, known.is_none())
    }

    /// Takes a resource out of its group.
    pub(crate) fn leave(&mut self, number: u32, known: (&Rules<'_>, &Index<'_>)) {
        let Some(group) = self.all.get_mut(number as usize) else { return };
        group.n_members = group.n_members.saturating_sub(1);
        if group.n_members == 0 {
            self.count_blind(number, false, known);
        }
    }

    fn hash(&self, it: &Resource, unread: &[(u32, GapId)]) -> u64 {
        self.hasher.hash_one((&*it.kind, &*it.scope, it.region.as_deref(), it.collected, unread))
    }

    fn add(&mut self, resource: &Resource, unread: &[(u32, GapId)], hash: u64) -> u32 {
        let number = self.all.len() as u32;
        self.all.push(Group {
            kind: Arc::clone(&resource.kind),
            scope: Arc::clone(&resource.scope),
            region: resource.region.clone(),
            is_stub: !resource.collected,
            unread: unread.into(),
            n_members: 0,
            told: BTreeMap::new(),
        });
        let (all, hasher) = (&self.all, &self.hasher);
        let hash_of = |it: &u32| all.get(*it as usize).map_or(0, |it| it.hash(hasher));
        self.table.insert_unique(hash, number, hash_of);
        self.by_scope.entry(Arc::clone(&resource.scope)).or_default().push(number);
        number
    }

    /// All groups by number, for a file.
    pub(crate) fn rows(&self) -> impl Iterator<Item = GroupRow> {
        self.all.iter().map(|it| GroupRow {
            kind: Arc::clone(&it.kind),
            scope: Arc::clone(&it.scope),
            region: it.region.clone(),
            is_stub: it.is_stub,
            unread: it.unread.to_vec(),
            told: it.told.keys().copied().collect(),
        })
    }

    /// The groups of a file, with their numbers of members. They are to be settled; what is told then
    /// is known already.
    pub(crate) fn restore(
        rows: Vec<GroupRow>,
        n_members: &[u32],
        known: (&Rules<'_>, &Index<'_>),
    ) -> Self {
        let mut groups = Self::default();
        for (row, n_members) in rows.into_iter().zip(n_members) {
            let number = groups.all.len() as u32;
            // What an empty group was told last is told again, or taken back, once it has members; the
            // groups with members are settled anew. So no hash needs to be kept.
            let told = row.told.into_iter().filter(|_| *n_members == 0).map(|it| (it, u64::MAX));
            let group = Group {
                kind: row.kind,
                scope: row.scope,
                region: row.region,
                is_stub: row.is_stub,
                unread: row.unread.into(),
                n_members: *n_members,
                told: told.collect(),
            };
            let hash = group.hash(&groups.hasher);
            groups.by_scope.entry(Arc::clone(&group.scope)).or_default().push(number);
            groups.all.push(group);
            let (all, hasher) = (&groups.all, &groups.hasher);
            let hash_of = |it: &u32| all.get(*it as usize).map_or(0, |it| it.hash(hasher));
            groups.table.insert_unique(hash, number, hash_of);
        }
        for (number, n_members) in (0_u32..).zip(n_members) {
            if *n_members > 0 {
                groups.stale.insert(number);
                groups.count_blind(number, true, known);
            }
        }
        groups
    }

    /// Counts the unread references of a group in or out.
    fn count_blind(&mut self, number: u32, is_in: bool, (rules, index): (&Rules<'_>, &Index<'_>)) {
        let Some(group) = self.all.get(number as usize) else { return };
        let Some(kind) = index.number(&group.kind) else { return };
        let mut changed = Vec::new();
        for (spec, gap) in &group.unread {
            let scopes = self.blind.entry((kind, *spec)).or_default();
            let gaps = scopes.entry(Arc::clone(&group.scope)).or_default();
            let count = gaps.entry(*gap).or_default();
            *count = if is_in { *count + 1 } else { count.saturating_sub(1) };
            let is_change = *count == u32::from(is_in);
            gaps.retain(|_, count| *count > 0);
            if is_change {
                changed.push(*spec);
            }
        }
        let scope = Arc::clone(&group.scope);
        for spec in changed {
            self.expire_targets(&scope, rules.spec((kind, spec)), index);
        }
    }

    /// The groups of a scope that a reference may lead to must be computed again.
    fn expire_targets(&mut self, scope: &str, spec: Option<&Spec<'_>>, index: &Index<'_>) {
        let Some(spec) = spec else { return };
        for number in self.by_scope.get(scope).into_iter().flatten() {
            let Some(group) = self.all.get(*number as usize) else { continue };
            let Some(kind) = index.number(&group.kind) else { continue };
            let is_target = spec.targets.iter().any(|it| it.number == kind);
            // A reference without targets may lead to anything.
            if is_target || spec.targets.is_empty() {
                self.stale.insert(*number);
            }
        }
    }

    /// All groups of a scope must be computed again: other kinds are collected there.
    pub(crate) fn expire_scope(&mut self, scope: &str) {
        self.stale.extend(self.by_scope.get(scope).into_iter().flatten());
    }

    /// Computes what must be computed again, and tells what is other than it was.
    pub(crate) fn settle(&mut self, ground: Ground<'_, '_>) -> Vec<MissingChange> {
        let mut changes = Vec::new();
        for number in std::mem::take(&mut self.stale) {
            let Some(group) = self.all.get(number as usize).filter(|it| it.n_members > 0) else {
                continue;
            };
            let places = self.places(group, ground);
            let hashed = |entries: &Vec<(Vec<Arc<str>>, GapId)>| self.hasher.hash_one(entries);
            let now: BTreeMap<(u32, bool), u64> =
                places.iter().map(|(place, entries)| (*place, hashed(entries))).collect();
            for place in group.told.keys().filter(|it| !now.contains_key(it)) {
                changes.push(change(number, *place, Vec::new()));
            }
            for (place, entries) in places {
                if group.told.get(&place) != now.get(&place) {
                    changes.push(change(number, place, entries));
                }
            }
            if let Some(group) = self.all.get_mut(number as usize) {
                group.told = now;
            }
        }
        changes.sort_unstable();
        changes
    }

    /// What the resources of every group with members lack.
    pub(crate) fn all_missing(&self, ground: Ground<'_, '_>) -> Vec<MissingChange> {
        let groups = self.all.iter().enumerate().filter(|(_, it)| it.n_members > 0);
        let mut all: Vec<MissingChange> = groups
            .flat_map(|(number, group)| {
                let places = self.places(group, ground).into_iter();
                places.map(move |(place, entries)| change(number as u32, place, entries))
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// About how many bytes are held.
    pub(crate) fn footprint(&self) -> usize {
        let of_group = |it: &Group| size_of::<Group>() + it.unread.len() * 8 + it.told.len() * 24;
        self.all.iter().map(of_group).sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// What a group lacks, by edge type and direction.
    fn places(&self, group: &Group, ground: Ground<'_, '_>) -> Places {
        let Ground { rules, index, .. } = ground;
        let mut lacks: BTreeSet<Lack> = BTreeSet::new();
        let kind = index.number(&group.kind);
        if let Some(kind) = kind {
            for (i, spec) in rules.specs(kind).iter().enumerate() {
                let unread = group.unread.iter().find(|(it, _)| *it == i as u32);
                let gap = match unread {
                    Some((_, gap)) => *gap,
                    None if group.is_stub => GapId::NOT_COLLECTED,
                    None => continue,
                };
                let kinds = spec.targets.iter().map(|it| kind_id(index, it.number)).collect();
                lacks.insert((spec.edge_type, !spec.is_reverse, kinds, gap));
            }
            lacks.extend(self.entering(group, kind, ground));
        }
        lacks.extend(content_lacks(group, kind.and_then(|it| index.kind(it)), ground));
        let mut places = Places::new();
        for (edge_type, is_outgoing, kinds, gap) in lacks {
            places.entry((edge_type, is_outgoing)).or_default().push((kinds, gap));
        }
        places
    }

    /// What a group may lack because of what refers to its resources.
    fn entering(&self, group: &Group, kind: u32, ground: Ground<'_, '_>) -> Vec<Lack> {
        let Ground { rules, index, facts, gaps } = ground;
        let mut lacks = Vec::new();
        for at in rules.entering.get(kind as usize).into_iter().flatten() {
            let (Some(spec), Some(holder)) = (rules.spec(*at), index.kind(at.0)) else { continue };
            let known = self.blind.get(at).and_then(|scopes| scopes.get(&group.scope));
            // A reason says more than "not collected"; of several the least, whatever its number.
            let gap = known
                .into_iter()
                .flat_map(BTreeMap::keys)
                .copied()
                .min_by_key(|gap| (*gap == GapId::NOT_COLLECTED, gaps.get(gap.0 as usize)));
            let is_collected = facts.has(&group.scope, group.region.as_ref(), &holder.id);
            let gap = if is_collected { gap } else { gap.or(Some(GapId::NOT_COLLECTED)) };
            if let Some(gap) = gap {
                // The reference stands at the other end, so a forward edge enters this resource.
                lacks.push((spec.edge_type, spec.is_reverse, vec![Arc::clone(&holder.id)], gap));
            }
        }
        lacks
    }
}

impl Group {
    fn is(&self, it: &Resource, unread: &[(u32, GapId)]) -> bool {
        self.kind == it.kind
            && self.scope == it.scope
            && self.region == it.region
            && self.is_stub != it.collected
            && *self.unread == *unread
    }

    fn hash(&self, hasher: &DefaultHashBuilder) -> u64 {
        let Self { kind, scope, region, is_stub, unread, .. } = self;
        hasher.hash_one((&**kind, &**scope, region.as_deref(), !is_stub, &**unread))
    }
}

fn change(
    group: u32,
    (edge_type, is_outgoing): (u32, bool),
    entries: Vec<(Vec<Arc<str>>, GapId)>,
) -> MissingChange {
    MissingChange { group, edge_type, is_outgoing, entries }
}

/// What the resources of a group may contain or be contained in beyond what is known.
fn content_lacks(
    group: &Group,
    info: Option<&KindInfo<'_>>,
    Ground { rules, index, facts, .. }: Ground<'_, '_>,
) -> Vec<Lack> {
    let (kind, scope) = (&*group.kind, &*group.scope);
    let (cloud, _) = kind.split_once('.').unwrap_or_default();
    let own = info.map_or("", |it| &it.native);
    let holds_all = matches!(
        kind,
        "azure.subscription"
            | "azure.resource-group"
            | "aws.account"
            | "gcp.project"
            | "gcp.folder"
            | "gcp.organization"
            | "k8s.cluster"
            | "k8s.namespace"
    );
    // A server's databases have a type that goes on from its own; a Google service is one family.
    let may_hold = |native: &str| match cloud {
        "azure" => native.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')),
        "gcp" => native.split_once('/').map(|it| it.0) == own.split_once('/').map(|it| it.0),
        _ => false,
    };
    let not_read = |other: &&KindInfo<'_>| {
        other.kind.cloud() == cloud
            && *other.id != *kind
            && (holds_all || (!own.is_empty() && may_hold(&other.native)))
            && !facts.has_some(scope, &other.id)
    };
    let kinds: Vec<Arc<str>> =
        index.kinds.iter().filter(not_read).map(|it| Arc::clone(&it.id)).collect();
    let mut lacks = Vec::new();
    if !kinds.is_empty() {
        lacks.push((rules.contains, true, kinds, GapId::NOT_COLLECTED));
    }
    // The folders and the organization above a project are not in its name.
    if matches!(kind, "gcp.project" | "gcp.folder") && !facts.has_some(scope, crate::facts::ALL) {
        let above = vec![Arc::from("gcp.folder"), Arc::from("gcp.organization")];
        lacks.push((rules.contains, false, above, GapId::NOT_COLLECTED));
    }
    lacks
}
