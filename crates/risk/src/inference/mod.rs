//! How sure an estimate is: standard errors and confidence intervals.

mod bootstrap;
mod sharpe;
mod tail;

pub use bootstrap::{BlockBootstrap, BootstrapInterval, block_bootstrap, suggest_block_length};
pub(crate) use sharpe::long_run_variance;
pub use sharpe::{SharpeError, aggregate_sharpe, sharpe_interval};
pub use tail::{OrderStatisticInterval, cvar_interval, var_interval};

use portfolio_core::Confidence;
use serde::Serialize;

use crate::normal::normal_quantile;

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
        let reach = -normal_quantile(0.5 * level.tail()) * standard_error;
        Self { estimate, standard_error, lower: estimate - reach, upper: estimate + reach, level }
    }

    fn is_finite(&self) -> bool {
        [self.estimate, self.standard_error, self.lower, self.upper].iter().all(|v| v.is_finite())
    }
}
