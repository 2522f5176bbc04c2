//! The optimal method: the plan's numbers as a convex problem, its solution, and the solution as booked trades.
//!
//! Nothing here is needed by the drift method, and nothing of the drift method is changed: the solved weights become the
//! targets of the same exact ledger, with a band of zero.

use forecast::AssetForecast;
use optimizer::{
    Infeasibility, OptimizerError, RebalanceOutcome, RebalanceProblem, RebalanceSolution, RiskModel, RiskModelParts,
    SolveOptions, solve,
};
use portfolio_core::{
    CoreError, SizingInput, SizingOptions, TradePlan, TradeReason, measure_drift, portfolio_drift, round_weight,
    size_trades,
};
use risk::{CovarianceEstimate, CovarianceEstimator, RiskError, RiskOptions, estimate_covariance};

use crate::dto::optimal::{OptimizationRequest, PlanOptimization};
use crate::dto::optimizer::OptimizationStatus;
use crate::dto::plan::TiltLimitName;
use crate::engine::market::FEW_OBSERVATIONS;
use crate::engine::portfolio::Portfolio;
use crate::engine::tilt::TiltedTargets;
use crate::fault::{Fault, Faults};

/// Shrinks correlations towards their mean and leaves variances alone, which a book of shares and bonds needs.
const ESTIMATOR: CovarianceEstimator = CovarianceEstimator::LedoitWolfConstantCorrelation;
/// `λ` when none is named.
const DEFAULT_RISK_AVERSION: f64 = 5.0;

