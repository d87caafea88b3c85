//! The living inventory in a file, so that a start reads it instead of deriving it again.
//!
//! Kept is what is dear to derive: links, look-ups, what stubs are taken for, groups. Ids, names, tags
//! and documents stand in the file of the graph beside it; counts and indexes are made anew.
//! Resources are numbered as that graph numbers its nodes.
//!
//! INVARIANT: what is read is the inventory that was written, but for numbers; no number of a file is
//! believed before it is known to point at something.

use std::io::{Read, Write};
use std::sync::Arc;

use base::blocks::{BlockError, Head, Reader as Blocks, Writer, check};
use hashbrown::HashMap;
use jiff::Timestamp;
use model::{Affects, Doc, Gap, GapId, Resource, Tags};

use crate::groups::{GroupRow, Groups};
use crate::inventory::Inventory;
use crate::look_up::{answers, key};
use crate::nodes::{Link, Nodes};
use crate::pairs::{Pairs, pair};
use crate::reader::Reader;
use crate::snapshot::Collected;
use crate::stubs::{Proposed, Stubs};

const HEAD: Head = Head { magic: *b"\x89mrl-inv", version: 1 };

/// Stands for "none" where a number is expected.
const NONE: u32 = u32::MAX;

/// What stands elsewhere of a resource or stub.
#[derive(Debug, Clone)]
pub struct Known {
    /// Canonical id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Tags.
    pub tags: Tags,
    /// The configuration.
    pub doc: Doc,
    /// Whether it was read.
    pub collected: bool,
    /// Its group.
    pub group: u32,
}

impl Inventory {
    /// Writes all but what [`Known`] holds. `order` has the numbers of all resources and stubs, each
    /// once, in the order in which they will be numbered.
    ///
    /// # Errors
    /// The bytes cannot be written, or `order` has not all resources.
    pub fn write(&self, order: &[u32], to: &mut dyn Write) -> Result<(), BlockError> {
        let mut new_numbers = vec![NONE; self.nodes.bound() as usize];
        for (new, old) in (0_u32..).zip(order) {
            if let Some(place) = new_numbers.get_mut(*old as usize) {
                *place = new;
            }
        }
        let n_nodes = self.nodes.iter().count();
        let has_all = self.nodes.iter().all(|(it, _)| new_numbers.get(it as usize) != Some(&NONE));
        check(has_all && n_nodes == order.len(), "a resource has no number")?;
        let number = |old: u32| new_numbers.get(old as usize).copied().filter(|it| *it != NONE);
        let nodes = || order.iter().filter_map(|it| self.nodes.get(*it));

        let mut words = Words::default();
        let resources = || nodes().map(|it| &it.resource);
        let region = |words: &mut Words, it: &Option<Arc<str>>| {
            it.as_ref().map_or(NONE, |it| words.number(it))
        };
        let kinds: Vec<u32> = resources().map(|it| words.number(&it.kind)).collect();
        let scopes: Vec<u32> = resources().map(|it| words.number(&it.scope)).collect();
        let regions: Vec<u32> = resources().map(|it| region(&mut words, &it.region)).collect();
        let groups: Vec<GroupRow> = self.groups.rows().collect();
        for it in &groups {
            words.number(&it.kind);
            words.number(&it.scope);
            region(&mut words, &it.region);
        }
        let collected: Vec<Collected> = self.facts.iter().collect();
        for it in &collected {
            words.number(&it.kind);
            words.number(&it.scope);
            region(&mut words, &it.region);
        }
        let mut writer = Writer::new(HEAD, to)?;
        writer.u32(words.all.len() as u32)?;
        words.all.iter().try_for_each(|it| writer.text(it))?;
        for all in [&kinds, &scopes, &regions] {
            writer.counted(all)?;
        }
        write_others(&mut writer, resources())?;
        write_proposals(&mut writer, &self.stubs)?;
        let counts: Vec<u32> = nodes().map(|it| it.links.len() as u32).collect();
        writer.counted(&counts)?;
        let mut links = Vec::new();
        for link in nodes().flat_map(|it| &it.links) {
            let other = number(link.other);
            check(other.is_some(), "a link leads nowhere")?;
            links.extend([other.unwrap_or_default(), link.edge, link.proposal]);
        }
        writer.counted(&links)?;
        drop(links);
        let asked = self.asked.iter().filter_map(|(key, it)| Some([key, number(it)?]));
        writer.counted(asked.collect::<Vec<_>>().as_flattened())?;
        writer.u32(groups.len() as u32)?;
        for it in &groups {
            let mut row = vec![words.number(&it.kind), words.number(&it.scope)];
            row.extend([region(&mut words, &it.region), u32::from(it.is_stub)]);
            row.push(it.unread.len() as u32);
            row.extend(it.unread.iter().flat_map(|(spec, gap)| [*spec, gap.0]));
            row.extend(it.told.iter().map(|(edge, is_out)| edge * 2 + u32::from(*is_out)));
            writer.counted(&row)?;
        }
        let facts: Vec<u32> = collected
            .iter()
            .flat_map(|it| {
                let (kind, scope) = (words.number(&it.kind), words.number(&it.scope));
                [kind, scope, region(&mut words, &it.region)]
            })
            .collect();
        writer.counted(&facts)?;
        writer.u32(self.gaps.len() as u32)?;
        for gap in &self.gaps {
            [&gap.scope, &gap.what, &gap.reason].iter().try_for_each(|it| writer.text(it))?;
        }
        writer.finish()
    }

