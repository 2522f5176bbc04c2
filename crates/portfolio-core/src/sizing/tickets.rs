//! Fits booked trades to whole lots, a smallest ticket and a number of tickets.

use super::SizingInput;
use super::flow::Flow;
use super::ledger::Ledger;
use super::rules::TradingRules;
use crate::lots::{LotAsset, LotError, LotOptions, LotProblem, fit_lots};
use crate::{CoreError, TradeSide};

/// How near tickets of whole lots come to the trades without lots, and how near any could come.
///
/// Both figures are fractions of NAV: half the sum of all distances between a position, or cash, and where it would end without lots.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketFit {
    /// Lots of each asset that trade, positive for buys; an asset without lots counts in minor units.
    pub lots: Vec<i64>,
    /// The distance that the plan leaves.
    pub deviation: f64,
    /// No plan within the same rules leaves less.
    pub bound: f64,
    /// Whether the plan is proven to be the nearest one.
    pub is_exact: bool,
}

/// What idle cash counts when all of it is to be spent, relative to money in an asset.
const IDLE: f64 = 2.0;

/// How near to the best tickets is near enough, a fraction of NAV: half a basis point.
const NEAR: f64 = 0.5e-4;
/// Nodes of the search for the best tickets, before tickets that are near enough will do: most books need fewer.
const EXACT_NODES: u64 = 100;

/// What tickets are fitted to, in minor units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The trade of each asset without lots.
    pub(super) trades: &'a [f64],
    /// The cash that these trades would leave.
    pub(super) cash: f64,
    /// Most that may be traded.
    pub(super) budget: i64,
    /// Largest trade of each asset, fractions of NAV.
    pub(super) largest: Option<&'a [f64]>,
}

/// Books tickets of whole lots in place of the trades of a ledger.
///
/// An asset trades in the direction of its wanted trade, or not at all. Cash to invest may also buy other assets that are below their
/// goal, so that less is left than the cheapest of their tickets. The budget of turnover and the cash that has to be left still hold.
///
/// # Errors
/// [`CoreError`] when the numbers of the problem are not finite.
pub(super) fn fit(
    input: &SizingInput,
    rules: &TradingRules,
    flow: Option<Flow>,
    wanted: &Wanted<'_>,
    ledger: &mut Ledger,
) -> Result<TicketFit, CoreError> {
    let Wanted { trades: goals, cash: cash_goal, budget, largest } = *wanted;
    let minor_per_major = input.nav.currency().minor_per_major();
    let steps: Vec<f64> = (0..ledger.trades.len())
        .map(|i| rules.lots[i].map_or(1.0, |lot| lot * input.price[i] * minor_per_major))
        .collect();
    let least_value = rules.min_notional.map_or(0.0, |least| least.minor() as f64);
    let spends = matches!(flow, Some(Flow::Spend(_)));
    // What lots leave over goes to others only where all cash is to be spent.
    let slack = if spends { steps.iter().copied().fold(0.0, f64::max) } else { 0.0 };
    let asset = |i: usize, is_wide: bool| {
        let step = steps[i];
        let goal = goals[i];
        let held = match rules.lots[i] {
            Some(lot) => (rules.units[i] / lot * (1.0 + WHOLE)).floor(),
            None => ledger.positions[i].floor(),
        };
        let buys = (goal > 0.0 || (spends && is_below(input, ledger, i))) && rules.allows(i, TradeSide::Buy);
        let sells = goal < 0.0 && rules.allows(i, TradeSide::Sell);
        // A trade passes its goal by less than a lot, or ends at the smallest ticket.
        let near = ((goal.abs() + slack).max(least_value) / step).ceil();
        let largest = largest.map_or(f64::INFINITY, |largest| (largest[i] * ledger.nav as f64 / step).floor());
        let near = if is_wide { largest } else { near.min(largest) }.min(MOST_LOTS);
        LotAsset {
            goal,
            step,
            least: if sells { -(held.min(near) as i64) } else { 0 },
            most: if buys { near as i64 } else { 0 },
            min_value: least_value,
            weight: 1.0,
        }
    };
    let reserve = ledger.reserve;
    let least = match flow {
        Some(Flow::Reach(cash)) => cash,
        _ => reserve as f64,
    };
    let cash_goal = cash_goal.max(least);
    let cost = |i: usize, lots: i64| input.charge(i, lots as f64 * steps[i]);
    // Value and cost of each ticket are rounded by half a unit each when they are booked.
    let rounding = steps.len() as f64;
    let idle_weight = if spends { IDLE } else { 1.0 };
    let options = LotOptions { gap: NEAR * ledger.nav as f64, exact_nodes: EXACT_NODES, ..LotOptions::default() };
    let fitted = |is_wide: bool, cash_least: f64| {
        let assets: Vec<LotAsset> = (0..steps.len()).map(|i| asset(i, is_wide)).collect();
        let problem = LotProblem {
            assets: &assets,
            cash: ledger.cash as f64,
            cash_least: (cash_least + rounding).min((ledger.cash as f64).max(cash_least)),
            cash_goal,
            idle_weight,
            cost_weight: idle_weight,
            budget: Some(budget as f64),
            max_tickets: rules.max_tickets,
            cost: &cost,
        };
        fit_lots(&problem, &options)
    };
    let fitted = match (fitted(false, least), flow) {
        // What the nearest lots do not raise, more lots of others may; and if all of them do not, the plan raises what it can.
        (Err(LotError::Infeasible { .. }), Some(Flow::Reach(_))) => {
            fitted(true, least).or_else(|_| fitted(true, reserve.min(ledger.cash) as f64))
        }
        (Err(LotError::Infeasible { .. }), _) => fitted(true, reserve.min(ledger.cash) as f64),
        (other, _) => other,
    };
    let plan = fitted.map_err(|_| CoreError::OutOfRange { name: "lot_size", value: f64::NAN })?;
    let nav = ledger.nav as f64;
    let values: Vec<i64> =
        plan.lots.iter().zip(&steps).map(|(lots, step)| (*lots as f64 * step).round_ties_even() as i64).collect();
    ledger.replace(input, &values);
    let booked = |(lots, trade): (&i64, &i64)| if *trade == 0 { 0 } else { *lots };
    let lots = plan.lots.iter().zip(&ledger.trades).map(booked).collect();
    Ok(TicketFit { lots, deviation: plan.deviation / nav, bound: plan.bound / nav, is_exact: plan.is_exact })
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
