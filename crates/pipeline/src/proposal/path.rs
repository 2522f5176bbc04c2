//! A plan over several periods: the path it intends, and what that makes of the problem of today.
//!
//! The best path has a price `y` for a unit of each asset that is held beyond today's period. Today's weights are those
//! that solve the problem of one period in which this price is added to the expected returns: the conditions of
//! optimality are the same. So the first step has the exact bounds, the certificate, the prices of limits and the
//! booking of the optimal method, and one period is that method.

use optimizer::{
    MultiPeriodProblem, MultiPeriodSolution, OptimizerError, PathConflict, PathLimits, RebalanceProblem,
    RestrictionKind, RiskModel, SolveOptions, path_conflict, solve_path,
};

use crate::admitted::Admitted;
use crate::error::PipelineError;
use crate::method::{OptimalGoal, OptimalMethod, PathMethod};

use super::optimal::priced_problem;

/// Why a plan over several periods has no path.
#[derive(Debug, Clone, PartialEq)]
pub enum NoPath {
    /// No asset has a history: the plan is the nearest portfolio to the policy, which asks for no forecast and no risk.
    Unmeasured,
    /// The limits of the first period contradict each other: the outcome of the plan says how.
    Conflict,
    /// The limits of a later period contradict each other.
    LaterConflict(Box<PathConflict>),
}

/// The path of which a plan trades the first step.
#[derive(Debug, Clone, PartialEq)]
pub struct IntendedPath {
    /// The problem over all periods.
    pub problem: Option<MultiPeriodProblem>,
    /// The path with its proof.
    pub solution: Result<MultiPeriodSolution, NoPath>,
    /// What a unit of each asset that is held beyond the first period is worth to the later ones, beside cash: a
    /// fraction of NAV. Empty for one period and without a path.
    pub(crate) later: Vec<f64>,
    /// By how much a unit of each asset costs more to buy than the mean of buying and selling.
    uneven: Vec<f64>,
}

/// One step of a path. Fractions are of NAV today.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    /// Weights after its trades.
    pub weights: Vec<f64>,
    /// Its trades, positive for purchases.
    pub trades: Vec<f64>,
    /// Cash after its trades.
    pub cash: f64,
    /// Value of the book: one and the cash flows so far.
    pub value: f64,
    /// Two-way turnover.
    pub turnover: f64,
    /// Costs of the trades.
    pub cost: f64,
}

impl IntendedPath {
    /// The steps of the path, today's first; none without a path.
    #[must_use]
    pub fn steps(&self) -> Vec<PathStep> {
        let (Some(problem), Ok(solution)) = (&self.problem, &self.solution) else { return Vec::new() };
        let rate = |list: &Option<Vec<f64>>, i: usize| list.as_ref().map_or(0.0, |list| list[i]);
        let (mut before, mut value) = (&problem.w0, 1.0);
        let mut steps = Vec::with_capacity(solution.path.len());
        for (h, weights) in solution.path.iter().enumerate() {
            value += problem.flows.get(h).copied().unwrap_or(0.0);
            let trades: Vec<f64> = weights.iter().zip(before).map(|(after, before)| after - before).collect();
            let cost = |(i, trade): (usize, &f64)| {
                let size = trade.abs();
                let rates = rate(&problem.cost_linear, i) + rate(&problem.cost_impact, i) * size.sqrt();
                rates * size + self.uneven[i] * trade
            };
            steps.push(PathStep {
                cash: value - weights.iter().sum::<f64>(),
                value,
                turnover: trades.iter().map(|trade| trade.abs()).sum(),
                cost: trades.iter().enumerate().map(cost).sum(),
                weights: weights.clone(),
                trades,
            });
            before = weights;
        }
        steps
    }

    /// The contradiction of a later period.
    #[must_use]
    pub fn conflict(&self) -> Option<&PathConflict> {
        match &self.solution {
            Err(NoPath::LaterConflict(conflict)) => Some(conflict),
            _ => None,
        }
    }
}

/// The objective of today's problem as `λ` and `μ`, and the path it belongs to.
pub(super) struct FirstStep {
    pub(super) aim: Option<(f64, Vec<f64>)>,
    pub(super) path: IntendedPath,
}

impl FirstStep {
    /// No path, and today's problem is that of the optimal method.
    pub(super) fn without(reason: NoPath) -> Self {
        Self {
            aim: None,
            path: IntendedPath { problem: None, solution: Err(reason), later: Vec::new(), uneven: Vec::new() },
        }
    }
}

/// `λ` and `μ` of the whole horizon for the weights from which a deviation counts.
type Objective<'a> = dyn Fn(&[f64]) -> (f64, Vec<f64>) + 'a;

