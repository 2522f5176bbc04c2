//! What kinds of warning there are.

use serde::Serialize;
use utoipa::ToSchema;

/// What was assumed, is missing or was changed. The list is closed: a new kind is a change of the contract.
///
/// - `implausible_input`: no portfolio or market has shown such a number: it probably has another meaning or unit.
/// - `weights_normalized`: weights were scaled to sum to one.
/// - `cash_target_implied`: target weights leave a cash target that was not sent.
/// - `price_defaulted`: no price was sent: units are valued at 100 each.
/// - `price_missing`: an asset of a backtest has days without a price; the detail says how they are treated.
/// - `similar_names`: two assets have names that differ only in the case of letters or in characters that cannot be seen.
/// - `holding_weights_sum`: the weights of holdings do not sum to one and are used as sent.
/// - `history_missing`: an asset has no history, or dates were sent and no asset has one.
/// - `risk_not_measured`: the optimal method has no history of any asset: its weights are the nearest to the policy that the limits allow.
/// - `histories_aligned`: histories differ in length: the book is measured over the periods that half of the assets have.
/// - `history_completed`: the missing part of a history was completed from the longer ones.
/// - `history_short`: a history is short, so that its figures are rough; in a plan, an asset has fewer than 60 returns,
///   and the risk of the book is not assessed by them.
/// - `benchmark_aligned`: the benchmark and the histories differ in length: the common periods are used.
/// - `forecast_fallback`: the forecast of an asset is not that of the model.
/// - `cash_off_target`: cash is not at its target after the trades.
/// - `cash_not_raised`: the plan raises less cash than it is asked to; the detail has both amounts and the cause.
/// - `cash_not_invested`: the plan invests less cash than it is asked to; the detail has both amounts and the cause.
/// - `cash_short_at_limits`: cash is below zero if each order is filled at its limit price.
/// - `costs_more_than_worth`: the requested trades cost more than they reduce the objective.
/// - `turnover_unspent`: less than the turnover limit is used, because more trades would cost more than they reduce the objective.
/// - `survivors_only`: assets were chosen because they still exist: every wealth is overstated.
/// - `periods_inferred`: the number of periods in a year was not sent, and is that of the dates.
/// - `cadence_ignored`: a policy of a backtest that trades once was sent with how often it decides, which changes nothing.
/// - `figure_unavailable`: a figure cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// No portfolio or market has shown such a number: it probably has another meaning or unit.
    ImplausibleInput,
    /// Weights were scaled to sum to one.
    WeightsNormalized,
    /// Target weights leave a cash target that was not sent.
    CashTargetImplied,
    /// No price was sent: units are valued at 100 each.
    PriceDefaulted,
    /// An asset of a backtest has days without a price; the detail says how they are treated.
    PriceMissing,
    /// Two assets have names that differ only in the case of letters or in characters that cannot be seen.
    SimilarNames,
    /// The weights of holdings do not sum to one and are used as sent.
    HoldingWeightsSum,
    /// An asset has no history, or dates were sent and no asset has one.
    HistoryMissing,
    /// The optimal method has no history of any asset: its weights are the nearest to the policy that the limits allow.
    RiskNotMeasured,
    /// Histories differ in length: the book is measured over the periods that half of the assets have.
    HistoriesAligned,
    /// The missing part of a history was completed from the longer ones.
    HistoryCompleted,
    /// A history is short, so that its figures are rough; in a plan, an asset has fewer than 60 returns, and the risk
    /// of the book is not assessed by them.
    HistoryShort,
    /// The benchmark and the histories differ in length: the common periods are used.
    BenchmarkAligned,
    /// The forecast of an asset is not that of the model.
    ForecastFallback,
    /// Cash is not at its target after the trades.
    CashOffTarget,
    /// The plan raises less cash than it is asked to.
    CashNotRaised,
    /// The plan invests less cash than it is asked to.
    CashNotInvested,
    /// Cash is below zero if each order is filled at its limit price.
    CashShortAtLimits,
    /// The requested trades cost more than they reduce the objective.
    CostsMoreThanWorth,
    /// Less than the turnover limit is used: more trades would cost more than they reduce the objective.
    TurnoverUnspent,
    /// Assets were chosen because they still exist: every wealth is overstated.
    SurvivorsOnly,
    /// The number of periods in a year was not sent, and is that of the dates.
    PeriodsInferred,
    /// A policy of a backtest that trades once was sent with how often it decides, which changes nothing.
    CadenceIgnored,
    /// A figure cannot be given.
    FigureUnavailable,
}

impl WarningCode {
    /// The code as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ImplausibleInput => "implausible_input",
            Self::WeightsNormalized => "weights_normalized",
            Self::CashTargetImplied => "cash_target_implied",
            Self::PriceDefaulted => "price_defaulted",
            Self::PriceMissing => "price_missing",
            Self::SimilarNames => "similar_names",
            Self::HoldingWeightsSum => "holding_weights_sum",
            Self::HistoryMissing => "history_missing",
            Self::RiskNotMeasured => "risk_not_measured",
            Self::HistoriesAligned => "histories_aligned",
            Self::HistoryCompleted => "history_completed",
            Self::HistoryShort => "history_short",
            Self::BenchmarkAligned => "benchmark_aligned",
            Self::ForecastFallback => "forecast_fallback",
            Self::CashOffTarget => "cash_off_target",
            Self::CashNotRaised => "cash_not_raised",
            Self::CashNotInvested => "cash_not_invested",
            Self::CashShortAtLimits => "cash_short_at_limits",
            Self::CostsMoreThanWorth => "costs_more_than_worth",
            Self::TurnoverUnspent => "turnover_unspent",
            Self::SurvivorsOnly => "survivors_only",
            Self::PeriodsInferred => "periods_inferred",
            Self::CadenceIgnored => "cadence_ignored",
            Self::FigureUnavailable => "figure_unavailable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_is_written() {
        for code in [WarningCode::WeightsNormalized, WarningCode::CashOffTarget, WarningCode::FigureUnavailable] {
            assert_eq!(serde_json::json!(code), code.name());
        }
    }
}
