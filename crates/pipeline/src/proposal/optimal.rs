//! The optimal method: the plan's numbers as a convex problem, its solution, and the solution as booked trades.
//!
//! The drift method needs nothing from here and stays as it is. The same exact ledger books the trades to the solved weights,
//! and no asset trades to pay for another.

use forecast::AssetForecast;
use optimizer::{
    ExposureLimit, GroupLimit, Limit, OptimizerError, RebalanceOutcome, RebalanceProblem, RestrictionKind, RiskModel,
    RiskModelParts, SolveOptions, TradeRestriction, solve,
};
use portfolio_core::{CoreError, SolvedWeights, TradePlan, TradeReason, book_weights};
use risk::{CovarianceEstimate, RiskOptions};

use super::sizing_input;
use crate::digest::Canon;
use crate::{Admitted, FEW_OBSERVATIONS, PipelineError};

/// The parameters of the optimal method that the rest of the configuration (costs, turnover limit, targets) does not give.
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
    /// Market impact: trading `d` of NAV costs `market_impact·|d|^1.5`, on top of the impact in the costs of the run.
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
    /// The problem in full. A cost that differs between buying and selling is split between `cost_linear` and `mu`
    /// ([`RebalanceProblem::with_costs`]).
    pub problem: RebalanceProblem,
    /// The annual covariance it was solved under.
    pub model: RiskModelParts,
    /// Where that covariance comes from, per period.
    pub covariance: CovarianceEstimate,
}

impl OptimalMethod {
    /// Commits a digest to every field.
    pub(crate) fn add_to(&self, canon: &mut Canon) {
        let Self {
            risk_aversion,
            lower,
            upper,
            cash_min,
            cash_max,
            groups,
            exposures,
            tracking_error_max,
            market_impact,
            max_trade,
            restrictions,
        } = self;
        canon.number(*risk_aversion).numbers(lower).numbers(upper).optional(*cash_min).optional(*cash_max);
        canon.whole(groups.len() as i64);
        for GroupLimit { name, members, lower, upper } in groups {
            canon.text(name).whole(members.len() as i64);
            members.iter().for_each(|&member| {
                canon.whole(member as i64);
            });
            canon.number(*lower).number(*upper);
        }
        canon.whole(exposures.len() as i64);
        for ExposureLimit { name, loadings, lower, upper } in exposures {
            canon.text(name).numbers(loadings).number(*lower).number(*upper);
        }
        canon.optional(*tracking_error_max);
        for list in [market_impact, max_trade] {
            canon.numbers(list.as_deref().unwrap_or_default());
        }
        canon.whole(restrictions.len() as i64);
        for TradeRestriction { asset, kind } in restrictions {
            canon.whole(*asset as i64).text(match kind {
                RestrictionKind::DoNotBuy => "do_not_buy",
                RestrictionKind::DoNotSell => "do_not_sell",
                RestrictionKind::Locked => "locked",
            });
        }
    }
}

/// Solves and books: the targets, the trades (all hold when the problem is infeasible), and what was found.
///
/// # Errors
/// [`PipelineError`] when the histories support no covariance, or no optimum could be proven.
pub(super) fn optimal_plan(
    admitted: &Admitted<'_>,
    forecasts: &[AssetForecast],
    options: &OptimalMethod,
) -> Result<(Vec<f64>, TradePlan, OptimalPlan), PipelineError> {
    let current = admitted.current();
    let covariance = covariance(admitted)?;
    let annual = covariance.covariance.annualised();
    let model = RiskModel::from(&annual);
    let problem = problem(admitted, forecasts, options).map_err(PipelineError::Solve)?;
    let settings = SolveOptions { portfolio_value: Some(admitted.nav().major()), ..SolveOptions::default() };
    let outcome = solve(&problem, &model, &settings).map_err(PipelineError::Solve)?;
    let solved = outcome.solution().map_or_else(|| current.to_vec(), |s| bookable(&s.weights, current));
    let mut trades = book(admitted, &problem, &solved)?;
    match outcome.solution() {
        // The solver keeps the cap; its price tells whether it binds, which a fraction of a cent cannot.
        Some(solution) => {
            trades.turnover_bound = solution.constraint_prices.iter().any(|price| price.limit == Limit::Turnover);
        }
        None => {
            trades.turnover_bound = false;
            trades.rows.iter_mut().for_each(|row| row.reason = TradeReason::LimitsConflict);
        }
    }
    let model = RiskModelParts::Dense { sigma: annual.rows().map(<[f64]>::to_vec).collect() };
    Ok((solved, trades, OptimalPlan { outcome, problem, model, covariance }))
}

fn periods_per_year() -> f64 {
    RiskOptions::default().periods_per_year
}

