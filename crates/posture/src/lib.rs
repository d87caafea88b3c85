//! Posture: from a graph to verdicts, scores, standards and recommendations.
//!
//! In: the content library and the security graph. Out: [`Posture`]. No IO, no clock: the instant
//! at which things are judged is passed in.

mod assess;
mod cases;
mod json;
mod leaves;
mod posture;
mod schema;
mod score;
mod setting;
mod standing;
mod unread;

pub use assess::{
    Assessments, Assessor, BoundAssessor, CheckVerdicts, CompileProblem, CompiledCheck,
    VerdictCounts, Why,
};
pub use cases::check_case_problems;
pub use json::to_json;
pub use posture::{EvidenceItem, Posture, Reasons, Recommendation, ResourceName};
pub use schema::{LibrarySchema, unknown_paths};
pub use score::{ControlScore, Coverage, ScopeScore, Score, Tally, control_points};
pub use score::{scope_score, total_score};
pub use setting::Setting;
pub use standing::{RequirementStanding, RequirementState, Standing};
pub use unread::unread_problems;
