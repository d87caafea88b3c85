//! A reading that is new over what is known: nothing that was not looked at changes.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Doc, Resource, View};

use crate::import::Incoming;
use crate::inventory::Inventory;
use crate::reader::Reader;
use crate::view_path::{Found, ViewPath};

/// Merging with what is known.
#[derive(Debug)]
pub(crate) struct Merge<'m, 'l> {
    pub(crate) inventory: &'m Inventory,
    pub(crate) reader: &'m Reader<'l>,
}

impl Merge<'_, '_> {
    /// The number of the resource, if it is known, and what it is now if that is new.
    pub(crate) fn merged(&self, incoming: Incoming) -> (Option<u32>, Option<Resource>) {
        let new = &incoming.resource;
        let Some(number) = self.inventory.nodes.find(&new.id) else {
            return (None, Some(incoming.resource));
        };
        let Some(old) = self.inventory.nodes.resource(number).filter(|it| it.collected) else {
            return (Some(number), Some(incoming.resource));
        };
        let is_older = new.as_of.zip(old.as_of).is_some_and(|(new, old)| new < old);
        let merged = if is_older {
            self.over(old.clone(), new, false)
        } else {
            let is_partial = incoming.is_partial;
            self.over(incoming.resource, old, is_partial)
        };
        (Some(number), Some(merged).filter(|it| it != old))
    }

    /// `new` over what was known before.
    fn over(&self, mut new: Resource, old: &Resource, is_partial: bool) -> Resource {
        if is_partial {
            new.name.clone_from(&old.name);
            new.kind = Arc::clone(&old.kind);
            new.scope = Arc::clone(&old.scope);
        }
        if new.kind != old.kind {
            // A list that no kind reads says less than what is known.
            let is_known = |kind: &str| self.reader.index().has_kind(kind);
            return if is_known(&old.kind) && !is_known(&new.kind) { old.clone() } else { new };
        }
        let tags_are_unread = new.tags.is_empty() && self.tags_are_unread(&new, is_partial);
        new.doc = new.doc.since(&old.doc);
        if new.name.is_empty() {
            new.name.clone_from(&old.name);
        }
        if new.region.is_none() {
            new.region.clone_from(&old.region);
        }
        if tags_are_unread {
            new.tags = old.tags.clone();
        }
        self.fill_names(&mut new, old);
        if !new.affects.is_empty() {
            // It follows from what the finding affects.
            new.scope = Arc::clone(&old.scope);
        }
        new.as_of = new.as_of.max(old.as_of);
        new
    }

    /// Whether the place of the tags was not read in a document without tags.
    fn tags_are_unread(&self, new: &Resource, is_partial: bool) -> bool {
        let is_open = matches!(new.doc.view(), View::Object(it) if it.is_open());
        let index = self.reader.index();
        let info = index.number(&new.kind).and_then(|it| index.kind(it));
        let path = info.and_then(|it| it.kind.identity.tags.as_ref());
        is_partial || is_open || path.is_some_and(|path| self.is_unread(path, &new.doc))
    }

    fn is_unread(&self, path: &model::Path, doc: &Doc) -> bool {
        let mut is_unread = false;
        ViewPath::new(path, self.reader.keys()).visit(doc.view(), &mut |found| {
            is_unread |= matches!(found, Found::Unread(_));
        });
        is_unread
    }

    /// Other names that the new reading does not say: they are kept where the document still says
    /// so.
    fn fill_names(&self, new: &mut Resource, old: &Resource) {
        let is_said = |key: &str| new.also.iter().any(|it| &*it.0 == key);
        let unsaid: BTreeSet<&Arc<str>> =
            old.also.iter().map(|it| &it.0).filter(|it| !is_said(it)).collect();
        let (index, keys) = (self.reader.index(), self.reader.keys());
        let info = index.number(&new.kind).and_then(|it| index.kind(it));
        for key in unsaid {
            let path = info.and_then(|it| it.kind.identity.also.get(&**key));
            let values: Vec<String> = if let Some(path) = path {
                ViewPath::new(path, keys).texts(new.doc.view(), keys)
            } else {
                let own = old.also.iter().filter(|it| it.0 == *key);
                own.map(|it| it.1.clone()).collect()
            };
            let values = values.into_iter().filter(|it| !it.is_empty());
            new.also.extend(values.map(|value| (Arc::clone(key), value)));
        }
    }
}
