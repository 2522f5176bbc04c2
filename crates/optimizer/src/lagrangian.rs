//! The Lagrangian at a point: its slopes in each weight, and the lower bound on the objective that the multipliers
//! prove.

use crate::cost::OneWeight;
use crate::multipliers::Multipliers;
use crate::program::{Program, gross_exposure};
use crate::tolerance::AT;
use crate::vector::axpy;

/// One-sided slopes of the Lagrangian in each weight, and the duality gap they imply.
pub(crate) struct Slopes {
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
    pub(crate) gap: f64,
    pub(crate) complementarity: f64,
    pub(crate) stationarity: f64,
    pub(crate) sigma_w: Vec<f64>,
}

/// Gradient of the smooth part of the Lagrangian at `w`; returns it with `Σw` and the squared tracking value.
pub(crate) fn smooth_gradient(p: &Program<'_>, w: &[f64], m: &Multipliers) -> (Vec<f64>, Vec<f64>, Option<f64>) {
    let n = p.n();
    let mut sigma_w = vec![0.0; n];
    p.model.multiply(w, &mut sigma_w);
    let mut g: Vec<f64> = sigma_w.iter().zip(&p.mu).map(|(s, m)| 2.0 * p.lambda * s - m).collect();
    for (r, row) in p.rows.iter().enumerate() {
        row.a.add_to(m.rows[r], &mut g);
    }
    let tracking = p.tracking.as_ref().map(|t| {
        let (mut active, mut half) = (vec![0.0; n], vec![0.0; n]);
        let value = t.evaluate(&p.model, w, &mut active, &mut half);
        axpy(2.0 * m.tracking, &half, &mut g);
        value
    });
    (g, sigma_w, tracking)
}

/// The slopes, gap and residuals of the optimality conditions at `w` under the multipliers `m`.
pub(crate) fn slopes(p: &Program<'_>, w: &[f64], m: &Multipliers) -> Slopes {
    let n = p.n();
    let (g, sigma_w, tracking) = smooth_gradient(p, w, m);
    let (mut left, mut right) = (g.clone(), g.clone());
    let mut gap = 0.0;
    let mut stationarity = 0.0_f64;
    let eta = m.turnover;
    let rho = if p.leverage.is_some() { m.leverage } else { 0.0 };
    for i in 0..n {
        let d = w[i] - p.w0[i];
        // A turnover cap with multiplier η raises the cost of every trade by η per unit.
        let cost = p.cost[i].plus(eta);
        let slope = cost.slope(d.abs());
        if d > AT {
            left[i] += slope;
            right[i] += slope;
        } else if d < -AT {
            left[i] -= slope;
            right[i] -= slope;
        } else {
            left[i] -= cost.linear;
            right[i] += cost.linear;
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
        let weight = OneWeight { gradient: g[i], cost, start: p.w0[i], gross: rho };
        gap += weight.value(w[i]) - weight.minimum(p.lower[i], p.upper[i]);
    }
    let mut complementarity = 0.0_f64;
    let mut charge = |dual: f64, slack: f64| {
        gap += dual * slack;
        complementarity = complementarity.max((dual * slack).abs());
    };
    for (r, row) in p.rows.iter().enumerate() {
        let (y, v) = (m.rows[r], row.a.dot(w));
        if y >= 0.0 { charge(y, row.hi - v) } else { charge(-y, v - row.lo) }
    }
    if let Some(t) = p.turnover {
        charge(eta, t - p.turnover_of(w));
    }
    if let Some(l) = p.leverage {
        charge(rho, l - gross_exposure(w));
    }
    if let (Some(t), Some(value)) = (&p.tracking, tracking) {
        charge(m.tracking, t.limit - value);
    }
    // A multiplier of the wrong sign proves nothing, and neither does the multiplier of a cap that does not exist.
    if eta < 0.0 || rho < 0.0 || m.tracking < 0.0 || (eta > 0.0 && p.turnover.is_none()) {
        gap = f64::MAX;
    }
    Slopes { left, right, gap, complementarity, stationarity, sigma_w }
}

/// Lower bound on the objective over all portfolios within the limits, from multipliers and a tangent point.
pub(crate) fn lagrangian_bound(p: &Program<'_>, w: &[f64], m: &Multipliers) -> f64 {
    let s = slopes(p, w, m);
    p.terms(w, &s.sigma_w).total() - s.gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RebalanceProblem, RiskModel};

    #[test]
    fn the_bound_is_the_optimum_at_the_right_multiplier_and_below_it_elsewhere() {
        // Least variance of two assets with variances 0.04 and 0.01: (0.2, 0.8), value 0.008, budget multiplier −0.016.
        let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]]).unwrap();
        let problem = RebalanceProblem::long_only(vec![0.0; 2], 1.0);
        let p = Program::new(&problem, &model);
        let m = |y: f64| Multipliers { rows: vec![y], ..Multipliers::default() };
        assert!((lagrangian_bound(&p, &[0.2, 0.8], &m(-0.016)) - 0.008).abs() < 1e-17);
        assert!(lagrangian_bound(&p, &[0.2, 0.8], &m(-0.02)) < 0.008);
        assert!(lagrangian_bound(&p, &[0.5, 0.5], &m(-0.016)) < 0.008);
        let s = slopes(&p, &[0.2, 0.8], &m(-0.016));
        assert!(s.stationarity < 1e-16 && s.gap.abs() < 1e-16);
    }

    #[test]
    fn a_multiplier_of_the_wrong_sign_proves_nothing() {
        let model = RiskModel::dense(&[[0.04]]).unwrap();
        let problem = RebalanceProblem::long_only(vec![0.0], 1.0);
        let p = Program::new(&problem, &model).without_objective();
        let m = Multipliers { turnover: -1.0, ..Multipliers::zero(1) };
        assert_eq!(slopes(&p, &[1.0], &m).gap, f64::MAX);
    }
}
