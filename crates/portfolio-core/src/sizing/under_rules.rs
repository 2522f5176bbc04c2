//! Sizes trades under rules: bands of each asset, permits, an intent, lots.

use super::flow::Flow;
use super::gaps::Gaps;
use super::idle;
use super::ledger::Ledger;
use super::plan::{self, Assembly};
use super::rest::fit_to_rest;
use super::rules::TradingRules;
use super::settlement::Settlement;
use super::shortfall::{self, Shortfall};
use super::unbooked;
use super::wish::Wish;
use super::{SizingInput, SizingOptions, TradePlan, TradeReason};
use crate::drift::exceeds_band;
use crate::{CoreError, Intent, Money, TradeSide, WeightSide, measure_drift, round_to_12_decimals};

/// Sizes the trades of a plan as [`size_trades`](super::size_trades) does, under additional rules.
///
/// 1. *Bands.* Asset `i` is in breach when `|wᵢ − tᵢ|` exceeds its half-width `hᵢ`, and cash when its weight is further from `1 − Σt`
///    than its own half-width. A group in breach makes all of its assets trade, by the same share of their drifts. Under [`TradeScope::Whole`](crate::TradeScope::Whole) every asset trades as soon as anything is in breach.
/// 2. *Destination.* A trading asset goes to `oᵢ + sign(wᵢ − oᵢ)·κ·hᵢ`: to its target at κ = 0, to the edge of its band
///    at κ = 1, and does not trade if it is already closer. Under proportional costs the edge is optimal (Leland 1999);
///    fixed fees per ticket favour the target.
/// 3. *Permits.* A trade that is not allowed is left out, and its row keeps the reason. Funding and absorption use only allowed trades.
/// 4. *Intent.* Cash to invest buys assets below the policy, largest gap first; cash to raise sells assets above it,
///    largest first, and then pro rata. Both include their costs. If not enough may be sold, [`TradePlan::unraised`] is
///    the missing amount, and [`TradePlan::shortfall`] says why.
/// 5. *Tickets.* With lots, a smallest ticket or a number of tickets, the trades are fitted to whole lots, and [`TradePlan::tickets`] holds
///    a proven bound of the distance that any fit leaves.
///
/// # Errors
/// As [`size_trades`](super::size_trades); [`CoreError`] for rules outside their ranges, or more cash to invest than there is.
///
/// # Example
/// ```
/// use portfolio_core::{
///     CostModel, Currency, Intent, Money, SizingInput, SizingOptions, TradingRules, size_under_rules,
/// };
///
/// // 600 and 300 held, 100 in cash; the policy is half and half. Whole shares at 7 and 11.
/// let (current, target, price) = ([0.6, 0.3], [0.5, 0.5], [7.0, 11.0]);
/// let input = SizingInput {
///     nav: Money::parse("1000.00", Currency::USD)?,
///     cash: None,
///     current: &current,
///     target: &target,
///     optimized: &target,
///     price: &price,
///     costs: &CostModel::free(2),
///     histories: None,
/// };
/// let intent = Intent::InvestCash { amount: None };
/// let rules = TradingRules {
///     intent,
///     lots: vec![Some(1.0); 2],
///     units: vec![600.0 / 7.0, 300.0 / 11.0],
///     ..TradingRules::plain(2, 0.02)
/// };
/// let plan = size_under_rules(&input, &SizingOptions::of(intent), &rules)?;
/// // All of it goes to the second asset: nine shares, and less than a tenth is left.
/// assert_eq!(plan.rows[1].units, 9.0);
/// assert_eq!(plan.cash_after.to_string(), "1.00 USD");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn size_under_rules(
    input: &SizingInput,
    options: &SizingOptions,
    rules: &TradingRules,
) -> Result<TradePlan, CoreError> {
    options.check()?;
    rules.check(input.current.len())?;
    // The targets first: used as optimised weights they lie in their own bands.
    SizingInput { optimized: input.target, ..*input }.check(0.0)?;
    if input.optimized.len() != input.target.len() {
        return Err(CoreError::Lengths { expected: input.target.len(), got: input.optimized.len() });
    }
    if let Some(asset) = input.optimized.iter().position(|w| !(0.0..=1.0 + 1e-9).contains(w)) {
        return Err(CoreError::Weight { side: WeightSide::Optimized, asset, value: input.optimized[asset] });
    }
    input.check_costs()?;
    let drift = measure_drift(input.current, input.target)?;
    let wish = Wish::of(input, options.turnover_limit, rules)?;
    let (mut ledger, mut fit) = match rules.fits_tickets() && wish.is_called_for() {
        true => {
            let (ledger, fit) = fit_to_rest(input, options.turnover_limit, rules, &wish)?;
            (ledger, Some(fit))
        }
        false => (wish.ledger.clone(), None),
    };
    let is_dust = !wish.gaps.budget_bound && !moves_dust(rules.intent, &ledger) && ledger.trades_only_dust();
    if is_dust {
        ledger.replace(input, &vec![0; input.current.len()]);
        fit = None;
    }
    ledger.assert_balanced();
    let unraised = match wish.flow {
        Some(Flow::Reach(cash)) => (cash as i64 - ledger.cash_after()).max(0),
        _ => 0,
    };
    let (breached, gaps) = (wish.breaches.assets.as_slice(), &wish.gaps);
    let settled = if is_dust { Settlement::default() } else { wish.settled };
    let assembly = Assembly { input, options, breached, ledger: &ledger, gaps, settled };
    let mut plan = plan::assemble(&assembly, drift);
    plan.tickets = fit;
    plan.unraised = Money::from_minor(unraised, input.nav.currency());
    let is_capped = wish.flow.is_some_and(|flow| shortfall::is_capped(flow, &assembly));
    explain(&mut plan, &assembly, rules, &wish, is_capped);
    if is_dust {
        let wanted = plan.rows.iter_mut().zip(&wish.ledger.trades).filter(|(_, trade)| **trade != 0);
        wanted.for_each(|(row, _)| row.reason = TradeReason::BelowMinimum);
    }
    plan.shortfall = wish.flow.and_then(|flow| Shortfall::of(&plan, &assembly, rules, flow, is_capped));
    Ok(plan)
}

