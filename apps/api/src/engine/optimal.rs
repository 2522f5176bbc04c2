//! The optimal method of a plan on the wire: its parameters as the agents take them, what it found, what it refuses.

use optimizer::{Infeasibility, RebalanceOutcome};
use pipeline::{OptimalMethod, OptimalPlan, PipelineError, Veto};

use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::optimal::{OptimizationRequest, PlanOptimization};
use crate::dto::optimizer::OptimizationStatus;
use crate::fault::Faults;
use crate::http::problem::ProblemKind;

/// The name of the estimator that the optimal method uses.
const ESTIMATOR: CovarianceEstimatorName = CovarianceEstimatorName::LedoitWolfConstantCorrelation;

/// The request's parameters for a book of `n` assets, defaults filled in.
#[must_use]
pub fn optimal_method(request: OptimizationRequest, n: usize) -> OptimalMethod {
    let (lower, upper) = request.bounds(n);
    let defaults = OptimalMethod::long_only(n);
    OptimalMethod {
        risk_aversion: request.risk_aversion.unwrap_or(defaults.risk_aversion),
        lower,
        upper,
        cash_min: request.cash_min,
        cash_max: request.cash_max,
        groups: request.groups.into_iter().flatten().map(Into::into).collect(),
        exposures: request.exposures.into_iter().flatten().map(Into::into).collect(),
        tracking_error_max: request.tracking_error_max,
        market_impact: request.market_impact,
        max_trade: request.max_trade,
        restrictions: request.restrictions.into_iter().flatten().map(Into::into).collect(),
    }
}

/// What the client is told of a run that ended early: a fault of its numbers, or one of ours, which goes to the log.
#[must_use]
pub fn refusal(veto: &Veto) -> ProblemKind {
    let pointer = match &veto.cause {
        PipelineError::NoHistory { .. } | PipelineError::ShortHistory { .. } | PipelineError::Covariance(_) => {
            "/method"
        }
        PipelineError::Solve(_) => "/optimization",
        // Whoever watched the run ended it: nobody reads this.
        PipelineError::Stopped => return ProblemKind::Internal,
        _ => {
            tracing::error!(cause = %veto, "an invariant is broken");
            return ProblemKind::Internal;
        }
    };
    let source = std::error::Error::source(&veto.cause).map_or(String::new(), |cause| format!(": {cause}"));
    let mut faults = Faults::default();
    faults.add(pointer, "value", format!("{}{source}", veto.cause));
    ProblemKind::InvalidRequest(faults.into_vec())
}

/// What the answer says of the optimal method.
#[must_use]
pub fn entry(found: &OptimalPlan) -> PlanOptimization {
    let solution = found.outcome.solution();
    let infeasibility: Option<Infeasibility> = match &found.outcome {
        RebalanceOutcome::Infeasible(why) => Some(why.clone()),
        RebalanceOutcome::Optimal(_) => None,
    };
    PlanOptimization {
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
