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

/// Lots of 1 to 100 shares, and a commission with a minimum: as many as the general solver proves within a second.
#[test]
fn a_general_solver_finds_nothing_better_on_the_books_of_the_bench() {
    let mut proven = 0;
    for seed in 0..30 {
        let n = 1 + seed as usize % 6;
        let book = LotBook::random(seed, n);
        let plan = book.with_problem(|problem| fit_lots(problem, &LotOptions::default())).expect("feasible");
        assert!(plan.is_exact, "book {seed}: {plan:?}");
        let Some(found) = milp::solve(&book, Some(std::time::Duration::from_secs(1))) else { continue };
        // The solver admits an error of 1e-7 in each of its rows of thousandths of NAV, and of 1e-7 in a lot of up to a third of it.
        assert!(found.deviation >= plan.deviation - 1e-6 * book.nav, "book {seed}: {plan:?}, solver {found:?}");
        if found.is_proven {
            proven += 1;
            assert!(found.deviation <= plan.deviation + 1e-6 * book.nav, "book {seed}: {plan:?}, solver {found:?}");
        }
    }
    assert!(proven >= 10, "{proven}");
}
