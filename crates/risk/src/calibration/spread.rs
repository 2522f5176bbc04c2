//! Predicted standard deviations, such as tracking errors.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::verdict::{CalibrationReason, CalibrationVerdict, reason_of_count, two_sided};
use crate::moments::standard_deviation;
use crate::{RiskError, RiskInput, RiskParameter};

/// Returns that the test of a standard deviation needs, over all predictions.
pub const MIN_SPREAD_RETURNS: usize = 60;

/// A predicted standard deviation and that of the realised returns, both per period or both per year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpreadSample {
    /// The prediction, above 0.
    pub predicted: f64,
    /// Standard deviation of the realised returns (ddof 1).
    pub realised: f64,
    /// Number of those returns, at least 2.
    pub returns: usize,
    /// Their kurtosis, fourth central moment over squared second, 1 or more; `None` when they do not vary.
    pub kurtosis: Option<f64>,
}

impl SpreadSample {
    /// The sample of a prediction per period and the realised returns.
    ///
    /// # Errors
    /// As [`standard_deviation`](crate::standard_deviation()); [`RiskError::OutOfRange`] for a prediction that is not above 0.
    ///
    /// # Example
    /// ```
    /// use risk::calibration::SpreadSample;
    ///
    /// let sample = SpreadSample::of(0.01, &[0.01, -0.01, 0.01, -0.01])?;
    /// // Squares sum to 0.0004 and are divided by 3; two values have the smallest kurtosis, 1.
    /// assert!((sample.realised - (0.0004_f64 / 3.0).sqrt()).abs() < 1e-15);
    /// assert!((sample.kurtosis.unwrap() - 1.0).abs() < 1e-12);
    /// # Ok::<(), risk::RiskError>(())
    /// ```
    pub fn of(predicted: f64, returns: &[f64]) -> Result<Self, RiskError> {
        let realised = standard_deviation(returns)?;
        let n = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / n;
        let moment = |power| returns.iter().map(|r| (r - mean).powi(power)).sum::<f64>() / n;
        let kurtosis = (realised > 0.0).then(|| moment(4) / moment(2).powi(2)).filter(|k| k.is_finite());
        let sample = Self { predicted, realised, returns: returns.len(), kurtosis };
        sample.check()?;
        Ok(sample)
    }

    fn check(&self) -> Result<(), RiskError> {
        if !(self.predicted > 0.0 && self.predicted.is_finite()) {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::PredictedSpread, value: self.predicted });
        }
        if !(self.realised >= 0.0 && self.realised.is_finite()) {
            return Err(RiskError::OutOfRange { parameter: RiskParameter::RealisedSpread, value: self.realised });
        }
        if self.returns < 2 {
            return Err(RiskError::LengthMismatch { input: RiskInput::Returns, expected: 2, got: self.returns });
        }
        match self.kurtosis {
            // Rounding can leave a kurtosis just below its least value.
            Some(kurtosis) if !(kurtosis > 0.999 && kurtosis.is_finite()) => {
                Err(RiskError::OutOfRange { parameter: RiskParameter::Kurtosis, value: kurtosis })
            }
            _ => Ok(()),
        }
    }

    fn degrees_of_freedom(&self) -> f64 {
        self.returns as f64 - 1.0
    }
}

/// The chi-squared test of predicted against realised standard deviations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpreadTest {
    /// Sum of realised over predicted variances, each times its degrees of freedom, scaled to the degrees of freedom
    /// below.
    #[cfg_attr(feature = "openapi", schema(example = 251.3))]
    pub statistic: f64,
    /// Degrees of freedom of its chi-squared law: the fatter the tails, the fewer.
    #[cfg_attr(feature = "openapi", schema(example = 240.0))]
    pub degrees_of_freedom: f64,
    /// Kurtosis of the returns over their predicted deviations: 3 for a normal law.
    #[cfg_attr(feature = "openapi", schema(example = 5.0))]
    pub kurtosis: f64,
    /// Probability of a ratio at least this far from 1, one-sided and doubled, when the predictions are right.
    #[cfg_attr(feature = "openapi", schema(example = 0.48))]
    pub p_value: f64,
}

