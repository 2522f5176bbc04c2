//! The rebalancing problem over several periods: solved at about the cost of one problem per period, and proven.

mod certificate;
mod conflict;
mod cost;
mod interior;
mod least;
mod limits;
mod pair;
mod problem;
mod row;
mod tridiagonal;

use self::certificate::Prices;
use self::cost::StepCost;
use self::limits::Frame;
use crate::error::OptimizerError;
use crate::model::{AsRiskModel, RiskModel};
use crate::settings::SolveOptions;
use crate::tolerance::{ACCEPTED, KEPT, SAME};

pub use conflict::{PathConflict, path_conflict};
pub use limits::{PathLimitPrices, PathLimits};
pub use problem::MultiPeriodProblem;

/// A path of weights, and the proof of how good it is.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiPeriodSolution {
    /// Weights after the trade of each period, `H` lists of `n`. The first is what should be traded now.
    pub path: Vec<Vec<f64>>,
    /// The price of a unit of trade of each asset in each period, `H` lists of `n`: the gain from holding one more unit
    /// from then on, before its cost. With these prices anyone can prove `lower_bound`: [`verify_path`].
    pub trade_prices: Vec<Vec<f64>>,
    /// The multipliers of [`MultiPeriodProblem::limits`].
    pub limit_prices: PathLimitPrices,
    /// The price of a unit invested in each period beside its limits on cash: positive where `cash_min` binds. The
    /// proof does without it.
    pub cash_prices: Vec<f64>,
    /// The objective of the path.
    pub objective: f64,
    /// No path within the limits has a lower objective.
    pub lower_bound: f64,
    /// Iterations of the interior point.
    pub iterations: usize,
}

impl MultiPeriodSolution {
    /// `objective − lower_bound`: the most by which the path can be worse than the best.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.objective - self.lower_bound
    }
}

/// The best path.
///
/// An interior point whose Newton system is block-tridiagonal in the periods, so that `H` periods cost about `H` times
/// one. The path satisfies its limits, and its objective is within `1e-6` of the lower bound that its prices prove,
/// relative to it or 1; the tolerance of the options sets a smaller target.
///
/// # Errors
/// When the problem or an option is malformed, [`OptimizerError::Infeasible`] when a period's limits on weights and
/// cash contradict each other, [`OptimizerError::NotProven`] when no path was found with such a proof.
///
/// # Example
/// ```
/// use optimizer::{MultiPeriodProblem, RiskModel, SolveOptions, solve_path};
///
/// let model = RiskModel::dense(&[[0.0004, 0.0001], [0.0001, 0.0002]])?;
/// // The first asset is expected to do better, by less every period; trading costs 20 bp.
/// let mu = |h: i32| vec![0.002 * 0.8_f64.powi(h), 0.0];
/// let problem = MultiPeriodProblem {
///     w0: vec![0.5, 0.5],
///     cost_linear: Some(vec![0.002, 0.002]),
///     ..MultiPeriodProblem::long_only((0..8).map(mu).collect(), 2.0)
/// };
/// let plan = solve_path(&problem, &model, &SolveOptions::default())?;
/// // One period alone would not pay for the trade; eight do.
/// let one = MultiPeriodProblem { mu: vec![mu(0)], ..problem };
/// assert!((solve_path(&one, &model, &SolveOptions::default())?.path[0][0] - 0.5).abs() < 1e-6);
/// assert!(plan.path[0][0] > 0.58 && plan.gap() < 1e-7);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn solve_path(
    problem: &MultiPeriodProblem,
    model: &impl AsRiskModel,
    options: &SolveOptions,
) -> Result<MultiPeriodSolution, OptimizerError> {
    options.check()?;
    let model = model.as_risk_model();
    problem.check(model.assets())?;
    let solved = prove(problem, model.as_ref(), options);
    match solved {
        Err(OptimizerError::NotProven { .. }) if path_conflict(problem, model.as_ref(), options)?.is_some() => {
            Err(OptimizerError::Infeasible { method: "multi-period optimisation" })
        }
        _ => solved,
    }
}

