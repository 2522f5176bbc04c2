//! Every metric of one return series, by name.

mod book;
mod conventions;
mod dates;
mod growth;
mod relative;
mod tails;
mod values;

pub use conventions::RiskConventions;
pub use dates::ReturnDates;
pub use values::{MetricValue, MetricValues};

use std::fmt;

use serde::Serialize;

use self::book::Book;
use self::growth::growth_metrics;
use self::relative::benchmark_metrics;
use self::tails::{shape_metrics, tail_metrics};
use crate::error::{RiskInput, check_finite, check_length, check_series};
use crate::shape::Shape;
use crate::spread::Spread;
use crate::{RiskError, RiskOptions, Unavailable, UnavailableReason};

/// All metrics of one return series.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsReport {
    /// Number, date or null by metric name; a null has an entry in `unavailable`.
    #[cfg_attr(feature = "openapi", schema(example = json!({"ann_vol": 0.1832, "sharpe": 0.62, "var95_inverted_cdf": 0.0174}), value_type = std::collections::BTreeMap<String, MetricValue>))]
    pub metrics: MetricValues,
    /// The metrics that are null, each with its reason.
    pub unavailable: Vec<Unavailable>,
    /// How many returns were measured.
    #[cfg_attr(feature = "openapi", schema(example = 2516))]
    pub observations: usize,
    /// The conventions behind the numbers.
    pub conventions: RiskConventions,
}

impl MetricsReport {
    /// Why a metric is null; `None` if it has a value or is not in the report.
    #[must_use]
    pub fn reason(&self, metric: &str) -> Option<UnavailableReason> {
        self.unavailable.iter().find(|missing| missing.metric == metric).map(|missing| missing.reason)
    }
}

impl fmt::Display for MetricsReport {
    /// One line per metric: its name, and its value or the reason why there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.metrics.iter().enumerate() {
            let end = if i + 1 == self.metrics.len() { "" } else { "\n" };
            match self.reason(name) {
                Some(reason) => write!(f, "{name:<24}{value:>14}  {reason}{end}")?,
                None => write!(f, "{name:<24}{value:>14.6}{end}")?,
            }
        }
        Ok(())
    }
}

