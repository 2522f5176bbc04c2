//! The simulation of the current weights, or why there is none.

use std::fmt;

use risk::RiskOptions;
use stress::{PortfolioLaw, SimulationOptions, SimulationReport, StressError, simulate};

/// Why a book is not simulated.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NoSimulation {
    /// It was not asked for.
    SwitchedOff,
    /// The common history is too short.
    TooFewObservations,
    /// On one day of the history everything was lost, so log-returns do not exist.
    TotalLoss,
    /// The history leads out of the range of useful numbers.
    TooExtreme,
    /// The options are out of range.
    Options(StressError),
}

impl fmt::Display for NoSimulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchedOff => f.write_str("paths is 0: the simulation is switched off"),
            Self::TooFewObservations => f.write_str("fewer than two common observations"),
            Self::TotalLoss => f.write_str("the history holds a day on which the portfolio lost everything"),
            Self::TooExtreme => f.write_str("the history is too extreme to be projected"),
            Self::Options(error) => write!(f, "{error}"),
        }
    }
}

impl From<StressError> for NoSimulation {
    fn from(error: StressError) -> Self {
        match error {
            StressError::TooFewReturns { .. } => Self::TooFewObservations,
            StressError::TotalLoss { .. } => Self::TotalLoss,
            StressError::Diverges { .. } | StressError::PortfolioLaw { .. } => Self::TooExtreme,
            other => Self::Options(other),
        }
    }
}

/// Simulates fixed weights by the law of their own return history.
///
/// Under normal shocks the portfolio is one geometric Brownian motion, so the cost does not grow with the assets.
pub(crate) fn simulation(
    options: Option<&SimulationOptions>,
    returns: &[f64],
) -> Result<SimulationReport, NoSimulation> {
    let options = options.ok_or(NoSimulation::SwitchedOff)?;
    let law = PortfolioLaw::from_portfolio_returns(returns, RiskOptions::default().periods_per_year)?;
    Ok(simulate(law, options)?)
}
