//! Risk over a moving window, at constant cost per step.
//!
//! A window is cut at a multiple of its length into the tail of one block and the head of the next. Tails and heads
//! are accumulated once per block, and each window is one merge of two of them. Nothing is ever subtracted, so an
//! outlier that leaves the window leaves no rounding error behind.

use serde::Serialize;

use crate::error::{check_finite, check_length, check_returns};
use crate::moments::rounding;
use crate::{RiskError, RiskOptions};

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

/// One measure over every window of `window` consecutive returns, length `T − window + 1`; the entry `i` describes the
/// returns `i` to `i + window − 1`.
///
/// An entry is absent where the measure does not exist: no variation to divide by, a drawdown with a return below
/// −1, a relative measure without benchmark, or fewer than two returns in a window. A series shorter than the window has no entries.
///
/// `returns`, `benchmark`: simple returns per period as fractions, oldest first, of one length.
/// Cost: `O(T)`, whatever the window.
///
/// # Errors
/// [`RiskError::Empty`], [`RiskError::NotFinite`], [`RiskError::LengthMismatch`]; [`RiskError::Option`] for a window of
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
        check_length("benchmark returns", returns.len(), benchmark.len())?;
        check_finite("benchmark return", benchmark)?;
    }
    if window == 0 {
        return Err(RiskError::Option { option: "window", requirement: "at least 1", value: 0.0 });
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

/// A summary of consecutive observations that can be joined to the summary of those that follow.
trait Merge: Copy {
    fn merge(self, later: Self) -> Self;
}

/// The summaries of all windows, in order.
fn slide<M: Merge>(count: usize, window: usize, one: impl Fn(usize) -> M) -> impl Iterator<Item = M> {
    // heads[t]: from the start of the block of t up to t; tails[t]: from t to the end of its block.
    let mut heads: Vec<M> = Vec::with_capacity(count);
    for t in 0..count {
        let item = one(t);
        heads.push(if t % window == 0 { item } else { heads[t - 1].merge(item) });
    }
    let mut tails = heads.clone();
    for t in (0..count).rev() {
        let ends_block = (t + 1) % window == 0 || t + 1 == count;
        tails[t] = if ends_block { one(t) } else { one(t).merge(tails[t + 1]) };
    }
    (0..count.saturating_sub(window - 1)).map(move |start| {
        let last = start + window - 1;
        if start % window == 0 { heads[last] } else { tails[start].merge(heads[last]) }
    })
}

/// Means and central products of pairs.
#[derive(Debug, Clone, Copy)]
struct Pair {
    count: f64,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Pair {
    fn one(x: f64, y: f64) -> Self {
        Self { count: 1.0, mean_x: x, mean_y: y, xx: 0.0, yy: 0.0, xy: 0.0 }
    }

    fn deviation(&self, squares: f64) -> Option<f64> {
        if self.count < 2.0 { None } else { Some((squares / (self.count - 1.0)).sqrt()) }
    }

    fn deviation_x(&self) -> Option<f64> {
        self.deviation(self.xx)
    }

    fn divisor_x(&self) -> Option<f64> {
        self.deviation(self.xx).filter(|d| *d > rounding(1.0 + self.mean_x.abs()))
    }

    fn divisor_y(&self) -> Option<f64> {
        self.deviation(self.yy).filter(|d| *d > rounding(1.0 + self.mean_y.abs()))
    }
}

impl Merge for Pair {
    /// Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", The American Statistician 37(3).
    fn merge(self, later: Self) -> Self {
        let count = self.count + later.count;
        let (dx, dy) = (later.mean_x - self.mean_x, later.mean_y - self.mean_y);
        let share = later.count / count;
        let weight = self.count * share;
        Self {
            count,
            mean_x: self.mean_x + dx * share,
            mean_y: self.mean_y + dy * share,
            xx: self.xx + later.xx + dx * dx * weight,
            yy: self.yy + later.yy + dy * dy * weight,
            xy: self.xy + later.xy + dx * dy * weight,
        }
    }
}

/// Growth and deepest fall, in logarithms, so that nothing overflows.
#[derive(Debug, Clone, Copy)]
struct Fall {
    growth: f64,
    /// Highest wealth relative to the start, the start included: 0 or more.
    peak: f64,
    /// Lowest wealth relative to the start.
    low: f64,
    /// Deepest fall from a peak to a later point: 0 or less.
    fall: f64,
}

impl Fall {
    /// A return below −1 makes it NaN, which stays.
    fn one(r: f64) -> Self {
        let growth = r.ln_1p();
        Self { growth, peak: if growth > 0.0 { growth } else { 0.0 }, low: growth, fall: minimum(growth, 0.0) }
    }

    fn depth(&self) -> Option<f64> {
        if self.fall.is_nan() { None } else { Some(-self.fall.exp_m1() + 0.0) }
    }
}

/// The smaller one; NaN when either is.
fn minimum(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

impl Merge for Fall {
    fn merge(self, later: Self) -> Self {
        let across = self.growth + later.low - self.peak;
        Self {
            growth: self.growth + later.growth,
            peak: self.peak.max(self.growth + later.peak),
            low: minimum(self.low, self.growth + later.low),
            fall: minimum(minimum(self.fall, later.fall), minimum(across, 0.0)),
        }
    }
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
