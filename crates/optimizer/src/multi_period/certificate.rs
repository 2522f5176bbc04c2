//! The objective of a path, and the lower bound that prices of trades prove.

use super::cost::StepCost;
use super::least::least;
use super::limits::{Frame, PathLimitPrices};
use super::problem::MultiPeriodProblem;
use crate::model::RiskModel;
use crate::vector::dot;

/// The objective of a path. `path` has the weights of period `h` at `h·n ..`.
pub(super) fn objective(problem: &MultiPeriodProblem, model: &RiskModel, path: &[f64]) -> f64 {
    let n = problem.assets();
    let costs = StepCost::list(problem);
    let mut total = 0.0;
    let mut before = &problem.w0[..];
    for (w, mu) in path.chunks_exact(n).zip(&problem.mu) {
        let active = active(problem, w);
        total += problem.risk_aversion * model.variance(&active) - dot(mu, w);
        total += (0..n).map(|i| costs[i].value((w[i] - before[i]).abs())).sum::<f64>();
        before = w;
    }
    total
}

fn active(problem: &MultiPeriodProblem, w: &[f64]) -> Vec<f64> {
    problem.benchmark.as_ref().map_or_else(|| w.to_vec(), |b| w.iter().zip(b).map(|(w, b)| w - b).collect())
}

/// The multipliers that prove a bound: prices of trades laid out like the path, and those of the limits.
#[derive(Debug, Clone, Default)]
pub(super) struct Prices {
    pub(super) trades: Vec<f64>,
    pub(super) limits: PathLimitPrices,
    /// Of a unit invested in each period; no part of the proof.
    pub(super) cash: Vec<f64>,
}

impl Prices {
    /// The prices of an objective `size` times as large.
    pub(super) fn times(self, size: f64) -> Self {
        let all = |list: Vec<f64>| list.into_iter().map(|price| size * price).collect::<Vec<f64>>();
        let PathLimitPrices { rows, turnover, tracking_variance } = self.limits;
        let limits = PathLimitPrices {
            rows: rows.into_iter().map(all).collect(),
            turnover: all(turnover),
            tracking_variance: all(tracking_variance),
        };
        Self { trades: all(self.trades), limits, cash: all(self.cash) }
    }
}

/// A lower bound on the objective of every path within the limits.
///
/// Variance is at least its tangent at `path`, and a cost is at least `y·d` less its conjugate for any price `y` of a
/// unit of trade. A limit with a multiplier of the right sign adds at most zero. The remainder is linear in the weights
/// of each period, and its minimum over bounds and cash is found by sorting. So any path and any prices prove a bound;
/// the solver's prove a close one. Prices outside the range that a cost or the sign of a limit allows are moved into
/// it.
pub(super) fn lower_bound(
    problem: &MultiPeriodProblem,
    frame: &Frame,
    model: &RiskModel,
    path: &[f64],
    prices: &Prices,
) -> f64 {
    let (n, periods) = (problem.assets(), problem.periods());
    let costs = StepCost::list(problem);
    let most = |i: usize| frame.trade_max.as_ref().map_or(f64::INFINITY, |most| most[i]);
    let of_turnover = |h: usize| match frame.turnover.get(h) {
        Some(_) => prices.limits.turnover.get(h).map_or(0.0, |price| price.max(0.0)),
        None => 0.0,
    };
    let price = |h: usize, i: usize| {
        if h == periods {
            return 0.0;
        }
        let largest = costs[i].dearer(of_turnover(h)).price_max(most(i));
        prices.trades[h * n + i].clamp(-largest, largest)
    };
    let (mut bound, mut slope, mut sigma_w) = (0.0, vec![0.0; n], vec![0.0; n]);
    for (h, w) in path.chunks_exact(n).enumerate() {
        let active = active(problem, w);
        model.multiply(&active, &mut sigma_w);
        // λ·aᵀΣa + 2λ(Σa)ᵀ(x − w) at x = 0.
        bound += problem.risk_aversion * (dot(&active, &sigma_w) - 2.0 * dot(&sigma_w, w));
        for i in 0..n {
            let tangent = 2.0 * problem.risk_aversion * sigma_w[i] - problem.mu[h][i];
            slope[i] = tangent + price(h, i) - price(h + 1, i);
            bound -= costs[i].dearer(of_turnover(h)).conjugate(price(h, i), most(i));
        }
        if let Some(turnover) = frame.turnover.get(h) {
            bound -= of_turnover(h) * turnover;
        }
        for (r, row) in frame.rows.iter().enumerate() {
            let multiplier = prices.limits.rows.get(h).and_then(|of_period| of_period.get(r)).copied().unwrap_or(0.0);
            let limit = if multiplier > 0.0 { row.upper } else { row.lower };
            if multiplier != 0.0 && limit.is_finite() {
                bound -= multiplier * limit;
                slope.iter_mut().zip(&row.loadings).for_each(|(slope, a)| *slope += multiplier * a);
            }
        }
        let multiplier = prices.limits.tracking_variance.get(h).map_or(0.0, |price| price.max(0.0));
        if let Some((excess, gradient)) = frame.excess(h, w, model).filter(|_| multiplier > 0.0) {
            // The excess and its gradient are in units of the limit.
            let unit = multiplier * frame.tracking[h].most;
            bound += unit * (excess - dot(&gradient, w));
            slope.iter_mut().zip(&gradient).for_each(|(slope, g)| *slope += unit * g);
        }
        let (lower, upper) = frame.bounds(problem, h);
        bound += least(&slope, &lower, &upper, problem.invested(h));
    }
    bound - (0..n).map(|i| price(0, i) * problem.w0[i]).sum::<f64>()
}
