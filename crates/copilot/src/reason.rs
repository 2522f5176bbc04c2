//! Why an asset trades or does not trade, from the reader's point of view.

use portfolio_core::TradeReason;
use serde::{Serialize, Serializer};

/// Why an asset trades or does not trade, under the code that briefs use.
///
/// # Example
/// ```
/// use copilot::{ActionReason, TradeReason};
///
/// assert_eq!(ActionReason(TradeReason::BelowMinimum).code(), "below_minimum_ticket");
/// assert_eq!(ActionReason(TradeReason::TurnoverLimit).code(), "turnover_exhausted");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionReason(
    /// The reason from the sizing.
    pub TradeReason,
);

impl ActionReason {
    /// The reason as a stable code; the type serialises as this code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.0 {
            TradeReason::DriftBreach => "drift_breach",
            TradeReason::Funding => "funding",
            TradeReason::Absorption => "absorption",
            TradeReason::WithinBand => "within_band",
            TradeReason::BelowMinimum => "below_minimum_ticket",
            TradeReason::Unfunded => "unfunded",
            TradeReason::TurnoverLimit => "turnover_exhausted",
            TradeReason::Optimal => "optimal",
            TradeReason::WorthTooLittle => "worth_too_little",
            TradeReason::LimitsConflict => "limits_conflict",
        }
    }

    /// Why a trade that was due was not made in full; absent when it was.
    pub(crate) fn obstacle(self) -> Option<&'static str> {
        match self.0 {
            TradeReason::TurnoverLimit => Some("turnover limit"),
            TradeReason::BelowMinimum => Some("below the minimum ticket"),
            TradeReason::Unfunded => Some("nothing funds it"),
            TradeReason::WorthTooLittle => Some("worth too little"),
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
    fn an_obstacle_is_the_limit_that_the_reason_names() {
        let obstacle = |trade| ActionReason(trade).obstacle();
        assert_eq!(obstacle(TradeReason::TurnoverLimit), Some("turnover limit"));
        assert_eq!(obstacle(TradeReason::BelowMinimum), Some("below the minimum ticket"));
        assert_eq!(obstacle(TradeReason::Unfunded), Some("nothing funds it"));
        assert_eq!(obstacle(TradeReason::DriftBreach), None);
    }
}
