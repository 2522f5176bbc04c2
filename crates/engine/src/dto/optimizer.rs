//! The rebalancing problem on the wire.

use optimizer::{
    ConstraintPrice, Engine, ExposureLimit, GroupLimit, Infeasibility, ObjectiveTerms, OptimalityCertificate,
    RebalanceOutcome, RebalanceProblem, RestrictionKind, TradeRestriction,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{Document, integer, integers, object, optional_objects};
use crate::dto::checks::{MAX_ASSETS, check_name};
use crate::dto::metadata::Metadata;
use crate::dto::ranges::{self, check_matrix, check_vector};
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assets of a problem with a dense covariance.
pub const MAX_DENSE_ASSETS: usize = 1_000;
/// Factors of a factor model.
const MAX_FACTORS: usize = 50;
/// Groups, and exposures, of one problem.
const MAX_ROWS: usize = 100;

/// A rebalancing problem and the risk model it is solved under.
///
/// Rules beyond the ranges: every list of the problem has one entry per asset, as `w0`; the model has as many assets;
/// no lower limit is above its upper limit; `tracking_error_max` goes with a `benchmark`; members of groups and assets
/// of restrictions are positions in `w0`, each once in a group; covariances are symmetric without a direction of
/// negative variance. At most 1,000 assets with `sigma` (600 with every digit of every number: a body has at most 8
/// MiB), 2,000 with a factor model. A solution is returned only with a proof: problems whose numbers differ so much in
/// size that no proof can be computed are refused.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "problem": {
        "risk_aversion": 5.0, "mu": [0.06, 0.03], "w0": [0.7, 0.3], "cost_linear": [0.001, 0.001],
        "lower": [0.0, 0.0], "upper": [1.0, 1.0], "cash_min": 0.0, "cash_max": 0.05, "turnover_limit": 0.2
    },
    "model": {"sigma": [[0.04, 0.01], [0.01, 0.02]]}
}))]
pub struct OptimizerSolveRequest {
    /// What is minimised, and under which limits.
    #[validate(nested)]
    #[serde(deserialize_with = "object")]
    pub problem: RebalanceProblemRequest,
    /// The covariance, whole or as a factor model.
    #[validate(nested)]
    #[serde(deserialize_with = "object")]
    pub model: RiskModelRequest,
    /// Value of the book in major units, to state prices in currency too.
    #[schema(example = 1_000_000.0, minimum = 0.01, maximum = 1e12)]
    #[validate(range(min = 0.01, max = 1e12))]
    pub portfolio_value: Option<f64>,
}

