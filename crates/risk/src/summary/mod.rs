//! The risk figures of a rebalance plan.

mod figure;

pub use figure::RiskFigure;

use portfolio_core::Confidence;
use serde::Serialize;

use crate::error::{RiskInput, check_finite, check_series};
use crate::moments::volatility;
use crate::reason::{Figure, finite};
use crate::spread::Spread;
use crate::tail::{TailMass, with_worst};
use crate::{RiskError, RiskOptions, Unavailable, UnavailableReason, drawdown};

/// Risk of one return series, as a rebalance plan shows it.
///
/// A figure the data cannot support is absent and has an entry in `unavailable`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskSummary {
    /// Annualised volatility, a fraction: sample standard deviation (T − 1) times the root of the periods per year.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.142))]
    pub volatility: Option<f64>,
    /// Annualised Sharpe ratio: mean return above the risk-free rate per unit of volatility.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.87))]
    pub sharpe: Option<f64>,
    /// Largest loss of compounded wealth from its running peak, a fraction from 0 to 1.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.12))]
    pub max_drawdown: Option<f64>,
    /// Historical value at risk at 95 % over one period, a fraction, positive for a loss (inverted distribution function).
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.014))]
    pub var_95: Option<f64>,
    /// Historical conditional value at risk at 95 % over one period, a fraction, positive for a loss; never below `var_95`.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.021))]
    pub cvar_95: Option<f64>,
    /// Mean return times the periods per year, a fraction.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.105))]
    pub expected_annual_return: Option<f64>,
    /// Annualised standard deviation of the return difference to the benchmark, a fraction.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.034))]
    pub tracking_error: Option<f64>,
    /// Loss of compounded wealth since its high-water mark at the end of the history, a fraction from 0 to 1.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.03))]
    pub live_drawdown: Option<f64>,
    /// The figures above that are absent, each with its reason.
    pub unavailable: Vec<Unavailable>,
}

