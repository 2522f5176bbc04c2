//! The optimal method: states the plan's numbers as a convex problem, solves it, and books the solution as trades.
//!
//! The drift method uses nothing from this file. The same exact ledger books the trades to the solved weights, and no
//! asset trades to pay for another.
//!
//! Without any history there is no covariance, so neither risk nor what a deviation costs is known. The problem is then the nearest
//! portfolio that the limits allow: `min ‖w − b‖²` with `b` the policy, the identity in place of the covariance, as a turnover limit is
//! spent without histories. Costs have no price in squared weights: they are paid and not weighed.

use forecast::AssetForecast;
use optimizer::{
    Limit, OptimizerError, PathConflict, RebalanceOutcome, RebalanceProblem, RebalanceSolution, RestrictionKind,
    RiskModel, RiskModelParts, SolveOptions, TradeRestriction, solve, solve_near,
};
use portfolio_core::{
    CoreError, Covariance, Intent, SolvedWeights, TradePlan, TradeReason, TradeSide, TradingRules, book_weights,
};
use risk::{CovarianceEstimate, RiskOptions};

use crate::admitted::Admitted;
use crate::error::PipelineError;
use crate::market_data::{FEW_OBSERVATIONS, one_panel};
use crate::method::{OptimalGoal, OptimalMethod};

use super::path::{self, FirstStep, IntendedPath, NoPath};

/// The result of the optimal method.
#[derive(Debug)]
pub struct OptimalPlan {
    /// The objective.
    pub goal: OptimalGoal,
    /// The weights from which the objective measures the deviation: the targets of the policy, moved by the views that were asked for.
    pub reference: Vec<f64>,
    /// The solution with its certificate and prices, or why there is none.
    pub outcome: RebalanceOutcome,
    /// The complete problem. A cost that differs between buying and selling is split between `cost_linear` and `mu`
    /// ([`RebalanceProblem::with_costs`]).
    pub problem: RebalanceProblem,
    /// The annual covariance of the problem; the identity where nothing was estimated.
    pub model: RiskModelParts,
    /// The estimate of that covariance, per period; `None` where no asset has a history. The objective is then a squared distance, and the
    /// prices of its limits are none of NAV.
    pub covariance: Option<CovarianceEstimate>,
    /// The path of which these trades are the first step; `None` for a plan of one problem. `problem` is then that of the first period, whose
    /// `mu` has what a unit of each asset is worth to the later ones.
    pub path: Option<Box<IntendedPath>>,
}

/// Solves and books: returns the targets, the trades (all hold when the problem is infeasible), and the result.
///
/// # Errors
/// [`PipelineError`] when the histories do not support a covariance, or no optimum could be proven.
pub(super) fn optimal_plan(
    admitted: &Admitted<'_>,
    forecasts: &[AssetForecast],
    options: &OptimalMethod,
    reference: Vec<f64>,
) -> Result<(Vec<f64>, TradePlan, OptimalPlan), PipelineError> {
    let covariance = if is_unmeasured(admitted) { None } else { Some(covariance(admitted)?) };
    let annual = match &covariance {
        Some(estimate) => estimate.covariance.annualised(),
        None => {
            check_unmeasured(options)?;
            identity(admitted)?
        }
    };
    let model = RiskModel::from(&annual);
    let objective = |reference: &[f64]| objective(admitted, forecasts, options.goal, reference, &annual);
    let mut aim = covariance.as_ref().map(|_| objective(&reference));
    let mut path = None;
    if let Some(over) = &options.path {
        let found = match aim {
            Some(_) => path::first_step(admitted, options, over, &reference, &objective, &model)?,
            None => FirstStep::without(NoPath::Unmeasured),
        };
        aim = found.aim.or(aim);
        path = Some(Box::new(found.path));
    }
    let solved = match path.as_deref().and_then(IntendedPath::conflict) {
        Some(conflict) => held(admitted, options, conflict)?,
        None => solved(admitted, options, aim, &model, SolveOptions::default().max_iterations)?,
    };
    let Solved { problem, outcome, weights, trades } = solved;
    let model = RiskModelParts::Dense { sigma: annual.rows().map(<[f64]>::to_vec).collect() };
    Ok((weights, trades, OptimalPlan { goal: options.goal, reference, outcome, problem, model, covariance, path }))
}

