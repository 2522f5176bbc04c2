//! What scenarios do to a book, in the words of the contract.

use portfolio_core::NaiveDate;
use serde::Serialize;
use stress::scenario::{SeriesKind, WindowStep};
use utoipa::ToSchema;

use crate::dto::metadata::Metadata;
use crate::dto::warning::PlanWarning;

/// What the scenarios do to the book. Amounts are in the unit of `portfolio_value`, rounded to cents; a loss is negative, except in
/// `var_95_before`, `var_95_after`, `loss` and `cost`, where it is positive.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioResponse {
    /// Value of the book, as sent.
    #[schema(example = 100_000.0)]
    pub portfolio_value: f64,
    /// The rest of the weights to one: cash that earns nothing, below zero when it is borrowed.
    #[schema(example = 0.0)]
    pub cash_weight: f64,
    /// Windows of history, in the requested order.
    pub scenarios: Vec<HistoricalScenario>,
    /// Hypothetical moves, in the requested order.
    pub shocks: Vec<ShockScenario>,
    /// The most likely move that loses the stated share; null when none was requested or none exists, in the second
    /// case with a warning.
    #[schema(required)]
    pub reverse: Option<ReverseScenario>,
    /// Risk under other correlations; null when none were requested.
    #[schema(required)]
    pub correlation: Option<CorrelationScenario>,
    /// Cost and days of forced sales; null when they were not requested.
    #[schema(required)]
    pub liquidity: Option<LiquidityScenario>,
    /// What a reader needs to know about the figures.
    pub warnings: Vec<PlanWarning>,
    /// When, by which version and for which request this was made.
    pub metadata: Metadata,
}

/// The book held through a window of history.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoricalScenario {
    /// Identifier of the window.
    #[schema(example = "2020_march")]
    pub id: &'static str,
    /// Its name.
    #[schema(example = "Pandemic")]
    pub name: &'static str,
    /// The close from which returns are measured.
    #[schema(example = "2020-02-19")]
    pub start: NaiveDate,
    /// Its last close.
    #[schema(example = "2020-03-23")]
    pub end: NaiveDate,
    /// The interval between the dates on which the book is valued within it.
    pub step: WindowStep,
    /// Gain or loss of the assessed assets; null when none is.
    #[schema(required, example = -20_352.0)]
    pub profit_and_loss: Option<f64>,
    /// The same as a fraction of the whole book; null when no asset is assessed.
    #[schema(required, example = -0.203_52)]
    #[serde(rename = "return")]
    pub book_return: Option<f64>,
    /// The assessed assets.
    pub by_asset: Vec<AssetProfitAndLoss>,
    /// The point after the start at which the assessed part of the book was worth least; null when no asset is
    /// assessed.
    #[schema(required)]
    pub worst_point: Option<ScenarioWorstPoint>,
    /// Sum of the absolute weights of the assessed assets, over that of all assets.
    #[schema(example = 0.6)]
    pub covered_weight: f64,
    /// The assets that are not assessed.
    pub not_assessed: Vec<NotAssessedAsset>,
}

/// What a window did to one asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetProfitAndLoss {
    /// Name of the asset.
    #[schema(example = "Stocks")]
    pub asset: String,
    /// The series that represents it.
    #[schema(example = "SP500_INDEX")]
    pub series: &'static str,
    /// What the series measures and therefore leaves out.
    #[schema(required)]
    pub series_kind: Option<SeriesKind>,
    /// Its weight.
    #[schema(example = 0.6)]
    pub weight: f64,
    /// Its return over the window.
    #[schema(example = -0.339_2)]
    #[serde(rename = "return")]
    pub asset_return: f64,
    /// Gain or loss of the position.
    #[schema(example = -20_352.0)]
    pub profit_and_loss: f64,
}

