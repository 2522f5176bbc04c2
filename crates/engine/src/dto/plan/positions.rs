//! The weights of a plan and its trades, an entry per asset.

use pipeline::{NoRegion, NoTradeRegion};
use portfolio_core::{Action, AssetRole, Money, TradeReason};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::asset_description::AssetDescription;

/// Weights and forecast of one asset.
#[derive(Debug, Serialize, ToSchema)]
pub struct WeightEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// What the request says of the asset.
    #[serde(flatten)]
    pub description: AssetDescription,
    /// The part the asset plays.
    pub role: AssetRole,
    /// Units held now; absent unless positions were sent by quantity. An excluded asset has none in the portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 212.0)]
    pub quantity: Option<f64>,
    /// Units held after the plan; absent with `quantity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 229.0)]
    pub quantity_after: Option<f64>,
    /// Weight the policy wants.
    #[schema(example = 0.6)]
    pub target_weight: f64,
    /// Target after the forecast tilt; all of them sum to the target sum.
    #[schema(example = 0.605)]
    pub optimized_target_weight: f64,
    /// Weight held now.
    #[schema(example = 0.66)]
    pub current_weight: f64,
    /// Current less target weight: the trigger, positive when overweight.
    #[schema(example = 0.06)]
    pub drift: f64,
    /// Drift as a share of the target weight, (w − t)/t; absent where something is held and the target is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.1)]
    pub relative_drift: Option<f64>,
    /// Half-width of the band around the target weight, fraction of NAV; a drift strictly greater is a breach.
    #[schema(example = 0.02)]
    pub band_half_width: f64,
    /// Weight after the plan, a fraction of the NAV left after costs.
    #[schema(example = 0.605)]
    pub weight_after: f64,
    /// Weight after the plan less optimised target: the drift that remains.
    #[schema(example = 0.0)]
    pub residual_drift: f64,
    /// The weights between which no trade of this asset pays, with the others at their optimised targets; null if there
    /// are none.
    #[schema(required)]
    pub no_trade_region: Option<NoTradeRegion>,
    /// Why there are none; null when there are.
    #[schema(required, value_type = Option<String>, example = "fewer than two common observations")]
    pub no_trade_region_reason: Option<NoRegion>,
    /// Ensemble forecast, simple return per day.
    #[schema(example = 0.0004)]
    pub forecast_return: f64,
    /// Share of the forecast that evidence supports, 0 to 1.
    #[schema(example = 0.2)]
    pub forecast_confidence: f64,
}

/// The trade of one asset. `Hold` has no value, units or cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct TradeEntry {
    /// Name of the asset.
    #[schema(example = "ETF")]
    pub asset: String,
    /// What the request says of the asset.
    #[serde(flatten)]
    pub description: AssetDescription,
    /// Buy, Sell or Hold.
    pub action: Action,
    /// Why it trades, or why it does not.
    pub reason: TradeReason,
    /// Size of the trade, money, never negative: `signed_trade_value` has the direction.
    #[schema(example = 5500.0, value_type = f64)]
    pub trade_value: Money,
    /// Size of the trade, money: positive buys, negative sells.
    #[schema(example = -5500.0, value_type = f64)]
    pub signed_trade_value: Money,
    /// Units of the asset: positive buys, negative sells.
    #[schema(example = -57.8947)]
    pub trade_units: f64,
    /// Estimated cost, money, never negative.
    #[schema(example = 5.5, value_type = f64)]
    pub estimated_cost: Money,
}