    /// Reads what [`Inventory::write`] wrote with the same kinds. `known` gives what stands elsewhere,
    /// by the new number; what follows in `from` is left to be read.
    ///
    /// # Errors
    /// The bytes cannot be read, are damaged, or `known` has too little.
    pub fn read(
        reader: &Reader<'_>,
        from: &mut dyn Read,
        known: &mut dyn FnMut(u32) -> Option<Known>,
    ) -> Result<Self, BlockError> {
        let mut blocks = Blocks::new(HEAD, from)?;
        let mut inventory = Self::empty();
        let columns = Columns::read(&mut blocks, &mut inventory.stubs)?;
        let n_nodes = columns.kinds.len();
        let (words, groups) = inventory.put_nodes(reader, columns, known)?;
        let asked = blocks.counted()?;
        let (asked, rest) = asked.as_chunks::<2>();
        let has_asker = |[_, it]: &[u32; 2]| (*it as usize) < n_nodes;
        check(rest.is_empty() && asked.iter().all(has_asker), "nobody asked")?;
        inventory.asked = Pairs::fill(asked.iter().map(|[key, it]| pair(*key, *it)).collect());
        let rows = read_groups(&mut blocks, &words)?;
        let mut n_members = vec![0_u32; rows.len()];
        for group in groups {
            let count = n_members.get_mut(group as usize);
            *count.ok_or(BlockError::Damaged("a resource has no group"))? += 1;
        }
        inventory.groups = Groups::restore(rows, &n_members, (reader.rules(), reader.index()));
        let collected = blocks.counted()?;
        for [kind, scope, region] in collected.as_chunks::<3>().0 {
            let (kind, scope) = (words.text(*kind)?, words.text(*scope)?);
            let region = words.text_or_none(*region)?;
            inventory.facts.add(&Collected { scope, region, kind });
        }
        inventory.gaps.clear();
        for _ in 0..blocks.u32()? {
            let mut text = || Ok::<String, BlockError>(blocks.text()?.to_owned());
            inventory.gaps.push(Gap { scope: text()?, what: text()?, reason: text()? });
        }
        blocks.finish()?;
        inventory.settle(reader);
        Ok(inventory)
    }

