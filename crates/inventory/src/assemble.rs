//! Puts the readings of all files together: one resource for each id, its parts in its document,
//! its references as edges.
//!
//! INVARIANT: the order in which batches arrive does not matter. Of several readings of one place
//! the one with the greatest origin wins.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;

use base::Problems;
use hashbrown::{DefaultHashBuilder, HashSet, HashTable};
use model::{Affects, Doc, Gap, GapId, Key, Keys, Resource, doc};
use std::hash::BuildHasher as _;

use crate::batch::{
    Affected, Batch, Counts, Declared, DetailReading, Folder, Identity, ListPage, Origin,
    PartContent, PartReading, Reading, Report, Slot,
};
use crate::coverage::{self, Coverage};
use crate::import::{Import, Incoming};
use crate::index::Index;
use crate::inventory::Inventory;
use crate::reader::Reader;
use crate::snapshot::{Collected, Snapshot};
use crate::{clusters, details, late};

/// A resource while it is put together.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) identity: Identity,
    pub(crate) readings: Vec<Reading>,
    pub(crate) parts: Vec<PartReading>,
    /// Origin of the reading that said what kind it is.
    kind_origin: Option<Origin>,
    /// Whether content has that kind.
    is_known: bool,
}

/// Collects batches and makes the snapshot.
#[derive(Debug)]
pub struct Assembler<'r, 'l> {
    reader: &'r Reader<'l>,
    entries: Entries,
    /// Kubernetes: readings whose cluster is not known yet.
    clustered: Vec<(Identity, Reading)>,
    details: Vec<DetailReading>,
    pages: Vec<ListPage>,
    gaps: BTreeSet<Gap>,
    declared: Vec<Declared>,
    affected: BTreeSet<Affected>,
    reports: BTreeSet<Report>,
    listed: BTreeSet<(Arc<str>, Arc<str>)>,
    cut: BTreeSet<(Arc<str>, Arc<str>)>,
    ended: BTreeSet<(Arc<str>, Arc<str>)>,
    folders: BTreeMap<Arc<str>, Folder>,
    scopes: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Google's projects by number and by id, as scopes.
    projects: BTreeSet<(Arc<str>, Arc<str>)>,
    problems: Problems,
    counts: Counts,
}

/// The resources by id.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) all: Vec<Entry>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    texts: HashSet<Arc<str>>,
}

impl Entries {
    /// Number of the resource with this id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(id);
        let is_it = |number: &u32| self.id(*number) == id;
        self.table.find(hash, is_it).map(|number| *number as usize)
    }

    fn id(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", |entry| &entry.identity.id)
    }

    /// The resource of this identity, which is added when it is new.
    pub(crate) fn entry(&mut self, identity: Identity) -> Option<&mut Entry> {
        let number = if let Some(number) = self.find(&identity.id) {
            number
        } else {
            let number = self.all.len();
            let hash = self.hasher.hash_one(identity.id.as_str());
            let identity = Identity {
                kind: self.shared(identity.kind),
                scope: self.shared(identity.scope),
                ..identity
            };
            self.all.push(Entry {
                identity,
                readings: Vec::new(),
                parts: Vec::new(),
                kind_origin: None,
                is_known: false,
            });
            let (all, hasher) = (&self.all, &self.hasher);
            let id = |it: &u32| all.get(*it as usize).map_or("", |it| &*it.identity.id);
            self.table.insert_unique(hash, number as u32, |it| hasher.hash_one(id(it)));
            number
        };
        self.all.get_mut(number)
    }

    /// Adds a reading; whether the resource was read before. What a kind reads counts, not what stands of the same thing
    /// in a list that no kind reads (`is_known`), such as one of everything that has an ARN.
    pub(crate) fn add(&mut self, identity: Identity, mut reading: Reading, is_known: bool) -> bool {
        reading.region = reading.region.map(|it| self.shared(it));
        let (kind, scope) = (Arc::clone(&identity.kind), Arc::clone(&identity.scope));
        let Some(entry) = self.entry(identity) else { return false };
        if entry.kind_origin.is_some() && entry.is_known != is_known {
            if entry.is_known {
                return true;
            }
            entry.readings.clear();
            entry.kind_origin = None;
        }
        entry.is_known = is_known;
        if entry.kind_origin.as_ref().is_none_or(|known| *known < reading.origin) {
            entry.identity.kind = kind;
            entry.identity.scope = scope;
            entry.kind_origin = Some(reading.origin.clone());
        }
        let was_read = !entry.readings.is_empty();
        let same = |other: &&mut Reading| {
            other.doc == reading.doc
                && other.name == reading.name
                && other.origin.as_of == reading.origin.as_of
        };
        match entry.readings.iter_mut().find(same) {
            Some(other) if other.origin < reading.origin => *other = reading,
            Some(_) => {}
            None => {
                // Most resources are read once; room for more would cost more than the reading.
                entry.readings.reserve_exact(1);
                entry.readings.push(reading);
            }
        }
        was_read
    }

    fn shared(&mut self, text: Arc<str>) -> Arc<str> {
        if let Some(known) = self.texts.get(&text) {
            return Arc::clone(known);
        }
        self.texts.insert(Arc::clone(&text));
        text
    }
}