/// Minimise `risk_aversion·w'Σw − mu'w + Σ cost_linear·|w−w0| + Σ cost_impact·|w−w0|^1.5`.
///
/// Subject to Σw + cash = 1, `cash_min` ≤ cash ≤ `cash_max`, `lower` ≤ w ≤ `upper`, group and exposure limits, Σ|w−w0|
/// ≤ `turnover_limit`, Σ|w| ≤ `leverage_max`, √((w−b)'Σ(w−b)) ≤ `tracking_error_max`, |w−w0| ≤ `trade_max` and the
/// restrictions. Weights, cash, costs and turnover are fractions of the book; returns and risk are annual. Costs enter
/// the objective and are not deducted from cash. The names of the reference files are read too: `turnover_max`,
/// `te_max` and `max_trade`.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RebalanceProblemRequest {
    /// Price of one unit of annual variance.
    #[schema(example = 3.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: f64,
    /// Expected annual returns.
    #[schema(value_type = Vec<ranges::ExpectedReturn>, example = json!([0.06, 0.05]), min_items = 1, max_items = 2000)]
    pub mu: Vec<f64>,
    /// Weights before the trade; the remainder to one is cash.
    #[schema(value_type = Vec<ranges::AssetWeight>, example = json!([0.9, 0.1]), min_items = 1, max_items = 2000)]
    pub w0: Vec<f64>,
    /// One-way cost per unit traded (10 bp = 0.001). Default: free.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, example = json!([0.001, 0.001]), max_items = 2000)]
    pub cost_linear: Option<Vec<f64>>,
    /// Market impact: trading d costs `cost_impact·|d|^1.5`. Default: none.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, example = json!([0.01, 0.02]), max_items = 2000)]
    pub cost_impact: Option<Vec<f64>>,
    /// Smallest weight of each asset; negative where it may be sold short.
    #[schema(value_type = Vec<ranges::WeightBound>, example = json!([0.0, 0.0]), min_items = 1, max_items = 2000)]
    pub lower: Vec<f64>,
    /// Largest weight of each asset.
    #[schema(value_type = Vec<ranges::WeightBound>, example = json!([1.0, 1.0]), min_items = 1, max_items = 2000)]
    pub upper: Vec<f64>,
    /// Smallest cash.
    #[schema(example = 0.0, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub cash_min: f64,
    /// Largest cash.
    #[schema(example = 0.02, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub cash_max: f64,
    /// Limits on sums of weights.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub groups: Option<Vec<GroupLimitRequest>>,
    /// Limits on weighted sums of weights, such as the exposure to a factor.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub exposures: Option<Vec<ExposureLimitRequest>>,
    /// Largest two-way turnover over the assets. Default: no limit.
    #[schema(example = 0.2, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    #[serde(alias = "turnover_max")]
    pub turnover_limit: Option<f64>,
    /// Largest gross exposure of a long/short book. Default: no limit.
    #[schema(example = 1.6, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub leverage_max: Option<f64>,
    /// Benchmark weights of the tracking error.
    #[schema(value_type = Option<Vec<ranges::AssetWeight>>, example = json!([0.5, 0.5]), max_items = 2000)]
    pub benchmark: Option<Vec<f64>>,
    /// Largest annual tracking error against the benchmark. Default: no limit.
    #[schema(example = 0.1, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    #[serde(alias = "te_max")]
    pub tracking_error_max: Option<f64>,
    /// Largest trade of each asset, as a fraction of the book (participation). Default: no limit.
    #[schema(value_type = Option<Vec<ranges::TradeLimit>>, example = json!([0.5, 0.5]), max_items = 2000)]
    #[serde(alias = "max_trade")]
    pub trade_max: Option<Vec<f64>>,
    /// Assets that may not be bought, sold, or traded at all.
    #[schema(max_items = 2000)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub restrictions: Option<Vec<TradeRestrictionRequest>>,
}

/// Limits on the total weight of some assets.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupLimitRequest {
    /// Name, repeated in slacks, prices and conflicts; 1 to 255 characters after trimming.
    #[schema(example = "bonds", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: String,
    /// Positions of the members in `w0`, from 0, each once.
    #[schema(value_type = Vec<ranges::AssetPosition>, example = json!([0]), max_items = 2000)]
    #[serde(deserialize_with = "integers")]
    pub members: Vec<u64>,
    /// Smallest total weight.
    #[schema(example = 0.2, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub lower: f64,
    /// Largest total weight.
    #[schema(example = 0.6, minimum = -1e6, maximum = 1e6)]
    #[validate(range(min = -1e6, max = 1e6))]
    pub upper: f64,
}

/// Limits on the sum of loading times weight.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureLimitRequest {
    /// Name, repeated in slacks, prices and conflicts; 1 to 255 characters after trimming.
    #[schema(example = "duration", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub name: String,
    /// Exposure of each asset per unit of weight.
    #[schema(value_type = Vec<ranges::FactorLoading>, example = json!([1.0, 0.4]), min_items = 1, max_items = 2000)]
    pub loadings: Vec<f64>,
    /// Smallest exposure of the book.
    #[schema(example = -0.2, minimum = -1e9, maximum = 1e9)]
    #[validate(range(min = -1e9, max = 1e9))]
    pub lower: f64,
    /// Largest exposure of the book.
    #[schema(example = 1.0, minimum = -1e9, maximum = 1e9)]
    #[validate(range(min = -1e9, max = 1e9))]
    pub upper: f64,
}

/// An asset that may not be traded freely.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TradeRestrictionRequest {
    /// Position of the asset in `w0`, from 0.
    #[schema(example = 1, minimum = 0, maximum = 1999)]
    #[validate(range(max = 1999))]
    #[serde(deserialize_with = "integer")]
    pub asset: u64,
    /// What may not be done.
    pub kind: RestrictionKind,
}