/// The covariance per period on the common tail of all histories.
fn covariance(admitted: &Admitted<'_>) -> Result<CovarianceEstimate, PipelineError> {
    let panel = admitted.market.panel;
    if let Some(asset) = panel.columns().position(<[f64]>::is_empty) {
        return Err(PipelineError::NoHistory { asset });
    }
    let periods = panel.common_periods();
    if periods < FEW_OBSERVATIONS {
        return Err(PipelineError::ShortHistory { periods, needed: FEW_OBSERVATIONS });
    }
    let tail = panel.tail(periods);
    admitted.config.estimator.estimate(&tail, periods_per_year()).map_err(PipelineError::Covariance)
}

/// The case's numbers as a problem.
///
/// # Errors
/// [`OptimizerError::LengthMismatch`] for lists of another length than the book.
fn problem(
    admitted: &Admitted<'_>,
    forecasts: &[AssetForecast],
    options: &OptimalMethod,
) -> Result<RebalanceProblem, OptimizerError> {
    let current = admitted.current();
    let policy = &admitted.config.policy;
    let cash_now = (1.0 - current.iter().sum::<f64>()).max(0.0);
    // A limit that was given holds; the default of the other one yields to it.
    let default_min = cash_now.min(policy.cash_weight);
    let default_max = cash_now.max(policy.cash_weight);
    let cash_max = options.cash_max.unwrap_or_else(|| default_max.max(options.cash_min.unwrap_or(0.0)));
    let cash_min = options.cash_min.unwrap_or_else(|| default_min.min(cash_max));
    let problem = RebalanceProblem {
        risk_aversion: options.risk_aversion,
        // A forecast is weighted by its confidence.
        mu: forecasts.iter().map(|f| periods_per_year() * f.confidence * f.expected_return).collect(),
        w0: current.to_vec(),
        cost_linear: None,
        cost_impact: None,
        lower: options.lower.clone(),
        upper: options.upper.clone(),
        cash_min,
        cash_max,
        groups: options.groups.clone(),
        exposures: options.exposures.clone(),
        turnover_max: Some(admitted.config.sizing.turnover_limit),
        leverage_max: None,
        benchmark: Some(policy.weights.clone()),
        te_max: options.tracking_error_max,
        max_trade: options.max_trade.clone(),
        restrictions: options.restrictions.clone(),
    };
    let problem = problem.with_costs(&admitted.config.costs, admitted.book.unit_values())?;
    Ok(RebalanceProblem { cost_impact: impact(options.market_impact.as_deref(), problem.cost_impact), ..problem })
}

/// The method's own market impact and that of the cost model together; `None` where neither has any.
fn impact(own: Option<&[f64]>, of_costs: Option<Vec<f64>>) -> Option<Vec<f64>> {
    match (own, of_costs) {
        (Some(own), Some(costs)) if own.len() == costs.len() => {
            Some(own.iter().zip(&costs).map(|(a, b)| a + b).collect())
        }
        // A list of the wrong length is for the solver to refuse.
        (Some(own), _) => Some(own.to_vec()),
        (None, of_costs) => of_costs,
    }
}

/// A solved weight this close to the current one is the current one: solvers leave noise of this size.
const STAYS: f64 = 1e-9;

