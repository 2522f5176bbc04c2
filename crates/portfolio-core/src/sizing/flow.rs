//! The wanted trades of a plan that moves money in or out: cash to invest, cash to raise, everything to sell.
//!
//! With `I` invested and targets `t`, an amount `S` in leads to `tᵢ/Σt·(I + S)` and an amount out to `tᵢ/Σt·(I − S)`.
//! Purchases close the largest gaps below these goals first, at a common level, which brings `max` of the gaps down as
//! far as the amount goes. Of 600 and 300 held against halves and 100 to spend, the goals are 500 and 500: all 100 go
//! to the second. To raise 200 from 600 and 400, both targets a half, the 100 above the target of 500 go first, and
//! then the 100 above the goal of 400 in what remains: 400 and 400 are left.
//!
//! # Reference
//! The level is that of water-filling, Boyd and Vandenberghe (2004), "Convex Optimization", example 5.2.

use super::SizingInput;
use super::funding::cash_target;
use super::gaps::Gaps;
use super::ledger::Ledger;
use super::rules::TradingRules;
use crate::money::snap;
use crate::{CoreError, Intent, TradeSide, water_fill, water_fill_then_spread};

/// Rounds of the search for a total that covers its costs. A cost is at most a tenth of its trade, so each round
/// divides the error by ten.
const ROUNDS: usize = 16;

/// The wanted trades of an intent other than to rebalance, in minor units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Flow {
    /// Spend this much cash, costs included.
    Spend(f64),
    /// Sell until there is this much cash.
    Reach(f64),
    /// Sell everything.
    Everything,
}

impl Flow {
    /// The flow of the rules; `None` if the plan rebalances.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`] for more cash to invest than there is, or more to raise than NAV.
    pub(super) fn of(input: &SizingInput, rules: &TradingRules, ledger: &Ledger) -> Result<Option<Self>, CoreError> {
        let target = snap(cash_target(input) * ledger.nav as f64);
        Ok(match rules.intent {
            Intent::Rebalance | Intent::BuyOnly | Intent::SellOnly => None,
            Intent::InvestCash { amount: None } => Some(Self::Spend(spare(input, rules, ledger))),
            Intent::InvestCash { amount: Some(amount) } if amount.minor() > ledger.cash => {
                return Err(CoreError::OutOfRange { name: "amount", value: amount.major() });
            }
            Intent::InvestCash { amount: Some(amount) } => Some(Self::Spend(amount.minor() as f64)),
            Intent::RaiseCash { amount } if amount.minor() > ledger.nav => {
                return Err(CoreError::OutOfRange { name: "amount", value: amount.major() });
            }
            Intent::RaiseCash { amount } => Some(Self::Reach((target + amount.minor() as f64).ceil())),
            Intent::Liquidate => Some(Self::Everything),
        })
    }

    /// Cash that must be left.
    pub(super) fn reserve(self, ledger: &Ledger) -> i64 {
        match self {
            Self::Spend(amount) => ledger.cash - amount.floor() as i64,
            Self::Reach(_) | Self::Everything => 0,
        }
    }

    /// Fills `gaps` with the wanted trades, of at most `most` together (liquidation apart): those that come first.
    ///
    /// The goal of each asset is its policy share of the amount invested *after* the flow: `tᵢ/Σt·(I + S)` when `S` is
    /// spent on a book that has `I` invested, and `tᵢ/Σt·(I − S)` when sales of `S` are withdrawn. Buys close the
    /// largest gaps below these goals first ([`water_fill`](crate::water_fill)); any remainder goes pro rata to the
    /// targets. Sales first take what is above the target `tᵢ·V`, largest excess first, then what is above the goal,
    /// and then all assets pro rata. The total is chosen so that costs are covered.
    pub(super) fn fill(self, input: &SizingInput, rules: &TradingRules, ledger: &Ledger, most: f64, gaps: &mut Gaps) {
        gaps.wanted.fill(0.0);
        gaps.spare.fill(0.0);
        gaps.unmet.fill(0.0);
        match self {
            Self::Spend(amount) => spend((amount, most), input, rules, ledger, gaps),
            Self::Reach(cash) => reach((cash, most), input, rules, ledger, gaps),
            Self::Everything => {
                for (i, position) in ledger.positions.iter().enumerate() {
                    if *position > 0.0 && rules.allows(i, TradeSide::Sell) {
                        sell(*position, i, input, gaps);
                    }
                }
            }
        }
    }
}

