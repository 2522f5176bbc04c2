use risk::RiskOptions;
use stress::{PortfolioLaw, SimulationReport, StressError, simulate};

use crate::engine::portfolio::Portfolio;

/// Simulates the current weights by their own return law, or says why that cannot be done.
///
/// With fixed weights the portfolio is one geometric Brownian motion, so the cost does not grow with the assets.
pub(super) fn simulation(portfolio: &Portfolio, current_returns: &[f64]) -> Result<SimulationReport, String> {
    let Some(options) = &portfolio.simulation else {
        return Err("paths is 0: the simulation is switched off".to_owned());
    };
    PortfolioLaw::from_portfolio_returns(current_returns, RiskOptions::default().periods_per_year)
        .and_then(|law| simulate(law, options))
        .map_err(|error| match error {
            StressError::TooFewReturns { .. } => "fewer than two common observations".to_owned(),
            StressError::TotalLoss { .. } => {
                "the history holds a day on which the portfolio lost everything".to_owned()
            }
            StressError::Diverges { .. } | StressError::PortfolioLaw { .. } => {
                "the history is too extreme to be projected".to_owned()
            }
            other => other.to_string(),
        })
}
