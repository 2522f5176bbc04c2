//! Mean, spread and shape of a return series.

use crate::error::{check_returns, unavailable};
use crate::reason::{Figure, finite};
use crate::{RiskError, RiskOptions, UnavailableReason};

/// Independent partial sums: they break the chain of dependent additions and keep rounding errors small.
const LANES: usize = 8;

/// `Σ f(xᵢ)` in a fixed order that does not depend on the machine.
#[inline]
pub(crate) fn sum_map(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += f(x);
    }
    fold(lanes)
}

/// `Σ f(xᵢ, yᵢ)` over two series of one length, in the same fixed order.
#[inline]
pub(crate) fn sum_map2(xs: &[f64], ys: &[f64], f: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (x_chunks, y_chunks) = (xs.chunks_exact(LANES), ys.chunks_exact(LANES));
    let (x_rest, y_rest) = (x_chunks.remainder(), y_chunks.remainder());
    for (x_chunk, y_chunk) in x_chunks.zip(y_chunks) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x_chunk).zip(y_chunk) {
            *lane += f(x, y);
        }
    }
    for ((lane, &x), &y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
        *lane += f(x, y);
    }
    fold(lanes)
}

fn fold(l: [f64; LANES]) -> f64 {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

/// How far rounding can move a return: 64 units in the last place of a growth factor `1 + r` near one.
///
/// A return is the quotient of two prices less one. Each price, each step that led to it and the quotient are rounded, which
/// moves the return by a few units in the last place of `1 + r`, however small the return itself is.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// What rounding can make of a number that is zero in exact arithmetic, when growth factors of about `factor` are behind it.
pub(crate) fn rounding(factor: f64) -> f64 {
    ROUNDING * factor
}

/// Location and spread of a checked, non-empty series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    /// `Σ (x − mean)²`.
    pub(crate) squares: f64,
    pub(crate) count: usize,
    /// Size of the growth factors `1 + r` whose rounding the values carry.
    factor: f64,
}

impl Spread {
    /// Two passes. The mean is taken relative to the first value, so a constant series has a spread of exactly zero.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mean = Self::mean_of(values);
        let squares = sum_map(values, |x| (x - mean) * (x - mean));
        // A series without spread consists of its mean, so the mean is all that is needed to tell.
        Self { mean, squares, count: values.len(), factor: 1.0 + mean.abs() }
    }

    pub(crate) fn mean_of(values: &[f64]) -> f64 {
        let first = values[0];
        first + sum_map(values, |x| x - first) / values.len() as f64
    }

    /// The same for the differences of two series of one length.
    pub(crate) fn of_difference(xs: &[f64], ys: &[f64]) -> Self {
        let count = xs.len();
        let first = xs[0] - ys[0];
        let mean = first + sum_map2(xs, ys, |x, y| (x - y) - first) / count as f64;
        let squares = sum_map2(xs, ys, |x, y| ((x - y) - mean) * ((x - y) - mean));
        // The two series may move together as far as they like: what is rounded is each of them, not their difference.
        let largest = xs.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        Self { mean, squares, count, factor: 1.0 + largest }
    }

    /// Sample standard deviation, denominator `T − 1`.
    pub(crate) fn deviation(&self) -> Figure {
        if self.count < 2 {
            return Err(UnavailableReason::TooFewReturns);
        }
        finite((self.squares / (self.count - 1) as f64).sqrt())
    }

    /// As [`deviation`](Self::deviation), for a divisor: a spread that rounding can make is none.
    pub(crate) fn divisor(&self) -> Figure {
        let deviation = self.deviation()?;
        if deviation > rounding(self.factor) { Ok(deviation) } else { Err(UnavailableReason::ZeroVolatility) }
    }
}

/// Standardised third and fourth moments of a checked series, under both names in use.
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
            // Standardising before the powers keeps them within range for any scale of the data.
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

/// Arithmetic mean return per period, `Σ r / T`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 1`.
///
/// # Errors
/// [`RiskError::Empty`] for no returns; [`RiskError::NotFinite`] with the first bad position;
/// [`RiskError::Unavailable`] when the mean overflows.
///
/// # Example
/// ```
/// assert!((risk::mean_return(&[0.02, -0.01, 0.05])? - 0.02).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn mean_return(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    finite(Spread::of(returns).mean).map_err(unavailable("mean_return"))
}