    /// Fills in the resources with their links and answers; the words, and the group of each.
    fn put_nodes(
        &mut self,
        reader: &Reader<'_>,
        columns: Columns,
        known: &mut dyn FnMut(u32) -> Option<Known>,
    ) -> Result<(Words, Vec<u32>), BlockError> {
        let Columns { words, kinds, scopes, regions, others, counts, links } = columns;
        let facts = (reader.rules(), reader.index());
        let n_nodes = kinds.len();
        let mut nodes = Nodes::with_capacity(n_nodes);
        let (mut own_answers, mut groups) = (Vec::with_capacity(n_nodes), Vec::new());
        let (mut others, mut links) = (others.into_iter().peekable(), links.into_iter());
        let numbered = (0_u32..).zip(kinds.iter().zip(scopes.iter().zip(&regions)));
        for ((number, (kind, (scope, region))), n_links) in numbered.zip(&counts) {
            let it = known(number).ok_or(BlockError::Damaged("a resource is missing"))?;
            let other = others.next_if(|it| it.number == number).unwrap_or_default();
            let resource = Resource {
                id: it.id,
                kind: words.text(*kind)?,
                name: it.name,
                scope: words.text(*scope)?,
                region: words.text_or_none(*region)?,
                tags: it.tags,
                doc: it.doc,
                collected: it.collected,
                also: other.also,
                affects: other.affects,
                as_of: other.as_of,
            };
            if resource.collected {
                answers(&resource, facts, true, &mut |question| {
                    own_answers.push(pair(key(question), number));
                });
                self.note_project(&resource);
            }
            let own: Box<[Link]> = links.by_ref().take(*n_links as usize).collect();
            for link in own.iter().filter(|it| it.proposal != Link::READ) {
                self.stubs.propose(link.other, link.proposal);
            }
            nodes.add(resource, None);
            if let Some(node) = nodes.get_mut(number) {
                (node.links, node.group) = (own, it.group);
            }
            groups.push(it.group);
        }
        self.nodes = nodes;
        self.answers = Pairs::fill(own_answers);
        Ok((words, groups))
    }
}

/// What a file says of each resource.
#[derive(Debug)]
struct Columns {
    words: Words,
    kinds: Vec<u32>,
    scopes: Vec<u32>,
    regions: Vec<u32>,
    others: Vec<Other>,
    /// How many links each has.
    counts: Vec<u32>,
    links: Vec<Link>,
}

impl Columns {
    fn read(blocks: &mut Blocks<'_>, stubs: &mut Stubs) -> Result<Self, BlockError> {
        let mut words = Words::default();
        for _ in 0..blocks.u32()? {
            words.all.push(blocks.text()?.into());
        }
        let (kinds, scopes, regions) = (blocks.counted()?, blocks.counted()?, blocks.counted()?);
        let n_nodes = kinds.len();
        check(scopes.len() == n_nodes && regions.len() == n_nodes, "a resource lacks something")?;
        let others = read_others(blocks, n_nodes)?;
        *stubs = read_proposals(blocks)?;
        let n_proposals = stubs.proposals().count() as u32;
        let (counts, flat) = (blocks.counted()?, blocks.counted()?);
        let (flat, rest) = flat.as_chunks::<3>();
        let links = flat.iter().map(|[other, edge, proposal]| {
            let is_known = *proposal == Link::READ || *proposal < n_proposals;
            check((*other as usize) < n_nodes && is_known, "a link leads nowhere")?;
            Ok::<Link, BlockError>(Link { other: *other, edge: *edge, proposal: *proposal })
        });
        let links = links.collect::<Result<Vec<_>, _>>()?;
        let n_links = counts.iter().try_fold(0_usize, |sum, it| sum.checked_add(*it as usize));
        let has_all = counts.len() == n_nodes && n_links == Some(links.len());
        check(rest.is_empty() && has_all, "links are missing")?;
        Ok(Self { words, kinds, scopes, regions, others, counts, links })
    }
}

/// Texts that repeat, by number.
#[derive(Debug, Default)]
struct Words {
    all: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Words {
    fn number(&mut self, word: &Arc<str>) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(Arc::clone(word));
        self.numbers.insert(Arc::clone(word), number);
        number
    }

    fn text(&self, number: u32) -> Result<Arc<str>, BlockError> {
        let found = self.all.get(number as usize).cloned();
        found.ok_or(BlockError::Damaged("a word is missing"))
    }

    fn text_or_none(&self, number: u32) -> Result<Option<Arc<str>>, BlockError> {
        if number == NONE { Ok(None) } else { self.text(number).map(Some) }
    }
}

/// What few resources have.
#[derive(Debug, Default)]
struct Other {
    number: u32,
    also: Vec<(Arc<str>, String)>,
    affects: Box<[Affects]>,
    as_of: Option<Timestamp>,
}

