//! Laws estimated from a history of returns.

use portfolio_core::{Covariance, Universe};

use crate::{
    AssetLaw, LawInput, LawSubject, PortfolioLaw, StressError, asset_law::check_weights, dot::dot, elementary::ln_1p,
    portfolio_law::check_periods_per_year,
};

impl AssetLaw {
    /// Estimates the law whose log-returns have the means and the covariance of a history.
    ///
    /// With `ℓ_{t,i} = ln(1 + r_{t,i})` and `p` periods a year, `Σ = p·cov(ℓ)` (divided by `T − 1`) and
    /// `μᵢ = p·mean(ℓᵢ) + Σᵢᵢ/2`.
    ///
    /// `columns`: one slice of simple returns per asset (fractions), all of the same length `T ≥ 2`; `weights` as in
    /// [`AssetLaw::new`]. `T ≤ n` gives a singular covariance, which is allowed. The assets are numbered from 1. Cost:
    /// `O(T·n²)`.
    ///
    /// # Errors
    /// [`StressError::TooFewReturns`], [`StressError::TotalLoss`] (a return of −1 or less has no logarithm, so the law
    /// does not exist), or invalid lengths, numbers that are not finite, weights or periods per year.
    ///
    /// # Example
    /// ```
    /// use stress::AssetLaw;
    ///
    /// let stocks = [0.25, -0.2, 0.25, -0.2];
    /// let cash = [0.0; 4];
    /// let law = AssetLaw::from_returns(&[stocks, cash], &[0.5, 0.5], 252.0)?;
    /// // Logarithms of ±ln 1.25 around a mean of zero: a variance of 4/3·(ln 1.25)² a day.
    /// let variance = 252.0 * 4.0 / 3.0 * 1.25_f64.ln().powi(2);
    /// assert!((law.covariance_annual().get(0, 0).unwrap() - variance).abs() < 1e-12);
    /// assert_eq!(law.covariance_annual().get(1, 1), Some(0.0));
    /// # Ok::<(), stress::StressError>(())
    /// ```
    pub fn from_returns(
        columns: &[impl AsRef<[f64]>],
        weights: &[f64],
        periods_per_year: f64,
    ) -> Result<Self, StressError> {
        let assets = weights.len();
        check_weights(weights)?;
        check_periods_per_year(periods_per_year)?;
        if columns.len() != assets {
            return Err(StressError::Length { input: LawInput::Return, found: columns.len(), assets });
        }
        let periods = columns[0].as_ref().len();
        let mut centred = Vec::with_capacity(assets);
        let mut drifts = Vec::with_capacity(assets);
        for (asset, column) in columns.iter().map(AsRef::as_ref).enumerate() {
            if column.len() != periods {
                return Err(StressError::HistoryLength { asset, found: column.len(), periods });
            }
            let mut logs = log_returns(column, LawSubject::Asset(asset))?;
            let mean = mean(&logs);
            logs.iter_mut().for_each(|l| *l -= mean);
            drifts.push(periods_per_year * mean);
            centred.push(logs);
        }
        let scale = periods_per_year / (periods - 1) as f64;
        let mut sigma = vec![0.0; assets * assets];
        for i in 0..assets {
            for j in 0..=i {
                let covariance = scale * dot(&centred[i], &centred[j]);
                sigma[i * assets + j] = covariance;
                sigma[j * assets + i] = covariance;
            }
            drifts[i] += sigma[i * assets + i] / 2.0;
        }
        let numbered = Universe::numbered(assets).map_err(|_| StressError::NoAssets)?;
        Self::assemble(weights, drifts, Covariance::estimated(numbered, sigma, 1.0)?, periods_per_year)
    }
}

impl PortfolioLaw {
    /// Estimates the law whose log-returns have the mean and the variance of a history.
    ///
    /// With `ℓ_t = ln(1 + r_t)` and `p` periods a year, `σ² = p·var(ℓ)` (divided by `T − 1`) and
    /// `μ = p·mean(ℓ) + σ²/2`.
    ///
    /// `returns`: simple returns per period of the portfolio at its fixed weights, fractions, length `T ≥ 2`.
    ///
    /// # Errors
    /// [`StressError::TooFewReturns`], [`StressError::NotFinite`], [`StressError::TotalLoss`] (a return of −1 or less
    /// has no logarithm, so the law does not exist), [`StressError::PeriodsPerYear`].
    ///
    /// # Example
    /// ```
    /// use stress::PortfolioLaw;
    ///
    /// // Up and down by the same logarithm: the value goes nowhere, so the mean of dS/S is half the variance.
    /// let law = PortfolioLaw::from_portfolio_returns(&[0.25, -0.2, 0.25, -0.2], 252.0)?;
    /// let variance = 252.0 * 1.25_f64.ln().powi(2) * 4.0 / 3.0;
    /// assert!((law.volatility_annual().powi(2) - variance).abs() < 1e-12);
    /// assert!((law.drift_annual() - variance / 2.0).abs() < 1e-12);
    /// # Ok::<(), stress::StressError>(())
    /// ```
    pub fn from_portfolio_returns(returns: &[f64], periods_per_year: f64) -> Result<Self, StressError> {
        let logs = log_returns(returns, LawSubject::Portfolio)?;
        let mean = mean(&logs);
        let variance = logs.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / (logs.len() - 1) as f64;
        let variance_annual = periods_per_year * variance;
        Self::new(periods_per_year * mean + variance_annual / 2.0, variance_annual.sqrt(), periods_per_year)
    }
}

