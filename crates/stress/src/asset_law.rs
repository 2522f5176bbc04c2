//! The law of several assets: drifts, covariance, and the weights of a portfolio of them.

use portfolio_core::Covariance;

use crate::{
    LawInput, LawSubject, MAX_ABS_WEIGHT, PortfolioLaw, StressError, factor::Factor,
    portfolio_law::check_periods_per_year,
};

/// A sum of weights may exceed one by this much and still count as one: `0.7 + 0.1 + 0.2` exceeds it by 2.2e-16.
const WEIGHT_ROUNDING: f64 = 1e-9;

/// Mean and covariance of the log-returns of several assets, and the weights of a portfolio of them.
///
/// After `T` years, `ln Sᵢ(T)` with `Sᵢ(0) = 1` has mean `(μᵢ − Σᵢᵢ/2)·T` and covariance `Σ·T`. With normal shocks, the
/// default of [`SimulationOptions`](crate::SimulationOptions), prices are correlated geometric Brownian motions
///
/// ```text
/// dSᵢ/Sᵢ = μᵢ dt + dBᵢ,   cov(dBᵢ, dBⱼ) = Σᵢⱼ dt
/// ```
///
/// and `E Sᵢ(T) = e^{μᵢT}`. Other shocks keep mean and covariance and change the shape: see
/// [`ShockLaw`](crate::ShockLaw).
///
/// One minus the sum of the weights is cash, which earns nothing. If the weights sum to more than one, the cash is
/// negative: a loan that costs nothing. Weights may be negative.
///
/// # Example
/// ```
/// use portfolio_core::{Covariance, Universe};
/// use stress::AssetLaw;
///
/// let assets = Universe::new(["Stocks", "Bonds"])?;
/// let annual = Covariance::from_rows(assets, &[[0.0256, -0.00192], [-0.00192, 0.0036]], 1.0)?;
/// let law = AssetLaw::new(&[0.6, 0.4], &[0.07, 0.03], &annual, 252.0)?;
/// let portfolio = law.portfolio_law()?;
/// assert!((portfolio.drift_annual() - 0.054).abs() < 1e-15);
/// // 0.36·0.0256 + 0.16·0.0036 − 2·0.24·0.00192
/// assert!((portfolio.volatility_annual().powi(2) - 0.0088704).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AssetLaw {
    weights: Vec<f64>,
    drifts_annual: Vec<f64>,
    covariance_annual: Covariance,
    factor: Factor,
    periods_per_year: f64,
}

impl AssetLaw {
    /// Creates a law from its parameters.
    ///
    /// `weights`: fractions of the initial value, length `n ≥ 1`. `drifts_annual`: `μ`, annual arithmetic drift of
    /// `dS/S`, length `n`. `covariance`: of log-returns over its own period, converted to the annual `Σ`; it may be
    /// singular. `periods_per_year`: simulated days in a year, customarily 252. Cost: `O(n·rank²)` for the factor.
    ///
    /// # Errors
    /// [`StressError`] with the first fault: no assets, mismatched lengths, a number that is not finite, a weight out
    /// of range, a covariance that is not positive semidefinite within the tolerance of the factor, or invalid periods
    /// per year.
    pub fn new(
        weights: &[f64],
        drifts_annual: &[f64],
        covariance: &Covariance,
        periods_per_year: f64,
    ) -> Result<Self, StressError> {
        let assets = weights.len();
        check_weights(weights)?;
        check_periods_per_year(periods_per_year)?;
        for (input, found) in [(LawInput::Drift, drifts_annual.len()), (LawInput::Covariance, covariance.assets())] {
            if found != assets {
                return Err(StressError::Length { input, found, assets });
            }
        }
        if let Some(asset) = drifts_annual.iter().position(|m| !m.is_finite()) {
            return Err(StressError::NotFinite { input: LawInput::Drift, subject: LawSubject::Asset(asset) });
        }
        Self::assemble(weights, drifts_annual.to_vec(), covariance.annualised(), periods_per_year)
    }

    pub(crate) fn assemble(
        weights: &[f64],
        drifts_annual: Vec<f64>,
        covariance_annual: Covariance,
        periods_per_year: f64,
    ) -> Result<Self, StressError> {
        let factor = Factor::of(covariance_annual.as_slice(), weights.len())?;
        Ok(Self { weights: weights.to_vec(), drifts_annual, covariance_annual, factor, periods_per_year })
    }

    /// The same law with other annual arithmetic drifts, one per asset.
    ///
    /// # Errors
    /// [`StressError::Length`] and [`StressError::NotFinite`] for the drifts.
    pub fn with_drifts(mut self, drifts_annual: Vec<f64>) -> Result<Self, StressError> {
        if drifts_annual.len() != self.assets() {
            let (found, assets) = (drifts_annual.len(), self.assets());
            return Err(StressError::Length { input: LawInput::Drift, found, assets });
        }
        if let Some(asset) = drifts_annual.iter().position(|m| !m.is_finite()) {
            return Err(StressError::NotFinite { input: LawInput::Drift, subject: LawSubject::Asset(asset) });
        }
        self.drifts_annual = drifts_annual;
        Ok(self)
    }

