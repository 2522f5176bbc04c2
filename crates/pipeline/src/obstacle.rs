//! What prevents trades, in words.

use portfolio_core::{Shortfall, TradeReason};

/// What prevents a trade, as a noun; `None` for a reason that prevents none.
pub(crate) fn in_words(reason: TradeReason) -> Option<&'static str> {
    Some(match reason {
        TradeReason::TurnoverLimit => "the turnover limit",
        TradeReason::BelowMinimum => "trades too small to make",
        TradeReason::Unfunded => "no cash to pay for purchases",
        TradeReason::WorthTooLittle => "trades worth too little",
        TradeReason::Frozen => "frozen assets",
        TradeReason::NoBuy => "assets that may not be bought",
        TradeReason::NoSell => "assets that may not be sold",
        TradeReason::SettlesLate => "assets whose sale would settle too late",
        TradeReason::NotPicked => "assets that were not picked",
        TradeReason::OutsideIntent => "the intent, which does not trade on that side",
        TradeReason::BelowLot => "whole lots",
        TradeReason::BelowMinNotional => "the minimum order",
        TradeReason::BelowMinQuantity => "the minimum quantity",
        TradeReason::TicketLimit => "the number of orders",
        TradeReason::NotDue => "a day on which the policy does not trade",
        TradeReason::LimitsConflict => "limits that contradict each other",
        _ => return None,
    })
}

/// The obstacles of a list of reasons, each once, in its order.
pub(crate) fn list(reasons: impl IntoIterator<Item = TradeReason>) -> String {
    joined(reasons.into_iter().filter_map(in_words))
}

/// Words as a list in a sentence, each once, in their order; empty where there is none.
pub(crate) fn joined(of: impl IntoIterator<Item = &'static str>) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in of {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, head)) => format!("{} and {last}", head.join(", ")),
        None => String::new(),
    }
}

/// Why cash is not raised, as the end of a sentence.
pub(crate) fn of_raise(shortfall: &Shortfall) -> String {
    let Shortfall { asked, missing, causes } = shortfall;
    let cause = match causes.as_slice() {
        [] => "all that may be sold is sold".to_owned(),
        causes => format!("kept by {}", list(causes.iter().copied())),
    };
    format!("{missing} are missing of the {asked} to raise: {cause}")
}

/// Why cash is not invested, as the end of a sentence.
pub(crate) fn of_invest(shortfall: &Shortfall) -> String {
    let Shortfall { asked, missing, causes } = shortfall;
    let cause = match causes.as_slice() {
        [] => "no asset takes more of it".to_owned(),
        causes => format!("kept by {}", list(causes.iter().copied())),
    };
    format!("{missing} of the {asked} to invest stay in cash: {cause}")
}
