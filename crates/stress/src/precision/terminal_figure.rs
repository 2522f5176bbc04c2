//! The names of the figures of a value at the horizon.

use serde::Serialize;

use super::figures::FIGURES;

/// A figure of the value at the horizon, by its name among the statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TerminalFigure {
    /// The mean.
    MeanTerminalValue,
    /// The probability of a loss.
    ProbabilityOfLoss,
    /// The 1 % quantile.
    #[serde(rename = "terminal_quantile_01")]
    Quantile01,
    /// The 5 % quantile.
    #[serde(rename = "terminal_quantile_05")]
    Quantile05,
    /// The 25 % quantile.
    #[serde(rename = "terminal_quantile_25")]
    Quantile25,
    /// The median.
    #[serde(rename = "terminal_quantile_50")]
    Quantile50,
    /// The 75 % quantile.
    #[serde(rename = "terminal_quantile_75")]
    Quantile75,
    /// The 95 % quantile.
    #[serde(rename = "terminal_quantile_95")]
    Quantile95,
    /// Value at risk, from the 5 % quantile.
    #[serde(rename = "var_95")]
    Var95,
    /// Conditional value at risk.
    #[serde(rename = "cvar_95")]
    Cvar95,
}

impl TerminalFigure {
    /// Each figure, and its position among those of points in replications.
    const POSITIONS: [(Self, usize); FIGURES + 1] = [
        (Self::MeanTerminalValue, 0),
        (Self::ProbabilityOfLoss, 1),
        (Self::Quantile01, 2),
        (Self::Quantile05, 3),
        (Self::Quantile25, 4),
        (Self::Quantile50, 5),
        (Self::Quantile75, 6),
        (Self::Quantile95, 7),
        (Self::Var95, 3),
        (Self::Cvar95, 8),
    ];

    /// The marked figures.
    pub(super) fn among(marked: &[bool; FIGURES]) -> Vec<Self> {
        Self::POSITIONS.into_iter().filter(|(_, at)| marked[*at]).map(|(figure, _)| figure).collect()
    }
}