impl<'r, 'l> Assembler<'r, 'l> {
    /// An empty assembler for the batches of `reader`.
    pub fn new(reader: &'r Reader<'l>) -> Self {
        Self {
            reader,
            entries: Entries::default(),
            clustered: Vec::new(),
            details: Vec::new(),
            pages: Vec::new(),
            gaps: BTreeSet::new(),
            declared: Vec::new(),
            affected: BTreeSet::new(),
            reports: BTreeSet::new(),
            listed: BTreeSet::new(),
            cut: BTreeSet::new(),
            ended: BTreeSet::new(),
            folders: BTreeMap::new(),
            scopes: BTreeSet::new(),
            projects: BTreeSet::new(),
            problems: Problems::default(),
            counts: Counts::default(),
        }
    }

    /// Takes over what a file or chunk gave.
    pub fn absorb(&mut self, batch: Batch) {
        for (identity, reading) in batch.readings {
            if crate::k8s::folder_of(&identity.id).is_some() {
                self.clustered.push((identity, reading));
            } else {
                let is_known = self.reader.index().has_kind(&identity.kind);
                self.counts.merged += u64::from(self.entries.add(identity, reading, is_known));
            }
        }
        for (identity, part) in batch.parts {
            if let Some(entry) = self.entries.entry(identity) {
                entry.parts.push(part);
            }
        }
        self.details.extend(batch.details);
        self.pages.extend(batch.pages);
        self.gaps.extend(batch.gaps);
        self.declared.extend(batch.declared);
        self.affected.extend(batch.affected);
        self.reports.extend(batch.reports);
        self.listed.extend(batch.listed);
        self.cut.extend(batch.cut);
        self.ended.extend(batch.ended);
        self.scopes.extend(batch.scopes);
        self.projects.extend(batch.projects);
        for (folder, found) in batch.folders {
            let known = self.folders.entry(folder).or_default();
            known.is_root |= found.is_root;
            // Of several the least, so that the order of files does not matter.
            known.uid = match (known.uid.take(), found.uid) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        self.problems.merge(batch.problems);
        self.counts.add(batch.counts);
    }

    /// Notes a problem that the app met before a file reached the reader.
    pub fn add_problem(&mut self, path: &str, reason: &str) {
        self.problems.add(path, reason);
    }

    /// Everything together, with edges, for a scan.
    pub fn finish(self) -> Snapshot {
        let reader = self.reader;
        Inventory::snapshot(reader, self.import())
    }

    /// Everything together without edges, for [`Inventory::update`].
    pub fn import(mut self) -> Import {
        let index = self.reader.index();
        let keys = self.reader.keys();
        self.settle_clusters();
        details::attach(
            &mut self.entries,
            mem::take(&mut self.details),
            index,
            keys,
            (&mut self.problems, &mut self.counts),
        );
        self.settle_projects();
        let mut gaps = vec![Gap {
            scope: String::new(),
            what: String::new(),
            reason: "not collected".to_owned(),
        }];
        let (pages, mut incomplete) = coverage::pages(&self.pages, index, &mut self.gaps);
        for (scope, kind) in &self.cut {
            let place = (Arc::clone(scope), Arc::clone(kind));
            // Pages do not say which list they are of: one that ends is taken to be the last.
            if !self.ended.contains(&place) && !self.listed.contains(&place) {
                let (scope, kind) = place;
                self.gaps.insert(coverage::cut(&scope, &kind));
                incomplete.insert(Collected { scope, region: None, kind });
            }
        }
        gaps.extend(mem::take(&mut self.gaps));
        let numbers: BTreeMap<Gap, GapId> = gaps
            .iter()
            .enumerate()
            .map(|(number, gap)| (gap.clone(), GapId(number as u32)))
            .collect();
        let coverage =
            Coverage::new(&self.declared, &self.scopes, mem::take(&mut self.listed), pages);
        let mut entries = mem::take(&mut self.entries.all);
        drop(self.entries);
        entries.sort_unstable_by(|a, b| a.identity.id.cmp(&b.identity.id));
        let context = Context { index, keys, gaps: &numbers, coverage: &coverage };
        let mut affected = self.affected.into_iter().peekable();
        let mut resources = Vec::with_capacity(entries.len());
        for entry in entries {
            let is_partial = entry.readings.is_empty();
            let (mut resource, differs) = context.resource(entry);
            self.counts.conflicts += u64::from(differs);
            // Both are sorted by id.
            while affected.next_if(|it| it.finding < resource.id).is_some() {}
            let mut own = Vec::new();
            while let Some(it) = affected.next_if(|it| it.finding == resource.id) {
                own.push(Affects { by: it.by.into(), value: it.value });
            }
            own.sort_unstable();
            resource.affects = own.into();
            resources.push(Incoming { resource, is_partial });
        }
        let completeness = coverage.finish(resources.iter().map(|it| &it.resource), incomplete);
        Import {
            resources,
            completeness,
            reports: self.reports.into_iter().collect(),
            gaps,
            problems: self.problems.into_vec(),
            counts: self.counts,
        }
    }

    /// Assets name their project by number or by id: where both are known, the id counts.
    fn settle_projects(&mut self) {
        let ids = late::projects(&self.entries.all, mem::take(&mut self.projects));
        if ids.is_empty() {
            return;
        }
        let mut by_number = Vec::new();
        for entry in &mut self.entries.all {
            if let Some(id) = ids.get(&entry.identity.scope) {
                entry.identity.scope = Arc::clone(id);
            }
            if let Some(id) = ids.get(entry.identity.id.as_str()) {
                let identity = Identity { id: id.to_string(), ..entry.identity.clone() };
                by_number.push((
                    identity,
                    mem::take(&mut entry.readings),
                    mem::take(&mut entry.parts),
                ));
            }
        }
        for (identity, readings, parts) in by_number {
            if let Some(entry) = self.entries.entry(identity.clone()) {
                entry.parts.extend(parts);
            }
            let is_known = self.reader.index().has_kind(&identity.kind);
            for reading in readings {
                let was_read = self.entries.add(identity.clone(), reading, is_known);
                self.counts.merged += u64::from(was_read);
            }
        }
        self.entries.all.retain(|it| !ids.contains_key(it.identity.id.as_str()));
        let scopes = mem::take(&mut self.scopes).into_iter();
        let settled = |scope: Arc<str>| ids.get(&scope).map_or(scope, Arc::clone);
        self.scopes = scopes.map(|(path, scope)| (path, settled(scope))).collect();
    }

    /// Gives Kubernetes objects the ids of their clusters.
    fn settle_clusters(&mut self) {
        let names = clusters::names(&self.folders);
        for (identity, reading) in mem::take(&mut self.clustered) {
            let identity = clusters::renamed(identity, &names);
            let is_known = self.reader.index().has_kind(&identity.kind);
            self.counts.merged += u64::from(self.entries.add(identity, reading, is_known));
        }
        for places in [&mut self.listed, &mut self.cut, &mut self.ended] {
            let settled = mem::take(places)
                .into_iter()
                .map(|(scope, kind)| (clusters::scope(&scope, &names), kind));
            *places = settled.collect();
        }
        let scopes = mem::take(&mut self.scopes);
        self.scopes = scopes
            .into_iter()
            .map(|(path, scope)| (path, clusters::scope(&scope, &names)))
            .collect();
        let gaps = mem::take(&mut self.gaps);
        let renamed = |mut gap: Gap| {
            let scope = clusters::scope(&gap.scope.as_str().into(), &names);
            scope.as_ref().clone_into(&mut gap.scope);
            gap
        };
        self.gaps = gaps.into_iter().map(renamed).collect();
    }
}

/// What merging needs to know.
struct Context<'c, 'l> {
    index: &'c Index<'l>,
    keys: &'c Keys,
    gaps: &'c BTreeMap<Gap, GapId>,
    coverage: &'c Coverage,
}

impl Context<'_, '_> {
    /// The resource of an entry, and whether two of its readings disagree.
    fn resource(&self, mut entry: Entry) -> (Resource, bool) {
        entry.readings.sort_by(|a, b| b.origin.cmp(&a.origin));
        let identity = entry.identity;
        let mut readings = entry.readings.into_iter();
        let (mut best, mut differs) = (readings.next(), false);
        if let Some(best) = &mut best {
            for older in readings {
                let (merged, is_other) = best.doc.over(&older.doc);
                differs |= is_other;
                best.doc = merged;
                fill_up(best, older);
            }
        }
        let collected = best.is_some() || !entry.parts.is_empty();
        let mut best = best.unwrap_or_else(|| empty_reading(&identity.id));
        let mut doc = mem::replace(&mut best.doc, Doc::stub());
        let (parts, is_other) = self.parts(entry.parts);
        differs |= is_other;
        if !parts.is_empty() {
            let parts: Vec<(Key, &Doc)> = parts.iter().map(|(key, doc)| (*key, doc)).collect();
            doc = doc.with_entries(&parts);
        }
        let number = self.index.number(&identity.kind);
        let info = number.and_then(|it| self.index.kind(it));
        if self.coverage.is_declared_complete(&identity.scope) {
            doc = self.absent_parts(doc, info.map(|it| it.kind));
        }
        let mut resource = Resource {
            id: identity.id,
            kind: identity.kind,
            name: best.name,
            scope: identity.scope,
            region: best.region,
            tags: best.tags,
            doc,
            collected,
            also: best.also,
            affects: Box::default(),
            as_of: best.origin.as_of.and_then(|it| it.parse().ok()),
        };
        if let Some(info) = info.filter(|info| info.has_late_identity) {
            late::identify(&mut resource, info.kind, self.keys);
        }
        (resource, differs)
    }