/// No trade, because a later period of the path contradicts itself.
fn held(admitted: &Admitted<'_>, options: &OptimalMethod, conflict: &PathConflict) -> Result<Solved, PipelineError> {
    let current = admitted.current();
    let still = OptimalMethod { trade_max: Some(vec![0.0; current.len()]), ..options.clone() };
    let mut trades = book(admitted, &still, &conflict.problem, current, current)?;
    tell_conflict(&mut trades);
    let outcome = RebalanceOutcome::Infeasible(conflict.infeasibility.clone());
    Ok(Solved { problem: conflict.problem.clone(), outcome, weights: current.to_vec(), trades })
}

/// Says of trades that no portfolio satisfies the limits.
fn tell_conflict(trades: &mut TradePlan) {
    trades.turnover_bound = false;
    // What never trades keeps its own reason.
    let open = trades.rows.iter_mut().filter(|row| row.reason == TradeReason::Optimal);
    open.for_each(|row| row.reason = TradeReason::LimitsConflict);
}

/// Solves and books under a risk model. `aim` is the objective as `λ` and `μ` ([`objective`]); without one the nearest portfolio to the
/// policy is sought. `max_iterations`: most iterations of one run of the interior point.
///
/// # Errors
/// [`PipelineError`] when no optimum could be proven.
pub(super) fn solved(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    aim: Option<(f64, Vec<f64>)>,
    model: &RiskModel,
    max_iterations: usize,
) -> Result<Solved, PipelineError> {
    let is_measured = aim.is_some();
    let problem = match aim {
        Some((risk_aversion, mu)) => {
            priced_problem(admitted, options, risk_aversion, mu).map_err(PipelineError::Solve)?
        }
        None => nearest_problem(admitted, options),
    };
    let portfolio_value = Some(admitted.nav().major());
    let settings = SolveOptions { portfolio_value, max_iterations, ..SolveOptions::default() };
    let mut solved = paid(admitted, options, problem, model, &settings)?;
    let trades = &mut solved.trades;
    match solved.outcome.solution() {
        // The solver keeps the turnover cap. Its price shows whether it binds; a fraction of a cent could not.
        Some(solution) => {
            trades.turnover_bound = solution.constraint_prices.iter().any(|price| price.limit == Limit::Turnover);
        }
        None => tell_conflict(trades),
    }
    if !is_measured {
        let nearest = trades.rows.iter_mut().filter(|row| row.reason == TradeReason::Optimal);
        nearest.for_each(|row| row.reason = TradeReason::NearestPolicy);
    }
    Ok(solved)
}

/// A solved problem with the weights that can be booked, and their trades.
pub(super) struct Solved {
    pub(super) problem: RebalanceProblem,
    pub(super) outcome: RebalanceOutcome,
    pub(super) weights: Vec<f64>,
    pub(super) trades: TradePlan,
}

