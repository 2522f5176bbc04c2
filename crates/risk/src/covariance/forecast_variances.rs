//! Correlations of a long history with forecast variances.

use std::fmt;

use portfolio_core::interrupt::checkpoint;
use portfolio_core::{Covariance, ModelParameter, ReturnPanel};
use serde::Serialize;

use super::{CovarianceEstimate, CovarianceEstimator, LedoitWolf, ShrinkageTarget};
use crate::volatility::{GarchOptions, fit_garch, fit_har};
use crate::{RiskError, UnavailableReason};

/// Which model forecasts the variances of [`ForecastVariances`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VarianceModel {
    /// GARCH(1,1) with normal innovations, [`fit_garch`]: at least 30 returns, and a fit that converges.
    Garch,
    /// The heterogeneous autoregression of squared returns, [`fit_har`]: at least 122 returns.
    Har,
}

impl VarianceModel {
    const fn name(self) -> &'static str {
        match self {
            Self::Garch => "garch",
            Self::Har => "har",
        }
    }

    /// Forecast of the variance of the period after these returns.
    fn forecast(self, returns: &[f64]) -> Result<f64, RiskError> {
        let variance = match self {
            Self::Garch => fit_garch(returns, &GarchOptions::default())?.next_variance,
            Self::Har => {
                let squares: Vec<f64> = returns.iter().map(|r| r * r).collect();
                fit_har(&squares, &squares)?.forecast(&squares).ok_or(UnavailableReason::TooFewReturns)?
            }
        };
        if variance > 0.0 && variance.is_finite() {
            Ok(variance)
        } else {
            Err(UnavailableReason::ZeroVolatility.into())
        }
    }
}

impl fmt::Display for VarianceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The correlations of [`LedoitWolf`] towards constant correlation, with the variance of each asset forecast for the coming period.
///
/// ```text
/// Σ_ij = ρ_ij·√(h_i·h_j),    ρ from the common periods of all assets,    h_i from the whole history of asset i
/// ```
///
/// It is positive semidefinite because the correlations are. The variances are those of the **next** period: they
/// return to their mean over weeks, so for a year they are less informative than the history. An asset that does not
/// vary by more than rounding error has a row of zeros.
///
/// # References
/// Bollerslev (1990), "Modelling the coherence in short-run nominal exchange rates: a multivariate generalized ARCH model", Review of
/// Economics and Statistics 72(3), 498–505, for constant correlations with changing variances. Corsi (2009) for
/// [`VarianceModel::Har`].
///
/// # Example
/// ```
/// use portfolio_core::{ReturnPanel, Universe};
/// use risk::{CovarianceEstimator, ForecastVariances, LedoitWolf, VarianceModel};
///
/// // Two assets that were calm for long and have been rough for 60 days.
/// let size = |t: i32| if t < 540 { 0.5 } else { 2.0 };
/// let series = |step: i32| (0..600).map(|t| size(t) * f64::from((t * step) % 101 - 50) / 5_000.0).collect();
/// let panel = ReturnPanel::new(Universe::new(["Stocks", "Bonds"])?, vec![series(37), series(53)])?;
/// let (history, coming) = (
///     LedoitWolf::default().estimate(&panel, 252.0)?.covariance,
///     ForecastVariances { model: VarianceModel::Har }.estimate(&panel, 252.0)?.covariance,
/// );
/// assert!(coming.as_slice()[0] > 2.0 * history.as_slice()[0]);
/// let correlation = |s: &[f64]| s[1] / (s[0] * s[3]).sqrt();
/// assert!((correlation(coming.as_slice()) - correlation(history.as_slice())).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ForecastVariances {
    /// The model that forecasts the variances.
    pub model: VarianceModel,
}

impl CovarianceEstimator for ForecastVariances {
    fn id(&self) -> &str {
        "forecast_variances"
    }

    fn parameters(&self) -> Vec<ModelParameter> {
        vec![ModelParameter::new("variances", self.model.name()), ModelParameter::new("target", "constant_correlation")]
    }

    fn estimate(&self, panel: &ReturnPanel, periods_per_year: f64) -> Result<CovarianceEstimate, RiskError> {
        let history = LedoitWolf { target: ShrinkageTarget::ConstantCorrelation }.estimate(panel, periods_per_year)?;
        let (assets, mut values) = (panel.assets(), history.covariance.as_slice().to_vec());
        let scale = |(i, returns): (usize, &[f64])| {
            let variance = values[i * (assets + 1)];
            checkpoint();
            // Rows of zeros stay.
            if variance == 0.0 { Ok(1.0) } else { Ok((self.model.forecast(returns)? / variance).sqrt()) }
        };
        let scales: Vec<f64> = panel.columns().enumerate().map(scale).collect::<Result<_, RiskError>>()?;
        for (i, row) in values.chunks_exact_mut(assets.max(1)).enumerate() {
            for (value, scale) in row.iter_mut().zip(&scales) {
                *value *= scales[i] * scale;
            }
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(UnavailableReason::Overflow.into());
        }
        Ok(CovarianceEstimate {
            covariance: Covariance::estimated(panel.universe().clone(), values, periods_per_year)?,
            shrinkage: history.shrinkage,
            observations: history.observations,
            estimator: self.identity(),
        })
    }
}

#[cfg(test)]
mod tests {
    use portfolio_core::Universe;

    use super::*;

    fn panel(periods: i32) -> ReturnPanel {
        let series = |step: i32, cash: bool| {
            (0..periods).map(|t| if cash { 0.0 } else { f64::from((t * step) % 101 - 50) / 5_000.0 }).collect()
        };
        let universe = Universe::new(["A", "Cash", "B"]).unwrap();
        ReturnPanel::new(universe, vec![series(37, false), series(1, true), series(53, false)]).unwrap()
    }

    #[test]
    fn variances_are_the_forecasts_and_correlations_those_of_the_history() {
        let panel = panel(400);
        let history = LedoitWolf::default().estimate(&panel, 252.0).unwrap();
        for model in [VarianceModel::Garch, VarianceModel::Har] {
            let coming = ForecastVariances { model }.estimate(&panel, 252.0).unwrap();
            let (s, was) = (coming.covariance.as_slice(), history.covariance.as_slice());
            for asset in [0, 2] {
                let wanted = model.forecast(panel.series(asset).unwrap()).unwrap();
                assert!((s[4 * asset] / wanted - 1.0).abs() < 1e-12, "{model}");
            }
            let correlation = |s: &[f64]| s[2] / (s[0] * s[8]).sqrt();
            assert!((correlation(s) - correlation(was)).abs() < 1e-12);
            // Cash has no risk under any model.
            assert_eq!([s[1], s[3], s[4], s[5], s[7]], [0.0; 5]);
            assert_eq!((coming.shrinkage, coming.observations), (history.shrinkage, 400));
        }
    }

    #[test]
    fn a_history_that_supports_no_forecast_is_refused() {
        let har = ForecastVariances { model: VarianceModel::Har };
        assert_eq!(har.estimate(&panel(121), 252.0), Err(UnavailableReason::TooFewReturns.into()));
        let garch = ForecastVariances { model: VarianceModel::Garch };
        assert_eq!(garch.estimate(&panel(29), 252.0), Err(UnavailableReason::TooFewReturns.into()));
    }
}