/// Why there is no optimal plan.
#[derive(Debug, thiserror::Error)]
pub enum OptimalError {
    /// A covariance needs a history of every asset.
    #[error("the optimal method needs a history of every asset: asset {0} has none")]
    NoHistory(usize),
    /// A covariance needs more observations.
    #[error("the optimal method needs at least {FEW_OBSERVATIONS} common observations: there are {0}")]
    ShortHistory(usize),
    /// The histories do not support a covariance.
    #[error("the histories do not support a covariance")]
    Covariance(#[source] RiskError),
    /// The optimizer refused, or could not prove an optimum.
    #[error("the problem was not solved")]
    Solve(#[source] OptimizerError),
    /// The ledger refused the solved weights.
    #[error("booking the solved weights")]
    Booking(#[from] CoreError),
}

impl OptimalError {
    /// The error as a fault of the request.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let cause = std::error::Error::source(self).map_or(String::new(), |cause| format!(": {cause}"));
        let pointer = if matches!(self, Self::Solve(_) | Self::Booking(_)) { "/optimization" } else { "/method" };
        faults.add(pointer, "value", format!("{self}{cause}"));
        faults.into_vec()
    }
}

/// What the optimal method found.
#[derive(Debug)]
pub struct OptimalPlan {
    /// The booked trades; all hold when the problem is infeasible.
    pub trades: TradePlan,
    outcome: RebalanceOutcome,
    problem: RebalanceProblem,
    model: RiskModelParts,
    covariance: CovarianceEstimate,
}

/// Solves and books, or `None` under the drift method.
///
/// # Errors
/// [`OptimalError`] when the histories support no covariance, or no optimum could be proven.
pub fn optimal_plan(portfolio: &Portfolio, forecasts: &[AssetForecast]) -> Result<Option<OptimalPlan>, OptimalError> {
    let Some(options) = &portfolio.optimization else { return Ok(None) };
    let covariance = covariance(portfolio)?;
    let sigma: Vec<Vec<f64>> =
        covariance.covariance.rows().map(|row| row.iter().map(|v| v * annual()).collect()).collect();
    let model = RiskModel::dense(&sigma).map_err(OptimalError::Solve)?;
    let problem = problem(portfolio, forecasts, options);
    let settings = SolveOptions { portfolio_value: Some(portfolio.nav.major()), ..SolveOptions::default() };
    let outcome = solve(&problem, &model, &settings).map_err(OptimalError::Solve)?;
    let solved = outcome.solution().map_or_else(|| portfolio.weights.current.clone(), |s| bookable(&s.weights));
    let trades = book(portfolio, &solved)?;
    let model = RiskModelParts::Dense { sigma };
    Ok(Some(OptimalPlan { trades, outcome, problem, model, covariance }))
}

fn annual() -> f64 {
    RiskOptions::default().periods_per_year
}

/// The shrunk covariance per period on the common tail of all histories.
fn covariance(portfolio: &Portfolio) -> Result<CovarianceEstimate, OptimalError> {
    if let Some(asset) = portfolio.returns.iter().position(Vec::is_empty) {
        return Err(OptimalError::NoHistory(asset));
    }
    let series: Vec<&[f64]> = portfolio.returns.iter().map(Vec::as_slice).collect();
    let periods = series.iter().map(|s| s.len()).min().unwrap_or_default();
    if periods < FEW_OBSERVATIONS {
        return Err(OptimalError::ShortHistory(periods));
    }
    let tails: Vec<&[f64]> = series.iter().map(|s| &s[s.len() - periods..]).collect();
    estimate_covariance(&tails, ESTIMATOR).map_err(OptimalError::Covariance)
}

/// The request's numbers as a problem.
fn problem(portfolio: &Portfolio, forecasts: &[AssetForecast], options: &OptimizationRequest) -> RebalanceProblem {
    let weights = &portfolio.weights;
    let n = weights.current.len();
    let (lower, upper) = options.bounds(n);
    let cash_now = (1.0 - weights.current.iter().sum::<f64>()).max(0.0);
    let cash_min = options.cash_min.unwrap_or_else(|| cash_now.min(weights.target_cash));
    let cash_max = options.cash_max.unwrap_or_else(|| cash_now.max(weights.target_cash));
    RebalanceProblem {
        risk_aversion: options.risk_aversion.unwrap_or(DEFAULT_RISK_AVERSION),
        // A forecast counts as far as its evidence goes.
        mu: forecasts.iter().map(|f| annual() * f.confidence * f.ensemble).collect(),
        w0: weights.current.clone(),
        cost_linear: Some(portfolio.cost_bps.iter().map(|bps| bps / 1e4).collect()),
        cost_impact: options.market_impact.clone(),
        lower,
        upper,
        cash_min: cash_min.min(cash_max),
        cash_max: cash_max.max(cash_min),
        groups: options.groups.iter().flatten().map(|g| g.clone().into()).collect(),
        exposures: options.exposures.iter().flatten().map(|e| e.clone().into()).collect(),
        turnover_max: Some(portfolio.sizing.turnover_limit),
        leverage_max: None,
        benchmark: Some(weights.target.clone()),
        te_max: options.tracking_error_max,
        max_trade: options.max_trade.clone(),
        restrictions: options.restrictions.iter().flatten().map(|r| r.clone().into()).collect(),
    }
}

/// Solved weights as the ledger takes them: none below zero, no sum above one.
fn bookable(weights: &[f64]) -> Vec<f64> {
    let mut weights: Vec<f64> = weights.iter().map(|w| w.clamp(0.0, 1.0)).collect();
    let sum: f64 = weights.iter().sum();
    if sum > 1.0 {
        weights.iter_mut().for_each(|w| *w /= sum);
    }
    weights
}

/// Books the trades to `solved` in whole minor units, then states drift against the policy's own targets.
fn book(portfolio: &Portfolio, solved: &[f64]) -> Result<TradePlan, CoreError> {
    let input = SizingInput {
        nav: portfolio.nav,
        current: &portfolio.weights.current,
        target: solved,
        optimized: solved,
        price: &portfolio.price,
        cost_bps: &portfolio.cost_bps,
    };
    let options = SizingOptions { drift_threshold: 0.0, ..portfolio.sizing };
    let mut plan = size_trades(&input, &options)?;
    let policy = &portfolio.weights.target;
    let drift = measure_drift(&portfolio.weights.current, policy)?;
    for (row, drift) in plan.rows.iter_mut().zip(&drift) {
        row.drift = *drift;
        if matches!(row.reason, TradeReason::DriftBreach | TradeReason::WithinBand) {
            row.reason = TradeReason::Optimal;
        }
    }
    plan.portfolio_drift_before = portfolio_drift(&drift);
    let after: Vec<f64> = plan.rows.iter().zip(policy).map(|(row, t)| round_weight(row.weight_after - t)).collect();
    plan.portfolio_drift_after = portfolio_drift(&after);
    Ok(plan)
}

impl OptimalPlan {
    /// The solved weights as the targets of the plan; without a solution, the weights that are held.
    pub(super) fn targets(&self) -> TiltedTargets {
        let weights = self.solution().map_or_else(|| self.problem.w0.clone(), |s| bookable(&s.weights));
        TiltedTargets {
            weights,
            tracking_error_spent: 0.0,
            strength: 0.0,
            limited_by: TiltLimitName::SwitchedOff,
            reason: "the optimal method weighs forecasts against risk and cost itself",
        }
    }

    fn solution(&self) -> Option<&RebalanceSolution> {
        self.outcome.solution()
    }

    /// What the answer says of it.
    #[must_use]
    pub fn entry(&self) -> PlanOptimization {
        let solution = self.solution();
        let infeasibility: Option<Infeasibility> = match &self.outcome {
            RebalanceOutcome::Infeasible(why) => Some(why.clone()),
            RebalanceOutcome::Optimal(_) => None,
        };
        PlanOptimization {
            status: if solution.is_some() { OptimizationStatus::Optimal } else { OptimizationStatus::Infeasible },
            objective: solution.map(|s| s.objective),
            weights: solution.map(|s| s.weights.clone()),
            cash: solution.map(|s| s.cash),
            turnover: solution.map(|s| s.turnover),
            tracking_error: solution.and_then(|s| s.tracking_error),
            terms: solution.map(|s| s.terms),
            certificate: solution.map(|s| s.certificate.clone()),
            constraint_prices: solution.map(|s| s.constraint_prices.clone()).unwrap_or_default(),
            iterations: solution.map(|s| s.iterations),
            engine: solution.map(|s| s.engine),
            infeasibility,
            problem: self.problem.clone(),
            model: self.model.clone(),
            estimator: self.covariance.estimator,
            shrinkage: self.covariance.shrinkage,
            observations: self.covariance.observations,
        }
    }
}
