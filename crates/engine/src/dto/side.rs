//! Purchase or sale, in what a client sends and what repeats it.

use portfolio_core::TradeSide;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether an order buys or sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It buys.
    Buy,
    /// It sells.
    Sell,
}

impl From<Side> for TradeSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
        }
    }
}

impl From<TradeSide> for Side {
    fn from(side: TradeSide) -> Self {
        match side {
            TradeSide::Buy => Self::Buy,
            TradeSide::Sell => Self::Sell,
        }
    }
}