/// How close to the best path a path is sought: its prices decide today's weights.
const TOLERANCE: f64 = 1e-11;
/// Most iterations of its solver.
const ITERATIONS: usize = 100;

/// Solves for the path, and states today's problem with the prices of what comes later. `objective` gives `λ` and `μ`
/// of the whole horizon for the weights from which a deviation counts.
///
/// # Errors
/// [`PipelineError`] when no path could be proven.
pub(super) fn first_step(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    over: &PathMethod,
    reference: &[f64],
    objective: &Objective<'_>,
    model: &RiskModel,
) -> Result<FirstStep, PipelineError> {
    let policy = &admitted.config.policy.weights;
    let parts = Parts { over, goal: options.goal, policy, reference, objective };
    let (problem, uneven) = path_problem(admitted, options, &parts, model).map_err(PipelineError::Solve)?;
    let settings = SolveOptions { tolerance: TOLERANCE, max_iterations: ITERATIONS, ..SolveOptions::default() };
    let solution = match solve_path(&problem, model, &settings) {
        Ok(solution) => solution,
        Err(error @ (OptimizerError::Infeasible { .. } | OptimizerError::CrossedLimits { .. })) => {
            match path_conflict(&problem, model, &SolveOptions::default()).map_err(PipelineError::Solve)? {
                Some(conflict) if conflict.period > 0 => {
                    return Ok(FirstStep::without(NoPath::LaterConflict(Box::new(conflict))));
                }
                Some(_) => return Ok(FirstStep::without(NoPath::Conflict)),
                None => return Err(PipelineError::Solve(error)),
            }
        }
        Err(error) => return Err(PipelineError::Solve(error)),
    };
    let mut later = Vec::new();
    let mut aim = None;
    if let Some(prices) = solution.trade_prices.get(1) {
        let (lambda, mut mu) = parts.at(0);
        for ((mu, price), uneven) in mu.iter_mut().zip(prices).zip(&uneven) {
            *mu += price + uneven;
        }
        aim = Some((lambda, mu));
        let cash: f64 = solution.cash_prices[1..].iter().sum();
        later = prices.iter().map(|price| price + cash).collect();
    }
    Ok(FirstStep { aim, path: IntendedPath { problem: Some(problem), solution: Ok(solution), later, uneven } })
}

/// The objective of the whole horizon, by its periods.
struct Parts<'a> {
    over: &'a PathMethod,
    goal: OptimalGoal,
    policy: &'a [f64],
    reference: &'a [f64],
    objective: &'a Objective<'a>,
}

impl Parts<'_> {
    /// `λ` and `μ` of a period, from 0: its share of the horizon, with forecasts and views as far as they still count, and the policy scaled to
    /// the value of the book.
    fn at(&self, period: usize) -> (f64, Vec<f64>) {
        let value: f64 = 1.0 + self.over.flows().iter().take(period + 1).sum::<f64>();
        let (share, decay) = (1.0 / self.over.periods as f64, self.over.decay(period));
        let aged: Vec<f64> = self.reference.iter().zip(self.policy).map(|(r, b)| value * b + decay * (r - b)).collect();
        let (lambda, mu) = (self.objective)(&aged);
        let of_mu = match self.goal {
            OptimalGoal::Policy => share,
            OptimalGoal::MeanVariance { .. } => share * decay,
        };
        (share * lambda, mu.into_iter().map(|mu| of_mu * mu).collect())
    }
}

/// The problem over all periods, and by how much less a unit of each asset is worth where buying costs more than
/// selling ([`RebalanceProblem::with_costs`]). Over a path those differences cancel until its end.
fn path_problem(
    admitted: &Admitted<'_>,
    options: &OptimalMethod,
    parts: &Parts<'_>,
    model: &RiskModel,
) -> Result<(MultiPeriodProblem, Vec<f64>), OptimizerError> {
    let (lambda, today) = parts.at(0);
    let single = priced_problem(admitted, options, lambda, today.clone())?;
    let uneven: Vec<f64> = today.iter().zip(&single.mu).map(|(all, left)| all - left).collect();
    // λ·(w − b)ᵀΣ(w − b) − μᵀw with b the policy: what the benchmark adds is taken off the returns.
    let of_benchmark: Vec<f64> = model.product(parts.policy).iter().map(|product| 2.0 * lambda * product).collect();
    let less = |mu: &mut Vec<f64>, by: &[f64]| mu.iter_mut().zip(by).for_each(|(mu, by)| *mu -= by);
    let mut mu: Vec<Vec<f64>> = (0..parts.over.periods).map(|period| parts.at(period).1).collect();
    mu.iter_mut().for_each(|mu| less(mu, &of_benchmark));
    if let Some(last) = mu.last_mut() {
        less(last, &uneven);
    }
    let (lower, upper) = restricted(&single);
    let problem = MultiPeriodProblem {
        benchmark: Some(parts.policy.to_vec()),
        w0: single.w0,
        cost_linear: single.cost_linear,
        cost_impact: single.cost_impact,
        lower,
        upper,
        cash_min: single.cash_min,
        cash_max: single.cash_max,
        flows: parts.over.flows(),
        limits: PathLimits {
            groups: single.groups,
            exposures: single.exposures,
            turnover_max: single.turnover_limit,
            trade_max: single.trade_max,
            tracking_error_max: single.tracking_error_max,
        },
        ..MultiPeriodProblem::long_only(mu, lambda)
    };
    Ok((problem, uneven))
}