    /// The parts of a resource by key, and whether two readings of one disagree.
    fn parts(&self, mut parts: Vec<PartReading>) -> (Vec<(Key, Doc)>, bool) {
        parts.sort_by(|a, b| {
            (a.key, &a.slot).cmp(&(b.key, &b.slot)).then_with(|| a.origin.cmp(&b.origin))
        });
        let mut found: BTreeMap<Key, BTreeMap<Slot, Doc>> = BTreeMap::new();
        let mut differs = false;
        for part in parts {
            let slots = found.entry(part.key).or_default();
            match part.content {
                PartContent::Value(doc) => {
                    let old = slots.insert(part.slot, doc.clone());
                    differs |= old.is_some_and(|old| !is_unread(&old) && old != doc);
                }
                PartContent::Refused(gap) => {
                    let gap = self.gaps.get(&gap).copied().unwrap_or(GapId::NOT_COLLECTED);
                    slots.entry(part.slot).or_insert_with(|| Doc::unread(gap));
                }
            }
        }
        let docs = found.into_iter().map(|(key, slots)| (key, self.joined(&slots)));
        (docs.collect(), differs)
    }

    /// The value of a part: whole, the list of its elements, or the map of its entries.
    fn joined(&self, slots: &BTreeMap<Slot, Doc>) -> Doc {
        let mut elements = Vec::new();
        let mut entries = Vec::new();
        let mut pages = Vec::new();
        for (slot, doc) in slots {
            match slot {
                Slot::Whole | Slot::Page(_) => pages.push(doc),
                Slot::Element(_) => elements.push(doc),
                Slot::Entry(name) => entries.push((self.keys.intern(name), doc)),
            }
        }
        if !elements.is_empty() {
            return Doc::list(&elements);
        }
        if !entries.is_empty() {
            let empty = serde_json::Value::Object(serde_json::Map::new());
            return Doc::build(&empty, self.keys).with_entries(&entries);
        }
        match pages.as_slice() {
            [] => Doc::unread(GapId::NOT_COLLECTED),
            [whole] => (*whole).clone(),
            pages => self.pages(pages),
        }
    }

