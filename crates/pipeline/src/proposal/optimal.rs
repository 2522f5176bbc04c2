//! The optimal method: the plan's numbers as a convex problem, its solution, and the solution as booked trades.
//!
//! Nothing here is needed by the drift method, and nothing of the drift method is changed: the same exact ledger books the
//! trades to the solved weights, and no asset trades to pay for another.

use forecast::AssetForecast;
use optimizer::{
    ExposureLimit, GroupLimit, Limit, RebalanceOutcome, RebalanceProblem, RiskModel, RiskModelParts, SolveOptions,
    TradeRestriction, solve,
};
use portfolio_core::{
    CoreError, CostModel, PanelError, ReturnPanel, SizingInput, SolvedWeights, TradePlan, TradeReason, Universe,
    book_weights,
};
use risk::{CovarianceEstimate, CovarianceEstimator, LedoitWolf, RiskOptions, ShrinkageTarget};

use super::{TiltLimitName, TiltedTargets};
use crate::{FEW_OBSERVATIONS, PipelineError, Portfolio};

/// Shrinks correlations towards their mean and leaves variances alone, which a book of shares and bonds needs.
const ESTIMATOR: LedoitWolf = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation };

/// The problem of the optimal method, apart from what the portfolio says itself: costs, turnover limit, targets.
///
/// Lists have one entry per asset; fractions are of NAV.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimalMethod {
    /// Price of one unit of annual variance.
    pub risk_aversion: f64,
    /// Smallest weights.
    pub lower: Vec<f64>,
    /// Largest weights.
    pub upper: Vec<f64>,
    /// Smallest cash; by default the smaller of cash now and target cash.
    pub cash_min: Option<f64>,
    /// Largest cash; by default the larger of cash now and target cash.
    pub cash_max: Option<f64>,
    /// Limits on sums of weights.
    pub groups: Vec<GroupLimit>,
    /// Limits on weighted sums of weights.
    pub exposures: Vec<ExposureLimit>,
    /// Largest annual tracking error against the target weights.
    pub tracking_error_max: Option<f64>,
    /// Market impact: trading `d` of NAV costs `market_impact·|d|^1.5`.
    pub market_impact: Option<Vec<f64>>,
    /// Largest trade of each asset.
    pub max_trade: Option<Vec<f64>>,
    /// Assets that may not be bought, sold, or traded at all.
    pub restrictions: Vec<TradeRestriction>,
}

impl OptimalMethod {
    /// A long-only problem of `n` assets without further limits, at risk aversion 5.
    #[must_use]
    pub fn long_only(n: usize) -> Self {
        Self {
            risk_aversion: 5.0,
            lower: vec![0.0; n],
            upper: vec![1.0; n],
            cash_min: None,
            cash_max: None,
            groups: Vec::new(),
            exposures: Vec::new(),
            tracking_error_max: None,
            market_impact: None,
            max_trade: None,
            restrictions: Vec::new(),
        }
    }
}

/// What the optimal method found.
#[derive(Debug)]
pub struct OptimalPlan {
    /// The solution with its certificate and prices, or why there is none.
    pub outcome: RebalanceOutcome,
    /// The problem in full.
    pub problem: RebalanceProblem,
    /// The annual covariance it was solved under.
    pub model: RiskModelParts,
    /// Where that covariance comes from, per period.
    pub covariance: CovarianceEstimate,
}

/// Solves and books: the targets, the trades (all hold when the problem is infeasible), and what was found.
///
/// # Errors
/// [`PipelineError`] when the histories support no covariance, or no optimum could be proven.
pub(super) fn optimal_plan(
    portfolio: &Portfolio,
    forecasts: &[AssetForecast],
    options: &OptimalMethod,
) -> Result<(TiltedTargets, TradePlan, OptimalPlan), PipelineError> {
    let covariance = covariance(portfolio)?;
    let sigma: Vec<Vec<f64>> =
        covariance.covariance.rows().map(|row| row.iter().map(|v| v * annual()).collect()).collect();
    let model = RiskModel::dense(&sigma).map_err(PipelineError::Solve)?;
    let problem = problem(portfolio, forecasts, options);
    let settings = SolveOptions { portfolio_value: Some(portfolio.nav.major()), ..SolveOptions::default() };
    let outcome = solve(&problem, &model, &settings).map_err(PipelineError::Solve)?;
    let solved = outcome
        .solution()
        .map_or_else(|| portfolio.weights.current.clone(), |s| bookable(&s.weights, &portfolio.weights.current));
    let mut trades = book(portfolio, &problem, &solved)?;
    match outcome.solution() {
        // The solver keeps the cap; whether it binds is for its price to say, not for a fraction of a cent.
        Some(solution) => {
            trades.turnover_bound = solution.constraint_prices.iter().any(|price| price.limit == Limit::Turnover);
        }
        None => {
            trades.turnover_bound = false;
            trades.rows.iter_mut().for_each(|row| row.reason = TradeReason::LimitsConflict);
        }
    }
    let model = RiskModelParts::Dense { sigma };
    Ok((targets(solved), trades, OptimalPlan { outcome, problem, model, covariance }))
}