/// Solved weights as the ledger takes them: none below zero, no sum above one. The assets that are bought give up any excess left by
/// rounding.
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
fn book(admitted: &Admitted<'_>, problem: &RebalanceProblem, solved: &[f64]) -> Result<TradePlan, CoreError> {
    let weights = SolvedWeights {
        weights: solved,
        turnover_limit: admitted.config.sizing.turnover_limit,
        max_trade: problem.max_trade.as_deref(),
        cash_floor: problem.cash_min.clamp(0.0, 1.0),
    };
    book_weights(&sizing_input(admitted, solved), &weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;
    use crate::{Method, OptimizerAgent, RelaxationKind, Veto};
    use optimizer::{solve as resolve, verify};
    use portfolio_core::{CostModel, Duty, TradeSide};

    fn optimal(change: impl FnOnce(&mut OptimalMethod)) -> Case {
        let mut case = Case::pair();
        let mut method = OptimalMethod::long_only(2);
        change(&mut method);
        case.config.method = Method::Optimal(Box::new(method));
        case
    }

    fn refusal(case: &Case) -> Veto {
        let lent = case.lend();
        let (surveyed, forecasted, assessed) = (lent.surveyed(), lent.forecasted(), lent.assessed());
        OptimizerAgent.act(&lent.admitted(), &surveyed, &forecasted, &assessed).unwrap_err()
    }

    #[test]
    fn solved_weights_are_proven_and_booked() {
        let proposed = optimal(|_| ()).lend().proposed();
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
        let proposed = optimal(|m| m.upper = vec![0.3, 0.3]).lend().proposed();
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
    fn impact_in_the_costs_of_the_run_is_weighed_like_that_of_the_method() {
        let coefficients = [0.05, 0.02];
        let impact = |case: &Case| case.lend().proposed().optimal().unwrap().problem.cost_impact.clone();
        let mut by_costs = optimal(|_| ());
        assert_eq!(impact(&by_costs), None);
        let term = portfolio_core::MarketImpact::new(&coefficients).unwrap();
        by_costs.config = by_costs.config.with_cost_term(term).unwrap();
        assert_eq!(impact(&by_costs), Some(coefficients.to_vec()));
        let by_method = optimal(|m| m.market_impact = Some(coefficients.to_vec()));
        assert_eq!(by_costs.lend().proposed().targets(), by_method.lend().proposed().targets());

        let mut by_both = by_method;
        by_both.config.costs = by_costs.config.costs;
        assert_eq!(impact(&by_both), Some(vec![0.1, 0.04]));
    }

    #[test]
    fn a_duty_on_buys_does_not_hold_back_sales() {
        const DUTY_BPS: f64 = 500.0;
        let mut case = optimal(|m| m.cash_max = Some(1.0));
        case.config.sizing.turnover_limit = 1.0;
        case.config.costs = CostModel::free(2).with(Duty::new(TradeSide::Buy, &[DUTY_BPS; 2]).unwrap()).unwrap();
        let lent = case.lend();
        let (proposed, forecasted) = (lent.proposed(), lent.forecasted());
        let found = proposed.optimal().unwrap();
        let model = RiskModel::try_from(&found.model).unwrap();
        let weights = &found.outcome.solution().unwrap().weights;
        let mu: Vec<f64> =
            forecasted.forecasts.iter().map(|f| periods_per_year() * f.confidence * f.expected_return).collect();

        // What is minimised, with the duty where it is due.
        let objective = |w: &[f64]| -> f64 {
            let bought: f64 = w.iter().zip(&case.current).map(|(w, w0)| (w - w0).max(0.0)).sum();
            let earned: f64 = mu.iter().zip(w).map(|(m, w)| m * w).sum();
            found.problem.risk_aversion * model.variance(w) - earned + DUTY_BPS * 1e-4 * bought
        };
        let both_ways =
            RebalanceProblem { mu: mu.clone(), cost_linear: Some(vec![DUTY_BPS * 1e-4; 2]), ..found.problem.clone() };
        let held_back = resolve(&both_ways, &model, &SolveOptions::default()).unwrap();
        let held_back = &held_back.solution().unwrap().weights;
        let gain = objective(held_back) - objective(weights);
        assert!(gain > 1e-3, "{gain}: {weights:?} {held_back:?}");
        // A sale costs nothing, so it goes on until risk is worth its return: 2λΣw = μ where the weight is above 0.
        let mut slope = found.problem.mu.clone();
        let RiskModelParts::Dense { sigma } = &found.model else { panic!("a factor model") };
        for (slope, (row, m)) in slope.iter_mut().zip(sigma.iter().zip(&mu)) {
            *slope = 2.0 * found.problem.risk_aversion * row.iter().zip(weights).map(|(s, w)| s * w).sum::<f64>() - m;
        }
        for (i, slope) in slope.iter().enumerate() {
            assert!(weights[i] < case.current[i] && (slope.abs() < 1e-9 || weights[i] == 0.0), "{weights:?} {slope}");
        }
    }

    #[test]
    fn a_locked_asset_is_not_sold_to_pay_the_costs_of_the_others() {
        let mut case = Case::four();
        let mut method = OptimalMethod::long_only(4);
        method.restrictions = vec![TradeRestriction { asset: 1, kind: RestrictionKind::Locked }];
        case.config.costs = CostModel::proportional(&[50.0; 4]).unwrap();
        case.config.sizing.turnover_limit = 1.0;
        case.config.method = Method::Optimal(Box::new(method));
        let proposed = case.lend().proposed();
        let rows = &proposed.trades().rows;
        assert_eq!(rows[1].value.minor(), 0, "{rows:?}");
        assert!(rows.iter().any(|row| row.value.minor() > 0) && proposed.trades().cash_after.minor() >= 0);
    }

    #[test]
    fn without_enough_history_there_is_no_covariance_and_the_agent_refuses() {
        let mut short = optimal(|_| ());
        short.returns.iter_mut().for_each(|series| series.truncate(5));
        let veto = refusal(&short);
        assert!(matches!(veto.cause, PipelineError::ShortHistory { periods: 5, .. }), "{veto}");
        let mut none = optimal(|_| ());
        none.returns[1].clear();
        let veto = refusal(&none);
        assert!(matches!(veto.cause, PipelineError::NoHistory { asset: 1 }), "{veto}");
    }
}
