//! A plan over several periods on the wire.

use optimizer::{Infeasibility, MultiPeriodProblem, PathLimitPrices, PathLimits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, object, optional_objects};
use crate::dto::metadata::Metadata;
use crate::dto::optimizer::{
    ExposureLimitRequest, GroupLimitRequest, OptimizationStatus, RiskModelRequest, check_rows, crossed,
};
use crate::dto::ranges::{self, check_vector};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assets of a path: a period costs the cube of their number.
pub(super) const MAX_PATH_ASSETS: usize = 100;
/// Periods of a path: a year of weeks.
pub(super) const MAX_PERIODS: usize = 52;

/// A rebalancing problem over several periods, and the covariance of one period.
///
/// Rules beyond the ranges: each list has one entry per asset, as `w0`, each list of `mu` too; `flows` has one entry
/// per period; no lower limit is above its upper limit; `tracking_error_max` needs a benchmark, and flows that leave something. At most 100 assets and 52 periods. A solution is returned only
/// with a proof: problems whose numbers differ so much in size that no proof can be computed are refused.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "problem": {
        "risk_aversion": 2.0, "mu": [[0.002, 0.0], [0.0016, 0.0], [0.00128, 0.0]], "w0": [0.5, 0.5],
        "cost_linear": [0.0005, 0.0005], "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.0,
        "turnover_limit": 0.1
    },
    "model": {"sigma": [[0.0004, 0.0001], [0.0001, 0.0002]]}
}))]
pub struct RebalancePathRequest {
    /// What is minimised, and under which limits.
    #[validate(nested)]
    #[serde(deserialize_with = "object")]
    pub problem: PathProblemRequest,
    /// The covariance of one period, whole or as a factor model.
    #[validate(nested)]
    #[serde(deserialize_with = "object")]
    pub model: RiskModelRequest,
}

/// Minimise, over the periods h, `risk_aversion·(w_h−b)'Σ(w_h−b) − mu_h'w_h` and the costs of the trades w_h − w_{h−1}.
///
/// Subject to `lower` ≤ w_h ≤ `upper` and `cash_min` ≤ cash_h ≤ `cash_max`, where cash_h is one plus the flows up to h
/// less Σw_h, and to the limits on groups, exposures, trades and tracking error in every period. Weights, flows, cash and costs are fractions of the book of today; returns and risk are those of one
/// period. Costs enter the objective and are not deducted from cash, and weights do not drift with returns.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathProblemRequest {
    /// Price of one unit of a period's variance.
    #[schema(example = 2.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: f64,
    /// Expected returns, a list per period, as forecast today.
    #[schema(value_type = Vec<Vec<ranges::ExpectedReturn>>, example = json!([[0.002, 0.0], [0.0016, 0.0]]), min_items = 1, max_items = 52)]
    pub mu: Vec<Vec<f64>>,
    /// Weights before the first trade; the remainder to one is cash.
    #[schema(value_type = Vec<ranges::AssetWeight>, example = json!([0.5, 0.5]), min_items = 1, max_items = 100)]
    pub w0: Vec<f64>,
    /// Weights against which risk is measured. Default: the risk of the whole book counts.
    #[schema(value_type = Option<Vec<ranges::AssetWeight>>, example = json!([0.6, 0.4]), max_items = 100)]
    pub benchmark: Option<Vec<f64>>,
    /// One-way cost per unit traded (10 bp = 0.001). Default: free.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, example = json!([0.001, 0.001]), max_items = 100)]
    pub cost_linear: Option<Vec<f64>>,
    /// Market impact: trading d costs `cost_impact·|d|^1.5`. Default: none.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, example = json!([0.01, 0.02]), max_items = 100)]
    pub cost_impact: Option<Vec<f64>>,
    /// Quadratic costs: trading d costs `cost_quadratic·d²`. Default: none.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, example = json!([0.1, 0.1]), max_items = 100)]
    pub cost_quadratic: Option<Vec<f64>>,
    /// Smallest weight of each asset; negative where it may be sold short.
    #[schema(value_type = Vec<ranges::WeightBound>, example = json!([0.0, 0.0]), min_items = 1, max_items = 100)]
    pub lower: Vec<f64>,
    /// Largest weight of each asset.
    #[schema(value_type = Vec<ranges::WeightBound>, example = json!([1.0, 1.0]), min_items = 1, max_items = 100)]
    pub upper: Vec<f64>,
    /// Smallest cash of any period.
    #[schema(example = 0.0, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub cash_min: f64,
    /// Largest cash of any period.
    #[schema(example = 0.02, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub cash_max: f64,
    /// Known cash flows before each period's trade, positive for inflows. Default: none.
    #[schema(value_type = Option<Vec<ranges::AssetWeight>>, example = json!([0.0, 0.05]), max_items = 52)]
    pub flows: Option<Vec<f64>>,
    /// Limits on sums of weights in every period. Default: none.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub groups: Option<Vec<GroupLimitRequest>>,
    /// Limits on weighted sums of weights in every period. Default: none.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub exposures: Option<Vec<ExposureLimitRequest>>,
    /// Largest two-way turnover of each period. Default: no limit.
    #[schema(example = 0.2, minimum = 0.0, maximum = 200.0)]
    #[validate(range(min = 0.0, max = 200.0))]
    pub turnover_limit: Option<f64>,
    /// Largest trade of each asset in each period. Default: no limit.
    #[schema(value_type = Option<Vec<ranges::TradeLimit>>, example = json!([0.05, 0.05]), max_items = 100)]
    pub trade_max: Option<Vec<f64>>,
    /// Largest tracking error of a period's book against the benchmark, for a period; needs a benchmark. The benchmark and this limit grow with the
    /// flows. Default: no limit.
    #[schema(example = 0.01, minimum = 1e-7, maximum = 100.0)]
    #[validate(range(min = 1e-7, max = 100.0))]
    pub tracking_error_max: Option<f64>,
}

