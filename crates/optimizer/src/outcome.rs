//! The outcome of a problem: optimal weights with their proof, or the limits that contradict each other.

use serde::{Deserialize, Serialize};

use crate::certificate::OptimalityCertificate;
use crate::infeasible::Infeasibility;
use crate::prices::ConstraintPrice;
use crate::terms::ObjectiveTerms;

/// The outcome of a problem. An infeasible problem has no weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RebalanceOutcome {
    /// The best weights, with the proof.
    Optimal(RebalanceSolution),
    /// No portfolio satisfies the limits: which of them contradict each other, and the smallest repair.
    Infeasible(Infeasibility),
}

impl RebalanceOutcome {
    /// True for [`RebalanceOutcome::Optimal`].
    pub fn is_optimal(&self) -> bool {
        matches!(self, Self::Optimal(_))
    }

    /// The solution, if there is one.
    pub fn solution(&self) -> Option<&RebalanceSolution> {
        match self {
            Self::Optimal(s) => Some(s),
            Self::Infeasible(_) => None,
        }
    }

    /// The reason why there is no solution, if there is none.
    pub fn infeasibility(&self) -> Option<&Infeasibility> {
        match self {
            Self::Optimal(_) => None,
            Self::Infeasible(why) => Some(why),
        }
    }
}

/// Optimal weights with their proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RebalanceSolution {
    /// Weights after the trade, in the order of `w0`.
    pub weights: Vec<f64>,
    /// `1 − Σ w`.
    pub cash: f64,
    /// The minimised objective, a fraction of the book per year (see [`Objective`](crate::Objective)).
    pub objective: f64,
    /// Two-way turnover `Σ|w − w0|`.
    pub turnover: f64,
    /// Annual tracking error against the benchmark; absent without one.
    pub tracking_error: Option<f64>,
    /// The parts of the objective.
    pub terms: ObjectiveTerms,
    /// The proof.
    pub certificate: OptimalityCertificate,
    /// What each binding limit costs.
    pub constraint_prices: Vec<ConstraintPrice>,
    /// Interior-point iterations, one factorisation of the order of the assets each.
    pub iterations: usize,
    /// Which engine found it.
    pub engine: Engine,
}

/// Which engine found a solution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Engine {
    /// The structured interior point of this crate.
    Structured,
    /// The conic solver it falls back on.
    Conic,
}
