//! Intervals of the figures of a plan.

use portfolio_core::Confidence;
use serde::Serialize;

use super::{
    EstimateInterval, OrderStatisticInterval, SharpeError, cvar_interval, sharpe_interval, var_interval,
    volatility_interval,
};
use crate::error::{RiskInput, check_finite};
use crate::{RiskError, RiskOptions};

/// The uncertainty of the figures of a risk summary: an interval around each figure that has one.
///
/// An interval covers, with the stated probability, the figure of the law that generated the history. It does not allow
/// for a law that changes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FigureIntervals {
    /// Of the annualised volatility, allowing for fat tails and volatility clustering; null where the figure is, and
    /// for returns that do not vary.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub volatility: Option<EstimateInterval>,
    /// Of the annualised Sharpe ratio, allowing for fat tails and autocorrelation (Lo 2002); null where the figure is
    /// null.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub sharpe: Option<EstimateInterval>,
    /// Of the value at risk at 95 % over one day: between two observed losses; null where the figure is null.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub var_95: Option<OrderStatisticInterval>,
    /// Of the conditional value at risk at 95 % over one day; null where the figure is null.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub cvar_95: Option<EstimateInterval>,
}

/// The intervals of the figures of [`summarise`](crate::summarise) on the same returns, each covering with probability
/// `level`.
///
/// Volatility and Sharpe ratio allow for dependence over [`newey_west_lags`]. VaR and CVaR assume that returns are
/// independent.
///
/// `returns`: simple returns per period as fractions, oldest first.
///
/// # Errors
/// [`RiskError::OutOfRange`], [`RiskError::NotFinite`].
///
/// # Example
/// ```
/// use risk::inference::figure_intervals;
/// use risk::{Confidence, RiskOptions, summarise};
///
/// let returns: Vec<f64> = (0..250).map(|i| f64::from((i * 37) % 101) / 5000.0 - 0.01).collect();
/// let intervals = figure_intervals(&returns, Confidence::P95, &RiskOptions::default())?;
/// let summary = summarise(&returns, None, &RiskOptions::default())?;
/// let var = intervals.var_95.unwrap();
/// assert_eq!(Some(var.estimate), summary.var_95);
/// assert!(var.lower < summary.var_95 && summary.var_95 < var.upper);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn figure_intervals(
    returns: &[f64],
    level: Confidence,
    options: &RiskOptions,
) -> Result<FigureIntervals, RiskError> {
    options.check()?;
    check_finite(RiskInput::Returns, returns)?;
    let lags = newey_west_lags(returns.len());
    // With one return there are no figures, and so no intervals.
    let enough = returns.len() > 1;
    Ok(FigureIntervals {
        volatility: volatility_interval(returns, lags, level, options).ok(),
        sharpe: sharpe_interval(returns, SharpeError::Autocorrelated { lags }, level, options).ok(),
        var_95: enough.then(|| var_interval(returns, Confidence::P95, level).ok()).flatten(),
        cvar_95: cvar_interval(returns, Confidence::P95, level).ok(),
    })
}

/// Number of lags that grows with the sample, `⌊4·(T/100)^(2/9)⌋`, and stays below it.
///
/// # Reference
/// Newey and West (1994), "Automatic lag selection in covariance matrix estimation", Review of Economic Studies 61(4),
/// 631–653.
#[must_use]
pub fn newey_west_lags(observations: usize) -> usize {
    let lags = (4.0 * (observations as f64 / 100.0).powf(2.0 / 9.0)) as usize;
    lags.min(observations.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_flat_histories_have_no_intervals() {
        let options = RiskOptions::default();
        for returns in [&[][..], &[0.01]] {
            let none = figure_intervals(returns, Confidence::P95, &options).unwrap();
            assert_eq!((none.volatility, none.sharpe, none.var_95, none.cvar_95), (None, None, None, None));
        }
        let flat = figure_intervals(&[0.001; 50], Confidence::P95, &options).unwrap();
        assert_eq!((flat.volatility, flat.sharpe), (None, None));
        assert!(figure_intervals(&[f64::NAN], Confidence::P95, &options).is_err());
    }

    #[test]
    fn lags_grow_slowly_and_stay_inside_the_sample() {
        assert_eq!([0, 1, 2, 3, 50, 100, 2500].map(newey_west_lags), [0, 0, 1, 1, 3, 4, 8]);
    }
}
