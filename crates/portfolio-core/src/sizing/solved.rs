//! Books trades to weights that were decided elsewhere, with the same ledger.

use super::flow::Flow;
use super::funding::cash_target;
use super::gaps::{DUST, Gaps};
use super::ledger::Ledger;
use super::plan::{Assembly, TradePlan, TradeRow, assemble};
use super::reason::TradeReason;
use super::rest::cash_share;
use super::rules::TradingRules;
use super::settlement::{Allot, settle, turnover_budget};
use super::shortfall::{self, Shortfall, takes_part};
use super::tickets::{Tickets, Wanted};
use super::unbooked;
use super::{SizingInput, SizingOptions};
use crate::drift::exceeds_band;
use crate::money::snap;
use crate::{CoreError, Intent, Money, TradeSide, measure_drift, round_to_12_decimals};

/// Weights decided elsewhere, for example by an optimiser, with the limits that booking respects.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolvedWeights<'a> {
    /// The weights, fractions of NAV, in the order of the assets.
    pub weights: &'a [f64],
    /// The weights before the trades on which the decision was based; they determine whether an asset is bought, sold
    /// or not traded. `None` means the current weights. A decision that accounts for costs is based on fractions of the
    /// NAV after costs.
    pub held: Option<&'a [f64]>,
    /// Two-way turnover the booked trades may use, a fraction of NAV.
    pub turnover_limit: f64,
    /// Largest trade of each asset, fractions of NAV; `None` without such a limit.
    pub trade_max: Option<&'a [f64]>,
    /// Cash that costs may not use up, a fraction of NAV, 0 to 1.
    pub cash_floor: f64,
}

/// Weights closer than this are equal: solvers leave noise of this size on assets they do not trade.
const SAME: f64 = 1e-9;

/// The largest share of NAV by which a solver may leave cash below its bound.
const MISSED: f64 = 1e-6;

