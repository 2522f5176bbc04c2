//! The order, names and units of risk figures in the texts.

use risk::RiskFigure;

/// Every figure in the order of the texts: first expectations, then possible losses, then the distance from the
/// benchmark.
pub(crate) const TOLD: [RiskFigure; RiskFigure::ALL.len()] = [
    RiskFigure::Volatility,
    RiskFigure::ExpectedAnnualReturn,
    RiskFigure::Sharpe,
    RiskFigure::Var95,
    RiskFigure::Cvar95,
    RiskFigure::MaxDrawdown,
    RiskFigure::LiveDrawdown,
    RiskFigure::TrackingError,
];

/// The figures of a committee's brief, in the order of its text.
pub fn committee_figures() -> impl Iterator<Item = RiskFigure> {
    TOLD.into_iter().filter(|&figure| FigureWords::of(figure).for_committee)
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FigureUnit {
    /// A fraction, written as a percentage.
    Fraction,
    /// A plain number.
    Ratio,
}

/// The words for one figure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FigureWords {
    /// Its name in a committee's brief and next to a bar of its chart.
    pub(crate) name: &'static str,
    /// Its name before its value in a sentence.
    pub(crate) in_text: &'static str,
    /// Its name in the list of unavailable figures; `None` for a figure with a limit, whose absence is already a flag.
    pub(crate) missing: Option<&'static str>,
    /// Its unit.
    pub(crate) unit: FigureUnit,
    /// Whether it is in a committee's brief.
    pub(crate) for_committee: bool,
}

impl FigureWords {
    /// The words for a figure.
    pub(crate) fn of(figure: RiskFigure) -> Self {
        // Most figures are fractions and are in a committee's brief.
        let told =
            |name, in_text| Self { name, in_text, missing: None, unit: FigureUnit::Fraction, for_committee: true };
        match figure {
            RiskFigure::Volatility => {
                Self { missing: Some("volatility"), ..told("annual volatility", "annual volatility") }
            }
            RiskFigure::Sharpe => Self {
                missing: Some("Sharpe"),
                unit: FigureUnit::Ratio,
                for_committee: false,
                ..told("Sharpe ratio", "Sharpe")
            },
            RiskFigure::MaxDrawdown => told("maximum drawdown", "maximum drawdown"),
            RiskFigure::LiveDrawdown => Self {
                for_committee: false,
                ..told("drawdown from the high-water mark", "drawdown from the high-water mark")
            },
            RiskFigure::Var95 => told("one-day VaR95", "one-day VaR95"),
            RiskFigure::Cvar95 => Self { missing: Some("CVaR95"), ..told("one-day CVaR95", "CVaR95") },
            RiskFigure::ExpectedAnnualReturn => Self {
                missing: Some("mean annual return"),
                for_committee: false,
                ..told("mean annual return of the history", "mean annual return of the history")
            },
            RiskFigure::TrackingError => {
                Self { missing: Some("tracking error"), ..told("annual tracking error", "annual tracking error") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_told_once() {
        for figure in RiskFigure::ALL {
            assert_eq!(TOLD.iter().filter(|told| **told == figure).count(), 1, "{figure}");
        }
    }

    #[test]
    fn a_committee_is_told_volatility_losses_and_tracking_error() {
        use RiskFigure::{Cvar95, MaxDrawdown, TrackingError, Var95, Volatility};
        assert!(committee_figures().eq([Volatility, Var95, Cvar95, MaxDrawdown, TrackingError]));
    }
}
