//! Whether the mean of a dependent series differs from zero.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::error::{EvaluateInput, EvaluateParameter, check_series, require, require_probability};
use crate::reason::finite;
use crate::{EvaluateError, NoFigure};

/// How the long-run variance of a series weights its autocovariances, `γ₀ + 2·Σ w_k·γ_k` over the lags up to `lags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LongRunVariance {
    /// Each lag counts in full: correct for errors of forecasts `lags + 1` periods ahead, but sometimes negative.
    Rectangular {
        /// Highest lag.
        lags: usize,
    },
    /// `w_k = 1 − k/(lags + 1)`, never negative (Newey and West 1987).
    Bartlett {
        /// Highest lag.
        lags: usize,
    },
}

impl LongRunVariance {
    /// Bartlett weights over `⌊4·(T/100)^{2/9}⌋` lags, the rule of Newey and West (1994) for a series of `T` numbers.
    #[must_use]
    pub fn automatic(count: usize) -> Self {
        Self::Bartlett { lags: (4.0 * (count as f64 / 100.0).powf(2.0 / 9.0)).floor() as usize }
    }

    fn lags(self) -> usize {
        match self {
            Self::Rectangular { lags } | Self::Bartlett { lags } => lags,
        }
    }

    /// The long-run variance of a centred series with more numbers than lags.
    fn of(self, centred: &[f64]) -> f64 {
        let count = centred.len() as f64;
        let covariance = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>() / count;
        let weight = |lag: usize| match self {
            Self::Rectangular { .. } => 1.0,
            Self::Bartlett { lags } => 1.0 - lag as f64 / (lags as f64 + 1.0),
        };
        covariance(0) + (1..=self.lags()).map(|lag| 2.0 * weight(lag) * covariance(lag)).sum::<f64>()
    }
}

/// A mean with the probability that chance alone moves it this far from zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanTest {
    /// The mean, in the unit of the series.
    pub mean: f64,
    /// Standard error of the mean, same unit, with the correction for small samples if the test has one. Positive.
    pub standard_error: f64,
    /// The mean over its standard error.
    pub statistic: f64,
    /// Two-sided, from the t distribution with `T − 1` degrees of freedom.
    pub p_value: f64,
    /// The long-run variance behind the standard error.
    pub variance: LongRunVariance,
    /// Number of observations, `T`.
    pub observations: usize,
}

impl MeanTest {
    /// The interval that the test does not reject: `mean ± t·standard error` with the quantile of the t distribution with `T − 1` degrees
    /// of freedom. Lower end first, in the unit of the series.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a confidence outside (0, 1).
    ///
    /// # Example
    /// ```
    /// use evaluate::{LongRunVariance, test_mean};
    ///
    /// let test = test_mean(&[1.0, 2.0, 3.0], LongRunVariance::Bartlett { lags: 0 })?;
    /// let [lower, upper] = test.interval(0.95)?;
    /// // The quantile with two degrees of freedom is 4.3027.
    /// assert!((upper - 2.0 - 4.302_653 * (2.0_f64 / 9.0).sqrt()).abs() < 1e-5 && (lower + upper - 4.0).abs() < 1e-12);
    /// # Ok::<(), evaluate::EvaluateError>(())
    /// ```
    pub fn interval(&self, confidence: f64) -> Result<[f64; 2], EvaluateError> {
        require_probability(EvaluateParameter::Level, confidence)?;
        let law = StudentsT::new(0.0, 1.0, self.observations as f64 - 1.0).map_err(|_| NoFigure::TooFewObservations)?;
        let half = law.inverse_cdf(0.5 + 0.5 * confidence) * self.standard_error;
        Ok([finite(self.mean - half)?, finite(self.mean + half)?])
    }
}

/// Tests that the mean of a stationary series is zero: `t = d̄/√(ω²/T)` against the t distribution with `T − 1` degrees of
/// freedom.
///
/// `series`: any unit, in order of time, length `T ≥ 2`, more than the lags.
///
/// # Errors
/// [`EvaluateError::Empty`], [`EvaluateError::NotFinite`], [`EvaluateError::OutOfRange`] for as many lags as numbers;
/// [`EvaluateError::Unavailable`] for one number, or a long-run variance that is not positive.
///
/// # Example
/// ```
/// use evaluate::{LongRunVariance, test_mean};
///
/// // Mean 2, squares 2 and denominators T: t = 2/√((2/3)/3).
/// let test = test_mean(&[1.0, 2.0, 3.0], LongRunVariance::Bartlett { lags: 0 })?;
/// assert!((test.statistic - 2.0 / (2.0_f64 / 9.0).sqrt()).abs() < 1e-12);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
pub fn test_mean(series: &[f64], variance: LongRunVariance) -> Result<MeanTest, EvaluateError> {
    check_series(EvaluateInput::Differences, series)?;
    scaled_test(series, variance, 1.0)
}

/// [`test_mean`] of a checked series, with the statistic multiplied by `correction`.
pub(crate) fn scaled_test(
    series: &[f64],
    variance: LongRunVariance,
    correction: f64,
) -> Result<MeanTest, EvaluateError> {
    let count = series.len() as f64;
    require(variance.lags() < series.len(), EvaluateParameter::Lags, variance.lags() as f64)?;
    if series.len() < 2 {
        return Err(NoFigure::TooFewObservations.into());
    }
    let mean = finite(series.iter().sum::<f64>() / count)?;
    let centred: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let long_run = finite(variance.of(&centred))?;
    // What is left of a constant after its mean is taken off is rounding.
    let rounding = portfolio_core::return_rounding(mean.abs());
    if long_run <= rounding * rounding {
        return Err(NoFigure::NoVariation.into());
    }
    let statistic = finite(mean / (long_run / count).sqrt() * correction)?;
    let standard_error = finite((long_run / count).sqrt() / correction)?;
    let law = StudentsT::new(0.0, 1.0, count - 1.0).map_err(|_| NoFigure::TooFewObservations)?;
    Ok(MeanTest {
        mean,
        standard_error,
        statistic,
        p_value: (2.0 * law.cdf(-statistic.abs())).min(1.0),
        variance,
        observations: series.len(),
    })
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn overlapping_sums_need_their_lags() {
        // Sums of five independent numbers: without the lags the standard error is too small by √5.
        let mut random = ChaCha8Rng::seed_from_u64(8);
        let noise: Vec<f64> = (0..4004).map(|_| random.random::<f64>() - 0.4).collect();
        let sums: Vec<f64> = noise.windows(5).map(|five| five.iter().sum()).collect();
        let statistic = |variance| test_mean(&sums, variance).unwrap().statistic;
        let ratio =
            statistic(LongRunVariance::Bartlett { lags: 0 }) / statistic(LongRunVariance::Rectangular { lags: 4 });
        assert!((ratio - 5.0_f64.sqrt()).abs() < 0.3, "{ratio}");
    }

    #[test]
    fn a_constant_and_too_many_lags_are_refused() {
        let variance = LongRunVariance::automatic(50);
        assert_eq!(test_mean(&[0.1; 50], variance), Err(EvaluateError::Unavailable(NoFigure::NoVariation)));
        assert_eq!(test_mean(&[0.0; 50], variance), Err(EvaluateError::Unavailable(NoFigure::NoVariation)));
        let lags = LongRunVariance::Bartlett { lags: 3 };
        assert!(matches!(test_mean(&[0.1, 0.2, 0.3], lags), Err(EvaluateError::OutOfRange { .. })));
        assert!(test_mean(&[], variance).is_err());
    }
}
