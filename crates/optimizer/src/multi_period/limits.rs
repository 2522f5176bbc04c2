//! The limits of a path beyond those of single weights and of cash.

use crate::model::RiskModel;
use crate::problem::{ExposureLimit, GroupLimit};
use crate::tolerance::{SMALLEST_TRACKING, STILL};
use crate::vector::dot;

use super::problem::MultiPeriodProblem;

/// Limits that hold in every period of a path. The default is none.
///
/// A limit on trades is one of each period, since each period is a plan of its own: over `H` periods a path may trade
/// `H` times as much.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathLimits {
    /// Limits on sums of weights.
    pub groups: Vec<GroupLimit>,
    /// Limits on weighted sums of weights.
    pub exposures: Vec<ExposureLimit>,
    /// Largest two-way turnover `Σ|d|` of each period.
    pub turnover_max: Option<f64>,
    /// Largest trade `|dᵢ|` of each asset in each period.
    pub trade_max: Option<Vec<f64>>,
    /// Largest tracking error of a period's book against the benchmark, for a period: `√((w − v·b)ᵀΣ(w − v·b)) ≤ v·τ`,
    /// where `v` is one plus the flows up to the period. One below 1e-7 is raised to that, because the solver needs an interior.
    pub tracking_error_max: Option<f64>,
}

/// The multipliers of [`PathLimits`] by period, with which anyone can prove a lower bound. Empty lists where there is
/// no such limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathLimitPrices {
    /// Of the groups and then of the exposures: positive where the upper limit binds, negative where the lower one
    /// does. `H` lists.
    pub rows: Vec<Vec<f64>>,
    /// Of turnover, at least 0: the gain from one more unit of trades in that period.
    pub turnover: Vec<f64>,
    /// Of the squared tracking error, at least 0.
    pub tracking_variance: Vec<f64>,
}

/// `lower ≤ aᵀw ≤ upper`.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) loadings: Vec<f64>,
    pub(super) lower: f64,
    pub(super) upper: f64,
}

/// `aᵀΣa + 2lᵀa + k ≤ most` with `a = w − reference`.
#[derive(Debug, Clone)]
pub(super) struct Tracking {
    pub(super) reference: Vec<f64>,
    pub(super) linear: Vec<f64>,
    pub(super) constant: f64,
    pub(super) most: f64,
}

impl Tracking {
    pub(super) fn active(&self, w: &[f64]) -> Vec<f64> {
        w.iter().zip(&self.reference).map(|(w, b)| w - b).collect()
    }

    /// The squared tracking error of weights whose distances from the reference are `active`.
    fn variance(&self, model: &RiskModel, active: &[f64]) -> f64 {
        model.variance(active) + 2.0 * dot(&self.linear, active) + self.constant
    }
}

/// The limits of a problem as its solver and its proof use them.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) rows: Vec<Row>,
    /// The largest turnover of each period; empty for none.
    pub(super) turnover: Vec<f64>,
    pub(super) trade_max: Option<Vec<f64>>,
    /// The limit on tracking error of each period; empty for none.
    pub(super) tracking: Vec<Tracking>,
}

impl Frame {
    pub(super) fn of(problem: &MultiPeriodProblem) -> Self {
        let (n, periods, limits) = (problem.assets(), problem.periods(), &problem.limits);
        let group = |group: &GroupLimit| {
            let mut loadings = vec![0.0; n];
            group.members.iter().for_each(|i| loadings[*i] = 1.0);
            Row { loadings, lower: group.lower, upper: group.upper }
        };
        let exposure =
            |limit: &ExposureLimit| Row { loadings: limit.loadings.clone(), lower: limit.lower, upper: limit.upper };
        let tracking = |(most, benchmark): (f64, &Vec<f64>)| {
            let at = |h: usize| {
                let value = problem.value(h);
                Tracking {
                    reference: benchmark.iter().map(|b| value * b).collect(),
                    linear: vec![0.0; n],
                    constant: 0.0,
                    most: (value * most.max(SMALLEST_TRACKING)).powi(2),
                }
            };
            (0..periods).map(at).collect()
        };
        let nothing_trades = limits.turnover_max.is_some_and(|most| most <= STILL);
        Self {
            rows: limits.groups.iter().map(group).chain(limits.exposures.iter().map(exposure)).collect(),
            turnover: limits.turnover_max.map_or_else(Vec::new, |most| vec![most; periods]),
            trade_max: if nothing_trades { Some(vec![0.0; n]) } else { limits.trade_max.clone() },
            tracking: limits.tracking_error_max.zip(problem.benchmark.as_ref()).map_or_else(Vec::new, tracking),
        }
    }