    /// Several pages of one answer: lists are continued, else the last page counts.
    fn pages(&self, pages: &[&Doc]) -> Doc {
        let mut all = serde_json::Map::new();
        for page in pages {
            let serde_json::Value::Object(page) = page.view().to_json(self.keys) else { continue };
            for (key, value) in page {
                match (all.get_mut(&key), value) {
                    (Some(serde_json::Value::Array(known)), serde_json::Value::Array(more)) => {
                        known.extend(more);
                    }
                    (_, value) => {
                        all.insert(key, value);
                    }
                }
            }
        }
        Doc::build(&serde_json::Value::Object(all), self.keys)
    }

    /// In a scope that says it is complete, a part that is not here does not exist.
    fn absent_parts(&self, doc: Doc, kind: Option<&content::Kind>) -> Doc {
        let Some(kind) = kind.filter(|kind| matches!(kind.cloud(), "azure" | "gcp")) else {
            return doc;
        };
        let mut missing = Vec::new();
        for name in kind.part_keys() {
            let key = self.keys.intern(&name);
            let is_many = kind.parts.get(&name).is_some_and(|part| part.many);
            if let Some(model::View::Unread(GapId::NOT_COLLECTED)) = doc.view().get(key) {
                let empty = if is_many { serde_json::json!([]) } else { serde_json::Value::Null };
                missing.push((key, Doc::build(&empty, self.keys)));
            }
        }
        let missing: Vec<(Key, &Doc)> = missing.iter().map(|(key, doc)| (*key, doc)).collect();
        if missing.is_empty() { doc } else { doc.with_entries(&missing) }
    }
}

fn is_unread(doc: &Doc) -> bool {
    matches!(doc.view(), doc::View::Unread(_))
}

/// What a resource is called of which only parts were read.
fn empty_reading(id: &str) -> Reading {
    Reading {
        name: id.rsplit(['/', ':']).next().unwrap_or(id).to_owned(),
        region: None,
        tags: model::Tags::default(),
        also: Vec::new(),
        doc: Doc::stub(),
        origin: Origin { as_of: None, path: "".into(), place: 0 },
    }
}

/// Takes over from an older reading what the newer one does not say.
fn fill_up(best: &mut Reading, older: Reading) {
    if best.name.is_empty() {
        best.name = older.name;
    }
    if best.region.is_none() {
        best.region = older.region;
    }
    if best.tags.is_empty() {
        best.tags = older.tags;
    }
    for other in older.also {
        if !best.also.contains(&other) {
            best.also.push(other);
        }
    }
}