/// Computes every metric of this crate for one return series.
///
/// * `returns`: simple returns per period as fractions, oldest first. A series too short for a metric leaves it null.
/// * `benchmark`: returns over the same periods; without it the relative metrics are null.
/// * `dates`: for `mdd_peak_date`, `mdd_trough_date` and `mdd_recovery_date`; without them these are null.
///
/// The names are those of the table in `docs/risk.md`. Metrics of a distribution's spread, shape or tail need two
/// returns, as do the ratios; mean, growth, extremes and drawdowns need one. `sharpe`, `sortino` and `alpha_arith` use
/// the risk-free rate of the options, compounded; `sharpe_simple` uses `rate/periods_per_year` instead.
/// Cost: one sort of the series; everything else is linear in `T`.
///
/// # Errors
/// [`RiskError::OutOfRange`], [`RiskError::NotFinite`], or [`RiskError::LengthMismatch`] for a benchmark or dates of
/// another length.
///
/// # Example
/// ```
/// use chrono::NaiveDate;
/// use risk::{ReturnDates, RiskOptions, UnavailableReason, measure};
///
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
/// let dates = ReturnDates { start: Some(day(2)), dates: &[day(3), day(4), day(5)] };
/// let report = measure(&[0.02, -0.04, 0.01], None, Some(&dates), &RiskOptions::default())?;
///
/// assert_eq!(report.metrics.get("worst_day").and_then(|metric| metric.number()), Some(-0.04));
/// assert_eq!(report.metrics.get("mdd_peak_date").and_then(|metric| metric.date()), Some(day(3)));
/// // The wealth has not come back, and there is no benchmark: null, with a reason.
/// assert_eq!(report.reason("mdd_recovery_date"), Some(UnavailableReason::NotRecovered));
/// assert_eq!(report.reason("beta"), Some(UnavailableReason::NoBenchmark));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn measure(
    returns: &[f64],
    benchmark: Option<&[f64]>,
    dates: Option<&ReturnDates<'_>>,
    options: &RiskOptions,
) -> Result<MetricsReport, RiskError> {
    options.check()?;
    check_finite(RiskInput::Returns, returns)?;
    if let Some(benchmark) = benchmark {
        check_series(RiskInput::Benchmark, returns.len(), benchmark)?;
    }
    if let Some(dates) = dates {
        check_length(RiskInput::Dates, returns.len(), dates.dates.len())?;
    }
    let mut book = Book::new();
    if returns.is_empty() {
        // The names of any other report, all without a value.
        for (name, _) in measure(&[0.0], None, None, options)?.metrics.0 {
            book.note(name, Err(UnavailableReason::TooFewReturns));
        }
    } else {
        let spread = Spread::of(returns);
        let shape = Shape::of(returns, &spread);
        growth_metrics(&mut book, returns, &spread, dates, options);
        tail_metrics(&mut book, returns, &spread, &shape);
        shape_metrics(&mut book, returns, &shape);
        benchmark_metrics(&mut book, returns, &spread, benchmark, options);
    }
    let (metrics, unavailable) = book.close();
    Ok(MetricsReport { metrics, unavailable, observations: returns.len(), conventions: RiskConventions::of(options) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Confidence;

    fn reason(report: &MetricsReport, metric: &str) -> Option<UnavailableReason> {
        report.reason(metric)
    }

    /// Checks that every null has a reason, that every reason belongs to a null, and that every number is finite.
    fn check(report: &MetricsReport) {
        let missing: Vec<&str> =
            report.metrics.iter().filter(|(_, v)| **v == MetricValue::Absent).map(|(n, _)| n).collect();
        let explained: Vec<&str> = report.unavailable.iter().map(|u| u.metric).collect();
        assert_eq!(missing, explained);
        assert!(report.metrics.iter().all(|(_, v)| v.number().is_none_or(f64::is_finite)));
    }

    #[test]
    fn every_length_and_shape_gives_the_same_names() {
        let options = RiskOptions::default();
        let wild: Vec<f64> = (0..100_000).map(|i| if i % 2 == 0 { 100.0 } else { -1.0 + 1e-9 }).collect();
        let ruin = [0.1, -1.0, 0.2, 0.1];
        let below = [0.1, -1.5, 0.2, 0.3];
        let huge = [1e308, -1e308, 1e308, 1e308];
        let tiny = [1e-308, -1e-308, 3e-308, 5e-324];
        let all: [&[f64]; 9] = [&[], &[0.01], &[0.01, -0.02], &[0.0; 30], &wild, &ruin, &below, &huge, &tiny];
        let names: Vec<&str> = measure(&ruin, None, None, &options).unwrap().metrics.iter().map(|(n, _)| n).collect();
        for returns in all {
            for benchmark in [None, Some(returns), Some(&vec![0.01; returns.len()][..])] {
                let report = measure(returns, benchmark, None, &options).unwrap();
                check(&report);
                assert_eq!(names, report.metrics.iter().map(|(n, _)| n).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_series_flat_up_to_rounding_has_no_ratio_and_each_one_says_why() {
        let options = RiskOptions::default();
        let prices: Vec<f64> = (0..250).map(|i| 100.0 * 1.001_f64.powi(i)).collect();
        let flat: Vec<f64> = prices.windows(2).map(|p| p[1] / p[0] - 1.0).collect();
        let report = measure(&flat, Some(&flat), None, &options).unwrap();
        check(&report);
        for name in [
            "sharpe",
            "sharpe_simple",
            "skew_biased",
            "exkurt_unbiased",
            "t_mom_df",
            "t_mle_df",
            "var95_cornish_fisher",
        ] {
            assert_eq!(reason(&report, name), Some(UnavailableReason::ZeroVolatility), "{name}");
        }
        for name in ["beta", "correlation", "alpha_arith"] {
            assert_eq!(reason(&report, name), Some(UnavailableReason::ZeroBenchmarkVolatility), "{name}");
        }
        assert_eq!(reason(&report, "information_ratio"), Some(UnavailableReason::ZeroTrackingError));
        // Figures that need no division remain.
        let number = |name| report.metrics.get(name).and_then(MetricValue::number);
        assert!((number("ann_return_arith").unwrap() - 0.252).abs() < 1e-12 && number("ann_vol").unwrap() < 1e-13);

        // Wealth that is constant up to rounding has no drawdown to divide by.
        let still: Vec<f64> = (0..60).map(|i| if i % 3 == 0 { -1.1e-16 } else { 0.5e-16 }).collect();
        let report = measure(&still, None, None, &options).unwrap();
        assert_eq!(reason(&report, "calmar"), Some(UnavailableReason::NoDrawdown));
    }

    #[test]
    fn reasons_are_the_right_ones() {
        let options = RiskOptions::default();
        let rising = measure(&[0.01, 0.02, 0.03], None, None, &options).unwrap();
        assert_eq!(reason(&rising, "calmar"), Some(UnavailableReason::NoDrawdown));
        assert_eq!(reason(&rising, "mdd_recovery_date"), Some(UnavailableReason::NoDrawdown));
        assert_eq!(reason(&rising, "omega_0"), Some(UnavailableReason::NoLosses));
        assert_eq!(reason(&rising, "t_mom_df"), Some(UnavailableReason::NoExcessKurtosis));
        assert_eq!(rising.metrics.get("max_drawdown"), Some(&MetricValue::Number(0.0)));

        let day = |day| chrono::NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
        let dates = ReturnDates { start: None, dates: &[day(3), day(4)] };
        let falling = measure(&[-0.1, -0.1], None, Some(&dates), &options).unwrap();
        assert_eq!(reason(&falling, "mdd_peak_date"), Some(UnavailableReason::NoDates));
        assert_eq!(falling.metrics.get("mdd_trough_date"), Some(&MetricValue::Date(day(4))));
        assert_eq!(reason(&falling, "mdd_recovery_date"), Some(UnavailableReason::NotRecovered));
        assert_eq!(reason(&falling, "beta"), Some(UnavailableReason::NoBenchmark));
    }

    #[test]
    fn it_prints_a_line_per_metric() {
        let report = measure(&[0.01, -0.02, 0.03], None, None, &RiskOptions::default()).unwrap();
        let printed = report.to_string();
        assert_eq!(printed.lines().count(), report.metrics.len());
        assert!(printed.contains("mean_daily                    0.006667\n"), "{printed}");
        assert!(
            printed.contains("beta                                 -  no benchmark returns were given\n"),
            "{printed}"
        );
    }

    #[test]
    fn it_agrees_with_the_single_functions() {
        let returns: Vec<f64> = (0..300).map(|i| f64::from((i * 101) % 97) / 1000.0 - 0.045).collect();
        let options = RiskOptions::default();
        let report = measure(&returns, None, None, &options).unwrap();
        let number = |name| report.metrics.get(name).and_then(MetricValue::number);
        assert_eq!(number("sharpe"), crate::sharpe_ratio(&returns, &options).ok());
        assert_eq!(number("var95_inverted_cdf"), crate::value_at_risk(&returns, Confidence::P95).ok());
        assert_eq!(number("cvar99_ru"), crate::conditional_value_at_risk(&returns, Confidence::P99).ok());
        assert_eq!(number("max_drawdown"), crate::max_drawdown(&returns).ok().map(|d| d.depth));
        let summary = crate::summarise(&returns, None, &options).unwrap();
        assert_eq!((number("ann_vol"), number("cvar95_ru")), (summary.volatility, summary.cvar_95));
    }
}
