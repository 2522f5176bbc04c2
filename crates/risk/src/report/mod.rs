//! Every metric of one return series under its name.

mod conventions;
mod values;

pub use conventions::RiskConventions;
pub use values::{MetricValue, MetricValues, ReturnDates};

use portfolio_core::Confidence;
use serde::Serialize;

use crate::benchmark::{CaptureSide, Comovement, alpha, capture_arithmetic, capture_geometric, information};
use crate::drawdown::trace;
use crate::error::{check_finite, check_length};
use crate::growth::Growth;
use crate::moments::{Shape, Spread, sum_map, volatility};
use crate::parametric::{LocationScale, cornish_fisher};
use crate::quantile::QuantileRule;
use crate::reason::{Figure, finite};
use crate::tail::{TailMass, tail_risk};
use crate::{Drawdown, RiskError, RiskOptions, Unavailable, UnavailableReason, entropic, ratios, student};

/// All metrics of one return series.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsReport {
    /// Number, date or null by metric name; a null has an entry in `unavailable`.
    #[cfg_attr(feature = "openapi", schema(example = json!({"vol_ann": 0.1832, "sharpe": 0.62, "var_hist_95": 0.0174}), value_type = std::collections::BTreeMap<String, MetricValue>))]
    pub metrics: MetricValues,
    /// The metrics that are null, each with its reason.
    pub unavailable: Vec<Unavailable>,
    /// How many returns were measured.
    #[cfg_attr(feature = "openapi", schema(example = 2516))]
    pub observations: usize,
    /// The conventions behind the numbers.
    pub conventions: RiskConventions,
}

