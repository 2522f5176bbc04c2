//! Skewness and excess kurtosis of a series.

use crate::error::check_returns;
use crate::reason::{Figure, finite};
use crate::spread::Spread;
use crate::sums::sum_map;
use crate::{RiskError, UnavailableReason};

/// Skewness of the sample, `g₁ = m₃/m₂^1.5`, with central moments that divide by `T`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`. Result: no unit; negative when the
/// large moves are losses.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for a single or constant return.
///
/// # Example
/// ```
/// // 1, 2, 3, 10: mean 4, central sums 50 and 180.
/// let skewness = risk::skewness(&[1.0, 2.0, 3.0, 10.0])?;
/// assert!((skewness - 45.0 / 12.5_f64.powf(1.5)).abs() < 1e-14);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn skewness(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(Shape::of(returns, &Spread::of(returns)).skew_biased?)
}

/// Kurtosis of the sample, `m₄/m₂²`, with central moments that divide by `T`: 3 for the normal law, so it is the raw
/// kurtosis and not the excess.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`. Result: no unit; never below
/// `1 + skewness²`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`]; [`RiskError::Unavailable`] for a single or constant return.
///
/// # Example
/// ```
/// // 1, 2, 3, 10: mean 4, central sums 50 and 1394.
/// assert!((risk::kurtosis(&[1.0, 2.0, 3.0, 10.0])? - 348.5 / 156.25).abs() < 1e-14);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn kurtosis(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Ok(Shape::of(returns, &Spread::of(returns)).excess_kurtosis_biased? + 3.0)
}

/// Standardised third and fourth moments of a checked series, under both definitions in use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// `m₃ / m₂^1.5`.
    pub(crate) skew_biased: Figure,
    /// `m₄ / m₂² − 3`.
    pub(crate) excess_kurtosis_biased: Figure,
    count: usize,
}

impl Shape {
    pub(crate) fn of(values: &[f64], spread: &Spread) -> Self {
        let count = values.len();
        let n = count as f64;
        let shape = spread.divisor().map(|_| {
            // Standardising before taking powers keeps them within range for any scale of the data.
            let scale = (spread.squares / n).sqrt();
            let mean = spread.mean;
            let third = sum_map(values, |x| ((x - mean) / scale).powi(3)) / n;
            let fourth = sum_map(values, |x| ((x - mean) / scale).powi(4)) / n;
            (third, fourth - 3.0)
        });
        Self {
            skew_biased: shape.and_then(|(s, _)| finite(s)),
            excess_kurtosis_biased: shape.and_then(|(_, k)| finite(k)),
            count,
        }
    }

    /// Fisher–Pearson `G₁ = g₁·√(n(n−1))/(n−2)`.
    pub(crate) fn skew_unbiased(&self) -> Figure {
        if self.count < 3 {
            return Err(UnavailableReason::TooFewReturns);
        }
        let n = self.count as f64;
        Ok(self.skew_biased? * (n * (n - 1.0)).sqrt() / (n - 2.0))
    }

    /// `G₂ = (n−1)/((n−2)(n−3))·((n+1)·g₂ + 6)`.
    pub(crate) fn excess_kurtosis_unbiased(&self) -> Figure {
        if self.count < 4 {
            return Err(UnavailableReason::TooFewReturns);
        }
        let n = self.count as f64;
        Ok((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * self.excess_kurtosis_biased? + 6.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_of_a_known_sample() {
        // 1, 2, 3, 10: mean 4, central sums 50, 180, 1394.
        let values = [1.0, 2.0, 3.0, 10.0];
        let shape = Shape::of(&values, &Spread::of(&values));
        let skew = (180.0 / 4.0) / (50.0_f64 / 4.0).powf(1.5);
        let kurtosis = (1394.0 / 4.0) / (50.0_f64 / 4.0).powi(2) - 3.0;
        assert!((shape.skew_biased.unwrap() - skew).abs() < 1e-14);
        assert!((shape.excess_kurtosis_biased.unwrap() - kurtosis).abs() < 1e-14);
        assert!((shape.skew_unbiased().unwrap() - skew * 12.0_f64.sqrt() / 2.0).abs() < 1e-14);
        assert!((shape.excess_kurtosis_unbiased().unwrap() - 1.5 * (5.0 * kurtosis + 6.0)).abs() < 1e-13);
    }
}