impl PathProblemRequest {
    /// The problem in the optimizer's own terms.
    #[must_use]
    pub fn into_problem(self) -> MultiPeriodProblem {
        MultiPeriodProblem {
            risk_aversion: self.risk_aversion,
            w0: self.w0,
            mu: self.mu,
            benchmark: self.benchmark,
            cost_linear: self.cost_linear,
            cost_impact: self.cost_impact,
            cost_quadratic: self.cost_quadratic,
            lower: self.lower,
            upper: self.upper,
            cash_min: self.cash_min,
            cash_max: self.cash_max,
            flows: self.flows.unwrap_or_default(),
            limits: PathLimits {
                groups: self.groups.into_iter().flatten().map(Into::into).collect(),
                exposures: self.exposures.into_iter().flatten().map(Into::into).collect(),
                turnover_max: self.turnover_limit,
                trade_max: self.trade_max,
                tracking_error_max: self.tracking_error_max,
            },
        }
    }

    fn check(&self, faults: &mut Faults) {
        let n = self.w0.len();
        for (h, mu) in self.mu.iter().enumerate() {
            check_vector(mu, n, ranges::RETURN, &format!("/problem/mu/{h}"), faults);
        }
        let lists = [
            ("w0", Some(&self.w0), ranges::WEIGHT),
            ("lower", Some(&self.lower), ranges::BOUND),
            ("upper", Some(&self.upper), ranges::BOUND),
            ("benchmark", self.benchmark.as_ref(), ranges::WEIGHT),
            ("cost_linear", self.cost_linear.as_ref(), ranges::COST),
            ("cost_impact", self.cost_impact.as_ref(), ranges::COST),
            ("cost_quadratic", self.cost_quadratic.as_ref(), ranges::COST),
            ("trade_max", self.trade_max.as_ref(), ranges::TRADE),
        ];
        for (name, values, range) in lists {
            if let Some(values) = values {
                check_vector(values, n, range, &format!("/problem/{name}"), faults);
            }
        }
        if let Some(flows) = &self.flows {
            check_vector(flows, self.mu.len(), ranges::WEIGHT, "/problem/flows", faults);
        }
        for (i, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            crossed(*lower, *upper, || format!("/problem/lower/{i}"), faults);
        }
        crossed(self.cash_min, self.cash_max, || "/problem/cash_min".to_owned(), faults);
        check_rows("/problem", &self.groups, &self.exposures, &None, n, faults);
        if self.tracking_error_max.is_some() && self.benchmark.is_none() {
            faults.add("/problem/tracking_error_max", FaultCode::Required, "needs a benchmark");
        }
        let mut value = 1.0;
        for (h, flow) in self.flows.iter().flatten().enumerate() {
            value += flow;
            if self.tracking_error_max.is_some() && value <= 0.0 {
                let detail = "must leave something with which a benchmark can be tracked";
                faults.add(format!("/problem/flows/{h}"), FaultCode::Value, detail);
            }
        }
    }
}