fn prove(
    problem: &MultiPeriodProblem,
    model: &RiskModel,
    options: &SolveOptions,
) -> Result<MultiPeriodSolution, OptimizerError> {
    let n = problem.assets();
    let frame = Frame::of(problem);
    let held = Held::of(problem, &frame, model)?;
    let (path, prices, iterations) = if held.free.is_empty() {
        (held.restored(&[]), held.prices(Prices::default(), problem), 0)
    } else {
        let size = held.problem.size(&held.model);
        // One unit of the objective, where that is large in its own terms: the proof is asked for in those.
        let unit = size.recip().min(1.0);
        let scaled = held.problem.divided_by(size);
        let most = options.max_iterations;
        let point = interior::solve(&scaled, &held.frame, &held.model, options.tolerance, unit, most)
            .ok_or_else(|| unproven(most, f64::INFINITY, 0.0))?;
        (held.restored(&point.path), held.prices(point.prices.times(size), problem), point.iterations)
    };
    let objective = certificate::objective(problem, model, &path);
    let lower_bound = certificate::lower_bound(problem, &frame, model, &path, &prices);
    let gap = objective - lower_bound;
    if gap.is_nan() || gap > ACCEPTED * (1.0 + objective.abs()) || frame.broken(&path, &problem.w0, model) > KEPT {
        return Err(unproven(iterations, gap, objective));
    }
    let by_period = |list: &[f64]| list.chunks_exact(n).map(<[f64]>::to_vec).collect();
    Ok(MultiPeriodSolution {
        path: by_period(&path),
        trade_prices: by_period(&prices.trades),
        limit_prices: prices.limits,
        cash_prices: if prices.cash.is_empty() { vec![0.0; problem.periods()] } else { prices.cash },
        objective,
        lower_bound,
        iterations,
    })
}

fn unproven(iterations: usize, gap: f64, objective: f64) -> OptimizerError {
    OptimizerError::NotProven { iterations, gap, violation: 0.0, tolerance: ACCEPTED * (1.0 + objective.abs()) }
}

/// The gap of a path, recomputed from its weights and prices alone; `None` when the path breaks a limit or has the
/// wrong shape.
///
/// # Errors
/// When the problem is malformed.
pub fn verify_path(
    problem: &MultiPeriodProblem,
    model: &impl AsRiskModel,
    solution: &MultiPeriodSolution,
) -> Result<Option<f64>, OptimizerError> {
    let model = model.as_risk_model();
    problem.check(model.assets())?;
    let (n, periods) = (problem.assets(), problem.periods());
    let shaped = |lists: &[Vec<f64>]| lists.len() == periods && lists.iter().all(|l| l.len() == n);
    if !shaped(&solution.path) || !shaped(&solution.trade_prices) {
        return Ok(None);
    }
    let kept = |w: f64, lower: f64, upper: f64| (lower - KEPT..=upper + KEPT).contains(&w);
    for (h, weights) in solution.path.iter().enumerate() {
        let (low, high) = problem.invested(h);
        let within = weights.iter().enumerate().all(|(i, w)| kept(*w, problem.lower[i], problem.upper[i]));
        if !within || !kept(weights.iter().sum(), low, high) {
            return Ok(None);
        }
    }
    let (path, frame) = (solution.path.concat(), Frame::of(problem));
    if frame.broken(&path, &problem.w0, &model) > KEPT {
        return Ok(None);
    }
    let prices =
        Prices { trades: solution.trade_prices.concat(), limits: solution.limit_prices.clone(), cash: Vec::new() };
    let objective = certificate::objective(problem, &model, &path);
    Ok(Some(objective - certificate::lower_bound(problem, &frame, &model, &path, &prices)))
}

/// The problem without the assets that have only one weight to be at: an interior point needs an interior.
struct Held {
    free: Vec<usize>,
    /// The weight of each asset that is not free.
    at: Vec<f64>,
    problem: MultiPeriodProblem,
    frame: Frame,
    model: RiskModel,
}

