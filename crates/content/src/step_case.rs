//! Cases of a step: a small estate, and what the step makes of it and of others that differ from it.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::yaml::OneOrMany;

/// Documents by the path that they would have in an export.
pub type Files = IndexMap<String, Json>;

/// Things that are filled in where an estate says `$name`, by that name.
pub type Given = IndexMap<String, Vec<Json>>;

/// One case file of a step, `content/steps/<cloud>/<service>/<slug>.case.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepCases {
    /// The estates that it begins with, by the folder of their [`StepBase`]; that of the step when absent.
    #[serde(default)]
    pub base: OneOrMany,
    /// Ids of steps that are derived together with it, such as one that makes a tag worth setting.
    #[serde(default)]
    pub with: Vec<String>,
    /// Who takes the step: an id, `internet`, or what the base says when absent.
    pub actor: Option<String>,
    /// The id of what it goes for; what the base says when absent.
    pub to: Option<String>,
    /// The id of what it goes by; any when absent.
    pub via: Option<String>,
    /// What is filled in in all cases.
    #[serde(default)]
    pub given: Given,
    /// Documents put over those of the base.
    #[serde(default)]
    pub files: Files,
    /// Needs that no case can show by themselves, as the check writes them, and why.
    #[serde(default)]
    pub waived: IndexMap<String, String>,
    /// What is tried.
    pub cases: Vec<StepCase>,
}

/// One estate, and what the step must make of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepCase {
    /// What the case shows, as a sentence.
    pub name: String,
    /// Who takes the step here.
    pub actor: Option<String>,
    /// The id of what it goes for here.
    pub to: Option<String>,
    /// The id of what it goes by here.
    pub via: Option<String>,
    /// What is filled in beside what is given in all cases.
    #[serde(default)]
    pub given: Given,
    /// What is not filled in here of what is given in all cases.
    #[serde(default)]
    pub without: Given,
    /// Documents put over those of the file.
    #[serde(default)]
    pub files: Files,
    /// Paths of documents that are not there.
    #[serde(default)]
    pub gone: Vec<String>,
    /// What must come out.
    pub want: StepWant,
}

/// Whether a step is found, in the order of how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepWant {
    /// It is not.
    None,
    /// It depends on what could not be judged.
    Unproven,
    /// It depends on what was not collected and rarely stands in the way.
    Assumed,
    /// It is.
    Found,
}

impl StepWant {
    /// The name as it stands in case files.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unproven => "unproven",
            Self::Assumed => "assumed",
            Self::Found => "found",
        }
    }
}

/// The estate that cases of steps begin with, `content/steps/<cloud>/base.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepBase {
    /// What is in it, for people.
    pub about: String,
    /// Who takes steps unless a case says otherwise.
    pub actor: String,
    /// What steps go for unless a case says otherwise.
    pub to: Option<String>,
    /// What a case may give, by the name that stands as `$name` in the files.
    #[serde(default)]
    pub slots: IndexMap<String, Slot>,
    /// Its documents.
    pub files: Files,
}

/// A place in the documents of a base where a case gives what stands there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What it is, for people.
    pub about: String,
    /// What a text or number that is given becomes; `$it` in it is what is given. That itself when absent.
    pub text: Option<Json>,
}
