//! Exponentially weighted volatility.

use std::fmt;

use serde::Serialize;

use crate::error::check_returns;
use crate::{RiskError, RiskOptions, RiskParameter, UnavailableReason};

/// How exponential weights treat the time before the first observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EwmaStart {
    /// The RiskMetrics recursion, started at the first observation, which keeps the weight `λ^(t−1)`.
    #[default]
    Recursive,
    /// The weights `λ^i` of the past are divided by their sum.
    Normalised,
}

impl fmt::Display for EwmaStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Recursive => "recursive",
            Self::Normalised => "normalised",
        })
    }
}

/// Exponentially weighted volatility after every return, annualised, length `T`.
///
/// ```text
/// recursive      s²_1 = r_1²,  s²_t = λ·s²_{t−1} + (1 − λ)·r_t²
/// normalised     s²_t = Σ_{i≥0} λ^i·r_{t−i}² / Σ_{i≥0} λ^i
/// volatility_t = √(periods_per_year·s²_t)
/// ```
///
/// The value at `t` includes the return of `t`; no mean is removed. The two forms differ by the weight of the first
/// return, which is below one percent after 75 days at `λ = 0.94`.
///
/// `returns`: simple returns per period as fractions, oldest first, length `T ≥ 1`; `decay`: `λ`, in `[0, 1)`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::OutOfRange`]; [`RiskError::Unavailable`] on overflow.
///
/// # Reference
/// J.P. Morgan/Reuters (1996), "RiskMetrics technical document", 4th edition, section 5.2.
///
/// # Example
/// ```
/// use risk::volatility::{EwmaStart, ewma_volatility};
/// use risk::RiskOptions;
///
/// let options = RiskOptions { periods_per_year: 1.0, ..RiskOptions::default() };
/// let volatility = ewma_volatility(&[0.02, 0.00], 0.75, EwmaStart::Recursive, &options)?;
/// assert!((volatility[0] - 0.02).abs() < 1e-15);
/// // √(0.75 · 0.0004)
/// assert!((volatility[1] - 0.0003_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn ewma_volatility(
    returns: &[f64],
    decay: f64,
    start: EwmaStart,
    options: &RiskOptions,
) -> Result<Vec<f64>, RiskError> {
    options.check()?;
    check_returns(returns)?;
    check_decay(decay)?;
    // Σ w·r² over Σ w; the recursion is the case in which the first weight is 1 and the sum stays 1.
    let (mut squares, mut total) = (0.0, 0.0);
    let mut volatility = Vec::with_capacity(returns.len());
    for (t, r) in returns.iter().enumerate() {
        let weight = if t == 0 && start == EwmaStart::Recursive { 1.0 } else { 1.0 - decay };
        squares = decay * squares + weight * r * r;
        total = decay * total + weight;
        let variance = if start == EwmaStart::Recursive { squares } else { squares / total };
        volatility.push((options.periods_per_year * variance).sqrt());
    }
    if volatility.iter().any(|v| !v.is_finite()) {
        return Err(RiskError::Unavailable(UnavailableReason::Overflow));
    }
    Ok(volatility)
}

/// Rejects a decay that is not at least 0 and below 1.
pub(crate) fn check_decay(decay: f64) -> Result<(), RiskError> {
    if (0.0..1.0).contains(&decay) {
        Ok(())
    } else {
        Err(RiskError::OutOfRange { parameter: RiskParameter::Decay, value: decay })
    }
}
