//! Historical VaR under each of the quantile rules in use.

use std::fmt;

use portfolio_core::Confidence;
use serde::Serialize;

use crate::RiskError;
use crate::error::check_returns;
use crate::tail::whole_within_rounding;

/// How a quantile of a sample is read between two observations (types of Hyndman and Fan).
///
/// `n` observations in ascending order, `x₁ ≤ … ≤ x_n`, probability `p`; a rule gives a position `h`, kept within
/// `[1, n]`, and interpolates linearly between the observations on either side of it. A position within 1e-9 of a whole number is that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuantileRule {
    /// Type 1: `x_⌈np⌉`. The convention of this crate: an observed loss that belongs to the CVaR.
    InvertedCdf,
    /// Type 7, `h = (n − 1)p + 1`: the default of numpy, pandas, R and spreadsheets.
    Linear,
    /// The observation at or below the position of type 7.
    Lower,
    /// The observation at or above the position of type 7.
    Higher,
    /// Type 6, `h = (n + 1)p`.
    Weibull,
    /// Type 5, `h = np + 1/2`.
    Hazen,
    /// Type 8, `h = (n + 1/3)p + 1/3`: approximately median-unbiased for any distribution.
    MedianUnbiased,
}

impl QuantileRule {
    /// All rules, in the order of a report.
    pub const ALL: [Self; 7] =
        [Self::Linear, Self::Lower, Self::Higher, Self::InvertedCdf, Self::Weibull, Self::Hazen, Self::MedianUnbiased];

    /// The quantile at probability `p` of ascending, non-empty values.
    pub(crate) fn read(self, sorted: &[f64], p: f64) -> f64 {
        let n = sorted.len() as f64;
        let position = whole_within_rounding(match self {
            Self::InvertedCdf => n * p,
            Self::Linear | Self::Lower | Self::Higher => (n - 1.0) * p + 1.0,
            Self::Weibull => (n + 1.0) * p,
            Self::Hazen => n * p + 0.5,
            Self::MedianUnbiased => (n + 1.0 / 3.0) * p + 1.0 / 3.0,
        });
        let position = match self {
            Self::InvertedCdf | Self::Higher => position.ceil(),
            Self::Lower => position.floor(),
            _ => position,
        }
        .clamp(1.0, n);
        let below = sorted[position.floor() as usize - 1];
        let above = sorted[position.ceil() as usize - 1];
        let share = position - position.floor();
        // Weighted rather than `below + share·(above − below)`, whose difference could overflow.
        if share == 0.0 { below } else { below * (1.0 - share) + above * share }
    }
}

impl fmt::Display for QuantileRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InvertedCdf => "inverted_cdf",
            Self::Linear => "linear",
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Weibull => "weibull",
            Self::Hazen => "hazen",
            Self::MedianUnbiased => "median_unbiased",
        })
    }
}

/// Historical value at risk under a given [`QuantileRule`]: minus the `(1 − level)` quantile of the returns.
///
/// [`value_at_risk`](crate::value_at_risk) is the same with [`QuantileRule::InvertedCdf`], and faster. The other rules
/// are provided because other libraries report them. They read the sample at neighbouring positions, so they differ
/// most where the sample is thin: at a high level or on a short history.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`. Result: positive for a loss.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position.
///
/// # Reference
/// Hyndman and Fan (1996), "Sample quantiles in statistical packages", The American Statistician 50(4), 361–365.
///
/// # Example
/// ```
/// use risk::{Confidence, QuantileRule, value_at_risk_by};
///
/// let returns = [-0.05, -0.03, 0.00, 0.02, 0.04];
/// // Position (5 − 1)·0.125 + 1 = 1.5: half way between the two worst.
/// let var = value_at_risk_by(&returns, Confidence::new(0.875)?, QuantileRule::Linear)?;
/// assert!((var - 0.04).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn value_at_risk_by(returns: &[f64], level: Confidence, rule: QuantileRule) -> Result<f64, RiskError> {
    check_returns(returns)?;
    let mut sorted = returns.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(0.0 - rule.read(&sorted, level.tail()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_on_a_sample_one_can_do_by_hand() {
        let sorted = [10.0, 20.0, 30.0, 40.0];
        // p = 0.3: positions 1.9 (linear), 1.5 (Weibull), 1.7 (Hazen), 1.6333 (median-unbiased), np = 1.2.
        let read = |rule: QuantileRule| rule.read(&sorted, 0.3);
        assert_eq!(read(QuantileRule::InvertedCdf), 20.0);
        assert_eq!((read(QuantileRule::Lower), read(QuantileRule::Higher)), (10.0, 20.0));
        for (rule, expected) in [
            (QuantileRule::Linear, 19.0),
            (QuantileRule::Weibull, 15.0),
            (QuantileRule::Hazen, 17.0),
            (QuantileRule::MedianUnbiased, 10.0 + 10.0 * (1.3 + 1.0 / 3.0 - 1.0)),
        ] {
            assert!((read(rule) - expected).abs() < 1e-12, "{rule:?}");
        }
    }

    #[test]
    fn every_rule_stays_within_the_sample() {
        for rule in QuantileRule::ALL {
            assert_eq!(rule.read(&[7.0], 0.05), 7.0);
            assert_eq!(rule.read(&[1.0, 2.0], 1e-12), 1.0);
        }
    }
}