/// Books the trades to weights decided elsewhere.
///
/// With current weights `w`, decided weights `o`, NAV `V` and NAV after costs `V′`, an asset with `oᵢ ≠ wᵢ` trades
/// `oᵢ·V′ − wᵢ·V` in whole minor units, toward zero, but never in the opposite direction to the decision and never more
/// than its largest trade. An asset whose decided weight equals its current weight is not traded, whatever the others
/// cost. If buys and costs exceed sells and the cash above `cash_floor·V′`, all buys shrink by the same factor. Limits
/// on weights therefore hold as fractions of the NAV after costs, except for assets that do not trade: their weights
/// grow as NAV shrinks.
///
/// `input.target` is the policy from which the drift of the plan is measured; `input.optimized` is not read.
///
/// A sale that would cost all of its proceeds is not proposed. Under `rules` with lots, a smallest ticket or a number of tickets, the
/// trades are fitted to them. Permits and bands are part of the decision: here they only give a row that does not trade
/// its reason. An intent holds to the minor unit, whatever the weights imply: no more is spent than it says, and any
/// cash that is not raised is [`TradePlan::unraised`].
///
/// Cost: `O(N)` for each of at most 32 rounds, `O(N log N)` once if units must be distributed.
///
/// # Errors
/// As [`size_trades`](super::size_trades); [`CoreError::OutOfRange`] for a cash floor outside 0 to 1 or a negative largest trade.
///
/// # Example
/// ```
/// use portfolio_core::{CostModel, Currency, Money, SizingInput, SolvedWeights, book_weights};
///
/// let nav = Money::floor(100_000.0, Currency::USD).unwrap();
/// let current = [0.6, 0.3, 0.1];
/// let input = SizingInput {
///     nav,
///     cash: None,
///     current: &current,
///     target: &[0.5, 0.4, 0.1],
///     optimized: &current,
///     price: &[50.0, 20.0, 10.0],
///     costs: &CostModel::proportional(&[10.0, 10.0, 10.0])?,
///     histories: None,
/// };
/// let solved = SolvedWeights { weights: &[0.55, 0.35, 0.1], turnover_limit: 0.2, held: None, trade_max: None, cash_floor: 0.0 };
/// let plan = book_weights(&input, &solved, None)?;
/// // The costs of about 10.00 come out of the two that trade; the third stays.
/// assert_eq!(plan.rows[0].value.to_string(), "-5005.50 USD");
/// assert_eq!(plan.rows[2].value.minor(), 0);
/// assert_eq!(plan.cash_after.minor(), 0);
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn book_weights(
    input: &SizingInput,
    solved: &SolvedWeights,
    rules: Option<&TradingRules>,
) -> Result<TradePlan, CoreError> {
    let options = SizingOptions { drift_threshold: 0.0, turnover_limit: solved.turnover_limit };
    options.check()?;
    // Check the policy first: used as optimised weights, it lies in its own band.
    SizingInput { optimized: input.target, ..*input }.check(0.0)?;
    let decided = SizingInput { target: solved.weights, optimized: solved.weights, ..*input };
    rules.map_or(Ok(()), |rules| rules.check(input.current.len()))?;
    decided.check(0.0)?;
    decided.check_costs()?;
    solved.check(input.current.len())?;
    let mut ledger = Ledger::open(&decided);
    let mut gaps = Gaps::none(input.current.len());
    let all = vec![true; input.current.len()];
    let moved = Moved::of(&SizingInput { optimized: input.target, ..*input }, rules, &ledger)?;
    let settled = settle(
        &decided,
        &all,
        solved.turnover_limit,
        &mut ledger,
        &mut gaps,
        Allot::InProportion,
        |ledger, nav_after, gaps| {
            ledger.reserve = moved.reserve(input, solved, ledger, nav_after);
            fill(&decided, solved, ledger, nav_after, gaps);
            moved.offer_spare(&decided, solved, ledger, gaps);
        },
    );
    let without_tickets = ledger.trades.clone();
    let fit = match rules {
        Some(rules) if rules.fits_tickets() => {
            let trades: Vec<f64> = without_tickets.iter().map(|trade| *trade as f64).collect();
            let wanted = Wanted {
                trades: &trades,
                cash: ledger.cash_after() as f64,
                budget: turnover_budget(solved.turnover_limit, ledger.nav),
                largest: solved.trade_max,
                company: None,
            };
            if let Some(flow @ Flow::Reach(_)) = moved.flow {
                // No purchase has to leave it: the goal of the tickets asks for it.
                ledger.reserve = flow.reserve(&ledger);
            }
            let tickets = Tickets::new(&decided, rules, moved.flow);
            let first = tickets.fit(&wanted, &mut ledger)?;
            if moved.is_idle {
                // Other tickets have other costs, and cash keeps its share of what they leave.
                ledger.reserve = cash_share(input, &ledger);
                Some(tickets.fit(&wanted, &mut ledger)?)
            } else {
                Some(first)
            }
        }
        _ => None,
    };
    ledger.assert_balanced();

    let drift = measure_drift(input.current, input.target)?;
    let towards = SizingInput { optimized: solved.weights, ..*input };
    let assembly =
        Assembly { input: &towards, options: &options, breached: &all, ledger: &ledger, gaps: &gaps, settled };
    let mut plan = assemble(&assembly, drift);
    plan.tickets = fit;
    let flow = moved.after(input, &ledger);
    let is_capped = flow.is_some_and(|flow| shortfall::is_capped(flow, &assembly));
    for (i, row) in plan.rows.iter_mut().enumerate() {
        let Some(rules) = rules else {
            row.reason = of_decision(row, &gaps, i);
            continue;
        };
        row.half_width = rules.half_widths[i];
        if let (Some(lot), Some(fit)) = (rules.lots[i], &plan.tickets) {
            row.units = round_to_12_decimals(fit.lots[i] as f64 * lot);
        }
        row.reason = if row.value.minor() == 0 && without_tickets[i] != 0 {
            unbooked::reason(i, row, &assembly, rules, without_tickets[i])
        } else {
            let decided = of_decision(row, &gaps, i);
            let is_missed = is_capped && takes_part(i, &assembly, rules);
            let is_held = row.value.minor() == 0 && decided == TradeReason::Optimal;
            if is_held { kept_from(i, row, rules, is_missed).unwrap_or(decided) } else { decided }
        };
    }
    if let Some(Flow::Reach(cash)) = flow {
        let unraised = (cash as i64 - ledger.cash_after()).max(0);
        plan.unraised = Money::from_minor(unraised, input.nav.currency());
    }
    if let (Some(rules), Some(flow)) = (rules, flow) {
        plan.shortfall = Shortfall::of(&plan, &assembly, rules, flow, is_capped);
    }
    Ok(plan)
}

