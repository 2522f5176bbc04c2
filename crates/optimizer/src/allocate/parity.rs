use super::AllocationPortfolio;
use crate::hessian::Hessian;
use crate::vector::dot;
use crate::{OptimizerError, RiskModel};

/// The long-only portfolio whose assets contribute equally to volatility: `wᵢ(Σw)ᵢ = wᵀΣw/n`. Objective: annual
/// volatility.
///
/// With `x` the minimiser of `½xᵀΣx − Σ ln xᵢ`, the stationarity `xᵢ(Σx)ᵢ = 1` is equal contribution, and `w = x/Σx`.
/// That function is self-concordant, so Newton's method with the classical damped step converges from anywhere and
/// ends at rounding; bounds do not apply.
///
/// # Errors
/// [`OptimizerError::OutOfRange`] when an asset has no variance; [`OptimizerError::NotConverged`] when a combination of
/// positive weights has none, so that no portfolio balances.
///
/// # Reference
/// Spinu (2013), "An algorithm for computing risk parity weights", SSRN 2297383; Maillard, Roncalli and Teïletche
/// (2010), "The properties of equally weighted risk contribution portfolios", Journal of Portfolio Management 36(4).
pub fn risk_parity(model: &RiskModel) -> Result<AllocationPortfolio, OptimizerError> {
    const STEPS: usize = 200;
    let n = model.assets();
    let mut x = Vec::with_capacity(n);
    for index in 0..n {
        let value = model.diagonal(index);
        if value <= 0.0 {
            return Err(OptimizerError::OutOfRange { what: "variance", index, requirement: "above 0", value });
        }
        x.push(1.0 / (value * n as f64).sqrt());
    }
    let mut hessian = Hessian::default();
    let mut sigma_x = vec![0.0; n];
    let (mut decrement, mut quadratic_phase) = (f64::INFINITY, 0);
    for _ in 0..STEPS {
        model.multiply(&x, &mut sigma_x);
        let gradient: Vec<f64> = sigma_x.iter().zip(&x).map(|(s, x)| s - 1.0 / x).collect();
        let diagonal: Vec<f64> = x.iter().map(|x| 1.0 / (x * x)).collect();
        let mut step = gradient.clone();
        if !hessian.factorise(model, 1.0, &diagonal) {
            break;
        }
        hessian.solve(n, &mut step);
        decrement = dot(&gradient, &step).max(0.0).sqrt();
        let length = if decrement < 0.25 { 1.0 } else { 1.0 / (1.0 + decrement) };
        for (x, d) in x.iter_mut().zip(&step) {
            *x -= length * d;
        }
        // The decrement squares itself; two steps past 1e-8 there is nothing left but rounding.
        quadratic_phase += usize::from(decrement < 1e-8);
        if quadratic_phase == 2 {
            break;
        }
    }
    if decrement.is_nan() || decrement > 1e-8 || x.iter().any(|x| !(x.is_finite() && *x > 0.0)) {
        let gap = if decrement.is_finite() { decrement } else { f64::MAX };
        return Err(OptimizerError::NotConverged { iterations: STEPS, gap });
    }
    let total: f64 = x.iter().sum();
    let weights: Vec<f64> = x.iter().map(|x| x / total).collect();
    Ok(AllocationPortfolio { objective: model.variance(&weights).sqrt(), weights })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributions_are_equal_and_a_perfect_hedge_has_no_answer() {
        let model =
            RiskModel::dense(&[vec![0.09, 0.02, 0.0], vec![0.02, 0.04, -0.01], vec![0.0, -0.01, 0.01]]).unwrap();
        let p = risk_parity(&model).unwrap();
        let mut s = vec![0.0; 3];
        model.multiply(&p.weights, &mut s);
        let share: Vec<f64> = p.weights.iter().zip(&s).map(|(w, s)| w * s * 3.0 / p.objective.powi(2)).collect();
        assert!(share.iter().all(|s| (s - 1.0).abs() < 1e-14), "{share:?}");
        let hedge = RiskModel::dense(&[vec![0.04, -0.04], vec![-0.04, 0.04]]).unwrap();
        assert!(risk_parity(&hedge).is_err());
        assert!(risk_parity(&RiskModel::dense(&[vec![0.0]]).unwrap()).is_err());
    }
}
