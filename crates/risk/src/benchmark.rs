//! Measures relative to a benchmark.

use crate::error::{RiskInput, check_returns, check_series};
use crate::moments::volatility;
use crate::reason::{Figure, finite};
use crate::spread::Spread;
use crate::sums::sum_map2;
use crate::{RiskError, RiskOptions, UnavailableReason};

/// How a series moves with its benchmark, from one regression on checked input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comovement {
    pub(crate) beta: Figure,
    pub(crate) correlation: Figure,
}

impl Comovement {
    pub(crate) fn of(returns: &[f64], spread: &Spread, benchmark: &[f64], benchmark_spread: &Spread) -> Self {
        let (mr, mb) = (spread.mean, benchmark_spread.mean);
        let divisor = benchmark_spread.divisor().map_err(|reason| match reason {
            UnavailableReason::ZeroVolatility => UnavailableReason::ZeroBenchmarkVolatility,
            other => other,
        });
        let cross = || sum_map2(returns, benchmark, |r, b| (r - mr) * (b - mb));
        Self {
            beta: divisor.and_then(|_| finite(cross() / benchmark_spread.squares)),
            correlation: divisor.and_then(|_| {
                spread.divisor()?;
                let scale = spread.squares.sqrt() * benchmark_spread.squares.sqrt();
                Ok(finite(cross() / scale)?.clamp(-1.0, 1.0))
            }),
        }
    }
}

/// Information ratio: the annualised mean of the differences over their annualised standard deviation.
pub(crate) fn information(difference: &Spread, options: &RiskOptions) -> Figure {
    let deviation = difference.divisor().map_err(|reason| match reason {
        UnavailableReason::ZeroVolatility => UnavailableReason::ZeroTrackingError,
        other => other,
    })?;
    finite(difference.mean / deviation * options.periods_per_year.sqrt())
}

/// Alpha: `periods·((r̄ − r_f) − β(b̄ − r_f))`.
pub(crate) fn alpha(mean: f64, benchmark_mean: f64, beta: Figure, options: &RiskOptions) -> Figure {
    let rate = options.risk_free_per_period();
    finite(options.periods_per_year * ((mean - rate) - beta? * (benchmark_mean - rate)))
}

/// Annualised tracking error: the sample standard deviation (`T − 1`) of `r − b`, times `√periods_per_year`.
///
/// `returns`, `benchmark`: simple returns over the same periods as fractions, length `T ≥ 2`.
/// Result: a fraction per year; 0 when the two differ by a constant.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`], [`RiskError::OutOfRange`];
/// [`RiskError::Unavailable`] for a single period or overflow.
///
/// # Example
/// ```
/// use risk::{RiskOptions, tracking_error};
///
/// let options = RiskOptions { periods_per_year: 4.0, ..RiskOptions::default() };
/// // Differences −0.01, 0, 0.01.
/// let error = tracking_error(&[0.00, 0.02, 0.04], &[0.01, 0.02, 0.03], &options)?;
/// assert!((error - 0.02).abs() < 1e-15);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn tracking_error(returns: &[f64], benchmark: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_pair(returns, benchmark)?;
    Ok(volatility(&Spread::of_difference(returns, benchmark), options)?)
}

/// Annualised information ratio: the mean of `r − b` over its sample standard deviation, times `√periods_per_year`.
///
/// `returns`, `benchmark`: simple returns over the same periods as fractions, length `T ≥ 2`.
///
/// # Errors
/// As [`tracking_error`], and [`RiskError::Unavailable`] when the difference does not vary.
///
/// # Reference
/// Goodwin (1998), "The information ratio", Financial Analysts Journal 54(4), 34–43.
///
/// # Example
/// ```
/// use risk::{RiskOptions, information_ratio};
///
/// let options = RiskOptions { periods_per_year: 4.0, ..RiskOptions::default() };
/// // Differences 0.00, 0.01, 0.02: mean 0.01, deviation 0.01.
/// let ratio = information_ratio(&[0.01, 0.03, 0.05], &[0.01, 0.02, 0.03], &options)?;
/// assert!((ratio - 2.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn information_ratio(returns: &[f64], benchmark: &[f64], options: &RiskOptions) -> Result<f64, RiskError> {
    options.check()?;
    check_pair(returns, benchmark)?;
    Ok(information(&Spread::of_difference(returns, benchmark), options)?)
}

