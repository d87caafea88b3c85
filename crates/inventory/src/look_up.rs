//! What derivations look up, and which resources answer.
//!
//! A derivation of edges depends on its resource and on what its look-ups find. Both sides use the
//! same keys: a resource answers a set of them, a derivation notes those that it asked for. So when
//! a resource appears, disappears or answers differently, whoever asked is derived again.
//!
//! INVARIANT: only resources that were read answer. Stubs follow from derivations, so that the
//! order of derivations does not matter.

use std::borrow::Cow;
use std::hash::{Hash as _, Hasher as _};

use model::{Keys, Resource};

use crate::affects::image_name;
use crate::index::Index;
use crate::nodes::Nodes;
use crate::pairs::Pairs;
use crate::refer::namespace_of;
use crate::rules::Rules;
use crate::same_hash::SameHash;
use crate::stubs::{Proposed, Stubs};

/// A question that a derivation may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LookUp<'a> {
    /// Which resource has this id?
    Id(&'a str),
    /// Which resources of a kind have this name?
    Name { kind: &'a str, key: &'a str, value: &'a str },
    /// The same within a scope.
    NameIn { kind: &'a str, key: &'a str, value: &'a str, scope: &'a str },
    /// Which resources does a finding mean? The value is in lower case.
    Affected { by: &'a str, value: &'a str },
    /// Which findings are about this image?
    Image(&'a str),
    /// Which objects of a kind in a scope and namespace have this label?
    Labelled { place: Place<'a>, label: (&'a str, &'a str) },
    /// Which objects of a kind are in this scope and namespace?
    Near(Place<'a>),
    /// Which objects of a kind are in this scope?
    Within { kind: &'a str, scope: &'a str },
}

/// Objects of one kind in one namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place<'a> {
    pub(crate) kind: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) namespace: &'a str,
}

/// The key of a question, of four bytes. It is the same in every process of one program: keys are kept
/// in files.
pub(crate) fn key(question: LookUp<'_>) -> u32 {
    let mut hasher = SameHash::default();
    question.hash(&mut hasher);
    hasher.finish() as u32
}

/// A name in the form in which two are compared: addresses (`https://...`) without their case and
/// last slash, everything else as it is.
pub(crate) fn comparable(value: &str) -> Cow<'_, str> {
    if value.starts_with("https://") {
        return value.trim_end_matches('/').to_ascii_lowercase().into();
    }
    value.into()
}

/// Kind, namespace and name of a Kubernetes object, as findings name it.
fn object_name(id: &str) -> Option<&str> {
    // cluster/group/kind/namespace/name
    id.strip_prefix("k8s:")?.splitn(3, '/').nth(2)
}

/// Calls `visit` with every question that a resource answers, but for [`LookUp::Id`]. Those of
/// findings are left out unless `knows_findings`.
pub(crate) fn answers(
    resource: &Resource,
    (rules, index): (&Rules<'_>, &Index<'_>),
    knows_findings: bool,
    visit: &mut dyn FnMut(LookUp<'_>),
) {
    if let Some(number) = index.number(&resource.kind) {
        names(resource, rules, number, visit);
        if rules.is_selected.get(number as usize) == Some(&true) {
            selected(resource, visit);
        }
    }
    if !knows_findings {
        return;
    }
    for (by, value) in resource.also.iter().filter(|it| rules.affected_by.contains(&*it.0)) {
        visit(LookUp::Affected { by, value: &value.to_ascii_lowercase() });
    }
    if let Some(object) = object_name(&resource.id) {
        visit(LookUp::Affected { by: "kubernetes", value: &object.to_ascii_lowercase() });
    }
    for it in resource.affects.iter().filter(|it| &*it.by == "image") {
        visit(LookUp::Image(&image_name(&it.value)));
    }
}

fn names(resource: &Resource, rules: &Rules<'_>, number: u32, visit: &mut dyn FnMut(LookUp<'_>)) {
    let Resource { kind, scope, .. } = resource;
    for wanted in rules.wanted(number) {
        let key = wanted.key;
        let own = (key == "name").then_some(&resource.name);
        let also = resource.also.iter().filter(|it| &*it.0 == key).map(|it| &it.1);
        for value in own.into_iter().chain(also) {
            let value = &*comparable(value);
            visit(if wanted.is_global {
                LookUp::Name { kind, key, value }
            } else {
                LookUp::NameIn { kind, key, value, scope }
            });
        }
    }
}

fn selected(resource: &Resource, visit: &mut dyn FnMut(LookUp<'_>)) {
    let Resource { kind, scope, .. } = resource;
    let place = Place { kind, scope, namespace: namespace_of(&resource.id) };
    visit(LookUp::Within { kind, scope });
    visit(LookUp::Near(place));
    for label in resource.tags.iter() {
        visit(LookUp::Labelled { place, label });
    }
}

/// What a resource says to a question: the answer is verified, since keys are hashes.
fn is_answer(resource: &Resource, question: LookUp<'_>) -> bool {
    let has_name = |key: &str, value: &str| {
        (key == "name" && comparable(&resource.name) == value)
            || resource.also.iter().any(|it| &*it.0 == key && comparable(&it.1) == value)
    };
    let is_at = |place: Place<'_>| {
        *resource.kind == *place.kind
            && *resource.scope == *place.scope
            && namespace_of(&resource.id) == place.namespace
    };
    match question {
        LookUp::Id(id) => resource.id == id,
        LookUp::Name { kind, key, value } => *resource.kind == *kind && has_name(key, value),
        LookUp::NameIn { kind, key, value, scope } => {
            *resource.kind == *kind && *resource.scope == *scope && has_name(key, value)
        }
        LookUp::Affected { by: "kubernetes", value }
            if object_name(&resource.id).is_some_and(|it| it.eq_ignore_ascii_case(value)) =>
        {
            true
        }
        LookUp::Affected { by, value } => {
            resource.also.iter().any(|it| &*it.0 == by && it.1.eq_ignore_ascii_case(value))
        }
        LookUp::Image(name) => {
            let mut images = resource.affects.iter().filter(|it| &*it.by == "image");
            images.any(|it| image_name(&it.value) == name)
        }
        LookUp::Labelled { place, label } => {
            is_at(place) && resource.tags.get(label.0) == Some(label.1)
        }
        LookUp::Near(place) => is_at(place),
        LookUp::Within { kind, scope } => *resource.kind == *kind && *resource.scope == *scope,
    }
}

/// Asks on behalf of one derivation.
#[derive(Debug)]
pub(crate) struct Asker<'a, 'l> {
    pub(crate) rules: &'a Rules<'l>,
    pub(crate) index: &'a Index<'l>,
    pub(crate) keys: &'a Keys,
    pub(crate) nodes: &'a Nodes,
    /// The resources that answer each question but [`LookUp::Id`].
    pub(crate) answers: &'a Pairs,
    pub(crate) stubs: &'a mut Stubs,
    pub(crate) knows_findings: bool,
    /// The questions that were asked; `None` when nobody wants to know.
    pub(crate) asked: Option<&'a mut Vec<u32>>,
}

/// The other end of an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// A resource that was read.
    Read(u32),
    /// What nobody has read: its id, and the number of what it is taken for.
    Stub(String, u32),
}

