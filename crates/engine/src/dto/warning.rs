//! Warnings on the wire: a code, a pointer and a sentence for what a library names by type.

use pipeline::{HistoryOf, ImplausibleInput, MissingFigure, RunWarning};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::warning_code::WarningCode;

/// Something that was assumed, missing or changed in computing a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanWarning {
    /// What was assumed, is missing or was changed.
    pub code: WarningCode,
    /// JSON pointer to the member of the request it is about; for a missing figure, to that figure in the answer.
    #[schema(example = "/assets")]
    pub pointer: String,
    /// The cause in a sentence.
    #[schema(example = "histories differ in length: the book is measured over its last 120 periods")]
    pub detail: String,
}

impl From<&RunWarning> for PlanWarning {
    fn from(warning: &RunWarning) -> Self {
        let (code, pointer) = match warning {
            RunWarning::Implausible { input, .. } => (WarningCode::ImplausibleInput, input_pointer(input)),
            RunWarning::HistoryMissing { asset } => {
                (WarningCode::HistoryMissing, format!("/assets/{asset}/historical_returns"))
            }
            RunWarning::RiskNotMeasured => (WarningCode::RiskNotMeasured, "/method".to_owned()),
            RunWarning::HistoriesAligned { .. } => (WarningCode::HistoriesAligned, "/assets".to_owned()),
            RunWarning::HistoryShort { asset, .. } => {
                (WarningCode::HistoryShort, format!("/assets/{asset}/historical_returns"))
            }
            RunWarning::HistoryCompleted { asset, .. } => {
                (WarningCode::HistoryCompleted, format!("/assets/{asset}/historical_returns"))
            }
            RunWarning::BenchmarkAligned { .. } => (WarningCode::BenchmarkAligned, "/benchmark_returns".to_owned()),
            RunWarning::ForecastFallback { asset, .. } => (WarningCode::ForecastFallback, format!("/assets/{asset}")),
            RunWarning::CostsMoreThanWorth { .. } => {
                (WarningCode::CostsMoreThanWorth, "/worth/figures/net_bps".to_owned())
            }
            RunWarning::TurnoverUnspent { .. } => (WarningCode::TurnoverUnspent, "/turnover_limit".to_owned()),
            RunWarning::CashOffTarget { .. } => (WarningCode::CashOffTarget, "/assets".to_owned()),
            RunWarning::CashNotRaised { .. } => (WarningCode::CashNotRaised, "/intent/amount".to_owned()),
            RunWarning::CashNotInvested { .. } => (WarningCode::CashNotInvested, "/intent/amount".to_owned()),
            RunWarning::FigureUnavailable { figure } => (WarningCode::FigureUnavailable, figure_pointer(figure)),
            // The enum grows with the pipeline: what has no place of its own in a document is about all of it.
            other => {
                tracing::error!(warning = %other, "a warning has no pointer");
                (WarningCode::FigureUnavailable, String::new())
            }
        };
        Self { code, pointer, detail: warning.to_string() }
    }
}

fn input_pointer(input: &ImplausibleInput) -> String {
    match input {
        ImplausibleInput::Prices { history, .. }
        | ImplausibleInput::Percentages { history, .. }
        | ImplausibleInput::SteadyGain { history, .. } => history_pointer(*history),
        ImplausibleInput::Move { history, observation, .. } => format!("{}/{observation}", history_pointer(*history)),
        ImplausibleInput::MarketReturn { asset, .. } => format!("/assets/{asset}/market_return"),
        ImplausibleInput::UnitPrice { asset, .. } => format!("/assets/{asset}/price"),
        // A sum has no member of its own.
        _ => "/assets".to_owned(),
    }
}

impl PlanWarning {
    /// The number in the series of returns at `pointer` that no market has shown; see [`ImplausibleInput::in_returns`].
    #[must_use]
    pub fn of_returns(pointer: String, returns: &[f64], periods_per_year: f64) -> Option<Self> {
        let found = ImplausibleInput::in_returns(returns, periods_per_year)?;
        Some(Self { code: WarningCode::ImplausibleInput, pointer, detail: found.to_string() })
    }
}

fn history_pointer(history: HistoryOf) -> String {
    match history {
        HistoryOf::Asset(asset) => format!("/assets/{asset}/historical_returns"),
        HistoryOf::Benchmark => "/benchmark_returns".to_owned(),
        HistoryOf::Series => "/returns".to_owned(),
    }
}

fn figure_pointer(figure: &MissingFigure) -> String {
    match figure {
        MissingFigure::RiskNow { metric, .. } => format!("/risk_metrics/{metric}"),
        MissingFigure::RiskTarget { .. } => "/target_risk_metrics".to_owned(),
        MissingFigure::RiskAfter { .. } => "/after_risk_metrics".to_owned(),
        MissingFigure::StressLoss { .. } => "/verdict/checks".to_owned(),
        MissingFigure::LeastWorth { .. } => "/worth/figures".to_owned(),
        MissingFigure::Simulation { .. } => "/monte_carlo".to_owned(),
        MissingFigure::SimulationTarget { .. } => "/monte_carlo/target".to_owned(),
        MissingFigure::SimulationAfter { .. } => "/monte_carlo/after".to_owned(),
        other => {
            tracing::error!(figure = %other, "a missing figure has no pointer");
            String::new()
        }
    }
}