/// Sample standard deviation per period, `√( Σ (r − r̄)² / (T − 1) )`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`.
/// Result: a fraction per period, not annualised; exactly 0 for a constant series.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], or [`RiskError::Unavailable`] for a single return or an overflow.
///
/// # Example
/// ```
/// // Deviations −0.01, 0, 0.01: the squares sum to 0.0002 and are divided by T − 1 = 2.
/// assert!((risk::standard_deviation(&[0.01, 0.02, 0.03])? - 0.01).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn standard_deviation(returns: &[f64]) -> Result<f64, RiskError> {
    check_returns(returns)?;
    Spread::of(returns).deviation().map_err(unavailable("standard_deviation"))
}

/// Annualised volatility: [`standard_deviation`] times `√periods_per_year`.
///
/// `returns`: simple returns per period as fractions, any order, length `T ≥ 2`.
/// Result: a fraction per year.
///
/// # Errors
/// As [`standard_deviation`]; [`RiskError::Option`] for options out of range.
///
/// # Example
/// ```
/// use risk::{RiskOptions, volatility_annual};
///
/// let weekly = RiskOptions { periods_per_year: 49.0, ..RiskOptions::default() };
/// assert!((volatility_annual(&[0.01, 0.02, 0.03], &weekly)? - 0.07).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn volatility_annual(returns: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_returns(returns)?;
    volatility(&Spread::of(returns), options).map_err(unavailable("volatility_annual"))
}

pub(crate) fn volatility(spread: &Spread, options: &RiskOptions) -> Figure {
    finite(spread.deviation()? * options.periods_per_year.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_series_has_exactly_no_spread() {
        // 0.1 has no exact binary form: a naive mean of 1,000 of them is off in the last bits.
        assert_eq!(standard_deviation(&[0.1; 1000]), Ok(0.0));
        assert_eq!(Spread::of(&[0.1; 1000]).divisor(), Err(UnavailableReason::ZeroVolatility));
    }

    #[test]
    fn a_spread_that_rounding_makes_is_no_divisor() {
        let prices = |growth: f64| -> Vec<f64> { (0..1000).map(|i| 100.0 * growth.powi(i)).collect() };
        for growth in [1.001, 0.999, 1.0003, 1.05, 0.95, 1.0 + 1e-9] {
            let flat: Vec<f64> = prices(growth).windows(2).map(|p| p[1] / p[0] - 1.0).collect();
            let spread = Spread::of(&flat);
            assert!(spread.squares > 0.0, "{growth}");
            assert_eq!(spread.divisor(), Err(UnavailableReason::ZeroVolatility), "{growth}");
        }
        // A hundred times the rounding of one is a spread.
        let calm: Vec<f64> = (0..1000).map(|i| 0.001 + if i % 2 == 0 { 1e-12 } else { -1e-12 }).collect();
        assert!(Spread::of(&calm).divisor().is_ok());
    }

    #[test]
    fn short_or_bad_input_is_an_error() {
        assert_eq!(mean_return(&[]), Err(RiskError::Empty));
        assert_eq!(standard_deviation(&[0.0, f64::NAN]), Err(RiskError::NotFinite { what: "return", index: 1 }));
        assert_eq!(
            standard_deviation(&[0.3]),
            Err(RiskError::Unavailable { metric: "standard_deviation", reason: UnavailableReason::TooFewReturns })
        );
        assert_eq!(
            standard_deviation(&[1e300, -1e300]),
            Err(RiskError::Unavailable { metric: "standard_deviation", reason: UnavailableReason::Overflow })
        );
    }

    #[test]
    fn a_large_common_level_costs_no_digits() {
        let small: Vec<f64> = (0..1000).map(|i| f64::from(i % 7) / 64.0).collect();
        let lifted: Vec<f64> = small.iter().map(|x| x + 1048576.0).collect();
        let (a, b) = (standard_deviation(&small).unwrap(), standard_deviation(&lifted).unwrap());
        assert!((a - b).abs() < 1e-9 * a, "{a} {b}");
    }

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
