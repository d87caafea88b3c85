//! What the routes of attack paths answer.

use access::{Answer, Decision, Effect};
use graph::Graph;
use model::View;
use network::{Exposure, Passage, Width};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::Time;
use crate::words;

/// The ways in which an attacker gets to what matters.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttackPaths {
    /// Whether nothing was left unjudged: there are no further paths.
    complete: bool,
    /// What could not be judged.
    gaps: Vec<AttackGap>,
    /// What is proven, the highest risk first.
    paths: Vec<AttackPath>,
    /// What depends on something that could not be judged.
    unproven: Vec<AttackPath>,
    /// Where most paths pass.
    choke_points: Vec<AttackChokePoint>,
    fix_plan: AttackFixPlan,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// How an attack path stands over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum StoryStatus {
    /// It is open, and was found within the last seven days.
    New,
    /// It is open, and was found before.
    Open,
    /// It was there and is not any more.
    Resolved,
}

impl StoryStatus {
    /// The word of the interface.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

/// Something that could not be judged.
#[derive(Debug, Serialize, ToSchema)]
struct AttackGap {
    what: String,
    why: String,
}

/// One way from an entry point to a target.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttackPath {
    entry: HeldThing,
    target: HeldThing,
    /// Entry points from which the target is reached.
    entries: u32,
    steps: Vec<AttackStep>,
    /// `certain`, `high`, `medium` or `low`.
    likelihood: String,
    /// The same as a number from 0 to 1; ordinal.
    likelihood_value: f64,
    /// `critical`, `high`, `medium` or `low`.
    risk: String,
    fixes: Vec<AttackFix>,
    /// How it stands over time; missing where that is not kept: of paths that begin elsewhere than on the internet, and of
    /// what was derived just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<StoryStatus>,
    /// When it was found, the last time that it was not there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
}

/// A node of the graph; `internet` for anybody.
#[derive(Debug, Serialize, ToSchema)]
struct AttackNode {
    id: String,
    name: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// How critical it is; missing where no classification says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Criticality>)]
    criticality: Option<String>,
}

/// Something that the attacker holds in one way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldThing {
    id: String,
    name: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    /// How critical it is; missing where no classification says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Criticality>)]
    criticality: Option<String>,
    /// `internet`, `control`, `contact`, `read`, `write`, `invoke`, `administer`, `raise` or `join`.
    hold: String,
    /// In which state: `raised`, `unbounded` (without its permissions boundary), both, or a group that was joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// The TCP port of a contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
}

/// One step of a way.
#[derive(Debug, Serialize, ToSchema)]
struct AttackStep {
    /// Its id in the content.
    step: String,
    title: String,
    /// What is done here, as a sentence without its subject.
    does: String,
    /// The first of `techniques`.
    technique: Option<String>,
    /// MITRE ATT&CK technique ids.
    techniques: Vec<String>,
    actor: AttackNode,
    /// All that is needed.
    from: Vec<HeldThing>,
    to: HeldThing,
    via: Option<AttackNode>,
    likelihood: String,
    /// Whether something that would rarely stand in the way was not collected.
    assumed: bool,
    preconditions: Vec<AttackPrecondition>,
    evidence: Vec<AccessReason>,
    /// Numbers of the fixes that take it away.
    fixes: Vec<u32>,
    /// How it is stopped in general.
    stop: Vec<String>,
}

/// Something that a step needs.
#[derive(Debug, Serialize, ToSchema)]
struct AttackPrecondition {
    says: String,
    /// `allowed`, `unknown` or `denied`.
    answer: String,
    unread: Vec<AttackGap>,
}

/// Something whose removal takes steps away.
#[derive(Debug, Serialize, ToSchema)]
struct AttackFix {
    /// Its number, as of this answer.
    id: u32,
    says: String,
    places: Vec<AttackPlace>,
}

/// A place in a document.
#[derive(Debug, Serialize, ToSchema)]
struct AttackPlace {
    resource: String,
    path: String,
}

/// Where many paths pass.
#[derive(Debug, Serialize, ToSchema)]
struct AttackChokePoint {
    position: HeldThing,
    /// Paths that pass it.
    passing: u64,
    /// Targets that are not reached without it.
    cuts: u64,
}

/// The fewest fixes that cut all paths.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AttackFixPlan {
    fixes: Vec<AttackFix>,
    /// Fewer do not do.
    at_least: u64,
    /// Whether there is no smaller plan.
    exact: bool,
    /// What no fix cuts off.
    left: Vec<HeldThing>,
}

