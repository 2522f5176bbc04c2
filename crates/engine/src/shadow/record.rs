//! The members of a plan's answer by which two plans are compared.

use serde::Deserialize;

/// A plan's answer, as far as it is compared. Each field has the name of its member.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ToldPlan {
    pub(super) portfolio_value: f64,
    pub(super) turnover_used: f64,
    pub(super) estimated_total_transaction_cost: f64,
    pub(super) weights: Vec<ToldWeight>,
    pub(super) trades: Vec<ToldTrade>,
}

/// The weights of one asset.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ToldWeight {
    pub(super) asset: String,
    pub(super) optimized_target_weight: f64,
    pub(super) weight_after: f64,
    pub(super) forecast_return: f64,
}

/// The trade of one asset.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ToldTrade {
    pub(super) signed_trade_value: f64,
}

impl ToldPlan {
    /// Cost of the trades, a fraction of NAV; 0 of an empty book.
    pub(super) fn cost_of_nav(&self) -> f64 {
        let share = self.estimated_total_transaction_cost / self.portfolio_value;
        if share.is_finite() { share } else { 0.0 }
    }
}
