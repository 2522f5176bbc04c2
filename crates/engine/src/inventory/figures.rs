//! Cards of the simulation and of the figures of the book's own history.

use models::{Card, Exposure, Influence, ModelKind, MonitoredFigure, Purpose};

use super::forecasters::INPUTS;
use super::words::{Trigger, Words, below};

/// Id of the simulation in the inventory.
pub const SIMULATION: &str = "gbm_monte_carlo";
/// Id of the risk figures in the inventory.
pub const HISTORICAL_RISK: &str = "historical_risk";
/// Version of the simulation: it changes with the law of shocks, the discretisation, or the drift.
const SIMULATION_VERSION: &str = "0.1.0";
/// Version of the risk figures.
const HISTORICAL_RISK_VERSION: &str = "0.1.0";

const GBM: Words = Words {
    id: SIMULATION,
    purpose: Purpose::Simulation,
    kind: ModelKind::Model,
    exposure: Exposure::EveryPlan,
    influence: Influence::Limits,
    summary: "geometric Brownian motion of the book, exact in law, with standard errors",
    intended_use: "Distribution of the book's value at a horizon, held against the limits of the verdict; questions of simulation.",
    not_for: &["crashes: shocks are normal", "horizons at which volatility changes", "derivatives"],
    features: &[
        "mean and volatility of the book per period",
        "the posterior of its drift",
        "seed, paths and horizon of the request",
    ],
    target: "distribution of the value at the horizon",
    crates: &["stress", "portfolio-core"],
    figures: &[
        (
            "share of years beyond the 5 % quantile, one year of history, all series",
            0.038,
            None,
            "below 5 %: conservative (10,134 years that overlap, so there is no interval)",
        ),
        (
            "share of years beyond the 5 % quantile, Treasuries, oil, currencies",
            0.086,
            None,
            "above 5 %: too narrow (1,950 years that overlap, so there is no interval)",
        ),
    ],
    trials: 2,
    limits: &[
        "Shocks are normal and independent: losses of several standard deviations come more often than it says.",
        "Volatility is constant and taken as known.",
        "The drift is a posterior that shrinks the history (docs/adr/0025).",
    ],
    triggers: &[
        Trigger::Measured(
            "p-value of Kupiec that a horizon loses more than monte_carlo.var_95 one time in twenty",
            below(0.01, MonitoredFigure::HorizonVarPValue, 100),
            "review the law of shocks",
        ),
        INPUTS,
    ],
    dependencies: &[HISTORICAL_RISK],
    outcomes_analysis: "Predicted quantiles against rolling years (docs/evidence.md); predictions of stored plans against reported outcomes \
                        (docs/calibration.md).",
};

const HISTORICAL: Words = Words {
    id: HISTORICAL_RISK,
    purpose: Purpose::RiskFigures,
    summary: "volatility, drawdown, VaR (inverted CDF) and CVaR (Rockafellar-Uryasev) on the book's own history",
    intended_use: "Risk figures of plans and reports, held against the limits of the verdict.",
    not_for: &["losses that the history does not hold", "books whose weights changed while the history ran"],
    features: &["periodic returns of the assets", "weights of the book"],
    target: "quantile and tail mean of the loss of one period",
    crates: &["risk", "portfolio-core"],
    figures: &[],
    trials: 1,
    limits: &[
        "The next period is taken as drawn from the history: after a quiet history it is too low.",
        "A tail of few observations is noisy; its interval is stated beside it.",
    ],
    triggers: &[Trigger::Measured(
        "p-value of Kupiec that a day loses more than after_risk_metrics.var_95 one time in twenty",
        below(0.01, MonitoredFigure::DailyVarPValue, 100),
        "compare with the filtered tail, and promote another version",
    )],
    dependencies: &[],
    outcomes_analysis: "Exceedances of stored plans against reported outcomes (docs/calibration.md); intervals by the bootstrap (docs/risk.md).",
    ..GBM
};

/// The card of the simulation.
pub(super) fn simulation() -> Card {
    GBM.card(SIMULATION_VERSION)
}

/// The card of the risk figures.
pub(super) fn historical_risk() -> Card {
    HISTORICAL.card(HISTORICAL_RISK_VERSION)
}
