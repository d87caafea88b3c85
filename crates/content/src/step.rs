//! A step: one thing that an attacker can do, with all that it needs and what it gives.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::check::{Reference, Status};
use crate::yaml::OneOrMany;

/// One step file, `content/steps/<cloud>/<service>/<slug>.step.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `<cloud>.<service>.<slug>`, equal to the path; never reused.
    pub id: String,
    /// What is done, in a few words: `Pass a role to a new function`.
    pub title: String,
    /// Only `stable` steps are searched.
    #[serde(default)]
    pub status: Status,
    /// First version with this step.
    pub since: String,
    /// What people are told: `creates a function that runs as {to} and calls it`; `{actor}`, `{to}` and
    /// `{via}` become names.
    pub does: String,
    /// MITRE ATT&CK technique ids.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// How likely somebody who holds all that it needs succeeds and does it.
    pub likelihood: Likelihood,
    /// How the attacker holds `actor`.
    pub holds: Hold,
    /// An openCypher pattern, with `WHERE` if need be, that binds `to` and may bind `via`. Where it binds
    /// `actor`, the attacker holds that node; where it does not, `actor` is any identity that fulfils
    /// the needs.
    #[serde(rename = "match")]
    pub pattern: Option<String>,
    /// What holds where the condition of `match` was not collected.
    #[serde(default)]
    pub unread: WhenUnread,
    /// What it needs beside; all of it.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// What the attacker holds afterwards.
    pub gain: Gain,
    /// Why it works, and what does not stop it.
    pub why: String,
    /// How it is stopped, one way each.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Primary sources.
    pub references: Vec<Reference>,
}

/// What holds where the condition of a step was not collected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhenUnread {
    /// It rarely stands in the way: the step is shown as assumed.
    #[default]
    Assume,
    /// It is not the ordinary case: the step is not proven.
    Doubt,
}

/// How likely a step succeeds: ordinal, not a measured chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Likelihood {
    /// Needs luck, time or somebody's mistake.
    Low,
    /// Needs knowledge of the place or a known exploit.
    Medium,
    /// A documented call or a public exploit does it.
    High,
    /// It is so already: nothing has to be done.
    Certain,
}

impl Likelihood {
    /// The number that stands for it when likelihoods are multiplied.
    pub fn value(self) -> f64 {
        match self {
            Self::Low => 0.3,
            Self::Medium => 0.6,
            Self::High => 0.9,
            Self::Certain => 1.0,
        }
    }

    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Certain => "certain",
        }
    }
}

/// How an attacker holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hold {
    /// Nothing but a connection to the internet, and accounts that anybody may make.
    Internet,
    /// Acts as the identity, runs code on the machine, or is the owner of the thing.
    Control,
    /// Can send packets to it that it answers.
    Contact,
    /// Can read the data in it.
    Read,
    /// Can change the data in it.
    Write,
    /// Can call it, without controlling what it does.
    Invoke,
    /// May do everything in the scope.
    Administer,
    /// The identity may do whatever nothing outside of its own policies forbids; to make use of it takes
    /// control of it, too.
    Raise,
    /// The identity has no permissions boundary any more; to make use of it takes control of it, too.
    Unbind,
    /// May set tags of it: the tags and values that something else needs.
    Tag,
    /// May take tags of it away.
    Untag,
    /// Has become a member of the group.
    Join,
}

impl Hold {
    /// The name as it stands in content, API and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Control => "control",
            Self::Contact => "contact",
            Self::Read => "read",
            Self::Write => "write",
            Self::Invoke => "invoke",
            Self::Administer => "administer",
            Self::Raise => "raise",
            Self::Unbind => "unbind",
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Join => "join",
        }
    }
}

/// A node that the pattern of a step binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// What the attacker holds at first.
    Actor,
    /// What the attacker goes for.
    To,
    /// What it goes by.
    Via,
}

impl Role {
    /// The name of the variable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::To => "to",
            Self::Via => "via",
        }
    }
}

/// What the attacker holds afterwards: one entry, `control: to`.
pub type Gain = IndexMap<Hold, Role>;

/// One thing that a step needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub enum Need {
    /// Somebody may do this.
    Can(Can),
    /// A service may take the role on: its trust policy names the service.
    Service {
        /// The service as the trust policy names it: `lambda.amazonaws.com`.
        service: String,
        /// The role: `to` when absent in the file.
        assumes: Role,
    },
    /// One of these.
    Any(Vec<Need>),
    /// The attacker holds something else as well.
    Also {
        /// How.
        hold: Hold,
        /// What.
        of: Role,
        /// The TCP port, for `contact`; any when absent.
        port: Option<u16>,
    },
    /// The actor may do everything in its account, subscription or project.
    Administrator,
}

/// Somebody may do this.
#[derive(Debug, Clone)]
pub struct Can {
    /// Actions in the words of their cloud; all of them.
    pub actions: Vec<String>,
    /// On what: `to` (when absent in the file), `via`, `actor`, or a text in which `{to}`, `{via}`,
    /// `{actor}` (ids), `{name}` (of `to`), `{account}` (of `actor`), `{partition}` are filled in and `*`
    /// is free.
    pub on: String,
    /// Who.
    pub by: Role,
    /// What the request carries: condition keys with values.
    pub with: IndexMap<String, String>,
    /// The resource's own policy allows it by then: the step has changed it before.
    pub trusting: bool,
}

/// A need as it is written: one of `can`, `service`, `any`, `also`, `administrator`, and what belongs to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    can: Option<OneOrMany>,
    on: Option<String>,
    by: Option<Role>,
    #[serde(default)]
    with: IndexMap<String, String>,
    #[serde(default)]
    trusting: bool,
    service: Option<String>,
    assumes: Option<Role>,
    any: Option<Vec<Need>>,
    also: Option<Hold>,
    of: Option<Role>,
    port: Option<u16>,
    #[serde(default)]
    administrator: bool,
}

impl TryFrom<Fields> for Need {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let said = [
            fields.can.is_some(),
            fields.service.is_some(),
            fields.any.is_some(),
            fields.also.is_some(),
            fields.administrator,
        ];
        if said.iter().filter(|it| **it).count() != 1 {
            return Err(
                "a need is one of `can`, `service`, `any`, `also`, `administrator`".to_owned()
            );
        }
        if let Some(OneOrMany(actions)) = fields.can {
            if let Some(odd) = actions.iter().find(|it| it.is_empty() || it.contains(['"', '\''])) {
                return Err(format!("`can` names no action: {odd:?}"));
            }
            return Ok(Self::Can(Can {
                actions,
                on: fields.on.unwrap_or_else(|| Role::To.name().to_owned()),
                by: fields.by.unwrap_or(Role::Actor),
                with: fields.with,
                trusting: fields.trusting,
            }));
        }
        if let Some(service) = fields.service {
            return Ok(Self::Service { service, assumes: fields.assumes.unwrap_or(Role::To) });
        }
        if let Some(any) = fields.any {
            return Ok(Self::Any(any));
        }
        match (fields.also, fields.of) {
            (Some(hold), Some(of)) => Ok(Self::Also { hold, of, port: fields.port }),
            (Some(_), None) => Err("`also` says of what: `of`".to_owned()),
            (None, _) => Ok(Self::Administrator),
        }
    }
}
