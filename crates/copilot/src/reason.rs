//! Why a trade that was due was not made, from the reader's point of view.

use portfolio_core::TradeReason;

/// Why a trade that was due was not made in full; absent when it was.
pub(crate) fn obstacle(reason: TradeReason) -> Option<&'static str> {
    match reason {
        TradeReason::TurnoverLimit => Some("turnover limit"),
        TradeReason::BelowMinimum => Some("below the minimum ticket"),
        TradeReason::Unfunded => Some("nothing funds it"),
        TradeReason::WorthTooLittle => Some("worth too little"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obstacle_is_the_limit_that_the_reason_names() {
        assert_eq!(obstacle(TradeReason::TurnoverLimit), Some("turnover limit"));
        assert_eq!(obstacle(TradeReason::BelowMinimum), Some("below the minimum ticket"));
        assert_eq!(obstacle(TradeReason::Unfunded), Some("nothing funds it"));
        assert_eq!(obstacle(TradeReason::DriftBreach), None);
    }
}
