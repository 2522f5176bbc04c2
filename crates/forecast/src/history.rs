//! The history of one asset, and the check that formulas can use it.

use crate::error::ForecastError;
use crate::sample::Sample;

/// The input for the forecast of one asset.
///
/// # Example
/// ```
/// use forecast::AssetHistory;
///
/// let history = AssetHistory::from(&[0.01, -0.02]);
/// assert_eq!((history.returns.len(), history.market_return), (2, None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AssetHistory<'a> {
    /// Simple returns per period as fractions, oldest first; may be empty.
    pub returns: &'a [f64],
    /// The caller's own estimate, a fraction per period. It is used only when `returns` is empty.
    pub market_return: Option<f64>,
}

impl<'a> AssetHistory<'a> {
    /// Computes the moments of the history. `asset` is the index that an error names.
    ///
    /// # Errors
    /// [`ForecastError::MarketReturn`] for an estimate and [`ForecastError::Return`] for a return that no formula can use.
    pub(crate) fn sample(&self, asset: usize) -> Result<Sample<'a>, ForecastError> {
        if let Some(value) = self.market_return.filter(|value| !value.is_finite()) {
            return Err(ForecastError::MarketReturn { asset, value });
        }
        let sample = Sample::of(self.returns);
        if sample.is_finite() {
            return Ok(sample);
        }
        // The sums are not finite. Find the return at fault: the first that is not finite, or else the largest.
        let returns = self.returns.iter().copied().enumerate();
        let (index, value) = returns.fold((0, 0.0_f64), |worst, (index, value)| {
            let worse = worst.1.is_finite() && (!value.is_finite() || value.abs() > worst.1.abs());
            if worse { (index, value) } else { worst }
        });
        Err(ForecastError::Return { asset, index, value })
    }
}

impl<'a> From<&'a [f64]> for AssetHistory<'a> {
    fn from(returns: &'a [f64]) -> Self {
        Self { returns, market_return: None }
    }
}

impl<'a, const N: usize> From<&'a [f64; N]> for AssetHistory<'a> {
    fn from(returns: &'a [f64; N]) -> Self {
        Self::from(returns.as_slice())
    }
}

impl<'a> From<&'a Vec<f64>> for AssetHistory<'a> {
    fn from(returns: &'a Vec<f64>) -> Self {
        Self::from(returns.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_return_that_is_not_finite_is_named() {
        let error = AssetHistory::from(&[1e300, f64::NAN, f64::INFINITY]).sample(3).unwrap_err();
        assert!(matches!(error, ForecastError::Return { asset: 3, index: 1, value } if value.is_nan()));
    }

    #[test]
    fn of_finite_returns_the_largest_is_named() {
        let error = AssetHistory::from(&[0.1, -1e300, 1e200]).sample(0).unwrap_err();
        assert_eq!(error, ForecastError::Return { asset: 0, index: 1, value: -1e300 });
    }

    #[test]
    fn an_estimate_must_be_finite_even_when_it_is_not_used() {
        let history = AssetHistory { returns: &[0.1], market_return: Some(f64::NEG_INFINITY) };
        let error = history.sample(2).unwrap_err();
        assert_eq!(error, ForecastError::MarketReturn { asset: 2, value: f64::NEG_INFINITY });
    }
}