impl<'a> Asker<'a, '_> {
    fn note(&mut self, question: LookUp<'_>) {
        let key = key(question);
        if let Some(asked) = &mut self.asked {
            asked.push(key);
        }
    }

    /// The resource with this id.
    pub(crate) fn find(&mut self, id: &str) -> Option<u32> {
        self.note(LookUp::Id(id));
        let nodes = self.nodes;
        nodes.find(id).filter(|it| nodes.resource(*it).is_some_and(|it| it.collected))
    }

    /// All resources that answer a question, by number.
    pub(crate) fn all(&mut self, question: LookUp<'_>) -> Vec<u32> {
        self.note(question);
        let nodes = self.nodes;
        let fits = |it: &u32| nodes.resource(*it).is_some_and(|it| is_answer(it, question));
        self.answers.of(key(question)).filter(fits).collect()
    }

    pub(crate) fn resource(&self, number: u32) -> Option<&'a Resource> {
        self.nodes.resource(number)
    }

    /// The resource with this id; where there is none, the stub that is taken for this.
    pub(crate) fn find_or_stub(&mut self, id: String, proposed: Proposed<'_>) -> End {
        match self.find(&id) {
            Some(number) => End::Read(number),
            None => self.stub(id, proposed),
        }
    }

    /// The stub with this id, of which it is known that it was not read.
    pub(crate) fn stub(&mut self, id: String, proposed: Proposed<'_>) -> End {
        End::Stub(id, self.stubs.number(proposed))
    }
}
