//! Infeasible problems: which limits contradict each other, and the smallest relaxation that makes the problem
//! feasible.

#[cfg(feature = "conic")]
mod diagnose;
#[cfg(feature = "conic")]
mod elastic;
#[cfg(feature = "conic")]
mod out_of_reach;
#[cfg(feature = "conic")]
mod repair;

use serde::{Deserialize, Serialize};

use crate::limits::{DualValues, Limit};
use crate::problem::RebalanceProblem;

#[cfg(feature = "conic")]
pub(crate) use diagnose::diagnose;

/// Why the problem has no solution, with a proof and a repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Infeasibility {
    /// Limits that cannot hold together.
    pub conflict: Vec<Limit>,
    /// The same in words.
    #[cfg_attr(
        feature = "openapi",
        schema(
            example = "No portfolio satisfies the turnover cap, the upper bound of asset 1 together; the smallest repair moves the turnover cap from 5.0000 % to 8.1000 %."
        )
    )]
    pub sentence: String,
    /// Multipliers that prove it, checked without solving by `verify_infeasible`.
    pub proof: InfeasibilityProof,
    /// The smallest relaxation.
    pub repair: Repair,
}

/// A proof that the limits contradict each other.
///
/// With a zero objective the Lagrangian is at most zero at every portfolio that satisfies the limits. Under these
/// multipliers its minimum over the weights' own ranges is `shortfall > 0`: there is no such portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InfeasibilityProof {
    /// Multipliers of the limits that couple assets; all zero when the range of a single weight is empty.
    pub duals: DualValues,
    /// Where the tracking limit is linearised.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.6, 0.4])))]
    pub tangent: Vec<f64>,
    /// The proven shortfall; when the range of a single weight is empty, the width of the gap.
    #[cfg_attr(feature = "openapi", schema(example = 0.03))]
    pub shortfall: f64,
}

/// The smallest relaxation of the limits under which a portfolio exists.
///
/// Smallest is the least weighted sum of relaxations: turnover counts 0.5 per unit (it is two-way), cash, tracking
/// error and leverage 1, groups and exposures 2, bounds of a single asset 4. Borrowing (cash below zero) and short
/// sales of an asset held long-only count 100; restrictions are never relaxed. If that sum cannot be minimised because
/// some limits are far out of reach of any weights, those limits are first moved to the nearest attainable value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repair {
    /// Which limits are relaxed, and by how much.
    pub relaxations: Vec<LimitRelaxation>,
    /// The problem with those limits, ready to be solved.
    pub problem: RebalanceProblem,
}

/// One limit that is relaxed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitRelaxation {
    /// Which limit.
    pub limit: Limit,
    /// Its level before.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub from: f64,
    /// The level to which it must be moved at least.
    #[cfg_attr(feature = "openapi", schema(example = 0.081))]
    pub to: f64,
    /// `|to − from|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.031))]
    pub by: f64,
}
