//! The names of the figures of a plan, and access to a summary by name.

use std::fmt;
use std::ops::Index;

use serde::{Serialize, Serializer};

use super::RiskSummary;
use crate::UnavailableReason;

/// The list of figures with their fields of [`RiskSummary`]. The variants, their order in [`RiskFigure::ALL`], their
/// names and their values all follow from it.
macro_rules! figures {
    ($($(#[$doc:meta])* $figure:ident => $field:ident,)+) => {
        /// One of the figures of a [`RiskSummary`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RiskFigure {
            $($(#[$doc])* $figure,)+
        }

        impl RiskFigure {
            /// All figures, in the order of a summary.
            pub const ALL: [Self; [$(stringify!($field)),+].len()] = [$(Self::$figure),+];

            /// The name of its field in a [`RiskSummary`].
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$figure => stringify!($field),)+
                }
            }
        }

        impl Index<RiskFigure> for RiskSummary {
            type Output = Option<f64>;

            fn index(&self, figure: RiskFigure) -> &Option<f64> {
                // If a field has no figure, this does not compile.
                let Self { $($field,)+ unavailable: _ } = self;
                match figure {
                    $(RiskFigure::$figure => $field,)+
                }
            }
        }
    };
}

figures! {
    /// Annualised volatility.
    Volatility => volatility,
    /// Annualised Sharpe ratio.
    Sharpe => sharpe,
    /// Maximum drawdown.
    MaxDrawdown => max_drawdown,
    /// Value at risk at 95 % over one period.
    Var95 => var_95,
    /// Conditional value at risk at 95 % over one period.
    Cvar95 => cvar_95,
    /// Mean return times the periods per year.
    ExpectedAnnualReturn => expected_annual_return,
    /// Annualised tracking error.
    TrackingError => tracking_error,
    /// Drawdown from the high-water mark at the end of the history.
    LiveDrawdown => live_drawdown,
}

impl fmt::Display for RiskFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for RiskFigure {
    /// Serialises as the name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl RiskSummary {
    /// One figure, or the reason why there is none.
    ///
    /// # Errors
    /// The reason why the figure is absent.
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
    pub fn iter(&self) -> std::array::IntoIter<(RiskFigure, Option<f64>), { RiskFigure::ALL.len() }> {
        RiskFigure::ALL.map(|figure| (figure, self[figure])).into_iter()
    }
}

impl IntoIterator for &RiskSummary {
    type Item = (RiskFigure, Option<f64>);
    type IntoIter = std::array::IntoIter<Self::Item, { RiskFigure::ALL.len() }>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for RiskSummary {
    /// One line per figure: its name, and its value or the reason why there is none.
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
