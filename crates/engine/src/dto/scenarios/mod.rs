//! Scenarios of a book: requests, answers and the shipped windows.

mod answer;
mod catalogue;
mod check;
mod hypothetical;

use risk::RiskOptions;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

pub use answer::{
    AssetProfitAndLoss, AssetReversal, AssetUnderShock, CorrelationScenario, HistoricalScenario, LiquidityScenario,
    NotAssessedAsset, NotAssessedReason, PositionLiquidity, ReverseScenario, ScenarioResponse, ScenarioWorstPoint,
    ShockOrigin, ShockScenario,
};
pub use catalogue::{ScenarioCatalogue, ShippedScenario, ShippedSeries};
pub use hypothetical::{
    CorrelationRequest, LiquidityRequest, NamedBasisPoints, ReverseRequest, ShockMoveRequest, ShockRequest,
};

use crate::decode::{NamedSeries, objects, optional_named_series, optional_object, optional_objects, pairs};
use crate::dto::ranges::PeriodReturn;

/// Shocks in one request.
pub const MAX_SHOCKS: usize = 50;
/// Assets and factors with returns, for shocks that propagate, reverse stress and correlations.
pub const MAX_CORRELATED: usize = 500;

/// A book and the scenarios to run it through. Nothing is traded within a scenario.
///
/// Rules beyond the ranges: each asset has a `weight`, or a `quantity` and a `price`, the same for all assets; series
/// of `returns` have one length of at least two; `returns` is required by `reverse`, `correlation` and shocks that
/// propagate.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "portfolio_value": 100_000.0,
    "assets": [{"asset": "Stocks", "weight": 0.6, "asset_class": "equity"}, {"asset": "UST10Y_TR", "weight": 0.4}],
    "proxy": {"Stocks": "SP500_INDEX"},
    "scenarios": ["2008", "2020_march"],
    "shocks": [{"name": "Stocks fall by a fifth", "moves": [{"asset_class": "equity", "return": -0.2}], "propagate": false}]
}))]
pub struct ScenarioRequest {
    /// Value of the book in major units of one currency. Returns of the shipped series are in US dollars; no currency is converted.
    #[schema(example = 100_000.0, minimum = 0.01, maximum = 1_000_000_000_000.0)]
    #[validate(range(min = 0.01, max = 1_000_000_000_000.0))]
    pub portfolio_value: f64,
    /// The assets; the rest of their weights to one is cash that earns nothing.
    #[schema(min_items = 1, max_items = 2000)]
    #[validate(nested)]
    #[serde(deserialize_with = "objects")]
    pub assets: Vec<ScenarioAssetRequest>,
    /// The shipped series that represents an asset, by the asset's name. Without an entry an asset uses the series of
    /// its own name, ignoring case; without such a series it is not assessed.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>, example = json!({"Stocks": "SP500_INDEX"}))]
    pub proxy: Option<NamedTexts>,
    /// Identifiers of the windows to replay, as `GET /api/stress/scenarios` lists them. Absent: all; an empty list replays none.
    #[schema(example = json!(["2008", "2020_march"]), max_items = 100)]
    pub scenarios: Option<Vec<String>>,
    /// Simple returns per period, oldest first, by name: of assets of the book, and of factors, which are all series
    /// with other names.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<PeriodReturn>>>)]
    #[serde(default, deserialize_with = "optional_named_series")]
    pub returns: Option<NamedSeries>,
    /// Periods of `returns` in a year.
    #[schema(default = json!(RiskOptions::default().periods_per_year), example = 252.0, minimum = 1.0, maximum = 1_000_000.0)]
    #[validate(range(min = 1.0, max = 1_000_000.0))]
    pub periods_per_year: Option<f64>,
    /// Hypothetical moves.
    #[schema(max_items = 50)]
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_objects")]
    pub shocks: Option<Vec<ShockRequest>>,
    /// Search for the most likely move that loses a stated share of the book.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub reverse: Option<ReverseRequest>,
    /// Risk under stressed correlations.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub correlation: Option<CorrelationRequest>,
    /// Cost and duration of forced sales.
    #[validate(nested)]
    #[serde(default, deserialize_with = "optional_object")]
    pub liquidity: Option<LiquidityRequest>,
}

/// One asset of a book that is run through scenarios.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioAssetRequest {
    /// Name, distinct within the book; 1 to 255 characters after trimming.
    #[schema(example = "SPY", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset: String,
    /// Share of the value of the book; negative is short.
    #[schema(example = 0.6, minimum = -100.0, maximum = 100.0)]
    #[validate(range(min = -100.0, max = 100.0))]
    pub weight: Option<f64>,
    /// Units held, in place of `weight`; negative is short.
    #[schema(example = 212.0, minimum = -1e15, maximum = 1e15)]
    #[validate(range(min = -1e15, max = 1e15))]
    pub quantity: Option<f64>,
    /// Price of one unit in major units; required by `quantity` and by `average_daily_volume`.
    #[schema(example = 287.31, minimum = 1e-8, maximum = 1e9)]
    #[validate(range(min = 1e-8, max = 1e9))]
    pub price: Option<f64>,
    /// The class that shocks and haircuts may name.
    #[schema(example = "equity", min_length = 1, max_length = 1000, pattern = "\\S")]
    pub asset_class: Option<String>,
    /// Units traded on an average day.
    #[schema(example = 250_000.0, minimum = 1e-6, maximum = 1e15)]
    #[validate(range(min = 1e-6, max = 1e15))]
    pub average_daily_volume: Option<f64>,
    /// Reduction of its value by selling it at once, basis points; overrides that of its class.
    #[schema(example = 50.0, minimum = 0.0, maximum = 10_000.0)]
    #[validate(range(min = 0.0, max = 10_000.0))]
    pub haircut_bps: Option<f64>,
}

impl ScenarioRequest {
    /// Weight of each asset, a fraction of the book's value.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        self.assets
            .iter()
            .map(|asset| match (asset.weight, asset.quantity, asset.price) {
                (Some(weight), _, _) => weight,
                (None, Some(quantity), Some(price)) => quantity * price / self.portfolio_value,
                _ => 0.0,
            })
            .collect()
    }

    /// Whether a shock needs the covariance.
    #[must_use]
    pub fn propagates(&self) -> bool {
        self.shocks.iter().flatten().any(ShockRequest::propagates)
    }

    /// Whether a part of the request needs returns.
    #[must_use]
    pub fn needs_returns(&self) -> bool {
        self.reverse.is_some() || self.correlation.is_some() || self.propagates()
    }
}

/// Texts by name, in the order sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedTexts(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for NamedTexts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        pairs(deserializer).map(Self)
    }
}
