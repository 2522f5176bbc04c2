//! Proof of optimality: a lower bound on the objective over every portfolio the limits allow.

use serde::{Deserialize, Serialize};

use crate::model::{axpy, dot};
use crate::problem::RebalanceProblem;
use crate::program::{DualValues, Program};

/// Weights this close to a limit or to the weight before the trade count as being there.
pub(crate) const AT: f64 = 1e-9;

/// Why a solution is optimal, in numbers anyone can recompute.
///
/// For multipliers `y` of the limits that couple assets, the Lagrangian, with its smooth part replaced by its tangent at
/// the solution, is below the objective at every portfolio that satisfies the limits, and separates into one function
/// per asset whose minimum over the asset's own range has a closed form. The sum of those minima is
/// `dual_objective`; no portfolio can do better, so the solution is within `duality_gap` of the best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptimalityCertificate {
    /// Proven distance to the best objective, at least 0 up to rounding; in units of the objective.
    #[cfg_attr(feature = "openapi", schema(example = 1e-11))]
    pub duality_gap: f64,
    /// A number that no portfolio within the limits can fall below.
    #[cfg_attr(feature = "openapi", schema(example = -0.0107))]
    pub dual_objective: f64,
    /// Largest distance of a weight's marginal objective to what its limits allow (KKT stationarity).
    #[cfg_attr(feature = "openapi", schema(example = 1e-12))]
    pub stationarity: f64,
    /// Largest violation of any limit, in the unit of the limit; 0 or below rounding when all hold.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub primal_violation: f64,
    /// Largest product of a multiplier and the slack of its limit.
    #[cfg_attr(feature = "openapi", schema(example = 1e-12))]
    pub complementarity: f64,
    /// `Σ w + cash − 1`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub cash_identity: f64,
    /// Room left under each limit, negative when it is violated.
    pub slacks: LimitSlacks,
    /// Multipliers of the limits that couple assets.
    pub duals: DualValues,
}

/// Room left under each limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitSlacks {
    /// `w − lower` per asset, with restrictions and trade sizes counted.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.6, 0.4])))]
    pub lower: Vec<f64>,
    /// `upper − w` per asset, with restrictions and trade sizes counted.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.4, 0.6])))]
    pub upper: Vec<f64>,
    /// `cash − cash_min`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub cash_min: f64,
    /// `cash_max − cash`.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub cash_max: f64,
    /// Per group.
    pub groups: Vec<NamedSlack>,
    /// Per exposure limit.
    pub exposures: Vec<NamedSlack>,
    /// `turnover_max − Σ|w − w0|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub turnover: Option<f64>,
    /// `leverage_max − Σ|w|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.5))]
    pub leverage: Option<f64>,
    /// `te_max − tracking error`.
    #[cfg_attr(feature = "openapi", schema(example = 0.01))]
    pub tracking_error: Option<f64>,
}

/// Room left between a named sum and its two limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedSlack {
    /// Name of the group or exposure.
    #[cfg_attr(feature = "openapi", schema(example = "equities"))]
    pub name: String,
    /// Value minus lower limit.
    #[cfg_attr(feature = "openapi", schema(example = 0.4))]
    pub lower: f64,
    /// Upper limit minus value.
    #[cfg_attr(feature = "openapi", schema(example = 0.1))]
    pub upper: f64,
}

/// One-sided slopes of the Lagrangian in each weight, and what they leave to gain.
pub(crate) struct Slopes {
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
    pub(crate) gap: f64,
    pub(crate) complementarity: f64,
    pub(crate) stationarity: f64,
    pub(crate) sigma_w: Vec<f64>,
}

/// Gradient of the smooth part of the Lagrangian at `w`; returns it with `Σw` and the squared tracking value.
pub(crate) fn smooth_gradient(p: &Program<'_>, w: &[f64], duals: &DualValues) -> (Vec<f64>, Vec<f64>, Option<f64>) {
    let n = p.n();
    let mut sigma_w = vec![0.0; n];
    p.model.multiply(w, &mut sigma_w);
    let mut g: Vec<f64> = sigma_w.iter().zip(&p.mu).map(|(s, m)| 2.0 * p.lambda * s - m).collect();
    for (r, row) in p.rows.iter().enumerate() {
        row.a.add_to(duals.row(r), &mut g);
    }
    let tracking = p.tracking.as_ref().map(|t| {
        let (mut active, mut half) = (vec![0.0; n], vec![0.0; n]);
        let value = t.evaluate(&p.model, w, &mut active, &mut half);
        axpy(2.0 * duals.tracking_variance, &half, &mut g);
        value
    });
    (g, sigma_w, tracking)
}

