//! The uncertainty of estimates: standard errors and confidence intervals.

mod block_length;
mod bootstrap;
mod covariance;
mod figures;
mod sharpe;
mod tail;
mod volatility;

pub use block_length::suggest_block_length;
pub use bootstrap::{BlockBootstrap, BootstrapInterval, block_bootstrap};
pub use covariance::proven_covariance;
pub use figures::{FigureIntervals, figure_intervals, newey_west_lags};
pub(crate) use sharpe::long_run_variance;
pub use sharpe::{SharpeError, aggregate_sharpe, autocorrelation, sharpe_interval};
pub use tail::{OrderStatisticInterval, cvar_interval, var_interval};
pub use volatility::volatility_interval;

use std::fmt;

use portfolio_core::Confidence;
use serde::Serialize;

use crate::normal::quantile;

/// An estimate with its standard error and a two-sided interval from the normal law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimateInterval {
    /// The estimate.
    #[cfg_attr(feature = "openapi", schema(example = 0.62))]
    pub estimate: f64,
    /// Its asymptotic standard error, in the unit of the estimate.
    #[cfg_attr(feature = "openapi", schema(example = 0.31))]
    pub standard_error: f64,
    /// Lower end of the interval.
    #[cfg_attr(feature = "openapi", schema(example = 0.01))]
    pub lower: f64,
    /// Upper end of the interval.
    #[cfg_attr(feature = "openapi", schema(example = 1.23))]
    pub upper: f64,
    /// Probability that the interval covers the true value.
    #[cfg_attr(feature = "openapi", schema(value_type = f64, example = 0.95))]
    pub level: Confidence,
}

impl EstimateInterval {
    fn new(estimate: f64, standard_error: f64, level: Confidence) -> Self {
        let reach = -quantile(0.5 * level.tail()) * standard_error;
        Self { estimate, standard_error, lower: estimate - reach, upper: estimate + reach, level }
    }

    fn is_finite(&self) -> bool {
        [self.estimate, self.standard_error, self.lower, self.upper].iter().all(|v| v.is_finite())
    }
}

impl fmt::Display for EstimateInterval {
    /// Estimate, interval and coverage: `0.62 (0.01 to 1.23 at 95%)`, to the requested precision.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_interval(f, self.estimate, Some(self.lower), Some(self.upper), self.level)
    }
}

/// Writes the printed form of every interval. An end that the sample does not bound is open.
fn write_interval(
    f: &mut fmt::Formatter<'_>,
    estimate: f64,
    lower: Option<f64>,
    upper: Option<f64>,
    level: Confidence,
) -> fmt::Result {
    let digits = f.precision().unwrap_or(4);
    let end = |end: Option<f64>| end.map_or_else(|| "open".to_owned(), |end| format!("{end:.digits$}"));
    // Rounded, so that 0.95 is not 94.99999999999999.
    let percent = (level.get() * 1e8).round() / 1e6;
    write!(f, "{estimate:.digits$} ({} to {} at {percent}%)", end(lower), end(upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_printed_to_the_precision_asked_for() {
        let interval = EstimateInterval::new(0.5, 0.1, Confidence::P95);
        assert_eq!(format!("{interval:.2}"), "0.50 (0.30 to 0.70 at 95%)");
        let var = var_interval(&[-0.1], Confidence::P95, Confidence::P99).unwrap();
        assert_eq!(var.to_string(), "0.1000 (open to open at 99%)");
    }
}
