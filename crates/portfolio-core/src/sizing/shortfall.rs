//! The part of the money that a plan with a cash intent does not move, and why.

use super::flow::Flow;
use super::ledger::Ledger;
use super::plan::Assembly;
use super::reason::TradeReason;
use super::rules::TradingRules;
use super::{SizingInput, TradePlan, TradeRow};
use crate::{CoreError, Intent, Money};

/// The part of the cash to raise that a plan does not raise, or of the cash to invest that it does not invest.
///
/// Sales that miss the amount by a minor unit have a shortfall. For purchases, the remainder of the whole lots of the
/// assets that are bought is not a shortfall; if nothing is bought, the whole amount is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// The amount that the intent asks to raise or to invest.
    pub asked: Money,
    /// The missing part. It exceeds `asked` if cash is also below its target, because the amount is measured from the
    /// target.
    pub missing: Money,
    /// The causes, each once. Empty if every allowed sale is made, or if no asset takes more of the cash.
    pub causes: Vec<TradeReason>,
}

impl Shortfall {
    /// The shortfall of the sized trades; `None` if the intent moves no amount, or all of it is moved.
    pub(super) fn of(
        plan: &TradePlan,
        from: &Assembly<'_>,
        rules: &TradingRules,
        flow: Flow,
        is_capped: bool,
    ) -> Option<Self> {
        let (asked, missing) = match (flow, rules.intent) {
            (Flow::Reach(_), Intent::RaiseCash { amount }) => (amount.minor(), plan.unraised.minor()),
            (Flow::Spend(amount), _) => (amount.floor() as i64, unspent(amount, from, rules)),
            _ => return None,
        };
        let mut causes = Vec::new();
        if from.gaps.budget_bound {
            causes.push(TradeReason::TurnoverLimit);
        }
        for (i, row) in plan.rows.iter().enumerate() {
            if hinders(row, is_capped && takes_part(i, from, rules)) && !causes.contains(&row.reason) {
                causes.push(row.reason);
            }
        }
        let money = |minor| Money::from_minor(minor, from.input.nav.currency());
        (missing > 0).then(|| Self { asked: money(asked), missing: money(missing), causes })
    }

    /// The shortfall of a plan without any trade, for one reason.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for more cash to invest than there is, or more to raise than NAV.
    pub fn without_trades(
        input: &SizingInput,
        rules: &TradingRules,
        reason: TradeReason,
    ) -> Result<Option<Self>, CoreError> {
        let ledger = Ledger::open(input);
        let (asked, missing) = match (Flow::of(input, rules, &ledger)?, rules.intent) {
            (Some(Flow::Reach(cash)), Intent::RaiseCash { amount }) => (amount.minor(), cash as i64 - ledger.cash),
            (Some(Flow::Spend(amount)), _) => (amount.floor() as i64, amount.floor() as i64),
            _ => return Ok(None),
        };
        let money = |minor| Money::from_minor(minor, input.nav.currency());
        Ok((missing > 0).then(|| Self { asked: money(asked), missing: money(missing), causes: vec![reason] }))
    }
}

/// Whether the allowed trades cannot move the whole amount, whatever the turnover.
pub(super) fn is_capped(flow: Flow, from: &Assembly<'_>) -> bool {
    let (wanted, ledger) = (&from.gaps.wanted, from.ledger);
    let traded: f64 = wanted.iter().map(|x| x.abs()).sum();
    let costs: f64 = wanted.iter().enumerate().map(|(i, x)| from.input.charge(i, *x)).sum();
    // Trades and costs are rounded: by a unit for each asset.
    let slack = wanted.len() as f64 + 1.0;
    match flow {
        Flow::Reach(cash) => traded - costs < cash - ledger.cash as f64 - 1.0,
        Flow::Spend(amount) => traded + costs + slack < amount,
        Flow::Everything => true,
    }
}

/// Whether an asset could take part in the flow if its trade were allowed.
pub(super) fn takes_part(i: usize, from: &Assembly<'_>, rules: &TradingRules) -> bool {
    if rules.intent.buys() { from.input.optimized[i] > 0.0 } else { from.ledger.positions[i] > 0.0 }
}

/// The remainder of the cash to invest beyond the lots in which the assets would be bought.
fn unspent(amount: f64, from: &Assembly<'_>, rules: &TradingRules) -> i64 {
    let ledger = from.ledger;
    let spent = ledger.cash - ledger.cash_after();
    let left = amount.floor() as i64 - spent;
    let per_unit = from.input.nav.currency().minor_per_major();
    let lot = |i: usize| rules.lots[i].map_or(0.0, |lot| lot * from.input.price[i] * per_unit);
    let with_cost = |i: usize| lot(i) + from.input.charge(i, lot(i));
    let bought = (0..ledger.trades.len()).filter(|&i| ledger.trades[i] > 0);
    let rounding = bought.map(with_cost).fold(ledger.trades.len() as f64 + 1.0, f64::max);
    if left as f64 > rounding { left } else { 0 }
}

/// Whether the reason of a Hold row prevents the amount from being moved. A trade that is not allowed counts if the
/// allowed trades do not suffice.
fn hinders(row: &TradeRow, is_missed: bool) -> bool {
    use TradeReason as Reason;
    match row.reason {
        Reason::BelowLot
        | Reason::BelowMinNotional
        | Reason::BelowMinQuantity
        | Reason::TicketLimit
        | Reason::BelowMinimum => row.value.minor() == 0,
        Reason::Frozen | Reason::NoBuy | Reason::NoSell | Reason::SettlesLate | Reason::NotPicked => is_missed,
        _ => false,
    }
}
