//! Fits booked trades to whole lots, a smallest ticket and a number of tickets.

use super::flow::Flow;
use super::funding::Gaps;
use super::ledger::Ledger;
use super::rules::TradingRules;
use super::SizingInput;
use crate::lots::{LotAsset, LotError, LotOptions, LotProblem, fit_lots};
use crate::{CoreError, TradeSide};

/// How near tickets of whole lots come to the trades without lots, and how near any could come.
///
/// Both figures are fractions of NAV: half the sum of all distances between a position, or cash, and where it would end without lots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TicketFit {
    /// The distance that the plan leaves.
    pub deviation: f64,
    /// No plan within the same rules leaves less.
    pub bound: f64,
    /// Whether the plan is proven to be the nearest one.
    pub is_exact: bool,
}

/// What idle cash counts when all of it is to be spent, relative to money in an asset.
const IDLE: f64 = 2.0;

/// Replaces the booked trades by tickets of whole lots.
///
/// An asset trades in the direction of its booked trade, or not at all. Cash to invest may also buy other assets that are below their
/// goal, so that less is left than the cheapest of their tickets. The budget of turnover and the cash that has to be left still hold.
///
/// # Errors
/// [`CoreError`] when the numbers of the problem are not finite.
pub(super) fn fit(
    input: &SizingInput,
    rules: &TradingRules,
    flow: Option<Flow>,
    budget: i64,
    largest: Option<&[f64]>,
    ledger: &mut Ledger,
    gaps: &Gaps,
) -> Result<TicketFit, CoreError> {
    let minor_per_major = input.nav.currency().minor_per_major();
    let least_value = rules.min_notional.map_or(0.0, |least| least.minor() as f64);
    let assets: Vec<LotAsset> = (0..ledger.trades.len())
        .map(|i| {
            let step = rules.lots[i].map_or(1.0, |lot| lot * input.price[i] * minor_per_major);
            let goal = if gaps.budget_bound || flow.is_none() { ledger.trades[i] as f64 } else { gaps.wanted[i] };
            let held = match rules.lots[i] {
                Some(lot) => (rules.units[i] / lot * (1.0 + WHOLE)).floor(),
                None => ledger.positions[i].floor(),
            };
            let fills_up = matches!(flow, Some(Flow::Spend(_))) && is_below(input, ledger, i);
            let buys = (goal > 0.0 || fills_up) && rules.allows(i, TradeSide::Buy);
            let sells = goal < 0.0 && rules.allows(i, TradeSide::Sell);
            let largest = largest.map_or(f64::INFINITY, |largest| (largest[i] * ledger.nav as f64 / step).floor());
            let most = ((ledger.nav as f64 + step) / step).min(MOST_LOTS).min(largest).floor();
            let held = held.min(largest);
            LotAsset {
                goal,
                step,
                least: if sells { -(held.min(MOST_LOTS) as i64) } else { 0 },
                most: if buys { most as i64 } else { 0 },
                min_value: least_value,
                weight: 1.0,
            }
        })
        .collect();
    let reserve = ledger.reserve;
    let cost = |i: usize, lots: i64| input.charge(i, lots as f64 * assets[i].step).round_ties_even();
    let problem = |cash_least: f64, cash_goal: f64| LotProblem {
        assets: &assets,
        cash: ledger.cash as f64,
        cash_least,
        cash_goal,
        idle_weight: if matches!(flow, Some(Flow::Spend(_))) { IDLE } else { 1.0 },
        budget: Some(budget as f64),
        max_tickets: rules.max_tickets,
        cost: &cost,
    };
    let least = match flow {
        Some(Flow::Reach(cash)) => cash,
        _ => reserve as f64,
    };
    let cash_goal = (ledger.cash_after() as f64).max(least);
    let fitted = match fit_lots(&problem(least, cash_goal), &LotOptions::default()) {
        // What may be sold does not raise the cash that is asked for: the nearest plan then raises what it can.
        Err(LotError::Infeasible { .. }) => fit_lots(&problem(reserve.min(ledger.cash) as f64, cash_goal), &LotOptions::default()),
        other => other,
    };
    let plan = fitted.map_err(|_| CoreError::OutOfRange { name: "lot_size", value: f64::NAN })?;
    let nav = ledger.nav as f64;
    let values: Vec<i64> = plan.lots.iter().zip(&assets).map(|(lots, a)| (*lots as f64 * a.step).round_ties_even() as i64).collect();
    ledger.replace(input, &values);
    Ok(TicketFit { deviation: plan.deviation / nav, bound: plan.bound / nav, is_exact: plan.is_exact })
}

/// Quantities carry floating-point noise: a position this close to a whole number of lots holds them all.
const WHOLE: f64 = 1e-12;
/// A double counts whole lots exactly up to this number.
const MOST_LOTS: f64 = 9e15;

/// Whether an asset is below its target.
fn is_below(input: &SizingInput, ledger: &Ledger, i: usize) -> bool {
    let total: f64 = input.optimized.iter().sum();
    let invested: f64 = ledger.positions.iter().sum::<f64>() + ledger.cash as f64;
    total > 0.0 && ledger.positions[i] < input.optimized[i] / total * invested
}