/// `ln(1 + r)` of each return; the same bits on every platform.
pub(crate) fn log_returns(returns: &[f64], subject: LawSubject) -> Result<Vec<f64>, StressError> {
    if returns.len() < 2 {
        return Err(StressError::TooFewReturns { periods: returns.len() });
    }
    if returns.iter().any(|r| !r.is_finite()) {
        return Err(StressError::NotFinite { input: LawInput::Return, subject });
    }
    if let Some(period) = returns.iter().position(|&r| r <= -1.0) {
        return Err(StressError::TotalLoss { subject, period, value: returns[period] });
    }
    Ok(returns.iter().map(|&r| ln_1p(r)).collect())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_gives_its_own_moments() {
        let columns = [vec![0.01, -0.02, 0.03, 0.0], vec![0.02, 0.01, -0.01, 0.005]];
        let law = AssetLaw::from_returns(&columns, &[0.5, 0.3], 252.0).unwrap();
        let logs: Vec<Vec<f64>> = columns.iter().map(|c| c.iter().map(|r: &f64| r.ln_1p()).collect()).collect();
        let mean = |x: &[f64]| x.iter().sum::<f64>() / 4.0;
        for i in 0..2 {
            for j in 0..2 {
                let (a, b) = (mean(&logs[i]), mean(&logs[j]));
                let want = 252.0 / 3.0 * logs[i].iter().zip(&logs[j]).map(|(x, y)| (x - a) * (y - b)).sum::<f64>();
                assert!((law.covariance_annual().get(i, j).unwrap() - want).abs() < 1e-14);
            }
            assert!((law.drifts_annual()[i] - 252.0 * mean(&logs[i]) - law.variance_annual(i) / 2.0).abs() < 1e-13);
        }
    }

    #[test]
    fn histories_without_a_law_say_why() {
        let law = |c: &[Vec<f64>]| AssetLaw::from_returns(c, &[0.5, 0.5], 252.0).map(|_| ());
        let of = |asset| LawSubject::Asset(asset);
        let good = vec![0.01, 0.02, -0.01];
        assert_eq!(
            law(std::slice::from_ref(&good)),
            Err(StressError::Length { input: LawInput::Return, found: 1, assets: 2 })
        );
        assert_eq!(law(&[good.clone(), vec![0.1]]), Err(StressError::HistoryLength { asset: 1, found: 1, periods: 3 }));
        assert_eq!(law(&[vec![0.1], vec![0.1]]), Err(StressError::TooFewReturns { periods: 1 }));
        assert_eq!(
            law(&[good.clone(), vec![0.1, -1.5, 0.0]]),
            Err(StressError::TotalLoss { subject: of(1), period: 1, value: -1.5 })
        );
        assert_eq!(
            law(&[good.clone(), vec![0.1, f64::NAN, 0.0]]),
            Err(StressError::NotFinite { input: LawInput::Return, subject: of(1) })
        );
        assert_eq!(AssetLaw::from_returns(&Vec::<Vec<f64>>::new(), &[], 252.0), Err(StressError::NoAssets));
        // Two assets with the same history give a singular law, not an error.
        assert_eq!(AssetLaw::from_returns(&[&good, &good], &[0.5, 0.5], 252.0).unwrap().factor().rank(), 1);
    }

    #[test]
    fn a_history_without_a_law_says_why() {
        let law = |r: &[f64]| PortfolioLaw::from_portfolio_returns(r, 252.0);
        assert_eq!(law(&[]), Err(StressError::TooFewReturns { periods: 0 }));
        assert_eq!(law(&[0.1]), Err(StressError::TooFewReturns { periods: 1 }));
        assert_eq!(
            law(&[0.1, 0.2, -1.0]),
            Err(StressError::TotalLoss { subject: LawSubject::Portfolio, period: 2, value: -1.0 })
        );
        assert_eq!(
            law(&[0.1, f64::NAN]),
            Err(StressError::NotFinite { input: LawInput::Return, subject: LawSubject::Portfolio })
        );
    }

    #[test]
    fn a_history_that_never_moves_is_a_law_without_risk() {
        let law = PortfolioLaw::from_portfolio_returns(&[0.0; 5], 252.0).unwrap();
        assert_eq!((law.drift_annual(), law.volatility_annual()), (0.0, 0.0));
    }

    #[test]
    fn absurd_returns_are_a_law_or_an_error() {
        assert!(PortfolioLaw::from_portfolio_returns(&[f64::MAX, -0.5], 1e6).is_ok());
    }
}
