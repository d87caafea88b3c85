//! Look-ups of resources by other names than their ids, and the kinds that references lead to.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use model::Resource;

use crate::edges::Spec;
use crate::index::{Index, KindInfo};
use crate::refer;

/// A kind that a reference may lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'l> {
    pub(crate) kind: &'l str,
    /// Native type as the kind file writes it.
    pub(crate) native: &'l str,
    pub(crate) number: u32,
}

impl<'l> Target<'l> {
    /// The kinds of a list of ids; none for `any`.
    pub(crate) fn all(index: &Index<'l>, ids: &'l [String]) -> Vec<Self> {
        let target = |id: &'l String| {
            let number = index.number(id)?;
            let info: &KindInfo<'l> = index.kind(number)?;
            Some(Self { kind: &info.kind.id, native: &info.kind.native, number })
        };
        ids.iter().filter_map(target).collect()
    }
}

/// Resources by (kind, name kind, value).
#[derive(Debug, Default)]
pub(crate) struct Names {
    named: HashMap<(Arc<str>, Arc<str>, String), Vec<u32>>,
    /// By (kind, scope), for selectors.
    by_scope: HashMap<(Arc<str>, Arc<str>), Vec<u32>>,
    /// How the id of a stub is made, by kind.
    templates: HashMap<Arc<str>, crate::template::Template>,
    /// The `also` names whose path is the one in the id's template, by kind.
    made_of: BTreeSet<(Arc<str>, Arc<str>)>,
}

impl Names {
    /// Indexes what the references ask for.
    pub(crate) fn build(
        resources: &[Resource],
        specs: &[Vec<Spec<'_>>],
        index: &Index<'_>,
    ) -> Self {
        let mut names = Self::default();
        let mut wanted: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut selected: BTreeSet<&str> = BTreeSet::new();
        for spec in specs.iter().flatten() {
            for target in &spec.targets {
                if spec.by == "selector" {
                    selected.insert(target.kind);
                } else {
                    wanted.extend(refer::name_keys(spec).iter().map(|key| (target.kind, *key)));
                }
            }
        }
        for info in &index.kinds {
            names.add_template(info);
        }
        let name: Arc<str> = "name".into();
        for (number, resource) in resources.iter().enumerate() {
            let number = number as u32;
            let own = std::iter::once((&name, &resource.name));
            let also = resource.also.iter().map(|(key, value)| (key, value));
            for (key, value) in own.chain(also) {
                if wanted.contains(&(&*resource.kind, &**key)) {
                    names.add(&resource.kind, key, value, number);
                }
            }
            if selected.contains(&*resource.kind) {
                let place = (Arc::clone(&resource.kind), Arc::clone(&resource.scope));
                names.by_scope.entry(place).or_default().push(number);
            }
        }
        names
    }

    fn add(&mut self, kind: &Arc<str>, key: &Arc<str>, value: &str, number: u32) {
        let place = (Arc::clone(kind), Arc::clone(key), comparable(value));
        let numbers = self.named.entry(place).or_default();
        if numbers.last() != Some(&number) {
            numbers.push(number);
        }
    }

    fn add_template(&mut self, info: &KindInfo<'_>) {
        let Some(template) = &info.template else { return };
        let paths: Vec<&str> = template.paths().map(model::Path::text).collect();
        let identity = &info.kind.identity;
        let named = identity.name.iter().map(|path| ("name", path));
        let also = identity.also.iter().map(|(name, path)| (name.as_str(), path));
        for (name, path) in named.chain(also) {
            if paths == [path.text()] {
                self.made_of.insert((Arc::clone(&info.id), name.into()));
            }
        }
        self.templates.insert(Arc::clone(&info.id), template.clone());
    }

    /// Resources of a kind with this name.
    pub(crate) fn find(&self, kind: &str, key: &str, value: &str) -> &[u32] {
        let place = (Arc::from(kind), Arc::from(key), comparable(value));
        self.named.get(&place).map_or(&[], Vec::as_slice)
    }

    /// Resources of a kind in a scope.
    pub(crate) fn in_scope(&self, kind: &str, scope: &Arc<str>) -> &[u32] {
        let place = (Arc::from(kind), Arc::clone(scope));
        self.by_scope.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The template of a kind's ids, when `key` is the one name that it is made of.
    pub(crate) fn template(&self, kind: &str, key: &str) -> Option<&crate::template::Template> {
        let is_id_name = self.made_of.contains(&(Arc::from(kind), Arc::from(key)));
        self.templates.get(kind).filter(|_| is_id_name)
    }
}

/// A name in the form in which two are compared: addresses (`https://...`) without their case and
/// last slash, everything else as it is.
fn comparable(value: &str) -> String {
    if value.starts_with("https://") {
        return value.trim_end_matches('/').to_ascii_lowercase();
    }
    value.to_owned()
}
