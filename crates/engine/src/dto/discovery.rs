//! False discoveries among strategies: request and answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::absent;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assumptions about strategies with skill. A strategy without skill has the Sharpe ratio of the benchmark.
///
/// Rule beyond the ranges: `alternative_sharpe_per_period` is above `benchmark_sharpe_per_period`.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"alternative_sharpe_per_period": 0.5, "prior": 0.1, "rate": 0.25}))]
pub struct FalseDiscoveryRequest {
    /// Sharpe ratio per period of a strategy with skill.
    #[schema(example = 0.5, minimum = -100.0, maximum = 100.0)]
    #[validate(range(min = -100.0, max = 100.0))]
    pub alternative_sharpe_per_period: f64,
    /// Share of strategies with skill before any test, a fraction.
    #[schema(example = 0.1, minimum = 0.0001, maximum = 0.9999)]
    #[validate(range(min = 0.0001, max = 0.9999))]
    pub prior: f64,
    /// False discovery rate that the critical Sharpe ratio keeps, a fraction.
    #[schema(default = json!(absent::FALSE_DISCOVERY_RATE), example = 0.25, minimum = 0.0001, maximum = 0.9999)]
    #[validate(range(min = 0.0001, max = 0.9999))]
    pub rate: Option<f64>,
}

impl FalseDiscoveryRequest {
    pub(super) fn check(&self, benchmark: f64, faults: &mut Faults) {
        if self.alternative_sharpe_per_period <= benchmark {
            let detail = format!("must be above the {benchmark} of a strategy without skill");
            faults.add("/false_discovery/alternative_sharpe_per_period", FaultCode::Value, detail);
        }
    }
}

/// How many of the strategies that pass a test have no skill. Form of 2025 (López de Prado, Lipton and Zoonekynd).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct FalseDiscoveryFigures {
    /// Probability that the test at the level `significance` of the request finds a strategy with skill; null with a reason in
    /// `unavailable`.
    #[schema(required, example = 0.676)]
    pub power: Option<f64>,
    /// Planned false discovery rate (pFDR): the probability that a strategy found by that test has no skill; it does
    /// not depend on the observed ratio. Null with a reason in `unavailable`.
    #[schema(required, example = 0.571)]
    pub planned_rate: Option<f64>,
    /// Observed false discovery rate (oFDR): the probability that a ratio at least as high as the observed one belongs to a strategy
    /// without skill; null with a reason in `unavailable`.
    #[schema(required, example = 0.361)]
    pub observed_rate: Option<f64>,
    /// The test that keeps the false discovery rate `rate`; null with a reason in `unavailable`.
    #[schema(required)]
    pub control: Option<FalseDiscoveryTest>,
}

/// A test that keeps a false discovery rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct FalseDiscoveryTest {
    /// The rate it keeps.
    #[schema(example = 0.25)]
    pub rate: f64,
    /// Critical Sharpe ratio per period: a ratio above it counts as a discovery.
    #[schema(example = 0.527)]
    pub critical_sharpe_per_period: f64,
    /// Probability that a strategy without skill is above it.
    #[schema(example = 0.0175)]
    pub significance: f64,
    /// Probability that a strategy with skill is not above it.
    #[schema(example = 0.527)]
    pub miss: f64,
    /// Whether the observed ratio is above it.
    #[schema(example = false)]
    pub is_discovery: bool,
}
