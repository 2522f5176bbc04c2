//! The conventions behind the figures of a report, in words.

use serde::Serialize;

use crate::RiskOptions;

/// The conventions behind every number of a report, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskConventions {
    /// What a return is.
    #[cfg_attr(feature = "openapi", schema(example = "simple, per period", value_type = String))]
    pub returns: &'static str,
    /// Return periods in a year.
    #[cfg_attr(feature = "openapi", schema(example = 252.0))]
    pub periods_per_year: f64,
    /// Annual risk-free rate, a fraction.
    #[cfg_attr(feature = "openapi", schema(example = 0.02))]
    pub risk_free_rate: f64,
    /// The same per period, `(1 + rate)^(1/periods_per_year) − 1`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0000786))]
    pub risk_free_rate_per_period: f64,
    /// Denominator of standard deviations.
    #[cfg_attr(feature = "openapi", schema(example = "sample, ddof 1", value_type = String))]
    pub deviation: &'static str,
    /// Sign of losses.
    #[cfg_attr(feature = "openapi", schema(example = "positive when money is lost", value_type = String))]
    pub losses: &'static str,
    /// Quantile rule of the historical VaR.
    #[cfg_attr(feature = "openapi", schema(example = "inverted CDF", value_type = String))]
    pub value_at_risk: &'static str,
    /// Definition of the historical CVaR.
    #[cfg_attr(feature = "openapi", schema(example = "Rockafellar-Uryasev tail mean", value_type = String))]
    pub conditional_value_at_risk: &'static str,
    /// How the filtered VaR and CVaR follow today's volatility.
    #[cfg_attr(feature = "openapi", schema(example = "returns rescaled to today's EWMA volatility", value_type = String))]
    pub filtered: &'static str,
    /// How drawdowns are measured.
    #[cfg_attr(feature = "openapi", schema(example = "compounded, from the running peak", value_type = String))]
    pub drawdown: &'static str,
    /// How ratios and rates are annualised.
    #[cfg_attr(feature = "openapi", schema(example = "volatility times the square root of periods a year", value_type = String))]
    pub annualisation: &'static str,
}

impl RiskConventions {
    /// The conventions of this crate at the given options.
    #[must_use]
    pub fn of(options: &RiskOptions) -> Self {
        Self {
            returns: "simple, per period, fractions",
            periods_per_year: options.periods_per_year,
            risk_free_rate: options.risk_free_rate,
            risk_free_rate_per_period: options.risk_free_per_period(),
            deviation: "sample standard deviation, denominator T - 1",
            losses: "losses, VaR, CVaR, EVaR and drawdowns are positive when money is lost, per period",
            value_at_risk: "historical, inverted distribution function: the k-th worst return, k = ceil(tail * T)",
            conditional_value_at_risk: "Rockafellar-Uryasev: the boundary observation counts in part",
            filtered: "each return over the EWMA volatility (decay 0.94) known the period before, times that known now; the first 75 returns start it",
            drawdown: "of compounded wealth; the running peak includes the starting wealth",
            annualisation: "volatility and ratios by the square root of the periods; cagr = W^(periods/T) - 1; alpha and the mean arithmetic",
        }
    }
}
