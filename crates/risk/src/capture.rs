//! Capture ratios: how much of its benchmark's gains and losses a series captures.

use std::fmt;

use portfolio_core::return_rounding;
use serde::Serialize;

use crate::benchmark::check_pair;
use crate::growth::Growth;
use crate::reason::{Figure, finite};
use crate::sums::sum_map2;
use crate::{RiskError, RiskOptions, UnavailableReason};

/// The periods that a capture ratio covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureSide {
    /// Periods in which the benchmark gains.
    Up,
    /// Periods in which the benchmark loses.
    Down,
}

impl CaptureSide {
    /// A move within rounding error is neither a gain nor a loss.
    fn takes(self, benchmark: f64) -> bool {
        match self {
            Self::Up => benchmark > return_rounding(1.0),
            Self::Down => benchmark < -return_rounding(1.0),
        }
    }
}

impl fmt::Display for CaptureSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

/// Annualised geometric return over the selected periods, divided by that of the benchmark.
pub(crate) fn capture_geometric(
    returns: &[f64],
    benchmark: &[f64],
    side: CaptureSide,
    options: &RiskOptions,
) -> Figure {
    let chosen = || returns.iter().zip(benchmark).filter(move |&(_, &b)| side.takes(b));
    let growth = Growth::of(chosen().map(|(&r, _)| r))?;
    if growth.count() == 0 {
        return Err(UnavailableReason::NoBenchmarkMove);
    }
    let reference = Growth::of(chosen().map(|(_, &b)| b))?.annualised(options.periods_per_year)?;
    if reference == 0.0 {
        return Err(UnavailableReason::NoBenchmarkMove);
    }
    finite(growth.annualised(options.periods_per_year)? / reference)
}

/// Mean return over the selected periods, divided by that of the benchmark.
pub(crate) fn capture_arithmetic(returns: &[f64], benchmark: &[f64], side: CaptureSide) -> Figure {
    let own = sum_map2(returns, benchmark, |r, b| if side.takes(b) { r } else { 0.0 });
    let reference = sum_map2(returns, benchmark, |_, b| if side.takes(b) { b } else { 0.0 });
    if reference == 0.0 { Err(UnavailableReason::NoBenchmarkMove) } else { finite(own / reference) }
}

/// How much of the benchmark's gains or losses a series captures.
///
/// Both series are compounded over the periods in which the benchmark gains (or loses), annualised by the number of
/// those periods, and divided: `(Π(1+r)^(p/n) − 1) / (Π(1+b)^(p/n) − 1)`.
///
/// `returns`, `benchmark`: simple returns over the same periods as fractions, each at least −1.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`], [`RiskError::OutOfRange`];
/// [`RiskError::Unavailable`] when the benchmark has no such period, a return is below −1, or on overflow.
///
/// # Example
/// ```
/// use risk::{CaptureSide, RiskOptions, capture_ratio};
///
/// let options = RiskOptions { periods_per_year: 1.0, ..RiskOptions::default() };
/// let ratio = capture_ratio(&[0.05, -0.02, 0.05], &[0.10, -0.01, 0.10], CaptureSide::Up, &options)?;
/// assert!((ratio - 0.5).abs() < 1e-12);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn capture_ratio(
    returns: &[f64],
    benchmark: &[f64],
    side: CaptureSide,
    options: &RiskOptions,
) -> Result<f64, RiskError> {
    options.check()?;
    check_pair(returns, benchmark)?;
    Ok(capture_geometric(returns, benchmark, side, options)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_that_stands_still_up_to_rounding_neither_gains_nor_loses() {
        let options = RiskOptions::default();
        let still: Vec<f64> = (0..60).map(|i| if i % 3 == 0 { -1.1e-16 } else { 2.2e-16 }).collect();
        let returns: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 101) / 1000.0 - 0.05).collect();
        for side in [CaptureSide::Up, CaptureSide::Down] {
            let none = Err(UnavailableReason::NoBenchmarkMove);
            assert_eq!(capture_geometric(&returns, &still, side, &options), none);
            assert_eq!(capture_arithmetic(&returns, &still, side), none);
        }
    }

    #[test]
    fn a_benchmark_that_never_falls_has_no_down_capture() {
        let (returns, rising) = ([0.01, -0.02, 0.03], [0.01; 3]);
        let ratio = capture_ratio(&returns, &rising, CaptureSide::Down, &RiskOptions::default());
        assert_eq!(ratio, Err(RiskError::Unavailable(UnavailableReason::NoBenchmarkMove)));
    }
}
