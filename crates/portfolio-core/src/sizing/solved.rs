use super::funding::Gaps;
use super::ledger::{DUST, Ledger};
use super::plan::{TradePlan, TradeReason, assemble};
use super::{Settlement, SizingInput, SizingOptions, turnover_budget};
use crate::money::snap;
use crate::{CoreError, measure_drift};

/// Weights that somebody else decided, say an optimiser, with the limits their booking keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolvedWeights<'a> {
    /// The weights, fractions of NAV before costs, in the order of the assets.
    pub weights: &'a [f64],
    /// Two-way turnover the booked trades may use, a fraction of NAV.
    pub turnover_limit: f64,
    /// Cash that costs may not use up, a fraction of NAV, 0 to 1.
    pub cash_floor: f64,
}

/// Books the trades to weights that somebody else decided.
///
/// With current weights `w`, decided weights `o` and NAV `V`, an asset trades `(oᵢ − wᵢ)·V` in whole minor units, toward
/// zero, and no asset trades for another: one whose decided weight is its current one stays untouched. Costs come out of
/// cash; where that would fall below `cash_floor·V`, or below zero, the buys give way in equal parts.
///
/// `input.target` is the policy the drift of the plan is measured against; `input.optimized` is not read.
///
/// Cost: `O(N)`, `O(N log N)` if buys have to give way.
///
/// # Errors
/// As [`size_trades`](super::size_trades); [`CoreError::OutOfRange`] for a cash floor outside 0 to 1.
///
/// # Example
/// ```
/// use portfolio_core::{Currency, Money, SizingInput, SolvedWeights, book_weights};
///
/// let nav = Money::floor(100_000.0, Currency::default()).unwrap();
/// let current = [0.6, 0.3, 0.1];
/// let input = SizingInput {
///     nav,
///     current: &current,
///     target: &[0.5, 0.4, 0.1],
///     optimized: &current,
///     price: &[50.0, 20.0, 10.0],
///     cost_bps: &[10.0, 10.0, 10.0],
/// };
/// let solved = SolvedWeights { weights: &[0.55, 0.35, 0.1], turnover_limit: 0.2, cash_floor: 0.0 };
/// let plan = book_weights(&input, &solved)?;
/// assert_eq!(plan.rows[0].value.minor(), -500_000);
/// assert_eq!(plan.rows[2].value.minor(), 0);
/// // The buy pays the costs of both: 5 for the sale, and its own.
/// assert_eq!((plan.total_cost.minor(), plan.rows[1].value.minor()), (999, 499_001));
/// # Ok::<(), portfolio_core::CoreError>(())
/// ```
pub fn book_weights(input: &SizingInput, solved: &SolvedWeights) -> Result<TradePlan, CoreError> {
    let options = SizingOptions { drift_threshold: 0.0, turnover_limit: solved.turnover_limit };
    options.check()?;
    // The policy first: with itself as optimised weights it is in its own band.
    SizingInput { optimized: input.target, ..*input }.check(0.0)?;
    let decided = SizingInput { target: solved.weights, optimized: solved.weights, ..*input };
    decided.check(0.0)?;
    if !(0.0..=1.0).contains(&solved.cash_floor) {
        return Err(CoreError::OutOfRange { name: "cash_floor", value: solved.cash_floor });
    }
    let mut ledger = Ledger::open(&decided);
    ledger.reserve = snap(solved.cash_floor * ledger.nav as f64).floor() as i64;
    let mut gaps = Gaps::none(input.current.len());
    let nav = ledger.nav as f64;
    for (i, wanted) in gaps.wanted.iter_mut().enumerate() {
        *wanted = solved.weights[i] * nav - ledger.positions[i];
    }
    let all = vec![true; input.current.len()];
    ledger.book(&decided, &all, &mut gaps, turnover_budget(solved.turnover_limit, ledger.nav));
    ledger.assert_balanced();

    let drift = measure_drift(input.current, input.target)?;
    let settled = Settlement { iterations: 1, residual: 0 };
    let towards = SizingInput { optimized: solved.weights, ..*input };
    let mut plan = assemble(&towards, &options, drift, &all, &ledger, &gaps, settled);
    for (row, wanted) in plan.rows.iter_mut().zip(&gaps.wanted) {
        let cut = row.value.minor() == 0 && wanted.abs() > DUST;
        row.reason = if cut { TradeReason::BelowMinimum } else { TradeReason::Optimal };
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Currency, Money};

    fn book(current: &[f64], weights: &[f64], cost_bps: f64, cash_floor: f64) -> TradePlan {
        let n = current.len();
        let input = SizingInput {
            nav: Money::floor(1_000_000.0, Currency::default()).unwrap(),
            current,
            target: current,
            optimized: current,
            price: &vec![10.0; n],
            cost_bps: &vec![cost_bps; n],
        };
        let solved = SolvedWeights { weights, turnover_limit: 1.0, cash_floor };
        let plan = book_weights(&input, &solved).unwrap();
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
        assert_eq!(plan.rows[0].value.minor(), -20_000_000);
        assert_eq!(plan.cash_after.minor(), 0);
        assert!(plan.rows.iter().all(|row| row.reason == TradeReason::Optimal));
    }

    #[test]
    fn costs_come_out_of_cash_until_its_floor_and_out_of_buys_after_that() {
        let rich = book(&[0.5, 0.4], &[0.4, 0.5], 100.0, 0.0);
        assert_eq!((rich.rows[1].value.minor(), rich.cash_after.minor()), (10_000_000, 10_000_000 - 200_000));
        let floor = book(&[0.5, 0.4], &[0.4, 0.5], 100.0, 0.1);
        assert!(floor.cash_after.minor() >= 10_000_000 && floor.cash_after.minor() <= 10_000_002, "{floor:?}");
        assert!(floor.rows[1].value.minor() < 10_000_000 - 198_000);
        assert_eq!(floor.rows[0].value.minor(), -10_000_000, "sales are as decided");
    }

    #[test]
    fn without_buys_a_floor_is_no_reason_to_sell() {
        let plan = book(&[0.5, 0.5], &[0.5, 0.5], 10.0, 0.2);
        assert!(plan.rows.iter().all(|row| row.action == Action::Hold));
    }

    #[test]
    fn weights_and_floors_that_are_none_are_refused() {
        let nav = Money::floor(1000.0, Currency::default()).unwrap();
        let (current, price, cost) = ([0.5, 0.5], [1.0, 1.0], [0.0, 0.0]);
        let input = SizingInput {
            nav,
            current: &current,
            target: &current,
            optimized: &current,
            price: &price,
            cost_bps: &cost,
        };
        let solved = SolvedWeights { weights: &current, turnover_limit: 0.2, cash_floor: 0.0 };
        assert!(book_weights(&input, &solved).is_ok());
        for wrong in [
            SolvedWeights { weights: &[0.5], ..solved },
            SolvedWeights { weights: &[0.9, 0.5], ..solved },
            SolvedWeights { weights: &[-0.1, 0.5], ..solved },
            SolvedWeights { cash_floor: f64::NAN, ..solved },
            SolvedWeights { cash_floor: 1.1, ..solved },
            SolvedWeights { turnover_limit: 0.0, ..solved },
        ] {
            assert!(book_weights(&input, &wrong).is_err(), "{wrong:?}");
        }
    }
}
