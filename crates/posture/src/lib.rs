//! Posture: from a graph to verdicts, scores, standards and recommendations, kept up to date.
//!
//! The one entry is [`assess`]: what a [`Delta`] makes of a [`Base`] is a [`Diff`]. A commit applies
//! it to the [`Ledger`] and stores it; a what-if shows it; a full scan is a delta against nothing;
//! time that has passed is a delta too. No IO, no clock: the instant is passed in.

mod active;
mod assess;
mod assessor;
mod cases;
mod clock;
mod criticality;
mod diff;
mod exemption;
mod json;
mod leaves;
mod ledger;
mod own;
mod posture;
mod report;
mod requirements;
pub mod risk;
mod schema;
mod score;
mod setting;
mod stable_hash;
mod standing;
#[cfg(test)]
mod tests;
mod trial;
mod unread;
mod verdicts;
mod wanted;

pub use assess::{Base, Delta, Judge, Part, Work, assess};
pub use assessor::{Assessor, CompileProblem, CompiledCheck, MetaKeys};
pub use cases::classification_case_problems;
pub use cases::{CaseOutcome, CaseReport, Condition, case_report, check_case_problems};
pub use criticality::{AssetDecision, DecisionState, Decisions};
pub use criticality::{CRITICALITY_KEYS, Choice, Choices, Chosen, Classifier, Instant};
pub use criticality::{MarkKeys, Marks, Rule, RuleProblem, marked, marks_of, try_rule};
pub use diff::{ChangedUnder, Diff, ExemptionChange, Flip, FlipKind};
pub use diff::{RowChange, ScoreChange, StandingChange};
pub use exemption::{Category, Exemption, Exemptions, Place, Target};
pub use json::{from_json, to_json};
pub use ledger::judged::Judged;
pub use ledger::row::{Assessment, CheckNumber, Row, RowError};
pub use ledger::scheme::{Catalogue, CatalogueEntry};
pub use ledger::sums::CheckCounts;
pub use ledger::{Ledger, Restore};
pub use own::check_text_problems;
pub use posture::{EvidenceItem, Posture, Reasons, Recommendation, ResourceName, evidence};
pub use report::{ChangeLine, ControlLine, Counts, ExemptLine, MOST_LINES, ScopeLine, WhatIf};
pub use schema::{LibrarySchema, unknown_paths};
pub use score::{ControlScore, Coverage, ScopeScore, Score, Tally, control_points};
pub use score::{scope_score, total_score};
pub use setting::Setting;
pub use standing::{RequirementStanding, RequirementState, Standing, standing};
pub use trial::Trial;
pub use unread::unread_problems;
pub use verdicts::{CheckVerdicts, VerdictCounts, Why};
pub use wanted::Wanted;
