//! Location and spread of a series, and whether the spread exceeds rounding error.

use portfolio_core::return_rounding;

use crate::UnavailableReason;
use crate::reason::{Figure, finite};
use crate::sums::{largest_size, sum_map, sum_map2};

/// Location and spread of a checked, non-empty series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    /// `Σ (x − mean)²`.
    pub(crate) squares: f64,
    pub(crate) count: usize,
    /// Size of the growth factors `1 + r`, which determines the rounding error of the values.
    factor: f64,
}

impl Spread {
    /// Two passes. The mean is taken relative to the first value, so a constant series has a spread of exactly zero.
    #[inline(always)]
    pub(crate) fn of(values: &[f64]) -> Self {
        let mean = Self::mean_of(values);
        let squares = sum_map(values, |x| (x - mean) * (x - mean));
        // In a series without spread every value equals the mean, so the mean gives the size of the growth factors.
        Self { mean, squares, count: values.len(), factor: 1.0 + mean.abs() }
    }

    #[inline(always)]
    pub(crate) fn mean_of(values: &[f64]) -> f64 {
        let first = values[0];
        first + sum_map(values, |x| x - first) / values.len() as f64
    }

    /// The same for the differences of two series of equal length.
    pub(crate) fn of_difference(xs: &[f64], ys: &[f64]) -> Self {
        let count = xs.len();
        let first = xs[0] - ys[0];
        let mean = first + sum_map2(xs, ys, |x, y| (x - y) - first) / count as f64;
        let squares = sum_map2(xs, ys, |x, y| ((x - y) - mean) * ((x - y) - mean));
        // Each series carries rounding error of its own size, however small their difference.
        let largest = largest_size(xs).max(largest_size(ys));
        Self { mean, squares, count, factor: 1.0 + largest }
    }

    /// Sample standard deviation, denominator `T − 1`.
    pub(crate) fn deviation(&self) -> Figure {
        if self.count < 2 {
            return Err(UnavailableReason::TooFewReturns);
        }
        finite((self.squares / (self.count - 1) as f64).sqrt())
    }

    /// As [`deviation`](Self::deviation), for use as a divisor: a spread within rounding error counts as zero.
    pub(crate) fn divisor(&self) -> Figure {
        let deviation = self.deviation()?;
        if deviation > return_rounding(self.factor) { Ok(deviation) } else { Err(UnavailableReason::ZeroVolatility) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_that_rounding_makes_is_no_divisor() {
        let prices = |growth: f64| -> Vec<f64> { (0..1000).map(|i| 100.0 * growth.powi(i)).collect() };
        for growth in [1.001, 0.999, 1.0003, 1.05, 0.95, 1.0 + 1e-9] {
            let flat: Vec<f64> = prices(growth).windows(2).map(|p| p[1] / p[0] - 1.0).collect();
            let spread = Spread::of(&flat);
            assert!(spread.squares > 0.0, "{growth}");
            assert_eq!(spread.divisor(), Err(UnavailableReason::ZeroVolatility), "{growth}");
        }
        // A hundred times the rounding error of one is a real spread.
        let calm: Vec<f64> = (0..1000).map(|i| 0.001 + if i % 2 == 0 { 1e-12 } else { -1e-12 }).collect();
        assert!(Spread::of(&calm).divisor().is_ok());
    }

    #[test]
    fn a_difference_carries_the_rounding_of_the_larger_series() {
        let small = [0.0; 100];
        // A million, multiplied and divided again, carries its own rounding error and not that of a growth factor near
        // one.
        let factors = (0..100).map(|i| 1.0 + f64::from((i * 37) % 101) / 1000.0);
        let large: Vec<f64> = factors.map(|factor| 1e6 * factor / factor).collect();
        for difference in [Spread::of_difference(&small, &large), Spread::of_difference(&large, &small)] {
            assert!(difference.squares > 0.0);
            assert_eq!(difference.divisor(), Err(UnavailableReason::ZeroVolatility));
        }
    }

    #[test]
    fn a_constant_series_has_exactly_no_spread() {
        // 0.1 has no exact binary form: a naive mean of 1,000 of them is off in the last bits.
        let spread = Spread::of(&[0.1; 1000]);
        assert_eq!((spread.mean, spread.squares), (0.1, 0.0));
        assert_eq!(spread.divisor(), Err(UnavailableReason::ZeroVolatility));
    }
}
