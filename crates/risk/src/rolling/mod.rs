//! One measure over every window of a return series.

mod fall;
mod pair;
mod slide;

use std::fmt;

use serde::Serialize;

use self::fall::Fall;
use self::pair::Pair;
use self::slide::slide;
use crate::error::{RiskInput, check_returns, check_series};
use crate::{RiskError, RiskOptions, RiskParameter};

/// What is measured in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RollingMeasure {
    /// Mean return times the periods per year.
    AnnualReturn,
    /// Annualised volatility, denominator `window − 1`.
    Volatility,
    /// Annualised Sharpe ratio.
    Sharpe,
    /// Maximum drawdown of wealth that starts at 1 before the window.
    MaxDrawdown,
    /// Beta to the benchmark.
    Beta,
    /// Correlation with the benchmark.
    Correlation,
    /// Annualised tracking error against the benchmark.
    TrackingError,
}

impl fmt::Display for RollingMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AnnualReturn => "annual_return",
            Self::Volatility => "volatility",
            Self::Sharpe => "sharpe",
            Self::MaxDrawdown => "max_drawdown",
            Self::Beta => "beta",
            Self::Correlation => "correlation",
            Self::TrackingError => "tracking_error",
        })
    }
}

/// One measure over every window of `window` consecutive returns, length `T − window + 1`. Entry `i` describes the
/// returns `i` to `i + window − 1`.
///
/// An entry is absent where the measure does not exist: no variation to divide by, a drawdown with a return below −1, a
/// relative measure without a benchmark, or fewer than two returns in a window. A series shorter than the window has no
/// entries.
///
/// `returns`, `benchmark`: simple returns per period as fractions, oldest first, of the same length.
/// Cost: `O(T)`, whatever the window.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::OutOfRange`] for a window of
/// zero or options out of range.
///
/// # Example
/// ```
/// use risk::{RiskOptions, RollingMeasure, rolling};
///
/// let returns = [0.10, -0.20, 0.10, -0.50];
/// let depth = rolling(&returns, None, 2, RollingMeasure::MaxDrawdown, &RiskOptions::default())?;
/// let depth: Vec<f64> = depth.into_iter().flatten().collect();
/// assert!((depth[0] - 0.2).abs() < 1e-12 && (depth[2] - 0.5).abs() < 1e-12);
/// assert_eq!(depth.len(), 3);
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn rolling(
    returns: &[f64],
    benchmark: Option<&[f64]>,
    window: usize,
    measure: RollingMeasure,
    options: &RiskOptions,
) -> Result<Vec<Option<f64>>, RiskError> {
    options.check()?;
    check_returns(returns)?;
    if let Some(benchmark) = benchmark {
        check_series(RiskInput::Benchmark, returns.len(), benchmark)?;
    }
    if window == 0 {
        return Err(RiskError::OutOfRange { parameter: RiskParameter::Window, value: 0.0 });
    }
    let annual = options.periods_per_year.sqrt();
    let rate = options.risk_free_per_period();
    let windows = returns.len().saturating_sub(window - 1);
    let relative = |read: fn(&Pair, f64) -> Option<f64>| match benchmark {
        Some(benchmark) => {
            slide(returns.len(), window, |t| Pair::one(returns[t], benchmark[t])).map(|p| read(&p, annual)).collect()
        }
        None => vec![None; windows],
    };
    let single = || slide(returns.len(), window, |t| Pair::one(returns[t], 0.0));
    let values: Vec<Option<f64>> = match measure {
        RollingMeasure::AnnualReturn => single().map(|p| Some(p.mean_x * options.periods_per_year)).collect(),
        RollingMeasure::Volatility => single().map(|p| Some(p.deviation_x()? * annual)).collect(),
        RollingMeasure::Sharpe => single().map(|p| Some((p.mean_x - rate) / p.divisor_x()? * annual)).collect(),
        RollingMeasure::MaxDrawdown => {
            slide(returns.len(), window, |t| Fall::one(returns[t])).map(|f| f.depth()).collect()
        }
        RollingMeasure::Beta => relative(|p, _| p.divisor_y().map(|_| p.xy / p.yy)),
        RollingMeasure::Correlation => relative(|p, _| {
            p.divisor_x()?;
            p.divisor_y()?;
            Some((p.xy / (p.xx.sqrt() * p.yy.sqrt())).clamp(-1.0, 1.0))
        }),
        RollingMeasure::TrackingError => match benchmark {
            Some(benchmark) => slide(returns.len(), window, |t| Pair::one(returns[t] - benchmark[t], 0.0))
                .map(|p| Some(p.deviation_x()? * annual))
                .collect(),
            None => vec![None; windows],
        },
    };
    Ok(values.into_iter().map(|v| v.filter(|v| v.is_finite())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(count: i32, step: i32) -> Vec<f64> {
        (0..count).map(|i| f64::from((i * step) % 211) / 2000.0 - 0.05).collect()
    }

    #[test]
    fn every_window_equals_the_measure_of_its_returns() {
        let (returns, benchmark) = (series(200, 7919), series(200, 104_729));
        let options = RiskOptions::default();
        for window in [1, 2, 3, 7, 50, 199, 200] {
            let run = |measure| rolling(&returns, Some(&benchmark), window, measure, &options).unwrap();
            let volatility = run(RollingMeasure::Volatility);
            let (sharpe, depth) = (run(RollingMeasure::Sharpe), run(RollingMeasure::MaxDrawdown));
            let (beta, error) = (run(RollingMeasure::Beta), run(RollingMeasure::TrackingError));
            assert_eq!(volatility.len(), 201 - window);
            for start in 0..=200 - window {
                let (r, b) = (&returns[start..start + window], &benchmark[start..start + window]);
                let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                    (Some(a), Some(b)) => (a - b).abs() < 1e-11 * b.abs().max(1.0),
                    (a, b) => a == b,
                };
                assert!(close(volatility[start], crate::volatility_annual(r, &options).ok()));
                assert!(close(sharpe[start], crate::sharpe_ratio(r, &options).ok()));
                assert!(close(depth[start], crate::max_drawdown(r).ok().map(|d| d.depth)));
                assert!(close(beta[start], crate::beta(r, b).ok()));
                assert!(close(error[start], crate::tracking_error(r, b, &options).ok()));
            }
        }
    }

    #[test]
    fn an_outlier_leaves_no_trace() {
        let mut returns = vec![0.01; 100];
        returns[20] = 1e9;
        let options = RiskOptions::default();
        let volatility = rolling(&returns, None, 10, RollingMeasure::Volatility, &options).unwrap();
        assert_eq!(volatility[21], Some(0.0));
        let sharpe = rolling(&returns, None, 10, RollingMeasure::Sharpe, &options).unwrap();
        assert_eq!((sharpe[21], sharpe[11].is_some()), (None, true));
    }

    #[test]
    fn windows_that_are_flat_up_to_rounding_have_no_ratio() {
        let prices: Vec<f64> = (0..200).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        let returns = series(199, 7919);
        let run = |r: &[f64], b: &[f64], m| rolling(r, Some(b), 20, m, &RiskOptions::default()).unwrap();
        for (r, b, measure) in [
            (&flat, &returns, RollingMeasure::Sharpe),
            (&returns, &flat, RollingMeasure::Beta),
            (&returns, &flat, RollingMeasure::Correlation),
            (&flat, &returns, RollingMeasure::Correlation),
        ] {
            assert!(run(r, b, measure).iter().all(Option::is_none), "{measure:?}");
        }
    }

    #[test]
    fn ruin_and_worse_within_a_window() {
        let options = RiskOptions::default();
        let run = |r: &[f64]| rolling(r, None, 2, RollingMeasure::MaxDrawdown, &options).unwrap();
        assert_eq!(run(&[0.1, -1.0, 0.1, 0.1]), [Some(1.0), Some(1.0), Some(0.0)]);
        assert_eq!(run(&[0.1, -1.5, 0.1, 0.1]), [None, None, Some(0.0)]);
        assert_eq!(run(&[0.1]), []);
        assert!(rolling(&[0.1], None, 0, RollingMeasure::Beta, &options).is_err());
        assert_eq!(rolling(&[0.1, 0.2], None, 2, RollingMeasure::Beta, &options), Ok(vec![None]));
    }
}