impl Solved {
    fn of(
        admitted: &Admitted<'_>,
        options: &OptimalMethod,
        problem: RebalanceProblem,
        model: &RiskModel,
        settings: &SolveOptions,
        near: Option<&Self>,
    ) -> Result<Self, PipelineError> {
        let near = near.and_then(|near| Some((&near.problem, near.outcome.solution()?)));
        let outcome = match near {
            Some(near) => solve_near(&problem, model, settings, near),
            None => solve(&problem, model, settings),
        };
        let outcome = outcome.map_err(PipelineError::Solve)?;
        let current = admitted.current();
        let found = outcome.solution().filter(|found| !is_noise(&problem, model, found));
        let (weights, held) = match found {
            Some(found) => (bookable(&found.weights, &problem.w0), problem.w0.as_slice()),
            None => (current.to_vec(), current),
        };
        // Without a solution nothing trades, whatever amount the intent asks for: tickets are fitted to an amount of their own.
        let trades = match found {
            Some(_) => book(admitted, options, &problem, &weights, held)?,
            None => {
                let still = OptimalMethod { trade_max: Some(vec![0.0; current.len()]), ..options.clone() };
                book(admitted, &still, &problem, &weights, held)?
            }
        };
        Ok(Self { problem, outcome, weights, trades })
    }
}

/// Rounds of [`paid`]: from one round to the next the costs change by a fraction of themselves.
const PAYMENTS: usize = 3;

/// Solves for weights whose trades pay for themselves.
///
/// The solver's weights are fractions of the NAV after costs, `V' = V − C`. A holding before the trades is therefore
/// `V/V'` times its weight, and the difference must be sold to pay the costs. The solver chooses by risk and cost
/// what to sell; the booking could only cut buys. `C` is known once trades are booked, so the problem is solved again
/// with the costs of the previous round. That problem differs by the costs alone: its solution is found from the one before.
fn paid(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    free: RebalanceProblem,
    model: &RiskModel,
    settings: &SolveOptions,
) -> Result<Solved, PipelineError> {
    let nav = admitted.nav().minor();
    let mut solved = Solved::of(admitted, options, free.clone(), model, settings, None)?;
    let mut cost = 0;
    for _ in 0..PAYMENTS {
        let charged = solved.trades.total_cost.minor();
        if charged == cost || solved.outcome.solution().is_none() {
            break;
        }
        cost = charged;
        let mut net = after_costs(&free, nav as f64 / (nav - cost) as f64);
        if let Some((least, most)) = cash_of_intent(admitted, nav - cost) {
            (net.cash_min, net.cash_max) = (least, most);
        }
        let again = Solved::of(admitted, options, net, model, settings, Some(&solved))?;
        // If the limits leave no room for the costs, the booking keeps them as far as it can.
        if again.outcome.solution().is_none() {
            break;
        }
        solved = again;
    }
    Ok(solved)
}

/// The problem in fractions of the NAV after costs; `scale` is NAV before over NAV after.
fn after_costs(problem: &RebalanceProblem, scale: f64) -> RebalanceProblem {
    let scaled = |list: &[f64]| list.iter().map(|x| scale * x).collect::<Vec<f64>>();
    RebalanceProblem {
        w0: scaled(&problem.w0),
        turnover_limit: problem.turnover_limit.map(|most| scale * most),
        trade_max: problem.trade_max.as_deref().map(scaled),
        ..problem.clone()
    }
}

fn periods_per_year() -> f64 {
    RiskOptions::default().periods_per_year
}

/// The covariance per period of all assets, from their histories as one panel.
pub(super) fn covariance(admitted: &Admitted<'_>) -> Result<CovarianceEstimate, PipelineError> {
    let panel = admitted.market.panel;
    if let Some(asset) = panel.columns().position(<[f64]>::is_empty) {
        return Err(PipelineError::NoHistory { asset });
    }
    let all: Vec<usize> = (0..admitted.assets()).collect();
    let panel = one_panel(admitted, &all)
        .filter(|panel| panel.periods() >= FEW_OBSERVATIONS)
        .ok_or_else(|| PipelineError::ShortHistory { periods: panel.common_periods(), needed: FEW_OBSERVATIONS })?;
    admitted.config.estimator.estimate(&panel, periods_per_year()).map_err(PipelineError::Covariance)
}

/// Whether no asset has a history.
fn is_unmeasured(admitted: &Admitted<'_>) -> bool {
    admitted.market.panel.columns().all(<[f64]>::is_empty)
}