/// The goals as shares of the amount invested after the flow, or of the amount that the policy would have invested if
/// that is more.
fn goals(input: &SizingInput, ledger: &Ledger, flow: f64) -> Vec<f64> {
    let total: f64 = input.optimized.iter().sum();
    let held = (ledger.positions.iter().sum::<f64>() + flow).max(0.0);
    // Cash that stays counts in NAV: the goals are those that the drift is measured from.
    let invested = if flow > 0.0 { held.max(total * ledger.nav as f64) } else { held };
    let share = |t: &f64| if total > 0.0 { t / total * invested } else { 0.0 };
    input.optimized.iter().map(share).collect()
}

/// The cash above its target, which is measured on the NAV after the costs of spending it.
fn spare(input: &SizingInput, rules: &TradingRules, ledger: &Ledger) -> f64 {
    let mut gaps = Gaps::none(ledger.positions.len());
    let (mut costs, mut amount) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let target = snap(cash_target(input) * (ledger.nav as f64 - costs));
        let next = (ledger.cash as f64 - target).max(0.0);
        if (next - amount).abs() < 0.01 {
            break;
        }
        amount = next;
        spend((amount, f64::INFINITY), input, rules, ledger, &mut gaps);
        costs = gaps.wanted.iter().enumerate().map(|(i, x)| input.charge(i, *x)).sum();
    }
    amount
}

fn spend((amount, most): (f64, f64), input: &SizingInput, rules: &TradingRules, ledger: &Ledger, gaps: &mut Gaps) {
    let spent = amount.min(most);
    let goals = goals(input, ledger, spent);
    let may_buy = |i: usize| rules.allows(i, TradeSide::Buy) && goals[i] > 0.0;
    // A lot that costs more than there is to spend cannot be bought: what it would have taken goes to others below their goals.
    let lot_value =
        |i: usize| rules.lots[i].map_or(0.0, |lot| lot * input.price[i]) * input.nav.currency().minor_per_major();
    let missing = |i: usize| if may_buy(i) { (goals[i] - ledger.positions[i]).max(0.0) } else { 0.0 };
    let takes = (0..goals.len()).map(missing).sum::<f64>() >= spent;
    let open = |i: usize| may_buy(i) && lot_value(i) <= spent;
    let below: Vec<f64> =
        (0..goals.len()).map(|i| if open(i) { goals[i] - ledger.positions[i] } else { 0.0 }).collect();
    let share: Vec<f64> = (0..goals.len()).map(|i| if open(i) && !takes { goals[i] } else { 0.0 }).collect();
    if let Some(fewer) = spread((amount, most), &below, &share, input, gaps) {
        let of_fewer = |list: &[f64]| -> Vec<f64> {
            list.iter().zip(&fewer).map(|(x, kept)| if *kept > 0.0 { *x } else { 0.0 }).collect()
        };
        spread((amount, most), &of_fewer(&below), &of_fewer(&share), input, gaps);
    }
}

/// Spreads an amount over gaps, and beyond them by shares, so that it pays the costs too.
///
/// Where a ticket has a cost of its own, one more of them may leave too little for it, and one less too much, so that no total is found. The
/// purchases of the smaller total are returned then: without any others the costs follow the total, and it is found. Gaps of 100.00 and 50.00
/// take up to 50.00 in the first alone. With 1.00 a ticket and 51.50 to spend, 50.50 go to both, which costs 2.00; the 49.50 that this leaves
/// go to the first, which costs 1.00 and leaves 50.50 again. The first alone gets 50.50.
fn spread(
    (amount, most): (f64, f64),
    below: &[f64],
    share: &[f64],
    input: &SizingInput,
    gaps: &mut Gaps,
) -> Option<Vec<f64>> {
    let can_exceed = share.iter().sum::<f64>() > 0.0;
    let room = if can_exceed { f64::INFINITY } else { below.iter().map(|gap| gap.max(0.0)).sum() };
    let amount = amount.min(room);
    let (mut total, mut before) = (amount.min(most), amount.min(most));
    for _ in 0..ROUNDS {
        gaps.wanted = water_fill_then_spread(below, share, total);
        let costs: f64 = gaps.wanted.iter().enumerate().map(|(i, x)| input.charge(i, *x)).sum();
        let next = (amount - costs).clamp(0.0, most);
        if (next - total).abs() < 0.01 {
            return None;
        }
        (before, total) = (total, next);
    }
    Some(water_fill_then_spread(below, share, total.min(before)))
}

