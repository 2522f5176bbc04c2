//! What the optimal method found, in the shape of the wire contract.

use optimizer::{Infeasibility, RebalanceOutcome};
use pipeline::{OptimalGoal, OptimalPlan};

use crate::dto::optimal::{OptimalGoalName, PlanOptimization};
use crate::dto::optimizer::OptimizationStatus;
use crate::planning::optimal::ESTIMATOR;

/// What the answer says of the optimal method.
#[must_use]
pub fn entry(found: &OptimalPlan) -> PlanOptimization {
    let solution = found.outcome.solution();
    let infeasibility: Option<Infeasibility> = match &found.outcome {
        RebalanceOutcome::Infeasible(why) => Some(why.clone()),
        RebalanceOutcome::Optimal(_) => None,
    };
    PlanOptimization {
        goal: match found.goal {
            OptimalGoal::Policy => OptimalGoalName::Policy,
            OptimalGoal::MeanVariance { .. } => OptimalGoalName::MeanVariance,
        },
        status: if solution.is_some() { OptimizationStatus::Optimal } else { OptimizationStatus::Infeasible },
        objective: solution.map(|s| s.objective),
        weights: solution.map(|s| s.weights.clone()),
        cash: solution.map(|s| s.cash),
        turnover: solution.map(|s| s.turnover),
        tracking_error: solution.and_then(|s| s.tracking_error),
        terms: solution.map(|s| s.terms),
        certificate: solution.map(|s| s.certificate.clone()),
        constraint_prices: solution.map(|s| s.constraint_prices.clone()).unwrap_or_default(),
        iterations: solution.map(|s| s.iterations),
        engine: solution.map(|s| s.engine),
        infeasibility,
        problem: found.problem.clone(),
        model: found.model.clone(),
        estimator: ESTIMATOR,
        shrinkage: found.covariance.shrinkage,
        observations: found.covariance.observations,
    }
}
