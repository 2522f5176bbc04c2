//! A lot problem as a mixed-integer linear program, solved by `microlp`.

use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, Problem};

use super::LotBook;

/// What the general solver found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Found {
    /// Deviation of its best plan, minor units.
    pub(crate) deviation: f64,
    /// Whether it proved that no plan deviates less.
    pub(crate) is_proven: bool,
}

/// The least deviation of `book`; `None` when the solver fails.
pub(crate) fn least_deviation(book: &LotBook) -> Option<f64> {
    solve(book, None).filter(|found| found.is_proven).map(|found| found.deviation)
}

/// The plan of `book` that deviates least, or the best one found within `limit`; `None` when the solver fails or has found none by then.
///
/// Costs are a fee and the larger of a minimum and a rate, which is not linear: trades up to the value at which the rate reaches the minimum,
/// and larger ones, are variables of their own, of which at most one trades. Per asset there are the lots of each of them, bought and sold,
/// whether they are a ticket, and the distance from the goal. Amounts are in thousandths of NAV, which keeps the coefficients within the range
/// the solver asks for.
pub(crate) fn solve(book: &LotBook, limit: Option<Duration>) -> Option<Found> {
    let unit = book.nav / 1_000.0;
    let mut milp = Problem::new(OptimizationDirection::Minimize);
    if let Some(limit) = limit {
        milp.set_time_limit(limit);
    }
    let short = milp.add_var(0.5, (0.0, f64::INFINITY));
    let idle = milp.add_var(0.5 * book.idle_weight, (0.0, f64::INFINITY));
    // cash − spent = goal + idle − short, and cash − spent ≥ 0.
    let mut after = vec![(idle, 1.0), (short, -1.0)];
    let mut purse = Vec::new();
    let mut traded = Vec::new();
    let mut tickets = Vec::new();
    let sold: f64 = book.assets.iter().map(|asset| -(asset.least as f64) * asset.step).sum();
    for asset in &book.assets {
        let step = asset.step / unit;
        let smallest = (asset.min_value / asset.step).ceil().max(1.0);
        // The most lots that pay no more than the minimum.
        let cheap = if book.minimum > 0.0 { (book.minimum / book.rate / asset.step).floor() } else { 0.0 };
        let most = (asset.most as f64).min(((book.cash + sold) / asset.step).floor());
        let distance = milp.add_var(0.5 * asset.weight, (0.0, f64::INFINITY));
        let mut trade = Vec::new();
        let mut parts = Vec::new();
        for (side, most) in [(1.0, most), (-1.0, -(asset.least as f64))] {
            let by_minimum = (smallest, most.min(cheap), 0.0, book.minimum);
            let by_rate = (smallest.max(cheap + 1.0), most, book.rate, 0.0);
            for (least, most, rate, minimum) in [by_minimum, by_rate] {
                if most < least {
                    continue;
                }
                let lots = milp.add_integer_var(0.0, (0, most as i32));
                let is_ticket = milp.add_binary_var(0.0);
                milp.add_constraint([(lots, 1.0), (is_ticket, -most)], ComparisonOp::Le, 0.0);
                milp.add_constraint([(lots, 1.0), (is_ticket, -least)], ComparisonOp::Ge, 0.0);
                let spent = [(lots, (side + rate) * step), (is_ticket, (book.fee + minimum) / unit)];
                after.extend(spent);
                purse.extend(spent);
                trade.push((lots, side * step));
                traded.push((lots, step));
                parts.push((is_ticket, 1.0));
            }
        }
        tickets.extend(parts.iter().copied());
        milp.add_constraint(&parts, ComparisonOp::Le, 1.0);
        let goal = asset.goal / unit;
        milp.add_constraint([trade.as_slice(), &[(distance, -1.0)]].concat(), ComparisonOp::Le, goal);
        milp.add_constraint([trade.as_slice(), &[(distance, 1.0)]].concat(), ComparisonOp::Ge, goal);
    }
    milp.add_constraint(&after, ComparisonOp::Eq, (book.cash - book.cash_goal) / unit);
    milp.add_constraint(&purse, ComparisonOp::Le, book.cash / unit);
    if let Some(budget) = book.budget {
        milp.add_constraint(&traded, ComparisonOp::Le, budget / unit);
    }
    if let Some(most) = book.max_tickets {
        milp.add_constraint(&tickets, ComparisonOp::Le, most as f64);
    }
    let outcome = milp.solve().ok()?;
    let is_proven = outcome.is_optimal();
    let deviation = outcome.into_solution().ok()?.objective() * unit;
    Some(Found { deviation, is_proven })
}
