//! How orders are placed.

use serde::Serialize;

use crate::OrderError;

/// How long an order stays at the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TimeInForce {
    /// Until the end of the session.
    #[default]
    Day,
    /// Until it is filled or cancelled.
    GoodTillCancelled,
}

/// How far the price of a fill may be from the reference price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceLimit {
    /// At most this far on the side that costs, basis points of the reference price: a limit order.
    Collar {
        /// The distance, 0 to 9,999 basis points.
        collar_bps: u32,
    },
    /// No limit: a market order.
    None,
}

/// How the orders of a list are placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderOptions {
    /// Limit orders and their collar, or market orders. Default: a collar of 50 basis points.
    pub limit: PriceLimit,
    /// How long the orders stay at the broker. Default: the day.
    pub time_in_force: TimeInForce,
}

impl Default for OrderOptions {
    fn default() -> Self {
        Self { limit: PriceLimit::Collar { collar_bps: 50 }, time_in_force: TimeInForce::Day }
    }
}

/// A collar as wide as the price would leave a sale without a limit.
const MAX_COLLAR_BPS: u32 = 9_999;

impl OrderOptions {
    /// Checks the options.
    ///
    /// # Errors
    /// [`OrderError::Collar`] for a collar of more than 9,999 basis points.
    pub fn check(&self) -> Result<(), OrderError> {
        match self.limit {
            PriceLimit::Collar { collar_bps } if collar_bps > MAX_COLLAR_BPS => Err(OrderError::Collar { collar_bps }),
            _ => Ok(()),
        }
    }
}
