//! The optimal method's parameters: from the wire to the agents.

use pipeline::{OptimalGoal, OptimalMethod, PathMethod};

use crate::dto::absent;
use crate::dto::covariance::CovarianceEstimatorName;
use crate::dto::optimal::{OptimalGoalName, OptimizationRequest};
use crate::dto::plan_path::PlanPathRequest;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;

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
        path: None,
    }
}

/// The periods of a plan with their defaults, for a book worth `nav` in major units.
///
/// # Errors
/// A fault where a cash flow leaves nothing of the book.
pub fn path_method(request: Option<&PlanPathRequest>, nav: f64) -> Result<PathMethod, Vec<Fault>> {
    let asked = request.cloned().unwrap_or_default();
    let cash_flows: Vec<f64> = asked.cash_flows.iter().flatten().map(|amount| amount / nav).collect();
    let mut value = 1.0;
    for (i, flow) in cash_flows.iter().enumerate() {
        value += flow;
        if !(value > 0.0 && value.is_finite()) {
            let mut faults = Faults::default();
            let detail = "must leave something of the portfolio";
            faults.add(format!("/optimization/path/cash_flows/{i}"), FaultCode::Value, detail);
            return Err(faults.into_vec());
        }
    }
    Ok(PathMethod { periods: asked.periods(), forecast_half_life: asked.forecast_half_life, cash_flows })
}
