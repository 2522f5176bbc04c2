//! A scale for scores: an error that is large on a calm day is small on a volatile one.

use crate::ConformalError;

/// The exponentially weighted standard deviation of forecast errors around zero (RiskMetrics 1996): s² = λ s² + (1 − λ) e².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EwmaScale {
    decay: f64,
    variance: f64,
}

impl EwmaScale {
    /// Starts from the mean square of some errors.
    ///
    /// # Errors
    /// A decay outside [0, 1), or errors that are not finite or all zero.
    pub fn new(decay: f64, errors: &[f64]) -> Result<Self, ConformalError> {
        if !(0.0..1.0).contains(&decay) {
            return Err(ConformalError::Range("decay"));
        }
        let variance = errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64;
        if variance > 0.0 && variance.is_finite() { Ok(Self { decay, variance }) } else { Err(ConformalError::Scale) }
    }

    /// The current standard deviation, in the unit of the errors.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Learns one error.
    ///
    /// # Errors
    /// An error whose square is not finite; then nothing is learned.
    pub fn observe(&mut self, error: f64) -> Result<(), ConformalError> {
        let variance = self.decay * self.variance + (1.0 - self.decay) * error * error;
        if !variance.is_finite() {
            return Err(ConformalError::NotFinite);
        }
        // A long run of exact forecasts must not end the scale.
        self.variance = variance.max(f64::MIN_POSITIVE);
        Ok(())
    }
}