fn annual() -> f64 {
    RiskOptions::default().periods_per_year
}

/// The shrunk covariance per period on the common tail of all histories.
fn covariance(portfolio: &Portfolio) -> Result<CovarianceEstimate, PipelineError> {
    if let Some(asset) = portfolio.returns.iter().position(Vec::is_empty) {
        return Err(PipelineError::NoHistory { asset });
    }
    let series: Vec<&[f64]> = portfolio.returns.iter().map(Vec::as_slice).collect();
    let periods = series.iter().map(|s| s.len()).min().unwrap_or_default();
    if periods < FEW_OBSERVATIONS {
        return Err(PipelineError::ShortHistory { periods, needed: FEW_OBSERVATIONS });
    }
    let universe = Universe::numbered(series.len()).map_err(|_| PipelineError::NoAssets)?;
    let panel = ReturnPanel::common_tail(universe, &series).map_err(|error| match error {
        PanelError::NotFinite { asset, period } => {
            PipelineError::Return { asset, index: period, value: series[asset][period] }
        }
        _ => PipelineError::NoAssets,
    })?;
    ESTIMATOR.estimate(&panel, annual()).map_err(PipelineError::Covariance)
}

/// The request's numbers as a problem.
fn problem(portfolio: &Portfolio, forecasts: &[AssetForecast], options: &OptimalMethod) -> RebalanceProblem {
    let weights = &portfolio.weights;
    let cash_now = (1.0 - weights.current.iter().sum::<f64>()).max(0.0);
    // A limit that was sent stands; the default of the other one gives way to it.
    let default_min = cash_now.min(weights.target_cash);
    let default_max = cash_now.max(weights.target_cash);
    let cash_max = options.cash_max.unwrap_or_else(|| default_max.max(options.cash_min.unwrap_or(0.0)));
    let cash_min = options.cash_min.unwrap_or_else(|| default_min.min(cash_max));
    RebalanceProblem {
        risk_aversion: options.risk_aversion,
        // A forecast counts as far as its evidence goes.
        mu: forecasts.iter().map(|f| annual() * f.confidence * f.ensemble).collect(),
        w0: weights.current.clone(),
        cost_linear: Some(portfolio.cost_bps.iter().map(|bps| bps / 1e4).collect()),
        cost_impact: options.market_impact.clone(),
        lower: options.lower.clone(),
        upper: options.upper.clone(),
        cash_min,
        cash_max,
        groups: options.groups.clone(),
        exposures: options.exposures.clone(),
        turnover_max: Some(portfolio.sizing.turnover_limit),
        leverage_max: None,
        benchmark: Some(weights.target.clone()),
        te_max: options.tracking_error_max,
        max_trade: options.max_trade.clone(),
        restrictions: options.restrictions.clone(),
    }
}

/// A solved weight this close to the current one is the current one: solvers leave noise of this size.
const STAYS: f64 = 1e-9;

/// Solved weights as the ledger takes them: none below zero, no sum above one. What rounding leaves too much comes off the
/// assets that are bought.
fn bookable(solved: &[f64], current: &[f64]) -> Vec<f64> {
    let stays = |(solved, current): (&f64, &f64)| if (solved - current).abs() <= STAYS { *current } else { *solved };
    let mut weights: Vec<f64> = solved.iter().zip(current).map(stays).map(|w| w.clamp(0.0, 1.0)).collect();
    let excess = weights.iter().sum::<f64>() - 1.0;
    let bought: f64 = weights.iter().zip(current).map(|(w, c)| (w - c).max(0.0)).sum();
    if excess > 0.0 && bought > 0.0 {
        let kept = (1.0 - excess / bought).max(0.0);
        for (weight, current) in weights.iter_mut().zip(current) {
            if *weight > *current {
                *weight = current + kept * (*weight - current);
            }
        }
    }
    weights
}

/// Books the trades to `solved` in whole minor units; drift is stated against the policy's own targets.
fn book(portfolio: &Portfolio, problem: &RebalanceProblem, solved: &[f64]) -> Result<TradePlan, CoreError> {
    let input = SizingInput {
        nav: portfolio.nav,
        current: &portfolio.weights.current,
        target: &portfolio.weights.target,
        optimized: solved,
        price: &portfolio.price,
        costs: &CostModel::proportional(&portfolio.cost_bps)?,
    };
    let solved = SolvedWeights {
        weights: solved,
        turnover_limit: portfolio.sizing.turnover_limit,
        max_trade: problem.max_trade.as_deref(),
        cash_floor: problem.cash_min.clamp(0.0, 1.0),
    };
    book_weights(&input, &solved)
}

