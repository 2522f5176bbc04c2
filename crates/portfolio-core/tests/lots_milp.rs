//! A general solver for mixed-integer programs finds the same optimum.

mod lot_books;

use lot_books::{LotBook, milp};
use portfolio_core::{LotOptions, fit_lots};

#[test]
fn a_general_solver_agrees_on_fifty_books() {
    for seed in 0..50 {
        let n = 1 + seed as usize % 10;
        let book = LotBook::random_coarse(seed, n);
        let plan = book.with_problem(|problem| fit_lots(problem, &LotOptions::default())).expect("feasible");
        let least = milp::least_deviation(&book).expect("an optimum");
        assert!(plan.is_exact, "book {seed}: {plan:?}");
        assert!((plan.deviation - least).abs() <= 1e-6 * book.nav, "book {seed}: {plan:?}, solver {least}");
    }
}