/// Refuses what has no meaning without a covariance.
fn check_unmeasured(options: &OptimalMethod) -> Result<(), PipelineError> {
    match options {
        OptimalMethod { goal: OptimalGoal::MeanVariance { .. }, .. } => Err(PipelineError::UnmeasuredGoal),
        OptimalMethod { tracking_error_max: Some(_), .. } => Err(PipelineError::UnmeasuredTrackingError),
        _ => Ok(()),
    }
}

/// The identity over the assets of the book.
fn identity(admitted: &Admitted<'_>) -> Result<Covariance, PipelineError> {
    let n = admitted.assets();
    let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    Covariance::from_rows(admitted.book.universe().clone(), &rows, 1.0)
        .map_err(|error| PipelineError::Covariance(error.into()))
}

/// States the case's numbers as a problem of risk, return and cost.
///
/// # Errors
/// [`OptimizerError::LengthMismatch`] for lists whose length differs from the book's.
pub(super) fn priced_problem(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    risk_aversion: f64,
    mu: Vec<f64>,
) -> Result<RebalanceProblem, OptimizerError> {
    let problem = RebalanceProblem { risk_aversion, mu, ..nearest_problem(admitted, options) };
    let problem = problem.with_costs(&admitted.config.costs, admitted.book.unit_values())?;
    Ok(RebalanceProblem { cost_impact: impact(options.market_impact.as_deref(), problem.cost_impact), ..problem })
}

/// The problem of the weights nearest to the policy under the case's limits: `‖w − b‖² = wᵀw − 2bᵀw + ‖b‖²` is least where `wᵀw − μᵀw`
/// is, with `μ = 2b`.
fn nearest_problem(admitted: &Admitted<'_>, options: &OptimalMethod) -> RebalanceProblem {
    let current = admitted.current();
    let policy = &admitted.config.policy;
    let cash_now = (1.0 - current.iter().sum::<f64>()).max(0.0);
    // A given limit holds, and the default of the other one yields to it.
    let default_min = cash_now.min(policy.cash_weight);
    let default_max = cash_now.max(policy.cash_weight) + costs_at_most(admitted, options.goal);
    let cash_max = options.cash_max.unwrap_or_else(|| default_max.max(options.cash_min.unwrap_or(0.0)));
    let cash_min = options.cash_min.unwrap_or_else(|| default_min.min(cash_max));
    let (cash_min, cash_max) = cash_of_intent(admitted, admitted.nav().minor()).unwrap_or((cash_min, cash_max));
    RebalanceProblem {
        risk_aversion: 1.0,
        mu: policy.weights.iter().map(|target| 2.0 * target).collect(),
        w0: current.to_vec(),
        cost_linear: None,
        cost_impact: None,
        lower: options.lower.clone(),
        upper: options.upper.clone(),
        cash_min,
        cash_max,
        groups: options.groups.clone(),
        exposures: options.exposures.clone(),
        turnover_limit: Some(admitted.config.sizing.turnover_limit),
        leverage_max: None,
        benchmark: Some(policy.weights.clone()),
        tracking_error_max: options.tracking_error_max,
        trade_max: options.trade_max.clone(),
        restrictions: restrictions(admitted, options),
    }
}

/// What the trades of the turnover limit cost at most by their rates, a fraction of NAV: under the goal of the policy that much may stay in cash, as it
/// may under the drift method, whose plan is then one of those that the problem admits.
fn costs_at_most(admitted: &Admitted<'_>, goal: OptimalGoal) -> f64 {
    let prices = admitted.book.unit_values();
    let rate = |i: usize| {
        let cost = admitted.config.costs.convex(i, prices[i]);
        cost.buy.max(cost.sell)
    };
    let dearest = (0..admitted.assets()).map(rate).fold(0.0, f64::max);
    match goal {
        OptimalGoal::Policy => (dearest * admitted.config.sizing.turnover_limit).min(1.0),
        OptimalGoal::MeanVariance { .. } => 0.0,
    }
}

