//! The simulation of the book now, at its targets and after the plan, or why there is none.

use std::fmt;

use risk::RiskOptions;
use serde::{Deserialize, Serialize};
use stress::{
    CommonShocks, DriftPosterior, DriftPrior, PortfolioLaw, SimulationOptions, SimulationReport, SimulationStatistics,
    StressError, simulate,
};

use crate::config::RunConfig;

/// What a simulated portfolio is expected to earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DriftChoice {
    /// The risk-free rate, and as much of the mean of the history above it as the length of the history supports; the error of that
    /// widens the law.
    #[default]
    Posterior,
    /// The mean of the history, as if it were known.
    Sample,
}

impl DriftChoice {
    /// The choice as records name it: `posterior`, `sample`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posterior => "posterior",
            Self::Sample => "sample",
        }
    }
}

/// A simulated book, and the drift of its law.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// Statistics with the standard errors of the simulation.
    pub report: SimulationReport,
    /// The drift.
    pub drift: SimulatedDrift,
}

/// Another set of weights on the shocks of a simulated book, and the drift of its law.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedBeside {
    /// Statistics with the standard errors of the simulation.
    pub statistics: SimulationStatistics,
    /// The drift.
    pub drift: SimulatedDrift,
}

/// The drift of a simulation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedDrift {
    /// How it was chosen.
    pub choice: DriftChoice,
    /// The posterior of the drift, given the history.
    pub posterior: DriftPosterior,
    /// The simulated law; with the choice `posterior` its spread includes the error of the drift.
    pub law: PortfolioLaw,
    /// Probability of loss at the ends of the 95 % interval of the drift: the error of the parameter, not that of the
    /// simulation.
    pub probability_of_loss_interval: Option<[f64; 2]>,
}

impl SimulatedDrift {
    /// The simulated annual drift.
    #[must_use]
    pub fn annual(&self) -> f64 {
        match self.choice {
            DriftChoice::Posterior => self.posterior.mean_annual,
            DriftChoice::Sample => self.posterior.sample_annual,
        }
    }
}

/// The law of a portfolio over a horizon, and its drift.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LawOfHistory {
    pub(crate) law: PortfolioLaw,
    drift: SimulatedDrift,
}

impl LawOfHistory {
    /// The law by which a history of portfolio returns continues for `days`.
    pub(crate) fn of(
        returns: &[f64],
        choice: DriftChoice,
        risk_free_rate: f64,
        days: usize,
    ) -> Result<Self, StressError> {
        let sample = PortfolioLaw::from_portfolio_returns(returns, RiskOptions::default().periods_per_year)?;
        let posterior = DriftPrior { risk_free_rate, ..DriftPrior::default() }.posterior(&sample, returns.len());
        let law = match choice {
            DriftChoice::Posterior => posterior.predictive(&sample, days)?,
            DriftChoice::Sample => sample,
        };
        let probability_of_loss_interval = posterior.probability_of_loss_interval(&sample, days);
        Ok(Self { law, drift: SimulatedDrift { choice, posterior, law, probability_of_loss_interval } })
    }
}

/// Why a book is not simulated.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NoSimulation {
    /// The simulation is switched off.
    SwitchedOff,
    /// The common history is too short.
    TooFewObservations,
    /// On one day of the history everything was lost, so log-returns do not exist.
    TotalLoss,
    /// The history leads to numbers outside the useful range.
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

/// Simulates the sets of weights of a run under the same shocks, each by the law of its own return history.
///
/// Under normal shocks a book at fixed weights is one geometric Brownian motion, so the cost does not grow with the assets,
/// and the shocks of the sets beside the current weights are drawn once.
#[derive(Debug)]
pub(crate) struct Simulator {
    options: Result<SimulationOptions, NoSimulation>,
    beside: Result<CommonShocks, NoSimulation>,
    drift: DriftChoice,
    risk_free_rate: f64,
}

impl Simulator {
    /// The simulator of a run.
    pub(crate) fn of(config: &RunConfig) -> Self {
        let options = config.simulation.clone().ok_or(NoSimulation::SwitchedOff);
        Self {
            beside: options.clone().and_then(|options| Ok(CommonShocks::new(options)?)),
            options,
            drift: config.drift,
            risk_free_rate: config.risk_free_rate,
        }
    }

    /// Simulates the current weights, which have these returns.
    pub(crate) fn simulate(&self, returns: &[f64]) -> Result<Simulated, NoSimulation> {
        let options = self.options.as_ref().map_err(Clone::clone)?;
        let LawOfHistory { law, drift } = self.law(returns, options)?;
        Ok(Simulated { report: simulate(law, options)?, drift })
    }

    /// Simulates other weights, which have these returns.
    pub(crate) fn beside(&self, returns: &[f64]) -> Result<SimulatedBeside, NoSimulation> {
        let options = self.options.as_ref().map_err(Clone::clone)?;
        let LawOfHistory { law, drift } = self.law(returns, options)?;
        let shocks = self.beside.as_ref().map_err(Clone::clone)?;
        Ok(SimulatedBeside { statistics: shocks.measure(law)?, drift })
    }

    fn law(&self, returns: &[f64], options: &SimulationOptions) -> Result<LawOfHistory, StressError> {
        LawOfHistory::of(returns, self.drift, self.risk_free_rate, options.horizon_days)
    }
}

/// Why the target or the planned book is not simulated although the current one is.
pub(crate) fn missing_beside<'a>(
    now: &Result<Simulated, NoSimulation>,
    other: &'a Result<SimulatedBeside, NoSimulation>,
) -> Option<&'a NoSimulation> {
    now.as_ref().ok().and(other.as_ref().err())
}
