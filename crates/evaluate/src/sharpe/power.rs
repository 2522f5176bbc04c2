//! The critical value and the power of a test of a Sharpe ratio.

use risk::{normal_cdf, normal_quantile};

use super::{SharpeForm, SharpeSample};
use crate::EvaluateError;
use crate::error::{EvaluateParameter, require, require_probability};

impl SharpeSample {
    /// Critical Sharpe ratio: a ratio above it rejects the hypothesis `null` at the level, `SR₀ + Φ⁻¹(1 − level)·√V(SR₀)`.
    ///
    /// Form of 2025. `null`: `SR₀`, per period. Result: per period. The observed ratio is not used.
    ///
    /// # Errors
    /// [`EvaluateError::OutOfRange`] for a hypothesis that is not finite or a level outside (0, 1);
    /// [`EvaluateError::Unavailable`] without a variance.
    pub fn critical(&self, null: f64, level: f64) -> Result<f64, EvaluateError> {
        require(null.is_finite(), EvaluateParameter::Sharpe, null)?;
        require_probability(EvaluateParameter::Level, level)?;
        Ok(null - normal_quantile(level)? * self.variance(SharpeForm::Form2025, null)?.sqrt())
    }

    /// Power: the probability that the test at the level rejects `null` when the true ratio is `alternative`.
    ///
    /// ```text
    /// 1 − β = Φ( (SR₁ − SR_c)/√V(SR₁) ),   SR_c the critical value
    /// ```
    ///
    /// Form of 2025: the variance of each hypothesis is evaluated at its own ratio.
    ///
    /// # Errors
    /// As [`critical`](Self::critical).
    pub fn power(&self, null: f64, alternative: f64, level: f64) -> Result<f64, EvaluateError> {
        require(alternative.is_finite(), EvaluateParameter::Sharpe, alternative)?;
        let error = self.variance(SharpeForm::Form2025, alternative)?.sqrt();
        Ok(normal_cdf((alternative - self.critical(null, level)?) / error))
    }
}
