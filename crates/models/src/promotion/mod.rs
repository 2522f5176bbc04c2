//! The evidence that a promotion requires.

mod measured;
mod rule;

use serde::{Deserialize, Serialize};

pub use measured::{MeasuredEvidence, counted, weigh_measured};
pub use rule::{COVERAGE_TOLERANCE, DECISIONS_MIN, EvidenceGap, FALSE_DISCOVERY_RATE, Finding, weigh};

/// The evidence of a promotion: figures of a trial of the challenger against the champion on the same decisions. A part
/// that was not measured is left out; the promotion is then refused, and the refusal names the part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromotionEvidence {
    /// Decisions on which challenger and champion ran on the same inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = 60, minimum = 1))]
    pub decisions: Option<u32>,
    /// The test against the champion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub superiority: Option<SuperiorityTest>,
    /// The coverage of the challenger's intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub coverage: Option<IntervalCoverage>,
    /// Drift indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub drift: Option<DriftFindings>,
}

/// The test of every challenger tried for the purpose, this one included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuperiorityTest {
    /// One p-value for each attempt, including failed ones, of the test that the attempt is no better than the
    /// champion.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.004, 0.4, 0.72]), min_items = 1, max_items = 10_000))]
    pub p_values: Vec<f64>,
    /// Position of this challenger in `p_values`, from 0.
    #[cfg_attr(feature = "openapi", schema(example = 0, minimum = 0))]
    pub challenger: usize,
    /// Whether the losses or returns compared are after trading costs.
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub is_net_of_costs: bool,
}

/// How often outcomes were inside the challenger's intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntervalCoverage {
    /// Nominal coverage, a share.
    #[cfg_attr(feature = "openapi", schema(example = 0.9, minimum = 0, maximum = 1))]
    pub nominal: f64,
    /// Realised coverage, a share.
    #[cfg_attr(feature = "openapi", schema(example = 0.91, minimum = 0, maximum = 1))]
    pub realised: f64,
}

/// The drift indicators of the challenger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftFindings {
    /// The largest population stability index of its inputs.
    #[cfg_attr(feature = "openapi", schema(example = 0.06, minimum = 0))]
    pub population_stability_index: f64,
    /// Whether the alarm on its losses was raised.
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub has_loss_alarm: bool,
}