/// A covariance of annual returns: either `sigma`, or `loadings`, `factor_cov` and `specific_var` (Σ = B F B' + diag D).
///
/// The other members only describe it and are not used.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskModelRequest {
    /// The covariance, a row per asset.
    #[schema(value_type = Option<Vec<Vec<ranges::CovarianceEntry>>>, example = json!([[0.04, 0.01], [0.01, 0.02]]), max_items = 1000)]
    pub sigma: Option<Vec<Vec<f64>>>,
    /// Exposures of the assets to the factors, a row per asset, at most 50 factors.
    #[schema(value_type = Option<Vec<Vec<ranges::FactorLoading>>>, max_items = 2000)]
    pub loadings: Option<Vec<Vec<f64>>>,
    /// Covariance of the factors, a row per factor.
    #[schema(value_type = Option<Vec<Vec<ranges::CovarianceEntry>>>, max_items = 50)]
    pub factor_cov: Option<Vec<Vec<f64>>>,
    /// Specific variance of each asset.
    #[schema(value_type = Option<Vec<ranges::SpecificVariance>>, max_items = 2000)]
    pub specific_var: Option<Vec<f64>>,
    /// Number of assets: a label, not used in any computation.
    #[schema(example = 2)]
    pub n: Option<f64>,
    /// Names of the assets: labels, not used in any computation.
    #[schema(example = json!(["ETF", "Bonds"]), max_items = 2000)]
    pub assets: Option<Vec<String>>,
    /// Where the covariance comes from: a label, not used in any computation.
    #[schema(example = "stocks")]
    pub data: Option<String>,
    /// How many returns it was estimated from: a label, not used in any computation.
    #[schema(example = 500)]
    pub last_n_returns: Option<f64>,
    /// Sector of each asset, as a number: a label, not used in any computation.
    #[schema(example = json!([0, 1]), max_items = 2000)]
    pub sector: Option<Vec<f64>>,
}

impl From<GroupLimitRequest> for GroupLimit {
    fn from(g: GroupLimitRequest) -> Self {
        let members = g.members.iter().map(|&i| i as usize).collect();
        Self { name: g.name.trim().to_owned(), members, lower: g.lower, upper: g.upper }
    }
}

impl From<ExposureLimitRequest> for ExposureLimit {
    fn from(e: ExposureLimitRequest) -> Self {
        Self { name: e.name.trim().to_owned(), loadings: e.loadings, lower: e.lower, upper: e.upper }
    }
}

impl From<TradeRestrictionRequest> for TradeRestriction {
    fn from(r: TradeRestrictionRequest) -> Self {
        Self { asset: r.asset as usize, kind: r.kind }
    }
}

impl RebalanceProblemRequest {
    /// The problem in the optimizer's own terms.
    #[must_use]
    pub fn into_problem(self) -> RebalanceProblem {
        RebalanceProblem {
            risk_aversion: self.risk_aversion,
            mu: self.mu,
            w0: self.w0,
            cost_linear: self.cost_linear,
            cost_impact: self.cost_impact,
            lower: self.lower,
            upper: self.upper,
            cash_min: self.cash_min,
            cash_max: self.cash_max,
            groups: self.groups.into_iter().flatten().map(GroupLimit::from).collect(),
            exposures: self.exposures.into_iter().flatten().map(ExposureLimit::from).collect(),
            turnover_limit: self.turnover_limit,
            leverage_max: self.leverage_max,
            benchmark: self.benchmark,
            tracking_error_max: self.tracking_error_max,
            trade_max: self.trade_max,
            restrictions: self.restrictions.into_iter().flatten().map(TradeRestriction::from).collect(),
        }
    }

