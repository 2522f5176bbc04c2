//! The expected returns of the assets: a named choice.

use serde::Serialize;

use crate::{AssetLaw, LawInput, LawSubject, StressError, elementary::ln_1p};

/// Annual Sharpe ratio of a book under a premium for risk that is not stated otherwise: about that of stocks over bills in the long run
/// (Dimson, Marsh and Staunton 2002, "Triumph of the Optimists").
pub const DEFAULT_SHARPE_RATIO: f64 = 0.3;

/// Where the drift of every asset comes from. `rf` is the annual risk-free rate, a fraction.
#[derive(Debug, Clone, PartialEq)]
pub enum DriftRule {
    /// The drift of the law as the caller gave it.
    Given,
    /// The mean of the history, `p·mean(ln(1 + r)) + Σᵢᵢ/2`, as if it were known.
    Historical,
    /// `ln(1 + rf) + cᵢ·(fᵢ − ln(1 + rf))`: forecasts `f` of annual drifts, shrunk towards the risk-free rate by their confidence `c`.
    Forecast {
        /// `f`, annual, one per asset.
        annual: Vec<f64>,
        /// `c`, 0 to 1, one per asset.
        confidence: Vec<f64>,
    },
    /// `ln(1 + rf) + s·(Σw)ᵢ/√(wᵀΣw)`: the premia at which the book is optimal, so the book earns `s` per unit of its
    /// volatility.
    RiskFreePlusPremium {
        /// `s`, annual Sharpe ratio of the book, −2 to 2.
        sharpe_ratio: f64,
    },
    /// `ln(1 + rf)` for every asset: no premium for risk.
    ZeroExcess,
}

/// The drift rule of a simulation, as every result repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftRuleName {
    /// The drift of the request.
    Given,
    /// The mean of the history.
    Historical,
    /// Forecasts, shrunk by their confidence.
    Forecast,
    /// The risk-free rate and a premium for risk.
    RiskFreePlusPremium,
    /// Only the risk-free rate.
    ZeroExcess,
}

impl DriftRule {
    /// The name of the rule.
    #[must_use]
    pub fn name(&self) -> DriftRuleName {
        match self {
            Self::Given => DriftRuleName::Given,
            Self::Historical => DriftRuleName::Historical,
            Self::Forecast { .. } => DriftRuleName::Forecast,
            Self::RiskFreePlusPremium { .. } => DriftRuleName::RiskFreePlusPremium,
            Self::ZeroExcess => DriftRuleName::ZeroExcess,
        }
    }

    /// The annual arithmetic drift of every asset. `law` holds the drift that was given or estimated, the covariance and the weights.
    ///
    /// # Errors
    /// [`StressError::Length`] and [`StressError::DriftParameter`] for forecasts, a Sharpe ratio or a rate out of range.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::{Covariance, Universe};
    /// use stress::{AssetLaw, DriftRule};
    ///
    /// let annual = Covariance::from_rows(Universe::numbered(2)?, &[[0.04, 0.0], [0.0, 0.01]], 1.0)?;
    /// let law = AssetLaw::new(&[0.5, 0.5], &[0.3, 0.1], &annual, 252.0)?;
    /// let premium = DriftRule::RiskFreePlusPremium { sharpe_ratio: 0.4 }.drifts(&law, 0.0)?;
    /// // The book earns 0.4 times its volatility.
    /// assert!((0.5 * premium[0] + 0.5 * premium[1] - 0.4 * 0.0125_f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drifts(&self, law: &AssetLaw, risk_free_rate: f64) -> Result<Vec<f64>, StressError> {
        if !(risk_free_rate > -1.0 && risk_free_rate <= 10.0) {
            return Err(StressError::DriftParameter { parameter: "risk_free_rate", value: risk_free_rate });
        }
        let (assets, riskless) = (law.assets(), ln_1p(risk_free_rate));
        match self {
            Self::Given | Self::Historical => Ok(law.drifts_annual().to_vec()),
            Self::ZeroExcess => Ok(vec![riskless; assets]),
            Self::Forecast { annual, confidence } => {
                for found in [annual.len(), confidence.len()] {
                    if found != assets {
                        return Err(StressError::Length { input: LawInput::Drift, found, assets });
                    }
                }
                if let Some(asset) = annual.iter().position(|f| !f.is_finite()) {
                    return Err(StressError::NotFinite { input: LawInput::Drift, subject: LawSubject::Asset(asset) });
                }
                if let Some(value) = confidence.iter().find(|c| !(0.0..=1.0).contains(*c)) {
                    return Err(StressError::DriftParameter { parameter: "confidence", value: *value });
                }
                Ok(annual.iter().zip(confidence).map(|(f, c)| riskless + c * (f - riskless)).collect())
            }
            Self::RiskFreePlusPremium { sharpe_ratio } => {
                if !(-2.0..=2.0).contains(sharpe_ratio) {
                    return Err(StressError::DriftParameter { parameter: "sharpe_ratio", value: *sharpe_ratio });
                }
                let volatility = law.portfolio_law()?.volatility_annual();
                let sigma = law.covariance_annual().as_slice();
                let premium = |asset: usize| -> f64 {
                    let row = &sigma[asset * assets..(asset + 1) * assets];
                    let covariance: f64 = row.iter().zip(law.weights()).map(|(s, w)| s * w).sum();
                    if volatility > 0.0 { sharpe_ratio * covariance / volatility } else { 0.0 }
                };
                Ok((0..assets).map(|asset| riskless + premium(asset)).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::{Covariance, Universe};

    use super::*;

    #[test]
    fn each_rule_is_its_formula() {
        let annual = Covariance::from_rows(Universe::numbered(2).unwrap(), &[[0.04, 0.0], [0.0, 0.01]], 1.0).unwrap();
        let law = AssetLaw::new(&[0.5, 0.5], &[0.3, 0.1], &annual, 252.0).unwrap();
        let riskless = 1.02_f64.ln();
        let of = |rule: DriftRule| rule.drifts(&law, 0.02).unwrap();
        assert_eq!(of(DriftRule::Historical), [0.3, 0.1]);
        assert!(of(DriftRule::ZeroExcess).iter().all(|d| (d - riskless).abs() < 1e-15));
        let forecast = of(DriftRule::Forecast { annual: vec![0.1, 0.1], confidence: vec![0.0, 0.5] });
        assert!((forecast[0] - riskless).abs() < 1e-15 && (forecast[1] - (0.05 + riskless / 2.0)).abs() < 1e-15);
        let bad = DriftRule::RiskFreePlusPremium { sharpe_ratio: 3.0 }.drifts(&law, 0.0);
        assert_eq!(bad, Err(StressError::DriftParameter { parameter: "sharpe_ratio", value: 3.0 }));
        assert!(DriftRule::Forecast { annual: vec![0.1], confidence: vec![1.0, 1.0] }.drifts(&law, 0.0).is_err());
    }
}