impl SolvedWeights<'_> {
    fn check(&self, expected: usize) -> Result<(), CoreError> {
        if !(0.0..=1.0).contains(&self.cash_floor) {
            return Err(CoreError::OutOfRange { name: "cash_floor", value: self.cash_floor });
        }
        if let Some(held) = self.held.filter(|held| held.len() != expected) {
            return Err(CoreError::Lengths { expected, got: held.len() });
        }
        let Some(largest) = self.trade_max else { return Ok(()) };
        if largest.len() != expected {
            return Err(CoreError::Lengths { expected, got: largest.len() });
        }
        match largest.iter().find(|most| most.is_nan() || **most < 0.0) {
            Some(&value) => Err(CoreError::OutOfRange { name: "trade_max", value }),
            None => Ok(()),
        }
    }

    /// The trade of asset `i` in minor units, with its position and the NAV before and after costs.
    fn wanted(&self, i: usize, current: f64, position: f64, nav: f64, nav_after: f64) -> f64 {
        let decided = self.weights[i] - self.held.map_or(current, |held| held[i]);
        if decided.abs() <= SAME {
            return 0.0;
        }
        let most = self.trade_max.map_or(f64::INFINITY, |largest| largest[i] * nav);
        let gap = self.weights[i] * nav_after - position;
        if decided > 0.0 { gap.clamp(0.0, most) } else { gap.clamp(-most, 0.0) }
    }
}

/// The reason of a row based on the decision alone.
fn of_decision(row: &TradeRow, gaps: &Gaps, i: usize) -> TradeReason {
    let is_held_back = row.value.minor() == 0 && (gaps.wanted[i] + gaps.unmet[i]).abs() > DUST;
    if is_held_back { TradeReason::holding_back(gaps, i) } else { TradeReason::Optimal }
}

/// The client's restriction on an asset that the decision does not trade: it never trades, or it is outside its band on
/// a side that is not allowed, or, if the cash flow misses its amount (`is_missed`), the flow may not trade it.
fn kept_from(i: usize, row: &TradeRow, rules: &TradingRules, is_missed: bool) -> Option<TradeReason> {
    let side = if row.drift > 0.0 { TradeSide::Sell } else { TradeSide::Buy };
    let of_flow = if rules.intent.buys() { TradeSide::Buy } else { TradeSide::Sell };
    let is_outside = exceeds_band(row.drift, rules.half_widths[i]);
    match rules.refusal(i, side) {
        Some(never @ (TradeReason::Frozen | TradeReason::Excluded)) => Some(never),
        Some(refusal) if is_outside => Some(refusal),
        _ if is_missed => rules.refusal(i, of_flow),
        _ => None,
    }
}

/// The cash that the intent of the rules moves.
#[derive(Debug, Clone, Copy)]
struct Moved {
    flow: Option<Flow>,
    /// Whether all cash above its target is to be spent; the amount then follows from the costs.
    is_idle: bool,
}

impl Moved {
    fn of(input: &SizingInput, rules: Option<&TradingRules>, ledger: &Ledger) -> Result<Self, CoreError> {
        let flow = rules.map_or(Ok(None), |rules| Flow::of(input, rules, ledger))?;
        let is_idle = rules.is_some_and(|rules| rules.intent == Intent::InvestCash { amount: None });
        // Weights that sell everything are a decision like any other.
        Ok(Self { flow: flow.filter(|flow| *flow != Flow::Everything), is_idle })
    }

    /// The cash that must be left in a NAV of `nav_after`, minor units.
    fn reserve(&self, input: &SizingInput, solved: &SolvedWeights, ledger: &Ledger, nav_after: f64) -> i64 {
        match self.flow {
            Some(Flow::Reach(cash)) => cash as i64,
            Some(_) if self.is_idle => (snap(cash_target(input) * nav_after).ceil() as i64).min(ledger.cash),
            Some(flow) => flow.reserve(ledger),
            None => snap(solved.cash_floor * nav_after).floor() as i64,
        }
    }