/// The bounds of each weight: what may not be bought is at most what is held today in every period, and what may not be
/// sold at least that.
fn restricted(problem: &RebalanceProblem) -> (Vec<f64>, Vec<f64>) {
    let (mut lower, mut upper) = (problem.lower.clone(), problem.upper.clone());
    for restriction in &problem.restrictions {
        let (i, held) = (restriction.asset, problem.w0[restriction.asset]);
        if restriction.kind != RestrictionKind::DoNotSell {
            upper[i] = upper[i].min(held);
        }
        if restriction.kind != RestrictionKind::DoNotBuy {
            lower[i] = lower[i].max(held);
        }
    }
    (lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Method;
    use crate::sample::Case;
    use optimizer::{TradeRestriction, verify_path};
    use portfolio_core::{CostModel, Duty, TradeReason, TradeSide};

    fn case(over: Option<PathMethod>, change: impl FnOnce(&mut OptimalMethod)) -> Case {
        let mut case = Case::four();
        let mut method = OptimalMethod { path: over, ..OptimalMethod::long_only(4) };
        change(&mut method);
        case.config.sizing.turnover_limit = 1.0;
        case.config.costs = CostModel::proportional(&[10.0, 20.0, 5.0, 15.0]).unwrap();
        case.config.method = Method::Optimal(Box::new(method));
        case
    }

    /// The weights that are booked, and those of the first period of the path.
    fn steps(case: &Case) -> (Vec<f64>, Vec<f64>) {
        let proposed = case.lend().proposed();
        let found = proposed.optimal().unwrap();
        let solution = found.outcome.solution().unwrap_or_else(|| panic!("{:?}", found.outcome));
        let path = found.path.as_ref().unwrap().solution.as_ref().unwrap();
        (solution.weights.clone(), path.path[0].clone())
    }

    #[test]
    fn one_period_is_the_optimal_method_to_the_cent() {
        for goal in [OptimalGoal::Policy, OptimalGoal::MeanVariance { risk_aversion: 4.0 }] {
            let one =
                case(Some(PathMethod { forecast_half_life: Some(2.0), ..PathMethod::over(1) }), |m| m.goal = goal);
            let plain = case(None, |m| m.goal = goal);
            let (one, plain) = (one.lend().proposed(), plain.lend().proposed());
            assert_eq!(format!("{:?}", one.trades()), format!("{:?}", plain.trades()));
            assert_eq!(one.optimal().unwrap().problem, plain.optimal().unwrap().problem);
        }
    }

    #[test]
    fn the_first_step_of_the_path_is_what_is_booked() {
        let limits: [fn(&mut OptimalMethod); 6] = [
            |_| {},
            |m| m.goal = OptimalGoal::MeanVariance { risk_aversion: 4.0 },
            |m| m.trade_max = Some(vec![0.01, 0.02, 0.03, 0.01]),
            |m| m.tracking_error_max = Some(0.02),
            |m| m.market_impact = Some(vec![0.02; 4]),
            |m| m.restrictions = vec![TradeRestriction { asset: 1, kind: RestrictionKind::DoNotSell }],
        ];
        for (k, change) in limits.into_iter().enumerate() {
            for turnover in [1.0, 0.04] {
                let over = PathMethod { forecast_half_life: Some(1.5), ..PathMethod::over(4) };
                let mut case = case(Some(over), change);
                case.config.sizing.turnover_limit = turnover;
                let duty = Duty::new(TradeSide::Buy, &[20.0, 0.0, 10.0, 0.0]).unwrap();
                case.config.costs = case.config.costs.clone().with(duty).unwrap();
                let proposed = case.lend().proposed();
                let found = proposed.optimal().unwrap();
                let path = found.path.as_ref().unwrap();
                let (problem, solution) = (path.problem.as_ref().unwrap(), path.solution.as_ref().unwrap());
                let model = RiskModel::try_from(&found.model).unwrap();
                let gap = verify_path(problem, &model, solution).unwrap().unwrap();
                assert!(gap.abs() < 1e-8, "{k}: {gap}");
                // Costs are paid from the book, which the path does not know.
                let (booked, first) = steps(&case);
                let paid = proposed.trades().total_cost.minor() as f64 / case.lend().admitted().nav().minor() as f64;
                for (booked, first) in booked.iter().zip(&first) {
                    assert!((booked - first).abs() < 2e-5 + 2.0 * paid, "{k}, {turnover}: {booked} against {first}");
                }
            }
        }
    }

    /// Two uncorrelated assets of one variance `v`, half each in the policy and 0.6 and 0.4 in the book, over two
    /// periods that each price variance at `l`. Selling `s` of the first today costs `2cs`. Without a flow it saves in
    /// both periods: `4l·v·(0.1 − s)² + 2cs` is least at `s = 0.1 − c/(4lv)`. With 0.2 coming in between, the targets
    /// are 0.6 each then, which the inflow reaches by buying the second asset: a sale of today is bought back, and
    /// saves `2l·v·(0.1² − (0.1 − s)²)` in the first period alone, less than `2cs` where `c > 0.2lv`.
    #[test]
    fn money_that_is_known_to_come_saves_a_sale_of_today() {
        let flow = |flow: f64| {
            let mut case = Case::pair();
            case.current = vec![0.6, 0.4];
            case.config.policy.weights = vec![0.5; 2];
            case.returns = [[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]
                .map(|signs| signs.iter().cycle().take(60).map(|sign| 0.01 * sign).collect())
                .to_vec();
            case.config.sizing.turnover_limit = 1.0;
            let over = PathMethod { cash_flows: vec![flow], ..PathMethod::over(2) };
            let method = OptimalMethod { path: Some(over), ..OptimalMethod::long_only(2) };
            case.config.method = Method::Optimal(Box::new(method));
            case
        };
        let found = flow(0.0).lend().proposed();
        let optimizer::RiskModelParts::Dense { sigma } = &found.optimal().unwrap().model else { panic!("factors") };
        assert!(sigma[0][1].abs() < 1e-12 && (sigma[0][0] - sigma[1][1]).abs() < 1e-12, "{sigma:?}");
        let price = 0.5 * flow(0.0).config.objective.price_of_variance() * sigma[0][0];
        let first = |mut case: Case| {
            case.config.costs = CostModel::proportional(&[1e4 * 0.3 * price; 2]).unwrap();
            let proposed = case.lend().proposed();
            let solution = proposed.optimal().unwrap().path.as_ref().unwrap().solution.clone().unwrap();
            (solution.path[0][0], proposed.trades().rows[0].value.minor())
        };
        let ((alone, sold), (expecting, kept)) = (first(flow(0.0)), first(flow(0.2)));
        assert!((alone - 0.575).abs() < 1e-5 && sold < 0, "{alone}, {sold}");
        assert!((expecting - 0.6).abs() < 1e-5 && kept == 0, "{expecting}, {kept}");
    }

    #[test]
    fn a_later_period_that_contradicts_itself_holds_everything_and_says_so() {
        let over = PathMethod { cash_flows: vec![0.0, 0.2], ..PathMethod::over(3) };
        let mut case = case(Some(over), |m| m.cash_max = Some(0.0));
        case.config.sizing.turnover_limit = 0.02;
        let proposed = case.lend().proposed();
        assert!(proposed.trades().rows.iter().all(|row| row.value.minor() == 0));
        assert!(proposed.trades().rows.iter().all(|row| row.reason == TradeReason::LimitsConflict));
        let found = proposed.optimal().unwrap();
        assert_eq!(found.path.as_ref().unwrap().conflict().map(|conflict| conflict.period), Some(2));
        assert!(found.outcome.infeasibility().is_some());
        // A contradiction of today is told as without a path.
        let mut today = case.clone();
        let Method::Optimal(method) = &mut today.config.method else { panic!("the drift method") };
        method.upper = vec![0.1; 4];
        let told = today.lend().proposed();
        assert_eq!(told.optimal().unwrap().path.as_ref().unwrap().solution, Err(NoPath::Conflict));
        assert!(told.optimal().unwrap().outcome.infeasibility().is_some());
    }

    #[test]
    fn without_any_history_the_plan_is_the_nearest_book_and_has_no_path() {
        let mut case = case(Some(PathMethod::over(3)), |_| {});
        case.returns.iter_mut().for_each(Vec::clear);
        let mut plain = case.clone();
        let Method::Optimal(method) = &mut plain.config.method else { panic!("the drift method") };
        method.path = None;
        let (found, plain) = (case.lend().proposed(), plain.lend().proposed());
        assert_eq!(format!("{:?}", found.trades()), format!("{:?}", plain.trades()));
        assert_eq!(found.optimal().unwrap().path.as_ref().unwrap().solution, Err(NoPath::Unmeasured));
    }
}