    /// Whether an asset keeps its weight of today throughout.
    pub(super) fn is_still(&self, asset: usize) -> bool {
        self.trade_max.as_ref().is_some_and(|most| most[asset] <= STILL)
    }

    /// The bounds of the weights of period `h`, as far as trades of that many periods reach them.
    pub(super) fn bounds(&self, problem: &MultiPeriodProblem, h: usize) -> (Vec<f64>, Vec<f64>) {
        let (mut lower, mut upper) = (problem.lower.clone(), problem.upper.clone());
        for (i, most) in self.trade_max.iter().flatten().enumerate() {
            let (w0, moved) = (problem.w0[i], (h + 1) as f64 * most);
            lower[i] = lower[i].max(w0 - moved);
            upper[i] = upper[i].min(w0 + moved).max(lower[i]);
        }
        (lower, upper)
    }

    /// The limits of the assets `free`, when the others stand at `held` from the first period on.
    pub(super) fn of_free(&self, free: &[usize], held: &[f64], w0: &[f64], model: &RiskModel) -> Self {
        let pick = |list: &[f64]| free.iter().map(|i| list[*i]).collect::<Vec<f64>>();
        let mut at_rest = held.to_vec();
        free.iter().for_each(|i| at_rest[*i] = 0.0);
        let row = |row: &Row| {
            let theirs = dot(&row.loadings, &at_rest);
            Row { loadings: pick(&row.loadings), lower: row.lower - theirs, upper: row.upper - theirs }
        };
        let tracking = |limit: &Tracking| {
            let mut away = limit.active(held);
            free.iter().for_each(|i| away[*i] = 0.0);
            let slope = model.product(&away);
            let constant = limit.variance(model, &away);
            let linear = slope.iter().zip(&limit.linear).map(|(slope, linear)| slope + linear).collect::<Vec<f64>>();
            Tracking { reference: pick(&limit.reference), linear: pick(&linear), constant, most: limit.most }
        };
        let moved: f64 = (0..held.len()).filter(|i| !free.contains(i)).map(|i| (held[i] - w0[i]).abs()).sum();
        let spent = |(h, most): (usize, &f64)| if h == 0 { most - moved } else { *most };
        Self {
            rows: self.rows.iter().map(row).collect(),
            turnover: self.turnover.iter().enumerate().map(spent).collect(),
            trade_max: self.trade_max.as_deref().map(pick),
            tracking: self.tracking.iter().map(tracking).collect(),
        }
    }

    /// The largest amount by which a path breaks these limits; a tracking error counts as such, not its square.
    pub(super) fn broken(&self, path: &[f64], w0: &[f64], model: &RiskModel) -> f64 {
        let n = w0.len();
        let mut worst: f64 = 0.0;
        let mut before = w0;
        for (h, w) in path.chunks_exact(n).enumerate() {
            for row in &self.rows {
                let sum = dot(&row.loadings, w);
                worst = worst.max(row.lower - sum).max(sum - row.upper);
            }
            if let Some(most) = self.turnover.get(h) {
                worst = worst.max(w.iter().zip(before).map(|(w, b)| (w - b).abs()).sum::<f64>() - most);
            }
            if let Some(largest) = &self.trade_max {
                let over = (0..n).map(|i| (w[i] - before[i]).abs() - largest[i]);
                worst = over.fold(worst, f64::max);
            }
            if let Some(limit) = self.tracking.get(h) {
                let found = limit.variance(model, &limit.active(w)).max(0.0).sqrt();
                worst = worst.max(found - limit.most.sqrt());
            }
            before = w;
        }
        worst
    }

    /// By how much the squared tracking error of a period exceeds its limit, in units of that limit, and the gradient
    /// of that.
    pub(super) fn excess(&self, h: usize, w: &[f64], model: &RiskModel) -> Option<(f64, Vec<f64>)> {
        let limit = self.tracking.get(h)?;
        let active = limit.active(w);
        let sigma_a = model.product(&active);
        let variance = dot(&active, &sigma_a) + 2.0 * dot(&limit.linear, &active) + limit.constant;
        let gradient = sigma_a.iter().zip(&limit.linear).map(|(s, l)| 2.0 * (s + l) / limit.most).collect();
        Some((variance / limit.most - 1.0, gradient))
    }
}
