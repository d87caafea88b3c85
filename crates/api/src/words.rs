//! Names of the domain's words for the OpenAPI document. The values come from the rooms that own them.

use serde::Serialize;
use utoipa::ToSchema;

/// What a check says about a resource.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    /// The condition was read and does not hold.
    Healthy,
    /// The condition was read and holds.
    Unhealthy,
    /// The check does not speak about this resource.
    NotApplicable,
    /// What the condition needs was not read.
    Unknown,
}

/// How bad it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// How much would be lost with an asset.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Criticality {
    VeryHigh,
    High,
    Medium,
    Low,
}

/// How an asset to review was decided on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DecisionState {
    /// Nobody has decided.
    Undecided,
    Critical,
    NotCritical,
}

/// Where a check or a kind is in its life.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    /// Shown, but not counted in any score.
    Preview,
    /// Shown and counted.
    Stable,
    /// Kept for history only.
    Deprecated,
}

/// How a resource fares over all its assessments, as they count.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ResourceState {
    Unhealthy,
    Unknown,
    Healthy,
    NotAssessed,
}

/// How a recommendation fares.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RecommendationState {
    Unhealthy,
    Unknown,
    Healthy,
    NotApplicable,
}

/// What resources are sorted by; then by id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ResourceSort {
    Severity,
    Unhealthy,
    Criticality,
    Name,
    Kind,
    Id,
}

/// What recommendations are sorted by; then by severity and id.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RecommendationSort {
    Risk,
    Urgency,
    Unhealthy,
    Title,
}

/// What assessments are sorted by.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum AssessmentSort {
    Risk,
    Severity,
    Resource,
    Since,
}

/// What bears on the risk of an assessment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RiskFactor {
    /// It lies on an attack path.
    AttackPath,
    /// It is exposed to the whole internet.
    ExposedWide,
    /// It is exposed to a part of the internet.
    ExposedNarrow,
    /// It is exposed to trusted ranges.
    ExposedTrusted,
    /// It cannot be reached from the internet.
    NotExposed,
    /// It answers whoever asks.
    AnonymousAccess,
    /// It has a vulnerability that can be exploited.
    Vulnerability,
    /// It is a critical asset.
    CriticalResource,
    /// It holds sensitive data.
    SensitiveData,
    /// Who holds it can move on.
    LateralMovement,
}

/// State of a requirement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RequirementState {
    Passed,
    Failed,
    Unknown,
    NotAssessed,
    Manual,
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::*;

    /// Whether every word of the document is one of the room's.
    fn check<T: DeserializeOwned>(words: &[impl Serialize]) {
        for word in words {
            let json = serde_json::to_value(word).unwrap();
            assert!(serde_json::from_value::<T>(json.clone()).is_ok(), "{json}");
        }
    }

    #[test]
    fn the_words_are_those_of_the_rooms() {
        use AssessmentSort as A;
        use Criticality as C;
        use DecisionState as D;
        use RecommendationSort as P;
        use RecommendationState as N;
        use ResourceSort as O;
        use ResourceState as R;
        use RiskFactor as F;
        use Severity as S;
        use Verdict as V;
        use {RequirementState as Q, posture::RequirementState as P2};
        check::<model::Verdict>(&[V::Healthy, V::Unhealthy, V::NotApplicable, V::Unknown]);
        check::<model::Severity>(&[S::Low, S::Medium, S::High, S::Critical]);
        check::<posture::risk::Factor>(&[
            F::AttackPath,
            F::ExposedWide,
            F::ExposedNarrow,
            F::ExposedTrusted,
            F::NotExposed,
            F::AnonymousAccess,
            F::Vulnerability,
            F::CriticalResource,
            F::SensitiveData,
            F::LateralMovement,
        ]);
        check::<model::Criticality>(&[C::VeryHigh, C::High, C::Medium, C::Low]);
        check::<posture::DecisionState>(&[D::Undecided, D::Critical, D::NotCritical]);
        check::<content::Status>(&[Status::Preview, Status::Stable, Status::Deprecated]);
        check::<view::ResourceState>(&[R::Unhealthy, R::Unknown, R::Healthy, R::NotAssessed]);
        check::<view::RecommendationState>(&[
            N::Unhealthy,
            N::Unknown,
            N::Healthy,
            N::NotApplicable,
        ]);
        check::<view::ResourceSort>(&[
            O::Severity,
            O::Unhealthy,
            O::Criticality,
            O::Name,
            O::Kind,
            O::Id,
        ]);
        check::<view::RecommendationSort>(&[P::Risk, P::Urgency, P::Unhealthy, P::Title]);
        check::<view::AssessmentSort>(&[A::Risk, A::Severity, A::Resource, A::Since]);
        let pairs = [
            (Q::Passed, P2::Passed),
            (Q::Failed, P2::Failed),
            (Q::Unknown, P2::Unknown),
            (Q::NotAssessed, P2::NotAssessed),
            (Q::Manual, P2::Manual),
        ];
        for (ours, theirs) in pairs {
            assert_eq!(serde_json::to_value(ours).unwrap(), serde_json::to_value(theirs).unwrap());
        }
    }
}
