//! What a reader of the figures has to know: assumed, missing or cut on the way.

use std::fmt;

use forecast::ForecastBasis;
use risk::UnavailableReason;

use crate::simulation::NoSimulation;

/// Something assumed, missing or cut on the way to a figure. Printed, it is a sentence without its full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RunWarning {
    /// An asset that is held or wanted has no history.
    HistoryMissing {
        /// Position of the asset.
        asset: usize,
    },
    /// Histories differ in length.
    HistoriesAligned {
        /// Periods over which the book is measured.
        observations: usize,
    },
    /// An asset that is held or wanted has too short a history to judge its risk by.
    HistoryShort {
        /// Position of the asset.
        asset: usize,
        /// Its observations.
        observations: usize,
    },
    /// The history of an asset begins after those of the others.
    HistoryCompleted {
        /// Position of the asset.
        asset: usize,
        /// Periods that were completed.
        completed: usize,
    },
    /// The benchmark has fewer observations than the histories.
    BenchmarkAligned {
        /// Observations of the benchmark.
        observations: usize,
    },
    /// An asset's forecast does not rest on a history.
    ForecastFallback {
        /// Position of the asset.
        asset: usize,
        /// What it rests on.
        basis: ForecastBasis,
        /// Whether the model shrinks it towards a prior.
        has_prior: bool,
    },
    /// Cash is off its target by more than the band, and no asset is outside its band.
    CashOffTarget,
    /// The bands ask for trades that cost more than they take off the objective.
    CostsMoreThanWorth {
        /// Worth of the plan, basis points of NAV: negative.
        net_bps: f64,
    },
    /// A figure of the answer does not exist.
    FigureUnavailable {
        /// Which figure.
        figure: MissingFigure,
    },
}

/// A figure that does not exist, and why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MissingFigure {
    /// A risk figure of the current weights.
    RiskNow {
        /// Name of the figure.
        metric: &'static str,
        /// Why.
        reason: UnavailableReason,
    },
    /// Risk figures of the target weights.
    RiskTarget {
        /// Why the first of them is missing.
        reason: UnavailableReason,
    },
    /// Risk figures of the weights after the plan.
    RiskAfter {
        /// Why the first of them is missing.
        reason: UnavailableReason,
    },
    /// The simulation.
    Simulation {
        /// Why.
        reason: NoSimulation,
    },
}

impl fmt::Display for RunWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HistoryMissing { .. } => {
                f.write_str("no history was sent: risk and simulation of the portfolio have no figures")
            }
            Self::HistoriesAligned { observations } => {
                write!(f, "histories differ in length: the book is measured over its last {observations} periods")
            }
            Self::HistoryShort { observations, .. } => {
                write!(f, "only {observations} observations were sent: the risk of the book is not assessed by them")
            }
            Self::HistoryCompleted { completed: 1, .. } => {
                f.write_str("1 period before the history begins was completed from the longer histories")
            }
            Self::HistoryCompleted { completed, .. } => {
                write!(f, "{completed} periods before the history begins were completed from the longer histories")
            }
            Self::BenchmarkAligned { observations } => {
                write!(f, "the benchmark is shorter: tracking error uses its {observations} observations")
            }
            Self::ForecastFallback { has_prior: true, .. } => {
                f.write_str("no history was sent: the forecast is close to the prior of the model, at low confidence")
            }
            Self::ForecastFallback { basis: ForecastBasis::MarketReturn, .. } => {
                f.write_str("no history was sent: the forecast repeats market_return at low confidence")
            }
            Self::ForecastFallback { .. } => {
                f.write_str("neither history nor market_return was sent: the forecast is zero at low confidence")
            }
            Self::CashOffTarget => f.write_str(
                "cash is further from its target than the drift threshold, but every asset is inside its band",
            ),
            Self::CostsMoreThanWorth { net_bps } => write!(
                f,
                "the trades cost {:.2} bp of the portfolio more than they are worth: the bands ask for them all the same",
                -net_bps
            ),
            Self::FigureUnavailable { figure } => write!(f, "{figure}"),
        }
    }
}

impl fmt::Display for MissingFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RiskNow { reason, .. } | Self::RiskTarget { reason } | Self::RiskAfter { reason } => {
                write!(f, "{reason}")
            }
            Self::Simulation { reason } => write!(f, "{reason}"),
        }
    }
}
