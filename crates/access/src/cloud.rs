//! What each cloud's module does for the facade, and which cloud a question is about.

use model::Resource;

use crate::{Actor, Answer, Reach, Request, Touched, Trail};

/// The documents of one cloud and its evaluation logic.
pub(crate) trait Cloud: std::fmt::Debug + Send + Sync {
    /// Takes a resource in; of one that was there before, what it said is forgotten. Resources of
    /// other clouds are left alone.
    fn put(&mut self, resource: &Resource);

    /// Forgets a resource; ids of other clouds are left alone.
    fn remove(&mut self, id: &str);

    /// After a batch of changes: derives what hangs together, and gives what they may have altered.
    fn settle(&mut self) -> Touched;

    /// The answer; its reasons and what was not read go to `trail`, where there is one.
    fn judge(&self, request: &Request<'_>, trail: Option<&mut Trail>) -> Answer;

    /// Whether anything that the actor holds names the action: true too often, never false wrongly.
    fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool;

    /// Whether a policy that counts for an actor goes by tags where it is about this action.
    fn actor_hinges_on_tags(&self, _actor: Actor<'_>, _action: &str) -> bool {
        false
    }

    /// The same of what counts for a resource.
    fn resource_hinges_on_tags(&self, _request: &Request<'_>) -> bool {
        false
    }

    /// Changes of tags with which the answer would be better: see [`crate::Access::changes_of_tags`].
    fn changes_of_tags(&self, _request: &Request<'_>) -> Vec<Vec<(String, String)>> {
        Vec::new()
    }

    /// Whether the actor may do everything where it is at home.
    fn administrator(&self, actor: Actor<'_>, trail: Option<&mut Trail>) -> Answer;

    /// Canonical ids of all identities that were read, sorted.
    fn identities(&self) -> Vec<&str>;

    /// Whether this is the canonical id of an identity that was read.
    fn is_identity(&self, id: &str) -> bool;

    /// Actors beyond the identities that documents about this resource name: anybody (`*`), roots
    /// of other accounts, services, federated providers.
    fn outsiders(&self, action: &str, on: &str) -> Vec<String>;

    /// Canonical ids of people, groups and foreign accounts that grants name and no document describes, sorted.
    fn named(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether this is among [`Cloud::named`].
    fn is_named(&self, _id: &str) -> bool {
        false
    }

    /// Whom a resource's own policy may allow without a grant that the actor holds, or `*` where that
    /// is not told apart: true too often, never false wrongly.
    fn named_by(&self, _action: &str, _on: &str) -> Vec<String> {
        vec!["*".to_owned()]
    }

    /// Where anything may allow the action to the actor: too many places, never too few.
    fn reach(&self, _actor: Actor<'_>, _action: &str) -> Reach {
        Reach::Anywhere
    }

    /// Somebody who is answered like an actor where nothing is said of the actor: see [`crate::Access::stand_in`].
    fn stand_in(&self, _actor: Actor<'_>) -> Option<&'static str> {
        None
    }

    /// All who stand in for others.
    fn stand_ins(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where something is said of an actor that a stand-in has: see [`crate::Access::own_reach`].
    fn own_reach(&self, _actor: Actor<'_>, _action: &str) -> Vec<String> {
        Vec::new()
    }

    /// The places of a resource, at which what is said holds for it; `None` where it may be allowed
    /// wherever the actor is granted something.
    fn places(&self, _action: &str, _on: &str) -> Option<Vec<String>> {
        None
    }
}

/// The clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Amazon Web Services.
    Aws,
    /// Azure with Entra.
    Azure,
    /// Google Cloud.
    Google,
    /// Kubernetes, wherever it runs.
    Kubernetes,
}

/// The cloud that an id belongs to; `None` where the id does not say (`*`).
pub(crate) fn of_id(id: &str) -> Option<Which> {
    if id.starts_with("arn:") || id.ends_with(".amazonaws.com") {
        return Some(Which::Aws);
    }
    if id.starts_with("k8s:") {
        return Some(Which::Kubernetes);
    }
    let members = ["user:", "serviceAccount:", "group:", "domain:", "principal:", "principalSet:"];
    if id.starts_with("//") || members.iter().any(|it| id.starts_with(it)) {
        return Some(Which::Google);
    }
    let is_azure = id.starts_with('/') || id.starts_with("azure:") || is_guid(id);
    is_azure.then_some(Which::Azure)
}

/// Whether an actor can be known in a cloud at all: identities of one mean nothing in another but in clusters. Of a
/// cluster only service accounts are known elsewhere, to Google Cloud. Names that say nothing of where they are from,
/// and anybody, may act everywhere.
pub(crate) fn may_act(actor: &str, which: Which) -> bool {
    match (of_id(actor), which) {
        (None, _) | (_, Which::Kubernetes) => true,
        (Some(Which::Kubernetes), Which::Google) => actor.contains("//serviceaccount/"),
        (Some(own), _) => own == which,
    }
}

/// The id of an object of Entra: `0d380b48-63eb-4a1b-8023-a5af7aaf2f6d`.
fn is_guid(id: &str) -> bool {
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

/// The cloud that an action belongs to, by its form.
pub(crate) fn of_action(action: &str) -> Option<Which> {
    if action.contains(' ') {
        return Some(Which::Kubernetes);
    }
    let is_aws = action == "*" || action.split_once(':').is_some_and(|it| !it.0.contains('/'));
    let is_azure = action.split_once('/').is_some_and(|(provider, _)| provider.contains('.'));
    if is_aws {
        Some(Which::Aws)
    } else if is_azure {
        Some(Which::Azure)
    } else {
        action.contains('.').then_some(Which::Google)
    }
}
