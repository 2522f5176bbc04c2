//! The result of the optimal method, in the shape of the wire contract.

use pipeline::{OptimalGoal, OptimalPlan};

use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::optimal::{OptimalGoalName, PlanOptimization};

/// What the answer says of the optimal method.
#[must_use]
pub fn entry(found: &OptimalPlan) -> PlanOptimization {
    let solution = found.outcome.solution();
    // Without a covariance the objective is a squared distance: no part of it, and no price of a limit, is money or risk.
    let priced = solution.filter(|_| found.covariance.is_some());
    PlanOptimization {
        goal: match found.goal {
            OptimalGoal::Policy => OptimalGoalName::Policy,
            OptimalGoal::MeanVariance { .. } => OptimalGoalName::MeanVariance,
        },
        status: (&found.outcome).into(),
        objective: priced.map(|s| s.objective),
        weights: solution.map(|s| s.weights.clone()),
        cash: solution.map(|s| s.cash),
        turnover: solution.map(|s| s.turnover),
        tracking_error: priced.and_then(|s| s.tracking_error),
        terms: priced.map(|s| s.terms),
        certificate: solution.map(|s| s.certificate.clone()),
        constraint_prices: priced.map(|s| s.constraint_prices.clone()).unwrap_or_default(),
        iterations: solution.map(|s| s.iterations),
        engine: solution.map(|s| s.engine),
        infeasibility: found.outcome.infeasibility().cloned(),
        problem: found.problem.clone(),
        model: found.model.clone(),
        estimator: found.covariance.as_ref().and_then(|found| CovarianceEstimatorName::of(&found.estimator)),
        shrinkage: found.covariance.as_ref().and_then(|found| found.shrinkage),
        observations: found.covariance.as_ref().map_or(0, |found| found.observations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::case::Case;
    use crate::planning::plan::make_plan;
    use risk::{CovarianceEstimator, Ewma, Oas};
    use serde_json::json;

    fn estimator(of: impl CovarianceEstimator + 'static) -> Option<CovarianceEstimatorName> {
        let returns = |phase: usize| -> Vec<f64> { (0..24).map(|t| [0.01, -0.02, 0.03][(t + phase) % 3]).collect() };
        let asset = |name: &str, current: f64, phase: usize| json!({"asset": name, "target_weight": 0.5, "current_weight": current, "historical_returns": returns(phase)});
        let assets = [asset("A", 0.7, 0), asset("B", 0.3, 1)];
        let body = json!({"portfolio_value": 1000, "method": "optimal", "assets": assets}).to_string();
        let mut case = Case::read(body.as_bytes()).unwrap();
        case.config = case.config.with_covariance(of);
        entry(make_plan(case).unwrap().plan.optimal.as_deref().unwrap()).estimator
    }

    #[test]
    fn the_estimator_is_the_one_that_ran() {
        assert_eq!(estimator(Oas), Some(CovarianceEstimatorName::Oas));
        let unnamed = Ewma { decay: 0.5, ..Ewma::default() };
        assert_eq!(estimator(unnamed), None, "the contract has no name for it");
    }
}