/// Predicted against realised standard deviations.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpreadCalibration {
    /// Predictions with an outcome.
    #[cfg_attr(feature = "openapi", schema(example = 24))]
    pub outcomes: usize,
    /// Returns that were observed after them.
    #[cfg_attr(feature = "openapi", schema(example = 504))]
    pub returns: usize,
    /// Root mean square of the predictions, weighted by degrees of freedom; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.021))]
    pub predicted: Option<f64>,
    /// The same for the realised deviations; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 0.0215))]
    pub realised: Option<f64>,
    /// Realised over predicted root mean square: 1 is right; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required, example = 1.02))]
    pub ratio: Option<f64>,
    /// The test of the ratio; null without outcomes.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub chi_squared: Option<SpreadTest>,
    /// `too_low` when the realised deviation is above the predicted one. Needs 60 returns.
    pub verdict: CalibrationVerdict,
    /// Why figures are null or the verdict is `not_enough`; null otherwise.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub reason: Option<CalibrationReason>,
}

/// Compares predicted standard deviations `σᵢ` with those `sᵢ` of the `nᵢ` realised returns, `νᵢ = nᵢ − 1`, `ν = Σ νᵢ`:
///
/// ```text
/// ratio² = 1/ν · Σ νᵢ·sᵢ²/σᵢ²,    ν' = ν·min(1, 2/(κ − 1)),    ν'·ratio²  ~  χ²(ν')
/// ```
///
/// `κ` is the kurtosis of the returns over their predicted deviations. With independent returns of one kurtosis the variance of `ratio²` is
/// `(κ − 1)/ν`, and `χ²(ν')/ν'` has that variance: for normal returns the test is exact, for fat tails it is Box's correction. The
/// p-value is twice the smaller tail.
///
/// # Errors
/// [`RiskError::OutOfRange`] or [`RiskError::LengthMismatch`] for an impossible sample.
///
/// # Reference
/// Box (1953), "Non-normality and tests on variances", Biometrika 40(3/4), 318–335.
///
/// # Example
/// ```
/// use risk::calibration::{CalibrationVerdict, SpreadSample, assess_spread};
///
/// // 101 normal returns with 1.21 times the predicted variance: χ² = 121 with 100 degrees of freedom, upper tail 7.5 %.
/// let sample = SpreadSample { predicted: 0.10, realised: 0.11, returns: 101, kurtosis: Some(3.0) };
/// let found = assess_spread(&[sample])?;
/// let test = found.chi_squared.unwrap();
/// assert!((test.statistic - 121.0).abs() < 1e-9 && (test.p_value - 0.1504).abs() < 1e-3);
/// assert_eq!(found.verdict, CalibrationVerdict::Consistent);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn assess_spread(samples: &[SpreadSample]) -> Result<SpreadCalibration, RiskError> {
    samples.iter().try_for_each(SpreadSample::check)?;
    let returns = samples.iter().map(|sample| sample.returns).sum();
    let freedom: f64 = samples.iter().map(SpreadSample::degrees_of_freedom).sum();
    let mean = |of: fn(&SpreadSample) -> f64| {
        let weighted = samples.iter().map(|sample| sample.degrees_of_freedom() * of(sample).powi(2));
        (!samples.is_empty()).then(|| (weighted.sum::<f64>() / freedom).sqrt())
    };
    let ratio = mean(|sample| sample.realised / sample.predicted);
    let chi_squared = ratio.map(|ratio| {
        let kurtosis = pooled_kurtosis(samples);
        let degrees_of_freedom = freedom * (2.0 / (kurtosis - 1.0)).min(1.0);
        let statistic = degrees_of_freedom * ratio * ratio;
        let (shape, at) = (0.5 * degrees_of_freedom, 0.5 * statistic);
        let p_value = if at > 0.0 { two_sided(gamma_lr(shape, at), gamma_ur(shape, at)) } else { 0.0 };
        SpreadTest { statistic, degrees_of_freedom, kurtosis, p_value }
    });
    let is_enough = returns >= MIN_SPREAD_RETURNS;
    Ok(SpreadCalibration {
        outcomes: samples.len(),
        returns,
        predicted: mean(|sample| sample.predicted),
        realised: mean(|sample| sample.realised),
        ratio,
        verdict: CalibrationVerdict::of(
            is_enough,
            chi_squared.map_or(1.0, |test| test.p_value),
            ratio.is_some_and(|ratio| ratio > 1.0),
        ),
        reason: reason_of_count(samples.len(), is_enough),
        chi_squared,
    })
}

