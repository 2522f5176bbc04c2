//! A primal-dual interior point for a path: predictor, corrector, and one block-tridiagonal system per iteration.
//!
//! A trade is the difference of a purchase `p` and a sale `m`, both positive. In each period, with the price `y` of a unit of trade and the
//! price `ν` of a unit of cash,
//!
//! ```text
//! 2λΣ(x − b) − μ + y_h − y_{h+1} − zl + zu + ν·1 = 0        x_h − x_{h−1} − p + m = 0
//! cost'(p) − y − zp = 0      cost'(m) + y − zm = 0          1ᵀx − s = 0
//! zl·(x − lower) = zu·(upper − x) = zp·p = zm·m = wl·(s − low) = wu·(high − s) = 0
//! ```
//!
//! Purchases, sales, slacks and their multipliers are eliminated, which leaves `tridiagonal`'s system in `x` and `ν`.
//!
//! # Reference
//! Mehrotra (1992), "On the Implementation of a Primal-Dual Interior Point Method", SIAM Journal on Optimization 2(4).

use nalgebra::{DMatrix, DVector};
use portfolio_core::interrupt::checkpoint;

use super::certificate::{lower_bound, objective};
use super::cost::StepCost;
use super::problem::MultiPeriodProblem;
use super::tridiagonal::Factors;
use crate::model::RiskModel;

/// The fraction of the distance to the nearest limit that a step takes.
const BACK: f64 = 0.995;

/// A path with the prices that prove how good it is.
pub(super) struct Point {
    /// Weights, period after period.
    pub(super) path: Vec<f64>,
    /// Prices of trades, laid out as the path.
    pub(super) prices: Vec<f64>,
    pub(super) objective: f64,
    pub(super) bound: f64,
    pub(super) iterations: usize,
}

/// A positive number and the multiplier of its sign.
#[derive(Clone, Copy)]
struct Pair {
    value: f64,
    dual: f64,
}

impl Pair {
    fn product(self) -> f64 {
        self.value * self.dual
    }

    fn ratio(self) -> f64 {
        self.dual / self.value
    }

    /// The step of the dual for a step of the value, towards the product `target`.
    fn dual_step(self, step: f64, target: f64, correction: f64) -> f64 {
        (target - correction - self.product() - self.dual * step) / self.value
    }

    /// The fraction of the steps that keeps both positive.
    fn reach(self, step: f64, dual_step: f64) -> f64 {
        let to = |v: f64, d: f64| if d < 0.0 { -v / d } else { f64::INFINITY };
        to(self.value, step).min(to(self.dual, dual_step))
    }

    fn moved(&mut self, by: f64, step: f64, dual_step: f64) {
        self.value += by * step;
        self.dual += by * dual_step;
    }
}

/// One asset in one period.
#[derive(Clone, Copy)]
struct Cell {
    x: f64,
    y: f64,
    above: Pair,
    below: Pair,
    bought: Pair,
    sold: Pair,
}

/// The steps of a cell; `duals` in the order above, below, bought, sold.
#[derive(Clone, Copy, Default)]
struct CellStep {
    x: f64,
    y: f64,
    bought: f64,
    sold: f64,
    duals: [f64; 4],
}

/// The cash of one period.
#[derive(Clone, Copy)]
struct Budget {
    nu: f64,
    invested: f64,
    /// Distances to the least and the largest sum of weights; none where the sum is fixed.
    room: Option<[Pair; 2]>,
}

#[derive(Clone, Copy, Default)]
struct BudgetStep {
    nu: f64,
    invested: f64,
    duals: [f64; 2],
}

struct State<'a> {
    problem: &'a MultiPeriodProblem,
    model: &'a RiskModel,
    costs: Vec<StepCost>,
    cells: Vec<Cell>,
    budgets: Vec<Budget>,
}

/// The steps of all cells and budgets.
struct Direction {
    cells: Vec<CellStep>,
    budgets: Vec<BudgetStep>,
}

