//! Minimum variance, maximum utility and the frontier: allocations that are quadratic programmes.

use super::{AllocationPortfolio, FrontierPoint, WeightBounds};
use crate::error::check_vector;
use crate::vector::dot;
use crate::{AsRiskModel, OptimizerError, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve};

/// The portfolio with the least annual volatility: minimises `wᵀΣw` over `Σw = 1` and the bounds. Objective: `√(wᵀΣw)`.
///
/// # Errors
/// Bounds that have the wrong length, are crossed or leave no portfolio ([`OptimizerError::Infeasible`]).
///
/// # Reference
/// Markowitz (1952), "Portfolio selection", Journal of Finance 7(1), 77–91.
pub fn min_variance(model: &impl AsRiskModel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let weights = optimum("min_variance", model, &vec![0.0; model.assets()], 1.0, bounds)?;
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

/// The portfolio with the highest utility `μᵀw − (δ/2)·wᵀΣw`, where `risk_aversion` is `δ ≥ 0`.
///
/// # Errors
/// As [`min_variance`], and a malformed `mu`.
pub fn max_utility(
    mu: &[f64],
    model: &impl AsRiskModel,
    bounds: &WeightBounds,
    risk_aversion: f64,
) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let weights = optimum("max_utility", model, mu, 0.5 * risk_aversion, bounds)?;
    let objective = dot(mu, &weights) - 0.5 * risk_aversion * model.variance(&weights);
    Ok(AllocationPortfolio { weights, objective })
}

/// The efficient frontier: `points` volatilities, evenly spaced above the least one and ending at that of the portfolio
/// with the highest return. At each volatility, the portfolio with the highest return at or below it.
///
/// # Errors
/// As [`max_utility`]; [`OptimizerError::OutOfRange`] for no points or more than 1,000.
pub fn efficient_frontier(
    mu: &[f64],
    model: &impl AsRiskModel,
    bounds: &WeightBounds,
    points: usize,
) -> Result<Vec<FrontierPoint>, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    const METHOD: &str = "frontier";
    if points == 0 || points > 1000 {
        let value = points as f64;
        return Err(OptimizerError::OutOfRange { what: "points", index: 0, requirement: "from 1 to 1000", value });
    }
    let least = min_variance(model, bounds)?.objective;
    let best = optimum(METHOD, model, mu, 0.0, bounds)?;
    let most = model.variance(&best).sqrt();
    let mut out = Vec::with_capacity(points);
    for k in 1..=points {
        let target_volatility = least + (most - least) * k as f64 / points as f64;
        let weights = if k == points || most <= least {
            best.clone()
        } else {
            let problem = RebalanceProblem {
                benchmark: Some(vec![0.0; mu.len()]),
                tracking_error_max: Some(target_volatility),
                ..problem(mu, 0.0, bounds)
            };
            weights(METHOD, &problem, model)?
        };
        out.push(FrontierPoint { target_volatility, expected_return: dot(mu, &weights), weights });
    }
    Ok(out)
}

fn problem(mu: &[f64], lambda: f64, bounds: &WeightBounds) -> RebalanceProblem {
    RebalanceProblem {
        lower: bounds.lower.clone(),
        upper: bounds.upper.clone(),
        ..RebalanceProblem::long_only(mu.to_vec(), lambda)
    }
}

fn weights(method: &'static str, problem: &RebalanceProblem, model: &RiskModel) -> Result<Vec<f64>, OptimizerError> {
    match solve(problem, model, &SolveOptions::default())? {
        RebalanceOutcome::Optimal(s) => Ok(s.weights),
        RebalanceOutcome::Infeasible(_) => Err(OptimizerError::Infeasible { method }),
    }
}

/// Minimises `λ·wᵀΣw − μᵀw` over the bounds and `Σw = 1`.
pub(super) fn optimum(
    method: &'static str,
    model: &RiskModel,
    mu: &[f64],
    lambda: f64,
    bounds: &WeightBounds,
) -> Result<Vec<f64>, OptimizerError> {
    check_vector("mu", mu, model.assets())?;
    bounds.check(method, model.assets())?;
    weights(method, &problem(mu, lambda, bounds), model)
}
