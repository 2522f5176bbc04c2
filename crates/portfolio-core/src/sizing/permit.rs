//! Which trades of an asset are allowed, and why others are not.
//!
//! The refusals are looked at in one order, so that a row tells the widest: the role, the pick of the client, the side
//! that is not allowed, the day on which a sale would settle. A frozen asset of 20,000 in a book of 100,000 is 20 % of
//! NAV and never trades; an excluded one leaves a NAV of 80,000.
//!
//! ```
//! use portfolio_core::{AssetRole, TradePermit, TradeReason, TradeSide};
//!
//! let held = TradePermit { no_sell: true, ..TradePermit::default() };
//! assert_eq!(held.refusal(TradeSide::Sell), Some(TradeReason::NoSell));
//! assert_eq!(held.refusal(TradeSide::Buy), None);
//! let frozen = TradePermit { role: AssetRole::Frozen, ..held };
//! assert_eq!(frozen.refusal(TradeSide::Sell), Some(TradeReason::Frozen));
//! ```

use serde::{Deserialize, Serialize};

use super::reason::TradeReason;
use crate::TradeSide;

/// The role of an asset in its portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AssetRole {
    /// Part of NAV, and may trade.
    #[default]
    Tradable,
    /// Part of NAV, and never trades.
    Frozen,
    /// Outside NAV, and never trades.
    Excluded,
}

/// Which trades of one asset are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TradePermit {
    /// The role of the asset.
    pub role: AssetRole,
    /// It may not be bought.
    pub no_buy: bool,
    /// It may not be sold.
    pub no_sell: bool,
    /// It was left out of the assets that the client picked to trade.
    pub unpicked: bool,
    /// A sale would settle after the day on which the cash is needed.
    pub settles_late: bool,
}

impl TradePermit {
    /// Why a trade on this side is not allowed; `None` where it is.
    #[must_use]
    pub fn refusal(self, side: TradeSide) -> Option<TradeReason> {
        match (self.role, side) {
            (AssetRole::Frozen, _) => Some(TradeReason::Frozen),
            (AssetRole::Excluded, _) => Some(TradeReason::Excluded),
            (AssetRole::Tradable, _) if self.unpicked => Some(TradeReason::NotPicked),
            (AssetRole::Tradable, TradeSide::Buy) if self.no_buy => Some(TradeReason::NoBuy),
            (AssetRole::Tradable, TradeSide::Sell) if self.no_sell => Some(TradeReason::NoSell),
            (AssetRole::Tradable, TradeSide::Sell) if self.settles_late => Some(TradeReason::SettlesLate),
            (AssetRole::Tradable, _) => None,
        }
    }
}