/// Everything optimality needs at `w` under `duals`.
pub(crate) fn slopes(p: &Program<'_>, w: &[f64], duals: &DualValues) -> Slopes {
    let n = p.n();
    let (g, sigma_w, tracking) = smooth_gradient(p, w, duals);
    let (mut left, mut right) = (g.clone(), g.clone());
    let mut gap = 0.0;
    let mut stationarity = 0.0_f64;
    let eta = duals.turnover;
    let rho = if p.leverage.is_some() { duals.leverage } else { 0.0 };
    for i in 0..n {
        let d = w[i] - p.w0[i];
        let slope = p.cost[i] + eta + 1.5 * p.impact[i] * d.abs().sqrt();
        if d > AT {
            left[i] += slope;
            right[i] += slope;
        } else if d < -AT {
            left[i] -= slope;
            right[i] -= slope;
        } else {
            left[i] -= p.cost[i] + eta;
            right[i] += p.cost[i] + eta;
        }
        if rho > 0.0 {
            left[i] += if w[i] > AT { rho } else { -rho };
            right[i] += if w[i] < -AT { -rho } else { rho };
        }
        if w[i] < p.upper[i] - AT {
            stationarity = stationarity.max(-right[i]);
        }
        if w[i] > p.lower[i] + AT {
            stationarity = stationarity.max(left[i]);
        }
        let here = single(g[i], p.cost[i] + eta, p.impact[i], rho, p.w0[i], w[i]);
        gap += here - single_minimum(g[i], p.cost[i] + eta, p.impact[i], rho, p.w0[i], p.lower[i], p.upper[i]);
    }
    let mut complementarity = 0.0_f64;
    let mut charge = |dual: f64, slack: f64| {
        gap += dual * slack;
        complementarity = complementarity.max((dual * slack).abs());
    };
    for (r, row) in p.rows.iter().enumerate() {
        let (y, v) = (duals.row(r), row.a.dot(w));
        if y >= 0.0 { charge(y, row.hi - v) } else { charge(-y, v - row.lo) }
    }
    if let Some(t) = p.turnover {
        charge(eta, t - w.iter().zip(&p.w0).map(|(w, o)| (w - o).abs()).sum::<f64>());
    }
    if let Some(l) = p.leverage {
        charge(rho, l - w.iter().map(|w| w.abs()).sum::<f64>());
    }
    if let (Some(t), Some(value)) = (&p.tracking, tracking) {
        charge(duals.tracking_variance, t.limit - value);
    }
    // A multiplier of the wrong sign proves nothing.
    for dual in [eta, rho, duals.tracking_variance] {
        if dual < 0.0 || (dual > 0.0 && dual == eta && p.turnover.is_none()) {
            gap = f64::MAX;
        }
    }
    Slopes { left, right, gap, complementarity, stationarity, sigma_w }
}

/// Lower bound on the objective over all portfolios within the limits, from multipliers and a point of tangency.
pub(crate) fn lagrangian_bound(p: &Program<'_>, w: &[f64], duals: &DualValues) -> f64 {
    let s = slopes(p, w, duals);
    p.terms(w, &s.sigma_w).total() - s.gap
}

/// `g·w + c|w − o| + k|w − o|^1.5 + ρ|w|`.
fn single(g: f64, c: f64, k: f64, rho: f64, o: f64, w: f64) -> f64 {
    let d = (w - o).abs();
    g * w + (c + k * d.sqrt()) * d + rho * w.abs()
}

