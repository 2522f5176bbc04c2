//! A primal-dual interior point for a path: predictor, corrector, and one block-tridiagonal system per iteration.
//!
//! A trade is the difference of a purchase `p` and a sale `m`, both positive. In each period, with the price `y` of a
//! unit of trade, the price `ν` of each linear limit (the first is the sum of weights), `η` of turnover and `τ` of the
//! squared tracking error `c`,
//!
//! ```text
//! 2λΣ(x − b) − μ + y_h − y_{h+1} − zl + zu + A·ν + τ·∇c = 0        x_h − x_{h−1} − p + m = 0
//! cost'(p) + η − y − zp + vp = 0      cost'(m) + η + y − zm + vm = 0      Aᵀx − s = 0
//! Σ(p + m) + t = turnover             c(x) + u = limit
//! zl·(x − lower) = zu·(upper − x) = zp·p = zm·m = vp·(most − p) = vm·(most − m) = 0
//! wl·(s − low) = wu·(high − s) = η·t = τ·u = 0
//! ```
//!
//! Purchases, sales, slacks and their multipliers are eliminated, which leaves `tridiagonal`'s system in `x` and `ν`:
//! turnover makes what couples two periods a diagonal and a product `q·qᵀ`, the tracking error adds another product to
//! the block of its period.
//!
//! # Reference
//! Mehrotra (1992), "On the Implementation of a Primal-Dual Interior Point Method", SIAM Journal on Optimization 2(4).

use nalgebra::{DMatrix, DVector};
use portfolio_core::interrupt::checkpoint;

use super::certificate::{Prices, lower_bound, objective};
use super::cost::StepCost;
use super::limits::{Frame, PathLimitPrices};
use super::pair::Pair;
use super::problem::MultiPeriodProblem;
use super::row::{RowState, RowStep};
use super::tridiagonal::{Coupling, Factors};
use crate::model::RiskModel;
use crate::tolerance::{KEPT, SAME};
use crate::vector::dot;

/// The fraction of the distance to the nearest limit that a step takes.
const BACK: f64 = 0.995;

/// A path with the prices that prove how good it is.
pub(super) struct Point {
    /// Weights, period after period.
    pub(super) path: Vec<f64>,
    pub(super) prices: Prices,
    pub(super) objective: f64,
    pub(super) bound: f64,
    pub(super) iterations: usize,
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
    /// What a purchase and a sale are below the largest trade, where there is one.
    room: Option<[Pair; 2]>,
}

/// The steps of a cell; `duals` in the order above, below, bought, sold.
#[derive(Clone, Copy, Default)]
struct CellStep {
    x: f64,
    y: f64,
    bought: f64,
    sold: f64,
    duals: [f64; 4],
    room: [f64; 2],
}

/// The limits of one period on more than one asset.
struct Period {
    /// The sum of weights, and those of the frame's rows that the bounds and the sum do not imply: their places in the
    /// frame.
    places: Vec<usize>,
    rows: Vec<RowState>,
    loadings: DMatrix<f64>,
    spending: Option<Pair>,
    tracking: Option<Pair>,
}

#[derive(Clone, Default)]
struct PeriodStep {
    rows: Vec<RowStep>,
    /// Of the slack and of its multiplier.
    spending: (f64, f64),
    tracking: (f64, f64),
}

struct State<'a> {
    problem: &'a MultiPeriodProblem,
    frame: &'a Frame,
    model: &'a RiskModel,
    costs: Vec<StepCost>,
    cells: Vec<Cell>,
    periods: Vec<Period>,
}

/// The steps of all cells and periods.
struct Direction {
    cells: Vec<CellStep>,
    periods: Vec<PeriodStep>,
}

