//! Expected returns from views: the Black–Litterman posterior.

use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::cholesky::{cholesky_in_place, cholesky_solve};
use crate::error::check_vector;
use crate::model::AsRiskModel;
use crate::vector::dot;

/// Views on combinations of assets: `P·returns = Q`, with uncertainty `Ω`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvestorViews {
    /// `P`: one row of asset weights per view.
    pub portfolios: Vec<Vec<f64>>,
    /// `Q`: expected annual return of each view's portfolio.
    pub returns: Vec<f64>,
    /// `Ω`: covariance of the views' errors, one row per view.
    pub uncertainty: Vec<Vec<f64>>,
}

/// Expected returns and covariance after the views.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlackLittermanPosterior {
    /// Posterior expected annual returns.
    pub mean: Vec<f64>,
    /// `Σ + M`: annual covariance of returns with the uncertainty `M` of the mean counted, as rows.
    pub covariance: Vec<Vec<f64>>,
}

impl BlackLittermanPosterior {
    /// The unconstrained optimal weights `(δ(Σ + M))⁻¹·mean`.
    ///
    /// # Errors
    /// [`OptimizerError::NotPositive`] when the covariance is singular.
    pub fn weights(&self, risk_aversion: f64) -> Result<Vec<f64>, OptimizerError> {
        let n = self.mean.len();
        let mut l: Vec<f64> = self.covariance.iter().flatten().map(|v| risk_aversion * v).collect();
        if !cholesky_in_place(&mut l, n) {
            return Err(OptimizerError::NotPositive { what: "posterior covariance" });
        }
        let mut w = self.mean.clone();
        cholesky_solve(&l, n, &mut w);
        Ok(w)
    }
}

/// The returns at which holding `weights` is optimal: `π = δΣw`.
///
/// # Errors
/// Weights that have the wrong length or are not finite.
pub fn equilibrium_returns(
    model: &impl AsRiskModel,
    weights: &[f64],
    risk_aversion: f64,
) -> Result<Vec<f64>, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    check_vector("weights", weights, model.assets())?;
    let mut pi = vec![0.0; weights.len()];
    model.multiply(weights, &mut pi);
    pi.iter_mut().for_each(|p| *p *= risk_aversion);
    Ok(pi)
}

/// The Black–Litterman posterior of prior returns `π` with covariance `τΣ`, under `views`:
///
/// ```text
/// mean = π + τΣPᵀ (P τΣ Pᵀ + Ω)⁻¹ (Q − Pπ)
/// M    = τΣ − τΣPᵀ (P τΣ Pᵀ + Ω)⁻¹ P τΣ
/// ```
///
/// This form inverts only a matrix with one row per view, so certain views (`Ω = 0`) and a singular `Σ` are allowed.
///
/// # Errors
/// Wrong lengths; a `tau` that is not above 0; [`OptimizerError::NotPositive`] when `P τΣ Pᵀ + Ω` is singular (two
/// certain views on the same portfolio).
///
/// # Reference
/// Black and Litterman (1992), "Global portfolio optimization", Financial Analysts Journal 48(5), 28–43; He and
/// Litterman (1999), "The intuition behind Black–Litterman model portfolios", Goldman Sachs.
///
/// # Example
/// ```
/// use optimizer::{InvestorViews, RiskModel, black_litterman};
///
/// let model = RiskModel::dense(&[[0.04]])?;
/// let views = InvestorViews { portfolios: vec![vec![1.0]], returns: vec![0.10], uncertainty: vec![vec![0.002]] };
/// // Prior variance 0.05·0.04 = 0.002 equals the view's: the mean is half way.
/// let posterior = black_litterman(&model, &[0.06], 0.05, &views)?;
/// assert!((posterior.mean[0] - 0.08).abs() < 1e-15 && (posterior.covariance[0][0] - 0.041).abs() < 1e-15);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
pub fn black_litterman(
    model: &impl AsRiskModel,
    prior: &[f64],
    tau: f64,
    views: &InvestorViews,
) -> Result<BlackLittermanPosterior, OptimizerError> {
    let model = model.as_risk_model();
    let model = &*model;
    let (n, m) = (model.assets(), views.portfolios.len());
    check_vector("prior", prior, n)?;
    check_vector("view returns", &views.returns, m)?;
    if !(tau > 0.0 && tau.is_finite()) {
        return Err(OptimizerError::OutOfRange { what: "tau", index: 0, requirement: "above 0", value: tau });
    }
    for row in &views.portfolios {
        check_vector("view", row, n)?;
    }
    if views.uncertainty.len() != m {
        let got = views.uncertainty.len();
        return Err(OptimizerError::LengthMismatch { what: "view uncertainty", expected: m, got });
    }
    for row in &views.uncertainty {
        check_vector("view uncertainty", row, m)?;
    }
    // Columns τΣPᵀ.
    let mut spread = vec![vec![0.0; n]; m];
    for (s, p) in spread.iter_mut().zip(&views.portfolios) {
        model.multiply(p, s);
        s.iter_mut().for_each(|v| *v *= tau);
    }
    let mut core = vec![0.0; m * m];
    for a in 0..m {
        for b in 0..m {
            core[a * m + b] = dot(&views.portfolios[b], &spread[a]) + views.uncertainty[b][a];
        }
    }
    if m > 0 && !cholesky_in_place(&mut core, m) {
        return Err(OptimizerError::NotPositive { what: "views' covariance" });
    }
    let mut pull: Vec<f64> = views.portfolios.iter().zip(&views.returns).map(|(p, q)| q - dot(p, prior)).collect();
    cholesky_solve(&core, m, &mut pull);
    let mut mean = prior.to_vec();
    for (s, y) in spread.iter().zip(&pull) {
        for (mean, s) in mean.iter_mut().zip(s) {
            *mean += y * s;
        }
    }
    let mut covariance = vec![vec![0.0; n]; n];
    let mut unit = vec![0.0; n];
    for j in 0..n {
        unit[j] = 1.0;
        let mut column = vec![0.0; n];
        model.multiply(&unit, &mut column);
        unit[j] = 0.0;
        let mut gain: Vec<f64> = spread.iter().map(|s| s[j]).collect();
        cholesky_solve(&core, m, &mut gain);
        for i in 0..n {
            let known: f64 = spread.iter().zip(&gain).map(|(s, g)| s[i] * g).sum();
            covariance[i][j] = (1.0 + tau) * column[i] - known;
        }
    }
    Ok(BlackLittermanPosterior { mean, covariance })
}