/// Its minimum over `l ≤ w ≤ u`: at an end, at a kink, or where a smooth piece is flat.
fn single_minimum(g: f64, c: f64, k: f64, rho: f64, o: f64, l: f64, u: f64) -> f64 {
    let value = |w: f64| single(g, c, k, rho, o, w.clamp(l, u));
    let mut best = value(l).min(value(u));
    if (l..=u).contains(&o) {
        best = best.min(value(o));
    }
    if rho > 0.0 && (l..=u).contains(&0.0) {
        best = best.min(value(0.0));
    }
    if k > 0.0 {
        // Flat points of the four combinations of sides; a wrong side only costs an evaluation.
        for side in [-1.0, 1.0] {
            for gross in [-rho, rho] {
                let slope = side * (g + gross) + c;
                if slope < 0.0 {
                    let root = -slope / (1.5 * k);
                    best = best.min(value(o + side * root * root));
                }
            }
        }
    }
    best
}

/// Assembles the certificate of `w` under `duals`.
pub(crate) fn certify(problem: &RebalanceProblem, p: &Program<'_>, w: &[f64], duals: &DualValues) -> Certified {
    let s = slopes(p, w, duals);
    let terms = p.terms(w, &s.sigma_w);
    let invested: f64 = w.iter().sum();
    let cash = 1.0 - invested;
    let turnover: f64 = w.iter().zip(&p.w0).map(|(w, o)| (w - o).abs()).sum();
    let tracking_error = problem.benchmark.as_ref().map(|b| {
        let active: Vec<f64> = w.iter().zip(b).map(|(w, b)| w - b).collect();
        p.model.variance(&active).sqrt()
    });
    let named = |row: usize, name: &str, lower: f64, upper: f64| {
        let v = p.rows[row].a.dot(w);
        NamedSlack { name: name.to_owned(), lower: v - lower, upper: upper - v }
    };
    let groups = problem.groups.len();
    let (lower, upper) = problem.weight_box();
    let slacks = LimitSlacks {
        lower: w.iter().zip(&lower).map(|(w, l)| w - l).collect(),
        upper: w.iter().zip(&upper).map(|(w, u)| u - w).collect(),
        cash_min: cash - problem.cash_min,
        cash_max: problem.cash_max - cash,
        groups: (1..).zip(&problem.groups).map(|(r, g)| named(r, &g.name, g.lower, g.upper)).collect(),
        exposures: (1 + groups..).zip(&problem.exposures).map(|(r, e)| named(r, &e.name, e.lower, e.upper)).collect(),
        turnover: problem.turnover_max.map(|t| t - turnover),
        leverage: problem.leverage_max.map(|l| l - w.iter().map(|w| w.abs()).sum::<f64>()),
        tracking_error: problem.te_max.and_then(|t| tracking_error.map(|e| t - e)),
    };
    let certificate = OptimalityCertificate {
        duality_gap: s.gap,
        dual_objective: terms.total() - s.gap,
        stationarity: s.stationarity,
        primal_violation: p.violation(w),
        complementarity: s.complementarity,
        cash_identity: dot(&[1.0, 1.0], &[invested, cash]) - 1.0,
        slacks,
        duals: duals.clone(),
    };
    Certified {
        certificate,
        cash,
        turnover,
        tracking_error,
        left: s.left,
        right: s.right,
        objective: terms.total(),
        terms,
    }
}

/// A certificate with the figures that come with it.
pub(crate) struct Certified {
    pub(crate) certificate: OptimalityCertificate,
    pub(crate) cash: f64,
    pub(crate) turnover: f64,
    pub(crate) tracking_error: Option<f64>,
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
    pub(crate) objective: f64,
    pub(crate) terms: crate::program::ObjectiveTerms,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_of_one_weight_is_the_minimum_of_a_fine_grid() {
        for (g, c, k, rho, o, l, u) in [
            (-0.3, 0.1, 0.2, 0.0, 0.1, 0.0, 1.0),
            (0.3, 0.1, 0.2, 0.05, 0.1, -0.5, 1.0),
            (-0.05, 0.1, 0.0, 0.0, 0.4, 0.0, 1.0),
            (-0.3, 0.1, 5.0, 0.1, -0.2, -0.5, 0.5),
            (0.02, 0.0, 0.3, 0.2, 0.9, 0.0, 0.5),
        ] {
            let grid = (0..=200_000)
                .map(|i| single(g, c, k, rho, o, l + (u - l) * f64::from(i) / 200_000.0))
                .fold(f64::INFINITY, f64::min);
            let exact = single_minimum(g, c, k, rho, o, l, u);
            assert!(exact <= grid && grid - exact < 1e-9, "{grid} {exact}");
        }
    }
}