/// Iterates until the gap is within `tolerance` of the objective plus `unit`, or up to `iterations_max`; returns the
/// best point found.
pub(super) fn solve(
    problem: &MultiPeriodProblem,
    model: &RiskModel,
    tolerance: f64,
    unit: f64,
    iterations_max: usize,
) -> Option<Point> {
    let mut state = State::start(problem, model);
    let sigma = state.sigma();
    let mut best: Option<Point> = None;
    for iterations in 0..=iterations_max {
        checkpoint();
        if let Some(point) = state.point(iterations) {
            let gap = point.objective - point.bound;
            let done = gap <= tolerance * (unit + point.objective.abs());
            if best.as_ref().is_none_or(|b| gap < b.objective - b.bound) {
                best = Some(point);
            }
            if done {
                break;
            }
        }
        let Some(system) = state.system(&sigma) else { break };
        let mu = state.mean_product();
        let predicted = state.direction(&system, 0.0, None);
        let reach = state.reach(&predicted).min(1.0);
        let ahead = state.mean_product_after(&predicted, reach);
        let centre = (ahead / mu).powi(3).clamp(0.0, 1.0) * mu;
        let corrected = state.direction(&system, centre, Some(&predicted));
        let step = (BACK * state.reach(&corrected)).min(1.0);
        if !step.is_finite() || step < 1e-12 {
            break;
        }
        state.step(&corrected, step);
    }
    best
}

/// What one iteration factorises.
struct System {
    factors: Factors,
    coupling: Vec<DVector<f64>>,
}

impl<'a> State<'a> {
    fn start(problem: &'a MultiPeriodProblem, model: &'a RiskModel) -> Self {
        let (n, periods) = (problem.assets(), problem.periods());
        let costs = StepCost::list(problem);
        let mut cells = Vec::with_capacity(n * periods);
        let mut budgets = Vec::with_capacity(periods);
        for h in 0..periods {
            let mut invested = 0.0;
            for i in 0..n {
                let (lower, upper) = (problem.lower[i], problem.upper[i]);
                let room = upper - lower;
                let x = problem.w0[i].clamp(lower + 0.1 * room, upper - 0.1 * room);
                invested += x;
                let pair = |value: f64| Pair { value, dual: 0.1 };
                let (bought, sold) = (pair(0.1), pair(0.1));
                cells.push(Cell { x, y: 0.0, above: pair(x - lower), below: pair(upper - x), bought, sold });
            }
            let (low, high) = problem.invested(h);
            let room = (high > low).then(|| {
                let inside = invested.clamp(low + 0.1 * (high - low), high - 0.1 * (high - low));
                invested = inside;
                [Pair { value: inside - low, dual: 0.1 }, Pair { value: high - inside, dual: 0.1 }]
            });
            if room.is_none() {
                invested = low;
            }
            budgets.push(Budget { nu: 0.0, invested, room });
        }
        Self { problem, model, costs, cells, budgets }
    }

    fn n(&self) -> usize {
        self.problem.assets()
    }

    /// `2λΣ`.
    fn sigma(&self) -> DMatrix<f64> {
        let n = self.n();
        let (mut unit, mut column) = (vec![0.0; n], vec![0.0; n]);
        let mut sigma = DMatrix::zeros(n, n);
        for j in 0..n {
            unit[j] = 1.0;
            self.model.multiply(&unit, &mut column);
            sigma.set_column(j, &(DVector::from_column_slice(&column) * (2.0 * self.problem.risk_aversion)));
            unit[j] = 0.0;
        }
        sigma
    }

