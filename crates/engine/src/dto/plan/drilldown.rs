//! A plan asset by asset.

use portfolio_core::{Action, Money};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::dto::asset_description::AssetDescription;

/// Drill-downs by asset name, in input order.
#[derive(Debug)]
pub struct DrilldownByAsset(pub Vec<AssetDrilldown>);

impl Serialize for DrilldownByAsset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for entry in &self.0 {
            map.serialize_entry(&entry.asset, entry)?;
        }
        map.end()
    }
}

/// One asset with its holdings.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetDrilldown {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// What the request says of the asset.
    #[serde(flatten)]
    pub description: AssetDescription,
    /// Its figures of the plan in one place.
    pub summary: AssetSummary,
    /// Its holdings as sent; empty when none were.
    pub holdings: Vec<HoldingEntry>,
}

/// The plan for one asset, repeated from `weights` and `trades`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssetSummary {
    /// Weight held now.
    #[schema(example = 0.66)]
    pub current_weight: f64,
    /// Weight the policy wants.
    #[schema(example = 0.6)]
    pub target_weight: f64,
    /// Target after the forecast tilt.
    #[schema(example = 0.605)]
    pub optimized_target_weight: f64,
    /// Ensemble forecast, simple return per day.
    #[schema(example = 0.0004)]
    pub forecast_return: f64,
    /// Share of the forecast that evidence supports.
    #[schema(example = 0.2)]
    pub forecast_confidence: f64,
    /// Current less target weight.
    #[schema(example = 0.06)]
    pub drift: f64,
    /// Buy, Sell or Hold.
    pub trade_action: Action,
    /// Size of the trade, money, never negative: `trade_action` has the direction.
    #[schema(example = 5500.0, value_type = f64)]
    pub trade_value: Money,
    /// Units of the asset: positive buys, negative sells.
    #[schema(example = -57.8947)]
    pub trade_units: f64,
    /// Estimated cost.
    #[schema(example = 5.5, value_type = f64)]
    pub estimated_cost: Money,
}

/// One holding of an asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldingEntry {
    /// Name of the holding.
    #[schema(example = "S&P 500 ETF")]
    pub holding: String,
    /// Share of the asset's value, as sent.
    #[schema(example = 0.5)]
    pub holding_weight: f64,
    /// Price of one unit, as sent; null when none was.
    #[schema(required, example = 412.5)]
    pub last_price: Option<f64>,
    /// Portfolio value × current weight × holding weight, to the minor unit.
    #[schema(example = 33_000.0)]
    pub implied_notional: f64,
    /// Implied notional over price; null without a price.
    #[schema(required, example = 80.0)]
    pub implied_units: Option<f64>,
    /// The asset's forecast: no forecast is made per holding.
    #[schema(example = 0.0004)]
    pub predicted_return: f64,
    /// The asset's action.
    pub rebalance_action: Action,
}