fn write_others<'r>(
    writer: &mut Writer<'_>,
    resources: impl Iterator<Item = &'r Resource>,
) -> Result<(), BlockError> {
    let has_some =
        |it: &Resource| !it.also.is_empty() || !it.affects.is_empty() || it.as_of.is_some();
    for (number, it) in (0_u32..).zip(resources).filter(|(_, it)| has_some(it)) {
        writer.u32(number)?;
        writer.u32(it.also.len() as u32)?;
        for (by, text) in &it.also {
            writer.text(by)?;
            writer.text(text)?;
        }
        writer.u32(it.affects.len() as u32)?;
        for it in &it.affects {
            writer.text(&it.by)?;
            writer.text(&it.value)?;
        }
        writer.u32(u32::from(it.as_of.is_some()))?;
        if let Some(as_of) = it.as_of {
            writer.bytes(&as_of.as_nanosecond().to_le_bytes())?;
        }
    }
    writer.u32(NONE)
}

fn read_others(blocks: &mut Blocks<'_>, n_nodes: usize) -> Result<Vec<Other>, BlockError> {
    let mut shared = Words::default();
    let mut all = Vec::new();
    loop {
        let number = blocks.u32()?;
        if number == NONE {
            return Ok(all);
        }
        check((number as usize) < n_nodes, "names of a resource that there is not")?;
        let mut pairs = || {
            let mut pairs = Vec::new();
            for _ in 0..blocks.u32()? {
                let by: Arc<str> = blocks.text()?.into();
                let at = shared.number(&by);
                pairs.push((shared.text(at)?, blocks.text()?.to_owned()));
            }
            Ok::<_, BlockError>(pairs)
        };
        let (also, affects) = (pairs()?, pairs()?);
        let affects = affects.into_iter().map(|(by, value)| Affects { by, value });
        let mut as_of = None;
        if blocks.u32()? == 1 {
            let nanos = blocks.bytes(16)?.first_chunk::<16>().copied().unwrap_or_default();
            let instant = Timestamp::from_nanosecond(i128::from_le_bytes(nanos));
            as_of = Some(instant.map_err(|_| BlockError::Damaged("an instant is none"))?);
        }
        all.push(Other { number, also, affects: affects.collect(), as_of });
    }
}

fn write_proposals(writer: &mut Writer<'_>, stubs: &Stubs) -> Result<(), BlockError> {
    writer.u32(stubs.proposals().count() as u32)?;
    for Proposed { kind, scope, named } in stubs.proposals() {
        writer.text(kind)?;
        writer.text(scope)?;
        writer.u32(u32::from(named.is_some()))?;
        if let Some((by, text)) = named {
            writer.text(by)?;
            writer.text(text)?;
        }
    }
    Ok(())
}

fn read_proposals(blocks: &mut Blocks<'_>) -> Result<Stubs, BlockError> {
    let mut stubs = Stubs::default();
    for number in 0..blocks.u32()? {
        let (kind, scope) = (blocks.text()?.to_owned(), blocks.text()?.to_owned());
        let mut named = None;
        if blocks.u32()? == 1 {
            named = Some((blocks.text()?.to_owned(), blocks.text()?.to_owned()));
        }
        let named = named.as_ref().map(|(by, text)| (by.as_str(), text.as_str()));
        let own = stubs.number(Proposed { kind: &kind, scope: &scope, named });
        check(own == number, "a stub is taken for one thing twice")?;
    }
    Ok(stubs)
}

fn read_groups(blocks: &mut Blocks<'_>, words: &Words) -> Result<Vec<GroupRow>, BlockError> {
    let mut rows = Vec::new();
    for _ in 0..blocks.u32()? {
        let row = blocks.counted()?;
        let ([kind, scope, region, is_stub, n_unread], rest) =
            row.split_first_chunk::<5>().ok_or(BlockError::Damaged("a group is cut off"))?;
        let n_unread = (*n_unread as usize).saturating_mul(2);
        let cut = rest.split_at_checked(n_unread);
        let (unread, told) = cut.ok_or(BlockError::Damaged("a group is cut off"))?;
        rows.push(GroupRow {
            kind: words.text(*kind)?,
            scope: words.text(*scope)?,
            region: words.text_or_none(*region)?,
            is_stub: *is_stub == 1,
            unread: unread.as_chunks::<2>().0.iter().map(|[it, gap]| (*it, GapId(*gap))).collect(),
            told: told.iter().map(|it| (it / 2, it % 2 == 1)).collect(),
        });
    }
    Ok(rows)
}
