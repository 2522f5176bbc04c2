//! The simulation of the book now, at its targets and after the plan, or why there is none.

use std::fmt;

use forecast::AssetForecast;
use risk::RiskOptions;
use serde::{Deserialize, Serialize};
use stress::elementary::ln_1p;
use stress::{
    CommonShocks, DEFAULT_SHARPE_RATIO, DriftPosterior, DriftPrior, PortfolioLaw, SimulationOptions, SimulationReport,
    SimulationStatistics, StressError, simulate,
};

use crate::config::RunConfig;

/// The expected return of a simulated portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DriftChoice {
    /// The risk-free rate, and as much of the mean of the history above it as the length of the history supports; its
    /// error widens the law.
    #[default]
    Posterior,
    /// The mean of the history, as if it were known; `historical` is another name for it.
    #[serde(alias = "historical")]
    Sample,
    /// The forecasts of the run, shrunk towards the risk-free rate by their confidence. Cash earns the risk-free rate.
    Forecast,
    /// The risk-free rate, and premia at which the policy is the best book and earns [`DEFAULT_SHARPE_RATIO`] per unit of its volatility.
    RiskFreePlusPremium,
    /// The risk-free rate: risk is not paid.
    ZeroExcess,
}

impl DriftChoice {
    /// The choice as records name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posterior => "posterior",
            Self::Sample => "sample",
            Self::Forecast => "forecast",
            Self::RiskFreePlusPremium => "risk_free_plus_premium",
            Self::ZeroExcess => "zero_excess",
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
    /// The simulated annual drift, before the error of the drift widens the law.
    pub annual: f64,
    /// The posterior of the drift, given the history.
    pub posterior: DriftPosterior,
    /// The simulated law; with the choice `posterior` its spread includes the error of the drift.
    pub law: PortfolioLaw,
    /// Probability of loss at the ends of the 95 % interval of the drift: the error of the parameter, not that of the
    /// simulation.
    pub probability_of_loss_interval: Option<[f64; 2]>,
}

/// The law of a portfolio over a horizon, and its drift.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LawOfHistory {
    pub(crate) law: PortfolioLaw,
    drift: SimulatedDrift,
}

impl LawOfHistory {
    /// The law by which a book continues for `days`.
    pub(crate) fn of(book: BookHistory<'_>, drift: &BookDrift, days: usize) -> Result<Self, StressError> {
        let periods = RiskOptions::default().periods_per_year;
        let sample = PortfolioLaw::from_portfolio_returns(book.returns, periods)?;
        let prior = DriftPrior { risk_free_rate: drift.risk_free_rate, ..DriftPrior::default() };
        let posterior = prior.posterior(&sample, book.returns.len());
        let (annual, law) = match drift.excess(book, periods) {
            None => match drift.choice {
                DriftChoice::Sample => (posterior.sample_annual, sample),
                _ => (posterior.mean_annual, posterior.predictive(&sample, days)?),
            },
            Some(excess) => {
                let annual = ln_1p(drift.risk_free_rate) + excess;
                (annual, PortfolioLaw::new(annual, sample.volatility_annual(), periods)?)
            }
        };
        let probability_of_loss_interval = posterior.probability_of_loss_interval(&sample, days);
        let choice = drift.choice;
        Ok(Self { law, drift: SimulatedDrift { choice, annual, posterior, law, probability_of_loss_interval } })
    }
}

/// A book with the history of its returns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BookHistory<'a> {
    /// Weights of the assets, in the order of the universe; the rest is cash.
    pub(crate) weights: &'a [f64],
    /// Simple returns of the book, oldest first.
    pub(crate) returns: &'a [f64],
}

/// What any book of a run is expected to earn.
#[derive(Debug, Clone)]
pub(crate) struct BookDrift {
    choice: DriftChoice,
    risk_free_rate: f64,
    /// Under [`DriftChoice::Forecast`]: annual forecast of each asset above the risk-free rate, shrunk by its confidence.
    forecasts: Vec<f64>,
    /// Under [`DriftChoice::RiskFreePlusPremium`]: simple returns of the policy.
    policy: Vec<f64>,
}

