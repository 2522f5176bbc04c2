//! The probability that the true Sharpe ratio is above a benchmark, and the track record needed to show it.

use risk::{normal_cdf, normal_quantile};

use super::{SharpeForm, SharpeSample};
use crate::error::{EvaluateParameter, require, require_probability};
use crate::reason::finite;
use crate::{EvaluateError, NoFigure};

/// Relative rounding of a ratio of sums over a long series.
const ROUNDING: f64 = 1e-12;

impl SharpeSample {
    /// Probabilistic Sharpe ratio: one minus the p-value of the hypothesis that the true ratio equals the benchmark,
    /// against the alternative that it is above.
    ///
    /// ```text
    /// PSR = Φ( (SR − SR₀)/√V )
    /// ```
    ///
    /// with the variance of [`SharpeForm`]. `benchmark`: `SR₀`, per period. Result: from 0 to 1; above 0.95 the ratio is
    /// above the benchmark at the level of 5 %.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a benchmark that is not finite; [`EvaluateError::Unavailable`] without a variance.
    pub fn probabilistic(&self, form: SharpeForm, benchmark: f64) -> Result<f64, EvaluateError> {
        require(benchmark.is_finite(), EvaluateParameter::Sharpe, benchmark)?;
        let error = self.variance(form, benchmark)?.sqrt();
        Ok(normal_cdf((self.sharpe() - benchmark) / error))
    }

    /// Minimum track record: the number of observations with these moments needed to show that the ratio is above the
    /// benchmark.
    ///
    /// ```text
    /// 2012/14   1 + (T − 1)·V·( z/(SR − SR₀) )²
    /// 2025          T·V·( z/(SR − SR₀) )²               z = Φ⁻¹(1 − level)
    /// ```
    ///
    /// `benchmark`: `SR₀`, per period; `level`: significance of the one-sided test, such as 0.05. Result: a number of
    /// periods, not rounded.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a benchmark that is not finite or a level outside (0, 1);
    /// [`EvaluateError::Unavailable`] for a ratio that is not above the benchmark, or without a variance.
    pub fn minimum_track_record(&self, form: SharpeForm, benchmark: f64, level: f64) -> Result<f64, EvaluateError> {
        require(benchmark.is_finite(), EvaluateParameter::Sharpe, benchmark)?;
        require_probability(EvaluateParameter::Level, level)?;
        // A mean that is nothing but the rounding of its sum is not above its benchmark.
        if self.sharpe() - benchmark <= ROUNDING * (1.0 + benchmark.abs()) {
            return Err(NoFigure::NotAboveBenchmark.into());
        }
        let distance = -normal_quantile(level)? / (self.sharpe() - benchmark);
        let length = self.variance_of_one(form, benchmark)? * distance * distance;
        Ok(finite(match form {
            SharpeForm::Form2012 => 1.0 + length,
            SharpeForm::Form2025 => length,
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SharpeMoments;

    fn sample(mean: f64, observations: usize) -> SharpeSample {
        let moments =
            SharpeMoments { mean, sd: 1.0, skewness: -0.5, kurtosis: 5.0, autocorrelation: 0.1, observations };
        SharpeSample::from_moments(moments).unwrap()
    }

    #[test]
    fn the_minimum_track_record_is_where_the_test_turns() {
        for form in [SharpeForm::Form2012, SharpeForm::Form2025] {
            let length = sample(0.2, 50).minimum_track_record(form, 0.05, 0.05).unwrap();
            let below = sample(0.2, length.floor() as usize).probabilistic(form, 0.05).unwrap();
            let above = sample(0.2, length.ceil() as usize).probabilistic(form, 0.05).unwrap();
            assert!(below < 0.95 && above >= 0.95, "{form:?}: {length} {below} {above}");
        }
    }

    #[test]
    fn a_ratio_below_the_benchmark_never_shows() {
        let none = sample(0.1, 50).minimum_track_record(SharpeForm::Form2025, 0.1, 0.05);
        assert_eq!(none, Err(EvaluateError::Unavailable(NoFigure::NotAboveBenchmark)));
        assert!(sample(0.1, 50).probabilistic(SharpeForm::Form2025, 0.2).unwrap() < 0.5);
        assert!(sample(0.1, 50).probabilistic(SharpeForm::Form2012, f64::NAN).is_err());
        assert!(sample(0.1, 50).minimum_track_record(SharpeForm::Form2012, 0.0, 1.0).is_err());
        // Gains and losses that cancel leave a mean of 1e-19 and not of 0.
        let level = SharpeSample::from_returns(&[0.01, -0.01].repeat(50)).unwrap();
        for form in [SharpeForm::Form2012, SharpeForm::Form2025] {
            let length = level.minimum_track_record(form, 0.0, 0.05);
            assert_eq!(length, Err(EvaluateError::Unavailable(NoFigure::NotAboveBenchmark)), "{form:?}");
        }
    }
}