/// Sensitivity to the benchmark, `β = cov(r, b)/var(b)`.
///
/// `returns`, `benchmark`: simple returns over the same periods as fractions, length `T ≥ 2`.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::Unavailable`] for a
/// single period or a benchmark that does not vary.
///
/// # Example
/// ```
/// assert!((risk::beta(&[0.03, 0.01, 0.05], &[0.02, 0.01, 0.03])? - 2.0).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Result<f64, RiskError> {
    check_pair(returns, benchmark)?;
    Ok(Comovement::of(returns, &Spread::of(returns), benchmark, &Spread::of(benchmark)).beta?)
}

pub(crate) fn check_pair(returns: &[f64], benchmark: &[f64]) -> Result<(), RiskError> {
    check_returns(returns)?;
    check_series(RiskInput::Benchmark, returns.len(), benchmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_benchmark_has_reasons_instead_of_figures() {
        let (returns, flat) = ([0.01, -0.02, 0.03], [0.01; 3]);
        let refused = |reason| move |e: RiskError| e == RiskError::Unavailable(reason);
        let options = RiskOptions::default();
        assert!(beta(&returns, &flat).is_err_and(refused(UnavailableReason::ZeroBenchmarkVolatility)));
        assert!(
            information_ratio(&returns, &returns, &options).is_err_and(refused(UnavailableReason::ZeroTrackingError))
        );
    }

    #[test]
    fn a_benchmark_that_is_flat_up_to_rounding_is_flat() {
        let refused = |found: Result<f64, RiskError>, reason| assert_eq!(found, Err(RiskError::Unavailable(reason)));
        let prices: Vec<f64> = (0..250).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        let returns: Vec<f64> = (0..249).map(|i| f64::from((i * 37) % 101) / 1000.0 - 0.05).collect();
        refused(beta(&returns, &flat), UnavailableReason::ZeroBenchmarkVolatility);
        let (spread, of_flat) = (Spread::of(&returns), Spread::of(&flat));
        let together = Comovement::of(&returns, &spread, &flat, &of_flat);
        assert_eq!(together.correlation, Err(UnavailableReason::ZeroBenchmarkVolatility));
        let alpha = alpha(spread.mean, of_flat.mean, together.beta, &RiskOptions::default());
        assert_eq!(alpha, Err(UnavailableReason::ZeroBenchmarkVolatility));
        let swapped = Comovement::of(&flat, &of_flat, &returns, &spread);
        assert_eq!(swapped.correlation, Err(UnavailableReason::ZeroVolatility));
    }

    #[test]
    fn an_index_against_itself_has_no_information_ratio() {
        let options = RiskOptions::default();
        let index: Vec<f64> = (0..250).map(|i| f64::from((i * 37) % 101) / 1000.0 - 0.05).collect();
        let refused = |returns: &[f64], benchmark: &[f64]| {
            let ratio = information_ratio(returns, benchmark, &options);
            assert_eq!(ratio, Err(RiskError::Unavailable(UnavailableReason::ZeroTrackingError)));
        };
        // Held in three parts, so that the sum differs from the index in the last bit.
        let parts: Vec<f64> = index.iter().map(|r| 0.3 * r + 0.3 * r + 0.4 * r).collect();
        assert_ne!(parts, index);
        refused(&parts, &index);
        // The same prices in another currency unit.
        let mut price = 1.0;
        let prices: Vec<f64> = index
            .iter()
            .map(|r| {
                price *= 1.0 + r;
                price
            })
            .collect();
        let of = |unit: f64| -> Vec<f64> { prices.windows(2).map(|p| (p[1] * unit) / (p[0] * unit) - 1.0).collect() };
        refused(&of(1.1), &of(1.0));
        // A fund that follows the index and charges a constant fee.
        let fund: Vec<f64> = index.iter().map(|r| r - 1e-4).collect();
        refused(&fund, &index);
        // Returns of a hundred carry a hundred times the rounding error.
        let wild: Vec<f64> = index.iter().map(|r| 100.0 + 1000.0 * r).collect();
        let wild_parts: Vec<f64> = wild.iter().map(|r| 0.3 * r + 0.3 * r + 0.4 * r).collect();
        refused(&wild_parts, &wild);
    }
}
