//! Proof of optimality: a lower bound on the objective over every portfolio the limits allow.

use serde::{Deserialize, Serialize};

use crate::lagrangian::slopes;
use crate::limits::{DualValues, LimitSlacks};
use crate::multipliers::Multipliers;
use crate::problem::RebalanceProblem;
use crate::program::{Program, gross_exposure};
use crate::terms::ObjectiveTerms;
use crate::vector::dot;

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
    /// A lower bound on the objective of every portfolio within the limits.
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

/// A certificate with the multipliers, slopes and amounts that a solution reports with it.
pub(crate) struct Certified {
    pub(crate) certificate: OptimalityCertificate,
    pub(crate) multipliers: Multipliers,
    pub(crate) cash: f64,
    pub(crate) turnover: f64,
    pub(crate) tracking_error: Option<f64>,
    /// One-sided slopes of the Lagrangian in each weight.
    pub(crate) left: Vec<f64>,
    pub(crate) right: Vec<f64>,
    pub(crate) objective: f64,
    pub(crate) terms: ObjectiveTerms,
}

/// Assembles the certificate of `w` under `multipliers`.
pub(crate) fn certify(problem: &RebalanceProblem, p: &Program<'_>, w: &[f64], multipliers: &Multipliers) -> Certified {
    let s = slopes(p, w, multipliers);
    let terms = p.terms(w, &s.sigma_w);
    let invested: f64 = w.iter().sum();
    let cash = 1.0 - invested;
    let turnover = p.turnover_of(w);
    let tracking_error = problem.benchmark.as_ref().map(|b| {
        let active: Vec<f64> = w.iter().zip(b).map(|(w, b)| w - b).collect();
        p.model.variance(&active).sqrt()
    });
    let certificate = OptimalityCertificate {
        duality_gap: s.gap,
        dual_objective: terms.total() - s.gap,
        stationarity: s.stationarity,
        primal_violation: p.violation(w),
        complementarity: s.complementarity,
        cash_identity: dot(&[1.0, 1.0], &[invested, cash]) - 1.0,
        slacks: slacks(problem, p, w, cash, turnover, tracking_error),
        duals: DualValues::of(problem, multipliers),
    };
    Certified {
        certificate,
        multipliers: multipliers.clone(),
        cash,
        turnover,
        tracking_error,
        left: s.left,
        right: s.right,
        objective: terms.total(),
        terms,
    }
}

/// The room left under each limit as the problem states it.
fn slacks(
    problem: &RebalanceProblem,
    p: &Program<'_>,
    w: &[f64],
    cash: f64,
    turnover: f64,
    tracking_error: Option<f64>,
) -> LimitSlacks {
    let (lower, upper) = problem.weight_box();
    let mut out = LimitSlacks {
        lower: w.iter().zip(&lower).map(|(w, l)| w - l).collect(),
        upper: w.iter().zip(&upper).map(|(w, u)| u - w).collect(),
        turnover: problem.turnover_limit.map(|t| t - turnover),
        leverage: problem.leverage_max.map(|l| l - gross_exposure(w)),
        tracking_error: problem.tracking_error_max.and_then(|t| tracking_error.map(|e| t - e)),
        ..LimitSlacks::default()
    };
    for (limit, row) in problem.linear_limits().iter().zip(&p.rows) {
        limit.file_slack(row.a.dot(w), cash, &mut out);
    }
    out
}
