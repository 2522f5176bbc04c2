//! A plan over several periods: what a request asks for, and the path that its answer shows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::absent;
use crate::dto::path::MAX_PERIODS;
use crate::dto::ranges;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// The periods of the method `multi_period`, which together are the horizon of the objective.
///
/// The horizon is `horizon_years` under the goal `policy` and one year under `mean_variance`; each period prices risk and return at its share of it,
/// and limits hold in every period. Rules beyond the ranges: `cash_flows` has fewer entries than there are periods, and after each of them
/// something of the portfolio is left.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPathRequest {
    /// Periods; one is the method `optimal`.
    #[schema(default = json!(absent::PATH_PERIODS), example = 4, minimum = 1, maximum = 52)]
    #[validate(range(min = 1, max = 52))]
    pub periods: Option<usize>,
    /// Periods after which a forecast, or a view that tilts the targets, counts half. Default: it lasts.
    #[schema(example = 2.0, minimum = 0.01, maximum = 1e4)]
    #[validate(range(min = 0.01, max = 1e4))]
    pub forecast_half_life: Option<f64>,
    /// Known cash flows after today's trades, in the portfolio's currency and positive for inflows: the first comes before the trades of the second
    /// period, and so on. Default: none.
    #[schema(value_type = Option<Vec<ranges::CashFlow>>, example = json!([50000.0, 0.0]), max_items = 51)]
    pub cash_flows: Option<Vec<f64>>,
}

impl PlanPathRequest {
    /// Periods, with their default.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.periods.unwrap_or(absent::PATH_PERIODS)
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        let Some(flows) = &self.cash_flows else { return };
        let most = self.periods().clamp(1, MAX_PERIODS) - 1;
        if flows.len() > most {
            let detail = format!("must have at most {most} entries: one for each period after the first");
            faults.add("/optimization/path/cash_flows", FaultCode::Length, detail);
        }
        ranges::check_vector(flows, flows.len(), ranges::FLOW, "/optimization/path/cash_flows", faults);
    }
}

/// The path of which a plan by the method `multi_period` trades the first step, and the proof that no other is better.
///
/// The later steps are intentions: the next plan states them again with what is known by then. The first is told before whole minor units,
/// lots and costs. Without a path there is a `reason`, and all members but `steps` are absent.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanPath {
    /// The steps, today's first; empty without a path.
    pub steps: Vec<PlannedStep>,
    /// Two-way turnover of all steps, a fraction of NAV today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.3, nullable = false)]
    pub turnover: Option<f64>,
    /// Estimated costs of all steps, a fraction of NAV today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0004, nullable = false)]
    pub cost: Option<f64>,
    /// The minimised objective over all periods, a fraction of NAV today.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0123, nullable = false)]
    pub objective: Option<f64>,
    /// No path within the limits has a lower objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0123, nullable = false)]
    pub lower_bound: Option<f64>,
    /// Iterations of the interior point.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 14, nullable = false)]
    pub iterations: Option<usize>,
    /// Why there is no path.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<NoPathReason>,
    /// The period, from 1, whose limits contradict each other; `infeasibility` tells which and how to repair them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2, nullable = false)]
    pub conflict_period: Option<usize>,
}

/// Why a plan over several periods has no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoPathReason {
    /// No asset has a history: the plan is the nearest portfolio to the policy.
    NoHistory,
    /// The limits of a period contradict each other, so nothing trades.
    LimitsConflict,
}

/// One step of a path. Fractions are of NAV today.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedStep {
    /// The period, from 1.
    #[schema(example = 1)]
    pub period: usize,
    /// Weights after its trades, in the order of the assets.
    #[schema(example = json!([0.6, 0.4]))]
    pub weights: Vec<f64>,
    /// Its trades, positive for purchases.
    #[schema(example = json!([0.02, -0.02]))]
    pub trades: Vec<f64>,
    /// Cash after its trades.
    #[schema(example = 0.0)]
    pub cash: f64,
    /// Value of the portfolio: 1 and the cash flows so far.
    #[schema(example = 1.05)]
    pub value: f64,
    /// Two-way turnover.
    #[schema(example = 0.04)]
    pub turnover: f64,
    /// Estimated costs.
    #[schema(example = 0.00004)]
    pub cost: f64,
}
