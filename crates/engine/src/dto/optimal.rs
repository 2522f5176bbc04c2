//! The optimal method of a rebalance request, and what a plan reports about it.

use optimizer::{
    ConstraintPrice, Engine, Infeasibility, ObjectiveTerms, OptimalityCertificate, RebalanceProblem, RiskModelParts,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::decode::{NumberOrList, optional_object, optional_objects};
use crate::dto::absent;
use crate::dto::allocation::WeightBoundInput;
use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::instructions::{IntentKind, PostureName, ScopeName};
use crate::dto::optimizer::{
    ExposureLimitRequest, GroupLimitRequest, OptimizationStatus, TradeRestrictionRequest, check_rows, crossed,
};
use crate::dto::path::MAX_PATH_ASSETS;
use crate::dto::plan_path::{PlanPath, PlanPathRequest};
use crate::dto::portfolio::RebalanceRequest;
use crate::dto::ranges::{self, check_vector};
use crate::dto::risk_model;
use crate::fault::Faults;
use crate::fault_code::FaultCode;

/// Assets of a plan by the optimal method.
const MAX_OPTIMAL_ASSETS: usize = 500;

/// How trades are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RebalanceMethodName {
    /// Assets whose drift leaves the band go to their tilted targets.
    #[default]
    Drift,
    /// The weights that solve a convex problem of risk, return, cost and limits, with a certificate.
    Optimal,
    /// The first step of the best path over several periods, by the problem, limits and booking of `optimal`; the answer shows the path.
    MultiPeriod,
}

impl RebalanceMethodName {
    /// Whether the weights solve a problem, so that there are no bands.
    #[must_use]
    pub fn is_solved(self) -> bool {
        self != Self::Drift
    }
}

/// What the optimal method minimises, in addition to the costs of trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimalGoalName {
    /// The price of leaving the policy: `risk_aversion/2 · horizon_years · (w − b)'Σ(w − b)`, b the target weights. A
    /// book on its targets does not trade.
    #[default]
    Policy,
    /// `optimization.risk_aversion · w'Σw − mu'w`, mu the annual forecasts, times their confidence: variance against
    /// return, however far that is from the policy.
    MeanVariance,
}

/// The problem of the optimal method: minimise the goal and the costs within limits.
///
/// Σ is estimated from the histories by `covariance` and annualised; the costs are those of the assets;
/// `turnover_limit` caps the turnover. The book stays long. Weights are fractions of the NAV that costs leave.
/// Rules beyond the ranges: lists have one entry per asset; no lower limit is above its upper limit.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OptimizationRequest {
    /// What is minimised in addition to the costs.
    #[schema(default = json!(OptimalGoalName::default()))]
    pub goal: Option<OptimalGoalName>,
    /// Price of one unit of annual variance; goes with the goal `mean_variance` only.
    #[schema(default = json!(absent::PRICE_OF_VARIANCE), example = 5.0, minimum = 0.0, maximum = 1e6)]
    #[validate(range(min = 0.0, max = 1e6))]
    pub risk_aversion: Option<f64>,
    /// How the covariance is estimated. Default: the champion of the purpose `covariance` of `GET /api/models`. In a
    /// trial on plans none of the others could be distinguished from it (`docs/models.md`).
    pub covariance: Option<CovarianceEstimatorName>,
    /// Smallest weights, from 0 to 1: one number for all, or one per asset.
    #[schema(default = json!(absent::WEIGHT_BOUNDS.0), value_type = Option<WeightBoundInput>)]
    pub lower: Option<NumberOrList>,
    /// Largest weights, from 0 to 1: one number for all, or one per asset.
    #[schema(default = json!(absent::WEIGHT_BOUNDS.1), value_type = Option<WeightBoundInput>)]
    pub upper: Option<NumberOrList>,
    /// Smallest cash, a fraction of NAV. Default: the smaller of cash now and target cash.
    #[schema(example = 0.0, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_min: Option<f64>,
    /// Largest cash, a fraction of NAV. Default: the larger of cash now and target cash and, with the goal `policy`, what trades of the turnover limit
    /// cost at most.
    #[schema(example = 0.02, minimum = 0.0, maximum = 1.0)]
    #[validate(range(min = 0.0, max = 1.0))]
    pub cash_max: Option<f64>,
    /// Limits on sums of weights; members are positions in `assets`.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub groups: Option<Vec<GroupLimitRequest>>,
    /// Limits on weighted sums of weights.
    #[schema(max_items = 100)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub exposures: Option<Vec<ExposureLimitRequest>>,
    /// Largest annual tracking error against the target weights. Default: no limit.
    #[schema(example = 0.05, minimum = 0.0, maximum = 100.0)]
    #[validate(range(min = 0.0, max = 100.0))]
    pub tracking_error_max: Option<f64>,
    /// Market impact of each asset: trading d of NAV costs `market_impact·|d|^1.5`. Default: none.
    #[schema(value_type = Option<Vec<ranges::CostRate>>, max_items = 500)]
    pub market_impact: Option<Vec<f64>>,
    /// Largest trade of each asset, a fraction of NAV. Default: no limit.
    #[schema(value_type = Option<Vec<ranges::TradeLimit>>, max_items = 500)]
    pub trade_max: Option<Vec<f64>>,
    /// Assets that may not be bought, sold, or traded at all; positions in `assets`.
    #[schema(max_items = 500)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub restrictions: Option<Vec<TradeRestrictionRequest>>,
    /// The periods; goes with the method `multi_period` only.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub path: Option<PlanPathRequest>,
}