/// Measures everything this crate knows about one return series.
///
/// * `returns`: simple returns per period as fractions, oldest first. A series too short for a metric leaves it null.
/// * `benchmark`: returns over the same periods; without it the relative metrics are null.
/// * `dates`: for `mdd_peak_date`, `mdd_trough_date` and `mdd_recovery_date`; without them these are null.
///
/// The names are those of the table in `docs/risk.md`. Metrics of a distribution's spread, shape or tail need two
/// returns, as do the ratios; mean, growth, extremes and drawdowns need one. `sharpe`, `sortino` and `alpha_arith` use the risk-free
/// rate of the options, compounded; `sharpe_simple` uses `rate/periods_per_year` instead.
/// Cost: one sort of the series; everything else is linear in `T`.
///
/// # Errors
/// [`RiskError::Option`], [`RiskError::NotFinite`], or [`RiskError::LengthMismatch`] for a benchmark or dates of
/// another length.
///
/// # Example
/// ```
/// use risk::{ReturnDates, RiskOptions, measure};
///
/// let dates = ["2024-01-03", "2024-01-04", "2024-01-05"];
/// let dates = ReturnDates { start: Some("2024-01-02"), dates: &dates };
/// let report = measure(&[0.02, -0.04, 0.01], None, Some(&dates), &RiskOptions::default())?;
///
/// assert_eq!(report.metrics.get("worst_day").unwrap().number(), Some(-0.04));
/// assert_eq!(report.metrics.get("mdd_peak_date").unwrap().date(), Some("2024-01-03"));
/// // The wealth has not come back, and there is no benchmark: null, with a reason.
/// assert!(report.unavailable.iter().any(|u| u.metric == "mdd_recovery_date"));
/// assert!(report.unavailable.iter().any(|u| u.metric == "beta"));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn measure(
    returns: &[f64],
    benchmark: Option<&[f64]>,
    dates: Option<&ReturnDates<'_>>,
    options: &RiskOptions,
) -> Result<MetricsReport, RiskError> {
    options.check()?;
    check_finite("return", returns)?;
    if let Some(benchmark) = benchmark {
        check_length("benchmark returns", returns.len(), benchmark.len())?;
        check_finite("benchmark return", benchmark)?;
    }
    if let Some(dates) = dates {
        check_length("dates", returns.len(), dates.dates.len())?;
    }
    let mut book = Book { values: Vec::with_capacity(80), unavailable: Vec::new() };
    if returns.is_empty() {
        // The names of any other report, none of them with a value.
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
    Ok(MetricsReport {
        metrics: MetricValues(book.values),
        unavailable: book.unavailable,
        observations: returns.len(),
        conventions: RiskConventions::of(options),
    })
}

/// Collects values in order and the reasons of those that are missing.
struct Book {
    values: Vec<(&'static str, MetricValue)>,
    unavailable: Vec<Unavailable>,
}

impl Book {
    fn note(&mut self, name: &'static str, figure: Figure) {
        self.put(name, figure.map(MetricValue::Number));
    }

    fn put(&mut self, name: &'static str, value: Result<MetricValue, UnavailableReason>) {
        let value = value.unwrap_or_else(|reason| {
            self.unavailable.push(Unavailable::new(name, reason));
            MetricValue::Absent
        });
        self.values.push((name, value));
    }
}

/// Return, volatility, ratios, drawdowns.
fn growth_metrics(
    book: &mut Book,
    returns: &[f64],
    spread: &Spread,
    dates: Option<&ReturnDates<'_>>,
    options: &RiskOptions,
) {
    let periods = options.periods_per_year;
    let enough = if returns.len() < 2 { Err(UnavailableReason::TooFewReturns) } else { Ok(()) };
    let growth = Growth::of(returns.iter().copied());
    let cagr = growth.and_then(|g| g.annualised(periods));
    book.note("mean_daily", finite(spread.mean));
    book.note("ann_return_arith", finite(periods * spread.mean));
    book.note("cagr", cagr);
    book.note("cum_return", growth.and_then(|g| g.total()));
    book.note("ann_vol", volatility(spread, options));
    book.note("sharpe", ratios::sharpe(spread, options.risk_free_per_period(), options));
    book.note("sharpe_simple", ratios::sharpe(spread, options.risk_free_rate / periods, options));
    let downside = enough.and_then(|()| ratios::downside(returns, 0.0));
    book.note("downside_dev", downside.and_then(|d| finite(d * periods.sqrt())));
    book.note("sortino", enough.and_then(|()| ratios::sortino(returns, spread.mean, options)));

    // Negated, so that the worst of the series are the deepest drawdowns.
    let mut depths = Vec::with_capacity(returns.len());
    let drawdown = trace(returns, |d| depths.push(-d));
    let of_depths = |f: &dyn Fn() -> f64| drawdown.and_then(|_| finite(f()));
    let count = returns.len() as f64;
    book.note("max_drawdown", drawdown.map(|d| d.depth));
    // A fall too small to have dates is rounding of a wealth that stays at its peak.
    let calmar = enough.and(drawdown).and_then(|d| match d.peak {
        None => Err(UnavailableReason::NoDrawdown),
        Some(_) => finite(cagr? / d.depth),
    });
    book.note("calmar", calmar);
    book.note("omega_0", enough.and_then(|()| ratios::omega(returns)));
    let date = |read: &dyn Fn(&Drawdown) -> Option<usize>, missing| {
        let position = read(&drawdown?).ok_or(missing)?;
        let date = dates.and_then(|d| d.at(position)).ok_or(UnavailableReason::NoDates)?;
        Ok(MetricValue::Date(date.to_owned()))
    };
    book.put("mdd_peak_date", date(&|d| d.peak, UnavailableReason::NoDrawdown));
    book.put("mdd_trough_date", date(&|d| d.trough, UnavailableReason::NoDrawdown));
    let no_recovery = match drawdown {
        Ok(Drawdown { peak: None, .. }) => UnavailableReason::NoDrawdown,
        _ => UnavailableReason::NotRecovered,
    };
    book.put("mdd_recovery_date", date(&|d| d.recovery, no_recovery));
    book.note("avg_drawdown", of_depths(&|| -sum_map(&depths, |d| d) / count + 0.0));
    book.note("ulcer_index", of_depths(&|| (sum_map(&depths, |d| d * d) / count).sqrt()));
    book.note("cdar95", drawdown.and_then(|_| tail_risk(&depths, Confidence::P95).1));
}

/// The metric names of one confidence level.
struct TailNames {
    level: Confidence,
    by_rule: [&'static str; 7],
    cvar_ru: &'static str,
    cvar_tailmean: &'static str,
    normal: [&'static str; 2],
    cornish_fisher: &'static str,
    t_mom: [&'static str; 2],
}

const TAILS: [TailNames; 2] = [
    TailNames {
        level: Confidence::P95,
        by_rule: [
            "var95_linear",
            "var95_lower",
            "var95_higher",
            "var95_inverted_cdf",
            "var95_weibull",
            "var95_hazen",
            "var95_median_unbiased",
        ],
        cvar_ru: "cvar95_ru",
        cvar_tailmean: "cvar95_tailmean",
        normal: ["var95_normal", "cvar95_normal"],
        cornish_fisher: "var95_cornish_fisher",
        t_mom: ["var95_t_mom", "cvar95_t_mom"],
    },
    TailNames {
        level: Confidence::P99,
        by_rule: [
            "var99_linear",
            "var99_lower",
            "var99_higher",
            "var99_inverted_cdf",
            "var99_weibull",
            "var99_hazen",
            "var99_median_unbiased",
        ],
        cvar_ru: "cvar99_ru",
        cvar_tailmean: "cvar99_tailmean",
        normal: ["var99_normal", "cvar99_normal"],
        cornish_fisher: "var99_cornish_fisher",
        t_mom: ["var99_t_mom", "cvar99_t_mom"],
    },
];

/// Historical, fitted and entropic tails.
fn tail_metrics(book: &mut Book, returns: &[f64], spread: &Spread, shape: &Shape) {
    let enough = if returns.len() < 2 { Err(UnavailableReason::TooFewReturns) } else { Ok(()) };
    let mut sorted = returns.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let normal = LocationScale::normal(spread);
    let by_moments = enough.and_then(|()| LocationScale::student_by_moments(spread, shape));
    book.note("t_mom_df", by_moments.and_then(|law| law.degrees_of_freedom.ok_or(UnavailableReason::NoExcessKurtosis)));
    for names in &TAILS {
        let level = names.level;
        let tail = TailMass::new(level, sorted.len());
        let quantile = |rule: QuantileRule| rule.read(&sorted, level.tail());
        for (rule, &name) in QuantileRule::ALL.iter().zip(&names.by_rule) {
            book.note(name, enough.and_then(|()| finite(0.0 - quantile(*rule))));
        }
        book.note(names.cvar_ru, enough.and_then(|()| finite(tail.conditional(&sorted))));
        book.note(names.cvar_tailmean, enough.and_then(|()| tail_mean(&sorted, quantile(QuantileRule::Linear))));
        book.note(names.normal[0], normal.and_then(|law| law.value_at_risk(level)));
        book.note(names.normal[1], normal.and_then(|law| law.conditional(level)));
        book.note(names.cornish_fisher, enough.and_then(|()| cornish_fisher(spread, shape, level)));
        book.note(names.t_mom[0], by_moments.and_then(|law| law.value_at_risk(level)));
        book.note(names.t_mom[1], by_moments.and_then(|law| law.conditional(level)));
    }
    let fit = enough.and_then(|()| student::fit(returns, spread, shape));
    book.note("t_mle_df", fit.map(|f| f.degrees_of_freedom));
    book.note("t_mle_loc", fit.map(|f| f.location));
    book.note("t_mle_scale", fit.map(|f| f.scale));
    book.note("t_mle_loglik", fit.map(|f| f.log_likelihood));
    book.note("var95_t_mle", fit.and_then(|f| f.law().value_at_risk(Confidence::P95)));
    book.note("cvar95_t_mle", fit.and_then(|f| f.law().conditional(Confidence::P95)));
    book.note("evar95", enough.and_then(|()| entropic::entropic(returns, Confidence::P95)));
}

/// Minus the mean of the sorted returns at or below the threshold.
fn tail_mean(sorted: &[f64], threshold: f64) -> Figure {
    let count = sorted.partition_point(|&r| r <= threshold);
    finite(0.0 - sum_map(&sorted[..count], |r| r) / count as f64)
}

fn shape_metrics(book: &mut Book, returns: &[f64], shape: &Shape) {
    book.note("skew_biased", shape.skew_biased);
    book.note("exkurt_biased", shape.excess_kurtosis_biased);
    book.note("skew_unbiased", shape.skew_unbiased());
    book.note("exkurt_unbiased", shape.excess_kurtosis_unbiased());
    book.note("worst_day", Ok(returns.iter().copied().fold(f64::INFINITY, f64::min)));
    book.note("best_day", Ok(returns.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
}

const RELATIVE: [&str; 9] = [
    "tracking_error",
    "information_ratio",
    "beta",
    "correlation",
    "alpha_arith",
    "up_capture_geo",
    "up_capture_arith",
    "down_capture_geo",
    "down_capture_arith",
];

fn benchmark_metrics(
    book: &mut Book,
    returns: &[f64],
    spread: &Spread,
    benchmark: Option<&[f64]>,
    options: &RiskOptions,
) {
    let Some(benchmark) = benchmark else {
        for name in RELATIVE {
            book.note(name, Err(UnavailableReason::NoBenchmark));
        }
        return;
    };
    let benchmark_spread = Spread::of(benchmark);
    let difference = Spread::of_difference(returns, benchmark);
    let together = Comovement::of(returns, spread, benchmark, &benchmark_spread);
    let captures = [
        capture_geometric(returns, benchmark, CaptureSide::Up, options),
        capture_arithmetic(returns, benchmark, CaptureSide::Up),
        capture_geometric(returns, benchmark, CaptureSide::Down, options),
        capture_arithmetic(returns, benchmark, CaptureSide::Down),
    ];
    let figures = [
        volatility(&difference, options),
        information(&difference, options),
        together.beta,
        together.correlation,
        alpha(spread.mean, benchmark_spread.mean, together.beta, options),
    ];
    for (name, figure) in RELATIVE.into_iter().zip(figures.into_iter().chain(captures)) {
        book.note(name, figure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(report: &MetricsReport, metric: &str) -> Option<UnavailableReason> {
        report.unavailable.iter().find(|u| u.metric == metric).map(|u| u.reason)
    }

    /// Every null has a reason, every reason a null, and every number is finite.
    fn check(report: &MetricsReport) {
        let missing: Vec<&str> =
            report.metrics.iter().filter(|(_, v)| **v == MetricValue::Absent).map(|(n, _)| n).collect();
        let explained: Vec<&str> = report.unavailable.iter().map(|u| u.metric.as_ref()).collect();
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
        // Figures that divide by nothing remain.
        let number = |name| report.metrics.get(name).and_then(MetricValue::number);
        assert!((number("ann_return_arith").unwrap() - 0.252).abs() < 1e-12 && number("ann_vol").unwrap() < 1e-13);

        // Wealth that stands still up to rounding has no drawdown to divide by.
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

        let dates = ReturnDates { start: None, dates: &["a", "b"] };
        let falling = measure(&[-0.1, -0.1], None, Some(&dates), &options).unwrap();
        assert_eq!(reason(&falling, "mdd_peak_date"), Some(UnavailableReason::NoDates));
        assert_eq!(falling.metrics.get("mdd_trough_date"), Some(&MetricValue::Date("b".to_owned())));
        assert_eq!(reason(&falling, "mdd_recovery_date"), Some(UnavailableReason::NotRecovered));
        assert_eq!(reason(&falling, "beta"), Some(UnavailableReason::NoBenchmark));
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
