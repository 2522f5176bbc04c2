//! Maximum ratios of reward to risk: the Sharpe and the diversification ratio.

use super::quadratic::optimum;
use super::riskless::riskless_reward;
use super::{AllocationPortfolio, WeightBounds, check_variances};
use crate::error::check_vector;
use crate::vector::dot;
use crate::{AsRiskModel, OptimizerError, RiskModel, RisklessCause};

/// Maximum number of quadratic programmes in one search.
const STEPS: usize = 80;
/// The root is found when the relative residual and the relative step of the risk aversion are within this.
const EXACT: f64 = 1e-15;
/// A bracket wider than this share of its upper end is also narrowed by the fixed point, which finds the right linear
/// piece.
const WIDE: f64 = 1e-3;

/// The portfolio with the highest Sharpe ratio `(μᵀw − rf)/√(wᵀΣw)`, annual.
///
/// The portfolio with the highest ratio `N/√V` also has the highest utility `N − λV` at `λ = N/(2V)`. At the optimum of
/// the utility, the residual `N − 2λV` falls with `λ` and is linear in it while the same bounds bind. A bracketed
/// secant therefore finds the root, to rounding, in a few quadratic programmes.
///
/// # Errors
/// As [`min_variance`](super::min_variance); [`OptimizerError::NoPositiveRatio`] when no portfolio earns more than the
/// risk-free rate; [`OptimizerError::UnboundedRatio`] when a portfolio without risk earns more than it.
///
/// # Reference
/// Sharpe (1966), "Mutual fund performance", Journal of Business 39(1), 119–138.
pub fn max_sharpe(
    mu: &[f64],
    model: &impl AsRiskModel,
    bounds: &WeightBounds,
    risk_free_rate: f64,
) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let excess: Vec<f64> = mu.iter().map(|m| m - risk_free_rate).collect();
    max_ratio("max_sharpe", RisklessCause::ExcessReturn, &excess, model, bounds)
}

/// The portfolio with the highest diversification ratio `(σᵀw)/√(wᵀΣw)`, where `σ` holds the volatilities of the
/// assets.
///
/// # Errors
/// As [`max_sharpe`].
///
/// # Reference
/// Choueifaty and Coignard (2008), "Toward maximum diversification", Journal of Portfolio Management 35(1), 40–51.
pub fn max_diversification(
    model: &impl AsRiskModel,
    bounds: &WeightBounds,
) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let volatilities: Vec<f64> = (0..model.assets()).map(|i| model.diagonal(i).sqrt()).collect();
    max_ratio("max_diversification", RisklessCause::AverageVolatility, &volatilities, model, bounds)
}

/// Maximises `aᵀw/√(wᵀΣw)` by a bracketed secant on the risk aversion (see [`max_sharpe`]).
fn max_ratio(
    method: &'static str,
    cause: RisklessCause,
    a: &[f64],
    model: &RiskModel,
    bounds: &WeightBounds,
) -> Result<AllocationPortfolio, OptimizerError> {
    check_variances(model)?;
    check_vector("mu", a, model.assets())?;
    bounds.check(method, model.assets())?;
    if riskless_reward(a, model, bounds)?.is_some() {
        return Err(OptimizerError::UnboundedRatio { method, cause });
    }
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
        if h.abs() <= EXACT * n.abs() || v <= 0.0 {
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
                if l - below.0 > WIDE * l && inside(fixed) { 0.5 * (secant + fixed) } else { secant }
            }
        };
        if (lambda - last).abs() <= EXACT * lambda {
            break;
        }
    }
    Ok(AllocationPortfolio { objective: ratio, weights: best })
}
