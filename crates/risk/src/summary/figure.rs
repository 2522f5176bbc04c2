//! The names of the seven figures of a plan, and how a summary is read by them.

use std::fmt;
use std::ops::Index;

use serde::Serialize;

use super::RiskSummary;
use crate::UnavailableReason;

/// One of the seven figures of a [`RiskSummary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskFigure {
    /// Annualised volatility.
    Volatility,
    /// Annualised Sharpe ratio.
    Sharpe,
    /// Maximum drawdown.
    MaxDrawdown,
    /// Value at risk at 95 % over one period.
    #[serde(rename = "var_95")]
    Var95,
    /// Conditional value at risk at 95 % over one period.
    #[serde(rename = "cvar_95")]
    Cvar95,
    /// Mean return times the periods per year.
    ExpectedAnnualReturn,
    /// Annualised tracking error.
    TrackingError,
}

impl RiskFigure {
    /// All seven, in the order of a summary.
    pub const ALL: [Self; 7] = [
        Self::Volatility,
        Self::Sharpe,
        Self::MaxDrawdown,
        Self::Var95,
        Self::Cvar95,
        Self::ExpectedAnnualReturn,
        Self::TrackingError,
    ];

    /// The name of its field in a [`RiskSummary`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Volatility => "volatility",
            Self::Sharpe => "sharpe",
            Self::MaxDrawdown => "max_drawdown",
            Self::Var95 => "var_95",
            Self::Cvar95 => "cvar_95",
            Self::ExpectedAnnualReturn => "expected_annual_return",
            Self::TrackingError => "tracking_error",
        }
    }
}

impl fmt::Display for RiskFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl RiskSummary {
    /// One figure, or why there is none.
    ///
    /// # Errors
    /// The reason of a figure that is absent.
    ///
    /// # Example
    /// ```
    /// use risk::{RiskFigure, RiskOptions, UnavailableReason, summarise};
    ///
    /// let summary = summarise(&[0.01, 0.01], None, &RiskOptions::default())?;
    /// assert_eq!(summary.figure(RiskFigure::Volatility), Ok(0.0));
    /// assert_eq!(summary.figure(RiskFigure::Sharpe), Err(UnavailableReason::ZeroVolatility));
    /// # Ok::<(), risk::RiskError>(())
    /// ```
    pub fn figure(&self, figure: RiskFigure) -> Result<f64, UnavailableReason> {
        self[figure].ok_or_else(|| {
            let missing = self.unavailable.iter().find(|missing| missing.metric == figure.name());
            missing.map_or(UnavailableReason::TooFewReturns, |missing| missing.reason)
        })
    }

    /// Every figure with its value, in order.
    pub fn iter(&self) -> std::array::IntoIter<(RiskFigure, Option<f64>), 7> {
        RiskFigure::ALL.map(|figure| (figure, self[figure])).into_iter()
    }
}

impl Index<RiskFigure> for RiskSummary {
    type Output = Option<f64>;

    fn index(&self, figure: RiskFigure) -> &Option<f64> {
        match figure {
            RiskFigure::Volatility => &self.volatility,
            RiskFigure::Sharpe => &self.sharpe,
            RiskFigure::MaxDrawdown => &self.max_drawdown,
            RiskFigure::Var95 => &self.var_95,
            RiskFigure::Cvar95 => &self.cvar_95,
            RiskFigure::ExpectedAnnualReturn => &self.expected_annual_return,
            RiskFigure::TrackingError => &self.tracking_error,
        }
    }
}

impl IntoIterator for &RiskSummary {
    type Item = (RiskFigure, Option<f64>);
    type IntoIter = std::array::IntoIter<(RiskFigure, Option<f64>), 7>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for RiskSummary {
    /// One line per figure: its name, and its value or why there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, figure) in RiskFigure::ALL.into_iter().enumerate() {
            let end = if i + 1 == RiskFigure::ALL.len() { "" } else { "\n" };
            match self.figure(figure) {
                Ok(value) => write!(f, "{figure:<24}{value:>10.4}{end}")?,
                Err(reason) => write!(f, "{figure:<24}{:>10}  {reason}{end}", "-")?,
            }
        }
        Ok(())
    }
}
