//! The result of the optimal method, in the shape of the wire contract.

use pipeline::{IntendedPath, NoPath, OptimalGoal, OptimalPlan, PathStep};

use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::optimal::{OptimalGoalName, PlanOptimization};
use crate::dto::plan_path::{NoPathReason, PlanPath, PlannedStep};

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
        path: found.path.as_deref().map(path_entry),
    }
}

/// What the answer says of the path of several periods.
fn path_entry(path: &IntendedPath) -> PlanPath {
    let steps: Vec<PlannedStep> = path
        .steps()
        .into_iter()
        .zip(1..)
        .map(|(PathStep { weights, trades, cash, value, turnover, cost }, period)| PlannedStep {
            period,
            weights,
            trades,
            cash,
            value,
            turnover,
            cost,
        })
        .collect();
    let solution = path.solution.as_ref().ok();
    let total = |of: fn(&PlannedStep) -> f64| solution.map(|_| steps.iter().map(of).sum());
    PlanPath {
        turnover: total(|step| step.turnover),
        cost: total(|step| step.cost),
        objective: solution.map(|found| found.objective),
        lower_bound: solution.map(|found| found.lower_bound),
        iterations: solution.map(|found| found.iterations),
        reason: path.solution.as_ref().err().map(|reason| match reason {
            NoPath::Unmeasured => NoPathReason::NoHistory,
            NoPath::Conflict | NoPath::LaterConflict(_) => NoPathReason::LimitsConflict,
        }),
        conflict_period: match &path.solution {
            Err(NoPath::LaterConflict(conflict)) => Some(conflict.period + 1),
            Err(NoPath::Conflict) => Some(1),
            _ => None,
        },
        steps,
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
