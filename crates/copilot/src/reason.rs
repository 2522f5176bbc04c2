//! Why an asset trades or does not, as a reader wants to know it.

use portfolio_core::TradeReason;
use serde::{Serialize, Serializer};

/// Why an asset trades or does not.
///
/// Sizing calls every trade that comes out too small [`TradeReason::BelowMinimum`]. When the turnover limit binds, it is that limit
/// which left no room for the trade, and the brief says so.
///
/// # Example
/// ```
/// use copilot::{ActionReason, TradeReason};
///
/// let reason = |turnover_bound| ActionReason { trade: TradeReason::BelowMinimum, turnover_bound };
/// assert_eq!(reason(false).code(), "below_minimum_ticket");
/// assert_eq!(reason(true).code(), "turnover_exhausted");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionReason {
    /// The reason that sizing gives.
    pub trade: TradeReason,
    /// Whether the turnover limit binds the plan.
    pub turnover_bound: bool,
}

impl ActionReason {
    /// The reason as a stable code; it serialises as this.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.trade {
            TradeReason::DriftBreach => "drift_breach",
            TradeReason::Funding => "funding",
            TradeReason::Absorption => "absorption",
            TradeReason::WithinBand => "within_band",
            TradeReason::BelowMinimum if self.turnover_bound => "turnover_exhausted",
            TradeReason::BelowMinimum => "below_minimum_ticket",
            TradeReason::Unfunded => "unfunded",
            TradeReason::Optimal => "optimal",
            TradeReason::LimitsConflict => "limits_conflict",
        }
    }

    /// What kept the plan from a trade that was called for; absent when nothing did.
    pub(crate) fn obstacle(self) -> Option<&'static str> {
        match self.trade {
            TradeReason::BelowMinimum if self.turnover_bound => Some("turnover limit"),
            TradeReason::BelowMinimum => Some("below the minimum ticket"),
            TradeReason::Unfunded => Some("nothing funds it"),
            _ => None,
        }
    }
}

impl Serialize for ActionReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_trade_is_blamed_on_the_turnover_limit_only_when_it_binds() {
        let obstacle = |trade, turnover_bound| ActionReason { trade, turnover_bound }.obstacle();
        assert_eq!(obstacle(TradeReason::BelowMinimum, true), Some("turnover limit"));
        assert_eq!(obstacle(TradeReason::BelowMinimum, false), Some("below the minimum ticket"));
        assert_eq!(obstacle(TradeReason::Unfunded, true), Some("nothing funds it"));
        assert_eq!(obstacle(TradeReason::DriftBreach, true), None);
    }
}
