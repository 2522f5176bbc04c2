//! What a plan is for.
//!
//! An intent closes one side of the book: with `b` and `s` whether it buys and sells, a trade `x` is allowed where `x
//! > 0 ⇒ b` and `x < 0 ⇒ s`. With 10,000 in cash against a target of 4,000, `InvestCash` without an amount spends
//! 6,000 and `RaiseCash` of 8,000 sells 2,000: the target and the amount are 12,000.
//!
//! ```
//! use portfolio_core::{Currency, Intent, Money};
//!
//! let raise = Intent::RaiseCash { amount: Money::from_minor(800_000, Currency::USD) };
//! assert!(raise.sells() && !raise.buys());
//! assert!(Intent::BuyOnly.buys() && !Intent::BuyOnly.sells());
//! ```

use crate::Money;

/// What a plan is for: to return to the policy, or to move money in or out on the way.
///
/// | intent | trades | cash |
/// |---|---|---|
/// | `Rebalance` | buys and sales | returns to its target if it is outside its band |
/// | `InvestCash` | buys of underweight assets | falls by the amount |
/// | `RaiseCash` | sales, overweight assets first | rises to its target plus the amount |
/// | `BuyOnly` | buys, paid for by cash above its target | falls |
/// | `SellOnly` | sales | rises |
/// | `Liquidate` | sales of everything | the whole book |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Intent {
    /// Return to the target weights.
    #[default]
    Rebalance,
    /// Spend cash on underweight assets; nothing is sold.
    InvestCash {
        /// How much of the cash to spend, costs included; `None` spends all cash above its target of the NAV after costs.
        amount: Option<Money>,
    },
    /// Sell until cash exceeds its target by at least this amount, existing cash included; nothing is bought.
    RaiseCash {
        /// The amount beyond the cash target.
        amount: Money,
    },
    /// Rebalance without sales.
    BuyOnly,
    /// Rebalance without purchases.
    SellOnly,
    /// Move to cash: everything that may be sold is sold.
    Liquidate,
}

impl Intent {
    /// Whether a plan with this intent may buy.
    #[must_use]
    pub fn buys(self) -> bool {
        matches!(self, Self::Rebalance | Self::InvestCash { .. } | Self::BuyOnly)
    }

    /// Whether a plan with this intent may sell.
    #[must_use]
    pub fn sells(self) -> bool {
        matches!(self, Self::Rebalance | Self::RaiseCash { .. } | Self::SellOnly | Self::Liquidate)
    }
}
