//! Why an asset does not trade in a plan that moves cash in or out.

use super::TradeRow;
use super::flow::Flow;
use super::gaps::DUST;
use super::plan::Assembly;
use super::reason::TradeReason;
use super::rules::TradingRules;
use super::shortfall::takes_part;
use crate::drift::exceeds_band;
use crate::{Intent, TradeSide};

/// The reason of an asset that does not trade in a flow.
///
/// In this order: a restriction set by the client, the limit that cut a trade that the flow wanted, the rule without
/// which the flow would have moved more, the wrong side of its band, and that others move the whole amount. An asset
/// inside its band that nothing requires to trade has the reason `within_band`.
///
/// `is_capped`: whether the allowed trades cannot move the whole amount.
pub(super) fn reason(
    i: usize,
    row: &TradeRow,
    from: &Assembly<'_>,
    rules: &TradingRules,
    flow: Flow,
    is_capped: bool,
) -> TradeReason {
    use TradeReason as Reason;
    let side = if rules.intent.buys() { TradeSide::Buy } else { TradeSide::Sell };
    let refusal = rules.refusal(i, side);
    if let Some(kept @ (Reason::Frozen | Reason::Excluded)) = refusal {
        return kept;
    }
    if from.gaps.wanted[i].abs() + from.gaps.unmet[i].abs() > DUST {
        return Reason::holding_back(from.gaps, i);
    }
    let is_outside = exceeds_band(row.drift, rules.half_widths[i]);
    let is_off_on_side = is_outside && ((row.drift < 0.0) == (side == TradeSide::Buy));
    let is_missed = is_capped && takes_part(i, from, rules);
    if is_off_on_side || is_missed {
        if let Some(refusal) = refusal {
            return refusal;
        }
        if let Some(limit) = too_small(i, from, rules, flow) {
            return limit;
        }
    }
    match (is_outside, is_off_on_side) {
        (false, _) => Reason::WithinBand,
        (true, false) => Reason::OutsideIntent,
        // All of it is to be sold: what is left of it is no trade.
        (true, true) if rules.intent == Intent::Liquidate => Reason::BelowMinimum,
        (true, true) => Reason::IntentAmount,
    }
}

/// Why even all of a position, or all of the cash, does not make a trade.
fn too_small(i: usize, from: &Assembly<'_>, rules: &TradingRules, flow: Flow) -> Option<TradeReason> {
    match flow {
        Flow::Spend(amount) if amount <= DUST => Some(TradeReason::Unfunded),
        Flow::Spend(amount) => {
            let (smallest, limit) = rules.smallest_order(i, from.input);
            (smallest > amount).then_some(limit)
        }
        Flow::Reach(_) | Flow::Everything => {
            let position = from.ledger.positions[i];
            (position > 0.0 && from.input.kept(i, position).is_none()).then_some(TradeReason::BelowMinimum)
        }
    }
}
