//! A lot problem as a mixed-integer linear program, solved by `microlp`.

use microlp::{ComparisonOp, OptimizationDirection, Problem};

use super::LotBook;

/// The least deviation of `book`, whose costs are a fee and a rate without a minimum; `None` when the solver fails.
///
/// Per asset: lots bought and sold, whether each is a ticket, and the distance from the goal. Amounts are in
/// thousandths of NAV, which keeps the coefficients within the range the solver asks for.
pub(crate) fn least_deviation(book: &LotBook) -> Option<f64> {
    assert!(book.minimum == 0.0, "a commission that is the larger of two is not linear");
    let unit = book.nav / 1_000.0;
    let mut milp = Problem::new(OptimizationDirection::Minimize);
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
        let most = (asset.most as f64).min(((book.cash + sold) / asset.step).floor());
        let distance = milp.add_var(0.5 * asset.weight, (0.0, f64::INFINITY));
        let mut trade = Vec::new();
        let mut sides = Vec::new();
        for (side, most) in [(1.0, most), (-1.0, -(asset.least as f64))] {
            if most < smallest {
                continue;
            }
            let lots = milp.add_integer_var(0.0, (0, most as i32));
            let is_ticket = milp.add_binary_var(0.0);
            milp.add_constraint([(lots, 1.0), (is_ticket, -most)], ComparisonOp::Le, 0.0);
            milp.add_constraint([(lots, 1.0), (is_ticket, -smallest)], ComparisonOp::Ge, 0.0);
            let spent = [(lots, (side + book.rate) * step), (is_ticket, book.fee / unit)];
            after.extend(spent);
            purse.extend(spent);
            trade.push((lots, side * step));
            traded.push((lots, step));
            sides.push((is_ticket, 1.0));
        }
        tickets.extend(sides.iter().copied());
        milp.add_constraint(&sides, ComparisonOp::Le, 1.0);
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
    Some(milp.solve().ok()?.into_solution().ok()?.objective() * unit)
}
