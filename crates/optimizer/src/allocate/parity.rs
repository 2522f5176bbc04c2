//! Risk parity: every asset contributes equally to volatility.

use portfolio_core::interrupt::checkpoint;

use super::{AllocationPortfolio, WeightBounds, check_risky};
use crate::hessian::Hessian;
use crate::tolerance::AT;
use crate::vector::dot;
use crate::{AsRiskModel, OptimizerError};

/// The method's name on the wire.
const METHOD: &str = "risk_parity";
/// Maximum number of Newton steps.
const STEPS: usize = 200;
/// Newton decrement below which a full step is safe, by the theory of self-concordant functions.
const QUADRATIC: f64 = 0.25;
/// Newton's method converges quadratically: two steps after this decrement only rounding is left.
const CONVERGED: f64 = 1e-8;

/// The long-only portfolio whose assets contribute equally to volatility: `wᵢ(Σw)ᵢ = wᵀΣw/n`. Objective: annual
/// volatility.
///
/// Let `x` minimise `½xᵀΣx − Σ ln xᵢ`. Its stationarity condition `xᵢ(Σx)ᵢ = 1` states equal contributions, and `w =
/// x/Σx`. The function is self-concordant, so Newton's method with the classical damped step converges from any start,
/// down to rounding. The portfolio is unique: bounds do not change it, and a portfolio outside the bounds is an error.
///
/// # Errors
/// [`OptimizerError::OutOfRange`] when an asset has no variance; [`OptimizerError::RisklessMix`] when a combination of
/// positive weights has no variance, so that no portfolio has equal contributions; [`OptimizerError::BoundBroken`] when
/// the portfolio is outside the bounds. An error for bounds that have the wrong length, are crossed or leave no
/// portfolio.
///
/// # Reference
/// Spinu (2013), "An algorithm for computing risk parity weights", SSRN 2297383; Maillard, Roncalli and Teïletche
/// (2010), "The properties of equally weighted risk contribution portfolios", Journal of Portfolio Management 36(4).
///
/// # Example
/// ```
/// use optimizer::{RiskModel, WeightBounds, risk_parity};
///
/// // Uncorrelated assets: weights inverse to the volatilities 0.2 and 0.1.
/// let model = RiskModel::dense(&[[0.04, 0.0], [0.0, 0.01]])?;
/// let p = risk_parity(&model, &WeightBounds::long_only(2))?;
/// assert!((p.weights[0] - 1.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn risk_parity(model: &impl AsRiskModel, bounds: &WeightBounds) -> Result<AllocationPortfolio, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let n = model.assets();
    bounds.check(METHOD, n)?;
    check_risky(model)?;
    let mut x: Vec<f64> = (0..n).map(|i| 1.0 / (model.diagonal(i) * n as f64).sqrt()).collect();
    let mut hessian = Hessian::default();
    let mut sigma_x = vec![0.0; n];
    let (mut decrement, mut quadratic_phase) = (f64::INFINITY, 0);
    for _ in 0..STEPS {
        checkpoint();
        model.multiply(&x, &mut sigma_x);
        let gradient: Vec<f64> = sigma_x.iter().zip(&x).map(|(s, x)| s - 1.0 / x).collect();
        let diagonal: Vec<f64> = x.iter().map(|x| 1.0 / (x * x)).collect();
        let mut step = gradient.clone();
        if !hessian.factorise(model, 1.0, &diagonal) {
            break;
        }
        hessian.solve(n, &mut step);
        decrement = dot(&gradient, &step).max(0.0).sqrt();
        let length = if decrement < QUADRATIC { 1.0 } else { 1.0 / (1.0 + decrement) };
        for (x, d) in x.iter_mut().zip(&step) {
            *x -= length * d;
        }
        quadratic_phase += usize::from(decrement < CONVERGED);
        if quadratic_phase == 2 {
            break;
        }
    }
    if decrement.is_nan() || decrement > CONVERGED || x.iter().any(|x| !(x.is_finite() && *x > 0.0)) {
        return Err(OptimizerError::RisklessMix { method: METHOD });
    }
    let total: f64 = x.iter().sum();
    let weights: Vec<f64> = x.iter().map(|x| x / total).collect();
    for (asset, &weight) in weights.iter().enumerate() {
        let (lower, upper) = (bounds.lower[asset], bounds.upper[asset]);
        if !(lower - AT..=upper + AT).contains(&weight) {
            return Err(OptimizerError::BoundBroken { method: METHOD, asset, weight, lower, upper });
        }
    }
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RiskModel;

    #[test]
    fn contributions_are_equal_and_a_perfect_hedge_has_no_answer() {
        let model =
            RiskModel::dense(&[vec![0.09, 0.02, 0.0], vec![0.02, 0.04, -0.01], vec![0.0, -0.01, 0.01]]).unwrap();
        let p = risk_parity(&model, &WeightBounds::long_only(3)).unwrap();
        let mut s = vec![0.0; 3];
        model.multiply(&p.weights, &mut s);
        let share: Vec<f64> = p.weights.iter().zip(&s).map(|(w, s)| w * s * 3.0 / p.objective.powi(2)).collect();
        assert!(share.iter().all(|s| (s - 1.0).abs() < 1e-14), "{share:?}");
        let hedge = RiskModel::dense(&[vec![0.04, -0.04], vec![-0.04, 0.04]]).unwrap();
        assert_eq!(
            risk_parity(&hedge, &WeightBounds::long_only(2)),
            Err(OptimizerError::RisklessMix { method: METHOD })
        );
        assert!(risk_parity(&RiskModel::dense(&[[0.0]]).unwrap(), &WeightBounds::long_only(1)).is_err());
    }
}
