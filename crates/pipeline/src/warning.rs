//! Warnings for a reader of the figures: assumptions, missing data and truncated data.

use std::fmt;

use forecast::ForecastBasis;
use portfolio_core::{Shortfall, TradeReason};
use risk::UnavailableReason;

use crate::limit_check::CheckReason;
use crate::obstacle;
use crate::plausibility::ImplausibleInput;
use crate::simulation::NoSimulation;

/// Something assumed, missing or truncated behind a figure. `Display` gives a sentence without the full stop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RunWarning {
    /// Implausible input.
    Implausible {
        /// What.
        input: ImplausibleInput,
        /// The likely mistake as a sentence, with the name of the asset.
        told: String,
    },
    /// An asset that is held or in the policy has no history.
    HistoryMissing {
        /// Position of the asset.
        asset: usize,
    },
    /// The optimal method has no history of any asset.
    RiskNotMeasured,
    /// Histories differ in length.
    HistoriesAligned {
        /// Number of periods over which the book is measured.
        observations: usize,
    },
    /// An asset that is held or in the policy has too short a history for an assessment of its risk.
    HistoryShort {
        /// Position of the asset.
        asset: usize,
        /// Number of its observations.
        observations: usize,
    },
    /// The history of an asset begins after those of the others.
    HistoryCompleted {
        /// Position of the asset.
        asset: usize,
        /// Number of periods that were completed.
        completed: usize,
    },
    /// The benchmark has fewer observations than the histories.
    BenchmarkAligned {
        /// Number of observations of the benchmark.
        observations: usize,
    },
    /// An asset's forecast is not based on a history.
    ForecastFallback {
        /// Position of the asset.
        asset: usize,
        /// Its basis.
        basis: ForecastBasis,
        /// Whether the model shrinks the forecast towards a prior.
        has_prior: bool,
    },
    /// Cash is off its target by more than the band, and nothing trades.
    CashOffTarget {
        /// Why assets outside their bands do not trade, each reason once; empty if none is outside.
        held_by: Vec<TradeReason>,
    },
    /// The plan does not raise all of the requested cash.
    CashNotRaised {
        /// What is missing.
        shortfall: Shortfall,
    },
    /// The plan does not invest all of the cash to be invested.
    CashNotInvested {
        /// What is missing.
        shortfall: Shortfall,
    },
    /// The plan's trades cost more than they reduce the objective.
    CostsMoreThanWorth {
        /// Worth of the plan, basis points of NAV: negative.
        net_bps: f64,
        /// What calls for them nevertheless.
        asked_by: AskedBy,
    },
    /// Less than the turnover limit is used, because more trades would cost more than they reduce the objective.
    TurnoverUnspent {
        /// Two-way turnover, a fraction of NAV.
        used: f64,
        /// Its limit.
        limit: f64,
    },
    /// A figure of the answer does not exist.
    FigureUnavailable {
        /// Which figure.
        figure: MissingFigure,
    },
}

/// What calls for trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// A band outside which an asset, a group or cash is.
    Bands,
    /// An amount to raise or to invest.
    Intent,
    /// A scheduled day, or the client's selection.
    Client,
    /// A limit that the book breaks without them.
    Limits,
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
    /// The stress loss of the book and of its policy, for which the verdict has a limit.
    StressLoss {
        /// Why.
        reason: CheckReason,
    },
    /// The worth of the plan, which is to be compared with a minimum worth.
    LeastWorth {
        /// Why, as a sentence without its full stop.
        reason: String,
    },
    /// The simulation of every set of weights.
    Simulation {
        /// Why.
        reason: NoSimulation,
    },
    /// The simulation of the target weights, where the current ones are simulated.
    SimulationTarget {
        /// Why.
        reason: NoSimulation,
    },
    /// The simulation of the weights after the plan, where the current ones are simulated.
    SimulationAfter {
        /// Why.
        reason: NoSimulation,
    },
}

impl fmt::Display for RunWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implausible { told, .. } => f.write_str(told),
            Self::HistoryMissing { .. } => {
                f.write_str("no history was sent: risk and simulation of the portfolio have no figures")
            }
            Self::RiskNotMeasured => f.write_str(
                "no history was sent: the weights are the nearest to the policy that the limits allow, no risk is measured, and costs \
                 are paid but not weighed",
            ),
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
            Self::CashOffTarget { held_by } if held_by.is_empty() => f.write_str(
                "cash is further from its target than the drift threshold, but every asset is inside its band",
            ),
            Self::CashOffTarget { held_by } => {
                f.write_str("cash is further from its target than the drift threshold, and no asset trades")?;
                match obstacle::list(held_by.iter().copied()) {
                    causes if causes.is_empty() => Ok(()),
                    causes => write!(f, ": what is outside its band is kept by {causes}"),
                }
            }
            Self::CashNotRaised { shortfall } => f.write_str(&obstacle::of_raise(shortfall)),
            Self::CashNotInvested { shortfall } => f.write_str(&obstacle::of_invest(shortfall)),
            Self::CostsMoreThanWorth { net_bps, asked_by } => {
                let who = match asked_by {
                    AskedBy::Bands => "the bands ask",
                    AskedBy::Intent => "the intent asks",
                    AskedBy::Client => "the request asks",
                    AskedBy::Limits => "a limit asks",
                };
                write!(
                    f,
                    "the trades cost {:.2} bp of the portfolio more than they are worth: {who} for them all the same",
                    -net_bps
                )
            }
            Self::TurnoverUnspent { used, limit } => write!(
                f,
                "the trades use {:.2} % of the turnover limit of {:.2} %: more of them would cost more than they are worth",
                100.0 * used,
                100.0 * limit
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
            Self::StressLoss { reason } => write!(f, "the stress loss is not assessed: {reason}"),
            Self::LeastWorth { reason } => {
                write!(f, "worth_min_bps is held against no worth, and the bands alone decide: {reason}")
            }
            Self::Simulation { reason } | Self::SimulationTarget { reason } | Self::SimulationAfter { reason } => {
                write!(f, "{reason}")
            }
        }
    }
}
