//! The optimal method's parameters: from the wire to the agents.

use pipeline::{OptimalGoal, OptimalMethod};

use crate::dto::absent;
use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::optimal::{OptimalGoalName, OptimizationRequest};

/// The estimator of the optimal method: it shrinks correlations towards their mean and leaves variances alone, which a book of
/// shares and bonds needs.
pub const ESTIMATOR: CovarianceEstimatorName = CovarianceEstimatorName::LedoitWolfConstantCorrelation;

fn goal(request: &OptimizationRequest) -> OptimalGoal {
    match request.goal.unwrap_or_default() {
        OptimalGoalName::Policy => OptimalGoal::Policy,
        OptimalGoalName::MeanVariance => {
            OptimalGoal::MeanVariance { risk_aversion: request.risk_aversion.unwrap_or(absent::PRICE_OF_VARIANCE) }
        }
    }
}

/// The request's parameters for a book of `n` assets, defaults filled in, and its budget for views.
#[must_use]
pub fn optimal_method(request: OptimizationRequest, n: usize, tilt_budget: Option<f64>) -> OptimalMethod {
    let (lower, upper) = request.bounds(n);
    OptimalMethod {
        goal: goal(&request),
        lower,
        upper,
        cash_min: request.cash_min,
        cash_max: request.cash_max,
        groups: request.groups.into_iter().flatten().map(Into::into).collect(),
        exposures: request.exposures.into_iter().flatten().map(Into::into).collect(),
        tracking_error_max: request.tracking_error_max,
        market_impact: request.market_impact,
        trade_max: request.trade_max,
        restrictions: request.restrictions.into_iter().flatten().map(Into::into).collect(),
        tilt_budget,
    }
}