/// The range of the cash weight that a cash flow requires, on a NAV after costs in minor units; `None` for a plan that
/// rebalances.
///
/// An amount is money, so its weight follows from that NAV; an idle part is what exceeds the cash target in it.
fn cash_of_intent(admitted: &Admitted<'_>, nav_after: i64) -> Option<(f64, f64)> {
    let intent = admitted.config.rules.as_ref()?.intent;
    let cash = admitted.book().cash().minor() as f64;
    let target = admitted.config.policy.cash_weight;
    let weight = |minor: f64| (minor / nav_after as f64).clamp(0.0, 1.0);
    match intent {
        Intent::InvestCash { amount: Some(amount) } => {
            let left = weight(cash - amount.minor() as f64);
            Some((left, left))
        }
        Intent::InvestCash { amount: None } => {
            let left = target.min(weight(cash));
            Some((left, left))
        }
        Intent::RaiseCash { amount } => {
            let reached = target * admitted.nav().minor() as f64 + amount.minor() as f64;
            // Without a price of risk no sale beyond the amount is known to pay.
            let most = if is_unmeasured(admitted) { weight(reached.max(cash)) } else { 1.0 };
            Some((weight(reached), most))
        }
        Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly | Intent::Liquidate => None,
    }
}

/// The restrictions of the method, and those of the rules.
fn restrictions(admitted: &Admitted<'_>, options: &OptimalMethod) -> Vec<TradeRestriction> {
    let mut restrictions = options.restrictions.clone();
    let Some(rules) = &admitted.config.rules else { return restrictions };
    for asset in 0..admitted.assets() {
        let kind = match (rules.allows(asset, TradeSide::Buy), rules.allows(asset, TradeSide::Sell)) {
            (true, true) => continue,
            (true, false) => RestrictionKind::DoNotSell,
            (false, true) => RestrictionKind::DoNotBuy,
            (false, false) => RestrictionKind::Locked,
        };
        restrictions.push(TradeRestriction { asset, kind });
    }
    restrictions
}

/// The objective in the form `λ·wᵀΣw − μᵀw`: returns `λ` and `μ`.
///
/// Since `λ·(w − b)ᵀΣ(w − b) = λ·wᵀΣw − (2λΣb)ᵀw + λ·bᵀΣb`, the price of deviating from the policy has `μ = 2λΣb`. At
/// `γ = 2λ/H` these are the returns that the policy implies (Black and Litterman 1992), over the horizon. A reference `b + (γΣ)⁻¹α` in
/// place of `b` adds `H·α` to them: `2λΣb = γHΣb`, and `γHΣ(γΣ)⁻¹α = H·α`.
pub(super) fn objective(
    admitted: &Admitted<'_>,
    forecasts: &[AssetForecast],
    goal: OptimalGoal,
    reference: &[f64],
    annual: &Covariance,
) -> (f64, Vec<f64>) {
    match goal {
        OptimalGoal::Policy => {
            let price = admitted.config.objective.price_of_variance();
            let implied = |row: &[f64]| -> f64 { row.iter().zip(reference).map(|(s, b)| s * b).sum() };
            (price, annual.rows().map(|row| 2.0 * price * implied(row)).collect())
        }
        // A forecast is weighted by its confidence.
        OptimalGoal::MeanVariance { risk_aversion } => {
            (risk_aversion, forecasts.iter().map(|f| periods_per_year() * f.confidence * f.expected_return).collect())
        }
    }
}

/// The sum of the method's own market impact and that of the cost model; `None` when neither has any.
fn impact(own: Option<&[f64]>, of_costs: Option<Vec<f64>>) -> Option<Vec<f64>> {
    match (own, of_costs) {
        (Some(own), Some(costs)) if own.len() == costs.len() => {
            Some(own.iter().zip(&costs).map(|(a, b)| a + b).collect())
        }
        // The solver rejects a list of the wrong length.
        (Some(own), _) => Some(own.to_vec()),
        (None, of_costs) => of_costs,
    }
}