    fn check(&self, faults: &mut Faults) {
        let n = self.w0.len();
        let own = [("mu", &self.mu, ranges::RETURN), ("w0", &self.w0, ranges::WEIGHT)];
        let bounds = [("lower", &self.lower, ranges::BOUND), ("upper", &self.upper, ranges::BOUND)];
        for (name, values, range) in own.into_iter().chain(bounds) {
            check_vector(values, n, range, &format!("/problem/{name}"), faults);
        }
        let optional = [
            ("cost_linear", &self.cost_linear, ranges::COST),
            ("cost_impact", &self.cost_impact, ranges::COST),
            ("benchmark", &self.benchmark, ranges::WEIGHT),
            ("trade_max", &self.trade_max, ranges::TRADE),
        ];
        for (name, values, range) in optional {
            if let Some(values) = values {
                check_vector(values, n, range, &format!("/problem/{name}"), faults);
            }
        }
        for (i, (lower, upper)) in self.lower.iter().zip(&self.upper).enumerate() {
            crossed(*lower, *upper, || format!("/problem/lower/{i}"), faults);
        }
        crossed(self.cash_min, self.cash_max, || "/problem/cash_min".to_owned(), faults);
        if self.tracking_error_max.is_some() && self.benchmark.is_none() {
            faults.add("/problem/benchmark", FaultCode::Required, "is required with tracking_error_max");
        }
        check_rows("/problem", &self.groups, &self.exposures, &self.restrictions, n, faults);
    }
}

/// Groups, exposures and restrictions of `n` assets, below the member `at`.
pub fn check_rows(
    at: &str,
    groups: &Option<Vec<GroupLimitRequest>>,
    exposures: &Option<Vec<ExposureLimitRequest>>,
    restrictions: &Option<Vec<TradeRestrictionRequest>>,
    n: usize,
    faults: &mut Faults,
) {
    for (name, count, most) in [
        ("groups", groups.as_ref().map_or(0, Vec::len), MAX_ROWS),
        ("exposures", exposures.as_ref().map_or(0, Vec::len), MAX_ROWS),
        ("restrictions", restrictions.as_ref().map_or(0, Vec::len), MAX_ASSETS),
    ] {
        if count > most {
            faults.add(format!("{at}/{name}"), FaultCode::Limit, format!("must have at most {most} entries"));
            return;
        }
    }
    for (g, group) in groups.iter().flatten().enumerate() {
        let at = format!("{at}/groups/{g}");
        check_name(&group.name, || format!("{at}/name"), faults);
        crossed(group.lower, group.upper, || format!("{at}/lower"), faults);
        let mut seen = vec![false; n];
        for (i, &member) in group.members.iter().enumerate() {
            if faults.is_full() {
                return;
            }
            match seen.get_mut(member as usize) {
                None => faults.add(format!("{at}/members/{i}"), FaultCode::Range, format!("must be less than {n}")),
                Some(seen) if *seen => faults.add(format!("{at}/members/{i}"), FaultCode::Value, "is named twice"),
                Some(seen) => *seen = true,
            }
        }
    }
    for (e, exposure) in exposures.iter().flatten().enumerate() {
        let at = format!("{at}/exposures/{e}");
        check_name(&exposure.name, || format!("{at}/name"), faults);
        crossed(exposure.lower, exposure.upper, || format!("{at}/lower"), faults);
        check_vector(&exposure.loadings, n, ranges::LOADING, &format!("{at}/loadings"), faults);
    }
    for (r, restriction) in restrictions.iter().flatten().enumerate() {
        if restriction.asset as usize >= n {
            let at = format!("{at}/restrictions/{r}/asset");
            faults.add(at, FaultCode::Range, format!("must be less than {n}"));
        }
    }
}

/// A lower limit that is above its upper limit.
pub fn crossed(lower: f64, upper: f64, pointer: impl Fn() -> String, faults: &mut Faults) {
    if lower > upper {
        faults.add(pointer(), FaultCode::Value, format!("is above the upper limit, {upper}"));
    }
}

