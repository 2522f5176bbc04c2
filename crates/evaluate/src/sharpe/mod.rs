//! Inference on a Sharpe ratio: what one track record, or the best of many, says about the true ratio.
//!
//! Every ratio here is per period and is not annualised; the kurtosis is raw, 3 for the normal law. Calculators on the
//! web that give other numbers mostly differ in one of these two.
//!
//! Two generations of formulas are in use, and [`SharpeForm`] names them. They differ in the variance of the ratio: the
//! older evaluates it at the observed ratio, the newer at the ratio of the null hypothesis, as a test requires, and
//! with autocorrelation.

mod discovery;
mod form;
mod power;
mod probabilistic;
mod trials;

pub use discovery::{FalseDiscoveryControl, Hypotheses, planned_false_discovery_rate};
pub use form::SharpeForm;
pub use trials::{Trials, expected_maximum, variance_of_maximum};

use risk::inference::autocorrelation;
use risk::{RiskError, UnavailableReason, kurtosis, mean_return, skewness, standard_deviation};
use serde::Serialize;

use crate::error::{EvaluateParameter, require};
use crate::reason::finite;
use crate::{EvaluateError, NoFigure};

/// Minimum number of returns for estimating a kurtosis.
const LEAST_RETURNS: usize = 4;

/// The moments of a track record, per period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharpeMoments {
    /// Mean return per period, above the riskless rate: a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.036))]
    pub mean: f64,
    /// Standard deviation per period, denominator `T − 1`: a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.079))]
    pub sd: f64,
    /// Skewness, negative when the large moves are losses.
    #[cfg_attr(feature = "openapi", schema(example = -2.448))]
    pub skewness: f64,
    /// Raw kurtosis, 3 for the normal law.
    #[cfg_attr(feature = "openapi", schema(example = 10.164))]
    pub kurtosis: f64,
    /// Autocorrelation at lag one; the returns are assumed to be a first-order autoregression.
    #[cfg_attr(feature = "openapi", schema(example = 0.2))]
    pub autocorrelation: f64,
    /// Number of returns, `T`.
    #[cfg_attr(feature = "openapi", schema(example = 24))]
    pub observations: usize,
}

/// A track record, reduced to the moments needed for inference on its Sharpe ratio.
///
/// # Example
/// ```
/// use evaluate::{SharpeForm, SharpeMoments, SharpeSample};
///
/// // Two years of monthly returns with rare large losses: the worked example of the 2025 paper.
/// let sample = SharpeSample::from_moments(SharpeMoments {
///     mean: 0.036,
///     sd: 0.079,
///     skewness: -2.448,
///     kurtosis: 10.164,
///     autocorrelation: 0.2,
///     observations: 24,
/// })?;
/// let skill = sample.probabilistic(SharpeForm::Form2025, 0.0)?;
/// assert!((skill - 0.966).abs() < 5e-4);
/// // How many months would have been enough at 10 %.
/// assert!((sample.minimum_track_record(SharpeForm::Form2025, 0.0, 0.10)? - 11.863).abs() < 5e-4);
/// # Ok::<(), evaluate::EvaluateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharpeSample {
    moments: SharpeMoments,
    sharpe: f64,
}

impl SharpeSample {
    /// Measures a series of returns above the riskless rate.
    ///
    /// `excess_returns`: per period, as fractions, oldest first, length `T ≥ 4`. The standard deviation divides by `T − 1`,
    /// the other moments by `T`.
    ///
    /// # Errors
    /// [`EvaluateError::Risk`] for an empty series or a number that is not finite; [`EvaluateError::Unavailable`] for fewer
    /// than four returns, or returns that do not vary.
    ///
    /// # Example
    /// ```
    /// use evaluate::SharpeSample;
    ///
    /// let sample = SharpeSample::from_returns(&[0.03, 0.01, 0.02, 0.00, 0.04])?;
    /// assert!((sample.sharpe() - 0.02 / 0.000_25_f64.sqrt()).abs() < 1e-12);
    /// assert_eq!(sample.moments().observations, 5);
    /// # Ok::<(), evaluate::EvaluateError>(())
    /// ```
    pub fn from_returns(excess_returns: &[f64]) -> Result<Self, EvaluateError> {
        let mean = mean_return(excess_returns)?;
        if excess_returns.len() < LEAST_RETURNS {
            return Err(NoFigure::TooFewObservations.into());
        }
        let varies = |error| match error {
            RiskError::Unavailable(UnavailableReason::ZeroVolatility) => NoFigure::NoVariation.into(),
            RiskError::Unavailable(UnavailableReason::Overflow) => NoFigure::TooLarge.into(),
            other => EvaluateError::Risk(other),
        };
        let skewness = skewness(excess_returns).map_err(varies)?;
        Self::from_moments(SharpeMoments {
            mean,
            sd: standard_deviation(excess_returns).map_err(varies)?,
            skewness,
            // Rounding may take the kurtosis of a two-valued series below its bound.
            kurtosis: kurtosis(excess_returns).map_err(varies)?.max(1.0 + skewness * skewness),
            autocorrelation: autocorrelation(excess_returns, 1).map_err(varies)?,
            observations: excess_returns.len(),
        })
    }

