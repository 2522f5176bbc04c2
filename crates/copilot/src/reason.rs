//! Why an asset trades, and why a trade that was due was not made, from the reader's point of view.

use portfolio_core::TradeReason;

/// Why an order is placed, as text in a table cell: `outside its band`.
#[must_use]
pub fn of_order(reason: TradeReason) -> &'static str {
    match reason {
        TradeReason::DriftBreach => "outside its band",
        TradeReason::Funding => "funds the purchases",
        TradeReason::Absorption => "uses leftover cash",
        TradeReason::Optimal => "pays for itself within the limits",
        TradeReason::NearestPolicy => "nearest to the policy within the limits",
        TradeReason::CashBand => "cash outside its band",
        TradeReason::InvestCash => "invests the cash",
        TradeReason::RaiseCash => "raises the cash asked for",
        TradeReason::Liquidation => "everything is sold",
        TradeReason::WithinBand => "within its band",
        TradeReason::LimitsConflict => "the limits contradict each other",
        TradeReason::Excluded => "outside the portfolio",
        TradeReason::GroupBreach => "its group is outside its band",
        TradeReason::WholeBook => "the whole book is rebalanced",
        TradeReason::Selected => "picked by the client",
        TradeReason::Scheduled => "the day is scheduled",
        held_back => obstacle(held_back).unwrap_or_default(),
    }
}

/// Why a trade that was due was not made in full; absent when it was.
pub(crate) fn obstacle(reason: TradeReason) -> Option<&'static str> {
    match reason {
        TradeReason::TurnoverLimit => Some("turnover limit"),
        TradeReason::BelowMinimum => Some("below the minimum ticket"),
        TradeReason::Unfunded => Some("nothing funds it"),
        TradeReason::WorthTooLittle => Some("worth too little"),
        TradeReason::Frozen => Some("frozen"),
        TradeReason::NoBuy => Some("not to be bought"),
        TradeReason::NoSell => Some("not to be sold"),
        TradeReason::SettlesLate => Some("would settle too late"),
        TradeReason::NotPicked => Some("not picked"),
        TradeReason::OutsideIntent => Some("outside the intent"),
        TradeReason::IntentAmount => Some("the amount is reached without it"),
        TradeReason::BelowLot => Some("below a lot"),
        TradeReason::BelowMinNotional => Some("below the minimum order"),
        TradeReason::BelowMinQuantity => Some("below the minimum quantity"),
        TradeReason::TicketLimit => Some("number of orders"),
        TradeReason::NotDue => Some("no trading day of the policy"),
        TradeReason::DriftBreach
        | TradeReason::Funding
        | TradeReason::Absorption
        | TradeReason::WithinBand
        | TradeReason::Optimal
        | TradeReason::NearestPolicy
        | TradeReason::LimitsConflict
        | TradeReason::CashBand
        | TradeReason::GroupBreach
        | TradeReason::WholeBook
        | TradeReason::Selected
        | TradeReason::Scheduled
        | TradeReason::InvestCash
        | TradeReason::RaiseCash
        | TradeReason::Liquidation
        | TradeReason::Excluded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_an_order_has_words() {
        assert_eq!(of_order(TradeReason::Absorption), "uses leftover cash");
        assert_eq!(of_order(TradeReason::TurnoverLimit), "turnover limit");
        for also in [TradeReason::GroupBreach, TradeReason::WholeBook, TradeReason::Selected, TradeReason::Scheduled] {
            assert_ne!(of_order(also), "", "{also:?}");
        }
    }

    #[test]
    fn an_obstacle_is_the_limit_that_the_reason_names() {
        assert_eq!(obstacle(TradeReason::IntentAmount), Some("the amount is reached without it"));
        assert_eq!(obstacle(TradeReason::BelowLot), Some("below a lot"));
        assert_eq!(obstacle(TradeReason::BelowMinNotional), Some("below the minimum order"));
        assert_eq!(obstacle(TradeReason::BelowMinQuantity), Some("below the minimum quantity"));
        assert_eq!(obstacle(TradeReason::TurnoverLimit), Some("turnover limit"));
        assert_eq!(obstacle(TradeReason::BelowMinimum), Some("below the minimum ticket"));
        assert_eq!(obstacle(TradeReason::Unfunded), Some("nothing funds it"));
        assert_eq!(obstacle(TradeReason::DriftBreach), None);
    }
}
