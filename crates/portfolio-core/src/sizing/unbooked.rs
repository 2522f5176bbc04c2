//! Why a trade that is wanted has no ticket.

use super::TradeRow;
use super::plan::Assembly;
use super::reason::TradeReason;
use super::rules::TradingRules;
use super::settlement::turnover_budget;
use crate::drift::exceeds_band;

/// The reason of an asset that would trade without lots but has no ticket; `without` is that trade, minor units.
///
/// In this order: the number of tickets is used up; the trade is below the smallest ticket, a lot, the minimum value or
/// the fewest units, whichever is worth most, unless only because the turnover limit cut it; the remaining cash or
/// turnover does not pay for a ticket. If a ticket were possible but would bring the book no closer, the reason is
/// `within_band` for an asset inside its band; outside it, the lots are the reason.
///
/// A wanted purchase of 150.00 in lots of 100.00 with a minimum value of 200.00 is `below_min_notional`; with lots
/// of 200.00 and no minimum value it is `below_lot`; with lots of 100.00 and 60.00 of cash it is `unfunded`.
pub(super) fn reason(i: usize, row: &TradeRow, from: &Assembly<'_>, rules: &TradingRules, without: i64) -> TradeReason {
    use TradeReason as Reason;
    let Assembly { input, ledger, gaps, .. } = *from;
    let tickets = ledger.trades.iter().filter(|trade| **trade != 0).count();
    if rules.max_tickets.is_some_and(|most| tickets >= most) {
        return Reason::TicketLimit;
    }
    let (least, too_small) = rules.smallest_order(i, input);
    let smallest = least.max(1.0);
    if (without.abs() as f64) < smallest {
        let is_cut = gaps.budget_bound && gaps.wanted[i].abs() >= smallest;
        return if is_cut { Reason::cut(gaps) } else { too_small };
    }
    let free = (ledger.cash_after() - ledger.reserve) as f64;
    if without > 0 && smallest + input.charge(i, smallest) > free {
        return Reason::Unfunded;
    }
    let traded: i64 = ledger.trades.iter().map(|trade| trade.abs()).sum();
    if ((turnover_budget(from.options.turnover_limit, ledger.nav) - traded) as f64) < smallest {
        return Reason::TurnoverLimit;
    }
    match exceeds_band(row.drift, rules.half_widths[i]) {
        false => Reason::WithinBand,
        true if least > 0.0 => too_small,
        true if rules.lots.iter().any(Option::is_some) => Reason::BelowLot,
        true if rules.min_units.iter().any(|units| *units > 0.0) => Reason::BelowMinQuantity,
        true => Reason::TicketLimit,
    }
}