impl BookDrift {
    /// The drift that a run asks for. `policy`: simple returns of the target weights.
    ///
    /// A forecast is a simple return per period `f`; a price that grows by it has the annual drift `p·ln(1 + f)`.
    pub(crate) fn of(config: &RunConfig, forecasts: &[AssetForecast], policy: &[f64]) -> Self {
        let riskless = ln_1p(config.risk_free_rate);
        let periods = RiskOptions::default().periods_per_year;
        let excess = |f: &AssetForecast| f.confidence * (periods * ln_1p(f.expected_return) - riskless);
        let is = |choice| config.drift == choice;
        Self {
            choice: config.drift,
            risk_free_rate: config.risk_free_rate,
            forecasts: if is(DriftChoice::Forecast) { forecasts.iter().map(excess).collect() } else { Vec::new() },
            policy: if is(DriftChoice::RiskFreePlusPremium) { policy.to_vec() } else { Vec::new() },
        }
    }

    /// Annual drift of a book above the risk-free rate; `None` where it follows from the history of the book.
    fn excess(&self, book: BookHistory<'_>, periods_per_year: f64) -> Option<f64> {
        match self.choice {
            DriftChoice::Posterior | DriftChoice::Sample => None,
            DriftChoice::ZeroExcess => Some(0.0),
            DriftChoice::Forecast => Some(book.weights.iter().zip(&self.forecasts).map(|(w, f)| w * f).sum()),
            DriftChoice::RiskFreePlusPremium => {
                let periods = book.returns.len().min(self.policy.len());
                let (book, policy) = (&book.returns[..periods], &self.policy[..periods]);
                let mean = |returns: &[f64]| returns.iter().sum::<f64>() / periods.max(1) as f64;
                let (of_book, of_policy) = (mean(book), mean(policy));
                let joint: f64 = book.iter().zip(policy).map(|(b, p)| (b - of_book) * (p - of_policy)).sum();
                let alone: f64 = policy.iter().map(|p| (p - of_policy) * (p - of_policy)).sum();
                // cov(book, policy)/σ(policy), annual.
                let beta_risk =
                    joint / (alone * periods.saturating_sub(1).max(1) as f64).sqrt() * periods_per_year.sqrt();
                Some(if alone > 0.0 { DEFAULT_SHARPE_RATIO * beta_risk } else { 0.0 })
            }
        }
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
/// and the shocks of the sets other than the current weights are drawn only once.
#[derive(Debug)]
pub(crate) struct Simulator {
    options: Result<SimulationOptions, NoSimulation>,
    beside: Result<CommonShocks, NoSimulation>,
    drift: BookDrift,
}

impl Simulator {
    /// The simulator of a run.
    pub(crate) fn of(config: &RunConfig, drift: BookDrift) -> Self {
        let options = config.simulation.clone().ok_or(NoSimulation::SwitchedOff);
        Self { beside: options.clone().and_then(|options| Ok(CommonShocks::new(options)?)), options, drift }
    }

    /// What books are expected to earn.
    pub(crate) fn drift(&self) -> &BookDrift {
        &self.drift
    }

    /// Simulates the current book.
    pub(crate) fn simulate(&self, book: BookHistory<'_>) -> Result<Simulated, NoSimulation> {
        let options = self.options.as_ref().map_err(Clone::clone)?;
        let LawOfHistory { law, drift } = LawOfHistory::of(book, &self.drift, options.horizon_days)?;
        Ok(Simulated { report: simulate(law, options)?, drift })
    }

    /// Simulates another book.
    pub(crate) fn beside(&self, book: BookHistory<'_>) -> Result<SimulatedBeside, NoSimulation> {
        let options = self.options.as_ref().map_err(Clone::clone)?;
        let LawOfHistory { law, drift } = LawOfHistory::of(book, &self.drift, options.horizon_days)?;
        let shocks = self.beside.as_ref().map_err(Clone::clone)?;
        Ok(SimulatedBeside { statistics: shocks.measure(law)?, drift })
    }
}

/// Why the target or the planned book is not simulated although the current one is.
pub(crate) fn missing_beside<'a>(
    now: &Result<Simulated, NoSimulation>,
    other: &'a Result<SimulatedBeside, NoSimulation>,
) -> Option<&'a NoSimulation> {
    now.as_ref().ok().and(other.as_ref().err())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Case;