/// Iterates until the gap is within `tolerance` of the objective plus `unit`, or up to `iterations_max`; returns the
/// best point found.
pub(super) fn solve(
    problem: &MultiPeriodProblem,
    frame: &Frame,
    model: &RiskModel,
    tolerance: f64,
    unit: f64,
    iterations_max: usize,
) -> Option<Point> {
    let mut state = State::start(problem, frame, model);
    let sigma = state.sigma();
    let mut best: Option<Point> = None;
    for iterations in 0..=iterations_max {
        checkpoint();
        let is_known = |point: &Point| (point.objective - point.bound).is_finite();
        if let Some(point) = state.point(iterations).filter(is_known) {
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
        let predicted = state.direction(&system, 0.0, None);
        let mu = state.mean_product_after(&predicted, 0.0);
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

/// What one iteration computes once for both of its directions.
struct System {
    factors: Factors,
    couplings: Vec<Coupling>,
    stiffness: Vec<Stiffness>,
    /// The gradient of the objective without costs and prices, by period.
    slopes: Vec<DVector<f64>>,
    /// By how much the tracking error exceeds its limit, and the gradient of that.
    bends: Vec<Option<(f64, DVector<f64>)>>,
}

/// The curvatures of purchase and sale, and that of the trade after both are eliminated.
#[derive(Clone, Copy)]
struct Stiffness {
    buy: f64,
    sell: f64,
    both: f64,
    /// The share of a unit of price for all trades that falls on the price of this one.
    joint: f64,
}

/// What the trades of a period leave on the right side.
struct Tilt {
    off_buy: Vec<f64>,
    off_sell: Vec<f64>,
    /// The price of a unit of each trade while weights stay.
    price: DVector<f64>,
    /// The price of turnover while weights stay, its step for a unit of `qᵀdx`, and the residual of the sum of trades.
    spending: Option<(f64, f64, f64)>,
}

impl<'a> State<'a> {
    fn start(problem: &'a MultiPeriodProblem, frame: &'a Frame, model: &'a RiskModel) -> Self {
        let (n, count) = (problem.assets(), problem.periods());
        let costs = StepCost::list(problem);
        let mut cells = Vec::with_capacity(n * count);
        let mut periods = Vec::with_capacity(count);
        for h in 0..count {
            let mut weights = Vec::with_capacity(n);
            let spread = frame.turnover.get(h).map_or(0.1, |most| 0.25 * most / n as f64);
            let mut traded = 0.0;
            for i in 0..n {
                let (lower, upper) = (problem.lower[i], problem.upper[i]);
                let room = upper - lower;
                let x = problem.w0[i].clamp(lower + 0.1 * room, upper - 0.1 * room);
                weights.push(x);
                let largest = frame.trade_max.as_ref().map(|most| most[i]);
                let trade = largest.map_or(spread, |most| spread.min(0.5 * most));
                let (bought, sold) = (Pair::of(trade), Pair::of(trade));
                let room = largest.map(|most| [Pair::of(most - trade); 2]);
                traded += 2.0 * trade;
                let (above, below) = (Pair::of(x - lower), Pair::of(upper - x));
                cells.push(Cell { x, y: 0.0, above, below, bought, sold, room });
            }
            let (low, high) = problem.invested(h);
            let mut period = Period {
                places: Vec::new(),
                rows: vec![RowState::start(weights.iter().sum(), low, high)],
                loadings: DMatrix::zeros(0, 0),
                spending: frame.turnover.get(h).map(|most| Pair::of((most - traded).max(0.1 * most))),
                tracking: frame.excess(h, &weights, model).map(|(excess, _)| Pair::of((-excess).max(0.1))),
            };
            let mut columns = vec![DVector::repeat(n, 1.0)];
            for (place, row) in frame.rows.iter().enumerate() {
                // A limit that bounds and cash imply has no interior of its own.
                let (smallest, largest) = problem.reach(&row.loadings, h);
                let low = if row.lower <= smallest + SAME { f64::NEG_INFINITY } else { row.lower };
                let high = if row.upper >= largest - SAME { f64::INFINITY } else { row.upper };
                if low.is_finite() || high.is_finite() {
                    period.places.push(place);
                    period.rows.push(RowState::start(dot(&row.loadings, &weights), low, high));
                    columns.push(DVector::from_column_slice(&row.loadings));
                }
            }
            period.loadings = DMatrix::from_columns(&columns);
            periods.push(period);
        }
        Self { problem, frame, model, costs, cells, periods }
    }

    fn n(&self) -> usize {
        self.problem.assets()
    }

    /// The cells of period `h`.
    fn of(&self, h: usize) -> &[Cell] {
        let n = self.n();
        &self.cells[h * n..(h + 1) * n]
    }

    /// `2Σ`.
    fn sigma(&self) -> DMatrix<f64> {
        let n = self.n();
        let (mut unit, mut column) = (vec![0.0; n], vec![0.0; n]);
        let mut sigma = DMatrix::zeros(n, n);
        for j in 0..n {
            unit[j] = 1.0;
            self.model.multiply(&unit, &mut column);
            sigma.set_column(j, &(DVector::from_column_slice(&column) * 2.0));
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
        if self.frame.broken(&path, &self.problem.w0, self.model) > 0.5 * KEPT {
            return None;
        }
        let prices = Prices {
            trades: self.cells.iter().map(|c| c.y).collect(),
            limits: self.limit_prices(),
            cash: self.periods.iter().map(|period| period.rows[0].nu).collect(),
        };
        let objective = objective(self.problem, self.model, &path);
        let bound = lower_bound(self.problem, self.frame, self.model, &path, &prices);
        Some(Point { path, prices, objective, bound, iterations })
    }

    fn limit_prices(&self) -> PathLimitPrices {
        let rows = |period: &Period| {
            let mut all = vec![0.0; self.frame.rows.len()];
            period.places.iter().zip(&period.rows[1..]).for_each(|(place, row)| all[*place] = row.nu);
            all
        };
        let tracking = |(h, period): (usize, &Period)| Some(period.tracking?.dual / self.frame.tracking[h].most);
        PathLimitPrices {
            rows: if self.frame.rows.is_empty() { Vec::new() } else { self.periods.iter().map(rows).collect() },
            turnover: self.periods.iter().filter_map(|period| Some(period.spending?.dual)).collect(),
            tracking_variance: self.periods.iter().enumerate().filter_map(tracking).collect(),
        }
    }

    fn system(&self, sigma: &DMatrix<f64>) -> Option<System> {
        let (n, count) = (self.n(), self.problem.periods());
        let stiffness: Vec<Stiffness> =
            self.cells.iter().enumerate().map(|(at, c)| self.stiffness(at % n, c)).collect();
        let couplings: Vec<Coupling> = (0..count)
            .map(|h| {
                let cells = &stiffness[h * n..(h + 1) * n];
                let joint = self.periods[h]
                    .spending
                    .map(|slack| (1.0 / give(cells, slack), DVector::from_iterator(n, cells.iter().map(|s| s.joint))));
                Coupling { diagonal: DVector::from_iterator(n, cells.iter().map(|s| s.both)), joint }
            })
            .collect();
        let lambda = self.problem.risk_aversion;
        let (mut blocks, mut slopes, mut bends) = (Vec::new(), Vec::new(), Vec::new());
        let mut sigma_w = vec![0.0; n];
        for (h, period) in self.periods.iter().enumerate() {
            let cells = self.of(h);
            let weights: Vec<f64> = cells.iter().map(|c| c.x).collect();
            let active: Vec<f64> =
                (0..n).map(|i| weights[i] - self.problem.benchmark.as_ref().map_or(0.0, |b| b[i])).collect();
            self.model.multiply(&active, &mut sigma_w);
            slopes.push(DVector::from_fn(n, |i, _| 2.0 * lambda * sigma_w[i] - self.problem.mu[h][i]));
            let bend = self.frame.excess(h, &weights, self.model).map(|(excess, g)| (excess, DVector::from_vec(g)));
            let curvature = lambda + period.tracking.map_or(0.0, |slack| slack.dual / self.frame.tracking[h].most);
            let mut block = sigma * curvature;
            for (i, c) in cells.iter().enumerate() {
                block[(i, i)] += c.above.ratio() + c.below.ratio();
            }
            if let (Some(slack), Some((_, gradient))) = (period.tracking, &bend) {
                block.ger(slack.ratio(), gradient, gradient, 1.0);
            }
            couplings[h].add_to(&mut block);
            if let Some(next) = couplings.get(h + 1) {
                next.add_to(&mut block);
            }
            blocks.push(block);
            bends.push(bend);
        }
        let rows: Vec<DMatrix<f64>> = self.periods.iter().map(|period| period.loadings.clone()).collect();
        let gives: Vec<Vec<f64>> =
            self.periods.iter().map(|period| period.rows.iter().map(RowState::give).collect()).collect();
        let factors = Factors::new(blocks, &couplings, &rows, &gives)?;
        Some(System { factors, couplings, stiffness, slopes, bends })
    }

    fn stiffness(&self, i: usize, c: &Cell) -> Stiffness {
        let [most_bought, most_sold] = c.room.map_or([0.0; 2], |room| room.map(Pair::ratio));
        let buy = self.costs[i].curvature(c.bought.value) + c.bought.ratio() + most_bought;
        let sell = self.costs[i].curvature(c.sold.value) + c.sold.ratio() + most_sold;
        Stiffness { buy, sell, both: buy * sell / (buy + sell), joint: (sell - buy) / (buy + sell) }
    }

    /// What the trades of period `h` leave on the right side; `before` are the second-order terms.
    fn tilt(&self, system: &System, h: usize, target: f64, before: Option<&Direction>) -> Tilt {
        let n = self.n();
        let (cells, stiffness) = (self.of(h), &system.stiffness[h * n..(h + 1) * n]);
        let eta = self.periods[h].spending.map_or(0.0, |slack| slack.dual);
        let (mut off_buy, mut off_sell, mut price) = (vec![0.0; n], vec![0.0; n], DVector::zeros(n));
        for (i, c) in cells.iter().enumerate() {
            let s = before.map(|b| b.cells[h * n + i]).unwrap_or_default();
            let held = if h > 0 { self.cells[(h - 1) * n + i].x } else { self.problem.w0[i] };
            let [most_bought, most_sold] = c.room.map_or([0.0; 2], |[bought, sold]| {
                [bought.dual_at(target, -s.bought * s.room[0]), sold.dual_at(target, -s.sold * s.room[1])]
            });
            off_buy[i] = self.costs[i].slope(c.bought.value) + eta - c.y + most_bought
                - c.bought.dual_at(target, s.bought * s.duals[2]);
            off_sell[i] =
                self.costs[i].slope(c.sold.value) + eta + c.y + most_sold - c.sold.dual_at(target, s.sold * s.duals[3]);
            let off = c.x - held - c.bought.value + c.sold.value;
            let Stiffness { buy, sell, both, .. } = stiffness[i];
            price[i] = both * (off + off_buy[i] / buy - off_sell[i] / sell);
        }
        let spending = self.periods[h].spending.map(|slack| {
            let traded: f64 = cells.iter().map(|c| c.bought.value + c.sold.value).sum();
            let off = traded + slack.value - self.frame.turnover[h];
            let (step, dual) = before.map(|b| b.periods[h].spending).unwrap_or_default();
            let moved: f64 = (0..n)
                .map(|i| {
                    let Stiffness { buy, sell, both, joint } = stiffness[i];
                    joint / both * price[i] - off_buy[i] / buy - off_sell[i] / sell
                })
                .sum();
            let wanted = (target - step * dual) / slack.dual - slack.value;
            let per_unit = 1.0 / give(stiffness, slack);
            (per_unit * (off + moved + wanted), per_unit, off)
        });
        if let Some((alone, ..)) = spending {
            for (price, s) in price.iter_mut().zip(stiffness) {
                *price += s.joint * alone;
            }
        }
        Tilt { off_buy, off_sell, price, spending }
    }

    /// The Newton step towards products of `target`, with the second-order terms of a previous step.
    fn direction(&self, system: &System, target: f64, before: Option<&Direction>) -> Direction {
        let (n, count) = (self.n(), self.problem.periods());
        let tilts: Vec<Tilt> = (0..count).map(|h| self.tilt(system, h, target, before)).collect();
        let (mut right, mut sums) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (h, period) in self.periods.iter().enumerate() {
            let nus = DVector::from_iterator(period.rows.len(), period.rows.iter().map(|row| row.nu));
            let mut r = -(&system.slopes[h] + &period.loadings * nus);
            for (i, c) in self.of(h).iter().enumerate() {
                let at = h * n + i;
                let s = before.map(|b| b.cells[at]).unwrap_or_default();
                let next = if h + 1 < count { self.cells[at + n].y } else { 0.0 };
                // What the multipliers of the limits are at the target: the residual of stationarity without their own
                // values.
                r[i] +=
                    next - c.y + c.above.dual_at(target, s.x * s.duals[0]) - c.below.dual_at(target, -s.x * s.duals[1]);
            }
            if let (Some(slack), Some((excess, gradient))) = (period.tracking, &system.bends[h]) {
                let (step, dual) = before.map(|b| b.periods[h].tracking).unwrap_or_default();
                let force = slack.dual_at(target, step * dual) + slack.ratio() * (excess + slack.value);
                r.axpy(-force, gradient, 1.0);
            }
            r -= &tilts[h].price;
            if let Some(next) = tilts.get(h + 1) {
                r += &next.price;
            }
            right.push(r);
            let weights = DVector::from_iterator(n, self.of(h).iter().map(|c| c.x));
            let values = period.loadings.tr_mul(&weights);
            sums.push(DVector::from_fn(period.rows.len(), |k, _| {
                period.rows[k].right(values[k], target, &row_step(before, h, k))
            }));
        }
        system.factors.solve(&system.couplings, &mut right, &mut sums);

        let mut cells = Vec::with_capacity(n * count);
        let mut periods = Vec::with_capacity(count);
        for (h, period) in self.periods.iter().enumerate() {
            let moved = if h > 0 { &right[h] - &right[h - 1] } else { right[h].clone() };
            let prices = system.couplings[h].of(&moved) + &tilts[h].price;
            let joint = system.couplings[h].joint.as_ref().map_or(0.0, |(_, q)| q.dot(&moved));
            let eta = tilts[h].spending.map_or(0.0, |(alone, per_unit, _)| alone + per_unit * joint);
            let mut traded = 0.0;
            for (i, c) in self.of(h).iter().enumerate() {
                let at = h * n + i;
                let s = before.map(|b| b.cells[at]).unwrap_or_default();
                let (x, y) = (right[h][i], prices[i]);
                let Stiffness { buy, sell, .. } = system.stiffness[at];
                let bought = (y - eta - tilts[h].off_buy[i]) / buy;
                let sold = (-y - eta - tilts[h].off_sell[i]) / sell;
                traded += bought + sold;
                let duals = [
                    c.above.dual_step(x, target, s.x * s.duals[0]),
                    c.below.dual_step(-x, target, -s.x * s.duals[1]),
                    c.bought.dual_step(bought, target, s.bought * s.duals[2]),
                    c.sold.dual_step(sold, target, s.sold * s.duals[3]),
                ];
                let room = c.room.map_or([0.0; 2], |[b, m]| {
                    [
                        b.dual_step(-bought, target, -s.bought * s.room[0]),
                        m.dual_step(-sold, target, -s.sold * s.room[1]),
                    ]
                });
                cells.push(CellStep { x, y, bought, sold, duals, room });
            }
            let rows = period.rows.iter().enumerate();
            let rows = rows.map(|(k, row)| row.step(sums[h][k], target, &row_step(before, h, k))).collect();
            let spending = tilts[h].spending.map_or((0.0, 0.0), |(_, _, off)| (-off - traded, eta));
            let tracking = match (period.tracking, &system.bends[h]) {
                (Some(slack), Some((excess, gradient))) => {
                    let (step, dual) = before.map(|b| b.periods[h].tracking).unwrap_or_default();
                    let moved = -(excess + slack.value) - gradient.dot(&right[h]);
                    (moved, slack.dual_step(moved, target, step * dual))
                }
                _ => (0.0, 0.0),
            };
            periods.push(PeriodStep { rows, spending, tracking });
        }
        Direction { cells, periods }
    }

    /// Every positive number with its step and the step of its multiplier.
    fn moving<'d>(&'d self, d: &'d Direction) -> impl Iterator<Item = (Pair, f64, f64)> + 'd {
        let cells = self.cells.iter().zip(&d.cells).flat_map(|(c, s)| {
            let own = [
                (c.above, s.x, s.duals[0]),
                (c.below, -s.x, s.duals[1]),
                (c.bought, s.bought, s.duals[2]),
                (c.sold, s.sold, s.duals[3]),
            ];
            let room = c.room.map(|[bought, sold]| [(bought, -s.bought, s.room[0]), (sold, -s.sold, s.room[1])]);
            own.into_iter().chain(room.into_iter().flatten())
        });
        let periods = self.periods.iter().zip(&d.periods).flat_map(|(p, s)| {
            let rows = p.rows.iter().zip(&s.rows).flat_map(|(row, step)| row.moving(step));
            let spending = p.spending.map(|slack| (slack, s.spending.0, s.spending.1));
            rows.chain(spending).chain(p.tracking.map(|slack| (slack, s.tracking.0, s.tracking.1)))
        });
        cells.chain(periods)
    }

    fn reach(&self, d: &Direction) -> f64 {
        self.moving(d).map(|(pair, step, dual)| pair.reach(step, dual)).fold(f64::INFINITY, f64::min)
    }

    /// The mean product of the positive numbers and their multipliers after a fraction of a step.
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
            if let Some([bought, sold]) = &mut c.room {
                bought.moved(by, -s.bought, s.room[0]);
                sold.moved(by, -s.sold, s.room[1]);
            }
        }
        for (p, s) in self.periods.iter_mut().zip(&d.periods) {
            p.rows.iter_mut().zip(&s.rows).for_each(|(row, step)| row.moved(by, step));
            if let Some(slack) = &mut p.spending {
                slack.moved(by, s.spending.0, s.spending.1);
            }
            if let Some(slack) = &mut p.tracking {
                slack.moved(by, s.tracking.0, s.tracking.1);
            }
        }
    }
}

/// By how much the sum of all trades of a period gives way for a unit of its price.
fn give(stiffness: &[Stiffness], slack: Pair) -> f64 {
    stiffness.iter().map(|s| 4.0 / (s.buy + s.sell)).sum::<f64>() + slack.value / slack.dual
}

fn row_step(before: Option<&Direction>, h: usize, k: usize) -> RowStep {
    before.map(|b| b.periods[h].rows[k]).unwrap_or_default()
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