/// A solved weight this close to the current one is taken as the current one: solvers leave noise of this size.
const STAYS: f64 = 1e-9;

/// A plan with less two-way turnover than this, whose gain is within its proven gap, does not trade. Without trading
/// costs the optimum is flat, and the solver ends this close to it.
const NOISE: f64 = 1e-4;
/// A millionth of a basis point of NAV.
const NO_GAIN: f64 = 1e-10;

/// Whether a solution equals the weights before it, up to the noise of a solver.
fn is_noise(problem: &RebalanceProblem, model: &RiskModel, found: &RebalanceSolution) -> bool {
    let earned: f64 = problem.mu.iter().zip(&problem.w0).map(|(m, w)| m * w).sum();
    let stay = problem.risk_aversion * model.variance(&problem.w0) - earned;
    found.turnover <= NOISE && (stay - found.objective).abs() <= NO_GAIN.max(2.0 * found.certificate.duality_gap)
}

/// Solved weights in a form that the ledger accepts: none below zero, and a sum of at most one. If rounding leaves an
/// excess, it is taken from the assets that are bought. `held` are the weights before the trades; an asset that does
/// not trade keeps its weight exactly.
fn bookable(solved: &[f64], held: &[f64]) -> Vec<f64> {
    let stays =
        |(solved, held): (&f64, &f64)| if (solved - held).abs() <= STAYS { *held } else { solved.clamp(0.0, 1.0) };
    let mut weights: Vec<f64> = solved.iter().zip(held).map(stays).collect();
    let excess = weights.iter().sum::<f64>() - 1.0;
    let bought: f64 = weights.iter().zip(held).map(|(w, h)| (w - h).max(0.0)).sum();
    if excess > 0.0 && bought > 0.0 {
        let kept = (1.0 - excess / bought).max(0.0);
        for (weight, held) in weights.iter_mut().zip(held) {
            if *weight > *held {
                *weight = held + kept * (*weight - held);
            }
        }
    }
    weights
}

/// Books the trades to `solved` in whole minor units; drift is measured against the policy's own targets.
fn book(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    problem: &RebalanceProblem,
    solved: &[f64],
    held: &[f64],
) -> Result<TradePlan, CoreError> {
    let rules = admitted.config.rules.as_ref().map(|rules| under_restrictions(rules, options));
    let trade_max = rules.as_ref().and_then(|rules| largest_of_flow(admitted, options, rules.intent, held));
    let weights = SolvedWeights {
        weights: solved,
        held: Some(held),
        turnover_limit: admitted.config.sizing.turnover_limit,
        trade_max: trade_max.as_deref().or(options.trade_max.as_deref()),
        cash_floor: problem.cash_min.clamp(0.0, 1.0),
    };
    book_weights(&admitted.sizing_input(solved), &weights, rules.as_ref())
}

/// The rules with the restrictions of the method as permits, so that tickets added by a cash flow respect them too.
fn under_restrictions(rules: &TradingRules, options: &OptimalMethod) -> TradingRules {
    let mut rules = rules.clone();
    for TradeRestriction { asset, kind } in &options.restrictions {
        if let Some(permit) = rules.permits.get_mut(*asset) {
            permit.no_buy |= *kind != RestrictionKind::DoNotSell;
            permit.no_sell |= *kind != RestrictionKind::DoNotBuy;
        }
    }
    rules
}