/// The solved weights as the targets of the plan; without a solution, the weights that are held.
fn targets(weights: Vec<f64>) -> TiltedTargets {
    TiltedTargets {
        weights,
        tracking_error_spent: 0.0,
        strength: 0.0,
        limited_by: TiltLimitName::SwitchedOff,
        reason: "the optimal method weighs forecasts against risk and cost itself",
        is_impossible: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Agent, OptimizerAgent, RelaxationKind, sample};
    use optimizer::{RestrictionKind, solve as resolve, verify};

    fn optimal(change: impl FnOnce(&mut OptimalMethod)) -> Portfolio {
        let mut portfolio = sample::pair();
        let mut method = OptimalMethod::long_only(portfolio.names.len());
        change(&mut method);
        portfolio.optimization = Some(method);
        portfolio
    }

    #[test]
    fn solved_weights_are_proven_and_booked() {
        let proposed = OptimizerAgent.act(sample::assessed(optimal(|_| ()))).unwrap();
        let found = proposed.optimal().unwrap();
        let solution = found.outcome.solution().unwrap();
        let model = RiskModel::try_from(&found.model).unwrap();
        assert!(verify(&found.problem, &model, solution).unwrap().valid);
        for (row, weight) in proposed.trades().rows.iter().zip(&solution.weights) {
            // Costs come out of NAV and trades are whole cents.
            assert!((row.weight_after - weight).abs() < 1e-3, "{row:?}, {weight}");
        }
    }

    #[test]
    fn an_infeasible_problem_holds_everything_and_brings_a_repair_that_solves() {
        let proposed = OptimizerAgent.act(sample::assessed(optimal(|m| m.upper = vec![0.3, 0.3]))).unwrap();
        assert!(proposed.trades().rows.iter().all(|row| row.value.minor() == 0));
        let found = proposed.optimal().unwrap();
        let RebalanceOutcome::Infeasible(why) = &found.outcome else { panic!("feasible") };
        let model = RiskModel::try_from(&found.model).unwrap();
        let repaired = resolve(&why.repair.problem, &model, &SolveOptions::default()).unwrap();
        assert!(repaired.solution().is_some());
        assert!(proposed.trades().rows.iter().all(|row| row.reason == TradeReason::LimitsConflict));
        assert_eq!(proposed.asked.last().map(|asked| asked.kind), Some(RelaxationKind::LooserLimits));
    }

    #[test]
    fn a_locked_asset_is_not_sold_to_pay_the_costs_of_the_others() {
        let mut portfolio = sample::four();
        let mut method = OptimalMethod::long_only(portfolio.names.len());
        method.restrictions = vec![TradeRestriction { asset: 1, kind: RestrictionKind::Locked }];
        portfolio.cost_bps.fill(50.0);
        portfolio.sizing.turnover_limit = 1.0;
        portfolio.optimization = Some(method);
        let proposed = OptimizerAgent.act(sample::assessed(portfolio)).unwrap();
        let rows = &proposed.trades().rows;
        assert_eq!(rows[1].value.minor(), 0, "{rows:?}");
        assert!(rows.iter().any(|row| row.value.minor() > 0) && proposed.trades().cash_after.minor() >= 0);
    }

    #[test]
    fn a_riskless_asset_is_planned_for() {
        for constant in [0.0, 0.0001] {
            let mut portfolio = optimal(|_| ());
            portfolio.returns[1].fill(constant);
            let proposed = OptimizerAgent.act(sample::assessed(portfolio)).unwrap();
            let found = proposed.optimal().unwrap();
            assert!(found.outcome.solution().is_some());
            assert_eq!(found.covariance.covariance.row(1), Some(&[0.0, 0.0][..]));
        }
    }

    #[test]
    fn without_enough_history_there_is_no_covariance_and_the_agent_refuses() {
        let mut short = optimal(|_| ());
        short.returns.iter_mut().for_each(|series| series.truncate(5));
        let veto = OptimizerAgent.act(sample::assessed(short)).unwrap_err();
        assert!(matches!(veto.cause, PipelineError::ShortHistory { periods: 5, .. }), "{veto}");
        let mut none = optimal(|_| ());
        none.returns[1].clear();
        let veto = OptimizerAgent.act(sample::assessed(none)).unwrap_err();
        assert!(matches!(veto.cause, PipelineError::NoHistory { asset: 1 }), "{veto}");
    }
}