/// Rules between the method and the other members of a request.
pub fn check_method(request: &RebalanceRequest, faults: &mut Faults) {
    let method = request.method.unwrap_or_default();
    if !method.is_solved() {
        if request.optimization.is_some() {
            let detail = "goes with \"method\": \"optimal\" or \"multi_period\" only";
            faults.add("/optimization", FaultCode::Value, detail);
        }
        return;
    }
    let path = request.optimization.as_ref().and_then(|optimization| optimization.path.as_ref());
    match method {
        RebalanceMethodName::MultiPeriod => {
            if let Some(path) = path {
                path.check(faults);
            }
        }
        _ if path.is_some() => {
            faults.add("/optimization/path", FaultCode::Value, "goes with \"method\": \"multi_period\" only");
        }
        _ => {}
    }
    if request.worth_min_bps.is_some() {
        faults.add("/worth_min_bps", FaultCode::Value, "goes with \"method\": \"drift\" only");
    }
    let by_bands = [
        ("/band", request.band.is_some()),
        ("/regime_band_widening", request.regime_band_widening.is_some()),
        ("/destination", request.destination.is_some()),
        ("/scope", request.scope == Some(ScopeName::Whole)),
        ("/posture", request.posture == Some(PostureName::Worksheet)),
    ];
    for (pointer, _) in by_bands.into_iter().filter(|(_, is_sent)| *is_sent) {
        faults.add(pointer, FaultCode::Value, "goes with \"method\": \"drift\" only: the optimal method has no bands");
    }
    let n = request.assets.len();
    let (name, most) = match method {
        RebalanceMethodName::MultiPeriod => ("multi_period", MAX_PATH_ASSETS),
        _ => ("optimal", MAX_OPTIMAL_ASSETS),
    };
    if n > most {
        faults.add("/method", FaultCode::Limit, format!("{name} takes at most {most} assets"));
        return;
    }
    let sells_all = request.intent.as_ref().is_some_and(|intent| intent.kind == IntentKind::Liquidate);
    if request.liquidate.unwrap_or(false) || sells_all {
        faults.add("/method", FaultCode::Value, "a liquidation leaves nothing to optimise: use drift");
    }
    if let Some(options) = &request.optimization {
        options.check(n, faults);
    }
}

/// Rules between a learned allocator and the other members of a request: it decides targets and bands.
pub(crate) fn check_allocator(request: &RebalanceRequest, faults: &mut Faults) {
    if request.learned_allocator.is_none() {
        return;
    }
    let intent = request.intent.as_ref().is_some_and(|intent| intent.kind != IntentKind::Rebalance);
    for (pointer, is_sent) in [
        ("/method", request.method.is_some_and(|method| method != RebalanceMethodName::Drift)),
        ("/band", request.band.is_some()),
        ("/drift_threshold", request.drift_threshold.is_some()),
        ("/destination", request.destination.is_some()),
        ("/groups", request.groups.is_some()),
        ("/trigger", request.trigger.is_some()),
        ("/regime_band_widening", request.regime_band_widening.is_some()),
        ("/tracking_error_budget", request.tracking_error_budget.is_some_and(|budget| budget > 0.0)),
        ("/intent", intent),
        ("/liquidate", request.liquidate == Some(true)),
    ] {
        if is_sent {
            faults.add(pointer, FaultCode::Value, "goes without learned_allocator, which decides targets and bands");
        }
    }
}

