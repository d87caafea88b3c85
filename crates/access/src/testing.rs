//! What tests of all clouds share: resources from small documents.

use std::sync::Arc;

use model::{Doc, Keys, Resource, Tags};
use serde_json::Value as Json;

use crate::{Access, Actor, Answer, Decision, Facts, Given, Plus, Reach, Request};

/// The instant of all tests.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

/// Resources that come in together.
#[derive(Default)]
pub(crate) struct World {
    keys: Keys,
    resources: Vec<Resource>,
}

impl World {
    /// Adds a resource with other names.
    pub(crate) fn add(&mut self, kind: &str, id: &str, also: &[(&str, &str)], doc: &Json) {
        let also = also.iter().map(|(key, value)| (Arc::from(*key), (*value).to_owned())).collect();
        self.resources.push(Resource {
            id: id.to_owned(),
            kind: kind.into(),
            name: id.to_owned(),
            scope: "".into(),
            region: None,
            tags: Tags::default(),
            doc: Doc::build(doc, &self.keys),
            collected: true,
            also,
            affects: Box::default(),
            as_of: None,
        });
    }

    /// What was added last, to change it.
    pub(crate) fn last(&mut self) -> &mut Resource {
        self.resources.last_mut().unwrap()
    }

    /// Access with the tables of the content.
    pub(crate) fn access(&self) -> Access {
        let mut access = Access::new(&self.keys, facts(), NOW.parse().unwrap());
        access.update(self.resources.iter(), std::iter::empty());
        access
    }

    /// Puts the resource that was added last into a scope.
    pub(crate) fn scope_last(&mut self, scope: &str) {
        if let Some(last) = self.resources.last_mut() {
            last.scope = scope.into();
        }
    }

    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }
}

/// The tables that the program comes with.
pub(crate) fn facts() -> Facts {
    static FACTS: std::sync::OnceLock<Facts> = std::sync::OnceLock::new();
    FACTS
        .get_or_init(|| {
            let mut facts = Facts::default();
            let azure = include_bytes!("../../../content/facts/roles-azure.json.zst");
            let json = zstd::decode_all(azure.as_slice()).unwrap();
            assert!(facts.add("facts/roles-azure.json", &json).unwrap());
            let gcp = include_bytes!("../../../content/facts/roles-gcp.json.zst");
            let json = zstd::decode_all(gcp.as_slice()).unwrap();
            assert!(facts.add("facts/roles-gcp.json", &json).unwrap());
            let aws = include_bytes!("../../../content/facts/policies-aws.json.zst");
            let json = zstd::decode_all(aws.as_slice()).unwrap();
            assert!(facts.add("facts/policies-aws.json", &json).unwrap());
            facts
        })
        .clone()
}

/// The decision, held against the answer that is given without reasons.
#[track_caller]
pub(crate) fn decide(
    access: &Access,
    who: &str,
    plus: Plus<'_>,
    (action, on): (&str, &str),
    context: &[(&str, &str)],
) -> Decision {
    let actor = Actor { id: who, plus };
    let request = Request { actor, action, on, context, given: Given::AsRead };
    let decision = access.decide(&request);
    assert_eq!(decision.answer, access.answer(&request), "with and without reasons");
    if decision.answer == Answer::Allowed && plus == Plus::Nothing && who != "*" {
        assert!(access.may_grant(actor, action), "{who} may be granted {action}");
    }
    if decision.answer != Answer::Denied {
        assert!(is_within_reach(access, actor, action, on), "{who} reaches {on} for {action}");
    }
    if let Some(id) = access.stand_ins_of(actor).of(action)
        && is_elsewhere(access, actor, action, on)
    {
        let other = access.decide(&Request { actor: Actor { id, plus: Plus::Nothing }, ..request });
        assert_eq!(decision, other, "{id} stands in for {who} at {on} for {action}");
    }
    decision
}

/// Whether nothing that is said of an actor itself is said where the resource lies.
fn is_elsewhere(access: &Access, actor: Actor<'_>, action: &str, on: &str) -> bool {
    let own = access.own_reach(actor, action);
    match access.places(action, on) {
        Some(places) => !own.iter().any(|it| places.contains(it)),
        None => own.is_empty(),
    }
}

/// Whether something may allow it where the resource lies.
pub(crate) fn is_within_reach(access: &Access, actor: Actor<'_>, action: &str, on: &str) -> bool {
    match (access.reach(actor, action), access.places(action, on)) {
        (Reach::Anywhere, _) | (_, None) => true,
        (Reach::At(own), Some(places)) => own.iter().any(|it| places.contains(it)),
    }
}