/// The largest trade of each asset under a cash flow, fractions of NAV: what the method allows, within its bounds,
/// which tickets beyond the solved weights could otherwise exceed. `None` for a plan that moves no cash.
fn largest_of_flow(admitted: &Admitted<'_>, options: &OptimalMethod, intent: Intent, held: &[f64]) -> Option<Vec<f64>> {
    let room = |i: usize| match intent {
        Intent::RaiseCash { .. } if options.lower[i] > 0.0 => held[i] - options.lower[i],
        Intent::InvestCash { .. } if options.upper[i] < 1.0 => options.upper[i] - held[i],
        _ => f64::INFINITY,
    };
    if !matches!(intent, Intent::RaiseCash { .. } | Intent::InvestCash { .. }) {
        return None;
    }
    // `held` are fractions of the NAV after costs.
    let (before, after): (f64, f64) = (admitted.current().iter().sum(), held.iter().sum());
    let scale = if before > 0.0 && after > 0.0 { after / before } else { 1.0 };
    let most = |i: usize| options.trade_max.as_ref().map_or(f64::INFINITY, |largest| largest[i]);
    Some((0..held.len()).map(|i| (room(i) / scale).max(0.0).min(most(i))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Veto;
    use crate::method::Method;
    use crate::proposal::OptimizerAgent;
    use crate::relaxation::RelaxationKind;
    use crate::sample::Case;
    use optimizer::{solve as resolve, verify};
    use portfolio_core::{CostModel, Duty};

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
            // Costs reduce NAV, and trades are whole cents.
            assert!((row.weight_after - weight).abs() < 1e-3, "{row:?}, {weight}");
        }
    }

    #[test]
    fn a_book_on_its_policy_stays_there_whatever_the_forecasts_say() {
        let mut case = optimal(|_| ());
        case.current = case.config.policy.weights.clone();
        case.returns[0].iter_mut().for_each(|r| *r += 0.002);
        let held = |case: &Case| case.lend().proposed().trades().rows.iter().all(|row| row.value.minor() == 0);
        assert!(held(&case));
        let mut absolute = optimal(|m| m.goal = OptimalGoal::MeanVariance { risk_aversion: 5.0 });
        (absolute.current, absolute.returns) = (case.current, case.returns);
        assert!(!held(&absolute), "mean-variance follows the forecasts");
    }

    #[test]
    fn free_trades_go_to_the_policy_and_costs_stop_short_of_it() {
        let gap = |case: &Case| {
            let proposed = case.lend().proposed();
            proposed.targets()[0] - case.config.policy.weights[0]
        };
        let mut case = optimal(|_| ());
        case.config.sizing.turnover_limit = 1.0;
        case.config.costs = portfolio_core::CostModel::free(2);
        assert!(gap(&case).abs() < 1e-6, "{}", gap(&case));
        case.config.costs = portfolio_core::CostModel::proportional(&[1.0, 1.0]).unwrap();
        let near = gap(&case);
        case.config.objective.horizon_years = 0.1;
        let far = gap(&case);
        assert!(0.0 < near && near < far && far < 0.06, "{near}, {far}: a shorter horizon pays for less");
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
        let mut case = optimal(|m| {
            m.goal = OptimalGoal::MeanVariance { risk_aversion: 5.0 };
            m.cash_max = Some(1.0);
        });
        case.config.sizing.turnover_limit = 1.0;
        case.config.costs = CostModel::free(2).with(Duty::new(TradeSide::Buy, &[DUTY_BPS; 2]).unwrap()).unwrap();
        let lent = case.lend();
        let (proposed, forecasted) = (lent.proposed(), lent.forecasted());
        let found = proposed.optimal().unwrap();
        let model = RiskModel::try_from(&found.model).unwrap();
        let weights = &found.outcome.solution().unwrap().weights;
        let mu: Vec<f64> =
            forecasted.forecasts.iter().map(|f| periods_per_year() * f.confidence * f.expected_return).collect();

        // The objective, with the duty charged on buys.
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
        // A sale costs nothing, so it continues until the marginal risk equals the return: 2λΣw = μ where the weight is
        // above 0.
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
        case.config.objective.risk_aversion = 500.0;
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