    /// Two books over four days: the policy, and a book that moves half as much with it and otherwise by itself.
    const POLICY: [f64; 4] = [0.02, -0.02, 0.02, -0.02];
    const BOOK: [f64; 4] = [0.02, 0.0, 0.0, -0.02];

    fn drift(choice: DriftChoice, returns: &[f64], weights: &[f64]) -> SimulatedDrift {
        let mut config = Case::pair().config;
        (config.drift, config.risk_free_rate) = (choice, 0.02);
        let forecast =
            |expected_return, confidence| AssetForecast { expected_return, confidence, ..AssetForecast::default() };
        let forecasts = [forecast(0.0005, 0.5), forecast(0.001, 0.0)];
        let rule = BookDrift::of(&config, &forecasts, &POLICY);
        LawOfHistory::of(BookHistory { weights, returns }, &rule, 21).unwrap().drift
    }

    #[test]
    fn each_choice_is_its_formula() {
        let riskless = 1.02_f64.ln();
        let zero = drift(DriftChoice::ZeroExcess, &BOOK, &[0.5, 0.5]);
        assert!((zero.annual - riskless).abs() < 1e-15 && (zero.law.drift_annual() - riskless).abs() < 1e-15);
        // Half in an asset that is half believed; the other forecast has no confidence, and cash earns the risk-free rate.
        let forecast = drift(DriftChoice::Forecast, &BOOK, &[0.5, 0.3]);
        let want = riskless + 0.5 * 0.5 * (252.0 * 0.0005_f64.ln_1p() - riskless);
        assert!((forecast.annual - want).abs() < 1e-15, "{} {want}", forecast.annual);
        // Deviations from the means, which are zero: Σ bp = 0.0008, Σ p² = 0.0016, three degrees of freedom.
        let premium = drift(DriftChoice::RiskFreePlusPremium, &BOOK, &[0.5, 0.5]);
        let want = riskless + 0.3 * 0.0008 / (0.0016_f64 * 3.0).sqrt() * 252.0_f64.sqrt();
        assert!((premium.annual - want).abs() < 1e-14, "{} {want}", premium.annual);
        // The policy earns the Sharpe ratio per unit of its volatility.
        let policy = drift(DriftChoice::RiskFreePlusPremium, &POLICY, &[1.0]);
        let volatility = (0.0016_f64 / 3.0 * 252.0).sqrt();
        assert!((policy.annual - riskless - 0.3 * volatility).abs() < 1e-14);
        let flat = drift(DriftChoice::RiskFreePlusPremium, &[0.0; 4], &[0.0]);
        assert!((flat.annual - riskless).abs() < 1e-15);
        // The history keeps its own law.
        let sample = drift(DriftChoice::Sample, &BOOK, &[]);
        assert_eq!((sample.annual, sample.law.drift_annual()), (sample.posterior.sample_annual, sample.annual));
        let posterior = drift(DriftChoice::Posterior, &BOOK, &[]);
        assert_eq!(posterior.annual, posterior.posterior.mean_annual);
        assert!(posterior.law.volatility_annual() > sample.law.volatility_annual());
    }

    fn sent(name: &str) -> Result<DriftChoice, serde::de::value::Error> {
        DriftChoice::deserialize(serde::de::IntoDeserializer::into_deserializer(name))
    }

    #[test]
    fn every_choice_has_the_name_by_which_it_is_sent() {
        use DriftChoice::{Forecast, Posterior, RiskFreePlusPremium, Sample, ZeroExcess};
        for choice in [Posterior, Sample, Forecast, RiskFreePlusPremium, ZeroExcess] {
            assert_eq!(sent(choice.as_str()), Ok(choice));
        }
        assert_eq!(sent("historical"), Ok(Sample));
    }
}
