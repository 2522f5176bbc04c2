//! The trades of a plan, row by row, and their effect on the book.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::gaps::Gaps;
use super::ledger::Ledger;
use super::reason::TradeReason;
use super::settlement::Settlement;
use super::shortfall::Shortfall;
use super::tickets::TicketFit;
use super::{SizingInput, SizingOptions, drift_after};
use crate::{Money, portfolio_drift, round_to_12_decimals};

/// What to do with one asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Action {
    /// Add to the position.
    Buy,
    /// Reduce the position.
    Sell,
    /// No trade: no value, units, cost or turnover.
    Hold,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
            Self::Hold => "hold",
        })
    }
}

/// One asset's line of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeRow {
    /// Buy, Sell or Hold.
    pub action: Action,
    /// Reason for the action.
    pub reason: TradeReason,
    /// Booked value, positive for a buy, negative for a sale, zero for Hold.
    pub value: Money,
    /// Booked cost of the trade, never negative, zero for Hold.
    pub cost: Money,
    /// `value / price`, same sign.
    pub units: f64,
    /// `current − target`, fraction of NAV, positive when overweight.
    pub drift: f64,
    /// Weight after the trade, fraction of the NAV left after costs.
    pub weight_after: f64,
    /// `weight_after − optimised target`: the gap that remains, fraction of NAV.
    pub residual_drift: f64,
    /// Half-width of the asset's band, a fraction of NAV.
    pub half_width: f64,
}

/// The trades of a plan, in input order, and their effect on the book.
///
/// `Σ value + Σ cost + cash_change = 0`, exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct TradePlan {
    /// One row per asset, in input order.
    pub rows: Vec<TradeRow>,
    /// Two-way turnover `Σ|value|/NAV`, within the limit.
    pub turnover_two_way: f64,
    /// One-way turnover, half of the two-way turnover.
    pub turnover_one_way: f64,
    /// Whether the turnover budget is less than the wanted turnover, and used.
    pub turnover_bound: bool,
    /// Whether the budget is less than the wanted turnover, and a part of it is left because more trades would cost more than they take off the
    /// objective.
    pub stopped_by_cost: bool,
    /// Under a turnover limit that cuts the trades: what the last unit of turnover takes off the objective, and what it costs, both per unit of
    /// turnover; `None` where no cost was weighed.
    pub last_unit: Option<[f64; 2]>,
    /// Share of the wanted turnover that the budget allowed; 1 when it did not bind.
    pub turnover_scale: f64,
    /// Sum of all costs.
    pub total_cost: Money,
    /// Change of cash: proceeds less purchases less costs.
    pub cash_change: Money,
    /// Cash after the plan, never negative.
    pub cash_after: Money,
    /// Cash before the plan, fraction of NAV.
    pub cash_weight_before: f64,
    /// Cash after the plan, fraction of the NAV left after costs; with the asset weights it sums to one.
    pub cash_weight_after: f64,
    /// NAV less costs.
    pub nav_after: Money,
    /// Iterations of the search for the NAV after costs; 0 when nothing trades, at most 32.
    pub cost_iterations: usize,
    /// NAV after the trades minus the NAV for which they were sized: 0, or 1 minor unit when the rounding of costs
    /// oscillates. It is rarely more, and then only after 32 iterations.
    pub cost_residual: Money,
    /// `½·Σ|drift|` before the plan.
    pub portfolio_drift_before: f64,
    /// `½·Σ|drift|` against the policy target after the plan.
    pub portfolio_drift_after: f64,
    /// How close the tickets come to the trades without lots; `None` where nothing was fitted.
    pub tickets: Option<TicketFit>,
    /// The part of the cash to raise that the allowed sales do not cover; 0 otherwise.
    pub unraised: Money,
    /// The amount missing from the cash to raise or to invest, and why; `None` where nothing is missing.
    pub shortfall: Option<Shortfall>,
}

/// The parts of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assembly<'a> {
    pub(super) input: &'a SizingInput<'a>,
    pub(super) options: &'a SizingOptions,
    pub(super) breached: &'a [bool],
    pub(super) ledger: &'a Ledger,
    pub(super) gaps: &'a Gaps,
    pub(super) settled: Settlement,
}

pub(super) fn assemble(from: &Assembly<'_>, drift: Vec<f64>) -> TradePlan {
    let Assembly { input, options, breached, ledger, gaps, settled } = *from;
    let currency = input.nav.currency();
    let money = |minor| Money::from_minor(minor, currency);
    let total_cost: i64 = ledger.costs.iter().sum();
    let nav_after = (ledger.nav - total_cost) as f64;
    let traded: i64 = ledger.trades.iter().map(|t| t.abs()).sum();
    let turnover = traded as f64 / ledger.nav as f64;

    let mut invested_after = 0.0;
    let rows: Vec<TradeRow> = drift
        .iter()
        .enumerate()
        .map(|(i, &drift)| {
            let trade = ledger.trades[i];
            let weight_after = round_to_12_decimals(((ledger.positions[i] + trade as f64) / nav_after).max(0.0));
            invested_after += weight_after;
            TradeRow {
                action: match trade {
                    0 => Action::Hold,
                    t if t > 0 => Action::Buy,
                    _ => Action::Sell,
                },
                reason: TradeReason::of(trade, breached[i], gaps, i),
                value: money(trade),
                cost: money(ledger.costs[i]),
                units: round_to_12_decimals(money(trade).major() / input.price[i]),
                drift,
                weight_after,
                residual_drift: round_to_12_decimals(weight_after - input.optimized[i]),
                half_width: options.drift_threshold,
            }
        })
        .collect();
    assert!(turnover <= options.turnover_limit, "a plan may not exceed its turnover limit");
    TradePlan {
        turnover_two_way: round_to_12_decimals(turnover),
        turnover_one_way: round_to_12_decimals(0.5 * turnover),
        turnover_bound: gaps.budget_bound && !gaps.stopped_by_cost,
        stopped_by_cost: gaps.stopped_by_cost,
        last_unit: gaps.last_unit,
        turnover_scale: gaps.scale,
        total_cost: money(total_cost),
        cash_change: money(ledger.cash_after() - ledger.cash),
        cash_after: money(ledger.cash_after()),
        cash_weight_before: round_to_12_decimals((1.0 - input.current.iter().sum::<f64>()).max(0.0)),
        cash_weight_after: round_to_12_decimals((1.0 - invested_after).max(0.0)),
        nav_after: money(ledger.nav - total_cost),
        cost_iterations: settled.iterations,
        cost_residual: money(settled.residual),
        portfolio_drift_before: portfolio_drift(&drift),
        portfolio_drift_after: drift_after(&rows, input.target),
        tickets: None,
        unraised: money(0),
        shortfall: None,
        rows,
    }
}