    /// Number of assets, `n`.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.weights.len()
    }

    /// Weights, fractions of the initial value.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// `μ`, annual arithmetic drifts of `dS/S`.
    #[must_use]
    pub fn drifts_annual(&self) -> &[f64] {
        &self.drifts_annual
    }

    /// `Σ`, annual covariance of log-returns.
    #[must_use]
    pub fn covariance_annual(&self) -> &Covariance {
        &self.covariance_annual
    }

    /// Simulated days in a year.
    #[must_use]
    pub fn periods_per_year(&self) -> f64 {
        self.periods_per_year
    }

    /// The law of the portfolio at fixed weights: `μ = wᵀμ`, `σ² = wᵀΣw`.
    ///
    /// # Errors
    /// [`StressError::PortfolioLaw`] when the sums overflow.
    pub fn portfolio_law(&self) -> Result<PortfolioLaw, StressError> {
        let drift = self.weights.iter().zip(&self.drifts_annual).map(|(w, m)| w * m).sum();
        let variance = self.covariance_annual.variance(&self.weights)?;
        // A hedged book can have zero variance, which rounding may make negative.
        PortfolioLaw::new(drift, if variance < 0.0 { 0.0 } else { variance.sqrt() }, self.periods_per_year)
    }

    /// `Σᵢᵢ`.
    pub(crate) fn variance_annual(&self, asset: usize) -> f64 {
        self.covariance_annual.as_slice()[asset * self.assets() + asset]
    }

    /// `1 − Σ wᵢ`; negative for a loan.
    pub(crate) fn cash_weight(&self) -> f64 {
        1.0 - self.weights.iter().sum::<f64>()
    }

    /// Whether the book can lose more than it is worth: a weight is negative, or the weights exceed one by more than
    /// rounding.
    pub(crate) fn is_levered(&self) -> bool {
        self.cash_weight() < -WEIGHT_ROUNDING || self.weights.iter().any(|w| *w < 0.0)
    }

    pub(crate) fn factor(&self) -> &Factor {
        &self.factor
    }
}

pub(crate) fn check_weights(weights: &[f64]) -> Result<(), StressError> {
    if weights.is_empty() {
        return Err(StressError::NoAssets);
    }
    if let Some(asset) = weights.iter().position(|w| !w.is_finite()) {
        return Err(StressError::NotFinite { input: LawInput::Weight, subject: LawSubject::Asset(asset) });
    }
    match weights.iter().position(|w| w.abs() > MAX_ABS_WEIGHT) {
        Some(asset) => Err(StressError::Weight { asset, value: weights[asset] }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    fn covariance(rows: [[f64; 2]; 2], periods_per_year: f64) -> Covariance {
        Covariance::from_rows(Universe::numbered(2).unwrap(), &rows, periods_per_year).unwrap()
    }

    fn sigma() -> Covariance {
        covariance([[0.04, 0.01], [0.01, 0.09]], 1.0)
    }

    #[test]
    fn each_bad_part_is_named() {
        let law = |w: &[f64], mu: &[f64]| AssetLaw::new(w, mu, &sigma(), 252.0).map(|_| ());
        let of = |asset| LawSubject::Asset(asset);
        assert_eq!(law(&[0.5, 0.5], &[0.0, 0.0]), Ok(()));
        assert_eq!(law(&[], &[]), Err(StressError::NoAssets));
        assert_eq!(law(&[0.5, 0.5], &[0.0]), Err(StressError::Length { input: LawInput::Drift, found: 1, assets: 2 }));
        assert_eq!(law(&[1.0], &[0.0]), Err(StressError::Length { input: LawInput::Covariance, found: 2, assets: 1 }));
        assert_eq!(
            law(&[0.5, f64::NAN], &[0.0, 0.0]),
            Err(StressError::NotFinite { input: LawInput::Weight, subject: of(1) })
        );
        assert_eq!(law(&[0.5, -1e7], &[0.0, 0.0]), Err(StressError::Weight { asset: 1, value: -1e7 }));
        assert_eq!(
            law(&[0.5, 0.5], &[f64::INFINITY, 0.0]),
            Err(StressError::NotFinite { input: LawInput::Drift, subject: of(0) })
        );
        assert_eq!(
            AssetLaw::new(&[0.5, 0.5], &[0.0, 0.0], &sigma(), 0.0),
            Err(StressError::PeriodsPerYear { value: 0.0 })
        );
    }

    #[test]
    fn a_covariance_of_any_period_is_made_annual() {
        let daily = covariance([[0.04 / 256.0, 0.01 / 256.0], [0.01 / 256.0, 0.09 / 256.0]], 256.0);
        let law = AssetLaw::new(&[0.5, 0.5], &[0.0; 2], &daily, 252.0).unwrap();
        assert_eq!(law.covariance_annual(), &sigma());
        assert_eq!(law, AssetLaw::new(&[0.5, 0.5], &[0.0; 2], &sigma(), 252.0).unwrap());
    }

    #[test]
    fn a_book_is_levered_by_a_loan_or_a_short_holding() {
        let levered = |weights: &[f64; 2]| AssetLaw::new(weights, &[0.0; 2], &sigma(), 252.0).unwrap().is_levered();
        assert!(!levered(&[0.6, 0.4]) && !levered(&[0.0, 0.3]) && !levered(&[0.7, 0.3 + 1e-15]));
        assert!(levered(&[0.6, 0.41]) && levered(&[0.6, -0.1]));
    }

    #[test]
    fn a_perfect_hedge_has_no_variance() {
        let law = AssetLaw::new(&[1.0, -1.0], &[0.05, 0.02], &covariance([[0.04; 2]; 2], 1.0), 252.0).unwrap();
        assert_eq!(law.portfolio_law().unwrap().volatility_annual(), 0.0);
    }
}
