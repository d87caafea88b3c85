//! The door of the room: all clouds behind one set of questions.

use model::{Keys, Resource};

use crate::cloud::{self, Cloud, Which};
use crate::facts::Facts;
use crate::{
    Actor, Answer, Decision, Given, Plus, Reach, Request, StandIns, Touched, Trail, aws, azure,
    gcp, k8s,
};

/// The clouds in which somebody stands in for others: little is said of most who may act there.
const WITH_STAND_INS: [Which; 2] = [Which::Azure, Which::Google];

/// Who may do what, in all clouds, as the resources that were read say it.
///
/// Documents are compiled when they come in and not kept. A changed resource costs itself: what
/// others say about it is looked up when a question is asked.
#[derive(Debug)]
pub struct Access {
    aws: aws::Estate,
    azure: azure::Estate,
    gcp: gcp::Estate,
    k8s: k8s::Estate,
}

impl Access {
    /// Nothing yet. `keys` is the table that the documents of resources are built with; `now` is the
    /// instant at which conditions on time are judged.
    pub fn new(keys: &Keys, facts: Facts, now: jiff::Timestamp) -> Self {
        Self {
            aws: aws::Estate::new(keys, facts.aws, now),
            azure: azure::Estate::new(keys, facts.azure, now),
            gcp: gcp::Estate::new(keys, facts.gcp, now),
            k8s: k8s::Estate::new(keys),
        }
    }