/// Computes the figures of [`RiskSummary`] for a return series.
///
/// * `returns`: simple returns per period as fractions, oldest first. Fewer than two give a summary without figures.
/// * `benchmark`: returns over the same periods, for the tracking error.
///
/// Returns below −1 leave no wealth to compound, so there is no drawdown; the other figures remain.
/// Cost: a few passes over the series, no allocation for tails of up to 32 observations (640 periods).
///
/// # Errors
/// [`RiskError::OutOfRange`], [`RiskError::NotFinite`], or [`RiskError::LengthMismatch`] for a benchmark of another length.
///
/// # Example
/// ```
/// use risk::{RiskFigure, RiskOptions, UnavailableReason, summarise};
///
/// let summary = summarise(&[0.01, -0.02, 0.03, 0.00], None, &RiskOptions::default())?;
/// assert_eq!(summary.var_95, Some(0.02));
/// assert!((summary.expected_annual_return.unwrap() - 252.0 * 0.005).abs() < 1e-12);
/// // Nothing to track.
/// assert_eq!(summary.figure(RiskFigure::TrackingError), Err(UnavailableReason::NoBenchmark));
/// # Ok::<(), risk::RiskError>(())
/// ```
pub fn summarise(returns: &[f64], benchmark: Option<&[f64]>, options: &RiskOptions) -> Result<RiskSummary, RiskError> {
    options.check()?;
    check_finite(RiskInput::Returns, returns)?;
    if let Some(benchmark) = benchmark {
        check_series(RiskInput::Benchmark, returns.len(), benchmark)?;
    }
    let mut unavailable = Vec::new();
    let mut keep = |figure: RiskFigure, value: Figure| {
        value.map_err(|reason| unavailable.push(Unavailable { metric: figure.name(), reason })).ok()
    };

    if returns.len() < 2 {
        let mut none = |figure| keep(figure, Err(UnavailableReason::TooFewReturns));
        return Ok(RiskSummary {
            volatility: none(RiskFigure::Volatility),
            sharpe: none(RiskFigure::Sharpe),
            max_drawdown: none(RiskFigure::MaxDrawdown),
            var_95: none(RiskFigure::Var95),
            cvar_95: none(RiskFigure::Cvar95),
            expected_annual_return: none(RiskFigure::ExpectedAnnualReturn),
            tracking_error: none(RiskFigure::TrackingError),
            live_drawdown: none(RiskFigure::LiveDrawdown),
            unavailable,
        });
    }

    let spread = Spread::of(returns);
    let tail = TailMass::of(Confidence::P95, returns.len());
    let (worst, var_95, cvar_95) =
        with_worst(returns, tail.rank(), |worst| (worst[0], tail.var(worst), finite(tail.cvar(worst))));
    let (max_drawdown, live_drawdown) = if worst < -1.0 {
        (Err(UnavailableReason::BelowTotalLoss), Err(UnavailableReason::BelowTotalLoss))
    } else {
        let (depth, end) = drawdown::depth_and_end(returns);
        (Ok(depth), Ok(end))
    };
    let tracking_error = match benchmark {
        Some(benchmark) => volatility(&Spread::of_difference(returns, benchmark), options),
        None => Err(UnavailableReason::NoBenchmark),
    };

    Ok(RiskSummary {
        volatility: keep(RiskFigure::Volatility, volatility(&spread, options)),
        sharpe: keep(RiskFigure::Sharpe, crate::ratios::sharpe(&spread, options.risk_free_per_period(), options)),
        max_drawdown: keep(RiskFigure::MaxDrawdown, max_drawdown),
        var_95: keep(RiskFigure::Var95, Ok(var_95)),
        cvar_95: keep(RiskFigure::Cvar95, cvar_95),
        expected_annual_return: keep(RiskFigure::ExpectedAnnualReturn, finite(options.periods_per_year * spread.mean)),
        tracking_error: keep(RiskFigure::TrackingError, tracking_error),
        live_drawdown: keep(RiskFigure::LiveDrawdown, live_drawdown),
        unavailable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(summary: &RiskSummary, metric: &str) -> Option<UnavailableReason> {
        summary.unavailable.iter().find(|u| u.metric == metric).map(|u| u.reason)
    }

    #[test]
    fn short_histories_have_reasons_instead_of_figures() {
        for returns in [&[][..], &[0.01][..]] {
            let summary = summarise(returns, Some(returns), &RiskOptions::default()).unwrap();
            assert_eq!(summary.unavailable.len(), RiskFigure::ALL.len());
            assert!(summary.unavailable.iter().all(|u| u.reason == UnavailableReason::TooFewReturns));
            assert_eq!((summary.volatility, summary.var_95), (None, None));
        }
    }

    #[test]
    fn no_variation_has_no_sharpe() {
        let summary = summarise(&[0.001; 250], Some(&[0.001; 250]), &RiskOptions::default()).unwrap();
        assert_eq!((summary.volatility, summary.sharpe, summary.tracking_error), (Some(0.0), None, Some(0.0)));
        assert_eq!(reason(&summary, "sharpe"), Some(UnavailableReason::ZeroVolatility));
    }

    #[test]
    fn a_summary_is_read_by_figure_and_printed_line_by_line() {
        let summary = summarise(&[0.01, -0.02, 0.03], None, &RiskOptions::default()).unwrap();
        for (figure, value) in &summary {
            assert_eq!(summary[figure], value);
            assert_eq!(summary.figure(figure).ok(), value);
            assert_eq!(serde_json::to_value(figure).unwrap(), figure.name());
        }
        let printed = summary.to_string();
        assert!(printed.starts_with("volatility                  0.3995\n"), "{printed}");
        assert!(
            printed.contains("\ntracking_error                   -  no benchmark returns were given\n"),
            "{printed}"
        );
        assert!(printed.ends_with("live_drawdown               0.0000"), "{printed}");
    }

    #[test]
    fn wild_returns_stay_finite_and_impossible_ones_are_named() {
        let wild: Vec<f64> = (0..100_000).map(|i| if i % 2 == 0 { 100.0 } else { -0.9 }).collect();
        let summary = summarise(&wild, None, &RiskOptions::default()).unwrap();
        assert_eq!(summary.unavailable.len(), 1, "{:?}", summary.unavailable);

        let impossible = summarise(&[0.1, -1.2, 0.3], None, &RiskOptions::default()).unwrap();
        assert_eq!(reason(&impossible, "max_drawdown"), Some(UnavailableReason::BelowTotalLoss));
        assert_eq!(impossible.var_95, Some(1.2));

        let huge = summarise(&[1e300, -1e300, 1e300], None, &RiskOptions::default()).unwrap();
        assert_eq!(reason(&huge, "volatility"), Some(UnavailableReason::Overflow));
        assert_eq!(reason(&huge, "sharpe"), Some(UnavailableReason::Overflow));
    }

    #[test]
    fn bad_input_is_refused() {
        let options = RiskOptions::default();
        assert!(matches!(summarise(&[0.0, f64::NAN], None, &options), Err(RiskError::NotFinite { index: 1, .. })));
        assert!(matches!(summarise(&[0.0, 0.1], Some(&[0.0]), &options), Err(RiskError::LengthMismatch { .. })));
    }
}