impl RiskModelRequest {
    /// Shapes and ranges for `n` assets.
    pub fn check(&self, n: usize, faults: &mut Faults) {
        match (&self.sigma, &self.loadings, &self.factor_cov, &self.specific_var) {
            (Some(sigma), None, None, None) => {
                check_matrix(sigma, n, n, ranges::COVARIANCE, "/model/sigma", faults);
            }
            (None, Some(loadings), Some(factors), Some(specific)) => {
                let k = factors.len();
                check_matrix(loadings, n, k, ranges::LOADING, "/model/loadings", faults);
                check_matrix(factors, k, k, ranges::COVARIANCE, "/model/factor_cov", faults);
                check_vector(specific, n, ranges::SPECIFIC, "/model/specific_var", faults);
            }
            (Some(_), ..) => {
                faults.add("/model/sigma", FaultCode::Value, "goes without loadings, factor_cov and specific_var")
            }
            (None, None, None, None) => {
                faults.add("/model/sigma", FaultCode::Required, "is required, or a factor model")
            }
            (None, loadings, factors, specific) => {
                for (name, absent) in [
                    ("loadings", loadings.is_none()),
                    ("factor_cov", factors.is_none()),
                    ("specific_var", specific.is_none()),
                ] {
                    if absent {
                        faults.add(format!("/model/{name}"), FaultCode::Required, "is required in a factor model");
                    }
                }
            }
        }
    }
}

impl Document for OptimizerSolveRequest {
    fn check_size(&self, faults: &mut Faults) {
        let most = if self.model.sigma.is_some() { MAX_DENSE_ASSETS } else { MAX_ASSETS };
        if self.problem.w0.is_empty() || self.problem.w0.len() > most {
            faults.add("/problem/w0", FaultCode::Limit, format!("must have 1 to {most} entries"));
        }
        let mut limit = |pointer: &str, count: usize, most: usize| {
            if count > most {
                faults.add(pointer, FaultCode::Limit, format!("must have at most {most} entries"));
            }
        };
        limit("/problem/groups", self.problem.groups.as_ref().map_or(0, Vec::len), MAX_ROWS);
        limit("/problem/exposures", self.problem.exposures.as_ref().map_or(0, Vec::len), MAX_ROWS);
        limit("/problem/restrictions", self.problem.restrictions.as_ref().map_or(0, Vec::len), MAX_ASSETS);
        limit("/model/factor_cov", self.model.factor_cov.as_ref().map_or(0, Vec::len), MAX_FACTORS);
        if self.model.factor_cov.as_ref().is_some_and(Vec::is_empty) {
            faults.add("/model/factor_cov", FaultCode::Length, "must have at least 1 entry");
        }
    }

    fn check(&self, faults: &mut Faults) {
        self.problem.check(faults);
        self.model.check(self.problem.w0.len(), faults);
    }
}

/// The result of a rebalancing problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizationStatus {
    /// The best weights, with the proof.
    Optimal,
    /// No portfolio satisfies the limits: there are no weights.
    Infeasible,
}

impl From<&RebalanceOutcome> for OptimizationStatus {
    fn from(outcome: &RebalanceOutcome) -> Self {
        match outcome {
            RebalanceOutcome::Optimal(_) => Self::Optimal,
            RebalanceOutcome::Infeasible(_) => Self::Infeasible,
        }
    }
}

/// The solution of a rebalancing problem, or the reason why there is none.
///
/// All members except `status`, `infeasibility` and `metadata` are present exactly when the status is `optimal`.
#[derive(Debug, Serialize, ToSchema)]
pub struct OptimizerSolveResponse {
    /// Optimal or infeasible.
    pub status: OptimizationStatus,
    /// The minimised objective, a fraction of the book per year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0123, nullable = false)]
    pub objective: Option<f64>,
    /// Weights after the trade, in the order of `w0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([0.8, 0.2]), nullable = false)]
    pub weights: Option<Vec<f64>>,
    /// 1 − Σw, a fraction of the book.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0, nullable = false)]
    pub cash: Option<f64>,
    /// Two-way turnover Σ|w − w0|.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.2, nullable = false)]
    pub turnover: Option<f64>,
    /// Annual tracking error against the benchmark; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.03, nullable = false)]
    pub tracking_error: Option<f64>,
    /// The parts of the objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub terms: Option<ObjectiveTerms>,
    /// The proof of optimality, in numbers anyone can recompute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub certificate: Option<OptimalityCertificate>,
    /// What each binding limit costs at the margin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub constraint_prices: Option<Vec<ConstraintPrice>>,
    /// Iterations of the interior point.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 9, nullable = false)]
    pub iterations: Option<usize>,
    /// Which engine found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub engine: Option<Engine>,
    /// The limits in conflict, the proof, and the smallest repair, whose `problem` can be sent back as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub infeasibility: Option<Infeasibility>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}