    /// If cash is to be raised, increases the sales by the amount that is missing because of rounding and the noise of
    /// a solver, and by the costs, which no weights may leave room for.
    fn offer_spare(&self, input: &SizingInput, solved: &SolvedWeights, ledger: &Ledger, gaps: &mut Gaps) {
        if !matches!(self.flow, Some(Flow::Reach(_))) {
            return;
        }
        let nav = ledger.nav as f64;
        let costs: f64 = gaps.wanted.iter().enumerate().map(|(i, wanted)| input.charge(i, *wanted)).sum();
        let slack = gaps.wanted.len() as f64 + 2.0 + MISSED * nav + 2.0 * costs;
        for i in 0..gaps.wanted.len() {
            let sold = -gaps.wanted[i];
            let most = solved.trade_max.map_or(f64::INFINITY, |largest| largest[i] * nav).min(ledger.positions[i]);
            let is_sold = sold > 0.0 && input.kept(i, sold).is_some();
            gaps.spare[i] = if is_sold { (most - sold).clamp(0.0, slack) } else { 0.0 };
        }
    }

    /// The flow together with the booked trades, whose costs determine the idle cash.
    fn after(&self, input: &SizingInput, ledger: &Ledger) -> Option<Flow> {
        match self.flow {
            Some(_) if self.is_idle => Some(Flow::Spend((ledger.cash - cash_share(input, ledger)) as f64)),
            flow => flow,
        }
    }
}