/// The point at which a book was worth least.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioWorstPoint {
    /// The date.
    #[schema(example = "2020-03-23")]
    pub date: NaiveDate,
    /// Gain or loss from the start to this date; above zero when the book never fell below its start.
    #[schema(example = -20_352.0)]
    pub profit_and_loss: f64,
    /// The same as a fraction of the whole book.
    #[schema(example = -0.203_52)]
    #[serde(rename = "return")]
    pub book_return: f64,
}

/// An asset that a figure leaves out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NotAssessedAsset {
    /// Name of the asset.
    #[schema(example = "Gold")]
    pub asset: String,
    /// Its weight.
    #[schema(example = 0.1)]
    pub weight: f64,
    /// Machine-readable cause.
    pub reason: NotAssessedReason,
    /// The cause as a sentence.
    #[schema(example = "no shipped series has its name, and proxy names none for it")]
    pub detail: &'static str,
}

/// Why a figure leaves an asset out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotAssessedReason {
    /// No shipped series represents it.
    NoSeries,
    /// Its series does not cover the window.
    WindowNotCovered,
    /// It has no returns.
    NoReturns,
    /// Neither it nor its class has a haircut.
    NoHaircut,
    /// No participation, or no average daily volume.
    NoVolume,
}

impl NotAssessedReason {
    /// The reason as a sentence without a full stop.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoSeries => "no shipped series has its name, and proxy names none for it",
            Self::WindowNotCovered => "its series does not cover the window from start to end",
            Self::NoReturns => "it has no entry in returns; it is taken to stay as it is",
            Self::NoHaircut => "neither the asset nor its class has a haircut",
            Self::NoVolume => "days need participation and average_daily_volume",
        }
    }
}

/// What a hypothetical move does to the book.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShockScenario {
    /// Its name, as sent.
    #[schema(example = "Stocks fall by a fifth")]
    pub name: String,
    /// Whether the other assets move as the covariance implies.
    pub propagated: bool,
    /// Gain or loss of the assessed assets; null when none is.
    #[schema(required, example = -12_000.0)]
    pub profit_and_loss: Option<f64>,
    /// The same as a fraction of the whole book; null when no asset is assessed.
    #[schema(required, example = -0.12)]
    #[serde(rename = "return")]
    pub book_return: Option<f64>,
    /// The assessed assets.
    pub by_asset: Vec<AssetUnderShock>,
    /// Sum of the absolute weights of the assessed assets, over that of all assets.
    #[schema(example = 1.0)]
    pub covered_weight: f64,
    /// The assets that are not assessed.
    pub not_assessed: Vec<NotAssessedAsset>,
}

/// What a hypothetical move does to one asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetUnderShock {
    /// Name of the asset.
    #[schema(example = "Stocks")]
    pub asset: String,
    /// Its weight.
    #[schema(example = 0.6)]
    pub weight: f64,
    /// Its return.
    #[schema(example = -0.2)]
    #[serde(rename = "return")]
    pub asset_return: f64,
    /// Where its return comes from.
    pub origin: ShockOrigin,
    /// Whether the expected return was below −1, a loss of more than everything, and was set to −1.
    pub limited: bool,
    /// Gain or loss of the position.
    #[schema(example = -12_000.0)]
    pub profit_and_loss: f64,
}

/// Where the return of an asset under a shock comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShockOrigin {
    /// The request states it.
    Stated,
    /// It is expected given the stated moves.
    Propagated,
    /// The shock does not propagate: the asset does not move.
    Unmoved,
}