fn reach((cash, turnover): (f64, f64), input: &SizingInput, rules: &TradingRules, ledger: &Ledger, gaps: &mut Gaps) {
    let missing = cash - ledger.cash as f64;
    if missing <= 0.0 {
        return;
    }
    let goals = goals(input, ledger, -missing);
    let positions = &ledger.positions;
    let open = |i: usize| rules.allows(i, TradeSide::Sell) && input.kept(i, positions[i]).is_some();
    let nav = ledger.nav as f64;
    let overweight: Vec<f64> =
        (0..goals.len()).map(|i| if open(i) { positions[i] - input.optimized[i] * nav } else { 0.0 }).collect();
    let most = (0..goals.len()).filter(|&i| open(i)).map(|i| positions[i]).sum::<f64>().min(turnover);
    // Trades are rounded toward zero: a unit more of each covers that.
    let wanted = missing + positions.len() as f64;
    let mut total = wanted.min(most);
    let mut sales = Vec::new();
    for _ in 0..ROUNDS {
        sales = sales_of(total, &overweight, &goals, positions, open);
        sales.iter_mut().zip(positions).for_each(|(x, position)| *x = x.min(*position));
        let costs: f64 = sales.iter().enumerate().map(|(i, x)| input.charge(i, -*x)).sum();
        let next = (wanted + costs).min(most);
        if (next - total).abs() < 0.01 {
            break;
        }
        total = next;
    }
    for (i, x) in sales.iter().enumerate() {
        if *x > 0.0 {
            sell(*x, i, input, gaps);
        }
    }
}

/// Sales of `total`: first of assets above their targets, the largest excess first; then of assets above their goals in
/// the book that remains; then pro rata.
fn sales_of(
    total: f64,
    overweight: &[f64],
    goals: &[f64],
    positions: &[f64],
    open: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let first: f64 = overweight.iter().map(|excess| excess.max(0.0)).sum();
    if total <= first {
        return water_fill(overweight, total);
    }
    let left: Vec<f64> =
        positions.iter().zip(overweight).map(|(position, excess)| position - excess.max(0.0)).collect();
    let above: Vec<f64> = (0..goals.len()).map(|i| if open(i) { left[i] - goals[i] } else { 0.0 }).collect();
    let share: Vec<f64> = (0..goals.len()).map(|i| if open(i) { left[i].min(goals[i]) } else { 0.0 }).collect();
    let room: f64 = above.iter().zip(&share).map(|(gap, share)| gap.max(0.0) + share).sum();
    let more = water_fill_then_spread(&above, &share, (total - first).min(room));
    more.iter().zip(overweight).map(|(more, excess)| more + excess.max(0.0)).collect()
}

/// Adds a wanted sale, unless it would cost all of its proceeds.
fn sell(value: f64, i: usize, input: &SizingInput, gaps: &mut Gaps) {
    if input.kept(i, value).is_some() {
        gaps.wanted[i] = -value;
    } else {
        gaps.unmet[i] = -value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CostModel, Currency, Money, SizingOptions, TradeReason, size_under_rules};

    /// The trades of a book of 1,000.00 without costs, and their reasons, within a turnover of a tenth: 100.00.
    fn within_a_tenth(current: &[f64; 3], target: &[f64; 3], intent: Intent) -> Vec<(i64, TradeReason)> {
        let input = SizingInput {
            nav: Money::from_minor(100_000, Currency::USD),
            cash: None,
            current,
            target,
            optimized: target,
            price: &[1.0; 3],
            costs: &CostModel::free(3),
            histories: None,
        };
        let rules = TradingRules { intent, ..TradingRules::plain(3, 0.02) };
        let options = SizingOptions { turnover_limit: 0.1, ..SizingOptions::of(intent) };
        let plan = size_under_rules(&input, &options, &rules).unwrap();
        plan.rows.iter().map(|row| (row.value.minor(), row.reason)).collect()
    }

    #[test]
    fn a_turnover_limit_leaves_the_sale_of_what_is_above_its_target() {
        // 300.00 are asked for: the 200.00 above the target of the first, and then 100.00 from the first and the second, which are 90.00 and
        // 20.00 above their shares of the 700.00 that remain. 100.00 may be traded.
        let amount = Money::from_minor(30_000, Currency::USD);
        let sold = within_a_tenth(&[0.5, 0.3, 0.2], &[0.3, 0.4, 0.3], Intent::RaiseCash { amount });
        let (second, third) = ((0, TradeReason::TurnoverLimit), (0, TradeReason::OutsideIntent));
        assert_eq!(sold, [(-10_000, TradeReason::RaiseCash), second, third]);
    }

    #[test]
    fn a_turnover_limit_leaves_the_purchase_of_the_largest_gap() {
        // 300.00 of cash lie idle, and 100.00 may be spent. The goals are the targets of the NAV, 500.00, 300.00 and 200.00: the first is
        // 300.00 below its goal, the others are at theirs.
        let invest = Intent::InvestCash { amount: None };
        let bought = within_a_tenth(&[0.2, 0.3, 0.2], &[0.5, 0.3, 0.2], invest);
        assert_eq!((bought[0], bought[1].0, bought[2].0), ((10_000, TradeReason::InvestCash), 0, 0));
    }
}