    /// The weights moved within their limits, with their objective and the bound; `None` when there are no such weights
    /// nearby.
    fn point(&self, iterations: usize) -> Option<Point> {
        const NEAR: f64 = 1e-7;
        let n = self.n();
        let mut path: Vec<f64> = self.cells.iter().map(|c| c.x).collect();
        for (h, weights) in path.chunks_exact_mut(n).enumerate() {
            let (low, high) = self.problem.invested(h);
            let sum: f64 = weights.iter().sum();
            let off = sum - sum.clamp(low, high);
            if off.abs() > NEAR {
                return None;
            }
            spread(weights, -off, &self.problem.lower, &self.problem.upper);
        }
        let prices: Vec<f64> = self.cells.iter().map(|c| c.y).collect();
        let objective = objective(self.problem, self.model, &path);
        let bound = lower_bound(self.problem, self.model, &path, &prices);
        Some(Point { path, prices, objective, bound, iterations })
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> {
        let cells = self.cells.iter().flat_map(|c| [c.above, c.below, c.bought, c.sold]);
        cells.chain(self.budgets.iter().filter_map(|b| b.room).flatten())
    }

    fn mean_product(&self) -> f64 {
        let (sum, count) = self.pairs().fold((0.0, 0.0), |(sum, count), p| (sum + p.product(), count + 1.0));
        sum / count
    }

    fn system(&self, sigma: &DMatrix<f64>) -> Option<System> {
        let (n, periods) = (self.n(), self.problem.periods());
        let coupling: Vec<DVector<f64>> = self
            .cells
            .chunks_exact(n)
            .map(|cells| DVector::from_iterator(n, cells.iter().enumerate().map(|(i, c)| self.stiffness(i, c).0)))
            .collect();
        let mut blocks = Vec::with_capacity(periods);
        for (h, cells) in self.cells.chunks_exact(n).enumerate() {
            let mut block = sigma.clone();
            for (i, c) in cells.iter().enumerate() {
                let next = coupling.get(h + 1).map_or(0.0, |e| e[i]);
                block[(i, i)] += c.above.ratio() + c.below.ratio() + coupling[h][i] + next;
            }
            blocks.push(block);
        }
        let slack: Vec<f64> =
            self.budgets.iter().map(|b| b.room.map_or(0.0, |[low, high]| 1.0 / (low.ratio() + high.ratio()))).collect();
        Some(System { factors: Factors::new(blocks, &coupling, &slack)?, coupling })
    }

    /// The curvature of the cost of a trade after purchase and sale are eliminated, and the curvatures of the two
    /// parts.
    fn stiffness(&self, i: usize, c: &Cell) -> (f64, f64, f64) {
        let buy = self.costs[i].curvature(c.bought.value) + c.bought.ratio();
        let sell = self.costs[i].curvature(c.sold.value) + c.sold.ratio();
        (buy * sell / (buy + sell), buy, sell)
    }

    /// The Newton step towards products of `target`, with the second-order terms of a previous step.
    fn direction(&self, system: &System, target: f64, before: Option<&Direction>) -> Direction {
        let (n, periods) = (self.n(), self.problem.periods());
        let lambda = 2.0 * self.problem.risk_aversion;
        let (mut right, mut sums) = (Vec::with_capacity(periods), Vec::with_capacity(periods));
        let mut tilt = vec![DVector::zeros(n); periods];
        let mut active = vec![0.0; n];
        let mut sigma_w = vec![0.0; n];
        let second = |at: usize| before.map(|b| b.cells[at]).unwrap_or_default();
        for h in 0..periods {
            for i in 0..n {
                active[i] = self.cells[h * n + i].x - self.problem.benchmark.as_ref().map_or(0.0, |b| b[i]);
            }
            self.model.multiply(&active, &mut sigma_w);
            let mut r = DVector::zeros(n);
            for i in 0..n {
                let at = h * n + i;
                let (c, s) = (&self.cells[at], second(at));
                let next = if h + 1 < periods { self.cells[at + n].y } else { 0.0 };
                let held = if h > 0 { self.cells[at - n].x } else { self.problem.w0[i] };
                let gradient = lambda * sigma_w[i] - self.problem.mu[h][i] + c.y - next + self.budgets[h].nu;
                // What the multipliers of the limits are at the target: the residual of stationarity without their own values.
                let above = (target - s.x * s.duals[0]) / c.above.value;
                let below = (target + s.x * s.duals[1]) / c.below.value;
                r[i] = -gradient + above - below;
                let (e, buy, sell) = self.stiffness(i, c);
                let bought = (target - s.bought * s.duals[2]) / c.bought.value;
                let sold = (target - s.sold * s.duals[3]) / c.sold.value;
                let off_buy = self.costs[i].slope(c.bought.value) - c.y - bought;
                let off_sell = self.costs[i].slope(c.sold.value) + c.y - sold;
                let off = c.x - held - c.bought.value + c.sold.value;
                tilt[h][i] = e * (off + off_buy / buy - off_sell / sell);
            }
            right.push(r);
            let b = &self.budgets[h];
            let invested: f64 = self.cells[h * n..(h + 1) * n].iter().map(|c| c.x).sum();
            let off = invested - b.invested;
            sums.push(-off + self.budget_pull(h, target, before).map_or(0.0, |(pull, theta)| pull / theta));
        }
        for h in 0..periods {
            right[h] -= &tilt[h];
            if h + 1 < periods {
                right[h] += &tilt[h + 1];
            }
        }
        system.factors.solve(&system.coupling, &mut right, &mut sums);

        let mut cells = Vec::with_capacity(n * periods);
        for h in 0..periods {
            for i in 0..n {
                let at = h * n + i;
                let (c, s) = (&self.cells[at], second(at));
                let x = right[h][i];
                let moved = x - if h > 0 { right[h - 1][i] } else { 0.0 };
                let (_, buy, sell) = self.stiffness(i, c);
                let y = system.coupling[h][i] * moved + tilt[h][i];
                let off_buy =
                    self.costs[i].slope(c.bought.value) - c.y - (target - s.bought * s.duals[2]) / c.bought.value;
                let off_sell = self.costs[i].slope(c.sold.value) + c.y - (target - s.sold * s.duals[3]) / c.sold.value;
                let (bought, sold) = ((y - off_buy) / buy, (-y - off_sell) / sell);
                let duals = [
                    c.above.dual_step(x, target, s.x * s.duals[0]),
                    c.below.dual_step(-x, target, -s.x * s.duals[1]),
                    c.bought.dual_step(bought, target, s.bought * s.duals[2]),
                    c.sold.dual_step(sold, target, s.sold * s.duals[3]),
                ];
                cells.push(CellStep { x, y, bought, sold, duals });
            }
        }
        let budgets = (0..periods).map(|h| self.budget_step(h, sums[h], target, before)).collect();
        Direction { cells, budgets }
    }

    /// The value towards which the sum of weights of a period is pulled, and the stiffness.
    fn budget_pull(&self, h: usize, target: f64, before: Option<&Direction>) -> Option<(f64, f64)> {
        let b = &self.budgets[h];
        let [low, high] = b.room?;
        let s = before.map(|d| d.budgets[h]).unwrap_or_default();
        let above = (target - s.invested * s.duals[0]) / low.value;
        let below = (target + s.invested * s.duals[1]) / high.value;
        Some((b.nu + above - below, low.ratio() + high.ratio()))
    }

    fn budget_step(&self, h: usize, nu: f64, target: f64, before: Option<&Direction>) -> BudgetStep {
        let (Some([low, high]), Some((pull, theta))) = (self.budgets[h].room, self.budget_pull(h, target, before))
        else {
            return BudgetStep { nu, ..BudgetStep::default() };
        };
        let s = before.map(|d| d.budgets[h]).unwrap_or_default();
        let invested = (nu + pull) / theta;
        let duals = [
            low.dual_step(invested, target, s.invested * s.duals[0]),
            high.dual_step(-invested, target, -s.invested * s.duals[1]),
        ];
        BudgetStep { nu, invested, duals }
    }

    /// Every pair with its step and the step of its multiplier.
    fn moving<'d>(&'d self, d: &'d Direction) -> impl Iterator<Item = (Pair, f64, f64)> + 'd {
        let cells = self.cells.iter().zip(&d.cells).flat_map(|(c, s)| {
            [
                (c.above, s.x, s.duals[0]),
                (c.below, -s.x, s.duals[1]),
                (c.bought, s.bought, s.duals[2]),
                (c.sold, s.sold, s.duals[3]),
            ]
        });
        let budgets = self.budgets.iter().zip(&d.budgets).filter_map(|(b, s)| {
            let [low, high] = b.room?;
            Some([(low, s.invested, s.duals[0]), (high, -s.invested, s.duals[1])])
        });
        cells.chain(budgets.flatten())
    }

    fn reach(&self, d: &Direction) -> f64 {
        self.moving(d).map(|(pair, step, dual)| pair.reach(step, dual)).fold(f64::INFINITY, f64::min)
    }

    fn mean_product_after(&self, d: &Direction, by: f64) -> f64 {
        let after = |(pair, step, dual): (Pair, f64, f64)| (pair.value + by * step) * (pair.dual + by * dual);
        let (sum, count) = self.moving(d).map(after).fold((0.0, 0.0), |(sum, count), p| (sum + p, count + 1.0));
        sum / count
    }

    fn step(&mut self, d: &Direction, by: f64) {
        for (c, s) in self.cells.iter_mut().zip(&d.cells) {
            c.x += by * s.x;
            c.y += by * s.y;
            c.above.moved(by, s.x, s.duals[0]);
            c.below.moved(by, -s.x, s.duals[1]);
            c.bought.moved(by, s.bought, s.duals[2]);
            c.sold.moved(by, s.sold, s.duals[3]);
        }
        for (b, s) in self.budgets.iter_mut().zip(&d.budgets) {
            b.nu += by * s.nu;
            b.invested += by * s.invested;
            if let Some([low, high]) = &mut b.room {
                low.moved(by, s.invested, s.duals[0]);
                high.moved(by, -s.invested, s.duals[1]);
            }
        }
    }
}

/// Adds `amount` to the sum of the weights, each in proportion to its room.
fn spread(weights: &mut [f64], amount: f64, lower: &[f64], upper: &[f64]) {
    for i in 0..weights.len() {
        weights[i] = weights[i].clamp(lower[i], upper[i]);
    }
    let room = |i: usize, w: f64| if amount > 0.0 { upper[i] - w } else { w - lower[i] };
    let total: f64 = weights.iter().enumerate().map(|(i, w)| room(i, *w)).sum();
    if total > 0.0 && amount != 0.0 {
        for i in 0..weights.len() {
            weights[i] += amount * room(i, weights[i]) / total;
        }
    }
}