/// The most likely move that loses a stated share of the book.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReverseScenario {
    /// The loss, a positive fraction of the book.
    #[schema(example = 0.2)]
    pub loss: f64,
    /// Periods over which it happens.
    #[schema(example = 21)]
    pub horizon_days: u64,
    /// Gain or loss of the book in it.
    #[schema(example = -20_000.0)]
    pub profit_and_loss: f64,
    /// Mahalanobis distance of the move: its size in standard deviations of the horizon.
    #[schema(example = 3.4)]
    pub mahalanobis_distance: f64,
    /// Probability under the normal law with mean zero that the book loses this share or more over the horizon. Real tails are fatter.
    #[schema(example = 0.000_34)]
    pub normal_probability: f64,
    /// Largest violation of the conditions of the optimum, a return.
    #[schema(example = 1e-16)]
    pub kkt_residual: f64,
    /// The assets with returns.
    pub by_asset: Vec<AssetReversal>,
    /// Sum of the absolute weights of these assets, over that of all assets.
    #[schema(example = 1.0)]
    pub covered_weight: f64,
    /// The assets without returns; they are taken to stay as they are.
    pub not_assessed: Vec<NotAssessedAsset>,
}

/// What one asset does in the most likely move.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetReversal {
    /// Name of the asset.
    #[schema(example = "Stocks")]
    pub asset: String,
    /// Its weight.
    #[schema(example = 0.6)]
    pub weight: f64,
    /// Its return.
    #[schema(example = -0.31)]
    #[serde(rename = "return")]
    pub asset_return: f64,
    /// Whether its loss is limited to the whole position.
    pub at_floor: bool,
    /// Gain or loss of the position.
    #[schema(example = -18_600.0)]
    pub profit_and_loss: f64,
}

/// Risk of the book under its own correlations and under others, volatilities unchanged.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrelationScenario {
    /// Annual volatility under the correlations of the returns.
    #[schema(example = 0.11)]
    pub volatility_before: f64,
    /// Annual volatility under the stressed correlations.
    #[schema(example = 0.15)]
    pub volatility_after: f64,
    /// Periods over which value at risk is measured.
    #[schema(example = 1)]
    pub horizon_days: u64,
    /// Value at risk at 95 % under the normal law with mean zero, an amount; positive is a loss.
    #[schema(example = 1140.0)]
    pub var_95_before: f64,
    /// The same under the stressed correlations.
    #[schema(example = 1554.0)]
    pub var_95_after: f64,
    /// Whether the blend was not a correlation matrix and had to be repaired.
    pub repaired: bool,
    /// Smallest eigenvalue of the blend before the repair.
    #[schema(example = 0.1)]
    pub smallest_eigenvalue: f64,
    /// Largest change of a correlation by the repair.
    #[schema(example = 0.0)]
    pub largest_repair: f64,
    /// Sum of the absolute weights of the assets with returns, over that of all assets.
    #[schema(example = 1.0)]
    pub covered_weight: f64,
    /// The assets without returns; they are taken to have no risk.
    pub not_assessed: Vec<NotAssessedAsset>,
}

/// Cost and days of forced sales.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiquidityScenario {
    /// Cost of selling the positions with a haircut at once; positive; null when none has one.
    #[schema(required, example = 180.0)]
    pub cost: Option<f64>,
    /// Days until the last position is sold; null unless every position has a volume.
    #[schema(required, example = 2.5)]
    pub days: Option<f64>,
    /// Each position, in input order.
    pub by_asset: Vec<PositionLiquidity>,
    /// Sum of the absolute weights of the positions with a haircut, over that of all positions.
    #[schema(example = 0.6)]
    pub covered_weight: f64,
    /// What is missing, a row per position and figure.
    pub not_assessed: Vec<NotAssessedAsset>,
}

/// Cost and days of selling one position.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionLiquidity {
    /// Name of the asset.
    #[schema(example = "Stocks")]
    pub asset: String,
    /// Value of the position; negative is short.
    #[schema(example = 60_000.0)]
    pub value: f64,
    /// The haircut that is used; null without one.
    #[schema(required, example = 30.0)]
    pub haircut_bps: Option<f64>,
    /// What selling it at once costs; null without a haircut.
    #[schema(required, example = 180.0)]
    pub cost: Option<f64>,
    /// Days it takes at the participation; null without a volume.
    #[schema(required, example = 2.5)]
    pub days: Option<f64>,
}