impl Held {
    fn of(problem: &MultiPeriodProblem, frame: &Frame, model: &RiskModel) -> Result<Self, OptimizerError> {
        let n = problem.assets();
        let is_free = |i: &usize| problem.upper[*i] - problem.lower[*i] > SAME && !frame.is_still(*i);
        let free: Vec<usize> = (0..n).filter(is_free).collect();
        let at: Vec<f64> = (0..n).map(|i| if frame.is_still(i) { problem.w0[i] } else { problem.lower[i] }).collect();
        let kept = |i: usize| (problem.lower[i] - KEPT..=problem.upper[i] + KEPT).contains(&at[i]);
        if !(0..n).all(kept) {
            return Err(OptimizerError::Infeasible { method: "multi-period optimisation" });
        }
        // What the assets at their limits add to the slope of the others: 2λΣ·(w − b) of theirs.
        let mut fixed = vec![0.0; n];
        let mut weight = 0.0;
        for i in (0..n).filter(|i| !free.contains(i)) {
            fixed[i] = at[i] - problem.benchmark.as_ref().map_or(0.0, |b| b[i]);
            weight += at[i];
        }
        let mut slope = vec![0.0; n];
        model.multiply(&fixed, &mut slope);
        let pick = |list: &[f64]| free.iter().map(|i| list[*i]).collect::<Vec<f64>>();
        let some = |list: &Option<Vec<f64>>| list.as_ref().map(|l| pick(l));
        let tilted = |mu: &Vec<f64>| free.iter().map(|i| mu[*i] - 2.0 * problem.risk_aversion * slope[*i]).collect();
        let inner = MultiPeriodProblem {
            risk_aversion: problem.risk_aversion,
            w0: pick(&problem.w0),
            mu: problem.mu.iter().map(tilted).collect(),
            benchmark: some(&problem.benchmark),
            cost_linear: some(&problem.cost_linear),
            cost_impact: some(&problem.cost_impact),
            cost_quadratic: some(&problem.cost_quadratic),
            lower: pick(&problem.lower),
            upper: pick(&problem.upper),
            // Their weight counts as cash that is not there.
            cash_min: problem.cash_min + weight,
            cash_max: problem.cash_max + weight,
            flows: problem.flows.clone(),
            // The frame has them.
            limits: PathLimits::default(),
        };
        let frame = frame.of_free(&free, &at, &problem.w0, model);
        let model = model.select(&free);
        let is_reachable = (0..inner.periods()).all(|h| inner.is_in_reach(h));
        if !is_reachable || frame.turnover.first().is_some_and(|left| *left < -KEPT) {
            return Err(OptimizerError::Infeasible { method: "multi-period optimisation" });
        }
        Ok(Self { free, at, problem: inner, frame, model })
    }

    fn restored(&self, path: &[f64]) -> Vec<f64> {
        let (m, n, periods) = (self.free.len(), self.at.len(), self.problem.periods());
        let mut all: Vec<f64> = self.at.repeat(periods);
        for h in 0..periods {
            for (k, i) in self.free.iter().enumerate() {
                all[h * n + i] = path[h * m + k];
            }
        }
        all
    }

    /// The prices of all assets: for free assets those of the solver, for the others the slope of the cost of their
    /// only trade.
    fn prices(&self, prices: Prices, problem: &MultiPeriodProblem) -> Prices {
        let (m, n) = (self.free.len(), problem.assets());
        let costs = StepCost::list(problem);
        let of_turnover = prices.limits.turnover.first().copied().unwrap_or(0.0);
        let mut all = vec![0.0; n * problem.periods()];
        for i in 0..n {
            let trade = self.at[i] - problem.w0[i];
            let slope = costs[i].dearer(of_turnover).slope(trade.abs());
            all[i] = if trade == 0.0 { 0.0 } else { trade.signum() * slope };
        }
        for h in 0..problem.periods() {
            for (k, i) in self.free.iter().enumerate() {
                all[h * n + i] = prices.trades[h * m + k];
            }
        }
        Prices { trades: all, ..prices }
    }
}
