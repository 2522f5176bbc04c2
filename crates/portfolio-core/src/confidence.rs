//! Confidence levels of risk measures.

use serde::Serialize;

/// A confidence level of a risk measure, strictly between 0 and 1: 0.95 looks at the worst 5 % of outcomes.
///
/// # Example
/// ```
/// use portfolio_core::Confidence;
///
/// let level = Confidence::new(0.95)?;
/// assert!((level.tail() - 0.05).abs() < 1e-15);
/// assert!(Confidence::new(1.0).is_err());
/// # Ok::<(), portfolio_core::ConfidenceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Confidence(f64);

/// A confidence level outside (0, 1).
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a confidence level lies strictly between 0 and 1, got {value}", value = crate::Written(*value))]
pub struct ConfidenceError {
    /// The rejected value.
    pub value: f64,
}

impl Confidence {
    /// 95 %, the usual level.
    pub const P95: Self = Self(0.95);
    /// 99 %.
    pub const P99: Self = Self(0.99);

    /// Checks a level once, so that code that receives it need not check it again.
    ///
    /// # Errors
    /// [`ConfidenceError`] when `value` is not a number strictly between 0 and 1.
    pub fn new(value: f64) -> Result<Self, ConfidenceError> {
        if value > 0.0 && value < 1.0 { Ok(Self(value)) } else { Err(ConfidenceError { value }) }
    }

    /// The level itself, a fraction.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// `1 − level`: the share of outcomes in the tail.
    #[must_use]
    pub fn tail(self) -> f64 {
        1.0 - self.0
    }
}
