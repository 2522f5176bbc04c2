//! Searches for the NAV after costs: the costs depend on the trades, and the trades on that NAV.

use super::SizingInput;
use super::allotment::DeviationRisk;
use super::gaps::Gaps;
use super::ledger::Ledger;
use crate::money::snap;

/// How the search for the NAV after costs ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settlement {
    pub(super) iterations: usize,
    /// Minor units between the NAV the trades were sized for and the NAV they leave.
    pub(super) residual: i64,
}

/// Maximum number of iterations of the search for the NAV after costs.
const MAX_ITERATIONS: usize = 32;

/// Number of iterations that choose which trades the turnover budget allows. After them the choice is fixed and only
/// amounts change, because a new choice in every iteration could cycle.
const WEIGHED: usize = 2;

/// How a turnover budget that binds is spent.
#[derive(Clone, Copy)]
pub(super) enum Allot<'a> {
    /// On the same share of every trade.
    InProportion,
    /// On the trades that leave the least deviation after their costs; `stops` where more of them would cost more than they take off the objective.
    ByRisk { stops: bool },
    /// On the trades of a plan of this total, in minor units: those that an order of precedence puts first.
    InOrder(&'a dyn Fn(&Ledger, f64) -> Vec<f64>),
}

/// Finds trades that are consistent with the NAV that their own costs leave, and books them.
///
/// `fill` computes the wanted trades for a given NAV after costs, in minor units. If the turnover budget binds, it is
/// spent as `allot` says.
pub(super) fn settle(
    input: &SizingInput,
    breached: &[bool],
    turnover_limit: f64,
    ledger: &mut Ledger,
    gaps: &mut Gaps,
    allot: Allot<'_>,
    fill: impl Fn(&mut Ledger, f64, &mut Gaps),
) -> Settlement {
    let budget = turnover_budget(turnover_limit, ledger.nav);
    let mut nav_after = ledger.nav;
    let mut settled = Settlement::default();
    let (mut risk, mut shares, mut part) = (None, Vec::new(), 1.0);
    while settled.iterations < MAX_ITERATIONS {
        fill(ledger, nav_after as f64, gaps);
        gaps.allot_in_proportion(budget);
        match allot {
            Allot::ByRisk { stops } if gaps.budget_bound && settled.iterations < WEIGHED => {
                let risk = risk.get_or_insert_with(|| DeviationRisk::of(input));
                part = risk.allot(input, ledger, nav_after as f64, stops, gaps);
                shares = gaps.shares();
            }
            Allot::ByRisk { .. } if gaps.budget_bound => gaps.allot_by(&shares, budget, part),
            Allot::InOrder(within) if gaps.budget_bound => gaps.allotted = within(ledger, budget as f64),
            _ => {}
        }
        let next = ledger.nav - ledger.book(input, breached, gaps, budget);
        settled = Settlement { iterations: settled.iterations + 1, residual: next - nav_after };
        // Rounding of costs can make the last cent oscillate; the smaller NAV is the safe side of every band.
        if matches!(settled.residual, 0 | 1) {
            break;
        }
        nav_after = next;
    }
    settled
}

/// The most minor units that may be traded: the largest whole number within the limit, never a unit above it.
pub(super) fn turnover_budget(limit: f64, nav: i64) -> i64 {
    let mut budget = snap(limit * nav as f64).floor() as i64;
    while budget > 0 && budget as f64 / nav as f64 > limit {
        budget -= 1;
    }
    budget
}