    /// Takes in new and changed resources and forgets removed ones. Gives which answers that may have
    /// altered. Of a resource that has become one of another kind, the old one is to be removed, too.
    pub fn update<'r>(
        &mut self,
        put: impl Iterator<Item = &'r Resource>,
        removed: impl Iterator<Item = &'r str>,
    ) -> Touched {
        for id in removed {
            self.aws.remove(id);
            self.azure.remove(id);
            self.gcp.remove(id);
            self.k8s.remove(id);
        }
        for resource in put {
            // the kind says the cloud; what has no kind file says nothing about access
            if resource.kind.starts_with("aws.") {
                self.aws.put(resource);
            } else if resource.kind.starts_with("azure.") {
                self.azure.put(resource);
            } else if resource.kind.starts_with("gcp.") {
                self.gcp.put(resource);
            } else if resource.kind.starts_with("k8s.") {
                self.k8s.put(resource);
            }
        }
        let mut touched = self.aws.settle();
        touched.merge(self.azure.settle());
        touched.merge(self.gcp.settle());
        touched.merge(self.k8s.settle());
        touched
    }

    /// The answer with its reasons.
    pub fn decide(&self, request: &Request<'_>) -> Decision {
        let mut trail = Trail::default();
        let answer = self.judge(request, Some(&mut trail));
        trail.decide(answer)
    }

    /// The same without building reasons.
    pub fn answer(&self, request: &Request<'_>) -> Answer {
        self.judge(request, None)
    }

    fn judge(&self, request: &Request<'_>, trail: Option<&mut Trail>) -> Answer {
        let (of_resource, of_action) = (cloud::of_id(request.on), cloud::of_action(request.action));
        // No cloud lets its actions be done on what another one has; `*` is said in all of them.
        if request.action != "*"
            && let (Some(resource), Some(action)) = (of_resource, of_action)
            && resource != action
        {
            return Answer::Denied;
        }
        let which = of_resource.or(of_action).or_else(|| cloud::of_id(request.actor.id));
        let which = which.filter(|it| cloud::may_act(request.actor.id, *it));
        which.map_or(Answer::Denied, |it| self.cloud(it).judge(request, trail))
    }

    /// Whether a policy that counts for an actor goes by tags, of resources or its own, where it is about this action.
    /// Only AWS's do, as far as is told.
    pub fn actor_hinges_on_tags(&self, actor: Actor<'_>, action: &str) -> bool {
        let which = cloud::of_action(action);
        which.is_some_and(|it| self.cloud(it).actor_hinges_on_tags(actor, action))
    }

    /// The same of what counts for the resource of a question, whoever asks.
    pub fn resource_hinges_on_tags(&self, request: &Request<'_>) -> bool {
        cloud::of_id(request.on).is_some_and(|it| self.cloud(it).resource_hinges_on_tags(request))
    }

    /// Changes of tags with which the answer to a question would be better than it is: each a list of what to add to
    /// its context, [`crate::TAG`] or [`crate::OWN_TAG`] with the name of the tag, and its value. Empty where no
    /// change of tags does it. Single tags come before several at once, of which one way is told.
    pub fn changes_of_tags(&self, request: &Request<'_>) -> Vec<Vec<(String, String)>> {
        let which = cloud::of_id(request.on);
        which.map_or_else(Vec::new, |it| self.cloud(it).changes_of_tags(request))
    }

    /// Whether anything that the actor holds names the action, not counting policies of resources:
    /// true too often, never false wrongly. Cheap: conditions and resources are not looked at.
    pub fn may_grant(&self, actor: Actor<'_>, action: &str) -> bool {
        let which = cloud::of_action(action).or_else(|| cloud::of_id(actor.id));
        let which = which.filter(|it| cloud::may_act(actor.id, *it));
        which.is_some_and(|it| self.cloud(it).may_grant(actor, action))
    }

    /// Whom a resource's own policy (trust, bucket, key policy) may allow without a grant that the actor
    /// holds: ids, roots of other accounts for all in them, `*` for anybody. Too many, never too few.
    pub fn named_by(&self, action: &str, on: &str) -> Vec<String> {
        let which = cloud::of_id(on).or_else(|| cloud::of_action(action));
        which.map_or_else(Vec::new, |it| self.cloud(it).named_by(action, on))
    }

    /// Where anything may allow the action to the actor, in any way but by a resource that is asked about as
    /// [`Given::Trusting`]. An answer about a resource is [`Answer::Denied`] unless this is
    /// [`Reach::Anywhere`], or its [`Access::places`] are not told, or are among these.
    pub fn reach(&self, actor: Actor<'_>, action: &str) -> Reach {
        match cloud::of_action(action).filter(|_| action != "*") {
            None => Reach::Anywhere,
            Some(which) if !cloud::may_act(actor.id, which) => Reach::At(Vec::new()),
            Some(which) => self.cloud(which).reach(actor, action),
        }
    }

    /// The places of a resource at which something may allow this action on it; `None` where they are not
    /// told: then it has to be asked about for every actor.
    pub fn places(&self, action: &str, on: &str) -> Option<Vec<String>> {
        let which = cloud::of_action(action).filter(|_| action != "*")?;
        if cloud::of_id(on)? != which {
            return Some(Vec::new());
        }
        self.cloud(which).places(action, on)
    }

    /// Who is answered like an actor, with the same reasons, about actions that have such
    /// ([`Access::has_stand_ins`]): about every resource whose [`Access::places`] are told and none of which is in the
    /// [`Access::own_reach`] of the actor for what is asked; where places are not told, while it is granted nothing.
    /// They are among [`Access::named`].
    pub fn stand_ins_of(&self, actor: Actor<'_>) -> StandIns {
        let of = |which: Which| {
            let may_act = actor.id != "*" && cloud::may_act(actor.id, which);
            may_act.then(|| self.cloud(which).stand_in(actor)).flatten()
        };
        StandIns { azure: of(Which::Azure), google: of(Which::Google) }
    }

    /// All who stand in for others.
    pub fn stand_ins(&self) -> impl Iterator<Item = &'static str> {
        WITH_STAND_INS.into_iter().flat_map(|it| self.cloud(it).stand_ins()).copied()
    }

    /// Where something is said of an actor that a stand-in has: too many places, never too few.
    pub fn own_reach(&self, actor: Actor<'_>, action: &str) -> Vec<String> {
        let which = cloud::of_action(action);
        which.map_or_else(Vec::new, |it| self.cloud(it).own_reach(actor, action))
    }

    /// Whether somebody may stand in for others in questions about this action.
    pub fn has_stand_ins(&self, action: &str) -> bool {
        action != "*" && cloud::of_action(action).is_some_and(|it| WITH_STAND_INS.contains(&it))
    }

    /// Whether two actions belong to the same cloud.
    pub fn are_of_one_cloud(&self, one: &str, other: &str) -> bool {
        cloud::of_action(one) == cloud::of_action(other)
    }

    /// Whether places tell resources apart for this action.
    pub fn has_places(&self, action: &str) -> bool {
        action != "*" && cloud::of_action(action).is_some()
    }

    /// Whether the actor may do everything where it is at home.
    pub fn administrator(&self, actor: Actor<'_>) -> Decision {
        let mut trail = Trail::default();
        let answer = cloud::of_id(actor.id)
            .map_or(Answer::Denied, |it| self.cloud(it).administrator(actor, Some(&mut trail)));
        trail.decide(answer)
    }

    /// Canonical ids of all identities that were read.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        self.all().into_iter().flat_map(Cloud::identities)
    }

    /// Whether this is the canonical id of somebody who may act: among [`Access::identities`] or [`Access::named`].
    pub fn is_actor(&self, id: &str) -> bool {
        self.all().into_iter().any(|it| it.is_identity(id)) || self.is_named(id)
    }

    /// Whether this is among [`Access::named`].
    pub fn is_named(&self, id: &str) -> bool {
        self.all().into_iter().any(|it| it.is_named(id))
    }

    /// Canonical ids of people, groups and foreign accounts that grants name and no document describes: who
    /// signs in where nobody reads the directory. Who stands in for others is among them.
    pub fn named(&self) -> Vec<String> {
        self.all().into_iter().flat_map(Cloud::named).collect()
    }

    /// Who is, or may be, allowed to do `action` on `on`, sorted by id; outsiders that documents about the
    /// resource name are among them: anybody (`*`), roots of other accounts, services, federated
    /// providers.
    pub fn who_can(
        &self,
        action: &str,
        on: &str,
        context: &[(&str, &str)],
    ) -> Vec<(String, Decision)> {
        let Some(which) = cloud::of_id(on).or_else(|| cloud::of_action(action)) else {
            return Vec::new();
        };
        let cloud = self.cloud(which);
        let mut actors = cloud.outsiders(action, on);
        actors.extend(cloud.identities().into_iter().map(str::to_owned));
        actors.sort();
        actors.dedup();
        actors
            .into_iter()
            .filter_map(|id| {
                let actor = Actor { id: &id, plus: Plus::Nothing };
                let request = Request { actor, action, on, context, given: Given::AsRead };
                let is_possible = self.answer(&request) != Answer::Denied;
                let decision = is_possible.then(|| self.decide(&request))?;
                Some((id, decision))
            })
            .collect()
    }

    fn cloud(&self, which: Which) -> &dyn Cloud {
        match which {
            Which::Aws => &self.aws,
            Which::Azure => &self.azure,
            Which::Google => &self.gcp,
            Which::Kubernetes => &self.k8s,
        }
    }

    fn all(&self) -> [&dyn Cloud; 4] {
        [&self.aws, &self.azure, &self.gcp, &self.k8s]
    }
}
