use super::{AllocationPortfolio, FrontierPoint, WeightBounds};
use crate::error::check_vector;
use crate::vector::dot;
use crate::{OptimizerError, RebalanceOutcome, RebalanceProblem, RiskModel, SolveOptions, solve};

/// The portfolio of least annual volatility: minimises `wᵀΣw` over `Σw = 1` and the bounds. Objective: `√(wᵀΣw)`.
///
/// # Errors
/// Bounds of another length, crossed, or that leave no portfolio ([`OptimizerError::Infeasible`]).
///
/// # Reference
/// Markowitz (1952), "Portfolio selection", Journal of Finance 7(1), 77–91.
pub fn min_variance(model: &RiskModel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let weights = optimum("min_variance", model, &vec![0.0; model.assets()], 1.0, bounds)?;
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

/// The portfolio of best utility `μᵀw − (δ/2)·wᵀΣw`, `risk_aversion` being `δ ≥ 0`.
///
/// # Errors
/// As [`min_variance`], and a malformed `mu`.
pub fn max_utility(
    mu: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
    risk_aversion: f64,
) -> Result<AllocationPortfolio, OptimizerError> {
    let weights = optimum("max_utility", model, mu, 0.5 * risk_aversion, bounds)?;
    let objective = dot(mu, &weights) - 0.5 * risk_aversion * model.variance(&weights);
    Ok(AllocationPortfolio { weights, objective })
}

/// The portfolio of best Sharpe ratio `(μᵀw − rf)/√(wᵀΣw)`, annual.
///
/// The best ratio `N/√V` is also the best utility `N − λV` at `λ = N/(2V)`. The residual `N − 2λV` of the utility's
/// optimum falls with `λ` and is linear in it while the same bounds bind, so a bracketed secant finds the root to
/// rounding in a few quadratic programmes.
///
/// # Errors
/// As [`min_variance`]; [`OptimizerError::NoPositiveRatio`] when no portfolio earns more than the risk-free rate.
///
/// # Reference
/// Sharpe (1966), "Mutual fund performance", Journal of Business 39(1), 119–138.
pub fn max_sharpe(
    mu: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
    risk_free_rate: f64,
) -> Result<AllocationPortfolio, OptimizerError> {
    let excess: Vec<f64> = mu.iter().map(|m| m - risk_free_rate).collect();
    max_ratio("max_sharpe", &excess, model, bounds)
}

/// The portfolio of best diversification ratio `(σᵀw)/√(wᵀΣw)`, `σ` being the volatilities of the assets.
///
/// # Errors
/// As [`max_sharpe`].
///
/// # Reference
/// Choueifaty and Coignard (2008), "Toward maximum diversification", Journal of Portfolio Management 35(1), 40–51.
pub fn max_diversification(model: &RiskModel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let volatilities: Vec<f64> = (0..model.assets()).map(|i| model.diagonal(i).sqrt()).collect();
    max_ratio("max_diversification", &volatilities, model, bounds)
}

/// The efficient frontier: at `points` volatilities evenly spaced above the least one, up to that of the portfolio of
/// best return, the portfolio of best return at or under each.
///
/// # Errors
/// As [`max_utility`]; [`OptimizerError::OutOfRange`] for no points or more than 1,000.
pub fn efficient_frontier(
    mu: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
    points: usize,
) -> Result<Vec<FrontierPoint>, OptimizerError> {
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
                te_max: Some(target_volatility),
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
fn optimum(
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

/// Maximises `aᵀw/√(wᵀΣw)`.
fn max_ratio(
    method: &'static str,
    a: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
) -> Result<AllocationPortfolio, OptimizerError> {
    const STEPS: usize = 80;
    let at = |lambda: f64| -> Result<(Vec<f64>, f64, f64), OptimizerError> {
        let w = optimum(method, model, a, lambda, bounds)?;
        let (n, v) = (dot(a, &w), model.variance(&w));
        Ok((w, n, v))
    };
    let (mut w, mut n, mut v) = at(0.0)?;
    if n <= 0.0 {
        return Err(OptimizerError::NoPositiveRatio { method });
    }
    // (λ, N − 2λV) below and above the root.
    let mut below = (0.0, n);
    let mut above: Option<(f64, f64)> = None;
    let mut lambda = if v > 0.0 { n / (2.0 * v) } else { 1.0 };
    let (mut best, mut ratio) = (w.clone(), n / v.max(f64::MIN_POSITIVE).sqrt());
    for _ in 0..STEPS {
        (w, n, v) = at(lambda)?;
        let h = n - 2.0 * lambda * v;
        let r = n / v.max(f64::MIN_POSITIVE).sqrt();
        if r > ratio {
            (best, ratio) = (w, r);
        }
        if h.abs() <= 1e-15 * n.abs() || v <= 0.0 {
            break;
        }
        let last = lambda;
        if h > 0.0 {
            below = (lambda, h);
        } else {
            above = Some((lambda, h));
        }
        lambda = match above {
            // The fixed point steps up until the root is bracketed.
            None => (n / (2.0 * v)).max(1.5 * lambda),
            Some((l, h)) => {
                let secant = below.0 + (l - below.0) * below.1 / (below.1 - h);
                let fixed = n / (2.0 * v);
                let inside = |x: f64| x > below.0 && x < l;
                // Alternate with the fixed point while the bracket is wide: it lands in the right piece.
                if l - below.0 > 1e-3 * l && inside(fixed) { 0.5 * (secant + fixed) } else { secant }
            }
        };
        if (lambda - last).abs() <= 1e-15 * lambda {
            break;
        }
    }
    Ok(AllocationPortfolio { objective: ratio, weights: best })
}