impl Document for RebalancePathRequest {
    fn check_size(&self, faults: &mut Faults) {
        for (name, count, most) in
            [("w0", self.problem.w0.len(), MAX_PATH_ASSETS), ("mu", self.problem.mu.len(), MAX_PERIODS)]
        {
            if count == 0 || count > most {
                faults.add(format!("/problem/{name}"), FaultCode::Limit, format!("must have 1 to {most} entries"));
            }
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.problem.check(faults);
        self.model.check(self.problem.w0.len(), faults);
    }
}

/// The best path, of which only the first step should be traded; or the statement that the limits of a period
/// contradict each other.
///
/// `path`, `trade_prices`, `limit_prices`, `objective`, `lower_bound` and `iterations` are present exactly when the status is `optimal`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RebalancePathResponse {
    /// Optimal or infeasible.
    pub status: OptimizationStatus,
    /// Weights after the trade of each period, in the order of `w0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([[0.55, 0.45], [0.56, 0.44]]), nullable = false)]
    pub path: Option<Vec<Vec<f64>>>,
    /// Price of one more unit of each asset from each period on, before its cost: with these anyone can recompute `lower_bound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([[0.0005, -0.0005], [0.0004, -0.0005]]), nullable = false)]
    pub trade_prices: Option<Vec<Vec<f64>>>,
    /// The multipliers of the limits on groups, exposures, turnover and tracking error, which that proof uses too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit_prices: Option<PathPrices>,
    /// The minimised objective over all periods.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -0.0021, nullable = false)]
    pub objective: Option<f64>,
    /// No path within the limits has a lower objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = -0.0021, nullable = false)]
    pub lower_bound: Option<f64>,
    /// Iterations of the interior point.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 9, nullable = false)]
    pub iterations: Option<usize>,
    /// The first period, from 1, that no path reaches within its limits, where one is proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2, nullable = false)]
    pub conflict_period: Option<usize>,
    /// The limits of that period in conflict, the proof, and the smallest repair of that period; its trades are those of all periods up to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub infeasibility: Option<Infeasibility>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// The multipliers of a path's limits, a list or number per period; lists are empty where there is no such limit.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathPrices {
    /// Of each group and then of each exposure: positive where the upper limit binds, negative where the lower one does.
    #[schema(example = json!([[0.0002], [0.0]]))]
    pub rows: Vec<Vec<f64>>,
    /// Of turnover.
    #[schema(example = json!([0.001, 0.0]))]
    pub turnover: Vec<f64>,
    /// Of the squared tracking error.
    #[schema(example = json!([1.5, 0.0]))]
    pub tracking_variance: Vec<f64>,
}

impl From<PathLimitPrices> for PathPrices {
    fn from(PathLimitPrices { rows, turnover, tracking_variance }: PathLimitPrices) -> Self {
        Self { rows, turnover, tracking_variance }
    }
}