/// Kurtosis of all returns, each less the mean of its sample and divided by its prediction; 3 when nothing varies.
fn pooled_kurtosis(samples: &[SpreadSample]) -> f64 {
    let (mut count, mut second, mut fourth) = (0.0, 0.0, 0.0);
    for sample in samples {
        let n = sample.returns as f64;
        let moment = (sample.realised / sample.predicted).powi(2) * (n - 1.0) / n;
        count += n;
        second += n * moment;
        fourth += n * sample.kurtosis.unwrap_or(3.0) * moment * moment;
    }
    let kurtosis = count * fourth / (second * second);
    if kurtosis.is_finite() { kurtosis.max(1.0) } else { 3.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(realised: f64, kurtosis: f64) -> SpreadSample {
        SpreadSample { predicted: 0.02, realised, returns: 21, kurtosis: Some(kurtosis) }
    }

    #[test]
    fn fat_tails_weaken_the_test() {
        let normal = assess_spread(&[sample(0.0225, 3.0); 24]).unwrap();
        let fat = assess_spread(&[sample(0.0225, 12.0); 24]).unwrap();
        assert_eq!(normal.verdict, CalibrationVerdict::TooLow);
        assert_eq!(fat.verdict, CalibrationVerdict::Consistent);
        let freedom = |found: &SpreadCalibration| found.chi_squared.unwrap().degrees_of_freedom;
        assert!((freedom(&normal) - 480.0).abs() < 1e-9 && (freedom(&fat) - 480.0 * 2.0 / 11.0).abs() < 1e-9);
        assert_eq!(normal.ratio, fat.ratio);
        assert_eq!(assess_spread(&[sample(0.015, 3.0); 24]).unwrap().verdict, CalibrationVerdict::TooHigh);
    }

    #[test]
    fn pooling_keeps_the_kurtosis_of_one_sample() {
        let returns = [0.01, -0.02, 0.03, 0.0, -0.01, 0.005, 0.0, -0.004];
        let one = SpreadSample::of(0.01, &returns).unwrap();
        assert!((pooled_kurtosis(&[one]) - one.kurtosis.unwrap()).abs() < 1e-12);
        // Twice the returns against twice the prediction are the same evidence.
        let doubled = SpreadSample::of(0.02, &returns.map(|r| 2.0 * r)).unwrap();
        assert!((pooled_kurtosis(&[one, doubled]) - one.kurtosis.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn nothing_and_nothing_that_varies_are_defined() {
        let none = assess_spread(&[]).unwrap();
        assert_eq!((none.ratio, none.chi_squared, none.reason), (None, None, Some(CalibrationReason::NoOutcomes)));
        let flat = SpreadSample::of(0.01, &[0.0; 80]).unwrap();
        assert_eq!(flat.kurtosis, None);
        assert_eq!(assess_spread(&[flat]).unwrap().verdict, CalibrationVerdict::TooHigh);
        for wrong in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(SpreadSample::of(wrong, &[0.01, 0.02]).is_err(), "{wrong}");
        }
        assert!(SpreadSample::of(0.1, &[0.01]).is_err());
    }
}