impl OptimizationRequest {
    fn check(&self, n: usize, faults: &mut Faults) {
        if self.risk_aversion.is_some() && self.goal != Some(OptimalGoalName::MeanVariance) {
            let detail = "goes with \"goal\": \"mean_variance\" only; the goal policy reads /risk_aversion";
            faults.add("/optimization/risk_aversion", FaultCode::Value, detail);
        }
        for (pointer, bound) in [("/optimization/lower", &self.lower), ("/optimization/upper", &self.upper)] {
            match bound {
                Some(NumberOrList::List(values)) => check_vector(values, n, (0.0, 1.0), pointer, faults),
                Some(NumberOrList::Number(value)) if !(0.0..=1.0).contains(value) => {
                    faults.add(pointer, FaultCode::Range, "must be at least 0 and at most 1");
                }
                _ => {}
            }
        }
        if faults.is_empty() {
            let (lower, upper) = self.bounds(n);
            for (i, (lower, upper)) in lower.iter().zip(&upper).enumerate() {
                let at = || match &self.lower {
                    Some(NumberOrList::List(_)) => format!("/optimization/lower/{i}"),
                    Some(_) => "/optimization/lower".to_owned(),
                    None => "/optimization/upper".to_owned(),
                };
                crossed(*lower, *upper, at, faults);
            }
        }
        for (name, values, range) in
            [("market_impact", &self.market_impact, ranges::COST), ("trade_max", &self.trade_max, ranges::TRADE)]
        {
            if let Some(values) = values {
                check_vector(values, n, range, &format!("/optimization/{name}"), faults);
            }
        }
        if let (Some(least), Some(most)) = (self.cash_min, self.cash_max) {
            crossed(least, most, || "/optimization/cash_min".to_owned(), faults);
        }
        check_rows("/optimization", &self.groups, &self.exposures, &self.restrictions, n, faults);
    }

    /// Bounds of each weight, with their defaults.
    #[must_use]
    pub fn bounds(&self, n: usize) -> (Vec<f64>, Vec<f64>) {
        let spread = |bound: &Option<NumberOrList>, default| {
            bound.as_ref().map_or_else(|| vec![default; n], |bound| bound.spread(n))
        };
        (spread(&self.lower, absent::WEIGHT_BOUNDS.0), spread(&self.upper, absent::WEIGHT_BOUNDS.1))
    }
}

/// What the optimal method solved, and how that is proven.
///
/// `problem` and `model` can be sent to the optimizer's own route as they are.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOptimization {
    /// What was minimised in addition to the costs.
    pub goal: OptimalGoalName,
    /// Optimal, or infeasible: then no asset trades and there are no solved weights.
    pub status: OptimizationStatus,
    /// The minimised objective, a fraction of NAV per year; absent when infeasible, and without any history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0123, nullable = false)]
    pub objective: Option<f64>,
    /// The solved weights, in the order of the assets, before they are booked in whole minor units; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([0.6, 0.4]), nullable = false)]
    pub weights: Option<Vec<f64>>,
    /// 1 − Σw, a fraction of NAV; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.0, nullable = false)]
    pub cash: Option<f64>,
    /// Two-way turnover Σ|w − w0|; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.2, nullable = false)]
    pub turnover: Option<f64>,
    /// Annual tracking error against the target weights; absent when infeasible, and without any history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.03, nullable = false)]
    pub tracking_error: Option<f64>,
    /// Iterations of the interior point; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 9, nullable = false)]
    pub iterations: Option<usize>,
    /// Which engine found it; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub engine: Option<Engine>,
    /// The parts of the objective; absent when infeasible, and without any history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub terms: Option<ObjectiveTerms>,
    /// The proof of optimality, in numbers anyone can recompute; absent when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub certificate: Option<OptimalityCertificate>,
    /// What each binding limit costs at the margin, in basis points and in the book's currency; empty when infeasible, and without any history.
    pub constraint_prices: Vec<ConstraintPrice>,
    /// The limits in conflict, the proof, and the smallest repair; present when infeasible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub infeasibility: Option<Infeasibility>,
    /// The problem in full.
    pub problem: RebalanceProblem,
    /// The annual covariance it was solved under; the identity without any history, where the objective is the squared distance from the policy.
    #[schema(value_type = risk_model::RiskModelParts)]
    pub model: RiskModelParts,
    /// How the covariance was estimated; absent for an estimator that requests cannot name, and without any history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub estimator: Option<CovarianceEstimatorName>,
    /// Weight of the shrinkage target, from 0 to 1.
    #[schema(required, example = 0.2)]
    pub shrinkage: Option<f64>,
    /// Observations the covariance rests on; 0 without any history.
    #[schema(example = 250)]
    pub observations: usize,
    /// The path of the method `multi_period`; absent under the method `optimal`. Everything else here is of its first step, where `mu` of
    /// `problem` has what a unit of each asset is worth to the later ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub path: Option<PlanPath>,
}