/// The wanted trade of each asset, with buys cut to the money available.
fn fill(input: &SizingInput, solved: &SolvedWeights, ledger: &Ledger, nav_after: f64, gaps: &mut Gaps) {
    let (mut proceeds, mut spending) = (0.0, 0.0);
    for (i, (wanted, unmet)) in gaps.wanted.iter_mut().zip(&mut gaps.unmet).enumerate() {
        *wanted = solved.wanted(i, input.current[i], ledger.positions[i], ledger.nav as f64, nav_after);
        let cost = input.charge(i, *wanted);
        *unmet = 0.0;
        if *wanted > 0.0 {
            spending += *wanted + cost;
        } else if cost < -*wanted {
            proceeds -= *wanted + cost;
        } else {
            (*wanted, *unmet) = (0.0, *wanted);
        }
    }
    let money = (ledger.cash - ledger.reserve) as f64 + proceeds;
    let cut = if spending > money { 1.0 - (money / spending).max(0.0) } else { 0.0 };
    for (wanted, unmet) in gaps.wanted.iter_mut().zip(&mut gaps.unmet) {
        if *wanted > 0.0 {
            *unmet = cut * *wanted;
            *wanted -= *unmet;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, CostModel, Currency, Money};

    fn book(current: &[f64], weights: &[f64], cost_bps: f64, cash_floor: f64) -> TradePlan {
        let n = current.len();
        let input = SizingInput {
            nav: Money::floor(1_000_000.0, Currency::USD).unwrap(),
            cash: None,
            current,
            target: current,
            optimized: current,
            price: &vec![10.0; n],
            costs: &CostModel::proportional(&vec![cost_bps; n]).unwrap(),
            histories: None,
        };
        let solved = SolvedWeights { weights, turnover_limit: 1.0, held: None, trade_max: None, cash_floor };
        let plan = book_weights(&input, &solved, None).unwrap();
        let booked: i64 = plan.rows.iter().map(|row| row.value.minor() + row.cost.minor()).sum();
        assert_eq!(booked + plan.cash_change.minor(), 0);
        plan
    }

    #[test]
    fn an_asset_that_stays_is_not_touched_whatever_the_others_cost() {
        let plan = book(&[0.5, 0.3, 0.2], &[0.3, 0.5, 0.2], 50.0, 0.0);
        assert_eq!(
            plan.rows.iter().map(|row| row.action).collect::<Vec<_>>(),
            [Action::Sell, Action::Buy, Action::Hold]
        );
        assert!((plan.rows[0].weight_after - 0.3).abs() < 1e-9, "{plan:?}");
        assert!(plan.rows[1].weight_after < 0.5 && plan.rows[2].weight_after > 0.2);
        assert!((0..=1).contains(&plan.cash_after.minor()), "{plan:?}");
        assert!(plan.rows.iter().all(|row| row.reason == TradeReason::Optimal));
    }

    #[test]
    fn costs_come_out_of_cash_until_its_floor_and_out_of_buys_after_that() {
        // The two assets trade less and pay half of the costs; cash pays the other half.
        let rich = book(&[0.5, 0.3, 0.1], &[0.4, 0.4, 0.1], 100.0, 0.0);
        assert!((rich.rows[0].weight_after - 0.4).abs() < 1e-9 && (rich.rows[1].weight_after - 0.4).abs() < 1e-9);
        assert!(rich.cash_after.minor() < 9_990_000, "{rich:?}");
        let floor = book(&[0.5, 0.3, 0.1], &[0.4, 0.4, 0.1], 100.0, 0.1);
        let least = (0.1 * floor.nav_after.minor() as f64) as i64;
        assert!((least..=least + 2).contains(&floor.cash_after.minor()), "{floor:?}");
        assert!(floor.rows[1].weight_after < 0.4 && (floor.rows[0].weight_after - 0.4).abs() < 1e-9);
    }

    #[test]
    fn the_largest_trade_and_the_turnover_limit_hold_to_the_unit() {
        let (current, weights) = ([0.5, 0.5], [0.4, 0.6]);
        let (price, cost) = ([1.0; 2], CostModel::proportional(&[25.0; 2]).unwrap());
        let nav = Money::floor(999_999.99, Currency::USD).unwrap();
        let input = SizingInput {
            nav,
            cash: None,
            current: &current,
            target: &current,
            optimized: &current,
            price: &price,
            costs: &cost,
            histories: None,
        };
        for (turnover_limit, most) in [(0.2, 0.1), (1.0, 0.05), (0.05, 1.0)] {
            let largest = [most; 2];
            let solved = SolvedWeights {
                weights: &weights,
                held: None,
                turnover_limit,
                trade_max: Some(&largest),
                cash_floor: 0.0,
            };
            let plan = book_weights(&input, &solved, None).unwrap();
            assert!(plan.turnover_two_way <= turnover_limit);
            for row in &plan.rows {
                assert!(row.value.abs().minor() as f64 <= most * nav.minor() as f64, "{plan:?}");
            }
        }
    }

    #[test]
    fn without_buys_a_floor_is_no_reason_to_sell() {
        let plan = book(&[0.5, 0.5], &[0.5, 0.5], 10.0, 0.2);
        assert!(plan.rows.iter().all(|row| row.action == Action::Hold));
    }

    #[test]
    fn weights_and_floors_that_are_none_are_refused() {
        let nav = Money::floor(1000.0, Currency::USD).unwrap();
        let (current, price, cost) = ([0.5, 0.5], [1.0, 1.0], CostModel::free(2));
        let input = SizingInput {
            nav,
            cash: None,
            current: &current,
            target: &current,
            optimized: &current,
            price: &price,
            costs: &cost,
            histories: None,
        };
        let solved =
            SolvedWeights { weights: &current, turnover_limit: 0.2, held: None, trade_max: None, cash_floor: 0.0 };
        assert!(book_weights(&input, &solved, None).is_ok());
        for wrong in [
            SolvedWeights { weights: &[0.5], ..solved },
            SolvedWeights { weights: &[0.9, 0.5], ..solved },
            SolvedWeights { weights: &[-0.1, 0.5], ..solved },
            SolvedWeights { cash_floor: f64::NAN, ..solved },
            SolvedWeights { cash_floor: 1.1, ..solved },
            SolvedWeights { turnover_limit: 0.0, ..solved },
            SolvedWeights { trade_max: Some(&[0.1]), ..solved },
            SolvedWeights { trade_max: Some(&[0.1, -0.1]), ..solved },
            SolvedWeights { trade_max: Some(&[f64::NAN, 0.1]), ..solved },
        ] {
            assert!(book_weights(&input, &wrong, None).is_err(), "{wrong:?}");
        }
    }
}