    /// A track record with given moments.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a moment outside its range; [`EvaluateError::ImpossibleMoments`] for a kurtosis
    /// below `1 + skewness²`, which no distribution has; [`EvaluateError::Unavailable`] when the ratio overflows.
    pub fn from_moments(moments: SharpeMoments) -> Result<Self, EvaluateError> {
        let SharpeMoments { mean, sd, skewness, kurtosis, autocorrelation, observations } = moments;
        require(mean.is_finite(), EvaluateParameter::Mean, mean)?;
        require(sd > 0.0 && sd.is_finite(), EvaluateParameter::StandardDeviation, sd)?;
        require(skewness.is_finite(), EvaluateParameter::Skewness, skewness)?;
        require(kurtosis >= 1.0 && kurtosis.is_finite(), EvaluateParameter::Kurtosis, kurtosis)?;
        let least = 1.0 + skewness * skewness;
        // Moments that were rounded to a few digits may miss the bound by a rounding error.
        if kurtosis < least * (1.0 - 1e-9) {
            return Err(EvaluateError::ImpossibleMoments { kurtosis, least });
        }
        require(autocorrelation.abs() < 1.0, EvaluateParameter::Autocorrelation, autocorrelation)?;
        require(observations >= 2, EvaluateParameter::Observations, observations as f64)?;
        Ok(Self { moments, sharpe: finite(mean / sd)? })
    }

    /// The observed Sharpe ratio per period.
    #[must_use]
    pub fn sharpe(&self) -> f64 {
        self.sharpe
    }

    /// The moments behind it.
    #[must_use]
    pub fn moments(&self) -> &SharpeMoments {
        &self.moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_and_their_moments_are_one_sample() {
        let returns: Vec<f64> = (0..60).map(|i| 0.01 * f64::from((i * 37) % 61 - 28) / 30.0).collect();
        let sample = SharpeSample::from_returns(&returns).unwrap();
        let options = risk::RiskOptions { risk_free_rate: 0.0, periods_per_year: 1.0 };
        assert!((sample.sharpe() - risk::sharpe_ratio(&returns, &options).unwrap()).abs() < 1e-12);
        assert_eq!(SharpeSample::from_moments(*sample.moments()), Ok(sample));
    }

    #[test]
    fn what_has_no_ratio_is_refused_with_its_reason() {
        assert_eq!(SharpeSample::from_returns(&[0.01; 50]), Err(EvaluateError::Unavailable(NoFigure::NoVariation)));
        assert_eq!(
            SharpeSample::from_returns(&[0.01, 0.02, 0.0]),
            Err(EvaluateError::Unavailable(NoFigure::TooFewObservations))
        );
        assert!(matches!(SharpeSample::from_returns(&[]), Err(EvaluateError::Risk(_))));
    }

    #[test]
    fn moments_that_no_distribution_has_are_refused() {
        let fair = SharpeMoments {
            mean: 0.01,
            sd: 0.02,
            skewness: 0.0,
            kurtosis: 3.0,
            autocorrelation: 0.0,
            observations: 60,
        };
        assert!(SharpeSample::from_moments(fair).is_ok());
        // Excess kurtosis sent as kurtosis.
        let excess = SharpeMoments { skewness: -2.448, kurtosis: 10.164 - 5.0, ..fair };
        assert!(matches!(SharpeSample::from_moments(excess), Err(EvaluateError::ImpossibleMoments { .. })));
        for bad in [
            SharpeMoments { mean: f64::NAN, ..fair },
            SharpeMoments { sd: 0.0, ..fair },
            SharpeMoments { skewness: f64::INFINITY, ..fair },
            SharpeMoments { kurtosis: 0.5, ..fair },
            SharpeMoments { autocorrelation: 1.0, ..fair },
            SharpeMoments { autocorrelation: f64::NAN, ..fair },
            SharpeMoments { observations: 1, ..fair },
        ] {
            assert!(matches!(SharpeSample::from_moments(bad), Err(EvaluateError::OutOfRange { .. })), "{bad:?}");
        }
    }
}