/// Whether the client asks for an amount as small as what rounding leaves: then it is moved.
fn moves_dust(intent: Intent, ledger: &Ledger) -> bool {
    match intent {
        Intent::InvestCash { amount: Some(amount) } | Intent::RaiseCash { amount } => ledger.is_dust(amount.minor()),
        _ => false,
    }
}

/// Sets the reason of each row that the rules decide.
fn explain(plan: &mut TradePlan, assembly: &Assembly<'_>, rules: &TradingRules, wish: &Wish, is_capped: bool) {
    let Wish { breaches, goals, .. } = wish;
    let without_tickets = &wish.ledger.trades;
    use super::TradeReason as Reason;
    let fit = plan.tickets.clone();
    for (i, row) in plan.rows.iter_mut().enumerate() {
        row.half_width = rules.half_widths[i];
        let trade = row.value.minor();
        if trade != 0 {
            if let (Some(lot), Some(fit)) = (rules.lots[i], &fit) {
                row.units = round_to_12_decimals(fit.lots[i] as f64 * lot);
            }
            row.reason = match rules.intent {
                Intent::InvestCash { .. } => Reason::InvestCash,
                Intent::RaiseCash { .. } => Reason::RaiseCash,
                Intent::Liquidate => Reason::Liquidation,
                // Nothing else is in breach: cash is why an asset in its band trades.
                _ if breaches.cash && !breaches.assets.contains(&true) => Reason::CashBand,
                _ if row.reason == Reason::DriftBreach => breaches.reason(rules, i),
                _ => row.reason,
            };
            continue;
        }
        if without_tickets[i] != 0 {
            row.reason = unbooked::reason(i, row, assembly, rules, without_tickets[i]);
            continue;
        }
        if let Some(flow) = wish.flow {
            row.reason = idle::reason(i, row, assembly, rules, flow, is_capped);
            continue;
        }
        let side = if goals[i] < assembly.input.current[i] { TradeSide::Sell } else { TradeSide::Buy };
        // On a worksheet `breaches` are the picks: an asset that was left out is called for by its own band.
        let called_for =
            breaches.assets[i] || (rules.permits[i].unpicked && exceeds_band(row.drift, rules.half_widths[i]));
        row.reason = match rules.refusal(i, side) {
            Some(Reason::Excluded) => Reason::Excluded,
            Some(Reason::Frozen) => Reason::Frozen,
            Some(refusal) if called_for => refusal,
            // In its band and at its goal: nothing was called for that could go unfunded.
            None if breaches.assets[i] && !breaches.own[i] && gap_is_dust(assembly.gaps, i) => Reason::WithinBand,
            _ => row.reason,
        };
    }
}

/// Whether no trade of an asset was wanted.
fn gap_is_dust(gaps: &Gaps, i: usize) -> bool {
    gaps.wanted[i].abs() + gaps.unmet[i].abs() <= super::gaps::DUST
}