/// Decisions about access.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessDecisions {
    pub(super) decisions: Vec<AccessDecision>,
    /// The number of the newest commit that this shows.
    pub(super) as_of: u64,
}

/// Whether somebody may do something, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessDecision {
    who: String,
    action: String,
    on: String,
    /// `allowed`, `unknown` or `denied`.
    answer: &'static str,
    reasons: Vec<AccessReason>,
    /// What was not read and could change it.
    unread: Vec<AttackGap>,
}

/// One link of the chain of reasons.
#[derive(Debug, Serialize, ToSchema)]
struct AccessReason {
    /// `allows`, `denies`, `permits` (a limit that it is within) or `limits`.
    effect: String,
    resource: String,
    path: String,
    says: String,
}

impl AccessDecision {
    pub(super) fn of(who: String, action: &str, on: &str, decision: Decision) -> Self {
        let answer = match decision.answer {
            Answer::Denied => "denied",
            Answer::Unknown => "unknown",
            Answer::Allowed => "allowed",
        };
        let reasons = decision.reasons.into_iter().map(|it| AccessReason {
            effect: match it.effect {
                Effect::Allows => "allows",
                Effect::Denies => "denies",
                Effect::Permits => "permits",
                Effect::Limits => "limits",
            }
            .to_owned(),
            resource: it.resource,
            path: it.path,
            says: it.says,
        });
        let unread = decision.unread.into_iter().map(|it| AttackGap { what: it.what, why: it.why });
        Self {
            who,
            action: action.to_owned(),
            on: on.to_owned(),
            answer,
            reasons: reasons.collect(),
            unread: unread.collect(),
        }
    }
}

/// What packets from the internet reach.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exposures {
    pub(super) items: Vec<Exposed>,
    /// The number of the newest commit that this shows.
    pub(super) as_of: u64,
}

/// An end point that is exposed, or may be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Exposed {
    id: String,
    name: String,
    kind: String,
    /// `yes` or `unknown`.
    answer: &'static str,
    /// The ports, in words.
    ports: String,
    /// From how much of the internet: `wide`, `narrow` or `trusted`.
    width: Option<&'static str>,
}

impl Exposed {
    /// `None` when nothing from the internet arrives.
    pub(super) fn of(graph: &Graph, id: &str, exposure: &Exposure) -> Option<Self> {
        if exposure.answer == network::Answer::No {
            return None;
        }
        let meta = graph.meta(graph.node_by_id(id)?);
        let text = |key: &str| match graph.keys().find(key).and_then(|it| meta.get(it)) {
            Some(View::Str(text)) => text.to_owned(),
            _ => String::new(),
        };
        Some(Self {
            id: id.to_owned(),
            name: text("name"),
            kind: text("kind"),
            answer: answer_name(exposure.answer),
            ports: exposure.ports.to_string(),
            width: exposure.width.map(|it| match it {
                Width::Trusted => "trusted",
                Width::Narrow => "narrow",
                Width::Wide => "wide",
            }),
        })
    }
}

/// What may pass between two end points.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Passes {
    /// `yes`, `unknown` or `no`.
    answer: &'static str,
    /// The ports, in words.
    ports: String,
    /// A packet that arrives, in words.
    packet: Option<String>,
    /// Every rule that it passes, in order.
    hops: Vec<PassedRule>,
    /// What was not read and could change the answer.
    unread: Vec<String>,
    /// The number of the newest commit that this shows.
    as_of: u64,
}

/// A rule that a packet passes.
#[derive(Debug, Serialize, ToSchema)]
struct PassedRule {
    resource: String,
    path: String,
    rule: String,
    /// `permits`, `routes` or `translates`.
    does: &'static str,
}

impl Passes {
    pub(super) fn of(passage: Passage, as_of: u64) -> Self {
        let packet = passage.proof.as_ref().map(|it| it.packet.to_string());
        let hops = passage.proof.into_iter().flat_map(|it| it.hops).map(|it| PassedRule {
            resource: it.resource,
            path: it.path,
            rule: it.rule,
            does: it.does.word(),
        });
        Self {
            answer: answer_name(passage.answer),
            ports: passage.ports.to_string(),
            packet,
            hops: hops.collect(),
            unread: passage.unread,
            as_of,
        }
    }
}

fn answer_name(answer: network::Answer) -> &'static str {
    match answer {
        network::Answer::No => "no",
        network::Answer::Unknown => "unknown",
        network::Answer::Yes => "yes",
    }
}
